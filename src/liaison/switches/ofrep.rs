//! What applications are really served, asked as they ask: the OpenFeature Remote Evaluation Protocol (OFREP 0.3, its `openapi.yaml`).
//! flagd, Flipt, GO Feature Flag and others speak it. It evaluates only; it must not know what anybody changes.

use super::super::clean::clean;
use super::super::http::{Body, Http, Reply, Stakes, segment};
use super::flagd::CODE_DEFAULT;
use crate::incident::switch::Whom;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(4);
/// The longest value or sentence that is shown, in characters.
const SHOWN: usize = 120;
/// The context of nobody in particular: the protocol requires a key.
const ANYBODY: &str = "quarterdeck";

const LOOKING: Stakes = Stakes {
    acts: false,
    no: "What applications are served is not known.",
    stale: "What applications are served is not known.",
    again: "It is asked again",
};

/// A flag as applications see it.
#[derive(Clone, Debug)]
pub struct Ofrep {
    http: Http,
    flag: String,
    deadline: Duration,
}

impl Ofrep {
    /// A flag by its key at a server's address; the login is optional there.
    #[must_use]
    pub fn new(http: Http, flag: &str) -> Ofrep {
        Ofrep { http: http.staking(LOOKING), flag: flag.to_owned(), deadline: DEADLINE }
    }

    /// The same with another deadline for each answer.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Ofrep {
        Ofrep { deadline, ..self }
    }

    /// The value that a context is served, harmless; [`CODE_DEFAULT`] where the server leaves it to the application. Without a context it is
    /// one of nobody in particular: by a share, that may be either value.
    ///
    /// # Errors
    /// Nobody answered, they do not know the flag (a server may say so of a disabled one), cannot evaluate it, or cannot be understood.
    pub async fn observe(&self, whom: Option<&Whom>, now: Time) -> Result<Option<String>, Trouble> {
        let path = format!("/ofrep/v1/evaluate/flags/{}", segment(&self.flag));
        let body = json!({"context": context(whom)});
        let reply = self.http.ask(&path, Body::Json(body), self.deadline).await?;
        if reply.status == 404 && read(&reply).is_some_and(|said| said.get("errorCode").is_some()) {
            let (who, flag, no) = (self.http.who(), clean(&self.flag, SHOWN), LOOKING.no);
            return Err(Trouble::Refused(format!(
                "{who} serves no flag {flag} (404): it is not there, or it is disabled. {no} See whether the flag still has that name."
            )));
        }
        let reply = self.http.judged(reply, explained, now)?;
        let said = read(&reply).ok_or_else(|| self.garbled(&reply.shown("it is no JSON object")))?;
        if let Some(fault) = fault(&said) {
            let who = self.http.who();
            return Err(Trouble::Refused(format!(
                "{who} cannot evaluate the flag: {fault}. {} Look at its rules there.",
                LOOKING.no
            )));
        }
        if said.get("key").and_then(Value::as_str) != Some(self.flag.as_str()) {
            return Err(self.garbled("it answers for another flag"));
        }
        Ok(Some(match said.get("value") {
            None | Some(Value::Null) => CODE_DEFAULT.to_owned(),
            Some(Value::String(text)) => clean(text, SHOWN).into_owned(),
            Some(other) => clean(&other.to_string(), SHOWN).into_owned(),
        }))
    }

    /// Finds out whether it can be asked; in words.
    ///
    /// # Errors
    /// As for [`Ofrep::observe`].
    pub async fn check(&self, now: Time) -> Result<Vec<String>, Trouble> {
        let value = self.observe(None, now).await?.unwrap_or_default();
        Ok(vec![format!("applications are served {value}, says {}", self.http.who())])
    }

    fn garbled(&self, why: &str) -> Trouble {
        let (who, no) = (self.http.who(), LOOKING.no);
        Trouble::Garbled(format!("{who}: {why}. {no} See whether this address speaks OFREP."))
    }
}

/// What an application would send.
fn context(whom: Option<&Whom>) -> Value {
    let mut context = Map::from_iter([("targetingKey".to_owned(), Value::from(ANYBODY))]);
    if let Some(Whom { kind, key }) = whom {
        let kind = if kind == "user" { "targetingKey" } else { kind };
        context.insert(kind.to_owned(), Value::from(key.as_str()));
    }
    Value::Object(context)
}

fn read(reply: &Reply) -> Option<Map<String, Value>> {
    serde_json::from_slice(&reply.body).ok()
}

/// What is wrong with the evaluation, in their words.
fn fault(said: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| said.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let (code, details) = (text("errorCode"), text("errorDetails"));
    let words = match (code, details) {
        (Some(code), Some(details)) => format!("{details} ({code})"),
        (one, other) => one.or(other)?.to_owned(),
    };
    Some(clean(words.trim_end_matches('.'), SHOWN).into_owned())
}

fn explained(reply: &Reply) -> Option<String> {
    fault(&read(reply)?)
}

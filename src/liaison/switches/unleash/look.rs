//! Looking without acting: what the flag serves, what a client is told, and whether the logins will do.

use super::super::super::http::{Body, Stakes};
use super::state::Reach;
use super::wire::{self, User};
use super::{LOOKING, Stop, Unleash, address, state};
use crate::incident::switch::{Sight, Whom};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use serde_json::json;

const OBSERVING: Stakes = Stakes {
    acts: false,
    no: "What a client is told is not known.",
    stale: "What a client is told is not known.",
    again: "It is asked again",
};
const CHECKING: Stakes = Stakes {
    acts: false,
    no: "The switch cannot be used.",
    stale: "Whether it can be used is not known.",
    again: "Ask again",
};

impl Unleash {
    /// What it serves, and when it was changed last.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read, or there is no such flag.
    pub async fn look(&self, now: Time) -> Result<Sight, Trouble> {
        let seen_by_clients = async {
            match &self.client {
                Some(_) => self.observe(None, now).await.ok().flatten(),
                None => None,
            }
        };
        let (flag, record, observed) = tokio::join!(self.read(LOOKING, now), self.recent(20, now), seen_by_clients);
        let flag = flag?;
        let mut words = Vec::new();
        if self.stop == Stop::On {
            words.push("a kill switch: true stops".to_owned());
        }
        if flag.state.reach() == Reach::Nobody {
            words.push("clients are told as little of it as of a flag that is not there".to_owned());
        }
        for (parent, is_on) in &flag.parents {
            let parent = wire::cleaned(parent);
            words.push(format!("only where {parent} is {}", if *is_on { "on" } else { "off" }));
        }
        let ours = |event: &&wire::Event| event.environment.as_deref().is_none_or(|place| place == self.environment);
        let changed = record.as_ref().and_then(|(all, _)| all.iter().find(ours)).map(|last| (last.at, last.by.clone()));
        Ok(Sight { observed, changed, words: words.join("; "), ..flag.state.sight(self.stop) })
    }

    /// What a client is told, for one context or for one that is nobody. With a frontend token that is asked as applications ask: `true`, or
    /// `false (off or unknown)`, since only flags that are on are told of. Without one the server works it out: `true` or `false`.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn observe(&self, whom: Option<&Whom>, now: Time) -> Result<Option<String>, Trouble> {
        let field = whom.map(|whom| (state::field(&whom.kind), whom.key.as_str()));
        let garbled = |why: &str| self.garbled(why, OBSERVING);
        if let Some(client) = &self.client {
            let client = client.clone().staking(OBSERVING);
            let own = field.map(|(name, key)| match name {
                "userId" | "sessionId" | "remoteAddress" => (name.to_owned(), key),
                other => (format!("properties[{other}]"), key),
            });
            let mut pairs = vec![("appName", "quarterdeck"), ("environment", self.environment.as_str())];
            match own.as_ref() {
                Some((name, key)) => pairs.push((name.as_str(), *key)),
                None => pairs.extend(NOBODY),
            }
            let reply = client.ask(&address(&["api", "frontend"], &pairs), Body::Nothing, self.deadline).await?;
            let reply = client.judged(reply, wire::explained, now)?;
            let is_on = wire::told(&reply.body, &self.flag).map_err(|why| garbled(&reply.shown(&why)))?;
            return Ok(Some(if is_on { "true" } else { "false (off or unknown)" }.to_owned()));
        }
        let mut context = json!({"appName": "quarterdeck"});
        let asked = field.map_or_else(|| NOBODY.to_vec(), |one| vec![one]);
        if let Some(context) = context.as_object_mut() {
            context.extend(asked.into_iter().map(|(name, key)| (name.to_owned(), key.into())));
        }
        let body =
            Body::Json(json!({"environments": [self.environment], "projects": [self.project], "context": context}));
        let http = self.admin.clone().staking(OBSERVING);
        let reply = http.ask("/api/admin/playground/advanced", body, self.deadline).await?;
        let reply = http.judged(reply, wire::explained, now)?;
        let is_on = wire::worked_out(&reply.body, &self.environment, &self.flag);
        Ok(Some(is_on.map_err(|why| garbled(&reply.shown(&why)))?.to_string()))
    }

    /// Whether the logins, their permissions and the approvals will do: one line each. Nothing is changed.
    ///
    /// # Errors
    /// What stands against it.
    pub async fn check(&self, now: Time) -> Result<Vec<String>, Trouble> {
        let flag = self.read(CHECKING, now).await?;
        let mut lines = vec![format!("{} in {} serves {}", self.flag, self.environment, flag.state.served())];
        let reply = self.get("/api/admin/user", CHECKING, now).await?;
        let user = wire::user(&reply.body).map_err(|why| self.garbled(&why, CHECKING))?;
        lines.push(match user.is_token {
            true => format!(
                "acts are recorded there as {}, the name of the token; a personal access token would name the person",
                user.name
            ),
            false => format!("acts are recorded there as {}", user.name),
        });
        let lacks: Vec<&str> = NEEDED.into_iter().filter(|needed| !self.may(&user, needed)).collect();
        if lacks.len() == NEEDED.len() {
            return Err(Trouble::Denied(format!(
                "{}: {} may not change {} in {}. The switch cannot be used. Give it {} there.",
                self.admin.who(),
                user.name,
                self.flag,
                self.environment,
                NEEDED.join(" and ")
            )));
        }
        lines.extend(lacks.iter().map(|lack| format!("{} lacks {lack} in {}", user.name, self.environment)));
        let (request, maintenance) = tokio::join!(self.approvals(now), self.maintenance(now));
        lines.extend(request);
        lines.extend(maintenance);
        match &self.client {
            Some(_) => {
                self.observe(None, now).await?;
                lines.push("clients are asked with the frontend token; off and unknown look alike there".into());
            }
            None => {
                self.observe(None, now).await?;
                lines.push("no frontend token: the server works out what clients are told".into());
            }
        }
        Ok(lines)
    }

    fn may(&self, user: &User, needed: &str) -> bool {
        let fits = |bound: &Option<String>, ours: &str| bound.as_deref().is_none_or(|bound| bound == ours);
        user.may.iter().any(|(permission, project, environment)| {
            permission == "ADMIN"
                || (permission == needed && fits(project, &self.project) && fits(environment, &self.environment))
        })
    }
}

/// Who is asked for that is nobody: it draws the same lot each time, also where that is drawn by user, which lets in nobody who has none.
const NOBODY: [(&str, &str); 2] = [("sessionId", "quarterdeck"), ("userId", "quarterdeck")];

/// What turning on and off needs, and what changing strategies needs.
const NEEDED: [&str; 2] = ["UPDATE_FEATURE_ENVIRONMENT", "UPDATE_FEATURE_STRATEGY"];

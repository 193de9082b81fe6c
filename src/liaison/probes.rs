//! Probes that ask somebody else: an address of the web, a program. What they answered is yes or no, with words, cleaned; where nobody answered
//! in time, or what came cannot be understood, it is neither. It must not know what depends on the answer.

use super::clean;
use super::http::{Body, Http, Reply, Stakes};
use super::process::{End, Program};
use crate::incident::trouble::{Trouble, sentence};
use std::time::Duration;

/// What is shown of a value, in characters.
const SHOWN: usize = 120;

/// What is at stake: nothing but an answer.
pub const STAKES: Stakes = Stakes {
    acts: false,
    no: "The probe is unknown.",
    stale: "The probe is unknown.",
    again: "Ask again with quarterdeck probe run",
};

/// What is wanted of an answer of the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The status.
    pub status: u16,
    /// A JSON pointer and the text or value that has to stand there.
    pub value: Option<(String, String)>,
    /// A text that has to stand somewhere.
    pub contains: Option<String>,
}

/// Yes or no, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// It is as it is wanted.
    pub yes: bool,
    /// What was seen.
    pub words: String,
}

impl Answer {
    fn no(words: impl AsRef<str>) -> Answer {
        Answer { yes: false, words: clean::clean(words.as_ref(), 400).into_owned() }
    }
    fn yes(words: impl AsRef<str>) -> Answer {
        Answer { yes: true, words: clean::clean(words.as_ref(), 400).into_owned() }
    }
}

/// Reads the address that a client is made for, once.
///
/// # Errors
/// Nobody answered in time, or the answer leads elsewhere.
pub async fn http(client: &Http, wanted: &Wanted, deadline: Duration) -> Result<Answer, Trouble> {
    Ok(judged(&client.ask("", Body::Nothing, deadline).await?, wanted))
}

fn judged(reply: &Reply, wanted: &Wanted) -> Answer {
    if reply.status != wanted.status {
        return Answer::no(format!("it answered {}, not {}: {}", reply.status, wanted.status, reply.beginning()));
    }
    let mut seen = reply.status.to_string();
    if let Some((pointer, equals)) = &wanted.value {
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(&reply.body) else {
            return Answer::no(format!("its answer is no JSON: {}", reply.beginning()));
        };
        let Some(found) = body.pointer(pointer) else {
            return Answer::no(format!("its answer has nothing at {pointer}"));
        };
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        let shown = clean::clean(&found, SHOWN);
        if found != *equals {
            return Answer::no(format!("{pointer} is {shown}, not {equals}"));
        }
        seen = format!("{seen}, {pointer} is {shown}");
    }
    if let Some(text) = &wanted.contains {
        if !String::from_utf8_lossy(&reply.body).contains(text.as_str()) {
            return Answer::no(format!("its answer does not contain \"{text}\": {}", reply.beginning()));
        }
        seen = format!("{seen}, contains \"{text}\"");
    }
    Answer::yes(seen)
}

/// Runs a program, once.
///
/// # Errors
/// It could not be started, did not end in time, or was ended by a signal: it has said neither.
pub async fn command(program: &Program) -> Result<Answer, Trouble> {
    let ran = program.run().await?;
    let said = ran.said();
    match ran.end {
        End::Code(0) if said.is_empty() => Ok(Answer::yes("it ended with 0")),
        End::Code(0) => Ok(Answer::yes(said)),
        End::Code(code) if said.is_empty() => Ok(Answer::no(format!("it ended with {code}"))),
        End::Code(code) => Ok(Answer::no(format!("{said} (it ended with {code})"))),
        End::Signal(_) | End::Late => {
            let how = ran.end.words(program.timeout);
            let words = if said.is_empty() { String::new() } else { format!(" It said:{}", sentence(&said)) };
            Err(Trouble::Unreachable(format!(
                "{} {how}.{words} The probe is unknown. Run it by hand to see why.",
                program.name()
            )))
        }
    }
}

//! How LaunchDarkly is spoken to: one deadline for each answer, the room its limits leave, the version of its API always said, and what its
//! refusals mean. It must not know what is wanted.

use super::super::super::http::{self, Body, Method, Reply, Stakes};
use super::limit::{self, Heard};
use super::state::Flag;
use super::{LaunchDarkly, wire};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use serde_json::Value;
use std::time::Duration;

/// The version of the API whose answers are read here.
pub(super) const VERSION: &str = "20240415";
/// Patches that say what is to be done; without the last words they are read as JSON patches.
const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";
/// The refusals of a change that they document.
const DOCUMENTED: [u16; 8] = [400, 401, 403, 404, 405, 409, 422, 429];
/// How long an act waits for room: a window of theirs.
pub(super) const PATIENCE: Span = Span::seconds(11);

/// What is at stake in a question, and when it is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    pub now: Time,
    pub stakes: Stakes,
    /// How long it may wait for room.
    pub patience: Span,
}

pub(super) const LOOKING: Stakes = Stakes {
    acts: false,
    no: "What is served is not known.",
    stale: "What is shown grows old.",
    again: "Look at it again",
};
pub(super) const PLANNING: Stakes =
    Stakes { acts: false, no: "Nothing was changed.", stale: "Nothing was changed.", again: "Try it again" };
pub(super) const FLIPPING: Stakes = Stakes {
    acts: true,
    no: "Nothing was changed.",
    stale: "It may be changed or not.",
    again: "Look at it: it is not sent again",
};

/// A refusal of a change.
pub(super) enum No {
    /// Somebody has to approve it first: what they said.
    Approval(String),
    /// Somebody else changed it in the same moment: what they said.
    Moved(String),
    /// Anything else.
    Other(Trouble),
}

/// A patch that says what is to be done.
pub(super) fn patch(body: Value) -> Body {
    Body::Other { method: Method::Patch, kind: SEMANTIC, content: body.to_string() }
}

impl Turn {
    pub fn of(stakes: Stakes, now: Time) -> Turn {
        Turn { now, stakes, patience: Span(0) }
    }
    /// The same, waiting for room.
    pub fn patient(self) -> Turn {
        Turn { patience: PATIENCE, ..self }
    }
    pub fn staking(self, stakes: Stakes) -> Turn {
        Turn { stakes, ..self }
    }
}

impl LaunchDarkly {
    /// Asks once. A kind of question is what they limit by itself.
    pub(super) async fn ask(&self, kind: &'static str, path: &str, body: Body, turn: Turn) -> Result<Reply, Trouble> {
        let who = self.http.who();
        let Stakes { acts, no, stale, again } = turn.stakes;
        let next = |until: Time| match acts {
            true => format!("{no} It is not sent again. There is room again at {}.", until.clock()),
            false => format!("{stale} {again} at {}.", until.clock()),
        };
        let wait = self.limits.wait(kind, turn.now);
        if wait > turn.patience {
            let until = turn.now.plus(wait);
            let happened = format!("{who} has no room left for this account until {}", until.clock());
            return Err(Trouble::Slowed(until, format!("{happened}. {}", next(until))));
        }
        if wait.0 > 0 {
            http::pause(Duration::from_micros(wait.0.unsigned_abs())).await;
        }
        let version = if kind == "dependent-flags" { "beta" } else { VERSION };
        let http = self.http.clone().staking(turn.stakes).saying("ld-api-version", version);
        let reply = http.ask(path, body, self.deadline).await?;
        let until = self.limits.heard(kind, heard(&reply), turn.now);
        if reply.status == 429 {
            let said = wire::error(&reply.body).unwrap_or_else(|| "slow down".into());
            let happened = format!("{who} asks us to slow down (429): {said}");
            return Err(Trouble::Slowed(until, format!("{happened}. {}", next(until))));
        }
        Ok(reply)
    }

    /// A good answer, or the trouble that a refusal is.
    pub(super) fn judged(&self, reply: Reply, turn: Turn) -> Result<Reply, Trouble> {
        self.http.clone().staking(turn.stakes).judged(reply, |reply| wire::error(&reply.body), turn.now)
    }

    /// Asks and judges.
    pub(super) async fn get(&self, kind: &'static str, path: &str, turn: Turn) -> Result<Reply, Trouble> {
        let reply = self.ask(kind, path, Body::Nothing, turn).await?;
        self.judged(reply, turn)
    }

    pub(super) fn garbled(&self, why: &str, turn: Turn) -> Trouble {
        let who = self.http.who();
        let Stakes { acts, no, stale, again } = turn.stakes;
        match acts {
            true => Trouble::Unsure(format!("{who}: {why}. {stale} {again}.")),
            false => Trouble::Garbled(format!("{who}: {why}. {no} See whether this address is LaunchDarkly's.")),
        }
    }

    fn gone(&self, turn: Turn) -> Trouble {
        let (who, no) = (self.http.who(), turn.stakes.no);
        Trouble::Refused(format!(
            "{who} knows no flag {} in project {}, or does not show it to us (404). {no} See whether it was renamed or deleted.",
            self.shown(&self.flag),
            self.shown(&self.project)
        ))
    }

    /// The flag as it is there.
    pub(super) async fn read(&self, turn: Turn) -> Result<Flag, Trouble> {
        let path = format!("{}?env={}", self.flag_path(), http::segment(&self.environment));
        let reply = self.ask("flags", &path, Body::Nothing, turn).await?;
        if reply.status == 404 {
            return Err(self.gone(turn));
        }
        let reply = self.judged(reply, turn)?;
        self.of(&reply, turn)
    }

    /// The flag in an answer.
    pub(super) fn of(&self, reply: &Reply, turn: Turn) -> Result<Flag, Trouble> {
        let read = wire::flag(&reply.body, &self.environment);
        let flag = read.map_err(|why| self.garbled(&reply.shown(&why), turn))?;
        match flag.key == self.flag {
            true => Ok(flag),
            false => Err(self.garbled(&format!("the answer is about another flag, {}", self.shown(&flag.key)), turn)),
        }
    }

    /// What an answer to a change means.
    pub(super) fn taken(&self, reply: Reply, turn: Turn) -> Result<Reply, No> {
        let said = wire::error(&reply.body);
        let needs_approval = said.as_ref().is_some_and(|said| said.to_lowercase().contains("approval"));
        let is_theirs = wire::code(&reply.body).is_some_and(|code| code == "method_not_allowed");
        let words = said.clone().unwrap_or_else(|| reply.beginning());
        let (who, no) = (self.http.who(), turn.stakes.no);
        match reply.status {
            405 if is_theirs || needs_approval => Err(No::Approval(words)),
            403 if needs_approval => Err(No::Approval(words)),
            409 => Err(No::Moved(words)),
            404 => Err(No::Other(self.gone(turn))),
            400 | 422 => {
                let lower = words.to_lowercase();
                let waits = ["schedul", "approval", "conflict", "pending"].iter().any(|word| lower.contains(word));
                let next = match waits {
                    true => "See what waits there: it is not overridden from here.",
                    false => "Decide anew from what is there.",
                };
                let happened = format!("{who} did not take it ({}): {words}", reply.status);
                Err(No::Other(Trouble::Refused(format!("{happened}. {no} {next}"))))
            }
            // what they do not document says nothing of what became of it
            400..500 if turn.stakes.acts && !DOCUMENTED.contains(&reply.status) => {
                let Stakes { stale, again, .. } = turn.stakes;
                let happened = format!("{who} answered {}: {}", reply.status, words.trim_end_matches('.'));
                Err(No::Other(Trouble::Unsure(format!("{happened}. {stale} {again}."))))
            }
            _ => self.judged(reply, turn).map_err(No::Other),
        }
    }
}

/// What an answer says about limits.
fn heard(reply: &Reply) -> Heard {
    let number = |name: &str| reply.header(name).and_then(|text| text.trim().parse::<i64>().ok());
    let after = number("retry-after").filter(|seconds| (1..=86_400).contains(seconds));
    Heard {
        global: number("x-ratelimit-global-remaining"),
        route: number("x-ratelimit-route-remaining"),
        reset: reply.header("x-ratelimit-reset").and_then(limit::reset),
        after: after.map(Span::seconds),
        refused: reply.status == 429,
        theirs: reply.clock(),
    }
}

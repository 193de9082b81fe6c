//! Acts: sent once, to the state that the person saw, and read back. It must not know who asked or why.

use super::super::super::http::{self, Body, Stakes};
use super::later::SCHEDULE;
use super::state::{Flag, State};
use super::talk::{FLIPPING, LOOKING, No, PLANNING, Turn, patch};
use super::{LaunchDarkly, Work, expiring, steps, wire, words};
use crate::incident::switch::{Reason, Wanted};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::outcome::CarryOutcome;
use serde_json::{Value, json};
use std::time::Duration;

/// How often it is read back, and how long apart: what was written may be read a moment later.
const READS: usize = 4;
const APART: Duration = Duration::from_millis(250);

const REQUESTING: Stakes = Stakes {
    acts: true,
    no: "No approval was asked for.",
    stale: "An approval may be asked for or not.",
    again: "Look there: it is not asked for again",
};
pub(super) const SCHEDULING: Stakes = Stakes {
    acts: true,
    no: "Nothing is scheduled.",
    stale: "It may be scheduled or not.",
    again: "Look there: it is not scheduled again",
};

/// A flag that was found as it was seen, and what is to be done; or how it ended before anything was sent.
type Found = Result<(Flag, Work), CarryOutcome>;

impl LaunchDarkly {
    /// Does what is wanted, once, if the flag is as it was in the plan ([`Plan::before`](crate::incident::switch::Plan::before)).
    pub async fn carry(&self, wanted: &Wanted, before: &str, reason: &Reason, now: Time) -> CarryOutcome {
        let turn = Turn::of(FLIPPING, now).patient();
        let (flag, work) = match self.found(wanted, before, turn.staking(PLANNING)).await {
            Ok(found) => found,
            Err(ended) => return ended,
        };
        let to = words::to(&flag, &work.after, wanted);
        let changes = steps::said(&flag, &work.steps);
        if work.steps.is_empty() {
            return CarryOutcome::already(to);
        }
        if let Some(ended) = self.unsaid(reason, turn.staking(PLANNING)).await {
            return ended;
        }
        let body =
            json!({"environmentKey": self.environment, "comment": reason.to_string(), "instructions": work.steps});
        let reply = match self.ask("flags", &self.flag_path(), patch(body), turn).await {
            Ok(reply) => reply,
            Err(trouble) => return CarryOutcome::after(trouble),
        };
        let reply = match self.taken(reply, turn) {
            Ok(reply) => reply,
            Err(no) => return self.refused(no, turn).await,
        };
        let is_theirs = self.of(&reply, turn);
        let ended = self.read_back(&work.after, to, &changes, turn.staking(LOOKING)).await;
        match is_theirs {
            // those who answer in their place send a page: only what is there proves anything then
            Err(trouble) if !matches!(ended, CarryOutcome::Done { .. }) => self.answered_by_others(&trouble),
            _ => ended,
        }
    }

    /// A yes that is none of theirs.
    fn answered_by_others(&self, trouble: &Trouble) -> CarryOutcome {
        let (who, Stakes { stale, again, .. }) = (self.http.who(), FLIPPING);
        let said = trouble.words().strip_prefix(&format!("{who}: ")).unwrap_or(trouble.words());
        let said = said.split(". ").next().unwrap_or_default().trim_end_matches('.');
        CarryOutcome::Unsure(format!(
            "{who} answered, but that was no answer of LaunchDarkly's: {said}. {stale} {again}."
        ))
    }

    /// The flag, when it is as it was seen.
    async fn found(&self, wanted: &Wanted, before: &str, turn: Turn) -> Found {
        let flag = self.read(turn).await.map_err(|trouble| CarryOutcome::before_acting(&trouble))?;
        let work = self.work(&flag, wanted).map_err(|trouble| CarryOutcome::before_acting(&trouble))?;
        let is_same = |text: &str| -> Option<Value> { serde_json::from_str(text).ok() };
        let now = flag.snapshot(&self.environment);
        if !work.steps.is_empty() && (is_same(before).is_none() || is_same(before) != is_same(&now)) {
            return Err(self.drifted(&flag, before));
        }
        Ok((flag, work))
    }

    fn drifted(&self, flag: &Flag, before: &str) -> CarryOutcome {
        let was = flag.remembered(before, &self.environment);
        let (is, name) = (flag.value(&flag.state), self.shown(&self.flag));
        let what = match was.map(|was| flag.value(&was)) {
            Ok(was) if was == is => {
                format!("{name} serves {is} still, but its rules, targets or variations are others")
            }
            Ok(was) => format!("{name} serves {is} now, not {was}"),
            Err(why) => format!("{name} serves {is} now, and is another: {why}"),
        };
        CarryOutcome::Conflict(format!(
            "{what} as when this was decided. Nothing was changed. Look at it again and decide anew."
        ))
    }

    /// Where the environment wants a reason and there is none, it is refused here: they ask for it only on their own pages.
    pub(super) async fn unsaid(&self, reason: &Reason, turn: Turn) -> Option<CarryOutcome> {
        if !reason.why.trim().is_empty() {
            return None;
        }
        let rules = self.rules(turn).await.ok()?;
        let environment = self.shown(&self.environment);
        let words = format!(
            "Environment {environment} wants a reason for every change. Nothing was changed. Say why, then decide anew."
        );
        rules.comments.then_some(CarryOutcome::Refused(words))
    }

    /// What a refusal is; after a race the state of now is read and said.
    pub(super) async fn refused(&self, no: No, turn: Turn) -> CarryOutcome {
        let (who, nothing) = (self.http.who(), turn.stakes.no);
        match no {
            No::Other(trouble) => CarryOutcome::after(trouble),
            No::Approval(said) => CarryOutcome::NeedsApproval(format!(
                "{who} wants somebody else to approve it first: {said}. {nothing} Ask for the approval there, or from here."
            )),
            No::Moved(said) => {
                let now = match self.read(turn.staking(LOOKING)).await {
                    Ok(flag) => format!("It serves {} now", flag.value(&flag.state)),
                    Err(_) => "What it serves now is not known".into(),
                };
                CarryOutcome::Conflict(format!(
                    "{who}: somebody else changed it in the same moment (409): {said}. {nothing} {now}: look at it and decide anew."
                ))
            }
        }
    }

    /// Reads until what was taken is there.
    async fn read_back(&self, after: &State, to: String, changes: &str, turn: Turn) -> CarryOutcome {
        let who = self.http.who();
        let mut found = String::new();
        for read in 0..READS {
            if read > 0 {
                http::pause(APART).await;
            }
            found = match self.read(turn).await {
                Ok(flag) if after.is_like(&flag.state) => {
                    let reference = flag.version.map(|version| format!("version {version}"));
                    return CarryOutcome::Done { value: to, words: changes.to_owned(), reference };
                }
                Ok(flag) => {
                    format!("it serves {}, with other rules or targets than asked for", flag.value(&flag.state))
                }
                Err(trouble) => {
                    let words = trouble.words().split(". ").next().unwrap_or_default();
                    let happened = format!("it cannot be read back: {}", words.trim_end_matches('.'));
                    return CarryOutcome::Unsure(format!(
                        "{who} took it ({changes}), but {happened}. It may be served or not. Look at it: it is not sent again."
                    ));
                }
            };
        }
        CarryOutcome::Unsure(format!(
            "{who} took it ({changes}), but {found}. Somebody may have changed it since. Look at it: it is not sent again."
        ))
    }

    /// Asks the approvers there for what is wanted. Nothing is served differently until they agree.
    pub async fn request(&self, wanted: &Wanted, before: &str, reason: &Reason, now: Time) -> CarryOutcome {
        let turn = Turn::of(REQUESTING, now).patient();
        let planning = turn.staking(PLANNING);
        let (flag, work) = match self.found(wanted, before, planning).await {
            Ok(found) => found,
            Err(ended) => return ended,
        };
        let served = flag.value(&flag.state);
        if work.steps.is_empty() {
            return CarryOutcome::done(served, "it is so already, and nobody was asked");
        }
        match self.requests(planning).await {
            Ok(all) => {
                let act = reason.act.to_string();
                if let Some(one) = all.into_iter().find(|one| one.act.as_ref() == Some(&act)) {
                    let words = format!("asked for already: {}", one.review);
                    return CarryOutcome::Done { value: served, words, reference: Some(format!("request {}", one.id)) };
                }
            }
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        }
        let changes = steps::said(&flag, &work.steps);
        let text = reason.to_string();
        let body = json!({"description": text, "comment": text, "instructions": work.steps});
        let path = self.waiting_path("approval-requests");
        match self.opened("approval-requests", &path, body, turn).await {
            Ok((id, _)) => CarryOutcome::Done {
                value: served,
                words: format!("approval asked for: {changes}"),
                reference: Some(format!("request {id}")),
            },
            Err(ended) => ended,
        }
    }

    /// Has them put a state back at a time, by themselves. What is put back is worked out from what is there now: where that is one target alone,
    /// the target expires; anything else is a change that is scheduled.
    pub async fn schedule(&self, put: &str, at: Time, reason: &Reason, now: Time) -> CarryOutcome {
        let turn = Turn::of(SCHEDULING, now).patient();
        let name = self.shown(&self.flag);
        if at <= now {
            return CarryOutcome::Refused(format!("{} is past. Nothing is scheduled. Name a later time.", at.clock()));
        }
        let planning = turn.staking(PLANNING);
        let flag = match self.read(planning).await {
            Ok(flag) => flag,
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        };
        let work = match self.work(&flag, &Wanted::Put(put.to_owned())) {
            Ok(work) => work,
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        };
        if work.steps.is_empty() {
            let serves = flag.value(&flag.state);
            return CarryOutcome::Refused(format!(
                "{name} is as it would be put back: it serves {serves}. Nothing is scheduled. Look whether the act took effect."
            ));
        }
        if let Some(ended) = self.unsaid(reason, planning).await {
            return ended;
        }
        if let Some(target) = expiring::only(&work.steps) {
            return self.expire((&flag, &work.steps), &target, at, reason, turn).await;
        }
        let date = at.0.div_euclid(1_000);
        let body = json!({"executionDate": date, "comment": reason.to_string(), "instructions": work.steps});
        let (id, echoed) =
            match self.opened("scheduled-changes", &self.waiting_path("scheduled-changes"), body, turn).await {
                Ok(opened) => opened,
                Err(ended) => return ended,
            };
        let unsure = |what: &str| said_there(self.http.who(), what);
        if echoed.is_some_and(|echoed| echoed.0.div_euclid(1_000) != date) {
            return unsure("what it says was scheduled is for another time");
        }
        match self.schedules(turn.staking(LOOKING)).await {
            Ok(all) if all.iter().any(|one| one.id == id) => CarryOutcome::Done {
                value: flag.value(&flag.state),
                words: format!("at {} UTC there: {}", words::when(at, now), steps::said(&flag, &work.steps)),
                reference: Some(format!("{SCHEDULE}{id}")),
            },
            Ok(_) => unsure("it took it, and does not list it"),
            Err(_) => unsure("it took it, and what is scheduled cannot be read"),
        }
    }

    /// Opens something that waits there, once: what it is called, and for when.
    async fn opened(
        &self,
        kind: &'static str,
        path: &str,
        body: Value,
        turn: Turn,
    ) -> Result<(String, Option<Time>), CarryOutcome> {
        let reply = self.ask(kind, path, Body::Json(body), turn).await.map_err(CarryOutcome::after)?;
        let reply = match self.taken(reply, turn) {
            Ok(reply) => reply,
            Err(no) => return Err(self.refused(no, turn).await),
        };
        wire::created(&reply.body).map_err(|why| CarryOutcome::after(self.garbled(&reply.shown(&why), turn)))
    }
}

/// What they say of a schedule leaves open whether it stands.
pub(super) fn said_there(who: &str, what: &str) -> CarryOutcome {
    CarryOutcome::Unsure(format!("{who}: {what}. {} {}.", SCHEDULING.stale, SCHEDULING.again))
}

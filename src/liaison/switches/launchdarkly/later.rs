//! An end that is kept there, moved to a later time: of a change that is scheduled, or of a target that goes away (reference: LaunchDarkly's OpenAPI
//! document, `patchFlagConfigScheduledChange` and `patchExpiringTargets`). It is moved once, and read back. It must not know why it is moved.

use super::super::super::http::{Stakes, segment};
use super::talk::{LOOKING, No, PLANNING, Turn, patch};
use super::{LaunchDarkly, wire, words};
use crate::incident::switch::Reason;
use crate::incident::time::Time;
use crate::liaison::outcome::CarryOutcome;
use serde_json::{Value, json};

const MOVING: Stakes = Stakes {
    acts: true,
    no: "The end there is as it was.",
    stale: "The end there may be moved or not.",
    again: "Look there: it is not moved again",
};
/// What becomes of an end that cannot be moved.
const INSTEAD: &str = "Move it there, or put it back and do it again with a later end.";

/// An end as it was found: how it is moved, and by which name it is known again.
struct Found {
    kind: &'static str,
    path: String,
    step: Value,
    id: String,
}

/// The words before what they call a scheduled change.
pub(super) const SCHEDULE: &str = "schedule ";
/// The words before what they call a target that goes away.
pub(super) const EXPIRING: &str = "expiring target ";

impl LaunchDarkly {
    /// Moves an end that was asked for before, by what they called it then.
    pub async fn extend(&self, there: &str, at: Time, reason: &Reason, now: Time) -> CarryOutcome {
        let turn = Turn::of(MOVING, now).patient();
        let no = MOVING.no;
        if at <= now {
            return CarryOutcome::Refused(format!("{} is past. {no} Name a later time.", at.clock()));
        }
        let date = at.0.div_euclid(1_000);
        let planning = turn.staking(Stakes { no, stale: no, ..PLANNING });
        let flag = match self.read(planning).await {
            Ok(flag) => flag,
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        };
        let found = match self.end(there, date, planning).await {
            Ok(found) => found,
            Err(ended) => return ended,
        };
        if let Some(ended) = self.unsaid(reason, planning).await {
            return ended;
        }
        let body = json!({"comment": reason.to_string(), "instructions": [found.step]});
        let reply = match self.ask(found.kind, &found.path, patch(body), turn).await {
            Ok(reply) => reply,
            Err(trouble) => return CarryOutcome::after(trouble),
        };
        let who = self.http.who();
        if reply.status == 404 {
            return CarryOutcome::Refused(format!(
                "{who} has it no more, or does not let us move it (404). {no} {INSTEAD}"
            ));
        }
        let reply = match self.taken(reply, turn) {
            Ok(reply) => reply,
            Err(No::Approval(said)) => {
                let what = format!("{who} wants somebody else to approve it first: {said}");
                return CarryOutcome::Refused(format!("{what}. {no} {INSTEAD}"));
            }
            Err(No::Moved(said)) => {
                let what = format!("{who}: somebody else changed it in the same moment (409): {said}");
                return CarryOutcome::Refused(format!("{what}. {no} Look at it, then move it again."));
            }
            Err(other) => return self.refused(other, turn).await,
        };
        if found.kind == "expiring-targets" {
            // an instruction that failed is answered with 200 as well
            match wire::failed(&reply.body) {
                Ok(None) => {}
                Ok(Some(said)) => {
                    return CarryOutcome::Refused(format!("{who} did not take it: {said}. {no} {INSTEAD}"));
                }
                Err(why) => return CarryOutcome::after(self.garbled(&reply.shown(&why), turn)),
            }
        }
        match self.dated(&found, turn.staking(LOOKING)).await {
            Some(is) if is == date => CarryOutcome::Done {
                value: flag.value(&flag.state),
                words: format!("ends at {} UTC there", words::when(at, now)),
                reference: Some(there.to_owned()),
            },
            Some(is) => unsure(
                who,
                &format!("it took it, and lists it for {}", words::when(Time(is.saturating_mul(1_000)), now)),
            ),
            None => unsure(who, "it took it, and what ends there cannot be read"),
        }
    }

    /// The end as it stands there, and what moves it.
    async fn end(&self, there: &str, date: i64, turn: Turn) -> Result<Found, CarryOutcome> {
        let trouble = |trouble| CarryOutcome::before_acting(&trouble);
        let gone = || {
            let (who, no) = (self.http.who(), MOVING.no);
            CarryOutcome::Refused(format!(
                "{who} does not list {} any more: it was done, or somebody took it away. {no} Look at what is served.",
                self.shown(there)
            ))
        };
        if let Some(id) = there.strip_prefix(SCHEDULE) {
            let all = self.schedules(turn).await.map_err(trouble)?;
            let one = all.into_iter().find(|one| one.id == id).ok_or_else(gone)?;
            let path = format!("{}/{}", self.waiting_path("scheduled-changes"), segment(&one.id));
            let step = json!({"kind": "updateScheduledChangesExecutionDate", "value": date});
            return Ok(Found { kind: "scheduled-changes", path, step, id: one.id });
        }
        let id = there.strip_prefix(EXPIRING).ok_or_else(gone)?;
        let all = self.expiring(turn).await.map_err(trouble)?;
        let (target, _, id) = all.into_iter().find(|(.., known)| known == id).ok_or_else(gone)?;
        let step = json!({"kind": "updateExpiringTarget", "value": date, "variationId": target.variation,
            "contextKey": target.key, "contextKind": target.kind});
        Ok(Found { kind: "expiring-targets", path: self.expiring_path(), step, id })
    }

    /// When it ends there by now, in milliseconds since 1970; none where that cannot be read, or it is listed no more.
    async fn dated(&self, found: &Found, turn: Turn) -> Option<i64> {
        if found.kind == "expiring-targets" {
            let all = self.expiring(turn).await.ok()?;
            return all.into_iter().find(|(.., id)| *id == found.id).map(|(_, date, _)| date);
        }
        let all = self.schedules(turn).await.ok()?;
        all.into_iter().find(|one| one.id == found.id)?.at.map(|at| at.0.div_euclid(1_000))
    }
}

fn unsure(who: &str, what: &str) -> CarryOutcome {
    CarryOutcome::Unsure(format!("{who}: {what}. {} {}.", MOVING.stale, MOVING.again))
}

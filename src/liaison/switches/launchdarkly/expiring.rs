//! Targets that go away by themselves there: what ends an exclusion whatever becomes of this program (reference: LaunchDarkly's OpenAPI document,
//! `patchExpiringTargets`). The target has to be there first. It must not know why it ends.

use super::super::super::http::segment;
use super::acts::{SCHEDULING, said_there};
use super::later::EXPIRING;
use super::state::Flag;
use super::talk::{LOOKING, Turn, patch};
use super::{LaunchDarkly, steps, wire, words};
use crate::incident::switch::Reason;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::outcome::CarryOutcome;
use serde_json::{Value, json};

/// One target: the variation's id, the kind of context and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub variation: String,
    pub kind: String,
    pub key: String,
}

/// The one target that goes away when nothing else is to be put back; none where more is.
pub(super) fn only(steps: &[Value]) -> Option<Target> {
    let [step] = steps else { return None };
    let [key] = step["values"].as_array()?.as_slice() else { return None };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let target = Target { variation: text(&step["variationId"])?, kind: text(&step["contextKind"])?, key: text(key)? };
    (step["kind"] == "removeTargets").then_some(target)
}

impl LaunchDarkly {
    /// Has them take a target away at a time, once, and reads that they will.
    pub(super) async fn expire(
        &self,
        (flag, steps): (&Flag, &[Value]),
        target: &Target,
        at: Time,
        reason: &Reason,
        turn: Turn,
    ) -> CarryOutcome {
        let who = self.http.who();
        let date = at.0.div_euclid(1_000);
        let step = json!({"kind": "addExpiringTarget", "value": date, "variationId": target.variation,
            "contextKey": target.key, "contextKind": target.kind});
        let body = json!({"comment": reason.to_string(), "instructions": [step]});
        let reply = match self.ask("expiring-targets", &self.expiring_path(), patch(body), turn).await {
            Ok(reply) => reply,
            Err(trouble) => return CarryOutcome::after(trouble),
        };
        if reply.status == 404 {
            // the flag was read a moment ago: it is this that is not there
            return CarryOutcome::Refused(format!(
                "{who} has no targets that end by themselves, or does not let us set one (404). {} Put it back by hand then.",
                SCHEDULING.no
            ));
        }
        let reply = match self.taken(reply, turn) {
            Ok(reply) => reply,
            Err(no) => return self.refused(no, turn).await,
        };
        // an instruction that failed is answered with 200 as well
        match wire::failed(&reply.body) {
            Ok(None) => {}
            Ok(Some(said)) => {
                let no = SCHEDULING.no;
                return CarryOutcome::Refused(format!("{who} did not take it: {said}. {no} Put it back by hand then."));
            }
            Err(why) => return CarryOutcome::after(self.garbled(&reply.shown(&why), turn)),
        }
        match self.expiring(turn.staking(LOOKING)).await {
            Ok(all) => match all.into_iter().find(|(known, when, _)| known == target && *when == date) {
                Some((.., id)) => CarryOutcome::Done {
                    value: flag.value(&flag.state),
                    words: format!("at {} UTC there: {}", words::when(at, turn.now), steps::said(flag, steps)),
                    reference: Some(format!("{EXPIRING}{id}")),
                },
                None => said_there(who, "it took it, and does not list it"),
            },
            Err(_) => said_there(who, "it took it, and what ends by itself there cannot be read"),
        }
    }

    /// The targets that go away by themselves, when, in milliseconds since 1970, and what each is called there.
    pub(super) async fn expiring(&self, turn: Turn) -> Result<Vec<(Target, i64, String)>, Trouble> {
        let reply = self.get("expiring-targets", &self.expiring_path(), turn).await?;
        let (items, _) = wire::items(&reply.body).map_err(|why| self.garbled(&reply.shown(&why), turn))?;
        Ok(items.iter().filter_map(wire::expiring).collect())
    }

    pub(super) fn expiring_path(&self) -> String {
        format!(
            "/api/v2/flags/{}/{}/expiring-targets/{}",
            segment(&self.project),
            segment(&self.flag),
            segment(&self.environment)
        )
    }
}

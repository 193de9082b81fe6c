//! Change requests, for what others have to approve (not in the open source edition): a draft with the same changes, sent to review. The shapes are
//! those that Unleash's own web client sends; no server that knows them was met.

use super::super::super::http::{Body, Method, Stakes};
use super::super::super::outcome::CarryOutcome;
use super::steps::{Step, content, ordered, steps};
use super::{LOOKING, Unleash, address, wire};
use crate::incident::switch::{Reason, Wanted};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use serde_json::{Value, json};

const REQUESTING: Stakes = Stakes {
    acts: true,
    no: "Nothing was asked for.",
    stale: "The change request may be there or not.",
    again: "Look among the change requests there; it is not sent again",
};

impl Unleash {
    /// Opens a change request for what is wanted, once; nothing is served otherwise until it is approved and applied there.
    pub async fn request(&self, wanted: &Wanted, before: &str, reason: &Reason, now: Time) -> CarryOutcome {
        let found = match self.read(LOOKING, now).await {
            Ok(flag) => flag.state,
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        };
        let target = match self.bound(&found, wanted, before) {
            Ok(Some(target)) => target,
            Ok(None) => return CarryOutcome::done(found.served(), "it was so already"),
            Err(ended) => return ended,
        };
        let changes: Vec<Value> = steps(&found, &target).iter().map(|(step, _)| self.change(step)).collect();
        let count = changes.len();
        let (number, flags) = match self.draft(changes, now).await {
            Ok(draft) => draft,
            Err(trouble) => return CarryOutcome::after(trouble),
        };
        // a draft is the token's own, and there may have been one
        if flags != [(self.flag.clone(), count)] {
            return CarryOutcome::Unsure(format!(
                "Change request {number} holds other changes as well. It is a draft still, and nobody was asked. Look at it in Unleash and send it to review there."
            ));
        }
        let number = number.to_string();
        let parts = ["api", "admin", "projects", self.project.as_str(), "change-requests", number.as_str(), "state"];
        let content = json!({"state": "In review", "comment": reason.to_string()}).to_string();
        let http = self.admin.clone().staking(REQUESTING);
        let body = Body::Other { method: Method::Put, kind: "application/json", content };
        let answer = http.ask(&address(&parts, &[]), body, self.deadline).await;
        match answer.and_then(|reply| http.judged(reply, wire::explained, now)) {
            Ok(_) => CarryOutcome::Done {
                value: found.served(),
                words: format!("change request {number} is in review"),
                reference: Some(number),
            },
            Err(trouble) => CarryOutcome::Unsure(format!(
                "Change request {number} is there as a draft. It may not be in review: {} Look at it in Unleash.",
                trouble
                    .words()
                    .split(". ")
                    .next()
                    .map(|words| format!("{}.", words.trim_end_matches('.')))
                    .unwrap_or_default()
            )),
        }
    }

    async fn draft(&self, changes: Vec<Value>, now: Time) -> Result<(u64, Vec<(String, usize)>), Trouble> {
        let parts = ["api", "admin", "projects", &self.project, "environments", &self.environment, "change-requests"];
        let http = self.admin.clone().staking(REQUESTING);
        let reply = http.ask(&address(&parts, &[]), Body::Json(Value::Array(changes)), self.deadline).await?;
        if reply.status == 404 {
            let who = http.who();
            return Err(Trouble::Refused(format!(
                "{who} knows no change requests (404): its open source edition has none. Nothing was asked for. Ask somebody who may change it."
            )));
        }
        let reply = http.judged(reply, wire::explained, now)?;
        wire::change_request(&reply.body).ok_or_else(|| {
            let Stakes { stale, again, .. } = REQUESTING;
            Trouble::Unsure(format!(
                "{} answered, but with no change request ({}). {stale} {again}.",
                http.who(),
                reply.beginning()
            ))
        })
    }

    /// A step as part of a change request.
    fn change(&self, step: &Step) -> Value {
        let (action, payload) = match step {
            Step::Off => ("updateEnabled", json!({"enabled": false})),
            Step::On => ("updateEnabled", json!({"enabled": true})),
            Step::Change(id, _, wanted) => {
                let mut payload = content(wanted);
                if let Some(payload) = payload.as_object_mut() {
                    payload.insert("id".into(), Value::from(id.as_str()));
                }
                ("updateStrategy", payload)
            }
            Step::Add(one) => ("addStrategy", content(one)),
            Step::Order(places) => ("reorderStrategy", ordered(places)),
            Step::Remove(one) => ("deleteStrategy", json!({"id": one.id, "name": one.name})),
        };
        json!({"feature": self.flag, "action": action, "payload": payload})
    }
}

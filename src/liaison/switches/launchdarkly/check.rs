//! Whether the token, its permissions and the environment's approvals will do, found out without changing anything. It must not know what is wanted.

use super::super::super::http::Stakes;
use super::talk::{No, Turn, patch};
use super::{LaunchDarkly, people, wire};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use serde_json::json;

const CHECKING: Stakes = Stakes {
    acts: false,
    no: "It cannot be switched.",
    stale: "Whether it can be switched is not known.",
    again: "Ask again",
};

impl LaunchDarkly {
    /// What was found out, a line each, the token first.
    ///
    /// # Errors
    /// What stands against it.
    pub async fn check(&self, now: Time) -> Result<Vec<String>, Trouble> {
        let turn = Turn::of(CHECKING, now);
        let who = self.http.who();
        let denied = |what: &str, next: &str| Trouble::Denied(format!("{who}: {what}. {} {next}", CHECKING.no));
        let reply = self.get("caller-identity", "/api/v2/caller-identity", turn).await?;
        let identity = wire::identity(&reply.body);
        let identity =
            identity.map_err(|why| denied(&reply.shown(&why), "Use an access token, personal or of a service."))?;
        let rules = self.rules(turn).await;
        let flag = self.read(turn).await?;
        if flag.archived {
            return Err(denied(
                &format!("{} is archived", self.shown(&self.flag)),
                "Restore it there, or name another flag.",
            ));
        }
        self.stop.variation(&flag).map_err(|why| {
            Trouble::Refused(format!(
                "{}: {why}. {} Correct `stop` in the configuration.",
                self.shown(&self.flag),
                CHECKING.no
            ))
        })?;
        if let Some(action) = flag.denied.iter().find(|action| *action == "updateOn") {
            return Err(denied(
                &format!("the token may not {action}"),
                "Give it a role that may, or use another token.",
            ));
        }
        let mut told = vec![identity];
        told.push(match &rules {
            Ok(rules) => {
                let asks = [
                    (rules.critical, "critical"),
                    (rules.comments, "wants a reason"),
                    (rules.confirms, "wants confirmation"),
                ];
                let asks = asks.into_iter().filter(|(is, _)| *is).map(|(_, word)| format!(", {word}"));
                let count = rules.approval(&flag.tags).map(|count| format!(", {} have to approve", people(count)));
                format!(
                    "environment {}{}{}",
                    self.shown(&self.environment),
                    asks.collect::<String>(),
                    count.unwrap_or_default()
                )
            }
            Err(trouble) => {
                let why = trouble.words().split(". ").next().unwrap_or_default();
                format!("environment {}: its rules cannot be read: {why}", self.shown(&self.environment))
            }
        });
        told.push(format!("{} is {}", self.shown(&self.flag), self.served(&flag)));
        // a rehearsal of what is so already: were it done all the same, nothing would change
        let kind = if flag.state.on { "turnFlagOn" } else { "turnFlagOff" };
        let body = json!({"environmentKey": self.environment, "instructions": [{"kind": kind}]});
        let path = format!("{}?dryRun=true", self.flag_path());
        let reply = self.ask("flags", &path, patch(body), turn).await?;
        told.push(match self.taken(reply, turn) {
            Ok(_) => "the token may switch it".into(),
            Err(No::Approval(said)) => format!("switching it has to be approved there: {said}"),
            Err(No::Moved(_)) => "somebody is changing it in this moment".into(),
            Err(No::Other(trouble)) => return Err(trouble),
        });
        Ok(told)
    }
}

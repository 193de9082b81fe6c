//! Whether the token, its permissions and the environment's approvals will do, found out without changing anything. It must not know what is wanted.

use super::super::super::http::Stakes;
use super::state::Flag;
use super::steps::Stop;
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

/// Acts that are configured beside stopping and restoring: the token has to be allowed these too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// One context is excluded.
    pub one: bool,
    /// A share is served.
    pub share: bool,
}

/// An act in words, and their names of the actions that it takes.
type Act = (&'static str, Vec<&'static str>);

impl LaunchDarkly {
    /// What was found out, a line each, the token first.
    ///
    /// # Errors
    /// What stands against it, or against an act that is offered.
    pub async fn check(&self, offered: Offered, now: Time) -> Result<Vec<String>, Trouble> {
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
        let stopped = self.stop.variation(&flag).map_err(|why| {
            Trouble::Refused(format!(
                "{}: {why}. {} Correct `stop` in the configuration.",
                self.shown(&self.flag),
                CHECKING.no
            ))
        })?;
        let acts = self.acts(&flag, stopped, offered);
        self.allowed(&flag, &acts)?;
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
            Ok(_) => may(&flag, &acts),
            Err(No::Approval(said)) => format!("switching it has to be approved there: {said}"),
            Err(No::Moved(_)) => "somebody is changing it in this moment".into(),
            Err(No::Other(trouble)) => return Err(trouble),
        });
        Ok(told)
    }

    /// What is to be done with the flag, and what that takes.
    fn acts(&self, flag: &Flag, stopped: Option<usize>, offered: Offered) -> Vec<Act> {
        let mut stop = vec!["updateOn"];
        // a variation that stops is served by off, which has to be told so first
        if matches!(self.stop, Stop::Variation(_)) && flag.state.off != stopped {
            stop.push("updateOffVariation");
        }
        let one = ("exclude one", vec!["updateTargets", "updateContextTargets"]);
        let share = ("serve a share", vec!["updateFallthrough"]);
        let beside = [(offered.one, one), (offered.share, share)];
        let beside = beside.into_iter().filter(|(is, _)| *is).map(|(_, act)| act);
        std::iter::once(("stop and restore it", stop)).chain(beside).collect()
    }

    /// Nothing that is to be done is denied, as far as they say what is.
    ///
    /// # Errors
    /// What is, and what to ask for.
    fn allowed(&self, flag: &Flag, acts: &[Act]) -> Result<(), Trouble> {
        let denied = flag.denied.as_deref().unwrap_or_default();
        let is_denied = |action: &str| denied.iter().any(|one| one == action);
        let (mut no, mut yes, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (act, actions) in acts {
            let missing: Vec<&str> = actions.iter().copied().filter(|action| is_denied(action)).collect();
            if missing.is_empty() {
                yes.push(*act);
            } else {
                no.push(format!("{act} ({})", missing.join(", ")));
                wanted.extend(missing);
            }
        }
        if no.is_empty() {
            return Ok(());
        }
        let (who, no, wanted) = (self.http.who(), no.join(" nor "), wanted.join(" and "));
        let yes = if yes.is_empty() { String::new() } else { format!("; it may {}", yes.join(" and ")) };
        let [project, environment, flag] = [&self.project, &self.environment, &self.flag].map(|one| self.shown(one));
        Err(Trouble::Denied(format!(
            "{who}: the token may not {no}{yes}. What it may not do is refused there when it is needed. Ask the administrator for a role that allows {wanted} on proj/{project}:env/{environment}:flag/{flag}, or use another token."
        )))
    }
}

/// What the token may do: the first was rehearsed, of the others they may say what is denied.
fn may(flag: &Flag, acts: &[Act]) -> String {
    let names: Vec<&str> = acts.iter().map(|(act, _)| *act).collect();
    match (names.as_slice(), &flag.denied) {
        ([first, others @ ..], None) if !others.is_empty() => {
            format!("the token may {first}; whether it may {} is not told", others.join(" or "))
        }
        (all, _) => format!("the token may {}", all.join(", ")),
    }
}

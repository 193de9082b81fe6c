//! Whether the token, its permissions and the environment's approvals will do, found out without changing anything. It must not know what is wanted.

use super::super::super::http::Stakes;
use super::state::Flag;
use super::steps::Stop;
use super::talk::{No, Turn, patch};
use super::wire::Rules;
use super::{LaunchDarkly, people, wire};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::outcome::Checked;
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
    /// What was done ends at a time, by their doing.
    pub end: bool,
    /// Approvers are asked from here, where somebody has to approve.
    pub request: bool,
}

/// An act in words, and their names of the actions that it takes.
type Act = (&'static str, Vec<&'static str>);

impl LaunchDarkly {
    /// What was found out, a line each, the token first, and what stands against an act that is offered.
    ///
    /// # Errors
    /// Nothing can be found out.
    pub async fn check(&self, offered: Offered, now: Time) -> Result<Checked, Trouble> {
        let turn = Turn::of(CHECKING, now);
        let who = self.http.who();
        let denied = |what: &str, next: &str| Trouble::Denied(format!("{who}: {what}. {} {next}", CHECKING.no));
        let reply = self.get("caller-identity", "/api/v2/caller-identity", turn).await?;
        let identity = wire::identity(&reply.body);
        let identity =
            identity.map_err(|why| denied(&reply.shown(&why), "Use an access token, personal or of a service."))?;
        let rules = self.rules(turn).await;
        let flag = self.read(turn).await?;
        let served = format!("{} is {}", self.shown(&self.flag), self.served(&flag));
        let mut told = Checked { lines: vec![identity, self.asks(&rules, &flag), served], against: Vec::new() };
        if flag.archived {
            let what = format!("{} is archived", self.shown(&self.flag));
            told.against.push(denied(&what, "Restore it there, or name another flag."));
            return Ok(told);
        }
        let stopped = match self.stop.variation(&flag) {
            Ok(stopped) => stopped,
            Err(why) => {
                told.against.push(Trouble::Refused(format!(
                    "{}: {why}. {} Correct `stop` in the configuration.",
                    self.shown(&self.flag),
                    CHECKING.no
                )));
                return Ok(told);
            }
        };
        let rehearsed = self.rehearsed(&flag, turn).await;
        let count = rules.as_ref().ok().and_then(|rules| rules.approval(&flag.tags));
        let is_needed = count.is_some() || matches!(rehearsed, Err(No::Approval(_)));
        let acts = self.acts(&flag, stopped, Offered { request: offered.request && is_needed, ..offered });
        let allowed = self.allowed(&flag, &acts);
        match rehearsed {
            Ok(()) if allowed.is_ok() => told.lines.push(may(&flag, &acts, true)),
            Err(No::Approval(said)) => {
                told.lines.push(format!("switching it has to be approved there: {said}"));
                if allowed.is_ok() {
                    told.lines.push(may(&flag, &acts, false));
                }
            }
            Err(No::Moved(_)) => told.lines.push("somebody is changing it in this moment".into()),
            Err(No::Other(trouble)) if allowed.is_ok() => told.against.push(trouble),
            Ok(()) | Err(No::Other(_)) => {}
        }
        told.against.extend(allowed.err());
        Ok(told)
    }

    /// What its environment asks of whoever changes it.
    fn asks(&self, rules: &Result<Rules, Trouble>, flag: &Flag) -> String {
        let environment = self.shown(&self.environment);
        let rules = match rules {
            Ok(rules) => rules,
            Err(trouble) => {
                let why = trouble.words().split(". ").next().unwrap_or_default();
                return format!("environment {environment}: its rules cannot be read: {why}");
            }
        };
        let asks =
            [(rules.critical, "critical"), (rules.comments, "wants a reason"), (rules.confirms, "wants confirmation")];
        let asks = asks.into_iter().filter(|(is, _)| *is).map(|(_, word)| format!(", {word}"));
        let count = rules.approval(&flag.tags).map(|count| format!(", {} have to approve", people(count)));
        format!("environment {environment}{}{}", asks.collect::<String>(), count.unwrap_or_default())
    }

    /// Rehearses what is so already: were it done all the same, nothing would change.
    async fn rehearsed(&self, flag: &Flag, turn: Turn) -> Result<(), No> {
        let kind = if flag.state.on { "turnFlagOn" } else { "turnFlagOff" };
        let body = json!({"environmentKey": self.environment, "instructions": [{"kind": kind}]});
        let path = format!("{}?dryRun=true", self.flag_path());
        let reply = self.ask("flags", &path, patch(body), turn).await.map_err(No::Other)?;
        self.taken(reply, turn).map(|_| ())
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
        // one target alone expires; anything else is a change that is scheduled
        let targets = offered.one.then_some("updateExpiringTargets");
        let end = ("have it end at a time", std::iter::once("updateScheduledChanges").chain(targets).collect());
        let request = ("ask for approval", vec!["createApprovalRequest"]);
        let beside = [(offered.one, one), (offered.share, share), (offered.end, end), (offered.request, request)];
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

/// What the token may do: the first may have been rehearsed, of the others they may say what is denied.
fn may(flag: &Flag, acts: &[Act], is_rehearsed: bool) -> String {
    let names: Vec<&str> = acts.iter().map(|(act, _)| *act).collect();
    match (names.as_slice(), &flag.denied) {
        (all, None) if !is_rehearsed => format!("whether the token may {} is not told", all.join(" or ")),
        ([first, others @ ..], None) if !others.is_empty() => {
            format!("the token may {first}; whether it may {} is not told", others.join(" or "))
        }
        (all, _) => format!("the token may {}", all.join(", ")),
    }
}

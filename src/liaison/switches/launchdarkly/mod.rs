//! A LaunchDarkly flag as a switch, by its REST API v2 (reference: its OpenAPI document of 2026; federal and European hosts are other addresses of the same).
//!
//! * `stop = "off"`: the flag is off; what is served then is its off variation, which may be unset.
//! * `stop = "on"`: a kill switch, stopped while it is on.
//! * Any other `stop`: a variation by its name or value. To stop is to have *off* serve it and to turn the flag off, in one patch: that reaches everybody
//!   past rules, targets and prerequisites, and leaves rollouts, their seeds and experiments as they are.
//!
//! Every act is worked out as a state, and sent as the semantic patch that leads there from the state that the person saw: all of it or nothing.
//! It must not know why somebody stops it.

mod acts;
mod beside;
pub mod check;
mod expiring;
mod later;
pub mod limit;
mod listing;
mod look;
mod state;
mod steps;
mod talk;
mod wire;
mod words;

use super::super::clean;
use super::super::http::{Http, segment};
use crate::incident::sought::Found;
use crate::incident::switch::{Plan, Wanted, by_rule};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use limit::Limits;
use serde_json::{Value, json};
use state::{Flag, State};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use steps::{Stop, Why};
use talk::{No, PLANNING, Turn};

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(6);
/// What those get whom rules or targets serve another value than the stopped one.
const OTHERS: &str = "others";
/// The longest name that is shown, in characters.
const SHOWN: usize = 60;

/// One flag in one environment.
#[derive(Clone, Debug)]
pub struct LaunchDarkly {
    http: Http,
    limits: Limits,
    project: String,
    environment: String,
    flag: String,
    stop: Stop,
    source: String,
    deadline: Duration,
    /// Who made the version that was last looked at.
    known: Arc<Mutex<Option<(i64, String)>>>,
}

/// What is to be done: the state that is wanted, and the instructions that lead there.
struct Work {
    after: State,
    steps: Vec<Value>,
    stopped: Option<usize>,
}

impl LaunchDarkly {
    /// A flag by the keys of its project, its environment and itself. The client sends the bare token as `Authorization`. `stop` is `off`, `on`, or the
    /// name or value of the variation that stops.
    #[must_use]
    pub fn new(http: Http, project: &str, environment: &str, flag: &str, stop: &str) -> LaunchDarkly {
        LaunchDarkly {
            http,
            limits: Limits::default(),
            project: project.to_owned(),
            environment: environment.to_owned(),
            flag: flag.to_owned(),
            stop: Stop::read(stop),
            source: "launchdarkly".into(),
            deadline: DEADLINE,
            known: Arc::default(),
        }
    }

    /// The same, sharing the room that its account has with all who have these limits.
    #[must_use]
    pub fn sharing(self, limits: Limits) -> LaunchDarkly {
        LaunchDarkly { limits, ..self }
    }

    /// The same with another deadline for each answer.
    #[must_use]
    pub fn within(self, deadline: Duration) -> LaunchDarkly {
        LaunchDarkly { deadline, ..self }
    }

    /// The same, its changes reported by a source of this name instead of `launchdarkly`.
    #[must_use]
    pub fn reporting(self, source: &str) -> LaunchDarkly {
        LaunchDarkly { source: source.to_owned(), ..self }
    }

    /// What an act would do, previewed there without doing it.
    ///
    /// # Errors
    /// It cannot be done, or nobody can say: nothing was changed.
    pub async fn plan(&self, wanted: &Wanted, now: Time) -> Result<Plan, Trouble> {
        let turn = Turn::of(PLANNING, now);
        let flag = self.read(turn).await?;
        let work = self.work(&flag, wanted)?;
        let mut plan = Plan {
            from: self.from(&flag, wanted),
            to: words::to(&flag, &work.after, wanted),
            before: flag.snapshot(&self.environment),
            reach: self.sight(&flag, work.stopped).reach(),
            narrows: work.stopped.is_some_and(|stopped| flag.state.is_narrowed_to(&work.after, stopped)),
            idle: work.steps.is_empty(),
            changes: steps::said(&flag, &work.steps),
            ..Plan::default()
        };
        if plan.from == plan.to && !plan.idle && flag.state.is_targeted() {
            // it is about those whom rules or targets serve something else
            plan.from.push_str(&by_rule(OTHERS));
        }
        if plan.idle {
            plan.changes = "nothing: it is so already".into();
        } else {
            plan.approval = self.rehearse(&flag, &work, turn).await?;
        }
        let beside = self.beside(turn).await;
        let needed = beside.rules.as_ref().and_then(|rules| rules.approval(&flag.tags));
        plan.approval = plan.approval.or(needed.filter(|_| !plan.idle).map(|count| {
            format!("{} in environment {} have to approve it there", people(count), self.shown(&self.environment))
        }));
        plan.critical = beside.rules.as_ref().and_then(|rules| rules.wish(&self.shown(&self.environment)));
        plan.changed = beside.log.as_ref().and_then(|log| log.first()).and_then(|one| Some((one.at, one.by.clone()?)));
        plan.notes = words::cohorts(&flag, &work.after);
        plan.notes.extend(words::against(&flag, &work.after, wanted, &self.stop, work.stopped));
        plan.notes.extend(beside.notes(&self.environment, now));
        Ok(plan)
    }

    /// How the flag is, beside what it was and what was wanted of it then. Versions only count; what is served by it is compared.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn compare(&self, wanted: &Wanted, before: &str, now: Time) -> Result<Found, Trouble> {
        let flag = self.read(Turn::of(talk::LOOKING, now)).await?;
        // what cannot be put beside it is another flag by now
        let Ok(was) = flag.remembered(before, &self.environment) else { return Ok(Found::Otherwise) };
        let then = Flag { state: was, ..flag.clone() };
        let target = steps::toward(&then, wanted, &self.stop, &self.environment);
        let is_wanted = target.is_ok_and(|target| target.is_like(&flag.state));
        let is_before = then.state.is_like(&flag.state) && flag.state.is_like(&then.state);
        Ok(Found::of(!flag.archived && is_wanted, !flag.archived && is_before))
    }

    /// Has them work out the patch without saving it, and compares; who has to approve it, when they say so.
    async fn rehearse(&self, flag: &Flag, work: &Work, turn: Turn) -> Result<Option<String>, Trouble> {
        let path = format!("{}?dryRun=true", self.flag_path());
        let body = json!({"environmentKey": self.environment, "instructions": work.steps});
        let reply = self.ask("flags", &path, talk::patch(body), turn).await?;
        let reply = match self.taken(reply, turn) {
            Ok(reply) => reply,
            Err(No::Approval(said)) => return Ok(Some(format!("somebody has to approve it there: {said}"))),
            Err(No::Moved(said)) => {
                let who = self.http.who();
                let happened = format!("{who}: somebody else is changing it in this moment (409): {said}");
                return Err(Trouble::Refused(format!("{happened}. Nothing was changed. Look at it and decide anew.")));
            }
            Err(No::Other(trouble)) => return Err(trouble),
        };
        let shown = self.of(&reply, turn)?;
        if work.after.is_like(&shown.state) {
            return Ok(None);
        }
        let (theirs, ours) = (shown.value(&shown.state), flag.value(&work.after));
        let what = if theirs == ours {
            format!("other rules or targets than worked out here, with {theirs}")
        } else {
            format!("{theirs} and not {ours}")
        };
        Err(Trouble::Refused(format!(
            "{}: its preview serves {what}. Nothing was changed. Look at the flag there, and decide anew.",
            self.http.who()
        )))
    }

    /// What is to be done to a flag as it is.
    fn work(&self, flag: &Flag, wanted: &Wanted) -> Result<Work, Trouble> {
        let refused = |Why { what, next }: Why| {
            Trouble::Refused(format!("{}: {what}. Nothing was changed. {next}.", self.shown(&self.flag)))
        };
        if flag.archived {
            let next = "Restore it there first, if anybody still asks for it".to_owned();
            return Err(refused(Why { what: "it is archived there".into(), next }));
        }
        let stopped = self.stop.variation(flag).unwrap_or_default();
        let after = steps::toward(flag, wanted, &self.stop, &self.environment).map_err(refused)?;
        let steps = steps::between(flag, &after).map_err(refused)?;
        Ok(Work { after, steps, stopped })
    }

    /// What is served now to whom it is about.
    fn from(&self, flag: &Flag, wanted: &Wanted) -> String {
        words::to(flag, &flag.state, wanted)
    }

    /// A name as it is shown.
    fn shown(&self, text: &str) -> String {
        clean::clean(text, SHOWN).into_owned()
    }

    fn flag_path(&self) -> String {
        format!("/api/v2/flags/{}/{}", segment(&self.project), segment(&self.flag))
    }

    /// Where what waits is kept: approvals, schedules.
    fn waiting_path(&self, what: &str) -> String {
        let [project, flag, environment] = [&self.project, &self.flag, &self.environment].map(|one| segment(one));
        format!("/api/v2/projects/{project}/flags/{flag}/environments/{environment}/{what}")
    }
}

impl wire::Rules {
    /// How many people have to approve changes of a flag with these tags.
    fn approval(&self, tags: &[String]) -> Option<i64> {
        let (count, wanted) = self.approvals.as_ref()?;
        (wanted.is_empty() || wanted.iter().any(|tag| tags.contains(tag))).then_some(*count)
    }

    /// That it wants more care than any other environment, in words. Their own pages ask for it; the API does not.
    fn wish(&self, environment: &str) -> Option<String> {
        match (self.critical, self.confirms) {
            (true, true) => {
                Some(format!("LaunchDarkly calls environment {environment} critical and asks to confirm changes in it"))
            }
            (true, false) => Some(format!("LaunchDarkly calls environment {environment} critical")),
            (false, true) => Some(format!("LaunchDarkly asks to confirm changes in environment {environment}")),
            (false, false) => None,
        }
    }
}

fn people(count: i64) -> String {
    if count == 1 { "1 person".into() } else { format!("{count} people") }
}

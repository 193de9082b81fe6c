//! What an act would do, and what stands around it. Nothing is changed.

use super::super::super::http::Body;
use super::aim::aim;
use super::state::{self, Reach, State, listed};
use super::steps::{Step, steps};
use super::wire::{self, Event, Flag};
use super::{LOOKING, Stop, Unleash, address, carry};
use crate::incident::sought::Found;
use crate::incident::switch::{Level, Plan, Wanted, Whom};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long what is only good to know may take.
const ASIDE: Duration = Duration::from_secs(3);
/// How many events are looked at.
pub(super) const EVENTS: usize = 100;

impl Unleash {
    /// What an act would do from what is there now.
    ///
    /// # Errors
    /// It cannot be done, or nobody answered, or what they answered cannot be read.
    pub async fn plan(&self, wanted: &Wanted, now: Time) -> Result<Plan, Trouble> {
        let flag = self.read(LOOKING, now).await?;
        let target = aim(&flag.state, wanted, self.stop).map_err(Trouble::Refused)?;
        let (approval, maintenance, pending, record, field) = tokio::join!(
            self.approvals(now),
            self.maintenance(now),
            self.pending(now),
            self.recent(EVENTS, now),
            self.field(wanted, now)
        );
        let all = steps(&flag.state, &target);
        let mut notes: Vec<String> = approval.iter().cloned().collect();
        notes.extend(maintenance);
        notes.extend(pending);
        notes.extend(added(&all));
        notes.push(self.affected(wanted, &flag.state, &target));
        notes.extend(field);
        notes.extend(self.family(wanted, &flag));
        notes.extend(ways(wanted, &flag.state));
        let ours = |event: &&Event| event.environment.as_deref().is_none_or(|place| place == self.environment);
        let changed = record.as_ref().and_then(|(all, _)| all.iter().find(ours)).map(|last| (last.at, last.by.clone()));
        notes.extend(record.map(|record| self.before(wanted, &record, now)).unwrap_or_default());
        notes.extend(asked(&flag, now));
        if all.len() > 1 {
            notes.push(format!("{} requests, one after the other; what a failure leaves is told", all.len()));
        }
        notes.push("applications follow at their own pace, 15 s and more".into());
        let idle = target.same(&flag.state);
        Ok(Plan {
            one: None,
            from: flag.state.served(),
            to: target.served(),
            before: flag.state.text(),
            reach: flag.state.sight(self.stop).reach(),
            narrows: flag.state.is_narrowed_to(&target, self.stop),
            changes: if idle { "nothing: it is so already".into() } else { carry::said(&all) },
            idle,
            notes,
            approval,
            critical: None,
            changed,
        })
    }

    /// How the flag is, beside what it was and what was wanted of it then.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn compare(&self, wanted: &Wanted, before: &str, now: Time) -> Result<Found, Trouble> {
        let found = self.read(LOOKING, now).await?.state;
        let before = State::read(before);
        // whoever changed something else meanwhile made another state of it
        let target = aim(before.as_ref().unwrap_or(&found), wanted, self.stop);
        let is_wanted = target.is_ok_and(|target| target.same(&found));
        Ok(Found::of(is_wanted, before.is_some_and(|before| before.same(&found))))
    }

    /// Asks what is only good to know.
    async fn aside(&self, path: &str, now: Time) -> Option<Vec<u8>> {
        let http = self.admin.clone().staking(LOOKING);
        let reply = http.ask(path, Body::Nothing, ASIDE.min(self.deadline)).await.ok()?;
        Some(http.judged(reply, wire::explained, now).ok()?.body)
    }

    /// Whether changes have to be approved there; the open source edition knows no such thing.
    pub(super) async fn approvals(&self, now: Time) -> Option<String> {
        let path = address(&["api", "admin", "projects", &self.project, "change-requests", "config"], &[]);
        let count = wire::approvals(&self.aside(&path, now).await?, &self.environment)?;
        let people = state::plural(usize::try_from(count).unwrap_or(2), "approval", "approvals");
        Some(format!("a change of {} needs a change request there, with {count} {people}", self.environment))
    }

    /// Whether the server takes changes at all.
    pub(super) async fn maintenance(&self, now: Time) -> Option<String> {
        let is_on = wire::maintenance(&self.aside("/api/admin/maintenance", now).await?);
        is_on.then(|| "Unleash is in maintenance mode: it will refuse this".into())
    }

    /// Change requests that are open for it.
    async fn pending(&self, now: Time) -> Option<String> {
        let project = format!("IS:{}", self.project);
        let pairs = [("project", project.as_str()), ("query", self.flag.as_str()), ("limit", "50")];
        let path = address(&["api", "admin", "search", "features"], &pairs);
        let found = wire::pending(&self.aside(&path, now).await?, &self.environment, &self.flag);
        let numbers: Vec<String> = found.iter().map(u64::to_string).collect();
        let requests = state::plural(numbers.len(), "change request", "change requests");
        (!numbers.is_empty()).then(|| format!("{requests} {} there would no longer fit", numbers.join(", ")))
    }

    /// Whether applications can send what tells the context apart.
    async fn field(&self, wanted: &Wanted, now: Time) -> Option<String> {
        let Wanted::Exclude(whom) = wanted else { return None };
        let name = state::field(&whom.kind);
        let known = wire::fields(&self.aside("/api/admin/context", now).await?)?;
        let is_known = ["userId", "sessionId", "remoteAddress"].contains(&name) || known.iter().any(|one| one == name);
        let name = wire::cleaned(name);
        (!is_known).then(|| format!("no context field {name} is defined there: see whether applications send it"))
    }

    /// The newest events of the flag, and how many there are.
    pub(super) async fn recent(&self, most: usize, now: Time) -> Option<(Vec<Event>, usize)> {
        let (flag, most) = (format!("IS:{}", self.flag), most.to_string());
        let path = address(&["api", "admin", "search", "events"], &[("feature", &flag), ("limit", &most)]);
        wire::events(&self.aside(&path, now).await?).ok()
    }

    /// Who gets something else.
    fn affected(&self, wanted: &Wanted, from: &State, to: &State) -> String {
        let (old, new) = (from.served(), to.served());
        match wanted {
            Wanted::Exclude(whom) => {
                let whom = listed(std::slice::from_ref(whom));
                let value = if self.stop == Stop::Off { "false" } else { "true" };
                match (self.stop, from.enabled) {
                    (Stop::Off, false) => format!("{whom}: false as for everybody, and still when it is turned on"),
                    _ => format!("{whom}: {value}, all others as before"),
                }
            }
            _ if old == new => "nobody is served otherwise".into(),
            _ => match self.let_back(from, to) {
                Some(names) => {
                    let (was, is) = if self.stop == Stop::Off { ("false", "true") } else { ("true", "false") };
                    format!("{names}: {was} → {is}, all others as before")
                }
                None if to.reach() == Reach::Some => format!("{old} → {new}"),
                None => format!("everybody: {old} → {new}"),
            },
        }
    }

    /// Who is excluded no longer, where nobody else is served otherwise.
    fn let_back(&self, from: &State, to: &State) -> Option<String> {
        let (had, has) = (from.sight(self.stop), to.sight(self.stop));
        let gone: Vec<Whom> = had.excluded.iter().filter(|one| !has.excluded.contains(one)).cloned().collect();
        let others = had.share.is_some() && had.share == has.share && from.enabled == to.enabled;
        let only = has.excluded.iter().all(|one| had.excluded.contains(one)) && has.level != Level::Off;
        (others && only && !gone.is_empty()).then(|| listed(&gone))
    }

    /// What depends on it, and what it depends on.
    fn family(&self, wanted: &Wanted, flag: &Flag) -> Vec<String> {
        let mut said = Vec::new();
        if !flag.children.is_empty() {
            let names = wire::cleaned(&flag.children.join(", "));
            let verb = match (wanted, self.stop) {
                (Wanted::Stop, Stop::Off) => "stops as well what depends on it",
                _ => "depends on it",
            };
            said.push(format!("{verb}: {names}"));
        }
        for (parent, is_on) in &flag.parents {
            said.push(format!("true only where {} is {}", wire::cleaned(parent), if *is_on { "on" } else { "off" }));
        }
        said
    }

    /// What its record says of earlier times.
    fn before(&self, wanted: &Wanted, (events, total): &(Vec<Event>, usize), now: Time) -> Vec<String> {
        let here = |event: &&Event| event.environment.as_deref().is_none_or(|place| place == self.environment);
        let mut said = Vec::new();
        let mut people: BTreeMap<&str, Time> = BTreeMap::new();
        for event in events.iter().filter(here).filter(|event| now.since(event.at) < Span::minutes(60)) {
            let last = people.entry(event.by.as_str()).or_insert(event.at);
            *last = (*last).max(event.at);
        }
        for (who, at) in people {
            said.push(format!("{who} changed it {} min ago", now.since(at).as_seconds().max(0) / 60));
        }
        let stops = match self.stop {
            Stop::Off => "feature-environment-disabled",
            Stop::On => "feature-environment-enabled",
        };
        let is_known = *total <= events.len();
        if *wanted == Wanted::Stop && is_known && !events.iter().filter(here).any(|event| event.kind == stops) {
            said.push("never exercised: no earlier stop of it is on record".into());
        }
        said
    }
}

/// A strategy that would be added, because turning it on needs one.
fn added(steps: &[(Step, String)]) -> Option<String> {
    let one = steps.iter().find_map(|(step, _)| match step {
        Step::Add(one) if steps.iter().any(|(step, _)| *step == Step::On) || one.let_in().is_empty() => Some(one),
        _ => None,
    })?;
    Some(format!("adds a strategy, {}, since none there does this; a revert removes it", one.called()))
}

/// What of its strategies stays as it is, and what follows from there being several.
fn ways(wanted: &Wanted, state: &State) -> Vec<String> {
    let mut said = Vec::new();
    let count = |count: usize| format!("{count} {}", state::plural(count, "strategy", "strategies"));
    let enabled: Vec<_> = state.enabled_strategies().collect();
    let disabled = state.strategies.len() - enabled.len();
    let ruled: Vec<String> = enabled.iter().filter(|one| one.has_rules()).map(|one| one.called()).collect();
    match wanted {
        Wanted::Exclude(_) if disabled > 0 => {
            said.push(format!("{} disabled there, left as they are: nobody is left out of those", count(disabled)));
        }
        Wanted::Percent(_) | Wanted::Step(..) => {
            if !ruled.is_empty() {
                said.push(format!("rules stay, and it is the share of those they let in: {}", ruled.join(", ")));
            }
            if enabled.len() > 1 {
                said.push(format!("{} are added up: together they may let in more", count(enabled.len())));
            }
            let draws =
                |name: &str| enabled.iter().any(|one| one.parameters.get("stickiness").is_some_and(|by| by == name));
            if draws("random") || enabled.iter().any(|one| one.name == "gradualRolloutRandom") {
                said.push("drawn anew at each request: the same person is let in and out".into());
            }
        }
        Wanted::Restore if !ruled.is_empty() => said.push(format!("rules stay: {}", ruled.join(", "))),
        _ => {}
    }
    said
}

/// How it was used lately.
fn asked(flag: &Flag, now: Time) -> Option<String> {
    match (flag.counts, flag.asked) {
        (Some((yes, no)), _) if yes + no > 0 => Some(format!("in the last hour answered {yes} × true, {no} × false")),
        (_, Some(at)) => Some(format!("last asked for {} min ago", now.since(at).as_seconds().max(0) / 60)),
        _ => Some("no application is known to have asked for it there".into()),
    }
}

//! What the screen knows about a drill: its clock, what the world does next, and a guide for a first-time user.
//!
//! It must not know the scenario: it is told.

use super::App;
use crate::incident::fact::Fact;
use crate::incident::probe::Light;
use crate::incident::promise::Audience;
use crate::incident::rehearsal::{Clock, Until};
use crate::incident::severity::Severity;
use crate::incident::time::{Span, Time};

/// A drill as the screen sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    /// The scenario's name.
    pub scenario: String,
    /// A title to declare with.
    pub title: String,
    /// And a severity.
    pub severity: Severity,
    /// The next moment at which something happens in the world.
    pub next: Option<(Time, String)>,
    /// What to do, step by step.
    pub guide: Vec<Step>,
    /// What is said when all of it is done.
    pub done: String,
    /// The guide was put away.
    pub hidden: bool,
    /// The incident was exported.
    pub exported: bool,
    /// The clock the drill started with; the standing stream may have moved it since.
    pub clock: Clock,
}

/// One step of the guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// It is done when this holds.
    pub until: Until,
    /// What to press, and why.
    pub say: String,
}

impl Rehearsal {
    /// The real moment at which the drill's clock shows `now`.
    pub fn real(&self, now: Time) -> Time {
        let passed = i128::from(now.since(self.clock.start).0) * 1000 / i128::from(self.clock.speed_milli.max(1));
        self.clock.real.plus(Span(i64::try_from(passed).unwrap_or(i64::MAX)))
    }
}

impl App {
    /// It is a drill from now on, by its clock.
    pub fn rehearse(&mut self, drill: Rehearsal) {
        let speed = drill.clock.speed_milli;
        self.slos.iter_mut().for_each(|slo| slo.feed.keep_up_with(speed));
        self.switches.iter_mut().for_each(|switch| switch.feed.keep_up_with(speed));
        self.changes.iter_mut().for_each(|source| source.feed.keep_up_with(speed));
        self.drill = Some(drill);
    }

    /// What this clock passes in a length of real time: a drill's may run faster than eyes.
    pub(super) fn lasting(&self, real: Span) -> Span {
        let speed = self.drill.as_ref().map_or(1_000, |drill| i64::from(drill.clock.speed_milli));
        Span(real.0.saturating_mul(speed) / 1_000)
    }

    /// The line that tells a first-time user what to press next.
    pub fn guide(&self, now: Time) -> Option<&str> {
        let drill = self.drill.as_ref().filter(|d| !d.hidden)?;
        let step = drill.guide.iter().find(|step| !self.holds(&step.until, now));
        Some(step.map_or(drill.done.as_str(), |step| step.say.as_str()))
    }

    fn holds(&self, until: &Until, now: Time) -> bool {
        let incident = &self.incident;
        match until {
            Until::Declared => incident.opened().is_some(),
            Until::Told => incident.promises().last_told(Audience::Public).is_some(),
            Until::CheckedIn => incident.check_ins().last().is_some(),
            Until::Stopped(name) => {
                let acts = incident.intents().all().iter();
                acts.into_iter().any(|i| i.what.target == *name && i.what.leaves() && i.is_done())
            }
            Until::Held => !self.standing.holds().all().is_empty(),
            Until::Passed => !self.standing.holds().passes().is_empty(),
            Until::Lifted => self.standing.holds().standing(now).next().is_none(),
            Until::Green(probe) => {
                let newest = incident.probes().newest(probe);
                newest.is_some_and(|(_, light)| light == Light::Green) && self.was_red(probe)
            }
            Until::Reached(phase) => incident.phase() >= *phase,
            Until::Noted => self
                .log
                .entries()
                .iter()
                .rev()
                .take(500)
                .any(|e| matches!(e.fact, Fact::Noted(_)) && e.author == self.person.name),
            Until::Impact => incident.impact().is_some(),
            Until::Exported => self.drill.as_ref().is_some_and(|d| d.exported),
            Until::After(at) => now >= *at,
            Until::Any(several) => several.iter().any(|until| self.holds(until, now)),
        }
    }

    /// The record has it that this probe was red.
    fn was_red(&self, probe: &str) -> bool {
        let is_red =
            |fact: &Fact| matches!(fact, Fact::Probed(read) if read.probe == probe && read.outcome == Light::Red);
        self.log.entries().iter().rev().take(500).any(|entry| is_red(&entry.fact))
    }

    /// Where `>` goes: the next thing that is owed, that ends or that happens, and its name.
    pub fn next_moment(&self, now: Time) -> Option<(Time, String)> {
        let owed = self.incident.due(&self.rules, now);
        let owed = owed.into_iter().flat_map(|d| {
            let name = format!("{} {}", d.at.clock_minutes(), d.what);
            [(d.rings, name.clone()), (d.at, name)]
        });
        let soaks = self.next_soaks(now).into_iter();
        let soaks = soaks.map(|soak| (soak.due, format!("{} {} after its soak", soak.due.clock_minutes(), soak.probe)));
        let ends = self.left_to_undo().flat_map(|act| {
            let (until, act) = (act.until(), &act.what);
            let what = format!("{} {}", act.act.word(), act.target);
            let end = until.map(|at| (at, format!("{} {what} ends", at.clock_minutes())));
            end.into_iter()
                .chain(act.expect_by.map(|at| (at, format!("{} what {what} is to reach", at.clock_minutes()))))
        });
        let held = self.standing.holds().next_end(now);
        let held = held.map(|at| (at, format!("{} a hold or a pass ends", at.clock_minutes())));
        let world = self.drill.as_ref().and_then(|d| d.next.clone());
        owed.chain(soaks).chain(ends).chain(held).chain(world).filter(|(at, _)| *at > now).min()
    }
}

//! Probes that this run asks by itself once what they are about has served for a while, and what a red answer stops. It must not know how any of
//! them is asked.
//!
//! Whoever's entry says so first asks: every other screen finds it in the record. A red answer stops something only from the run that got
//! it, once, and only while nobody has acted since; everybody else reads that it was red.

use super::arming::By;
use super::msg::Effect;
use super::others::Brought;
use super::probes::{ProbeDesk, ProbesAsk, Which};
use super::{App, Layer};
use crate::incident::entry::{EntryId, Number, STANDING};
use crate::incident::fact::Fact;
use crate::incident::intent::{Act, Intended};
use crate::incident::phase::Phase;
use crate::incident::probe::{Light, Reading, served, trips};
use crate::incident::second;
use crate::incident::serving::Ground;
use crate::incident::soak::{Answer, LATE, Places, ProbeAsked, Soak, Soaking};
use crate::incident::switch::Level;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::open_ended;

/// What a probe's own deadline may be late by before whoever asked is taken for gone.
const GONE: Span = Span::seconds(30);

/// How far what a drill's files tell may be behind its clock.
const TOLD: Span = Span::seconds(20);

impl ProbeDesk {
    /// The same as far as soaks go; none for a probe without one.
    #[must_use]
    pub fn soaking(&self) -> Option<Soaking<'_>> {
        let soak = self.soak?;
        let (scope, of_build, trips) = (&self.scope, self.of_build, self.trips.as_deref());
        Some(Soaking { probe: &self.name, scope, soak, of_build, trips })
    }
}

impl App {
    /// Where switches and changes are.
    fn places(&self) -> Places<'_> {
        Places {
            scope: &self.gate.scope,
            environments: self.switches.iter().map(|desk| (desk.name.as_str(), desk.environment.as_str())).collect(),
            audits: &self.rules.audits,
            holds: self.standing.holds(),
        }
    }

    /// Every probe that is asked by itself, and when: after what serves in the incident on the screen, or was let in with none open.
    #[must_use]
    pub fn next_soaks(&self, now: Time) -> Vec<Soak> {
        [self.incident.number(), STANDING].into_iter().flat_map(|number| self.soaks_in(number, now)).collect()
    }

    /// Every probe that is asked by itself after what serves in a stream, and when.
    fn soaks_in(&self, number: Number, now: Time) -> Vec<Soak> {
        if self.reading().is_some() || self.probes.desks.iter().all(|desk| desk.soak.is_none()) {
            return Vec::new();
        }
        let places = self.places();
        let soak = |probe: Soaking<'_>| match number {
            STANDING => self.standing.soak(&probe, &places, now),
            _ => self.incident_of(number)?.soak(&probe, &places, now),
        };
        self.probes.desks.iter().filter_map(ProbeDesk::soaking).filter_map(soak).collect()
    }

    /// Soaks that are over: written down, and then asked by whoever wrote it.
    pub(super) fn end_soaks(&mut self, now: Time) -> Vec<Effect> {
        if !self.desk.is_idle() {
            return Vec::new();
        }
        let all = self.streams(now).into_iter().flat_map(|number| {
            let soaks = self.soaks_in(number, now).into_iter();
            soaks.map(move |soak| (number, soak))
        });
        let due: Vec<(Number, Soak)> = all.filter(|(_, soak)| soak.due <= now).collect();
        if !due.is_empty() && !self.is_told(now) {
            self.slos.iter_mut().filter(|slo| slo.feed.asked.is_none()).for_each(|slo| slo.feed.refresh());
            return Vec::new();
        }
        let mut effects = Vec::new();
        for (number, Soak { probe, after, since, due, .. }) in due {
            let desk = self.probes.desks.iter().find(|desk| desk.name == probe);
            let wait = desk.map(|desk| desk.timeout).unwrap_or_default();
            let until = now.plus(self.lasting(Span(wait.0.saturating_add(GONE.0))));
            let asked = ProbeAsked { probe, after, since, due, until };
            effects.extend(self.want_in(now, number, Brought::Asked(asked)));
        }
        effects
    }

    /// What a rehearsed world has done until now is in its files: after a jump it takes a moment, and silence would be taken for traffic that is gone.
    fn is_told(&self, now: Time) -> bool {
        let newest = self.burn().and_then(|burn| burn.newest);
        self.drill.is_none() || newest.is_some_and(|newest| now.since(newest) <= self.lasting(TOLD))
    }

    /// Our own entry came back that says that we ask.
    pub(super) fn asks_after_soak(&self, now: Time, stream: Number, at: Time, asked: &ProbeAsked) -> Effect {
        // a journal that took it late has let more time pass
        let served = if now > asked.until { now } else { at }.since(asked.since);
        let incident = self.incident_of(stream);
        let build = incident.and_then(|incident| incident.soaks().build(asked.after)).map(str::to_owned);
        let which = Which::Soaked { stream, probe: asked.probe.clone(), after: asked.after, served, build };
        Effect::Probe(ProbesAsk { ticket: 0, now, which })
    }

    /// What was read after a soak is written down, and shown like any other answer.
    pub(super) fn soaked(&mut self, now: Time, stream: Number, readings: Vec<Reading>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for reading in readings {
            effects.extend(self.want_in(now, stream, Brought::Read(reading.what.clone())));
            let (name, read) = (&reading.what.probe, open_ended(&reading.what.words));
            let beside = self.beside(stream);
            match reading.what.outcome {
                Light::Unknown => {
                    let words =
                        format!("{name} is unknown after its soak{beside}: {read}. Nothing was stopped. Look at it.");
                    self.say(now, words, true);
                }
                // what is on the screen says it in its own rows
                Light::Red if !beside.is_empty() => {
                    self.say(now, format!("{name} is red after its soak{beside}: {read}."), true);
                }
                Light::Red | Light::Green => {}
            }
            self.probes.take(reading);
        }
        // whoever is about to let something in again reads it before Enter counts
        self.raise();
        effects
    }

    /// A red answer that this run got after a soak stops what it is configured to stop: planned first, and only while nobody has acted.
    pub(super) fn trip(&mut self, now: Time) -> Vec<Effect> {
        let may = self.desk.is_idle() && self.reading().is_none() && self.arming.is_none();
        if !may {
            return Vec::new();
        }
        let owed = self.stops_owed(now).into_iter().find(|(_, read, _)| self.tripped.may(*read, now));
        let Some((number, read, draft)) = owed else { return Vec::new() };
        // whoever is about to stop it does so, or does not
        if matches!(&self.layer, Layer::Confirm(confirm) if confirm.off.is_none() && confirm.is_about(&draft.target)) {
            return Vec::new();
        }
        self.tripped.begins(read, now);
        self.plan_by_itself(draft, None, By::Probe(number, read))
    }

    /// What answers that this run got after soaks stop: the stream and the entry of each answer, and the act, while nobody has acted.
    pub(super) fn stops_owed(&self, now: Time) -> Vec<(Number, EntryId, Intended)> {
        let acts = self.acts();
        let owed = self.streams(now).into_iter().filter_map(|number| {
            let is_over = self.incident_of(number).is_some_and(|incident| !incident.is_open());
            Some((number, self.ground_of(number, acts).filter(|_| number == STANDING || !is_over)?))
        });
        let owed = owed.flat_map(|(number, ground)| {
            self.probes.desks.iter().filter_map(ProbeDesk::soaking).filter_map(move |probe| {
                let answer = ground.soaks.newest(probe.probe).filter(|answer| answer.session == self.session)?;
                Some((number, answer.id, ground.tripped(answer, &probe)?))
            })
        });
        owed.collect()
    }

    /// What a trip does now, in words: an act, or a question to somebody else.
    pub(super) fn trips_by(&self, now: Time, act: &Intended) -> String {
        let two = self.switches.iter().find(|desk| desk.name == act.target).map(|desk| desk.offers.two);
        let me = &self.person.name;
        let needs = second::needed(two.unwrap_or_default(), act, self.acts(), me, now);
        let asks = if needs { "asked for, it needs a second person: " } else { "" };
        format!("{asks}{} {}, {}", act.deed(), act.target, act.why)
    }

    /// Answers after soaks that want somebody's eye: the entry, and the words. Those of the incident, and what was let in with none open.
    pub(super) fn soaked_badly(&self) -> Vec<(EntryId, String)> {
        let acts = self.acts();
        let own = Some(self.incident.number()).filter(|_| self.incident.phase() < Phase::Resolved);
        let streams = own.into_iter().chain([STANDING]).filter_map(|number| self.ground_of(number, acts));
        let rows = streams.flat_map(|ground| {
            let row = move |desk: &ProbeDesk| {
                let answer = ground.soaks.newest(&desk.name)?;
                // one that was asked again since speaks for itself
                let words = self.badly(&ground, desk, answer).filter(|_| self.is_last_word(&desk.name, answer))?;
                Some((answer.id, words))
            };
            self.probes.desks.iter().filter_map(row)
        });
        rows.collect()
    }

    fn is_last_word(&self, probe: &str, answer: &Answer) -> bool {
        let known = [self.incident.probes(), self.standing.probes()].map(|probes| probes.newest(probe));
        let last = known.into_iter().flatten().max_by_key(|(at, _)| *at);
        last == Some((answer.at, answer.what.outcome))
    }

    fn badly(&self, ground: &Ground<'_>, desk: &ProbeDesk, answer: &Answer) -> Option<String> {
        let (name, words) = (&desk.name, open_ended(&answer.what.words));
        let switch = desk.trips.as_ref();
        match answer.what.outcome {
            Light::Green => None,
            Light::Unknown => {
                let not = switch.map(|name| format!("; {name} not stopped")).unwrap_or_default();
                Some(format!("UNKNOWN after soak: {name}{not}: {words}"))
            }
            Light::Red => {
                let Some(switch) = switch else { return Some(format!("RED after soak: {name}: {words}")) };
                trips(ground, &answer.what, switch, Span(0))?;
                let sight = self.switches.iter().find(|desk| desk.name == *switch);
                let level = sight.and_then(|desk| desk.feed.last.as_ref()).map(|(_, sight)| sight.level);
                let late = if answer.late > LATE { ", asked late" } else { "" };
                let stop = if level == Some(Level::Off) { String::new() } else { format!("; stop {switch}?") };
                Some(format!("RED after soak{late}: {name}{stop}: {words}"))
            }
        }
    }

    /// The switch that a row of the priorities is about, where that row is such an answer.
    pub(super) fn stops_after(&self, id: EntryId) -> Option<String> {
        let answer = self.incident.soaks().find(id).or_else(|| self.standing.soaks().find(id));
        let probe = &answer?.what.probe;
        self.probes.desks.iter().find(|desk| desk.name == *probe)?.trips.clone()
    }

    /// What is known about probes after an entry: their names and how they stand, in words.
    #[must_use]
    pub fn soaks_of(&self, entry: EntryId, now: Time) -> Vec<(String, String)> {
        let waits = self.next_soaks(now).into_iter().filter(|soak| soak.after == entry);
        let waits = waits.map(|soak| {
            let words = again(&soak, now);
            (soak.probe, words)
        });
        let answered = |name: &String| {
            let answer = self.incident.soaks().answers(name).find(|answer| answer.what.after == Some(entry))?;
            let after = served(answer.what.served_s.unwrap_or(0));
            Some((name.clone(), format!("{} after {after}, {}", answer.what.outcome.word(), answer.what.words)))
        };
        let answered = self.probes.desks.iter().map(|desk| &desk.name).filter_map(answered);
        answered.chain(waits).collect()
    }

    /// Probes that are asked by themselves after what serves on a switch, or that stop it: their names, and when and after what, in words.
    #[must_use]
    pub fn soaks_on(&self, switch: &str, now: Time) -> Vec<(String, String)> {
        let is_on = |after: EntryId| {
            let act = self.incident.intents().find(after).filter(|act| act.what.act != Act::Publish);
            let change = self.log.get(after).map(|entry| &entry.fact);
            act.is_some_and(|act| act.what.target == switch)
                || matches!(change, Some(Fact::Changed(change)) if change.is_of(switch, &self.rules.audits))
        };
        let trips = |probe: &str| {
            let desk = self.probes.desks.iter().find(|desk| desk.name == probe);
            desk.is_some_and(|desk| desk.trips.as_deref() == Some(switch))
        };
        let all = self.next_soaks(now).into_iter().filter(|soak| is_on(soak.after) || trips(&soak.probe));
        all.map(|soak| {
            let words = format!("{}, {}", again(&soak, now), soak.what);
            (soak.probe, words)
        })
        .collect()
    }
}

/// `again in 3 min 20 s`.
#[must_use]
pub fn again(soak: &Soak, now: Time) -> String {
    let left = soak.due.since(now).as_seconds();
    match (left / 60, left % 60) {
        _ if soak.due <= now => "again now".into(),
        (minutes @ 60.., _) => format!("again in {} h {} min", minutes / 60, minutes % 60),
        (0, seconds) => format!("again in {seconds} s"),
        (minutes, 0) => format!("again in {minutes} min"),
        (minutes, seconds) => format!("again in {minutes} min {seconds} s"),
    }
}

//! The configured probes on the screen: asked when somebody looks, all at once, off the drawing path; what was found is written down when it is
//! news. It must not know how any of them is asked.

use super::feed::{Feed, Pace};
use super::msg::Effect;
use super::{App, Layer};
use crate::incident::command::Command;
use crate::incident::entry::{EntryId, Number};
use crate::incident::probe::{Light, Reading};
use crate::incident::scope;
use crate::incident::standing::Wish;
use crate::incident::time::{Span, Time};
use std::collections::BTreeSet;

/// A configured probe and what was last read.
#[derive(Clone, Debug)]
pub struct ProbeDesk {
    /// Its name.
    pub name: String,
    /// The place, or the pattern of places, that it speaks for.
    pub scope: String,
    /// What it is an angle of.
    pub subject: Option<String>,
    /// What it means that it is green.
    pub says: Option<String>,
    /// What is asked, of whom: for people.
    pub asks: String,
    /// It is asked once more when what it is about has served for so long.
    pub soak: Option<Span>,
    /// The switch that is stopped when it is red then.
    pub trips: Option<String>,
    /// It is asked about one build: after a deploy that names one, and by a pipeline.
    pub of_build: bool,
    /// How long an answer may take.
    pub timeout: Span,
    /// What was last read.
    pub reading: Option<Reading>,
}

/// The configured probes, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Board {
    /// Each of them.
    pub desks: Vec<ProbeDesk>,
    /// When they were last asked, and whether they are being asked.
    pub feed: Feed<()>,
    /// Who is being asked, by name.
    asks: BTreeSet<String>,
    /// Who is asked next, once those have answered.
    waits: BTreeSet<String>,
}

/// Which probes are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// These, by name.
    These(Vec<String>),
    /// One, after something has served for its soak.
    Soaked {
        /// The stream that says who asks.
        stream: Number,
        /// The probe, by name.
        probe: String,
        /// What has served.
        after: EntryId,
        /// For how long.
        served: Span,
        /// The build that serves.
        build: Option<String>,
    },
}

/// A question to probes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbesAsk {
    /// The ticket the answer carries.
    pub ticket: u64,
    /// The moment it is asked for.
    pub now: Time,
    /// Who is asked.
    pub which: Which,
}

impl Board {
    /// It is being asked.
    #[must_use]
    pub fn is_asked(&self, probe: &str) -> bool {
        self.feed.asked.is_some() && self.asks.contains(probe)
    }

    /// It is asked once others have answered.
    #[must_use]
    pub fn waits(&self, probe: &str) -> bool {
        self.waits.contains(probe)
    }

    /// Asks these; while others are being asked, once they have answered.
    fn ask(&mut self, now: Time, names: BTreeSet<String>) -> Option<Effect> {
        if self.feed.asked.is_some() {
            self.waits.extend(names.into_iter().filter(|name| !self.asks.contains(name)));
            return None;
        }
        let all = self.desks.iter().all(|desk| names.contains(&desk.name));
        let which = if all { Which::All } else { Which::These(names.iter().cloned().collect()) };
        self.asks = names;
        Some(Effect::Probe(ProbesAsk { ticket: self.feed.ask(now), now, which }))
    }

    /// Keeps what was read.
    pub(super) fn take(&mut self, reading: Reading) {
        if let Some(desk) = self.desks.iter_mut().find(|desk| desk.name == reading.what.probe) {
            desk.reading = Some(reading);
        }
    }
}

impl ProbeDesk {
    /// What it was last found to be; none before it was asked.
    #[must_use]
    pub fn light(&self) -> Option<Light> {
        self.reading.as_ref().map(|reading| reading.what.outcome)
    }
}

impl App {
    /// Shows the probes, and asks them.
    pub(super) fn look_at_probes(&mut self, now: Time) -> Vec<Effect> {
        if self.probes.desks.is_empty() {
            self.say(now, "No probe is configured. There is nothing to ask. Configure a [[probe]].", true);
            return Vec::new();
        }
        if !matches!(self.layer, Layer::Probes(_)) {
            self.layer = Layer::Probes(0);
        }
        self.ask_probes(now)
    }

    /// Asks all probes but those about one build. Each has a deadline of its own, so an answer comes: whoever is not being asked already is asked then.
    pub(super) fn ask_probes(&mut self, now: Time) -> Vec<Effect> {
        let names = self.probes.desks.iter().filter(|desk| !desk.of_build);
        let names: BTreeSet<String> = names.map(|desk| desk.name.clone()).collect();
        if names.is_empty() { Vec::new() } else { self.probes.ask(now, names).into_iter().collect() }
    }

    /// Asks the probes that speak for a place.
    pub(super) fn ask_probes_of(&mut self, now: Time, place: &Place) -> Vec<Effect> {
        let names: BTreeSet<String> = self.probes_of(place).map(|desk| desk.name.clone()).collect();
        if names.is_empty() { Vec::new() } else { self.probes.ask(now, names).into_iter().collect() }
    }

    /// They were asked. What differs from what the record says is written down.
    pub(super) fn probed(&mut self, now: Time, ask: &ProbesAsk, readings: Vec<Reading>) -> Vec<Effect> {
        if let Which::Soaked { stream, .. } = ask.which {
            return self.soaked(now, stream, readings);
        }
        if !self.probes.feed.take(ask.ticket, now, Pace::NEAR, Ok(())) {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.probes.waits);
        let mut effects = Vec::new();
        if !waiting.is_empty() {
            effects.extend(self.probes.ask(now, waiting));
        }
        for reading in readings {
            let (name, is) = (&reading.what.probe, Some(reading.what.outcome));
            let known = self.incident.probes().newest(name).map(|(_, light)| light);
            let is_news = self.incident.is_open() && self.reading().is_none() && known != is;
            if is_news {
                effects.extend(self.want(now, Command::Probe(reading.what.clone()), None));
            }
            // where nobody has an incident open, what was red after a lift is not red for ever
            let stood = self.standing.probes().newest(name).map(|(_, light)| light);
            if stood.is_some() && stood != is && self.reading().is_none() {
                effects.extend(self.want_standing(now, Wish::Probe(reading.what.clone())));
            }
            self.probes.take(reading);
        }
        self.raise();
        effects
    }

    /// The probes that speak for a place whatever build comes to it, in the order of the file.
    pub fn probes_of(&self, place: &Place) -> impl Iterator<Item = &ProbeDesk> {
        self.probes.desks.iter().filter(move |desk| !desk.of_build && self.speaks_for(desk, place))
    }

    fn speaks_for(&self, desk: &ProbeDesk, place: &Place) -> bool {
        match place {
            Place::Scope(scope) => scope::meets(&desk.scope, scope),
            Place::Switches(names) => names.iter().any(|name| {
                let switch = self.switches.iter().find(|switch| switch.name == *name);
                let environment = switch.map_or("", |switch| switch.environment.as_str());
                desk.trips.as_ref() == Some(name) || scope::speaks_for(&desk.scope, environment, name, &self.gate.scope)
            }),
        }
    }
}

/// What probes are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// What a hold is of.
    Scope(String),
    /// Switches, by name: their environments.
    Switches(Vec<String>),
}

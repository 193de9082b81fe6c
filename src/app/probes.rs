//! The configured probes on the screen: asked when somebody looks, all at once, off the drawing path; what was found is written down when it is
//! news. It must not know how any of them is asked.

use super::feed::{Feed, Pace};
use super::msg::Effect;
use super::{App, Layer};
use crate::incident::command::Command;
use crate::incident::probe::{Light, Reading, trips};
use crate::incident::time::{Span, Time};

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
}

/// A question to all probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbesAsk {
    /// The ticket the answer carries.
    pub ticket: u64,
    /// The moment it is asked for.
    pub now: Time,
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

    /// Asks all probes, unless they are being asked: each has a deadline of its own, so an answer comes.
    pub(super) fn ask_probes(&mut self, now: Time) -> Vec<Effect> {
        if self.probes.feed.asked.is_some() {
            return Vec::new();
        }
        vec![Effect::Probe(ProbesAsk { ticket: self.probes.feed.ask(now), now })]
    }

    /// They were asked. What differs from what the record says is written down.
    pub(super) fn probed(&mut self, now: Time, ticket: u64, readings: Vec<Reading>) -> Vec<Effect> {
        if !self.probes.feed.take(ticket, now, Pace::NEAR, Ok(())) {
            return Vec::new();
        }
        let mut effects = Vec::new();
        for reading in readings {
            let known = self.incident.probes().newest(&reading.what.probe).map(|(_, light)| light);
            let is_news = self.incident.is_open() && self.reading().is_none() && known != Some(reading.what.outcome);
            if is_news {
                effects.extend(self.want(now, Command::Probe(reading.what.clone()), None));
            }
            effects.extend(self.trip(now, &reading));
            if let Some(desk) = self.probes.desks.iter_mut().find(|desk| desk.name == reading.what.probe) {
                desk.reading = Some(reading);
            }
        }
        effects
    }

    /// A red answer after its soak stops what it is configured to stop: planned first, and only while it serves what that plan found.
    fn trip(&mut self, now: Time, reading: &Reading) -> Vec<Effect> {
        let soak = self.probes.desks.iter().find(|desk| desk.name == reading.what.probe).and_then(|desk| desk.soak);
        let Some(draft) = soak.and_then(|soak| trips(&self.incident, reading, soak)) else { return Vec::new() };
        let may = self.incident.is_open() && self.reading().is_none() && self.layer == Layer::None;
        if !may {
            let words =
                format!("{} is red after its soak: stop {} by hand, press x.", reading.what.probe, draft.target);
            self.say(now, words, true);
            return Vec::new();
        }
        self.plan_by_itself(draft, None)
    }

    /// The probes that were not green when they were last asked, the red ones first: what a restore or a thaw has to be told with.
    pub fn probes_in_the_way(&self) -> impl Iterator<Item = &ProbeDesk> {
        let of = |light: Light| self.probes.desks.iter().filter(move |desk| desk.light() == Some(light));
        of(Light::Red).chain(of(Light::Unknown))
    }
}

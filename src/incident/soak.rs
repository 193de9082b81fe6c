//! Probes that are asked once more when what they are about has served for a while: who asks, and what was answered. It must not know how anything
//! is read, nor what is configured beyond what it is told.
//!
//! Whoever wants to ask writes that down first ([`ProbeAsked`]): of several that see the same, one asks. An answer names the same entry, so that
//! it is known which soak is over. One whose answer never came may be asked for anew.

use super::change::Changed;
use super::command::{Refusal, worded};
use super::entry::{Entry, EntryId, Session};
use super::hold::Holds;
use super::probe::Probed;
use super::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How late an answer may be asked for and still stop something by itself: after that people have seen more than a probe that was told to look
/// long ago.
pub const LATE: Span = Span::minutes(2);

/// A run of the program asks a probe after its soak; no other does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeAsked {
    /// The probe, by its configured name.
    pub probe: String,
    /// What has served: a change, an act, a hold that was lifted.
    pub after: EntryId,
    /// Since when that serves.
    pub since: Time,
    /// When it had served for the whole soak, and that was known.
    pub due: Time,
    /// By when there is an answer; after that whoever asked is gone.
    pub until: Time,
}

/// A probe with a soak, as it is configured.
#[derive(Clone, Copy, Debug)]
pub struct Soaking<'a> {
    /// Its name.
    pub probe: &'a str,
    /// The place, or the pattern of places, that it speaks for.
    pub scope: &'a str,
    /// For how long something serves before it is asked.
    pub soak: Span,
    /// It is asked about one build: only after a deploy that names one.
    pub of_build: bool,
    /// The switch that a red answer stops, by its configured name.
    pub trips: Option<&'a str>,
}

/// Where things are that began to serve.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    /// Where a change is made that does not say where.
    pub scope: &'a str,
    /// The environment of each switch, by its name.
    pub environments: BTreeMap<&'a str, &'a str>,
    /// What the record of its provider calls each switch, by its name.
    pub audits: &'a BTreeMap<String, String>,
    /// The holds of the journal.
    pub holds: &'a Holds,
}

/// A probe that is to be asked once something has served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soak {
    /// The probe, by its configured name.
    pub probe: String,
    /// What serves.
    pub after: EntryId,
    /// The same, in words.
    pub what: String,
    /// The build that serves.
    pub build: Option<String>,
    /// Since when.
    pub since: Time,
    /// When the probe is asked.
    pub due: Time,
}

/// What is known of one probe after one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Turn {
    asked: Option<(Time, ProbeAsked)>,
    answer: Option<Answer>,
}

/// What a probe was found to be after its soak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its entry.
    pub id: EntryId,
    /// When it was written down.
    pub at: Time,
    /// The run of the program that asked.
    pub session: Session,
    /// What was read.
    pub what: Probed,
    /// How late it was asked for.
    pub late: Span,
}

/// What began to serve in a stream, and what was asked after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Soaks {
    changes: BTreeMap<EntryId, (Time, Time, Changed)>,
    lifts: BTreeMap<EntryId, (Time, EntryId)>,
    turns: BTreeMap<(String, EntryId), Turn>,
}

impl Soaks {
    pub(super) fn changed(&mut self, entry: &Entry, fact: &Changed) {
        self.changes.insert(entry.id, (entry.at, entry.recorded, fact.clone()));
    }
    pub(super) fn lifted(&mut self, entry: &Entry, about: EntryId) {
        self.lifts.insert(entry.id, (entry.at, about));
    }
    pub(super) fn asked(&mut self, entry: &Entry, fact: &ProbeAsked) {
        let turn = self.turns.entry((fact.probe.clone(), fact.after)).or_default();
        turn.asked = Some((entry.at, fact.clone()));
    }
    pub(super) fn probed(&mut self, entry: &Entry, fact: &Probed) {
        let Some(after) = fact.after.filter(|_| fact.served_s.is_some()) else { return };
        let turn = self.turns.entry((fact.probe.clone(), after)).or_default();
        let late = turn.asked.as_ref().map(|(at, asked)| match entry.at > asked.until {
            true => entry.at.since(asked.due),
            false => at.since(asked.due),
        });
        turn.answer = Some(Answer {
            id: entry.id,
            at: entry.at,
            session: entry.session,
            what: fact.clone(),
            late: late.unwrap_or_default(),
        });
    }

    /// What a probe was found to be after its soaks, in the order of the entries they were about.
    pub fn answers<'a>(&'a self, probe: &str) -> impl Iterator<Item = &'a Answer> {
        let own = self.turns.iter().filter(move |((name, _), _)| name == probe);
        own.filter_map(|(_, turn)| turn.answer.as_ref())
    }
    /// What was last found after a soak.
    pub fn newest(&self, probe: &str) -> Option<&Answer> {
        self.answers(probe).max_by_key(|answer| answer.at)
    }
    /// The answer that an entry wrote down.
    pub fn find(&self, id: EntryId) -> Option<&Answer> {
        self.turns.values().filter_map(|turn| turn.answer.as_ref()).find(|answer| answer.id == id)
    }
    /// The build that serves since a change.
    pub fn build(&self, id: EntryId) -> Option<&str> {
        self.changes.get(&id)?.2.build()
    }
    /// When a change was made, or a lift is told of.
    pub(super) fn began(&self, id: EntryId) -> Option<Time> {
        let change = self.changes.get(&id).map(|(at, ..)| *at);
        change.or_else(|| self.lifts.get(&id).map(|(at, _)| *at))
    }

    /// What was found of a probe after an entry.
    pub(super) fn answer(&self, probe: &str, after: EntryId) -> Option<&Answer> {
        self.turns.get(&(probe.to_owned(), after))?.answer.as_ref()
    }
    /// Every change: its entry, its time, since when it is known, and what it was.
    pub(super) fn changes(&self) -> impl Iterator<Item = (EntryId, Time, Time, &Changed)> {
        self.changes.iter().map(|(id, (at, known, change))| (*id, *at, *known, change))
    }
    /// Every lift: the entry that says so here, its time, and the entry of the lift.
    pub(super) fn lifts(&self) -> impl Iterator<Item = (EntryId, Time, EntryId)> {
        self.lifts.iter().map(|(id, (at, about))| (*id, *at, *about))
    }

    pub(super) fn is_under_way(&self, probe: &str, after: EntryId, now: Time) -> bool {
        let turn = self.turns.get(&(probe.to_owned(), after));
        turn.and_then(|turn| turn.asked.as_ref()).is_some_and(|(_, asked)| now < asked.until)
    }

    pub(super) fn check(&self, asked: &ProbeAsked, now: Time) -> Result<(), Refusal> {
        worded(&asked.probe, "The probe")?;
        let answer = self.answer(&asked.probe, asked.after);
        if answer.is_some_and(|answer| asked.since < answer.at) || self.is_under_way(&asked.probe, asked.after, now) {
            let words = format!("{} is asked after that soak already.", asked.probe);
            return Err(Refusal::new(words, "There is nothing to ask."));
        }
        Ok(())
    }
}

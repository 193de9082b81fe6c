//! What was handed out to be done outside and has not come to its end: acts, and markers that are set or looked for. It must not know how
//! anything is done.
//!
//! A marker is less than an act: nothing waits for it but the end of the program, and what becomes of it is said by the record alone.

use super::App;
use super::anew::Overtaken;
use super::msg::Effect;
use crate::incident::command::Command;
use crate::incident::entry::EntryId;
use crate::incident::impact::counted;
use crate::incident::intent::{Act, Seen, Settled};
use crate::incident::marker::Marker;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use std::collections::{BTreeMap, BTreeSet};

/// How long a marker may be without an outcome before it is looked for by whoever did not set it.
const LOST: Span = Span::minutes(1);
/// How soon whoever set it looks for one that nobody is sure about.
const SOON: Span = Span::seconds(2);
/// How long after an answer the next lost one is looked for.
const NEXT: Span = Span::seconds(5);
/// How long after nobody could answer one is looked for again.
const AGAIN: Span = Span::minutes(1);

/// What is under way outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Outside {
    /// Everything that this run has handed out: whoever comes back to an incident reads it again, and must not do it again.
    handed: BTreeSet<EntryId>,
    /// Acts that were handed out and have not been answered, in words.
    acts: BTreeMap<EntryId, String>,
    /// Acts of one plan are done in its order: each waits here for the one before it.
    line: Vec<(EntryId, Effect)>,
    /// The same of markers.
    markers: BTreeMap<EntryId, String>,
    /// Acts that were not sent because somebody else came first, until somebody has seen what they would do now.
    pub overtaken: Vec<Overtaken>,
    /// Outcomes of markers that wait until their incident is on the screen.
    ended: Vec<Settled>,
    /// A marker is being looked for.
    seeking: bool,
    /// None is looked for before that.
    rests: Option<Time>,
}

impl App {
    /// Whether an intent of ours is fresh: it is handed out now, and never again.
    pub(super) fn is_fresh(&mut self, intent: EntryId) -> bool {
        self.outside.handed.insert(intent)
    }

    /// An act is under way.
    pub(super) fn begins(&mut self, intent: EntryId, words: String) {
        self.outside.acts.insert(intent, words);
    }

    /// An act is not under way any more; whether it was one.
    pub(super) fn ends(&mut self, intent: EntryId) -> bool {
        self.outside.acts.remove(&intent).is_some()
    }

    /// Of effects that came to be together: acts on switches are handed out one after the other, each when the one before it has ended.
    pub(super) fn in_order(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut before = None;
        let mut now = Vec::new();
        for effect in effects {
            let act = match &effect {
                Effect::Carry(errand) if errand.what.act != Act::Publish => Some(errand.id),
                _ => None,
            };
            match (act, before) {
                (Some(_), Some(before)) => self.outside.line.push((before, effect)),
                _ => now.push(effect),
            }
            before = act.or(before);
        }
        now
    }

    /// What waited for an act that has ended now, however it ended.
    pub(super) fn next_after(&mut self, ended: EntryId) -> Vec<Effect> {
        let (next, line) = std::mem::take(&mut self.outside.line).into_iter().partition(|(before, _)| *before == ended);
        self.outside.line = line;
        let next: Vec<(EntryId, Effect)> = next;
        next.into_iter().map(|(_, effect)| effect).collect()
    }

    /// That act is under way, handed out by this run.
    pub(super) fn is_under_way(&self, intent: EntryId) -> bool {
        self.outside.acts.contains_key(&intent)
    }

    /// Acts are under way.
    pub(super) fn acts_outside(&self) -> bool {
        !self.outside.acts.is_empty()
    }

    /// What must come to its end before another incident is on the screen: acts, and entries on their way into the journal.
    pub(super) fn unfinished_here(&self) -> Option<String> {
        joined(self.outside.acts.values().cloned().collect(), self)
    }

    /// Acts and markers without an outcome and entries that are not in the journal yet, in words; none when all is done.
    pub fn unfinished(&self) -> Option<String> {
        joined(self.outside.acts.values().chain(self.outside.markers.values()).cloned().collect(), self)
    }

    /// Hands out our own fresh intent of a marker.
    pub(super) fn marks(&mut self, id: EntryId) -> Option<Effect> {
        let marker = self.incident.markers().find(id)?.clone();
        self.outside.markers.insert(id, format!("marker at {}", marker.what.target));
        Some(Effect::Mark(Box::new(marker)))
    }

    /// A marker that was handed out has an outcome; whether it is one.
    pub(super) fn marked(&mut self, settled: &Settled) -> bool {
        if self.outside.markers.remove(&settled.intent).is_none() {
            return false;
        }
        self.outside.ended.push(settled.clone());
        true
    }

    /// Records outcomes of this incident's markers; those of others wait until they are on the screen.
    pub(super) fn settle_markers(&mut self, now: Time) -> Vec<Effect> {
        if self.outside.ended.is_empty() || self.reading().is_some() {
            return Vec::new();
        }
        let ended = std::mem::take(&mut self.outside.ended);
        let (here, elsewhere) =
            ended.into_iter().partition(|settled: &Settled| self.incident.markers().find(settled.intent).is_some());
        self.outside.ended = elsewhere;
        let here: Vec<Settled> = here;
        here.into_iter().flat_map(|settled| self.want(now, Command::Settle(settled), None)).collect()
    }

    /// Looks for a marker that nobody is sure about, one after the other. None is ever set again.
    pub(super) fn seek(&mut self, now: Time) -> Option<Effect> {
        let rests = self.outside.rests.is_some_and(|until| now < until);
        if self.outside.seeking || rests || self.reading().is_some() || !self.desk.is_idle() {
            return None;
        }
        let marker = self.incident.markers().all().iter().find(|marker| self.is_lost(marker, now))?.clone();
        self.outside.seeking = true;
        Some(Effect::Seek(Box::new(marker)))
    }

    /// It was looked for.
    pub(super) fn sought(&mut self, now: Time, marker: EntryId, answer: Result<Seen, Trouble>) -> Vec<Effect> {
        self.outside.seeking = false;
        self.outside.rests = Some(now.plus(if answer.is_ok() { NEXT } else { AGAIN }));
        match answer {
            Ok(seen) if self.incident.markers().find(marker).is_some_and(Marker::is_open) => {
                self.want(now, Command::See(seen), None)
            }
            _ => Vec::new(),
        }
    }

    /// Nobody is sure about it, the run that set it had time to look itself, and its backend is one of ours.
    fn is_lost(&self, marker: &Marker, now: Time) -> bool {
        let known = self.rules.markers.contains(&marker.what.target);
        let under_way = self.outside.markers.contains_key(&marker.id);
        let patience = if marker.session == self.session && marker.end.is_some() { SOON } else { LOST };
        let since = marker.end.as_ref().map_or(marker.at, |end| end.at);
        known && !under_way && marker.is_open() && now.since(since) > patience
    }
}

fn joined(mut parts: Vec<String>, app: &App) -> Option<String> {
    if let Some((count, _)) = app.desk.waiting() {
        parts.push(counted(count as u64, "entry", "entries") + " to be written");
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

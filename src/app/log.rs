//! The entries themselves, once, in the order they were recorded, with the order in which people read them beside it.
//!
//! It must not know what is drawn: lists borrow from here, by id.

use crate::incident::Incident;
use crate::incident::entry::{Entry, EntryId};
use crate::incident::fact::Fact;
use crate::incident::time::Time;
use std::collections::BTreeMap;

/// An append-only log with its reading order: by when things happened, then by sequence.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Vec<Entry>,
    /// Positions in `entries`, by when things happened.
    order: Vec<u32>,
    places: BTreeMap<EntryId, u32>,
    /// What is looked for, in lower case, and the positions that match, in reading order.
    found: Option<(String, Vec<u32>)>,
    late: u32,
    /// Positions of what changed in the world, as recorded.
    changes: Vec<u32>,
}

impl Log {
    /// Takes an entry that the incident has folded.
    pub fn push(&mut self, incident: &Incident, entry: Entry) {
        let place = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let at = incident.happened(&entry);
        self.places.insert(entry.id, place);
        self.late += u32::from(entry.late_minutes().is_some());
        if matches!(entry.fact, Fact::Changed(_)) {
            self.changes.push(place);
        }
        let corrects = if let Fact::Corrected(fact) = &entry.fact { fact.at.map(|_| fact.entry) } else { None };
        self.entries.push(entry);
        self.insert(incident, place, at);
        if let Some(moved) = corrects.and_then(|id| self.places.get(&id).copied()) {
            self.reseat(incident, moved);
        }
    }

    fn insert(&mut self, incident: &Incident, place: u32, at: Time) {
        let spot = position(&self.entries, &self.order, incident, place, at);
        self.order.insert(spot, place);
        if let Some((words, found)) = &mut self.found
            && self.entries.get(place as usize).is_some_and(|e| matches(incident, e, words))
        {
            let spot = position(&self.entries, found, incident, place, at);
            found.insert(spot, place);
        }
    }

    fn reseat(&mut self, incident: &Incident, place: u32) {
        self.order.retain(|p| *p != place);
        if let Some((_, found)) = &mut self.found {
            found.retain(|p| *p != place);
        }
        if let Some(at) = self.entries.get(place as usize).map(|e| incident.happened(e)) {
            self.insert(incident, place, at);
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
    /// There are none yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    /// How many were recorded a minute or more after they happened.
    pub fn late(&self) -> u32 {
        self.late
    }
    /// All entries, as recorded.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
    /// An entry by its id.
    pub fn get(&self, id: EntryId) -> Option<&Entry> {
        self.places.get(&id).and_then(|place| self.entries.get(*place as usize))
    }
    /// How many rows the list has, under the filter.
    pub fn rows(&self) -> usize {
        self.shown().len()
    }
    /// The entry of a row.
    pub fn row(&self, row: usize) -> Option<&Entry> {
        self.shown().get(row).and_then(|place| self.entries.get(*place as usize))
    }
    /// The row of an entry under the filter.
    pub fn row_of(&self, incident: &Incident, id: EntryId) -> Option<usize> {
        let place = *self.places.get(&id)?;
        let at = incident.happened(self.entries.get(place as usize)?);
        let shown = self.shown();
        let row = position(&self.entries, shown, incident, place, at);
        (shown.get(row) == Some(&place)).then_some(row)
    }
    /// Entries in reading order, without the filter.
    pub fn by_time(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.order.iter().filter_map(|place| self.entries.get(*place as usize))
    }
    /// What changed in the world, the newest record first: a chart marks it without walking the whole log.
    pub fn changes(&self) -> impl Iterator<Item = &Entry> {
        self.changes.iter().rev().filter_map(|place| self.entries.get(*place as usize))
    }
    /// What is looked for.
    pub fn filter(&self) -> Option<&str> {
        self.found.as_ref().map(|(words, _)| words.as_str())
    }
    /// Looks for words; nothing shows everything again.
    pub fn look_for(&mut self, incident: &Incident, words: &str) {
        let words = words.trim().to_lowercase();
        if words.is_empty() {
            self.found = None;
            return;
        }
        let hits = self.order.iter().copied();
        let hits = hits.filter(|p| self.entries.get(*p as usize).is_some_and(|e| matches(incident, e, &words)));
        let hits = hits.collect();
        self.found = Some((words, hits));
    }

    fn shown(&self) -> &[u32] {
        self.found.as_ref().map_or(&self.order, |(_, found)| found)
    }
}

/// Where a place stands, or belongs, in a list that is in reading order.
fn position(entries: &[Entry], list: &[u32], incident: &Incident, place: u32, at: Time) -> usize {
    let key = |p: u32| entries.get(p as usize).map_or((Time(i64::MAX), u32::MAX), |e| (incident.happened(e), p));
    // nearly everything happens after what was recorded before it
    if list.last().is_none_or(|last| key(*last) < (at, place)) {
        return list.len();
    }
    list.partition_point(|p| key(*p) < (at, place))
}

fn matches(incident: &Incident, entry: &Entry, words: &str) -> bool {
    let line = incident.line(entry);
    let text = format!("{} {} {} {}", line.label, line.who, line.text, line.aside).to_lowercase();
    words.split_whitespace().all(|word| text.contains(word))
}

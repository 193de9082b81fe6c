//! The entries themselves, once, in the order they were recorded, with the rows in which people read them beside it.
//!
//! Which entries have a row is the incident's rule. It must not know what is drawn: lists borrow from here, by id.

use crate::incident::Incident;
use crate::incident::entry::{Entry, EntryId};
use crate::incident::fact::Fact;
use crate::incident::time::Time;
use std::collections::BTreeMap;

/// An append-only log with its rows: by when things happened, then by sequence. An entry that another's row tells has none.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Vec<Entry>,
    /// When each entry happened, as it was seated last.
    at: Vec<Time>,
    /// The rows: positions in `entries`, by when things happened.
    order: Vec<u32>,
    /// The positions that have no row, and whose row tells them.
    told: BTreeMap<u32, EntryId>,
    /// What a row tells besides its own entry.
    tells: BTreeMap<EntryId, Vec<u32>>,
    places: BTreeMap<EntryId, u32>,
    /// What is looked for, in lower case, and the rows that match, in reading order.
    found: Option<(String, Vec<u32>)>,
    late: u32,
    /// Positions of what changed in the world, as recorded.
    changes: Vec<u32>,
}

impl Log {
    /// Takes an entry that the incident has folded.
    pub fn push(&mut self, incident: &Incident, entry: Entry) {
        let place = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.places.insert(entry.id, place);
        self.late += u32::from(entry.late_minutes().is_some());
        if matches!(entry.fact, Fact::Changed(_)) {
            self.changes.push(place);
        }
        let stirred = incident.stirs(&entry);
        self.at.push(entry.at);
        self.entries.push(entry);
        self.seat(incident, place);
        for id in stirred {
            self.reseat(incident, id);
        }
    }

    /// Gives an entry its row, or its place in another's.
    fn seat(&mut self, incident: &Incident, place: u32) {
        let Some(entry) = self.entries.get(place as usize) else { return };
        if let Some(at) = self.at.get_mut(place as usize) {
            *at = incident.happened(entry);
        }
        match incident.told_by(entry).filter(|teller| self.places.contains_key(teller)) {
            Some(teller) => {
                self.told.insert(place, teller);
                self.tells.entry(teller).or_default().push(place);
                self.match_again(incident, teller);
            }
            None => {
                let spot = position(&self.at, &self.order, place);
                self.order.insert(spot, place);
                self.match_row(incident, place);
            }
        }
    }

    /// Something was said about an entry: it, and what its row tells, may belong elsewhere now or read otherwise.
    fn reseat(&mut self, incident: &Incident, id: EntryId) {
        let Some(place) = self.places.get(&id).copied() else { return };
        let told = self.tells.get(&id).cloned().unwrap_or_default();
        for place in std::iter::once(place).chain(told) {
            match self.told.remove(&place) {
                Some(teller) => {
                    if let Some(told) = self.tells.get_mut(&teller) {
                        told.retain(|other| *other != place);
                    }
                    self.match_again(incident, teller);
                }
                None => {
                    take_out(&self.at, &mut self.order, place);
                    self.forget_match(place);
                }
            }
            self.seat(incident, place);
        }
    }

    /// A row tells something else than before.
    fn match_again(&mut self, incident: &Incident, id: EntryId) {
        if self.found.is_some()
            && let Some(place) = self.places.get(&id).copied()
        {
            self.forget_match(place);
            self.match_row(incident, place);
        }
    }

    fn match_row(&mut self, incident: &Incident, place: u32) {
        let Some((words, mut found)) = self.found.take() else { return };
        if !self.told.contains_key(&place) && self.matches(incident, place, &words) {
            let spot = position(&self.at, &found, place);
            found.insert(spot, place);
        }
        self.found = Some((words, found));
    }

    fn forget_match(&mut self, place: u32) {
        if let Some((_, found)) = &mut self.found {
            take_out(&self.at, found, place);
        }
    }

    /// How many rows there are, whatever is looked for.
    pub fn len(&self) -> usize {
        self.order.len()
    }
    /// There are no entries yet.
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
    /// The row of an entry, or the one that tells it, under the filter.
    pub fn row_of(&self, id: EntryId) -> Option<usize> {
        let place = *self.places.get(&self.teller(id))?;
        let shown = self.shown();
        let row = position(&self.at, shown, place);
        (shown.get(row) == Some(&place)).then_some(row)
    }
    /// The entry with the row that tells this one: itself, unless another does.
    pub fn teller(&self, id: EntryId) -> EntryId {
        self.places.get(&id).and_then(|place| self.told.get(place)).copied().unwrap_or(id)
    }
    /// What the row of an entry tells besides it, as recorded.
    pub fn told_with(&self, id: EntryId) -> impl Iterator<Item = &Entry> {
        let told = self.tells.get(&id).into_iter().flatten();
        told.filter_map(|place| self.entries.get(*place as usize))
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
        self.found = None;
        if !words.is_empty() {
            let hits = self.order.iter().copied().filter(|place| self.matches(incident, *place, &words));
            let hits = hits.collect();
            self.found = Some((words, hits));
        }
    }

    fn shown(&self) -> &[u32] {
        self.found.as_ref().map_or(&self.order, |(_, found)| found)
    }

    /// A row is found by its own words and by those of what it tells.
    fn matches(&self, incident: &Incident, place: u32, words: &str) -> bool {
        let Some(entry) = self.entries.get(place as usize) else { return false };
        let mut text = String::new();
        for entry in std::iter::once(entry).chain(self.told_with(entry.id)) {
            let line = incident.line(entry);
            for words in [line.label, &line.who, &line.text, &line.aside] {
                text.push_str(words);
                text.push(' ');
            }
        }
        let text = text.to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    }
}

/// Where a place stands, or belongs, in a list that is in reading order.
fn position(at: &[Time], list: &[u32], place: u32) -> usize {
    let key = |place: u32| (at.get(place as usize).copied().unwrap_or(Time(i64::MAX)), place);
    let this = key(place);
    // nearly everything happens after what was recorded before it
    if list.last().is_none_or(|last| key(*last) < this) {
        return list.len();
    }
    list.partition_point(|other| key(*other) < this)
}

fn take_out(at: &[Time], list: &mut Vec<u32>, place: u32) {
    let spot = position(at, list, place);
    if list.get(spot) == Some(&place) {
        list.remove(spot);
    }
}

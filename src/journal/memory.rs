//! Entries kept in this process: drills without a file, and tests. It must not know about files.

use super::trouble::JournalTrouble;
use super::{After, Appended, BATCH, Imported, Read, Stand, Verdict, judge, plan_import, shrunk};
use crate::incident::entry::{Entry, EntryId, Number};
use std::collections::BTreeMap;
use std::path::Path;

/// A journal in memory.
#[derive(Debug, Default)]
pub struct Memory {
    streams: BTreeMap<Number, Vec<Entry>>,
    places: BTreeMap<EntryId, (Number, u64)>,
}

impl Memory {
    fn stream(&self, number: Number) -> &[Entry] {
        self.streams.get(&number).map_or(&[], Vec::as_slice)
    }

    fn head(&self, number: Number) -> u64 {
        self.stream(number).len() as u64
    }

    fn since(&self, number: Number, head: u64) -> &[Entry] {
        usize::try_from(head).ok().and_then(|head| self.stream(number).get(head..)).unwrap_or(&[])
    }

    /// See [`super::Journal::append`].
    pub(super) fn append(&mut self, streams: &[After]) -> Result<Appended, JournalTrouble> {
        let nowhere = Path::new("");
        let stands = streams.iter().map(|after| self.stand(after)).collect::<Result<Vec<_>, _>>()?;
        match judge(streams, &stands) {
            Verdict::Done => return Ok(Appended::Done),
            Verdict::Moved => {
                let newer = streams.iter().flat_map(|after| self.since(after.number, after.head).iter().take(BATCH));
                return Ok(Appended::Moved(newer.cloned().collect()));
            }
            Verdict::Write => {}
        }
        let mut entries = streams.iter().flat_map(|after| &after.entries);
        if let Some(entry) = entries.find(|entry| self.places.contains_key(&entry.id)) {
            return Err(JournalTrouble::doubled(nowhere, entry.id));
        }
        for after in streams {
            self.insert(&after.entries);
        }
        Ok(Appended::Done)
    }

    fn stand(&self, after: &After) -> Result<Stand, JournalTrouble> {
        let found = self.head(after.number);
        if found < after.head {
            return Err(shrunk(Path::new(""), after, found));
        }
        let there = self.since(after.number, after.head);
        let repeats = there.len() >= after.entries.len() && there.iter().zip(&after.entries).all(|(a, b)| a.id == b.id);
        Ok(match (found == after.head, repeats) {
            (true, _) => Stand::Fits,
            (false, true) => Stand::Repeats,
            (false, false) => Stand::Moved,
        })
    }

    fn insert(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.places.insert(entry.id, (entry.incident, entry.seq));
            self.streams.entry(entry.incident).or_default().push(entry.clone());
        }
    }

    /// See [`super::Journal::read_since`].
    pub(super) fn read_since(&self, number: Number, head: u64, limit: usize) -> Read {
        let since = self.since(number, head);
        let entries = since.iter().take(limit).cloned().collect();
        Read { entries, damage: None, more: since.len() > limit }
    }

    /// See [`super::Journal::read_last`].
    pub(super) fn read_last(&self, number: Number, count: usize) -> Read {
        let before = self.stream(number).len().saturating_sub(count);
        Read { entries: self.stream(number).iter().skip(before).cloned().collect(), damage: None, more: before > 0 }
    }

    /// See [`super::Journal::read_kinds`].
    pub(super) fn read_kinds(&self, number: Number, kinds: &[&str]) -> Read {
        let wanted = self.stream(number).iter().filter(|entry| kinds.contains(&entry.fact.kind()));
        Read { entries: wanted.cloned().collect(), damage: None, more: false }
    }

    /// See [`super::Journal::heads`].
    pub(super) fn heads(&self) -> Vec<(Number, u64)> {
        self.streams.keys().map(|number| (*number, self.head(*number))).filter(|(_, head)| *head > 0).collect()
    }

    /// See [`super::Journal::import`].
    pub(super) fn import(&mut self, entries: &[Entry]) -> Result<Imported, JournalTrouble> {
        let free = || Ok(self.streams.keys().next_back().map_or(1, |last| last.saturating_add(1)));
        let find = |id| Ok(self.places.get(&id).map(|(number, _)| *number));
        let (imported, missing) = plan_import(entries, find, |number| Ok(self.head(number)), free)?;
        self.insert(&missing);
        Ok(imported)
    }
}

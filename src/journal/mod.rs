//! Where entries are kept: append after, read since, heads. It must not know what an entry means.
//!
//! The laws every store keeps (tests/laws): an append after a stale head changes nothing; a repeated append is once; streams have
//! no gaps; an append to several streams is all or nothing; every store tells the same story.

pub mod hint;
pub mod keeper;
pub mod memory;
pub mod opening;
pub mod place;
mod rows;
pub mod schema;
pub mod sqlite;
pub mod trouble;

use crate::incident::entry::{Entry, EntryId, Number, STANDING};
use memory::Memory;
use sqlite::Sqlite;
use std::fmt;
use std::path::Path;
use trouble::{Doing, JournalTrouble};

/// How many entries are read at once: well under a frame each.
pub const BATCH: usize = 4096;

/// A store of entries.
#[derive(Debug)]
pub enum Journal {
    /// In this process, for as long as it lives.
    Memory(Memory),
    /// In a file of this machine.
    Sqlite(Sqlite),
}

/// What is to be appended to one stream, and where that stream must end for it to be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The stream.
    pub number: Number,
    /// The place of its last entry, as far as the one who decided knew; 0 for a stream that is not there yet.
    pub head: u64,
    /// Complete entries, their places `head + 1` and on. With none, the append as a whole still depends on this head.
    pub entries: Vec<Entry>,
}

/// How an append ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is on disk, now or since an earlier attempt.
    Done,
    /// Nothing was written: these entries, at most [`BATCH`] of each stream, were there first.
    Moved(Vec<Entry>),
}

/// Entries of one stream in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The entries; all of them come before the damage, if there is any.
    pub entries: Vec<Entry>,
    /// Why reading stopped early.
    pub damage: Option<Damage>,
    /// There are entries beyond these: after them, or before them where the last ones were asked for.
    pub more: bool,
}

/// One place of a stream that cannot be trusted. Displays as a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The stream.
    pub number: Number,
    /// The place in it.
    pub seq: u64,
    /// Why.
    pub why: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            STANDING => write!(f, "entry {} of the standing stream: {}", self.seq, self.why),
            number => write!(f, "entry {} of incident {number}: {}", self.seq, self.why),
        }
    }
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The stream it is in.
    pub number: Number,
    /// How many entries were added.
    pub added: usize,
    /// How many were there already.
    pub present: usize,
}

/// Where one stream stands when an append to it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// Its head is the one named.
    Fits,
    /// Its head went on, and the very entries are there at their places.
    Repeats,
    /// Its head went on.
    Moved,
}

/// What an append as a whole comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Write,
    Done,
    Moved,
}

impl Journal {
    /// A journal in memory.
    pub fn memory() -> Journal {
        Journal::Memory(Memory::default())
    }

    /// Opens a file for reading and writing; see [`opening::for_writing`].
    ///
    /// # Errors
    /// Every kind of [`JournalTrouble`]; nothing that is there is overwritten.
    pub fn open_for_writing(path: &Path, create: bool) -> Result<Journal, JournalTrouble> {
        opening::for_writing(path, create).map(Journal::Sqlite)
    }

    /// Opens a file for reading: it is never created and never written to; see [`opening::for_reading`].
    ///
    /// # Errors
    /// Every kind of [`JournalTrouble`] but `Full` and `Network`.
    pub fn open_for_reading(path: &Path) -> Result<Journal, JournalTrouble> {
        opening::for_reading(path).map(Journal::Sqlite)
    }

    /// Where it is; `None` in memory.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Journal::Memory(_) => None,
            Journal::Sqlite(store) => Some(store.path()),
        }
    }

    /// Appends to one stream; see [`Journal::append`].
    ///
    /// # Errors
    /// As for [`Journal::append`].
    pub fn append_after(&mut self, number: Number, head: u64, entries: Vec<Entry>) -> Result<Appended, JournalTrouble> {
        self.append(&[After { number, head, entries }])
    }

    /// Appends to one or more streams, all or nothing. A repeated append whose entries are already at their places is done.
    ///
    /// # Errors
    /// When it cannot be written, when the newer entries cannot be read, when a stream is shorter than `head` says, or when an
    /// entry's stream, place or id is not one that can be appended. Nothing was written then.
    pub fn append(&mut self, streams: &[After]) -> Result<Appended, JournalTrouble> {
        if let Err(what) = check(streams) {
            return Err(JournalTrouble::other(self.path().unwrap_or(Path::new("")), Doing::Writing, &what));
        }
        match self {
            Journal::Memory(store) => store.append(streams),
            Journal::Sqlite(store) => store.append(streams),
        }
    }

    /// Entries of a stream after a place, at most `limit`.
    ///
    /// # Errors
    /// When nothing can be read. Damage to an entry is no error but part of what is read.
    pub fn read_since(&self, number: Number, head: u64, limit: usize) -> Result<Read, JournalTrouble> {
        match self {
            Journal::Memory(store) => Ok(store.read_since(number, head, limit)),
            Journal::Sqlite(store) => store.read_since(number, head, limit),
        }
    }

    /// The last `count` entries of a stream: the screenful that is shown first.
    ///
    /// # Errors
    /// As for [`Journal::read_since`].
    pub fn read_last(&self, number: Number, count: usize) -> Result<Read, JournalTrouble> {
        match self {
            Journal::Memory(store) => Ok(store.read_last(number, count)),
            Journal::Sqlite(store) => store.read_last(number, count),
        }
    }

    /// The entries of a stream that are of one of these kinds: what a list of incidents needs. Only their sums are checked.
    ///
    /// # Errors
    /// As for [`Journal::read_since`].
    pub fn read_kinds(&self, number: Number, kinds: &[&str]) -> Result<Read, JournalTrouble> {
        match self {
            Journal::Memory(store) => Ok(store.read_kinds(number, kinds)),
            Journal::Sqlite(store) => store.read_kinds(number, kinds),
        }
    }

    /// Every stream that has entries, with the place of its last one, by number. No text is read.
    ///
    /// # Errors
    /// When nothing can be read.
    pub fn heads(&self) -> Result<Vec<(Number, u64)>, JournalTrouble> {
        match self {
            Journal::Memory(store) => Ok(store.heads()),
            Journal::Sqlite(store) => store.heads(),
        }
    }

    /// Takes in a stream that comes from elsewhere, in the order given; an entry whose id is already here is not added. It joins
    /// the stream that holds one of its entries already, else it keeps its number if that is free here, else it gets the next free
    /// one; the standing stream joins the standing stream. Places are given anew.
    ///
    /// # Errors
    /// When it cannot be written, or when the entries are of several streams. Nothing was added then.
    pub fn import(&mut self, entries: &[Entry]) -> Result<Imported, JournalTrouble> {
        let mut pairs = entries.iter().zip(entries.iter().skip(1));
        if pairs.any(|(entry, next)| entry.incident != next.incident) {
            let path = self.path().unwrap_or(Path::new(""));
            return Err(JournalTrouble::other(path, Doing::Writing, "an import holds entries of several streams"));
        }
        match self {
            Journal::Memory(store) => store.import(entries),
            Journal::Sqlite(store) => store.import(entries),
        }
    }

    /// A number that differs from the last time when others have appended since; cheap. Always 0 in memory.
    ///
    /// # Errors
    /// When the file cannot be asked, or is no longer where it was.
    pub fn version(&self) -> Result<i64, JournalTrouble> {
        match self {
            Journal::Memory(_) => Ok(0),
            Journal::Sqlite(store) => store.version(),
        }
    }
}

/// Checks what can be checked without a store: each stream once, entries of that stream, places without a gap, ids once.
fn check(streams: &[After]) -> Result<(), String> {
    let mut numbers: Vec<Number> = streams.iter().map(|after| after.number).collect();
    numbers.sort_unstable();
    if twice(&numbers).is_some() {
        return Err(String::from("an append names one stream twice"));
    }
    for After { number, head, entries } in streams {
        for (place, entry) in (head.saturating_add(1)..).zip(entries) {
            if entry.incident != *number || entry.seq != place {
                let Entry { incident, seq, .. } = entry;
                return Err(format!("entry {seq} of incident {incident} stands at place {place} of stream {number}"));
            }
        }
    }
    let mut ids: Vec<EntryId> = streams.iter().flat_map(|after| &after.entries).map(|entry| entry.id).collect();
    ids.sort_unstable();
    match twice(&ids) {
        Some(id) => Err(format!("an append holds the entry {id} twice")),
        None => Ok(()),
    }
}

/// What stands twice in a sorted list.
fn twice<T: PartialEq>(sorted: &[T]) -> Option<&T> {
    sorted.iter().zip(sorted.iter().skip(1)).find(|(one, next)| one == next).map(|(one, _)| one)
}

/// What an append comes to. Appends are whole, so entries found at their places mean that this one was written before.
fn judge(streams: &[After], stands: &[Stand]) -> Verdict {
    let mut with_entries = streams.iter().zip(stands).filter(|(after, _)| !after.entries.is_empty()).peekable();
    if with_entries.peek().is_some() && with_entries.all(|(_, stand)| *stand == Stand::Repeats) {
        Verdict::Done
    } else if stands.iter().all(|stand| *stand == Stand::Fits) {
        Verdict::Write
    } else {
        Verdict::Moved
    }
}

/// Which of a foreign stream's entries are added, and to which stream; see [`Journal::import`].
/// `find` knows the stream of an id, `free` the next free number, `head` where a stream ends.
fn plan_import(
    entries: &[Entry],
    find: impl Fn(EntryId) -> Result<Option<Number>, JournalTrouble>,
    head: impl Fn(Number) -> Result<u64, JournalTrouble>,
    free: impl Fn() -> Result<Number, JournalTrouble>,
) -> Result<(Imported, Vec<Entry>), JournalTrouble> {
    let wanted = entries.first().map_or(STANDING, |entry| entry.incident);
    let (mut known, mut missing) = (None, Vec::new());
    let mut met = std::collections::BTreeSet::new();
    for entry in entries {
        match find(entry.id)? {
            Some(number) => known = known.or(Some(number)),
            None if met.insert(entry.id) => missing.push(entry.clone()),
            None => {}
        }
    }
    let number = match known {
        Some(number) => number,
        None if wanted == STANDING || head(wanted)? == 0 => wanted,
        None => free()?,
    };
    for (place, entry) in (head(number)?.saturating_add(1)..).zip(&mut missing) {
        (entry.incident, entry.seq) = (number, place);
    }
    Ok((Imported { number, added: missing.len(), present: entries.len() - missing.len() }, missing))
}

/// The stream ends before the place that was already read from it: the file was put back to an older state.
fn shrunk(path: &Path, after: &After, found: u64) -> JournalTrouble {
    let what =
        format!("incident {} ends at entry {found}, and entry {} was read from it before", after.number, after.head);
    JournalTrouble::damaged(path, &what)
}

//! The door of the engine: event files under a path, followed as they grow, and the questions they answer.
//! It must not know of clocks: whoever owns it says when to look again.

mod limits;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::breakdown::{self, Asked};
use super::lanes::Lanes;
use super::notes;
use super::places::{self, ENDINGS, Identity, Listing, MOST_FILES, PACKED};
use super::question::{Answer, FileReading, MOST_BUCKETS, Note, Question, Reading};
use super::source::BLOCK;
use super::span::Span;
use super::store::Store;
use super::tail::Tail;
use super::tally::Memo;
use super::when;
use crate::query::breakdown::{MOST_FIELDS, Table};
use crate::query::series::Series;
pub use limits::Limits;

/// How many files are held open, so that the end of a file that is moved away or deleted is still read.
const MOST_OPEN: usize = 64;
/// How many questions are remembered.
const MOST_MEMOS: usize = 16;

/// What one poll did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub bytes: u64,
    /// Events taken.
    pub events: u64,
    /// There is more to read at once.
    pub more: bool,
}

/// Why there are no events or no answer: three sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

/// Event files and what was read from them.
#[derive(Debug)]
pub struct Events {
    root: PathBuf,
    limits: Limits,
    lanes: Lanes,
    tails: Vec<Tail>,
    memos: Vec<Memo>,
    buffer: Vec<u8>,
    polls: u64,
    /// Which file is read first at the next poll, so that none waits behind a busy one.
    next: usize,
    behind: bool,
    full: Option<String>,
    troubles: Vec<String>,
}

impl Events {
    /// The events of a file or of the event files in a directory. Nothing is read yet.
    ///
    /// # Errors
    /// When the path cannot be looked at.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Trouble> {
        Self::open_within(path, Limits::default())
    }

    /// The same within given limits.
    ///
    /// # Errors
    /// When the path cannot be looked at.
    pub fn open_within(path: impl AsRef<Path>, limits: Limits) -> Result<Self, Trouble> {
        let root = path.as_ref().to_owned();
        places::list(&root).map_err(|e| {
            Trouble(format!("The events at {} cannot be read: {e}. No event is known. Check the path, or give another one with --events.", shown(&root)))
        })?;
        Ok(Self {
            root,
            limits,
            lanes: Lanes::default(),
            tails: Vec::new(),
            memos: Vec::new(),
            buffer: Vec::new(),
            polls: 0,
            next: 0,
            behind: true,
            full: None,
            troubles: Vec::new(),
        })
    }

    /// Reads what is new, about `budget` bytes of it at most (at least one block of a file that has news), and says whether there is more.
    pub fn poll(&mut self, budget: u64) -> Progress {
        self.polls += 1;
        self.troubles.clear();
        let before = self.lanes.rows();
        match places::list(&self.root) {
            Ok(listing) => self.meet(&listing),
            Err(e) => {
                let kept = format!(
                    "What was read from it stays: {} events. Check the path; it is looked at again at every poll.",
                    self.lanes.rows()
                );
                self.troubles.push(format!("{} cannot be looked at: {e}. {kept}", shown(&self.root)));
            }
        }
        let mut progress = Progress::default();
        let count = self.tails.len();
        let first = self.next;
        for turn in 0..count {
            let at = (first + turn) % count;
            let done = self.drain(at, budget, &mut progress);
            if !done && !progress.more {
                progress.more = true;
                self.next = (at + 1) % count;
            }
        }
        self.let_go();
        self.behind = progress.more;
        progress.events = self.lanes.rows() - before;
        progress.more &= self.full.is_none();
        progress
    }

    /// Finds each known file among those that are there, and takes new ones.
    fn meet(&mut self, listing: &Listing) {
        if listing.too_many {
            self.troubles.push(format!(
                "{} holds more than {MOST_FILES} event files. Only the first by name are read. Move old ones away.",
                shown(&self.root)
            ));
        }
        for (path, e) in &listing.failed {
            self.troubles.push(unreadable(path, e));
        }
        let by_id: BTreeMap<Identity, usize> = self
            .tails
            .iter()
            .enumerate()
            .filter(|(_, t)| t.source.id.is_known())
            .map(|(at, t)| (t.source.id, at))
            .collect();
        let by_path: BTreeMap<PathBuf, usize> = self
            .tails
            .iter()
            .enumerate()
            .filter(|(_, t)| !t.source.id.is_known())
            .map(|(at, t)| (t.source.path.clone(), at))
            .collect();
        let mut found = vec![None; self.tails.len()];
        for place in &listing.places {
            let known = by_id.get(&place.id).or_else(|| by_path.get(&place.path));
            match known.and_then(|at| found.get_mut(*at)) {
                Some(slot) => *slot = Some(place),
                None => {
                    self.tails.push(Tail::new(place));
                    found.push(Some(place));
                }
            }
        }
        for (tail, place) in self.tails.iter_mut().zip(found) {
            tail.trouble = tail.look(place, &mut self.lanes).err().map(|e| unreadable(&tail.source.path, &e));
        }
    }

    /// Reads one file until its end, the budget's or a limit. Whether the end was reached.
    fn drain(&mut self, at: usize, budget: u64, progress: &mut Progress) -> bool {
        let Some((before, [tail, after @ ..])) = self.tails.split_at_mut_checked(at) else { return true };
        if tail.source.is_new() {
            let others: Vec<&Tail> = before.iter().chain(after.iter()).collect();
            match tail.recognise(&others) {
                Ok(true) => {}
                Ok(false) => return tail.wait(),
                Err(e) => tail.trouble = Some(unreadable(&tail.source.path, &e)),
            }
        }
        loop {
            if tail.trouble.is_some() {
                return true;
            }
            if self.full.is_none() {
                self.full = self.limits.reached(&self.lanes);
            }
            if self.full.is_some() || (progress.bytes > 0 && progress.bytes >= budget) {
                return tail.is_drained();
            }
            let most = usize::try_from(budget.saturating_sub(progress.bytes)).unwrap_or(BLOCK);
            match tail.step(&mut self.lanes, &mut self.buffer, most) {
                Ok(step) => {
                    progress.bytes += step.read as u64;
                    if step.read > 0 {
                        tail.grown = self.polls;
                    }
                    if step.at_end {
                        return true;
                    }
                }
                Err(e) => tail.trouble = Some(unreadable(&tail.source.path, &e)),
            }
        }
    }

    /// Closes the files that grew longest ago, above the number that may stay open.
    fn let_go(&mut self) {
        let mut open: Vec<&mut Tail> = self.tails.iter_mut().filter(|t| t.is_open()).collect();
        open.sort_by_key(|t| std::cmp::Reverse(t.grown));
        open.into_iter().skip(MOST_OPEN).for_each(Tail::close);
    }

    /// How reading went so far.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let mut reading = Reading {
            behind: self.behind,
            full: self.full.clone(),
            troubles: self.troubles.clone(),
            ..Reading::default()
        };
        for tail in &self.tails {
            let count = &tail.count;
            reading.events += count.events;
            reading.bad_lines += count.bad;
            reading.untimed += count.untimed;
            reading.long_lines += count.long;
            reading.odd_rates += count.odd_rates;
            reading.dropped += count.dropped;
            reading.troubles.extend(tail.trouble.clone());
            if reading.first_bad.is_none() {
                reading.first_bad = match (&count.first_bad, &count.first_untimed) {
                    (Some((line, what, text)), _) => {
                        Some(format!("{} line {line}: {what}: {text}", shown(&tail.source.path)))
                    }
                    (None, Some((line, text))) => Some(format!(
                        "{} line {line}: no readable time under {}: {text}",
                        shown(&tail.source.path),
                        when::NAMES.join(", ")
                    )),
                    (None, None) => None,
                };
            }
            reading.files.push(FileReading {
                path: tail.source.path.clone(),
                events: count.events,
                unread: count.bad + count.untimed + count.long,
                newest: count.newest,
                gone: tail.gone,
                unfinished: tail.unfinished(),
            });
        }
        if reading.files.is_empty() && reading.troubles.is_empty() && self.polls > 0 {
            let place = shown(&self.root);
            reading.troubles.push(format!(
                "{place} holds no event file. No event is known. Event files end in .{}; .{} may follow.",
                ENDINGS.join(", ."),
                PACKED.join(" or .")
            ));
        }
        reading
    }

    /// The names of all fields that hold values, sorted.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let mut names: Vec<String> = self.lanes.stores().iter().flat_map(Store::fields).map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Answers a question from what was read so far.
    ///
    /// # Errors
    /// When the question has no width, no span, or more buckets than [`MOST_BUCKETS`].
    pub fn series(&mut self, question: &Question) -> Result<Answer, Trouble> {
        let step = question.step;
        let wrong = |what: &str| {
            Trouble(format!(
                "The question cannot be answered: {what}. Nothing was counted. Ask for a shorter span or wider buckets."
            ))
        };
        if step <= 0 {
            return Err(wrong("its buckets have no width"));
        }
        let from =
            question.from.div_euclid(step).checked_mul(step).ok_or_else(|| wrong("it begins before all time"))?;
        let to = question
            .to
            .checked_add(step - 1)
            .map(|t| t.div_euclid(step) * step)
            .ok_or_else(|| wrong("it ends after all time"))?;
        let buckets = to.checked_sub(from).map(|span| span / step).filter(|n| *n <= MOST_BUCKETS);
        if buckets.is_none() {
            return Err(wrong(&format!("it spans more than {MOST_BUCKETS} buckets")));
        }
        if from >= to {
            return Err(wrong("it ends before it begins"));
        }
        let known = self.memos.iter().position(|m| m.fits(question));
        let mut memo = known.map_or_else(|| Memo::new(question), |at| self.memos.remove(at));
        let tally = memo.count(self.lanes.stores(), from, to);
        let span = Span::of(self.lanes.stores(), to);
        let starts = span.starts(from, to, step);
        let series: Series = tally.series(step, &starts);
        let notes = notes::of(&question.bad, question.valid.as_ref(), &[], self.lanes.stores());
        let rows = tally.rows();
        self.memos.push(memo);
        if self.memos.len() > MOST_MEMOS {
            self.memos.remove(0);
        }
        Ok(Answer {
            series,
            rows,
            first: span.first,
            newest: span.newest,
            later: span.later,
            notes,
            reading: self.reading(),
        })
    }
}

impl Events {
    /// Tells events apart by the values of fields, from what was read so far; and what must be said beside it.
    ///
    /// # Errors
    /// When no field is named, more than [`MOST_FIELDS`], or no span.
    pub fn breakdown(&self, asked: Asked<'_>) -> Result<(Table, Vec<Note>), Trouble> {
        let wrong = |what: &str| {
            Err(Trouble(format!(
                "The question cannot be answered: {what}. Nothing was counted. Name from 1 to {MOST_FIELDS} fields, and a time that ends after it begins."
            )))
        };
        match asked.by.fields.len() {
            0 => return wrong("it names no field"),
            1..=MOST_FIELDS => {}
            _ => return wrong("it names too many fields"),
        }
        if asked.by.from >= asked.by.to {
            return wrong("it ends before it begins");
        }
        let stores = self.lanes.stores();
        let table = breakdown::table(stores, asked);
        let number = asked.by.percentile.iter().map(|percentile| &percentile.field);
        let fields: Vec<&str> = asked.by.fields.iter().chain(number).map(String::as_str).collect();
        let mut notes = notes::of(asked.bad, asked.valid, &fields, stores);
        if table.is_cut {
            notes.push(Note::Groups);
        }
        Ok((table, notes))
    }

    /// How much memory the events take, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lanes.bytes()
    }
}

fn unreadable(path: &Path, e: &io::Error) -> String {
    let file = shown(path);
    if e.kind() == io::ErrorKind::InvalidData {
        return format!(
            "{file} cannot be unpacked: {e}. Events read from it before stay, those behind are missing. Write it again; it is looked at again when it changes."
        );
    }
    format!(
        "{file} cannot be read: {e}. Events read from it before stay, new ones are missing. Check its permissions; it is tried again at every poll."
    )
}

/// A path for people, without what would act on a terminal.
fn shown(path: &Path) -> String {
    path.display().to_string().chars().map(|c| if crate::query::filter::hidden(c) { '·' } else { c }).collect()
}

#[cfg(test)]
mod plain;
#[cfg(test)]
mod tests;

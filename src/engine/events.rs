//! The door of the engine: event files under a path, followed as they grow, and the questions they answer.
//! It must not know of clocks: whoever owns it says when to look again.

mod blind;
mod limits;

use std::fmt;
use std::path::Path;

use super::breakdown::{self, Asked};
use super::follow::{Follow, Progress, shown};
use super::lanes::Lanes;
use super::notes;
use super::question::{Answer, MOST_BUCKETS, Note, Question, Reading};
use super::span::Span;
use super::store::Store;
use super::tally::{Memo, Tally};
use crate::query::breakdown::{MOST_FIELDS, Table};
use crate::query::series::Series;
pub use limits::Limits;

/// How many questions are remembered.
const MOST_MEMOS: usize = 32;

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
    files: Follow,
    limits: Limits,
    lanes: Lanes,
    memos: Vec<Memo>,
    full: Option<String>,
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
        let root = path.as_ref();
        let files = Follow::open(root).map_err(|e| {
            Trouble(format!("The events at {} cannot be read: {e}. No event is known. Check the path, or give another one with --events.", shown(root)))
        })?;
        Ok(Self { files, limits, lanes: Lanes::default(), memos: Vec::new(), full: None })
    }

    /// Reads what is new, about `budget` bytes of it at most (at least one block of a file that has news), and says whether there is more.
    pub fn poll(&mut self, budget: u64) -> Progress {
        let (limits, full) = (self.limits, &mut self.full);
        let mut progress = self.files.poll(&mut self.lanes, budget, |lanes| {
            if full.is_none() {
                *full = limits.reached(lanes);
            }
            full.is_some()
        });
        progress.more &= self.full.is_none();
        progress
    }

    /// How reading went so far.
    #[must_use]
    pub fn reading(&self) -> Reading {
        Reading { full: self.full.clone(), ..self.files.reading() }
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
        let tally = self.tally(question, from, question.to);
        let span = Span::of(self.lanes.stores(), question.to);
        let starts = span.starts(from, to, step);
        let series: Series = tally.series(step, &starts);
        let notes = notes::of(&question.bad, question.valid.as_ref(), &[], self.lanes.stores());
        let rows = tally.rows();
        Ok(Answer {
            series,
            rows,
            first: span.first,
            newest: span.newest,
            later: span.later,
            latest: span.latest,
            notes,
            reading: self.reading(),
        })
    }

    /// Counts what happened in `[from, to)`, from the beginning of a bucket on, and remembers what was counted.
    fn tally(&mut self, question: &Question, from: i64, to: i64) -> Tally {
        let known = self.memos.iter().position(|m| m.fits(question));
        let mut memo = known.map_or_else(|| Memo::new(question), |at| self.memos.remove(at));
        let tally = memo.count(self.lanes.stores(), from, to);
        self.memos.push(memo);
        if self.memos.len() > MOST_MEMOS {
            self.memos.remove(0);
        }
        tally
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

#[cfg(test)]
mod plain;
#[cfg(test)]
mod tests;

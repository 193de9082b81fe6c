//! A question to the event files and its answer. Values only; it must not know how answers are found.

use std::fmt;
use std::path::PathBuf;

use crate::query::filter::{Confused, Expr};
use crate::query::gone::Gone;
use crate::query::series::Series;

/// How many buckets an answer may have: the minutes of two years, for a chart that reaches back by a window.
pub const MOST_BUCKETS: i64 = 1_200_000;
/// How many groups are told apart; events of further ones are in none.
pub const MOST_GROUPS: usize = 65_536;

/// How many valid and how many bad events there were, bucket by bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Which of the valid events failed.
    pub bad: Expr,
    /// Which events are valid; all of them, if it is not given.
    pub valid: Option<Expr>,
    /// From when on, µs UTC; moved back to a multiple of the step.
    pub from: i64,
    /// Until when, this moment not included, µs UTC; the last bucket may be cut by it.
    pub to: i64,
    /// The width of a bucket in µs.
    pub step: i64,
}

/// The answer. Counts are weighted by sample rates, `rows` is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// All valid events. Within the span of known events a bucket without events has a total of 0; outside there are no buckets.
    pub series: Series,
    /// How many valid events were read, each counted once.
    pub rows: u64,
    /// The time of the earliest event of any kind.
    pub first: Option<i64>,
    /// The time of the latest event of any kind before the end of the question, so that one event from the future does not hide a silence.
    pub newest: Option<i64>,
    /// How many events of any kind happened at or after the end of the question.
    pub later: u64,
    /// The time of the latest of those.
    pub latest: Option<i64>,
    /// What must be said beside the figures.
    pub notes: Vec<Note>,
    /// How reading the files went.
    pub reading: Reading,
}

/// What must be said beside figures, so that nobody trusts what a filter did not see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The filter names a field that no event has.
    Absent {
        /// the field
        field: String,
    },
    /// Nearly every event had what a test looks at, and the latest lack it.
    Gone {
        /// the field
        field: String,
        /// what the test looks at, where the field is still there and holds something else: "numbers", "texts"
        only: Option<&'static str>,
        /// how many lack it
        gone: Gone,
    },
    /// Fields of other names count too, where the one that was asked for is missing.
    Together {
        /// the field that was asked for
        field: String,
        /// the others that events have
        others: Vec<String>,
    },
    /// The filter names a field that gives events their time or weight and is no field to filter by.
    Taken {
        /// the field
        field: String,
    },
    /// A test looks at one type of a field that holds others too, or only others.
    Types {
        /// the field
        field: String,
        /// what the field holds, with counts
        holds: String,
        /// the test as written
        test: String,
        /// what it looks at
        only: &'static str,
        /// it holds none of that
        none: bool,
    },
    /// Many of the latest events hold another kind of value than a filter compares with.
    Mixed {
        /// the test, as far as it is of one field
        confused: Confused,
        /// how many hold it
        gone: Gone,
    },
    /// None of the events ever counted.
    NoneValid {
        /// how many there are
        events: u64,
        /// the filter of what counts, as written
        valid: String,
        /// what its fields hold, in words
        holds: Vec<String>,
    },
    /// Many of the latest lines could not be read.
    Unread {
        /// how many of them
        unread: Gone,
    },
    /// A field stands twice in one event, and nobody knows which is meant.
    Twice {
        /// the field
        field: String,
        /// in which columns, where these have the same name
        columns: Option<[usize; 2]>,
        /// in how many events with different values
        events: u64,
    },
    /// There were more groups than can be told apart.
    Groups,
}

/// What filters do not see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blind {
    /// By these the filter of bad events can see nothing, or calls all bad: how many there are says nothing.
    pub why: Vec<Note>,
    /// In spite of these another alternative sees something, or only some events are not seen.
    pub besides: Vec<Note>,
    /// So many events are not seen that nothing may be called good.
    pub is_dim: bool,
}

impl Blind {
    /// From when on nothing can be seen, µs, as far as that is known.
    #[must_use]
    pub fn since(&self) -> Option<i64> {
        let since = |note: &Note| match note {
            Note::Gone { gone, .. } | Note::Mixed { gone, .. } | Note::Unread { unread: gone } => gone.since,
            _ => i64::MIN,
        };
        self.why.iter().map(since).max()
    }
}

/// How reading went, over all files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The files, those no longer there included.
    pub files: Vec<FileReading>,
    /// Events read.
    pub events: u64,
    /// Lines that are no events.
    pub bad_lines: u64,
    /// Events without a readable time; they are not counted.
    pub untimed: u64,
    /// Lines above 1 MiB, skipped.
    pub long_lines: u64,
    /// Events whose sample rate could not be read; each counts once.
    pub odd_rates: u64,
    /// Values that were not kept because they lay too deep or there were too many fields.
    pub dropped: u64,
    /// The first line that was not read: file, line, what is wrong, how it begins (at most 120 characters, cleaned).
    pub first_bad: Option<String>,
    /// There is more in the files than was read so far.
    pub behind: bool,
    /// Reading stopped at a limit: the sentence for it.
    pub full: Option<String>,
    /// What went wrong with the path or its files, in words.
    pub troubles: Vec<String>,
}

/// How reading one file went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReading {
    /// Where it was last seen.
    pub path: PathBuf,
    /// Events read from it.
    pub events: u64,
    /// Lines that were not read: bad, too long, or without a time.
    pub unread: u64,
    /// The time of its latest event, µs UTC.
    pub newest: Option<i64>,
    /// It is no longer there; what was read from it stays.
    pub gone: bool,
    /// Its last line is not complete yet, or its packed data end in the middle.
    pub unfinished: bool,
    /// Its packed data end in the middle.
    pub cut: bool,
    /// When it was last written, µs UTC, by the file system's clock.
    pub written: i64,
}

impl Reading {
    /// Whether the figures must be called *partial*, whatever time they are of: a file cannot be read, reading is behind or stopped at a limit.
    #[must_use]
    pub fn partial(&self) -> bool {
        self.behind || self.full.is_some() || !self.troubles.is_empty()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { field } => write!(f, "no event has a field {}", shown(field)),
            Self::Gone { field, only: None, gone } => write!(f, "{} is {gone}", shown(field)),
            Self::Gone { field, only: Some(only), gone } => write!(f, "{} as {only} is {gone}", shown(field)),
            Self::Together { field, others } => {
                let others: Vec<String> = others.iter().map(|other| shown(other)).collect();
                let count = if others.len() == 1 { "counts" } else { "count" };
                write!(f, "{} {count} as {} where that is missing", others.join(" and "), shown(field))
            }
            Self::Taken { field } => {
                write!(f, "{} is read as the time or the sample rate of events and cannot be filtered by", shown(field))
            }
            Self::Types { field, holds, test, only, .. } => {
                write!(f, "{} holds {holds}; {test} looks only at {only}", shown(field))
            }
            Self::Mixed { confused: Confused { test, looks, holds }, gone } => write!(
                f,
                "{} of the last {} events hold {} in {}, where `{}` compares with {}: nobody knows whether these are meant. Write one kind, or say in the filter what {} there means",
                gone.lacking,
                gone.events,
                holds.word(),
                shown(&test.field),
                Expr::Test(test.clone()),
                looks.word(),
                holds.word()
            ),
            Self::NoneValid { events, valid, holds } => {
                let holds: String = holds.iter().map(|one| format!("; {}", shown(one))).collect();
                write!(f, "unproven: none of {events} events is valid by {valid}{holds}")
            }
            Self::Unread { unread } => write!(
                f,
                "{} of the last {} lines could not be read: nobody knows whether these are events that failed",
                unread.lacking, unread.events
            ),
            Self::Twice { field, columns: Some([one, other]), .. } => write!(
                f,
                "columns {one} and {other} are both called {}: only the last one counts. Give one another name",
                shown(field)
            ),
            Self::Twice { field, columns: None, events } => write!(
                f,
                "{} stands twice in one event, with different values, in {events} events: only the last one counts. Write it once",
                shown(field)
            ),
            Self::Groups => write!(f, "more than {MOST_GROUPS} groups, the events of further ones are in none"),
        }
    }
}

/// A name from a question or a file, cleaned for people.
fn shown(name: &str) -> String {
    name.chars().take(80).map(|c| if crate::query::filter::hidden(c) { '·' } else { c }).collect()
}

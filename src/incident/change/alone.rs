//! What changed while no incident was open: what `run` ran and what was found at a switch. An incident that is declared later takes of it what lies
//! near its beginning, as from any source, and how a command ended that it took. It must not know who looks.

use super::super::entry::{Entry, EntryId};
use super::super::ran::Ran;
use super::super::time::{Span, Time};
use super::{Changed, FOUND, Reported};
use std::collections::{BTreeMap, VecDeque};

/// How many are remembered, the newest.
const KEPT: usize = 500;

/// The changes of the standing stream, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alone(VecDeque<One>);

/// A change, and of a command how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
struct One {
    id: EntryId,
    reported: Reported,
    ran: Option<Ran>,
}

impl Alone {
    pub(in crate::incident) fn changed(&mut self, entry: &Entry, change: &Changed) {
        let by = change.by.clone().or_else(|| change.looked_at().is_none().then(|| entry.author.to_string()));
        let about = entry.when.as_ref().is_some_and(|when| when.about);
        let within = if about { FOUND } else { Span(0) };
        let until = entry.when.as_ref().and_then(|when| when.until);
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        let reported = Reported { at: entry.at, change: Changed { by, ..change.clone() }, until, within };
        self.0.push_back(One { id: entry.id, reported, ran: None });
    }

    /// A command that was begun has ended.
    pub(in crate::incident) fn ran(&mut self, ran: &Ran) {
        let began = self.0.iter_mut().rev().find(|one| one.id == ran.changed);
        if let Some(one) = began.filter(|one| one.ran.is_none()) {
            one.reported.until = Some(one.reported.at.plus(ran.ended().took()));
            one.ran = Some(ran.clone());
        }
    }

    /// The commands that have ended, and how.
    pub fn ended(&self) -> impl Iterator<Item = (&Reported, &Ran)> {
        self.0.iter().filter_map(|one| one.ran.as_ref().map(|ran| (&one.reported, ran)))
    }

    /// All of them.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Reported> {
        self.0.iter().map(|one| &one.reported)
    }

    /// The last change of a switch, and when it happened.
    #[must_use]
    pub fn last_about(&self, switch: &str, audits: &BTreeMap<String, String>) -> Option<(Time, &Changed)> {
        let about = self.all().filter(|one| one.change.what == "flag" && one.change.is_of(switch, audits));
        about.max_by_key(|one| one.at).map(|one| (one.at, &one.change))
    }

    /// It is written down.
    #[must_use]
    pub fn has(&self, one: &Reported) -> bool {
        self.all().any(|other| one.is(other.at, &other.change))
    }
}

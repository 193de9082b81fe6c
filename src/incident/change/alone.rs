//! What changed while no incident was open: what `run` ran and what was found at a switch. An incident that is declared later takes of it what lies
//! near its beginning, as from any source. It must not know who looks.

use super::super::entry::{Entry, EntryId};
use super::super::ran::Ran;
use super::super::time::{Span, Time};
use super::{Changed, FOUND, Reported};
use std::collections::{BTreeMap, VecDeque};

/// How many are remembered, the newest.
const KEPT: usize = 500;

/// The changes of the standing stream, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alone(VecDeque<(EntryId, Reported)>);

impl Alone {
    pub(in crate::incident) fn changed(&mut self, entry: &Entry, change: &Changed) {
        let by = change.by.clone().or_else(|| change.looked_at().is_none().then(|| entry.author.to_string()));
        let about = entry.when.as_ref().is_some_and(|when| when.about);
        let within = if about { FOUND } else { Span(0) };
        let until = entry.when.as_ref().and_then(|when| when.until);
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0
            .push_back((entry.id, Reported { at: entry.at, change: Changed { by, ..change.clone() }, until, within }));
    }

    /// A command that was begun has ended.
    pub(in crate::incident) fn ran(&mut self, ran: &Ran) {
        let began = self.0.iter_mut().rev().find(|(id, _)| *id == ran.changed);
        if let Some((_, one)) = began {
            one.until = Some(one.at.plus(ran.ended().took()));
        }
    }

    /// All of them.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Reported> {
        self.0.iter().map(|(_, one)| one)
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

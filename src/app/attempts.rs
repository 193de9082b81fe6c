//! What this run does by itself and how often it tries to: an end that was asked for, a stop that a probe asks for. What could not be planned is
//! planned again after a pause, and not for long. It must not know what is tried.

use crate::incident::entry::EntryId;
use crate::incident::soak::LATE;
use crate::incident::time::{Span, Time};
use crate::incident::tried::SET_BACK;
use std::collections::BTreeMap;

/// How long whoever could not be asked is left alone.
const PAUSE: Span = Span::seconds(10);

/// What was tried from here, by the entry that asks for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(BTreeMap<EntryId, Attempt>);

/// One of them.
#[derive(Clone, Debug)]
struct Attempt {
    /// When it was tried first.
    first: Time,
    /// Since when it waits to be tried again, and why it was not done; none while it is under way or done.
    waits: Option<(Time, String)>,
}

impl Attempts {
    /// It may be tried now: it was not yet, or what was in the way is a moment ago.
    pub fn may(&self, id: EntryId, now: Time) -> bool {
        let Some(attempt) = self.0.get(&id) else { return true };
        let has_rested = |since: Time| now.since(since) >= PAUSE || since.since(now) > SET_BACK;
        attempt.waits.as_ref().is_some_and(|(since, _)| has_rested(*since)) && !attempt.is_late(now)
    }

    /// It is being tried.
    pub fn begins(&mut self, id: EntryId, now: Time) {
        let attempt = self.0.entry(id).or_insert(Attempt { first: now, waits: None });
        attempt.waits = None;
    }

    /// It came to nothing: it waits to be tried again.
    pub fn fails(&mut self, id: EntryId, now: Time, why: String) {
        if let Some(attempt) = self.0.get_mut(&id) {
            attempt.waits = Some((now, why));
        }
    }

    /// Something else came between before anything was asked: it was not tried.
    pub fn forget(&mut self, id: EntryId) {
        self.0.remove(&id);
    }

    /// What is not tried any more because it is too late, and what was in the way: each is told once.
    pub fn given_up(&mut self, now: Time) -> Vec<(EntryId, String)> {
        let is_over = |attempt: &Attempt| {
            attempt.waits.as_ref().is_some_and(|(since, _)| attempt.is_late(now.max(since.plus(PAUSE))))
        };
        let over = self.0.iter_mut().filter(|(_, attempt)| is_over(attempt));
        over.filter_map(|(id, attempt)| Some((*id, attempt.waits.take()?.1))).collect()
    }
}

impl Attempt {
    fn is_late(&self, now: Time) -> bool {
        now.since(self.first) > LATE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::entry::Session;

    #[test]
    fn given_an_attempt_that_failed_when_time_passes_then_it_is_tried_again_after_a_pause_and_given_up_once() {
        let (id, at) = (EntryId::of(Session(1), 1), |seconds| Time(0).plus(Span::seconds(seconds)));
        let mut all = Attempts::default();
        assert!(all.may(id, at(0)));
        all.begins(id, at(0));
        assert!(!all.may(id, at(60)), "it is under way");
        all.fails(id, at(61), "nobody answers".into());
        assert_eq!([70, 71].map(|seconds| all.may(id, at(seconds))), [false, true]);
        assert!(all.given_up(at(110)).is_empty());
        all.begins(id, at(75));
        all.fails(id, at(80), "nobody answers still".into());
        assert_eq!([90, 121].map(|seconds| all.may(id, at(seconds))), [true, false]);
        assert_eq!(all.given_up(at(121)), [(id, "nobody answers still".to_owned())]);
        assert!(all.given_up(at(200)).is_empty() && !all.may(id, at(200)));
        all.forget(id);
        assert!(all.may(id, at(200)));
    }
}

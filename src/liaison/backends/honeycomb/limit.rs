//! How often somebody may run queries: Honeycomb allows a team ten runs a minute, and one that looks at other spans of a trace
//! (reference: its OpenAPI document, `createQueryResult`). One more than allowed is refused and helps nobody, so turns are given out here.
//!
//! Pure: it is told the time, µs that never go back. It must not know what is run.

use crate::query::series::{MINUTE, SECOND};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// How many runs are begun within a minute: one is left to others who share the team's limit.
pub const RUNS: usize = 9;
/// The length of a minute as it is kept here: our clock and theirs do not tick together.
const SPELL: i64 = MINUTE + SECOND;

/// How urgent a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// What somebody looks at: one turn is kept for it.
    Shown,
    /// The present.
    Present,
    /// The past, which does not go away: it takes what the present leaves.
    Past,
}

/// What was begun lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limiter {
    runs: VecDeque<i64>,
    relational: Option<i64>,
    until: i64,
    /// Who asks about the present.
    askers: usize,
}

impl Limiter {
    /// Takes a turn, or says how long to wait for one, µs.
    ///
    /// # Errors
    /// It is not our turn: how long to wait.
    pub fn turn(&mut self, now: i64, urgency: Urgency, relational: bool) -> Result<(), i64> {
        while self.runs.front().is_some_and(|at| now - at >= SPELL) {
            self.runs.pop_front();
        }
        let most = match urgency {
            Urgency::Shown => RUNS,
            Urgency::Present => RUNS - 1,
            Urgency::Past => RUNS.saturating_sub(self.askers + 1).max(2),
        };
        // the one whose end makes room
        let oldest = self.runs.len().checked_sub(most).and_then(|place| self.runs.get(place)).map(|at| at + SPELL);
        let related = self.relational.filter(|_| relational).map(|at| at + SPELL);
        let free = [oldest, related, Some(self.until)].into_iter().flatten().max().unwrap_or(now);
        if free > now {
            return Err(free - now);
        }
        self.runs.push_back(now);
        if relational {
            self.relational = Some(now);
        }
        Ok(())
    }

    /// They ask us to wait: nobody has a turn until then.
    pub fn slowed(&mut self, until: i64) {
        self.until = self.until.max(until);
    }
}

/// A place among those who ask about the present each minute; it is given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    limits: Limits,
    team: String,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.limits.of(&self.team, |limiter| limiter.askers = limiter.askers.saturating_sub(1));
    }
}

/// The limiters of all teams, shared by everybody who asks.
#[derive(Clone, Debug, Default)]
pub struct Limits(Arc<Mutex<BTreeMap<String, Limiter>>>);

impl Limits {
    /// One more asks for a team about the present.
    #[must_use]
    pub fn join(&self, team: &str) -> Seat {
        self.of(team, |limiter| limiter.askers += 1);
        Seat { limits: self.clone(), team: team.to_owned() }
    }

    /// Does something with a team's limiter.
    pub fn of<T>(&self, team: &str, what: impl FnOnce(&mut Limiter) -> T) -> T {
        // a limiter is whole after every statement: one that was held in a panic is still right
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        what(all.entry(team.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert, proptest};

    #[test]
    fn given_nine_runs_when_a_tenth_is_wanted_then_it_waits_for_the_first_to_be_a_minute_old() {
        let mut limiter = Limiter::default();
        for n in 0..9 {
            assert_eq!(limiter.turn(n * SECOND, Urgency::Shown, false), Ok(()));
        }
        assert_eq!(limiter.turn(9 * SECOND, Urgency::Shown, false), Err(52 * SECOND));
        assert_eq!(limiter.turn(61 * SECOND, Urgency::Shown, false), Ok(()));
    }

    #[test]
    fn given_six_who_ask_about_the_present_when_the_past_is_asked_then_seven_turns_are_left_to_them() {
        let limits = Limits::default();
        let seats: Vec<Seat> = (0..6).map(|_| limits.join("acme")).collect();
        let mut limiter = limits.of("acme", |limiter| limiter.clone());
        for _ in 0..2 {
            assert_eq!(limiter.turn(0, Urgency::Past, false), Ok(()));
        }
        assert_eq!(limiter.turn(0, Urgency::Past, false), Err(SPELL));
        assert_eq!(limiter.turn(0, Urgency::Present, false), Ok(()));
        drop(seats);
        assert_eq!(limits.of("acme", |limiter| limiter.askers), 0);
    }

    #[test]
    fn given_a_question_about_other_spans_when_asked_again_then_it_waits_a_minute_and_others_do_not() {
        let mut limiter = Limiter::default();
        assert_eq!(limiter.turn(0, Urgency::Present, true), Ok(()));
        assert_eq!(limiter.turn(SECOND, Urgency::Present, true), Err(60 * SECOND));
        assert_eq!(limiter.turn(SECOND, Urgency::Present, false), Ok(()));
    }

    #[test]
    fn given_that_they_ask_for_time_when_a_turn_is_wanted_then_they_get_it() {
        let mut limiter = Limiter::default();
        limiter.slowed(30 * SECOND);
        assert_eq!(limiter.turn(SECOND, Urgency::Present, false), Err(29 * SECOND));
        assert_eq!(limiter.turn(30 * SECOND, Urgency::Present, false), Ok(()));
    }

    proptest! {
        #[test]
        fn no_minute_holds_more_than_nine_runs(gaps in prop::collection::vec((0i64..20 * SECOND, 0usize..3, any::<bool>()), 0..200)) {
            let (mut limiter, mut now, mut begun) = (Limiter::default(), 0, Vec::new());
            for (gap, urgency, relational) in gaps {
                now += gap;
                let urgency = [Urgency::Shown, Urgency::Present, Urgency::Past][urgency];
                match limiter.turn(now, urgency, relational) {
                    Ok(()) => begun.push(now),
                    Err(wait) => prop_assert!(wait > 0 && wait <= SPELL, "{wait}"),
                }
            }
            for at in &begun {
                prop_assert!(begun.iter().filter(|other| (*at..=at + MINUTE).contains(other)).count() <= RUNS);
            }
        }
    }
}

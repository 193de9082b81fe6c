//! Whether somebody's clock goes with ours, as their answers show it. What happened is stamped by clocks like theirs: beyond their present nothing
//! is known, whatever is counted there.
//!
//! Pure: both clocks are told. It must not know who answered.

use super::super::http::Reply;
use super::Counted;
use crate::incident::time::{MINUTE, Time};

/// How far two clocks may be apart, µs: an answer is under way for a while, and what is asked may wait for its turn.
const APART: i64 = 2 * MINUTE;

/// What is known of somebody's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// How far it is ahead of ours, µs; behind when negative.
    ahead: i64,
    /// The moment of the question whose first answer said it: later ones came when that moment was over.
    of: Option<Time>,
}

impl Clock {
    /// Sees an answer to a question of a moment.
    pub fn see(&mut self, reply: &Reply, now: Time) {
        if self.of != Some(now)
            && let Some(theirs) = reply.clock()
        {
            *self = Clock { ahead: theirs.0 - now.0, of: Some(now) };
        }
    }

    /// How far it is ahead of ours, µs, when that is more than can be chance.
    #[must_use]
    pub fn ahead(&self) -> Option<i64> {
        Some(self.ahead).filter(|ahead| ahead.abs() > APART)
    }

    /// What their clock says at a moment of ours, when it says something else.
    #[must_use]
    pub fn theirs(&self, now: Time) -> Option<Time> {
        Some(Time(now.0.saturating_add(self.ahead()?)))
    }

    /// Takes away what was counted beyond their present, and says that the clocks differ.
    #[must_use]
    pub fn judged(&self, mut counted: Counted, now: Time, step: i64) -> Counted {
        let (Some(ahead), Some(theirs)) = (self.ahead(), self.theirs(now)) else { return counted };
        let minutes = (ahead.abs() + MINUTE / 2) / MINUTE;
        if ahead < 0 {
            counted.buckets.retain(|bucket| bucket.start.saturating_add(step) <= theirs.0);
        }
        // ahead of ours the newest is not asked for: neither way is it the present
        counted.adrift = true;
        counted.passing.push(if ahead < 0 {
            format!("its clock is {minutes} min behind ours: nothing is known of that time yet")
        } else {
            format!("its clock is {minutes} min ahead of ours: what is shown as now may be that old")
        });
        counted
    }
}

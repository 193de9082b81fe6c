//! Which moment a backend is asked from. It must not know what is asked.

use super::super::clock;
use super::plan::Plan;
use crate::incident::time::Time;

/// The present when a question came. What a backend is asked is told from there, whatever moment the question is about.
#[derive(Clone, Copy)]
pub struct Present {
    /// The real time.
    pub now: Time,
    /// It is the moment that the question is about.
    pub is_asked: bool,
    /// What happened until then has arrived, µs.
    pub settled: i64,
}

impl Present {
    /// For a question about a moment.
    #[must_use]
    pub fn of(asked: Time, plan: &Plan) -> Present {
        let now = clock::real();
        let is_asked = clock::is_present(asked);
        // a moment to come is nobody's present: as much of it is asked for as of now
        let end = if is_asked { asked } else { asked.max(now) };
        Present { now, is_asked, settled: end.0 - plan.settles }
    }
}

//! Which moment a backend is asked from, and what came of it beside the counts. It must not know what is asked.

use super::super::clock;
use super::plan::Plan;
use crate::app::reduce::Before;
use crate::incident::time::Time;
use crate::query::series::Series;

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

/// What was asked for a question, beside the counts themselves.
pub struct Gathered {
    /// The moment that is answered for, µs: what is on its way is left out.
    pub now: i64,
    /// Nothing had to be asked.
    pub is_known: bool,
    /// Nothing that would be bad was seen.
    pub unproven: bool,
    /// From when on nothing that would be bad can be seen, µs, where that is so.
    pub blind: Option<i64>,
    /// Parts are missing.
    pub partial: bool,
    /// More is still asked for.
    pub counting: bool,
    /// What must be said beside the counts.
    pub doubts: Vec<String>,
}

impl Gathered {
    /// The same of a time that is over.
    pub fn before(self, series: Series, narrow_from: i64) -> Before {
        let Gathered { partial, counting, unproven, blind, .. } = self;
        Before { series, narrow_from, counting, partial, unproven, blind }
    }
}

//! In how many of the events that were counted the columns are missing by which they would be bad: each run tells it besides, so none is spent on it.
//! It must not know why they are missing.

use super::REACH;
use crate::query::gone::{ENOUGH, Gone, LATELY};
use crate::query::series::{Bucket, DAY, MINUTE, Series};
use crate::query::window::{Stretch, spread};

/// How many events are not bad, minute by minute, and how many of those lack what would tell.
#[derive(Debug)]
pub(super) struct Lacking(Series);

impl Default for Lacking {
    fn default() -> Self {
        Lacking(Series::new(MINUTE))
    }
}

impl Lacking {
    /// A stretch was counted in buckets of a width.
    pub(super) fn counted(&mut self, stretch: Stretch, buckets: &[Bucket], width: i64) {
        self.0.replace(stretch.from, stretch.to, &spread(buckets, width, MINUTE));
        let newest = self.0.end().unwrap_or(stretch.to);
        self.0.forget_before(newest - REACH - DAY);
    }

    /// How many of the latest before a moment lack it, where nearly all had it before.
    pub(super) fn gone(&self, until: i64) -> Option<Gone> {
        let lately = LATELY.iter().find_map(|back| {
            let sum = self.0.sum(until, *back);
            let gone = Gone { events: sum.total, lacking: sum.bad, since: until - back };
            (sum.total >= ENOUGH).then_some(gone)
        });
        let gone = lately.filter(|gone| gone.is_odd())?;
        gone.news(&Series::of(MINUTE, self.0.between(i64::MIN, gone.since).to_vec()))
    }
}

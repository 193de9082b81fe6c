//! Slices of time: each is good when enough of its events were, and a promise is kept by enough good slices (OpenSLO's `Timeslices`). A series of
//! events becomes one of slices, with a total of one and a bad one or none, so that all arithmetic of budgets runs over it as it is.
//!
//! A slice without an event is neither good nor bad: counting it as good would flatter quiet nights. It must not know of budgets. Times are µs.

use super::series::{Bucket, HOUR, MINUTE, SECOND, Series, Sum};
use super::slo::MILLION;
use super::window::widened;
use std::fmt;

/// The most slices that a window may have.
pub const MOST: i64 = 140_000;

/// How a slice is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slices {
    /// Its length in µs.
    pub length: i64,
    /// The share of its events that must be good, per million.
    pub target_ppm: u32,
}

impl Slices {
    /// The slices of a series of events that were over at `until`: what is still filling is not judged. Its buckets must be parts of a slice; a slice
    /// of which a part is known is judged by that part. One without events has a total of 0.
    #[must_use]
    pub fn of(&self, series: &Series, until: i64) -> Series {
        let wide = widened(series, self.length);
        let over = wide.buckets().iter().take_while(|slice| slice.start.saturating_add(wide.step()) <= until);
        let judged = |slice: &Bucket| Bucket {
            start: slice.start,
            total: u64::from(slice.total > 0),
            bad: u64::from(self.is_bad(slice)),
        };
        Series::of(wide.step(), over.map(judged).collect())
    }

    /// good / total < target, without a division.
    fn is_bad(&self, slice: &Bucket) -> bool {
        let good = u128::from(slice.total.saturating_sub(slice.bad));
        good * u128::from(MILLION) < u128::from(slice.total) * u128::from(self.target_ppm)
    }

    /// How many known slices had no event.
    #[must_use]
    pub fn skipped(sum: Sum) -> u64 {
        sum.known.saturating_sub(sum.total)
    }
}

impl fmt::Display for Slices {
    /// `1 min`: the length of one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            length if length % HOUR == 0 => write!(f, "{} h", length / HOUR),
            length if length % MINUTE == 0 => write!(f, "{} min", length / MINUTE),
            length => write!(f, "{} s", length / SECOND),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Slices = Slices { length: 5 * MINUTE, target_ppm: 990_000 };

    fn bucket(start: i64, total: u64, bad: u64) -> Bucket {
        Bucket { start, total, bad }
    }

    #[test]
    fn given_events_when_sliced_then_a_slice_is_good_that_just_reaches_its_target_and_an_empty_one_is_neither() {
        let minute = |m: i64, total, bad| bucket(m * MINUTE, total, bad);
        let events = Series::of(
            MINUTE,
            vec![
                minute(0, 60, 0),
                minute(1, 40, 1),
                minute(5, 60, 1),
                minute(9, 39, 0),
                minute(10, 0, 0),
                minute(20, 1, 1),
                minute(25, 5, 5),
            ],
        );
        // 99 of 100 are good; 98 of 99 are not enough; nothing; a gap; one of one bad; the last is not over
        let slices = FIVE.of(&events, 29 * MINUTE);
        let slice = |m: i64, total, bad| minute(m, total, bad);
        assert_eq!(slices.buckets(), [slice(0, 1, 0), slice(5, 1, 1), slice(10, 0, 0), slice(20, 1, 1)]);
        assert_eq!(slices.step(), 5 * MINUTE);
        let sum = slices.sum(25 * MINUTE, 25 * MINUTE);
        assert_eq!((sum.total, sum.bad, Slices::skipped(sum)), (3, 2, 1));
        assert_eq!(FIVE.of(&events, 30 * MINUTE).buckets().len(), 5);
    }

    #[test]
    fn given_a_target_of_everything_or_impossible_counts_when_judged_then_one_failure_is_enough_and_nothing_overflows()
    {
        let strict = Slices { length: 15 * SECOND, target_ppm: MILLION };
        assert!(strict.is_bad(&bucket(0, u64::MAX, 1)) && !strict.is_bad(&bucket(0, u64::MAX, 0)));
        // more failed than there were
        assert!(FIVE.is_bad(&bucket(0, 1, 2)) && !FIVE.is_bad(&bucket(0, 0, 3)));
    }
}

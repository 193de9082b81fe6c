//! Counts over time: buckets of total and bad events, sorted, with gaps that stay gaps.
//!
//! A bucket that is there with a total of 0 says *no traffic*; a bucket that is not there says *nothing is known*.
//! It must not know of targets, alerts or where the counts come from. Times are µs UTC.

use std::fmt;
use std::ops::Range;

/// One second in µs.
pub const SECOND: i64 = 1_000_000;
/// One minute in µs.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in µs.
pub const HOUR: i64 = 60 * MINUTE;
/// One day of 24 hours in µs.
pub const DAY: i64 = 24 * HOUR;

/// What was counted in `[start, start + step)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its first moment, µs UTC.
    pub start: i64,
    /// Valid events.
    pub total: u64,
    /// Those among them that failed.
    pub bad: u64,
}

/// Buckets of one width in order of time, each start at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    step: i64,
    buckets: Vec<Bucket>,
}

/// The sum over a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Valid events.
    pub total: u64,
    /// Those among them that failed.
    pub bad: u64,
    /// How many buckets of the window are known.
    pub known: u64,
}

/// How much of a window is known; its words are "5 of 30 days known".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The known part in µs.
    pub known: i64,
    /// The window in µs.
    pub window: i64,
}

impl Series {
    /// An empty series of buckets `step` µs wide; a width below 1 µs becomes 1 µs.
    #[must_use]
    pub fn new(step: i64) -> Self {
        Self { step: step.max(1), buckets: Vec::new() }
    }

    /// A series of these buckets; of several with the same start the last one counts.
    #[must_use]
    pub fn of(step: i64, mut buckets: Vec<Bucket>) -> Self {
        buckets.sort_by_key(|b| b.start);
        buckets.dedup_by(|later, earlier| {
            let same = later.start == earlier.start;
            if same {
                *earlier = *later;
            }
            same
        });
        Self { step: step.max(1), buckets }
    }

    /// The width of a bucket in µs, at least 1.
    #[must_use]
    pub fn step(&self) -> i64 {
        self.step
    }

    /// The buckets in order of time.
    #[must_use]
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// The first moment after the last known bucket.
    #[must_use]
    pub fn end(&self) -> Option<i64> {
        self.buckets.last().map(|b| b.start.saturating_add(self.step))
    }

    /// Forgets the buckets that begin in `[from, to)` and takes those of `news` that begin there instead. Doing it twice is doing it once.
    pub fn replace(&mut self, from: i64, to: i64, news: &[Bucket]) {
        let inside = news.iter().filter(|b| (from..to).contains(&b.start)).copied().collect();
        let inside = Self::of(self.step, inside).buckets;
        let range = self.range(from, to);
        self.buckets.splice(range, inside);
    }

    /// Forgets the buckets that begin before `at`.
    pub fn forget_before(&mut self, at: i64) {
        let range = self.range(i64::MIN, at);
        self.buckets.drain(range);
    }

    /// The buckets that begin in `[from, to)`.
    #[must_use]
    pub fn between(&self, from: i64, to: i64) -> &[Bucket] {
        self.buckets.get(self.range(from, to)).unwrap_or(&[])
    }

    /// The sum over the buckets that begin in `[end - window, end)`.
    #[must_use]
    pub fn sum(&self, end: i64, window: i64) -> Sum {
        self.between(end.saturating_sub(window), end).iter().fold(Sum::default(), |sum, bucket| sum.plus(bucket))
    }

    /// How much of `[end - window, end)` is known.
    #[must_use]
    pub fn coverage(&self, end: i64, window: i64) -> Coverage {
        let known = i64::try_from(self.sum(end, window).known).unwrap_or(i64::MAX);
        Coverage { known: known.saturating_mul(self.step).min(window), window }
    }

    fn range(&self, from: i64, to: i64) -> Range<usize> {
        let first = self.buckets.partition_point(|b| b.start < from);
        let last = self.buckets.partition_point(|b| b.start < to);
        first..last.max(first)
    }
}

/// Running totals over a series, so that the sum of any window is two look-ups.
#[derive(Clone, Debug)]
pub struct Running<'a> {
    series: &'a Series,
    /// Before each bucket, and after the last: valid events and bad ones.
    sums: Vec<(u64, u64)>,
}

impl Running<'_> {
    /// Sums a series up once.
    #[must_use]
    pub fn new(series: &Series) -> Running<'_> {
        let mut sums = Vec::with_capacity(series.buckets().len() + 1);
        let (mut total, mut bad) = (0_u64, 0_u64);
        sums.push((0, 0));
        for bucket in series.buckets() {
            total = total.saturating_add(bucket.total);
            bad = bad.saturating_add(bucket.bad);
            sums.push((total, bad));
        }
        Running { series, sums }
    }
    /// The sum over the buckets that begin in `[from, to)`.
    #[must_use]
    pub fn between(&self, from: i64, to: i64) -> Sum {
        let place = |at: i64| self.series.buckets().partition_point(|b| b.start < at);
        let (first, last) = (place(from), place(to));
        match (self.sums.get(first), self.sums.get(last.max(first))) {
            (Some(a), Some(b)) => Sum { total: b.0 - a.0, bad: b.1 - a.1, known: (last.max(first) - first) as u64 },
            _ => Sum::default(),
        }
    }
}

impl Sum {
    /// This and one bucket more; counts stop at the largest number instead of wrapping.
    #[must_use]
    pub fn plus(self, bucket: &Bucket) -> Self {
        Self {
            total: self.total.saturating_add(bucket.total),
            bad: self.bad.saturating_add(bucket.bad),
            known: self.known.saturating_add(1),
        }
    }

    /// More failed than there were: late totals, clock skew or a reset counter. Such numbers are shown as they are and called inconsistent.
    #[must_use]
    pub fn inconsistent(&self) -> bool {
        self.bad > self.total
    }
}

impl Coverage {
    /// Whether every bucket of the window is known.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.known >= self.window
    }

    /// Whether so little is missing (less than one in two hundred) that nobody needs to be told: a window seldom begins where a bucket does.
    #[must_use]
    pub fn nearly(&self) -> bool {
        self.known >= self.window.saturating_sub(self.window / 200)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")];
        // what has passed of a period is no whole number of anything: as coarse as tells what is missing
        let tells = |unit: i64| {
            let seen = self.nearly() || self.known / unit < self.window / unit;
            self.window >= unit && self.window % unit == 0 || self.window >= 5 * unit && seen
        };
        let whole = || units.iter().find(|(unit, _)| tells(*unit)).copied().unwrap_or((SECOND, "second"));
        // a week or a month in which the clocks change has an hour more or less
        let days = (self.window + DAY / 2) / DAY;
        let is_days = days > 5 && (self.window - days * DAY).abs() <= 2 * HOUR;
        let (unit, word) = if is_days { (DAY, "day") } else { whole() };
        let s = |n: i64| if n == 1 { "" } else { "s" };
        let of = if is_days { days } else { self.window / unit };
        if self.nearly() {
            return write!(f, "{of} of {of} {word}{} known", s(of));
        }
        if self.known >= unit || self.known == 0 {
            return write!(f, "{} of {of} {word}{} known", self.known / unit, s(of));
        }
        let (small, small_word) = units.iter().find(|(u, _)| self.known >= *u).copied().unwrap_or((SECOND, "second"));
        let known = self.known / small;
        write!(f, "{known} {small_word}{} of {of} {word}{} known", s(known), s(of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, prop, prop_assert_eq, proptest};

    fn bucket(start: i64, total: u64, bad: u64) -> Bucket {
        Bucket { start, total, bad }
    }

    #[test]
    fn given_a_window_when_replaced_then_only_what_begins_in_it_changes() {
        let mut series = Series::of(10, vec![bucket(0, 1, 0), bucket(10, 2, 0), bucket(20, 3, 0), bucket(30, 4, 0)]);
        series.replace(10, 30, &[bucket(20, 9, 9), bucket(30, 7, 7), bucket(0, 7, 7)]);
        assert_eq!(series.buckets(), [bucket(0, 1, 0), bucket(20, 9, 9), bucket(30, 4, 0)]);
        assert_eq!(series.sum(40, 20), Sum { total: 13, bad: 9, known: 2 });
        assert_eq!(series.end(), Some(40));
    }

    #[test]
    fn given_a_backwards_window_when_replaced_then_nothing_changes() {
        let mut series = Series::of(10, vec![bucket(0, 1, 0), bucket(10, 2, 0)]);
        series.replace(20, -5, &[bucket(0, 9, 9)]);
        assert_eq!(series.buckets().len(), 2);
    }

    #[test]
    fn given_part_of_a_window_when_asked_then_the_known_part_is_said_in_words() {
        let words = |known, window| Coverage { known, window }.to_string();
        assert_eq!(words(5 * DAY + 3 * HOUR, 30 * DAY), "5 of 30 days known");
        assert_eq!(words(3 * HOUR, 30 * DAY), "3 hours of 30 days known");
        assert_eq!(words(0, 30 * DAY), "0 of 30 days known");
        assert_eq!(words(HOUR, HOUR), "1 of 1 hour known");
        // of a period that goes on
        assert_eq!(words(DAY, 2 * DAY + 9 * HOUR), "24 of 57 hours known");
        assert_eq!(words(9 * DAY + HOUR, 9 * DAY + 12 * HOUR), "217 of 228 hours known");
        assert_eq!(words(5 * DAY, 9 * DAY + 12 * HOUR), "5 of 9 days known");
        assert_eq!(words(9 * DAY + 12 * HOUR, 9 * DAY + 12 * HOUR), "9 of 9 days known");
        let series = Series::of(HOUR, (0..24).map(|h| bucket(h * HOUR, 1, 0)).collect());
        assert_eq!(series.coverage(2 * DAY, 2 * DAY).to_string(), "1 of 2 days known");
        assert!(series.coverage(DAY, DAY).complete());
    }

    fn buckets() -> impl Strategy<Value = Vec<Bucket>> {
        prop::collection::vec((-20i64..20, 0u64..9, 0u64..9).prop_map(|(s, t, b)| bucket(s * 10, t, b)), 0..30)
    }

    proptest! {
        #[test]
        fn replacing_twice_is_replacing_once_and_order_holds(old in buckets(), news in buckets(), from in -250i64..250, length in 0i64..300) {
            let mut once = Series::of(10, old);
            once.replace(from, from + length, &news);
            let mut twice = once.clone();
            twice.replace(from, from + length, &news);
            prop_assert_eq!(once.buckets().windows(2).all(|w| w[0].start < w[1].start), true);
            prop_assert_eq!(once, twice);
        }
    }
}

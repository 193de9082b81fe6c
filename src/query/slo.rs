//! An SLO's budget, in integers. Sources: the Google SRE workbook's chapter on alerting on SLOs, and Honeycomb's words for the same things.
//!
//! Ratios are integers per million (ppm), burn rates per thousand. What is spent is rounded up and what is left is rounded down, so that no
//! figure looks better than it is and one failure among a billion is not shown as none. Nothing is clamped: a breached budget is negative.
//! It must not know where the counts come from. Times and lengths are µs.

use super::alert::Rule;
use super::calendar::{Calendar, Window};
use super::series::{Coverage, DAY, Series, Sum};
use super::slices::Slices;
use std::borrow::Cow;

/// Parts in a whole.
pub const MILLION: u32 = 1_000_000;

/// How many failed events a condition needs by default within its long window, so that one failure at night wakes nobody. Ten is the minimum of
/// events which google/slo-generator's checks use.
pub const MIN_BAD: u64 = 10;
/// The same of bad slices: each of them is many events as a rule, but not at night.
pub const MIN_BAD_SLICES: u64 = 2;
/// How far back counts are needed whatever the window is: the longest condition looks at three days, and how it stood is told of the last one.
const BEHIND: i64 = 4 * DAY;

/// What was promised: a share of good events, or of good slices of time, over a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slo {
    /// Its name.
    pub name: String,
    /// The share of events (of slices, where there are some) that must be good, per million: 999_500 is 99.95 %.
    pub target_ppm: u32,
    /// The length of the rolling window in µs; of a calendar the length of the period in which the asked moment lies, see [`Slo::at`].
    pub window: i64,
    /// The least number of failed events, or slices, with which a condition holds.
    pub min_bad: u64,
    /// Conditions of its own, beside the workbook's.
    pub rules: Vec<Rule>,
    /// The calendar whose periods are the windows; none when the window rolls.
    pub calendar: Option<Calendar>,
    /// The slices that are counted instead of events.
    pub slices: Option<Slices>,
}

/// How much of a budget is spent. All figures are None while there was no event in the window: then there is no budget to speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What was counted in the window.
    pub sum: Sum,
    /// The share that may fail, per million.
    pub allowed_ppm: u32,
}

/// One point of the burn-down chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The end of a bucket, or for a gap the moment where it begins.
    pub at: i64,
    /// What was left then, per million; None is a gap, over which no line may be drawn.
    pub remaining_ppm: Option<i64>,
}

impl Slo {
    /// A promise about events.
    #[must_use]
    pub fn new(name: &str, target_ppm: u32, window: Window) -> Slo {
        Slo {
            name: name.to_owned(),
            target_ppm,
            window: window.longest(),
            min_bad: MIN_BAD,
            calendar: window.calendar(),
            slices: None,
            rules: Vec::new(),
        }
    }

    /// The same as it is at a moment: [`Slo::window`] is the length of the period in which that lies.
    #[must_use]
    pub fn at(&self, at: i64) -> Slo {
        let window = self.calendar.map_or(self.window, |calendar| Window::Calendar(calendar).length(at));
        Slo { window, ..self.clone() }
    }

    /// Where the window of a moment begins: so far before it, or with the period in which it lies.
    #[must_use]
    pub fn begins(&self, at: i64) -> i64 {
        self.calendar.map_or(at.saturating_sub(self.window), |calendar| calendar.period(at).0)
    }

    /// Where the window begins of what ends at a moment and does not hold it: a bucket that ends when a period does belongs to that one.
    #[must_use]
    pub fn begins_before(&self, end: i64) -> i64 {
        self.calendar.map_or(end.saturating_sub(self.window), |calendar| calendar.period(end.saturating_sub(1)).0)
    }

    /// When the budget of a moment begins anew; none for a rolling window, which never does.
    #[must_use]
    pub fn renews(&self, at: i64) -> Option<i64> {
        self.calendar.map(|calendar| calendar.period(at).1)
    }

    /// From when on something must be known for everything that is said of a moment. Conditions look back beyond the beginning of a period.
    #[must_use]
    pub fn needs(&self, at: i64) -> i64 {
        let begins = self.begins(at);
        if self.calendar.is_some() { begins.min(at.saturating_sub(BEHIND)) } else { begins }
    }

    /// What budgets are made of: the events themselves, or the slices of them that were over at `until`.
    #[must_use]
    pub fn counted<'a>(&self, events: &'a Series, until: i64) -> Cow<'a, Series> {
        self.slices.map_or(Cow::Borrowed(events), |slices| Cow::Owned(slices.of(events, until)))
    }

    /// The same promise made of events, for what is said about these: what a slice must keep, each minute must.
    #[must_use]
    pub fn of_events(&self) -> Slo {
        match self.slices {
            Some(slices) => Slo { target_ppm: slices.target_ppm, slices: None, min_bad: MIN_BAD, ..self.clone() },
            None => self.clone(),
        }
    }

    /// The share that may fail, per million; 0 for a target of 100 %, which has no budget.
    #[must_use]
    pub fn allowed_ppm(&self) -> u32 {
        MILLION.saturating_sub(self.target_ppm)
    }

    /// The budget of the window of a moment, from what was counted before it.
    #[must_use]
    pub fn budget(&self, series: &Series, at: i64) -> Budget {
        self.budget_of(series.sum(at, at.saturating_sub(self.begins(at))))
    }

    /// How much of the window of a moment is known; of a period of a calendar, of what has passed of it. What lies ahead is not missing.
    #[must_use]
    pub fn coverage(&self, events: &Series, at: i64) -> Coverage {
        events.coverage(at, at.saturating_sub(self.begins(at)))
    }

    /// The budget of a window whose sum is known.
    #[must_use]
    pub fn budget_of(&self, sum: Sum) -> Budget {
        Budget { sum, allowed_ppm: self.allowed_ppm() }
    }

    /// The burn rate over the `window` that ends at `end`, per thousand: 1000 spends exactly the budget in the SLO's window. Rounded up. Formula: error
    /// ratio / (1 − target). None without events.
    #[must_use]
    pub fn burn_milli(&self, series: &Series, end: i64, window: i64) -> Option<u64> {
        self.burn_of(series.sum(end, window))
    }

    /// The burn rate of what was counted in a window, per thousand, rounded up. None without events.
    #[must_use]
    pub fn burn_of(&self, sum: Sum) -> Option<u64> {
        let budget = u128::from(sum.total) * u128::from(self.allowed_ppm());
        over(u128::from(sum.bad) * u128::from(MILLION) * 1000, budget)
    }

    /// What was left at the end of each bucket that ends in `(from, to]`; where a bucket is missing one point without a value marks the gap.
    #[must_use]
    pub fn burn_down(&self, series: &Series, from: i64, to: i64) -> Vec<Point> {
        let step = series.step();
        let shown =
            series.between(from.saturating_sub(step).saturating_add(1), to.saturating_sub(step).saturating_add(1));
        let mut tail = series.buckets().iter().peekable();
        let mut head = tail.clone();
        let (mut total, mut bad) = (0_u128, 0_u128);
        let mut points: Vec<Point> = Vec::with_capacity(shown.len());
        let mut expected = None;
        for bucket in shown {
            let end = bucket.start.saturating_add(step);
            while let Some(next) = head.next_if(|b| b.start < end) {
                total += u128::from(next.total);
                bad += u128::from(next.bad);
            }
            let begins = self.begins_before(end);
            while let Some(old) = tail.next_if(|b| b.start < begins) {
                total -= u128::from(old.total);
                bad -= u128::from(old.bad);
            }
            if let Some(gap) = expected.filter(|start| *start < bucket.start) {
                points.push(Point { at: gap, remaining_ppm: None });
            }
            points.push(Point {
                at: end,
                remaining_ppm: self.budget_of(Sum { total: narrow(total), bad: narrow(bad), known: 0 }).remaining_ppm(),
            });
            expected = Some(end);
        }
        points
    }
}

impl Budget {
    /// How many events may fail, whole ones, rounded down. Formula: total × (10⁶ − target) / 10⁶.
    #[must_use]
    pub fn events(&self) -> u64 {
        narrow(self.micro_events() / u128::from(MILLION))
    }

    /// The same in millionths of an event, exactly.
    #[must_use]
    pub fn micro_events(&self) -> u128 {
        u128::from(self.sum.total) * u128::from(self.allowed_ppm)
    }

    /// The spent part per million, rounded up; above a million when breached. None without events or without a budget.
    #[must_use]
    pub fn consumed_ppm(&self) -> Option<u64> {
        over(u128::from(self.sum.bad) * u128::from(MILLION) * u128::from(MILLION), self.micro_events())
    }

    /// The spent part exactly, as data: 1 is all of it. None without events or without a budget. A quotient of integers, rounded once to the nearest
    /// double.
    #[must_use]
    pub fn consumed(&self) -> Option<f64> {
        let micro_events = self.micro_events();
        (micro_events > 0).then(|| self.sum.bad as f64 * f64::from(MILLION) / micro_events as f64)
    }

    /// The part that is left per million, rounded down; negative when breached. None without events or without a budget.
    #[must_use]
    pub fn remaining_ppm(&self) -> Option<i64> {
        self.consumed_ppm().map(|spent| i64::from(MILLION).saturating_sub(i64::try_from(spent).unwrap_or(i64::MAX)))
    }

    /// The share of events that failed, per million, rounded up. None without events.
    #[must_use]
    pub fn error_ppm(&self) -> Option<u64> {
        over(u128::from(self.sum.bad) * u128::from(MILLION), u128::from(self.sum.total))
    }
}

/// a / b rounded up, at most what fits; None if b is 0.
fn over(a: u128, b: u128) -> Option<u64> {
    (b > 0).then(|| narrow(a.div_ceil(b)))
}

fn narrow(n: u128) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Unit;
    use super::super::series::{Bucket, HOUR, MINUTE};
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    fn slo(target_ppm: u32, window: i64) -> Slo {
        Slo::new("api", target_ppm, Window::Rolling(window))
    }

    fn budget(target_ppm: u32, total: u64, bad: u64) -> Budget {
        slo(target_ppm, 30 * DAY).budget_of(Sum { total, bad, known: 1 })
    }

    #[test]
    fn given_the_recorded_incidents_when_counted_then_the_budgets_are_the_recorded_ones() {
        let b = budget(999_700, 43_200_000, 12_736);
        assert_eq!((b.events(), b.consumed_ppm(), b.remaining_ppm()), (12_960, Some(982_717), Some(17_283)));
        assert_eq!(budget(999_700, 43_200_000, 724).consumed_ppm(), Some(55_865));
        assert_eq!(budget(999_700, 43_200_000, 10_576).consumed_ppm(), Some(816_050));
        // 2019: 40,000 refused of 172.8 million at 99.95 % are 46.3 % of the month
        assert_eq!(budget(999_500, 172_800_000, 40_000).consumed_ppm(), Some(462_963));
        assert_eq!(budget(999_500, 172_800_000, 57_272).consumed_ppm(), Some(662_871));
    }

    #[test]
    fn given_a_breach_when_asked_then_remaining_is_negative() {
        let b = budget(999_000, 1000, 3);
        assert_eq!(
            (b.consumed_ppm(), b.remaining_ppm(), b.error_ppm()),
            (Some(3_000_000), Some(-2_000_000), Some(3000))
        );
    }

    #[test]
    fn given_no_events_when_asked_then_there_is_no_figure() {
        let b = budget(999_000, 0, 0);
        assert_eq!((b.events(), b.consumed_ppm(), b.remaining_ppm(), b.error_ppm()), (0, None, None, None));
        let hundred = slo(MILLION, DAY);
        assert_eq!(hundred.budget_of(Sum { total: 5, bad: 1, known: 1 }).consumed_ppm(), None);
    }

    #[test]
    fn given_one_failure_in_a_billion_when_shown_then_it_is_not_nothing() {
        assert_eq!(budget(990_000, 1_000_000_000, 1).consumed_ppm(), Some(1));
        assert_eq!(budget(990_000, 1_000_000_000, 1).remaining_ppm(), Some(999_999));
    }

    #[test]
    fn given_a_full_outage_when_asked_for_the_burn_then_it_is_one_over_the_allowance() {
        let series = Series::of(MINUTE, (0..60).map(|m| Bucket { start: m * MINUTE, total: 100, bad: 100 }).collect());
        assert_eq!(slo(999_500, 30 * DAY).burn_milli(&series, HOUR, HOUR), Some(2_000_000));
        // ten requests in an hour at 99.9 %, one failed: a hundredfold burn, 13.9 % of 30 days of such traffic
        let quiet = Series::of(HOUR, vec![Bucket { start: 0, total: 10, bad: 1 }]);
        assert_eq!(slo(999_000, 30 * DAY).burn_milli(&quiet, HOUR, HOUR), Some(100_000));
        assert_eq!(budget(999_000, 7200, 1).consumed_ppm(), Some(138_889));
        assert_eq!(slo(999_000, 30 * DAY).burn_milli(&quiet, 3 * HOUR, HOUR), None);
    }

    #[test]
    fn given_a_gap_when_charted_then_no_line_goes_over_it() {
        let b = |minute: i64, bad| Bucket { start: minute * MINUTE, total: 1000, bad };
        let series = Series::of(MINUTE, vec![b(0, 0), b(1, 1), b(4, 0), b(5, 0)]);
        let points = slo(999_000, 3 * MINUTE).burn_down(&series, 0, 6 * MINUTE);
        let p = |minute: i64, remaining_ppm| Point { at: minute * MINUTE, remaining_ppm };
        // the failure of minute 1 costs half of two thousand events' budget, and all of one thousand's; it leaves the window at minute 5
        assert_eq!(
            points,
            [p(1, Some(1_000_000)), p(2, Some(500_000)), p(2, None), p(5, Some(1_000_000)), p(6, Some(1_000_000))]
        );
        assert_eq!(slo(999_000, 3 * MINUTE).burn_down(&series, MINUTE, 2 * MINUTE), [p(2, Some(500_000))]);
    }

    fn daily() -> Slo {
        let day = Calendar::new(1, Unit::Day, Calendar::usual_start(), chrono_tz::UTC).unwrap();
        Slo::new("api", 990_000, Window::Calendar(day))
    }

    #[test]
    fn given_a_calendar_when_counted_then_from_its_beginning_on_and_anew_in_the_next() {
        let slo = daily();
        let bad = |hour: i64| if hour == 22 { 120 } else { 0 };
        let series = Series::of(HOUR, (-3..30).map(|h| Bucket { start: h * HOUR, total: 1000, bad: bad(h) }).collect());
        let left = |hour: i64| slo.budget(&series, hour * HOUR).remaining_ppm();
        // 10 of each thousand may fail: 220 after 22 hours; nothing of the day before is in it
        assert_eq!((left(22), left(23)), (Some(1_000_000), Some(478_260)));
        assert_eq!(slo.budget(&series, 22 * HOUR).sum.total, 22_000);
        // the moment at which the next begins lies in that one, in which nothing happened yet
        assert_eq!((left(24), left(25)), (None, Some(1_000_000)));
        assert_eq!((slo.begins(24 * HOUR), slo.begins_before(24 * HOUR)), (DAY, 0));
        assert_eq!((slo.renews(23 * HOUR), slo.renews(24 * HOUR)), (Some(DAY), Some(2 * DAY)));
        assert_eq!(slo.needs(25 * HOUR), 25 * HOUR - 4 * DAY, "conditions look back beyond its beginning");
        let known = slo.coverage(&series, 29 * HOUR);
        assert_eq!((known.known, known.window), (5 * HOUR, 5 * HOUR), "what lies ahead is not missing");
    }

    #[test]
    fn given_the_border_of_a_calendar_when_charted_then_the_line_jumps_there() {
        let bad = |hour: i64| if hour >= 22 { 110 } else { 0 };
        let series = Series::of(HOUR, (0..26).map(|h| Bucket { start: h * HOUR, total: 1000, bad: bad(h) }).collect());
        let points = daily().burn_down(&series, 22 * HOUR, 26 * HOUR);
        let left: Vec<(i64, Option<i64>)> = points.iter().map(|p| (p.at / HOUR, p.remaining_ppm)).collect();
        // 110 of 230, 220 of 240 at the very end of the day; then 110 of 10, 220 of 20
        let expected = [(23, Some(521_739)), (24, Some(83_333)), (25, Some(-10_000_000)), (26, Some(-10_000_000))];
        assert_eq!(left, expected);
    }

    #[test]
    fn given_one_failure_in_two_thousand_when_counted_then_half_a_budget_by_occurrences_and_by_slices_what_they_say() {
        let sliced = |target_ppm| Slo {
            slices: Some(Slices { length: MINUTE, target_ppm }),
            ..Slo::new("api", 999_000, Window::Rolling(DAY))
        };
        // events a minute, so many minutes, and in the last of them one that failed
        let events = |each: u64, minutes: i64| {
            let bucket = |m| Bucket { start: m * MINUTE, total: each, bad: u64::from(m + 1 == minutes) };
            (Series::of(MINUTE, (0..minutes).map(bucket).collect()), minutes * MINUTE)
        };
        let consumed =
            |slo: &Slo, (series, end): (Series, i64)| slo.budget(&slo.counted(&series, end), end).consumed_ppm();
        let slo = Slo::new("api", 999_000, Window::Rolling(2 * DAY));
        assert_eq!(consumed(&slo, events(1, 2000)), Some(500_000));
        assert_eq!(consumed(&slo, events(100, 20)), Some(500_000));
        // a bad minute among 1,440; 99 of 100 are good enough; one of twenty is not
        assert_eq!(consumed(&sliced(990_000), events(1, 1440)), Some(694_445));
        assert_eq!(consumed(&sliced(990_000), events(100, 20)), Some(0));
        assert_eq!(consumed(&sliced(990_001), events(100, 20)), Some(50_000_000));
        // a slice that is not over is not judged
        let (series, end) = events(100, 20);
        let slo = sliced(999_999);
        assert_eq!(slo.budget(&slo.counted(&series, end - 1), end - 1).sum, Sum { total: 19, bad: 0, known: 19 });
        assert_eq!((slo.of_events().target_ppm, slo.of_events().slices), (999_999, None));
    }

    proptest! {
        #[test]
        fn spent_and_left_make_a_whole_and_spent_is_never_understated(total in any::<u64>(), bad in any::<u64>(), target_ppm in 1u32..MILLION) {
            let b = slo(target_ppm, DAY).budget_of(Sum { total, bad, known: 1 });
            if let (Some(spent), Some(left)) = (b.consumed_ppm(), b.remaining_ppm()) {
                if let Ok(spent) = i64::try_from(spent) {
                    prop_assert_eq!(spent + left, 1_000_000);
                    prop_assert!(u128::from(bad) * 1_000_000_000_000 <= u128::from(spent.unsigned_abs()) * b.micro_events());
                }
            } else {
                prop_assert_eq!(total, 0);
            }
        }
    }
}

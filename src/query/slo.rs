//! An SLO's budget, in integers. Sources: the Google SRE workbook's chapter on alerting on SLOs, and Honeycomb's words for the same things.
//!
//! Ratios are integers per million (ppm), burn rates per thousand. What is spent is rounded up and what is left is rounded down, so that no
//! figure looks better than it is and one failure among a billion is not shown as none. Nothing is clamped: a breached budget is negative.
//! It must not know where the counts come from. Times and lengths are µs.

use std::fmt;

use super::series::{DAY, HOUR, MINUTE, SECOND, Series, Sum};

/// Parts in a whole.
pub const MILLION: u32 = 1_000_000;

/// What was promised: a share of good events over a rolling window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slo {
    /// Its name.
    pub name: String,
    /// The share of events that must be good, per million: 999_500 is 99.95 %.
    pub target_ppm: u32,
    /// The length of the rolling window in µs.
    pub window: i64,
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
    /// The share that may fail, per million; 0 for a target of 100 %, which has no budget.
    #[must_use]
    pub fn allowed_ppm(&self) -> u32 {
        MILLION.saturating_sub(self.target_ppm)
    }

    /// The budget of the window that ends at `end`.
    #[must_use]
    pub fn budget(&self, series: &Series, end: i64) -> Budget {
        self.budget_of(series.sum(end, self.window))
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
        let sum = series.sum(end, window);
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
            while let Some(old) = tail.next_if(|b| b.start < end.saturating_sub(self.window)) {
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

/// Reads a target such as `99.95` or `99.95 %` exactly, without floats.
///
/// # Errors
/// In words, if it is no percentage above 0 and below 100 with at most four decimals.
pub fn parse_target(text: &str) -> Result<u32, Unreadable> {
    let wrong = |what| Unreadable::new("target", text, what, "Write a percentage such as 99.9 or 99.95");
    let digits = text.trim().trim_end_matches('%').trim_end();
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(part) || (part.is_empty() && digits.contains('.')) {
        return Err(wrong("is not a decimal number"));
    }
    if part.trim_end_matches('0').len() > 4 {
        return Err(wrong("has more than four decimals, and one in a million is the finest step"));
    }
    let part: u32 = format!("{:0<4.4}", part).parse().map_err(|_| wrong("is not a decimal number"))?;
    let ppm = whole.parse::<u32>().ok().filter(|w| *w <= 100).map(|w| w * 10_000 + part);
    match ppm {
        Some(0) => Err(wrong("is zero, and a promise of nothing cannot be broken")),
        Some(ppm) if ppm < MILLION => Ok(ppm),
        Some(MILLION) => Err(wrong("is 100 %, which leaves no budget to spend")),
        _ => Err(wrong("is above 100 %")),
    }
}

/// Reads a length such as `30d`, `6h`, `5m`, `90s` or `4w` as µs; a day is 24 hours.
///
/// # Errors
/// In words, if it is no whole number above 0 followed by one of these units, or longer than 100 years.
pub fn parse_window(text: &str) -> Result<i64, Unreadable> {
    let wrong =
        |what| Unreadable::new("window", text, what, "Write a whole number and a unit, such as 30d, 6h, 5m or 90s");
    let trimmed = text.trim();
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = trimmed.split_at_checked(digits).unwrap_or((trimmed, ""));
    let unit = match unit.trim_start() {
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        "w" => 7 * DAY,
        "" => return Err(wrong("has no unit")),
        _ => return Err(wrong("has a unit that is not s, m, h, d or w")),
    };
    let number: i64 = number.parse().map_err(|_| wrong("does not begin with a whole number"))?;
    match number.checked_mul(unit) {
        Some(0) => Err(wrong("is no time at all")),
        Some(length) if length <= 36_525 * DAY => Ok(length),
        _ => Err(wrong("is longer than 100 years")),
    }
}

/// Why a target or a window could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl Unreadable {
    fn new(thing: &str, text: &str, what: &str, remedy: &str) -> Self {
        let shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
        Self(format!("The {thing} `{shown}` {what}. It is not used. {remedy}."))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

#[cfg(test)]
mod tests {
    use super::super::series::Bucket;
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    fn slo(target: &str, window: &str) -> Slo {
        Slo { name: "api".into(), target_ppm: parse_target(target).unwrap(), window: parse_window(window).unwrap() }
    }

    fn budget(target: &str, total: u64, bad: u64) -> Budget {
        slo(target, "30d").budget_of(Sum { total, bad, known: 1 })
    }

    #[test]
    fn given_the_recorded_incidents_when_counted_then_the_budgets_are_the_recorded_ones() {
        let b = budget("99.97", 43_200_000, 12_736);
        assert_eq!((b.events(), b.consumed_ppm(), b.remaining_ppm()), (12_960, Some(982_717), Some(17_283)));
        assert_eq!(budget("99.97", 43_200_000, 724).consumed_ppm(), Some(55_865));
        assert_eq!(budget("99.97", 43_200_000, 10_576).consumed_ppm(), Some(816_050));
        // 2019: 40,000 refused of 172.8 million at 99.95 % are 46.3 % of the month
        assert_eq!(budget("99.95", 172_800_000, 40_000).consumed_ppm(), Some(462_963));
        assert_eq!(budget("99.95", 172_800_000, 57_272).consumed_ppm(), Some(662_871));
    }

    #[test]
    fn given_a_breach_when_asked_then_remaining_is_negative() {
        let b = budget("99.9", 1000, 3);
        assert_eq!(
            (b.consumed_ppm(), b.remaining_ppm(), b.error_ppm()),
            (Some(3_000_000), Some(-2_000_000), Some(3000))
        );
    }

    #[test]
    fn given_no_events_when_asked_then_there_is_no_figure() {
        let b = budget("99.9", 0, 0);
        assert_eq!((b.events(), b.consumed_ppm(), b.remaining_ppm(), b.error_ppm()), (0, None, None, None));
        let hundred = Slo { name: String::new(), target_ppm: MILLION, window: DAY };
        assert_eq!(hundred.budget_of(Sum { total: 5, bad: 1, known: 1 }).consumed_ppm(), None);
    }

    #[test]
    fn given_one_failure_in_a_billion_when_shown_then_it_is_not_nothing() {
        assert_eq!(budget("99", 1_000_000_000, 1).consumed_ppm(), Some(1));
        assert_eq!(budget("99", 1_000_000_000, 1).remaining_ppm(), Some(999_999));
    }

    #[test]
    fn given_a_full_outage_when_asked_for_the_burn_then_it_is_one_over_the_allowance() {
        let series = Series::of(MINUTE, (0..60).map(|m| Bucket { start: m * MINUTE, total: 100, bad: 100 }).collect());
        assert_eq!(slo("99.95", "30d").burn_milli(&series, HOUR, HOUR), Some(2_000_000));
        // ten requests in an hour at 99.9 %, one failed: a hundredfold burn, 13.9 % of 30 days of such traffic
        let quiet = Series::of(HOUR, vec![Bucket { start: 0, total: 10, bad: 1 }]);
        assert_eq!(slo("99.9", "30d").burn_milli(&quiet, HOUR, HOUR), Some(100_000));
        assert_eq!(budget("99.9", 7200, 1).consumed_ppm(), Some(138_889));
        assert_eq!(slo("99.9", "30d").burn_milli(&quiet, 3 * HOUR, HOUR), None);
    }

    #[test]
    fn given_a_gap_when_charted_then_no_line_goes_over_it() {
        let b = |minute: i64, bad| Bucket { start: minute * MINUTE, total: 1000, bad };
        let series = Series::of(MINUTE, vec![b(0, 0), b(1, 1), b(4, 0), b(5, 0)]);
        let points = slo("99.9", "3m").burn_down(&series, 0, 6 * MINUTE);
        let p = |minute: i64, remaining_ppm| Point { at: minute * MINUTE, remaining_ppm };
        // the failure of minute 1 costs half of two thousand events' budget, and all of one thousand's; it leaves the window at minute 5
        assert_eq!(
            points,
            [p(1, Some(1_000_000)), p(2, Some(500_000)), p(2, None), p(5, Some(1_000_000)), p(6, Some(1_000_000))]
        );
        assert_eq!(slo("99.9", "3m").burn_down(&series, MINUTE, 2 * MINUTE), [p(2, Some(500_000))]);
    }

    #[test]
    fn given_targets_when_read_then_exactly_or_refused_in_words() {
        for (text, ppm) in [
            ("99.95", 999_500),
            ("99.97 %", 999_700),
            ("99.9999", 999_999),
            ("0.0001", 1),
            ("99", 990_000),
            ("99.950000", 999_500),
        ] {
            assert_eq!(parse_target(text), Ok(ppm), "{text}");
        }
        for (text, why) in [
            ("100", "no budget"),
            ("0", "zero"),
            ("101", "above"),
            ("99.99999", "four decimals"),
            ("", "decimal"),
            ("99.", "decimal"),
            ("-1", "decimal"),
            ("9e1", "decimal"),
            ("99,9", "decimal"),
            ("99999999999", "above"),
        ] {
            let error = parse_target(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn given_windows_when_read_then_exactly_or_refused_in_words() {
        for (text, length) in
            [("30d", 30 * DAY), ("6h", 6 * HOUR), ("5 m", 5 * MINUTE), ("90s", 90 * SECOND), ("4w", 28 * DAY)]
        {
            assert_eq!(parse_window(text), Ok(length), "{text}");
        }
        for (text, why) in [
            ("30", "no unit"),
            ("d", "whole number"),
            ("0d", "no time"),
            ("1y", "unit"),
            ("99999999999999d", "100 years"),
            ("1.5h", "unit"),
            ("é", "unit"),
        ] {
            let error = parse_window(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }

    proptest! {
        #[test]
        fn spent_and_left_make_a_whole_and_spent_is_never_understated(total in any::<u64>(), bad in any::<u64>(), target_ppm in 1u32..MILLION) {
            let b = Slo { name: String::new(), target_ppm, window: DAY }.budget_of(Sum { total, bad, known: 1 });
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

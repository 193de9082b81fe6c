//! When a burn is worth waking somebody: the workbook's multi-window, multi-burn-rate conditions, evaluated at an instant.
//!
//! A condition fires while the burn exceeds its factor over both windows; the short one only makes it stop soon. factor = percent × period / long, so that
//! the table is right for every period (Sloth computes it the same way). All comparisons are exact, by cross-multiplication.
//! It must not know how an alert is shown or who is woken.

use super::series::{DAY, HOUR, MINUTE, Series, Sum};
use super::slo::{MILLION, MIN_BAD, Slo};

/// What a condition asks for when it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// wake somebody
    Page,
    /// work for the next day
    Ticket,
}

/// One condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it asks for.
    pub urgency: Urgency,
    /// The long window in µs.
    pub long: i64,
    /// The short window in µs.
    pub short: i64,
    /// The share of the budget that is spent in the long window at the factor, per million.
    pub spent_ppm: u32,
    /// The least number of failed events within the long window.
    pub min_bad: u64,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both windows burn faster than the factor and enough events failed.
    Firing,
    /// It does not hold.
    Quiet,
    /// Nothing is known about one of the windows. An alert that fired before goes on: no data resolves nothing.
    Unknown,
}

/// A condition as it stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The condition.
    pub condition: Condition,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What was counted in the long window.
    pub long: Sum,
    /// What was counted in the short window.
    pub short: Sum,
    /// The factor per thousand, rounded down, for people: 14400 is 14.4.
    pub factor_milli: u64,
}

/// The workbook's four: 2 % of the budget in 1 h and 5 % in 6 h wake somebody, 10 % in 1 d and in 3 d are work for tomorrow. Over 30 days these are the
/// factors 14.4, 6, 3 and 1.
#[must_use]
pub fn workbook() -> [Condition; 4] {
    let of = |urgency, long: i64, spent_ppm| Condition { urgency, long, short: long / 12, spent_ppm, min_bad: MIN_BAD };
    [
        of(Urgency::Page, HOUR, 20_000),
        of(Urgency::Page, 6 * HOUR, 50_000),
        of(Urgency::Ticket, DAY, 100_000),
        of(Urgency::Ticket, 3 * DAY, 100_000),
    ]
}

impl Condition {
    /// The burn factor per thousand, rounded down: percent × period / long.
    #[must_use]
    pub fn factor_milli(&self, slo: &Slo) -> u64 {
        let long = u128::from(positive(self.long).max(1));
        u64::try_from(
            u128::from(self.spent_ppm) * u128::from(positive(slo.window)) / (long * u128::from(MILLION / 1000)),
        )
        .unwrap_or(u64::MAX)
    }

    /// How it stands at `now`, from the buckets that begin before it.
    #[must_use]
    pub fn at(&self, slo: &Slo, series: &Series, now: i64) -> Standing {
        self.judged(slo, series.sum(now, self.long), series.sum(now, self.short))
    }

    /// How it stands on what was counted in its two windows.
    #[must_use]
    pub fn judged(&self, slo: &Slo, long: Sum, short: Sum) -> Standing {
        let verdict = if long.known == 0 || short.known == 0 {
            Verdict::Unknown
        } else if long.bad >= self.min_bad && self.exceeds(slo, long) && self.exceeds(slo, short) {
            Verdict::Firing
        } else {
            Verdict::Quiet
        };
        Standing { condition: *self, verdict, long, short, factor_milli: self.factor_milli(slo) }
    }

    /// bad / total / allowed > spent × period / long, without a division and without an overflow.
    fn exceeds(&self, slo: &Slo, sum: Sum) -> bool {
        let million = u128::from(MILLION);
        let burnt = wide(u128::from(sum.bad) * million * million, u128::from(positive(self.long)));
        let limit = wide(
            u128::from(sum.total) * u128::from(slo.allowed_ppm()),
            u128::from(self.spent_ppm) * u128::from(positive(slo.window)),
        );
        sum.total > 0 && burnt > limit
    }
}

/// Every condition of the workbook that means something for this SLO, as it stands at `now`. For a short window some do not: a burn that is slower than
/// the budget allows spends nothing that is missed, and what is longer than the window is the whole budget.
#[must_use]
pub fn standings(slo: &Slo, series: &Series, now: i64) -> Vec<Standing> {
    conditions(slo).iter().map(|c| c.at(slo, series, now)).collect()
}

/// The workbook's conditions that mean something for this SLO: a window that is shorter than a slice holds none.
#[must_use]
pub fn conditions(slo: &Slo) -> Vec<Condition> {
    let counted = workbook().map(|c| Condition { min_bad: slo.min_bad, ..c });
    let slice = slo.slices.map_or(0, |slices| slices.length);
    let fits = |c: &Condition| c.long <= slo.window && c.short >= slice && c.factor_milli(slo) >= 900;
    counted.into_iter().filter(fits).collect()
}

/// The length of one of our windows; five minutes when it makes no sense, so that nothing is divided by zero.
fn positive(length: i64) -> u64 {
    u64::try_from(length).ok().filter(|l| *l > 0).unwrap_or(5 * MINUTE.unsigned_abs())
}

/// a × b as (high, low) halves of 256 bits; tuples of these compare as the products do.
fn wide(a: u128, b: u128) -> (u128, u128) {
    const HALF: u128 = (1 << 64) - 1;
    let (a1, a0, b1, b0) = (a >> 64, a & HALF, b >> 64, b & HALF);
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 64);
    let other = a0 * b1 + (middle & HALF);
    (a1 * b1 + (middle >> 64) + (other >> 64), (other << 64) | (low & HALF))
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Window;
    use super::super::series::Bucket;
    use super::super::slices::Slices;
    use super::*;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    #[test]
    fn given_a_minimum_of_failures_when_fewer_fail_then_no_condition_holds() {
        let few = Series::of(MINUTE, (0..60).map(|m| Bucket { start: m * MINUTE, total: 1, bad: 1 }).collect());
        let firing = |min_bad| {
            let slo = Slo { min_bad, ..slo(999_500, 30) };
            standings(&slo, &few, HOUR).iter().filter(|standing| standing.verdict == Verdict::Firing).count()
        };
        assert_eq!((firing(10), firing(60), firing(61)), (4, 4, 0));
    }

    fn slo(target_ppm: u32, days: i64) -> Slo {
        Slo::new("api", target_ppm, Window::Rolling(days * DAY))
    }

    #[test]
    fn given_periods_when_computed_then_the_factors_are_the_workbooks_and_sloths() {
        let factors = |days| workbook().map(|c| c.factor_milli(&slo(999_500, days)));
        assert_eq!(factors(30), [14_400, 6_000, 3_000, 1_000]);
        assert_eq!(factors(28), [13_440, 5_600, 2_800, 933]);
        let sloth = |spent_ppm, long| Condition { spent_ppm, long, ..workbook()[0] }.factor_milli(&slo(999_500, 7));
        assert_eq!(
            [sloth(80_000, HOUR), sloth(125_000, 6 * HOUR), sloth(200_000, DAY), sloth(420_000, 3 * DAY)],
            [13_440, 3_500, 1_400, 980]
        );
    }

    /// The 2019 outage as recorded: 4000 requests a minute for 30 days, 8 of them failing every 20th minute, a ramp 22:50 to 22:54, then refused until 23:02.
    fn outage() -> (Series, i64) {
        let midnight = 30 * DAY;
        let buckets = (0..30 * 24 * 60).map(|minute| {
            let start = minute * MINUTE;
            let bad = match (midnight - start) / MINUTE {
                70 => 500,
                69 => 1500,
                68 => 2500,
                67 => 3500,
                59..=66 => 4000,
                _ if (minute + 1) % 20 == 0 => 8,
                _ => 0,
            };
            Bucket { start, total: 4000, bad }
        });
        (Series::of(MINUTE, buckets.collect()), midnight)
    }

    #[test]
    fn given_the_recorded_outage_when_evaluated_each_minute_then_it_pages_when_prometheus_did() {
        let (series, midnight) = outage();
        let slo = slo(999_500, 30);
        let clock = |hour: i64, minute: i64| midnight - DAY + hour * HOUR + minute * MINUTE;
        let spans: Vec<_> = workbook()
            .iter()
            .map(|c| {
                let firing: Vec<i64> = (0..120)
                    .map(|m| clock(22, m))
                    .filter(|t| c.at(&slo, &series, *t).verdict == Verdict::Firing)
                    .collect();
                (*firing.first().unwrap(), *firing.last().unwrap())
            })
            .collect();
        assert_eq!(spans[0], (clock(22, 52), clock(23, 6)));
        assert_eq!(spans[1], (clock(22, 53), clock(23, 31)));
        assert_eq!((spans[2].0, spans[3].0), (clock(22, 55), clock(22, 54)));
        let peak = (0..120).filter_map(|m| slo.burn_milli(&series, clock(22, m), HOUR)).max();
        assert_eq!(peak.map(|p| p / 1000), Some(333));
        let burnt = |end| slo.budget(&series, end).remaining_ppm().unwrap();
        assert_eq!(burnt(midnight) / 1000, 1000 - 663);
    }

    #[test]
    fn given_two_percent_of_the_budget_in_an_hour_when_at_the_factor_exactly_then_not_yet_firing() {
        // 14.4 × 0.0005 of 100,000 events an hour are 720 failures, which is 2 % of the 36,000 that 72 million events allow
        let at = |bad| {
            let series =
                Series::of(MINUTE, (0..60).map(|m| Bucket { start: m * MINUTE, total: 10_000, bad }).collect());
            workbook()[0].at(&slo(999_500, 30), &series, HOUR).verdict
        };
        assert_eq!((at(72), at(73)), (Verdict::Quiet, Verdict::Firing));
    }

    #[test]
    fn given_a_short_window_when_evaluated_then_conditions_that_are_slower_than_the_budget_are_left_out() {
        let longs = |days| -> Vec<i64> {
            standings(&slo(999_000, days), &Series::new(MINUTE), 0).iter().map(|s| s.condition.long / HOUR).collect()
        };
        assert_eq!(longs(28), [1, 6, 24, 72]);
        assert_eq!(longs(7), [1, 6]);
        assert_eq!(longs(1), Vec::<i64>::new());
    }

    #[test]
    fn given_slices_when_evaluated_then_conditions_with_a_window_shorter_than_one_are_left_out() {
        let longs = |minutes: i64| -> Vec<i64> {
            let slices = Some(Slices { length: minutes * MINUTE, target_ppm: 990_000 });
            conditions(&Slo { slices, ..slo(999_000, 30) }).iter().map(|c| c.long / HOUR).collect()
        };
        assert_eq!((longs(1), longs(5)), (vec![1, 6, 24, 72], vec![1, 6, 24, 72]));
        assert_eq!((longs(10), longs(60)), (vec![6, 24, 72], vec![24, 72]));
    }

    #[test]
    fn given_no_data_or_few_failures_when_evaluated_then_unknown_or_quiet() {
        let slo = slo(999_000, 30);
        let series = Series::of(MINUTE, (0..55).map(|m| Bucket { start: m * MINUTE, total: 100, bad: 100 }).collect());
        assert_eq!(workbook()[0].at(&slo, &series, HOUR).verdict, Verdict::Unknown);
        assert_eq!(workbook()[0].at(&slo, &series, 55 * MINUTE).verdict, Verdict::Firing);
        let few = Series::of(MINUTE, vec![Bucket { start: 59 * MINUTE, total: 10, bad: 9 }]);
        assert_eq!(workbook()[0].at(&slo, &few, HOUR).verdict, Verdict::Quiet);
        let none = Series::of(MINUTE, vec![Bucket { start: 59 * MINUTE, total: 0, bad: 0 }]);
        assert_eq!(workbook()[0].at(&slo, &none, HOUR).verdict, Verdict::Quiet);
    }

    proptest! {
        #[test]
        fn wide_products_agree_where_they_fit(a in any::<u64>(), b in any::<u64>(), c in any::<u128>()) {
            prop_assert_eq!(wide(u128::from(a), u128::from(b)), (0, u128::from(a) * u128::from(b)));
            prop_assert_eq!(wide(c, 1 << 64), (c >> 64, c << 64));
            prop_assert_eq!(wide(c, u128::from(a)), wide(u128::from(a), c));
        }
    }
}

//! When a burn is worth waking somebody: the workbook's multi-window, multi-burn-rate conditions and Honeycomb's two kinds, evaluated at an instant.
//!
//! * *Burn rate* (the workbook): the burn exceeds a factor over both windows; the short one only makes it stop soon. factor = percent × period / long, so
//!   that the table is right for every period (Sloth computes it the same way).
//! * *Exhaustion time* (Honeycomb): at the rate of the last quarter of so many hours the budget is gone within them. That it looks back over a quarter
//!   is what a public emulator of Honeycomb's alerts says.
//! * *Budget rate* (Honeycomb): the budget fell by at least a share within a window, which is a burn of share × period / window.
//!
//! Honeycomb's two compare with the whole window's budget. Where only a part of the window is known, that budget is what the known part allows, times
//! the window over the part, so that a young source does not cry. All comparisons are exact, by cross-multiplication.
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

/// What a condition looks at. Lengths are µs, shares of the budget are per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The burn exceeds a factor over both windows.
    BurnRate {
        /// The long window.
        long: i64,
        /// The short window.
        short: i64,
        /// The share of the budget that is spent in the long window at the factor.
        spent_ppm: u32,
    },
    /// At the rate of the last quarter of this time the budget is gone within it.
    ExhaustionTime {
        /// Within which time.
        within: i64,
    },
    /// At least this share of the budget went within the window.
    BudgetRate {
        /// The window.
        window: i64,
        /// The share of the budget.
        spent_ppm: u32,
    },
}

/// One condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it asks for.
    pub urgency: Urgency,
    /// What it looks at.
    pub rule: Rule,
    /// The least number of failed events within its long window.
    pub min_bad: u64,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds: the budget burns as fast as it says, and enough events failed.
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
    /// What was counted in its long window, or in its only one.
    pub long: Sum,
    /// What was counted in the short window, where it has two.
    pub short: Option<Sum>,
    /// The factor per thousand, rounded down, for people: 14400 is 14.4.
    pub factor_milli: u64,
}

/// The workbook's four: 2 % of the budget in 1 h and 5 % in 6 h wake somebody, 10 % in 1 d and in 3 d are work for tomorrow. Over 30 days these are the
/// factors 14.4, 6, 3 and 1.
#[must_use]
pub fn workbook() -> [Condition; 4] {
    let of = |urgency, long: i64, spent_ppm| {
        let rule = Rule::BurnRate { long, short: long / 12, spent_ppm };
        Condition { urgency, rule, min_bad: MIN_BAD }
    };
    [
        of(Urgency::Page, HOUR, 20_000),
        of(Urgency::Page, 6 * HOUR, 50_000),
        of(Urgency::Ticket, DAY, 100_000),
        of(Urgency::Ticket, 3 * DAY, 100_000),
    ]
}

impl Rule {
    /// Over how long it looks back, µs: its long window, or its only one.
    #[must_use]
    pub fn long(&self) -> i64 {
        match self {
            Rule::BurnRate { long, .. } => *long,
            Rule::ExhaustionTime { within } => within / 4,
            Rule::BudgetRate { window, .. } => *window,
        }
    }

    /// Its short window, where it has two, µs.
    #[must_use]
    pub fn short(&self) -> Option<i64> {
        match self {
            Rule::BurnRate { short, .. } => Some(*short),
            Rule::ExhaustionTime { .. } | Rule::BudgetRate { .. } => None,
        }
    }

    /// What it asks for, where nobody says so: what is spent within hours wakes somebody, what takes a day or more is work for the next one.
    #[must_use]
    pub fn urgency(&self) -> Urgency {
        let hours = match self {
            Rule::BurnRate { long, .. } => long,
            Rule::ExhaustionTime { within } => within,
            Rule::BudgetRate { window, .. } => window,
        };
        if *hours < 12 * HOUR { Urgency::Page } else { Urgency::Ticket }
    }
}

impl Condition {
    /// The burn factor per thousand, rounded down: percent × period / long; for an exhaustion time the burn at which a whole budget lasts as long.
    #[must_use]
    pub fn factor_milli(&self, slo: &Slo) -> u64 {
        let (spent_ppm, over) = match self.rule {
            Rule::BurnRate { long, spent_ppm, .. } => (spent_ppm, long),
            Rule::ExhaustionTime { within } => (MILLION, within),
            Rule::BudgetRate { window, spent_ppm } => (spent_ppm, window),
        };
        let over = u128::from(positive(over).max(1));
        u64::try_from(u128::from(spent_ppm) * u128::from(positive(slo.window)) / (over * u128::from(MILLION / 1000)))
            .unwrap_or(u64::MAX)
    }

    /// How it stands at `now`, from the buckets that begin before it.
    #[must_use]
    pub fn at(&self, slo: &Slo, series: &Series, now: i64) -> Standing {
        self.judged(slo, series.step(), |length| series.sum(now, length), || slo.budget(series, now).sum)
    }

    /// How it stands, where `sum` says what was counted in a time before the moment, and `window` in the SLO's window, in buckets `step` µs wide.
    #[must_use]
    pub fn judged(&self, slo: &Slo, step: i64, sum: impl Fn(i64) -> Sum, window: impl Fn() -> Sum) -> Standing {
        let (long, short) = (sum(self.rule.long()), self.rule.short().map(&sum));
        let is_unknown = long.known == 0 || short.is_some_and(|short| short.known == 0);
        let holds = || match self.rule {
            Rule::BurnRate { .. } => self.exceeds(slo, long) && short.is_none_or(|short| self.exceeds(slo, short)),
            Rule::ExhaustionTime { within } => {
                let (spent, budget) = whole(slo, step, window());
                let left = budget.saturating_sub(spent);
                // left / (bad / quarter) < within
                let lasts = wide(left, u128::from(positive(within / 4)));
                lasts < wide(micro(long.bad), u128::from(positive(within)))
            }
            Rule::BudgetRate { spent_ppm, .. } => {
                let (_, budget) = whole(slo, step, window());
                wide(micro(long.bad), u128::from(MILLION)) >= wide(budget, u128::from(spent_ppm))
            }
        };
        let verdict = match is_unknown {
            true => Verdict::Unknown,
            false if long.bad >= self.min_bad.max(1) && holds() => Verdict::Firing,
            false => Verdict::Quiet,
        };
        Standing { condition: *self, verdict, long, short, factor_milli: self.factor_milli(slo) }
    }

    /// bad / total / allowed > spent × period / long, without a division and without an overflow.
    fn exceeds(&self, slo: &Slo, sum: Sum) -> bool {
        let Rule::BurnRate { long, spent_ppm, .. } = self.rule else { return false };
        let million = u128::from(MILLION);
        let burnt = wide(u128::from(sum.bad) * million * million, u128::from(positive(long)));
        let limit = wide(
            u128::from(sum.total) * u128::from(slo.allowed_ppm()),
            u128::from(spent_ppm) * u128::from(positive(slo.window)),
        );
        sum.total > 0 && burnt > limit
    }
}

/// What is spent of the window, and its whole budget, both in millionths of an event. Where a part of the window is not known, the budget is the known
/// part's, as many times as it fits.
fn whole(slo: &Slo, step: i64, sum: Sum) -> (u128, u128) {
    let budget = slo.budget_of(sum).micro_events();
    let known = u128::from(sum.known).saturating_mul(u128::from(step.max(1).unsigned_abs()));
    let window = u128::from(positive(slo.window));
    let budget = if known > 0 && known < window { budget.saturating_mul(window) / known } else { budget };
    (micro(sum.bad), budget)
}

/// Events in millionths.
fn micro(events: u64) -> u128 {
    u128::from(events) * u128::from(MILLION)
}

/// Every condition that means something for this SLO, as it stands at `now`. For a short window some of the workbook's do not: a burn that is slower
/// than the budget allows spends nothing that is missed, and what is longer than the window is the whole budget.
#[must_use]
pub fn standings(slo: &Slo, series: &Series, now: i64) -> Vec<Standing> {
    conditions(slo).iter().map(|c| c.at(slo, series, now)).collect()
}

/// The workbook's conditions that mean something for this SLO, then its own: a window that is shorter than a slice holds none.
#[must_use]
pub fn conditions(slo: &Slo) -> Vec<Condition> {
    let slice = slo.slices.map_or(0, |slices| slices.length);
    let shortest = |rule: &Rule| rule.short().unwrap_or(rule.long());
    let fits = |c: &Condition| c.rule.long() <= slo.window && c.factor_milli(slo) >= 900;
    let own = slo.rules.iter().map(|rule| Condition { urgency: rule.urgency(), rule: *rule, min_bad: slo.min_bad });
    let counted = workbook().into_iter().filter(fits).map(|c| Condition { min_bad: slo.min_bad, ..c });
    counted.chain(own).filter(|c| shortest(&c.rule) >= slice).collect()
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
        let sloth = |spent_ppm, long: i64| {
            let rule = Rule::BurnRate { long, short: long / 12, spent_ppm };
            Condition { rule, ..workbook()[0] }.factor_milli(&slo(999_500, 7))
        };
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
            standings(&slo(999_000, days), &Series::new(MINUTE), 0)
                .iter()
                .map(|s| s.condition.rule.long() / HOUR)
                .collect()
        };
        assert_eq!(longs(28), [1, 6, 24, 72]);
        assert_eq!(longs(7), [1, 6]);
        assert_eq!(longs(1), Vec::<i64>::new());
    }

    #[test]
    fn given_slices_when_evaluated_then_conditions_with_a_window_shorter_than_one_are_left_out() {
        let longs = |minutes: i64| -> Vec<i64> {
            let slices = Some(Slices { length: minutes * MINUTE, target_ppm: 990_000 });
            conditions(&Slo { slices, ..slo(999_000, 30) }).iter().map(|c| c.rule.long() / HOUR).collect()
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

    /// How long a steady share of failures, per million, goes on before a condition holds, in minutes: two weeks of 1,000 events a minute at 99.95 %.
    fn minutes_until(rule: Rule, failing_ppm: u64) -> Option<i64> {
        let slo = slo(999_500, 14);
        let condition = Condition { urgency: rule.urgency(), rule, min_bad: 10 };
        let (began, longest) = (14 * 24 * 60, 2 * 24 * 60);
        let buckets = (0..began + longest).map(|m| {
            let bad = if m >= began { 100_000 * failing_ppm / 1_000_000 } else { 0 };
            Bucket { start: m * MINUTE, total: 100_000, bad }
        });
        let series = Series::of(MINUTE, buckets.collect());
        (1..longest).find(|m| condition.at(&slo, &series, (began + m) * MINUTE).verdict == Verdict::Firing)
    }

    #[test]
    fn given_an_exhaustion_time_when_events_fail_steadily_then_it_holds_when_what_is_left_lasts_no_longer() {
        // 10.08 minutes' worth of events may fail in 14 d. With all of them failing since t minutes, (10.08 - t) x 90 / t falls below 360 min after 2.016;
        // with 1 %, 10.08 - 0.01 t falls below 3.6 after 648 min; one in ten thousand never does
        let rule = Rule::ExhaustionTime { within: 6 * HOUR };
        assert_eq!((rule.long(), rule.urgency()), (90 * MINUTE, Urgency::Page));
        assert_eq!(minutes_until(rule, 1_000_000), Some(3));
        assert_eq!(minutes_until(rule, 100_000), Some(21));
        assert_eq!(minutes_until(rule, 10_000), Some(649));
        assert_eq!(minutes_until(rule, 100), None);
    }

    #[test]
    fn given_a_budget_rate_when_the_share_went_within_the_window_then_it_holds_from_that_event_on() {
        // 2 % of the 10.08 minutes' worth is 0.2016 of them
        let rule = Rule::BudgetRate { window: HOUR, spent_ppm: 20_000 };
        assert_eq!(minutes_until(rule, 100_000), Some(3));
        assert_eq!(minutes_until(rule, 10_000), Some(21));
        assert_eq!(minutes_until(rule, 3_000), None, "an hour of it is 0.18");
        // a burn of 2 % x 14 d / 1 h
        assert_eq!(Condition { rule, ..workbook()[0] }.factor_milli(&slo(999_500, 14)), 6_720);
        assert_eq!(Condition { rule, ..workbook()[0] }.factor_milli(&slo(999_500, 30)), 14_400);
        let exactly = |bad| {
            let buckets =
                (0..14 * 24).map(|h| Bucket { start: h * HOUR, total: 10_000, bad: if h == 335 { bad } else { 0 } });
            let series = Series::of(HOUR, buckets.collect());
            Condition { rule, ..workbook()[0] }.at(&slo(999_000, 14), &series, 14 * DAY).verdict
        };
        // 2 % of 3,360 events
        assert_eq!((exactly(67), exactly(68)), (Verdict::Quiet, Verdict::Firing));
    }

    #[test]
    fn given_a_source_of_an_hour_when_few_fail_then_the_missing_month_is_no_reason_to_cry() {
        // 30 of 60,000 events in the hour: what 99.95 % allows, and it would be all of the hour's own budget
        let series = Series::of(
            MINUTE,
            (0..60).map(|m| Bucket { start: m * MINUTE, total: 1_000, bad: u64::from(m % 2 == 0) }).collect(),
        );
        let rules =
            vec![Rule::ExhaustionTime { within: 4 * HOUR }, Rule::BudgetRate { window: HOUR, spent_ppm: 20_000 }];
        let slo = Slo { rules, ..slo(999_500, 30) };
        let verdicts: Vec<Verdict> = standings(&slo, &series, HOUR).iter().skip(4).map(|s| s.verdict).collect();
        assert_eq!(verdicts, [Verdict::Quiet, Verdict::Quiet]);
    }

    #[test]
    fn given_a_budget_that_is_spent_when_nothing_fails_any_more_then_no_exhaustion_is_near() {
        let spent = |late| {
            let bad = |h| {
                if h == 0 {
                    10_000
                } else if h == 335 {
                    late
                } else {
                    0
                }
            };
            let series =
                Series::of(HOUR, (0..336).map(|h| Bucket { start: h * HOUR, total: 10_000, bad: bad(h) }).collect());
            let rule = Rule::ExhaustionTime { within: 4 * HOUR };
            Condition { rule, ..workbook()[0] }.at(&slo(999_000, 14), &series, 14 * DAY).verdict
        };
        assert_eq!((spent(0), spent(9), spent(10)), (Verdict::Quiet, Verdict::Quiet, Verdict::Firing));
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

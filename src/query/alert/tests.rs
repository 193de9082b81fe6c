//! When conditions hold, at the edges of their windows.

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

#[test]
fn given_a_target_so_low_that_a_factor_is_never_reached_when_asked_then_that_condition_is_none() {
    let factors = |target| {
        let slo = slo(target, 30);
        conditions(&slo).iter().map(|c| c.factor_milli(&slo)).collect::<Vec<_>>()
    };
    assert_eq!(factors(930_000), [6_000, 3_000, 1_000], "where all fails it burns 14.28 times too fast");
    assert_eq!(factors(931_000), [14_400, 6_000, 3_000, 1_000]);
    assert_eq!((factors(900_000), factors(500_000)), (vec![6_000, 3_000, 1_000], vec![1_000]));
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
            let firing: Vec<i64> =
                (0..120).map(|m| clock(22, m)).filter(|t| c.at(&slo, &series, *t).verdict == Verdict::Firing).collect();
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
        let series = Series::of(MINUTE, (0..60).map(|m| Bucket { start: m * MINUTE, total: 10_000, bad }).collect());
        workbook()[0].at(&slo(999_500, 30), &series, HOUR).verdict
    };
    assert_eq!((at(72), at(73)), (Verdict::Quiet, Verdict::Firing));
}

#[test]
fn given_a_short_window_when_evaluated_then_conditions_that_are_slower_than_the_budget_are_left_out() {
    let longs = |days| -> Vec<i64> {
        standings(&slo(999_000, days), &Series::new(MINUTE), 0).iter().map(|s| s.condition.rule.long() / HOUR).collect()
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
    let rules = vec![Rule::ExhaustionTime { within: 4 * HOUR }, Rule::BudgetRate { window: HOUR, spent_ppm: 20_000 }];
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

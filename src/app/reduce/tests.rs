//! Figures of the burn chart, reduced from counts.

use super::*;
use crate::query::alert::Verdict;
use crate::query::calendar::{Calendar, Unit, Window};
use crate::query::series::HOUR;

/// 1 November 2026, 00:00 in Paris, at which a month begins.
const BORDER: i64 = 1_793_487_600_000_000;

fn monthly() -> Slo {
    let month = Calendar::new(1, Unit::Month, Calendar::usual_start(), chrono_tz::Europe::Paris).unwrap();
    Slo::new("api", 990_000, Window::Calendar(month))
}

/// A question for columns of a minute.
fn ask(now: i64, from: i64, columns: i64) -> BurnAsk {
    BurnAsk {
        slo: 0,
        ticket: 1,
        now: Time(now),
        from: Time(from),
        step: Span(MINUTE),
        columns: u16::try_from(columns).unwrap(),
        act: None,
        shown: true,
    }
}

/// What was counted where everything answered.
fn counts(coarse: Series, recent: Series, chart: Series, newest: i64) -> Counts {
    Counts {
        narrow_from: i64::MIN,
        coarse,
        past: None,
        recent,
        chart,
        after: None,
        newest: Some(newest),
        rhythm: MINUTE,
        silence_counts: false,
        partial: false,
        counting: false,
        unproven: false,
        blind: None,
        doubts: Vec::new(),
        source: String::new(),
    }
}

/// A hundred events a minute from ten days before the border on, counted as event files count (`near`) or as backends do; asked at a minute
/// after it, in columns of a minute from an hour before it on.
fn burn(slo: &Slo, minute: i64, near: bool, bad: impl Fn(i64) -> u64) -> Burn {
    let now = BORDER + minute * MINUTE + if near { 20 * SECOND } else { 0 };
    let step = if near { 15 * SECOND } else { MINUTE };
    // of a minute in quarters each has its part; the newest bucket of a file is still filling
    let count = |from: i64, step: i64| {
        let buckets = (0..).map(|n| from + n * step).take_while(|start| *start < now).map(|start| {
            let parts = u64::try_from(MINUTE / step).unwrap();
            let bad = bad((start - BORDER).div_euclid(MINUTE));
            Bucket { start, total: 100 / parts, bad: bad / parts }
        });
        Series::of(step, buckets.collect())
    };
    let from = BORDER - HOUR;
    let coarse = count(BORDER - 10 * DAY, MINUTE);
    let recent = count(now.div_euclid(MINUTE) * MINUTE - LONG, step);
    let counts = counts(coarse, recent, count(from, MINUTE), now - SECOND);
    reduce(slo, &ask(now, from, 60 + minute + 1), Counts { silence_counts: near, ..counts })
}

#[test]
fn given_a_fire_across_the_border_of_a_month_when_reduced_then_the_budget_is_new_and_the_conditions_are_not() {
    // all fail from ten minutes before the border until ten minutes after it
    let fire = |minute: i64| if (-10..10).contains(&minute) { 100 } else { 0 };
    for near in [true, false] {
        let filling = u64::from(near) * 100;
        let before = burn(&monthly(), -1, near, fire);
        // ten days less a minute in October, of which 900 failed of 143,990 that may
        assert_eq!((before.total, before.bad), (1_439_900 + filling, 900 + filling), "near {near}");
        assert_eq!(before.renews, Some(Time(BORDER)));
        let after = burn(&monthly(), 30, near, fire);
        assert_eq!((after.total, after.bad), (3_000 + filling, 1_000));
        assert_eq!(after.remaining_ppm, Some(if near { -31_258_065 } else { -32_333_334 }));
        assert_eq!((after.lasts, after.lasts_ageing), (Some(Span(0)), Exhaustion::Already));
        assert_eq!(after.known.to_string(), "30 of 30 minutes known");
        assert_eq!(after.renews, Some(Time(BORDER + 30 * DAY)));
        // 20 of the last 60 minutes are 33 times, whatever budget they were paid from
        let first = &after.conditions[0];
        assert_eq!(first.words, "over 14.4x in 1 h and 5 m");
        let held = first.last().map(|spell| (spell.since.since(Time(BORDER - 10 * MINUTE)), spell.until.is_some()));
        assert!(held.is_some_and(|(since, over)| over && since <= Span::minutes(10)), "{first:?}");
    }
}

#[test]
fn given_a_look_back_when_reduced_then_what_was_then_is_what_was_said_when_it_was_the_present() {
    let fire = |minute: i64| if (-10..10).contains(&minute) { 100 } else { 0 };
    let sliced = Slo { slices: Some(Slices { length: MINUTE, target_ppm: 950_000 }), ..monthly() };
    let rolling = Slo::new("api", 990_000, Window::Rolling(5 * DAY));
    // before it burnt, while it did on both sides of the border, and after it
    for (slo, minute) in [monthly(), sliced, rolling].iter().flat_map(|slo| [-20, -5, 5, 30].map(|m| (slo, m))) {
        let present = burn(slo, minute, false, fire);
        let end = BORDER + minute * MINUTE;
        let bucket = |at: i64| Bucket { start: at, total: 100, bad: fire((at - BORDER).div_euclid(MINUTE)) };
        let count =
            |from: i64, to: i64| Series::of(MINUTE, (from / MINUTE..to / MINUTE).map(|m| bucket(m * MINUTE)).collect());
        let now = BORDER + 3 * DAY;
        let counts = counts(count(BORDER, now), count(now - LONG, now), count(end - HOUR, end), now);
        let before = |partial, unproven| Before {
            series: count(BORDER - 10 * DAY, end),
            narrow_from: i64::MIN,
            counting: false,
            partial,
            unproven,
            blind: None,
        };
        let look = |before| reduce(slo, &ask(now, end - HOUR, 60), Counts { past: Some(before), ..counts.clone() });
        let back = look(before(false, false));
        let then = back.then.as_deref().unwrap();
        let word = |before| look(before).then.map(|then| then.state);
        let words = [before(false, false), before(true, true), before(false, true)].map(word);
        assert_eq!(words, [State::Value, State::Partial, State::Unproven].map(Some), "{minute}");
        assert_eq!((then.total, then.bad, then.sliced), (present.total, present.bad, present.sliced), "{minute}");
        assert_eq!((then.remaining_ppm, &then.conditions), (present.remaining_ppm, &present.conditions), "{minute}");
        assert_eq!((then.burn_milli, then.until.0), (present.burn_milli, end), "{minute}");
        assert_eq!(then.known, present.known, "{minute}");
        assert_eq!(back.columns.last().unwrap().remaining_ppm, then.remaining_ppm, "{minute}");
        assert_ne!(back.total, then.total, "now is another time");
        assert_eq!(present.then, None);
    }
}

#[test]
fn given_columns_across_the_border_when_reduced_then_each_has_the_budget_of_its_own_month() {
    let fire = |minute: i64| if (-10..10).contains(&minute) { 100 } else { 0 };
    for near in [true, false] {
        let burn = burn(&monthly(), 30, near, fire);
        let left = |column: usize| burn.columns[column].remaining_ppm;
        // until 23:50 nothing failed; in the ten minutes until the border 1,000 of 14,400 that may did
        assert_eq!((left(49), left(59)), (Some(1_000_000), Some(930_555)), "near {near}");
        // then everything failed that there was, and after ten minutes others are counted beside it
        assert_eq!((left(60), left(69), left(79)), (Some(-99_000_000), Some(-99_000_000), Some(-49_000_000)));
        assert_eq!((burn.columns[60].total, burn.columns[60].bad), (Some(100), 100));
    }
}

#[test]
fn given_failures_in_the_minute_that_is_filling_when_reduced_then_the_last_column_has_what_is_left_now() {
    for step in [15 * SECOND, MINUTE, 5 * MINUTE] {
        let now = BORDER + HOUR + 50 * SECOND;
        let count = |from: i64, step: i64| {
            let starts = (from / step..).map(|n| n * step).take_while(|start| *start < now);
            let bad = |start: i64| (start.saturating_add(step).min(now) - (BORDER + HOUR)).max(0) / SECOND;
            let total = |start: i64| (start.saturating_add(step).min(now) - start) / SECOND;
            let bucket = |start: i64| {
                let bad = bad(start) - bad(start - step).min(bad(start));
                let [total, bad] = [total(start), bad].map(|n| u64::try_from(n).unwrap());
                Bucket { start, total, bad }
            };
            Series::of(step, starts.map(bucket).collect())
        };
        let from = (BORDER / step) * step;
        let counts = counts(count(BORDER - DAY, MINUTE), count(now - LONG, 15 * SECOND), count(from, step), now);
        let columns = (now - from) / step + 1;
        let ask = BurnAsk { step: Span(step), ..ask(now, from, columns) };
        let slo = Slo::new("api", 990_000, Window::Rolling(DAY));
        let burn = reduce(&slo, &ask, counts);
        // 50 of 86,390 seconds: a day from the next minute on
        assert_eq!(burn.remaining_ppm, Some(942_122), "{step}");
        assert_eq!(burn.columns.last().map(|column| column.remaining_ppm), Some(burn.remaining_ppm), "{step}");
        let calm = usize::try_from((BORDER + HOUR - from) / step - 1).unwrap();
        assert_eq!(burn.columns[calm].remaining_ppm, Some(1_000_000), "{step}");
    }
}

#[test]
fn given_a_month_that_ends_soon_when_it_burns_then_it_lasts_until_it_begins_anew() {
    // four in a hundred fail in the last half hour of the month: more than the one that may
    let burn = burn(&monthly(), -10, false, |minute| if minute >= -40 { 4 } else { 0 });
    assert!(burn.lasts.is_some_and(|lasts| lasts > Span(DAY)), "{:?}", burn.lasts);
    assert_eq!(burn.lasts_ageing, Exhaustion::Never);
}

#[test]
fn given_slices_when_reduced_then_budgets_and_rates_are_theirs_and_the_chart_is_made_of_events() {
    let slices = Some(Slices { length: 5 * MINUTE, target_ppm: 950_000 });
    let slo = Slo { slices, min_bad: 2, ..monthly() };
    // of 100 a minute eight fail from 12 to 18 after: 24 and 24 of 500 in two slices, which is good enough; 32 do from 40 to 50
    let bad = |minute: i64| match minute {
        12..18 => 8,
        40..50 => 32,
        _ => 0,
    };
    for near in [true, false] {
        let burn = burn(&slo, 59, near, bad);
        // the twelfth is not over
        assert_eq!((burn.total, burn.bad), (11, 2), "near {near}");
        assert_eq!(burn.sliced, Some(Sliced { events: 5_500, bad: 368, skipped: 0 }));
        assert_eq!(burn.events(), (5_500, 368));
        // two of eleven where one in a hundred may
        assert_eq!(burn.remaining_ppm, Some(1_000_000 - 18_181_819));
        // no slice fits into a minute; the last five minutes were good; of the twelve in an hour one is October's
        assert_eq!(burn.burn_milli, [None, Some(0), Some(16_667)]);
        let column = &burn.columns[60 + 41];
        assert_eq!((column.total, column.bad), (Some(100), 32));
        let left = |minute: usize| burn.columns[60 + minute].remaining_ppm;
        // at the end of minute 43 the slice is still open; at the end of 44 it is judged: one of nine
        assert_eq!((left(43), left(44)), (Some(1_000_000), Some(1_000_000 - 11_111_112)));
        // what hurts is said of events: more than five in a hundred failed
        assert_eq!(
            burn.bad_between.map(|(from, to)| (from.0 - BORDER, to.0 - BORDER)),
            Some((40 * MINUTE, 50 * MINUTE))
        );
        assert_eq!(burn.good_since, Some(Time(BORDER + 50 * MINUTE)));
    }
}

#[test]
fn given_slices_without_events_when_reduced_then_they_are_skipped_and_counted_apart() {
    let slo = Slo { slices: Some(Slices { length: MINUTE, target_ppm: 990_000 }), ..monthly() };
    let now = BORDER + 10 * MINUTE;
    let series = |step: i64| {
        let total = |m: i64| u64::from(m % 2 == 0) * 10;
        Series::of(
            step,
            (0..10).map(|m| Bucket { start: BORDER + m * MINUTE, total: total(m), bad: u64::from(m == 4) }).collect(),
        )
    };
    let counts = counts(series(MINUTE), series(MINUTE), series(MINUTE), now);
    let burn = reduce(&slo, &ask(now, BORDER, 10), counts);
    assert_eq!((burn.total, burn.bad, burn.sliced), (5, 1, Some(Sliced { events: 50, bad: 1, skipped: 5 })));
}

#[test]
fn given_nothing_bad_that_can_be_seen_since_a_moment_when_reduced_then_no_condition_is_quiet_and_none_ceased_after_it()
{
    let now = BORDER + 10 * HOUR;
    // it burns for an hour, and then a filter sees nothing any more
    let bad = |at: i64| if (now - 2 * HOUR..now - HOUR).contains(&at) { 50 } else { 0 };
    let count = |from: i64| {
        let bucket = |m: i64| Bucket { start: m * MINUTE, total: 100, bad: bad(m * MINUTE) };
        Series::of(MINUTE, (from / MINUTE..now / MINUTE).map(bucket).collect())
    };
    let slo = Slo::new("api", 999_000, Window::Rolling(30 * DAY));
    let held = |blind| {
        let counts = Counts { blind, ..counts(count(BORDER), count(now - LONG), count(now - HOUR), now) };
        reduce(&slo, &ask(now, now - HOUR, 60), counts).conditions
    };
    let verdicts = |held: &[Held]| held.iter().map(|held| (held.verdict, held.stands())).collect::<Vec<_>>();
    let seen = held(None);
    assert_eq!(verdicts(&seen)[0], (Verdict::Quiet, false));
    assert!(seen[0].last().unwrap().until.is_some());
    let blind = held(Some(now - HOUR));
    assert_eq!(verdicts(&blind)[0], (Verdict::Unknown, true));
    assert_eq!((blind[0].last().unwrap().until, blind[0].last().unwrap().ended), (None, None));
    // what ceased before that had ceased
    let later = held(Some(now - 30 * MINUTE));
    assert_eq!(verdicts(&later)[0], (Verdict::Unknown, false));
    // and so had what is seen by one name of several
    let never = held(Some(i64::MIN));
    assert_eq!(verdicts(&never)[0], (Verdict::Unknown, false));
    assert!(never[0].last().unwrap().until.is_some());
    assert!(blind.iter().chain(&later).chain(&never).all(|held| held.verdict != Verdict::Quiet));
}

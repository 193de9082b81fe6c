//! Calendar windows, where clocks are set and months differ.

use super::*;
use proptest::prelude::{Just, prop_assert, prop_assert_eq, prop_oneof, proptest};

fn at(iso: &str) -> i64 {
    DateTime::parse_from_rfc3339(iso).unwrap().timestamp_micros()
}

fn calendar(unit: Unit, starts: &str, zone: Tz) -> Calendar {
    let starts = NaiveDateTime::parse_from_str(starts, "%Y-%m-%d %H:%M").unwrap();
    Calendar::new(1, unit, starts, zone).unwrap()
}

/// The period of a moment: its first moment on its own clocks, and its length in hours.
fn period(calendar: Calendar, moment: &str) -> (String, i64) {
    let (first, next) = calendar.period(at(moment));
    (calendar.said(first), (next - first) / HOUR)
}

#[test]
fn given_weeks_across_a_change_of_clocks_when_measured_then_they_have_an_hour_less_or_more() {
    let paris = calendar(Unit::Week, "2026-01-05 00:00", chrono_tz::Europe::Paris);
    assert_eq!(period(paris, "2026-03-29T12:00:00Z"), ("23 March 00:00 Paris".into(), 167));
    assert_eq!(period(paris, "2026-10-25T12:00:00Z"), ("19 October 00:00 Paris".into(), 169));
    assert_eq!(period(paris, "2026-06-10T12:00:00Z"), ("8 June 00:00 Paris".into(), 168));
    // in New York the clocks go back in November
    let york = calendar(Unit::Week, "2022-01-01 12:00", chrono_tz::America::New_York);
    assert_eq!(period(york, "2026-11-01T12:00:00Z"), ("31 October 12:00 New York".into(), 169));
    assert_eq!(period(york, "2026-11-07T16:59:59Z").0, "31 October 12:00 New York");
    assert_eq!(period(york, "2026-11-07T17:00:00Z"), ("7 November 12:00 New York".into(), 168));
}

#[test]
fn given_a_month_that_starts_on_the_31st_when_a_month_has_none_then_it_ends_on_the_last_day() {
    let month = calendar(Unit::Month, "2026-01-31 00:00", Tz::UTC);
    let days = |moment: &str| {
        let (first, hours) = period(month, moment);
        (first, hours / 24)
    };
    assert_eq!(days("2026-02-01T00:00:00Z"), ("31 January 00:00 UTC".into(), 28));
    assert_eq!(days("2026-02-28T00:00:00Z"), ("28 February 00:00 UTC".into(), 31));
    // the 31st is not forgotten for that
    assert_eq!(days("2026-03-31T00:00:00Z"), ("31 March 00:00 UTC".into(), 30));
    assert_eq!(days("2026-04-30T00:00:00Z"), ("30 April 00:00 UTC".into(), 31));
    assert_eq!(days("2028-02-28T12:00:00Z"), ("31 January 00:00 UTC".into(), 29));
    // periods before the start are like those after it
    assert_eq!(days("2025-11-29T00:00:00Z"), ("31 October 00:00 UTC".into(), 30));
}

#[test]
fn given_units_when_nobody_says_when_they_start_then_as_everybody_expects() {
    let usual = |unit| Calendar::new(1, unit, Calendar::usual_start(), chrono_tz::Europe::Paris).unwrap();
    let first = |unit| period(usual(unit), "2026-11-25T22:59:59Z");
    assert_eq!(first(Unit::Day), ("25 November 00:00 Paris".into(), 24));
    assert_eq!(first(Unit::Week), ("23 November 00:00 Paris".into(), 168));
    assert_eq!(first(Unit::Month), ("1 November 00:00 Paris".into(), 720));
    assert_eq!(first(Unit::Quarter), ("1 October 00:00 Paris".into(), 92 * 24 + 1));
    assert_eq!(first(Unit::Year), ("1 January 00:00 Paris".into(), 365 * 24));
    assert_eq!(period(usual(Unit::Day), "2026-11-25T23:00:00Z").0, "26 November 00:00 Paris");
    assert_eq!(Window::Calendar(usual(Unit::Month)).to_string(), "the month");
}

#[test]
fn given_a_start_that_the_clocks_skip_or_show_twice_when_asked_then_the_first_moment_that_is_not_before_it() {
    let day = calendar(Unit::Day, "2026-01-01 02:30", chrono_tz::Europe::Paris);
    // 02:30 was skipped: 03:00 in summer time is 01:00 UTC
    assert_eq!(day.period(at("2026-03-29T12:00:00Z")).0, at("2026-03-29T01:00:00Z"));
    // and shown twice: the first time in summer time
    assert_eq!(day.period(at("2026-10-25T12:00:00Z")).0, at("2026-10-25T00:30:00Z"));
    // Samoa had no 30 December 2011
    let apia = calendar(Unit::Day, "2011-12-01 00:00", chrono_tz::Pacific::Apia);
    assert_eq!(apia.period(at("2011-12-30T09:59:59Z")), (at("2011-12-29T10:00:00Z"), at("2011-12-30T10:00:00Z")));
    assert_eq!(apia.period(at("2011-12-30T10:00:00Z")), (at("2011-12-30T10:00:00Z"), at("2011-12-31T10:00:00Z")));
}

#[test]
fn given_words_when_read_then_they_are_periods_and_what_is_too_long_or_odd_is_refused() {
    assert_eq!(Unit::read("month"), Some((1, Unit::Month)));
    assert_eq!(Unit::read("2 weeks"), Some((2, Unit::Week)));
    assert_eq!(Unit::read("1 year"), Some((1, Unit::Year)));
    for bad in ["", "months", "2 month", "-1 days", "fortnight", "30d", "month s"] {
        assert_eq!(Unit::read(bad), None, "{bad}");
    }
    let starts = Calendar::usual_start();
    let new = |count, unit| Calendar::new(count, unit, starts, Tz::UTC);
    assert_eq!(
        (new(0, Unit::Day), new(2, Unit::Year), new(367, Unit::Day)),
        (Err(Unfit::Length), Err(Unfit::Length), Err(Unfit::Length))
    );
    assert_eq!(new(u32::MAX, Unit::Year), Err(Unfit::Length));
    let seven = starts + chrono::TimeDelta::minutes(7);
    assert_eq!(Calendar::new(1, Unit::Day, seven, Tz::UTC), Err(Unfit::Start));
    let weeks = new(2, Unit::Week).unwrap();
    assert_eq!((weeks.written().as_str(), weeks.shorthand().as_str()), ("2 weeks", "2w"));
    assert_eq!(Window::Calendar(weeks).to_string(), "2 calendar weeks");
    assert_eq!(Window::Rolling(30 * DAY).to_string(), "30 d");
}

proptest! {
    #[test]
    fn every_moment_lies_in_one_period_and_periods_leave_no_gap(
        at in -2_000_000_000_000_000i64..6_000_000_000_000_000,
        unit in prop_oneof![Just(Unit::Day), Just(Unit::Week), Just(Unit::Month), Just(Unit::Quarter), Just(Unit::Year)],
        zone in prop_oneof![Just(chrono_tz::Europe::Paris), Just(chrono_tz::Pacific::Apia), Just(chrono_tz::Asia::Kathmandu), Just(chrono_tz::Australia::Lord_Howe), Just(Tz::UTC)],
        minutes in 0i64..96, days in 0u64..40_000,
    ) {
        let starts = NaiveDate::from_ymd_opt(1960, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        let starts = starts + Days::new(days) + chrono::TimeDelta::minutes(minutes * 15);
        let calendar = Calendar::new(1, unit, starts, zone).unwrap();
        let (first, next) = calendar.period(at);
        prop_assert!(first <= at && at < next, "{first} {at} {next}");
        prop_assert!(next - first <= Window::Calendar(calendar).longest());
        prop_assert_eq!(calendar.period(first), (first, next));
        prop_assert_eq!(calendar.period(next).0, next);
        prop_assert_eq!(calendar.period(next - 1), (first, next));
    }

    #[test]
    fn any_moment_has_a_period(at in proptest::num::i64::ANY) {
        let calendar = Calendar::new(1, Unit::Month, Calendar::usual_start(), chrono_tz::Europe::Paris).unwrap();
        let (first, next) = calendar.period(at);
        prop_assert!(first <= at && at <= next);
    }
}

//! What may be said about a series at a moment: five words, never a bare number. No data is never good news.
//!
//! It must not know where the counts come from. Times and lengths are µs.

use std::fmt;

use super::series::{Bucket, DAY, HOUR, Series};

/// How many of the expected intervals a source may be silent before nothing is known about it. Three forgives one lost answer and one late one.
const SILENT_AFTER: i64 = 3;
/// How many events the compared buckets must have been expected to hold: at 20, chance alone falls below a half about once in two hundred.
const ENOUGH: u64 = 20;
/// How many buckets of history a comparison needs.
const HISTORY: usize = 5;

/// The word for what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// figures may be shown
    Value,
    /// the source answers; there were no events
    NoTraffic,
    /// some sources are missing or unreadable: figures may be shown, with this word
    Partial,
    /// far fewer events than usual: dead servers send no errors
    TrafficGone,
    /// nothing is known about now
    NoData,
}

/// What the source said about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The present.
    pub now: i64,
    /// The time of the newest event (of a metrics source: of the newest sample), if there was any.
    pub newest: Option<i64>,
    /// How often something new is expected: the interval between questions or, for quiet sources, between events.
    pub rhythm: i64,
    /// Whether some of the sources could not be read, or not all of what they hold.
    pub partial: bool,
}

/// A state, since when, and whether parts are missing besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The word.
    pub state: State,
    /// Since when, where that is known; None for *value* and *partial*.
    pub since: Option<i64>,
    /// Some sources are missing, whatever else is said.
    pub partial: bool,
    /// For *traffic gone*: events seen of those expected in the same time.
    pub traffic: Option<(u64, u64)>,
}

impl State {
    /// The word as it is shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::NoTraffic => "no traffic",
            Self::Partial => "partial",
            Self::TrafficGone => "traffic gone",
            Self::NoData => "no data",
        }
    }

    /// Whether a figure beside this word may look healthy.
    #[must_use]
    pub fn trusted(self) -> bool {
        self == Self::Value
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Finds the state. In this order:
///
/// 1. *no data*: no bucket at all, or the newest event is older than three rhythms and two buckets. A newest event from the future says nothing about the
///    present; then the last bucket with traffic counts.
/// 2. *traffic gone*: the last complete buckets hold less than half of the median of the hour before them (product.md), as many buckets as were
///    expected to hold 20 events. When they are all empty, the hour before the last traffic is the measure, for a day: an outage does not become normal by lasting.
///    It needs five buckets of history.
/// 3. *partial*: the source says that parts are missing.
/// 4. *no traffic*: the last hour held no event.
/// 5. *value*.
#[must_use]
pub fn find(series: &Series, sight: Sight) -> Finding {
    let found = |state, since, traffic| Finding { state, since, partial: sight.partial, traffic };
    let step = series.step();
    let complete = series.between(i64::MIN, sight.now.saturating_sub(step).saturating_add(1));
    let busy = series.between(i64::MIN, sight.now.saturating_add(1)).iter().rfind(|b| b.total > 0);
    let newest = sight.newest.filter(|t| *t <= sight.now).or(busy.map(|b| b.start.saturating_add(step).min(sight.now)));
    let patience = sight.rhythm.max(0).saturating_mul(SILENT_AFTER).max(step.saturating_mul(2));
    let silent = newest.is_none_or(|t| sight.now.saturating_sub(t) > patience);
    if silent || complete.is_empty() && busy.is_none() {
        return found(State::NoData, newest, None);
    }
    if let Some((since, seen, usual)) = gone(complete, step) {
        return found(State::TrafficGone, Some(since), Some((seen, usual)));
    }
    if sight.partial {
        return found(State::Partial, None, None);
    }
    let hour = series.between(sight.now.saturating_sub(HOUR), sight.now.saturating_add(1));
    if hour.iter().all(|b| b.total == 0) {
        return found(State::NoTraffic, busy.map(|b| b.start.saturating_add(step)), None);
    }
    found(State::Value, None, None)
}

/// Since when traffic is gone, what was seen and what is usual; None if it is not gone or cannot be judged.
fn gone(complete: &[Bucket], step: i64) -> Option<(i64, u64, u64)> {
    let last = complete.last()?;
    let empty = complete.iter().rev().take_while(|b| b.total == 0).count();
    let (before, _) = complete.split_at_checked(complete.len() - empty)?;
    if empty > 0 {
        let since = before.last()?.start.saturating_add(step);
        let usual = median(before, since.saturating_sub(HOUR))?;
        let expected = usual.saturating_mul(u64::try_from(empty).unwrap_or(u64::MAX));
        let fresh = last.start.saturating_sub(since) < DAY;
        if fresh && expected >= ENOUGH {
            return Some((since, 0, expected));
        }
    }
    // as many of the last buckets as were expected to hold enough events, and never more than a quarter of the hour
    let most = usize::try_from(HOUR / step / 4).unwrap_or(1).max(1);
    for count in 1..=most {
        let (before, recent) = complete.split_at_checked(complete.len().checked_sub(count)?)?;
        let since = recent.first()?.start;
        let usual = median(before, since.saturating_sub(HOUR))?;
        let expected = usual.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
        if expected >= ENOUGH {
            let seen = recent.iter().fold(0_u64, |sum, b| sum.saturating_add(b.total));
            return (seen < expected.div_ceil(2)).then_some((since, seen, expected));
        }
    }
    None
}

/// The median total (the lower of two) of the buckets from `from` on; None below five buckets or when it is 0.
fn median(buckets: &[Bucket], from: i64) -> Option<u64> {
    let first = buckets.partition_point(|b| b.start < from);
    let mut totals: Vec<u64> = buckets.get(first..)?.iter().map(|b| b.total).collect();
    if totals.len() < HISTORY {
        return None;
    }
    let middle = (totals.len() - 1) / 2;
    let (_, median, _) = totals.select_nth_unstable(middle);
    Some(*median).filter(|m| *m > 0)
}

#[cfg(test)]
mod tests {
    use super::super::series::MINUTE;
    use super::*;
    use proptest::prelude::{any, prop, prop_assert, prop_assert_ne, proptest};

    fn minutes(totals: &[u64]) -> Series {
        Series::of(MINUTE, (0..).zip(totals).map(|(m, t)| Bucket { start: m * MINUTE, total: *t, bad: 0 }).collect())
    }

    fn sight(minute: i64, newest: i64) -> Sight {
        Sight { now: minute * MINUTE, newest: Some(newest * MINUTE), rhythm: 10_000_000, partial: false }
    }

    fn steady(length: usize, total: u64, then: &[u64]) -> Series {
        minutes(&[vec![total; length], then.to_vec()].concat())
    }

    #[test]
    fn given_steady_traffic_when_asked_then_value() {
        assert_eq!(find(&steady(60, 100, &[]), sight(60, 60)).state, State::Value);
    }

    #[test]
    fn given_servers_that_died_when_the_balancer_still_writes_then_traffic_gone_with_its_beginning() {
        let found = find(&steady(60, 100, &[0]), sight(61, 61));
        assert_eq!((found.state, found.since, found.traffic), (State::TrafficGone, Some(60 * MINUTE), Some((0, 100))));
        // it does not become normal by lasting
        let found = find(&steady(60, 100, &[0; 300]), sight(360, 360));
        assert_eq!((found.state, found.since), (State::TrafficGone, Some(60 * MINUTE)));
    }

    #[test]
    fn given_less_than_half_when_asked_then_traffic_gone_and_at_half_not() {
        assert_eq!(find(&steady(60, 100, &[49]), sight(61, 61)).traffic, Some((49, 100)));
        assert_eq!(find(&steady(60, 100, &[50]), sight(61, 61)).state, State::Value);
        // the bucket that is still filling is not judged
        assert_eq!(
            find(&steady(60, 100, &[3]), Sight { now: 60 * MINUTE + 5_000_000, ..sight(0, 60) }).state,
            State::Value
        );
    }

    #[test]
    fn given_little_traffic_when_one_minute_is_empty_then_not_yet_gone() {
        assert_eq!(find(&steady(60, 4, &[0]), sight(61, 61)).state, State::Value);
        assert_eq!(find(&steady(60, 4, &[0; 5]), sight(65, 65)).state, State::TrafficGone);
        assert_eq!(find(&steady(60, 4, &[1; 5]), sight(65, 65)).state, State::TrafficGone);
    }

    #[test]
    fn given_a_source_that_falls_silent_when_asked_then_no_data_since_then() {
        let series = steady(60, 100, &[]);
        assert_eq!(find(&series, sight(62, 60)).state, State::Value);
        let found = find(&series, sight(63, 60));
        assert_eq!((found.state, found.since), (State::NoData, Some(60 * MINUTE)));
        assert_eq!(find(&Series::new(MINUTE), Sight { newest: None, ..sight(5, 0) }).state, State::NoData);
    }

    #[test]
    fn given_an_event_from_the_future_when_the_source_is_silent_then_still_no_data() {
        let found = find(&steady(60, 100, &[]), sight(70, 9999));
        assert_eq!((found.state, found.since), (State::NoData, Some(60 * MINUTE)));
    }

    #[test]
    fn given_missing_parts_when_asked_then_partial_unless_worse() {
        let partial = |s| Sight { partial: true, ..s };
        assert_eq!(find(&steady(60, 100, &[]), partial(sight(60, 60))).state, State::Partial);
        let worse = find(&steady(60, 100, &[0]), partial(sight(61, 61)));
        assert_eq!((worse.state, worse.partial), (State::TrafficGone, true));
    }

    #[test]
    fn given_a_source_that_never_had_events_when_it_answers_then_no_traffic() {
        assert_eq!(find(&minutes(&[0; 60]), sight(60, 60)).state, State::NoTraffic);
        assert_eq!(find(&steady(60, 100, &[0; 1600]), sight(1660, 1660)).state, State::NoTraffic);
    }

    proptest! {
        #[test]
        fn a_source_that_went_quiet_is_never_trusted(usual in 20u64..10_000, history in 5usize..120, quiet in 1usize..60) {
            let series = steady(history, usual, &vec![0; quiet]);
            let now = i64::try_from(history + quiet).unwrap();
            prop_assert!(!find(&series, sight(now, now)).state.trusted());
            let silent = steady(history, usual, &[]);
            let now = i64::try_from(history + quiet + 2).unwrap();
            prop_assert_ne!(find(&silent, sight(now, now - i64::try_from(quiet).unwrap() - 2)).state, State::Value);
        }

        #[test]
        fn no_series_breaks_it(totals in prop::collection::vec(any::<u64>(), 0..99), now in any::<i64>(), newest in any::<Option<i64>>(), rhythm in any::<i64>()) {
            let found = find(&minutes(&totals), Sight { now, newest, rhythm, partial: false });
            prop_assert!(!found.state.word().is_empty());
        }
    }
}

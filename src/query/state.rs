//! What may be said about a series at a moment: six words, never a bare number. No data is never good news.
//!
//! It must not know where the counts come from. Times and lengths are µs.

use std::collections::VecDeque;
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
    /// the source answers, and nothing that would count as bad was ever seen in it: either nothing fails, or it is asked under a wrong name
    Unproven,
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
    /// What tells good from bad was never seen, not even as none: that there is none of it, or only that, says nothing.
    pub unproven: bool,
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
    /// What tells good from bad was never seen, whatever else is said: nothing may be called good.
    pub unproven: bool,
    /// For *traffic gone*: events seen of those expected in the same time.
    pub traffic: Option<(u64, u64)>,
}

impl State {
    /// The word as it is shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Unproven => "unproven",
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
/// 2. *traffic gone*: the last complete buckets hold less than half of the median of the hour before the traffic went, as many buckets as were
///    expected to hold 20 events. The measure stays what it was when the traffic went, for a day: an outage does not become normal by lasting.
///    It needs five buckets of history.
/// 3. *partial*: the source says that parts are missing.
/// 4. *no traffic*: the last hour held no event.
/// 5. *unproven*: what tells good from bad was never seen.
/// 6. *value*.
#[must_use]
pub fn find(series: &Series, sight: Sight) -> Finding {
    let found =
        |state, since, traffic| Finding { state, since, partial: sight.partial, unproven: sight.unproven, traffic };
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
    found(if sight.unproven { State::Unproven } else { State::Value }, None, None)
}

/// How many events a bucket usually holds: the median of the last hour in which traffic was not gone. None when there is too little to tell.
#[must_use]
pub fn usual(series: &Series, now: i64) -> Option<u64> {
    let step = series.step();
    watch(series.between(i64::MIN, now.saturating_sub(step).saturating_add(1)), step).1
}

/// Since when traffic is gone, what was seen and what is usual; None if it is not gone or cannot be judged.
fn gone(complete: &[Bucket], step: i64) -> Option<(i64, u64, u64)> {
    watch(complete, step).0
}

/// Looks at one bucket after another, as somebody would who had watched all the time. While traffic is gone nothing is learned about what is
/// usual, so an outage neither becomes normal nor moves its own beginning.
fn watch(complete: &[Bucket], step: i64) -> (Option<(i64, u64, u64)>, Option<u64>) {
    // as many buckets as were expected to hold enough events, and never more than a quarter of the hour
    let most = usize::try_from(HOUR / step.max(1) / 4).unwrap_or(1).max(1);
    let mut normal = Normal::default();
    let mut run: Option<(i64, u64, u64)> = None;
    let mut empty: usize = 0;
    let oldest = complete.last().map_or(0, |b| b.start.saturating_sub(DAY + 2 * HOUR));
    for (place, bucket) in complete.iter().enumerate().skip_while(|(_, b)| b.start < oldest) {
        empty = if bucket.total == 0 { empty + 1 } else { 0 };
        let low = normal.median().and_then(|usual| {
            let expected = |count: usize| usual.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
            let count = (1..=most).find(|count| expected(*count) >= ENOUGH);
            let seen = complete.get(..=place)?;
            let recent = |count: usize| seen.get(seen.len().checked_sub(count)?..);
            let few = count.and_then(recent).filter(|recent| total(recent) < expected(recent.len()).div_ceil(2));
            let none = recent(empty).filter(|recent| expected(recent.len()) >= ENOUGH);
            let stretch = few.or(none)?;
            let first = stretch.iter().find(|b| b.total.saturating_mul(2) < usual).or(stretch.first())?;
            Some((first.start, total(stretch), expected(stretch.len())))
        });
        run = match (run, low) {
            (Some((since, ..)), Some((_, seen, usual))) => Some((since, seen, usual)),
            (None, low) => low,
            (Some(_), None) => None,
        };
        if run.is_none() {
            normal.learn(bucket, 4 * most);
        }
    }
    let last = complete.last().map_or(0, |b| b.start);
    (run.filter(|(since, ..)| last.saturating_sub(*since) < DAY), normal.median())
}

fn total(buckets: &[Bucket]) -> u64 {
    buckets.iter().fold(0, |sum, b| sum.saturating_add(b.total))
}

/// The last hour's worth of buckets in which traffic was not gone: by these the next one is judged.
#[derive(Default)]
struct Normal {
    buckets: VecDeque<u64>,
    sorted: Vec<u64>,
}

impl Normal {
    fn learn(&mut self, bucket: &Bucket, most: usize) {
        self.buckets.push_back(bucket.total);
        let place = self.sorted.partition_point(|t| *t < bucket.total);
        self.sorted.insert(place, bucket.total);
        if self.buckets.len() > most
            && let Some(oldest) = self.buckets.pop_front()
        {
            self.sorted.remove(self.sorted.partition_point(|t| *t < oldest));
        }
    }
    /// The median (the lower of two); None below five buckets or when it is 0.
    fn median(&self) -> Option<u64> {
        let middle = self.sorted.len().checked_sub(1)? / 2;
        self.sorted.get(middle).copied().filter(|m| *m > 0 && self.sorted.len() >= HISTORY)
    }
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
        Sight {
            now: minute * MINUTE,
            newest: Some(newest * MINUTE),
            rhythm: 10_000_000,
            partial: false,
            unproven: false,
        }
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
    fn given_traffic_that_fades_when_asked_again_then_it_is_gone_since_the_same_moment() {
        let fading: Vec<u64> = [90, 70, 45, 30, 10, 0, 0, 0].into_iter().chain([20; 120]).collect();
        for asked in 3..fading.len() {
            let found = find(&steady(60, 100, &fading[..asked]), sight(60 + asked as i64, 60 + asked as i64));
            assert_eq!((found.state, found.since), (State::TrafficGone, Some(62 * MINUTE)), "{asked} minutes later");
        }
        let back: Vec<u64> = fading.iter().copied().chain([100; 3]).collect();
        let series = steady(60, 100, &back);
        let now = (60 + back.len()) as i64;
        assert_eq!(find(&series, sight(now, now)).state, State::Value);
        assert_eq!(usual(&series, now * MINUTE), Some(100), "the outage is not what is usual");
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
    fn given_that_nothing_bad_was_ever_seen_when_asked_then_unproven_unless_worse() {
        let unproven = |s| Sight { unproven: true, ..s };
        let found = find(&steady(60, 100, &[]), unproven(sight(60, 60)));
        assert_eq!((found.state, found.unproven), (State::Unproven, true));
        assert!(!found.state.trusted());
        for (series, minute, newest, state) in [
            (steady(60, 100, &[0]), 61, 61, State::TrafficGone),
            (steady(60, 100, &[]), 70, 60, State::NoData),
            (minutes(&[0; 60]), 60, 60, State::NoTraffic),
        ] {
            let found = find(&series, unproven(sight(minute, newest)));
            assert_eq!((found.state, found.unproven), (state, true));
        }
        let cut = Sight { partial: true, ..unproven(sight(60, 60)) };
        assert_eq!(find(&steady(60, 100, &[]), cut).state, State::Partial);
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
            let found = find(&minutes(&totals), Sight { now, newest, rhythm, partial: false, unproven: false });
            prop_assert!(!found.state.word().is_empty());
        }
    }
}

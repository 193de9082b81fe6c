//! When an indicator hurt last, and since when it is good. The few failures that every service has are neither an episode nor its end.
//!
//! It must not know where the counts come from. Times and lengths are µs.

use super::series::{Bucket, MINUTE, Series, Sum};
use super::slo::{MILLION, Slo};

/// What is judged at once. A bucket of some seconds holds so few events that one failure would look like a fire.
const GLANCE: i64 = MINUTE;
/// Hurting stretches nearer than this are one episode.
const NEAR: i64 = 5 * MINUTE;
/// The present, when it is asked whether failures too few for any single minute add up to more than the budget allows.
const LATELY: i64 = 15 * MINUTE;

/// What is known of the last time it hurt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Episodes {
    /// The last episode: when its first hurting bucket began and its last one ended.
    pub last: Option<(i64, i64)>,
    /// Since when events were seen in every minute and nothing hurt; None while it hurts, and without events nothing is good.
    pub good_since: Option<i64>,
}

/// Whether counts hurt: they burn faster than the budget allows, and either most events failed or more did than chance makes of a service that
/// spends its budget evenly. Failures that come by chance scatter around their mean by its square root (Poisson); three of those and three
/// failures more are seen less than once in some ten thousand minutes, whatever the traffic is.
#[must_use]
pub fn hurts(slo: &Slo, sum: Sum) -> bool {
    let million = u128::from(MILLION);
    let bad = u128::from(sum.bad) * million;
    let allowed = u128::from(sum.total) * u128::from(slo.allowed_ppm());
    let Some(beyond) = bad.checked_sub(allowed).filter(|beyond| *beyond > 0) else { return false };
    let most = sum.bad.saturating_mul(2) >= sum.total;
    let surplus = beyond.saturating_sub(3 * million);
    most || surplus.saturating_mul(surplus) > allowed.saturating_mul(9 * million)
}

/// Finds the last episode and since when it is good, from the complete buckets that begin before `end`.
#[must_use]
pub fn episodes(slo: &Slo, series: &Series, end: i64) -> Episodes {
    let step = series.step();
    let complete = series.between(i64::MIN, end.saturating_sub(step).saturating_add(1));
    let last = last(slo, complete, step);
    let since = unbroken(complete, step, end).map(|from| last.map_or(from, |(_, ended)| from.max(ended)));
    let lately = |from: i64| series.sum(end, end.saturating_sub(from).min(LATELY));
    let good = |sum: Sum| sum.total > 0 && !hurts(slo, sum);
    // a lull within the minute that is judged at once is no end: with few events it comes and goes
    let is_over = last.is_none_or(|(_, ended)| end.saturating_sub(ended) >= GLANCE);
    Episodes { last, good_since: since.filter(|from| is_over && *from < end && good(lately(*from))) }
}

/// The last episode.
fn last(slo: &Slo, complete: &[Bucket], step: i64) -> Option<(i64, i64)> {
    let mut found: Option<(i64, i64)> = None;
    for (place, newest) in complete.iter().enumerate().rev() {
        let ended = newest.start.saturating_add(step);
        if found.is_some_and(|(first, _)| first.saturating_sub(ended) > NEAR) {
            break;
        }
        let seen = complete.get(..=place).unwrap_or_default();
        let glance =
            seen.get(seen.partition_point(|b| b.start <= ended.saturating_sub(GLANCE + step))..).unwrap_or_default();
        if !hurts(slo, of(glance)) {
            continue;
        }
        let alone = |b: &&Bucket| hurts(slo, of(std::slice::from_ref(b)));
        let burns = |b: &&Bucket| b.bad > 0;
        let first = glance.iter().find(alone).or_else(|| glance.iter().find(burns));
        let newest = glance.iter().rfind(alone).or_else(|| glance.iter().rfind(burns));
        let Some((first, newest)) = first.zip(newest) else { continue };
        let ended = found.map_or(newest.start.saturating_add(step), |(_, ended)| ended);
        found = Some((found.map_or(first.start, |(known, _)| known.min(first.start)), ended));
    }
    found
}

/// Since when no minute passed without an event; None when the last one did.
fn unbroken(complete: &[Bucket], step: i64, end: i64) -> Option<i64> {
    let mut from = None;
    let mut before = end;
    for bucket in complete.iter().rev().filter(|b| b.total > 0) {
        if before.saturating_sub(bucket.start.saturating_add(step)) >= GLANCE {
            break;
        }
        before = bucket.start;
        from = Some(bucket.start);
    }
    from
}

fn of(buckets: &[Bucket]) -> Sum {
    buckets.iter().fold(Sum::default(), Sum::plus)
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Window;
    use super::super::series::{DAY, SECOND};
    use super::*;
    use proptest::prelude::*;

    const STEP: i64 = 15 * SECOND;

    fn slo(target_ppm: u32) -> Slo {
        Slo::new("api", target_ppm, Window::Rolling(30 * DAY))
    }
    /// Buckets of 15 s, one after another: events and how many failed.
    fn series(counts: impl IntoIterator<Item = (u64, u64)>) -> (Series, i64) {
        let buckets: Vec<Bucket> =
            (0..).zip(counts).map(|(place, (total, bad))| Bucket { start: place * STEP, total, bad }).collect();
        let end = i64::try_from(buckets.len()).unwrap() * STEP;
        (Series::of(STEP, buckets), end)
    }
    /// One failure in each hundredth of the buckets of 300 events.
    fn calm(buckets: u64) -> impl Iterator<Item = (u64, u64)> {
        (0..buckets).map(|place| (300, u64::from(place % 10 == 7)))
    }

    #[test]
    fn given_few_events_of_which_half_fail_when_looked_at_every_few_seconds_then_it_is_not_called_good_between() {
        // five in 15 s: of these three fail, or two, or one
        let counts: Vec<(u64, u64)> = (0..80).map(|n| (5, if n < 20 { 0 } else { [3, 2, 3, 1, 2][n % 5] })).collect();
        let (series, end) = series(counts);
        for at in (30..=80).map(|n| n * STEP).take_while(|at| *at <= end) {
            assert_eq!(episodes(&slo(999_000), &series, at).good_since, None, "{at}");
        }
    }

    #[test]
    fn given_the_failures_of_every_day_when_asked_then_nothing_hurts_and_it_is_good_from_the_beginning() {
        let (series, end) = series(calm(400));
        assert_eq!(episodes(&slo(999_000), &series, end), Episodes { last: None, good_since: Some(0) });
    }

    #[test]
    fn given_an_outage_among_the_failures_of_every_day_when_asked_then_its_edges_are_its_own() {
        let fire = std::iter::repeat_n((300, 120), 20);
        let (series, end) = series(calm(200).chain(fire).chain(calm(60)));
        let expected = Episodes { last: Some((200 * STEP, 220 * STEP)), good_since: Some(220 * STEP) };
        assert_eq!(episodes(&slo(999_000), &series, end), expected);
    }

    #[test]
    fn given_a_fire_when_it_still_burns_then_nothing_is_good() {
        let (series, end) = series(calm(100).chain(std::iter::repeat_n((300, 9), 20)));
        assert_eq!(
            episodes(&slo(999_000), &series, end),
            Episodes { last: Some((100 * STEP, 120 * STEP)), good_since: None }
        );
    }

    #[test]
    fn given_two_fires_when_they_are_near_then_they_are_one_episode_and_else_two() {
        let fire = || std::iter::repeat_n((300, 300), 4);
        let of = |apart: u64| {
            let (series, end) = series(calm(50).chain(fire()).chain(calm(apart)).chain(fire()).chain(calm(50)));
            episodes(&slo(999_000), &series, end).last.unwrap().0 / STEP
        };
        assert_eq!((of(15), of(40)), (50, 94));
    }

    #[test]
    fn given_few_events_when_most_fail_then_it_hurts_and_one_quiet_minute_ends_what_is_good() {
        // an event every 30 s
        let sparse = |bad: u64| (0..20).map(move |place| (u64::from(place % 2 == 0), bad * u64::from(place % 2 == 0)));
        let (all, end) = series(sparse(0).chain(sparse(1)));
        assert_eq!(
            episodes(&slo(990_000), &all, end),
            Episodes { last: Some((20 * STEP, 39 * STEP)), good_since: None }
        );
        let (good, end) = series(sparse(0));
        assert_eq!(episodes(&slo(990_000), &good, end).good_since, Some(0));
        let (broken, end) = series(sparse(0).chain([(0, 0); 4]).chain(sparse(0)));
        assert_eq!(episodes(&slo(990_000), &broken, end).good_since, Some(24 * STEP));
        let (gone, end) = series(sparse(0).chain([(0, 0); 5]));
        assert_eq!(episodes(&slo(990_000), &gone, end).good_since, None);
    }

    #[test]
    fn given_failures_too_few_for_a_minute_when_they_go_on_then_it_is_not_good() {
        // three times what the budget allows: 0.9 of 300 instead of 0.3
        let (series, end) = series((0..100).map(|place| (300, u64::from(place % 10 != 0))));
        let found = episodes(&slo(999_000), &series, end);
        assert_eq!((found.last, found.good_since), (None, None));
    }

    #[test]
    fn given_counts_when_judged_then_chance_is_forgiven_and_a_majority_is_not() {
        let of = |total, bad| hurts(&slo(999_000), Sum { total, bad, known: 1 });
        assert_eq!(
            [of(1_200, 1), of(1_200, 7), of(1_200, 8), of(2, 1), of(3, 1), of(1, 0), of(0, 0)],
            [false, false, true, true, false, false, false]
        );
    }

    proptest! {
        #[test]
        fn whatever_is_counted_the_episode_lies_in_what_was_seen_and_goodness_after_it(
            counts in proptest::collection::vec((0_u64..400, 0_u64..400), 0..120), target in 0_u32..1_000_000,
        ) {
            let (series, end) = series(counts.into_iter().map(|(total, bad)| (total, bad.min(total))));
            let found = episodes(&slo(target), &series, end);
            if let Some((first, ended)) = found.last {
                prop_assert!(0 <= first && first < ended && ended <= end);
            }
            if let Some(since) = found.good_since {
                prop_assert!(since < end && found.last.is_none_or(|(_, ended)| ended <= since));
            }
        }
    }
}

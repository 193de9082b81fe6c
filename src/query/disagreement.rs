//! Two sources of one promise that do not say the same: the balancer and the servers, the servers and the clients. One of them is wrong, or sees what the
//! other cannot: dead servers count no refused request. It must not know who counts. Times are µs.

use super::episode::hurts;
use super::series::{Bucket, MINUTE, Sum};
use super::slo::Slo;

/// How many of the newest minutes that both know are compared.
const MINUTES: usize = 5;
/// The fewest that say anything.
const FEWEST: usize = 3;
/// How far totals may differ, in parts: a tenth, for what is on its way and for clocks that are a little off.
const PARTS: u64 = 10;

/// What two sources say about the same minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// Where the first of the minutes begins.
    pub from: i64,
    /// How many minutes they are.
    pub minutes: u64,
    /// What the one counted.
    pub ours: Sum,
    /// What the other counted.
    pub theirs: Sum,
}

/// Compares two sources, each by its newest whole minutes in order of time. They disagree when their totals differ by more than a tenth and by more than
/// chance makes of such counts (three times the square root of the larger one), or when the one hurts and the other does not. None where they agree, or where
/// too few minutes are known to both.
#[must_use]
pub fn between(slo: &Slo, ours: &[Bucket], theirs: &[Bucket]) -> Option<Disagreement> {
    let of_them = |start: i64| theirs.iter().find(|bucket| bucket.start == start);
    let both: Vec<(&Bucket, &Bucket)> =
        ours.iter().rev().filter_map(|one| Some((one, of_them(one.start)?))).take(MINUTES).collect();
    let (from, _) = both.last()?;
    let add =
        |pick: fn(&(&Bucket, &Bucket)) -> Bucket| both.iter().fold(Sum::default(), |sum, pair| sum.plus(&pick(pair)));
    let (a, b) = (add(|(ours, _)| **ours), add(|(_, theirs)| **theirs));
    let (more, apart) = (a.total.max(b.total), a.total.abs_diff(b.total));
    let differ = apart.saturating_mul(PARTS) > more && apart.saturating_mul(apart) > more.saturating_mul(9);
    let newest_first =
        both.windows(2).all(|pair| matches!(pair, [(new, _), (old, _)] if new.start - old.start == MINUTE));
    let enough = both.len() >= FEWEST && newest_first;
    (enough && (differ || hurts(slo, a) != hurts(slo, b))).then_some(Disagreement {
        from: from.start,
        minutes: both.len() as u64,
        ours: a,
        theirs: b,
    })
}

impl Disagreement {
    /// What the one and the other count in a minute: valid events, then bad ones.
    #[must_use]
    pub fn a_minute(&self) -> [(u64, u64); 2] {
        let minutes = self.minutes.max(1);
        [self.ours, self.theirs].map(|sum| (sum.total / minutes, sum.bad / minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::Window;
    use super::super::series::DAY;
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    fn slo() -> Slo {
        Slo::new("api", 999_500, Window::Rolling(30 * DAY))
    }

    fn minutes(first: i64, counts: &[(u64, u64)]) -> Vec<Bucket> {
        let bucket =
            |(place, (total, bad)): (i64, &(u64, u64))| Bucket { start: place * MINUTE, total: *total, bad: *bad };
        (first..).zip(counts).map(bucket).collect()
    }

    #[test]
    fn given_servers_that_die_when_the_balancer_goes_on_then_what_both_say_is_told() {
        let balancer = minutes(0, &[(4000, 0), (4000, 500), (4000, 1500), (4000, 2500), (4000, 3500)]);
        let servers = minutes(0, &[(4000, 0), (3500, 0), (2500, 0), (1500, 0), (500, 0)]);
        let found = between(&slo(), &balancer, &servers).unwrap();
        assert_eq!((found.from, found.minutes), (0, 5));
        assert_eq!(found.a_minute(), [(4000, 1600), (2400, 0)]);
    }

    #[test]
    fn given_the_same_total_when_only_one_sees_failures_then_they_disagree() {
        let (one, other) = ([(4000, 900); 5], [(4000, 0); 5]);
        assert!(between(&slo(), &minutes(0, &one), &minutes(0, &other)).is_some());
        assert_eq!(between(&slo(), &minutes(0, &[(4000, 1); 5]), &minutes(0, &other)), None, "a few are no fire");
    }

    #[test]
    fn given_a_little_on_its_way_or_few_events_or_nothing_in_common_when_compared_then_nobody_is_alarmed() {
        assert_eq!(between(&slo(), &minutes(0, &[(4000, 0); 5]), &minutes(0, &[(3700, 0); 5])), None);
        assert_eq!(between(&slo(), &minutes(0, &[(3, 0); 5]), &minutes(0, &[(1, 0); 5])), None, "chance");
        assert_eq!(between(&slo(), &minutes(0, &[(4000, 0); 5]), &minutes(9, &[(0, 0); 5])), None);
        assert_eq!(between(&slo(), &minutes(0, &[(4000, 0); 5]), &minutes(3, &[(0, 0); 5])), None, "two minutes");
        assert_eq!(between(&slo(), &[], &[]), None);
    }

    proptest! {
        #[test]
        fn it_is_the_same_from_both_sides(a in prop::collection::vec((0u64..5000, 0u64..50), 5), b in prop::collection::vec((0u64..5000, 0u64..50), 5)) {
            let (a, b) = (minutes(0, &a), minutes(0, &b));
            let swapped = between(&slo(), &b, &a).map(|found| Disagreement { ours: found.theirs, theirs: found.ours, ..found });
            prop_assert_eq!(between(&slo(), &a, &b), swapped);
            prop_assert_eq!(between(&slo(), &a, &a), None);
        }
    }
}

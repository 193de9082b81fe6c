//! When the conditions held over a past: the minutes at which they would have paged. Pure; it must not know where the counts come from, nor
//! whether anybody was woken. Times and lengths are µs.

use super::alert::{Condition, Verdict, conditions};
use super::series::{Coverage, Running, Series};
use super::slo::{Budget, Slo};

/// A condition, and when it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// The condition.
    pub condition: Condition,
    /// Its factor per thousand, rounded down.
    pub factor_milli: u64,
    /// When it held, the oldest first.
    pub spells: Vec<Spell>,
}

/// A time in which a condition held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The first end of a bucket at which it held: the moment somebody would have been told.
    pub from: i64,
    /// The first at which it held no longer; none while it holds at the end of what was looked at.
    pub to: Option<i64>,
    /// The highest burn over its long window in that time, per thousand, rounded up.
    pub peak_milli: u64,
    /// The figures when it began to hold.
    pub began: Figures,
    /// The figures when it held no longer; none while it holds.
    pub ended: Option<Figures>,
}

/// What a condition was judged by at a moment, and what was left then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The burn over its long window, per thousand, rounded up; none without events.
    pub long_milli: Option<u64>,
    /// The same over its short window, where it has one.
    pub short_milli: Option<u64>,
    /// What was left of the window's budget, per million, rounded down; none without events.
    pub left_ppm: Option<i64>,
}

/// A past under one indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// What was spent.
    pub budget: Budget,
    /// How much of the window is known.
    pub known: Coverage,
    /// When each condition held.
    pub pagings: Vec<Paging>,
}

/// The same past under two indicators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// As it was.
    pub was: Past,
    /// As it would have been.
    pub would: Past,
    /// What is wrong with the other indicator alone, in words, cleaned: "no event has a field …".
    pub doubts: Vec<String>,
}

impl Past {
    /// The past of the SLO's window at `end`, from events.
    #[must_use]
    pub fn of(slo: &Slo, events: &Series, end: i64) -> Past {
        let slo = &slo.at(end);
        let counted = &slo.counted(events, end);
        let pagings = history(slo, counted, slo.begins(end), end);
        Past { budget: slo.budget(counted, end), known: slo.coverage(events, end), pagings }
    }
}

/// Evaluates every condition that means something for the SLO at the end of each bucket in `(from, to]`. A condition that held goes on while nothing is
/// known: no data resolves nothing. The factors are those of the period in which each moment lies.
#[must_use]
pub fn history(slo: &Slo, series: &Series, from: i64, to: i64) -> Vec<Paging> {
    let running = Running::new(series);
    let of = |condition: Condition| {
        let spells = spells(slo, &condition, series, &running, from, to);
        Paging { condition, factor_milli: condition.factor_milli(slo), spells }
    };
    conditions(slo).into_iter().map(of).collect()
}

/// The same, where one that held already at the first of these moments is followed back to where it began, as far as anything is known.
#[must_use]
pub fn traced(slo: &Slo, series: &Series, from: i64, to: i64) -> Vec<Paging> {
    let running = Running::new(series);
    let (first, known) = (next(from, series.step()), series.buckets().first().map_or(from, |bucket| bucket.start));
    let of = |condition: Condition| {
        let mut found = spells(slo, &condition, series, &running, from, to);
        if known < from && found.first().is_some_and(|spell| spell.from == first) {
            found = spells(slo, &condition, series, &running, known, to);
        }
        Paging { condition, factor_milli: condition.factor_milli(slo), spells: found }
    };
    conditions(slo).into_iter().map(of).collect()
}

/// The first end of a bucket after a moment.
fn next(from: i64, step: i64) -> i64 {
    from.div_euclid(step).saturating_add(1).saturating_mul(step)
}

/// When one condition held, at the ends of the buckets in `(from, to]`.
fn spells(slo: &Slo, condition: &Condition, series: &Series, running: &Running<'_>, from: i64, to: i64) -> Vec<Spell> {
    let step = series.step();
    let mut spells: Vec<Spell> = Vec::new();
    let mut holds = false;
    let mut at = next(from, step);
    let (mut then, mut renews) = (slo.at(at), slo.renews(at));
    while at <= to {
        if renews.is_some_and(|renews| at >= renews) {
            (then, renews) = (slo.at(at), slo.renews(at));
        }
        let sum = |length: i64| running.between(at.saturating_sub(length), at);
        let window = || running.between(then.begins_before(at), at);
        let standing = condition.judged(&then, step, sum, window);
        let burn = slo.burn_of(standing.long).unwrap_or(0);
        let figures = || Figures {
            long_milli: slo.burn_of(standing.long),
            short_milli: standing.short.and_then(|short| slo.burn_of(short)),
            left_ppm: slo.budget_of(window()).remaining_ppm(),
        };
        match (standing.verdict, spells.last_mut().filter(|_| holds)) {
            (Verdict::Firing, None) => {
                holds = true;
                spells.push(Spell { from: at, to: None, peak_milli: burn, began: figures(), ended: None });
            }
            (Verdict::Firing, Some(spell)) => spell.peak_milli = spell.peak_milli.max(burn),
            (Verdict::Quiet, Some(spell)) => {
                holds = false;
                (spell.to, spell.ended) = (Some(at), Some(figures()));
            }
            (Verdict::Quiet | Verdict::Unknown, _) => {}
        }
        at = at.saturating_add(step);
    }
    spells
}

#[cfg(test)]
mod tests {
    use super::super::alert::Verdict;
    use super::super::calendar::{Calendar, Unit, Window};
    use super::super::series::{Bucket, DAY, HOUR, MINUTE};
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    fn slo(days: i64) -> Slo {
        Slo::new("api", 999_500, Window::Rolling(days * DAY))
    }

    #[test]
    fn given_the_recorded_outage_when_looked_at_afterwards_then_each_condition_held_when_prometheus_said_so() {
        let bad = |minute: i64| match minute {
            0 => 500,
            1 => 1500,
            2 => 2500,
            3 => 3500,
            4..=11 => 4000,
            _ => 0,
        };
        // minute 0 is 22:50; three days before and one after
        let buckets = (-3 * 1440..1440).map(|m| Bucket { start: m * MINUTE, total: 4000, bad: bad(m) }).collect();
        let series = Series::of(MINUTE, buckets);
        let held = history(&slo(30), &series, -HOUR, 10 * HOUR);
        let spans: Vec<_> = held
            .iter()
            .map(|p| p.spells.iter().map(|s| (s.from / MINUTE, s.to.map(|t| t / MINUTE))).collect::<Vec<_>>())
            .collect();
        assert_eq!(spans[0], [(2, Some(17))], "22:52 to 23:06");
        assert_eq!(spans[1], [(3, Some(42))], "22:53 to 23:31");
        assert_eq!(spans[2][0].0, 5);
        assert_eq!(spans[3][0].0, 5);
        assert_eq!(held[0].spells[0].peak_milli / 1000, 333);
        // with its figures: 2,000 of the 240,000 in the hour failed, of 12,000 in the two minutes that are full
        let first = held[0].spells[0];
        assert_eq!((first.began.long_milli, first.began.short_milli), (Some(16_667), Some(200_000)));
        let left = |figures: Option<Figures>| figures.and_then(|figures| figures.left_ppm);
        assert!(left(Some(first.began)) > left(first.ended), "{first:?}");
    }

    #[test]
    fn given_a_condition_that_held_before_the_first_moment_when_traced_then_its_beginning_is_found() {
        // four in a thousand fail from the second day on
        let bad = |minute: i64| if minute >= 1440 { 16 } else { 0 };
        let minute = |m: i64| Bucket { start: m * MINUTE, total: 4000, bad: bad(m) };
        let series = Series::of(MINUTE, (0..4 * 1440).map(minute).collect());
        let (from, to) = (3 * DAY, 4 * DAY);
        let ticket = |all: Vec<Paging>| all[2].spells.first().map(|spell| spell.from / MINUTE);
        assert_eq!(ticket(history(&slo(30), &series, from, to)), Some(3 * 1440 + 1));
        let began = ticket(traced(&slo(30), &series, from, to)).unwrap();
        assert!((1440 + 2 * 60..2 * 1440).contains(&began), "{began}");
        // what began within the time is the same
        let whole = history(&slo(30), &series, 0, to);
        assert_eq!(traced(&slo(30), &series, 0, to), whole);
    }

    #[test]
    fn given_no_data_while_a_condition_holds_when_looked_at_then_it_goes_on() {
        let fire = (0..30).map(|m| Bucket { start: m * MINUTE, total: 100, bad: 100 });
        let after = (200..210).map(|m| Bucket { start: m * MINUTE, total: 100, bad: 0 });
        let series = Series::of(MINUTE, fire.chain(after).collect());
        let held = history(&slo(30), &series, 0, 240 * MINUTE);
        assert_eq!(held[0].spells.len(), 1);
        assert_eq!(held[0].spells[0].to, Some(201 * MINUTE));
    }

    #[test]
    fn given_a_calendar_when_its_period_is_longer_than_the_one_before_then_the_factor_is_too() {
        let month = Calendar::new(1, Unit::Month, Calendar::usual_start(), chrono_tz::UTC).unwrap();
        let slo = Slo::new("api", 990_000, Window::Calendar(month));
        // 1 March 1970: February's 28 days make 13.44 times, March's 31 make 14.88; it burns 14 times
        let march = 59 * DAY;
        let minute = |m: i64| Bucket { start: march + m * MINUTE, total: 100, bad: 14 };
        let series = Series::of(MINUTE, (-120..120).map(minute).collect());
        let held = history(&slo, &series, march - HOUR, march + HOUR);
        let at = |moment: i64| Condition::factor_milli(&held[0].condition, &slo.at(moment));
        assert_eq!((at(march - 1), at(march)), (13_440, 14_880));
        let spell = held[0].spells[0];
        assert_eq!((held[0].spells.len(), spell.from, spell.to), (1, march - 59 * MINUTE, Some(march)));
        assert_eq!(spell.peak_milli, 14_000);
        // the budget of a past is that of its period
        let past = Past::of(&slo, &series, march + HOUR);
        assert_eq!((past.budget.sum.total, past.known.known, past.known.window), (6_000, HOUR, HOUR));
    }

    proptest! {
        #[test]
        fn it_is_what_looking_at_each_moment_says(counts in prop::collection::vec((0u64..50, 0u64..50), 1..200)) {
            let buckets = (0..).zip(&counts).map(|(m, (good, bad))| Bucket { start: m * MINUTE, total: good + bad, bad: *bad }).collect();
            let series = Series::of(MINUTE, buckets);
            let end = i64::try_from(counts.len()).unwrap() * MINUTE;
            for held in history(&slo(30), &series, 0, end) {
                for m in 1..=counts.len() {
                    let at = i64::try_from(m).unwrap() * MINUTE;
                    let firing = held.condition.at(&slo(30), &series, at).verdict == Verdict::Firing;
                    let inside = held.spells.iter().any(|s| s.from <= at && s.to.is_none_or(|to| at < to));
                    prop_assert_eq!(firing, inside);
                }
            }
        }
    }
}

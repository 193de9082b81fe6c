//! The same minutes of earlier weeks: what is usual at this time of the week, once the hour before says too little. An hour after traffic fell, the hour
//! before it is a poor measure of a night or a weekend; a day after, it is none. It must not know where the counts come from. Times and lengths are µs.

use super::series::{DAY, HOUR, MINUTE, Series};
use super::state::{Finding, State};

/// How long a stretch is compared: so that one odd minute of a week ago decides nothing.
const STRETCH: i64 = 15 * MINUTE;
/// How many weeks are looked at.
const WEEKS: i64 = 4;
/// The fewest events that were expected before fewer say anything.
const ENOUGH: u64 = 20;
/// How many must agree before they may call traffic usual that the hour before calls gone: one of them may have been an outage itself. Where one week
/// is known, the day before is the other.
const WITNESSES: usize = 2;
/// How far back counts are wanted, so that last week is known: a week, and the minutes that are compared.
const REACH: i64 = 7 * DAY + HOUR;

/// What was seen of late, and at the same time in earlier weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Events of the last fifteen minutes.
    pub seen: u64,
    /// The median (the lower of two) of the same minutes in the weeks that are known.
    pub usual: u64,
    /// How many weeks are known.
    pub known: usize,
    /// The same minutes of the day before, where they are known.
    pub day: Option<u64>,
}

/// From when on counts are wanted at a moment by whoever needs them from another one on anyway: last week too, where a window is of that length.
#[must_use]
pub fn wanted(needed: i64, window: i64, now: i64) -> i64 {
    if window < 7 * DAY { needed } else { needed.min(now.saturating_sub(REACH)) }
}

/// Compares the last fifteen whole minutes with the same ones up to four weeks ago. None when not all of them are known, or no week is.
#[must_use]
pub fn compare(series: &Series, now: i64) -> Option<Week> {
    let step = series.step();
    let end = now.div_euclid(step) * step;
    let stretch = STRETCH.max(step);
    let wanted = u64::try_from(stretch.div_euclid(step)).unwrap_or(1);
    let whole = |at: i64| Some(series.sum(at, stretch)).filter(|sum| sum.known >= wanted).map(|sum| sum.total);
    let seen = whole(end)?;
    let mut weeks: Vec<u64> =
        (1..=WEEKS).filter_map(|week| whole((end - 7 * DAY * week).div_euclid(step) * step)).collect();
    weeks.sort_unstable();
    let usual = *weeks.get(weeks.len().checked_sub(1)? / 2)?;
    let day = whole((end - DAY).div_euclid(step) * step);
    Some(Week { seen, usual, known: weeks.len(), day })
}

impl Week {
    /// Events seen of those usual, per million; none where too few are usual.
    #[must_use]
    pub fn ppm(&self) -> Option<u64> {
        (self.usual >= ENOUGH).then(|| self.seen.saturating_mul(1_000_000) / self.usual)
    }

    /// Fewer than half.
    fn is_gone(&self) -> bool {
        self.usual >= ENOUGH && self.seen.saturating_mul(2) < self.usual
    }

    /// At least half, and something, by as many as it takes.
    fn is_usual(&self) -> bool {
        let agrees = |usual: u64| usual >= ENOUGH && self.seen.saturating_mul(2) >= usual;
        let witnesses = self.known + usize::from(self.day.is_some_and(agrees));
        self.seen > 0 && agrees(self.usual) && witnesses >= WITNESSES
    }
}

/// A finding by the hour before, weighed with the weeks before:
///
/// * gone for more than an hour, and as much as two or more earlier weeks had at this time, or as last week and the day before had: it is what is usual
///   now, unless there is nothing at all;
/// * nothing to compare with in the hour before (`has_usual` is false), and less than half of an earlier week: gone, since a time that nobody knows.
#[must_use]
pub fn weighed(finding: Finding, week: Option<Week>, has_usual: bool, now: i64) -> Finding {
    let Some(week) = week else { return finding };
    let is_old = finding.since.is_some_and(|since| now.saturating_sub(since) >= HOUR);
    match finding.state {
        State::TrafficGone if is_old && week.is_usual() => {
            let state = match finding {
                Finding { partial: true, .. } => State::Partial,
                Finding { unproven: true, .. } => State::Unproven,
                _ => State::Value,
            };
            Finding { state, since: None, traffic: None, ..finding }
        }
        State::Value | State::Unproven | State::Partial | State::NoTraffic if !has_usual && week.is_gone() => {
            Finding { state: State::TrafficGone, traffic: Some((week.seen, week.usual)), ..finding }
        }
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::super::series::Bucket;
    use super::super::state::{self, Sight};
    use super::*;

    /// Five weeks of a service with busy days and quiet nights: 1,000 a minute from 8 to 20 o'clock, 200 at night; then what a last day had.
    fn weeks(last_day: impl Fn(i64) -> u64) -> (Series, i64) {
        let days = 36;
        let total = |minute: i64| {
            let (day, of_day) = (minute / 1440, minute % 1440);
            if day == days - 1 { last_day(of_day) } else { by_day(of_day) }
        };
        let buckets = (0..days * 1440).map(|m| Bucket { start: m * MINUTE, total: total(m), bad: 0 }).collect();
        (Series::of(MINUTE, buckets), (days - 1) * DAY)
    }

    fn by_day(minute: i64) -> u64 {
        if (480..1200).contains(&minute) { 1_000 } else { 200 }
    }

    fn found(series: &Series, now: i64) -> Finding {
        let sight = Sight { now, newest: Some(now), rhythm: 10_000_000, partial: false, unproven: false };
        let known = Series::of(MINUTE, series.between(now - 30 * DAY, now).to_vec());
        let day = Series::of(MINUTE, known.between(now - 6 * HOUR, now).to_vec());
        weighed(state::find(&day, sight), compare(&known, now), state::usual(&day, now).is_some(), now)
    }

    #[test]
    fn given_a_night_like_every_night_when_an_hour_has_passed_then_it_is_not_called_gone() {
        let (series, day) = weeks(by_day);
        assert_eq!(found(&series, day + 1_190 * MINUTE).state, State::Value);
        assert_eq!(
            found(&series, day + 1_230 * MINUTE).state,
            State::TrafficGone,
            "nobody knows yet that it is the night"
        );
        let later = found(&series, day + 1_270 * MINUTE);
        assert_eq!((later.state, later.since), (State::Value, None));
    }

    #[test]
    fn given_an_outage_at_night_when_an_hour_has_passed_then_it_stays_gone() {
        let (series, day) = weeks(|minute| if minute < 1_200 { by_day(minute) } else { 40 });
        assert_eq!(found(&series, day + 1_300 * MINUTE).state, State::TrafficGone);
        let (series, day) = weeks(|minute| if minute < 1_200 { by_day(minute) } else { 0 });
        assert_eq!(found(&series, day + 1_300 * MINUTE).state, State::TrafficGone);
    }

    #[test]
    fn given_a_source_that_was_dead_when_first_looked_at_then_last_week_says_so() {
        // longer than the hours that are judged: the hour before knows nothing but the outage
        let (series, day) = weeks(|_| 0);
        let dead = found(&series, day + 800 * MINUTE);
        assert_eq!((dead.state, dead.traffic), (State::TrafficGone, Some((0, 15_000))));
    }

    /// The last eight days only, as an objective of seven days knows them.
    fn short(series: &Series, now: i64) -> Series {
        let from = wanted(now - 7 * DAY, 7 * DAY, now);
        Series::of(MINUTE, series.between(from, now).to_vec())
    }

    #[test]
    fn given_a_window_of_a_week_when_last_week_and_yesterday_had_such_a_night_then_it_is_not_called_gone() {
        let (series, day) = weeks(by_day);
        let now = day + 1_270 * MINUTE;
        let later = found(&short(&series, now), now);
        assert_eq!((later.state, later.since), (State::Value, None));
        let (outage, day) = weeks(|minute| if minute < 1_200 { by_day(minute) } else { 40 });
        assert_eq!(found(&short(&outage, day + 1_300 * MINUTE), day + 1_300 * MINUTE).state, State::TrafficGone);
    }

    #[test]
    fn given_a_window_of_a_week_when_a_witness_was_dead_itself_then_it_clears_nothing() {
        let (series, day) = weeks(|minute| if minute < 1_200 { by_day(minute) } else { 40 });
        let now = day + 1_300 * MINUTE;
        let at = |ago: i64, total: u64| {
            let (from, to) = (now - ago - HOUR, now - ago + HOUR);
            let hours = (from / MINUTE..to / MINUTE).map(|m| Bucket { start: m * MINUTE, total, bad: 0 });
            let mut other = short(&series, now);
            other.replace(from, to, &hours.collect::<Vec<_>>());
            found(&other, now).state
        };
        // last week was down as well, or nothing at all was there, and yesterday was not
        assert_eq!((at(7 * DAY, 40), at(7 * DAY, 0)), (State::TrafficGone, State::TrafficGone));
        let (series, day) = weeks(by_day);
        let now = day + 1_300 * MINUTE;
        let mut other = short(&series, now);
        let nothing = (now - DAY - HOUR..now - DAY + HOUR).step_by(60_000_000);
        let nothing: Vec<Bucket> = nothing.map(|start| Bucket { start, total: 0, bad: 0 }).collect();
        other.replace(now - DAY - HOUR, now - DAY + HOUR, &nothing);
        assert_eq!(found(&other, now).state, State::TrafficGone, "nothing at all is no witness");
    }

    #[test]
    fn given_one_week_alone_when_it_agrees_then_it_is_no_witness() {
        let (series, day) = weeks(by_day);
        let now = day + 1_270 * MINUTE;
        let mut short = short(&series, now);
        short.replace(now - 2 * DAY, now - HOUR, &[]);
        let week = compare(&short, now).unwrap();
        let alone = Week { seen: 3_000, usual: 3_000, known: 1, day: None };
        assert_eq!((week, week.ppm()), (alone, Some(1_000_000)));
        assert!(!week.is_usual());
        assert!(Week { known: 2, ..alone }.is_usual() && Week { day: Some(6_000), ..alone }.is_usual());
        assert!(!Week { day: Some(6_001), ..alone }.is_usual());
        assert_eq!(compare(&Series::new(MINUTE), now), None);
        let hours = Series::of(HOUR, (0..24 * 30).map(|h| Bucket { start: h * HOUR, total: 60, bad: 0 }).collect());
        let known = Week { seen: 60, usual: 60, known: 4, day: Some(60) };
        assert_eq!(compare(&hours, 30 * DAY), Some(known));
    }

    #[test]
    fn given_a_window_when_it_is_shorter_than_a_week_then_no_more_is_wanted_than_it_needs() {
        assert_eq!(wanted(90 * DAY, DAY, 100 * DAY), 90 * DAY);
        assert_eq!(wanted(93 * DAY, 7 * DAY, 100 * DAY), 93 * DAY - HOUR);
        assert_eq!(wanted(70 * DAY, 30 * DAY, 100 * DAY), 70 * DAY);
    }
}

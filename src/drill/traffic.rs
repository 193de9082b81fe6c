//! How many requests arrive in a minute and in each of its seconds, before the drill and during it. Whole numbers only, so that every
//! platform counts the same. It must not know what is asked, nor whether anybody answers.

use super::chance::{Chance, For};
use crate::incident::time::{HOUR, MINUTE, SECOND, Span, Time};

/// How many requests arrive when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    per_minute: [u32; 24],
    spread_permille: u32,
    seed: u64,
}

impl Flow {
    /// The flow with these requests a minute at each full hour UTC, each minute at most so far from the line between them, per thousand.
    pub fn new(per_minute: [u32; 24], spread_permille: u32, seed: u64) -> Flow {
        Flow { per_minute, spread_permille, seed }
    }

    /// Requests in the minute this moment lies in.
    pub fn minute(&self, at: Time) -> u32 {
        let usual = self.usual(at);
        let spread = usual * self.spread_permille / 1000;
        let mut chance = Chance::of(self.seed, For::Minute, at.0.div_euclid(MINUTE), 0);
        usual - spread + chance.below(2 * spread + 1)
    }

    /// Requests in the second this moment lies in; the sixty seconds of a minute add up to [`Flow::minute`].
    pub fn second(&self, at: Time) -> u32 {
        let second = at.0.div_euclid(SECOND);
        let minute = self.minute(at);
        let until = |second: i64, place: u32| match place {
            0 => 0,
            60.. => minute,
            _ => {
                // moved by less than half of what a second has, so that no second has less than nothing
                let room = (minute / 60 / 2).min(6);
                let mut chance = Chance::of(self.seed, For::Second, second, 0);
                minute * place / 60 + chance.below(room + 1) - room / 2
            }
        };
        let place = u32::try_from(second.rem_euclid(60)).unwrap_or(0);
        until(second + 1, place + 1).saturating_sub(until(second, place))
    }

    /// Requests in `length`, a whole number of seconds, from a whole second on.
    pub fn seconds(&self, from: Time, length: Span) -> u32 {
        (0..length.as_seconds()).map(|nth| self.second(from.plus(Span::seconds(nth)))).sum()
    }

    /// The straight line between two hours; its mean over a day is the mean of the hours.
    fn usual(&self, at: Time) -> u32 {
        let minute = at.0.rem_euclid(HOUR) / MINUTE;
        let hour = usize::try_from(at.0.div_euclid(HOUR).rem_euclid(24)).unwrap_or(0);
        let rate = |hour: usize| i64::from(self.per_minute.get(hour % 24).copied().unwrap_or(0));
        let line = (rate(hour) * (60 - minute) + rate(hour + 1) * minute) / 60;
        u32::try_from(line).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(per_minute: u32) -> Flow {
        Flow::new([per_minute; 24], 20, 7)
    }

    #[test]
    fn seconds_add_up_to_their_minute_at_any_rate() {
        for rate in [60, 61, 119, 4000, 59_999] {
            for minute in 0..50 {
                let at = Time(minute * MINUTE);
                assert_eq!(flow(rate).seconds(at, Span::minutes(1)), flow(rate).minute(at), "{rate} a minute");
            }
        }
    }

    #[test]
    fn a_minute_stays_near_its_hour_and_minutes_differ() {
        let minutes: Vec<u32> = (0..60).map(|minute| flow(4000).minute(Time(minute * MINUTE))).collect();
        assert!(minutes.iter().all(|count| (3920..=4080).contains(count)), "{minutes:?}");
        assert!(minutes.iter().min() < minutes.iter().max());
    }

    #[test]
    fn between_two_hours_it_goes_straight_and_the_last_leads_to_the_first() {
        let mut hours = [1000; 24];
        hours[0] = 2000;
        let flow = Flow::new(hours, 20, 0);
        assert_eq!(flow.usual(Time(30 * MINUTE)), 1500);
        assert_eq!(flow.usual(Time(23 * HOUR + 30 * MINUTE)), 1500);
        assert_eq!(flow.usual(Time(-30 * MINUTE)), 1500);
    }
}

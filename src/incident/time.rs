//! Moments: microseconds since 1970 in UTC, as a plain value. It must not know what time it is.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A moment, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

/// A length of time in microseconds; lengths between foreign moments clamp at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub i64);

/// One second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;

impl Span {
    /// So many seconds.
    pub const fn seconds(n: i64) -> Span {
        Span(n.saturating_mul(SECOND))
    }
    /// So many minutes.
    pub const fn minutes(n: i64) -> Span {
        Span(n.saturating_mul(MINUTE))
    }
    /// Whole seconds in this length, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }
    /// Whole minutes in this length, rounded down.
    pub const fn as_minutes(self) -> i64 {
        self.0.div_euclid(MINUTE)
    }
}

impl Time {
    /// This moment moved by a length; saturates at the ends of time.
    pub const fn plus(self, by: Span) -> Time {
        Time(self.0.saturating_add(by.0))
    }
    /// This moment moved back by a length; saturates at the ends of time.
    pub const fn minus(self, by: Span) -> Time {
        Time(self.0.saturating_sub(by.0))
    }
    /// How long after `earlier` this is; zero when it is not after it.
    pub const fn since(self, earlier: Time) -> Span {
        let d = self.0.saturating_sub(earlier.0);
        Span(if d < 0 { 0 } else { d })
    }
    /// The start of the whole step (seconds, minutes, ...) this moment lies in; `step` below one counts as one.
    pub const fn floor(self, step: Span) -> Time {
        let step = if step.0 < 1 { 1 } else { step.0 };
        Time(self.0.saturating_sub(self.0.rem_euclid(step)))
    }
    /// The calendar's view of this moment; moments outside its range become its first moment.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }
    /// `2019-07-09T22:50:00Z`, with as many digits of the second as are needed: what data carries.
    pub fn iso(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }
    /// `22:50:07`, in UTC.
    pub fn clock(self) -> String {
        let (hours, minutes, seconds) = self.of_day();
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    }
    /// `22:50`, in UTC.
    pub fn clock_minutes(self) -> String {
        let (hours, minutes, _) = self.of_day();
        format!("{hours:02}:{minutes:02}")
    }
    /// Hours, minutes and seconds of its day in UTC. A frame shows dozens of them: the calendar is not asked.
    fn of_day(self) -> (i64, i64, i64) {
        let seconds = self.0.div_euclid(SECOND).rem_euclid(86_400);
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
    /// `2019-07-09`, in UTC.
    pub fn date(self) -> String {
        self.utc().format("%Y-%m-%d").to_string()
    }
    /// `2019-07-09 22:50`, in UTC.
    pub fn date_and_minutes(self) -> String {
        format!("{} {}", self.date(), self.clock_minutes())
    }
    /// A moment as people read it beside another one, in UTC: `22:50`, `07-08 22:50` on another day, `2018-07-09 22:50` of another year.
    pub fn beside(self, other: Time) -> String {
        self.day_beside(other) + &self.clock_minutes()
    }
    /// The same to the second: `22:50:07`, `07-08 22:50:07`.
    pub fn exactly_beside(self, other: Time) -> String {
        self.day_beside(other) + &self.clock()
    }
    /// Its day and a blank, where it is not the day of another moment. A frame asks dozens of times: mostly the calendar is not needed.
    fn day_beside(self, other: Time) -> String {
        let day = |at: Time| at.0.div_euclid(24 * HOUR);
        if day(self) == day(other) {
            return String::new();
        }
        let format = if self.utc().year() == other.utc().year() { "%m-%d " } else { "%Y-%m-%d " };
        self.utc().format(format).to_string()
    }
    /// Reads RFC 3339; `None` when it is not that.
    pub fn parse_iso(text: &str) -> Option<Time> {
        DateTime::parse_from_rfc3339(text).ok().map(|t| Time(t.timestamp_micros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_562_713_460_000_000);

    #[test]
    fn a_clock_alone_is_of_the_same_day() {
        let said = |hours: i64| NOW.plus(Span::minutes(hours * 60)).beside(NOW);
        assert_eq!([said(0), said(-23)], ["23:04", "00:04"], "today always");
        assert_eq!([said(2), said(13), said(-36)], ["07-10 01:04", "07-10 12:04", "07-08 11:04"]);
        assert_eq!(said(-24 * 365), "2018-07-09 23:04");
        let just_before = Time::parse_iso("2019-07-08T23:59:59Z").unwrap();
        assert_eq!(just_before.exactly_beside(just_before.plus(Span::seconds(1))), "07-08 23:59:59");
        assert_eq!(just_before.exactly_beside(just_before), "23:59:59");
    }

    #[test]
    fn lengths_between_foreign_moments_clamp_at_zero() {
        assert_eq!(Time(5).since(Time(9)), Span(0));
        assert_eq!(Time(9).since(Time(5)), Span(4));
        assert_eq!(Time(i64::MIN).since(Time(i64::MAX)), Span(0));
    }

    #[test]
    fn floor_goes_down_before_the_epoch_too() {
        assert_eq!(Time(-1).floor(Span(10)), Time(-10));
        assert_eq!(Time(19).floor(Span(10)), Time(10));
        assert_eq!(Time(19).floor(Span(0)), Time(19));
    }

    #[test]
    fn clocks_agree_with_the_calendar() {
        for t in [0, -1, 1_562_712_600_000_000, -86_400_000_001, 1_562_716_799_999_999] {
            assert_eq!(Time(t).clock(), Time(t).utc().format("%H:%M:%S").to_string(), "{t}");
            assert_eq!(Time(t).clock_minutes(), Time(t).utc().format("%H:%M").to_string(), "{t}");
        }
    }

    #[test]
    fn iso_round_trips_to_the_microsecond() {
        for t in [0, 1, 1_562_712_600_000_000, 1_562_712_600_123_456] {
            assert_eq!(Time::parse_iso(&Time(t).iso()), Some(Time(t)));
        }
    }
}

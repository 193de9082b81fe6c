//! Over which time a promise is kept: the last so many days, or a day, week, month, quarter or year of the calendar. A calendar's periods are told by
//! the clocks of a zone, so a week across the change to summer time has 167 hours, and a month that starts on the 31st ends on the last day of
//! a shorter one (OpenSLO v1, `calendar.startTime` and `timeZone`).
//!
//! It must not know what is counted. Moments are µs UTC, lengths µs; the zone is a value.

use super::series::{DAY, HOUR, MINUTE, SECOND};
use chrono::{DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Tz;
use std::fmt;

/// Where a period may begin: every zone's clocks differ from UTC by quarters of an hour, so that buckets of such a part end where a period does.
pub const QUARTER_HOUR: i64 = 15 * MINUTE;
/// The longest period in days.
const MOST_DAYS: u32 = 366;
/// A period holds at most so much more than its days have hours: the clocks go back in it.
const LEEWAY: i64 = 2 * HOUR;
/// No zone is further from UTC than this.
const FAR: i64 = 26 * HOUR;

/// The time a promise is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The last so many µs.
    Rolling(i64),
    /// The period of a calendar.
    Calendar(Calendar),
}

/// The narrowest bucket of at least so many µs of which whole ones fill a period; none when it is longer than a quarter of an hour.
#[must_use]
pub fn bucket(narrowest: i64) -> Option<i64> {
    [MINUTE / 4, MINUTE / 2, MINUTE, 5 * MINUTE, QUARTER_HOUR].into_iter().find(|bucket| *bucket >= narrowest)
}

/// What a period is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// From a time of the day to the same of the next.
    Day,
    /// Seven of those.
    Week,
    /// To the same day of the next month, or its last one where it has no such day.
    Month,
    /// Three of those.
    Quarter,
    /// Twelve of those.
    Year,
}

/// Periods that follow one another on the clocks of a zone, before their start as after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    count: u32,
    unit: Unit,
    starts: NaiveDateTime,
    zone: Tz,
}

/// Why periods cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// There would be none, or one of them would be longer than a year.
    Length,
    /// They would not begin on a quarter of an hour.
    Start,
}

impl Unit {
    /// Every unit with its word and OpenSLO's letter, the shortest first.
    pub const ALL: [(Unit, &'static str, char); 5] = [
        (Unit::Day, "day", 'd'),
        (Unit::Week, "week", 'w'),
        (Unit::Month, "month", 'M'),
        (Unit::Quarter, "quarter", 'Q'),
        (Unit::Year, "year", 'Y'),
    ];

    /// Reads `month` or `2 weeks`; None when it is neither.
    #[must_use]
    pub fn read(text: &str) -> Option<(u32, Unit)> {
        let (count, word) = text.trim().split_once(' ').map_or((None, text.trim()), |(n, word)| (Some(n), word.trim()));
        let count = count.map_or(Some(1), |n| n.parse().ok())?;
        let word = if count == 1 { word } else { word.strip_suffix('s')? };
        Unit::ALL.iter().find(|(_, known, _)| *known == word).map(|(unit, ..)| (count, *unit))
    }

    /// The most days it has.
    fn days(self) -> u32 {
        match self {
            Unit::Day => 1,
            Unit::Week => 7,
            Unit::Month => 31,
            Unit::Quarter => 92,
            Unit::Year => 366,
        }
    }

    /// The months it has; none where it has days.
    fn months(self) -> Option<u32> {
        match self {
            Unit::Day | Unit::Week => None,
            Unit::Month => Some(1),
            Unit::Quarter => Some(3),
            Unit::Year => Some(12),
        }
    }
}

impl Calendar {
    /// Periods of so many units, one of which begins at `starts` on the clocks of `zone`.
    ///
    /// # Errors
    /// They are too long, or would not begin on a quarter of an hour.
    pub fn new(count: u32, unit: Unit, starts: NaiveDateTime, zone: Tz) -> Result<Calendar, Unfit> {
        if count == 0 || unit.days().checked_mul(count).is_none_or(|days| days > MOST_DAYS) {
            return Err(Unfit::Length);
        }
        let on_a_quarter = starts.minute().is_multiple_of(15) && starts.second() == 0 && starts.nanosecond() == 0;
        if on_a_quarter { Ok(Calendar { count, unit, starts, zone }) } else { Err(Unfit::Start) }
    }

    /// When periods begin if nobody says: at midnight of a Monday that was the first day of a month, a quarter and a year.
    #[must_use]
    pub fn usual_start() -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2024, 1, 1).map(NaiveDateTime::from).unwrap_or_default()
    }

    /// Reads when periods begin on the clocks of their zone: `2026-01-01`, `2026-01-01 12:00` or, as OpenSLO writes it, `2026-01-01 12:00:00`.
    #[must_use]
    pub fn start(text: &str) -> Option<NaiveDateTime> {
        let whole = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
        let whole = whole.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        whole.or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(NaiveDateTime::from))
    }

    /// The period in which a moment lies, `[first, next)`. A moment at which one begins lies in that one.
    #[must_use]
    pub fn period(&self, at: i64) -> (i64, i64) {
        let Some(moment) = DateTime::from_timestamp_micros(at) else { return (at, at) };
        let local = self.zone.from_utc_datetime(&moment.naive_utc()).naive_local();
        let count = i64::from(self.count);
        let mut n = match self.unit.months() {
            Some(months) => {
                let of = |date: NaiveDateTime| i64::from(date.year()) * 12 + i64::from(date.month0());
                (of(local) - of(self.starts)).div_euclid(count * i64::from(months))
            }
            None => (local - self.starts).num_days().div_euclid(count * i64::from(self.unit.days())),
        };
        // the estimate is one off at most, and where clocks skipped a whole day two periods begin together
        while self.border(n) > at {
            n -= 1;
        }
        while self.border(n + 1) <= at {
            n += 1;
        }
        (self.border(n), self.border(n + 1))
    }

    /// When the period begins that is the `n`th after the start.
    fn border(&self, n: i64) -> i64 {
        let many = n.saturating_mul(i64::from(self.count));
        let ends = if n < 0 { i64::MIN } else { i64::MAX };
        let local = match self.unit.months() {
            Some(months) => {
                let months = many.saturating_mul(i64::from(months));
                match u32::try_from(months.unsigned_abs()).map(Months::new) {
                    Ok(by) if months < 0 => self.starts.checked_sub_months(by),
                    Ok(by) => self.starts.checked_add_months(by),
                    Err(_) => None,
                }
            }
            None => {
                let days = many.saturating_mul(i64::from(self.unit.days()));
                let by = Days::new(days.unsigned_abs());
                if days < 0 { self.starts.checked_sub_days(by) } else { self.starts.checked_add_days(by) }
            }
        };
        local.map_or(ends, |local| self.first_at(local))
    }

    /// The first moment at which the clocks show a time, or a later one where they skip it.
    fn first_at(&self, local: NaiveDateTime) -> i64 {
        match self.zone.from_local_datetime(&local) {
            MappedLocalTime::Single(moment) | MappedLocalTime::Ambiguous(moment, _) => moment.timestamp_micros(),
            MappedLocalTime::None => {
                let as_utc = local.and_utc().timestamp();
                let far = FAR / SECOND;
                let is_past = |second: i64| {
                    DateTime::from_timestamp(second, 0)
                        .is_none_or(|moment| self.zone.from_utc_datetime(&moment.naive_utc()).naive_local() >= local)
                };
                // before the first of these it is not shown yet, at the second it is past
                let (mut before, mut past) = (as_utc.saturating_sub(far), as_utc.saturating_add(far));
                while past - before > 1 {
                    let middle = before + (past - before) / 2;
                    if is_past(middle) {
                        past = middle;
                    } else {
                        before = middle;
                    }
                }
                past.saturating_mul(SECOND)
            }
        }
    }

    /// As it is written in a configuration: `month`, `2 weeks`.
    #[must_use]
    pub fn written(&self) -> String {
        let word = self.unit_word();
        if self.count == 1 { word.to_owned() } else { format!("{} {word}s", self.count) }
    }

    /// As OpenSLO writes its length: `1M`.
    #[must_use]
    pub fn shorthand(&self) -> String {
        let letter = Unit::ALL.iter().find(|(unit, ..)| *unit == self.unit).map_or('d', |(_, _, letter)| *letter);
        format!("{}{letter}", self.count)
    }

    /// When it starts, on its zone's clocks.
    #[must_use]
    pub fn starts(&self) -> NaiveDateTime {
        self.starts
    }

    /// Its zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// A moment on its zone's clocks, in words: `1 December 00:00 Paris`.
    #[must_use]
    pub fn said(&self, at: i64) -> String {
        let city = self.zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
        let moment = DateTime::from_timestamp_micros(at).unwrap_or_default();
        let local = self.zone.from_utc_datetime(&moment.naive_utc());
        format!("{} {city}", local.format("%-d %B %H:%M"))
    }

    fn unit_word(&self) -> &'static str {
        Unit::ALL.iter().find(|(unit, ..)| *unit == self.unit).map_or("", |(_, word, _)| word)
    }
}

impl Window {
    /// Its length in µs at a moment.
    #[must_use]
    pub fn length(&self, at: i64) -> i64 {
        match self {
            Window::Rolling(length) => *length,
            Window::Calendar(calendar) => {
                let (first, next) = calendar.period(at);
                next.saturating_sub(first)
            }
        }
    }

    /// The most µs it ever has.
    #[must_use]
    pub fn longest(&self) -> i64 {
        match self {
            Window::Rolling(length) => *length,
            Window::Calendar(calendar) => i64::from(calendar.unit.days() * calendar.count) * DAY + LEEWAY,
        }
    }

    /// Its calendar, where it has one.
    #[must_use]
    pub fn calendar(&self) -> Option<Calendar> {
        match self {
            Window::Rolling(_) => None,
            Window::Calendar(calendar) => Some(*calendar),
        }
    }
}

impl fmt::Display for Window {
    /// After "of": `30 d`, `the month`, `2 calendar weeks`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Rolling(length) if *length >= DAY && length % DAY == 0 => write!(f, "{} d", length / DAY),
            Window::Rolling(length) if *length >= HOUR => write!(f, "{} h", length / HOUR),
            Window::Rolling(length) => write!(f, "{} min", length / MINUTE),
            Window::Calendar(calendar) if calendar.count == 1 => write!(f, "the {}", calendar.unit_word()),
            Window::Calendar(calendar) => write!(f, "{} calendar {}s", calendar.count, calendar.unit_word()),
        }
    }
}

#[cfg(test)]
mod tests;

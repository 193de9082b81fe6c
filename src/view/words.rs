//! Times, spans and numbers in the words of the screen: `23:04:20`, `3 min 20 s`, `12 days`, `40,000`.
//!
//! Every span is whole units, rounded down, so that nothing on the screen claims to be older or nearer than it is by more
//! than its last unit. It must not know: what time it is; moments, spans and zones are arguments.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// From here on a span is said in whole days.
const IN_DAYS: i64 = 2 * DAY;

/// Below this a countdown shows seconds (house: seconds only in the last 90 s).
const IN_SECONDS: i64 = 90 * SECOND;

/// What stands where a moment is outside the calendar.
const NO_TIME: &str = "--:--";

/// The wall clock of a moment (µs since 1970, UTC) in a zone: `23:04:20`.
pub fn clock(at: i64, zone: Tz) -> String {
    formatted(at, zone, "%H:%M:%S")
}

/// The wall clock without seconds: `23:04`.
pub fn clock_minutes(at: i64, zone: Tz) -> String {
    formatted(at, zone, "%H:%M")
}

/// The date of a moment (µs since 1970, UTC) in a zone: `2019-07-09`.
pub fn date(at: i64, zone: Tz) -> String {
    formatted(at, zone, "%Y-%m-%d")
}

/// How long something took, in µs, to the second under an hour: `40 s`, `2 min`, `3 min 20 s`, `1 h 05 min`, `12 days`.
/// Less than nothing is nothing, because clocks of two machines differ.
pub fn span(length: i64) -> String {
    let (minutes, seconds) = (length.max(0) / MINUTE, length.max(0) % MINUTE / SECOND);
    match (minutes, seconds) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) if minutes < 60 => format!("{minutes} min"),
        (minutes, seconds) if minutes < 60 => format!("{minutes} min {seconds} s"),
        _ => hours_or_days(length),
    }
}

/// How long until or since something, in µs, changing no oftener than it must: seconds below 90 s, then whole minutes:
/// `80 s`, `26 min`, `1 h 05 min`, `12 days`.
pub fn span_calm(length: i64) -> String {
    let length = length.max(0);
    if length < IN_SECONDS {
        format!("{} s", length / SECOND)
    } else if length < HOUR {
        format!("{} min", length / MINUTE)
    } else {
        hours_or_days(length)
    }
}

/// How many there are, with a comma at each thousand: `40,000`.
pub fn count(of: u64) -> String {
    number(i64::try_from(of).unwrap_or(i64::MAX))
}

/// A number with a comma at each thousand: `40,000`.
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn hours_or_days(length: i64) -> String {
    if length < IN_DAYS {
        format!("{} h {:02} min", length / HOUR, length % HOUR / MINUTE)
    } else {
        format!("{} days", number(length / DAY))
    }
}

fn formatted(at: i64, zone: Tz, format: &str) -> String {
    match DateTime::<Utc>::from_timestamp_micros(at) {
        Some(moment) => moment.with_timezone(&zone).format(format).to_string(),
        None => NO_TIME.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_spans_when_said_then_in_the_words_of_the_screen() {
        let cases = [
            (-5 * SECOND, "0 s"),
            (0, "0 s"),
            (40 * SECOND, "40 s"),
            (59_999_999, "59 s"),
            (2 * MINUTE, "2 min"),
            (3 * MINUTE + 20 * SECOND, "3 min 20 s"),
            (65 * MINUTE, "1 h 05 min"),
            (47 * HOUR + 59 * MINUTE, "47 h 59 min"),
            (2 * DAY, "2 days"),
            (12 * DAY + HOUR, "12 days"),
            (i64::MAX, "106,751,991 days"),
        ];
        for (length, words) in cases {
            assert_eq!(span(length), words);
        }
    }

    #[test]
    fn given_a_countdown_when_said_then_seconds_only_in_the_last_ninety() {
        let cases = [
            (i64::MIN, "0 s"),
            (89 * SECOND, "89 s"),
            (90 * SECOND, "1 min"),
            (26 * MINUTE + 59 * SECOND, "26 min"),
            (HOUR, "1 h 00 min"),
            (3 * DAY, "3 days"),
        ];
        for (length, words) in cases {
            assert_eq!(span_calm(length), words);
        }
    }

    #[test]
    fn given_a_moment_when_said_in_a_zone_then_as_its_wall_clock_shows_it() {
        let at = 1_562_713_460 * SECOND; // 2019-07-09T23:04:20Z
        assert_eq!(clock(at, Tz::UTC), "23:04:20");
        assert_eq!(clock_minutes(at, Tz::America__New_York), "19:04");
        assert_eq!(date(at, Tz::Asia__Tokyo), "2019-07-10");
        assert_eq!(clock(i64::MAX, Tz::UTC), "--:--");
    }

    #[test]
    fn given_numbers_when_said_then_with_commas_at_thousands() {
        assert_eq!([0, 999, 1_000, 40_000, -1_234_567].map(number), ["0", "999", "1,000", "40,000", "-1,234,567"]);
        assert_eq!(number(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!([40_000, u64::MAX].map(count), ["40,000", "9,223,372,036,854,775,807"]);
    }
}

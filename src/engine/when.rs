//! The time of an event, from a number or a text. It must not know of clocks: what is late or in the future is for others to say.

use crate::query::filter::Value;

/// The names a time is looked for under, the first readable one wins. (Honeycomb: `time`; most log libraries: `timestamp`; Elastic: `@timestamp`; zap and others: `ts`;
/// the tables of OpenTelemetry's exporter: `Timestamp`; spreadsheets: `Time`.)
pub const NAMES: [&str; 6] = ["time", "timestamp", "@timestamp", "ts", "Timestamp", "Time"];

/// How a time is wanted, for whoever wrote one that is not read.
pub const WANTED: &str = "wanted is 2026-11-26T19:47:00Z, a zone like +02:00, or seconds since 1970";

/// 2000-01-01 in µs. Earlier times are no times of events: 0 and the year 1 are how programs write "unset".
pub const EARLIEST: i64 = 946_684_800_000_000;
/// 2200-01-01 in µs.
pub const LATEST: i64 = 7_258_118_400_000_000;

/// Reads a time as µs UTC. A number, or a text of digits, is seconds, ms, µs or ns since 1970, told by its magnitude (below 10¹¹ seconds, below 10¹⁴ ms, below 10¹⁷ µs).
/// A text is RFC 3339 or nearly so (a space instead of the T, no seconds, a comma before their fraction, a zone like `+02`, `+0200`, ` UTC` or ` +0200 CEST`), or as in access
/// logs; one without a zone is not read, because guessing the zone moves an incident by hours.
/// None for what is no time or outside the years 2000 to 2199.
#[must_use]
pub fn read(value: Value<'_>) -> Option<i64> {
    let micros = match value {
        Value::Int(n) => epoch(n),
        Value::Float(f) => epoch_fraction(f),
        Value::Text(t) if t.as_bytes().get(4) == Some(&b'-') => rfc3339(t),
        Value::Text(t) if t.as_bytes().get(2) == Some(&b'/') => access_log(t),
        Value::Text(t) if t.len() <= 20 => {
            t.parse().ok().and_then(epoch).or_else(|| t.parse().ok().and_then(epoch_fraction))
        }
        _ => None,
    }?;
    (EARLIEST..LATEST).contains(&micros).then_some(micros)
}

/// ns since 1970 as µs; None outside the years 2000 to 2199.
#[must_use]
pub fn nanos(n: i64) -> Option<i64> {
    Some(n / 1000).filter(|micros| (EARLIEST..LATEST).contains(micros))
}

fn epoch(n: i64) -> Option<i64> {
    match n {
        ..100_000_000_000 => n.checked_mul(1_000_000),
        100_000_000_000..100_000_000_000_000 => n.checked_mul(1000),
        100_000_000_000_000..100_000_000_000_000_000 => Some(n),
        _ => Some(n / 1000),
    }
}

fn epoch_fraction(f: f64) -> Option<i64> {
    let micros = match f {
        f if f < 1e11 => f * 1e6,
        f if f < 1e14 => f * 1e3,
        f if f < 1e17 => f,
        f => f / 1e3,
    };
    // the range is checked before the conversion, which then is exact to the microsecond
    (micros > 0.0 && micros < 9e15).then(|| micros.round() as i64)
}

/// `10/Oct/2000:13:55:36 -0700`
#[must_use]
pub fn access_log(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.iter().position(|m| text.get(3..6) == Some(m))? + 1;
    let part = |from: usize, to: usize| text.get(from..to);
    if text.len() != 26 || part(2, 3)? != "/" || part(6, 7)? != "/" || part(11, 12)? != ":" || part(20, 21)? != " " {
        return None;
    }
    // the same moment as RFC 3339 has it, whose reader knows about months, leap years and zones
    let (day, year, clock, zone) = (part(0, 2)?, part(7, 11)?, part(12, 20)?, part(21, 26)?);
    read(Value::Text(&format!("{year}-{month:02}-{day}T{clock}{zone}")))
}

/// RFC 3339 and what is nearly that, by hand: a general parser costs more than reading the rest of the line.
fn rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, length: usize| number(bytes, from, length);
    let mark = |at: usize, any: &[u8]| bytes.get(at).is_some_and(|b| any.contains(b)).then_some(());
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute) = (number(11, 2)?, number(14, 2)?);
    mark(4, b"-")?;
    mark(7, b"-")?;
    mark(10, b"Tt ")?;
    mark(13, b":")?;
    let (mut at, mut second, mut micros) = (16, 0, 0);
    if bytes.get(at) == Some(&b':') {
        second = number(17, 2)?;
        at = 19;
        if matches!(bytes.get(at), Some(b'.' | b',')) {
            let digits = bytes.get(at + 1..)?.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            let kept = digits.min(6);
            micros = number(at + 1, kept)? * 10_i64.pow(6 - u32::try_from(kept).ok()?);
            at += 1 + digits;
        }
    }
    let east = zone(bytes.get(at..)?)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    // second 60 is a leap second and counts as the first of the next minute
    if !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // days since 1970 of the proleptic Gregorian calendar, with years that begin in March (H. Hinnant, "chrono-compatible low-level date algorithms")
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 3600 + minute * 60 + second - east) * 1_000_000 + micros)
}

/// The number that so many digits are.
fn number(bytes: &[u8], from: usize, length: usize) -> Option<i64> {
    let digits = bytes.get(from..from + length)?;
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

/// How far east of UTC a zone is, in seconds: `Z`, ` UTC`, `+02:00`, `+0200`, `+02`, a space before it or a name behind it. A name alone says nothing: two zones may share it.
fn zone(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    if matches!(text, b"Z" | b"z" | b"UTC" | b"GMT") {
        return Some(0);
    }
    let (offset, name) = text.split_at(text.iter().position(|b| *b == b' ').unwrap_or(text.len()));
    let is_name = |name: &[u8]| (2..=5).contains(&name.len()) && name.iter().all(u8::is_ascii_uppercase);
    if !name.is_empty() && !is_name(name.get(1..)?) {
        return None;
    }
    let (sign, digits) = offset.split_first()?;
    let (hours, minutes) = match digits {
        [_, _] => (number(digits, 0, 2)?, 0),
        [_, _, _, _] => (number(digits, 0, 2)?, number(digits, 2, 2)?),
        [_, _, b':', _, _] => (number(digits, 0, 2)?, number(digits, 3, 2)?),
        _ => return None,
    };
    let east = match sign {
        b'+' => 60,
        b'-' => -60,
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some((hours * 60 + minutes) * east)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn given_one_moment_in_every_form_when_read_then_it_is_the_same() {
        let expected = Some(1_562_712_600_123_456);
        for value in [
            Value::Text("2019-07-09T22:50:00.123456Z"),
            Value::Text("2019-07-09T22:50:00.123456789Z"),
            Value::Text("2019-07-10T00:50:00.123456+02:00"),
            Value::Text("2019-07-09 22:50:00.123456z"),
            Value::Int(1_562_712_600_123_456),
            Value::Int(1_562_712_600_123_456_789),
            Value::Float(1_562_712_600.123_456),
            Value::Float(1_562_712_600_123.456),
            Value::Text("1562712600.123456"),
            Value::Text("1562712600123456"),
            Value::Text("2019-07-09T22:50:00,123456Z"),
            Value::Text("2019-07-10T00:50:00.123456+0200"),
            Value::Text("2019-07-10 00:50:00.123456+02"),
            Value::Text("2019-07-09 22:50:00.123456 UTC"),
            Value::Text("2019-07-09 22:50:00.123456 +0000 UTC"),
            Value::Text("2019-07-10 00:50:00.123456 +0200 CEST"),
        ] {
            assert_eq!(read(value), expected, "{value:?}");
        }
        for text in
            ["2019-07-09T22:50Z", "2019-07-09 22:50+00", "09/Jul/2019:22:50:00 +0000", "10/Jul/2019:00:50:00 +0200"]
        {
            assert_eq!(read(Value::Text(text)), Some(1_562_712_600_000_000), "{text}");
        }
        assert_eq!(read(Value::Int(1_562_712_600)), Some(1_562_712_600_000_000));
        assert_eq!(read(Value::Int(1_562_712_600_123)), Some(1_562_712_600_123_000));
    }

    #[test]
    fn given_what_is_no_time_when_read_then_none() {
        for value in [
            Value::Missing,
            Value::Bool(true),
            Value::Int(0),
            Value::Int(-5),
            Value::Int(i64::MIN),
            Value::Float(f64::MAX),
            Value::Float(-1e300),
            Value::Text(""),
            Value::Text("yesterday"),
            Value::Text("0001-01-01T00:00:00Z"),
            Value::Text("2019-07-09T22:50:00"),
            Value::Text("2019-07-09T22:50:00.Z"),
            Value::Text("2019-02-29T22:50:00Z"),
            Value::Text("2019-07-09T24:50:00Z"),
            Value::Text("2019-07-09T22:50:00Z garbage"),
            Value::Text("2019-07-09T22:50:00+2é:00"),
            Value::Text("2019-07-09 22:50:00 CEST"),
            Value::Text("2019-07-09 22:50:00 +0000 UTC m=+0.1"),
            Value::Text("2019-07-09T22:50:00+020"),
            Value::Text("09/Jul/2019:22:50:00"),
        ] {
            assert_eq!(read(value), None, "{value:?}");
        }
        assert_eq!(read(Value::Int(i64::MAX)), None);
    }

    proptest! {
        #[test]
        fn agrees_with_chrono(micros in EARLIEST..LATEST, east in -1439i32..1440) {
            let zone = chrono::FixedOffset::east_opt(east * 60).unwrap();
            let text = chrono::DateTime::from_timestamp_micros(micros).unwrap().with_timezone(&zone).to_rfc3339();
            prop_assert_eq!(read(Value::Text(&text)), Some(micros));
        }

        #[test]
        fn reads_no_text_that_chrono_refuses(text in "20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{0,9})?(Z|[+-][0-2][0-9]:[0-6][0-9])?") {
            let chrono = chrono::DateTime::parse_from_rfc3339(&text).ok().map(|t| t.timestamp_micros());
            let chrono = chrono.filter(|at| (EARLIEST..LATEST).contains(at));
            let ours = read(Value::Text(&text));
            if !text.contains(":60") {
                prop_assert_eq!(ours, chrono);
            }
        }
    }
}

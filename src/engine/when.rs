//! The time of an event, from a number or a text. It must not know of clocks: what is late or in the future is for others to say.

use crate::query::filter::Value;

/// The names a time is looked for under, the first readable one wins. (Honeycomb: `time`; most log libraries: `timestamp`; Elastic: `@timestamp`; zap and others: `ts`.)
pub const NAMES: [&str; 4] = ["time", "timestamp", "@timestamp", "ts"];

/// 2000-01-01 in µs. Earlier times are no times of events: 0 and the year 1 are how programs write "unset".
pub const EARLIEST: i64 = 946_684_800_000_000;
/// 2200-01-01 in µs.
pub const LATEST: i64 = 7_258_118_400_000_000;

/// Reads a time as µs UTC. A number, or a text of digits, is seconds, ms, µs or ns since 1970, told by its magnitude (below 10¹¹ seconds, below 10¹⁴ ms, below 10¹⁷ µs).
/// A text is RFC 3339, with a space instead of the T if need be; one without a zone is not read, because guessing the zone moves an incident by hours.
/// None for what is no time or outside the years 2000 to 2199.
#[must_use]
pub fn read(value: Value<'_>) -> Option<i64> {
    let micros = match value {
        Value::Int(n) => epoch(n),
        Value::Float(f) => epoch_fraction(f),
        Value::Text(t) if t.len() >= 20 && t.as_bytes().get(4) == Some(&b'-') => rfc3339(t),
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

/// RFC 3339 by hand: a general parser costs more than reading the rest of the line.
fn rfc3339(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, length: usize| -> Option<i64> {
        bytes
            .get(from..from + length)?
            .iter()
            .try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
    };
    let mark = |at: usize, any: &[u8]| bytes.get(at).is_some_and(|b| any.contains(b)).then_some(());
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
    mark(4, b"-")?;
    mark(7, b"-")?;
    mark(10, b"Tt ")?;
    mark(13, b":")?;
    mark(16, b":")?;
    let mut at = 19;
    let mut micros = 0;
    if bytes.get(at) == Some(&b'.') {
        let digits = bytes.get(at + 1..)?.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        let kept = digits.min(6);
        micros = number(at + 1, kept)? * 10_i64.pow(6 - u32::try_from(kept).ok()?);
        at += 1 + digits;
    }
    let east = match bytes.get(at)? {
        b'Z' | b'z' if bytes.len() == at + 1 => 0,
        sign @ (b'+' | b'-') => {
            mark(at + 3, b":")?;
            let (hours, minutes) = (number(at + 1, 2)?, number(at + 4, 2)?);
            if bytes.len() != at + 6 || hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if *sign == b'-' { -60 } else { 60 }
        }
        _ => return None,
    };
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
        ] {
            assert_eq!(read(value), expected, "{value:?}");
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

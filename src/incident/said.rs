//! Times as people say them: `22:49`, `22:49:30`, `-5m`, `in 20m`, `2019-07-09 22:49`, RFC 3339. All clock times are UTC.
//! It must not know what time it is: now is an argument.

use super::time::{HOUR, MINUTE, SECOND, Span, Time};
use chrono::{NaiveDateTime, NaiveTime};

/// A day in microseconds.
const DAY: i64 = 24 * HOUR;

/// Which way a bare clock time points when it could be today's or another day's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// It has happened: `23:50` said at 00:10 was yesterday.
    Past,
    /// It is to come: `00:10` said at 23:50 is tomorrow.
    Future,
}

/// A length as people say it: `90s`, `5m`, `1h30m`, `2h`, `30d`; a bare number is minutes. `None` when it is not one.
pub fn span(text: &str) -> Option<Span> {
    let text = text.trim();
    if let Ok(minutes) = text.parse::<u32>() {
        return Some(Span::minutes(i64::from(minutes)));
    }
    let mut total: i64 = 0;
    let mut digits = String::new();
    let mut units = 0;
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if c == ' ' {
            continue;
        }
        let unit = match c {
            's' => SECOND,
            'm' => MINUTE,
            'h' => HOUR,
            'd' => DAY,
            _ => return None,
        };
        let count: i64 = digits.parse().ok()?;
        total = total.checked_add(count.checked_mul(unit)?)?;
        digits.clear();
        units += 1;
    }
    (units > 0 && digits.is_empty()).then_some(Span(total))
}

/// A moment as people say it, read against now. `None` when it is not one.
pub fn moment(text: &str, now: Time, lean: Lean) -> Option<Time> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Some(now);
    }
    if let Some(ago) = text.strip_prefix('-').and_then(span).or_else(|| text.strip_suffix(" ago").and_then(span)) {
        return Some(now.minus(ago));
    }
    if let Some(ahead) = text.strip_prefix('+').or_else(|| text.strip_prefix("in ")).and_then(span) {
        return Some(now.plus(ahead));
    }
    if let Some(at) = Time::parse_iso(text) {
        return Some(at);
    }
    for form in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"] {
        if let Ok(at) = NaiveDateTime::parse_from_str(text.trim_end_matches('Z').trim_end_matches(" UTC"), form) {
            return Some(Time(at.and_utc().timestamp_micros()));
        }
    }
    let clock = text.trim_end_matches('Z').trim_end_matches(" UTC");
    let time = ["%H:%M:%S", "%H:%M"].into_iter().find_map(|form| NaiveTime::parse_from_str(clock, form).ok())?;
    let today = Time(now.utc().date_naive().and_time(time).and_utc().timestamp_micros());
    // an hour's tolerance: clocks differ, and "23:00" at 22:59:50 means this one
    Some(match lean {
        Lean::Past if today.0 - now.0 > HOUR => today.minus(Span(DAY)),
        Lean::Future if today <= now => today.plus(Span(DAY)),
        _ => today,
    })
}

/// A moment that somebody said, and whether they were sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The moment.
    pub at: Time,
    /// It is a guess.
    pub about: bool,
}

/// What is said without the word for a guess, and whether there was one: `~22:50`, `about 22:50`.
fn guess(text: &str) -> (&str, bool) {
    let text = text.trim();
    let bare = text.strip_prefix('~').or_else(|| text.strip_prefix("about "));
    (bare.unwrap_or(text).trim_start(), bare.is_some())
}

/// A moment of the past; `~22:50` and `about 22:50` are guesses.
pub fn about(text: &str, now: Time) -> Option<Said> {
    let (bare, about) = guess(text);
    Some(Said { at: moment(bare, now, Lean::Past)?, about })
}

/// The end of something that began at a known moment: a time of day alone is the first one after that, not the last one before now.
pub fn ended(text: &str, began: Option<Time>, now: Time) -> Option<Said> {
    let (bare, _) = guess(text);
    let is_clock = bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') && bare.contains(':');
    match began.filter(|_| is_clock) {
        None => about(text, now),
        Some(began) => {
            let Said { at, about } = about(text, began)?;
            let days = (at.0 - began.0).div_euclid(DAY);
            Some(Said { at: at.minus(Span(days * DAY)), about })
        }
    }
}

/// A leading time of a note: `22:49 it broke`, `-5m it broke`; the moment and the words after it.
pub fn leading(text: &str, now: Time) -> (Option<Time>, &str) {
    let trimmed = text.trim_start();
    let Some((first, rest)) = trimmed.split_once(char::is_whitespace) else { return (None, text) };
    let looks = first.starts_with('-') && first.len() > 2
        || first.as_bytes().get(2) == Some(&b':')
        || first.as_bytes().get(1) == Some(&b':');
    match moment(first, now, Lean::Past).filter(|_| looks) {
        Some(at) => (Some(at), rest.trim_start()),
        None => (None, text),
    }
}

/// A time to come: a clock time, a moment, or a length from now.
pub fn ahead(text: &str, now: Time) -> Option<Time> {
    let text = text.trim().trim_start_matches("by ");
    let length = span(text).filter(|s| *s > Span(0)).map(|s| now.plus(s));
    length.or_else(|| moment(text, now, Lean::Future)).filter(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Time {
        Time::parse_iso(text).expect("a time")
    }

    #[test]
    fn given_an_end_when_only_its_time_of_day_is_said_then_it_is_the_first_after_the_beginning() {
        let now = Time::parse_iso("2020-04-23T14:02:00Z").unwrap();
        let began = Time::parse_iso("2020-04-16T10:00:00Z");
        let read = |text: &str, began| ended(text, began, now).map(|said| (said.at.iso(), said.about));
        let is = |iso: &str, about| Some((iso.to_owned(), about));
        assert_eq!(read("11:30", began), is("2020-04-16T11:30:00Z", false));
        assert_eq!(read("~10:20", began), is("2020-04-16T10:20:00Z", true));
        assert_eq!(read("09:15", began), is("2020-04-17T09:15:00Z", false));
        assert_eq!(read("-5m", began), is("2020-04-23T13:57:00Z", false));
        assert_eq!(read("2020-04-20 11:30", began), is("2020-04-20T11:30:00Z", false));
        assert_eq!(read("11:30", None), is("2020-04-23T11:30:00Z", false));
        assert_eq!(read("soon", began), None);
    }

    #[test]
    fn lengths_as_people_say_them() {
        assert_eq!(span("5m"), Some(Span::minutes(5)));
        assert_eq!(span("1h30m"), Some(Span::minutes(90)));
        assert_eq!(span("1h 30m"), Some(Span::minutes(90)));
        assert_eq!(span("20"), Some(Span::minutes(20)));
        for wrong in ["", "m", "5x", "5m3", "99999999999999999999d", "-5m"] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_clock_time_points_where_it_leans() {
        let night = t("2019-07-10T00:10:00Z");
        assert_eq!(moment("23:50", night, Lean::Past), Some(t("2019-07-09T23:50:00Z")));
        assert_eq!(moment("00:30", night, Lean::Future), Some(t("2019-07-10T00:30:00Z")));
        assert_eq!(moment("00:05", night, Lean::Future), Some(t("2019-07-11T00:05:00Z")));
        assert_eq!(moment("-5m", night, Lean::Past), Some(t("2019-07-10T00:05:00Z")));
        assert_eq!(moment("in 20m", night, Lean::Future), Some(t("2019-07-10T00:30:00Z")));
        assert_eq!(moment("2019-07-09 22:50", night, Lean::Past), Some(t("2019-07-09T22:50:00Z")));
        assert_eq!(moment("noonish", night, Lean::Past), None);
    }

    #[test]
    fn a_note_may_begin_with_its_time() {
        let now = t("2019-07-09T23:00:00Z");
        assert_eq!(leading("22:49 it broke", now), (Some(t("2019-07-09T22:49:00Z")), "it broke"));
        assert_eq!(leading("-5m it broke", now), (Some(t("2019-07-09T22:55:00Z")), "it broke"));
        for plain in ["it broke at 22:49", "- a list", "now what", "5 hosts", ""] {
            assert_eq!(leading(plain, now), (None, plain));
        }
    }
}

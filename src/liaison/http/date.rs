//! Dates as servers write them, and how long they ask us to wait. It must not know what for.

use crate::incident::time::{SECOND, Span, Time};
use chrono::DateTime;

/// How long is waited after *slow down* that says no time, or one that is past.
const SLOW: Span = Span::seconds(30);

/// A date as HTTP has it (RFC 9110, 5.6.7), or as OFREP has it (RFC 3339).
pub(super) fn date(text: &str) -> Option<Time> {
    let read = DateTime::parse_from_rfc2822(text).or_else(|_| DateTime::parse_from_rfc3339(text));
    read.ok().map(|at| Time(at.timestamp_micros()))
}

/// Until when to wait: `Retry-After` as seconds or as a date after `theirs`, what their clock says (RFC 9110, 10.2.3); what is past or cannot be read
/// waits all the same.
#[must_use]
pub fn slowed(retry_after: Option<&str>, theirs: Time, now: Time) -> Time {
    let text = retry_after.unwrap_or_default().trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => Some(Span(i64::from(seconds) * SECOND)),
        Err(_) => date(text).map(|at| at.since(theirs)),
    };
    // a minute past a clock that is wrong is better than never
    now.plus(wait.filter(|wait| wait.0 > 0).unwrap_or(SLOW).min(Span::minutes(60)))
}

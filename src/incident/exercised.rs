//! The last act on a switch, as it is told beside what another would do: one that nobody ever tried may not do what it promises. It must not know
//! where it is shown.

use super::intent::Intent;
use super::time::Time;

/// What nobody here ever did.
pub const NEVER: &str = "never exercised here";

/// When it was, what, by whom, where and how it ended; `place` follows the name (" in incident 3") where it is another one than is meant.
#[must_use]
pub fn words(last: Option<&Intent>, place: &str, now: Time) -> String {
    let Some(last) = last else { return NEVER.into() };
    let how = last.end.as_ref().map_or("no answer yet", |end| end.outcome.word());
    format!("{} {} by {}{place}, {how}", last.at.exactly_beside(now), last.what.called(), last.by)
}

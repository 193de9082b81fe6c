//! How much may be asked: LaunchDarkly limits an account, by windows of ten seconds, and says how much is left (its API reference, "Rate limiting").
//! Everybody who asks with tokens of one account shares one of these.
//!
//! Pure: it is told the time. It must not know what is asked.

use crate::incident::time::{SECOND, Span, Time};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The length of one of their windows.
const WINDOW: Span = Span::seconds(10);
/// The longest that is waited for what they say: a clock that is wrong must not silence us.
const LONGEST: Span = Span::minutes(5);
/// How much is kept for acts: what only adds to a preview leaves it.
const KEPT: i64 = 8;

/// What an answer said about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// How many more the account may ask in this window.
    pub global: Option<i64>,
    /// How many more of this kind.
    pub route: Option<i64>,
    /// When the window ends, by their clock.
    pub reset: Option<Time>,
    /// How long to wait at least.
    pub after: Option<Span>,
    /// It was refused for that reason.
    pub refused: bool,
    /// Their clock.
    pub theirs: Option<Time>,
}

#[derive(Debug, Default)]
struct Room {
    /// Until when nobody asks, and nobody asks each kind.
    until: Time,
    routes: BTreeMap<&'static str, Time>,
    left: Option<(i64, Time)>,
}

/// The room that one account has.
#[derive(Clone, Debug, Default)]
pub struct Limits(Arc<Mutex<Room>>);

impl Limits {
    /// How long to wait before asking something of a kind; zero when there is room.
    #[must_use]
    pub fn wait(&self, route: &str, now: Time) -> Span {
        let wait = self.of(|room| room.until.max(room.routes.get(route).copied().unwrap_or_default()).since(now));
        // nobody was told to wait so long: our clock was set back meanwhile
        if wait > LONGEST { Span(0) } else { wait }
    }

    /// There is room for what could be left out.
    #[must_use]
    pub fn is_roomy(&self, now: Time) -> bool {
        self.wait("", now) == Span(0)
            && self.of(|room| room.left.is_none_or(|(left, until)| left > KEPT || until <= now))
    }

    /// Takes what an answer said; until when to wait for this kind.
    pub fn heard(&self, route: &'static str, heard: Heard, now: Time) -> Time {
        // a reset that is past, which they have sent, or none at all: their window
        let reset = heard.reset.map(|reset| reset.since(heard.theirs.unwrap_or(now))).filter(|wait| wait.0 > 0);
        let wait = reset.unwrap_or(WINDOW).max(heard.after.unwrap_or_default()).min(LONGEST);
        let until = now.plus(wait);
        self.of(|room| {
            if let Some(left) = heard.global {
                room.left = Some((left, until));
            }
            let is_over = |left: Option<i64>| left.is_some_and(|left| left <= 0);
            // a refusal that says of what there is nothing left is about that; else about everything
            let kind_only = is_over(heard.route) && !is_over(heard.global);
            if is_over(heard.global) || (heard.refused && !kind_only) {
                room.until = room.until.max(until);
            }
            if kind_only {
                let known = room.routes.entry(route).or_default();
                *known = until.max(*known);
            }
        });
        until
    }

    fn of<T>(&self, what: impl FnOnce(&mut Room) -> T) -> T {
        // it is whole after every statement
        what(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Milliseconds since 1970 in a header.
pub(super) fn reset(text: &str) -> Option<Time> {
    let millis: i64 = text.trim().parse().ok()?;
    millis.checked_mul(SECOND / 1_000).map(Time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_772_535_200 * SECOND);

    #[test]
    fn given_nothing_left_when_asked_then_it_waits_for_the_window_by_their_clock() {
        let limits = Limits::default();
        assert_eq!(limits.wait("flags", NOW), Span(0));
        let theirs = NOW.plus(Span::minutes(60));
        let reset = Some(theirs.plus(Span::seconds(4)));
        limits.heard("flags", Heard { global: Some(0), reset, theirs: Some(theirs), ..Heard::default() }, NOW);
        assert_eq!(limits.wait("flags", NOW), Span::seconds(4));
        assert_eq!(limits.clone().wait("auditlog", NOW.plus(Span::seconds(1))), Span::seconds(3));
        assert!(!limits.is_roomy(NOW) && limits.is_roomy(NOW.plus(Span::seconds(4))));
    }

    #[test]
    fn given_a_reset_in_the_past_when_nothing_is_left_then_a_window_is_waited_and_no_longer_than_five_minutes_ever() {
        for (reset, after, seconds) in [
            (Some(NOW.minus(Span::minutes(60))), None, 10),
            (None, None, 10),
            (None, Some(Span::seconds(17)), 17),
            (Some(NOW.plus(Span::minutes(600))), None, 300),
        ] {
            let limits = Limits::default();
            let until = limits.heard("flags", Heard { refused: true, reset, after, ..Heard::default() }, NOW);
            assert_eq!(until.since(NOW), Span::seconds(seconds));
            assert_eq!(limits.wait("other", NOW), Span::seconds(seconds));
            assert_eq!(limits.wait("other", NOW.minus(Span::minutes(60))), Span(0), "a clock that was set back");
        }
    }

    #[test]
    fn given_a_kind_that_is_used_up_when_others_are_asked_then_they_do_not_wait() {
        let limits = Limits::default();
        limits.heard("auditlog", Heard { global: Some(40), route: Some(0), refused: true, ..Heard::default() }, NOW);
        assert_eq!((limits.wait("auditlog", NOW), limits.wait("flags", NOW)), (Span::seconds(10), Span(0)));
        limits.heard("flags", Heard { global: Some(8), route: Some(3), ..Heard::default() }, NOW);
        assert!(!limits.is_roomy(NOW) && limits.wait("flags", NOW) == Span(0));
    }
}

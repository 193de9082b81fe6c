//! Lengths of time as the panels say them: coarse, so that a screen on which nothing happens changes only its clock.
//!
//! It must not know what time it is; moments are arguments.

use super::words;
use crate::app::feed::LIVE;
use crate::incident::time::{Span, Time};

/// Younger than this, what was told from outside is "live": a counting age would change every second.
pub const FRESH: Span = LIVE;
/// Below this a countdown may show seconds.
const LAST: Span = Span::seconds(90);
/// So many countdowns may show seconds at once.
const COUNTING: u8 = 2;

/// How long something has lasted, in whole minutes; nothing under a minute.
pub fn lasted(since: Time, now: Time) -> Option<String> {
    match now.since(since).as_minutes() {
        0 => None,
        1 => Some("1 min".into()),
        minutes => Some(words::span_calm(Span::minutes(minutes).0)),
    }
}

/// How long until a moment; the first two that are near show seconds, the rest whole minutes.
#[derive(Clone, Debug, Default)]
pub struct Countdowns(u8);

impl Countdowns {
    /// The words for one more countdown.
    pub fn left(&mut self, until: Time, now: Time) -> String {
        let length = until.since(now);
        if length >= LAST {
            return words::span_calm(length.0);
        }
        if self.0 < COUNTING {
            self.0 += 1;
            return words::span_calm(length.0);
        }
        if length.as_minutes() < 1 { "< 1 min".into() } else { "1 min".into() }
    }
}

/// "DUE NOW", or for how long it has been overdue.
pub fn overdue(at: Time, now: Time) -> String {
    lasted(at, now).map_or_else(|| "DUE NOW".into(), |length| format!("OVERDUE {length}"))
}

/// The first line of a text, and how many there are when it has several.
pub fn folded(text: &str) -> (&str, Option<usize>) {
    match text.split_once('\n') {
        None => (text, None),
        Some((first, rest)) => {
            let lines = 1 + rest.trim_end().matches('\n').count() + usize::from(!rest.trim().is_empty());
            (first.trim_end(), (lines > 1).then_some(lines))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_562_713_460_000_000);

    #[test]
    fn ages_are_whole_minutes_and_nothing_before_the_first() {
        let ago = |seconds| lasted(NOW.minus(Span::seconds(seconds)), NOW);
        assert_eq!(ago(59), None);
        assert_eq!(ago(60).as_deref(), Some("1 min"));
        assert_eq!(ago(119).as_deref(), Some("1 min"));
        assert_eq!(ago(125).as_deref(), Some("2 min"));
        assert_eq!(ago(3_900).as_deref(), Some("1 h 05 min"));
    }

    #[test]
    fn at_most_two_countdowns_show_seconds() {
        let mut said = Countdowns::default();
        let mut left = |seconds| said.left(NOW.plus(Span::seconds(seconds)), NOW);
        assert_eq!(left(40), "40 s");
        assert_eq!(left(660), "11 min");
        assert_eq!(left(80), "80 s");
        assert_eq!(left(80), "1 min");
        assert_eq!(left(50), "< 1 min");
    }

    #[test]
    fn several_lines_are_folded_into_the_first() {
        assert_eq!(folded("one"), ("one", None));
        assert_eq!(folded("one\n"), ("one", None));
        assert_eq!(folded("one\ntwo\nthree\n"), ("one", Some(3)));
    }
}

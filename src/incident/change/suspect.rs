//! Which change is most likely to have done this? Where each stands to the beginning, and in which order they are read. It must not know how
//! anybody is asked.

use super::super::Incident;
use super::super::cadence::Rules;
use super::super::phase::Milestone;
use super::super::time::{HOUR, Span, Time};
use super::Reported;

/// How far before the beginning somebody who asks what changed is shown changes. What an incident writes down reaches less far
/// ([`AROUND`](super::AROUND)): a cause may be older than an hour, where it waited for a cache or for the night.
pub const LOOK_BACK: Span = Span(24 * HOUR);
/// A change so soon after the beginning may have come before it: clocks differ, and beginnings are said in minutes.
const CLOSE: Span = Span::minutes(1);
/// The same where one of both times is only known about.
const ABOUT: Span = Span::minutes(5);

/// The moment that changes are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The moment.
    pub at: Time,
    /// It is a guess.
    pub about: bool,
    /// What began then, in a word of the record.
    pub what: Begun,
}

/// What is known of a beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// When it began is known.
    Began,
    /// When it began is not known: it was declared then.
    Declared,
    /// Nothing is declared: it is the present.
    Nothing,
}

/// On which side of the beginning a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// It may have done this.
    Before,
    /// It came afterwards: it may have made it worse, or better.
    Since,
}

/// How far from the beginning a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// So long before.
    Before(Span),
    /// At the same second.
    Then,
    /// So long after.
    After(Span),
}

impl Beginning {
    /// The present, where nothing is declared.
    #[must_use]
    pub fn nothing(now: Time) -> Beginning {
        Beginning { at: now, about: false, what: Begun::Nothing }
    }

    /// What happened then: `it began`.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.what {
            Begun::Began => "it began",
            Begun::Declared => "it was declared",
            Begun::Nothing => "now",
        }
    }

    /// The side of a change; `about`: its time is not known exactly.
    #[must_use]
    pub fn side(&self, at: Time, about: bool) -> Side {
        let slack = match (self.about || about, self.what) {
            (true, _) => ABOUT,
            (false, Begun::Began) => CLOSE,
            // whoever declares it says when that is, to the second
            (false, Begun::Declared | Begun::Nothing) => Span(0),
        };
        if at <= self.at.plus(slack) { Side::Before } else { Side::Since }
    }

    /// How far away a moment is.
    #[must_use]
    pub fn away(&self, at: Time) -> Away {
        let (before, after) = (self.at.since(at), at.since(self.at));
        match (before.as_seconds(), after.as_seconds()) {
            (0, 0) => Away::Then,
            (0, _) => Away::After(after),
            _ => Away::Before(before),
        }
    }

    /// By what changes are sorted: what may have done this first, the nearest to the beginning at the top; then what came since, in its order.
    /// A cause comes before its effect, and mostly shortly before.
    #[must_use]
    pub fn order(&self, at: Time, about: bool) -> (Side, Span, i64) {
        let apart = Span(self.at.since(at).0.max(at.since(self.at).0));
        (self.side(at, about), apart, at.0)
    }
}

impl Incident {
    /// The moment that changes are compared with; none before it is declared.
    #[must_use]
    pub fn beginning(&self) -> Option<Beginning> {
        let opened = self.opened()?;
        let declared = Beginning { at: opened.at, about: false, what: Begun::Declared };
        let began = self.milestones().get(Milestone::Began).filter(|dated| dated.at <= opened.at);
        Some(began.map_or(declared, |dated| Beginning { at: dated.at, about: dated.about, what: Begun::Began }))
    }

    /// What a source reports that is not written down: older than what the incident takes, or more than it takes. What we did ourselves is not
    /// among it.
    pub fn unwritten<'a>(&'a self, reports: &'a [Reported], rules: &'a Rules) -> impl Iterator<Item = &'a Reported> {
        reports.iter().filter(|one| !self.reports().has(one) && !self.is_ours(one, rules))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, proptest};

    const BEGAN: Time = Time(1_562_712_600_000_000);

    fn beginning(about: bool) -> Beginning {
        Beginning { at: BEGAN, about, what: Begun::Began }
    }

    fn at(seconds: i64) -> Time {
        Time(BEGAN.0 + seconds * 1_000_000)
    }

    #[test]
    fn given_changes_around_the_beginning_when_sorted_then_the_nearest_before_it_is_first_and_what_came_since_is_last()
    {
        let mut all = [900, -7_200, -90, 300, 20, -3_000].map(at);
        all.sort_by_key(|one| beginning(false).order(*one, false));
        assert_eq!(all, [20, -90, -3_000, -7_200, 300, 900].map(at));
    }

    #[test]
    fn given_a_beginning_that_is_a_guess_when_a_change_comes_minutes_after_it_then_it_may_have_done_it() {
        assert_eq!(beginning(false).side(at(200), false), Side::Since);
        assert_eq!(beginning(true).side(at(200), false), Side::Before);
        assert_eq!(beginning(false).side(at(200), true), Side::Before, "the change's own time is a guess");
        assert_eq!(beginning(true).side(at(301), true), Side::Since);
    }

    #[test]
    fn given_a_moment_when_compared_then_it_is_before_at_or_after() {
        assert_eq!(beginning(false).away(at(-90)), Away::Before(Span::seconds(90)));
        assert_eq!(beginning(false).away(Time(BEGAN.0 + 900_000)), Away::Then);
        assert_eq!(beginning(false).away(at(40)), Away::After(Span::seconds(40)));
    }

    proptest! {
        #[test]
        fn whatever_changed_nothing_since_stands_above_what_was_before(all in prop::collection::vec((-90_000_i64..90_000, proptest::bool::ANY), 0..30), about: bool) {
            let began = beginning(about);
            let mut all: Vec<(Time, bool)> = all.into_iter().map(|(seconds, about)| (at(seconds), about)).collect();
            all.sort_by_key(|(one, about)| began.order(*one, *about));
            let sides: Vec<Side> = all.iter().map(|(one, about)| began.side(*one, *about)).collect();
            prop_assert!(sides.is_sorted());
            let since: Vec<Time> =
                all.iter().filter(|(one, about)| began.side(*one, *about) == Side::Since).map(|(one, _)| *one).collect();
            prop_assert!(since.is_sorted());
        }
    }
}

//! How much friction an act on a switch deserves: by whom it reaches and whether it can be taken back. It must not know how anybody confirms.

use super::intent::{Act, Intended, Intents};
use super::own::is_own;
use super::time::Time;

/// The rungs of the ladder, the lowest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// One context, or taking back what one did oneself a moment ago, at once or in steps: nothing more is asked for.
    Low,
    /// A share, or everybody where it is not critical: the reason is asked for.
    Medium,
    /// Everybody where it is critical: the exact name is asked for.
    #[default]
    High,
    /// People get again what was taken from them: the exact name is asked for.
    Widening,
}

impl Risk {
    /// Of an act by somebody now.
    #[must_use]
    pub fn of(act: &Intended, critical: bool, intents: &Intents, me: &str, now: Time) -> Risk {
        match act.act {
            _ if is_own(act, intents, me, now) => Risk::Low,
            Act::Exclude => Risk::Low,
            _ if act.widens || act.act.takes_back() => Risk::Widening,
            Act::Request | Act::Percent => Risk::Medium,
            _ if critical => Risk::High,
            _ => Risk::Medium,
        }
    }
    /// The exact name is asked for.
    #[must_use]
    pub fn wants_name(self) -> bool {
        self >= Risk::High
    }
    /// The reason is asked for.
    #[must_use]
    pub fn wants_reason(self) -> bool {
        self == Risk::Medium
    }
}

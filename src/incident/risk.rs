//! How much friction an act on a switch deserves: by whom it reaches and whether it can be taken back. It must not know how anybody confirms.

use super::command::Refusal;
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
    /// Everybody where it is critical, be it as a share of nobody: the exact name is asked for.
    #[default]
    High,
    /// People get again what was taken from them: the exact name is asked for.
    Widening,
}

impl Risk {
    /// Of an act by somebody now.
    #[must_use]
    pub fn of(act: &Intended, critical: bool, intents: &Intents, me: &str, now: Time) -> Risk {
        match act.meant() {
            _ if is_own(act, intents, me, now) => Risk::Low,
            Act::Exclude => Risk::Low,
            _ if act.lets_in() => Risk::Widening,
            Act::Percent if act.share.is_some_and(|share| !share.is_hardly_any()) => Risk::Medium,
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
    /// Whether what is recorded is a reason, where one is asked for. One word is what somebody types who takes this for another prompt: a
    /// customer's key, a share.
    ///
    /// # Errors
    /// It is none.
    pub fn check_reason(self, why: &str) -> Result<(), Refusal> {
        match why.split_whitespace().count() {
            0 if self.wants_reason() => {
                Err(Refusal::new("Nobody said why.", "Say why in a few words: others read it here and there."))
            }
            1 if self.wants_reason() => Err(Refusal::new(
                "One word is no reason: it may have been meant for another prompt.",
                "Say why in two or more.",
            )),
            _ => Ok(()),
        }
    }
}

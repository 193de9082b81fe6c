//! How an act on the outside ended, as the code that tried it says. It must not know which act it was.

use crate::incident::entry::EntryId;
use crate::incident::intent::{Outcome, Settled};
use crate::incident::trouble::Trouble;

/// What was found out about a switch without changing anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What is so: a line each.
    pub lines: Vec<String>,
    /// What stands against an act that is offered.
    pub against: Vec<Trouble>,
}

/// How an act ended; becomes a `Settled` fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CarryOutcome {
    /// Done, and read back.
    Done {
        /// What was read back: the value that is served, or *visible*.
        value: String,
        /// What was done, in words.
        words: String,
        /// What the provider calls it.
        reference: Option<String>,
    },
    /// It was so already, and nothing was sent: somebody else did it.
    Already {
        /// What is served.
        value: String,
        /// In words.
        words: String,
    },
    /// Not done, and certainly not: what happened, what is true now, what to do next.
    Refused(String),
    /// Not done, because somebody else has to approve it there first: what happened, what is true now, how to ask for it.
    NeedsApproval(String),
    /// Not done, because somebody else changed it since it was planned: what happened, what is true now, what to do next.
    Conflict(String),
    /// Nobody can say: what happened, what may be true now, where to look.
    Unsure(String),
}

impl CarryOutcome {
    /// Done, and the provider has no name for it.
    pub fn done(value: impl Into<String>, words: impl Into<String>) -> CarryOutcome {
        CarryOutcome::Done { value: value.into(), words: words.into(), reference: None }
    }

    /// It was so already.
    pub fn already(value: impl Into<String>) -> CarryOutcome {
        CarryOutcome::Already { value: value.into(), words: "it was so already: nothing was sent".into() }
    }

    /// The outcome of an act that met this trouble before anything outside was touched.
    pub fn before_acting(trouble: &Trouble) -> CarryOutcome {
        CarryOutcome::Refused(trouble.words().to_owned())
    }

    /// The outcome of an act that met this trouble: only [`Trouble::Unsure`] leaves open whether it happened.
    pub fn after(trouble: Trouble) -> CarryOutcome {
        match trouble {
            Trouble::Unsure(words) => CarryOutcome::Unsure(words),
            other => CarryOutcome::before_acting(&other),
        }
    }

    /// The fact that says how an intent ended.
    pub fn settles(self, intent: EntryId) -> Settled {
        let approval = matches!(self, CarryOutcome::NeedsApproval(_));
        let idle = matches!(self, CarryOutcome::Already { .. });
        let conflict = matches!(self, CarryOutcome::Conflict(_));
        let (outcome, value, detail, reference) = match self {
            CarryOutcome::Done { value, words, reference } => (Outcome::Done, Some(value), words, reference),
            CarryOutcome::Already { value, words } => (Outcome::Done, Some(value), words, None),
            CarryOutcome::Refused(words) | CarryOutcome::NeedsApproval(words) | CarryOutcome::Conflict(words) => {
                (Outcome::Refused, None, words, None)
            }
            CarryOutcome::Unsure(words) => (Outcome::Unsure, None, words, None),
        };
        Settled { intent, outcome, detail, value, approval, conflict, idle, reference }
    }

    /// The sentences people read.
    pub fn words(&self) -> &str {
        match self {
            CarryOutcome::Done { words, .. }
            | CarryOutcome::Already { words, .. }
            | CarryOutcome::Refused(words)
            | CarryOutcome::NeedsApproval(words)
            | CarryOutcome::Conflict(words)
            | CarryOutcome::Unsure(words) => words,
        }
    }
}

//! How an act on the outside ended, as the code that tried it says. It must not know which act it was.

use crate::incident::trouble::Trouble;

/// How an act ended; becomes a `Settled` fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CarryOutcome {
    /// Done, and read back.
    Done {
        /// What was read back: the value that is served, or *visible*.
        value: String,
        /// What was done, in words.
        words: String,
    },
    /// Not done, and certainly not: what happened, what is true now, what to do next.
    Refused(String),
    /// Nobody can say: what happened, what may be true now, where to look.
    Unsure(String),
}

impl CarryOutcome {
    /// The outcome of an act that met this trouble before anything outside was touched.
    pub fn before_acting(trouble: &Trouble) -> CarryOutcome {
        CarryOutcome::Refused(trouble.words().to_owned())
    }

    /// The sentences people read.
    pub fn words(&self) -> &str {
        match self {
            CarryOutcome::Done { words, .. } | CarryOutcome::Refused(words) | CarryOutcome::Unsure(words) => words,
        }
    }
}

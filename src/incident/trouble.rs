//! What can go wrong outside, in the commander's words; the only errors that reach the screen from other systems.

use super::time::Time;

/// A failure outside. Every kind carries the sentences people read: what happened, what is true now, what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// We may not.
    Denied(String),
    /// We must wait until then.
    Slowed(Time, String),
    /// Nobody answered, or there is nothing there; nothing was changed.
    Unreachable(String),
    /// They understood and said no; nothing was changed.
    Refused(String),
    /// The time that was meant lies beyond what they can be asked about: nobody was asked about it, nor about now.
    Beyond(String),
    /// They said something that we cannot read.
    Garbled(String),
    /// It may or may not have happened; somebody has to look.
    Unsure(String),
}

impl Trouble {
    /// The sentences people read.
    pub fn words(&self) -> &str {
        match self {
            Trouble::Denied(words)
            | Trouble::Slowed(_, words)
            | Trouble::Unreachable(words)
            | Trouble::Refused(words)
            | Trouble::Beyond(words)
            | Trouble::Garbled(words)
            | Trouble::Unsure(words) => words,
        }
    }
}

/// Words that may end in a full stop or not, without one: other words follow, or a full stop.
#[must_use]
pub fn open_ended(words: &str) -> &str {
    words.trim_end().trim_end_matches('.')
}

/// Words behind a sentence, as one of their own with one full stop; nothing where there are none.
#[must_use]
pub fn sentence(words: &str) -> String {
    match open_ended(words) {
        "" => String::new(),
        words => format!(" {words}."),
    }
}

/// What happened, without what is true now and what to do next: these are one Enter away.
#[must_use]
pub fn first_sentence(words: &str) -> &str {
    open_ended(words.split_once(". ").map_or(words, |(first, _)| first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_words_with_a_full_stop_or_none_when_they_follow_others_then_one_ends_them_and_nothing_is_no_sentence() {
        let said = ["", " ", ".", "it fails", "it fails.", "It fails. See why.. "].map(sentence);
        assert_eq!(said, ["", "", "", " it fails.", " it fails.", " It fails. See why."]);
        assert_eq!(open_ended("Run it by hand to see why."), "Run it by hand to see why");
        assert_eq!(first_sentence("It fails. See why."), "It fails");
    }
}

//! How a command ended that was run for somebody: told in the row of the change that it made. It must not know how commands are run.

use super::Incident;
use super::change::Changed;
use super::command::Refusal;
use super::entry::EntryId;
use super::impact::counted;
use super::time::{SECOND, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a change is called that a command makes, where nobody says another word; and always the source of it.
pub const RUN: &str = "run";

/// A command ended. Where it has a code it has no signal, and the other way round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ran {
    /// The change that says that it was begun.
    pub changed: EntryId,
    /// The code it ended with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// How long it took, in microseconds.
    pub took_us: i64,
    /// The last lines it wrote, cleaned, with line breaks between them.
    pub tail: String,
}

/// How a command ended, without what it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    code: Option<i32>,
    signal: Option<i32>,
    took: Span,
}

/// The commands that were begun, by the change that each of them makes, and how they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs(BTreeMap<EntryId, Option<Ended>>);

impl Ran {
    /// How it ended, without what it wrote.
    #[must_use]
    pub fn ended(&self) -> Ended {
        Ended { code: self.code, signal: self.signal, took: Span(self.took_us.max(0)) }
    }
}

impl Ended {
    /// How long it went on.
    #[must_use]
    pub fn took(self) -> Span {
        self.took
    }

    /// It ended well.
    #[must_use]
    pub fn is_well(self) -> bool {
        self.code == Some(0)
    }

    /// `ended 0 after 12 s`, `SIGTERM after 2 min`.
    #[must_use]
    pub fn words(self) -> String {
        let how = match (self.code, self.signal) {
            (Some(code), _) => format!("ended {code}"),
            (None, Some(signal)) => signal_name(signal),
            (None, None) => "ended".into(),
        };
        format!("{how} after {}", took(self.took))
    }
}

/// `0.4 s`, `12 s`, `2 min`.
fn took(span: Span) -> String {
    match span.as_seconds() {
        0..10 => format!("{}.{} s", span.as_seconds(), span.0.rem_euclid(SECOND) / (SECOND / 10)),
        10..120 => format!("{} s", span.as_seconds()),
        _ => counted(span.as_minutes().unsigned_abs(), "min", "min"),
    }
}

/// `SIGTERM`; `signal 64` for one without a name.
#[must_use]
pub fn signal_name(signal: i32) -> String {
    const NAMES: [(i32, &str); 10] = [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (4, "SIGILL"),
        (6, "SIGABRT"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (11, "SIGSEGV"),
        (13, "SIGPIPE"),
        (15, "SIGTERM"),
    ];
    let name = NAMES.iter().find(|(number, _)| *number == signal);
    name.map_or_else(|| format!("signal {signal}"), |(_, name)| (*name).to_owned())
}

impl Runs {
    pub(super) fn changed(&mut self, id: EntryId, fact: &Changed) {
        if fact.source.as_deref() == Some(RUN) {
            self.0.entry(id).or_default();
        }
    }

    /// The first end holds: a command ends once.
    pub(super) fn ran(&mut self, fact: &Ran) {
        if let Some(end) = self.0.get_mut(&fact.changed) {
            end.get_or_insert_with(|| fact.ended());
        }
    }

    /// A command was begun that makes this change.
    #[must_use]
    pub fn began(&self, changed: EntryId) -> bool {
        self.0.contains_key(&changed)
    }

    /// How the command ended that made this change.
    #[must_use]
    pub fn of(&self, changed: EntryId) -> Option<Ended> {
        self.0.get(&changed).copied().flatten()
    }

    /// An end belongs to a command that was begun and has none yet.
    ///
    /// # Errors
    /// It does not.
    pub(super) fn check(&self, fact: &Ran) -> Result<(), Refusal> {
        match self.0.get(&fact.changed) {
            Some(None) => Ok(()),
            Some(Some(_)) => Err(Refusal::new("How that command ended is known.", "An end is never changed.")),
            None => Err(Refusal::new("There is no such command in this incident.", "Write down what it was.")),
        }
    }
}

impl Incident {
    /// How commands ended that were run for somebody.
    #[must_use]
    pub fn runs(&self) -> &Runs {
        &self.runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_end_when_told_then_it_says_how_and_after_how_long() {
        let ended = |code, signal, us| Ended { code, signal, took: Span(us) }.words();
        assert_eq!(ended(Some(0), None, 420_000), "ended 0 after 0.4 s");
        assert_eq!(ended(Some(255), None, 12_900_000), "ended 255 after 12 s");
        assert_eq!(ended(None, Some(15), 130_000_000), "SIGTERM after 2 min");
        assert_eq!(ended(None, Some(64), 0), "signal 64 after 0.0 s");
    }
}

//! What was done about releases while an incident was open, as lines of that incident's own stream. It must not know how anything is held.
//!
//! Such a line names the entry of the standing stream that it tells of, and is written after it. Where the program dies between the two,
//! nothing is wrong: what holds is the standing stream. The line is missing, which everybody can see who reads both; so whoever next
//! has that incident on a screen, or next freezes or lifts something by the command line, writes it, once ([`HoldsTold::has`]).

use super::command::Refusal;
use super::entry::{Entry, EntryId};
use super::time::Time;
use super::{Incident, task};
use serde::{Deserialize, Serialize};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Releases are held.
    Frozen,
    /// A hold was lifted.
    Lifted,
    /// The review that was owed is there.
    Reviewed,
    /// A build may pass.
    Passed,
    /// It may no longer.
    Withdrawn,
    /// Somebody asked to lift a hold, and somebody else has to agree.
    LiftAsked,
    /// They do not want it any more.
    LiftWithdrawn,
}

impl What {
    /// The word at the beginning of its line.
    pub fn word(self) -> &'static str {
        match self {
            What::Frozen => "frozen",
            What::Lifted => "lifted",
            What::Reviewed => "reviewed",
            What::Passed => "pass",
            What::Withdrawn => "no pass",
            What::LiftAsked | What::LiftWithdrawn => "asked",
        }
    }
}

/// Something was done about releases; the standing stream holds what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldTold {
    /// What.
    pub what: What,
    /// The entry of the standing stream.
    pub about: EntryId,
    /// Who did it.
    pub by: String,
    /// In words.
    pub words: String,
    /// What is owed for it, as a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owes: Option<String>,
    /// By whom, where that is not who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed_by: Option<String>,
}

impl Incident {
    pub(super) fn hold_told(&mut self, entry: &Entry, fact: &HoldTold) {
        self.considered.held(entry.at, fact.what);
        self.holds_told.told(entry.at, fact);
        if fact.what == What::Lifted {
            self.soaks.lifted(entry, fact.about);
        }
        if let Some(text) = &fact.owes {
            let by = fact.owed_by.as_ref().unwrap_or(&fact.by);
            self.tasks.opened(entry.id, entry.at, &task::owed(text, by));
        }
    }
}

/// What is told already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoldsTold(Vec<(Time, What, EntryId)>);

impl HoldsTold {
    pub(super) fn told(&mut self, at: Time, fact: &HoldTold) {
        self.0.push((at, fact.what, fact.about));
    }
    /// That entry is told of.
    pub fn has(&self, about: EntryId) -> bool {
        self.0.iter().any(|(_, _, known)| *known == about)
    }
    /// What was done and when, in the order in which it was told.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = (Time, What)> {
        self.0.iter().map(|(at, what, _)| (*at, *what))
    }
    /// Several see that a line is missing, and one of them writes it.
    pub(super) fn check(&self, fact: &HoldTold) -> Result<(), Refusal> {
        match self.has(fact.about) {
            true => Err(Refusal::new("That is in the record already.", "There is nothing to add.")),
            false => Ok(()),
        }
    }
}

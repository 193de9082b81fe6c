//! What became of an act whose outcome nobody knows, by the state that is found when its effect is looked for. It must not know how anybody looks.
//!
//! A word says too little: what was done in one of two places is told in the words of what was done in both. So the whole state is compared with what
//! the act had found and with what it wanted. Whatever is neither was half done, or somebody changed it since: it counts as done as far as undoing
//! goes, since nobody may be left stopped without a word; and as a way back it took nothing back, for the same reason.

use super::entry::EntryId;
use super::intent::{Intent, Intents, Outcome, Seen};
use super::switch::{Sight, Wanted};
use serde::{Deserialize, Serialize};

/// The words for a state that is neither what an act had found nor what it wanted.
pub const HALF: &str = "half done or changed since";

/// An act whose effect is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Which.
    pub act: EntryId,
    /// What it wanted.
    pub wanted: Wanted,
    /// The state that it had found ([`Plan::before`](super::switch::Plan::before)).
    pub before: String,
}

/// How the state that is found compares with those that an act had found and wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// It is what was wanted.
    AsWanted,
    /// It is what was there before.
    AsBefore,
    /// It is neither.
    Otherwise,
}

impl Found {
    /// By whether it is what was wanted, else what was there before.
    #[must_use]
    pub fn of(is_wanted: bool, is_before: bool) -> Found {
        match (is_wanted, is_before) {
            (true, _) => Found::AsWanted,
            (false, true) => Found::AsBefore,
            (false, false) => Found::Otherwise,
        }
    }
}

impl Seen {
    /// It is neither what was there before nor what was wanted.
    #[must_use]
    pub fn is_half(&self) -> bool {
        self.found == Some(Found::Otherwise)
    }
}

impl Intent {
    /// What is to be compared when its effect is looked for; nothing where the states that it found and wanted were not kept. `all` holds the act
    /// that it takes back.
    #[must_use]
    pub fn sought(&self, all: &Intents) -> Option<Sought> {
        let before = self.what.before.clone().filter(|before| !before.is_empty())?;
        let undone = self.what.reverts.filter(|_| self.what.meant().takes_back());
        let put = match undone {
            Some(undone) => Some(all.find(undone)?.what.before.as_deref()?),
            None => all.found_for(&self.what),
        };
        Some(Sought { act: self.id, wanted: self.what.wanted(put), before })
    }

    /// What was found when its effect was looked for: by the state, where that was compared for this act, else by the words that are served.
    #[must_use]
    pub fn found(&self, sight: &Sight) -> Seen {
        let compared = sight.found.filter(|(act, _)| *act == self.id).map(|(_, found)| found);
        let to = self.what.to.as_deref();
        let stands = compared.map_or(self.what.stands(sight), |found| found == Found::AsWanted);
        let (value, detail) = match (to, compared) {
            (Some(to), _) if stands => (to.to_owned(), "as was asked".to_owned()),
            (to, Some(Found::Otherwise)) => {
                let asked = to.map(|to| format!(": {to} was asked")).unwrap_or_default();
                (sight.told(), format!("{HALF}{asked}"))
            }
            (Some(to), Some(_)) => (sight.told(), format!("as before: {to} was asked")),
            (Some(to), None) => (sight.told(), format!("{to} was asked")),
            (None, _) => (sight.told(), String::new()),
        };
        // where the words say it by themselves it is not said again: older builds read those
        let by_words = if Some(value.as_str()) == to { Found::AsWanted } else { Found::AsBefore };
        let found = compared.filter(|found| *found != by_words);
        Seen { target: self.what.target.clone(), value, intent: Some(self.id), detail, found }
    }

    /// It happened: it was done and read back, or its outcome was lost and what was found is not what was there before. Where somebody else did it,
    /// that is nothing of ours to undo; what they put back is put back all the same.
    #[must_use]
    pub fn took_effect(&self) -> bool {
        match self.end.as_ref().map(|end| end.outcome) {
            Some(Outcome::Done) => !self.is_idle() || self.what.meant().takes_back(),
            Some(Outcome::Refused) => false,
            Some(Outcome::Unsure) | None => {
                let by_words = |value: &String| match Some(value) == self.what.to.as_ref() {
                    true => Found::AsWanted,
                    false => Found::AsBefore,
                };
                let found = self.seen.as_ref().map(|(_, value, _)| self.found.unwrap_or_else(|| by_words(value)));
                found.is_some_and(|found| found != Found::AsBefore)
            }
        }
    }
}

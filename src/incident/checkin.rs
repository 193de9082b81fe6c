//! Check-ins on the wall clock. One not recorded is derived, never a fact.

use super::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The commander asked the team for status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedIn {
    /// The slot it answers; none when it was between slots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Time>,
    /// Who answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<String>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A check-in was left out on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckInSkipped {
    /// The slot.
    pub slot: Time,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// The check-ins of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckIns {
    answered: BTreeSet<Time>,
    skipped: BTreeSet<Time>,
    last: Option<(Time, CheckedIn)>,
}

impl CheckIns {
    /// The slot was asked and recorded.
    pub fn is_answered(&self, slot: Time) -> bool {
        self.answered.contains(&slot)
    }
    /// The slot was answered or left out.
    pub fn is_settled(&self, slot: Time) -> bool {
        self.answered.contains(&slot) || self.skipped.contains(&slot)
    }
    /// The newest check-in and its time.
    pub fn last(&self) -> Option<&(Time, CheckedIn)> {
        self.last.as_ref()
    }

    pub(super) fn checked_in(&mut self, at: Time, fact: &CheckedIn) {
        self.answered.extend(fact.slot);
        if self.last.as_ref().is_none_or(|(last, _)| *last <= at) {
            self.last = Some((at, fact.clone()));
        }
    }
    pub(super) fn skipped(&mut self, fact: &CheckInSkipped) {
        self.skipped.insert(fact.slot);
    }
}

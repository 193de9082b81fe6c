//! Check-ins on the wall clock. One not recorded is derived, never a fact.

use super::time::Time;
use serde::{Deserialize, Serialize};

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

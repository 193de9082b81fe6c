//! Updates, and what was promised to whom by when: kept, late or broken.

use super::entry::EntryId;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// Who an update is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Everybody.
    #[default]
    Public,
    /// The company.
    Internal,
}

/// The text of an update was settled; sending it is an intent of its own for each channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Updated {
    /// What people are told.
    pub text: String,
    /// Who is told.
    #[serde(default)]
    pub audience: Audience,
    /// When the next one was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
}

/// Somebody was promised something by a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promised {
    /// To whom.
    pub to: String,
    /// What.
    pub what: String,
    /// By when.
    pub by: Time,
    /// Who keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A promise was kept, at the time of the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseKept {
    /// The entry that made it: a promise, or an update that named its next.
    pub promise: EntryId,
    /// How.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how: String,
}

/// A promise was called off; those it was made to were told why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseWithdrawn {
    /// The entry that made it.
    pub promise: EntryId,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

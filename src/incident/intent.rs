//! Acts on the outside world: written down before they are tried, tried once, and their outcome written down after.

use super::entry::EntryId;
use serde::{Deserialize, Serialize};

/// What is to be done outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Serve the stopped value to everybody.
    Stop,
    /// Serve again what was served before a stop.
    Restore,
    /// Put a target back to the very state an earlier act found.
    Revert,
    /// Publish an update on a channel.
    Publish,
}

impl Act {
    /// The verb people read.
    pub fn word(self) -> &'static str {
        match self {
            Act::Stop => "stop",
            Act::Restore => "restore",
            Act::Revert => "revert",
            Act::Publish => "publish",
        }
    }
}

/// An act on the outside, before it is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intended {
    /// What is to be done.
    pub act: Act,
    /// The switch or channel, by its configured name.
    pub target: String,
    /// The value that was served when this was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value that is to be served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The target's whole state when this was decided, so that it can be put back exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The update that is to be published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<EntryId>,
    /// The act that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<EntryId>,
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done, and read back.
    Done,
    /// Not done, and certainly not.
    Refused,
    /// Nobody can say.
    Unsure,
}

impl Outcome {
    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Unsure => "unsure",
        }
    }
}

/// An act ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// Which.
    pub intent: EntryId,
    /// How.
    pub outcome: Outcome,
    /// In words: what was done, what they said, or why nobody can say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The value read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What the outside was seen to be, without having acted on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The switch or channel, by its configured name.
    pub target: String,
    /// The value that is served, or the words that are visible.
    pub value: String,
    /// The intent whose effect was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<EntryId>,
    /// In words: how many places, how long after asking.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

//! Questions, open until answered.

use super::entry::EntryId;
use serde::{Deserialize, Serialize};

/// Somebody asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The question.
    pub text: String,
    /// Who should answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The rank of the goal it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<u8>,
}

/// A question got its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Which.
    pub question: EntryId,
    /// The answer.
    pub text: String,
}

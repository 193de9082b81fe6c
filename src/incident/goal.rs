//! What the response protects, in order.

use serde::{Deserialize, Serialize};

/// A goal got its rank; an empty text takes the rank away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalRanked {
    /// 1 is protected first.
    pub rank: u8,
    /// What is protected.
    pub text: String,
    /// Why it stands there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

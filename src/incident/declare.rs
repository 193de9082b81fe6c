//! Declaring an incident: how it starts. Its apply and decide live here.

use super::severity::Severity;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// An incident was declared; whoever records it commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// What is wrong, in a line.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// When impact began, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Time>,
    /// The beginning is a guess.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub began_about: bool,
    /// When impact ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Time>,
    /// The end is a guess.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended_about: bool,
    /// How it was noticed ("page", "customer", "by eye").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detected_by: Option<String>,
    /// Outside the program only its number is shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

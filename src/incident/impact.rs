//! Who is hurt and how; updates quote it.

use serde::{Deserialize, Serialize};

/// How sure a figure is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Counted.
    Known,
    /// Estimated.
    #[default]
    Estimated,
}

/// What happened to data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataState {
    /// Nobody has said.
    #[default]
    Unknown,
    /// None is lost.
    Safe,
    /// Some may be lost or seen.
    AtRisk,
    /// Some is lost.
    Lost,
}

impl DataState {
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            DataState::Unknown => "unknown",
            DataState::Safe => "safe",
            DataState::AtRisk => "at-risk",
            DataState::Lost => "lost",
        }
    }
    /// Reads a word.
    pub fn parse(text: &str) -> Option<DataState> {
        [DataState::Unknown, DataState::Safe, DataState::AtRisk, DataState::Lost]
            .into_iter()
            .find(|d| d.word() == text.trim())
    }
}

/// The impact, as far as it was known then; the newest one holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactStated {
    /// What they notice ("requests refused").
    pub what: String,
    /// Who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How sure that is.
    #[serde(default)]
    pub certainty: Certainty,
    /// What happened to data.
    #[serde(default)]
    pub data: DataState,
}

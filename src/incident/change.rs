//! What changed in the world; may be older than the incident.

use serde::{Deserialize, Serialize};

/// Something changed: a deploy, a flag, configuration, a migration, a data push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// What kind of change ("deploy", "flag", "config", "migration", "data").
    pub what: String,
    /// What was changed ("api").
    pub subject: String,
    /// What it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How we know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

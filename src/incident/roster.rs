//! Who holds which role. Exactly one person commands at every instant after declaring.

use serde::{Deserialize, Serialize};

/// A role in the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Decides, assigns, keeps goals and clock.
    Commander,
    /// Stands in for the commander.
    Deputy,
    /// The only one who changes the system.
    Ops,
    /// Words for the public.
    Comms,
    /// Keeps the timeline.
    Scribe,
    /// Words for the company.
    Liaison,
}

impl Role {
    /// All roles, the commander first.
    pub const ALL: [Role; 6] = [Role::Commander, Role::Deputy, Role::Ops, Role::Comms, Role::Scribe, Role::Liaison];
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            Role::Commander => "commander",
            Role::Deputy => "deputy",
            Role::Ops => "ops",
            Role::Comms => "comms",
            Role::Scribe => "scribe",
            Role::Liaison => "liaison",
        }
    }
    /// Reads a word, or *ic* and *command* for the commander.
    pub fn parse(text: &str) -> Option<Role> {
        match text.trim().to_ascii_lowercase().as_str() {
            "ic" | "command" => Some(Role::Commander),
            word => Role::ALL.into_iter().find(|r| r.word() == word),
        }
    }
}

/// Somebody holds a role from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleTaken {
    /// Which.
    pub role: Role,
    /// Who.
    pub person: String,
}

/// A role was offered; the one who holds it keeps it until it is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleOffered {
    /// Which.
    pub role: Role,
    /// To whom.
    pub to: String,
}

/// An offer was declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDeclined {
    /// Which.
    pub role: Role,
    /// By whom.
    pub by: String,
}

/// A role has nobody from now on. Never the commander's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleLeft {
    /// Which.
    pub role: Role,
}

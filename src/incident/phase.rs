//! Where the response stands, and the milestones by which it is measured.

use serde::{Deserialize, Serialize};

/// Where the response stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// We do not know why.
    #[default]
    Investigating,
    /// We know why.
    Identified,
    /// It no longer hurts, as far as we know; the public word is *monitoring*.
    Mitigated,
    /// We say that it is over.
    Resolved,
    /// The record is complete.
    Closed,
}

impl Phase {
    /// All phases in their order.
    pub const ALL: [Phase; 5] =
        [Phase::Investigating, Phase::Identified, Phase::Mitigated, Phase::Resolved, Phase::Closed];
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Investigating => "investigating",
            Phase::Identified => "identified",
            Phase::Mitigated => "mitigated",
            Phase::Resolved => "resolved",
            Phase::Closed => "closed",
        }
    }
    /// The word a status page uses.
    pub fn public_word(self) -> &'static str {
        match self {
            Phase::Mitigated => "monitoring",
            Phase::Closed => "resolved",
            other => other.word(),
        }
    }
    /// Reads a word, or its beginning when that is clear, or *monitoring*.
    pub fn parse(text: &str) -> Option<Phase> {
        let text = text.trim().to_ascii_lowercase();
        if text == "monitoring" {
            return Some(Phase::Mitigated);
        }
        let mut fits = Phase::ALL.into_iter().filter(|p| !text.is_empty() && p.word().starts_with(&text));
        match (fits.next(), fits.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

/// The phase was said anew; its time is when that phase began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseChanged {
    /// What it is now.
    pub phase: Phase,
    /// Why, or what remains.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// The moments by which a response is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Milestone {
    /// Impact began.
    Began,
    /// Somebody or something noticed.
    Detected,
    /// It was called an incident.
    Declared,
    /// We knew why.
    Identified,
    /// It stopped hurting, we said.
    Mitigated,
    /// The indicator was good again.
    Recovered,
    /// We said that it was over.
    Resolved,
}

impl Milestone {
    /// All milestones in the order in which they usually come.
    pub const ALL: [Milestone; 7] = [
        Milestone::Began,
        Milestone::Detected,
        Milestone::Declared,
        Milestone::Identified,
        Milestone::Mitigated,
        Milestone::Recovered,
        Milestone::Resolved,
    ];
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            Milestone::Began => "began",
            Milestone::Detected => "detected",
            Milestone::Declared => "declared",
            Milestone::Identified => "identified",
            Milestone::Mitigated => "mitigated",
            Milestone::Recovered => "recovered",
            Milestone::Resolved => "resolved",
        }
    }
    /// Reads a word.
    pub fn parse(text: &str) -> Option<Milestone> {
        let text = text.trim().to_ascii_lowercase();
        Milestone::ALL.into_iter().find(|m| m.word() == text)
    }
}

/// A milestone has its time: the time of the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilestoneReached {
    /// Which.
    pub milestone: Milestone,
    /// How it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
}

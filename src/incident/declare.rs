//! Declaring an incident: how it starts. Its apply and decide live here.

use super::Incident;
use super::command::{Refusal, happened, worded};
use super::entry::{Entry, EntryId, Session};
use super::phase::{Milestone, Phase};
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

/// How the incident was declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The entry.
    pub id: EntryId,
    /// When.
    pub at: Time,
    /// When it was recorded.
    pub recorded: Time,
    /// By which run of the program.
    pub session: Session,
    /// By whom.
    pub by: String,
    /// With which words.
    pub what: Declared,
    /// The entry with which whoever declared took command in the same breath.
    pub commands: Option<EntryId>,
}

/// The goals an incident starts with, the first protected first.
pub const DEFAULT_GOALS: [&str; 3] = ["customer data is safe", "people know", "service works again"];

impl Incident {
    pub(super) fn declared(&mut self, entry: &Entry, fact: &Declared) {
        if self.opened.is_some() {
            return;
        }
        self.title = Some(fact.title.clone());
        self.severity = Some(fact.severity);
        self.considered.severity(entry.at);
        self.phase_since = entry.at;
        // one that was over when it was declared has no rhythm
        self.watches.begin(entry.at, fact.severity, fact.ended.is_none());
        self.milestones.reached(Milestone::Declared, entry, "");
        if let Some(began) = fact.began {
            self.milestones.said(Milestone::Began, began, fact.began_about, "declared");
        }
        if let Some(ended) = fact.ended {
            self.milestones.said(Milestone::Recovered, ended, fact.ended_about, "declared");
            // found late: nothing hurts any more, and what is left is to understand it and to say so
            self.phase = Phase::Mitigated;
            self.calm_since = Some(ended);
        }
        self.opened = Some(Opened {
            id: entry.id,
            at: entry.at,
            recorded: entry.recorded,
            session: entry.session,
            by: entry.author.to_string(),
            what: fact.clone(),
            commands: None,
        });
    }
}

/// Refuses what cannot be declared.
pub(super) fn check(incident: &Incident, what: &Declared, now: Time) -> Result<(), Refusal> {
    if let Some(opened) = incident.opened() {
        return Err(Refusal::new(
            format!(
                "Incident {} was declared by {} at {} UTC.",
                incident.number(),
                opened.by,
                opened.at.date_and_minutes()
            ),
            "Join it, or declare another one.",
        ));
    }
    worded(&what.title, "The title")?;
    for at in [what.began, what.ended].into_iter().flatten() {
        happened(at, now)?;
    }
    if let (Some(began), Some(ended)) = (what.began, what.ended)
        && ended < began
    {
        return Err(Refusal::new(
            format!("Impact cannot end ({}) before it began ({}).", ended.iso(), began.iso()),
            "Give the two times the other way round.",
        ));
    }
    Ok(())
}

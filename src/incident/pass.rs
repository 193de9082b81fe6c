//! Passes of one build through holds of releases: through all of them until an end, or through those that stood when it was granted. It must
//! not know what is held.

use super::command::{Refusal, worded};
use super::entry::{EntryId, Number};
use super::fact::Fact;
use super::gate::SHORTEST;
use super::hold::{Ended, until_words};
use super::impact::capital;
use super::scope;
use super::standing::{NAME, Standing, ahead};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// One build may pass every hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassGranted {
    /// Where to: a place or a pattern of places.
    pub scope: String,
    /// Which: a commit, at least seven digits of one, or a tag.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Why.
    pub why: String,
    /// It ends then by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// The incident that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Number>,
}

/// One build may pass the holds that stood then, and no other: what is frozen later was not thought of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassBound {
    /// Where to: a place or a pattern of places.
    pub scope: String,
    /// Which: a commit, at least seven digits of one, or a tag.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Why.
    pub why: String,
    /// The holds.
    pub holds: Vec<EntryId>,
    /// The incident that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Number>,
}

/// A pass no longer lets anything through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassWithdrawn {
    /// Which.
    pub pass: EntryId,
    /// Which build it let through.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The incident that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Number>,
}

/// A pass, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Its entry.
    pub id: EntryId,
    /// Its number in this journal, from 1.
    pub number: u32,
    /// Who granted it.
    pub by: String,
    /// When.
    pub at: Time,
    /// What was said.
    pub what: PassGranted,
    /// The holds that it goes through, with their numbers; none where it goes through every one.
    pub through: Option<Vec<(EntryId, u32)>>,
    /// Who withdrew it.
    pub withdrawn: Option<Ended>,
}

impl Pass {
    /// Nobody withdrew it and its end has not come. One for some holds lets nothing through once these are gone: [`super::hold::Holds::passing`].
    pub(super) fn stands(&self, now: Time) -> bool {
        self.withdrawn.is_none() && self.what.until.is_none_or(|until| now < until)
    }
    /// How long it lets its build through, behind other words.
    pub(super) fn end_words(&self) -> String {
        match &self.through {
            None => until_words(self.what.until, self.at),
            Some(through) => {
                let holds: Vec<String> = through.iter().map(|(_, number)| number.to_string()).collect();
                format!(", through hold {} only", holds.join(", "))
            }
        }
    }
    /// What it is called: `pass 3`.
    pub fn called(&self) -> String {
        format!("pass {}", self.number)
    }
    /// What, where to, who, why and until when.
    pub fn words(&self) -> String {
        let PassGranted { scope, reference, why, .. } = &self.what;
        let (by, at) = (&self.by, self.at.clock_minutes());
        format!("{reference} to {scope} by {by} {at}: {why}{}", self.end_words())
    }
}

/// A pass through some holds in words.
pub fn bound_words(fact: &PassBound) -> String {
    format!("{} may go to {}: {}, through the holds that stand now", fact.reference, fact.scope, fact.why)
}

/// A withdrawal in words.
pub fn withdrawn_words(fact: &PassWithdrawn) -> String {
    let why = if fact.why.is_empty() { String::new() } else { format!(": {}", fact.why) };
    format!("{} no longer passes{why}", fact.reference)
}

impl Standing {
    /// Without an end it is for the holds that stand where it goes to: a freeze that is added later was made by somebody who did not think of it.
    pub(super) fn grant(&self, pass: &PassGranted, now: Time) -> Result<Fact, Refusal> {
        let pass = grant(pass, now)?;
        if pass.until.is_some() {
            return Ok(pass.into());
        }
        let met = self.holds().standing(now).filter(|hold| scope::meets(&hold.what.scope, &pass.scope));
        let holds: Vec<EntryId> = met.map(|hold| hold.id).collect();
        if holds.is_empty() {
            return Err(Refusal::new(
                format!("Nothing holds {}, so there is nothing to pass now.", pass.scope),
                "Give an end, and it passes what is frozen until then; or grant it once something holds it.",
            ));
        }
        let PassGranted { scope, reference, why, incident, .. } = pass;
        Ok(PassBound { scope, reference, why, holds, incident }.into())
    }

    pub(super) fn withdraw(&self, withdrawn: &PassWithdrawn, now: Time) -> Result<PassWithdrawn, Refusal> {
        match self.holds().find_pass(withdrawn.pass) {
            Some(pass) if self.holds().passing(now).any(|one| one.id == pass.id) => {
                Ok(PassWithdrawn { reference: pass.what.reference.clone(), ..withdrawn.clone() })
            }
            Some(pass) => Err(Refusal::new(
                format!("{} lets nothing through any more.", capital(&pass.called())),
                "There is nothing to withdraw.",
            )),
            None => Err(Refusal::new("There is no such pass.", "quarterdeck freeze list tells which there are.")),
        }
    }
}

fn grant(pass: &PassGranted, now: Time) -> Result<PassGranted, Refusal> {
    scope::check(&pass.scope, true)?;
    worded(&pass.why, "The reason for the pass")?;
    ahead(pass.until, now)?;
    let reference = pass.reference.as_str();
    let is_odd = |c: char| c.is_whitespace() || c.is_control();
    let long = reference.chars().count();
    if reference.is_empty() || long > NAME || reference.contains(is_odd) {
        return Err(Refusal::new(
            "A pass is for one build: a commit or a tag, without blanks.",
            format!("Give the whole commit, {SHORTEST} digits of it or more, or the tag."),
        ));
    }
    Ok(pass.clone())
}

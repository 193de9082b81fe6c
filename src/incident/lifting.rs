//! Lifting a hold of releases: what it asks for, by whose it is, why it was placed, and what stands against it. It must not know who lifts it.

use super::command::Refusal;
use super::entry::{EntryId, Number, Stamp};
use super::fact::Fact;
use super::hold::{Hold, HoldLifted, HoldReviewed};
use super::impact::capital;
use super::standing::Standing;

/// A hold is to be lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifting {
    /// Which.
    pub hold: EntryId,
    /// Why.
    pub why: String,
    /// The review.
    pub review: Option<String>,
    /// Why without the review that it asks for.
    pub glass: Option<String>,
    /// Its scope, as it was typed to confirm it.
    pub typed: Option<String>,
    /// The probes of its scope that are red, in words: what stands against it.
    pub red: Option<String>,
    /// The incident that is open.
    pub incident: Option<Number>,
}

impl Lifting {
    /// Only the review that a lift owes.
    pub(super) fn review_of(hold: &Hold, review: &str) -> Lifting {
        Lifting {
            hold: hold.id,
            why: String::new(),
            review: Some(review.to_owned()),
            glass: None,
            typed: None,
            red: None,
            incident: None,
        }
    }
}

impl Standing {
    pub(super) fn lift(&self, lifting: &Lifting, stamp: &Stamp) -> Result<Fact, Refusal> {
        let Some(hold) = self.holds().find(lifting.hold) else {
            return Err(Refusal::new("There is no such hold.", "quarterdeck freeze list tells which there are."));
        };
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let (review, glass) = (said(&lifting.review), said(&lifting.glass));
        if let Some(lifted) = &hold.lifted {
            return match review {
                Some(review) if hold.owes_review() => {
                    let scope = hold.what.scope.clone();
                    Ok(HoldReviewed { hold: hold.id, scope, review, incident: lifting.incident }.into())
                }
                _ => Err(Refusal::new(
                    format!(
                        "{} was lifted at {} UTC by {}.",
                        capital(&hold.called()),
                        lifted.at.date_and_minutes(),
                        lifted.by
                    ),
                    "There is nothing to lift.",
                )),
            };
        }
        if let Some(until) = hold.what.until.filter(|until| *until <= stamp.now) {
            return Err(Refusal::new(
                format!("{} ended by itself at {} UTC.", capital(&hold.called()), until.date_and_minutes()),
                "There is nothing to lift.",
            ));
        }
        let reasons = [said(&Some(lifting.why.clone())), glass.clone()];
        let why = reasons.into_iter().flatten().collect::<Vec<_>>().join("; ");
        if hold.by != *stamp.author {
            let (by, scope) = (&hold.by, &hold.what.scope);
            if why.is_empty() && review.is_none() {
                return Err(Refusal::new(
                    format!("{by} holds {scope}, not {}: {}.", stamp.author, hold.what.why),
                    format!("Ask {by}, or give a reason and confirm it with the exact scope, {scope}."),
                ));
            }
            if lifting.typed.as_deref() != Some(scope) {
                return Err(Refusal::new(
                    format!("{by} holds {scope}: lifting it lets out what somebody else keeps in."),
                    format!("Confirm it with the exact scope, {scope}."),
                ));
            }
        }
        if let Some(red) = &lifting.red {
            let scope = &hold.what.scope;
            if (why.is_empty() && review.is_none()) || lifting.typed.as_deref() != Some(scope) {
                return Err(Refusal::new(
                    format!("{}.", capital(red.trim_end_matches('.'))),
                    format!(
                        "Lift nothing until it is green; or give a reason and confirm it with the exact scope, {scope}."
                    ),
                ));
            }
        }
        if hold.asks_review() && review.is_none() && glass.is_none() {
            return Err(Refusal::new(
                format!("{} stands because of {}.", capital(&hold.called()), hold.what.cause_words()),
                "Give its review, an address or a line; or break the glass with a reason, and the review is owed.",
            ));
        }
        if let Some(glass) = glass.filter(|_| !hold.asks_review()) {
            return Err(Refusal::new(
                format!("{} asks for no review: there is no glass to break.", capital(&hold.called())),
                format!("Give \"{glass}\" as a reason instead."),
            ));
        }
        let glass = hold.asks_review() && review.is_none();
        let scope = hold.what.scope.clone();
        Ok(HoldLifted { hold: hold.id, scope, why, review, glass, incident: lifting.incident }.into())
    }
}

//! Lifting a hold of releases: what it asks for, by whose it is, why it was placed, and what stands against it. It must not know who lifts it.
//!
//! Where that is asked for, somebody else's hold is lifted by two people: one asks with all that a lift takes, another agrees to just that. A red
//! probe asks for no second person: nor does it where a switch is given back.

use super::command::Refusal;
use super::entry::{EntryId, Number, Stamp};
use super::fact::Fact;
use super::hold::{Hold, HoldLifted, HoldReviewed};
use super::impact::capital;
use super::second::Two;
use super::standing::Standing;
use super::time::Time;
use super::trouble::sentence;
use super::waiting::{self, WAITS, Waiting, Wanted};
use serde::{Deserialize, Serialize};

/// Somebody asked to lift a hold of somebody else, which needs a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiftAsked {
    /// Which.
    pub hold: EntryId,
    /// Of what it is a hold.
    pub scope: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The review that a spent budget asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// Without the review that it asks for: it will be owed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub glass: bool,
    /// The incident that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Number>,
    /// Until when somebody may agree.
    pub expires: Time,
}

/// Whoever asked to lift a hold does not want it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LiftWithdrawn {
    /// The entry that asked.
    pub asked: EntryId,
    /// Of what it is a hold.
    pub scope: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The incident that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Number>,
}

/// A lift that waits, as it stands.
pub type AskedLift = waiting::Asked<LiftAsked>;
/// Every lift that was asked for, in order.
pub type Lifts = Waiting<LiftAsked>;

impl Wanted for LiftAsked {
    type About = EntryId;
    fn is_about(&self, hold: &EntryId) -> bool {
        self.hold == *hold
    }
    fn expires(&self) -> Time {
        self.expires
    }
    fn is_again(&self, other: &LiftAsked) -> bool {
        self.hold == other.hold
    }
    fn gone(&self) -> String {
        format!("the hold of {} was lifted", self.scope)
    }
}

impl LiftAsked {
    /// What is asked for, whose it is and why.
    pub fn words(&self, held_by: Option<&str>) -> String {
        let held = held_by.map(|by| format!(", held by {by}")).unwrap_or_default();
        format!("lift {}{held}, once somebody else agrees{}", self.scope, self.reasons())
    }
    /// What is lifted, why and with which review.
    pub fn terms(&self) -> String {
        format!("lift {}{}", self.scope, self.reasons())
    }
    /// Why and with which review, behind other words.
    pub fn reasons(&self) -> String {
        let why = if self.why.is_empty() { String::new() } else { format!(": {}", self.why) };
        let review = self.review.iter().map(|review| format!(", review {review}")).collect::<String>();
        let glass = if self.glass { ", WITHOUT ITS REVIEW, which is owed then" } else { "" };
        format!("{why}{review}{glass}")
    }
}

impl LiftWithdrawn {
    /// That it is not asked for any more, and why.
    pub fn words(&self) -> String {
        let why = if self.why.is_empty() { String::new() } else { format!(": {}", self.why) };
        format!("lifting {} is not asked for any more{why}", self.scope)
    }
}

/// Whether lifting a hold needs a second person: whoever lifts their own lets out only what they keep in themselves.
pub fn needs_second(two: Two, hold: &Hold, me: &str) -> bool {
    two != Two::Never && hold.by != me
}

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
    /// Which lifts need a second person.
    pub two: Two,
    /// The entry that asked for it, where this agrees: to what was asked for there, and to nothing else.
    pub confirms: Option<EntryId>,
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
            two: Two::Never,
            confirms: None,
        }
    }
}

impl Standing {
    pub(super) fn lift(&self, lifting: &Lifting, stamp: &Stamp) -> Result<Fact, Refusal> {
        let Some(hold) = self.holds().find(lifting.hold) else {
            return Err(Refusal::new("There is no such hold.", "quarterdeck freeze list tells which there are."));
        };
        if let Some(lifted) = &hold.lifted {
            return match said(&lifting.review) {
                Some(review) if hold.owes_review() && lifting.confirms.is_none() => {
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
        if let Some(at) = stamp.at.filter(|at| *at < hold.at) {
            let (at, placed) = (at.date_and_minutes(), hold.at.date_and_minutes());
            return Err(Refusal::new(
                format!("{} was placed at {placed} UTC, after {at} UTC.", capital(&hold.called())),
                "Say when it was lifted, or leave the time out.",
            ));
        }
        if let Some(until) = hold.what.until.filter(|until| *until <= stamp.now) {
            return Err(Refusal::new(
                format!("{} ended by itself at {} UTC.", capital(&hold.called()), until.date_and_minutes()),
                "There is nothing to lift.",
            ));
        }
        if let Some(asked) = lifting.confirms {
            return self.agree(asked, (hold, lifting), stamp).map(Fact::from);
        }
        let lifted = lifted(hold, lifting, stamp)?;
        if !needs_second(lifting.two, hold, &stamp.author) {
            return Ok(lifted.into());
        }
        let HoldLifted { hold: id, scope, why, review, glass, incident, .. } = lifted;
        // a hold that ends by itself leaves nothing to agree to
        let waits = stamp.now.plus(WAITS);
        let expires = hold.what.until.map_or(waits, |until| waits.min(until));
        Ok(LiftAsked { hold: id, scope, why, review, glass, incident, expires }.into())
    }

    /// The very lift that was asked for, by another person; its exact scope is typed once more.
    fn agree(&self, asked: EntryId, (hold, lifting): (&Hold, &Lifting), stamp: &Stamp) -> Result<HoldLifted, Refusal> {
        let asked = self.lifts().may_agree(asked, (&stamp.author, stamp.session, stamp.now))?;
        let LiftAsked { scope, why, review, glass, .. } = asked.what.clone();
        if asked.what.hold != hold.id {
            return Err(Refusal::new(
                format!("{} did not ask for that hold.", asked.by),
                "Confirm the one that is asked for.",
            ));
        }
        if lifting.typed.as_deref() != Some(&scope) {
            let red = lifting.red.iter().map(|red| sentence(&capital(red)));
            let red = red.collect::<String>();
            return Err(Refusal::new(
                format!("{} asks to lift what {} holds: {scope}.{red}", asked.by, hold.by),
                format!("Confirm it with the exact scope, {scope}."),
            ));
        }
        let (confirms, asked_by) = (Some(asked.id), Some(asked.by.clone()));
        Ok(HoldLifted { hold: hold.id, scope, why, review, glass, incident: lifting.incident, confirms, asked_by })
    }

    /// What was asked for is taken back.
    pub(super) fn withdraw_lift(&self, withdrawn: &LiftWithdrawn, me: &str) -> Result<LiftWithdrawn, Refusal> {
        let asked = self.lifts().check_withdraw(withdrawn.asked, me)?;
        Ok(LiftWithdrawn { scope: asked.what.scope.clone(), ..withdrawn.clone() })
    }
}

fn said(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.trim().is_empty())
}

/// A lift with all that it takes, whoever has to agree to it.
fn lifted(hold: &Hold, lifting: &Lifting, stamp: &Stamp) -> Result<HoldLifted, Refusal> {
    let (review, glass) = (said(&lifting.review), said(&lifting.glass));
    let reasons = [said(&Some(lifting.why.clone())), glass.clone()];
    let why = reasons.into_iter().flatten().collect::<Vec<_>>().join("; ");
    if hold.by != *stamp.author {
        let (by, scope) = (&hold.by, &hold.what.scope);
        if why.is_empty() && review.is_none() {
            return Err(Refusal::new(
                format!("{by} holds {scope}, not {}:{}", stamp.author, sentence(&hold.what.why)),
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
                sentence(&capital(red)).trim_start(),
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
    let incident = lifting.incident;
    Ok(HoldLifted { hold: hold.id, scope, why, review, glass, incident, confirms: None, asked_by: None })
}

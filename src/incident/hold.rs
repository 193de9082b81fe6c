//! Holds of releases and passes through them: what is frozen, by whom, why, until when. It must not know who asks.
//!
//! They stand in the standing stream: an incident that is closed lifts nothing. A place is frozen while any hold that meets it stands
//! ([`super::scope`]); a pass lets one build through every hold. What was done while an incident was open is told in that incident's
//! own stream too, by [`super::told`].

use super::entry::{Entry, EntryId, Number};
use super::lifting::{LiftAsked, LiftWithdrawn};
use super::scope;
use super::time::Time;
use super::timeline::percent;
use super::told::{HoldTold, What};

pub use super::pass::{Pass, PassBound, PassGranted, PassWithdrawn, bound_words, withdrawn_words};
use serde::{Deserialize, Serialize};

/// What made somebody hold releases, where that asks for more than a reason to lift them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// An error budget was spent, or went too fast.
    Budget,
}

/// Releases are held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldPlaced {
    /// Of what: a place or a pattern of places.
    pub scope: String,
    /// Why.
    pub why: String,
    /// It ends then by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What made somebody do it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// For a budget: the objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slo: Option<String>,
    /// For a budget: what was left of it, in parts per million.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_ppm: Option<i64>,
    /// The incident that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Number>,
}

/// A hold was lifted before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldLifted {
    /// Which.
    pub hold: EntryId,
    /// Of what it was a hold.
    pub scope: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The review that a spent budget asks for: an address or a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// Without the review that it asked for: it is owed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub glass: bool,
    /// The incident that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Number>,
    /// The entry that asked for it, where a second person had to agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<EntryId>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
}

/// The review that was owed is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldReviewed {
    /// Of which hold.
    pub hold: EntryId,
    /// Of what it was a hold.
    pub scope: String,
    /// An address or a line.
    pub review: String,
    /// The incident that was open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<Number>,
}

/// Who ended something, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The entry that says so.
    pub id: EntryId,
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
    /// Why.
    pub why: String,
}

/// A hold, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its entry.
    pub id: EntryId,
    /// Its number in this journal, from 1.
    pub number: u32,
    /// Who placed it.
    pub by: String,
    /// When.
    pub at: Time,
    /// What was said.
    pub what: HoldPlaced,
    /// Who lifted it.
    pub lifted: Option<Ended>,
    /// It was lifted without the review that it asked for.
    pub glass: bool,
    /// The review.
    pub review: Option<String>,
    /// Who asked somebody else to agree to lifting it.
    pub asked_by: Option<String>,
}

impl Hold {
    /// It holds at that moment.
    pub fn stands(&self, now: Time) -> bool {
        self.lifted.is_none() && self.what.until.is_none_or(|until| now < until)
    }
    /// What it is called: its name, or `hold 3`.
    pub fn called(&self) -> String {
        self.what.name.clone().unwrap_or_else(|| format!("hold {}", self.number))
    }
    /// It was lifted without its review, which is still owed.
    pub fn owes_review(&self) -> bool {
        self.glass && self.review.is_none()
    }
    /// What is owed for lifting it without its review.
    pub(super) fn owed(&self) -> String {
        format!("review why {} was lifted without one", self.called())
    }
    /// It asks for a review before it is lifted.
    pub fn asks_review(&self) -> bool {
        self.what.cause == Some(Cause::Budget)
    }
    /// Who, when, why and until when: "prod by Ana 22:58: 1823 is not understood, until 23:30".
    pub fn words(&self) -> String {
        let HoldPlaced { scope, why, until, .. } = &self.what;
        format!("{scope} by {} {}: {why}{}", self.by, self.at.clock_minutes(), until_words(*until, self.at))
    }
}

/// When something ends by itself, behind other words; with its date where that is another day.
pub fn until_words(until: Option<Time>, from: Time) -> String {
    until.map_or_else(String::new, |until| format!(", until {}", until.beside(from)))
}

/// All holds and passes of a journal, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    holds: Vec<Hold>,
    passes: Vec<Pass>,
    news: Vec<(Number, Time, HoldTold)>,
}

impl Holds {
    pub(super) fn placed(&mut self, entry: &Entry, fact: &HoldPlaced) {
        let hold = Hold {
            id: entry.id,
            number: number(self.holds.len()),
            by: entry.author.to_string(),
            at: entry.at,
            what: fact.clone(),
            lifted: None,
            glass: false,
            review: None,
            asked_by: None,
        };
        let HoldPlaced { scope, why, until, .. } = fact;
        let words = format!("{scope}: {why}{}", until_words(*until, entry.at));
        let called = fact.name.iter().map(|name| format!(" ({name})")).collect::<String>();
        self.holds.push(hold);
        self.tell(entry, What::Frozen, words + &called, fact.incident, None);
    }

    pub(super) fn lifted(&mut self, entry: &Entry, fact: &HoldLifted) {
        let ended = Ended { id: entry.id, by: entry.author.to_string(), at: entry.at, why: fact.why.clone() };
        let Some(hold) = self.holds.iter_mut().find(|hold| hold.id == fact.hold && hold.lifted.is_none()) else {
            return;
        };
        hold.lifted = Some(ended);
        hold.glass = fact.glass;
        hold.review.clone_from(&fact.review);
        hold.asked_by.clone_from(&fact.asked_by);
        let words = format!("{}, held by {}{}", fact.scope, hold.by, how(fact));
        // whoever asked for it without the review owes it, not whoever agreed
        let task = fact.glass.then(|| (hold.owed(), fact.asked_by.clone()));
        self.tell(entry, What::Lifted, words, fact.incident, task);
    }

    pub(super) fn lift_asked(&mut self, entry: &Entry, fact: &LiftAsked) {
        let words = fact.words(self.find(fact.hold).map(|hold| hold.by.as_str()));
        self.tell(entry, What::LiftAsked, words, fact.incident, None);
    }

    pub(super) fn lift_withdrawn(&mut self, entry: &Entry, fact: &LiftWithdrawn) {
        self.tell(entry, What::LiftWithdrawn, fact.words(), fact.incident, None);
    }

    pub(super) fn reviewed(&mut self, entry: &Entry, fact: &HoldReviewed) {
        let Some(hold) = self.holds.iter_mut().find(|hold| hold.id == fact.hold) else { return };
        hold.review = Some(fact.review.clone());
        let words = reviewed_words(fact);
        self.tell(entry, What::Reviewed, words, fact.incident, None);
    }

    pub(super) fn bound(&mut self, entry: &Entry, fact: &PassBound) {
        let PassBound { scope, reference, why, holds, incident } = fact.clone();
        let numbered = holds.into_iter().filter_map(|id| Some((id, self.find(id)?.number)));
        let through = Some(numbered.collect());
        self.pass(entry, &PassGranted { scope, reference, why, until: None, incident }, through);
    }

    pub(super) fn granted(&mut self, entry: &Entry, fact: &PassGranted) {
        self.pass(entry, fact, None);
    }

    fn pass(&mut self, entry: &Entry, fact: &PassGranted, through: Option<Vec<(EntryId, u32)>>) {
        let number = number(self.passes.len());
        let pass = Pass {
            id: entry.id,
            number,
            by: entry.author.to_string(),
            at: entry.at,
            what: fact.clone(),
            through,
            withdrawn: None,
        };
        let PassGranted { scope, reference, why, .. } = fact;
        let words = format!("{reference} may go to {scope}: {why}{}", pass.end_words());
        self.passes.push(pass);
        self.tell(entry, What::Passed, words, fact.incident, None);
    }

    pub(super) fn withdrawn(&mut self, entry: &Entry, fact: &PassWithdrawn) {
        let ended = Ended { id: entry.id, by: entry.author.to_string(), at: entry.at, why: fact.why.clone() };
        let open = |pass: &&mut Pass| pass.id == fact.pass && pass.withdrawn.is_none();
        let Some(pass) = self.passes.iter_mut().find(open) else { return };
        pass.withdrawn = Some(ended);
        let words = withdrawn_words(fact);
        self.tell(entry, What::Withdrawn, words, fact.incident, None);
    }

    fn tell(
        &mut self,
        entry: &Entry,
        what: What,
        words: String,
        incident: Option<Number>,
        owed: Option<(String, Option<String>)>,
    ) {
        let Some(incident) = incident else { return };
        let (owes, owed_by) = owed.map_or((None, None), |(owes, by)| (Some(owes), by));
        let told = HoldTold { what, about: entry.id, by: entry.author.to_string(), words, owes, owed_by };
        self.news.push((incident, entry.at, told));
    }

    /// Every hold, lifted ones too.
    pub fn all(&self) -> &[Hold] {
        &self.holds
    }
    /// Every pass, withdrawn ones too.
    pub fn passes(&self) -> &[Pass] {
        &self.passes
    }
    /// The holds that stand.
    pub fn standing(&self, now: Time) -> impl DoubleEndedIterator<Item = &Hold> + Clone {
        self.holds.iter().filter(move |hold| hold.stands(now))
    }
    /// The passes that stand: of those for some holds, while one of these does.
    pub fn passing(&self, now: Time) -> impl DoubleEndedIterator<Item = &Pass> + Clone {
        let holds = move |id: &EntryId| self.find(*id).is_some_and(|hold| hold.stands(now));
        let some = move |pass: &Pass| pass.through.as_ref().is_none_or(|all| all.iter().any(|(id, _)| holds(id)));
        self.passes.iter().filter(move |pass| pass.stands(now) && some(pass))
    }
    /// The passes that stand and let their build through what is frozen from now on too, as far as they meet a scope; in a line each.
    pub fn ahead(&self, scope: &str, now: Time) -> impl Iterator<Item = String> {
        let open = self.passing(now).filter(|pass| pass.through.is_none() && scope::meets(&pass.what.scope, scope));
        open.map(|pass| format!("{}, {}", pass.called(), pass.words()))
    }
    /// The holds that were lifted without a review that they asked for, and have none yet.
    pub fn owing(&self) -> impl Iterator<Item = &Hold> {
        self.holds.iter().filter(|hold| hold.owes_review())
    }
    /// One by its entry.
    pub fn find(&self, id: EntryId) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.id == id)
    }
    /// A pass by its entry.
    pub fn find_pass(&self, id: EntryId) -> Option<&Pass> {
        self.passes.iter().find(|pass| pass.id == id)
    }
    /// The next moment at which something ends by itself.
    pub fn next_end(&self, now: Time) -> Option<Time> {
        let holds = self.standing(now).filter_map(|hold| hold.what.until);
        holds.chain(self.passing(now).filter_map(|pass| pass.what.until)).min()
    }
    /// What was done while that incident was open, and when, in its order.
    pub fn news(&self, incident: Number) -> impl Iterator<Item = (Time, &HoldTold)> {
        self.news.iter().filter(move |(number, ..)| *number == incident).map(|(_, at, told)| (*at, told))
    }
}

fn number(before: usize) -> u32 {
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}

/// A lift in words.
pub fn lifted_words(fact: &HoldLifted) -> String {
    format!("{}{}", fact.scope, how(fact))
}

fn how(fact: &HoldLifted) -> String {
    let why = if fact.why.is_empty() { String::new() } else { format!(": {}", fact.why) };
    let review = fact.review.iter().map(|review| format!(", review {review}")).collect::<String>();
    let asked = fact.asked_by.iter().map(|by| format!(", asked for by {by}")).collect::<String>();
    let glass = if fact.glass { ", GLASS BROKEN: the review is owed" } else { "" };
    format!("{why}{review}{asked}{glass}")
}

/// A review in words.
pub fn reviewed_words(fact: &HoldReviewed) -> String {
    format!("the freeze of {}: {}", fact.scope, fact.review)
}

impl HoldPlaced {
    /// What made somebody do it, behind other words.
    pub fn cause_words(&self) -> String {
        match (self.cause, &self.slo, self.left_ppm) {
            (None, ..) => String::new(),
            (Some(Cause::Budget), Some(slo), Some(left)) => format!("{} left of {slo}'s budget", percent(left)),
            (Some(Cause::Budget), Some(slo), None) => format!("{slo}'s budget"),
            (Some(Cause::Budget), ..) => "an error budget".into(),
        }
    }
}

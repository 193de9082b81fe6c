//! What waits for a second person: an act that somebody asked for and somebody else has to agree to, bound to exactly what was planned. It
//! must not know how anybody is asked.
//!
//! Whoever agrees plans it anew and asks for the same: another value or another state is another act, and what was asked for is void without
//! anybody saying so. Its end and what is expected of it are asked for with it: whoever wants another one asks anew. What is known to be void,
//! was asked for again or was taken back waits for nobody. Stopping never waits where it must not: it may be done alone, with a reason that
//! everybody sees and a review that is owed.

use super::change::Changed;
use super::command::Refusal;
use super::entry::{EntryId, Session, Stamp};
use super::intent::{Act, Intended, Intents};
use super::own::is_own;
use super::switch::{Share, Whom};
use super::time::Time;
use super::waiting::{self, Waiting, Wanted};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use super::waiting::{Fate, WAITS};

/// Which acts on a switch need a second person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Two {
    /// None.
    #[default]
    Never,
    /// Those that give people again what was taken from them.
    Widening,
    /// All of them; what narrows may be done alone with a reason.
    Always,
}

/// Somebody asked for an act that needs a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActAsked {
    /// What is to be done.
    pub act: Act,
    /// The switch, by its configured name.
    pub target: String,
    /// The value that was served when it was asked for.
    pub from: String,
    /// The value that is to be served.
    pub to: String,
    /// The target's whole state when it was asked for.
    pub before: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The act that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<EntryId>,
    /// The context that is to get the stopped value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whom: Option<Whom>,
    /// The share that is to get what is served while nothing is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// When it is to be put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// What is expected to follow: at most so many bad events a minute, from `expect_by` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_max: Option<u64>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_by: Option<Time>,
    /// Of which objective; none is the one that is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_of: Option<String>,
    /// It gives people again what was taken from them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub widens: bool,
    /// Until when somebody may agree.
    pub expires: Time,
}

/// Whoever asked for an act does not want it any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActWithdrawn {
    /// The entry that asked.
    pub asked: EntryId,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

impl ActAsked {
    /// What is asked for when an act needs somebody else.
    pub fn of(act: &Intended, expires: Time) -> ActAsked {
        ActAsked {
            act: act.act,
            target: act.target.clone(),
            from: act.from.clone().unwrap_or_default(),
            to: act.to.clone().unwrap_or_default(),
            before: act.before.clone().unwrap_or_default(),
            why: act.why.clone(),
            reverts: act.reverts,
            whom: act.whom.clone(),
            share: act.share,
            until: act.until,
            expect_max: act.expect_max,
            expect_by: act.expect_by,
            expect_of: act.expect_of.clone(),
            widens: act.widens,
            expires,
        }
    }
    /// The same act as an intent that has not been planned anew yet.
    pub fn draft(&self) -> Intended {
        Intended {
            act: self.act,
            target: self.target.clone(),
            why: self.why.clone(),
            reverts: self.reverts,
            whom: self.whom.clone(),
            share: self.share,
            until: self.until,
            expect_max: self.expect_max,
            expect_by: self.expect_by,
            expect_of: self.expect_of.clone(),
            widens: self.widens,
            ..Intended::default()
        }
    }
    /// What is to be done with what; not on which state.
    fn deed(&self) -> (Act, &str, &Option<Whom>, Option<Share>, Option<EntryId>) {
        (self.act, &self.target, &self.whom, self.share, self.reverts)
    }
    /// It is to end like this act, and the same is expected of both.
    fn ends_like(&self, act: &Intended) -> bool {
        (self.until, self.expect_max, self.expect_by) == (act.until, act.expect_max, act.expect_by)
    }
    /// It is this act, on this state.
    fn is(&self, act: &Intended) -> bool {
        let state = [(&self.from, &act.from), (&self.to, &act.to), (&self.before, &act.before)];
        self.deed() == (act.act, &act.target, &act.whom, act.share, act.reverts)
            && state.iter().all(|(asked, now)| Some(*asked) == now.as_ref())
    }
}

/// An act that waits, as it stands.
pub type Asked = waiting::Asked<ActAsked>;
/// Every act that was asked for in a stream, in order.
pub type Seconds = Waiting<ActAsked>;

impl Wanted for ActAsked {
    type About = str;
    fn about(&self) -> &str {
        &self.target
    }
    fn expires(&self) -> Time {
        self.expires
    }
    fn is_again(&self, other: &ActAsked) -> bool {
        self.deed() == other.deed()
    }
    fn changed(&self) -> String {
        format!("{} changed", self.target)
    }
}

impl Seconds {
    /// A switch changed, which is told: with no record of a provider known here, by looking or by the switch's name.
    pub(super) fn told(&mut self, change: &Changed, at: Time) {
        let none = BTreeMap::new();
        self.void(at, |what| change.what == "flag" && change.is_of(&what.target, &none));
    }
    /// That something is not asked for any more, in words.
    pub fn withdrawn_words(&self, id: EntryId) -> String {
        let words = |one: &Asked| format!("{} {} is not asked for any more", one.what.draft().deed(), one.what.target);
        self.find(id).map(words).unwrap_or_default()
    }

    /// Whether an act may be done now, by whoever wants it.
    pub(super) fn check(&self, two: Two, act: &Intended, intents: &Intents, stamp: &Stamp) -> Result<(), Refusal> {
        if let Some(id) = act.confirms {
            return self.agrees(id, act, (&stamp.author, stamp.session, stamp.now));
        }
        if !needed(two, act, intents, &stamp.author, stamp.now) {
            return Ok(());
        }
        if act.glass && act.narrows() {
            return match act.why.trim().is_empty() {
                true => Err(Refusal::new(
                    "It is done without the second person that is asked for here, and nobody said why.",
                    "Say why it cannot wait.",
                )),
                false => Ok(()),
            };
        }
        Err(Refusal::new(
            format!("To {} {} needs a second person.", act.act.word(), act.target),
            "Ask for it; somebody else confirms it from a session of their own.",
        ))
    }

    /// Whether this person, in this run of the program, may agree with this act to what was asked for.
    ///
    /// # Errors
    /// Somebody did, it is too late, it is the same person, or it is another act than the one that was asked for.
    pub fn agrees(
        &self,
        id: EntryId,
        act: &Intended,
        (me, session, now): (&str, Session, Time),
    ) -> Result<(), Refusal> {
        let asked = self.may_agree(id, (me, session, now))?;
        if !asked.what.is(act) {
            let why = format!("What {} asked for is void: {} is not as it was then.", asked.by, asked.what.target);
            return Err(Refusal::new(why, "Look at it and ask for it anew."));
        }
        if !asked.what.ends_like(act) {
            let why = format!("{} did not ask for that: another end or another expectation is another act.", asked.by);
            return Err(Refusal::new(why, "Confirm what was asked for, or ask for it anew."));
        }
        match asked.what.until.filter(|until| *until <= now) {
            Some(until) => {
                let why = format!("It was to end at {} UTC already.", until.beside(now));
                Err(Refusal::new(why, "Ask for it anew."))
            }
            None => Ok(()),
        }
    }
}

/// Whether an act needs a second person.
pub fn needed(two: Two, act: &Intended, intents: &Intents, me: &str, now: Time) -> bool {
    if !act.serves() && act.act != Act::Request {
        return false;
    }
    // whoever takes back what they did a moment ago only ends what they began
    let is_own = is_own(act, intents, me, now);
    match two {
        Two::Never => false,
        Two::Widening => !is_own && act.lets_in(),
        Two::Always => !is_own,
    }
}

#[cfg(test)]
mod tests;

//! What waits for a second person: an act that somebody asked for and somebody else has to agree to, bound to exactly what was planned. It
//! must not know how anybody is asked.
//!
//! Whoever agrees plans it anew and asks for the same: another value or another state is another act, and what was asked for is void without
//! anybody saying so. Its end and what is expected of it are asked for with it: whoever wants another one asks anew. What is known to be void,
//! was asked for again or was taken back waits for nobody, and what was found void stays so. All of a plan is asked for at once and agreed to at
//! once: where one of its switches is not as it was, all of it is void. Stopping never waits where it must not: it may be done alone, with a
//! reason that everybody sees and a review that is owed.

use super::change::Changed;
use super::command::Refusal;
use super::entry::{EntryId, Session, Stamp};
use super::intent::{Act, Intended, Intents};
use super::own::is_own;
use super::time::Time;
use super::waiting::{self, Waiting, Wanted};
use std::collections::BTreeMap;

pub use super::asking::{ActAsked, ActWithdrawn, Asking};
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

/// An act that waits, as it stands.
pub type Asked = waiting::Asked<ActAsked>;
/// Every act that was asked for in a stream, in order.
pub type Seconds = Waiting<ActAsked>;

impl Wanted for ActAsked {
    type About = str;
    fn is_about(&self, name: &str) -> bool {
        match &self.plan {
            Some(plan) => name.strip_prefix("plan/") == Some(plan),
            None => name == self.target,
        }
    }
    fn expires(&self) -> Time {
        self.expires
    }
    fn is_again(&self, other: &ActAsked) -> bool {
        match (&self.plan, &other.plan) {
            (None, None) => self.deed() == other.deed(),
            // of a plan that is asked for again others may be left by then
            (plan, again) => plan == again && self.act == other.act,
        }
    }
    fn gone(&self) -> String {
        format!("{} changed", self.called())
    }
}

impl Seconds {
    /// A switch changed, which is told: with no record of a provider known here, by looking or by the switch's name.
    pub(super) fn told(&mut self, change: &Changed, at: Time) {
        let none = BTreeMap::new();
        self.moved(at, |target| change.what == "flag" && change.is_of(target, &none));
    }
    /// An act on a switch changed it, or may have.
    pub(super) fn acted(&mut self, target: &str, at: Time) {
        self.moved(at, |one| one == target);
    }
    /// What was asked for before of a switch that this says is about another state, and all that was asked for with it.
    fn moved(&mut self, at: Time, is_moved: impl Fn(&str) -> bool) {
        self.void(at, |asked| {
            let moved = asked.what.all().filter(|_| asked.at <= at).find(|one| is_moved(&one.target))?;
            Some(format!("{} changed", moved.target))
        });
    }
    /// Something is not asked for any more, or was found void.
    pub(super) fn ended(&mut self, fact: &ActWithdrawn, at: Time) {
        match &fact.changed {
            Some(target) => self.void(at, |asked| (asked.id == fact.asked).then(|| format!("{target} changed"))),
            None => self.withdrawn(fact.asked),
        }
    }
    /// That something is not asked for any more, or is void, in words.
    pub fn ended_words(&self, fact: &ActWithdrawn) -> String {
        let Some(asked) = self.find(fact.asked) else { return String::new() };
        let what = format!("{} {}", asked.what.draft().deed(), asked.what.called());
        match &fact.changed {
            Some(target) => {
                format!("{what} is void: {target} is not as it was when {} asked. Ask for it anew", asked.by)
            }
            None => format!("{what} is not asked for any more"),
        }
    }
    /// Whether that may be written down by whoever wants it.
    pub(super) fn check_ended(&self, fact: &ActWithdrawn, stamp: &Stamp) -> Result<(), Refusal> {
        let Some(target) = &fact.changed else {
            return self.check_withdraw(fact.asked, &stamp.author).map(|_| ());
        };
        let asked = self.may_agree(fact.asked, (&stamp.author, stamp.session, stamp.now))?;
        match asked.what.concerns(target) {
            true => Ok(()),
            false => Err(Refusal::new(
                format!("What {} asked for is not about {target}.", asked.by),
                "Leave it: it waits as it did.",
            )),
        }
    }
    /// What waits as one and has an act on this switch, but does not go by its name.
    pub fn with_others(&self, target: &str, now: Time) -> Option<&Asked> {
        self.open(now).filter(|asked| asked.what.plan.is_some() && asked.what.concerns(target)).last()
    }
    /// Acts that confirm one of a plan confirm all of it.
    pub(super) fn check_whole(&self, acts: &[Intended]) -> Result<(), Refusal> {
        for asked in acts.iter().filter_map(|act| self.find(act.confirms?)) {
            let is_there =
                |one: &ActAsked| acts.iter().any(|act| act.confirms == Some(asked.id) && act.target == one.target);
            if !asked.what.all().all(is_there) {
                return Err(asked.is_one("confirm"));
            }
        }
        Ok(())
    }
    /// What is to be written down where these acts, planned anew by somebody who may agree, show that what they would confirm is void; and in words.
    pub fn found_void<'a>(
        &self,
        acts: impl IntoIterator<Item = &'a Intended>,
        who: (&str, Session, Time),
    ) -> Option<(ActWithdrawn, Refusal)> {
        acts.into_iter().find_map(|act| {
            let asked = self.may_agree(act.confirms?, who).ok()?;
            let is_meant = |one: &&ActAsked| one.deed() == (act.act, &act.target, &act.whom, act.share, act.reverts);
            let one = asked.what.all().find(is_meant).filter(|one| !one.is(act))?;
            let fact = ActWithdrawn { asked: asked.id, why: String::new(), changed: Some(one.target.clone()) };
            Some((fact, asked.is_otherwise(&one.target)))
        })
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
        let Some(one) = asked.what.all().find(|one| one.is(act)) else {
            return Err(asked.is_otherwise(&act.target));
        };
        if !one.ends_like(act) {
            let why = format!("{} did not ask for that: another end or another expectation is another act.", asked.by);
            return Err(Refusal::new(why, "Confirm what was asked for, or ask for it anew."));
        }
        match one.until.filter(|until| *until <= now) {
            Some(until) => {
                let why = format!("It was to end at {} UTC already.", until.beside(now));
                Err(Refusal::new(why, "Ask for it anew."))
            }
            None => Ok(()),
        }
    }
}

impl Asked {
    /// It is void: a switch of it was found otherwise.
    fn is_otherwise(&self, target: &str) -> Refusal {
        let why = format!("What {} asked for is void: {target} is not as it was then.", self.by);
        Refusal::new(why, "Look at it and ask for it anew.")
    }
    /// It goes as one: no act of it goes by its own name.
    pub fn is_one(&self, verb: &str) -> Refusal {
        let (name, plan) = (self.what.name(), self.what.plan.as_deref().unwrap_or(&self.what.target));
        let typed = if verb == "confirm" { format!(" --confirm {name}") } else { String::new() };
        let why = format!("{} asked for {} as one.", self.by, self.what.called());
        Refusal::new(why, format!("To {verb} all of it: quarterdeck switch {verb} {plan}{typed}."))
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

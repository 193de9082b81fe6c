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
use super::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long an act waits for a second person.
pub const WAITS: Span = Span::minutes(15);

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The entry that asked.
    pub id: EntryId,
    /// When.
    pub at: Time,
    /// Who.
    pub by: String,
    /// In which run of the program.
    pub session: Session,
    /// For what.
    pub what: ActAsked,
    /// What became of it.
    pub fate: Fate,
}

/// What became of something that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits, until it expires.
    Waits,
    /// Somebody agreed.
    Confirmed,
    /// Whoever asked took it back.
    Withdrawn,
    /// Whoever asked for it asked for the same again.
    Repeated,
    /// The switch is not as it was then: it changed at that time.
    Void(Time),
}

/// Everything that was asked for in a stream, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seconds(Vec<Asked>);

impl Seconds {
    pub(super) fn asked(&mut self, id: EntryId, at: Time, by: &str, session: Session, what: &ActAsked) {
        self.end(Fate::Repeated, |asked| asked.by == by && asked.what.deed() == what.deed());
        self.0.push(Asked { id, at, by: by.into(), session, what: what.clone(), fate: Fate::Waits });
    }
    pub(super) fn intended(&mut self, act: &Intended) {
        self.end(Fate::Confirmed, |asked| Some(asked.id) == act.confirms);
    }
    pub(super) fn withdrawn(&mut self, fact: &ActWithdrawn) {
        self.end(Fate::Withdrawn, |asked| asked.id == fact.asked);
    }
    /// A switch changed, by an act or by somebody elsewhere: what was asked for before is about another state.
    pub(super) fn changed(&mut self, target: &str, at: Time) {
        self.end(Fate::Void(at), |asked| asked.what.target == target && asked.at <= at);
    }
    /// The same of a change that is told: with no record of a provider known here, by looking or by the switch's name.
    pub(super) fn told(&mut self, change: &Changed, at: Time) {
        let none = BTreeMap::new();
        let is_of = |switch: &str| change.what == "flag" && change.is_of(switch, &none);
        self.end(Fate::Void(at), |asked| asked.at <= at && is_of(&asked.what.target));
    }
    fn end(&mut self, fate: Fate, which: impl Fn(&Asked) -> bool) {
        for asked in self.0.iter_mut().filter(|asked| asked.fate == Fate::Waits && which(asked)) {
            asked.fate = fate;
        }
    }
    /// Everything.
    pub fn all(&self) -> &[Asked] {
        &self.0
    }
    /// What an entry asked for.
    pub fn find(&self, id: EntryId) -> Option<&Asked> {
        self.0.iter().find(|asked| asked.id == id)
    }
    /// That something is not asked for any more, in words.
    pub fn withdrawn_words(&self, id: EntryId) -> String {
        let words = |one: &Asked| format!("{} {} is not asked for any more", one.what.draft().deed(), one.what.target);
        self.find(id).map(words).unwrap_or_default()
    }
    /// What waits for a second person now.
    pub fn open(&self, now: Time) -> impl Iterator<Item = &Asked> {
        self.0.iter().filter(move |asked| asked.fate == Fate::Waits && now < asked.what.expires)
    }
    /// The newest that waits on a switch and that this person asked for.
    pub fn of_mine(&self, target: &str, me: &str, now: Time) -> Option<&Asked> {
        self.open(now).filter(|asked| asked.what.target == target && asked.by == me).last()
    }
    /// The newest that somebody else asked for on a switch, that could still be agreed to, and that is void.
    pub fn void_for_me(&self, target: &str, me: &str, now: Time) -> Option<&Asked> {
        let could = |asked: &&Asked| asked.what.target == target && asked.by != me && now < asked.what.expires;
        self.0.iter().rfind(|asked| could(asked) && matches!(asked.fate, Fate::Void(_)))
    }
    /// The newest that waits on a switch and that this run of the program, and this person, may agree to.
    pub fn for_me(&self, target: &str, me: &str, session: Session, now: Time) -> Option<&Asked> {
        self.open(now).filter(|asked| asked.what.target == target && asked.by != me && asked.session != session).last()
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
        let again = "Ask for it anew.";
        let Some(asked) = self.0.iter().find(|asked| asked.id == id) else {
            return Err(Refusal::new("Nobody asked for that act here.", again));
        };
        match asked.fate {
            Fate::Waits => {}
            Fate::Confirmed => {
                return Err(Refusal::new("Somebody has confirmed it already.", "There is nothing to confirm."));
            }
            Fate::Withdrawn => {
                return Err(Refusal::new(format!("{} took it back.", asked.by), "There is nothing to confirm."));
            }
            Fate::Repeated => {
                return Err(Refusal::new(format!("{} asked for it again.", asked.by), "Confirm the newer one."));
            }
            Fate::Void(_) => return Err(asked.is_void()),
        }
        if now >= asked.what.expires {
            let until = asked.what.expires.beside(now);
            return Err(Refusal::new(format!("It could be confirmed until {until} UTC."), again));
        }
        if asked.by == me || asked.session == session {
            return Err(Refusal::new(
                format!("{} asked for it, from this session or another: that is one person.", asked.by),
                "Somebody else confirms it, from a session of their own.",
            ));
        }
        if !asked.what.is(act) {
            return Err(asked.is_void());
        }
        if !asked.what.ends_like(act) {
            let why = format!("{} did not ask for that: another end or another expectation is another act.", asked.by);
            return Err(Refusal::new(why, "Confirm what was asked for, or ask for it anew."));
        }
        match asked.what.until.filter(|until| *until <= now) {
            Some(until) => Err(Refusal::new(format!("It was to end at {} UTC already.", until.beside(now)), again)),
            None => Ok(()),
        }
    }

    /// Whether somebody may take back what was asked for.
    pub(super) fn check_withdraw(&self, id: EntryId, me: &str) -> Result<(), Refusal> {
        let nothing = "There is nothing to take back.";
        match self.find(id) {
            None => Err(Refusal::new("Nobody asked for that act here.", nothing)),
            Some(asked) if asked.fate != Fate::Waits => Err(Refusal::new("It waits for nobody any more.", nothing)),
            Some(asked) if asked.by != me => {
                let why = format!("{} asked for it, not {me}.", asked.by);
                Err(Refusal::new(why, "Leave it: without a second person nothing is sent."))
            }
            Some(_) => Ok(()),
        }
    }
}

impl Asked {
    /// It is void, and why.
    pub fn is_void(&self) -> Refusal {
        let (by, target) = (&self.by, &self.what.target);
        let why = match self.fate {
            Fate::Void(at) => format!("What {by} asked for is void: {target} changed at {} UTC.", at.clock()),
            _ => format!("What {by} asked for is void: {target} is not as it was then."),
        };
        Refusal::new(why, "Look at it and ask for it anew.")
    }
    /// How it stands, in words.
    pub fn words(&self) -> String {
        match self.fate {
            Fate::Waits => format!("to be confirmed by {}", self.what.expires.clock_minutes()),
            Fate::Confirmed => "confirmed".into(),
            Fate::Withdrawn => "taken back".into(),
            Fate::Repeated => "asked for again".into(),
            Fate::Void(at) => format!("void: {} changed {}", self.what.target, at.clock()),
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

//! When an act is to end, and that it is to end later than was asked for. An end that this program keeps is moved by a fact; one that its provider
//! keeps is moved by an act there, and only what was done moves it here too. It must not know who ends an act.

use super::Incident;
use super::cadence::Rules;
use super::command::Refusal;
use super::entry::{EntryId, Session, Stamp};
use super::intent::{Act, Intended, Intent, Intents, Settled};
use super::risk::Risk;
use super::standing::Standing;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// An act is to end later than was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndMoved {
    /// The act.
    pub act: EntryId,
    /// When it was to end until then.
    pub from: Time,
    /// When it is to end now.
    pub to: Time,
    /// Why.
    pub why: String,
}

/// What somebody wants of an act's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// The act.
    pub act: EntryId,
    /// When it is to end instead.
    pub to: Time,
    /// Why.
    pub why: String,
}

/// Who keeps an act's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper<'a> {
    /// This program.
    Here,
    /// Its provider, by what it calls it.
    There(&'a str),
    /// Nobody can say whether its provider does.
    Unknown,
}

impl Intent {
    /// When it is to end, as moved last.
    pub fn until(&self) -> Option<Time> {
        self.moved.or(self.what.until)
    }
    /// What it is, as a noun with its target: `stop of exports`.
    fn named(&self) -> String {
        format!("{} of {}", self.what.called(), self.what.target)
    }
}

impl Intents {
    /// The act on a target that ends first, of those that are to be undone.
    pub fn next_end(&self, target: &str) -> Option<&Intent> {
        let acts = self.to_undo().filter(|act| act.what.target == target);
        acts.filter_map(|act| Some((act.until()?, act))).min_by_key(|(until, _)| *until).map(|(_, act)| act)
    }

    /// Who keeps an act's end.
    pub fn keeper(&self, act: EntryId) -> Keeper<'_> {
        let mut asked =
            self.all().iter().rev().filter(|one| one.what.act == Act::Schedule && one.what.reverts == Some(act));
        let Some(asked) = asked.find(|one| one.is_done() || one.is_open()) else { return Keeper::Here };
        let there = asked.end.as_ref().filter(|_| asked.is_done()).and_then(|end| end.reference.as_deref());
        there.map_or(Keeper::Unknown, Keeper::There)
    }

    pub(super) fn end_moved(&mut self, fact: &EndMoved) {
        self.moves(fact.act, fact.to);
    }
    /// An act ended, and with it the end of another was moved there: answers with the target that was changed, or may have been.
    pub(super) fn ended(&mut self, at: Time, fact: &Settled) -> Option<&str> {
        self.settled(at, fact);
        let extended = self.find(fact.intent).filter(|act| act.what.act == Act::Extend && act.is_done());
        if let Some((act, to)) = extended.and_then(|act| act.what.reverts.zip(act.what.until)) {
            self.moves(act, to);
        }
        self.moved(fact)
    }

    /// Whether the end of an act may be moved, by whoever keeps it: it stands, it has an end, and the new one is to come and later.
    ///
    /// # Errors
    /// It may not.
    pub fn check_later(&self, later: &Later, (session, now): (Session, Time)) -> Result<(&Intent, Time), Refusal> {
        let Some(act) = self.find(later.act) else {
            return Err(Refusal::new("There is no such act.", "Choose one that is to be undone."));
        };
        let named = act.named();
        let Some(until) = act.until().filter(|_| act.what.leaves()) else {
            let why = format!("The {named} has no end that could be moved.");
            return Err(Refusal::new(why, "It stands until somebody puts it back."));
        };
        if !act.took_effect() {
            return Err(Refusal::new(format!("The {named} is not known to have been done."), "Look at it first."));
        }
        if let Some(back) = act.came_back_words(now) {
            return Err(Refusal::new(format!("The {named} was {back}."), "Do it again, and say when it is to end."));
        }
        if !self.to_undo().any(|one| one.id == act.id) {
            let why = format!("The {named} was taken back already.");
            return Err(Refusal::new(why, "Do it again, and say when it is to end."));
        }
        self.check_busy(&act.what.target, (session, now))?;
        if later.to <= now {
            return Err(Refusal::new(format!("{} is past.", later.to.beside(now)), "Name a time to come."));
        }
        if later.to <= until {
            let (to, until) = (later.to.beside(now), until.beside(now));
            let why = format!("The {named} ends at {until} UTC already, and {to} is not later.");
            return Err(Refusal::new(why, "To end it sooner, put it back now."));
        }
        Risk::Medium.check_reason(&later.why)?;
        Ok((act, until))
    }

    /// Whether the end is kept here, so that a fact moves it.
    fn moved_here(&self, later: &Later, (session, now): (Session, Time)) -> Result<EndMoved, Refusal> {
        let (act, from) = self.check_later(later, (session, now))?;
        match self.keeper(act.id) {
            Keeper::Here => Ok(EndMoved { act: act.id, from, to: later.to, why: later.why.clone() }),
            Keeper::There(_) => Err(Refusal::new(
                format!("{} is ended by its provider, at {} UTC.", act.what.target, from.beside(now)),
                "Move the end there.",
            )),
            Keeper::Unknown => Err(unknown(act, from, now)),
        }
    }

    /// The act that moves an end where its provider keeps it; none where this program does.
    ///
    /// # Errors
    /// It may not be moved, or nobody can say who keeps it.
    pub fn extension(&self, later: &Later, (session, now): (Session, Time)) -> Result<Option<Intended>, Refusal> {
        let (act, was) = self.check_later(later, (session, now))?;
        match self.keeper(act.id) {
            Keeper::Here => Ok(None),
            Keeper::Unknown => Err(unknown(act, was, now)),
            Keeper::There(there) => Ok(Some(Intended {
                act: Act::Extend,
                target: act.what.target.clone(),
                until: Some(later.to),
                was: Some(was),
                there: Some(there.to_owned()),
                reverts: Some(act.id),
                why: later.why.clone(),
                ..Intended::default()
            })),
        }
    }

    /// Whether an act that moves an end is about one that stands there still.
    pub(super) fn check_extension(&self, act: &Intended, who: (Session, Time)) -> Result<(), Refusal> {
        let (Some(ended), Some(to)) = (act.reverts, act.until) else {
            return Err(Refusal::new("It says neither which end is moved nor to when.", "Name the switch and a time."));
        };
        let later = Later { act: ended, to, why: act.why.clone() };
        match self.extension(&later, who)? {
            Some(fresh) if (fresh.was, &fresh.there) == (act.was, &act.there) => Ok(()),
            _ => Err(Refusal::new("Its end was moved meanwhile.", "Look at it, then move it again.")),
        }
    }
}

/// It was asked there to end it, and nobody knows what came of that.
fn unknown(act: &Intent, until: Time, now: Time) -> Refusal {
    let (target, until) = (&act.what.target, until.beside(now));
    let why = format!("Nobody can say whether its provider ends {target} at {until} UTC by itself.");
    Refusal::new(why, "Look there, and move the end there; or put it back, and do it again with a later end.")
}

impl Incident {
    /// The end of an act of this incident is moved, or why not.
    pub(super) fn later(&self, rules: &Rules, later: &Later, stamp: &Stamp) -> Result<EndMoved, Refusal> {
        self.intents.is_here(later.act)?;
        self.acts(&rules.elsewhere).moved_here(later, (stamp.session, stamp.now))
    }
    /// That an end was moved, in words.
    pub(super) fn end_words(&self, fact: &EndMoved, now: Time) -> String {
        let act = self.intents.find(fact.act);
        let act = act.map_or_else(|| "an act".to_owned(), |act| format!("{} {}", act.what.deed(), act.what.target));
        let why = if fact.why.is_empty() { String::new() } else { format!(": {}", fact.why) };
        format!("end of {act} moved from {} to {}{why}", fact.from.beside(now), fact.to.beside(now))
    }
}

impl Standing {
    /// The end of an act with no incident open is moved, or why not. `elsewhere` is what the incidents say was done with switches.
    pub(super) fn later(&self, later: &Later, elsewhere: &Intents, stamp: &Stamp) -> Result<EndMoved, Refusal> {
        self.intents().is_here(later.act)?;
        Intents::together([self.intents(), elsewhere]).moved_here(later, (stamp.session, stamp.now))
    }
}

impl Intents {
    fn is_here(&self, act: EntryId) -> Result<(), Refusal> {
        let none = || Refusal::new("That act stands in another stream.", "Move its end where it was done.");
        self.find(act).map(|_| ()).ok_or_else(none)
    }
}

//! The standing stream: what outlives an incident or came before it, and a drill's clock; and what may be written there. It must not know who
//! writes: the command line and the screen have the same rules.

use super::Incident;
use super::acting::Acting;
use super::change::alone::Alone;
use super::change::{self, Reported};
use super::command::{Refusal, happened, worded};
use super::ending::Later;
use super::entry::{Draft, Entry, EntryId, Number, STANDING, Stamp};
use super::fact::Fact;
use super::gate::{Gate, Granted, Held};
use super::hold::{Hold, HoldPlaced, Holds, Pass, PassGranted, PassWithdrawn};
use super::intent::{Intended, Intents, Seen, Settled};
use super::lifting::{LiftWithdrawn, Lifting, Lifts};
use super::probe::{Probed, Probes};
use super::rehearsal::{Clock, ClockMoved, Rehearsed};
use super::scope;
use super::second::{ActWithdrawn, Asking, Seconds};
use super::soak::{ProbeAsked, Soaks};
use super::task::{self, TaskDone, TaskState, Tasks};
use super::time::Time;
use super::told::HoldTold;
use super::ways::AllWays;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The longest name of a hold, and the longest reference of a build, in characters.
pub(super) const NAME: usize = 100;

/// The fold of the standing stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    head: u64,
    first: Option<EntryId>,
    drill: Option<Rehearsed>,
    clock: Option<Clock>,
    intents: Intents,
    seconds: Seconds,
    holds: Holds,
    lifts: Lifts,
    probes: Probes,
    soaks: Soaks,
    tasks: Tasks,
    alone: Alone,
}

/// What is to be written into the standing stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Hold releases.
    Place(HoldPlaced),
    /// Lift a hold, ask for that where it needs a second person, or bring the review that its lifting owes.
    Lift(Lifting),
    /// Take back what was asked for.
    WithdrawLift(LiftWithdrawn),
    /// Let a build pass; without an end only what holds it now.
    Grant(PassGranted),
    /// Let it pass no longer.
    Withdraw(PassWithdrawn),
    /// Act on the outside with no incident open.
    Act {
        /// The acts, written down together.
        acts: Vec<Intended>,
        /// What is configured of switches.
        ways: AllWays,
        /// What the incidents' streams say was done with switches.
        elsewhere: Intents,
    },
    /// Ask for acts that need a second person.
    AskSecond(Asking),
    /// Take back what was asked for.
    WithdrawSecond(ActWithdrawn),
    /// Have such an act end later. Beside it, what the incidents' streams say was done with switches.
    MoveEnd(Later, Intents),
    /// Say how that ended.
    Settle(Settled),
    /// Say what was found when the effect of such an act was looked for.
    See(Seen),
    /// Say what a probe was found to be, before or after something with no incident open.
    Probe(Probed),
    /// Ask a probe after its soak.
    AskProbe(ProbeAsked),
    /// Do what an answer of a probe asks for.
    Trip {
        /// The answer.
        read: EntryId,
        /// The act.
        act: Box<Intended>,
        /// What is configured of switches.
        ways: AllWays,
        /// What the incidents' streams say was done with switches.
        elsewhere: Intents,
    },
    /// Bring the review that is owed for what was done with no incident open.
    Review {
        /// The entry for which it is owed.
        task: EntryId,
        /// What came of it.
        result: String,
    },
    /// Say that something changed, which nobody here did.
    Notice(Box<Reported>),
    /// Move a drill's clock on.
    MoveClock(ClockMoved),
}

impl Wish {
    /// The same, done while that incident is open, which tells of it.
    #[must_use]
    pub fn during(mut self, incident: Option<Number>) -> Wish {
        match &mut self {
            Wish::Place(hold) => hold.incident = incident,
            Wish::Lift(lifting) => lifting.incident = incident,
            Wish::WithdrawLift(withdrawn) => withdrawn.incident = incident,
            Wish::Grant(pass) => pass.incident = incident,
            Wish::Withdraw(withdrawn) => withdrawn.incident = incident,
            Wish::Act { .. } | Wish::AskSecond(_) | Wish::WithdrawSecond(_) => {}
            Wish::MoveEnd(..) | Wish::Settle(_) | Wish::See(_) | Wish::MoveClock(_) | Wish::Notice(_) => {}
            Wish::Probe(_) | Wish::AskProbe(_) | Wish::Trip { .. } | Wish::Review { .. } => {}
        }
        self
    }
}

impl Standing {
    /// Folds one entry; what was folded already, or stands behind a gap, changes nothing.
    pub fn apply(&mut self, entry: &Entry) -> bool {
        if entry.incident != STANDING || entry.seq != self.head.saturating_add(1) {
            return false;
        }
        self.head = entry.seq;
        self.first = self.first.or(Some(entry.id));
        match &entry.fact {
            Fact::Rehearsed(fact) if self.drill.is_none() => {
                self.clock = Some(Clock::of(fact));
                self.drill = Some((**fact).clone());
            }
            Fact::ClockMoved(fact) => self.clock = self.clock.map(|clock| clock.moved(fact)),
            Fact::ActAsked(fact) => {
                self.seconds.asked(entry.id, entry.at, &entry.author, entry.session, fact);
            }
            Fact::ActWithdrawn(fact) => self.seconds.ended(fact, entry.at),
            Fact::Intended(fact) => {
                self.seconds.confirmed(fact.confirms);
                self.intents.intended(entry.id, entry.at, &entry.author, entry.session, (**fact).clone());
            }
            Fact::Settled(fact) => {
                if let Some(target) = self.intents.ended(entry.at, fact) {
                    self.seconds.acted(target, entry.at);
                }
            }
            Fact::EndMoved(fact) => self.intents.end_moved(fact),
            Fact::Seen(fact) => self.intents.seen(entry.at, fact),
            Fact::HoldPlaced(fact) => self.holds.placed(entry, fact),
            Fact::LiftAsked(fact) => {
                self.lifts.asked(entry.id, entry.at, &entry.author, entry.session, fact);
                self.holds.lift_asked(entry, fact);
            }
            Fact::LiftWithdrawn(fact) => {
                self.lifts.withdrawn(fact.asked);
                self.holds.lift_withdrawn(entry, fact);
            }
            Fact::HoldLifted(fact) => {
                self.holds.lifted(entry, fact);
                self.lifts.confirmed(fact.confirms);
                self.lifts.over(&fact.hold, entry.at);
                // what was lifted while an incident was open is told there, and asked after there
                if fact.incident.is_none() {
                    self.soaks.lifted(entry, entry.id);
                    let text = self.holds.find(fact.hold).filter(|_| fact.glass).map(Hold::owed);
                    if let Some(text) = text {
                        let by = fact.asked_by.as_deref().unwrap_or(&entry.author);
                        self.tasks.opened(entry.id, entry.at, &task::owed(&text, by));
                    }
                }
            }
            Fact::HoldReviewed(fact) => {
                self.holds.reviewed(entry, fact);
                let lifted = self.holds.find(fact.hold).and_then(|hold| hold.lifted.as_ref()).map(|lifted| lifted.id);
                if let Some(lifted) = lifted {
                    self.tasks.settled(lifted, TaskState::Done(entry.at, fact.review.clone()));
                }
            }
            Fact::PassGranted(fact) => self.holds.granted(entry, fact),
            Fact::PassBound(fact) => self.holds.bound(entry, fact),
            Fact::PassWithdrawn(fact) => self.holds.withdrawn(entry, fact),
            Fact::Probed(fact) => {
                self.probes.probed(entry.at, fact);
                self.soaks.probed(entry, fact);
            }
            Fact::ProbeAsked(fact) => self.soaks.asked(entry, fact),
            Fact::Changed(fact) => self.alone.changed(entry, fact),
            Fact::Ran(fact) => self.alone.ran(fact),
            Fact::TaskOpened(fact) => self.tasks.opened(entry.id, entry.at, fact),
            Fact::TaskDone(fact) => self.tasks.settled(fact.task, TaskState::Done(entry.at, fact.result.clone())),
            _ => {}
        }
        true
    }
    /// The sequence of the last entry folded; 0 before the first.
    pub fn head(&self) -> u64 {
        self.head
    }
    /// The drill this journal belongs to.
    pub fn drill(&self) -> Option<&Rehearsed> {
        self.drill.as_ref()
    }
    /// The drill's clock.
    pub fn clock(&self) -> Option<Clock> {
        self.clock
    }
    /// Acts that wait for a second person, with no incident open.
    pub fn seconds(&self) -> &Seconds {
        &self.seconds
    }
    /// Acts on the outside with no incident open.
    pub fn intents(&self) -> &Intents {
        &self.intents
    }
    /// Holds of releases and passes through them.
    pub fn holds(&self) -> &Holds {
        &self.holds
    }
    /// Lifts of holds that wait for a second person.
    pub fn lifts(&self) -> &Lifts {
        &self.lifts
    }
    /// What probes were found to be with no incident open.
    pub fn probes(&self) -> &Probes {
        &self.probes
    }
    /// What was lifted with no incident open, and which probes were asked after it and after acts.
    pub fn soaks(&self) -> &Soaks {
        &self.soaks
    }
    /// What changed with no incident open.
    pub fn alone(&self) -> &Alone {
        &self.alone
    }
    /// Reviews that are owed for what was done with no incident open: acts that went alone, and lifts without one.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }

    /// What was done about releases while an incident was open and is not told in its own stream, with its time.
    pub fn untold(&self, incident: &Incident) -> Vec<(Time, HoldTold)> {
        let news = self.holds.news(incident.number());
        news.filter(|(_, told)| !incident.holds_told().has(told.about)).map(|(at, told)| (at, told.clone())).collect()
    }

    /// What stands, for whoever cannot read this journal.
    pub fn gate(&self, now: Time) -> Gate {
        let held = |hold: &Hold| Held {
            called: hold.called(),
            number: hold.number,
            scope: hold.what.scope.clone(),
            by: hold.by.clone(),
            at: hold.at,
            why: hold.what.why.clone(),
            until: hold.what.until,
            review: hold.asks_review(),
        };
        let granted = |pass: &Pass| Granted {
            called: pass.called(),
            scope: pass.what.scope.clone(),
            reference: pass.what.reference.clone(),
            by: pass.by.clone(),
            at: pass.at,
            why: pass.what.why.clone(),
            until: pass.what.until,
            through: pass.through.as_ref().map(|all| all.iter().map(|(_, number)| *number).collect()),
        };
        Gate {
            written: now,
            journal: self.first,
            head: self.head,
            drill: self.drill.is_some(),
            holds: self.holds.standing(now).map(held).collect(),
            passes: self.holds.passing(now).map(granted).collect(),
        }
    }

    /// Decides what is written into this stream, or why not. It changes nothing and performs nothing.
    ///
    /// # Errors
    /// A [`Refusal`] says what stands against it and what would make it possible.
    pub fn decide(&self, wish: &Wish, stamp: &Stamp) -> Result<Vec<Draft>, Refusal> {
        happened(stamp.happened(), stamp.now)?;
        let draft = |fact: Fact| Draft { fact, at: stamp.happened(), when: stamp.when.clone().map(Box::new) };
        let fact: Fact = match wish {
            Wish::Place(hold) => self.place(hold, stamp.now)?.into(),
            Wish::Lift(lifting) => self.lift(lifting, stamp)?,
            Wish::WithdrawLift(withdrawn) => self.withdraw_lift(withdrawn, &stamp.author)?.into(),
            Wish::Grant(pass) => self.grant(pass, stamp.now)?,
            Wish::Withdraw(withdrawn) => self.withdraw(withdrawn, stamp.now)?.into(),
            Wish::Act { acts, ways, elsewhere } => {
                let facts = self.acting(ways, elsewhere).act(acts, stamp)?;
                return Ok(facts.into_iter().map(draft).collect());
            }
            Wish::AskSecond(asking) => {
                let facts = self.acting(&BTreeMap::new(), &Intents::default()).ask(asking, stamp)?;
                return Ok(facts.into_iter().map(draft).collect());
            }
            Wish::WithdrawSecond(withdrawn) => {
                self.seconds.check_ended(withdrawn, stamp)?;
                withdrawn.clone().into()
            }
            Wish::MoveEnd(later, elsewhere) => self.later(later, elsewhere, stamp)?.into(),
            Wish::Settle(settled) => settled.clone().into(),
            Wish::See(seen) => {
                // every screen looks for an act that was lost; the first that saw it is enough
                let act = seen.intent.and_then(|id| self.intents.find(id));
                if let Some((at, ..)) = act.and_then(|act| act.seen.as_ref()) {
                    return Err(Refusal::new(
                        format!("Somebody looked for that act at {} UTC.", at.clock()),
                        "There is nothing to look for.",
                    ));
                }
                seen.clone().into()
            }
            Wish::Notice(one) => return Ok(vec![change::notice(&self.alone, one, stamp)?]),
            Wish::MoveClock(moved) => moved.clone().into(),
            Wish::Probe(probed) => {
                probed.check()?;
                probed.clone().into()
            }
            Wish::AskProbe(asked) => {
                self.soaks.check(asked, stamp.now)?;
                asked.clone().into()
            }
            Wish::Trip { read, act, ways, elsewhere } => {
                let facts = self.acting(ways, elsewhere).trip(&self.soaks, *read, act, stamp)?;
                return Ok(facts.into_iter().map(draft).collect());
            }
            Wish::Review { task, result } => {
                self.tasks.check(*task, true)?;
                worded(result, "What came of the review")?;
                match self.holds.all().iter().find(|hold| hold.lifted.as_ref().is_some_and(|ended| ended.id == *task)) {
                    Some(hold) => self.lift(&Lifting::review_of(hold, result), stamp)?,
                    None => TaskDone { task: *task, result: result.clone() }.into(),
                }
            }
        };
        Ok(vec![draft(fact)])
    }

    /// What is known where an act is decided that is done with no incident open.
    fn acting<'a>(&'a self, ways: &'a AllWays, elsewhere: &Intents) -> Acting<'a> {
        let known = Cow::Owned(Intents::together([&self.intents, elsewhere]));
        Acting { known, seconds: &self.seconds, ways }
    }

    fn place(&self, hold: &HoldPlaced, now: Time) -> Result<HoldPlaced, Refusal> {
        scope::check(&hold.scope, true)?;
        worded(&hold.why, "The reason for the freeze")?;
        ahead(hold.until, now)?;
        let Some(name) = hold.name.as_deref() else { return Ok(hold.clone()) };
        if name.trim().is_empty() || name.chars().count() > NAME || name.chars().all(|c| c.is_ascii_digit()) {
            return Err(Refusal::new(
                format!("A hold's name has letters, and at most {NAME} characters."),
                "Give it another name, or none.",
            ));
        }
        match self.holds.standing(now).find(|other| other.called() == name) {
            None => Ok(hold.clone()),
            Some(other) => Err(Refusal::new(
                format!("A hold called {name} stands already: {}.", other.words()),
                "Give this one another name.",
            )),
        }
    }
}

/// Refuses an end that has passed.
///
/// # Errors
/// It has.
pub(super) fn ahead(until: Option<Time>, now: Time) -> Result<(), Refusal> {
    match until {
        Some(until) if until <= now => Err(Refusal::new(
            format!("{} is not after {}.", until.iso(), now.iso()),
            "Give a time that is still to come, or none.",
        )),
        _ => Ok(()),
    }
}

//! The standing stream: what outlives an incident or came before it, and a drill's clock.

use super::entry::{Entry, STANDING};
use super::fact::Fact;
use super::intent::Intents;
use super::rehearsal::{Clock, Rehearsed};
use super::second::Seconds;

/// The fold of the standing stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    head: u64,
    drill: Option<Rehearsed>,
    clock: Option<Clock>,
    intents: Intents,
    seconds: Seconds,
}

impl Standing {
    /// Folds one entry; what was folded already, or stands behind a gap, changes nothing.
    pub fn apply(&mut self, entry: &Entry) -> bool {
        if entry.incident != STANDING || entry.seq != self.head.saturating_add(1) {
            return false;
        }
        self.head = entry.seq;
        match &entry.fact {
            Fact::Rehearsed(fact) if self.drill.is_none() => {
                self.clock = Some(Clock::of(fact));
                self.drill = Some((**fact).clone());
            }
            Fact::ClockMoved(fact) => self.clock = self.clock.map(|clock| clock.moved(fact)),
            Fact::ActAsked(fact) => {
                self.seconds.asked(entry.id, entry.at, &entry.author, entry.session, fact);
            }
            Fact::Intended(fact) => {
                self.seconds.intended(fact);
                self.intents.intended(entry.id, entry.at, &entry.author, entry.session, (**fact).clone());
            }
            Fact::Settled(fact) => self.intents.settled(entry.at, fact),
            Fact::Seen(fact) => self.intents.seen(entry.at, fact),
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
}

//! A drill's own clock, as facts: whoever opens the journal takes its now from here.

use super::phase::Phase;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// This journal is a drill. The clock of the drill is `start + (now - real) × speed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsed {
    /// The scenario's name.
    pub scenario: String,
    /// What its chance was drawn from.
    pub seed: u64,
    /// The drill's time at the start.
    pub start: Time,
    /// The real time at that moment.
    pub real: Time,
    /// How many seconds of the drill pass in a thousand real ones; 1000 is as the world does.
    pub speed_milli: u32,
}

/// The drill's clock was moved on: at the real moment `real` it shows `to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockMoved {
    /// What it shows.
    pub to: Time,
    /// The real time at that moment.
    pub real: Time,
    /// What it was moved to ("23:00 check-in").
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// When a step of a drill's guide is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// The incident is declared.
    Declared,
    /// The one at the keyboard wrote a note.
    Noted,
    /// The public can read something.
    Told,
    /// It was said who is hurt.
    Impact,
    /// A check-in is recorded.
    CheckedIn,
    /// This switch was stopped, for everybody or for some.
    Stopped(String),
    /// Releases are held, or were.
    Held,
    /// A build may pass what is held.
    Passed,
    /// Nothing holds releases, whether or not anything did.
    Lifted,
    /// This probe was last found green, and red before.
    Green(String),
    /// The response is in this phase or a later one.
    Reached(Phase),
    /// The record was exported.
    Exported,
    /// It is this late.
    After(Time),
    /// One of these.
    Any(Vec<Until>),
}

/// What turns real time into the drill's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The drill's time at `real`.
    pub start: Time,
    /// A real moment.
    pub real: Time,
    /// Drill seconds in a thousand real ones.
    pub speed_milli: u32,
}

impl Clock {
    /// The clock a drill starts with.
    pub fn of(fact: &Rehearsed) -> Clock {
        Clock { start: fact.start, real: fact.real, speed_milli: fact.speed_milli }
    }
    /// The clock after it was moved.
    pub fn moved(self, fact: &ClockMoved) -> Clock {
        Clock { start: fact.to, real: fact.real, ..self }
    }
    /// The drill's time at a real moment; before the clock was set it stands.
    pub fn at(self, real: Time) -> Time {
        let passed = i128::from(real.since(self.real).0) * i128::from(self.speed_milli) / 1000;
        Time(i64::try_from(i128::from(self.start.0) + passed).unwrap_or(i64::MAX))
    }
}

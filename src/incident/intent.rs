//! Acts on the outside world: written down before they are tried, tried once, and their outcome written down after.

use super::command::{Refusal, worded};
use super::entry::EntryId;
use super::time::Time;
use super::tried::{Tried, Tries};
use serde::{Deserialize, Serialize};

/// What is to be done outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Serve the stopped value to everybody.
    Stop,
    /// Serve again what was served before a stop.
    Restore,
    /// Put a target back to the very state an earlier act found.
    Revert,
    /// Publish an update on a channel.
    Publish,
}

impl Act {
    /// The verb people read.
    pub fn word(self) -> &'static str {
        match self {
            Act::Stop => "stop",
            Act::Restore => "restore",
            Act::Revert => "revert",
            Act::Publish => "publish",
        }
    }
}

/// An act on the outside, before it is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intended {
    /// What is to be done.
    pub act: Act,
    /// The switch or channel, by its configured name.
    pub target: String,
    /// The value that was served when this was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value that is to be served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The target's whole state when this was decided, so that it can be put back exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The update that is to be published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<EntryId>,
    /// The act that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<EntryId>,
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done, and read back.
    Done,
    /// Not done, and certainly not.
    Refused,
    /// Nobody can say.
    Unsure,
}

impl Outcome {
    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Unsure => "unsure",
        }
    }
}

/// An act ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// Which.
    pub intent: EntryId,
    /// How.
    pub outcome: Outcome,
    /// In words: what was done, what they said, or why nobody can say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The value read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What the outside was seen to be, without having acted on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The switch or channel, by its configured name.
    pub target: String,
    /// The value that is served, or the words that are visible.
    pub value: String,
    /// The intent whose effect was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<EntryId>,
    /// In words: how many places, how long after asking.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// An act as it stands.
pub type Intent = Tried<Intended>;

/// All acts of a stream, in the order in which they were asked.
pub type Intents = Tries<Intended>;

impl Intent {
    /// It happened: it was done and read back, or its outcome was lost and the value it asked for was seen served.
    pub fn took_effect(&self) -> bool {
        match self.end.as_ref().map(|e| e.outcome) {
            Some(Outcome::Done) => true,
            Some(Outcome::Refused) => false,
            Some(Outcome::Unsure) | None => {
                self.seen.as_ref().is_some_and(|(_, value, _)| Some(value) == self.what.to.as_ref())
            }
        }
    }
}

impl Intents {
    /// The newest act on a target.
    pub fn last_on(&self, target: &str) -> Option<&Intent> {
        self.all().iter().rev().find(|i| i.what.target == target && i.what.act != Act::Publish)
    }
    /// The stops that took effect and are not taken back yet: what is to be undone before close.
    pub fn to_undo(&self) -> impl Iterator<Item = &Intent> {
        let stops = self.all().iter().filter(|i| i.what.act == Act::Stop && i.took_effect());
        stops.filter(|i| self.undone_by(i.id).is_none())
    }
    /// The act that took back what this one did: it names it, or a later one restored the same target.
    pub fn undone_by(&self, id: EntryId) -> Option<&Intent> {
        let place = self.all().iter().position(|i| i.id == id)?;
        let stop = self.all().get(place)?;
        let restores = |r: &&Intent| r.what.act == Act::Restore && r.what.target == stop.what.target;
        let mut later = self.all().iter().skip(place.saturating_add(1));
        later.find(|r| r.took_effect() && (r.what.reverts == Some(id) || restores(r)))
    }

    pub(super) fn check_act(&self, act: &Intended, now: Time) -> Result<(), Refusal> {
        worded(&act.target, "The target")?;
        if act.act == Act::Publish {
            return Ok(());
        }
        if let Some(busy) = self.pending().find(|i| i.what.target == act.target && i.what.act != Act::Publish) {
            // an act that never got an outcome within a minute blocks nobody: it is shown as unsure instead
            if now.since(busy.at).as_seconds() < 60 {
                return Err(Refusal::new(
                    format!(
                        "{} asked to {} {} at {} UTC and its outcome is not known yet.",
                        busy.by,
                        busy.what.act.word(),
                        busy.what.target,
                        busy.at.clock()
                    ),
                    "Wait for the outcome, then look again.",
                ));
            }
        }
        if act.act == Act::Stop && act.from.is_some() && act.from == act.to {
            return Err(Refusal::new(
                format!("{} serves {} already.", act.target, act.to.as_deref().unwrap_or("that value")),
                "There is nothing to stop.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::entry::Session;

    fn id(n: u64) -> EntryId {
        EntryId::of(Session(1), n)
    }
    fn ask(all: &mut Intents, n: u64, act: Act, to: &str) {
        let what = Intended {
            act,
            target: "release".into(),
            from: None,
            to: Some(to.into()),
            before: None,
            why: String::new(),
            update: None,
            reverts: None,
        };
        all.intended(id(n), Time(0), "Cho", Session(1), what);
    }
    fn end(all: &mut Intents, n: u64, outcome: Outcome) {
        all.settled(Time(0), &Settled { intent: id(n), outcome, detail: String::new(), value: None });
    }
    fn see(all: &mut Intents, n: u64, value: &str) {
        let seen = Seen { target: "release".into(), value: value.into(), intent: Some(id(n)), detail: String::new() };
        all.seen(Time(0), &seen);
    }

    #[test]
    fn a_stop_whose_outcome_was_lost_is_to_undo_when_its_value_is_seen_served() {
        let mut all = Intents::default();
        ask(&mut all, 1, Act::Stop, "1822");
        assert!(all.all().iter().all(Intent::is_open), "the program that asked may be gone");
        see(&mut all, 1, "1822");
        assert_eq!(all.to_undo().map(|i| i.id).collect::<Vec<_>>(), [id(1)]);
        end(&mut all, 1, Outcome::Refused);
        assert_eq!(all.to_undo().count(), 0);
    }

    #[test]
    fn a_stop_that_was_seen_to_have_changed_nothing_leaves_nothing() {
        let mut all = Intents::default();
        ask(&mut all, 1, Act::Stop, "1822");
        end(&mut all, 1, Outcome::Unsure);
        see(&mut all, 1, "1823");
        assert_eq!((all.to_undo().count(), all.all().iter().filter(|i| i.is_open()).count()), (0, 0));
    }

    #[test]
    fn a_restore_takes_back_what_was_stopped_before_it_and_nothing_after() {
        let mut all = Intents::default();
        for n in [1, 3] {
            ask(&mut all, n, Act::Stop, "1822");
            end(&mut all, n, Outcome::Done);
            if n == 1 {
                ask(&mut all, 2, Act::Restore, "1823");
                end(&mut all, 2, Outcome::Done);
            }
        }
        assert_eq!(all.undone_by(id(1)).map(|i| i.id), Some(id(2)));
        assert_eq!(all.to_undo().map(|i| i.id).collect::<Vec<_>>(), [id(3)]);
    }
}

//! Whether an act on the outside may be done now, by all that the journal knows of its switch, and what is written down for it: in an incident's
//! stream and in the standing one by the same rules. It must not know how an act is carried.

use super::Incident;
use super::cadence::Rules;
use super::command::Refusal;
use super::entry::{EntryId, Stamp};
use super::fact::Fact;
use super::intent::{Intended, Intents};
use super::second::{Asking, Seconds, Two, WAITS, needed};
use super::serving::Ground;
use super::soak::Soaks;
use super::task;
use super::ways::{AllWays, awaited};
use std::borrow::Cow;

/// What is known where an act is decided.
pub(super) struct Acting<'a> {
    /// What was done with switches in every stream, as if it stood in one.
    pub known: Cow<'a, Intents>,
    /// What waits for a second person in the stream that is written.
    pub seconds: &'a Seconds,
    /// What is configured of switches.
    pub ways: &'a AllWays,
}

impl Acting<'_> {
    fn two(&self, act: &Intended) -> Two {
        self.ways.get(&act.target).map(|ways| ways.two).unwrap_or_default()
    }
    fn needs_another(&self, act: &Intended, stamp: &Stamp) -> bool {
        needed(self.two(act), act, &self.known, &stamp.author, stamp.now)
    }
    /// It does not wait for the second person that is asked for here: a review is owed for it.
    fn goes_alone(&self, act: &Intended, stamp: &Stamp) -> bool {
        act.glass && act.confirms.is_none() && self.needs_another(act, stamp)
    }

    fn check(&self, act: &Intended, stamp: &Stamp) -> Result<(), Refusal> {
        self.known.check_act(act, (stamp.session, stamp.now))?;
        self.seconds.check(self.two(act), act, &self.known, stamp)
    }

    /// Acts are written down together or not at all, and with them the review that is owed for one that does not wait for a second person.
    pub fn act(&self, acts: &[Intended], stamp: &Stamp) -> Result<Vec<Fact>, Refusal> {
        for act in acts {
            self.check(act, stamp)?;
        }
        self.seconds.check_whole(acts)?;
        let alone: Vec<&Intended> = acts.iter().filter(|act| self.goes_alone(act, stamp)).collect();
        let review = task::owed_alone(&alone, &stamp.author).map(Fact::from);
        Ok(awaited(acts, self.ways).into_iter().map(Fact::from).chain(review).collect())
    }

    /// What somebody else has to agree to is asked for, for a while.
    pub fn ask(&self, asking: &Asking, stamp: &Stamp) -> Result<Vec<Fact>, Refusal> {
        for act in &asking.acts {
            self.known.check_act(act, (stamp.session, stamp.now))?;
        }
        Ok(asking.facts(stamp.now.plus(WAITS)).into_iter().map(Fact::from).collect())
    }

    /// What a red answer stops is stopped, while nobody has acted since; where that needs a second person it is asked for.
    pub fn trip(&self, soaks: &Soaks, read: EntryId, act: &Intended, stamp: &Stamp) -> Result<Vec<Fact>, Refusal> {
        Ground { soaks, intents: &self.known, seconds: self.seconds }.check_trip(read, act)?;
        match self.needs_another(act, stamp) {
            true => self.ask(&Asking { plan: None, acts: vec![act.clone()] }, stamp),
            false => self.act(std::slice::from_ref(act), stamp),
        }
    }
}

impl Incident {
    /// Whether an act may be done now, by whoever wants it.
    ///
    /// # Errors
    /// Another act on its target is under way, there is nothing to do, or a second person is needed.
    pub fn may_act(&self, rules: &Rules, act: &Intended, stamp: &Stamp) -> Result<(), Refusal> {
        self.acting(rules).check(act, stamp)
    }
    /// What is known where an act is decided that is done for it.
    pub(super) fn acting<'a>(&'a self, rules: &'a Rules) -> Acting<'a> {
        Acting { known: self.acts(&rules.elsewhere), seconds: &self.seconds, ways: &rules.ways }
    }
    /// What was done with switches here and in other streams, as if it stood in one.
    pub fn acts<'a>(&'a self, elsewhere: &Intents) -> Cow<'a, Intents> {
        match elsewhere.is_empty() {
            true => Cow::Borrowed(&self.intents),
            false => Cow::Owned(Intents::together([&self.intents, elsewhere])),
        }
    }
}

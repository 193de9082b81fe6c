//! What is left to undo: acts that took something away and were not taken back yet. It is asked for each switch and frame, and looks at each act once.
//! It must not know how an act is taken back.

use super::entry::EntryId;
use super::intent::{Act, Intent, Intents};
use std::collections::BTreeMap;

impl Intents {
    /// The acts that took something away, took effect and are not taken back yet: what is to be undone before close, the oldest first.
    pub fn to_undo(&self) -> impl Iterator<Item = &Intent> {
        self.left(|_| true)
    }
    /// The newest act on a target that is to be undone.
    pub fn undoable(&self, target: &str) -> Option<&Intent> {
        self.left(|act| act.what.target == target).last()
    }

    /// Those of some targets, whole: an act is undone by one that comes later and reaches back to it or further, see [`Intents::undone_by`].
    fn left(&self, of: impl Fn(&Intent) -> bool) -> impl DoubleEndedIterator<Item = &Intent> {
        let acts: Vec<(usize, &Intent)> = self.all().iter().enumerate().filter(|(_, act)| of(act)).collect();
        let places: BTreeMap<EntryId, usize> = acts.iter().rev().map(|(place, act)| (act.id, *place)).collect();
        // one that takes back an act on another target still says how far it reaches
        let elsewhere = |id: EntryId| self.all().iter().position(|act| act.id == id);
        let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
        let mut left = Vec::new();
        for (place, act) in acts.into_iter().rev() {
            let target = act.what.target.as_str();
            let took_effect = act.took_effect();
            let is_undone = reached.get(target).is_some_and(|reached| *reached <= place);
            if act.what.leaves() && took_effect && !is_undone && !act.is_over() {
                left.push(act);
            }
            let reaches = match act.what.act {
                Act::Restore => Some(0),
                Act::Revert => act.what.reverts.and_then(|id| places.get(&id).copied().or_else(|| elsewhere(id))),
                _ => None,
            };
            if let Some(reaches) = reaches.filter(|_| took_effect) {
                let known = reached.entry(target).or_insert(reaches);
                *known = reaches.min(*known);
            }
        }
        left.into_iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::entry::Session;
    use crate::incident::intent::{Intended, Outcome, Settled};
    use crate::incident::time::Time;
    use proptest::prelude::*;

    fn id(place: usize) -> EntryId {
        EntryId::of(Session(7), u64::try_from(place).unwrap_or(0) + 1)
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_nothing_undid(acts in proptest::collection::vec((0..5_usize, 0..3_usize, 0..14_usize, 0..4_u8), 0..12)) {
            let mut all = Intents::default();
            for (place, (act, target, reverts, end)) in acts.into_iter().enumerate() {
                let act = [Act::Stop, Act::Percent, Act::Restore, Act::Revert, Act::Revert][act];
                let reverts = (act == Act::Revert).then(|| id(reverts));
                let target = ["exports", "imports", "signup"][target].to_owned();
                let at = Time(i64::try_from(place).unwrap_or(0));
                all.intended(id(place), at, "Ana", Session(7), Intended { act, target, reverts, ..Intended::default() });
                let outcome = match end { 0 => continue, 1 => Outcome::Refused, _ => Outcome::Done };
                all.settled(at, &Settled { intent: id(place), outcome, ..Settled::default() });
            }
            let by_each = |all: &Intents| {
                let left = all.all().iter().filter(|act| act.what.leaves() && act.took_effect() && !act.is_over());
                left.filter(|act| all.undone_by(act.id).is_none()).map(|act| act.id).collect::<Vec<_>>()
            };
            prop_assert_eq!(all.to_undo().map(|act| act.id).collect::<Vec<_>>(), by_each(&all));
            for target in ["exports", "imports", "signup"] {
                let newest = all.to_undo().filter(|act| act.what.target == target).last().map(|act| act.id);
                prop_assert_eq!(all.undoable(target).map(|act| act.id), newest);
            }
        }
    }
}

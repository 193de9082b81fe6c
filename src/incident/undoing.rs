//! What is left to undo: acts that took something away, that nobody took back from here, and that nobody is seen to have put back elsewhere. It is asked for each switch and frame, and looks at each act once.
//! It must not know how an act is taken back.

use super::entry::EntryId;
use super::intent::{Act, Intent, Intents};
use super::switch::Whom;
use super::time::Time;
use std::collections::BTreeMap;

/// How the words begin and end that say who put back what an act had taken away.
const PUT_BACK: &str = "put back by ";
const NOT_OURS: &str = ", not from here";

/// What is said of an act whose doing somebody put back, beside what is served now.
pub fn put_back(by: &str) -> String {
    format!("{PUT_BACK}{by}{NOT_OURS}")
}

impl Intent {
    /// What it took away was seen to be there again after it was done, and not by its end: when, and what was served. Nothing of it is left to undo.
    pub fn came_back(&self) -> Option<(Time, &str)> {
        let (at, value, _) = self.seen.as_ref().filter(|_| self.is_done() && !self.is_over())?;
        // what was seen while it was under way is not what came after it
        self.end.as_ref().filter(|end| end.at <= *at)?;
        let is_back = Some(value) == self.what.from.as_ref() || self.put_back_by().is_some();
        (is_back && self.what.from != self.what.to).then_some((*at, value))
    }
    /// Who was seen to have put it back, where that was said.
    fn put_back_by(&self) -> Option<&str> {
        let detail = self.seen.as_ref().map(|(.., detail)| detail.as_str())?;
        detail.strip_prefix(PUT_BACK)?.strip_suffix(NOT_OURS)
    }
    /// Who put it back and when, in words: `put back at 14:03 by sync-bot, not from here`.
    pub fn came_back_words(&self, now: Time) -> Option<String> {
        let (at, _) = self.came_back()?;
        let by = self.put_back_by().unwrap_or("somebody");
        Some(format!("put back at {} by {by}{NOT_OURS}", at.beside(now)))
    }
    /// It took something away that nobody is known to have got back but by an act from here.
    fn is_left(&self) -> bool {
        self.what.leaves() && self.took_effect() && !self.is_over() && self.came_back().is_none()
    }
}

impl Intents {
    /// What stands on a target was seen to be put back by somebody else.
    pub fn came_back_on(&self, target: &str) -> Option<&Intent> {
        self.effect_on(target).filter(|act| act.what.leaves() && act.came_back().is_some())
    }
    /// The acts that took something away, took effect and are not taken back yet: what is to be undone before close, the oldest first.
    pub fn to_undo(&self) -> impl Iterator<Item = &Intent> {
        self.left(|_| true)
    }
    /// For whom a target is stopped by what is to be undone, the newest first.
    pub fn stopped_for(&self, target: &str) -> Vec<Whom> {
        let mut all: Vec<Whom> = Vec::new();
        for whom in self.left(|act| act.what.target == target).rev().filter_map(|act| act.what.whom.as_ref()) {
            if !all.contains(whom) {
                all.push(whom.clone());
            }
        }
        all
    }
    /// The one context to which an act gives back what an earlier one took from it alone.
    pub fn gives_back(&self, act: &Intent) -> Option<&Whom> {
        let undone = act.what.reverts.filter(|_| act.what.meant().takes_back())?;
        self.find(undone)?.what.whom.as_ref()
    }
    /// The newest act on a target that is to be undone.
    pub fn undoable(&self, target: &str) -> Option<&Intent> {
        self.left(|act| act.what.target == target).last()
    }

    /// The act that took back what this one did: one that names it or an earlier one on the same target, or one that restored that target. What
    /// was done again is taken back with that.
    pub fn undone_by(&self, id: EntryId) -> Option<&Intent> {
        let place = self.all().iter().position(|i| i.id == id)?;
        let act = self.all().get(place)?;
        if let Some(again) = self.later_on(place, act).next().filter(|next| is_again(next, act)) {
            return self.undone_by(again.id);
        }
        let is_back = |r: &&Intent| match r.what.act {
            _ if r.is_half() => false,
            Act::Restore => true,
            // whoever puts back what an act found puts back everything that came after it as well
            Act::Revert => r.what.reverts.is_some_and(|reverted| {
                let found = self.all().iter().position(|i| i.id == reverted);
                found.is_some_and(|found| found <= place)
            }),
            _ => false,
        };
        self.later_on(place, act).find(is_back)
    }
    /// The act that did once more what this one had done, because somebody else had put it back: one of both is to be undone.
    pub fn done_again(&self, id: EntryId) -> Option<&Intent> {
        let place = self.all().iter().position(|i| i.id == id)?;
        let act = self.all().get(place)?;
        self.later_on(place, act).next().filter(|next| is_again(next, act))
    }
    /// What took effect on the target of an act after it, in its order.
    fn later_on<'a>(&'a self, place: usize, act: &'a Intent) -> impl Iterator<Item = &'a Intent> {
        let later = self.all().iter().skip(place.saturating_add(1));
        later.filter(|r| r.what.target == act.what.target && r.what.serves() && r.took_effect())
    }

    /// Those of some targets, whole: an act is undone by one that comes later and reaches back to it or further, see [`Intents::undone_by`].
    fn left(&self, of: impl Fn(&Intent) -> bool) -> impl DoubleEndedIterator<Item = &Intent> {
        let acts: Vec<(usize, &Intent)> = self.all().iter().enumerate().filter(|(_, act)| of(act)).collect();
        let places: BTreeMap<EntryId, usize> = acts.iter().rev().map(|(place, act)| (act.id, *place)).collect();
        // one that takes back an act on another target still says how far it reaches
        let elsewhere = |id: EntryId| self.all().iter().position(|act| act.id == id);
        let mut reached: BTreeMap<&str, usize> = BTreeMap::new();
        let mut next: BTreeMap<&str, &Intent> = BTreeMap::new();
        let mut left = Vec::new();
        for (place, act) in acts.into_iter().rev() {
            let target = act.what.target.as_str();
            let took_effect = act.took_effect();
            let is_undone = reached.get(target).is_some_and(|reached| *reached <= place);
            let is_done_again = next.get(target).is_some_and(|next| is_again(next, act));
            if act.is_left() && !is_undone && !is_done_again {
                left.push(act);
            }
            if took_effect && act.what.serves() {
                next.insert(target, act);
            }
            let reaches = match act.what.act {
                // a way back that was gone half took nothing back yet
                _ if act.is_half() => None,
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

/// `next`, the next that took effect on a target, did what `act` had done and found what that had found: somebody else had put it back.
fn is_again(next: &Intent, act: &Intent) -> bool {
    // what the second of them found may be what the first left half done
    if act.is_half() || next.is_half() {
        return false;
    }
    let (next, act) = (&next.what, &act.what);
    let is_same = next.act == act.act && next.whom == act.whom && next.from == act.from && next.leaves();
    // of a share not every provider says what it was before
    is_same && matches!(act.act, Act::Stop | Act::Exclude) && act.leaves() && act.from.is_some() && act.from != act.to
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
        fn what_is_left_is_what_nothing_undid(acts in proptest::collection::vec((0..5_usize, 0..3_usize, 0..14_usize, 0..4_u8, 0..3_usize), 0..12)) {
            let mut all = Intents::default();
            for (place, (act, target, reverts, end, from)) in acts.into_iter().enumerate() {
                let act = [Act::Stop, Act::Percent, Act::Restore, Act::Revert, Act::Revert][act];
                let reverts = (act == Act::Revert).then(|| id(reverts));
                let target = ["exports", "imports", "signup"][target].to_owned();
                let at = Time(i64::try_from(place).unwrap_or(0));
                let from = [None, Some("on"), Some("slow")][from].map(str::to_owned);
                let what = Intended { act, target, reverts, from, to: Some("off".into()), ..Intended::default() };
                all.intended(id(place), at, "Ana", Session(7), what);
                let outcome = match end { 0 => continue, 1 => Outcome::Refused, _ => Outcome::Done };
                all.settled(at, &Settled { intent: id(place), outcome, ..Settled::default() });
            }
            let by_each = |all: &Intents| {
                let left = all.all().iter().filter(|act| act.is_left());
                left.filter(|act| all.undone_by(act.id).is_none() && all.done_again(act.id).is_none()).map(|act| act.id).collect::<Vec<_>>()
            };
            prop_assert_eq!(all.to_undo().map(|act| act.id).collect::<Vec<_>>(), by_each(&all));
            for target in ["exports", "imports", "signup"] {
                let newest = all.to_undo().filter(|act| act.what.target == target).last().map(|act| act.id);
                prop_assert_eq!(all.undoable(target).map(|act| act.id), newest);
            }
        }
    }

    #[test]
    fn given_what_came_back_when_it_is_stopped_again_then_one_stop_is_to_be_undone_and_one_way_back_undoes_both() {
        let act = |act, from: &str, to: &str, reverts| {
            let (from, to) = (Some(from.to_owned()), Some(to.to_owned()));
            Intended { act, target: "exports".into(), from, to, reverts, ..Intended::default() }
        };
        let does = |acts: Vec<Intended>| {
            let mut all = Intents::default();
            for (place, what) in acts.into_iter().enumerate() {
                let at = Time(i64::try_from(place).unwrap_or(0));
                all.intended(id(place), at, "Ana", Session(7), what);
                all.settled(at, &Settled { intent: id(place), outcome: Outcome::Done, ..Settled::default() });
            }
            all
        };
        let left = |all: &Intents| all.to_undo().map(|act| act.id).collect::<Vec<_>>();
        let stop = |from| act(Act::Stop, from, "off", None);
        let again = does(vec![stop("on"), stop("on"), stop("on")]);
        assert_eq!((left(&again), again.undoable("exports").map(|act| act.id)), (vec![id(2)], Some(id(2))));
        assert_eq!(again.done_again(id(0)).map(|act| act.id), Some(id(1)));
        let back = does(vec![stop("on"), stop("on"), act(Act::Revert, "off", "on", Some(id(1)))]);
        assert_eq!(left(&back), []);
        assert_eq!([0, 1].map(|place| back.undone_by(id(place)).map(|act| act.id)), [Some(id(2)); 2]);

        let other = does(vec![stop("on"), stop("slow")]);
        assert_eq!(left(&other), [id(0), id(1)], "what the second found is not what the first found");
        let stepped = act(Act::Percent, "off", "on", Some(id(0)));
        assert_eq!(
            left(&does(vec![stop("on"), stepped, stop("on")])),
            [id(0), id(2)],
            "it came back by a step from here"
        );
    }
}

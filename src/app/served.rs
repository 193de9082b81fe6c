//! What is served now, as far as somebody can vouch for it, and what that makes of the acts on record: whether a stop still stands, and whether
//! putting back would change anything. It must not know how a switch is looked at.
//!
//! The record says what was done from here; somebody else may have turned the switch since. Where both are known, what is seen counts.

use super::feed::LIVE;
use super::{App, PlanDesk, SwitchDesk};
use crate::incident::entry::EntryId;
use crate::incident::intent::{Act, Intent};
use crate::incident::switch::{Level, Sight};
use crate::incident::time::Time;

/// How the switches of a plan stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Together {
    /// So many are stopped for everybody.
    pub stopped: usize,
    /// Those that can be stopped, in order.
    pub runs: Vec<String>,
    /// Those that can be put back, the last stopped first, and what is taken back.
    pub back: Vec<(String, EntryId)>,
}

impl SwitchDesk {
    /// What it was seen to serve, and when, while that can be vouched for.
    pub fn vouched(&self, now: Time) -> Option<(Time, &Sight)> {
        let last = self.feed.last.as_ref().filter(|_| self.feed.trouble.is_none() && self.feed.is_fresh(now, LIVE));
        last.map(|(at, sight)| (*at, sight))
    }
}

impl App {
    /// It is seen that everybody is stopped, or that somebody is not; nothing where nobody can say it now.
    pub fn seen_stopped(&self, desk: &SwitchDesk, now: Time) -> Option<bool> {
        let newest = self.newest_on(&desk.name);
        if let Some(sight) = self.seen_since(desk, newest, now) {
            return match sight.level {
                Level::Off => Some(true),
                Level::On | Level::Partly => Some(false),
                // by the words of the last stop, where there was one
                Level::Other => {
                    let stop = newest.filter(|act| act.what.act == Act::Stop)?;
                    let is_back = stop.what.from.as_deref().is_some_and(|from| serves(sight, from));
                    if stop.what.stands(sight) { Some(true) } else { is_back.then_some(false) }
                }
            };
        }
        // what was done was read back when it ended
        let end = newest?.end.as_ref().filter(|end| now.since(end.at) < desk.feed.lasting(LIVE))?;
        (newest?.is_done() && newest?.what.act == Act::Stop && desk.feed.last.as_ref()?.0 <= end.at).then_some(true)
    }

    /// What is to be undone on a switch and is not seen to be served again already: to put that back would change nothing.
    pub fn way_back(&self, desk: &SwitchDesk, now: Time) -> Option<&Intent> {
        let acts = self.acts();
        // what was put back and is seen to stand again is written down by the next look
        let stands = |act: &&Intent| self.seen_now(desk, now).is_some_and(|sight| act.what.stands(sight));
        let again = || acts.came_back_on(&desk.name).filter(stands);
        acts.undoable(&desk.name).or_else(again).filter(|act| !self.is_given_back(desk, act, now))
    }

    fn is_given_back(&self, desk: &SwitchDesk, act: &Intent, now: Time) -> bool {
        let newest = self.newest_on(&desk.name);
        let Some(sight) = self.seen_since(desk, newest, now) else { return false };
        let Some((from, to)) = act.what.from.as_deref().zip(act.what.to.as_deref()) else { return false };
        // what is half done may be told in the words of what was there before
        if from == to || act.is_half() || act.what.stands(sight) {
            return false;
        }
        match act.what.whom {
            None => sight.level != Level::Off && serves(sight, from),
            // only the one of the newest act is looked at where nobody lists them all
            Some(_) => {
                let is_whole = sight.level == Level::On && sight.share.is_none() && sight.excluded.is_empty();
                is_whole && newest.is_some_and(|newest| newest.id == act.id)
            }
        }
    }

    /// It is seen not to stand any more, whatever is served instead; of what newer acts lie over, that everybody is served.
    pub(super) fn is_seen_undone(&self, desk: &SwitchDesk, act: &Intent, now: Time) -> bool {
        let newest = self.newest_on(&desk.name);
        let is_told = act.what.from != act.what.to && !act.is_half();
        let Some(sight) = self.seen_since(desk, newest, now).filter(|_| is_told) else {
            return false;
        };
        let is_newest = newest.is_some_and(|newest| newest.id == act.id);
        !act.what.stands(sight) && (is_newest || (act.what.whom.is_none() && sight.level == Level::On))
    }

    /// How the switches of a plan stand: by what is seen, else by what was done from here.
    pub fn together(&self, plan: &PlanDesk, now: Time) -> Together {
        let mut all = Together::default();
        for name in &plan.switches {
            let desk = self.switches.iter().find(|desk| desk.name == *name);
            let undone = match desk {
                Some(desk) => self.way_back(desk, now),
                None => self.acts().undoable(name),
            };
            // what is stopped for one only is not stopped for the others
            let is_recorded = undone.is_some_and(|act| act.what.act == Act::Stop);
            match desk.and_then(|desk| self.seen_stopped(desk, now)).unwrap_or(is_recorded) {
                true => all.stopped += 1,
                false => all.runs.push(name.clone()),
            }
            all.back.extend(undone.map(|act| (name.clone(), act.id)));
        }
        all.back.reverse();
        all
    }

    /// The newest act on a switch that took effect, or of which nobody knows whether it did.
    fn newest_on(&self, name: &str) -> Option<&Intent> {
        let mut acts = self.acts().all().iter().rev().filter(|act| act.what.target == name && act.what.serves());
        acts.find(|act| act.took_effect() || act.is_open())
    }

    /// What was seen since that act ended.
    fn seen_since<'a>(&self, desk: &'a SwitchDesk, act: Option<&Intent>, now: Time) -> Option<&'a Sight> {
        let (at, sight) = desk.vouched(now)?;
        let is_since = |act: &Intent| act.took_effect() && act.end.as_ref().is_none_or(|end| end.at <= at);
        act.is_none_or(is_since).then_some(sight)
    }

    /// What is seen on a switch since the newest act on it.
    pub(super) fn seen_now<'a>(&self, desk: &'a SwitchDesk, now: Time) -> Option<&'a Sight> {
        self.seen_since(desk, self.newest_on(&desk.name), now)
    }
}

/// It serves what these words of a plan say, and to everybody of whom they do not say otherwise.
fn serves(sight: &Sight, words: &str) -> bool {
    if !sight.whole.is_empty() {
        return sight.whole == words;
    }
    let served = sight.served(None);
    served == words && (sight.level != Level::Partly || served != sight.value)
}

//! What somebody put back that was taken away from here: when that is so, and what is said of it. It must not know how a switch is looked at.

use super::App;
use super::aftercare::WATCHED;
use crate::incident::intent::{Intent, Seen};
use crate::incident::switch::{Level, Sight};
use crate::incident::time::Time;
use crate::incident::undoing;

impl App {
    /// What was taken away is there again, later than anybody calls it flapping: who did it is told as a change, and here that nothing is left to undo. So
    /// it is with what lies under a newer act, and the other way round when it is seen to stand again.
    pub(super) fn put_back_besides(&self, now: Time, name: &str, sight: &Sight) -> Option<Seen> {
        let last = self.stands_here(name)?;
        let is_recent =
            |act: &Intent| act.id == last.id && act.end.as_ref().is_none_or(|end| now.since(end.at) < WATCHED);
        let left = self.left_to_undo().filter(|act| act.what.target == name && act.is_done() && !is_recent(act));
        if let Some(act) = left.filter(|act| self.is_back(act, sight)).last() {
            let told = self.changed_since(act).and_then(|(_, change)| change.by.as_deref());
            return Some(put_back(act, sight, told));
        }
        let all = self.incident.intents().all().iter().filter(|act| act.what.target == name && act.what.leaves());
        let again = |act: &&Intent| {
            act.id != last.id
                && act.came_back().is_some()
                && act.what.stands(sight)
                && self.acts().undone_by(act.id).is_none()
        };
        let act = all.rev().find(again)?;
        let (value, detail) = (act.what.to.clone()?, "as was asked, after it was put back".to_owned());
        Some(Seen { target: name.into(), value, intent: Some(act.id), detail, found: None })
    }

    /// What an act took away is there again: what it found is served, or what an earlier one found that it lies upon.
    pub(super) fn is_back(&self, act: &Intent, sight: &Sight) -> bool {
        // whoever was not asked about may be stopped still
        let is_unseen = act.what.whom.as_ref().is_some_and(|whom| sight.unseen.contains(whom));
        if act.what.from.is_none() || act.what.from == act.what.to || act.what.stands(sight) || is_unseen {
            return false;
        }
        let is_whole = sight.level == Level::On && sight.share.is_none() && sight.excluded.is_empty();
        let is_found = |act: &Intent| act.what.from.as_deref().is_some_and(|from| says(sight, from));
        match (&act.what.whom, act.what.share) {
            (None, None) if act.what.from.as_deref() == Some(sight.value.as_str()) => true,
            // whom a share or an exclusion reaches is not in the plain value
            (Some(_), _) | (_, Some(_)) if is_whole => true,
            _ => {
                let under = self.acts().to_undo().filter(|one| one.what.target == act.what.target && one.at <= act.at);
                is_found(act) || under.filter(|one| !one.what.stands(sight)).any(is_found)
            }
        }
    }
}

/// What is served, in all that is said of it, is what these words say.
pub(super) fn says(sight: &Sight, words: &str) -> bool {
    sight.told() == words
}

/// That somebody put back what an act took away, with who it was as far as a switch or its record says so.
pub(super) fn put_back(act: &Intent, sight: &Sight, told: Option<&str>) -> Seen {
    let by = sight.changed.as_ref().filter(|(at, _)| *at >= act.at).map(|(_, by)| by.as_str());
    let from = act.what.from.clone().filter(|from| sight.value == *from || says(sight, from));
    Seen {
        target: act.what.target.clone(),
        value: from.unwrap_or_else(|| sight.told()),
        intent: Some(act.id),
        detail: undoing::put_back(by.or(told).unwrap_or("somebody")),
        found: None,
    }
}

/// What it took away was seen to be served again, so soon after it that somebody may be working against it.
pub fn flapping(act: &Intent) -> Option<&str> {
    let (at, value) = act.came_back()?;
    act.end.as_ref().filter(|end| at.since(end.at) < WATCHED)?;
    Some(value)
}

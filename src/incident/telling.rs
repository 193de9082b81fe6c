//! What has a row of its own in the timeline, and what is told by another's row: one act, one row. It must not know what a row looks like.
//!
//! Nothing is left out of the journal by this; an entry told elsewhere is found there, by its words and by its id.

use super::Incident;
use super::declare::{DEFAULT_GOALS, Opened};
use super::entry::{Entry, EntryId};
use super::fact::Fact;
use super::intent::{Act, Intent, Outcome};
use super::marker::Marker;
use super::roster::Role;
use super::time::{MINUTE, Span, Time};

/// An outcome later than this is news of its own: those who read along have turned to something else.
const AT_ONCE: Span = Span(MINUTE);

impl Incident {
    /// The entry whose row tells this one as well; none when it has a row of its own. Whatever was corrected has its own, and what was
    /// struck tells nothing but itself.
    pub fn told_by(&self, entry: &Entry) -> Option<EntryId> {
        if self.correction(entry.id).is_some() {
            return None;
        }
        match &entry.fact {
            Fact::RoleTaken(_) | Fact::GoalRanked(_) => {
                let opened = self.opened().filter(|opened| goes_with(opened, entry))?;
                self.unless_struck(opened.id)
            }
            Fact::Intended(fact) => fact.update.and_then(|update| self.told_by_update(update, entry.at)),
            // a command is one row from its beginning to its end, however long it took
            Fact::Ran(fact) if self.runs().began(fact.changed) => self.unless_struck(fact.changed),
            // the answer says all there is to say
            Fact::ProbeAsked(fact) => self.unless_struck(fact.after),
            // set at once, it is told by what it is about; else it has one row, which says how it stands
            Fact::MarkerIntended(_) => self.markers().find(entry.id).and_then(|marker| self.told_with(marker)),
            Fact::Seen(fact) => {
                let marker = fact.intent.and_then(|id| self.markers().find(id))?;
                self.row_of_marker(marker)
            }
            Fact::Settled(fact) => {
                if let Some(marker) = self.markers().find(fact.intent) {
                    return self.row_of_marker(marker);
                }
                let intent = self.intents().find(fact.intent)?;
                let holds = intent.end.as_ref().is_some_and(|end| end.at == entry.at && end.outcome == fact.outcome);
                let plain = fact.outcome == Outcome::Done && !fact.idle && at_once(intent.at, entry.at);
                if holds && plain { self.row_of_act(intent) } else { None }
            }
            _ => None,
        }
    }

    /// The entries before this one whose rows may come, go or read differently because of it.
    pub fn stirs(&self, entry: &Entry) -> Vec<EntryId> {
        let act = match &entry.fact {
            // what the update of a corrected send tells is told otherwise too
            Fact::Corrected(fact) => {
                let update = self.intents().find(fact.entry).and_then(|intent| intent.what.update);
                let about = self.markers().find(fact.entry).map(|marker| marker.what.about);
                return std::iter::once(fact.entry).chain(update).chain(about).collect();
            }
            Fact::Ran(fact) => return vec![fact.changed],
            Fact::Settled(fact) => Some(fact.intent),
            Fact::Seen(fact) => fact.intent,
            Fact::Intended(_) => Some(entry.id),
            _ => return Vec::new(),
        };
        if let Some(marker) = act.and_then(|id| self.markers().find(id)) {
            return vec![marker.id, marker.what.about];
        }
        let update = act.and_then(|id| self.intents().find(id)).and_then(|intent| intent.what.update);
        let sends = update.and_then(|id| self.promises().update(id)).map(|update| &update.sends);
        let mut stirred: Vec<EntryId> = act.into_iter().chain(update).collect();
        stirred.extend(sends.into_iter().flatten().map(|(send, ..)| *send).filter(|send| Some(*send) != act));
        stirred
    }

    /// The declaration says besides that whoever declared commands.
    pub(super) fn says_who_commands(&self, declared: EntryId) -> bool {
        let opened = self.opened().filter(|opened| opened.id == declared);
        opened.and_then(|opened| opened.commands).is_some_and(|role| self.correction(role).is_none())
    }

    /// The row of an act: its own, or that of the update it sends.
    fn row_of_act(&self, intent: &Intent) -> Option<EntryId> {
        let update = if self.correction(intent.id).is_some() { None } else { intent.what.update };
        update.and_then(|update| self.told_by_update(update, intent.at)).or_else(|| self.unless_struck(intent.id))
    }

    /// An update tells its sends when every channel shows it; one that was sent on later is news.
    fn told_by_update(&self, id: EntryId, sent: Time) -> Option<EntryId> {
        let update = self.promises().update(id).filter(|update| at_once(update.at, sent))?;
        let done = |send: EntryId| self.intents().find(send).is_some_and(Intent::is_done);
        if update.sends.iter().all(|(send, ..)| done(*send)) { self.unless_struck(id) } else { None }
    }

    /// The row of what a marker is about, when it was set at once.
    fn told_with(&self, marker: &Marker) -> Option<EntryId> {
        let at_once = marker.end.as_ref().is_some_and(|end| at_once(marker.at, end.at));
        let about = marker.what.about;
        let told = self.correction(marker.id).is_none() && marker.is_done() && at_once && self.has_row(about);
        if told { self.unless_struck(about) } else { None }
    }

    /// The row of a marker: its own, or that of what it is about.
    fn row_of_marker(&self, marker: &Marker) -> Option<EntryId> {
        self.told_with(marker).or_else(|| self.unless_struck(marker.id))
    }

    /// An entry that markers are about is here, and has a row.
    fn has_row(&self, id: EntryId) -> bool {
        let is_act = self.intents().find(id).is_some_and(|intent| intent.what.act != Act::Publish);
        let is_opening = self.opened().is_some_and(|opened| opened.id == id);
        is_act || is_opening || self.promises().update(id).is_some() || self.phases.contains(&id)
    }

    fn unless_struck(&self, id: EntryId) -> Option<EntryId> {
        self.correction(id).is_none_or(|overlay| !overlay.struck).then_some(id)
    }
}

impl Opened {
    /// Notes that whoever declared took command with the same breath.
    pub(super) fn also(&mut self, entry: &Entry) {
        if matches!(entry.fact, Fact::RoleTaken(_)) && goes_with(self, entry) {
            self.commands = Some(entry.id);
        }
    }
}

/// It was written with the declaration, and says what every declaration does.
fn goes_with(opened: &Opened, entry: &Entry) -> bool {
    let together = entry.recorded == opened.recorded && entry.session == opened.session;
    let usual = match &entry.fact {
        Fact::RoleTaken(fact) => fact.role == Role::Commander && fact.person == opened.by,
        Fact::GoalRanked(fact) => {
            let default = usize::from(fact.rank).checked_sub(1).and_then(|place| DEFAULT_GOALS.get(place));
            default.is_some_and(|text| *text == fact.text) && fact.why.is_empty()
        }
        _ => false,
    };
    together && usual
}

/// Within so short a time that it is no news.
fn at_once(asked: Time, ended: Time) -> bool {
    (0..=AT_ONCE.0).contains(&ended.since(asked).0)
}

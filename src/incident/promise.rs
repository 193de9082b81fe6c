//! Updates, and what was promised to whom by when: kept, late or broken.

use super::command::Refusal;
use super::entry::EntryId;
use super::phase::Phase;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// Who an update is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Everybody.
    #[default]
    Public,
    /// The company.
    Internal,
}

/// The text of an update was settled; sending it is an intent of its own for each channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Updated {
    /// What people are told.
    pub text: String,
    /// Who is told.
    #[serde(default)]
    pub audience: Audience,
    /// When the next one was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
}

/// Somebody was promised something by a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promised {
    /// To whom.
    pub to: String,
    /// What.
    pub what: String,
    /// By when.
    pub by: Time,
    /// Who keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A promise was kept, at the time of the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseKept {
    /// The entry that made it: a promise, or an update that named its next.
    pub promise: EntryId,
    /// How.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how: String,
}

/// A promise was called off; those it was made to were told why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseWithdrawn {
    /// The entry that made it.
    pub promise: EntryId,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// An update as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The entry that settled its text.
    pub id: EntryId,
    /// When the text was settled.
    pub at: Time,
    /// Who settled it.
    pub by: String,
    /// Where the response stood then.
    pub phase: Phase,
    /// The text.
    pub what: Updated,
    /// The intents that send it: their entries, and when each was seen done.
    pub sends: Vec<(EntryId, String, Option<Time>)>,
}

impl Update {
    /// When people could read it: when the first channel showed it; without any channel, when the text was settled.
    pub fn told(&self) -> Option<Time> {
        if self.sends.is_empty() { Some(self.at) } else { self.sends.iter().filter_map(|s| s.2).min() }
    }
}

/// How a promise stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromiseState {
    /// Still to be kept.
    Open,
    /// Its time has passed.
    Overdue,
    /// Kept in time, then.
    Kept(Time),
    /// Kept, but late, then.
    Late(Time),
    /// The incident ended without it.
    Broken,
    /// Called off.
    Withdrawn,
}

impl PromiseState {
    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            PromiseState::Open => "open",
            PromiseState::Overdue => "overdue",
            PromiseState::Kept(_) => "kept",
            PromiseState::Late(_) => "late",
            PromiseState::Broken => "broken",
            PromiseState::Withdrawn => "withdrawn",
        }
    }
}

/// A promise as it stands; an update that names its next one makes one too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The entry that made it.
    pub id: EntryId,
    /// The number people say: 1 is the incident's first promise.
    pub number: u32,
    /// When it was made.
    pub made: Time,
    /// To whom, what, by when, whose.
    pub what: Promised,
    /// It is the next update of this audience.
    pub next_update: Option<Audience>,
    /// When it was kept.
    pub kept: Option<Time>,
    /// It was called off.
    pub withdrawn: bool,
    /// When somebody said that it was kept, the first time.
    said: Option<Time>,
    /// How many updates there were when it was made.
    after: usize,
}

/// Updates and promises of an incident, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Promises {
    updates: Vec<Update>,
    promises: Vec<Promise>,
    ended: Option<Time>,
}

impl Promises {
    /// Every update.
    pub fn updates(&self) -> &[Update] {
        &self.updates
    }
    /// Every promise.
    pub fn all(&self) -> &[Promise] {
        &self.promises
    }
    /// The update an entry settled.
    pub fn update(&self, id: EntryId) -> Option<&Update> {
        self.updates.iter().find(|u| u.id == id)
    }
    /// The newest update of an audience that people could read, and since when.
    pub fn last_told(&self, audience: Audience) -> Option<(&Update, Time)> {
        let told = self.updates.iter().filter(|u| u.what.audience == audience);
        told.filter_map(|u| u.told().map(|at| (u, at))).max_by_key(|(_, at)| *at)
    }
    /// The promise an entry made.
    pub fn find(&self, id: EntryId) -> Option<&Promise> {
        self.promises.iter().find(|p| p.id == id)
    }
    /// The promise people call by this number.
    pub fn numbered(&self, number: u32) -> Option<&Promise> {
        self.promises.iter().find(|p| p.number == number)
    }
    /// How a promise stands now.
    pub fn state(&self, promise: &Promise, now: Time) -> PromiseState {
        match promise.kept {
            _ if promise.withdrawn => PromiseState::Withdrawn,
            Some(at) if at <= promise.what.by => PromiseState::Kept(at),
            Some(at) => PromiseState::Late(at),
            None if self.ended.is_some() => PromiseState::Broken,
            None if now > promise.what.by => PromiseState::Overdue,
            None => PromiseState::Open,
        }
    }
    /// Those still to be kept, overdue or not.
    pub fn open(&self) -> impl Iterator<Item = &Promise> {
        self.promises.iter().filter(|p| p.kept.is_none() && !p.withdrawn && self.ended.is_none())
    }

    pub(super) fn updated(&mut self, id: EntryId, at: Time, by: &str, what: &Updated, phase: Phase) {
        self.updates.push(Update { id, at, by: by.into(), phase, what: what.clone(), sends: Vec::new() });
        if let Some(next) = what.next {
            let (to, text) = match what.audience {
                Audience::Public => ("public", "public update"),
                Audience::Internal => ("company", "internal update"),
            };
            let promised = Promised { to: to.into(), what: text.into(), by: next, owner: None };
            self.make(id, at, promised, Some(what.audience));
        }
        self.refresh();
    }
    pub(super) fn promised(&mut self, id: EntryId, at: Time, what: &Promised) {
        self.make(id, at, what.clone(), None);
    }
    fn make(&mut self, id: EntryId, made: Time, what: Promised, next_update: Option<Audience>) {
        let number = u32::try_from(self.promises.len()).unwrap_or(u32::MAX).saturating_add(1);
        let after = self.updates.len();
        self.promises.push(Promise {
            id,
            number,
            made,
            what,
            next_update,
            kept: None,
            withdrawn: false,
            said: None,
            after,
        });
    }
    pub(super) fn sending(&mut self, update: EntryId, intent: EntryId, channel: &str) {
        if let Some(update) = self.updates.iter_mut().find(|u| u.id == update) {
            update.sends.push((intent, channel.into(), None));
        }
        self.refresh();
    }
    pub(super) fn sent(&mut self, intent: EntryId, at: Time) {
        let sends = self.updates.iter_mut().flat_map(|u| u.sends.iter_mut());
        if let Some(send) = sends.into_iter().find(|s| s.0 == intent) {
            // looked at again it is still visible since it was seen first
            send.2 = Some(send.2.map_or(at, |first| first.min(at)));
        }
        self.refresh();
    }
    pub(super) fn kept(&mut self, id: EntryId, at: Time) {
        if let Some(promise) = self.promises.iter_mut().find(|p| p.id == id) {
            promise.said.get_or_insert(at);
        }
        self.refresh();
    }
    pub(super) fn withdrew(&mut self, id: EntryId) {
        if let Some(promise) = self.promises.iter_mut().find(|p| p.id == id) {
            promise.withdrawn = true;
        }
    }
    /// The incident was closed (what is open is broken), or works again.
    pub(super) fn ended(&mut self, at: Option<Time>) {
        self.ended = at;
    }

    /// A promise is kept when somebody said so; a promised next update, by the first later update of its audience that people could
    /// read as well.
    fn refresh(&mut self) {
        let mut updates = self.updates.iter().enumerate().rev().peekable();
        let (mut public, mut internal) = (None, None);
        for promise in self.promises.iter_mut().rev() {
            while let Some((_, update)) = updates.next_if(|(place, _)| *place >= promise.after) {
                let told = match update.what.audience {
                    Audience::Public => &mut public,
                    Audience::Internal => &mut internal,
                };
                *told = told.iter().copied().chain(update.told()).min();
            }
            let told = match promise.next_update {
                Some(Audience::Public) => public,
                Some(Audience::Internal) => internal,
                None => None,
            };
            promise.kept = told.into_iter().chain(promise.said).min();
        }
    }

    pub(super) fn check(&self, id: EntryId) -> Result<(), Refusal> {
        let promise = self.find(id).ok_or_else(|| {
            Refusal::new("There is no such promise in this incident.", "Choose one of its open promises.")
        })?;
        if promise.kept.is_some() || promise.withdrawn {
            let state = if promise.withdrawn { "called off" } else { "kept" };
            return Err(Refusal::new(
                format!("Promise {} \"{}\" was {state} already.", promise.number, promise.what.what),
                "There is nothing left to keep.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::entry::Session;
    use crate::incident::time::Span;

    fn id(n: u64) -> EntryId {
        EntryId::of(Session(1), n)
    }
    fn text(next: Option<Time>) -> Updated {
        Updated { text: "words".into(), audience: Audience::Public, next }
    }

    #[test]
    fn a_promised_update_is_kept_when_people_can_read_it_not_when_it_was_typed() {
        let by = Time(0).plus(Span::minutes(30));
        let mut all = Promises::default();
        all.updated(id(1), Time(0), "Ben", &text(Some(by)), Phase::Investigating);
        all.updated(id(2), by.minus(Span::minutes(1)), "Ben", &text(None), Phase::Investigating);
        all.sending(id(2), id(3), "page");
        let state = |all: &Promises, now| all.find(id(1)).map(|p| all.state(p, now));
        assert_eq!(state(&all, by), Some(PromiseState::Open), "typed, not visible");
        assert_eq!(state(&all, by.plus(Span(1))), Some(PromiseState::Overdue));
        all.sent(id(3), by.plus(Span::minutes(2)));
        assert_eq!(state(&all, by), Some(PromiseState::Late(by.plus(Span::minutes(2)))));
    }

    #[test]
    fn looking_again_makes_nothing_late_and_a_word_that_it_was_kept_is_not_lost() {
        let by = Time(0).plus(Span::minutes(30));
        let mut all = Promises::default();
        all.updated(id(1), Time(0), "Ben", &text(Some(by)), Phase::Investigating);
        all.updated(id(2), Time(5), "Ben", &text(None), Phase::Investigating);
        all.sending(id(2), id(3), "page");
        all.sent(id(3), Time(6));
        all.sent(id(3), by.plus(Span::minutes(9)));
        assert_eq!(all.find(id(1)).map(|p| p.kept), Some(Some(Time(6))), "visible since it was seen first");

        let mut all = Promises::default();
        all.updated(id(1), Time(0), "Ben", &text(Some(by)), Phase::Investigating);
        all.kept(id(1), Time(7));
        all.updated(id(2), by.plus(Span(1)), "Ben", &text(None), Phase::Investigating);
        assert_eq!(all.find(id(1)).map(|p| p.kept), Some(Some(Time(7))), "said by telephone");
    }

    #[test]
    fn what_is_open_when_the_incident_ends_is_broken() {
        let mut all = Promises::default();
        all.updated(id(1), Time(0), "Ben", &text(Some(Time(9))), Phase::Investigating);
        all.ended(Some(Time(10)));
        assert_eq!(all.find(id(1)).map(|p| all.state(p, Time(20))), Some(PromiseState::Broken));
        assert_eq!(all.open().count(), 0);
    }
}

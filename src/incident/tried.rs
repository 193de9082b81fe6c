//! Something that is tried outside, once: written down before, its outcome written down after, looked for when nobody can say. It must not
//! know what is tried.

use super::command::Refusal;
use super::entry::{EntryId, Session};
use super::intent::{Outcome, Seen, Settled};
use super::sought::Found;
use super::time::{Span, Time};

/// How long something may be without an outcome before its effect is looked for, where nothing else is said: whoever tried it is gone by then.
pub const ANSWERS: Span = Span::minutes(1);
/// A clock that goes back further than this was set: how long ago something was is not known any more.
pub const SET_BACK: Span = Span::seconds(5);

/// Something that is tried outside, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried<W> {
    /// The entry that wrote it down.
    pub id: EntryId,
    /// When.
    pub at: Time,
    /// Who asked.
    pub by: String,
    /// The run of the program that carries it, once.
    pub session: Session,
    /// What.
    pub what: W,
    /// How it ended: when, how, in words, the value read back.
    pub end: Option<End>,
    /// When its effect was last looked for and what was seen.
    pub seen: Option<(Time, String, String)>,
    /// How the whole state compared then, where the value does not say it.
    pub found: Option<Found>,
    /// When it is to end, where that was moved after it was asked.
    pub moved: Option<Time>,
    /// When whoever carries it was last known to be at it: it was asked, or what was asked with it ended.
    pub sign: Time,
}

/// What is tried says how long its outcome may take.
pub trait Awaited {
    /// So long after the last sign of whoever carries it, it may still be under way.
    fn within(&self) -> Span {
        ANSWERS
    }
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Time,
    /// How.
    pub outcome: Outcome,
    /// In words.
    pub detail: String,
    /// The value read back.
    pub value: Option<String>,
    /// It was refused because somebody else has to approve it there first.
    pub approval: bool,
    /// It was so already, and nothing was sent.
    pub idle: bool,
    /// What the provider calls it.
    pub reference: Option<String>,
}

impl<W> Tried<W> {
    /// Nobody can say whether it happened.
    pub fn is_unsure(&self) -> bool {
        self.end.as_ref().is_some_and(|e| e.outcome == Outcome::Unsure) && self.seen.is_none()
    }
    /// It was certainly not done.
    pub fn is_refused(&self) -> bool {
        self.end.as_ref().is_some_and(|e| e.outcome == Outcome::Refused)
    }
    /// It was done and read back.
    pub fn is_done(&self) -> bool {
        self.end.as_ref().is_some_and(|e| e.outcome == Outcome::Done)
    }
    /// It was so already when it was tried, and nothing was sent.
    pub fn is_idle(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.idle)
    }
    /// Its outcome was lost, and what was found is neither what was there before nor what was wanted: it was half done, or changed since.
    pub fn is_half(&self) -> bool {
        let is_lost = self.end.as_ref().is_none_or(|end| end.outcome == Outcome::Unsure);
        is_lost && self.found == Some(Found::Otherwise)
    }
    /// Nobody can say yet, or ever, whether it happened: it has no outcome or an unsure one, and nobody looked.
    pub fn is_open(&self) -> bool {
        self.end.as_ref().is_none_or(|e| e.outcome == Outcome::Unsure) && self.seen.is_none()
    }
    /// It was asked by another run of the program and has no outcome: that run may be gone.
    pub fn is_orphan(&self, session: Session) -> bool {
        self.end.is_none() && self.session != session
    }
}

impl<W: Awaited> Tried<W> {
    /// It has had no outcome for so long that none will come: of a run that is gone, or of one whose journal could not take it. One that is
    /// still to come was asked before the clock was set back: nobody can say how long ago, and nothing may wait for it.
    pub fn is_lost(&self, now: Time) -> bool {
        self.end.is_none() && (now.since(self.sign) >= self.what.within() || self.at.since(now) > SET_BACK)
    }
    /// Its outcome is waited for until then, while it may still come: nothing else is done with what it is about.
    pub fn awaited_until(&self, now: Time) -> Option<Time> {
        (self.end.is_none() && !self.is_lost(now)).then(|| self.sign.plus(self.what.within()))
    }
    /// Its effect has to be looked for, because nobody is sure of it or it is lost, and nobody has looked yet.
    pub fn is_missed(&self, now: Time) -> bool {
        self.seen.is_none() && (self.is_unsure() || self.is_lost(now))
    }
}

/// All of a kind in a stream, in the order in which they were asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tries<W>(Vec<Tried<W>>);

impl<W> Default for Tries<W> {
    fn default() -> Tries<W> {
        Tries(Vec::new())
    }
}

impl<W: Clone> Tries<W> {
    /// Those of several streams as if they stood in one, each stream's in its order, by their times else.
    #[must_use]
    pub fn together<'a>(streams: impl IntoIterator<Item = &'a Tries<W>>) -> Tries<W>
    where
        W: 'a,
    {
        let mut all = Vec::new();
        for stream in streams {
            // clocks differ: what was written later into a stream never comes before what stands there
            let mut latest = Time(i64::MIN);
            for one in &stream.0 {
                latest = latest.max(one.at);
                all.push((latest, one.clone()));
            }
        }
        all.sort_by_key(|(at, _)| *at);
        Tries(all.into_iter().map(|(_, one)| one).collect())
    }
}

impl<W> Tries<W> {
    /// Every one.
    pub fn all(&self) -> &[Tried<W>] {
        &self.0
    }
    /// The one that an entry wrote down.
    pub fn find(&self, id: EntryId) -> Option<&Tried<W>> {
        self.0.iter().find(|i| i.id == id)
    }
    /// Those without an outcome.
    pub fn pending(&self) -> impl Iterator<Item = &Tried<W>> {
        self.0.iter().filter(|i| i.end.is_none())
    }

    /// None was tried.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn intended(&mut self, id: EntryId, at: Time, by: &str, session: Session, what: W) {
        let (end, seen, found, moved) = (None, None, None, None);
        self.0.push(Tried { id, at, by: by.into(), session, what, end, seen, found, moved, sign: at });
    }
    /// The first outcome holds: a second one for the same act changes nothing but an unsure one.
    pub(super) fn settled(&mut self, at: Time, fact: &Settled) {
        let whose = self.find(fact.intent).map(|tried| tried.session);
        // one after the other: what waits for its turn is not lost while another one of the same run ends
        for waits in self.0.iter_mut().filter(|one| one.end.is_none() && Some(one.session) == whose) {
            waits.sign = waits.sign.max(at);
        }
        if let Some(tried) = self.0.iter_mut().find(|i| i.id == fact.intent) {
            let open = tried.end.as_ref().is_none_or(|e| e.outcome == Outcome::Unsure);
            if open {
                let end = End {
                    at,
                    outcome: fact.outcome,
                    detail: fact.detail.clone(),
                    value: fact.value.clone(),
                    approval: fact.approval,
                    idle: fact.idle,
                    reference: fact.reference.clone(),
                };
                tried.end = Some(end);
            }
        }
    }
    pub(super) fn moves(&mut self, id: EntryId, to: Time) {
        if let Some(tried) = self.0.iter_mut().find(|i| i.id == id) {
            tried.moved = Some(to);
        }
    }
    pub(super) fn seen(&mut self, at: Time, fact: &Seen) {
        let meant = fact.intent;
        if let Some(tried) = self.0.iter_mut().find(|i| Some(i.id) == meant) {
            tried.seen = Some((at, fact.value.clone(), fact.detail.clone()));
            tried.found = fact.found;
        }
    }

    pub(super) fn check_settle(&self, id: EntryId) -> Result<(), Refusal> {
        match self.find(id) {
            None => Err(Refusal::new("There is no such act in this incident.", "Choose one of its acts.")),
            Some(Tried { end: Some(end), .. }) if end.outcome != Outcome::Unsure => Err(Refusal::new(
                format!("That act ended {} at {} UTC.", end.outcome.word(), end.at.clock()),
                "An outcome is never changed.",
            )),
            Some(_) => Ok(()),
        }
    }
}

//! What somebody asked for and somebody else has to agree to: for a while, by another person from another run of the program, once. It must not
//! know what is asked for.

use super::command::Refusal;
use super::entry::{EntryId, Session};
use super::time::{Span, Time};

/// How long it waits for a second person.
pub const WAITS: Span = Span::minutes(15);

/// Something that can be asked for.
pub trait Wanted {
    /// What it is about, of which there is one.
    type About: ?Sized;
    /// It is about that.
    fn is_about(&self, about: &Self::About) -> bool;
    /// Until when somebody may agree.
    fn expires(&self) -> Time;
    /// It is the same as that one, whatever else was said with it.
    fn is_again(&self, other: &Self) -> bool;
    /// What it is about is gone, in words.
    fn gone(&self) -> String;
}

/// Something that waits, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked<W> {
    /// The entry that asked.
    pub id: EntryId,
    /// When.
    pub at: Time,
    /// Who.
    pub by: String,
    /// In which run of the program.
    pub session: Session,
    /// For what.
    pub what: W,
    /// What became of it.
    pub fate: Fate,
    /// Where it is void: what changed, in words.
    pub changed: String,
}

/// What became of something that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits, until it expires.
    Waits,
    /// Somebody agreed.
    Confirmed,
    /// Whoever asked took it back.
    Withdrawn,
    /// Whoever asked for it asked for the same again.
    Repeated,
    /// What it is about is not as it was then: it changed at that time.
    Void(Time),
}

/// Two names of one person: Ben is ben, however it was typed.
pub fn is_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Everything of a kind that was asked for in a stream, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting<W>(Vec<Asked<W>>);

impl<W> Default for Waiting<W> {
    fn default() -> Waiting<W> {
        Waiting(Vec::new())
    }
}

impl<W: Wanted + Clone> Waiting<W> {
    pub(super) fn asked(&mut self, id: EntryId, at: Time, by: &str, session: Session, what: &W) {
        self.end(Fate::Repeated, |asked| asked.by == by && asked.what.is_again(what));
        let (by, fate, changed) = (by.into(), Fate::Waits, String::new());
        self.0.push(Asked { id, at, by, session, what: what.clone(), fate, changed });
    }
    pub(super) fn withdrawn(&mut self, id: EntryId) {
        self.end(Fate::Withdrawn, |asked| asked.id == id);
    }
    pub(super) fn confirmed(&mut self, id: Option<EntryId>) {
        self.end(Fate::Confirmed, |asked| Some(asked.id) == id);
    }
    /// What something is about is gone: nothing can be asked for any more.
    pub(super) fn over(&mut self, about: &W::About, at: Time) {
        self.void(at, |asked| asked.what.is_about(about).then(|| asked.what.gone()));
    }
    /// What this says of that it changed, in words, is about another state.
    pub(super) fn void(&mut self, at: Time, changed: impl Fn(&Asked<W>) -> Option<String>) {
        for asked in self.0.iter_mut().filter(|asked| asked.fate == Fate::Waits) {
            if let Some(words) = changed(asked) {
                (asked.fate, asked.changed) = (Fate::Void(at), words);
            }
        }
    }
    fn end(&mut self, fate: Fate, which: impl Fn(&Asked<W>) -> bool) {
        for asked in self.0.iter_mut().filter(|asked| asked.fate == Fate::Waits && which(asked)) {
            asked.fate = fate;
        }
    }

    /// Everything.
    pub fn all(&self) -> &[Asked<W>] {
        &self.0
    }
    /// What an entry asked for.
    pub fn find(&self, id: EntryId) -> Option<&Asked<W>> {
        self.0.iter().find(|asked| asked.id == id)
    }
    /// What waits for a second person now.
    pub fn open(&self, now: Time) -> impl Iterator<Item = &Asked<W>> {
        self.0.iter().filter(move |asked| asked.fate == Fate::Waits && now < asked.what.expires())
    }
    /// The newest that waits about something and that this person asked for.
    pub fn of_mine(&self, about: &W::About, me: &str, now: Time) -> Option<&Asked<W>> {
        self.open(now).filter(|asked| asked.what.is_about(about) && is_same(&asked.by, me)).last()
    }
    /// The newest about something that this person asked for, that could still be agreed to, and that is void.
    pub fn void_of_mine(&self, about: &W::About, me: &str, now: Time) -> Option<&Asked<W>> {
        let could = |asked: &&Asked<W>| asked.what.is_about(about) && is_same(&asked.by, me);
        let newest = self.0.iter().rfind(could)?;
        Some(newest).filter(|asked| matches!(asked.fate, Fate::Void(_)) && now < asked.what.expires())
    }
    /// The newest that somebody else asked for about something, that could still be agreed to, and that is void.
    pub fn void_for_me(&self, about: &W::About, me: &str, now: Time) -> Option<&Asked<W>> {
        let could =
            |asked: &&Asked<W>| asked.what.is_about(about) && !is_same(&asked.by, me) && now < asked.what.expires();
        self.0.iter().rfind(|asked| could(asked) && matches!(asked.fate, Fate::Void(_)))
    }
    /// What somebody else asked for last about something, where nobody agreed to it in time.
    pub fn late_for_me(&self, about: &W::About, me: &str, now: Time) -> Option<&Asked<W>> {
        let last = self.0.iter().rfind(|asked| asked.what.is_about(about) && !is_same(&asked.by, me));
        last.filter(|asked| asked.fate == Fate::Waits && now >= asked.what.expires())
    }
    /// The newest that waits about something and that this run of the program, and this person, may agree to.
    pub fn for_me(&self, about: &W::About, me: &str, session: Session, now: Time) -> Option<&Asked<W>> {
        let may = |asked: &&Asked<W>| !is_same(&asked.by, me) && asked.session != session;
        self.open(now).filter(|asked| asked.what.is_about(about)).filter(may).last()
    }

    /// What was asked for, where this person, in this run of the program, may agree to it now.
    ///
    /// # Errors
    /// Somebody did, it is void, it is too late, or it is the same person.
    pub fn may_agree(&self, id: EntryId, (me, session, now): (&str, Session, Time)) -> Result<&Asked<W>, Refusal> {
        let again = "Ask for it anew.";
        let Some(asked) = self.find(id) else {
            return Err(Refusal::new("Nobody asked for that here.", again));
        };
        match asked.fate {
            Fate::Waits => {}
            Fate::Confirmed => {
                return Err(Refusal::new("Somebody has confirmed it already.", "There is nothing to confirm."));
            }
            Fate::Withdrawn => {
                return Err(Refusal::new(format!("{} took it back.", asked.by), "There is nothing to confirm."));
            }
            Fate::Repeated => {
                return Err(Refusal::new(format!("{} asked for it again.", asked.by), "Confirm the newer one."));
            }
            Fate::Void(_) => return Err(asked.is_void()),
        }
        let expires = asked.what.expires();
        if now >= expires {
            return Err(Refusal::new(format!("It could be confirmed until {} UTC.", expires.beside(now)), again));
        }
        if is_same(&asked.by, me) || asked.session == session {
            return Err(Refusal::new(
                format!("{} asked for it, from this session or another: that is one person.", asked.by),
                "Somebody else confirms it, from a session of their own.",
            ));
        }
        Ok(asked)
    }

    /// Whether somebody may take back what was asked for.
    pub(super) fn check_withdraw(&self, id: EntryId, me: &str) -> Result<&Asked<W>, Refusal> {
        let nothing = "There is nothing to take back.";
        match self.find(id) {
            None => Err(Refusal::new("Nobody asked for that here.", nothing)),
            Some(asked) if asked.fate != Fate::Waits => Err(Refusal::new("It waits for nobody any more.", nothing)),
            Some(asked) if !is_same(&asked.by, me) => {
                let why = format!("{} asked for it, not {me}.", asked.by);
                Err(Refusal::new(why, "Leave it: without a second person nothing is done."))
            }
            Some(asked) => Ok(asked),
        }
    }
}

impl<W: Wanted> Asked<W> {
    /// It is void, and why.
    pub fn is_void(&self) -> Refusal {
        let at = if let Fate::Void(at) = self.fate { format!(" at {} UTC", at.clock()) } else { String::new() };
        let why = format!("What {} asked for is void: {}{at}.", self.by, self.changed);
        Refusal::new(why, "Look at it and ask for it anew.")
    }
    /// How it stands, in words.
    pub fn words(&self) -> String {
        match self.fate {
            Fate::Waits => format!("to be confirmed by {}", self.what.expires().clock_minutes()),
            Fate::Confirmed => "confirmed".into(),
            Fate::Withdrawn => "taken back".into(),
            Fate::Repeated => "asked for again".into(),
            Fate::Void(at) => format!("void: {} {}", self.changed, at.clock()),
        }
    }
}

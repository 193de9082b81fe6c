//! An act that is to end later, from the screen: offered where it can be chosen what to do with a switch, asked for with a reason, moved where its
//! end is kept. It must not know who ends an act.

use super::aftercare::After;
use super::deeds::Offer;
use super::entries::Recorded;
use super::field::Field;
use super::msg::Effect;
use super::prompt::Kind;
use super::{App, Layer, SwitchDesk};
use crate::incident::command::Command;
use crate::incident::ending::{Keeper, Later};
use crate::incident::entry::{Entry, EntryId, STANDING};
use crate::incident::fact::Fact;
use crate::incident::intent::{Act, Intended, Intent};
use crate::incident::standing::Wish;
use crate::incident::time::Time;

/// What is asked for: until when, and why.
pub(super) fn fields(app: &App, act: EntryId, now: Time) -> Vec<Field> {
    let until = app.acts().find(act).and_then(Intent::until);
    let ends = until.map(|until| format!("; it {}", ends(until, now))).unwrap_or_default();
    vec![
        Field::new("until", format!("23:45, or 30m from now{ends}")),
        Field::new("why", "two words or more: others read it here and there"),
    ]
}

fn ends(until: Time, now: Time) -> String {
    let verb = if until <= now { "was to end" } else { "ends" };
    format!("{verb} {}", until.beside(now))
}

impl App {
    /// That what stands on a switch lasts longer, where it has an end, is not seen to be undone, and its stream is known here.
    pub(super) fn longer(&self, desk: &SwitchDesk, now: Time) -> Option<Offer> {
        let target = &desk.name;
        let act = self.acts().next_end(target)?;
        let until = act.until()?;
        (self.is_written_here(act.id) && !self.is_seen_undone(desk, act, now)).then_some(())?;
        let words = match (&act.what.whom, act.what.share) {
            (Some(whom), _) => format!("keep {whom} stopped until …"),
            (None, Some(share)) => format!("keep {share} until …"),
            (None, None) => "keep it stopped until …".to_owned(),
        };
        let draft = Intended { act: Act::Extend, target: target.clone(), ..Intended::default() };
        let (aside, asks) = (ends(until, now), Some(Kind::Extend(act.id)));
        Some(Offer { aside, asks, ..Offer::of(draft, words) })
    }

    /// Somebody at this screen is saying how much longer it is to last: it is not ended from here meanwhile.
    pub(super) fn is_held(&self, act: EntryId) -> bool {
        matches!(&self.layer, Layer::Prompt(prompt) if prompt.kind == Kind::Extend(act))
    }

    /// Whether its end waits while somebody says here how much longer it is to last, in words.
    pub fn held(&self, act: EntryId, now: Time) -> Option<String> {
        let acts = self.acts();
        let act = acts.find(act)?;
        let until = act.until()?;
        let at = until.beside(now);
        let is_ours = act.session == self.session;
        if acts.check_busy(&act.what.target, (self.session, now)).is_err() {
            return Some("an act on it is under way: wait for its outcome".to_owned());
        }
        Some(match acts.keeper(act.id) {
            Keeper::There(_) => format!("its provider ends it at {at} whatever is typed: nothing here holds it"),
            Keeper::Unknown => format!("its provider may end it at {at}: nothing here holds it"),
            Keeper::Here if is_ours && !self.ends_by_itself(act) => return None,
            Keeper::Here if !is_ours => format!("another screen may end it at {at}: nothing here holds it"),
            Keeper::Here if until <= now => format!("HELD since {at}: Enter moves it, Esc lets it end"),
            Keeper::Here => "waits while this is open: Esc lets it end".to_owned(),
        })
    }

    /// Something can be written into the stream that an act stands in.
    fn is_written_here(&self, act: EntryId) -> bool {
        let number = self.stream_of(act);
        number == STANDING || self.incident_of(number).is_some_and(|one| one.intents().find(act).is_some())
    }

    /// Moves an end: by a fact, or where its provider keeps it by an act there.
    ///
    /// # Errors
    /// It may not be moved; in words.
    pub(super) fn extend(&mut self, now: Time, later: Later) -> Result<Vec<Effect>, String> {
        let extension = self.acts().extension(&later, (self.session, now)).map_err(|refusal| refusal.words())?;
        let number = self.stream_of(later.act);
        if !self.is_written_here(later.act) {
            return Err("It was done in an incident that is not followed here. Open that incident first.".into());
        }
        if number == STANDING {
            let elsewhere = self.elsewhere_of(STANDING);
            let wish = match extension {
                Some(act) => Wish::Act { acts: vec![act], ways: self.rules.ways.clone(), elsewhere },
                None => Wish::MoveEnd(later, elsewhere),
            };
            return Ok(self.want_standing(now, wish));
        }
        let command = extension.map_or(Command::MoveEnd(later), Command::Act);
        Ok(match number == self.incident.number() {
            true => self.want(now, command, None),
            false => self.queue(now, Recorded::There(number, command).wanted()),
        })
    }

    /// Nobody has to know any more what became of asking for an end, or for a later one: it was moved since, or there is nothing left to end.
    pub(super) fn is_moot(&self, asked: &Intent) -> bool {
        let Some(ended) = asked.what.reverts.filter(|_| asked.what.act.is_of_an_end()) else { return false };
        let acts = self.acts();
        let later = acts.all().iter().skip_while(|act| act.id != asked.id);
        let is_moved = |act: &Intent| act.what.act == Act::Extend && act.what.reverts == Some(ended) && act.is_done();
        later.into_iter().any(is_moved) || !acts.to_undo().any(|act| act.id == ended)
    }

    /// An end that was moved is one that has not been tried yet, whatever became of the one before.
    pub(super) fn ends_later(&mut self, now: Time, entry: &Entry) {
        let act = match &entry.fact {
            Fact::EndMoved(moved) => Some(moved.act),
            Fact::Settled(settled) => self
                .incident
                .intents()
                .find(settled.intent)
                .and_then(|act| act.what.reverts.filter(|_| act.what.act == Act::Extend)),
            _ => None,
        };
        let Some(act) = act.and_then(|act| self.incident.intents().find(act)) else { return };
        if act.until().is_some_and(|until| until > now) {
            self.ended.forget(act.id);
        }
    }

    /// The end of this act has come, people are asked about it, and something can be chosen.
    pub(super) fn is_asked_to_end(&self, act: EntryId, now: Time) -> bool {
        let target = self.acts().find(act).map(|act| &act.what.target);
        let can_choose =
            self.switches.iter().any(|desk| Some(&desk.name) == target) && self.incident.opened().is_some();
        can_choose && self.afters(now).iter().any(|(id, after, _)| *id == act && *after == After::Over)
    }
}

//! The incidents there are: a list to choose from, going to another one, a new one, and a duplicate that goes on as another.
//!
//! It must not know how a stream is read: it asks for it, and goes there when its end has come.

use super::action::Action;
use super::key::{Code, Key};
use super::keymap::When;
use super::log::Log;
use super::msg::Effect;
use super::prompt::{Kind, Prompt};
use super::{App, Cursor, Layer};
use crate::incident::Incident;
use crate::incident::command::Command;
use crate::incident::entry::{Entry, EntryId, Number};
use crate::incident::intent::Intents;
use crate::incident::time::{Span, Time};

/// An incident declared within this time is news to whoever commands another one.
const NEWS: Span = Span::minutes(5);

/// The list, and which of them is chosen: by number, so that nothing moves under the cursor when another is declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picker {
    /// The chosen one; none when there is none.
    pub chosen: Option<Number>,
}

impl App {
    /// Every incident there is, those that are open first and the worst of them at the top, then the others, the newest first. The one on
    /// the screen stands there as it is known here.
    pub fn incidents(&self) -> Vec<&Incident> {
        let own = Some(&self.incident).filter(|incident| incident.opened().is_some());
        let others = self.known.iter().filter(|incident| incident.number() != self.incident.number());
        // while it is read, what the list knows of it is more than what was read
        let own = match (own, self.reading()) {
            (Some(own), None) => Some(own),
            (own, _) => self.known.iter().find(|incident| incident.number() == self.incident.number()).or(own),
        };
        let mut all: Vec<&Incident> = others.chain(own).collect();
        let age = |incident: &Incident| incident.opened().map_or(Time(0), |opened| opened.at);
        all.sort_by_key(|incident| match incident.is_open() {
            true => (0, incident.severity() as i64, age(incident).0, i64::from(incident.number())),
            false => (1, 0, 0, -i64::from(incident.number())),
        });
        all
    }

    /// `i`: the list; where there is nothing to choose from, a declaration.
    pub(super) fn list(&mut self, now: Time) -> Vec<Effect> {
        if self.reading().is_none() && self.incidents().is_empty() {
            self.declares(now);
            return Vec::new();
        }
        self.pick();
        vec![Effect::List]
    }

    /// Asks for a new incident.
    pub(super) fn declares(&mut self, now: Time) {
        let beside = self.incident.opened().map(|_| self.incident.number());
        self.open(now, Kind::Declare(beside));
    }

    /// What stands against a declaration: somebody else declared while it was being written, which may be the same. Said once.
    pub(super) fn refuses_declaration(&self, prompt: &mut Prompt) -> Option<String> {
        let Kind::Declare(beside) = prompt.kind else { return None };
        let opened = self.incident.opened()?;
        let own = self.incident.number();
        if beside == Some(own) {
            return None;
        }
        prompt.kind = Kind::Declare(Some(own));
        let (by, title) = (&opened.by, self.incident.title());
        Some(format!("{by} declared incident {own} meanwhile: {title}. Esc goes to it; Enter declares another one."))
    }

    /// Shows the list. The first open one that is not on the screen is chosen: whoever asks wants to go somewhere.
    pub fn pick(&mut self) {
        let all = self.incidents();
        let elsewhere = all.iter().find(|incident| incident.is_open() && incident.number() != self.incident.number());
        let chosen = elsewhere.or(all.first()).map(|incident| incident.number());
        self.layer = Layer::Incidents(Picker { chosen });
    }

    /// A key while the list is open.
    pub(super) fn picked(&mut self, now: Time, key: Key, picker: Picker) -> Vec<Effect> {
        self.layer = Layer::Incidents(picker);
        if App::is_escape(key.code) {
            self.opening = None;
            self.close_layer(now);
            return Vec::new();
        }
        let all = self.incidents();
        let place = all.iter().position(|incident| Some(incident.number()) == picker.chosen).unwrap_or(0);
        let page = usize::from(self.spots.page.max(1));
        let action = self.keymap.action(When::Incidents, key);
        let to = match action {
            Some(Action::Declare) => {
                self.opening = None;
                self.declares(now);
                return Vec::new();
            }
            Some(Action::Fold) => {
                self.opening = None;
                return self.fold(now, picker.chosen);
            }
            _ if key.code == Code::Enter => {
                return picker.chosen.map(|number| self.go(now, number)).unwrap_or_default();
            }
            _ => action.and_then(|action| action.leads(place, page)),
        };
        let Some(to) = to else { return Vec::new() };
        let chosen = all.get(to.min(all.len().saturating_sub(1))).map(|incident| incident.number());
        self.layer = Layer::Incidents(Picker { chosen });
        Vec::new()
    }

    /// The list came from the journal.
    pub(super) fn listed(&mut self, now: Time, incidents: Vec<Incident>) -> Vec<Effect> {
        let known = |number| self.incident.number() == number || self.known.iter().any(|old| old.number() == number);
        let is_new = |incident: &&Incident| {
            incident.is_open() && incident.opened().is_some_and(|o| now.since(o.at) < NEWS) && !known(incident.number())
        };
        let news = incidents.iter().rfind(is_new).map(|incident| {
            let by = incident.opened().map_or("", |opened| opened.by.as_str());
            let title = if incident.is_restricted() { String::new() } else { format!(": {}", incident.title()) };
            let (number, severity) = (incident.number(), incident.severity());
            format!("{by} declared incident {number}, {severity}{title}. i shows it.")
        });
        self.known = incidents;
        self.gather();
        let effects = self.follow_others();
        if let Some(words) = news {
            self.say(now, words, false);
        }
        effects
    }

    /// What every other stream says was done with switches: what is stopped, and whose it was, goes by the switch and not by the incident.
    pub fn gather(&mut self) {
        self.rules.elsewhere = self.elsewhere_of(self.incident.number());
        self.join_acts();
    }

    /// Acts of this stream were written or ended: puts them together with those of the others, once for all frames and rules that ask.
    pub(super) fn join_acts(&mut self) {
        self.together = match self.rules.elsewhere.is_empty() {
            true => None,
            false => Some(self.incident.acts(&self.rules.elsewhere).into_owned()),
        };
    }

    /// Every act on a switch that the journal knows, whichever stream it stands in.
    pub fn acts(&self) -> &Intents {
        self.together.as_ref().unwrap_or(self.incident.intents())
    }

    /// The incident in which something was done that was not done in the one on the screen; none for one of this, or of none.
    pub fn done_in(&self, act: EntryId) -> Option<Number> {
        let others = self.known.iter().filter(|incident| incident.number() != self.incident.number());
        others.into_iter().find(|incident| incident.intents().find(act).is_some()).map(Incident::number)
    }

    /// Goes to an incident: asks for the end of its stream.
    fn go(&mut self, now: Time, number: Number) -> Vec<Effect> {
        if number == self.incident.number() && self.opening.is_none() {
            self.close_layer(now);
            return Vec::new();
        }
        if self.stays(now) {
            return Vec::new();
        }
        self.opening = Some(number);
        vec![Effect::Open(number)]
    }

    /// What was begun here must come to its end here first; says so.
    fn stays(&mut self, now: Time) -> bool {
        let Some(what) = self.unfinished_here() else { return false };
        let number = self.incident.number();
        self.say(now, format!("Incident {number} is not left yet: {what}. Try again in a moment."), true);
        true
    }

    /// The last screenful of a stream has come.
    pub(super) fn glimpsed(&mut self, now: Time, number: Number, entries: Vec<Entry>, total: u64) -> Vec<Effect> {
        if self.opening != Some(number) {
            if number == self.incident.number() && self.incident.head() < total {
                self.glimpse = Some((entries, total));
            }
            return Vec::new();
        }
        self.opening = None;
        if self.stays(now) || entries.is_empty() {
            return Vec::new();
        }
        let mut effects = self.enter(now, number);
        self.joins = true;
        self.close_layer(now);
        // what fits into a screenful is all there is
        if entries.first().is_some_and(|entry| entry.seq == 1) {
            effects.extend(self.entries(now, number, entries, false));
        } else {
            self.glimpse = Some((entries, total));
        }
        effects.push(Effect::Read { number, after: self.incident.head() });
        effects.extend(self.ask(now));
        effects
    }

    /// The screen is another stream's from now on; who is at the keyboard and what is watched outside stays.
    fn enter(&mut self, now: Time, number: Number) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.incident, Incident::new(number));
        // it is read from its beginning now, for its lines
        self.others.remove(&number);
        let from = before.number();
        // the list goes on knowing it
        if before.opened().is_some() {
            self.known.retain(|incident| incident.number() != from);
            self.known.push(before);
        }
        self.gather();
        self.log = Log::default();
        self.glimpse = None;
        self.priority = None;
        self.timeline = Cursor::default();
        self.notice = None;
        self.trouble = None;
        self.joins = false;
        self.exported = None;
        (self.rung, self.rang) = (Default::default(), None);
        self.slos.iter_mut().for_each(|slo| slo.feed.refresh());
        self.forget_changes();
        self.spots.timeline = None;
        // what was chosen there is not armed here, nor sent from here
        if matches!(self.layer, Layer::Confirm(_) | Layer::Deeds(_)) {
            self.layer = Layer::None;
        }
        if let Some(act) = self.drop_arming() {
            let (deed, target) = (act.deed(), act.target);
            let words = format!(
                "Incident {from} was left while {deed} {target} was planned. Nothing was sent. Choose it again where it belongs."
            );
            self.say(now, words, true);
        }
        vec![Effect::Leave(from)]
    }

    /// The stream of an incident that is going to be declared; where one is on the screen already, the next that is free.
    pub(super) fn make_room(&mut self, now: Time) -> Option<Vec<Effect>> {
        if self.incident.opened().is_none() && self.reading().is_none() {
            return Some(Vec::new());
        }
        if self.stays(now) {
            return None;
        }
        let last = self.known.iter().map(Incident::number).chain([self.incident.number()]).max();
        let number = last.unwrap_or(0).saturating_add(1);
        let mut effects = self.enter(now, number);
        effects.push(Effect::Read { number, after: 0 });
        Some(effects)
    }

    /// Once an incident is read to its end: whoever went there is in it.
    pub(super) fn join(&mut self, now: Time) -> Vec<Effect> {
        if !std::mem::take(&mut self.joins) {
            return Vec::new();
        }
        let is_here = self.incident.people().contains_key(self.person.name.as_ref());
        if is_here || !self.incident.is_open() { Vec::new() } else { self.want(now, Command::Join, None) }
    }

    /// Asks whether the incident on the screen goes on as another one.
    pub(super) fn fold(&mut self, now: Time, into: Option<Number>) -> Vec<Effect> {
        let own = self.incident.number();
        let target = self.known.iter().find(|incident| Some(incident.number()) == into && incident.is_open());
        match target.map(Incident::number).filter(|into| *into != own) {
            _ if !self.incident.is_open() || self.reading().is_some() => {
                self.say(
                    now,
                    "No open incident is on the screen. Nothing was folded. Go to the duplicate first.",
                    true,
                );
            }
            Some(into) => self.open(now, Kind::Fold(into)),
            None => {
                let words = format!("Nothing was folded. Choose the open incident that goes on instead of {own}.");
                self.say(now, words, true);
            }
        }
        Vec::new()
    }

    /// What stands against folding: nobody does it by one key.
    pub(super) fn refuses_fold(&self, prompt: &Prompt) -> Option<String> {
        let Kind::Fold(into) = prompt.kind else { return None };
        let own = self.incident.number();
        let goes_on = self.known.iter().any(|incident| incident.number() == into && incident.is_open());
        match (prompt.text(0) == own.to_string(), goes_on) {
            (_, false) => Some(format!("Incident {into} is not open any more. Choose one that goes on.")),
            (false, true) => Some(format!("Type {own} to fold it into {into}; Esc leaves everything as it is.")),
            (true, true) => None,
        }
    }

    /// An incident was folded: the screen goes on with the one that goes on.
    pub(super) fn follow_fold(&mut self, now: Time, into: Number) -> Vec<Effect> {
        self.go(now, into)
    }
}

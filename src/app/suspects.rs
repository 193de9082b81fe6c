//! "What changed?": everything that is known to have changed around the beginning, what most likely did this first; one of it chosen, its details
//! one key further, its place in the record another one.
//!
//! Nothing here writes but what somebody asks for. It must not know how a source is read, nor how any of it is drawn.

use super::action::Action;
use super::key::{Code, Key};
use super::keymap::When;
use super::msg::Effect;
use super::{App, Layer, Panel};
use crate::incident::change::suspect::{Beginning, LOOK_BACK, Side};
use crate::incident::change::{Changed, MOST, Reported};
use crate::incident::command::Command;
use crate::incident::entry::{Entry, EntryId, Number};
use crate::incident::fact::Fact;
use crate::incident::intent::{Intended, Intent, Outcome};
use crate::incident::time::{Span, Time};
use crate::incident::timeline::Weight;

/// Where the list stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangePicker {
    /// The chosen change; none is the first.
    pub chosen: Option<Which>,
    /// How many lines it is scrolled on from where the last row is seen: below the changes it is said who was asked.
    pub top: u16,
    /// Its details are shown, scrolled by so many lines.
    pub details: Option<u16>,
}

/// A change by what it is, so that nothing moves under the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The record has it, or it is an act of ours.
    Entry(EntryId),
    /// A source reports it, or it is known from before the incident, and the record does not have it.
    Told(Box<Reported>),
    /// We did it in another incident, or with none open.
    Elsewhere(Box<Reported>),
}

/// A change as a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Which it is.
    pub which: Which,
    /// When it happened.
    pub at: Time,
    /// That is not known exactly.
    pub about: bool,
    /// On which side of the beginning it stands.
    pub side: Side,
    /// What changed, from what to what.
    pub words: String,
    /// Who did it; empty when nobody knows.
    pub who: String,
    /// How we know.
    pub aside: String,
    /// How much it matters at a glance.
    pub weight: Weight,
}

/// The changes there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspects {
    /// The rows: before the beginning, the nearest first; then what came since, in its order.
    pub rows: Vec<Suspect>,
    /// How many more each source told, too far from the beginning to be shown; by its place.
    pub left: Vec<usize>,
}

impl Suspects {
    /// The place of the row that is chosen.
    #[must_use]
    pub fn place(&self, picker: &ChangePicker) -> usize {
        self.rows.iter().position(|row| Some(&row.which) == picker.chosen.as_ref()).unwrap_or(0)
    }
}

impl App {
    /// What changed: as the record has it, what we did to what is served, and what sources told that the record did not take.
    #[must_use]
    pub fn suspects(&self, now: Time) -> Suspects {
        let began = self.beginning(now);
        let written = self.log.changes().map(|entry| self.of_record(entry, &began));
        let acts = self.incident.intents().all().iter().filter(|act| alters(act));
        let acts = acts.filter_map(|act| self.log.get(act.id)).map(|entry| self.of_record(entry, &began));
        let mut rows: Vec<Suspect> = written.chain(acts).collect();
        let is_near = |at: Time| at >= began.at.minus(LOOK_BACK) && at <= now;
        let alone: Vec<Reported> = self.standing.alone().all().filter(|one| is_near(one.at)).cloned().collect();
        rows.extend(self.incident.unwritten(&alone, &self.rules).map(|one| of_source(one, &began)));
        let elsewhere = self.rules.elsewhere.all().iter().filter(|act| alters(act) && is_near(act.at));
        rows.extend(elsewhere.map(|act| of_elsewhere(act, self.done_in(act.id), &began)));
        let mut left = Vec::new();
        for desk in &self.changes {
            let told = desk.feed.last.as_ref().map(|(_, told)| told);
            let reports = told.map(|told| told.changes.as_slice()).unwrap_or_default();
            let mut unwritten: Vec<&Reported> = self.incident.unwritten(reports, &self.rules).collect();
            unwritten.retain(|one| one.at <= now);
            let all = unwritten.len();
            let order = |one: &&Reported| began.order(one.at, one.within > Span(0));
            unwritten.sort_by_key(order);
            let first_since = unwritten.partition_point(|one| order(one).0 == Side::Before);
            let since = unwritten.split_off(first_since);
            let shown = unwritten.into_iter().take(MOST).chain(since.into_iter().take(MOST));
            let before = rows.len();
            rows.extend(shown.map(|one| of_source(one, &began)));
            left.push(all - (rows.len() - before) + told.map_or(0, |told| told.more));
        }
        rows.sort_by_key(|row| began.order(row.at, row.about));
        Suspects { rows, left }
    }

    fn of_record(&self, entry: &Entry, began: &Beginning) -> Suspect {
        let line = self.incident.line(entry);
        let at = self.incident.happened(entry);
        let about = entry.when.as_ref().is_some_and(|when| when.about);
        let words =
            if matches!(entry.fact, Fact::Changed(_)) { line.text } else { format!("{} {}", line.label, line.text) };
        Suspect {
            which: Which::Entry(entry.id),
            at,
            about,
            side: began.side(at, about),
            words,
            who: line.who,
            aside: line.aside,
            weight: line.weight,
        }
    }

    /// Shows what changed, and asks those whose answer is old.
    pub(super) fn look_at_changes(&mut self, now: Time) -> Vec<Effect> {
        self.layer = Layer::Changes(ChangePicker::default());
        self.ask_changes_again(now)
    }

    /// A key while it is shown.
    pub(super) fn changes_key(&mut self, now: Time, key: Key, mut picker: ChangePicker) -> Vec<Effect> {
        if let Some(top) = picker.details {
            return self.change_key(now, key, picker, top);
        }
        let suspects = self.suspects(now);
        let place = suspects.place(&picker);
        let page = usize::from(self.spots.page.max(4));
        let action = self.keymap.action(When::Changes, key);
        let top = if place + 1 >= suspects.rows.len() { picker.top } else { 0 };
        if let Some(to) = action.and_then(|action| self.scrolls_to(action, top, place + 1 >= suspects.rows.len())) {
            picker.top = to;
            self.layer = Layer::Changes(picker);
            return Vec::new();
        }
        let to = match (action, action.and_then(|action| action.leads(place, page))) {
            _ if App::is_escape(key.code) => {
                self.layer = Layer::Changes(picker);
                self.close_layer(now);
                return Vec::new();
            }
            _ if key.code == Code::Enter => {
                if let Some(row) = suspects.rows.into_iter().nth(place) {
                    picker = ChangePicker { chosen: Some(row.which), details: Some(0), ..picker };
                }
                self.layer = Layer::Changes(picker);
                return Vec::new();
            }
            (_, Some(to)) => to,
            // asked again, as when it was opened
            (Some(Action::Changes), _) => return self.look_at_changes(now),
            // letters are global, and about what is chosen here
            (Some(action), _) => {
                self.layer = Layer::None;
                self.choose_change(suspects.rows.into_iter().nth(place).map(|row| row.which), action);
                return self.act(now, action);
            }
            (None, _) => place,
        };
        let to = to.min(suspects.rows.len().saturating_sub(1));
        if to != place {
            picker.top = 0;
        }
        picker.chosen = suspects.rows.into_iter().nth(to).map(|row| row.which);
        self.layer = Layer::Changes(picker);
        Vec::new()
    }

    /// Where the list is scrolled to by what would choose another row, where there is none: on from the last row, and back to it.
    fn scrolls_to(&self, action: Action, top: u16, is_last: bool) -> Option<u16> {
        let (more, page) = (self.spots.below, self.spots.page.max(4));
        match action {
            Action::MoveDown if is_last => Some(top + more.min(1)),
            Action::PageDown if is_last => Some(top + more.min(page)),
            Action::Bottom if is_last => Some(top + more),
            Action::MoveUp if top > 0 => Some(top - 1),
            Action::PageUp if top > 0 => Some(top.saturating_sub(page)),
            _ => None,
        }
    }

    /// A key while the details of the chosen one are shown.
    fn change_key(&mut self, now: Time, key: Key, mut picker: ChangePicker, top: u16) -> Vec<Effect> {
        let more = self.spots.below;
        let page = self.spots.page.max(4);
        let top = match self.keymap.action(When::Changes, key) {
            _ if App::is_escape(key.code) => None,
            _ if key.code == Code::Enter => {
                return match picker.chosen {
                    Some(Which::Entry(id)) => {
                        self.layer = Layer::Changes(ChangePicker::default());
                        self.close_layer(now);
                        self.show_in_record(id);
                        Vec::new()
                    }
                    Some(Which::Told(one)) => self.takes_change(now, *one),
                    Some(Which::Elsewhere(one)) => {
                        let stands = one.change.source.unwrap_or_default();
                        self.say(now, format!("It stands in the record of {stands}, and only there."), false);
                        Vec::new()
                    }
                    None => Vec::new(),
                };
            }
            Some(Action::MoveDown) => Some(top + more.min(1)),
            Some(Action::MoveUp) => Some(top.saturating_sub(1)),
            Some(Action::PageDown) => Some(top + more.min(page)),
            Some(Action::PageUp) => Some(top.saturating_sub(page)),
            Some(Action::Top) => Some(0),
            Some(Action::Bottom) => Some(top + more),
            Some(action) => {
                self.layer = Layer::None;
                self.choose_change(picker.chosen, action);
                return self.act(now, action);
            }
            None => Some(top),
        };
        picker.details = top;
        self.layer = Layer::Changes(picker);
        Vec::new()
    }

    /// An action is about the chosen change: it is what is corrected and marked, and its switch is the one that is acted on.
    fn choose_change(&mut self, which: Option<Which>, action: Action) {
        match (action, &which) {
            (Action::Correct | Action::Mark, Some(Which::Entry(id))) => self.show_in_record(*id),
            (Action::Switch, Some(which)) => self.switch = self.switch_of(which).or(self.switch.take()),
            _ => {}
        }
    }

    /// The switch that something in the list is about, if it is of one.
    fn switch_of(&self, which: &Which) -> Option<String> {
        let of = |change: &Changed| {
            let desk = self.switches.iter().find(|desk| change.is_of(&desk.name, &self.rules.audits));
            desk.map(|desk| desk.name.clone())
        };
        match which {
            Which::Told(one) | Which::Elsewhere(one) => of(&one.change),
            Which::Entry(id) => match self.log.get(*id).map(|entry| &entry.fact) {
                Some(Fact::Changed(change)) => of(change),
                Some(Fact::Intended(act)) => {
                    self.switches.iter().find(|desk| desk.name == act.target).map(|desk| desk.name.clone())
                }
                _ => None,
            },
        }
    }

    /// Goes to an entry in the timeline.
    fn show_in_record(&mut self, id: EntryId) {
        if self.log.row_of(id).is_none() {
            let incident = std::mem::take(&mut self.incident);
            self.log.look_for(&incident, "");
            self.incident = incident;
        }
        (self.focus, self.timeline.selected) = (Panel::Timeline, Some(self.log.teller(id)));
    }

    /// Writes down a change that a source told and the incident did not take: because somebody here says that it belongs to it.
    fn takes_change(&mut self, now: Time, one: Reported) -> Vec<Effect> {
        self.layer = Layer::Changes(ChangePicker {
            chosen: Some(Which::Told(Box::new(one.clone()))),
            ..ChangePicker::default()
        });
        if self.incident.opened().is_none() {
            self.say(now, "No incident is declared. Nothing was recorded. Press i to declare one.", true);
            return Vec::new();
        }
        self.want(now, Command::TakeChange(Box::new(one)), None)
    }
}

/// It changes what is served, as far as anybody knows.
fn alters(act: &Intent) -> bool {
    act.what.serves() && act.end.as_ref().is_none_or(|end| end.outcome != Outcome::Refused)
}

/// What we did elsewhere, as it would be reported.
fn of_elsewhere(act: &Intent, done_in: Option<Number>, began: &Beginning) -> Suspect {
    let Intended { target, whom, from, to, .. } = &act.what;
    let whom = whom.as_ref().map(|whom| format!(" for {}", whom)).unwrap_or_default();
    let stands =
        done_in.map_or_else(|| "what was done with no incident open".into(), |number| format!("incident {number}"));
    let change = Changed {
        what: act.what.act.word().into(),
        subject: format!("{target}{whom}"),
        from: from.clone(),
        to: to.clone(),
        by: Some(act.by.to_string()),
        source: Some(stands),
    };
    let one = Reported { at: act.at, change, until: None, within: Span(0) };
    let aside = done_in.map_or_else(|| "with none open".into(), |number| format!("in incident {number}"));
    Suspect { which: Which::Elsewhere(Box::new(one.clone())), aside, ..of_source(&one, began) }
}

fn of_source(one: &Reported, began: &Beginning) -> Suspect {
    let about = one.within > Span(0);
    let source = one.change.source.as_deref().unwrap_or_default();
    Suspect {
        which: Which::Told(Box::new(one.clone())),
        at: one.at,
        about,
        side: began.side(one.at, about),
        words: one.change.words(),
        who: one.change.by.clone().unwrap_or_default(),
        aside: format!("from {source}, not in the record"),
        weight: Weight::Plain,
    }
}

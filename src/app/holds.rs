//! Holds of releases on the screen: freezing, lifting, passing, and what follows when any of it comes back from the journal. It must not know
//! how it is drawn.

use super::action::Action;
use super::key::{Code, Key};
use super::keymap::When;
use super::msg::Effect;
use super::probes::Place;
use super::prompt::Kind;
use super::{App, Layer, Panel};
use crate::incident::command::Command;
use crate::incident::entry::{EntryId, Number};
use crate::incident::hold::{Hold, Pass};
use crate::incident::lifting::{self, AskedLift};
use crate::incident::second::Two;
use crate::incident::standing::Wish;
use crate::incident::time::{Span, Time};
use crate::incident::waiting::WAITS;

/// How often what stands is written down anew for those who cannot read the journal: well within the ten minutes after which they take it
/// for stale.
const AGAIN: Span = Span::minutes(2);

/// Where releases are held, as configured, and whether others are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateDesk {
    /// What is frozen unless somebody says otherwise.
    pub scope: String,
    /// Which lifts need a second person.
    pub two: Two,
    /// What stands is written down for others.
    pub writes: bool,
    /// When it is written down next.
    pub next: Time,
}

impl Default for GateDesk {
    fn default() -> GateDesk {
        GateDesk { scope: "prod".into(), two: Two::Never, writes: false, next: Time(i64::MIN) }
    }
}

/// Which hold or pass is chosen: by entry, so that nothing moves under the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HoldPicker {
    /// The chosen one.
    pub chosen: Option<EntryId>,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// A hold.
    Hold(&'a Hold),
    /// A pass.
    Pass(&'a Pass),
}

impl Standing<'_> {
    /// Its entry.
    pub fn id(&self) -> EntryId {
        match self {
            Standing::Hold(hold) => hold.id,
            Standing::Pass(pass) => pass.id,
        }
    }
}

impl App {
    /// What stands: the holds, then the passes, each in their order.
    pub fn standing_holds(&self, now: Time) -> Vec<Standing<'_>> {
        let holds = self.standing.holds();
        holds.standing(now).map(Standing::Hold).chain(holds.passing(now).map(Standing::Pass)).collect()
    }

    /// The incident in whose stream something done about releases is told: the open one on the screen.
    pub(super) fn freezing_for(&self) -> Option<Number> {
        let is_known = self.reading().is_none() && self.incident.opened().is_some();
        (is_known && self.incident.is_open()).then(|| self.incident.number())
    }

    /// `f`: a freeze; where something is frozen, the list of what stands, at what waits for a second person.
    pub(super) fn freeze(&mut self, now: Time) -> Vec<Effect> {
        let newest = self.standing.holds().standing(now).next_back().map(|hold| hold.id);
        let lifts = self.standing.lifts();
        let meant = self.priority.filter(|_| self.focus == Panel::Priorities).and_then(|id| lifts.find(id));
        let asked = meant.or(lifts.open(now).last()).map(|asked| asked.what.hold);
        match asked.filter(|id| self.standing.holds().find(*id).is_some_and(|hold| hold.stands(now))).or(newest) {
            None => self.places_hold(now),
            chosen => self.layer = Layer::Holds(HoldPicker { chosen }),
        }
        Vec::new()
    }

    /// Shows the list at one hold.
    pub(super) fn look_at_hold(&mut self, hold: EntryId) -> Vec<Effect> {
        self.layer = Layer::Holds(HoldPicker { chosen: Some(hold) });
        Vec::new()
    }

    /// Lifting this hold only asks: somebody else has to agree.
    #[must_use]
    pub fn lift_asks(&self, hold: &Hold) -> bool {
        lifting::needs_second(self.gate.two, hold, &self.person.name)
    }

    /// What waits for a second person about a hold: what somebody else asked for first, because that can be agreed to.
    #[must_use]
    pub fn lift_asked(&self, hold: EntryId, now: Time) -> Option<&AskedLift> {
        let (lifts, me) = (self.standing.lifts(), self.person.name.as_ref());
        let theirs = lifts.for_me(&hold, me, self.session, now).or_else(|| lifts.of_mine(&hold, me, now));
        theirs.or_else(|| lifts.open(now).filter(|asked| asked.what.hold == hold).last())
    }

    /// What Enter asks for on a hold.
    fn lifting(&self, hold: &Hold, now: Time) -> Kind {
        match self.lift_asked(hold.id, now) {
            Some(asked) if asked.by == *self.person.name => Kind::WithdrawLift(asked.id),
            Some(asked) => Kind::ConfirmLift { hold: hold.id, asked: asked.id },
            None => Kind::Lift(hold.id),
        }
    }

    /// Asks for a hold; what the budget proposes is filled in.
    pub(super) fn places_hold(&mut self, now: Time) {
        self.open(now, Kind::Freeze);
    }

    /// A key while the list is open.
    pub(super) fn held_key(&mut self, now: Time, key: Key, picker: HoldPicker) -> Vec<Effect> {
        self.layer = Layer::Holds(picker);
        if App::is_escape(key.code) {
            self.close_layer(now);
            return Vec::new();
        }
        let all = self.standing_holds(now);
        let place = all.iter().position(|row| Some(row.id()) == picker.chosen).unwrap_or(0);
        let page = usize::from(self.spots.page.max(1));
        let action = self.keymap.action(When::Holds, key);
        let to = match action {
            Some(Action::Freeze) => {
                self.places_hold(now);
                return Vec::new();
            }
            Some(Action::Pass) => {
                self.open(now, Kind::Pass);
                return Vec::new();
            }
            _ if key.code == Code::Enter => {
                let kind = all.get(place).map(|row| match row {
                    Standing::Hold(hold) => self.lifting(hold, now),
                    Standing::Pass(pass) => Kind::Withdraw(pass.id),
                });
                let Some(kind) = kind else { return Vec::new() };
                self.open(now, kind);
                // whoever lets releases go again wants to know what stands against it
                let place = if let Layer::Prompt(prompt) = &self.layer { self.lets_through(prompt) } else { None };
                let asked = place.map(|place| self.ask_probes_of(now, &place));
                self.raise();
                return asked.unwrap_or_default();
            }
            _ => action.and_then(|action| action.leads(place, page)),
        };
        let Some(to) = to else { return Vec::new() };
        let chosen = all.get(to.min(all.len().saturating_sub(1))).map(Standing::id);
        self.layer = Layer::Holds(HoldPicker { chosen });
        Vec::new()
    }

    /// What is missing in a prompt that is to become this wish, in words; the wish as it is to be recorded else.
    ///
    /// # Errors
    /// A rule refuses it.
    pub(super) fn wished(&self, now: Time, wish: Wish) -> Result<Wish, String> {
        let mut wish = wish.during(self.freezing_for());
        if let Wish::Lift(lifting) = &mut wish {
            let hold = self.standing.holds().find(lifting.hold);
            lifting.two = self.gate.two;
            lifting.red = hold.and_then(|hold| self.red(&Place::Scope(hold.what.scope.clone())));
        }
        match self.standing.decide(&wish, &self.stamp(now, None)) {
            Ok(_) => Ok(wish),
            Err(refusal) => Err(refusal.words()),
        }
    }

    /// Says what became of a wish that waits for somebody else, or does not any more.
    pub(super) fn says_what_waits(&mut self, now: Time, wish: &Wish) {
        let words = match wish {
            Wish::Lift(lifting) if lifting.confirms.is_none() => {
                let hold = self.standing.holds().find(lifting.hold);
                let Some(hold) = hold.filter(|hold| hold.stands(now) && self.lift_asks(hold)) else { return };
                let until = now.plus(WAITS).clock_minutes();
                format!(
                    "Asked to lift {}. It stays frozen: somebody else has to agree until {until} UTC.",
                    hold.what.scope
                )
            }
            Wish::WithdrawLift(_) => "It is not asked for any more. Nothing was lifted.".into(),
            _ => return,
        };
        self.say(now, words, false);
    }

    /// Holds or passes have come back from the journal, ours or others': the open incident tells of them, and whoever cannot read the journal is told.
    pub(super) fn holds_changed(&mut self, now: Time) -> Vec<Effect> {
        let mut effects = self.tell_holds(now);
        if let Layer::Holds(picker) = &self.layer
            && !self.standing_holds(now).iter().any(|row| Some(row.id()) == picker.chosen)
        {
            let chosen = self.standing_holds(now).first().map(Standing::id);
            self.layer = Layer::Holds(HoldPicker { chosen });
        }
        effects.extend(self.write_gate(now));
        effects
    }

    /// Tells in the incident's stream what was done about releases while it was open, as far as nobody has: also what another run of the
    /// program left out when it died.
    pub(super) fn tell_holds(&mut self, now: Time) -> Vec<Effect> {
        if self.incident.opened().is_none() || self.reading().is_some() {
            return Vec::new();
        }
        let untold = self.standing.untold(&self.incident);
        let mut effects = Vec::new();
        for (at, told) in untold {
            if !self.desk.tells(told.about) {
                effects.extend(self.want(now, Command::TellHold(told), Some(at)));
            }
        }
        effects
    }

    /// Closing an incident lifts nothing, and whoever closes it may have forgotten what stands.
    pub(super) fn says_what_stands(&mut self, now: Time) {
        let all: Vec<String> = self.standing.holds().standing(now).map(Hold::words).collect();
        if !all.is_empty() {
            let words = format!("Still frozen: {}. Closing lifts nothing; {} does.", all.join("; "), self.freeze_key());
            self.say(now, words, true);
        }
    }

    /// Whoever freezes something may not know of the passes that go through it as well.
    pub(super) fn says_what_passes(&mut self, now: Time, scope: &str) {
        let all: Vec<String> = self.standing.holds().ahead(scope, now).collect();
        if !all.is_empty() {
            self.say(now, format!("Goes through it: {}.", all.join("; ")), true);
        }
    }

    fn freeze_key(&self) -> String {
        let keys = self.keymap.keys(When::Any, Action::Freeze);
        keys.first().map_or_else(|| Action::Freeze.name().to_owned(), ToString::to_string)
    }

    /// Writes down what stands, where others look for it.
    pub(super) fn write_gate(&mut self, now: Time) -> Option<Effect> {
        if !self.gate.writes {
            return None;
        }
        // a rehearsal's clock may run faster than anybody needs to be told
        self.gate.next = now.plus(self.lasting(AGAIN));
        Some(Effect::WriteGate(Box::new(self.standing.gate(now))))
    }

    /// The same, when it was not done for a while: what is old is not believed.
    pub(super) fn keep_gate_fresh(&mut self, now: Time) -> Option<Effect> {
        if now >= self.gate.next { self.write_gate(now) } else { None }
    }
}

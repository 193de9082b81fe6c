//! What comes back from outside: burn, sights, plans and outcomes, and what of it is alarming. A late answer is dropped by its ticket.

use super::feed::Burn;
use super::msg::Effect;
use super::others::Brought;
use super::{App, Layer};
use crate::incident::intent::{Act, Outcome, Settled};
use crate::incident::switch::Sight;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;

/// What becomes of an end that its provider does not take on.
const ENDS_HERE: &str = "It is put back by this screen while it is open; others are reminded.";

impl App {
    pub(super) fn burned(
        &mut self,
        now: Time,
        slo: usize,
        ticket: u64,
        answer: Result<Box<Burn>, Trouble>,
    ) -> Vec<Effect> {
        let Some(desk) = self.slos.get_mut(slo) else { return Vec::new() };
        let told = desk.feed.take(ticket, now, desk.pace, answer.map(|burn| *burn));
        self.open_on_the_worst(now);
        if told { self.alert(now, slo) } else { Vec::new() }
    }

    pub(super) fn looked(
        &mut self,
        now: Time,
        switch: usize,
        ticket: u64,
        answer: Result<Sight, Trouble>,
    ) -> Vec<Effect> {
        let Some(desk) = self.switches.get_mut(switch) else { return Vec::new() };
        let seen = answer.as_ref().ok().cloned();
        let asked = desk.feed.asked.map(|(_, at)| at);
        if !desk.feed.take(ticket, now, desk.pace, answer) {
            return Vec::new();
        }
        let name = desk.name.clone();
        let Some(sight) = seen else { return Vec::new() };
        let mut effects = self.disarm_by_drift(now, &name, asked, &sight);
        // what cannot be compared now is compared with the next look
        if !self.desk.is_idle() || self.reading().is_some() {
            return effects;
        }
        let compared = self.switches.get_mut(switch).map(|desk| &mut desk.compared);
        let before = compared.and_then(|compared| compared.replace(sight.clone()));
        effects.extend(self.sighted(now, &name, asked, before.as_ref(), &sight));
        effects
    }

    /// A confirmation is bound to the state that was seen: another one disarms it, and it is planned anew on that.
    fn disarm_by_drift(&mut self, now: Time, name: &str, asked: Option<Time>, sight: &Sight) -> Vec<Effect> {
        let Layer::Confirm(confirm) = &mut self.layer else { return Vec::new() };
        let (since, was_off) = (confirm.since, confirm.off.is_some());
        let Some(one) = confirm.armed.iter_mut().find(|one| one.draft.target == name) else { return Vec::new() };
        let (value, version) = (sight.value.as_str(), sight.version.as_deref());
        if one.adopts {
            // one that was asked for before it was planned says nothing about it
            if asked.is_some_and(|asked| asked >= since) {
                (one.seen, one.version, one.adopts) = (Some(value.into()), version.map(str::to_owned), false);
            }
            return Vec::new();
        }
        let is_seen = one.seen.as_deref() == Some(value) || one.plan.from == value;
        let words = if !is_seen {
            format!("{name} serves {value} now, not {}: somebody changed it.", one.plan.from)
        } else if one.version.as_deref().zip(version).is_some_and(|(then, now)| then != now) {
            format!("{name} is not as it was when this was planned: somebody changed it.")
        } else {
            return Vec::new();
        };
        confirm.disarm(words);
        // whoever has left it or does not look is not asked anew
        if was_off { Vec::new() } else { self.look_again(now, true) }
    }

    pub(super) fn carried(&mut self, now: Time, settled: Settled) -> Vec<Effect> {
        let (intent, outcome) = (settled.intent, settled.outcome);
        if self.marked(&settled) {
            return self.settle_markers(now);
        }
        self.ends(intent);
        let number = self.stream_of(intent);
        let mut anew = Vec::new();
        if let Some(what) = self.act_of(&settled) {
            let (deed, target) = (what.deed(), what.target.clone());
            for desk in self.switches.iter_mut().filter(|s| s.name == target) {
                desk.feed.refresh();
            }
            match outcome {
                Outcome::Done if what.act == Act::Extend => {
                    let until = what.until.map(|until| until.beside(now)).unwrap_or_default();
                    self.say(now, format!("{target} ends {until} there now"), false);
                }
                Outcome::Refused | Outcome::Unsure if what.act == Act::Extend => {
                    let was = what.was.map(|was| was.beside(now)).unwrap_or_default();
                    let may = if outcome == Outcome::Refused { "still ends" } else { "may still end" };
                    self.say(now, format!("{target} {may} there at {was}: {}", settled.detail), true);
                }
                Outcome::Done if settled.idle => {
                    self.say(now, format!("{deed} {target}: {}{}", settled.detail, self.beside(number)), true);
                }
                Outcome::Done => self.say(now, format!("{deed} {target} done{}", self.beside(number)), false),
                Outcome::Refused if settled.approval => {
                    let detail = &settled.detail;
                    let words = format!("{deed} {target} needs an approval there: {detail} Press x to ask for it.");
                    self.say(now, words, true);
                }
                Outcome::Refused | Outcome::Unsure if what.act == Act::Schedule => {
                    let words = format!("{target} does not end by itself there: {} {ENDS_HERE}", settled.detail);
                    self.say(now, words, true);
                }
                Outcome::Refused | Outcome::Unsure => {
                    anew = self.overtaken(now, &settled, &what);
                    self.say(now, format!("{deed} {target} {}: {}", outcome.word(), settled.detail), true);
                }
            }
        }
        let mut effects = self.want_in(now, number, Brought::Ended(settled));
        effects.extend(self.next_after(intent));
        effects.extend(self.schedule(now, intent, outcome));
        effects.extend(anew);
        effects
    }
}

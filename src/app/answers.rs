//! What comes back from outside: burn, sights, plans and outcomes, and what of it is alarming. A late answer is dropped by its ticket.

use super::confirm::Confirm;
use super::feed::{Burn, Pace};
use super::msg::Effect;
use super::{App, Layer};
use crate::incident::command::Command;
use crate::incident::intent::{Act, Outcome, Seen, Settled};
use crate::incident::switch::{Plan, Sight};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;

/// How long an act may be without an outcome before its effect is looked for.
const ORPHANED: Span = Span::minutes(1);

impl App {
    pub(super) fn burned(
        &mut self,
        now: Time,
        slo: usize,
        ticket: u64,
        answer: Result<Box<Burn>, Trouble>,
    ) -> Vec<Effect> {
        let Some(desk) = self.slos.get_mut(slo) else { return Vec::new() };
        if desk.feed.take(ticket, now, desk.pace, answer.map(|burn| *burn)) { self.alert(now, slo) } else { Vec::new() }
    }

    pub(super) fn looked(
        &mut self,
        now: Time,
        switch: usize,
        ticket: u64,
        answer: Result<Sight, Trouble>,
    ) -> Vec<Effect> {
        let Some(desk) = self.switches.get_mut(switch) else { return Vec::new() };
        let seen = answer.as_ref().ok().map(|sight| sight.value.clone());
        if !desk.feed.take(ticket, now, Pace::NEAR, answer) {
            return Vec::new();
        }
        let name = desk.name.clone();
        let mut effects = Vec::new();
        if let Some(value) = seen {
            self.disarm_by_drift(&name, &value);
            effects.extend(self.sight(now, &name, &value));
        }
        effects
    }

    /// A confirmation is bound to the value that was seen: another value disarms it.
    fn disarm_by_drift(&mut self, name: &str, value: &str) {
        if let Layer::Confirm(confirm) = &mut self.layer
            && confirm.target == name
            && confirm.plan.from != value
        {
            confirm.disarm(format!("{name} serves {value} now, not {}: somebody changed it.", confirm.plan.from));
        }
    }

    /// The effect of an act that nobody is sure about is looked for, once, and what is seen is recorded. It is never sent again.
    fn sight(&mut self, now: Time, name: &str, value: &str) -> Vec<Effect> {
        if !self.desk.is_idle() || self.reading().is_some() {
            return Vec::new();
        }
        let unsure = self.incident.intents().all().iter().find(|i| {
            // of another run that may be gone, or of ours when the journal could not take the outcome
            let lost = i.end.is_none() && now.since(i.at) > ORPHANED;
            i.what.target == name && i.what.act != Act::Publish && i.seen.is_none() && (i.is_unsure() || lost)
        });
        let Some(intent) = unsure else { return Vec::new() };
        let wanted = intent.what.to.as_deref();
        let detail = match wanted {
            Some(to) if to == value => "as was asked".to_string(),
            Some(to) => format!("{to} was asked"),
            None => String::new(),
        };
        let seen = Seen { target: name.into(), value: value.into(), intent: Some(intent.id), detail };
        self.want(now, Command::See(seen), None)
    }

    pub(super) fn planned(&mut self, now: Time, switch: usize, act: Act, answer: Result<Plan, Trouble>) {
        let Some(desk) = self.switches.get(switch) else { return };
        // somebody is writing by now: nothing takes the keyboard from under them
        let again =
            matches!(&self.layer, Layer::Confirm(confirm) if confirm.target == desk.name && confirm.off.is_some());
        if !matches!(self.layer, Layer::None) && !again {
            if !matches!(&self.layer, Layer::Confirm(confirm) if confirm.target == desk.name) {
                let words = format!("{} can be looked at now. Nothing was sent. Press x when you are done.", desk.name);
                self.say(now, words, false);
            }
            return;
        }
        match answer {
            Err(trouble) => self.say(now, trouble.words().to_string(), true),
            Ok(plan) if plan.idle => {
                let words = format!("{} serves {} already. Nothing was sent.", desk.name, plan.to);
                self.close_layer(now);
                self.say(now, words, false);
            }
            Ok(plan) => {
                let exact = format!("{}/{}", desk.environment, desk.name);
                let exact = if desk.environment.is_empty() { desk.name.clone() } else { exact };
                let mut confirm = Confirm::new(desk.name.clone(), exact, act, plan, now);
                confirm.speed_milli = self.drill.as_ref().map_or(1_000, |drill| drill.clock.speed_milli);
                // an undo of an own act within a quarter of an hour needs no typing (the ladder's lowest rung)
                let own = self.incident.intents().last_on(&desk.name).filter(|i| {
                    i.by.as_str() == self.person.name.as_ref() && i.is_done() && now.since(i.at) <= Span::minutes(15)
                });
                confirm.reverts = match act {
                    Act::Revert | Act::Restore => {
                        self.incident.intents().to_undo().find(|i| i.what.target == desk.name).map(|i| i.id)
                    }
                    _ => None,
                };
                confirm.typed_name = desk.critical && !(act == Act::Revert && own.is_some());
                // where no name is asked for, what is typed says why
                confirm.active = usize::from(!confirm.typed_name);
                self.layer = Layer::Confirm(Box::new(confirm));
            }
        }
    }

    pub(super) fn carried(&mut self, now: Time, settled: Settled) -> Vec<Effect> {
        let (intent, outcome) = (settled.intent, settled.outcome);
        if self.marked(&settled) {
            return self.settle_markers(now);
        }
        self.ends(intent);
        let what = self.incident.intents().find(intent).map(|i| (i.what.act, i.what.target.clone()));
        if let Some((act, target)) = what {
            for desk in self.switches.iter_mut().filter(|s| s.name == target) {
                desk.feed.refresh();
            }
            match outcome {
                Outcome::Done => self.say(now, format!("{} {target} done", act.word()), false),
                Outcome::Refused | Outcome::Unsure => {
                    self.say(now, format!("{} {target} {}: {}", act.word(), outcome.word(), settled.detail), true);
                }
            }
        }
        self.want(now, Command::Settle(settled), None)
    }
}

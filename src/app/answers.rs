//! What comes back from outside: burn, sights, plans and outcomes, and what of it is alarming. A late answer is dropped by its ticket.

use super::feed::{Burn, Pace};
use super::msg::Effect;
use super::{App, Layer};
use crate::incident::command::Command;
use crate::incident::intent::{Act, Outcome, Seen, Settled};
use crate::incident::switch::Sight;
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
        let seen = answer.as_ref().ok().map(|sight| (sight.value.clone(), sight.version.clone()));
        if !desk.feed.take(ticket, now, Pace::NEAR, answer) {
            return Vec::new();
        }
        let name = desk.name.clone();
        let mut effects = Vec::new();
        if let Some((value, version)) = seen {
            self.disarm_by_drift(&name, &value, version.as_deref());
            effects.extend(self.sight(now, &name, &value));
        }
        effects
    }

    /// A confirmation is bound to the state that was seen: another one disarms it.
    fn disarm_by_drift(&mut self, name: &str, value: &str, version: Option<&str>) {
        let Layer::Confirm(confirm) = &mut self.layer else { return };
        let Some(one) = confirm.armed.iter().find(|one| one.draft.target == name) else { return };
        let words = if one.plan.from != value {
            format!("{name} serves {value} now, not {}: somebody changed it.", one.plan.from)
        } else if one.version.as_deref().zip(version).is_some_and(|(then, now)| then != now) {
            format!("{name} is not as it was when this was planned: somebody changed it.")
        } else {
            return;
        };
        confirm.disarm(words);
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
                Outcome::Refused if settled.approval => {
                    let words = format!(
                        "{} {target} needs an approval there: {} Press x to ask for it.",
                        act.word(),
                        settled.detail
                    );
                    self.say(now, words, true);
                }
                Outcome::Refused | Outcome::Unsure => {
                    self.say(now, format!("{} {target} {}: {}", act.word(), outcome.word(), settled.detail), true);
                }
            }
        }
        self.want(now, Command::Settle(settled), None)
    }
}

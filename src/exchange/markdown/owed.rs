//! What was owed, in a report: updates with their words, promises kept and broken, check-ins. Nothing here blames anybody.

use super::page::{Page, length};
use super::{Report, escape, or_empty};
use crate::incident::cadence::SlotState;
use crate::incident::fact::Fact;
use crate::incident::intent::{Intent, Outcome};
use crate::incident::promise::{Audience, Promise, PromiseState, Update};
use crate::incident::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

impl Report<'_> {
    pub(super) fn updates(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "Public updates and promises")?;
        if self.incident.promises().updates().is_empty() {
            return page.says("No update was written.");
        }
        let mut updates: Vec<&Update> = self.incident.promises().updates().iter().collect();
        // by when their words were settled; the order of recording decides between equals
        updates.sort_by_key(|u| u.at);
        updates.into_iter().try_for_each(|update| self.update(page, update))
    }

    fn update(&self, page: &mut Page<'_>, update: &Update) -> io::Result<()> {
        let audience = match update.what.audience {
            Audience::Public => "public",
            Audience::Internal => "internal",
        };
        page.heading(3, &format!("{} UTC, {audience}, by {}", self.at(update.at), escape::inline(&update.by)))?;
        page.quote(&update.what.text)?;
        page.item(&format!("text settled {}", self.at(update.at)))?;
        if update.sends.is_empty() {
            page.item("sent on no channel")?;
        }
        for (intent, channel, visible) in &update.sends {
            let state = match visible {
                Some(at) => format!("visible {}, {} after it was settled", self.at(*at), length(at.since(update.at))),
                None => format!("never seen to be visible: {}", self.ending(self.incident.intents().find(*intent))),
            };
            page.item(&format!("{}: {state}", escape::inline(channel)))?;
        }
        page.item(&match update.what.next {
            Some(next) => format!("promised the next one by {}", self.at(next)),
            None => "promised no next one".to_string(),
        })?;
        if let Some(overlay) = self.incident.correction(update.id) {
            let text = overlay.text.as_deref().map(|t| format!(": \u{201c}{}\u{201d}", escape::inline(t)));
            let verb = if overlay.struck { "struck in the record" } else { "corrected in the record" };
            page.item(&format!("{verb}, not where it was published{}", text.unwrap_or_default()))?;
        }
        Ok(())
    }

    /// How an act ended, in words.
    pub(super) fn ending(&self, intent: Option<&Intent>) -> String {
        let Some(end) = intent.and_then(|i| i.end.as_ref()) else { return "no outcome was recorded".into() };
        let detail = match end.detail.as_str() {
            "" => String::new(),
            detail => format!(": {}", escape::inline(detail)),
        };
        let word = match end.outcome {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Unsure => "unsure",
        };
        format!("{word} {}{detail}", self.at(end.at))
    }

    pub(super) fn promises(&self, page: &mut Page<'_>) -> io::Result<()> {
        let promises = self.incident.promises().all();
        if promises.is_empty() {
            return page.says("Nothing was promised.");
        }
        let row = |promise: &Promise| {
            [
                promise.number.to_string(),
                escape::inline(&promise.what.to),
                self.corrected(promise.id, &promise.what.what),
                self.at(promise.made),
                self.at(promise.what.by),
                or_empty(promise.what.owner.as_deref()),
                self.promise_state(promise),
            ]
        };
        let rows: Vec<[String; 7]> = promises.iter().map(row).collect();
        page.heading(3, "Promises")?;
        page.table(["No", "To", "What", "Made (UTC)", "By (UTC)", "Owner", "Outcome"], &rows)
    }

    fn promise_state(&self, promise: &Promise) -> String {
        let by = promise.what.by;
        match self.incident.promises().state(promise, self.now) {
            PromiseState::Open => format!("open, {} left", length(by.since(self.now))),
            PromiseState::Overdue => format!("overdue by {}", length(self.now.since(by))),
            PromiseState::Kept(at) if at == by => format!("kept {}, to the second", self.at(at)),
            PromiseState::Kept(at) => format!("kept {}, {} early", self.at(at), length(by.since(at))),
            PromiseState::Late(at) => format!("kept {}, {} late", self.at(at), length(at.since(by))),
            PromiseState::Broken => "broken: the incident ended without it".into(),
            PromiseState::Withdrawn => {
                let why = self.entries.iter().find_map(|e| match &e.fact {
                    Fact::PromiseWithdrawn(fact) if fact.promise == promise.id => Some((e.at, fact.why.as_str())),
                    _ => None,
                });
                why.map_or_else(
                    || "called off".into(),
                    |(at, why)| format!("called off {}: {}", self.at(at), escape::inline(why)),
                )
            }
        }
    }

    pub(super) fn check_ins(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "Check-ins")?;
        let slots = self.incident.slots(self.options.rules, self.now);
        let owed: BTreeSet<Time> = slots.iter().map(|(slot, _)| *slot).collect();
        let mut told = BTreeMap::new();
        let mut rows: Vec<(Time, [String; 4])> = Vec::new();
        for entry in self.entries {
            match &entry.fact {
                Fact::CheckedIn(fact) => {
                    let cells = (names(&fact.answered), escape::inline(&fact.note));
                    match fact.slot.filter(|slot| owed.contains(slot)) {
                        Some(slot) => {
                            told.insert(slot, (format!("answered {}", self.at(entry.at)), cells.0, cells.1));
                        }
                        None => rows.push((entry.at, [self.at(entry.at), "between slots".into(), cells.0, cells.1])),
                    }
                }
                Fact::CheckInSkipped(fact) => {
                    let skipped = ("left out on purpose".to_string(), String::new(), escape::inline(&fact.why));
                    told.entry(fact.slot).or_insert(skipped);
                }
                _ => {}
            }
        }
        rows.extend(slots.iter().map(|(slot, state)| {
            let word = if *state == SlotState::Overdue { "due" } else { "not recorded" };
            let untold = || (word.to_string(), String::new(), String::new());
            let (state, answered, note) = told.remove(slot).unwrap_or_else(untold);
            (*slot, [self.at(*slot), state, answered, note])
        }));
        rows.sort_by_key(|(at, _)| *at);
        if rows.is_empty() {
            return page.says("No check-in was owed and none was recorded.");
        }
        let count = |state: SlotState| slots.iter().filter(|(_, s)| *s == state).count();
        page.says(&format!(
            "{} answered, {} left out on purpose, {} not recorded. *Not recorded* means that no line was written, not that nobody asked.",
            count(SlotState::Answered),
            count(SlotState::Skipped),
            count(SlotState::NotRecorded)
        ))?;
        let rows: Vec<[String; 4]> = rows.into_iter().map(|(_, row)| row).collect();
        page.table(["Slot (UTC)", "State", "Answered", "Note"], &rows)
    }
}

fn names(people: &[String]) -> String {
    people.iter().map(|p| escape::inline(p)).collect::<Vec<_>>().join(", ")
}

//! Where the response stands, and the milestones by which it is measured.

use super::Incident;
use super::command::Refusal;
use super::entry::{Entry, EntryId};
use super::intent::Intents;
use super::record::Corrected;
use super::sought::HALF;
use super::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where the response stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// We do not know why.
    #[default]
    Investigating,
    /// We know why.
    Identified,
    /// It no longer hurts, as far as we know; the public word is *monitoring*.
    Mitigated,
    /// We say that it is over.
    Resolved,
    /// The record is complete.
    Closed,
}

impl Phase {
    /// All phases in their order.
    pub const ALL: [Phase; 5] =
        [Phase::Investigating, Phase::Identified, Phase::Mitigated, Phase::Resolved, Phase::Closed];
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Investigating => "investigating",
            Phase::Identified => "identified",
            Phase::Mitigated => "mitigated",
            Phase::Resolved => "resolved",
            Phase::Closed => "closed",
        }
    }
    /// The word a status page uses.
    pub fn public_word(self) -> &'static str {
        match self {
            Phase::Mitigated => "monitoring",
            Phase::Closed => "resolved",
            other => other.word(),
        }
    }
    /// Reads a word, or its beginning when that is clear, or *monitoring*.
    pub fn parse(text: &str) -> Option<Phase> {
        let text = text.trim().to_ascii_lowercase();
        if text == "monitoring" {
            return Some(Phase::Mitigated);
        }
        let mut fits = Phase::ALL.into_iter().filter(|p| !text.is_empty() && p.word().starts_with(&text));
        match (fits.next(), fits.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }
}

/// The phase was said anew; its time is when that phase began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseChanged {
    /// What it is now.
    pub phase: Phase,
    /// Why, or what remains.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// The moments by which a response is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Milestone {
    /// Impact began.
    Began,
    /// Somebody or something noticed.
    Detected,
    /// It was called an incident.
    Declared,
    /// We knew why.
    Identified,
    /// It stopped hurting, we said.
    Mitigated,
    /// The indicator was good again.
    Recovered,
    /// We said that it was over.
    Resolved,
}

impl Milestone {
    /// All milestones in the order in which they usually come.
    pub const ALL: [Milestone; 7] = [
        Milestone::Began,
        Milestone::Detected,
        Milestone::Declared,
        Milestone::Identified,
        Milestone::Mitigated,
        Milestone::Recovered,
        Milestone::Resolved,
    ];
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            Milestone::Began => "began",
            Milestone::Detected => "detected",
            Milestone::Declared => "declared",
            Milestone::Identified => "identified",
            Milestone::Mitigated => "mitigated",
            Milestone::Recovered => "recovered",
            Milestone::Resolved => "resolved",
        }
    }
    /// Reads a word.
    pub fn parse(text: &str) -> Option<Milestone> {
        let text = text.trim().to_ascii_lowercase();
        Milestone::ALL.into_iter().find(|m| m.word() == text)
    }
}

/// A milestone has its time: the time of the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilestoneReached {
    /// Which.
    pub milestone: Milestone,
    /// How it is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// In words, what it was that began or ended.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub what: String,
}

/// A moment that was said, and how it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The moment.
    pub at: Time,
    /// It is a guess.
    pub about: bool,
    /// How it is known.
    pub from: String,
    /// The entry whose time this is; none when that entry only named it.
    pub entry: Option<EntryId>,
}

impl Dated {
    fn of(entry: &Entry) -> Dated {
        let about = entry.when.as_ref().is_some_and(|w| w.about);
        Dated { at: entry.at, about, from: String::new(), entry: Some(entry.id) }
    }
}

/// The milestones of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Milestones(BTreeMap<Milestone, Dated>);

impl Milestones {
    /// When one was reached.
    pub fn get(&self, milestone: Milestone) -> Option<&Dated> {
        self.0.get(&milestone)
    }
    /// All that were reached, in their usual order.
    pub fn all(&self) -> impl Iterator<Item = (Milestone, &Dated)> {
        self.0.iter().map(|(m, d)| (*m, d))
    }
    /// How long from one to another; `None` when either is missing or they stand the other way round.
    pub fn between(&self, from: Milestone, to: Milestone) -> Option<Span> {
        let (from, to) = (self.get(from)?, self.get(to)?);
        (to.at >= from.at).then(|| to.at.since(from.at))
    }

    /// Said outright: the newest word holds.
    pub(super) fn reached(&mut self, milestone: Milestone, entry: &Entry, from: &str) {
        self.0.insert(milestone, Dated { from: from.into(), ..Dated::of(entry) });
    }
    /// Said in passing, with a time of its own.
    pub(super) fn said(&mut self, milestone: Milestone, at: Time, about: bool, from: &str) {
        self.0.insert(milestone, Dated { at, about, from: from.into(), entry: None });
    }
    /// Followed from something else: holds unless it was said.
    pub(super) fn follows(&mut self, milestone: Milestone, entry: &Entry) {
        self.0.entry(milestone).or_insert(Dated::of(entry));
    }
    /// The entry whose time it has really happened at another one, or should not have been recorded.
    pub(super) fn corrected(&mut self, fact: &Corrected) {
        if let Some(at) = fact.at {
            for dated in self.0.values_mut().filter(|d| d.entry == Some(fact.entry)) {
                (dated.at, dated.about) = (at, false);
            }
        }
        if fact.struck {
            self.0.retain(|_, dated| dated.entry != Some(fact.entry));
        }
    }
    /// What had followed from a phase that was left again no longer holds.
    pub(super) fn undone(&mut self, milestone: Milestone) {
        self.0.remove(&milestone);
    }
}

impl Incident {
    /// Where the response stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }
    /// Since when.
    pub fn phase_since(&self) -> Time {
        self.phase_since
    }
    /// Since when it is mitigated or further; none while it is not.
    pub fn calm_since(&self) -> Option<Time> {
        self.calm_since
    }
    /// Its milestones.
    pub fn milestones(&self) -> &Milestones {
        &self.milestones
    }
    /// When impact ended: when the indicator was good again, else when we said so.
    pub fn impact_ended(&self) -> Option<&Dated> {
        self.milestones.get(Milestone::Recovered).or_else(|| self.milestones.get(Milestone::Mitigated))
    }
    pub(super) fn phase_changed(&mut self, phase: Phase, entry: &Entry) {
        let at = entry.at;
        let before = self.phase;
        (self.phase, self.phase_since) = (phase, at);
        match phase {
            Phase::Investigating => {}
            Phase::Identified => self.milestones.follows(Milestone::Identified, entry),
            Phase::Mitigated => self.milestones.follows(Milestone::Mitigated, entry),
            Phase::Resolved => self.milestones.reached(Milestone::Resolved, entry, ""),
            Phase::Closed => self.milestones.follows(Milestone::Resolved, entry),
        }
        if phase < before {
            if phase < Phase::Resolved {
                self.milestones.undone(Milestone::Resolved);
            }
            if phase < Phase::Mitigated {
                self.milestones.undone(Milestone::Mitigated);
                self.milestones.undone(Milestone::Recovered);
            }
        }
        self.calm_since = match (phase >= Phase::Mitigated, self.calm_since) {
            (true, Some(since)) => Some(since),
            (true, None) => Some(at),
            (false, _) => None,
        };
        if self.calm_since.is_some() || phase < before {
            let rings = self.calm_since.is_none() && self.folded.is_none();
            self.watches.from(at, |watch| watch.rings = rings);
        }
        self.promises.ended((phase == Phase::Closed).then_some(at));
    }

    /// Refuses a phase that is no news, or a close that would leave something behind.
    pub(super) fn check_phase(&self, phase: Phase, anyway: bool, elsewhere: &Intents) -> Result<(), Refusal> {
        if phase == self.phase {
            return Err(Refusal::new(
                format!("It has been {} since {} UTC.", phase.word(), self.phase_since.date_and_minutes()),
                "Name another phase.",
            ));
        }
        if phase == Phase::Closed && !anyway {
            let remains = self.remains(elsewhere);
            if !remains.is_empty() {
                return Err(Refusal::new(
                    format!("Before closing there remains: {}.", remains.join("; ")),
                    "Do it or drop it, or close anyway and say why.",
                ));
            }
        }
        Ok(())
    }

    /// What would be left behind by closing now, in words. `elsewhere`: what other streams say was done with switches.
    pub fn remains(&self, elsewhere: &Intents) -> Vec<String> {
        let unresolved = (self.phase < Phase::Resolved).then(|| "it is not resolved".to_string());
        unresolved.into_iter().chain(self.left_behind(elsewhere)).collect()
    }

    /// What it owes whatever its phase is: stops that stand, acts nobody is sure of, tasks, questions, promises.
    pub fn left_behind(&self, elsewhere: &Intents) -> Vec<String> {
        let mut remains = Vec::new();
        let acts = self.acts(elsewhere);
        for intent in acts.to_undo().filter(|one| self.intents.find(one.id).is_some()) {
            let from = intent.what.from.as_deref().unwrap_or("what it served");
            let target = &intent.what.target;
            remains.push(match (&intent.what.whom, intent.what.share) {
                _ if intent.is_half() => {
                    format!("{} {target} was {HALF} (served {from} before)", intent.what.deed())
                }
                (Some(whom), _) => format!("{target} is stopped for {whom}"),
                (None, Some(share)) => format!("{target} is served to {share} only (served {from} before)"),
                (None, None) => format!("{target} is stopped (served {from} before)"),
            });
        }
        for intent in self.intents.all().iter().filter(|i| i.is_open()) {
            remains.push(format!("nobody knows whether {} {} happened", intent.what.act.word(), intent.what.target));
        }
        remains.extend(self.tasks.open().map(|t| format!("task {} \"{}\"", t.number, t.what.text)));
        remains.extend(self.questions.open().map(|q| format!("question {} \"{}\"", q.number, q.what.text)));
        remains.extend(
            self.promises
                .open()
                .map(|p| format!("promise {} \"{}\" by {} UTC", p.number, p.what.what, p.what.by.date_and_minutes())),
        );
        remains
    }
}

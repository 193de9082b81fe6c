//! What is true about an incident. Pure: no clock, no files, no terminal.
//!
//! [`Incident::apply`] folds entries and cannot refuse; [`decide()`] may refuse and performs nothing. Both only dispatch here: each
//! topic's file holds its facts' apply and its commands' rules.

mod acting;
pub mod alert;
pub mod asking;
pub mod burn;
pub mod cadence;
pub mod change;
pub mod checkin;
pub mod command;
pub mod considered;
mod decide;
pub mod declare;
pub mod ending;
pub mod entry;
pub mod exercised;
pub mod fact;
pub mod gate;
pub mod goal;
pub mod headline;
pub mod hold;
pub mod impact;
pub mod intent;
mod judged;
pub mod lifting;
pub mod listed;
pub mod marker;
pub mod meanwhile;
pub mod own;
pub mod pass;
pub mod phase;
pub mod pinned;
pub mod probe;
pub mod promise;
pub mod question;
pub mod ran;
pub mod record;
pub mod rehearsal;
pub mod risk;
pub mod roster;
pub mod said;
pub mod scope;
pub mod second;
pub mod serving;
pub mod severity;
pub mod soak;
pub mod sought;
pub mod standing;
pub mod switch;
pub mod task;
mod telling;
pub mod time;
pub mod timeline;
pub mod told;
pub mod tried;
pub mod trouble;
pub mod undoing;
pub mod waiting;
pub mod ways;

pub use decide::decide;

use burn::BurnNoted;
use cadence::Watches;
use checkin::CheckIns;
use declare::Opened;
use entry::{Entry, EntryId, Number};
use fact::Fact;
use impact::ImpactStated;
use intent::Intents;
use marker::Markers;
use phase::{Milestones, Phase};
use promise::Promises;
use question::Questions;
use record::{LinkKind, Overlay};
use roster::{Role, Roster};
use severity::Severity;
use std::collections::BTreeMap;
use task::{TaskState, Tasks};
use time::Time;

/// An incident as a value: the fold of its entries. It holds small state only; the entries themselves live once, in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incident {
    number: Number,
    head: u64,
    opened: Option<Opened>,
    severity: Option<Severity>,
    title: Option<String>,
    phase: Phase,
    phase_since: Time,
    phases: Vec<EntryId>,
    calm_since: Option<Time>,
    watches: Watches,
    milestones: Milestones,
    roster: Roster,
    goals: BTreeMap<u8, String>,
    tasks: Tasks,
    questions: Questions,
    impact: Option<(Time, ImpactStated)>,
    links: Vec<(LinkKind, String)>,
    check_ins: CheckIns,
    promises: Promises,
    intents: Intents,
    seconds: second::Seconds,
    markers: Markers,
    burns: BTreeMap<String, (Time, BurnNoted)>,
    alerts: alert::Alerts,
    considered: considered::Considered,
    holds_told: told::HoldsTold,
    reports: change::Reports,
    runs: ran::Runs,
    probes: probe::Probes,
    soaks: soak::Soaks,
    people: BTreeMap<String, Time>,
    corrections: BTreeMap<EntryId, Overlay>,
    folded: Option<Number>,
    unknown: u32,
}

impl Incident {
    /// The incident of an empty stream.
    pub fn new(number: Number) -> Incident {
        Incident { number, ..Incident::default() }
    }

    /// Folds one entry. An entry that was folded already, of another stream, or behind a gap changes nothing; the answer says
    /// whether it was taken.
    pub fn apply(&mut self, entry: &Entry) -> bool {
        if entry.incident != self.number || entry.seq != self.head.saturating_add(1) {
            return false;
        }
        self.head = entry.seq;
        self.people.entry(entry.author.to_string()).or_insert(entry.recorded);
        let at = entry.at;
        match &entry.fact {
            Fact::Declared(fact) => self.declared(entry, fact),
            Fact::Joined(fact) => {
                self.people.entry(fact.person.clone()).or_insert(at);
            }
            Fact::Folded(fact) => {
                self.folded = Some(fact.into);
                self.watches.from(at, |watch| watch.rings = false);
            }
            Fact::Asked(fact) => self.questions.asked(entry.id, at, &entry.author, fact),
            Fact::Answered(fact) => self.questions.answered(at, fact),
            Fact::Impact(fact) => {
                if self.impact.as_ref().is_none_or(|(since, _)| *since <= at) {
                    self.impact = Some((at, (**fact).clone()));
                }
            }
            Fact::Linked(fact) => {
                self.links.retain(|(kind, _)| *kind != fact.to || fact.to == LinkKind::Document);
                self.links.push((fact.to, fact.address.clone()));
            }
            Fact::SeverityChanged(fact) => {
                self.severity = Some(fact.severity);
                self.considered.severity(at);
                self.watches.from(at, |watch| watch.severity = fact.severity);
            }
            Fact::PhaseChanged(fact) => {
                self.phases.push(entry.id);
                self.phase_changed(fact.phase, entry);
            }
            Fact::Milestone(fact) => self.milestones.reached(fact.milestone, entry, &fact.from),
            Fact::RoleTaken(fact) => {
                self.roster.taken(fact.role, &fact.person, at);
                if let Some(opened) = &mut self.opened {
                    opened.also(entry);
                }
            }
            Fact::RoleOffered(fact) => self.roster.offered(fact.role, &fact.to, &entry.author, at),
            Fact::RoleDeclined(fact) => self.roster.declined(fact.role),
            Fact::RoleLeft(fact) => self.roster.left(fact.role),
            Fact::GoalRanked(fact) if fact.text.is_empty() => {
                self.goals.remove(&fact.rank);
            }
            Fact::GoalRanked(fact) => {
                self.goals.insert(fact.rank, fact.text.clone());
            }
            Fact::TaskOpened(fact) => self.tasks.opened(entry.id, at, fact),
            Fact::TaskDone(fact) => self.tasks.settled(fact.task, TaskState::Done(at, fact.result.clone())),
            Fact::TaskDropped(fact) => self.tasks.settled(fact.task, TaskState::Dropped(at, fact.why.clone())),
            Fact::TaskReopened(fact) => self.tasks.settled(fact.task, TaskState::Open),
            Fact::CheckedIn(fact) => {
                for person in &fact.answered {
                    self.people.entry(person.clone()).or_insert(at);
                }
                self.check_ins.checked_in(at, fact);
            }
            Fact::CheckInSkipped(fact) => self.check_ins.skipped(fact),
            Fact::Updated(fact) => self.promises.updated(entry.id, at, &entry.author, fact, self.phase),
            Fact::Promised(fact) => self.promises.promised(entry.id, at, fact),
            Fact::PromiseKept(fact) => self.promises.kept(fact.promise, at),
            Fact::PromiseWithdrawn(fact) => self.promises.withdrew(fact.promise),
            Fact::ActAsked(fact) => self.seconds.asked(entry.id, at, &entry.author, entry.session, fact),
            Fact::ActWithdrawn(fact) => self.seconds.ended(fact, at),
            Fact::Intended(fact) => {
                self.seconds.confirmed(fact.confirms);
                self.intents.intended(entry.id, at, &entry.author, entry.session, (**fact).clone());
                if let Some(update) = fact.update {
                    self.promises.sending(update, entry.id, &fact.target);
                }
            }
            Fact::EndMoved(fact) => self.intents.end_moved(fact),
            Fact::MarkerIntended(fact) => {
                self.markers.intended(entry.id, at, &entry.author, entry.session, (**fact).clone());
            }
            Fact::Settled(fact) => {
                if let Some(target) = self.intents.ended(at, fact) {
                    self.seconds.acted(target, at);
                }
                self.markers.settled(at, fact);
                let holds = self.intents.find(fact.intent).is_some_and(intent::Intent::is_done);
                if holds && fact.outcome == intent::Outcome::Done {
                    self.promises.sent(fact.intent, at);
                }
            }
            Fact::Seen(fact) => {
                self.intents.seen(at, fact);
                self.markers.seen(at, fact);
                // somebody who looked and saw nothing did not see it published
                if let Some(intent) = fact.intent.filter(|_| !fact.value.is_empty()) {
                    self.promises.sent(intent, at);
                }
            }
            Fact::BurnNoted(fact) => {
                self.burns.insert(fact.slo.clone(), (at, (**fact).clone()));
            }
            Fact::Alerted(fact) => self.alerts.alerted(at, fact),
            Fact::Decided(fact) => self.considered.decided(at, &fact.text),
            Fact::Changed(fact) => {
                self.seconds.told(fact, at);
                self.reports.changed(entry, fact);
                self.runs.changed(entry.id, fact);
                self.soaks.changed(entry, fact);
            }
            Fact::Ran(fact) => self.runs.ran(fact),
            Fact::Probed(fact) => self.probed(entry, fact),
            Fact::ProbeAsked(fact) => self.soaks.asked(entry, fact),
            Fact::Corrected(fact) => {
                self.corrections.entry(fact.entry).or_default().add(entry, fact);
                self.milestones.corrected(fact);
                if let (Some(opened), Some(title)) = (&self.opened, &fact.text)
                    && opened.id == fact.entry
                {
                    self.title = Some(title.clone());
                }
            }
            Fact::HoldTold(fact) => self.hold_told(entry, fact),
            Fact::Unknown(_) => self.unknown = self.unknown.saturating_add(1),
            Fact::Noted(_) | Fact::ChartPinned(_) | Fact::Marked(_) => {}
            // these stand in the standing stream
            Fact::Rehearsed(_) | Fact::ClockMoved(_) | Fact::HoldPlaced(_) | Fact::HoldLifted(_) => {}
            Fact::HoldReviewed(_) | Fact::PassGranted(_) | Fact::PassBound(_) | Fact::PassWithdrawn(_) => {}
            Fact::LiftAsked(_) | Fact::LiftWithdrawn(_) => {}
        }
        true
    }

    /// Its number, as people say it.
    pub fn number(&self) -> Number {
        self.number
    }
    /// The sequence of the last entry folded; 0 before the first.
    pub fn head(&self) -> u64 {
        self.head
    }
    /// How it was declared.
    pub fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref()
    }
    /// Its title, as corrected.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or("")
    }
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.severity.unwrap_or(Severity::Sev4)
    }
    /// Outside the program only its number is shown.
    pub fn is_restricted(&self) -> bool {
        self.opened.as_ref().is_some_and(|o| o.what.restricted)
    }
    /// What may be shown outside the program: its title, or only its number.
    pub fn public_title(&self) -> String {
        if self.is_restricted() { format!("Incident {}", self.number) } else { self.title().to_string() }
    }
    /// It still wants something from somebody.
    pub fn is_open(&self) -> bool {
        self.opened.is_some() && self.phase < Phase::Closed && self.folded.is_none()
    }
    /// The incident that goes on instead of this one.
    pub fn folded(&self) -> Option<Number> {
        self.folded
    }
    /// Who holds which role.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }
    /// Who commands.
    pub fn commander(&self) -> Option<(&str, Time)> {
        self.roster.holder(Role::Commander)
    }
    /// What is protected, by rank.
    pub fn goals(&self) -> &BTreeMap<u8, String> {
        &self.goals
    }
    /// Work.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }
    /// Questions.
    pub fn questions(&self) -> &Questions {
        &self.questions
    }
    /// Who is hurt, as it was said last, and when.
    pub fn impact(&self) -> Option<&(Time, ImpactStated)> {
        self.impact.as_ref()
    }
    /// Where people meet, talk and write.
    pub fn links(&self) -> &[(LinkKind, String)] {
        &self.links
    }
    /// Check-ins.
    pub fn check_ins(&self) -> &CheckIns {
        &self.check_ins
    }
    /// Updates and promises.
    pub fn promises(&self) -> &Promises {
        &self.promises
    }
    /// Acts on the outside.
    pub fn intents(&self) -> &Intents {
        &self.intents
    }
    /// Acts that wait for a second person.
    pub fn seconds(&self) -> &second::Seconds {
        &self.seconds
    }
    /// Markers on the graphs that colleagues look at.
    pub fn markers(&self) -> &Markers {
        &self.markers
    }
    /// The last budget noted for each SLO.
    pub fn burns(&self) -> &BTreeMap<String, (Time, BurnNoted)> {
        &self.burns
    }
    /// When somebody last decided what a budget may propose.
    pub fn considered(&self) -> considered::Considered {
        self.considered
    }
    /// What was done about releases while it was open, as far as it is told here.
    pub fn holds_told(&self) -> &told::HoldsTold {
        &self.holds_told
    }
    /// When conditions on an error budget held.
    pub fn alerts(&self) -> &alert::Alerts {
        &self.alerts
    }
    /// What sources reported to have changed.
    pub fn reports(&self) -> &change::Reports {
        &self.reports
    }
    /// Everybody who wrote, joined or answered, and since when.
    pub fn people(&self) -> &BTreeMap<String, Time> {
        &self.people
    }
    /// What was said later about an entry.
    pub fn correction(&self, id: EntryId) -> Option<&Overlay> {
        self.corrections.get(&id)
    }
    /// When an entry really happened.
    pub fn happened(&self, entry: &Entry) -> Time {
        self.corrections.get(&entry.id).and_then(|c| c.at).unwrap_or(entry.at)
    }
    /// How many entries this program could not read; they are kept.
    pub fn unknown(&self) -> u32 {
        self.unknown
    }
}

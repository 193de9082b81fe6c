//! The wall clock of a response: check-ins and updates by severity, and what is due now. It must not know what time it is.
//!
//! *Due* is not a fact: it is a comparison of the cadence with a moment, the same in every session, so that a crash loses no alarm.
//! Slots are minutes of the hour in UTC: whoever reads the page in another zone finds them at the same distance.

use super::Incident;
use super::entry::EntryId;
use super::intent::Intents;
use super::phase::Phase;
use super::promise::Audience;
use super::roster::Role;
use super::severity::Severity;
use super::time::{HOUR, MINUTE, Span, Time};
use super::ways::AllWays;
use std::collections::BTreeMap;

/// The rhythm of one severity; an empty list of minutes means none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rhythm {
    /// Minutes of the hour at which the commander asks the team.
    pub check_in: Vec<u8>,
    /// How soon after declaring the public is told first, in minutes.
    pub first_public: Option<u8>,
    /// Minutes of the hour at which the public is told.
    pub public: Vec<u8>,
    /// Minutes of the hour at which the public is told as well in the first two hours.
    pub public_early: Vec<u8>,
    /// Minutes of the hour at which the company is told.
    pub internal: Vec<u8>,
}

/// What is configured about the response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The rhythm of each severity, the worst first.
    pub rhythms: [Rhythm; 4],
    /// How long before its slot an update is due for drafting.
    pub draft_ahead: Span,
    /// How long the indicator must be good before resolving.
    pub good_for: Span,
    /// The backends that show markers, by their configured names.
    pub markers: Vec<String>,
    /// What is configured of switches that decides about acts on them.
    pub ways: AllWays,
    /// What the record of a provider calls each of its switches, by their configured names: such a change is told there, and found by looking.
    pub audits: BTreeMap<String, String>,
    /// The sources that say when a flag file was written, and the switches, by their configured names, whose flags stand in it.
    pub files: BTreeMap<String, Vec<String>>,
    /// No configuration, but as little of this incident's own: what every other stream of the journal says was done with switches. What is to be
    /// undone and whose it was goes by the switch, not by the incident.
    pub elsewhere: Intents,
}

impl Default for Rules {
    fn default() -> Rules {
        let quarter = || vec![0, 15, 30, 45];
        let rhythms = [
            Rhythm {
                check_in: quarter(),
                first_public: Some(5),
                public: vec![30],
                public_early: vec![0],
                internal: vec![0, 30],
            },
            Rhythm {
                check_in: quarter(),
                first_public: Some(10),
                public: vec![30],
                public_early: Vec::new(),
                internal: vec![30],
            },
            Rhythm { check_in: vec![0, 30], internal: vec![0], ..Rhythm::default() },
            Rhythm::default(),
        ];
        Rules {
            rhythms,
            draft_ahead: Span::minutes(5),
            good_for: Span::minutes(15),
            markers: Vec::new(),
            ways: AllWays::new(),
            audits: BTreeMap::new(),
            files: BTreeMap::new(),
            elsewhere: Intents::default(),
        }
    }
}

impl Rules {
    /// The rhythm of a severity.
    pub fn rhythm(&self, severity: Severity) -> &Rhythm {
        let [one, two, three, four] = &self.rhythms;
        match severity {
            Severity::Sev1 => one,
            Severity::Sev2 => two,
            Severity::Sev3 => three,
            Severity::Sev4 => four,
        }
    }
}

/// The first of the given minutes of the hour after a moment (or at it, when `inclusive`).
pub fn next_slot(minutes: &[u8], after: Time, inclusive: bool) -> Option<Time> {
    let hour = after.floor(Span(HOUR));
    let candidates = [hour, hour.plus(Span(HOUR))].into_iter();
    let slots = candidates.flat_map(|h| minutes.iter().map(move |m| h.plus(Span::minutes(i64::from(*m)))));
    slots.filter(|s| *s > after || (inclusive && *s == after)).min()
}

/// The last of the given minutes of the hour at or before a moment.
pub fn last_slot(minutes: &[u8], until: Time) -> Option<Time> {
    let hour = until.floor(Span(HOUR));
    let candidates = [hour.minus(Span(HOUR)), hour].into_iter();
    let slots = candidates.flat_map(|h| minutes.iter().map(move |m| h.plus(Span::minutes(i64::from(*m)))));
    slots.filter(|s| *s <= until).max()
}

/// What is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueKind {
    /// Ask the team for status.
    CheckIn,
    /// Tell the public.
    PublicUpdate,
    /// Tell the company.
    InternalUpdate,
    /// Keep a promise.
    Promise,
    /// A task's time box ends.
    Task,
}

/// One thing that is owed, to be compared with now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What kind of thing.
    pub kind: DueKind,
    /// By when.
    pub at: Time,
    /// From when it asks for attention: before its time when something has to be drafted.
    pub rings: Time,
    /// Who owes it.
    pub who: Option<String>,
    /// What, in words.
    pub what: String,
    /// When it was promised, if it was.
    pub promised: Option<Time>,
    /// The task or promise it is about.
    pub about: Option<EntryId>,
}

impl Due {
    /// Its time has passed.
    pub fn is_overdue(&self, now: Time) -> bool {
        now >= self.at
    }
    /// A name that stays the same while the same thing is owed, so that it rings once.
    pub fn name(&self) -> (DueKind, Time, Option<EntryId>) {
        (self.kind, self.at, self.about)
    }
}

/// How the check-in slots of an incident went, until a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// Asked and recorded.
    Answered,
    /// Left out on purpose.
    Skipped,
    /// Its time has come and the next slot has not begun.
    Overdue,
    /// The next slot began without it; held against nobody.
    NotRecorded,
}

/// How bad it was from a moment on, and whether the wall clock rang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Watch {
    since: Time,
    pub(super) severity: Severity,
    pub(super) rings: bool,
}

/// The rhythm in force at each moment, so that a slot is held to what was owed then and not to what is said now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Watches(Vec<Watch>);

impl Watches {
    /// It was declared.
    pub(super) fn begin(&mut self, since: Time, severity: Severity, rings: bool) {
        self.0 = vec![Watch { since, severity, rings }];
    }
    /// From a moment on something is different, whatever was said of later moments before.
    pub(super) fn from(&mut self, at: Time, change: impl Fn(&mut Watch)) {
        let place = self.0.partition_point(|w| w.since < at);
        if let Some(before) = place.checked_sub(1).and_then(|p| self.0.get(p)).copied()
            && self.0.get(place).is_none_or(|w| w.since != at)
        {
            self.0.insert(place, Watch { since: at, ..before });
        }
        self.0.iter_mut().skip(place).for_each(change);
    }
    fn at(&self, moment: Time) -> Option<&Watch> {
        self.0.iter().rev().find(|w| w.since <= moment)
    }
    /// Each stretch: after when, until when (at most `until`), the rhythm, and whether it rang.
    fn stretches<'a>(
        &'a self,
        rules: &'a Rules,
        until: Time,
    ) -> impl DoubleEndedIterator<Item = (Time, Time, &'a Rhythm, bool)> {
        self.0.iter().enumerate().map(move |(place, watch)| {
            let end = self.0.get(place.saturating_add(1)).map_or(until, |next| next.since.min(until));
            (watch.since, end, rules.rhythm(watch.severity), watch.rings)
        })
    }
    /// The last check-in slot that came until a moment and was owed then; none since a silence.
    fn last_check_in(&self, rules: &Rules, until: Time) -> Option<Time> {
        let back = self.stretches(rules, until).rev().skip_while(|(since, ..)| *since > until);
        let mut rang = back.take_while(|(.., rings)| *rings);
        rang.find_map(|(since, end, rhythm, _)| last_slot(&rhythm.check_in, end).filter(|slot| *slot > since))
    }
    /// When the public has to be told first: counted from declaring, or from the moment since which it is bad enough.
    fn first_public(&self, rules: &Rules) -> Option<Time> {
        let soon = |w: &Watch| Some(w.since.plus(Span::minutes(i64::from(rules.rhythm(w.severity).first_public?))));
        self.0.iter().rev().map_while(soon).min()
    }
}

impl Incident {
    /// What is owed, the soonest first; what is overdue comes first by that.
    pub fn due(&self, rules: &Rules, now: Time) -> Vec<Due> {
        let Some(opened) = self.opened() else { return Vec::new() };
        let mut due = Vec::new();
        due.extend(self.check_in_due(rules, now));
        for audience in [Audience::Public, Audience::Internal] {
            due.extend(self.update_due(rules, audience, opened.at));
        }
        for promise in self.promises().open().filter(|p| p.next_update.is_none()) {
            due.push(Due {
                kind: DueKind::Promise,
                at: promise.what.by,
                rings: promise.what.by.minus(rules.draft_ahead),
                who: promise.what.owner.clone(),
                what: format!("{}, promised to {}", promise.what.what, promise.what.to),
                promised: Some(promise.made),
                about: Some(promise.id),
            });
        }
        for task in self.tasks().open() {
            if let Some(at) = task.what.due.filter(|_| self.phase() < Phase::Closed) {
                due.push(Due {
                    kind: DueKind::Task,
                    at,
                    rings: at,
                    who: task.what.owner.clone(),
                    what: task.what.text.clone(),
                    promised: None,
                    about: Some(task.id),
                });
            }
        }
        due.sort_by_key(|d| (d.at, d.kind, d.about));
        due
    }

    /// The wall clock rings: it is open, it hurts, and it was not over when it was declared.
    fn rings(&self) -> bool {
        self.watches.0.last().is_some_and(|watch| watch.rings)
    }

    fn check_in_due(&self, rules: &Rules, now: Time) -> Option<Due> {
        let minutes = &rules.rhythm(self.severity()).check_in;
        // where none is to come, none is owed from before
        let soonest = next_slot(minutes, now, false).filter(|_| self.rings())?;
        let current = self.watches.last_check_in(rules, now).filter(|s| !self.check_ins().is_settled(*s));
        let slot = current.or_else(|| {
            // one that was answered a little early is done; the one after it is owed
            let next = std::iter::successors(Some(soonest), |slot| next_slot(minutes, *slot, false));
            next.take(8).find(|slot| !self.check_ins().is_settled(*slot))
        })?;
        Some(Due {
            kind: DueKind::CheckIn,
            at: slot,
            rings: slot,
            who: self.roster().holder(Role::Commander).map(|(who, _)| who.to_string()),
            what: "check-in".into(),
            promised: None,
            about: None,
        })
    }

    /// A promised next update replaces the slots until then: that is when people were told to look again.
    fn update_due(&self, rules: &Rules, audience: Audience, opened: Time) -> Option<Due> {
        let (kind, role, words) = match audience {
            Audience::Public => (DueKind::PublicUpdate, Role::Comms, "public update"),
            Audience::Internal => (DueKind::InternalUpdate, Role::Liaison, "internal update"),
        };
        let who = self.roster().holder(role).or(self.roster().holder(Role::Commander)).map(|(who, _)| who.to_string());
        // an update that nobody could read has told nobody when to look again
        let was_told = |id| self.promises().update(id).is_none_or(|update| update.told().is_some());
        let told = self.promises().open().filter(|p| p.next_update == Some(audience) && was_told(p.id));
        let promise = told.min_by_key(|p| p.what.by);
        if let Some(promise) = promise {
            return Some(Due {
                kind,
                at: promise.what.by,
                rings: promise.what.by.minus(rules.draft_ahead),
                who,
                what: words.into(),
                promised: Some(promise.made),
                about: Some(promise.id),
            });
        }
        // a restricted incident has no public cadence until somebody named allows it
        if !self.rings() || (self.is_restricted() && audience == Audience::Public) {
            return None;
        }
        let rhythm = rules.rhythm(self.severity());
        let at = match (self.promises().last_told(audience), audience) {
            (None, Audience::Public) => {
                rhythm.first_public?;
                self.watches.first_public(rules)?
            }
            (None, Audience::Internal) => next_slot(&rhythm.internal, opened, false)?,
            (Some((_, told)), Audience::Internal) => next_slot(&rhythm.internal, told.plus(GRACE), false)?,
            (Some((_, told)), Audience::Public) => {
                let early = next_slot(&rhythm.public_early, told.plus(GRACE), false);
                let early = early.filter(|slot| slot.since(opened).0 <= 2 * HOUR);
                early.into_iter().chain(next_slot(&rhythm.public, told.plus(GRACE), false)).min()?
            }
        };
        let first = self.promises().last_told(audience).is_none();
        let what = if first { format!("first {words}") } else { words.into() };
        Some(Due { kind, at, rings: at.minus(rules.draft_ahead), who, what, promised: None, about: None })
    }

    /// Which slot a check-in at this moment answers: the one that has begun, else the one that begins within five minutes.
    pub fn slot_for(&self, rules: &Rules, at: Time) -> Option<Time> {
        let watch = self.watches.at(at).filter(|watch| watch.rings)?;
        let next = next_slot(&rules.rhythm(watch.severity).check_in, at, false)?;
        let begun = self.watches.last_check_in(rules, at);
        let soon = Some(next).filter(|slot| slot.since(at).0 <= 5 * MINUTE);
        [begun, soon].into_iter().flatten().find(|slot| !self.check_ins().is_settled(*slot))
    }

    /// Every check-in slot that was owed from declaring until a moment and how it went, the newest last; at most 2,000.
    pub fn slots(&self, rules: &Rules, now: Time) -> Vec<(Time, SlotState)> {
        let mut slots = Vec::new();
        for (since, end, rhythm, _) in self.watches.stretches(rules, now).filter(|(.., rings)| *rings) {
            let first = next_slot(&rhythm.check_in, since, false);
            let owed = std::iter::successors(first, |slot| next_slot(&rhythm.check_in, *slot, false));
            let owed = owed.take_while(|slot| *slot <= end).take(2_000_usize.saturating_sub(slots.len()));
            let state = |slot: Time| match self.check_ins() {
                all if all.is_answered(slot) => SlotState::Answered,
                all if all.is_settled(slot) => SlotState::Skipped,
                _ => SlotState::NotRecorded,
            };
            slots.extend(owed.map(|slot| (slot, state(slot))));
        }
        let current = self.watches.last_check_in(rules, now);
        let waits = self.rings() && !rules.rhythm(self.severity()).check_in.is_empty();
        if let Some((slot, state @ SlotState::NotRecorded)) = slots.last_mut()
            && waits
            && current == Some(*slot)
        {
            *state = SlotState::Overdue;
        }
        slots
    }
}

/// An update told this long before a slot counts for it.
const GRACE: Span = Span::minutes(15);

#[cfg(test)]
mod tests {
    use super::*;

    fn t(text: &str) -> Time {
        Time::parse_iso(&format!("2019-07-09T{text}Z")).expect("a time")
    }

    #[test]
    fn slots_lie_on_the_wall_clock() {
        let quarter = [0, 15, 30, 45];
        assert_eq!(next_slot(&quarter, t("22:53:12"), false), Some(t("23:00:00")));
        assert_eq!(next_slot(&quarter, t("23:00:00"), false), Some(t("23:15:00")));
        assert_eq!(next_slot(&quarter, t("23:00:00"), true), Some(t("23:00:00")));
        assert_eq!(last_slot(&quarter, t("23:14:59")), Some(t("23:00:00")));
        assert_eq!(last_slot(&[30], t("23:14:59")), Some(t("22:30:00")));
        assert_eq!(next_slot(&[], t("23:14:59"), false), None);
    }
}

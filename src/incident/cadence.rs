//! The wall clock of a response: check-ins and updates by severity, and what is due now. It must not know what time it is.
//!
//! *Due* is not a fact: it is a comparison of the cadence with a moment, the same in every session, so that a crash loses no alarm.
//! Slots are minutes of the hour in UTC: whoever reads the page in another zone finds them at the same distance.

use super::Incident;
use super::entry::EntryId;
use super::phase::Phase;
use super::promise::Audience;
use super::roster::Role;
use super::severity::Severity;
use super::time::{HOUR, MINUTE, Span, Time};

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
        Rules { rhythms, draft_ahead: Span::minutes(5), good_for: Span::minutes(15) }
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

impl Incident {
    /// What is owed, the soonest first; what is overdue comes first by that.
    pub fn due(&self, rules: &Rules, now: Time) -> Vec<Due> {
        let Some(opened) = self.opened() else { return Vec::new() };
        let mut due = Vec::new();
        let rhythm = rules.rhythm(self.severity());
        let rings_by_clock = self.phase() < Phase::Mitigated && self.folded().is_none();
        if rings_by_clock {
            due.extend(self.check_in_due(rhythm, opened.at, now));
        }
        for audience in [Audience::Public, Audience::Internal] {
            due.extend(self.update_due(rules, audience, opened.at, rings_by_clock));
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

    fn check_in_due(&self, rhythm: &Rhythm, opened: Time, now: Time) -> Option<Due> {
        let current = last_slot(&rhythm.check_in, now).filter(|s| *s > opened && !self.check_ins().is_settled(*s));
        let slot = current.or_else(|| {
            let mut next = next_slot(&rhythm.check_in, now, false)?;
            // one that was answered a little early is done; the one after it is owed
            for _ in 0..8 {
                if !self.check_ins().is_settled(next) {
                    break;
                }
                next = next_slot(&rhythm.check_in, next, false)?;
            }
            Some(next)
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
    fn update_due(&self, rules: &Rules, audience: Audience, opened: Time, rings_by_clock: bool) -> Option<Due> {
        let (kind, role, words) = match audience {
            Audience::Public => (DueKind::PublicUpdate, Role::Comms, "public update"),
            Audience::Internal => (DueKind::InternalUpdate, Role::Liaison, "internal update"),
        };
        let who = self.roster().holder(role).or(self.roster().holder(Role::Commander)).map(|(who, _)| who.to_string());
        let promise = self.promises().open().filter(|p| p.next_update == Some(audience)).min_by_key(|p| p.what.by);
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
        if !rings_by_clock || self.has_no_cadence(audience) {
            return None;
        }
        let rhythm = rules.rhythm(self.severity());
        let at = match (self.promises().last_told(audience), audience) {
            (None, Audience::Public) => opened.plus(Span::minutes(i64::from(rhythm.first_public?))),
            (None, Audience::Internal) => next_slot(&rhythm.internal, opened, false)?,
            (Some((_, told)), Audience::Internal) => next_slot(&rhythm.internal, told.plus(GRACE), false)?,
            (Some((_, told)), Audience::Public) => {
                let mut minutes = rhythm.public.clone();
                let late = next_slot(&minutes, told.plus(GRACE), false)?;
                minutes.extend(&rhythm.public_early);
                let early = next_slot(&minutes, told.plus(GRACE), false)?;
                if early.since(opened).0 <= 2 * HOUR { early } else { late }
            }
        };
        let first = self.promises().last_told(audience).is_none();
        let what = if first { format!("first {words}") } else { words.into() };
        Some(Due { kind, at, rings: at.minus(rules.draft_ahead), who, what, promised: None, about: None })
    }

    /// A restricted incident has no public cadence until somebody named allows it; one that was over when it was declared has none.
    fn has_no_cadence(&self, audience: Audience) -> bool {
        let Some(opened) = self.opened() else { return true };
        (opened.what.restricted && audience == Audience::Public) || opened.what.ended.is_some()
    }

    /// Which slot a check-in at this moment answers: the one that has begun, else the one that begins within five minutes.
    pub fn slot_for(&self, rules: &Rules, at: Time) -> Option<Time> {
        let opened = self.opened()?.at;
        let minutes = &rules.rhythm(self.severity()).check_in;
        let begun = last_slot(minutes, at).filter(|s| *s > opened && !self.check_ins().is_settled(*s));
        let soon =
            next_slot(minutes, at, false).filter(|s| s.0 - at.0 <= 5 * MINUTE && !self.check_ins().is_settled(*s));
        begun.or(soon)
    }

    /// Every check-in slot from declaring until a moment (or until it was mitigated) and how it went, the newest last.
    pub fn slots(&self, rules: &Rules, now: Time) -> Vec<(Time, SlotState)> {
        let Some(opened) = self.opened() else { return Vec::new() };
        let minutes = &rules.rhythm(self.severity()).check_in;
        let until = self.calm_since().map_or(now, |calm| calm.min(now));
        let mut slots = Vec::new();
        let mut slot = next_slot(minutes, opened.at, false);
        while let Some(at) = slot.filter(|s| *s <= until && slots.len() < 2_000) {
            let next = next_slot(minutes, at, false);
            let state = if self.check_ins().is_answered(at) {
                SlotState::Answered
            } else if self.check_ins().is_settled(at) {
                SlotState::Skipped
            } else if next.is_some_and(|n| n <= until) || self.calm_since().is_some() {
                SlotState::NotRecorded
            } else {
                SlotState::Overdue
            };
            slots.push((at, state));
            slot = next;
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

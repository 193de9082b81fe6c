//! What an incident takes, what it refuses and in which words: given / when / then over `decide` and `apply`.
#![allow(
    clippy::expect_used,
    reason = "a test stops at the first surprise; clippy knows only the functions marked as tests"
)]

mod acts;
mod clock;
mod closing;
mod declaring;
mod ending;
mod holds;
mod markers;
mod promises;
mod refusals;
mod telling;

use quarterdeck::incident::cadence::{Due, DueKind, Rules};
use quarterdeck::incident::command::{Command, Refusal};
use quarterdeck::incident::declare::Declared;
use quarterdeck::incident::entry::{Entry, EntryId, Session, Stamp};
use quarterdeck::incident::phase::Phase;
use quarterdeck::incident::promise::{Audience, Promised, Updated};
use quarterdeck::incident::record::Noted;
use quarterdeck::incident::severity::{Severity, SeverityChanged};
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::{Incident, decide};

/// A moment of 2019-07-09, or of the day after when it is written with its date.
pub(crate) fn t(clock: &str) -> Time {
    let iso = if clock.contains('T') { format!("{clock}Z") } else { format!("2019-07-09T{clock}Z") };
    Time::parse_iso(&iso).expect("a time")
}

/// An incident and those who talk to it.
pub(crate) struct Room {
    pub(crate) incident: Incident,
    pub(crate) entries: Vec<Entry>,
    pub(crate) rules: Rules,
}

impl Room {
    /// Nothing was declared yet.
    pub(crate) fn empty() -> Room {
        Room { incident: Incident::new(412), entries: Vec::new(), rules: Rules::default() }
    }
    /// Ana declared it at 22:53:12.
    pub(crate) fn declared(severity: Severity) -> Room {
        Room::of(declaration(severity))
    }
    /// Ana declared it so at 22:53:12.
    pub(crate) fn of(declaration: Declared) -> Room {
        let mut room = Room::empty();
        room.ana("22:53:12", Command::Declare(declaration));
        room
    }
    fn stamp(&self, now: &str, author: &str) -> Stamp {
        let first = EntryId::of(Session(1), self.incident.head() + 1);
        Stamp { now: t(now), author: author.into(), session: Session(1), first, at: None, when: None }
    }
    /// It is decided and folded; the id of the first entry.
    pub(crate) fn says(&mut self, stamp: &Stamp, command: &Command) -> Result<EntryId, Refusal> {
        let drafts = decide(&self.incident, &self.rules, command, stamp)?;
        for (draft, index) in drafts.into_iter().zip(0..) {
            let entry = draft.entry(stamp, 412, self.incident.head() + 1, index);
            assert!(self.incident.apply(&entry), "what is decided is taken: {entry:?}");
            self.entries.push(entry);
        }
        Ok(stamp.first)
    }
    /// Somebody says it, and it is taken.
    pub(crate) fn by(&mut self, now: &str, author: &str, command: Command) -> EntryId {
        let stamp = self.stamp(now, author);
        self.says(&stamp, &command).map_err(|refusal| refusal.words()).expect("taken")
    }
    /// Ana says it, and it is taken.
    pub(crate) fn ana(&mut self, now: &str, command: Command) -> EntryId {
        self.by(now, "Ana", command)
    }
    /// Ana says at one time what happened at another.
    pub(crate) fn ana_of(&mut self, now: &str, happened: &str, command: Command) -> EntryId {
        let stamp = Stamp { at: Some(t(happened)), ..self.stamp(now, "Ana") };
        self.says(&stamp, &command).map_err(|refusal| refusal.words()).expect("taken")
    }
    /// Somebody says it, it is refused, and nothing changes; the two sentences.
    pub(crate) fn refuses(&self, now: &str, author: &str, command: Command) -> (String, String) {
        let refusal = decide(&self.incident, &self.rules, &command, &self.stamp(now, author)).expect_err("refused");
        for sentence in [&refusal.why, &refusal.instead] {
            assert!(sentence.ends_with('.') && sentence.len() > 4, "a sentence: {sentence:?}");
        }
        (refusal.why, refusal.instead)
    }
    /// What is owed of one kind.
    pub(crate) fn due(&self, now: &str, kind: DueKind) -> Vec<Due> {
        self.incident.due(&self.rules, t(now)).into_iter().filter(|d| d.kind == kind).collect()
    }
    /// When the next of one kind is owed.
    pub(crate) fn next(&self, now: &str, kind: DueKind) -> Option<String> {
        self.due(now, kind).first().map(|d| d.at.clock())
    }
    /// Its phase changes.
    pub(crate) fn becomes(&mut self, now: &str, phase: Phase) -> EntryId {
        self.ana(now, Command::ChangePhase { phase, why: String::new(), anyway: false })
    }
    /// An update that is sent nowhere: it is told when it is settled.
    pub(crate) fn tells(&mut self, now: &str, audience: Audience, next: Option<&str>) -> EntryId {
        let update = Updated { text: "We are on it.".into(), audience, next: next.map(t) };
        self.ana(now, Command::Update { update, channels: Vec::new() })
    }
    /// Its severity changes.
    pub(crate) fn turns(&mut self, now: &str, severity: Severity) -> EntryId {
        self.ana(now, Command::ChangeSeverity(SeverityChanged { severity, why: String::new() }))
    }
}

/// What Ana declares.
pub(crate) fn declaration(severity: Severity) -> Declared {
    Declared {
        title: "API refuses all traffic".into(),
        severity,
        began: None,
        began_about: false,
        ended: None,
        ended_about: false,
        detected_by: None,
        restricted: false,
    }
}
/// A note.
pub(crate) fn note(text: &str) -> Command {
    Command::Note(Noted { text: text.into(), pinned: false })
}
/// A promise to the Acme company.
pub(crate) fn promise(by: &str) -> Command {
    Command::Promise(Promised { to: "Acme".into(), what: "a list".into(), by: t(by), owner: Some("Eli".into()) })
}
/// Two sentences.
pub(crate) fn words(why: &str, instead: &str) -> (String, String) {
    (why.into(), instead.into())
}
/// So many minutes after a moment.
pub(crate) fn minutes_after(from: Time, minutes: i64) -> Time {
    from.plus(Span::minutes(minutes))
}

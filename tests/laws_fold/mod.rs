//! The laws of the fold, as properties over random commands: whoever folds the same entries knows the same.

use crate::decide::{Room, declaration, minutes_after, note, t};
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use quarterdeck::app::log::Log;
use quarterdeck::incident::command::Command;
use quarterdeck::incident::declare::Declared;
use quarterdeck::incident::entry::{Entry, EntryId, Session, Stamp};
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::intent::{Act, Intended, Outcome, Seen, Settled};
use quarterdeck::incident::phase::{Milestone, MilestoneReached, Phase};
use quarterdeck::incident::promise::{Audience, Promised, Updated};
use quarterdeck::incident::question::Asked;
use quarterdeck::incident::record::Corrected;
use quarterdeck::incident::roster::Role;
use quarterdeck::incident::severity::{Severity, SeverityChanged};
use quarterdeck::incident::sought::Found;
use quarterdeck::incident::task::TaskOpened;
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::{Incident, decide};

/// One of the first ids, so that commands often mean each other.
fn id() -> BoxedStrategy<EntryId> {
    (1..40_u64).prop_map(|n| EntryId::of(Session(1), n)).boxed()
}
fn person() -> BoxedStrategy<String> {
    prop_oneof![Just("Ana".to_string()), Just("Ben".to_string()), Just("Cho".to_string())].boxed()
}
fn moment() -> BoxedStrategy<Time> {
    (-90..300_i64).prop_map(|minutes| minutes_after(t("22:53:12"), minutes)).boxed()
}
fn severity() -> BoxedStrategy<Severity> {
    proptest::sample::select(&Severity::ALL[..]).boxed()
}
fn role() -> BoxedStrategy<Role> {
    proptest::sample::select(&Role::ALL[..3]).boxed()
}

fn command() -> BoxedStrategy<Command> {
    let maybe = || proptest::option::of(moment());
    let x = || String::from("x");
    let phase = proptest::sample::select(&Phase::ALL[..]);
    let declare = (severity(), maybe(), maybe(), any::<bool>());
    let milestone = proptest::sample::select(&Milestone::ALL[..]);
    let act = proptest::sample::select(&[Act::Stop, Act::Restore, Act::Revert][..]);
    let act = (act, proptest::sample::select(&["release", "signup"][..]), proptest::option::of(id()));
    let outcome = proptest::sample::select(&[Outcome::Done, Outcome::Refused, Outcome::Unsure][..]);
    let audience = proptest::sample::select(&[Audience::Public, Audience::Internal][..]);
    prop_oneof![
        declare.prop_map(|(severity, began, ended, restricted)| {
            Command::Declare(Declared { began, ended, restricted, ..declaration(severity) })
        }),
        Just(note("x")),
        Just(Command::Join),
        (2..5_u32).prop_map(|into| Command::Fold { into: into * 206 }),
        severity().prop_map(move |severity| Command::ChangeSeverity(SeverityChanged { severity, why: String::new() })),
        (phase, any::<bool>()).prop_map(move |(phase, anyway)| Command::ChangePhase { phase, why: x(), anyway }),
        Just(Command::Reopen { why: String::new() }),
        milestone.prop_map(|milestone| Command::Reach(MilestoneReached {
            milestone,
            from: String::new(),
            what: String::new()
        })),
        (role(), person()).prop_map(|(role, person)| Command::TakeRole { role, person }),
        (role(), person()).prop_map(|(role, to)| Command::OfferRole { role, to }),
        role().prop_map(|role| Command::AcceptRole { role }),
        role().prop_map(|role| Command::LeaveRole { role }),
        maybe().prop_map(move |due| {
            Command::OpenTask(TaskOpened { text: x(), owner: None, due, goal: Some(1), undo: false })
        }),
        id().prop_map(|task| Command::FinishTask { task, result: String::new() }),
        id().prop_map(|task| Command::ReopenTask { task }),
        Just(Command::Ask(Asked { text: x(), of: None, goal: None })),
        id().prop_map(move |question| Command::Answer { question, text: x() }),
        Just(Command::CheckIn { answered: vec!["Cho".into()], note: String::new() }),
        Just(Command::SkipCheckIn { why: String::new() }),
        (audience, maybe(), vec(Just("page".to_string()), 0..3)).prop_map(move |(audience, next, channels)| {
            Command::Update { update: Updated { text: x(), audience, next }, channels }
        }),
        moment().prop_map(move |by| Command::Promise(Promised { to: x(), what: x(), by, owner: None })),
        id().prop_map(|promise| Command::KeepPromise { promise, how: String::new() }),
        id().prop_map(move |promise| Command::WithdrawPromise { promise, why: x() }),
        act.prop_map(|(act, target, reverts)| {
            let (from, to) = (Some("1".into()), Some("2".into()));
            let (target, why) = (target.into(), String::new());
            Command::Act(Intended {
                act,
                target,
                from,
                to,
                before: None,
                why,
                update: None,
                reverts,
                ..Intended::default()
            })
        }),
        (id(), outcome).prop_map(|(intent, outcome)| {
            Command::Settle(Settled { intent, outcome, detail: String::new(), value: None, ..Settled::default() })
        }),
        (id(), 1..4_u8).prop_map(|(intent, value)| {
            let (value, detail) = (value.to_string(), String::new());
            Command::See(Seen { target: "release".into(), value, intent: Some(intent), detail, found: None })
        }),
        (id(), maybe(), any::<bool>()).prop_map(|(entry, at, struck)| {
            Command::Correct(Corrected { entry, text: Some("y".into()), at, struck, why: String::new() })
        }),
    ]
    .boxed()
}

/// What somebody said, how long after the one before, and how long ago it happened.
type Spoken = (Command, String, i64, Option<i64>);

fn spoken() -> BoxedStrategy<Vec<Spoken>> {
    let ago = proptest::option::weighted(0.2, 0..40_i64);
    vec((command(), person(), 0..9_i64, ago), 0..60).boxed()
}

/// An incident to which all of that was said; what it refused changed nothing.
fn told(spoken: &[Spoken]) -> Room {
    let mut room = Room::declared(Severity::Sev1);
    let mut now = t("22:53:12");
    for (command, author, pause, ago) in spoken {
        now = minutes_after(now, *pause);
        let first = EntryId::of(Session(1), room.incident.head() + 1);
        let at = ago.map(|minutes| minutes_after(now, -minutes));
        let stamp = Stamp { now, author: author.as_str().into(), session: Session(1), first, at, when: None };
        let (before, head) = (room.incident.clone(), room.incident.head());
        let decided = decide(&room.incident, &room.rules, command, &stamp);
        assert_eq!(room.incident, before, "deciding performs nothing");
        assert_eq!(decide(&room.incident, &room.rules, command, &stamp), decided, "the same is decided twice");
        let taken = room.says(&stamp, command);
        assert_eq!(taken.is_ok(), decided.is_ok());
        let grown = decided.map_or(0, |drafts| drafts.len() as u64);
        assert_eq!(room.incident.head(), head + grown, "what is accepted is taken, every entry of it");
        if taken.is_err() {
            assert_eq!(room.incident, before, "what is refused changes nothing");
        }
    }
    room
}

fn folded<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Incident {
    let mut incident = Incident::new(412);
    for entry in entries {
        incident.apply(entry);
    }
    incident
}

/// An incident in which updates are sent, switches stopped and markers set, and in which everything that can become of an act or a marker does:
/// ended in every way, seen, corrected, struck.
fn acted(moves: &[(u8, proptest::sample::Index, i64)]) -> Room {
    let mut room = Room::empty();
    room.rules.markers = vec!["hny".into()];
    room.ana("22:53:12", Command::Declare(declaration(Severity::Sev1)));
    let mut now = t("22:53:12");
    for (kind, which, pause) in moves {
        now = now.plus(Span::seconds(*pause));
        let markers = room.incident.markers().all().iter().map(|marker| marker.id);
        let acts: Vec<EntryId> = room.incident.intents().all().iter().map(|act| act.id).chain(markers).collect();
        let act = if acts.is_empty() { EntryId::default() } else { *which.get(&acts) };
        let any = which.get(&room.entries).id;
        let settle = |outcome| {
            Command::Settle(Settled {
                intent: act,
                outcome,
                detail: String::new(),
                value: Some("2".into()),
                ..Settled::default()
            })
        };
        let correct = |struck: bool, at| {
            let text = (!struck).then(|| String::from("x"));
            Command::Correct(Corrected { entry: any, text, at, struck, why: String::new() })
        };
        let command = match kind {
            0 | 1 => {
                let channels = ["page", "chat"].map(String::from).into_iter().take(usize::from(*kind) + 1).collect();
                let update = Updated { text: "x".into(), audience: Audience::Public, next: None };
                Command::Update { update, channels }
            }
            2 => Command::Act(Intended {
                act: Act::Stop,
                target: "release".into(),
                from: Some("1".into()),
                to: Some("2".into()),
                before: None,
                why: String::new(),
                update: None,
                reverts: None,
                ..Intended::default()
            }),
            3 | 4 => settle(Outcome::Done),
            5 => settle(if which.index(2) == 0 { Outcome::Unsure } else { Outcome::Refused }),
            6 => Command::See(Seen {
                target: "release".into(),
                value: "2".into(),
                intent: Some(act),
                detail: if which.index(2) == 0 { String::new() } else { "x".into() },
                found: (which.index(2) == 1).then_some(Found::Otherwise),
            }),
            _ => correct(which.index(3) == 0, (which.index(2) == 0).then(|| now.minus(Span::seconds(90)))),
        };
        let first = EntryId::of(Session(1), room.incident.head() + 1);
        let stamp = Stamp { now, author: "Ana".into(), session: Session(1), first, at: None, when: None };
        // what is refused is not what this is about
        let _ = room.says(&stamp, &command);
    }
    room
}

/// The rows of a log, under its filter.
fn ids(log: &Log) -> Vec<EntryId> {
    (0..log.rows()).filter_map(|row| log.row(row)).map(|entry| entry.id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn folding_a_prefix_then_the_rest_is_folding_all(spoken in spoken(), cut in any::<proptest::sample::Index>()) {
        let room = told(&spoken);
        let (before, after) = room.entries.split_at(cut.index(room.entries.len() + 1));
        let mut incident = folded(before);
        assert_eq!(incident.head(), before.len() as u64);
        assert!(after.iter().all(|entry| incident.apply(entry)));
        assert_eq!(incident, room.incident);
        assert_eq!(folded(&room.entries), room.incident);
    }

    #[test]
    fn an_entry_twice_is_once(spoken in spoken()) {
        let room = told(&spoken);
        let twice = room.entries.iter().flat_map(|entry| [entry, entry]);
        assert_eq!(folded(twice), room.incident);
        assert_eq!(folded(room.entries.iter().chain(&room.entries)), room.incident);
    }

    #[test]
    fn behind_a_gap_nothing_changes(spoken in spoken(), gap in any::<proptest::sample::Index>()) {
        let room = told(&spoken);
        let gap = gap.index(room.entries.len());
        let holed = room.entries.iter().enumerate().filter(|(place, _)| *place != gap).map(|(_, entry)| entry);
        assert_eq!(folded(holed), folded(&room.entries[..gap]));
        let other: Vec<Entry> = room.entries.iter().map(|e| Entry { incident: 413, ..e.clone() }).collect();
        assert_eq!(folded(&other), Incident::new(412));
    }

    #[test]
    fn the_rows_that_grew_entry_by_entry_are_those_of_the_whole_record(moves in vec((0..8_u8, any::<proptest::sample::Index>(), 0..45_i64), 0..40), word in "x|done|chat|unsure") {
        let room = acted(&moves);
        let (mut incident, mut grown) = (Incident::new(412), Log::default());
        grown.look_for(&incident, &word);
        for entry in &room.entries {
            incident.apply(entry);
            grown.push(&incident, entry.clone());
        }
        let own = |entry: &&Entry| incident.told_by(entry).is_none();
        let mut own: Vec<&Entry> = room.entries.iter().filter(own).collect();
        own.sort_by_key(|entry| (incident.happened(entry), entry.seq));
        let found = ids(&grown);
        for entry in &room.entries {
            let row = grown.row_of(entry.id).and_then(|row| grown.row(row)).map(|row| row.id);
            let teller = grown.teller(entry.id);
            assert_eq!(row, found.contains(&teller).then_some(teller), "an entry is found where it is told");
            assert_eq!(Some(teller), Some(incident.told_by(entry).unwrap_or(entry.id)));
        }
        grown.look_for(&incident, &word);
        assert_eq!(ids(&grown), found, "what was looked for while it grew is what is found afterwards");
        grown.look_for(&incident, "");
        assert_eq!(ids(&grown), own.iter().map(|entry| entry.id).collect::<Vec<_>>());
        assert_eq!(grown.len(), own.len());
    }

    #[test]
    fn what_is_written_and_read_folds_to_the_same(spoken in spoken()) {
        let room = told(&spoken);
        let read = |entry: &Entry| Entry { fact: Fact::decode(entry.fact.kind(), &entry.fact.encode()), ..entry.clone() };
        let read: Vec<Entry> = room.entries.iter().map(read).collect();
        assert_eq!(read, room.entries);
        assert_eq!(folded(&read), room.incident);
    }

    #[test]
    fn somebody_commands_at_every_moment_and_every_slot_has_one_state(spoken in spoken()) {
        let room = told(&spoken);
        let mut incident = Incident::new(412);
        for entry in &room.entries {
            incident.apply(entry);
            assert!(incident.head() < 2 || incident.commander().is_some(), "after entry {}", entry.seq);
            let slots = incident.slots(&room.rules, entry.recorded);
            assert!(slots.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order, each once: {slots:?}");
            assert!(incident.due(&room.rules, entry.recorded).windows(2).all(|pair| pair[0].at <= pair[1].at));
        }
    }
}

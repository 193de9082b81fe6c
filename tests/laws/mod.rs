//! The laws that every journal keeps, told as one story to every store. It must not know how a store does it.

#![allow(clippy::expect_used, reason = "a test stops at the first surprise, in its helping functions too")]

mod keeper;

use proptest::prelude::{Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};
use quarterdeck::incident::entry::{Entry, EntryId, Number, STANDING, Session, When};
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::record::{Decided, Noted};
use quarterdeck::incident::time::Time;
use quarterdeck::journal::{After, Appended, BATCH, Imported, Journal};
use tempfile::TempDir;

/// A note at a place of a stream, written by a session; the same arguments make the same entry.
pub fn noted(number: Number, seq: u64, session: u64) -> Entry {
    Entry {
        incident: number,
        seq,
        id: EntryId::of(Session(session), u64::from(number) << 32 | seq),
        at: Time(seq.cast_signed() * 1_000_000),
        recorded: Time(seq.cast_signed() * 1_000_000 + 7),
        when: None,
        author: "ana".into(),
        session: Session(session),
        fact: Noted { text: format!("note {seq} of {number}"), pinned: false }.into(),
    }
}

/// Notes at the places of a range.
pub fn notes(number: Number, places: std::ops::RangeInclusive<u64>, session: u64) -> Vec<Entry> {
    places.map(|seq| noted(number, seq, session)).collect()
}

/// Every store there is, empty, with its name; and what keeps their files.
fn stores() -> (Vec<(&'static str, Journal)>, TempDir) {
    let home = tempfile::tempdir().expect("a directory");
    let file = Journal::open_for_writing(&home.path().join("journal"), true).expect("a new journal");
    (vec![("memory", Journal::memory()), ("sqlite", file)], home)
}

fn all(journal: &Journal, number: Number) -> Vec<Entry> {
    let read = journal.read_since(number, 0, usize::MAX).expect("readable");
    assert_eq!((read.damage, read.more), (None, false));
    read.entries
}

#[test]
fn what_is_appended_is_read_at_every_boundary() {
    for n in [0, 1, 2, 4_095, 4_096, 4_097] {
        let (stores, _home) = stores();
        for (name, mut journal) in stores {
            let entries = notes(412, 1..=n, 1);
            assert_eq!(journal.append_after(412, 0, entries.clone()), Ok(Appended::Done), "{name} {n}");
            let heads = if n == 0 { vec![] } else { vec![(412, n)] };
            assert_eq!(journal.heads(), Ok(heads), "{name} {n}");
            for head in [0, 1, n.saturating_sub(1), n, n + 1] {
                let read = journal.read_since(412, head, BATCH).expect("readable");
                let rest = entries.get(head as usize..).unwrap_or(&[]);
                assert_eq!(read.entries, &rest[..rest.len().min(BATCH)], "{name} {n} since {head}");
                assert_eq!((read.more, read.damage), (rest.len() > BATCH, None), "{name} {n} since {head}");
            }
            for count in [0, 1, 40, n as usize, n as usize + 1] {
                let read = journal.read_last(412, count).expect("readable");
                let before = entries.len().saturating_sub(count);
                assert_eq!(read.entries, &entries[before..], "{name} {n} last {count}");
                assert_eq!((read.more, read.damage), (before > 0, None), "{name} {n} last {count}");
            }
        }
    }
}

#[test]
fn a_stale_head_changes_nothing_and_brings_the_newer_entries() {
    let (stores, _home) = stores();
    for (name, mut journal) in stores {
        journal.append_after(412, 0, notes(412, 1..=3, 1)).expect("appended");
        let moved = journal.append_after(412, 1, notes(412, 2..=9, 2));
        assert_eq!(moved, Ok(Appended::Moved(notes(412, 2..=3, 1))), "{name}");
        assert_eq!(all(&journal, 412), notes(412, 1..=3, 1), "{name}");
        assert_eq!(journal.append_after(412, 3, notes(412, 4..=4, 2)), Ok(Appended::Done), "{name}");
    }
}

#[test]
fn the_newer_entries_of_a_stale_head_come_in_batches() {
    let (stores, _home) = stores();
    for (name, mut journal) in stores {
        journal.append_after(412, 0, notes(412, 1..=4_100, 1)).expect("appended");
        match journal.append_after(412, 0, notes(412, 1..=1, 2)) {
            Ok(Appended::Moved(newer)) => assert_eq!(newer.len(), BATCH, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_repeated_append_is_once() {
    let (stores, _home) = stores();
    for (name, mut journal) in stores {
        let ours = vec![
            After { number: 412, head: 0, entries: notes(412, 1..=2, 1) },
            After { number: STANDING, head: 0, entries: notes(STANDING, 1..=1, 1) },
        ];
        assert_eq!(journal.append(&ours), Ok(Appended::Done), "{name}");
        assert_eq!(journal.append(&ours), Ok(Appended::Done), "{name}");
        journal.append_after(412, 2, notes(412, 3..=3, 2)).expect("somebody else's");
        assert_eq!(journal.append(&ours), Ok(Appended::Done), "{name}: repeated late");
        let part = journal.append_after(412, 0, notes(412, 1..=1, 1));
        assert_eq!(part, Ok(Appended::Done), "{name}: its beginning alone is there too");
        let longer = journal.append_after(412, 1, [notes(412, 2..=2, 1), notes(412, 3..=3, 3)].concat());
        assert!(matches!(longer, Ok(Appended::Moved(_))), "{name}: not all of it is there");
        assert_eq!(journal.heads(), Ok(vec![(STANDING, 1), (412, 3)]), "{name}");
    }
}

#[test]
fn an_append_to_several_streams_is_all_or_nothing() {
    let (stores, _home) = stores();
    for (name, mut journal) in stores {
        journal.append_after(STANDING, 0, notes(STANDING, 1..=1, 1)).expect("appended");
        let both = |head| {
            [
                After { number: 412, head: 0, entries: notes(412, 1..=2, 2) },
                After { number: STANDING, head, entries: notes(STANDING, head + 1..=head + 1, 2) },
            ]
        };
        assert_eq!(journal.append(&both(0)), Ok(Appended::Moved(notes(STANDING, 1..=1, 1))), "{name}");
        assert_eq!(journal.heads(), Ok(vec![(STANDING, 1)]), "{name}");
        assert_eq!(journal.append(&both(1)), Ok(Appended::Done), "{name}");
        assert_eq!(journal.heads(), Ok(vec![(STANDING, 2), (412, 2)]), "{name}");
    }
}

#[test]
fn an_append_can_depend_on_a_stream_it_does_not_write_to() {
    let (stores, _home) = stores();
    for (name, mut journal) in stores {
        journal.append_after(STANDING, 0, notes(STANDING, 1..=1, 1)).expect("appended");
        let ours = |head| {
            [
                After { number: 412, head: 0, entries: notes(412, 1..=1, 2) },
                After { number: STANDING, head, entries: vec![] },
            ]
        };
        assert_eq!(journal.append(&ours(0)), Ok(Appended::Moved(notes(STANDING, 1..=1, 1))), "{name}");
        assert_eq!(journal.append(&ours(1)), Ok(Appended::Done), "{name}");
        journal.append_after(STANDING, 1, notes(STANDING, 2..=2, 1)).expect("appended");
        assert_eq!(journal.append(&ours(1)), Ok(Appended::Done), "{name}: repeated, and the guard moved on since");
    }
}

#[test]
fn what_cannot_be_appended_changes_nothing_and_says_why() {
    let (stores, _home) = stores();
    for (name, mut journal) in stores {
        journal.append_after(412, 0, notes(412, 1..=2, 1)).expect("appended");
        let mut doubled = noted(412, 3, 9);
        doubled.id = noted(412, 1, 1).id;
        let cases = [
            ("place", vec![After { number: 412, head: 2, entries: notes(412, 4..=4, 2) }]),
            ("stream", vec![After { number: 413, head: 2, entries: notes(412, 3..=3, 2) }]),
            ("twice", vec![After { number: 412, head: 2, entries: vec![] }; 2]),
            ("already", vec![After { number: 412, head: 2, entries: vec![doubled] }]),
            ("ends at", vec![After { number: 412, head: 7, entries: notes(412, 8..=8, 2) }]),
        ];
        for (word, streams) in cases {
            let trouble = journal.append(&streams).expect_err(word);
            assert!(trouble.to_string().contains(word), "{name}: {trouble}");
        }
        assert_eq!(all(&journal, 412), notes(412, 1..=2, 1), "{name}");
    }
}

#[test]
fn kinds_are_found_without_the_rest() {
    let (stores, _home) = stores();
    for (name, mut journal) in stores {
        let mut entries = notes(412, 1..=9, 1);
        for seq in [2, 7] {
            entries[seq].fact = Decided { text: "go back".into(), serves: Some(3) }.into();
        }
        journal.append_after(412, 0, entries.clone()).expect("appended");
        let kinds = |kinds: &[&str]| journal.read_kinds(412, kinds).expect("readable");
        assert_eq!(kinds(&["decided", "phase"]).entries, [entries[2].clone(), entries[7].clone()], "{name}");
        assert_eq!(kinds(&[]).entries, [], "{name}");
        assert_eq!(kinds(&["'; DROP TABLE entries; --"]).entries, [], "{name}");
    }
}

#[test]
fn an_import_twice_is_once() {
    let (stores, _home) = stores();
    for (name, mut journal) in stores {
        journal.append_after(7, 0, notes(7, 1..=2, 1)).expect("appended");
        let foreign = notes(7, 1..=3, 99);
        let moved = Imported { number: 8, added: 3, present: 0 };
        assert_eq!(journal.import(&foreign), Ok(moved), "{name}: 7 is taken here");
        assert_eq!(journal.import(&foreign), Ok(Imported { added: 0, present: 3, ..moved }), "{name}");
        let longer = notes(7, 1..=5, 99);
        assert_eq!(journal.import(&longer), Ok(Imported { added: 2, present: 3, ..moved }), "{name}");
        let ids: Vec<EntryId> = longer.iter().map(|entry| entry.id).collect();
        let found = all(&journal, 8);
        assert_eq!(found.iter().map(|entry| entry.id).collect::<Vec<_>>(), ids, "{name}");
        assert!(found.iter().zip(1..).all(|(entry, seq)| (entry.incident, entry.seq) == (8, seq)), "{name}");

        assert_eq!(journal.import(&notes(31, 1..=1, 5)), Ok(Imported { number: 31, added: 1, present: 0 }), "{name}");
        let standing = Imported { number: STANDING, added: 1, present: 0 };
        journal.append_after(STANDING, 0, notes(STANDING, 1..=1, 1)).expect("appended");
        assert_eq!(journal.import(&notes(STANDING, 1..=1, 5)), Ok(standing), "{name}");
        assert_eq!(journal.import(&[]).map(|imported| imported.added), Ok(0), "{name}");
        let twice = [notes(40, 1..=1, 5), notes(40, 1..=1, 5)].concat();
        assert_eq!(journal.import(&twice).map(|imported| imported.added), Ok(1), "{name}");
        let mixed = [noted(50, 1, 5), noted(51, 1, 5)];
        assert!(journal.import(&mixed).is_err(), "{name}");
        let heads = vec![(STANDING, 2), (7, 2), (8, 5), (31, 1), (40, 1)];
        assert_eq!(journal.heads(), Ok(heads), "{name}");
    }
}

#[test]
fn a_file_tells_after_reopening_what_it_told_before() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("deep/er/journal");
    let mut journal = Journal::open_for_writing(&path, true).expect("created");
    journal.append_after(412, 0, notes(412, 1..=3, 1)).expect("appended");
    drop(journal);
    for journal in [Journal::open_for_writing(&path, false), Journal::open_for_reading(&path)] {
        assert_eq!(all(&journal.expect("opens"), 412), notes(412, 1..=3, 1));
    }
}

/// What somebody may try.
#[derive(Clone, Debug)]
enum Try {
    Append { number: Number, behind: u64, texts: Vec<String>, session: u64 },
    Repeat,
    Both { texts: Vec<String> },
    Import { number: Number, count: u64, session: u64 },
}

fn tries() -> impl Strategy<Value = Try> {
    let texts = || prop::collection::vec(any::<String>(), 0..4);
    prop_oneof![
        4 => (0..4_u32, 0..3_u64, texts(), 0..3_u64).prop_map(|(number, behind, texts, session)| Try::Append {
            number,
            behind,
            texts,
            session
        }),
        1 => any::<bool>().prop_map(|_| Try::Repeat),
        1 => texts().prop_map(|texts| Try::Both { texts }),
        1 => (0..4_u32, 0..5_u64, 50..53_u64).prop_map(|(number, count, session)| Try::Import { number, count, session }),
    ]
}

/// Entries after a head, of hostile and plain texts, known and unknown kinds.
fn entries(number: Number, head: u64, texts: &[String], session: u64, fresh: &mut u64) -> Vec<Entry> {
    let mut entry = |(seq, text): (u64, &String)| {
        *fresh += 1;
        Entry {
            id: EntryId::of(Session(session), *fresh),
            author: text.as_str().into(),
            when: (seq % 2 == 0).then(|| Box::new(When { source: Some(text.clone()), ..When::about() })),
            fact: match seq % 3 {
                0 => Fact::decode("dived", text),
                _ => Noted { text: text.clone(), pinned: false }.into(),
            },
            ..noted(number, seq, session)
        }
    };
    (head + 1..).zip(texts).map(&mut entry).collect()
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    #[test]
    fn every_store_tells_the_same_story(story in prop::collection::vec(tries(), 1..24)) {
        let (mut stores, _home) = stores();
        let (mut fresh, mut last) = (0, Vec::new());
        for step in story {
            let heads = stores[0].1.heads().expect("readable");
            let head = |number| heads.iter().find(|(n, _)| *n == number).map_or(0, |(_, head)| *head);
            let streams = match step {
                Try::Append { number, behind, texts, session } => {
                    let head = head(number).saturating_sub(behind);
                    vec![After { number, head, entries: entries(number, head, &texts, session, &mut fresh) }]
                }
                Try::Both { texts } => [STANDING, 2].map(|number| {
                    let head = head(number);
                    After { number, head, entries: entries(number, head, &texts, 9, &mut fresh) }
                }).to_vec(),
                Try::Repeat => last.clone(),
                Try::Import { number, count, session } => {
                    let foreign = notes(number, 1..=count, session);
                    let told: Vec<_> = stores.iter_mut().map(|(_, journal)| journal.import(&foreign)).collect();
                    prop_assert_eq!(&told[0], &told[1]);
                    continue;
                }
            };
            let told: Vec<_> = stores.iter_mut().map(|(_, journal)| journal.append(&streams)).collect();
            prop_assert_eq!(&told[0], &told[1]);
            last = streams;
        }
        let heads: Vec<_> = stores.iter().map(|(_, journal)| journal.heads().expect("readable")).collect();
        prop_assert_eq!(&heads[0], &heads[1]);
        for (number, head) in &heads[0] {
            let told: Vec<_> = stores.iter().map(|(_, journal)| all(journal, *number)).collect();
            prop_assert_eq!(&told[0], &told[1]);
            prop_assert_eq!(told[0].len() as u64, *head);
            prop_assert_eq!(told[0].iter().map(|entry| entry.seq).collect::<Vec<_>>(), (1..=*head).collect::<Vec<_>>());
        }
    }
}

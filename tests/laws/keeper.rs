//! The journal's thread: what is asked is answered in order, what others append is told once. Its clock moves only when told, so
//! that it looks when it is woken and at no other time.

use super::{noted, notes};
use quarterdeck::incident::entry::{Entry, Number};
use quarterdeck::journal::hint::{self, FLOOR, Watch};
use quarterdeck::journal::keeper::{Answer, Request, keep};
use quarterdeck::journal::trouble::Kind;
use quarterdeck::journal::{After, Appended, Journal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

/// A keeper at work on a file, and somebody else who writes to it.
struct Room {
    requests: Sender<Request>,
    answers: Receiver<Answer>,
    clock: Arc<AtomicI64>,
    keeper: JoinHandle<Journal>,
    other: Journal,
    path: PathBuf,
    _home: TempDir,
}

impl Room {
    fn new(prepare: impl FnOnce(&Path)) -> Room {
        Room::opened(prepare, |_, _| None)
    }

    fn opened(prepare: impl FnOnce(&Path), watch: impl FnOnce(&Path, Sender<Request>) -> Option<Watch>) -> Room {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("journal");
        drop(Journal::open_for_writing(&path, true).expect("created"));
        prepare(&path);
        let ours = Journal::open_for_writing(&path, false).expect("opens");
        let other = Journal::open_for_writing(&path, false).expect("opens");
        let ((requests, inbox), (outbox, answers)) = (channel(), channel());
        let watch = watch(&path, requests.clone());
        let clock = Arc::new(AtomicI64::new(0));
        let shown = Arc::clone(&clock);
        let keeper = std::thread::spawn(move || {
            let now = || shown.load(Ordering::SeqCst);
            keep(ours, watch, &inbox, now, move |answer| outbox.send(answer).expect("somebody listens"))
        });
        let room = Room { requests, answers, clock, keeper, other, path, _home: home };
        // its first look, at what is there, comes before all that follows
        room.ask(Request::Heads);
        assert!(matches!(room.hears(), Answer::Heads(_)));
        room.ask(Request::Wake);
        room.pass(0);
        room
    }

    fn ask(&self, request: Request) {
        self.requests.send(request).expect("it is there");
    }

    /// Moves the clock on, µs, and lets the keeper see it; what it told on the way.
    fn pass(&self, span: i64) -> Vec<Answer> {
        self.clock.fetch_add(span, Ordering::SeqCst);
        self.ask(Request::ReadLast { number: u32::MAX, count: 0 });
        let mut told = Vec::new();
        loop {
            match self.hears() {
                Answer::Last { number: u32::MAX, .. } => return told,
                other => told.push(other),
            }
        }
    }

    fn hears(&self) -> Answer {
        self.answers.recv_timeout(Duration::from_secs(60)).expect("an answer")
    }

    /// Ends it; where the streams end then.
    fn end(self) -> Vec<(Number, u64)> {
        self.ask(Request::End);
        let journal = self.keeper.join().expect("it ended well");
        assert_eq!(self.answers.iter().next(), None, "it said more than it was asked");
        journal.heads().expect("readable")
    }
}

fn read(entries: Vec<Entry>) -> Read {
    Read { entries, damage: None, more: false }
}

#[test]
fn what_others_append_is_told_once_and_our_own_comes_back_with_the_answer() {
    let mut room = Room::new(|_| {});
    room.ask(Request::Follow { number: 412, head: 0 });
    room.other.append_after(412, 0, notes(412, 1..=2, 2)).expect("appended");
    room.ask(Request::Wake);
    assert_eq!(room.hears(), Answer::Changed { number: 412, read: read(notes(412, 1..=2, 2)) });

    let ours = vec![After { number: 412, head: 2, entries: notes(412, 3..=3, 1) }];
    room.ask(Request::Append { ticket: 7, streams: ours.clone() });
    assert_eq!(room.hears(), Answer::Appended { ticket: 7, streams: ours });

    room.other.append_after(412, 3, notes(412, 4..=4, 2)).expect("appended");
    let late = vec![After { number: 412, head: 3, entries: notes(412, 4..=4, 1) }];
    room.ask(Request::Append { ticket: 8, streams: late });
    assert_eq!(room.hears(), Answer::Moved { ticket: 8, newer: notes(412, 4..=4, 2) });

    room.other.append_after(412, 4, notes(412, 5..=5, 2)).expect("appended");
    room.ask(Request::Wake);
    assert_eq!(room.hears(), Answer::Changed { number: 412, read: read(notes(412, 5..=5, 2)) });
    assert_eq!(room.end(), [(412, 5)]);
}

#[test]
fn requests_are_answered_in_their_order() {
    let room = Room::new(|path| {
        let mut journal = Journal::open_for_writing(path, false).expect("opens");
        journal.append_after(412, 0, notes(412, 1..=9, 1)).expect("appended");
    });
    room.ask(Request::ReadLast { number: 412, count: 2 });
    room.ask(Request::ReadSince { number: 412, head: 3, limit: 4 });
    room.ask(Request::ReadKinds { number: 412, kinds: vec!["decided"] });
    room.ask(Request::ReadEach { kinds: vec!["noted"] });
    room.ask(Request::Heads);
    let last = Read { more: true, ..read(notes(412, 8..=9, 1)) };
    assert_eq!(room.hears(), Answer::Last { number: 412, read: last });
    let since = Read { more: true, ..read(notes(412, 4..=7, 1)) };
    assert_eq!(room.hears(), Answer::Since { number: 412, head: 3, read: since });
    assert_eq!(room.hears(), Answer::Kinds { number: 412, read: read(vec![]) });
    assert_eq!(room.hears(), Answer::Each(vec![(412, read(notes(412, 1..=9, 1)))]));
    assert_eq!(room.hears(), Answer::Heads(vec![(412, 9)]));
    room.end();
}

#[test]
fn following_a_long_stream_tells_it_in_batches() {
    let room = Room::new(|path| {
        let mut journal = Journal::open_for_writing(path, false).expect("opens");
        journal.append_after(412, 0, notes(412, 1..=5_000, 1)).expect("appended");
    });
    room.ask(Request::Follow { number: 412, head: 100 });
    let first = Read { more: true, ..read(notes(412, 101..=4_196, 1)) };
    assert!(room.hears() == Answer::Changed { number: 412, read: first });
    assert!(room.hears() == Answer::Changed { number: 412, read: read(notes(412, 4_197..=5_000, 1)) });
    room.end();
}

#[test]
fn a_stream_that_is_not_followed_shows_by_its_head_only() {
    let mut room = Room::new(|_| {});
    room.ask(Request::Follow { number: 1, head: 0 });
    room.ask(Request::Leave(1));
    room.ask(Request::Heads);
    assert_eq!(room.hears(), Answer::Heads(vec![]), "both were heard");
    room.other.append_after(1, 0, notes(1, 1..=1, 2)).expect("appended");
    room.ask(Request::Wake);
    assert_eq!(room.hears(), Answer::Heads(vec![(1, 1)]));
    // our own is no news
    let ours = vec![After { number: 2, head: 0, entries: notes(2, 1..=1, 1) }];
    room.ask(Request::Append { ticket: 1, streams: ours.clone() });
    assert_eq!(room.hears(), Answer::Appended { ticket: 1, streams: ours });
    room.ask(Request::Wake);
    room.end();
}

#[test]
fn damage_is_told_once_and_other_streams_go_on() {
    let mut room = Room::new(|path| {
        let mut journal = Journal::open_for_writing(path, false).expect("opens");
        journal.append_after(7, 0, notes(7, 1..=3, 1)).expect("appended");
        drop(journal);
        let raw = rusqlite::Connection::open(path).expect("opens");
        raw.execute("UPDATE entries SET author = 'mallory' WHERE seq = 3", []).expect("changed");
    });
    room.ask(Request::Follow { number: 7, head: 0 });
    let Answer::Changed { number: 7, read: told } = room.hears() else { panic!("what there is") };
    assert_eq!(told.entries, notes(7, 1..=2, 1));
    assert_eq!(told.damage.expect("said").to_string(), "entry 3 of incident 7: its checksum is wrong");
    room.ask(Request::Follow { number: 412, head: 0 });
    let both = [(7, 3, 4), (412, 0, 1)];
    let both = both.map(|(number, head, seq)| After { number, head, entries: vec![noted(number, seq, 2)] });
    assert_eq!(room.other.append(&both), Ok(Appended::Done));
    room.ask(Request::Wake);
    assert_eq!(room.hears(), Answer::Changed { number: 412, read: read(notes(412, 1..=1, 2)) });
    room.end();
}

#[cfg(unix)]
#[test]
fn a_journal_that_is_gone_is_said_once_and_gives_back_what_it_could_not_write() {
    let room = Room::new(|_| {});
    std::fs::rename(&room.path, room.path.with_extension("moved")).expect("moved");
    room.ask(Request::Wake);
    let Answer::Trouble { number: None, trouble } = room.hears() else { panic!("a trouble") };
    assert_eq!(trouble.kind, Kind::Missing);
    room.ask(Request::Wake);
    let ours = vec![After { number: 412, head: 0, entries: notes(412, 1..=1, 1) }];
    room.ask(Request::Append { ticket: 3, streams: ours.clone() });
    let Answer::Failed { ticket: 3, streams, trouble } = room.hears() else { panic!("a failure, and nothing else") };
    assert_eq!((streams, trouble.kind), (ours.clone(), Kind::Missing));

    std::fs::rename(room.path.with_extension("moved"), &room.path).expect("put back");
    room.ask(Request::Append { ticket: 4, streams: ours.clone() });
    assert_eq!(room.hears(), Answer::Appended { ticket: 4, streams: ours });
    room.end();
}

#[test]
fn without_a_hint_it_looks_at_the_floor() {
    let mut room = Room::new(|_| {});
    room.ask(Request::Follow { number: 412, head: 0 });
    // the first wake is over when all its questions were asked
    (0..12).for_each(|_| assert_eq!(room.pass(1_000_000), []));
    room.other.append_after(412, 0, notes(412, 1..=1, 2)).expect("appended");
    room.clock.fetch_add(FLOOR, Ordering::SeqCst);
    room.ask(Request::Heads);
    assert_eq!(room.hears(), Answer::Heads(vec![(412, 1)]));
    assert_eq!(room.hears(), Answer::Changed { number: 412, read: read(notes(412, 1..=1, 2)) });
    room.end();
}

#[cfg(any(target_os = "linux", target_os = "windows"))]
#[test]
fn the_watch_wakes_it_again_and_again() {
    let wake = |path: &Path, requests: Sender<Request>| {
        Some(hint::watch(path, move || requests.send(Request::Wake).unwrap_or(())).expect("watched"))
    };
    let mut room = Room::opened(|_| {}, wake);
    room.ask(Request::Follow { number: 412, head: 0 });
    for seq in 1..=3 {
        // the hint before is used up, and the floor is five seconds away
        (0..12).for_each(|_| assert_eq!(room.pass(1_000_000), []));
        room.other.append_after(412, seq - 1, notes(412, seq..=seq, 2)).expect("appended");
        // a hint that came too early asks again within 255 ms; one that comes late asks at once
        let mut told: Vec<Answer> = (0..8).flat_map(|_| room.pass(32_000)).collect();
        if told.is_empty() {
            told.push(room.hears());
        }
        assert_eq!(told, [Answer::Changed { number: 412, read: read(notes(412, seq..=seq, 2)) }]);
    }
    room.ask(Request::End);
    assert_eq!(room.keeper.join().expect("it ended well").heads(), Ok(vec![(412, 3)]));
}

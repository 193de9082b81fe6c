//! Several processes on one file: killed at any moment, writing at once, limited in what they may write.

use super::worker::{Worker, written};
use super::{Chance, all, assert_says};
use crate::laws::{noted, notes};
use quarterdeck::incident::entry::EntryId;
use quarterdeck::journal::trouble::Kind;
use quarterdeck::journal::{Appended, Journal, hint};
use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn killed_at_any_moment_it_keeps_every_acknowledged_entry() {
    let home = tempfile::tempdir().expect("a directory");
    let (mut chance, mut kept) = (Chance(412), 0);
    for run in 0..200 {
        // ten lives for each file, so that what a kill left behind is found by the next one
        let path = home.path().join(format!("{}", run / 10));
        let mut worker = Worker::start("append", &path, run);
        let mut acknowledged = Vec::new();
        for _ in 0..chance.below(16) {
            acknowledged.push(worker.says("ack").expect("it goes on").parse::<u64>().expect("a place"));
        }
        for spin in 0..chance.below(400_000) {
            black_box(spin);
        }
        worker.kill();
        acknowledged.extend(worker.acknowledged());
        worker.gone();

        let journal =
            if run % 2 == 0 { Journal::open_for_reading(&path) } else { Journal::open_for_writing(&path, false) };
        let entries = match journal {
            Ok(journal) => all(&journal, 412),
            Err(trouble) if trouble.kind == Kind::Missing => vec![],
            Err(trouble) => panic!("run {run}: {trouble}"),
        };
        for place in &acknowledged {
            let found = entries.get(*place as usize - 1);
            assert_eq!(found, Some(&written(*place, run)), "run {run}: entry {place} was acknowledged");
        }
        kept += acknowledged.len();
    }
    assert!(kept > 500, "the workers did too little to mean anything: {kept}");
}

#[test]
fn killed_while_making_a_journal_it_leaves_a_whole_one_or_none() {
    let (mut chance, mut made) = (Chance(7), 0);
    for _ in 0..20 {
        let home = tempfile::tempdir().expect("a directory");
        let mut worker = Worker::start("make", home.path(), 1);
        for _ in 0..=chance.below(5) {
            worker.says("ack").expect("it goes on");
        }
        for spin in 0..chance.below(400_000) {
            black_box(spin);
        }
        worker.kill();
        let acknowledged = worker.acknowledged().last().copied().unwrap_or(0);
        worker.gone();
        for n in 1.. {
            match Journal::open_for_writing(&home.path().join(n.to_string()), false) {
                Ok(journal) => assert_eq!(journal.heads(), Ok(vec![])),
                Err(trouble) if trouble.kind == Kind::Missing && n > acknowledged => break,
                Err(trouble) => panic!("{trouble}"),
            }
            made += 1;
        }
    }
    assert!(made > 20, "{made}");
}

#[test]
fn two_processes_write_to_one_stream_in_turn() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("journal");
    let mut workers = [1, 2].map(|session| (session, Worker::start("contend", &path, session)));
    let mut places = BTreeSet::new();
    let mut expected = BTreeSet::new();
    for (session, worker) in &mut workers {
        for place in worker.acknowledged() {
            assert!(places.insert(place), "place {place} was acknowledged twice");
            expected.insert(noted(412, place, *session).id);
        }
    }
    for (_, worker) in workers {
        assert!(worker.gone().success());
    }
    let found = all(&Journal::open_for_reading(&path).expect("opens"), 412);
    assert_eq!(found.len(), 100);
    assert_eq!(found.iter().map(|entry| entry.id).collect::<BTreeSet<EntryId>>(), expected);
}

#[cfg(unix)]
#[test]
fn at_the_limit_of_file_size_it_says_full_and_loses_nothing() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("journal");
    let mut worker = Worker::start("limited", &path, 1);
    let mut head = 0;
    let ended = loop {
        match worker.says("") {
            Some(line) => match line.strip_prefix("ack ") {
                Some(place) => head = place.parse().expect("a place"),
                None => break line,
            },
            None => panic!("it did not survive the limit"),
        }
    };
    assert!(ended.starts_with(&format!("ended Full Full {head} The disk took no more for the journal at ")), "{ended}");
    assert!(worker.gone().success());
    assert_written(&path, head);
}

#[cfg(unix)]
#[test]
fn ended_by_the_limit_of_file_size_it_loses_nothing() {
    use std::os::unix::process::ExitStatusExt;
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("journal");
    let mut worker = Worker::start("limited-to-death", &path, 1);
    let head = worker.acknowledged().last().copied().unwrap_or(0);
    assert_eq!(worker.gone().signal(), Some(25), "SIGXFSZ");
    assert_written(&path, head);
}

/// The file holds what was acknowledged, perhaps one more, and takes on.
#[cfg(unix)]
fn assert_written(path: &Path, acknowledged: u64) {
    assert!(acknowledged > 5, "{acknowledged}");
    let mut journal = Journal::open_for_writing(path, false).expect("opens");
    let found = all(&journal, 412);
    let head = found.len() as u64;
    assert!(head == acknowledged || head == acknowledged + 1, "{head} of {acknowledged}");
    assert_eq!(found, (1..=head).map(|place| written(place, 1)).collect::<Vec<_>>());
    assert_eq!(journal.append_after(412, head, notes(412, head + 1..=head + 1, 2)), Ok(Appended::Done));
}

#[test]
fn another_process_s_entry_wakes_the_watch() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("journal");
    let journal = Journal::open_for_writing(&path, true).expect("opens");
    let mut worker = Worker::start("once", &path, 2);
    worker.says("ready").expect("it opened the journal");
    let (sender, wakes) = mpsc::channel();
    let watch = match hint::watch(&path, move || sender.send(()).unwrap_or(())) {
        Ok(watch) => watch,
        // what this system cannot do is asked for every 200 ms instead
        Err(_) if cfg!(not(any(target_os = "linux", target_os = "windows"))) => return,
        Err(why) => panic!("{why}"),
    };
    let before = journal.version().expect("asked");
    for _ in 0..3 {
        worker.nudge();
        worker.says("ack").expect("appended");
        wakes.recv_timeout(Duration::from_secs(30)).expect("a hint");
        watch.taken();
    }
    assert_ne!(journal.version().expect("asked"), before);
    worker.kill();
    worker.gone();
}

/// A copy of this binary that everybody may run, and a command that runs it as nobody when we are root, whom nothing is forbidden.
#[cfg(unix)]
fn as_nobody(home: &Path) -> Command {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let me = std::env::current_exe().expect("this binary");
    if !rustix::process::geteuid().is_root() {
        return Command::new(me);
    }
    let copy = home.join("worker");
    std::fs::copy(me, &copy).expect("copied");
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).expect("set");
    let mut command = Command::new(copy);
    command.uid(65534).gid(65534).current_dir("/");
    command
}

#[cfg(unix)]
#[test]
fn a_place_that_cannot_be_written_is_read_and_not_written() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("a directory");
    let set = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    let run = |path: &Path| {
        let mut worker = Worker::spawn(as_nobody(home.path()), "open", path, 1);
        let said = ["reading", "writing"].map(|word| worker.says(word).expect("it says"));
        assert!(worker.gone().success());
        said
    };
    set(home.path(), 0o755);
    let place = home.path().join("place");
    let path = place.join("journal");
    let mut journal = Journal::open_for_writing(&path, true).expect("created");
    journal.append_after(412, 0, notes(412, 1..=3, 1)).expect("appended");
    set(&path, 0o444);

    // somebody has it open, and we may not join: no reading past what the log holds
    set(&place, 0o555);
    let [reading, writing] = run(&path);
    assert!(reading.starts_with("ReadOnly The journal at ") || reading == "Ok 3", "{reading}");
    assert!(writing.starts_with("ReadOnly The journal at "), "{writing}");

    drop(journal);
    let [reading, writing] = run(&path);
    assert_eq!(reading, "Ok 3");
    assert!(writing.starts_with("ReadOnly The journal at "), "{writing}");
    assert_eq!(std::fs::read_dir(&place).expect("listed").count(), 1, "nothing was left beside it");

    let [reading, writing] = run(&place.join("absent"));
    assert!(reading.starts_with("Missing "), "{reading}");
    assert!(writing.starts_with("ReadOnly "), "{writing}");
    set(&place, 0o755);
}

#[test]
fn a_lock_that_stays_is_said() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("journal");
    let mut journal = Journal::open_for_writing(&path, true).expect("opens");
    let holder = rusqlite::Connection::open(&path).expect("opens");
    holder.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let Journal::Sqlite(store) = &journal else { panic!("a file") };
    store.wait_for_locks(Duration::from_millis(20)).expect("set");
    let trouble = journal.append_after(412, 0, notes(412, 1..=1, 1)).expect_err("locked");
    assert_says(&trouble, Kind::Locked, &path);
    assert_eq!(all(&journal, 412), [], "reading goes on");
    holder.execute_batch("ROLLBACK").expect("released");
    assert_eq!(journal.append_after(412, 0, notes(412, 1..=1, 1)), Ok(Appended::Done));
}

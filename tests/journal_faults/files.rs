//! What lies at the path: nothing, something else, or a journal that was damaged, moved, or has no room.

use super::{Chance, all, assert_says};
use crate::laws::{noted, notes};
use quarterdeck::incident::entry::STANDING;
use quarterdeck::journal::trouble::Kind;
use quarterdeck::journal::{Appended, Journal};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A closed journal of two streams, 60 and 5 entries, and what is beside it.
fn closed() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("journal");
    let mut journal = Journal::open_for_writing(&path, true).expect("created");
    journal.append_after(STANDING, 0, notes(STANDING, 1..=5, 1)).expect("appended");
    journal.append_after(412, 0, notes(412, 1..=60, 1)).expect("appended");
    drop(journal);
    (home, path)
}

/// Opened in both ways, what lies there is refused in words and not touched.
fn assert_refused(path: &Path, kind: Kind) {
    let before = fs::read(path).ok();
    for opened in [Journal::open_for_reading(path), Journal::open_for_writing(path, true)] {
        let trouble = opened.map(|_| ()).expect_err("refused");
        assert_says(&trouble, kind, path);
        assert_eq!(fs::read(path).ok(), before, "{trouble}");
    }
}

#[test]
fn reading_never_makes_a_journal() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("deep/journal");
    let trouble = Journal::open_for_reading(&path).map(|_| ()).expect_err("there is none");
    assert_says(&trouble, Kind::Missing, &path);
    let trouble = Journal::open_for_writing(&path, false).map(|_| ()).expect_err("there is none");
    assert_says(&trouble, Kind::Missing, &path);
    assert_eq!(fs::read_dir(home.path()).expect("listed").count(), 0);
}

#[cfg(unix)]
#[test]
fn a_new_journal_and_what_is_beside_it_are_for_us_alone() {
    use std::os::unix::fs::MetadataExt;
    let home = tempfile::tempdir().expect("a directory");
    let place = home.path().join("deep");
    let mut journal = Journal::open_for_writing(&place.join("journal"), true).expect("created");
    journal.append_after(412, 0, notes(412, 1..=1, 1)).expect("appended");
    assert_eq!(fs::metadata(&place).expect("there").mode() & 0o777, 0o700);
    let mut names = Vec::new();
    for file in fs::read_dir(&place).expect("listed").map(|file| file.expect("listed")) {
        assert_eq!(file.metadata().expect("there").mode() & 0o777, 0o600, "{file:?}");
        names.push(file.file_name());
    }
    names.sort();
    assert_eq!(names, ["journal", "journal-shm", "journal-wal"]);
}

#[test]
fn what_is_not_a_journal_is_left_alone() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("journal");
    assert_refused(home.path(), Kind::NotOurs);
    fs::write(&path, "").expect("written");
    assert_refused(&path, Kind::Empty);
    for text in ["x", "dear diary\n", &"noise ".repeat(10_000), "SQLite format 3\0"] {
        fs::write(&path, text).expect("written");
        assert_refused(&path, Kind::NotOurs);
    }
    fs::remove_file(&path).expect("removed");
    let foreign = rusqlite::Connection::open(&path).expect("opened");
    foreign.execute_batch("CREATE TABLE entries (x); INSERT INTO entries VALUES (1);").expect("made");
    drop(foreign);
    assert_refused(&path, Kind::NotOurs);
    assert_eq!(fs::read_dir(home.path()).expect("listed").count(), 1, "nothing was left beside it");
}

#[test]
fn another_program_s_unfinished_write_is_not_even_rolled_back() {
    let home = tempfile::tempdir().expect("a directory");
    let (path, copy) = (home.path().join("theirs"), home.path().join("copy"));
    let foreign = rusqlite::Connection::open(&path).expect("opened");
    foreign.execute_batch("PRAGMA cache_size = 1; CREATE TABLE t (x); BEGIN;").expect("made");
    for n in 0..200 {
        foreign.execute("INSERT INTO t VALUES (?)", [n.to_string().repeat(300)]).expect("inserted");
    }
    // its file and its rollback journal as a crash leaves them
    for suffix in ["", "-journal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        fs::copy(name(&path), name(&copy)).expect("copied");
    }
    let before = fs::read(home.path().join("copy-journal")).expect("there");
    assert!(!before.is_empty());
    for opened in [Journal::open_for_reading(&copy), Journal::open_for_writing(&copy, true)] {
        assert!(opened.is_err());
        assert_eq!(fs::read(home.path().join("copy-journal")).expect("still there"), before);
    }
}

#[test]
fn a_newer_version_and_a_changed_table_are_refused() {
    for (sql, kind) in [
        ("PRAGMA user_version = 2", Kind::Newer),
        ("PRAGMA user_version = 0", Kind::Damaged),
        ("PRAGMA application_id = 1", Kind::NotOurs),
        ("ALTER TABLE entries ADD COLUMN x INT", Kind::Damaged),
        ("CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM entries; END", Kind::Damaged),
        ("ALTER TABLE entries RENAME TO hidden; CREATE VIEW entries AS SELECT * FROM hidden", Kind::Damaged),
        ("DROP TABLE entries", Kind::Damaged),
    ] {
        let (_home, path) = closed();
        rusqlite::Connection::open(&path).expect("opened").execute_batch(sql).expect("changed");
        assert_refused(&path, kind);
    }
}

#[test]
fn a_shortened_file_is_damaged_and_left_as_it_is() {
    let (_home, path) = closed();
    let whole = fs::read(&path).expect("there");
    fs::write(&path, &whole[..whole.len() - 1]).expect("shortened");
    assert!(!assert_honest(&path, "less than a page is missing"));
    for length in [whole.len() - 4096, whole.len() / 2, 4096, 4095] {
        fs::write(&path, &whole[..length]).expect("shortened");
        assert_refused(&path, Kind::Damaged);
    }
    for length in [100, 50, 1] {
        fs::write(&path, &whole[..length]).expect("shortened");
        let trouble = Journal::open_for_writing(&path, true).map(|_| ()).expect_err("refused");
        assert!(matches!(trouble.kind, Kind::Damaged | Kind::NotOurs), "{trouble}");
        assert_eq!(fs::read(&path).expect("there"), &whole[..length]);
    }
}

#[test]
fn one_changed_byte_of_a_text_is_found_and_all_before_it_is_read() {
    let (_home, path) = closed();
    let mut bytes = fs::read(&path).expect("there");
    let needle = b"note 33 of 412";
    // SQLite leaves old copies behind: all of them
    let places: Vec<usize> =
        bytes.windows(needle.len()).enumerate().filter(|(_, window)| window == needle).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bytes[at] = b'v');
    fs::write(&path, &bytes).expect("changed");
    for journal in [Journal::open_for_reading(&path), Journal::open_for_writing(&path, false)] {
        let mut journal = journal.expect("opens");
        let read = journal.read_since(412, 0, 4096).expect("readable");
        assert!(read.entries == notes(412, 1..=32, 1), "{} entries", read.entries.len());
        assert_eq!(
            read.damage.map(|damage| damage.to_string()).as_deref(),
            Some("entry 33 of incident 412: its checksum is wrong")
        );
        let last = journal.read_last(412, 40).expect("readable");
        assert_eq!((last.entries.len(), last.damage.map(|damage| damage.seq)), (12, Some(33)));
        let kinds = journal.read_kinds(412, &["noted"]).expect("readable");
        assert_eq!((kinds.entries.len(), kinds.damage.map(|damage| damage.seq)), (32, Some(33)));
        assert_eq!(all(&journal, STANDING).len(), 5, "other streams are whole");
        // whoever knows only what can be read cannot append past the damage
        let trouble = journal.append_after(412, 32, notes(412, 33..=33, 2)).expect_err("refused");
        assert!(matches!(trouble.kind, Kind::Damaged | Kind::ReadOnly), "{trouble}");
    }
    assert_eq!(fs::read(&path).expect("there"), bytes);
}

/// After any change to the file, either it is refused, or each stream is told truly: whole, or up to a damage that is said.
fn assert_honest(path: &Path, how: &str) -> bool {
    let journal = match Journal::open_for_reading(path) {
        Ok(journal) => journal,
        Err(trouble) => {
            assert!(matches!(trouble.kind, Kind::Damaged | Kind::NotOurs | Kind::Newer), "{how}: {trouble}");
            return false;
        }
    };
    let mut whole = true;
    for (number, head) in [(STANDING, 5), (412, 60)] {
        let truth = notes(number, 1..=head, 1);
        let read = match journal.read_since(number, 0, 4096) {
            Ok(read) => read,
            Err(trouble) => {
                assert!(matches!(trouble.kind, Kind::Damaged), "{how}: {trouble}");
                return false;
            }
        };
        let n = read.entries.len();
        assert!(truth.starts_with(&read.entries), "{how}: an entry that nobody wrote");
        assert!(n == truth.len() || read.damage.is_some(), "{how}: {n} of {head} in {number}, and no damage said");
        whole &= read.damage.is_none();
    }
    whole
}

#[test]
fn no_changed_byte_makes_a_file_lie() {
    let (_home, path) = closed();
    let whole = fs::read(&path).expect("there");
    let (mut chance, mut found) = (Chance(3), 0);
    for _ in 0..600 {
        let (at, bit) = (chance.below(whole.len() as u64) as usize, chance.below(8));
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << bit;
        fs::write(&path, &bytes).expect("changed");
        found += usize::from(!assert_honest(&path, &format!("byte {at} bit {bit}")));
        assert_eq!(fs::read(&path).expect("there"), bytes, "reading changed the file");
    }
    assert!(found > 100, "too few changes met what is used: {found}");
}

#[test]
fn noise_over_any_part_of_a_file_is_found() {
    let (_home, path) = closed();
    let whole = fs::read(&path).expect("there");
    let (mut chance, mut found) = (Chance(4), 0);
    for page in 0..whole.len() / 4096 {
        let mut bytes = whole.clone();
        for byte in &mut bytes[page * 4096..(page + 1) * 4096] {
            *byte = chance.below(256) as u8;
        }
        fs::write(&path, &bytes).expect("changed");
        found += usize::from(!assert_honest(&path, &format!("page {page}")));
        assert_eq!(fs::read(&path).expect("there"), bytes, "reading changed the file");
    }
    // the one page that only serves to find an id is not read
    assert!(found >= whole.len() / 4096 - 1, "{found}");
}

#[test]
fn without_room_it_says_full_and_loses_nothing() {
    let (_home, path) = closed();
    let mut journal = Journal::open_for_writing(&path, false).expect("opens");
    let Journal::Sqlite(store) = &journal else { panic!("a file") };
    store.limit_pages(12).expect("limited");
    let mut head = 60;
    let trouble = loop {
        match journal.append_after(412, head, vec![noted(412, head + 1, 1)]) {
            Ok(_) => head += 1,
            Err(trouble) => break trouble,
        }
    };
    assert_says(&trouble, Kind::Full, &path);
    assert_eq!(all(&journal, 412), notes(412, 1..=head, 1));
    let Journal::Sqlite(store) = &journal else { panic!("a file") };
    store.limit_pages(1_000).expect("room again");
    assert_eq!(journal.append_after(412, head, notes(412, head + 1..=head + 1, 1)), Ok(Appended::Done));
    drop(journal);
    assert_eq!(all(&Journal::open_for_reading(&path).expect("opens"), 412).len() as u64, head + 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_was_moved_or_replaced_takes_no_more() {
    let (home, path) = closed();
    let mut journal = Journal::open_for_writing(&path, false).expect("opens");
    fs::rename(&path, home.path().join("elsewhere")).expect("moved");
    let trouble = journal.append_after(412, 60, notes(412, 61..=61, 1)).expect_err("moved away");
    assert_says(&trouble, Kind::Missing, &path);
    assert_says(&journal.version().expect_err("moved away"), Kind::Missing, &path);
    fs::write(&path, "something else").expect("replaced");
    let trouble = journal.append_after(412, 60, notes(412, 61..=61, 1)).expect_err("replaced");
    assert_says(&trouble, Kind::Missing, &path);
    drop(journal);
    assert_eq!(fs::read(&path).expect("there"), b"something else");
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_the_file_and_odd_names_are_only_names() {
    let (home, path) = closed();
    let link = home.path().join("link");
    std::os::unix::fs::symlink(&path, &link).expect("linked");
    let journal = Journal::open_for_writing(&link, false).expect("opens");
    assert_eq!(journal.path().map(Path::file_name), Some(path.file_name()));
    drop(journal);
    for name in [":memory:", "file:x?mode=memory", "a b%41#?immutable=1", "☎"] {
        let path = home.path().join(name);
        let mut journal = Journal::open_for_writing(&path, true).expect(name);
        journal.append_after(412, 0, notes(412, 1..=1, 1)).expect(name);
        drop(journal);
        assert_eq!(all(&Journal::open_for_reading(&path).expect(name), 412), notes(412, 1..=1, 1), "{name}");
    }
}

//! What can go wrong with a journal, each in three sentences: what happened, what is true now, what to do next.
//! It must not know who shows them.

use crate::incident::entry::EntryId;
use rusqlite::ffi;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What kind of trouble it is; the sentences are in [`JournalTrouble`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// There is no journal there, or no longer.
    Missing,
    /// Something else is there.
    NotOurs,
    /// A file of no bytes is there.
    Empty,
    /// It is a journal, and part of it cannot be trusted.
    Damaged,
    /// A newer version of this program wrote it.
    Newer,
    /// We may read it and not write to it.
    ReadOnly,
    /// There is no room for more.
    Full,
    /// Another program kept it locked for too long.
    Locked,
    /// It lies on a file system of the network, where its locks do not hold.
    Network,
    /// Anything else.
    Other,
}

/// What was being done; it decides what is true after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Nothing was written yet.
    Opening,
    /// Nothing is written by reading.
    Reading,
    /// An append, which is all or nothing.
    Writing,
}

/// A failure of the journal. Displays as its three sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalTrouble {
    /// What kind it is.
    pub kind: Kind,
    /// Where the journal is, or should be; empty for one in memory.
    pub path: PathBuf,
    /// What happened.
    pub happened: String,
    /// What is true now.
    pub stands: String,
    /// What to do next.
    pub next: String,
}

impl fmt::Display for JournalTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.happened, self.stands, self.next)
    }
}

impl std::error::Error for JournalTrouble {}

/// A place in words, safe to print.
pub(super) fn place(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return String::from("in memory");
    }
    clean(&format!("at {}", path.display()))
}

/// Text from outside, in at most 400 characters, none of which moves the cursor or turns the direction of writing.
pub(super) fn clean(text: &str) -> String {
    let odd = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let mut out: String = text.chars().take(400).map(|c| if odd(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(400).is_some() {
        out.push('…');
    }
    out
}

impl JournalTrouble {
    fn of(kind: Kind, path: &Path, happened: String, stands: &str, next: &str) -> JournalTrouble {
        JournalTrouble { kind, path: path.to_path_buf(), happened, stands: stands.into(), next: next.into() }
    }

    /// There is nothing there.
    pub fn missing(path: &Path) -> JournalTrouble {
        let happened = format!("There is no journal {}.", place(path));
        let next = "Name another place with --journal, or declare an incident to begin a journal there.";
        JournalTrouble::of(Kind::Missing, path, happened, "Nothing was created.", next)
    }

    /// It was there when it was opened and is there no longer, or another file is.
    pub fn moved_away(path: &Path) -> JournalTrouble {
        let happened = format!("The journal {} was moved, deleted or replaced while it was open.", place(path));
        let stands = "What was acknowledged before is in the file that was moved; nothing was written since.";
        let next = "Put that file back, or start again with --journal naming where it is now.";
        JournalTrouble::of(Kind::Missing, path, happened, stands, next)
    }

    /// Something is there that is not a journal; `what` says what it is.
    pub fn not_ours(path: &Path, what: &str) -> JournalTrouble {
        let happened = format!("What lies {} is not a quarterdeck journal: {}.", place(path), clean(what));
        let next = "Name the right file with --journal; if this was a journal, restore it from a copy.";
        JournalTrouble::of(Kind::NotOurs, path, happened, "It was left exactly as it is.", next)
    }

    /// A file without a byte is there.
    pub fn empty(path: &Path) -> JournalTrouble {
        let happened = format!("The file {} is empty, and a journal never is: it lost what it held.", place(path));
        let next = "Restore it from a copy, or move it away so that a new journal can begin there.";
        JournalTrouble::of(Kind::Empty, path, happened, "It was left exactly as it is.", next)
    }

    /// Part of it cannot be trusted; `what` says which and why.
    pub fn damaged(path: &Path, what: &str) -> JournalTrouble {
        let happened = format!("The journal {} is damaged: {}.", place(path), clean(what));
        let stands = "What comes before the damage can be read; nothing was changed.";
        let next = "Keep a copy of the file and of those beside it, then run: quarterdeck doctor.";
        JournalTrouble::of(Kind::Damaged, path, happened, stands, next)
    }

    /// A newer version wrote it.
    pub fn newer(path: &Path, found: i64, known: i64) -> JournalTrouble {
        let place = place(path);
        let happened =
            format!("The journal {place} has schema version {found}, and this quarterdeck knows up to {known}.");
        let next = "Use the newer quarterdeck that wrote it, or name another journal with --journal.";
        JournalTrouble::of(Kind::Newer, path, happened, "It was left exactly as it is.", next)
    }

    /// It can be read and not be written.
    pub fn read_only(path: &Path, why: &str) -> JournalTrouble {
        let happened = format!("The journal {} cannot be written: {}.", place(path), clean(why));
        let stands = "What it holds is unchanged and nothing was added.";
        let next = "Make the file and its directory writable for you, or name another journal with --journal.";
        JournalTrouble::of(Kind::ReadOnly, path, happened, stands, next)
    }

    /// It can only be read where a writer may come, and reading beside a writer needs a place that can be written.
    pub fn read_refused(path: &Path, why: &str) -> JournalTrouble {
        let happened = format!("The journal {} cannot be read safely: {}.", place(path), clean(why));
        let next =
            "Read it as its owner, or copy the file with those beside it to a directory of yours and read the copy.";
        JournalTrouble::of(Kind::ReadOnly, path, happened, "Nothing was read and nothing was changed.", next)
    }

    /// There is no room.
    pub fn full(path: &Path, doing: Doing, detail: &str) -> JournalTrouble {
        let happened = format!("The disk took no more for the journal {} ({}).", place(path), clean(detail));
        let next =
            "Free space there or lift the limit on file size, then record it again: the same entry is never doubled.";
        JournalTrouble::of(Kind::Full, path, happened, after(doing), next)
    }

    /// Somebody else kept it locked for `seconds`.
    pub fn locked(path: &Path, doing: Doing) -> JournalTrouble {
        let happened = format!("Another program kept the journal {} locked for longer than we wait.", place(path));
        let next = "Try again; if it stays so, find the program that holds it (fuser or lsof names it) and end it.";
        JournalTrouble::of(Kind::Locked, path, happened, after(doing), next)
    }

    /// It lies on a file system that other machines share; `name` names that.
    pub fn network(path: &Path, name: &str) -> JournalTrouble {
        let place = place(path);
        let happened = format!(
            "The journal {place} lies on {}, a file system of the network, where two machines would overwrite each other.",
            clean(name)
        );
        let next = "Put it on a disk of this machine with --journal, or use PostgreSQL for several machines.";
        JournalTrouble::of(Kind::Network, path, happened, "Nothing was created or changed.", next)
    }

    /// Anything else.
    pub fn other(path: &Path, doing: Doing, what: &str) -> JournalTrouble {
        let happened = format!("The journal {} could not be used: {}.", place(path), clean(what));
        let next = "Put right what is named there and try again; quarterdeck doctor looks closer.";
        JournalTrouble::of(Kind::Other, path, happened, after(doing), next)
    }

    /// An entry is to be appended whose id stands at another place already.
    pub fn doubled(path: &Path, id: EntryId) -> JournalTrouble {
        let what = format!("the entry {id} is already in it, at another place");
        JournalTrouble::other(path, Doing::Writing, &what)
    }

    /// What the operating system said about a path.
    pub fn from_io(path: &Path, doing: Doing, error: &io::Error) -> JournalTrouble {
        use io::ErrorKind::{FileTooLarge, NotFound, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match error.kind() {
            NotFound => JournalTrouble::missing(path),
            ReadOnlyFilesystem => JournalTrouble::read_only(path, "its file system is mounted read-only"),
            StorageFull | QuotaExceeded | FileTooLarge => JournalTrouble::full(path, doing, &error.to_string()),
            _ => JournalTrouble::other(path, doing, &error.to_string()),
        }
    }

    /// What SQLite said about a path. The codes are those of <https://www.sqlite.org/rescode.html>.
    pub fn from_sqlite(path: &Path, doing: Doing, error: &rusqlite::Error) -> JournalTrouble {
        use rusqlite::ErrorCode::{
            DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, PermissionDenied, ReadOnly,
            SystemIoFailure, Unknown,
        };
        let words = error.to_string();
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
        let Some(failure) = error.sqlite_error() else {
            return match error {
                // what we asked for is always of one type, so it is the file that holds something else
                FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..) => {
                    JournalTrouble::damaged(path, &words)
                }
                _ => JournalTrouble::other(path, doing, &words),
            };
        };
        match (failure.code, failure.extended_code) {
            (DatabaseBusy | DatabaseLocked, _) => JournalTrouble::locked(path, doing),
            (ReadOnly, ffi::SQLITE_READONLY_DBMOVED) => JournalTrouble::moved_away(path),
            (ReadOnly | PermissionDenied, _) => JournalTrouble::read_only(path, &words),
            // our own statements are right, so it is the file's schema or format that is wrong
            (DatabaseCorrupt | Unknown, _) => JournalTrouble::damaged(path, &words),
            (NotADatabase, _) if doing == Doing::Opening => {
                JournalTrouble::not_ours(path, "it is another file, or its beginning was overwritten")
            }
            (NotADatabase, _) => JournalTrouble::damaged(path, "its beginning was overwritten"),
            // a limit on file size arrives as a failed write, a full disk as its own code
            (DiskFull, _) | (SystemIoFailure, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE) => {
                JournalTrouble::full(path, doing, &words)
            }
            _ => JournalTrouble::other(path, doing, &words),
        }
    }
}

/// What is true after a failure while doing that.
fn after(doing: Doing) -> &'static str {
    match doing {
        Doing::Opening => "The journal was not opened and not changed.",
        Doing::Reading => "Nothing was changed; what was shown before still holds.",
        Doing::Writing => "This was not recorded; everything acknowledged before is safe on disk.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_three_sentences_and_names_the_path() {
        let path = Path::new("/var/lib/q/journal");
        let all = [
            JournalTrouble::missing(path),
            JournalTrouble::moved_away(path),
            JournalTrouble::not_ours(path, "it is a picture"),
            JournalTrouble::empty(path),
            JournalTrouble::damaged(path, "entry 3 has a wrong checksum"),
            JournalTrouble::newer(path, 2, 1),
            JournalTrouble::read_only(path, "it is a museum"),
            JournalTrouble::read_refused(path, "it is a museum"),
            JournalTrouble::full(path, Doing::Writing, "disk full"),
            JournalTrouble::locked(path, Doing::Reading),
            JournalTrouble::network(path, "NFS"),
            JournalTrouble::other(path, Doing::Opening, "it is late"),
        ];
        for trouble in all {
            assert!(trouble.happened.contains("at /var/lib/q/journal"), "{trouble}");
            for sentence in [&trouble.happened, &trouble.stands, &trouble.next] {
                assert!(sentence.ends_with('.') && sentence.len() > 15, "{sentence}");
            }
        }
    }

    #[test]
    fn hostile_names_cannot_move_the_cursor() {
        let trouble = JournalTrouble::missing(Path::new("/tmp/\u{1b}]52;c;aGk=\u{7}\u{202e}x"));
        assert!(!trouble.to_string().chars().any(|c| c.is_control() || c == '\u{202e}'), "{trouble}");
        assert!(JournalTrouble::damaged(Path::new("/a"), &"x".repeat(10_000)).happened.chars().count() < 500);
    }
}

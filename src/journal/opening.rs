//! Opening a journal's file, in two ways: for writing, and for reading without writing. It must not know what is in a row.
//!
//! The process opens the file through SQLite only: closing any other descriptor of it would drop SQLite's locks
//! (<https://www.sqlite.org/howtocorrupt.html>, 2.2). What has to be known before is asked of the file's metadata.

use super::place;
use super::schema::{APPLICATION, TABLE, VERSION};
use super::sqlite::Sqlite;
use super::trouble::{Doing, JournalTrouble, Kind};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long another program's lock is waited for.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How a file was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For reading and writing.
    Writing,
    /// For reading, beside writers.
    Reading,
    /// For reading, where nobody was writing and we cannot make the files by which to notice a writer.
    Alone,
}

/// Opens a journal for reading and writing. With `create`, one that is not there is made: whole, under another name, and then
/// given its name, so that no moment of a crash leaves half a journal; directories 0700, the file 0600.
///
/// # Errors
/// Every kind of [`JournalTrouble`]; what is there is left as it is.
pub fn for_writing(path: &Path, create: bool) -> Result<Sqlite, JournalTrouble> {
    let path = match find(path) {
        Ok(found) => found,
        Err(trouble) if create && trouble.kind == Kind::Missing => make(path)?,
        Err(trouble) => return Err(trouble),
    };
    refuse_network(&path, place::parent(&path))?;
    for (place, what) in
        [(path.as_path(), "you may not write to it"), (place::parent(&path), "you may not write to its directory")]
    {
        if !place::writable(place) {
            return Err(JournalTrouble::read_only(&path, what));
        }
    }
    // another program's file is not even opened for writing: that alone could roll back its journal
    let looked = connect(&path, Mode::Reading)?;
    identify(&looked, &path)?;
    let connection = connect(&path, Mode::Writing)?;
    drop(looked);
    identify(&connection, &path)?;
    let trouble = |error: &rusqlite::Error| JournalTrouble::from_sqlite(&path, Doing::Opening, error);
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(|error| trouble(&error))? {
        return Err(JournalTrouble::read_only(&path, "its file system forbids it"));
    }
    prepare_writing(&connection, &path)?;
    Sqlite::opened(connection, path, Mode::Writing)
}

/// Opens a journal for reading. Nothing is created, and what the journal holds is not written to; SQLite keeps its `-shm` and
/// `-wal` beside it, by which readers see writers. Where these cannot be made, the file is read alone if nobody writes to it.
///
/// # Errors
/// Every kind of [`JournalTrouble`] but `Full` and `Network`.
pub fn for_reading(path: &Path) -> Result<Sqlite, JournalTrouble> {
    let path = find(path)?;
    let mode = if place::writable(place::parent(&path)) || place::beside(&path, "-wal").exists() {
        Mode::Reading
    } else {
        Mode::Alone
    };
    let connection = connect(&path, mode)?;
    if let Err(error) = connection.query_row("PRAGMA application_id", [], |_| Ok(()))
        && matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
    {
        let why = "a program has it open, or ended without closing it, and we may not join its locks";
        return Err(JournalTrouble::read_refused(&path, why));
    }
    identify(&connection, &path)?;
    Sqlite::opened(connection, path, mode)
}

/// The file itself, links followed, if a journal can be in it.
fn find(path: &Path) -> Result<PathBuf, JournalTrouble> {
    let trouble = |error: &io::Error| JournalTrouble::from_io(path, Doing::Opening, error);
    let meta = fs::metadata(path).map_err(|error| trouble(&error))?;
    if !meta.is_file() {
        return Err(JournalTrouble::not_ours(path, if meta.is_dir() { "it is a directory" } else { "it is no file" }));
    }
    if meta.len() == 0 {
        return Err(JournalTrouble::empty(path));
    }
    fs::canonicalize(path).map_err(|error| trouble(&error))
}

/// Makes a journal where there is none. If another process makes one at the same time, there is one, and it is whole.
fn make(path: &Path) -> Result<PathBuf, JournalTrouble> {
    let trouble = |error: &io::Error| JournalTrouble::from_io(path, Doing::Opening, error);
    let directory = place::parent(path);
    refuse_network(path, directory.ancestors().find(|near| near.exists()).unwrap_or(Path::new(".")))?;
    place::make_directories(directory)?;
    // a temporary file is made with mode 0600; what SQLite puts beside a database has the database's mode
    let new = tempfile::Builder::new().prefix(".journal-").suffix(".new").tempfile_in(directory);
    let new = new.map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => JournalTrouble::read_only(path, "you may not write to its directory"),
        _ => trouble(&error),
    })?;
    let new = new.into_temp_path();
    fill(&new).map_err(|error| JournalTrouble::from_sqlite(path, Doing::Opening, &error))?;
    match new.persist_noclobber(path) {
        Err(failed) if failed.error.kind() != io::ErrorKind::AlreadyExists => return Err(trouble(&failed.error)),
        _ => place::sync(directory).map_err(|error| trouble(&error))?,
    }
    find(path)
}

/// Makes an empty file an empty journal.
fn fill(path: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open_with_flags(plain(path), OpenFlags::SQLITE_OPEN_READ_WRITE | base_flags())?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {TABLE} COMMIT;"
    ))?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)
}

fn refuse_network(path: &Path, directory: &Path) -> Result<(), JournalTrouble> {
    match place::network(directory) {
        Some(name) => Err(JournalTrouble::network(path, &name)),
        None => Ok(()),
    }
}

fn base_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE
}

/// A path that SQLite takes for a path: `file:` and `:memory:` mean something else at its beginning.
fn plain(path: &Path) -> PathBuf {
    if path.is_absolute() { path.to_path_buf() } else { Path::new(".").join(path) }
}

/// A path as SQLite's `file:` form (<https://www.sqlite.org/uri.html>), with every byte but the harmless ones escaped.
fn uri(path: &Path) -> String {
    let mut out = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => out.push(char::from(*byte)),
            b'\\' => out.push('/'),
            _ => out.push_str(&format!("%{byte:02x}")),
        }
    }
    out + "?immutable=1"
}

/// A connection that trusts nothing the file's schema says.
fn connect(path: &Path, mode: Mode) -> Result<Connection, JournalTrouble> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = match mode {
            Mode::Writing => Connection::open_with_flags(plain(path), OpenFlags::SQLITE_OPEN_READ_WRITE | base_flags()),
            Mode::Reading => Connection::open_with_flags(plain(path), OpenFlags::SQLITE_OPEN_READ_ONLY | base_flags()),
            Mode::Alone => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | base_flags();
                Connection::open_with_flags(uri(path), flags)
            }
        }?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
        connection.execute_batch("PRAGMA cell_size_check = ON;")?;
        connection.query_row("PRAGMA mmap_size = 0", [], |_| Ok(())).or_else(|error| match error {
            // where memory maps are not compiled in, nothing is answered
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            other => Err(other),
        })?;
        Ok(connection)
    };
    open().map_err(|error| JournalTrouble::from_sqlite(path, Doing::Opening, &error))
}

/// Whether this is a journal that we can read: its mark, its version, its one table.
fn identify(connection: &Connection, path: &Path) -> Result<(), JournalTrouble> {
    let trouble = |error: &rusqlite::Error| JournalTrouble::from_sqlite(path, Doing::Opening, error);
    let number = |pragma: &str| -> Result<i64, JournalTrouble> {
        connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).map_err(|error| trouble(&error))
    };
    if number("application_id")? != APPLICATION {
        return Err(JournalTrouble::not_ours(path, "it is another program's database"));
    }
    match number("user_version")? {
        VERSION => {}
        newer if newer > VERSION => return Err(JournalTrouble::newer(path, newer, VERSION)),
        other => return Err(JournalTrouble::damaged(path, &format!("its schema version is {other}"))),
    }
    let schema = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY rowid";
    let read =
        || -> rusqlite::Result<Vec<String>> { connection.prepare(schema)?.query_map([], |row| row.get(0))?.collect() };
    let found = read().map_err(|error| trouble(&error))?;
    let table = TABLE.find("CREATE").and_then(|start| TABLE.get(start..)).unwrap_or(TABLE).trim_end();
    let ours = [
        format!("table entries {}", table.trim_end_matches(';')),
        String::from("index sqlite_autoindex_entries_1 "),
        String::from("index sqlite_autoindex_entries_2 "),
    ];
    if found == ours { Ok(()) } else { Err(JournalTrouble::damaged(path, "its table is not the one of its version")) }
}

/// Settings of a connection that writes: nothing is acknowledged before it is on the disk.
fn prepare_writing(connection: &Connection, path: &Path) -> Result<(), JournalTrouble> {
    let trouble = |error: &rusqlite::Error| JournalTrouble::from_sqlite(path, Doing::Opening, error);
    let wal: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(|error| trouble(&error))?;
    if wal != "wal" {
        let what = format!("its file system does not let it write ahead (journal mode {wal})");
        return Err(JournalTrouble::other(path, Doing::Opening, &what));
    }
    let mut settings = String::from("PRAGMA synchronous = FULL;");
    if cfg!(target_os = "macos") {
        settings.push_str("PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;");
    }
    connection.execute_batch(&settings).map_err(|error| trouble(&error))?;
    let level: i64 =
        connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).map_err(|error| trouble(&error))?;
    if level != 2 {
        let what = format!("SQLite would acknowledge what is not on disk (synchronous is {level}, not 2)");
        return Err(JournalTrouble::other(path, Doing::Opening, &what));
    }
    Ok(())
}

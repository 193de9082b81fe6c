//! Entries in a SQLite file: one connection on one thread, kept for life. It must not know how the file was found or made.

use super::opening::Mode;
use super::place;
use super::schema::{COLUMNS, Row, Written};
use super::trouble::{Doing, JournalTrouble};
use super::{After, Appended, BATCH, Damage, Imported, Read, Stand, Verdict, judge, plan_import, shrunk};
use crate::incident::entry::{Entry, EntryId, Number};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OptionalExtension, ToSql, TransactionBehavior, params};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A journal in a file.
#[derive(Debug)]
pub struct Sqlite {
    connection: Connection,
    path: PathBuf,
    mode: Mode,
    /// Which file was opened; one opened alone must not even be touched.
    was: (u64, u64),
    touched: Option<(u64, Option<SystemTime>)>,
}

impl Sqlite {
    /// Takes over a connection that was opened and looked at.
    ///
    /// # Errors
    /// When the file is gone already.
    pub(super) fn opened(connection: Connection, path: PathBuf, mode: Mode) -> Result<Sqlite, JournalTrouble> {
        let meta = fs::metadata(&path).map_err(|error| JournalTrouble::from_io(&path, Doing::Opening, &error))?;
        let touched = (mode == Mode::Alone).then(|| (meta.len(), meta.modified().ok()));
        Ok(Sqlite { connection, path, mode, was: place::identity(&meta), touched })
    }

    /// The file, links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it was opened.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Lets the file grow to this many pages of 4,096 bytes: a full disk, on purpose.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn limit_pages(&self, pages: u32) -> Result<(), JournalTrouble> {
        let set = self.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()));
        set.map_err(|error| self.trouble(Doing::Opening, &error))
    }

    /// Waits this long for another program's lock, instead of [`super::opening::PATIENCE`].
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn wait_for_locks(&self, patience: Duration) -> Result<(), JournalTrouble> {
        self.connection.busy_timeout(patience).map_err(|error| self.trouble(Doing::Opening, &error))
    }

    fn trouble(&self, doing: Doing, error: &rusqlite::Error) -> JournalTrouble {
        JournalTrouble::from_sqlite(&self.path, doing, error)
    }

    /// An open file can be moved or replaced, and SQLite would go on with the one that has no name; so look each time.
    fn in_place(&self) -> Result<(), JournalTrouble> {
        let Ok(meta) = fs::metadata(&self.path) else {
            return Err(JournalTrouble::moved_away(&self.path));
        };
        if place::identity(&meta) != self.was {
            return Err(JournalTrouble::moved_away(&self.path));
        }
        match self.touched {
            Some(touched)
                if touched != (meta.len(), meta.modified().ok()) || place::beside(&self.path, "-wal").exists() =>
            {
                Err(JournalTrouble::read_refused(&self.path, "somebody began to write to it after it was opened"))
            }
            _ => Ok(()),
        }
    }

    /// See [`super::Journal::append`].
    pub(super) fn append(&mut self, streams: &[After]) -> Result<Appended, JournalTrouble> {
        self.may_write()?;
        let path = &self.path;
        let trouble = |error: rusqlite::Error| JournalTrouble::from_sqlite(path, Doing::Writing, &error);
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(trouble)?;
        let stands = streams.iter().map(|after| stand(&tx, path, after)).collect::<Result<Vec<_>, _>>()?;
        match judge(streams, &stands) {
            Verdict::Done => return Ok(Appended::Done),
            Verdict::Moved => {
                let mut newer = Vec::new();
                for After { number, head, .. } in streams {
                    let read = since(&tx, path, *number, *head, BATCH)?;
                    if let Some(damage) = read.damage {
                        return Err(JournalTrouble::damaged(path, &damage.to_string()));
                    }
                    newer.extend(read.entries);
                }
                return Ok(Appended::Moved(newer));
            }
            Verdict::Write => {}
        }
        for after in streams {
            insert(&tx, path, &after.entries)?;
        }
        tx.commit().map_err(trouble)?;
        Ok(Appended::Done)
    }

    fn may_write(&self) -> Result<(), JournalTrouble> {
        if self.mode != Mode::Writing {
            return Err(JournalTrouble::read_only(&self.path, "it was opened for reading only"));
        }
        self.in_place()
    }

    /// See [`super::Journal::read_since`].
    pub(super) fn read_since(&self, number: Number, head: u64, limit: usize) -> Result<Read, JournalTrouble> {
        self.in_place()?;
        since(&self.connection, &self.path, number, head, limit)
    }

    /// See [`super::Journal::read_last`].
    pub(super) fn read_last(&self, number: Number, count: usize) -> Result<Read, JournalTrouble> {
        self.in_place()?;
        let head = head(&self.connection, &self.path, number)?;
        let before = head.saturating_sub(count as u64);
        let read = since(&self.connection, &self.path, number, before, count)?;
        Ok(Read { more: before > 0, ..read })
    }

    /// See [`super::Journal::read_kinds`].
    pub(super) fn read_kinds(&self, number: Number, kinds: &[&str]) -> Result<Read, JournalTrouble> {
        self.in_place()?;
        let marks = vec!["?"; kinds.len()].join(", ");
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE incident = ? AND kind IN ({marks}) ORDER BY seq");
        let mut values: Vec<&dyn ToSql> = vec![&number];
        values.extend(kinds.iter().map(|kind| kind as &dyn ToSql));
        read(&self.connection, &self.path, &sql, &values, Wanted { number, after: 0, gaps: true, limit: usize::MAX })
    }

    /// See [`super::Journal::heads`]. Leaps from stream to stream along the key instead of reading all of it.
    pub(super) fn heads(&self) -> Result<Vec<(Number, u64)>, JournalTrouble> {
        self.in_place()?;
        let sql = "WITH RECURSIVE streams(number) AS (
                SELECT min(incident) FROM entries
                UNION ALL
                SELECT (SELECT min(incident) FROM entries WHERE incident > number) FROM streams WHERE number IS NOT NULL
            )
            SELECT number, (SELECT max(seq) FROM entries WHERE incident = number) FROM streams WHERE number IS NOT NULL";
        let ask = || -> rusqlite::Result<Vec<(i64, i64)>> {
            let mut statement = self.connection.prepare(sql)?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        let heads = ask().map_err(|error| self.trouble(Doing::Reading, &error))?;
        let known = |(number, seq)| Some((Number::try_from(number).ok()?, u64::try_from(seq).ok()?));
        let odd = || JournalTrouble::damaged(&self.path, "a stream's number or place is out of range");
        heads.into_iter().map(|stream| known(stream).ok_or_else(odd)).collect()
    }

    /// See [`super::Journal::import`].
    pub(super) fn import(&mut self, entries: &[Entry]) -> Result<Imported, JournalTrouble> {
        self.may_write()?;
        let path = &self.path;
        let trouble = |error: rusqlite::Error| JournalTrouble::from_sqlite(path, Doing::Writing, &error);
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(trouble)?;
        let (imported, missing) = {
            let mut by_id = tx.prepare("SELECT incident FROM entries WHERE entry = ?").map_err(trouble)?;
            let by_id = std::cell::RefCell::new(&mut by_id);
            let find = |id: EntryId| by_id.borrow_mut().query_row([id.0], |row| row.get(0)).optional().map_err(trouble);
            let free = || {
                let last = tx.query_row("SELECT max(incident) FROM entries", [], |row| row.get::<_, Option<Number>>(0));
                last.map(|last| last.map_or(1, |last| last.saturating_add(1))).map_err(trouble)
            };
            plan_import(entries, find, |number| head(&tx, path, number), free)?
        };
        insert(&tx, path, &missing)?;
        tx.commit().map_err(trouble)?;
        Ok(imported)
    }

    /// See [`super::Journal::version`].
    pub(super) fn version(&self) -> Result<i64, JournalTrouble> {
        self.in_place()?;
        let asked = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0));
        asked.map_err(|error| self.trouble(Doing::Reading, &error))
    }
}

/// The place of a stream's last entry; 0 when it has none.
fn head(connection: &Connection, path: &Path, number: Number) -> Result<u64, JournalTrouble> {
    let sql = "SELECT max(seq) FROM entries WHERE incident = ?";
    match connection.query_row(sql, [number], |row| row.get::<_, Option<i64>>(0)) {
        Ok(last) => u64::try_from(last.unwrap_or(0)).map_err(|_| JournalTrouble::damaged(path, "a place is negative")),
        Err(error) => Err(JournalTrouble::from_sqlite(path, Doing::Reading, &error)),
    }
}

fn stand(connection: &Connection, path: &Path, after: &After) -> Result<Stand, JournalTrouble> {
    let found = head(connection, path, after.number)?;
    if found == after.head {
        return Ok(Stand::Fits);
    }
    if found < after.head {
        return Err(shrunk(path, after, found));
    }
    let sql = "SELECT entry FROM entries WHERE incident = ? AND seq = ?";
    let same = || -> rusqlite::Result<bool> {
        let mut statement = connection.prepare(sql)?;
        for (seq, entry) in (after.head.saturating_add(1)..).zip(&after.entries) {
            let values = params![after.number, seq.cast_signed()];
            let there: Option<Vec<u8>> = statement.query_row(values, |row| row.get(0)).optional()?;
            if there.as_deref() != Some(&entry.id.0) {
                return Ok(false);
            }
        }
        Ok(true)
    };
    match same() {
        Ok(true) => Ok(Stand::Repeats),
        Ok(false) => Ok(Stand::Moved),
        Err(error) => Err(JournalTrouble::from_sqlite(path, Doing::Writing, &error)),
    }
}

fn insert(connection: &Connection, path: &Path, entries: &[Entry]) -> Result<(), JournalTrouble> {
    let trouble = |error: rusqlite::Error| JournalTrouble::from_sqlite(path, Doing::Writing, &error);
    let sql = format!("INSERT INTO entries ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    let mut statement = connection.prepare(&sql).map_err(trouble)?;
    let mut space = Vec::new();
    for entry in entries {
        let written = Written::of(entry);
        let row = written.row(&mut space).map_err(|what| JournalTrouble::other(path, Doing::Writing, what))?;
        let values = params![
            row.incident,
            row.seq,
            row.entry,
            row.at,
            row.recorded,
            row.when.map(ValueRef::Text).map(Raw),
            Raw(ValueRef::Text(row.author)),
            row.session,
            row.schema,
            Raw(ValueRef::Text(row.kind)),
            Raw(ValueRef::Text(row.fact)),
            row.sum
        ];
        statement.execute(values).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => JournalTrouble::doubled(path, entry.id),
            _ => trouble(error),
        })?;
    }
    Ok(())
}

/// Bytes on their way into a column.
struct Raw<'a>(ValueRef<'a>);

impl ToSql for Raw<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(self.0))
    }
}

fn since(
    connection: &Connection,
    path: &Path,
    number: Number,
    after: u64,
    limit: usize,
) -> Result<Read, JournalTrouble> {
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE incident = ? AND seq > ? ORDER BY seq LIMIT ?");
    // one more than asked for, to know whether there is more
    let rows = i64::try_from(limit).map_or(i64::MAX, |limit| limit.saturating_add(1));
    let from = i64::try_from(after).unwrap_or(i64::MAX);
    read(connection, path, &sql, &[&number, &from, &rows], Wanted { number, after, gaps: false, limit })
}

/// What a question to the table is about.
struct Wanted {
    number: Number,
    /// The place before the first one.
    after: u64,
    /// Places may be left out.
    gaps: bool,
    limit: usize,
}

fn read(
    connection: &Connection,
    path: &Path,
    sql: &str,
    values: &[&dyn ToSql],
    wanted: Wanted,
) -> Result<Read, JournalTrouble> {
    let trouble = |error: &rusqlite::Error| JournalTrouble::from_sqlite(path, Doing::Reading, error);
    let mut statement = connection.prepare(sql).map_err(|error| trouble(&error))?;
    let mut rows = statement.query(values).map_err(|error| trouble(&error))?;
    let (mut out, mut space, mut last) = (Read::default(), Vec::new(), wanted.after);
    loop {
        let next = last.saturating_add(1);
        let damage = |seq, why: &str| Some(Damage { number: wanted.number, seq, why: String::from(why) });
        let row = match rows.next() {
            Ok(None) => return Ok(out),
            Ok(Some(_)) if out.entries.len() >= wanted.limit => {
                out.more = true;
                return Ok(out);
            }
            Ok(Some(row)) => row,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                out.damage = damage(next, "the file's pages are damaged there");
                return Ok(out);
            }
            Err(error) => return Err(trouble(&error)),
        };
        match row_of(row).and_then(|row| row.entry(&mut space)) {
            Ok(entry) if entry.seq == next || (wanted.gaps && entry.seq > last) => {
                last = entry.seq;
                out.entries.push(entry);
            }
            Ok(_) => {
                out.damage = damage(next, "it is missing");
                return Ok(out);
            }
            Err(why) => {
                let seq = row.get_ref(1).ok().and_then(|seq| seq.as_i64().ok()).and_then(|seq| u64::try_from(seq).ok());
                out.damage = damage(if wanted.gaps { seq.unwrap_or(next) } else { next }, why);
                return Ok(out);
            }
        }
    }
}

/// The columns of a row as they lie in SQLite's memory.
fn row_of<'a>(row: &'a rusqlite::Row<'_>) -> Result<Row<'a>, &'static str> {
    const ODD: &str = "a column is not of its type";
    let number = |i: usize| row.get_ref(i).ok().and_then(|value| value.as_i64().ok()).ok_or(ODD);
    let text = |i: usize| match row.get_ref(i) {
        Ok(ValueRef::Text(bytes)) => Ok(bytes),
        _ => Err(ODD),
    };
    Ok(Row {
        incident: number(0)?,
        seq: number(1)?,
        entry: row.get_ref(2).ok().and_then(|value| value.as_blob().ok()).ok_or(ODD)?,
        at: number(3)?,
        recorded: number(4)?,
        when: match row.get_ref(5) {
            Ok(ValueRef::Null) => None,
            _ => Some(text(5)?),
        },
        author: text(6)?,
        session: number(7)?,
        schema: number(8)?,
        kind: text(9)?,
        fact: text(10)?,
        sum: number(11)?,
    })
}

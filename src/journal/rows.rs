//! Rows in and out of the table: the statements and what proves that nothing is missing. It must not know what is asked, or why.

use super::schema::{COLUMNS, Row, Written};
use super::trouble::{Doing, JournalTrouble, clean};
use super::{Damage, Read};
use crate::incident::entry::{Entry, Number};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, ToSql, params};
use std::path::Path;

const MISSING: &str = "it is missing";

/// Every stream with the place of its last entry, leaping along the key from stream to stream instead of reading all of it; it ends on a damaged key too.
pub(super) const HEADS: &str = "WITH RECURSIVE streams(number) AS (
        SELECT min(incident) FROM entries
        UNION
        SELECT (SELECT min(incident) FROM entries WHERE incident > number) FROM streams WHERE number IS NOT NULL
    )
    SELECT number, (SELECT max(seq) FROM entries WHERE incident = number) AS head FROM streams WHERE number IS NOT NULL";

/// Whether some entry is in the table and in no stream, or the other way round. Rows are numbered from 1 and never deleted, so the
/// last row's number is the sum of all streams' lengths; the one is read from the table, the other from the index over its key.
pub(super) fn missing(connection: &Connection) -> Option<String> {
    let sql = format!("SELECT coalesce(max(rowid), 0), (SELECT coalesce(sum(head), 0) FROM ({HEADS})) FROM entries");
    match connection.query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))) {
        Ok((rows, places)) if rows == places => None,
        Ok((rows, places)) => Some(format!("the file has {rows} entries, and its streams have {places}")),
        Err(error) => Some(format!("the file's entries cannot be counted ({})", clean(&error.to_string()))),
    }
}

/// The place of a stream's last entry; 0 when it has none.
pub(super) fn head(connection: &Connection, path: &Path, number: Number) -> Result<u64, JournalTrouble> {
    let sql = "SELECT max(seq) FROM entries WHERE incident = ?";
    match connection.query_row(sql, [number], |row| row.get::<_, Option<i64>>(0)) {
        Ok(last) => u64::try_from(last.unwrap_or(0)).map_err(|_| JournalTrouble::damaged(path, "a place is negative")),
        Err(error) => Err(JournalTrouble::from_sqlite(path, Doing::Reading, &error)),
    }
}

/// Adds entries to the table.
pub(super) fn insert(connection: &Connection, path: &Path, entries: &[Entry]) -> Result<(), JournalTrouble> {
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
/// Entries of a stream after a place, at most `limit`, and whether there are more.
pub(super) fn since(
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
    let mut read =
        read(connection, path, &sql, &[&number, &from, &rows], Wanted { number, after, gaps: false, limit })?;
    if !read.more && read.damage.is_none() {
        let last = read.entries.last().map_or(after, |entry| entry.seq);
        // the walk along the key ended early: some key in the middle of it is damaged
        if last < head(connection, path, number)? {
            read.damage = Some(Damage { number, seq: last.saturating_add(1), why: String::from(MISSING) });
        }
    }
    Ok(read)
}

/// What a question to the table is about.
pub(super) struct Wanted {
    /// The stream.
    pub number: Number,
    /// The place before the first one.
    pub after: u64,
    /// Places may be left out.
    pub gaps: bool,
    /// How many at most.
    pub limit: usize,
}

/// Asks for rows, checks each, and stops at the first that is damaged.
pub(super) fn read(
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
                out.damage = damage(next, MISSING);
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

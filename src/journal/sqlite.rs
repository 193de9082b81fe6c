//! Entries in a SQLite file: one connection on one thread, kept for life. It must not know how the file was found or made.

use super::opening::Mode;
use super::place;
use super::rows::{HEADS, Wanted, head, insert, missing, read, since};
use super::schema::COLUMNS;
use super::trouble::{Doing, JournalTrouble};
use super::{After, Appended, BATCH, Damage, Imported, Read, Stand, Verdict, judge, plan_import, shrunk};
use crate::incident::entry::{Entry, EntryId, Number};
use rusqlite::{Connection, OptionalExtension, ToSql, Transaction, TransactionBehavior, params};
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
    /// Some entry of some stream cannot be found, and why that is known.
    lost: Option<String>,
}

impl Sqlite {
    /// Takes over a connection that was opened and looked at.
    ///
    /// # Errors
    /// When the file is gone already.
    pub(super) fn opened(connection: Connection, path: PathBuf, mode: Mode) -> Result<Sqlite, JournalTrouble> {
        let meta = fs::metadata(&path).map_err(|error| JournalTrouble::from_io(&path, Doing::Opening, &error))?;
        let touched = (mode == Mode::Alone).then(|| (meta.len(), meta.modified().ok()));
        let lost = missing(&connection);
        Ok(Sqlite { connection, path, mode, was: place::identity(&meta), touched, lost })
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
        let snapshot = self.snapshot()?;
        self.doubting(number, head, since(&snapshot, &self.path, number, head, limit)?)
    }

    /// One state of the file for several questions.
    fn snapshot(&self) -> Result<Transaction<'_>, JournalTrouble> {
        self.connection.unchecked_transaction().map_err(|error| self.trouble(Doing::Reading, &error))
    }

    /// When an entry cannot be found, the end of a stream may not be its end.
    fn doubting(&self, number: Number, after: u64, mut read: Read) -> Result<Read, JournalTrouble> {
        if let (Some(why), None, false) = (&self.lost, &read.damage, read.more) {
            let seq = read.entries.last().map_or(after, |entry| entry.seq).saturating_add(1);
            read.damage = Some(Damage { number, seq, why: why.clone() });
        }
        Ok(read)
    }

    /// See [`super::Journal::read_last`].
    pub(super) fn read_last(&self, number: Number, count: usize) -> Result<Read, JournalTrouble> {
        self.in_place()?;
        let snapshot = self.snapshot()?;
        let before = head(&snapshot, &self.path, number)?.saturating_sub(count as u64);
        let read = self.doubting(number, before, since(&snapshot, &self.path, number, before, count)?)?;
        Ok(Read { more: before > 0, ..read })
    }

    /// See [`super::Journal::read_kinds`].
    pub(super) fn read_kinds(&self, number: Number, kinds: &[&str]) -> Result<Read, JournalTrouble> {
        self.in_place()?;
        let marks = vec!["?"; kinds.len()].join(", ");
        let sql = format!("SELECT {COLUMNS} FROM entries WHERE incident = ? AND kind IN ({marks}) ORDER BY seq");
        let mut values: Vec<&dyn ToSql> = vec![&number];
        values.extend(kinds.iter().map(|kind| kind as &dyn ToSql));
        let wanted = Wanted { number, after: 0, gaps: true, limit: usize::MAX };
        self.doubting(number, 0, read(&self.connection, &self.path, &sql, &values, wanted)?)
    }

    /// See [`super::Journal::heads`].
    pub(super) fn heads(&self) -> Result<Vec<(Number, u64)>, JournalTrouble> {
        self.in_place()?;
        let ask = || -> rusqlite::Result<Vec<(i64, i64)>> {
            let mut statement = self.connection.prepare(HEADS)?;
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

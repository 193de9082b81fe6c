//! Events as columns in blocks of 64 k rows, each with its first and last moment. It must not know of files or questions.

use super::column::{Column, Words};
use super::intake::Intake;
use super::line::{Entry, Event, Reader};
use crate::query::filter::Value;
use std::collections::BTreeMap;

/// How many rows a block holds.
pub const ROWS: usize = 65_536;
/// A block is also closed when its texts take this many bytes.
const TEXT_BYTES: usize = 64 << 20;
/// How exactly it is known when a record was written that could not be read, µs.
const UNREAD_STEP: i64 = 15_000_000;

/// Rows with their columns. A closed block never changes again.
#[derive(Debug)]
pub struct Block {
    /// When each row happened, µs UTC.
    pub times: Vec<i64>,
    /// How many events each row stands for; empty while every row stands for one.
    pub weights: Vec<u32>,
    /// The earliest of the times.
    pub first: i64,
    /// The latest of the times.
    pub last: i64,
    columns: Vec<Column>,
    text_bytes: usize,
}

/// How often a field held each type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// numbers
    pub numbers: u64,
    /// texts
    pub texts: u64,
    /// true and false
    pub bools: u64,
}

/// What reading some lines came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Lines, blank and bad ones included.
    pub lines: u64,
    /// Events taken.
    pub events: u64,
    /// Lines that are no events.
    pub bad: u64,
    /// The first of them: its number among these lines (from 1), what is wrong, how it begins.
    pub first_bad: Option<(u64, String, String)>,
    /// Events without a readable time; they are not taken.
    pub untimed: u64,
    /// The first of them: its number among these lines and how it begins.
    pub first_untimed: Option<(u64, String)>,
    /// Lines above 1 MiB.
    pub long: u64,
    /// Events whose sample rate could not be read.
    pub odd_rates: u64,
    /// Values that were not kept.
    pub dropped: u64,
    /// The latest time among the events.
    pub newest: Option<i64>,
}

/// All events of one reader.
#[derive(Debug, Default)]
pub struct Store {
    /// Reads JSON, and knows the fields' names.
    pub(super) reader: Reader,
    words: Vec<Words>,
    kinds: Vec<Kinds>,
    /// For each field the last row it was written in, counted over all blocks, plus 1.
    written: Vec<u64>,
    blocks: Vec<Block>,
    rows: u64,
    closed_bytes: usize,
    unread: Unread,
    /// For each field how many rows it was written in twice, with different values.
    twice: Vec<u64>,
}

/// When records were written that could not be read, as far as the events beside them tell.
#[derive(Debug, Default)]
struct Unread {
    /// How many there were in each [`UNREAD_STEP`].
    at: BTreeMap<i64, u64>,
    /// How many there were since the last event.
    waiting: u64,
    /// The time of the last event of this stretch.
    last: Option<i64>,
}

impl Unread {
    /// The records that wait are taken for as old as an event beside them.
    fn settle(&mut self, time: i64) {
        if self.waiting > 0 {
            let start = time.div_euclid(UNREAD_STEP) * UNREAD_STEP;
            *self.at.entry(start).or_default() += std::mem::take(&mut self.waiting);
        }
    }
}

impl Default for Block {
    fn default() -> Self {
        Self {
            times: Vec::new(),
            weights: Vec::new(),
            first: i64::MAX,
            last: i64::MIN,
            columns: Vec::new(),
            text_bytes: 0,
        }
    }
}

impl Block {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.times.len()
    }

    /// The column of a field, if any row has it.
    #[must_use]
    pub fn column(&self, field: usize) -> Option<&Column> {
        self.columns.get(field)
    }

    /// How many events a row stands for.
    #[must_use]
    pub fn weight(&self, row: usize) -> u32 {
        self.weights.get(row).copied().unwrap_or(1)
    }

    fn is_full(&self) -> bool {
        self.rows() >= ROWS || self.text_bytes >= TEXT_BYTES
    }

    fn bytes(&self) -> usize {
        self.times.capacity() * 8
            + self.weights.capacity() * 4
            + self.columns.iter().map(|c| c.bytes() + 24).sum::<usize>()
    }

    fn close(&mut self) {
        self.times.shrink_to_fit();
        self.weights.shrink_to_fit();
        self.columns.iter_mut().for_each(Column::shrink);
    }
}

impl Count {
    /// Adds what was read after this.
    pub fn add(&mut self, later: Self) {
        let moved = self.lines;
        self.first_bad = self.first_bad.take().or(later.first_bad.map(|(line, what, text)| (line + moved, what, text)));
        self.first_untimed = self.first_untimed.take().or(later.first_untimed.map(|(line, text)| (line + moved, text)));
        self.lines += later.lines;
        self.events += later.events;
        self.bad += later.bad;
        self.untimed += later.untimed;
        self.long += later.long;
        self.odd_rates += later.odd_rates;
        self.dropped += later.dropped;
        self.newest = self.newest.max(later.newest);
    }
}

impl Intake for Store {
    fn reader(&mut self) -> &mut Reader {
        &mut self.reader
    }

    fn take(&mut self, event: Event, entries: &[Entry<'_>], line: &[u8], count: &mut Count) {
        let Some(time) = count.take(event, line) else { return self.miss() };
        self.unread.settle(time);
        self.unread.last = Some(time);
        let fields = self.reader.names.len();
        self.words.resize_with(fields, Words::default);
        self.kinds.resize(fields, Kinds::default());
        self.written.resize(fields, 0);
        self.twice.resize(fields, 0);
        self.rows += 1;
        if self.blocks.last().is_none_or(Block::is_full) {
            if let Some(full) = self.blocks.last_mut() {
                full.close();
                self.closed_bytes += full.bytes();
            }
            self.blocks.push(Block::default());
        }
        let Some(block) = self.blocks.last_mut() else { return };
        let row = block.times.len();
        block.times.push(time);
        block.first = block.first.min(time);
        block.last = block.last.max(time);
        if event.weight != 1 || !block.weights.is_empty() {
            block.weights.resize(row, 1);
            block.weights.push(event.weight);
        }
        if block.columns.len() < fields {
            block.columns.resize_with(fields, Column::default);
        }
        // from the last to the first, so that of equal keys the last one counts
        for entry in entries.iter().rev() {
            let places = (
                self.written.get_mut(entry.field),
                self.kinds.get_mut(entry.field),
                self.words.get_mut(entry.field),
                block.columns.get_mut(entry.field),
            );
            let (Some(written), Some(kinds), Some(words), Some(column)) = places else { continue };
            if *written == self.rows {
                let last = entries.iter().rfind(|last| last.field == entry.field);
                if last.is_some_and(|last| last.value != entry.value)
                    && let Some(twice) = self.twice.get_mut(entry.field)
                {
                    *twice += 1;
                }
                continue;
            }
            *written = self.rows;
            let value = entry.value.value();
            match value {
                Value::Missing => continue,
                Value::Bool(_) => kinds.bools += 1,
                Value::Int(_) | Value::Float(_) => kinds.numbers += 1,
                Value::Text(text) => {
                    kinds.texts += 1;
                    block.text_bytes += text.len();
                }
            }
            column.push(row, value, words);
        }
    }

    fn miss(&mut self) {
        self.unread.waiting += 1;
    }

    fn end(&mut self) {
        if let Some(last) = self.unread.last.take() {
            self.unread.settle(last);
        }
    }
}

impl Store {
    /// The blocks; only the last one still grows.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// How many events it holds.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What could not be read since the last event is as old as this.
    pub fn settle(&mut self, time: i64) {
        self.unread.settle(time);
    }

    /// How many records that may be events could not be read and were written between two moments, about. What came behind the last event may be of now.
    #[must_use]
    pub fn unread(&self, from: i64, to: i64) -> u64 {
        let from = from.div_euclid(UNREAD_STEP).saturating_mul(UNREAD_STEP);
        let read = self.unread.at.range(from..to.max(from)).map(|(_, count)| count).sum::<u64>();
        let is_behind = self.blocks.iter().all(|block| block.last < to);
        read + if is_behind { self.unread.waiting } else { 0 }
    }

    /// The number of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.reader.names.find(name)
    }

    /// The names of the fields that hold values.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.reader
            .names
            .all()
            .iter()
            .zip(&self.kinds)
            .filter(|(_, kinds)| **kinds != Kinds::default())
            .map(|(name, _)| name.as_str())
    }

    /// How often a field held each type.
    #[must_use]
    pub fn kinds(&self, field: usize) -> Kinds {
        self.kinds.get(field).copied().unwrap_or_default()
    }

    /// How many events wrote a field twice, with different values.
    #[must_use]
    pub fn twice(&self, field: usize) -> u64 {
        self.twice.get(field).copied().unwrap_or_default()
    }

    /// The repeating texts of a field.
    #[must_use]
    pub fn words(&self, field: usize) -> Option<&Words> {
        self.words.get(field)
    }

    /// How much memory the events take, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.closed_bytes
            + self.blocks.last().map_or(0, Block::bytes)
            + self.words.iter().map(Words::bytes).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::intake::{How, Sink};
    use super::*;

    #[test]
    fn given_equal_keys_when_read_then_the_last_one_counts_once() {
        let mut store = Store::default();
        store.read(
            b"{\"ts\":1562712600,\"a\":1,\"a\":2,\"b\":1,\"b\":null}\n{\"ts\":1562712600,\"a\":{\"b\":3},\"a.b\":4}\n",
            How::Json,
        );
        let seen = |name: &str| {
            let field = store.field(name).unwrap();
            let mut out = vec![];
            for part in store.blocks()[0].column(field).unwrap().parts() {
                part.each(store.words(field).unwrap(), |row, value| out.push((row, format!("{value:?}"))));
            }
            out
        };
        assert_eq!(seen("a"), [(0, "Int(2)".to_owned())]);
        assert_eq!(seen("b"), []);
        assert_eq!(seen("a.b"), [(1, "Int(4)".to_owned())]);
        let twice = ["a", "b", "a.b"].map(|name| store.twice(store.field(name).unwrap()));
        assert_eq!(twice, [1, 1, 1], "the events with different values");
    }

    #[test]
    fn given_more_rows_than_a_block_when_read_then_blocks_know_their_times() {
        let mut store = Store::default();
        let lines: String = (0..ROWS + 5).map(|i| format!("{{\"ts\":{}}}\n", 1_562_712_600 + i)).collect();
        store.read(lines.as_bytes(), How::Json);
        let spans: Vec<_> =
            store.blocks().iter().map(|b| ((b.first - 1_562_712_600_000_000) / 1_000_000, b.rows())).collect();
        assert_eq!(spans, [(0, ROWS), (65_536, 5)]);
    }
}

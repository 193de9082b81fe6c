//! Events as columns in blocks of 64 k rows, each with its first and last moment. It must not know of files or questions.

use super::column::{Column, Words};
use super::line::{Entry, Event, Reader};
use crate::query::filter::Value;

/// How many rows a block holds.
pub const ROWS: usize = 65_536;
/// A block is also closed when its texts take this many bytes.
const TEXT_BYTES: usize = 64 << 20;
/// A longer line (in bytes) is skipped and counted.
pub const LONGEST_LINE: usize = 1 << 20;

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
    reader: Reader,
    words: Vec<Words>,
    kinds: Vec<Kinds>,
    /// For each field the last row it was written in, counted over all blocks, plus 1.
    written: Vec<u64>,
    blocks: Vec<Block>,
    rows: u64,
    closed_bytes: usize,
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

impl Store {
    /// Reads lines that end at line breaks; the last one may lack its break.
    pub fn read(&mut self, lines: &[u8]) -> Count {
        let mut count = Count::default();
        let mut entries = Vec::new();
        let mut rest = lines;
        while !rest.is_empty() {
            let (line, after) = split_line(rest);
            rest = after;
            count.lines += 1;
            if line.strip_suffix(b"\n").unwrap_or(line).len() > LONGEST_LINE {
                count.long += 1;
                continue;
            }
            let line = trimmed(line);
            if line.is_empty() {
                continue;
            }
            match self.reader.read(line, &mut entries) {
                Ok(event) => self.take(event, &entries, line, &mut count),
                Err(what) => {
                    count.bad += 1;
                    if count.first_bad.is_none() {
                        count.first_bad = Some((count.lines, what, excerpt(line)));
                    }
                }
            }
        }
        count
    }

    /// Whether these bytes are one whole event with a time.
    pub fn is_event(&mut self, line: &[u8]) -> bool {
        self.reader.read(trimmed(line), &mut Vec::new()).is_ok_and(|event| event.time.is_some())
    }

    fn take(&mut self, event: Event, entries: &[Entry<'_>], line: &[u8], count: &mut Count) {
        count.dropped += event.dropped;
        let Some(time) = event.time else {
            count.untimed += 1;
            if count.first_untimed.is_none() {
                count.first_untimed = Some((count.lines, excerpt(line)));
            }
            return;
        };
        count.odd_rates += u64::from(event.odd_rate);
        count.events += 1;
        count.newest = count.newest.max(Some(time));
        let fields = self.reader.names.len();
        self.words.resize_with(fields, Words::default);
        self.kinds.resize(fields, Kinds::default());
        self.written.resize(fields, 0);
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

/// The bytes up to the first line break, and those after it.
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut rest = bytes;
    // reading from memory cannot fail; this finds the break faster than looking at byte after byte
    let length = std::io::BufRead::skip_until(&mut rest, b'\n').unwrap_or(bytes.len());
    (bytes.get(..length).unwrap_or(bytes), rest)
}

/// A line without white space and NULs around it, and without a byte order mark. (A log that is copied and cut while its writer keeps its place begins with NULs.)
fn trimmed(line: &[u8]) -> &[u8] {
    let noise = |b: &u8| b.is_ascii_whitespace() || *b == 0;
    let start = line.iter().position(|b| !noise(b)).unwrap_or(line.len());
    let end = line.iter().rposition(|b| !noise(b)).map_or(start, |last| last + 1);
    let line = line.get(start..end).unwrap_or(&[]);
    line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
}

/// How a line begins, for people: at most 120 characters, none of which acts on a terminal.
pub(super) fn excerpt(line: &[u8]) -> String {
    let start = line.get(..line.len().min(480)).unwrap_or(line);
    let clean = |c: char| if crate::query::filter::hidden(c) { '·' } else { c };
    let mut text: String = String::from_utf8_lossy(start).chars().take(119).map(clean).collect();
    if text.len() < line.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_noise_around_lines_when_read_then_only_bad_lines_are_bad() {
        let mut store = Store::default();
        let count = store.read(b"\xef\xbb\xbf{\"ts\":1562712600}\r\n\r\n  \n\0\0\0{\"ts\":1562712601}\n{\"ts\":\n\x1b]52;c;x\x07\n{\"ts\":1562712602}");
        assert_eq!((count.lines, count.events, count.bad), (7, 3, 2));
        assert_eq!(count.first_bad.as_ref().map(|(line, _, text)| (*line, text.as_str())), Some((5, "{\"ts\":")));
        assert_eq!(count.newest, Some(1_562_712_602_000_000));
        assert_eq!(excerpt(b"\x1b]52;c;x\x07"), "·]52;c;x·");
        assert_eq!(excerpt("é".repeat(4000).as_bytes()).chars().count(), 120);
    }

    #[test]
    fn given_an_event_without_time_when_read_then_it_is_counted_apart() {
        let mut store = Store::default();
        let count = store.read(b"{\"a\":1}\n{\"ts\":\"2019-07-09T22:50:00\"}\n{\"ts\":1562712600}\n");
        assert_eq!((count.events, count.bad, count.untimed, store.rows()), (1, 0, 2, 1));
        assert_eq!(count.first_untimed, Some((1, "{\"a\":1}".to_owned())));
    }

    #[test]
    fn given_equal_keys_when_read_then_the_last_one_counts_once() {
        let mut store = Store::default();
        store.read(
            b"{\"ts\":1562712600,\"a\":1,\"a\":2,\"b\":1,\"b\":null}\n{\"ts\":1562712600,\"a\":{\"b\":3},\"a.b\":4}\n",
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
    }

    #[test]
    fn given_more_rows_than_a_block_when_read_then_blocks_know_their_times() {
        let mut store = Store::default();
        let lines: String = (0..ROWS + 5).map(|i| format!("{{\"ts\":{}}}\n", 1_562_712_600 + i)).collect();
        store.read(lines.as_bytes());
        let spans: Vec<_> =
            store.blocks().iter().map(|b| ((b.first - 1_562_712_600_000_000) / 1_000_000, b.rows())).collect();
        assert_eq!(spans, [(0, ROWS), (65_536, 5)]);
    }
}

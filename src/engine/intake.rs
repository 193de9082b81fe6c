//! From bytes to events: a stretch of a file is taken record by record, each is read as its form says, and its events go to who takes them.
//! It must not know of files or questions.

use super::access;
use super::csv::{self, Header, Piece};
use super::line::{self, Entry, Event, Reader, Said, Scalar};
use super::names::ROOT;
use super::otlp;
use super::store::Count;

/// A longer line (in bytes) is skipped and counted.
pub const LONGEST_LINE: usize = 1 << 20;

/// How a stretch of bytes is read.
#[derive(Clone, Copy, Debug)]
pub enum How<'f> {
    /// Lines before the first one that tells what the file is: none is an event.
    Untold,
    /// A JSON object on each line.
    Json,
    /// JSON objects, cut already.
    Batch(&'f [Piece]),
    /// Lines of an access log.
    Access,
    /// Records under a header, cut already.
    Csv(&'f Header, &'f [Piece]),
}

/// What takes whole records, read as their form says. The store of events is one.
pub trait Intake: Sized {
    /// What reads lines, and knows the fields' names.
    fn reader(&mut self) -> &mut Reader;

    /// Takes an event with its fields. `line` is what it was read from.
    fn take(&mut self, event: Event, entries: &[Entry<'_>], line: &[u8], count: &mut Count);

    /// A record that may well be an event could not be read.
    fn miss(&mut self) {}

    /// A stretch of a file is over.
    fn end(&mut self) {}
}

/// Who is handed the records of files: one [`Intake`], or several side by side.
pub trait Sink {
    /// Reads whole records; the last line may lack its break.
    fn read(&mut self, bytes: &[u8], how: How<'_>) -> Count;

    /// Whether a line without a break is one whole event that says so by itself.
    fn is_event(&mut self, line: &[u8], how: How<'_>) -> bool;
}

impl<T: Intake> Sink for T {
    fn read(&mut self, bytes: &[u8], how: How<'_>) -> Count {
        let mut count = Count::default();
        if let How::Csv(header, pieces) = how {
            read_pieces(self, bytes, header, pieces, &mut count);
            self.end();
            return count;
        }
        if let How::Batch(pieces) = how {
            read_objects(self, bytes, pieces, &mut count);
            self.end();
            return count;
        }
        let mut entries = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (line, after) = split_line(rest);
            rest = after;
            count.lines += 1;
            if line.strip_suffix(b"\n").unwrap_or(line).len() > LONGEST_LINE {
                count.long += 1;
                self.miss();
                continue;
            }
            let line = trimmed(line);
            if line.is_empty() {
                continue;
            }
            let read = match how {
                How::Untold | How::Batch(_) | How::Csv(..) => Err(untold(line).to_owned()),
                How::Json => self.reader().read(line, &mut entries),
                How::Access => hit(self, line, &mut entries),
            };
            match read {
                Ok(Said::Event(event)) => self.take(event, &entries, line, &mut count),
                Ok(Said::Otlp) => read_otlp(self, line, &mut count),
                Err(what) => {
                    count.refuse(what, line);
                    // a file of which nothing is known, like the log of errors beside that of requests, holds no events
                    if !matches!(how, How::Untold) {
                        self.miss();
                    }
                }
            }
        }
        self.end();
        count
    }

    // a number at its end may still go on
    fn is_event(&mut self, line: &[u8], how: How<'_>) -> bool {
        match how {
            How::Json => match self.reader().read(trimmed(line), &mut Vec::new()) {
                Ok(Said::Event(event)) => event.time.is_some(),
                Ok(Said::Otlp) => {
                    otlp::Line::read(trimmed(line)).is_ok_and(|l| l.happenings().any(|h| h.time.is_some()))
                }
                Err(_) => false,
            },
            How::Access => access::read(trimmed(line)).is_ok_and(|hit| hit.is_closed && hit.time.is_some()),
            How::Untold | How::Batch(_) | How::Csv(..) => false,
        }
    }
}

/// Objects that stand in an array, read as if each had a line of its own.
fn read_objects(intake: &mut impl Intake, bytes: &[u8], pieces: &[Piece], count: &mut Count) {
    let breaks = |from: usize, to: usize| bytes.get(from..to).unwrap_or(&[]).iter().filter(|b| **b == b'\n').count();
    let mut entries = Vec::new();
    let (mut seen, mut before) = (0, 0);
    for piece in pieces {
        before += breaks(seen, piece.start) as u64;
        seen = piece.start;
        // the line in which it begins
        count.lines = before + 1;
        let object = trimmed(bytes.get(piece.start..piece.end).unwrap_or(&[]));
        let read = match piece.broken {
            true => Err("an object of an array that is none, or has no end".to_owned()),
            false => intake.reader().read(object, &mut entries),
        };
        match read {
            Ok(Said::Event(event)) => intake.take(event, &entries, object, count),
            Ok(Said::Otlp) => read_otlp(intake, object, count),
            Err(what) => {
                count.refuse(what, object);
                intake.miss();
            }
        }
    }
    count.lines = before + breaks(seen, bytes.len()) as u64;
}

fn hit<'a>(intake: &mut impl Intake, line: &'a [u8], entries: &mut Vec<Entry<'a>>) -> Result<Said, String> {
    let hit = access::read(line)?;
    let dropped = hit.dropped + enter(intake, hit.values, entries);
    Ok(Said::Event(Event { time: hit.time, weight: 1, odd_rate: false, dropped }))
}

fn read_otlp(intake: &mut impl Intake, line: &[u8], count: &mut Count) {
    let many = match otlp::Line::read(line) {
        Ok(many) => many,
        Err(what) => {
            count.refuse(what, line);
            return intake.miss();
        }
    };
    let mut entries = Vec::new();
    for happening in many.happenings() {
        let dropped = happening.dropped + enter(intake, happening.values, &mut entries);
        let event = line::weighed(&mut entries, happening.time, dropped);
        intake.take(event, &entries, line, count);
    }
}

/// Values by name as fields; how many could not be kept.
fn enter<'a, 'n>(
    intake: &mut impl Intake,
    values: impl IntoIterator<Item = (&'n str, Scalar<'a>)>,
    entries: &mut Vec<Entry<'a>>,
) -> u64 {
    entries.clear();
    intake.reader().names.start(ROOT);
    let mut dropped = 0;
    for (name, value) in values {
        match intake.reader().field(name) {
            Some(field) => entries.push(Entry::new(field, value)),
            None => dropped += 1,
        }
    }
    dropped
}

fn read_pieces(intake: &mut impl Intake, bytes: &[u8], header: &Header, pieces: &[Piece], count: &mut Count) {
    let fields: Vec<Option<usize>> = header.names.iter().map(|name| intake.reader().field(name)).collect();
    let mut splitter = header.splitter();
    for piece in pieces {
        let Some(record) = bytes.get(piece.start..piece.end) else { continue };
        let breaks = record.iter().filter(|b| **b == b'\n').count() as u64;
        count.lines += 1;
        let record = csv::bare(record);
        if record.len() > LONGEST_LINE {
            count.long += 1;
            intake.miss();
        } else if piece.broken {
            count.refuse("a quote that is never closed".to_owned(), record);
            intake.miss();
        } else if !record.iter().all(|b| b.is_ascii_whitespace() || *b == 0) && record != header.line {
            match splitter.split(record) {
                Some(values) => take_values(intake, values, &fields, record, count),
                None => {
                    count.refuse("not UTF-8".to_owned(), record);
                    intake.miss();
                }
            }
        }
        count.lines += breaks.saturating_sub(1);
    }
}

fn take_values<'a>(
    intake: &mut impl Intake,
    values: impl Iterator<Item = &'a str>,
    fields: &[Option<usize>],
    record: &[u8],
    count: &mut Count,
) {
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(fields.len());
    let (mut seen, mut dropped) = (0, 0);
    for text in values {
        match fields.get(seen) {
            Some(Some(field)) => entries.push(Entry::new(*field, csv::typed(text))),
            // a column beyond the header, one without a name, or too many fields
            _ => dropped += u64::from(!text.is_empty()),
        }
        seen += 1;
    }
    if seen == 1 && fields.len() > 1 {
        count.refuse(format!("one value under a header of {}", fields.len()), record);
        return intake.miss();
    }
    let event = line::timed(&mut entries, dropped);
    intake.take(event, &entries, record, count);
}

/// What is wrong with a line when nothing is known of its file.
const UNTOLD: &str = "no JSON object, no line of an access log, no CSV header that names a time";
/// What is wrong with it where each character has two bytes.
const WIDE: &str = "it is text in UTF-16, which is not read: write it as UTF-8, as `iconv -f UTF-16 -t UTF-8` does";

fn untold(line: &[u8]) -> &'static str {
    let marked = [&b"\xff\xfe"[..], b"\xfe\xff"].iter().any(|mark| line.starts_with(mark));
    let zeros = line.iter().filter(|byte| **byte == 0).count();
    // of texts in Latin letters every other byte is zero
    if marked || line.len() >= 8 && zeros * 3 >= line.len() { WIDE } else { UNTOLD }
}

impl Count {
    /// Counts an event, or one without a time: its time.
    pub(super) fn take(&mut self, event: Event, line: &[u8]) -> Option<i64> {
        self.dropped += event.dropped;
        let Some(time) = event.time else {
            self.untimed += 1;
            if self.first_untimed.is_none() {
                self.first_untimed = Some((self.lines, excerpt(line)));
            }
            return None;
        };
        self.odd_rates += u64::from(event.odd_rate);
        self.events += 1;
        self.newest = self.newest.max(Some(time));
        Some(time)
    }

    /// Counts a record that is no event.
    fn refuse(&mut self, what: String, record: &[u8]) {
        self.bad += 1;
        if self.first_bad.is_none() {
            self.first_bad = Some((self.lines, what, excerpt(record)));
        }
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
pub(super) fn trimmed(line: &[u8]) -> &[u8] {
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
    use crate::engine::store::Store;

    #[test]
    fn given_noise_around_lines_when_read_then_only_bad_lines_are_bad() {
        let mut store = Store::default();
        let count = store.read(b"\xef\xbb\xbf{\"ts\":1562712600}\r\n\r\n  \n\0\0\0{\"ts\":1562712601}\n{\"ts\":\n\x1b]52;c;x\x07\n{\"ts\":1562712602}", How::Json);
        assert_eq!((count.lines, count.events, count.bad), (7, 3, 2));
        assert_eq!(count.first_bad.as_ref().map(|(line, _, text)| (*line, text.as_str())), Some((5, "{\"ts\":")));
        assert_eq!(count.newest, Some(1_562_712_602_000_000));
        assert_eq!(excerpt(b"\x1b]52;c;x\x07"), "·]52;c;x·");
        assert_eq!(excerpt("é".repeat(4000).as_bytes()).chars().count(), 120);
    }

    #[test]
    fn given_an_event_without_time_when_read_then_it_is_counted_apart() {
        let mut store = Store::default();
        let count = store.read(b"{\"a\":1}\n{\"ts\":\"2019-07-09T22:50:00\"}\n{\"ts\":1562712600}\n", How::Json);
        assert_eq!((count.events, count.bad, count.untimed, store.rows()), (1, 0, 2, 1));
        assert_eq!(count.first_untimed, Some((1, "{\"a\":1}".to_owned())));
    }
}

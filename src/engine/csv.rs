//! CSV as RFC 4180 has it: the header, where records end, and one record as values. It must not know of files or of what is done with the values.
//!
//! * A quote opens a quoted value only where a value begins; elsewhere it is a character like others. Line breaks within quotes belong to the value.
//! * A quoted value that holds line breaks and is not closed within 64 KiB of its record's start was never meant as one: the record's first line is bad and reading
//!   goes on after it. The lines of those 64 KiB are then records of one line each, so that no byte is looked at more than twice.
//! * Each value is typed by itself: a whole number, another number, true or false, else a text. An empty one is missing.

use std::borrow::Cow;

use csv_core::{ReadRecordResult, ReaderBuilder, Terminator};

use super::line::Scalar;
use super::when;

/// How far a quoted value with line breaks may reach, in bytes from the start of its record.
const LONGEST_QUOTED: usize = 64 << 10;
/// What may stand between values.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The first line of a file: the names of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The names in order, without white space around them.
    pub names: Vec<String>,
    /// The line itself, to know it when it comes again.
    pub line: Vec<u8>,
    delimiter: u8,
}

/// One record within a stretch of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins.
    pub start: usize,
    /// Where the next one begins.
    pub end: usize,
    /// It is a line with a quote that is never closed.
    pub broken: bool,
}

/// Finds records in a file that arrives piece by piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cutter {
    delimiter: u8,
    /// For how many more bytes records have one line only.
    strict: usize,
}

/// Splits records into values.
pub struct Splitter {
    reader: csv_core::Reader,
    delimiter: u8,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Header {
    /// The header that a line is: it has a delimiter and names a time. None for any other line.
    #[must_use]
    pub fn told(line: &[u8]) -> Option<Self> {
        let line = bare(line);
        // most lines are none, and are told so without being split
        let known = |name: &&str| line.windows(name.len().max(1)).any(|part| part == name.as_bytes());
        if !when::NAMES.iter().any(known) {
            return None;
        }
        DELIMITERS.iter().filter(|delimiter| line.contains(delimiter)).find_map(|delimiter| {
            let mut splitter = Splitter::new(*delimiter);
            let names: Vec<String> = splitter.split(line)?.map(|name| name.trim().to_owned()).collect();
            let is_closed = matches!(
                Cutter::new(*delimiter).scan(&[line, b"\n"].concat(), LONGEST_QUOTED),
                Met::End { first_break: None, .. }
            );
            let known = names.iter().any(|name| when::NAMES.contains(&name.as_str()));
            (names.len() > 1 && known && is_closed).then(|| Self { names, line: line.to_vec(), delimiter: *delimiter })
        })
    }

    /// The columns of the same name, each with its places from 1, the first two.
    pub fn twice(&self) -> impl Iterator<Item = (&str, [usize; 2])> {
        let names = || self.names.iter().enumerate().map(|(at, name)| (at + 1, name.as_str()));
        names().filter(|(_, name)| !name.is_empty()).filter_map(move |(at, name)| {
            let before = names().take_while(|(before, _)| *before < at);
            let same: Vec<usize> = before.filter(|(_, other)| *other == name).map(|(before, _)| before).collect();
            if let [first] = same[..] { Some((name, [first, at])) } else { None }
        })
    }

    /// Whether a line could be a record under this header: as many values, and a readable time.
    #[must_use]
    pub fn fits(&self, line: &[u8]) -> bool {
        let mut splitter = self.splitter();
        let Some(values) = splitter.split(bare(line)) else { return false };
        let values: Vec<&str> = values.collect();
        let is_timed = |(name, text): (&String, &&str)| {
            when::NAMES.contains(&name.as_str()) && when::read(typed(text).value()).is_some()
        };
        values.len() == self.names.len() && self.names.iter().zip(&values).any(is_timed)
    }

    /// What finds its records.
    #[must_use]
    pub fn cutter(&self) -> Cutter {
        Cutter::new(self.delimiter)
    }

    /// What splits its records.
    #[must_use]
    pub fn splitter(&self) -> Splitter {
        Splitter::new(self.delimiter)
    }
}

/// What was found from the start of a record on.
#[derive(Debug, PartialEq, Eq)]
enum Met {
    /// It ends here; the first line break within quotes is there.
    End { end: usize, first_break: Option<usize> },
    /// Its end is not in these bytes, or too far.
    Open { first_break: Option<usize> },
}

impl Cutter {
    fn new(delimiter: u8) -> Self {
        Self { delimiter, strict: 0 }
    }

    /// The whole records at the start of `bytes`. If nothing more will come (`is_last`), the rest is records too.
    pub fn cut(&mut self, bytes: &[u8], is_last: bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut start = 0;
        while let Some(rest) = bytes.get(start..).filter(|r| !r.is_empty()) {
            let longest = if self.strict > 0 { 0 } else { LONGEST_QUOTED };
            let (length, broken) = match self.scan(rest, longest) {
                Met::End { end, first_break: Some(line) } if end > longest => (line, true),
                Met::End { end, .. } => (end, false),
                Met::Open { first_break: Some(line) } if is_last || rest.len() > longest => (line, true),
                Met::Open { first_break: None } if is_last => (rest.len(), false),
                Met::Open { .. } => break,
            };
            if broken && self.strict == 0 {
                self.strict = LONGEST_QUOTED;
            }
            self.strict = self.strict.saturating_sub(length);
            pieces.push(Piece { start, end: start + length, broken });
            start += length;
        }
        pieces
    }

    /// Looks for the end of the record that begins with `bytes`; not beyond `longest`, if it is quoted over line breaks.
    fn scan(&self, bytes: &[u8], longest: usize) -> Met {
        let (mut quoted, mut fresh) = (false, true);
        let mut first_break = None;
        let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'"' if quoted => (quoted, fresh) = (false, true),
                // after a closing quote a second one means a quote within the value, so the value goes on
                b'"' if fresh => (quoted, fresh) = (true, false),
                b'\n' if quoted => {
                    first_break = first_break.or(Some(at + 1));
                }
                b'\n' => return Met::End { end: at + 1, first_break },
                _ if quoted => {}
                _ => fresh = *byte == self.delimiter,
            }
            if first_break.is_some() && at >= longest {
                return Met::Open { first_break };
            }
        }
        Met::Open { first_break }
    }
}

impl Splitter {
    fn new(delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
        Self { reader, delimiter, text: Vec::new(), ends: Vec::new() }
    }

    /// The values of a record without its line break; None if it is not UTF-8.
    pub fn split(&mut self, record: &[u8]) -> Option<impl Iterator<Item = &str>> {
        let most = record.iter().filter(|b| **b == self.delimiter).count() + 1;
        self.text.resize(record.len() + 1, 0);
        self.ends.resize(most + 1, 0);
        self.reader.reset();
        let (result, _, written, count) = self.reader.read_record(record, &mut self.text, &mut self.ends);
        let mut count = count;
        if result == ReadRecordResult::InputEmpty {
            let (text, ends) = (self.text.get_mut(written..)?, self.ends.get_mut(count..)?);
            count += self.reader.read_record(&[], text, ends).3;
        }
        let ends = self.ends.get(..count)?;
        let text = std::str::from_utf8(self.text.get(..ends.last().copied().unwrap_or(0))?).ok()?;
        let mut start = 0;
        Some(ends.iter().map(move |end| text.get(std::mem::replace(&mut start, *end)..*end).unwrap_or("")))
    }
}

/// A record without what surrounds it: its line break, NULs and a byte order mark before it.
#[must_use]
pub fn bare(record: &[u8]) -> &[u8] {
    let start = record.iter().position(|b| *b != 0).unwrap_or(record.len());
    let record = record.get(start..).unwrap_or(&[]);
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    let record = record.strip_suffix(b"\r").unwrap_or(record);
    record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record)
}

/// A value by its looks. Numbers are written as in JSON; one with a zero in front is a text, and so are the hex digits of an id.
#[must_use]
pub fn typed(text: &str) -> Scalar<'_> {
    let bytes = text.as_bytes();
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    match digits {
        [] if bytes.is_empty() => Scalar::Null,
        [b'0', b'0'..=b'9', ..] => Scalar::Text(Cow::Borrowed(text)),
        [b'0'..=b'9', rest @ ..] => number(text, rest).unwrap_or(Scalar::Text(Cow::Borrowed(text))),
        _ if text.eq_ignore_ascii_case("true") => Scalar::Bool(true),
        _ if text.eq_ignore_ascii_case("false") => Scalar::Bool(false),
        _ => Scalar::Text(Cow::Borrowed(text)),
    }
}

fn number<'a>(text: &str, rest: &[u8]) -> Option<Scalar<'a>> {
    if rest.iter().all(u8::is_ascii_digit)
        && let Ok(number) = text.parse()
    {
        return Some(Scalar::Int(number));
    }
    let is_id = text.len() == 32 || (text.len() == 16 && !text.contains('.'));
    let is_number = rest.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let float = text.parse().ok().filter(|f: &f64| f.is_finite());
    float.filter(|_| is_number && !is_id).map(Scalar::Float)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    fn values(line: &str) -> Vec<String> {
        let mut splitter = Splitter::new(b',');
        splitter.split(bare(line.as_bytes())).unwrap().map(str::to_owned).collect()
    }

    fn cut(bytes: &[u8], is_last: bool) -> Vec<(usize, bool)> {
        Cutter::new(b',').cut(bytes, is_last).iter().map(|p| (p.end, p.broken)).collect()
    }

    #[test]
    fn given_records_when_split_then_quotes_are_those_of_rfc_4180() {
        assert_eq!(values("a,b,c\n"), ["a", "b", "c"]);
        assert_eq!(values("a,,\r\n"), ["a", "", ""]);
        assert_eq!(values("\"a,\"\"b\"\"\r\nc\",2\r\n"), ["a,\"b\"\r\nc", "2"]);
        assert_eq!(values("5\" pipe,\"\",x"), ["5\" pipe", "", "x"]);
        assert_eq!(values("\0\0\u{feff}a,b"), ["\u{feff}a", "b"].map(|v| v.trim_start_matches('\u{feff}')));
        assert!(Splitter::new(b',').split(b"a,\xff").is_none());
    }

    #[test]
    fn given_quoted_line_breaks_when_cut_then_a_record_ends_where_its_quotes_are_closed() {
        assert_eq!(cut(b"a,\"b\nc\"\nd\n\"e", false), [(8, false), (10, false)]);
        assert_eq!(cut(b"a,\"b\n", false), []);
        assert_eq!(cut(b"a,5\" pipe\nb\n", false), [(10, false), (12, false)]);
        assert_eq!(cut(b"\"a\"\"\n\"\nb\n", false), [(7, false), (9, false)]);
        assert_eq!(cut(b"\0\0\"a\n\"\nb", true), [(7, false), (8, false)]);
        assert_eq!(cut(b"x,\"a\nb", true), [(5, true), (6, false)]);
    }

    #[test]
    fn given_a_quote_that_is_never_closed_when_cut_then_only_its_line_is_bad() {
        let rows = "1,2\n".repeat(40_000);
        let pieces = cut(format!("a,\"b\n{rows}").as_bytes(), false);
        assert_eq!(pieces.len(), 40_001);
        assert_eq!((pieces[0], pieces[1]), ((5, true), (9, false)));
        // nothing is decided before enough was seen
        assert_eq!(cut(format!("a,\"b\n{}", "1,2\n".repeat(10_000)).as_bytes(), false), []);
    }

    #[test]
    fn given_first_lines_when_told_then_a_header_names_a_time_and_has_a_delimiter() {
        let names = |line: &str| Header::told(line.as_bytes()).map(|h| h.names);
        assert_eq!(names("\u{feff}time,status\r\n"), Some(vec!["time".to_owned(), "status".to_owned()]));
        assert_eq!(names("status; \"ts\"\n"), None, "a quote after a space is no quote");
        assert_eq!(names("status; ts\n").map(|n| n.len()), Some(2));
        assert_eq!(names("a\t@timestamp\t\n").map(|n| n.len()), Some(3));
        let header = Header::told(b"time,status,,a,,status,status").unwrap();
        assert_eq!(header.twice().collect::<Vec<_>>(), [("status", [2, 6])]);
        for no in ["time\n", "a,b\n", "", "hello, time is\n", "time,\"b\n"] {
            assert_eq!(names(no), None, "{no}");
        }
    }

    #[test]
    fn given_values_when_typed_then_each_by_itself() {
        let float = |f| Scalar::Float(f);
        for (text, value) in [
            ("", Scalar::Null),
            ("-5", Scalar::Int(-5)),
            ("0", Scalar::Int(0)),
            ("1.5", float(1.5)),
            ("1e3", float(1000.0)),
            ("18446744073709551616", float(18_446_744_073_709_551_616.0)),
            ("True", Scalar::Bool(true)),
            ("false", Scalar::Bool(false)),
        ] {
            assert_eq!(typed(text), value, "{text}");
        }
        for text in ["007", "-", "+1", "nan", "inf", "1e999", "1-2", "10.0.0.1", "1234567890123e45", " 1", "0x1f"] {
            assert_eq!(typed(text), Scalar::Text(text.into()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn records_are_the_same_however_they_arrive(
            bytes in prop::collection::vec(prop::sample::select(&b"ab\",\n\r\0"[..]), 0..200),
            at in any::<prop::sample::Index>(),
        ) {
            let whole = Cutter::new(b',').cut(&bytes, true);
            let mut cutter = Cutter::new(b',');
            let at = at.index(bytes.len() + 1);
            let mut pieces = cutter.cut(&bytes[..at], false);
            let kept = pieces.last().map_or(0, |p| p.end);
            pieces.extend(cutter.cut(&bytes[kept..], true).iter().map(|p| Piece { start: p.start + kept, end: p.end + kept, ..*p }));
            prop_assert_eq!(pieces, whole);
        }

        #[test]
        fn a_value_comes_back_as_it_was_written(list in prop::collection::vec("[a-z\",\r\n é]{0,9}", 1..6)) {
            let line = list.iter().map(|v| format!("\"{}\"", v.replace('"', "\"\""))).collect::<Vec<_>>().join(",") + "\n";
            prop_assert_eq!(cut(line.as_bytes(), false), [(line.len(), false)]);
            prop_assert_eq!(values(&line), list);
        }
    }
}

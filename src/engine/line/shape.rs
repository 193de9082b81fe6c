//! Lines that look like one before: the same bytes between their values. Most lines of a file do, and are read by comparing instead of parsing. Whatever is not as it
//! was (an escape, an unusual number, another key) is left to the parser, so that every line means what the parser says. It must not know what fields are for.

use super::{Entry, Scalar};
use std::borrow::Cow;

/// How many shapes are remembered.
const MOST: usize = 8;
/// Longer lines (in bytes) are not remembered.
const LONGEST: usize = 16 << 10;
/// The most digits of a number: every whole number of so many fits, and as a float without a fraction it is exact.
const DIGITS: usize = 15;
/// Powers of ten that a float holds exactly.
const TENS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// What lines looked like.
#[derive(Debug, Default)]
pub struct Shapes {
    known: Vec<Shape>,
    /// The one that fitted last.
    last: usize,
    /// The one that is forgotten next.
    next: usize,
}

#[derive(Debug, Default)]
struct Shape {
    /// What stands before each value, one after another.
    between: String,
    values: Vec<Place>,
    /// What stands behind the last value.
    tail: String,
}

/// A value of a shape.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Where in `between` that ends which stands before it.
    end: usize,
    field: usize,
    inner: bool,
}

impl Shapes {
    /// Reads a line that looks like one before into `entries`; whether it does. What is in them otherwise is of no use.
    pub fn read<'a>(&mut self, line: &'a str, entries: &mut Vec<Entry<'a>>) -> bool {
        let last = self.last;
        let order = std::iter::once(last).chain((0..self.known.len()).filter(|at| *at != last));
        for at in order {
            let Some(shape) = self.known.get(at) else { continue };
            entries.clear();
            if shape.read(line, entries).is_some() {
                self.last = at;
                return true;
            }
        }
        false
    }

    /// Remembers how a line looks that was read into these entries, all of them in their order.
    pub fn learn(&mut self, line: &str, entries: &[Entry<'_>]) {
        let Some(shape) = (line.len() <= LONGEST).then(|| Shape::of(line, entries)).flatten() else { return };
        if self.known.len() < MOST {
            self.known.push(shape);
        } else if let Some(place) = self.known.get_mut(self.next) {
            *place = shape;
            self.next = (self.next + 1) % MOST;
        }
    }
}

impl Shape {
    /// The shape of a line, which is JSON; none with a list in it, whose text is made anew.
    fn of(line: &str, entries: &[Entry<'_>]) -> Option<Shape> {
        let mut shape = Shape::default();
        let bytes = line.as_bytes();
        let (mut at, mut start, mut is_value) = (0, 0, false);
        let mut fields = entries.iter();
        while let Some(byte) = bytes.get(at) {
            match byte {
                b':' => is_value = true,
                b'{' | b',' => is_value = false,
                b'[' => return None,
                b'}' | b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => {
                    let end = past(bytes, at)?;
                    if is_value {
                        let entry = fields.next()?;
                        shape.between.push_str(line.get(start..at)?);
                        shape.values.push(Place { end: shape.between.len(), field: entry.field, inner: entry.inner });
                        start = end;
                    }
                    at = end;
                    continue;
                }
            }
            at += 1;
        }
        line.get(start..)?.clone_into(&mut shape.tail);
        fields.next().is_none().then_some(shape)
    }

    fn read<'a>(&self, line: &'a str, entries: &mut Vec<Entry<'a>>) -> Option<()> {
        let (mut rest, mut begin) = (line, 0);
        for place in &self.values {
            rest = rest.strip_prefix(self.between.get(begin..place.end)?)?;
            begin = place.end;
            let (value, length) = scalar(rest)?;
            entries.push(Entry { field: place.field, value, inner: place.inner });
            rest = rest.get(length..)?;
        }
        (rest == self.tail).then_some(())
    }
}

/// Where a text or a bare word of JSON ends that begins here.
fn past(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    if rest.first() != Some(&b'"') {
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b':') || byte.is_ascii_whitespace();
        return Some(at + rest.iter().position(ends).unwrap_or(rest.len()));
    }
    let mut escaped = false;
    let end = rest.iter().skip(1).position(|byte| {
        let ends = !escaped && *byte == b'"';
        escaped = !escaped && *byte == b'\\';
        ends
    })?;
    Some(at + end + 2)
}

/// The value at the beginning of a text, and how long it is. None for what only the parser knows.
fn scalar(text: &str) -> Option<(Scalar<'_>, usize)> {
    match text.as_bytes().first()? {
        b'"' => {
            let end = quote(text.as_bytes())?;
            Some((Scalar::Text(Cow::Borrowed(text.get(1..end)?)), end + 1))
        }
        b't' => text.starts_with("true").then_some((Scalar::Bool(true), 4)),
        b'f' => text.starts_with("false").then_some((Scalar::Bool(false), 5)),
        b'n' => text.starts_with("null").then_some((Scalar::Null, 4)),
        _ => number(text.as_bytes()),
    }
}

/// Where the text ends that begins with the quote at 0; none with an escape or a control character in it. Eight bytes at a time.
fn quote(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // the lowest mark of each is exact: a borrow only makes false ones above it (S. E. Anderson, "Bit Twiddling Hacks", zero in word)
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut at = 1;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let marks = zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | control;
        if marks != 0 {
            at += (marks.trailing_zeros() / 8) as usize;
            return (bytes.get(at) == Some(&b'"')).then_some(at);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    let found = rest.iter().position(|byte| *byte == b'"' || *byte == b'\\' || *byte < 0x20)?;
    (rest.get(found) == Some(&b'"')).then_some(at + found)
}

/// A number without an exponent that a float can hold exactly, scaled: what any parser makes of it.
fn number(bytes: &[u8]) -> Option<(Scalar<'_>, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let from = usize::from(negative);
    let (mut value, mut at, mut dot) = (0_i64, from, None);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?,
            b'.' if dot.is_none() => dot = Some(at),
            b'.' | b'e' | b'E' | b'+' | b'-' => return None,
            _ => break,
        }
        at += 1;
    }
    let whole = dot.unwrap_or(at) - from;
    let digits = at - from - usize::from(dot.is_some());
    let has_zero = whole > 1 && bytes.get(from) == Some(&b'0');
    if whole == 0 || has_zero || digits > DIGITS || (negative && value == 0) {
        return None;
    }
    let Some(dot) = dot else {
        return Some((Scalar::Int(if negative { -value } else { value }), at));
    };
    let decimals = at - dot - 1;
    let float = value as f64 / TENS.get(decimals).filter(|_| decimals > 0)?;
    Some((Scalar::Float(if negative { -float } else { float }), at))
}

#[cfg(test)]
mod tests {
    use super::super::{Reader, Said};
    use super::*;
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

    /// What a reader makes of a line: the event, or what is wrong; and its fields.
    fn read(reader: &mut Reader, line: &str) -> String {
        let mut entries = vec![];
        match reader.read(line.as_bytes(), &mut entries) {
            Ok(Said::Event(event)) => {
                let fields: Vec<String> = entries
                    .iter()
                    .map(|e| format!("{} {} {:?}", reader.names.all()[e.field], e.inner, e.value.value()))
                    .collect();
                format!("{event:?} {fields:?}")
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn given_a_line_like_the_one_before_when_read_then_without_the_parser() {
        let mut reader = Reader::default();
        read(&mut reader, r#"{"ts":1,"http":{"status":200, "ok":true},"a":"b","d":-1.50}"#);
        let mut entries = vec![];
        let line = r#"{"ts":1562712600,"http":{"status":503, "ok":null},"a":"ü 日","d":0.25}"#;
        assert!(reader.shapes.read(line, &mut entries));
        let values: Vec<String> = entries.iter().map(|e| format!("{:?}", e.value.value())).collect();
        assert_eq!(values, ["Int(1562712600)", "Int(503)", "Missing", "Text(\"ü 日\")", "Float(0.25)"]);
        for other in [
            r#"{"ts":1562712600,"http":{"status":503, "ok":null},"a":"\n","d":0.25}"#,
            "{\"ts\":1562712600,\"http\":{\"status\":503, \"ok\":null},\"a\":\"\t\",\"d\":0.25}",
            r#"{"ts":1562712600,"http":{"status":0503, "ok":null},"a":"b","d":0.25}"#,
            r#"{"ts":1562712600,"http":{"status":503, "ok":nul},"a":"b","d":0.25}"#,
            r#"{"ts":1562712600,"http":{"status":503, "ok":null},"a":"b","d":2.5e-1}"#,
            r#"{"ts":1562712600,"http":{"status":503, "ok":null},"a":"b","d":1.}"#,
            r#"{"ts":1562712600,"http":{"status":503, "ok":null},"a":"b","d":-0}"#,
            r#"{"ts":1562712600,"http":{"status":503, "ok":null},"a":"b","d":0.25} "#,
            r#"{"ts":1562712600,"http":{"status":503, "ok":null},"a":"b","d":0.25"#,
            r#"{"ts":1562712600,"http":{"status":503, "ok":null},"a":["b"],"d":0.25}"#,
            r#"{"ts":1562712600,"http":{"status":503, "ok":null},"e":"b","d":0.25}"#,
        ] {
            assert!(!reader.shapes.read(other, &mut entries), "{other}");
        }
    }

    fn keys() -> impl Strategy<Value = &'static str> {
        prop_oneof![
            Just("a"),
            Just("b.c"),
            Just("data"),
            Just("ts"),
            Just("time"),
            Just("samplerate"),
            Just("q\\\"{,:[")
        ]
    }

    fn values() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            any::<i64>().prop_map(|n| n.to_string()),
            any::<f64>().prop_map(|n| format!("{n}")),
            (0_i64..10_000_000, 0_u32..12).prop_map(|(n, digits)| format!("{:.*}", digits as usize, n as f64 / 1000.0)),
            prop::collection::vec(
                prop_oneof![
                    Just("x"),
                    Just("1234567"),
                    Just("\\\""),
                    Just("\\\\"),
                    Just("é"),
                    Just("{"),
                    Just(","),
                    Just("\u{1}"),
                    Just("]")
                ],
                0..9
            )
            .prop_map(|parts| format!("\"{}\"", parts.concat())),
            prop_oneof![
                Just("true"),
                Just("null"),
                Just("-0"),
                Just("01"),
                Just("1."),
                Just("-"),
                Just("[1,2]"),
                Just("nulls"),
                Just("1562712600")
            ]
            .prop_map(str::to_owned),
        ];
        scalar.prop_recursive(2, 8, 3, |inner| {
            prop::collection::vec((keys(), inner), 0..3).prop_map(|pairs| object(&pairs, ""))
        })
    }

    fn object(pairs: &[(&'static str, String)], blank: &str) -> String {
        let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("\"{key}\":{blank}{value}")).collect();
        format!("{{{}}}", pairs.join(","))
    }

    fn lines() -> impl Strategy<Value = Vec<String>> {
        let names = prop::collection::vec(keys(), 0..5);
        // lines of few sets of keys, so that many look alike
        let shapes = prop::collection::vec((names, prop_oneof![Just(""), Just(" ")]), 1..4);
        shapes.prop_flat_map(|shapes| {
            let one = (prop::sample::select(shapes), prop::collection::vec(values(), 5)).prop_map(
                |((names, blank), values)| {
                    let pairs: Vec<_> = names.into_iter().zip(values).collect();
                    object(&pairs, blank)
                },
            );
            prop::collection::vec(one, 1..30)
        })
    }

    proptest! {
        #[test]
        fn a_line_means_the_same_whatever_was_read_before(lines in lines()) {
            let mut reader = Reader::default();
            for line in &lines {
                prop_assert_eq!(read(&mut reader, line), read(&mut Reader::default(), line), "{}", line);
            }
        }

        #[test]
        fn numbers_are_what_the_parser_makes_of_them(text in "-?[0-9]{1,17}(\\.[0-9]{1,17})?") {
            if let Some((value, length)) = number(text.as_bytes()) {
                prop_assert_eq!(length, text.len());
                let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
                let parsed = parsed.as_i64().map_or_else(|| Scalar::Float(parsed.as_f64().unwrap()), Scalar::Int);
                prop_assert_eq!(value, parsed);
            }
        }
    }
}

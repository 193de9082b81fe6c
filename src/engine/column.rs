//! The values of one field in one block of rows, by type, without their gaps. It must not know of names, files or filters' meaning.
//!
//! A field that has two types in the data has two parts here; nothing is converted. A text that repeats is kept once per field
//! ([`Words`]) until there are too many; ids (16 or 32 lower-case hex digits) are kept as numbers.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::bits::Bits;
use crate::query::filter::Value;

/// How many different texts of a field are kept once; then further ones are kept as they come.
pub const MOST_WORDS: usize = 65_536;
/// Longer texts (in bytes) hardly repeat and are kept as they come.
const LONGEST_WORD: usize = 128;

/// The texts of one field that repeat.
#[derive(Debug, Default)]
pub struct Words {
    texts: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u32, RandomState>,
    last: u32,
    bytes: usize,
}

impl Words {
    /// The number of a text; None if it has none and gets none.
    fn number(&mut self, text: &str) -> Option<u32> {
        if self.texts.get(self.last as usize).is_some_and(|t| **t == *text) {
            return Some(self.last);
        }
        if text.len() > LONGEST_WORD {
            return None;
        }
        if self.texts.len() >= MOST_WORDS {
            return None;
        }
        if let Some(number) = self.index.get(text) {
            self.last = *number;
            return Some(*number);
        }
        let number = u32::try_from(self.texts.len()).ok()?;
        let shared: Arc<str> = text.into();
        self.texts.push(Arc::clone(&shared));
        self.index.insert(shared, number);
        self.last = number;
        self.bytes += text.len() + 64;
        Some(number)
    }

    /// The texts by number.
    #[must_use]
    pub fn texts(&self) -> &[Arc<str>] {
        &self.texts
    }

    /// How much memory they take, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Values of one type, in order of rows, without gaps.
#[derive(Debug)]
pub enum Values {
    /// true and false
    Bool(Vec<bool>),
    /// whole numbers
    Int(Vec<i64>),
    /// other numbers
    Float(Vec<f64>),
    /// numbers of [`Words`]
    Word(Vec<u32>),
    /// texts one after another, and where each ends
    Text(String, Vec<u32>),
    /// 16 hex digits
    Hex16(Vec<u64>),
    /// 32 hex digits
    Hex32(Vec<u128>),
}

/// Values of one type and which rows have them.
#[derive(Debug)]
pub struct Part {
    /// The rows.
    pub present: Bits,
    /// Their values.
    pub values: Values,
}

/// The values of one field in one block.
#[derive(Debug, Default)]
pub struct Column {
    parts: Vec<Part>,
}

impl Column {
    /// Its parts, one for each type.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Adds the value of a row. Rows come in ascending order, each once. Missing values are not kept.
    pub fn push(&mut self, row: usize, value: Value<'_>, words: &mut Words) {
        match value {
            Value::Missing => {}
            Value::Bool(v) => self.add(
                row,
                v,
                || Values::Bool(vec![]),
                |p| if let Values::Bool(list) = p { Some(list) } else { None },
            ),
            Value::Int(v) => {
                self.add(row, v, || Values::Int(vec![]), |p| if let Values::Int(list) = p { Some(list) } else { None })
            }
            Value::Float(v) => self.add(
                row,
                v,
                || Values::Float(vec![]),
                |p| if let Values::Float(list) = p { Some(list) } else { None },
            ),
            Value::Text(t) => match (hex(t), words) {
                (Some((v, 32)), _) => self.add(
                    row,
                    v,
                    || Values::Hex32(vec![]),
                    |p| if let Values::Hex32(list) = p { Some(list) } else { None },
                ),
                (Some((v, _)), _) => self.add(
                    row,
                    v as u64,
                    || Values::Hex16(vec![]),
                    |p| if let Values::Hex16(list) = p { Some(list) } else { None },
                ),
                (None, words) => match words.number(t) {
                    Some(v) => self.add(
                        row,
                        v,
                        || Values::Word(vec![]),
                        |p| if let Values::Word(list) = p { Some(list) } else { None },
                    ),
                    None => self.add_text(row, t),
                },
            },
        }
    }

    fn add<T>(
        &mut self,
        row: usize,
        value: T,
        make: impl Fn() -> Values,
        pick: impl Fn(&mut Values) -> Option<&mut Vec<T>>,
    ) {
        let found = self.parts.iter_mut().position(|p| pick(&mut p.values).is_some());
        let at = found.unwrap_or_else(|| self.grow(make()));
        if let Some(part) = self.parts.get_mut(at)
            && let Some(list) = pick(&mut part.values)
        {
            list.push(value);
            part.present.set(row);
        }
    }

    fn add_text(&mut self, row: usize, text: &str) {
        let found = self.parts.iter().position(|p| matches!(p.values, Values::Text(..)));
        let at = found.unwrap_or_else(|| self.grow(Values::Text(String::new(), vec![])));
        if let Some(part) = self.parts.get_mut(at)
            && let Values::Text(all, ends) = &mut part.values
        {
            // a block is closed long before its texts reach 4 GiB
            if let Ok(end) = u32::try_from(all.len() + text.len()) {
                all.push_str(text);
                ends.push(end);
                part.present.set(row);
            }
        }
    }

    fn grow(&mut self, values: Values) -> usize {
        self.parts.push(Part { present: Bits::default(), values });
        self.parts.len() - 1
    }

    /// How much memory it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|p| p.present.bytes() + p.values.bytes() + 64).sum()
    }

    /// Gives back what it does not need.
    pub fn shrink(&mut self) {
        for part in &mut self.parts {
            part.present.shrink();
            part.values.shrink();
        }
    }
}

impl Values {
    fn bytes(&self) -> usize {
        match self {
            Self::Bool(v) => v.capacity(),
            Self::Int(v) => v.capacity() * 8,
            Self::Float(v) => v.capacity() * 8,
            Self::Word(v) => v.capacity() * 4,
            Self::Text(all, ends) => all.capacity() + ends.capacity() * 4,
            Self::Hex16(v) => v.capacity() * 8,
            Self::Hex32(v) => v.capacity() * 16,
        }
    }

    fn shrink(&mut self) {
        match self {
            Self::Bool(v) => v.shrink_to_fit(),
            Self::Int(v) => v.shrink_to_fit(),
            Self::Float(v) => v.shrink_to_fit(),
            Self::Word(v) => v.shrink_to_fit(),
            Self::Text(all, ends) => {
                all.shrink_to_fit();
                ends.shrink_to_fit();
            }
            Self::Hex16(v) => v.shrink_to_fit(),
            Self::Hex32(v) => v.shrink_to_fit(),
        }
    }
}

impl Part {
    /// Each row and its value, ascending; words by their text.
    pub fn each(&self, words: &Words, mut take: impl FnMut(usize, Value<'_>)) {
        let rows = self.present.rows();
        match &self.values {
            Values::Bool(list) => rows.zip(list).for_each(|(r, v)| take(r, Value::Bool(*v))),
            Values::Int(list) => rows.zip(list).for_each(|(r, v)| take(r, Value::Int(*v))),
            Values::Float(list) => rows.zip(list).for_each(|(r, v)| take(r, Value::Float(*v))),
            Values::Word(list) => rows.zip(list).for_each(|(r, v)| {
                if let Some(text) = words.texts.get(*v as usize) {
                    take(r, Value::Text(text));
                }
            }),
            Values::Text(all, ends) => {
                let mut start = 0;
                for (r, end) in rows.zip(ends) {
                    let end = *end as usize;
                    take(r, Value::Text(all.get(start..end).unwrap_or("")));
                    start = end;
                }
            }
            Values::Hex16(list) => each_hex(rows, list.iter().map(|v| u128::from(*v)), 16, take),
            Values::Hex32(list) => each_hex(rows, list.iter().copied(), 32, take),
        }
    }
}

fn each_hex(
    rows: impl Iterator<Item = usize>,
    list: impl Iterator<Item = u128>,
    digits: usize,
    mut take: impl FnMut(usize, Value<'_>),
) {
    let mut buffer = [b'0'; 32];
    for (r, mut v) in rows.zip(list) {
        for place in buffer.iter_mut().take(digits).rev() {
            *place = b"0123456789abcdef".get((v & 15) as usize).copied().unwrap_or(b'0');
            v >>= 4;
        }
        let text = buffer.get(..digits).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("");
        take(r, Value::Text(text));
    }
}

/// The value of 16 or 32 lower-case hex digits, and how many they are.
fn hex(text: &str) -> Option<(u128, usize)> {
    let half = |digits: &[u8; 16]| {
        // no digit has the high bit, so that one look tells whether all are
        let (value, seen) = digits.iter().fold((0_u64, 0_u8), |(value, seen), byte| {
            let digit = HEX.get(usize::from(*byte)).copied().unwrap_or(NO_DIGIT);
            (value << 4 | u64::from(digit & 15), seen | digit)
        });
        (seen & NO_DIGIT == 0).then_some(value)
    };
    let (first, rest) = text.as_bytes().split_first_chunk::<16>()?;
    match rest.first_chunk::<16>() {
        None if rest.is_empty() => Some((u128::from(half(first)?), 16)),
        Some(second) if rest.len() == 16 => Some((u128::from(half(first)?) << 64 | u128::from(half(second)?), 32)),
        _ => None,
    }
}

const NO_DIGIT: u8 = 0x80;
/// What each byte is as a lower-case hex digit.
const HEX: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit] as usize] = digit as u8;
        digit += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

    fn read(column: &Column, words: &Words, rows: usize) -> Vec<String> {
        let mut out = vec![format!("{:?}", Value::Missing); rows];
        for part in column.parts() {
            part.each(words, |row, value| out[row] = format!("{value:?}"));
        }
        out
    }

    #[test]
    fn given_too_many_different_texts_when_kept_then_the_dictionary_is_left_and_none_is_lost() {
        let (mut column, mut words) = (Column::default(), Words::default());
        for row in 0..MOST_WORDS + 10 {
            column.push(row, Value::Text(&format!("t{row}")), &mut words);
        }
        assert_eq!(words.texts().len(), MOST_WORDS);
        let out = read(&column, &words, MOST_WORDS + 10);
        assert_eq!(out[0], "Text(\"t0\")");
        assert_eq!(out[MOST_WORDS + 9], format!("Text(\"t{}\")", MOST_WORDS + 9));
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[0-9a-f]{16}",
            "[0-9a-f]{32}",
            "[0-9A-F]{16}",
            Just("x".repeat(200)),
            Just("GET".to_owned())
        ]
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(list in prop::collection::vec((any::<i64>(), any::<u8>(), texts()), 0..200)) {
            let (mut column, mut words) = (Column::default(), Words::default());
            let mut expected = vec![];
            for (row, (n, kind, text)) in list.iter().enumerate() {
                let value = match kind % 5 {
                    0 => Value::Missing,
                    1 => Value::Bool(n % 2 == 0),
                    2 => Value::Int(*n),
                    3 => Value::Float(*n as f64 / 3.0),
                    _ => Value::Text(text),
                };
                expected.push(format!("{value:?}"));
                column.push(row, value, &mut words);
            }
            prop_assert_eq!(read(&column, &words, list.len()), expected);
        }
    }
}

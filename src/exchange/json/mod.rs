//! One incident as a JSON document, without loss: what was exported and imported is exported again as the same bytes. It must not
//! know where the bytes go or come from, nor judge what a text says: cleaning is for those who show it.
//!
//! ```json
//! {"quarterdeck": 1, "incident": 412, "entries": [
//! {"seq":1,"entry":"…32 hex…","at":"2019-07-09T22:53:12Z","recorded":"…","author":"Ana","session":"…16 hex…","kind":"noted","fact":{…}}
//! ]}
//! ```
//!
//! A moment is ISO 8601 in UTC, or a number of microseconds where the calendar ends. A fact stands there as it stands in the
//! journal; when that is not JSON on one line it stands as the string `text` instead of `fact`.

mod row;
mod trouble;

pub use trouble::{ImportTrouble, Why};

use crate::incident::entry::{Entry, EntryId, Number};
use row::Row;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, BufRead, Read, Write};
use trouble::harmless;

/// The number of the format this program writes, and the newest it reads.
pub const FORMAT: u64 = 1;
/// The largest document that is read, in bytes.
pub const LARGEST: u64 = 256 << 20;
/// The most entries that are read.
pub const MOST_ENTRIES: u64 = 1_000_000;

/// What a document holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The incident's number where it was exported.
    pub number: Number,
    /// It was a drill.
    pub drill: bool,
    /// Its entries from 1 without a gap.
    pub entries: Vec<Entry>,
}

/// Writes the entries of one stream, in their order, one a line.
///
/// # Errors
/// Those of the writer.
pub fn export<'a>(
    number: Number,
    drill: bool,
    entries: impl IntoIterator<Item = &'a Entry>,
    out: &mut impl Write,
) -> io::Result<()> {
    write!(out, "{{\"quarterdeck\":{FORMAT},\"incident\":{number},")?;
    if drill {
        out.write_all(b"\"drill\":true,")?;
    }
    out.write_all(b"\"entries\":[")?;
    for (index, entry) in entries.into_iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &Row::of(entry))?;
    }
    out.write_all(b"\n]}\n")
}

/// Reads a document that [`export`] wrote. A byte order mark, other line ends, other white space and another order of keys are
/// taken.
///
/// # Errors
/// An [`ImportTrouble`] says what stands against it and where; nothing was imported then.
pub fn import(from: impl BufRead) -> Result<Document, ImportTrouble> {
    import_within(from, LARGEST, MOST_ENTRIES)
}

fn import_within(from: impl BufRead, largest: u64, most: u64) -> Result<Document, ImportTrouble> {
    let mut bytes = Vec::new();
    if let Err(error) = from.take(largest.saturating_add(1)).read_to_end(&mut bytes) {
        return Err(ImportTrouble::nowhere(Why::Unread(harmless(&error.to_string()))));
    }
    if bytes.len() as u64 > largest {
        return Err(ImportTrouble::nowhere(Why::Large(largest)));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let state = State { most, ..State::default() };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = Reading(&state).deserialize(&mut json).and_then(|document| json.end().map(|()| document));
    read.map_err(|error| ImportTrouble::of(&error, state.why.take(), state.ours.get()))
}

/// What is known while a document is read, beyond what serde says.
#[derive(Default)]
struct State {
    /// Why reading stopped, when a rule of ours stopped it.
    why: RefCell<Option<Why>>,
    /// The most entries that are taken.
    most: u64,
    /// The format number was read, so that it is ours.
    ours: Cell<bool>,
}

/// Reads the document.
struct Reading<'a>(&'a State);

impl Reading<'_> {
    fn stop<E: de::Error>(&self, why: Why) -> E {
        *self.0.why.borrow_mut() = Some(why);
        E::custom("stopped")
    }
    fn wrong<E: de::Error>(&self, words: impl Into<String>) -> E {
        self.stop(Why::Wrong(words.into()))
    }
}

impl<'de> DeserializeSeed<'de> for Reading<'_> {
    type Value = Document;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Document, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reading<'_> {
    type Value = Document;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an incident's document")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Document, A::Error> {
        let (mut format, mut number, mut drill, mut entries, mut strange) = (None, None, None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            let twice = match key.as_str() {
                "quarterdeck" => {
                    let found: u64 = map.next_value()?;
                    if found != FORMAT {
                        return Err(self.stop(Why::Newer(found)));
                    }
                    self.0.ours.set(true);
                    format.replace(found).is_some()
                }
                "incident" => number.replace(map.next_value::<Number>()?).is_some(),
                "drill" => drill.replace(map.next_value::<bool>()?).is_some(),
                "entries" => entries.replace(map.next_value_seed(Rows(&self))?).is_some(),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    strange.get_or_insert_with(|| key.clone());
                    false
                }
            };
            if twice {
                return Err(self.wrong(format!("the key \"{key}\" stands there twice")));
            }
        }
        if !self.0.ours.get() {
            return Err(self.stop(Why::Foreign));
        }
        if let Some(key) = strange {
            return Err(self.wrong(format!("format {FORMAT} has no key \"{}\"", harmless(&key))));
        }
        let number = number.ok_or_else(|| self.wrong("it has no incident number"))?;
        let mut entries = entries.ok_or_else(|| self.wrong("it has no entries"))?;
        for entry in &mut entries {
            entry.incident = number;
        }
        Ok(Document { number, drill: drill.unwrap_or(false), entries })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Document, A::Error> {
        Err(self.stop(Why::Foreign))
    }
    fn visit_str<E: de::Error>(self, _: &str) -> Result<Document, E> {
        Err(self.stop(Why::Foreign))
    }
    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Document, E> {
        Err(self.stop(Why::Foreign))
    }
    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Document, E> {
        Err(self.stop(Why::Foreign))
    }
    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Document, E> {
        Err(self.stop(Why::Foreign))
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Document, E> {
        Err(self.stop(Why::Foreign))
    }
    fn visit_unit<E: de::Error>(self) -> Result<Document, E> {
        Err(self.stop(Why::Foreign))
    }
}

/// The entries.
struct Rows<'a>(&'a Reading<'a>);

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = Vec<Entry>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Vec<Entry>, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = Vec<Entry>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Vec<Entry>, A::Error> {
        let (mut entries, mut seen) = (Vec::new(), BTreeSet::new());
        for seq in 1.. {
            let Some(entry) = rows.next_element_seed(Next { reading: self.0, seq, seen: &mut seen })? else { break };
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// The next entry, judged within its own braces, so that the place in an error is its own.
struct Next<'a> {
    reading: &'a Reading<'a>,
    seq: u64,
    seen: &'a mut BTreeSet<EntryId>,
}

impl<'de> DeserializeSeed<'de> for Next<'_> {
    type Value = Entry;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Entry, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Next<'_> {
    type Value = Entry;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        let Next { reading, seq, seen } = self;
        let most = reading.0.most;
        if seq > most {
            return Err(reading.stop(Why::Many(most)));
        }
        let row = Row::deserialize(MapAccessDeserializer::new(map))?;
        let entry = row.entry().map_err(|words| reading.wrong(words))?;
        if entry.seq != seq {
            return Err(reading.wrong(format!("entry {seq} is missing, {} stands in its place", entry.seq)));
        }
        if !seen.insert(entry.id) {
            return Err(reading.wrong(format!("the id {} stands there twice", entry.id)));
        }
        Ok(entry)
    }
}

#[cfg(test)]
mod tests;

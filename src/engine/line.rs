//! One line of an event file as values: a borrowed visitor, so that no tree is built. It must not know where lines come from or where values go.
//!
//! Nested objects are flattened, keys joined by dots. An array is one text, its JSON. Of equal keys the last one counts, and that is said. The wrapped form of Honeycomb,
//! `{"time": …, "samplerate": n, "data": {…}}`, is told by having an object `data` and beside it nothing but times and the sample rate.

mod shape;

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor, value::SeqAccessDeserializer,
};

use super::names::{DEPTH, Names, Place, ROOT};
use super::otlp;
use super::when;
use crate::query::filter::Value;
use shape::Shapes;

/// The names a sample rate is looked for under: Honeycomb's event API and its SDKs.
pub const RATES: [&str; 2] = ["samplerate", "SampleRate"];

/// A value of a line, borrowed where it has no escapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// null
    Null,
    /// true or false
    Bool(bool),
    /// a whole number
    Int(i64),
    /// any other number
    Float(f64),
    /// a text, or an array as JSON
    Text(Cow<'a, str>),
}

/// A field and its value.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The field's number.
    pub field: usize,
    /// Its value.
    pub value: Scalar<'a>,
    /// Whether it stood within `data`.
    inner: bool,
}

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// µs UTC; None without a readable time.
    pub time: Option<i64>,
    /// How many events it stands for, at least 1.
    pub weight: u32,
    /// The sample rate is there but is no whole number from 1 to 4,294,967,295; the event counts once.
    pub odd_rate: bool,
    /// Values that were not kept: too deep, or too many fields.
    pub dropped: u64,
}

/// What a line of JSON is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// One event.
    Event(Event),
    /// Many, in OTLP, of which nothing was read yet.
    Otlp,
}

/// Reads lines. The fields that time and sample rate may stand in are the first of its names.
#[derive(Debug)]
pub struct Reader {
    /// The fields.
    pub names: Names,
    outer: Vec<Place>,
    data: Option<Place>,
    otlp: Vec<Place>,
    shapes: Shapes,
}

impl Default for Reader {
    fn default() -> Self {
        let mut names = Names::default();
        let outer: Vec<Place> = when::NAMES.iter().chain(&RATES).filter_map(|name| names.under(ROOT, name)).collect();
        for place in &outer {
            names.field(*place);
        }
        let data = names.under(ROOT, "data");
        let otlp = otlp::TOPS.iter().filter_map(|name| names.under(ROOT, name)).collect();
        Self { names, outer, data, otlp, shapes: Shapes::default() }
    }
}

impl<'a> Entry<'a> {
    /// A value of a field.
    #[must_use]
    pub fn new(field: usize, value: Scalar<'a>) -> Self {
        Self { field, value, inner: false }
    }
}

impl Scalar<'_> {
    /// The value as filters see it.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Missing,
            Self::Bool(v) => Value::Bool(*v),
            Self::Int(v) => Value::Int(*v),
            Self::Float(v) => Value::Float(*v),
            Self::Text(v) => Value::Text(v),
        }
    }
}

impl Reader {
    /// Reads one line into `entries`, which is emptied before: fields with their values, without the ones that gave time and sample rate. A field may occur twice; the
    /// last one counts.
    ///
    /// # Errors
    /// What is wrong with the line, in the words of the JSON reader.
    pub fn read<'a>(&mut self, line: &'a [u8], entries: &mut Vec<Entry<'a>>) -> Result<Said, String> {
        let text = std::str::from_utf8(line).map_err(|e| format!("not UTF-8 after byte {}", e.valid_up_to()))?;
        if self.shapes.read(text, entries) {
            return Ok(Said::Event(timed(entries, 0)));
        }
        entries.clear();
        let mut reading = Reading {
            names: &mut self.names,
            entries,
            outer: &self.outer,
            data: self.data,
            otlp: &self.otlp,
            is_otlp: false,
            dropped: 0,
            alone: true,
            wrapped: false,
        };
        let mut json = serde_json::Deserializer::from_str(text);
        let read = Object { reading: &mut reading, place: ROOT, depth: 0, inner: false }.deserialize(&mut json);
        if reading.is_otlp {
            return Ok(Said::Otlp);
        }
        read.map_err(|e| e.to_string())?;
        json.end().map_err(|e| e.to_string())?;
        let (alone, wrapped, mut dropped) = (reading.alone, reading.wrapped, reading.dropped);
        if wrapped && !alone {
            entries.retain_mut(|entry| {
                let moved = if entry.inner { self.names.moved_under("data", entry.field) } else { Some(entry.field) };
                dropped += u64::from(moved.is_none());
                entry.inner = false;
                moved.is_some_and(|field| {
                    entry.field = field;
                    true
                })
            });
        }
        if dropped == 0 {
            self.shapes.learn(text, entries);
        }
        Ok(Said::Event(timed(entries, dropped)))
    }

    /// The field of a plain name; None when there is no name or there are too many fields.
    pub fn field(&mut self, name: &str) -> Option<usize> {
        if name.is_empty() {
            return None;
        }
        let place = self.names.under(ROOT, name)?;
        self.names.field(place)
    }
}

/// The event that these fields make, without those that give its time and its weight.
pub fn timed(entries: &mut Vec<Entry<'_>>, dropped: u64) -> Event {
    let time = take(entries, 0..when::NAMES.len(), when::read);
    weighed(entries, time, dropped)
}

/// The event that these fields make at a time that is known otherwise, without those that give its weight.
pub fn weighed(entries: &mut Vec<Entry<'_>>, time: Option<i64>, dropped: u64) -> Event {
    let rates = when::NAMES.len()..when::NAMES.len() + RATES.len();
    let rate = take(entries, rates, |v| match v {
        Value::Int(n) => Some(u32::try_from(n).ok().filter(|rate| *rate > 0)),
        Value::Float(f) if f.fract() == 0.0 && (1.0..4_294_967_296.0).contains(&f) => Some(Some(f as u32)),
        Value::Missing => None,
        _ => Some(None),
    });
    Event { time, weight: rate.flatten().unwrap_or(1), odd_rate: rate == Some(None), dropped }
}

/// Takes out the first of these fields that can be read, outside `data` before inside.
fn take<T>(
    entries: &mut Vec<Entry<'_>>,
    fields: std::ops::Range<usize>,
    read: impl Fn(Value<'_>) -> Option<T>,
) -> Option<T> {
    for inner in [false, true] {
        if !entries.iter().any(|e| fields.contains(&e.field) && e.inner == inner) {
            continue;
        }
        for field in fields.clone() {
            if let Some(at) = entries.iter().rposition(|e| e.field == field && e.inner == inner)
                && let Some(found) = entries.get(at).and_then(|e| read(e.value.value()))
            {
                // equal keys before it must not come back as a field
                entries.retain(|e| e.field != field || e.inner != inner);
                return Some(found);
            }
        }
    }
    None
}

struct Reading<'r, 'a> {
    names: &'r mut Names,
    entries: &'r mut Vec<Entry<'a>>,
    outer: &'r [Place],
    data: Option<Place>,
    otlp: &'r [Place],
    /// A list was seen at the top under a name of OTLP.
    is_otlp: bool,
    dropped: u64,
    /// Nothing but times, sample rate and the object `data` was seen at the top.
    alone: bool,
    /// An object `data` was seen at the top.
    wrapped: bool,
}

/// An object at a place.
struct Object<'s, 'r, 'a> {
    reading: &'s mut Reading<'r, 'a>,
    place: Place,
    depth: usize,
    inner: bool,
}

impl<'a> DeserializeSeed<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event, which is a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let Object { reading, place, depth, inner } = self;
        reading.names.start(place);
        while let Some(at) = map.next_key_seed(Key { names: reading.names, parent: place })? {
            let top = depth == 0 && !inner;
            let data = top && at.is_some() && at == reading.data;
            if top && !data {
                reading.alone &= at.is_some_and(|p| reading.outer.contains(&p));
            }
            map.next_value_seed(Item { reading, place: at, depth, inner, data })?;
        }
        Ok(())
    }
}

/// A key under a place.
struct Key<'s> {
    names: &'s mut Names,
    parent: Place,
}

impl<'a> DeserializeSeed<'a> for Key<'_> {
    type Value = Option<Place>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<Place>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.names.under(self.parent, key))
    }
}

/// A value at a place.
struct Item<'s, 'r, 'a> {
    reading: &'s mut Reading<'r, 'a>,
    place: Option<Place>,
    depth: usize,
    inner: bool,
    /// It is what stands under `data` at the top.
    data: bool,
}

impl<'a> Item<'_, '_, 'a> {
    fn keep<E>(self, value: Scalar<'a>) -> Result<(), E> {
        self.reading.alone &= !self.data;
        match self.place.and_then(|p| self.reading.names.field(p)) {
            Some(field) => self.reading.entries.push(Entry { field, value, inner: self.inner }),
            None => self.reading.dropped += 1,
        }
        Ok(())
    }
}

impl<'a> DeserializeSeed<'a> for Item<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Item<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.keep(Scalar::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<(), E> {
        self.keep(Scalar::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<(), E> {
        self.keep(Scalar::Int(v))
    }

    fn visit_u64<E>(self, v: u64) -> Result<(), E> {
        self.keep(i64::try_from(v).map_or(Scalar::Float(v as f64), Scalar::Int))
    }

    fn visit_f64<E>(self, v: f64) -> Result<(), E> {
        self.keep(Scalar::Float(v))
    }

    fn visit_borrowed_str<E>(self, v: &'a str) -> Result<(), E> {
        self.keep(Scalar::Text(Cow::Borrowed(v)))
    }

    fn visit_str<E>(self, v: &str) -> Result<(), E> {
        self.keep(Scalar::Text(Cow::Owned(v.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, seq: A) -> Result<(), A::Error> {
        if self.depth == 0 && !self.inner && self.place.is_some_and(|p| self.reading.otlp.contains(&p)) {
            self.reading.is_otlp = true;
            return Err(serde::de::Error::custom("OTLP"));
        }
        let list = serde_json::Value::deserialize(SeqAccessDeserializer::new(seq))?;
        self.keep(Scalar::Text(Cow::Owned(list.to_string())))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let depth = self.depth + 1;
        if self.data {
            self.reading.wrapped = true;
            return Object { reading: self.reading, place: ROOT, depth, inner: true }.visit_map(map);
        }
        match self.place.filter(|_| depth < DEPTH) {
            Some(place) => Object { reading: self.reading, place, depth, inner: self.inner }.visit_map(map),
            None => {
                self.reading.dropped += 1;
                while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;

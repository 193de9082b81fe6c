//! An entry as it stands in a JSON document. It must not know what else the document holds.

use crate::incident::entry::{Entry, EntryId, Session, When};
use crate::incident::fact::Fact;
use crate::incident::time::Time;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// An entry as it stands in a document; the order of the fields is the order of the keys.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row<'a> {
    seq: u64,
    entry: EntryId,
    at: Moment,
    recorded: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<About>,
    author: Cow<'a, str>,
    session: Hex,
    kind: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fact: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl<'a> Row<'a> {
    /// What stands in a document for an entry.
    pub(super) fn of(entry: &'a Entry) -> Row<'a> {
        let (fact, text) = match on_one_line(entry.fact.encode()) {
            Ok(raw) => (Some(raw), None),
            Err(text) => (None, Some(text)),
        };
        Row {
            seq: entry.seq,
            entry: entry.id,
            at: Moment(entry.at),
            recorded: Moment(entry.recorded),
            when: entry.when.as_deref().map(About::of),
            author: Cow::Borrowed(&entry.author),
            session: Hex(entry.session),
            kind: Cow::Borrowed(entry.fact.kind()),
            fact,
            text,
        }
    }

    /// The entry; its incident is known only when the whole document was read.
    pub(super) fn entry(self) -> Result<Entry, &'static str> {
        let text = match (&self.fact, &self.text) {
            (Some(raw), None) => raw.get(),
            (None, Some(text)) => text,
            (Some(_), Some(_)) => return Err("an entry has both a fact and a text"),
            (None, None) => return Err("an entry has no fact"),
        };
        Ok(Entry {
            incident: 0,
            seq: self.seq,
            id: self.entry,
            at: self.at.0,
            recorded: self.recorded.0,
            when: self.when.map(|about| Box::new(about.when())),
            fact: Fact::decode(&self.kind, text),
            author: self.author.into(),
            session: self.session.0,
        })
    }
}

/// The text as raw JSON when it is a whole object on one line; else the text back.
fn on_one_line(text: String) -> Result<Box<RawValue>, String> {
    if !text.starts_with('{') || text.contains(['\n', '\r']) {
        return Err(text);
    }
    match serde_json::from_str::<&RawValue>(&text) {
        Ok(raw) if raw.get().len() == text.len() => Ok(raw.to_owned()),
        _ => Err(text),
    }
}

/// A moment: ISO 8601 where that says the same, else microseconds since 1970.
struct Moment(Time);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let iso = self.0.iso();
        if Time::parse_iso(&iso) == Some(self.0) { to.serialize_str(&iso) } else { to.serialize_i64(self.0.0) }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Moment, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Moment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a moment such as \"2019-07-09T22:50:00Z\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
                Time::parse_iso(text).map(Moment).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_i64<E: de::Error>(self, micros: i64) -> Result<Moment, E> {
                Ok(Moment(Time(micros)))
            }
            fn visit_u64<E: de::Error>(self, micros: u64) -> Result<Moment, E> {
                let signed = i64::try_from(micros);
                signed.map(|m| Moment(Time(m))).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(micros), &self))
            }
        }
        from.deserialize_any(Either)
    }
}

/// A session as 16 hexadecimal digits.
struct Hex(Session);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:016x}", self.0.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Hex, D::Error> {
        let text = Cow::<'_, str>::deserialize(from)?;
        let digits = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let read = digits.then(|| u64::from_str_radix(&text, 16).ok()).flatten();
        read.map(|n| Hex(Session(n))).ok_or_else(|| de::Error::custom("a session is 16 hexadecimal digits"))
    }
}

/// What is known about when something happened, its moments written as all moments here.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    about: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    open: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
}

impl About {
    fn of(when: &When) -> About {
        let When { about, until, open, source, zone } = when;
        About { about: *about, until: until.map(Moment), open: *open, source: source.clone(), zone: zone.clone() }
    }
    fn when(self) -> When {
        let About { about, until, open, source, zone } = self;
        When { about, until: until.map(|moment| moment.0), open, source, zone }
    }
}

//! One line of the journal: who, when it happened, when it was recorded, and one fact. It must not know how it is stored.

use super::fact::Fact;
use super::time::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The number people say ("412"): it names the incident's stream within one journal.
pub type Number = u32;

/// The stream beside the incidents' own, for what outlives or predates an incident.
pub const STANDING: Number = 0;

/// A session is one run of the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session(pub u64);

/// Names an entry for ever: the session that wrote it and its count within that session, 16 bytes in all.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub [u8; 16]);

impl EntryId {
    /// The `count`th entry of a session.
    pub fn of(session: Session, count: u64) -> EntryId {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&session.0.to_be_bytes());
        bytes[8..].copy_from_slice(&count.to_be_bytes());
        EntryId(bytes)
    }
    /// The id `n` after this one in the same session.
    pub fn offset(self, n: u64) -> EntryId {
        let mut low = [0; 8];
        low.copy_from_slice(&self.0[8..]);
        let mut bytes = self.0;
        bytes[8..].copy_from_slice(&u64::from_be_bytes(low).wrapping_add(n).to_be_bytes());
        EntryId(bytes)
    }
    /// Reads 32 hexadecimal digits; `None` when it is not that.
    pub fn parse(text: &str) -> Option<EntryId> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(|n| EntryId(n.to_be_bytes()))
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for EntryId {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EntryId {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<EntryId, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        EntryId::parse(&text).ok_or_else(|| serde::de::Error::custom("an entry's id is 32 hexadecimal digits"))
    }
}

/// What is known about the time something happened beyond the moment itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The moment is a guess ("about 14:20").
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub about: bool,
    /// It went on until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// It began then and its end is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// Where the time was read from ("burn", "slack").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The zone it was written in, or the one assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl When {
    /// A guess, nothing else known.
    pub fn about() -> When {
        When { about: true, ..When::default() }
    }
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which stream it belongs to.
    pub incident: Number,
    /// Its place in that stream, from 1 without gaps.
    pub seq: u64,
    /// Its name for ever; unique in a journal.
    pub id: EntryId,
    /// When it happened. Changed by a correction only.
    pub at: Time,
    /// When it was recorded. Never changed.
    pub recorded: Time,
    /// What else is known about when it happened.
    pub when: Option<Box<When>>,
    /// Who recorded it.
    pub author: Box<str>,
    /// The run of the program that wrote it.
    pub session: Session,
    /// What happened.
    pub fact: Fact,
}

impl Entry {
    /// How long after it happened it was recorded, in whole minutes, when that is a minute or more: shown as "+N min".
    pub fn late_minutes(&self) -> Option<i64> {
        let late = self.recorded.since(self.at).as_minutes();
        (late >= 1).then_some(late)
    }
}

/// What a decision needs to know besides the incident and the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Now, by the session's clock.
    pub now: Time,
    /// Who is at the keyboard.
    pub author: Box<str>,
    /// This run of the program.
    pub session: Session,
    /// The id of the first entry that this decision makes; the next ones follow it.
    pub first: EntryId,
    /// When it happened, if that was said; else it happened now.
    pub at: Option<Time>,
    /// What was said about that time.
    pub when: Option<When>,
}

impl Stamp {
    /// The moment the command is about: the one said, else now.
    pub fn happened(&self) -> Time {
        self.at.unwrap_or(self.now)
    }
}

/// A fact that was decided and not yet written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What happened.
    pub fact: Fact,
    /// When it happened.
    pub at: Time,
    /// What else is known about when.
    pub when: Option<Box<When>>,
}

impl Draft {
    /// The entry this becomes as the `index`th of its decision, at the given place of a stream.
    pub fn entry(self, stamp: &Stamp, incident: Number, seq: u64, index: u64) -> Entry {
        Entry {
            incident,
            seq,
            id: stamp.first.offset(index),
            at: self.at,
            recorded: stamp.now,
            when: self.when,
            author: stamp.author.clone(),
            session: stamp.session,
            fact: self.fact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_as_they_are_read() {
        let id = EntryId::of(Session(0xdead_beef), 7);
        assert_eq!(EntryId::parse(&id.to_string()), Some(id));
        assert_eq!(id.offset(3), EntryId::of(Session(0xdead_beef), 10));
        assert_eq!(EntryId::parse("+0000000000000000000000000000001"), None);
    }
}

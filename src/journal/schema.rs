//! A row of the journal ⇄ an entry, and the checksum that proves a row. It must not know where rows are kept.
//!
//! Whatever has a right checksum is kept verbatim, understood or not: a fact we cannot read is [`Fact::Unknown`], and a
//! `when` we cannot read travels in [`When::source`] behind a mark, so that it is written again as it was.

use crate::incident::entry::{Entry, EntryId, Session, When};
use crate::incident::fact::{Fact, Unread};
use crate::incident::time::Time;
use xxhash_rust::xxh3::xxh3_64;

/// What `PRAGMA application_id` of a journal reads: "QDCK".
pub const APPLICATION: i64 = 0x5144_434b;
/// The version of the table and of the facts' vocabulary that this program writes.
pub const VERSION: i64 = 1;
/// The table.
pub const TABLE: &str = include_str!("schema.sql");
/// The columns in the order of [`Row`].
pub const COLUMNS: &str = r#"incident, seq, entry, at, recorded, "when", author, session, schema, kind, fact, sum"#;

/// Before a `when` that could not be read, in [`When::source`].
const UNREAD: &str = "unread when: ";

/// One row as it is stored; nothing in it is believed before [`Row::entry`] has checked its sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The stream's number.
    pub incident: i64,
    /// The place in the stream, from 1.
    pub seq: i64,
    /// The entry's id, 16 bytes.
    pub entry: &'a [u8],
    /// When it happened, µs UTC.
    pub at: i64,
    /// When it was recorded, µs UTC.
    pub recorded: i64,
    /// What else is known about when it happened, JSON.
    pub when: Option<&'a [u8]>,
    /// Who recorded it.
    pub author: &'a [u8],
    /// The session, its 64 bits as a signed number.
    pub session: i64,
    /// The schema version it was written with.
    pub schema: i64,
    /// The fact's kind.
    pub kind: &'a [u8],
    /// The fact, one flat JSON object.
    pub fact: &'a [u8],
    /// The checksum over everything above, its 64 bits as a signed number.
    pub sum: i64,
}

impl Row<'_> {
    /// The checksum that this row should have: xxh3 (64 bits) over every other column in order, numbers as 8 bytes little-endian,
    /// texts and bytes behind their length, `when` behind a byte that says whether it is there. `space` is scratch.
    pub fn right_sum(&self, space: &mut Vec<u8>) -> i64 {
        fn number(space: &mut Vec<u8>, n: i64) {
            space.extend_from_slice(&n.to_le_bytes());
        }
        fn bytes(space: &mut Vec<u8>, b: &[u8]) {
            space.extend_from_slice(&(b.len() as u64).to_le_bytes());
            space.extend_from_slice(b);
        }
        space.clear();
        number(space, self.incident);
        number(space, self.seq);
        bytes(space, self.entry);
        number(space, self.at);
        number(space, self.recorded);
        match self.when {
            None => space.push(0),
            Some(when) => {
                space.push(1);
                bytes(space, when);
            }
        }
        bytes(space, self.author);
        number(space, self.session);
        number(space, self.schema);
        bytes(space, self.kind);
        bytes(space, self.fact);
        xxh3_64(space).cast_signed()
    }

    /// The entry this row holds.
    ///
    /// # Errors
    /// Why the row is damaged, in a clause: its sum is wrong, or it holds what no version of this program writes.
    pub fn entry(&self, space: &mut Vec<u8>) -> Result<Entry, &'static str> {
        if self.right_sum(space) != self.sum {
            return Err("its checksum is wrong");
        }
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| "its text is not UTF-8");
        let (kind, fact) = (text(self.kind)?, text(self.fact)?);
        Ok(Entry {
            incident: u32::try_from(self.incident).map_err(|_| "its stream's number is out of range")?,
            seq: u64::try_from(self.seq).map_err(|_| "its place is negative")?,
            id: EntryId(self.entry.try_into().map_err(|_| "its id is not 16 bytes long")?),
            at: Time(self.at),
            recorded: Time(self.recorded),
            when: self.when.map(text).transpose()?.map(|when| Box::new(read_when(when))),
            author: text(self.author)?.into(),
            session: Session(self.session.cast_unsigned()),
            // another version's words may mean something else, even where we could read them
            fact: if self.schema == VERSION {
                Fact::decode(kind, fact)
            } else {
                Fact::Unknown(Box::new(Unread { kind: kind.into(), text: fact.into() }))
            },
        })
    }
}

/// An entry's texts, made ready to be written; [`Written::row`] borrows from it.
#[derive(Clone, Debug)]
pub struct Written<'a> {
    entry: &'a Entry,
    when: Option<String>,
    fact: String,
}

impl<'a> Written<'a> {
    /// Makes an entry's texts.
    pub fn of(entry: &'a Entry) -> Written<'a> {
        Written { entry, when: entry.when.as_deref().map(write_when), fact: entry.fact.encode() }
    }

    /// The row, with its sum.
    ///
    /// # Errors
    /// When the place is beyond what a column holds (2⁶³).
    pub fn row<'s>(&'s self, space: &mut Vec<u8>) -> Result<Row<'s>, &'static str> {
        let mut row = Row {
            incident: i64::from(self.entry.incident),
            seq: i64::try_from(self.entry.seq).map_err(|_| "a place beyond 2^63")?,
            entry: &self.entry.id.0,
            at: self.entry.at.0,
            recorded: self.entry.recorded.0,
            when: self.when.as_deref().map(str::as_bytes),
            author: self.entry.author.as_bytes(),
            session: self.entry.session.0.cast_signed(),
            schema: VERSION,
            kind: self.entry.fact.kind().as_bytes(),
            fact: self.fact.as_bytes(),
            sum: 0,
        };
        row.sum = row.right_sum(space);
        Ok(row)
    }
}

/// Reads a `when`. What is not exactly what we would write ourselves is kept as it is, behind a mark.
fn read_when(text: &str) -> When {
    match serde_json::from_str::<When>(text) {
        Ok(when) if write_when(&when) == text => when,
        _ => When { source: Some([UNREAD, text].concat()), ..When::default() },
    }
}

/// Writes a `when`; one that could not be read is written as it was.
fn write_when(when: &When) -> String {
    let unread = match when {
        When { about: false, until: None, open: false, source: Some(source), zone: None } => {
            source.strip_prefix(UNREAD)
        }
        _ => None,
    };
    match unread {
        Some(text) => text.to_string(),
        // our own flat struct cannot fail to become text; an empty object says nothing
        None => serde_json::to_string(when).unwrap_or_else(|_| String::from("{}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::record::Noted;
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};

    fn noted(text: &str) -> Entry {
        let session = Session(u64::MAX - 3);
        Entry {
            incident: 412,
            seq: 7,
            id: EntryId::of(session, 9),
            at: Time(-5),
            recorded: Time(1_562_712_600_123_456),
            when: Some(Box::new(When { until: Some(Time(6)), zone: Some("UTC".into()), ..When::about() })),
            author: "ana\0\u{1b}[2J".into(),
            session,
            fact: Noted { text: text.into(), pinned: true }.into(),
        }
    }

    #[test]
    fn an_entry_comes_back_from_its_row() {
        let (entry, mut space) = (noted("a\0b\u{202e}"), Vec::new());
        let written = Written::of(&entry);
        assert_eq!(written.row(&mut space).and_then(|row| row.entry(&mut Vec::new())), Ok(entry.clone()));
    }

    #[test]
    fn the_sum_is_frozen() {
        const FROZEN: i64 = 6_589_107_417_962_464_869;
        let entry = noted("x");
        let written = Written::of(&entry);
        assert_eq!(written.row(&mut Vec::new()).map(|row| row.sum), Ok(FROZEN));
    }

    #[test]
    fn no_column_can_change_unnoticed() {
        let entry = noted("x");
        let written = Written::of(&entry);
        let mut space = Vec::new();
        let row = written.row(&mut space).expect("in range");
        let changed = [
            Row { incident: 413, ..row },
            Row { seq: 8, ..row },
            Row { entry: &[0; 16], ..row },
            Row { at: 0, ..row },
            Row { recorded: 0, ..row },
            Row { when: None, ..row },
            Row { when: Some(b"{}"), ..row },
            Row { author: b"ben", ..row },
            Row { session: 0, ..row },
            Row { schema: 2, ..row },
            Row { kind: b"decided", ..row },
            Row { fact: b"{}", ..row },
            Row { sum: row.sum ^ 1, ..row },
            // the same bytes, cut elsewhere
            Row { author: b"", kind: &[row.author, row.kind].concat(), ..row },
        ];
        for other in changed {
            assert_eq!(other.entry(&mut space), Err("its checksum is wrong"), "{other:?}");
        }
    }

    #[test]
    fn another_version_s_row_is_kept_verbatim() {
        let entry = noted("x");
        let written = Written::of(&entry);
        let mut row = written.row(&mut Vec::new()).expect("in range");
        row.schema = 2;
        row.sum = row.right_sum(&mut Vec::new());
        let read = row.entry(&mut Vec::new()).expect("its sum is right");
        assert!(matches!(read.fact, Fact::Unknown(_)));
        assert_eq!((read.fact.kind(), read.fact.encode().as_bytes()), ("noted", row.fact));
    }

    fn whens() -> impl Strategy<Value = String> {
        let json = r#"\{("about":(true|false))?,?("until":-?[0-9]{1,3})?,?("source":"[a-z ]{0,3}")?,?("depth":1)?\}"#;
        proptest::prop_oneof![any::<String>(), json, "unread when: [a-z{}]{0,5}", r#"\{"source":"unread when: x"\}"#]
    }

    proptest! {
        #[test]
        fn every_when_is_written_as_it_was_read(text in whens()) {
            prop_assert_eq!(write_when(&read_when(&text)), text);
        }
    }
}

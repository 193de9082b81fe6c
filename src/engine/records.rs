//! Records one by one, for who wants what they say and not how many there are. It must not know what they are about.

use super::intake::Intake;
use super::line::{Entry, Event, Reader, Scalar};
use super::names::Names;
use super::store::Count;

/// One record with a time.
#[derive(Clone, Copy, Debug)]
pub struct Record<'r> {
    /// When it happened, µs UTC.
    pub at: i64,
    names: &'r Names,
    entries: &'r [Entry<'r>],
}

impl Record<'_> {
    /// The first of these fields that says something, as text; of equal fields the last one counts.
    #[must_use]
    pub fn first(&self, fields: &[&str]) -> Option<String> {
        fields.iter().find_map(|name| {
            let field = self.names.find(name)?;
            let value = &self.entries.iter().rev().find(|entry| entry.field == field)?.value;
            let text = match value {
                Scalar::Null => return None,
                Scalar::Bool(value) => value.to_string(),
                Scalar::Int(value) => value.to_string(),
                Scalar::Float(value) => value.to_string(),
                Scalar::Text(text) => text.trim().to_owned(),
            };
            (!text.is_empty()).then_some(text)
        })
    }
}

/// Who takes records.
pub trait Take {
    /// Takes one.
    fn take(&mut self, record: Record<'_>);
}

/// Hands on every record that has a time.
#[derive(Debug, Default)]
pub struct Records<T> {
    reader: Reader,
    /// Who takes them.
    pub to: T,
}

impl<T> Records<T> {
    /// Hands records to somebody.
    pub fn to(to: T) -> Self {
        Self { reader: Reader::default(), to }
    }
}

impl<T: Take> Intake for Records<T> {
    fn reader(&mut self) -> &mut Reader {
        &mut self.reader
    }

    fn take(&mut self, event: Event, entries: &[Entry<'_>], line: &[u8], count: &mut Count) {
        if let Some(at) = count.take(event, line) {
            self.to.take(Record { at, names: &self.reader.names, entries });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::intake::{How, Sink};
    use super::*;

    #[derive(Default)]
    struct Kept(Vec<(i64, Option<String>)>);

    impl Take for Kept {
        fn take(&mut self, record: Record<'_>) {
            self.0.push((record.at, record.first(&["what", "service.name"])));
        }
    }

    #[test]
    fn given_records_when_handed_on_then_the_first_field_that_says_something_counts() {
        let mut records = Records::to(Kept::default());
        let lines = concat!(
            "{\"ts\":1562712600,\"what\":\"\",\"service\":{\"name\":\"api\"}}\n",
            "{\"ts\":1562712601,\"what\":\" a \",\"what\":7}\n",
            "{\"what\":\"untimed\"}\n",
            "{\"ts\":1562712602,\"what\":null}\n",
        );
        let count = records.read(lines.as_bytes(), How::Json);
        assert_eq!((count.events, count.untimed), (3, 1));
        let said: Vec<Option<&str>> = records.to.0.iter().map(|(_, text)| text.as_deref()).collect();
        assert_eq!(said, [Some("api"), Some("7"), None]);
        assert_eq!(records.to.0.first().map(|(at, _)| *at), Some(1_562_712_600_000_000));
    }
}

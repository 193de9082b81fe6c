//! Why a document was not imported, in the words people read. What it quotes of the document is made harmless here.

use super::FORMAT;
use std::fmt;

/// Why a document was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportTrouble {
    /// What stands against it.
    pub why: Why,
    /// The line at which reading stopped, from 1; 0 when nothing could be read.
    pub line: usize,
    /// The byte of that line, from 1.
    pub column: usize,
}

/// What stands against a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The bytes could not be read.
    Unread(String),
    /// It is not JSON, or ends too early.
    NotJson(String),
    /// It is JSON, and none of ours.
    Foreign,
    /// A later version wrote it, in the format of this number.
    Newer(u64),
    /// Something in it is not what this format says.
    Wrong(String),
    /// It has more bytes than these.
    Large(u64),
    /// It has more entries than these.
    Many(u64),
}

impl ImportTrouble {
    /// Before the first byte, or after all of them.
    pub(super) fn nowhere(why: Why) -> ImportTrouble {
        ImportTrouble { why, line: 0, column: 0 }
    }
    /// Where reading stopped: for a reason of ours, else for what serde says. What does not fit before the format number was read is
    /// another program's.
    pub(super) fn of(error: &serde_json::Error, why: Option<Why>, ours: bool) -> ImportTrouble {
        let words = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let words = harmless(words.strip_suffix(place.as_str()).unwrap_or(&words));
        let why = why.unwrap_or(match error.classify() {
            serde_json::error::Category::Io => Why::Unread(words),
            serde_json::error::Category::Syntax | serde_json::error::Category::Eof => Why::NotJson(words),
            serde_json::error::Category::Data => Why::Wrong(words),
        });
        let why = if ours || !matches!(why, Why::Wrong(_)) { why } else { Why::Foreign };
        ImportTrouble { why, line: error.line(), column: error.column() }
    }

    /// The three sentences people read.
    pub fn words(&self) -> String {
        let place = format!("line {}, column {}", self.line, self.column);
        let (what, next) = match &self.why {
            Why::Unread(words) => (
                format!("The document could not be read past {place}: {words}."),
                "See to the file and import it again.",
            ),
            Why::NotJson(words) => (
                format!("The document is not whole JSON: {words} at {place}."),
                "Copy the file again from where it was exported, and import that.",
            ),
            Why::Foreign => (
                format!("The document is JSON, but quarterdeck did not write it: no format number until {place}."),
                "Name what it is (quarterdeck import slack, statuspage, pagerduty), or give a file of quarterdeck export -f json.",
            ),
            Why::Newer(format) => (
                format!("The document has format {format} ({place}); this program reads {FORMAT}."),
                "Import it with the version that wrote it, or with a later one.",
            ),
            Why::Wrong(words) => (
                format!("The document is damaged or was edited: {words} at {place}."),
                "Export it again where it came from, or mend that line.",
            ),
            Why::Large(bytes) => {
                (format!("The document is larger than {} MiB.", bytes >> 20), "Check that it is one incident's export.")
            }
            Why::Many(entries) => (
                format!("The document has more than {entries} entries (reached at {place})."),
                "Check that it is one incident's export.",
            ),
        };
        format!("{what} Nothing was imported. {next}")
    }
}

impl fmt::Display for ImportTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl std::error::Error for ImportTrouble {}

/// Words that quote a document, safe for a terminal: what does not print is spelt out, what does not end is cut.
pub(super) fn harmless(words: &str) -> String {
    let mut plain = String::new();
    for c in words.chars().take(200) {
        match c {
            '"' | '\'' | '\\' => plain.push(c),
            _ => plain.extend(c.escape_debug()),
        }
    }
    if words.chars().nth(200).is_some() {
        plain.push('…');
    }
    plain
}

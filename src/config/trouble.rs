//! What is wrong with the configuration, said with its place and the nearest known word. It must not know which words are known.

use crate::app::fault::nearest;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where something was configured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A place in the configuration file; line and column from 1, the column in characters.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// The configuration file as a whole.
    Whole(PathBuf),
    /// An environment variable.
    Variable(&'static str),
    /// An argument of the command line.
    Flag(&'static str),
    /// The machine's own account of its users.
    Machine,
}

impl Place {
    /// The place of a byte in the text of a file; a byte beyond the end is at its end.
    pub fn in_file(path: &Path, text: &str, byte: usize) -> Place {
        let bytes = text.as_bytes();
        let before = bytes.get(..byte.min(bytes.len())).unwrap_or_default();
        let line = 1 + before.iter().filter(|b| **b == b'\n').count();
        let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1);
        let column = 1 + String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count();
        Place::File { path: path.to_owned(), line, column }
    }

    /// The line, where there is one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Place::File { line, .. } => Some(*line),
            Place::Whole(_) | Place::Variable(_) | Place::Flag(_) | Place::Machine => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { path, line, column } => {
                write!(f, "{}, line {line}, column {column}", shown(&path.to_string_lossy()))
            }
            Place::Whole(path) => f.write_str(&shown(&path.to_string_lossy())),
            Place::Variable(name) => write!(f, "environment variable {name}"),
            Place::Flag(name) => f.write_str(name),
            Place::Machine => f.write_str("this machine"),
        }
    }
}

/// One thing wrong with the configuration. Displayed as its place and three sentences.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigTrouble {
    /// Where it is.
    pub place: Place,
    /// The key it is about, with its section: `slo.target`; empty when it is about the whole file.
    pub key: String,
    /// What happened, without a full stop.
    pub what: String,
    /// What to do next, without a full stop.
    pub next: String,
}

/// What is true after any trouble with the configuration, without a full stop.
pub const NOW: &str = "Nothing was started and nothing was changed";

impl ConfigTrouble {
    /// One trouble; both sentences without a full stop.
    pub fn new(
        place: Place,
        key: impl Into<String>,
        what: impl Into<String>,
        next: impl Into<String>,
    ) -> ConfigTrouble {
        ConfigTrouble { place, key: key.into(), what: what.into(), next: next.into() }
    }
}

impl fmt::Display for ConfigTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {NOW}. {}.", self.place, self.what, self.next)
    }
}

impl std::error::Error for ConfigTrouble {}

/// A text of somebody else's as it may stand in an error: one line, without control or format characters, at most 80 characters.
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == 80 {
            out.push('…');
            break;
        }
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}

/// What to do about an unknown word: the nearest known one, else the known ones.
pub fn known_instead<'k>(word: &str, known: impl IntoIterator<Item = &'k str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("Write `{near}` if that was meant"),
        None => {
            let all: Vec<&str> = known.into_iter().take(24).collect();
            format!("Known are: {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_byte_when_its_place_is_asked_then_line_and_column_count_characters_from_one() {
        let place = |byte| match Place::in_file(Path::new("c"), "a\nüb\n", byte) {
            Place::File { line, column, .. } => (line, column),
            other => panic!("{other}"),
        };
        assert_eq!(place(0), (1, 1));
        assert_eq!(place(2), (2, 1));
        assert_eq!(place(4), (2, 2));
        assert_eq!(place(99), (3, 1));
    }

    #[test]
    fn given_hostile_text_when_shown_then_it_is_one_short_harmless_line() {
        let text = shown(&format!("a\u{1b}]52;c;x\u{7}\u{202e}\n\0{}", "é".repeat(4_000)));
        assert!(text.chars().count() < 160, "{text}");
        assert!(text.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{text}");
        assert!(text.ends_with('…'));
    }

    #[test]
    fn given_a_trouble_when_displayed_then_it_is_its_place_and_three_sentences() {
        let trouble = ConfigTrouble::new(Place::Flag("--theme"), "theme", "`dork` is not a theme", "Write `dark`");
        assert_eq!(
            trouble.to_string(),
            "--theme: `dork` is not a theme. Nothing was started and nothing was changed. Write `dark`."
        );
    }
}

//! What is wrong with a file that people write by hand (keymap, theme), said with file, line and the nearest known word; the configuration, which
//! has more places than a file, has its own words for it and shares the nearest.
//!
//! It must not know: which words are known; every reader brings its own list. It opens nothing.

use std::fmt;
use std::ops::Range;

/// One mistake in a file. Displayed as file and line, then three sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file as the reader was told its name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What happened, without a full stop.
    pub what: String,
    /// What is true now, without a full stop.
    pub now: String,
    /// What to do next, without a full stop.
    pub next: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}. {}. {}.", self.file, self.line, self.what, self.now, self.next)
    }
}

impl std::error::Error for Fault {}

/// A file being read: what every [`Fault`] in it has in common.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The file's name for people.
    pub file: &'a str,
    /// Its whole text.
    pub text: &'a str,
    /// What is true when the file cannot be used, without a full stop.
    pub now: &'a str,
}

impl Source<'_> {
    /// A mistake at a place of the text, given in bytes.
    pub fn fault(&self, at: Range<usize>, what: impl Into<String>, next: impl Into<String>) -> Fault {
        Fault {
            file: self.file.to_owned(),
            line: line_at(self.text, at.start),
            what: what.into(),
            now: self.now.to_owned(),
            next: next.into(),
        }
    }

    /// A word that is not known where it stands: `kind` says what it should have been.
    pub fn unknown<'k>(
        &self,
        at: Range<usize>,
        kind: &str,
        word: &str,
        known: impl IntoIterator<Item = &'k str> + Clone,
    ) -> Fault {
        let next = match nearest(word, known.clone()) {
            Some(near) => format!("Write `{near}` if that was meant"),
            None => {
                let all: Vec<&str> = known.into_iter().take(12).collect();
                format!("Known are: {}", all.join(", "))
            }
        };
        self.fault(at, format!("`{}` is not {kind}", word.escape_debug()), next)
    }

    /// What the TOML reader refused, in its own words, on the line where it stopped.
    pub fn broken(&self, error: &toml::de::Error) -> Fault {
        let words: Vec<&str> = error.message().split_whitespace().collect();
        let what = format!("the file is not TOML: {}", words.join(" "));
        self.fault(error.span().unwrap_or(0..0), what, "Correct that line")
    }
}

/// The line of a byte of a text, from 1; beyond the end it is the last line.
fn line_at(text: &str, byte: usize) -> usize {
    let before = text.as_bytes().get(..byte.min(text.len())).unwrap_or_default();
    1 + before.iter().filter(|b| **b == b'\n').count()
}

/// The known word that a slip of `word` most likely meant: at most a third of its letters away (Damerau-Levenshtein).
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // A word far longer than any name of ours is not a slip, and measuring it would take its length squared.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    let allowed = word.chars().count().div_ceil(3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&word, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_slip_when_the_nearest_is_asked_then_it_is_named_and_nonsense_is_not() {
        assert_eq!(nearest("urgnt", ["text", "urgent", "due"]), Some("urgent"));
        assert_eq!(nearest("Blod", ["bold", "dim"]), Some("bold"));
        assert_eq!(nearest("europe/pariss", ["Europe/Paris", "Europe/Rome"]), Some("Europe/Paris"));
        assert_eq!(nearest("xyzzy", ["bold", "dim"]), None);
        assert_eq!(nearest(&"b".repeat(10_000_000), ["bold"]), None);
    }

    #[test]
    fn given_a_fault_when_displayed_then_it_names_file_line_and_says_three_sentences() {
        let source = Source { file: "my.toml", text: "a = 1\nurgnt = 2\n", now: "The theme was not loaded" };
        let fault = source.unknown(6..11, "a meaning", "urgnt", ["urgent"]);
        assert_eq!(
            fault.to_string(),
            "my.toml, line 2: `urgnt` is not a meaning. The theme was not loaded. Write `urgent` if that was meant."
        );
    }

    #[test]
    fn given_a_place_beyond_the_text_when_its_line_is_asked_then_it_is_the_last() {
        assert_eq!(line_at("a\nb", 99), 2);
        assert_eq!(line_at("", 0), 1);
    }
}

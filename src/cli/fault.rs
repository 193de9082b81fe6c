//! Why a command did not do what was asked: an exit code and three sentences. It must not know who prints them.

use crate::incident::command::Refusal;
use crate::journal::trouble::JournalTrouble;
use std::fmt;
use std::io;
use std::path::Path;

/// What kind of failure it is; the number is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The tool failed.
    Tool = 1,
    /// The command was not understood, or what it means is not clear.
    Usage = 2,
    /// A rule refused it.
    Refused = 3,
    /// It could not be determined.
    Unsure = 4,
    /// It was waited for, and did not come: EX_TEMPFAIL of sysexits.
    Vain = 75,
    /// Nobody reads what we write any more: said to nobody, as if SIGPIPE had ended us (128 + 13).
    Pipe = 141,
}

/// A failure in three sentences; the last two may be empty where somebody else's words hold all three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The exit code.
    pub kind: Kind,
    /// What happened.
    pub happened: String,
    /// What is true now.
    pub stands: String,
    /// What to do next.
    pub next: String,
}

/// What is true after most failures.
const NOTHING: &str = "Nothing was recorded.";

impl Fault {
    /// Bad usage: nothing was recorded.
    pub fn usage(happened: impl Into<String>, next: impl Into<String>) -> Fault {
        Fault { kind: Kind::Usage, happened: happened.into(), stands: NOTHING.into(), next: next.into() }
    }
    /// Refused before anything was recorded.
    pub fn refused(happened: impl Into<String>, next: impl Into<String>) -> Fault {
        Fault { kind: Kind::Refused, ..Fault::usage(happened, next) }
    }
    /// Somebody else's three sentences.
    pub fn of(kind: Kind, words: impl Into<String>) -> Fault {
        Fault { kind, happened: words.into(), stands: String::new(), next: String::new() }
    }
    /// Several failures as one: each with its own sentences, and the lowest exit code among them; none of none.
    pub fn all(mut several: Vec<Fault>) -> Option<Fault> {
        let kind = several.iter().map(|fault| fault.kind).min_by_key(|kind| *kind as u8)?;
        if several.len() == 1 {
            return several.pop();
        }
        let words: Vec<String> = several.iter().map(ToString::to_string).collect();
        Some(Fault::of(kind, words.join("\n")))
    }
    /// What the operating system said about a path.
    pub fn file(path: &Path, what: &str, error: &io::Error) -> Fault {
        Fault {
            kind: Kind::Tool,
            happened: format!("{} could not be {what}: {error}.", path.display()),
            stands: "The journal is untouched by this.".into(),
            next: "Put that right, or name another place.".into(),
        }
    }
    /// The words that were to be recorded are kept there.
    pub fn keeping(mut self, draft: &Path) -> Fault {
        let place = draft.display();
        self.stands = if self.stands.is_empty() {
            format!("The words are kept in {place}.")
        } else {
            format!("{} The words are kept in {place}.", self.stands)
        };
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.happened, &self.stands, &self.next];
        let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        f.write_str(&parts.join(" "))
    }
}

impl From<JournalTrouble> for Fault {
    fn from(trouble: JournalTrouble) -> Fault {
        let JournalTrouble { happened, stands, next, .. } = trouble;
        Fault { kind: Kind::Tool, happened, stands, next }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        Fault::refused(refusal.why, refusal.instead)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Fault::of(Kind::Pipe, "");
        }
        Fault {
            kind: Kind::Tool,
            happened: format!("The answer could not be written: {error}."),
            stands: "What was recorded before is safe in the journal.".into(),
            next: "Write it to another place.".into(),
        }
    }
}

//! `[gate]`: what a freeze is about, and how pipelines that cannot read the journal are told. It must not know how anything is written or fetched.

use super::options;
use super::read::{Reader, Rows};
use super::secret::SecretRef;
use crate::incident::scope;
use crate::incident::second::Two;
use std::path::PathBuf;

/// What is frozen unless somebody says otherwise.
pub const SCOPE: &str = "prod";

/// `[gate]` as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// What is frozen and asked about unless somebody says otherwise.
    pub scope: String,
    /// The directory into which `gate.json` is written.
    pub dir: Option<PathBuf>,
    /// Where a check reads it, instead of in the journal.
    pub from: Option<String>,
    /// Whether lifting somebody else's hold needs a second person.
    pub two: Two,
    /// The token with which it is fetched from there, and from nowhere else.
    pub token: Option<SecretRef>,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { scope: SCOPE.into(), dir: None, from: None, two: Two::Never, token: None }
    }
}

/// Reads the section.
pub fn read(reader: &mut Reader<'_>, top: &Rows<'_>) -> Gate {
    let Some(rows) = reader.inside(top, &options::GATE) else { return Gate::default() };
    let scope = reader.text(&rows, "scope").and_then(|written| match scope::check(&written.text, true) {
        Ok(()) => Some(written.text),
        Err(refusal) => {
            let [what, next] = [&refusal.why, &refusal.instead].map(|said| said.trim_end_matches('.').to_owned());
            reader.troubles.push(written.trouble(what, next));
            None
        }
    });
    Gate {
        scope: scope.unwrap_or_else(|| SCOPE.into()),
        dir: reader.path(&rows, "dir"),
        from: reader.address(&rows, "from"),
        two: if reader.word(&rows, "two-people") == Some("widening") { Two::Widening } else { Two::Never },
        token: reader.secret(&rows, "token"),
    }
}

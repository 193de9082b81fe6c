//! An incident written to files. It must not know who asks for it.

use super::Hands;
use crate::exchange::{json, markdown};
use crate::incident::Incident;
use crate::incident::cadence::Rules;
use crate::incident::entry::Entry;
use crate::incident::hold::Holds;
use crate::incident::time::Time;
use std::io::Write;
use std::path::{Path, PathBuf};

/// An incident to be written.
pub struct Export {
    /// The fold.
    pub incident: Incident,
    /// The entries.
    pub entries: Vec<Entry>,
    /// What is configured about the response.
    pub rules: Rules,
    /// Holds of releases.
    pub holds: Holds,
    /// Now.
    pub now: Time,
    /// It is a drill.
    pub drill: bool,
}

impl Hands {
    /// Writes Markdown and JSON beside each other; a file that exists is never written over.
    pub fn export(&self, export: &Export) -> Result<String, String> {
        let prefix = if export.drill { "drill" } else { "incident" };
        let name = format!("{prefix}-{}", export.incident.number());
        let mut text = Vec::new();
        let holds = Some(&export.holds);
        let options =
            markdown::Options { generated: export.now, as_of: None, rules: &export.rules, holds, drill: export.drill };
        markdown::export(&export.incident, &export.entries, &options, &mut text).map_err(|e| e.to_string())?;
        let mut data = Vec::new();
        json::export(export.incident.number(), export.drill, &export.entries, &mut data).map_err(|e| e.to_string())?;
        let markdown = fresh(&self.exports, &name, "md", &text)?;
        fresh(&self.exports, &name, "json", &data)?;
        Ok(format!("Written: {} and the same as .json", markdown.display()))
    }
}

/// Writes a file that was not there: `name.md`, `name-2.md`, ...
fn fresh(dir: &Path, name: &str, ending: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    let trouble = |path: &Path, e: &std::io::Error| {
        format!(
            "{} could not be written: {e}. The record is untouched. Free the place or export elsewhere.",
            path.display()
        )
    };
    std::fs::create_dir_all(dir).map_err(|e| trouble(dir, &e))?;
    for n in 1..1_000 {
        let file = if n == 1 { format!("{name}.{ending}") } else { format!("{name}-{n}.{ending}") };
        let path = dir.join(file);
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut out) => {
                out.write_all(bytes).and_then(|()| out.sync_all()).map_err(|e| trouble(&path, &e))?;
                return Ok(path);
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(trouble(&path, &e)),
        }
    }
    Err(format!("{} holds a thousand exports of this incident. Nothing was written. Move them.", dir.display()))
}

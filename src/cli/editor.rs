//! Runs a program of the person's: the editor for long texts. It must not know what is written there.

use super::desk::Desk;
use super::fault::{Fault, Kind};
use crate::journal::place;
use crate::shell::typed;
use std::process::Command;

/// Opens the person's editor on an empty file and gives back what was written; the file is gone afterwards.
///
/// # Errors
/// The editor cannot be started, fails, or leaves nothing.
pub fn edit(desk: &Desk) -> Result<String, Fault> {
    let trouble = |words: String| Fault {
        kind: Kind::Tool,
        happened: words,
        stands: "Nothing was recorded.".into(),
        next: "Set VISUAL or EDITOR to an editor, or give the words as arguments.".into(),
    };
    let editor = typed::line(&desk.config.editor, 80);
    place::make_directories(&desk.drafts)?;
    let file = tempfile::Builder::new().prefix("words-").suffix(".md").tempfile_in(&desk.drafts);
    let file = file.map_err(|error| trouble(format!("No file could be made for the editor: {error}.")))?;
    // the person's own words may hold arguments, so a shell reads them, as it does for git
    let status = if cfg!(unix) {
        Command::new("sh").arg("-c").arg(format!("{} \"$1\"", desk.config.editor)).arg("sh").arg(file.path()).status()
    } else {
        Command::new(&desk.config.editor).arg(file.path()).status()
    };
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(trouble(format!("The editor {editor} ended with {status}."))),
        Err(error) => return Err(trouble(format!("The editor {editor} could not be started: {error}."))),
    }
    let bytes =
        std::fs::read(file.path()).map_err(|error| trouble(format!("The words could not be read: {error}.")))?;
    let words = typed::words(&String::from_utf8_lossy(&bytes));
    if words.is_empty() {
        return Err(Fault::usage("The editor left no words.", "Write some, or give them as arguments."));
    }
    Ok(words)
}

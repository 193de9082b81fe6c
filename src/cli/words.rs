//! Where words come from: arguments, a pipe, or the person's editor; and where they are kept when they could not be recorded. They are
//! made harmless here. It must not know what they are for.

use super::desk::{Desk, Io};
use super::editor;
use super::fault::{Fault, Kind};
use crate::incident::command::LONGEST_TEXT;
use crate::journal::place;
use crate::shell::typed;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The most bytes that are read from a pipe: more than the longest text can have.
const MOST: u64 = 1 << 20;

/// The words of a command that needs some: its arguments, or what is piped in, or what is written in the editor.
///
/// # Errors
/// There are none; they cannot be read.
pub fn needed(desk: &Desk, io: &mut Io<'_>, given: &[String]) -> Result<String, Fault> {
    match given {
        [dash] if dash == "-" => piped(io),
        [] if !io.typed => piped(io),
        [] if io.read => editor::edit(desk),
        [] => Err(Fault::usage("There are no words.", "Give them as arguments, or pipe them in.")),
        words => Ok(typed::words(&words.join(" "))),
    }
}

/// The words of a command that needs none: a pipe is read only where `-` says so.
///
/// # Errors
/// They cannot be read.
pub fn optional(io: &mut Io<'_>, given: &[String]) -> Result<String, Fault> {
    match given {
        [dash] if dash == "-" => piped(io),
        words => Ok(typed::words(&words.join(" "))),
    }
}

/// A short text on one line, if there is one.
pub fn short(text: Option<&str>) -> Option<String> {
    text.map(|text| typed::line(text, 200)).filter(|text| !text.is_empty())
}

fn piped(io: &mut Io<'_>) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    io.input.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| Fault {
        kind: Kind::Tool,
        happened: format!("The words could not be read from the standard input: {error}."),
        stands: "Nothing was recorded.".into(),
        next: "Give them as arguments.".into(),
    })?;
    if bytes.len() as u64 > MOST {
        return Err(Fault::refused(
            format!("More than {} MiB were piped in, and {LONGEST_TEXT} characters fit an entry.", MOST >> 20),
            "Put the long part into a document and link it: quarterdeck link document ADDRESS.",
        ));
    }
    Ok(typed::words(&String::from_utf8_lossy(&bytes)))
}

/// Keeps words that were not recorded, in a file of their own that only the person may read.
///
/// # Errors
/// There is no place for them.
pub fn keep(desk: &Desk, verb: &str, words: &str) -> Result<PathBuf, Fault> {
    place::make_directories(&desk.drafts)?;
    let stamp = desk.now().utc().format("%Y-%m-%dT%H%M%SZ");
    for n in 1..1000 {
        let name = if n == 1 { format!("{stamp}-{verb}.txt") } else { format!("{stamp}-{verb}-{n}.txt") };
        let path = desk.drafts.join(name);
        match private(&path) {
            Ok(mut file) => {
                let written = file.write_all(words.as_bytes()).and_then(|()| file.write_all(b"\n"));
                written.and_then(|()| file.sync_all()).map_err(|error| Fault::file(&path, "written", &error))?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Fault::file(&path, "made", &error)),
        }
    }
    Err(Fault::usage("A thousand drafts were kept in this second.", "Look into the directory of drafts."))
}

fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Adds to a failure where the words are kept and how to say them again; words that were given to nobody are not lost.
pub fn kept(desk: &Desk, fault: Fault, verb: &str, words: &str) -> Fault {
    if words.is_empty() {
        return fault;
    }
    match keep(desk, verb, words) {
        Ok(path) => fault.keeping(&path),
        Err(trouble) => Fault { stands: format!("{} They were not kept either: {trouble}", fault.stands), ..fault },
    }
}

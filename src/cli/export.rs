//! The record as a document. It must not write anything but the file that was asked for, and no file over another.

use super::args::{Export, ExportForm};
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::stream::{self, damaged};
use super::{gate, paper, show};
use crate::exchange::{json, markdown};
use std::io::Write;
use std::path::Path;

/// `export`.
pub fn run(desk: &Desk, io: &mut Io<'_>, args: &Export) -> Result<(), Fault> {
    let shown = show::chosen(desk, io)?;
    let mut text = Vec::new();
    let drill = desk.drill.is_some();
    match if desk.globals.json { ExportForm::Json } else { args.format } {
        ExportForm::Json => json::export(shown.incident.number(), drill, &shown.entries, &mut text)?,
        ExportForm::Markdown => {
            let mut rules = desk.config.rules.clone();
            // what was put back from another incident remains no more
            if let Some(journal) = desk.reading()? {
                rules.elsewhere = stream::elsewhere(journal, shown.incident.number()).unwrap_or_default();
            }
            // what is damaged there must not keep this record from being written
            let standing = gate::standing(desk).ok();
            let holds = standing.as_ref().map(|stream| stream.standing.holds());
            let options = markdown::Options { generated: desk.now(), as_of: None, rules: &rules, holds, drill };
            markdown::export(&shown.incident, &shown.entries, &options, &mut text)?;
        }
    }
    match &args.output {
        Some(path) if path.as_os_str() != "-" => {
            write(path, &text)?;
            writeln!(io.err, "Written: {}", path.display())?;
        }
        // a terminal obeys what a file only holds
        _ if io.read && args.format == ExportForm::Json => {
            io.out.write_all(paper::spelt(&String::from_utf8_lossy(&text)).as_bytes())?;
        }
        _ => io.out.write_all(&text)?,
    }
    shown.damage.as_ref().map_or(Ok(()), |damage| Err(damaged(damage)))
}

/// Writes a file that was not there: whole under another name, then under its own.
fn write(path: &Path, text: &[u8]) -> Result<(), Fault> {
    let directory = crate::journal::place::parent(path);
    let trouble = |error: &std::io::Error| Fault::file(path, "written", error);
    let mut file = tempfile::Builder::new().prefix(".export-").tempfile_in(directory).map_err(|e| trouble(&e))?;
    file.write_all(text).and_then(|()| file.as_file().sync_all()).map_err(|e| trouble(&e))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(failed) if failed.error.kind() == std::io::ErrorKind::AlreadyExists => Err(Fault {
            kind: Kind::Refused,
            happened: format!("{} is there already.", path.display()),
            stands: "It was left as it is, and nothing was written.".into(),
            next: "Name another file.".into(),
        }),
        Err(failed) => Err(trouble(&failed.error)),
    }
}

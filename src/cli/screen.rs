//! Opens the screen on an incident. It must not know what is on it.

use super::desk::Desk;
use super::fault::{Fault, Kind};
use super::{stream, which};
use crate::incident::Incident;
use crate::incident::entry::{Number, STANDING};
use crate::journal::Journal;
use crate::shell::start::{self, Start};

/// Opens the screen; the journal is made when there is none.
///
/// # Errors
/// There is no terminal; the journal cannot be opened; the screen cannot be started.
pub fn open(desk: &Desk, on_terminal: bool) -> Result<(), Fault> {
    if !on_terminal || desk.term.is_none() {
        return Err(Fault {
            kind: Kind::Usage,
            happened: "There is no terminal to show the screen in.".into(),
            stands: "Nothing was started.".into(),
            next: "Run it in a terminal with TERM set, or use the commands: quarterdeck --help.".into(),
        });
    }
    let journal = desk.writing(true)?;
    let number = number(desk, &journal)?;
    let start = Start {
        config: desk.config.clone(),
        journal,
        number,
        exports: desk.exports.clone(),
        drafts: desk.drafts.clone(),
        drill: desk.drill.as_ref().map(|drill| (drill.scenario.clone(), drill.world())),
    };
    start::run(start).map_err(|words| Fault::of(Kind::Tool, words))
}

/// The incident named, else the newest open one, else the newest, else the first, which is not declared yet.
fn number(desk: &Desk, journal: &Journal) -> Result<Number, Fault> {
    if let Some(number) = desk.globals.incident.filter(|number| *number != STANDING) {
        return Ok(number);
    }
    if let Some(open) = which::open(journal)?.last() {
        return Ok(open.number());
    }
    Ok(stream::headlines(journal)?.last().map_or(1, Incident::number))
}

//! Opens the screen on an incident. It must not know what is on it.

use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::which;
use crate::incident::Incident;
use crate::incident::entry::{Number, STANDING};
use crate::journal::Journal;
use crate::shell::start::{self, Start};

/// Opens the screen; the journal is made when there is none.
///
/// # Errors
/// There is no terminal; the journal cannot be opened; the screen cannot be started.
pub fn open(desk: &Desk, io: Option<&mut Io<'_>>) -> Result<(), Fault> {
    let on_terminal = io.as_ref().is_none_or(|io| io.typed && io.read);
    if !on_terminal || desk.term.is_none() {
        return Err(Fault {
            kind: Kind::Usage,
            happened: "There is no terminal to show the screen in.".into(),
            stands: "Nothing was started.".into(),
            next: "Run it in a terminal with TERM set, or use the commands: quarterdeck --help.".into(),
        });
    }
    let journal = desk.writing(true)?;
    let number = number(desk, io, &journal)?;
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

/// The incident named, else the only one there is, else the open one; with several open the person is asked. An empty journal gives
/// the first number, which is not declared yet; one in which all is closed gives the newest.
fn number(desk: &Desk, io: Option<&mut Io<'_>>, journal: &Journal) -> Result<Number, Fault> {
    if let Some(number) = desk.globals.incident.filter(|number| *number != STANDING) {
        return Ok(number);
    }
    let numbers: Vec<Number> =
        journal.heads()?.into_iter().map(|(number, _)| number).filter(|number| *number != STANDING).collect();
    // nothing needs to be read to know which one is meant when there is no choice
    if let [] | [_] = numbers.as_slice() {
        return Ok(numbers.first().copied().unwrap_or(1));
    }
    match (which::open(journal)?.as_slice(), io) {
        ([], _) => Ok(numbers.last().copied().unwrap_or(1)),
        ([only], _) => Ok(only.number()),
        (_, Some(io)) => which::meant(desk, io, Some(journal)),
        (several, None) => Ok(several.last().map_or(1, Incident::number)),
    }
}

//! Which incident is meant: the one named, else the only open one. It must not know what is to be said to it.

use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::paper;
use super::stream;
use crate::incident::Incident;
use crate::incident::entry::{Number, STANDING};
use crate::incident::time::Time;
use crate::journal::Journal;
use std::io::{BufRead, BufReader};

/// The incidents that still want something from somebody, by number.
///
/// # Errors
/// The journal cannot be read.
pub fn open(journal: &Journal) -> Result<Vec<Incident>, Fault> {
    Ok(stream::headlines(journal)?.into_iter().filter(Incident::is_open).collect())
}

/// An open incident in a line: number, severity, phase, age, commander, title.
pub fn line(incident: &Incident, now: Time) -> String {
    let age = incident.opened().map(|opened| paper::length(now.since(opened.at))).unwrap_or_default();
    let commander = incident.commander().map_or("nobody", |(who, _)| who);
    let title = if incident.is_restricted() { "restricted".to_string() } else { paper::line(incident.title(), 72) };
    format!(
        "{} {} {} {age}, {} commands: {title}",
        incident.number(),
        incident.severity(),
        incident.phase().word(),
        paper::line(commander, 40)
    )
}

/// The incident that is meant.
///
/// # Errors
/// None is open, or several are and nobody says which.
pub fn meant(desk: &Desk, io: &mut Io<'_>, journal: Option<&Journal>) -> Result<Number, Fault> {
    let Some(journal) = journal else { return Err(none(desk, None)) };
    if let Some(number) = desk.globals.incident {
        if number == STANDING {
            return Err(Fault::usage("There is no incident 0.", "Name one of quarterdeck list."));
        }
        return Ok(number);
    }
    let open = open(journal)?;
    match open.as_slice() {
        [] => {
            let newest = stream::headlines(journal)?.last().map(Incident::number);
            Err(none(desk, newest))
        }
        [only] => Ok(only.number()),
        several => {
            if io.typed
                && io.watched
                && let Some(number) = pick(desk, io, several)?
            {
                return Ok(number);
            }
            let lines: Vec<String> = several.iter().map(|incident| line(incident, desk.now())).collect();
            Err(Fault {
                kind: Kind::Usage,
                happened: format!("{} incidents are open ({}).", several.len(), lines.join("; ")),
                stands: "Nothing was recorded.".into(),
                next: format!("Say which one is meant: {}.", options(several)),
            })
        }
    }
}

/// `-i 1, -i 2 or -i 5`: one alone would be taken for the one that is meant.
pub(super) fn options(several: &[Incident]) -> String {
    let all: Vec<String> = several.iter().map(|incident| format!("-i {}", incident.number())).collect();
    match all.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => all.concat(),
    }
}

/// Where something is written down that needs no incident: in the one that is meant, or with none open in the standing stream.
///
/// # Errors
/// As for [`meant`]; the journal cannot be read.
pub fn place(desk: &Desk, io: &mut Io<'_>) -> Result<Number, Fault> {
    let Some(journal) = desk.reading()? else {
        return if desk.globals.incident.is_some() { Err(none(desk, None)) } else { Ok(STANDING) };
    };
    if desk.globals.incident.is_none() && open(journal)?.is_empty() {
        return Ok(STANDING);
    }
    meant(desk, io, Some(journal))
}

/// Nothing is open.
fn none(desk: &Desk, newest: Option<Number>) -> Fault {
    let next = match newest {
        Some(number) => {
            format!("Name one, -i {number} is the newest, or declare one: quarterdeck declare TITLE -s sev1.")
        }
        None => "Declare one: quarterdeck declare TITLE -s sev1.".to_string(),
    };
    let place = paper::line(&desk.path().display().to_string(), 200);
    Fault {
        kind: Kind::Usage,
        happened: format!("No incident is open in the journal {place}."),
        stands: "Nothing was recorded.".into(),
        next,
    }
}

/// Asks the person at the terminal; none when they do not say.
fn pick(desk: &Desk, io: &mut Io<'_>, several: &[Incident]) -> Result<Option<Number>, Fault> {
    for incident in several {
        writeln!(io.err, "{}", line(incident, desk.now()))?;
    }
    write!(io.err, "Which one? ")?;
    io.err.flush()?;
    let mut answer = String::new();
    // a line is read and not more: the words may follow it
    let mut bytes = BufReader::with_capacity(1, &mut *io.input);
    bytes.read_line(&mut answer)?;
    let number = answer.trim().parse::<Number>().ok();
    Ok(number.filter(|number| several.iter().any(|incident| incident.number() == *number)))
}

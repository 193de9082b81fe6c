//! How an incident starts, how bad it is, where it stands, and how it ends. It must not know what is on the screen.

use super::args::Fold;
use super::args::say::Declare;
use super::args::state::{Close, Phase as PhaseArgs, Severity as SeverityArgs, Why};
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::stream::{self, Stream};
use super::{freeze, marks, paper, record, which, words};
use crate::incident::Incident;
use crate::incident::command::Command;
use crate::incident::declare::Declared;
use crate::incident::entry::Number;
use crate::incident::phase::Phase;
use crate::incident::severity::{Severity, SeverityChanged};
use crate::journal::Journal;

/// Declares: the next free number, after the open incidents were told.
pub fn declare(desk: &mut Desk, io: &mut Io<'_>, args: &Declare) -> Result<(), Fault> {
    let severity = severity_of(&args.severity)?;
    let said = desk.said(args.at.at.as_deref())?;
    let began = desk.said(args.began.as_deref())?;
    let ended = desk.ended(args.ended.as_deref(), began.map(|said| said.at))?;
    let title = words::needed(desk, io, &args.title)?;
    let declared = Declared {
        title: paper::line(&title, crate::incident::command::LONGEST_TEXT + 1),
        severity,
        began: began.as_ref().map(|said| said.at),
        began_about: began.is_some_and(|said| said.about),
        ended: ended.as_ref().map(|said| said.at),
        ended_about: ended.is_some_and(|said| said.about),
        detected_by: words::short(args.detected_by.as_deref()),
        restricted: args.restricted,
    };
    let done = (|| {
        let command = Command::Declare(declared);
        let mut journal = desk.writing(true)?;
        for incident in which::open(&journal)? {
            writeln!(io.err, "open already: {}", which::line(&incident, desk.now()))?;
        }
        loop {
            let mut stream = Stream { incident: Incident::new(next(&journal)?), ..Stream::default() };
            match record::append(desk, &mut journal, &mut stream, &command, said.as_ref()) {
                // somebody else has taken this number meanwhile
                Err(fault) if fault.kind == Kind::Refused && stream.incident.opened().is_some() => {}
                Err(fault) => return Err(fault),
                Ok(new) => return Ok((journal, stream, new)),
            }
        }
    })();
    let (mut journal, mut stream, new) = done.map_err(|fault| words::kept(desk, fault, "declare", &title))?;
    let answered = paper::recorded(io, desk.globals.json, &stream.incident, &new);
    let told = paper::told(io, answered);
    marks::follow(desk, io, &mut journal, &mut stream, &new);
    told
}

/// The number after the highest one.
fn next(journal: &Journal) -> Result<Number, Fault> {
    let last = journal.heads()?.into_iter().map(|(number, _)| number).max();
    last.unwrap_or(0)
        .checked_add(1)
        .ok_or_else(|| Fault::refused("There is no number left in this journal.", "Begin another one with --journal."))
}

fn severity_of(text: &str) -> Result<Severity, Fault> {
    let what = || format!("\"{}\" is not a severity.", crate::config::trouble::shown(text));
    Severity::parse(text).ok_or_else(|| Fault::usage(what(), "Write sev1, sev2, sev3 or sev4."))
}

/// `severity`.
pub fn severity(desk: &mut Desk, io: &mut Io<'_>, args: &SeverityArgs) -> Result<(), Fault> {
    let severity = severity_of(&args.severity)?;
    let said = desk.said(args.why.at.at.as_deref())?;
    let why = words::optional(io, &args.why.why)?;
    let command = Command::ChangeSeverity(SeverityChanged { severity, why: why.clone() });
    record::say(desk, io, ("severity", &why), said.as_ref(), |_, _| Ok(command))
}

/// `phase`.
pub fn phase(desk: &mut Desk, io: &mut Io<'_>, args: &PhaseArgs) -> Result<(), Fault> {
    let phase = Phase::parse(&args.phase).ok_or_else(|| {
        let known = Phase::ALL.map(Phase::word).join(", ");
        Fault::usage(
            format!("\"{}\" is not a phase.", crate::config::trouble::shown(&args.phase)),
            format!("Write one of {known}."),
        )
    })?;
    reach(desk, io, phase, false, &args.why)
}

/// `resolve`.
pub fn resolve(desk: &mut Desk, io: &mut Io<'_>, args: &Why) -> Result<(), Fault> {
    reach(desk, io, Phase::Resolved, false, args)
}

/// `close`.
pub fn close(desk: &mut Desk, io: &mut Io<'_>, args: &Close) -> Result<(), Fault> {
    reach(desk, io, Phase::Closed, args.anyway, &args.why)?;
    // closing lifts nothing, and whoever closes may have forgotten what still stands
    if let Some(journal) = desk.reading()? {
        for line in freeze::still(desk, journal)? {
            let _ = writeln!(io.err, "{}", paper::line(&line, 400));
        }
    }
    Ok(())
}

fn reach(desk: &mut Desk, io: &mut Io<'_>, phase: Phase, anyway: bool, why: &Why) -> Result<(), Fault> {
    let said = desk.said(why.at.at.as_deref())?;
    let words = words::optional(io, &why.why)?;
    let command = Command::ChangePhase { phase, why: words.clone(), anyway };
    record::say(desk, io, ("phase", &words), said.as_ref(), |_, _| Ok(command))
}

/// `reopen`.
pub fn reopen(desk: &mut Desk, io: &mut Io<'_>, args: &Why) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let why = words::optional(io, &args.why)?;
    record::say(desk, io, ("reopen", &why), said.as_ref(), |_, _| Ok(Command::Reopen { why: why.clone() }))
}

/// `fold`.
pub fn fold(desk: &mut Desk, io: &mut Io<'_>, args: &Fold) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let into = args.into;
    let known = desk.reading()?.map(stream::headlines).transpose()?.unwrap_or_default();
    let target = known.iter().find(|incident| incident.number() == into);
    if !target.is_some_and(Incident::is_open) {
        let what = match target {
            None => format!("There is no incident {into}."),
            Some(incident) => match incident.folded() {
                Some(on) => format!("Incident {into} was folded into {on}."),
                None => format!("Incident {into} is closed."),
            },
        };
        return Err(Fault::refused(what, "Name the one that goes on; quarterdeck list tells which are open."));
    }
    record::say(desk, io, ("fold", ""), said.as_ref(), |_, _| Ok(Command::Fold { into }))
}

//! `switch extend`: what was done is to end later. The end is moved where it is kept: in the journal, or by its provider. It must not know how a
//! provider is reached.

use super::super::args::switch::OneExtension;
use super::super::desk::{Desk, Io};
use super::super::fault::{Fault, Kind};
use super::super::stream::Stream;
use super::super::{acts, paper, words};
use super::back::undoable;
use super::{acted, find};
use crate::config::trouble::shown;
use crate::incident::Incident;
use crate::incident::command::Command;
use crate::incident::ending::Later;
use crate::incident::intent::{Intended, Intents, Outcome, Settled};
use crate::incident::said;
use crate::incident::time::Time;
use serde_json::{Value, json};

/// Moves the end of what was done.
///
/// # Errors
/// There is no such switch, nothing on it has an end, a rule refuses, or its provider did not move it.
pub(super) fn extend(desk: &mut Desk, io: &mut Io<'_>, one: &OneExtension) -> Result<(), Fault> {
    let (_, switch) = find(desk, &one.name)?;
    let now = desk.now();
    let to = said::ahead(&one.until, now).ok_or_else(|| {
        let what = format!("{} is not a time to come.", shown(&one.until));
        Fault { stands: NOTHING.into(), ..Fault::usage(what, "Write 23:45, or 30m.") }
    })?;
    let streams = acted(desk)?;
    let all = Intents::together(streams.iter().map(Incident::intents));
    let name = &switch.name;
    let Some(act) = all.next_end(name).cloned() else {
        let is_stopped = !undoable(desk, name)?.is_empty();
        let why = match is_stopped {
            true => format!("Nothing that was done with {name} has an end: it stands until somebody puts it back."),
            false => format!("No act on {name} is to be undone, so that none has an end."),
        };
        return Err(refused(why, "There is no end to move."));
    };
    let number = streams.iter().find(|one| one.intents().find(act.id).is_some()).map(Incident::number);
    let number = number.ok_or_else(|| refused("That act stands in no stream.".into(), "Try it again."))?;
    let later = Later { act: act.id, to, why: words::short(one.reason.as_deref()).unwrap_or_default() };
    let extension = all.extension(&later, (desk.session(), now)).map_err(|no| {
        let next = if later.why.is_empty() { format!("{} Write --reason WHY.", no.instead) } else { no.instead };
        refused(no.why, &next)
    })?;
    let mut journal = desk.writing(false)?;
    let mut stream = Stream::read(&journal, number)?;
    let (settled, new) = match extension {
        None => (None, acts::write(desk, &mut journal, &mut stream, &Command::MoveEnd(later))?),
        Some(extension) => {
            let put = act.what.before.clone();
            let (mut settled, new) =
                acts::act(desk, io, &mut journal, &mut stream, (vec![extension.clone()], vec![put]))?;
            (settled.pop().map(|settled| (extension, settled)), new)
        }
    };
    if desk.globals.json {
        let entries: Vec<Value> = new.iter().map(|entry| paper::entry_data(&stream.incident, entry)).collect();
        let until = stream.incident.intents().find(act.id).and_then(|act| act.until());
        let answer = json!({"target": switch.exact(), "act": act.id.to_string(), "until": paper::iso_or_null(until),
            "there": settled.is_some(),
            "outcome": settled.as_ref().map_or("done", |(_, settled)| settled.outcome.word()),
            "detail": settled.as_ref().map(|(_, settled)| settled.detail.as_str()),
            "entries": entries});
        let answered = paper::data(io.out, &answer).map_err(Fault::from);
        paper::told(io, answered)?;
    } else {
        let answered = paper::recorded(io, false, &stream.incident, &new);
        paper::told(io, answered)?;
    }
    settled.map_or(Ok(()), |(extension, settled)| judged(&extension, &settled, now))
}

const NOTHING: &str = "Nothing was recorded, and no end was moved.";

fn refused(why: String, instead: &str) -> Fault {
    Fault { stands: NOTHING.into(), ..Fault::refused(why, instead) }
}

/// What its provider made of it: where it did not move the end, when it ends there still.
fn judged(extension: &Intended, settled: &Settled, now: Time) -> Result<(), Fault> {
    let was = extension.was.map(|was| was.beside(now)).unwrap_or_default();
    let (kind, may) = match settled.outcome {
        Outcome::Done => return Ok(()),
        Outcome::Refused => (Kind::Refused, "still ends"),
        Outcome::Unsure => (Kind::Unsure, "may still end"),
    };
    Err(Fault::of(kind, format!("{} {may} there at {was} UTC: {}", extension.target, settled.detail)))
}

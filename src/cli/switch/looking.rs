//! Acts whose outcome was lost: their effect is looked for before anything else is decided about their switch. It must not know how a
//! provider is reached, and sends nothing.

use super::super::args::switch::SwitchChange;
use super::super::desk::{Desk, Io};
use super::super::fault::Fault;
use super::super::stream::Stream;
use super::super::{acts, paper};
use super::{acted, fault};
use crate::incident::Incident;
use crate::incident::command::Command;
use crate::incident::intent::Intents;
use crate::incident::switch::ByName;

/// Looks for the effect of acts on a switch that nobody is sure about, in every stream, and writes down what is seen; for a dry run nothing.
///
/// # Errors
/// Nobody can say what is served; the journal cannot be written.
pub fn look_for(desk: &mut Desk, io: &mut Io<'_>, switch: usize, change: &SwitchChange) -> Result<(), Fault> {
    let Some(name) = desk.config.switches.get(switch).map(|switch| switch.name.clone()) else { return Ok(()) };
    if change.dry_run {
        return Ok(());
    }
    let now = desk.now();
    let streams = acted(desk)?;
    // what is taken back may stand in another stream
    let all = Intents::together(streams.iter().map(Incident::intents));
    for incident in &streams {
        if incident.intents().unsure_on(&name, now).is_none() {
            continue;
        }
        let mut journal = desk.writing(false)?;
        let mut stream = Stream::read(&journal, incident.number())?;
        while let Some(act) = stream.incident.intents().unsure_on(&name, now).cloned() {
            let sought = act.sought(&all);
            let sight = desk.hands().seek(switch, false, &ByName::alone(act.what.whom.as_ref()), sought.as_ref());
            let sight = sight.map_err(|trouble| fault(&trouble))?;
            let seen = act.found(&sight);
            let (deed, by, at) = (act.what.deed(), paper::line(&act.by, 40), act.at.clock());
            let (value, detail) = (paper::line(&seen.value, 80), paper::line(&seen.detail, 80));
            writeln!(
                io.err,
                "UNSURE: {deed} {name}, asked by {by} at {at} UTC, has no known outcome. Looked: {value}, {detail}."
            )?;
            let told = acts::write(desk, &mut journal, &mut stream, &Command::See(seen));
            // a screen that looked first has said it, and stands in the stream by now
            let is_said = stream.incident.intents().find(act.id).is_some_and(|act| act.seen.is_some());
            told.map(|_| ()).or_else(|fault| if is_said { Ok(()) } else { Err(fault) })?;
        }
    }
    Ok(())
}

/// Refuses while the outcome of an act on a switch may still come, or was lost and is not looked for now: what is served then says nothing.
///
/// # Errors
/// It may.
pub fn busy(desk: &Desk, name: &str) -> Result<(), Fault> {
    let streams = acted(desk)?;
    let all = Intents::together(streams.iter().map(Incident::intents));
    let fault =
        |why: String, instead: &str| Fault { stands: "Nothing was sent.".into(), ..Fault::refused(why, instead) };
    all.check_busy(name, (desk.session(), desk.now()))
        .map_err(|busy| fault(paper::line(&busy.why, 400), &busy.instead))?;
    let Some(act) = all.unsure_on(name, desk.now()) else { return Ok(()) };
    let (by, wish, at) = (paper::line(&act.by, 40), act.what.wish(), act.at.exactly_beside(desk.now()));
    let why = format!("{by} asked {wish} {name} at {at} UTC, and its outcome is not known yet.");
    Err(fault(why, "Leave out --dry-run: then it is looked for first."))
}

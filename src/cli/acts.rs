//! Acts on the outside: written down, carried once, their outcome written down. With no incident they stand in the journal's standing
//! stream. It must not know how anything outside is reached.

use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};

use super::record;
use super::stream::Stream;
use crate::app::msg::Errand;
use crate::incident::Incident;
use crate::incident::command::{Command, Refusal};
use crate::incident::entry::{Draft, Entry, STANDING, Stamp};
use crate::incident::fact::Fact;
use crate::incident::intent::{Act, Intended, Outcome, Settled};
use crate::incident::time::Span;
use crate::journal::Journal;
use crate::shell::hands::Hands;

/// How long an act without an outcome keeps others from its target; the rule of an incident's acts is the same.
const BUSY: Span = Span::minutes(1);

/// What may be done outside without an incident: not two acts on one target at once.
fn alone(incident: &Incident, fact: &Fact, stamp: &Stamp) -> Result<Vec<Draft>, Refusal> {
    if let Fact::Intended(act) = fact {
        let mut pending = incident.intents().pending();
        if let Some(busy) = pending.find(|i| i.what.target == act.target && stamp.now.since(i.at) < BUSY) {
            let (by, at) = (&busy.by, busy.at.clock());
            return Err(Refusal::new(
                format!(
                    "{by} asked to {} {} at {at} UTC and its outcome is not known yet.",
                    busy.what.act.word(),
                    act.target
                ),
                "Wait for the outcome, then look again.",
            ));
        }
    }
    Ok(vec![Draft { fact: fact.clone(), at: stamp.happened(), when: None }])
}

/// Writes an intent or an outcome down, where it belongs.
fn write(desk: &mut Desk, journal: &mut Journal, stream: &mut Stream, command: Command) -> Result<Vec<Entry>, Fault> {
    if stream.incident.number() != STANDING {
        return record::append(desk, journal, stream, &command, None);
    }
    let fact: Fact = match command {
        Command::Act(act) => act.into(),
        Command::Settle(settled) => settled.into(),
        _ => return Err(Fault::usage("Only acts stand alone.", "Declare an incident first.")),
    };
    record::append_by(desk, journal, stream, None, |incident, stamp| alone(incident, &fact, stamp))
}

/// Writes an act on a switch down, carries it once, writes down how it ended.
///
/// # Errors
/// The intent was refused or could not be written: then nothing was done. The outcome could not be written: then it was.
pub fn act(
    desk: &mut Desk,
    io: &mut Io<'_>,
    journal: &mut Journal,
    stream: &mut Stream,
    (intended, put): (Intended, Option<String>),
) -> Result<(Settled, Vec<Entry>), Fault> {
    let hands = desk.hands();
    let mut new = write(desk, journal, stream, Command::Act(intended.clone()))?;
    let Some(entry) = new.first() else {
        return Err(Fault::usage("The act was not written down.", "Try it again."));
    };
    let errand = Errand { id: entry.id, what: intended, incident: None, update: None, put, at: entry.at };
    let settled = carry(desk, io, &hands, (journal, stream), &errand, &mut new)?;
    Ok((settled, new))
}

/// Carries one intent that is in the journal, and writes down how it ended.
///
/// # Errors
/// The outcome could not be written.
pub fn carry(
    desk: &mut Desk,
    io: &mut Io<'_>,
    hands: &Hands,
    (journal, stream): (&mut Journal, &mut Stream),
    errand: &Errand,
    new: &mut Vec<Entry>,
) -> Result<Settled, Fault> {
    let settled = hands.settle(errand);
    match write(desk, journal, stream, Command::Settle(settled.clone())) {
        Ok(entries) => new.extend(entries),
        Err(fault) => {
            let target = &errand.what.target;
            let how = settled.outcome.word();
            writeln!(io.err, "{} {target} ended {how}: {}", errand.what.act.word(), settled.detail)?;
            return Err(Fault { stands: format!("The outcome ({how}) is not in the journal."), ..fault });
        }
    }
    Ok(settled)
}

/// The exit code of an outcome: nothing for done.
///
/// # Errors
/// It was refused outside, or nobody can say.
pub fn judged(settled: &Settled) -> Result<(), Fault> {
    match settled.outcome {
        Outcome::Done => Ok(()),
        Outcome::Refused => Err(Fault::of(Kind::Refused, settled.detail.clone())),
        Outcome::Unsure => Err(Fault::of(Kind::Unsure, settled.detail.clone())),
    }
}

/// All publications that an update asked for, as errands.
pub fn publications(stream: &Stream, new: &[Entry]) -> Vec<Errand> {
    let errand = |entry: &Entry| {
        let Fact::Intended(what) = &entry.fact else { return None };
        let update = what.update.and_then(|id| stream.incident.promises().update(id)).cloned();
        let incident = Some(Box::new(stream.incident.clone()));
        let what = (**what).clone();
        (what.act == Act::Publish).then_some(Errand { id: entry.id, what, incident, update, put: None, at: entry.at })
    };
    new.iter().filter_map(errand).collect()
}

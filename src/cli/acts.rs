//! Acts on the outside: written down, carried once, their outcome written down. With no incident they stand in the journal's standing
//! stream. It must not know how anything outside is reached.

use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};

use super::record;
use super::stream::Stream;
use crate::app::msg::Errand;
use crate::incident::command::Command;
use crate::incident::entry::{Entry, STANDING};
use crate::incident::fact::Fact;
use crate::incident::intent::{Act, Intended, Outcome, Settled};
use crate::incident::standing::Wish;
use crate::journal::Journal;
use crate::shell::hands::Hands;

/// Writes an intent or an outcome down, where it belongs.
fn write(desk: &mut Desk, journal: &mut Journal, stream: &mut Stream, command: Command) -> Result<Vec<Entry>, Fault> {
    if stream.incident.number() != STANDING {
        return record::append(desk, journal, stream, &command, None);
    }
    let wish = match command {
        Command::Act(act) => Wish::Act(act),
        Command::Settle(settled) => Wish::Settle(settled),
        _ => return Err(Fault::usage("Only acts stand alone.", "Declare an incident first.")),
    };
    record::append_by(desk, journal, stream, None, |stream, stamp| stream.standing.decide(&wish, stamp))
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

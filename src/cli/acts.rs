//! Acts on the outside: written down, carried once, their outcome written down. With no incident they stand in the journal's standing
//! stream. It must not know how anything outside is reached.

use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};

use super::record;
use super::stream::{self, Stream};
use crate::app::msg::Errand;
use crate::incident::command::{Command, Refusal};
use crate::incident::decide;
use crate::incident::entry::{Draft, Entry, Number, STANDING, Stamp};
use crate::incident::fact::Fact;
use crate::incident::intent::{Act, Intended, Outcome, Settled};
use crate::incident::standing::Wish;
use crate::incident::tried::Awaited;
use crate::journal::Journal;
use crate::shell::clock;
use crate::shell::hands::Hands;

/// Writes an intent or an outcome down, where it belongs.
///
/// # Errors
/// A rule refuses; the journal cannot be written.
pub fn write(
    desk: &mut Desk,
    journal: &mut Journal,
    stream: &mut Stream,
    command: &Command,
) -> Result<Vec<Entry>, Fault> {
    let rule = rule(desk, journal, stream.incident.number(), command)?;
    record::append_by(desk, journal, stream, None, rule)
}

/// Whether it could be written down now; nothing is.
///
/// # Errors
/// A rule refuses; the journal cannot be read.
pub fn check(desk: &Desk, journal: &Journal, stream: &Stream, command: &Command) -> Result<(), Fault> {
    let rule = rule(desk, journal, stream.incident.number(), command)?;
    rule(stream, &desk.stamp(None)).map_err(Fault::from).map(|_| ())
}

/// What decides in a stream.
type Rule = Box<dyn Fn(&Stream, &Stamp) -> Result<Vec<Draft>, Refusal>>;

fn rule(desk: &Desk, journal: &Journal, number: Number, command: &Command) -> Result<Rule, Fault> {
    if number != STANDING {
        let (rules, command) = (record::rules(desk, journal, number, command)?, command.clone());
        return Ok(Box::new(move |stream, stamp| decide(&stream.incident, &rules, &command, stamp)));
    }
    let acts = |acts: Vec<Intended>| {
        let (ways, elsewhere) = (desk.config.rules.ways.clone(), stream::elsewhere(journal, STANDING)?);
        Ok::<Wish, Fault>(Wish::Act { acts, ways, elsewhere })
    };
    let wish = match command {
        Command::Act(act) => acts(vec![act.clone()])?,
        Command::ActAll(all) => acts(all.clone())?,
        Command::MoveEnd(later) => Wish::MoveEnd(later.clone(), stream::elsewhere(journal, STANDING)?),
        Command::AskSecond(asking) => Wish::AskSecond(asking.clone()),
        Command::WithdrawSecond(withdrawn) => Wish::WithdrawSecond(withdrawn.clone()),
        Command::Settle(settled) => Wish::Settle(settled.clone()),
        Command::See(seen) => Wish::See(seen.clone()),
        _ => return Err(Fault::usage("Only acts stand alone.", "Declare an incident first.")),
    };
    Ok(Box::new(move |stream, stamp| stream.standing.decide(&wish, stamp)))
}

/// Writes acts on switches down together, carries each once, one after the other, and writes down how each ended. `puts` are the states that
/// those put back which take something back, in the same order.
///
/// # Errors
/// The intents were refused or could not be written: then nothing was done. An outcome could not be written: then it was.
pub fn act(
    desk: &mut Desk,
    io: &mut Io<'_>,
    journal: &mut Journal,
    stream: &mut Stream,
    (acts, puts): (Vec<Intended>, Vec<Option<String>>),
) -> Result<(Vec<Settled>, Vec<Entry>), Fault> {
    let hands = desk.hands();
    let command = match <[Intended; 1]>::try_from(acts) {
        Ok([act]) => Command::Act(act),
        Err(acts) => Command::ActAll(acts),
    };
    let mut new = write(desk, journal, stream, &command)?;
    let intents = new.iter().filter_map(|entry| match &entry.fact {
        Fact::Intended(what) => Some((entry.id, entry.at, (**what).clone())),
        _ => None,
    });
    let intents: Vec<_> = intents.collect();
    let mut all = Vec::new();
    // each that ends is a sign that the next is still to come
    let mut since = clock::real().0;
    for ((id, at, what), put) in intents.into_iter().zip(puts) {
        let person = desk.config.person.value.clone();
        let number = Some(stream.incident.number()).filter(|number| *number != STANDING);
        let errand = Errand { id, what, incident: None, update: None, put, at, person, number };
        all.push(carry(desk, io, &hands, (journal, stream), (&errand, since), &mut new)?);
        let end = clock::real().0;
        // what took longer than it is waited for was no sign that anybody saw
        if end.saturating_sub(since) <= errand.what.within().0 {
            since = end;
        }
    }
    Ok((all, new))
}

/// Carries one intent that is in the journal, and writes down how it ended. Beside it, since when that is waited for, µs by the clock of this machine.
///
/// # Errors
/// The outcome could not be written.
pub fn carry(
    desk: &mut Desk,
    io: &mut Io<'_>,
    hands: &Hands,
    (journal, stream): (&mut Journal, &mut Stream),
    (errand, since): (&Errand, i64),
    new: &mut Vec<Entry>,
) -> Result<Settled, Fault> {
    let settled = hands.settle(errand, since);
    match write(desk, journal, stream, &Command::Settle(settled.clone())) {
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
        (what.act == Act::Publish).then_some(Errand {
            id: entry.id,
            what,
            incident,
            update,
            put: None,
            at: entry.at,
            person: entry.author.to_string(),
            number: Some(entry.incident),
        })
    };
    new.iter().filter_map(errand).collect()
}

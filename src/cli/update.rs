//! Text for people: recorded with its sends, then published once on each channel. It must not know what a channel is.

use super::args::work::Update;
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::{acts, marks, paper, record, task, words};
use crate::incident::command::Command;
use crate::incident::intent::{Outcome, Settled};
use crate::incident::promise::{Audience, Updated};
use crate::shell::clock;
use serde_json::{Value, json};

/// `update`.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: &Update) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let next = task::ahead(desk, args.next.as_deref())?;
    let text = words::needed(desk, io, &args.text)?;
    let audience = if args.internal { Audience::Internal } else { Audience::Public };
    // every channel there is speaks to the public
    let channels = match audience {
        Audience::Public => desk.config.channels.iter().map(|channel| channel.name.clone()).collect(),
        Audience::Internal => Vec::new(),
    };
    let update = Updated { text: text.clone(), audience, next };
    let command = Command::Update { update, channels };
    let mut done = record::record(desk, io, ("update", &text), said.as_ref(), |_, _| Ok(command))?;
    let hands = desk.hands();
    let mut settled = Vec::new();
    for errand in acts::publications(&done.stream, &done.new.clone()) {
        let place = (&mut done.journal, &mut done.stream);
        let ended = acts::carry(desk, io, &hands, place, (&errand, clock::real().0), &mut done.new)?;
        settled.push((errand.what.target, ended));
    }
    let answered = answer(desk, io, &done, &settled);
    let told = paper::told(io, answered);
    marks::follow(desk, io, &mut done.journal, &mut done.stream, &done.new);
    told.and_then(|()| worst(&settled))
}

fn answer(desk: &Desk, io: &mut Io<'_>, done: &record::Recorded, settled: &[(String, Settled)]) -> Result<(), Fault> {
    let incident = &done.stream.incident;
    let visible = settled.iter().any(|(_, ended)| ended.outcome == Outcome::Done);
    if desk.globals.json {
        let sends = settled.iter().map(
            |(channel, ended)| json!({"channel": channel, "outcome": ended.outcome.word(), "detail": ended.detail}),
        );
        let sends: Vec<Value> = sends.collect();
        let entries: Vec<Value> = done.new.iter().map(|entry| paper::entry_data(incident, entry)).collect();
        let value = json!({"incident": incident.number(), "visible": visible, "sends": sends, "entries": entries});
        return Ok(paper::data(io.out, &value)?);
    }
    paper::recorded(io, false, incident, &done.new)?;
    match settled {
        [] => writeln!(io.out, "recorded; it was published nowhere")?,
        _ if visible => writeln!(io.out, "visible")?,
        _ => writeln!(io.out, "not visible")?,
    }
    Ok(())
}

/// What went worst decides the exit code.
fn worst(settled: &[(String, Settled)]) -> Result<(), Fault> {
    let of = |outcome: Outcome| settled.iter().find(|(_, ended)| ended.outcome == outcome);
    match (of(Outcome::Unsure), of(Outcome::Refused)) {
        (Some((_, ended)), _) => Err(Fault::of(Kind::Unsure, ended.detail.clone())),
        (None, Some((_, ended))) => Err(Fault::of(Kind::Refused, ended.detail.clone())),
        (None, None) => Ok(()),
    }
}

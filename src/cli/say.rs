//! What is said to an incident: notes, decisions, questions, changes, links, impact, marks, corrections. It must not know what becomes of
//! it on the screen.

use super::args::say::{Ask, Change, Correct, Decide, Impact, Link, Mark, Note, Question, QuestionAct};
use super::args::work::Numbered;
use super::desk::{Desk, Io};
use super::fault::Fault;
use super::{paper, record, words};
use crate::app::meant;
use crate::app::prompt::Meant;
use crate::config::trouble::shown;
use crate::incident::Incident;
use crate::incident::change::Changed;
use crate::incident::command::Command;
use crate::incident::entry::EntryId;
use crate::incident::impact::{Certainty, DataState, ImpactStated};
use crate::incident::question::Asked;
use crate::incident::record::{Corrected, Decided, LinkKind, Linked, Marked};
use crate::incident::said::Said;

/// `note`: the same prefixes as on the screen.
pub fn note(desk: &mut Desk, io: &mut Io<'_>, args: &Note) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let text = words::needed(desk, io, &args.text)?;
    let (command, leading) = match meant::note(&text, desk.now()) {
        Meant::Record(command, at) => (*command, at),
        Meant::Find(_)
        | Meant::Person(_)
        | Meant::Stand(_)
        | Meant::WhatIf(_)
        | Meant::BreakDown(_)
        | Meant::Plan(_)
        | Meant::Extend(_) => {
            return Err(Fault::usage("That is no note.", "Write it in words."));
        }
    };
    let said = said.or(leading.map(|at| Said { at, about: false }));
    record::say(desk, io, ("note", &text), said.as_ref(), |_, _| Ok(command))
}

/// `decide`.
pub fn decide(desk: &mut Desk, io: &mut Io<'_>, args: &Decide) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let text = words::needed(desk, io, &args.text)?;
    let command = Command::Decide(Decided { text: text.clone(), serves: args.goal });
    record::say(desk, io, ("decide", &text), said.as_ref(), |_, _| Ok(command))
}

/// `question`.
pub fn question(desk: &mut Desk, io: &mut Io<'_>, args: Question) -> Result<(), Fault> {
    match args.act {
        Some(QuestionAct::Answer(args)) => answer(desk, io, &args),
        Some(QuestionAct::Ask(args)) => ask(desk, io, &args),
        None => ask(desk, io, &args.ask),
    }
}

fn ask(desk: &mut Desk, io: &mut Io<'_>, args: &Ask) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let text = words::needed(desk, io, &args.text)?;
    let asked = Asked { text: text.clone(), of: words::short(args.of.as_deref()), goal: args.goal };
    record::say(desk, io, ("question", &text), said.as_ref(), |_, _| Ok(Command::Ask(asked)))
}

fn answer(desk: &mut Desk, io: &mut Io<'_>, args: &Numbered) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let text = words::needed(desk, io, &args.text)?;
    record::say(desk, io, ("answer", &text), said.as_ref(), |_, incident| {
        let found = incident.questions().numbered(args.number);
        let question = found.ok_or_else(|| {
            let open = incident.questions().open().map(|question| question.number);
            unknown("question", args.number, open)
        })?;
        Ok(Command::Answer { question: question.id, text: text.clone() })
    })
}

/// There is nothing of this number.
pub fn unknown(what: &str, number: u32, open: impl Iterator<Item = u32>) -> Fault {
    let open: Vec<String> = open.map(|number| number.to_string()).collect();
    let next = if open.is_empty() { "None is open.".to_string() } else { format!("Open are: {}.", open.join(", ")) };
    Fault::refused(format!("There is no {what} {number}."), next)
}

/// `changed`.
pub fn changed(desk: &mut Desk, io: &mut Io<'_>, args: &Change) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let subject = words::optional(io, &args.subject)?;
    let what = paper::line(&args.what, 40);
    let change = Changed {
        what: what.clone(),
        subject: paper::line(&subject, 400),
        from: words::short(args.from.as_deref()),
        to: words::short(args.to.as_deref()),
        by: words::short(args.by.as_deref()),
        source: words::short(args.source.as_deref()),
    };
    record::say(desk, io, ("changed", &format!("{what} {subject}")), said.as_ref(), |_, _| Ok(Command::Change(change)))
}

/// `link`.
pub fn link(desk: &mut Desk, io: &mut Io<'_>, args: &Link) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let kind = LinkKind::ALL.into_iter().find(|(_, word)| *word == args.kind).map(|(kind, _)| kind);
    let to = kind.ok_or_else(|| {
        let known = LinkKind::ALL.map(|(_, word)| word).join(", ");
        Fault::usage(format!("\"{}\" is no kind of link.", shown(&args.kind)), format!("Write one of {known}."))
    })?;
    let linked = Linked { to, address: paper::line(&args.address, 2_000) };
    record::say(desk, io, ("link", &args.address), said.as_ref(), |_, _| Ok(Command::Link(linked)))
}

/// `impact`.
pub fn impact(desk: &mut Desk, io: &mut Io<'_>, args: &Impact) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let count = args.count.as_deref().map(count).transpose()?;
    let data = match args.data.as_deref() {
        None => DataState::Unknown,
        Some(word) => DataState::parse(word).ok_or_else(|| {
            Fault::usage(
                format!("\"{}\" says nothing about data.", shown(word)),
                "Write safe, at-risk, lost or unknown.",
            )
        })?,
    };
    let what = words::needed(desk, io, &args.what)?;
    let certainty = if count.is_some_and(|(_, guessed)| !guessed) { Certainty::Known } else { Certainty::Estimated };
    let stated = ImpactStated {
        what: paper::line(&what, 400),
        who: words::short(args.who.as_deref()),
        count: count.map(|(count, _)| count),
        certainty,
        data,
    };
    record::say(desk, io, ("impact", &what), said.as_ref(), |_, _| Ok(Command::StateImpact(stated)))
}

/// A count, and whether it is a guess: `40000`, `~40,000`, `about 40000`.
fn count(text: &str) -> Result<(u64, bool), Fault> {
    let bare = text.trim().trim_start_matches('~').trim_start_matches("about ");
    let digits: String = bare.chars().filter(|c| !matches!(c, ',' | '_' | ' ')).collect();
    let count = digits.parse::<u64>().map_err(|_| {
        Fault::usage(format!("\"{}\" is not a count.", shown(text)), "Write 40000, or ~40000 when it is a guess.")
    })?;
    Ok((count, bare.len() < text.trim().len()))
}

/// `mark`.
pub fn mark(desk: &mut Desk, io: &mut Io<'_>, args: &Mark) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let text = words::optional(io, &args.text)?;
    let meant = match &args.entry {
        Some(name) => Some(entry(desk, io, name)?),
        None => None,
    };
    let marked = Marked { entry: meant, text: text.clone() };
    record::say(desk, io, ("mark", &text), said.as_ref(), |_, _| Ok(Command::Mark(marked)))
}

/// `correct`.
pub fn correct(desk: &mut Desk, io: &mut Io<'_>, args: &Correct) -> Result<(), Fault> {
    let at = desk.said(args.happened.as_deref())?.map(|said| said.at);
    let text = words::optional(io, &args.text)?;
    let meant = entry(desk, io, &args.entry)?;
    let corrected = Corrected {
        entry: meant,
        text: Some(text.clone()).filter(|text| !text.is_empty()),
        at,
        struck: args.strike,
        why: words::short(args.why.as_deref()).unwrap_or_default(),
    };
    record::say(desk, io, ("correct", &text), None, |_, _| Ok(Command::Correct(corrected)))
}

/// The entry of the incident meant that has this place in it, or whose id begins so.
pub fn entry(desk: &Desk, io: &mut Io<'_>, name: &str) -> Result<EntryId, Fault> {
    let stream = super::show::chosen(desk, io)?;
    let name = name.trim().to_ascii_lowercase();
    let by_place = name.parse::<u64>().ok().filter(|_| name.len() < 8);
    let mut found = stream.entries.iter().filter(|entry| match by_place {
        Some(seq) => entry.seq == seq,
        None => name.len() >= 4 && entry.id.to_string().starts_with(&name),
    });
    let number = Incident::number(&stream.incident);
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.id),
        (Some(_), Some(_)) => Err(Fault::usage(
            format!("Several entries of incident {number} begin with {}.", shown(&name)),
            "Give more of the id, or the number in the timeline.",
        )),
        (None, _) => Err(Fault::usage(
            format!("Incident {number} has no entry {}.", shown(&name)),
            "Give its number in the timeline, or at least four digits of its id: quarterdeck show --all --json.",
        )),
    }
}

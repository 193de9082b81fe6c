//! The gate that a pipeline calls: open, frozen, or not known, in a line and an exit code. It creates and writes nothing. It must not know how holds
//! are placed.
//!
//! **No journal.** Nobody has ever frozen anything from a machine where nothing names a journal and none is in the usual place: there it is open, and
//! says so. A journal that was named and is not there, one that is damaged and one that cannot be read are *not known*.

use super::args::freeze::{CheckGate, OnUnknown};
use super::conditions::{self, Answer};
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::paper;
use super::stream::{Stream, damaged};
use crate::config::Origin;
use crate::config::trouble::shown;
use crate::incident::entry::STANDING;
use crate::incident::gate::{Gate, Granted, Held, Verdict};
use crate::incident::hold::until_words;
use crate::incident::probe::{Light, Reading, together};
use crate::incident::said;
use crate::incident::scope;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::open_ended;
use crate::journal::Journal;
use crate::journal::trouble::Kind as Trouble;
use crate::shell::clock;
use crate::shell::gate as shell;
use crate::shell::probes::{After, Prober};
use serde_json::{Value, json};
use std::time::Duration;

/// How long is waited between two looks at a journal or a file, and at an address.
const LOOK: Duration = Duration::from_millis(500);
const ASK: Duration = Duration::from_secs(5);
/// What stands when nobody knows.
const NOT_KNOWN: &str = "Whether releases are frozen is not known from here.";

/// The standing stream of this machine's journal; empty where there is none.
///
/// # Errors
/// It cannot be read, or is damaged.
pub fn standing(desk: &Desk) -> Result<Stream, Fault> {
    let Some(journal) = desk.reading()? else { return Ok(Stream::default()) };
    let stream = Stream::read(journal, STANDING)?;
    stream.damage.as_ref().map_or(Ok(stream.clone()), |damage| Err(damaged(damage)))
}

/// What was asked, understood.
struct Asked<'a> {
    scope: String,
    reference: Option<&'a str>,
    from: Option<String>,
    max_age: Span,
    wait: Option<Span>,
}

/// `freeze check`.
pub fn check(desk: &Desk, io: &mut Io<'_>, args: &CheckGate) -> Result<(), Fault> {
    let asked = asked(desk, args)?;
    let prober = Prober::of(&desk.config).about(asked.reference);
    let began = clock::steady();
    loop {
        let answer = look(desk, &asked).map(|gate| {
            let verdict = gate.judge(&asked.scope, asked.reference, desk.now());
            (gate, verdict)
        });
        // what is held is refused whatever probes say
        let readings = match &answer {
            Ok((_, Verdict::Frozen(_))) => Vec::new(),
            _ => prober.run(Some(&asked.scope), desk.now(), After::default()),
        };
        let is_open =
            matches!(&answer, Ok((_, Verdict::Open | Verdict::Passed(..)))) && together(&readings) == Light::Green;
        let left = asked.wait.map_or(0, |wait| wait.0 - (clock::steady() - began));
        if is_open || left <= 0 {
            return say(desk, io, args, &asked, answer, &readings);
        }
        let pause = if asked.from.as_deref().is_some_and(shell::is_address) { ASK } else { LOOK };
        std::thread::sleep(pause.min(Duration::from_micros(left.unsigned_abs())));
    }
}

fn asked<'a>(desk: &Desk, args: &'a CheckGate) -> Result<Asked<'a>, Fault> {
    let scope = args.scope.clone().unwrap_or_else(|| desk.config.gate.scope.clone());
    scope::check(&scope, false).map_err(|no| Fault { stands: String::new(), ..Fault::usage(no.why, no.instead) })?;
    let length = |text: &str| {
        let no = || Fault {
            stands: String::new(),
            ..Fault::usage(format!("\"{}\" is no length of time.", shown(text)), "Write 90s, 10m or 2h.")
        };
        said::span(text).filter(|span| span.0 >= 0).ok_or_else(no)
    };
    Ok(Asked {
        scope,
        reference: args.reference.as_deref().map(str::trim).filter(|reference| !reference.is_empty()),
        from: args.from.clone().or_else(|| desk.config.gate.from.clone()),
        max_age: length(&args.max_age)?,
        wait: args.wait.as_deref().map(length).transpose()?,
    })
}

/// What stands, wherever it is read.
fn look(desk: &Desk, asked: &Asked<'_>) -> Result<Gate, Fault> {
    let unknown = |words: &str| Fault::of(Kind::Unsure, words);
    let Some(from) = &asked.from else { return own(desk) };
    let config = &desk.config.gate;
    // a token goes to the address that it is configured for, and to no other
    let token = config.token.as_ref().filter(|_| config.from.as_ref() == Some(from));
    let token = token.map(|token| token.read()).transpose();
    let token = token.map_err(|why| unknown(&format!("{why}. {NOT_KNOWN} Correct it in the configuration.")))?;
    let gate = shell::read(from, token.as_ref().map(|token| token.reveal()), desk.now());
    let gate = gate.map_err(|trouble| unknown(trouble.words()))?;
    let name = paper::line(from, 200);
    if gate.drill && desk.drill.is_none() {
        let what = format!("{name} is a rehearsal's. {NOT_KNOWN} Name the gate that is meant.");
        return Err(unknown(&what));
    }
    gate.check(asked.max_age, desk.now()).map_err(|why| {
        let next = "Look whether a screen is open or quarterdeck freeze publish is run every minute.";
        unknown(&format!("{name} is not believed: {why}. {NOT_KNOWN} {next}"))
    })?;
    Ok(gate)
}

/// What stands in this machine's journal, read anew.
fn own(desk: &Desk) -> Result<Gate, Fault> {
    let unknown = |fault: Fault| Fault { kind: Kind::Unsure, stands: NOT_KNOWN.into(), ..fault };
    let journal = match Journal::open_for_reading(desk.path()) {
        Ok(journal) => journal,
        Err(trouble) if trouble.kind == Trouble::Missing && desk.config.journal.origin == Origin::Default => {
            return Ok(Gate { written: desk.now(), ..Gate::default() });
        }
        Err(trouble) => return Err(unknown(Fault::from(trouble))),
    };
    let stream = Stream::read(&journal, STANDING).map_err(unknown)?;
    match &stream.damage {
        Some(damage) => Err(unknown(damaged(damage))),
        None => Ok(stream.standing.gate(desk.now())),
    }
}

/// The answer, and the exit code that goes with it.
fn say(
    desk: &Desk,
    io: &mut Io<'_>,
    args: &CheckGate,
    asked: &Asked<'_>,
    answer: Result<(Gate, Verdict), Fault>,
    readings: &[Reading],
) -> Result<(), Fault> {
    let scope = &asked.scope;
    let now = desk.now();
    let data = |state: &str, code: u8, why: String, holds: &[Held], pass: Option<&Granted>, written: Option<Time>| {
        json!({
            "scope": scope, "ref": asked.reference, "state": state, "exit": code, "why": why,
            "holds": holds.iter().map(held_data).collect::<Vec<_>>(), "pass": pass.map(pass_data),
            "from": asked.from, "written": paper::iso_or_null(written), "drill": desk.drill.is_some(),
        })
    };
    let (line, data, fault) = match answer {
        Ok((gate, Verdict::Open)) => {
            let none = gate.journal.is_none() && asked.from.is_none();
            let why = if none { never(desk) } else { String::new() };
            let line = if why.is_empty() { format!("open: {scope}") } else { format!("open: {scope}. {why}") };
            (line, data("open", 0, why, &[], None, Some(gate.written)), None)
        }
        Ok((gate, Verdict::Passed(pass, holds))) => {
            let why = format!(
                "{} by {} lets {} through: {}",
                pass.called,
                pass.by,
                asked.reference.unwrap_or_default(),
                open_ended(&pass.why)
            );
            let line = format!("open: {why}. Everything else is frozen: {}", all(&holds, now));
            (line, data("passed", 0, why, &holds, Some(&pass), Some(gate.written)), None)
        }
        Ok((gate, Verdict::Frozen(holds))) => {
            let (kind, waited) = match &asked.wait {
                Some(wait) => (Kind::Vain, format!(" after {}", paper::length(*wait))),
                None => (Kind::Refused, String::new()),
            };
            let fault = Fault {
                kind,
                happened: format!("FROZEN{waited}: {scope}. {}.", all(&holds, now)),
                stands: String::new(),
                next: exception(&holds, scope),
            };
            let value = data("frozen", kind as u8, all(&holds, now), &holds, None, Some(gate.written));
            (String::new(), value, Some(fault))
        }
        Err(fault) => {
            let words = fault.to_string();
            let code = if args.on_unknown == OnUnknown::Open { 0 } else { fault.kind as u8 };
            let value = data("unknown", code, words.clone(), &[], None, None);
            if args.on_unknown == OnUnknown::Open {
                (format!("UNKNOWN, and taken as open: {words}"), value, None)
            } else {
                let fault = Fault { happened: format!("UNKNOWN: {}", fault.happened), ..fault };
                (String::new(), value, Some(fault))
            }
        }
    };
    let holds = Answer { line, data, fault };
    let Answer { line, data, fault } = conditions::with(holds, readings, scope, asked.wait, args.on_unknown);
    if desk.globals.json {
        paper::data(io.out, &data)?;
    } else if !line.is_empty() {
        writeln!(io.out, "{}", paper::line(&line, 2_000))?;
    }
    fault.map_or(Ok(()), |fault| Err(harmless(fault)))
}

fn harmless(fault: Fault) -> Fault {
    Fault { happened: paper::line(&fault.happened, 2_000), next: paper::line(&fault.next, 1_000), ..fault }
}

/// No journal, or one in which nothing ever stood.
fn never(desk: &Desk) -> String {
    match desk.path().exists() {
        true => String::new(),
        false => "Nothing was ever frozen from this machine; a pipeline's names the gate with --from".into(),
    }
}

/// Who holds it, why, until when.
fn all(holds: &[Held], now: Time) -> String {
    let one = |held: &Held| {
        let (by, since) = (&held.by, held.at.beside(now));
        let scope = &held.scope;
        format!("{scope} is held by {by} since {since} UTC: {}{}", open_ended(&held.why), until_words(held.until, now))
    };
    holds.iter().map(one).collect::<Vec<_>>().join("; and ")
}

/// How to get an exception.
fn exception(holds: &[Held], scope: &str) -> String {
    let mut names: Vec<&str> = holds.iter().map(|held| held.by.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    format!(
        "For an exception ask {}: quarterdeck freeze pass --scope {scope} --ref COMMIT --why WHY.",
        names.join(" or ")
    )
}

fn held_data(held: &Held) -> Value {
    json!({"hold": held.called, "scope": held.scope, "by": held.by, "at": held.at.iso(), "why": held.why,
        "until": paper::iso_or_null(held.until), "needs_review": held.review})
}

fn pass_data(pass: &Granted) -> Value {
    json!({"pass": pass.called, "scope": pass.scope, "ref": pass.reference, "by": pass.by, "at": pass.at.iso(),
        "why": pass.why, "until": paper::iso_or_null(pass.until), "holds": pass.through})
}

//! Holding releases, lifting holds, letting one build pass. The standing stream is written first, then whoever cannot read it is told, then the
//! open incident's own record. It must not know how a check is answered.

mod lift;
mod list;

use super::against::Against;
use super::args::freeze::{AddHold, Freeze, FreezeAct, GrantPass, WithdrawPass};
use super::desk::{Desk, Io, no_moment_to_come};
use super::fault::{Fault, Kind};
use super::stream::Stream;
use super::{gate, paper, record, which};
use crate::config::trouble::{known_instead, shown};
use crate::incident::command::Command;
use crate::incident::entry::{Entry, Number, STANDING};
use crate::incident::hold::{Cause, Hold, HoldPlaced, Holds, Pass, PassGranted, PassWithdrawn};
use crate::incident::said;
use crate::incident::said::Said;
use crate::incident::standing::Wish;
use crate::incident::time::Time;
use crate::journal::Journal;
use serde_json::json;

/// `freeze`.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: &Freeze) -> Result<(), Fault> {
    match &args.act {
        FreezeAct::Add(args) => add(desk, io, args),
        FreezeAct::Lift(args) => lift::lift(desk, io, args),
        FreezeAct::Confirm(args) => lift::confirm(desk, io, args),
        FreezeAct::Pass(args) => pass(desk, io, args),
        FreezeAct::Withdraw(args) => withdraw(desk, io, args),
        FreezeAct::List => list::list(desk, io),
        FreezeAct::Publish => publish(desk, io),
        FreezeAct::Check(args) => gate::check(desk, io, args),
    }
}

fn add(desk: &mut Desk, io: &mut Io<'_>, args: &AddHold) -> Result<(), Fault> {
    let slo = args.budget.as_deref().map(|name| objective(desk, name)).transpose()?;
    let hold = HoldPlaced {
        scope: scope(desk, args.scope.as_deref()),
        why: needed(args.why.as_deref(), "freeze")?,
        until: ahead(desk, args.until.as_deref())?,
        name: args.name.as_deref().map(|name| paper::line(name, 200)),
        cause: slo.as_ref().map(|_| Cause::Budget),
        slo,
        // nobody is asked how much: holding something back waits for no query
        left_ppm: None,
        incident: None,
    };
    // holding something back waits for nothing: not for a journal either
    let mut journal = desk.writing(true)?;
    let scope = hold.scope.clone();
    go(desk, io, &mut journal, (args.at.at.as_deref(), &Against::default()), |_| Ok(Wish::Place(hold)))?;
    still_passes(desk, io, &scope)
}

/// Names the passes that go through what was just frozen as well: whoever froze it may not know of them.
fn still_passes(desk: &Desk, io: &mut Io<'_>, scope: &str) -> Result<(), Fault> {
    let standing = gate::standing(desk)?.standing;
    for words in standing.holds().ahead(scope, desk.now()) {
        writeln!(io.err, "Goes through it: {}.", paper::line(&words, 400))?;
    }
    Ok(())
}

fn pass(desk: &mut Desk, io: &mut Io<'_>, args: &GrantPass) -> Result<(), Fault> {
    let pass = PassGranted {
        scope: scope(desk, args.scope.as_deref()),
        reference: paper::line(&args.reference, 200),
        why: needed(args.why.as_deref(), "pass")?,
        until: ahead(desk, args.until.as_deref())?,
        incident: None,
    };
    let mut journal = desk.writing(true)?;
    go(desk, io, &mut journal, (args.at.at.as_deref(), &Against::default()), |_| Ok(Wish::Grant(pass)))
        .map(drop)
        .map_err(with_options)
}

/// The options by which a refused lift becomes possible.
fn with_options(fault: Fault) -> Fault {
    let mut next = fault.next;
    for (word, option) in [
        ("a reason", "--reason"),
        ("exact scope", "--confirm"),
        ("its review", "--review"),
        ("the glass", "--break-glass"),
        ("an end", "--until"),
    ] {
        next = next.replacen(word, &format!("{word} ({option})"), 1);
    }
    Fault { next, ..fault }
}

fn withdraw(desk: &mut Desk, io: &mut Io<'_>, args: &WithdrawPass) -> Result<(), Fault> {
    let mut journal = desk.writing(false)?;
    let now = desk.now();
    go(desk, io, &mut journal, (args.at.at.as_deref(), &Against::default()), |holds| {
        let number = args.pass.strip_prefix("pass ").unwrap_or(&args.pass).parse::<u32>();
        let pass = holds.passes().iter().find(|pass| Ok(pass.number) == number);
        let none = || no_pass(holds, &args.pass, now);
        let why = args.reason.as_deref().map(|why| paper::line(why, 1_000)).unwrap_or_default();
        Ok(Wish::Withdraw(PassWithdrawn {
            pass: pass.ok_or_else(none)?.id,
            reference: String::new(),
            why,
            incident: None,
        }))
    })
    .map(drop)
}

/// There is no pass of that number; whoever names none most often means the build or the scope.
fn no_pass(holds: &Holds, text: &str, now: Time) -> Fault {
    let is = |pass: &&Pass| pass.what.scope == text || pass.what.reference == text;
    let meant: Vec<&Pass> = holds.passing(now).filter(is).collect();
    let next = match meant.as_slice() {
        [only] => format!("By its number: quarterdeck freeze withdraw {}", only.number),
        _ => "A pass is named by its number: quarterdeck freeze list tells which there are.".to_owned(),
    };
    Fault::usage(format!("There is no pass {}.", shown(text)), next)
}

/// The objective whose budget is the reason.
fn objective(desk: &Desk, name: &str) -> Result<String, Fault> {
    let known = || desk.config.slos.iter().map(|slo| slo.name.as_str());
    if known().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let next = match desk.config.slos.is_empty() {
        true => "Add the [[slo]] to the configuration, or leave --budget out.".into(),
        false => format!("{}.", known_instead(name, known())),
    };
    Err(Fault::usage(format!("There is no [[slo]] {}.", shown(name)), next))
}

fn scope(desk: &Desk, given: Option<&str>) -> String {
    given.map_or_else(|| desk.config.gate.scope.clone(), str::to_owned)
}

fn needed(why: Option<&str>, verb: &str) -> Result<String, Fault> {
    let why = why.map(|why| paper::line(why, 1_000)).filter(|why| !why.is_empty());
    why.ok_or_else(|| Fault::usage(format!("Nobody says why to {verb}."), "Say it in a line: --why WHY."))
}

fn ahead(desk: &Desk, until: Option<&str>) -> Result<Option<Time>, Fault> {
    let read = |text: &str| said::ahead(text, desk.now()).ok_or_else(|| no_moment_to_come(text));
    until.map(read).transpose()
}

/// The incident that tells of it: the one named, else the only open one. Nobody has to say which: a freeze does not wait for that.
fn told_in(desk: &Desk, io: &mut Io<'_>, journal: &Journal) -> Result<Option<Number>, Fault> {
    let open: Vec<Number> = which::open(journal)?.iter().map(crate::incident::Incident::number).collect();
    match (desk.globals.incident, open.as_slice()) {
        (Some(number), open) if open.contains(&number) => Ok(Some(number)),
        (Some(number), _) => {
            Err(Fault::usage(format!("Incident {number} is not open."), "Leave -i out, or name another."))
        }
        (None, [only]) => Ok(Some(*only)),
        (None, []) => Ok(None),
        (None, several) => {
            writeln!(io.err, "{} incidents are open: none of them tells of this. -i N names one.", several.len())?;
            Ok(None)
        }
    }
}

/// Writes a wish into the standing stream, tells whoever cannot read it, and the open incident. What was read before it stands with the line that
/// tells of it.
fn go(
    desk: &mut Desk,
    io: &mut Io<'_>,
    journal: &mut Journal,
    (at, against): (Option<&str>, &Against),
    wish: impl FnOnce(&Holds) -> Result<Wish, Fault>,
) -> Result<Vec<Entry>, Fault> {
    let said = desk.said(at)?;
    let incident = told_in(desk, io, journal)?;
    let mut stream = Stream::read(journal, STANDING)?;
    stream.sound()?;
    let wish = wish(stream.standing.holds())?.during(incident);
    let new = record::append_by(desk, journal, &mut stream, said.as_ref(), |stream, stamp| {
        stream.standing.decide(&wish, stamp)
    })?;
    let published = write_gate(desk, &stream);
    match incident {
        None => against.write_down(desk, io, journal, &mut stream)?,
        Some(number) => {
            let mut told = Stream::read(journal, number)?;
            against.write_down(desk, io, journal, &mut told)?;
        }
    }
    tell(desk, io, journal, &stream, incident);
    let answered = paper::recorded(io, desk.globals.json, &stream.incident, &new);
    paper::told(io, answered)?;
    published.map(|()| new)
}

/// Tells in an incident's own stream what was done while it was open, also what another run of the program left out. What stands, stands
/// without it: that it could not be told is said beside the answer.
fn tell(desk: &mut Desk, io: &mut Io<'_>, journal: &mut Journal, standing: &Stream, incident: Option<Number>) {
    let Some(number) = incident else { return };
    let told = (|| {
        let mut stream = Stream::read(journal, number)?;
        for (at, told) in standing.standing.untold(&stream.incident) {
            let said = Said { at, about: false };
            match record::append(desk, journal, &mut stream, &Command::TellHold(told), Some(&said)) {
                // a screen was quicker
                Err(fault) if fault.kind == Kind::Refused => {}
                other => drop(other?),
            }
        }
        Ok::<(), Fault>(())
    })();
    if let Err(fault) = told {
        let _ = writeln!(io.err, "Incident {number} does not tell of it yet, and will the next time: {fault}");
    }
}

/// Writes what stands for those who cannot read the journal, where a directory is configured.
fn write_gate(desk: &Desk, stream: &Stream) -> Result<(), Fault> {
    let Some(written) = desk.hands().write_gate(&stream.standing.gate(desk.now())) else { return Ok(()) };
    written.map_err(|trouble| Fault {
        kind: Kind::Tool,
        happened: format!("gate.json was not written. {}", trouble.words()),
        stands: "What was said stands in the journal; pipelines that read gate.json do not know it.".into(),
        next: "Put that right, then: quarterdeck freeze publish.".into(),
    })
}

fn publish(desk: &Desk, io: &mut Io<'_>) -> Result<(), Fault> {
    let Some(dir) = &desk.config.gate.dir else {
        return Err(Fault::usage(
            "No directory for gate.json is configured.",
            "Set dir in the section [gate] of the configuration.",
        ));
    };
    let stream = gate::standing(desk)?;
    write_gate(desk, &stream)?;
    if desk.globals.json {
        return Ok(paper::data(io.out, &json!({"written": dir.join(crate::exchange::gate::FILE)}))?);
    }
    Ok(writeln!(io.out, "Written: {}", paper::line(&dir.join(crate::exchange::gate::FILE).display().to_string(), 400))?)
}

/// The holds that stand, in a line each: what closing an incident does not lift.
pub fn still(desk: &Desk, journal: &Journal) -> Result<Vec<String>, Fault> {
    let stream = Stream::read(journal, STANDING)?;
    let line = |hold: &Hold| format!("{} stands: {}", hold.called(), hold.words());
    Ok(stream.standing.holds().standing(desk.now()).map(line).collect())
}

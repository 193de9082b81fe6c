//! Holding releases, lifting holds, letting one build pass. The standing stream is written first, then whoever cannot read it is told, then the
//! open incident's own record. It must not know how a check is answered.

use super::against::{self, Against};
use super::args::freeze::{AddHold, Freeze, FreezeAct, GrantPass, LiftHold, WithdrawPass};
use super::desk::{Desk, Io, no_moment};
use super::fault::{Fault, Kind};
use super::stream::Stream;
use super::{gate, paper, record, which};
use crate::config::trouble::{known_instead, shown};
use crate::incident::command::Command;
use crate::incident::entry::{Number, STANDING};
use crate::incident::hold::{Cause, Hold, HoldPlaced, Holds, Pass, PassGranted, PassWithdrawn};
use crate::incident::lifting::Lifting;
use crate::incident::said;
use crate::incident::said::Said;
use crate::incident::standing::{Standing, Wish};
use crate::incident::task::Task;
use crate::incident::time::Time;
use crate::journal::Journal;
use serde_json::{Value, json};

/// `freeze`.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: &Freeze) -> Result<(), Fault> {
    match &args.act {
        FreezeAct::Add(args) => add(desk, io, args),
        FreezeAct::Lift(args) => lift(desk, io, args),
        FreezeAct::Pass(args) => pass(desk, io, args),
        FreezeAct::Withdraw(args) => withdraw(desk, io, args),
        FreezeAct::List => list(desk, io),
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
        .map_err(with_options)
}

fn lift(desk: &mut Desk, io: &mut Io<'_>, args: &LiftHold) -> Result<(), Fault> {
    let mut journal = desk.writing(false)?;
    let now = desk.now();
    let text = |given: &Option<String>| given.as_deref().map(|text| paper::line(text, 1_000));
    let stream = Stream::read(&journal, STANDING)?;
    let hold = meant_hold(stream.standing.holds(), args, now)?;
    let against = if hold.stands(now) { against::a_lift(desk, io, &hold.what.scope)? } else { Against::default() };
    let hold = hold.id;
    let red = against.red.clone();
    let lifted = go(desk, io, &mut journal, (args.at.at.as_deref(), &against), |_| {
        Ok(Wish::Lift(Lifting {
            hold,
            why: text(&args.reason).unwrap_or_default(),
            review: text(&args.review),
            glass: text(&args.break_glass),
            typed: args.confirm.clone(),
            red,
            incident: None,
        }))
    });
    lifted.map_err(with_options)
}

fn withdraw(desk: &mut Desk, io: &mut Io<'_>, args: &WithdrawPass) -> Result<(), Fault> {
    let mut journal = desk.writing(false)?;
    go(desk, io, &mut journal, (args.at.at.as_deref(), &Against::default()), |holds| {
        let pass = holds.passes().iter().find(|pass| pass.number == args.pass);
        let none = || Fault::usage(format!("There is no pass {}.", args.pass), "quarterdeck freeze list tells which.");
        let why = args.reason.as_deref().map(|why| paper::line(why, 1_000)).unwrap_or_default();
        Ok(Wish::Withdraw(PassWithdrawn {
            pass: pass.ok_or_else(none)?.id,
            reference: String::new(),
            why,
            incident: None,
        }))
    })
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

/// The hold that is meant: by name or number, by its scope, or the only one that stands.
fn meant_hold<'a>(holds: &'a Holds, args: &LiftHold, now: Time) -> Result<&'a Hold, Fault> {
    if let Some(text) = &args.hold {
        let number = text.strip_prefix("hold ").unwrap_or(text).parse::<u32>().ok();
        let called = |hold: &&Hold| hold.called() == *text || Some(hold.number) == number;
        // of several with one name the newest is meant: the others are lifted already
        let found = holds.all().iter().rev().find(called);
        return found.ok_or_else(|| {
            Fault::usage(format!("There is no hold {}.", shown(text)), "quarterdeck freeze list tells which there are.")
        });
    }
    let fits = |hold: &&Hold| args.scope.as_ref().is_none_or(|scope| hold.what.scope == *scope);
    let mut found: Vec<&Hold> = holds.standing(now).filter(fits).collect();
    if found.is_empty() && args.review.is_some() {
        found = holds.owing().filter(fits).collect();
    }
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(Fault::refused("No such hold stands.", "quarterdeck freeze list tells which do.")),
        several => {
            let all: Vec<String> = several.iter().map(|hold| format!("{}, {}", hold.called(), hold.words())).collect();
            Err(Fault::usage(
                format!("{} holds stand: {}.", several.len(), all.join("; ")),
                "Name the one that is meant: quarterdeck freeze lift NAME-OR-NUMBER.",
            ))
        }
    }
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
    let read = |text: &str| said::ahead(text, desk.now()).ok_or_else(|| no_moment(text));
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
) -> Result<(), Fault> {
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
    published
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

fn list(desk: &Desk, io: &mut Io<'_>) -> Result<(), Fault> {
    let stream = gate::standing(desk)?;
    let (holds, now) = (stream.standing.holds(), desk.now());
    if desk.globals.json {
        let owed = holds.owing().map(hold_data).collect();
        let rows: [(&str, Vec<Value>); 4] = [
            ("acts_owed", owed_alone(&stream.standing).map(task_data).collect()),
            ("holds", holds.standing(now).map(hold_data).collect()),
            ("passes", holds.passing(now).map(pass_data).collect()),
            ("reviews_owed", owed),
        ];
        let mut value = json!({"drill": desk.drill.is_some(), "as_of": now.iso()});
        if let Some(fields) = value.as_object_mut() {
            fields.extend(rows.map(|(key, rows)| (key.to_owned(), Value::Array(rows))));
        }
        return Ok(paper::data(io.out, &value)?);
    }
    let line = |called: String, words: &str, more: &str| format!("{called:<10} {}{more}", paper::line(words, 400));
    let mut nothing = true;
    for hold in holds.standing(now) {
        let review = if hold.asks_review() { "   (a review lifts it)" } else { "" };
        writeln!(io.out, "{}", line(paper::line(&hold.called(), 100), &hold.words(), review))?;
        nothing = false;
    }
    if nothing {
        writeln!(io.out, "Nothing is frozen.")?;
    }
    for pass in holds.passing(now) {
        writeln!(io.out, "{}", line(pass.called(), &pass.words(), ""))?;
    }
    for hold in holds.owing() {
        let lifted = hold.lifted.as_ref().map(|lifted| format!("lifted by {}: {}", lifted.by, lifted.why));
        let words = format!("{} {}", hold.what.scope, lifted.unwrap_or_default());
        let next = format!("   (quarterdeck freeze lift {} --review REVIEW)", hold.number);
        writeln!(io.out, "{}", line("REVIEW OWED".into(), &words, &next))?;
    }
    for task in owed_alone(&stream.standing) {
        let by = task.what.owner.as_deref().unwrap_or("nobody");
        let words = format!("{}, by {by} {}", task.what.text, task.opened.beside(now));
        let next = format!("   (quarterdeck switch review {} WHAT-CAME-OF-IT)", task.number);
        writeln!(io.out, "{}", line("REVIEW OWED".into(), &words, &next))?;
    }
    Ok(())
}

/// The reviews that are owed for acts that went alone with no incident open: those of holds are told with their holds.
fn owed_alone(standing: &Standing) -> impl Iterator<Item = &Task> {
    let of_a_hold = |task: &Task| {
        let lifted = standing.holds().owing().filter_map(|hold| hold.lifted.as_ref());
        lifted.into_iter().any(|lifted| lifted.id == task.id)
    };
    standing.tasks().open().filter(move |task| !of_a_hold(task))
}

fn task_data(task: &Task) -> Value {
    json!({"review": task.number, "what": task.what.text, "by": task.what.owner, "at": task.opened.iso()})
}

/// The holds that stand, in a line each: what closing an incident does not lift.
pub fn still(desk: &Desk, journal: &Journal) -> Result<Vec<String>, Fault> {
    let stream = Stream::read(journal, STANDING)?;
    let line = |hold: &Hold| format!("{} stands: {}", hold.called(), hold.words());
    Ok(stream.standing.holds().standing(desk.now()).map(line).collect())
}

fn hold_data(hold: &Hold) -> Value {
    json!({
        "hold": hold.number, "name": hold.what.name, "scope": hold.what.scope, "why": hold.what.why, "by": hold.by,
        "at": hold.at.iso(), "until": paper::iso_or_null(hold.what.until), "needs_review": hold.asks_review(),
        "cause": hold.what.cause_words(), "incident": hold.what.incident,
        "lifted": paper::iso_or_null(hold.lifted.as_ref().map(|lifted| lifted.at)),
    })
}

fn pass_data(pass: &Pass) -> Value {
    json!({
        "pass": pass.number, "scope": pass.what.scope, "ref": pass.what.reference, "why": pass.what.why, "by": pass.by,
        "at": pass.at.iso(), "until": paper::iso_or_null(pass.what.until), "incident": pass.what.incident,
        "holds": pass.through.as_ref().map(|all| all.iter().map(|(_, number)| *number).collect::<Vec<_>>()),
    })
}

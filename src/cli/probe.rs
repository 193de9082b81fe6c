//! Probes: which there are, and asking them. What they say decides the exit code, whether or not it could be written down. It must not know
//! how anybody is asked.

use super::args::outside::{Probe as Args, ProbeAct, ProbeRun, ProbeScope};
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::stream::Stream;
use super::{paper, record, say, which};
use crate::config::probes::Probe;
use crate::config::trouble::{known_instead, shown};
use crate::incident::command::Command;
use crate::incident::entry::{EntryId, Number, STANDING};
use crate::incident::impact::counted;
use crate::incident::probe::{Light, Reading, served, subjects, together, trips};
use crate::incident::scope;
use crate::incident::time::{Span, Time};
use crate::shell::clock;
use crate::shell::probes::{self, After, Prober};
use serde_json::{Value, json};
use std::time::Duration;

/// How long is waited between two looks at a drill's clock.
const LOOK: Duration = Duration::from_millis(250);

/// `probe`.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: &Args) -> Result<(), Fault> {
    match &args.act {
        ProbeAct::List(args) => list(desk, io, args),
        ProbeAct::Run(args) => ask(desk, io, args),
    }
}

/// The place that is meant.
fn place(args: &ProbeScope) -> Result<Option<&str>, Fault> {
    let Some(place) = args.scope.as_deref() else { return Ok(None) };
    scope::check(place, false).map_err(|no| nothing(Fault::usage(no.why, no.instead)))?;
    Ok(Some(place))
}

fn nothing(fault: Fault) -> Fault {
    Fault { stands: "Nobody was asked.".into(), ..fault }
}

fn list(desk: &Desk, io: &mut Io<'_>, args: &ProbeScope) -> Result<(), Fault> {
    let place = place(args)?;
    let meant = |probe: &&Probe| place.is_none_or(|place| scope::meets(&probe.scope, place));
    let known = match recorded_in(desk)? {
        Some(number) => desk.reading()?.map(|journal| Stream::read(journal, number)).transpose()?,
        // what was lifted and restored with none open was read there
        None => desk.reading()?.map(|journal| Stream::read(journal, STANDING)).transpose()?,
    };
    let newest = |name: &str| known.as_ref().and_then(|stream| stream.incident.probes().newest(name));
    if desk.globals.json {
        let row = |probe: &Probe| {
            let last = newest(&probe.name).map(|(at, light)| json!({"at": paper::iso(at), "outcome": light.word()}));
            json!({
                "probe": probe.name,
                "scope": probe.scope,
                "subject": probe.subject,
                "says": probe.says,
                "asks": probes::asks(probe),
                "timeout_s": probe.timeout.as_seconds(),
                "soak_s": probe.soak.map(Span::as_seconds),
                "trips": probe.trips,
                "last": last,
            })
        };
        let rows: Vec<Value> = desk.config.probes.iter().filter(meant).map(row).collect();
        return Ok(paper::data(io.out, &json!({"drill": desk.drill.is_some(), "probes": rows}))?);
    }
    let absent = match place {
        _ if desk.config.probes.is_empty() => Some(none(desk)),
        Some(place) if !desk.config.probes.iter().any(|probe| meant(&probe)) => {
            Some(unspoken(&desk.config.probes, place))
        }
        _ => None,
    };
    if let Some(Fault { happened, next, .. }) = absent {
        writeln!(io.err, "{happened} {next}")?;
    }
    for probe in desk.config.probes.iter().filter(meant) {
        let last = newest(&probe.name);
        let last = last.map(|(at, light)| format!("   {} at {} UTC", light.word(), at.clock())).unwrap_or_default();
        let subject =
            probe.subject.as_ref().map(|subject| format!("{}, ", paper::line(subject, 40))).unwrap_or_default();
        let soak = probe.soak.map(|soak| format!(", again after {}", served(seconds(soak)))).unwrap_or_default();
        let trips = probe.trips.as_ref().map(|name| format!(", then stops {name}")).unwrap_or_default();
        let asks = paper::line(&probes::asks(probe), 120);
        writeln!(io.out, "{:<20} {subject}{asks}   ({}{soak}{trips}){last}", probe.name, probe.scope)?;
    }
    Ok(())
}

/// There is no probe; says where one is added.
fn none(desk: &Desk) -> Fault {
    Fault::usage("No probe is configured.", format!("Add a [[probe]] to {}.", desk.places.config_file().display()))
}

fn seconds(span: Span) -> u64 {
    span.as_seconds().max(0).unsigned_abs()
}

/// The probes that are meant, in the order of the file.
fn chosen<'p>(desk: &Desk, prober: &'p Prober, args: &ProbeRun) -> Result<Vec<&'p Probe>, Fault> {
    let place = place(&args.scope)?;
    // an answer of nobody is no good news
    if prober.probes.is_empty() {
        return Err(nothing(none(desk)));
    }
    let known = || prober.probes.iter().map(|probe| probe.name.as_str());
    if let Some(name) = args.names.iter().find(|name| !known().any(|known| known == name.as_str())) {
        let next = format!("{}.", known_instead(name, known()));
        return Err(nothing(Fault::usage(format!("There is no probe {}.", shown(name)), next)));
    }
    let is_named = |probe: &Probe| args.names.is_empty() || args.names.contains(&probe.name);
    let is_there = |probe: &Probe| place.is_none_or(|place| scope::meets(&probe.scope, place));
    let meant: Vec<&Probe> = prober.probes.iter().filter(|probe| is_named(probe) && is_there(probe)).collect();
    match place.filter(|_| meant.is_empty()) {
        Some(place) => Err(nothing(unspoken(&prober.probes, place))),
        None => Ok(meant),
    }
}

/// No probe speaks for a place; says for which they do.
fn unspoken(probes: &[Probe], place: &str) -> Fault {
    let mut scopes: Vec<&str> = Vec::new();
    for probe in probes {
        if !scopes.contains(&probe.scope.as_str()) {
            scopes.push(&probe.scope);
        }
    }
    let next = format!("{}.", known_instead(place, scopes));
    Fault::usage(format!("No probe speaks for {}.", shown(place)), next)
}

fn ask(desk: &mut Desk, io: &mut Io<'_>, args: &ProbeRun) -> Result<(), Fault> {
    let prober = Prober::of(&desk.config).about(args.reference.as_deref());
    let meant = chosen(desk, &prober, args)?;
    let entry = args.after.as_deref().map(|name| say::entry(desk, io, name)).transpose().map_err(nothing)?;
    let after = After { entry, served: None };
    let mut readings = prober.ask(&meant, desk.now(), after);
    if args.soak {
        soak(desk, io, &prober, &meant, &mut readings, entry)?;
    }
    answer(desk, io, &meant, &readings)?;
    // whoever waits for the answer must not wait for the journal
    io.out.flush()?;
    if let Err(fault) = write_down(desk, io, &meant, &readings) {
        writeln!(io.err, "{}", Fault { stands: "What the probes said is not in the record.".into(), ..fault })?;
    }
    judged(&readings)
}

/// Asks those that are green once more, each when it has served for its soak.
fn soak(
    desk: &mut Desk,
    io: &mut Io<'_>,
    prober: &Prober,
    meant: &[&Probe],
    readings: &mut [Reading],
    entry: Option<EntryId>,
) -> Result<(), Fault> {
    let began = passed(desk);
    let mut lengths: Vec<Span> = meant.iter().filter_map(|probe| probe.soak).collect();
    lengths.sort_unstable();
    lengths.dedup();
    for length in lengths {
        let green = |(probe, reading): &(&&Probe, &mut Reading)| {
            probe.soak == Some(length) && reading.what.outcome == Light::Green
        };
        let mut waiting: Vec<(&&Probe, &mut Reading)> = meant.iter().zip(readings.iter_mut()).filter(green).collect();
        if waiting.is_empty() {
            continue;
        }
        let words = counted(waiting.len() as u64, "probe is", "probes are");
        writeln!(io.err, "{words} green and asked once more after {}.", served(seconds(length)))?;
        loop {
            let left = length.0.saturating_sub(passed(desk).saturating_sub(began));
            if left <= 0 {
                break;
            }
            let left = Duration::from_micros(left.unsigned_abs());
            std::thread::sleep(if desk.drill.is_some() { LOOK.min(left) } else { left });
        }
        let again: Vec<&Probe> = waiting.iter().map(|(probe, _)| **probe).collect();
        let after = After { entry, served: Some(length) };
        for (new, (_, old)) in prober.ask(&again, desk.now(), after).into_iter().zip(&mut waiting) {
            **old = new;
        }
    }
    Ok(())
}

/// The clock by which a soak passes, in µs: a steady one; in a drill its own, which may run faster, and is moved on from a screen.
fn passed(desk: &mut Desk) -> i64 {
    desk.follow();
    if desk.drill.is_some() { desk.now().0 } else { clock::steady() }
}

fn answer(desk: &Desk, io: &mut Io<'_>, meant: &[&Probe], readings: &[Reading]) -> Result<(), Fault> {
    if desk.globals.json {
        let row = |(probe, reading): (&&Probe, &Reading)| {
            json!({
                "probe": reading.what.probe,
                "subject": reading.what.subject,
                "scope": reading.what.scope,
                "says": probe.says,
                "outcome": reading.what.outcome.word(),
                "words": reading.what.words,
                "at": paper::iso(reading.at),
                "served_s": reading.what.served_s,
                "after": reading.what.after.map(|id| id.to_string()),
            })
        };
        let subjects: Vec<Value> = subjects(readings)
            .into_iter()
            .map(|(subject, light)| json!({"subject": subject, "outcome": light.word()}))
            .collect();
        let rows: Vec<Value> = meant.iter().zip(readings).map(row).collect();
        let all = together(readings).word();
        let data = json!({"drill": desk.drill.is_some(), "outcome": all, "probes": rows, "subjects": subjects});
        return Ok(paper::data(io.out, &data)?);
    }
    for reading in readings {
        writeln!(io.out, "{}", line(reading))?;
    }
    Ok(())
}

/// What one probe was found to be, in a line.
pub fn line(reading: &Reading) -> String {
    let what = &reading.what;
    let subject = what.subject.as_ref().map(|subject| format!("{}, ", paper::line(subject, 40))).unwrap_or_default();
    let after = what.served_s.map(|s| format!("after serving for {}: ", served(s))).unwrap_or_default();
    let word = match what.outcome {
        Light::Green => "green",
        Light::Red => "RED",
        Light::Unknown => "UNKNOWN",
    };
    format!("{word:<8} {:<20} {subject}{after}{}", what.probe, paper::line(&what.words, 400))
}

/// The incident in which it is written down: the one that is named, else the only open one.
fn recorded_in(desk: &Desk) -> Result<Option<Number>, Fault> {
    let Some(journal) = desk.reading()? else { return Ok(None) };
    if let Some(number) = desk.globals.incident {
        return Ok(Some(number));
    }
    match which::open(journal)?.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.number())),
        several => Err(Fault::usage(
            format!("{} incidents are open.", several.len()),
            format!("Say which one is meant: {}.", which::options(several)),
        )),
    }
}

/// Writes down what was read while an incident is open, and says what it would stop.
fn write_down(desk: &mut Desk, io: &mut Io<'_>, meant: &[&Probe], readings: &[Reading]) -> Result<(), Fault> {
    let Some(number) = recorded_in(desk)?.filter(|_| !readings.is_empty()) else { return Ok(()) };
    let mut journal = desk.writing(false)?;
    let mut stream = Stream::read(&journal, number)?;
    for (probe, reading) in meant.iter().zip(readings) {
        let switch = probe.soak.zip(probe.trips.as_deref());
        let stops = switch.and_then(|(soak, name)| trips(&stream.incident.ground(), &reading.what, name, soak));
        record::append(desk, &mut journal, &mut stream, &Command::Probe(reading.what.clone()), None)?;
        if let Some(act) = stops {
            let (what, target) = (act.act.word(), act.target);
            writeln!(io.err, "{}. Next: quarterdeck switch {what} {target}.", paper::line(&act.why, 300))?;
        }
    }
    Ok(())
}

/// The exit code of what was read.
fn judged(readings: &[Reading]) -> Result<(), Fault> {
    let count = |light: Light| readings.iter().filter(|reading| reading.what.outcome == light).count() as u64;
    match together(readings) {
        Light::Green => Ok(()),
        Light::Red => Err(Fault {
            kind: Kind::Refused,
            happened: format!("{} red.", counted(count(Light::Red), "probe is", "probes are")),
            stands: "What they are about is not as it should be.".into(),
            next: "See what each of them says above.".into(),
        }),
        Light::Unknown => Err(Fault {
            kind: Kind::Unsure,
            happened: format!("{} unknown.", counted(count(Light::Unknown), "probe is", "probes are")),
            stands: "Nobody could say, and that is never good news.".into(),
            next: "See what each of them says above, or run quarterdeck doctor.".into(),
        }),
    }
}

/// Every probe by its name, whether it can be asked, and what it says: for `doctor`.
#[must_use]
pub fn findings(desk: &Desk, now: Time) -> Vec<(String, bool, String)> {
    let prober = Prober::of(&desk.config);
    let readings = prober.run(None, now, After::default());
    let finding = |(probe, reading): (&Probe, &Reading)| {
        if probe.asks.is_about_a_build() {
            let words = format!("{}: asked about one build, when one is named with --ref", probes::asks(probe));
            return (probe.name.clone(), true, paper::line(&words, 500));
        }
        let words = format!("{}: {}, {}", probes::asks(probe), reading.what.outcome.word(), reading.what.words);
        (probe.name.clone(), reading.what.outcome != Light::Unknown, paper::line(&words, 500))
    };
    prober.probes.iter().zip(&readings).map(finding).collect()
}

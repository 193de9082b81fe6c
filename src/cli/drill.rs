//! Rehearsals: each in a directory of its own, with its own journal, clock and world. It must not touch anything outside that directory.

use super::args::Drill as Args;
use super::desk::{Desk, Io, Setting};
use super::fault::{Fault, Kind};
use super::{paper, record, screen, seal};
use crate::config::trouble::shown;
use crate::drill;
use crate::drill::scenario::Scenario;
use crate::incident::entry::Draft;
use crate::incident::rehearsal::Rehearsed;
use crate::incident::time::Time;
use crate::journal::{Journal, place};
use crate::shell::clock::{self, Clock};
use crate::shell::start;
use crate::shell::world::Driver;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The journal's place in a drill's directory.
const JOURNAL: &str = "journal/quarterdeck.journal";

/// A drill there is.
struct Found {
    name: String,
    dir: PathBuf,
    fact: Rehearsed,
    /// Its clock shows this.
    now: Time,
    /// How it stands, in words.
    stands: String,
    finished: bool,
}

/// `drill`.
pub fn run(setting: Setting, io: &mut Io<'_>, args: &Args) -> Result<(), Fault> {
    let drills = setting.places().drills();
    if args.list {
        return list(io, &drills, setting.as_data());
    }
    if let Some(name) = &args.delete {
        return delete(io, &drills, name);
    }
    let name = args.scenario.as_deref().or(drill::SCENARIOS.first().map(|(name, _)| *name)).unwrap_or_default();
    let scenario = seal::scenario(name)?;
    let is_new = args.new || args.seed.is_some() || args.speed.is_some();
    let unfinished = found(&drills).into_iter().filter(|one| one.fact.scenario == scenario.name && !one.finished);
    let newest = unfinished.max_by_key(|one| one.fact.real).filter(|_| !is_new);
    let (dir, is_made) = match newest {
        Some(found) => (found.dir, false),
        None => (make(&setting, &drills, scenario, args)?, true),
    };
    let desk = setting.about(dir.join(JOURNAL)).desk(true)?;
    if args.no_screen || !io.typed || !io.read || desk.term.is_none() {
        return tell(&desk, io, &dir, is_made);
    }
    screen::open(&desk, io, screen::Way::Drill)
}

/// Makes a drill's directory with everything in it; the first fact of its journal says that it is one.
fn make(setting: &Setting, drills: &Path, scenario: Scenario, args: &Args) -> Result<PathBuf, Fault> {
    let real = clock::real();
    let dir = fresh(drills, &scenario.name, real)?;
    for part in ["journal", "world", "page", "exports", "drafts"] {
        place::make_directories(&dir.join(part))?;
    }
    let fact = Rehearsed {
        scenario: scenario.name.clone(),
        seed: args.seed.unwrap_or(scenario.seed),
        start: scenario.start,
        real,
        speed_milli: args.speed.unwrap_or(1).saturating_mul(1_000),
    };
    let (seed, at) = (fact.seed, fact.start);
    // the world begins with the journal: its history is written before anybody looks
    drop(Driver::open(scenario, seed, &dir.join("world")).map_err(|words| Fault::of(Kind::Tool, format!("{words}.")))?);
    let mut journal = Journal::open_for_writing(&dir.join(JOURNAL), true)?;
    record::begin(setting.config().person.value.as_str(), &mut journal, Draft { fact: fact.into(), at, when: None })?;
    Ok(dir)
}

/// A directory that was not there: the scenario's name, the day, and a number.
fn fresh(drills: &Path, scenario: &str, real: Time) -> Result<PathBuf, Fault> {
    place::make_directories(drills)?;
    for n in 1..10_000 {
        let dir = drills.join(format!("{scenario}-{}-{n}", real.date()));
        match std::fs::create_dir(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Fault::file(&dir, "made", &error)),
        }
    }
    Err(Fault::usage("There are ten thousand drills of today.", "Delete some: quarterdeck drill --delete NAME."))
}

/// The drills there are, by name; what is none is passed over.
fn found(drills: &Path) -> Vec<Found> {
    let Ok(entries) = std::fs::read_dir(drills) else { return Vec::new() };
    let mut found: Vec<Found> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| look(&entry.path(), &entry.file_name().to_string_lossy()))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn look(dir: &Path, name: &str) -> Option<Found> {
    let journal = Journal::open_for_reading(&dir.join(JOURNAL)).ok()?;
    let standing = start::standing(&journal).ok()?;
    let fact = standing.drill()?.clone();
    let now = Clock::new(standing.clock()).now();
    let incidents = super::stream::headlines(&journal).ok()?;
    let is_over = drill::scenario(&fact.scenario)?.ok().is_none_or(|scenario| now >= scenario.ends);
    let (stands, is_done) = match incidents.last() {
        None => ("not declared".to_string(), false),
        Some(incident) => (incident.phase().word().to_string(), incidents.iter().all(|one| !one.is_open())),
    };
    Some(Found { name: name.to_string(), dir: dir.to_owned(), fact, now, stands, finished: is_over || is_done })
}

fn list(io: &mut Io<'_>, drills: &Path, as_data: bool) -> Result<(), Fault> {
    let found = found(drills);
    let scenarios = drill::SCENARIOS.iter().map(|(name, _)| seal::scenario(name)).collect::<Result<Vec<_>, _>>()?;
    if as_data {
        let scenarios: Vec<Value> =
            scenarios.iter().map(|one| json!({"scenario": one.name, "title": one.title, "story": one.told})).collect();
        let drills = found.iter().map(|one| {
            json!({"drill": one.name, "scenario": one.fact.scenario, "began": one.fact.real.iso(), "seed": one.fact.seed,
                "speed": one.fact.speed_milli / 1_000, "now": one.now.iso(), "stands": one.stands, "finished": one.finished,
                "journal": one.dir.join(JOURNAL).display().to_string()})
        });
        let drills: Vec<Value> = drills.collect();
        return Ok(paper::data(io.out, &json!({"scenarios": scenarios, "drills": drills}))?);
    }
    for scenario in &scenarios {
        writeln!(io.out, "{}\n  {}\n  {}\n", scenario.name, scenario.title, scenario.told.trim())?;
    }
    if found.is_empty() {
        writeln!(io.out, "No drill was begun yet: quarterdeck drill.")?;
    }
    for one in &found {
        let finished = if one.finished { ", finished" } else { "" };
        let name = paper::line(&one.name, 80);
        writeln!(io.out, "{name}  began {}  {}{finished}", one.fact.real.iso(), one.stands)?;
    }
    Ok(())
}

/// Where a drill is, for whoever drives it by commands.
fn tell(desk: &Desk, io: &mut Io<'_>, dir: &Path, is_made: bool) -> Result<(), Fault> {
    let journal = dir.join(JOURNAL);
    if desk.globals.json {
        let name = dir.file_name().map(|name| name.to_string_lossy().into_owned());
        let value =
            json!({"drill": name, "journal": journal.display().to_string(), "made": is_made, "now": desk.now().iso()});
        return Ok(paper::data(io.out, &value)?);
    }
    let made = if is_made { "is made" } else { "is there" };
    writeln!(
        io.out,
        "DRILL {} {made}; its clock shows {} UTC.",
        paper::line(&dir.display().to_string(), 400),
        desk.now().clock()
    )?;
    writeln!(io.out, "Its world goes on while its screen is open: quarterdeck drill, in a terminal.")?;
    writeln!(
        io.out,
        "Every command works on it: quarterdeck --journal '{}' show",
        paper::line(&journal.display().to_string(), 400)
    )?;
    Ok(())
}

/// Deletes a drill that nobody runs.
fn delete(io: &mut Io<'_>, drills: &Path, name: &str) -> Result<(), Fault> {
    let refused =
        |why: String, next: &str| Fault { stands: "Nothing was deleted.".into(), ..Fault::refused(why, next) };
    let is_plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']);
    let found = found(drills).into_iter().find(|one| is_plain && one.name == name);
    let found = found.ok_or_else(|| {
        refused(format!("There is no drill {}.", shown(name)), "quarterdeck drill --list names those there are.")
    })?;
    let lock = found.dir.join("world/world.lock");
    if let Ok(file) = std::fs::File::open(&lock)
        && file.try_lock().is_err()
    {
        return Err(refused(format!("{name} is being played."), "End its screen first: Ctrl-C twice."));
    }
    std::fs::remove_dir_all(&found.dir).map_err(|error| Fault::file(&found.dir, "deleted", &error))?;
    Ok(writeln!(io.out, "Deleted: {}", paper::line(&found.dir.display().to_string(), 400))?)
}

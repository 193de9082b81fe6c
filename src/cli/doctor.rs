//! Looks at everything that has to be there before it is needed, and says what is missing. It must not write anything anywhere.

mod levers;

use super::changes;
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::paper;
use super::promised;
use super::stream::Stream;
use crate::app::feed::{BurnAsk, Held};
use crate::config::asks::Asks;
use crate::config::blocks::{ChannelKind, Slo};
use crate::config::changes::ChangeSource;
use crate::incident::change::suspect::LOOK_BACK;
use crate::incident::impact::counted;
use crate::incident::time::{MINUTE, Span};
use crate::journal::{hint, place};
use crate::query::state::State;
use crate::shell::asker::{self, Source};
use crate::shell::markers::Markers;
use serde_json::{Value, json};
use std::path::Path;

/// What one look found: the thing, whether it is as it should be, and words.
struct Finding {
    thing: String,
    is_ok: bool,
    words: String,
}

/// Everything that was found.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, thing: impl Into<String>, words: impl Into<String>) {
        self.0.push(Finding { thing: thing.into(), is_ok: true, words: words.into() });
    }
    fn missing(&mut self, thing: impl Into<String>, words: impl Into<String>) {
        self.0.push(Finding { thing: thing.into(), is_ok: false, words: words.into() });
    }
}

/// `doctor`.
pub fn run(desk: &Desk, io: &mut Io<'_>) -> Result<(), Fault> {
    let mut findings = Findings::default();
    configuration(desk, &mut findings);
    journal(desk, &mut findings);
    backends(desk, &mut findings);
    markers(desk, &mut findings);
    slos(desk, &mut findings);
    changes(desk, &mut findings);
    levers::switches(desk, &mut findings);
    levers::probes(desk, &mut findings);
    channels(desk, &mut findings);
    levers::gate(desk, &mut findings);
    screen(desk, io, &mut findings);
    tell(desk, io, &findings)
}

/// `slo check`: the objectives alone.
pub fn objectives(desk: &Desk, io: &mut Io<'_>) -> Result<(), Fault> {
    let mut findings = Findings::default();
    slos(desk, &mut findings);
    tell(desk, io, &findings)
}

fn tell(desk: &Desk, io: &mut Io<'_>, findings: &Findings) -> Result<(), Fault> {
    let missing = findings.0.iter().filter(|finding| !finding.is_ok).count();
    if desk.globals.json {
        let all = findings.0.iter().map(|one| json!({"thing": one.thing, "ok": one.is_ok, "words": one.words}));
        let all: Vec<Value> = all.collect();
        paper::data(io.out, &json!({"ok": missing == 0, "drill": desk.drill.is_some(), "findings": all}))?;
    } else {
        for one in &findings.0 {
            let word = if one.is_ok { "ok" } else { "missing" };
            let thing = paper::line(&one.thing, 80);
            writeln!(io.out, "{word:<8} {thing}: {}", paper::line(&one.words, 1_000))?;
        }
    }
    if missing == 0 {
        return Ok(());
    }
    let are = if missing == 1 { "is not as it should be" } else { "are not as they should be" };
    Err(Fault {
        kind: Kind::Tool,
        happened: format!("{missing} of {} {are}.", counted(findings.0.len() as u64, "thing", "things")),
        stands: "Nothing was changed.".into(),
        next: "Each line that begins with missing says what to do.".into(),
    })
}

fn configuration(desk: &Desk, findings: &mut Findings) {
    for trouble in &desk.troubles {
        findings.missing("configuration", trouble.to_string());
    }
    if desk.troubles.is_empty() {
        match (&desk.drill, &desk.config.file) {
            (Some(drill), _) => findings.ok("configuration", format!("the drill's own, {}", drill.scenario.name)),
            (None, Some(file)) => findings.ok("configuration", format!("{}", file.display())),
            (None, None) => {
                let file = desk.places.config_file();
                findings.ok("configuration", format!("none; it would be {}", file.display()));
            }
        }
    }
    let person = &desk.config.person.value;
    match desk.config.person_is_assumed() {
        true => findings.ok("person", format!("{person}, assumed; set person in the configuration, or --as")),
        false => findings.ok("person", person.clone()),
    }
}

fn journal(desk: &Desk, findings: &mut Findings) {
    let path = desk.path();
    let near = path.ancestors().skip(1).find(|near| near.exists()).unwrap_or(Path::new("."));
    if let Some(name) = place::network(near) {
        findings.missing(
            "journal",
            format!("{} lies on {name}, where two machines would overwrite each other. Nothing is recorded there. Name another place with --journal.", path.display()),
        );
    }
    let journal = match desk.reading() {
        Ok(Some(journal)) => journal,
        Ok(None) if place::writable(near) => {
            findings.ok("journal", format!("{} is not there yet; the first declare makes it", path.display()));
            return;
        }
        Ok(None) => {
            findings.missing(
                "journal",
                format!("{} cannot be made: {} is not writable for you. Nothing can be recorded. Make it writable, or name another place with --journal.", path.display(), near.display()),
            );
            return;
        }
        Err(fault) => {
            findings.missing("journal", fault.to_string());
            return;
        }
    };
    // every row is read, so that every checksum is verified
    let heads = match journal.heads() {
        Ok(heads) => heads,
        Err(trouble) => return findings.missing("journal", trouble.to_string()),
    };
    let (mut entries, mut unknown, mut damaged) = (0, 0, false);
    for (number, _) in &heads {
        match Stream::read(journal, *number) {
            Ok(stream) => {
                entries += stream.entries.len() as u64;
                unknown += stream.incident.unknown();
                if let Err(fault) = stream.sound() {
                    damaged = true;
                    findings.missing("journal", fault.to_string());
                }
            }
            Err(fault) => {
                damaged = true;
                findings.missing("journal", fault.to_string());
            }
        }
    }
    let later = if unknown > 0 { format!(", {unknown} of them by a later version") } else { String::new() };
    let drill = if desk.drill.is_some() { "DRILL " } else { "" };
    if !damaged {
        let streams = counted(heads.len() as u64, "stream", "streams");
        let entries = counted(entries, "entry", "entries");
        let read = format!("{drill}{}: {streams}, {entries} read{later}", path.display());
        findings.ok("journal", read);
    }
    if !place::writable(place::parent(path)) {
        findings.missing("journal", format!("{} is not writable for you. It can be read and nothing can be recorded. Make it and its directory writable.", path.display()));
    }
    match hint::watch(path, || {}) {
        Ok(_) => findings.ok("watch", "others' entries are seen at once"),
        Err(why) => findings.ok("watch", format!("{why}; the journal is asked five times a second instead")),
    }
}

/// Each backend: whether it answers, who asks it, and what limits it has. What it answers, its objectives say.
fn backends(desk: &Desk, findings: &mut Findings) {
    for backend in &desk.config.backends {
        let thing = format!("backend {}", backend.name);
        let asks = |slo: &&Slo| matches!(&slo.asks, Asks::Backend { backend: named, .. } if named.text == backend.name);
        let asking = desk.config.slos.iter().filter(asks).count() as u64;
        let names = |source: &&ChangeSource| source.asks.backend() == Some(&backend.name);
        let telling = desk.config.changes.iter().filter(names).count() as u64;
        let words = format!("{} at {}, {}", backend.kind.word(), backend.url, asker::limits(&backend.kind));
        let asking = (asking > 0).then(|| counted(asking, "objective", "objectives"));
        let telling = (telling > 0).then(|| counted(telling, "source of changes", "sources of changes"));
        let by = match (asking, telling) {
            (None, None) => "no [[slo]] asks it".into(),
            (Some(one), None) | (None, Some(one)) => format!("asked by {one}"),
            (Some(one), Some(other)) => format!("asked by {one} and {other}"),
        };
        match asker::reached(backend, desk.now()) {
            Ok(()) => findings.ok(thing, format!("{words}; {by}")),
            Err(trouble) => findings.missing(thing, format!("{}; {by}", trouble.words())),
        }
    }
}

/// Whether markers can be set where they are wanted: found out before one is needed, and without setting one.
fn markers(desk: &Desk, findings: &mut Findings) {
    let markers = Markers::of(&desk.config.backends);
    for backend in desk.config.backends.iter().filter(|backend| backend.markers().is_some()) {
        let thing = format!("markers {}", backend.name);
        match markers.check(backend) {
            Ok(words) => findings.ok(thing, words),
            Err(trouble) => findings.missing(thing, trouble.words()),
        }
    }
}

fn slos(desk: &Desk, findings: &mut Findings) {
    if desk.config.slos.is_empty() {
        findings.ok("slo", "none is configured; the burn panel stays empty");
    }
    let (now, limits) = (desk.now(), asker::waiting(&desk.config.runs));
    for slo in &desk.config.slos {
        let thing = format!("slo {}", slo.name);
        let mut source = match Source::within(slo, &desk.config.backends, &limits) {
            Ok(source) => source,
            Err(words) => {
                // a finding is one line: the character is named, the picture of it is left to `burn`
                let words = words.lines().next().unwrap_or_default();
                findings.missing(thing, asker::finished(words, "Nothing can be counted. Correct it."));
                continue;
            }
        };
        let step = Span(MINUTE);
        // no chart is shown: one that looked back would ask for another window
        let from = now.floor(step);
        let ask = BurnAsk { slo: 0, ticket: 0, now, from, step, columns: 1, act: None, shown: false };
        match source.answer(&ask) {
            Err(trouble) => findings.missing(thing, trouble.words()),
            Ok(burn) => {
                let newest = match burn.newest {
                    Some(newest) => format!("newest event {} ago", paper::length(now.since(newest))),
                    None => "no event".to_string(),
                };
                let mut doubts = burn.doubts.join("; ");
                let (one, many) = if burn.sliced.is_some() { ("slice", "slices") } else { ("event", "events") };
                let events = counted(burn.total, one, many);
                let promised = promised::words(slo);
                let unwatched = Held::unwatched(&burn.conditions).map(|words| format!("; {words}")).unwrap_or_default();
                let words = format!("{promised}, {}, {newest}, {events} in its window{unwatched}", burn.state.word());
                let unseen = source.unseen(now).ok().flatten();
                if let Some(why) = unseen.as_ref().map(|unseen| &unseen.words).filter(|why| !doubts.contains(*why)) {
                    doubts.push_str(&format!("; {why}"));
                }
                match burn.state {
                    State::NoData => {
                        // where nothing comes in at all, it is not what is bad that has to be looked at
                        let what = slo.asks.total().map_or_else(
                            || format!("{} still comes in", burn.source),
                            |total| format!("`total` ({}) still finds a series", paper::line(total, 120)),
                        );
                        findings
                            .missing(thing, format!("{words}. No figure can be shown. See whether {what}. {doubts}"));
                    }
                    _ if unseen.as_ref().is_some_and(|unseen| unseen.is_mistake) => {
                        let correct = unseen.and_then(|unseen| unseen.correct);
                        let correct = correct.unwrap_or(if slo.asks.names_good() {
                            "What is good would be counted as bad. Correct the filter that names it."
                        } else {
                            "What fails would not be counted. Correct the filter that names it."
                        });
                        findings.missing(thing, format!("{words}; {doubts}. {correct}"));
                    }
                    _ if doubts.is_empty() => findings.ok(thing, words),
                    _ => findings.ok(thing, format!("{words}; {doubts}")),
                }
            }
        }
    }
}

/// Each source of changes: whether it answers, and how much it told in the last day.
fn changes(desk: &Desk, findings: &mut Findings) {
    for source in &desk.config.changes {
        let thing = format!("changes {}", source.name);
        match changes::told(desk, source, desk.now().minus(LOOK_BACK), desk.now()) {
            Err(trouble) => findings.missing(thing, trouble.words()),
            Ok(told) => {
                let all = counted((told.changes.len() + told.more) as u64, "change", "changes");
                let newest = told.changes.iter().map(|one| one.at).max();
                let newest = newest
                    .map(|at| format!(", the newest {} ago", paper::length(desk.now().since(at))))
                    .unwrap_or_default();
                let doubts: String = told.doubts.iter().map(|doubt| format!("; {doubt}")).collect();
                findings.ok(thing, format!("{all} in the last day{newest}{doubts}"));
            }
        }
    }
}

fn channels(desk: &Desk, findings: &mut Findings) {
    if desk.config.channels.is_empty() {
        findings.ok("channel", "none is configured; updates are recorded and published nowhere");
    }
    for channel in &desk.config.channels {
        let thing = format!("channel {}", channel.name);
        let ChannelKind::Page { dir, .. } = &channel.kind;
        let near = dir.ancestors().find(|near| near.exists()).unwrap_or(Path::new("."));
        match (dir.is_dir(), place::writable(near)) {
            (true, true) => findings.ok(thing, format!("{} is writable", dir.display())),
            (false, true) if !dir.exists() => {
                findings.missing(thing, format!("{} is not there. An update could not be published. Make the directory that is served to the public.", dir.display()));
            }
            (false, _) if dir.exists() => {
                findings.missing(
                    thing,
                    format!("{} is no directory. An update could not be published. Name a directory.", dir.display()),
                );
            }
            _ => findings.missing(
                thing,
                format!(
                    "{} is not writable for you. An update could not be published. Make it writable.",
                    near.display()
                ),
            ),
        }
    }
}

fn screen(desk: &Desk, io: &Io<'_>, findings: &mut Findings) {
    findings.ok("theme", desk.config.theme.value);
    match &desk.term {
        None => findings.missing(
            "terminal",
            "TERM is unset or dumb. The screen cannot be shown; the commands work. Set TERM to what your terminal is.",
        ),
        Some(term) => {
            findings.ok("terminal", format!("TERM is {term}"));
            // tmux may be set to call itself by any name, and over ssh only its name comes through
            if desk.tmux || term.starts_with("tmux") {
                findings.ok("tmux", "set -g focus-events on; set -g set-clipboard on; set -sg escape-time 10; set -g status-right '#(quarterdeck status --format tmux)'");
            }
        }
    }
    if let Some((columns, rows)) = size().filter(|_| io.read) {
        if columns < 80 || rows < 24 {
            let words = "Some panels are left out. Make the window at least 80×24.";
            findings.missing("size", format!("{columns}×{rows}. {words}"));
        } else {
            findings.ok("size", format!("{columns}×{rows}"));
        }
    }
}

/// Columns and rows of the terminal, where it says.
#[cfg(unix)]
fn size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some((size.ws_col, size.ws_row))
}

/// Columns and rows of the terminal: not asked here.
#[cfg(not(unix))]
fn size() -> Option<(u16, u16)> {
    None
}

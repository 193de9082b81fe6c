//! Objectives: the configured ones, and those of other tools' files as blocks for the configuration. It changes no file: what it prints is put
//! where it belongs by a person. It must not know how anything is counted.

use super::args::{Slo as Args, SloAct, SloImport};
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::{doctor, paper, promised};
use crate::config::asks::{Asks, Query, Sli, Which};
use crate::config::blocks::Slo;
use crate::config::conditions::Rule;
use crate::config::{amount, file};
use crate::exchange::openslo::{self, EXTRAS, Objective, TYPES};
use crate::incident::impact::counted;
use crate::incident::time::{HOUR, MINUTE, SECOND};
use crate::query::calendar::Window;
use crate::shell::asker::Source;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// `slo`.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: &Args) -> Result<(), Fault> {
    match &args.act {
        SloAct::List => list(desk, io),
        SloAct::Check => doctor::objectives(desk, io),
        SloAct::Import(args) => import(desk, io, args),
        SloAct::Export => export(desk, io),
    }
}

fn list(desk: &Desk, io: &mut Io<'_>) -> Result<(), Fault> {
    let slos = &desk.config.slos;
    if desk.globals.json {
        let rows: Vec<Value> = slos
            .iter()
            .map(|slo| {
                let mut row = json!({
                    "slo": slo.name,
                    "service": slo.service,
                    "from": from(slo),
                    "bad": slo.condition(),
                });
                for (key, value) in promised::data(slo, desk.now()) {
                    row[key] = value;
                }
                row
            })
            .collect();
        return paper::data(io.out, &json!({"drill": desk.drill.is_some(), "slos": rows})).map_err(Fault::from);
    }
    if slos.is_empty() {
        writeln!(io.out, "No objective is configured. Add an [[slo]] to {}.", desk.places.config_file().display())?;
    }
    for slo in slos {
        let service =
            slo.service.as_ref().map(|service| format!(" of {}", paper::line(service, 40))).unwrap_or_default();
        writeln!(
            io.out,
            "{}{service}  {}, from {}: bad is {}",
            paper::line(&slo.name, 80),
            promised::words(slo),
            paper::line(&from(slo), 120),
            paper::line(&slo.condition(), 200)
        )?;
    }
    Ok(())
}

/// What an objective is counted from, in words.
fn from(slo: &Slo) -> String {
    match &slo.asks {
        Asks::Events { path, .. } => path.display().to_string(),
        Asks::Backend { backend, .. } => backend.text.clone(),
    }
}

fn import(desk: &Desk, io: &mut Io<'_>, args: &SloImport) -> Result<(), Fault> {
    let nothing = |fault: Fault| Fault { stands: "Nothing was printed.".into(), ..fault };
    let name = if args.file.as_os_str() == "-" { "standard input".into() } else { args.file.display().to_string() };
    let text = if args.file.as_os_str() == "-" {
        bounded(&mut *io.input)
    } else {
        std::fs::File::open(&args.file).and_then(bounded)
    };
    let text = text.map_err(|error| nothing(Fault::file(&args.file, "read", &error)))?;
    let contents = openslo::read(&text).map_err(|error| {
        let what = format!("{} is no YAML: {}.", paper::line(&name, 200), paper::line(&error, 300));
        nothing(Fault::usage(what, "Correct it there."))
    })?;
    let (mut printed, mut refused, mut rows) = (Vec::new(), 0, Vec::new());
    let configured = desk.config.slos.iter().map(|slo| slo.name.as_str());
    let names: Vec<&str> = contents.found.iter().map(|found| found.name.as_str()).chain(configured).collect();
    for found in &contents.found {
        let shown = paper::line(&found.name, 80);
        let block = found.what.clone().and_then(|objective| {
            // the configuration's words name its own keys, and not where they came from
            let begins =
                |why: String| found.line.map_or(why.clone(), |line| format!("{why} (it begins in line {line})"));
            let block = block(desk, &objective, args.backend.as_deref(), &names);
            block.map_err(|against| against.into_iter().map(begins).collect())
        });
        match block {
            Ok(block) => {
                printed.push(shown);
                if desk.globals.json {
                    rows.push(json!({"slo": found.name, "block": block, "notes": found.notes}));
                    continue;
                }
                for note in &found.notes {
                    writeln!(io.out, "# {}", paper::line(note, 300))?;
                }
                writeln!(io.out, "{block}")?;
            }
            Err(against) => {
                refused += 1;
                if desk.globals.json {
                    rows.push(json!({"slo": found.name, "line": found.line, "refused": against}));
                    continue;
                }
                for why in &against {
                    writeln!(io.err, "refused {shown}: {}", paper::line(why, 300))?;
                }
            }
        }
    }
    if desk.globals.json {
        paper::data(io.out, &json!({"slos": rows, "left": contents.left}))?;
    } else {
        for left in &contents.left {
            writeln!(io.err, "not taken: {}", paper::line(left, 300))?;
        }
    }
    let blocks = printed.len();
    if refused == 0 && blocks > 0 {
        return Ok(());
    }
    let happened = match (blocks, refused) {
        (0, 0) => format!("{} holds no objective.", paper::line(&name, 200)),
        _ => format!("{} cannot be kept.", counted(refused, "objective", "objectives")),
    };
    Err(Fault {
        kind: Kind::Refused,
        happened,
        stands: match printed.as_slice() {
            [] => "No block was printed; no file was changed.".into(),
            _ => format!(
                "{} printed, of {}; no file was changed.",
                counted(blocks as u64, "block was", "blocks were"),
                printed.join(", ")
            ),
        },
        next: "Each line that begins with refused says what stands against it.".into(),
    })
}

/// All of a text, unless it is longer than any such file.
fn bounded(reader: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    if reader.take(LARGEST + 1).read_to_string(&mut text)? as u64 > LARGEST {
        let words = format!("it is longer than {} MiB", LARGEST >> 20);
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, words));
    }
    Ok(text)
}

/// The block for the configuration, read once as the configuration would be; it may speak of other objectives by these names.
fn block(desk: &Desk, objective: &Objective, backend: Option<&str>, names: &[&str]) -> Result<String, Vec<String>> {
    let text = |text: &str| toml::Value::from(text).to_string();
    let kind = TYPES.iter().find(|(known, _)| *known == objective.source).and_then(|(_, kind)| *kind);
    let mut block = format!("[[slo]]\nname = {}\n", text(&objective.name));
    let mut around = String::new();
    let extra = |key: &str| objective.extras.iter().find(|(known, _)| known == key).map(|(_, text)| text.as_str());
    if let Some(service) = &objective.service {
        block.push_str(&format!("service = {}\n", text(service)));
    }
    if let Some(kind) = kind {
        let mut known =
            desk.config.backends.iter().filter(|known| known.kind.word() == kind).map(|known| known.name.as_str());
        let name = backend.or(extra("backend")).or_else(|| known.next()).unwrap_or(kind);
        block.push_str(&format!("backend = {}\n", text(name)));
        // one like it, only to see whether the block can be read
        around.push_str(&format!(
            "[[backend]]\nname = {}\nkind = \"{kind}\"\nurl = \"http://127.0.0.1\"\ntoken = {{ env = \"TOKEN\" }}\n",
            text(name)
        ));
    }
    for (key, value) in &objective.keys {
        block.push_str(&format!("{key} = {}\n", text(value)));
    }
    let target = amount::written(objective.target_ppm);
    block.push_str(&format!("target = {}\n", text(&target)));
    match objective.window {
        Window::Rolling(length) => block.push_str(&format!("window = {}\n", text(&shorthand(length)))),
        Window::Calendar(calendar) => {
            let starts = calendar.starts().format("%Y-%m-%d %H:%M").to_string();
            let keys =
                [("window", calendar.written()), ("starts", starts), ("zone", calendar.zone().name().to_owned())];
            block.extend(keys.iter().map(|(key, value)| format!("{key} = {}\n", text(value))));
        }
    }
    if let Some(slices) = objective.slices {
        let target = amount::written(slices.target_ppm);
        let keys = [("method", "timeslices".to_owned()), ("slice", shorthand(slices.length)), ("slice-target", target)];
        block.extend(keys.iter().map(|(key, value)| format!("{key} = {}\n", text(value))));
    }
    block.extend(objective.extras.iter().filter(|(key, _)| key != "backend").map(|(key, value)| {
        let each = || value.split(", ").map(text).collect::<Vec<_>>().join(", ");
        match key.as_str() {
            "exhaustion-time" | "budget-rate" => format!("{key} = [{}]\n", each()),
            "minimum" if value.parse::<u64>().is_ok() => format!("{key} = {value}\n"),
            _ => format!("{key} = {}\n", text(value)),
        }
    }));
    if let Some(other) = extra("same-as").filter(|other| names.contains(other) && *other != objective.name) {
        let other = text(other);
        around.push_str(&format!("[[slo]]\nname = {other}\nevents = \"/\"\nbad = \"a = 1\"\ntarget = 99\n"));
    }
    let (read, troubles) = file::read(Path::new("imported"), &format!("{around}{block}"), &desk.places.home);
    if !troubles.is_empty() {
        return Err(troubles.iter().map(|trouble| format!("{}; {}", trouble.what, trouble.next)).collect());
    }
    for slo in read.blocks.slos.iter().filter(|slo| slo.name == objective.name) {
        // where it stands in the block that was made of it says nothing to anybody
        Source::new(slo, &read.blocks.backends).map_err(|why| {
            let said = why.lines().next().unwrap_or_default();
            let own = format!(": [[slo]] {}: ", slo.name);
            vec![said.split_once(&own).map_or(said, |(_, said)| said).to_owned()]
        })?;
    }
    Ok(block)
}

fn export(desk: &Desk, io: &mut Io<'_>) -> Result<(), Fault> {
    let objectives: Vec<Objective> = desk.config.slos.iter().map(objective).collect();
    let text = openslo::write(&objectives).map_err(|why| Fault::of(Kind::Tool, why))?;
    io.out.write_all(text.as_bytes())?;
    Ok(())
}

/// A configured objective in the words that are exchanged.
fn objective(slo: &Slo) -> Objective {
    let mut keys: Vec<(String, String)> = Vec::new();
    let mut add = |key: &str, text: &str| keys.push((key.to_owned(), text.to_owned()));
    let which = |which: &Which, add: &mut dyn FnMut(&str, &str)| {
        add(if which.part.is_good() { "good" } else { "bad" }, &which.part.written().text);
        if let Some(valid) = &which.valid {
            add("valid", &valid.text);
        }
    };
    let source = match &slo.asks {
        Asks::Events { path, which: told, .. } => {
            add("events", &path.display().to_string());
            which(told, &mut add);
            "events"
        }
        Asks::Backend { query: Query::Prometheus { total, part, .. }, .. } => {
            add("total", &total.text);
            add(if part.is_good() { "good" } else { "bad" }, &part.written().text);
            "Prometheus"
        }
        Asks::Backend { query: Query::Honeycomb { dataset, sli, slo, .. }, .. } => {
            add("dataset", dataset);
            match sli {
                Sli::Alias(alias) => add("sli", &alias.text),
                Sli::Theirs => {}
                Sli::Which(told) => which(told, &mut add),
            }
            if let Some(id) = slo {
                add("slo-id", id);
            }
            "Honeycomb"
        }
        Asks::Backend { query: Query::ClickHouse { table, time, weight, which: told }, .. } => {
            add("table", table);
            for (key, text) in [("time", time), ("weight", weight)] {
                if let Some(text) = text {
                    add(key, text);
                }
            }
            which(told, &mut add);
            "ClickHouse"
        }
    };
    Objective {
        name: slo.name.clone(),
        service: slo.service.clone(),
        target_ppm: slo.target_ppm,
        window: slo.window,
        slices: slo.slices,
        source: source.to_owned(),
        keys,
        extras: extras(slo),
    }
}

/// What OpenSLO has no place for, as the configuration writes it.
fn extras(slo: &Slo) -> Vec<(String, String)> {
    let list = |texts: Vec<String>| Some(texts.join(", ")).filter(|text| !text.is_empty());
    let within = slo.rules.iter().filter_map(|rule| match rule {
        Rule::ExhaustionTime(within) => Some(shorthand(within.0)),
        Rule::BudgetRate(..) => None,
    });
    let rates = slo.rules.iter().filter_map(|rule| match rule {
        Rule::BudgetRate(spent, window) => Some(format!("{}% in {}", amount::written(*spent), shorthand(window.0))),
        Rule::ExhaustionTime(_) => None,
    });
    let of = |key: &str| match key {
        "backend" => match &slo.asks {
            Asks::Backend { backend, .. } => Some(backend.text.clone()),
            Asks::Events { .. } => None,
        },
        "called" => slo.called.clone(),
        "minimum" => slo.minimum.map(|least| least.to_string()),
        "exhaustion-time" => list(within.clone().collect()),
        "budget-rate" => list(rates.clone().collect()),
        "severity" => slo.severity.map(|severity| severity.word().to_owned()),
        "freeze-below" => slo.freeze_below_ppm.map(amount::written),
        "same-as" => slo.same_as.clone(),
        "group" => slo.group.clone(),
        _ => None,
    };
    EXTRAS.iter().filter_map(|key| Some(((*key).to_owned(), of(key)?))).collect()
}

/// A length as the configuration takes it.
fn shorthand(length: i64) -> String {
    match () {
        () if length % (24 * HOUR) == 0 => format!("{}d", length / (24 * HOUR)),
        () if length % HOUR == 0 => format!("{}h", length / HOUR),
        () if length % MINUTE == 0 => format!("{}m", length / MINUTE),
        () => format!("{}s", length / SECOND),
    }
}

//! What can be stopped: looking, planning, stopping and putting back. It must not know how a switch is reached.

use super::args::{Switch, SwitchAct, SwitchChange};
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::stream::{self, Stream};
use super::{acts, marks, paper, show, which, words};
use crate::config::blocks;
use crate::config::trouble::{known_instead, shown};
use crate::incident::Incident;
use crate::incident::entry::{Number, STANDING};
use crate::incident::intent::{Act, Intended, Intent, Settled};
use crate::incident::switch::Plan;
use crate::incident::time::Span;
use crate::incident::trouble::Trouble;
use serde_json::{Value, json};

/// An own act that is taken back within this time needs no typing: the ladder's lowest rung, as on the screen.
const OWN: Span = Span::minutes(15);

/// `switch`.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: &Switch) -> Result<(), Fault> {
    match &args.act {
        SwitchAct::List => list(desk, io),
        SwitchAct::Stop(change) => stop(desk, io, change),
        SwitchAct::Restore(change) => put_back(desk, io, Act::Restore, change),
        SwitchAct::Revert(change) => put_back(desk, io, Act::Revert, change),
    }
}

/// Every stream's acts, the standing one's too.
fn acted(desk: &Desk) -> Result<Vec<Incident>, Fault> {
    let Some(journal) = desk.reading()? else { return Ok(Vec::new()) };
    let mut all = vec![Stream::read(journal, STANDING)?.incident];
    all.extend(stream::acts(journal)?);
    Ok(all)
}

fn list(desk: &Desk, io: &mut Io<'_>) -> Result<(), Fault> {
    let acted = acted(desk)?;
    let hands = desk.hands();
    let mut failed = None;
    let mut rows = Vec::new();
    if desk.config.switches.is_empty() && !desk.globals.json {
        writeln!(io.out, "No switch is configured. Add a [[switch]] to {}.", desk.places.config_file().display())?;
    }
    for (place, switch) in desk.config.switches.iter().enumerate() {
        let last = acted.iter().filter_map(|incident| incident.intents().last_on(&switch.name)).max_by_key(|i| i.at);
        let sight = hands.look(place);
        if let Err(trouble) = &sight {
            failed = Some(fault(trouble));
        }
        if desk.globals.json {
            rows.push(json!({
                "switch": switch.name,
                "target": exact(switch),
                "critical": switch.critical,
                "serves": sight.as_ref().ok().map(|sight| sight.value.as_str()),
                "variant": sight.as_ref().ok().and_then(|sight| sight.variant.as_deref()),
                "targeting": sight.as_ref().ok().map(|sight| sight.targeting),
                "trouble": sight.as_ref().err().map(Trouble::words),
                "last": last.map(show::intent_data),
            }));
            continue;
        }
        let serves = match &sight {
            Ok(sight) => paper::line(&sight.words, 200),
            Err(_) => "UNKNOWN".into(),
        };
        let critical = if switch.critical { ", critical" } else { "" };
        let last = last.map(|intent| format!("   last: {}", show::act(intent))).unwrap_or_default();
        writeln!(io.out, "{:<12} {serves}   ({}{critical}){last}", paper::line(&switch.name, 40), exact(switch))?;
    }
    if desk.globals.json {
        paper::data(io.out, &json!({"drill": desk.drill.is_some(), "switches": Value::Array(rows)}))?;
    }
    failed.map_or(Ok(()), Err)
}

/// What must be given to confirm: environment and name.
fn exact(switch: &blocks::Switch) -> String {
    match switch.environment.as_str() {
        "" => switch.name.clone(),
        environment => format!("{environment}/{}", switch.name),
    }
}

fn fault(trouble: &Trouble) -> Fault {
    let kind = match trouble {
        Trouble::Refused(_) | Trouble::Denied(_) => Kind::Refused,
        Trouble::Slowed(..) | Trouble::Unreachable(_) | Trouble::Garbled(_) | Trouble::Unsure(_) => Kind::Unsure,
    };
    Fault::of(kind, trouble.words())
}

fn find(desk: &Desk, name: &str) -> Result<(usize, blocks::Switch), Fault> {
    let switches = desk.config.switches.iter().enumerate();
    let found = switches.into_iter().find(|(_, switch)| switch.name == name || exact(switch) == name);
    found.map(|(place, switch)| (place, switch.clone())).ok_or_else(|| {
        let known = desk.config.switches.iter().map(|switch| switch.name.as_str());
        let next = match desk.config.switches.is_empty() {
            true => "Add a [[switch]] to the configuration.".into(),
            false => format!("{}.", known_instead(name, known)),
        };
        Fault {
            stands: "Nothing was sent.".into(),
            ..Fault::usage(format!("There is no switch {}.", shown(name)), next)
        }
    })
}

/// Where an act is written down.
fn place(desk: &Desk, io: &mut Io<'_>) -> Result<Number, Fault> {
    which::place(desk, io).map_err(|fault| Fault { stands: "Nothing was sent.".into(), ..fault })
}

fn stop(desk: &mut Desk, io: &mut Io<'_>, change: &SwitchChange) -> Result<(), Fault> {
    let (index, switch) = find(desk, &change.name)?;
    let plan = desk.hands().plan(index, Act::Stop, None).map_err(|trouble| fault(&trouble))?;
    let number = if change.dry_run { STANDING } else { place(desk, io)? };
    go(desk, io, change, &switch, Going { act: Act::Stop, plan, number, undoes: None, own: false })
}

fn put_back(desk: &mut Desk, io: &mut Io<'_>, act: Act, change: &SwitchChange) -> Result<(), Fault> {
    let (index, switch) = find(desk, &change.name)?;
    let streams = acted(desk)?;
    let asked = desk.globals.incident;
    let meant = streams.iter().filter(|incident| asked.is_none_or(|number| number == incident.number()));
    let stops = meant.flat_map(|incident| {
        let stops = incident.intents().to_undo().filter(|intent| intent.what.target == switch.name);
        stops.map(|intent| (incident.number(), intent.clone()))
    });
    let Some((number, undone)) = stops.max_by_key(|(_, intent)| intent.at) else {
        return Err(Fault {
            stands: "Nothing was sent.".into(),
            ..Fault::refused(
                format!("No stop of {} is recorded that could be taken back.", switch.name),
                "Set it by hand where it is kept, and record it: quarterdeck changed flag NAME --to VALUE.",
            )
        });
    };
    let put = undone.what.before.clone();
    let plan = desk.hands().plan(index, act, put.as_deref()).map_err(|trouble| fault(&trouble))?;
    let own = undone.by == desk.config.person.value && desk.now().since(undone.at) <= OWN && act == Act::Revert;
    go(desk, io, change, &switch, Going { act, plan, number, undoes: Some(undone), own })
}

/// An act that was planned.
struct Going {
    act: Act,
    plan: Plan,
    number: Number,
    /// The stop that it takes back.
    undoes: Option<Intent>,
    /// It takes back what the same person did a moment ago.
    own: bool,
}

fn go(
    desk: &mut Desk,
    io: &mut Io<'_>,
    change: &SwitchChange,
    switch: &blocks::Switch,
    going: Going,
) -> Result<(), Fault> {
    let Going { act, plan, number, undoes, own } = going;
    let exact = exact(switch);
    let preview = format!(
        "{} {exact}: serves {} now, would serve {}. {}.",
        act.word(),
        paper::line(&plan.from, 200),
        paper::line(&plan.to, 200),
        paper::line(&plan.changes, 400)
    );
    let refused = |why: String, next: String| {
        let stands = "Nothing was sent and nothing was recorded.".into();
        Err(Fault { kind: Kind::Refused, happened: why, stands, next })
    };
    if let Some(expected) = change.expect.as_deref().filter(|expected| *expected != plan.from) {
        let why = format!("{exact} serves {}, not {}.", paper::line(&plan.from, 200), shown(expected));
        return refused(why, "Look at it again and decide anew.".into());
    }
    if plan.idle || change.dry_run {
        let words = match plan.idle {
            true => format!("{exact} serves {} already. Nothing was sent.", paper::line(&plan.to, 200)),
            false => format!("{preview} Dry run: nothing was sent and nothing was recorded."),
        };
        if desk.globals.json {
            let value = json!({"target": exact, "act": act.word(), "from": plan.from, "to": plan.to, "changes": plan.changes,
                "dry_run": change.dry_run, "idle": plan.idle, "outcome": Value::Null});
            return Ok(paper::data(io.out, &value)?);
        }
        return Ok(writeln!(io.out, "{words}")?);
    }
    match change.confirm.as_deref() {
        Some(given) if given != exact => {
            let why = format!("{preview} --confirm says {}.", shown(given));
            return refused(why, format!("Write it exactly: --confirm {exact}."));
        }
        None if switch.critical && !own => {
            return refused(preview, format!("It is critical: confirm the exact target with --confirm {exact}."));
        }
        _ => {}
    }
    let why = words::short(change.reason.as_deref()).unwrap_or_default();
    let intended = Intended {
        act,
        target: switch.name.clone(),
        from: Some(plan.from),
        to: Some(plan.to),
        before: Some(plan.before),
        why,
        update: None,
        reverts: undoes.as_ref().map(|intent| intent.id),
        ..Intended::default()
    };
    let mut journal = desk.writing(true)?;
    let mut stream = Stream::read(&journal, number)?;
    let put = undoes.and_then(|intent| intent.what.before);
    let (settled, new) = acts::act(desk, io, &mut journal, &mut stream, (intended, put))?;
    let answered = answer(desk, io, &stream.incident, &new, (&exact, &settled));
    let told = paper::told(io, answered);
    marks::follow(desk, io, &mut journal, &mut stream, &new);
    told.and_then(|()| acts::judged(&settled))
}

fn answer(
    desk: &Desk,
    io: &mut Io<'_>,
    incident: &Incident,
    new: &[crate::incident::entry::Entry],
    (exact, settled): (&str, &Settled),
) -> Result<(), Fault> {
    if !desk.globals.json {
        return paper::recorded(io, false, incident, new);
    }
    let entries: Vec<Value> = new.iter().map(|entry| paper::entry_data(incident, entry)).collect();
    let number = (incident.number() != STANDING).then_some(incident.number());
    let value = json!({"target": exact, "incident": number, "outcome": settled.outcome.word(), "value": settled.value,
        "detail": settled.detail, "entries": entries});
    Ok(paper::data(io.out, &value)?)
}

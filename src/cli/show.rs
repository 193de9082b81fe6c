//! An incident on paper: what it is, what is owed, what was done outside, and its timeline. It must not write anything anywhere.

use super::args::Show;
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::stream::{self, Stream, damaged};
use super::{list, paper, which};
use crate::incident::Incident;
use crate::incident::cadence::{Due, DueKind};
use crate::incident::entry::Entry;
use crate::incident::impact::counted;
use crate::incident::intent::{Act, Intent, Intents};
use crate::incident::phase::Milestone;
use crate::incident::second::{ActAsked, Asked};
use crate::incident::switch::Share;
use crate::incident::time::Time;
use serde_json::{Value, json};
use std::io::{self, Write};

/// How many lines of the timeline are shown unless all are asked for.
const LAST: usize = 20;

/// `show`.
pub fn run(desk: &Desk, io: &mut Io<'_>, args: &Show) -> Result<(), Fault> {
    let stream = chosen(desk, io)?;
    let now = desk.now();
    // people read by when it happened, then by place, and one line for an act; data have every entry
    let told = |entry: &&Entry| desk.globals.json || stream.incident.told_by(entry).is_none();
    let mut entries: Vec<&Entry> = stream.entries.iter().filter(told).collect();
    entries.sort_by_key(|entry| (stream.incident.happened(entry), entry.seq));
    let skipped = if args.all { 0 } else { entries.len().saturating_sub(LAST) };
    let shown = entries.get(skipped..).unwrap_or_default();
    if desk.globals.json {
        // what was put back from another incident remains no more; what cannot be read there keeps nothing from being shown
        let elsewhere = desk.reading()?.map(|journal| stream::elsewhere(journal, stream.incident.number()));
        let elsewhere = elsewhere.and_then(Result::ok).unwrap_or_default();
        paper::data(io.out, &document(desk, &stream.incident, &elsewhere, shown, now))?;
    } else {
        header(io.out, desk, &stream.incident, now)?;
        if skipped > 0 {
            writeln!(io.out, "Timeline, UTC (the last {LAST} of {}; --all shows every one)", entries.len())?;
        } else {
            writeln!(io.out, "Timeline, UTC")?;
        }
        let day = shown.first().map(|entry| stream.incident.happened(entry).date());
        for entry in shown {
            paper::entry(io.out, &stream.incident, entry, day.as_deref())?;
        }
    }
    stream.damage.as_ref().map_or(Ok(()), |damage| Err(damaged(damage)))
}

/// The incident that a reading command is about; damage is no reason to show nothing.
///
/// # Errors
/// Nobody can say which; there is none of this number.
pub fn chosen(desk: &Desk, io: &mut Io<'_>) -> Result<Stream, Fault> {
    let journal = desk.reading()?;
    let number =
        which::meant(desk, io, journal).map_err(|fault| Fault { stands: "Nothing was changed.".into(), ..fault })?;
    let stream = match journal {
        Some(journal) => Stream::read(journal, number)?,
        None => Stream::default(),
    };
    if stream.entries.is_empty() && stream.damage.is_none() {
        return Err(Fault {
            kind: Kind::Usage,
            happened: format!("There is no incident {number}."),
            stands: "Nothing was changed.".into(),
            next: "quarterdeck list --all tells which there are.".into(),
        });
    }
    Ok(stream)
}

/// When it hurt, and for how long: `since 22:50, 12 min`, `22:50 to 23:02, 12 min`.
fn times(incident: &Incident, now: Time) -> Option<String> {
    let began = incident.milestones().get(Milestone::Began)?;
    let about = if began.about { "about " } else { "" };
    let from = began.at.beside(now);
    Some(match incident.impact_ended() {
        Some(ended) => {
            let length = paper::length(ended.at.since(began.at));
            format!("{about}{from} to {}, {length}", ended.at.beside(began.at))
        }
        None => format!("since {about}{from}, {}", paper::length(now.since(began.at))),
    })
}

fn header(out: &mut dyn Write, desk: &Desk, incident: &Incident, now: Time) -> io::Result<()> {
    let drill = if desk.drill.is_some() { "DRILL " } else { "" };
    let restricted = if incident.is_restricted() { " (restricted)" } else { "" };
    writeln!(
        out,
        "{drill}{} {} {}  incident {}{restricted}  {}",
        incident.severity(),
        incident.phase().word().to_uppercase(),
        paper::length(now.since(incident.phase_since())),
        incident.number(),
        paper::line(incident.title(), 400)
    )?;
    if let Some(into) = incident.folded() {
        writeln!(out, "goes on as incident {into}")?;
    }
    let (times, impact) = (times(incident, now), incident.impact());
    let said = impact.map(|(_, impact)| paper::line(&crate::incident::impact::sentence(impact), 400));
    let parts: Vec<String> = times.into_iter().chain(said).collect();
    if !parts.is_empty() {
        writeln!(out, "impact {}", parts.join(": "))?;
    }
    let roles = incident.roster().held();
    let roles: Vec<String> = roles.map(|(role, who, _)| format!("{} {}", role.word(), paper::line(who, 40))).collect();
    writeln!(out, "{}", roles.join("   "))?;
    for (kind, address) in incident.links() {
        writeln!(out, "{} {}", kind.word(), paper::line(address, 400))?;
    }
    let due = incident.due(&desk.config.rules, now);
    if !due.is_empty() {
        writeln!(out, "Owed")?;
    }
    for one in &due {
        let who = one.who.as_deref().unwrap_or("nobody yet");
        writeln!(
            out,
            "  {}  {}  {}  {}",
            one.at.beside(now),
            when(one, now),
            paper::line(&one.what, 200),
            paper::line(who, 40)
        )?;
    }
    owed(out, incident, now)?;
    let switches = switches(incident);
    if !switches.is_empty() {
        writeln!(out, "Switches")?;
    }
    for intent in switches {
        writeln!(out, "  {}", act(intent, now))?;
    }
    if incident.unknown() > 0 {
        let unknown = counted(incident.unknown().into(), "entry is", "entries are");
        writeln!(out, "{unknown} of a later version: kept, not read.")?;
    }
    Ok(())
}

/// Open tasks, questions and promises with the numbers by which they are spoken of.
fn owed(out: &mut dyn Write, incident: &Incident, now: Time) -> io::Result<()> {
    for task in incident.tasks().open() {
        let owner = task.what.owner.as_deref().unwrap_or("nobody yet");
        let undo = if task.what.undo { ", to undo" } else { "" };
        writeln!(
            out,
            "  task {}: {} ({}{undo})",
            task.number,
            paper::line(&task.what.text, 200),
            paper::line(owner, 40)
        )?;
    }
    for question in incident.questions().open() {
        let of = question.what.of.as_deref().map(|of| format!(" ({})", paper::line(of, 40))).unwrap_or_default();
        writeln!(out, "  question {}: {}{of}", question.number, paper::line(&question.what.text, 200))?;
    }
    for promise in incident.promises().open() {
        writeln!(
            out,
            "  promise {}: {} to {} by {}",
            promise.number,
            paper::line(&promise.what.what, 200),
            paper::line(&promise.what.to, 40),
            promise.what.by.beside(now)
        )?;
    }
    Ok(())
}

/// `OVERDUE 4 min` or `in 11 min`.
pub fn when(due: &Due, now: Time) -> String {
    if due.is_overdue(now) {
        format!("OVERDUE {}", paper::length(now.since(due.at)))
    } else {
        format!("in {}", paper::length(due.at.since(now)))
    }
}

/// The newest act on each switch.
fn switches(incident: &Incident) -> Vec<&Intent> {
    let all = incident.intents().all().iter().filter(|intent| intent.what.act != Act::Publish);
    all.filter(|intent| incident.intents().last_on(&intent.what.target).map(|last| last.id) == Some(intent.id))
        .collect()
}

/// An act in a line: what, who, when, how it ended.
pub fn act(intent: &Intent, now: Time) -> String {
    let to = intent.what.to.as_deref().map(|to| format!(" to {}", paper::line(to, 80))).unwrap_or_default();
    let end = match (&intent.end, &intent.seen) {
        _ if intent.came_back().is_some() => paper::line(&intent.came_back_words(now).unwrap_or_default(), 120),
        (_, Some((at, value, _))) if intent.is_half() => {
            format!("HALF DONE or changed since: seen {} {}", paper::line(value, 80), at.clock())
        }
        (_, Some((at, value, _))) => format!("seen {} {}", paper::line(value, 80), at.clock()),
        (Some(end), None) => format!("{} {}", end.outcome.word(), end.at.clock()),
        (None, None) => match intent.awaited_until(now) {
            Some(until) => format!("no answer yet, waited for until {}", until.clock()),
            None => "UNSURE: it has no outcome".into(),
        },
    };
    format!(
        "{} {}{to}  {} {}  {end}",
        intent.what.act.word(),
        paper::line(&intent.what.target, 80),
        paper::line(&intent.by, 40),
        intent.at.clock()
    )
}

fn document(desk: &Desk, incident: &Incident, elsewhere: &Intents, entries: &[&Entry], now: Time) -> Value {
    let mut document = list::headline(desk, incident);
    let roles: Vec<Value> = incident
        .roster()
        .held()
        .map(|(role, who, since)| json!({"role": role.word(), "who": who, "since": since.iso()}))
        .collect();
    let due: Vec<Value> = incident.due(&desk.config.rules, now).iter().map(|one| due_data(one, now)).collect();
    let milestones = incident.milestones().all();
    let milestones: Vec<Value> = milestones
        .map(|(milestone, dated)| json!({"milestone": milestone.word(), "at": dated.at.iso(), "about": dated.about, "from": dated.from}))
        .collect();
    let tasks: Vec<Value> = incident
        .tasks()
        .all()
        .iter()
        .map(|task| json!({"task": task.number, "text": task.what.text, "owner": task.what.owner, "open": task.is_open(), "due": paper::iso_or_null(task.what.due), "goal": task.what.goal}))
        .collect();
    let questions: Vec<Value> = incident
        .questions()
        .all()
        .iter()
        .map(|question| json!({"question": question.number, "text": question.what.text, "of": question.what.of, "open": question.answer.is_none(), "answer": question.answer.as_ref().map(|(_, text)| text)}))
        .collect();
    let promises: Vec<Value> = incident
        .promises()
        .all()
        .iter()
        .map(|promise| json!({"promise": promise.number, "what": promise.what.what, "to": promise.what.to, "by": promise.what.by.iso(), "state": incident.promises().state(promise, now).word()}))
        .collect();
    let switches: Vec<Value> = switches(incident).into_iter().map(intent_data).collect();
    if let Some(fields) = document.as_object_mut() {
        fields.insert("title".into(), json!(incident.title()));
        fields.insert("as_of".into(), json!(now.iso()));
        fields.insert("goals".into(), json!(incident.goals()));
        fields.insert(
            "impact".into(),
            incident.impact().map_or(
                Value::Null,
                |(at, impact)| json!({"at": at.iso(), "text": crate::incident::impact::sentence(impact)}),
            ),
        );
        for (key, values) in [
            ("roles", roles),
            ("due", due),
            ("milestones", milestones),
            ("tasks", tasks),
            ("questions", questions),
            ("promises", promises),
            ("switches", switches),
            ("remains", incident.remains(elsewhere).into_iter().map(Value::String).collect()),
            ("entries", entries.iter().map(|entry| paper::entry_data(incident, entry)).collect()),
        ] {
            fields.insert(key.into(), Value::Array(values));
        }
    }
    document
}

/// What is owed, as data.
pub fn due_data(due: &Due, now: Time) -> Value {
    json!({"kind": kind(due.kind), "what": due.what, "at": due.at.iso(), "overdue": due.is_overdue(now), "who": due.who})
}

/// The word for a kind of debt; says nothing about the incident.
pub fn kind(kind: DueKind) -> &'static str {
    match kind {
        DueKind::CheckIn => "check-in",
        DueKind::PublicUpdate => "public update",
        DueKind::InternalUpdate => "internal update",
        DueKind::Promise => "promise",
        DueKind::Task => "task",
    }
}

/// An act, as data.
pub fn intent_data(intent: &Intent) -> Value {
    json!({
        "entry": intent.id.to_string(),
        "act": intent.what.act.word(),
        "target": intent.what.target,
        "from": intent.what.from,
        "to": intent.what.to,
        "why": intent.what.why,
        "by": intent.by,
        "at": intent.at.iso(),
        "until": paper::iso_or_null(intent.until()),
        "outcome": intent.end.as_ref().map(|end| end.outcome.word()),
        "detail": intent.end.as_ref().map(|end| end.detail.as_str()),
        "half_done": intent.is_half(),
        "settled": paper::iso_or_null(intent.end.as_ref().map(|end| end.at)),
    })
}

/// What waits for a second person, as data.
pub fn asked_data(asked: &Asked) -> Value {
    let what = &asked.what;
    let other = |one: &ActAsked| json!({"act": one.act.word(), "target": one.target, "from": one.from, "to": one.to});
    json!({
        "entry": asked.id.to_string(),
        "act": what.act.word(),
        "target": what.target,
        "plan": what.plan,
        "others": what.others.iter().map(other).collect::<Vec<_>>(),
        "whom": what.whom.as_ref().map(ToString::to_string),
        "share_milli": what.share.map(Share::milli),
        "from": what.from,
        "to": what.to,
        "why": what.why,
        "by": asked.by,
        "at": asked.at.iso(),
        "until": paper::iso_or_null(what.until),
        "expect_max": what.expect_max,
        "expect_by": paper::iso_or_null(what.expect_by),
        "expect_of": what.expect_of,
        "expires": what.expires.iso(),
    })
}

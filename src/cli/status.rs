//! One line about what is open, what releases are held, and what is owed for what was done with no incident open: for a prompt, for tmux, or
//! sentences to say aloud. A restricted incident shows only its number, and no hold says why: it may tell what such an incident is about. It must
//! not write anything anywhere.

use super::args::{Status, StatusForm};
use super::desk::{Desk, Io};
use super::fault::Fault;
use super::stream::{Stream, damaged};
use super::{list, paper, show, which};
use crate::incident::Incident;
use crate::incident::cadence::Due;
use crate::incident::entry::STANDING;
use crate::incident::hold::{Hold, until_words};
use crate::incident::impact::counted;
use crate::incident::second::Asked;
use crate::incident::standing::Standing;
use crate::incident::task::Task;
use crate::incident::time::Time;
use serde_json::{Value, json};

/// `status`.
pub fn run(desk: &Desk, io: &mut Io<'_>, args: &Status) -> Result<(), Fault> {
    let now = desk.now();
    let mut open: Vec<Incident> = Vec::new();
    let mut standing = Stream::default();
    let mut damage = None;
    if let Some(journal) = desk.reading()? {
        standing = Stream::read(journal, STANDING)?;
        damage.clone_from(&standing.damage);
        for incident in which::open(journal)? {
            if desk.globals.incident.is_none_or(|asked| asked == incident.number()) {
                let stream = Stream::read(journal, incident.number())?;
                damage = damage.or(stream.damage);
                open.push(stream.incident);
            }
        }
    }
    // what comes behind a damage may be anything: it is told beside what is known, and is the end of it
    let is_whole = standing.damage.is_none();
    let standing = standing.standing;
    open.sort_by_key(|incident| (incident.severity(), incident.number()));
    let held: Vec<&Hold> = standing.holds().standing(now).collect();
    let owed: Vec<&Task> = standing.tasks().open().collect();
    // what waits in a restricted incident may tell what that is about
    let told = open.iter().filter(|incident| !incident.is_restricted());
    let waits = told.map(Incident::seconds).chain([standing.seconds()]).flat_map(|seconds| seconds.open(now));
    let waits: Vec<&Asked> = waits.collect();
    let drill = if desk.drill.is_some() { "DRILL " } else { "" };
    match if desk.globals.json { StatusForm::Json } else { args.format } {
        StatusForm::Json => {
            let open: Vec<Value> = open.iter().map(|incident| data(desk, incident, now)).collect();
            let frozen: Vec<Value> = held.iter().map(|hold| frozen_data(&standing, hold, now)).collect();
            let owed: Vec<Value> = owed.iter().map(|task| owed_data(task)).collect();
            let waits: Vec<Value> = waits.iter().map(|asked| waits_data(asked)).collect();
            let all = json!({"drill": desk.drill.is_some(), "as_of": now.iso(), "open": open, "frozen": frozen,
                "waits": waits, "reviews_owed": owed, "damaged": damage.as_ref().map(ToString::to_string)});
            paper::data(io.out, &all)?;
        }
        StatusForm::Line => {
            if open.is_empty() {
                writeln!(io.out, "{drill}no open incident")?;
            }
            for incident in &open {
                writeln!(io.out, "{drill}{}", line(desk, incident, now, 72))?;
            }
            for hold in &held {
                let until = until_words(hold.what.until, now);
                let asked = asked(&standing, hold, now);
                let asked = asked.map(|(who, until)| format!("; {who} asks to lift it: a second person until {until}"));
                let asked = asked.unwrap_or_default();
                let at = hold.at.beside(now);
                writeln!(io.out, "{drill}{} FROZEN by {} {at}{until}{asked}", place(hold), by(hold))?;
            }
            for asked in &waits {
                let (by, wish, until) = waiting(asked, now);
                writeln!(io.out, "{drill}{by} asks {wish}: it needs a second person, until {until}")?;
            }
            for task in &owed {
                let text = paper::line(&task.what.text, 200);
                writeln!(io.out, "{drill}REVIEW OWED by {} {}: {text}", owner(task), task.opened.beside(now))?;
            }
            if !is_whole {
                writeln!(io.out, "{drill}NOT KNOWN what else is frozen or owed: the journal is damaged")?;
            }
        }
        StatusForm::Tmux => {
            let mut lines: Vec<String> = open.iter().map(|incident| line(desk, incident, now, 40)).collect();
            match held.as_slice() {
                [] => {}
                [one] => lines.push(format!("{} FROZEN", place(one))),
                several => lines.push(format!("FROZEN by {} holds", several.len())),
            }
            if !owed.is_empty() {
                lines.push(format!("{} OWED", counted(owed.len() as u64, "REVIEW", "REVIEWS")));
            }
            if damage.is_some() {
                lines.push("JOURNAL DAMAGED".into());
            }
            if !lines.is_empty() {
                // tmux would read `#` as a style and `%` as a time
                write!(io.out, "{drill}{}", lines.join(" | ").replace(['#', '%'], ""))?;
            }
        }
        StatusForm::Say => {
            if desk.drill.is_some() {
                writeln!(io.out, "This is a drill.")?;
            }
            match (open.is_empty(), &damage) {
                (true, None) => writeln!(io.out, "Nothing is wrong that we know of: no incident is open.")?,
                (true, Some(_)) => writeln!(io.out, "No incident is known to be open.")?,
                (false, _) => {}
            }
            for incident in &open {
                writeln!(io.out, "{}", aloud(desk, incident, now))?;
            }
            for hold in &held {
                let what = match hold.what.scope.as_str() {
                    "*" => "All releases are frozen".to_owned(),
                    scope => format!("Releases to {} are frozen", paper::line(scope, 40)),
                };
                let until = until_words(hold.what.until, now);
                writeln!(io.out, "{what} by {} since {} UTC{until}.", by(hold), hold.at.beside(now))?;
                if let Some((who, until)) = asked(&standing, hold, now) {
                    writeln!(io.out, "{who} asks to lift that; somebody else has to agree until {until} UTC.")?;
                }
            }
            for asked in &waits {
                let (by, wish, until) = waiting(asked, now);
                writeln!(io.out, "{by} asks {wish}; somebody else has to agree until {until} UTC.")?;
            }
            for task in &owed {
                let text = paper::line(&task.what.text, 200);
                writeln!(io.out, "{} owes this since {} UTC: {text}.", owner(task), task.opened.beside(now))?;
            }
            if !is_whole {
                writeln!(io.out, "The journal is damaged: what else is frozen is not known.")?;
            }
        }
    }
    damage.as_ref().map_or(Ok(()), |damage| Err(damaged(damage)))
}

/// What is held, as it is said aloud where deployers look: `PROD`.
fn place(hold: &Hold) -> String {
    if hold.what.scope == "*" { "ALL".into() } else { paper::line(&hold.what.scope, 40).to_uppercase() }
}

fn by(hold: &Hold) -> String {
    paper::line(&hold.by, 40)
}

fn owner(task: &Task) -> String {
    paper::line(task.what.owner.as_deref().unwrap_or("Nobody"), 40)
}

/// Who asks for what that needs a second person, and until when somebody may agree.
fn waiting(asked: &Asked, now: Time) -> (String, String, String) {
    let (draft, called) = (asked.what.draft(), paper::line(&asked.what.called(), 200));
    let wish = format!("{} {called}{}", draft.wish(), draft.besides(now));
    (paper::line(&asked.by, 40), wish, asked.what.expires.beside(now))
}

fn waits_data(asked: &Asked) -> Value {
    json!({"what": asked.what.called(), "plan": asked.what.plan, "by": asked.by, "at": asked.at.iso(),
        "expires": asked.what.expires.iso()})
}

fn owed_data(task: &Task) -> Value {
    json!({"review": task.number, "by": task.what.owner, "at": task.opened.iso(), "what": task.what.text})
}

/// Who asks to lift a hold, and until when somebody else may agree.
fn asked(standing: &Standing, hold: &Hold, now: Time) -> Option<(String, String)> {
    let asked = standing.lifts().open(now).filter(|asked| asked.what.hold == hold.id).last()?;
    Some((paper::line(&asked.by, 40), asked.what.expires.beside(now)))
}

fn frozen_data(standing: &Standing, hold: &Hold, now: Time) -> Value {
    json!({"hold": hold.called(), "scope": hold.what.scope, "by": hold.by, "at": hold.at.iso(),
        "until": paper::iso_or_null(hold.what.until), "lift_asked_by": asked(standing, hold, now).map(|(who, _)| who)})
}

/// What is due next, the overdue first.
fn next(desk: &Desk, incident: &Incident, now: Time) -> Option<Due> {
    incident.due(&desk.config.rules, now).into_iter().next()
}

fn line(desk: &Desk, incident: &Incident, now: Time, width: usize) -> String {
    let what = match incident.is_restricted() {
        true => format!("incident {}", incident.number()),
        false => format!("{} {}", incident.number(), paper::line(incident.title(), width)),
    };
    let due = next(desk, incident, now).map(|due| format!("  {} {}", show::kind(due.kind), show::when(&due, now)));
    format!(
        "{} {} {}  {what}{}",
        incident.severity(),
        incident.phase().word().to_uppercase(),
        paper::length(now.since(incident.phase_since())),
        due.unwrap_or_default()
    )
}

/// Three sentences for somebody who walks in.
fn aloud(desk: &Desk, incident: &Incident, now: Time) -> String {
    let restricted = incident.is_restricted();
    let number = incident.number();
    let phase = incident.phase().word();
    let since = paper::length(now.since(incident.phase_since()));
    let what = if restricted {
        format!("Incident {number} is {} and has been {phase} for {since}.", incident.severity())
    } else {
        let title = paper::line(incident.title(), 200);
        format!("Incident {number}, {title}, is {} and has been {phase} for {since}.", incident.severity())
    };
    let harm = match incident.impact().filter(|_| !restricted) {
        Some((_, impact)) => format!("Impact: {}.", paper::line(&crate::incident::impact::sentence(impact), 200)),
        None if restricted => "Nothing more is said about it here.".into(),
        None => "The impact has not been stated yet.".into(),
    };
    let commander = incident.commander().map_or("Nobody", |(who, _)| who);
    let commander = if restricted { "Somebody".into() } else { paper::line(commander, 40) };
    let due = match next(desk, incident, now) {
        Some(due) if due.is_overdue(now) => {
            let kind = show::kind(due.kind);
            let a = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            format!("{a} {kind} has been due since {} UTC", due.at.clock_minutes())
        }
        Some(due) => format!("the next {} is due at {} UTC", show::kind(due.kind), due.at.clock_minutes()),
        None => "nothing is due".into(),
    };
    format!("{what} {harm} {commander} commands; {due}.")
}

fn data(desk: &Desk, incident: &Incident, now: Time) -> Value {
    let mut value = list::headline(desk, incident);
    if incident.is_restricted()
        && let Some(fields) = value.as_object_mut()
    {
        fields.insert("commander".into(), Value::Null);
    }
    let due = next(desk, incident, now)
        .map(|due| json!({"kind": show::kind(due.kind), "at": due.at.iso(), "overdue": due.is_overdue(now)}));
    if let Some(fields) = value.as_object_mut() {
        fields.insert("next_due".into(), due.unwrap_or(Value::Null));
    }
    value
}

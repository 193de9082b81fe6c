//! What stands: holds with what waits for a second person, passes, and the reviews that are owed. It must not write anything anywhere.

use super::super::desk::{Desk, Io};
use super::super::fault::Fault;
use super::super::{gate, paper};
use super::lift;
use crate::incident::hold::{Hold, Pass};
use crate::incident::standing::Standing;
use crate::incident::task::Task;
use crate::incident::time::Time;
use serde_json::{Value, json};

/// `freeze list`.
pub fn list(desk: &Desk, io: &mut Io<'_>) -> Result<(), Fault> {
    let stream = gate::standing(desk)?;
    let (holds, now) = (stream.standing.holds(), desk.now());
    if desk.globals.json {
        let owed = holds.owing().map(hold_data).collect();
        let rows: [(&str, Vec<Value>); 4] = [
            ("acts_owed", owed_alone(&stream.standing).map(task_data).collect()),
            ("holds", holds.standing(now).map(|hold| waiting_data(&stream.standing, hold, now)).collect()),
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
        let asked = stream.standing.lifts().open(now).filter(|asked| asked.what.hold == hold.id);
        for asked in asked {
            writeln!(io.out, "{:<10} {}", "", lift::waits_words(hold, asked, now))?;
        }
        nothing = false;
    }
    if nothing {
        writeln!(io.out, "Nothing is frozen.")?;
    }
    for pass in holds.passing(now) {
        writeln!(io.out, "{}", line(pass.called(), &pass.words(), ""))?;
    }
    for hold in holds.owing() {
        let asked = hold.asked_by.iter().map(|by| format!(", asked for by {by}")).collect::<String>();
        let lifted = hold.lifted.as_ref().map(|lifted| format!("lifted by {}{asked}: {}", lifted.by, lifted.why));
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

fn hold_data(hold: &Hold) -> Value {
    json!({
        "hold": hold.number, "name": hold.what.name, "scope": hold.what.scope, "why": hold.what.why, "by": hold.by,
        "at": hold.at.iso(), "until": paper::iso_or_null(hold.what.until), "needs_review": hold.asks_review(),
        "cause": hold.what.cause_words(), "incident": hold.what.incident,
        "lifted": paper::iso_or_null(hold.lifted.as_ref().map(|lifted| lifted.at)),
        "lifted_by": hold.lifted.as_ref().map(|lifted| lifted.by.as_str()), "lift_asked_by": hold.asked_by,
    })
}

/// A hold that stands, with the lifts that wait for a second person.
fn waiting_data(standing: &Standing, hold: &Hold, now: Time) -> Value {
    let asked = standing.lifts().open(now).filter(|asked| asked.what.hold == hold.id);
    let asked = asked.map(|asked| {
        json!({
            "entry": asked.id.to_string(), "by": asked.by, "at": asked.at.iso(), "why": asked.what.why,
            "review": asked.what.review, "without_review": asked.what.glass, "expires": asked.what.expires.iso(),
        })
    });
    let asked: Vec<Value> = asked.collect();
    let mut value = hold_data(hold);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("asked".into(), Value::Array(asked));
    }
    value
}

fn pass_data(pass: &Pass) -> Value {
    json!({
        "pass": pass.number, "scope": pass.what.scope, "ref": pass.what.reference, "why": pass.what.why, "by": pass.by,
        "at": pass.at.iso(), "until": paper::iso_or_null(pass.what.until), "incident": pass.what.incident,
        "holds": pass.through.as_ref().map(|all| all.iter().map(|(_, number)| *number).collect::<Vec<_>>()),
    })
}

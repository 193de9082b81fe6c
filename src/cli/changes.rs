//! What the configured sources say to have changed: as it happened, or for one incident in the order of the screen, what most likely did this
//! first. It must not write anything anywhere: the screen of an open incident records.

use super::args::say::{Changes as Args, ChangesAct, ChangesList};
use super::desk::{Desk, Io, no_moment};
use super::fault::{Fault, Kind};
use super::paper;
use super::show;
use super::stream::{self, Stream};
use crate::app::changes::ChangesAsk;
use crate::config::changes::ChangeSource;
use crate::incident::Incident;
use crate::incident::change::suspect::{Away, Beginning, LOOK_BACK};
use crate::incident::change::{Reach, Reported, Told};
use crate::incident::entry::STANDING;
use crate::incident::impact::counted;
use crate::incident::intent::Intents;
use crate::incident::said::{self, Lean};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::shell::changes::Source;
use serde_json::{Value, json};

/// `changes`.
pub fn run(desk: &Desk, io: &mut Io<'_>, args: &Args) -> Result<(), Fault> {
    match &args.act {
        ChangesAct::List(args) => list(desk, io, args),
    }
}

/// What one source says about the time since a moment; of more than it can tell, what is nearest to the other moment.
///
/// # Errors
/// It cannot be asked, or nobody answered.
pub fn told(desk: &Desk, source: &ChangeSource, since: Time, near: Time) -> Result<Told, Trouble> {
    let refused = |why: String| Trouble::Refused(format!("{why}. Nobody was asked. Correct the configuration."));
    let mut asked = Source::new(source, &desk.config.backends).map_err(refused)?;
    let now = desk.now();
    asked.answer(&ChangesAsk::of(Reach { from: since, began: near, until: None }, (0, 0), STANDING, now))
}

fn list(desk: &Desk, io: &mut Io<'_>, args: &ChangesList) -> Result<(), Fault> {
    let incident = match desk.globals.incident {
        Some(_) => show::chosen(desk, io)?.incident,
        None => Incident::default(),
    };
    let began = incident.beginning();
    let near = began.map_or(desk.now(), |began| began.at);
    let since = match &args.since {
        Some(text) => said::moment(text, desk.now(), Lean::Past).ok_or_else(|| no_moment(text))?,
        None => near.minus(LOOK_BACK),
    };
    let mut rules = desk.config.rules.clone();
    if let Some(journal) = desk.reading()?.filter(|_| !rules.files.is_empty()) {
        let acts = [vec![Stream::read(journal, STANDING)?.incident], stream::acts(journal)?].concat();
        rules.elsewhere = Intents::together(acts.iter().map(Incident::intents));
    }
    let (mut all, mut rows, mut failed) = (Vec::new(), Vec::new(), 0_u64);
    for source in &desk.config.changes {
        match told(desk, source, since, near) {
            Ok(mut told) => {
                // whose writing of a file it was is known here, not there
                told.changes.retain(|one| !incident.knows_writing(one, &rules));
                rows.push(json!({"source": source.name, "ok": true, "changes": told.changes.len(), "left_out": told.more, "doubts": told.doubts}));
                if !desk.globals.json {
                    if told.more > 0 {
                        let more = counted(told.more as u64, "older change is", "older changes are");
                        writeln!(io.err, "{}: {more} left out", paper::line(&source.name, 40))?;
                    }
                    for doubt in &told.doubts {
                        writeln!(io.err, "{}: {}", paper::line(&source.name, 40), paper::line(doubt, 300))?;
                    }
                }
                all.extend(told.changes);
            }
            Err(trouble) => {
                failed += 1;
                rows.push(json!({"source": source.name, "ok": false, "words": trouble.words()}));
                if !desk.globals.json {
                    let words = paper::line(trouble.words(), 1_000);
                    writeln!(io.err, "{}: {words}", paper::line(&source.name, 40))?;
                }
            }
        }
    }
    // what was run, or found at a switch, while no incident was open
    if let Some(journal) = desk.reading()? {
        let stream = Stream::read(journal, STANDING)?;
        let now = desk.now();
        all.extend(stream.standing.alone().all().filter(|one| one.at >= since && one.at <= now).cloned());
    }
    all.sort();
    if let Some(began) = &began {
        all.sort_by_key(|one| began.order(one.at, one.within > Span(0)));
    }
    if desk.globals.json {
        let changes: Vec<Value> = all.iter().map(row).collect();
        paper::data(
            io.out,
            &json!({"drill": desk.drill.is_some(), "since": paper::iso(since), "began": paper::iso_or_null(began.map(|began| began.at)), "changes": changes, "sources": rows}),
        )?;
    } else {
        say(desk, io, &all, since, began.as_ref())?;
    }
    if failed == 0 {
        return Ok(());
    }
    Err(Fault {
        kind: Kind::Unsure,
        happened: format!("{} did not answer.", counted(failed, "source", "sources")),
        stands: "What the others said is above; nothing was recorded.".into(),
        next: "See what each of them says, or run quarterdeck doctor.".into(),
    })
}

fn say(desk: &Desk, io: &mut Io<'_>, all: &[Reported], since: Time, began: Option<&Beginning>) -> Result<(), Fault> {
    if desk.config.changes.is_empty() && all.is_empty() {
        let file = desk.places.config_file();
        writeln!(io.out, "No source of changes is configured. Add a [[changes]] to {}.", file.display())?;
        return Ok(());
    }
    if all.is_empty() {
        writeln!(io.out, "Nothing is said to have changed since {} {} UTC.", since.date(), since.clock_minutes())?;
    }
    for one in all {
        let about = if one.within > Span(0) { "about " } else { "" };
        let by = one.change.by.as_ref().map(|by| format!(", by {}", paper::line(by, 60))).unwrap_or_default();
        let source = paper::line(one.change.source.as_deref().unwrap_or_default(), 40);
        let words = paper::line(&one.change.words(), 300);
        let away = began.map(|began| format!("{}  ", away(began, one.at))).unwrap_or_default();
        writeln!(io.out, "{about}{} {}  {away}{words}{by}  from {source}", one.at.date(), one.at.clock())?;
    }
    Ok(())
}

/// `12 min before it began`.
fn away(began: &Beginning, at: Time) -> String {
    let words = began.words();
    match began.away(at) {
        Away::Before(length) => format!("{} before {words}", paper::length(length)),
        Away::Then => format!("as {words}"),
        Away::After(length) => format!("{} after {words}", paper::length(length)),
    }
}

fn row(one: &Reported) -> Value {
    json!({
        "at": paper::iso(one.at),
        "about": one.within > Span(0),
        "until": paper::iso_or_null(one.until),
        "what": one.change.what,
        "subject": one.change.subject,
        "from": one.change.from,
        "to": one.change.to,
        "by": one.change.by,
        "source": one.change.source,
    })
}

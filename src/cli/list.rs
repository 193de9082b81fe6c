//! The incidents of a journal in a table. It must not write anything anywhere.

use super::args::List;
use super::desk::{Desk, Io};
use super::fault::Fault;
use super::{paper, stream};
use crate::incident::Incident;
use crate::incident::time::Time;
use serde_json::{Value, json};

/// `list`: every incident by number, or only the open ones.
pub fn run(desk: &Desk, io: &mut Io<'_>, args: &List) -> Result<(), Fault> {
    let all = desk.reading()?.map(stream::headlines).transpose()?.unwrap_or_default();
    let shown: Vec<&Incident> = all.iter().filter(|incident| args.all || incident.is_open()).collect();
    if desk.globals.json {
        let incidents: Vec<Value> = shown.iter().map(|incident| headline(desk, incident)).collect();
        return Ok(paper::data(io.out, &json!({"drill": desk.drill.is_some(), "incidents": incidents}))?);
    }
    if shown.is_empty() {
        let closed = all.len();
        let rest = if closed > 0 { format!(" {closed} closed: quarterdeck list --all.") } else { String::new() };
        writeln!(io.out, "No incident is open.{rest} Declare one: quarterdeck declare TITLE -s sev1.")?;
        return Ok(());
    }
    let drill = if desk.drill.is_some() { "DRILL " } else { "" };
    for incident in shown {
        writeln!(io.out, "{drill}{}", row(incident, desk.now()))?;
    }
    Ok(())
}

fn row(incident: &Incident, now: Time) -> String {
    let age = incident.opened().map(|opened| paper::length(now.since(opened.at))).unwrap_or_default();
    let commander = incident.commander().map_or("nobody", |(who, _)| who);
    let title = if incident.is_restricted() { "restricted".into() } else { paper::line(incident.title(), 120) };
    let folded = incident.folded().map(|into| format!(" (goes on as {into})")).unwrap_or_default();
    format!(
        "{:>5}  {}  {:<13} {age:>12}  {:<12} {title}{folded}",
        incident.number(),
        incident.severity(),
        incident.phase().word(),
        paper::line(commander, 24),
    )
}

/// What a list says about an incident, as data; the title of a restricted one is null.
pub fn headline(desk: &Desk, incident: &Incident) -> Value {
    let title = (!incident.is_restricted()).then(|| incident.title());
    json!({
        "incident": incident.number(),
        "title": title,
        "restricted": incident.is_restricted(),
        "severity": incident.severity().word(),
        "phase": incident.phase().word(),
        "phase_since": incident.phase_since().iso(),
        "open": incident.is_open(),
        "declared": paper::iso_or_null(incident.opened().map(|opened| opened.at)),
        "age_s": incident.opened().map(|opened| desk.now().since(opened.at).as_seconds()),
        "commander": incident.commander().map(|(who, _)| who),
        "folded_into": incident.folded(),
        "drill": desk.drill.is_some(),
    })
}

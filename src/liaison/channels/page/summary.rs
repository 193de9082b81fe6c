//! `summary.json`: the page for programs, near the shape of Statuspage's public `/api/v2/summary.json`, and our memory of
//! what was published. It must not know of files.
//!
//! As there, `incidents` holds what is open. What is over stands in `past_incidents`, an addition of ours, as are
//! `generator`, `drill` and `next_update_by`.

use super::{Page, PageIncident, PageUpdate, harmless};
use crate::incident::phase::Phase;
use crate::incident::severity::Severity;
use crate::incident::time::Time;
use crate::liaison::clean::clean;
use serde::{Deserialize, Serialize};

/// The file's name.
pub(super) const NAME: &str = "summary.json";
const GENERATOR: &str = "quarterdeck";

/// Why a `summary.json` cannot be continued.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Somebody else wrote it.
    NotOurs,
    /// It cannot be read, for this reason.
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct Wire {
    generator: String,
    drill: bool,
    page: About,
    status: Status,
    #[serde(default)]
    components: Vec<()>,
    incidents: Vec<WireIncident>,
    #[serde(default)]
    scheduled_maintenances: Vec<()>,
    past_incidents: Vec<WireIncident>,
}

#[derive(Serialize, Deserialize)]
struct About {
    id: String,
    name: String,
    url: String,
    time_zone: String,
    updated_at: String,
}

#[derive(Serialize, Deserialize)]
struct Status {
    indicator: String,
    description: String,
}

#[derive(Serialize, Deserialize)]
struct WireIncident {
    id: String,
    name: String,
    status: String,
    impact: String,
    created_at: Option<String>,
    updated_at: Option<String>,
    resolved_at: Option<String>,
    next_update_by: Option<String>,
    incident_updates: Vec<WireUpdate>,
}

#[derive(Serialize, Deserialize)]
struct WireUpdate {
    id: String,
    incident_id: String,
    status: String,
    body: String,
    created_at: String,
}

/// Statuspage's word for how bad it is.
pub(super) fn impact(severity: Severity) -> &'static str {
    match severity {
        Severity::Sev1 => "critical",
        Severity::Sev2 => "major",
        Severity::Sev3 => "minor",
        Severity::Sev4 => "none",
    }
}

/// The worst of what is open, as Statuspage's indicator and as words.
pub(super) fn status(page: &Page) -> (&'static str, String) {
    match page.incidents.iter().filter(|i| !i.is_past()).min_by_key(|i| i.severity) {
        None => ("none", "No incident is open".to_owned()),
        Some(worst) => {
            let what = match worst.severity {
                Severity::Sev1 => "Critical incident",
                Severity::Sev2 => "Major incident",
                Severity::Sev3 => "Minor incident",
                Severity::Sev4 => "Incident without impact",
            };
            (impact(worst.severity), format!("{what}: {}", worst.phase.public_word()))
        }
    }
}

/// The page as JSON.
pub(super) fn write(page: &Page) -> String {
    let (indicator, description) = status(page);
    let (past, open): (Vec<_>, Vec<_>) = page.incidents.iter().partition(|i| i.is_past());
    let wire = Wire {
        generator: GENERATOR.to_owned(),
        drill: page.drill,
        page: About {
            id: GENERATOR.to_owned(),
            name: page.title.clone(),
            url: String::new(),
            time_zone: "Etc/UTC".to_owned(),
            updated_at: page.generated.iso(),
        },
        status: Status { indicator: indicator.to_owned(), description },
        components: Vec::new(),
        incidents: open.into_iter().map(to_wire).collect(),
        scheduled_maintenances: Vec::new(),
        past_incidents: past.into_iter().map(to_wire).collect(),
    };
    // Strings, booleans and lists of them: there is nothing that could not be written.
    let mut text = serde_json::to_string_pretty(&wire).unwrap_or_default();
    text.push('\n');
    text
}

fn to_wire(incident: &PageIncident) -> WireIncident {
    let update = |u: &PageUpdate| WireUpdate {
        id: u.id.clone(),
        incident_id: incident.id.clone(),
        status: u.phase.public_word().to_owned(),
        body: u.text.clone(),
        created_at: u.at.iso(),
    };
    WireIncident {
        id: incident.id.clone(),
        name: incident.title.clone(),
        status: incident.phase.public_word().to_owned(),
        impact: impact(incident.severity).to_owned(),
        created_at: incident.first().map(Time::iso),
        updated_at: incident.last().map(Time::iso),
        resolved_at: incident.last().filter(|_| incident.is_past()).map(Time::iso),
        next_update_by: incident.next.map(Time::iso),
        incident_updates: incident.updates.iter().map(update).collect(),
    }
}

/// Reads what [`write()`] wrote; texts are made harmless again, because anybody may have edited the file.
pub(super) fn read(text: &str) -> Result<Page, Fault> {
    #[derive(Deserialize)]
    struct Mark {
        generator: Option<String>,
    }
    let damaged = |e: serde_json::Error| Fault::Damaged(clean(&e.to_string(), 120).into_owned());
    let mark: Mark = serde_json::from_str(text).map_err(damaged)?;
    if mark.generator.as_deref() != Some(GENERATOR) {
        return Err(Fault::NotOurs);
    }
    let wire: Wire = serde_json::from_str(text).map_err(damaged)?;
    let incidents = wire.incidents.into_iter().chain(wire.past_incidents).map(from_wire).collect::<Result<_, _>>()?;
    Ok(Page {
        title: clean(&wire.page.name, 120).into_owned(),
        drill: wire.drill,
        generated: time(&wire.page.updated_at)?,
        incidents,
    })
}

fn from_wire(wire: WireIncident) -> Result<PageIncident, Fault> {
    let update =
        |u: WireUpdate| Ok(PageUpdate { id: u.id, at: time(&u.created_at)?, phase: phase(&u.status)?, text: u.body });
    let severity = Severity::ALL.into_iter().find(|s| impact(*s) == wire.impact);
    let incident = PageIncident {
        id: wire.id,
        title: wire.name,
        severity: severity.ok_or_else(|| unknown("impact", &wire.impact))?,
        phase: phase(&wire.status)?,
        updates: wire.incident_updates.into_iter().map(update).collect::<Result<_, Fault>>()?,
        next: wire.next_update_by.as_deref().map(time).transpose()?,
    };
    Ok(harmless(&incident))
}

fn phase(word: &str) -> Result<Phase, Fault> {
    Phase::ALL.into_iter().find(|p| p.public_word() == word).ok_or_else(|| unknown("status", word))
}

fn time(text: &str) -> Result<Time, Fault> {
    Time::parse_iso(text).ok_or_else(|| unknown("time", text))
}

fn unknown(what: &str, word: &str) -> Fault {
    Fault::Damaged(format!("{} is no {what}", clean(word, 60)))
}

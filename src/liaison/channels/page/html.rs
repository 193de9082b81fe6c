//! `index.html`: the page for people. No script, no request to anywhere, readable on a phone, light and dark, every text
//! escaped by construction. It must not know of files.

use super::summary::{impact, status};
use super::{Page, PageIncident, PageUpdate};
use crate::incident::impact::capital;
use crate::incident::severity::Severity;
use crate::incident::time::Time;
use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

/// The file's name.
pub(super) const NAME: &str = "index.html";
/// By this we know our own pages.
pub(super) const MARKER: &str = "<meta name=\"generator\" content=\"quarterdeck\">";

const STYLE: &str = include_str!("page.css");
/// Nothing but the style in the page itself may be loaded or run.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page as HTML.
pub(super) fn write(page: &Page) -> String {
    let (indicator, description) = status(page);
    let (past, open): (Vec<_>, Vec<_>) = page.incidents.iter().partition(|i| i.is_past());
    let drill = if page.drill { "DRILL " } else { "" };
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                (PreEscaped(MARKER))
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (drill) (description) " · " (page.title) }
                link rel="alternate" type="application/json" href="summary.json";
                style { (PreEscaped(STYLE)) }
            }
            body {
                @if page.drill {
                    p.drill role="note" { strong { "DRILL" } " This is a rehearsal. Nothing on this page has happened." }
                }
                div.page {
                    header {
                        h1 { (page.title) }
                        div class={ "status " (indicator) } {
                            strong { (description) }
                            "as of " (moment(page.generated, None))
                            @if open.len() > 1 { ", " (open.len()) " incidents are open" }
                        }
                    }
                    main {
                        @for incident in &open { (open_incident(incident, page.generated)) }
                        @if !past.is_empty() {
                            h2.past { "Past incidents" }
                            @for incident in &past { (past_incident(incident)) }
                        } @else if open.is_empty() {
                            p.about { "No incident has been published here." }
                        }
                    }
                    footer {
                        p {
                            "All times are UTC. This page does not change by itself: reload it. "
                            a href="summary.json" { "For programs" } "."
                        }
                    }
                }
            }
        }
    };
    let mut text = markup.into_string();
    text.push('\n');
    text
}

/// Whether a page shows this update.
pub(super) fn shows(page: &str, update: &PageUpdate) -> bool {
    page.contains(&format!("id=\"{}\"", anchor(update).render().into_string()))
        && page.contains(&words(update).into_string())
}

fn open_incident(incident: &PageIncident, now: Time) -> Markup {
    html! {
        article class={ "incident " (impact(incident.severity)) } {
            h2 { (incident.title) }
            p.about {
                (impact_words(incident.severity)) ", " (incident.phase.public_word())
                @if let Some(first) = incident.first() { ", first published " (moment(first, Some(now))) }
            }
            @if let Some(next) = incident.next { p.next { "Next update by " (moment(next, Some(now))) } }
            (updates(incident, Some(now)))
        }
    }
}

fn past_incident(incident: &PageIncident) -> Markup {
    html! {
        details {
            summary {
                (incident.title)
                @if let Some(last) = incident.last() { " " time datetime=(last.iso()) { (last.utc().format("%-d %B %Y")) } }
            }
            p.about {
                (impact_words(incident.severity)) ", resolved"
            }
            (updates(incident, None))
        }
    }
}

fn updates(incident: &PageIncident, now: Option<Time>) -> Markup {
    html! {
        @if !incident.updates.is_empty() {
            ol.updates reversed {
                @for update in &incident.updates {
                    li id=(anchor(update)) {
                        div.when { span.phase { (capital(update.phase.public_word())) } (moment(update.at, now)) }
                        (words(update))
                    }
                }
            }
        }
    }
}

fn anchor(update: &PageUpdate) -> String {
    format!("update-{}", update.id)
}

fn words(update: &PageUpdate) -> Markup {
    html! { p { (update.text) } }
}

fn impact_words(severity: Severity) -> &'static str {
    match severity {
        Severity::Sev1 => "Critical impact",
        Severity::Sev2 => "Major impact",
        Severity::Sev3 => "Minor impact",
        Severity::Sev4 => "No impact",
    }
}

/// A moment in UTC to the minute; its date is left out when it is the date of `now`.
fn moment(at: Time, now: Option<Time>) -> Markup {
    let day = at.utc().format("%-d %B %Y, ").to_string();
    html! {
        time datetime=(at.iso()) {
            @if now.is_none_or(|now| now.date() != at.date()) { (day) }
            (at.clock_minutes()) " UTC"
        }
    }
}

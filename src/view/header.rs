//! What is said aloud to somebody joining: state, harm, who. Its right edge is where a deployer looks.
//!
//! It must not know what lies below it.

use super::ages::lasted;
use super::footer::key;
use super::held;
use super::row::{Row, clipped, narrow, nth};
use super::text;
use super::theme::{Meaning, Theme};
use super::words;
use crate::app::App;
use crate::app::action::Action;
use crate::incident::impact;
use crate::incident::phase::{Milestone, Phase};
use crate::incident::record::LinkKind;
use crate::incident::roster::Role;
use crate::incident::severity::Severity;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// From so many rows on, who does what has a row of its own.
const ROOMY: u16 = 30;

/// How many rows it needs on a screen of so many rows.
pub fn height(app: &App, area: Rect) -> u16 {
    let lines = match area.height {
        0..14 => 1,
        14..ROOMY => 2,
        _ => 3,
    };
    lines + alarm_rows(app, area)
}

/// Draws it into the area's first rows.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let alarm = alarm(app, theme, area, buf);
    let lines = area.height.saturating_sub(alarm);
    if lines > 0 {
        let mut row = state(app, theme, now, area.width);
        if lines == 1 {
            held::frozen(app, theme, now, &mut row);
        }
        row.draw(nth(area, 0), buf);
    }
    if lines > 1 {
        let mut row = harm(app, theme, now, lines < 3, area.width);
        held::frozen(app, theme, now, &mut row);
        row.draw(nth(area, 1), buf);
    }
    if lines > 2 {
        people(app, theme, now, area.width).draw(nth(area, 2), buf);
    }
}

/// Pieces stand closer on a narrow screen.
fn gap(cells: u16) -> usize {
    if cells >= 100 { 3 } else { 2 }
}

/// The first line: how bad, where the response stands, what it is; the clock.
pub fn state<'a>(app: &'a App, theme: &Theme, now: Time, cells: u16) -> Row<'a> {
    let mut row = Row::new(gap(cells));
    let look = |meaning| theme.style(meaning);
    bad(app, theme, now, gap(cells).min(2), &mut row);
    let incident = &app.incident;
    if app.reading().is_some() {
        row.left("figures are not known yet", look(Meaning::Muted), 6);
    } else if incident.opened().is_some() {
        row.left(incident.title(), look(Meaning::Heading), 0);
        if incident.is_restricted() {
            row.left("RESTRICTED", look(Meaning::Warn), 1);
        }
    }
    row.right(format!("{} UTC", now.clock()), look(Meaning::Text), 0);
    if let Some(zone) = app.zone {
        let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
        row.right(format!("{} {city}", words::clock_minutes(now.0, zone)), look(Meaning::Muted), 5);
    }
    row
}

/// DRILL, how bad it is, and where the response stands.
fn bad<'a>(app: &'a App, theme: &Theme, now: Time, gap: usize, row: &mut Row<'a>) {
    let look = |meaning| theme.style(meaning);
    let incident = &app.incident;
    if app.drill.is_some() {
        row.left("DRILL", look(Meaning::Drill), 0);
    }
    if let Some((read, total)) = app.reading() {
        let words = format!("reading {} of {}", impact::thousands(read), impact::thousands(total));
        row.left("SEV –", look(Meaning::Unknown), 0).left(words, look(Meaning::Info), 0);
        return;
    }
    if incident.opened().is_none() {
        row.left("NO INCIDENT DECLARED", look(Meaning::Heading), 0);
        let key = key(app, Action::Incidents);
        if !key.is_empty() {
            let does = if app.incidents().is_empty() { "declares" } else { "lists and declares" };
            row.left(key, look(Meaning::Key), 3).near(does, look(Meaning::Text), 3, 1);
        }
        return;
    }
    row.left(incident.severity().shown(), look(severity(incident.severity())), 0);
    let phase = incident.phase();
    row.near(phase.word().to_uppercase(), look(phase_look(phase)), 0, gap);
    if let Some(since) = lasted(incident.phase_since(), now) {
        row.near(since, look(Meaning::Text), 2, 1);
    }
    if let Some(number) = incident.folded() {
        row.left(format!("GOES ON AS INCIDENT {number}"), look(Meaning::Urgent), 0);
    }
}

/// The first line where there is no room for it: how bad, and where the response stands.
pub fn badge<'a>(app: &'a App, theme: &Theme, now: Time) -> Row<'a> {
    let mut row = Row::new(1);
    bad(app, theme, now, 1, &mut row);
    row
}

/// The second line: since when it hurts and whom; who commands, when there is no third line.
fn harm<'a>(app: &'a App, theme: &Theme, now: Time, short: bool, cells: u16) -> Row<'a> {
    let mut row = Row::new(gap(cells));
    let look = |meaning| theme.style(meaning);
    let incident = &app.incident;
    if app.reading().is_some() {
        row.left("impact –", look(Meaning::Muted), 0);
        return row;
    }
    if incident.opened().is_none() {
        let watched = [count(app.slos.len(), "SLO", "SLOs"), count(app.switches.len(), "switch", "switches")];
        let watched: Vec<String> = watched.into_iter().flatten().collect();
        if !watched.is_empty() {
            row.left(format!("watching {}", watched.join(" and ")), look(Meaning::Muted), 0);
        }
        return row;
    }
    row.left("impact", look(Meaning::Muted), 5);
    match incident.milestones().get(Milestone::Began) {
        Some(began) => {
            let about = if began.about { "about " } else { "" };
            let from = began.at.beside(now);
            let words = match incident.impact_ended() {
                Some(ended) => {
                    let length = lasted(began.at, ended.at).unwrap_or_else(|| "under 1 min".into());
                    let to = ended.at.beside(began.at);
                    // a date behind a dash would be read as a part of the one before it
                    let dash = if to.len() > 5 { " to " } else { "-" };
                    format!("{about}{from}{dash}{to}, {length}")
                }
                None => match lasted(began.at, now) {
                    Some(length) => format!("since {about}{from}, {length}"),
                    None => format!("since {about}{from}"),
                },
            };
            row.near(words, look(Meaning::Text), 0, 1);
            if !began.from.is_empty() && began.from != "declared" {
                row.near(format!("(from {})", text::cut(&began.from, 20)), look(Meaning::Muted), 5, 1);
            }
        }
        None => {
            row.near("beginning not known", look(Meaning::Text), 0, 1);
        }
    }
    match incident.impact() {
        Some((_, said)) => row.left(impact::sentence(said), look(Meaning::Text), 0),
        None => row.left("who is hurt is not said yet", look(Meaning::Muted), 1),
    };
    if let Some(id) = app.timeline.selected
        && let Some(entry) = app.log.get(id)
    {
        row.right(format!("timeline at {}", incident.happened(entry).clock()), look(Meaning::Info), 3);
    }
    if short {
        match incident.commander() {
            Some((who, _)) => row.right(format!("{who} commands"), look(Meaning::Text), 4),
            None => row.right("NOBODY COMMANDS", look(Meaning::Urgent), 0),
        };
    }
    row
}

/// The third line: who holds which role, who is here; whose keys these are, where people meet.
fn people<'a>(app: &'a App, theme: &Theme, now: Time, cells: u16) -> Row<'a> {
    let mut row = Row::new(gap(cells));
    let look = |meaning| theme.style(meaning);
    let incident = &app.incident;
    if app.reading().is_some() {
        row.left("commander –", look(Meaning::Muted), 0);
    } else if incident.opened().is_some() {
        match incident.commander() {
            Some((who, since)) => {
                row.left(who, look(Meaning::Person), 0).near("commands", look(Meaning::Text), 0, 1);
                if let Some(since) = lasted(since, now) {
                    row.near(since, look(Meaning::Text), 4, 1);
                }
            }
            None => {
                row.left("NOBODY COMMANDS", look(Meaning::Urgent), 0);
            }
        }
        for role in Role::ALL {
            if let Some((to, by, since)) = incident.roster().offer(role) {
                let words = format!("{} offered to {to} by {by} {}", role.word(), since.beside(now));
                row.left(words, look(Meaning::Due), 1);
            }
            if let Some((who, _)) = incident.roster().holder(role).filter(|_| role != Role::Commander) {
                row.left(role.word(), look(Meaning::Muted), 3).near(who, look(Meaning::Text), 3, 1);
            }
        }
        row.left("here", look(Meaning::Muted), 4);
        row.near(incident.people().len().to_string(), look(Meaning::Text), 4, 1);
    }
    let assumed = if app.person.assumed { " (assumed, @ changes it)" } else { "" };
    row.right(format!("keys: {}{assumed}", app.person.name), look(Meaning::Text), 2);
    for (kind, before) in [(LinkKind::Bridge, "bridge "), (LinkKind::Chat, "")] {
        if let Some((_, address)) = incident.links().iter().rev().find(|(k, _)| *k == kind) {
            let short = address.trim_start_matches("https://").trim_start_matches("http://");
            row.right(format!("{before}{}", text::cut(short, 32)), look(Meaning::Muted), 5);
        }
    }
    if incident.opened().is_some() {
        row.right(format!("incident {}", incident.number()), look(Meaning::Muted), 6);
    }
    row
}

/// How many rows the journal's trouble takes.
fn alarm_rows(app: &App, area: Rect) -> u16 {
    let most = if area.height >= ROOMY { 3 } else { 2 };
    let Some(words) = app.trouble.as_deref().filter(|_| area.height >= 6) else { return 0 };
    let cells = usize::from(area.width.saturating_sub(ALARM_INDENT));
    narrow(text::rows(words, cells, 0).take(most).count())
}

/// Cells of "JOURNAL" and what separates it.
const ALARM_INDENT: u16 = 9;

/// The journal's trouble, under the other lines: it decides whether anything on the screen is kept.
fn alarm(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let Some(words) = app.trouble.as_deref().filter(|_| area.height > 1) else { return 0 };
    let cells = usize::from(area.width.saturating_sub(ALARM_INDENT));
    let wanted = text::rows(words, cells, 0).take(3).count();
    let most = wanted.min(usize::from(area.height - 1));
    let top = area.height - narrow(most);
    for (place, line) in (0..).zip(clipped(words, cells, most)) {
        let mut row = Row::new(2);
        let (label, look) = if place == 0 { ("JOURNAL", Meaning::Urgent) } else { ("       ", Meaning::Text) };
        row.left(label, theme.style(look), 0).left(line, theme.style(Meaning::Warn), 0);
        row.draw(nth(area, top + place), buf);
    }
    narrow(most)
}

fn count(n: usize, one: &str, several: &str) -> Option<String> {
    match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {several}")),
    }
}

pub fn severity(severity: Severity) -> Meaning {
    match severity {
        Severity::Sev1 => Meaning::Sev1,
        Severity::Sev2 => Meaning::Sev2,
        Severity::Sev3 => Meaning::Sev3,
        Severity::Sev4 => Meaning::Sev4,
    }
}

fn phase_look(phase: Phase) -> Meaning {
    match phase {
        Phase::Investigating | Phase::Identified => Meaning::Warn,
        Phase::Mitigated | Phase::Resolved => Meaning::Good,
        Phase::Closed => Meaning::Muted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{at, empty, in_a_drill, lines, minute_14, overdue};

    #[test]
    fn it_is_what_you_say_to_somebody_joining() {
        assert_eq!(
            lines(&minute_14(), draw, 120, 3),
            [
                "SEV1  MITIGATED 2 min   API refuses all traffic                                            23:04:20 UTC   19:04 New York",
                "impact about 22:50-23:02, 12 min (from burn)   40,000 requests refused, data lost",
                "Ana commands 11 min   ops Cho   comms Ben   scribe Dev   here 6               keys: Ana   bridge meet/inc-412   #inc-412",
            ]
        );
        assert_eq!(
            lines(&minute_14(), draw, 80, 2),
            [
                "SEV1  MITIGATED 2 min  API refuses all traffic      23:04:20 UTC  19:04 New York",
                "about 22:50-23:02, 12 min  40,000 requests refused, data lost       Ana commands",
            ]
        );
    }

    #[test]
    fn a_drill_says_so_in_every_state() {
        assert!(lines(&in_a_drill(overdue()), draw, 80, 2)[0].starts_with("DRILL  SEV1  INVESTIGATING 11 min  API"));
        assert!(lines(&in_a_drill(empty()), draw, 80, 2)[0].starts_with("DRILL  NO INCIDENT DECLARED  i declares"));
    }

    #[test]
    fn an_assumed_name_and_an_offered_command_are_said() {
        let mut app = minute_14();
        app.person.assumed = true;
        assert!(lines(&app, draw, 160, 3)[2].contains("keys: Ana (assumed, @ changes it)"));
        let mut j = crate::view::sample::Journal { entries: minute_14().log.entries().to_vec() };
        let offer = crate::incident::roster::RoleOffered { role: Role::Commander, to: "Ben".into() };
        j.add("23:04:00", "Ana", offer);
        let drawn = lines(&crate::view::sample::with(j.entries), draw, 140, 3);
        assert!(drawn[2].contains("commander offered to Ben by Ana 23:04"), "{drawn:?}");
    }

    #[test]
    fn the_journals_trouble_stands_under_it_whole() {
        let mut app = minute_14();
        let words =
            "The journal cannot be written: the disk is full. Nothing typed since 23:03 is on disk. Free some space.";
        app.trouble = Some(words.into());
        let area = Rect::new(0, 0, 80, 24);
        let drawn = lines(&app, draw, 80, height(&app, area));
        let said: Vec<&str> = drawn.iter().skip(2).map(|line| line.trim_start_matches("JOURNAL").trim()).collect();
        assert_eq!(said.join(" "), words);
    }

    #[test]
    fn on_a_machine_whose_clock_is_behind_no_length_is_negative() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 80, 3));
        draw(&minute_14(), &crate::view::sample::theme("plain"), at("22:00:00"), buf.area, &mut buf);
        let drawn = crate::view::sample::dump(&buf);
        assert!(drawn[0].starts_with("SEV1  MITIGATED  API"), "{drawn:?}");
        assert!(drawn[2].starts_with("Ana commands  ops"), "{drawn:?}");
    }
}

//! An act that waits for the exact name of its target. Whatever it would do is shown whole: nothing here is cut.
//!
//! It must not know how the act is carried.

use super::phrase::Part;
use super::prompt::{field_rows, key};
use super::sheet::{Row, Sheet, fitted, named, wrapped};
use super::theme::{Meaning, Theme};
use super::words;
use crate::app::action::Action;
use crate::app::confirm::Confirm;
use crate::app::keymap::When;
use crate::app::{App, SwitchDesk};
use crate::incident::intent::Act;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells for the names of rows.
const NAMES: usize = 14;

/// Draws a confirmation over the lower rows of an area.
pub fn draw(app: &App, confirm: &Confirm, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1);
    let names = NAMES.min(cells / 3);
    let desk = app.switches.iter().find(|desk| desk.name == confirm.target);
    let mut rows = preview(app, confirm, desk, cells, names);
    rows.push(Row::default().rank(8));
    match &confirm.off {
        Some(why) => rows.extend(wrapped(&format!("! {why} Nothing was sent."), cells, 4, Meaning::Overdue)),
        None => rows.extend(asked(confirm, cells, names)),
    }
    if let Some(refusal) = &confirm.refusal {
        rows.extend(wrapped(&format!("! {refusal}"), cells, 4, Meaning::Overdue));
    }
    let room = usize::from(area.height.saturating_sub(2)).max(1);
    let mut rows = fitted(rows, room);
    if rows.len() > room {
        let words = format!(
            "There is no room to show what {} {} would do. Nothing was sent. Make the window larger, or press Esc.",
            confirm.act.word(),
            confirm.exact
        );
        rows = wrapped(&words, cells, room, Meaning::Danger);
    }
    let title = vec![
        Part::new(confirm.act.word().to_uppercase(), Meaning::Danger),
        Part::new(confirm.exact.clone(), Meaning::Danger).after(" "),
        match confirm.off {
            Some(_) => Part::new("DISARMED", Meaning::Warn),
            None => Part::new("not sent yet", Meaning::Muted).rank(1),
        },
    ];
    let aside = match confirm.off {
        Some(_) => String::new(),
        None => format!("disarms in {}", words::span_calm(confirm.left(now).0)),
    };
    let sheet = Sheet { title, aside, columns: vec![rows], keys: keys(confirm.off.is_some()) };
    sheet.draw_low(theme, area, buf)
}

/// What would be done, from what, to what, and how it is taken back.
fn preview(app: &App, confirm: &Confirm, desk: Option<&SwitchDesk>, cells: usize, names: usize) -> Vec<Row> {
    let plan = &confirm.plan;
    let mut rows = named("serves now", names, &plan.from, cells, Meaning::Heading);
    rows.extend(named("will serve", names, &plan.to, cells, Meaning::Danger));
    if let Some(environment) = desk.map(|desk| desk.environment.as_str()).filter(|e| !e.is_empty()) {
        rows.extend(ranked(named("in", names, environment, cells, Meaning::Text), 3));
    }
    if !plan.changes.is_empty() {
        rows.extend(ranked(named("changes", names, &plan.changes, cells, Meaning::Text), 4));
    }
    let sight = desk.and_then(|desk| desk.feed.last.as_ref());
    if sight.is_some_and(|(_, sight)| sight.targeting) {
        let words = "some get another value by a rule of their own";
        rows.extend(ranked(named("but", names, words, cells, Meaning::Warn), 2));
    }
    let (name, words) = undoing(app, confirm);
    rows.extend(ranked(named(name, names, &words, cells, Meaning::Text), 5));
    if let Some(last) = app.incident.intents().last_on(&confirm.target) {
        let how = last.end.as_ref().map_or("no answer yet", |end| end.outcome.word());
        let words = format!("{} {} by {}, {how}", last.at.clock(), last.what.act.word(), last.by);
        let meaning = if last.is_unsure() || last.end.is_none() { Meaning::Unknown } else { Meaning::Muted };
        rows.extend(ranked(named("last act", names, &words, cells, meaning), 6));
    }
    rows
}

/// How the act is undone, or what it undoes.
fn undoing(app: &App, confirm: &Confirm) -> (&'static str, String) {
    let reverts = confirm.reverts.and_then(|id| app.incident.intents().find(id));
    if let (Act::Revert | Act::Restore, Some(intent)) = (confirm.act, reverts) {
        let words = format!("the {} of {} by {}", intent.what.act.word(), intent.at.clock(), intent.by);
        return ("takes back", words);
    }
    let key = app.keymap.keys(When::Switches, Action::Switch);
    let key = key.first().map_or_else(|| ":switch".into(), |key| key.to_string());
    ("to undo", format!("{key} on {}: it serves {} again", confirm.target, confirm.plan.from))
}

/// What must be typed, and why.
fn asked(confirm: &Confirm, cells: usize, names: usize) -> Vec<Row> {
    let [name, why] = &confirm.fields;
    let mut rows = Vec::new();
    if confirm.typed_name {
        rows.extend(named("type exactly", names, &confirm.exact, cells, Meaning::Danger));
        rows.extend(field_rows(name, confirm.active == 0, names, cells, 1));
    } else {
        let words = "no name is asked for: Enter sends it";
        rows.extend(named("", names, words, cells, Meaning::Warn));
        if confirm.active == 0 {
            rows.extend(field_rows(name, true, names, cells, 1));
        }
    }
    rows.extend(ranked(field_rows(why, confirm.active == 1, names, cells, 1), u8::from(confirm.active != 1)));
    rows
}

fn keys(off: bool) -> Vec<Part> {
    if off {
        return [key("Enter", "looks again", 0), key("Esc", "closes", 0)].concat();
    }
    let mut keys = key("Enter", "sends it, once", 0).to_vec();
    keys.extend(key("Tab", "why", 2));
    keys.extend(key("Esc", "leaves everything as it is", 1));
    keys
}

fn ranked(mut rows: Vec<Row>, rank: u8) -> Vec<Row> {
    rows.iter_mut().for_each(|row| row.rank = rank);
    rows
}

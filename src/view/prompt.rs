//! What is asked of the person at the keyboard, over the lower rows of the panels.
//!
//! It must not know what the answers mean.

use super::phrase::{Part, folded};
use super::probes;
use super::sheet::{Row, Sheet, fitted, named_most, wrapped};
use super::text;
use super::theme::{Meaning, Theme};
use super::typed;
use crate::app::App;
use crate::app::field::Field;
use crate::app::meant::audience;
use crate::app::prompt::{Kind, Prompt};
use crate::incident::Incident;
use crate::incident::impact::counted;
use crate::incident::promise::Audience;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many rows of a text of several lines are shown.
const ROWS: usize = 6;

/// Draws a prompt over the lower rows of an area.
pub fn draw(app: &App, prompt: &Prompt, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1);
    let names = names(&prompt.fields, cells);
    let mut rows = before(app, prompt, (cells, names), now);
    let against = app.lets_through(prompt).map(|place| probes::against(app, &place, now)).unwrap_or_default();
    for (words, meaning) in against {
        let mut lines = named_most("probe", names, &words, cells, 2, meaning);
        lines.iter_mut().for_each(|row| row.rank = if meaning == Meaning::Good { 4 } else { 1 });
        rows.extend(lines);
    }
    for (place, field) in prompt.fields.iter().enumerate() {
        rows.extend(field_rows(field, place == prompt.active, names, cells, ROWS));
    }
    let echo = prompt.echo(now);
    if !echo.is_empty() {
        rows.push(Row::new(" ".repeat(names), Meaning::Text).and(echo, Meaning::Info).rank(2));
    }
    rows.extend(goals(app, prompt, cells, names));
    if let Some(refusal) = &prompt.refusal {
        rows.extend(wrapped(&format!("! {refusal}"), cells, 4, Meaning::Overdue));
    }
    let room = usize::from(area.height.saturating_sub(2)).max(1);
    let rows = fitted(rows, room);
    let mut title = vec![Part::new(prompt.title.clone(), Meaning::Heading)];
    title.extend(about(app, prompt, now));
    let sheet = Sheet { title, aside: aside(prompt), columns: vec![rows], keys: keys(app, prompt) };
    sheet.draw_low(theme, area, buf)
}

/// How many cells the names of fields have.
pub fn names(fields: &[Field], cells: usize) -> usize {
    let widest = fields.iter().map(|field| text::width(field.label)).max().unwrap_or(0);
    (widest + 2).min(cells / 3)
}

/// The rows of a field: its name, its text or what helps when it is empty, and the cursor where it is being typed into.
pub fn field_rows(field: &Field, active: bool, names: usize, cells: usize, most: usize) -> Vec<Row> {
    let room = cells.saturating_sub(names).max(1);
    let meaning = if active { Meaning::Heading } else { Meaning::Muted };
    let name = text::pad_right(field.label, names);
    if field.text().is_empty() {
        let optional = if field.optional { "may stay empty" } else { "" };
        let hint = [field.hint.as_ref(), optional].into_iter().filter(|h| !h.is_empty()).collect::<Vec<_>>().join("; ");
        let row = Row::new(name, meaning).and(text::cut(&hint, room), Meaning::Muted);
        return vec![Row { cursor: active.then_some(names), rank: if active { 0 } else { 1 }, ..row }];
    }
    let look = if field.is_suggested() { Meaning::Muted } else { Meaning::Text };
    if !active {
        return vec![Row::new(name, meaning).and(text::cut(&folded(field.text()), room), look).rank(1)];
    }
    let shown = typed::shown(field, room, most);
    let blank = " ".repeat(names);
    let (above, below) = shown.hidden;
    let count = shown.rows.len();
    let row = |(place, words): (usize, String)| {
        let lead = match place {
            0 if above > 0 => (text::pad_right(&format!("{above} above"), names), Meaning::Muted),
            0 => (name.clone(), meaning),
            _ if place + 1 == count && below => (text::pad_right("more", names), Meaning::Muted),
            _ => (blank.clone(), Meaning::Muted),
        };
        let (line, cell) = shown.cursor;
        // in a low screen the rows farthest from the cursor go first
        let rank = u8::try_from(place.abs_diff(line)).unwrap_or(u8::MAX).saturating_mul(2);
        let cursor = (line == place).then_some(names + cell);
        Row { words: vec![lead, (words, look)], cursor, chosen: false, rank }
    };
    shown.rows.into_iter().enumerate().map(row).collect()
}

/// What the prompt is about, on its rule.
fn about(app: &App, prompt: &Prompt, now: Time) -> Option<Part> {
    let words = match prompt.kind {
        Kind::Answer(id) | Kind::FinishTask(id) | Kind::KeepPromise(id) | Kind::Correct(id) => folded(&app.text_of(id)),
        Kind::CheckIn => match app.incident.slot_for(&app.rules, now) {
            Some(slot) => format!("for {}", slot.clock_minutes()),
            None => "between slots".into(),
        },
        Kind::Fold(into) => {
            let title = app.known.iter().find(|incident| incident.number() == into && !incident.is_restricted());
            let title = title.map(|incident| format!(": {}", folded(incident.title()))).unwrap_or_default();
            format!("{} goes on as {into}{title}", app.incident.number())
        }
        Kind::Severity => format!("now {} {}", app.incident.severity(), app.incident.phase().word()),
        _ => return None,
    };
    Some(Part::new(words, Meaning::Muted))
}

/// What should be seen while writing: for an update, the last words that were public and who will read these.
fn before(app: &App, prompt: &Prompt, (cells, names): (usize, usize), now: Time) -> Vec<Row> {
    match prompt.kind {
        Kind::Update => {}
        Kind::Declare(_) => return open_already(app, cells, names),
        Kind::Fold(_) => return left_behind(app, cells, names),
        Kind::Extend(act) => {
            let held = app.held(act, now).unwrap_or_default();
            return if held.is_empty() { Vec::new() } else { named_most("end", names, &held, cells, 2, Meaning::Warn) };
        }
        Kind::Lift(_) | Kind::ConfirmLift { .. } | Kind::WithdrawLift(_) => return second(app, prompt, cells, names),
        _ => return Vec::new(),
    }
    let meant = prompt.fields.get(2).and_then(|field| audience(field.text().trim()));
    if meant == Some(Audience::Internal) {
        let mut rows = named_most("to", names, "the company: recorded, sent nowhere", cells, 1, Meaning::Text);
        rows.iter_mut().for_each(|row| row.rank = 4);
        return rows;
    }
    let mut rows = match app.incident.promises().last_told(Audience::Public) {
        Some((update, told)) => {
            let said = format!("{} {}: \"{}\"", told.clock_minutes(), update.by, update.what.text);
            named_most("before", names, &said, cells, 3, Meaning::Quote)
        }
        None => named_most("before", names, "nobody outside was told anything yet", cells, 1, Meaning::Muted),
    };
    let (to, meaning) = match app.channels.as_slice() {
        [] => ("no channel is configured: recorded, sent nowhere".to_string(), Meaning::Warn),
        channels => (format!("everybody who reads {}", channels.join(", ")), Meaning::Text),
    };
    rows.extend(named_most("to", names, &to, cells, 2, meaning));
    rows.iter_mut().for_each(|row| row.rank = 4);
    rows
}

/// That a lift only asks for somebody else; what was asked for, where somebody agrees to it or takes it back.
fn second(app: &App, prompt: &Prompt, cells: usize, names: usize) -> Vec<Row> {
    let asked = match prompt.kind {
        Kind::Lift(id) => {
            let asks = app.standing.holds().find(id).is_some_and(|hold| app.lift_asks(hold));
            let words = "nothing is lifted until somebody else agrees";
            return if asks { named_most("asks", names, words, cells, 2, Meaning::Warn) } else { Vec::new() };
        }
        Kind::ConfirmLift { asked: id, .. } | Kind::WithdrawLift(id) => app.standing.lifts().find(id),
        _ => None,
    };
    let Some(asked) = asked else { return Vec::new() };
    let words = format!("{} {}: {}", asked.by, asked.at.clock_minutes(), asked.what.terms());
    named_most("asks", names, &words, cells, 4, Meaning::Heading)
}

/// The incidents that are open, so that a duplicate is noticed before it is declared.
fn open_already(app: &App, cells: usize, names: usize) -> Vec<Row> {
    let all = app.incidents();
    let open: Vec<&Incident> = all.into_iter().filter(|incident| incident.is_open()).collect();
    let mut rows = Vec::new();
    for incident in open.iter().take(3) {
        let who = incident.commander().map_or("nobody", |(who, _)| who);
        let own = incident.number() == app.incident.number();
        let title = if incident.is_restricted() && !own { "restricted" } else { incident.title() };
        let words = format!("{} {}, {who} commands: {title}", incident.number(), incident.severity());
        rows.extend(named_most(if rows.is_empty() { "open" } else { "" }, names, &words, cells, 1, Meaning::Warn));
    }
    if open.len() > 3 {
        let more = format!("and {} more", open.len() - 3);
        rows.extend(named_most("", names, &more, cells, 1, Meaning::Warn));
    }
    rows.iter_mut().for_each(|row| row.rank = 3);
    rows
}

/// What becomes of an incident that is folded.
fn left_behind(app: &App, cells: usize, names: usize) -> Vec<Row> {
    let own = app.incident.number();
    let mut rows = named_most(
        "then",
        names,
        &format!("nothing more is said to {own} but what it still owes, and nobody is rung for its slots"),
        cells,
        2,
        Meaning::Text,
    );
    for (place, what) in app.incident.left_behind(&app.rules.elsewhere).iter().take(4).enumerate() {
        rows.extend(named_most(if place == 0 { "owes" } else { "" }, names, what, cells, 1, Meaning::Warn));
    }
    rows.iter_mut().for_each(|row| row.rank = 4);
    rows
}

/// The goals, where their rank is asked for.
fn goals(app: &App, prompt: &Prompt, cells: usize, names: usize) -> Vec<Row> {
    let asked = prompt.fields.iter().any(|field| field.label == "goal");
    let goals: Vec<String> = app.incident.goals().iter().map(|(rank, goal)| format!("{rank} {goal}")).collect();
    if !asked || goals.is_empty() {
        return Vec::new();
    }
    let mut rows = named_most("", names, &goals.join("   "), cells, 2, Meaning::Muted);
    rows.iter_mut().for_each(|row| row.rank = 5);
    rows
}

fn aside(prompt: &Prompt) -> String {
    match (prompt.kind, prompt.fields.first()) {
        (Kind::Update, Some(field)) => counted(field.text().chars().count() as u64, "character", "characters"),
        _ => String::new(),
    }
}

fn keys(app: &App, prompt: &Prompt) -> Vec<Part> {
    let enter = match prompt.kind {
        Kind::Find => "finds",
        Kind::WhatIf | Kind::BreakDown => "asks",
        Kind::Person => "takes the name",
        Kind::Update if !app.channels.is_empty() => "records and sends",
        Kind::Declare(_) => "declares",
        Kind::Fold(_) => "folds",
        Kind::Exclude | Kind::Percent => "shows what it would do",
        Kind::Extend(_) => "moves the end",
        Kind::Lift(id) if app.standing.holds().find(id).is_some_and(|hold| app.lift_asks(hold)) => "asks for it",
        Kind::Lift(_) | Kind::ConfirmLift { .. } => "lifts it",
        Kind::WithdrawLift(_) => "takes it back",
        _ => "records",
    };
    let leave = if !prompt.typed().trim().is_empty() { "keeps the words in drafts" } else { "leaves" };
    let mut keys = key("Enter", enter, 0).to_vec();
    if prompt.fields.len() > 1 {
        keys.extend(key("Tab", "next field", 2));
    }
    if prompt.field().is_some_and(|field| field.lines) {
        keys.extend(key("Ctrl-J", "new line", 3));
    }
    keys.extend(key("Esc", leave, 1));
    keys
}

/// A key and what it does.
pub fn key(key: &str, does: &str, rank: u8) -> [Part; 2] {
    [Part::new(key, Meaning::Key).rank(rank), Part::new(does, Meaning::Muted).after(" ").rank(rank)]
}

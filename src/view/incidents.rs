//! The incidents there are, to choose from: the open ones first.
//!
//! It must not know how one goes there. A restricted incident has no title here unless it is on the screen.

use super::ages::lasted;
use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Row, Sheet};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::App;
use crate::app::action::Action;
use crate::app::incidents::Picker;
use crate::app::key::print_run;
use crate::app::keymap::When;
use crate::incident::Incident;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many are shown at most.
const MOST: u16 = 14;
/// Below this width who commands has no column.
const NARROW: usize = 70;

/// Draws the list over the lower rows of an area.
pub fn draw(app: &App, picker: &Picker, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1);
    let all = app.incidents();
    let chosen = all.iter().position(|incident| Some(incident.number()) == picker.chosen).unwrap_or(0);
    let room = usize::from(area.height.saturating_sub(2).clamp(1, MOST));
    // the chosen one stays in view, in the middle where there are many
    let first = chosen.saturating_sub(room / 2).min(all.len().saturating_sub(room));
    let columns = Columns::of(app, &all, now, cells);
    let shown = all.iter().enumerate().skip(first).take(room);
    let mut rows: Vec<Row> = shown.map(|(place, incident)| columns.row(app, incident, place == chosen, now)).collect();
    if rows.is_empty() {
        rows.push(Row::new("No incident was declared yet.", Meaning::Muted));
    }
    let open = all.iter().filter(|incident| incident.is_open()).count();
    let place = if all.is_empty() { 0 } else { chosen + 1 };
    let sheet = Sheet {
        title: vec![
            Part::new("Incidents", Meaning::Heading),
            Part::new(if open == 0 { "none is open".into() } else { format!("{open} open") }, Meaning::Muted),
        ],
        aside: format!("{place} of {}", all.len()),
        columns: vec![rows],
        keys: keys(app, all.get(chosen).copied()),
    };
    sheet.draw_low(theme, area, buf)
}

/// The widths of the columns.
struct Columns {
    number: usize,
    state: usize,
    who: usize,
    title: usize,
}

impl Columns {
    fn of(app: &App, all: &[&Incident], now: Time, cells: usize) -> Columns {
        let widest = |words: &dyn Fn(&Incident) -> String| {
            all.iter().map(|incident| text::width(&words(incident))).max().unwrap_or(0)
        };
        let number = widest(&|incident| incident.number().to_string());
        let state = widest(&|incident| state(incident, now));
        let who = if cells < NARROW { 0 } else { widest(&|incident| commander(app, incident)).min(12) };
        // a mark, the severity, and two blanks between columns
        let used = 2 + number + 2 + 4 + 2 + state + 2 + if who > 0 { who + 2 } else { 0 };
        Columns { number, state, who, title: cells.saturating_sub(used) }
    }

    fn row(&self, app: &App, incident: &Incident, chosen: bool, now: Time) -> Row {
        let open = incident.is_open();
        let look = |meaning| if open { meaning } else { Meaning::Muted };
        let severity = if open { super::header::severity(incident.severity()) } else { Meaning::Muted };
        let on_screen = incident.number() == app.incident.number();
        let here = if on_screen { "  (on the screen)" } else { "" };
        let title = text::cut(&title(incident, on_screen), self.title.saturating_sub(text::width(here))).into_owned();
        let mut words = vec![
            (if chosen { "> " } else { "  " }.to_string(), Meaning::Key),
            (text::pad_left(&incident.number().to_string(), self.number) + "  ", look(Meaning::Heading)),
            (text::pad_right(incident.severity().shown(), 4) + "  ", severity),
            (text::pad_right(&state(incident, now), self.state) + "  ", look(Meaning::Text)),
        ];
        if self.who > 0 {
            words.push((text::pad_right(&commander(app, incident), self.who) + "  ", look(Meaning::Person)));
        }
        words.push((title, look(Meaning::Text)));
        words.push((here.to_string(), Meaning::Muted));
        Row { words, chosen, ..Row::default() }
    }
}

/// Where it stands, and for how long: `investigating 14 min`.
fn state(incident: &Incident, now: Time) -> String {
    if let Some(into) = incident.folded() {
        return format!("goes on as {into}");
    }
    let since = if incident.is_open() { incident.opened().map(|o| o.at) } else { Some(incident.phase_since()) };
    let length = since.and_then(|since| lasted(since, now)).map(|length| format!(" {length}")).unwrap_or_default();
    let ago = if incident.is_open() || length.is_empty() { "" } else { " ago" };
    format!("{}{length}{ago}", incident.phase().word())
}

fn commander(app: &App, incident: &Incident) -> String {
    let who = incident.commander().map_or("nobody", |(who, _)| who);
    if who == app.person.name.as_ref() { format!("{who} (you)") } else { who.to_string() }
}

fn title(incident: &Incident, on_screen: bool) -> String {
    match incident.is_restricted() {
        true if on_screen => format!("{} (restricted)", incident.title()),
        true => "restricted".into(),
        false => incident.title().to_string(),
    }
}

/// What the keys do with the chosen one.
fn keys(app: &App, chosen: Option<&Incident>) -> Vec<Part> {
    let mut keys = Vec::new();
    let own = app.incident.number();
    let other = chosen.filter(|incident| incident.number() != own);
    let enter = match other {
        Some(incident) if incident.is_open() => Some("joins"),
        Some(_) => Some("shows it"),
        None => chosen.map(|own| if own.is_open() { "stays here" } else { "shows it" }),
    };
    keys.extend(enter.map(|does| key("Enter", does, 0)).into_iter().flatten());
    let bound = |action| print_run(&app.keymap.keys(When::Incidents, action));
    let declare = bound(Action::Declare);
    if !declare.is_empty() {
        keys.extend(key(&declare, "declares a new one", 0));
    }
    let fold = bound(Action::Fold);
    if let Some(into) = other.filter(|into| into.is_open() && app.incident.is_open() && !fold.is_empty()) {
        keys.extend(key(&fold, &format!("folds {own} into {}", into.number()), 2));
    }
    keys.extend(key("Esc", "closes", 1));
    keys
}

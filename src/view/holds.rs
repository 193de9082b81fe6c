//! The holds and passes that stand, to choose from: who, what, why, until when.
//!
//! It must not know what is done with the chosen one.

use super::held;
use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Row, Sheet};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::App;
use crate::app::action::Action;
use crate::app::holds::{HoldPicker, Standing};
use crate::app::key::print_run;
use crate::app::keymap::When;
use crate::incident::hold::{HoldPlaced, until_words};
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many are shown at most.
const MOST: u16 = 10;

/// Draws the list over the lower rows of an area.
pub fn draw(app: &App, picker: &HoldPicker, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1);
    let all = app.standing_holds(now);
    let chosen = all.iter().position(|row| Some(row.id()) == picker.chosen).unwrap_or(0);
    let room = usize::from(area.height.saturating_sub(2).clamp(1, MOST));
    let first = chosen.saturating_sub(room / 2).min(all.len().saturating_sub(room));
    let shown = all.iter().enumerate().skip(first).take(room);
    let mut rows: Vec<Row> = shown.map(|(place, one)| row(app, one, place == chosen, (cells, now))).collect();
    if rows.is_empty() {
        rows.push(Row::new("Nothing is frozen any more.", Meaning::Muted));
    }
    let holds = all.iter().filter(|one| matches!(one, Standing::Hold(_))).count();
    let frozen = if holds == 0 { "nothing is frozen".into() } else { format!("FROZEN by {}", count(holds)) };
    let look = if holds == 0 { Meaning::Muted } else { Meaning::Frozen };
    let sheet = Sheet {
        title: vec![Part::new("Holds", Meaning::Heading), Part::new(frozen, look)],
        aside: format!("{} of {}", if all.is_empty() { 0 } else { chosen + 1 }, all.len()),
        columns: vec![rows],
        keys: keys(app, all.get(chosen), now),
    };
    sheet.draw_low(theme, area, buf)
}

fn count(holds: usize) -> String {
    if holds == 1 { "1 hold".into() } else { format!("{holds} holds") }
}

fn row(app: &App, one: &Standing<'_>, chosen: bool, (cells, now): (usize, Time)) -> Row {
    let mut asks = String::new();
    let (called, words, look) = match one {
        Standing::Hold(hold) => {
            // a long reason is cut before what ends the hold is
            let HoldPlaced { scope, why, until, .. } = &hold.what;
            let review = if hold.asks_review() { ", a review lifts it" } else { "" };
            let (at, until) = (hold.at.clock_minutes(), until_words(*until, hold.at));
            let asked = app.lift_asked(hold.id, now);
            asks = asked.map(|asked| held::asks(app, asked, now) + ": ").unwrap_or_default();
            (hold.called(), format!("{scope} by {} {at}{until}{review}: {why}", hold.by), Meaning::Frozen)
        }
        Standing::Pass(pass) => (pass.called(), pass.words(), Meaning::Good),
    };
    let called = text::cut(&called, 16).into_owned() + "  ";
    let left = cells.saturating_sub(2 + text::width(&called) + text::width(&asks));
    let mark = if chosen { "> " } else { "  " };
    let words = text::cut(&words, left).into_owned();
    let words = vec![(mark.to_string(), Meaning::Key), (called, look), (asks, Meaning::Due), (words, Meaning::Text)];
    Row { words, chosen, ..Row::default() }
}

fn keys(app: &App, chosen: Option<&Standing<'_>>, now: Time) -> Vec<Part> {
    let asked = match chosen {
        Some(Standing::Hold(hold)) => app.lift_asked(hold.id, now),
        _ => None,
    };
    let enter = match chosen {
        _ if asked.is_some_and(|asked| asked.by == *app.person.name) => Some("takes back what you asked for".into()),
        Some(Standing::Hold(_)) if asked.is_some() => {
            asked.map(|asked| format!("confirms what {} asks for", text::cut(&asked.by, 16)))
        }
        Some(Standing::Hold(hold)) if app.lift_asks(hold) => {
            Some(format!("asks to lift the hold of {}", text::cut(&hold.by, 16)))
        }
        Some(Standing::Hold(hold)) if hold.by == *app.person.name => Some("lifts your hold".to_string()),
        Some(Standing::Hold(hold)) => Some(format!("lifts the hold of {}", text::cut(&hold.by, 16))),
        Some(Standing::Pass(_)) => Some("withdraws the pass".to_string()),
        None => None,
    };
    let mut keys: Vec<Part> = enter.map(|does| key("Enter", &does, 0)).into_iter().flatten().collect();
    let bound = |action| print_run(&app.keymap.keys(When::Holds, action));
    for (action, does) in [(Action::Freeze, "freezes more"), (Action::Pass, "lets one build pass")] {
        let bound = bound(action);
        if !bound.is_empty() {
            keys.extend(key(&bound, does, 1));
        }
    }
    keys.extend(key("Esc", "closes", 2));
    keys
}

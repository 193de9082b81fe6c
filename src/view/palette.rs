//! Every action, to choose from by a few letters.
//!
//! It must not know what an action does.

use super::phrase::Part;
use super::prompt::{field_rows, key};
use super::sheet::{Row, Sheet};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::App;
use crate::app::action::Action;
use crate::app::key::print_run;
use crate::app::palette::Palette;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// How many hits are shown at most.
const MOST: u16 = 14;
/// Cells for keys and for names.
const COLUMNS: (usize, usize) = (11, 15);

/// Draws the palette over the lower rows of an area.
pub fn draw(app: &App, palette: &Palette, theme: &Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1);
    let mut rows = field_rows(&palette.field, true, 2, cells, 1);
    let room = usize::from(area.height.saturating_sub(3).min(MOST));
    // the chosen one stays in view, in the middle where there are many
    let last = palette.hits.len().saturating_sub(room);
    let first = palette.chosen.saturating_sub(room / 2).min(last);
    for (place, action) in palette.hits.iter().enumerate().skip(first).take(room) {
        rows.push(hit(app, *action, place == palette.chosen, cells));
    }
    if palette.hits.is_empty() {
        rows.push(Row::new("Nothing fits these letters.", Meaning::Warn));
    }
    let place = if palette.hits.is_empty() { 0 } else { palette.chosen + 1 };
    let mut keys = key("Enter", "does it", 0).to_vec();
    keys.extend(key("Up Down", "choose", 2));
    keys.extend(key("Esc", "closes", 1));
    let sheet = Sheet {
        title: vec![Part::new("All actions", Meaning::Heading)],
        aside: format!("{place} of {}", palette.hits.len()),
        columns: vec![rows],
        keys,
    };
    sheet.draw_low(theme, area, buf)
}

fn hit(app: &App, action: Action, chosen: bool, cells: usize) -> Row {
    let (keys, names) = COLUMNS;
    let about = app.keymap.about(action);
    let said = about.map_or("", |a| if a.long.is_empty() { a.desc.as_str() } else { a.long.as_str() });
    let danger = about.is_some_and(|a| a.danger);
    let said = if danger { format!("(asks first) {said}") } else { said.to_string() };
    let bound = print_run(&app.keymap.keys(app.when(), action));
    let mark = if chosen { "> " } else { "  " };
    let rest = cells.saturating_sub(2 + keys + names);
    let name = text::pad_right(action.name(), names);
    let words = vec![
        (mark.to_string(), Meaning::Key),
        (text::pad_right(&bound, keys), Meaning::Key),
        (name, if danger { Meaning::Danger } else { Meaning::Text }),
        (text::cut(&said, rest).into_owned(), Meaning::Muted),
    ];
    Row { words, chosen, ..Row::default() }
}

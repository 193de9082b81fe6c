//! The screen as rows of text. It must not know how it came about.

use quarterdeck::app::{App, Spots};
use quarterdeck::incident::time::Time;
use quarterdeck::view;
use quarterdeck::view::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws: the rows without blanks at their ends, and where things stand.
///
/// # Errors
/// A cell holds what a terminal would obey.
pub fn draw(app: &App, theme: &Theme, now: Time, (columns, rows): (u16, u16)) -> Result<(Vec<String>, Spots), String> {
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    let spots = view::draw(app, theme, now, buffer.area, &mut buffer);
    let mut out = Vec::new();
    for y in 0..rows {
        let mut row = String::new();
        let mut behind = 0;
        for x in 0..columns {
            let Some(cell) = buffer.cell((x, y)) else { continue };
            if cell.symbol().chars().any(obeyed) {
                return Err(format!("the cell {x},{y} holds {:?}, which a terminal obeys", cell.symbol()));
            }
            // the cell behind a wide character is its second half
            if behind == 0 {
                row.push_str(cell.symbol());
                behind = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            } else {
                behind -= 1;
            }
        }
        out.push(row.trim_end().to_string());
    }
    Ok((out, spots))
}

/// Control characters, and marks that turn the direction of writing.
fn obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The rows of a panel: from the rule that names it to the next rule, or to the last row, which is the footer's. `header` is what
/// stands above the first rule; without a name it is the whole screen.
///
/// # Errors
/// No rule names it.
pub fn panel(rows: &[String], name: &str) -> Result<Vec<String>, String> {
    let is_rule = |row: &String| row.starts_with(['─', '━']);
    let until = |from: usize| {
        let next = rows.iter().skip(from).position(is_rule).map(|next| from + next);
        next.unwrap_or(rows.len().saturating_sub(1)).max(from)
    };
    let cut = |from: usize, to: usize| rows.get(from..to).unwrap_or_default().to_vec();
    match name {
        "" => Ok(rows.to_vec()),
        "header" => Ok(cut(0, until(0))),
        "footer" => Ok(cut(rows.len().saturating_sub(1), rows.len())),
        name => {
            let title = |row: &&String| {
                is_rule(row) && row.trim_start_matches(['─', '━', ' ']).to_lowercase().starts_with(name)
            };
            let named = rows.iter().find(title).and_then(|row| rows.iter().position(|r| r == row));
            let from = named.ok_or(format!("no panel is called {name}"))?;
            Ok(cut(from, until(from + 1)))
        }
    }
}

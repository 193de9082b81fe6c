//! Screens too small for panels: the first line, then what is most urgent, and honestly that the rest is not shown.

use super::row::{Row, nth};
use super::theme::{Meaning, Theme};
use super::{footer, header, held, priorities};
use crate::app::App;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws what fits.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let said = "too small";
    let whole = if area.width < 26 { said } else { "too small: 80x24 shows all" };
    if area.height < 3 {
        let mut row = Row::new(1);
        let name = if app.incident.opened().is_some() { app.incident.severity().shown() } else { "none declared" };
        if app.drill.is_some() {
            row.left("DRILL", theme.style(Meaning::Drill), 1);
        }
        row.left(name, theme.style(Meaning::Heading), 0).left(said, theme.style(Meaning::Muted), 0);
        row.draw(nth(area, 0), buf);
        return;
    }
    let mut state = header::state(app, theme, now, area.width);
    if area.width < 40 {
        state = header::badge(app, theme, now);
    }
    held::frozen(app, theme, now, &mut state);
    state.draw(nth(area, 0), buf);
    let mut line = 1;
    if let Some(words) = &app.trouble {
        let mut row = Row::new(1);
        row.left("JOURNAL", theme.style(Meaning::Urgent), 0).left(words.as_str(), theme.style(Meaning::Warn), 0);
        row.draw(nth(area, line), buf);
        line += 1;
    }
    let last = area.height - 1;
    for row in priorities::owed(app, theme, now) {
        if line >= last {
            break;
        }
        row.draw(nth(area, line), buf);
        line += 1;
    }
    if app.notice.is_some() || app.hush.is_some() {
        let rows = footer::height(app, area).min(area.height - 1);
        footer::draw(app, theme, now, Rect { y: area.bottom() - rows, height: rows, ..area }, buf);
    } else {
        let mut row = Row::new(1);
        row.left(whole, theme.style(Meaning::Muted), 0);
        row.draw(nth(area, last), buf);
    }
}

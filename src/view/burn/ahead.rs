//! Where the budget goes if what happens now goes on: a dotted line right of the bar, with the time of its end where that is in sight.
//!
//! What is owed is written over it. It must not know how the rate was found.

use super::axis::Axis;
use super::curve::Scale;
use crate::app::feed::Burn;
use crate::incident::time::{Span, Time};
use crate::view::phrase;
use crate::view::text;
use crate::view::theme::{Meaning, Theme};
use ratatui::buffer::Buffer;

/// A budget that lasts longer than so many times what is shown ahead falls too little to be drawn.
const FLAT: i64 = 3;
/// A picture of fewer rows has no room for it beside what is owed.
const ROWS: u16 = 4;
/// One dot in the left half of a cell, from above.
const DOTS: [char; 4] = ['⠁', '⠂', '⠄', '⡀'];

/// The budget is spent so soon that the line falls visibly.
pub fn is_soon(axis: &Axis, burn: &Burn) -> bool {
    let shown = axis.ahead.0.saturating_mul(i64::from(axis.right));
    burn.lasts.is_some_and(|lasts| lasts.0 > 0 && lasts.0 <= shown.saturating_mul(FLAT))
        && burn.remaining_ppm.is_some_and(|left| left > 0)
}

/// Draws it into the rows of the curve, `(first, count)`.
pub fn draw(theme: &Theme, axis: &Axis, rows: (u16, u16), scale: Scale, burn: &Burn, now: Time, buf: &mut Buffer) {
    let (top, count) = rows;
    let (Some(lasts), Some(left)) = (burn.lasts, burn.remaining_ppm) else { return };
    if count < ROWS || !is_soon(axis, burn) {
        return;
    }
    let style = theme.style(Meaning::Muted);
    for cell in 0..axis.right {
        let at = axis.origin.plus(Span(axis.ahead.0.saturating_mul(i64::from(cell))));
        let since = at.since(now).0.max(0);
        if since > lasts.0 || burn.renews.is_some_and(|renews| at >= renews) {
            break;
        }
        let gone = i128::from(left) * i128::from(since) / i128::from(lasts.0);
        let value = left.saturating_sub(i64::try_from(gone).unwrap_or(left));
        if value < scale.low {
            break;
        }
        let dot = scale.dot(value, usize::from(count) * 4);
        let (Ok(row), Some(dotted)) = (u16::try_from(dot / 4), DOTS.get(dot % 4)) else { break };
        let place = (axis.bar + 1 + cell, top + row);
        if let Some(free) = buf.cell_mut(place).filter(|cell| cell.symbol() == " ") {
            free.set_char(*dotted).set_style(style);
        }
    }
    let ends = now.plus(lasts);
    if burn.renews.is_none_or(|renews| ends < renews) {
        end(theme, axis, rows, ends, buf);
    }
}

/// The time of its end, in the lowest row.
fn end(theme: &Theme, axis: &Axis, (top, count): (u16, u16), ends: Time, buf: &mut Buffer) {
    let Some(column) = axis.ahead(ends) else { return };
    let words = format!(" 0 at {} ", ends.clock_minutes());
    let width = u16::try_from(text::width(&words)).unwrap_or(u16::MAX);
    let row = top + count - 1;
    let fits = |cell: u16| {
        let under = (cell..cell.saturating_add(width)).map(|cell| buf.cell((axis.bar + 1 + cell, row)));
        cell.saturating_add(width) <= axis.right && under.flatten().all(|cell| cell.symbol() == " ")
    };
    // behind the line, else before it, as near as there is room
    let places = std::iter::once(column + 1).chain((0..=column).rev());
    if let Some(cell) = places.into_iter().find(|cell| fits(*cell)) {
        phrase::put(buf, axis.bar + 1 + cell, row, width, &words, theme.style(Meaning::Urgent));
    }
}

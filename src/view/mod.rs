//! What it looks like. Pure: the state in, cells out.

mod ages;
mod footer;
mod header;
mod layout;
mod presence;
mod priorities;
mod row;
#[cfg(test)]
mod sample;
mod small;
mod switches;
pub mod text;
pub mod theme;
mod timeline;
pub mod words;

use crate::app::{App, Spots};
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use theme::{Meaning, Theme};

/// Draws the screen; says where things were drawn, so that the next message can be understood.
///
/// ```text
///   110 columns and more                          80 columns
/// ┌──────────────────────────────────────┐      ┌──────────────────────┐
/// │ header: state, harm, people    clock │      │ header: state, harm  │
/// │ ─ Priorities ──────── ─ Switches ─── │      │ ─ Priorities ─────── │
/// │ what is owed, then     levers over   │      │ two dues, a line for │
/// │ goals by rank          the curve     │      │ each goal            │
/// │ ─ Burn ───────────────────── owed ── │      │ ─ Switches ───────── │
/// │ past                ┃ promised slots │      │ a line for each      │
/// │ ─ Timeline ───────────────────────── │      │ ─ Burn ───────────── │
/// │ gets every extra row                 │      │ past      ┃ promised │
/// │ here, waiting to be written          │      │ ─ Timeline ───────── │
/// │ guide (drill)                        │      │ guide (drill)        │
/// │ keys, or a notice             person │      │ keys          person │
/// └──────────────────────────────────────┘      └──────────────────────┘
/// ```
///
/// What is not configured has no place. Zoomed, the focused panel gets everything between header and footer. Below 40×8 there
/// are no panels.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> Spots {
    let area = area.intersection(buf.area);
    let mut spots = Spots { below: 0, page: area.height, ..app.spots.clone() };
    if area.is_empty() {
        return spots;
    }
    buf.set_style(area, theme.style(Meaning::Text));
    if layout::is_small(area) {
        small::draw(app, theme, now, area, buf);
        return spots;
    }
    let places = layout::places(app, now, area);
    let panels: [(Rect, Panel); 6] = [
        (places.header, header::draw),
        (places.priorities, priorities::draw),
        (places.switches, switches::draw),
        (places.presence, presence::draw),
        (places.guide, presence::guide),
        (places.footer, footer::draw),
    ];
    for (place, panel) in panels {
        if !place.is_empty() {
            panel(app, theme, now, place, buf);
        }
    }
    if !places.timeline.is_empty() {
        let (shown, page) = timeline::draw(app, theme, now, places.timeline, buf);
        spots.timeline = shown.or(spots.timeline);
        spots.page = page;
    }
    spots
}

/// What every panel is: the state in, cells of its own place out.
type Panel = fn(&App, &Theme, Time, Rect, &mut Buffer);

#[cfg(test)]
mod tests {
    use super::sample::{dump, minute_14, now, overdue, theme};
    use super::*;

    #[test]
    fn print_screens() {
        for (columns, rows) in [(120, 36), (80, 24), (160, 48), (40, 12), (20, 5), (1, 1)] {
            let mut app = if rows == 36 || rows == 24 || rows == 5 { overdue() } else { minute_14() };
            app.slos.push(crate::app::SloDesk {
                name: "api".into(),
                target_ppm: 999_500,
                window: crate::incident::time::Span::minutes(43200),
                bad: String::new(),
                feed: crate::app::feed::Feed::default(),
            });
            let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
            let spots = draw(&app, &theme("plain"), now(), buf.area, &mut buf);
            println!("=== {columns}x{rows} {spots:?}");
            for line in dump(&buf) {
                println!("{line}|");
            }
        }
    }
}

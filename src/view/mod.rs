//! What it looks like. Pure: the state in, cells out.

mod acted;
mod ages;
pub mod burn;
mod cells;
mod changes;
mod confirm;
mod deeds;
mod details;
mod entry;
mod footer;
mod header;
mod held;
mod help;
mod holds;
mod incidents;
mod layers;
mod layout;
mod owed;
mod palette;
mod phrase;
mod presence;
mod priorities;
mod probes;
mod prompt;
mod row;
mod shares;
mod sheet;
mod small;
mod switches;
pub mod text;
pub mod theme;
mod timeline;
mod typed;
pub mod words;

use crate::app::{App, Layer, Spots};
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};
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
        spots.below = layers::draw(app, theme, now, area, buf).below;
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
    if !places.burn.is_empty() {
        spots.chart = burn::draw(app, theme, now, places.burn, buf).or(spots.chart);
    }
    // what is asked lies over the panels, never over the header and the guide: who, how bad and what to type stays in sight
    let bottom = if places.guide.is_empty() { places.footer.top() } else { places.guide.top() };
    let covered = Rect { y: places.header.bottom(), height: bottom - places.header.bottom(), ..area };
    let cover = layers::draw(app, theme, now, covered, buf);
    spots.below = cover.below;
    // the record gives way to it instead: the newest entries are what is being written about
    let free = (covered.bottom() - cover.rows).saturating_sub(places.timeline.y);
    let record = Rect { height: places.timeline.height.min(free), ..places.timeline };
    if !record.is_empty() {
        let (shown, page) = timeline::draw(app, theme, now, record, buf);
        spots.timeline = shown.or(spots.timeline);
        spots.page = page;
    }
    spots
}

/// Draws again what moving in the timeline changes, over the frame that stands, and answers with the places that were drawn;
/// nothing where a whole frame is needed. It is what [`draw`] would draw there: moving must feel immediate with a hundred
/// thousand entries, and most of a frame is then as it was.
pub fn draw_record(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> Option<(Spots, [Rect; 2])> {
    let area = area.intersection(buf.area);
    if area.is_empty() || layout::is_small(area) || app.layer != Layer::None {
        return None;
    }
    let places = layout::places(app, now, area);
    let mut spots = app.spots.clone();
    for place in [places.header, places.timeline] {
        Clear.render(place, buf);
        buf.set_style(place, theme.style(Meaning::Text));
    }
    header::draw(app, theme, now, places.header, buf);
    if !places.timeline.is_empty() {
        let (shown, page) = timeline::draw(app, theme, now, places.timeline, buf);
        spots.timeline = shown.or(spots.timeline);
        spots.page = page;
    }
    Some((spots, [places.header, places.timeline]))
}

/// What every panel is: the state in, cells of its own place out.
type Panel = fn(&App, &Theme, Time, Rect, &mut Buffer);

#[cfg(test)]
mod burning;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

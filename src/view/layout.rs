//! Where things stand on a screen of a given size. It must not know what they show, only how much room they would like.

use super::row::narrow;
use super::{burn, footer, header, presence, priorities, switches};
use crate::app::{App, Panel};
use crate::incident::time::Time;
use ratatui::layout::Rect;

/// From so many columns on, the switches stand beside the priorities.
const BESIDE: u16 = 110;
/// Free columns between two panels side by side.
const BETWEEN: u16 = 2;
/// What the timeline always gets, its title included.
const RECORD: u16 = 4;
/// Smaller screens show the first line and what is most urgent, nothing else.
const SMALLEST: (u16, u16) = (40, 8);

/// A place for everything; what has no rows is not drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// What is said aloud to somebody joining.
    pub header: Rect,
    /// What is owed.
    pub priorities: Rect,
    /// What can be switched off.
    pub switches: Rect,
    /// How fast the budget burns.
    pub burn: Rect,
    /// The record.
    pub timeline: Rect,
    /// Who is here, what waits to be written.
    pub presence: Rect,
    /// What to press next, in a drill.
    pub guide: Rect,
    /// Keys, and what became of the last one.
    pub footer: Rect,
}

/// Too small for panels.
pub fn is_small(area: Rect) -> bool {
    area.width < SMALLEST.0 || area.height < SMALLEST.1
}

/// Shares a screen out.
pub fn places(app: &App, now: Time, area: Rect) -> Places {
    let mut places = Places::default();
    let mut rest = area;
    places.header = from_top(&mut rest, header::height(app, area));
    places.footer = from_bottom(&mut rest, footer::height(app, area));
    if area.height >= 12 {
        places.guide = from_bottom(&mut rest, presence::guide_height(app, now, area.width));
        places.presence = from_bottom(&mut rest, presence::height(app, now, area.height));
    }
    if app.zoomed {
        let whole = match app.focus {
            Panel::Priorities => &mut places.priorities,
            Panel::Switches if switches::is_needed(app, now) => &mut places.switches,
            Panel::Burn if !app.slos.is_empty() => &mut places.burn,
            Panel::Switches | Panel::Burn | Panel::Timeline => &mut places.timeline,
        };
        *whole = rest;
        return places;
    }
    let owed = priorities::wanted(app, now);
    let body = rest.height;
    if !switches::is_needed(app, now) {
        places.priorities = above_record(&mut rest, owed.min(most(body, 30, 5)));
    } else if area.width >= BESIDE && body >= 14 {
        let right = narrow(usize::from(area.width - BETWEEN) * 44 / 100);
        let levers = switches::wanted(app, now, right);
        let mut top = above_record(&mut rest, owed.max(levers).min(most(body, 33, 5)));
        places.switches = Rect { x: top.right() - right, width: right, ..top };
        top.width -= right + BETWEEN;
        places.priorities = top;
    } else {
        places.priorities = above_record(&mut rest, owed.min(most(body, 25, 5)));
        if body >= 14 {
            let levers = switches::wanted(app, now, area.width).min(most(body, 16, 3));
            places.switches = above_record(&mut rest, levers);
        }
    }
    if !app.slos.is_empty() {
        places.burn = above_record(&mut rest, burn::height(app, area.height));
    }
    places.timeline = rest;
    places
}

/// A share of the rows in percent, and never less than so many.
fn most(rows: u16, percent: u16, least: u16) -> u16 {
    let share = u32::from(rows) * u32::from(percent) / 100;
    u16::try_from(share).unwrap_or(u16::MAX).max(least).min(rows)
}

/// Takes rows from the top, but none of those that the timeline always gets.
fn above_record(rest: &mut Rect, rows: u16) -> Rect {
    let spare = rest.height.saturating_sub(RECORD);
    from_top(rest, rows.min(spare))
}

fn from_top(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    let taken = Rect { height: rows, ..*rest };
    *rest = Rect { y: rest.y + rows, height: rest.height - rows, ..*rest };
    taken
}

fn from_bottom(rest: &mut Rect, rows: u16) -> Rect {
    let rows = rows.min(rest.height);
    rest.height -= rows;
    Rect { y: rest.bottom(), height: rows, ..*rest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{minute_14, now};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_lie_on_the_screen_and_on_nothing_else(columns in 1u16..260, rows in 1u16..90, zoomed: bool, focus in 0usize..4) {
            let mut app = minute_14();
            app.zoomed = zoomed;
            app.focus = Panel::ALL[focus];
            let area = Rect::new(3, 2, columns, rows);
            let p = places(&app, now(), area);
            let all = [p.header, p.priorities, p.switches, p.burn, p.timeline, p.presence, p.guide, p.footer];
            let cells: u32 = all.iter().map(|r| r.area()).sum();
            prop_assert!(cells <= area.area());
            for (place, one) in all.iter().enumerate() {
                prop_assert!(one.is_empty() || one.intersection(area) == *one);
                for other in all.iter().skip(place + 1) {
                    prop_assert!(one.intersection(*other).is_empty(), "{one:?} {other:?}");
                }
            }
        }
    }
}

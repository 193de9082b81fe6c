//! Who is here and what waits to be written, when there is something to say; in a drill, what to press next.
//!
//! It must not know how the journal is kept or which scenario is played.

use super::row::{Row, clipped, narrow, nth};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::{App, Layer};
use crate::incident::impact::counted;
use crate::incident::time::{Span, Time};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Nothing is said about a write that takes no longer.
const PATIENCE: Span = Span(250_000);
/// From so many rows on, people are worth a row.
const ROOMY: u16 = 30;
/// The guide takes so many rows at most.
const GUIDE: usize = 2;
/// What hides the guide.
const HIDES: &str = "Esc hides";

/// How many rows it needs on a screen of so many.
pub fn height(app: &App, now: Time, rows: u16) -> u16 {
    let people = rows >= ROOMY && app.incident.people().len() > 1;
    u16::from(people || writing(app, now).is_some() || app.incident.unknown() > 0)
}

/// Draws it into the area's first row.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let mut row = Row::new(3);
    let muted = theme.style(Meaning::Muted);
    let people = app.incident.people();
    if people.len() > 1 {
        let mut names: Vec<&str> = people.keys().map(String::as_str).take(9).collect();
        if people.len() > names.len() {
            names.push("…");
        }
        row.left(format!("here {}", names.join(", ")), muted, 2);
    }
    if app.incident.unknown() > 0 {
        let words = counted(app.incident.unknown().into(), "entry", "entries") + " of a later version kept, not read";
        row.right(words, theme.style(Meaning::Warn), 1);
    }
    match writing(app, now) {
        Some(words) => {
            row.right(words, theme.style(Meaning::Due), 0);
        }
        None if app.trouble.is_none() && app.desk.is_idle() => {
            row.right("nothing unsent", muted, 3);
        }
        None => {}
    }
    row.draw(nth(area, 0), buf);
}

/// How much waits to be written, when that takes noticeably long.
fn writing(app: &App, now: Time) -> Option<String> {
    let (waiting, since) = app.desk.waiting()?;
    (now.since(since) > PATIENCE).then(|| format!("writing {waiting}…"))
}

/// How many rows the drill's guide needs.
pub fn guide_height(app: &App, now: Time, cells: u16) -> u16 {
    let Some(words) = app.guide(now) else { return 0 };
    narrow(text::rows(words, guide_room(cells), 0).take(GUIDE).count())
}

/// Cells for the guide's words, between its name and what hides it.
fn guide_room(cells: u16) -> usize {
    usize::from(cells).saturating_sub("guide".len() + 2 + 2 + HIDES.len())
}

/// Draws the drill's guide.
pub fn guide(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let Some(words) = app.guide(now) else { return };
    let rows = clipped(words, guide_room(area.width), usize::from(area.height));
    for (place, line) in (0..).zip(rows) {
        let mut row = Row::new(2);
        row.left(if place == 0 { "guide" } else { "     " }, theme.style(Meaning::Info), 0);
        row.left(line, theme.style(Meaning::Text), 0);
        // over an open form Esc is the form's
        if place == 0 && app.layer == Layer::None {
            row.right(HIDES, theme.style(Meaning::Muted), 1);
        }
        row.draw(nth(area, place), buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{at, empty, in_a_drill, keys, lines, minute_14, now};

    #[test]
    fn who_is_here_is_said_where_there_is_room_for_it() {
        let app = minute_14();
        assert_eq!((height(&app, now(), 36), height(&app, now(), 24)), (1, 0));
        assert_eq!(
            lines(&app, draw, 80, 1),
            ["here Ana, Ben, Cho, Dev, Eli, Fay                                 nothing unsent"]
        );
    }

    #[test]
    fn a_write_that_takes_long_is_counted_even_on_a_low_screen() {
        let mut app = minute_14();
        keys(&mut app, "n h i <enter>");
        assert_eq!(height(&app, now(), 24), 0, "not within a quarter of a second");
        let later = now().plus(Span::seconds(1));
        assert_eq!(height(&app, later, 24), 1);
        assert_eq!(writing(&app, later).as_deref(), Some("writing 1…"));
    }

    #[test]
    fn in_a_drill_the_next_step_is_said_until_it_is_hidden() {
        let mut app = in_a_drill(empty());
        assert_eq!(
            lines(&app, guide, 80, 1),
            ["guide  Requests are refused. Press i: it is sev1, and you command.     Esc hides"]
        );
        assert_eq!((guide_height(&app, now(), 80), guide_height(&app, now(), 50)), (1, 2));
        keys(&mut app, "<esc>");
        assert_eq!(guide_height(&app, at("23:04:20"), 80), 0);
    }
}

//! What can be done with a switch, to choose from. Choosing leads to a preview, never further; only a request is taken back at once.
//!
//! It must not know what any of it does.

use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Row, Sheet};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::deeds::Deeds;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the choice over the lower rows of an area; how many rows it took.
pub fn draw(deeds: &Deeds, theme: &Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let cells = Sheet::cells(area, 1);
    let rows = deeds.offers.iter().enumerate().flat_map(|(place, offer)| {
        let chosen = place == deeds.chosen;
        let look = if chosen { Meaning::Heading } else { Meaning::Text };
        let mark = if chosen { ">" } else { " " };
        let number = format!("{mark} {}  ", place + 1);
        // what would be done is never cut: it goes on in a row below
        let used = text::width(&number);
        let mut lines = text::rows(&offer.words, cells.saturating_sub(used), 0).map(|line| line.text);
        let first = Row { chosen, ..Row::new(number, Meaning::Key) }.and(lines.next().unwrap_or_default(), look);
        let rest = lines.map(|line| Row { chosen, ..Row::new(" ".repeat(used), Meaning::Key) }.and(line, look));
        let mut rows: Vec<Row> = std::iter::once(first).chain(rest).collect();
        if let Some(last) = rows.pop() {
            rows.push(match offer.aside.as_str() {
                "" => last,
                aside => last.and(format!("  {aside}"), Meaning::Muted),
            });
        }
        rows.into_iter().map(move |row| row.rank(u8::try_from(place.min(200)).unwrap_or(200))).collect::<Vec<_>>()
    });
    let order = match deeds.gives_back() {
        true => "ways back first, the smallest step first; nothing is sent yet",
        false => "the narrowest first; nothing is sent yet",
    };
    let title =
        vec![Part::new(deeds.switch.clone(), Meaning::Heading), Part::new(order, Meaning::Muted).after("  ").rank(1)];
    let digit = if deeds.steady { "chooses" } else { "moves there: these rows are new" };
    let withdraws = deeds.offers.get(deeds.chosen).is_some_and(|offer| offer.withdraws.is_some());
    let does = if withdraws { "takes it back" } else { "shows what it would do" };
    let keys = [key("Enter", does, 0), key("1-9", digit, 1), key("Esc", "leaves", 0)].concat();
    Sheet { title, columns: vec![rows.collect()], keys, ..Sheet::default() }.draw_low(theme, area, buf)
}

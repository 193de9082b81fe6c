//! What can be done with a switch, to choose from. Choosing leads to a preview, never further; only a request is taken back at once.
//!
//! It must not know what any of it does.

use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Row, Sheet};
use super::theme::{Meaning, Theme};
use crate::app::deeds::Deeds;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the choice over the lower rows of an area; how many rows it took.
pub fn draw(deeds: &Deeds, theme: &Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let rows = deeds.offers.iter().enumerate().map(|(place, offer)| {
        let chosen = place == deeds.chosen;
        let look = if chosen { Meaning::Heading } else { Meaning::Text };
        let mark = if chosen { ">" } else { " " };
        let row = Row { chosen, ..Row::new(format!("{mark} {}", place + 1), Meaning::Key) };
        let row = row.and(format!("  {}", offer.words), look);
        let row = if offer.aside.is_empty() { row } else { row.and(format!("  {}", offer.aside), Meaning::Muted) };
        row.rank(u8::try_from(place.min(200)).unwrap_or(200))
    });
    let order = match deeds.gives_back() {
        true => "ways back first, the smallest step first; nothing is sent before it is confirmed",
        false => "the narrowest first; nothing is sent before it is confirmed",
    };
    let title =
        vec![Part::new(deeds.switch.clone(), Meaning::Heading), Part::new(order, Meaning::Muted).after("  ").rank(1)];
    let digit = if deeds.steady { "chooses" } else { "moves there: these rows are new" };
    let withdraws = deeds.offers.get(deeds.chosen).is_some_and(|offer| offer.withdraws.is_some());
    let does = if withdraws { "takes it back" } else { "shows what it would do" };
    let keys = [key("Enter", does, 0), key("1-9", digit, 1), key("Esc", "leaves", 0)].concat();
    Sheet { title, columns: vec![rows.collect()], keys, ..Sheet::default() }.draw_low(theme, area, buf)
}

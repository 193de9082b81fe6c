//! A row made of words of different weight: what is not needed goes first when the row is narrow.
//!
//! It must not know what the words are about.

use super::cells;
use super::text;
use super::theme::{Meaning, Theme};
use ratatui::buffer::Buffer;
use ratatui::style::Style;

/// What parts words that have nothing to do with each other.
const APART: &str = "   ";

/// What parts words from those that they explain.
pub const EXPLAINS: &str = ": ";

/// Some words of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The words.
    pub text: String,
    /// What they mean.
    pub meaning: Meaning,
    /// What parts them from the words before, when there are any.
    pub before: &'static str,
    /// How soon they go when there is no room: the highest first; 0 stays and is cut.
    pub rank: u8,
}

impl Part {
    /// Words that stay.
    pub fn new(text: impl Into<String>, meaning: Meaning) -> Part {
        Part { text: text.into(), meaning, before: APART, rank: 0 }
    }
    /// The same words, going when there is no room.
    pub fn rank(mut self, rank: u8) -> Part {
        self.rank = rank;
        self
    }
    /// The same words, parted otherwise from those before.
    pub fn after(mut self, before: &'static str) -> Part {
        self.before = before;
        self
    }
}

/// How many cells parts need side by side.
pub fn width(parts: &[Part]) -> usize {
    let gaps: usize = parts.iter().skip(1).map(|p| text::width(p.before)).sum();
    gaps + parts.iter().map(|p| text::width(&p.text)).sum::<usize>()
}

/// The parts that fit: those of the highest rank go first, of equal ones the last.
pub fn fitted(mut parts: Vec<Part>, cells: usize) -> Vec<Part> {
    while width(&parts) > cells {
        let worst = parts.iter().enumerate().max_by_key(|(place, part)| (part.rank, *place));
        match worst.map(|(place, part)| (place, part.rank)) {
            Some((place, rank)) if rank > 0 => {
                let gone = parts.remove(place);
                // what followed it closely now stands where it stood
                if let Some(next) =
                    parts.get_mut(place).filter(|next| text::width(next.before) < text::width(gone.before))
                {
                    next.before = gone.before;
                }
            }
            _ => break,
        }
    }
    parts
}

/// Writes parts in one row, cut at the last cell; answers with the cells used.
pub fn write(buf: &mut Buffer, theme: &Theme, x: u16, y: u16, cells: u16, parts: &[Part]) -> u16 {
    let mut used = 0;
    for (place, part) in parts.iter().enumerate() {
        let gap = if place == 0 { "" } else { part.before };
        used += put(buf, x + used, y, cells - used, gap, theme.style(Meaning::Muted));
        used += put(buf, x + used, y, cells - used, &part.text, theme.style(part.meaning));
        if used >= cells {
            break;
        }
    }
    used
}

/// Writes words from a cell on, cut to so many cells, inside the buffer only; answers with the cells used.
pub fn put(buf: &mut Buffer, x: u16, y: u16, cells: u16, words: &str, style: Style) -> u16 {
    let inside = buf.area.right().saturating_sub(x).min(cells);
    if inside == 0 || y < buf.area.top() || y >= buf.area.bottom() || x < buf.area.left() {
        return 0;
    }
    let shown = text::cut(words, usize::from(inside));
    let end = cells::put(buf, x, y, &shown, usize::from(inside), style);
    end.saturating_sub(x)
}

/// A rule with words on it: `── Burn ─────`. The rule of a panel that has the focus is heavy.
pub fn rule(buf: &mut Buffer, theme: &Theme, (x, y): (u16, u16), cells: u16, focused: bool, mut parts: Vec<Part>) {
    let lead: u16 = if cells >= 50 { 2 } else { 1 };
    if cells < 80 {
        parts.iter_mut().filter(|part| part.before == APART).for_each(|part| part.before = "  ");
    }
    let room = cells.saturating_sub(lead + 2);
    let parts = if room == 0 { Vec::new() } else { fitted(parts, usize::from(room)) };
    let used = if parts.is_empty() { 0 } else { write(buf, theme, x + lead + 1, y, room, &parts) };
    // nothing of the rule is under the words: a look that says nothing of a colour would keep the rule's
    let words = if used == 0 { 0..0 } else { lead..lead + used + 2 };
    let (symbol, meaning) = if focused { ("━", Meaning::Heading) } else { ("─", Meaning::Rule) };
    for cell in (0..cells).filter(|cell| !words.contains(cell)) {
        put(buf, x.saturating_add(cell), y, 1, symbol, theme.style(meaning));
    }
}

/// A text of several lines in one: `first line  (14 lines)`.
pub fn folded(text: &str) -> String {
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    match lines.count() {
        0 => first.to_string(),
        more => format!("{first}  ({} lines)", more + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> Vec<Part> {
        vec![
            Part::new("33.7 % left", Meaning::Text),
            Part::new("(80.0 before)", Meaning::Muted).after(" ").rank(2),
            Part::new("lb", Meaning::Muted).rank(1),
        ]
    }

    #[test]
    fn given_a_narrow_row_when_fitted_then_the_least_needed_words_go_first() {
        let said = |cells| fitted(parts(), cells).iter().map(|p| p.text.clone()).collect::<Vec<_>>().join("|");
        assert_eq!(said(40), "33.7 % left|(80.0 before)|lb");
        assert_eq!(said(29), "33.7 % left|lb");
        assert_eq!(said(12), "33.7 % left");
        assert_eq!(said(2), "33.7 % left");
    }

    #[test]
    fn given_text_of_several_lines_when_folded_then_it_says_how_many() {
        assert_eq!(folded("a\nb\nc"), "a  (3 lines)");
        assert_eq!(folded("a"), "a");
        assert_eq!(folded(""), "");
    }
}

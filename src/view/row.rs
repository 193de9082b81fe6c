//! One row of the screen: pieces from its left edge, pieces at its right edge, and what is left out when it is narrow.
//!
//! It must not know what the pieces say. Right edges align because everything at the right ends in the last cell.

use super::cells;
use super::text::{ELLIPSIS, cut, rows, width};
use super::theme::{Meaning, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::borrow::Cow;

/// Some words with one look.
#[derive(Clone, Debug)]
struct Piece<'a> {
    text: Cow<'a, str>,
    style: Style,
    /// Cells before it, unless it is the first.
    gap: usize,
    /// 0 stays; of the others the highest goes first when room is short.
    rank: u8,
}

/// One row being put together. Nothing is drawn before [`Row::draw`].
#[derive(Clone, Debug)]
pub struct Row<'a> {
    left: Vec<Piece<'a>>,
    right: Vec<Piece<'a>>,
    gap: usize,
}

impl<'a> Row<'a> {
    /// An empty row whose pieces stand `gap` cells apart.
    pub fn new(gap: usize) -> Row<'a> {
        Row { left: Vec::new(), right: Vec::new(), gap }
    }
    /// Adds words after what stands at the left. Rank 0 stays; the highest goes first when room is short.
    pub fn left(&mut self, text: impl Into<Cow<'a, str>>, style: Style, rank: u8) -> &mut Row<'a> {
        let gap = self.gap;
        self.near(text, style, rank, gap)
    }
    /// Adds words at a distance of their own after what stands at the left.
    pub fn near(&mut self, text: impl Into<Cow<'a, str>>, style: Style, rank: u8, gap: usize) -> &mut Row<'a> {
        let text = text.into();
        if !text.is_empty() {
            self.left.push(Piece { text, style, gap, rank });
        }
        self
    }
    /// Adds words at the right edge, after what stands there already.
    pub fn right(&mut self, text: impl Into<Cow<'a, str>>, style: Style, rank: u8) -> &mut Row<'a> {
        let gap = self.gap;
        self.right_near(text, style, rank, gap)
    }
    /// Adds words at the right edge, at a distance of their own after what stands there already.
    pub fn right_near(&mut self, text: impl Into<Cow<'a, str>>, style: Style, rank: u8, gap: usize) -> &mut Row<'a> {
        let text = text.into();
        if !text.is_empty() {
            self.right.push(Piece { text, style, gap, rank });
        }
        self
    }

    /// How many cells all its words need.
    pub fn width(&self) -> usize {
        let between = if self.left.is_empty() || self.right.is_empty() { 0 } else { self.gap };
        wide(&self.left) + between + wide(&self.right)
    }

    /// Writes it into the first row of an area; says where its left part ends and where its right part begins, both in cells
    /// from the area's left edge.
    pub fn draw(mut self, area: Rect, buf: &mut Buffer) -> (u16, u16) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return (0, area.width);
        }
        let cells = usize::from(area.width);
        while self.width() > cells && self.drop_one() {}
        let right = wide(&self.right).min(cells);
        let start = area.right() - narrow(right);
        put(&self.right, start, area.y, right, buf);
        let room = if right == 0 { cells } else { cells.saturating_sub(right + self.gap) };
        let end = put(&self.left, area.x, area.y, room, buf);
        (end - area.x, start - area.x)
    }

    /// Leaves out the piece that is missed least; says whether there was one.
    fn drop_one(&mut self) -> bool {
        let rank = self.left.iter().chain(&self.right).map(|piece| piece.rank).max().unwrap_or(0);
        if rank == 0 {
            return false;
        }
        for side in [&mut self.right, &mut self.left] {
            if let Some(place) = side.iter().rposition(|piece| piece.rank == rank) {
                side.remove(place);
                return true;
            }
        }
        false
    }
}

/// A panel's title: a line across the area with words on it. The focused panel's line is heavy.
pub fn title(row: Row<'_>, focused: bool, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let area = Rect { height: area.height.min(1), ..area }.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    let (line, look) = if focused { ("━", Meaning::Heading) } else { ("─", Meaning::Rule) };
    let lead = if area.width >= 40 { 2 } else { 1 };
    let inner = Rect { x: area.x + lead + 1, width: area.width.saturating_sub(lead + 1), ..area };
    let inner = inner.intersection(area);
    let (end, start) = if inner.is_empty() { (0, 0) } else { row.draw(inner, buf) };
    let (end, start) = (inner.x + end, inner.x + start);
    for x in area.x..area.right() {
        let in_left = x > area.x + lead - 1 && x <= end;
        let in_right = start < area.right() && x + 1 >= start;
        if !in_left && !in_right {
            buf.set_stringn(x, area.y, line, 1, theme.style(look));
        }
    }
}

fn wide(pieces: &[Piece<'_>]) -> usize {
    let words: usize = pieces.iter().map(|piece| width(&piece.text)).sum();
    let gaps: usize = pieces.iter().skip(1).map(|piece| piece.gap).sum();
    words + gaps
}

/// Writes pieces one after another, the last that fits cut; says where they end.
fn put(pieces: &[Piece<'_>], x: u16, y: u16, room: usize, buf: &mut Buffer) -> u16 {
    let mut used = 0;
    for (place, piece) in pieces.iter().enumerate() {
        let gap = if place == 0 { 0 } else { piece.gap };
        let Some(free) = room.checked_sub(used + gap).filter(|free| *free > 0) else { break };
        let shown = cut(&piece.text, free);
        let end = cells::put(buf, x + narrow(used + gap), y, &shown, free, piece.style);
        used = usize::from(end.saturating_sub(x));
    }
    x + narrow(used)
}

/// Marks what is selected. Nothing on it stays dim: it would be hard to read.
pub fn select(area: Rect, theme: &Theme, buf: &mut Buffer) {
    let look = theme.style(Meaning::Selected).remove_modifier(Modifier::DIM);
    buf.set_style(area.intersection(buf.area), look);
}

/// Cells as ratatui counts them.
pub fn narrow(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// One row of an area, from its top; empty below its end.
pub fn nth(area: Rect, row: u16) -> Rect {
    if row >= area.height { Rect { height: 0, ..area } } else { Rect { y: area.y + row, height: 1, ..area } }
}

/// The first rows of a text in a width; the last one ends in an ellipsis when something was left out.
pub fn clipped(words: &str, cells: usize, most: usize) -> Vec<Cow<'_, str>> {
    let mut rows = rows(words, cells, 0);
    let mut shown: Vec<Cow<'_, str>> = rows.by_ref().take(most).map(|row| Cow::Borrowed(row.text)).collect();
    if rows.next().is_some()
        && let Some(last) = shown.last_mut()
    {
        let whole = cut(last, cells.saturating_sub(1)).into_owned();
        *last = Cow::Owned(if whole.ends_with(ELLIPSIS) { whole } else { whole + ELLIPSIS });
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{dump, theme};

    fn drawn(row: Row<'_>, cells: u16) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, cells, 1));
        row.draw(buf.area, &mut buf);
        dump(&buf).remove(0)
    }
    fn row() -> Row<'static> {
        let mut row = Row::new(2);
        let plain = Style::new();
        row.left("one", plain, 0).left("two", plain, 2).left("three", plain, 0);
        row.right("more", plain, 1).right("end", plain, 0);
        row
    }

    #[test]
    fn what_is_missed_least_goes_first_and_then_the_left_is_cut() {
        assert_eq!(drawn(row(), 30), "one  two  three      more  end");
        assert_eq!(drawn(row(), 24), "one  three     more  end");
        assert_eq!(drawn(row(), 20), "one  three       end");
        assert_eq!(drawn(row(), 12), "one  t…  end");
        assert_eq!(drawn(row(), 3), "end");
        assert_eq!(drawn(row(), 2), "e…");
        assert_eq!(drawn(row(), 0), "");
    }

    #[test]
    fn a_title_is_a_line_with_words_on_it() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 30, 2));
        for (y, focused) in [(0, false), (1, true)] {
            let mut row = Row::new(3);
            row.left("Burn", Style::new(), 0).left("live", Style::new(), 1).right("owed", Style::new(), 1);
            title(row, focused, &theme("plain"), Rect::new(0, y, 30, 1), &mut buf);
        }
        assert_eq!(dump(&buf), ["─ Burn   live ─────────── owed", "━ Burn   live ━━━━━━━━━━━ owed"]);
    }

    #[test]
    fn a_title_is_drawn_at_any_width() {
        for cells in 0..20 {
            let mut buf = Buffer::empty(Rect::new(0, 0, cells, 1));
            let mut row = Row::new(3);
            row.left("Priorities", Style::new(), 0).right("2 more", Style::new(), 0);
            title(row, true, &theme("plain"), Rect::new(0, 0, cells, 1), &mut buf);
            let drawn = dump(&buf);
            assert!(cells == 0 || drawn[0].starts_with('━'), "{drawn:?}");
        }
    }
}

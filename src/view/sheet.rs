//! What a layer is drawn on: a titled rule, rows in one column or two, and a last row that says which keys do what.
//!
//! It must not know what the rows say. Nothing of the panels below shows through.

use super::phrase::{self, Part};
use super::text;
use super::theme::{Meaning, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// No text takes more rows than this; what is left out is said.
const MOST: usize = 500;
/// Blanks between two columns.
const BETWEEN: u16 = 3;

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Words, each with what they mean.
    pub words: Vec<(String, Meaning)>,
    /// The cell of the cursor, from the row's first cell on.
    pub cursor: Option<usize>,
    /// It is the chosen one.
    pub chosen: bool,
    /// How soon it goes when there are more rows than room: the highest first; 0 stays.
    pub rank: u8,
}

impl Row {
    /// A row of words with one meaning.
    pub fn new(words: impl Into<String>, meaning: Meaning) -> Row {
        Row { words: vec![(words.into(), meaning)], ..Row::default() }
    }
    /// The same row with more words.
    pub fn and(mut self, words: impl Into<String>, meaning: Meaning) -> Row {
        self.words.push((words.into(), meaning));
        self
    }
    /// The same row, going when there is no room.
    pub fn rank(mut self, rank: u8) -> Row {
        self.rank = rank;
        self
    }
}

/// The rows of a text in a width, at most so many; the last says that there is more.
pub fn wrapped(words: &str, cells: usize, most: usize, meaning: Meaning) -> Vec<Row> {
    let mut rows = text::rows(words, cells.max(1), 0);
    let mut shown: Vec<Row> = rows.by_ref().take(most.min(MOST)).map(|row| Row::new(row.text, meaning)).collect();
    if rows.next().is_some()
        && let Some((last, _)) = shown.last_mut().and_then(|row| row.words.last_mut())
    {
        let kept = text::cut(last, cells.saturating_sub(2)).into_owned();
        *last = format!("{} {}", kept.trim_end_matches(text::ELLIPSIS).trim_end(), text::ELLIPSIS);
    }
    shown
}

/// A name and its text beside it, wrapped under itself.
pub fn named(name: &str, names: usize, words: &str, cells: usize, meaning: Meaning) -> Vec<Row> {
    named_most(name, names, words, cells, MOST, meaning)
}

/// The same in at most so many rows.
pub fn named_most(name: &str, names: usize, words: &str, cells: usize, most: usize, meaning: Meaning) -> Vec<Row> {
    let mut name = text::pad_right(name, names);
    let mut rows = wrapped(words, cells.saturating_sub(names), most, meaning);
    for row in &mut rows {
        row.words.insert(0, (std::mem::replace(&mut name, " ".repeat(names)), Meaning::Muted));
    }
    rows
}

/// Leaves out what is missed least until the rows fit.
pub fn fitted(mut rows: Vec<Row>, height: usize) -> Vec<Row> {
    while rows.len() > height {
        let worst = rows.iter().enumerate().max_by_key(|(place, row)| (row.rank, *place));
        match worst.map(|(place, row)| (place, row.rank)) {
            Some((place, rank)) if rank > 0 => rows.remove(place),
            _ => break,
        };
    }
    rows
}

/// A layer to be drawn.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    /// The words on its rule.
    pub title: Vec<Part>,
    /// Words at the rule's right end.
    pub aside: String,
    /// Its rows, in one column or two.
    pub columns: Vec<Vec<Row>>,
    /// The last row; stays in view.
    pub keys: Vec<Part>,
}

impl Sheet {
    /// How many cells a row has in an area, when there are so many columns.
    pub fn cells(area: Rect, columns: u16) -> usize {
        let columns = columns.max(1);
        let inner = area.width.saturating_sub(2 * margin(area) + (columns - 1) * BETWEEN);
        usize::from(inner / columns)
    }

    /// Draws it over the lower rows of an area, as high as it needs to be; answers with how many it took.
    pub fn draw_low(self, theme: &Theme, area: Rect, buf: &mut Buffer) -> u16 {
        let rows = self.columns.iter().map(Vec::len).max().unwrap_or(0);
        let height = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(1 + u16::from(!self.keys.is_empty()));
        let height = height.min(area.height);
        self.draw(theme, Rect { y: area.bottom() - height, height, ..area }, 0, buf);
        height
    }

    /// Draws it over a whole area, from row `top` on; answers with how many rows did not fit below.
    pub fn draw(self, theme: &Theme, area: Rect, top: u16, buf: &mut Buffer) -> u16 {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return 0;
        }
        clear(theme, area, buf);
        let rows = self.columns.iter().map(Vec::len).max().unwrap_or(0);
        let rows = u16::try_from(rows).unwrap_or(u16::MAX);
        let titled = area.height > 1;
        let keyed = area.height > 2 && !self.keys.is_empty();
        let room = area.height - u16::from(titled) - u16::from(keyed);
        let top = top.min(rows.saturating_sub(room));
        let below = rows.saturating_sub(top).saturating_sub(room);
        if titled {
            self.head(theme, area, (top, below), buf);
        }
        let first = area.top() + u16::from(titled);
        let wide = u16::try_from(Self::cells(area, u16::try_from(self.columns.len()).unwrap_or(1))).unwrap_or(0);
        let mut x = area.left() + margin(area);
        for column in &self.columns {
            let shown = column.iter().skip(usize::from(top)).take(usize::from(room));
            for (y, row) in (first..).zip(shown) {
                row_at(theme, row, (x, y), wide, buf);
            }
            x = x.saturating_add(wide + BETWEEN);
        }
        if keyed {
            let cells = area.width - 2 * margin(area);
            let parts = phrase::fitted(self.keys, usize::from(cells));
            phrase::write(buf, theme, area.left() + margin(area), area.bottom() - 1, cells, &parts);
        }
        below
    }

    fn head(&self, theme: &Theme, area: Rect, (above, below): (u16, u16), buf: &mut Buffer) {
        let more = match (above, below) {
            (0, 0) => String::new(),
            (above, 0) => format!("{above} above"),
            (0, below) => format!("{below} below"),
            (above, below) => format!("{above} above, {below} below"),
        };
        let aside: Vec<&str> = [self.aside.as_str(), more.as_str()].into_iter().filter(|w| !w.is_empty()).collect();
        let aside = aside.join("   ");
        let width = u16::try_from(text::width(&aside)).unwrap_or(u16::MAX);
        let fits = width > 0 && width.saturating_add(24) <= area.width;
        let room = if fits { area.width - width - 1 } else { area.width };
        phrase::rule(buf, theme, (area.left(), area.top()), room, true, self.title.clone());
        if fits {
            phrase::put(buf, area.right() - width, area.top(), width, &aside, theme.style(Meaning::Muted));
        }
    }
}

fn row_at(theme: &Theme, row: &Row, (x, y): (u16, u16), cells: u16, buf: &mut Buffer) {
    let mut used = 0;
    for (words, meaning) in &row.words {
        // the chosen row has one look, whatever its words mean
        let meaning = if row.chosen { Meaning::Text } else { *meaning };
        used += phrase::put(buf, x + used, y, cells - used, words, theme.style(meaning));
    }
    if row.chosen {
        buf.set_style(Rect::new(x, y, cells, 1).intersection(buf.area), theme.style(Meaning::Selected));
    }
    if let Some(cell) = row.cursor.and_then(|c| u16::try_from(c).ok()).map(|c| c.min(cells.saturating_sub(1))) {
        buf.set_style(Rect::new(x + cell, y, 1, 1).intersection(buf.area), theme.style(Meaning::Cursor));
    }
}

/// Blanks at both sides.
fn margin(area: Rect) -> u16 {
    if area.width >= 50 { 2 } else { 0 }
}

/// Empties an area.
fn clear(theme: &Theme, area: Rect, buf: &mut Buffer) {
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
    buf.set_style(area, theme.style(Meaning::Text));
}

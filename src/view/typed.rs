//! A field that is typed into, as rows with a cursor: one-line fields scroll sideways, the others are wrapped and scroll up.
//!
//! It must not know what is asked for.

use super::text::{self, ELLIPSIS};
use crate::app::field::Field;
use unicode_segmentation::UnicodeSegmentation;

/// More of a text than this, in bytes, before or after the cursor is not looked at.
const NEAR: usize = 8_192;

/// What is shown of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The rows.
    pub rows: Vec<String>,
    /// The row and the cell of the cursor.
    pub cursor: (usize, usize),
    /// Rows that are not shown above, and whether there are any below.
    pub hidden: (usize, bool),
}

/// What is shown of a field in so many cells and at most so many rows; the cursor always is.
pub fn shown(field: &Field, cells: usize, most: usize) -> Shown {
    let (before, after) = field.halves();
    let (before, after) = (tail(before, NEAR), head(after, NEAR));
    if field.lines && most > 1 { lines(before, after, cells, most) } else { line(before, after, cells) }
}

/// A line that is moved so that the cursor and a little behind it are in view.
fn line(before: &str, after: &str, cells: usize) -> Shown {
    let (before, after) = (fold(before), fold(after));
    let behind = text::width(&after).min(cells / 4);
    // a cell for the cursor itself, another one for the mark of what is hidden
    let room = cells.saturating_sub(behind.max(1));
    let (start, kept) = if text::width(&before) <= room {
        ("", before.as_str())
    } else {
        (ELLIPSIS, kept_end(&before, room.saturating_sub(1)))
    };
    let at = text::width(start) + text::width(kept);
    let shown = format!("{start}{kept}{}", text::cut(&after, cells.saturating_sub(at)));
    Shown { rows: vec![shown], cursor: (0, at), hidden: (0, false) }
}

/// Rows around the cursor.
fn lines(before: &str, after: &str, cells: usize, most: usize) -> Shown {
    let whole = format!("{before}{after}");
    // the last cell stays free for the cursor
    let rows: Vec<text::Row<'_>> = text::rows(&whole, cells.saturating_sub(1).max(1), 0).collect();
    let base = whole.as_ptr().addr();
    let starts = |row: &text::Row<'_>| row.text.as_ptr().addr().saturating_sub(base);
    let at = rows.iter().rposition(|row| starts(row) <= before.len()).unwrap_or(0);
    let from = rows.get(at).map_or(0, starts);
    let cell = text::width(before.get(from..).unwrap_or_default()).min(cells.saturating_sub(1));
    // the cursor stands in the last row but one where there is more below
    let last = (at + 1 + usize::from(at + 1 < rows.len())).max(most.min(rows.len()));
    let first = last.saturating_sub(most).min(at);
    let shown = rows.iter().skip(first).take(most).map(|row| row.text.to_string()).collect();
    Shown { rows: shown, cursor: (at - first, cell), hidden: (first, first + most < rows.len()) }
}

/// A line break in a line is shown as a blank.
fn fold(words: &str) -> String {
    words.replace('\n', " ")
}

/// As much of the end of a text as fits.
fn kept_end(words: &str, cells: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in words.grapheme_indices(true).rev() {
        used += text::width(grapheme);
        if used > cells {
            return words.get(at + grapheme.len()..).unwrap_or_default();
        }
    }
    words
}

fn tail(words: &str, bytes: usize) -> &str {
    let start = words.len().saturating_sub(bytes);
    (start..=words.len()).find_map(|start| words.get(start..)).unwrap_or_default()
}

fn head(words: &str, bytes: usize) -> &str {
    (0..=bytes.min(words.len())).rev().find_map(|end| words.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::key::parse_run;
    use proptest::prelude::*;

    fn at(field: Field, keys: &str) -> Field {
        let mut field = field;
        for key in parse_run(keys).unwrap() {
            field.key(key);
        }
        field
    }

    #[test]
    fn given_a_long_line_when_shown_then_the_cursor_is_in_view() {
        let long = Field::new("to", "").filled("abcdefghijklmnopqrstuvwxyz");
        assert_eq!(shown(&long, 10, 6).rows, ["…stuvwxyz"]);
        assert_eq!(shown(&long, 10, 6).cursor, (0, 9));
        assert_eq!(shown(&at(long.clone(), "<home>"), 10, 6).rows, ["abcdefghi…"]);
        assert_eq!(shown(&at(long, "<home> <right> <right>"), 10, 6).cursor, (0, 2));
        let wide = Field::new("to", "").filled("日本語日本語日本語");
        assert_eq!(shown(&wide, 10, 6).rows, ["…語日本語"]);
    }

    #[test]
    fn given_several_lines_when_shown_then_those_around_the_cursor_are() {
        let text = Field::new("note", "").with_lines().filled("one\ntwo\n\nfour five six\nseven\n");
        let all = shown(&text, 10, 9);
        assert_eq!(all.rows, ["one", "two", "", "four five", "six", "seven", ""]);
        assert_eq!(all.cursor, (6, 0));
        let some = shown(&text, 10, 3);
        assert_eq!(
            (some.rows, some.cursor, some.hidden),
            (vec!["six".into(), "seven".into(), String::new()], (2, 0), (4, false))
        );
        let top = shown(&at(text, "<home>"), 10, 3);
        assert_eq!((top.cursor, top.hidden), ((0, 0), (0, true)));
    }

    proptest! {
        #[test]
        fn given_any_text_and_cursor_when_shown_then_it_fits_and_the_cursor_is_inside(text in "(\\PC|\n| ){0,60}", left in 0usize..70, cells in 1usize..30, most in 1usize..7, several: bool) {
            let mut field = Field::new("note", "").filled(&text);
            field.lines = several;
            for _ in 0..left {
                field = at(field, "<left>");
            }
            let shown = shown(&field, cells, most);
            // a cluster of characters that is wider than all the cells there are stands alone; drawing cuts it
            let widest = text.graphemes(true).map(text::width).max().unwrap_or(0).max(2);
            prop_assert!(shown.rows.len() <= most && shown.cursor.0 < shown.rows.len());
            prop_assert!(shown.cursor.1 < cells.max(2), "{shown:?}");
            for row in &shown.rows {
                prop_assert!(text::width(row) <= cells.max(widest), "{shown:?}");
            }
        }
    }
}

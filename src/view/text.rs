//! Text as cells: how wide it is, where it is cut, padded and wrapped.
//!
//! One rule for width, the rule by which ratatui fills cells: a text is a row of graphemes; each is as wide as
//! [`CellWidth`] says (East Asian wide and emoji two, a base with its combining marks as the base, a ZWJ sequence as its
//! picture), and control characters are not drawn, so they have no width. A text is only ever parted between graphemes.
//!
//! It must not know: what the text says, its style, or the size of the screen. Words for times and numbers are in
//! [`super::words`].

use std::borrow::Cow;

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// What stands for text that was cut off; one cell wide.
pub const ELLIPSIS: &str = "…";

/// The width of a text in cells. Reads the whole text: ask [`fits`] about a text that may be long.
pub fn width(text: &str) -> usize {
    if is_plain(text.as_bytes()) {
        return text.len();
    }
    text.graphemes(true).map(grapheme_width).sum()
}

/// Whether a text needs at most so many cells. Reads no further than it must.
pub fn fits(text: &str, cells: usize) -> bool {
    part(text, cells).1.is_empty()
}

/// A text cut to a width at a grapheme. What was cut off is marked by an ellipsis, which counts.
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if fits(text, cells) {
        return Cow::Borrowed(text);
    }
    match cells.checked_sub(1) {
        None => Cow::Borrowed(""),
        Some(room) => Cow::Owned(format!("{}{ELLIPSIS}", part(text, room).0)),
    }
}

/// The same from the left: what is kept is the end. For paths, whose end says most.
pub fn cut_left(text: &str, cells: usize) -> Cow<'_, str> {
    if fits(text, cells) {
        return Cow::Borrowed(text);
    }
    let Some(mut room) = cells.checked_sub(1) else { return Cow::Borrowed("") };
    let mut start = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        let Some(left) = room.checked_sub(grapheme_width(grapheme)) else { break };
        (room, start) = (left, at);
    }
    Cow::Owned(format!("{ELLIPSIS}{}", text.get(start..).unwrap_or_default()))
}

/// A text in exactly so many cells, at their left: cut, or filled with blanks on its right.
pub fn pad_right(text: &str, cells: usize) -> String {
    let mut out = cut(text, cells).into_owned();
    fill(&mut out, cells);
    out
}

/// A text in exactly so many cells, at their right: cut, or filled with blanks on its left.
pub fn pad_left(text: &str, cells: usize) -> String {
    let shown = cut(text, cells);
    let mut out = String::with_capacity(cells);
    fill(&mut out, cells.saturating_sub(width(&shown)));
    out.push_str(&shown);
    out
}

/// The rows of a text in a width, one at a time: nothing is read beyond the row that is asked for.
///
/// A row ends at a line break, else after the last blank or next to an East Asian wide character that fits, else (a word
/// longer than a row) at the last grapheme that fits. Rows after the first hang: they are indented by `hang` cells and that
/// much narrower. An empty text has one empty row; a width of nothing has no rows.
pub fn rows(text: &str, cells: usize, hang: usize) -> Rows<'_> {
    let rest = (cells > 0).then_some(text);
    // A hang that would leave no room is no hang.
    let hang = if hang < cells { hang } else { 0 };
    Rows { rest, cells, hang, indent: 0 }
}

/// One row of a wrapped text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    /// What it shows, without the blanks at which it was parted.
    pub text: &'a str,
    /// Cells that stay free before it.
    pub indent: usize,
}

/// The iterator of [`rows`].
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    rest: Option<&'a str>,
    cells: usize,
    hang: usize,
    indent: usize,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let (shown, rest) = first_row(self.rest?, self.cells - self.indent);
        let row = Row { text: shown, indent: self.indent };
        self.rest = rest;
        self.indent = self.hang;
        Some(row)
    }
}

/// The first row of a text in a width of at least one cell, and what comes after it.
fn first_row(text: &str, cells: usize) -> (&str, Option<&str>) {
    if text.len() <= cells && is_plain(text.as_bytes()) {
        return (text, None);
    }
    let mut used = 0;
    // Where the row may end so far: the end of what it shows, and the start of the next row.
    let mut place: Option<(usize, usize)> = None;
    let mut before_is_blank = false;
    let mut before_is_wide = false;
    for (at, grapheme) in text.grapheme_indices(true) {
        let after = at + grapheme.len();
        if is_line_break(grapheme) {
            return (trimmed(text, at), text.get(after..));
        }
        let wide = grapheme_width(grapheme);
        let is_blank = grapheme == " " || grapheme == "\t";
        if at > 0 && !is_blank && (before_is_blank || before_is_wide || wide > 1) {
            place = Some((at, at));
        }
        used += wide;
        // Blanks may hang over the edge: they are not shown at the end of a row.
        if used > cells && !is_blank {
            let (end, next) = place.unwrap_or(if at == 0 { (after, after) } else { (at, at) });
            return (trimmed(text, end), text.get(next..).filter(|rest| !rest.is_empty()));
        }
        before_is_blank = is_blank;
        before_is_wide = wide > 1;
    }
    // The end of the text; blanks over the edge go as they go at any row's end.
    let shown = if used > cells { text.trim_end_matches([' ', '\t']) } else { text };
    (shown, None)
}

/// The text before a byte, without the blanks at its end.
fn trimmed(text: &str, end: usize) -> &str {
    text.get(..end).unwrap_or_default().trim_end_matches([' ', '\t'])
}

fn is_line_break(grapheme: &str) -> bool {
    matches!(grapheme, "\n" | "\r\n" | "\r" | "\u{2028}" | "\u{2029}")
}

/// The longest start of a text that fits, and the rest.
fn part(text: &str, cells: usize) -> (&str, &str) {
    // one byte beyond the cells, so that nothing can join the last one
    let start = text.as_bytes().get(..text.len().min(cells.saturating_add(1))).unwrap_or_default();
    if is_plain(start) {
        return text.split_at_checked(cells).unwrap_or((text, ""));
    }
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme_width(grapheme);
        if used > cells {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// Printable ASCII: each byte is a grapheme of one cell, and finding graphemes is most of what drawing costs.
fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The width of one grapheme, as ratatui draws it: one that holds a control character is left out.
fn grapheme_width(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) { 0 } else { usize::from(grapheme.cell_width()) }
}

/// Blanks until a text has so many cells.
fn fill(out: &mut String, cells: usize) {
    let missing = cells.saturating_sub(width(out));
    out.extend(std::iter::repeat_n(' ', missing));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    const FAMILY: &str = "👨\u{200d}👩\u{200d}👧";

    fn wrapped(text: &str, cells: usize, hang: usize) -> Vec<String> {
        rows(text, cells, hang).map(|row| format!("{}{}", " ".repeat(row.indent), row.text)).collect()
    }

    fn mixed_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[a-z]{1,9}",
            3 => Just(" ".to_owned()),
            1 => Just("  ".to_owned()),
            1 => Just("\n".to_owned()),
            1 => Just("日本語".to_owned()),
            1 => Just("e\u{301}".to_owned()),
            1 => Just(FAMILY.to_owned()),
            1 => Just("🇪🇺".to_owned()),
            1 => Just("\u{1b}[31m".to_owned()),
            1 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn given_any_text_when_drawn_then_ratatui_uses_as_many_cells_as_we_say(text in mixed_text()) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 400, 1));
            let (end, _) = buffer.set_stringn(0, 0, &text, 400, Style::new());
            prop_assert_eq!(usize::from(end), width(&text));
        }

        #[test]
        fn given_any_text_when_cut_or_padded_then_it_has_that_width(text in mixed_text(), cells in 0usize..20) {
            prop_assert!(width(&cut(&text, cells)) <= cells);
            prop_assert_eq!(width(&pad_right(&text, cells)), cells);
            prop_assert_eq!(width(&pad_left(&text, cells)), cells);
            prop_assert_eq!(cut(&text, cells) == text, fits(&text, cells));
            prop_assert!(width(&cut_left(&text, cells)) <= cells);
            prop_assert_eq!(cut_left(&text, cells) == text, fits(&text, cells));
        }

        #[test]
        fn given_any_text_when_wrapped_then_rows_fit_and_nothing_but_blanks_is_lost(text in mixed_text(), cells in 2usize..20, hang in 0usize..6) {
            let found: Vec<Row<'_>> = rows(&text, cells, hang).collect();
            for row in &found {
                prop_assert!(row.indent + width(row.text) <= cells.max(row.indent + 2), "{:?}", row);
            }
            let keep = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let shown: String = found.iter().map(|row| row.text).collect();
            prop_assert_eq!(keep(&shown), keep(&text));
        }
    }

    #[test]
    fn given_wide_zero_width_and_joined_text_when_measured_then_each_counts_once() {
        assert_eq!(width("日本"), 4);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width(FAMILY), 2);
        assert_eq!(width("⚠\u{fe0f}"), 2);
        assert_eq!(width("\u{200b}\u{202e}"), 0);
        assert_eq!(width("a\u{0}\u{1b}\tb"), 2);
    }

    #[test]
    fn given_a_narrow_place_when_cut_then_the_ellipsis_counts_and_graphemes_stay_whole() {
        assert_eq!(cut("deploy", 6), "deploy");
        assert_eq!(cut("deploys", 6), "deplo…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("ae\u{301}io", 3), "ae\u{301}…");
        assert_eq!(cut(&format!("{FAMILY}ab"), 3), format!("{FAMILY}…"));
        assert_eq!(cut("ab", 1), "…");
        assert_eq!(cut("ab", 0), "");
        assert_eq!(pad_right("日本語", 4), "日… ");
        assert_eq!(pad_left("7", 3), "  7");
        assert_eq!(cut_left("/home/ana/x", 11), "/home/ana/x");
        assert_eq!(cut_left("/home/ana/x", 6), "…ana/x");
        assert_eq!(cut_left("日本語", 4), "…語");
        assert_eq!(cut_left("ab", 1), "…");
        assert_eq!(cut_left("ab", 0), "");
    }

    #[test]
    fn given_words_when_wrapped_then_rows_break_at_blanks_and_hang() {
        assert_eq!(wrapped("one two three", 7, 0), ["one two", "three"]);
        assert_eq!(wrapped("one two three four", 9, 2), ["one two", "  three", "  four"]);
        assert_eq!(wrapped("one  two", 4, 0), ["one", "two"]);
        assert_eq!(wrapped("a\nb\r\nc", 9, 1), ["a", " b", " c"]);
        assert_eq!(wrapped("end\n", 9, 0), ["end", ""]);
        assert_eq!(wrapped("", 9, 0), [""]);
        assert_eq!(wrapped("exact", 5, 0), ["exact"]);
        assert_eq!(wrapped("exact ", 5, 0), ["exact"]);
        assert_eq!(wrapped("any", 0, 0), [""; 0]);
    }

    #[test]
    fn given_a_word_longer_than_a_row_when_wrapped_then_it_is_broken_between_graphemes() {
        assert_eq!(wrapped("ab abcdefgh", 4, 0), ["ab", "abcd", "efgh"]);
        assert_eq!(wrapped("api 日本語", 6, 0), ["api 日", "本語"]);
        assert_eq!(wrapped("日本", 1, 0), ["日", "本"]);
        assert_eq!(rows(&"x".repeat(4_000), 80, 10).count(), 1 + 3_920usize.div_ceil(70));
        assert_eq!(wrapped("abc", 2, 5), ["ab", "c"]);
    }

    #[test]
    fn given_ten_megabytes_in_one_line_when_one_row_is_asked_then_only_that_row_is_parted() {
        let line = "refused ".repeat(1_250_000);
        let mut found = rows(&line, 80, 4);
        assert_eq!(found.next().map(|row| row.text.len()), Some(79));
        assert_eq!(width(&cut(&line, 80)), 80);
    }
}

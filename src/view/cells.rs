//! Puts words into cells. What is plain takes a short way; everything else goes through the boundaries of what a reader sees as one
//! character. It must not know what the words say.

use ratatui::buffer::Buffer;
use ratatui::style::Style;

/// Writes words from a cell on, into at most so many cells, inside the buffer only; answers with the cell after the last one.
pub fn put(buf: &mut Buffer, x: u16, y: u16, words: &str, cells: usize, style: Style) -> u16 {
    if !words.chars().all(is_plain) {
        return buf.set_stringn(x, y, words, cells, style).0;
    }
    let mut at = x;
    for c in words.chars().take(cells) {
        if at >= buf.area.right() {
            break;
        }
        if let Some(cell) = buf.cell_mut((at, y)) {
            cell.set_char(c).set_style(style);
        }
        at += 1;
    }
    at
}

/// One cell wide, and never joined with what stands beside it: printable ASCII, lines, blocks and braille.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::Modifier;

    proptest! {
        #[test]
        fn given_any_words_when_put_then_they_stand_as_the_library_would_put_them(
            words in "([ -~]|[─━│┃▁▅█⠉⣀]|\\PC){0,30}", x in 0u16..20, cells in 0usize..24
        ) {
            let style = Style::new().add_modifier(Modifier::BOLD);
            let (mut ours, mut theirs) = (Buffer::empty(Rect::new(0, 0, 20, 2)), Buffer::empty(Rect::new(0, 0, 20, 2)));
            let end = put(&mut ours, x, 1, &words, cells, style);
            let (expected, _) = theirs.set_stringn(x, 1, &words, cells, style);
            prop_assert_eq!(&ours, &theirs);
            prop_assert_eq!(end, expected);
        }
    }
}

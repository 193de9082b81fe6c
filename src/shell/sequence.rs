//! The control sequences with which the terminal is borrowed and given back, and the title.
//!
//! Only sequences that a terminal may ignore without harm, and none that it answers: nothing is asked. Sources: ECMA-48,
//! xterm's "Control Sequences" (ctlseqs), and the note on synchronized output (mode 2026). It must not know: when they are
//! sent, and to what.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

/// Borrows the terminal: keep its title, alternate screen, paste as paste, focus told, cursor hidden. The first frame clears.
pub const ENTER: &[u8] = b"\x1b[22;0t\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l";

/// Gives it back, in the reverse order, whatever was being written: no frame is open, no style, cursor shown. The title is
/// emptied before the kept one is asked back, so that a terminal that keeps none does not go on showing ours.
pub const LEAVE: &[u8] = b"\x1b\\\x1b[?2026l\x1b[m\x1b[?25h\x1b[?1004l\x1b[?2004l\x1b[?1049l\x1b]2;\x07\x1b[23;0t";

/// Begins a frame that the terminal shows at once (mode 2026); unknown modes are ignored.
pub const FRAME: &[u8] = b"\x1b[?2026h";

/// Ends the frame.
pub const FRAME_END: &[u8] = b"\x1b[?2026l";

/// Shows the cursor.
pub const CURSOR_SHOWN: &[u8] = b"\x1b[?25h";

/// Hides the cursor.
pub const CURSOR_HIDDEN: &[u8] = b"\x1b[?25l";

/// Rings.
pub const BELL: &[u8] = b"\x07";

/// The longest title that is sent, in characters as a reader sees them.
const TITLE_LENGTH: usize = 120;

/// Sets the title (OSC 2). The text may come from anywhere: line breaks become blanks; control, format and unassigned
/// characters are left out, so that it can neither end the sequence nor turn its direction; then it is cut.
pub fn title(text: &str) -> Vec<u8> {
    let clean = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| is_shown(*c));
    // More characters than could be shown are not even cleaned: the text may be ten megabytes.
    let clean: String = clean.take(TITLE_LENGTH * 8).collect();
    let cut: String = clean.graphemes(true).take(TITLE_LENGTH).collect();
    format!("\x1b]2;{cut}\x07").into_bytes()
}

/// Whether a character may reach the terminal outside of a text's own place on the screen.
pub fn is_shown(c: char) -> bool {
    !matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

/// Writes a control sequence. Numbers that are 1 at its end are left out: 1 is the default of every move.
pub fn put_csi(out: &mut Vec<u8>, numbers: &[u32], last: u8) {
    out.extend_from_slice(b"\x1b[");
    for (index, number) in without_ones(numbers).iter().enumerate() {
        if index > 0 {
            out.push(b';');
        }
        if *number != 1 {
            put_number(out, *number);
        }
    }
    out.push(last);
}

/// How many bytes [`put_csi`] writes.
pub fn csi_length(numbers: &[u32]) -> usize {
    let kept = without_ones(numbers);
    let said = kept.iter().filter(|number| **number != 1);
    let digits: usize = said.map(|number| number.checked_ilog10().unwrap_or(0) as usize + 1).sum();
    3 + digits + kept.len().saturating_sub(1)
}

/// Writes a number in decimal.
pub fn put_number(out: &mut Vec<u8>, number: u32) {
    if number >= 10 {
        put_number(out, number / 10);
    }
    // A remainder of ten is a digit.
    out.push(b'0' + (number % 10) as u8);
}

fn without_ones(numbers: &[u32]) -> &[u32] {
    let kept = numbers.iter().rposition(|number| *number != 1).map_or(0, |last| last + 1);
    numbers.get(..kept).unwrap_or(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terminal_after(bytes: &[u8]) -> vt100::Parser {
        let mut terminal = vt100::Parser::new(3, 10, 0);
        terminal.process(b"shell$ ");
        terminal.process(bytes);
        terminal
    }

    #[test]
    fn given_a_terminal_when_entered_then_it_is_borrowed_whole() {
        let terminal = terminal_after(ENTER);
        let screen = terminal.screen();
        assert!(screen.alternate_screen() && screen.hide_cursor() && screen.bracketed_paste());
        assert_eq!(screen.contents(), "");
    }

    #[test]
    fn given_a_borrowed_terminal_when_left_in_the_middle_of_anything_then_it_is_as_it_was() {
        for torn in ["", "\x1b[?2026h\x1b[1;31mhalf a fra", "\x1b]2;half a tit", "\x1b[1;3", "\x1b"] {
            let mut terminal = terminal_after(ENTER);
            terminal.process(torn.as_bytes());
            terminal.process(LEAVE);
            let screen = terminal.screen();
            assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste(), "{torn:?}");
            assert_eq!((screen.bold(), screen.fgcolor()), (false, vt100::Color::Default), "{torn:?}");
            assert_eq!(screen.contents(), "shell$ ", "{torn:?}");
        }
    }

    proptest! {
        #[test]
        fn given_any_text_when_it_is_a_title_then_it_cannot_end_the_sequence(text in any::<String>()) {
            let bytes = String::from_utf8(title(&text)).unwrap();
            let inner = bytes.strip_prefix("\x1b]2;").and_then(|rest| rest.strip_suffix('\x07')).unwrap();
            prop_assert!(inner.chars().all(is_shown));
        }
    }

    proptest! {
        #[test]
        fn given_any_numbers_when_written_then_the_length_is_as_said(numbers in proptest::collection::vec(0u32..2_000, 0..3)) {
            let mut out = Vec::new();
            put_csi(&mut out, &numbers, b'H');
            prop_assert_eq!(out.len(), csi_length(&numbers));
        }
    }

    #[test]
    fn given_hostile_text_when_it_is_a_title_then_only_words_are_left() {
        assert_eq!(title("SEV1\n\x1b]52;c;QQ==\x07 \u{202e}evil\u{9c}"), b"\x1b]2;SEV1 ]52;c;QQ== evil\x07");
        let long = "word ".repeat(2_000_000);
        assert_eq!(title(&long).len(), TITLE_LENGTH + 5);
    }
}

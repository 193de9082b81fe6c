//! What a terminal shows after the encoder's bytes is what ratatui meant, and the bytes are few.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;
use ratatui::style::{Modifier, Style};

use super::*;
use crate::view::theme::{self, Meaning, Theme};

/// What was written, and in how many writes.
#[derive(Clone, Default)]
struct Wire(Rc<RefCell<(Vec<u8>, usize)>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut wire = self.0.borrow_mut();
        wire.0.extend_from_slice(bytes);
        wire.1 += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal that ratatui draws on, and a terminal emulator that reads what it writes.
struct Pair {
    wire: Wire,
    drawn: Encoder<Wire>,
    seen: vt100::Parser,
    meant: Buffer,
}

impl Pair {
    fn new(columns: u16, rows: u16) -> Pair {
        let wire = Wire::default();
        let drawn = Encoder::new(wire.clone());
        let seen = vt100::Parser::new(rows, columns, 0);
        Pair { wire, drawn, seen, meant: Buffer::default() }
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        if self.seen.screen().size() == (rows, columns) {
            return;
        }
        // Not the emulator's own resizing: it fails on a wide character that the new edge parts.
        let mut seen = vt100::Parser::new(rows, columns, 0);
        seen.process("\x1b[32;7mrubbish".repeat(30).as_bytes());
        seen.process(if self.seen.screen().hide_cursor() { b"\x1b[?25l" } else { b"\x1b[?25h" });
        seen.process(&self.seen.screen().attributes_formatted());
        self.seen = seen;
    }

    /// Draws strokes. The emulator knows only one of bold and dim, so no cell has both.
    fn draw_strokes(&mut self, cursor: Option<(u16, u16)>, strokes: &[Stroke]) -> (Vec<u8>, usize) {
        self.draw(cursor, |buffer| paint_strokes(buffer, strokes))
    }

    /// Draws a frame and gives its bytes and the number of writes.
    fn draw(&mut self, cursor: Option<(u16, u16)>, paint: impl FnOnce(&mut Buffer)) -> (Vec<u8>, usize) {
        let (height, width) = self.seen.screen().size();
        let meant = &mut self.meant;
        self.drawn
            .draw(Size { width, height }, |buffer| {
                paint(buffer);
                *meant = buffer.clone();
                cursor.map(Position::from)
            })
            .unwrap();
        let (bytes, writes) = self.wire.0.take();
        self.seen.process(&bytes);
        (bytes, writes)
    }

    /// The first cells that the emulator shows differently from what was meant.
    fn differences(&self) -> Vec<String> {
        let mut found = Vec::new();
        for y in 0..self.meant.area.height {
            let mut x = 0;
            while x < self.meant.area.width {
                let cell = &self.meant[(x, y)];
                let meant = looks(cell);
                let seen = self.seen.screen().cell(y, x).map(shown).unwrap();
                if meant != seen {
                    found.push(format!("{x},{y}: meant {meant:?}, seen {seen:?}"));
                }
                x += width(cell);
            }
        }
        found.truncate(3);
        found
    }
}

fn paint_strokes(buffer: &mut Buffer, strokes: &[Stroke]) {
    for stroke in strokes {
        buffer.set_string(stroke.x, stroke.y, &stroke.text, stroke.style);
    }
    for cell in buffer.content.iter_mut().filter(|cell| cell.modifier.contains(Modifier::DIM)) {
        cell.modifier.remove(Modifier::BOLD);
    }
}

/// What a person sees of a cell: text, foreground, background, modifiers. A blank shows no foreground and no weight.
type Looks = (String, Option<u8>, u8, [bool; 5]);

fn looks(cell: &Cell) -> Looks {
    let modifiers = [Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];
    let held = modifiers.map(|modifier| cell.modifier.contains(modifier));
    as_seen(cell.symbol(), theme::foreground_code(cell.fg), theme::foreground_code(cell.bg), held)
}

fn shown(cell: &vt100::Cell) -> Looks {
    let code = |colour: vt100::Color| match colour {
        vt100::Color::Default => 39,
        vt100::Color::Idx(index @ 0..=7) => 30 + index,
        vt100::Color::Idx(index) => 82 + index,
        vt100::Color::Rgb(..) => 0,
    };
    let held = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
    as_seen(cell.contents(), code(cell.fgcolor()), code(cell.bgcolor()), held)
}

fn as_seen(text: &str, foreground: u8, background: u8, held: [bool; 5]) -> Looks {
    let blank = text.trim().is_empty();
    let [bold, dim, italic, underline, reverse] = held;
    if blank && !underline && !reverse {
        return (String::new(), None, background, [false; 5]);
    }
    let text = if blank { String::new() } else { text.to_owned() };
    (text, Some(foreground), background, [bold, dim, italic, underline, reverse])
}

/// Some text in some style somewhere.
#[derive(Debug, Clone)]
struct Stroke {
    x: u16,
    y: u16,
    text: String,
    style: Style,
}

/// Every look of every theme.
fn looks_of_all_themes() -> Vec<Style> {
    let themes = theme::BUILT_IN.map(|(name, _)| Theme::built_in(name).unwrap().unwrap());
    themes.iter().flat_map(|theme| Meaning::ALL.iter().map(|meaning| theme.style(*meaning))).collect()
}

/// A look with a colour.
fn urgent() -> Style {
    Theme::built_in("dark").unwrap().unwrap().style(Meaning::Urgent)
}

fn stroke(columns: u16, rows: u16) -> impl Strategy<Value = Stroke> {
    let text = prop_oneof![
        3 => "[ a-z]{1,12}",
        1 => "[日本語 a]{1,5}",
        1 => "[é⠿█|]{1,6}",
        1 => Just("e\u{301}e\u{301}".to_owned()),
    ];
    let style = (proptest::sample::select(looks_of_all_themes()), 0u16..512)
        .prop_map(|(style, bits)| style.add_modifier(Modifier::from_bits_truncate(bits)));
    (0..columns, 0..rows, text, style).prop_map(|(x, y, text, style)| Stroke { x, y, text, style })
}

fn strokes() -> impl Strategy<Value = Vec<Stroke>> {
    proptest::collection::vec(stroke(20, 5), 0..9)
}

proptest! {
    #[test]
    fn given_any_frames_when_drawn_after_each_other_then_the_terminal_shows_each(
        frames in proptest::collection::vec((strokes(), proptest::option::of((0u16..20, 0u16..5)), 20u16..24, 5u16..7), 1..6)
    ) {
        let mut pair = Pair::new(24, 7);
        for (strokes, cursor, columns, rows) in frames {
            pair.resize(columns, rows);
            let (bytes, writes) = pair.draw_strokes(cursor, &strokes);
            prop_assert_eq!(pair.differences(), Vec::<String>::new());
            prop_assert!(writes <= 1);
            prop_assert_eq!(pair.seen.screen().hide_cursor(), cursor.is_none());
            if let Some((x, y)) = cursor {
                prop_assert_eq!(pair.seen.screen().cursor_position(), (y, x));
            }
            let text = String::from_utf8(bytes).unwrap();
            prop_assert!(!text.contains("38;5") && !text.contains("48;5"));
            let (again, _) = pair.draw_strokes(cursor, &strokes);
            prop_assert_eq!(again, Vec::<u8>::new());
        }
    }
}

proptest! {
    #[test]
    fn given_some_rows_painted_anew_when_drawn_then_the_terminal_shows_them_and_the_rest_as_before(
        first in strokes(), then in proptest::collection::vec((strokes(), 0u16..6, 0u16..4), 1..6), last in strokes(),
    ) {
        let mut pair = Pair::new(24, 7);
        pair.draw_strokes(None, &first);
        for (strokes, from, many) in then {
            let rows = from..(from + many).min(7);
            let mut painted = Buffer::empty(Rect::new(0, 0, 24, 7));
            paint_strokes(&mut painted, &strokes);
            for y in rows.clone() {
                for x in 0..24 {
                    pair.meant[(x, y)] = painted[(x, y)].clone();
                }
            }
            let done = pair.drawn.redraw_rows(Size { width: 24, height: 7 }, |buffer| {
                buffer.content.clone_from(&painted.content);
                Some(vec![rows])
            });
            prop_assert!(done.unwrap());
            let (bytes, _) = pair.wire.0.take();
            pair.seen.process(&bytes);
            prop_assert_eq!(pair.differences(), Vec::<String>::new());
        }
        pair.draw_strokes(None, &last);
        prop_assert_eq!(pair.differences(), Vec::<String>::new());
    }
}

#[test]
fn given_rows_that_cannot_be_painted_alone_when_drawn_then_nothing_is_written() {
    let mut pair = Pair::new(24, 7);
    let whole = 0..7;
    let all = |_: &mut Buffer| Some(vec![whole.clone()]);
    let size = Size { width: 24, height: 7 };
    assert!(!pair.drawn.redraw_rows(size, all).unwrap(), "nothing is known of the terminal");
    pair.draw_strokes(Some((1, 1)), &[]);
    assert!(!pair.drawn.redraw_rows(size, all).unwrap(), "the cursor is shown");
    pair.draw_strokes(None, &[]);
    assert!(!pair.drawn.redraw_rows(Size { width: 25, height: 7 }, all).unwrap(), "another size");
    assert!(!pair.drawn.redraw_rows(size, |_| None).unwrap(), "not painted");
    assert!(pair.wire.0.take().0.is_empty());
    assert!(pair.drawn.redraw_rows(size, all).unwrap());
}

#[test]
fn given_a_frame_that_changes_nothing_when_drawn_then_nothing_is_written() {
    let mut pair = Pair::new(80, 24);
    let paint = |buffer: &mut Buffer| buffer.set_string(0, 0, "SEV1", urgent());
    assert_eq!(pair.draw(None, paint).1, 1);
    assert_eq!(pair.draw(None, paint), (Vec::new(), 0));
    assert_eq!(pair.draw(Some((3, 3)), paint).0, b"\x1b[?2026h\x1b[?25h\x1b[4;4H\x1b[?2026l");
    assert_eq!(pair.draw(Some((3, 3)), paint), (Vec::new(), 0));
}

#[test]
fn given_a_clock_that_ticks_when_drawn_then_a_frame_is_a_move_and_a_digit() {
    let mut pair = Pair::new(120, 36);
    let clock = |text: &'static str| move |buffer: &mut Buffer| buffer.set_string(87, 0, text, Style::new());
    pair.draw(None, clock("23:04:20"));
    assert_eq!(pair.draw(None, clock("23:04:21")).0, b"\x1b[?2026h\x1b[;95H1\x1b[?2026l");
    assert_eq!(pair.draw(None, clock("23:05:31")).0, b"\x1b[?2026h\x1b[;92H5\x1b[C3\x1b[?2026l");
}

#[test]
fn given_lines_below_each_other_when_drawn_then_line_feeds_are_used_where_they_are_shorter() {
    let mut pair = Pair::new(20, 12);
    let (bytes, _) = pair.draw(None, |buffer| {
        buffer.set_string(0, 10, "full to the last one", Style::new());
        buffer.set_string(0, 11, "below", Style::new());
    });
    assert!(String::from_utf8(bytes).unwrap().contains("one\r\nbelow"));
    assert_eq!(pair.differences(), Vec::<String>::new());
}

#[test]
fn given_hostile_symbols_when_drawn_then_nothing_of_them_reaches_the_terminal() {
    for symbol in ["\u{1b}]52;c;QQ==\u{7}", "\u{202e}x", "", "\u{200b}", "\u{9b}31m", "\u{7f}\u{7f}"] {
        let mut pair = Pair::new(20, 1);
        let (bytes, _) = pair.draw(None, |buffer| {
            buffer[(0, 0)].set_symbol("a");
            buffer[(1, 0)].set_symbol(symbol).set_style(urgent());
            buffer[(19, 0)].set_symbol("z");
        });
        let text = String::from_utf8(bytes).unwrap();
        let frame = text
            .strip_prefix("\x1b[?2026h\x1b[m\x1b[2J")
            .and_then(|rest| rest.strip_suffix("\x1b[?25l\x1b[?2026l"))
            .unwrap();
        let drawn: String = frame.chars().filter(|c| !"\u{1b}[;mCGH".contains(*c) && !c.is_ascii_digit()).collect();
        assert_eq!(drawn.split_whitespace().collect::<Vec<_>>().concat(), "az", "{symbol:?}");
        assert!(!frame.contains([']', '\u{9b}', '\u{202e}', '\u{7f}']), "{frame:?}");
    }
}

#[test]
fn given_a_joined_emoji_when_drawn_then_what_follows_says_its_place() {
    let mut pair = Pair::new(12, 1);
    let (bytes, _) = pair.draw(None, |buffer| buffer.set_string(0, 0, "👨\u{200d}👩\u{200d}👧ab", Style::new()));
    assert!(String::from_utf8(bytes).unwrap().contains("  \r👨\u{200d}👩\u{200d}👧\x1b[;3Hab"));
}

#[test]
fn given_a_title_and_a_bell_when_flushed_then_they_are_sent_once() {
    let mut pair = Pair::new(12, 1);
    pair.draw(None, |_| ());
    pair.drawn.title("SEV1 2 min");
    pair.drawn.bell();
    assert_eq!(pair.draw(None, |_| ()).0, b"\x1b[?2026h\x1b]2;SEV1 2 min\x07\x07\x1b[?2026l");
    pair.drawn.title("SEV1 2 min");
    assert_eq!(pair.draw(None, |_| ()).1, 0);
}

#[test]
fn given_a_terminal_that_was_lent_when_forgotten_and_cleared_then_everything_is_drawn_again() {
    let mut pair = Pair::new(12, 2);
    let paint = |buffer: &mut Buffer| buffer.set_string(0, 0, "SEV1", urgent());
    pair.draw(None, paint);
    pair.seen.process(b"\x1b[32;1mscribbled over\x1b[?25h");
    pair.drawn.forget();
    pair.draw(None, paint);
    assert_eq!(pair.differences(), Vec::<String>::new());
    assert!(pair.seen.screen().hide_cursor());
}

#[test]
fn given_a_terminal_that_has_gone_when_flushed_then_the_error_is_told() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let drawn = Encoder::new(Gone).draw(Size { width: 1, height: 1 }, |_| None);
    assert_eq!(drawn.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn given_half_a_wide_character_when_something_narrow_takes_its_place_then_the_other_half_is_drawn_again() {
    let mut pair = Pair::new(8, 1);
    pair.draw(None, |buffer| buffer.set_string(0, 0, "日本", Style::new()));
    pair.draw(None, |buffer| buffer.set_string(0, 0, "a", Style::new().underlined()));
    assert_eq!(pair.differences(), Vec::<String>::new());
}

#[test]
fn given_a_terminal_that_does_not_join_emoji_when_drawn_then_what_follows_is_still_right() {
    let mut pair = Pair::new(12, 1);
    pair.draw(None, |buffer| buffer.set_string(0, 0, "abcdefghijkl", Style::new()));
    pair.draw(None, |buffer| {
        buffer.set_string(0, 0, "abcdefghijkl", Style::new());
        buffer.set_string(1, 0, "👨\u{200d}👩\u{200d}👧", Style::new());
    });
    assert_eq!(pair.seen.screen().contents_between(0, 3, 0, 12), "defghijkl");
}

#[test]
fn given_a_wide_character_in_the_last_column_when_drawn_then_it_does_not_wrap() {
    let mut pair = Pair::new(4, 2);
    pair.draw(None, |buffer| {
        buffer[(3, 0)].set_symbol("日");
    });
    assert_eq!(pair.seen.screen().contents().trim(), "");
}

#[test]
fn given_another_size_when_drawn_then_everything_is_written_and_nothing_cleared() {
    let mut pair = Pair::new(6, 2);
    let paint = |buffer: &mut Buffer| buffer.set_string(0, 0, "SEV1", Style::new());
    pair.draw(None, paint);
    pair.resize(9, 3);
    let (bytes, writes) = pair.draw(None, paint);
    assert_eq!((pair.differences(), writes), (Vec::new(), 1));
    assert!(!String::from_utf8(bytes).unwrap().contains("\x1b[2J"));
}

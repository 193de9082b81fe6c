//! Foreign text made harmless: no control or format character, no escape sequence, bounded length, bounded stacks of
//! marks. Every text that other systems wrote passes through here once. It must not know what the text is for.
//!
//! Escape sequences are removed *as sequences* (ECMA-48, and what xterm documents in "ctlseqs"), so that neither their
//! effect nor their rubbish is left. A string sequence (OSC, DCS, APC, PM, SOS) that nobody ends is cut at the end of its
//! line: what comes after may be somebody's only account of what happened.

use std::borrow::Cow;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

/// The most combining marks that one base character keeps. Tibetan and pointed Hebrew need up to five.
const MARKS: usize = 6;
/// The most code points that one visible character may be made of; the longest emoji people use have eleven.
const CLUSTER: usize = 16;
/// Stands where something unreadable was: private use, unassigned, or a visible character without end.
const UNREADABLE: char = '\u{fffd}';
const ELLIPSIS: char = '…';
const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';

/// One harmless line of at most `max_chars` Unicode scalar values, an ellipsis included when it was cut.
///
/// Line breaks and tabs become spaces. Text that is clean already is returned borrowed. `clean` of its own result, with
/// the same limit, changes nothing.
pub fn clean(text: &str, max_chars: usize) -> Cow<'_, str> {
    scrub(text, max_chars, ' ')
}

/// Harmless text of at most `max_chars` Unicode scalar values; line breaks of every kind are kept as `\n`.
///
/// Otherwise like [`clean`].
pub fn clean_text(text: &str, max_chars: usize) -> Cow<'_, str> {
    scrub(text, max_chars, '\n')
}

/// One harmless line out of bytes that may not be text at all; what is not UTF-8 is shown as U+FFFD.
pub fn from_bytes(bytes: &[u8], max_chars: usize) -> String {
    // Four bytes are the most for one scalar value; sequences to be removed may take more, so that some room is left.
    let most = max_chars.saturating_mul(4).saturating_add(1 << 20);
    let cut = bytes.len() > most;
    let text = String::from_utf8_lossy(bytes.get(..most).unwrap_or(bytes));
    let line = clean(&text, max_chars).into_owned();
    if cut && !line.ends_with(ELLIPSIS) { shorten(&line, max_chars) } else { line }
}

fn scrub(text: &str, max_chars: usize, line_break: char) -> Cow<'_, str> {
    if text.len() <= max_chars && text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    // So many scalar values give the wanted length even when most of them belong to overlong characters.
    let enough = max_chars.saturating_mul(CLUSTER).saturating_add(4 * CLUSTER);
    let mut kept = Kept::default();
    let mut at = 0;
    let mut cut = false;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if kept.chars > enough {
            cut = true;
            break;
        }
        let rest = text.get(at + c.len_utf8()..).unwrap_or_default();
        at += c.len_utf8();
        match c {
            '\r' if rest.starts_with('\n') => {}
            _ if breaks_line(c) => kept.push(line_break),
            '\t' => kept.push(' '),
            '\u{1b}' => at += escape(rest),
            '\u{9b}' => at += control_sequence(rest),
            '\u{9d}' => at += ended_string(rest, true).unwrap_or(0),
            '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => at += ended_string(rest, false).unwrap_or(0),
            '\u{8e}' | '\u{8f}' => at += shifted(rest),
            _ => kept.take(c),
        }
    }
    let bounded = bound_clusters(kept.text);
    let done = if cut || bounded.chars().count() > max_chars { shorten(&bounded, max_chars) } else { bounded };
    if done == text { Cow::Borrowed(text) } else { Cow::Owned(done) }
}

/// What was kept so far, and what is needed to judge the next character.
#[derive(Default)]
struct Kept {
    text: String,
    chars: usize,
    last: Option<char>,
    marks: usize,
    joiner: Option<char>,
}

impl Kept {
    /// Takes a character that is no line break, tab or introducer of a sequence.
    fn take(&mut self, c: char) {
        match c.general_category() {
            GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {}
            GeneralCategory::Format if c == ZWJ || c == ZWNJ => self.joiner = self.joiner.or(Some(c)),
            GeneralCategory::Format => {}
            GeneralCategory::PrivateUse | GeneralCategory::Unassigned | GeneralCategory::Surrogate => {
                self.push(UNREADABLE)
            }
            // Letters that show nothing: the Hangul fillers, and the combining grapheme joiner.
            _ if matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{34f}') => {}
            _ => self.push(c),
        }
    }

    fn push(&mut self, c: char) {
        if is_mark(c) {
            // A mark without a base would sit on whatever is drawn before this text.
            if self.marks >= MARKS || self.last.is_none_or(|last| last == '\n') {
                return;
            }
            self.marks += 1;
        } else {
            self.marks = 0;
        }
        if let Some(joiner) = self.joiner.take()
            && self.last.is_some_and(joins)
            && joins(c)
        {
            self.text.push(joiner);
            self.chars += 1;
        }
        self.text.push(c);
        self.chars += 1;
        self.last = Some(c);
    }
}

fn breaks_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_mark(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Mark
}

/// Whether a joiner beside this character can be part of a word or an emoji.
fn joins(c: char) -> bool {
    match c.general_category_group() {
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark => true,
        GeneralCategoryGroup::Symbol => !c.is_ascii(),
        _ => false,
    }
}

/// How many bytes of `rest` belong to the sequence that an ESC before it began.
fn escape(rest: &str) -> usize {
    match rest.chars().next() {
        Some('[') => 1 + control_sequence(rest.get(1..).unwrap_or_default()),
        Some(']') => 1 + string(rest.get(1..).unwrap_or_default(), true),
        Some('P' | 'X' | '^' | '_') => 1 + string(rest.get(1..).unwrap_or_default(), false),
        Some('N' | 'O') => 1 + shifted(rest.get(1..).unwrap_or_default()),
        // Character sets and the like: intermediates, then one final.
        Some(' '..='/') => {
            let between = rest.bytes().take_while(|b| matches!(b, b' '..=b'/')).count();
            between + usize::from(rest.as_bytes().get(between).is_some_and(|b| matches!(b, b'0'..=b'~')))
        }
        Some('0'..='~') => 1,
        _ => 0,
    }
}

/// A single shift takes the next character with it.
fn shifted(rest: &str) -> usize {
    usize::from(rest.bytes().next().is_some_and(|b| matches!(b, b' '..=b'~')))
}

/// Parameters, intermediates and the final of a CSI sequence; a character that cannot be in one ends it.
fn control_sequence(rest: &str) -> usize {
    let between = rest.bytes().take_while(|b| matches!(b, b' '..=b'?')).count();
    match rest.as_bytes().get(between) {
        // The Linux console's function keys: ESC [ [ A.
        Some(b'[') if between == 0 => 1 + shifted(rest.get(1..).unwrap_or_default()),
        Some(b'@'..=b'~') => between + 1,
        _ => between,
    }
}

/// A string sequence after its introducer, through its terminator, or to the end of its line when nobody ends it.
fn string(rest: &str, is_osc: bool) -> usize {
    ended_string(rest, is_osc).unwrap_or_else(|| rest.find(|c| breaks_line(c) || introduces(c)).unwrap_or(rest.len()))
}

/// A string sequence through its terminator: ST, for OSC also BEL, or CAN and SUB, which abort it. An OSC is one line.
fn ended_string(rest: &str, is_osc: bool) -> Option<usize> {
    for (at, c) in rest.char_indices() {
        match c {
            '\u{7}' if is_osc => return Some(at + 1),
            '\u{18}' | '\u{1a}' => return Some(at + 1),
            '\u{9c}' => return Some(at + c.len_utf8()),
            '\u{1b}' => return rest.get(at + 1..).is_some_and(|r| r.starts_with('\\')).then_some(at + 2),
            _ if introduces(c) || (is_osc && breaks_line(c)) => return None,
            _ => {}
        }
    }
    None
}

fn introduces(c: char) -> bool {
    matches!(c, '\u{1b}' | '\u{90}' | '\u{98}' | '\u{9b}' | '\u{9d}' | '\u{9e}' | '\u{9f}')
}

/// Replaces visible characters that are made of too many code points (endless emoji chains, jamo, conjuncts).
fn bound_clusters(text: String) -> String {
    if text.is_ascii() || text.graphemes(true).all(|g| g.len() <= CLUSTER || g.chars().count() <= CLUSTER) {
        return text;
    }
    let mut bounded = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        if cluster.chars().count() > CLUSTER { bounded.push(UNREADABLE) } else { bounded.push_str(cluster) }
    }
    bounded
}

/// At most `max_chars` scalar values, cut between visible characters, an ellipsis at the end.
/// The ellipsis is set even when the text would fit: the caller knows that more of it was left out before.
fn shorten(text: &str, max_chars: usize) -> String {
    let Some(room) = max_chars.checked_sub(1) else { return String::new() };
    let mut end = 0;
    let mut chars = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        chars += cluster.chars().count();
        if chars > room {
            break;
        }
        end = at + cluster.len();
    }
    let mut short = text.get(..end).unwrap_or_default().trim_end_matches([ZWJ, ZWNJ, ' ', '\n']).to_owned();
    short.push(ELLIPSIS);
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> String {
        clean(text, 1_000).into_owned()
    }

    #[test]
    fn plain_text_is_borrowed() {
        for text in ["", "plain", "Zürich 東京 👩‍👩‍👧‍👦 می‌خواهم", "e\u{301}"] {
            assert!(matches!(clean(text, 100), Cow::Borrowed(same) if same == text), "{text:?}");
        }
        assert!(matches!(clean_text("one\ntwo", 100), Cow::Borrowed("one\ntwo")));
    }

    #[test]
    fn sequences_leave_nothing_behind() {
        for (dirty, want) in [
            ("a\x1b[31mred\x1b[0m b", "ared b"),
            ("a\x1b[38;2;1;2;3mb", "ab"),
            ("\x1b]52;c;aGVsbG8=\x07after", "after"),
            ("\x1b]52;c;aGVsbG8=\x1b\\after", "after"),
            ("\u{9d}52;c;aGVsbG8=\u{9c}after", "after"),
            ("\x1b]0;title never ended", ""),
            ("\x1bP+q544e\x1b\\x", "x"),
            ("\x1bPone\ntwo\x1b\\x", "x"),
            ("\x1b_Gf=100;AAAA\x1b\\x", "x"),
            ("\x1b^private\x1b\\x", "x"),
            ("\x1bXstart\u{9c}x", "x"),
            ("\x1b(Bx", "x"),
            ("\x1b)0x\x1b%Gy\x1b#8z", "xyz"),
            ("\u{9b}2Jx", "x"),
            ("\x1bc\x1b7\x1b=x", "x"),
            ("\x1bOPx\x1b[[Ay", "xy"),
            ("\x1b]0;a\x1b[31mred", "red"),
            ("end\x1b", "end"),
            ("end\x1b[", "end"),
        ] {
            assert_eq!(one(dirty), want, "{dirty:?}");
        }
    }

    #[test]
    fn what_follows_the_line_of_an_endless_string_stays() {
        assert_eq!(clean_text("\x1b]0;never ended\nkept", 100), "\nkept");
        assert_eq!(clean_text("\x1bPnever ended\nkept", 100), "\nkept");
        assert_eq!(one("ml\u{9e}eme"), "mleme");
    }

    #[test]
    fn marks_of_direction_and_other_format_characters_go() {
        let dirty =
            "a\u{202a}\u{202e}b\u{2066}\u{2069}c\u{200e}\u{200f}\u{61c}d\u{feff}\u{ad}\u{200b}\u{2060}e\u{e0041}f";
        assert_eq!(one(dirty), "abcdef");
    }

    #[test]
    fn joiners_stay_only_inside_words_and_emoji() {
        assert_eq!(one("می\u{200c}خواهم"), "می\u{200c}خواهم");
        assert_eq!(one("👩\u{200d}👧"), "👩\u{200d}👧");
        assert_eq!(one("\u{200d}a 1\u{200c}2 \u{200c}b\u{200d}\u{200d}c\u{200c}"), "a 12 b\u{200d}c");
    }

    #[test]
    fn line_breaks_become_spaces_or_stay() {
        let dirty = "a\r\nb\rc\u{2028}d\u{2029}e\u{85}f\tg";
        assert_eq!(one(dirty), "a b c d e f g");
        assert_eq!(clean_text(dirty, 100), "a\nb\nc\nd\ne\nf g");
    }

    #[test]
    fn private_use_and_unassigned_are_shown_as_unreadable() {
        assert_eq!(one("\u{e000}\u{378}\u{10ffff}"), "\u{fffd}\u{fffd}\u{fffd}");
    }

    #[test]
    fn stacks_of_marks_are_bounded() {
        let zalgo: String = std::iter::once('a').chain(std::iter::repeat_n('\u{301}', 400)).chain(['b']).collect();
        assert_eq!(one(&zalgo).chars().count(), 2 + MARKS);
        assert_eq!(one("\u{301}a"), "a");
        assert_eq!(one(&"\u{1100}".repeat(500)), "\u{fffd}");
    }

    #[test]
    fn long_text_is_cut_between_visible_characters() {
        assert_eq!(clean("abcdef", 4), "abc…");
        assert_eq!(clean("abcd", 4), "abcd");
        assert_eq!(clean("ae\u{301}xyz", 3), "a…");
        assert_eq!(clean("👩\u{200d}👧abc", 3), "…");
        assert_eq!(clean("abc", 0), "");
        assert_eq!(clean(&"x".repeat(10_000_000), 10).chars().count(), 10);
        assert_eq!(clean(&"\u{1100}".repeat(10_000), 10), "\u{fffd}…");
    }

    #[test]
    fn hostile_starts_of_sequences_take_linear_time() {
        for start in ["\u{90}\n", "\x1bP\n", "\u{9d}", "\x1b]a", "\x1b[1"] {
            let dirty = start.repeat(200_000);
            assert!(clean(&dirty, 50).chars().count() <= 50);
        }
    }

    #[test]
    fn bytes_that_are_not_text_are_shown_as_unreadable() {
        assert_eq!(from_bytes(b"a\xff\x1b[31mb\0c", 100), "a\u{fffd}bc");
        let long = from_bytes(&vec![0; 5 << 20], 4);
        assert_eq!(long, "…");
    }

    fn harmless(c: char) -> bool {
        c == ZWJ
            || c == ZWNJ
            || !matches!(
                c.general_category(),
                GeneralCategory::Control
                    | GeneralCategory::Format
                    | GeneralCategory::LineSeparator
                    | GeneralCategory::ParagraphSeparator
                    | GeneralCategory::PrivateUse
                    | GeneralCategory::Unassigned
            )
    }

    /// Strings made of what is likely to go wrong together.
    fn nasty() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                "\x1b", "[", "]", "P", "\\", "\x07", "\u{9c}", "\u{9b}", "\u{9d}", "\u{90}", "\u{200d}", "\u{200c}",
                "\u{301}", "\u{fe0f}", "👩", "🏽", "क", "\u{94d}", "\u{1100}", "\u{1161}", "\u{600}", "\u{d4e}", "🇩",
                "\n", "\r", " ", "a", "1", ";", "\u{202e}", "\u{3164}", "\u{e000}", "…",
            ])
            .prop_map(str::to_owned),
            (prop::sample::select(vec!["\u{301}", "\u{200d}👩", "\u{1100}", "\u{94d}क", "🏽"]), 1..40_usize)
                .prop_map(|(what, n)| what.repeat(n)),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in nasty(), max in 0..60_usize) {
            let once = clean(&text, max).into_owned();
            let twice = clean(&once, max);
            prop_assert_eq!(&*twice, &*once);
            prop_assert!(matches!(twice, Cow::Borrowed(_)));
            let once = clean_text(&text, max).into_owned();
            prop_assert_eq!(&*clean_text(&once, max), &*once);
        }

        #[test]
        fn what_comes_out_is_harmless_and_bounded(text in nasty(), max in 0..60_usize) {
            let line = clean(&text, max);
            prop_assert!(line.chars().all(harmless), "{:?}", line);
            prop_assert!(line.chars().count() <= max);
            prop_assert!(line.graphemes(true).all(|g| g.chars().count() <= CLUSTER + 1));
            let lines = clean_text(&text, max);
            prop_assert!(lines.chars().all(|c| c == '\n' || harmless(c)), "{:?}", lines);
        }

        #[test]
        fn any_bytes_come_out_harmless(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(from_bytes(&bytes, 50).chars().all(harmless));
        }
    }
}

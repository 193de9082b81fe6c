//! A field that a person types into: text and a cursor that stands between what a reader sees as characters.
//!
//! It must not know what the text is for.

use super::key::{Code, Key};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;

/// One field of a prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// What it asks for.
    pub label: &'static str,
    /// What helps when it is empty.
    pub hint: Cow<'static, str>,
    /// It may stay empty.
    pub optional: bool,
    /// It keeps line breaks; else they become blanks.
    pub lines: bool,
    /// What stands there confirms something: it is typed, never pasted.
    pub by_hand: bool,
    text: String,
    cursor: usize,
    touched: bool,
    suggested: bool,
}

impl Field {
    /// A field that must be filled.
    pub fn new(label: &'static str, hint: impl Into<Cow<'static, str>>) -> Field {
        Field { label, hint: hint.into(), ..Field::default() }
    }
    /// The same field, which may stay empty.
    pub fn optional(mut self) -> Field {
        self.optional = true;
        self
    }
    /// The same field, which takes no pasted text.
    pub fn by_hand(mut self) -> Field {
        self.by_hand = true;
        self
    }
    /// The same field, which keeps line breaks.
    pub fn with_lines(mut self) -> Field {
        self.lines = true;
        self
    }
    /// The same field with a text in it, the cursor at its end.
    pub fn filled(mut self, text: &str) -> Field {
        self.text = text.to_string();
        self.cursor = self.text.len();
        self
    }
    /// The same field with a text that Enter takes and the first letter replaces, so that nobody has to delete it first.
    pub fn suggested(self, text: &str) -> Field {
        Field { suggested: !text.is_empty(), ..self.filled(text) }
    }
    /// Nobody has looked at the text yet but to take it or to replace it.
    pub fn is_suggested(&self) -> bool {
        self.suggested
    }
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Somebody changed it: it is not only what was filled in.
    pub fn is_touched(&self) -> bool {
        self.touched
    }
    /// The text before the cursor and the text after it.
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at_checked(self.cursor).unwrap_or((&self.text, ""))
    }

    /// Puts the cursor before a character, counted from 1: where something is wrong.
    pub fn point(&mut self, character: usize) {
        let place = self.text.char_indices().nth(character.saturating_sub(1));
        self.cursor = place.map_or(self.text.len(), |(byte, _)| byte);
    }

    /// Puts text in at the cursor. Control characters are dropped; line breaks stay or become blanks.
    pub fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let clean: String = text
            .chars()
            .filter_map(|c| match c {
                '\n' if self.lines => Some('\n'),
                '\n' | '\t' => Some(' '),
                c if c.is_control() => None,
                c => Some(c),
            })
            .collect();
        if clean.is_empty() {
            return;
        }
        if std::mem::take(&mut self.suggested) {
            self.clear();
        }
        self.touched = true;
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    /// Takes a key; says whether it meant something here.
    pub fn key(&mut self, key: Key) -> bool {
        let fresh = self.suggested && key.typed().is_none();
        match (key.code, key.ctrl, key.alt) {
            (Code::Backspace | Code::Delete, _, _) | (Code::Char('w' | 'd' | 'u' | 'k'), true, false) if fresh => {
                self.clear()
            }
            (Code::Backspace, false, false) => self.remove(self.left()),
            (Code::Backspace, _, _) | (Code::Char('w'), true, false) => self.remove(self.word_left()),
            (Code::Delete, false, false) | (Code::Char('d'), true, false) => self.remove(self.right()),
            (Code::Left, false, false) | (Code::Char('b'), true, false) => self.cursor = self.left(),
            (Code::Right, false, false) | (Code::Char('f'), true, false) => self.cursor = self.right(),
            (Code::Left, _, _) | (Code::Char('b'), false, true) => self.cursor = self.word_left(),
            (Code::Right, _, _) | (Code::Char('f'), false, true) => self.cursor = self.word_right(),
            (Code::Home, _, _) | (Code::Char('a'), true, false) => self.cursor = 0,
            (Code::End, _, _) | (Code::Char('e'), true, false) => self.cursor = self.text.len(),
            (Code::Char('u'), true, false) => self.remove(0),
            (Code::Char('k'), true, false) => self.remove(self.text.len()),
            (Code::Enter, _, true) | (Code::Char('j'), true, false) if self.lines => self.insert("\n"),
            _ => match key.typed() {
                Some(c) => self.insert(c.encode_utf8(&mut [0; 4])),
                None => return false,
            },
        }
        self.suggested = false;
        true
    }

    fn clear(&mut self) {
        self.touched = true;
        self.text.clear();
        self.cursor = 0;
    }
    fn remove(&mut self, until: usize) {
        let (from, to) = (self.cursor.min(until), self.cursor.max(until));
        self.touched |= from < to;
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }
    fn left(&self) -> usize {
        self.halves().0.grapheme_indices(true).next_back().map_or(0, |(i, _)| i)
    }
    fn right(&self) -> usize {
        self.halves().1.graphemes(true).next().map_or(self.text.len(), |g| self.cursor + g.len())
    }
    fn word_left(&self) -> usize {
        let mut words = self.halves().0.unicode_word_indices();
        words.next_back().map_or(0, |(i, _)| i)
    }
    fn word_right(&self) -> usize {
        let mut words = self.halves().1.unicode_word_indices();
        words.next().map_or(self.text.len(), |(i, word)| self.cursor + i + word.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn press(field: &mut Field, keys: &str) {
        for key in crate::app::key::parse_run(keys).expect("keys") {
            field.key(key);
        }
    }

    #[test]
    fn a_character_of_several_parts_goes_at_once() {
        let mut field = Field::default().filled("a\u{1F469}\u{200D}\u{1F692}e\u{301}");
        press(&mut field, "<backspace>");
        assert_eq!(field.text(), "a\u{1F469}\u{200D}\u{1F692}");
        press(&mut field, "<backspace>");
        assert_eq!(field.text(), "a");
    }

    #[test]
    fn a_suggestion_is_replaced_by_the_first_letter_and_edited_once_the_cursor_moved() {
        let suggested = || Field::default().suggested("in 30m");
        for (keys, text) in [
            ("1 4 : 0 0", "14:00"),
            ("<backspace>", ""),
            ("<c-u>", ""),
            ("<left> <backspace>", "in 3m"),
            ("<end> s", "in 30ms"),
            ("<tab>", "in 30m"),
        ] {
            let mut field = suggested();
            press(&mut field, keys);
            assert_eq!(field.text(), text, "{keys}");
        }
        let mut pasted = suggested();
        pasted.insert("by 23:30");
        assert_eq!(pasted.text(), "by 23:30");
        assert!(!suggested().is_touched() && pasted.is_touched());
    }

    #[test]
    fn line_breaks_stay_only_where_they_may() {
        let mut one = Field::default();
        one.insert("a\r\nb\tc\u{1b}[31m");
        assert_eq!(one.text(), "a b c[31m");
        let mut many = Field::default().with_lines();
        many.insert("a\r\nb");
        assert_eq!(many.text(), "a\nb");
    }

    proptest! {
        #[test]
        fn no_keys_break_it(text in "\\PC{0,20}", keys in proptest::collection::vec(0..14usize, 0..40)) {
            let all = [
                "<left>", "<right>", "<home>", "<end>", "<backspace>", "<del>", "<c-w>", "<c-u>", "<c-k>", "<a-b>", "<a-f>",
                "x", "\u{e9}", "<c-left>",
            ];
            let mut field = Field::default().filled(&text);
            for key in keys {
                press(&mut field, all[key]);
                prop_assert!(field.text().is_char_boundary(field.cursor));
            }
        }
    }
}

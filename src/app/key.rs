//! A key as a value, and its notation in `keymap.toml`, in `.screen` files and on the screen.
//!
//! It must not know: any terminal library, what a key does, or when it was pressed.

use std::fmt;
use std::str::FromStr;

/// Which key, without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A key that gives a character; shift is already in the character.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and tab, which terminals send as a key of its own.
    BackTab,
    /// The key that removes what is left of the cursor.
    Backspace,
    /// The key that removes what is under the cursor.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, 1 to 24.
    F(u8),
}

/// The named codes, in the notation's own words. Characters and function keys are not in it.
const NAMES: [(&str, Code); 15] = [
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("backtab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("del", Code::Delete),
    ("ins", Code::Insert),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pgdn", Code::PageDown),
];

/// The last function key that the notation has.
const LAST_F: u8 = 24;

/// One pressed key with its modifiers. Make it with [`Key::new`], so that one key has one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Control was held.
    pub ctrl: bool,
    /// Alt (meta, option) was held.
    pub alt: bool,
    /// Shift was held; never set for characters and backtab, which already say it.
    pub shift: bool,
}

impl Key {
    /// A key in its one form: a character carries its own shift, backtab is never shifted, and a letter under control is
    /// lower case, because terminals cannot tell `<c-c>` from `<c-C>`.
    pub fn new(code: Code, ctrl: bool, alt: bool, shift: bool) -> Key {
        let code = match code {
            Code::Char(c) if ctrl => Code::Char(c.to_ascii_lowercase()),
            Code::Tab if shift => Code::BackTab,
            other => other,
        };
        let shift = shift && !matches!(code, Code::Char(_) | Code::BackTab);
        Key { code, ctrl, alt, shift }
    }

    /// A key without modifiers.
    pub fn plain(code: Code) -> Key {
        Key::new(code, false, false, false)
    }

    /// The character that this key puts into a text field, if it is one.
    pub fn typed(&self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

/// Why a text is not a key. Displayed as a sentence and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAKey {
    /// The text as it was given.
    pub text: String,
    /// What is written instead, when something is near.
    pub nearest: Option<String>,
}

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a key. ", self.text.escape_debug())?;
        match &self.nearest {
            Some(near) => write!(f, "Did you mean `{near}`?"),
            None => write!(f, "Keys are written as n, ?, <enter>, <c-c>, <a-x> or <f1>."),
        }
    }
}

impl std::error::Error for NotAKey {}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = !(self.ctrl || self.alt || self.shift);
        match self.code {
            Code::Char(c) if bare && is_printed_bare(c) => return write!(f, "{c}"),
            _ => {}
        }
        write!(f, "<")?;
        for (held, mark) in [(self.ctrl, "c-"), (self.alt, "a-"), (self.shift, "s-")] {
            if held {
                write!(f, "{mark}")?;
            }
        }
        match self.code {
            Code::Char(' ') => write!(f, "space")?,
            Code::Char('<') => write!(f, "lt")?,
            Code::Char(c) if is_printed_bare(c) => write!(f, "{c}")?,
            Code::Char(c) => write!(f, "u+{:04x}", c as u32)?,
            Code::F(n) => write!(f, "f{n}")?,
            code => write!(f, "{}", name_of(code))?,
        }
        write!(f, ">")
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Key, NotAKey> {
        let refuse = || NotAKey { text: text.to_owned(), nearest: near(text) };
        if let Some(c) = only_char(text) {
            return if is_printed_bare(c) { Ok(Key::plain(Code::Char(c))) } else { Err(refuse()) };
        }
        let mut rest = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).ok_or_else(refuse)?;
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        loop {
            let (held, after) = match rest.split_at_checked(2) {
                Some(("c-", after)) => (&mut ctrl, after),
                Some(("a-", after)) => (&mut alt, after),
                Some(("s-", after)) => (&mut shift, after),
                _ => break,
            };
            if after.is_empty() || *held {
                return Err(refuse());
            }
            *held = true;
            rest = after;
        }
        let code = code_named(rest).ok_or_else(refuse)?;
        // A bare character has one spelling; `<n>` is more likely a slip than a wish.
        if only_char(rest).is_some() && !(ctrl || alt || shift) {
            return Err(refuse());
        }
        Ok(Key::new(code, ctrl, alt, shift))
    }
}

/// A run of keys parted by blanks, `j k <enter>`, as `.screen` files write them. The first text that is no key is the error.
pub fn parse_run(text: &str) -> Result<Vec<Key>, NotAKey> {
    text.split_whitespace().map(Key::from_str).collect()
}

/// Keys as [`parse_run`] reads them.
pub fn print_run(keys: &[Key]) -> String {
    let words: Vec<String> = keys.iter().map(Key::to_string).collect();
    words.join(" ")
}

/// Whether a character stands for itself: neither blank nor invisible, and not the bracket that opens a name.
fn is_printed_bare(c: char) -> bool {
    c != '<' && !c.is_whitespace() && !c.is_control()
}

/// The only character of a text.
fn only_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The name of a code that has one; characters and function keys are printed by the caller.
fn name_of(code: Code) -> &'static str {
    NAMES.iter().find(|(_, named)| *named == code).map_or("", |(name, _)| name)
}

/// The code written between the brackets, after the modifiers.
fn code_named(word: &str) -> Option<Code> {
    if let Some(c) = only_char(word) {
        return is_printed_bare(c).then_some(Code::Char(c));
    }
    match word {
        "space" => return Some(Code::Char(' ')),
        "lt" => return Some(Code::Char('<')),
        _ => {}
    }
    if let Some(hex) = word.strip_prefix("u+") {
        let c = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)?;
        return (!is_printed_bare(c) && c != ' ' && c != '<').then_some(Code::Char(c));
    }
    if let Some(number) = word.strip_prefix('f') {
        return number.parse().ok().filter(|n| (1..=LAST_F).contains(n)).map(Code::F);
    }
    NAMES.iter().find(|(name, _)| *name == word).map(|(_, code)| *code)
}

/// What somebody who wrote `text` most likely meant.
fn near(text: &str) -> Option<String> {
    let inner = text.trim_matches(['<', '>']);
    if let Some(c) = only_char(inner) {
        return is_printed_bare(c).then(|| c.to_string());
    }
    let known = NAMES.iter().map(|(name, _)| *name).chain(["space", "lt", "f1"]);
    super::fault::nearest(inner, known).map(|name| format!("<{name}>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Key {
        text.parse().unwrap()
    }

    fn any_key() -> impl Strategy<Value = Key> {
        let code = prop_oneof![
            any::<char>().prop_map(Code::Char),
            proptest::sample::select(NAMES.map(|(_, code)| code).to_vec()),
            (1..=LAST_F).prop_map(Code::F),
        ];
        (code, any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(code, ctrl, alt, shift)| Key::new(code, ctrl, alt, shift))
    }

    proptest! {
        #[test]
        fn given_any_key_when_printed_and_parsed_then_it_is_the_same(key in any_key()) {
            prop_assert_eq!(key.to_string().parse::<Key>(), Ok(key));
        }

        #[test]
        fn given_any_keys_when_printed_as_a_run_and_parsed_then_they_are_the_same(keys in proptest::collection::vec(any_key(), 0..6)) {
            prop_assert_eq!(parse_run(&print_run(&keys)), Ok(keys));
        }

        #[test]
        fn given_any_text_when_it_parses_then_it_prints_as_a_key_that_parses_the_same(text in "\\PC{0,8}|<[a-z+<>-]{0,8}>") {
            if let Ok(key) = text.parse::<Key>() {
                prop_assert_eq!(key.to_string().parse::<Key>(), Ok(key));
            }
        }
    }

    #[test]
    fn given_the_notation_of_the_keymap_when_parsed_then_each_means_its_key() {
        assert_eq!(parse("n"), Key::plain(Code::Char('n')));
        assert_eq!(parse(">"), Key::plain(Code::Char('>')));
        assert_eq!(parse("<lt>"), Key::plain(Code::Char('<')));
        assert_eq!(parse("<space>"), Key::plain(Code::Char(' ')));
        assert_eq!(parse("<c-c>"), Key::new(Code::Char('c'), true, false, false));
        assert_eq!(parse("<c-C>"), parse("<c-c>"));
        assert_eq!(parse("<a-x>"), Key::new(Code::Char('x'), false, true, false));
        assert_eq!(parse("<c-a-s-up>"), Key::new(Code::Up, true, true, true));
        assert_eq!(parse("<c->>").to_string(), "<c->>");
        assert_eq!(parse("<f1>"), Key::plain(Code::F(1)));
        assert_eq!(parse("<s-tab>").to_string(), "<backtab>");
        assert_eq!(parse_run(" j  k <enter>\n"), Ok(vec![parse("j"), parse("k"), parse("<enter>")]));
    }

    #[test]
    fn given_a_slip_when_parsed_then_the_refusal_names_the_nearest_key() {
        let refuse = |text: &str| text.parse::<Key>().unwrap_err().to_string();
        assert_eq!(refuse("<entr>"), "`<entr>` is not a key. Did you mean `<enter>`?");
        assert_eq!(refuse("enter"), "`enter` is not a key. Did you mean `<enter>`?");
        assert_eq!(refuse("<n>"), "`<n>` is not a key. Did you mean `n`?");
        for text in ["", "<", "<>", "<c->", "<c-c-c>", "<f0>", "<f25>", "nn", "\u{1b}", "<u+d800>"] {
            assert!(text.parse::<Key>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn given_keys_when_asked_what_they_type_then_only_plain_characters_type() {
        assert_eq!(parse("G").typed(), Some('G'));
        assert_eq!(parse("<space>").typed(), Some(' '));
        assert_eq!(parse("<c-g>").typed(), None);
        assert_eq!(parse("<enter>").typed(), None);
    }
}

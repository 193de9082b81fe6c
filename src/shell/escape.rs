//! Which Esc is a key, and which is the beginning of a sequence that a slow link has torn apart.
//!
//! Pure. Time enters as what it is here: nothing came for as long as [`Escape::patience`] asked for. It must not know: any
//! terminal library, a clock, or what a key does.
//!
//! A lone Esc is held for 30 ms. If `[` or `O` follows within that, a person cannot have typed it: it is a sequence whose first
//! byte came alone, and it is dropped through its final byte (ECMA-48 5.4: parameters 0x30–3F, intermediates 0x20–2F, final
//! 0x40–7E; SS3 has one final byte). If it turns out to begin a paste, what follows is gathered as pasted text, because as keys it
//! could do anything.

use std::time::Duration;

use super::input::Input;
use crate::app::key::{Code, Key};

/// How long a lone Esc is held.
const HOLD: Duration = Duration::from_millis(30);

/// How long the rest of a torn sequence is waited for.
const REST: Duration = Duration::from_millis(100);

/// How long a torn paste may pause before it is taken to be over.
const PAUSE: Duration = Duration::from_millis(500);

/// The end of a paste, where it too was torn.
const PASTE_END: &str = "\u{1b}[201~";

/// The longest sequence that is waited for, in bytes; terminals send a dozen.
const LONGEST: usize = 32;

/// The most that is kept of a torn paste, in bytes.
const LONGEST_PASTE: usize = 1 << 20;

/// What may have been torn, so far.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// Nothing.
    #[default]
    Whole,
    /// An Esc came and nothing after it yet.
    Lone,
    /// A control sequence without its Esc: its bytes after `[`.
    Control(String),
    /// One more byte ends it: after `O`, and after the Linux console's `[[`.
    Single,
    /// A paste whose opening was torn: the text so far.
    Paste(String),
}

impl Escape {
    /// How long to wait for the next input before calling [`Escape::quiet`]; nothing: as long as it takes.
    pub fn patience(&self) -> Option<Duration> {
        match self {
            Escape::Whole => None,
            Escape::Lone => Some(HOLD),
            Escape::Control(_) | Escape::Single => Some(REST),
            Escape::Paste(_) => Some(PAUSE),
        }
    }

    /// Takes an input in and gives what is sure by now.
    pub fn take(&mut self, input: Input) -> Vec<Input> {
        match std::mem::take(self) {
            Escape::Whole => self.begin(input),
            Escape::Lone => match typed(&input) {
                Some('[') => self.turn(Escape::Control(String::new())),
                Some('O') => self.turn(Escape::Single),
                _ => {
                    let mut sure = vec![esc()];
                    sure.extend(self.begin(input));
                    sure
                }
            },
            Escape::Control(bytes) => match typed(&input) {
                Some(c) => self.control(bytes, c),
                None => self.begin(input),
            },
            Escape::Single => match typed(&input) {
                Some(_) => Vec::new(),
                None => self.begin(input),
            },
            Escape::Paste(text) => self.paste(text, input),
        }
    }

    /// Nothing came for as long as [`Escape::patience`] asked for: gives what is sure now.
    pub fn quiet(&mut self) -> Vec<Input> {
        match std::mem::take(self) {
            Escape::Lone => vec![esc()],
            Escape::Paste(text) => pasted(text),
            Escape::Whole | Escape::Control(_) | Escape::Single => Vec::new(),
        }
    }

    fn turn(&mut self, next: Escape) -> Vec<Input> {
        *self = next;
        Vec::new()
    }

    /// An input outside of any sequence: only an Esc has to wait.
    fn begin(&mut self, input: Input) -> Vec<Input> {
        if input == esc() { self.turn(Escape::Lone) } else { vec![input] }
    }

    /// One more byte of a control sequence.
    fn control(&mut self, mut bytes: String, c: char) -> Vec<Input> {
        match c {
            '[' if bytes.is_empty() => self.turn(Escape::Single),
            '~' if bytes == "200" => self.turn(Escape::Paste(String::new())),
            ' '..='?' if bytes.len() < LONGEST => {
                bytes.push(c);
                self.turn(Escape::Control(bytes))
            }
            // The final byte, or nothing that a terminal sends.
            _ => Vec::new(),
        }
    }

    /// One more piece of a torn paste.
    fn paste(&mut self, mut text: String, input: Input) -> Vec<Input> {
        let Input::Key { key, .. } = input else {
            let mut sure = pasted(text);
            sure.extend(self.begin(input));
            return sure;
        };
        let piece = match key.code {
            Code::Char('j') if key.ctrl => Some('\n'),
            Code::Char(c) if !key.ctrl => Some(c),
            Code::Enter => Some('\n'),
            Code::Tab => Some('\t'),
            Code::Esc => Some('\u{1b}'),
            _ => None,
        };
        if text.len() < LONGEST_PASTE {
            text.extend(piece);
        }
        match text.strip_suffix(PASTE_END) {
            Some(whole) => pasted(whole.to_owned()),
            None => self.turn(Escape::Paste(text)),
        }
    }
}

fn esc() -> Input {
    Input::Key { key: Key::plain(Code::Esc), repeat: false }
}

/// The character of a plain key.
fn typed(input: &Input) -> Option<char> {
    match input {
        Input::Key { key, .. } => key.typed(),
        _ => None,
    }
}

/// Pasted text, without what is left of a torn end.
fn pasted(text: String) -> Vec<Input> {
    vec![Input::Paste(text.replace('\u{1b}', ""))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::key::parse_run;
    use proptest::prelude::*;

    fn keys(run: &str) -> Vec<Input> {
        parse_run(run).unwrap().into_iter().map(|key| Input::Key { key, repeat: false }).collect()
    }

    /// What comes of keys without a pause, and then of a long one.
    fn after(run: &str) -> Vec<Input> {
        let mut escape = Escape::default();
        let mut out: Vec<Input> = keys(run).into_iter().flat_map(|input| escape.take(input)).collect();
        out.extend(escape.quiet());
        assert_eq!(escape, Escape::Whole);
        out
    }

    #[test]
    fn given_a_lone_esc_when_nothing_follows_for_thirty_milliseconds_then_it_is_a_key() {
        let mut escape = Escape::default();
        assert_eq!(escape.patience(), None);
        assert_eq!(escape.take(esc()), []);
        assert_eq!(escape.patience(), Some(Duration::from_millis(30)));
        assert_eq!(escape.quiet(), [esc()]);
        assert_eq!(escape.take(keys("[").remove(0)), keys("["));
    }

    #[test]
    fn given_a_torn_sequence_when_read_then_it_is_dropped_through_its_final_byte() {
        assert_eq!(after("j <esc> [ A k"), keys("j k"));
        assert_eq!(after("<esc> O A k"), keys("k"));
        assert_eq!(after("<esc> [ 1 ; 5 C x"), keys("x"));
        assert_eq!(after("<esc> [ 3 ~ x"), keys("x"));
        assert_eq!(after("<esc> [ [ A x"), keys("x"));
        assert_eq!(after("<esc> [ I x"), keys("x"));
        assert_eq!(after("<esc> [ <enter> x"), keys("<enter> x"));
    }

    #[test]
    fn given_an_esc_and_another_key_when_read_then_both_are_keys() {
        assert_eq!(after("<esc> x"), keys("<esc> x"));
        assert_eq!(after("<esc> <esc>"), keys("<esc> <esc>"));
        assert_eq!(after("<esc> <esc> [ A"), keys("<esc>"));
        assert_eq!(after("[ O n"), keys("[ O n"));
    }

    #[test]
    fn given_a_sequence_that_never_ends_when_it_gets_long_or_quiet_then_keys_are_keys_again() {
        assert_eq!(after("<esc> [ 1 2"), []);
        let long = format!("<esc> [ {} n", "1 ".repeat(LONGEST + 1));
        assert_eq!(after(&long), keys("n"));
    }

    #[test]
    fn given_a_torn_paste_when_read_then_its_text_is_pasted_and_runs_nothing() {
        let open = "<esc> [ 2 0 0 ~";
        assert_eq!(after(&format!("{open} x q <enter> <tab> <space> <c-j> <up>")), [Input::Paste("xq\n\t \n".into())]);
        let mut whole = vec![Input::Paste("xq".into())];
        whole.extend(keys("n"));
        assert_eq!(after(&format!("{open} x q <esc> [ 2 0 1 ~ n")), whole);
        let mut escape = Escape::Paste("x".into());
        assert_eq!(escape.patience(), Some(Duration::from_millis(500)));
        assert_eq!(escape.take(Input::FocusLost), [Input::Paste("x".into()), Input::FocusLost]);
    }

    proptest! {
        #[test]
        fn given_any_keys_without_esc_when_read_then_all_come_through(text in "[ -~]{0,40}") {
            let run: Vec<Input> = text.chars().map(|c| Input::Key { key: Key::plain(Code::Char(c)), repeat: false }).collect();
            let mut escape = Escape::default();
            let out: Vec<Input> = run.iter().cloned().flat_map(|input| escape.take(input)).collect();
            prop_assert_eq!(out, run);
        }

        #[test]
        fn given_any_keys_when_a_long_pause_follows_then_nothing_is_held(run in proptest::collection::vec(0u8..=127, 0..60)) {
            let mut escape = Escape::default();
            for byte in run {
                let code = if byte == 0x1b { Code::Esc } else { Code::Char(char::from(byte)) };
                escape.take(Input::Key { key: Key::plain(code), repeat: false });
            }
            escape.quiet();
            prop_assert_eq!(escape, Escape::Whole);
        }
    }
}

//! The words of a query of Prometheus. It must not know what they mean.

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A name of a metric, a label, a function or an operator.
    Name,
    /// A number or a length of time.
    Number,
    /// A text in quotes.
    Text,
    /// Matchers in braces.
    Braces,
    /// A range of the window, a subquery's included.
    Window,
    /// A range of a length of its own.
    Range,
    /// Any other sign.
    Sign,
}

/// A word and where it stands, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) what: What,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Which character a byte belongs to, counted from 1.
pub(super) fn character(text: &str, at: usize) -> usize {
    text.char_indices().take_while(|(place, _)| *place < at).count() + 1
}

/// All words; blanks and comments are none.
///
/// # Errors
/// Something does not end, or is no range.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let wrong = |what: &str| Err(format!("cannot be read at character {}: {what}", character(text, at)));
        let run = |goes_on: fn(char) -> bool| rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        let is_number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        let (what, length) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            '"' | '\'' | '`' => match text_length(rest) {
                Some(length) => (What::Text, length),
                None => return wrong("a text that does not end"),
            },
            '{' if rest.starts_with("{{") => return wrong("{{.window}} stands only between `[` and `]`"),
            '{' | '[' => {
                let close = if first == '{' { '}' } else { ']' };
                let Some(length) = enclosed(rest, close) else {
                    return wrong(&format!("`{first}` without its `{close}`"));
                };
                let inside = rest.get(1..length - 1).unwrap_or_default();
                match (first, range(inside)) {
                    ('{', _) => (What::Braces, length),
                    (_, Some(what)) => (what, length),
                    (_, None) => return wrong(&format!("`[{inside}]` is no range; write [{{{{.window}}}}]")),
                }
            }
            c if c.is_ascii_alphabetic() || c == '_' || c == ':' => {
                (What::Name, run(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':')))
            }
            c if is_number(rest) || (c == '.' && is_number(rest.get(1..).unwrap_or_default())) => {
                let length = run(|c| c.is_ascii_alphanumeric() || c == '.');
                // 1e-3
                let signed =
                    rest.get(..length).is_some_and(|text| text.ends_with(['e', 'E']) && !text.starts_with("0x"));
                let more = rest.get(length..).filter(|more| signed && more.starts_with(['+', '-']));
                let digits = |more: &str| {
                    more.get(1..).map_or(0, |more| more.find(|c: char| !c.is_ascii_digit()).unwrap_or(more.len()))
                };
                (What::Number, length + more.map(digits).filter(|digits| *digits > 0).map_or(0, |digits| digits + 1))
            }
            _ => {
                let two = ["==", "!=", ">=", "<="].iter().any(|sign| rest.starts_with(sign));
                (What::Sign, if two { 2 } else { first.len_utf8() })
            }
        };
        tokens.push(Token { what, start: at, end: at + length });
        at += length;
    }
}

/// How long the text in quotes is that begins here.
fn text_length(rest: &str) -> Option<usize> {
    let mark = rest.chars().next()?;
    let mut is_escaped = false;
    for (place, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if mark != '`' => is_escaped = true,
            c if c == mark => return Some(place + c.len_utf8()),
            _ => {}
        }
    }
    None
}

/// How long what begins here is up to the sign that closes it, which does not stand in a text, a comment or a template.
fn enclosed(rest: &str, close: char) -> Option<usize> {
    let mut at = 1;
    loop {
        let here = rest.get(at..)?;
        let c = here.chars().next()?;
        at += match c {
            '"' | '\'' | '`' => text_length(here)?,
            '#' => here.find('\n')?,
            '{' if here.starts_with("{{") => here.find("}}")? + 2,
            c if c == close => return Some(at + 1),
            c => c.len_utf8(),
        };
    }
}

/// What kind of range stands between brackets.
fn range(inside: &str) -> Option<What> {
    let plain: String = inside.lines().map(|line| line.split('#').next().unwrap_or_default()).collect();
    let (length, step) =
        plain.split_once(':').map_or((plain.trim(), ""), |(length, step)| (length.trim(), step.trim()));
    let is_length = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
    };
    if !step.is_empty() && !is_length(step) {
        return None;
    }
    match length.strip_prefix("{{").and_then(|inner| inner.strip_suffix("}}")) {
        Some(inner) if matches!(inner.trim(), ".window" | "window") => Some(What::Window),
        Some(_) => None,
        None => is_length(length).then_some(What::Range),
    }
}

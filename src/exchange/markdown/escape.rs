//! Text from outside as text in a Markdown report: it formats nothing, links nowhere, ends no table, calls nobody and is no
//! template. It must not know which section it stands in.
//!
//! Every ASCII punctuation mark may be escaped by a backslash (CommonMark 0.31, section 2.4); `<`, `>`, `&` and `{` become entities,
//! because renderers and template engines exist that look for them before any backslash. The words stay what they were for a reader.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Stands after `@` and between braces so that nobody is called and no template begins; has no width.
const JOINER: char = '\u{2060}';

/// A text on one line, for a sentence, a list item or a table cell.
pub fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut written = String::with_capacity(text.len());
    for word in clean(text).split_whitespace() {
        if !written.is_empty() {
            written.push(' ');
        }
        written.push_str(word);
    }
    let mut rest = written.chars().peekable();
    let mut digits = true;
    let mut before = None;
    while let Some(c) = rest.next() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '{' => out.push_str("&#123;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' | '^' => out.extend(['\\', c]),
            // at the beginning these would be a list, a heading's underline or a definition
            '-' | '+' | '=' | ':' if before.is_none() => out.extend(['\\', c]),
            // "12." or "12)" at the beginning would be a numbered list
            '.' | ')' if digits && before.is_some() => out.extend(['\\', c]),
            // an address is not made a link: "https://", "www."
            ':' if rest.peek() == Some(&'/') => out.push_str("\\:"),
            '.' if before.is_some_and(|w: char| w.eq_ignore_ascii_case(&'w')) => out.push_str("\\."),
            '@' => out.extend(['@', JOINER]),
            _ => out.push(c),
        }
        digits &= c.is_ascii_digit();
        before = Some(c);
    }
    out
}

/// The lines of a text of several lines, for a block in which nothing is read as Markdown but its end; no line ends in a space.
pub fn lines(text: &str) -> Vec<String> {
    split(text).iter().map(|line| inert(line)).collect()
}

/// The lines of a text, each still to be escaped; those without words at both ends are left out.
pub fn split(text: &str) -> Vec<String> {
    let unified = text.replace("\r\n", "\n");
    let mut lines: Vec<String> = unified.split(BREAKS).map(|line| clean(line).trim_end().to_string()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let blank = lines.iter().take_while(|line| line.is_empty()).count();
    lines.drain(..blank);
    lines
}

/// It has more than one line with words.
pub fn is_long(text: &str) -> bool {
    text.split(BREAKS).filter(|line| !line.trim().is_empty()).nth(1).is_some()
}

/// What ends a line, in Unicode's words: feeds, returns, next line, line and paragraph separators.
const BREAKS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// A line of a block: a template engine reads blocks as well, and looks for two braces, or a brace and a per cent sign.
fn inert(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if matches!(c, '{' | '%') && out.ends_with('{') {
            out.push(JOINER);
        }
        out.push(c);
    }
    out
}

/// Without what moves a cursor, turns the direction of reading or cannot be seen: a control character becomes its picture, any other
/// one the replacement character. A tab becomes a space; the joiners that scripts and emoji need stay.
fn clean(text: &str) -> String {
    let seen = |c: char| match c {
        '\t' => ' ',
        c if BREAKS.contains(&c) => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        '\u{200c}' | '\u{200d}' => c,
        _ => match c.general_category() {
            GeneralCategory::Control | GeneralCategory::Format | GeneralCategory::PrivateUse => {
                char::REPLACEMENT_CHARACTER
            }
            _ => c,
        },
    };
    text.chars().map(seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::sample;
    use proptest::prelude::{ProptestConfig, proptest};

    /// What CommonMark makes of text without formatting: escapes and entities undone.
    fn rendered(markdown: &str) -> String {
        let mut out = String::new();
        let mut rest = markdown;
        while let Some(c) = rest.chars().next() {
            let (took, shown) = match c {
                '\\' if rest.chars().nth(1).is_some_and(|p| p.is_ascii_punctuation()) => (2, rest.chars().nth(1)),
                '&' if rest.starts_with("&lt;") => (4, Some('<')),
                '&' if rest.starts_with("&gt;") => (4, Some('>')),
                '&' if rest.starts_with("&amp;") => (5, Some('&')),
                '&' if rest.starts_with("&#123;") => (6, Some('{')),
                JOINER => (c.len_utf8(), None),
                _ => (c.len_utf8(), Some(c)),
            };
            out.extend(shown);
            rest = rest.get(took..).expect("whole characters");
        }
        out
    }

    /// The characters that CommonMark could take for formatting: those without a backslash before them.
    fn bare(markdown: &str) -> Vec<(usize, char)> {
        let (mut bare, mut escaped) = (Vec::new(), false);
        for (place, c) in markdown.char_indices() {
            if !escaped && c != '\\' {
                bare.push((place, c));
            }
            escaped = c == '\\' && !escaped;
        }
        bare
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn a_reader_sees_the_words_that_were_written(text in sample::text()) {
            let words = |s: &str| s.split_whitespace().map(str::to_string).collect::<Vec<_>>();
            let plain = clean(&text);
            assert_eq!(words(&rendered(&inline(&text))), words(&plain));
        }

        #[test]
        fn nothing_in_it_is_formatting(text in sample::text()) {
            // the entities are ours, and stand for themselves
            let entities = ["&lt;", "&gt;", "&amp;", "&#123;"];
            let out = entities.iter().fold(inline(&text), |out, entity| out.replace(entity, "X"));
            for (place, c) in bare(&out) {
                assert!(!"`*_[]<>#|~${^&".contains(c), "{c:?} at {place} of {out:?}");
                let rest = out.get(place..).expect("a place of it");
                assert!(!rest.starts_with("://") && !rest.to_ascii_lowercase().starts_with("www."), "{rest:?}");
                if c == '@' {
                    assert!(rest.starts_with("@\u{2060}"), "{rest:?}");
                }
            }
            let first = out.chars().next();
            assert!(!first.is_some_and(|c| "-+=: \t".contains(c)), "{out:?}");
            let number = out.trim_start_matches(|c: char| c.is_ascii_digit());
            assert!(number.len() == out.len() || !number.starts_with(['.', ')']), "{out:?}");
        }

        #[test]
        fn it_stays_on_its_line_and_moves_no_cursor(text in sample::text()) {
            for line in lines(&text).into_iter().chain([inline(&text)]) {
                assert!(!line.ends_with(' '), "{line:?}");
                assert!(line.chars().all(|c| !c.is_control() && !BREAKS.contains(&c)), "{line:?}");
                assert!(!line.contains(['\u{202e}', '\u{2066}', '\u{feff}']), "{line:?}");
                assert!(!line.contains("{{") && !line.contains("{%"), "{line:?}");
            }
        }
    }

    #[test]
    fn the_known_tricks_are_words() {
        for (text, out) in [
            ("a | b", "a \\| b"),
            ("# head", "\\# head"),
            ("- item", "\\- item"),
            ("1. item", "1\\. item"),
            ("10) item", "10\\) item"),
            ("3.5 items", "3\\.5 items"),
            ("`rm`", "\\`rm\\`"),
            ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
            ("&lt;", "&amp;lt;"),
            ("![x](javascript:y)", "!\\[x\\](javascript:y)"),
            ("see https://evil.example", "see https\\://evil.example"),
            ("WWW.evil.example", "WWW\\.evil.example"),
            ("@everyone", "@\u{2060}everyone"),
            ("{{ site.x }}", "&#123;&#123; site.x }}"),
            ("a\nb\tc  ", "a b c"),
            ("\u{1b}[2J\u{202e}x", "␛\\[2J\u{fffd}x"),
            ("", ""),
        ] {
            assert_eq!(inline(text), out, "{text:?}");
        }
    }

    #[test]
    fn a_block_keeps_its_lines_and_its_indentation() {
        assert_eq!(lines("\r\n\nif a {\r\n    b {{c}} \n\n}\n\n"), ["if a {", "    b {\u{2060}{c}}", "", "}"]);
        assert!(is_long("a\nb") && !is_long("a\n\n") && !is_long(""));
    }

    #[test]
    fn a_family_stays_a_family() {
        assert_eq!(inline("👩‍👩‍👧 ok"), "👩‍👩‍👧 ok");
    }
}

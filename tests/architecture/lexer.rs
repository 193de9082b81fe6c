//! Rust text with its comments and literals taken out, as tokens and paths. It knows no rule.

/// A text in two layers with the same lines: what the compiler reads, and what people read.
#[derive(Default)]
pub struct Layers {
    /// The code: literals are empty, comments are gone.
    pub code: String,
    /// The comments alone.
    pub comments: String,
}

impl Layers {
    fn push(&mut self, c: char, is_comment: bool) {
        let (mine, other) =
            if is_comment { (&mut self.comments, &mut self.code) } else { (&mut self.code, &mut self.comments) };
        mine.push(c);
        other.push(if c == '\n' { '\n' } else { ' ' });
    }
    fn blank(&mut self, c: char) {
        let c = if c == '\n' { '\n' } else { ' ' };
        self.code.push(c);
        self.comments.push(c);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Takes comments and the insides of literals out: nested block comments, raw, byte and C strings, characters and lifetimes.
pub fn layers(text: &str) -> Layers {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut out = Layers::default();
    let mut i = 0;
    while i < chars.len() {
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                out.push(at(i), true);
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 0;
            while i < chars.len() {
                let pair = (at(i), at(i + 1));
                let step = if pair == ('/', '*') {
                    depth += 1;
                    2
                } else if pair == ('*', '/') {
                    depth -= 1;
                    2
                } else {
                    1
                };
                (i..i + step).for_each(|k| out.push(at(k), true));
                i += step;
                if depth == 0 {
                    break;
                }
            }
        } else if is_word(c) {
            let start = i;
            while is_word(at(i)) {
                i += 1;
            }
            let word: String = chars[start..i].iter().collect();
            let hashes = (i..).take_while(|k| at(*k) == '#').count();
            let is_raw = matches!(word.as_str(), "r" | "br" | "cr") && at(i + hashes) == '"';
            word.chars().for_each(|c| out.push(c, false));
            if is_raw {
                (0..=hashes).for_each(|_| out.blank(' '));
                i += hashes + 1;
                while i < chars.len() && !(at(i) == '"' && (1..=hashes).all(|k| at(i + k) == '#')) {
                    out.blank(at(i));
                    i += 1;
                }
                (0..=hashes).for_each(|_| out.blank(' '));
                i += hashes + 1;
            } else if word == "r" && hashes == 1 {
                // a raw identifier: the name alone is what matters
                out.code.pop();
                out.code.push(' ');
                out.blank(' ');
                i += 1;
            }
        } else if c == '"' {
            out.push('"', false);
            i += 1;
            while i < chars.len() && at(i) != '"' {
                if at(i) == '\\' {
                    out.blank(' ');
                    i += 1;
                }
                out.blank(at(i));
                i += 1;
            }
            out.push('"', false);
            i += 1;
        } else if c == '\'' && (at(i + 1) == '\\' || (at(i + 2) == '\'' && at(i + 1) != '\'')) {
            // a character; anything else after the mark is a lifetime
            out.push('\'', false);
            i += 1;
            while i < chars.len() && at(i) != '\'' {
                if at(i) == '\\' {
                    out.blank(' ');
                    i += 1;
                }
                out.blank(at(i));
                i += 1;
            }
            out.push('\'', false);
            i += 1;
        } else {
            out.push(c, false);
            i += 1;
        }
    }
    out
}

/// A word, `::`, or one other character, with its line from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The text.
    pub text: String,
    /// The line, from 1.
    pub line: usize,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text.starts_with(is_word)
    }
}

/// The tokens of a code layer.
pub fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (at, row) in code.lines().enumerate() {
        let line = at + 1;
        let mut rest = row.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = match first {
                _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            let (text, after) = rest.split_at(length);
            tokens.push(Token { text: text.to_owned(), line });
            rest = after.trim_start();
        }
    }
    tokens
}

/// A path of names, from an import (each branch of its tree is one path) or from anywhere else in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Its names; the last is `*` for a glob.
    pub names: Vec<String>,
    /// The name it gets by `as`.
    pub alias: Option<String>,
    /// The line, from 1.
    pub line: usize,
    /// It is imported.
    pub is_use: bool,
    /// It is imported and handed on, to whomever.
    pub is_handed_on: bool,
}

impl Path {
    /// These names stand in it, one directly after the other.
    pub fn has(&self, names: &[&str]) -> bool {
        self.names.windows(names.len()).any(|window| window.iter().zip(names).all(|(a, b)| a == b))
    }
    /// It begins with these names.
    pub fn begins(&self, names: &[&str]) -> bool {
        self.names.len() >= names.len() && self.names.iter().zip(names).all(|(a, b)| a == b)
    }
    /// As written.
    pub fn text(&self) -> String {
        self.names.join("::")
    }
}

/// Every path of the code.
pub fn paths(tokens: &[Token]) -> Vec<Path> {
    let mut walk = Walk { tokens, at: 0, is_use: false, is_handed_on: false, found: Vec::new() };
    while let Some(token) = tokens.get(walk.at) {
        let before = walk.at.checked_sub(1).and_then(|i| tokens.get(i)).map_or("", |t| t.text.as_str());
        if token.text == "use" && walk.text(1) != "<" {
            walk.is_handed_on = before == "pub" || before == ")";
            walk.is_use = true;
            walk.at += 1;
            walk.tree(&[]);
            walk.is_use = false;
            walk.is_handed_on = false;
        } else if token.is_word() && before != "." && before != "::" {
            walk.tree(&[]);
        } else if token.text == "::" && !matches!(before, ">" | "]" | ")") && walk.is_word(1) {
            walk.at += 1;
            walk.tree(&[]);
        } else {
            walk.at += 1;
        }
    }
    walk.found
}

struct Walk<'a> {
    tokens: &'a [Token],
    at: usize,
    is_use: bool,
    is_handed_on: bool,
    found: Vec<Path>,
}

impl Walk<'_> {
    fn text(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |t| t.text.as_str())
    }
    fn is_word(&self, ahead: usize) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(Token::is_word)
    }
    fn tree(&mut self, above: &[String]) {
        let mut names = above.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |t| t.line);
        if self.text(0) == "::" {
            self.at += 1;
        }
        loop {
            if self.is_use && self.text(0) == "{" {
                self.at += 1;
                while !matches!(self.text(0), "}" | ";" | "") {
                    let before = self.at;
                    self.tree(&names);
                    if self.text(0) == "," || self.at == before {
                        self.at += 1;
                    }
                }
                self.at += 1;
                return;
            }
            if self.is_word(0) || (self.is_use && self.text(0) == "*") {
                names.push(self.text(0).to_owned());
                self.at += 1;
            }
            let goes_on =
                self.text(0) == "::" && (self.is_word(1) || (self.is_use && matches!(self.text(1), "{" | "*")));
            if !goes_on {
                break;
            }
            self.at += 1;
        }
        let mut alias = None;
        if self.is_use && self.text(0) == "as" {
            alias = Some(self.text(1).to_owned());
            self.at += 2;
        }
        if names.len() > above.len() {
            self.found.push(Path { names, alias, line, is_use: self.is_use, is_handed_on: self.is_handed_on });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(code: &str) -> Vec<String> {
        paths(&tokens(&layers(code).code)).iter().filter(|p| p.is_use || p.names.len() > 1).map(Path::text).collect()
    }

    #[test]
    fn given_comments_and_literals_when_taken_out_then_only_code_is_left() {
        let text = r##"a(); // std::fs
/* crate::b /* nested */ crate::c */ d("crate::e \" crate::f", 'x', '\'', b'"', br#"crate::g " "#, r"\", "crate::h");
let l: &'static str = x::<'a>(); let q = '"'; y();"##;
        let layers = layers(text);
        assert_eq!(layers.code.lines().count(), layers.comments.lines().count());
        assert!(!layers.code.contains("crate") && !layers.code.contains("std"), "{}", layers.code);
        for kept in ["a()", "d(", "'static str", "x::<'a>()", "y();"] {
            assert!(layers.code.contains(kept), "{kept}: {}", layers.code);
        }
        assert!(layers.comments.contains("nested") && layers.comments.contains("std::fs"));
        assert!(!layers.comments.contains("crate::e"));
    }

    #[test]
    fn given_trees_of_imports_when_read_then_each_branch_is_a_path() {
        assert_eq!(
            texts("use crate::{a::{self, B as C}, d::*, e}; use {::std::fs, f as g}; pub(crate) use super::h;"),
            ["crate::a::self", "crate::a::B", "crate::d::*", "crate::e", "std::fs", "f", "super::h"]
        );
        let handed: Vec<bool> = paths(&tokens("pub use a::b; use c; pub(super) use d;"))
            .iter()
            .filter(|p| p.is_use)
            .map(|p| p.is_handed_on)
            .collect();
        assert_eq!(handed, [true, false, true]);
    }

    #[test]
    fn given_paths_in_code_when_read_then_they_are_found_wherever_they_stand() {
        assert_eq!(
            texts(
                "fn f(x: &crate::app::App) -> impl I + use<> { ::std::fs::read(y.z::<tokio::T>()); m!(r#crate::q::r) }"
            ),
            ["crate::app::App", "std::fs::read", "tokio::T", "crate::q::r"]
        );
        assert_eq!(texts("a\n  ::b\n  ::c(); #[tokio::main] fn x() {}"), ["a::b::c", "tokio::main"]);
    }
}

//! One file of the repository, ready to be judged. It knows no rule.

use super::lexer::{self, Layers, Path, Token};

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offence {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// A file with its path from the repository's root, and its parts.
pub struct Source {
    /// Its path: `src/app/mod.rs`.
    pub file: String,
    /// Its whole text.
    pub text: String,
    /// The tokens of its code without its tests.
    pub tokens: Vec<Token>,
    /// The paths of its code without its tests.
    pub paths: Vec<Path>,
    /// The paths of its tests.
    pub test_paths: Vec<Path>,
    /// Its code layer, with its tests.
    pub code: String,
    /// Its comments, with those of its tests.
    pub comments: String,
    /// It is nothing but tests.
    pub is_test: bool,
    /// How many lines stand before its tests.
    pub length: usize,
}

impl Source {
    /// Reads a text as a file of this name.
    pub fn new(file: &str, text: &str) -> Source {
        let Layers { code, comments } = if file.ends_with(".rs") { lexer::layers(text) } else { Layers::default() };
        let is_test = file.starts_with("tests/") || file.ends_with("/tests.rs") || file.contains("/tests/");
        let marked = code.lines().position(|line| line.starts_with("#[cfg(test)]"));
        let length = if is_test { 0 } else { marked.unwrap_or(text.lines().count()) };
        let (tokens, tests): (Vec<Token>, Vec<Token>) =
            lexer::tokens(&code).into_iter().partition(|token| token.line <= length);
        let (paths, test_paths) = (lexer::paths(&tokens), lexer::paths(&tests));
        Source {
            file: file.to_owned(),
            text: text.to_owned(),
            tokens,
            paths,
            test_paths,
            code,
            comments,
            is_test,
            length,
        }
    }

    /// The modules from the crate's root to this file: `["app", "keys"]`; nothing for the roots themselves.
    pub fn module(&self) -> Vec<&str> {
        let inner = self.file.strip_prefix("src/").and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
        let mut names: Vec<&str> = inner.split('/').collect();
        if matches!(names.last(), Some(&"mod" | &"lib" | &"main")) {
            names.pop();
        }
        names
    }

    /// The module at the top of the crate that this file belongs to; empty for the roots and for what is outside `src`.
    pub fn room(&self) -> &str {
        self.module().first().copied().unwrap_or_default()
    }

    /// Where a path leads inside this crate, from its root; nothing when it leads elsewhere.
    pub fn inside<'p>(&'p self, path: &'p Path) -> Option<Vec<&'p str>> {
        let mut names: Vec<&str> = path.names.iter().map(String::as_str).collect();
        match *names.first()? {
            "crate" | "quarterdeck" => {
                names.remove(0);
                Some(names)
            }
            "self" | "super" => {
                let mut whole = self.module();
                for name in names {
                    match name {
                        "self" => {}
                        "super" => drop(whole.pop()),
                        name => whole.push(name),
                    }
                }
                Some(whole)
            }
            _ => None,
        }
    }

    /// An offence in this file.
    pub fn offence(&self, line: usize, what: impl Into<String>) -> Offence {
        Offence { file: self.file.clone(), line, what: what.into() }
    }

    /// The paths of its code that a rule forbids.
    pub fn forbidding(&self, what: &str, is_bad: impl Fn(&Path) -> bool) -> Vec<Offence> {
        let bad = self.paths.iter().filter(|path| is_bad(path));
        bad.map(|path| self.offence(path.line, format!("{what}: {}", path.text()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_file_when_its_module_is_asked_then_it_is_the_compiler_s() {
        let module = |file: &str| Source::new(file, "").module().join("::");
        assert_eq!(module("src/app/keys.rs"), "app::keys");
        assert_eq!(module("src/liaison/switches/mod.rs"), "liaison::switches");
        assert_eq!(module("src/lib.rs"), "");
    }

    #[test]
    fn given_relative_paths_when_followed_then_they_are_whole() {
        let source =
            Source::new("src/app/keys.rs", "use super::msg::Msg; use super::super::view; use self::x; use serde::D;");
        let inside: Vec<Option<String>> =
            source.paths.iter().filter(|p| p.is_use).map(|p| source.inside(p).map(|names| names.join("::"))).collect();
        assert_eq!(inside, [Some("app::msg::Msg".into()), Some("view".into()), Some("app::keys::x".into()), None]);
    }

    #[test]
    fn given_tests_at_the_end_when_split_then_they_do_not_count() {
        let source = Source::new("src/app/a.rs", "//! x\nuse a::b;\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n");
        assert_eq!(source.length, 2);
        assert_eq!(
            (source.paths.iter().filter(|p| p.is_use).count(), source.test_paths.iter().filter(|p| p.is_use).count()),
            (1, 1)
        );
        let comment = Source::new("src/app/a.rs", "//! x\n/*\n#[cfg(test)]\n*/\nuse a::b;\n");
        assert_eq!(comment.length, 5);
    }
}

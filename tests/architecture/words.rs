//! Words that stand for something unfinished, or that mean nothing to who reads the repository. This file names them and is not judged by them.

use super::source::{Offence, Source};

/// Words of unfinished work, and the folder of one machine.
const FORBIDDEN: &[&str] = &["TODO", "FIXME", "XXX", "todo!", "unimplemented!", "/work/"];

/// No forbidden word anywhere, and no number of a thread that a reader cannot look up in a comment.
pub fn words(source: &Source) -> Vec<Offence> {
    if source.file == "tests/architecture/words.rs" {
        return Vec::new();
    }
    let mut offences = Vec::new();
    for (at, line) in source.text.lines().enumerate() {
        let found = FORBIDDEN.iter().filter(|word| stands_alone(line, word));
        offences.extend(found.map(|word| source.offence(at + 1, format!("holds the word {word}"))));
    }
    for (at, line) in source.comments.lines().enumerate() {
        if let Some(number) = thread_number(line) {
            offences.push(source.offence(at + 1, format!("names the thread {number}")));
        }
    }
    offences
}

/// The word stands there, and not as a part of a longer one.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let is_path = word.starts_with('/');
        is_path || (!before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric))
    })
}

/// `#123` as a word of its own.
fn thread_number(line: &str) -> Option<&str> {
    line.split([' ', '(', ')', ',', ';', ':']).find(|word| {
        let digits = word.strip_prefix('#').map(|rest| rest.trim_end_matches('.'));
        digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[test]
fn given_a_forbidden_word_when_judged_then_it_is_found() {
    let found = |text: &str| words(&Source::new("src/app/a.rs", text)).len();
    assert_eq!(found("// TODO: later"), 1);
    assert_eq!(found("fn f() { todo!() }"), 1);
    assert_eq!(found("let path = \"/work/x\";"), 1);
    assert_eq!(found("// XXXL is a size, and #inc-412 a room"), 0);
    assert_eq!(found("// see #412."), 1);
    assert_eq!(found("/* (#412) */"), 1);
    assert_eq!(found("let colour = \"#112233\"; #[test] fn x() {}"), 0);
}

//! Words that the arguments do not take, and what to type instead. It must not know what a command does.

use super::fault::Fault;
use super::paper::for_shell;
use crate::config::trouble::shown;
use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// The commands that name their scope by an option only.
const SCOPED: [&str; 3] = ["add", "pass", "check"];
/// What people call it when something is put back.
const BACK: [&str; 8] = ["restore", "resume", "start", "undo", "back", "unstop", "release", "rollback"];
/// What is acted with: a verb that looks like another one may be its opposite.
const ACTING: [&str; 2] = ["switch", "freeze"];

/// What was meant where that can be told: the scope behind `freeze add`, `pass` or `check`, a reason that is not asked for, a plan's way back.
pub fn meant(error: &Error, arguments: &[OsString]) -> Option<Fault> {
    let all: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    match error.kind() {
        ErrorKind::UnknownArgument => of_freeze(text(error, ContextKind::InvalidArg)?, &all),
        ErrorKind::InvalidSubcommand => of_switch(text(error, ContextKind::InvalidSubcommand)?, &all),
        ErrorKind::InvalidValue => of_plan(text(error, ContextKind::InvalidValue)?, &all),
        _ => None,
    }
}

/// Takes away what must not be proposed: another verb, which may do the opposite, and to be somebody else.
pub fn untempted(mut error: Error, arguments: &[OsString]) -> Error {
    let acts = arguments.iter().any(|argument| ACTING.iter().any(|acting| argument == acting));
    if acts && matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::InvalidValue) {
        for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue, ContextKind::Suggested] {
            error.remove(kind);
        }
    }
    if text(&error, ContextKind::SuggestedArg).is_some_and(|option| option.split(' ').next() == Some("--as")) {
        // the usage is written as if it had been meant
        for kind in [ContextKind::SuggestedArg, ContextKind::Usage] {
            error.remove(kind);
        }
    }
    error
}

fn text(error: &Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    }
}

fn of_freeze(word: &str, all: &[&str]) -> Option<Fault> {
    let freeze = all.iter().position(|argument| *argument == "freeze")?;
    let (verb, rest) = all.get(freeze.saturating_add(1)..)?.split_first()?;
    if *verb == "confirm" && (word.starts_with("--reason") || word.starts_with("--why")) {
        let next = "Leave it out: quarterdeck freeze confirm HOLD --confirm SCOPE";
        return Some(Fault::usage("freeze confirm takes no reason: whoever asked for the lift gave it.", next));
    }
    let is_meant = !word.starts_with('-') && SCOPED.contains(verb);
    is_meant.then(|| {
        Fault::usage(format!("freeze {verb} takes no word by itself: {}.", shown(word)), scoped(word, verb, rest))
    })
}

/// What to type where a word stands by itself behind a verb that names its scope by an option.
fn scoped(word: &str, verb: &str, rest: &[&str]) -> String {
    let given = |option: &str| {
        rest.iter().any(|one| one.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    };
    let quotes = "A text of several words stands in quotes.";
    let (has_scope, has_why, takes_why) = (given("--scope"), given("--why"), verb != "check");
    let has_build = given("--ref") || verb == "add";
    if has_scope && !has_build && is_commit(word) {
        return format!("Which build is --ref {word}.");
    }
    let words: Vec<&str> = rest.iter().copied().take_while(|one| !one.starts_with('-')).collect();
    let (scope, build, why) = match words.as_slice() {
        _ if has_scope => return quotes.to_owned(),
        [] => return format!("The scope is --scope {}. {quotes}", for_shell(word)),
        [build] if is_commit(build) && !has_build => (None, Some(*build), None),
        [build, scope] | [scope, build] if is_commit(build) && !has_build => (Some(*scope), Some(*build), None),
        // a build is named by an option as well
        [only] if verb == "pass" && !has_build => {
            let only = for_shell(only);
            return format!("Where to is --scope {only}, which build is --ref {only}.");
        }
        [text] if takes_why && !has_why && text.contains(char::is_whitespace) => (None, None, Some((*text).to_owned())),
        [scope] => (Some(*scope), None, None),
        [scope, why @ ..] if takes_why && !has_why && has_build => (Some(*scope), None, Some(why.join(" "))),
        [scope, ..] => return format!("The scope is --scope {}. {quotes}", for_shell(scope)),
    };
    let what = match (scope, build, &why) {
        (Some(_), ..) => "Name the scope",
        (None, Some(_), _) => "Name the build",
        (None, None, _) => "Say why",
    };
    let mut line = format!("{what}: quarterdeck freeze {verb}");
    let mut say = |option: &str, value: &str| {
        line.push_str(&format!(" {option} {value}"));
    };
    if let Some(scope) = scope {
        say("--scope", &for_shell(scope));
    }
    if let Some(build) = build {
        say("--ref", build);
    }
    match why {
        Some(why) => say("--why", &for_shell(&why)),
        None if takes_why && !has_why => say("--why", "WHY"),
        None => {}
    }
    line + &options(rest.get(words.len()..).unwrap_or_default())
}

/// Options as they were given, a reason of several words in quotes.
fn options(given: &[&str]) -> String {
    let mut said = String::new();
    let mut rest = given.iter().peekable();
    while let Some(one) = rest.next() {
        said.push_str(&format!(" {}", for_shell(one)));
        if *one == "--why" {
            let mut why = Vec::new();
            while let Some(word) = rest.next_if(|word| !word.starts_with('-')) {
                why.push(*word);
            }
            said.push_str(&format!(" {}", for_shell(&why.join(" "))));
        }
    }
    said
}

/// It looks like a commit, or the beginning of one.
fn is_commit(word: &str) -> bool {
    word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit())
}

fn of_switch(word: &str, all: &[&str]) -> Option<Fault> {
    let switch = all.windows(2).position(|two| matches!(two, ["switch", verb] if *verb == word))?;
    let name = name(all.get(switch.saturating_add(2)));
    let next = format!("To put it back: quarterdeck switch restore {name}");
    BACK.contains(&word).then(|| Fault::usage(format!("switch has no {}.", shown(word)), next))
}

/// A name that was given, as a shell reads it back.
fn name(given: Option<&&str>) -> String {
    given.filter(|name| !name.starts_with('-')).map_or_else(|| "NAME".to_owned(), |name| for_shell(name))
}

fn of_plan(word: &str, all: &[&str]) -> Option<Fault> {
    let plan = all.windows(3).position(|three| matches!(three, ["switch", "plan", verb] if *verb == word))?;
    let name = name(all.get(plan.saturating_add(3)));
    let next = match BACK.contains(&word) {
        true => format!("To put it back: quarterdeck switch plan revert {name}"),
        false => "Write stop or revert, then the plan.".to_owned(),
    };
    Some(Fault::usage(format!("A plan takes stop or revert, not {}.", shown(word)), next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;
    use clap::Parser;

    fn next(line: &[&str]) -> Option<String> {
        let arguments: Vec<OsString> = ["quarterdeck"].iter().chain(line).map(OsString::from).collect();
        let error = Cli::try_parse_from(&arguments).expect_err("bad usage");
        meant(&error, &arguments).map(|fault| fault.next)
    }

    #[test]
    fn given_a_word_where_a_scope_is_meant_when_it_is_refused_then_what_to_type_is_said() {
        let said = |line: &[&str]| next(line).expect("what was meant");
        assert_eq!(said(&["freeze", "check", "prod"]), "Name the scope: quarterdeck freeze check --scope prod");
        let add = said(&["--as", "Ana", "freeze", "add", "prod/api", "--why", "it's broken"]);
        assert_eq!(add, "Name the scope: quarterdeck freeze add --scope prod/api --why 'it'\\''s broken'");
        let build = said(&["freeze", "pass", "prod", "--ref", "v1822.1", "--why", "the fix"]);
        assert_eq!(build, "Name the scope: quarterdeck freeze pass --scope prod --ref v1822.1 --why 'the fix'");
        assert_eq!(said(&["freeze", "pass", "prod"]), "Where to is --scope prod, which build is --ref prod.");
        let late = said(&["freeze", "add", "--why", "broken", "prod"]);
        assert_eq!(late, "The scope is --scope prod. A text of several words stands in quotes.");
        let texts = said(&["freeze", "add", "--scope", "prod", "--why", "it", "is", "broken"]);
        assert_eq!(texts, "A text of several words stands in quotes.");
    }

    #[test]
    fn given_words_without_quotes_when_they_are_refused_then_what_is_proposed_can_be_typed() {
        let said = |line: &[&str]| next(line).expect("what was meant");
        let all = [
            (
                &["add", "prod", "db", "is", "broken"][..],
                "Name the scope: quarterdeck freeze add --scope prod --why 'db is broken'",
            ),
            (
                &["add", "prod", "--why", "it", "is", "it", "--until", "2h"],
                "Name the scope: quarterdeck freeze add --scope prod --why 'it is it' --until 2h",
            ),
            (&["add", "prod"], "Name the scope: quarterdeck freeze add --scope prod --why WHY"),
            (&["add", "db is broken"], "Say why: quarterdeck freeze add --why 'db is broken'"),
            (
                &["pass", "prod", "the", "fix", "--ref", "v2"],
                "Name the scope: quarterdeck freeze pass --scope prod --why 'the fix' --ref v2",
            ),
            (&["check", "abcdef1"], "Name the build: quarterdeck freeze check --ref abcdef1"),
            (&["check", "prod", "abcdef1"], "Name the scope: quarterdeck freeze check --scope prod --ref abcdef1"),
            (&["check", "abcdef1", "--scope", "prod"], "Which build is --ref abcdef1."),
            (&["pass", "abcdef1"], "Name the build: quarterdeck freeze pass --ref abcdef1 --why WHY"),
        ];
        for (line, words) in all {
            let line: Vec<&str> = ["freeze"].iter().chain(line).copied().collect();
            assert_eq!(said(&line), words);
            let typed = words.split_once("quarterdeck ").map(|(_, typed)| typed.replace("'db is broken'", "broken"));
            let typed = typed.map(|typed| typed.replace("'it is it'", "broken").replace("'the fix'", "fix"));
            let typed = typed.iter().flat_map(|typed| typed.split(' '));
            let typed = ["quarterdeck"].into_iter().chain(typed);
            assert!(!words.contains("quarterdeck") || Cli::try_parse_from(typed).is_ok(), "{words}");
        }
    }

    #[test]
    fn given_a_verb_or_an_option_that_is_none_when_it_is_refused_then_neither_the_opposite_nor_another_name_is_proposed()
     {
        let back = next(&["switch", "plan", "restore", "shut"]).expect("what was meant");
        assert_eq!(back, "To put it back: quarterdeck switch plan revert shut");
        assert_eq!(next(&["switch", "plan", "stap", "shut"]).expect("told"), "Write stop or revert, then the plan.");
        let start = next(&["switch", "start", "release"]).expect("what was meant");
        assert_eq!(start, "To put it back: quarterdeck switch restore release");
        let reason = next(&["freeze", "confirm", "1", "--reason", "it is mended"]).expect("what was meant");
        assert_eq!(reason, "Leave it out: quarterdeck freeze confirm HOLD --confirm SCOPE");
        let said = |line: &[&str]| {
            let arguments: Vec<OsString> = ["quarterdeck"].iter().chain(line).map(OsString::from).collect();
            let error = Cli::try_parse_from(&arguments).expect_err("bad usage");
            untempted(error, &arguments).to_string()
        };
        for line in [
            &["switch", "begin", "release"][..],
            &["switch", "stpo", "release"],
            &["switch", "resto", "release"],
            &["freeze", "lif", "prod"],
            &["freeze", "withdraw", "1", "--ass", "Ben"],
        ] {
            let said = said(line);
            assert!(!said.contains("similar") && !said.contains("--as ") && said.contains("--help"), "{said}");
        }
        // where nothing is done a slip of the finger is put right
        assert!(said(&["lst"]).contains("similar"));
    }

    #[test]
    fn given_other_bad_usage_when_it_is_refused_then_nothing_is_guessed() {
        for line in
            [&["freeze", "check", "--scop", "prod"][..], &["freeze", "list", "prod"], &["freeze"], &["list", "x"]]
        {
            assert_eq!(next(line), None, "{line:?}");
        }
    }
}

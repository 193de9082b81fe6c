//! A word that stands where an option was meant, and what to type instead. It must not know what a command does.

use super::fault::Fault;
use super::paper::for_shell;
use crate::config::trouble::shown;
use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::ffi::OsString;

/// The commands that name their scope by an option only.
const SCOPED: [&str; 3] = ["add", "pass", "check"];

/// What was meant by a word behind `freeze add`, `pass` or `check` that these do not take: most often the scope.
pub fn meant(error: &Error, arguments: &[OsString]) -> Option<Fault> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg) else { return None };
    let is_word = error.kind() == ErrorKind::UnknownArgument && !word.starts_with('-');
    let all: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let freeze = all.iter().position(|argument| *argument == "freeze").filter(|_| is_word)?;
    let (verb, rest) = all.get(freeze.saturating_add(1)..)?.split_first()?;
    if !SCOPED.contains(verb) {
        return None;
    }
    let given = |option: &str| {
        rest.iter().any(|one| one.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    };
    let what = format!("freeze {verb} takes no word by itself: {}.", shown(word));
    let quotes = "A text of several words stands in quotes.";
    let next = match rest.first() {
        _ if given("--scope") => quotes.to_owned(),
        // a build is named by an option as well
        Some(first) if first == word && *verb == "pass" && !given("--ref") => {
            let word = for_shell(word);
            format!("Where to is --scope {word}, which build is --ref {word}.")
        }
        Some(first) if first == word => {
            let rest = rest.iter().skip(1).map(|one| format!(" {}", for_shell(one)));
            format!("Name the scope: quarterdeck freeze {verb} --scope {}{}", for_shell(word), rest.collect::<String>())
        }
        _ => format!("The scope is --scope {}. {quotes}", for_shell(word)),
    };
    Some(Fault::usage(what, next))
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
    fn given_other_bad_usage_when_it_is_refused_then_nothing_is_guessed() {
        for line in
            [&["freeze", "check", "--scop", "prod"][..], &["freeze", "list", "prod"], &["freeze"], &["list", "x"]]
        {
            assert_eq!(next(line), None, "{line:?}");
        }
    }
}

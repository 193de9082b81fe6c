//! A command line, and what a command wrote, without what looks like a secret: it is recorded and shown to others. It must not know what is
//! done with the words.
//!
//! Looks like one: what follows a name with `token`, `secret`, `password` and the like in it (`--token X`, `--token=X`, `TOKEN=X`,
//! `password: X`), what follows `Bearer` and `Basic`, a user and password before a host, and the tokens of well-known makers. A secret that
//! looks like any other word cannot be told: whoever runs a command gives it by a file or the environment.

use std::borrow::Cow;

/// What stands instead.
const MASK: &str = "***";
/// Parts of names that a secret has.
const NAMES: [&str; 12] = [
    "token",
    "secret",
    "passwd",
    "password",
    "passphrase",
    "apikey",
    "api-key",
    "api_key",
    "credential",
    "private-key",
    "private_key",
    "authorization",
];
/// How the tokens of well-known makers begin.
const MAKERS: [&str; 16] = [
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "sk-",
    "sk_live_",
    "AKIA",
    "ASIA",
    "eyJ",
    "hcaik_",
    "AIza",
];
/// How long a token of theirs is at least.
const SHORTEST: usize = 16;

/// A command line as a person would type it, its secrets masked.
#[must_use]
pub fn command_line<'a>(words: impl IntoIterator<Item = Cow<'a, str>>) -> String {
    let mut line = String::new();
    let mut is_secret = false;
    for word in words {
        let masked = if is_secret { MASK.to_owned() } else { masked(&word) };
        // an option that names a secret and does not hold it is followed by it
        is_secret = !is_secret && is_option(&word) && names_one(&word);
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&quoted(&masked));
    }
    line
}

/// A line of text, its secrets masked.
#[must_use]
pub fn masked(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut is_secret = false;
    for piece in line.split_inclusive(' ') {
        let word = piece.trim_end_matches(' ');
        if is_secret && !word.is_empty() && !is_scheme(word) {
            out.push_str(MASK);
            is_secret = false;
        } else {
            out.push_str(&one(word));
            let names = word.ends_with([':', '=']) || is_option(word);
            is_secret = is_secret || is_scheme(word) || (names && names_one(word));
        }
        out.push_str(&" ".repeat(piece.len() - word.len()));
    }
    out
}

/// How somebody shows who they are: what follows is the secret.
fn is_scheme(word: &str) -> bool {
    matches!(word.trim_matches(['"', '\'', ':']), "Bearer" | "bearer" | "Basic")
}

/// An option that does not hold its value.
fn is_option(word: &str) -> bool {
    word.starts_with('-') && !word.contains(['=', ':'])
}

fn names_one(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    NAMES.iter().any(|name| lower.contains(name))
}

/// A word without blanks.
fn one(word: &str) -> String {
    if let Some((name, value)) = word.split_once('=').or_else(|| word.split_once(':'))
        && names_one(name)
        && !value.is_empty()
        && !value.starts_with("//")
    {
        let sign = word.get(name.len()..=name.len()).unwrap_or("=");
        return format!("{name}{sign}{MASK}");
    }
    if let Some((before, rest)) = word.split_once("://") {
        let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        if let Some(at) = rest.get(..host).and_then(|authority| authority.rfind('@')) {
            return format!("{before}://{MASK}{}", rest.get(at..).unwrap_or_default());
        }
    }
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let token = word
        .split(|c: char| !is_letter(c))
        .find(|part| part.len() >= SHORTEST && MAKERS.iter().any(|begins| part.starts_with(begins)));
    token.map_or_else(|| word.to_owned(), |token| word.replace(token, MASK))
}

/// A word that a shell would read as one.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.replace(MASK, "").chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(words: &[&str]) -> String {
        command_line(words.iter().map(|word| Cow::Borrowed(*word)))
    }

    #[test]
    fn given_a_command_line_when_told_then_what_looks_like_a_secret_is_masked_and_the_rest_can_be_typed_again() {
        assert_eq!(line(&["make", "deploy", "BUILD=1823"]), "make deploy BUILD=1823");
        assert_eq!(line(&["sh", "-c", "echo it's", ""]), "sh -c 'echo it'\\''s' ''");
        assert_eq!(line(&["x", "--token", "abc", "--api-key=def", "-v"]), "x --token *** --api-key=*** -v");
        assert_eq!(line(&["env", "DB_PASSWORD=abc", "x"]), "env DB_PASSWORD=*** x");
        assert_eq!(line(&["curl", "https://ana:pw@example.org/x?a=b@c"]), "curl 'https://***@example.org/x?a=b@c'");
        assert_eq!(line(&["curl", "-H", "Authorization: Bearer abc"]), "curl -H 'Authorization: Bearer ***'");
        assert_eq!(line(&["gh", "ghp_0123456789abcdefghij"]), "gh ***");
        assert_eq!(line(&["sk-1", "eyJ", "tokens.txt"]), "sk-1 eyJ tokens.txt");
    }

    #[test]
    fn given_what_a_command_wrote_when_told_then_what_looks_like_a_secret_is_masked() {
        assert_eq!(masked("password: hunter2 is set"), "password: *** is set");
        assert_eq!(masked("+ curl --token abc x"), "+ curl --token *** x");
        assert_eq!(masked("  token=abc,  two"), "  token=***  two");
        assert_eq!(masked("pushed https://u:p@git.example/x.git"), "pushed https://***@git.example/x.git");
        assert_eq!(masked("all 12 tests passed"), "all 12 tests passed");
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_masked_once_stays_as_it_is(line in "[ -~é]{0,80}") {
            let once = masked(&line);
            proptest::prop_assert_eq!(masked(&once), once);
        }
    }
}

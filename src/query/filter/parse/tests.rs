//! Filters as people type them, and where they go wrong.

use super::*;

fn written(text: &str) -> String {
    parse(text).map_or_else(|e| e.to_string(), |e| e.to_string())
}

#[test]
fn given_the_documents_examples_when_read_then_they_are_written_the_same() {
    for text in [
        "http.response.status_code >= 500 or error = true",
        "status in (500, 502) and route != \"/health\" and build exists",
        "not (a = 1 or b = 2)",
        "not a does-not-contain \"x\"",
        "`odd name` starts-with \"\\u{1b}]52\"",
        "(a = 1 or b = 2) and c not-in (1.5, null, true)",
        "in in (1)",
    ] {
        assert_eq!(written(text), text);
    }
}

#[test]
fn given_other_spellings_when_read_then_they_mean_the_same() {
    assert_eq!(written("a=1 AND b='x' Or NOT c EXISTS"), "(a = 1 and b = \"x\") or not c exists");
    assert_eq!(written("((a = +1))"), "a = 1");
    assert_eq!(written("a = 99999999999999999999"), "a = 1e20");
}

#[test]
fn given_a_word_without_quotes_when_read_then_the_place_and_the_remedy_are_named() {
    let error = parse("status = 500 and route = health").unwrap_err();
    assert_eq!(error.place.position, 26);
    assert_eq!(
        error.to_string(),
        "The filter cannot be read at character 26: found `health`. It is not used. Expected a number, a text in quotes, true, false or null.\n  status = 500 and route = health\n                           ^"
    );
}

#[test]
fn given_broken_filters_when_read_then_each_error_says_what_was_expected() {
    for (text, found, expected) in [
        ("", "the end", "a field's name"),
        ("a", "the end", "one of ="),
        ("a =", "the end", "a number"),
        ("a == 1", "`==`", "written once"),
        ("a = 5xx", "`5xx`", "a number such as"),
        ("a = 1e999", "`1e999`", "a number such as"),
        ("a > true", "`true`", "have an order"),
        ("a in 1", "`1`", "`(`"),
        ("a in (1 2)", "`2`", "`,` or `)`"),
        ("a in ()", "`)`", "a number"),
        ("(a = 1", "the end", "`)`"),
        ("a = 1)", "`)`", "the end of the filter"),
        ("a = \"x", "without end", "closing \""),
        ("a = \"\\q\"", "escape", "after a backslash"),
        ("`` = 1", "empty name", "between the backticks"),
        ("a contains 4", "`4`", "a text in quotes"),
        ("a = 1 b = 2", "`b`", "`and`, `or`"),
        ("and = 1", "`and`", "a field's name"),
        ("a % 1", "`%`", "an operator"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.found.contains(found), "{text}: {error}");
        assert!(error.expected.contains(expected), "{text}: {error}");
    }
}

#[test]
fn given_a_hundred_thousand_parentheses_when_read_then_refused_in_words() {
    let error = parse(&"(".repeat(100_000)).unwrap_err();
    assert!(error.expected.contains("64 levels"));
    assert!(parse(&format!("{}a = 1", "not ".repeat(100_000))).is_err());
}

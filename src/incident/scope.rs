//! What a hold or a pass is about: a place as `prod/api`, or a pattern of places as `prod/*`. It must not know who holds what.
//!
//! A scope has parts between slashes; a part of a pattern may be `*`, which is any part. Two rules, and both fail towards frozen:
//!
//! * A hold **meets** a place when the two agree in every part that both have. So `prod`, `prod/*`, `prod/api` and `*` all meet `prod/api`; and
//!   a hold on `prod/api` meets `prod`, because whoever releases all of `prod` releases `prod/api` too.
//! * A pass **covers** a place when it meets it and has no more parts than it. So a pass for `prod/api` lets nothing through to all of `prod`.

use super::command::Refusal;

/// The longest scope, in characters.
const LONGEST: usize = 100;
/// Any part.
const ANY: &str = "*";

/// Refuses what is no place; a pattern where one may stand.
///
/// # Errors
/// It is empty, too long, has an empty part or a character that cannot be typed, or is a pattern where a place is meant.
pub fn check(text: &str, may_be_pattern: bool) -> Result<(), Refusal> {
    let like = if may_be_pattern { "Write it as prod, prod/api or prod/*." } else { "Write it as prod or prod/api." };
    let no = |why: String| Err(Refusal::new(why, like));
    if text.is_empty() {
        return no("The scope is empty.".into());
    }
    if text.chars().count() > LONGEST {
        return no(format!("The scope has more than {LONGEST} characters."));
    }
    let is_odd = |c: char| !(c.is_alphanumeric() || "-_./:@+*".contains(c));
    if let Some(odd) = text.chars().find(|c| is_odd(*c)) {
        return no(format!("The scope holds \"{}\", which no scope has.", odd.escape_default()));
    }
    for part in text.split('/') {
        if part.is_empty() {
            return no(format!("The scope {text} has an empty part."));
        }
        if part.contains('*') && !(may_be_pattern && part == ANY) {
            let where_to = if may_be_pattern { "a star is a whole part" } else { "a star is for holds and passes" };
            return no(format!("The scope {text} is no place: {where_to}."));
        }
    }
    Ok(())
}

/// A hold on a pattern is a hold of this place.
pub fn meets(pattern: &str, place: &str) -> bool {
    pattern.split('/').zip(place.split('/')).all(|(own, other)| own == ANY || other == ANY || own == other)
}

/// A pass for a pattern lets through to this place.
pub fn covers(pattern: &str, place: &str) -> bool {
    let parts = |text: &str| text.split('/').count();
    let is_wide = |(own, other): (&str, &str)| own == ANY || own == other;
    parts(pattern) <= parts(place) && pattern.split('/').zip(place.split('/')).all(is_wide)
}

/// Words for one environment: what flag providers call it, and what releases go to.
const SAME: [[&str; 2]; 3] = [["production", "prod"], ["development", "dev"], ["staging", "stage"]];

/// A pattern speaks for a switch in an environment. An environment may be written in full or short; of a switch that names none it is where releases go.
pub fn speaks_for(pattern: &str, environment: &str, name: &str, releases: &str) -> bool {
    let environment = if environment.is_empty() { releases } else { environment };
    let other = SAME.iter().find(|words| words.contains(&environment));
    let words = other.map_or(vec![environment], |words| words.to_vec());
    words.into_iter().any(|word| meets(pattern, &format!("{word}/{name}")))
}

/// The place of something within another place; all of that one where its name is no part of a scope.
pub fn part(place: &str, name: &str) -> String {
    let inner = format!("{place}/{name}");
    if check(&inner, true).is_ok() { inner } else { place.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place() -> impl Strategy<Value = String> {
        proptest::collection::vec("[a-c]", 1..4).prop_map(|parts| parts.join("/"))
    }

    #[test]
    fn given_a_switch_when_probes_are_chosen_then_its_environment_counts_however_it_is_written() {
        for (pattern, environment, speaks) in [
            ("prod", "production", true),
            ("production", "prod", true),
            ("prod/exports", "production", true),
            ("prod/other", "production", false),
            ("prod/*", "", true),
            ("*", "eu", true),
            ("prod", "staging", false),
            ("stage", "staging", true),
        ] {
            assert_eq!(speaks_for(pattern, environment, "exports", "prod"), speaks, "{pattern} {environment}");
        }
        assert_eq!(part("prod", "api"), "prod/api");
        assert_eq!(part("prod", "the api"), "prod");
    }

    fn pattern() -> impl Strategy<Value = String> {
        proptest::collection::vec("[a-c*]", 1..4).prop_map(|parts| parts.join("/"))
    }

    #[test]
    fn given_a_place_when_held_then_by_itself_by_what_contains_it_by_stars_and_by_what_it_contains() {
        for hold in ["prod", "prod/*", "prod/api", "*", "*/api", "prod/api/eu", "*/*"] {
            assert!(meets(hold, "prod/api"), "{hold}");
        }
        for other in ["prod/web", "staging", "staging/*", "*/web", "pro", "prod/api2"] {
            assert!(!meets(other, "prod/api"), "{other}");
        }
        assert!(meets("prod/*", "prod") && meets("prod/api", "prod"));
    }

    #[test]
    fn given_a_pass_when_asked_then_it_lets_through_to_its_own_and_to_what_it_contains() {
        for pass in ["prod", "prod/*", "prod/api", "*", "*/api"] {
            assert!(covers(pass, "prod/api"), "{pass}");
        }
        for other in ["prod/web", "prod/api/eu", "staging", "*/web"] {
            assert!(!covers(other, "prod/api"), "{other}");
        }
        assert!(!covers("prod/*", "prod") && !covers("prod/api", "prod"));
    }

    #[test]
    fn given_what_is_no_place_when_checked_then_it_is_refused_with_an_example() {
        for (text, pattern) in
            [("prod", false), ("prod/api", false), ("prod/*", true), ("*", true), ("eu-1/k8s:web@2", false)]
        {
            assert!(check(text, pattern).is_ok(), "{text}");
        }
        for (text, pattern) in [
            ("", true),
            ("prod/", true),
            ("/prod", true),
            ("prod//api", true),
            ("pr*d", true),
            ("*", false),
            ("a b", true),
            ("a\u{1b}", true),
        ] {
            assert!(check(text, pattern).is_err_and(|no| no.instead.starts_with("Write it as prod")), "{text:?}");
        }
        assert!(check(&"x".repeat(101), true).is_err());
    }

    proptest! {
        #[test]
        fn a_pass_never_lets_through_where_a_hold_of_the_same_scope_would_not_hold(pattern in pattern(), place in place()) {
            prop_assert!(!covers(&pattern, &place) || meets(&pattern, &place));
        }

        #[test]
        fn a_hold_holds_itself_everything_inside_it_and_everything_around_it(place in place(), inside in "[a-c]") {
            prop_assert!(meets(&place, &place) && covers(&place, &place));
            let below = format!("{place}/{inside}");
            prop_assert!(meets(&place, &below) && covers(&place, &below));
            prop_assert!(meets(&below, &place) && !covers(&below, &place));
            prop_assert!(meets("*", &place) && covers("*", &place));
        }

        #[test]
        fn a_star_in_place_of_a_part_holds_no_less(place in place(), other in place(), at in 0usize..3) {
            let mut parts: Vec<&str> = place.split('/').collect();
            let at = at % parts.len();
            parts[at] = "*";
            let wider = parts.join("/");
            prop_assert!(!meets(&place, &other) || meets(&wider, &other));
            prop_assert!(!covers(&place, &other) || covers(&wider, &other));
        }

        #[test]
        fn what_differs_in_a_part_that_both_have_is_not_held(place in place(), other in place()) {
            let differs = place.split('/').zip(other.split('/')).any(|(a, b)| a != b);
            prop_assert_eq!(meets(&place, &other), !differs);
        }
    }
}

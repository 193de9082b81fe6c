//! What a filter makes of a field that no event has. Pure; it must not know which fields there are.

use super::{Expr, Op, Test, Value};

impl Expr {
    /// The tests that say nothing about a field that no event has: all but whether it is there, and that too where it is turned round.
    #[must_use]
    pub fn compared(&self) -> Vec<&Test> {
        let is_compared = |(is_turned, test): &(bool, &Test)| match test.op {
            Op::Exists => *is_turned,
            Op::DoesNotExist => false,
            _ => true,
        };
        self.turned(false).into_iter().filter(is_compared).map(|(_, test)| test).collect()
    }

    /// The tests that no event passes which lacks the field.
    #[must_use]
    pub fn wanting(&self) -> Vec<&Test> {
        let is_wanting = |(is_turned, test): &(bool, &Test)| test.op.accepts(Value::Missing) == *is_turned;
        self.turned(false).into_iter().filter(is_wanting).map(|(_, test)| test).collect()
    }

    /// Every test in it, and whether it is turned round.
    fn turned(&self, is_turned: bool) -> Vec<(bool, &Test)> {
        match self {
            Self::And(list) | Self::Or(list) => list.iter().flat_map(|one| one.turned(is_turned)).collect(),
            Self::Not(one) => one.turned(!is_turned),
            Self::Test(test) => vec![(is_turned, test)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_filter_when_a_field_is_in_no_event_then_it_is_known_which_tests_say_nothing_and_which_none_passes() {
        let of = |text: &str| {
            let filter: Expr = text.parse().unwrap();
            let fields = |tests: Vec<&Test>| tests.iter().map(|test| test.field.clone()).collect::<Vec<_>>().join(" ");
            (fields(filter.compared()), fields(filter.wanting()))
        };
        for (text, compared, wanting) in [
            ("a = 1 and b != 2", "a b", "a"),
            ("not (a = 1 or not b = 2)", "a b", "b"),
            ("a exists or b does-not-exist", "", "a"),
            ("not a exists and not b does-not-exist", "a", "b"),
            ("not a in (1, 2) and b not-in (3)", "a b", ""),
            ("not a != \"x\"", "a", "a"),
        ] {
            assert_eq!(of(text), (compared.to_owned(), wanting.to_owned()), "{text}");
        }
    }
}

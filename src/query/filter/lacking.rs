//! What a filter makes of a field that no event has. Pure; it must not know which fields there are.

use super::{Expr, Literal, Op, Test, Value};

impl Expr {
    /// The tests that say nothing about a field that no event has: all but whether it is there, and that too where it is turned round.
    #[must_use]
    pub fn compared(&self) -> Vec<&Test> {
        self.turned(false)
            .into_iter()
            .filter(|(is_turned, test)| is_compared(*is_turned, test))
            .map(|(_, test)| test)
            .collect()
    }

    /// The tests that no event passes which lacks the field.
    #[must_use]
    pub fn wanting(&self) -> Vec<&Test> {
        self.turned(false)
            .into_iter()
            .filter(|(is_turned, test)| is_wanting(*is_turned, test))
            .map(|(_, test)| test)
            .collect()
    }

    /// Whether it says nothing any more where these tests say nothing: of alternatives every one, of what must hold together one.
    #[must_use]
    pub fn says_nothing(&self, without: impl Fn(&Test) -> bool) -> bool {
        self.fails(false, &|is_turned, test| is_compared(is_turned, test) && without(test))
    }

    /// Whether no event passes it any more where none passes these tests.
    #[must_use]
    pub fn lets_none(&self, without: impl Fn(&Test) -> bool) -> bool {
        self.fails(false, &|is_turned, test| is_wanting(is_turned, test) && without(test))
    }

    /// What holds for an event of which it says nothing, because fields are missing: of alternatives every one is, of what must hold together one.
    /// None where it always says something.
    #[must_use]
    pub fn unsaid(&self) -> Option<Self> {
        self.lacks(false)
    }

    fn lacks(&self, is_turned: bool) -> Option<Self> {
        let any = |list: &[Self]| {
            let all: Vec<Self> = list.iter().filter_map(|one| one.lacks(is_turned)).collect();
            (!all.is_empty()).then_some(Self::Or(all))
        };
        let every = |list: &[Self]| list.iter().map(|one| one.lacks(is_turned)).collect::<Option<_>>().map(Self::And);
        match (self, is_turned) {
            (Self::And(list), false) | (Self::Or(list), true) => any(list),
            (Self::Or(list), false) | (Self::And(list), true) => every(list),
            (Self::Not(one), _) => one.lacks(!is_turned),
            (Self::Test(test), _) => is_compared(is_turned, test).then(|| test.unsaid()),
        }
    }

    /// Whether an event of which nothing is known is meant.
    #[must_use]
    pub fn means_nothing_known(&self) -> bool {
        self.matches(&|_| Value::Missing)
    }

    /// Turned round, alternatives must all fail to hold, and of what must hold together one must.
    fn fails(&self, is_turned: bool, test: &dyn Fn(bool, &Test) -> bool) -> bool {
        let each = |list: &[Self], is_all: bool| {
            let mut fails = list.iter().map(|one| one.fails(is_turned, test));
            if is_all { fails.all(|fails| fails) } else { fails.any(|fails| fails) }
        };
        match self {
            Self::And(list) => each(list, is_turned),
            Self::Or(list) => each(list, !is_turned),
            Self::Not(one) => one.fails(!is_turned, test),
            Self::Test(one) => test(is_turned, one),
        }
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

impl Test {
    /// What holds where this test has nothing to look at, as it can be asked of others: the field is missing or, where it is compared with numbers, is none.
    #[must_use]
    pub fn unsaid(&self) -> Expr {
        let is_number = |literal: &Literal| matches!(literal, Literal::Int(_) | Literal::Float(_));
        let literals = self.op.literals();
        if !literals.is_empty() && literals.iter().all(is_number) {
            return Expr::Not(Box::new(self.seen()));
        }
        Expr::Test(Self { field: self.field.clone(), op: Op::DoesNotExist })
    }

    /// What holds where this test has something to look at: the field is there, and is of a kind that it compares with.
    #[must_use]
    pub fn seen(&self) -> Expr {
        let has = |op: Op| Expr::Test(Self { field: self.field.clone(), op });
        let (mut numbers, mut texts, mut bools) = (false, false, false);
        for literal in self.op.literals() {
            match literal {
                Literal::Int(_) | Literal::Float(_) => numbers = true,
                Literal::Text(_) => texts = true,
                Literal::Bool(_) => bools = true,
                Literal::Null => return has(Op::Exists),
            }
        }
        let zero = Literal::Int(0);
        let number = || [has(Op::Lt(zero.clone())), has(Op::Ge(zero.clone()))];
        let text = || [has(Op::StartsWith(String::new()))];
        let flag = || [has(Op::In(vec![Literal::Bool(false), Literal::Bool(true)]))];
        match (&self.op, numbers, texts, bools) {
            (Op::Exists | Op::DoesNotExist, ..) => has(Op::Exists),
            (_, false, false, false) => Expr::Or(text().into()),
            _ => {
                let each = [(numbers, number().to_vec()), (texts, text().into()), (bools, flag().into())];
                Expr::Or(each.into_iter().filter(|(is_asked, _)| *is_asked).flat_map(|(_, tests)| tests).collect())
            }
        }
    }
}

fn is_compared(is_turned: bool, test: &Test) -> bool {
    match test.op {
        Op::Exists => is_turned,
        Op::DoesNotExist => false,
        _ => true,
    }
}

fn is_wanting(is_turned: bool, test: &Test) -> bool {
    test.op.accepts(Value::Missing) == is_turned
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

    #[test]
    fn given_alternatives_when_a_field_is_gone_then_only_all_of_them_together_say_nothing() {
        for (text, says_nothing) in [
            ("a = 1", true),
            ("a = 1 or b = 1", false),
            ("a = 1 or a = 2", true),
            ("a = 1 and b = 1", true),
            ("a = 1 or b exists", false),
            ("a exists", false),
            ("not (a = 1 and b = 1)", false),
            ("not (a = 1 or b = 1)", true),
        ] {
            let filter: Expr = text.parse().unwrap();
            assert_eq!(filter.says_nothing(|test| test.field == "a"), says_nothing, "{text}");
        }
        let unsaid = |text: &str| text.parse::<Expr>().unwrap().unsaid().map(|unsaid| unsaid.to_string());
        for (text, expected) in [
            ("a = 1", Some("not (a < 0 or a >= 0)")),
            ("a = \"x\" or b = true", Some("a does-not-exist and b does-not-exist")),
            ("a = \"x\" and b exists", Some("a does-not-exist")),
            ("a = 1 or b exists", None),
            ("not (a contains \"x\" or not b = \"y\")", Some("a does-not-exist or b does-not-exist")),
        ] {
            assert_eq!(unsaid(text).as_deref(), expected, "{text}");
        }
        let valid = |text: &str| text.parse::<Expr>().unwrap().lets_none(|test| test.field == "a");
        assert_eq!(["a = 1", "a != 1", "a = 1 or b = 1"].map(valid), [true, false, false]);
    }

    #[test]
    fn given_a_test_when_the_field_holds_something_else_then_it_has_nothing_to_look_at() {
        let seen = |text: &str, value: Value<'static>| {
            let filter: Expr = text.parse().unwrap();
            filter.tests()[0].seen().matches(&move |_| value)
        };
        for (text, number, word, flag) in [
            ("a >= 500", true, false, false),
            ("a = -1.5", true, false, false),
            ("a in (1, \"x\")", true, true, false),
            ("a contains \"x\"", false, true, false),
            ("a = true", false, false, true),
            ("a exists", true, true, true),
            ("a = null", true, true, true),
        ] {
            let values = [Value::Float(-0.5), Value::Text(""), Value::Bool(false), Value::Missing];
            assert_eq!(values.map(|value| seen(text, value)), [number, word, flag, false], "{text}");
        }
    }
}

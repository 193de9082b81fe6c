//! Values of another kind than a filter compares with: a text where it looks for a number. A text is never equal to a number, so such an event is not
//! meant; but whoever wrote `500` in quotes may have meant it. Pure; it must not know which values there are.

use super::{Expr, Literal, Op, Test, Value};
use std::collections::BTreeSet;

/// How many texts that read as numbers are told apart.
const MOST_TEXTS: usize = 64;

/// A field that a filter compares with one kind of value only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confused {
    /// The first test of that field.
    pub test: Test,
    /// What it compares with.
    pub looks: Kind,
    /// What the field may hold instead.
    pub holds: Kind,
}

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// a number
    Number,
    /// a text
    Text,
    /// true or false
    Bool,
}

impl Kind {
    /// The kind in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Bool => "true or false",
        }
    }

    /// What holds where a field holds this kind.
    #[must_use]
    pub fn held(self, field: &str) -> Expr {
        let has = |op: Op| Expr::Test(Test { field: field.to_owned(), op });
        match self {
            Self::Number => Expr::Or(vec![has(Op::Lt(Literal::Int(0))), has(Op::Ge(Literal::Int(0)))]),
            Self::Text => has(Op::StartsWith(String::new())),
            Self::Bool => has(Op::In(vec![Literal::Bool(false), Literal::Bool(true)])),
        }
    }
}

impl Confused {
    /// The events that a filter does not mean, and would if it knew what their value of another kind says.
    #[must_use]
    pub fn unsure(&self, filter: &Expr) -> Expr {
        self.unsure_of(filter, &self.holds.held(&self.test.field))
    }

    /// Those of them whose value is one of these, which read as numbers; none where no test of the filter would answer otherwise to that number.
    #[must_use]
    pub fn misread<'t>(&self, filter: &Expr, texts: impl IntoIterator<Item = &'t str>) -> Option<Expr> {
        if self.looks != Kind::Number {
            return None;
        }
        let tests: Vec<&Test> = filter.tests().into_iter().filter(|test| test.field == self.test.field).collect();
        let changes = |text: &str| {
            let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Float);
            number.is_some_and(|number| {
                tests.iter().any(|test| test.op.accepts(number) != test.op.accepts(Value::Text(text)))
            })
        };
        let texts: BTreeSet<&str> = texts.into_iter().filter(|text| changes(text)).take(MOST_TEXTS).collect();
        let list = texts.into_iter().map(|text| Literal::Text(text.to_owned())).collect::<Vec<_>>();
        let one = Expr::Test(Test { field: self.test.field.clone(), op: Op::In(list.clone()) });
        (!list.is_empty()).then(|| self.unsure_of(filter, &one))
    }

    fn unsure_of(&self, filter: &Expr, other: &Expr) -> Expr {
        Expr::And(vec![self.may(filter, false, other), Expr::Not(Box::new(filter.clone()))])
    }

    /// The events that a filter means, and those that it may mean.
    #[must_use]
    pub fn may_mean(&self, filter: &Expr) -> Expr {
        self.may(filter, false, &self.holds.held(&self.test.field))
    }

    fn may(&self, filter: &Expr, is_turned: bool, other: &Expr) -> Expr {
        let each = |list: &[Expr]| list.iter().map(|one| self.may(one, is_turned, other)).collect();
        match (filter, is_turned) {
            (Expr::And(list), false) | (Expr::Or(list), true) => Expr::And(each(list)),
            (Expr::Or(list), false) | (Expr::And(list), true) => Expr::Or(each(list)),
            (Expr::Not(one), _) => self.may(one, !is_turned, other),
            (Expr::Test(test), _) => {
                let own = if is_turned { Expr::Not(Box::new(filter.clone())) } else { filter.clone() };
                let is_open = test.field == self.test.field && !kinds(test).is_empty();
                if is_open { Expr::Or(vec![own, other.clone()]) } else { own }
            }
        }
    }
}

impl Expr {
    /// The fields that it compares with one kind only, and what else they may hold that could mean the same. Where it names both kinds, whoever wrote it
    /// knew; a word that is no number can be none, and neither can a flag.
    #[must_use]
    pub fn confused(&self) -> Vec<Confused> {
        let tests = self.tests();
        let one = |field: &str| {
            let own: Vec<&Test> = tests.iter().copied().filter(|test| test.field == field).collect();
            let looked: Vec<Kind> = own.iter().flat_map(|test| kinds(test)).collect();
            let has = |kind: Kind| looked.contains(&kind);
            let (looks, holds) = match (has(Kind::Number), has(Kind::Text), has(Kind::Bool)) {
                (true, false, _) => (Kind::Number, Kind::Text),
                (false, false, true) => (Kind::Bool, Kind::Text),
                (false, true, _) if own.iter().any(|test| is_of_digits(test)) => (Kind::Text, Kind::Number),
                _ => return None,
            };
            let test = own.into_iter().find(|test| kinds(test).contains(&looks))?.clone();
            Some(Confused { test, looks, holds })
        };
        self.fields().into_iter().filter_map(one).collect()
    }
}

/// What a test compares with.
fn kinds(test: &Test) -> Vec<Kind> {
    let by_text = !pattern(test).is_none_or(str::is_empty);
    let literals = test.op.literals().iter().filter_map(|literal| match literal {
        Literal::Int(_) | Literal::Float(_) => Some(Kind::Number),
        Literal::Text(_) => Some(Kind::Text),
        Literal::Bool(_) => Some(Kind::Bool),
        Literal::Null => None,
    });
    literals.chain(by_text.then_some(Kind::Text)).collect()
}

/// Whether a text that it compares with reads as a number.
fn is_of_digits(test: &Test) -> bool {
    let texts = test.op.literals().iter().filter_map(|literal| match literal {
        Literal::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let reads = |text: &str| text.trim().parse().is_ok_and(f64::is_finite);
    texts.chain(pattern(test)).any(reads)
}

fn pattern(test: &Test) -> Option<&str> {
    match &test.op {
        Op::Contains(text)
        | Op::DoesNotContain(text)
        | Op::StartsWith(text)
        | Op::DoesNotStartWith(text)
        | Op::EndsWith(text)
        | Op::DoesNotEndWith(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_filter_when_one_kind_is_compared_with_then_the_other_is_what_may_be_confused() {
        let of = |text: &str| {
            let all = text.parse::<Expr>().unwrap().confused();
            let words = |one: &Confused| format!("{}: {} for {}", one.test, one.holds.word(), one.looks.word());
            all.iter().map(words).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(of("status >= 500"), "status >= 500: a text for a number");
        assert_eq!(of("status exists and status in (500, 503)"), "status in (500, 503): a text for a number");
        assert_eq!(of("status = \"500\""), "status = \"500\": a number for a text");
        assert_eq!(of("status starts-with \"5\""), "status starts-with \"5\": a number for a text");
        assert_eq!(of("error = true"), "error = true: a text for true or false");
        for known in ["status >= 500 or status = \"-\"", "code = \"ETIMEDOUT\"", "status exists", "status = null"] {
            assert_eq!(of(known), "", "{known}");
        }
    }

    #[test]
    fn given_an_event_with_another_kind_when_it_decides_then_nobody_is_sure_of_it() {
        let unsure = |filter: &str, status: Value<'_>, error: bool| {
            let filter: Expr = filter.parse().unwrap();
            let all = filter.confused();
            let unsure = all.iter().find(|one| one.test.field == "status").unwrap().unsure(&filter);
            unsure.matches(&|field| if field == "status" { status } else { Value::Bool(error) })
        };
        let text = Value::Text("500");
        assert!(unsure("status >= 500", text, false));
        assert!(!unsure("status >= 500", Value::Int(200), false) && !unsure("status >= 500", Value::Missing, false));
        assert!(unsure("status >= 500 or error = true", text, false));
        assert!(!unsure("status >= 500 or error = true", text, true), "it is bad in any case");
        assert!(!unsure("status >= 500 and error = true", text, false), "it is good in any case");
        assert!(!unsure("not status < 500", text, false), "it is bad already");
        assert!(unsure("not status != 500", text, false));
    }

    #[test]
    fn given_texts_that_read_as_numbers_when_the_number_would_be_answered_otherwise_then_they_are_misread() {
        let misread = |filter: &str, text: &str| {
            let filter: Expr = filter.parse().unwrap();
            let misread = filter.confused().first().unwrap().misread(&filter, ["200", "500", "-", "oops"]);
            misread.is_some_and(|misread| misread.matches(&|_| Value::Text(text)))
        };
        assert!(misread("status >= 500", "500") && misread("not status != 500", "500"));
        for text in ["200", "-", "oops", "503"] {
            assert!(!misread("status >= 500", text), "{text}");
        }
        assert!(!misread("not status < 500", "500") && !misread("not status < 500", "200"), "all are bad already");
    }
}

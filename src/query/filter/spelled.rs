//! The words of OpenTelemetry that are written in several ways: its JSON says `SPAN_KIND_SERVER` or 2, its exporter's tables say `Server`, others `server`. One
//! filter means them all. Pure; it must not know who writes how.

use super::{Literal, Op, Test};
use std::borrow::Cow;

/// The fields, what stands before their words where they are written in full, and the words.
const SPELLED: [(&[&str], &str, &[&str]); 2] = [
    (
        &["span.kind", "SpanKind"],
        "SPAN_KIND_",
        &["unspecified", "internal", "server", "client", "producer", "consumer"],
    ),
    (&["span.status_code", "StatusCode"], "STATUS_CODE_", &["unset", "ok", "error"]),
];

impl Test {
    /// What is asked of a value, with every way in which its words are written.
    #[must_use]
    pub fn meant(&self) -> Cow<'_, Op> {
        let spelled = SPELLED.iter().find(|(fields, ..)| fields.contains(&self.field.as_str()));
        let Some((_, before, words)) = spelled else { return Cow::Borrowed(&self.op) };
        let written = |word: &str| {
            let upper = word.to_ascii_uppercase();
            let title = upper.chars().take(1).chain(word.chars().skip(1)).collect();
            [word.to_owned(), title, format!("{before}{upper}"), upper]
        };
        let all = |list: &[Literal]| {
            let mut all: Vec<Literal> = list.to_vec();
            for literal in list {
                let Literal::Text(text) = literal else { continue };
                let bare = text.strip_prefix(before).unwrap_or(text);
                let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(bare)) else { continue };
                all.extend(written(word).map(Literal::Text));
            }
            let mut seen = std::collections::BTreeSet::new();
            all.retain(|literal| seen.insert(literal.clone()));
            all
        };
        match &self.op {
            Op::Eq(literal @ Literal::Text(_)) => Cow::Owned(Op::In(all(std::slice::from_ref(literal)))),
            Op::Ne(literal @ Literal::Text(_)) => Cow::Owned(Op::NotIn(all(std::slice::from_ref(literal)))),
            Op::In(list) => Cow::Owned(Op::In(all(list))),
            Op::NotIn(list) => Cow::Owned(Op::NotIn(all(list))),
            op => Cow::Borrowed(op),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Expr, Value};

    #[test]
    fn given_a_word_of_a_span_when_asked_for_in_one_way_then_it_is_meant_in_every_way() {
        let means = |filter: &str, text: &str| match filter.parse::<Expr>().unwrap() {
            Expr::Test(test) => test.meant().accepts(Value::Text(text)),
            other => panic!("{other}"),
        };
        for filter in
            ["span.kind = \"SERVER\"", "span.kind in (\"Server\", \"odd\")", "SpanKind = \"SPAN_KIND_SERVER\""]
        {
            for text in ["server", "Server", "SERVER", "SPAN_KIND_SERVER"] {
                assert!(means(filter, text), "{filter}: {text}");
            }
            assert!(!means(filter, "client") && !means(filter, "Odd"), "{filter}");
        }
        assert!(!means("span.kind != \"server\"", "Server") && means("span.kind != \"server\"", "Client"));
        assert!(means("span.status_code = \"error\"", "STATUS_CODE_ERROR"));
        assert!(!means("kind = \"server\"", "Server"), "it may mean anything");
    }
}

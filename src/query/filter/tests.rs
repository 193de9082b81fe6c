//! What filters say of events, and what they say of themselves when they are wrong.

use super::*;
use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

fn op(text: &str) -> Op {
    match parse::parse(&format!("f {text}")).unwrap() {
        Expr::Test(test) => test.op,
        other => panic!("{other:?}"),
    }
}

#[test]
fn given_a_text_and_a_number_when_compared_then_they_are_never_equal_nor_ordered() {
    assert!(!op("= 401").accepts(Value::Text("401")));
    assert!(op("!= 401").accepts(Value::Text("401")));
    assert!(!op(">= 400").accepts(Value::Text("401")));
    assert!(!op("= \"401\"").accepts(Value::Int(401)));
    assert!(!op("= true").accepts(Value::Text("true")));
    assert!(!op("= 1").accepts(Value::Bool(true)));
    assert!(!op("contains \"0\"").accepts(Value::Int(401)));
}

#[test]
fn given_whole_numbers_and_floats_when_compared_then_exactly() {
    assert!(op("= 401").accepts(Value::Float(401.0)));
    assert!(op("= 401.0").accepts(Value::Int(401)));
    assert!(op("> 1.5").accepts(Value::Int(2)));
    assert!(op("< -1.5").accepts(Value::Int(-2)));
    assert!(!op("= 9007199254740993").accepts(Value::Float(9_007_199_254_740_992.0)));
    assert!(op("> 9007199254740992.0").accepts(Value::Int(9_007_199_254_740_993)));
    assert!(op("< 1e300").accepts(Value::Int(i64::MAX)));
    assert!(op("> -1e300").accepts(Value::Int(i64::MIN)));
}

#[test]
fn given_a_missing_field_when_asked_then_only_negatives_match() {
    for yes in [
        "!= 1",
        "!= \"a\"",
        "not-in (1, 2)",
        "does-not-contain \"a\"",
        "does-not-start-with \"\"",
        "does-not-end-with \"\"",
        "does-not-exist",
        "= null",
        "in (1, null)",
    ] {
        assert!(op(yes).accepts(Value::Missing), "{yes}");
    }
    for no in [
        "= 1",
        "> 0",
        "<= 0",
        "< \"a\"",
        "in (1)",
        "contains \"\"",
        "starts-with \"\"",
        "ends-with \"\"",
        "exists",
        "!= null",
    ] {
        assert!(!op(no).accepts(Value::Missing), "{no}");
    }
}

#[test]
fn given_an_expression_when_asked_for_fields_then_each_is_named_once() {
    let e = parse::parse("b = 1 and not (a.x exists or b > 3)").unwrap();
    assert_eq!(e.fields().into_iter().collect::<Vec<_>>(), ["a.x", "b"]);
}

#[test]
fn given_a_filter_in_a_configuration_when_read_then_it_is_text() {
    let e: Expr = serde_json::from_str(r#""status >= 500""#).unwrap();
    assert_eq!(serde_json::to_string(&e).unwrap(), r#""status >= 500""#);
    assert!(serde_json::from_str::<Expr>(r#""status >=""#).is_err());
}

fn literals() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        any::<i64>().prop_map(Literal::Int),
        any::<f64>().prop_filter_map("finite", Finite::new).prop_map(Literal::Float),
        any::<String>().prop_map(Literal::Text),
    ]
}

fn ordered() -> impl Strategy<Value = Literal> {
    literals().prop_filter("has an order", |l| !matches!(l, Literal::Null | Literal::Bool(_)))
}

fn exprs() -> impl Strategy<Value = Expr> {
    let ops = prop_oneof![
        literals().prop_map(Op::Eq),
        literals().prop_map(Op::Ne),
        ordered().prop_map(Op::Gt),
        ordered().prop_map(Op::Ge),
        ordered().prop_map(Op::Lt),
        ordered().prop_map(Op::Le),
        any::<String>().prop_map(Op::StartsWith),
        any::<String>().prop_map(Op::DoesNotStartWith),
        any::<String>().prop_map(Op::EndsWith),
        any::<String>().prop_map(Op::DoesNotEndWith),
        any::<String>().prop_map(Op::Contains),
        any::<String>().prop_map(Op::DoesNotContain),
        Just(Op::Exists),
        Just(Op::DoesNotExist),
        prop::collection::vec(literals(), 1..4).prop_map(Op::In),
        prop::collection::vec(literals(), 1..4).prop_map(Op::NotIn),
    ];
    let names = prop_oneof![
        any::<String>().prop_filter("named", |n| !n.is_empty()),
        "[a-z@_][a-z0-9_.-]{0,9}",
        Just("not".to_owned())
    ];
    let test = (names, ops).prop_map(|(field, op)| Expr::Test(Test { field, op }));
    test.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            inner.prop_map(|e| Expr::Not(Box::new(e))),
        ]
    })
}

proptest! {
    #[test]
    fn the_range_of_an_operator_accepts_what_it_accepts(op in exprs(), near in -2_i64..3, any in any::<i64>()) {
        for Test { op, .. } in op.tests() {
            let Some((range, inside)) = op.wholes() else { continue };
            let Some(Literal::Int(literal)) = op.literals().first() else { panic!("{op:?}") };
            for value in [any, literal.saturating_add(near), i64::MIN, i64::MAX] {
                prop_assert_eq!(range.contains(&value) == inside, op.accepts(Value::Int(value)), "{:?} {}", op, value);
            }
        }
    }

    #[test]
    fn what_is_written_reads_back(e in exprs()) {
        let text = e.to_string();
        prop_assert_eq!(parse::parse(&text).map_err(|e| e.to_string()), Ok(e));
    }

    #[test]
    fn no_text_breaks_the_reader(text in any::<String>()) {
        if let Err(e) = parse::parse(&text) {
            prop_assert_eq!(e.to_string().is_empty(), false);
        }
    }
}

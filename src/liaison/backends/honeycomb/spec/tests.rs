//! Queries in Honeycomb's words.

use super::*;
use crate::query::series::{HOUR, MINUTE};

fn expr(text: &str) -> Expr {
    text.parse().unwrap()
}

#[test]
fn given_a_filter_when_written_as_a_calculated_field_then_every_event_is_true_or_false() {
    let told = |text: &str| written(&expr(text));
    assert_eq!(
        told("status >= 500 or status = 401"),
        r#"OR(IF(EXISTS($"status"), GTE($"status", 500), false), IF(EXISTS($"status"), EQUALS($"status", 401), false))"#
    );
    assert_eq!(told("not error exists"), r#"NOT(EXISTS($"error"))"#);
    assert_eq!(told("error = null"), r#"NOT(EXISTS($"error"))"#);
    assert_eq!(
        told("route != \"/a\\\"b\" and host in (\"x\", \"y\")"),
        r#"AND(NOT(IF(EXISTS($"route"), EQUALS($"route", "/a\"b"), false)), IF(EXISTS($"host"), IN($"host", "x", "y"), false))"#
    );
    assert_eq!(told("ms > 0.5"), r#"IF(EXISTS($"ms"), GT($"ms", 0.5), false)"#);
    assert_eq!(told("name does-not-contain \"bot\""), r#"NOT(IF(EXISTS($"name"), CONTAINS($"name", "bot"), false))"#);
    assert_eq!(
        told("a starts-with \"x\" or b not-in (1, 2)"),
        r#"OR(IF(EXISTS($"a"), STARTS_WITH($"a", "x"), false), NOT(IF(EXISTS($"b"), IN($"b", 1, 2), false)))"#
    );
}

#[test]
fn given_filters_when_asked_then_one_broken_down_count() {
    let sli = Sli::Which { bad: expr("status >= 500"), valid: Some(expr("kind = \"server\" and root.name exists")) };
    let spec = Spec::new(sli, Some(expr("status = 401"))).unwrap();
    assert!(spec.relational);
    assert_eq!(spec.breakdowns(), [BAD, ALSO]);
    let query = spec.query(When::Last(1_200), 60);
    assert_eq!(
        query,
        json!({
            "calculations": [{"op": "COUNT"}],
            "breakdowns": ["quarterdeck_bad", "quarterdeck_also", "quarterdeck_lacks"],
            "granularity": 60,
            "filters": [{"column": "kind", "op": "=", "value": "server"}, {"column": "root.name", "op": "exists"}],
            "filter_combination": "AND",
            "calculated_fields": [
                {"name": "quarterdeck_bad", "expression": "IF(EXISTS($\"status\"), GTE($\"status\", 500), false)"},
                {"name": "quarterdeck_also", "expression": "IF(EXISTS($\"status\"), EQUALS($\"status\", 401), false)"},
                {"name": "quarterdeck_lacks", "expression":
                    "NOT(OR(IF(EXISTS($\"status\"), LT($\"status\", 0), false), IF(EXISTS($\"status\"), GTE($\"status\", 0), false)))"}
            ],
            "time_range": 1200
        })
    );
    assert!(spec.is_bad(true, false) && spec.is_bad(false, true) && !spec.is_bad(false, false));
}

#[test]
fn given_fields_when_asked_for_a_table_then_they_are_broken_down_first_and_nothing_has_a_time_line() {
    let fields = ["http.status_code".to_owned(), "build".to_owned()];
    let spec = Spec::new(Sli::Which { bad: expr("status >= 500"), valid: None }, None).unwrap();
    let table = spec.table(&fields, When::Between(60, 660), None);
    assert_eq!(
        table,
        json!({
            "calculations": [{"op": "COUNT"}],
            "breakdowns": ["http.status_code", "build", "quarterdeck_bad"],
            "calculated_fields": [
                {"name": "quarterdeck_bad", "expression": "IF(EXISTS($\"status\"), GTE($\"status\", 500), false)"}
            ],
            "orders": [{"op": "COUNT", "order": "descending"}],
            "limit": 1000,
            "start_time": 60,
            "end_time": 660
        })
    );
    let slow = spec.table(&fields, When::Between(60, 660), Some(("P99", "duration_ms")));
    assert_eq!(slow["breakdowns"], json!(["http.status_code", "build"]));
    assert_eq!(slow["calculations"], json!([{"op": "COUNT"}, {"op": "P99", "column": "duration_ms"}]));
}

#[test]
fn given_a_column_when_asked_then_true_is_good_and_what_has_none_does_not_count() {
    let spec = Spec::new(Sli::Column("sli.api".into()), None).unwrap();
    let query = spec.query(When::Between(100, 700), 60);
    assert_eq!(query["filters"], json!([{"column": "sli.api", "op": "exists"}]));
    assert_eq!(
        (&query["start_time"], &query["end_time"], &query["time_range"]),
        (&100.into(), &700.into(), &Value::Null)
    );
    assert!(spec.is_bad(false, false) && !spec.is_bad(true, false) && !spec.relational);
}

#[test]
fn given_good_events_by_a_filter_when_asked_then_they_are_told_apart_and_all_others_are_bad() {
    let good = Sli::Good { good: expr("status < 500"), valid: Some(expr("kind = \"server\"")) };
    let spec = Spec::new(good, Some(expr("status = 401"))).unwrap();
    let query = spec.query(When::Last(1_200), 60);
    assert_eq!(query["breakdowns"], json!(["quarterdeck_good", "quarterdeck_also"]));
    assert_eq!(query["filters"], json!([{"column": "kind", "op": "=", "value": "server"}]));
    assert_eq!(query["calculated_fields"][0]["expression"], r#"IF(EXISTS($"status"), LT($"status", 500), false)"#);
    assert!(spec.is_bad(false, false) && spec.is_bad(true, true) && !spec.is_bad(true, false));
    // what their function says nothing of is not good
    assert_eq!((spec.base(None), spec.base(Some(true))), (Some(false), Some(true)));
    let bad = Spec::new(Sli::Which { bad: expr("status >= 500"), valid: None }, None).unwrap();
    assert_eq!(bad.base(None), None);
}

#[test]
fn given_what_honeycomb_does_not_take_when_asked_then_said_why() {
    let which = |bad: &str, valid: Option<&str>| {
        Spec::new(Sli::Which { bad: expr(bad), valid: valid.map(expr) }, None).map(drop)
    };
    assert!(which("root.status >= 500", None).unwrap_err().contains("root.status is of another span"));
    assert!(which("a = 1", Some("any.x = 1 or b = 2")).unwrap_err().contains("any.x"));
    let long = format!("a in ({})", vec!["\"0123456789\""; 500].join(", "));
    assert!(which(&long, None).unwrap_err().contains("too long"));
    assert!(which("a = 1", Some("not (a = 2 or b = 3)")).is_ok());
}

#[test]
fn given_the_newest_stretch_when_asked_then_by_one_of_a_few_lengths() {
    let now = 1_000 * HOUR + 20_000_000;
    let from = |minutes: i64| Stretch { from: 1_000 * HOUR - minutes * MINUTE, to: 1_000 * HOUR };
    assert_eq!(last(from(10), now), When::Last(1_200));
    assert_eq!(last(from(17), now), When::Last(1_200));
    assert_eq!(last(from(18), now), When::Last(3_600));
    assert_eq!(last(from(350), now), When::Last(21_600));
}

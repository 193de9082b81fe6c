//! Statements as they are sent, for names and values of any kind.

use super::*;
use proptest::prelude::{prop_assert, proptest};

fn traces() -> Table {
    Table::of([
        ("Timestamp", "DateTime64(9)"),
        ("SpanName", "LowCardinality(String)"),
        ("ServiceName", "LowCardinality(String)"),
        ("ResourceAttributes", "Map(LowCardinality(String), String)"),
        ("SpanAttributes", "Map(LowCardinality(String), String)"),
        ("Duration", "UInt64"),
        ("ok", "Nullable(Bool)"),
    ])
}

fn count(bad: &str) -> Count {
    Count {
        table: "otel_traces".into(),
        time: None,
        service: None,
        bad: bad.parse().unwrap(),
        valid: None,
        weight: None,
    }
}

fn bad(filter: &str) -> (String, Vec<String>) {
    let table = traces();
    let mut writer = Writer { table: &table, values: Vec::new() };
    let text = writer.condition(&filter.parse().unwrap()).unwrap();
    (text, writer.values)
}

#[test]
fn given_columns_when_a_filter_is_written_then_types_decide_and_texts_are_bound() {
    assert_eq!(bad("duration_ms > 250").0, "ifNull(`Duration` / 1e6 > 250, 0)");
    assert_eq!(bad("Duration = \"5\"").0, "0");
    assert_eq!(bad("Duration != \"5\"").0, "NOT (0)");
    assert_eq!(bad("ok = true").0, "ifNull(toString(`ok`) = 'true', 0)");
    assert_eq!(
        bad("not (Duration < 5 and ok = true)").0,
        "NOT ((ifNull(`Duration` < 5, 0) AND ifNull(toString(`ok`) = 'true', 0)))"
    );
    assert_eq!(bad("ok does-not-exist").0, "NOT (isNotNull(`ok`))");
    let hostile = "x' OR 1=1 -- {p2:String}";
    let (text, values) = bad(&format!("name in (\"{hostile}\", \"b\") and service.name starts-with \"b\""));
    assert_eq!(
        text,
        "((ifNull(toString(`SpanName`) = {p1:String}, 0) OR ifNull(toString(`SpanName`) = {p2:String}, 0)) AND ifNull(startsWith(toString(`ServiceName`), {p2:String}), 0))"
    );
    assert_eq!(values, [hostile, "b"]);
}

#[test]
fn given_the_kind_of_a_span_when_a_filter_is_written_then_its_column_is_compared_with_every_spelling() {
    let table = Table::of([("Timestamp", "DateTime64(9)"), ("SpanKind", "LowCardinality(String)")]);
    let mut writer = Writer { table: &table, values: Vec::new() };
    let text = writer.condition(&"span.kind = \"server\"".parse().unwrap()).unwrap();
    assert!(text.starts_with("(ifNull(toString(`SpanKind`) = {p1:String}, 0) OR "), "{text}");
    assert_eq!(writer.values, ["server", "Server", "SPAN_KIND_SERVER", "SERVER"]);
}

#[test]
fn given_an_attribute_when_a_filter_is_written_then_both_names_and_both_maps_are_looked_through() {
    let (text, values) = bad("http.response.status_code >= 500");
    assert_eq!(values, ["http.response.status_code", "http.status_code"]);
    assert!(text.starts_with("ifNull(toFloat64OrNull(coalesce(if(mapContains(`SpanAttributes`, {p1:String}), "));
    assert_eq!(text.matches("mapContains").count(), 4);
}

#[test]
fn given_a_table_without_the_column_when_counted_then_it_says_which_there_are() {
    let table = Table::of([("ts", "DateTime('UTC')"), ("status", "UInt16")]);
    let stretch = Stretch { from: 0, to: 60 * SECOND };
    let why = counts(&table, &count("state = 5"), stretch, 60 * SECOND).unwrap_err();
    assert_eq!(why, "it has no column state; its columns are ts, status");
    let good = counts(&table, &count("status = 5"), stretch, 60 * SECOND).unwrap();
    assert_eq!(
        good.text,
        "SELECT intDiv(toUnixTimestamp(`ts`), 60) * 60, count(), countIf(ifNull(`status` = 5, 0)) FROM `otel_traces` WHERE `ts` >= toDateTime(0) AND `ts` < toDateTime(60) GROUP BY intDiv(toUnixTimestamp(`ts`), 60) FORMAT JSONCompact"
    );
    for (named, why) in [(Some("status"), "holds no DateTime"), (Some("at"), "no column at")] {
        assert!(table.time(named).unwrap_err().contains(why));
    }
    let weighed = Count { weight: Some("w".into()), ..count("status = 5") };
    assert!(counts(&table, &weighed, stretch, 60 * SECOND).is_err());
    let of = Count { service: Some("api".into()), ..count("status = 5") };
    assert!(newest(&table, &of, 0).is_err());
}

proptest! {
    #[test]
    fn no_name_ends_its_quotes(name in "\\PC{0,20}") {
        let text = quoted(&name);
        let inner = text.strip_prefix('`').and_then(|t| t.strip_suffix('`')).unwrap();
        let mut escaped = false;
        for c in inner.chars() {
            prop_assert!(escaped || c != '`');
            escaped = !escaped && c == '\\';
        }
        prop_assert!(!escaped);
    }
}

//! Lines of events as writers write them.

use super::*;

fn read(line: &str) -> Result<(Event, Vec<String>), String> {
    let mut reader = Reader::default();
    let mut entries = vec![];
    let Said::Event(event) = reader.read(line.as_bytes(), &mut entries)? else { panic!("OTLP") };
    let shown = entries.iter().map(|e| format!("{}={:?}", reader.names.all()[e.field], e.value.value())).collect();
    Ok((event, shown))
}

const TIME: i64 = 1_562_712_600_000_000;

#[test]
fn given_a_flat_line_when_read_then_its_time_is_taken_and_the_rest_are_fields() {
    let (event, fields) = read(r#"{"ts":1562712600,"http":{"status":401,"ok":false},"route":"/a","n":null,"big":18446744073709551615,"list":[1,"x"]}"#).unwrap();
    assert_eq!((event.time, event.weight, event.dropped), (Some(TIME), 1, 0));
    assert_eq!(
        fields,
        [
            "http.status=Int(401)",
            "http.ok=Bool(false)",
            "route=Text(\"/a\")",
            "n=Missing",
            "big=Float(1.8446744073709552e19)",
            "list=Text(\"[1,\\\"x\\\"]\")"
        ]
    );
}

#[test]
fn given_honeycombs_form_when_read_then_data_is_unwrapped_whatever_the_order() {
    for line in [
        r#"{"time":"2019-07-09T22:50:00Z","samplerate":20,"data":{"status":401,"time":"inner"}}"#,
        r#"{"data":{"status":401,"time":"inner"},"samplerate":20.0,"time":"2019-07-09T22:50:00Z"}"#,
    ] {
        let (event, fields) = read(line).unwrap();
        assert_eq!((event.time, event.weight), (Some(TIME), 20), "{line}");
        assert_eq!(fields, ["status=Int(401)", "time=Text(\"inner\")"]);
    }
    let (event, _) = read(r#"{"data":{"timestamp":"2019-07-09T22:50:00Z"}}"#).unwrap();
    assert_eq!(event.time, Some(TIME));
}

#[test]
fn given_an_object_data_among_other_fields_when_read_then_it_is_a_nested_object() {
    let (event, fields) = read(r#"{"data":{"status":401,"a":{"b":1}},"ts":1562712600,"level":"info"}"#).unwrap();
    assert_eq!(event.time, Some(TIME));
    assert_eq!(fields, ["data.status=Int(401)", "data.a.b=Int(1)", "level=Text(\"info\")"]);
    let (_, fields) = read(r#"{"data":5,"ts":1562712600}"#).unwrap();
    assert_eq!(fields, ["data=Int(5)"]);
}

#[test]
fn given_several_times_when_read_then_the_first_readable_name_wins_and_the_others_are_fields() {
    let (event, fields) = read(r#"{"ts":1,"timestamp":"2019-07-09T22:50:00Z","time":"soon"}"#).unwrap();
    assert_eq!(event.time, Some(TIME));
    assert_eq!(fields, ["ts=Int(1)", "time=Text(\"soon\")"]);
}

#[test]
fn given_odd_sample_rates_when_read_then_the_event_counts_once() {
    for (rate, weight, odd) in [
        ("0", 1, true),
        ("0.0", 1, true),
        ("1e30", 1, true),
        ("20.0", 20, false),
        ("-4", 1, true),
        ("2.5", 1, true),
        ("\"7\"", 1, true),
        ("null", 1, false),
        ("4294967296", 1, true),
        ("4294967295", u32::MAX, false),
    ] {
        let (event, _) = read(&format!(r#"{{"ts":1562712600,"samplerate":{rate}}}"#)).unwrap();
        assert_eq!((event.weight, event.odd_rate), (weight, odd), "{rate}");
    }
}

#[test]
fn given_what_is_no_event_when_read_then_refused_in_words() {
    for line in
        ["", "1", "[]", "{", r#"{"a":"\x22"}"#, r#"{"a":1}{"b":2}"#, r#"{"a":1e999}"#, "{\"a\":\"\u{0}\"}", "null"]
    {
        assert!(read(line).is_err(), "{line}");
    }
    assert!(Reader::default().read(b"{\"a\":\"\xff\"}", &mut vec![]).unwrap_err().contains("not UTF-8"));
    // deep objects are skipped without recursion, deep arrays are refused by the JSON reader
    let deep = |open: &str, close: &str| read(&format!("{{\"b\":{}1{}}}", open.repeat(100_000), close.repeat(100_000)));
    assert_eq!(deep("{\"a\":", "}").map(|(event, _)| event.dropped), Ok(1));
    assert!(deep("[", "]").unwrap_err().contains("recursion"));
}

#[test]
fn given_an_object_below_the_eighth_level_when_read_then_it_is_dropped_and_counted() {
    let deep = |n: usize| read(&format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n))).unwrap();
    assert_eq!(deep(8).1, ["a.a.a.a.a.a.a.a=Int(1)"]);
    assert_eq!((deep(9).0.dropped, deep(9).1.len()), (1, 0));
}

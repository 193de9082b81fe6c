//! What cannot be read beside what can: lines without a time, fields that stand twice, forms that nobody expects.

use super::forms::{counts, read, settle};
use super::*;
use std::fmt::Write as _;

/// Two hours of an event a second, each as it is written, asked of by status at their end: why the filter is blind, and how much is partial.
fn told(name: &str, head: &str, event: impl Fn(i64) -> String) -> (Vec<String>, bool) {
    let dir = dir();
    let lines: String = (0..7_200).map(|second| event(second) + "\n").collect();
    append(&dir.path().join(name), format!("{head}{lines}"));
    let mut events = Events::open(dir.path()).unwrap();
    poll(&mut events);
    let blind = events.blind(&parse("status >= 500").unwrap(), None, (T + 7_200) * 1_000_000);
    let why = blind.why.iter().map(ToString::to_string).collect();
    assert!(!events.is_short(0, T * 1_000_000), "nothing is missing of a time before it");
    (why, events.is_short(T * 1_000_000, (T + 7_200) * 1_000_000))
}

#[test]
fn given_failing_lines_without_a_zone_when_they_are_a_tenth_of_the_latest_then_nobody_knows_of_them() {
    let every = |part: i64, until: i64| {
        move |second: i64| {
            let time = T + second;
            let is_unread = second % part == 0 && second < until;
            if is_unread {
                "{\"time\":\"2019-07-09 22:50:00\",\"status\":500}".into()
            } else {
                format!("{{\"time\":{time},\"status\":200}}")
            }
        }
    };
    let (why, partial) = told("a.ndjson", "", every(4, 7_200));
    assert_eq!(why.len(), 1, "{why:?}");
    assert!(why[0].ends_with("lines could not be read: nobody knows whether these are events that failed"), "{why:?}");
    assert!(partial);
    assert_eq!(told("a.ndjson", "", every(20, 7_200)), (vec![], true), "fewer than a tenth");
    assert_eq!(told("a.ndjson", "", every(4, 5_000)), (vec![], true), "not lately");
    assert_eq!(told("a.ndjson", "", every(200, 7_200)), (vec![], false), "rare noise");
}

#[test]
fn given_a_log_of_errors_beside_that_of_requests_when_read_then_its_lines_are_no_events_that_are_missing() {
    let dir = dir();
    let lines: String = (0..7_200).map(|second| format!("{{\"ts\":{},\"status\":200}}\n", T + second)).collect();
    append(&dir.path().join("access.log"), lines);
    append(&dir.path().join("error.log"), "something went wrong\n".repeat(5_000));
    let mut events = Events::open(dir.path()).unwrap();
    settle(&mut events);
    let blind = events.blind(&parse("status >= 500").unwrap(), None, (T + 7_200) * 1_000_000);
    let is_short = events.is_short(T * 1_000_000, (T + 7_200) * 1_000_000);
    assert_eq!((blind.why, is_short, events.reading().bad_lines), (vec![], false, 5_000));
}

#[test]
fn given_a_field_that_stands_twice_when_counted_by_then_it_is_said_where() {
    let row = |second: i64| format!("{},{},200,x", T + second, 200 + second % 2 * 300);
    let (why, _) = told("a.csv", "time,status,status,a\n", row);
    assert_eq!(why, ["columns 2 and 3 are both called status: only the last one counts. Give one another name"]);
    assert_eq!(told("a.csv", "time,a,status,a\n", row).0, [""; 0], "it is not counted by");
    let same = |second: i64| format!("{},{1},{1},x", T + second, 200 + second % 2 * 300);
    assert_eq!(told("a.csv", "time,status,status,a\n", same).0, [""; 0], "both say the same");
    let scopes = |second: i64| {
        let name = |name: &str| format!(r#"{{"key":"service.name","value":{{"stringValue":"{name}"}}}}"#);
        format!(
            r#"{{"resourceSpans":[{{"resource":{{"attributes":[{}]}},"scopeSpans":[{{"spans":[{{"startTimeUnixNano":"{}","endTimeUnixNano":"{}","attributes":[{},{{"key":"status","value":{{"intValue":200}}}}]}}]}}]}}]}}"#,
            name("fleet"),
            (T + second) * 1_000_000_000,
            (T + second) * 1_000_000_000 + 1,
            name("api")
        )
    };
    let dir = dir();
    append(&dir.path().join("a.json"), (0..7_200).map(|second| scopes(second) + "\n").collect::<String>());
    let mut events = Events::open(dir.path()).unwrap();
    poll(&mut events);
    let blind =
        events.blind(&parse("service.name = \"api\" and status >= 500").unwrap(), None, (T + 7_200) * 1_000_000);
    assert_eq!((blind.why, blind.besides), (vec![], vec![]), "the span's own name is the stronger one");
    let keys = |part: i64| {
        move |second: i64| match second % part {
            0 => format!("{{\"ts\":{},\"status\":500,\"status\":200}}", T + second),
            _ => format!("{{\"ts\":{},\"status\":200,\"status\":200}}", T + second),
        }
    };
    let words = "status stands twice in one event, with different values, in 1800 events: only the last one counts. Write it once";
    assert_eq!(told("a.ndjson", "", keys(4)).0, [words]);
    assert_eq!(told("a.ndjson", "", keys(20)).0, [""; 0], "it is said, and no more");
}

#[test]
fn given_an_array_of_events_when_read_then_each_counts_however_it_is_written() {
    let events: Vec<String> = (0..20_000)
        .map(|n| format!("{{\"time\":{},\"status\":{},\"tags\":[1,{{}}]}}", T + n / 100, 200 + n % 4 * 100))
        .collect();
    let batch: Vec<String> = (0..4)
        .map(|n| format!("{{\"time\":\"2019-07-09T22:50:0{n}Z\",\"samplerate\":2,\"data\":{{\"status\":500}}}}"))
        .collect();
    for text in [
        format!("[{}]", events.join(",")),
        format!("[\n{}\n]\n", events.join(",\n")),
        format!("[ {} ]\n", events.join("\n ,\n").replace(',', ",\n")),
    ] {
        let (counted, reading) = read("a.json", &text, "status >= 500");
        assert_eq!((counted, reading.events, reading.bad_lines), ((20_000, 5_000), 20_000, 0));
        assert!(!reading.files[0].unfinished && !reading.partial());
    }
    assert_eq!(read("a.json", format!("[{}]", batch.join(",")), "status >= 500").0, (8, 8));
    let (counted, reading) =
        read("a.json", format!("[{},\n{{\"oops\",}},\n{}]\n", events[0], events[3]), "status >= 500");
    assert_eq!((counted, reading.bad_lines), ((2, 1), 1));
    assert!(reading.first_bad.unwrap().contains(" line 2: "));
}

#[test]
fn given_an_array_that_grows_when_read_then_each_object_counts_once() {
    let dir = dir();
    let path = dir.path().join("a.json");
    let mut text = String::from("[");
    for n in 0..50 {
        write!(text, "{{\"time\":{},\n\"status\":500}},\n", T + n).unwrap();
    }
    append(&path, "");
    let mut events = Events::open(&path).unwrap();
    for piece in text.as_bytes().chunks(7) {
        append(&path, piece);
        poll(&mut events);
    }
    assert_eq!(counts(&mut events, "status >= 500"), (50, 50));
    assert_eq!(events.reading().bad_lines, 0);
}

#[test]
fn given_text_of_two_bytes_each_when_read_then_it_is_said_what_it_is() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for text in ["\u{feff}time,status\n1562712600,500\n", "{\"time\":1562712600,\"status\":500}\n"] {
        let (counted, reading) = read("a.log", wide(text), "status >= 500");
        assert_eq!(counted, (0, 0));
        let first = reading.first_bad.unwrap();
        assert!(first.contains("UTF-16, which is not read: write it as UTF-8"), "{first}");
    }
}

#[test]
fn given_spans_of_every_writer_when_asked_for_by_kind_then_one_filter_means_them_all() {
    let kinds = [
        "\"span.kind\":\"server\"",
        "\"SpanKind\":\"Server\"",
        "\"span\":{\"kind\":\"SPAN_KIND_SERVER\"}",
        "\"SpanKind\":\"Client\"",
    ];
    let lines: String = kinds
        .iter()
        .map(|kind| format!("{{\"Timestamp\":\"2019-07-09 22:50:00.000000000\",\"ts\":{T},{kind}}}\n"))
        .collect();
    assert_eq!(read("a.ndjson", lines, "span.kind = \"SERVER\"").0, (4, 3));
}

//! CSV and access logs from outside: right counts, ugly lines, growth, and the same figures however the bytes arrive.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

use super::{Events, Reading, T, apart, append, dir, question};
use crate::engine::breakdown::Asked;
use crate::engine::intake::LONGEST_LINE;
use crate::query::breakdown::Breakdown;

/// Reads all there is, until it has rested.
pub(super) fn settle(events: &mut Events) {
    for _ in 0..6 {
        while events.poll(u64::MAX).more {}
    }
}

/// Valid and bad events.
pub(super) fn counts(events: &mut Events, bad: &str) -> (u64, u64) {
    let sum = events.series(&question(bad)).unwrap().series.sum(i64::MAX, i64::MAX);
    (sum.total, sum.bad)
}

/// A file of these bytes, read: valid and bad events, and how reading went.
pub(super) fn read(name: &str, bytes: impl AsRef<[u8]>, bad: &str) -> ((u64, u64), Reading) {
    let dir = dir();
    let path = dir.path().join(name);
    append(&path, bytes);
    let mut events = Events::open(&path).unwrap();
    settle(&mut events);
    (counts(&mut events, bad), events.reading())
}

/// What must not depend on how a file arrived.
pub(super) type Figures = ((u64, u64), [u64; 5], Option<String>, Option<i64>);

pub(super) fn figures(events: &mut Events) -> Figures {
    let counted = counts(events, "status >= 500");
    let r = events.reading();
    // the file's place is chance
    let first_bad = r.first_bad.map(|text| text.split_once(" line ").unwrap().1.to_owned());
    (counted, [r.events, r.bad_lines, r.untimed, r.long_lines, r.dropped], first_bad, r.files[0].newest)
}

/// The figures of a file that grows at these places.
pub(super) fn grown(path: &Path, bytes: &[u8], cuts: &[prop::sample::Index], budget: u64) -> Figures {
    append(path, "");
    let mut events = Events::open(path).unwrap();
    let mut at: Vec<usize> = cuts.iter().map(|c| c.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
    at.sort_unstable();
    for piece in at.windows(2) {
        append(path, &bytes[piece[0]..piece[1]]);
        while events.poll(budget).more {}
    }
    settle(&mut events);
    figures(&mut events)
}

#[test]
fn given_csv_when_read_then_values_are_typed_and_counted() {
    let text = format!(
        "\u{feff}status,\"note\",ts,ok,ratio\r\n500,\"a, \"\"b\"\"\r\nc\",{T},true,1.5\r\n200,,{}000,False,\r\n\"503\",x,2019-07-09T22:50:03Z,,2\r\n",
        T + 1
    );
    for (bad, expected) in [
        ("status >= 500", 2),
        ("status = 200 and ok = false and note does-not-exist", 1),
        ("note = \"a, \\\"b\\\"\\r\\nc\"", 1),
        ("ratio > 1", 2),
        ("ratio does-not-exist", 1),
    ] {
        let (sum, reading) = read("a.csv", &text, bad);
        assert_eq!(sum, (3, expected), "{bad}");
        assert_eq!((reading.bad_lines, reading.untimed, reading.first_bad), (0, 0, None), "{bad}");
    }
}

#[test]
fn given_csv_with_ugly_lines_when_read_then_each_is_counted_as_what_it_is() {
    let text = format!(
        "time;status;route\n\n{T};500\n{T};500;/a;extra;;more\noops\n;500;/a\n{T};500;\"never closed\n{T};200;/b\n\u{0}\u{0}{T};200;/c\n"
    );
    for more in [0, 10_000] {
        let text = text.clone() + &format!("{T};200;/d\n").repeat(more);
        let (sum, reading) = read("a.log", &text, "status >= 500");
        assert_eq!((sum, reading.bad_lines, reading.untimed), ((4 + more as u64, 2), 2, 1));
        assert_eq!((reading.dropped, reading.files[0].unfinished), (2, false));
        assert!(reading.first_bad.unwrap().contains("line 5: one value under a header of 3: oops"));
    }
}

#[test]
fn given_an_open_quote_when_the_file_rests_then_its_lines_are_taken_and_reading_goes_on_after_them() {
    let dir = dir();
    let path = dir.path().join("a.csv");
    append(&path, format!("time,status\n{T},\"500\n{T},200\n"));
    let mut events = Events::open(&path).unwrap();
    while events.poll(u64::MAX).more {}
    assert!(events.reading().files[0].unfinished);
    assert_eq!(counts(&mut events, "status >= 500"), (0, 0), "an open quote waits");
    settle(&mut events);
    append(&path, format!("{T},500\n"));
    settle(&mut events);
    assert_eq!((counts(&mut events, "status >= 500"), events.reading().bad_lines), ((2, 1), 1));
    assert!(!events.reading().files[0].unfinished);
}

#[test]
fn given_a_header_only_when_read_then_nothing_is_wrong_and_nothing_is_known() {
    for text in ["time,status", "time,status\n"] {
        let (sum, reading) = read("a.csv", text, "status >= 500");
        assert_eq!((sum, reading.bad_lines, reading.untimed), ((0, 0), 0, 0));
    }
}

#[test]
fn given_a_header_that_arrives_in_pieces_when_read_then_all_its_columns_are_known() {
    let dir = dir();
    let path = dir.path().join("a.csv");
    append(&path, "time,sta");
    let mut events = Events::open(&path).unwrap();
    settle(&mut events);
    append(&path, format!("tus\n{T},500\n{T},50"));
    settle(&mut events);
    assert_eq!(counts(&mut events, "status >= 50"), (2, 2), "it rested long, so its last line counts");
    append(&path, format!("0\n{T},500"));
    while events.poll(u64::MAX).more {}
    events.poll(u64::MAX);
    assert_eq!(counts(&mut events, "status >= 50"), (2, 2), "more may come");
    assert_eq!(events.reading().bad_lines, 1, "a value went on after it was counted");
}

#[test]
fn given_a_csv_file_that_turns_when_followed_then_its_header_is_known_with_and_without_a_new_one() {
    for header in ["", "time,status\n", "status,route,time\n"] {
        let dir = dir();
        let path = dir.path().join("a.csv");
        append(&path, format!("time,status\n{T},500\n"));
        let mut events = Events::open(&path).unwrap();
        settle(&mut events);
        fs::write(&path, "").unwrap();
        settle(&mut events);
        let row = if header.starts_with('s') { format!("500,/a,{T}\n") } else { format!("{T},500\n") };
        append(&path, header.to_owned() + &row + header + &row);
        settle(&mut events);
        assert_eq!(counts(&mut events, "status >= 500"), (3, 3), "{header}");
        assert_eq!((events.reading().bad_lines, events.reading().untimed), (0, 0), "{header}");
        // renamed away, and another in its place
        fs::rename(&path, dir.path().join("old")).unwrap();
        append(&path, "time,status\n".to_owned() + &format!("{T},200\n"));
        settle(&mut events);
        assert_eq!(counts(&mut events, "status >= 500"), (4, 3), "{header}");
    }
}

#[test]
fn given_a_csv_record_above_a_mebibyte_when_read_then_it_is_skipped() {
    let text = format!("time,x,status\n{T},{},500\n{T},a,500\n", "y".repeat(LONGEST_LINE + 5));
    let (sum, reading) = read("a.csv", text, "status >= 500");
    assert_eq!((sum, reading.long_lines, reading.bad_lines), ((1, 1), 1, 0));
}

#[test]
fn given_binary_noise_among_csv_when_read_then_the_records_around_it_count() {
    let noise: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let rows = |n: usize| format!("{T},500\n").repeat(n).into_bytes();
    let bytes = [b"time,status\n".to_vec(), rows(3), noise, b"\n".to_vec(), rows(30_000)].concat();
    let (sum, reading) = read("a.csv", bytes, "status >= 500");
    assert!((28_000..=30_003).contains(&sum.0) && sum.0 == sum.1, "{sum:?}");
    assert!(reading.bad_lines + reading.untimed > 100 && !reading.partial());
}

/// A line of an access log.
fn hit(second: i64, status: i64, agent: &str) -> String {
    let time = chrono::DateTime::from_timestamp(T + second, 0).unwrap().format("%d/%b/%Y:%H:%M:%S +0000");
    format!("10.0.0.1 - - [{time}] \"GET /a?b HTTP/1.1\" {status} 12 \"-\" \"{agent}\"")
}

#[test]
fn given_an_access_log_when_read_then_its_lines_are_events() {
    let text = [
        "/1.1\" 200 12".to_owned(),
        hit(1, 500, "a \\x22b\\x22"),
        hit(2, 200, "c") + " 0.250",
        "oops".to_owned(),
        hit(3, 503, "-").replace("09/Jul", "09/Xxx"),
        "fe80::1%eth0 ident Ann Lee [10/Jul/2019:00:50:04 +0200] \"\" 502 -".to_owned(),
        String::new(),
    ]
    .join("\r\n");
    for (bad, expected) in [
        ("http.response.status_code >= 500", 2),
        ("user_agent.original = 'a \"b\"'", 1),
        ("url.path = '/a' and http.request.method = 'GET'", 2),
        ("duration_ms = 250", 1),
        ("user.name = 'Ann Lee' and ident = 'ident' and http.response.body.size does-not-exist", 1),
        ("client.address = 'fe80::1%eth0'", 1),
    ] {
        let (sum, reading) = read("access.log", &text, bad);
        assert_eq!(sum, (3, expected), "{bad}");
        assert_eq!((reading.bad_lines, reading.untimed), (2, 1));
        assert!(reading.first_bad.unwrap().contains("line 1: no JSON object, no line of an access log"));
    }
}

#[test]
fn given_an_access_log_without_a_last_break_when_it_rests_then_a_whole_line_counts_sooner_than_one_that_may_go_on() {
    for (line, sooner) in [(hit(1, 500, "c"), 1), (hit(1, 500, "c") + " 0.2", 0)] {
        let dir = dir();
        let path = dir.path().join("a.log");
        append(&path, line);
        let mut events = Events::open(&path).unwrap();
        while events.poll(u64::MAX).more {}
        events.poll(u64::MAX);
        assert_eq!(counts(&mut events, "http.response.status_code >= 500").0, sooner);
        settle(&mut events);
        assert_eq!(counts(&mut events, "http.response.status_code >= 500"), (1, 1));
        append(&path, "\n".to_owned() + &hit(2, 200, "c") + "\n");
        settle(&mut events);
        assert_eq!(counts(&mut events, "http.response.status_code >= 500"), (2, 1));
        assert_eq!(events.reading().bad_lines, 0);
    }
}

/// Bytes of an access log, mostly good.
fn access() -> impl Strategy<Value = Vec<u8>> {
    let good = (0i64..600, 100i64..600, "[a-z]{0,5}", "| 0\\.[0-9]{3}| \"x\"")
        .prop_map(|(s, status, agent, more)| (hit(s, status, &agent) + &more).into_bytes());
    let noise = prop_oneof![prop::collection::vec(any::<u8>(), 0..30), Just(b"a b c [d] \"e".to_vec())];
    let end = prop_oneof![4 => Just(&b"\n"[..]), 1 => Just(&b"\r\n"[..]), 1 => Just(&b"\n\0\0"[..])];
    let line = (prop_oneof![8 => good, 1 => noise], end).prop_map(|(line, end)| [&line[..], end].concat());
    prop::collection::vec(line, 0..30).prop_map(|lines| lines.concat())
}

/// Bytes of a CSV file, mostly good.
fn csv() -> impl Strategy<Value = Vec<u8>> {
    let row = (0i64..600, 100i64..600, "[a-z]{0,3}|\"[a-z\n,]{0,6}\"|\"a\"\"\r\n\"")
        .prop_map(|(s, status, note)| format!("{},{status},{note}", T + s).into_bytes());
    let noise = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..30),
        Just(b"1,\"never closed".to_vec()),
        Just(b"time,status,note".to_vec()),
        Just(b"a,b,c,d,e".to_vec()),
        Just(vec![]),
    ];
    let end = prop_oneof![4 => Just(&b"\n"[..]), 2 => Just(&b"\r\n"[..]), 1 => Just(&b"\n\0\0"[..])];
    let line = (prop_oneof![8 => row, 1 => noise], end).prop_map(|(line, end)| [&line[..], end].concat());
    (prop::collection::vec(line, 0..30), any::<bool>())
        .prop_map(|(lines, headed)| [if headed { &b"time,status,note\r\n"[..] } else { b"" }, &lines.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn csv_counts_the_same_however_it_arrives(
        bytes in csv(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        budget in 1u64..3000,
    ) {
        let dir = dir();
        let bytes = [bytes, b"\n".to_vec()].concat();
        let whole = grown(&dir.path().join("a.csv"), &bytes, &[], u64::MAX);
        prop_assert_eq!(grown(&dir.path().join("b.csv"), &bytes, &cuts, budget), whole);
    }

    #[test]
    fn access_logs_count_the_same_however_they_arrive(
        bytes in access(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        budget in 1u64..3000,
    ) {
        let dir = dir();
        let bytes = [bytes, b"\n".to_vec()].concat();
        let whole = grown(&dir.path().join("a.log"), &bytes, &[], u64::MAX);
        prop_assert_eq!(grown(&dir.path().join("b.log"), &bytes, &cuts, budget), whole);
    }

    #[test]
    fn csv_counts_what_was_written(rows in prop::collection::vec((0i64..600, 100i64..600, "[a-z\",\r\n]{0,9}"), 1..60)) {
        let mut text = "ts,note,status\n".to_owned();
        for (s, status, note) in &rows {
            let _ = writeln!(text, "{},\"{}\",{status}", T + s, note.replace('"', "\"\""));
        }
        let (sum, reading) = read("a.csv", &text, "status >= 500");
        let bad = rows.iter().filter(|r| r.1 >= 500).count() as u64;
        prop_assert_eq!((sum, reading.bad_lines, reading.untimed), ((rows.len() as u64, bad), 0, 0));
    }
}

#[test]
fn given_old_and_new_names_in_one_file_when_asked_by_either_then_they_are_one_field_event_by_event() {
    let line = |fields: &str| format!("{{\"ts\":{T},{fields}}}\n");
    let text = [
        line("\"http.response.status_code\":500,\"host\":\"a\""),
        line("\"http.status_code\":503,\"host.name\":\"b\""),
        // both: the one that was asked for counts
        line("\"http.response.status_code\":200,\"http.status_code\":500,\"host.name\":\"a\",\"host\":\"c\""),
        line("\"http.status_code\":null,\"hostname\":\"b\""),
    ]
    .concat();
    for (bad, expected) in [
        ("http.response.status_code >= 500", 2),
        ("http.status_code >= 500", 3),
        ("http.status_code != 200", 4),
        ("http.response.status_code != 200", 3),
        ("http.status_code does-not-exist", 1),
        ("host.name = 'a'", 2),
        ("host = 'c'", 1),
        ("hostname in ('a', 'b')", 4),
        ("not (http.status_code >= 500)", 1),
    ] {
        assert_eq!(read("a.ndjson", &text, bad).0, (4, expected), "{bad}");
    }
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(&path, &text);
    let mut events = Events::open(&path).unwrap();
    settle(&mut events);
    let asked = question("http.response.status_code >= 500");
    let groups = apart(&events, "http.response.status_code >= 500", &["host.name"]);
    assert_eq!(groups, [("\"a\"".to_owned(), 2, 1), ("\"b\"".to_owned(), 2, 1)]);
    let by = Breakdown { fields: vec!["host.name".into()], from: 0, to: i64::MAX, percentile: None };
    let (_, notes) = events.breakdown(Asked { bad: &asked.bad, valid: None, by: &by }).unwrap();
    let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "hostname and host count as host.name where that is missing",
            "http.status_code counts as http.response.status_code where that is missing"
        ]
    );
}

//! The document in JSON, written and read.

use super::*;
use crate::exchange::sample;
use proptest::prelude::{ProptestConfig, any, proptest};

fn exported(document: &Document) -> String {
    let mut bytes = Vec::new();
    export(document.number, document.drill, &document.entries, &mut bytes).expect("memory takes everything");
    String::from_utf8(bytes).expect("JSON is text")
}
fn trouble(text: &str) -> ImportTrouble {
    import(text.as_bytes()).expect_err(text)
}
fn row(seq: u64, count: u64) -> String {
    format!(
        r#"{{"seq":{seq},"entry":"{:032x}","at":"2019-07-09T22:53:12Z","recorded":"2019-07-09T22:53:12Z","author":"Ana","session":"0000000000000001","kind":"noted","fact":{{"text":"x"}}}}"#,
        count
    )
}
fn document(rows: &[String]) -> String {
    format!("{{\"quarterdeck\":1,\"incident\":412,\"entries\":[\n{}\n]}}\n", rows.join(",\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn what_was_exported_comes_back_and_leaves_as_the_same_bytes(facts in sample::entries(), number in any::<u32>(), drill in any::<bool>()) {
        let given = Document { number, drill, entries: facts.into_iter().map(|e| Entry { incident: number, ..e }).collect() };
        let text = exported(&given);
        let back = import(text.as_bytes()).map_err(|t| t.words()).expect("our own document");
        assert_eq!(back, given);
        assert_eq!(exported(&back), text);
        assert_eq!(text.lines().count(), given.entries.len() + 2, "one entry a line");
    }

    #[test]
    fn a_damaged_document_is_refused_in_words_that_fit_a_terminal(facts in sample::entries(), at in any::<proptest::sample::Index>(), byte in any::<u8>()) {
        let text = exported(&Document { number: 7, drill: false, entries: facts });
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        if let Err(trouble) = import(bytes.as_slice()) {
            assert!(trouble.words().chars().all(|c| !c.is_control()), "{trouble:?}");
            assert!(trouble.words().contains(" Nothing was imported. "));
        }
    }
}

#[test]
fn an_entry_reads_as_it_is_described() {
    let text = document(&[row(1, 1)]);
    let read = import(text.as_bytes()).expect("a document");
    assert_eq!((read.number, read.drill, read.entries.len()), (412, false, 1));
    assert_eq!(exported(&read), text);
}

#[test]
fn marks_line_ends_white_space_and_order_of_keys_do_not_matter() {
    let plain = import(document(&[row(1, 1), row(2, 2)]).as_bytes()).expect("a document");
    let windows = format!("\u{feff}{}\r\n\r\n", document(&[row(1, 1), row(2, 2)]).replace('\n', "\r\n"));
    assert_eq!(import(windows.as_bytes()).expect("windows"), plain);
    let sorted = format!(
        "{{ \"entries\" : [ {} , {} ] , \"incident\" : 412 , \"quarterdeck\" : 1 }}",
        row(1, 1).replace("\"seq\":1,", "").replace("}}", "} , \"seq\" : 1 }"),
        row(2, 2)
    );
    assert_eq!(import(sorted.as_bytes()).expect("sorted keys"), plain);
}

#[test]
fn moments_outside_the_calendar_and_other_zones_are_read() {
    let text = document(&[row(1, 1).replace("\"at\":\"2019-07-09T22:53:12Z\"", "\"at\":9223372036854775807")]);
    let read = import(text.as_bytes()).expect("a document");
    assert_eq!((read.entries[0].at.0, exported(&read)), (i64::MAX, text));
    let text =
        document(&[row(1, 1).replace("\"at\":\"2019-07-09T22:53:12Z\"", "\"at\":\"2019-07-10T00:53:12+02:00\"")]);
    assert_eq!(import(text.as_bytes()).expect("a zone").entries[0].at.iso(), "2019-07-09T22:53:12Z");
}

#[test]
fn what_is_not_whole_json_is_refused_with_its_place() {
    for text in ["", "quarterdeck", "{\"quarterdeck\":1,\"incident\":4,\"entries\":[", "{\"quarterdeck\":1,}"] {
        assert!(matches!(trouble(text).why, Why::NotJson(_)), "{text}: {:?}", trouble(text));
    }
    let cut = document(&[row(1, 1)]);
    let cut = trouble(cut.get(..120).expect("longer"));
    assert_eq!((cut.line, matches!(cut.why, Why::NotJson(_))), (2, true), "{cut:?}");
    assert!(matches!(trouble(&format!("{}]", document(&[]))).why, Why::NotJson(_)));
}

#[test]
fn another_programs_json_is_named_as_such() {
    for text in [
        "[]",
        "[{\"type\":\"message\"}]",
        "{}",
        "{\"page\":{\"id\":\"x\"},\"incidents\":[]}",
        "7",
        "-7",
        "0.5",
        "true",
        "null",
        "\"x\"",
        "{\"entries\":[{\"ts\":\"1\"}]}",
        "{\"incident\":\"PX1\"}",
    ] {
        assert_eq!(trouble(text).why, Why::Foreign, "{text}");
    }
}

#[test]
fn a_newer_format_is_refused_before_anything_else_is_judged() {
    let newer = trouble("{\"quarterdeck\":2,\"incident\":\"4a\",\"entries\":{}}");
    assert_eq!(newer.why, Why::Newer(2));
    assert_eq!(
        newer.words(),
        "The document has format 2 (line 1, column 16); this program reads 1. Nothing was imported. Import it with the version that wrote it, or with a later one."
    );
}

#[test]
fn gaps_disorder_bad_and_repeated_ids_are_refused_at_their_line() {
    let wrong = |text: &str| match trouble(text) {
        ImportTrouble { why: Why::Wrong(words), line, .. } => (line, words),
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong(&document(&[row(1, 1), row(3, 2)])), (3, "entry 2 is missing, 3 stands in its place".into()));
    assert_eq!(wrong(&document(&[row(2, 1), row(1, 2)])), (2, "entry 1 is missing, 2 stands in its place".into()));
    assert_eq!(
        wrong(&document(&[row(1, 9), row(2, 9)])),
        (3, "the id 00000000000000000000000000000009 stands there twice".into())
    );
    let short = document(&[row(1, 1).replace("\"entry\":\"00", "\"entry\":\"")]);
    assert_eq!(wrong(&short), (2, "an entry's id is 32 hexadecimal digits".into()));
    let session = document(&[row(1, 1).replace("\"session\":\"0", "\"session\":\"+")]);
    assert_eq!(wrong(&session), (2, "a session is 16 hexadecimal digits".into()));
    let both = document(&[row(1, 1).replace("\"kind\"", "\"text\":\"y\",\"kind\"")]);
    assert_eq!(wrong(&both), (2, "an entry has both a fact and a text".into()));
    let none = document(&[row(1, 1).replace(",\"fact\":{\"text\":\"x\"}", "")]);
    assert_eq!(wrong(&none), (2, "an entry has no fact".into()));
    let twice = document(&[]).replace("\"incident\":412", "\"incident\":412,\"incident\":413");
    assert_eq!(wrong(&twice), (1, "the key \"incident\" stands there twice".into()));
    assert_eq!(wrong("{\"quarterdeck\":1,\"entries\":[]}"), (1, "it has no incident number".into()));
    assert_eq!(wrong("{\"quarterdeck\":1,\"incident\":1}"), (1, "it has no entries".into()));
}

#[test]
fn a_hostile_key_reaches_the_words_spelt_out() {
    let hostile = document(&[row(1, 1).replace("\"kind\"", "\"\\u001b]52;c;aGk=\\u0007\\u202e\":1,\"kind\"")]);
    let words = trouble(&hostile).words();
    assert!(words.contains(r"\u{1b}]52;c;aGk=\u{7}\u{202e}"), "{words}");
    let long = document(&[]).replace("\"incident\"", &format!("\"{}\":1,\"incident\"", "x".repeat(100_000)));
    assert!(trouble(&long).words().len() < 500);
}

#[test]
fn a_document_over_the_limit_is_refused() {
    let text = document(&[row(1, 1)]);
    let size = text.len() as u64;
    assert!(import_within(text.as_bytes(), size, 1).is_ok());
    assert_eq!(import_within(text.as_bytes(), size - 1, 1).expect_err("over").why, Why::Large(size - 1));
    let text = document(&[row(1, 1), row(2, 2)]);
    let many = import_within(text.as_bytes(), LARGEST, 1).expect_err("over");
    assert_eq!((many.why, many.line), (Why::Many(1), 3));
}

//! Fields that change their name or their form while events come in.

use super::*;
use crate::engine::question::Blind;

/// Two hours of events, one each so many seconds, each with what is said of its second.
fn events(every: i64, event: impl Fn(i64) -> String) -> (TempDir, Events) {
    let dir = dir();
    let lines: String =
        (0..7_200 / every).map(|n| format!("{{\"ts\":{}{}}}\n", T + n * every, event(n * every))).collect();
    append(&dir.path().join("a.ndjson"), lines);
    let mut events = Events::open(dir.path()).unwrap();
    poll(&mut events);
    (dir, events)
}

/// What a filter does not see at the end of them, in words: why it is blind, and what besides.
fn unseen(every: i64, bad: &str, valid: Option<&str>, event: impl Fn(i64) -> String) -> (Vec<String>, Vec<String>) {
    let (_dir, mut events) = events(every, event);
    let valid = valid.map(|valid| parse(valid).unwrap());
    let Blind { why, besides, .. } = events.blind(&parse(bad).unwrap(), valid.as_ref(), (T + 7_200) * 1_000_000);
    let words = |notes: Vec<Note>| notes.iter().map(ToString::to_string).collect();
    (words(why), words(besides))
}

fn renamed(at: i64) -> impl Fn(i64) -> String {
    move |second| format!(",\"{}\":{}", if second < at { "status" } else { "code" }, 200 + second % 2 * 300)
}

fn none(list: &[&str]) -> Vec<String> {
    list.iter().map(|of| format!("{of}; it was in nearly all before")).collect()
}

#[test]
fn given_a_field_that_nearly_all_had_when_the_latest_lack_it_then_a_filter_by_it_is_blind() {
    let status = |at| unseen(1, "status >= 500", None, renamed(at)).0;
    assert_eq!(status(7_200 - 59), none(&[]), "not most of them yet");
    assert_eq!(status(7_200 - 60), none(&["status is missing in 60 of the last 120 events"]));
    assert_eq!(status(7_200 - 300), none(&["status is in none of the last 120 events"]));
    assert_eq!(status(1_300), none(&["status is in none of the last 120 events"]), "most of the window lacks it");
    let (why, besides) = unseen(1, "status >= 500", None, renamed(7_200 - 30));
    assert_eq!((why, besides), (none(&[]), none(&["status is missing in 30 of the last 120 events"])));
}

#[test]
fn given_a_part_of_the_events_that_lacks_a_field_when_it_is_a_tenth_then_nothing_may_be_called_good() {
    let dim = |bad: &str, of: i64| {
        let part = move |second: i64| {
            let name = if second > 5_000 && second % 100 < of { "code" } else { "status" };
            format!(",\"{name}\":{}", 200 + second % 2 * 300)
        };
        let (_dir, mut events) = events(1, part);
        let blind = events.blind(&parse(bad).unwrap(), None, (T + 7_200) * 1_000_000);
        (blind.is_dim, blind.why.is_empty())
    };
    assert_eq!(dim("status >= 500", 6), (false, true));
    assert_eq!(dim("status >= 500", 40), (true, true));
    assert_eq!(dim("status >= 500 or code >= 500", 40), (false, true));
    assert_eq!(dim("not status < 500", 40), (false, true), "what lacks it is bad already");
}

#[test]
fn given_a_field_that_only_failures_have_when_none_fails_then_it_is_not_gone() {
    let rare = |second: i64| if second % 997 == 3 && second < 4_000 { ",\"error\":7".into() } else { String::new() };
    assert_eq!(unseen(1, "error = 7", None, rare), (none(&[]), none(&[])));
    let outage = |second: i64| if second < 1_800 { ",\"error\":7".into() } else { String::new() };
    assert_eq!(unseen(1, "error = 7", None, outage), (none(&[]), none(&[])), "what was read begins in an outage");
}

#[test]
fn given_little_traffic_when_a_field_is_missing_then_it_needs_twenty_events_and_a_hundred_before() {
    let status = |every, at| unseen(every, "status >= 500", None, renamed(at)).0;
    assert_eq!(status(60, 7_200 - 31 * 60), none(&[]), "too few were there before");
    assert_eq!(status(40, 7_200 - 600), none(&["status is missing in 15 of the last 22 events"]));
    assert_eq!(status(40, 7_200 - 400), none(&[]));
    // fifteen events an hour for days: two hours are twenty
    let dir = dir();
    let name = |minute: i64| if minute < 70 * 60 { "status" } else { "code" };
    let lines: String = (0..18 * 60)
        .map(|n| {
            format!("{{\"ts\":{},\"{}\":500}}\n", T + n * 240, name(n * 4)).replacen(
                "500",
                if n % 2 == 0 { "500" } else { "200" },
                1,
            )
        })
        .collect();
    append(&dir.path().join("a.ndjson"), lines);
    let mut events = Events::open(dir.path()).unwrap();
    poll(&mut events);
    let words: Vec<String> = events
        .blind(&parse("status >= 500").unwrap(), None, (T + 72 * 3_600) * 1_000_000)
        .why
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(words, none(&["status is in none of the last 30 events"]));
}

#[test]
fn given_alternatives_when_one_is_gone_then_another_still_sees() {
    let both = "status >= 500 or code >= 500";
    let (why, besides) = unseen(1, both, None, renamed(5_000));
    assert_eq!((why, besides), (none(&[]), none(&["status is in none of the last 120 events"])));
    let (why, _) = unseen(1, "status >= 500 and code does-not-exist", None, renamed(5_000));
    assert_eq!(why, none(&["status is in none of the last 120 events"]));
}

#[test]
fn given_numbers_that_become_texts_when_asked_then_the_filter_is_blind_and_says_for_what() {
    let texts = |second: i64| {
        let status = 200 + second % 2 * 300;
        if second < 5_000 { format!(",\"status\":{status}") } else { format!(",\"status\":\"{status}\"") }
    };
    let (why, _) = unseen(1, "status >= 500", None, texts);
    assert_eq!(why, none(&["status as a number is in none of the last 120 events"]));
    assert_eq!(unseen(1, "status >= 500 or status starts-with \"5\"", None, texts).0, none(&[]));
}

#[test]
fn given_numbers_and_texts_from_the_beginning_when_asked_then_a_tenth_of_the_latest_is_what_nobody_knows() {
    let mixed = |bad: &str, part: i64, text: &'static str| {
        let event = move |second: i64| match second % 100 < part {
            true => format!(",\"status\":\"{text}\",\"error\":false"),
            false => ",\"status\":200,\"error\":false".into(),
        };
        let (_dir, mut events) = events(1, event);
        let blind = events.blind(&parse(bad).unwrap(), None, (T + 7_200) * 1_000_000);
        (blind.why.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "), blind.since())
    };
    let words = "50 of the last 120 events hold a text in status, where `status >= 500` compares with a number: nobody knows whether these are meant. \
                 Write one kind, or say in the filter what a text there means";
    assert_eq!(mixed("status >= 500", 50, "500").0, words);
    assert_eq!(mixed("status >= 500", 50, "500").1, Some(T.div_euclid(600) * 600_000_000), "since the beginning");
    assert!(mixed("status >= 500 or error = true", 50, "500").0.contains("hold a text in status"));
    assert!(
        mixed("status >= 500", 10, "500").0.starts_with("90 of the last 900 events"),
        "not so many in the last minutes"
    );
    assert_eq!(mixed("status >= 500", 3, "-").0, "", "rare noise");
    assert_eq!(mixed("status >= 500", 3, "200").0, "", "it is good in either form");
    assert!(mixed("status >= 500", 3, "500").0.starts_with("3 of the last 120 events"), "only what fails is a text");
    assert_eq!(mixed("status >= 500 and status != \"-\"", 50, "-").0, "", "the filter says what it is");
    assert_eq!(mixed("not status < 500", 50, "500").0, "", "it is bad already");
    assert!(mixed("status = \"500\"", 50, "500").0.contains("hold a number in status, where `status = \"500\"`"));
}

#[test]
fn given_a_field_by_which_events_count_when_no_event_has_it_any_more_then_that_is_said_but_not_of_some_that_lack_it() {
    let renamed =
        |second: i64| format!(",\"status\":200,\"{}\":\"api\"", if second < 5_000 { "service" } else { "service.id" });
    let valid = Some("service = \"api\"");
    assert_eq!(unseen(1, "status >= 500", valid, renamed).0, none(&["service is in none of the last 120 events"]));
    let flood = |second: i64| match second > 5_000 && second % 4 != 0 {
        true => ",\"status\":200".into(),
        false => ",\"status\":200,\"service\":\"api\"".into(),
    };
    assert_eq!(unseen(1, "status >= 500", valid, flood), (none(&[]), none(&[])));
    assert_eq!(unseen(1, "status >= 500", Some("service != \"web\""), renamed), (none(&[]), none(&[])));
}

#[test]
fn given_a_filter_of_what_counts_that_lets_none_in_when_asked_then_that_is_said_with_what_is_there() {
    let event = |second: i64| format!(",\"status\":{},\"kind\":\"server\"", 200 + second % 3 * 150);
    let (why, _) = unseen(1, "status >= 500", Some("kind = \"SERVER\""), event);
    assert_eq!(why, ["unproven: none of 7200 events is valid by kind = \"SERVER\"; kind holds: server"]);
    assert_eq!(unseen(1, "status >= 500", Some("kind = \"server\" and status > 400"), event).0, none(&[]));
}

#[test]
fn given_many_blocks_when_looked_at_again_then_closed_ones_are_not_counted_again() {
    let dir = dir();
    let lines: String = (0..200_000).map(|n| format!("{{\"ts\":{},\"a\":1}}\n", T + n / 20)).collect();
    append(&dir.path().join("a.ndjson"), lines);
    let mut events = Events::open(dir.path()).unwrap();
    poll(&mut events);
    let bad = parse("a = 2 or error = 7").unwrap();
    let mut counted = || {
        events.blind(&bad, None, (T + 10_000) * 1_000_000);
        events.memos.iter().map(Memo::counted).sum::<u64>()
    };
    let (first, second) = (counted(), counted());
    assert!(first > 4 && second - first <= 6, "{first} and {second}");
}

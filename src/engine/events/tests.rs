//! The engine from outside: files that grow, turn and break.

mod apart;
mod blind;
mod forms;
mod otlp;
mod packed;
mod unread;

use std::fs::{self, OpenOptions};
use std::io::Write;

use tempfile::TempDir;

use super::*;
use crate::engine::source::BLOCK;
use crate::query::breakdown::{Breakdown, Row};
use crate::query::filter::parse::parse;
use crate::query::series::{Bucket, MINUTE};

/// 2019-07-09T22:50:00Z in s.
pub(super) const T: i64 = 1_562_712_600;

pub(super) fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub(super) fn append(path: &Path, bytes: impl AsRef<[u8]>) {
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(bytes.as_ref()).unwrap();
}

fn line(second: i64, status: i64) -> String {
    format!("{{\"ts\":{},\"status\":{status}}}\n", T + second)
}

pub(super) fn question(bad: &str) -> Question {
    Question { bad: parse(bad).unwrap(), valid: None, from: T * 1_000_000, to: (T + 600) * 1_000_000, step: MINUTE }
}

/// All events apart by fields: the values, and how many and how many bad ones.
pub(super) fn apart(events: &Events, bad: &str, fields: &[&str]) -> Vec<(String, u64, u64)> {
    let by = Breakdown {
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        from: 0,
        to: i64::MAX,
        percentile: None,
    };
    let (table, _) = events.breakdown(Asked { bad: &parse(bad).unwrap(), valid: None, by: &by }).unwrap();
    let name = |row: &Row| row.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    table.rows.iter().map(|row| (name(row), row.total, row.bad)).collect()
}

/// Reads all there is.
fn poll(events: &mut Events) {
    while events.poll(u64::MAX).more {}
}

/// Valid and bad events, and lines that were not read.
fn figures(events: &mut Events) -> (u64, u64, u64) {
    let answer = events.series(&question("status >= 500")).unwrap();
    let sum = answer.series.sum(i64::MAX, i64::MAX);
    (sum.total, sum.bad, answer.reading.bad_lines)
}

fn opened(path: &Path) -> Events {
    let mut events = Events::open(path).unwrap();
    poll(&mut events);
    events
}

#[test]
fn given_events_when_asked_then_buckets_between_first_and_newest_are_known_and_others_are_not() {
    let (dir, path) = (dir(), "a.ndjson");
    let path = dir.path().join(path);
    append(&path, line(60, 200) + &line(65, 500) + &line(190, 200) + &line(-5000, 500));
    let mut events = opened(&path);
    let answer = events.series(&Question { from: (T - 30) * 1_000_000, ..question("status >= 500") }).unwrap();
    let bucket = |minute: i64, total, bad| Bucket { start: (T + minute * 60) * 1_000_000, total, bad };
    assert_eq!(
        answer.series.buckets(),
        [bucket(-1, 0, 0), bucket(0, 0, 0), bucket(1, 2, 1), bucket(2, 0, 0), bucket(3, 1, 0)]
    );
    assert_eq!((answer.rows, answer.newest, answer.later), (3, Some((T + 190) * 1_000_000), 0));
    append(&path, line(90_000_000, 200));
    poll(&mut events);
    let answer = events.series(&question("status >= 500")).unwrap();
    assert_eq!(
        (answer.newest, answer.later),
        (Some((T + 190) * 1_000_000), 1),
        "one event from the future hides no silence"
    );
}

#[test]
fn given_a_line_that_comes_in_pieces_when_polled_then_it_counts_once() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(&path, line(1, 200) + "{\"ts\":15627");
    let mut events = opened(&path);
    assert_eq!(figures(&mut events), (1, 0, 0));
    poll(&mut events);
    assert!(events.reading().files[0].unfinished);
    append(&path, "12602,\"status\":500}");
    poll(&mut events);
    assert_eq!(figures(&mut events), (1, 0, 0), "it has just grown, more may come");
    poll(&mut events);
    assert_eq!(figures(&mut events), (2, 1, 0), "it rests, and is a whole event");
    append(&path, "  \r\n");
    poll(&mut events);
    assert_eq!(figures(&mut events), (2, 1, 0), "its end is not a second one");
    append(&path, line(3, 500));
    poll(&mut events);
    assert_eq!(figures(&mut events), (3, 2, 0));
    assert!(!events.reading().files[0].unfinished);
}

#[test]
fn given_an_event_that_goes_on_after_it_was_counted_when_polled_then_the_rest_is_a_bad_line() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(&path, line(1, 500).trim_end());
    let mut events = opened(&path);
    poll(&mut events);
    assert_eq!(figures(&mut events), (1, 1, 0));
    append(&path, "{\"ts\":1}\n".to_owned() + &line(2, 500));
    poll(&mut events);
    assert_eq!(figures(&mut events), (2, 2, 1));
}

#[test]
fn given_a_rotated_file_when_polled_then_its_end_and_its_successor_are_read() {
    for whole_directory in [true, false] {
        let dir = dir();
        let path = dir.path().join("api.log");
        append(&path, line(1, 500));
        let mut events = opened(if whole_directory { dir.path() } else { &path });
        append(&path, line(2, 500));
        fs::rename(&path, dir.path().join("api.log.1")).unwrap();
        append(&path, line(3, 200));
        poll(&mut events);
        assert_eq!(figures(&mut events), (3, 2, 0));
        // the writer has not noticed yet
        append(&dir.path().join("api.log.1"), line(4, 500));
        poll(&mut events);
        assert_eq!(figures(&mut events), (4, 3, 0));
        (0..5).for_each(|_| poll(&mut events));
        assert_eq!(figures(&mut events), (4, 3, 0));
        assert_eq!(events.reading().files.iter().filter(|f| f.gone).count(), usize::from(!whole_directory));
    }
}

#[test]
fn given_a_file_that_is_cut_or_replaced_in_place_when_polled_then_it_is_read_from_its_beginning() {
    let dir = dir();
    let path = dir.path().join("a.log");
    append(&path, line(1, 500) + &line(2, 500));
    let mut events = opened(&path);
    fs::write(&path, line(3, 200)).unwrap();
    poll(&mut events);
    assert_eq!(figures(&mut events), (3, 2, 0));
    // longer than before, so only its first bytes tell
    fs::write(&path, line(4, 500) + &line(5, 500) + &line(6, 500)).unwrap();
    poll(&mut events);
    assert_eq!(figures(&mut events), (6, 5, 0));
    fs::write(&path, "").unwrap();
    poll(&mut events);
    append(&path, line(7, 500));
    poll(&mut events);
    assert_eq!(figures(&mut events), (7, 6, 0));
}

#[test]
fn given_a_file_whose_end_is_cut_off_when_polled_then_what_is_left_is_not_counted_again() {
    let dir = dir();
    let path = dir.path().join("a.log");
    append(&path, (0..50).map(|s| line(s, 500)).collect::<String>());
    let mut events = opened(&path);
    for lines in [40, 2, 0] {
        OpenOptions::new().write(true).open(&path).unwrap().set_len(lines * line(0, 500).len() as u64).unwrap();
        poll(&mut events);
    }
    assert_eq!(figures(&mut events), (50, 50, 0));
    append(&path, line(1, 200));
    poll(&mut events);
    assert_eq!(figures(&mut events), (51, 50, 0));
}

#[test]
fn given_a_directory_when_files_come_and_go_then_what_was_read_stays() {
    let dir = dir();
    let mut events = Events::open(dir.path()).unwrap();
    poll(&mut events);
    assert!(events.reading().troubles[0].contains("no event file"));
    append(&dir.path().join("b.ndjson"), line(1, 500));
    append(&dir.path().join("notes.txt"), line(1, 500));
    poll(&mut events);
    append(&dir.path().join("a.ndjson"), line(2, 500));
    poll(&mut events);
    assert_eq!(figures(&mut events), (2, 2, 0));
    fs::remove_file(dir.path().join("b.ndjson")).unwrap();
    (0..5).for_each(|_| poll(&mut events));
    assert_eq!(figures(&mut events), (2, 2, 0));
    assert_eq!(events.reading().files.iter().map(|f| f.gone).collect::<Vec<_>>(), [true, false]);
    let mut lost = Events::open(dir.path()).unwrap();
    poll(&mut lost);
    drop(dir);
    poll(&mut lost);
    assert_eq!(figures(&mut lost).0, 1);
    assert!(lost.reading().troubles[0].contains("cannot be looked at"), "{:?}", lost.reading().troubles);
    assert!(lost.reading().partial());
}

#[test]
fn given_nothing_there_when_opened_then_refused_in_three_sentences() {
    let error = Events::open("/nowhere/at all\u{1b}[2J").unwrap_err().to_string();
    assert!(error.contains("/nowhere/at all·[2J cannot be read"), "{error}");
}

#[test]
fn given_a_ten_megabyte_line_when_read_then_it_is_skipped_and_never_held() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(
        &path,
        line(1, 500)
            + "{\"ts\":1562712602,\"x\":\""
            + &"y".repeat(10 << 20)
            + "\"}\n"
            + &line(3, 500)
            + "{\"z\":\""
            + &"z".repeat(3 << 20),
    );
    let mut events = opened(&path);
    assert_eq!(figures(&mut events), (2, 2, 0));
    assert_eq!(events.reading().long_lines, 2);
    assert!(events.files.buffer.capacity() <= 4 * BLOCK, "{}", events.files.buffer.capacity());
    append(&path, "\"}\n".to_owned() + &line(4, 500) + "oops\n");
    poll(&mut events);
    assert_eq!(figures(&mut events), (3, 3, 1));
    assert!(events.reading().first_bad.unwrap().contains("a.ndjson line 6: "), "{:?}", events.reading().first_bad);
}

#[test]
fn given_binary_noise_when_read_then_the_events_around_it_count() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(&path, line(1, 500));
    let noise: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    append(&path, noise);
    append(&path, "\n".to_owned() + &line(2, 500) + "\0\0\0\0" + &line(3, 500));
    let mut events = opened(&path);
    let (total, bad, bad_lines) = figures(&mut events);
    assert_eq!((total, bad), (3, 3));
    assert!(bad_lines > 100);
    let first = events.reading().first_bad.unwrap();
    assert!(first.chars().all(|c| !c.is_control()) && first.contains(" line 2: "), "{first:?}");
    assert!(!events.reading().partial() && events.is_short(0, (T + 600) * 1_000_000));
}

#[test]
#[cfg(unix)]
fn given_a_file_that_cannot_be_looked_at_when_polled_then_others_go_on_and_it_is_said() {
    let dir = dir();
    append(&dir.path().join("b.log"), line(2, 500));
    // a link to itself fails for everybody, a superuser too
    std::os::unix::fs::symlink(dir.path().join("a.log"), dir.path().join("a.log")).unwrap();
    let mut events = opened(dir.path());
    assert_eq!(figures(&mut events), (1, 1, 0));
    assert!(events.reading().troubles[0].contains("a.log cannot be read"), "{:?}", events.reading().troubles);
    assert!(events.reading().partial());
    fs::remove_file(dir.path().join("a.log")).unwrap();
    append(&dir.path().join("a.log"), line(1, 500));
    poll(&mut events);
    assert_eq!(figures(&mut events), (2, 2, 0));
    assert!(!events.reading().partial());
}

#[test]
fn given_a_field_of_two_types_when_filtered_then_the_answer_says_what_it_does_not_see() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(&path, line(1, 401) + &line(2, 200) + "{\"ts\":1562712603,\"status\":\"401\"}\n");
    let mut events = opened(&path);
    let mut ask = |bad: &str| {
        let answer = events.series(&question(bad)).unwrap();
        (answer.series.sum(i64::MAX, i64::MAX).bad, answer.notes.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(
        ask("status = 401"),
        (1, vec!["status holds 2 numbers and 1 text; status = 401 looks only at numbers".to_owned()])
    );
    assert_eq!(ask("status in (401, \"401\")"), (2, vec![]));
    assert_eq!(
        ask("statsu = 401 or ts > 0"),
        (
            0,
            vec![
                "no event has a field statsu".into(),
                "ts is read as the time or the sample rate of events and cannot be filtered by".into()
            ]
        )
    );
}

#[test]
fn given_sample_rates_when_asked_then_counts_are_weighted_and_rows_are_not() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(
        &path,
        "{\"time\":\"2019-07-09T22:50:01Z\",\"samplerate\":20,\"data\":{\"status\":500}}\n".to_owned() + &line(2, 200),
    );
    let mut events = opened(&path);
    let answer = events.series(&question("status >= 500")).unwrap();
    let sum = answer.series.sum(i64::MAX, i64::MAX);
    assert_eq!((sum.total, sum.bad, answer.rows), (21, 20, 2));
}

#[test]
fn given_groups_when_asked_then_the_worst_come_first_and_each_event_is_in_one() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    for (build, good, bad) in [("\"v1\"", 9, 1), ("\"v2\"", 0, 5), ("7.0", 20, 1), ("true", 1, 0), ("null", 3, 0)] {
        let one = |status: i64| format!("{{\"ts\":{T},\"build\":{build},\"status\":{status}}}\n");
        append(&path, one(200).repeat(good) + &one(500).repeat(bad));
    }
    let events = opened(&path);
    let groups = apart(&events, "status >= 500", &["build"]);
    let named = |groups: &[(&str, u64, u64)]| {
        groups.iter().map(|(name, total, bad)| ((*name).to_owned(), *total, *bad)).collect::<Vec<_>>()
    };
    assert_eq!(groups, named(&[("\"v2\"", 5, 5), ("7", 21, 1), ("\"v1\"", 10, 1), ("null", 3, 0), ("true", 1, 0)]));
    let pairs = apart(&events, "status >= 500", &["status", "build"]);
    assert_eq!(pairs[..2], named(&[("500 \"v2\"", 5, 5), ("500 7", 1, 1)]));
    assert_eq!(pairs.len(), 7);
}

#[test]
fn given_a_limit_when_reached_then_reading_stops_and_names_it() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(&path, line(1, 500).repeat(100_000));
    let mut events = Events::open_within(&path, Limits { events: 1000, ..Limits::default() }).unwrap();
    poll(&mut events);
    let read = events.reading();
    assert!(read.events >= 1000 && read.events < 50_000, "{}", read.events);
    assert!(read.full.as_ref().unwrap().contains("limit of 1000 events (events.limit)"));
    assert!(read.behind && read.partial());
}

#[test]
fn given_a_small_budget_when_polled_then_every_file_gets_its_turn() {
    let dir = dir();
    for name in ["a.log", "b.log", "c.log"] {
        append(&dir.path().join(name), line(1, 500).repeat(100));
    }
    let mut events = Events::open(dir.path()).unwrap();
    let mut seen = vec![];
    for _ in 0..3 {
        assert!(events.poll(500).more);
        seen.push(events.reading().files.iter().map(|f| f.events > 0).collect::<Vec<_>>());
    }
    assert_eq!(seen, [[true, false, false], [true, true, false], [true, true, true]]);
    while events.poll(500).more {}
    assert_eq!(figures(&mut events), (300, 300, 0));
}

#[test]
fn given_a_question_asked_again_when_little_is_new_then_closed_blocks_are_not_counted_again() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    let lines: String = (0..200_000).map(|i| line(i % 500, if i % 10 == 0 { 500 } else { 200 })).collect();
    append(&path, &lines);
    let mut events = opened(&path);
    assert_eq!(figures(&mut events), (200_000, 20_000, 0));
    let first = events.memos[0].counted();
    append(&path, line(1, 500));
    poll(&mut events);
    assert_eq!(figures(&mut events), (200_001, 20_001, 0));
    assert!(first >= 4 && events.memos[0].counted() - first <= 2, "{first} and {}", events.memos[0].counted());
}

#[test]
fn given_an_end_that_cuts_a_bucket_when_asked_then_nothing_after_it_counts_whatever_was_remembered() {
    let dir = dir();
    let path = dir.path().join("a.log");
    // several blocks, the events of each second in any order
    append(
        &path,
        (0..200_000).map(|n| line(n * 7_919 % 1_000, if n / 1_000 % 10 == 0 { 500 } else { 200 })).collect::<String>(),
    );
    let mut events = opened(&path);
    let mut ask = |end: i64| {
        let to = (T + end) * 1_000_000;
        let answer = events.series(&Question { to, step: 10 * MINUTE, ..question("status >= 500") }).unwrap();
        let sum = answer.series.sum(i64::MAX, i64::MAX);
        assert!(answer.newest.is_some_and(|newest| newest < to), "{end}");
        (sum.total, sum.bad, answer.later)
    };
    let first = ask(1_200);
    assert_eq!(first, (200_000, 20_000, 0));
    for end in [1_i64, 400, 601, 999, 1_000] {
        let n = end.unsigned_abs() * 200;
        assert_eq!(ask(end), (n, n / 10, 200_000 - n), "{end}");
    }
    assert_eq!(ask(1_200), first);
}

#[test]
fn given_questions_without_sense_when_asked_then_refused_in_words() {
    let dir = dir();
    let mut events = opened(dir.path());
    for (question, why) in [
        (Question { step: 0, ..question("a = 1") }, "no width"),
        (Question { to: 0, ..question("a = 1") }, "ends before"),
        (Question { step: 1, ..question("a = 1") }, "1200000 buckets"),
        (Question { from: i64::MIN, to: i64::MAX, ..question("a = 1") }, "time"),
        (Question { from: i64::MIN, to: i64::MAX, step: 1, ..question("a = 1") }, "1200000 buckets"),
    ] {
        let error = events.series(&question).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

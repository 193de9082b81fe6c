//! Commands that record: what stands in the journal afterwards, and what happens when it may not.

use super::ship::{Run, Ship, ended, harmless};
use serde_json::Value;

fn declared() -> Ship {
    let ship = Ship::new();
    ship.does(&["declare", "API refuses all traffic", "-s", "sev1"]);
    ship
}

fn texts(show: &Value) -> Vec<String> {
    let entries = show["entries"].as_array().expect("entries").iter();
    entries
        .map(|entry| {
            format!("{}: {}", entry["label"].as_str().expect("a label"), entry["text"].as_str().expect("a text"))
        })
        .collect()
}

#[test]
fn given_an_incident_when_every_recording_command_is_used_then_each_stands_in_the_timeline() {
    let ship = declared();
    let commands: [&[&str]; 31] = [
        &["note", "-5m api-3 refuses"],
        &["note", "!", "keep", "this", "in", "view"],
        &["note", "? is data lost"],
        &["note", "> go back to 1822"],
        &["decide", "freeze releases", "--goal", "1"],
        &["question", "whose events are lost", "--of", "Eli", "--goal", "1"],
        &["question", "ask", "since when"],
        &["question", "answer", "2", "customers of the API"],
        &["task", "find the missing binary", "--owner", "Cho", "--within", "10m", "--goal", "3"],
        &["task", "open", "take the hold away", "--undo"],
        &["task", "done", "1", "the build step failed"],
        &["task", "drop", "2", "there was none"],
        &["task", "reopen", "1"],
        &["task", "done", "1"],
        &["checkin", "all are on it", "--answered", "Ben,Cho"],
        &["update", "We are refusing all API traffic.", "--next", "30m"],
        &["update", "It is the build.", "--internal"],
        &["promise", "a call back", "--to", "harbor", "--by", "20m", "--owner", "Eli"],
        &["promise", "kept", "2", "called"],
        &["promise", "make", "a report", "--to", "the board", "--by", "2h"],
        &["promise", "withdraw", "3", "they have it"],
        &["changed", "deploy", "api", "--from", "1822", "--to", "1823", "--by", "ci", "--at", "-20m"],
        &["link", "bridge", "meet/inc-1"],
        &["impact", "requests refused", "--count", "~40,000", "--data", "at-risk"],
        &["role", "take", "comms", "Ben"],
        &["role", "offer", "commander", "Ben"],
        &["--as", "Ben", "role", "accept", "commander"],
        &["goal", "rank", "4", "partners know"],
        &["mark", "look at this again", "--entry", "6"],
        &["severity", "sev2", "fewer are hurt"],
        &["phase", "monitoring", "1822 runs everywhere"],
    ];
    for command in commands {
        ship.does(command);
    }
    ship.does(&["--as", "Dev", "join"]);
    ship.does(&["correct", "6", "api-3 refuses connections", "--happened", "-6m", "--why", "looked again"]);
    ship.does(&["resolve", "15 good minutes"]);
    let refused = ship.run(&["close"]).ends(3);
    assert!(refused.err.contains("remains"), "{}", refused.err);
    ship.does(&["close", "--anyway", "the rest is in the review"]);
    ship.does(&["-i", "1", "reopen", "it is back"]);
    let show = ship.asks(&["show", "--all"]);
    let all = texts(&show).join("\n");
    for words in [
        "note: api-3 refuses connections",
        "question: is data lost",
        "decided: go back to 1822",
        "decided: freeze releases",
        "answer: question 2: customers of the API",
        "done: find the missing binary: the build step failed",
        "check-in: Ben, Cho: all are on it",
        "public: \"We are refusing all API traffic.\"",
        "internal: \"It is the build.\"",
        "kept: a call back to harbor",
        "change: deploy api from 1822 to 1823",
        "impact: 40,000 requests refused (estimated), data at risk",
        "role: is commander",
        "severity: SEV2: fewer are hurt",
        "phase: mitigated: 1822 runs everywhere",
        "phase: closed: the rest is in the review",
        "reopened: investigating: it is back",
    ] {
        assert!(all.contains(words), "{words} is not in\n{all}");
    }
    assert_eq!(show["commander"], "Ben");
    let places: Vec<u64> =
        show["entries"].as_array().expect("entries").iter().filter_map(|e| e["seq"].as_u64()).collect();
    let mut sorted = places.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=places.len() as u64).collect::<Vec<_>>(), "no gap");
}

#[test]
fn given_a_time_when_it_is_said_then_the_entry_has_it_and_says_how_late_it_is() {
    let ship = declared();
    let entry = |run: Value| run["entries"][0].clone();
    assert_eq!(entry(ship.asks(&["note", "-7m it broke"]))["late_min"], 7);
    assert_eq!(entry(ship.asks(&["note", "--at", "-9m", "it broke"]))["late_min"], 9);
    assert_eq!(entry(ship.asks(&["note", "it broke", "--at=-11m"]))["late_min"], 11);
    assert_eq!(entry(ship.asks(&["note", "it broke", "--at", "2019-07-09T22:50Z"]))["at"], "2019-07-09T22:50:00Z");
    ship.run(&["note", "x", "--at", "noonish"]).ends(2);
    ship.run(&["note", "x", "--at", "in 20m"]).ends(3);
}

#[test]
fn given_words_in_a_pipe_when_noted_then_their_lines_stay_and_what_is_too_long_is_refused() {
    let ship = declared();
    ship.pipe(&["note"], b"first line\r\nsecond line\n").ends(0);
    ship.pipe(&["note", "-"], b"from a dash").ends(0);
    let all = texts(&ship.asks(&["show", "--all"]));
    assert!(
        all.contains(&"note: first line\nsecond line".to_string()) && all.contains(&"note: from a dash".to_string()),
        "{all:?}"
    );
    ship.pipe(&["note"], b"").ends(3);
    ship.pipe(&["note"], "x".repeat(30_000).as_bytes()).ends(3);
    ship.pipe(&["note"], "x".repeat(10 << 20).as_bytes()).ends(3);
    ship.pipe(&["note"], b"\xff\xfe\0bytes").ends(0);
    assert_eq!(texts(&ship.asks(&["show", "--all"])).len(), all.len() + 1, "nothing else was recorded");
}

#[test]
fn given_several_open_incidents_when_something_is_said_to_none_of_them_then_the_words_are_kept() {
    let ship = declared();
    let second = ship.does(&["declare", "exports are late", "-s", "3"]);
    assert!(second.err.contains("open already: 1 SEV1"), "{}", second.err);
    let run = ship.run(&["note", "whose is this"]).ends(2);
    assert!(run.err.contains("-i") && run.err.contains("API refuses all traffic"), "{}", run.err);
    let drafts: Vec<_> = std::fs::read_dir(ship.path("state/quarterdeck/drafts")).expect("drafts").flatten().collect();
    let [draft] = drafts.as_slice() else { panic!("{drafts:?}") };
    let path = draft.path();
    assert!(run.err.contains(&*path.to_string_lossy()), "{}", run.err);
    assert_eq!(std::fs::read_to_string(&path).expect("kept"), "whose is this\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(draft.metadata().expect("there").mode() & 0o777, 0o600);
    }
    ship.pipe(&["note", "-i", "2", "-"], &std::fs::read(&path).expect("kept")).ends(0);
    assert!(texts(&ship.asks(&["-i", "2", "show"])).contains(&"note: whose is this".to_string()));
    ship.does(&["-i", "2", "fold", "1"]);
    ship.does(&["note", "one is open again"]);
    ship.run(&["-i", "1", "fold", "77"]).ends(3);
    let over = ship.run(&["-i", "1", "fold", "2"]).ends(3);
    assert!(over.err.contains("Incident 2 was folded into 1."), "{}", over.err);
}

#[test]
fn given_no_open_incident_when_something_is_said_then_three_sentences_say_what_to_do() {
    let ship = Ship::new();
    let run = ship.run(&["note", "hello"]).ends(2);
    assert!(
        run.err.contains("No incident is open") && run.err.contains("kept in") && run.err.contains("declare"),
        "{}",
        run.err
    );
    assert!(!ship.journal().exists(), "a note makes no journal");
    ship.run(&["-i", "7", "note", "hello"]).ends(2);
    ship.does(&["declare", "x", "-s", "4"]);
    ship.run(&["-i", "7", "note", "hello"]).ends(3);
}

#[test]
fn given_bad_usage_when_run_then_the_exit_code_is_two_and_for_a_refusal_three() {
    let ship = declared();
    for wrong in [
        &["nonsense"][..],
        &["declare", "x"],
        &["declare", "x", "-s", "sev9"],
        &["phase", "recovered"],
        &["link", "pigeon", "x"],
        &["role", "take", "cook", "Ben"],
        &["promise", "x", "--to", "y"],
        &["task", "x", "--within", "soon"],
        &["impact", "x", "--count", "many"],
        &["correct", "999", "x"],
        &["update", "x", "--next", "yesterday"],
    ] {
        ship.run(wrong).ends(2);
    }
    for refused in [
        &["task", "done", "9"][..],
        &["severity", "sev1"],
        &["decide", "x", "--goal", "8"],
        &["role", "leave", "commander"],
        &["role", "accept", "ops"],
        &["declare", "x", "-s", "1", "--began", "-5m", "--ended", "-10m"],
    ] {
        let run = ship.run(refused).ends(3);
        assert!(run.err.contains("Nothing was recorded."), "{}", run.err);
    }
}

#[test]
fn given_a_file_that_is_no_journal_when_used_then_the_tool_fails_and_leaves_it_alone() {
    let ship = Ship::new();
    let path = ship.write("other.journal", "not a journal, but somebody's file");
    for command in [&["list"][..], &["note", "x"], &["declare", "x", "-s", "1"]] {
        let mut arguments = vec!["--journal", "other.journal"];
        arguments.extend(command);
        ship.run(&arguments).ends(1);
    }
    assert_eq!(std::fs::read_to_string(path).expect("there"), "not a journal, but somebody's file");
}

#[test]
fn given_many_writers_at_once_when_each_notes_then_all_notes_stand_without_a_gap() {
    let ship = declared();
    let names: Vec<String> = (0..12).map(|n| format!("note number {n}")).collect();
    let writers: Vec<_> = names.iter().map(|name| ship.start(&["note", name])).collect();
    for writer in writers {
        ended(writer).ends(0);
    }
    let show = ship.asks(&["show", "--all"]);
    let all = texts(&show);
    assert!(names.iter().all(|name| all.contains(&format!("note: {name}"))), "{all:?}");
    assert_eq!(all.len(), 5 + names.len());
}

#[test]
fn given_many_who_declare_at_once_then_each_incident_has_its_own_number() {
    let ship = Ship::new();
    let titles: Vec<String> = (0..8).map(|n| format!("outage {n}")).collect();
    let writers: Vec<_> = titles.iter().map(|title| ship.start(&["--json", "declare", title, "-s", "2"])).collect();
    let runs: Vec<Run> = writers.into_iter().map(ended).collect();
    let mut numbers: Vec<u64> =
        runs.into_iter().map(|run| run.ends(0).data()["incident"].as_u64().expect("a number")).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=8).collect::<Vec<u64>>());
    let list = ship.asks(&["list"]);
    let mut listed: Vec<&str> =
        list["incidents"].as_array().expect("incidents").iter().filter_map(|i| i["title"].as_str()).collect();
    listed.sort_unstable();
    assert_eq!(listed, titles);
}

#[test]
fn given_hostile_words_when_recorded_then_nothing_of_them_reaches_the_journal_or_the_terminal() {
    let ship = Ship::new();
    let hostile = "a\u{1b}]52;c;aGk=\u{7}b\u{9b}31mc\u{202e}d\u{200b}e";
    ship.does(&["declare", hostile, "-s", "1"]);
    ship.does(&["--as", "Ana", "note", hostile]);
    ship.does(&["task", hostile, "--owner", hostile]);
    ship.does(&["link", "document", hostile]);
    let exported = ship.does(&["export", "-f", "json"]).out;
    assert!(
        !exported.contains("\\u001b") && !exported.contains('\u{202e}'),
        "cleaned before it was recorded: {exported}"
    );
    for command in [&["show", "--all"][..], &["list"], &["status"], &["status", "--format", "say"], &["--json", "show"]]
    {
        harmless(&ship.does(command).out);
    }
    for wrong in [
        &["-i", "9", "note", hostile][..],
        &["phase", hostile],
        &["task", "done", "1", "--at", hostile],
        &["switch", "stop", hostile],
    ] {
        harmless(&ship.run(wrong).err);
    }
}

#[test]
fn given_foreign_entries_with_hostile_words_when_read_then_they_are_shown_harmless_and_kept_verbatim() {
    let ship = Ship::new();
    let row = |seq: u64, kind: &str, fact: &str| {
        format!(
            "{{\"seq\":{seq},\"entry\":\"{seq:032x}\",\"at\":\"2019-07-09T22:50:00Z\",\"recorded\":\"2019-07-09T22:50:00Z\",\"author\":\"A\\u001b[2Jna\",\"session\":\"0000000000000001\",\"kind\":\"{kind}\",\"fact\":{fact}}}"
        )
    };
    let rows = [
        row(1, "declared", "{\"title\":\"x\\u001b]0;owned\\u0007y\\u202ez\",\"severity\":\"sev1\"}"),
        row(2, "noted", "{\"text\":\"\\u009b31mred\\nline\"}"),
    ];
    let document = format!("{{\"quarterdeck\":1,\"incident\":5,\"entries\":[\n{}\n]}}\n", rows.join(",\n"));
    ship.pipe(&["import", "json", "-"], document.as_bytes()).ends(0);
    for command in [
        &["show", "--all"][..],
        &["list"],
        &["status"],
        &["status", "--format", "tmux"],
        &["status", "--format", "say"],
        &["--json", "show"],
        &["export", "-f", "markdown"],
    ] {
        harmless(&ship.does(command).out);
    }
    harmless(&ship.run(&["declare", "another", "-s", "2"]).err);
    assert!(ship.does(&["-i", "5", "export", "-f", "json"]).out.contains("x\\u001b]0;owned\\u0007y"));
}

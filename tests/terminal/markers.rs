//! The built program and a Honeycomb in memory that shows markers: set once by whoever wrote what they are about, never twice, never by a drill,
//! and never in the way of anything.

use super::aboard::{board, drill, jump, read, rest};
use super::pty::Pty;
use crate::cli::ship::{Ship, ended};
use crate::liaison::honeycomb_fake::{Fake, Marking};
use crate::liaison::loopback::{Manner, nobody, status};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const FLAGS: &str = r#"{"flags": {"release": {"state": "ENABLED", "variants": {"1822": "1822", "1823": "1823"}, "defaultVariant": "1823"}}}"#;
/// Older than the minute in which another run may still bring an outcome.
const AGED: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()).expect("in range")
}

/// A ship with a switch, a page and a backend at an address that shows markers.
fn ship(url: &str) -> Ship {
    let ship = Ship::new();
    ship.write("flags/flags.json", FLAGS);
    std::fs::create_dir_all(ship.path("public")).expect("a directory");
    ship.configure(&configuration(&ship, url));
    ship
}

fn configuration(ship: &Ship, url: &str) -> String {
    let key = ship.write("honeycomb.key", "right-key\n");
    format!(
        "[[backend]]\nname = 'hny'\nkind = 'honeycomb'\nurl = '{url}'\ntoken = {{ file = '{}' }}\nmarkers = 'api'\n\
         [[switch]]\nname = 'release'\nkind = 'flagd'\nfile = '~/flags/flags.json'\nflag = 'release'\nstop = '1822'\ncritical = false\n\
         [[channel]]\nname = 'page'\nkind = 'page'\ndir = '~/public'\n",
        key.display()
    )
}

/// The entries of a kind.
fn entries(ship: &Ship, kind: &str) -> Vec<Value> {
    let shown = ship.asks(&["-i", "1", "show", "--all"]);
    let all = shown["entries"].as_array().expect("entries").clone();
    all.into_iter().filter(|entry| entry["kind"] == kind).collect()
}

fn texts(ship: &Ship, kind: &str) -> Vec<String> {
    entries(ship, kind).iter().map(|entry| entry["text"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Outcomes of markers, in words.
fn outcomes(ship: &Ship) -> Vec<String> {
    texts(ship, "settled").into_iter().filter(|text| text.starts_with("marker")).collect()
}

/// The same incident in another home, five minutes older.
fn aged(ship: &Ship, url: &str) -> Ship {
    let mut document: Value = serde_json::from_str(&ship.does(&["-i", "1", "export", "-f", "json"]).out).expect("JSON");
    for entry in document["entries"].as_array_mut().expect("entries") {
        for name in ["at", "recorded"] {
            let time = chrono::DateTime::parse_from_rfc3339(entry[name].as_str().expect("a time")).expect("a time");
            entry[name] = (time - AGED).to_utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into();
        }
    }
    let older = self::ship(url);
    let file = older.write("older.json", &document.to_string());
    older.does(&["import", "json", &file.to_string_lossy()]);
    older
}

#[test]
fn given_an_incident_by_commands_when_it_takes_its_course_then_each_turn_is_marked_once() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url());
    ship.does(&["declare", "API refuses all traffic", "-s", "sev1"]);
    ship.does(&["note", "nothing for others"]);
    ship.does(&["switch", "stop", "release", "--reason", "no binary"]);
    ship.does(&["update", "We go back to 1822."]);
    ship.does(&["update", "--internal", "not for the graphs"]);
    ship.does(&["switch", "revert", "release"]);
    ship.does(&["resolve"]);
    let title = "API refuses all traffic";
    let wanted = [
        format!("1 declared: {title}"),
        format!("1 release stopped, serves 1822: {title}"),
        format!("1 update: {title} \u{2013} We go back to 1822."),
        format!("1 release reverted, serves 1823: {title}"),
        format!("1 resolved: {title}"),
    ];
    assert_eq!(fake.marked("api"), wanted);
    assert_eq!(fake.times("POST /1/markers/api"), wanted.len());
    assert_eq!(fake.times("GET"), 0, "what was answered is not looked for");
    assert_eq!(outcomes(&ship), vec!["marker at hny done"; wanted.len()]);
    let kinds: Vec<Value> = entries(&ship, "marker-intended");
    assert_eq!(kinds.len(), wanted.len(), "the data keep every entry");
    // each second is the one of what it is about
    let memory = fake.memory.lock().expect("whole");
    let declared = entries(&ship, "declared")[0]["at"].as_str().expect("a time").to_owned();
    let declared = chrono::DateTime::parse_from_rfc3339(&declared).expect("a time").timestamp();
    assert_eq!(memory.markers[0].1["start_time"].as_i64(), Some(declared));
    drop(memory);
    // the report tells no marker that went well, and what leaves and comes back is the same
    let report = ship.does(&["-i", "1", "export", "-f", "markdown"]).out;
    assert!(!report.contains("**marker**"), "{report}");
    let document = ship.does(&["-i", "1", "export", "-f", "json"]).out;
    let other = Ship::new();
    let file = other.write("it.json", &document);
    other.does(&["import", "json", &file.to_string_lossy()]);
    assert_eq!(texts(&other, "marker-intended"), texts(&ship, "marker-intended"));
}

#[test]
fn given_a_restricted_incident_when_it_takes_its_course_then_nothing_that_was_written_leaves() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url());
    ship.does(&["declare", "Tokens leaked", "-s", "sev1", "--restricted"]);
    ship.does(&["switch", "stop", "release", "--reason", "no binary"]);
    ship.does(&["update", "We have shut it down."]);
    ship.does(&["resolve"]);
    assert_eq!(fake.marked("api"), ["1 declared", "1 switch stopped", "1 update", "1 resolved"]);
    let all: String = fake.server.asked().iter().map(|asked| asked.body.clone()).collect();
    for secret in ["leaked", "shut", "release", "binary", "1822"] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[test]
fn given_a_honeycomb_that_fails_when_anything_is_done_then_it_is_done_and_the_record_says_what_became_of_the_marker() {
    for (marking, outcome, looks) in [
        (Marking::Not(status(503, "<html>\u{1b}[2J</html>")), "unsure", 1),
        (Marking::Not(Manner::Rude), "unsure", 1),
        (Marking::Not(status(422, "{\"error\":\"no\"}")), "refused", 0),
    ] {
        let fake = Fake::at(now);
        fake.marking(marking);
        let ship = ship(&fake.server.url());
        let run = ship.does(&["declare", "API refuses all traffic", "-s", "sev1"]);
        assert!(run.err.contains(&format!("marker at hny {outcome}: hny (http://127.0.0.1")), "{run:?}");
        crate::cli::ship::harmless(&run.err);
        assert!(outcomes(&ship)[0].starts_with(&format!("marker at hny {outcome}")), "{:?}", outcomes(&ship));
        // nobody is sure: it is looked for at once, and a second later, since the list may lag
        assert_eq!((fake.times("POST /1/markers/"), fake.times("GET /1/markers/")), (1, 2 * looks));
        assert_eq!(texts(&ship, "seen").len(), looks);
        let stop = ship.does(&["switch", "stop", "release", "--reason", "too slow"]);
        assert!(stop.out.contains("done"), "{stop:?}");
    }
    let ship = ship(&nobody());
    let run = ship.does(&["--json", "declare", "API refuses all traffic", "-s", "sev1"]);
    assert_eq!(run.data()["incident"].as_u64(), Some(1));
    assert!(outcomes(&ship)[0].starts_with("marker at hny refused"), "nothing was sent: {:?}", outcomes(&ship));
}

#[test]
fn given_a_honeycomb_that_hangs_when_declared_then_the_answer_comes_before_it() {
    let fake = Fake::at(now);
    fake.marking(Marking::Not(Manner::Silent));
    let ship = ship(&fake.server.url());
    let began = Instant::now();
    let mut child = ship.start(&["declare", "API refuses all traffic", "-s", "sev1"]);
    let mut answer = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    answer.read_line(&mut line).expect("an answer");
    assert_eq!(line, "incident 1\n");
    assert!(began.elapsed() < Duration::from_secs(4), "a marker is waited for longer: {:?}", began.elapsed());
    assert!(child.try_wait().expect("its state").is_none(), "it still waits for the marker");
    assert!(ship.does(&["-i", "1", "note", "the incident is there"]).out.contains("the incident is there"));
    answer.read_to_string(&mut line).expect("the rest");
    assert_eq!(ended(child).ends(0).code, 0);
    assert!(outcomes(&ship)[0].contains("unsure: hny (http://127.0.0.1"), "{:?}", outcomes(&ship));
}

#[test]
fn given_a_command_killed_between_intent_and_outcome_when_the_next_one_comes_then_it_looks_and_never_sends() {
    for is_set in [true, false] {
        let fake = Fake::at(now);
        fake.marking(if is_set { Marking::DoneBut(Manner::Silent) } else { Marking::Not(Manner::Silent) });
        let ship = ship(&fake.server.url());
        let child = ship.start(&["declare", "API refuses all traffic", "-s", "sev1"]);
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process")).expect("a process");
        fake.wait_for_markers(1);
        kill_process(pid, Signal::KILL).expect("killed");
        ended(child);
        assert_eq!((entries(&ship, "marker-intended").len(), outcomes(&ship).len()), (1, 0));
        fake.marking(Marking::Done);

        // at once: the run that wrote it may still bring an outcome
        ship.does(&["update", "We are on it."]);
        assert_eq!((fake.times("POST /1/markers/"), fake.times("GET /1/markers/")), (2, 0));

        let older = aged(&ship, &fake.server.url());
        older.does(&["resolve"]);
        let seen = texts(&older, "seen");
        let wanted = if is_set { "marker at hny: it is marker " } else { "no marker at hny: it is not among the " };
        assert!(seen.len() == 1 && seen[0].starts_with(wanted), "{seen:?}");
        let declared = |words: &String| words.contains("declared");
        assert_eq!(fake.marked("api").iter().filter(|words| declared(words)).count(), usize::from(is_set));
        assert_eq!(fake.times("POST /1/markers/"), 3, "declared, updated and resolved, each once");
    }
}

/// Declares on the screen.
fn declare(screen: &Pty) {
    screen.wait_text("NO INCIDENT DECLARED");
    screen.send("i");
    screen.wait_text("noticed by");
    screen.send("API refuses all traffic\r");
    read(screen, "API refuses all traffic");
}

#[test]
fn given_two_screens_on_one_journal_when_one_says_something_then_it_alone_sets_the_marker() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url());
    let ana = board(&ship, &[], (120, 36));
    declare(&ana);
    ana.wait_until("the marker is set and that is recorded", || outcomes(&ship) == ["marker at hny done"]);
    let ben = board(&ship, &["--as", "Ben"], (120, 36));
    read(&ben, "API refuses all traffic");
    rest(&ana);
    ana.send("u");
    ana.wait_text("everybody who reads page");
    ana.send("We go back to 1822.\r");
    ben.wait_text("We go back to 1822.");
    ana.wait_until("both are recorded", || outcomes(&ship).len() == 2);
    ship.does(&["--as", "Cho", "resolve"]);
    ben.wait_text("RESOLVED");
    ana.wait_text("RESOLVED");
    rest(&ana);
    assert_eq!((fake.marked("api").len(), fake.times("POST /1/markers/"), fake.times("GET /1/markers/")), (3, 3, 0));
    for screen in [&ana, &ben] {
        assert!(!screen.contents().contains("at hny"), "what went well has no row: {}", screen.contents());
    }
}

#[test]
fn given_a_screen_killed_between_intent_and_outcome_when_opened_again_then_it_looks_and_never_sends() {
    let fake = Fake::at(now);
    fake.marking(Marking::DoneBut(Manner::Silent));
    let ship = ship(&fake.server.url());
    let mut screen = board(&ship, &[], (120, 36));
    declare(&screen);
    screen.wait_text("at hny: 1 declared: API refuses all traffic");
    fake.wait_for_markers(1);
    screen.signal(Signal::KILL);
    screen.wait_exit();
    assert_eq!((entries(&ship, "marker-intended").len(), outcomes(&ship).len()), (1, 0));

    let older = aged(&ship, &fake.server.url());
    let screen = board(&older, &[], (120, 36));
    screen.wait_until("what was seen is recorded", || texts(&older, "seen").len() == 1);
    screen.wait_text("no answer, seen ");
    assert!(!screen.contents().contains("UNSURE"), "it is quiet: {}", screen.contents());
    drop(screen);
    // once is enough
    let screen = board(&older, &[], (120, 36));
    read(&screen, "API refuses all traffic");
    rest(&screen);
    assert_eq!((fake.times("POST /1/markers/"), fake.times("GET /1/markers/")), (1, 1));
    assert_eq!(texts(&older, "seen").len(), 1);
}

#[test]
fn given_a_honeycomb_that_hangs_when_commanding_then_a_stop_is_done_and_leaving_waits_for_the_outcome() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url());
    ship.does(&["declare", "API refuses all traffic", "-s", "sev1"]);
    fake.marking(Marking::Not(Manner::Silent));
    let mut screen = board(&ship, &[], (120, 36));
    read(&screen, "API refuses all traffic");
    screen.send("u");
    screen.wait_text("everybody who reads page");
    screen.send("We go back to 1822.\r");
    screen.wait_text("at hny: 1 update");
    let (began, sent) = (Instant::now(), fake.times("POST /1/markers/"));
    rest(&screen);
    screen.send("2x");
    screen.wait_text("stop for everybody");
    screen.send("\r");
    screen.wait_text("for the record");
    screen.send("no binary\r");
    screen.wait_text("release  STOPPED  serves 1822");
    assert!(sent <= 2 && began.elapsed() < Duration::from_secs(30), "{sent} {:?}", began.elapsed());
    rest(&screen);
    screen.send("\x03");
    screen.wait_text("Ctrl-C again leaves");
    screen.send("\x03");
    assert!(screen.wait_exit().success());
    // both are settled: the program waited for the second
    assert_eq!(outcomes(&ship).len(), 3, "{:?}", outcomes(&ship));
}

#[test]
fn given_a_configuration_with_markers_when_a_drill_is_played_then_none_leaves_it() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url());
    let screen = board(&ship, &["drill"], (120, 36));
    screen.wait_text("release  serves 1823");
    jump(&ship, &screen, "22:53:30");
    screen.send("i");
    screen.wait_text("noticed by");
    screen.send("\r");
    screen.wait_text("SEV1  INVESTIGATING");
    rest(&screen);
    screen.send("u");
    screen.wait_text("everybody who reads page");
    screen.send("Requests are refused.\r");
    screen.wait_text("visible 22:5");
    // the same journal by commands
    let journal = drill(&ship).join("journal/quarterdeck.journal").to_string_lossy().into_owned();
    let in_drill = |arguments: &[&str]| {
        let mut all = vec!["--journal", &journal];
        all.extend(arguments);
        ship.does(&all)
    };
    in_drill(&["update", "We go back to 1822."]);
    in_drill(&["switch", "stop", "release", "--confirm", "production/release"]);
    in_drill(&["resolve"]);
    screen.wait_text("RESOLVED");
    let document = in_drill(&["export", "-f", "json"]).out;
    assert!(!document.contains("marker-intended"), "{document}");
    drop(screen);
    assert!(fake.server.asked().is_empty(), "{:?}", fake.server.asked());
}

#[test]
fn given_a_key_that_may_not_set_markers_when_the_doctor_looks_then_that_is_said_before_it_is_needed() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url());
    let well = ship.run(&["doctor"]);
    assert!(well.out.contains("markers hny: markers go to api of acme, environment production"), "{well:?}");
    fake.memory.lock().expect("whole").lacks = vec!["markers"];
    let lacks = ship.run(&["doctor"]);
    assert!(lacks.out.contains("missing  markers hny") && lacks.out.contains("\"Manage Markers\""), "{lacks:?}");
    assert_eq!(fake.times("POST"), 0, "the doctor sets nothing");
}

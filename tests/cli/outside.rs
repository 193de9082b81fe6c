//! Commands that reach outside or count: switches, updates, burn, drills.

use super::ship::{Ship, ended};
use crate::liaison::loopback::{Loopback, json};
use quarterdeck::incident::entry::{Entry, EntryId, STANDING, Session};
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::intent::Seen;
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::journal::Journal;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::time::{Duration, Instant};

const FLAGS: &str = r#"{
  "flags": {
    "release": { "state": "ENABLED", "variants": { "1822": "1822", "1823": "1823" }, "defaultVariant": "1823" },
    "other": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" }
  }
}
"#;

fn equipped() -> Ship {
    let ship = Ship::new();
    ship.write("flags.json", FLAGS);
    std::fs::create_dir_all(ship.path("public")).expect("a directory");
    ship.configure(
        "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags.json\"\nflag = \"release\"\nstop = \"1822\"\ncritical = true\n\
         [[switch]]\nname = \"other\"\nkind = \"flagd\"\nfile = \"~/flags.json\"\nflag = \"other\"\nstop = \"off\"\ncritical = false\n\
         [[channel]]\nname = \"page\"\nkind = \"page\"\ndir = \"~/public\"\ntitle = \"Example status\"\n",
    );
    ship
}

#[test]
fn given_a_critical_switch_when_stopped_then_only_its_exact_name_does_it_and_the_revert_is_to_the_byte() {
    let ship = equipped();
    ship.does(&["declare", "1823 is broken", "-s", "sev1"]);
    let before = ship.asks(&["show"])["entries"].as_array().expect("entries").len();
    let dry = ship.does(&["switch", "stop", "release", "--dry-run"]);
    assert!(dry.out.contains("1823") && dry.out.contains("1822"), "{}", dry.out);
    let bare = ship.run(&["switch", "stop", "release"]).ends(3);
    assert!(bare.err.contains("--confirm production/release") && bare.err.contains("serves 1823 now"), "{}", bare.err);
    ship.run(&["switch", "stop", "release", "--confirm", "release"]).ends(3);
    let other =
        ship.run(&["switch", "stop", "release", "--confirm", "production/release", "--if-serves", "1821"]).ends(3);
    let next = "To do that: quarterdeck switch stop release --confirm production/release --if-serves 1823";
    assert!(other.err.contains("release serves 1823, not 1821. ") && other.err.contains(next), "{}", other.err);
    ship.run(&["switch", "stop", "releas"]).ends(2);
    assert_eq!(ship.reads("flags.json"), FLAGS, "nothing was changed so far");
    assert_eq!(ship.asks(&["show"])["entries"].as_array().expect("entries").len(), before, "nor recorded");

    let stop = ship.asks(&[
        "switch",
        "stop",
        "release",
        "--confirm",
        "production/release",
        "--if-serves",
        "1823",
        "--reason",
        "no executable",
    ]);
    assert_eq!((&stop["outcome"], &stop["value"]), (&"done".into(), &"1822".into()));
    assert_ne!(ship.reads("flags.json"), FLAGS);
    let list = ship.asks(&["switch", "list"]);
    assert_eq!((&list["switches"][0]["serves"], &list["switches"][0]["last"]["by"]), (&"1822".into(), &"Ana".into()));
    let again = ship.does(&["switch", "stop", "release", "--confirm", "production/release"]);
    assert!(again.out.contains("already"), "{}", again.out);
    let kinds: Vec<String> = ship.asks(&["show"])["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|e| e["kind"].as_str().map(str::to_string))
        .collect();
    assert!(kinds.ends_with(&["intended".into(), "settled".into()]), "{kinds:?}");

    // somebody else may not take it back without the name; the one who stopped it may, within a quarter of an hour
    ship.run(&["--as", "Ben", "switch", "revert", "release"]).ends(3);
    ship.does(&["switch", "revert", "release"]);
    assert_eq!(ship.reads("flags.json"), FLAGS);
    let nothing = ship.run(&["switch", "revert", "release"]).ends(3);
    assert!(nothing.err.contains("No act on release"), "{}", nothing.err);
}

#[test]
fn given_no_incident_when_a_switch_is_stopped_then_it_is_recorded_all_the_same() {
    let ship = equipped();
    ship.run(&["switch", "stop", "other"]).ends(3);
    ship.does(&["switch", "stop", "other", "--reason", "too slow"]);
    assert!(ship.reads("flags.json").contains("\"defaultVariant\": \"off\""), "{}", ship.reads("flags.json"));
    let list = ship.asks(&["switch", "list"]);
    assert_eq!(list["switches"][1]["last"]["outcome"], "done");
    assert_eq!(
        (&list["switches"][0]["standing"], &list["switches"][1]["standing"]),
        (&"running".into(), &"stopped".into())
    );
    let words = ship.does(&["switch", "list"]).out;
    assert!(words.contains("other        STOPPED  serves ") && words.matches("STOPPED").count() == 1, "{words}");
    let no_step = ship.run(&["switch", "restore", "release", "--percent", "5"]).ends(3);
    assert!(no_step.err.contains("5 % is no step back"), "{}", no_step.err);
    assert_eq!(ship.asks(&["list", "--all"])["incidents"].as_array().map(Vec::len), Some(0));
    // an incident that was declared since does not hide what was done before it
    ship.does(&["declare", "x", "-s", "2"]);
    ship.does(&["switch", "restore", "other"]);
    assert_eq!(ship.reads("flags.json"), FLAGS);
}

#[test]
fn given_an_act_alone_whose_outcome_was_lost_when_it_is_taken_back_then_it_is_looked_for_first() {
    let whole = equipped();
    whole.does(&["switch", "stop", "other", "--reason", "too slow"]);
    let stopped = whole.reads("flags.json");
    let journal = Journal::open_for_reading(&whole.journal()).expect("the journal");
    let mut entries = journal.read_since(STANDING, 0, 100).expect("entries").entries;
    let place = entries.iter().position(|entry| matches!(entry.fact, Fact::Intended(_))).expect("the intent");
    entries.truncate(place + 1);
    // the program was gone before it could write the outcome down, five minutes ago
    for entry in &mut entries {
        for time in [&mut entry.at, &mut entry.recorded] {
            *time = Time(time.0 - Span::minutes(5).0);
        }
    }
    let ship = whole.copy();
    std::fs::remove_dir_all(ship.path("data")).expect("the journal's directory");
    std::fs::create_dir_all(ship.journal().parent().expect("in the home")).expect("a directory");
    let mut journal = Journal::open_for_writing(&ship.journal(), true).expect("a journal");
    journal.append_after(STANDING, 0, entries).expect("appended");
    drop(journal);

    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("UNSURE: it has no outcome"), "{list}");
    let dry = ship.run(&["switch", "revert", "other", "--dry-run"]).ends(3);
    assert!(dry.err.contains("its outcome is not known yet"), "{}", dry.err);
    assert!(dry.err.contains("Leave out --dry-run"), "{}", dry.err);
    assert_eq!(ship.reads("flags.json"), stopped, "nothing is sent by looking");
    let back = ship.does(&["switch", "revert", "other"]);
    assert!(back.err.contains("UNSURE: stop other, asked by Ana") && back.err.contains("as was asked"), "{}", back.err);
    assert_eq!(ship.reads("flags.json"), FLAGS);
    let again = ship.run(&["switch", "revert", "other"]).ends(3);
    assert!(again.err.contains("No act on other") && !again.err.contains("UNSURE"), "{}", again.err);
}

/// A copy of a ship whose newest act has no outcome, and may have one any moment.
fn under_way(whole: &Ship) -> Ship {
    let journal = Journal::open_for_reading(&whole.journal()).expect("the journal");
    let mut entries = journal.read_since(STANDING, 0, 100).expect("entries").entries;
    let place = entries.iter().rposition(|entry| matches!(entry.fact, Fact::Intended(_))).expect("the intent");
    entries.truncate(place + 1);
    let ship = whole.copy();
    std::fs::remove_dir_all(ship.path("data")).expect("the journal's directory");
    std::fs::create_dir_all(ship.journal().parent().expect("in the home")).expect("a directory");
    let mut journal = Journal::open_for_writing(&ship.journal(), true).expect("a journal");
    journal.append_after(STANDING, 0, entries).expect("appended");
    ship
}

#[test]
fn given_somebody_else_s_act_that_is_under_way_when_the_opposite_is_asked_for_then_it_is_not_so_already() {
    let whole = equipped();
    let config = whole.reads("config/quarterdeck/config.toml");
    whole.configure(&format!("{config}[[plan]]\nname = 'shut'\nswitches = ['release', 'other']\n"));
    whole.does(&["switch", "stop", "other", "--reason", "too slow"]);
    let stopped = whole.reads("flags.json");
    let back = ["--as", "Ben", "switch", "revert", "other", "--confirm", "production/other", "--reason", "it is well"];
    whole.does(&back);
    // what Ben gives back has not come to the file yet
    let ship = under_way(&whole);
    ship.write("flags.json", &stopped);
    let words =
        ["Ben asked to revert other at", "its outcome is not known yet", "Nothing was sent", "Wait for it, until"];
    let plan = ["switch", "plan", "stop", "shut", "--confirm", "plan/shut", "--reason", "all of it"];
    let stop = ["switch", "stop", "other", "--reason", "still slow"];
    let dry = ["switch", "stop", "other", "--dry-run"];
    for asked in [&stop[..], &dry[..], &plan[..], &plan[..4], &["--json", "switch", "stop", "other"]] {
        let run = ship.run(asked).ends(3);
        let said = run.out.clone() + &run.err;
        assert!(words.iter().all(|words| said.contains(words)), "{asked:?}: {run:?}");
        assert!(!said.contains("already"), "{asked:?}: {run:?}");
    }
    assert_eq!(ship.reads("flags.json"), stopped, "nothing is sent");

    // the mirror: what Ben stops is served still
    let mirror = equipped();
    mirror.configure(&config.replace("critical = false\n", "critical = false\nrestore = 'on'\n"));
    mirror.does(&["--as", "Ben", "switch", "stop", "other", "--reason", "too slow"]);
    let ship = under_way(&mirror);
    ship.write("flags.json", FLAGS);
    let config = ship.reads("config/quarterdeck/config.toml");
    ship.configure(&format!("{config}[[plan]]\nname = 'shut'\nswitches = ['release', 'other']\n"));
    let plan = ["switch", "plan", "revert", "shut"];
    for asked in [&["switch", "restore", "other"][..], &["switch", "revert", "other"], &plan] {
        let run = ship.run(asked).ends(3);
        assert!(run.err.contains("Ben asked to stop other at") && !run.out.contains("already"), "{asked:?}: {run:?}");
    }
}

#[test]
fn given_a_stop_that_somebody_else_put_back_when_it_is_taken_back_then_there_is_nothing_to_undo_but_what_stands_again()
{
    let ship = equipped();
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    ship.does(&["switch", "stop", "other", "--reason", "too slow"]);
    let stopped = ship.reads("flags.json");
    ship.write("flags.json", FLAGS);
    let mut journal = Journal::open_for_writing(&ship.journal(), false).expect("the journal");
    let entries = journal.read_since(1, 0, 100).expect("entries").entries;
    let stop = entries.iter().find(|entry| matches!(entry.fact, Fact::Intended(_))).expect("the intent").id;
    let last = entries.last().expect("an entry").clone();
    let seen = Seen {
        target: "other".into(),
        value: String::new(),
        intent: Some(stop),
        detail: "put back by sync-bot, not from here".into(),
        found: None,
    };
    let Some(Fact::Intended(what)) = entries.iter().find(|entry| entry.id == stop).map(|entry| &entry.fact) else {
        panic!("the intent");
    };
    let seen = Seen { value: what.from.clone().expect("what was served"), ..seen };
    let (seq, head) = (last.seq + 1, last.seq);
    let entry = Entry { seq, id: EntryId::of(Session(9), 1), session: Session(9), fact: seen.into(), ..last };
    journal.append_after(1, head, vec![entry]).expect("appended");
    drop(journal);

    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("by sync-bot, not from here"), "{list}");
    let back = ship.run(&["switch", "revert", "other"]).ends(3);
    assert!(back.err.contains("The stop of other was put back at "), "{}", back.err);
    assert!(back.err.contains("Nothing is left to undo."), "{}", back.err);
    let longer = ship.run(&["switch", "extend", "other", "--until", "2h", "--reason", "still slow"]).ends(3);
    assert!(longer.err.contains("is to be undone"), "{}", longer.err);
    assert_eq!(ship.asks(&["show"])["remains"], serde_json::json!(["it is not resolved"]));
    // whoever looks finds it stopped again: that is taken back
    ship.write("flags.json", &stopped);
    ship.does(&["switch", "revert", "other"]);
    assert_eq!(ship.reads("flags.json"), FLAGS);
}

#[test]
fn given_no_screen_when_what_was_put_back_is_asked_back_then_it_is_written_down_and_nothing_is_left_to_undo() {
    for command in ["revert", "restore"] {
        let ship = equipped();
        ship.does(&["declare", "exports are slow", "-s", "sev1"]);
        ship.does(&["switch", "stop", "other", "--reason", "too slow"]);
        ship.write("flags.json", FLAGS);
        let remains = |ship: &Ship| ship.asks(&["show"])["remains"].as_array().expect("a list").len();
        assert_eq!(remains(&ship), 2, "{}", ship.asks(&["show"])["remains"]);
        let dry = ship.run(&["switch", command, "other", "--dry-run"]).ends(0);
        assert!(dry.out.contains("already") && remains(&ship) == 2, "{dry:?}");
        let back = ship.run(&["switch", command, "other"]).ends(0);
        assert!(
            back.err.contains("The stop of other was put back by somebody: nothing of it is left to undo."),
            "{back:?}"
        );
        assert_eq!(remains(&ship), 1);
        assert!(ship.does(&["show"]).out.contains("by somebody, not from here"));
        assert_eq!(ship.reads("flags.json"), FLAGS, "nothing was sent");
    }
}

#[test]
fn given_a_flag_file_that_cannot_be_read_when_asked_then_it_could_not_be_determined() {
    let ship = equipped();
    std::fs::remove_file(ship.path("flags.json")).expect("removed");
    let list = ship.run(&["switch", "list"]).ends(4);
    assert!(list.out.contains("UNKNOWN"), "{}", list.out);
    ship.run(&["switch", "stop", "other"]).ends(4);
    assert!(!ship.journal().exists(), "nothing was written down for an act that could not be planned");
}

#[test]
fn given_a_page_when_people_are_told_then_it_is_visible_and_a_restricted_title_is_not() {
    let ship = equipped();
    ship.does(&["declare", "the vault was opened", "-s", "sev1", "--restricted"]);
    let told = ship.asks(&["update", "Some requests fail <b>now</b>.", "--next", "30m"]);
    assert_eq!((&told["visible"], &told["sends"][0]["outcome"]), (&true.into(), &"done".into()));
    let page = std::fs::read_to_string(ship.path("public/index.html")).expect("the page");
    assert!(page.contains("Some requests fail") && !page.contains("<b>now</b>") && !page.contains("vault"), "{page}");
    let internal = ship.asks(&["update", "it is the vault", "--internal"]);
    assert_eq!(internal["sends"].as_array().map(Vec::len), Some(0));
    let page = std::fs::read_to_string(ship.path("public/index.html")).expect("the page");
    assert!(!page.contains("vault"), "the company's words are not the public's");
}

#[test]
fn given_a_channel_that_cannot_be_reached_when_people_are_told_then_it_is_not_visible_and_the_code_says_so() {
    let ship = equipped();
    std::fs::remove_dir(ship.path("public")).expect("removed");
    ship.write("public", "a file where the directory should be");
    ship.does(&["declare", "x", "-s", "sev1"]);
    let run = ship.run(&["update", "words"]);
    assert!(matches!(run.code, 3 | 4) && run.out.contains("not visible"), "{run:?}");
    let show = ship.asks(&["show"]);
    let kinds: Vec<&str> =
        show["entries"].as_array().expect("entries").iter().filter_map(|e| e["kind"].as_str()).collect();
    assert!(kinds.ends_with(&["updated", "intended", "settled"]), "{kinds:?}");
}

/// A minute of 2019-07-09 from 22:00 on.
fn minute(n: u32) -> String {
    format!("2019-07-09T{:02}:{:02}", 22 + n / 60, n % 60)
}

#[test]
fn given_a_past_that_nobody_counted_when_asked_what_if_then_the_minute_it_would_have_paged_is_told() {
    let ship = Ship::new();
    // 100 requests a minute for 100 minutes; from minute 40 to 60 a third of them is answered 401, which the objective does not count
    let mut text = String::new();
    for n in 0..100 {
        for request in 0..100 {
            let refused = (40..60).contains(&n) && request % 3 == 0;
            let status = if refused {
                401
            } else if request == 0 && n % 40 == 7 {
                500
            } else {
                200
            };
            text.push_str(&format!("{{\"time\":\"{}:{:02}Z\",\"status\":{status}}}\n", minute(n), request * 59 / 100));
        }
    }
    ship.write("api.ndjson", &text);
    let ask = ["burn", "--events", "api.ndjson", "--bad", "status >= 500", "--target", "99.9", "--window", "30d"];
    fn both<'a>(ask: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
        [ask, more].concat()
    }
    let since = ["--since", "2019-07-09T22:40:00Z", "--until", "2019-07-09T23:00:00Z"];
    let burn = ship.asks(&both(&ask, &both(&["--what-if", "status = 401"], &since)))["slos"][0].clone();
    let past = &burn["past"];
    assert_eq!((past["was"]["bad"].as_i64(), past["what_if"]["bad"].as_i64()), (Some(2), Some(2 + 20 * 34)));
    // 10,000 events at 99.9 % allow ten failures
    assert_eq!((past["was"]["consumed"].as_f64(), past["what_if"]["consumed"].as_f64()), (Some(0.2), Some(68.2)));
    assert_eq!((past["spent"]["bad"].as_i64(), past["spent"]["spent"].as_f64()), (Some(0), Some(0.0)));
    // of a time before the window nothing is known, and what is named in seconds is counted in whole minutes
    let of = |from: &str, to: &str, more: &[&str]| {
        both(&ask, &both(&["--since", from, "--until", to], more))
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let spent = |from: &str, to: &str| {
        let words = of(from, to, &[]);
        ship.asks(&words.iter().map(String::as_str).collect::<Vec<_>>())["slos"][0]["past"]["spent"].clone()
    };
    let before = spent("2019-05-01T22:00:00Z", "2019-05-01T23:00:00Z");
    assert_eq!((&before["spent"], &before["known_s"]), (&serde_json::Value::Null, &serde_json::json!(0)), "{before}");
    let words = of("2019-05-01T22:00:00Z", "2019-05-01T23:00:00Z", &[]);
    let told = ship.does(&words.iter().map(String::as_str).collect::<Vec<_>>()).out;
    assert!(
        told.contains(
            "  spent     nothing is known from 2019-05-01T22:00:00Z to 2019-05-01T23:00:00Z: its window begins 2019-06-"
        ),
        "{told}"
    );
    let seconds = spent("2019-07-09T22:06:30Z", "2019-07-09T22:07:10Z");
    assert_eq!(
        (&seconds["since"], &seconds["until"]),
        (&"2019-07-09T22:06:00Z".into(), &"2019-07-09T22:08:00Z".into())
    );
    assert_eq!((seconds["total"].as_i64(), seconds["bad"].as_i64()), (Some(200), Some(1)), "{seconds}");
    let page = |past: &serde_json::Value| past["held"][0]["spells"].clone();
    assert_eq!(page(&past["was"]), serde_json::json!([]));
    assert_eq!(page(&past["what_if"])[0]["from"], "2019-07-09T22:42:00Z", "{past}");
    let only = ship.asks(&both(&ask, &["--what-if-only", "status = 401"]))["slos"][0]["past"].clone();
    assert_eq!(only["what_if"]["bad"].as_i64(), Some(20 * 34));
    let told = ship.does(&both(&ask, &["--what-if", "status = 401"])).out;
    assert!(told.contains("20.00 % consumed as it was, 6820.00 % had status = 401 counted too"), "{told}");
    assert!(told.contains("page over 14.4x in 1 h and 5 m: never; it would have: 2019-07-09 22:42 until"), "{told}");
    let by = ship.asks(&both(&ask, &both(&["--by", "status"], &since)))["slos"][0]["by"].clone();
    let value = |name: &str| by["values"].as_array().expect("values").iter().find(|v| v["value"] == name).cloned();
    let refused = value("401").expect("401");
    assert_eq!((refused["stands_out"].as_bool(), refused["counted"].as_bool()), (Some(true), Some(false)), "{by}");
    assert_eq!((refused["quiet_ppm"].as_i64(), refused["quiet_total"].as_i64()), (Some(0), Some(0)));
    assert_eq!(value("500").expect("500")["counted"].as_bool(), Some(true));
    assert_eq!(value("200").expect("200")["stands_out"].as_bool(), Some(false));
    let told = ship.does(&both(&ask, &both(&["--by", "status"], &since))).out;
    assert!(told.contains("NOT COUNTED, and far more than before"), "{told}");
    let pairs = both(&ask, &both(&["--by", "status, second", "--p99", "second"], &since));
    let by = ship.asks(&pairs)["slos"][0]["by"].clone();
    // what stands out is at the top
    assert_eq!(
        (&by["values"][0]["value"], &by["values"][0]["means"]),
        (&"401, null".into(), &"status = 401 and second does-not-exist".into()),
        "{by}"
    );
    assert_eq!(by["doubts"], serde_json::json!(["no event has a field second"]), "{by}");
    let slow = both(&ask, &both(&["--by", "status", "--p99", "status"], &since));
    let by = ship.asks(&slow)["slos"][0]["by"].clone();
    assert_eq!(
        (&by["percentile"]["per_million"], &by["values"][0]["percentile"]),
        (&990_000.into(), &401.0.into()),
        "{by}"
    );
    assert!(ship.does(&slow).out.contains("p99 of status"), "{}", ship.does(&slow).out);
    for fields in [" , ", "a,b,c,d,e"] {
        let wrong = ship.run(&both(&ask, &["--by", fields]));
        assert_eq!(wrong.code, 2, "{}", wrong.err);
        assert!(wrong.err.contains("--by: It names ") && wrong.err.contains("Nothing was counted."), "{}", wrong.err);
    }
    let wrong = ship.run(&both(&ask, &["--what-if", "status = = 401"]));
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    assert!(wrong.err.contains("--what-if: ") && wrong.err.contains('^'), "{}", wrong.err);
}

/// An objective, and each value with whether it is counted and its events.
type Asked = (String, Vec<(String, bool, u64)>);

/// Whoever connects before the run ends, and not later than after 20 s.
fn accepted(listener: &TcpListener, run: &mut Child) -> Option<TcpStream> {
    listener.set_nonblocking(true).expect("a listener");
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let is_over = run.try_wait().expect("a program").is_some() || Instant::now() >= until;
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).expect("a stream");
                return Some(stream);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock && !is_over => {
                std::thread::park_timeout(Duration::from_millis(5));
            }
            Err(_) => return None,
        }
    }
}

#[test]
fn given_two_backends_that_never_answer_when_the_burn_is_asked_then_each_is_named_and_neither_waits_for_the_other() {
    let ship = Ship::new();
    // they accept, and say nothing
    let silent = [0; 2].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    let block = |(n, listener): (usize, &TcpListener)| {
        let address = listener.local_addr().unwrap();
        format!(
            "[[backend]]\nname = 'p{n}'\nkind = 'prometheus'\nurl = 'http://{address}'\n\
             [[slo]]\nname = 'dead-{n}'\nbackend = 'p{n}'\ntotal = 'all'\nbad = 'failed'\ntarget = 99.9\nwindow = '30d'\n"
        )
    };
    ship.configure(&silent.iter().enumerate().map(block).collect::<String>());
    let mut run = ship.start(&["burn"]);
    let waiting: Vec<_> = silent.iter().filter_map(|listener| accepted(listener, &mut run)).collect();
    if waiting.len() < silent.len() {
        run.kill().unwrap();
        panic!("it asked {} of two: {:?}", waiting.len(), ended(run));
    }
    // when the second is asked the first is still waited for
    let is_open = |mut stream: &TcpStream| {
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut rest = [0; 65_536];
        loop {
            match std::io::Read::read(&mut stream, &mut rest) {
                Ok(0) => return false,
                Ok(_) => {}
                Err(_) => return true,
            }
        }
    };
    assert!(waiting.iter().all(is_open));
    drop((waiting, silent));
    let both = ended(run).ends(4);
    assert!(both.err.contains("dead-0: ") && both.err.contains("dead-1: "), "{}", both.err);
}

#[test]
fn given_a_misspelt_field_when_asked_what_if_then_it_is_said_that_no_event_has_it() {
    let ship = Ship::new();
    let text: String = (0..60).map(|n| format!("{{\"time\":\"{}:00Z\",\"status\":200}}\n", minute(n))).collect();
    let path = ship.write("api.ndjson", &text);
    ship.configure(&format!(
        "[[slo]]\nname = 'api'\nevents = '{}'\nbad = 'status >= 500'\ntarget = 99.9\nwindow = '3h'\n",
        path.display()
    ));
    let at = format!("{}:00Z", minute(60));
    let doubts = |what: &str| {
        let answer = ship.asks(&["burn", "--now", &at, "--what-if", what]);
        answer["slos"][0]["past"]["what_if"]["doubts"].to_string()
    };
    assert!(doubts("stauts = 401").contains("no event has a field stauts"), "{}", doubts("stauts = 401"));
    assert!(doubts("status = 401").contains("it adds no bad event"), "{}", doubts("status = 401"));
    assert_eq!(doubts("status = 200"), "[]");
    let told = ship.run(&["burn", "--now", &at, "--what-if", "stauts = 401"]);
    assert!(told.out.contains("  doubt     no event has a field stauts"), "{}", told.out);
}

#[test]
fn given_two_objectives_on_the_same_events_when_asked_by_a_field_then_only_what_neither_counts_is_not_counted() {
    let ship = Ship::new();
    let mut text = String::new();
    for n in 0..100 {
        // from minute 50 on many are turned away, and others are not allowed
        for (status, many) in [(200, 20), (401, if n < 50 { 0 } else { 5 }), (403, if n < 50 { 0 } else { 3 })] {
            for _ in 0..many {
                text.push_str(&format!("{{\"time\":\"{}:00Z\",\"status\":{status}}}\n", minute(n)));
            }
        }
    }
    let path = ship.write("api.ndjson", &text);
    let other = ship.write("other.ndjson", &text);
    let slo = |name: &str, path: &std::path::Path, bad: &str| {
        let path = path.display();
        format!("[[slo]]\nname = '{name}'\nevents = '{path}'\nbad = '{bad}'\ntarget = 99.9\nwindow = '3h'\n")
    };
    let elsewhere = slo("elsewhere", &other, "status = 403");
    ship.configure(&(slo("errors", &path, "status >= 500") + &slo("logins", &path, "status = 401") + &elsewhere));
    let (at, since) = (format!("{}:00Z", minute(100)), format!("{}:00Z", minute(50)));
    let asked = ["burn", "--slo", "errors", "--by", "status", "--now", &at, "--since", &since];
    let by = ship.asks(&asked)["slos"][0]["by"].clone();
    let row = |value: &str| {
        by["values"].as_array().into_iter().flatten().find(|row| row["value"] == value).cloned().unwrap_or_default()
    };
    assert_eq!((&row("401")["stands_out"], &row("401")["counted_by"][0]["slo"]), (&false.into(), &"logins".into()));
    assert_eq!((&row("403")["stands_out"], &row("403")["counted_by"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(by["asked_beside"], serde_json::json!(["logins"]), "another file is another service");
    let told = ship.run(&asked).out;
    let line = |value: &str| told.lines().find(|line| line.trim_start().starts_with(value)).unwrap_or_default();
    assert!(line("401").ends_with("  counted by logins"), "{told}");
    assert!(line("403").ends_with("  NOT COUNTED, and far more than before"), "{told}");
}

#[test]
fn given_several_objectives_when_asked_by_a_field_then_each_says_what_it_counts() {
    let ship = Ship::new();
    let mut text = String::new();
    for n in 0..60 {
        let status = if n % 3 == 0 { 401 } else { 200 };
        text.push_str(&format!("{{\"time\":\"{}:00Z\",\"status\":{status}}}\n", minute(n)));
    }
    let path = ship.write("api.ndjson", &text);
    let slo = |name: &str, bad: &str| {
        format!(
            "[[slo]]\nname = '{name}'\nevents = '{}'\nbad = '{bad}'\ntarget = 99.9\nwindow = '3h'\n",
            path.display()
        )
    };
    ship.configure(&(slo("errors", "status >= 500") + &slo("everything", "status >= 400")));
    let now =
        ["burn", "--by", "status", "--now", &format!("{}:00Z", minute(60)), "--since", &format!("{}:00Z", minute(30))];
    let answers = ship.asks(&now);
    let counted: Vec<Asked> = answers["slos"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|slo| {
            let values = slo["by"]["values"].as_array().into_iter().flatten();
            let value = |one: &serde_json::Value| {
                (
                    one["value"].as_str().unwrap_or("?").to_owned(),
                    one["counted"] == true,
                    one["total"].as_u64().unwrap_or(0),
                )
            };
            (slo["slo"].as_str().unwrap_or("?").to_owned(), values.map(value).collect())
        })
        .collect();
    let row = |value: &str, counted: bool, total| (value.to_owned(), counted, total);
    assert_eq!(
        counted,
        [
            ("errors".to_owned(), vec![row("200", false, 20), row("401", false, 10)]),
            ("everything".to_owned(), vec![row("401", true, 10), row("200", false, 20)]),
        ],
        "{answers}"
    );
}

#[test]
fn given_several_objectives_on_a_backend_when_asked_by_a_field_then_each_is_asked_once_and_not_once_for_each_other() {
    let series = |values: &str| {
        let series = format!(r#"{{"metric":{{"code":"200"}},{values}}}"#);
        let kind = if values.starts_with("\"values") { "matrix" } else { "vector" };
        json(&format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":[{series}]}}}}"#))
    };
    let server = Loopback::start(move |asked| match asked.field("query").unwrap_or_default().as_str() {
        "" => json(r#"{"status":"success","data":{"version":"2.42.0","revision":"x"}}"#),
        _ if asked.line.ends_with("query_range") => {
            let of = |name: &str| asked.field(name).and_then(|text| text.parse::<i64>().ok()).expect("seconds");
            let points = (of("start")..=of("end")).step_by(usize::try_from(of("step")).expect("a step"));
            let points: Vec<String> = points.map(|at| format!("[{at},\"10\"]")).collect();
            series(&format!("\"values\":[{}]", points.join(",")))
        }
        _ => series("\"value\":[1,\"10\"]"),
    });
    let ship = Ship::new();
    let shares = |many: usize| {
        let slo = |n: usize| {
            format!(
                "[[slo]]\nname = 's{n}'\nbackend = 'm'\ntotal = 'lb'\nbad = 'lb{{code=\"50{n}\"}}'\ntarget = 99.9\nwindow = '1d'\n"
            )
        };
        let slos: String = (0..many).map(slo).collect();
        ship.configure(&format!("[[backend]]\nname = 'm'\nkind = 'prometheus'\nurl = '{}'\n{slos}", server.url()));
        let asks = |arguments: &[&str]| {
            let before = server.asked().len();
            let told = ship.run(&[&["--json"], arguments].concat()).out;
            (server.asked().len() - before, serde_json::from_str::<serde_json::Value>(&told).expect("JSON"))
        };
        let (with, told) = asks(&["burn", "--by", "code"]);
        let beside = told["slos"][0]["by"]["asked_beside"].as_array().map(Vec::len);
        assert_eq!(beside, Some(many - 1), "{told}");
        with - asks(&["burn"]).0
    };
    assert_eq!(shares(4), 4 * shares(1));
}

#[test]
fn given_events_when_the_burn_is_asked_then_it_is_what_counting_by_hand_gives() {
    let ship = Ship::new();
    let (mut text, mut total, mut bad) = (String::new(), 0_i64, 0_i64);
    for n in 0..100 {
        for second in 0..60 {
            let status = if n >= 95 && second % 2 == 0 { 503 } else { 200 };
            let route = if second == 7 { "/health" } else { "/api" };
            text.push_str(&format!(
                "{{\"time\":\"{}:{second:02}Z\",\"status\":{status},\"route\":\"{route}\"}}\n",
                minute(n)
            ));
            if route != "/health" {
                total += 1;
                bad += i64::from(status >= 500);
            }
        }
    }
    ship.write("lb.ndjson", &text);
    let ask = [
        "burn",
        "--events",
        "lb.ndjson",
        "--bad",
        "status >= 500",
        "--valid",
        "route != '/health'",
        "--target",
        "99",
        "--window",
        "6h",
    ];
    let burn = ship.asks(&ask)["slos"][0].clone();
    assert_eq!((burn["total"].as_i64(), burn["bad"].as_i64()), (Some(total), Some(bad)));
    // 1 % of the events may fail; what is left is rounded down
    let left = (1_000_000 - (bad * 100 * 1_000_000 + total - 1) / total) as f64;
    assert!((burn["remaining_ppm"].as_f64().expect("known") - left).abs() <= 1.0, "{burn} {left}");
    assert_eq!(burn["as_of"], "2019-07-09T23:39:59.000001Z", "long past: as of the newest event");
    assert_eq!(burn["state"], "value");
    assert!(burn["burn_1h_milli"].as_u64().expect("known") > 1_000, "{burn}");
    let text = ship.does(&ask).out;
    assert!(text.contains("as of 2019-07-09T23:39:59") && text.contains(&format!("{bad} bad")), "{text}");

    let mut earlier = ask.to_vec();
    earlier.extend(["--now", "2019-07-09T23:30:00Z"]);
    let burn = ship.asks(&earlier)["slos"][0].clone();
    assert_eq!((burn["total"].as_i64(), burn["bad"].as_i64()), (Some(90 * 59), Some(0)));
    let mut later = ask.to_vec();
    later.extend(["--now", "2019-07-10T12:00:00Z"]);
    assert!(ship.run(&later).ends(4).out.contains("NO DATA"));
    ship.run(&["burn", "--events", "missing.ndjson", "--bad", "status >= 500", "--target", "99"]).ends(4);
    ship.run(&["burn", "--events", "lb.ndjson", "--bad", "status >>", "--target", "99"]).ends(2);
    ship.run(&["burn", "--events", "lb.ndjson", "--bad", "status >= 500", "--target", "101"]).ends(2);
    ship.run(&["burn", "--events", "lb.ndjson"]).ends(2);
}

#[test]
fn given_a_drill_when_begun_then_it_is_sealed_and_every_command_works_on_its_journal() {
    let ship = Ship::new();
    // a configuration that is of no use, and switches that a drill must never see
    ship.configure("thme = \"dark\"\n[[switch]]\nname = \"real\"\nkind = \"flagd\"\nfile = \"~/flags.json\"\nflag = \"x\"\nstop = \"y\"\n");
    let before = ship.files();
    let made = ship.asks(&["drill", "missing-binary"]);
    let journal = made["journal"].as_str().expect("a path").to_string();
    let name = made["drill"].as_str().expect("a name").to_string();
    assert_eq!(made["made"], true);
    assert_eq!(ship.asks(&["drill"])["made"], false, "an unfinished one is taken up again");
    assert_ne!(ship.asks(&["drill", "--new", "--speed", "10"])["drill"], name.as_str());
    let on = |command: &[&str]| {
        let mut arguments = vec!["--journal", journal.as_str()];
        arguments.extend(command);
        ship.run(&arguments)
    };
    let list = on(&["--json", "switch", "list"]).ends(0).data();
    let names: Vec<&str> =
        list["switches"].as_array().expect("switches").iter().filter_map(|s| s["switch"].as_str()).collect();
    assert_eq!((names, &list["drill"]), (vec!["release", "ingest", "signup", "exports"], &true.into()));
    on(&["declare", "API refuses all traffic", "-s", "sev1"]).ends(0);
    let status = on(&["status"]).ends(0).out;
    assert!(status.contains("DRILL"), "{status}");
    on(&["switch", "stop", "release"]).ends(3);
    on(&["switch", "stop", "release", "--confirm", "production/release"]).ends(0);
    on(&["update", "We are refusing all API traffic."]).ends(0);
    let page = ship.path("data/quarterdeck/drills").join(&name).join("page/index.html");
    assert!(std::fs::read_to_string(page).expect("the page").to_lowercase().contains("drill"));
    assert!(on(&["export"]).ends(0).out.contains("DRILL"));
    let record = on(&["export", "-f", "json"]).ends(0).out;
    let burn = on(&["--json", "burn", "--slo", "api-availability"]).ends(0).data();
    assert_eq!(burn["slos"][0]["bad"], 17_280, "the past that the scenario tells");
    on(&["-i", "9", "note", "kept in the drill"]).ends(3);
    assert!(on(&["show"]).ends(0).out.contains("2019-07-09") || on(&["show"]).ends(0).out.contains("22:4"));

    let drills = ship.path("data/quarterdeck/drills");
    let outside = |files: Vec<(std::path::PathBuf, Vec<u8>)>| {
        let data = ship.path("data");
        files
            .into_iter()
            .filter(|(path, _)| !path.starts_with(&drills) && !data.join("quarterdeck").starts_with(path))
            .collect::<Vec<_>>()
    };
    assert!(outside(ship.files()) == outside(before), "a drill wrote outside its directory");
    // a drill's record is not taken for a real one
    ship.configure("");
    ship.pipe(&["import", "json", "-"], record.as_bytes()).ends(3);

    ship.run(&["drill", "--delete", "../drills"]).ends(3);
    ship.run(&["drill", "nonsense"]).ends(2);
    ship.does(&["drill", "--delete", &name]);
    assert!(!drills.join(&name).exists());
    assert_eq!(ship.asks(&["drill", "--list"])["drills"].as_array().map(Vec::len), Some(1));
}

//! The built program and a Honeycomb in memory: objectives that share one team's turns, and every word judged by the published contract.

use super::aboard::{board, read};
use crate::cli::ship::Ship;
use crate::liaison::honeycomb_fake::{Fake, Marking, events};
use crate::liaison::loopback::status;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()).expect("in range")
}

/// A ship and the beginning of its configuration: Honeycomb at an address.
fn begun(url: &str) -> (Ship, String) {
    let ship = Ship::new();
    let key = ship.write("honeycomb.key", "right-key\n");
    let text = format!(
        "[[backend]]\nname = 'hny'\nkind = 'honeycomb'\nurl = '{url}'\ntoken = {{ file = '{}' }}\nmarkers = '__all__'\n",
        key.display()
    );
    (ship, text)
}

/// A ship whose objectives ask Honeycomb at an address: by a column, by filters, by the SLO there, and as many more as are wanted.
fn ship(url: &str, more: usize) -> Ship {
    let (ship, text) = told(url, more);
    ship.configure(&text);
    ship
}

/// The same, and the words of its configuration.
fn told(url: &str, more: usize) -> (Ship, String) {
    let (ship, mut text) = begun(url);
    let slo = |name: &str, what: &str| {
        format!("[[slo]]\nname = '{name}'\nbackend = 'hny'\ndataset = 'api'\ntarget = 99.95\nwindow = '5h'\n{what}\n")
    };
    text.push_str(&slo("by-column", "sli = 'sli.api'"));
    text.push_str(&slo("by-filter", "bad = 'status >= 500'\nvalid = 'kind = \"server\"'"));
    text.push_str(&slo("by-slo", "slo-id = 'slo1'"));
    for n in 0..more {
        text.push_str(&slo(&format!("more-{n}"), "sli = 'sli.api'"));
    }
    (ship, text)
}

#[test]
fn given_twelve_objectives_of_one_team_when_commanding_then_at_most_nine_runs_are_begun_and_the_others_are_queued() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url(), 9);
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    let pty = board(&ship, &[], (200, 60));
    read(&pty, "the API is down");
    pty.wait_text("% left");
    pty.wait_text("queued");
    pty.wait_until("twelve that asked and eight that were counted", || {
        fake.times("GET /1/auth") == 12 && fake.times("POST /1/query_results/") >= 8
    });
    // whoever looks at the chart in another way asks again: what is known is not run once more
    pty.send("zz");
    pty.send("n");
    pty.wait_text("22:49 or -5m first says when");
    // the ninth turn is kept for what is looked at: whether that had its turn among the first eight is chance
    let runs = fake.times("POST /1/query_results/");
    assert!(runs <= 9, "{runs}");
}

#[test]
fn given_a_column_that_nobody_has_when_commanding_then_nothing_looks_healthy_and_the_doctor_finds_it() {
    let fake = Fake::at(now);
    let (ship, text) = begun(&fake.server.url());
    fake.memory.lock().expect("whole").unknown = vec!["statsu"];
    ship.configure(&format!(
        "{text}[[slo]]\nname = 'api'\nbackend = 'hny'\ndataset = 'api'\ntarget = 99.95\nwindow = '5h'\nbad = 'statsu >= 500'\n"
    ));
    let slo = ship.asks(&["burn", "--json"])["slos"][0].clone();
    assert_eq!((slo["state"].as_str(), slo["good_since"].is_null()), (Some("partial"), true), "{slo}");
    assert_eq!(slo["doubts"][0], "dataset api has no column statsu", "{slo}");
    let said = ship.run(&["burn"]).out;
    assert!(said.contains("  state     PARTIAL") && said.contains("dataset api has no column statsu"), "{said}");
    let doctor = ship.run(&["doctor"]).ends(1).out;
    let line = doctor.lines().find(|line| line.contains(" slo api")).unwrap_or_default();
    assert!(
        line.starts_with("missing") && line.contains("dataset api has no column statsu. What fails would"),
        "{doctor}"
    );
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    let pty = board(&ship, &[], (80, 24));
    read(&pty, "the API is down");
    pty.wait_text("PARTIAL");
}

#[test]
fn given_a_figure_of_honeycomb_when_pinned_then_its_query_can_be_seen_again_wherever_the_figure_goes() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url(), 0);
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    let pty = board(&ship, &[], (120, 36));
    read(&pty, "the API is down");
    // what the chart shows, not what is proposed because of another objective
    pty.wait_text("left, OVERSPENT");
    pty.send("p");
    pty.wait_text("pinned");
    pty.send("k\r");
    pty.wait_text("in the browser");
    let link = "https://ui.honeycomb.io/acme/result/r";
    pty.wait_text(link);
    let document: serde_json::Value =
        serde_json::from_str(&ship.does(&["-i", "1", "export", "-f", "json"]).out).expect("JSON");
    let entries = document["entries"].as_array().cloned().unwrap_or_default();
    let noted: Vec<&serde_json::Value> =
        entries.iter().filter(|entry| ["burn", "chart-pinned"].iter().any(|kind| entry["kind"] == *kind)).collect();
    assert!(!noted.is_empty());
    for entry in noted {
        assert!(entry["fact"]["link"].as_str().is_some_and(|kept| kept.starts_with(link)), "{entry}");
    }
    let report = ship.does(&["-i", "1", "export", "-f", "markdown"]).out.replace('\\', "");
    assert!(report.contains(link), "{report}");
}

/// Prism between the program and the server, judging both by the published document; ended with the test. `QUARTERDECK_TEST_PRISM` names the program,
/// where it is not in the path, and `HONEYCOMB_OPENAPI` the document.
struct Judge {
    child: Child,
    url: String,
    said: Arc<Mutex<String>>,
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Judge {
    /// Starts it, or says why it cannot be.
    fn start(fake: &Fake) -> Result<Judge, String> {
        let contract = std::env::var("HONEYCOMB_OPENAPI").map_err(|_| "no HONEYCOMB_OPENAPI names the document")?;
        let port = TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("an address").port();
        let arguments =
            ["proxy", "--errors", "-h", "127.0.0.1", "-p", &port.to_string(), &contract, &fake.server.url()];
        let prism = std::env::var("QUARTERDECK_TEST_PRISM").unwrap_or_else(|_| "prism".into());
        let child = Command::new(prism).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("no prism: {error}"))?;
        let mut out = child.stdout.take().expect("a pipe");
        let mut said = Vec::new();
        let mut byte = [0];
        while !said.windows(9).any(|words| words == b"listening") {
            if out.read(&mut byte).unwrap_or(0) == 0 {
                return Err("prism ended".into());
            }
            said.push(byte[0]);
        }
        let said = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut part = [0; 4_096];
            while let Ok(read @ 1..) = out.read(&mut part) {
                let words = String::from_utf8_lossy(part.get(..read).unwrap_or_default());
                kept.lock().expect("kept").push_str(&words);
            }
        });
        Ok(Judge { child, url: format!("http://127.0.0.1:{port}"), said })
    }

    /// Where one of both broke the contract, in its words.
    fn violations(&self) -> Vec<String> {
        let said = self.said.lock().expect("kept");
        said.lines().filter(|line| line.contains("terminated with error")).map(str::to_owned).collect()
    }
}

#[test]
fn given_an_objective_of_honeycomb_when_asked_by_a_column_then_the_screen_says_which_values_it_does_not_count() {
    let fake = Fake::at(now);
    // the screen is on another machine: what the command begins here would leave it no turn for a minute
    let (ship, other) = (ship(&fake.server.url(), 0), ship(&fake.server.url(), 0));
    let by = ship.asks(&["burn", "--slo", "by-filter", "--by", "code,ok", "--p99", "duration_ms", "--json"]);
    let by = &by["slos"][0]["by"];
    let seconds = |name: &str| {
        let at = chrono::DateTime::parse_from_rfc3339(by[name].as_str().expect("a time")).expect("a time");
        at.timestamp() / 60
    };
    let total = |kind: usize| (seconds("since")..seconds("until")).map(|minute| events(minute)[kind]).sum::<i64>();
    let find = |value: &str| {
        let values = by["values"].as_array().into_iter().flatten();
        values.clone().find(|one| one["value"] == value).cloned().unwrap_or_else(|| panic!("{value} in {by}"))
    };
    for (value, kind) in [("200, true", 0), ("503, false", 1), ("401, true", 2)] {
        assert_eq!(find(value)["total"].as_i64(), Some(total(kind)), "{by}");
        assert_eq!(find(value)["counted"], kind == 1, "{by}");
    }
    assert!(find("503, false")["percentile"].as_f64().is_some_and(|slow| (900.0..950.0).contains(&slow)), "{by}");
    assert!(by["quiet"]["since"].is_string(), "{by}");

    // on the screen, beside the chart; it takes the turns that are there
    other.does(&["declare", "the API is down", "-s", "sev1"]);
    let pty = board(&other, &[], (120, 36));
    read(&pty, "the API is down");
    pty.wait_text("% left");
    pty.send("W");
    pty.wait_text("http.response.status_code");
    pty.send("code\r");
    pty.wait_for("the values, each with its verdict", |screen| {
        let rows: Vec<String> = screen.rows(0, screen.size().1).collect();
        let has = |words: &[&str]| rows.iter().any(|row| words.iter().all(|word| row.contains(word)));
        has(&["503 ", " counted"]) && has(&["401 ", "not counted"])
    });
    // and queued when they are used up: asked at most as often as there are turns
    let is_queued = || pty.look(|screen| screen.contents().contains("queued, "));
    for _ in 0..9 {
        if is_queued() {
            break;
        }
        let runs = fake.times("POST /1/query_results/");
        pty.send("W");
        pty.wait_text("Enter asks   Esc leaves");
        pty.send("code\r");
        pty.wait_until("an answer, or a place in the queue", || {
            fake.times("POST /1/query_results/") > runs + 1 || is_queued()
        });
    }
    pty.wait_text("queued, ");
}

/// The minutes of a window of five hours before a moment, and its events: all that count, and the bad ones.
fn window(as_of: &serde_json::Value, kinds: usize) -> (i64, i64) {
    let to = chrono::DateTime::parse_from_rfc3339(as_of.as_str().expect("a time")).expect("a time").timestamp_micros();
    let minutes = (to - 1).div_euclid(60_000_000) + 1 - 300..to.div_euclid(60_000_000);
    let total = minutes.clone().map(|minute| events(minute).iter().take(kinds).sum::<i64>()).sum();
    (total, minutes.map(|minute| events(minute)[1]).sum())
}

#[test]
fn given_a_moment_two_days_ago_when_asked_then_its_own_events_are_counted_and_nothing_of_today_is_said_of_it() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url(), 0);
    let answers = ship.asks(&["burn", "--now", "-2d"]);
    let answers = answers["slos"].as_array().cloned().unwrap_or_default();
    assert_eq!(answers.len(), 3, "{answers:?}");
    for answer in &answers {
        let (total, bad) = window(&answer["as_of"], if answer["slo"] == "by-filter" { 4 } else { 3 });
        assert_eq!((answer["total"].as_i64(), answer["bad"].as_i64()), (Some(total), Some(bad)), "{answer}");
        assert_eq!(answer["state"], "value", "{answer}");
        let opinion = &answer["opinion"];
        // the one that has the column of the other does not answer
        if answer["slo"] != "by-slo" {
            assert!(opinion.is_null(), "{opinion}");
            continue;
        }
        assert_eq!((opinion["remaining_ppm"].as_i64(), &opinion["status"]), (Some(-35_000), &serde_json::Value::Null));
        let of = |time: &serde_json::Value| chrono::DateTime::parse_from_rfc3339(time.as_str().expect("a time"));
        let before = of(&answer["as_of"]).expect("a time") - of(&opinion["at"]).expect("a time");
        assert!((22..=23).contains(&before.num_hours()), "{opinion}");
    }
    assert!(!fake.server.asked().iter().any(|asked| asked.body.contains("time_range")));
    // two each, or three where its window lies across a border: nobody had to wait for a turn
    let runs = fake.times("POST /1/query_results/");
    assert!((6..=9).contains(&runs), "{runs}");
}

#[test]
fn given_a_moment_twenty_days_ago_when_asked_then_that_it_is_out_of_reach_is_said_and_no_run_is_spent() {
    let fake = Fake::at(now);
    let ship = ship(&fake.server.url(), 0);
    let said = ship.run(&["burn", "--now", "-20d"]).err;
    let lines: Vec<&str> =
        said.lines().filter(|line| line.contains("can be asked about the last 7 days, to ")).collect();
    assert_eq!(lines.len(), 3, "{said}");
    for line in lines {
        let has_history = line.contains("Its SLO history says 61.25 % left at ");
        assert_eq!(has_history, !line.contains("by-filter"), "{line}");
        assert!(
            line.contains("open in the browser dataset api in environment production of team acme, from "),
            "{line}"
        );
    }
    for question in
        [&["burn", "--now", "-20d", "--by", "code"] as &[&str], &["burn", "--now", "-20d", "--what-if", "code = 401"]]
    {
        assert!(ship.run(question).err.contains("can be asked about the last 7 days"), "{question:?}");
    }
    assert_eq!((fake.times("POST /1/queries/"), fake.times("POST /1/query_results/")), (0, 0));

    // found late, it opens on its own time
    ship.does(&["declare", "the API was down", "-s", "sev1", "--began", "-480h", "--ended", "-479h"]);
    let pty = board(&ship, &[], (160, 40));
    read(&pty, "the API was down");
    pty.wait_text("OUT OF REACH");
    pty.wait_text("that time is out of reach");
    pty.send("k\r");
    pty.wait_text("Its SLO history says 61.25 % left at ");
    assert!(!pty.look(|screen| screen.contents().contains("NO ANSWER")));
    assert_eq!((fake.times("POST /1/queries/"), fake.times("POST /1/query_results/")), (0, 0));
}

#[test]
fn given_an_incident_two_days_ago_when_asked_what_would_have_been_then_its_own_window_is_counted() {
    let fake = Fake::at(now);
    let (ship, text) = begun(&fake.server.url());
    // each is one run: nobody waits for a turn
    let slo = "backend = 'hny'\ndataset = 'api'\ntarget = 99.95\nwindow = '4h'\nsli = 'sli.api'\n";
    ship.configure(&format!("{text}[[slo]]\nname = 'api'\n{slo}"));
    ship.does(&["declare", "the API was down", "-s", "sev1", "--began", "-50h", "--ended", "-48h"]);
    let pty = board(&ship, &[], (160, 40));
    read(&pty, "the API was down");
    pty.wait_text("LOOKING BACK");
    pty.send("w");
    pty.wait_text("Enter asks");
    pty.send("code = 401\r");
    pty.wait_until("the events of four hours", || {
        let shown = pty.look(|screen| screen.contents());
        let row = shown.lines().find(|line| line.contains(" events until ")).unwrap_or_default().to_owned();
        let before = row.split(" events until ").next().unwrap_or_default().to_owned();
        let count: String = before.split_whitespace().next_back().unwrap_or_default().replace(',', "");
        count.parse::<u64>().is_ok_and(|count| (216_000..217_000).contains(&count))
    });
}

#[test]
fn given_the_published_contract_when_the_program_and_the_server_speak_then_neither_breaks_it() {
    let fake = Fake::at(now);
    let judge = match Judge::start(&fake) {
        Ok(judge) => judge,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    let (ship, text) = told(&judge.url, 3);
    let flags = ship.write(
        "flags.json",
        r#"{"flags":{"release":{"state":"ENABLED","variants":{"1823":"1823","1822":"1822"},"defaultVariant":"1823"}}}"#,
    );
    let flags = format!("kind = 'flagd'\nfile = '{}'\nflag = 'release'\nstop = '1822'\n", flags.display());
    ship.configure(&format!("{text}[[switch]]\nname = 'release'\n{flags}"));
    let answers = ship.asks(&["burn", "--json"]);
    let answers = answers["slos"].as_array().cloned().unwrap_or_default();
    assert_eq!(answers.len(), 6, "{answers:?}");
    for answer in &answers {
        assert_eq!(answer.get("trouble"), None, "{answer}");
        // whole minutes that begin in the five hours before what has settled
        let as_of = chrono::DateTime::parse_from_rfc3339(answer["as_of"].as_str().expect("a time")).expect("a time");
        let to = as_of.timestamp_micros() - 15_000_000;
        let minutes = (to - 1).div_euclid(60_000_000) + 1 - 300..to.div_euclid(60_000_000);
        let all = if answer["slo"] == "by-filter" { 4 } else { 3 };
        let total: i64 = minutes.clone().map(|minute| events(minute).iter().take(all).sum::<i64>()).sum();
        let bad: i64 = minutes.map(|minute| events(minute)[1]).sum();
        assert_eq!((answer["total"].as_i64(), answer["bad"].as_i64()), (Some(total), Some(bad)), "{answer}");
        assert!(answer["link"].as_str().is_some_and(|link| link.starts_with("https://ui.honeycomb.io/")), "{answer}");
    }
    assert_eq!(answers[2]["opinion"]["remaining_ppm"].as_i64(), Some(77_300));
    let would = ship.asks(&["burn", "--slo", "by-slo", "--what-if", "status = 401", "--json"]);
    let past = &would["slos"][0]["past"];
    assert!(past["what_if"]["bad"].as_i64() > past["was"]["bad"].as_i64(), "{would}");
    let then = ship.asks(&["burn", "--slo", "by-slo", "--now", "-2d"]);
    assert_eq!(then["slos"][0]["opinion"]["remaining_ppm"].as_i64(), Some(-35_000), "{then}");
    assert!(ship.run(&["burn", "--now", "-20d"]).err.contains("Its SLO history says "));
    ship.does(&["doctor"]);
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    ship.does(&["switch", "stop", "release", "--confirm", "production/release", "--reason", "it refuses all"]);
    ship.does(&["update", "We are on it."]);
    let words = [
        "1 declared: the API is down",
        "1 release stopped, serves 1822: the API is down",
        "1 update: the API is down \u{2013} We are on it.",
    ];
    assert_eq!(fake.marked("__all__"), words);
    let shown = ship.does(&["show", "--all", "--json"]).out;
    assert_eq!(shown.matches("marker at hny done").count(), 3, "{shown}");
    // a restricted one tells its number, and never what it is about
    ship.does(&["declare", "a customer's data leaked", "--restricted", "-s", "sev1"]);
    let last = fake.marked("__all__").pop().unwrap_or_default();
    assert!(last.starts_with("2 declared") && !last.contains("leaked"), "{last}");
    ship.does(&["-i", "2", "resolve"]);
    ship.does(&["-i", "2", "close", "--anyway", "a rehearsal"]);
    assert!(!fake.marked("__all__").iter().any(|words| words.contains("leaked")));
    assert_eq!(judge.violations(), Vec::<String>::new());
    // the one that is answered badly, which the judge sees too, is looked for; the other list was for the doctor
    fake.marking(Marking::DoneBut(status(200, "<html>")));
    ship.does(&["resolve"]);
    assert_eq!((fake.times("POST /1/markers/__all__"), fake.times("GET /1/markers/__all__")), (6, 2));
    let pty = board(&ship, &[], (120, 36));
    read(&pty, "the API is down");
    pty.wait_text("% left");
    let (bad, rest): (Vec<String>, Vec<String>) =
        judge.violations().into_iter().partition(|one| one.contains("post /1/markers/__all__"));
    assert_eq!((bad.len(), rest), (1, Vec::new()));
    // a question that breaks the contract would have been said to do so
    let body = "{}";
    let mut stream = TcpStream::connect(judge.url.trim_start_matches("http://")).expect("prism");
    let head = "POST /1/query_results/api HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-honeycomb-team: right-key";
    let head = format!("{head}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.contains(" 422 ") && answer.contains("query_id"), "{answer}");
    pty.wait_until("prism's words about it", || judge.violations().len() > 1);
}

//! Changes that nobody typed: a file that grows under the screen, two screens on one journal, a restart.

use super::aboard::{board, read};
use crate::cli::ship::Ship;
use quarterdeck::incident::time::{Span, Time};
use std::io::Write;

fn ship() -> Ship {
    let ship = Ship::new();
    ship.write("deploys.ndjson", "");
    let file = ship.path("deploys.ndjson");
    ship.configure(&format!("[[changes]]\nname = 'deploys'\nfile = '{}'\n", file.display()));
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    ship
}

/// When the incident was declared.
fn declared(ship: &Ship) -> Time {
    let shown = ship.asks(&["show"]);
    let at = shown["entries"][0]["at"].as_str().map(str::to_owned);
    at.and_then(|at| Time::parse_iso(&at)).unwrap_or_else(|| panic!("no time in {shown}"))
}

fn append(ship: &Ship, text: &str) {
    let mut file = std::fs::OpenOptions::new().append(true).open(ship.path("deploys.ndjson")).expect("a file");
    file.write_all(text.as_bytes()).expect("written");
}

fn line(at: Time, subject: &str, to: &str) -> String {
    format!(
        "{{\"time\":\"{}\",\"what\":\"deploy\",\"subject\":\"{subject}\",\"to\":\"{to}\",\"who\":\"ci\"}}\n",
        at.iso()
    )
}

/// How many lines of the record say this.
fn times(ship: &Ship, words: &str) -> usize {
    ship.asks(&["show", "--all"])["entries"].to_string().matches(words).count()
}

#[test]
fn given_a_file_that_grows_when_two_screens_follow_it_then_each_change_is_one_line_and_a_restart_adds_none() {
    let ship = ship();
    let began = declared(&ship);
    append(&ship, &line(began.minus(Span::minutes(70)), "api", "1820"));
    append(&ship, &line(began.minus(Span::minutes(10)), "api", "1822"));
    let mut ana = board(&ship, &[], (120, 36));
    let ben = board(&ship, &["--as", "Ben"], (80, 24));
    read(&ana, "the API is down");
    read(&ben, "the API is down");
    ana.wait_text("ci    deploy api to 1822");
    ben.wait_text("ci   deploy api to 1822");

    // half a line, rubbish, and then the rest of it
    let next = line(began.minus(Span::minutes(3)), "api", "1823");
    let (half, rest) = next.split_at(40);
    append(&ship, &format!("\u{1b}]52;c;aGk=\u{7}\n{half}"));
    append(&ship, rest);
    ana.wait_text("deploy api to 1823");
    ben.wait_text("deploy api to 1823");
    assert_eq!((times(&ship, "deploy api to 1822"), times(&ship, "deploy api to 1823")), (1, 1));
    assert_eq!(times(&ship, "1820"), 0, "too long before it began");

    ana.send("\x03");
    ana.wait_text("Ctrl-C again leaves");
    ana.send("\x03");
    assert_eq!(ana.wait_exit().code(), Some(0), "{}", ana.contents());
    let again = board(&ship, &[], (120, 36));
    read(&again, "the API is down");
    // it has looked at the file anew when it knows what came after
    append(&ship, &line(began.minus(Span::minutes(2)), "web", "77"));
    again.wait_text("deploy web to 77");
    assert_eq!((times(&ship, "deploy api to 1822"), times(&ship, "deploy api to 1823")), (1, 1));
    assert_eq!(times(&ship, "deploy web to 77"), 1);
    let kinds = ship.asks(&["show", "--all"])["entries"].to_string();
    assert!(!kinds.contains("\"intended\"") && !kinds.contains("\"settled\""), "{kinds}");
}

#[test]
fn given_an_incident_of_the_past_when_its_screen_opens_then_it_has_the_changes_of_its_time() {
    let ship = Ship::new();
    let text: String =
        [("2019-07-09T21:40:00Z", "1822"), ("2019-07-09T22:48:30Z", "1823"), ("2019-07-10T03:00:00Z", "1824")]
            .iter()
            .map(|(at, to)| format!("{{\"time\":\"{at}\",\"subject\":\"api\",\"to\":\"{to}\"}}\n"))
            .collect();
    let file = ship.write("deploys.ndjson", &text);
    ship.configure(&format!("[[changes]]\nname = 'deploys'\nfile = '{}'\n", file.display()));
    let times_of = ["--began", "2019-07-09T22:50Z", "--ended", "2019-07-09T23:02Z"];
    let declare = ["declare", "the API was down", "-s", "sev1"];
    ship.does(&[&declare[..], &times_of[..]].concat());
    let pty = board(&ship, &[], (120, 36));
    read(&pty, "the API was down");
    pty.wait_text("change api to 1823");
    assert_eq!((times(&ship, "1822"), times(&ship, "1824"), times(&ship, "api to 1823")), (0, 0, 1));
}

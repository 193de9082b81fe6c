//! Leaving at a real terminal: what was begun is brought to its end, people at the same screen are not shut out unasked, and the ordinary
//! screen says how to come back.

use super::aboard::{PROGRAM, board, drill, read, type_name};
use super::borrowed::given_back;
use super::pty::Pty;
use super::tmux::Tmux;
use crate::cli::ship::Ship;
use std::fs::File;

fn declared() -> Ship {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    ship
}

fn twice(screen: &Pty) {
    screen.send("\x03");
    screen.wait_text("Ctrl-C again leaves");
    screen.send("\x03");
}

#[test]
fn given_a_journal_that_somebody_holds_when_left_then_it_says_what_it_waits_for_and_the_words_are_recorded() {
    let ship = declared();
    let mut screen = board(&ship, &[], (100, 30));
    read(&screen, "the API is down");
    let other = rusqlite::Connection::open(ship.journal()).expect("the journal");
    other.execute_batch("BEGIN IMMEDIATE").expect("our turn");
    screen.send("n");
    screen.wait_text("22:49 or -5m first says when");
    screen.send("written at the last moment\r\x03\x03");
    screen.wait_text("Waiting for 1 entry to be written, 5 s at most.");
    // the terminal is the shell's again by now, and a third Ctrl-C does no harm
    screen.send("\x03");
    other.execute_batch("COMMIT").expect("their turn");
    assert_eq!(screen.wait_exit().code(), Some(0), "{}", screen.contents());
    given_back(&screen);
    assert!(screen.contents().contains("Return with: quarterdeck -i 1"), "{}", screen.contents());
    let shown = ship.asks(&["show"])["entries"].to_string();
    assert_eq!(shown.matches("written at the last moment").count(), 1, "{shown}");
}

#[test]
fn given_an_act_under_way_when_left_then_its_outcome_is_waited_for_and_written_down() {
    let ship = declared();
    let flags =
        r#"{"flags":{"release":{"state":"ENABLED","variants":{"1822":"1822","1823":"1823"},"defaultVariant":"1823"}}}"#;
    ship.write("flags/flags.json", flags);
    ship.configure(
        "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"release\"\nstop = \"1822\"\ncritical = true\n",
    );
    let held = File::open(ship.path("flags")).expect("the directory");
    held.lock().expect("our turn");
    let mut screen = board(&ship, &[], (120, 36));
    read(&screen, "the API is down");
    screen.wait_text("release  serves 1823");
    screen.send("2x");
    screen.wait_text("stop for everybody");
    screen.send("\r");
    screen.wait_text("type exactly  production/release");
    type_name(&screen, "production/release");
    screen.send("\r");
    screen.wait_text("stop release: 1823 -> 1822");
    screen.send("\x03");
    screen.wait_text("Under way: stop release; leaving waits for it, 5 s at most.");
    screen.send("\x03");
    screen.wait_text("Waiting for stop release, 5 s at most.");
    drop(held);
    assert_eq!(screen.wait_exit().code(), Some(0), "{}", screen.contents());
    given_back(&screen);
    let shown = ship.asks(&["show"]);
    let entries = shown["entries"].as_array().expect("entries");
    let settled: Vec<String> =
        entries.iter().filter(|entry| entry["kind"] == "settled").map(ToString::to_string).collect();
    assert!(settled.len() == 1 && settled[0].contains("done"), "{settled:?}");
}

#[test]
fn given_two_terminals_in_one_tmux_session_when_one_leaves_then_it_is_asked_once_more() {
    let ship = declared();
    let Some(ana) = Tmux::open(&ship, "tmux-256color", &[PROGRAM], (100, 30)) else { return };
    read(&ana, "the API is down");
    let ben = ana.join("xterm-256color", (100, 30));
    read(&ben, "the API is down");
    ana.send("\x03");
    ana.wait_text("1 other terminal shows this screen: Ctrl-C again asks; the incident goes on.");
    ana.send("\x03");
    ana.wait_text("Leave?");
    ben.wait_text("Leave?");
    ben.wait_text("It closes there too.");
    ben.send("x");
    ana.wait_for("the screen as it was", |screen| !screen.contents().contains("Leave?"));
    // at once, before anybody could have said who is here
    ana.send("\x03\x03");
    ana.wait_text("Leave?");
    drop(ben);
    ana.send("y");
    ana.wait_text("[exited]");
}

#[test]
fn given_a_terminal_alone_in_tmux_when_left_then_nobody_is_asked() {
    let ship = declared();
    let Some(tmux) = Tmux::open(&ship, "tmux-256color", &[PROGRAM], (100, 30)) else { return };
    read(&tmux, "the API is down");
    tmux.send("\x03\x03");
    tmux.wait_text("[exited]");
}

#[test]
fn given_a_drill_when_left_then_what_is_said_goes_on_with_it() {
    let ship = Ship::new();
    let mut screen = board(&ship, &["drill", "--new"], (100, 30));
    screen.wait_text("All is well still.");
    let name = drill(&ship).file_name().expect("a name").to_string_lossy().into_owned();
    twice(&screen);
    assert_eq!(screen.wait_exit().code(), Some(0));
    let one_line: String = screen.contents().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        one_line.starts_with("DRILL missing-binary. No incident is declared. It is kept; its story ends in "),
        "{one_line}"
    );
    let said =
        format!("Go on with: quarterdeck drill missing-binary Delete it with: quarterdeck drill --delete {name}");
    assert!(one_line.replace(' ', "").ends_with(&said.replace(' ', "")), "{one_line}");
    let mut again = board(&ship, &["drill", "missing-binary"], (100, 30));
    again.wait_text("DRILL");
    twice(&again);
    assert!(again.wait_exit().success());
    let list = ship.asks(&["drill", "--list"]);
    assert_eq!(list["drills"].as_array().map(Vec::len), Some(1), "the same one: {list}");
    ship.does(&["drill", "--delete", &name]);
}

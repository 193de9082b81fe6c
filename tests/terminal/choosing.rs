//! Several incidents in one journal: the list at the start, going from one to another, declaring one more.

use super::aboard::{board, read, rest};
use super::pty::Pty;
use crate::cli::ship::Ship;

/// How often somebody joined an incident.
fn joined(ship: &Ship, number: &str, who: &str) -> usize {
    let shown = ship.asks(&["-i", number, "show", "--all"]);
    let entries = shown["entries"].as_array().expect("entries").iter();
    entries.filter(|entry| entry["kind"] == "joined" && entry["author"] == who).count()
}

fn close(ship: &Ship, number: &str) {
    ship.does(&["-i", number, "resolve"]);
    ship.does(&["-i", number, "close"]);
}

fn leave(pty: &mut Pty) {
    pty.send("\x03");
    pty.wait_text("Ctrl-C again leaves");
    pty.send("\x03");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.contents());
}

#[test]
fn given_two_open_incidents_when_started_then_the_person_chooses_and_goes_from_one_to_the_other() {
    let ship = Ship::new();
    ship.does(&["--as", "Ben", "declare", "the API is down", "-s", "sev1"]);
    ship.does(&["--as", "Cho", "declare", "exports are late", "-s", "sev2"]);
    let mut pty = board(&ship, &[], (100, 30));
    pty.wait_text("2 open");
    pty.wait_text("> 1  SEV1");
    pty.send("j");
    pty.wait_text("> 2  SEV2");
    pty.send("\r");
    read(&pty, "exports are late");
    pty.wait_until("who came is written down", || joined(&ship, "2", "Ana") == 1);
    rest(&pty);
    pty.send("n");
    pty.wait_text("22:49 or -5m first says when");
    pty.send("only about the exports\r");
    pty.wait_text("Ana   only about the exports");
    rest(&pty);
    pty.send("i");
    pty.wait_text("(on the screen)");
    pty.send("\r");
    read(&pty, "the API is down");
    pty.wait_until("who came is written down", || joined(&ship, "1", "Ana") == 1);
    // what others write here is seen, and there again after coming back
    ship.does(&["-i", "1", "--as", "Ben", "note", "eight hosts are out"]);
    pty.wait_text("eight hosts are out");
    ship.does(&["-i", "2", "--as", "Cho", "note", "the queue is long"]);
    rest(&pty);
    pty.send("i\r");
    read(&pty, "exports are late");
    pty.wait_text("the queue is long");
    leave(&mut pty);
    assert_eq!((joined(&ship, "1", "Ana"), joined(&ship, "2", "Ana")), (1, 1));
    assert!(!ship.does(&["-i", "1", "show", "--all"]).out.contains("only about the exports"));
}

#[test]
fn given_everything_closed_when_started_then_the_list_is_shown_and_a_new_one_is_one_key_away() {
    let ship = Ship::new();
    ship.does(&["declare", "the API was down", "-s", "sev1"]);
    close(&ship, "1");
    let mut pty = board(&ship, &[], (100, 30));
    pty.wait_text("none is open");
    pty.send("i");
    pty.wait_text("what is wrong, in a line");
    pty.send("exports are late\r\r");
    read(&pty, "exports are late");
    leave(&mut pty);
    let listed = ship.asks(&["list"])["incidents"].clone();
    assert_eq!((listed[0]["incident"].as_u64(), listed[0]["title"].as_str()), (Some(2), Some("exports are late")));
    // one is open now: nobody has to choose
    let pty = board(&ship, &[], (100, 30));
    read(&pty, "exports are late");
    assert!(!pty.contents().contains("Incidents "), "{}", pty.contents());
}

#[test]
fn given_a_closed_incident_when_it_is_named_then_it_is_shown_and_nothing_is_asked() {
    let ship = Ship::new();
    ship.does(&["declare", "the API was down", "-s", "sev1"]);
    close(&ship, "1");
    let pty = board(&ship, &["-i", "1"], (100, 30));
    read(&pty, "the API was down");
    super::aboard::tick(&pty);
    assert!(!pty.contents().contains("Incidents "), "{}", pty.contents());
    assert_eq!(joined(&ship, "1", "Ana"), 0);
}

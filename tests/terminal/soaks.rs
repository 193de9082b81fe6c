//! Probes that a screen asks by itself after a soak: with a real program that is asked and a real flag file that is stopped, two screens on one
//! journal, a restart, a person who was quicker.

use super::aboard::{board, read};
use super::pty::Pty;
use crate::cli::ship::Ship;
use quarterdeck::incident::entry::EntryId;
use quarterdeck::incident::fact::Fact;
use quarterdeck::journal::Journal;
use serde_json::Value;
use std::collections::BTreeMap;

const FLAGS: &str =
    "{\"flags\":{\"push\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true,\"off\":false},\"defaultVariant\":\"on\"}}}";

/// A ship with a flag file and a probe that says how often it was asked, and an incident that is open.
fn ship(answer: &str, switch: &str, soak: &str) -> Ship {
    let ship = Ship::new();
    ship.write("flags.json", FLAGS);
    ship.configure(&format!(
        "[[switch]]\nname = 'push'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = 'push'\nstop = 'off'\n{switch}\n\
         [[probe]]\nname = 'crashes'\nscope = 'prod'\nkind = 'command'\ntimeout = '2s'\nsoak = '{soak}'\ntrips = 'push'\n\
         command = ['sh', '-c', '''echo asked >> {}; {answer}''']\n",
        ship.path("asked").display()
    ));
    ship
}

fn entries(ship: &Ship) -> Vec<Value> {
    ship.asks(&["-i", "1", "show", "--all"])["entries"].as_array().cloned().unwrap_or_default()
}

/// The entries of a kind.
fn of(ship: &Ship, kind: &str) -> Vec<Value> {
    entries(ship).into_iter().filter(|entry| entry["kind"] == kind).collect()
}

fn asked(ship: &Ship) -> usize {
    std::fs::read_to_string(ship.path("asked")).map_or(0, |text| text.lines().count())
}

fn serves(ship: &Ship) -> String {
    let flags = std::fs::read_to_string(ship.path("flags.json")).expect("a flag file");
    let flags: Value = serde_json::from_str(&flags).expect("JSON");
    flags["flags"]["push"]["defaultVariant"].as_str().expect("a variant").to_owned()
}

/// How often a probe was asked after each thing that serves, as the journal has it.
fn asked_after(ship: &Ship) -> Vec<usize> {
    let journal = Journal::open_for_reading(&ship.journal()).expect("the journal");
    let entries = journal.read_since(1, 0, 1_000).expect("entries").entries;
    let mut counts = BTreeMap::<EntryId, usize>::new();
    for entry in &entries {
        if let Fact::ProbeAsked(asked) = &entry.fact {
            *counts.entry(asked.after).or_default() += 1;
        }
    }
    counts.into_values().collect()
}

/// Waits until the record has an entry of a kind.
fn recorded(ship: &Ship, screen: &Pty, kind: &str) -> Value {
    screen.wait_until(kind, || !of(ship, kind).is_empty());
    of(ship, kind).remove(0)
}

#[test]
fn given_two_screens_when_a_probe_is_red_after_its_soak_then_it_is_asked_once_and_its_switch_is_stopped_once() {
    let ship = ship("echo 9 crashes; exit 1", "", "3s");
    ship.does(&["declare", "Servers crash", "-s", "sev1"]);
    let ana = board(&ship, &[], (120, 36));
    let ben = board(&ship, &["--as", "Ben"], (80, 24));
    for screen in [&ana, &ben] {
        read(screen, "Servers crash");
    }
    ship.does(&["--as", "ci", "changed", "data", "table 118"]);
    recorded(&ship, &ana, "probed");
    assert_eq!((asked(&ship), of(&ship, "probe-asked").len()), (1, 1), "one of the two asks");
    let settled = recorded(&ship, &ana, "settled");
    assert!(settled.to_string().contains("done"), "{settled}");
    ben.wait_text("to undo");
    ana.wait_text("to undo");
    assert_eq!(serves(&ship), "off");
    let acts = of(&ship, "intended");
    assert_eq!(acts.len(), 1, "{acts:?}");
    let why = "crashes is red after serving for 3 s: 9 crashes (it ended with 1)";
    assert!(acts[0]["text"].as_str().is_some_and(|text| text.contains(why)), "{}", acts[0]);
    // the stop serves too, and is asked after as well; nothing is stopped twice
    ana.wait_until("the answer after the stop", || of(&ship, "probed").len() >= 2);
    assert_eq!((asked_after(&ship), asked(&ship)), (vec![1, 1], 2), "once after the change, once after the stop");
    assert_eq!((of(&ship, "intended").len(), of(&ship, "settled").len()), (1, 1));
}

#[test]
fn given_a_probe_that_nobody_answers_when_its_soak_is_over_then_nothing_is_stopped_and_it_is_said() {
    let ship = ship("exec sleep 600", "", "1s");
    ship.does(&["declare", "Servers crash", "-s", "sev1"]);
    let ana = board(&ship, &[], (120, 36));
    read(&ana, "Servers crash");
    ship.does(&["changed", "data", "table 118"]);
    ana.wait_text("UNKNOWN after soak: crashes; push not stopped");
    assert_eq!((serves(&ship).as_str(), of(&ship, "intended").len()), ("on", 0));
}

#[test]
fn given_a_green_probe_when_its_soak_is_over_then_it_is_written_down_and_nothing_is_stopped() {
    let ship = ship("echo none", "", "1s");
    ship.does(&["declare", "Servers crash", "-s", "sev1"]);
    let ana = board(&ship, &[], (120, 36));
    read(&ana, "Servers crash");
    ship.does(&["changed", "data", "table 118"]);
    ana.wait_text("crashes: green after serving for 1 s, none");
    assert_eq!((serves(&ship).as_str(), of(&ship, "intended").len()), ("on", 0));
}

#[test]
fn given_a_probe_about_a_build_when_a_deploy_names_one_then_it_is_asked_about_that_one_after_its_soak_and_after_nothing_else()
 {
    let ship = Ship::new();
    ship.configure(
        "[[probe]]\nname = 'whole'\nscope = 'prod'\nkind = 'command'\nsoak = '1s'\n\
         command = ['sh', '-c', 'echo \"$1 has all 12 files\"', 'sh', '{ref}']\n\
         [[probe]]\nname = 'crashes'\nscope = 'prod'\nkind = 'command'\nsoak = '1s'\ncommand = ['echo', 'none']\n",
    );
    ship.does(&["declare", "Servers crash", "-s", "sev1"]);
    let ana = board(&ship, &[], (120, 36));
    read(&ana, "Servers crash");
    ship.does(&["changed", "data", "table 118", "--to", "118"]);
    ana.wait_text("crashes: green after serving for 1 s, none");
    assert_eq!(of(&ship, "probe-asked").len(), 1, "the other is not asked after what is no build");
    ship.does(&["changed", "deploy", "api", "--to", "v1824"]);
    ana.wait_text("whole: green after serving for 1 s, v1824 has all 12 files");
}

#[test]
fn given_a_person_who_was_quicker_when_the_soak_is_over_then_nothing_more_is_stopped() {
    let ship = ship("echo 9 crashes; exit 1", "", "3s");
    ship.does(&["declare", "Servers crash", "-s", "sev1"]);
    let ana = board(&ship, &[], (120, 36));
    read(&ana, "Servers crash");
    ship.does(&["changed", "data", "table 118"]);
    ship.does(&["--as", "Ben", "switch", "stop", "push", "--confirm", "production/push", "--reason", "it crashes"]);
    ana.wait_text("crashes: red after serving for");
    ana.wait_text("stop push: true -> false: it crashes");
    assert_eq!((serves(&ship).as_str(), of(&ship, "intended").len()), ("off", 1));
}

#[test]
fn given_a_switch_that_needs_two_people_when_its_probe_is_red_then_its_stop_is_asked_for_and_not_done() {
    let ship = ship("echo 9 crashes; exit 1", "two-people = 'always'", "1s");
    ship.does(&["declare", "Servers crash", "-s", "sev1"]);
    let ana = board(&ship, &[], (120, 36));
    read(&ana, "Servers crash");
    ship.does(&["changed", "data", "table 118"]);
    ana.wait_text("needs a second person");
    // the row that tells it stands before the request is in the journal
    recorded(&ship, &ana, "act-asked");
    assert_eq!((serves(&ship).as_str(), of(&ship, "act-asked").len(), of(&ship, "intended").len()), ("on", 1, 0));
    ship.does(&["--as", "Ben", "switch", "confirm", "push", "--confirm", "production/push", "--reason", "so it is"]);
    assert_eq!(serves(&ship), "off");
}

#[test]
fn given_a_soak_that_ended_with_no_screen_open_when_two_are_opened_then_it_is_asked_once() {
    let ship = ship("echo none", "", "5m");
    ship.does(&["declare", "Servers crash", "-s", "sev1", "--at", "-30m"]);
    ship.does(&["changed", "data", "table 118", "--at", "-20m"]);
    let ana = board(&ship, &[], (120, 36));
    let ben = board(&ship, &["--as", "Ben"], (120, 36));
    for screen in [&ana, &ben] {
        read(screen, "Servers crash");
        screen.wait_text("crashes: green after serving for");
    }
    assert_eq!((asked(&ship), of(&ship, "probe-asked").len(), of(&ship, "probed").len()), (1, 1, 1));
}

#[test]
fn given_two_open_incidents_when_what_serves_is_in_the_one_nobody_looks_at_then_it_is_asked_once_and_stopped_there() {
    let ship = ship("echo 9 crashes; exit 1", "", "3s");
    ship.does(&["declare", "Servers crash", "-s", "sev1"]);
    ship.does(&["declare", "Exports are late", "-s", "sev2"]);
    let ana = board(&ship, &["-i", "2"], (120, 36));
    let ben = board(&ship, &["--as", "Ben", "-i", "2"], (120, 36));
    for screen in [&ana, &ben] {
        read(screen, "Exports are late");
    }
    ship.does(&["--as", "ci", "-i", "1", "changed", "data", "table 118"]);
    recorded(&ship, &ana, "settled");
    assert_eq!((serves(&ship).as_str(), of(&ship, "intended").len()), ("off", 1));
    let after = asked_after(&ship);
    assert!(!after.is_empty() && after.iter().all(|times| *times == 1), "one of the two asks: {after:?}");
    let there = ship.asks(&["-i", "2", "show", "--all"]).to_string();
    assert!(!there.contains("crashes") && !there.contains("stop push"), "{there}");
}

#[test]
fn given_no_open_incident_when_what_was_lifted_has_served_then_its_probe_is_asked_and_stops_what_it_is_to_stop() {
    let ship = ship("echo 9 crashes; exit 1", "", "3s");
    ship.does(&["freeze", "add", "--why", "a look"]);
    let ana = board(&ship, &[], (120, 36));
    ana.wait_text("a look");
    ship.does(&["freeze", "lift", "--confirm", "prod", "--reason", "it crashes less"]);
    ana.wait_until("the stop", || serves(&ship) == "off");
    let last = |ship: &Ship| ship.asks(&["switch", "list"])["switches"][0]["last"].to_string();
    ana.wait_until("its outcome", || last(&ship).contains("done"));
    assert!(last(&ship).contains("crashes is red after serving for"), "{}", last(&ship));
}

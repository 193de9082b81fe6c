//! The program is killed between writing an act down and its outcome. Whoever opens next looks, says so, and sends nothing.

use super::aboard::{board, read, type_name};
use super::pty::Pty;
use crate::cli::ship::Ship;
use rustix::process::Signal;
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};

const FLAGS: &str = r#"{
  "flags": {
    "release": { "state": "ENABLED", "variants": { "1822": "1822", "1823": "1823" }, "defaultVariant": "1823" }
  }
}
"#;

/// How old the act is made: older than the minute in which its own session may still answer.
const AGED: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

fn equipped() -> Ship {
    let ship = Ship::new();
    ship.write("flags/flags.json", FLAGS);
    ship.configure(
        "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"release\"\nstop = \"1822\"\ncritical = true\n",
    );
    ship
}

fn kinds(ship: &Ship) -> Vec<String> {
    let shown = ship.asks(&["-i", "1", "show"]);
    let entries = shown["entries"].as_array().expect("entries").clone();
    entries.iter().filter_map(|entry| entry["kind"].as_str().map(str::to_string)).collect()
}

pub fn count(ship: &Ship, kind: &str) -> usize {
    kinds(ship).iter().filter(|one| *one == kind).count()
}

/// The file itself, not only its bytes: a replacement has another inode, a write another time.
pub fn identity(path: &Path) -> (Vec<u8>, u64, std::time::SystemTime) {
    use std::os::unix::fs::MetadataExt;
    let meta = path.metadata().expect("the flag file");
    (std::fs::read(path).expect("the flag file"), meta.ino(), meta.modified().expect("a time"))
}

/// Stops the switch while somebody else holds the flag file's directory, and is killed before the turn comes.
fn killed_while_it_waits(ship: &Ship) -> PathBuf {
    ship.does(&["declare", "1823 is broken", "-s", "sev1"]);
    let held = File::open(ship.path("flags")).expect("the directory");
    held.lock().expect("our turn");
    let mut screen = board(ship, &[], (120, 36));
    read(&screen, "1823 is broken");
    screen.wait_text("release  serves 1823");
    screen.send("2x");
    screen.wait_text("stop for everybody");
    screen.send("\r");
    screen.wait_text("type exactly  production/release");
    type_name(&screen, "production/release");
    screen.send("\r");
    screen.wait_text("stop release: 1823 -> 1822");
    assert!(!screen.contents().contains("done"), "{}", screen.contents());
    screen.signal(Signal::KILL);
    screen.wait_exit();
    drop(held);
    ship.path("flags/flags.json")
}

/// The same home, but that its incident is five minutes older.
pub fn aged(ship: &Ship) -> Ship {
    let mut document: Value = serde_json::from_str(&ship.does(&["-i", "1", "export", "-f", "json"]).out).expect("JSON");
    for entry in document["entries"].as_array_mut().expect("entries") {
        for name in ["at", "recorded"] {
            let time = chrono::DateTime::parse_from_rfc3339(entry[name].as_str().expect("a time")).expect("a time");
            entry[name] = (time - AGED).to_utc().to_rfc3339_opts(chrono::SecondsFormat::Micros, true).into();
        }
    }
    let older = ship.copy();
    std::fs::remove_dir_all(older.path("data")).expect("the journal's directory");
    let file = older.write("older.json", &document.to_string());
    older.does(&["import", "json", &file.to_string_lossy()]);
    older
}

#[test]
fn given_an_intent_without_an_outcome_when_opened_again_then_it_looks_and_never_sends() {
    let ship = equipped();
    let flags = killed_while_it_waits(&ship);
    assert_eq!(std::fs::read_to_string(&flags).expect("the flag file"), FLAGS, "its turn never came");
    assert_eq!((count(&ship, "intended"), count(&ship, "settled")), (1, 0));

    // at once: another session's act may still be answered
    let before = identity(&flags);
    let screen = board(&ship, &[], (120, 36));
    screen.wait_text("release  serves 1823");
    screen.wait_text("no answer yet");
    assert_eq!(count(&ship, "seen"), 0);
    drop(screen);
    assert_eq!(identity(&flags), before);

    // five minutes later nobody will answer any more
    let older = aged(&ship);
    let flags = older.path("flags/flags.json");
    let before = identity(&flags);
    let screen = board(&older, &[], (120, 36));
    looked(&older, &screen);
    drop(screen);
    // once is enough
    let screen = board(&older, &[], (120, 36));
    screen.wait_text("release  serves 1823");
    super::aboard::rest(&screen);
    assert_eq!((count(&older, "intended"), count(&older, "settled"), count(&older, "seen")), (1, 0, 1));
    assert_eq!(identity(&flags), before, "nothing was sent again");
}

fn looked(ship: &Ship, screen: &Pty) {
    screen.wait_text("release serves 1823: as before: 1822 was asked");
    screen.wait_text("UNSURE since");
    screen.wait_until("what was seen is recorded", || count(ship, "seen") == 1);
    let shown = ship.asks(&["-i", "1", "show"]);
    let entries = shown["entries"].as_array().expect("entries").clone();
    let seen = entries.iter().find(|entry| entry["kind"] == "seen").expect("what was seen");
    assert!(seen.to_string().contains("1823"), "{seen}");
}

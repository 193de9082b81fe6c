//! Text from outside is hostile: what is pasted runs nothing, and no text moves the cursor, reaches the clipboard or turns its direction.

use super::aboard::{board, read, rest, tick};
use crate::cli::ship::Ship;
use serde_json::Value;

/// Clears, writes to the clipboard, sets the title, asks for an answer, turns the direction, hides, and ends as C1 and NUL.
const EVIL: &str =
    "evil\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{1b}]0;owned\u{7}\u{1b}[6n\u{202e}turned\u{2066}\u{200b}\u{9b}31m\u{0}end";

/// What the program itself never writes.
const NEVER: [&[u8]; 8] = [
    b"\x1b]52",
    b"\x1b]0;",
    b"\x1b[6n",
    "\u{202e}".as_bytes(),
    "\u{2066}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{9b}".as_bytes(),
    b"\0",
];

/// What of a hostile text came through.
fn found(bytes: &[u8]) -> Vec<String> {
    let is_there = |sequence: &&[u8]| bytes.windows(sequence.len()).any(|window| window == *sequence);
    NEVER.into_iter().filter(is_there).map(|sequence| sequence.escape_ascii().to_string()).collect()
}

/// How often the whole screen was cleared.
fn cleared(bytes: &[u8]) -> usize {
    bytes.windows(4).filter(|window| *window == b"\x1b[2J").count()
}

/// An incident whose every text is hostile, as somebody may hand it over, and a flag file and events of the same kind.
fn infested() -> Ship {
    let ship = Ship::new();
    ship.does(&["declare", "TITLE", "-s", "sev1"]);
    ship.does(&["note", "NOTE"]);
    ship.does(&["task", "NOTE", "--owner", "TITLE"]);
    ship.does(&["question", "NOTE"]);
    let exported = ship.does(&["-i", "1", "export", "-f", "json"]).out;
    let evil = serde_json::to_string(EVIL).expect("JSON");
    let evil = evil.trim_matches('"');
    let infested = exported.replace("TITLE", &format!("title {evil}")).replace("NOTE", &format!("words {evil}"));
    let infested = infested.replace("\"author\":\"Ana\"", &format!("\"author\":\"Ana {evil}\""));
    serde_json::from_str::<Value>(&infested).expect("still JSON");

    let ship = Ship::new();
    let file = ship.write("evil.json", &infested);
    ship.does(&["import", "json", &file.to_string_lossy()]);
    ship.write(
        "flags.json",
        &format!(
            r#"{{"flags": {{"release": {{"state": "ENABLED", "variants": {{"good": "good", "{evil}": "served {evil}"}}, "defaultVariant": "{evil}"}}}}}}"#
        ),
    );
    ship.write("events.ndjson", &format!("{{\"time\": \"{evil}\", \"status\": \"{evil}\", \"{evil}\": \"{evil}\"}}\n"));
    ship.configure(
        "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags.json\"\nflag = \"release\"\nstop = \"good\"\n\
         [[slo]]\nname = \"api\"\nevents = \"~/events.ndjson\"\nbad = \"status >= 500\"\ntarget = 99.9\ngroup = \"status\"\n",
    );
    ship
}

#[test]
fn given_hostile_texts_everywhere_when_looked_at_then_none_reaches_the_terminal() {
    let ship = infested();
    let screen = board(&ship, &[], (120, 36));
    read(&screen, "title evil");
    screen.wait_text("words evil");
    screen.wait_text("served evil");
    // what is selected in each panel, and an act on the hostile switch
    for (keys, foot) in [
        ("4G\r", "Esc closes"),
        ("2\r", "Esc closes"),
        ("3\r", "Esc closes"),
        ("2x\r", "Esc leaves everything as it is"),
    ] {
        screen.send(keys);
        screen.wait_text(foot);
        screen.send("\x1b");
        screen.wait_for("it is closed", |screen| !screen.contents().contains(foot));
        rest(&screen);
    }
    screen.resize(80, 24);
    screen.wait_for("the small screen", |screen| {
        let first = screen.rows(0, 80).next();
        first.is_some_and(|row| row.contains("title evil"))
    });
    let bytes = screen.bytes();
    assert_eq!(found(&bytes), Vec::<String>::new());
    assert!(cleared(&bytes) <= 2, "only for its two sizes");
    assert_eq!((found(EVIL.as_bytes()).len(), cleared(EVIL.as_bytes())), (NEVER.len(), 1), "it would have been found");
}

#[test]
fn given_nothing_open_when_pasted_then_nothing_is_done() {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    let before = ship.asks(&["show"])["entries"].as_array().map(Vec::len);
    let screen = board(&ship, &[], (100, 30));
    read(&screen, "the API is down");
    screen.send("\x1b[200~xq\r\x03\x1b[201~");
    screen.wait_text("ignored");
    tick(&screen);
    screen.wait_text("n note");
    assert_eq!(ship.asks(&["show"])["entries"].as_array().map(Vec::len), before);
}

#[test]
fn given_an_open_note_when_hostile_lines_are_pasted_then_they_are_kept_as_lines_and_harmless() {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    let screen = board(&ship, &[], (100, 30));
    read(&screen, "the API is down");
    screen.send("n");
    screen.wait_text("22:49 or -5m first says when");
    let pasted = EVIL.replace('\u{1b}', "");
    screen.send(format!("\x1b[200~first\rsecond {pasted}\r\nthird\x1b[201~"));
    screen.wait_text("third");
    screen.send("\r");
    screen.wait_until("it is recorded", || {
        ship.asks(&["show"])["entries"].as_array().is_some_and(|all| all.iter().any(|one| one["kind"] == "noted"))
    });
    screen.wait_text("first  (3 lines)");
    let exported: Value = serde_json::from_str(&ship.does(&["export", "-f", "json"]).out).expect("JSON");
    let entries = exported["entries"].as_array().expect("entries").clone();
    let note = entries.iter().find(|one| one["kind"] == "noted").expect("the note");
    let text = note["fact"]["text"].as_str().expect("a text");
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines.len() == 3 && lines[0] == "first" && lines[1].starts_with("second evil") && lines[2] == "third",
        "{text:?}"
    );
    assert_eq!(found(&screen.bytes()), Vec::<String>::new());
}

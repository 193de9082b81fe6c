//! The command line with a person at a terminal: the editor, the question which incident is meant, the screen.

use super::ship::Ship;
use crate::terminal::pty::Pty;
use std::os::unix::fs::PermissionsExt;

fn at(ship: &Ship, arguments: &[&str], more: &[(&str, &str)]) -> Pty {
    let path = |name: &str| ship.path(name).to_string_lossy().into_owned();
    let home = [path(""), path("config"), path("data"), path("state"), path("cache")];
    let names = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"];
    let mut environment: Vec<(&str, &str)> = names.into_iter().zip(home.iter().map(String::as_str)).collect();
    environment.push(("QUARTERDECK_PERSON", "Ana"));
    environment.extend(more);
    Pty::spawn(env!("CARGO_BIN_EXE_quarterdeck"), arguments, &environment, 100, 30)
}

#[test]
fn given_a_terminal_when_there_are_no_words_then_the_editor_is_asked_for_them() {
    let ship = Ship::new();
    ship.does(&["declare", "x", "-s", "1"]);
    let editor = ship.write("editor", "#!/bin/sh\nprintf 'written\\nin %s\\n' \"$1\" > \"$2\"\n");
    std::fs::set_permissions(&editor, std::fs::Permissions::from_mode(0o700)).expect("executable");
    let words = format!("{} the-editor", editor.display());
    let mut terminal = at(&ship, &["note"], &[("EDITOR", &words)]);
    terminal.wait_text("in the-editor");
    assert!(terminal.wait_exit().success());
    let failing = &mut at(&ship, &["note"], &[("EDITOR", "false")]);
    failing.wait_text("Nothing was recorded");
    assert_eq!(failing.wait_exit().code(), Some(1));
    let left = std::fs::read_dir(ship.path("state/quarterdeck/drafts")).expect("drafts").count();
    assert_eq!(left, 0, "what the editor wrote in is gone");
}

#[test]
fn given_a_terminal_when_several_incidents_are_open_then_it_asks_which_is_meant() {
    let ship = Ship::new();
    ship.does(&["declare", "first", "-s", "1"]);
    ship.does(&["declare", "second", "-s", "2"]);
    let mut terminal = at(&ship, &["note", "hello"], &[]);
    terminal.wait_text("Which one?");
    terminal.send(b"2\r");
    terminal.wait_text("incident 2");
    assert!(terminal.wait_exit().success());
    let mut terminal = at(&ship, &["note", "to nobody"], &[]);
    terminal.wait_text("Which one?");
    terminal.send(b"9\r");
    terminal.wait_text("kept in");
    assert_eq!(terminal.wait_exit().code(), Some(2));
}

#[test]
fn given_a_terminal_when_a_drill_is_begun_then_its_screen_opens_and_nobody_may_delete_it_meanwhile() {
    let ship = Ship::new();
    let mut terminal = at(&ship, &["drill"], &[]);
    terminal.wait_text("DRILL");
    terminal.wait_text("release");
    let list = ship.asks(&["drill", "--list"]);
    let name = list["drills"][0]["drill"].as_str().expect("a name").to_string();
    let run = ship.run(&["drill", "--delete", &name]).ends(3);
    assert!(run.err.contains("being played"), "{}", run.err);
    terminal.send(b"\x03");
    terminal.send(b"\x03");
    assert!(terminal.wait_exit().success());
    ship.does(&["drill", "--delete", &name]);
}

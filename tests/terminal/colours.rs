//! Terminals of other kinds: within tmux with a second, smaller person at it, with few colours, with none.

use super::aboard::{PROGRAM, read, rest, start};
use super::tmux::Tmux;
use crate::cli::ship::Ship;

/// Two switches and an alarming incident, so that there is something to colour.
fn colourful() -> Ship {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    ship.configure(
        "[[switch]]\nname = \"gone\"\nkind = \"flagd\"\nfile = \"~/nowhere.json\"\nflag = \"gone\"\nstop = \"off\"\n",
    );
    ship
}

/// The numbers of every SGR sequence, in order.
fn styles(bytes: &[u8]) -> Vec<Vec<u16>> {
    let starts = bytes.windows(2).enumerate().filter(|(_, window)| *window == b"\x1b[").map(|(at, _)| at + 2);
    let sequence = |start: usize| {
        let rest = &bytes[start..];
        let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte))?;
        let text = std::str::from_utf8(&rest[..end]).ok().filter(|_| rest[end] == b'm')?;
        text.split([';', ':']).map(|number| if number.is_empty() { Some(0) } else { number.parse().ok() }).collect()
    };
    starts.filter_map(sequence).collect()
}

fn is_colour(number: u16) -> bool {
    matches!(number, 30..=38 | 40..=48 | 90..=97 | 100..=107)
}

#[test]
fn given_a_smaller_person_in_the_same_tmux_when_they_act_then_both_see_it_right() {
    let ship = colourful();
    let Some(first) = Tmux::open(&ship, "screen-256color", &[PROGRAM], (120, 36)) else { return };
    first.wait_for("the whole screen", |screen| {
        let last = screen.rows(0, 120).last();
        screen.contents().contains("the API is down") && last.is_some_and(|row| row.starts_with("n note"))
    });
    let second = first.join("xterm", (80, 24));
    let small = |screen: &vt100::Screen| {
        let rows: Vec<String> = screen.rows(0, 80).collect();
        let top = rows.first().is_some_and(|row| row.contains("the API is down") && row.trim_end().ends_with("UTC"));
        top && rows.get(23).is_some_and(|row| row.starts_with("n note"))
    };
    second.wait_for("the whole screen, smaller", small);
    second.send("n");
    second.wait_text("22:49 or -5m first says when");
    second.send("from the second keyboard\r");
    second.wait_text("from the second keyboard");
    first.wait_text("from the second keyboard");
    // eight colours outside: nothing that such a terminal would misread
    let many = styles(&second.bytes()).into_iter().find(|style| style.contains(&38) || style.contains(&48));
    assert_eq!(many, None);
    drop(second);
    rest(&first);
    first.send("4");
    first.wait_for("the whole screen again", |screen| {
        let last = screen.rows(0, 120).last();
        let wide = screen.rows(0, 120).next().is_some_and(|row| row.trim_end().chars().count() == 120);
        wide && last.is_some_and(|row| row.starts_with("n note"))
    });
}

#[test]
fn given_sixteen_colours_when_drawn_then_only_they_are_written() {
    let ship = colourful();
    let screen = start(&ship, PROGRAM, &[], &[("TERM", "xterm")], (100, 30));
    read(&screen, "the API is down");
    screen.wait_text("UNKNOWN");
    let styles = styles(&screen.bytes());
    assert!(styles.iter().flatten().any(|number| is_colour(*number)), "{styles:?}");
    assert!(!styles.iter().flatten().any(|number| matches!(number, 38 | 48)), "{styles:?}");
}

#[test]
fn given_no_color_when_drawn_then_no_colour_is_written() {
    let ship = colourful();
    let screen = start(&ship, PROGRAM, &[], &[("NO_COLOR", "1")], (100, 30));
    read(&screen, "the API is down");
    screen.wait_text("UNKNOWN");
    screen.send("?");
    screen.wait_text("Esc closes");
    screen.send("\x1b");
    rest(&screen);
    screen.send("n");
    screen.wait_text("22:49 or -5m first says when");
    let styles = styles(&screen.bytes());
    assert!(!styles.is_empty(), "weight is no colour");
    assert!(!styles.iter().flatten().any(|number| is_colour(*number)), "{styles:?}");
}

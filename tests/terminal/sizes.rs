//! A terminal of any size, and of several in a row.

use super::aboard::{board, read};
use crate::cli::ship::Ship;

fn rows(screen: &vt100::Screen) -> Vec<String> {
    screen.rows(0, screen.size().1).map(|row| row.trim_end().to_string()).collect()
}

/// Everything below the line with the clock.
fn below(screen: &vt100::Screen) -> Vec<String> {
    rows(screen).split_off(1)
}

#[test]
fn given_a_screen_when_its_size_changes_to_anything_then_it_lives_and_is_right_again() {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    ship.does(&["note", "the last thing that happened"]);
    let mut screen = board(&ship, &[], (120, 36));
    screen.wait_text("the last thing that happened");
    for (columns, rows_there) in [(200, 60), (80, 24), (20, 5), (1, 1), (300, 2), (2, 80), (120, 36)] {
        let before = screen.written();
        screen.resize(columns, rows_there);
        screen.wait_until("a frame at the new size", || screen.written() > before);
        if columns >= 80 && rows_there >= 24 {
            screen.wait_for("the whole screen at its new size", |screen| {
                let rows = rows(screen);
                let first = rows.first().is_some_and(|row| row.contains("the API is down") && row.ends_with("UTC"));
                let last = rows.last().is_some_and(|row| row.starts_with("n note") && row.ends_with("Ana"));
                first && last && rows.iter().any(|row| row.contains("the last thing that happened"))
            });
        }
    }
    let fresh = board(&ship, &[], (120, 36));
    fresh.wait_text("the last thing that happened");
    screen.wait_for("what a fresh screen of this size shows", |screen| below(screen) == fresh.look(below));
    drop(fresh);
    screen.send("\x03");
    screen.wait_text("Ctrl-C again leaves");
    screen.send("\x03");
    assert!(screen.wait_exit().success());
}

#[test]
fn given_a_program_when_it_starts_in_one_cell_then_it_grows_with_the_terminal() {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    let screen = board(&ship, &[], (1, 1));
    screen.wait_for("the screen is borrowed", vt100::Screen::alternate_screen);
    screen.resize(100, 30);
    read(&screen, "the API is down");
}

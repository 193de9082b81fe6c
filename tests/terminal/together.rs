//! Several at once on one journal: what one records, the others see.

use super::aboard::{board, jump, read, rest};
use crate::cli::ship::Ship;

#[test]
fn given_two_screens_and_a_command_when_one_writes_then_all_see_it() {
    let ship = Ship::new();
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    let ana = board(&ship, &[], (100, 30));
    let ben = board(&ship, &["--as", "Ben"], (80, 24));
    read(&ana, "the API is down");
    read(&ben, "the API is down");
    ana.send("n");
    ana.wait_text("22:49 or -5m first says when");
    ana.send("from Ana's screen\r");
    ana.wait_text("Ana   from Ana's screen");
    ben.wait_text("from Ana's screen");
    ship.does(&["--as", "Cho", "note", "from a command"]);
    ana.wait_text("Cho   from a command");
    ben.wait_text("from a command");
    // both at once: each is recorded once, whoever was first
    rest(&ana);
    for (screen, words) in [(&ana, "both A"), (&ben, "both B")] {
        screen.send("n");
        screen.wait_text("22:49 or -5m first says when");
        screen.send(words);
        screen.wait_text(words);
    }
    ana.send("\r");
    ben.send("\r");
    for screen in [&ana, &ben] {
        screen.wait_for("both notes", |screen| {
            let shown = screen.contents();
            shown.contains("both A") && shown.contains("both B")
        });
    }
    let shown = ship.asks(&["show"])["entries"].to_string();
    assert_eq!((shown.matches("both A").count(), shown.matches("both B").count()), (1, 1), "{shown}");
}

#[test]
fn given_two_screens_on_one_drill_when_the_first_leaves_then_its_world_goes_on_in_the_other() {
    let ship = Ship::new();
    let mut ana = board(&ship, &["drill"], (120, 36));
    ana.wait_text("Press > to jump to the next thing that happens.");
    let ben = board(&ship, &["--as", "Ben", "drill"], (120, 36));
    ben.wait_text("Another screen runs this drill");
    ana.send("\x03");
    ana.wait_text("Ctrl-C again leaves");
    ana.send("\x03");
    assert_eq!(ana.wait_exit().code(), Some(0), "{}", ana.contents());
    // the world's files follow the clock only while somebody drives it
    jump(&ship, &ben, "22:52:00");
    ben.wait_text("page: over 14.4x in 1 h and 5 m");
}

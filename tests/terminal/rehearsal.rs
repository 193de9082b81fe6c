//! The first rehearsal, played to its end in tmux by somebody who reads what is on the screen.

use super::aboard::{PROGRAM, drill, jump, rest, seconds, type_name};
use super::tmux::Tmux;
use crate::cli::ship::Ship;
use quarterdeck::liaison::switches::flagd;
use std::path::Path;

#[test]
fn given_a_drill_in_tmux_when_it_is_played_to_the_end_then_the_record_says_what_was_true_and_comes_back_as_it_left() {
    let ship = Ship::new();
    let Some(tmux) = Tmux::open(&ship, "tmux-256color", &[PROGRAM, "drill"], (120, 36)) else { return };
    tmux.wait_text("All is well still. Press > to jump to the next thing that happens.");
    tmux.wait_text("release  serves 1823");

    see(&ship, &tmux);
    declare_and_tell(&ship, &tmux);
    go_back(&ship, &tmux);
    recover(&ship, &tmux);
    finish(&tmux);

    let journal = drill(&ship).join("journal/quarterdeck.journal");
    let exports = drill(&ship).join("exports");
    tmux.send("\x03\x03");
    tmux.wait_text("[exited]");
    let record = std::fs::read_to_string(exports.join("drill-1.md")).expect("the record");
    says_the_truth("missing-binary", &record);
    assert!(record.contains("| public | public update |") && record.contains("| kept 23:2"), "{record}");
    comes_back(&ship, &journal, &exports.join("drill-1.json"));
}

fn see(ship: &Ship, tmux: &Tmux<'_>) {
    jump(ship, tmux, "22:53:30");
    tmux.wait_text("page: over 14.4x in 1 h and 5 m");
    // dead servers send no errors: that objective goes quiet instead
    jump(ship, tmux, "22:55:00");
    tmux.wait_text("servers and api-availability DISAGREE");
    tmux.wait_text("Requests are refused. Press i: it is sev1, and you command.");
}

fn declare_and_tell(ship: &Ship, tmux: &Tmux<'_>) {
    tmux.send("i");
    tmux.wait_text("noticed by");
    tmux.send("\t\tby eye\r");
    tmux.wait_text("SEV1  INVESTIGATING");
    tmux.wait_text("first public update");
    rest(tmux);
    tmux.send("u");
    tmux.wait_text("everybody who reads page");
    tmux.send("We refuse all API requests since 22:50.\r");
    tmux.wait_for("it is visible within five minutes", |screen| {
        let rows: Vec<String> = screen.rows(0, 120).collect();
        let at = |start: &str| {
            let row = rows.iter().find(|row| row.get(10..18).is_some_and(|kind| kind.trim_end() == start))?;
            seconds(row.get(..8)?)
        };
        let visible = rows.iter().any(|row| row.contains("We refuse all API requests") && row.contains("visible 22:5"));
        visible && at("public").zip(at("declared")).is_some_and(|(told, declared)| told - declared < 300)
    });
    let page = std::fs::read_to_string(drill(ship).join("page/index.html")).expect("the page");
    assert!(page.contains("We refuse all API requests since 22:50.") && page.contains("DRILL"), "{page}");
}

fn go_back(ship: &Ship, tmux: &Tmux<'_>) {
    tmux.wait_text("Go back to 1822. Press x, choose release, stop it, type its name.");
    rest(tmux);
    tmux.send("2");
    tmux.send("x");
    tmux.wait_text("type exactly  production/release");
    type_name(tmux, "production/release");
    tmux.send("\tthe build before ran\r");
    tmux.wait_text("release  serves 1822, was 1823");
    let flags = std::fs::read_to_string(drill(ship).join("world/flags.flagd.json")).expect("the flag file");
    assert_eq!(flagd::resolve(&flags, "release").expect("a flag").value, "1822");
    tmux.wait_text("Say who is hurt. Press :, type impact: all API requests refused.");
    rest(tmux);
    tmux.send(":");
    tmux.send("impact\r");
    tmux.wait_text("what they notice: requests refused");
    tmux.send("all API requests refused\r");
    tmux.wait_text("Hosts return one by one, in about 3 min. Press n: write what you see.");
    rest(tmux);
    tmux.send("n");
    tmux.wait_text("22:49 or -5m first says when");
    tmux.send("every host asked for 1822 again\r");
    tmux.wait_text("A check-in is due each quarter. Press c: one line will do.");
}

fn recover(ship: &Ship, tmux: &Tmux<'_>) {
    rest(tmux);
    jump(ship, tmux, "23:00:00");
    tmux.wait_text("DUE NOW  23:00  check-in");
    tmux.send("c");
    tmux.wait_text("Check-in   for 23:00");
    tmux.send("hosts come back\tCho, Dev\r");
    tmux.wait_text("When refused falls to 0, press s and say mitigated.");
    rest(tmux);
    jump(ship, tmux, "23:05:00");
    tmux.wait_text("-> 0 after");
    tmux.send("s");
    tmux.wait_text("now SEV1 investigating");
    tmux.send("mitigated\r");
    tmux.wait_text("SEV1  MITIGATED");
    rest(tmux);
    // the promised half hour: told before it is over
    jump(ship, tmux, "23:25:00");
    tmux.wait_text("draft u");
    tmux.send("u");
    tmux.wait_text("everybody who reads page");
    tmux.send("All requests are served again.\r");
    tmux.wait_text("visible 23:2");
}

fn finish(tmux: &Tmux<'_>) {
    rest(tmux);
    tmux.send("s");
    tmux.wait_text("now SEV1 mitigated");
    tmux.send("resolved\r");
    tmux.wait_text("SEV1  RESOLVED");
    tmux.wait_text("Press s: closed. It asks what becomes of the release that is stopped.");
    rest(tmux);
    tmux.send("s");
    tmux.wait_text("now SEV1 resolved");
    tmux.send("closed\r");
    tmux.wait_text("Before closing there remains: release is stopped (served 1823 before)");
    tmux.send("1823 stays out until it is understood\r");
    tmux.wait_text("SEV1  CLOSED");
    tmux.wait_text("Press E: the record of this incident, as a document.");
    rest(tmux);
    tmux.send("E");
    tmux.wait_text("That was the drill. Restore nothing: 1823 is still broken.");
}

/// Every fact of the scenario's truth stands in the timeline, within a minute of its time.
pub fn says_the_truth(scenario: &str, record: &str) {
    let scenario = quarterdeck::drill::scenario(scenario).expect("a scenario").expect("a good one");
    assert!(!scenario.truth.is_empty());
    for truth in scenario.truth {
        let minute = u32::try_from(truth.at.0.div_euclid(1_000_000).rem_euclid(86_400)).expect("a time of day");
        let mut lines = record.lines().filter_map(|line| {
            let at = seconds(line.strip_prefix("- ")?.get(..8)?)?;
            Some((at, line))
        });
        let found = lines.any(|(at, line)| at.abs_diff(minute) <= 60 && line.contains(&truth.says));
        assert!(found, "{truth:?} is missing in\n{record}");
    }
}

/// What was exported is imported into another drill's journal, and exported there as the same bytes; twice is once.
fn comes_back(ship: &Ship, journal: &Path, exported: &Path) {
    let journal = journal.to_string_lossy();
    let left = ship.does(&["--journal", &journal, "-i", "1", "export", "-f", "json"]).out;
    assert_eq!(
        left,
        std::fs::read_to_string(exported).expect("the document"),
        "the screen writes what the command writes"
    );
    let made = ship.asks(&["drill", "--no-screen", "--new"]);
    let other = made["journal"].as_str().expect("a journal").to_string();
    assert_ne!(other, journal);
    for added in [left.matches("\"seq\":").count(), 0] {
        let taken = ship.asks(&["--journal", &other, "import", "json", &exported.to_string_lossy()]);
        assert_eq!((taken["incident"].as_u64(), taken["added"].as_u64()), (Some(1), Some(added as u64)), "{taken}");
    }
    let came = ship.does(&["--journal", &other, "-i", "1", "export", "-f", "json"]).out;
    assert_eq!(came, left);
}

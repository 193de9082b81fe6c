//! The first rehearsal, played to its end in tmux by somebody who reads what is on the screen.

use super::aboard::{PROGRAM, drill, jump, rest, seconds, type_name};
use super::tmux::Tmux;
use crate::cli::ship::{Run, Ship, ended};
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
    freeze(&ship, &tmux);
    go_back(&ship, &tmux);
    recover(&ship, &tmux);
    resolve(&tmux);
    release_the_fix(&ship, &tmux);
    finish(&tmux);

    let journal = drill(&ship).join("journal/quarterdeck.journal");
    let exports = drill(&ship).join("exports");
    tmux.send("\x03\x03");
    tmux.wait_text("[exited]");
    let record = std::fs::read_to_string(exports.join("drill-1.md")).expect("the record");
    says_the_truth("missing-binary", &record);
    assert!(record.contains("| public | public update |") && record.contains("| kept 23:2"), "{record}");
    for words in ["frozen", "1824 may go to prod: packed with api-server", "review held on Wednesday"] {
        assert!(record.contains(words), "{words} is missing in\n{record}");
    }
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

/// The budget itself proposes it, and so only a review lifts it.
fn freeze(ship: &Ship, tmux: &Tmux<'_>) {
    tmux.wait_text("Nobody may send 1823 again. Press f: it holds releases to prod.");
    rest(tmux);
    tmux.send("f");
    tmux.wait_text("budget: a review lifts it");
    tmux.send("\r");
    tmux.wait_text("PROD FROZEN by Ana");
    gate(ship, &["--ref", "1823"]).ends(3);
}

/// What a pipeline of the rehearsal is told.
fn gate(ship: &Ship, more: &[&str]) -> Run {
    by_command(ship, &[&["freeze", "check", "--scope", "prod/api"], more].concat())
}

fn by_command(ship: &Ship, command: &[&str]) -> Run {
    let journal = drill(ship).join("journal/quarterdeck.journal");
    ended(ship.start(&[&["--journal", &*journal.to_string_lossy()], command].concat()))
}

fn go_back(ship: &Ship, tmux: &Tmux<'_>) {
    tmux.wait_text("Go back to 1822. Press x, choose release, stop it, type its name.");
    rest(tmux);
    tmux.send("2");
    tmux.send("x");
    tmux.wait_text("stop for everybody");
    tmux.send("\r");
    tmux.wait_text("type exactly  production/release");
    type_name(tmux, "production/release");
    tmux.send("\tthe build before ran\r");
    tmux.wait_text("release  STOPPED  serves 1822, was 1823");
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

fn resolve(tmux: &Tmux<'_>) {
    rest(tmux);
    tmux.send("s");
    tmux.wait_text("now SEV1 mitigated");
    tmux.send("resolved\r");
    tmux.wait_text("SEV1  RESOLVED");
}

/// One build passes what is held, and a review lifts it.
fn release_the_fix(ship: &Ship, tmux: &Tmux<'_>) {
    tmux.wait_text("1824 is the fix. Press f, p: only this build passes what is held.");
    gate(ship, &["--ref", "1824"]).ends(3);
    rest(tmux);
    tmux.send("f");
    tmux.wait_text("a review lifts it");
    tmux.send("p");
    tmux.wait_text("Let one build pass");
    tmux.send("1824\tpacked with api-server\r");
    tmux.wait_text("Once the review is held, press f, Enter: lift it, naming the review.");
    let passed = gate(ship, &["--ref", "1824"]).ends(0);
    assert!(passed.out.contains("lets 1824 through"), "{passed:?}");
    gate(ship, &["--ref", "1823"]).ends(3);
    // a spent budget is no one's to forget
    let unread = by_command(ship, &["freeze", "lift", "--reason", "it is over"]).ends(3);
    assert!(unread.err.contains("review"), "{unread:?}");
    by_command(ship, &["freeze", "lift", "--review", "held on Wednesday"]).ends(0);
    let open = gate(ship, &[]).ends(0);
    assert!(open.out.starts_with("open: prod/api"), "{open:?}");
}

fn finish(tmux: &Tmux<'_>) {
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

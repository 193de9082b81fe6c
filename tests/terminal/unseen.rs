//! An incident that nobody saw while it lasted, played to its end in tmux: opened where it was, in the past, and understood with what the
//! screen and the command line say.

use super::aboard::{PROGRAM, drill, jump, rest};
use super::rehearsal::says_the_truth;
use super::tmux::Tmux;
use crate::cli::ship::Ship;

const FOUR: &str = "host in (\"api-37\", \"api-38\", \"api-39\", \"api-40\")";

#[test]
fn given_an_incident_found_a_week_late_when_it_is_played_to_the_end_then_the_tool_alone_says_what_it_cost_and_why_nobody_saw_it()
 {
    let ship = Ship::new();
    let Some(tmux) = Tmux::open(&ship, "tmux-256color", &[PROGRAM, "drill", "unseen-401"], (120, 36)) else { return };
    tmux.wait_text("All is well now. Press >: somebody has something to tell.");
    declare(&ship, &tmux);
    find(&tmux);
    understand(&tmux);
    tell(&ship, &tmux);
    close(&tmux);

    let record = std::fs::read_to_string(drill(&ship).join("exports/drill-1.md")).expect("the record");
    says_the_truth("unseen-401", &record);
    assert!(record.contains("2020-04-16"), "{record}");
    tmux.send("\x03\x03");
    tmux.wait_text("[exited]");
    figures(&ship);
}

fn declare(ship: &Ship, tmux: &Tmux<'_>) {
    jump(ship, tmux, "14:02:00");
    tmux.wait_text("Users were logged out: i, began 2020-04-16 10:00, ended 11:30.");
    tmux.send("i");
    tmux.wait_text("noticed by");
    tmux.send("\t\tcustomer\t2020-04-16 10:00\t11:30");
    // a time of day alone belongs to the day on which it began
    tmux.wait_text("began 2020-04-16T10:00:00Z, ended 2020-04-16T11:30:00Z");
    tmux.send("\r");
    tmux.wait_text("SEV2  MITIGATED");
    tmux.wait_text("impact 04-16 10:00-11:30, 1 h 30 min");
    tmux.wait_text("LOOKING BACK until 04-16 12:00, 94.4 % left then");
}

/// Which status codes does no SLI count? What is found is one key away from what it would have cost.
fn find(tmux: &Tmux<'_>) {
    rest(tmux);
    // nothing is typed: what there is is asked by itself
    tmux.send("w");
    tmux.wait_text("else by");
    tmux.wait_text("http.response.status_code");
    tmux.send("\r");
    tmux.wait_text("401 grew from 0.0033 % to ");
    tmux.wait_for("what nobody counts at the top", |screen| {
        let mut rows = screen.rows(0, screen.size().1);
        rows.any(|row| row.contains("> 401 ") && row.contains("10,572") && row.contains("NOT COUNTED"))
    });
    tmux.wait_text("2020-04-16 08:18 to 12:00 UTC, against 30 days before");
    tmux.send("\r");
    tmux.wait_text("bad too  http.response.status_code = 401");
    tmux.send("\r");
    tmux.wait_text("5.59 % as it was, 98.27 % had it counted");
    tmux.send("\x1b");
    tmux.wait_text("Timeline");
    rest(tmux);
    // and which build was it? Every event of that build, and nothing else
    tmux.send("W");
    tmux.wait_text("Which values does the SLI not count?");
    tmux.send("build\r");
    tmux.wait_for("the build and its events", |screen| {
        let mut rows = screen.rows(0, screen.size().1);
        rows.any(|row| row.contains("\"611\"") && row.contains("10,576"))
    });
    for _ in 0..3 {
        if tmux.look(|screen| screen.rows(0, screen.size().1).any(|row| row.contains("> \"611\""))) {
            break;
        }
        let before = tmux.look(|screen| screen.contents());
        tmux.send("j");
        tmux.wait_for("the next row", |screen| screen.contents() != before);
    }
    tmux.send("\r");
    tmux.wait_text("bad too  build = \"611\"");
    // Ctrl-A goes to the beginning
    tmux.send("\x01only \r");
    tmux.wait_text("5.59 % as it was, 81.60 % had it counted");
    tmux.send("\x1b");
    tmux.wait_text("Timeline");
}

fn understand(tmux: &Tmux<'_>) {
    rest(tmux);
    let ask = |what: &str, answer: &[&str]| {
        tmux.send("w");
        tmux.wait_text("such as http.response.status_code = 401");
        tmux.send(format!("{what}\r"));
        for words in answer {
            tmux.wait_text(words);
        }
        tmux.send("\x1b");
        tmux.wait_text("Timeline");
        rest(tmux);
    };
    ask(
        "http.response.status_code = 401",
        &[
            "5.59 % as it was, 98.27 % had it counted",
            "724 as it was, 12,736",
            "43,200,000 events until 2020-04-16 12:00 UTC",
            "over 14.4x in 1 h and 5 m   2020-04-16 10:03 to 11:35 (as it was: never)",
        ],
    );
    ask(
        &format!("only {FOUR} and http.response.status_code in (401, 500)"),
        &["5.59 % as it was, 81.60 % had it counted", "724 as it was, 10,576"],
    );
}

fn tell(ship: &Ship, tmux: &Tmux<'_>) {
    jump(ship, tmux, "14:20:00");
    tmux.wait_text("deploy api from build 610 to build 611, api-37 to api-40 only");
    tmux.wait_text("Say who was hurt. Press :, type impact: users of four hosts, 401.");
    rest(tmux);
    tmux.send(":");
    tmux.send("impact\r");
    tmux.wait_text("what they notice: requests refused");
    tmux.send("users of four hosts were logged out\t10572\r");
    tmux.wait_text("users of four hosts were logged out");
    tmux.wait_text("the share of the budget, and the minute it would have paged.");
    rest(tmux);
    tmux.send("n");
    tmux.wait_text("22:49 or -5m first says when");
    tmux.send("four hosts on build 611 took 81.60 % of the budget; it would have paged at 10:03\r");
    tmux.wait_text("Tell people what happened and since when it is over: u.");
    rest(tmux);
    tmux.send("u");
    tmux.wait_text("what people are told");
    tmux.send("On 16 April from 10:00 to 11:30 UTC one in ten requests was turned away. It is over.\t\tpublic\r");
    tmux.wait_text("Press s: resolved.");
}

fn close(tmux: &Tmux<'_>) {
    rest(tmux);
    tmux.send("s");
    tmux.wait_text("now SEV2 mitigated");
    tmux.send("resolved\r");
    tmux.wait_text("SEV2  RESOLVED");
    rest(tmux);
    tmux.send("s");
    tmux.wait_text("now SEV2 resolved");
    tmux.send("closed\r");
    tmux.wait_text("Before closing there remains");
    tmux.send("the customer has the answer by letter\r");
    tmux.wait_text("SEV2  CLOSED");
    tmux.wait_text("Press E: the record of this incident, as a document.");
    rest(tmux);
    tmux.send("E");
    tmux.wait_text("Next time the objective counts 401.");
}

/// The same by commands.
fn figures(ship: &Ship) {
    let journal = drill(ship).join("journal/quarterdeck.journal");
    let journal = journal.to_string_lossy();
    let burn = |more: &[&str]| {
        let asked = ["--journal", &journal, "burn", "--json", "--slo", "api-availability", "--now", "2020-04-16 12:00"];
        ship.asks(&[&asked, more].concat())["slos"][0].clone()
    };
    let would = burn(&["--what-if-only", &format!("{FOUR} and http.response.status_code in (401, 500)")]);
    assert_eq!(would["total"], 43_200_000, "{would}");
    assert_eq!((&would["past"]["was"]["bad"], &would["past"]["what_if"]["bad"]), (&724.into(), &10_576.into()));
    let of = |by: &str, more: &[&str]| {
        let asked = ["--by", by, "--since", "2020-04-16 10:00", "--until", "2020-04-16 11:30"];
        burn(&[&asked, more].concat())["by"]["values"].clone()
    };
    let find = |values: &serde_json::Value, value: &str| {
        let found = values.as_array().into_iter().flatten().find(|one| one["value"] == value);
        found.cloned().unwrap_or_else(|| panic!("{value} in {values}"))
    };
    let codes = of("http.response.status_code", &[]);
    let unseen = find(&codes, "401");
    assert_eq!(
        (&unseen["total"], &unseen["counted"], &unseen["stands_out"]),
        (&10_572.into(), &false.into(), &true.into())
    );
    let builds = of("build", &["--what-if", "http.response.status_code = 401"]);
    assert_eq!(find(&builds, "\"611\"")["bad"], 10_576);
    // before that morning nobody told builds apart: more of one than before means nothing
    assert_eq!(find(&builds, "\"612\"")["stands_out"], false);
}

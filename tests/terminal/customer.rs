//! One customer's slow reports, played to their end in tmux: found by a breakdown, stopped for that customer only from its row, and seen to
//! be over on the chart and in the words under it.

use super::aboard::{PROGRAM, drill, jump, rest, type_name};
use super::rehearsal::says_the_truth;
use super::tmux::Tmux;
use crate::cli::ship::Ship;
use quarterdeck::drill::world::{File, Line, World};
use quarterdeck::incident::time::Time;
use quarterdeck::liaison::switches::flagd;

#[test]
fn given_one_customer_hurts_everybody_when_reports_are_stopped_for_that_one_from_its_row_then_the_chart_and_its_words_say_it_is_over()
 {
    let ship = Ship::new();
    let Some(tmux) = Tmux::open(&ship, "tmux-256color", &[PROGRAM, "drill", "hot-customer"], (120, 36)) else { return };
    tmux.wait_text("All is well still. Press > to jump to the next thing that happens.");
    declare(&ship, &tmux);
    stop_for_one(&ship, &tmux);
    recover(&ship, &tmux);
    put_back_and_close(&ship, &tmux);

    let record = std::fs::read_to_string(drill(&ship).join("exports/drill-1.md")).expect("the record");
    says_the_truth("hot-customer", &record);
    assert!(record.contains("stop for customer larkspur-eu"), "{record}");
    tmux.send("\x03\x03");
    tmux.wait_text("[exited]");
    figures(&ship);
}

fn declare(ship: &Ship, tmux: &Tmux<'_>) {
    jump(ship, tmux, "10:10:00");
    tmux.wait_text("page: over 14.4x in 1 h and 5 m");
    tmux.wait_text("Answers are slow for somebody. Press i: it is sev2, and you command.");
    tmux.send("i");
    tmux.wait_text("noticed by");
    tmux.send("\t\talert\r");
    tmux.wait_text("SEV2  INVESTIGATING");
}

fn stop_for_one(ship: &Ship, tmux: &Tmux<'_>) {
    rest(tmux);
    tmux.send("W");
    tmux.wait_text("Which values does the SLI not count?");
    tmux.send("customer_id\r");
    tmux.wait_text("\"larkspur-eu\" has 100 % of the slow events, and 13 % of all.");
    tmux.wait_for("the row that has them, and what can be done", |screen| {
        let has = |words: &str| screen.rows(0, screen.size().1).any(|row| row.contains(words));
        has("> \"larkspur-eu\"") && has("x stops reports for it")
    });
    tmux.send("x");
    tmux.wait_text("> 1  stop for customer larkspur-eu only  100 % of bad events, 13 % of all");
    tmux.wait_text("3  stop for everybody: serve off");
    tmux.send("\r");
    tmux.wait_text("customer larkspur-eu: true → false, all others as before.");
    rest(tmux);
    tmux.send("\r");
    tmux.wait_text("reports  PARTLY  serves true, not for larkspur-eu");
    let file = flagd::Flagd {
        file: drill(ship).join("world/flags.flagd.json"),
        flag: "reports".into(),
        stop: Some("off".into()),
        restore: None,
    };
    let sight = file.look(Time(0)).expect("a flag");
    let excluded: Vec<String> = sight.excluded.iter().map(ToString::to_string).collect();
    assert_eq!((sight.value.as_str(), excluded), ("true", vec!["customer larkspur-eu".to_owned()]));
}

fn recover(ship: &Ship, tmux: &Tmux<'_>) {
    // what is jumped to before the world has seen the flag comes first
    tmux.wait_until("the world follows the flag", || {
        std::fs::read_to_string(drill(ship).join("world/world.json"))
            .is_ok_and(|text| text.contains(r#""reports","true",["larkspur-eu"]"#))
    });
    jump(ship, tmux, "10:13:00");
    tmux.wait_for("what the stop did, in words", |screen| {
        let mut rows = screen.rows(0, screen.size().1);
        rows.any(|row| {
            row.contains("since the stop of reports for larkspur-eu: slow ")
                && (row.contains("-> 0 after ") || row.contains("-> 0 at once"))
        })
    });
    tmux.wait_text("the database is idle again; the other customers have their reports and are fast");
    tmux.wait_for("bars until the stop, none after it, under its mark", |screen| {
        let rows: Vec<String> = screen.rows(0, screen.size().1).collect();
        let cells = |start: &str| Some(rows.iter().find(|row| row.starts_with(start))?.chars().collect::<Vec<_>>());
        let (Some(bars), Some(acts)) = (cells("   slow "), cells("  acted ")) else { return false };
        let last_bar = bars.iter().rposition(|cell| ('▁'..='█').contains(cell));
        let now = bars.iter().position(|cell| *cell == '┃');
        let is_marked = acts.iter().collect::<String>().contains("reports for larkspur-eu");
        is_marked && last_bar.zip(now).is_some_and(|(bar, now)| bar + 4 < now)
    });
    tmux.wait_text("Tell people. Press u: what they see, when you speak next.");
    rest(tmux);
    tmux.send("u");
    tmux.wait_text("what people are told");
    tmux.send("Some answers were slow from 10:01 to 10:11 UTC.\t\tpublic\r");
    tmux.wait_text("Say who is hurt. Press :, type impact: who waited, and how many.");
    rest(tmux);
    tmux.send(":");
    tmux.send("impact\r");
    tmux.wait_text("what they notice: requests refused");
    tmux.send("larkspur-eu waited for its reports\t2700\r");
    tmux.wait_text("larkspur-eu waited for its reports");
    tmux.wait_text("When slow falls to 0, press s: mitigated. If not, it was another one.");
    rest(tmux);
    tmux.send("s");
    tmux.wait_text("now SEV2 investigating");
    tmux.send("mitigated\r");
    tmux.wait_text("SEV2  MITIGATED");
}

fn put_back_and_close(ship: &Ship, tmux: &Tmux<'_>) {
    // the cache is back
    jump(ship, tmux, "10:51:00");
    tmux.wait_text("the cache holds for 10 min again");
    rest(tmux);
    tmux.send("s");
    tmux.wait_text("now SEV2 mitigated");
    tmux.send("resolved\r");
    tmux.wait_text("SEV2  RESOLVED");
    tmux.wait_text("Cache back at 10:50: x puts reports back. Then s: closed.");
    rest(tmux);
    tmux.send("x");
    tmux.wait_text("> 1  put back true: takes back the stop for customer larkspur-eu");
    tmux.send("\r");
    tmux.wait_text("type exactly  production/reports");
    type_name(tmux, "production/reports");
    tmux.send("\tthe cache is back\r");
    tmux.wait_for("everybody has reports", |screen| {
        let mut rows = screen.rows(0, screen.size().1);
        rows.any(|row| row.contains("reports  serves true (on)") && !row.contains("not for"))
    });
    rest(tmux);
    tmux.send("s");
    tmux.wait_text("now SEV2 resolved");
    tmux.send("closed\r");
    tmux.wait_text("Before closing there remains: question 1");
    tmux.send("the customer has the answer by letter\r");
    tmux.wait_text("SEV2  CLOSED");
    rest(tmux);
    tmux.send("E");
    tmux.wait_text("That was the drill: one customer waited, 239 noticed nothing.");
}

/// The same by commands: whose the slow answers were, and how many.
fn figures(ship: &Ship) {
    let journal = drill(ship).join("journal/quarterdeck.journal");
    let journal = journal.to_string_lossy();
    let asked = ["--journal", &journal, "burn", "--json", "--slo", "api-latency", "--by", "customer_id"];
    let when = ["--now", "2021-05-18 10:10", "--since", "2021-05-18 10:01", "--until", "2021-05-18 10:10"];
    let answer = ship.asks(&[&asked[..], &when[..]].concat())["slos"][0].clone();
    let values = answer["by"]["values"].as_array().expect("values").clone();
    assert_eq!(values[0]["value"], "\"larkspur-eu\"", "{values:?}");
    assert_eq!(values[0]["bad"].as_u64(), Some(slow_as_told()), "{:?}", values[0]);
    assert!(values.iter().skip(1).all(|one| one["bad"] == 0));
}

/// How many slow answers the world gives the balancer in the nine minutes before anybody acts.
fn slow_as_told() -> u64 {
    let scenario = quarterdeck::drill::scenario("hot-customer").expect("a scenario").expect("a good one");
    let world = World::new(&scenario, scenario.seed);
    let at = |clock: &str| Time::parse_iso(&format!("2021-05-18T{clock}:00Z")).expect("a time");
    let is_slow = |line: &Line| {
        let event: serde_json::Value = serde_json::from_str(&line.text).expect("a line is JSON");
        line.file == File::Balancer && event["duration_ms"].as_f64().is_some_and(|ms| ms > 1000.0)
    };
    world.between(at("10:01"), at("10:10"), &[]).iter().filter(|line| is_slow(line)).count() as u64
}

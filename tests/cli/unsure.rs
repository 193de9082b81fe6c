//! What is said of events of which nobody knows whether they failed: texts instead of numbers, lines that cannot be read, columns of one name, and a
//! filter of what counts that lets none in.

use super::ship::Ship;
use chrono::{Duration, Utc};

/// Two hours of an event a second until now, each as it is written of its time and number.
fn events(line: impl Fn(&str, i64) -> String) -> String {
    let now = Utc::now();
    let time = |n: i64| (now - Duration::seconds(7_200 - n)).format("%F %T").to_string();
    (0..7_200).map(|n| line(&time(n), n) + "\n").collect()
}

#[test]
fn given_events_of_which_nobody_knows_when_asked_then_nothing_is_called_good_and_every_command_says_why() {
    let ship = Ship::new();
    let status = |n: i64| if n % 2 == 0 { "200" } else { "\"500\"" };
    let mixed =
        ship.write("mixed.ndjson", &events(|time, n| format!("{{\"time\":\"{time}Z\",\"status\":{}}}", status(n))));
    let unread = |time: &str, n: i64| match n % 2 == 0 {
        true => format!("{{\"time\":\"{time}Z\",\"status\":200}}"),
        false => format!("{{\"time\":\"{time}\",\"status\":500}}"),
    };
    let unread = ship.write("unread.ndjson", &events(unread));
    let rows = events(|time, n| format!("{time} UTC,{},200", 200 + n % 2 * 300));
    let twice = ship.write("twice.csv", &format!("Time,status,status\n{rows}"));
    let kinds = |time: &str, n: i64| {
        format!("{{\"time\":\"{time}+0000\",\"kind\":\"server\",\"status\":{}}}", 200 + n % 2 * 300)
    };
    let kinds = ship.write("kinds.ndjson", &events(kinds));
    let server = "valid = 'kind = \"SERVER\"'\n";
    for (events, valid, total, doubt, correct) in [
        (
            &mixed,
            "",
            7_200,
            "hold a text in status, where `status >= 500` compares with a number",
            "Correct what writes them.",
        ),
        (
            &unread,
            "",
            3_600,
            "lines could not be read: nobody knows whether these are events that failed",
            "Correct what writes them.",
        ),
        (
            &twice,
            "",
            7_200,
            "columns 2 and 3 are both called status: only the last one counts",
            "Correct what writes them.",
        ),
        (
            &kinds,
            server,
            0,
            "none of 7200 events is valid by kind = \"SERVER\"; kind holds: server",
            "Correct `valid`.",
        ),
    ] {
        let events = events.display();
        let slo = format!("[[slo]]\nname = 'api'\nevents = '{events}'\nbad = 'status >= 500'\ntarget = 99\n{valid}");
        ship.configure(&format!("{slo}[[probe]]\nname = 'quiet'\nkind = 'query'\n"));
        let told = ship.run(&["--json", "burn"]).data()["slos"][0].clone();
        assert_eq!(
            (&told["state"], &told["total"], &told["bad"]),
            (&"partial".into(), &total.into(), &0.into()),
            "{told}"
        );
        assert!(
            told["good_since"].is_null() && told["doubts"][0].as_str().is_some_and(|first| first.contains(doubt)),
            "{told}"
        );
        let quiet = told["conditions"].as_array().unwrap().iter().any(|one| one["stands"] != "not known");
        assert!(!quiet, "{told}");
        for command in [&["doctor"][..], &["slo", "check"]] {
            let said = ship.run(command).ends(1).out;
            let line = said.lines().find(|line| line.contains("slo api")).unwrap_or_default();
            assert!(line.starts_with("missing") && line.contains(doubt) && line.ends_with(correct), "{said}");
        }
        let said = ship.run(&["probe", "run"]).ends(4).out;
        assert!(said.starts_with("UNKNOWN") && said.contains(doubt), "{said}");
    }
}

#[test]
fn given_files_that_hold_no_event_when_asked_then_it_is_said_what_is_wrong_with_them_and_nothing_besides() {
    let ship = Ship::new();
    let zoneless = ship.write("zoneless.ndjson", &events(|time, _| format!("{{\"time\":\"{time}\",\"status\":200}}")));
    let wide = events(|time, _| format!("{{\"time\":\"{time}Z\",\"status\":200}}"));
    let wide: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let path = ship.path("wide.ndjson");
    std::fs::write(&path, wide).unwrap();
    for (events, doubt) in [
        (zoneless, "wanted is 2026-11-26T19:47:00Z, a zone like +02:00, or seconds since 1970"),
        (path, "it is text in UTF-16, which is not read: write it as UTF-8, as `iconv -f UTF-16 -t UTF-8` does"),
    ] {
        let events = events.display().to_string();
        let asked = ["--json", "burn", "--events", &events, "--bad", "status >= 500", "--target", "99"];
        let told = ship.run(&asked).data()["slos"][0].clone();
        assert_eq!(told["state"], "no data", "{told}");
        let doubts = told["doubts"].to_string();
        assert!(doubts.contains(doubt) && !doubts.contains("no event has a field"), "{told}");
    }
}

//! "What changed?" asked by somebody at a terminal: in each drill that has a cause, and of sources of which one fails.

use super::aboard::{board, jump, read, rest};
use super::pty::Pty;
use crate::cli::ship::Ship;
use quarterdeck::incident::time::{Span, Time};

/// Drills: the severity, when to declare, and what stands first and second then, in the words of the record.
const DRILLS: [(&str, &str, &str, &[&str]); 4] = [
    ("missing-binary", "SEV1", "22:53:30", &["> 22:48:30", "deploy api from build 1822 to build 1823, 8 hosts"]),
    (
        "config-not-sent",
        "SEV2",
        "15:06:00",
        &["> 15:04:00", "deploy api from build 701 to build 702, batch a", "  15:01:00"],
    ),
    ("bad-data-push", "SEV1", "14:07:00", &["> 14:02:00", "data push routing table from table 117 to table"]),
    ("hot-customer", "SEV2", "10:10:00", &["> 10:00:20", "configuration report-cache from 10 min to 10 s"]),
];

/// Waits until these words stand on the screen in this order.
fn in_order(pty: &Pty, words: &[&str]) {
    pty.wait_for(&format!("{words:?}"), |screen| {
        let text = screen.contents();
        let mut rest = text.as_str();
        words.iter().all(|word| match rest.split_once(word) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    });
}

#[test]
fn given_each_drill_with_a_cause_when_it_is_asked_what_changed_then_the_cause_stands_first_and_is_found_in_the_timeline()
 {
    for (name, severity, when, words) in DRILLS {
        let ship = Ship::new();
        let mut pty = board(&ship, &["drill", name], (80, 24));
        pty.wait_text("All is well still. Press > to jump");
        jump(&ship, &pty, when);
        pty.send("i");
        pty.wait_text("noticed by");
        pty.send("\t\tby eye\r");
        pty.wait_text("INVESTIGATING");
        pty.wait_text(severity);
        rest(&pty);
        pty.send("v");
        pty.wait_text("What changed?");
        in_order(&pty, words);
        pty.send("\r");
        pty.wait_text("Says who?");
        pty.wait_text(words[1]);
        pty.send("\r");
        pty.wait_for("the timeline, and nothing over it", |screen| {
            let text = screen.contents();
            text.contains("Timeline") && !text.contains("Says who?") && text.contains(words[1].get(..20).unwrap_or(""))
        });
        pty.send("\x03\x03");
        pty.wait_exit();
    }
}

#[test]
fn given_two_sources_of_which_one_fails_when_it_is_asked_what_changed_then_that_is_said_above_what_the_other_knows() {
    let ship = Ship::new();
    let now = {
        let shown = ship.asks(&["changes", "list"]);
        shown["since"].as_str().and_then(Time::parse_iso).expect("a time").plus(Span::minutes(24 * 60))
    };
    let line = |ago: i64, to: &str| {
        let at = now.minus(Span::minutes(ago)).iso();
        format!("{{\"time\":\"{at}\",\"what\":\"deploy\",\"subject\":\"api\",\"to\":\"{to}\",\"who\":\"ci\"}}\n")
    };
    let file = ship.write("deploys.ndjson", &format!("{}{}", line(300, "1821"), line(5, "1823")));
    ship.configure(&format!(
        "[[changes]]\nname = 'deploys'\nfile = '{}'\n[[changes]]\nname = 'lost'\nfile = 'nowhere.ndjson'\n",
        file.display()
    ));
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    let pty = board(&ship, &[], (120, 36));
    read(&pty, "the API is down");
    pty.wait_text("deploy api to 1823");
    rest(&pty);
    pty.send("v");
    pty.wait_text("1 of 2 sources did NOT answer: lost. What changed there is not known.");
    pty.wait_text("24 h before it was declared");
    // an hour is what the record takes; who asks sees further
    in_order(&pty, &["deploy api to 1823", "from deploys", "deploy api to 1821", "from deploys, not in the record"]);
    pty.wait_text("lost      FAILED");
    pty.send("G\r");
    pty.wait_text("too far from the beginning");
    pty.send("\r");
    pty.wait_for("the list again, and it is in the record", |screen| {
        let text = screen.contents();
        text.contains("What changed?") && text.contains("deploy api to 1821") && !text.contains("not in the record")
    });
    assert_eq!(ship.asks(&["show", "--all"])["entries"].to_string().matches("1821").count(), 1);
    pty.send("q");
    pty.wait_text("Timeline");
}

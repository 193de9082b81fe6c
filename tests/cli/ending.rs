//! `switch extend`: what was done lasts longer, wherever its end is kept.

use super::ship::Ship;
use crate::liaison::launchdarkly_fake::{Fake, TOKEN};
use crate::liaison::loopback::status;
use serde_json::Value;

const FLAGS: &str = r#"{
  "flags": {
    "exports": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" }
  }
}
"#;

/// A switch in a file, which keeps no end.
fn equipped() -> Ship {
    let ship = Ship::new();
    ship.write("flags.json", FLAGS);
    ship.configure(
        "[[switch]]\nname = 'exports'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = 'exports'\nstop = 'off'\n\
         restore = 'on'\nexclude-by = 'customer'\nenvironment = 'staging'\n",
    );
    ship
}

/// A flag at LaunchDarkly, where ends are kept.
pub fn there() -> (Fake, Ship) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    let fake = Fake::start(i64::try_from(now).expect("a time"));
    let ship = Ship::new();
    ship.write("token", TOKEN);
    ship.configure(&format!(
        "[[provider]]\nname = 'ld'\nkind = 'launchdarkly'\nurl = '{}'\ntoken = {{ file = '~/token' }}\nproject = 'shop'\n\
         [[switch]]\nname = 'checkout'\nkind = 'launchdarkly'\nprovider = 'ld'\nflag = 'checkout'\nstop = 'off'\n\
         environment = 'staging'\n",
        fake.server.url()
    ));
    fake.with(|memory| _ = memory.environment.insert("critical".into(), false.into()));
    (fake, ship)
}

/// What the list says of the end of what stands, in words and as data.
fn listed(ship: &Ship) -> (Option<String>, Value) {
    let said = ship.does(&["switch", "list"]).out;
    let line = said.lines().find(|line| line.contains("exports")).expect("the switch");
    let words = line.split_once(", ends ").map(|(_, words)| words.to_owned());
    (words, ship.asks(&["switch", "list"])["switches"][0]["ends"].clone())
}

#[test]
fn given_an_end_when_switches_are_listed_then_it_says_when_and_the_moved_end_once_it_was_moved() {
    let ship = equipped();
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    assert_eq!(listed(&ship), (None, Value::Null));
    ship.does(&["switch", "stop", "exports", "--until", "30m", "--reason", "too noisy", "--no-wait"]);
    // minutes on the same day, else its date before them
    let minutes = |iso: &Value| iso.as_str().and_then(|iso| iso.get(11..16)).map(str::to_owned).expect("a time");
    let (words, first) = listed(&ship);
    let words = words.expect("an end");
    assert!(words.ends_with(&minutes(&first)), "{words} for {first}");
    ship.does(&["switch", "extend", "exports", "--until", "2h", "--reason", "still draining"]);
    let (words, moved) = listed(&ship);
    assert_ne!(moved, first);
    assert!(words.is_some_and(|words| words.ends_with(&minutes(&moved))), "for {moved}");
    ship.does(&["switch", "revert", "exports"]);
    assert_eq!(listed(&ship), (None, Value::Null), "nothing is to end any more");
}

/// When the last act on the only switch ends.
fn until(ship: &Ship) -> Value {
    ship.asks(&["switch", "list"])["switches"][0]["last"]["until"].clone()
}

#[test]
fn given_an_end_when_it_is_extended_by_command_then_it_is_recorded_where_the_act_stands_and_never_sent() {
    for declared in [true, false] {
        let ship = equipped();
        if declared {
            ship.does(&["declare", "exports are slow", "-s", "sev1"]);
        }
        let none = ship.run(&["switch", "extend", "exports", "--until", "2h", "--reason", "still draining"]).ends(3);
        assert!(none.err.contains("No act on exports is to be undone"), "{}", none.err);
        ship.does(&["switch", "stop", "exports", "--until", "30m", "--reason", "too noisy", "--no-wait"]);
        let (stopped, ends) = (ship.reads("flags.json"), until(&ship));

        let bare = ship.run(&["switch", "extend", "exports", "--until", "2h"]).ends(3);
        assert!(bare.err.contains("Nobody said why.") && bare.err.contains("Write --reason WHY."), "{}", bare.err);
        let word = ship.run(&["switch", "extend", "exports", "--until", "2h", "--reason", "draining"]).ends(3);
        assert!(word.err.contains("One word is no reason"), "{}", word.err);
        let sooner = ship.run(&["switch", "extend", "exports", "--until", "5m", "--reason", "still draining"]).ends(3);
        assert!(sooner.err.contains("To end it sooner, put it back now."), "{}", sooner.err);
        let odd = ship.run(&["switch", "extend", "exports", "--until", "soon", "--reason", "still draining"]).ends(2);
        assert!(odd.err.contains("soon is not a time to come."), "{}", odd.err);
        for refused in [bare, word, sooner, odd] {
            assert!(refused.err.contains("Nothing was recorded, and no end was moved."), "{}", refused.err);
        }
        assert_eq!(until(&ship), ends);

        let moved = ship.does(&["switch", "extend", "exports", "--until", "2h", "--reason", "still draining"]);
        assert!(moved.out.contains("end of stop exports moved from "), "{}", moved.out);
        assert!(moved.out.contains(": still draining"), "{}", moved.out);
        assert_ne!(until(&ship), ends);
        let data =
            ship.asks(&["--as", "Ben", "switch", "extend", "exports", "--until", "3h", "--reason", "not yet back"]);
        assert_eq!((&data["outcome"], &data["there"]), (&"done".into(), &false.into()), "{data}");
        assert_eq!((&data["target"], &data["until"]), (&"staging/exports".into(), &until(&ship)), "{data}");
        assert_eq!(data["entries"][0]["kind"], "end-moved", "{data}");
        assert_eq!(ship.reads("flags.json"), stopped, "nothing was sent");

        ship.does(&["switch", "revert", "exports"]);
        let over = ship.run(&["switch", "extend", "exports", "--until", "4h", "--reason", "not yet back"]).ends(3);
        assert!(over.err.contains("No act on exports is to be undone"), "{}", over.err);
        ship.does(&["switch", "stop", "exports", "--reason", "for good now", "--no-wait"]);
        let endless = ship.run(&["switch", "extend", "exports", "--until", "4h", "--reason", "not yet back"]).ends(3);
        assert!(endless.err.contains("it stands until somebody puts it back"), "{}", endless.err);
    }
}

#[test]
fn given_an_end_that_launchdarkly_keeps_when_it_is_extended_then_it_is_moved_there_first_or_said_when_it_still_ends() {
    let (fake, ship) = there();
    ship.does(&["declare", "checkout fails", "-s", "sev1"]);
    ship.does(&["switch", "stop", "checkout", "--reason", "it fails", "--until", "30m", "--no-wait"]);
    let date = || fake.with(|memory| memory.schedules[0]["executionDate"].as_i64());
    let (was, writes) = (date(), fake.writes());
    let extend = ["switch", "extend", "checkout", "--until", "2h", "--reason", "still failing"];
    let route = "PATCH /api/v2/projects/shop/flags/checkout/environments/production/scheduled-changes/sch0";
    for (answer, code, words) in [
        (status(403, "{\"code\":\"forbidden\",\"message\":\"not yours\"}"), 3, "checkout still ends there at "),
        (status(500, "<html>"), 4, "checkout may still end there at "),
    ] {
        fake.odd(route, answer);
        let refused = ship.run(&extend).ends(code);
        assert!(refused.err.contains(words), "{}", refused.err);
        assert!(refused.out.contains("extend checkout from "), "{}", refused.out);
    }
    assert_eq!((date(), fake.writes()), (was, writes + 2), "each was sent once");
    let acts = ship.asks(&["show"]);
    let stop = &acts["switches"][0];
    let data = ship.asks(&extend);
    assert_eq!((&data["outcome"], &data["there"]), (&"done".into(), &true.into()), "{data}");
    assert!(date() > was);
    assert_ne!(data["until"], stop["until"], "{data}");
    let shown = ship.does(&["show"]).out;
    assert!(shown.contains("extend checkout from ") && shown.contains(" there: still failing"), "{shown}");
}

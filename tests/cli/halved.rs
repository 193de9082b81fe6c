//! Acts that went half, and whose outcome nobody knew: what is found when they are looked for, and that nothing of them is lost to undoing.

use super::ship::Ship;
use crate::liaison::loopback::status;
use crate::liaison::unleash_fake::{Fake, place, rollout};
use quarterdeck::incident::entry::{Entry, EntryId, Session};
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::intent::Act;
use quarterdeck::incident::second::ActAsked;
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::journal::Journal;
use serde_json::{Value, json};

/// A flag with two ways in, at these percentages, as a switch.
fn equipped(shares: [&str; 2]) -> (Fake, Ship) {
    let ways = vec![rollout("one", shares[0], json!([])), rollout("two", shares[1], json!([]))];
    let (fake, ship) = (Fake::start(true, ways), Ship::new());
    ship.write("token", "*:*.s3cret");
    ship.configure(&format!(
        "[[provider]]\nname = 'flags'\nkind = 'unleash'\nurl = '{}'\ntoken = {{ file = '~/token' }}\n\
         [[switch]]\nname = 'exports'\nkind = 'unleash'\nprovider = 'flags'\nflag = 'checkout'\nexclude-by = 'user'\n\
         percent = true\ncritical = false\n",
        fake.server.url()
    ));
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    (fake, ship)
}

/// The ways in as they are there.
fn ways(fake: &Fake) -> Value {
    place(&mut fake.memory.lock().expect("the memory").flag)["strategies"].clone()
}

fn well(fake: &Fake) {
    fake.memory.lock().expect("the memory").fault = None;
}

const BACK: [&str; 8] =
    ["switch", "revert", "exports", "--no-wait", "--reason", "it is mended", "--confirm", "production/exports"];

#[test]
fn given_an_exclusion_that_went_half_when_it_is_looked_for_then_it_is_named_everywhere_and_put_back_whole() {
    for code in [409, 429, 500] {
        let (fake, ship) = equipped(["100", "100"]);
        let was = ways(&fake);
        fake.fails("strategies/two", status(code, "no"), false);
        let half = ship.run(&["switch", "exclude", "exports", "u1"]).ends(4);
        assert!(half.err.contains("Half done"), "{}", half.err);
        well(&fake);
        assert_ne!(ways(&fake), was);
        // the next that acts looks first
        let looked = ship.run(&["switch", "stop", "exports"]).ends(3);
        let said = "UNSURE: stop for user u1: exports";
        assert!(looked.err.contains(said) && looked.err.contains("half done or changed since"), "{}", looked.err);
        let list = ship.does(&["switch", "list"]).out;
        assert!(list.contains("HALF DONE or changed since: seen "), "{list}");
        let shown = ship.asks(&["show"]);
        assert_eq!(shown["switches"][0]["half_done"], true, "{shown}");
        let owed = "stop for user u1: exports was half done or changed since (served true before)";
        assert!(shown["remains"].as_array().expect("a list").contains(&json!(owed)), "{shown}");
        let report = ship.does(&["export", "-f", "markdown"]).out;
        assert!(report.contains("**still to undo**: half done or changed since"), "{report}");
        ship.does(&["phase", "resolved"]);
        let closed = ship.run(&["close"]);
        assert!(closed.code != 0 && closed.err.contains("half done or changed since"), "{closed:?}");
        ship.does(&BACK);
        assert_eq!(ways(&fake), was);
        assert!(!ship.asks(&["show"])["remains"].to_string().contains("half done"), "it is taken back");
        ship.run(&BACK).ends(3);
    }
}

#[test]
fn given_an_exclusion_that_was_not_begun_when_it_is_looked_for_then_it_is_not_done_and_nothing_is_left() {
    let (fake, ship) = equipped(["100", "100"]);
    fake.fails("strategies/one", status(500, "no"), false);
    ship.run(&["switch", "exclude", "exports", "u1"]).ends(4);
    well(&fake);
    let looked = ship.run(&["switch", "stop", "exports"]).ends(3);
    assert!(looked.err.contains("as before: ") && !looked.err.contains("half done"), "{}", looked.err);
    ship.run(&BACK).ends(3);
    assert_eq!(ship.asks(&["show"])["remains"], json!(["it is not resolved"]));
}

#[test]
fn given_a_way_back_that_went_half_when_it_is_looked_for_then_what_it_was_to_take_back_is_still_to_be_undone() {
    let (fake, ship) = equipped(["100", "50"]);
    let was = ways(&fake);
    ship.does(&["switch", "percent", "exports", "10", "--reason", "it is slow"]);
    fake.fails("strategies/two", status(500, "no"), false);
    ship.run(&BACK).ends(4);
    well(&fake);
    let looked = ship.run(&["switch", "stop", "exports"]).ends(3);
    assert!(looked.err.contains("half done or changed since: true was asked"), "{}", looked.err);
    let remains = ship.asks(&["show"])["remains"].to_string();
    assert!(remains.contains("exports is served to 10 % only"), "{remains}");
    ship.does(&BACK);
    assert_eq!(ways(&fake), was);
    assert_eq!(ship.asks(&["show"])["remains"], json!(["it is not resolved"]));
}

#[test]
fn given_what_waited_for_a_second_person_in_vain_when_confirmed_then_it_says_who_asked_until_when_and_how_to_ask_anew()
{
    let (_fake, ship) = equipped(["100", "100"]);
    let mut journal = Journal::open_for_writing(&ship.journal(), false).expect("the journal");
    let entries = journal.read_since(1, 0, 100).expect("entries").entries;
    let last = entries.last().expect("an entry").clone();
    let (seq, head) = (last.seq + 1, last.seq);
    let at = Time(last.at.0).minus(Span::minutes(20));
    let asked = ActAsked {
        act: Act::Exclude,
        target: "exports".into(),
        from: "true".into(),
        to: "true, not for user u1".into(),
        before: "{}".into(),
        why: String::new(),
        reverts: None,
        whom: quarterdeck::incident::switch::Whom::parse("user:u1", ""),
        share: None,
        until: None,
        expect_max: None,
        expect_by: None,
        expect_of: None,
        widens: false,
        expires: at.plus(Span::minutes(15)),
        plan: None,
        others: Vec::new(),
    };
    let fact: Fact = asked.into();
    let entry =
        Entry { seq, id: EntryId::of(Session(9), 1), session: Session(9), author: "Ben".into(), at, fact, ..last };
    let expired = at.plus(Span::minutes(15)).clock_minutes();
    journal.append_after(1, head, vec![entry]).expect("appended");
    drop(journal);
    let late = ship.run(&["switch", "confirm", "exports", "--confirm", "production/exports"]).ends(3);
    for words in [
        "Ben asked to stop for user u1: exports at ",
        &format!("that expired at {expired}"),
        "Nothing was sent.",
        "quarterdeck switch exclude exports user:u1",
    ] {
        assert!(late.err.contains(words), "{words}: {}", late.err);
    }
}

//! How much an act asks for: whose it was, who else is needed, in which incident it was done.

use super::ship::Ship;
use crate::liaison::unleash_fake::{Fake, rollout};
use serde_json::json;

const FLAGS: &str = r#"{
  "flags": {
    "exports": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" }
  }
}
"#;

/// A switch in production, of which nobody said whether it is critical.
fn equipped(more: &str) -> Ship {
    let ship = Ship::new();
    ship.write("flags.json", FLAGS);
    ship.configure(&format!(
        "[[switch]]\nname = 'exports'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = 'exports'\nstop = 'off'\nrestore = 'on'\n\
         exclude-by = 'customer'\npercent = true\n{more}"
    ));
    ship
}

const NAME: [&str; 2] = ["--confirm", "production/exports"];

#[test]
fn given_what_another_person_stopped_since_when_ones_own_exclusion_is_restored_then_it_asks_and_a_second_person_confirms()
 {
    let ship = equipped("two-people = 'widening'\n");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    ship.does(&["switch", "exclude", "exports", "acme"]);
    let bare = ship.run(&["--as", "Ben", "switch", "stop", "exports", "--reason", "all of them"]).ends(3);
    assert!(bare.err.contains("--confirm production/exports"), "production is critical: {}", bare.err);
    ship.does(&[&["--as", "Ben", "switch", "stop", "exports", "--reason", "all of them"], &NAME[..]].concat());
    let stopped = ship.reads("flags.json");

    for act in ["restore", "revert"] {
        let bare = ship.run(&["switch", act, "exports"]).ends(3);
        assert!(bare.err.contains("--confirm production/exports"), "{act}: {}", bare.err);
    }
    let asked =
        ship.run(&[&["switch", "restore", "exports", "--reason", "shard 3 is back"], &NAME[..]].concat()).ends(3);
    for words in ["needs a second person: it was asked for", "Nothing was sent.", "quarterdeck switch confirm exports"]
    {
        assert!(asked.err.contains(words), "{words}: {}", asked.err);
    }
    assert_eq!(ship.reads("flags.json"), stopped);
    // Ben's own stop is his own to take back, and then what Ana asked for is void: said before anything is asked for
    let both = ship.copy();
    both.does(&["--as", "Ben", "switch", "revert", "exports"]);
    let void = both.run(&["--as", "Eli", "switch", "confirm", "exports"]).ends(3);
    assert!(void.err.contains("What Ana asked for is void: exports changed at"), "{}", void.err);
    assert!(!void.err.contains("--confirm production/exports"), "{}", void.err);

    let agreed = ship.does(&[&["--as", "Ben", "switch", "confirm", "exports"], &NAME[..]].concat());
    assert!(agreed.out.contains("shard 3 is back"), "the reason of whoever asked stays: {}", agreed.out);
    assert_eq!(ship.reads("flags.json"), FLAGS);
}

#[test]
fn given_what_somebody_asked_for_when_taken_back_then_nobody_confirms_it_any_more() {
    let ship = equipped("two-people = 'always'\n");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    let asks = ["--json", "switch", "exclude", "exports", "acme"];
    let asked = ship.run(&asks).ends(3);
    assert_eq!(asked.data()["outcome"], "asked");
    ship.run(&asks).ends(3);
    ship.run(&["--as", "Ben", "switch", "withdraw", "exports"]).ends(3);
    ship.does(&["switch", "withdraw", "exports", "--reason", "it is mended"]);
    ship.run(&["switch", "withdraw", "exports"]).ends(3);
    ship.run(&["--as", "Ben", "switch", "confirm", "exports"]).ends(3);
    let shown = ship.does(&["show", "--all"]).out;
    assert!(shown.contains("asked for again") && shown.contains("taken back"), "{shown}");

    ship.does(&["switch", "exclude", "exports", "acme", "--break-glass", "nobody answers"]);
    let shown = ship.does(&["show"]).out;
    assert!(shown.contains("could not wait for a second person"), "a review is owed: {shown}");
}

#[test]
fn given_ones_own_stop_when_it_comes_back_in_steps_then_a_step_asks_for_no_more_than_the_whole() {
    let ship = equipped("two-people = 'widening'\n");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    ship.does(&[&["switch", "stop", "exports"], &NAME[..]].concat());
    ship.run(&["--as", "Ben", "switch", "percent", "exports", "5"]).ends(3);
    ship.does(&["switch", "percent", "exports", "5"]);
    ship.does(&["switch", "percent", "exports", "25"]);
    ship.does(&["switch", "restore", "exports"]);
    assert_eq!(ship.reads("flags.json"), FLAGS);
}

#[test]
fn given_one_that_is_excluded_when_a_step_back_is_asked_for_then_it_is_refused_and_takes_nothing_from_others() {
    let ship = equipped("");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    ship.does(&["switch", "exclude", "exports", "acme"]);
    let excluded = ship.reads("flags.json");
    let step = ["switch", "restore", "exports", "--percent", "25", "--reason", "slowly"];
    let refused = ship.run(&[&step[..], &NAME[..]].concat()).ends(3);
    assert!(refused.err.contains("Nobody can say to how many exports is served"), "{}", refused.err);
    assert!(refused.err.contains("Nothing was sent."), "{}", refused.err);
    assert_eq!(ship.reads("flags.json"), excluded);
    // no incident is called 0, neither when something is taken back
    ship.run(&["-i", "0", "switch", "restore", "exports"]).ends(2);
    assert_eq!(ship.reads("flags.json"), excluded);
}

#[test]
fn given_a_plan_that_was_stopped_in_two_incidents_when_put_back_then_somebody_says_in_which_it_stands() {
    let ship = Ship::new();
    let flag = |name: &str| {
        format!(
            "\"{name}\": {{ \"state\": \"ENABLED\", \"variants\": {{ \"on\": true, \"off\": false }}, \"defaultVariant\": \"on\" }}"
        )
    };
    ship.write("flags.json", &format!("{{ \"flags\": {{ {}, {} }} }}", flag("exports"), flag("imports")));
    let before = ship.reads("flags.json");
    let switch = |name: &str| {
        format!(
            "[[switch]]\nname = '{name}'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = '{name}'\nstop = 'off'\ncritical = false\n"
        )
    };
    let plan = "[[plan]]\nname = 'doors'\nswitches = ['exports', 'imports']\n";
    ship.configure(&format!("{}{}{plan}", switch("exports"), switch("imports")));
    for (number, name) in [("1", "exports"), ("2", "imports")] {
        ship.does(&["declare", name, "-s", "sev1"]);
        ship.does(&["-i", number, "switch", "stop", name, "--reason", "it fails"]);
    }
    let which = ship.run(&["switch", "plan", "revert", "doors"]).ends(2);
    assert!(which.err.contains("-i 1 or -i 2"), "{}", which.err);
    ship.does(&["-i", "2", "switch", "plan", "revert", "doors"]);
    assert_eq!(ship.reads("flags.json"), before);
    let acts = |number: &str| {
        let entries = ship.asks(&["-i", number, "show", "--all"])["entries"].clone();
        entries.as_array().into_iter().flatten().filter(|entry| entry["kind"] == "intended").count()
    };
    assert_eq!((acts("1"), acts("2")), (1, 3), "both ways back stand together");
}

#[test]
fn given_a_closed_incident_when_what_it_left_stopped_is_restored_then_it_is_to_the_byte_and_says_where_it_was_stopped()
{
    let ship = equipped("");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    ship.does(&["switch", "exclude", "exports", "acme"]);
    ship.does(&["resolve"]);
    ship.does(&["close", "--anyway", "the customer waits"]);
    let others = ship.copy();

    // with no incident open it stands alone
    let back = ship.does(&["switch", "restore", "exports"]);
    assert!(back.err.contains("that was in incident 1, by Ana"), "{}", back.err);
    assert_eq!(ship.reads("flags.json"), FLAGS);
    ship.run(&["switch", "revert", "exports"]).ends(3);

    // with another one open it stands there, and asks another person for as much as ever
    others.does(&["declare", "imports are slow", "-s", "sev2"]);
    others.run(&["--as", "Ben", "switch", "restore", "exports"]).ends(3);
    let back = others.does(&["switch", "restore", "exports"]);
    assert!(back.err.contains("that was in incident 1, by Ana"), "{}", back.err);
    assert_eq!(others.reads("flags.json"), FLAGS);
    assert!(others.does(&["-i", "2", "show"]).out.contains("restore exports"));
    // what was put back there remains of the first no more, in what is shown and in the report
    let remains = others.asks(&["-i", "1", "show"])["remains"].to_string();
    assert!(!remains.contains("stopped"), "{remains}");
    assert!(!others.does(&["-i", "1", "export"]).out.contains("still to undo"));
    let nothing = others.run(&["switch", "revert", "exports"]).ends(3);
    assert!(nothing.err.contains("No act on exports is recorded"), "{}", nothing.err);
}

#[test]
fn given_a_pass_without_an_end_when_another_freeze_is_added_then_it_does_not_open_it() {
    let ship = Ship::new();
    let pass = ["freeze", "pass", "--ref", "deadbeef1", "--why", "the fix"];
    let none = ship.run(&pass).ends(3);
    assert!(none.err.contains("Nothing holds prod") && none.err.contains("--until"), "{}", none.err);
    ship.does(&["freeze", "add", "--why", "1823 is not understood"]);
    ship.does(&pass);
    assert!(ship.does(&["freeze", "check", "--ref", "deadbeef1"]).out.contains("pass 1 by Ana"));
    let lists = || ship.does(&["freeze", "list"]).out;
    assert!(lists().contains("through hold 1 only"), "{}", lists());

    let week = ship.does(&["freeze", "add", "--why", "a week later"]);
    assert!(!week.err.contains("Goes through it"), "{}", week.err);
    ship.run(&["freeze", "check", "--ref", "deadbeef1"]).ends(3);
    ship.does(&["freeze", "lift", "1"]);
    ship.run(&["freeze", "check", "--ref", "deadbeef1"]).ends(3);
    assert!(!lists().contains("deadbeef1"), "it went with its hold: {}", lists());

    ship.does(&["freeze", "pass", "--ref", "v9", "--why", "the fix", "--until", "2h"]);
    let told = ship.does(&["freeze", "add", "--why", "one more"]);
    assert!(told.err.contains("Goes through it: pass 2, v9 to prod by Ana"), "{}", told.err);
    let other = ship.does(&["freeze", "add", "--scope", "staging", "--why", "another place"]);
    assert!(!other.err.contains("Goes through it"), "{}", other.err);
    ship.does(&["freeze", "check", "--ref", "v9"]);
    let glass = ship.run(&["freeze", "lift", "2", "--break-glass", "because"]).ends(3);
    assert!(glass.err.contains("asks for no review") && glass.err.contains("--reason"), "{}", glass.err);
}

#[test]
fn given_no_open_incident_when_an_act_does_not_wait_for_a_second_person_then_its_review_is_owed_until_it_is_brought() {
    let ship = equipped("two-people = 'always'\n");
    let glass = ["switch", "stop", "exports", "--break-glass", "nobody answers"];
    let stopped = ship.does(&[&glass[..], &NAME[..]].concat());
    assert!(stopped.out.contains("review why to stop exports could not wait"), "{}", stopped.out);
    let status = ship.does(&["status"]).out;
    assert!(status.contains("REVIEW OWED by Ana") && status.contains("stop exports could not wait"), "{status}");
    assert!(ship.does(&["status", "--format", "tmux"]).out.contains("1 REVIEW OWED"));
    let list = ship.does(&["freeze", "list"]).out;
    assert!(list.contains("REVIEW OWED") && list.contains("quarterdeck switch review 1 WHAT-CAME-OF-IT"), "{list}");
    // an incident that is declared later closes without it, and it is still owed
    ship.does(&["declare", "exports are slow", "-s", "sev2"]);
    assert_eq!(ship.asks(&["status"])["reviews_owed"][0]["by"], "Ana");

    ship.run(&["switch", "review", "2", "we agree"]).ends(2);
    ship.does(&["--as", "Ben", "switch", "review", "1", "it was right: the exports crashed"]);
    assert_eq!(ship.asks(&["status"])["reviews_owed"], serde_json::json!([]));
    assert!(!ship.does(&["freeze", "list"]).out.contains("OWED"));
    let again = ship.run(&["switch", "review", "1", "twice"]).ends(3);
    assert!(again.err.contains("was done at"), "{}", again.err);
}

#[test]
fn given_a_share_that_nobody_can_tell_when_more_of_the_same_are_served_then_it_gives_back_and_fewer_takes_away() {
    let beta = json!([{"contextName": "plan", "operator": "IN", "values": ["beta"], "inverted": false, "caseInsensitive": false}]);
    let fake = Fake::start(true, vec![rollout("one", "5", beta)]);
    let ship = Ship::new();
    ship.write("token", "*:*.s3cret");
    ship.configure(&format!(
        "[[provider]]\nname = 'flags'\nkind = 'unleash'\nurl = '{}'\ntoken = {{ file = '~/token' }}\n\
         [[switch]]\nname = 'exports'\nkind = 'unleash'\nprovider = 'flags'\nflag = 'checkout'\npercent = true\ncritical = true\n\
         two-people = 'widening'\n",
        fake.server.url()
    ));
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    for share in ["100", "6"] {
        let all = ["switch", "percent", "exports", share, "--reason", "just because"];
        let bare = ship.run(&all).ends(3);
        assert!(bare.err.contains("--confirm production/exports"), "{share}: {}", bare.err);
        let asked = ship.run(&[&all[..], &NAME[..]].concat()).ends(3);
        assert!(asked.err.contains("needs a second person"), "{share}: {}", asked.err);
    }
    assert_eq!(fake.writes(), Vec::<String>::new());
    // fewer of those whom the rule lets in: nobody gets anything again
    ship.does(&["switch", "percent", "exports", "1", "--reason", "just because"]);
    assert_eq!(fake.writes().first().map(String::as_str), Some("PATCH /strategies/one"));
}

#[test]
fn given_a_flag_that_is_disabled_when_a_share_is_served_then_it_gives_back_and_takes_nothing_back() {
    let ship = equipped("two-people = 'widening'\n");
    let off = FLAGS.replace("ENABLED", "DISABLED");
    ship.write("flags.json", &off);
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    let all = ["switch", "percent", "exports", "50", "--reason", "half of them"];
    let bare = ship.run(&all).ends(3);
    assert!(bare.err.contains("--confirm production/exports"), "{}", bare.err);
    ship.run(&[&all[..], &NAME[..]].concat()).ends(3);
    assert_eq!(ship.reads("flags.json"), off);
    let agreed = ship.run(&["--as", "Ben", "switch", "confirm", "exports"]).ends(3);
    assert!(agreed.err.contains("It gives people again what was taken from them"), "{}", agreed.err);
    ship.does(&[&["--as", "Ben", "switch", "confirm", "exports"], &NAME[..]].concat());
}

#[test]
fn given_an_end_and_an_expectation_when_a_second_person_agrees_then_both_are_asked_for_shown_and_kept() {
    let ship = equipped("two-people = 'always'\n");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    let asks = ["switch", "exclude", "exports", "acme", "--until", "2h", "--expect", "bad under 40/min in 5m"];
    ship.run(&asks).ends(3);
    let asked = ship.does(&["show"]).out;
    let (_, besides) = asked.split_once("stop for customer acme: exports until ").expect("an end");
    let (besides, _) = besides.split_once(": true -> ").expect("what it serves");
    let said = ", expects at most 40 bad/min by ";
    assert!(besides.contains(said), "{asked}");
    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("Ana asks to stop for customer acme: exports until ") && list.contains(said), "{list}");
    let waits = ship.asks(&["switch", "list"])["switches"][0]["asked"].clone();
    assert_eq!((&waits["by"], &waits["expect_max"]), (&"Ana".into(), &40.into()), "{waits}");

    // another end is another act, also one that says the same of a later moment
    let other = ship.run(&["--as", "Ben", "switch", "confirm", "exports", "--until", "2h"]).ends(3);
    assert!(other.err.contains("another end or another expectation is another act"), "{}", other.err);
    assert_eq!(ship.reads("flags.json"), FLAGS);
    let dry = ship.does(&["--as", "Ben", "switch", "confirm", "exports", "--dry-run"]);
    assert!(dry.err.contains("Ana asked for it at ") && dry.err.contains(said), "{}", dry.err);
    let agreed = ship.does(&["--as", "Ben", "switch", "confirm", "exports"]).out;
    assert!(agreed.contains(&format!(", asked for by Ana until {besides}")), "{agreed}");
}

#[test]
fn given_a_smaller_share_when_it_cannot_wait_then_it_goes_alone_and_a_larger_one_does_not() {
    let ship = equipped("two-people = 'always'\n");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    let glass = |who: &str, share: &str| {
        let all = ["--as", who, "switch", "percent", "exports", share, "--break-glass", "nobody answers"];
        ship.run(&[&all[..], &NAME[..]].concat())
    };
    let alone = glass("Ana", "5").ends(0);
    assert!(alone.out.contains("ALONE, without the second person"), "{}", alone.out);
    assert!(alone.out.contains("review why 5 % of exports could not wait for a second person"), "{}", alone.out);
    let served = ship.reads("flags.json");
    let wider = glass("Ben", "25").ends(3);
    assert!(wider.err.contains("needs a second person"), "{}", wider.err);
    assert_eq!(ship.reads("flags.json"), served);
    glass("Ben", "1").ends(0);
}

#[test]
fn given_one_word_for_a_reason_when_a_reason_is_asked_for_then_it_is_refused_in_the_words_of_the_screen() {
    let ship = equipped("");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    let none = ship.run(&["switch", "percent", "exports", "20"]).ends(3);
    assert!(none.err.contains("Say why in a few words"), "{}", none.err);
    let one = ship.run(&["switch", "percent", "exports", "20", "--reason", "only"]).ends(3);
    for words in ["One word is no reason: it may have been meant for another prompt.", "Say why in two or more."] {
        assert!(one.err.contains(words), "{words}: {}", one.err);
    }
    assert_eq!(ship.reads("flags.json"), FLAGS);
    ship.does(&["switch", "percent", "exports", "20", "--reason", "only these"]);
}

#[test]
fn given_a_share_of_nobody_when_it_is_critical_then_the_name_is_asked_for_as_for_a_stop() {
    let ship = equipped("");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    let none = ["switch", "percent", "exports", "0", "--reason", "it floods the disk"];
    let bare = ship.run(&none).ends(3);
    assert!(bare.err.contains("It is critical: confirm the exact target"), "{}", bare.err);
    assert_eq!(ship.reads("flags.json"), FLAGS);
    ship.does(&[&none[..], &NAME[..]].concat());
}

#[test]
fn given_one_that_is_excluded_when_a_share_is_served_then_it_is_known_to_take_away() {
    let ship = equipped("two-people = 'widening'\n");
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    ship.does(&["switch", "exclude", "exports", "acme"]);
    ship.does(&["switch", "percent", "exports", "50", "--reason", "half of them"]);
    // more than there is gives back, and is no step back from the exclusion
    let more = ["--as", "Ben", "switch", "percent", "exports", "80", "--reason", "it is better"];
    ship.run(&more).ends(3);
}

/// Three switches of one plan, of which one always needs a second person.
fn with_a_plan() -> Ship {
    let ship = Ship::new();
    let names = ["exports", "orders", "mails"];
    let flag = |name: &str| {
        format!(
            "\"{name}\": {{ \"state\": \"ENABLED\", \"variants\": {{ \"on\": true, \"off\": false }}, \"defaultVariant\": \"on\" }}"
        )
    };
    ship.write("flags.json", &format!("{{ \"flags\": {{\n{}\n}} }}", names.map(flag).join(",\n")));
    let switch = |name: &str| {
        let two = if name == "orders" { "two-people = 'always'\n" } else { "" };
        format!(
            "[[switch]]\nname = '{name}'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = '{name}'\nstop = 'off'\n{two}"
        )
    };
    let plan = "[[plan]]\nname = 'shut-doors'\nswitches = ['exports', 'orders', 'mails']\n";
    ship.configure(&format!("{}{plan}", names.map(switch).concat()));
    ship.does(&["declare", "somebody is inside", "-s", "sev1"]);
    ship
}

const PLAN: [&str; 2] = ["--confirm", "plan/shut-doors"];

fn asks_for_the_plan(ship: &Ship) {
    let all = ["switch", "plan", "stop", "shut-doors", "--reason", "somebody is inside"];
    let asked = ship.run(&[&all[..], &PLAN[..]].concat()).ends(3);
    let next =
        "Somebody else confirms it within 15 min: quarterdeck switch confirm shut-doors --confirm plan/shut-doors.";
    assert!(asked.err.contains(next), "{}", asked.err);
    assert_eq!(asked.out.matches("  asked  ").count(), 1, "one entry: {}", asked.out);
}

#[test]
fn given_a_plan_with_one_switch_for_two_people_when_asked_for_then_it_waits_and_is_confirmed_and_taken_back_as_one() {
    let ship = with_a_plan();
    let flags = ship.reads("flags.json");
    asks_for_the_plan(&ship);
    let called = "Ana asks to stop plan/shut-doors (exports, orders, mails)";
    let list = ship.does(&["switch", "list"]).out;
    assert_eq!(list.matches(called).count(), 1, "{list}");
    assert!(ship.does(&["status"]).out.contains(called));
    let data = ship.asks(&["switch", "list"]);
    assert_eq!((&data["plans_asked"][0]["plan"], &data["switches"][1]["asked"]), (&"shut-doors".into(), &json!(null)));
    for name in ["exports", "orders"] {
        let one = ship.run(&["--as", "Ben", "switch", "confirm", name, "--confirm", "production/orders"]).ends(3);
        assert!(one.err.contains("quarterdeck switch confirm shut-doors --confirm plan/shut-doors"), "{}", one.err);
        let one = ship.run(&["switch", "withdraw", name]).ends(3);
        assert!(one.err.contains("quarterdeck switch withdraw shut-doors"), "{}", one.err);
    }
    ship.run(&["--as", "Ben", "switch", "withdraw", "shut-doors"]).ends(3);
    ship.does(&["switch", "withdraw", "shut-doors"]);
    ship.run(&[&["--as", "Ben", "switch", "confirm", "shut-doors"], &PLAN[..]].concat()).ends(3);
    assert_eq!(ship.reads("flags.json"), flags);

    asks_for_the_plan(&ship);
    let bare = ship.run(&["--as", "Ben", "switch", "confirm", "shut-doors"]).ends(3);
    assert!(bare.err.contains("--confirm plan/shut-doors"), "{}", bare.err);
    ship.run(&[&["switch", "confirm", "shut-doors"], &PLAN[..]].concat()).ends(3);
    assert_eq!(ship.reads("flags.json"), flags);
    let agreed = ship.does(&[&["--as", "Ben", "switch", "confirm", "shut-doors"], &PLAN[..]].concat()).out;
    assert_eq!(agreed.matches(", asked for by Ana").count(), 3, "{agreed}");
    assert_eq!(ship.reads("flags.json").matches("\"defaultVariant\": \"off\"").count(), 3);
}

#[test]
fn given_a_plan_that_waits_when_one_of_its_switches_is_found_otherwise_then_all_of_it_is_void_and_stays_so() {
    let ship = with_a_plan();
    let flags = ship.reads("flags.json");
    asks_for_the_plan(&ship);
    let at = flags.rfind("\"on\"").expect("the last");
    let moved = format!("{}\"off\"{}", &flags[..at], &flags[at + 4..]);
    ship.write("flags.json", &moved);
    let confirm = [&["--as", "Ben", "switch", "confirm", "shut-doors"], &PLAN[..]].concat();
    let entries = || ship.asks(&["show", "--all"])["entries"].as_array().map_or(0, Vec::len);
    let before = entries();
    // whoever only looks writes nothing
    let looks = ship.run(&[&confirm[..], &["--dry-run"]].concat()).ends(3);
    assert!(looks.err.contains("is void: mails is not as it was then"), "{}", looks.err);
    ship.does(&["switch", "list"]);
    assert_eq!(entries(), before);
    let void = ship.run(&confirm).ends(3);
    let words = "What Ana asked for is void: mails is not as it was then. Nothing was sent. It is recorded as void.";
    assert!(void.err.contains(words), "{}", void.err);
    assert_eq!((ship.reads("flags.json"), entries()), (moved, before + 1));

    ship.write("flags.json", &flags);
    let void = ship.run(&confirm).ends(3);
    assert!(void.err.contains("What Ana asked for is void: mails changed at"), "{}", void.err);
    assert_eq!((ship.reads("flags.json"), entries()), (flags, before + 1), "once");
    assert!(!ship.does(&["switch", "list"]).out.contains("Ana asks"));
    let mine = ship.run(&["switch", "withdraw", "shut-doors"]).ends(3);
    assert!(mine.err.contains("mails changed at") && mine.err.contains("ask for it anew"), "{}", mine.err);
    asks_for_the_plan(&ship);
    ship.does(&confirm);
}

#[test]
fn given_a_plan_that_cannot_wait_when_it_goes_alone_then_all_of_it_goes_and_one_review_is_owed() {
    let ship = with_a_plan();
    let all = ["switch", "plan", "stop", "shut-doors", "--break-glass", "nobody answers"];
    let alone = ship.does(&[&all[..], &PLAN[..]].concat()).out;
    assert_eq!(alone.matches("could not wait for a second person").count(), 1, "{alone}");
    assert_eq!(ship.reads("flags.json").matches("\"defaultVariant\": \"off\"").count(), 3);
}

#[test]
fn given_what_one_asked_for_with_no_incident_open_when_it_was_found_void_then_undoing_that_brings_nothing_back() {
    let ship = equipped("two-people = 'always'\n");
    ship.run(&[&["switch", "stop", "exports"], &NAME[..]].concat()).ends(3);
    ship.write("flags.json", &FLAGS.replace("\"defaultVariant\": \"on\"", "\"defaultVariant\": \"off\""));
    let confirm = [&["--as", "Ben", "switch", "confirm", "exports"], &NAME[..]].concat();
    let void = ship.run(&confirm).ends(3);
    assert!(
        void.err.contains("exports is not as it was then") && void.err.contains("recorded as void"),
        "{}",
        void.err
    );
    ship.write("flags.json", FLAGS);
    let void = ship.run(&confirm).ends(3);
    assert!(void.err.contains("What Ana asked for is void: exports changed at"), "{}", void.err);
    assert_eq!(ship.reads("flags.json"), FLAGS);
}

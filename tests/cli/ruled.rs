//! Flags that rules turn on, and the way back for those whom rules leave out.

use super::ship::Ship;

fn flag(default: &str, rules: &str) -> String {
    format!(
        r#"{{"state":"ENABLED","variants":{{"on":true,"off":false}},"defaultVariant":"{default}","targeting":{rules}}}"#
    )
}

/// Two switches and a plan of both; the second has no rules.
fn equipped(rules: &str) -> Ship {
    let ship = Ship::new();
    ship.write("flags.json", &format!(r#"{{"flags":{{"f":{},"g":{}}}}}"#, flag("off", rules), flag("on", "{}")));
    let of = |name: &str| {
        format!(
            "[[switch]]\nname = '{name}'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = '{name}'\nstop = 'off'\nrestore = 'on'\n\
             exclude-by = 'customer'\npercent = true\n"
        )
    };
    let plan = "[[plan]]\nname = 'doors'\nswitches = ['f', 'g']\n";
    ship.configure(&format!("{}{}{plan}", of("f"), of("g")));
    ship.does(&["declare", "x", "-s", "sev1"]);
    ship
}

const CONFIRM: [&str; 4] = ["--confirm", "production/f", "--reason", "bad build x"];

#[test]
fn given_a_flag_that_rules_turn_on_when_stopped_then_it_is_listed_as_it_is_stops_and_is_to_be_undone() {
    let ship = equipped(r#"{"if":[true,"on"]}"#);
    let before = ship.reads("flags.json");
    let listed = ship.does(&["switch", "list"]).out;
    let want = "PARTLY  serves false (variant off); by a rule some contexts, perhaps all, get true";
    assert!(listed.contains(want), "{listed}");
    assert_eq!(ship.does(&["--json", "switch", "list"]).data()["switches"][0]["by_rule"], "true");
    let preview = ship.does(&["switch", "stop", "f", "--dry-run"]).out;
    assert!(preview.contains("serves false, true by rule now, would serve false."), "{preview}");
    ship.does(&[&["switch", "stop", "f"], &CONFIRM[..]].concat());
    assert!(!ship.reads("flags.json").contains("[true"), "{}", ship.reads("flags.json"));
    assert!(ship.does(&["switch", "list"]).out.contains("STOPPED  serves false (variant off)   ("));
    // it is not so already that it is put back, and it is not put back twice
    ship.does(&["switch", "revert", "f"]);
    assert_eq!(ship.reads("flags.json"), before);
    let nothing = ship.run(&["switch", "revert", "f"]).ends(3);
    assert!(nothing.err.contains("No act on f is recorded that could be taken back."), "{}", nothing.err);
}

#[test]
fn given_a_plan_with_a_flag_that_rules_turn_on_when_stopped_then_all_of_it_stops() {
    let ship = equipped(r#"{"if":[{"var":"beta"},"on",null]}"#);
    ship.does(&["switch", "plan", "stop", "doors", "--confirm", "plan/doors", "--reason", "bad build x"]);
    let listed = ship.does(&["switch", "list"]).out;
    assert_eq!(listed.matches("STOPPED").count(), 2, "{listed}");
}

#[test]
fn given_rules_that_serve_it_to_some_when_restored_with_nothing_to_undo_then_it_is_said_that_it_is_no_way_back() {
    let ship = equipped(r#"{"if":[{"var":"beta"},"on",null]}"#);
    let preview = ship.does(&["switch", "restore", "f", "--dry-run"]).out;
    let want = "No stop is to be seen: rules serve true to some, and all others would get true as well.";
    assert!(preview.contains(want), "{preview}");
}

#[test]
fn given_an_exclusion_before_a_stop_when_it_is_restored_in_steps_then_that_customer_stays_out() {
    let ship = equipped("{}");
    ship.does(&["switch", "exclude", "g", "acme"]);
    let found = ship.reads("flags.json");
    let (confirm, why) = (["--confirm", "production/g"], ["--reason", "bad build x"]);
    ship.does(&[&["switch", "stop", "g"], &confirm[..], &why[..]].concat());
    assert!(!ship.reads("flags.json").contains("acme"));
    for share in ["5", "99.9"] {
        ship.does(&[&["switch", "restore", "g", "--percent", share], &confirm[..], &why[..]].concat());
        assert!(ship.reads("flags.json").contains(r#"["acme"]"#), "{share}: {}", ship.reads("flags.json"));
    }
    ship.does(&[&["switch", "revert", "g"], &confirm[..], &why[..]].concat());
    assert_eq!(ship.reads("flags.json"), found);
}

#[test]
fn given_rules_that_leave_no_place_for_a_share_when_it_is_restored_in_steps_then_it_is_refused_with_what_to_do() {
    let ship = equipped(r#"{"if":[{"var":"beta"},"on",null]}"#);
    ship.does(&[&["switch", "stop", "f"], &CONFIRM[..]].concat());
    let stopped = ship.reads("flags.json");
    let typed = ship.run(&[&["switch", "percent", "f", "5"], &CONFIRM[..]].concat()).ends(3);
    assert!(typed.err.contains("no share of that can be served"), "{}", typed.err);
    let refused = ship.run(&[&["switch", "restore", "f", "--percent", "5"], &CONFIRM[..]].concat()).ends(3);
    assert!(refused.err.contains("f served false, true by rule before the stop of"), "{}", refused.err);
    assert!(refused.err.contains("Give all of it back at once: quarterdeck switch restore f."), "{}", refused.err);
    assert_eq!(ship.reads("flags.json"), stopped);
}

#[test]
fn given_a_share_before_a_stop_when_it_is_restored_to_more_then_it_is_refused_with_that_share() {
    let ship = equipped("{}");
    let (confirm, why) = (["--confirm", "production/g"], ["--reason", "bad build x"]);
    ship.does(&[&["switch", "percent", "g", "20"], &confirm[..], &why[..]].concat());
    ship.does(&[&["switch", "stop", "g"], &confirm[..], &why[..]].concat());
    let stopped = ship.reads("flags.json");
    for verb in [["restore", "g", "--percent", "50"], ["percent", "g", "50", "--no-wait"]] {
        let refused = ship.run(&[&["switch"], &verb[..], &confirm[..], &why[..]].concat()).ends(3);
        assert!(refused.err.contains("g was served to 20 % before the stop of"), "{}", refused.err);
        assert!(refused.err.contains("Name at most 20 %"), "{}", refused.err);
    }
    assert_eq!(ship.reads("flags.json"), stopped);
    ship.does(&[&["switch", "restore", "g", "--percent", "10"], &confirm[..], &why[..]].concat());
    assert!(ship.reads("flags.json").contains(r#"["on", 10]"#));
}

#[test]
fn given_rules_that_flagds_schema_does_not_take_when_stopped_then_the_stop_can_be_taken_back() {
    let ship = equipped(r#"{"==":[{"var":"customer"},"bob"]}"#);
    let before = ship.reads("flags.json");
    ship.does(&[&["switch", "stop", "f"], &CONFIRM[..]].concat());
    let preview = ship.does(&["switch", "revert", "f", "--dry-run"]).out;
    assert!(preview.contains("By flagd's schema it is not valid, and was not before"), "{preview}");
    ship.does(&["switch", "revert", "f"]);
    assert_eq!(ship.reads("flags.json"), before);
}

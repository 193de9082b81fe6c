//! The proof that what is written is what flagd serves: flagd's own evaluator reads the files.
//! Runs where node is installed and `QUARTERDECK_TEST_FLAGD` names a directory with `@openfeature/flagd-core`.

use quarterdeck::incident::entry::{EntryId, Session};
use quarterdeck::incident::switch::{Level, Reason, Share, Wanted, Whom};
use quarterdeck::incident::time::Time;
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::switches::flagd::Flagd;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const FILE: &str = r#"{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "$evaluators": { "canary": { "in": [ { "var": "targetingKey" }, [ "api-3" ] ] } },
  "flags": {
    "release": {
      "state": "ENABLED",
      "variants": { "old": 1822, "new": 1823 },
      "targeting": { "if": [ { "$ref": "canary" }, "new", null ] },
      "defaultVariant": "new"
    },
    "signup": { "state": "DISABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off" },
    "plain": { "state": "ENABLED", "variants": { "a": "x", "b": "y" }, "defaultVariant": "a" },
    "nodefault": { "state": "ENABLED", "variants": { "on": true, "off": false } },
    "shape": { "variants": { "a": { "k": [1] }, "b": {} }, "state": "ENABLED", "defaultVariant": null,
               "targeting": { "fractional": [ [ "a", 50 ], [ "b", 50 ] ] } },
    "nested": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": null,
               "targeting": { "if": [ { "$ref": "canary" }, "on",
                 { "if": [ { "==": [ { "var": "plan" }, "free" ] }, "off", { "fractional": [ [ "on", 100 ], [ "off", 0 ] ] } ] } ] } },
    "checkout": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" },
    "by-customer": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on",
               "targeting": { "if": [ { "==": [ { "var": "plan" }, "free" ] }, "off",
                 { "fractional": [ { "var": "customer" }, [ "off", 0 ], [ "on", 1 ] ] } ] } }
  }
}
"#;

/// What flagd's evaluator says, line by line; none when it is not here.
fn ask(path: &Path, arguments: &[&str]) -> Option<Vec<String>> {
    if std::env::var_os("QUARTERDECK_TEST_FLAGD").is_none() {
        println!("skipped: QUARTERDECK_TEST_FLAGD names no directory with @openfeature/flagd-core");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/liaison/flagd-eval.mjs");
    let Ok(output) = Command::new("node").arg(script).arg(path).args(arguments).output() else {
        println!("skipped: node is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

/// A flag file, and who evaluates it.
struct World {
    directory: TempDir,
}

impl World {
    fn new() -> World {
        let world = World { directory: tempfile::tempdir().unwrap() };
        fs::write(world.path(), FILE).unwrap();
        world
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("flags.json")
    }

    /// What contexts are served, as `variant reason`.
    fn served(&self, flag: &str, kind: &str, contexts: &[&str]) -> Option<Vec<String>> {
        let arguments: Vec<&str> = [flag, kind].iter().chain(contexts).copied().collect();
        let lines = ask(&self.path(), &arguments)?;
        let said = |line: &String| {
            let said: serde_json::Value = serde_json::from_str(line).unwrap();
            format!("{} {} {}", said["value"], said["variant"], said["reason"]).replace('"', "")
        };
        Some(lines.iter().map(said).collect())
    }

    /// Which of two thousand users are served this variant.
    fn users(&self, flag: &str, variant: &str) -> Option<Vec<usize>> {
        let lines = ask(&self.path(), &[flag, "boolean", "users=2000"])?;
        let all: Vec<Option<String>> = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(all.len(), 2_000);
        let served = |(at, name): (usize, &Option<String>)| (name.as_deref() == Some(variant)).then_some(at);
        Some(all.iter().enumerate().filter_map(served).collect())
    }

    fn switch(&self, flag: &str, stop: &str) -> Flagd {
        Flagd { file: self.path(), flag: flag.into(), stop: Some(stop.into()), restore: None }
    }
}

/// Does it as a person does: looked at, planned, carried. The definition that was there before, and what is served afterwards.
fn act(flag: &Flagd, wanted: &Wanted) -> (String, String) {
    let plan = flag.plan(wanted, Time(0)).unwrap();
    let reason = Reason { why: String::new(), incident: None, person: "Ana".into(), act: EntryId::of(Session(1), 1) };
    let got = flag.carry(wanted, &plan.before, &reason, Time(0));
    let (CarryOutcome::Done { value, .. } | CarryOutcome::Already { value, .. }) = got else {
        panic!("{wanted:?}: {got:?}")
    };
    assert_eq!(value, plan.to, "what was planned is what was read back");
    (plan.before, value)
}

fn whom(text: &str) -> Wanted {
    Wanted::Exclude(Whom::parse(text, "user").unwrap())
}

fn share(text: &str) -> Wanted {
    Wanted::Percent(Share::parse(text).unwrap())
}

#[test]
fn flagd_serves_what_we_say_and_what_we_wrote() {
    let world = World::new();
    let check = |flag: &str, kind: &str, context: &str, want: &str| {
        assert_eq!(world.served(flag, kind, &[context]).unwrap(), [want], "{flag}");
    };
    if world.served("release", "number", &["{}"]).is_none() {
        return;
    }
    check("release", "number", "{}", "1823 new DEFAULT");
    check("signup", "boolean", "{}", "true null DISABLED");
    check("nodefault", "boolean", "{}", "true null DEFAULT");

    let api = |n: u8| format!("{{\"targetingKey\":\"api-{n}\"}}");
    act(&world.switch("release", "old"), &Wanted::Stop);
    check("release", "number", &api(3), "1822 old STATIC");
    act(&world.switch("signup", "off"), &Wanted::Stop);
    check("signup", "boolean", "{}", "false off STATIC");
    act(&world.switch("plain", "b"), &Wanted::Stop);
    check("plain", "string", "{}", "y b STATIC");
    act(&world.switch("nodefault", "off"), &Wanted::Stop);
    check("nodefault", "boolean", "{}", "false off STATIC");
    act(&world.switch("shape", "b"), &Wanted::Stop);
    check("shape", "object", &api(1), "{} b STATIC");

    // A default alone does not stop whom a rule serves: restoring the other way round leaves rules, and says so.
    fs::write(world.path(), FILE).unwrap();
    let backwards = Flagd { restore: Some("old".into()), ..world.switch("release", "new") };
    act(&backwards, &Wanted::Restore);
    check("release", "number", &api(1), "1822 old DEFAULT");
    check("release", "number", &api(3), "1823 new TARGETING_MATCH");
}

#[test]
fn what_is_seen_at_a_glance_is_what_a_stop_put_back_leaves_and_not_a_byte_more() {
    let world = World::new();
    let before = world.served("nested", "boolean", &["{}"]);
    let nested = world.switch("nested", "off");
    let (snapshot, _) = act(&nested, &Wanted::Stop);
    assert_eq!(nested.look(Time(0)).unwrap().level, Level::Off);
    assert_ne!(fs::read_to_string(world.path()).unwrap(), FILE);
    act(&nested, &Wanted::Put(snapshot));
    assert_eq!(fs::read_to_string(world.path()).unwrap(), FILE);
    assert_eq!(world.served("nested", "boolean", &["{}"]), before);
}

#[test]
fn one_user_is_off_in_every_branch_and_all_others_are_as_before() {
    let world = World::new();
    let contexts = [
        r#"{"targetingKey":"api-3"}"#,
        r#"{"targetingKey":"alice"}"#,
        r#"{"targetingKey":"bob","plan":"free"}"#,
        r#"{"targetingKey":"bob"}"#,
        r#"{"plan":"pro","customer":"acme"}"#,
        r#"{"targetingKey":"bob","customer":42}"#,
    ];
    let served = || world.served("nested", "boolean", &contexts);
    let Some(before) = served() else { return };
    let (on, split) = ("true on TARGETING_MATCH", "true null DEFAULT");
    assert_eq!(before, [on, on, "false off TARGETING_MATCH", on, split, on]);

    let nested = world.switch("nested", "off");
    let (first, value) = act(&nested, &whom("api-3"));
    assert_eq!(value, "the application's own default, false for user api-3, false or true by rule");
    act(&nested, &whom("alice"));
    act(&nested, &whom("customer:acme"));
    act(&nested, &whom("customer:42"));
    let off = "false off TARGETING_MATCH";
    assert_eq!(served().unwrap(), [off, off, off, on, off, off]);

    let sight = nested.look(Time(0)).unwrap();
    let excluded: Vec<_> = sight.excluded.iter().map(Whom::to_string).collect();
    assert_eq!(excluded, ["customer acme", "customer 42", "user api-3", "user alice"]);
    assert_eq!(sight.level, Level::Partly);
    assert!(nested.plan(&whom("alice"), Time(0)).unwrap().idle, "asking twice is asking once");
    act(&nested, &Wanted::Put(first));
    assert_eq!(fs::read_to_string(world.path()).unwrap(), FILE);
}

#[test]
fn one_is_off_in_flags_without_rules_without_a_default_and_with_a_share_below() {
    let world = World::new();
    let two = [r#"{"targetingKey":"alice"}"#, r#"{"targetingKey":"bob"}"#];
    if world.served("checkout", "boolean", &two).is_none() {
        return;
    }
    for (flag, bob) in [("checkout", "true on DEFAULT"), ("nodefault", "true null DEFAULT")] {
        let (snapshot, _) = act(&world.switch(flag, "off"), &whom("alice"));
        assert_eq!(world.served(flag, "boolean", &two).unwrap(), ["false off TARGETING_MATCH", bob]);
        act(&world.switch(flag, "off"), &Wanted::Put(snapshot));
    }
    assert_eq!(fs::read_to_string(world.path()).unwrap(), FILE);

    let checkout = world.switch("checkout", "off");
    act(&checkout, &share("50"));
    let before = world.users("checkout", "on").unwrap();
    let one = before[0];
    act(&checkout, &whom(&format!("u{one}")));
    let after = world.users("checkout", "on").unwrap();
    assert_eq!(after, before.iter().copied().filter(|user| *user != one).collect::<Vec<_>>());
    act(&checkout, &share("5"));
    let fewer = world.users("checkout", "on").unwrap();
    assert!(fewer.len() < 150 && fewer.iter().all(|user| after.contains(user)), "{}", fewer.len());
    assert_eq!(checkout.look(Time(0)).unwrap().excluded.len(), 1, "lowering leaves the exclusion");
    act(&checkout, &Wanted::Restore);
    assert_eq!(world.users("checkout", "on").unwrap().len(), 2_000);
    assert_eq!(checkout.look(Time(0)).unwrap().level, Level::On);
    assert_eq!(fs::read_to_string(world.path()).unwrap(), FILE, "nothing is left of it");
}

#[test]
fn a_share_is_lowered_and_turns_nobody_newly_on() {
    let world = World::new();
    let Some(mut before) = world.users("checkout", "on") else { return };
    assert_eq!(before.len(), 2_000);
    let checkout = world.switch("checkout", "off");
    let (first, _) = act(&checkout, &share("100"));
    let mut counts = Vec::new();
    for (text, level) in [("50", Level::Partly), ("5", Level::Partly), ("2.5", Level::Partly), ("0", Level::Off)] {
        act(&checkout, &share(text));
        let after = world.users("checkout", "on").unwrap();
        assert!(after.iter().all(|user| before.contains(user)), "{text}: somebody is newly on");
        let sight = checkout.look(Time(0)).unwrap();
        assert_eq!((sight.share, sight.level), (Share::parse(text), level), "{text}");
        assert_eq!(
            world.served("checkout", "boolean", &["{}"]).unwrap(),
            ["false off DEFAULT"],
            "nobody knows who that is"
        );
        counts.push(after.len());
        before = after;
    }
    println!("on of 2000 at 50, 5, 2.5 and 0 %: {counts:?}");
    assert!(
        counts[0].abs_diff(1_000) < 100 && counts[1].abs_diff(100) < 40 && counts[2].abs_diff(50) < 30,
        "{counts:?}"
    );
    assert_eq!(counts[3], 0);
    // in steps again: whoever was on stays on
    for text in ["5", "25", "100"] {
        act(&checkout, &share(text));
        let after = world.users("checkout", "on").unwrap();
        assert!(before.iter().all(|user| after.contains(user)), "{text}: somebody is newly off");
        before = after;
    }
    assert_eq!((before.len(), checkout.look(Time(0)).unwrap().level), (2_000, Level::On));
    act(&checkout, &Wanted::Put(first));
    assert_eq!(fs::read_to_string(world.path()).unwrap(), FILE);
}

#[test]
fn from_stopped_a_share_is_served_again_and_arms_keep_their_order() {
    let world = World::new();
    if world.users("checkout", "on").is_none() {
        return;
    }
    let checkout = world.switch("checkout", "off");
    act(&checkout, &Wanted::Stop);
    act(&checkout, &share("5"));
    let few = world.users("checkout", "on").unwrap().len();
    assert!((60..140).contains(&few), "{few}");

    // told apart by customer, stopped arm first, free plans off in any case
    let customers: Vec<String> = (0..60).map(|n| format!("{{\"customer\":\"c{n}\",\"plan\":\"pro\"}}")).collect();
    let customers: Vec<&str> = customers.iter().map(String::as_str).collect();
    let by_customer = world.switch("by-customer", "off");
    let on = || -> Vec<bool> {
        let served = world.served("by-customer", "boolean", &customers).unwrap();
        served.iter().map(|said| said.starts_with("true")).collect()
    };
    let (first, _) = act(&by_customer, &share("60"));
    let more = on();
    act(&by_customer, &share("20"));
    let fewer = on();
    let count = |of: &[bool]| of.iter().filter(|on| **on).count();
    assert!(count(&more) > count(&fewer) && count(&fewer) > 0, "{} {}", count(&more), count(&fewer));
    assert!(more.iter().zip(&fewer).all(|(more, fewer)| *more || !*fewer), "somebody is newly on");
    let free = r#"{"customer":"c1","plan":"free"}"#;
    assert_eq!(world.served("by-customer", "boolean", &[free]).unwrap(), ["false off TARGETING_MATCH"]);
    let Err(Trouble::Refused(words)) = world.switch("nested", "off").plan(&share("5"), Time(0)) else {
        panic!("a rule that serves some on at any share was taken for a share")
    };
    assert!(words.contains("whatever the share is"), "{words}");
    act(&by_customer, &Wanted::Put(first));
}

#[test]
fn a_flag_that_a_stop_disables_serves_each_callers_own_default_and_comes_back_to_the_byte() {
    let world = World::new();
    let release = Flagd { stop: None, ..world.switch("release", "") };
    let api = r#"{"targetingKey":"api-3"}"#;
    let before = world.served("release", "number", &["{}", api]);
    assert_eq!(release.look(Time(0)).unwrap().level, Level::On);
    let plan = release.plan(&Wanted::Stop, Time(0)).unwrap();
    assert_eq!(
        (plan.changes.as_str(), plan.to.as_str()),
        ("state ENABLED → DISABLED", "the application's own default")
    );
    let words = "The flag will be disabled: each application serves the default in its own code, which may be on.";
    assert!(plan.notes.iter().any(|note| note == words), "{:?}", plan.notes);
    let (snapshot, value) = act(&release, &Wanted::Stop);
    assert_eq!(value, "the application's own default");
    assert_eq!(fs::read_to_string(world.path()).unwrap(), FILE.replacen("ENABLED", "DISABLED", 1));
    let sight = release.look(Time(0)).unwrap();
    assert_eq!((sight.level, sight.reach()), (Level::Off, Some(Share::NOBODY)));
    if before.is_some() {
        // the caller that asks here has -1 as its own default, whatever the variants are
        let caller = world.served("release", "number", &["{}", api]).unwrap();
        assert!(caller.iter().all(|said| said == "-1 null DISABLED"), "{caller:?}");
    }
    assert!(release.plan(&Wanted::Stop, Time(0)).unwrap().idle);
    act(&release, &Wanted::Restore);
    assert_eq!(fs::read_to_string(world.path()).unwrap(), FILE, "its rules were left as they are");
    act(&release, &Wanted::Stop);
    act(&release, &Wanted::Put(snapshot));
    assert_eq!(fs::read_to_string(world.path()).unwrap(), FILE);
    assert_eq!(world.served("release", "number", &["{}", api]), before);
    // a variant that is called so is a variant
    let named = FILE.replace("\"b\": \"y\"", "\"disabled\": \"y\"");
    fs::write(world.path(), &named).unwrap();
    act(&world.switch("plain", "disabled"), &Wanted::Stop);
    assert!(fs::read_to_string(world.path()).unwrap().contains("\"defaultVariant\": \"disabled\""));
    for wanted in [whom("alice"), share("5")] {
        let Err(Trouble::Refused(words)) = release.plan(&wanted, Time(0)) else { panic!("{wanted:?}") };
        assert!(words.contains("that is for everybody"), "{words}");
    }
}

#[test]
fn what_we_take_for_valid_is_what_flagd_takes_for_valid() {
    let world = World::new();
    let evaluators = r#"{"canary":{"in":[{"var":"targetingKey"},["api-3"]]}}"#;
    for line in include_str!("../../src/liaison/switches/flagd/rules.txt").lines().filter(|line| !line.starts_with('#'))
    {
        let (fit, rule) = line.split_at(2);
        let flag = format!(r#"{{"state":"ENABLED","variants":{{"on":true,"off":false}},"targeting":{rule}}}"#);
        fs::write(world.path(), format!(r#"{{"$evaluators":{evaluators},"flags":{{"x":{flag}}}}}"#)).unwrap();
        let Some(said) = ask(&world.path(), &[]) else { return };
        assert_eq!(said[0] == "fit", fit == "+ ", "{rule}: {said:?}");
        let old = r#"{"state":"ENABLED","variants":{"on":true,"off":false}}"#;
        fs::write(world.path(), format!(r#"{{"$evaluators":{evaluators},"flags":{{"x":{old}}}}}"#)).unwrap();
        let ours = world.switch("x", "off").plan(&Wanted::Put(flag), Time(0)).unwrap();
        if fit == "- " {
            assert!(ours.notes[0].starts_with("By flagd's schema it is not valid"), "{rule}: {:?}", ours.notes);
        }
    }
}

/// A file of one flag `f` that is off by default, with these rules.
fn ruled(world: &World, default: &str, rules: &str) -> String {
    let file = format!(
        r#"{{"$evaluators":{{"all":{{"if":[true,"on"]}}}},"flags":{{"f":{{"state":"ENABLED","variants":{{"on":true,"off":false}},"defaultVariant":{default},"targeting":{rules}}}}}}}"#
    );
    fs::write(world.path(), &file).unwrap();
    file
}

const CUSTOMERS: [&str; 4] = [
    r#"{"targetingKey":"u1","customer":"acme"}"#,
    r#"{"targetingKey":"u2","customer":"bob"}"#,
    r#"{"targetingKey":"u3","customer":"cleo","beta":true}"#,
    "{}",
];

#[test]
fn given_a_flag_that_rules_turn_on_when_stopped_then_flagd_gives_nobody_any_more_and_it_is_put_back_to_the_byte() {
    let world = World::new();
    let served = || -> Option<Vec<bool>> {
        let said = world.served("f", "boolean", &CUSTOMERS)?;
        Some(said.iter().map(|said| said.starts_with("true")).collect())
    };
    for (default, rules, had) in [
        ("\"off\"", r#"{"if":[true,"on"]}"#, [true; 4]),
        ("\"off\"", r#"{"if":[{"var":"beta"},"on",null]}"#, [false, false, true, false]),
        ("\"off\"", r#"{"if":[{"in":[{"var":"customer"},["acme"]]},"on",null]}"#, [true, false, false, false]),
        (
            "\"off\"",
            r#"{"if":[{"var":"beta"},"on",{"fractional":[["on",0],["off",100]]}]}"#,
            [false, false, true, false],
        ),
        ("\"off\"", r#"{"$ref":"all"}"#, [true; 4]),
    ] {
        let file = ruled(&world, default, rules);
        let Some(before) = served() else { return };
        assert_eq!(before, had, "{rules}");
        let switch = world.switch("f", "off");
        assert_eq!(switch.look(Time(0)).unwrap().level, Level::Partly);
        let plan = switch.plan(&Wanted::Stop, Time(0)).unwrap();
        assert_eq!(
            (plan.from.as_str(), plan.to.as_str(), plan.idle),
            ("false, true by rule", "false", false),
            "{rules}"
        );
        let (snapshot, _) = act(&switch, &Wanted::Stop);
        assert_eq!(served().unwrap(), [false; 4], "{rules}");
        act(&switch, &Wanted::Put(snapshot));
        assert_eq!(fs::read_to_string(world.path()).unwrap(), file);
    }
    // stopped by being disabled, rules that answer without a default: each caller has its own, which is true here
    ruled(&world, "null", r#"{"if":[true,"off"]}"#);
    let disables = Flagd { stop: None, ..world.switch("f", "") };
    assert_eq!(served().unwrap(), [false; 4]);
    act(&disables, &Wanted::Stop);
    assert_eq!(served().unwrap(), [true; 4]);
}

#[test]
fn given_what_a_stop_set_aside_when_stepped_back_then_flagd_lets_nobody_in_who_was_left_out_before() {
    let world = World::new();
    let served = || -> Option<Vec<bool>> {
        let said = world.served("f", "boolean", &CUSTOMERS)?;
        Some(said.iter().map(|said| said.starts_with("true")).collect())
    };
    let free = r#"{"if":[{"in":[{"var":"customer"},["acme"]]},"off",{"if":[{"var":"beta"},"off",null]}]}"#;
    for (rules, had) in [("{}", [false, true, true, true]), (free, [false, true, false, true])] {
        ruled(&world, "\"on\"", rules);
        let switch = world.switch("f", "off");
        if rules == "{}" {
            act(&switch, &whom("customer:acme"));
        }
        let Some(before) = served() else { return };
        assert_eq!(before, had);
        let found = fs::read_to_string(world.path()).unwrap();
        let (snapshot, _) = act(&switch, &Wanted::Stop);
        let mut users = Vec::new();
        for text in ["5", "25", "99.9", "100"] {
            let step = Wanted::Step(Share::parse(text).unwrap(), snapshot.clone());
            act(&switch, &step);
            let now = served().unwrap();
            let newly = now.iter().zip(before.iter()).any(|(now, before)| *now && !*before);
            assert!(!newly, "{rules} at {text}: {now:?}");
            let more = world.users("f", "on").unwrap();
            assert!(users.iter().all(|user| more.contains(user)), "{text}: somebody is newly off");
            users = more;
        }
        assert_eq!((served().unwrap(), users.len()), (before, 2_000));
        act(&switch, &Wanted::Put(snapshot));
        assert_eq!(fs::read_to_string(world.path()).unwrap(), found);
    }
}

#[test]
fn given_rules_that_flagds_schema_does_not_take_when_stopped_then_the_stop_is_taken_back_and_flagd_answers_as_before() {
    let world = World::new();
    let rules = r#"{"==":[{"var":"customer"},"bob"]}"#;
    let file = ruled(&world, "\"on\"", rules);
    let Some(before) = world.served("f", "boolean", &CUSTOMERS) else { return };
    let switch = world.switch("f", "off");
    let (snapshot, _) = act(&switch, &Wanted::Stop);
    assert!(world.served("f", "boolean", &CUSTOMERS).unwrap().iter().all(|said| said.starts_with("false off")));
    let back = switch.plan(&Wanted::Put(snapshot.clone()), Time(0)).unwrap();
    assert!(back.notes[0].contains("its targeting answers true or false"), "{:?}", back.notes);
    act(&switch, &Wanted::Put(snapshot));
    assert_eq!(fs::read_to_string(world.path()).unwrap(), file);
    assert_eq!(world.served("f", "boolean", &CUSTOMERS).unwrap(), before);
    // and being disabled is no less possible for what was so before
    act(&Flagd { stop: None, ..world.switch("f", "") }, &Wanted::Stop);
}

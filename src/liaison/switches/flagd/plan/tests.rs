//! What acts make of a flag file, by flags as people write them.

use super::*;
use crate::incident::switch::Level;
use proptest::prelude::*;
use serde_json::Value;

const FILE: &str = r#"{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "flags": {
    "other": {"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"},
    "release" : {
      "state": "ENABLED",
      "variants": { "old": 1822, "new": 1823 },
      "targeting": { "if": [ { "in": [ { "var": "host" }, [ "api-3" ] ] }, "old", null ] },
      "defaultVariant": "new"
    }
  }
}
"#;

/// What is wanted of a flag that stops with this variant.
fn plan(text: &str, flag: &str, (stop, wanted): (&str, Wanted)) -> Result<Draft, Trouble> {
    draft("The file", text, &Names { flag, stop: Some(stop), restore: None }, &wanted)
}

fn stop(variant: &str) -> (&str, Wanted) {
    (variant, Wanted::Stop)
}

fn put(definition: &str) -> (&str, Wanted) {
    ("old", Wanted::Put(definition.to_owned()))
}

fn refused(text: &str, flag: &str, wanted: (&str, Wanted)) -> String {
    match plan(text, flag, wanted) {
        Err(Trouble::Refused(words)) => words,
        Err(other) => panic!("not refused: {other:?}"),
        Ok(draft) => panic!("not refused: {:?}", draft.plan),
    }
}

#[test]
fn a_stop_names_the_default_and_sets_targeting_aside() {
    let got = plan(FILE, "release", stop("old")).unwrap();
    assert_eq!((got.plan.from.as_str(), got.plan.to.as_str()), ("1823, 1822 for host api-3", "1822"));
    assert!(!got.sight.targeting);
    assert_eq!(got.plan.changes, "defaultVariant new → old, targeting set aside");
    let want = FILE.replace("\"defaultVariant\": \"new\"", "\"defaultVariant\": \"old\"").replace(
        "      \"targeting\": { \"if\": [ { \"in\": [ { \"var\": \"host\" }, [ \"api-3\" ] ] }, \"old\", null ] },\n",
        "",
    );
    assert_eq!(got.text, want);
}

#[test]
fn what_a_stop_changed_is_put_back_to_the_byte() {
    let stopped = plan(FILE, "release", stop("old")).unwrap();
    let back = plan(&stopped.text, "release", put(&stopped.plan.before)).unwrap();
    assert_eq!(back.text, FILE);
    assert_eq!(back.plan.changes, "defaultVariant old → new, targeting put back");
}

#[test]
fn a_disabled_flag_is_enabled_to_serve_the_stopped_value() {
    let file = r#"{"flags":{"x":{"state":"DISABLED","variants":{"on":true,"off":false}}}}"#;
    let got = plan(file, "x", stop("off")).unwrap();
    assert_eq!(
        got.text,
        r#"{"flags":{"x":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}}}"#
    );
    assert_eq!((got.sight.value.as_str(), got.sight.level), ("false", Level::Off));
    assert_eq!(got.plan.changes, "defaultVariant the application's own default → off, state DISABLED → ENABLED");
}

#[test]
fn restoring_leaves_rules_of_others_and_says_so() {
    let got = plan(FILE, "release", ("new", Wanted::Restore)).unwrap();
    assert!(got.sight.targeting && got.sight.words.ends_with("its rules serve nothing else"), "{}", got.sight.words);
    assert_eq!(got.plan.changes, "defaultVariant new → old");
    assert!(got.plan.notes.iter().any(|note| note.contains("other rules stay")), "{:?}", got.plan.notes);
}

#[test]
fn being_there_already_is_a_plan_without_a_change() {
    let file = plan(FILE, "release", stop("old")).unwrap().text;
    let got = plan(&file, "release", stop("old")).unwrap();
    assert!(got.plan.idle && got.text == file);
    assert_eq!(got.plan.changes, "nothing to change: release already serves 1822 (variant old)");
}

#[test]
fn both_targetings_of_a_flag_that_has_two_go() {
    let file = r#"{"flags":{"x":{"targeting":{"var":"a"},"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a","targeting":{"var":"b"}}}}"#;
    let got = plan(file, "x", stop("a")).unwrap();
    assert_eq!(got.text, r#"{"flags":{"x":{"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}}}"#);
}

#[test]
fn a_repeated_flag_is_changed_where_it_counts_and_that_is_said() {
    let one = r#"{"state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}"#;
    let file = format!("{{\"flags\":{{\"x\":{one},\"x\":{one}}}}}");
    let got = plan(&file, "x", stop("b")).unwrap();
    assert_eq!(got.text.matches("\"defaultVariant\":\"b\"").count(), 1);
    assert!(got.text.ends_with("\"b\"}}}") && got.plan.changes.contains("2 times"), "{}", got.plan.changes);
}

#[test]
fn a_name_written_with_escapes_is_written_so_again() {
    let file = r#"{"flags":{"x":{"state":"ENABLED","variants":{"\u0061us":1,"b":2},"defaultVariant":"b"}}}"#;
    assert!(plan(file, "x", stop("aus")).unwrap().text.contains(r#""defaultVariant":"\u0061us""#));
}

#[test]
fn a_missing_variant_is_refused_with_those_there_are() {
    assert!(refused(FILE, "release", stop("1821")).contains("It has: old, new."));
}

#[test]
fn given_a_definition_that_stood_there_when_put_back_then_flagds_schema_is_a_remark_and_what_is_none_is_refused() {
    for (definition, part) in [("{", "is not JSON"), ("[]", "is not an object")] {
        let words = refused(FILE, "release", put(definition));
        assert!(words.contains(part) && words.contains("Nothing was changed"), "{definition}: {words}");
    }
    for (definition, part) in [
        (r#"{"state":"ENABLED","variants":{"a":1,"b":"x"}}"#, "all number"),
        (r#"{"state":"ENABLED","variants":{"a":null}}"#, "all number"),
        (r#"{"state":"ENABLED","variants":{}}"#, "no variant"),
        (r#"{"state":"ENABLED","variants":{"":1}}"#, "no name"),
        (r#"{"state":"ENABLED","variants":{"a":1},"metadata":{"x":[]}}"#, "metadata"),
        (r#"{"state":"ENABLED","variants":{"a":1},"targeting":"a"}"#, "not an object"),
        (r#"{"state":"ENABLED","variants":{"on":true},"targeting":{"==":[1,1]}}"#, "true or false"),
        (r#"{"state":"ENABLED","variants":{"on":true},"targeting":{"if":[{"var":"x"},true,"on"]}}"#, "true or false"),
    ] {
        let got = plan(FILE, "release", put(definition)).unwrap();
        let note = &got.plan.notes[0];
        assert!(note.contains(part) && note.contains("may refuse the whole file"), "{definition}: {note}");
    }
    for definition in [r#"{"variants":{"a":1}}"#, r#"{"state":"ENABLED","variants":{"a":1},"defaultVariant":"b"}"#] {
        assert!(plan(FILE, "release", put(definition)).is_err());
    }
}

#[test]
fn in_an_array_of_flags_a_definition_carries_its_own_key() {
    let file = r#"{"flags":[{"key":"x","state":"ENABLED","variants":{"a":1,"b":2},"defaultVariant":"a"}]}"#;
    let stopped = plan(file, "x", stop("b")).unwrap();
    assert_eq!(plan(&stopped.text, "x", put(&stopped.plan.before)).unwrap().text, file);
    let stranger = r#"{"key":"y","state":"ENABLED","variants":{"a":1}}"#.to_owned();
    assert!(refused(file, "x", put(&stranger)).contains("own key"));
}

fn exclude(whom: &str) -> Wanted {
    Wanted::Exclude(Whom::parse(whom, "user").unwrap())
}

fn share(text: &str) -> Wanted {
    Wanted::Percent(Share::parse(text).unwrap())
}

fn one(definition: &str) -> String {
    format!("{{\"flags\":{{\"x\":{definition}}}}}")
}

#[test]
fn a_plan_says_who_is_affected_and_what_stands_around_it() {
    let notes = |file: &str, stop: &str, wanted: Wanted| plan(file, "x", (stop, wanted)).unwrap().plan.notes;
    let flag = r#"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}"#;
    let delay = super::super::notes::DELAY;
    assert_eq!(notes(&one(flag), "off", Wanted::Stop), ["everybody: true → false.", delay]);
    assert_eq!(
        notes(&one(flag), "off", exclude("customer:acme")),
        [
            "customer acme: true → false, all others as before.",
            "It holds where applications send customer with the question.",
            delay
        ]
    );
    // who takes it back is told for whom
    let without = plan(&one(flag), "x", ("off", exclude("customer:acme"))).unwrap().text;
    let two = plan(&without, "x", ("off", exclude("customer:bolt"))).unwrap().text;
    assert_eq!(
        notes(&without, "off", Wanted::Put(flag.into()))[0],
        "customer acme: false → true; everybody else stays true."
    );
    let changes = plan(&without, "x", ("off", Wanted::Put(flag.into()))).unwrap().plan.changes;
    assert_eq!(changes, "customer acme no longer excluded");
    let back = notes(&two, "off", Wanted::Put(flag.into()));
    assert_eq!(back[0], "customer acme, customer bolt: false → true; everybody else stays true.");
    let lowered = plan(&one(flag), "x", ("off", share("50"))).unwrap();
    assert_eq!(
        (lowered.plan.from.as_str(), lowered.plan.to.as_str(), lowered.plan.changes.as_str()),
        ("true", "true for 50 %, else false", "defaultVariant on → off, share none → 50 %")
    );
    assert_eq!(lowered.plan.notes[0], "50 % get true, was 100 %; all others false.");
    assert_eq!(notes(&lowered.text, "off", share("5"))[0], "5 % get true, was 50 %; all others false.");
    assert_eq!(notes(&lowered.text, "off", Wanted::Restore)[0], "everybody: false or true → true.");
    assert_eq!(lowered.sight.words, "serves false (variant off); 50 % get true");
    // a kill switch stops when it is on
    let kill = flag.replace("\"defaultVariant\":\"on\"", "\"defaultVariant\":\"off\"");
    assert_eq!(notes(&one(&kill), "on", Wanted::Stop)[0], "everybody: false → true.");
    assert_eq!(notes(&one(&kill), "on", exclude("alice"))[0], "user alice: false → true, all others as before.");
    // disabled, with neighbours that share an evaluator or break the schema
    let canary = r#"{"if":[{"$ref":"canary"},"on",null]}"#;
    let ruled = |state: &str, rules: &str| {
        let variants = r#""variants":{"on":true,"off":false}"#;
        format!(r#"{{"state":"{state}",{variants},"defaultVariant":"on","targeting":{rules}}}"#)
    };
    let flags = [ruled("DISABLED", canary), ruled("ENABLED", canary), ruled("ENABLED", r#"{"iff":[1]}"#)];
    let [x, y, z] = &flags;
    let evaluators = r#""$evaluators":{"canary":{"in":["a",["a"]]}}"#;
    let file = format!(r#"{{{evaluators},"flags":{{"x":{x},"y":{y},"z":{z}}}}}"#);
    let got = notes(&file, "off", Wanted::Stop);
    assert_eq!(got[0], "everybody: the application's own default → false.");
    for part in ["is disabled now", "rules are set aside", "evaluator with y,", "flag z is not valid"] {
        assert!(got.iter().any(|note| note.contains(part)), "{part}: {got:#?}");
    }
}

#[test]
fn what_cannot_be_done_without_harm_is_refused_by_name() {
    let three = |default: &str, more: &str| {
        one(&format!(r#"{{"state":"ENABLED","variants":{{"a":1,"b":2,"off":0}},"defaultVariant":{default}{more}}}"#))
    };
    let restored = |file: &str| refused(file, "x", ("off", Wanted::Restore));
    assert!(restored(&three("\"off\"", "")).contains("more than one variant"));
    assert!(plan(&three("\"a\"", ""), "x", ("off", Wanted::Restore)).unwrap().plan.idle);
    let disabled = three("\"a\"", "").replace("ENABLED", "DISABLED");
    assert!(refused(&disabled, "x", ("off", exclude("alice"))).contains("is disabled"));
    let rules = r#","targeting":{"if":[{"var":"beta"},"b",null]}"#;
    assert!(refused(&three("\"a\"", rules), "x", ("off", share("5"))).contains("whatever the share is"));
    let other = r#","targeting":{"fractional":[["b",50],["off",50]]}"#;
    let names = Names { flag: "x", stop: Some("off"), restore: Some("a") };
    let file = three("\"off\"", other);
    let Err(Trouble::Refused(words)) = draft("The file", &file, &names, &share("5")) else { panic!() };
    assert!(words.contains("between b and off, not a"), "{words}");
    let gone = r#","targeting":{"if":[{"$ref":"gone"},"b",null]}"#;
    assert!(refused(&three("\"a\"", gone), "x", ("off", exclude("alice"))).contains("evaluator gone"));
    assert!(refused(&three("\"a\"", ""), "x", ("off", exclude("$flagd.x:1"))).contains("var"));
}

#[test]
fn given_only_a_share_and_exclusions_when_seen_then_no_other_rule_is_spoken_of() {
    let others = |rules: &str| {
        let file = one(&format!(
            r#"{{"state":"ENABLED","variants":{{"on":true,"off":false}},"defaultVariant":"on","targeting":{rules}}}"#
        ));
        sight("f", &file, &Names { flag: "x", stop: Some("off"), restore: None }).unwrap().targeting
    };
    let share = r#"{"fractional":[["on",40],["off",60]]}"#;
    let without = |rest: &str| format!(r#"{{"if":[{{"in":[{{"var":"targetingKey"}},["alice"]]}},"off",{rest}]}}"#);
    assert_eq!([share, &without("null"), &without(share)].map(others), [false; 3]);
    let beta = r#"{"if":[{"var":"beta"},"on",null]}"#;
    assert_eq!([beta, &without(beta)].map(others), [true; 2]);
}

#[test]
fn how_far_a_stop_reaches_is_told_from_all_that_can_be_served() {
    let level = |default: &str, rules: &str| {
        let rules = if rules.is_empty() { String::new() } else { format!(",\"targeting\":{rules}") };
        let file = one(&format!(
            r#"{{"state":"ENABLED","variants":{{"on":true,"off":false,"new":true}},"defaultVariant":{default}{rules}}}"#
        ));
        sight("f", &file, &Names { flag: "x", stop: Some("off"), restore: None }).unwrap().level
    };
    assert_eq!((level("\"on\"", ""), level("\"off\"", ""), level("null", "")), (Level::On, Level::Off, Level::Other));
    let if_beta = |then: &str| format!(r#"{{"if":[{{"var":"beta"}},{then},null]}}"#);
    assert_eq!(level("\"on\"", &if_beta("\"new\"")), Level::On, "rules alone stop nobody");
    assert_eq!(level("\"on\"", &if_beta("\"off\"")), Level::Partly);
    assert_eq!(level("\"off\"", &if_beta("\"off\"")), Level::Off);
    assert_eq!(level("\"off\"", &if_beta("\"on\"")), Level::Partly);
    assert_eq!(level("\"on\"", r#"{"var":"variant"}"#), Level::Partly, "nobody knows");
    assert_eq!(level("\"on\"", r#"{"fractional":[["on",1],["off",0]]}"#), Level::On);
    assert_eq!(level("\"on\"", r#"{"fractional":[["on",0],["off",1]]}"#), Level::Partly, "some send no key");
    let alice = r#"{"if":[{"in":[{"var":"targetingKey"},["alice"]]},"off",null]}"#;
    assert_eq!(
        (level("\"on\"", alice), level("\"off\"", alice), level("null", alice)),
        (Level::Partly, Level::Off, Level::Partly)
    );
}

#[test]
fn another_version_is_another_meaning_and_not_another_layout() {
    let version = |file: &str| {
        sight("f", file, &Names { flag: "release", stop: Some("old"), restore: None }).unwrap().version.unwrap()
    };
    let now = version(FILE);
    assert_eq!(now, version(&FILE.replace('\n', "\r\n  ").replace("\"off\":false", "\"off\":true")));
    assert_ne!(now, version(&FILE.replace("api-3", "api-4")));
    let shared = |host: &str| {
        let evaluators = format!("\"$evaluators\":{{\"c\":{{\"in\":[\"{host}\",[1]]}}}},");
        FILE.replacen("\"flags\"", &format!("{evaluators}\"flags\""), 1)
            .replace("{ \"in\": [ { \"var\": \"host\" }, [ \"api-3\" ] ] }", "{\"$ref\":\"c\"}")
    };
    assert_ne!(version(&shared("a")), version(&shared("b")), "what it refers to counts");
}

fn space() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", " ", "\n  ", "\r\n\t\t", "\n"]).prop_map(str::to_owned)
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z.\\\\\"é-]{1,8}", Just("targeting".to_owned()), any::<String>().prop_map(|s| format!("n{s}"))]
}

/// A definition with variants `a` and `b`, its members in any order, spaced in any way.
fn definition() -> impl Strategy<Value = String> {
    let members = (any::<bool>(), prop::option::of("[ab]"), prop::option::of(0..3_usize), name()).prop_map(
        |(enabled, default, targeting, other)| {
            let mut members = vec![
                ("state".to_owned(), if enabled { "\"ENABLED\"" } else { "\"DISABLED\"" }.to_owned()),
                ("variants".to_owned(), "{\"a\": \"}\", \"b\":\"\\\"{\"}".to_owned()),
                ("metadata".to_owned(), serde_json::json!({ other: "targeting" }).to_string()),
            ];
            members.extend(default.map(|d| ("defaultVariant".to_owned(), format!("\"{d}\""))));
            let rules = ["{}", "{\"var\": [\"x\"]}", "{\"if\":[{\"var\":\"targeting\"},\"a\",null]}"];
            members.extend(targeting.map(|t| ("targeting".to_owned(), rules[t].to_owned())));
            members
        },
    );
    (members.prop_shuffle(), space(), space(), space()).prop_map(|(members, a, b, c)| {
        let body: Vec<_> = members.iter().map(|(k, v)| format!("\"{k}\"{a}:{b}{v}")).collect();
        format!("{{{c}{}{a}}}", body.join(&format!("{b},{c}")))
    })
}

proptest! {
    #[test]
    fn a_plan_touches_nothing_else_and_serves_what_is_wanted(
        flags in prop::collection::vec((name(), definition(), space()), 1..5),
        which in any::<prop::sample::Index>(),
        variant in "[ab]",
        which_act in 0..5_u8,
        milli in 0..=100_000_u32,
        key in "[a-z0-9\\\\\"é]{1,5}",
    ) {
        let wanted_name = which.get(&flags).0.clone();
        let mut file = String::from("{ \"flags\" : {");
        let mut counts = (0, 0);
        for (at, (name, definition, space)) in flags.iter().enumerate() {
            file.push_str(if at > 0 { "," } else { "" });
            file.push_str(&format!("{space}{}: ", serde_json::to_string(name).unwrap()));
            if *name == wanted_name {
                counts = (file.len(), file.len() + definition.len());
            }
            file.push_str(definition);
        }
        file.push_str("}, \"metadata\": {} }\n");
        let (head, tail) = (&file[..counts.0], &file[counts.1..]);

        let other = if variant == "a" { "b" } else { "a" };
        let wanted = || match which_act {
            0 => (variant.as_str(), Wanted::Stop),
            1 => (other, Wanted::Restore),
            2 => (variant.as_str(), Wanted::Exclude(Whom { kind: "user".into(), key: key.clone() })),
            3 => (variant.as_str(), Wanted::Exclude(Whom { kind: "a.b".into(), key: key.clone() })),
            _ => (variant.as_str(), Wanted::Percent(Share::of_milli(milli).unwrap())),
        };
        let got = match plan(&file, &wanted_name, wanted()) {
            // a disabled flag has nobody to exclude, and rules can leave no place
            Err(Trouble::Refused(words)) if which_act > 1 => {
                prop_assert!(words.contains("is disabled") || words.contains("its targeting"), "{}", words);
                return Ok(());
            }
            got => got.unwrap(),
        };
        prop_assert!(got.text.starts_with(head) && got.text.ends_with(tail), "{}", got.text);
        if which_act <= 1 {
            prop_assert_eq!(got.sight.variant.as_deref(), Some(variant.as_str()));
        }
        prop_assert_eq!(got.plan.idle, got.text == file);
        prop_assert!(which_act > 0 || !got.sight.targeting);
        if let (_, Wanted::Percent(share)) = wanted() {
            prop_assert!(got.sight.share.is_none_or(|now| now == share));
        }
        prop_assert!(serde_json::from_str::<Value>(&got.text).is_ok());

        let again = plan(&got.text, &wanted_name, wanted()).unwrap();
        prop_assert!(again.plan.idle);
        let back = plan(&got.text, &wanted_name, put(&got.plan.before)).unwrap();
        prop_assert_eq!(back.text, file);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[{}\\[\\]\":,a \\\\]{0,30}|\\PC{0,30}", flag in "\\PC{0,3}") {
        let _ = plan(&text, &flag, stop("a"));
        let _ = plan(FILE, "release", put(&text));
    }
}

/// A flag with two variants and these rules.
fn ruled(default: &str, rules: &str) -> String {
    let variants = r#""variants":{"on":true,"off":false},"defaultVariant""#;
    one(&format!(r#"{{"state":"ENABLED",{variants}:{default},"targeting":{rules}}}"#))
}

#[test]
fn given_rules_that_turn_it_on_when_stopped_then_the_words_tell_what_they_serve_and_there_is_something_to_stop() {
    let served = |default: &str, rules: &str| {
        let got = plan(&ruled(default, rules), "x", stop("off")).unwrap().plan;
        assert!(!got.idle && got.to == "false", "{rules}: {got:?}");
        got.from
    };
    let beta = r#"{"if":[{"var":"beta"},"on",null]}"#;
    assert_eq!(served("\"off\"", r#"{"if":[true,"on"]}"#), "false, true by rule");
    assert_eq!(served("\"off\"", beta), "false, true by rule");
    assert_eq!(served("\"off\"", r#"{"if":[{"in":[{"var":"customer"},["acme"]]},"on",null]}"#), "false, true by rule");
    assert_eq!(
        served("\"off\"", r#"{"if":[{"var":"beta"},"on",{"fractional":[["on",5],["off",95]]}]}"#),
        "false, true by rule"
    );
    assert_eq!(served("\"off\"", r#"{"==":[{"var":"customer"},"bob"]}"#), "false, something else by rule");
    assert_eq!(served("null", beta), "the application's own default, true by rule");
    assert_eq!(served("\"on\"", r#"{"if":[{"var":"beta"},"off",null]}"#), "true, false by rule");
    let out = format!(r#"{{"if":[{{"in":[{{"var":"customer"}},["acme"]]}},"off",{beta}]}}"#);
    assert_eq!(served("\"off\"", &out), "false, false for customer acme, true by rule");
    let shared =
        ruled("\"off\"", r#"{"$ref":"all"}"#).replacen('{', r#"{"$evaluators":{"all":{"if":[true,"on"]}},"#, 1);
    assert_eq!(plan(&shared, "x", stop("off")).unwrap().plan.from, "false, true by rule");
}

#[test]
fn given_rules_that_turn_it_on_when_seen_then_it_never_looks_stopped() {
    let seen = |rules: &str| {
        sight("f", &ruled("\"off\"", rules), &Names { flag: "x", stop: Some("off"), restore: None }).unwrap()
    };
    let some = seen(r#"{"if":[{"var":"beta"},"on",null]}"#);
    assert_eq!((some.standing(), some.served(None).as_str()), (Some("PARTLY"), "false, true by rule"));
    assert_eq!(some.words, "serves false (variant off); by a rule some contexts, perhaps all, get true");
    let all = seen(r#"{"if":[{"var":"beta"},"on","on"]}"#);
    assert_eq!((all.standing(), all.served(None).as_str()), (None, "false, true by rule"));
    assert_eq!(all.words, "serves false (variant off); by a rule everybody gets true");
    let none = seen(r#"{"if":[{"var":"beta"},"off",null]}"#);
    assert_eq!((none.standing(), none.served(None).as_str()), (Some("STOPPED"), "false"));
    assert_eq!(none.words, "serves false (variant off); its rules serve nothing else");
}

#[test]
fn given_a_stop_that_disables_when_rules_answer_without_a_default_then_it_is_no_plan_without_a_change() {
    let names = Names { flag: "x", stop: None, restore: None };
    for rules in [r#"{"if":[true,"on"]}"#, r#"{"==":[1,1]}"#] {
        let got = draft("f", &ruled("null", rules), &names, &Wanted::Stop).unwrap().plan;
        assert!(!got.idle && got.from != got.to, "{got:?}");
    }
}

#[test]
fn given_rules_that_serve_it_to_some_when_restored_then_it_is_said_that_no_stop_is_to_be_seen() {
    let file = ruled("\"off\"", r#"{"if":[{"var":"beta"},"on",null]}"#);
    let got = plan(&file, "x", ("off", Wanted::Restore)).unwrap().plan;
    assert_eq!(got.notes[0], "No stop is to be seen: rules serve true to some, and all others would get true as well.");
}

fn step(text: &str, kept: &str, milli: u32) -> Result<Draft, Trouble> {
    plan(text, "x", ("off", Wanted::Step(Share::of_milli(milli).unwrap(), kept.to_owned())))
}

fn without(whom: &str, rest: &str) -> String {
    format!(r#"{{"if": [{{"in": [{{"var": "customer"}}, ["{whom}"]]}}, "off", {rest}]}}"#)
}

#[test]
fn given_what_a_stop_set_aside_when_stepped_back_then_whoever_was_left_out_is_left_out_at_every_step() {
    for (rules, out) in [
        (without("acme", "null"), 1),
        (without("acme", r#"{"if":[{"var":"free"},"off",null]}"#), 1),
        (r#"{"if":[{"var":"free"},"off"]}"#.to_owned(), 0),
        ("{}".to_owned(), 0),
    ] {
        let file = ruled("\"on\"", &rules);
        let stopped = plan(&file, "x", stop("off")).unwrap();
        let (mut text, mut has) = (stopped.text, Share::NOBODY);
        for milli in [5_000, 25_000, 99_900, 100_000] {
            let got = step(&text, &stopped.plan.before, milli).unwrap();
            assert_eq!(got.plan.reach, Some(has), "{rules}");
            assert_eq!(got.sight.excluded.len(), out, "{rules}: {}", got.text);
            assert_eq!(got.text.contains("free"), rules.contains("free"), "{}", got.text);
            has = Share::of_milli(milli).unwrap();
            assert!(step(&got.text, &stopped.plan.before, milli).unwrap().plan.idle, "{rules} {milli}");
            // whom somebody left out since is left out still
            let more = plan(&got.text, "x", ("off", exclude("customer:bolt"))).unwrap().text;
            if milli < 90_000 {
                let next = step(&more, &stopped.plan.before, milli + 1_000).unwrap();
                assert_eq!(next.sight.excluded.len(), out + 1, "{rules}: {}", next.text);
            }
            text = got.text;
        }
        assert_eq!(plan(&text, "x", put(&stopped.plan.before)).unwrap().text, file);
    }
}

#[test]
fn given_a_share_of_before_when_stepped_back_then_its_arms_are_those_of_then_and_more_is_refused() {
    let rules = without("acme", r#"{"fractional":[{"var":"customer"},["off",80],["on",20]]}"#);
    let stopped = plan(&ruled("\"off\"", &rules), "x", stop("off")).unwrap();
    let got = step(&stopped.text, &stopped.plan.before, 5_000).unwrap();
    assert!(got.text.contains(r#"{"fractional":[{"var":"customer"},["off", 95], ["on", 5]]}"#), "{}", got.text);
    let Err(Trouble::Refused(words)) = step(&stopped.text, &stopped.plan.before, 50_000) else { panic!() };
    assert!(words.contains("served to 20 %, and 50 % is more") && words.contains("at once"), "{words}");
}

#[test]
fn given_no_place_for_a_share_in_what_a_stop_set_aside_when_stepped_back_then_it_is_refused_with_what_to_do() {
    let no = |default: &str, rules: &str| {
        let stopped = plan(&ruled(default, rules), "x", stop("off")).unwrap();
        match step(&stopped.text, &stopped.plan.before, 5_000) {
            Err(Trouble::Refused(words)) => words,
            got => panic!("{:?}", got.map(|draft| draft.text)),
        }
    };
    let beta = r#"{"if":[{"var":"beta"},"on",null]}"#;
    for (default, rules, part) in [
        ("\"off\"", beta, "whatever the share is"),
        ("\"on\"", r#"{"==":[{"var":"customer"},"bob"]}"#, "whatever the share is"),
        ("null", &without("acme", "null"), "the application's own default"),
    ] {
        let words = no(default, rules);
        assert!(words.contains("cannot be given back in steps") && words.contains(part), "{words}");
        assert!(words.contains("Nothing was changed. Give all of it back at once"), "{words}");
    }
    // somebody disabled it since
    let then = ruled("\"on\"", &without("acme", "null"));
    let stopped = plan(&then, "x", stop("off")).unwrap();
    let disabled = stopped.text.replace("ENABLED", "DISABLED");
    let Err(Trouble::Refused(words)) = step(&disabled, &stopped.plan.before, 5_000) else { panic!() };
    assert!(words.contains("it is disabled now"), "{words}");
    // somebody wrote other rules since
    let then = plan(&ruled("\"on\"", &without("acme", "null")), "x", stop("off")).unwrap().plan.before;
    let now = ruled("\"off\"", r#"{"if":[{"var":"free"},"off",{"fractional":[["on",5],["off",95]]}]}"#);
    let Err(Trouble::Refused(words)) = step(&now, &then, 25_000) else { panic!() };
    assert!(words.contains("its rules are others now"), "{words}");
}

#[test]
fn given_several_variants_when_stepped_back_then_it_is_the_one_that_ran() {
    let file = one(r#"{"state":"ENABLED","variants":{"a":1,"b":2,"off":0},"defaultVariant":"b"}"#);
    let stopped = plan(&file, "x", stop("off")).unwrap();
    let got = step(&stopped.text, &stopped.plan.before, 5_000).unwrap();
    assert!(got.text.contains(r#"[["b", 5], ["off", 95]]"#), "{}", got.text);
    let all = step(&got.text, &stopped.plan.before, 100_000).unwrap();
    assert_eq!((all.sight.level, all.sight.value.as_str()), (Level::On, "2"));
}

#[test]
fn given_a_stopped_flag_when_one_is_excluded_then_that_holds_on_the_way_back_too() {
    let text = r#"{"flags":{"x":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}}}"#;
    let stopped = plan(text, "x", stop("off")).unwrap();
    let acme = Whom { kind: "customer".into(), key: "acme".into() };
    let without = plan(&stopped.text, "x", ("off", Wanted::Exclude(acme.clone()))).unwrap();
    assert!(!without.plan.idle && without.sight.level == Level::Off, "{:?}", without.plan);
    let half = Share::of_percent(50).unwrap();
    let step = plan(&without.text, "x", ("off", Wanted::Step(half, stopped.plan.before.clone()))).unwrap();
    assert_eq!((step.sight.excluded, step.sight.share), (vec![acme], Some(half)));
}

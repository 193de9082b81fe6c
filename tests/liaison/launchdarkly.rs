//! LaunchDarkly's flags as switches, against a LaunchDarkly in memory: what each act does to whom, and that it can be put back.

use super::launchdarkly_fake::{Fake, IDS, TOKEN, evaluate, flag, rule};
use super::loopback::{Manner, status};
use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use quarterdeck::incident::entry::{EntryId, Session};
use quarterdeck::incident::switch::{Level, Plan, Reason, Share, Sight, Wanted, Whom};
use quarterdeck::incident::time::{SECOND, Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::switches::launchdarkly::LaunchDarkly;
use quarterdeck::liaison::switches::launchdarkly::check::Offered;
use quarterdeck::liaison::switches::launchdarkly::limit::Limits;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

pub const NOW: Time = Time(1_772_535_200 * SECOND);
/// The same moment as LaunchDarkly writes it.
pub const MILLIS: i64 = NOW.0 / 1_000;
pub const DEFAULT: &str = "the application's own default";

pub fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

pub fn of(url: &str, stop: &str) -> LaunchDarkly {
    let http = Http::new("ld", url, Login::Header("authorization".into(), Key::new(TOKEN)), &[]).unwrap();
    LaunchDarkly::new(http, "shop", "production", "checkout", stop).within(Duration::from_millis(2_000))
}

pub fn reason(count: u64) -> Reason {
    Reason { why: "refusals".into(), incident: Some(412), person: "Ana".into(), act: EntryId::of(Session(1), count) }
}

pub fn fake() -> Fake {
    Fake::start(MILLIS)
}

pub fn plan(fake: &Fake, stop: &str, wanted: &Wanted) -> Plan {
    within(of(&fake.server.url(), stop).plan(wanted, NOW)).unwrap()
}

pub fn carry(fake: &Fake, stop: &str, wanted: &Wanted, before: &str) -> CarryOutcome {
    within(of(&fake.server.url(), stop).carry(wanted, before, &reason(1), NOW))
}

/// Plans and does it; the plan.
pub fn does(fake: &Fake, stop: &str, wanted: &Wanted) -> Plan {
    let plan = plan(fake, stop, wanted);
    let writes = fake.writes();
    match carry(fake, stop, wanted, &plan.before) {
        CarryOutcome::Done { value, .. } if !plan.idle => assert_eq!(value, plan.to),
        CarryOutcome::Already { value, .. } if plan.idle => assert_eq!(value, plan.to),
        other => panic!("{other:?}"),
    }
    assert_eq!(fake.writes(), writes + usize::from(!plan.idle), "sent once");
    plan
}

pub fn look(fake: &Fake, stop: &str) -> Sight {
    within(of(&fake.server.url(), stop).look(NOW)).unwrap()
}

/// What is said when something cannot be done, in three sentences.
pub fn refused(fake: &Fake, stop: &str, wanted: &Wanted) -> String {
    let writes = fake.writes();
    let trouble = within(of(&fake.server.url(), stop).plan(wanted, NOW)).unwrap_err();
    assert!(matches!(trouble, Trouble::Refused(_)), "{trouble:?}");
    sentences(trouble.words());
    match carry(fake, stop, wanted, "{}") {
        CarryOutcome::Refused(words) => sentences(&words),
        other => panic!("{other:?}"),
    }
    assert_eq!(fake.writes(), writes);
    trouble.words().to_owned()
}

pub fn sentences(words: &str) {
    assert!(words.matches(". ").count() >= 2 && words.ends_with('.'), "three sentences: {words}");
    assert!(!words.chars().any(char::is_control) && !words.contains(TOKEN), "{words}");
}

pub fn user(key: &str) -> Wanted {
    Wanted::Exclude(Whom { kind: "user".into(), key: key.into() })
}

pub fn percent(milli: u32) -> Wanted {
    Wanted::Percent(Share::of_milli(milli).unwrap())
}

fn has(plan: &Plan, note: &str) {
    assert!(plan.notes.iter().any(|one| one == note), "{note:?} in {:#?}", plan.notes);
}

/// The configuration without what changes by itself.
fn settled(mut config: Value) -> Value {
    let all = config.as_object_mut().unwrap();
    all.retain(|key, _| !["version", "lastModified"].contains(&key.as_str()));
    config
}

/// Puts back what a plan found, and proves that it is as it was.
fn reverts(fake: &Fake, stop: &str, plan: &Plan, was: &Value) {
    does(fake, stop, &Wanted::Put(plan.before.clone()));
    assert_eq!(settled(fake.config()), settled(was.clone()));
}

#[test]
fn given_a_flag_that_is_on_when_stopped_then_everybody_gets_what_off_serves_and_a_revert_is_exact() {
    let fake = fake();
    fake.edit(|config| {
        config["targets"] = json!([{"contextKind": "user", "variation": 0, "values": ["vip"]}]);
        config["rules"] = json!([rule("r1", "country", &["ch"], 0)]);
        config["fallthrough"] = json!({"rollout": {"variations": [{"variation": 0, "weight": 40_000}, {"variation": 1, "weight": 60_000}], "contextKind": "user", "seed": 7}});
    });
    let was = fake.config();
    let seen = look(&fake, "off");
    assert_eq!((seen.value.as_str(), seen.level), ("40 % true, 60 % false", Level::Partly));
    assert_eq!((seen.share, seen.targeting), (Share::of_percent(40), true));
    let plan = does(&fake, "off", &Wanted::Stop);
    assert_eq!((plan.from.as_str(), plan.to.as_str()), ("40 % true, 60 % false", "false"));
    assert_eq!(plan.changes, "turn it off");
    has(&plan, "everybody, also behind 1 rule, 1 context by name: 40 % true, 60 % false → false");
    assert_eq!(fake.serves("user", "vip"), false);
    let seen = look(&fake, "off");
    assert_eq!((seen.value.as_str(), seen.level, seen.words.as_str()), ("false", Level::Off, "off: serves false"));
    let entry = fake.with(|memory| memory.log.last().unwrap().clone());
    assert_eq!(entry["comment"], "incident 412, Ana: refusals (quarterdeck 00000000000000010000000000000001)");
    // the rollout and its seed were never touched
    reverts(&fake, "off", &plan, &was);
    assert_eq!(fake.with(|memory| std::mem::take(&mut memory.faults)), Vec::<String>::new());
}

#[test]
fn given_a_default_that_is_the_stopped_value_when_rules_serve_another_then_stopping_is_still_a_change() {
    let fake = fake();
    fake.edit(|config| {
        config["fallthrough"] = json!({"variation": 1});
        config["rules"] = json!([rule("r1", "key", &["swiss"], 0)]);
    });
    assert_eq!(look(&fake, "off").level, Level::Partly);
    let plan = does(&fake, "off", &Wanted::Stop);
    assert_eq!((plan.from.as_str(), plan.to.as_str()), ("false, others by rule", "false"));
    assert_eq!(fake.serves("user", "swiss"), false);
}

#[test]
fn given_that_what_off_serves_is_unset_when_stopped_then_the_applications_default_is_named() {
    let fake = fake();
    fake.edit(|config| _ = config.as_object_mut().unwrap().remove("offVariation"));
    let plan = does(&fake, "off", &Wanted::Stop);
    assert_eq!((plan.from.as_str(), plan.to.as_str()), ("true", DEFAULT));
    has(&plan, "what off serves is unset there: each application's own default, which may be what runs now");
    let seen = look(&fake, "off");
    assert_eq!((seen.value.as_str(), seen.level, seen.observed.as_deref()), (DEFAULT, Level::Off, Some(DEFAULT)));
    assert!(seen.words.contains("unset"), "{seen:?}");
    // nobody can be given what off serves
    fake.edit(|config| config["on"] = json!(true));
    for wanted in [user("alice"), percent(5_000)] {
        assert!(refused(&fake, "off", &wanted).contains("what it serves when off is unset"));
    }
}

#[test]
fn given_a_kill_switch_when_stopped_then_it_is_turned_on_and_what_stands_in_its_way_is_named() {
    let fake = fake();
    fake.edit(|config| (config["on"], config["rules"]) = (json!(false), json!([rule("r1", "country", &["ch"], 1)])));
    let was = fake.config();
    assert_eq!(look(&fake, "on").level, Level::On);
    let plan = does(&fake, "on", &Wanted::Stop);
    assert_eq!((plan.from.as_str(), plan.to.as_str()), ("false", "true"));
    has(&plan, "rule 1 serves false to whom it matches: not stopped");
    assert_eq!(look(&fake, "on").level, Level::Partly);
    reverts(&fake, "on", &plan, &was);
    fake.edit(|config| config["rules"] = json!([]));
    does(&fake, "on", &Wanted::Stop);
    assert_eq!((look(&fake, "on").level, fake.serves("user", "x")), (Level::Off, json!(true)));
    for wanted in [user("alice"), percent(5_000)] {
        assert!(refused(&fake, "on", &wanted).contains("a kill switch is on for all or for none"));
    }
    does(&fake, "on", &Wanted::Restore);
    assert_eq!(look(&fake, "on").level, Level::On);
    // one that serves the same on as off would look stopped
    fake.edit(|config| config["fallthrough"] = json!({"variation": 1}));
    assert!(refused(&fake, "on", &Wanted::Stop).contains("it serves false on as well as off"));
}

/// A flag of three texts, of which production serves the first to most.
fn three() -> Fake {
    let fake = fake();
    let mut three = flag("checkout", &[json!("new"), json!("old"), json!({"safe": true})], MILLIS);
    three["variations"][2]["name"] = json!("Safe mode");
    fake.with(|memory| memory.flags.insert("checkout".into(), three));
    fake.edit(|config| {
        config["targets"] = json!([{"contextKind": "user", "variation": 0, "values": ["vip"]}]);
        config["contextTargets"] = json!([
            {"contextKind": "user", "variation": 0, "values": []},
            {"contextKind": "device", "variation": 1, "values": ["till 9"]},
        ]);
        config["rules"] = json!([rule("r1", "key", &["swiss"], 0)]);
        config["prerequisites"] = json!([{"key": "basket", "variation": 0}]);
    });
    fake
}

#[test]
fn given_a_variation_that_stops_when_stopped_then_it_reaches_past_rules_targets_and_prerequisites() {
    let fake = three();
    let was = fake.config();
    let plan = does(&fake, "Safe mode", &Wanted::Stop);
    assert_eq!((plan.from.as_str(), plan.to.as_str()), ("new", "{\"safe\":true}"));
    assert_eq!(plan.changes, "turn it off; off serves {\"safe\":true}");
    for (kind, key) in [("user", "vip"), ("device", "till 9"), ("user", "swiss"), ("user", "x")] {
        assert_eq!(fake.serves(kind, key), json!({"safe": true}), "{key}");
    }
    let seen = look(&fake, "Safe mode");
    assert_eq!((seen.level, seen.variant.as_deref()), (Level::Off, Some("Safe mode")));
    reverts(&fake, "Safe mode", &plan, &was);
    // by its value as well; a name that is none is said with those that are
    assert_eq!(plan_to(&fake, "old"), "old");
    let words = refused(&fake, "nowhere", &Wanted::Stop);
    assert!(words.contains("it has no variation nowhere, only new, old, {\"safe\":true}"), "{words}");
    let seen = look(&fake, "nowhere");
    assert!(seen.words.contains("no variation nowhere") && seen.level == Level::Other, "{seen:?}");
    // what was unset before cannot be unset again, and that is said beforehand
    fake.edit(|config| _ = config.as_object_mut().unwrap().remove("offVariation"));
    let plan = does(&fake, "old", &Wanted::Stop);
    has(&plan, "what off serves was unset and stays old after a revert: it cannot be unset from here");
    does(&fake, "old", &Wanted::Put(plan.before));
    assert_eq!((fake.serves("user", "x"), &fake.config()["offVariation"]), (json!("new"), &json!(1)));
}

fn plan_to(fake: &Fake, stop: &str) -> String {
    plan(fake, stop, &Wanted::Stop).to
}

#[test]
fn given_one_context_when_excluded_then_it_is_off_in_every_branch_and_all_others_are_as_before() {
    let fake = three();
    fake.edit(|config| config["prerequisites"] = json!([]));
    let others = [("user", "vip2"), ("device", "vip"), ("user", "x")];
    let before: Vec<Value> = others.iter().map(|(kind, key)| fake.serves(kind, key)).collect();
    let plan = does(&fake, "old", &user("vip"));
    // targeted elsewhere: taken away there first, in the same patch
    assert_eq!(plan.changes, "take the target user vip from new; target user vip with old");
    assert_eq!((plan.from.as_str(), plan.to.as_str()), ("new for user vip", "old for user vip"));
    has(&plan, "user vip: new by name → old, all others as before");
    let after: Vec<Value> = others.iter().map(|(kind, key)| fake.serves(kind, key)).collect();
    assert_eq!((fake.serves("user", "vip"), before), (json!("old"), after));
    // a rule that matched it does so no longer, and a second one joins
    let key = Wanted::Exclude(Whom { kind: "targetingKey".into(), key: "swiss".into() });
    does(&fake, "old", &key);
    assert_eq!((fake.serves("user", "swiss"), fake.serves("user", "vip")), (json!("old"), json!("old")));
    let device = Whom { kind: "device".into(), key: "till \"10\"\u{1b}[31m".into() };
    does(&fake, "old", &Wanted::Exclude(device.clone()));
    assert_eq!(fake.serves("device", &device.key), "old");
    let seen = look(&fake, "old");
    assert_eq!((seen.level, seen.value.as_str(), seen.excluded.len()), (Level::Partly, "new", 4));
    assert!(seen.excluded.contains(&Whom { kind: "device".into(), key: "till 9".into() }), "{:?}", seen.excluded);
    // being so already sends nothing, whatever was seen before
    let writes = fake.writes();
    assert!(matches!(carry(&fake, "old", &user("vip"), "{}"), CarryOutcome::Already { .. }));
    assert_eq!(fake.writes(), writes);
    // several are let go at once: each is named, and nothing is said of the others that is not so
    let back = self::plan(&fake, "old", &Wanted::Put(plan.before.clone()));
    assert_eq!(
        back.notes[..3],
        [
            "user vip: old by name → new",
            "device till \"10\": old by name → what the rules say",
            "user swiss: old by name → what the rules say, all others as before",
        ]
    );
    does(&fake, "old", &Wanted::Put(plan.before.clone()));
    for (kind, key, value) in
        [("user", "vip", "new"), ("user", "swiss", "new"), ("device", "till 9", "old"), ("user", "x", "new")]
    {
        assert_eq!(fake.serves(kind, key), value, "{key}");
    }
    // while it is off nobody can be told apart
    fake.edit(|config| config["on"] = json!(false));
    assert!(super::launchdarkly::plan(&fake, "old", &user("vip")).idle);
    fake.edit(|config| config["offVariation"] = json!(2));
    assert!(refused(&fake, "old", &user("vip")).contains("it is off and serves {\"safe\":true} to everybody"));
}

#[test]
fn given_one_that_is_excluded_when_a_share_is_planned_then_all_others_are_known_to_be_reached() {
    let fake = fake();
    assert_eq!(plan(&fake, "off", &percent(5_000)).reach, Some(Share::EVERYBODY));
    does(&fake, "off", &user("alice"));
    let seen = look(&fake, "off");
    assert_eq!((seen.level, seen.share, seen.reach()), (Level::Partly, Some(Share::EVERYBODY), Some(Share::EVERYBODY)));
    assert_eq!(seen.served(Some("user")), "true, not for alice");
    assert_eq!(plan(&fake, "off", &percent(5_000)).reach, Some(Share::EVERYBODY));
    does(&fake, "off", &percent(5_000));
    assert_eq!(plan(&fake, "off", &percent(20_000)).reach, Share::of_percent(5));
    assert_eq!(look(&fake, "off").excluded.len(), 1);
    // whom a rule stops nobody can count
    fake.edit(|config| {
        config["fallthrough"] = json!({"variation": 0});
        config["rules"] = json!([rule("r1", "country", &["CH"], 1)]);
    });
    let ruled = plan(&fake, "off", &percent(5_000));
    assert_eq!((ruled.reach, ruled.narrows), (None, true), "and yet nobody gets anything again");
    fake.edit(|config| config["fallthrough"] = json!({"variation": 1}));
    assert!(!plan(&fake, "off", &percent(5_000)).narrows);
}

#[test]
fn given_two_thousand_keys_when_the_share_is_lowered_then_nobody_is_newly_on_and_the_buckets_stay() {
    for (values, rollout) in [
        ([true, false], None),
        ([false, true], None),
        (
            [true, false],
            Some(
                json!({"variations": [{"variation": 0, "weight": 100_000}, {"variation": 1, "weight": 0}], "bucketBy": "account", "contextKind": "org"}),
            ),
        ),
    ] {
        let fake = fake();
        let on = usize::from(!values[0]);
        fake.with(|memory| memory.flags.insert("checkout".into(), flag("checkout", &values.map(Value::from), MILLIS)));
        fake.edit(|config| {
            config["offVariation"] = json!(1 - on);
            config["fallthrough"] =
                rollout.clone().map_or(json!({"variation": on}), |rollout| json!({"rollout": rollout}));
        });
        let was = fake.config();
        let keys: Vec<String> = (0..2_000).map(|n| format!("key{n}")).collect();
        let kind = if rollout.is_some() { "org" } else { "user" };
        let served = || -> Vec<bool> {
            fake.with(|memory| {
                let flag = memory.flags["checkout"].clone();
                keys.iter()
                    .map(|key| {
                        evaluate(&flag, "production", &json!({"kind": kind, "key": key, "account": key})).0 == true
                    })
                    .collect()
            })
        };
        let mut last = served();
        assert!(last.iter().all(|on| *on));
        let mut first = None;
        for (milli, words) in [(50_000, "50 % true, 50 % false"), (2_500, "2.5 % true, 97.5 % false"), (0, "")] {
            let plan = does(&fake, "off", &percent(milli));
            let mut shown: Vec<&str> = plan.to.split(", ").collect();
            shown.sort_unstable_by_key(|part| !part.contains("true"));
            assert!(words.is_empty() || shown.join(", ") == words, "{}", plan.to);
            first.get_or_insert(plan);
            let now = served();
            assert!(now.iter().zip(&last).all(|(now, was)| *was || !now), "{milli}: somebody is newly on");
            let count = now.iter().filter(|on| **on).count() as f64 / 20.0;
            assert!((count - f64::from(milli) / 1_000.0).abs() < 3.0, "{milli}: {count} %");
            last = now;
            let seen = look(&fake, "off");
            let level = if milli == 0 { Level::Off } else { Level::Partly };
            assert_eq!(seen.level, level, "{seen:?}");
            if milli > 0 {
                assert_eq!(seen.share, Share::of_milli(milli));
            }
        }
        if let Some(rollout) = &rollout {
            let now = &fake.config()["fallthrough"]["rollout"];
            assert_eq!((&now["bucketBy"], &now["contextKind"]), (&rollout["bucketBy"], &rollout["contextKind"]));
        }
        let first = first.unwrap();
        does(&fake, "off", &percent(100_000));
        assert!(served().iter().all(|on| *on));
        does(&fake, "off", &Wanted::Put(first.before));
        assert_eq!(served(), vec![true; 2_000]);
        assert_eq!(fake.config()["on"], was["on"]);
    }
}

#[test]
fn given_a_share_when_something_stands_in_its_way_then_it_is_named_or_refused() {
    let fake = fake();
    fake.edit(|config| {
        config["rules"] = json!([rule("r1", "country", &["ch"], 0), rule("r2", "country", &["de"], 1)]);
        config["rules"][0]["description"] = json!("our \u{1b}[2Jown");
        config["targets"] = json!([{"contextKind": "user", "variation": 0, "values": ["a", "b"]}]);
    });
    let plan = plan(&fake, "off", &percent(5_000));
    has(&plan, "rule 1 (our own) serves true to whom it matches: not lowered");
    has(&plan, "2 of kind user get true by name: not lowered");
    has(&plan, "all without a rule of their own: true → 5 % true, 95 % false");
    has(&plan, "who is in is decided by the key of each user");
    assert!(!plan.notes.iter().any(|note| note.contains("rule 2")), "{:?}", plan.notes);
    // from off it is turned on with its share set, in one patch
    fake.edit(|config| config["on"] = json!(false));
    let plan = does(&fake, "off", &percent(5_000));
    assert_eq!(plan.changes, "the default rule serves 5 % true, 95 % false; turn it on");
    has(&plan, "everybody: false → 5 % true, 95 % false");
    has(&plan, "2 rules, 2 contexts by name hold again");
    fake.edit(|config| {
        config["fallthrough"] = json!({"rollout": {"variations": [{"variation": 0, "weight": 100_000}], "experimentAllocation": {"canReshuffle": true, "defaultVariation": 0}}});
    });
    assert!(refused(&fake, "off", &percent(5_000)).contains("an experiment runs"));
    let plan = super::launchdarkly::plan(&fake, "off", &Wanted::Stop);
    has(&plan, "an experiment runs on it and counts nothing while it is off");
    let fake = three();
    fake.edit(|config| {
        config["fallthrough"] =
            json!({"rollout": {"variations": [{"variation": 0, "weight": 50_000}, {"variation": 2, "weight": 50_000}]}})
    });
    assert!(refused(&fake, "old", &percent(5_000)).contains("several values beside the one that stops"));
}

#[test]
fn given_a_flag_that_somebody_else_stopped_when_restored_then_it_is_on_and_never_more_than_is_set_there() {
    let fake = fake();
    fake.edit(|config| {
        config["on"] = json!(false);
        config["fallthrough"] =
            json!({"rollout": {"variations": [{"variation": 0, "weight": 5_000}, {"variation": 1, "weight": 95_000}]}});
        config["targets"] = json!([{"contextKind": "user", "variation": 1, "values": ["alice"]}]);
    });
    let plan = does(&fake, "off", &Wanted::Restore);
    assert_eq!((plan.to.as_str(), plan.changes.as_str()), ("5 % true, 95 % false", "turn it on"));
    has(&plan, "1 of kind user get false by name: still stopped");
    has(&plan, "the default rule serves 5 % true, 95 % false, as it is set there");
    let plan = super::launchdarkly::plan(&fake, "off", &Wanted::Restore);
    assert!(plan.idle && plan.changes == "nothing: it is so already", "{plan:?}");
    fake.edit(|config| config["fallthrough"] = json!({"variation": 1}));
    assert!(refused(&fake, "off", &Wanted::Restore).contains("on, it serves false to everybody too"));
}

#[test]
fn given_what_cannot_be_put_back_when_it_is_wanted_then_it_is_refused_by_name() {
    let fake = fake();
    let plan = does(&fake, "off", &Wanted::Stop);
    let put = Wanted::Put(plan.before.clone());
    let config = fake.config();
    let refuses = |change: &dyn Fn(&mut Value), words: &str| {
        fake.edit(change);
        let said = refused(&fake, "off", &put);
        assert!(said.contains(words), "{said}");
        fake.edit(|now| *now = config.clone());
    };
    refuses(
        &|config| config["rules"] = json!([rule("r9", "country", &["ch"], 0)]),
        "rules were added, taken away or changed since",
    );
    refuses(
        &|config| config["prerequisites"] = json!([{"key": "basket", "variation": 0}]),
        "its prerequisites are others",
    );
    fake.with(|memory| memory.flags["checkout"]["variations"][0]["value"] = json!("later"));
    assert!(refused(&fake, "off", &put).contains("a variation was true then"));
    fake.with(|memory| {
        memory.flags["checkout"]["variations"] =
            json!([{"_id": "other", "value": true}, {"_id": IDS[1], "value": false}])
    });
    assert!(refused(&fake, "off", &put).contains("is gone"));
    for text in
        ["", "{}", "[1]", &plan.before.replace("checkout", "basket"), &plan.before.replace("production", "staging")]
    {
        refused(&fake, "off", &Wanted::Put((*text).to_owned()));
    }
}

/// Contexts by key and kind, and what they get.
type Named = BTreeMap<(String, &'static str), usize>;

#[test]
fn given_any_two_states_when_the_first_is_put_back_from_the_second_then_it_is_there_again() {
    let serve = prop_oneof![
        (0..3usize).prop_map(|one| json!({"variation": one})),
        (0..=100_000i64, prop::option::of(Just("account")), prop::option::of(Just("org"))).prop_map(|(weight, by, kind)| {
            let mut rollout = json!({"variations": [{"variation": 0, "weight": weight}, {"variation": 2, "weight": 100_000 - weight}], "contextKind": kind.unwrap_or("user")});
            if let Some(by) = by {
                rollout["bucketBy"] = json!(by);
            }
            json!({"rollout": rollout})
        }),
    ];
    let targets = prop::collection::btree_map(("[a-d]", prop_oneof![Just("user"), Just("device")]), 0..3usize, 0..5);
    let state = (prop::bool::ANY, 0..3usize, serve.clone(), serve, targets);
    let fake = three();
    let set = |(on, off, fallthrough, served, targets): &(bool, usize, Value, Value, Named)| {
        fake.edit(|config| {
            (config["on"], config["offVariation"], config["fallthrough"]) =
                (json!(on), json!(off), fallthrough.clone());
            let mut one = rule("r1", "key", &["swiss"], 0);
            one.as_object_mut().unwrap().remove("variation");
            one.as_object_mut().unwrap().extend(served.as_object().unwrap().clone());
            config["rules"] = json!([one]);
            for (list, of) in [("targets", "user"), ("contextTargets", "device")] {
                let all = targets.iter().filter(|((_, kind), _)| *kind == of);
                config[list] = all
                    .map(|((key, kind), one)| json!({"contextKind": kind, "variation": one, "values": [key]}))
                    .collect();
            }
        });
    };
    let snapshot = || plan(&fake, "off", &Wanted::Stop).before;
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    runner
        .run(&(state.clone(), state), |(first, second)| {
            set(&first);
            let before = snapshot();
            set(&second);
            does(&fake, "off", &Wanted::Put(before.clone()));
            let after = snapshot();
            assert_eq!(before, after);
            Ok(())
        })
        .unwrap();
}

#[test]
fn given_a_plan_when_it_is_shown_then_what_depends_on_it_and_what_was_done_to_it_is_said() {
    let fake = fake();
    let minutes = |minutes: i64| MILLIS - minutes * 60_000;
    fake.with(|memory| {
        memory.environment.insert("requireComments".into(), json!(true));
        memory.now = minutes(300);
        memory.note("checkout", "production", "updated the rules of", "updateRules", None, "Old");
        memory.now = minutes(20);
        memory.note(
            "checkout",
            "production",
            "updated the default rule of",
            "updateFallthrough",
            Some("more!\u{1b}[31m"),
            "Ben",
        );
        memory.note(
            "checkout",
            "production",
            "did our own",
            "updateFallthrough",
            Some("x (quarterdeck 00000000000000010000000000000009)"),
            "Ana",
        );
        memory.note("checkout", "staging", "turned off the flag", "updateOn", None, "Eve");
        memory.now = MILLIS;
    });
    let shown = plan(&fake, "off", &Wanted::Stop);
    let expected = [
        "everybody: true → false",
        "1 flag depends on it: basket",
        "environment production: wants a reason",
        "Ben updated the default rule of at 10:33",
        "never exercised: it was not turned on or off before",
        "last asked for by an application 10:00 (active)",
    ];
    assert_eq!(shown.notes, expected);
    assert_eq!(shown.approval, None);
    assert_eq!(shown.critical.as_deref(), Some("LaunchDarkly calls environment production critical"));
    does(&fake, "off", &Wanted::Stop);
    let shown = plan(&fake, "off", &Wanted::Restore);
    assert!(!shown.notes.iter().any(|note| note.contains("exercised")), "{:?}", shown.notes);
    // what cannot be known keeps nobody from acting
    for line in [
        "GET /api/v2/auditlog",
        "GET /api/v2/projects/shop/environments",
        "GET /api/v2/flag-statuses",
        "GET /api/v2/flags/shop/production/checkout/dep",
    ] {
        fake.odd(line, status(404, "{}"));
    }
    let shown = plan(&fake, "off", &Wanted::Restore);
    assert_eq!(
        shown.notes,
        [
            "everybody: false → true",
            "which flags depend on it is not told",
            "environment production, whose rules are not told"
        ]
    );
    assert_eq!(shown.critical, None, "what is not told is nobody's wish");
    let seen = look(&fake, "off");
    assert_eq!((seen.version.as_deref(), seen.changed), (Some("8"), Some((NOW, "Ana".into()))));
}

#[test]
fn given_an_environment_that_wants_reasons_when_none_is_given_then_nothing_is_sent() {
    let fake = fake();
    fake.with(|memory| _ = memory.environment.insert("requireComments".into(), json!(true)));
    let shown = plan(&fake, "off", &Wanted::Stop);
    let silent = Reason { why: " ".into(), ..reason(1) };
    match within(of(&fake.server.url(), "off").carry(&Wanted::Stop, &shown.before, &silent, NOW)) {
        CarryOutcome::Refused(words) => {
            sentences(&words);
            assert!(words.contains("wants a reason"), "{words}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fake.writes(), 0);
    fake.with(|memory| memory.environment.clear());
    let done = within(of(&fake.server.url(), "off").carry(&Wanted::Stop, &shown.before, &silent, NOW));
    assert!(matches!(done, CarryOutcome::Done { reference: Some(version), .. } if version == "version 8"));
}

#[test]
fn given_an_application_when_it_asks_then_what_it_is_served_is_observed_past_other_flags() {
    let fake = three();
    let observe = |whom: Option<&str>| {
        let whom = whom.map(|key| Whom { kind: "user".into(), key: key.into() });
        within(of(&fake.server.url(), "off").observe(whom.as_ref(), NOW)).unwrap()
    };
    assert_eq!((observe(None).as_deref(), observe(Some("vip")).as_deref()), (Some("new"), Some("new")));
    does(&fake, "old", &user("vip"));
    assert_eq!((observe(None).as_deref(), observe(Some("vip")).as_deref()), (Some("new"), Some("old")));
    assert!(fake.times("POST /api/v2/projects/shop/environments/production/flags/evaluate") >= 8, "pages are read");
    fake.with(|memory| memory.flags.remove("checkout"));
    assert_eq!(observe(None), None);
}

#[test]
fn given_an_audit_log_when_read_then_every_page_of_it_is_and_our_own_acts_are_left_out() {
    let fake = fake();
    fake.with(|memory| {
        for n in 0..47 {
            memory.now = MILLIS - 60_000 * (50 - n / 3);
            let ours = (n % 5 == 0).then_some("incident 1, Ana: x (quarterdeck 00000000000000010000000000000009)");
            memory.note("checkout", "production", &format!("did {n}"), "updateOn", ours.or(Some("why\u{7}")), "Ben");
        }
        memory.now = MILLIS;
    });
    let hour = Span::minutes(60);
    let of = of(&fake.server.url(), "off").reporting("flags");
    let told = within(of.changes(NOW.minus(hour), NOW, NOW)).unwrap();
    assert_eq!((told.changes.len(), told.doubts.len(), fake.times("GET /api/v2/auditlog")), (37, 0, 3));
    let first = &told.changes[0];
    assert_eq!(first.at, NOW.minus(Span::minutes(50)));
    assert_eq!(first.change.words(), "flag checkout in production: did 1 (why)");
    assert_eq!((first.change.by.as_deref(), first.change.source.as_deref()), (Some("Ben"), Some("flags")));
    // the end is not in it, the beginning is
    let from = NOW.minus(Span::minutes(49));
    let told = within(of.changes(from, from.plus(Span::minutes(1)), NOW)).unwrap();
    let words: Vec<String> = told.changes.iter().map(|one| one.change.subject.clone()).collect();
    assert_eq!(words, ["checkout in production: did 3 (why)", "checkout in production: did 4 (why)"]);
}

#[test]
fn given_numbers_and_objects_as_texts_when_read_then_they_are_what_they_say() {
    let fake = fake();
    let plain = (look(&fake, "off"), plan(&fake, "off", &Wanted::Stop));
    fake.with(|memory| memory.mistyped = true);
    assert_eq!((look(&fake, "off"), plan(&fake, "off", &Wanted::Stop)), plain);
    does(&fake, "off", &Wanted::Stop);
}

#[test]
fn given_no_room_when_looked_at_then_nothing_is_asked_and_an_act_waits_for_it() {
    let fake = fake();
    let limits = Limits::default();
    let of = |stop| of(&fake.server.url(), stop).sharing(limits.clone());
    let shown = within(of("off").plan(&Wanted::Stop, NOW)).unwrap();
    fake.with(|memory| (memory.room, memory.reset) = (Some(4), MILLIS + 400));
    // what only adds to it is left out when there is little
    let asked = fake.server.asked().len();
    within(of("off").look(NOW)).unwrap();
    assert_eq!(fake.server.asked().len(), asked + 1);
    fake.with(|memory| memory.room = Some(1));
    within(of("off").look(NOW)).unwrap();
    let asked = fake.server.asked().len();
    match within(of("off").look(NOW)) {
        Err(Trouble::Slowed(until, words)) => {
            assert_eq!(until, NOW.plus(Span(400_000)));
            sentences(&words);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fake.server.asked().len(), asked, "all who share the account wait");
    fake.with(|memory| memory.room = Some(100));
    assert!(matches!(
        within(of("off").carry(&Wanted::Stop, &shown.before, &reason(1), NOW)),
        CarryOutcome::Done { .. }
    ));
    // one that is refused for it is not sent again
    fake.with(|memory| (memory.room, memory.reset) = (None, MILLIS - 60_000));
    let limited = json!({"code": "rate_limited", "message": "slow"}).to_string();
    let headers =
        vec![("content-type", "application/json".into()), ("x-ratelimit-reset", (MILLIS - 60_000).to_string())];
    fake.odd("PATCH /api/v2/flags/shop/checkout", Manner::Whole(429, headers, limited.into()));
    let put = Wanted::Put(shown.before);
    let writes = fake.writes();
    match within(of("off").carry(&put, &snapshot(&fake), &reason(2), NOW.plus(Span::seconds(2)))) {
        CarryOutcome::Refused(words) => {
            sentences(&words);
            assert!(words.contains("(429)") && words.contains("It is not sent again"), "{words}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(fake.writes(), writes + 1);
    let until = NOW.plus(Span::seconds(12));
    assert!(matches!(within(of("off").look(NOW.plus(Span::seconds(3)))), Err(Trouble::Slowed(at, _)) if at == until));
}

/// The state of now as a plan holds it.
pub fn snapshot(fake: &Fake) -> String {
    let odd = fake.with(|memory| std::mem::take(&mut memory.odd));
    let before = plan(fake, "off", &Wanted::Restore).before;
    fake.with(|memory| memory.odd = odd);
    before
}

#[test]
fn given_a_token_when_checked_then_what_it_may_is_found_out_without_changing_anything() {
    let fake = fake();
    let check = |stop: &str| within(of(&fake.server.url(), stop).check(Offered::default(), NOW));
    let lines = check("off").unwrap().lines;
    assert_eq!(
        lines,
        [
            "service token on call",
            "environment production, critical",
            "checkout is on: serves true",
            "the token may stop and restore it"
        ]
    );
    fake.with(|memory| {
        memory.guard = Some(405);
        memory.environment.insert(
            "approvalSettings".into(),
            json!({"required": true, "minNumApprovals": 2, "requiredApprovalTags": ["shop"]}),
        );
    });
    let lines = check("off").unwrap().lines;
    assert_eq!(lines[1], "environment production, critical, 2 people have to approve");
    assert!(lines[3].starts_with("switching it has to be approved there: Approval is required"), "{lines:?}");
    fake.with(|memory| memory.guard = None);
    let troubles = [
        ("nowhere", "it has no variation nowhere"),
        ("off", "is archived"),
        ("off", "the token may not stop and restore it (updateOn). "),
        ("off", "knows no flag checkout in project shop"),
    ];
    for (n, (stop, words)) in troubles.into_iter().enumerate() {
        fake.with(|memory| match n {
            1 => memory.flags["checkout"]["archived"] = json!(true),
            2 => {
                memory.flags["checkout"]["archived"] = json!(false);
                let denied = json!({"denied": [{"action": "updateOn", "reason": {}}], "allowed": []});
                memory.flags["checkout"]["environments"]["production"]["_access"] = denied;
            }
            3 => _ = memory.flags.remove("checkout"),
            _ => {}
        });
        let trouble = match check(stop) {
            Ok(mut checked) => {
                // what is known beside it is said all the same
                assert_eq!((checked.lines.len(), checked.against.len()), (3, 1), "{checked:?}");
                checked.against.remove(0)
            }
            Err(trouble) => trouble,
        };
        sentences(trouble.words());
        assert!(trouble.words().contains(words), "{trouble:?}");
    }
    assert_eq!(fake.writes(), 0);
}

/// A login that is denied these actions in production.
fn deny(fake: &Fake, actions: &[&str]) {
    let denied: Vec<Value> = actions.iter().map(|action| json!({"action": action, "reason": {}})).collect();
    fake.with(|memory| {
        memory.flags["checkout"]["environments"]["production"]["_access"] = json!({"denied": denied, "allowed": []});
    });
}

#[test]
fn given_a_token_that_may_not_do_what_is_configured_when_checked_then_the_act_is_named_and_what_to_ask_for() {
    let fake = fake();
    let all = Offered { one: true, share: true, ..Offered::default() };
    let check = |stop: &str, offered| within(of(&fake.server.url(), stop).check(offered, NOW));
    let last = |offered| check("off", offered).unwrap().lines.pop().unwrap();
    // they do not say what it may: only what was rehearsed is known
    assert_eq!(last(all), "the token may stop and restore it; whether it may exclude one or serve a share is not told");
    deny(&fake, &["updateTags"]);
    assert_eq!(last(all), "the token may stop and restore it, exclude one, serve a share");
    assert_eq!(last(Offered { share: false, ..all }), "the token may stop and restore it, exclude one");

    let on = "on proj/shop:env/production:flag/checkout, or use another token.";
    let said = |stop: &str, denies: &[&str], what: &str, wanted: &str| {
        deny(&fake, denies);
        let mut checked = check(stop, all).unwrap();
        assert_eq!(checked.lines.last().map(String::as_str), Some("checkout is on: serves true"));
        let trouble = checked.against.remove(0);
        assert!(matches!(trouble, Trouble::Denied(_)), "{trouble:?}");
        sentences(trouble.words());
        let next = format!(" Ask the administrator for a role that allows {wanted} {on}");
        let what = format!("ld ({}): {what}", fake.server.url());
        assert!(trouble.words().starts_with(&what) && trouble.words().ends_with(&next), "{trouble:?}");
    };
    let (one, share) = (["updateTargets"], ["updateFallthrough"]);
    let may = "the token may not exclude one (updateTargets); it may stop and restore it and serve a share. ";
    said("off", &one, may, "updateTargets");
    let may = "the token may not serve a share (updateFallthrough); it may stop and restore it and exclude one. ";
    said("off", &share, may, "updateFallthrough");
    let may = "the token may not exclude one (updateTargets) nor serve a share (updateFallthrough); it may stop and restore it. ";
    said("off", &[one, share].concat(), may, "updateTargets and updateFallthrough");
    let may = "the token may not stop and restore it (updateOn); it may exclude one and serve a share. ";
    said("off", &["updateOn"], may, "updateOn");
    // what nobody wants to do may be denied
    deny(&fake, &[one, share].concat());
    assert_eq!(last(Offered::default()), "the token may stop and restore it");
    // off has to be told first what to serve
    let may = "the token may not stop and restore it (updateOffVariation); it may exclude one and serve a share. ";
    said("true", &["updateOffVariation"], may, "updateOffVariation");
    assert_eq!(check("false", all).unwrap().against, [], "it serves that already");
    assert_eq!(fake.writes(), 0);
}

#[test]
fn given_ends_and_approvals_that_are_offered_when_checked_then_they_are_checked_too_or_it_is_said_that_nobody_tells() {
    let fake = fake();
    let offered = Offered { one: true, end: true, request: true, ..Offered::default() };
    let check = |offered| within(of(&fake.server.url(), "off").check(offered, NOW)).unwrap();
    let last = |offered| check(offered).lines.pop().unwrap();
    let untold = "the token may stop and restore it; whether it may exclude one or have it end at a time is not told";
    assert_eq!(last(offered), untold);
    deny(&fake, &[]);
    // nobody has to approve anything here: whether it may ask for that is of no interest
    assert_eq!(last(offered), "the token may stop and restore it, exclude one, have it end at a time");
    deny(&fake, &["updateScheduledChanges", "updateExpiringTargets", "createApprovalRequest"]);
    let said = |offered| check(offered).against.iter().map(|trouble| trouble.words().to_owned()).collect::<String>();
    let may_not = "the token may not have it end at a time (updateScheduledChanges, updateExpiringTargets); it may stop and restore it and exclude one.";
    assert!(said(offered).contains(may_not), "{}", said(offered));
    let alone = Offered { one: false, ..offered };
    assert!(said(alone).contains("may not have it end at a time (updateScheduledChanges); "), "{}", said(alone));

    fake.with(|memory| memory.guard = Some(405));
    let requests = Offered { end: false, ..offered };
    assert!(
        said(requests).contains("the token may not ask for approval (createApprovalRequest); "),
        "{}",
        said(requests)
    );
    deny(&fake, &[]);
    assert!(last(requests).ends_with(", ask for approval"), "{}", last(requests));
    fake.edit(|config| _ = config.as_object_mut().unwrap().remove("_access"));
    assert_eq!(
        last(requests),
        "whether the token may stop and restore it or exclude one or ask for approval is not told"
    );
    assert_eq!(fake.writes(), 0);
}

#[test]
fn given_many_flags_when_listed_then_they_come_by_pages_in_full_and_it_is_said_where_there_are_more() {
    let fake = fake();
    fake.edit(|config| {
        config["rules"] = json!([rule("r1", "country", &["ch"], 0)]);
        config["targets"] = json!([{"contextKind": "user", "variation": 1, "values": ["bob"]}]);
        config["prerequisites"] = json!([{"key": "basket", "variation": 0}]);
    });
    let list = |text| within(of(&fake.server.url(), "off").listing(text, NOW)).unwrap();
    let some = list(Some("checkout"));
    assert_eq!(some.doubts, Vec::<String>::new());
    let keys: Vec<&str> = some.flags.iter().map(|flag| flag.key.as_str()).collect();
    assert_eq!(keys, ["checkout-old", "pre-checkout", "checkout"]);
    let one = &some.flags[2];
    assert_eq!((one.rules, one.targets, one.needs.as_slice()), (Some(1), Some(1), &["basket".to_owned()][..]));
    assert_eq!((one.on, one.temporary, one.archived), (Some(true), Some(false), false));
    assert!(one.changed.is_some() && one.serves.starts_with("on: serves true, others: 1 by rules"), "{one:?}");
    assert_eq!(one.stops, ["off", "on", "true", "false"]);
    fake.with(|memory| {
        for n in 0..250 {
            let key = format!("many-{n:03}");
            let flag = super::launchdarkly_fake::flag(&key, &[json!(true), json!(false)], 0);
            memory.flags.insert(key, flag);
        }
    });
    let many = list(Some("many-"));
    assert_eq!((many.flags.len(), many.doubts.len()), (200, 1));
    assert!(many.doubts[0].starts_with("only the first 200 of 250 are listed"), "{:?}", many.doubts);
    // the room that there is ends in the middle
    fake.with(|memory| (memory.room, memory.reset) = (Some(2), memory.now + 200_000));
    let cut = list(Some("many-"));
    assert_eq!(cut.flags.len(), 40);
    assert!(cut.doubts[0].starts_with("only the first 40 are listed: ld ("), "{:?}", cut.doubts);
    assert_eq!(fake.writes(), 0);
}

//! Unleash's client against a server that fails on purpose: what is sent, how often, and what is said of it.

use super::loopback::{Manner, json as good, nobody, status};
use super::unleash_fake::{Fake, place, rollout};
use crate::cli::ship::harmless;
use quarterdeck::incident::entry::{EntryId, Session};
use quarterdeck::incident::sought::Found;
use quarterdeck::incident::switch::{Level, Plan, Reason, Share, Wanted, Whom};
use quarterdeck::incident::time::{MINUTE, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::switches::unleash::{Stop, Unleash};
use serde_json::{Value, json};
use std::time::Duration;

const NOW: Time = Time(1_772_535_200_000_000);

fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn at(url: &str, stop: Stop) -> Unleash {
    let http =
        |token: &str| Http::new("flags", url, Login::Header("authorization".into(), Key::new(token)), &[]).unwrap();
    let client = Some(http("*:production.client"));
    Unleash::new(http("*:*.s3cret"), client, "default", "production", "checkout", stop)
        .within(Duration::from_millis(2_500))
}

fn of(fake: &Fake) -> Unleash {
    at(&fake.server.url(), Stop::Off)
}

fn planned(unleash: &Unleash, wanted: &Wanted) -> Plan {
    let plan = within(unleash.plan(wanted, NOW)).unwrap();
    for words in plan.notes.iter().chain([&plan.from, &plan.to, &plan.changes]).chain(&plan.approval) {
        harmless(words);
        assert!(words.chars().count() <= 160, "for a narrow panel: {words}");
    }
    assert!(!plan.before.contains("s3cret"));
    plan
}

fn carried(unleash: &Unleash, wanted: &Wanted, before: &str) -> CarryOutcome {
    let act = EntryId::of(Session(1), 2);
    let reason = Reason { why: "refusals".into(), incident: Some(412), person: "Ana".into(), act };
    let outcome = within(unleash.carry(wanted, before, &reason, NOW));
    harmless(outcome.words());
    outcome
}

fn acted(unleash: &Unleash, wanted: &Wanted) -> CarryOutcome {
    let plan = planned(unleash, wanted);
    carried(unleash, wanted, &plan.before)
}

fn refusal(outcome: CarryOutcome) -> String {
    let (CarryOutcome::Refused(words) | CarryOutcome::Conflict(words)) = outcome else {
        panic!("not refused: {outcome:?}")
    };
    assert!(words.matches(". ").count() >= 2 && words.ends_with('.'), "three sentences: {words}");
    words
}

fn unsure(outcome: CarryOutcome) -> String {
    let CarryOutcome::Unsure(words) = outcome else { panic!("not unsure: {outcome:?}") };
    assert!(words.matches(". ").count() >= 2 && words.ends_with('.'), "three sentences: {words}");
    words
}

fn alice() -> Wanted {
    Wanted::Exclude(Whom::parse("alice", "user").unwrap())
}

fn percent(whole: u32) -> Wanted {
    Wanted::Percent(Share::of_percent(whole).unwrap())
}

fn two() -> Vec<Value> {
    vec![rollout("one", "100", json!([])), rollout("two", "100", json!([]))]
}

#[test]
fn given_a_flag_when_stopped_then_one_request_goes_out_and_the_incident_is_left_as_a_tag() {
    let fake = Fake::start(true, two());
    let plan = planned(&of(&fake), &Wanted::Stop);
    assert_eq!(
        (plan.from.as_str(), plan.to.as_str(), plan.changes.as_str(), plan.idle),
        ("true", "false", "off in production", false)
    );
    assert_eq!(plan.approval, None);
    assert!(
        plan.notes[0] == "everybody: true → false" && plan.notes.iter().any(|note| note.starts_with("never exercised"))
    );
    assert!(fake.writes().is_empty(), "planning changes nothing");
    let done = carried(&of(&fake), &Wanted::Stop, &plan.before);
    assert_eq!(done, CarryOutcome::done("false", "off in production"));
    assert_eq!(fake.writes(), ["POST /off", "POST /api/admin/features/checkout/tags"]);
    assert_eq!(fake.memory.lock().unwrap().tags, [json!({"type": "simple", "value": "inc-412"})]);
    // there already: nothing is sent, whatever was planned on
    assert_eq!(carried(&of(&fake), &Wanted::Stop, &plan.before), CarryOutcome::already("false"));
    assert_eq!(fake.writes().len(), 2);
    assert!(planned(&of(&fake), &Wanted::Stop).idle);
    let asked = fake.server.asked();
    assert!(asked.iter().all(|one| one.header("authorization") == Some("*:*.s3cret")));
}

#[test]
fn given_a_tag_that_fails_when_stopped_then_it_is_stopped_all_the_same() {
    for manner in [status(500, "no"), status(403, "no"), Manner::Silent, Manner::Rude] {
        let fake = Fake::start(true, two());
        fake.fails("/tags", manner, false);
        let done = acted(&of(&fake), &Wanted::Stop);
        assert!(matches!(&done, CarryOutcome::Done { words, .. } if words.contains("no tag was added")), "{done:?}");
    }
}

#[test]
fn given_an_unclear_answer_when_stopped_then_nobody_is_sure_and_it_is_not_sent_again() {
    let html = "<html>\u{1b}[2JPlease log in</html>";
    for manner in [
        Manner::Silent,
        Manner::Rude,
        Manner::Drip,
        Manner::Cut(b"{".to_vec()),
        status(500, html),
        status(502, html),
        status(503, html),
        status(200, html),
    ] {
        for is_done in [true, false] {
            let fake = Fake::start(true, two());
            let plan = planned(&of(&fake), &Wanted::Stop);
            fake.fails("/off", manner.clone(), is_done);
            let words = unsure(carried(&of(&fake), &Wanted::Stop, &plan.before));
            assert!(words.contains("not sent again"), "{words}");
            assert_eq!(fake.writes(), ["POST /off"], "{manner:?}");
            // looking tells
            fake.memory.lock().unwrap().fault = None;
            let sight = within(of(&fake).look(NOW)).unwrap();
            assert_eq!(sight.value == plan.to, is_done, "{manner:?}");
        }
    }
}

#[test]
fn given_a_no_when_stopped_then_nothing_was_changed_and_the_words_say_why() {
    let said = |status: u16, message: &str| {
        Manner::Whole(status, vec![], json!({"name": "E", "message": message}).to_string().into_bytes())
    };
    for (manner, why) in [
        (said(400, "Cannot perform this operation on archived features"), "archived features"),
        (said(401, "You must log in to use Unleash."), "does not know us (401)"),
        (said(403, "invalid token: expected a different token type for this endpoint"), "different token type"),
        (said(404, "Could not find environment \u{1b}[31mproduction"), "(404): Could not find environment production"),
        (said(405, "no"), "answered 405: no"),
        (said(409, "taken"), "answered 409: taken"),
        (said(422, "odd"), "answered 422: odd"),
        (Manner::Whole(303, vec![("location", "/flags".into())], Vec::new()), "leads on to /flags (303)"),
        (said(429, "slow"), "answered 429: slow"),
        (said(503, "Unleash is currently in maintenance mode."), "maintenance mode"),
    ] {
        let fake = Fake::start(true, two());
        let plan = planned(&of(&fake), &Wanted::Stop);
        fake.fails("/off", manner, false);
        let words = refusal(carried(&of(&fake), &Wanted::Stop, &plan.before));
        assert!(words.contains(why) && words.contains("Nothing was changed."), "{words}");
        assert_eq!(fake.writes(), ["POST /off"]);
    }
    let words = refusal(carried(&at(&nobody(), Stop::Off), &Wanted::Stop, "{}"));
    assert!(words.contains("cannot be reached"), "{words}");
}

#[test]
fn given_a_flag_that_cannot_be_read_when_looked_at_then_said_so_and_never_that_it_is_off() {
    let other = json!({"name": "another", "project": "default", "environments": []}).to_string();
    let archived = json!({"name": "checkout", "project": "default", "archived": true, "environments": []}).to_string();
    let nowhere =
        json!({"name": "checkout", "environments": [{"name": "development", "enabled": true, "strategies": []}]})
            .to_string();
    let strategyless =
        json!({"name": "checkout", "environments": [{"name": "production", "enabled": true}]}).to_string();
    for (manner, why) in [
        (Manner::Silent, "did not answer"),
        (Manner::Drip, "did not answer"),
        (Manner::Rude, "cannot be reached"),
        (Manner::Cut(b"{\"name\":".to_vec()), "did not answer whole"),
        (status(200, "<html>log in</html>"), "not JSON"),
        (good("{\"name\":\"checkout\""), "not JSON"),
        (good("{}"), "no flag"),
        (good(&other), "another flag"),
        (good(&archived), "archived"),
        (good(&nowhere), "no environment production, it has development"),
        (good(&strategyless), "no strategies"),
        (status(401, "no"), "(401)"),
        (status(404, "no"), "(404)"),
        (status(429, "no"), "(429)"),
        (status(500, "no"), "(500)"),
    ] {
        let fake = Fake::start(true, two());
        let plan = planned(&of(&fake), &Wanted::Stop);
        fake.fails("/api/admin/projects/default/features/checkout", manner, false);
        let trouble = within(of(&fake).look(NOW)).unwrap_err();
        harmless(trouble.words());
        assert!(trouble.words().contains(why) && !matches!(trouble, Trouble::Unsure(_)), "{why}: {trouble:?}");
        assert!(within(of(&fake).plan(&Wanted::Stop, NOW)).is_err());
        refusal(carried(&of(&fake), &Wanted::Stop, &plan.before));
        assert!(fake.writes().is_empty());
    }
}

#[test]
fn given_a_change_by_somebody_else_when_carried_out_then_it_is_refused_and_nothing_is_sent() {
    let fake = Fake::start(true, two());
    let plan = planned(&of(&fake), &percent(5));
    let drift = |change: fn(&mut Value), why: &str| {
        let before = fake.memory.lock().unwrap().flag.clone();
        fake.others(change);
        let words = refusal(carried(&of(&fake), &percent(5), &plan.before));
        assert!(words.contains(why), "{words}");
        fake.others(|flag| *flag = before);
    };
    drift(|flag| place(flag)["enabled"] = json!(false), "It serves false now, not true");
    drift(|flag| place(flag)["strategies"][0]["segments"] = json!([3]), "strategies are not those");
    drift(
        |flag| {
            place(flag)["strategies"].as_array_mut().unwrap().pop();
        },
        "strategies are not those",
    );
    assert!(fake.writes().is_empty());
    // what changes by itself is no drift
    fake.others(|flag| {
        place(flag)["yes"] = json!(9_000);
        place(flag)["lastSeenAt"] = json!("2026-03-03T10:53:00.000Z");
        flag["environments"][0]["enabled"] = json!(true);
    });
    assert!(matches!(carried(&of(&fake), &percent(5), &plan.before), CarryOutcome::Done { .. }));
    // nor is a plan that nobody can read one to act on
    refusal(carried(&of(&fake), &percent(50), "{"));
}

#[test]
fn given_somebody_faster_by_a_moment_when_a_strategy_is_changed_then_the_server_refuses_the_patch() {
    let fake = Fake::start(true, two());
    fake.memory.lock().unwrap().meanwhile =
        Some(|flag| place(flag)["strategies"][0]["parameters"]["rollout"] = json!("50"));
    let words = refusal(acted(&of(&fake), &percent(5)));
    assert!(words.contains("Somebody else changed a strategy"), "{words}");
    assert_eq!(fake.writes(), ["PATCH /strategies/one"]);
    // the second of two: the first is done, and that is said
    let fake = Fake::start(true, two());
    let plan = planned(&of(&fake), &alice());
    fake.fails("strategies/two", status(500, r#"{"message":"name: TEST_OPERATION_FAILED"}"#), false);
    let words = unsure(carried(&of(&fake), &alice(), &plan.before));
    assert!(
        words.starts_with(
            "Half done: flexibleRollout without user alice. Not done: flexibleRollout without user alice."
        ),
        "{words}"
    );
    assert_eq!(fake.writes(), ["PATCH /strategies/one", "PATCH /strategies/two"]);
}

#[test]
fn given_a_failure_between_requests_when_excluding_then_done_not_done_and_unknown_are_told() {
    let three = || ["one", "two", "six"].map(|id| rollout(id, "100", json!([]))).to_vec();
    for (manner, state) in [(status(403, "no"), "Not done: "), (Manner::Silent, "Not known: ")] {
        let fake = Fake::start(true, three());
        let plan = planned(&of(&fake), &alice());
        assert!(plan.notes.iter().any(|note| note.starts_with("3 requests")), "{:?}", plan.notes);
        fake.fails("strategies/six", manner, false);
        let words = unsure(carried(&of(&fake), &alice(), &plan.before));
        assert!(words.contains("Half done: ") && words.contains(state) && words.contains("Not sent: "), "{words}");
        assert_eq!(
            fake.writes(),
            ["PATCH /strategies/one", "PATCH /strategies/six"],
            "in the order of their names, each once"
        );
        // what was found can be put back all the same
        fake.memory.lock().unwrap().fault = None;
        let back = acted(&of(&fake), &Wanted::Put(plan.before.clone()));
        assert!(matches!(back, CarryOutcome::Done { .. }), "{back:?}");
        assert_eq!(planned(&of(&fake), &Wanted::Stop).before, plan.before);
    }
}

#[test]
fn given_an_answer_that_is_no_documented_no_when_acted_then_it_is_read_back_what_became_of_it() {
    for code in [303, 405, 409, 422, 429] {
        // the only request: done, and not done
        let fake = Fake::start(true, two());
        let plan = planned(&of(&fake), &Wanted::Stop);
        fake.fails("/off", status(code, "odd"), true);
        let done = carried(&of(&fake), &Wanted::Stop, &plan.before);
        let CarryOutcome::Done { value, words, .. } = &done else { panic!("{code}: {done:?}") };
        assert!(value == "false" && words.contains(&format!("{code}")) && words.ends_with("and it is so"), "{words}");
        // the last of two, done all the same; the first of them, done: nobody knows
        for (at, is_all) in [("strategies/two", true), ("strategies/one", false)] {
            let fake = Fake::start(true, two());
            let plan = planned(&of(&fake), &alice());
            fake.fails(at, status(code, "odd"), true);
            let ended = carried(&of(&fake), &alice(), &plan.before);
            assert_eq!(matches!(ended, CarryOutcome::Done { .. }), is_all, "{ended:?}");
            if !is_all {
                assert!(unsure(ended).contains("Not sent: "));
            }
        }
    }
}

#[test]
fn given_an_act_that_went_half_when_it_is_looked_for_then_the_whole_state_is_compared_and_not_its_words() {
    let compared = |fake: &Fake, wanted: &Wanted, before: &str| within(of(fake).compare(wanted, before, NOW)).unwrap();
    let fake = Fake::start(true, two());
    let plan = planned(&of(&fake), &alice());
    assert_eq!(compared(&fake, &alice(), &plan.before), Found::AsBefore);
    fake.fails("strategies/two", status(429, "slow"), false);
    let words = unsure(carried(&of(&fake), &alice(), &plan.before));
    assert!(words.starts_with("Half done: ") && words.contains("Not known: "), "{words}");
    fake.memory.lock().unwrap().fault = None;
    assert_eq!(compared(&fake, &alice(), &plan.before), Found::Otherwise);
    acted(&of(&fake), &alice());
    assert_eq!(compared(&fake, &alice(), &plan.before), Found::AsWanted);
    // what is somebody else's business counts nothing, what is the flag's makes it another state
    fake.others(|flag| place(flag)["yes"] = json!(9_000));
    assert_eq!(compared(&fake, &alice(), &plan.before), Found::AsWanted);
    fake.others(|flag| place(flag)["strategies"][0]["title"] = json!("another"));
    assert_eq!(compared(&fake, &alice(), &plan.before), Found::Otherwise);

    // a way back: the word for both is the same, and the second strategy is not what it was
    let fake = Fake::start(true, vec![rollout("one", "100", json!([])), rollout("two", "50", json!([]))]);
    let was = planned(&of(&fake), &percent(10)).before;
    acted(&of(&fake), &percent(10));
    let back = Wanted::Put(was.clone());
    let plan = planned(&of(&fake), &back);
    fake.fails("strategies/two", status(500, "no"), false);
    unsure(carried(&of(&fake), &back, &plan.before));
    fake.memory.lock().unwrap().fault = None;
    assert_eq!(planned(&of(&fake), &Wanted::Stop).from, plan.to, "one word for both");
    assert_eq!(compared(&fake, &back, &plan.before), Found::Otherwise);
    acted(&of(&fake), &back);
    assert_eq!(compared(&fake, &back, &plan.before), Found::AsWanted);

    // a strategy that was made anew has another id, and is the same
    let fake = Fake::start(true, two());
    let was = planned(&of(&fake), &Wanted::Stop).before;
    fake.others(|flag| _ = place(flag)["strategies"].as_array_mut().unwrap().pop());
    let plan = planned(&of(&fake), &Wanted::Put(was.clone()));
    acted(&of(&fake), &Wanted::Put(was.clone()));
    assert_eq!(compared(&fake, &Wanted::Put(was), &plan.before), Found::AsWanted);
}

#[test]
fn given_a_yes_that_is_none_when_a_strategy_is_changed_then_nobody_is_sure() {
    let theirs = rollout("two", "5", json!([])).to_string();
    let unchanged = rollout("one", "100", json!([])).to_string();
    for (body, why) in [
        (theirs.as_str(), "another strategy"),
        (unchanged.as_str(), "not what was asked for"),
        ("{}", "no strategy"),
        ("", "not JSON"),
    ] {
        let fake = Fake::start(true, vec![rollout("one", "100", json!([]))]);
        let plan = planned(&of(&fake), &percent(5));
        fake.fails("strategies/one", good(body), false);
        let words = unsure(carried(&of(&fake), &percent(5), &plan.before));
        assert!(words.contains(why), "{words}");
    }
    // all of it answered well, and it is otherwise
    let fake = Fake::start(true, two());
    let plan = planned(&of(&fake), &Wanted::Stop);
    fake.fails("/off", Manner::Whole(200, vec![], Vec::new()), false);
    let words = unsure(carried(&of(&fake), &Wanted::Stop, &plan.before));
    assert!(words.contains("right after it is otherwise. It serves true, not false."), "{words}");
}

#[test]
fn given_one_user_when_excluded_then_each_enabled_strategy_leaves_them_out_and_a_list_is_joined() {
    let known = json!([{"contextName": "userId", "operator": "NOT_IN", "values": ["zoe"], "inverted": false, "caseInsensitive": false}]);
    let mut off = rollout("off", "100", json!([]));
    off["disabled"] = json!(true);
    let fake = Fake::start(true, vec![rollout("one", "100", known), rollout("two", "40", json!([])), off.clone()]);
    let plan = planned(&of(&fake), &alice());
    assert_eq!(
        (plan.from.as_str(), plan.to.as_str()),
        ("true with exceptions", "true with exceptions, not for user alice")
    );
    assert!(plan.notes.iter().any(|note| note.starts_with("1 strategy disabled")), "{:?}", plan.notes);
    acted(&of(&fake), &alice());
    let flag = fake.memory.lock().unwrap().flag.clone();
    let values = |n: usize| flag["environments"][1]["strategies"][n]["constraints"][0]["values"].clone();
    assert_eq!(
        (values(0), values(1), &flag["environments"][1]["strategies"][2]),
        (json!(["zoe", "alice"]), json!(["alice"]), &off)
    );
    // again is nothing, and an exclusion while it is off holds later
    let before = planned(&of(&fake), &alice());
    assert!(before.idle && carried(&of(&fake), &alice(), &before.before).words().starts_with("it was so already"));
    let fake = Fake::start(false, two());
    let plan = planned(&of(&fake), &alice());
    assert!(plan.notes.iter().any(|note| note.contains("still when it is turned on")), "{:?}", plan.notes);
    assert_eq!(acted(&of(&fake), &alice()).words().matches("without user alice").count(), 2);
    assert!(!fake.writes().contains(&"POST /on".to_owned()));
}

#[test]
fn given_a_context_that_nobody_sends_when_excluded_then_it_is_said() {
    let fake = Fake::start(true, two());
    let whom = |text: &str| Wanted::Exclude(Whom::parse(text, "user").unwrap());
    let notes = planned(&of(&fake), &whom("customer:acme")).notes;
    assert!(notes.iter().any(|note| note.starts_with("no context field customer")), "{notes:?}");
    let notes = planned(&of(&fake), &whom("region:eu")).notes;
    assert!(!notes.iter().any(|note| note.starts_with("no context field")), "{notes:?}");
    acted(&of(&fake), &whom("customer:acme"));
    let flag = fake.memory.lock().unwrap().flag.clone();
    assert_eq!(flag["environments"][1]["strategies"][1]["constraints"][0]["contextName"], "customer");
    let sight = within(of(&fake).look(NOW)).unwrap();
    assert_eq!((sight.level, sight.excluded), (Level::Partly, vec![Whom::parse("customer:acme", "").unwrap()]));
}

#[test]
fn given_a_share_when_it_cannot_be_had_then_refused_by_name_and_nothing_is_sent() {
    let mut listed = rollout("list", "100", json!([]));
    listed["name"] = json!("userWithId");
    let fake = Fake::start(true, vec![rollout("one", "100", json!([])), listed]);
    let words = |wanted: &Wanted| within(of(&fake).plan(wanted, NOW)).unwrap_err().words().to_owned();
    assert!(words(&percent(5)).contains("userWithId, which has no percentage"));
    assert!(words(&Wanted::Percent(Share::of_milli(2_500).unwrap())).contains("whole percents, not 2.5 %"));
    let bare = Fake::start(false, Vec::new());
    for wanted in [percent(5), Wanted::Restore, alice()] {
        let trouble = within(of(&bare).plan(&wanted, NOW)).unwrap_err();
        assert!(matches!(&trouble, Trouble::Refused(words) if words.contains("no enabled strategy")), "{trouble:?}");
        refusal(carried(&of(&bare), &wanted, "{}"));
    }
    assert!(bare.writes().is_empty() && fake.writes().is_empty(), "no strategy is added");
}

#[test]
fn given_ways_with_rules_when_each_lets_in_fewer_then_it_narrows_although_nobody_can_count_them() {
    let rule = json!([{"contextName": "plan", "operator": "IN", "values": ["pro"]}]);
    let by = |ways: Vec<Value>, stop: Stop| {
        let fake = Fake::start(true, ways);
        let plan = |share| within(at(&fake.server.url(), stop).plan(&percent(share), NOW)).unwrap();
        [3, 5, 6].map(|share| (plan(share).reach, plan(share).narrows))
    };
    let one = || vec![rollout("one", "5", rule.clone())];
    assert_eq!(by(one(), Stop::Off), [(None, true), (None, true), (None, false)]);
    let both = || vec![rollout("one", "5", rule.clone()), rollout("two", "50", json!([]))];
    assert_eq!(by(both(), Stop::Off), [(None, true), (None, true), (None, false)]);
    let unlike = || vec![rollout("one", "4", rule.clone()), rollout("two", "50", json!([]))];
    assert_eq!(by(unlike(), Stop::Off), [(None, true), (None, false), (None, false)], "one of them lets in more");
    // of a kill switch whoever it lets in is stopped
    let kill = || vec![rollout("one", "95", rule.clone())];
    assert_eq!(by(kill(), Stop::On).map(|(_, narrows)| narrows), [true, true, false]);
}

#[test]
fn given_it_is_off_when_a_share_is_wanted_then_it_is_turned_on_last() {
    let fake = Fake::start(false, two());
    let done = acted(&of(&fake), &percent(5));
    assert!(matches!(&done, CarryOutcome::Done { value, .. } if value == "true for 5 %"), "{done:?}");
    assert_eq!(fake.writes()[..3], ["PATCH /strategies/one", "PATCH /strategies/two", "POST /on"]);
    let asked = fake.server.asked();
    let patch = asked.iter().find(|one| one.line.starts_with("PATCH")).unwrap();
    assert!(patch.body.contains(r#""rollout":"5""#), "a text, not a number: {}", patch.body);
    assert_eq!(patch.header("content-type"), Some("application/json"));
    // and when the share cannot be set it stays off
    let fake = Fake::start(false, two());
    fake.fails("strategies/two", status(400, "no"), false);
    unsure(acted(&of(&fake), &percent(5)));
    assert!(!fake.writes().contains(&"POST /on".to_owned()));
}

#[test]
fn given_a_kill_switch_when_stopped_then_on_reaches_everybody_and_what_is_added_is_said() {
    let fake = Fake::start(false, vec![rollout("one", "20", json!([]))]);
    let kill = at(&fake.server.url(), Stop::On);
    assert_eq!(within(kill.look(NOW)).unwrap().level, Level::On);
    let plan = planned(&kill, &Wanted::Stop);
    assert!(plan.notes[0].starts_with("adds a strategy"), "{:?}", plan.notes);
    let done = carried(&kill, &Wanted::Stop, &plan.before);
    assert_eq!(done, CarryOutcome::done("true", "flexibleRollout added at 100 %; on in production"));
    assert_eq!(within(kill.look(NOW)).unwrap().level, Level::Off);
    let back = acted(&kill, &Wanted::Put(plan.before.clone()));
    assert_eq!(back, CarryOutcome::done("false", "off in production; flexibleRollout removed"));
    // restored by somebody's own wish: off, and its strategies stay
    let fake = Fake::start(true, two());
    assert_eq!(
        acted(&at(&fake.server.url(), Stop::On), &Wanted::Restore),
        CarryOutcome::done("false", "off in production")
    );
    // a share that runs is one that is not stopped
    let fake = Fake::start(false, vec![rollout("one", "100", json!([]))]);
    let done = acted(&at(&fake.server.url(), Stop::On), &percent(5));
    assert!(matches!(&done, CarryOutcome::Done { value, .. } if value == "true for 95 %"), "{done:?}");
    // whoever is stopped by name stays so at every share, also where everybody was stopped in between
    let acme = json!([{"contextName": "customer", "operator": "IN", "values": ["acme"]}]);
    for all in [None, Some(rollout("all", "100", json!([])))] {
        let ways = [Some(rollout("acme", "100", acme.clone())), all].into_iter().flatten().collect();
        let fake = Fake::start(true, ways);
        let kill = at(&fake.server.url(), Stop::On);
        for running in [5, 25, 100] {
            let done = acted(&kill, &percent(running));
            assert!(matches!(done, CarryOutcome::Done { .. }), "{done:?}");
            let sight = within(kill.look(NOW)).unwrap();
            let named: Vec<String> = sight.excluded.iter().map(ToString::to_string).collect();
            assert_eq!(
                (named, sight.share),
                (vec!["customer acme".to_owned()], Share::of_percent(running)),
                "{running}"
            );
        }
        let dials: Vec<String> = fake
            .server
            .asked()
            .iter()
            .filter(|one| one.line.contains("/strategies/acme"))
            .map(|one| one.line.clone())
            .collect();
        assert!(dials.is_empty(), "{dials:?}");
    }
    // and one context is stopped only where nobody else would be
    let fake = Fake::start(false, two());
    let words = within(at(&fake.server.url(), Stop::On).plan(&alice(), NOW)).unwrap_err().words().to_owned();
    assert!(words.contains("would stop whom flexibleRollout lets in as well"), "{words}");
}

#[test]
fn given_what_must_be_approved_when_stopped_then_asked_for_once_and_nothing_is_served_otherwise() {
    let fake = Fake::start(true, two());
    fake.memory.lock().unwrap().guarded = true;
    let plan = planned(&of(&fake), &percent(5));
    assert!(plan.approval.as_deref().is_some_and(|words| words.contains("2 approvals")), "{plan:?}");
    assert!(plan.notes.iter().any(|note| note.starts_with("change request 7 ")), "{:?}", plan.notes);
    let outcome = carried(&of(&fake), &percent(5), &plan.before);
    assert!(
        matches!(&outcome, CarryOutcome::NeedsApproval(words) if words.contains("Nothing was changed.")),
        "{outcome:?}"
    );
    assert_eq!(fake.writes(), ["PATCH /strategies/one"], "no way around it is tried");
    let act = EntryId::of(Session(1), 2);
    let reason = Reason { why: "refusals".into(), incident: Some(412), person: "Ana".into(), act };
    let ask = |fake: &Fake| within(of(fake).request(&percent(5), &plan.before, &reason, NOW));
    let asked = ask(&fake);
    assert!(
        matches!(&asked, CarryOutcome::Done { value, reference, .. } if value == "true" && reference.as_deref() == Some("12")),
        "{asked:?}"
    );
    let requested = fake.memory.lock().unwrap().requested.clone();
    assert_eq!(requested.len(), 3);
    assert_eq!((&requested[0]["action"], &requested[0]["payload"]["id"]), (&json!("updateStrategy"), &json!("one")));
    assert_eq!(requested[0]["payload"]["parameters"]["rollout"], "5");
    assert!(requested[2]["comment"].as_str().unwrap().starts_with("incident 412, Ana: refusals (quarterdeck "));
    // a draft that held other things is not sent on
    fake.memory.lock().unwrap().draft = vec![json!({"action": "archiveFeature"})];
    assert!(unsure(ask(&fake)).contains("holds other changes"));
    assert_eq!(fake.writes().iter().filter(|line| line.contains("/state")).count(), 1);
    fake.memory.lock().unwrap().draft.clear();
    fake.fails("/state", Manner::Silent, false);
    assert!(unsure(ask(&fake)).contains("may not be in review"));
    fake.fails("/change-requests", Manner::Rude, true);
    assert!(unsure(ask(&fake)).contains("not sent again"));
}

#[test]
fn given_a_login_when_checked_then_what_it_may_is_said_and_its_token_is_not() {
    let fake = Fake::start(true, two());
    let check = || within(of(&fake).check(NOW));
    let lines = check().unwrap();
    assert!(
        lines.iter().any(|line| line.contains("recorded there as deploy-bot")) && !lines.concat().contains("s3cret"),
        "{lines:?}"
    );
    fake.memory.lock().unwrap().may =
        json!([{"permission": "UPDATE_FEATURE_ENVIRONMENT", "project": "default", "environment": "production"}]);
    assert!(check().unwrap().iter().any(|line| line == "deploy-bot lacks UPDATE_FEATURE_STRATEGY in production"));
    fake.memory.lock().unwrap().may =
        json!([{"permission": "UPDATE_FEATURE_ENVIRONMENT", "project": "default", "environment": "development"}]);
    let denied = check().unwrap_err();
    assert!(
        matches!(&denied, Trouble::Denied(words) if words.contains("may not change checkout in production")),
        "{denied:?}"
    );
    fake.memory.lock().unwrap().may = json!([{"permission": "ADMIN"}]);
    fake.memory.lock().unwrap().guarded = true;
    assert!(check().unwrap().iter().any(|line| line.contains("2 approvals")));
    fake.fails("/api/frontend", status(401, "no"), false);
    assert!(matches!(check(), Err(Trouble::Denied(_))));
    assert!(fake.writes().is_empty());
}

#[test]
fn given_a_client_when_observed_then_what_is_not_listed_is_off_or_unknown() {
    let fake = Fake::start(true, two());
    let whom = Whom::parse("customer:a b&c", "").unwrap();
    assert_eq!(within(of(&fake).observe(Some(&whom), NOW)).unwrap().as_deref(), Some("true"));
    let asked = fake.server.asked();
    let last = asked.last().unwrap();
    assert_eq!(
        last.line,
        "GET /api/frontend?appName=quarterdeck&environment=production&properties%5Bcustomer%5D=a+b%26c"
    );
    assert_eq!(last.header("authorization"), Some("*:production.client"));
    // whoever is nobody has a user too: where the lot is drawn by user, nobody without one is let in
    within(of(&fake).observe(None, NOW)).unwrap();
    let nobody = fake.server.asked().last().unwrap().line.clone();
    assert!(nobody.ends_with("&sessionId=quarterdeck&userId=quarterdeck"), "{nobody}");
    fake.others(|flag| place(flag)["enabled"] = json!(false));
    assert_eq!(within(of(&fake).observe(None, NOW)).unwrap().as_deref(), Some("false (off or unknown)"));
    for manner in [status(200, "<html>"), good("{}"), Manner::Silent, status(503, "no")] {
        fake.fails("/api/frontend", manner, false);
        assert!(within(of(&fake).observe(None, NOW)).is_err());
        assert_eq!(within(of(&fake).look(NOW)).unwrap().observed, None, "what it serves is known all the same");
    }
}

#[test]
fn given_its_record_when_changes_are_asked_for_then_each_says_what_was_served_before_and_after() {
    let mut lowered = rollout("one", "5", json!([]));
    let fake = Fake::start(true, vec![lowered.clone()]);
    let event = |minute: i64, kind: &str, by: &str, place: Value, data: Value, before: Value| {
        let at = chrono::DateTime::from_timestamp_micros(NOW.0 - minute * MINUTE).unwrap().to_rfc3339();
        json!({"type": kind, "createdAt": at, "createdBy": by, "environment": place, "data": data, "preData": before})
    };
    let old = std::mem::replace(&mut lowered, rollout("one", "100", json!([])));
    let there = json!("production");
    fake.memory.lock().unwrap().events = vec![
        event(1, "feature-environment-enabled", "ana\u{1b}[2J", there.clone(), Value::Null, Value::Null),
        event(1, "feature-strategy-update", "ana\u{1b}[2J", there.clone(), old, lowered),
        event(9, "feature-environment-disabled", "ben", there.clone(), Value::Null, Value::Null),
        event(12, "feature-environment-disabled", "ben", json!("development"), Value::Null, Value::Null),
        event(15, "feature-tagged", "ben", Value::Null, Value::Null, Value::Null),
        event(20, "feature-archived", "cho", Value::Null, Value::Null, Value::Null),
        event(99, "feature-environment-disabled", "dan", there, Value::Null, Value::Null),
    ];
    let told = within(of(&fake).changes(Time(NOW.0 - 60 * MINUTE), NOW, NOW)).unwrap();
    let said: Vec<_> = told.changes.iter().map(|one| (one.change.words(), one.change.by.clone().unwrap())).collect();
    let expected = [
        ("flag checkout in production, archived", "cho"),
        ("flag checkout in production from true to false", "ben"),
        ("flag checkout in production, strategies from false to true for 5 %", "ana"),
    ];
    assert_eq!(said, expected.map(|(words, by)| (words.to_owned(), by.to_owned())));
    let sight = within(of(&fake).look(NOW)).unwrap();
    assert_eq!(sight.changed, Some((Time(NOW.0 - MINUTE), "ana".to_owned())));
    let notes = planned(&of(&fake), &Wanted::Stop).notes;
    assert!(
        notes.contains(&"ana changed it 1 min ago".to_owned()) && !notes.iter().any(|note| note.starts_with("never")),
        "{notes:?}"
    );
}

#[test]
fn given_a_family_when_planned_then_what_depends_on_it_is_named() {
    let fake = Fake::start(true, two());
    fake.others(|flag| {
        flag["children"] = json!(["basket", "coupons\u{1b}[2J"]);
        flag["dependencies"] = json!([{"feature": "shop", "enabled": true}]);
        place(flag)["yes"] = json!(1200);
    });
    let notes = planned(&of(&fake), &Wanted::Stop).notes;
    assert!(notes.contains(&"stops as well what depends on it: basket, coupons".to_owned()), "{notes:?}");
    assert!(notes.contains(&"true only where shop is on".to_owned()), "{notes:?}");
    assert!(notes.contains(&"in the last hour answered 1200 × true, 0 × false".to_owned()), "{notes:?}");
    assert!(within(of(&fake).look(NOW)).unwrap().words.contains("only where shop is on"));
    // what is only good to know may fail
    fake.fails("/api/admin/search/events", Manner::Rude, false);
    planned(&of(&fake), &Wanted::Stop);
}

#[test]
fn given_a_state_of_another_flag_when_put_back_then_refused() {
    let fake = Fake::start(true, two());
    let other = planned(&of(&fake), &Wanted::Stop).before.replace("checkout", "basket");
    let words = within(of(&fake).plan(&Wanted::Put(other), NOW)).unwrap_err().words().to_owned();
    assert!(words.contains("is basket in production, and this is checkout in production"), "{words}");
    assert!(within(of(&fake).plan(&Wanted::Put("{".into()), NOW)).is_err());
}

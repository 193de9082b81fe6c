//! LaunchDarkly when something is wrong: approvals, races, schedules in the way, no clear answer. Nothing is ever sent twice.

use super::launchdarkly::{
    DEFAULT, MILLIS, NOW, carry, does, fake, look, of, percent, plan, reason, sentences, snapshot, user, within,
};
use super::launchdarkly_fake::{Fake, rule};
use super::loopback::{Loopback, Manner, json as good, nobody, status};
use quarterdeck::incident::sought::Found;
use quarterdeck::incident::switch::{Wanted, Whom};
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::outcome::CarryOutcome;
use serde_json::{Value, json};
use std::time::Duration;

const FLAG: &str = "GET /api/v2/flags/shop/checkout";
const PATCH: &str = "PATCH /api/v2/flags/shop/checkout";
const REQUESTS: &str = "POST /api/v2/projects/shop/flags/checkout/environments/production/approval-requests";
const SCHEDULES: &str = "POST /api/v2/projects/shop/flags/checkout/environments/production/scheduled-changes";

fn problem(status: u16, code: &str, message: &str) -> Manner {
    let body = json!({"code": code, "message": message, "id": "req-9"}).to_string();
    Manner::Whole(status, vec![("content-type", "application/json".into())], body.into())
}

fn html(code: u16) -> Manner {
    status(code, "<html>\u{1b}[2JPlease log in</html>")
}

/// Manners in which nobody can say what happened.
fn unclear() -> Vec<Manner> {
    vec![
        Manner::Silent,
        Manner::Rude,
        Manner::Drip,
        Manner::Cut(b"{\"key\":".to_vec()),
        html(500),
        html(503),
        problem(503, "unavailable", "try later"),
        // where they lead on to, and what they do not document, says nothing of what became of it
        Manner::Whole(302, vec![("location", "https://elsewhere.example/".into())], Vec::new()),
        Manner::Whole(303, vec![("location", "/elsewhere".into())], Vec::new()),
        html(408),
        html(410),
        Manner::Raw(b"rubbish".to_vec()),
    ]
}

/// The words of an outcome of this kind.
fn is(outcome: &CarryOutcome, kind: &str) -> String {
    let (found, words) = match outcome {
        CarryOutcome::Done { words, .. } => ("done", words),
        CarryOutcome::Refused(words) => ("refused", words),
        CarryOutcome::NeedsApproval(words) => ("approval", words),
        CarryOutcome::Conflict(words) => ("conflict", words),
        CarryOutcome::Already { words, .. } => ("already", words),
        CarryOutcome::Unsure(words) => ("unsure", words),
    };
    assert_eq!(found, kind, "{words}");
    if !["done", "already"].contains(&kind) {
        sentences(words);
    }
    words.clone()
}

/// The same with a short deadline.
fn quick(fake: &Fake, wanted: &Wanted, before: &str) -> CarryOutcome {
    let of = of(&fake.server.url(), "off").within(Duration::from_millis(1_200));
    within(of.carry(wanted, before, &reason(1), NOW))
}

#[test]
fn given_an_environment_that_wants_approval_when_an_act_is_tried_then_it_is_offered_asked_for_once_and_applied_there() {
    for guard in [405, 403] {
        let fake = fake();
        fake.with(|memory| memory.guard = Some(guard));
        let shown = plan(&fake, "off", &Wanted::Stop);
        assert!(shown.approval.as_ref().is_some_and(|words| words.contains("pproval is required")), "{shown:?}");
        let words = is(&carry(&fake, "off", &Wanted::Stop, &shown.before), "approval");
        assert!(words.contains("Nothing was changed. Ask for the approval"), "{words}");
        let ask = |count: u64| {
            within(of(&fake.server.url(), "off").request(&Wanted::Stop, &shown.before, &reason(count), NOW))
        };
        let CarryOutcome::Done { value, words, reference } = ask(1) else { panic!() };
        assert_eq!(
            (value.as_str(), words.as_str(), reference.as_deref()),
            ("true", "approval asked for: turn it off", Some("request req0"))
        );
        let sent = fake.with(|memory| memory.requests[0].clone());
        assert_eq!(sent["instructions"], json!([{"kind": "turnFlagOff"}]));
        assert!(sent["description"].as_str().unwrap().starts_with("incident 412, Ana: refusals (quarterdeck "));
        // the same act asked for again is one request
        assert_eq!(is(&ask(1), "done"), "asked for already: pending");
        assert_eq!(fake.with(|memory| memory.requests.len()), 1);
        let seen = look(&fake, "off");
        assert_eq!(
            (seen.value.as_str(), seen.words.as_str()),
            ("true", "on: serves true; approval asked for: pending")
        );
        fake.approve();
        let seen = look(&fake, "off");
        assert_eq!((seen.value.as_str(), seen.words.as_str()), ("false", "off: serves false"));
        // what the request was worked out from is gone
        assert_eq!(is(&ask(2), "done"), "it is so already, and nobody was asked");
    }
}

#[test]
fn given_a_plan_when_its_environment_says_how_many_approve_then_that_is_said_for_the_flags_it_is_about() {
    let fake = fake();
    let needs = |tags: Value| {
        let settings = json!({"required": true, "minNumApprovals": 1, "requiredApprovalTags": tags});
        fake.with(|memory| _ = memory.environment.insert("approvalSettings".into(), settings));
        plan(&fake, "off", &Wanted::Stop).approval
    };
    let words = "1 person in environment production have to approve it there";
    assert_eq!(needs(json!([])).as_deref(), Some(words));
    assert_eq!(needs(json!(["shop"])).as_deref(), Some(words));
    assert_eq!(needs(json!(["other"])), None);
}

#[test]
fn given_a_request_when_it_goes_wrong_then_it_is_certain_or_unsure_and_never_sent_twice() {
    let fake = fake();
    let before = snapshot(&fake);
    let ask = || {
        let of = of(&fake.server.url(), "off").within(Duration::from_millis(1_200));
        within(of.request(&Wanted::Stop, &before, &reason(1), NOW))
    };
    for manner in unclear().into_iter().chain([good("{}"), html(200)]) {
        let (writes, told) = (fake.writes(), format!("{manner:?}"));
        fake.odd(REQUESTS, manner);
        assert!(is(&ask(), "unsure").contains("not asked for again"), "{told}");
        assert_eq!(fake.writes(), writes + 1, "{told}");
    }
    for code in [400, 401, 403, 404, 409, 429] {
        let writes = fake.writes();
        fake.odd(REQUESTS, problem(code, "some_code", "some words"));
        let kind = if code == 409 { "conflict" } else { "refused" };
        assert!(is(&ask(), kind).contains("No approval was asked for."));
        assert_eq!(fake.writes(), writes + 1);
    }
    fake.edit(|config| config["rules"] = json!([rule("r1", "country", &["ch"], 0)]));
    let writes = fake.writes();
    assert!(is(&ask(), "conflict").contains("Look at it again and decide anew."));
    assert_eq!(fake.writes(), writes);
}

#[test]
fn given_that_somebody_changes_it_between_plan_and_act_when_carried_then_nothing_is_sent() {
    type Edit = fn(&mut Value);
    let edits: [(Edit, &str); 6] = [
        (|config| config["on"] = json!(false), "serves false now, not true as when"),
        (|config| config["fallthrough"] = json!({"variation": 1}), "serves false now, not true as when"),
        (|config| config["rules"] = json!([rule("r1", "country", &["ch"], 0)]), "serves true still, but its rules"),
        (
            |config| config["targets"] = json!([{"contextKind": "user", "variation": 1, "values": ["bob"]}]),
            "serves true still",
        ),
        (|config| config["offVariation"] = json!(0), "serves true still"),
        (|config| config["prerequisites"] = json!([{"key": "basket", "variation": 0}]), "serves true still"),
    ];
    for (edit, words) in edits {
        let fake = fake();
        let shown = plan(&fake, "off", &user("alice"));
        fake.edit(edit);
        let wanted = if fake.config()["on"] == json!(false) { percent(5_000) } else { user("alice") };
        let said = is(&carry(&fake, "off", &wanted, &shown.before), "conflict");
        assert!(said.contains(words) && said.contains("Nothing was changed."), "{said}");
        assert_eq!(fake.writes(), 0);
    }
    // what changes by itself is no other state
    let fake = fake();
    let shown = plan(&fake, "off", &Wanted::Stop);
    fake.edit(|config| {
        (config["lastModified"], config["trackEvents"], config["salt"]) = (json!(1), json!(true), json!("x"))
    });
    is(&carry(&fake, "off", &Wanted::Stop, &shown.before), "done");
    // somebody stopped it already: nothing is sent
    assert_eq!(
        is(&carry(&fake, "off", &Wanted::Stop, &shown.before), "already"),
        "it was so already: nothing was sent"
    );
    assert_eq!(fake.writes(), 1);
    for text in ["", "{", "null"] {
        is(&carry(&fake, "off", &Wanted::Restore, text), "conflict");
    }
    assert_eq!(fake.writes(), 1);
}

#[test]
fn given_a_race_when_an_act_is_refused_for_it_then_the_new_state_is_said_and_it_is_not_sent_again() {
    let fake = fake();
    let shown = plan(&fake, "off", &percent(5_000));
    fake.with(|memory| memory.race = true);
    let words = is(&carry(&fake, "off", &percent(5_000), &shown.before), "conflict");
    assert!(words.contains("(409)") && words.contains("It serves false now: look at it and decide anew."), "{words}");
    assert_eq!((fake.writes(), fake.times(PATCH)), (1, 2));
    assert_eq!(fake.config()["on"], json!(false));
    fake.with(|memory| memory.race = true);
    let trouble = within(of(&fake.server.url(), "off").plan(&Wanted::Restore, NOW)).unwrap_err();
    assert!(trouble.words().contains("somebody else is changing it"), "{trouble:?}");
}

#[test]
fn given_a_revert_on_their_side_when_its_time_comes_then_it_is_as_it_was_and_what_would_break_it_is_refused() {
    let fake = fake();
    fake.edit(|config| config["targets"] = json!([{"contextKind": "user", "variation": 0, "values": ["vip"]}]));
    let was = snapshot(&fake);
    let schedule = |put: &str, at: Time| within(of(&fake.server.url(), "off").schedule(put, at, &reason(2), NOW));
    let later = NOW.plus(Span::minutes(30));
    assert!(is(&schedule(&was, later), "refused").contains("Nothing is scheduled."), "there is nothing to put back");
    does(&fake, "off", &user("vip"));
    does(&fake, "off", &Wanted::Stop);
    assert!(is(&schedule(&was, NOW), "refused").contains("is past"));
    let CarryOutcome::Done { value, words, reference } = schedule(&was, later) else { panic!() };
    assert_eq!((value.as_str(), reference.as_deref()), ("false", Some("schedule sch0")));
    assert_eq!(words, "at 11:23 UTC there: take the target user vip from false; target user vip with true; turn it on");
    let sent = fake.with(|memory| memory.schedules[0].clone());
    assert_eq!(sent["executionDate"].as_i64(), Some(MILLIS + 30 * 60_000));
    // it is said beforehand, and what would break it is theirs to refuse
    let trouble = within(of(&fake.server.url(), "off").plan(&Wanted::Restore, NOW)).unwrap_err();
    assert!(
        trouble.words().contains("a pending scheduled change") && trouble.words().contains("See what waits there"),
        "{trouble:?}"
    );
    let words = is(&carry(&fake, "off", &Wanted::Restore, &plan(&fake, "off", &Wanted::Stop).before), "refused");
    assert!(words.contains("it is not overridden from here"), "{words}");
    let shown = plan(&fake, "off", &Wanted::Stop);
    let note = "scheduled there for 11:23: removeTargets, addTargets, turnFlagOn";
    assert!(shown.notes.iter().any(|one| one == note), "{:?}", shown.notes);
    fake.tick(MILLIS + 30 * 60_000);
    assert_eq!((snapshot(&fake), fake.serves("user", "vip")), (was, json!(true)));
}

const EXPIRING: &str = "PATCH /api/v2/flags/shop/checkout/expiring-targets/production";

#[test]
fn given_an_exclusion_with_an_end_when_it_is_on_their_side_then_the_target_goes_away_there_and_nothing_else() {
    for mistyped in [false, true] {
        let fake = fake();
        fake.with(|memory| memory.mistyped = mistyped);
        fake.edit(|config| config["targets"] = json!([{"contextKind": "user", "variation": 1, "values": ["bob"]}]));
        let was = snapshot(&fake);
        let device = Wanted::Exclude(Whom { kind: "device".into(), key: "till 9".into() });
        does(&fake, "off", &device);
        let later = NOW.plus(Span::minutes(30));
        let ended = within(of(&fake.server.url(), "off").schedule(&was, later, &reason(2), NOW));
        let CarryOutcome::Done { words, reference, .. } = &ended else { panic!("{ended:?}") };
        assert_eq!(words, "at 11:23 UTC there: take the target device till 9 from false");
        assert_eq!(reference.as_deref(), Some("expiring target exp0"));
        assert_eq!((fake.times(SCHEDULES), fake.times(EXPIRING)), (0, 1));
        assert_eq!(fake.with(|memory| memory.expiring[0]["expirationDate"].as_i64()), Some(MILLIS + 30 * 60_000));
        assert_eq!(fake.serves("device", "till 9"), json!(false));
        fake.tick(MILLIS + 30 * 60_000);
        fake.with(|memory| memory.mistyped = false);
        assert_eq!((fake.serves("device", "till 9"), fake.serves("user", "bob")), (json!(true), json!(false)));
        assert_eq!(snapshot(&fake), was);
    }
    // one that was targeted elsewhere is put back there, which no expiring target does
    let fake = fake();
    fake.edit(|config| config["targets"] = json!([{"contextKind": "user", "variation": 0, "values": ["vip"]}]));
    let was = snapshot(&fake);
    does(&fake, "off", &user("vip"));
    let ended = within(of(&fake.server.url(), "off").schedule(&was, NOW.plus(Span::minutes(5)), &reason(2), NOW));
    assert!(matches!(ended, CarryOutcome::Done { .. }), "{ended:?}");
    assert_eq!((fake.times(SCHEDULES), fake.times(EXPIRING)), (1, 0));
}

#[test]
fn given_an_end_that_they_do_not_take_when_one_was_excluded_then_it_is_said_and_it_stays_excluded() {
    let fake = fake();
    let was = does(&fake, "off", &user("alice")).before;
    let expire = || {
        let of = of(&fake.server.url(), "off").within(Duration::from_millis(1_200));
        within(of.schedule(&was, NOW.plus(Span::minutes(5)), &reason(2), NOW))
    };
    let failed = json!({"items": [], "failedInstructions": 1, "errors": [{"instructionIndex": 0, "message": "not\u{1b} targeted"}]});
    let unlisted = json!({"items": [], "successfulInstructions": 1}).to_string();
    for manner in unclear().into_iter().chain([good("{}"), good(&unlisted)]) {
        let (writes, told) = (fake.writes(), format!("{manner:?}"));
        fake.odd(EXPIRING, manner);
        assert!(is(&expire(), "unsure").contains("not scheduled again"), "{told}");
        assert_eq!(fake.writes(), writes + 1, "{told}");
    }
    for (manner, kind) in [
        (good(&failed.to_string()), "refused"),
        (problem(400, "invalid_request", "some words"), "refused"),
        (problem(401, "unauthorized", "some words"), "refused"),
        (problem(403, "forbidden", "some words"), "refused"),
        (problem(404, "not_found", "some words"), "refused"),
        (problem(405, "method_not_allowed", "some words"), "approval"),
        (problem(409, "some_code", "some words"), "conflict"),
        (problem(429, "rate_limited", "some words"), "refused"),
    ] {
        let (writes, told) = (fake.writes(), format!("{manner:?}"));
        fake.odd(EXPIRING, manner);
        assert!(is(&expire(), kind).contains("Nothing is scheduled."), "{told}");
        assert_eq!(fake.writes(), writes + 1, "{told}");
    }
    assert_eq!((fake.serves("user", "alice"), fake.with(|memory| memory.expiring.len())), (json!(false), 0));
}

#[test]
fn given_a_schedule_when_it_goes_wrong_then_it_is_certain_or_unsure_and_never_sent_twice() {
    let fake = fake();
    let was = does(&fake, "off", &Wanted::Stop).before;
    let schedule = || {
        let of = of(&fake.server.url(), "off").within(Duration::from_millis(1_200));
        within(of.schedule(&was, NOW.plus(Span::minutes(5)), &reason(2), NOW))
    };
    let another = json!({"_id": "sch7", "executionDate": MILLIS + 1}).to_string();
    let unlisted = json!({"_id": "sch7", "executionDate": MILLIS + 300_000}).to_string();
    for manner in unclear().into_iter().chain([good("{}"), good(&another), good(&unlisted)]) {
        let (writes, told) = (fake.writes(), format!("{manner:?}"));
        fake.odd(SCHEDULES, manner);
        assert!(is(&schedule(), "unsure").contains("not scheduled again"), "{told}");
        assert_eq!(fake.writes(), writes + 1, "{told}");
    }
    for (code, kind) in [
        (400, "refused"),
        (401, "refused"),
        (403, "refused"),
        (404, "refused"),
        (405, "approval"),
        (409, "conflict"),
        (429, "refused"),
    ] {
        let writes = fake.writes();
        let word = if code == 405 { "method_not_allowed" } else { "some_code" };
        fake.odd(SCHEDULES, problem(code, word, "some words"));
        assert!(is(&schedule(), kind).contains("Nothing is scheduled."));
        assert_eq!(fake.writes(), writes + 1);
    }
}

#[test]
fn given_a_no_when_an_act_is_sent_then_it_is_certain_that_nothing_changed_and_it_is_sent_once() {
    for (code, manner, words) in [
        (400, problem(400, "invalid_request", "no such thing"), "did not take it (400): no such thing [req-9]"),
        (401, problem(401, "unauthorized", "bad token"), "does not know us (401)"),
        (403, problem(403, "forbidden", "not yours"), "does not let us (403): not yours"),
        (404, problem(404, "not_found", "gone"), "knows no flag checkout in project shop"),
        (405, html(405), "did not take it (405)"),
        (409, problem(409, "optimistic_locking_error", "race"), "somebody else changed it"),
        (422, problem(422, "unprocessable", "odd patch"), "did not take it (422): odd patch"),
        (429, problem(429, "rate_limited", "slow"), "asks us to slow down (429)"),
    ] {
        let fake = fake();
        let shown = plan(&fake, "off", &Wanted::Stop);
        fake.odd(PATCH, manner);
        let kind = if code == 409 { "conflict" } else { "refused" };
        let said = is(&carry(&fake, "off", &Wanted::Stop, &shown.before), kind);
        assert!(said.contains(words), "{code}: {said}");
        assert!(code != 429 || said.contains("There is room again at "), "{said}");
        assert_eq!((fake.writes(), fake.config()["on"].clone()), (1, json!(true)), "{code}");
    }
}

#[test]
fn given_no_clear_answer_when_an_act_is_sent_then_it_is_unsure_whether_it_was_done_or_not_and_never_sent_again() {
    for is_done in [false, true] {
        for manner in unclear() {
            let fake = fake();
            let shown = plan(&fake, "off", &Wanted::Stop);
            let told = format!("{manner:?}");
            if is_done {
                fake.done_but(PATCH, manner)
            } else {
                fake.odd(PATCH, manner)
            }
            let said = is(&quick(&fake, &Wanted::Stop, &shown.before), "unsure");
            assert!(said.contains("not sent again"), "{told}: {said}");
            assert_eq!((fake.writes(), fake.config()["on"].clone()), (1, json!(!is_done)), "{told}");
            // whoever looks sees which it was
            assert_eq!(look(&fake, "off").value, if is_done { "false" } else { "true" });
        }
    }
}

#[test]
fn given_no_clear_answer_when_it_is_looked_for_then_what_is_served_by_it_is_compared_and_no_version() {
    let fake = fake();
    let before = snapshot(&fake);
    let of = || of(&fake.server.url(), "off");
    let compared = |wanted: &Wanted, before: &str| within(of().compare(wanted, before, NOW)).unwrap();
    fake.done_but(PATCH, Manner::Rude);
    assert_eq!(compared(&Wanted::Stop, &before), Found::AsBefore);
    is(&quick(&fake, &Wanted::Stop, &before), "unsure");
    assert_eq!(compared(&Wanted::Stop, &before), Found::AsWanted);
    let (put, stopped) = (Wanted::Put(before.clone()), snapshot(&fake));
    assert_eq!(compared(&put, &stopped), Found::AsBefore);
    fake.edit(|config| config["on"] = json!(true));
    assert_eq!(compared(&put, &stopped), Found::AsWanted, "its version is another");
    assert_eq!(compared(&Wanted::Stop, &before), Found::AsBefore);
    fake.edit(|config| config["rules"] = json!([rule("r1", "country", &["ch"], 0)]));
    assert_eq!(compared(&put, &stopped), Found::Otherwise, "one word for both");
    assert_eq!(compared(&Wanted::Stop, &before), Found::Otherwise);
    assert_eq!(compared(&put, "{"), Found::Otherwise);
}

#[test]
fn given_a_yes_that_is_not_there_when_read_back_then_it_is_unsure() {
    let wrong = |fake: &Fake| fake.with(|memory| memory.flags["pre-checkout"].to_string());
    // they say yes and do nothing, or speak of another flag
    for is_wrong in [false, true] {
        let fake = fake();
        let shown = plan(&fake, "off", &Wanted::Stop);
        let text = if is_wrong { wrong(&fake) } else { "{}".into() };
        fake.odd(PATCH, good(&text));
        let said = is(&carry(&fake, "off", &Wanted::Stop, &shown.before), "unsure");
        assert!(
            said.contains("no answer of LaunchDarkly's: the answer ") && said.contains("may be changed or not"),
            "{said}"
        );
        assert_eq!(fake.writes(), 1);
    }
    // somebody who answers in their place
    let fake = super::launchdarkly::fake();
    let shown = plan(&fake, "off", &Wanted::Stop);
    fake.odd(PATCH, html(200));
    let said = is(&carry(&fake, "off", &Wanted::Stop, &shown.before), "unsure");
    assert!(said.contains("no answer of LaunchDarkly's: the answer is not JSON"), "{said}");
    assert!(!said.contains("Somebody"), "{said}");
    // a yes about another flag, and it is there: reading back proves it
    let fake = super::launchdarkly::fake();
    let shown = plan(&fake, "off", &Wanted::Stop);
    let text = wrong(&fake);
    fake.done_but(PATCH, good(&text));
    is(&carry(&fake, "off", &Wanted::Stop, &shown.before), "done");
    // it cannot be read back: the second reading, after the one before the act
    let other = wrong(&fake);
    let ways = [html(200), status(502, ""), problem(404, "not_found", "gone"), Manner::Silent, good(&other)];
    for manner in ways {
        let fake = super::launchdarkly::fake();
        let shown = plan(&fake, "off", &Wanted::Stop);
        let line = fake.with(|memory| memory.flags["checkout"].clone());
        fake.odd(FLAG, good(&line.to_string()));
        fake.odd(FLAG, manner);
        let said = is(&quick(&fake, &Wanted::Stop, &shown.before), "unsure");
        assert!(said.contains("took it (turn it off), but it cannot be read back"), "{said}");
        assert_eq!((fake.writes(), fake.config()["on"].clone()), (1, json!(false)));
    }
    // a moment late is read again
    let fake = super::launchdarkly::fake();
    let shown = plan(&fake, "off", &Wanted::Stop);
    let old = fake.with(|memory| memory.flags["checkout"].to_string());
    for _ in 0..3 {
        fake.odd(FLAG, good(&old));
    }
    is(&carry(&fake, "off", &Wanted::Stop, &shown.before), "done");
    assert_eq!(fake.writes(), 1);
}

#[test]
fn given_a_preview_that_differs_when_planned_then_it_is_refused() {
    let fake = fake();
    let old = fake.with(|memory| memory.flags["checkout"].to_string());
    fake.odd(PATCH, good(&old));
    let trouble = within(of(&fake.server.url(), "off").plan(&Wanted::Stop, NOW)).unwrap_err();
    assert!(
        matches!(&trouble, Trouble::Refused(words) if words.contains("its preview serves true and not false")),
        "{trouble:?}"
    );
    fake.odd(PATCH, good(&old));
    let trouble = within(of(&fake.server.url(), "off").plan(&user("alice"), NOW)).unwrap_err();
    assert!(trouble.words().contains("other rules or targets"), "{trouble:?}");
}

#[test]
fn given_something_wrong_when_looked_at_then_it_is_the_trouble_it_is_in_three_sentences_and_harmless() {
    let fake = fake();
    let summary = json!({"key": "checkout", "variations": [{"_id": "a", "value": true}], "environments": {"production": {"on": true, "version": 1}}});
    let odd = |change: &dyn Fn(&mut Value)| {
        let mut flag = fake.with(|memory| memory.flags["checkout"].clone());
        change(&mut flag);
        good(&flag.to_string())
    };
    let cases = [
        (problem(401, "unauthorized", "no\u{1b}[31mbody"), "denied", "does not know us (401): nobody"),
        (problem(403, "forbidden", "x"), "denied", "does not let us (403)"),
        (problem(404, "not_found", "x"), "refused", "knows no flag checkout in project shop"),
        (problem(429, "rate_limited", "x"), "slowed", "slow down (429)"),
        (html(500), "unreachable", "failed (500)"),
        (problem(503, "x", "y"), "unreachable", "failed (503): y"),
        (html(200), "garbled", "the answer is not JSON (the answer: \"<html>Please log in</html>\")"),
        (good("[]"), "garbled", "the answer is no object"),
        (good(&summary.to_string()), "garbled", "it is a summary"),
        (odd(&|flag| flag["key"] = json!("basket")), "garbled", "about another flag, basket"),
        (odd(&|flag| flag["environments"] = json!({})), "garbled", "the answer has no environment production"),
        (
            odd(&|flag| flag["environments"]["production"]["on"] = Value::Null),
            "garbled",
            "does not say whether it is on",
        ),
        (
            odd(&|flag| flag["environments"]["production"]["offVariation"] = json!(9)),
            "garbled",
            "a variation that the flag does not have",
        ),
        (odd(&|flag| flag["variations"][0]["_id"] = Value::Null), "garbled", "a variation has no id"),
        (Manner::Rude, "unreachable", ""),
        (Manner::Cut(b"{".to_vec()), "unreachable", "did not answer whole"),
        (Manner::Silent, "unreachable", "did not answer within"),
        (Manner::Drip, "unreachable", "did not answer within"),
    ];
    for (manner, kind, words) in cases {
        let told = format!("{manner:?}");
        fake.odd(FLAG, manner);
        let trouble = within(of(&fake.server.url(), "off").within(Duration::from_millis(1_200)).look(NOW)).unwrap_err();
        let found = match &trouble {
            Trouble::Denied(_) => "denied",
            Trouble::Slowed(..) => "slowed",
            Trouble::Unreachable(_) => "unreachable",
            Trouble::Refused(_) => "refused",
            Trouble::Beyond(_) => "beyond",
            Trouble::Garbled(_) => "garbled",
            Trouble::Unsure(_) => "unsure",
        };
        sentences(trouble.words());
        assert_eq!((found, trouble.words().contains(words)), (kind, true), "{told}: {trouble:?}");
    }
    let gone = within(of(&nobody(), "off").look(NOW)).unwrap_err();
    assert!(matches!(gone, Trouble::Unreachable(_)), "{gone:?}");
    is(&within(of(&nobody(), "off").carry(&Wanted::Stop, "{}", &reason(1), NOW)), "refused");
    // what is only said beside it keeps nobody from seeing
    for line in ["POST /api/v2/projects/shop/environments", "GET /api/v2/projects/shop/flags", "GET /api/v2/auditlog"] {
        fake.odd(line, html(500));
    }
    let seen = look(&fake, "off");
    assert_eq!((seen.value.as_str(), seen.observed, seen.words.as_str()), ("true", None, "on: serves true"));
    assert_eq!(fake.writes(), 0);
}

#[test]
fn given_a_flag_that_was_deleted_or_archived_or_an_environment_nobody_knows_when_carried_then_it_is_refused() {
    for n in 0..3 {
        let fake = fake();
        let shown = plan(&fake, "off", &Wanted::Stop);
        fake.with(|memory| match n {
            0 => _ = memory.flags.remove("checkout"),
            1 => memory.flags["checkout"]["archived"] = json!(true),
            _ => _ = memory.flags["checkout"]["environments"].as_object_mut().unwrap().remove("production"),
        });
        let said = is(&carry(&fake, "off", &Wanted::Stop, &shown.before), "refused");
        let words = [
            "See whether it was renamed or deleted.",
            "it is archived there",
            "the answer has no environment production",
        ][n];
        assert!(said.contains(words), "{said}");
        if n == 1 {
            assert!(look(&fake, "off").words.starts_with("archived, on"));
        }
        assert_eq!(fake.writes(), 0);
    }
}

#[test]
fn given_their_words_when_shown_then_they_are_harmless_and_short() {
    let long = "x\u{1b}]0;title\u{7}\u{202e}".repeat(400);
    let server = Loopback::start(move |_| problem(403, "forbidden", &long));
    let trouble = within(of(&server.url(), "off").look(NOW)).unwrap_err();
    sentences(trouble.words());
    assert!(trouble.words().chars().count() < 600, "{}", trouble.words());
    let fake = fake();
    fake.with(|memory| {
        memory.flags["checkout"]["variations"][0]["value"] =
            json!({"a\u{1b}[31m": "\u{202e}".repeat(9), "b": "y".repeat(500)})
    });
    fake.edit(|config| _ = config.as_object_mut().unwrap().remove("offVariation"));
    let shown = plan(&fake, "off", &Wanted::Stop);
    for words in [&shown.from, &shown.to, &shown.changes].into_iter().chain(&shown.notes) {
        assert!(words.chars().count() < 200 && !words.chars().any(|c| c.is_control() || c == '\u{202e}'), "{words:?}");
    }
    assert_eq!(shown.to, DEFAULT);
}

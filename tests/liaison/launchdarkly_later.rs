//! An end that LaunchDarkly keeps, moved to a later time: there, once, and it ends at the old time where that is refused.

use super::launchdarkly::{MILLIS, NOW, does, fake, of, reason, sentences, snapshot, user, within};
use super::launchdarkly_fake::Fake;
use super::loopback::{Manner, json as good, status};
use quarterdeck::incident::switch::Wanted;
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::liaison::outcome::CarryOutcome;
use serde_json::json;
use std::time::Duration;

const SCHEDULED: &str = "PATCH /api/v2/projects/shop/flags/checkout/environments/production/scheduled-changes/sch0";
const EXPIRING: &str = "PATCH /api/v2/flags/shop/checkout/expiring-targets/production";
const LATER: Time = Time(NOW.0 + 45 * 60_000_000);
/// The same in milliseconds since 1970.
const DATE: i64 = MILLIS + 45 * 60_000;

fn extend(fake: &Fake, there: &str, at: Time) -> CarryOutcome {
    let of = of(&fake.server.url(), "off").within(Duration::from_millis(1_200));
    within(of.extend(there, at, &reason(3), NOW))
}

/// Stops for this one or for everybody, with an end in half an hour there; what they call it.
fn ending(fake: &Fake, wanted: &Wanted) -> String {
    let was = snapshot(fake);
    does(fake, "off", wanted);
    let ended = within(of(&fake.server.url(), "off").schedule(&was, NOW.plus(Span::minutes(30)), &reason(2), NOW));
    let CarryOutcome::Done { reference: Some(there), .. } = ended else { panic!("{ended:?}") };
    there
}

fn problem(code: u16, word: &str) -> Manner {
    let body = json!({"code": word, "message": "some words", "id": "req-9"}).to_string();
    Manner::Whole(code, vec![("content-type", "application/json".into())], body.into())
}

#[test]
fn given_an_end_that_they_keep_when_it_is_moved_then_it_ends_there_at_the_new_time_and_not_at_the_old_one() {
    for wanted in [Wanted::Stop, user("alice")] {
        let fake = fake();
        let there = ending(&fake, &wanted);
        let writes = fake.writes();
        let CarryOutcome::Done { words, reference, .. } = extend(&fake, &there, LATER) else { panic!("{there}") };
        assert_eq!((words.as_str(), reference), ("ends at 11:38 UTC there", Some(there.clone())));
        assert_eq!(fake.writes(), writes + 1);
        // and once more, by the same name
        assert!(matches!(extend(&fake, &there, LATER.plus(Span::minutes(1))), CarryOutcome::Done { .. }));
        fake.tick(DATE);
        assert_eq!(fake.serves("user", "alice"), json!(false), "{there}");
        fake.tick(DATE + 60_000);
        assert_eq!(fake.serves("user", "alice"), json!(true), "{there}");
    }
}

#[test]
fn given_an_end_that_is_there_no_more_when_it_is_moved_then_nothing_is_sent() {
    let fake = fake();
    let there = ending(&fake, &Wanted::Stop);
    let writes = fake.writes();
    for (there, at, words) in [
        ("schedule sch7", LATER, "does not list schedule sch7 any more"),
        ("expiring target exp7", LATER, "does not list expiring target exp7 any more"),
        ("something else", LATER, "does not list something else any more"),
        (there.as_str(), NOW, "is past"),
    ] {
        let CarryOutcome::Refused(said) = extend(&fake, there, at) else { panic!("{there}") };
        sentences(&said);
        assert!(said.contains(words) && said.contains("The end there is as it was."), "{said}");
    }
    fake.tick(MILLIS + 30 * 60_000);
    let CarryOutcome::Refused(said) = extend(&fake, &there, LATER) else { panic!("it was carried out") };
    assert!(said.contains("does not list schedule sch0 any more"), "{said}");
    assert_eq!(fake.writes(), writes);
}

#[test]
fn given_an_end_that_they_do_not_move_when_it_is_asked_for_then_it_is_certain_or_unsure_and_never_sent_twice() {
    for (wanted, route) in [(Wanted::Stop, SCHEDULED), (user("alice"), EXPIRING)] {
        let fake = fake();
        let there = ending(&fake, &wanted);
        let failed =
            json!({"items": [], "failedInstructions": 1, "errors": [{"instructionIndex": 0, "message": "no"}]});
        // a good answer that moved nothing is found out by reading it back
        let nothing = json!({"items": [], "successfulInstructions": 1, "_id": "sch0"}).to_string();
        let unclear = [Manner::Silent, Manner::Rude, Manner::Drip, status(500, "<html>"), good(&nothing)];
        for manner in unclear {
            let (writes, told) = (fake.writes(), format!("{manner:?}"));
            fake.odd(route, manner);
            let CarryOutcome::Unsure(said) = extend(&fake, &there, LATER) else { panic!("{told}") };
            sentences(&said);
            assert!(said.contains("not moved again") || said.contains("may be moved or not"), "{told}: {said}");
            assert_eq!(fake.writes(), writes + 1, "{told}");
        }
        let mut refusals = vec![
            problem(400, "invalid_request"),
            problem(401, "unauthorized"),
            problem(403, "forbidden"),
            problem(404, "not_found"),
            problem(405, "method_not_allowed"),
            problem(409, "some_code"),
            problem(429, "rate_limited"),
        ];
        if route == EXPIRING {
            refusals.push(good(&failed.to_string()));
        }
        for manner in refusals {
            let (writes, told) = (fake.writes(), format!("{manner:?}"));
            fake.odd(route, manner);
            let CarryOutcome::Refused(said) = extend(&fake, &there, LATER) else { panic!("{told}") };
            sentences(&said);
            assert!(said.contains("The end there is as it was."), "{told}: {said}");
            assert_eq!(fake.writes(), writes + 1, "{told}");
        }
    }
}

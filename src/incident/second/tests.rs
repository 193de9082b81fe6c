//! Requests for a second person, and what voids them.

use super::*;
use crate::incident::entry::Session;
use crate::incident::switch::Share;
use crate::incident::time::Span;

fn stamp(who: &str, session: u64, minute: i64) -> Stamp {
    Stamp {
        now: Time(0).plus(Span::minutes(minute)),
        author: who.into(),
        session: Session(session),
        first: EntryId::of(Session(session), 1),
        at: None,
        when: None,
    }
}

fn restore() -> Intended {
    Intended {
        act: Act::Restore,
        target: "exports".into(),
        from: Some("off".into()),
        to: Some("on".into()),
        before: Some("{}".into()),
        ..Intended::default()
    }
}

fn asked() -> (Seconds, EntryId) {
    let mut all = Seconds::default();
    let id = EntryId::of(Session(1), 7);
    all.asked(id, Time(0), "Ana", Session(1), &ActAsked::of(&restore(), Time(0).plus(WAITS)));
    (all, id)
}

#[test]
fn given_an_act_that_widens_when_one_person_wants_it_then_somebody_else_must_agree_to_the_very_same() {
    let (mut all, id) = asked();
    let none = Intents::default();
    let check = |all: &Seconds, act: &Intended, who: &Stamp| all.check(Two::Widening, act, &none, who);
    assert!(check(&all, &restore(), &stamp("Ben", 2, 1)).is_err(), "nobody agreed");
    let agreed = Intended { confirms: Some(id), ..restore() };
    assert!(check(&all, &agreed, &stamp("Ben", 2, 1)).is_ok());
    assert!(check(&all, &agreed, &stamp("Ana", 2, 1)).is_err(), "the same person");
    assert!(check(&all, &agreed, &stamp("Ben", 1, 1)).is_err(), "the same session");
    assert!(check(&all, &agreed, &stamp("Ben", 2, 15)).is_err(), "too late");
    for other in [
        Intended { from: Some("on".into()), ..agreed.clone() },
        Intended { before: Some("{1}".into()), ..agreed.clone() },
        Intended { act: Act::Stop, ..agreed.clone() },
        Intended { share: Share::of_percent(5), ..agreed.clone() },
    ] {
        assert!(check(&all, &other, &stamp("Ben", 2, 1)).is_err(), "{other:?}");
    }
    assert_eq!(all.for_me("exports", "Ben", Session(2), Time(0)).map(|asked| asked.id), Some(id));
    assert!(all.for_me("exports", "Ana", Session(2), Time(0)).is_none());
    all.confirmed(agreed.confirms);
    assert!(check(&all, &agreed, &stamp("Eli", 3, 2)).is_err(), "once");
    assert_eq!(all.open(Time(0)).count(), 0);
}

#[test]
fn given_a_stop_when_it_cannot_wait_then_it_goes_alone_with_a_reason_and_nothing_that_widens_does() {
    let all = Seconds::default();
    let none = Intents::default();
    let stop = |why: &str| Intended { act: Act::Stop, glass: true, why: why.into(), ..restore() };
    let check = |two, act: &Intended| all.check(two, act, &none, &stamp("Ana", 1, 0));
    assert!(check(Two::Always, &stop("")).is_err());
    assert!(check(Two::Always, &stop("nobody answers")).is_ok());
    assert!(check(Two::Widening, &stop("")).is_ok(), "stopping needs nobody else there");
    assert!(check(Two::Widening, &Intended { glass: true, why: "quick".into(), ..restore() }).is_err());
    assert!(check(Two::Never, &restore()).is_ok());
}

#[test]
fn given_a_request_when_its_switch_is_found_changed_then_it_is_void_and_no_other_change_ends_it() {
    let change = |what: &str, subject: &str, source: Option<&str>| Changed {
        what: what.into(),
        subject: subject.into(),
        from: None,
        to: None,
        by: None,
        source: source.map(str::to_owned),
    };
    let fate = |change: &Changed| {
        let (mut all, id) = asked();
        all.told(change, Time(9));
        all.find(id).map(|asked| asked.fate)
    };
    let looked = change("flag", "out-of-region in production", Some("switch exports"));
    assert_eq!(fate(&looked), Some(Fate::Void(Time(9))), "whatever its provider calls it");
    assert_eq!(fate(&change("flag", "exports", None)), Some(Fate::Void(Time(9))));
    for other in [
        change("flag", "exports", Some("switch exports-v2")),
        change("flag", "exports-v2", None),
        change("deploy", "exports", None),
    ] {
        assert_eq!(fate(&other), Some(Fate::Waits), "{other:?}");
    }
}

#[test]
fn given_an_end_and_an_expectation_when_somebody_agrees_then_to_these_and_while_there_is_time_left() {
    let minute = |minute| Some(Time(0).plus(Span::minutes(minute)));
    let act = Intended {
        act: Act::Exclude,
        widens: true,
        until: minute(9),
        expect_max: Some(40),
        expect_by: minute(5),
        ..restore()
    };
    let mut all = Seconds::default();
    let id = EntryId::of(Session(1), 7);
    all.asked(id, Time(0), "Ana", Session(1), &ActAsked::of(&act, Time(0).plus(WAITS)));
    let draft = all.find(id).map(|asked| asked.what.draft()).expect("asked");
    let agreed = Intended {
        confirms: Some(id),
        from: act.from.clone(),
        to: act.to.clone(),
        before: act.before.clone(),
        ..draft
    };
    assert_eq!(Intended { confirms: None, ..agreed.clone() }, act, "all of it is carried");
    let agrees = |act: &Intended, minute| {
        all.agrees(id, act, ("Ben", Session(2), Time(0).plus(Span::minutes(minute)))).map_err(|refusal| refusal.why)
    };
    assert_eq!(agrees(&agreed, 1), Ok(()));
    for other in [
        Intended { until: minute(8), ..agreed.clone() },
        Intended { until: None, ..agreed.clone() },
        Intended { expect_max: Some(41), ..agreed.clone() },
        Intended { expect_by: None, ..agreed.clone() },
    ] {
        assert!(agrees(&other, 1).is_err_and(|why| why.contains("another end")), "{other:?}");
    }
    assert_eq!(agrees(&agreed, 6), Ok(()), "what was expected of it is late, and still what was asked for");
    assert!(agrees(&agreed, 9).is_err_and(|why| why.contains("was to end")));
}

#[test]
fn given_where_two_are_always_needed_when_a_smaller_share_cannot_wait_then_it_goes_alone_and_a_larger_one_does_not() {
    let share = |widens| Intended {
        act: Act::Percent,
        share: Share::of_percent(5),
        widens,
        glass: true,
        why: "nobody answers".into(),
        ..restore()
    };
    let check = |act: &Intended| Seconds::default().check(Two::Always, act, &Intents::default(), &stamp("Ana", 1, 0));
    assert!(check(&share(false)).is_ok());
    assert!(check(&share(true)).is_err());
}

fn on(target: &str) -> Intended {
    Intended { act: Act::Stop, target: target.into(), ..restore() }
}

/// Ana asks for two switches as one plan, at a minute.
fn plan_asked(all: &mut Seconds, entry: u64, minute: i64, targets: &[&str]) -> EntryId {
    let at = Time(0).plus(Span::minutes(minute));
    let asking = Asking { plan: Some("doors".into()), acts: targets.iter().map(|target| on(target)).collect() };
    let facts = asking.facts(at.plus(WAITS));
    assert_eq!(facts.len(), 1, "one entry");
    let id = EntryId::of(Session(1), entry);
    facts.iter().for_each(|fact| all.asked(id, at, "Ana", Session(1), fact));
    id
}

#[test]
fn given_a_plan_that_is_asked_for_when_somebody_agrees_then_to_all_of_it_or_to_nothing() {
    let mut all = Seconds::default();
    let id = plan_asked(&mut all, 7, 0, &["exports", "orders"]);
    assert_eq!(
        all.open(Time(0)).map(|asked| asked.what.called()).collect::<Vec<_>>(),
        ["plan/doors (exports, orders)"]
    );
    assert_eq!(all.for_me("plan/doors", "Ben", Session(2), Time(0)).map(|asked| asked.id), Some(id));
    assert!(all.for_me("exports", "Ben", Session(2), Time(0)).is_none(), "no member goes by its own name");
    assert_eq!(all.with_others("orders", Time(0)).map(|asked| asked.id), Some(id));
    let planned = |draft: Intended| Intended { from: on("").from, to: on("").to, before: on("").before, ..draft };
    let agreed: Vec<Intended> =
        all.find(id).map(|asked| asked.what.agreed(id)).into_iter().flatten().map(planned).collect();
    assert_eq!(agreed.iter().map(|act| act.target.as_str()).collect::<Vec<_>>(), ["exports", "orders"]);
    assert!(all.check_whole(&agreed).is_ok());
    for act in &agreed {
        assert!(all.agrees(id, act, ("Ben", Session(2), Time(0))).is_ok());
        let one = all.check_whole(std::slice::from_ref(act)).expect_err("one of them");
        assert_eq!(one.why, "Ana asked for plan/doors (exports, orders) as one.");
        assert!(one.instead.contains("quarterdeck switch confirm doors --confirm plan/doors"), "{}", one.instead);
    }
    all.confirmed(Some(id));
    assert_eq!(all.open(Time(0)).count(), 0);
}

#[test]
fn given_a_plan_that_is_asked_for_when_one_of_its_switches_moves_then_all_of_it_is_void_and_named_after_that_one() {
    let fate = |told: fn(&mut Seconds)| {
        let mut all = Seconds::default();
        let id = plan_asked(&mut all, 7, 0, &["exports", "orders"]);
        told(&mut all);
        all.find(id).map(Asked::words)
    };
    assert_eq!(fate(|all| all.acted("orders", Time(9))).as_deref(), Some("void: orders changed 00:00:00"));
    assert_eq!(fate(|all| all.acted("mails", Time(9))).as_deref(), Some("to be confirmed by 00:15"));
    // asked for again it stands once, also where fewer are left by then; another plan is another thing
    let mut all = Seconds::default();
    let first = plan_asked(&mut all, 7, 0, &["exports", "orders"]);
    let again = plan_asked(&mut all, 8, 1, &["orders"]);
    assert_eq!(all.find(first).map(|asked| asked.fate), Some(Fate::Repeated));
    let alone = ActAsked::of(&on("orders"), Time(0).plus(WAITS));
    all.asked(EntryId::of(Session(1), 9), Time(0), "Ana", Session(1), &alone);
    assert_eq!(all.find(again).map(|asked| asked.fate), Some(Fate::Waits));
}

#[test]
fn given_what_was_found_void_when_its_switch_is_as_it_was_again_then_it_stays_void() {
    let (mut all, id) = asked();
    let agreed = Intended { confirms: Some(id), ..restore() };
    let moved = Intended { before: Some("{1}".into()), ..agreed.clone() };
    let found = |all: &Seconds, act: &Intended, who: &str| {
        all.found_void([act], (who, Session(2), Time(0))).map(|(fact, _)| fact)
    };
    assert_eq!(found(&all, &agreed, "Ben"), None, "it is as it was");
    assert_eq!(found(&all, &moved, "Ana"), None, "whoever may not agree finds nothing");
    assert_eq!(found(&all, &Intended { share: Share::of_percent(5), ..moved.clone() }, "Ben"), None, "another act");
    let fact = found(&all, &moved, "Ben").expect("void");
    assert_eq!(fact, ActWithdrawn { asked: id, why: String::new(), changed: Some("exports".into()) });
    assert!(all.check_ended(&fact, &stamp("Ana", 1, 1)).is_err(), "whoever asked takes it back");
    let other = ActWithdrawn { changed: Some("orders".into()), ..fact.clone() };
    assert!(all.check_ended(&other, &stamp("Ben", 2, 1)).is_err(), "it is about another switch");
    assert!(all.check_ended(&fact, &stamp("Ben", 2, 1)).is_ok());
    all.ended(&fact, Time(9));
    assert_eq!(all.open(Time(9)).count(), 0);
    let refused = all.agrees(id, &agreed, ("Ben", Session(2), Time(9))).expect_err("void");
    assert!(refused.why.starts_with("What Ana asked for is void: exports changed at"), "{}", refused.why);
    assert!(all.ended_words(&fact).ends_with("is void: exports is not as it was when Ana asked. Ask for it anew"));
    assert!(all.void_of_mine("exports", "Ana", Time(9)).is_some());
}

#[test]
fn given_what_was_written_down_before_plans_when_read_then_it_reads_the_same_and_a_plan_comes_back_whole() {
    let old = r#"{"act":"stop","target":"exports","from":"on","to":"off","before":"{}","expires":9}"#;
    let read: ActAsked = serde_json::from_str(old).expect("an old fact");
    assert_eq!((read.plan.as_ref(), read.others.len()), (None, 0));
    assert_eq!(serde_json::to_string(&read).expect("text"), old);
    let back = r#"{"asked":"00000000000000010000000000000007"}"#;
    let read: ActWithdrawn = serde_json::from_str(back).expect("an old fact");
    assert_eq!(serde_json::to_string(&read).expect("text"), back);
    let asking = Asking { plan: Some("doors".into()), acts: vec![on("exports"), on("orders")] };
    let [fact] = <[ActAsked; 1]>::try_from(asking.facts(Time(9))).expect("one");
    let text = serde_json::to_string(&fact).expect("text");
    assert_eq!(serde_json::from_str::<ActAsked>(&text).expect("a fact"), fact, "{text}");
}

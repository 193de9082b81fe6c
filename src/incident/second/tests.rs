//! Requests for a second person, and what voids them.

use super::*;
use crate::incident::entry::Session;
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

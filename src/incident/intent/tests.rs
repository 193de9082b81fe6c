//! Intents, and how they end.

use super::*;
use crate::incident::entry::Session;
use crate::incident::sought::Found;
use crate::incident::switch::Plan;

fn id(n: u64) -> EntryId {
    EntryId::of(Session(1), n)
}
fn ask(all: &mut Intents, n: u64, act: Act, to: &str) {
    let what = Intended {
        act,
        target: "release".into(),
        from: None,
        to: Some(to.into()),
        before: None,
        why: String::new(),
        update: None,
        reverts: None,
        ..Intended::default()
    };
    all.intended(id(n), Time(0), "Cho", Session(1), what);
}
fn end(all: &mut Intents, n: u64, outcome: Outcome) {
    all.settled(Time(0), &Settled { intent: id(n), outcome, detail: String::new(), value: None, ..Settled::default() });
}
fn see(all: &mut Intents, n: u64, value: &str) {
    let seen =
        Seen { target: "release".into(), value: value.into(), intent: Some(id(n)), detail: String::new(), found: None };
    all.seen(Time(0), &seen);
}

#[test]
fn a_stop_whose_outcome_was_lost_is_to_undo_when_its_value_is_seen_served() {
    let mut all = Intents::default();
    ask(&mut all, 1, Act::Stop, "1822");
    assert!(all.all().iter().all(Intent::is_open), "the program that asked may be gone");
    see(&mut all, 1, "1822");
    assert_eq!(all.to_undo().map(|i| i.id).collect::<Vec<_>>(), [id(1)]);
    end(&mut all, 1, Outcome::Refused);
    assert_eq!(all.to_undo().count(), 0);
}

#[test]
fn a_stop_that_was_seen_to_have_changed_nothing_leaves_nothing() {
    let mut all = Intents::default();
    ask(&mut all, 1, Act::Stop, "1822");
    end(&mut all, 1, Outcome::Unsure);
    see(&mut all, 1, "1823");
    assert_eq!((all.to_undo().count(), all.all().iter().filter(|i| i.is_open()).count()), (0, 0));
}

#[test]
fn a_restore_takes_back_what_was_stopped_before_it_and_nothing_after() {
    let mut all = Intents::default();
    for n in [1, 3] {
        ask(&mut all, n, Act::Stop, "1822");
        end(&mut all, n, Outcome::Done);
        if n == 1 {
            ask(&mut all, 2, Act::Restore, "1823");
            end(&mut all, 2, Outcome::Done);
        }
    }
    assert_eq!(all.undone_by(id(1)).map(|i| i.id), Some(id(2)));
    assert_eq!(all.to_undo().map(|i| i.id).collect::<Vec<_>>(), [id(3)]);
}

#[test]
fn given_whom_a_plan_found_reached_when_a_share_is_to_be_served_then_it_narrows_only_where_it_is_known_to_reach_no_more()
 {
    let of = |percent| Share::of_percent(percent).expect("a share");
    let planned = |percent, reach: Option<u32>| {
        let plan = Plan { from: "on".into(), before: "{}".into(), reach: reach.map(of), ..Plan::default() };
        Intended { reverts: Some(id(1)), ..Intended::to_share("exports", of(percent)) }.on(&plan)
    };
    let narrows = |percent, reach| planned(percent, reach).narrows();
    assert!([0, 5, 100].into_iter().all(|percent| narrows(percent, Some(100))), "all of it runs");
    assert_eq!([5, 20, 21].map(|percent| narrows(percent, Some(20))), [true, true, false]);
    assert_eq!([0, 1, 20].map(|percent| narrows(percent, Some(0))), [true, false, false]);
    assert!([0, 1, 20, 100].into_iter().all(|percent| !narrows(percent, None)), "nobody can say");
    // a step on the way back gives more than there is, and nothing else does
    let steps = [(21, Some(20)), (20, Some(20)), (5, Some(20)), (5, None)].map(|(to, of)| planned(to, of).reverts);
    assert_eq!(steps, [Some(id(1)), None, None, None]);
    // whom rules let in nobody can count, and yet each of them may let in fewer
    let plan = Plan { narrows: true, ..Plan::default() };
    let fewer = Intended { reverts: Some(id(1)), ..Intended::to_share("exports", of(3)) }.on(&plan);
    assert_eq!((fewer.narrows(), fewer.reverts), (true, None));
    let act = planned(5, Some(20));
    assert_eq!((act.from.as_deref(), act.before.as_deref()), (Some("on"), Some("{}")));
    // before it is planned nobody can say
    assert!(Intended::to_share("exports", of(5)).widens);
    let own = Intended { act: Act::Restore, reverts: Some(id(1)), widens: true, ..Intended::default() };
    let back = own.clone().on(&Plan { reach: Some(of(100)), ..Plan::default() });
    assert_eq!((back.reverts, back.widens), (own.reverts, true), "only shares are judged by a share");
    let stop = Intended { act: Act::Stop, ..Intended::default() };
    let back = Intended { act: Act::Restore, ..Intended::default() };
    assert_eq!((stop.narrows(), back.narrows()), (true, false));
}

#[test]
fn given_a_request_when_it_is_judged_then_it_is_as_the_act_that_is_asked_for() {
    use crate::incident::risk::Risk;
    use crate::incident::second::{Two, needed};
    let (half, nobody) = (Share::of_percent(50).expect("a share"), Share::NOBODY);
    let acme = Whom { kind: "customer".into(), key: "acme".into() };
    let act = |act| Intended { act, target: "exports".into(), ..Intended::default() };
    let share = |share, widens| Intended { share: Some(share), widens, ..act(Act::Percent) };
    let all = Intents::default();
    for (what, risk, widens) in [
        (act(Act::Stop), Risk::High, false),
        (Intended { whom: Some(acme), ..act(Act::Exclude) }, Risk::Low, false),
        (share(half, false), Risk::Medium, false),
        (share(half, true), Risk::Widening, true),
        (share(nobody, false), Risk::High, false),
        (Intended { widens: true, ..act(Act::Restore) }, Risk::Widening, true),
        (Intended { reverts: Some(id(1)), ..act(Act::Revert) }, Risk::Widening, true),
    ] {
        let asked = what.requested();
        let judged = |act: &Intended| {
            let needs = [Two::Widening, Two::Always].map(|two| needed(two, act, &all, "Ana", Time(0)));
            (Risk::of(act, true, &all, "Ana", Time(0)), needs, act.narrows(), act.lets_in())
        };
        assert_eq!(judged(&asked), judged(&what), "{what:?}");
        assert_eq!(judged(&asked), (risk, [widens, true], !widens, widens), "{what:?}");
        assert_eq!((asked.act, asked.leaves(), asked.serves()), (Act::Request, false, false));
        assert_eq!(asked.wanted(Some("{}")), what.wanted(Some("{}")), "{what:?}");
        assert_eq!(asked.wanted(None), what.wanted(None), "{what:?}");
    }
    assert_eq!(act(Act::Stop).requested().wish(), "to request to stop");
}

#[test]
fn given_a_share_of_nobody_when_it_is_critical_then_it_asks_as_much_as_a_stop_for_everybody() {
    use crate::incident::risk::Risk;
    let to =
        |milli| Intended { widens: false, ..Intended::to_share("exports", Share::of_milli(milli).expect("a share")) };
    let risk = |milli, critical| Risk::of(&to(milli), critical, &Intents::default(), "Ana", Time(0));
    // less than one in a hundred is nobody where few are told apart
    assert_eq!([0, 1, 999].map(|milli| risk(milli, true)), [Risk::High; 3]);
    assert_eq!([1_000, 50_000].map(|milli| risk(milli, true)), [Risk::Medium; 2]);
    assert_eq!([0, 50_000].map(|milli| risk(milli, false)), [Risk::Medium; 2]);
}

#[test]
fn given_what_somebody_else_did_first_when_it_was_so_already_then_nothing_of_ours_is_to_undo_and_what_is_put_back_is() {
    let mut all = Intents::default();
    let mut acts = |act, reverts: Option<u64>, idle| {
        let number = all.all().len() as u64 + 1;
        let what = Intended { act, target: "exports".into(), reverts: reverts.map(id), ..Intended::default() };
        all.intended(id(number), Time(0), "Ana", Session(1), what);
        let outcome = Outcome::Done;
        all.settled(Time(0), &Settled { intent: id(number), outcome, idle, ..Settled::default() });
        all.clone()
    };
    let stopped = acts(Act::Stop, None, true);
    assert!(stopped.undoable("exports").is_none() && stopped.effect_on("exports").is_none());
    assert!(stopped.all().iter().all(|act| act.is_done() && act.is_idle() && !act.took_effect()));
    let ours = acts(Act::Stop, None, false);
    assert_eq!(ours.undoable("exports").map(|act| act.id), Some(id(2)));
    let back = acts(Act::Revert, Some(2), true);
    assert!(back.undoable("exports").is_none(), "somebody else put it back");
    let text = serde_json::to_string(&Settled { intent: id(1), ..Settled::default() }).expect("a text");
    assert!(!text.contains("idle"), "older builds read it: {text}");
}

#[test]
fn given_an_act_whose_outcome_was_lost_when_it_is_found_otherwise_then_it_is_to_undo_and_as_a_way_back_it_undid_nothing()
 {
    let lost = |all: &mut Intents, n: u64, act, reverts: Option<u64>| {
        let (from, to) = (Some("true".to_owned()), Some("true".to_owned()));
        let before = Some(format!("state {n}"));
        let what = Intended {
            act,
            target: "release".into(),
            from,
            to,
            before,
            reverts: reverts.map(id),
            ..Intended::default()
        };
        all.intended(id(n), Time(0), "Cho", Session(1), what);
        end(all, n, Outcome::Unsure);
    };
    let looks = |all: &mut Intents, n: u64, found| {
        let act = all.find(id(n)).expect("the act").clone();
        let sight = Sight { value: "true".into(), found: Some((id(n), found)), ..Sight::default() };
        let seen = act.found(&sight);
        all.seen(Time(0), &seen);
        seen
    };
    let left = |all: &Intents| all.to_undo().map(|act| act.id).collect::<Vec<_>>();
    // one word for all three
    for (found, is_left) in [(Found::AsWanted, true), (Found::AsBefore, false), (Found::Otherwise, true)] {
        let mut all = Intents::default();
        lost(&mut all, 1, Act::Stop, None);
        let seen = looks(&mut all, 1, found);
        assert_eq!(
            (left(&all) == [id(1)], all.effect_on("release").is_some()),
            (is_left, is_left),
            "{found:?}: {seen:?}"
        );
        assert_eq!(all.find(id(1)).map(Intent::is_half), Some(found == Found::Otherwise));
        let text = serde_json::to_string(&seen).expect("a text");
        assert_eq!(text.contains("found"), found != Found::AsWanted, "older builds read it where words say it: {text}");
        // what it found is put back by a way back that is done, and by no other
        lost(&mut all, 2, Act::Revert, Some(1));
        looks(&mut all, 2, Found::Otherwise);
        assert_eq!(left(&all) == [id(1)], is_left, "{found:?}");
        assert_eq!(all.undone_by(id(1)), None);
        lost(&mut all, 3, Act::Revert, Some(1));
        looks(&mut all, 3, Found::AsWanted);
        assert_eq!(left(&all), []);
    }
    // done once more on what was half done: what that found is not what the first had found
    let mut all = Intents::default();
    for (n, found) in [(1, Found::Otherwise), (2, Found::AsWanted)] {
        let (from, to) = (Some("true".to_owned()), Some("false".to_owned()));
        let what = Intended { act: Act::Stop, target: "release".into(), from, to, ..Intended::default() };
        all.intended(id(n), Time(0), "Cho", Session(1), what);
        looks(&mut all, n, found);
    }
    assert_eq!(left(&all), [id(1), id(2)]);
}

#[test]
fn given_an_act_when_it_is_looked_for_then_what_is_compared_is_what_it_wanted_and_had_found() {
    let mut all = Intents::default();
    let act = |act, before: Option<&str>, reverts: Option<u64>| Intended {
        act,
        target: "release".into(),
        before: before.map(str::to_owned),
        reverts: reverts.map(id),
        ..Intended::default()
    };
    let acts = [
        act(Act::Stop, Some("{1}"), None),
        act(Act::Revert, Some("{2}"), Some(1)),
        act(Act::Revert, Some("{3}"), Some(9)),
        act(Act::Stop, None, None),
        Intended { share: Share::of_percent(5), ..act(Act::Percent, Some("{5}"), Some(1)) },
    ];
    for (n, what) in (1..).zip(acts) {
        all.intended(id(n), Time(0), "Cho", Session(1), what);
    }
    let sought = |n: u64| all.find(id(n)).and_then(|act| act.sought(&all)).map(|sought| (sought.wanted, sought.before));
    assert_eq!(sought(1), Some((Wanted::Stop, "{1}".into())));
    assert_eq!(sought(2), Some((Wanted::Put("{1}".into()), "{2}".into())));
    assert_eq!([sought(3), sought(4)], [None, None], "of what is not known nothing is compared");
    let five = Share::of_percent(5).expect("a share");
    assert_eq!(
        sought(5),
        Some((Wanted::Step(five, "{1}".into()), "{5}".into())),
        "a step back sets its share on what was found"
    );
}

#[test]
fn given_a_stop_when_rules_let_through_then_it_does_not_stand_and_nothing_that_is_found_says_it_was_done() {
    use crate::incident::switch::{Level, Sight};
    let words = |words: &str| Some(words.to_owned());
    let stop =
        Intended { target: "f".into(), from: words("false, true by rule"), to: words("false"), ..Intended::default() };
    let sight = |level, by_rule: Option<&str>, whole: &str| Sight {
        value: "false".into(),
        whole: whole.into(),
        level,
        targeting: by_rule.is_some(),
        by_rule: by_rule.map(str::to_owned),
        ..Sight::default()
    };
    let off = sight(Level::Off, None, "false");
    // with and without words of its own for all that is served
    let through = [
        sight(Level::Partly, Some("true"), "false, true by rule"),
        sight(Level::Partly, Some("true"), ""),
        sight(Level::On, Some("true"), "false, true by rule"),
    ];
    let half = sight(Level::Partly, None, "true for 50 %, else false");
    assert!(!stop.stands(&half), "nor is what a share lets through");
    assert!(stop.stands(&off) && !through.iter().any(|sight| stop.stands(sight)));
    for sight in &through {
        let mut all = Intents::default();
        all.intended(id(1), Time(0), "Ana", Session(7), stop.clone());
        let lost = Settled { intent: id(1), outcome: Outcome::Unsure, ..Settled::default() };
        all.settled(Time(1), &lost);
        let act = all.find(id(1)).expect("it is there");
        let seen = act.found(sight);
        assert_eq!((seen.value.as_str(), seen.detail.as_str()), ("false, true by rule", "false was asked"));
        all.seen(Time(2), &seen);
        assert!(all.to_undo().next().is_none(), "it did nothing");
    }
    let mut all = Intents::default();
    all.intended(id(1), Time(0), "Ana", Session(7), stop);
    end(&mut all, 1, Outcome::Done);
    let act = all.find(id(1)).expect("it is there");
    assert!(act.is_arriving() && act.observed(Some("false"), Time(3)).is_some());
    // words may go on behind the value that a client gets
    let acme = Whom { kind: "customer".into(), key: "acme".into() };
    let out =
        |from: &str| Intended { whom: Some(acme.clone()), act: Act::Exclude, from: words(from), ..act.what.clone() };
    let seen = |what: Intended, value: &str| Intent { what, ..act.clone() }.observed(Some(value), Time(3)).is_some();
    for from in ["true", "true, false for customer bolt", "true for 50 %, else false"] {
        assert_eq!(["true", "false"].map(|value| seen(out(from), value)), [false, true], "{from}");
    }
    let put = Intended { act: Act::Revert, to: words("true, false for customer bolt"), ..act.what.clone() };
    assert_eq!(["true", "false"].map(|value| seen(put.clone(), value)), [true, false]);
    // what a client gets without rules of its own says nothing of a state with rules
    let back =
        Intended { act: Act::Revert, from: words("false"), to: words("false, true by rule"), ..act.what.clone() };
    all.intended(id(2), Time(4), "Ana", Session(7), back);
    end(&mut all, 2, Outcome::Done);
    let back = all.find(id(2)).expect("it is there");
    assert!(!back.is_arriving() && back.observed(Some("false"), Time(5)).is_none());
}

#[test]
fn given_a_step_back_when_it_is_planned_then_on_what_was_found_and_to_no_more_than_that() {
    let of = |percent| Share::of_percent(percent).expect("a share");
    let mut all = Intents::default();
    let before = Some("{}".to_owned());
    let stop = Intended { target: "exports".into(), before, reach: Some(of(20)), ..Intended::default() };
    all.intended(id(1), Time(0), "Ana", Session(7), stop);
    end(&mut all, 1, Outcome::Done);
    let step = |percent, reverts| Intended { reverts, ..Intended::to_share("exports", of(percent)) };
    let found = |act: &Intended| act.wanted(all.found_for(act));
    assert_eq!(found(&step(5, Some(id(1)))), Wanted::Step(of(5), "{}".into()));
    assert_eq!(found(&step(5, Some(id(1))).requested()), Wanted::Step(of(5), "{}".into()));
    assert_eq!(found(&step(5, None)), Wanted::Percent(of(5)));
    let stop = all.find(id(1)).expect("it is there");
    assert_eq!([5, 20, 21].map(|percent| step(percent, Some(id(1))).check_step(stop).is_ok()), [true, true, false]);
    assert!(step(50, None).check_step(stop).is_ok(), "it is no step");
    let refused = all.check_act(&step(50, Some(id(1))), (Session(7), Time(9))).expect_err("more than there was");
    assert!(refused.why.starts_with("exports was served to 20 % before the stop of"), "{}", refused.why);
    assert_eq!(refused.instead, "Name at most 20 %, or put that back first: then another share can be served.");
    // where rules alone served anything else, all others were never served it
    let ruled = |from: &str| {
        let (from, to) = (Some(from.to_owned()), Some("false".to_owned()));
        let mut all = Intents::default();
        all.intended(id(1), Time(0), "Ana", Session(7), Intended { from, to, ..Intended::default() });
        step(5, Some(id(1))).check_step(all.find(id(1)).expect("it is there"))
    };
    let refused = ruled("false, true by rule").expect_err("all others were stopped");
    assert!(refused.why.starts_with("exports served false, true by rule before the stop of"), "{}", refused.why);
    assert_eq!(["true, false by rule", "false", "true"].map(|from| ruled(from).is_ok()), [true; 3]);
}

//! Acts on the outside: written down first, ended once, looked for after a crash, to be undone before close.

use super::{Room, t, words};
use quarterdeck::incident::command::Command;
use quarterdeck::incident::decide;
use quarterdeck::incident::entry::{EntryId, Session, Stamp};
use quarterdeck::incident::intent::{Act, Intended, Outcome, Seen, Settled};
use quarterdeck::incident::second::{Asking, Two};
use quarterdeck::incident::severity::Severity;
use quarterdeck::incident::switch::{Share, Whom};
use quarterdeck::incident::time::Span;
use quarterdeck::incident::ways::Ways;

fn intended(act: Act, from: &str, to: &str) -> Intended {
    Intended {
        act,
        target: "release".into(),
        from: Some(from.into()),
        to: Some(to.into()),
        before: None,
        why: String::new(),
        update: None,
        reverts: None,
        ..Intended::default()
    }
}
fn stop() -> Command {
    Command::Act(intended(Act::Stop, "1823", "1822"))
}
fn settle(intent: EntryId, outcome: Outcome) -> Command {
    Command::Settle(Settled { intent, outcome, detail: String::new(), value: None, ..Settled::default() })
}
fn see(intent: EntryId, value: &str) -> Command {
    Command::See(Seen {
        target: "release".into(),
        value: value.into(),
        intent: Some(intent),
        detail: String::new(),
        found: None,
    })
}
fn to_undo(room: &Room) -> Vec<EntryId> {
    room.incident.intents().to_undo().map(|i| i.id).collect()
}

#[test]
fn given_a_clock_that_jumps_when_an_act_has_no_outcome_then_no_stop_waits_for_it_and_it_is_looked_for() {
    for (jumped, is_lost) in [
        ("22:58:36", false), // a second or two is no jump
        ("22:58:30", true),
        ("22:54:00", true),
        ("21:58:40", true), // before it was declared, even
        ("2019-07-08T22:58:40", true),
        ("2019-07-10T22:58:40", true),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        let lost = room.by("22:58:40", "Cho", stop());
        let missed = room.incident.intents().unsure_on("release", t(jumped)).map(|act| act.id);
        assert_eq!(missed, is_lost.then_some(lost), "{jumped}");
        if is_lost {
            room.ana(jumped, stop());
        } else {
            room.refuses(jumped, "Ana", stop());
        }
        // an outcome that comes all the same is taken, and one that was seen is looked for no more
        room.by("22:58:41", "Cho", settle(lost, Outcome::Done));
        assert!(room.incident.intents().find(lost).is_some_and(quarterdeck::incident::intent::Intent::is_done));
    }
}

#[test]
fn given_an_act_when_it_is_pending_then_a_second_one_on_its_target_waits_a_minute() {
    let mut room = Room::declared(Severity::Sev1);
    room.by("22:58:40", "Cho", stop());
    assert_eq!(
        room.refuses("22:59:00", "Ana", Command::Act(intended(Act::Restore, "1822", "1823"))),
        words(
            "Cho asked to stop release at 22:58:40 UTC, and its outcome is not known yet.",
            "Wait for it, until 22:59:40 UTC at most: from then on it is looked for."
        )
    );
    // what another run asked may be left by one that is gone
    let elsewhere = Stamp { session: Session(2), ..room.stamp("22:59:00", "Cho") };
    let restore = Command::Act(intended(Act::Restore, "1822", "1823"));
    let refused = decide(&room.incident, &room.rules, &restore, &elsewhere).expect_err("refused");
    assert_eq!(
        refused.why,
        "Cho asked to stop release at 22:58:40 UTC from another run of quarterdeck, and its outcome is not known yet."
    );
    room.ana("22:59:40", Command::Act(intended(Act::Restore, "1822", "1823")));
    let other = Intended { target: "signup".into(), ..intended(Act::Stop, "on", "off") };
    room.ana("22:59:41", Command::Act(other));
}

#[test]
fn given_words_that_are_the_same_when_stopped_then_it_is_written_down_because_only_a_plan_knows_what_would_change() {
    let mut room = Room::declared(Severity::Sev1);
    room.by("22:58:40", "Cho", Command::Act(intended(Act::Stop, "1822", "1822")));
    let room = Room::declared(Severity::Sev1);
    let nothing = Intended { target: String::new(), ..intended(Act::Stop, "1", "2") };
    assert_eq!(room.refuses("22:58:40", "Cho", Command::Act(nothing)).0, "The target has no words.");
}

#[test]
fn given_an_act_when_it_ended_then_its_outcome_never_changes() {
    let mut room = Room::declared(Severity::Sev1);
    let act = room.by("22:58:40", "Cho", stop());
    room.by("22:58:45", "Cho", settle(act, Outcome::Done));
    assert_eq!(
        room.refuses("22:59:00", "Cho", settle(act, Outcome::Refused)),
        words("That act ended done at 22:58:45 UTC.", "An outcome is never changed.")
    );
    assert_eq!(
        room.refuses("22:59:00", "Cho", settle(EntryId::default(), Outcome::Done)),
        words("There is no such act in this incident.", "Choose one of its acts.")
    );
}

#[test]
fn given_an_unsure_act_when_it_is_known_later_then_that_holds() {
    let mut room = Room::declared(Severity::Sev1);
    let act = room.by("22:58:40", "Cho", stop());
    room.by("22:59:10", "Cho", settle(act, Outcome::Unsure));
    assert!(room.incident.intents().find(act).is_some_and(|i| i.is_unsure()));
    assert!(to_undo(&room).is_empty());
    room.by("23:00:00", "Cho", settle(act, Outcome::Done));
    assert_eq!(to_undo(&room), [act]);
}

#[test]
fn given_an_act_of_a_run_that_died_when_its_value_is_seen_served_then_it_is_to_undo() {
    let mut room = Room::declared(Severity::Sev1);
    let act = room.by("22:58:40", "Cho", stop());
    let orphan = |room: &Room| room.incident.intents().find(act).map(|i| (i.is_orphan(Session(2)), i.is_open()));
    assert_eq!(orphan(&room), Some((true, true)));
    assert!(
        !room.incident.intents().find(act).is_some_and(|i| i.is_orphan(Session(1))),
        "its own run still carries it"
    );
    room.ana("23:05:00", see(act, "1822"));
    assert_eq!(orphan(&room), Some((true, false)), "somebody looked");
    assert_eq!(to_undo(&room), [act]);
    assert!(
        room.incident.remains(&room.rules.elsewhere).contains(&"release is stopped (served 1823 before)".to_string())
    );
}

#[test]
fn given_an_act_of_a_run_that_died_when_the_old_value_is_seen_then_there_is_nothing_to_undo() {
    let mut room = Room::declared(Severity::Sev1);
    let act = room.by("22:58:40", "Cho", stop());
    room.ana("23:05:00", see(act, "1823"));
    assert!(to_undo(&room).is_empty());
    assert_eq!(room.incident.remains(&room.rules.elsewhere), ["it is not resolved"]);
}

#[test]
fn given_a_stop_that_somebody_else_put_back_when_that_is_seen_then_nothing_is_left_to_undo_until_it_stands_again() {
    let mut room = Room::declared(Severity::Sev1);
    let act = room.by("22:58:40", "Cho", stop());
    room.by("22:58:45", "Cho", settle(act, Outcome::Done));
    assert_eq!(to_undo(&room), [act]);
    let back = |value: &str, detail: &str| {
        Command::See(Seen {
            target: "release".into(),
            value: value.into(),
            intent: Some(act),
            detail: detail.into(),
            found: None,
        })
    };
    room.ana("23:05:00", back("1823", "put back by sync-bot, not from here"));
    assert!(to_undo(&room).is_empty());
    assert_eq!(room.incident.remains(&room.rules.elsewhere), ["it is not resolved"]);
    let told = room.incident.intents().came_back_on("release").and_then(|act| act.came_back_words(t("23:06:00")));
    assert_eq!(told.as_deref(), Some("put back at 23:05 by sync-bot, not from here"));
    room.ana("23:07:00", back("1822", "as was asked, after it was put back"));
    assert_eq!(to_undo(&room), [act]);
    assert!(room.incident.intents().came_back_on("release").is_none());
}

#[test]
fn given_a_stop_when_restored_or_reverted_then_nothing_is_left_to_undo() {
    for act in [Act::Restore, Act::Revert] {
        let mut room = Room::declared(Severity::Sev1);
        let stopped = room.by("22:58:40", "Cho", stop());
        room.by("22:58:45", "Cho", settle(stopped, Outcome::Done));
        let back = Intended { reverts: (act == Act::Revert).then_some(stopped), ..intended(act, "1822", "1823") };
        let back = room.by("23:10:00", "Cho", Command::Act(back));
        assert_eq!(to_undo(&room), [stopped], "asked is not done");
        room.by("23:10:05", "Cho", settle(back, Outcome::Refused));
        assert_eq!(to_undo(&room), [stopped], "refused is not done");
        let back = Intended { reverts: (act == Act::Revert).then_some(stopped), ..intended(act, "1822", "1823") };
        let back = room.by("23:11:00", "Cho", Command::Act(back));
        room.by("23:11:05", "Cho", settle(back, Outcome::Done));
        assert!(to_undo(&room).is_empty());
        assert_eq!(room.incident.intents().undone_by(stopped).map(|i| i.at), Some(t("23:11:00")));
    }
}

#[test]
fn given_a_closed_or_folded_incident_when_an_act_ends_then_the_record_takes_it() {
    let mut room = Room::declared(Severity::Sev1);
    let act = room.by("22:58:40", "Cho", stop());
    room.ana("22:58:50", Command::Fold { into: 413 });
    room.by("22:59:10", "Cho", settle(act, Outcome::Done));
    assert_eq!(to_undo(&room), [act]);
    room.by("23:10:00", "Cho", Command::Act(intended(Act::Restore, "1822", "1823")));
    assert_eq!(room.refuses("23:20:00", "Cho", stop()), words("Incident 412 was folded into 413.", "Say it to 413."));
}

#[test]
fn given_several_screens_that_see_the_same_when_the_second_one_tells_it_then_it_is_known_already() {
    let mut room = Room::declared(Severity::Sev1);
    let stop = room.by("22:58:40", "Cho", stop());
    room.by("22:58:41", "Cho", settle(stop, Outcome::Done));
    room.by("22:59:10", "Ana", see(stop, "1823"));
    assert_eq!(
        room.refuses("22:59:12", "Ben", see(stop, "1823")),
        words("release was seen to serve 1823 at 22:59:10 UTC.", "There is nothing to add.")
    );
    // what was put back and came again is news each time
    room.by("22:59:30", "Ana", see(stop, "1822"));
    room.by("23:00:10", "Ben", see(stop, "1823"));
}

#[test]
fn given_acts_that_reach_only_some_when_it_is_closed_then_nothing_is_said_to_be_stopped_for_everybody() {
    let mut room = Room::declared(Severity::Sev1);
    let whom = Whom { kind: "customer".into(), key: "acme".into() };
    let one = Intended { whom: Some(whom), ..intended(Act::Exclude, "true", "true, not for customer acme") };
    let one = room.by("22:58:40", "Cho", Command::Act(one));
    room.by("22:58:41", "Cho", settle(one, Outcome::Done));
    let some = Intended { share: Share::of_percent(5), ..intended(Act::Percent, "true", "true for 5 %") };
    let some = room.by("22:59:40", "Cho", Command::Act(Intended { target: "web".into(), ..some }));
    room.by("22:59:41", "Cho", settle(some, Outcome::Done));
    let left = room.incident.left_behind(&room.rules.elsewhere);
    assert_eq!(left, ["release is stopped for customer acme", "web is served to 5 % only (served true before)"]);
}

#[test]
fn given_what_another_incident_did_with_a_switch_when_decided_here_then_it_counts_as_if_it_was_done_here() {
    let mut here = Room::declared(Severity::Sev1);
    here.rules.ways.insert("release".into(), Ways { two: Two::Widening, lasts: None });
    let mut there = Room::declared(Severity::Sev1);
    let mine = here.ana("22:58:00", stop());
    here.ana("22:58:05", settle(mine, Outcome::Done));
    let back = || Command::Act(Intended { reverts: Some(mine), ..intended(Act::Revert, "1822", "1823") });
    let alone = here.incident.clone();
    here.ana("22:59:00", back());
    here.incident = alone;

    // Ben stops it as well, from another incident: taking back what Ana did takes back that
    let first = EntryId::of(Session(9), 1);
    let by_ben = Stamp { now: t("22:58:30"), author: "Ben".into(), session: Session(9), first, at: None, when: None };
    there.says(&by_ben, &Command::Act(intended(Act::Stop, "1822", "1821"))).expect("taken");
    here.rules.elsewhere = there.incident.intents().clone();
    let waits = here.refuses("22:58:40", "Ana", back());
    assert!(waits.0.starts_with("Ben asked to stop release"), "{waits:?}");
    there.by("22:58:35", "Ben", settle(first, Outcome::Done));
    here.rules.elsewhere = there.incident.intents().clone();
    assert_eq!(here.refuses("22:59:00", "Ana", back()).0, "To revert release needs a second person.");

    // and what is put back there remains nowhere
    assert!(here.incident.remains(&here.rules.elsewhere).concat().contains("release is stopped"));
    there.by("22:59:00", "Ben", Command::Act(intended(Act::Restore, "1821", "1823")));
    let id = there.incident.intents().all().last().map(|act| act.id).expect("an act");
    there.by("22:59:05", "Ben", settle(id, Outcome::Done));
    here.rules.elsewhere = there.incident.intents().clone();
    assert_eq!(here.incident.remains(&here.rules.elsewhere), ["it is not resolved"]);
}

#[test]
fn given_a_stop_without_the_second_person_when_it_goes_alone_then_a_review_is_owed() {
    let mut room = Room::declared(Severity::Sev1);
    room.rules.ways.insert("release".into(), Ways { two: Two::Always, lasts: None });
    let glass =
        |why: &str| Command::Act(Intended { glass: true, why: why.into(), ..intended(Act::Stop, "1823", "1822") });
    room.ana("22:58:00", glass("nobody answers"));
    let owed = |room: &Room| {
        room.incident.tasks().open().map(|task| (task.what.text.clone(), task.what.owner.clone())).collect::<Vec<_>>()
    };
    let text = "review why to stop release could not wait for a second person".to_owned();
    assert_eq!(owed(&room), [(text, Some("Ana".to_owned()))]);
    let mut room = Room::declared(Severity::Sev1);
    room.ana("22:58:00", glass("nobody else was needed"));
    assert!(owed(&room).is_empty(), "no glass was there");
}

#[test]
fn given_acts_that_may_take_long_when_they_have_no_outcome_then_nobody_does_them_again_before_they_must_be_through() {
    let mut room = Room::declared(Severity::Sev1);
    for (name, lasts) in [("release", 90), ("web", 20), ("api", 45)] {
        room.rules.ways.insert(name.into(), Ways { two: Two::Never, lasts: Some(Span::seconds(lasts)) });
    }
    room.by("22:58:00", "Cho", stop());
    let refused = room.refuses("22:59:30", "Ana", stop());
    assert_eq!(refused.1, "Wait for it, until 23:00:00 UTC at most: from then on it is looked for.");
    room.by("23:00:00", "Ana", stop());

    // a plan: what waits for its turn is not lost as long as others end
    let mut room = Room { incident: Room::declared(Severity::Sev1).incident, ..room };
    let on = |target: &str| Intended { target: target.into(), ..intended(Act::Stop, "1823", "1822") };
    let first = room.by("22:58:00", "Cho", Command::ActAll(vec![on("web"), on("api"), on("flag")]));
    let asked: Vec<_> = room.incident.intents().all().iter().map(|act| (act.id, act.what.within_s)).collect();
    assert_eq!(asked.iter().map(|(_, within)| *within).collect::<Vec<_>>(), [Some(75); 3], "{first:?}");
    room.by("22:59:10", "Cho", settle(asked[0].0, Outcome::Done));
    let flag = || Command::Act(on("flag"));
    assert!(room.refuses("23:00:20", "Ana", flag()).0.starts_with("Cho asked to stop flag at 22:58:00 UTC"));
    room.by("23:00:24", "Cho", settle(asked[1].0, Outcome::Unsure));
    assert!(room.refuses("23:01:38", "Ana", flag()).1.contains("until 23:01:39 UTC"));
    room.by("23:01:39", "Ana", flag());
    // what is a matter of a moment is waited for a minute, and journals say no more of it than they did
    let mut room = Room::declared(Severity::Sev1);
    room.by("22:58:00", "Cho", flag());
    assert_eq!(room.incident.intents().all()[0].what.within_s, None);
    room.refuses("22:58:59", "Ana", flag());
    room.by("22:59:00", "Ana", flag());
}

#[test]
fn given_a_plan_that_waits_when_one_act_of_it_would_confirm_then_nothing_is_decided_and_alone_it_owes_one_review() {
    let mut room = Room::declared(Severity::Sev1);
    room.rules.ways.insert("release".into(), Ways { two: Two::Always, lasts: None });
    room.rules.ways.insert("web".into(), Ways { two: Two::Always, lasts: None });
    let state = Some("{}".to_owned());
    let on =
        |target: &str| Intended { target: target.into(), before: state.clone(), ..intended(Act::Stop, "1823", "1822") };
    let acts = vec![on("release"), on("web"), on("free")];
    let asks = Command::AskSecond(Asking { plan: Some("doors".into()), acts: acts.clone() });
    let first = EntryId::of(Session(9), 1);
    let by_ana = Stamp { now: t("22:58:00"), author: "Ana".into(), session: Session(9), first, at: None, when: None };
    let asked = room.says(&by_ana, &asks).expect("asked for");
    let agreed = |act: &Intended| Intended { confirms: Some(asked), ..act.clone() };
    let agreed: Vec<Intended> = acts.iter().map(agreed).collect();
    for part in [&agreed[..1], &agreed[1..], &[agreed[0].clone(), agreed[2].clone()]] {
        let refused = room.refuses("22:59:00", "Ben", Command::ActAll(part.to_vec()));
        assert_eq!(refused.0, "Ana asked for plan/doors (release, web, free) as one.");
    }
    let mut moved = agreed.clone();
    moved[2].from = Some("1824".into());
    let refused = room.refuses("22:59:00", "Ben", Command::ActAll(moved));
    assert_eq!(refused.0, "What Ana asked for is void: free is not as it was then.");
    room.by("22:59:00", "Ben", Command::ActAll(agreed));
    assert_eq!((room.incident.intents().all().len(), room.incident.seconds().open(t("22:59:01")).count()), (3, 0));

    let mut room = Room { incident: Room::declared(Severity::Sev1).incident, ..room };
    let alone = |act: Intended| Intended { glass: true, why: "nobody answers".into(), ..act };
    room.ana("22:58:00", Command::ActAll(acts.into_iter().map(alone).collect()));
    let owed: Vec<&str> = room.incident.tasks().open().map(|task| task.what.text.as_str()).collect();
    assert_eq!(owed, ["review why to stop release, web could not wait for a second person"]);
}

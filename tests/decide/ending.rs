//! When an act is to end: moved to a later time, by a fact where this program keeps the end, by an act where its provider does.

use super::{Room, t, words};
use quarterdeck::incident::command::Command;
use quarterdeck::incident::ending::{Keeper, Later};
use quarterdeck::incident::entry::{EntryId, Session};
use quarterdeck::incident::intent::{Act, Intended, Outcome, Settled};
use quarterdeck::incident::phase::Phase;
use quarterdeck::incident::severity::Severity;
use quarterdeck::incident::time::Time;

fn stop(until: Option<&str>) -> Command {
    let (from, to) = (Some("on".into()), Some("off".into()));
    Command::Act(Intended { target: "exports".into(), from, to, until: until.map(t), ..Intended::default() })
}
fn settle(intent: EntryId, outcome: Outcome, reference: Option<&str>) -> Command {
    let reference = reference.map(str::to_owned);
    Command::Settle(Settled { intent, outcome, reference, ..Settled::default() })
}
fn later(act: EntryId, to: &str, why: &str) -> Later {
    Later { act, to: t(to), why: why.into() }
}
fn until(room: &Room, act: EntryId) -> Option<Time> {
    room.incident.intents().find(act).and_then(quarterdeck::incident::intent::Intent::until)
}
/// A stop that is to end at 23:15.
fn stopped() -> (Room, EntryId) {
    let mut room = Room::declared(Severity::Sev1);
    let act = room.ana("22:58:40", stop(Some("23:15:00")));
    room.ana("22:58:41", settle(act, Outcome::Done, None));
    (room, act)
}

#[test]
fn given_an_end_when_it_is_moved_then_it_ends_later_whoever_moves_it_and_the_old_end_stays_in_the_record() {
    let (mut room, act) = stopped();
    room.by("23:00:00", "Cho", Command::MoveEnd(later(act, "23:45:00", "still draining")));
    assert_eq!(until(&room, act), Some(t("23:45:00")));
    let said = room.incident.line(room.entries.last().expect("an entry"));
    assert_eq!(said.text, "end of stop exports moved from 23:15 to 23:45: still draining");
    // also when it has come already, and once more
    room.ana("23:50:00", Command::MoveEnd(later(act, "2019-07-10T00:05:00", "nobody is back")));
    assert_eq!(until(&room, act), Some(t("2019-07-10T00:05:00")));
    let asked = room.incident.intents().find(act).and_then(|act| act.what.until);
    assert_eq!(asked, Some(t("23:15:00")));
    let next = room.incident.intents().next_end("exports").map(|act| act.id);
    assert_eq!(next, Some(act));
}

#[test]
fn given_an_end_that_cannot_be_moved_when_it_is_tried_then_it_is_said_what_to_do_instead() {
    let (mut room, act) = stopped();
    let refused =
        |room: &Room, to: &str, why: &str| room.refuses("23:00:00", "Ana", Command::MoveEnd(later(act, to, why)));
    let sooner = "The stop of exports ends at 23:15 UTC already, and 23:05 is not later.";
    assert_eq!(refused(&room, "23:05:00", "no more need"), words(sooner, "To end it sooner, put it back now."));
    assert_eq!(refused(&room, "22:59:00", "no more need"), words("22:59 is past.", "Name a time to come."));
    assert!(refused(&room, "23:45:00", "").0.contains("Nobody said why"));
    assert!(refused(&room, "23:45:00", "draining").0.contains("One word is no reason"));
    let back = room.ana(
        "23:01:00",
        Command::Act(Intended {
            act: Act::Revert,
            target: "exports".into(),
            reverts: Some(act),
            ..Intended::default()
        }),
    );
    let busy = room.refuses("23:01:10", "Cho", Command::MoveEnd(later(act, "23:45:00", "still draining")));
    assert!(busy.0.contains("its outcome is not known yet"), "{busy:?}");
    room.ana("23:01:20", settle(back, Outcome::Done, None));
    let over = room.refuses("23:02:00", "Cho", Command::MoveEnd(later(act, "23:45:00", "still draining")));
    assert_eq!(over, words("The stop of exports was taken back already.", "Do it again, and say when it is to end."));

    let endless = room.ana("23:03:00", stop(None));
    let none = room.refuses("23:03:01", "Ana", Command::MoveEnd(later(endless, "23:45:00", "still draining")));
    assert!(none.0.contains("its outcome is not known yet") || none.0.contains("has no end"), "{none:?}");
    room.ana("23:03:02", settle(endless, Outcome::Done, None));
    let none = room.refuses("23:03:03", "Ana", Command::MoveEnd(later(endless, "23:45:00", "still draining")));
    assert_eq!(
        none,
        words("The stop of exports has no end that could be moved.", "It stands until somebody puts it back.")
    );
    assert!(room.incident.intents().next_end("exports").is_none());
}

#[test]
fn given_an_end_that_its_provider_keeps_when_it_is_moved_then_only_what_was_done_there_moves_it_here() {
    let (mut room, act) = stopped();
    let schedule = Intended {
        act: Act::Schedule,
        target: "exports".into(),
        until: Some(t("23:15:00")),
        reverts: Some(act),
        ..Intended::default()
    };
    let scheduled = room.ana("22:58:42", Command::Act(schedule));
    let wish = later(act, "23:45:00", "still draining");
    // while nobody knows whether it is kept there, it is moved nowhere
    room.ana("22:58:43", settle(scheduled, Outcome::Unsure, None));
    let unsure = room.refuses("23:00:00", "Ana", Command::MoveEnd(wish.clone()));
    assert!(unsure.0.contains("Nobody can say whether its provider ends exports at 23:15 UTC by itself"), "{unsure:?}");
    room.ana("23:00:01", settle(scheduled, Outcome::Done, Some("schedule 7")));
    assert_eq!(room.incident.intents().keeper(act), Keeper::There("schedule 7"));
    let here = room.refuses("23:00:02", "Ana", Command::MoveEnd(wish.clone()));
    assert_eq!(here, words("exports is ended by its provider, at 23:15 UTC.", "Move the end there."));

    for (outcome, ends) in [(Outcome::Refused, "23:15:00"), (Outcome::Unsure, "23:15:00"), (Outcome::Done, "23:45:00")]
    {
        let extension =
            room.incident.intents().extension(&wish, (Session(1), t("23:01:00"))).expect("it may").expect("there");
        assert_eq!((extension.was, extension.there.as_deref()), (Some(t("23:15:00")), Some("schedule 7")));
        let moved = room.ana("23:01:00", Command::Act(extension.clone()));
        let said = room.incident.line(room.entries.last().expect("an entry"));
        assert_eq!(said.text, "extend exports from 23:15 to 23:45 there: still draining");
        assert_eq!(until(&room, act), Some(t("23:15:00")), "asking moves nothing");
        room.ana("23:01:01", settle(moved, outcome, None));
        assert_eq!(until(&room, act), Some(t(ends)), "{outcome:?}");
        if outcome == Outcome::Done {
            let again = room.refuses("23:01:02", "Ana", Command::Act(extension));
            assert!(again.0.contains("ends at 23:45 UTC already"), "{again:?}");
        }
    }
    // it changes nothing that is served: nothing is left to undo but the stop
    assert_eq!(room.incident.intents().to_undo().map(|one| one.id).collect::<Vec<_>>(), [act]);
    assert_eq!(room.incident.intents().effect_on("exports").map(|one| one.id), Some(act));
}

#[test]
fn given_an_act_of_another_stream_when_its_end_is_moved_here_then_it_is_refused_and_so_it_is_in_a_closed_incident() {
    let (mut room, act) = stopped();
    let foreign = EntryId::of(quarterdeck::incident::entry::Session(99), 1);
    let other = room.refuses("23:00:00", "Ana", Command::MoveEnd(later(foreign, "23:45:00", "still draining")));
    assert_eq!(other, words("That act stands in another stream.", "Move its end where it was done."));
    room.becomes("23:05:00", Phase::Resolved);
    let close = Command::ChangePhase { phase: Phase::Closed, why: "it may stay stopped".into(), anyway: true };
    room.ana("23:06:00", close);
    let closed = room.refuses("23:07:00", "Ana", Command::MoveEnd(later(act, "23:45:00", "still draining")));
    assert!(closed.0.contains("was closed"), "{closed:?}");
}

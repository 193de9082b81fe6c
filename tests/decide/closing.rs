//! Phases, what remains before close, what a closed and a folded incident still take.

use super::{Room, note, promise, t, words};
use quarterdeck::incident::command::Command;
use quarterdeck::incident::entry::EntryId;
use quarterdeck::incident::intent::{Act, Intended};
use quarterdeck::incident::phase::{Milestone, Phase};
use quarterdeck::incident::question::Asked;
use quarterdeck::incident::severity::Severity;
use quarterdeck::incident::task::TaskOpened;

fn close(why: &str, anyway: bool) -> Command {
    Command::ChangePhase { phase: Phase::Closed, why: why.into(), anyway }
}
fn task(text: &str) -> Command {
    Command::OpenTask(TaskOpened { text: text.into(), owner: None, due: None, goal: Some(3), undo: true })
}

#[test]
fn given_loose_ends_when_closed_then_each_is_named_until_it_is_done_or_a_reason_is_given() {
    let mut room = Room::declared(Severity::Sev1);
    room.ana("22:58:00", task("keep 1823 off"));
    room.ana("22:59:00", promise("23:30:00"));
    let act = Intended {
        act: Act::Stop,
        target: "release".into(),
        from: Some("1823".into()),
        to: Some("1822".into()),
        before: None,
        why: String::new(),
        update: None,
        reverts: None,
        ..Intended::default()
    };
    room.ana("23:00:00", Command::Act(act));
    assert_eq!(
        room.refuses("23:10:00", "Ana", close("", false)),
        words(
            "Before closing there remains: it is not resolved; nobody knows whether stop release happened; \
             task 1 \"keep 1823 off\"; promise 1 \"a list\" by 2019-07-09 23:30 UTC.",
            "Do it or drop it, or close anyway and say why."
        )
    );
    assert_eq!(
        room.refuses("23:10:00", "Ana", close(" ", true)),
        words("The reason for closing anyway has no words.", "Say it in a line.")
    );
    room.ana("23:10:00", close("handed to 413", true));
    assert_eq!((room.incident.phase(), room.incident.is_open()), (Phase::Closed, false));
}

#[test]
fn given_nothing_left_when_resolved_and_closed_then_no_reason_is_asked_for() {
    let mut room = Room::declared(Severity::Sev1);
    room.becomes("23:10:00", Phase::Resolved);
    room.ana("23:11:00", close("", false));
    assert_eq!(room.incident.milestones().get(Milestone::Resolved).map(|d| d.at), Some(t("23:10:00")));
}

#[test]
fn given_a_phase_when_it_is_said_again_then_it_says_since_when() {
    let mut room = Room::declared(Severity::Sev1);
    room.becomes("23:02:20", Phase::Mitigated);
    let again = Command::ChangePhase { phase: Phase::Mitigated, why: String::new(), anyway: false };
    assert_eq!(
        room.refuses("23:05:00", "Ben", again),
        words("It has been mitigated since 2019-07-09 23:02 UTC.", "Name another phase.")
    );
}

#[test]
fn given_an_open_incident_when_reopened_then_there_is_nothing_to_open() {
    let room = Room::declared(Severity::Sev1);
    assert_eq!(
        room.refuses("23:05:00", "Ben", Command::Reopen { why: String::new() }),
        words("It is investigating, neither resolved nor closed.", "There is nothing to open again.")
    );
}

#[test]
fn given_a_reopened_incident_when_measured_then_what_had_ended_has_not() {
    let mut room = Room::declared(Severity::Sev1);
    room.becomes("23:02:20", Phase::Mitigated);
    room.becomes("23:10:00", Phase::Resolved);
    room.ana("23:20:00", Command::Reopen { why: "again".into() });
    assert_eq!(room.incident.phase(), Phase::Investigating);
    let reached = |milestone| room.incident.milestones().get(milestone).is_some();
    assert_eq!([Milestone::Mitigated, Milestone::Resolved].map(reached), [false, false]);
    assert!(room.incident.is_open());
}

#[test]
fn given_a_closed_incident_when_spoken_to_then_it_takes_the_record_and_refuses_work() {
    let mut room = Room::declared(Severity::Sev1);
    room.becomes("23:10:00", Phase::Resolved);
    room.ana("23:11:00", close("", false));
    room.ana("23:20:00", note("the review found one more"));
    let refusal = words("Incident 412 was closed at 2019-07-09 23:11 UTC.", "Reopen it first.");
    assert_eq!(room.refuses("23:20:00", "Ana", task("x")), refusal);
    assert_eq!(room.refuses("23:20:00", "Ana", promise("23:50:00")), refusal);
    room.ana("23:30:00", Command::Reopen { why: "not over".into() });
    room.ana("23:31:00", task("x"));
}

#[test]
fn given_a_folded_incident_when_spoken_to_then_it_names_the_other_and_can_be_wound_up() {
    let mut room = Room::declared(Severity::Sev1);
    let task = room.ana("22:58:00", task("x"));
    let made = room.ana("22:59:00", promise("23:30:00"));
    let question = room.ana("22:59:30", Command::Ask(Asked { text: "how many?".into(), of: None, goal: None }));
    assert_eq!(
        room.refuses("23:00:00", "Ana", Command::Fold { into: 412 }),
        words("An incident cannot be folded into itself.", "Name the one that goes on.")
    );
    room.ana("23:00:00", Command::Fold { into: 413 });
    assert_eq!((room.incident.folded(), room.incident.is_open()), (Some(413), false));
    assert_eq!(
        room.refuses("23:01:00", "Ben", note("x")),
        words("Incident 412 was folded into 413.", "Say it to 413.")
    );
    let owed: Vec<String> = room.incident.due(&room.rules, t("23:01:00")).into_iter().map(|d| d.what).collect();
    assert_eq!(owed, ["a list, promised to Acme"], "its clock is silent, its promises are not");
    room.ana("23:02:00", Command::KeepPromise { promise: made, how: String::new() });
    room.ana("23:02:00", Command::FinishTask { task, result: String::new() });
    room.ana("23:02:00", Command::Answer { question, text: "none".into() });
    assert_eq!(room.incident.remains(&room.rules.elsewhere), ["it is not resolved"]);
}

#[test]
fn given_a_task_when_settled_then_only_what_fits_its_state_is_taken() {
    let mut room = Room::declared(Severity::Sev1);
    let id = room.ana("22:58:00", task("x"));
    let finish = |task: EntryId| Command::FinishTask { task, result: String::new() };
    assert_eq!(
        room.refuses("22:59:00", "Ana", Command::ReopenTask { task: id }),
        words("Task 1 \"x\" is open.", "Finish or drop it first.")
    );
    room.ana("23:00:00", finish(id));
    assert_eq!(
        room.refuses("23:01:00", "Ana", finish(id)),
        words("Task 1 \"x\" was done at 2019-07-09 23:00 UTC.", "Open it again if it is not finished.")
    );
    room.ana("23:02:00", Command::ReopenTask { task: id });
    room.ana("23:03:00", Command::DropTask { task: id, why: String::new() });
    assert_eq!(
        room.refuses("23:04:00", "Ana", finish(id)),
        words("Task 1 \"x\" was dropped at 2019-07-09 23:03 UTC.", "Open it again if it has to be done.")
    );
    assert_eq!(
        room.refuses("23:04:00", "Ana", finish(EntryId::default())),
        words("There is no such task in this incident.", "Choose one of its tasks.")
    );
}

//! The other refusals, each with its two sentences.

use super::{Room, note, t, words};
use quarterdeck::incident::command::{Command, LONGEST_TEXT};
use quarterdeck::incident::entry::{EntryId, Session, Stamp};
use quarterdeck::incident::goal::GoalRanked;
use quarterdeck::incident::question::Asked;
use quarterdeck::incident::record::{Corrected, Decided};
use quarterdeck::incident::roster::Role;
use quarterdeck::incident::severity::{Severity, SeverityChanged};

#[test]
fn given_each_text_when_it_is_empty_then_it_is_named() {
    let room = Room::declared(Severity::Sev1);
    let cases = [
        (note(""), "The note"),
        (Command::Decide(Decided { text: " ".into(), serves: None }), "The decision"),
        (Command::Ask(Asked { text: "\t".into(), of: None, goal: None }), "The question"),
        (Command::Answer { question: EntryId::default(), text: String::new() }, "The answer"),
        (Command::TakeRole { role: Role::Ops, person: String::new() }, "The name"),
        (Command::OfferRole { role: Role::Ops, to: "\n".into() }, "The name"),
    ];
    for (command, what) in cases {
        assert_eq!(
            room.refuses("23:00:00", "Ana", command),
            words(&format!("{what} has no words."), "Say it in a line.")
        );
    }
}

#[test]
fn given_a_text_when_it_is_endless_then_its_length_is_said() {
    let mut room = Room::declared(Severity::Sev1);
    room.ana("23:00:00", note(&"ß".repeat(LONGEST_TEXT)));
    assert_eq!(
        room.refuses("23:00:00", "Ana", note(&"ß".repeat(LONGEST_TEXT + 1))),
        words("The note has 25001 characters, 25000 fit.", "Put the long part into a document and link it.")
    );
}

#[test]
fn given_a_time_to_come_when_something_is_said_to_have_happened_then_it_is_refused_but_for_a_minute() {
    let mut room = Room::declared(Severity::Sev1);
    room.ana_of("23:00:00", "23:01:00", note("clocks differ"));
    let at = Some(t("23:01:01"));
    let (now, first) = (t("23:00:00"), EntryId::of(Session(1), 99));
    let stamp = Stamp { now, author: "Ana".into(), session: Session(1), first, at, when: None };
    let refusal = room.says(&stamp, &note("x")).expect_err("to come");
    assert_eq!(
        refusal.words(),
        "23:01:01 UTC has not come yet; it is 23:00:00 UTC. Nothing was recorded. Give the time it happened, or leave the time out."
    );
}

#[test]
fn given_what_is_so_already_when_said_again_then_it_is_refused() {
    let room = Room::declared(Severity::Sev1);
    let severity = SeverityChanged { severity: Severity::Sev1, why: String::new() };
    assert_eq!(
        room.refuses("23:00:00", "Ana", Command::ChangeSeverity(severity)),
        words("It is SEV1 already.", "Name another severity.")
    );
    assert_eq!(room.refuses("23:00:00", "Ana", Command::Join), words("Ana is here already.", "Go on."));
    let goal = |rank, text: &str| Command::RankGoal(GoalRanked { rank, text: text.into(), why: String::new() });
    assert_eq!(
        room.refuses("23:00:00", "Ana", goal(2, "people know")),
        words("Goal 2 says that already.", "Say something else.")
    );
    assert_eq!(
        room.refuses("23:00:00", "Ana", goal(10, "x")),
        words("A rank is a digit from 1 to 9, not 10.", "Rank it from 1 to 9.")
    );
    assert_eq!(room.refuses("23:00:00", "Ana", goal(9, "")).0, "Goal 9 says that already.");
}

#[test]
fn given_a_goal_nobody_ranked_when_work_serves_it_then_the_goals_are_named() {
    let mut room = Room::declared(Severity::Sev1);
    let serves = |rank| Command::Decide(Decided { text: "x".into(), serves: Some(rank) });
    assert_eq!(room.refuses("23:00:00", "Ana", serves(7)), words("There is no goal 7.", "The goals are: 1, 2, 3."));
    for rank in 1..=3 {
        room.ana("23:00:00", Command::RankGoal(GoalRanked { rank, text: String::new(), why: String::new() }));
    }
    assert_eq!(room.refuses("23:00:00", "Ana", serves(1)).1, "The goals are: none.");
}

#[test]
fn given_a_question_when_answered_then_it_is_not_answered_again() {
    let mut room = Room::declared(Severity::Sev1);
    let question =
        room.by("23:00:00", "Eli", Command::Ask(Asked { text: "how many?".into(), of: None, goal: Some(1) }));
    let answer = || Command::Answer { question, text: "40,000".into() };
    room.ana("23:05:00", answer());
    assert_eq!(
        room.refuses("23:06:00", "Ben", answer()),
        words("Question 1 was answered at 2019-07-09 23:05 UTC: \"40,000\".", "Correct that answer, or write a note.")
    );
    let other = Command::Answer { question: EntryId::default(), text: "x".into() };
    assert_eq!(
        room.refuses("23:06:00", "Ben", other),
        words("There is no such question in this incident.", "Choose one of its open questions.")
    );
}

#[test]
fn given_a_correction_when_it_says_nothing_new_then_it_is_refused() {
    let mut room = Room::declared(Severity::Sev1);
    let entry = room.ana("23:00:00", note("x"));
    let correct = |text: Option<&str>, at: Option<&str>| {
        let at = at.map(t);
        Command::Correct(Corrected { entry, text: text.map(Into::into), at, struck: false, why: String::new() })
    };
    assert_eq!(
        room.refuses("23:01:00", "Ana", correct(None, None)),
        words("The correction changes nothing.", "Give the right words or the right time.")
    );
    assert_eq!(room.refuses("23:01:00", "Ana", correct(Some(""), None)).0, "The corrected text has no words.");
    assert_eq!(
        room.refuses("23:01:00", "Ana", correct(None, Some("23:30:00"))).0,
        "23:30:00 UTC has not come yet; it is 23:01:00 UTC."
    );
    room.ana("23:01:00", correct(Some("y"), Some("22:59:00")));
    let corrected = room.entries.iter().find(|e| e.id == entry).expect("the note");
    assert_eq!(room.incident.happened(corrected), t("22:59:00"));
    assert_eq!(room.incident.line(corrected).text, "y");
}

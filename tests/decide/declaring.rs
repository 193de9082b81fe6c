//! How an incident starts, who commands it, how roles move.

use super::{Room, declaration, note, t, words};
use quarterdeck::incident::command::Command;
use quarterdeck::incident::phase::{Milestone, MilestoneReached};
use quarterdeck::incident::record::Corrected;
use quarterdeck::incident::roster::Role;
use quarterdeck::incident::severity::Severity;

#[test]
fn given_an_empty_stream_when_declared_then_the_declarer_commands_and_the_goals_are_ranked() {
    let room = Room::declared(Severity::Sev1);
    assert_eq!(room.incident.commander(), Some(("Ana", t("22:53:12"))));
    let goals: Vec<_> = room.incident.goals().iter().map(|(rank, text)| (*rank, text.as_str())).collect();
    assert_eq!(goals, [(1, "customer data is safe"), (2, "people know"), (3, "service works again")]);
    assert_eq!((room.incident.title(), room.incident.severity()), ("API refuses all traffic", Severity::Sev1));
    assert_eq!(room.incident.milestones().get(Milestone::Declared).map(|d| d.at), Some(t("22:53:12")));
    assert!(room.incident.is_open());
    assert_eq!(room.incident.head(), 5);
}

#[test]
fn given_a_declared_incident_when_declared_again_then_it_says_who_was_first() {
    let room = Room::declared(Severity::Sev1);
    assert_eq!(
        room.refuses("22:55:00", "Ben", Command::Declare(declaration(Severity::Sev2))),
        words("Incident 412 was declared by Ana at 2019-07-09 22:53 UTC.", "Join it, or declare another one.")
    );
}

#[test]
fn given_nothing_when_something_else_is_said_first_then_it_is_refused() {
    assert_eq!(
        Room::empty().refuses("22:55:00", "Ben", note("x")),
        words("Incident 412 has not been declared.", "Declare it first: quarterdeck declare TITLE -s sev1.")
    );
}

#[test]
fn given_times_that_cannot_be_when_declared_then_it_is_refused() {
    let with = |began: &str, ended: &str| {
        let declared = super::Declared { began: Some(t(began)), ended: Some(t(ended)), ..declaration(Severity::Sev1) };
        Room::empty().refuses("22:53:12", "Ana", Command::Declare(declared))
    };
    assert_eq!(
        with("22:50:00", "22:40:00"),
        words(
            "Impact cannot end (2019-07-09T22:40:00Z) before it began (2019-07-09T22:50:00Z).",
            "Give the two times the other way round."
        )
    );
    assert_eq!(
        with("22:50:00", "23:40:00"),
        words(
            "23:40:00 UTC has not come yet; it is 22:53:12 UTC.",
            "Give the time it happened, or leave the time out."
        )
    );
    let silent = super::Declared { title: " \n".into(), ..declaration(Severity::Sev1) };
    assert_eq!(
        Room::empty().refuses("22:53:12", "Ana", Command::Declare(silent)),
        words("The title has no words.", "Say it in a line.")
    );
}

#[test]
fn given_a_title_when_corrected_then_the_incident_has_the_new_one_and_the_line_keeps_its_severity() {
    let mut room = Room::declared(Severity::Sev1);
    let entry = room.entries[0].clone();
    let fixed =
        Corrected { entry: entry.id, text: Some("API down".into()), at: None, struck: false, why: String::new() };
    room.ana("22:56:00", Command::Correct(fixed));
    assert_eq!(room.incident.title(), "API down");
    assert_eq!(room.incident.line(&entry).text, "SEV1: API down; Ana commands");
    assert_eq!(room.incident.original(&entry).text, "SEV1: API refuses all traffic; Ana commands");
}

#[test]
fn given_a_milestone_when_the_time_of_its_entry_is_corrected_then_the_durations_follow() {
    let mut room = Room::declared(Severity::Sev1);
    let reached = |milestone| Command::Reach(MilestoneReached { milestone, from: "burn".into(), what: String::new() });
    room.ana_of("22:55:00", "22:50:00", reached(Milestone::Began));
    let detected = room.ana_of("22:55:00", "22:54:00", reached(Milestone::Detected));
    let between = |room: &Room| {
        let span = room.incident.milestones().between(Milestone::Began, Milestone::Detected);
        span.map(|span| span.as_minutes())
    };
    assert_eq!(between(&room), Some(4));
    let fixed = Corrected { entry: detected, text: None, at: Some(t("22:51:00")), struck: false, why: String::new() };
    room.ana("22:57:00", Command::Correct(fixed));
    assert_eq!(between(&room), Some(1));
    let struck = Corrected { entry: detected, text: None, at: None, struck: true, why: String::new() };
    room.ana("22:58:00", Command::Correct(struck));
    assert_eq!(between(&room), None);
}

#[test]
fn given_an_offer_when_it_is_accepted_then_command_moves_and_not_before() {
    let mut room = Room::declared(Severity::Sev1);
    let role = Role::Commander;
    room.ana("23:00:00", Command::OfferRole { role, to: "Ben".into() });
    assert_eq!(room.incident.commander().map(|c| c.0), Some("Ana"));
    assert_eq!(
        room.refuses("23:01:00", "Cho", Command::AcceptRole { role }),
        words("Ana offered the role of commander to Ben, not to Cho.", "Let Ben answer, or take the role outright.")
    );
    room.by("23:02:00", "Ben", Command::AcceptRole { role });
    assert_eq!(room.incident.commander(), Some(("Ben", t("23:02:00"))));
    assert_eq!(room.incident.roster().offer(role), None);
    assert_eq!(
        room.refuses("23:03:00", "Ben", Command::AcceptRole { role }),
        words("The role of commander is not on offer.", "Have it offered, or take it outright.")
    );
}

#[test]
fn given_an_offer_when_it_is_declined_then_everything_stays() {
    let mut room = Room::declared(Severity::Sev1);
    room.ana("23:00:00", Command::OfferRole { role: Role::Commander, to: "Ben".into() });
    room.by("23:01:00", "Ben", Command::DeclineRole { role: Role::Commander });
    assert_eq!(room.incident.commander(), Some(("Ana", t("22:53:12"))));
    assert_eq!(room.incident.roster().offer(Role::Commander), None);
}

#[test]
fn given_roles_when_given_up_then_only_command_cannot_be() {
    let mut room = Room::declared(Severity::Sev1);
    room.ana("23:00:00", Command::TakeRole { role: Role::Comms, person: "Ben".into() });
    assert_eq!(
        room.refuses("23:01:00", "Ana", Command::TakeRole { role: Role::Comms, person: "Ben".into() }),
        words("Ben has been comms since 2019-07-09 23:00 UTC.", "Name somebody else.")
    );
    room.by("23:02:00", "Ben", Command::LeaveRole { role: Role::Comms });
    assert_eq!(
        room.refuses("23:03:00", "Ben", Command::LeaveRole { role: Role::Comms }),
        words("Nobody is comms.", "There is nothing to give up.")
    );
    assert_eq!(
        room.refuses("23:03:00", "Ana", Command::LeaveRole { role: Role::Commander }),
        words(
            "There is no moment without a commander.",
            "Offer command to somebody; it stays where it is until they accept."
        )
    );
}

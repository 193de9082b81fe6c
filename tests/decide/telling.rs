//! Which entries have a row of their own in the timeline: one act, one row; news keeps its own.

use super::{Room, declaration, t};
use quarterdeck::incident::command::Command;
use quarterdeck::incident::entry::EntryId;
use quarterdeck::incident::goal::GoalRanked;
use quarterdeck::incident::intent::{Act, Intended, Outcome, Seen, Settled};
use quarterdeck::incident::promise::{Audience, Updated};
use quarterdeck::incident::record::Corrected;
use quarterdeck::incident::roster::Role;
use quarterdeck::incident::severity::Severity;

/// The rows of the timeline: label, words, what stands at the right edge.
fn rows(room: &Room) -> Vec<String> {
    let told = room.entries.iter().filter(|entry| room.incident.told_by(entry).is_none());
    let line = |entry| room.incident.line(entry);
    told.map(line).map(|line| [line.label, &line.text, &line.aside].join(" | ")).collect()
}
/// The rows after those of the declaration.
fn news(room: &Room) -> Vec<String> {
    rows(room).split_off(1)
}
fn stop(room: &mut Room) -> EntryId {
    let what = Intended {
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
    room.by("22:58:40", "Cho", Command::Act(what))
}
fn settle(room: &mut Room, now: &str, intent: EntryId, outcome: Outcome) -> EntryId {
    let detail = if outcome == Outcome::Done { "" } else { "the file was replaced" };
    let fact = Settled { intent, outcome, detail: detail.into(), value: Some("1822".into()), ..Settled::default() };
    room.by(now, "Cho", Command::Settle(fact))
}
fn see(room: &mut Room, now: &str, intent: EntryId, value: &str, detail: &str) {
    let fact = Seen {
        target: "release".into(),
        value: value.into(),
        intent: Some(intent),
        detail: detail.into(),
        found: None,
    };
    room.by(now, "Cho", Command::See(fact));
}
fn publish(room: &mut Room, channels: &[&str]) -> EntryId {
    let update = Updated { text: "We are on it.".into(), audience: Audience::Public, next: None };
    let channels = channels.iter().map(|name| (*name).to_string()).collect();
    room.by("23:03:20", "Ben", Command::Update { update, channels })
}
fn strike(entry: EntryId) -> Command {
    Command::Correct(Corrected { entry, text: None, at: None, struck: true, why: String::new() })
}

#[test]
fn given_a_declaration_when_told_then_one_row_says_who_commands() {
    let room = Room::of(declaration(Severity::Sev1));
    assert!(room.entries.len() > 3, "the role and the goals are in the journal");
    assert_eq!(rows(&room), ["declared | SEV1: API refuses all traffic; Ana commands | "]);
}

#[test]
fn given_the_same_said_later_when_told_then_it_has_its_row() {
    let mut room = Room::declared(Severity::Sev1);
    room.ana("22:55:00", Command::RankGoal(GoalRanked { rank: 2, text: "the shop sells".into(), why: String::new() }));
    room.by("22:56:00", "Ben", Command::TakeRole { role: Role::Comms, person: "Ben".into() });
    assert_eq!(news(&room), ["goal | 2 the shop sells | ", "role | is comms | "]);
}

#[test]
fn given_a_title_that_is_corrected_when_told_then_who_commands_stays() {
    let mut room = Room::declared(Severity::Sev1);
    let declared = room.entries[0].id;
    let fact =
        Corrected { entry: declared, text: Some("API is slow".into()), at: None, struck: false, why: String::new() };
    room.ana("22:55:00", Command::Correct(fact));
    assert_eq!(rows(&room)[0], "declared | SEV1: API is slow; Ana commands | corrected");
}

#[test]
fn given_an_act_when_done_within_a_minute_then_its_row_says_so() {
    let mut room = Room::declared(Severity::Sev1);
    let act = stop(&mut room);
    assert_eq!(news(&room), ["acted | stop release: 1823 -> 1822 | asked, no answer yet"]);
    settle(&mut room, "22:59:40", act, Outcome::Done);
    assert_eq!(news(&room), ["acted | stop release: 1823 -> 1822 | done 22:59:40"]);
    see(&mut room, "23:01:52", act, "1822", "8 of 8 hosts");
    assert_eq!(news(&room)[1..], ["seen | release serves 1822: 8 of 8 hosts | 3 min 12 s after asking"]);
}

#[test]
fn given_an_act_when_done_later_refused_or_unsure_then_that_is_news() {
    for (now, outcome, row, aside) in [
        ("22:59:41", Outcome::Done, "outcome | stop release done | 1 min 1 s after asking", "done 22:59:41"),
        (
            "22:58:41",
            Outcome::Refused,
            "outcome | stop release refused: the file was replaced | 1 s after asking",
            "refused 22:58:41",
        ),
        (
            "22:58:41",
            Outcome::Unsure,
            "outcome | stop release unsure: the file was replaced | 1 s after asking",
            "UNSURE since 22:58:41",
        ),
    ] {
        let mut room = Room::declared(Severity::Sev1);
        let act = stop(&mut room);
        settle(&mut room, now, act, outcome);
        assert_eq!(news(&room), [format!("acted | stop release: 1823 -> 1822 | {aside}"), row.to_string()]);
    }
}

#[test]
fn given_an_unsure_act_when_it_is_seen_or_known_then_its_row_follows() {
    let mut room = Room::declared(Severity::Sev1);
    let act = stop(&mut room);
    settle(&mut room, "22:58:50", act, Outcome::Unsure);
    see(&mut room, "22:59:20", act, "1822", "");
    assert!(news(&room)[0].ends_with("| unsure 22:58:50, seen 22:59:20"), "{:?}", news(&room));
    settle(&mut room, "22:59:30", act, Outcome::Done);
    let rows = news(&room);
    assert!(rows[0].ends_with("| done 22:59:30"), "{rows:?}");
    assert_eq!(rows.len(), 3, "that it was unsure, and that it was seen, were news: {rows:?}");
}

#[test]
fn given_an_update_when_every_channel_shows_it_then_it_is_one_row() {
    let mut room = Room::declared(Severity::Sev1);
    let update = publish(&mut room, &["page", "chat"]);
    assert_eq!(news(&room).len(), 3, "{:?}", news(&room));
    settle(&mut room, "23:03:22", update.offset(1), Outcome::Done);
    assert_eq!(
        news(&room),
        [
            "public | \"We are on it.\" | visible 23:03:22",
            "send | update to page | done 23:03:22",
            "send | update to chat | asked, no answer yet"
        ]
    );
    settle(&mut room, "23:03:24", update.offset(2), Outcome::Done);
    assert_eq!(news(&room), ["public | \"We are on it.\" | visible 23:03:22"]);
}

#[test]
fn given_a_channel_that_refuses_when_told_then_the_update_does_not_hide_it() {
    let mut room = Room::declared(Severity::Sev1);
    let update = publish(&mut room, &["page"]);
    settle(&mut room, "23:03:22", update.offset(1), Outcome::Refused);
    assert_eq!(
        news(&room),
        [
            "public | \"We are on it.\" | not visible",
            "send | update to page | refused 23:03:22",
            "outcome | publish page refused: the file was replaced | 2 s after asking"
        ]
    );
}

#[test]
fn given_what_was_struck_or_corrected_then_it_tells_only_itself() {
    let mut room = Room::declared(Severity::Sev1);
    let act = stop(&mut room);
    let outcome = settle(&mut room, "22:58:41", act, Outcome::Done);
    room.ana("23:00:00", strike(act));
    assert_eq!(news(&room).len(), 3, "the act, its outcome, the correction: {:?}", news(&room));
    let at = Some(t("22:58:42"));
    room.ana(
        "23:00:30",
        Command::Correct(Corrected { entry: outcome, text: None, at, struck: false, why: String::new() }),
    );
    assert!(news(&room)[1].ends_with("corrected"), "{:?}", news(&room));
}

/// A declaration that is marked at one backend, and the marker.
fn marked() -> (Room, EntryId) {
    let mut room = Room::empty();
    room.rules.markers = vec!["hny".into()];
    room.ana("22:53:12", Command::Declare(declaration(Severity::Sev1)));
    let marker = room.incident.markers().all()[0].id;
    (room, marker)
}

#[test]
fn given_a_marker_when_told_then_it_has_one_quiet_row_until_it_is_set_and_none_afterwards() {
    let (mut room, marker) = marked();
    assert_eq!(news(&room), ["marker | at hny: 412 declared: API refuses all traffic | asked, no answer yet"]);
    settle(&mut room, "22:53:13", marker, Outcome::Done);
    assert_eq!(rows(&room).len(), 1);
    // what it is about was struck: it stands for itself
    let declared = room.entries[0].id;
    room.ana("22:55:00", strike(declared));
    let row = "marker | at hny: 412 declared: API refuses all traffic | done 22:53:13".to_string();
    assert!(news(&room).contains(&row), "{:?}", news(&room));
}

#[test]
fn given_a_marker_that_is_not_set_when_told_then_one_row_says_how_it_stands() {
    let (mut room, marker) = marked();
    settle(&mut room, "22:53:13", marker, Outcome::Refused);
    assert_eq!(news(&room), ["marker | refused at hny: the file was replaced | refused 22:53:13"]);
    let (mut room, marker) = marked();
    settle(&mut room, "22:53:20", marker, Outcome::Unsure);
    assert_eq!(news(&room), ["marker | unsure at hny: the file was replaced | UNSURE since 22:53:20"]);
    let unseen = room.entries.clone();
    see(&mut room, "22:54:30", marker, "", "it is not among the 3 that are there");
    assert_eq!(news(&room), ["marker | unsure at hny: the file was replaced | unsure 22:53:20, not seen 22:54:30"]);
    let mut again = Room { rules: room.rules.clone(), ..Room::empty() };
    assert!(unseen.iter().all(|entry| again.incident.apply(entry)));
    again.entries = unseen;
    see(&mut again, "22:54:30", marker, "412 declared: API refuses all traffic", "");
    let row = "marker | at hny: 412 declared: API refuses all traffic | unsure 22:53:20, seen 22:54:30";
    assert_eq!(news(&again), [row]);
}

//! Markers: which turns of a response get one, what it says, and what it keeps to itself.

use super::{Room, declaration, note, t, words};
use quarterdeck::incident::cadence::Rules;
use quarterdeck::incident::command::Command;
use quarterdeck::incident::declare::Declared;
use quarterdeck::incident::entry::EntryId;
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::intent::{Act, Intended, Outcome, Seen, Settled};
use quarterdeck::incident::marker::Marker;
use quarterdeck::incident::phase::Phase;
use quarterdeck::incident::promise::{Audience, Updated};
use quarterdeck::incident::severity::Severity;

/// An incident whose turns are marked at these backends.
fn marked(targets: &[&str], declared: Declared) -> Room {
    let markers = targets.iter().map(ToString::to_string).collect();
    let mut room = Room { rules: Rules { markers, ..Rules::default() }, ..Room::empty() };
    room.ana("22:53:12", Command::Declare(declared));
    room
}
fn said(room: &Room) -> Vec<&str> {
    room.incident.markers().all().iter().map(|marker| marker.what.words.as_str()).collect()
}
fn stands(room: &Room) -> Vec<String> {
    room.incident.markers().all().iter().map(|marker| marker.what.moment.clock()).collect()
}
fn last(room: &Room) -> &Marker {
    room.incident.markers().all().last().expect("a marker")
}
fn flip(room: &mut Room, now: &str, act: Act) -> EntryId {
    let (from, to) = if act == Act::Stop { ("1823", "1822") } else { ("1822", "1823") };
    let what = Intended {
        act,
        target: "release".into(),
        from: Some(from.into()),
        to: Some(to.into()),
        before: None,
        why: "api-3 has no binary".into(),
        update: None,
        reverts: None,
        ..Intended::default()
    };
    room.by(now, "Cho", Command::Act(what))
}
fn settle(room: &mut Room, now: &str, intent: EntryId, outcome: Outcome) {
    let settled = Settled { intent, outcome, detail: "words".into(), value: None, ..Settled::default() };
    room.by(now, "Cho", Command::Settle(settled));
}
fn see(intent: EntryId, value: &str) -> Command {
    Command::See(Seen {
        target: "x".into(),
        value: value.into(),
        intent: Some(intent),
        detail: String::new(),
        found: None,
    })
}
fn update(audience: Audience) -> Command {
    let text = "We refuse all traffic.\nWe go back to 1822.".into();
    Command::Update { update: Updated { text, audience, next: None }, channels: Vec::new() }
}

#[test]
fn given_nobody_who_shows_markers_when_anything_is_decided_then_none_is_asked_for() {
    let mut room = marked(&[], declaration(Severity::Sev1));
    let stop = flip(&mut room, "22:58:40", Act::Stop);
    settle(&mut room, "22:58:42", stop, Outcome::Done);
    room.ana("23:00:00", update(Audience::Public));
    room.becomes("23:10:00", Phase::Resolved);
    assert!(room.incident.markers().all().is_empty());
}

#[test]
fn given_the_turns_of_a_response_when_decided_then_each_has_a_marker_at_its_moment_and_nothing_else_has() {
    let mut room = marked(&["hny"], declaration(Severity::Sev1));
    room.ana("22:54:00", note("nothing for others"));
    let stop = flip(&mut room, "22:58:40", Act::Stop);
    assert_eq!(said(&room).len(), 1, "asked is not done");
    settle(&mut room, "22:58:42", stop, Outcome::Done);
    room.ana("23:00:00", update(Audience::Public));
    room.ana("23:01:00", update(Audience::Internal));
    room.becomes("23:02:00", Phase::Mitigated);
    let restore = flip(&mut room, "23:03:00", Act::Restore);
    settle(&mut room, "23:03:02", restore, Outcome::Done);
    let revert = flip(&mut room, "23:04:00", Act::Revert);
    settle(&mut room, "23:04:02", revert, Outcome::Refused);
    room.becomes("23:10:00", Phase::Resolved);
    room.becomes("23:20:00", Phase::Closed);
    let title = "API refuses all traffic";
    assert_eq!(
        said(&room),
        [
            format!("412 declared: {title}"),
            format!("412 release stopped, serves 1822: {title}"),
            format!("412 update: {title} \u{2013} We refuse all traffic. We go back to 1822."),
            format!("412 release restored, serves 1823: {title}"),
            format!("412 resolved: {title}"),
        ]
    );
    assert_eq!(stands(&room), ["22:53:12", "22:58:42", "23:00:00", "23:03:02", "23:10:00"]);
    assert!(!said(&room).concat().contains("binary"), "why stays inside");
}

#[test]
fn given_a_restricted_incident_when_its_turns_are_marked_then_only_its_number_leaves() {
    let declared = Declared { restricted: true, title: "Tokens leaked at Acme".into(), ..declaration(Severity::Sev1) };
    let mut room = marked(&["hny"], declared);
    let stop = flip(&mut room, "22:58:40", Act::Stop);
    settle(&mut room, "22:58:42", stop, Outcome::Done);
    room.ana("23:00:00", update(Audience::Public));
    room.becomes("23:10:00", Phase::Resolved);
    assert_eq!(said(&room), ["412 declared", "412 switch stopped", "412 update", "412 resolved"]);
}

#[test]
fn given_two_who_show_markers_when_declared_then_one_for_each_is_written_with_the_declaration() {
    let room = marked(&["hny", "eu"], declaration(Severity::Sev1));
    let of: Vec<(&str, u64)> = room
        .entries
        .iter()
        .filter_map(|entry| match &entry.fact {
            Fact::MarkerIntended(fact) => Some((fact.target.as_str(), entry.seq)),
            _ => None,
        })
        .collect();
    assert_eq!(of, [("hny", 6), ("eu", 7)], "behind the declaration, the role and the goals");
    assert!(room.incident.markers().all().iter().all(|marker| marker.what.about == room.entries[0].id));
}

#[test]
fn given_what_happened_earlier_when_it_is_told_then_the_marker_stands_then_and_was_asked_for_now() {
    let mut room = marked(&["hny"], declaration(Severity::Sev1));
    room.ana_of("23:30:00", "23:00:00", update(Audience::Public));
    let marker = last(&room);
    assert_eq!((marker.what.moment, marker.at), (t("23:00:00"), t("23:30:00")));
}

#[test]
fn given_an_act_whose_outcome_was_lost_when_it_is_seen_to_have_happened_then_it_is_marked_once_where_it_was_asked() {
    let mut room = marked(&["hny"], declaration(Severity::Sev1));
    let stop = flip(&mut room, "22:58:40", Act::Stop);
    settle(&mut room, "22:58:50", stop, Outcome::Unsure);
    room.ana("22:59:00", see(stop, "1823"));
    assert_eq!(said(&room).len(), 1, "it has not happened");
    room.ana("22:59:30", see(stop, "1822"));
    assert_eq!(stands(&room), ["22:53:12", "22:58:40"]);
    settle(&mut room, "23:00:00", stop, Outcome::Done);
    assert_eq!(said(&room).len(), 2, "one act, one marker");
}

#[test]
fn given_a_marker_when_it_ended_then_its_outcome_never_changes_and_it_stands_in_nobodys_way() {
    let mut room = marked(&["hny"], declaration(Severity::Sev1));
    let id = last(&room).id;
    let end = |outcome| {
        Command::Settle(Settled { intent: id, outcome, detail: String::new(), value: None, ..Settled::default() })
    };
    assert!(
        last(&room).is_open() && room.incident.left_behind(&room.rules.elsewhere).is_empty(),
        "closing does not wait for it"
    );
    room.ana("22:53:20", end(Outcome::Unsure));
    assert!(last(&room).is_unsure() && !last(&room).is_there());
    room.ana("22:53:30", see(id, "412 declared: API refuses all traffic"));
    assert!(last(&room).is_there());
    assert_eq!(
        room.refuses("22:53:31", "Ben", see(id, "")),
        words("Somebody looked for that marker at 22:53:30 UTC.", "There is nothing to look for.")
    );
    room.ana("22:54:00", end(Outcome::Done));
    assert_eq!(
        room.refuses("22:55:00", "Ana", end(Outcome::Refused)),
        words("That act ended done at 22:54:00 UTC.", "An outcome is never changed.")
    );
    assert_eq!(said(&room).len(), 1, "a marker is not marked");
}

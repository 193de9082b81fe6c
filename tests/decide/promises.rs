//! Updates and promises: kept, late, broken, called off.

use super::{Room, note, promise, t, words};
use quarterdeck::incident::cadence::DueKind;
use quarterdeck::incident::command::Command;
use quarterdeck::incident::entry::EntryId;
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::intent::{Outcome, Settled};
use quarterdeck::incident::phase::Phase;
use quarterdeck::incident::promise::{Audience, PromiseState, Promised, Updated};
use quarterdeck::incident::severity::Severity;

fn state(room: &Room, promise: EntryId, now: &str) -> Option<PromiseState> {
    let promises = room.incident.promises();
    promises.find(promise).map(|p| promises.state(p, t(now)))
}
fn keep(promise: EntryId) -> Command {
    Command::KeepPromise { promise, how: String::new() }
}

#[test]
fn given_a_promise_when_its_time_passes_then_it_is_overdue_until_it_is_kept_late() {
    let mut room = Room::declared(Severity::Sev1);
    let made = room.ana("23:00:00", promise("23:30:00"));
    assert_eq!(state(&room, made, "23:30:00"), Some(PromiseState::Open));
    assert_eq!(state(&room, made, "23:30:01"), Some(PromiseState::Overdue));
    room.by("23:31:00", "Eli", keep(made));
    assert_eq!(state(&room, made, "23:40:00"), Some(PromiseState::Late(t("23:31:00"))));
    assert_eq!(
        room.refuses("23:32:00", "Eli", keep(made)),
        words("Promise 1 \"a list\" was kept already.", "There is nothing left to keep.")
    );
}

#[test]
fn given_a_promise_when_kept_in_time_then_it_no_longer_rings() {
    let mut room = Room::declared(Severity::Sev4);
    let made = room.ana("23:00:00", promise("23:30:00"));
    assert_eq!(room.next("23:10:00", DueKind::Promise), Some("23:30:00".into()));
    room.by("23:30:00", "Eli", keep(made));
    assert_eq!(state(&room, made, "23:40:00"), Some(PromiseState::Kept(t("23:30:00"))));
    assert_eq!(room.next("23:40:00", DueKind::Promise), None);
}

#[test]
fn given_a_promise_when_the_incident_closes_without_it_then_it_is_broken() {
    let mut room = Room::declared(Severity::Sev4);
    let made = room.ana("23:00:00", promise("23:30:00"));
    room.ana("23:40:00", Command::ChangePhase { phase: Phase::Closed, why: "nobody asked".into(), anyway: true });
    assert_eq!(state(&room, made, "23:41:00"), Some(PromiseState::Broken));
    assert_eq!(room.next("23:41:00", DueKind::Promise), None);
    room.ana("23:50:00", Command::Reopen { why: "Acme asked".into() });
    assert_eq!(state(&room, made, "23:51:00"), Some(PromiseState::Overdue));
}

#[test]
fn given_a_promise_when_called_off_then_the_reason_is_asked_for() {
    let mut room = Room::declared(Severity::Sev4);
    let made = room.ana("23:00:00", promise("23:30:00"));
    let off = |why: &str| Command::WithdrawPromise { promise: made, why: why.into() };
    assert_eq!(room.refuses("23:10:00", "Ana", off("")), words("The reason has no words.", "Say it in a line."));
    room.ana("23:10:00", off("they have it"));
    assert_eq!(state(&room, made, "23:50:00"), Some(PromiseState::Withdrawn));
    assert_eq!(room.refuses("23:11:00", "Ana", keep(made)).0, "Promise 1 \"a list\" was called off already.");
}

#[test]
fn given_a_promised_next_update_when_the_next_is_visible_then_it_is_kept_and_the_new_one_rings() {
    let mut room = Room::declared(Severity::Sev1);
    let first = room.tells("22:55:00", Audience::Public, Some("23:30:00"));
    room.tells("23:10:00", Audience::Internal, None);
    assert_eq!(state(&room, first, "23:20:00"), Some(PromiseState::Open), "the company is not the public");
    let update = Updated { text: "Better.".into(), audience: Audience::Public, next: Some(t("2019-07-10T00:30:00")) };
    let second = room.ana("23:28:00", Command::Update { update, channels: vec!["page".into()] });
    assert_eq!(state(&room, first, "23:29:00"), Some(PromiseState::Open), "sent and not seen");
    assert_eq!(room.next("23:29:00", DueKind::PublicUpdate), Some("23:30:00".into()));
    let done = Settled {
        intent: second.offset(1),
        outcome: Outcome::Done,
        detail: String::new(),
        value: None,
        ..Settled::default()
    };
    room.ana("23:29:30", Command::Settle(done));
    assert_eq!(state(&room, first, "23:31:00"), Some(PromiseState::Kept(t("23:29:30"))));
    assert_eq!(room.next("23:31:00", DueKind::PublicUpdate), Some("00:30:00".into()));
    assert_eq!(state(&room, second, "23:31:00"), Some(PromiseState::Open));
}

#[test]
fn given_an_update_with_channels_when_settled_then_each_send_is_written_with_it() {
    let mut room = Room::declared(Severity::Sev1);
    let update = Updated { text: "We are on it.".into(), audience: Audience::Public, next: None };
    let id = room.ana("22:55:00", Command::Update { update, channels: vec!["page".into(), "chat".into()] });
    let sends = room.entries.iter().filter_map(|e| match &e.fact {
        Fact::Intended(fact) => Some((fact.target.as_str(), fact.update)),
        _ => None,
    });
    assert_eq!(sends.collect::<Vec<_>>(), [("page", Some(id)), ("chat", Some(id))]);
    assert_eq!(room.incident.promises().last_told(Audience::Public), None, "nobody can read it yet");
}

#[test]
fn given_a_send_that_was_refused_when_the_channel_is_asked_then_nobody_was_told() {
    let mut room = Room::declared(Severity::Sev1);
    let update = Updated { text: "We are on it.".into(), audience: Audience::Public, next: None };
    let id = room.ana("22:55:00", Command::Update { update, channels: vec!["page".into()] });
    let settled =
        |outcome| Settled { intent: id.offset(1), outcome, detail: String::new(), value: None, ..Settled::default() };
    room.ana("22:55:10", Command::Settle(settled(Outcome::Refused)));
    assert_eq!(room.incident.promises().last_told(Audience::Public), None);
    assert_eq!(
        room.refuses("22:56:00", "Ana", Command::Settle(settled(Outcome::Done))),
        words("That act ended refused at 22:55:10 UTC.", "An outcome is never changed.")
    );
}

#[test]
fn given_a_time_that_has_passed_when_promised_then_it_is_refused() {
    let room = Room::declared(Severity::Sev1);
    let late =
        words("2019-07-09T22:59:00Z is not after 2019-07-09T23:00:00Z.", "Promise a time that is still to come.");
    assert_eq!(room.refuses("23:00:00", "Ana", promise("22:59:00")), late);
    let update = Updated { text: "x".into(), audience: Audience::Public, next: Some(t("22:59:00")) };
    assert_eq!(room.refuses("23:00:00", "Ana", Command::Update { update, channels: Vec::new() }), late);
    let nobody = Promised { to: " ".into(), what: "a list".into(), by: t("23:30:00"), owner: None };
    assert_eq!(
        room.refuses("23:00:00", "Ana", Command::Promise(nobody)),
        words("Whom it is promised to has no words.", "Say it in a line.")
    );
}

#[test]
fn given_a_promise_of_another_incident_when_kept_then_it_is_refused() {
    let mut room = Room::declared(Severity::Sev1);
    let no_promise = room.ana("23:00:00", note("x"));
    assert_eq!(
        room.refuses("23:01:00", "Ana", keep(no_promise)),
        words("There is no such promise in this incident.", "Choose one of its open promises.")
    );
}

//! The wall clock: check-ins and updates by severity, as the table in the product's description says.

use super::{Room, declaration, t, words};
use quarterdeck::incident::cadence::DueKind::{self, CheckIn, InternalUpdate, PublicUpdate};
use quarterdeck::incident::cadence::SlotState::{Answered, NotRecorded, Overdue, Skipped};
use quarterdeck::incident::command::Command;
use quarterdeck::incident::declare::Declared;
use quarterdeck::incident::phase::Phase;
use quarterdeck::incident::promise::Audience::{Internal, Public};
use quarterdeck::incident::severity::Severity;

fn slots(room: &Room, now: &str) -> Vec<(String, quarterdeck::incident::cadence::SlotState)> {
    let slots = room.incident.slots(&room.rules, t(now));
    slots.into_iter().map(|(at, state)| (at.clock_minutes(), state)).collect()
}
fn check_in(room: &mut Room, now: &str) {
    room.ana(now, Command::CheckIn { answered: vec!["Cho".into()], note: String::new() });
}
fn some(clock: &str) -> Option<String> {
    Some(clock.into())
}

#[test]
fn given_each_severity_when_just_declared_then_the_first_of_each_kind_is_owed_by_the_table() {
    let first = |severity| {
        let room = Room::declared(severity);
        [CheckIn, PublicUpdate, InternalUpdate].map(|kind| room.next("22:54:00", kind))
    };
    assert_eq!(first(Severity::Sev1), [some("23:00:00"), some("22:58:12"), some("23:00:00")]);
    assert_eq!(first(Severity::Sev2), [some("23:00:00"), some("23:03:12"), some("23:30:00")]);
    assert_eq!(first(Severity::Sev3), [some("23:00:00"), None, some("23:00:00")]);
    assert_eq!(first(Severity::Sev4), [None, None, None]);
}

#[test]
fn given_each_severity_when_an_hour_passes_then_the_slots_are_those_of_the_table() {
    let of = |severity| {
        let room = Room::declared(severity);
        slots(&room, "23:59:59").into_iter().map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert_eq!(of(Severity::Sev1), ["23:00", "23:15", "23:30", "23:45"]);
    assert_eq!(of(Severity::Sev2), ["23:00", "23:15", "23:30", "23:45"]);
    assert_eq!(of(Severity::Sev3), ["23:00", "23:30"]);
    assert!(of(Severity::Sev4).is_empty());
}

/// When the public is owed the next word after one at each of these moments.
fn after(severity: Severity, told: &[&str]) -> Vec<String> {
    let next = |told: &&str| {
        let mut room = Room::declared(severity);
        room.tells(told, Public, None);
        room.next(told, PublicUpdate).unwrap_or_default()
    };
    told.iter().map(next).collect()
}

#[test]
fn given_a_sev1_when_the_public_was_told_then_half_hours_ring_for_two_hours_and_half_past_after() {
    // a word up to 15 minutes before a slot counts for it
    assert_eq!(after(Severity::Sev1, &["22:55:00", "23:16:00", "23:44:00"]), ["23:30:00", "00:00:00", "00:00:00"]);
    assert_eq!(
        after(Severity::Sev1, &["2019-07-10T00:40:00"]),
        ["01:30:00"],
        "01:00 is more than two hours after 22:53"
    );
    assert_eq!(after(Severity::Sev2, &["22:55:00", "23:16:00"]), ["23:30:00", "00:30:00"]);
}

#[test]
fn given_a_sev1_when_the_company_was_told_then_its_next_word_is_on_the_half_hour() {
    let mut room = Room::declared(Severity::Sev1);
    room.tells("22:55:00", Internal, None);
    assert_eq!(room.next("22:56:00", InternalUpdate), some("23:30:00"));
    assert_eq!(room.next("22:56:00", PublicUpdate), some("22:58:12"), "the public was not told by that");
}

#[test]
fn given_an_update_that_is_owed_when_its_draft_begins_then_it_rings_five_minutes_before() {
    let mut room = Room::declared(Severity::Sev1);
    room.tells("22:55:00", Public, None);
    let due = room.due("23:00:00", PublicUpdate);
    assert_eq!(due.iter().map(|d| (d.at, d.rings)).collect::<Vec<_>>(), [(t("23:30:00"), t("23:25:00"))]);
}

#[test]
fn given_a_promised_next_update_when_slots_come_before_it_then_the_promise_stands_instead() {
    let mut room = Room::declared(Severity::Sev1);
    room.tells("22:55:00", Public, Some("2019-07-10T00:10:00"));
    assert_eq!(room.next("23:29:00", PublicUpdate), some("00:10:00"));
}

#[test]
fn given_a_slot_when_answered_a_little_early_then_it_is_done_and_the_next_is_owed() {
    let mut room = Room::declared(Severity::Sev1);
    check_in(&mut room, "22:56:00");
    assert_eq!(room.next("22:57:00", CheckIn), some("23:15:00"));
    assert_eq!(room.next("23:01:00", CheckIn), some("23:15:00"));
    assert_eq!(slots(&room, "23:01:00"), [("23:00".into(), Answered)]);
}

#[test]
fn given_a_slot_when_answered_late_but_before_the_next_then_it_is_answered() {
    let mut room = Room::declared(Severity::Sev1);
    assert_eq!(room.due("23:04:00", CheckIn).iter().filter(|d| d.is_overdue(t("23:04:00"))).count(), 1);
    check_in(&mut room, "23:09:00");
    assert_eq!(slots(&room, "23:10:00"), [("23:00".into(), Answered)]);
    assert_eq!(room.next("23:10:00", CheckIn), some("23:15:00"));
}

#[test]
fn given_a_check_in_between_slots_when_recorded_then_it_answers_none() {
    let mut room = Room::declared(Severity::Sev1);
    check_in(&mut room, "23:01:00");
    check_in(&mut room, "23:05:00");
    assert_eq!(room.next("23:06:00", CheckIn), some("23:15:00"));
    assert_eq!(room.incident.check_ins().last().map(|(_, fact)| fact.slot), Some(None));
}

#[test]
fn given_a_slot_when_nobody_wrote_until_the_next_began_then_it_is_not_recorded() {
    let mut room = Room::declared(Severity::Sev1);
    assert_eq!(slots(&room, "23:14:59"), [("23:00".into(), Overdue)]);
    assert_eq!(slots(&room, "23:15:00"), [("23:00".into(), NotRecorded), ("23:15".into(), Overdue)]);
    assert_eq!(room.next("23:15:00", CheckIn), some("23:15:00"), "only the last one rings");
    check_in(&mut room, "23:16:00");
    assert_eq!(slots(&room, "23:16:00"), [("23:00".into(), NotRecorded), ("23:15".into(), Answered)]);
}

#[test]
fn given_a_slot_when_left_out_then_it_is_skipped_and_without_one_it_is_refused() {
    let mut room = Room::declared(Severity::Sev1);
    let skip = || Command::SkipCheckIn { why: "on the bridge".into() };
    assert_eq!(
        room.refuses("22:54:00", "Ana", skip()),
        words("No check-in is due or begins within five minutes.", "There is nothing to skip.")
    );
    room.ana("23:02:00", skip());
    assert_eq!(slots(&room, "23:05:00"), [("23:00".into(), Skipped)]);
    assert_eq!(room.next("23:05:00", CheckIn), some("23:15:00"));
}

#[test]
fn given_a_mitigated_incident_when_the_clock_goes_on_then_only_promises_ring() {
    let mut room = Room::declared(Severity::Sev1);
    room.tells("22:55:00", Public, Some("23:30:00"));
    room.ana("22:58:00", super::promise("23:40:00"));
    room.becomes("23:02:00", Phase::Mitigated);
    let kinds: Vec<DueKind> = room.incident.due(&room.rules, t("23:03:00")).iter().map(|d| d.kind).collect();
    assert_eq!(kinds, [PublicUpdate, DueKind::Promise]);
    assert_eq!(slots(&room, "2019-07-10T02:00:00"), [("23:00".into(), NotRecorded)], "none was owed after it");
    let skip = Command::SkipCheckIn { why: String::new() };
    assert_eq!(room.refuses("23:16:00", "Ana", skip).1, "There is nothing to skip.");
}

#[test]
fn given_a_reopened_incident_when_the_slots_are_counted_then_the_calm_between_owed_none() {
    let mut room = Room::declared(Severity::Sev1);
    check_in(&mut room, "23:00:30");
    room.becomes("23:02:00", Phase::Resolved);
    room.ana("2019-07-10T00:05:00", Command::Reopen { why: "again".into() });
    assert_eq!(room.next("2019-07-10T00:06:00", CheckIn), some("00:15:00"));
    assert_eq!(slots(&room, "2019-07-10T00:16:00"), [("23:00".into(), Answered), ("00:15".into(), Overdue)],);
}

#[test]
fn given_a_severity_that_changed_when_the_slots_are_counted_then_each_stands_by_what_was_owed_then() {
    let mut room = Room::declared(Severity::Sev3);
    room.turns("23:20:00", Severity::Sev1);
    let at: Vec<String> = slots(&room, "23:50:00").into_iter().map(|(at, _)| at).collect();
    assert_eq!(at, ["23:00", "23:30", "23:45"], "23:15 was not owed by a sev3");
    assert_eq!(room.next("23:21:00", PublicUpdate), some("23:25:00"), "five minutes after it became so bad");
    room.turns("23:50:00", Severity::Sev4);
    assert_eq!(room.next("23:51:00", CheckIn), None);
    assert_eq!(slots(&room, "2019-07-10T01:00:00").len(), 3);
}

#[test]
fn given_a_sev2_raised_to_sev1_when_the_public_was_not_told_then_the_first_word_is_not_put_off() {
    let mut room = Room::declared(Severity::Sev2);
    room.turns("23:01:00", Severity::Sev1);
    assert_eq!(room.next("23:01:00", PublicUpdate), some("23:03:12"));
}

#[test]
fn given_an_incident_of_the_past_when_declared_then_nothing_rings_until_it_is_reopened() {
    let past = Declared { began: Some(t("21:00:00")), ended: Some(t("22:30:00")), ..declaration(Severity::Sev1) };
    let mut room = Room::of(past);
    assert!(room.incident.due(&room.rules, t("23:40:00")).is_empty());
    assert!(slots(&room, "23:40:00").is_empty());
    room.becomes("23:41:00", Phase::Resolved);
    room.ana("23:42:00", Command::Reopen { why: "it is back".into() });
    assert_eq!(room.next("23:43:00", CheckIn), some("23:45:00"));
}

#[test]
fn given_a_restricted_incident_when_declared_then_the_public_has_no_clock_and_the_company_has() {
    let room = Room::of(Declared { restricted: true, ..declaration(Severity::Sev1) });
    let first = [CheckIn, PublicUpdate, InternalUpdate].map(|kind| room.next("22:54:00", kind));
    assert_eq!(first, [some("23:00:00"), None, some("23:00:00")]);
    assert_eq!(room.incident.public_title(), "Incident 412");
}

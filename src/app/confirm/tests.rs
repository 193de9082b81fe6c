//! Confirmations, by the keys that are pressed.

use super::*;
use crate::app::key::parse_run;

fn armed() -> Confirm {
    let plan = Plan { from: "1823".into(), to: "1822".into(), before: "{}".into(), ..Plan::default() };
    let draft = Intended { target: "release".into(), ..Intended::default() };
    Confirm::new(
        vec![Armed { draft, plan, seen: None, version: None, adopts: false }],
        "production/release".into(),
        Risk::High,
        false,
        Time(0),
    )
}
fn type_in(confirm: &mut Confirm, keys: &str, apart: i64) -> Answer {
    let mut answer = Answer::Waiting;
    for (i, key) in (0..).zip(parse_run(keys).expect("keys")) {
        answer = confirm.key(key, Time(1 + i * apart));
    }
    answer
}
const NAME: &str = "p r o d u c t i o n / r e l e a s e";

#[test]
fn the_exact_name_typed_by_hand_goes() {
    let answer = type_in(&mut armed(), &format!("{NAME} <enter>"), 90_000);
    assert!(matches!(answer, Answer::Go(acts) if acts[0].to.as_deref() == Some("1822")));
}
#[test]
fn another_name_does_not_and_says_what_is_missing() {
    let mut confirm = armed();
    assert_eq!(type_in(&mut confirm, "r e l e a s e <enter>", 90_000), Answer::Waiting);
    assert!(confirm.refusal.is_some_and(|r| r.contains("production/release")));
}
#[test]
fn a_burst_of_letters_does_not_go_even_when_it_is_right() {
    let mut confirm = armed();
    assert_eq!(type_in(&mut confirm, &format!("{NAME} <enter>"), 100), Answer::Waiting);
    assert!(confirm.refusal.is_some_and(|r| r.contains("all at once")));
}
#[test]
fn it_goes_stale_without_a_key_never_while_typing() {
    let mut confirm = armed();
    assert_eq!(confirm.stale(Time(59 * SECOND)), None);
    assert!(confirm.stale(Time(60 * SECOND)).is_some());
    confirm.key(Key::plain(Code::Char('p')), Time(59 * SECOND));
    assert_eq!(confirm.stale(Time(118 * SECOND)), None);
}
#[test]
fn a_clock_that_jumps_disarms_it_in_both_directions() {
    let hour = 3_600 * SECOND;
    let mut confirm = armed();
    confirm.key(Key::plain(Code::Char('p')), Time(hour));
    assert_eq!(confirm.stale(Time(hour - SECOND)), None, "a second is no jump");
    assert!(confirm.stale(Time(0)).is_some_and(|why| why.contains("set back")));
    assert!(confirm.stale(Time(2 * hour)).is_some());
}
#[test]
fn a_clock_that_runs_faster_than_hands_disarms_nobody_and_lets_no_burst_through() {
    let mut confirm = Confirm { speed_milli: 60_000, ..armed() };
    assert_eq!(confirm.stale(Time(59 * 60 * SECOND)), None);
    assert!(confirm.stale(Time(60 * 60 * SECOND)).is_some());
    assert_eq!(type_in(&mut confirm, &format!("{NAME} <enter>"), 100 * 60), Answer::Waiting);
    assert!(matches!(type_in(&mut confirm, &format!("{NAME} <enter>"), 90_000 * 60), Answer::Go(_)));
}
#[test]
fn disarmed_it_swallows_what_is_typed_and_sends_nothing() {
    let mut confirm = armed();
    type_in(&mut confirm, "p r o d", 90_000);
    confirm.disarm("nobody pressed a key".into());
    assert_eq!(type_in(&mut confirm, NAME, 90_000), Answer::Waiting);
    assert_eq!(confirm.text(Slot::Name), "");
    assert_eq!(confirm.clone().key(Key::plain(Code::Esc), Time(0)), Answer::Off);
    assert_eq!(confirm.key(Key::plain(Code::Enter), Time(0)), Answer::Again);
    assert_eq!(confirm.stale(Time(1_000 * SECOND)), None);
}

#[test]
fn where_it_is_not_critical_the_reason_is_asked_for_and_one_context_takes_enter_alone() {
    let with = |risk| {
        let one = armed().armed;
        Confirm::new(one, "production/release".into(), risk, false, Time(0))
    };
    let mut medium = with(Risk::Medium);
    assert_eq!(medium.key(Key::plain(Code::Enter), Time(2 * SECOND)), Answer::Waiting);
    assert!(medium.refusal.is_some());
    assert_eq!(type_in(&mut medium, "a c m e <enter>", 90_000), Answer::Waiting, "a key for another prompt");
    assert!(medium.refusal.as_ref().is_some_and(|words| words.contains("One word is no reason")));
    assert!(
        matches!(type_in(&mut medium, "<space> i s <enter>", 90_000), Answer::Go(acts) if acts[0].why == "acme is")
    );
    let enter = Key::plain(Code::Enter);
    assert!(matches!(with(Risk::Low).key(enter, Time(2 * SECOND)), Answer::Go(_)));
    // held down since it chose what is armed, it never goes; let go and pressed again it does
    let mut low = with(Risk::Low);
    let held = (1..100).map(|n| low.key(enter, Time(n * 33_000))).filter(|answer| *answer != Answer::Waiting).count();
    assert!(held == 0 && low.refusal.as_ref().is_some_and(|words| words.contains("too soon")));
    assert!(matches!(low.key(enter, Time(5 * SECOND)), Answer::Go(_)));
}

#[test]
fn an_end_and_an_expectation_are_read_or_refused() {
    let now = Time(1_562_713_020_000_000);
    let at = |text: &str| expectation(text, now).map(|(most, by)| (most, by.clock_minutes()));
    let by = now.plus(Span::minutes(5)).clock_minutes();
    assert_eq!(at(&format!("40 by {by}")), Some((40, by)));
    assert_eq!(at("bad under 40/min in 5m").map(|(most, _)| most), Some(40));
    for text in ["by 23:02", "forty by 23:02", "40", "40 by yesterday"] {
        assert_eq!(at(text), None, "{text}");
    }
    let mut confirm = Confirm { active: 0, ..Confirm::new(armed().armed, "r".into(), Risk::Low, false, now) };
    for key in parse_run("<tab> s o o n <enter>").expect("keys") {
        assert_eq!(confirm.key(key, now), Answer::Waiting);
    }
    assert!(confirm.refusal.is_some_and(|words| words.contains("soon")));
}

#[test]
fn given_a_smaller_share_when_it_needs_a_second_person_then_it_may_go_alone_and_a_larger_one_may_not() {
    let slots = |widens, confirms| {
        let mut armed = armed().armed;
        armed[0].draft = Intended { act: Act::Percent, widens, confirms, ..armed[0].draft.clone() };
        let confirm = Confirm::new(armed, "r".into(), Risk::Medium, true, Time(0));
        confirm.fields.iter().map(|(slot, _)| *slot).collect::<Vec<_>>()
    };
    assert!(slots(false, None).contains(&Slot::Glass) && !slots(true, None).contains(&Slot::Glass));
    let asked = slots(false, Some(crate::incident::entry::EntryId::default()));
    assert!(!asked.contains(&Slot::Until) && !asked.contains(&Slot::Expect), "both were asked for: {asked:?}");
}

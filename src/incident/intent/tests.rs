//! Intents, and how they end.

use super::*;
use crate::incident::entry::Session;

fn id(n: u64) -> EntryId {
    EntryId::of(Session(1), n)
}
fn ask(all: &mut Intents, n: u64, act: Act, to: &str) {
    let what = Intended {
        act,
        target: "release".into(),
        from: None,
        to: Some(to.into()),
        before: None,
        why: String::new(),
        update: None,
        reverts: None,
        ..Intended::default()
    };
    all.intended(id(n), Time(0), "Cho", Session(1), what);
}
fn end(all: &mut Intents, n: u64, outcome: Outcome) {
    all.settled(Time(0), &Settled { intent: id(n), outcome, detail: String::new(), value: None, ..Settled::default() });
}
fn see(all: &mut Intents, n: u64, value: &str) {
    let seen = Seen { target: "release".into(), value: value.into(), intent: Some(id(n)), detail: String::new() };
    all.seen(Time(0), &seen);
}

#[test]
fn a_stop_whose_outcome_was_lost_is_to_undo_when_its_value_is_seen_served() {
    let mut all = Intents::default();
    ask(&mut all, 1, Act::Stop, "1822");
    assert!(all.all().iter().all(Intent::is_open), "the program that asked may be gone");
    see(&mut all, 1, "1822");
    assert_eq!(all.to_undo().map(|i| i.id).collect::<Vec<_>>(), [id(1)]);
    end(&mut all, 1, Outcome::Refused);
    assert_eq!(all.to_undo().count(), 0);
}

#[test]
fn a_stop_that_was_seen_to_have_changed_nothing_leaves_nothing() {
    let mut all = Intents::default();
    ask(&mut all, 1, Act::Stop, "1822");
    end(&mut all, 1, Outcome::Unsure);
    see(&mut all, 1, "1823");
    assert_eq!((all.to_undo().count(), all.all().iter().filter(|i| i.is_open()).count()), (0, 0));
}

#[test]
fn a_restore_takes_back_what_was_stopped_before_it_and_nothing_after() {
    let mut all = Intents::default();
    for n in [1, 3] {
        ask(&mut all, n, Act::Stop, "1822");
        end(&mut all, n, Outcome::Done);
        if n == 1 {
            ask(&mut all, 2, Act::Restore, "1823");
            end(&mut all, 2, Outcome::Done);
        }
    }
    assert_eq!(all.undone_by(id(1)).map(|i| i.id), Some(id(2)));
    assert_eq!(all.to_undo().map(|i| i.id).collect::<Vec<_>>(), [id(3)]);
}

#[test]
fn given_what_was_seen_when_a_share_is_to_be_served_then_it_narrows_only_where_it_is_known_to_reach_no_more() {
    use crate::incident::switch::Level;
    let of = |percent| Share::of_percent(percent).expect("a share");
    let sight = |level, share| Sight { level, share, ..Sight::default() };
    let narrows = |percent, seen: Option<&Sight>| Intended::to_share("exports", of(percent), seen).narrows();
    let on = sight(Level::On, None);
    assert!([0, 5, 100].into_iter().all(|percent| narrows(percent, Some(&on))), "all of it runs");
    let some = sight(Level::Partly, Some(of(20)));
    assert_eq!([5, 20, 21].map(|percent| narrows(percent, Some(&some))), [true, true, false]);
    let off = sight(Level::Off, Some(of(20)));
    assert_eq!(
        [0, 1, 20].map(|percent| narrows(percent, Some(&off))),
        [true, false, false],
        "what a stop left is no share"
    );
    // by a rule, by the application's own default, and never looked at
    for seen in [Some(sight(Level::Partly, None)), Some(sight(Level::Other, Some(of(20)))), None] {
        assert!([1, 20, 100].into_iter().all(|percent| !narrows(percent, seen.as_ref())), "{seen:?}");
    }
    let stop = Intended { act: Act::Stop, ..Intended::default() };
    let back = Intended { act: Act::Restore, ..Intended::default() };
    assert_eq!((stop.narrows(), back.narrows()), (true, false));
}

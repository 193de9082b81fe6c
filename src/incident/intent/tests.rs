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

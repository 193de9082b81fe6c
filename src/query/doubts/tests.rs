//! What is said of counts: for how long, and when it is asked again.

use super::*;
use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

fn stretch(from: i64, to: i64) -> Stretch {
    Stretch { from: from * MINUTE, to: to * MINUTE }
}

fn lost() -> Said {
    Said { words: vec!["a store is lost".into()], partial: true, ..Said::default() }
}

fn over(minutes: &[i64]) -> Said {
    let odd = minutes.iter().map(|m| (m * MINUTE, Odd::More { part: 550, all: 500, is_good: true })).collect();
    Said { odd, ..Said::default() }
}

fn again(doubts: &Doubts, at: i64) -> Vec<(i64, i64)> {
    let all = doubts.again(stretch(0, 1_000), MINUTE, 100, at * MINUTE);
    all.iter().map(|s| (s.from / MINUTE, s.to / MINUTE)).collect()
}

#[test]
fn given_a_partial_piece_when_others_are_answered_whole_then_it_stays_partial_until_it_is_asked_again() {
    let mut doubts = Doubts::default();
    doubts.answered(stretch(0, 100), lost(), 0);
    for minute in 100..150 {
        doubts.answered(stretch(minute - 10, minute), Said::default(), (minute - 100) * MINUTE);
    }
    assert!(doubts.is_partial(0));
    assert_eq!(doubts.words(stretch(0, 1_000), 0), ["a store is lost"]);
    assert!(!doubts.is_partial(90 * MINUTE), "what was answered whole since is whole");
    doubts.answered(stretch(0, 90), Said::default(), 50 * MINUTE);
    assert_eq!((doubts.is_partial(0), doubts), (false, Doubts::default()));
}

#[test]
fn given_a_partial_piece_when_it_leaves_what_is_kept_then_so_does_what_was_said() {
    let mut doubts = Doubts::default();
    doubts.answered(stretch(0, 100), lost(), 0);
    doubts.answered(stretch(100, 200), over(&[120]), 0);
    doubts.forget_before(99 * MINUTE);
    assert!(doubts.is_partial(0));
    doubts.forget_before(100 * MINUTE);
    assert_eq!(doubts.words(stretch(0, 1_000), 120 * MINUTE), ["inconsistent: 550 good of 500 events at 02:00"]);
    assert!(doubts.words(stretch(0, 120), 0).is_empty() && doubts.words(stretch(121, 200), 0).is_empty());
    doubts.forget_before(121 * MINUTE);
    assert_eq!(doubts, Doubts::default());
}

#[test]
fn given_a_partial_piece_when_time_passes_then_it_is_asked_again_after_ever_longer_waits() {
    let mut doubts = Doubts::default();
    doubts.answered(stretch(0, 150), lost(), 0);
    let mut asked = Vec::new();
    for at in 0..200 {
        if again(&doubts, at).is_empty() {
            continue;
        }
        assert_eq!(again(&doubts, at), [(100, 150), (0, 100)], "in pieces, the newest first");
        for (from, to) in again(&doubts, at) {
            doubts.answered(stretch(from, to), lost(), at * MINUTE);
        }
        asked.push(at);
    }
    assert_eq!(asked, [1, 3, 7, 15, 31, 63, 95, 127, 159, 191]);
    assert_eq!(doubts.due(stretch(0, 1_000), MINUTE), Some(223 * MINUTE));
    assert_eq!(doubts.due(stretch(150, 1_000), MINUTE), None);
}

#[test]
fn given_one_half_asked_again_when_the_other_has_to_wait_then_only_that_is_due() {
    let mut doubts = Doubts::default();
    doubts.answered(stretch(0, 150), lost(), 0);
    doubts.answered(stretch(100, 150), lost(), MINUTE);
    assert_eq!(again(&doubts, 1), [(0, 100)]);
}

#[test]
fn given_a_store_that_stays_away_when_the_newest_is_partial_each_time_then_one_piece_grows_and_waits_longer() {
    let mut doubts = Doubts::default();
    let mut asked = Vec::new();
    doubts.answered(stretch(0, 100), lost(), 0);
    for at in 1..=120 {
        doubts.answered(stretch(90 + at, 100 + at), lost(), at * MINUTE);
        let before = stretch(0, 90 + at);
        for piece in doubts.again(before, MINUTE, 1_000, at * MINUTE) {
            assert_eq!((piece.from, piece.to), (0, before.to));
            doubts.answered(piece, lost(), at * MINUTE);
            asked.push(at);
        }
        assert!(doubts.pieces.len() <= 2, "{:?}", doubts.pieces);
    }
    assert!(asked.len() <= 8, "{asked:?}");
    // it comes back: what was counted without it is asked once more, and all is whole
    for at in 121..=160 {
        doubts.answered(stretch(90 + at, 100 + at), Said::default(), at * MINUTE);
        for piece in doubts.again(stretch(0, 90 + at), MINUTE, 1_000, at * MINUTE) {
            doubts.answered(piece, Said::default(), at * MINUTE);
        }
    }
    assert_eq!(doubts, Doubts::default());
}

#[test]
fn given_buckets_that_cannot_be_when_asked_again_then_these_and_no_others() {
    let mut doubts = Doubts::default();
    let said = Said { words: vec!["an aside".into()], ..over(&[20, 22]) };
    doubts.answered(stretch(0, 90), said, 0);
    assert!(doubts.is_partial(0) && !doubts.is_partial(23 * MINUTE));
    assert_eq!(again(&doubts, 1), [(20, 23)]);
    doubts.answered(stretch(20, 23), over(&[22]), MINUTE);
    assert_eq!((again(&doubts, 2), again(&doubts, 3)), (vec![], vec![(22, 23)]));
    doubts.answered(stretch(22, 23), Said::default(), 3 * MINUTE);
    assert_eq!((doubts.is_partial(0), again(&doubts, 99)), (false, vec![]));
    assert_eq!(doubts.words(stretch(0, 1_000), 0), ["an aside"], "of the rest it still holds");
}

#[test]
fn given_what_cannot_be_when_said_then_the_last_of_each_kind_with_its_numbers_and_its_moment() {
    let more = |part, is_good| Odd::More { part, all: 500, is_good };
    let odd = BTreeMap::from([
        (0, more(520, true)),
        (MINUTE, more(550, true)),
        (2 * MINUTE, Odd::NoNumber),
        (3 * MINUTE, more(600, false)),
        (3 * MINUTE + MINUTE / 4, Odd::Fewer),
        (4 * MINUTE, Odd::NoNumber),
    ]);
    let expected = [
        "2 buckets hold no number (NaN or infinite) and are not counted, the last at 00:04",
        "inconsistent: fewer than no events at 00:03:15, taken for none",
        "inconsistent: 600 bad of 500 events at 00:03",
        "inconsistent: 550 good of 500 events at 00:01, and 1 more such bucket",
    ];
    assert_eq!(odd_words(&odd, 5 * MINUTE), expected);
    let old = BTreeMap::from([(0, Odd::NoNumber)]);
    assert_eq!(
        odd_words(&old, 2 * DAY),
        ["1 bucket holds no number (NaN or infinite) and is not counted, at 1970-01-01 00:00"]
    );
}

proptest! {
    /// However pieces come, of each minute holds what was said of it last.
    #[test]
    fn the_last_answer_about_a_minute_is_what_is_said_of_it(answers in prop::collection::vec((0i64..60, 1i64..30, any::<bool>(), 0i64..60), 0..30)) {
        let mut doubts = Doubts::default();
        let mut truth = [(false, false); 100];
        for (at, (from, length, partial, odd)) in (0i64..).zip(answers) {
            let to = from + length;
            let mut said = over(&[odd]);
            said.partial = partial;
            doubts.answered(stretch(from, to), said, at * MINUTE);
            for minute in from..to {
                truth[usize::try_from(minute).unwrap()] = (partial, minute == odd);
            }
        }
        for (minute, (partial, odd)) in (0i64..).zip(truth) {
            let inside = |piece: &&Piece| (piece.stretch.from..piece.stretch.to).contains(&(minute * MINUTE));
            prop_assert_eq!(doubts.pieces.iter().any(|piece| piece.partial && inside(&piece)), partial);
            prop_assert_eq!(doubts.odd.contains_key(&(minute * MINUTE)), odd);
            let wanted = again(&doubts, 1_000).iter().any(|(from, to)| (*from..*to).contains(&minute));
            prop_assert!(wanted || !(partial || odd), "minute {}", minute);
        }
        prop_assert!(doubts.pieces.windows(2).all(|two| two[0].stretch.to <= two[1].stretch.from));
    }
}

//! What has to be asked next, so that nothing is asked twice and nothing that came late is missed. Pure.
//!
//! Answers replace buckets by their key, so asking a stretch again is harmless: the newest ten minutes are asked each time, because
//! events arrive late. It must not know whom is asked. Times and lengths are µs.

use super::series::{Bucket, MINUTE, Series};

/// How much of what is known already is asked again each time.
pub const OVERLAP: i64 = 10 * MINUTE;

/// A stretch of time `[from, to)`, both multiples of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first moment.
    pub from: i64,
    /// The moment after its last.
    pub to: i64,
}

/// What was answered so far: a stretch without holes, whether or not there were buckets in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    known: Option<(i64, i64)>,
}

impl Asked {
    /// What is left to ask for the window before `now`, each piece at most `most` buckets of `step`. When nothing is known, the newest comes first. Otherwise
    /// what is new comes first, from an overlap before the end of what is known on; then older pieces follow until the window is whole.
    /// Nothing is asked of the bucket that is still filling.
    #[must_use]
    pub fn next(&self, now: i64, window: i64, step: i64, most: i64) -> Vec<Stretch> {
        let (step, most) = (step.max(1), most.max(1));
        let end = floor(now, step);
        let begin = floor(now.saturating_sub(window), step);
        let mut left = Vec::new();
        match self.usable(begin, end) {
            None => pieces(begin, end, step, most, &mut left),
            Some((from, to)) => {
                let again = floor(to.min(end).saturating_sub(OVERLAP), step).max(from).max(begin);
                pieces(again, end, step, most, &mut left);
                // each touches what is known when its turn comes
                left.reverse();
                if from > begin {
                    pieces(begin, from, step, most, &mut left);
                }
            }
        }
        left
    }

    /// The same with a first piece of its own, when nothing is known, so that what is shown first is soon there: it holds at most `first` µs, from a multiple of
    /// `round` on.
    #[must_use]
    pub fn next_from(&self, now: i64, window: i64, step: i64, most: i64, first: Option<(i64, i64)>) -> Vec<Stretch> {
        let (begin, end) = (floor(now.saturating_sub(window), step.max(1)), floor(now, step.max(1)));
        let cut = first.map(|(first, round)| floor(end.saturating_sub(first), round).saturating_add(round));
        let cut = cut.filter(|cut| self.usable(begin, end).is_none() && begin < *cut && *cut < end);
        let Some(cut) = cut else { return self.next(now, window, step, most) };
        let mut next = vec![Stretch { from: cut, to: end }];
        pieces(begin, cut, step.max(1), most.max(1), &mut next);
        next
    }

    /// What is known from when on, where the end of a stretch is among it.
    #[must_use]
    pub fn usable(&self, begin: i64, end: i64) -> Option<(i64, i64)> {
        self.known.filter(|(from, to)| *to > begin && *from < end)
    }

    /// A piece was answered. One that does not touch what is known begins anew: a hole is never taken for knowledge.
    pub fn answered(&mut self, piece: Stretch) {
        self.known = match self.known {
            Some((from, to)) if piece.from <= to && piece.to >= from => Some((from.min(piece.from), to.max(piece.to))),
            _ => Some((piece.from, piece.to)),
        };
    }

    /// What lies before a moment is no longer kept.
    pub fn forget_before(&mut self, at: i64) {
        self.known = self.known.map(|(from, to)| (from.max(at), to)).filter(|(from, to)| from < to);
    }

    /// The stretch that was answered without a hole.
    #[must_use]
    pub fn known(&self) -> Option<(i64, i64)> {
        self.known
    }
}

/// Sums buckets into wider ones: each starts at a multiple of `step`. A wide bucket is there when any of its parts is.
#[must_use]
pub fn widened(series: &Series, step: i64) -> Series {
    let step = step.max(series.step());
    let mut wide: Vec<Bucket> = Vec::new();
    for bucket in series.buckets() {
        let start = floor(bucket.start, step);
        match wide.last_mut().filter(|last| last.start == start) {
            Some(last) => {
                last.total = last.total.saturating_add(bucket.total);
                last.bad = last.bad.saturating_add(bucket.bad);
            }
            None => wide.push(Bucket { start, ..*bucket }),
        }
    }
    Series::of(step, wide)
}

/// The other way round: each wide bucket as narrow ones that have its events between them, as evenly as whole events can be.
#[must_use]
pub fn spread(wide: &[Bucket], width: i64, step: i64) -> Vec<Bucket> {
    let step = step.max(1);
    let parts = u64::try_from(width / step).unwrap_or(1).max(1);
    // what falls to the first so many parts
    let until =
        |all: u64, part: u64| u64::try_from(u128::from(all) * u128::from(part) / u128::from(parts)).unwrap_or(all);
    let of = |all: u64, part: u64| until(all, part + 1) - until(all, part);
    let narrow = |bucket: &Bucket| {
        let Bucket { start, total, bad } = *bucket;
        let good = total.saturating_sub(bad);
        (0..parts).zip((0..).map(move |part: i64| start.saturating_add(step * part))).map(move |(part, start)| {
            let bad = of(bad, part);
            Bucket { start, total: of(good, part).saturating_add(bad), bad }
        })
    };
    wide.iter().flat_map(narrow).collect()
}

/// Pieces of a stretch, the newest first; the pieces' borders are multiples of their length, so that the same piece is asked whenever it is asked.
pub(super) fn pieces(from: i64, to: i64, step: i64, most: i64, into: &mut Vec<Stretch>) {
    let length = step.saturating_mul(most);
    let mut end = to;
    while end > from {
        let start = floor(end - 1, length).max(from);
        into.push(Stretch { from: start, to: end });
        end = start;
    }
}

fn floor(at: i64, step: i64) -> i64 {
    at.div_euclid(step) * step
}

#[cfg(test)]
mod tests {
    use super::super::series::HOUR;
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn minutes(stretches: &[Stretch]) -> Vec<(i64, i64)> {
        stretches.iter().map(|s| (s.from / MINUTE, s.to / MINUTE)).collect()
    }

    #[test]
    fn given_nothing_known_when_asked_what_is_next_then_the_whole_window_the_newest_first_in_whole_pieces() {
        let asked = Asked::default();
        assert_eq!(
            minutes(&asked.next(250 * MINUTE + 7, 200 * MINUTE, MINUTE, 100)),
            [(200, 250), (100, 200), (50, 100)]
        );
    }

    #[test]
    fn given_nothing_known_when_the_first_answer_is_wanted_soon_then_its_piece_is_cut_at_a_round_moment() {
        let asked = Asked::default();
        let next = |first| minutes(&asked.next_from(250 * MINUTE + 7, 200 * MINUTE, MINUTE, 500, first));
        assert_eq!(next(None), [(50, 250)]);
        assert_eq!(next(Some((45 * MINUTE, 30 * MINUTE))), [(210, 250), (50, 210)]);
        assert_eq!(next(Some((500 * MINUTE, 30 * MINUTE))), [(50, 250)]);
    }

    #[test]
    fn given_everything_known_when_time_passes_then_only_what_is_new_and_the_overlap_is_asked() {
        let mut asked = Asked::default();
        for piece in asked.next(250 * MINUTE, 200 * MINUTE, MINUTE, 1_000) {
            asked.answered(piece);
        }
        assert_eq!(minutes(&asked.next(251 * MINUTE, 200 * MINUTE, MINUTE, 1_000)), [(240, 251)]);
    }

    #[test]
    fn given_only_the_newest_known_when_asked_then_the_overlap_comes_first_and_the_past_after_it() {
        let mut asked = Asked::default();
        asked.answered(Stretch { from: 200 * MINUTE, to: 250 * MINUTE });
        assert_eq!(minutes(&asked.next(252 * MINUTE, 200 * MINUTE, MINUTE, 100)), [(240, 252), (100, 200), (52, 100)]);
    }

    #[test]
    fn given_what_is_no_longer_kept_when_a_longer_window_is_wanted_then_it_is_asked_again() {
        let mut asked = Asked::default();
        asked.answered(Stretch { from: 0, to: 250 * MINUTE });
        asked.forget_before(100 * MINUTE);
        assert_eq!(minutes(&asked.next(250 * MINUTE, 250 * MINUTE, MINUTE, 1_000)), [(240, 250), (0, 100)]);
        asked.forget_before(250 * MINUTE);
        assert_eq!(asked.known(), None);
    }

    #[test]
    fn given_a_long_silence_when_asked_again_then_what_is_known_is_of_no_use() {
        let mut asked = Asked::default();
        asked.answered(Stretch { from: 0, to: 50 * MINUTE });
        let next = asked.next(1_000 * MINUTE, 100 * MINUTE, MINUTE, 1_000);
        assert_eq!(minutes(&next), [(900, 1_000)]);
        asked.answered(next[0]);
        assert_eq!(asked.known(), Some((900 * MINUTE, 1_000 * MINUTE)));
    }

    #[test]
    fn given_minutes_when_widened_then_they_are_summed_and_gaps_stay() {
        let b = |minute: i64, total, bad| Bucket { start: minute * MINUTE, total, bad };
        let series = Series::of(MINUTE, vec![b(58, 10, 1), b(59, 10, 0), b(60, 5, 5), b(200, 1, 0)]);
        let wide = widened(&series, HOUR);
        let hour = |h: i64, total, bad| Bucket { start: h * HOUR, total, bad };
        assert_eq!(wide.buckets(), [hour(0, 20, 1), hour(1, 5, 5), hour(3, 1, 0)]);
        assert_eq!(widened(&series, 1), series);
    }

    #[test]
    fn given_nothing_known_when_the_present_lies_behind_a_border_then_the_first_piece_is_as_long_as_ever() {
        let next =
            Asked::default().next_from(610 * MINUTE, 400 * MINUTE, MINUTE, 200, Some((60 * MINUTE, 30 * MINUTE)));
        assert_eq!(minutes(&next), [(570, 610), (400, 570), (210, 400)]);
    }

    proptest! {
        #[test]
        fn what_is_spread_is_widened_again(counts in proptest::collection::vec((0u64..2_000, 0u64..2_000), 0..20), parts in 1i64..40) {
            let width = parts * MINUTE;
            let wide: Vec<Bucket> = counts.iter().zip(0..).map(|((good, bad), n)| Bucket { start: n * width, total: good + bad, bad: *bad }).collect();
            let narrow = spread(&wide, width, MINUTE);
            prop_assert!(narrow.iter().all(|bucket| bucket.bad <= bucket.total));
            let again = widened(&Series::of(MINUTE, narrow), width);
            prop_assert_eq!(again.buckets(), wide.as_slice());
        }

        #[test]
        fn pieces_cover_what_is_unknown_once_and_stay_small(now in 0i64..10_000, window in 1i64..5_000, from in 0i64..9_000, length in 0i64..3_000, most in 1i64..500) {
            let mut asked = Asked::default();
            if length > 0 {
                asked.answered(Stretch { from: from * MINUTE, to: (from + length) * MINUTE });
            }
            let next = asked.next(now * MINUTE, window * MINUTE, MINUTE, most);
            let mut covered = vec![0u8; 10_000];
            for piece in &next {
                prop_assert!(piece.to > piece.from && piece.to - piece.from <= most * MINUTE);
                for minute in piece.from / MINUTE..piece.to / MINUTE {
                    if let Ok(place) = usize::try_from(minute) && place < covered.len() { covered[place] += 1 }
                }
            }
            for minute in (now - window).max(0)..now {
                let times = covered[usize::try_from(minute).unwrap()];
                let was_known = length > 0 && (from..from + length).contains(&minute);
                prop_assert!(times <= 1 && (times == 1 || was_known), "minute {minute}");
            }
            let mut all = asked;
            for piece in next.iter() { all.answered(*piece); }
            prop_assert!(window == 0 || now == 0 || all.known().is_some_and(|(f, t)| f <= (now - window) * MINUTE && t >= now * MINUTE));
            let again = all.next(now * MINUTE, window * MINUTE, MINUTE, 100_000);
            prop_assert!(again.iter().all(|piece| piece.from >= (now - 10) * MINUTE));
        }
    }
}

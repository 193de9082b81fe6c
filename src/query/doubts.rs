//! What was said of counts, kept beside them for as long as they are used: of a piece of time until that piece is answered anew, of a single
//! bucket until that bucket is. A piece of which parts were missing is asked again, after ever longer waits, since such an answer is not the last one.
//!
//! It must not know whom was asked. Times and lengths are µs; waits are measured on a clock that never goes back.

use super::series::{DAY, MINUTE};
use super::window::{Stretch, pieces};
use crate::incident::time::Time;
use std::collections::BTreeMap;

/// How long it takes until what was partial is asked again first; each time after that takes twice as long.
const FIRST: i64 = MINUTE;
/// How often that is doubled: up to 32 minutes.
const DOUBLED: u32 = 5;

/// What cannot be about a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// A count of it is no number: nothing is known of it.
    NoNumber,
    /// Fewer than no events were counted, which are taken for none.
    Fewer,
    /// A part of more events than there were.
    More {
        /// The part.
        part: u64,
        /// All events.
        all: u64,
        /// The part is of good events, not of bad ones.
        is_good: bool,
    },
}

/// What was said of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What must be said beside all of it, cleaned.
    pub words: Vec<String>,
    /// Parts are missing.
    pub partial: bool,
    /// What cannot be, by the beginning of its bucket.
    pub odd: BTreeMap<i64, Odd>,
}

/// What was said of everything that was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// In order of time, none over another.
    pieces: Vec<Piece>,
    odd: BTreeMap<i64, Odd>,
}

/// A piece of time of which something was said.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    stretch: Stretch,
    words: Vec<String>,
    partial: bool,
    /// How often it was asked again in vain.
    tries: u32,
    /// From when on it is asked again.
    due: i64,
}

impl Odd {
    /// In words: the last one, its moment, and how many others there are.
    #[must_use]
    fn words(self, at: i64, others: usize, now: i64) -> String {
        let when = match now.saturating_sub(at) {
            age if age >= DAY => Time(at).date_and_minutes(),
            _ if at % MINUTE == 0 => Time(at).clock_minutes(),
            _ => Time(at).clock(),
        };
        let more = match others {
            0 => String::new(),
            1 => ", and 1 more such bucket".into(),
            others => format!(", and {others} more such buckets"),
        };
        match self {
            Odd::NoNumber if others == 0 => {
                format!("1 bucket holds no number (NaN or infinite) and is not counted, at {when}")
            }
            Odd::NoNumber => {
                format!(
                    "{} buckets hold no number (NaN or infinite) and are not counted, the last at {when}",
                    others + 1
                )
            }
            Odd::Fewer => format!("inconsistent: fewer than no events at {when}, taken for none{more}"),
            Odd::More { part, all, is_good } => {
                let kind = if is_good { "good" } else { "bad" };
                format!("inconsistent: {part} {kind} of {all} events at {when}{more}")
            }
        }
    }

    fn is_like(self, other: Odd) -> bool {
        match (self, other) {
            (Odd::More { is_good, .. }, Odd::More { is_good: other, .. }) => is_good == other,
            (one, other) => one == other,
        }
    }
}

/// What cannot be about buckets, in words: the last of each kind is named.
#[must_use]
pub fn odd_words(odd: &BTreeMap<i64, Odd>, now: i64) -> Vec<String> {
    let mut kinds: Vec<(i64, Odd, usize)> = Vec::new();
    for (at, one) in odd.iter().rev() {
        match kinds.iter_mut().find(|(_, kind, _)| kind.is_like(*one)) {
            Some((.., others)) => *others += 1,
            None => kinds.push((*at, *one, 0)),
        }
    }
    kinds.into_iter().map(|(at, kind, others)| kind.words(at, others, now)).collect()
}

impl Doubts {
    /// A piece was answered at a moment of the waiting clock: what was said of it before is forgotten.
    pub fn answered(&mut self, stretch: Stretch, said: Said, at: i64) {
        let again = self.pieces.iter().filter(|piece| overlap(piece.stretch, stretch).is_some());
        let again = again.filter(|piece| piece.due <= at && self.is_wanting(piece)).map(|piece| piece.tries + 1);
        let tries = again.max().unwrap_or(0);
        self.forget(stretch);
        let inside = |at: &i64| (stretch.from..stretch.to).contains(at);
        self.odd.extend(said.odd.into_iter().filter(|(at, _)| inside(at)));
        let due = at.saturating_add(FIRST << tries.min(DOUBLED));
        self.pieces.push(Piece { stretch, words: said.words, partial: said.partial, tries, due });
        self.tidy();
    }

    /// Forgets what was said about what lies before a moment.
    pub fn forget_before(&mut self, at: i64) {
        self.forget(Stretch { from: i64::MIN, to: at });
        self.tidy();
    }

    /// Whether counts from a moment on are not what they should be.
    #[must_use]
    pub fn is_partial(&self, from: i64) -> bool {
        self.pieces.iter().any(|piece| piece.partial && piece.stretch.to > from)
            || self.odd.range(from..).next().is_some()
    }

    /// What must be said of counts of a stretch.
    #[must_use]
    pub fn words(&self, within: Stretch, now: i64) -> Vec<String> {
        let inside = |at: &i64| (within.from..within.to).contains(at);
        let odd = self.odd.iter().filter(|(at, _)| inside(at)).map(|(at, odd)| (*at, *odd)).collect();
        let mut words = odd_words(&odd, now);
        let pieces = self.pieces.iter().filter(|piece| overlap(piece.stretch, within).is_some());
        for word in pieces.flat_map(|piece| &piece.words) {
            if !words.contains(word) {
                words.push(word.clone());
            }
        }
        words
    }

    /// What is to be asked again of `within`, in buckets of `step` and pieces of at most `most` of them, the newest first.
    #[must_use]
    pub fn again(&self, within: Stretch, step: i64, most: i64, at: i64) -> Vec<Stretch> {
        let mut again = Vec::new();
        for piece in self.pieces.iter().rev().filter(|piece| piece.due <= at) {
            if let Some(Stretch { from, to }) = self.wanting(piece, step).and_then(|wanted| overlap(wanted, within)) {
                pieces(from, to, step.max(1), most.max(1), &mut again);
            }
        }
        again
    }

    /// When something of `within` is asked again, on the waiting clock.
    #[must_use]
    pub fn due(&self, within: Stretch, step: i64) -> Option<i64> {
        let wanted = |piece: &&Piece| self.wanting(piece, step).and_then(|wanted| overlap(wanted, within)).is_some();
        self.pieces.iter().filter(wanted).map(|piece| piece.due).min()
    }

    /// What of a piece is not what it should be.
    fn wanting(&self, piece: &Piece, step: i64) -> Option<Stretch> {
        if piece.partial {
            return Some(piece.stretch);
        }
        let mut odd = self.odd.range(piece.stretch.from..piece.stretch.to).map(|(at, _)| *at);
        let first = odd.next()?;
        Some(Stretch { from: first, to: odd.next_back().unwrap_or(first).saturating_add(step) })
    }

    fn is_wanting(&self, piece: &Piece) -> bool {
        self.wanting(piece, 1).is_some()
    }

    fn forget(&mut self, stretch: Stretch) {
        let Stretch { from, to } = stretch;
        let left = |piece: &Piece| Stretch { to: piece.stretch.to.min(from), ..piece.stretch };
        let right = |piece: &Piece| Stretch { from: piece.stretch.from.max(to), ..piece.stretch };
        let rest = |piece: &Piece| {
            let parts = [left(piece), right(piece)].into_iter().filter(|part| part.from < part.to);
            parts.map(|stretch| Piece { stretch, ..piece.clone() }).collect::<Vec<_>>()
        };
        self.pieces = self.pieces.iter().flat_map(rest).collect();
        self.odd.retain(|at, _| !(from..to).contains(at));
    }

    /// Drops pieces of which there is nothing to say, and joins neighbours of which the same is said. What is new joins what waits already.
    fn tidy(&mut self) {
        let mut all = std::mem::take(&mut self.pieces);
        all.retain(|piece| !piece.words.is_empty() || self.is_wanting(piece));
        all.sort_by_key(|piece| piece.stretch.from);
        let mut joined: Vec<Piece> = Vec::new();
        for piece in all {
            let wants = self.is_wanting(&piece);
            let same = |last: &&mut Piece| {
                last.stretch.to == piece.stretch.from
                    && (last.partial, &last.words) == (piece.partial, &piece.words)
                    && self.is_wanting(last) == wants
                    && (!wants || piece.tries == 0 || piece.tries == last.tries)
            };
            match joined.last_mut().filter(same) {
                Some(last) => last.stretch.to = piece.stretch.to,
                None => joined.push(piece),
            }
        }
        self.pieces = joined;
    }
}

/// What two stretches have in common.
fn overlap(a: Stretch, b: Stretch) -> Option<Stretch> {
    let both = Stretch { from: a.from.max(b.from), to: a.to.min(b.to) };
    (both.from < both.to).then_some(both)
}

#[cfg(test)]
mod tests;

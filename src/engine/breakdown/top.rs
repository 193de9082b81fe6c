//! The numbers of one group, as far as a high percentile needs them: what is certainly below it is counted and let go, so that of millions a few are kept.
//! It must not know whose numbers they are.
//!
//! What was let go is never more than what is kept. Whether that was too much is only known at the end, when earlier numbers were larger than later ones: then
//! nothing is answered, and who asks counts again and keeps everything.

use crate::query::breakdown::Percentile;

/// The lowest percentile, per million, for which anything is let go: below it too much would have to be kept.
const HIGH: u32 = 900_000;
/// The fewest numbers that are kept.
const LEAST: usize = if cfg!(test) { 8 } else { 1_024 };
/// How many times more are kept than the percentile needs if what comes is like what came.
const SPARE: u64 = 4;

/// A number, and how many events it stands for.
type Heavy = (f64, u64);

/// The numbers of a group.
#[derive(Default)]
pub(super) struct Top {
    numbers: Vec<f64>,
    /// How many events each number stands for; empty while that is one.
    weights: Vec<u32>,
    /// Nothing below this is kept.
    floor: Option<f64>,
    /// How many events were let go.
    below: u64,
    /// So many numbers are kept before some are let go.
    most: usize,
}

impl Top {
    /// Takes a number that stands for so many events. `spare` is the share, per million, above the percentile; none keeps everything.
    pub(super) fn take(&mut self, number: f64, weight: u32, spare: Option<u32>) {
        if self.floor.is_some_and(|floor| number < floor) {
            self.below = self.below.saturating_add(u64::from(weight));
            return;
        }
        if weight != 1 || !self.weights.is_empty() {
            self.weights.resize(self.numbers.len(), 1);
            self.weights.push(weight);
        }
        self.numbers.push(number);
        if let Some(spare) = spare
            && self.numbers.len() >= self.most
        {
            self.let_go(spare);
        }
    }

    /// How much is above the percentile, where it is so high that numbers may be let go.
    pub(super) fn spare(percentile: &Percentile) -> Option<u32> {
        (percentile.per_million >= HIGH).then(|| 1_000_000_u32.saturating_sub(percentile.per_million))
    }

    /// Keeps the highest numbers. Those of events that stand for several are all kept: few are sampled, and most of them are not.
    fn let_go(&mut self, spare: u32) {
        let seen = self.below.saturating_add(self.numbers.len() as u64);
        let needed = usize::try_from(seen.saturating_mul(u64::from(spare)) / 1_000_000 * SPARE).unwrap_or(usize::MAX);
        let keep = needed.max(LEAST);
        self.most = keep.saturating_mul(2);
        let Some(away) = self.numbers.len().checked_sub(keep).filter(|away| *away > 0) else { return };
        if !self.weights.is_empty() {
            self.most = usize::MAX;
            return;
        }
        let floor = *self.numbers.select_nth_unstable_by(away, f64::total_cmp).1;
        self.numbers.drain(..away);
        self.floor = Some(floor);
        self.below = self.below.saturating_add(away as u64);
    }

    /// How many numbers are kept.
    pub(super) fn kept(&self) -> usize {
        self.numbers.len()
    }

    /// The percentile of all parts together, if any of them has a number.
    ///
    /// # Errors
    /// It is among what was let go.
    pub(super) fn ranked(percentile: &Percentile, parts: Vec<Top>) -> Result<Option<f64>, LetGo> {
        let floor = parts.iter().filter_map(|part| part.floor).max_by(f64::total_cmp);
        // below the highest floor not everything is known of every part
        let is_known = |number: f64| floor.is_none_or(|floor| number.total_cmp(&floor).is_ge());
        let mut below = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.below));
        if parts.iter().all(|part| part.weights.is_empty()) {
            let mut numbers: Vec<f64> = parts
                .into_iter()
                .map(|part| part.numbers)
                .reduce(|mut all, more| {
                    all.extend(more);
                    all
                })
                .unwrap_or_default();
            if floor.is_some() {
                let all = numbers.len();
                numbers.retain(|number| is_known(*number));
                below = below.saturating_add((all - numbers.len()) as u64);
            }
            let Some(rank) = percentile.rank(below.saturating_add(numbers.len() as u64)) else { return Ok(None) };
            let rank = rank.checked_sub(below).and_then(|rank| usize::try_from(rank).ok()).ok_or(LetGo)?;
            return Ok(Some(*numbers.select_nth_unstable_by(rank, f64::total_cmp).1));
        }
        let weighed = |part: &Top| -> Vec<Heavy> {
            let weight = |place: usize| u64::from(part.weights.get(place).copied().unwrap_or(1));
            part.numbers.iter().enumerate().map(|(place, number)| (*number, weight(place))).collect()
        };
        let (mut numbers, lower): (Vec<Heavy>, Vec<Heavy>) =
            parts.iter().flat_map(weighed).partition(|(number, _)| is_known(*number));
        let heavy = |numbers: &[Heavy]| numbers.iter().fold(0_u64, |sum, (_, weight)| sum.saturating_add(*weight));
        let before = below.saturating_add(heavy(&lower));
        let Some(rank) = percentile.rank(before.saturating_add(heavy(&numbers))) else { return Ok(None) };
        if rank < before {
            return Err(LetGo);
        }
        numbers.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut seen = before;
        let found = numbers.into_iter().find(|(_, weight)| {
            seen = seen.saturating_add(*weight);
            seen > rank
        });
        Ok(found.map(|(number, _)| number))
    }
}

/// The number that was asked for was let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LetGo;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};

    fn percentile(per_million: u32) -> Percentile {
        Percentile { field: String::new(), per_million }
    }

    fn top(numbers: &[(f64, u32)], percentile: &Percentile) -> Top {
        let mut top = Top::default();
        numbers.iter().for_each(|(number, weight)| top.take(*number, *weight, Top::spare(percentile)));
        top
    }

    #[test]
    fn given_a_million_numbers_when_a_high_percentile_is_asked_then_few_are_kept_and_it_is_exact() {
        let p99 = percentile(990_000);
        let numbers: Vec<(f64, u32)> = (0..100_000_u64).map(|n| ((n * 7_919 % 100_000) as f64, 1)).collect();
        let top = top(&numbers, &p99);
        assert!(top.kept() < 9_000, "{}", top.kept());
        assert_eq!(Top::ranked(&p99, vec![top]), Ok(Some(98_999.0)));
    }

    #[test]
    fn given_numbers_that_fall_when_too_many_were_let_go_then_that_is_said_and_nothing_wrong() {
        let p95 = percentile(950_000);
        let falling: Vec<(f64, u32)> = (0..1_000).rev().map(|n| (f64::from(n), 1)).collect();
        assert_eq!(Top::ranked(&p95, vec![top(&falling, &p95)]), Err(LetGo));
        assert_eq!(Top::ranked(&p95, Vec::new()), Ok(None));
    }

    proptest! {
        #[test]
        fn what_is_answered_is_what_sorting_gives(
            parts in prop::collection::vec(prop::collection::vec((-50_i32..50, 1_u32..3), 0..200), 1..4),
            sampled in prop::bool::ANY,
            per_million in 900_000_u32..=1_000_000,
        ) {
            let percentile = percentile(per_million);
            let numbers = |part: &Vec<(i32, u32)>| -> Vec<(f64, u32)> {
                part.iter().map(|(n, weight)| (f64::from(*n), if sampled { *weight } else { 1 })).collect()
            };
            let parts: Vec<Vec<(f64, u32)>> = parts.iter().map(numbers).collect();
            let mut plain: Vec<f64> =
                parts.iter().flatten().flat_map(|(n, weight)| std::iter::repeat_n(*n, *weight as usize)).collect();
            plain.sort_by(f64::total_cmp);
            let expected = percentile.rank(plain.len() as u64).map(|rank| plain[usize::try_from(rank).unwrap()]);
            let tops = parts.iter().map(|part| top(part, &percentile)).collect();
            if let Ok(found) = Top::ranked(&percentile, tops) {
                prop_assert_eq!(found, expected);
            }
        }
    }
}

//! A row of bits: which rows hold a value, which rows a filter means. It must not know what the rows are.

/// Bits in order of rows; bits beyond the last written one are 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// As many zeros as asked for.
    #[must_use]
    pub fn zeros(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)] }
    }

    /// As many ones as asked for, and zeros beyond.
    #[must_use]
    pub fn ones(rows: usize) -> Self {
        let mut words = vec![u64::MAX; rows.div_ceil(64)];
        if let Some(last) = words.last_mut().filter(|_| !rows.is_multiple_of(64)) {
            *last = (1 << (rows % 64)) - 1;
        }
        Self { words }
    }

    /// Writes a one.
    pub fn set(&mut self, row: usize) {
        let word = row / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << (row % 64);
        }
    }

    /// Whether a bit is one.
    #[must_use]
    pub fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|w| w >> (row % 64) & 1 == 1)
    }

    /// Keeps the ones that are also ones of the other.
    pub fn and(&mut self, other: &Self) {
        for (i, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(i).copied().unwrap_or(0);
        }
    }

    /// Adds the other's ones.
    pub fn or(&mut self, other: &Self) {
        if other.words.len() > self.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// The opposite within so many rows.
    #[must_use]
    pub fn not(&self, rows: usize) -> Self {
        let mut all = Self::ones(rows);
        for (word, mine) in all.words.iter_mut().zip(&self.words) {
            *word &= !mine;
        }
        all
    }

    /// Whether there is no one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    /// The rows whose bit is one, ascending.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(i, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                (left != 0).then(|| {
                    left &= left - 1;
                    i * 64 + bit as usize
                })
            })
        })
    }

    /// Calls for each row whose bit is one, ascending: [`Bits::rows`] where every row costs.
    pub fn each(&self, mut call: impl FnMut(usize)) {
        for (i, word) in self.words.iter().enumerate() {
            if *word == u64::MAX {
                (i * 64..i * 64 + 64).for_each(&mut call);
                continue;
            }
            let mut left = *word;
            while left != 0 {
                call(i * 64 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }

    /// Calls for each row whose bit is one with its value: the values stand in order of rows, without gaps.
    pub fn each_with<T: Copy>(&self, values: &[T], mut call: impl FnMut(usize, T)) {
        if *self == Self::ones(values.len()) {
            values.iter().enumerate().for_each(|(row, value)| call(row, *value));
            return;
        }
        let mut values = values.iter();
        self.each(|row| {
            if let Some(value) = values.next() {
                call(row, *value);
            }
        });
    }

    /// How many ones there are in a range of rows.
    #[must_use]
    pub fn count(&self, rows: std::ops::Range<usize>) -> u64 {
        let (first, last) = (rows.start / 64, rows.end.div_ceil(64));
        let words = self.words.get(first..last.min(self.words.len()).max(first)).unwrap_or(&[]);
        let within = |(i, word): (usize, &u64)| {
            let begin = (first + i) * 64;
            let low = rows.start.saturating_sub(begin).min(63);
            let high = rows.end.saturating_sub(begin).min(64);
            let below = if high == 64 { u64::MAX } else { (1 << high) - 1 };
            u64::from((word & below & (u64::MAX << low)).count_ones())
        };
        if rows.is_empty() { 0 } else { words.iter().enumerate().map(within).sum() }
    }

    /// Writes ones for the values, in order of rows and without gaps, that are accepted.
    pub fn accept<T: Copy>(&mut self, present: &Self, values: &[T], accepts: impl Fn(T) -> bool) {
        if *present != Self::ones(values.len()) {
            return present.each_with(values, |row, value| {
                if accepts(value) {
                    self.set(row);
                }
            });
        }
        if self.words.len() < present.words.len() {
            self.words.resize(present.words.len(), 0);
        }
        for (word, values) in self.words.iter_mut().zip(values.chunks(64)) {
            let found =
                values.iter().enumerate().fold(0, |found, (bit, value)| found | u64::from(accepts(*value)) << bit);
            *word |= found;
        }
    }

    /// How much memory it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.words.capacity() * 8
    }

    /// Gives back what it does not need.
    pub fn shrink(&mut self) {
        self.words.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};
    use std::collections::BTreeSet;

    fn of(rows: &BTreeSet<usize>) -> Bits {
        let mut bits = Bits::default();
        rows.iter().for_each(|r| bits.set(*r));
        bits
    }

    proptest! {
        #[test]
        fn bits_are_sets(a in prop::collection::btree_set(0usize..200, 0..50), b in prop::collection::btree_set(0usize..200, 0..50)) {
            let (x, y) = (of(&a), of(&b));
            let list = |bits: &Bits| bits.rows().collect::<BTreeSet<_>>();
            let (mut both, mut any) = (x.clone(), x.clone());
            both.and(&y);
            any.or(&y);
            prop_assert_eq!(list(&both), a.intersection(&b).copied().collect());
            prop_assert_eq!(list(&any), a.union(&b).copied().collect());
            prop_assert_eq!(list(&x.not(200)), (0..200).filter(|r| !a.contains(r)).collect());
            prop_assert_eq!(list(&Bits::ones(137)), (0..137).collect());
            prop_assert_eq!(x.is_empty(), a.is_empty());
            let mut each = vec![];
            x.each(|row| each.push(row));
            prop_assert_eq!(&each, &a.iter().copied().collect::<Vec<_>>());
            let values: Vec<usize> = a.iter().map(|row| row * 3).collect();
            x.each_with(&values, |row, value| assert_eq!(row * 3, value));
            let (from, to) = (a.first().copied().unwrap_or(7), b.last().copied().unwrap_or(150));
            prop_assert_eq!(x.count(from..to), a.range(from..to.max(from)).count() as u64);
            let mut even = y.clone();
            even.accept(&x, &values, |value| value & 1 == 0);
            prop_assert_eq!(list(&even), b.iter().copied().chain(a.iter().copied().filter(|row| row & 1 == 0)).collect());
            let mut full = Bits::default();
            full.accept(&Bits::ones(values.len()), &values, |value| value & 1 == 0);
            prop_assert_eq!(list(&full), (0..values.len()).filter(|at| values[*at] & 1 == 0).collect());
            prop_assert_eq!((0..200).filter(|r| x.get(*r)).collect::<BTreeSet<_>>(), a);
        }
    }
}

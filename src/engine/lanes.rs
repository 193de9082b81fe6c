//! Two stores side by side, so that two threads read one stretch of lines. Which lane holds an event makes no difference to any answer.
//! It must not know of files or questions.

use super::store::{Count, Store};

/// Shorter stretches (in bytes) are not worth a thread.
const WORTH_A_THREAD: usize = 128 << 10;

/// All events.
#[derive(Debug, Default)]
pub struct Lanes {
    stores: [Store; 2],
}

impl Lanes {
    /// Reads whole lines; the last one may lack its break.
    pub fn read(&mut self, lines: &[u8]) -> Count {
        let [left, right] = &mut self.stores;
        let middle = lines
            .get(lines.len() / 2..)
            .and_then(|half| half.iter().position(|b| *b == b'\n'))
            .map(|at| lines.len() / 2 + at + 1);
        let halves = middle.filter(|_| lines.len() >= WORTH_A_THREAD).and_then(|at| lines.split_at_checked(at));
        let Some((early, late)) = halves else {
            return left.read(lines);
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(|| right.read(late));
            let mut count = left.read(early);
            match other.join() {
                Ok(later) => count.add(later),
                Err(panic) => std::panic::resume_unwind(panic),
            }
            count
        })
    }

    /// Reads a line without a break if it is one whole event; None if it is not (yet).
    pub fn read_last(&mut self, line: &[u8]) -> Option<Count> {
        let [left, _] = &mut self.stores;
        left.is_event(line).then(|| left.read(line))
    }

    /// The stores.
    #[must_use]
    pub fn stores(&self) -> &[Store] {
        &self.stores
    }

    /// How many events there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.stores.iter().map(Store::rows).sum()
    }

    /// How much memory they take, about, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.stores.iter().map(Store::bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_long_stretch_when_read_by_two_then_lines_are_counted_as_by_one() {
        let lines: String = (0..8000)
            .map(|i| {
                if i == 6000 { "oops\n".to_owned() } else { format!("{{\"ts\":{},\"a\":\"b\"}}\n", 1_562_712_600 + i) }
            })
            .collect();
        let mut lanes = Lanes::default();
        let count = lanes.read(lines.as_bytes());
        assert_eq!(count, Store::default().read(lines.as_bytes()));
        assert_eq!(count.first_bad.map(|(line, ..)| line), Some(6001));
        assert!(lanes.stores().iter().all(|s| s.rows() > 0));
    }
}

//! Two stores side by side, so that two threads read one stretch of lines. Which lane holds an event makes no difference to any answer.
//! It must not know of files or questions.

use super::intake::{How, Sink};
use super::store::{Count, Store};

/// Shorter stretches (in bytes) are not worth a thread.
const WORTH_A_THREAD: usize = 128 << 10;

/// All events.
#[derive(Debug, Default)]
pub struct Lanes {
    stores: [Store; 2],
}

impl Sink for Lanes {
    fn read(&mut self, bytes: &[u8], how: How<'_>) -> Count {
        let count = self.read_side_by_side(bytes, how);
        // what one of them could not read is as old as what the other read beside it
        if let Some(newest) = count.newest {
            self.stores.iter_mut().for_each(|store| store.settle(newest));
        }
        count
    }

    fn is_event(&mut self, line: &[u8], how: How<'_>) -> bool {
        let [left, _] = &mut self.stores;
        left.is_event(line, how)
    }
}

impl Lanes {
    fn read_side_by_side(&mut self, bytes: &[u8], how: How<'_>) -> Count {
        let [left, right] = &mut self.stores;
        let halves = halves(bytes, how).filter(|_| bytes.len() >= WORTH_A_THREAD);
        let Some(((early, first), (late, second))) = halves else {
            return left.read(bytes, how);
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(move || right.read(late, second));
            let mut count = left.read(early, first);
            match other.join() {
                Ok(later) => count.add(later),
                Err(panic) => std::panic::resume_unwind(panic),
            }
            count
        })
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

/// Two stretches of records.
type Halves<'b> = ((&'b [u8], How<'b>), (&'b [u8], How<'b>));

/// About half of the records and the others.
fn halves<'b>(bytes: &'b [u8], how: How<'b>) -> Option<Halves<'b>> {
    if let How::Csv(header, pieces) = how {
        let (early, late) = pieces.split_at_checked(pieces.len() / 2)?;
        return Some(((bytes, How::Csv(header, early)), (bytes, How::Csv(header, late))));
    }
    if matches!(how, How::Batch(_)) {
        return None;
    }
    let half = bytes.get(bytes.len() / 2..)?;
    let middle = bytes.len() / 2 + half.iter().position(|b| *b == b'\n')? + 1;
    let (early, late) = bytes.split_at_checked(middle)?;
    Some(((early, how), (late, how)))
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
        let count = lanes.read(lines.as_bytes(), How::Json);
        assert_eq!(count, Store::default().read(lines.as_bytes(), How::Json));
        assert_eq!(count.first_bad.map(|(line, ..)| line), Some(6001));
        assert!(lanes.stores().iter().all(|s| s.rows() > 0));
    }

    #[test]
    fn given_a_half_that_cannot_be_read_when_the_other_can_then_it_is_as_old_as_that() {
        let event = "{\"ts\":1562712600,\"a\":\"b\"}\n";
        let (good, bad) = (event.repeat(8000), "oops-----------------------\n".repeat(8000));
        let mut lanes = Lanes::default();
        lanes.read(format!("{good}{bad}").as_bytes(), How::Json);
        let unread = |from: i64, to: i64| lanes.stores().iter().map(|store| store.unread(from, to)).sum::<u64>();
        assert_eq!(unread(1_562_712_600_000_000, 1_562_712_601_000_000), 8000);
        assert_eq!(unread(1_562_712_700_000_000, i64::MAX), 0);
    }
}

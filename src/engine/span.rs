//! Between which moments something is known: only there may a bucket without events be called empty. It must not know what is counted.

use super::store::Store;

/// Between which moments events are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The time of the earliest event, µs UTC.
    pub first: Option<i64>,
    /// The time of the latest event before the end of the question, µs UTC.
    pub newest: Option<i64>,
    /// How many events happened at or after that end.
    pub later: u64,
    /// The time of the latest of those, µs UTC.
    pub latest: Option<i64>,
}

impl Span {
    /// The span of all events, seen by a question that ends at `to`.
    #[must_use]
    pub fn of(stores: &[Store], to: i64) -> Self {
        let mut span = Self { first: None, newest: None, later: 0, latest: None };
        for block in stores.iter().flat_map(|s| s.blocks()).filter(|b| b.rows() > 0) {
            span.first = Some(span.first.map_or(block.first, |f| f.min(block.first)));
            if block.last < to {
                span.newest = span.newest.max(Some(block.last));
            } else {
                span.newest = span.newest.max(block.times.iter().copied().filter(|t| *t < to).max());
                span.latest = span.latest.max(Some(block.last));
                span.later += block.times.iter().filter(|t| **t >= to).count() as u64;
            }
        }
        span
    }

    /// The starts of the buckets between `from` and `to` about which something is known.
    #[must_use]
    pub fn starts(&self, from: i64, to: i64, step: i64) -> Vec<i64> {
        let (Some(first), Some(newest)) = (self.first, self.newest) else { return Vec::new() };
        let begin = (first.div_euclid(step) * step).max(from);
        let end = if self.later > 0 { to } else { (newest.div_euclid(step) * step).saturating_add(step).min(to) };
        let count = usize::try_from((end.saturating_sub(begin)) / step).unwrap_or(0);
        std::iter::successors(Some(begin), |start| start.checked_add(step)).take(count).collect()
    }
}

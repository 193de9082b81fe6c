//! How much is read into memory at most. It must not know of files.

use crate::engine::lanes::Lanes;

/// How much is kept in memory. Reading stops politely at the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Events.
    pub events: u64,
    /// Bytes, about.
    pub bytes: usize,
}

impl Default for Limits {
    /// Ten million events, one GiB.
    fn default() -> Self {
        Self { events: 10_000_000, bytes: 1 << 30 }
    }
}

impl Limits {
    /// The sentence for a limit that is reached.
    pub(super) fn reached(self, lanes: &Lanes) -> Option<String> {
        let (rows, bytes) = (lanes.rows(), lanes.bytes());
        let limit = if rows >= self.events {
            format!("{} events (events.limit)", self.events)
        } else if bytes >= self.bytes {
            format!("{} MiB of memory (events.memory)", self.bytes >> 20)
        } else {
            return None;
        };
        Some(format!(
            "Reading stopped at the limit of {limit}. The {rows} events read so far are kept, newer ones are not seen. Raise the limit or give fewer files."
        ))
    }
}

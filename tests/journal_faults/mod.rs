//! What can befall a journal's file, done to it for real: nothing acknowledged may be lost, nothing overwritten, and every trouble
//! is said in three sentences. It must not know how the journal protects itself.

#![allow(clippy::expect_used, reason = "a test stops at the first surprise, in its helping functions too")]

mod files;
mod processes;
mod worker;

use quarterdeck::incident::entry::{Entry, Number};
use quarterdeck::journal::Journal;
use quarterdeck::journal::trouble::{JournalTrouble, Kind};
use std::path::Path;

/// Everything in a stream that is not damaged.
fn all(journal: &Journal, number: Number) -> Vec<Entry> {
    let read = journal.read_since(number, 0, usize::MAX).expect("readable");
    assert_eq!(read.damage, None);
    read.entries
}

/// A trouble is of its kind, names the path, and is three sentences.
fn assert_says(trouble: &JournalTrouble, kind: Kind, path: &Path) {
    assert_eq!(trouble.kind, kind, "{trouble}");
    assert!(trouble.happened.contains(&path.display().to_string()), "{trouble}");
    for sentence in [&trouble.happened, &trouble.stands, &trouble.next] {
        assert!(sentence.ends_with('.'), "{trouble}");
    }
}

/// Chance from a fixed seed (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    /// A number below another.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

//! Query backends: who is asked how many events there were and how many of them failed. Each speaks its vendor's language inside and
//! answers in ours.

pub mod prometheus;

use crate::query::series::Bucket;

/// What a backend answered about a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The buckets that are known.
    pub buckets: Vec<Bucket>,
    /// What must be said beside the figures, cleaned.
    pub doubts: Vec<String>,
    /// Parts are missing, as the backend itself says.
    pub partial: bool,
}

//! What we hand over, and take back: an incident as JSON without loss, and as a report people read. It opens nothing: it writes
//! into what it is given and reads from what it is given.

pub mod json;
pub mod markdown;

#[cfg(test)]
mod sample;

//! Who talks to others. Their words stop here.

pub mod clean;

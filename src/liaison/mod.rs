//! Who talks to others. Their words stop here.

pub mod channels;
pub mod clean;
pub mod disk;
pub mod outcome;
pub mod switches;

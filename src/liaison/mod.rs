//! Who talks to others. Their words stop here.

pub mod backends;
pub mod changes;
pub mod channels;
pub mod clean;
pub mod disk;
pub mod http;
pub mod outcome;
pub mod probes;
pub mod process;
pub mod switches;

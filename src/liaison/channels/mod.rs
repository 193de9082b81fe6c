//! Where updates go, one room for each kind of channel. It must not know what an incident is, beyond what a page shows.

pub mod page;

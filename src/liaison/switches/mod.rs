//! What can be stopped and restored outside, one room for each kind of provider. It must not know why somebody stops it.

pub mod flagd;

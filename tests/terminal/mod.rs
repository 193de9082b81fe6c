//! The real binary in a pseudo-terminal.

pub mod pty;

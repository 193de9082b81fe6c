//! The real binary as a person meets it: in a pseudo-terminal and in tmux, each test in a home of its own.

#![allow(clippy::expect_used, reason = "a harness fails by stopping the test, with words")]

pub mod aboard;
mod backends;
mod borrowed;
mod changes;
mod choosing;
mod colours;
mod crash;
mod customer;
mod honeycomb;
mod hostile;
mod idle;
pub mod killed;
mod leaving;
mod markers;
mod panics;
mod points;
mod pushed;
mod rehearsal;
mod sealed;
mod sizes;
mod soaks;
mod suspects;
mod tmux;
mod together;
mod unseen;
mod world;
mod yaml;

pub mod pty;

//! The command line as a person or a script meets it: the real binary, a home of its own, exit codes, files and words.

#![allow(clippy::expect_used, reason = "a harness fails by stopping the test, with words")]

#[cfg(unix)]
mod arriving;
mod changes;
mod doubted;
mod ending;
mod formats;
mod gate;
mod halved;
mod ladder;
mod outside;
mod previewed;
mod probe;
mod reading;
mod recipes;
mod recording;
mod requests;
#[cfg(unix)]
mod ruled;
mod run;
pub mod ship;
mod slo;
#[cfg(unix)]
mod terminal;
mod unsure;

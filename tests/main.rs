//! All integration tests in one binary, so that the program is linked once.

mod architecture;
mod burn;
mod cli;
mod decide;
mod journal_faults;
mod journals;
mod laws;
mod laws_fold;
mod liaison;
mod screens;
mod tables;
#[cfg(unix)]
mod terminal;
mod wire;

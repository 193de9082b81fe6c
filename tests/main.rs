//! All integration tests in one binary, so that the program is linked once.

mod decide;
mod laws_fold;
mod architecture;
mod journal_faults;
mod journals;
mod laws;
mod liaison;
mod tables;
#[cfg(unix)]
mod terminal;

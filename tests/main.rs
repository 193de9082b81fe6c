//! All integration tests in one binary, so that the program is linked once.

#[cfg(unix)]
mod terminal;
mod architecture;
mod tables;
mod journal_faults;
mod journals;
mod laws;
mod liaison;

//! All integration tests in one binary, so that the program is linked once.

mod decide;
mod laws_fold;
#[cfg(unix)]
mod terminal;

//! All integration tests in one binary, so that the program is linked once.

mod journal_faults;
mod journals;
mod laws;

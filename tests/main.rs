//! All integration tests in one binary, so that the program is linked once.

mod architecture;
mod tables;

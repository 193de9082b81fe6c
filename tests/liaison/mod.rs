//! Foreign files as they are met: missing, broken, replaced by somebody else, linked, locked, and hostile.

mod evaluator;
mod flag_files;
mod pages;

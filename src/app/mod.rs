//! What the screen knows. Pure: messages in, effects out; no clock, no files, no terminal.

pub mod action;
pub mod fault;
pub mod key;
pub mod keymap;

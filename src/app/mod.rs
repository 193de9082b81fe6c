//! What the screen knows. Pure: messages in, effects out; no clock, no files, no terminal.

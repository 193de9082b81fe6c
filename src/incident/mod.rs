//! What is true about an incident. Pure: no clock, no files, no terminal.

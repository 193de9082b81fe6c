//! What it looks like. Pure: the state in, cells out.

pub mod text;
pub mod theme;
pub mod words;

//! What it looks like. Pure: the state in, cells out.

pub mod burn;
#[cfg(test)]
pub mod burning;
pub mod phrase;
#[cfg(test)]
pub mod sample;
pub mod text;
pub mod theme;
pub mod words;

//! What it looks like. Pure: the state in, cells out.

pub mod burn;
#[cfg(test)]
pub mod burning;
pub mod confirm;
pub mod details;
pub mod help;
pub mod layers;
pub mod palette;
pub mod phrase;
pub mod prompt;
#[cfg(test)]
pub mod sample;
pub mod sheet;
pub mod text;
pub mod theme;
pub mod typed;
pub mod words;

//! Where the world comes in. The only runtime, the only clock, the only terminal.

pub mod asker;
pub mod beside;
pub mod changes;
pub mod clock;
pub mod encoder;
pub mod escape;
pub mod foreground;
pub mod gate;
pub mod hands;
pub mod input;
pub mod levers;
pub mod login;
pub mod markers;
pub mod masked;
pub mod parting;
pub mod pen;
pub mod probes;
pub mod screen;
pub mod sequence;
pub mod start;
pub mod terminal;
pub mod told;
pub mod typed;
pub mod world;

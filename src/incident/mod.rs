//! What is true about an incident. Pure: no clock, no files, no terminal.

pub mod burn;
pub mod change;
pub mod checkin;
pub mod declare;
pub mod entry;
pub mod fact;
pub mod goal;
pub mod impact;
pub mod intent;
pub mod phase;
pub mod promise;
pub mod question;
pub mod record;
pub mod rehearsal;
pub mod roster;
pub mod severity;
pub mod task;
pub mod time;
pub mod trouble;

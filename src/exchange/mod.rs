//! What we hand over, and take back: an incident as JSON without loss, and as a report people read. It opens nothing: it writes
//! into what it is given and reads from what it is given. Objectives come from and go to the files of other tools, too, and what holds
//! releases goes to pipelines.

pub mod gate;
pub mod json;
pub mod markdown;
mod members;
pub mod openslo;
mod places;
mod promql;
pub mod sloth;
mod windows;

#[cfg(test)]
mod sample;

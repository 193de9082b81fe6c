//! quarterdeck: command an incident from one terminal.

pub mod app;
pub mod config;
pub mod drill;
pub mod engine;
pub mod exchange;
pub mod incident;
pub mod journal;
pub mod liaison;
pub mod query;
pub mod shell;
pub mod view;

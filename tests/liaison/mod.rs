//! Foreign files as they are met: missing, broken, replaced by somebody else, linked, locked, and hostile.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says why it was skipped"
)]

mod changes;
mod clickhouse;
#[cfg(unix)]
mod commands;
mod evaluator;
mod flag_files;
mod honeycomb;
mod honeycomb_cold;
pub mod honeycomb_fake;
mod launchdarkly;
mod launchdarkly_contract;
pub mod launchdarkly_fake;
mod launchdarkly_faults;
mod launchdarkly_later;
pub mod loopback;
mod markers;
mod ofrep;
mod pages;
mod partial;
mod prometheus;
mod unleash;
pub mod unleash_fake;
#[cfg(unix)]
mod unleash_real;
mod web;
mod windows;

//! The arguments of what runs programs and asks others: commands that are run for somebody, and probes. It must not know what a command does.

use clap::{Args, Subcommand};
use std::ffi::OsString;

/// `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// What kind of change it makes, in a word of yours: deploy, migration, data
    #[arg(long, value_name = "WORD", default_value = crate::incident::ran::RUN)]
    pub what: String,
    /// What the timeline calls it instead of the command line; for one that shows more than others may see
    #[arg(long, value_name = "WORDS")]
    pub says: Option<String>,
    /// The command and its arguments, after --
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// `probe`.
#[derive(Debug, Args)]
pub struct Probe {
    /// What to do.
    #[command(subcommand)]
    pub act: ProbeAct,
}

/// What to do with probes.
#[derive(Debug, Subcommand)]
pub enum ProbeAct {
    /// What is configured, and what was last written down of it; asks nobody
    List(ProbeScope),
    /// Ask them, all at the same time: 0 all are green, 3 one is red, 4 nobody could say. Written down while an incident is open
    Run(ProbeRun),
}

/// Which probes.
#[derive(Debug, Args)]
pub struct ProbeScope {
    /// Those that speak for this place: prod, prod/api
    #[arg(long, value_name = "PLACE")]
    pub scope: Option<String>,
}

/// `probe run`.
#[derive(Debug, Args)]
pub struct ProbeRun {
    /// These, by their configured names; all without one
    #[arg(conflicts_with = "scope")]
    pub names: Vec<String>,
    /// Which.
    #[command(flatten)]
    pub scope: ProbeScope,
    /// Ask those that are green once more when they have served for their soak
    #[arg(long)]
    pub soak: bool,
    /// The entry that they are read after, by its number in the timeline: a deploy, an act
    #[arg(long, value_name = "ENTRY")]
    pub after: Option<String>,
    /// The build they are asked about, where they ask about one: its commit or its tag
    #[arg(long = "ref", value_name = "BUILD")]
    pub reference: Option<String>,
}

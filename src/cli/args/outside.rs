//! The arguments of what runs programs and asks others: commands that are run for somebody. It must not know what a command does.

use clap::Args;
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

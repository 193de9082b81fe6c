//! The arguments: every command and option once, from which help, completions and the manual page are made. It must not know what a
//! command does.

pub mod freeze;
pub mod outside;
pub mod say;
pub mod state;
pub mod switch;
pub mod work;

use crate::incident::entry::Number;
use clap::{Args, Parser, Subcommand, ValueEnum};
use freeze::Freeze;
use outside::{Probe, Run};
use say::{Change, Changes, Correct, Decide, Declare, Impact, Link, Mark, Note, Question};
use state::{Close, Goal, Phase, Role, Severity, Why};
use std::path::PathBuf;
use switch::Switch;
use work::{Checkin, Promise, Task, Update};

/// Command an incident from one terminal: timeline, check-ins, public updates, kill switches and error-budget burn.
///
/// Without a command the screen opens on the open incident. Every command answers --help.
#[derive(Debug, Parser)]
#[command(name = "quarterdeck", version, disable_help_subcommand = true, after_help = CODES)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do; the screen without it.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Said below the help.
const CODES: &str =
    "Texts come as arguments, from a pipe (or `-`), or from $EDITOR. Times are UTC: 22:49, -5m, 2019-07-09T22:49Z.
Exit codes: 0 done or open, 1 the tool failed, 2 bad usage, 3 refused or frozen, 4 could not be determined,
75 waited in vain.";

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Globals {
    /// The journal's file, instead of the configured one
    #[arg(long, global = true, value_name = "PATH", help_heading = "Everywhere")]
    pub journal: Option<PathBuf>,
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE", help_heading = "Everywhere")]
    pub config: Option<PathBuf>,
    /// The incident's number; needed when several are open
    #[arg(short, long, global = true, value_name = "N", help_heading = "Everywhere")]
    pub incident: Option<Number>,
    /// Who is at the keyboard
    #[arg(long = "as", global = true, value_name = "PERSON", help_heading = "Everywhere")]
    pub person: Option<String>,
    /// The theme of the screen
    #[arg(long, global = true, value_name = "NAME", help_heading = "Everywhere")]
    pub theme: Option<String>,
    /// Answer in JSON
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Rehearse a realistic outage, with nothing configured
    Drill(Drill),
    /// Declare an incident; whoever declares commands
    Declare(Declare),
    /// The incidents, the newest last
    List(List),
    /// What an incident is, what it owes and its timeline
    Show(Show),
    /// One line for a prompt, for tmux, or to say aloud
    Status(Status),
    /// Write something down; a leading 22:49 or -5m says when, ? asks, ! pins, > decides
    Note(Note),
    /// Record a decision
    Decide(Decide),
    /// Ask a question, or answer one
    Question(Question),
    /// Give somebody work, or say how it went
    Task(Task),
    /// Record a check-in, or leave it out on purpose
    Checkin(Checkin),
    /// Tell people: recorded first, then published on the configured channels
    Update(Update),
    /// Promise something, or say how it went
    Promise(Promise),
    /// Say what changed in the world
    Changed(Change),
    /// What the configured sources say to have changed
    Changes(Changes),
    /// Say where people meet, talk or write
    Link(Link),
    /// Say who is hurt, and how
    Impact(Impact),
    /// Offer, accept, decline, take or leave a role
    Role(Role),
    /// Rank what the response protects
    Goal(Goal),
    /// Say how bad it is
    Severity(Severity),
    /// Say where the response stands
    Phase(Phase),
    /// Say that it is over
    Resolve(Why),
    /// Close the record; refused while something remains
    Close(Close),
    /// Work again on what was resolved or closed
    Reopen(Why),
    /// Correct an earlier entry; the original stays in the journal
    Correct(Correct),
    /// Come into the room
    Join(Bare),
    /// Say that this incident is the same as another one, which goes on
    Fold(Fold),
    /// Mark a moment or an entry for the review
    Mark(Mark),
    /// What can be stopped, and stopping it
    Switch(Switch),
    /// Hold releases, lift it, let one build pass; the gate that a pipeline calls
    Freeze(Freeze),
    /// What has to be true before a release and after it, and whether it is
    Probe(Probe),
    /// Run a command and write it down: its end, its time, its last lines. Its exit code is passed on
    Run(Run),
    /// How the error budget stands and how fast it burns
    Burn(Burn),
    /// The configured objectives, and those of other tools' files
    Slo(Slo),
    /// Write the record as a document
    Export(Export),
    /// Take in what was exported
    Import(Import),
    /// Check configuration, journal, events, switches and channels; writes nothing
    Doctor,
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man(Man),
}

/// When it happened.
#[derive(Clone, Debug, Default, Args)]
pub struct At {
    /// When it happened, if not now: 22:49, -5m, 2019-07-09T22:49Z
    #[arg(long, value_name = "WHEN")]
    pub at: Option<String>,
}

/// Nothing but the time.
#[derive(Debug, Args)]
pub struct Bare {
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `drill`.
#[derive(Debug, Args)]
pub struct Drill {
    /// Which scenario; the first one without it
    pub scenario: Option<String>,
    /// Tell the scenarios and the drills there are
    #[arg(long, conflicts_with_all = ["scenario", "speed", "seed", "new", "delete"])]
    pub list: bool,
    /// How many seconds of the drill pass in one real second, from 1 to 60
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=60))]
    pub speed: Option<u32>,
    /// What chance is drawn from
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Begin anew, although an unfinished one is there
    #[arg(long)]
    pub new: bool,
    /// Make it, or find it, and say where it is; open no screen
    #[arg(long)]
    pub no_screen: bool,
    /// Delete a drill by its name in --list
    #[arg(long, value_name = "NAME", conflicts_with_all = ["scenario", "speed", "seed", "new"])]
    pub delete: Option<String>,
}

/// `list`.
#[derive(Debug, Args)]
pub struct List {
    /// Closed and folded ones too
    #[arg(short, long)]
    pub all: bool,
}

/// `show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The whole timeline, not its last 20 lines
    #[arg(short, long)]
    pub all: bool,
}

/// `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// For whom
    #[arg(short, long, value_enum, default_value_t = StatusForm::Line)]
    pub format: StatusForm,
}

/// For whom a status is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusForm {
    /// A line
    Line,
    /// A status line of tmux: no line break, no `#`
    Tmux,
    /// Data
    Json,
    /// Three sentences to say aloud
    Say,
}

/// `fold`.
#[derive(Debug, Args)]
pub struct Fold {
    /// The number of the one that goes on
    pub into: Number,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `slo`.
#[derive(Debug, Args)]
pub struct Slo {
    /// What to do.
    #[command(subcommand)]
    pub act: SloAct,
}

/// What to do with objectives.
#[derive(Debug, Subcommand)]
pub enum SloAct {
    /// What is promised, and what it is counted from
    List,
    /// Ask each of them, and say which do not answer
    Check,
    /// Read OpenSLO v1 or Sloth prometheus/v1 files, and print the blocks to put into the configuration
    Import(SloImport),
    /// Print the configured ones as OpenSLO v1
    Export,
}

/// `slo import`.
#[derive(Debug, Args)]
pub struct SloImport {
    /// The file, or - for standard input
    pub file: PathBuf,
    /// The configured backend that is asked; without it the first one of that kind
    #[arg(long, value_name = "NAME")]
    pub backend: Option<String>,
}

/// `burn`.
#[derive(Debug, Args)]
pub struct Burn {
    /// A configured objective; all of them without it
    #[arg(long, value_name = "NAME", conflicts_with_all = ["events", "bad", "good", "valid", "target", "window"])]
    pub slo: Option<String>,
    /// A file of events or a directory of them
    #[arg(long, value_name = "PATH", requires = "target")]
    pub events: Option<PathBuf>,
    /// Which events break the promise
    #[arg(long, value_name = "EXPR", requires = "events")]
    pub bad: Option<String>,
    /// Instead of --bad, which keep it: every other one is bad, also one that lacks a field
    #[arg(long, value_name = "EXPR", requires = "events", conflicts_with = "bad")]
    pub good: Option<String>,
    /// Which events count at all; all of them without it
    #[arg(long, value_name = "EXPR", requires = "events")]
    pub valid: Option<String>,
    /// The promised share of good events in percent: 99.95
    #[arg(long, value_name = "PERCENT", requires = "events")]
    pub target: Option<String>,
    /// The time the promise is about: 30d, or a period of the calendar in UTC such as month
    #[arg(long, value_name = "LENGTH", requires = "events")]
    pub window: Option<String>,
    /// As of then; without it now, or for --events the newest event when that is more than an hour old
    #[arg(long, value_name = "WHEN")]
    pub now: Option<String>,
    /// What would have been had these events counted as bad besides: a filter for event files, a counter for a backend
    #[arg(long, value_name = "EXPR", conflicts_with = "what_if_only")]
    pub what_if: Option<String>,
    /// The same had only these counted as bad
    #[arg(long, value_name = "EXPR")]
    pub what_if_only: Option<String>,
    /// Each value of this field, or of several with commas between them: its share of the events since --since (an hour ago without it) and
    /// before, and whether it counts as bad; of event files, Honeycomb, ClickHouse, and of the labels of Prometheus' counters
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
    /// With --by: the 99th percentile of a number for each value
    #[arg(long, value_name = "FIELD", requires = "by")]
    pub p99: Option<String>,
    /// How much of the budget was spent from then on, until --until
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Until when; the moment asked about without it
    #[arg(long, value_name = "WHEN", requires = "since")]
    pub until: Option<String>,
}

/// `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// In which form
    #[arg(short, long, value_enum, default_value_t = ExportForm::Markdown)]
    pub format: ExportForm,
    /// Where to, instead of the standard output; a file that is there is never written over
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// In which form a record leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// A report people read
    Markdown,
    /// Everything, without loss
    Json,
}

/// `import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The form
    #[arg(value_enum)]
    pub format: ImportForm,
    /// The file; `-` is the standard input
    pub file: PathBuf,
}

/// Whose form is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportForm {
    /// What `export -f json` wrote
    Json,
}

/// `completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// For which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Of one command
    pub command: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn given_the_arguments_when_looked_through_then_they_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn given_the_arguments_of_everywhere_when_another_has_the_same_name_then_one_would_hide_the_other() {
        fn names(command: &clap::Command) -> Vec<String> {
            let own = command.get_arguments().map(|argument| argument.get_id().to_string());
            own.chain(command.get_subcommands().flat_map(names)).collect()
        }
        let mut root = Cli::command();
        let everywhere = ["journal", "config", "incident", "person", "theme", "json"];
        let inside: Vec<String> = root.get_subcommands_mut().flat_map(|command| names(command)).collect();
        assert!(inside.len() > 50, "{inside:?}");
        assert!(!inside.iter().any(|name| everywhere.contains(&name.as_str())), "{inside:?}");
    }
}

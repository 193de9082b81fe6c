//! The arguments of what is owed: tasks, check-ins, updates, promises. It must not know what a command does.

use super::At;
use super::state::Why;
use clap::{Args, Subcommand};

/// Something with a number, and words about it.
#[derive(Debug, Args)]
pub struct Numbered {
    /// Its number, as `show` tells it
    pub number: u32,
    /// The words; `-` reads them
    pub text: Vec<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `task`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Task {
    /// Open one, without the word.
    #[command(flatten)]
    pub open: OpenTask,
    /// What to do.
    #[command(subcommand)]
    pub act: Option<TaskAct>,
}

/// What to do with a task.
#[derive(Debug, Subcommand)]
pub enum TaskAct {
    /// Give somebody work; the word may be left out
    Open(OpenTask),
    /// It is done; what came of it
    Done(Numbered),
    /// It will not be done; why
    Drop(Numbered),
    /// It is not finished after all
    Reopen(Numbered),
}

/// A new task.
#[derive(Debug, Args)]
pub struct OpenTask {
    /// What is to be done; `-` reads it
    pub text: Vec<String>,
    /// Who does it
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// Its time box: 10m, or a time to come, 23:10
    #[arg(long, value_name = "LENGTH", alias = "by")]
    pub within: Option<String>,
    /// The rank of the goal it serves
    #[arg(long, value_name = "RANK")]
    pub goal: Option<u8>,
    /// It undoes something and remains before close
    #[arg(long)]
    pub undo: bool,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `checkin`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Checkin {
    /// Record one, without a word.
    #[command(flatten)]
    pub ask: CheckinNote,
    /// What to do.
    #[command(subcommand)]
    pub act: Option<CheckinAct>,
}

/// What a check-in brought.
#[derive(Debug, Args)]
pub struct CheckinNote {
    /// One line: what the team said
    pub text: Vec<String>,
    /// Who answered, by comma
    #[arg(long, value_name = "WHO", value_delimiter = ',')]
    pub answered: Vec<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// What else can be done about a check-in.
#[derive(Debug, Subcommand)]
pub enum CheckinAct {
    /// Leave it out on purpose; why
    Skip(Why),
}

/// `update`.
#[derive(Debug, Args)]
pub struct Update {
    /// What people are told: impact first, no cause unless sure; `-` reads it
    pub text: Vec<String>,
    /// When the next one comes: 23:30, 30m
    #[arg(long, value_name = "WHEN")]
    pub next: Option<String>,
    /// For the company: recorded, and published nowhere
    #[arg(long)]
    pub internal: bool,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `promise`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Promise {
    /// Make one, without the word.
    #[command(flatten)]
    pub make: MakePromise,
    /// What to do.
    #[command(subcommand)]
    pub act: Option<PromiseAct>,
}

/// What to do with a promise.
#[derive(Debug, Subcommand)]
pub enum PromiseAct {
    /// Promise something; the word may be left out
    Make(MakePromise),
    /// It was kept; how
    Kept(Numbered),
    /// It is called off; why
    Withdraw(Numbered),
}

/// A new promise.
#[derive(Debug, Args)]
pub struct MakePromise {
    /// What is promised; `-` reads it
    pub text: Vec<String>,
    /// To whom; needed
    #[arg(long, value_name = "WHOM")]
    pub to: Option<String>,
    /// By when: 23:30, 30m; needed
    #[arg(long, value_name = "WHEN")]
    pub by: Option<String>,
    /// Who keeps it
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

//! The arguments of what is said to an incident. It must not know what a command does.

use super::At;
use super::work::Numbered;
use clap::{Args, Subcommand};

/// `declare`.
#[derive(Debug, Args)]
pub struct Declare {
    /// What is wrong, in a line
    pub title: Vec<String>,
    /// How bad it is: sev1 (everybody is hurt) to sev4
    #[arg(short, long, value_name = "SEV")]
    pub severity: String,
    /// When impact began; ~22:50 when that is a guess
    #[arg(long, value_name = "WHEN")]
    pub began: Option<String>,
    /// When impact ended, for one that is over
    #[arg(long, value_name = "WHEN")]
    pub ended: Option<String>,
    /// How it was noticed: page, customer, by eye
    #[arg(long, value_name = "HOW")]
    pub detected_by: Option<String>,
    /// Outside the program only its number is shown
    #[arg(long)]
    pub restricted: bool,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `note`.
#[derive(Debug, Args)]
pub struct Note {
    /// The note; `-` reads it
    pub text: Vec<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `decide`.
#[derive(Debug, Args)]
pub struct Decide {
    /// What was decided; `-` reads it
    pub text: Vec<String>,
    /// The rank of the goal it serves
    #[arg(long, value_name = "RANK")]
    pub goal: Option<u8>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `question`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Question {
    /// Ask, without the word.
    #[command(flatten)]
    pub ask: Ask,
    /// What to do.
    #[command(subcommand)]
    pub act: Option<QuestionAct>,
}

/// What to do with a question.
#[derive(Debug, Subcommand)]
pub enum QuestionAct {
    /// Ask; the word may be left out
    Ask(Ask),
    /// Answer
    Answer(Numbered),
}

/// A new question.
#[derive(Debug, Args)]
pub struct Ask {
    /// The question; `-` reads it
    pub text: Vec<String>,
    /// Who should answer
    #[arg(long, value_name = "WHO")]
    pub of: Option<String>,
    /// The rank of the goal it belongs to
    #[arg(long, value_name = "RANK")]
    pub goal: Option<u8>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `changed`.
#[derive(Debug, Args)]
pub struct Change {
    /// What kind: deploy, flag, config, migration, data
    pub what: String,
    /// What was changed: api
    pub subject: Vec<String>,
    /// What it was before
    #[arg(long, value_name = "VALUE")]
    pub from: Option<String>,
    /// What it is now
    #[arg(long, value_name = "VALUE")]
    pub to: Option<String>,
    /// Who did it
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
    /// How it is known
    #[arg(long, value_name = "HOW")]
    pub source: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `link`.
#[derive(Debug, Args)]
pub struct Link {
    /// What it leads to: bridge, chat, document or other
    pub kind: String,
    /// The address
    pub address: String,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `impact`.
#[derive(Debug, Args)]
pub struct Impact {
    /// What they notice: requests refused
    pub what: Vec<String>,
    /// How many: 40000, or ~40000 when estimated
    #[arg(long, value_name = "COUNT")]
    pub count: Option<String>,
    /// Who they are
    #[arg(long, value_name = "WHO")]
    pub who: Option<String>,
    /// What happened to data: safe, at-risk, lost or unknown
    #[arg(long, value_name = "STATE")]
    pub data: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `correct`.
#[derive(Debug, Args)]
pub struct Correct {
    /// The entry: its number in the timeline, or the beginning of its id
    pub entry: String,
    /// The right words
    pub text: Vec<String>,
    /// When it really happened
    #[arg(long, value_name = "WHEN", alias = "at")]
    pub happened: Option<String>,
    /// It should not have been recorded at all
    #[arg(long)]
    pub strike: bool,
    /// Why
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
}

/// `mark`.
#[derive(Debug, Args)]
pub struct Mark {
    /// Why
    pub text: Vec<String>,
    /// The entry, by its number in the timeline or the beginning of its id; the moment itself without it
    #[arg(long, value_name = "ENTRY")]
    pub entry: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `changes`.
#[derive(Debug, Args)]
pub struct Changes {
    /// What to do.
    #[command(subcommand)]
    pub act: ChangesAct,
}

/// What to do with the sources of changes.
#[derive(Debug, Subcommand)]
pub enum ChangesAct {
    /// Ask each of them what changed lately, or with -i around the beginning of an incident, what most likely did it first; nothing is recorded
    List(ChangesList),
}

/// `changes list`.
#[derive(Debug, Args)]
pub struct ChangesList {
    /// Since when, if not for a day, or for a day before the incident began: 22:49, -2h, 2019-07-09T22:49Z
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
}

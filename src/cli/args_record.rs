//! The arguments of the commands that record. It must not know what a command does.

use super::args::At;
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

/// A reason.
#[derive(Debug, Args)]
pub struct Why {
    /// Why
    pub why: Vec<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
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

/// `role`.
#[derive(Debug, Args)]
pub struct Role {
    /// What to do.
    #[command(subcommand)]
    pub act: RoleAct,
}

/// What to do with a role: commander, deputy, ops, comms, scribe, liaison.
#[derive(Debug, Subcommand)]
pub enum RoleAct {
    /// Offer it; the one who holds it keeps it until it is accepted
    Offer(RoleOf),
    /// Accept what was offered to you
    Accept(RoleOf),
    /// Decline what was offered to you
    Decline(RoleOf),
    /// Take it, or give it to somebody who said yes
    Take(RoleOf),
    /// Give it up
    Leave(RoleOf),
}

/// A role and a person.
#[derive(Debug, Args)]
pub struct RoleOf {
    /// commander, deputy, ops, comms, scribe or liaison
    pub role: String,
    /// Who
    pub who: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `goal`.
#[derive(Debug, Args)]
pub struct Goal {
    /// What to do.
    #[command(subcommand)]
    pub act: GoalAct,
}

/// What to do with a goal.
#[derive(Debug, Subcommand)]
pub enum GoalAct {
    /// Give it its rank; without words the rank becomes free
    Rank(GoalRank),
}

/// A goal's rank.
#[derive(Debug, Args)]
pub struct GoalRank {
    /// From 1 (protected first) to 9
    pub rank: u8,
    /// What is protected
    pub text: Vec<String>,
    /// Why it stands there
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `severity`.
#[derive(Debug, Args)]
pub struct Severity {
    /// sev1 to sev4
    pub severity: String,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// `phase`.
#[derive(Debug, Args)]
pub struct Phase {
    /// investigating, identified, mitigated (monitoring), resolved or closed
    pub phase: String,
    /// Why.
    #[command(flatten)]
    pub why: Why,
}

/// `close`.
#[derive(Debug, Args)]
pub struct Close {
    /// Although something remains; say why
    #[arg(long)]
    pub anyway: bool,
    /// Why.
    #[command(flatten)]
    pub why: Why,
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

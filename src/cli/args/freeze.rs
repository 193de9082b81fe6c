//! The arguments of holds, passes and the gate. It must not know what a command does.

use super::At;
use clap::{Args, Subcommand, ValueEnum};

/// `freeze`.
#[derive(Debug, Args)]
pub struct Freeze {
    /// What to do.
    #[command(subcommand)]
    pub act: FreezeAct,
}

/// What to do about releases.
#[derive(Debug, Subcommand)]
pub enum FreezeAct {
    /// Hold releases until somebody lifts it
    Add(AddHold),
    /// Lift a hold; somebody else's takes a reason and the exact scope, a spent budget's a review; where two people are needed it only asks
    Lift(LiftHold),
    /// Agree to a lift that somebody else asked for, where two people are needed
    Confirm(ConfirmLift),
    /// Let one build pass: until an end every hold, without one those that stand now
    Pass(GrantPass),
    /// Let it pass no longer
    Withdraw(WithdrawPass),
    /// The holds and passes that stand, and the reviews that are owed
    List,
    /// Write gate.json anew for pipelines that cannot read the journal; run it every minute where no screen is open
    Publish,
    /// May this be released? The gate a pipeline calls: 0 open, 3 frozen, 4 not known, 75 waited in vain
    Check(CheckGate),
}

/// `freeze add`.
#[derive(Debug, Args)]
pub struct AddHold {
    /// Of what: prod, prod/api, prod/*; the configured one without it
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<String>,
    /// Why; needed
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
    /// It ends then by itself: 23:30, 2h
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// What it is called; it has a number too
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Because the error budget of this objective is spent, or goes too fast: a review lifts it
    #[arg(long, value_name = "SLO")]
    pub budget: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// A hold that is meant.
#[derive(Debug, Args)]
pub struct MeantHold {
    /// Its name or number; not needed where only one is possible
    pub hold: Option<String>,
    /// The one with this scope
    #[arg(long, value_name = "SCOPE", conflicts_with = "hold")]
    pub scope: Option<String>,
}

/// `freeze confirm`.
#[derive(Debug, Args)]
pub struct ConfirmLift {
    /// Which.
    #[command(flatten)]
    pub which: MeantHold,
    /// The exact scope; needed
    #[arg(long, value_name = "SCOPE")]
    pub confirm: Option<String>,
}

/// `freeze lift`.
#[derive(Debug, Args)]
pub struct LiftHold {
    /// Which.
    #[command(flatten)]
    pub which: MeantHold,
    /// Why; somebody else's hold needs it
    #[arg(long, value_name = "WHY")]
    pub reason: Option<String>,
    /// The exact scope; somebody else's hold needs it
    #[arg(long, value_name = "SCOPE")]
    pub confirm: Option<String>,
    /// The review, an address or a line; what a spent budget holds needs it. Later, the one that is owed
    #[arg(long, value_name = "REVIEW")]
    pub review: Option<String>,
    /// Why without a review, which is owed then
    #[arg(long, value_name = "WHY", conflicts_with = "review")]
    pub break_glass: Option<String>,
    /// Take back that you asked for it, where two people are needed
    #[arg(long, conflicts_with_all = ["confirm", "review", "break_glass"])]
    pub withdraw: bool,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `freeze pass`.
#[derive(Debug, Args)]
pub struct GrantPass {
    /// Where to: prod, prod/api, prod/*; the configured one without it
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<String>,
    /// Which build: a commit, seven digits of it or more, or a tag
    #[arg(long = "ref", value_name = "REF")]
    pub reference: String,
    /// Why; needed
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
    /// It ends then by itself: 23:30, 2h
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `freeze withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawPass {
    /// Its number
    pub pass: String,
    /// Why
    #[arg(long, value_name = "WHY")]
    pub reason: Option<String>,
    /// When.
    #[command(flatten)]
    pub at: At,
}

/// `freeze check`.
#[derive(Debug, Args)]
pub struct CheckGate {
    /// What is released: prod, prod/api; the configured one without it
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<String>,
    /// The build: its whole commit, or its tag; without it no pass is for it
    #[arg(long = "ref", value_name = "REF")]
    pub reference: Option<String>,
    /// Where gate.json is: an address or a file, instead of this machine's journal
    #[arg(long, value_name = "FROM")]
    pub from: Option<String>,
    /// How old gate.json may be
    #[arg(long, value_name = "LENGTH", default_value = "10m")]
    pub max_age: String,
    /// Wait so long for it to open
    #[arg(long, value_name = "LENGTH")]
    pub wait: Option<String>,
    /// What it means when it cannot be determined
    #[arg(long, value_enum, default_value_t = OnUnknown::Closed)]
    pub on_unknown: OnUnknown,
}

/// What it means when nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnUnknown {
    /// It is released, and said loudly
    Open,
    /// It is not: exit 4
    Closed,
}

//! The arguments of who holds what and where the response stands. It must not know what a command does.

use super::At;
use clap::{Args, Subcommand};

/// A reason.
#[derive(Debug, Args)]
pub struct Why {
    /// Why
    pub why: Vec<String>,
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

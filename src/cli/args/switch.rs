//! What the commands about switches take.

use clap::{Args, Subcommand};

/// `switch`.
#[derive(Debug, Args)]
pub struct Switch {
    /// What to do.
    #[command(subcommand)]
    pub act: SwitchAct,
}

/// What to do with a switch.
#[derive(Debug, Subcommand)]
pub enum SwitchAct {
    /// What every switch serves, and who touched it last; --all also shows the flags that are no switches here
    List(ListSwitches),
    /// Serve the stop value to everybody
    Stop(OneSwitch),
    /// Serve the stop value to one user, customer or other context
    Exclude(OneContext),
    /// Serve to a share only, the stop value to the others
    Percent(OneShare),
    /// Serve again what was served before the first act that is to be undone; --percent gives it back in steps
    Restore(OneRestore),
    /// Put back the very state that the last act found
    Revert(OneSwitch),
    /// Have what was done end later than was asked for
    Extend(OneExtension),
    /// Agree to what somebody else asked for where two people are needed: a switch, or a plan as a whole
    Confirm(OneSwitch),
    /// Take back what you asked for where two people are needed
    Withdraw(OneAsked),
    /// Ask the provider's own approvers for the act that they have to agree to
    Request(OneSwitch),
    /// Bring the review that is owed for an act that did not wait for a second person while no incident was open
    Review(OneReview),
    /// Stop all switches of a plan, or put them back
    Plan(PlanAct),
}

/// What is listed.
#[derive(Debug, Args)]
pub struct ListSwitches {
    /// Also every flag that the configured providers and flag files have, and the lines that make a switch of one
    #[arg(long)]
    pub all: bool,
    /// Only flags whose name holds this
    #[arg(requires = "all")]
    pub text: Option<String>,
}

/// A switch, and how it is confirmed.
#[derive(Debug, Args)]
pub struct OneSwitch {
    /// The switch, by its configured name
    pub name: String,
    /// How it is confirmed, and what is wanted besides.
    #[command(flatten)]
    pub change: SwitchChange,
}

/// A switch that is given back, at once or in steps.
#[derive(Debug, Args)]
pub struct OneRestore {
    /// The switch, by its configured name
    pub name: String,
    /// Only a step on the way back: to so much of it, 5, then 25, then all without this
    #[arg(long, value_name = "SHARE")]
    pub percent: Option<String>,
    /// How it is confirmed, and what is wanted besides.
    #[command(flatten)]
    pub change: SwitchChange,
}

/// A switch, and when what was done with it is to end.
#[derive(Debug, Args)]
pub struct OneExtension {
    /// The switch, by its configured name; where several acts on it have an end, the one that ends first is meant
    pub name: String,
    /// When it is to end instead: 23:45, or 30m from now
    #[arg(long, value_name = "WHEN")]
    pub until: String,
    /// Why, in two words or more
    #[arg(long, value_name = "WHY")]
    pub reason: Option<String>,
}

/// A switch on which something was asked for.
#[derive(Debug, Args)]
pub struct OneAsked {
    /// The switch, by its configured name
    pub name: String,
    /// Why it is not wanted any more
    #[arg(long, value_name = "WHY")]
    pub reason: Option<String>,
}

/// A review that is owed, and what came of it.
#[derive(Debug, Args)]
pub struct OneReview {
    /// Its number, as `freeze list` and `status` tell it
    pub number: u32,
    /// What came of it; `-` reads it
    pub text: Vec<String>,
}

/// A switch and a context.
#[derive(Debug, Args)]
pub struct OneContext {
    /// The switch, by its configured name
    pub name: String,
    /// The context: its key, or kind:key where it is not of the configured kind
    pub whom: String,
    /// How it is confirmed, and what is wanted besides.
    #[command(flatten)]
    pub change: SwitchChange,
}

/// A switch and a share.
#[derive(Debug, Args)]
pub struct OneShare {
    /// The switch, by its configured name
    pub name: String,
    /// How much of it: 5, or 2.5, per cent
    pub share: String,
    /// How it is confirmed, and what is wanted besides.
    #[command(flatten)]
    pub change: SwitchChange,
}

/// A plan, and how it is confirmed.
#[derive(Debug, Args)]
pub struct PlanAct {
    /// What to do with all of it
    #[arg(value_parser = ["stop", "revert"])]
    pub verb: String,
    /// The plan, by its configured name
    pub name: String,
    /// How it is confirmed, and what is wanted besides.
    #[command(flatten)]
    pub change: SwitchChange,
}

/// How an act is confirmed, and what is wanted besides.
#[derive(Clone, Debug, Args)]
pub struct SwitchChange {
    /// The exact target, environment/name; a critical switch needs it, and whatever widens
    #[arg(long, value_name = "EXACT")]
    pub confirm: Option<String>,
    /// Why, in two words or more where it is asked for
    #[arg(long, value_name = "WHY")]
    pub reason: Option<String>,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The value that must be served now; refused when it is another one
    #[arg(long, value_name = "VALUE")]
    pub if_serves: Option<String>,
    /// When it is to end: 23:30, or 30m
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// What is expected to follow: "bad under 40/min by 23:02"
    #[arg(long, value_name = "WORDS")]
    pub expect: Option<String>,
    /// Do not wait until clients are seen to be served it; else that is looked for, for 10 s at most
    #[arg(long)]
    pub no_wait: bool,
    /// Go without the second person that is needed here, and why it cannot wait; only a stop may, or a share known to be no more than now
    #[arg(long, value_name = "WHY")]
    pub break_glass: Option<String>,
}

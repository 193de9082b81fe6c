//! What a person wants recorded, and why it may be refused. It must not know who carries anything out.

use super::alert::Alerted;
use super::burn::BurnNoted;
use super::change::{Changed, Reported};
use super::declare::Declared;
use super::ending::Later;
use super::entry::{EntryId, Number};
use super::goal::GoalRanked;
use super::impact::ImpactStated;
use super::intent::{Intended, Seen, Settled};
use super::phase::{MilestoneReached, Phase};
use super::pinned::ChartPinned;
use super::probe::Probed;
use super::promise::{Promised, Updated};
use super::question::Asked;
use super::ran::Ran;
use super::record::{Corrected, Decided, Linked, Marked, Noted};
use super::roster::Role;
use super::second::{ActWithdrawn, Asking};
use super::severity::SeverityChanged;
use super::soak::ProbeAsked;
use super::task::TaskOpened;
use super::time::Time;
use super::told::HoldTold;

/// What a person wants recorded. Where wanting and recording have the same fields, the fact itself is carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Start an incident in an empty stream.
    Declare(Declared),
    /// Come into the room.
    Join,
    /// Say that this is the same as another incident.
    Fold {
        /// The one that goes on.
        into: Number,
    },
    /// Write something down.
    Note(Noted),
    /// Decide.
    Decide(Decided),
    /// Ask.
    Ask(Asked),
    /// Answer a question.
    Answer {
        /// Which.
        question: EntryId,
        /// The answer.
        text: String,
    },
    /// Say who is hurt.
    StateImpact(ImpactStated),
    /// Say what changed in the world.
    Change(Changed),
    /// Write down one change that a source reports, however far from the beginning it is and however many of that source there are.
    TakeChange(Box<Reported>),
    /// Say how a command ended that was run for somebody.
    EndRun(Ran),
    /// Say what a probe was found to be.
    Probe(Probed),
    /// Ask a probe after its soak, before any other run of the program does.
    AskProbe(ProbeAsked),
    /// Stop what a red answer after a soak stops, while nobody has acted since; ask for it where that needs somebody else.
    Trip {
        /// The answer.
        read: EntryId,
        /// The act, planned.
        act: Box<Intended>,
    },
    /// Say where people meet.
    Link(Linked),
    /// Say how bad it is.
    ChangeSeverity(SeverityChanged),
    /// Say where the response stands.
    ChangePhase {
        /// The new phase.
        phase: Phase,
        /// Why, or what remains.
        why: String,
        /// Close although something remains.
        anyway: bool,
    },
    /// Work again on what was resolved or closed.
    Reopen {
        /// Why.
        why: String,
    },
    /// Give a milestone its time.
    Reach(MilestoneReached),
    /// Take a role, or give it to somebody who said yes.
    TakeRole {
        /// Which.
        role: Role,
        /// Who holds it from now on.
        person: String,
    },
    /// Offer a role; the one who holds it keeps it until it is accepted.
    OfferRole {
        /// Which.
        role: Role,
        /// To whom.
        to: String,
    },
    /// Accept a role offered to the author.
    AcceptRole {
        /// Which.
        role: Role,
    },
    /// Decline it.
    DeclineRole {
        /// Which.
        role: Role,
    },
    /// Give a role up.
    LeaveRole {
        /// Which.
        role: Role,
    },
    /// Give a goal its rank.
    RankGoal(GoalRanked),
    /// Give somebody work.
    OpenTask(TaskOpened),
    /// Say that it is done.
    FinishTask {
        /// Which.
        task: EntryId,
        /// What came of it.
        result: String,
    },
    /// Say that it will not be done.
    DropTask {
        /// Which.
        task: EntryId,
        /// Why.
        why: String,
    },
    /// Say that it is not finished after all.
    ReopenTask {
        /// Which.
        task: EntryId,
    },
    /// Record a check-in.
    CheckIn {
        /// Who answered.
        answered: Vec<String>,
        /// What came of it.
        note: String,
    },
    /// Leave a check-in out on purpose.
    SkipCheckIn {
        /// Why.
        why: String,
    },
    /// Settle the text of an update, and send it on these channels.
    Update {
        /// The text.
        update: Updated,
        /// The channels' configured names; none records the text and sends nothing.
        channels: Vec<String>,
    },
    /// Promise something.
    Promise(Promised),
    /// Say that a promise was kept.
    KeepPromise {
        /// Which.
        promise: EntryId,
        /// How.
        how: String,
    },
    /// Call a promise off.
    WithdrawPromise {
        /// Which.
        promise: EntryId,
        /// Why.
        why: String,
    },
    /// Act on the outside.
    Act(Intended),
    /// Do several acts on the outside, one after the other: they are written down together.
    ActAll(Vec<Intended>),
    /// Have an act end later than was asked for.
    MoveEnd(Later),
    /// Ask for acts that need a second person.
    AskSecond(Asking),
    /// Take back what was asked for.
    WithdrawSecond(ActWithdrawn),
    /// Say how an act ended.
    Settle(Settled),
    /// Say what was seen outside.
    See(Seen),
    /// Keep the budget as evidence.
    NoteBurn(BurnNoted),
    /// Keep what the chart shows.
    PinChart(ChartPinned),
    /// Write down that a condition began or ceased to hold.
    Alert {
        /// Which, and its figures.
        turn: Alerted,
        /// Its time is a guess: it held already when anything was known for the first time.
        about: bool,
    },
    /// Write down what a source reports to have changed.
    Report(Vec<Reported>),
    /// Tell here what was done about releases.
    TellHold(HoldTold),
    /// Mark a moment or an entry.
    Mark(Marked),
    /// Correct an entry.
    Correct(Corrected),
}

/// Why not, and what would make it possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What stands against it, in a sentence.
    pub why: String,
    /// What to do instead, in a sentence.
    pub instead: String,
}

impl Refusal {
    /// A refusal of two sentences.
    pub fn new(why: impl Into<String>, instead: impl Into<String>) -> Refusal {
        Refusal { why: why.into(), instead: instead.into() }
    }
    /// The sentences people read; nothing was recorded stands between them.
    pub fn words(&self) -> String {
        format!("{} Nothing was recorded. {}", self.why, self.instead)
    }
}

/// The longest text one entry holds, in characters; Statuspage takes 25,000 (its published contract).
pub const LONGEST_TEXT: usize = 25_000;

/// Refuses an empty or an endless text.
pub fn worded(text: &str, what: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new(format!("{what} has no words."), "Say it in a line."));
    }
    let long = text.chars().count();
    if long > LONGEST_TEXT {
        return Err(Refusal::new(
            format!("{what} has {long} characters, {LONGEST_TEXT} fit."),
            "Put the long part into a document and link it.",
        ));
    }
    Ok(())
}

/// Refuses a moment that has not come yet for something said to have happened; a minute is allowed for clocks that differ.
pub fn happened(at: Time, now: Time) -> Result<(), Refusal> {
    if at.since(now).as_seconds() > 60 {
        return Err(Refusal::new(
            format!("{} UTC has not come yet; it is {} UTC.", at.clock(), now.clock()),
            "Give the time it happened, or leave the time out.",
        ));
    }
    Ok(())
}

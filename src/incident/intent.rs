//! Acts on the outside world: written down before they are tried, tried once, and their outcome written down after.

use super::command::{Refusal, worded};
use super::entry::{EntryId, Session};
use super::sought::Found;
use super::switch::{BY_RULE, Share, Sight, Wanted, Whom};
use super::time::{Span, Time};
use super::tried::{ANSWERS, Awaited, Tried, Tries};
use serde::{Deserialize, Serialize};

/// What is to be done outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Serve the stopped value to everybody.
    #[default]
    Stop,
    /// Serve the stopped value to one context.
    Exclude,
    /// Serve what is served while nothing is stopped to a share of contexts only.
    Percent,
    /// Serve again what was served before a stop.
    Restore,
    /// Put a target back to the very state an earlier act found.
    Revert,
    /// Ask the provider's own approvers for what the entry says: nothing is served differently until they agree.
    Request,
    /// Have the provider itself put a target back at a time, whatever becomes of this program.
    Schedule,
    /// Have the provider do that later than it was asked to.
    Extend,
    /// Publish an update on a channel.
    Publish,
}

impl Act {
    /// The verb people read.
    pub fn word(self) -> &'static str {
        match self {
            Act::Stop => "stop",
            Act::Exclude => "exclude",
            Act::Percent => "percent",
            Act::Restore => "restore",
            Act::Revert => "revert",
            Act::Request => "request",
            Act::Schedule => "schedule",
            Act::Extend => "extend",
            Act::Publish => "publish",
        }
    }
    /// It takes back what an earlier act did.
    pub fn takes_back(self) -> bool {
        matches!(self, Act::Restore | Act::Revert)
    }
    /// It is about an end that the provider keeps.
    pub fn is_of_an_end(self) -> bool {
        matches!(self, Act::Schedule | Act::Extend)
    }
}

/// An act on the outside, before it is tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intended {
    /// What is to be done.
    pub act: Act,
    /// The switch or channel, by its configured name.
    pub target: String,
    /// The value that was served when this was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The value that is to be served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The target's whole state when this was decided, so that it can be put back exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The share that was reached when this was decided, where somebody could say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Share>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The update that is to be published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<EntryId>,
    /// The act that this one takes back; of a share, the act it is a step back from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<EntryId>,
    /// The context that is to get the stopped value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whom: Option<Whom>,
    /// The share that is to get what is served while nothing is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// When it is to be put back; [`Intent::until`] knows whether that was moved since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// Of an end that is moved at its provider: when it was to be until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Time>,
    /// What its provider calls that end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<String>,
    /// What is expected to follow: at most so many bad events a minute, from `expect_by` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_max: Option<u64>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_by: Option<Time>,
    /// Of which objective; none is the one that is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_of: Option<String>,
    /// The act that somebody else asked for, which its author confirms with this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<EntryId>,
    /// How long its outcome is waited for, s, where that is longer than a minute: so long another run of the program may still be at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_s: Option<u64>,
    /// It gives people again what was taken from them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub widens: bool,
    /// It did not wait for the second person that is asked for here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub glass: bool,
}

impl Intended {
    /// What it asked for is what is seen.
    pub fn stands(&self, sight: &Sight) -> bool {
        match (&self.whom, self.share) {
            (Some(whom), _) => sight.excluded.contains(whom),
            (None, Some(share)) => sight.share == Some(share),
            // what rules or a share let through is not stopped, whatever value the others get
            (None, None) if self.act == Act::Stop && sight.is_let_through() => false,
            (None, None) if self.act == Act::Stop && sight.is_shared() => false,
            (None, None) => self.to.as_deref().is_some_and(|to| sight.is(to)),
        }
    }
    /// What is done, in words that the target's name follows: "stop", "stop for customer acme:", "5 % of".
    pub fn deed(&self) -> String {
        match (self.act, &self.whom, self.share) {
            (Act::Exclude, Some(whom), _) => format!("stop for {whom}:"),
            (Act::Percent, _, Some(share)) => format!("{share} of"),
            (Act::Request, Some(whom), _) => format!("request to stop for {whom}:"),
            (Act::Request, _, Some(share)) => format!("request {share} of"),
            (Act::Request, None, None) => format!("request to {}", self.meant().word()),
            (act, ..) => act.word().to_owned(),
        }
    }
    /// What somebody asks, in words that the target's name follows: "to stop", "for 5 % of".
    pub fn wish(&self) -> String {
        let word = if self.act == Act::Percent { "for" } else { "to" };
        format!("{word} {}", self.deed())
    }
    /// When it is to end and what is expected of it, behind other words: ` until 23:30, expects at most 40 bad/min by 23:02`.
    pub fn besides(&self, now: Time) -> String {
        let until = match (self.until, self.was) {
            (Some(at), Some(was)) => format!(" from {} to {} there", was.beside(now), at.beside(now)),
            (Some(at), None) => format!(" until {}", at.beside(now)),
            (None, _) => String::new(),
        };
        let expected = self.expect_max.zip(self.expect_by);
        let expected = expected.map(|(most, by)| format!(", expects at most {most} bad/min by {}", by.beside(now)));
        until + &expected.unwrap_or_default()
    }
    /// What is done, as a noun: `stop for customer acme`.
    pub fn called(&self) -> String {
        match (self.act, &self.whom) {
            (Act::Exclude, Some(whom)) => format!("stop for {whom}"),
            (act, _) => act.word().to_owned(),
        }
    }
    /// It leaves something that is to be undone: a step back from an earlier act does not.
    pub fn leaves(&self) -> bool {
        matches!(self.act, Act::Stop | Act::Exclude | Act::Percent) && self.reverts.is_none()
    }
    /// What it serves is told by what any client gets.
    fn is_for_all(&self) -> bool {
        self.share.is_none() && self.to.as_deref().is_none_or(|to| !to.ends_with(BY_RULE))
    }
    /// It changes what is served, as far as it goes.
    pub fn serves(&self) -> bool {
        !matches!(self.act, Act::Publish | Act::Request) && !self.act.is_of_an_end()
    }
    /// What is wanted of the switch. `put` is the state that the act it takes back, or is a step back from, had found.
    pub fn wanted(&self, put: Option<&str>) -> Wanted {
        let puts = self.meant().takes_back() || self.act.is_of_an_end();
        match (&self.whom, self.share, put) {
            (_, _, Some(put)) if puts => Wanted::Put(put.to_owned()),
            (Some(whom), ..) => Wanted::Exclude(whom.clone()),
            (_, Some(share), Some(put)) if self.reverts.is_some() => Wanted::Step(share, put.to_owned()),
            (_, Some(share), _) => Wanted::Percent(share),
            _ if puts => Wanted::Restore,
            _ => Wanted::Stop,
        }
    }
}

impl Awaited for Intended {
    fn within(&self) -> Span {
        self.within_s.and_then(|s| i64::try_from(s).ok()).map_or(ANSWERS, Span::seconds)
    }
}

/// How an act ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done, and read back.
    Done,
    /// Not done, and certainly not.
    Refused,
    /// Nobody can say.
    #[default]
    Unsure,
}

impl Outcome {
    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Unsure => "unsure",
        }
    }
}

/// An act ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// Which.
    pub intent: EntryId,
    /// How.
    pub outcome: Outcome,
    /// In words: what was done, what they said, or why nobody can say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The value read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// It was refused because somebody else has to approve it there first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approval: bool,
    /// It was refused because somebody else changed the target since it was planned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub conflict: bool,
    /// It was so already: somebody else did it, and nothing was sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idle: bool,
    /// What the provider calls it: a request, a version, an event of its own record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What the outside was seen to be, without having acted on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The switch or channel, by its configured name.
    pub target: String,
    /// The value that is served, or the words that are visible.
    pub value: String,
    /// The intent whose effect was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<EntryId>,
    /// In words: how many places, how long after asking.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// How the whole state compares with what was asked; none where that was not compared, or the value says it by itself: what was asked, or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
}

/// An act as it stands.
pub type Intent = Tried<Intended>;

/// All acts of a stream, in the order in which they were asked.
pub type Intents = Tries<Intended>;

impl Intent {
    /// It was refused because its provider's own approvers have to agree first.
    pub fn needs_approval(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.approval)
    }
    /// Its end had come when what it took away was seen to be there again: nothing of it is left to undo.
    pub fn is_over(&self) -> bool {
        let back = self.seen.as_ref().filter(|(_, value, _)| self.what.from.as_ref() == Some(value));
        !self.is_half()
            && self.what.from != self.what.to
            && self.until().zip(back).is_some_and(|(until, (at, ..))| until <= *at)
    }
    /// It was accepted, and nobody has seen yet whether clients are served it; which side of a share or of a rule a client is on says nothing.
    pub fn is_arriving(&self) -> bool {
        self.is_done() && self.seen.is_none() && self.what.serves() && self.what.is_for_all()
    }
    /// What it asked for is what a client was served, as far as one was asked.
    pub fn observed(&self, observed: Option<&str>, now: Time) -> Option<Seen> {
        let (from, to) = (self.what.from.as_deref()?, self.what.to.as_deref()?);
        let observed = observed.filter(|_| self.what.is_for_all() && self.what.serves())?;
        // "false (off or unknown)" is what an application is told that cannot tell these apart; words may go on with who gets something else
        let more = |rest: &str| [", ", " for "].iter().any(|more| rest.starts_with(more));
        let served = |words: &str| {
            let is_more = words.strip_prefix(observed).is_some_and(more);
            observed == words || is_more || observed.strip_prefix(words).is_some_and(|rest| rest.starts_with(" ("))
        };
        let is_there = if self.what.whom.is_some() { !served(from) || from == to } else { served(to) };
        let detail = format!("served to a client {} s after it was asked", now.since(self.at).as_seconds());
        let (target, value) = (self.what.target.clone(), observed.to_owned());
        is_there.then_some(Seen { target, value, intent: Some(self.id), detail, found: None })
    }
}

impl Intents {
    /// The oldest act on a target whose effect has to be looked for: nobody is sure of it, or it has had no outcome for too long.
    pub fn unsure_on(&self, target: &str, now: Time) -> Option<&Intent> {
        self.all().iter().find(|i| i.what.target == target && i.what.serves() && i.is_missed(now))
    }
    /// The target that an outcome says was changed, or may have been.
    pub(super) fn moved(&self, fact: &Settled) -> Option<&str> {
        let act = self.find(fact.intent).filter(|act| act.what.serves() && fact.outcome != Outcome::Refused)?;
        Some(&act.what.target)
    }
    /// The newest act on a target.
    pub fn last_on(&self, target: &str) -> Option<&Intent> {
        self.all().iter().rev().find(|i| i.what.target == target && i.what.act != Act::Publish)
    }
    /// The act that stands on a target: the newest that took effect; none while nobody knows how a newer one ended.
    pub fn effect_on(&self, target: &str) -> Option<&Intent> {
        let mut acts = self.all().iter().rev().filter(|i| i.what.target == target && i.what.serves());
        acts.find(|i| i.took_effect() || i.is_open()).filter(|i| i.took_effect())
    }

    /// Every screen looks; the first that saw something writes it down. What somebody `changed` since then may be seen again.
    pub(super) fn check_see(&self, seen: &Seen, changed: Option<Time>) -> Result<(), Refusal> {
        let known = seen.intent.and_then(|id| self.find(id)).and_then(|act| act.seen.as_ref());
        match known.filter(|(at, value, _)| *value == seen.value && changed.is_none_or(|changed| changed < *at)) {
            Some((at, value, _)) => Err(Refusal::new(
                format!("{} was seen to serve {value} at {} UTC.", seen.target, at.clock()),
                "There is nothing to add.",
            )),
            None => Ok(()),
        }
    }

    pub(super) fn check_act(&self, act: &Intended, (session, now): (Session, Time)) -> Result<(), Refusal> {
        worded(&act.target, "The target")?;
        if act.act == Act::Publish {
            return Ok(());
        }
        self.check_busy(&act.target, (session, now))?;
        if act.act == Act::Extend {
            return self.check_extension(act, (session, now));
        }
        act.reverts.and_then(|id| self.find(id)).map_or(Ok(()), |found| act.check_step(found))
    }

    /// The state that an act works from and an earlier one had found: of what it takes back, and of what it is a step back from.
    pub fn found_for(&self, act: &Intended) -> Option<&str> {
        let is_back = act.meant().takes_back() || act.meant() == Act::Percent;
        act.reverts.filter(|_| is_back).and_then(|id| self.find(id)?.what.before.as_deref())
    }

    /// No other act on a target is under way. One that is lost blocks nobody: it is shown as unsure instead.
    ///
    /// # Errors
    /// The outcome of one may still come.
    pub fn check_busy(&self, target: &str, (session, now): (Session, Time)) -> Result<(), Refusal> {
        let mut acts = self.pending().filter(|act| act.what.target == target && act.what.act != Act::Publish);
        let Some((act, until)) = acts.find_map(|act| Some((act, act.awaited_until(now)?))) else { return Ok(()) };
        let by = if act.is_orphan(session) { " from another run of quarterdeck" } else { "" };
        let (wish, at, until) = (act.what.wish(), act.at.exactly_beside(now), until.exactly_beside(now));
        Err(Refusal::new(
            format!("{} asked {wish} {target} at {at} UTC{by}, and its outcome is not known yet.", act.by),
            format!("Wait for it, until {until} UTC at most: from then on it is looked for."),
        ))
    }
}

#[cfg(test)]
mod tests;

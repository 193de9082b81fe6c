//! What is written down of acts that somebody asked for and somebody else has to agree to: one act, or all of a plan as one. It must not know who
//! may agree, nor when.

use super::entry::EntryId;
use super::intent::{Act, Intended};
use super::switch::{Share, Whom};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// Somebody asked for an act that needs a second person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActAsked {
    /// What is to be done.
    pub act: Act,
    /// The switch, by its configured name.
    pub target: String,
    /// The value that was served when it was asked for.
    pub from: String,
    /// The value that is to be served.
    pub to: String,
    /// The target's whole state when it was asked for.
    pub before: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The act that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<EntryId>,
    /// The context that is to get the stopped value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whom: Option<Whom>,
    /// The share that is to get what is served while nothing is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// When it is to be put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// What is expected to follow: at most so many bad events a minute, from `expect_by` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_max: Option<u64>,
    /// By when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_by: Option<Time>,
    /// Of which objective; none is the one that is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect_of: Option<String>,
    /// It gives people again what was taken from them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub widens: bool,
    /// Until when somebody may agree.
    pub expires: Time,
    /// The plan all of which is asked for, where it is one: this is its first act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// The other acts of that plan, in the order in which they are sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<ActAsked>,
}

/// Acts that are to be asked for: all of a plan, or one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// The plan, by name.
    pub plan: Option<String>,
    /// The acts, in the order in which they are sent.
    pub acts: Vec<Intended>,
}

/// Whoever asked for an act does not want it any more, or somebody who was to agree found it void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActWithdrawn {
    /// The entry that asked.
    pub asked: EntryId,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// It is void: this switch was not found as it was when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
}

/// What is asked for by name: the switches, and before them the plan that they are.
fn called<'a>(plan: Option<&str>, targets: impl Iterator<Item = &'a str>) -> String {
    let targets = targets.collect::<Vec<_>>().join(", ");
    plan.map_or_else(|| targets.clone(), |plan| format!("plan/{plan} ({targets})"))
}

impl Asking {
    /// What is asked for, by name.
    pub fn called(&self) -> String {
        called(self.plan.as_deref(), self.acts.iter().map(|act| act.target.as_str()))
    }
    /// What is written down: a plan as one, and each act that stands for itself.
    pub(super) fn facts(&self, expires: Time) -> Vec<ActAsked> {
        let mut all: Vec<ActAsked> = self.acts.iter().map(|act| ActAsked::of(act, expires)).collect();
        if self.plan.is_none() || all.is_empty() {
            return all;
        }
        let others = all.split_off(1);
        all.into_iter().map(|first| ActAsked { plan: self.plan.clone(), others: others.clone(), ..first }).collect()
    }
}

impl ActAsked {
    /// What is asked for when an act needs somebody else.
    pub fn of(act: &Intended, expires: Time) -> ActAsked {
        ActAsked {
            act: act.act,
            target: act.target.clone(),
            from: act.from.clone().unwrap_or_default(),
            to: act.to.clone().unwrap_or_default(),
            before: act.before.clone().unwrap_or_default(),
            why: act.why.clone(),
            reverts: act.reverts,
            whom: act.whom.clone(),
            share: act.share,
            until: act.until,
            expect_max: act.expect_max,
            expect_by: act.expect_by,
            expect_of: act.expect_of.clone(),
            widens: act.widens,
            expires,
            plan: None,
            others: Vec::new(),
        }
    }
    /// All that is asked for, in the order in which it is sent.
    pub fn all(&self) -> impl Iterator<Item = &ActAsked> {
        std::iter::once(self).chain(&self.others)
    }
    /// One of its acts is on this switch.
    pub fn concerns(&self, target: &str) -> bool {
        self.all().any(|one| one.target == target)
    }
    /// All that is asked for, as whoever agrees plans it anew.
    pub fn agreed(&self, id: EntryId) -> Vec<Intended> {
        self.all().map(|one| Intended { confirms: Some(id), ..one.draft() }).collect()
    }
    /// What is confirmed: the switch, or the plan with the word before it.
    pub fn name(&self) -> String {
        self.plan.as_ref().map_or_else(|| self.target.clone(), |plan| format!("plan/{plan}"))
    }
    /// The same with the switches of a plan.
    pub fn called(&self) -> String {
        called(self.plan.as_deref(), self.all().map(|one| one.target.as_str()))
    }
    /// What is asked for, from what to what, behind which nothing is left to say but why.
    pub fn words(&self, at: Time) -> String {
        let value = |one: &ActAsked| {
            let name = if self.plan.is_some() { format!("{} ", one.target) } else { String::new() };
            format!("{name}{} -> {}", one.from, one.to)
        };
        let (draft, values) = (self.draft(), self.all().map(value).collect::<Vec<_>>().join(", "));
        format!("{} {}{}: {values}, once somebody else agrees", draft.deed(), self.name(), draft.besides(at))
    }
    /// The same act as an intent that has not been planned anew yet.
    pub fn draft(&self) -> Intended {
        Intended {
            act: self.act,
            target: self.target.clone(),
            why: self.why.clone(),
            reverts: self.reverts,
            whom: self.whom.clone(),
            share: self.share,
            until: self.until,
            expect_max: self.expect_max,
            expect_by: self.expect_by,
            expect_of: self.expect_of.clone(),
            widens: self.widens,
            ..Intended::default()
        }
    }
    /// What is to be done with what; not on which state.
    pub(super) fn deed(&self) -> (Act, &str, &Option<Whom>, Option<Share>, Option<EntryId>) {
        (self.act, &self.target, &self.whom, self.share, self.reverts)
    }
    /// It is to end like this act, and the same is expected of both.
    pub(super) fn ends_like(&self, act: &Intended) -> bool {
        (self.until, self.expect_max, self.expect_by) == (act.until, act.expect_max, act.expect_by)
    }
    /// It is this act, on this state.
    pub(super) fn is(&self, act: &Intended) -> bool {
        let state = [(&self.from, &act.from), (&self.to, &act.to), (&self.before, &act.before)];
        self.deed() == (act.act, &act.target, &act.whom, act.share, act.reverts)
            && state.iter().all(|(asked, now)| Some(*asked) == now.as_ref())
    }
}

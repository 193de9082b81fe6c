//! Who has the feature that one customer made heavy, over time, and when its queries are slow. It must not know hosts, requests or files.

use super::hosts::Flip;
use super::scenario::Heavy;
use crate::incident::time::Time;

/// How a feature is used over time, given what was switched. A scenario without such a feature has an empty one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    rule: Option<Heavy>,
    /// In order of time; before the first everybody has it.
    turns: Vec<(Time, Given)>,
}

/// Who has the feature.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Given {
    Nobody,
    /// Everybody but these.
    But(Vec<String>),
}

impl Load {
    /// The feature when these flags are set, in any order of the list; of two settings at one instant the later in the list counts.
    pub fn of(rule: Option<&Heavy>, flips: &[Flip]) -> Load {
        let Some(rule) = rule else { return Load { rule: None, turns: Vec::new() } };
        let ours = flips.iter().filter(|flip| flip.flag == rule.flag);
        let given = |flip: &Flip| match flip.value == rule.off {
            true => Given::Nobody,
            false => Given::But(flip.without.clone()),
        };
        let mut turns: Vec<(Time, Given)> = ours.map(|flip| (flip.at, given(flip))).collect();
        turns.sort_by_key(|(at, _)| *at);
        Load { rule: Some(rule.clone()), turns }
    }

    /// Whether this customer has the feature at a moment.
    pub fn has(&self, customer: &str, at: Time) -> bool {
        match self.given(at) {
            None => true,
            Some(Given::Nobody) => false,
            Some(Given::But(others)) => !others.iter().any(|other| other == customer),
        }
    }

    /// Whether the heavy customer's queries would be slow at a moment.
    pub fn is_slow(&self, at: Time) -> bool {
        self.rule.as_ref().is_some_and(|rule| rule.from <= at && at < rule.until)
    }

    /// Whether they are asked and slow.
    pub fn hurts(&self, at: Time) -> bool {
        self.is_slow(at) && self.rule.as_ref().is_some_and(|rule| self.has(&rule.customer, at))
    }

    /// Whether nobody has the feature at a moment.
    pub fn is_shut(&self, at: Time) -> bool {
        matches!(self.given(at), Some(Given::Nobody))
    }

    /// When the first slow query is asked.
    pub fn began(&self) -> Option<Time> {
        self.changes().find(|at| self.hurts(*at))
    }

    /// When they stopped hurting for the first time.
    pub fn eased(&self) -> Option<Time> {
        let began = self.began()?;
        self.changes().find(|at| *at > began && !self.hurts(*at))
    }

    /// When the feature was first taken from everybody.
    pub fn shut(&self) -> Option<Time> {
        self.changes().find(|at| self.is_shut(*at))
    }

    /// Each moment at which something here may change, in order of time.
    fn changes(&self) -> impl Iterator<Item = Time> {
        let ends = self.rule.iter().flat_map(|rule| [rule.from, rule.until]);
        let mut all: Vec<Time> = self.turns.iter().map(|(at, _)| *at).chain(ends).collect();
        all.sort_unstable();
        all.into_iter()
    }

    fn given(&self, at: Time) -> Option<&Given> {
        self.turns.iter().rev().find(|(since, _)| *since <= at).map(|(_, given)| given)
    }
}

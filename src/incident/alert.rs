//! When a condition on an error budget began and ceased to hold, as the record has it. It must not know how conditions are computed.

use super::command::Refusal;
use super::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a condition asks for when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    /// Somebody is woken.
    Page,
    /// Work for the next day.
    Ticket,
}

impl Urgency {
    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Urgency::Page => "page",
            Urgency::Ticket => "ticket",
        }
    }
}

/// A condition began to hold, or holds no longer, at the time of the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerted {
    /// Which SLO.
    pub slo: String,
    /// What it asks for.
    pub urgency: Urgency,
    /// The condition in words: "over 14.4x in 1 h and 5 m".
    pub condition: String,
    /// It holds no longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
    /// The highest burn rate over its long window while it held so far, in thousandths.
    pub peak_milli: u64,
    /// What was asked, and of whom.
    pub source: String,
}

/// Since when a condition holds, and until when it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Since when.
    pub since: Time,
    /// Until when; none while it holds.
    pub until: Option<Time>,
}

/// The last time of every condition that ever held, by SLO and condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alerts(BTreeMap<(String, String), Alert>);

impl Alerts {
    pub(super) fn alerted(&mut self, at: Time, fact: &Alerted) {
        let key = (fact.slo.clone(), fact.condition.clone());
        match self.0.get_mut(&key).filter(|_| fact.ended) {
            Some(alert) => alert.until = Some(at),
            None if fact.ended => {}
            None => {
                self.0.insert(key, Alert { since: at, until: None });
            }
        }
    }

    /// The last time a condition held.
    #[must_use]
    pub fn last(&self, slo: &str, condition: &str) -> Option<&Alert> {
        self.0.iter().find(|((of, words), _)| of == slo && words == condition).map(|(_, alert)| alert)
    }

    /// Refuses what is known already: several screens see the same, and one of them writes it down.
    pub(super) fn check(&self, at: Time, alerted: &Alerted) -> Result<(), Refusal> {
        let known = self.last(&alerted.slo, &alerted.condition);
        let is_news = match (known, alerted.ended) {
            (None, ended) => !ended,
            (Some(alert), true) => alert.until.is_none() && at >= alert.since,
            (Some(alert), false) => alert.until.is_some_and(|until| at > until),
        };
        if is_news {
            return Ok(());
        }
        let word = if alerted.ended { "ended" } else { "began" };
        Err(Refusal::new(
            format!("That {} {} {word} is written down already.", alerted.slo, alerted.condition),
            "There is nothing to add.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alerted(ended: bool) -> Alerted {
        Alerted {
            slo: "api".into(),
            urgency: Urgency::Page,
            condition: "over 14.4x in 1 h and 5 m".into(),
            ended,
            peak_milli: 333_000,
            source: "lb".into(),
        }
    }

    #[test]
    fn given_what_several_screens_see_when_it_is_written_down_then_each_turn_once() {
        let mut alerts = Alerts::default();
        assert!(alerts.check(Time(5), &alerted(true)).is_err(), "what never began does not end");
        assert!(alerts.check(Time(5), &alerted(false)).is_ok());
        alerts.alerted(Time(5), &alerted(false));
        assert!(alerts.check(Time(5), &alerted(false)).is_err());
        assert!(alerts.check(Time(9), &alerted(true)).is_ok());
        alerts.alerted(Time(9), &alerted(true));
        assert!(alerts.check(Time(9), &alerted(true)).is_err());
        assert!(alerts.check(Time(8), &alerted(false)).is_err(), "an older beginning");
        assert!(alerts.check(Time(20), &alerted(false)).is_ok());
        let last = alerts.last("api", "over 14.4x in 1 h and 5 m").copied();
        assert_eq!(last, Some(Alert { since: Time(5), until: Some(Time(9)) }));
    }
}

//! When a condition on an error budget began and ceased to hold, as the record has it. It must not know how conditions are computed.

use super::command::Refusal;
use super::time::{MINUTE, Span, Time};
use super::timeline::{percent, rate};
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
    /// Its long window, or its only one; none where the figures of the moment were not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long: Option<Span>,
    /// The burn rate over its long window at that moment, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_milli: Option<u64>,
    /// Its short window, where it has two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<Span>,
    /// The burn rate over its short window at that moment, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_milli: Option<u64>,
    /// What was left of the budget at that moment, per million; negative when overspent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_ppm: Option<i64>,
}

impl Alerted {
    /// It in words, figures before what explains them: "api: page over 14.4x · 41.6x in 1 h, 120x in 5 m · 96.1 % left".
    #[must_use]
    pub fn said(&self) -> String {
        // the rates name the windows, and a factor names the condition
        let whole = self.condition.as_str();
        let short = whole.split_once(" in ").map_or(whole, |(factor, _)| factor);
        let condition = if self.short.is_some() { short } else { whole };
        let mut parts = vec![format!("{}: {} {condition}", self.slo, self.urgency.word())];
        if self.ended {
            parts[0].push_str(" no longer holds");
            parts.push(format!("at most {}x", rate(self.peak_milli)));
        } else {
            let windows = [(self.long, self.long_milli), (self.short, self.short_milli)];
            let rates = windows.into_iter().filter_map(|(window, milli)| window.zip(milli));
            let rates = rates.map(|(window, milli)| format!("{}x in {}", rate(milli), length(window)));
            parts.extend(Some(rates.collect::<Vec<_>>().join(", ")).filter(|rates| !rates.is_empty()));
        }
        parts.extend(self.left_ppm.map(|left| format!("{} left", percent(left))));
        parts.join(" · ")
    }
}

/// The length of a window as conditions say it: "1 h", "5 m", "3 d".
#[must_use]
pub fn length(window: Span) -> String {
    match window.0 / MINUTE {
        m if m > 0 && m % (24 * 60) == 0 => format!("{} d", m / (24 * 60)),
        m if m > 0 && m % 60 == 0 => format!("{} h", m / 60),
        m => format!("{m} m"),
    }
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
            long: Some(Span::minutes(60)),
            long_milli: Some(41_600),
            short: Some(Span::minutes(5)),
            short_milli: Some(120_000),
            left_ppm: Some(961_000),
        }
    }

    #[test]
    fn given_a_turn_when_said_then_its_figures_stand_beside_it_and_one_without_says_what_it_knows() {
        assert_eq!(alerted(false).said(), "api: page over 14.4x · 41.6x in 1 h, 120x in 5 m · 96.1 % left");
        assert_eq!(alerted(true).said(), "api: page over 14.4x no longer holds · at most 333x · 96.1 % left");
        let own =
            Alerted { condition: "budget rate 2 % in 1 h".into(), short: None, short_milli: None, ..alerted(false) };
        assert_eq!(own.said(), "api: page budget rate 2 % in 1 h · 41.6x in 1 h · 96.1 % left");
        // as it was written down before the figures were kept
        let old = r#"{"slo":"api","urgency":"page","condition":"over 14.4x in 1 h and 5 m","peak_milli":333000,"source":"lb"}"#;
        let read: Alerted = serde_json::from_str(old).unwrap();
        assert_eq!(read.said(), "api: page over 14.4x in 1 h and 5 m");
        assert_eq!(serde_json::to_string(&read).unwrap(), old);
        let ended = Alerted { ended: true, ..read };
        assert_eq!(ended.said(), "api: page over 14.4x in 1 h and 5 m no longer holds · at most 333x");
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

//! Conditions that began or ceased to hold become lines of the record, whoever looks: each turn once, at the time it happened. And what is alarming
//! about the objectives that are not on the screen.
//!
//! It must not know how conditions are computed. They propose nothing that is done by itself.

use super::msg::Effect;
use super::{App, SloDesk};
use crate::incident::alert::Alerted;
use crate::incident::command::Command;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::state::State;

/// How long before it was declared a condition may have ceased to hold and still belong to the incident.
const BEFORE: Span = Span::minutes(60);

impl App {
    /// What is alarming about the SLOs that are not on the screen: a name and the words.
    pub fn alarms(&self) -> Vec<(String, String)> {
        let hidden = self.slos.iter().enumerate().filter(|(place, _)| *place != self.slo);
        let alarm = |desk: &SloDesk| match (&desk.feed.last, &desk.feed.trouble) {
            (None, Some((_, Trouble::Slowed(..)))) => Some("queued".into()),
            (_, Some((at, _))) => Some(format!("UNKNOWN since {}", at.clock_minutes())),
            (Some((_, burn)), None) => {
                let since = burn.since.map(|at| format!(" since {}", at.clock_minutes())).unwrap_or_default();
                let word = burn.state.word().to_uppercase();
                let burning = burn.burn_milli.first().copied().flatten().is_some_and(|milli| milli > 1000);
                match burn.state {
                    State::Value | State::NoTraffic => burning.then(|| "burning".to_string()),
                    State::Partial | State::TrafficGone | State::NoData => Some(format!("{word}{since}")),
                }
            }
            (None, None) => None,
        };
        hidden.filter_map(|(_, desk)| alarm(desk).map(|words| (desk.name.clone(), words))).collect()
    }

    /// Writes down what an answer about an objective shows and the record does not have yet.
    pub(super) fn alert(&mut self, now: Time, slo: usize) -> Vec<Effect> {
        let opened = self.incident.opened().map(|opened| opened.at);
        let Some(opened) = opened.filter(|_| self.incident.is_open() && self.reading().is_none()) else {
            return Vec::new();
        };
        // one at a time: what is in flight comes back before more of the same is decided
        if !self.desk.is_idle() {
            return Vec::new();
        }
        let mut wanted: Vec<(Alerted, Time)> = Vec::new();
        if let Some(desk) = self.slos.get(slo)
            && let Some((_, burn)) = desk.feed.last.as_ref().filter(|(_, burn)| burn.state != State::NoData)
        {
            for held in &burn.conditions {
                let Some((since, until, peak_milli)) = held.last else { continue };
                let alerted = |ended| Alerted {
                    slo: desk.name.clone(),
                    urgency: held.urgency,
                    condition: held.words.clone(),
                    ended,
                    peak_milli,
                    source: burn.source.clone(),
                };
                let known = self.incident.alerts().last(&desk.name, &held.words);
                let is_open = known.is_some_and(|alert| alert.until.is_none());
                let is_over = |until: Time| known.and_then(|alert| alert.until).is_some_and(|known| known >= until);
                match until {
                    // the beginning moves a little when late events are counted: what is open stays open
                    None if !is_open && !is_over(since) => wanted.push((alerted(false), since)),
                    None => {}
                    Some(until) if is_open => wanted.push((alerted(true), until)),
                    Some(until) if !is_over(until) && until > opened.minus(BEFORE) => {
                        wanted.push((alerted(false), since));
                        wanted.push((alerted(true), until));
                    }
                    Some(_) => {}
                }
            }
        }
        wanted.sort_by_key(|(_, at)| *at);
        let record = |(alerted, at)| self.want(now, Command::Alert(alerted), Some(at));
        wanted.into_iter().flat_map(record).collect()
    }
}

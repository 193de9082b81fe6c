//! Conditions that began or ceased to hold become lines of the record, whoever looks: each turn once, at the time it happened.
//!
//! It must not know how conditions are computed. They propose nothing that is done by itself.

use super::App;
use super::msg::Effect;
use crate::incident::alert::Alerted;
use crate::incident::command::Command;
use crate::incident::time::{Span, Time};
use crate::query::state::State;

/// A condition that has held for longer is of no news.
const RECENT: Span = Span::minutes(24 * 60);
/// How long before it was declared a condition may have ceased to hold and still belong to the incident.
const BEFORE: Span = Span::minutes(60);

impl App {
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
        let mut wanted: Vec<(Command, Time)> = Vec::new();
        if let Some(desk) = self.slos.get(slo)
            && let Some((_, burn)) = desk.feed.last.as_ref().filter(|(_, burn)| burn.state != State::NoData)
        {
            for held in &burn.conditions {
                let Some(last) = held.last() else { continue };
                let (since, until) = (last.since, last.until);
                let figures = |ended: bool| last.ended.filter(|_| ended).unwrap_or(last.began);
                let alerted = |ended| Alerted {
                    slo: desk.name.clone(),
                    urgency: held.urgency,
                    condition: held.words.clone(),
                    ended,
                    peak_milli: last.peak_milli,
                    source: burn.source.clone(),
                    long: Some(held.windows.0),
                    long_milli: figures(ended).long_milli,
                    short: held.windows.1,
                    short_milli: figures(ended).short_milli,
                    left_ppm: figures(ended).left_ppm,
                };
                // what held before anything was known began earlier than anybody can say
                let turn = |ended: bool| Command::Alert { turn: alerted(ended), about: last.is_cut && !ended };
                let known = self.incident.alerts().last(&desk.name, &held.words);
                let is_open = known.is_some_and(|alert| alert.until.is_none());
                let is_over = |until: Time| known.and_then(|alert| alert.until).is_some_and(|known| known >= until);
                match until {
                    // the beginning moves a little when late events are counted: what is open stays open
                    None if !is_open && !is_over(since) && now.since(since) < RECENT => {
                        wanted.push((turn(false), since));
                    }
                    None => {}
                    Some(until) if is_open => wanted.push((turn(true), until)),
                    Some(until) if !is_over(until) && until > opened.minus(BEFORE) => {
                        wanted.push((turn(false), since));
                        wanted.push((turn(true), until));
                    }
                    Some(_) => {}
                }
            }
        }
        wanted.sort_by_key(|(_, at)| *at);
        let record = |(command, at)| self.want(now, command, Some(at));
        wanted.into_iter().flat_map(record).collect()
    }
}

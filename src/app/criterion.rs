//! The exit criterion: since when every objective has been good, or which one stands in the way. One that is healthy speaks for no other.
//!
//! It must not know how anything is drawn, and decides nothing: what follows is said by people, or was asked for by them.

use super::App;
use super::feed::SloDesk;
use crate::incident::phase::{Milestone, Phase};
use crate::incident::time::{Span, Time};
use crate::query::state::State;

/// How the exit criterion stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit<'a> {
    /// Nothing was told about any objective.
    NoData,
    /// This objective is not good, or nobody knows.
    Not(&'a str),
    /// All have been good since then, and for so long by data that can be trusted.
    Good(Time, Span),
}

impl App {
    /// How the exit criterion stands. One without traffic since before the incident began says nothing about it, and neither does what was good
    /// before anybody declared; an incident that was over when it was declared counts from its end.
    pub fn exit(&self, now: Time) -> Exit<'_> {
        if self.slos.iter().all(|slo| slo.feed.last.is_none()) {
            return Exit::NoData;
        }
        let counts = self.incident.opened().map(|opened| opened.what.ended.unwrap_or(opened.at));
        let mut good: Option<(Time, Span)> = None;
        for place in self.worst_first() {
            let Some(slo) = self.slos.get(place).filter(|slo| !self.is_mute(slo)) else { continue };
            let Some((answered, since)) = good_since(slo, now) else { return Exit::Not(&slo.name) };
            let since = counts.map_or(since, |counts| since.max(counts));
            let (last, least) = good.unwrap_or((since, answered.since(since)));
            good = Some((last.max(since), least.min(answered.since(since))));
        }
        good.map_or(Exit::NoData, |(since, length)| Exit::Good(since, length))
    }

    /// How long every objective has been good without a break, by data that can be trusted; none while one is not.
    pub fn good_for(&self, now: Time) -> Option<Span> {
        match self.exit(now) {
            Exit::Good(_, length) => Some(length),
            Exit::NoData | Exit::Not(_) => None,
        }
    }

    /// "exit: 15 min good, 2 done", or what stands in the way.
    pub fn exit_criterion(&self, now: Time) -> String {
        let wanted = self.rules.good_for.as_minutes();
        match self.exit(now) {
            _ if self.incident.phase() >= Phase::Resolved => "we say so".into(),
            Exit::NoData => format!("exit: {wanted} min good, no data"),
            Exit::Good(_, good) if good.as_minutes() >= wanted => {
                format!("exit: {wanted} min good, done: may resolve")
            }
            Exit::Good(_, good) => format!("exit: {wanted} min good, {} done", good.as_minutes()),
            // the one on the screen need not be named
            Exit::Not(name) if self.shown_slo().is_none_or(|shown| shown.name != name) => {
                format!("exit: {wanted} min good, not yet: {name}")
            }
            Exit::Not(_) => format!("exit: {wanted} min good, not yet"),
        }
    }

    /// It says nothing about the incident: there was no traffic when that began, and there is none; or nothing bad was ever seen of it, so that
    /// nobody knows whether there would be.
    fn is_mute(&self, slo: &SloDesk) -> bool {
        let began = self.incident.milestones().get(Milestone::Began).map(|reached| reached.at);
        let began = began.or(self.incident.opened().map(|opened| opened.at));
        let Some((_, burn)) = &slo.feed.last else { return false };
        let idle = burn.since.filter(|_| burn.state == State::NoTraffic);
        burn.state == State::Unproven || idle.zip(began).is_some_and(|(idle, began)| idle < began)
    }
}

/// When somebody answered, and since when it has been good then. What nobody has told for long is not known: what was good then is not good since.
fn good_since(slo: &SloDesk, now: Time) -> Option<(Time, Time)> {
    let (answered, burn) = slo.feed.last.as_ref()?;
    let told = now.since(*answered) < slo.silent_after();
    burn.good_since.filter(|_| told).map(|since| (*answered, since))
}

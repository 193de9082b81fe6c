//! What the chart and the budget show, as evidence for the record. It must not know when it is kept.

use super::App;
use super::feed::{Burn, Column, SloDesk};
use crate::incident::burn::BurnNoted;
use crate::incident::intent::{Act, Intent};
use crate::incident::pinned::ChartPinned;
use crate::incident::time::{Span, Time};
use crate::query::state::State;

/// Acts so near to one another are told together: what followed may be the doing of either.
const TOGETHER: Span = Span::minutes(1);

impl App {
    /// The acts that what happens now may be the doing of, the oldest first: the last one, and those right before it that changed what is served.
    pub fn acted(&self) -> Vec<&Intent> {
        let mut acts: Vec<&Intent> = Vec::new();
        // whoever looked after a lost outcome and saw that nothing was changed knows that nothing follows from it
        let in_vain = |act: &Intent| !act.is_open() && !act.took_effect() && !act.is_refused();
        let all = self.incident.intents().all().iter().rev();
        for act in all.filter(|act| act.what.act != Act::Publish && !in_vain(act)) {
            let serves = act.what.serves() && !act.is_refused();
            match acts.last() {
                None if serves || !act.what.act.is_of_an_end() => acts.push(act),
                // what was only asked for, or refused, is told alone
                Some(next) if !next.what.serves() || next.at.since(act.at) > TOGETHER => break,
                Some(_) if serves => acts.push(act),
                _ => {}
            }
            if !serves && !act.what.act.is_of_an_end() {
                break;
            }
        }
        acts.reverse();
        acts
    }

    /// The budgets, to be kept: the one on the screen, and every other that wakes somebody.
    pub(super) fn evidence(&self, why: &str) -> Vec<BurnNoted> {
        let wakes = |slo: &SloDesk| slo.feed.last.as_ref().is_some_and(|(_, burn)| burn.pages().is_some());
        let noted = self.slos.iter().enumerate().filter(|(place, slo)| *place == self.slo || wakes(slo));
        noted.filter_map(|(_, slo)| noted_of(slo, why)).collect()
    }

    /// What the chart shows, to be kept: the time somebody looks at, be it the present or not.
    pub(super) fn picture(&self, now: Time) -> Result<ChartPinned, &'static str> {
        let slo =
            self.shown_slo().ok_or("Nothing is known about the budget. Nothing was recorded. Configure an [[slo]].")?;
        let unanswered = "Nobody has answered yet what is left. Nothing was recorded. Pin it when the line is there.";
        let (_, burn) = slo.feed.last.as_ref().ok_or(unanswered)?;
        if self.chart_until(now).is_some() && !self.is_charted(burn, now) {
            return Err(
                "What the chart shows is still being counted. Nothing was recorded. Pin it when the line is there.",
            );
        }
        // a column that has not begun yet is no part of what is seen
        let begun =
            |place: usize| burn.from.plus(Span(burn.step.0.saturating_mul(i64::try_from(place).unwrap_or(0)))) < now;
        let shown: Vec<&Column> =
            burn.columns.iter().enumerate().filter(|(place, _)| begun(*place)).map(|(_, column)| column).collect();
        Ok(ChartPinned {
            slo: slo.name.clone(),
            target_ppm: slo.target_ppm,
            window_s: u64::try_from(Span(slo.window.length(now.0)).as_seconds()).unwrap_or(0),
            from: burn.from,
            step_s: u64::try_from(burn.step.as_seconds()).unwrap_or(0),
            total: shown.iter().map(|column| column.total).collect(),
            bad: shown.iter().map(|column| column.bad).collect(),
            remaining_ppm: shown.iter().map(|column| column.remaining_ppm).collect(),
            state: state_of(burn),
            source: burn.source.clone(),
            link: burn.link.clone(),
        })
    }
}

/// The state in words: what is still being counted is not all that there was.
fn state_of(burn: &Burn) -> String {
    let word = burn.state.word();
    match (burn.counting, burn.state) {
        (true, State::Value) => "still being counted".into(),
        (true, _) => format!("{word}, still being counted"),
        (false, _) => word.into(),
    }
}

/// How a budget stands.
fn noted_of(slo: &SloDesk, why: &str) -> Option<BurnNoted> {
    let (at, burn) = slo.feed.last.as_ref()?;
    let [_, five, hour] = burn.burn_milli;
    // what was counted is events for whoever reads it later; what was made of them is said beside
    let (total, bad) = burn.events();
    let sliced = slo.slices.map(|slices| format!(", in slices of {slices}")).unwrap_or_default();
    Some(BurnNoted {
        slo: slo.name.clone(),
        target_ppm: slo.target_ppm,
        window_s: u64::try_from(Span(slo.window.length(at.0)).as_seconds()).unwrap_or(0),
        total,
        bad,
        remaining_ppm: burn.remaining_ppm?,
        burn_1h_milli: hour,
        burn_5m_milli: five,
        state: state_of(burn),
        source: format!("{}{sliced}", burn.source),
        link: burn.link.clone(),
        why: why.into(),
    })
}

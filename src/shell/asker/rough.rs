//! A long time is counted in wide buckets first, so that one question answers for all of it; narrow ones follow for what somebody looks at.
//! It must not know who is asked.

use super::plan::Plan;
use super::{Kind, Source};
use crate::app::feed::BurnAsk;
use crate::app::reduce::BEFORE;
use crate::query::series::{DAY, HOUR};
use crate::query::window::Stretch;

/// How far back every bucket is wanted by itself, µs: conditions are followed over a day, and the shorter of them look back an hour.
const NEAR: i64 = DAY + HOUR;

/// What was counted in wide buckets.
#[derive(Debug, Default)]
pub struct Rough {
    known: Option<Stretch>,
    /// Every bucket is wanted by itself, however many questions that takes.
    pub is_unwanted: bool,
}

impl Rough {
    /// From when on every bucket of a window that begins at a moment is wanted by itself: in the chart, since conditions are followed in it, once somebody
    /// looks at it. None where wide ones would save nothing, so that each is wanted at once.
    pub fn fine_from(&self, ask: &BurnAsk, now: i64, begins: i64, plan: &Plan) -> Option<i64> {
        let (_, round) = plan.rough.filter(|_| !self.is_unwanted)?;
        let near = (now - NEAR).min(seen_from(ask, now, plan));
        let chart = if ask.shown { ask.from.0 } else { now };
        let fine = (near.min(chart).div_euclid(round) * round).max(begins);
        (near - begins > plan.step.saturating_mul(plan.most)).then_some(fine)
    }

    /// Pieces in narrow buckets, and what is left to ask in wide ones from where the window begins to where narrow ones do; each with its width. What is
    /// new comes first, and then all of the window.
    pub fn among(&self, pieces: Vec<Stretch>, begins: i64, narrow: i64, plan: &Plan) -> Vec<(Stretch, i64)> {
        let mut all: Vec<(Stretch, i64)> = pieces.into_iter().map(|piece| (piece, plan.step)).collect();
        let first = all.len().min(1);
        all.splice(first..first, self.left(begins, narrow, plan));
        all
    }

    fn left(&self, begins: i64, fine: i64, plan: &Plan) -> Option<(Stretch, i64)> {
        let (width, round) = plan.rough?;
        let from = begins.div_euclid(round) * round;
        let to = -((-fine).div_euclid(round) * round);
        let is_known = self.known.is_some_and(|known| known.from <= from && known.to >= fine);
        (begins < fine && !is_known).then_some((Stretch { from, to }, width))
    }

    /// It was answered.
    pub fn answered(&mut self, piece: Stretch) {
        self.known = Some(piece);
    }

    /// From when on columns of a length can be made, where narrow buckets are known from a moment on.
    pub fn seen(&self, narrow: Option<i64>, step: i64, plan: &Plan) -> i64 {
        let is_wide = plan.rough.is_none_or(|(width, _)| step % width == 0);
        if is_wide || self.known.is_none() { i64::MIN } else { narrow.unwrap_or(i64::MAX) }
    }
}

impl Source {
    /// The same, which asks for each narrow bucket of its window, however many questions that takes: for whoever looks for pages of long ago.
    #[must_use]
    pub fn finely(self) -> Source {
        match self.0 {
            Kind::Remote(remote) => Source(Kind::Remote(Box::new(remote.finely()))),
            files => Source(files),
        }
    }
}

/// From when on narrow buckets are looked at: by the chart, where its columns are narrow, and by what is said of the last act.
pub fn seen_from(ask: &BurnAsk, now: i64, plan: &Plan) -> i64 {
    let is_wide = plan.rough.is_some_and(|(width, _)| ask.step.0 % width == 0);
    let chart = if is_wide { now } else { ask.from.0.min(now) };
    ask.act.map_or(chart, |act| chart.min(act.0 - BEFORE))
}

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

/// A stretch that is asked for, and the width of its buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Narrow ones.
    Narrow(Stretch),
    /// Wide ones.
    Wide(Stretch, i64),
    /// Narrow ones where the window begins, before wide ones: what falls out of it next is known to the minute.
    Edge(Stretch),
}

/// What was counted in wide buckets.
#[derive(Debug, Default)]
pub struct Rough {
    known: Option<Stretch>,
    edge: Option<Stretch>,
    /// Every bucket is wanted by itself, however many questions that takes.
    pub is_unwanted: bool,
}

impl Rough {
    /// From when on every bucket of a window that begins at a moment is wanted by itself: in the chart, since conditions are followed in it, once somebody
    /// looks at it. None where wide ones would save nothing, so that each is wanted at once.
    pub fn fine_from(&self, ask: &BurnAsk, now: i64, begins: i64, plan: &Plan) -> Option<i64> {
        let (_, round) = plan.rough.filter(|_| !self.is_unwanted)?;
        // how it stands now is told by the first piece and all of the window
        if let Some((first, _)) = plan.first.filter(|_| is_glance(ask)) {
            let fine = (now - first).div_euclid(round) * round + round;
            return (fine - begins > plan.step.saturating_mul(plan.most)).then_some(fine);
        }
        let near = (now - NEAR).min(seen_from(ask, now, plan));
        let chart = if ask.shown { ask.from.0 } else { now };
        let fine = (near.min(chart).div_euclid(round) * round).max(begins);
        (near - begins > plan.step.saturating_mul(plan.most)).then_some(fine)
    }

    /// Pieces in narrow buckets, and what is left to ask from where the window begins to where narrow ones do. What is new comes first, and then all of
    /// the window; its edge is last.
    pub fn among(&self, ask: &BurnAsk, pieces: Vec<Stretch>, (begins, narrow): (i64, i64), plan: &Plan) -> Vec<Piece> {
        let mut all: Vec<Piece> = pieces.into_iter().map(Piece::Narrow).collect();
        let Some((width, round)) = plan.rough.filter(|_| begins < narrow) else { return all };
        let floor = |at: i64, step: i64| at.div_euclid(step) * step;
        let wide = Stretch { from: floor(begins, round), to: -floor(-narrow, round) };
        let known = self.known.filter(|known| known.to >= narrow);
        let mut left = known.map_or(wide, |known| Stretch { to: known.from.min(wide.to), ..wide });
        let mut first = all.len().min(1);
        // the newest first, each touching the one before
        while left.from < left.to {
            let from = floor(left.to.saturating_sub(width.saturating_mul(plan.most)), round).saturating_add(round);
            let piece = Stretch { from: from.max(left.from), ..left };
            all.insert(first, Piece::Wide(piece, width));
            (first, left.to) = (first + 1, piece.from);
        }
        if is_glance(ask) {
            return all;
        }
        let from = wide.from;
        let cut = floor(begins, width).saturating_add(width).min(narrow);
        if self.edge.is_none_or(|edge| edge.from > from || edge.to < cut) {
            let to = floor(from.saturating_add(plan.step.saturating_mul(plan.most)), width).min(narrow);
            all.push(Piece::Edge(Stretch { from, to }));
        }
        all
    }

    /// A piece was answered.
    pub fn answered(&mut self, piece: Piece) {
        match piece {
            Piece::Narrow(_) => {}
            Piece::Wide(stretch, _) => {
                let touches = self.known.filter(|known| stretch.to >= known.from && stretch.from <= known.to);
                let (from, to) = touches.map_or((stretch.from, stretch.to), |known| {
                    (known.from.min(stretch.from), known.to.max(stretch.to))
                });
                // what is wide covers the edge again
                (self.known, self.edge) = (Some(Stretch { from, to }), None);
            }
            Piece::Edge(stretch) => self.edge = Some(stretch),
        }
    }

    /// From when on columns of a length can be made, where narrow buckets are known from a moment on.
    pub fn seen(&self, narrow: Option<i64>, step: i64, plan: &Plan) -> i64 {
        let is_wide = plan.rough.is_none_or(|(width, _)| step % width == 0);
        if is_wide || self.known.is_none() { i64::MIN } else { narrow.unwrap_or(i64::MAX) }
    }
}

impl Piece {
    /// The time that it is about, and the width of its buckets where narrow ones are so wide.
    pub fn turn(self, step: i64) -> (Stretch, i64) {
        match self {
            Piece::Narrow(stretch) | Piece::Edge(stretch) => (stretch, step),
            Piece::Wide(stretch, width) => (stretch, width),
        }
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

/// Nobody looks at a chart: it is asked how an objective stands now.
fn is_glance(ask: &BurnAsk) -> bool {
    ask.columns <= 1 && !ask.shown && ask.act.is_none()
}

/// From when on narrow buckets are looked at: by the chart, where its columns are narrow, and by what is said of the last act.
pub fn seen_from(ask: &BurnAsk, now: i64, plan: &Plan) -> i64 {
    let is_wide = plan.rough.is_some_and(|(width, _)| ask.step.0 % width == 0);
    let chart = if is_wide { now } else { ask.from.0.min(now) };
    ask.act.map_or(chart, |act| chart.min(act.0 - BEFORE))
}

//! How an objective stood at the end of a chart that looks back: what is said first while somebody looks at a time that is over.
//!
//! It must not know how it is counted or drawn.

use super::App;
use super::feed::{Held, Sliced, SloDesk};
use crate::incident::time::Time;
use crate::query::series::Coverage;

/// An objective at a moment that is over, counted as if that were the present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Then {
    /// The moment: the end of the chart's last column.
    pub until: Time,
    /// Events counted in the SLO's window before it, or slices where there are some.
    pub total: u64,
    /// Bad ones among them.
    pub bad: u64,
    /// What lies behind slices; none where events are counted.
    pub sliced: Option<Sliced>,
    /// What was left of the budget, per million; negative when overspent; none when nothing was counted.
    pub remaining_ppm: Option<i64>,
    /// Burn rates in thousandths over the minute, the five minutes and the hour before it.
    pub burn_milli: [Option<u64>; 3],
    /// How the alert conditions stood, and when each held last within the day before it.
    pub conditions: Vec<Held>,
    /// How much of the window before it is known.
    pub known: Coverage,
}

impl App {
    /// How an objective stood at the end of what the chart shows. None while it shows the present, or nobody has answered yet what is asked of that time.
    pub fn then<'a>(&self, slo: &'a SloDesk, now: Time) -> Option<&'a Then> {
        let until = self.chart_until(now)?;
        let (_, burn) = slo.feed.last.as_ref()?;
        let then = burn.then.as_deref()?;
        // columns are whole: the last one may end a little later than was asked
        (until <= then.until && then.until.minus(burn.step) < until).then_some(then)
    }
}

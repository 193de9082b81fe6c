//! How an objective stood at the end of a chart that looks back: what is said first while somebody looks at a time that is over.
//!
//! It must not know how it is counted or drawn.

use super::App;
use super::alarms::Picked;
use super::feed::{Burn, Held, Sliced, SloDesk};
use crate::incident::alert::Urgency;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::series::Coverage;
use crate::query::state::State;

/// An objective at a moment that is over, counted as if that were the present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Then {
    /// The moment: the end of the chart's last column.
    pub until: Time,
    /// The word for what was known at that moment.
    pub state: State,
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

/// Nothing is known of that time, or nothing was wrong.
const UNKNOWN: (u8, i64) = (3, i64::MIN);

impl Then {
    /// How bad the chart's time was, the worst lowest, with what was left at its end: somebody was to be woken, it was overspent or work for the next day,
    /// or it burned.
    fn badness(&self, burn: &Burn) -> (u8, i64) {
        let left = self.remaining_ppm.unwrap_or(i64::MAX);
        let held = |urgency| self.conditions.iter().any(|held| held.urgency == urgency && held.meets(burn.from));
        let fails = burn.columns.iter().any(|column| column.bad > 0);
        match () {
            () if held(Urgency::Page) => (0, left),
            () if left <= 0 || held(Urgency::Ticket) => (1, left),
            () if fails => (2, left),
            () => UNKNOWN,
        }
    }
}

impl App {
    /// Shows the objective that was worst at the time of an incident that was over when it was declared: once, when everybody has said how it stood then
    /// or cannot, and nobody has chosen one. Whose turn has not come is waited for; until then it stays the first.
    pub(super) fn open_on_the_worst_then(&mut self, now: Time) {
        let cannot =
            |slo: &SloDesk| matches!(&slo.feed.trouble, Some((_, trouble)) if !matches!(trouble, Trouble::Slowed(..)));
        let heard = |slo: &SloDesk| self.then(slo, now).is_some() || cannot(slo);
        if matches!(self.picked, Picked::ByHand | Picked::WorstThen) || !self.slos.iter().all(heard) {
            return;
        }
        let bad = |slo: &SloDesk| match (self.then(slo, now), &slo.feed.last) {
            (Some(then), Some((_, burn))) => then.badness(burn),
            _ => UNKNOWN,
        };
        let mut places: Vec<usize> = (0..self.slos.len()).collect();
        places.sort_by_key(|place| self.slos.get(*place).map(bad));
        let worst = places.first().copied().filter(|place| self.slos.get(*place).map(bad) < Some(UNKNOWN));
        self.slo = worst.unwrap_or(self.slo);
        self.picked = Picked::WorstThen;
    }

    /// How an objective stood at the end of what the chart shows. None while it shows the present, or nobody has answered yet what is asked of that time.
    pub fn then<'a>(&self, slo: &'a SloDesk, now: Time) -> Option<&'a Then> {
        self.chart_until(now)?;
        let (_, burn) = slo.feed.last.as_ref()?;
        burn.then.as_deref().filter(|_| self.is_charted(burn, now))
    }
}

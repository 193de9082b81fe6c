//! The chart as somebody pinned it: the time it showed, its figures column by column, what was asked and of whom, so that no metrics database is needed later.
//! It must not know how a chart is drawn.

use super::command::Refusal;
use super::impact::thousands;
use super::time::{Span, Time};
use super::timeline::percent;
use serde::{Deserialize, Serialize};

/// The most columns that are kept: more than any screen has.
const MOST: usize = 2_000;

/// What a chart showed, at the time of the entry. The three lists have one figure for each column, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChartPinned {
    /// Which SLO.
    pub slo: String,
    /// Its target, per million.
    pub target_ppm: u32,
    /// Its window, in seconds.
    pub window_s: u64,
    /// Where the first column begins.
    pub from: Time,
    /// How long a column is, in seconds.
    pub step_s: u64,
    /// Valid events; none where nothing was known.
    pub total: Vec<Option<u64>>,
    /// Bad ones among them.
    pub bad: Vec<u64>,
    /// What was left of the budget at the column's end, per million; none where nothing was known.
    pub remaining_ppm: Vec<Option<i64>>,
    /// The state in words when it was pinned: value, no traffic, traffic gone, no data, partial.
    pub state: String,
    /// What was asked, and of whom.
    pub source: String,
    /// Where the same can be seen in a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl ChartPinned {
    /// Where what was seen ends, for a chart that was pinned at a moment: with its last column, or then while that one was filling.
    #[must_use]
    pub fn until(&self, pinned: Time) -> Time {
        let end = self.end();
        if pinned > self.from { end.min(pinned) } else { end }
    }

    /// Where the last column ends.
    fn end(&self) -> Time {
        let columns = i64::try_from(self.total.len()).unwrap_or(i64::MAX);
        let length = i64::try_from(self.step_s).unwrap_or(i64::MAX).saturating_mul(1_000_000).saturating_mul(columns);
        self.from.plus(Span(length))
    }

    /// Events and bad ones of all columns.
    #[must_use]
    pub fn sum(&self) -> (u64, u64) {
        let total = self.total.iter().flatten().fold(0, |sum: u64, total| sum.saturating_add(*total));
        (total, self.bad.iter().fold(0, |sum: u64, bad| sum.saturating_add(*bad)))
    }

    /// What was left at the first and at the last column of which that is known.
    #[must_use]
    pub fn left(&self) -> Option<(i64, i64)> {
        let mut known = self.remaining_ppm.iter().flatten();
        let first = *known.next()?;
        Some((first, known.next_back().copied().unwrap_or(first)))
    }

    /// `api 22:40 to 23:04: 40,000 bad of 98,000, 80.0 % to 33.7 % left`; with its days where they are not those of `beside`.
    #[must_use]
    pub fn words(&self, beside: Time) -> String {
        let (total, bad) = self.sum();
        let until = self.until(beside);
        let day =
            |at: Time, other: Time| if at.date() == other.date() { String::new() } else { format!("{} ", at.date()) };
        let (from_day, until_day) = (day(self.from, beside), day(until, self.from));
        let times = format!("{from_day}{} to {until_day}{}", self.from.clock_minutes(), until.clock_minutes());
        let left = match self.left() {
            Some((first, last)) if first == last => format!("{} left", percent(last)),
            Some((first, last)) => format!("{} to {} left", percent(first), percent(last)),
            None => "budget not known".into(),
        };
        // the state is that of the moment of pinning, which need not be the time of the chart
        let state = if self.state == "value" { String::new() } else { format!(", {} when pinned", self.state) };
        format!("{} {times}: {} bad of {}, {left}{state}", self.slo, thousands(bad), thousands(total))
    }

    /// Bad events column by column as eighths of a block, at most so many; `·` where nothing was known.
    #[must_use]
    pub fn bars(&self, most: usize) -> String {
        const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let columns: Vec<Option<u64>> =
            self.total.iter().zip(&self.bad).map(|(total, bad)| total.map(|_| *bad)).collect();
        let wide = columns.len().div_ceil(most.max(1)).max(1);
        let summed: Vec<Option<u64>> =
            columns.chunks(wide).map(|chunk| chunk.iter().flatten().copied().reduce(u64::saturating_add)).collect();
        let highest = summed.iter().flatten().max().copied().unwrap_or(0).max(1);
        let bar = |bad: &Option<u64>| match bad {
            None => '·',
            Some(0) => ' ',
            Some(bad) => {
                let eighth = u128::from(*bad) * 8 / u128::from(highest);
                EIGHTHS.get(usize::try_from(eighth).unwrap_or(8).saturating_sub(1)).copied().unwrap_or('█')
            }
        };
        summed.iter().map(bar).collect()
    }

    /// Refuses what is no picture.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let columns = self.total.len();
        if (1..=MOST).contains(&columns) && self.bad.len() == columns && self.remaining_ppm.len() == columns {
            return Ok(());
        }
        Err(Refusal::new(
            format!("A chart of {columns} columns cannot be pinned."),
            "Wait for its figures, and pin it then.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned() -> ChartPinned {
        ChartPinned {
            slo: "api".into(),
            target_ppm: 999_500,
            window_s: 2_592_000,
            from: Time(1_562_712_000_000_000),
            step_s: 60,
            total: vec![Some(4_000), None, Some(4_000), Some(4_000)],
            bad: vec![0, 0, 500, 4_000],
            remaining_ppm: vec![Some(800_000), None, Some(790_000), Some(750_000)],
            state: "value".into(),
            source: "lb".into(),
            link: None,
        }
    }

    #[test]
    fn given_a_column_that_is_filling_when_the_chart_is_pinned_then_it_ends_at_that_moment() {
        let half_a_day = ChartPinned { step_s: 43_200, ..pinned() };
        let at = |minutes: i64| half_a_day.from.plus(Span::minutes(minutes));
        // two hours into the fourth column
        assert_eq!(half_a_day.until(at(3 * 720 + 120)), at(3 * 720 + 120));
        assert!(
            half_a_day.words(at(3 * 720 + 120)).contains("22:40 to 2019-07-11 12:40: "),
            "{}",
            half_a_day.words(at(2280))
        );
        assert_eq!(half_a_day.until(at(9_000)), at(4 * 720), "looked back at");
    }

    #[test]
    fn given_a_chart_when_it_is_pinned_then_its_figures_are_said_and_drawn() {
        let chart = pinned();
        let same_day = Time(1_562_716_800_000_000).minus(Span::minutes(70));
        assert_eq!(chart.sum(), (12_000, 4_500));
        assert_eq!(chart.words(same_day), "api 22:40 to 22:44: 4,500 bad of 12,000, 80.0 % to 75.0 % left");
        let a_week_later = same_day.plus(Span::minutes(7 * 1_440));
        assert_eq!(
            chart.words(a_week_later),
            "api 2019-07-09 22:40 to 22:44: 4,500 bad of 12,000, 80.0 % to 75.0 % left"
        );
        assert_eq!((chart.bars(80).as_str(), chart.bars(2).as_str()), (" ·▁█", " █"));
        let quiet = ChartPinned { state: "no data".into(), ..pinned() };
        assert!(quiet.words(same_day).ends_with("75.0 % left, no data when pinned"));
        assert!(chart.check().is_ok());
        assert!(ChartPinned { bad: vec![1], ..pinned() }.check().is_err());
        let empty = ChartPinned { total: Vec::new(), bad: Vec::new(), remaining_ppm: Vec::new(), ..pinned() };
        assert!(empty.check().is_err());
        assert_eq!((empty.left(), empty.bars(9)), (None, String::new()));
    }
}

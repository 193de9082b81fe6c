//! One time axis for the whole ribbon: the past left of the bar, one column a step; what is owed right of it, on a scale of its own.
//!
//! It must not know what stands at a time.

use crate::app::App;
use crate::incident::time::{HOUR, MINUTE, SECOND, Span, Time};
use ratatui::layout::Rect;

/// A day, in UTC.
const DAY: Span = Span(24 * HOUR);
/// How far ahead of now the axis looks at most.
const FAR: Span = Span(90 * MINUTE);
/// How far ahead it looks at least.
const NEAR: Span = Span(15 * MINUTE);
/// The lengths a column right of the bar may have, in seconds.
const AHEAD: [i64; 8] = [30, 60, 120, 300, 600, 900, 1_800, 3_600];
/// How far labelled times may lie apart, in seconds.
const TICKS: [i64; 16] = [
    60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000,
];

/// Where times stand in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// When the first column begins.
    pub from: Time,
    /// How long a column is.
    pub step: Span,
    /// How many columns there are.
    pub columns: u16,
    /// The cell of the first column.
    pub left: u16,
    /// How many cells the names of the rows have.
    pub names: u16,
    /// The cell of the bar.
    pub bar: u16,
    /// How many columns there are right of the bar.
    pub right: u16,
    /// When the first of them begins.
    pub origin: Time,
    /// How long one of them is.
    pub ahead: Span,
}

impl Axis {
    /// The axis of an area; none when it is too narrow for eight columns. `owed` are the times to be shown right of the bar.
    pub fn new(app: &App, now: Time, area: Rect, owed: &[Time]) -> Option<Axis> {
        let names = match area.width {
            100.. => 8,
            56.. if area.height >= 9 => 8,
            40.. => 6,
            _ => 0,
        };
        // what is owed lies after now: a look back has no place for it
        let live = app.chart_until(now).is_none();
        let right = if area.width >= 70 && live { (area.width / 4).clamp(14, 40) } else { 0 };
        let columns = area.width.checked_sub(names + right + 1).filter(|c| *c >= 8)?;
        let (from, step, columns) = app.chart_of(now, columns);
        let last = owed.iter().filter(|at| now.plus(FAR) >= **at).max();
        // a label needs room beside its time, so the last one does not stand at the very edge
        let wanted = last.map_or(NEAR, |at| at.since(now).max(NEAR)).0;
        let ahead = AHEAD.into_iter().map(Span::seconds).find(|s| s.0 * i64::from(right.max(1)) > wanted + s.0);
        let ahead = ahead.unwrap_or(Span(HOUR));
        let left = area.left() + names;
        Some(Axis { from, step, columns, left, names, bar: left + columns, right, origin: now.floor(ahead), ahead })
    }

    /// When a column begins.
    pub fn begins(&self, column: u16) -> Time {
        self.from.plus(Span(self.step.0.saturating_mul(i64::from(column))))
    }
    /// Where the last column ends, or now where that lies ahead.
    pub fn end(&self, now: Time) -> Time {
        self.begins(self.columns).min(now)
    }
    /// The column, left of the bar, in which a time lies.
    pub fn column(&self, at: Time) -> Option<u16> {
        let column = at.0.saturating_sub(self.from.0).div_euclid(self.step.0.max(1));
        u16::try_from(column).ok().filter(|c| *c < self.columns)
    }
    /// The column, right of the bar, in which a time lies.
    pub fn ahead(&self, at: Time) -> Option<u16> {
        let column = at.0.saturating_sub(self.origin.0).div_euclid(self.ahead.0.max(1));
        u16::try_from(column).ok().filter(|c| *c < self.right)
    }
    /// The labelled times of the past, with their columns.
    pub fn ticks(&self) -> Vec<(u16, String)> {
        let step = self.step.0.max(1);
        // how many columns apart they stand at least
        let apart = if self.columns < 60 { 10 } else { 18 };
        let fits = |s: &i64| s * SECOND >= step * apart && (s * SECOND) % step == 0;
        let Some(every) = TICKS.into_iter().find(fits).map(Span::seconds) else { return Vec::new() };
        let mut at = self.from.floor(every);
        let mut ticks = Vec::new();
        while at < self.begins(self.columns) {
            if let Some(column) = self.column(at) {
                // over more than a day a midnight says which one begins
                let dated = at == at.floor(DAY) && (self.begins(self.columns).since(self.from) >= DAY || every >= DAY);
                let label = if dated { at.utc().format("%-d %b").to_string() } else { at.clock_minutes() };
                ticks.push((column, label));
            }
            at = at.plus(every);
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::at;

    fn ticks(step: Span, columns: u16) -> Vec<String> {
        let from = at("00:00:00").minus(Span::minutes(60));
        let (origin, ahead) = (from, Span(HOUR));
        let axis = Axis { from, step, columns, left: 0, names: 0, bar: columns, right: 0, origin, ahead };
        axis.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn given_more_than_a_day_when_labelled_then_a_midnight_says_which_day_begins() {
        assert_eq!(ticks(Span::minutes(30), 72), ["9 Jul", "12:00", "10 Jul"]);
        assert_eq!(ticks(Span::minutes(5), 72), ["00:00", "02:00", "04:00"]);
        assert_eq!(ticks(Span(24 * HOUR), 60), ["13 Jul", "12 Aug"]);
    }
}

//! The curve of the ribbon: the budget that is left as a line of braille dots, and what an answer is in the columns of the axis.
//!
//! A gap is a gap: nothing is drawn where nothing is known, and nothing is joined over it. It must not know of words or styles.

use super::axis::Axis;
use crate::app::feed::{Burn, Column};
use crate::incident::time::Time;
use crate::query::state::State;

/// One per cent, in parts per million.
const PERCENT: i64 = 10_000;
/// Beyond this a budget is drawn as this; no real one comes near.
const EDGE: i64 = 1_000_000_000_000;
/// How many round steps a range has at most.
const STEPS: i64 = 6;
/// The dots of a braille cell (Unicode 2800 and following), left and right, from above.
const DOTS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// From when on nothing is drawn as if it were known.
pub fn ends(burn: &Burn) -> Option<Time> {
    match burn.state {
        _ if burn.looks_back => None,
        State::Value | State::Unproven | State::Partial => None,
        State::TrafficGone | State::NoTraffic | State::NoData => burn.since.or(burn.newest).or(Some(burn.from)),
    }
}

/// An answer in the columns of an axis; none where nothing was asked. An answer in other columns is brought into these: sums are added
/// up or shared out.
pub fn columns(axis: &Axis, burn: &Burn) -> Vec<Option<Column>> {
    let own = burn.step.0.max(1);
    let end = ends(burn);
    let last = i64::try_from(burn.columns.len()).unwrap_or(i64::MAX).saturating_sub(1);
    let column = |n: u16| {
        let (begins, next) =
            (axis.begins(n).0.saturating_sub(burn.from.0), axis.begins(n + 1).0.saturating_sub(burn.from.0));
        let (first, until) = (begins.div_euclid(own).max(0), (next - 1).div_euclid(own).min(last));
        let found = burn
            .columns
            .get(usize::try_from(first).ok()?..=usize::try_from(until).ok().filter(|u| *u as i64 >= first)?)?;
        let mut column = Column::default();
        for (place, one) in (first..).zip(found) {
            // the part of the answer's column that lies in this one
            let shared = (place.saturating_add(1).saturating_mul(own).min(next) - (place * own).max(begins)).max(0);
            let part = |count: u64| -> u64 {
                let part =
                    (u128::from(count) * u128::from(shared.unsigned_abs())).div_ceil(u128::from(own.unsigned_abs()));
                u64::try_from(part).unwrap_or(u64::MAX)
            };
            column.total = one.total.map(part).map(|t| t.saturating_add(column.total.unwrap_or(0))).or(column.total);
            column.bad = column.bad.saturating_add(part(one.bad));
            column.remaining_ppm = one.remaining_ppm.or(column.remaining_ppm);
        }
        let begins = axis.begins(n);
        if end.is_some_and(|end| begins >= end.floor(axis.step)) {
            column.remaining_ppm = None;
        }
        Some(column)
    };
    (0..axis.columns).map(column).collect()
}

/// The range of the curve, per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// At the bottom.
    pub low: i64,
    /// At the top.
    pub high: i64,
}

impl Scale {
    /// The narrowest range with round bounds that holds everything shown; none when nothing is. From half a budget down it reaches to zero, because
    /// how far that is is what the line is looked at for; so it does when the budget is spent `soon`.
    pub fn of(columns: &[Option<Column>], soon: bool) -> Option<Scale> {
        let shown = columns.iter().filter_map(|c| c.as_ref()?.remaining_ppm).map(|v| v.clamp(-EDGE, EDGE));
        let (least, most) = shown.fold(None, |range, v| {
            let (least, most) = range.unwrap_or((v, v));
            Some((v.min(least), v.max(most)))
        })?;
        // what is flat does not lie at the bottom, where it would look like nothing left, nor does a tremble fill the chart
        let least = least.min(most - 6 * PERCENT);
        let least = if soon || least <= 50 * PERCENT { least.min(0) } else { least };
        let most = if least < 0 { most.max(0) } else { most };
        let mut ten = PERCENT;
        loop {
            for step in [2 * ten, 5 * ten, 10 * ten] {
                let low = least.div_euclid(step) * step;
                let high = most.div_euclid(step) * step + if most.rem_euclid(step) > 0 { step } else { 0 };
                if high - low <= STEPS * step {
                    // nobody has more than a whole budget left
                    let high = if most <= 100 * PERCENT { high.min(100 * PERCENT) } else { high };
                    return Some(Scale { low, high });
                }
            }
            ten = ten.saturating_mul(10);
        }
    }
    /// What is said beside which of so many rows: the bounds, zero where it lies between them, else the middle where it has a row of its own.
    pub fn labels(&self, rows: usize) -> Vec<(usize, i64)> {
        let row = |value: i64| self.dot(value, rows * 4) / 4;
        let last = rows.saturating_sub(1);
        let mut labels = vec![(0, self.high)];
        if rows < 2 {
            return labels;
        }
        labels.push((last, self.low));
        let between = if self.low < 0 && self.high > 0 { 0 } else { self.low + (self.high - self.low) / 2 };
        let round = between == 0 || between % PERCENT == 0 && (rows % 2 == 1 || rows > 6);
        if round && (1..last).contains(&row(between)) {
            labels.insert(1, (row(between), between));
        }
        labels
    }
    /// The row of zero where it lies between the bounds.
    pub fn zero(&self, rows: usize) -> Option<usize> {
        (self.low < 0 && self.high > 0).then(|| self.dot(0, rows * 4) / 4)
    }
    /// Which of so many dots, from above, a value is.
    pub fn dot(&self, value: i64, dots: usize) -> usize {
        let value = value.clamp(-EDGE, EDGE);
        let last = i64::try_from(dots.saturating_sub(1)).unwrap_or(0);
        let reach = (self.high - self.low).max(1);
        let dot = (self.high - value.clamp(self.low, self.high)) * last;
        usize::try_from((dot + reach / 2) / reach).unwrap_or(0)
    }
}

/// The curve: `rows` strings of cells, one cell a column.
pub fn braille(columns: &[Option<Column>], scale: Scale, rows: usize) -> Vec<Vec<char>> {
    let dots = rows * 4;
    let mut cells = vec![vec![0_u8; columns.len()]; rows];
    let mut set = |x: usize, side: usize, y: usize| {
        let bits = DOTS.get(y % 4).and_then(|pair| pair.get(side));
        if let (Some(cell), Some(bits)) = (cells.get_mut(y / 4).and_then(|row| row.get_mut(x)), bits) {
            *cell |= bits;
        }
    };
    let mut before: Option<i64> = None;
    for (x, column) in columns.iter().enumerate() {
        let Some(value) = column.as_ref().and_then(|c| c.remaining_ppm) else {
            before = None;
            continue;
        };
        let to = scale.dot(value, dots);
        let from = scale.dot(before.unwrap_or(value), dots);
        let half = scale.dot(before.map_or(value, |b| i64::midpoint(b, value)), dots);
        // each dot reaches to the one before, so that a steep fall is one line
        for (side, from, to) in [(0, from, half), (1, half, to)] {
            let (top, bottom) = (from.min(to), from.max(to));
            let start = if from < to { top + 1 } else { top };
            let end = if from > to { bottom - 1 } else { bottom };
            for y in start..=end {
                set(x, side, y);
            }
        }
        before = Some(value);
    }
    let shown = |bits: u8| if bits == 0 { ' ' } else { char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ') };
    cells.into_iter().map(|row| row.into_iter().map(shown).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn left(values: &[Option<i64>]) -> Vec<Option<Column>> {
        values.iter().map(|v| Some(Column { total: v.map(|_| 1), bad: 0, remaining_ppm: *v })).collect()
    }

    #[test]
    fn given_budgets_when_scaled_then_the_bounds_are_round_and_hold_them() {
        let scale = |values: &[i64]| {
            let scale = Scale::of(&left(&values.iter().map(|v| Some(v * PERCENT)).collect::<Vec<_>>()), false).unwrap();
            (scale.low / PERCENT, scale.high / PERCENT)
        };
        assert_eq!(scale(&[80, 34]), (0, 80));
        assert_eq!(scale(&[80, 52]), (50, 80));
        assert_eq!(scale(&[80]), (74, 80));
        assert_eq!(scale(&[100, 99]), (94, 100));
        assert_eq!(scale(&[3]), (-4, 4));
        assert_eq!(scale(&[20, -30]), (-30, 20));
        assert_eq!(scale(&[80, -12]), (-20, 80));
        assert_eq!(scale(&[78, -209]), (-300, 100));
        assert_eq!(scale(&[80, -1900]), (-2000, 100));
        assert_eq!(scale(&[-150, -190]), (-200, 0));
        assert_eq!(Scale::of(&left(&[None]), false), None);
    }

    #[test]
    fn given_ranges_when_labelled_then_bounds_and_zero_stand_on_their_rows() {
        let labels = |low: i64, high: i64, rows| -> Vec<(usize, i64)> {
            let scale = Scale { low: low * PERCENT, high: high * PERCENT };
            scale.labels(rows).into_iter().map(|(row, value)| (row, value / PERCENT)).collect()
        };
        assert_eq!(labels(0, 80, 5), [(0, 80), (2, 40), (4, 0)]);
        assert_eq!(labels(-20, 80, 5), [(0, 80), (3, 0), (4, -20)]);
        assert_eq!(labels(-2_000, 100, 5), [(0, 100), (4, -2_000)]);
        assert_eq!(labels(0, 80, 4), [(0, 80), (3, 0)]);
        assert_eq!(labels(0, 80, 1), [(0, 80)]);
        assert_eq!(Scale { low: -PERCENT, high: PERCENT }.zero(5), Some(2));
        assert_eq!(Scale { low: 0, high: PERCENT }.zero(5), None);
    }

    #[test]
    fn given_a_gap_when_drawn_then_nothing_is_joined_over_it() {
        let columns = left(&[Some(900_000), Some(900_000), None, Some(100_000), Some(100_000)]);
        let rows = braille(&columns, Scale { low: 0, high: 1_000_000 }, 2);
        let text: Vec<String> = rows.into_iter().map(String::from_iter).collect();
        assert_eq!(text, ["⠒⠒   ", "   ⠤⠤"]);
    }

    #[test]
    fn given_a_steep_fall_when_drawn_then_it_is_one_line() {
        let columns = left(&[Some(1_000_000), Some(0)]);
        let rows = braille(&columns, Scale { low: 0, high: 1_000_000 }, 2);
        let text: Vec<String> = rows.into_iter().map(String::from_iter).collect();
        assert_eq!(text, ["⠉⡆", " ⢱"]);
    }

    proptest! {
        #[test]
        fn given_any_columns_when_drawn_then_every_cell_is_a_cell(values in proptest::collection::vec(any::<Option<i64>>(), 0..40), rows in 0usize..6) {
            let columns = left(&values);
            if let Some(scale) = Scale::of(&columns, false) {
                let clamped = columns.iter().flatten().filter_map(|c| c.remaining_ppm).map(|v| v.clamp(-EDGE, EDGE));
                prop_assert!(clamped.clone().all(|v| scale.low <= v && v <= scale.high));
                let drawn = braille(&columns, scale, rows);
                prop_assert!(drawn.iter().all(|row| row.len() == columns.len()));
            }
        }
    }
}

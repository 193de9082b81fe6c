//! The row of bad events: bars of eighth blocks, and in words what the highest stands for.
//!
//! It must not know what the budget is.

use super::axis::Axis;
use super::phrase;
use crate::app::feed::{Burn, Column};
use crate::incident::time::Time;
use crate::query::slo::MIN_BAD;
use crate::view::text;
use crate::view::theme::{Meaning, Theme};
use crate::view::words::{count, span};
use ratatui::buffer::Buffer;

/// The heights of a bar, the lowest first.
const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// What stands where nothing is known.
const UNKNOWN: char = '░';
/// What stands where there was no event at all.
const NOTHING: char = '·';

/// Draws the row; `allowed_ppm` of all events may be bad.
pub fn draw(
    theme: &Theme,
    axis: &Axis,
    row: u16,
    columns: &[Option<Column>],
    filling: Option<Filling>,
    allowed_ppm: u32,
    buf: &mut Buffer,
) {
    let cells = bars(columns, &heights(columns, filling), least(columns, allowed_ppm));
    for (place, cell) in (0..).zip(&cells).filter(|(_, cell)| **cell != ' ') {
        let meaning = if [UNKNOWN, NOTHING].contains(cell) { Meaning::Muted } else { Meaning::ChartBad };
        phrase::put(buf, axis.left + place, row, 1, cell.encode_utf8(&mut [0; 4]), theme.style(meaning));
    }
    let most = columns.iter().flatten().map(|column| column.bad).max().unwrap_or(0);
    let words = format!("most {} in {}", count(most), span(axis.step.0));
    if let Some(place) = free(&cells, text::width(&words)).and_then(|place| u16::try_from(place).ok()) {
        phrase::put(buf, axis.left + place, row, axis.columns - place, &words, theme.style(Meaning::Muted));
    }
}

/// Where so many cells for words are free: before the first bar, else behind the last; nowhere without a bar.
fn free(cells: &[char], wide: usize) -> Option<usize> {
    let is_bar = |cell: &char| EIGHTHS.contains(cell);
    let (first, last) = (cells.iter().position(is_bar)?, cells.iter().rposition(is_bar)?);
    let before = first.checked_sub(wide + 1);
    let is_free = |place: &usize| cells.get(*place..*place + wide).is_some_and(|cells| cells.iter().all(|c| *c == ' '));
    before.into_iter().chain([last + 2]).find(is_free)
}

/// The column that was still filling when it was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filling {
    /// Which one, from the left.
    pub place: usize,
    /// How much of its time had passed, per million.
    pub passed_ppm: u64,
}

/// Finds the column that was still filling when it was counted; none in a look back. What its source wrote last does not matter: one that stopped
/// fills no column.
pub fn filling(axis: &Axis, (counted, burn): &(Time, Burn), columns: &[Option<Column>]) -> Option<Filling> {
    let place = columns.iter().rposition(|column| column.is_some_and(|column| column.total.is_some()))?;
    let begins = axis.begins(u16::try_from(place).ok()?);
    let passed = counted.since(begins).0.max(1);
    let ppm = u128::from(passed.unsigned_abs()) * 1_000_000 / u128::from(axis.step.0.max(1).unsigned_abs());
    u64::try_from(ppm)
        .ok()
        .filter(|ppm| *ppm < 1_000_000 && !burn.looks_back)
        .map(|passed_ppm| Filling { place, passed_ppm })
}

/// How many bad events a bar of full height stands for at least, so that a few among very many do not look like an outage: as many of a usual column as
/// page somebody (14.4 times what is allowed), and no fewer than without which nobody is woken.
fn least(columns: &[Option<Column>], allowed_ppm: u32) -> u64 {
    let known: Vec<u64> = columns.iter().flatten().filter_map(|column| column.total).collect();
    let all = known.iter().fold(0_u128, |sum, total| sum + u128::from(*total));
    let usual = all / (known.len().max(1) as u128);
    let pages = usual * u128::from(allowed_ppm) * 144 / 10_000_000;
    u64::try_from(pages).unwrap_or(u64::MAX).max(MIN_BAD)
}

/// How many bad events each bar stands for. The column that is filling lacks a part of its time: its bar takes as much from the column before, so
/// that nothing looks as if it were ending, but never more than the most that was counted. One without any has no bar.
fn heights(columns: &[Option<Column>], filling: Option<Filling>) -> Vec<u64> {
    let mut heights: Vec<u64> = columns.iter().map(|column| column.map_or(0, |column| column.bad)).collect();
    let most = heights.iter().copied().max().unwrap_or(0);
    if let Some(Filling { place, passed_ppm }) = filling {
        let before = place.checked_sub(1).and_then(|before| heights.get(before)).copied().unwrap_or(0);
        let lacks = u128::from(before) * u128::from(1_000_000_u64.saturating_sub(passed_ppm)) / 1_000_000;
        if let Some(bad) = heights.get_mut(place).filter(|bad| **bad > 0) {
            *bad = bad.saturating_add(u64::try_from(lacks).unwrap_or(u64::MAX)).min(most);
        }
    }
    heights
}

/// The bars of bad events: the square root of their number, so that a few are seen beside many. A column that holds any has a bar; a full one stands for
/// `least` or for the most there are.
fn bars(columns: &[Option<Column>], heights: &[u64], least: u64) -> Vec<char> {
    let most = heights.iter().copied().max().unwrap_or(0).max(least);
    let bar = |(column, bad): (&Column, u64)| match (column.total, bad) {
        (None, 0) => UNKNOWN,
        (Some(0), 0) => NOTHING,
        (_, 0) => ' ',
        (_, bad) => {
            // the smallest height whose square, of sixty-four, is not below the share
            let height =
                (1..=8_u64).find(|h| u128::from(h * h) * u128::from(most) >= 64 * u128::from(bad)).unwrap_or(8);
            EIGHTHS.get(usize::try_from(height).unwrap_or(8) - 1).copied().unwrap_or('█')
        }
    };
    columns.iter().zip(heights).map(|(column, bad)| column.as_ref().map_or(' ', |column| bar((column, *bad)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::time::Span;
    use crate::view::burning::burn;
    use crate::view::sample;
    use proptest::prelude::*;

    #[test]
    fn given_bad_events_when_drawn_then_one_among_many_is_seen_and_unknown_is_not_nothing() {
        let column = |total, bad| Some(Column { total, bad, remaining_ppm: None });
        let columns = [
            column(Some(5_000), 4_000),
            column(Some(5_000), 1_000),
            column(Some(9), 1),
            column(Some(9), 0),
            column(Some(0), 0),
            column(None, 0),
            None,
        ];
        let heights = heights(&columns, None);
        assert_eq!(String::from_iter(bars(&columns, &heights, MIN_BAD)), "█▄▁ ·░ ");
    }

    #[test]
    fn given_the_newest_column_when_half_of_it_has_passed_then_it_does_not_look_as_if_it_were_ending() {
        let column = |bad| Some(Column { total: Some(5_000), bad, remaining_ppm: None });
        let burning = [column(4_000), column(4_000), column(1_000)];
        let drawn =
            |columns: &[Option<Column>], filling| String::from_iter(bars(columns, &heights(columns, filling), MIN_BAD));
        assert_eq!(drawn(&burning, Some(Filling { place: 2, passed_ppm: 250_000 })), "███");
        assert_eq!(drawn(&burning, None), "██▄", "one that is whole has less");
        // what comes faster than before does not make the others lower than they were counted
        assert_eq!(drawn(&[column(4_000), column(4_000)], Some(Filling { place: 1, passed_ppm: 250_000 })), "██");
        // nothing is drawn that is not there
        assert_eq!(drawn(&[column(4_000), column(0)], Some(Filling { place: 1, passed_ppm: 250_000 })), "█ ");
    }

    #[test]
    fn given_four_failures_of_very_many_when_drawn_then_they_do_not_look_like_an_outage() {
        let column = |bad| Some(Column { total: Some(12_000), bad, remaining_ppm: None });
        let columns = [column(0), column(4), column(0)];
        let drawn =
            |allowed_ppm| String::from_iter(bars(&columns, &heights(&columns, None), least(&columns, allowed_ppm)));
        // 86 of 12,000 would page at 99.95 %
        assert_eq!(drawn(500), " ▂ ");
        // without any budget ten do
        assert_eq!(drawn(0), " ▆ ");
    }

    #[test]
    fn given_bars_when_there_is_room_beside_them_then_it_is_said_what_the_highest_stands_for() {
        let cells = |row: &str| row.chars().collect::<Vec<_>>();
        assert_eq!(free(&cells("          ▂█"), 6), Some(3));
        assert_eq!(free(&cells("  ▂█          "), 6), Some(5));
        assert_eq!(free(&cells("░░░░░░░░░░▂█"), 6), None);
        assert_eq!(free(&cells("            "), 6), None);
    }

    #[test]
    fn given_a_source_that_stopped_when_its_last_column_has_passed_then_it_is_as_high_as_it_was_counted() {
        let from = sample::at("23:00:00");
        let step = Span::seconds(60);
        let axis = Axis { from, step, columns: 10, left: 0, names: 0, bar: 10, right: 0, origin: from, ahead: step };
        let known = Column { total: Some(5_000), bad: 1_000, remaining_ppm: None };
        let columns = [Some(known), Some(known), Some(Column::default()), None];
        // what it wrote last, and when it was counted
        let filling = |newest, counted| {
            filling(&axis, &(sample::at(counted), Burn { newest: Some(sample::at(newest)), ..burn() }), &columns)
        };
        let half = Some(Filling { place: 1, passed_ppm: 500_000 });
        assert_eq!(filling("23:01:30", "23:01:30"), half);
        assert_eq!(filling("23:01:12", "23:01:30"), half, "a part of it that is quiet has passed too");
        assert_eq!(filling("23:01:30", "23:02:00"), None);
        assert_eq!(filling("23:01:30", "23:20:00"), None, "for as long as it is shown");
    }

    proptest! {
        #[test]
        fn given_any_columns_when_drawn_then_every_column_has_a_cell_and_what_is_bad_has_a_bar(counts in proptest::collection::vec((any::<Option<u64>>(), any::<u64>()), 0..40), place in 0usize..50, passed in any::<u64>(), allowed_ppm in any::<u32>()) {
            let columns: Vec<_> = counts.iter().map(|(total, bad)| Some(Column { total: *total, bad: *bad, remaining_ppm: None })).collect();
            let cells = bars(&columns, &heights(&columns, Some(Filling { place, passed_ppm: passed })), least(&columns, allowed_ppm));
            prop_assert_eq!(cells.len(), columns.len());
            prop_assert!(cells.iter().zip(&counts).all(|(cell, (_, bad))| (*bad > 0) == EIGHTHS.contains(cell)));
        }
    }
}

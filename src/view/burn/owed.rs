//! What is owed, right of the bar: each thing in the column of its time, with its words.
//!
//! It must not know how the past looks.

use super::axis::Axis;
use super::marks::TICK;
use super::title::{Trust, trust};
use crate::app::App;
use crate::incident::cadence::{Due, DueKind};
use crate::incident::phase::Phase;
use crate::incident::time::Time;
use crate::view::ages::lasted;
use crate::view::phrase;
use crate::view::text;
use crate::view::theme::{Meaning, Theme};
use ratatui::buffer::Buffer;

/// How many things are placed at most.
const MOST: usize = 12;

/// One thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// By when.
    pub at: Time,
    /// What, and whose.
    pub words: String,
    /// The same in fewer words.
    pub short: String,
    /// How it looks.
    pub meaning: Meaning,
    /// It stands under its goal as well, and gives way where there is no room.
    pub yields: bool,
}

/// What is owed, the soonest first; what is overdue stands at its head.
pub fn slots(app: &App, now: Time) -> Vec<Slot> {
    let due = app.incident.due(&app.rules, now);
    let mut slots: Vec<Slot> = due.iter().take(MOST).map(|due| slot(due, now)).collect();
    if let Some(at) = may_resolve(app, now).filter(|at| *at > now) {
        let words = String::from("may resolve");
        slots.push(Slot { at, short: words.clone(), words, meaning: Meaning::Text, yields: false });
    }
    slots.sort_by_key(|slot| slot.at);
    slots
}

fn slot(due: &Due, now: Time) -> Slot {
    let (what, short) = match due.kind {
        DueKind::Promise => ("promise".into(), "promise"),
        DueKind::CheckIn => (phrase::folded(&due.what), "check-in"),
        DueKind::PublicUpdate => (phrase::folded(&due.what), "public"),
        DueKind::InternalUpdate => (phrase::folded(&due.what), "internal"),
        DueKind::Task => (phrase::folded(&due.what), "task"),
    };
    let who = due.who.as_ref().map(|who| format!(" {who}")).unwrap_or_default();
    let late = match due.is_overdue(now) {
        true if lasted(due.at, now).is_none() => "DUE NOW ",
        true => "OVERDUE ",
        false => "",
    };
    let meaning = match due.is_overdue(now) {
        true => Meaning::Overdue,
        false if now >= due.rings => Meaning::Due,
        false => Meaning::Text,
    };
    let yields = due.kind == DueKind::Task;
    Slot { at: due.at, words: format!("{late}{what}{who}"), short: format!("{late}{short}{who}"), meaning, yields }
}

/// When the exit criterion will be met, if nothing fails again.
fn may_resolve(app: &App, now: Time) -> Option<Time> {
    let slo = app.shown_slo()?;
    let calm = app.incident.phase() == Phase::Mitigated && !matches!(trust(slo, now), Trust::None(..));
    let since = app.good_since().filter(|_| calm)?;
    Some(since.plus(app.rules.good_for))
}

/// Draws them, a row each, from `top` on; the last row says how many more there are. Then the times on the axis' row.
pub fn draw(
    theme: &Theme,
    axis: &Axis,
    now: Time,
    slots: &[Slot],
    rows: (u16, u16),
    axis_row: Option<u16>,
    buf: &mut Buffer,
) {
    if axis.right == 0 {
        return;
    }
    let (top, height) = rows;
    let mut shown: Vec<&Slot> = slots.iter().filter(|slot| slot.at <= now || axis.ahead(slot.at).is_some()).collect();
    while shown.len() > usize::from(height) {
        let Some(place) = shown.iter().rposition(|slot| slot.yields) else { break };
        shown.remove(place);
    }
    let first = axis.bar + 1;
    for (row, slot) in (0..height).zip(&shown) {
        let y = top + row;
        let left = shown.len().saturating_sub(usize::from(height));
        if row + 1 == height && left > 0 {
            let words = format!(" {} more", left + 1);
            phrase::put(buf, first, y, axis.right, &words, theme.style(Meaning::Muted));
            continue;
        }
        let column = if slot.at <= now { 0 } else { axis.ahead(slot.at).unwrap_or(0) };
        let (cell, words) = beside(usize::from(axis.right), usize::from(column), &slot.words, &slot.short);
        put(buf, theme, axis, cell, y, &words, slot.meaning);
    }
    if let Some(y) = axis_row {
        times(theme, axis, now, &shown, y, buf);
    }
}

/// Words beside a tick: after it where they fit, else before it, else the same in fewer and fewer words, at last cut on the roomier side. Answers with
/// the first cell and the whole.
fn beside(cells: usize, column: usize, words: &str, short: &str) -> (usize, String) {
    let after = cells.saturating_sub(column + 1);
    // the last word, mostly a name, is missed least
    let fewer = std::iter::successors(Some(short), |words| words.rsplit_once(' ').map(|(fewer, _)| fewer));
    for words in std::iter::once(words).chain(fewer) {
        let width = text::width(words);
        if width <= after {
            return (column, format!("{TICK}{words}"));
        }
        if width <= column {
            return (column - width, format!("{words}{TICK}"));
        }
    }
    if after >= column {
        return (column, format!("{TICK}{}", text::cut(short, after)));
    }
    let words = text::cut(short, column);
    (column - text::width(&words), format!("{words}{TICK}"))
}

/// The times of what is owed, on the axis: the soonest wins where two would touch.
fn times(theme: &Theme, axis: &Axis, now: Time, slots: &[&Slot], y: u16, buf: &mut Buffer) {
    let mut free = 0;
    for slot in slots.iter().filter(|slot| slot.at > now) {
        let label = slot.at.clock_minutes();
        let column = usize::from(axis.ahead(slot.at).unwrap_or(0));
        let (cell, words) = beside(usize::from(axis.right), column, &label, &label);
        if cell < free || text::width(&words) < text::width(&label) {
            continue;
        }
        put(buf, theme, axis, cell, y, &words, Meaning::Muted);
        free = cell + text::width(&words) + 1;
    }
}

fn put(buf: &mut Buffer, theme: &Theme, axis: &Axis, cell: usize, y: u16, words: &str, meaning: Meaning) {
    let cell = u16::try_from(cell).unwrap_or(axis.right).min(axis.right);
    phrase::put(buf, axis.bar + 1 + cell, y, axis.right - cell, words, theme.style(meaning));
}

/// How far ahead things are looked for: for the axis.
pub fn times_of(slots: &[Slot], now: Time) -> Vec<Time> {
    slots.iter().map(|slot| slot.at).filter(|at| *at > now).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_thing_near_the_edge_when_placed_then_its_words_stand_before_its_tick() {
        let beside = |cells, column, words| beside(cells, column, words, "public Ben");
        assert_eq!(beside(20, 3, "check-in Ana"), (3, "│check-in Ana".into()));
        assert_eq!(beside(20, 18, "public update Ben"), (1, "public update Ben│".into()));
        assert_eq!(beside(14, 2, "public update Ben"), (2, "│public Ben".into()));
        assert_eq!(beside(10, 2, "public update Ben"), (2, "│public".into()));
        assert_eq!(beside(7, 2, "public update Ben"), (2, "│pub…".into()));
        assert_eq!(beside(1, 0, "check-in Ana"), (0, "│".into()));
    }
}

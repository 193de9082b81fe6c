//! The burn as a ribbon with one time axis: cause, act, effect and debt are read by dropping the eye down a column.
//!
//! ```text
//! ── Burn   api-availability 99.95 % of 30 d   33.7 % left (80.0 before)   lb, live ──── owed ────
//!   100 %  ⠉⠉⠉⠉⠉⠉⠉⠉⠒⠒⠒⠒⠤⠤⢄⣀⡀        the curve                      ┃     │check-in Ana
//!     0 %                    ⠈⠉⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒                           ┃       public update Ben│
//! refused          ▁▁▃▃▅▅▇▇██████████        bad events               ┃
//! changed     │deploy 1823                                            ┃
//!   acted              │declared │1822 asked  │1822 seen              ┃
//!          │22:45          │22:50          │22:55                  now┃     │23:15       23:30│
//! since 1822 was asked: refused 4,000/min -> 0 after 3 min 20 s   exit: 15 min good, 2 done
//! ```
//!
//! It must not know what else is on the screen.

mod ahead;
mod alarming;
mod axis;
mod bad;
mod curve;
mod effect;
mod marks;
mod owed;
pub mod past;
mod table;
pub mod title;

use super::phrase;
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::feed::{Burn, Column};
use crate::app::{App, Panel, SloDesk};
use crate::incident::time::{Span, Time};
use crate::incident::timeline::percent;
use crate::query::slo::MILLION;
use axis::Axis;
use bad::Filling;
use curve::Scale;
use marks::Mark;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use title::Trust;

/// What stands in the row of zero where the budget is overspent.
const ZERO: char = '┈';
/// So many rows have no room for the alarms below the chart.
const SHORT: u16 = 7;

/// How high the ribbon wants to be on a screen of so many rows; nothing without an SLO.
pub fn height(app: &App, rows_available: u16) -> u16 {
    if app.shown_slo().is_none() {
        return 0;
    }
    match rows_available {
        0..14 => 1,
        14..20 => 3,
        20..24 => 5,
        24..30 => 7,
        30..36 => 9,
        36..44 => 12,
        44..56 => 14,
        _ => 16,
    }
}

/// The rows of the ribbon, from above; those without a place have no row.
struct Plan {
    curve: (u16, u16),
    bad: Option<u16>,
    changed: Option<u16>,
    acted: Option<u16>,
    axis: Option<u16>,
    said: (u16, u16),
}

impl Plan {
    /// Shares out rows below the title: the axis with bad events first, then marks, then the curve, then the sentence. What the last act did is
    /// worth a row of the curve.
    fn new(area: Rect) -> Plan {
        let rows = area.height.saturating_sub(1);
        let (curve, bad, marks, axis, said) = match rows {
            0 => (0, 0, 0, 0, 0),
            1 => (0, 0, 0, 0, 1),
            2 => (0, 1, 0, 1, 0),
            3 => (0, 1, 1, 1, 0),
            4..=5 => (rows - 3, 1, 1, 1, 0),
            6..=7 => (rows - 4, 1, 1, 1, 1),
            8..=10 => (rows - 5, 1, 2, 1, 1),
            _ => (rows - 6, 1, 2, 1, 2),
        };
        let top = area.top() + 1;
        let mut next = top + curve;
        let mut take = |wanted: u16| {
            let row = (wanted > 0).then_some(next);
            next += wanted.min(1);
            row
        };
        let bad = take(bad);
        let acted = take(marks.min(1));
        let changed = if marks > 1 { acted } else { None };
        let acted = if marks > 1 { take(1) } else { acted };
        let axis = take(axis);
        Plan { curve: (top, curve), bad, changed, acted, axis, said: (next, said) }
    }
    /// The rows that the bar runs through.
    fn barred(&self) -> (u16, u16) {
        let end = self.axis.or(self.acted).or(self.bad).map_or(self.curve.0 + self.curve.1, |row| row + 1);
        (self.curve.0, end.saturating_sub(self.curve.0))
    }
}

/// Draws the ribbon; answers with the chart's beginning, step and columns where there is a chart.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> Option<(Time, Span, u16)> {
    let whole = area.intersection(buf.area);
    let slo = app.shown_slo()?;
    if whole.is_empty() {
        return None;
    }
    // zoomed, the tables below it tell what the picture cannot
    let below = if app.zoomed && app.focus == Panel::Burn { table::height(app, whole.height) } else { 0 };
    let area = Rect { height: whole.height - below, ..whole };
    table::draw(app, theme, now, Rect { y: area.bottom(), height: below, ..whole }, buf);
    let plan = Plan::new(area);
    let slots = owed::slots(app, now);
    let axis = Axis::new(app, now, area, &owed::times_of(&slots, now)).filter(|_| plan.axis.is_some());
    let short = area.height <= SHORT;
    head(app, theme, now, area, axis.as_ref(), slo, short, buf);
    // an objective that is not on the screen is said first when it is alarming: dead servers send no errors
    let alarming = if short { Vec::new() } else { alarming::parts(app, now) };
    let mut sentence =
        if app.chart_until(now).is_some() { past::parts(app, slo, now, plan.said.1) } else { Vec::new() };
    sentence.extend(alarming);
    sentence.extend(effect::parts(app, slo, now));
    said(theme, area, &plan, sentence, buf);
    let axis = axis?;
    let trust = title::trust(slo, now);
    let columns = app.burn().map(|burn| curve::columns(&axis, burn)).unwrap_or_default();
    let believed = matches!(trust, Trust::Live) && app.chart_until(now).is_none();
    let soon = app.burn().filter(|burn| believed && plan.curve.1 > 0 && ahead::is_soon(&axis, burn));
    let scale = Scale::of(&columns, soon.is_some());
    let filling = slo.feed.last.as_ref().and_then(|counted| bad::filling(&axis, counted, &columns));
    picture(theme, &axis, &plan, (&columns, scale, filling), slo, buf);
    let shared = plan.changed.is_none();
    let (changed, acted) = (marks::changed(app, &axis, shared), marks::acted(app, &axis, shared));
    match (plan.changed, plan.acted) {
        (Some(above), Some(below)) => {
            mark_row(theme, &axis, above, "changed", changed, buf);
            mark_row(theme, &axis, below, "acted", acted, buf);
        }
        (_, Some(row)) => mark_row(theme, &axis, row, "acts", changed.into_iter().chain(acted).collect(), buf),
        _ => {}
    }
    if let Some(row) = plan.axis {
        time_row(theme, &axis, row, app.chart_until(now).map(|_| axis.end(now)), buf);
    }
    // what is not known of the present says nothing about a time that is over
    let told = app.burn();
    if app.chart_until(now).is_some() {
        if told.is_none_or(|burn| !app.is_charted(burn, now)) {
            loud(theme, &axis, &plan, &Trust::Asking(past::unanswered(slo).into()), None, buf);
        }
    } else {
        loud(theme, &axis, &plan, &trust, told, buf);
    }
    bar(theme, &axis, &plan, buf);
    let (top, rows) = plan.barred();
    if let Some((burn, scale)) = soon.zip(scale) {
        ahead::draw(theme, &axis, plan.curve, scale, burn, now, buf);
    }
    owed::draw(theme, &axis, now, &slots, (top, rows - u16::from(plan.axis.is_some())), plan.axis, buf);
    Some((axis.from, axis.step, axis.columns))
}

/// The rules above the chart. Where there is room for no sentence but what the last act did, they carry the alarms too.
#[expect(
    clippy::too_many_arguments,
    reason = "it draws two titles of one panel, and each of them needs the whole picture"
)]
fn head(
    app: &App,
    theme: &Theme,
    now: Time,
    area: Rect,
    axis: Option<&Axis>,
    slo: &SloDesk,
    alone: bool,
    buf: &mut Buffer,
) {
    let until = app.chart_until(now).and_then(|_| axis.map(|axis| axis.end(now)).or(app.chart_end(now)));
    let left_ppm = app.then(slo, now).and_then(|then| then.remaining_ppm);
    let back = until.map(|until| title::Back { until, now, left_ppm });
    let title = title::title(slo, app.slos.len() > 1, back.as_ref(), now);
    let parts = if alone { alarming::title(app, slo, now, title) } else { title.parts() };
    let right = axis.filter(|axis| axis.right > 0);
    let width = right.map_or(area.width, |axis| axis.bar - area.left());
    let focused = app.focus == Panel::Burn;
    phrase::rule(buf, theme, (area.left(), area.top()), width, focused, parts);
    if let Some(axis) = right {
        let owed = vec![phrase::Part::new("owed", Meaning::Heading)];
        phrase::rule(buf, theme, (axis.bar, area.top()), axis.right + 1, focused, owed);
    }
}

/// The sentence, in one row or two: what does not fit in the first begins the second.
fn said(theme: &Theme, area: Rect, plan: &Plan, parts: Vec<phrase::Part>, buf: &mut Buffer) {
    let (top, rows) = plan.said;
    let mut rest = parts;
    for row in 0..rows {
        let mut shown = phrase::fitted(rest.clone(), usize::from(area.width));
        // what would be cut here and fits below stands there
        while row + 1 < rows && shown.len() > 1 && phrase::width(&shown) > usize::from(area.width) {
            shown.pop();
        }
        phrase::write(buf, theme, area.left(), top + row, area.width, &shown);
        // what explains words says nothing in a row without them
        let mut stands = false;
        rest.retain(|part| {
            stands = shown.contains(part) || stands && part.before == phrase::EXPLAINS;
            !stands
        });
        if rest.is_empty() {
            break;
        }
    }
}

fn picture(
    theme: &Theme,
    axis: &Axis,
    plan: &Plan,
    (columns, scale, filling): (&[Option<Column>], Option<Scale>, Option<Filling>),
    slo: &SloDesk,
    buf: &mut Buffer,
) {
    let (top, rows) = plan.curve;
    if let Some(scale) = scale.filter(|_| rows > 0) {
        let style = theme.style(Meaning::ChartLine);
        for (row, cells) in (top..).zip(curve::braille(columns, scale, usize::from(rows))) {
            put_cells(buf, axis.left, row, &cells, style);
        }
        for (row, value) in scale.labels(usize::from(rows)) {
            // in a narrow one digits take the place of the blank, then of the sign: one that is cut is another number
            let words = label(value);
            let shorter = ["%", ""].map(|sign| words.replace(" %", sign));
            let fits = |words: &String| text::fits(words, usize::from(axis.names.saturating_sub(1)));
            let words = std::iter::once(words).chain(shorter).find(fits).unwrap_or_default();
            let row = top + u16::try_from(row).unwrap_or(0);
            name(theme, axis, row, if rows > 1 { &words } else { "left" }, Meaning::Muted, buf);
        }
        if let Some(zero) = scale.zero(usize::from(rows)).and_then(|row| u16::try_from(row).ok()) {
            for column in 0..axis.columns {
                if buf.cell((axis.left + column, top + zero)).is_some_and(|cell| cell.symbol() == " ") {
                    put_cells(buf, axis.left + column, top + zero, &[ZERO], theme.style(Meaning::Rule));
                }
            }
        }
    }
    if let Some(row) = plan.bad {
        let target_ppm = slo.slices.map_or(slo.target_ppm, |slices| slices.target_ppm);
        bad::draw(theme, axis, row, columns, filling, MILLION.saturating_sub(target_ppm), buf);
        let word = slo.called.as_str();
        let word = if text::fits(word, usize::from(axis.names.saturating_sub(1))) { word } else { "bad" };
        name(theme, axis, row, word, Meaning::Muted, buf);
    }
}

/// A share of the budget beside the curve: five digits at most.
fn label(ppm: i64) -> String {
    match ppm / 10_000 {
        whole if whole.abs() >= 10_000 => format!("{}k %", whole / 1_000),
        _ => percent(ppm).replace(".0 ", " "),
    }
}

/// The name of a row, at the right edge of the names.
fn name(theme: &Theme, axis: &Axis, row: u16, words: &str, meaning: Meaning, buf: &mut Buffer) {
    let cells = axis.names.saturating_sub(1);
    let shown = text::pad_left(words, usize::from(cells));
    phrase::put(buf, axis.left - axis.names, row, cells, &shown, theme.style(meaning));
}

fn mark_row(theme: &Theme, axis: &Axis, row: u16, label: &str, marks: Vec<Mark>, buf: &mut Buffer) {
    name(theme, axis, row, label, Meaning::Muted, buf);
    for mark in marks::placed(axis, usize::from(axis.columns), marks) {
        let cell = u16::try_from(mark.cell).unwrap_or(0);
        phrase::put(buf, axis.left + cell, row, axis.columns - cell, &mark.text, theme.style(mark.meaning));
    }
}

fn time_row(theme: &Theme, axis: &Axis, row: u16, until: Option<Time>, buf: &mut Buffer) {
    let end = until.map_or("now".into(), Time::clock_minutes);
    let room = usize::from(axis.columns).saturating_sub(text::width(&end) + 1);
    // a time whose words do not fit before "now" is left out
    for (column, label) in axis.ticks() {
        if usize::from(column) + 1 + text::width(&label) <= room {
            let words = format!("{}{label}", marks::TICK);
            phrase::put(buf, axis.left + column, row, axis.columns - column, &words, theme.style(Meaning::Muted));
        }
    }
    let cells = u16::try_from(text::width(&end)).unwrap_or(3);
    phrase::put(buf, axis.bar.saturating_sub(cells), row, cells, &end, theme.style(Meaning::Heading));
}

/// Where nothing may look healthy, the words stand in the chart, where the line ended.
fn loud(theme: &Theme, axis: &Axis, plan: &Plan, trust: &Trust, burn: Option<&Burn>, buf: &mut Buffer) {
    let (words, meaning, since) = match trust {
        Trust::None(word, since) => (format!(" {word} since {} ", since.clock_minutes()), Meaning::Urgent, *since),
        Trust::Asking(words) => (format!(" {words} "), Meaning::Muted, axis.from),
        Trust::Beyond => (format!(" {} ", title::BEYOND), Meaning::Unknown, axis.from),
        Trust::Live | Trust::Doubtful(_) => return,
    };
    let width = u16::try_from(text::width(&words)).unwrap_or(u16::MAX).min(axis.columns);
    let ended = burn.and_then(curve::ends).unwrap_or(since);
    let column = if ended <= axis.from { 0 } else { axis.column(ended).map_or(axis.columns, |c| c + 1) };
    let column = column.min(axis.columns - width);
    let (top, rows) = plan.curve;
    // the middle row, or one in which they hide nothing of the line
    let middle = if rows > 0 { top + rows / 2 } else { plan.bad.unwrap_or(top) };
    let is_free = |row: &u16| {
        let under = (axis.left + column..axis.left + column + width).map(|x| buf.cell((x, *row)));
        under.flatten().all(|cell| cell.symbol() == " ")
    };
    let row = std::iter::once(middle).chain((top..top + rows).rev()).find(is_free).unwrap_or(middle);
    phrase::put(buf, axis.left + column, row, width, &words, theme.style(meaning));
}

fn bar(theme: &Theme, axis: &Axis, plan: &Plan, buf: &mut Buffer) {
    let (top, rows) = plan.barred();
    for row in top..top + rows {
        phrase::put(buf, axis.bar, row, 1, "┃", theme.style(Meaning::Now));
    }
}

fn put_cells(buf: &mut Buffer, x: u16, y: u16, cells: &[char], style: ratatui::style::Style) {
    let row: String = cells.iter().collect();
    super::cells::put(buf, x, y, &row, cells.len(), style);
}

#[cfg(test)]
mod tests;

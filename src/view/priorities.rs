//! What is owed, the most urgent first, then the goals by rank with what is open under each.
//!
//! It must not know what is owed or why: it draws the rows it is given.

use super::owed::Pen;
use super::row::{Row, narrow, nth, select, title};
use super::theme::{Meaning, Theme};
use crate::app::priorities::Row as Item;
use crate::app::{App, Panel};
use crate::incident::cadence::DueKind;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Below this width, or with fewer rows than this when not all fit, the short form is drawn.
const NARROW: u16 = 50;
const SHORT: u16 = 6;

/// How many rows it would like to have, its title included.
pub fn wanted(app: &App, now: Time) -> u16 {
    narrow(app.priorities(now).len().max(1)).saturating_add(1)
}

/// Draws the panel.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let items = app.priorities(now);
    let body = Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    let fits = items.len() <= usize::from(body.height) && area.width >= NARROW;
    let short = !fits && (area.width < NARROW || body.height < SHORT);
    let mut sheet = Sheet { app, now, body, line: 0, pen: Pen::new(app, theme, now, &items, body.width) };
    let hidden = if short { sheet.short(&items, buf) } else { sheet.full(&items, buf) };
    let mut row = Row::new(3);
    row.left("Priorities", theme.style(Meaning::Heading), 0);
    if hidden > 0 {
        row.left(format!("{hidden} more"), theme.style(Meaning::Due), 0);
    }
    title(row, app.focus == Panel::Priorities, theme, area, buf);
}

/// What is owed, a line for each, for screens with room for nothing else.
pub fn owed<'a>(app: &'a App, theme: &'a Theme, now: Time) -> Vec<Row<'a>> {
    let items = app.priorities(now);
    let mut pen = Pen::new(app, theme, now, &items, 0);
    let rows = items.iter().filter_map(|item| match item {
        Item::Unsure(_, words) => Some(pen.unsure(words)),
        Item::Act(_, words) => Some(pen.act(words)),
        Item::Due(due) => Some(pen.due_in_short(due)),
        Item::Proposed(proposal) => Some(pen.proposed(proposal)),
        Item::Goal(..) | Item::Task(_) | Item::Question(_) => None,
    });
    rows.collect()
}

/// How urgent a row is when not all fit: the lowest stay.
fn urgency(item: &Item<'_>, selected: bool, now: Time) -> u8 {
    match item {
        _ if selected => 0,
        Item::Unsure(..) | Item::Act(..) => 0,
        Item::Due(due) if due.is_overdue(now) => 1,
        Item::Due(due) if now >= due.rings => 2,
        Item::Goal(..) | Item::Proposed(_) => 3,
        Item::Due(due) if due.kind != DueKind::InternalUpdate => 4,
        Item::Task(task) if task.what.due.is_some() => 5,
        Item::Question(_) => 6,
        Item::Task(_) => 7,
        Item::Due(_) => 8,
    }
}

/// The places of the rows that stay, in their order.
fn kept(items: &[Item<'_>], rows: usize, app: &App, now: Time) -> Vec<usize> {
    let chosen = |item: &Item<'_>| item.id().is_some() && item.id() == app.priority;
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by_key(|place| items.get(*place).map(|item| urgency(item, chosen(item), now)));
    places.truncate(rows);
    places.sort_unstable();
    places
}

/// The panel being filled from its top.
struct Sheet<'a> {
    app: &'a App,
    now: Time,
    body: Rect,
    line: u16,
    pen: Pen<'a>,
}

impl<'a> Sheet<'a> {
    /// One line for each row, columns aligned; says how many did not fit.
    fn full(&mut self, items: &[Item<'a>], buf: &mut Buffer) -> usize {
        let kept = kept(items, usize::from(self.body.height), self.app, self.now);
        for item in kept.iter().filter_map(|place| items.get(*place)) {
            let row = match item {
                Item::Due(due) => self.pen.due(due),
                Item::Goal(rank, words, beside) => self.pen.goal(*rank, words, beside),
                Item::Task(task) => self.pen.task(task),
                Item::Question(question) => self.pen.question(question),
                Item::Unsure(_, words) => self.pen.unsure(words),
                Item::Act(_, words) => self.pen.act(words),
                Item::Proposed(proposal) => self.pen.proposed(proposal),
            };
            self.put(row, item, buf);
        }
        if items.is_empty() {
            self.nothing(buf);
        }
        items.len() - kept.len()
    }

    fn nothing(&mut self, buf: &mut Buffer) {
        let mut row = Row::new(1);
        let words = if self.app.reading().is_some() { "–" } else { "nothing is owed" };
        row.left(words, self.pen.theme.style(Meaning::Muted), 0);
        row.draw(nth(self.body, self.line), buf);
    }

    fn put(&mut self, row: Row<'_>, item: &Item<'_>, buf: &mut Buffer) {
        let line = nth(self.body, self.line);
        row.draw(line, buf);
        let chosen = item.id().is_some() && item.id() == self.app.priority;
        if chosen && self.app.focus == Panel::Priorities {
            select(line, self.pen.theme, buf);
        }
        self.line += 1;
    }

    /// Two things owed in one line, each goal in one line with what is first open under it; says how many rows are hidden.
    fn short(&mut self, items: &[Item<'a>], buf: &mut Buffer) -> usize {
        if items.is_empty() {
            self.nothing(buf);
            return 0;
        }
        let mut lines = self.lines(items);
        let rows = usize::from(self.body.height);
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by_key(|place| lines.get(*place).map(|line| line.urgency));
        let dropped: Vec<usize> = order.split_off(rows.min(order.len()));
        let mut hidden = 0;
        for (place, line) in lines.drain(..).enumerate() {
            if dropped.contains(&place) {
                hidden += line.items.len();
                continue;
            }
            let (Some(first), second) = (line.items.first(), line.items.get(1)) else { continue };
            let row = match (first, second) {
                (Item::Due(one), Some(Item::Due(other))) => self.pen.two_dues(one, other),
                (Item::Due(due), _) => self.pen.due_in_short(due),
                (Item::Goal(rank, words, beside), item) => self.pen.goal_in_short(*rank, words, beside, item.copied()),
                (Item::Unsure(_, words), _) => self.pen.unsure(words),
                (Item::Act(_, words), _) => self.pen.act(words),
                (Item::Proposed(proposal), _) => self.pen.proposed(proposal),
                (Item::Task(task), _) => self.pen.task(task),
                (Item::Question(question), _) => self.pen.question(question),
            };
            let chosen = line.items.iter().find(|i| i.id().is_some() && i.id() == self.app.priority);
            self.put(row, chosen.unwrap_or(first), buf);
        }
        hidden
    }

    /// What shares a line in the short form.
    fn lines<'i>(&self, items: &'i [Item<'a>]) -> Vec<Line<'i, 'a>> {
        let mut lines: Vec<Line<'i, 'a>> = Vec::new();
        let pairs = self.body.width >= 70;
        for item in items {
            let chosen = item.id().is_some() && item.id() == self.app.priority;
            let urgency = urgency(item, chosen, self.now);
            let joins = match (lines.last().map(|line| line.items.as_slice()), item) {
                (Some([Item::Due(_)]), Item::Due(_)) => pairs,
                (Some([Item::Goal(..)]), Item::Task(_) | Item::Question(_)) => true,
                _ => false,
            };
            match lines.last_mut().filter(|_| joins) {
                Some(line) => {
                    line.items.push(item);
                    line.urgency = line.urgency.min(urgency);
                }
                None => lines.push(Line { items: vec![item], urgency }),
            }
        }
        lines
    }
}

/// What shares one line of the short form.
struct Line<'i, 'a> {
    items: Vec<&'i Item<'a>>,
    urgency: u8,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{empty, keys, lines, minute_14, now, overdue, theme};

    #[test]
    fn what_is_overdue_comes_first_and_right_edges_align() {
        assert_eq!(
            lines(&overdue(), draw, 66, 10),
            [
                "── Priorities ────────────────────────────────────────────────────",
                "OVERDUE 4 min  23:00  check-in               Ana                 c",
                "OVERDUE 4 min  23:00  first internal update  Ana                 u",
                "       25 min  23:30  public update          Ben                 u",
                "1 customer data is safe       data lost, said 23:02",
                "    how many events lost, and whose?         Eli       asked 23:03",
                "2 people know                 told 22:55, visible 22:56",
                "3 service works again         exit: 15 min good, no data",
                "    keep 1823 off new hosts                  Fay     23:05    40 s",
                "    lift the freeze (to undo)                nobody",
            ]
        );
    }

    #[test]
    fn given_a_narrow_row_when_a_freeze_is_proposed_then_whose_budget_it_is_outlasts_the_condition() {
        let mut burn = crate::view::burning::burn();
        burn.conditions[0].spells = vec![crate::view::burning::spell("23:01:00", None)];
        let app = crate::view::burning::minute_14(Ok(burn));
        let rows = lines(&app, draw, 80, 10);
        let proposed = rows.iter().find(|row| row.starts_with("proposed")).unwrap();
        assert!(proposed.contains("  api-availability: 30.8 % left, page: over 14.4x  "), "nothing is cut: {proposed}");
    }

    #[test]
    fn in_the_short_form_two_dues_share_a_line_and_each_goal_has_one() {
        assert_eq!(
            lines(&overdue(), draw, 80, 5),
            [
                "── Priorities   2 more ─────────────────────────────────────────────────────────",
                "OVERDUE 4 min  check-in 23:00  c       and first internal 23:00 OVERDUE 4 min  u",
                "1 customer data is safe  how many events lost, and whose?       Eli  asked 23:03",
                "2 people know            told 22:55, visible 22:56",
                "3 service works again    keep 1823 off new hosts              Fay  23:05    40 s",
            ]
        );
    }

    #[test]
    fn when_rows_do_not_fit_the_most_urgent_stay_and_the_rest_is_counted() {
        let drawn = lines(&overdue(), draw, 66, 8);
        assert!(drawn[0].contains("2 more"), "{drawn:?}");
        assert!(drawn[1].starts_with("OVERDUE") && drawn[2].starts_with("OVERDUE"));
        assert!(!drawn.iter().any(|line| line.contains("lift the freeze")));
    }

    #[test]
    fn the_selected_row_is_marked_and_stays() {
        let mut app = overdue();
        keys(&mut app, "1 j j j j");
        let chosen = app.priority.expect("a row");
        let items = app.priorities(now());
        assert!(matches!(items.iter().find(|i| i.id() == Some(chosen)), Some(Item::Task(t)) if t.what.undo));
        let area = Rect::new(0, 0, 66, 6);
        let mut buf = Buffer::empty(area);
        draw(&app, &theme("plain"), now(), area, &mut buf);
        let reversed = |y: u16| buf[(0, y)].modifier.contains(ratatui::style::Modifier::REVERSED);
        let marked: Vec<String> = crate::view::sample::dump(&buf)
            .into_iter()
            .zip(0..)
            .filter(|(line, y)| *y > 0 && !line.starts_with("OVERDUE") && reversed(*y))
            .map(|(line, _)| line)
            .collect();
        assert!(marked.len() == 1 && marked[0].contains("lift the freeze"), "{marked:?}");
    }

    #[test]
    fn nothing_owed_is_said() {
        assert_eq!(lines(&empty(), draw, 50, 2)[1], "nothing is owed");
        assert!(wanted(&minute_14(), now()) > 4);
    }
}

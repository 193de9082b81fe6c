//! What is owed, the most urgent first, then the goals by rank with what is open under each.
//!
//! It must not know what is owed or why: it draws the rows it is given.

use super::ages::{Countdowns, folded, moment, overdue};
use super::footer::key;
use super::row::{Row, narrow, nth, title};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::action::Action;
use crate::app::priorities::Row as Item;
use crate::app::{App, Panel};
use crate::incident::cadence::{Due, DueKind};
use crate::incident::promise::Audience;
use crate::incident::question::Question;
use crate::incident::task::Task;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Cells for a clock time.
const CLOCK: usize = 5;
/// Names get so many cells at most.
const NAME: usize = 10;
/// Below this width or height the short form is drawn.
const NARROW: u16 = 50;

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
    let short = !fits && (area.width < NARROW || body.height < 8);
    let (name, left) = widths(&items, now);
    let mut sheet = Sheet { app, theme, now, body, line: 0, countdowns: Countdowns::default(), name, left };
    let hidden = if short { sheet.short(&items, buf) } else { sheet.full(&items, buf) };
    let mut row = Row::new(3);
    row.left("Priorities", theme.style(Meaning::Heading), 0);
    if hidden > 0 {
        row.left(format!("{hidden} more"), theme.style(Meaning::Due), 0);
    }
    title(row, app.focus == Panel::Priorities, theme, area, buf);
}

/// What is owed, a line for each, for screens with room for nothing else.
pub fn owed<'a>(app: &'a App, theme: &Theme, now: Time) -> Vec<Row<'a>> {
    let mut countdowns = Countdowns::default();
    let items = app.priorities(now);
    let rows = items.iter().filter_map(|item| match item {
        Item::Unsure(_, words) => Some(unsure(words, theme)),
        Item::Due(due) => Some(due_in_short(app, theme, now, due, &mut countdowns)),
        Item::Goal(..) | Item::Task(_) | Item::Question(_) => None,
    });
    rows.collect()
}

/// How urgent a row is when not all fit: the lowest stay.
fn urgency(item: &Item<'_>, selected: bool, now: Time) -> u8 {
    match item {
        _ if selected => 0,
        Item::Unsure(..) => 0,
        Item::Due(due) if due.is_overdue(now) => 1,
        Item::Due(due) if now >= due.rings => 2,
        Item::Goal(..) => 3,
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
    theme: &'a Theme,
    now: Time,
    body: Rect,
    line: u16,
    countdowns: Countdowns,
    /// Cells for a name, and for how long until something.
    name: usize,
    left: usize,
}

/// Cells for the names and the countdowns of these rows.
fn widths(items: &[Item<'_>], now: Time) -> (usize, usize) {
    let (mut name, mut left) = (3, 6);
    let mut countdowns = Countdowns::default();
    for item in items {
        let who = match item {
            Item::Due(due) => due.who.as_deref().unwrap_or(NOBODY),
            Item::Task(task) => {
                let words = task.what.due.map(|at| countdowns.left(at, now)).unwrap_or_default();
                left = left.max(text::width(&words));
                task.what.owner.as_deref().unwrap_or(NOBODY)
            }
            Item::Question(question) => question.what.of.as_deref().unwrap_or_default(),
            Item::Goal(..) | Item::Unsure(..) => "",
        };
        name = name.max(text::width(who));
    }
    (name.min(NAME), left)
}

/// Who owes what nobody was asked for.
const NOBODY: &str = "nobody";

impl<'a> Sheet<'a> {
    /// One line for each row, columns aligned; says how many did not fit.
    fn full(&mut self, items: &[Item<'a>], buf: &mut Buffer) -> usize {
        let kept = kept(items, usize::from(self.body.height), self.app, self.now);
        let state = |item: &Item<'_>| match item {
            Item::Due(due) if due.is_overdue(self.now) => text::width(&overdue(due.at, self.now)),
            _ => 0,
        };
        let first = items.iter().map(state).max().unwrap_or(0).max(13);
        for item in kept.iter().filter_map(|place| items.get(*place)) {
            let row = match item {
                Item::Due(due) => self.due(due, first),
                Item::Goal(rank, words, beside) => self.goal(*rank, words, beside),
                Item::Task(task) => self.task(task),
                Item::Question(question) => self.question(question),
                Item::Unsure(_, words) => unsure(words, self.theme),
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
        row.left(words, self.theme.style(Meaning::Muted), 0);
        row.draw(nth(self.body, self.line), buf);
    }

    fn put(&mut self, row: Row<'_>, item: &Item<'_>, buf: &mut Buffer) {
        let line = nth(self.body, self.line);
        row.draw(line, buf);
        let chosen = item.id().is_some() && item.id() == self.app.priority;
        if chosen && self.app.focus == Panel::Priorities {
            buf.set_style(line, self.theme.style(Meaning::Selected));
        }
        self.line += 1;
    }

    /// `OVERDUE 4 min  23:00  check-in        Ana           c`
    fn due(&mut self, due: &Due, first: usize) -> Row<'a> {
        let (look, words) = state(due, self.now, &mut self.countdowns);
        let mut row = Row::new(2);
        row.left(text::pad_left(&words, first), self.theme.style(look), 0);
        let clock = moment(due.at, self.now);
        row.left(clock.clone(), self.theme.style(Meaning::Text), 0);
        let promised = due.promised.filter(|_| due.kind != DueKind::Promise);
        let promised = promised.map(|at| format!(", promised {}", at.clock_minutes())).unwrap_or_default();
        let key = due_key(self.app, due);
        let draft = now_is_for_drafting(due, self.now);
        let hint = if draft && !key.is_empty() { format!("draft {key}") } else { key };
        let room = self.words_room(first + 2 + text::width(&clock) + 2);
        let whole = format!("{}{promised}", due.what);
        let what = if text::fits(&whole, room) { &whole } else { &due.what };
        row.left(text::pad_right(what, room), self.theme.style(Meaning::Text), 0);
        let who = due.who.as_deref().unwrap_or(NOBODY);
        row.left(text::pad_right(who, self.name), self.who_look(who), 0);
        row.right(hint, self.theme.style(Meaning::Key), 0);
        row
    }

    /// Cells for the words of a row after `used` cells, left of name, clock and time left.
    fn words_room(&self, used: usize) -> usize {
        usize::from(self.body.width).saturating_sub(used + 2 + self.name + 2 + CLOCK + 2 + self.left)
    }

    fn goal(&self, rank: u8, words: &str, beside: &str) -> Row<'a> {
        let mut row = Row::new(2);
        let name = format!("{rank} {words}");
        let room = if self.body.width >= 60 { 28 } else { 22 };
        row.left(text::pad_right(&name, room.max(text::width(&name))), self.theme.style(Meaning::Heading), 0);
        row.left(beside.to_string(), self.beside_look(rank), 0);
        row
    }

    fn beside_look(&self, rank: u8) -> Style {
        let promises = self.app.incident.promises();
        let unseen = rank == 2 && promises.last_told(Audience::Public).is_none() && !promises.updates().is_empty();
        self.theme.style(if unseen { Meaning::Warn } else { Meaning::Text })
    }

    fn task(&mut self, task: &Task) -> Row<'a> {
        let what = if task.what.undo { format!("{} (to undo)", task.what.text) } else { task.what.text.clone() };
        let (clock, left) = match task.what.due {
            Some(at) => (at.clock_minutes(), self.countdowns.left(at, self.now)),
            None => (String::new(), String::new()),
        };
        let mut row = self.work(&what, task.what.owner.as_deref().unwrap_or(NOBODY));
        row.left(text::pad_left(&clock, CLOCK), self.theme.style(Meaning::Text), 0);
        row.right(left, self.theme.style(Meaning::Text), 0);
        row
    }

    fn question(&self, question: &Question) -> Row<'a> {
        let mut row = self.work(&question.what.text, question.what.of.as_deref().unwrap_or_default());
        row.right(asked(question), self.theme.style(Meaning::Muted), 0);
        row
    }

    /// `    keep 1823 off new hosts       Fay`
    fn work(&self, what: &str, who: &str) -> Row<'a> {
        let mut row = Row::new(2);
        let (line, more) = folded(what);
        let line = more.map_or_else(|| line.to_string(), |n| format!("{line}  ({n} lines)"));
        let room = self.words_room(4);
        row.left(format!("    {}", text::pad_right(&line, room)), self.theme.style(Meaning::Text), 0);
        row.left(text::pad_right(who, self.name), self.who_look(who), 0);
        row
    }

    fn who_look(&self, who: &str) -> Style {
        self.theme.style(if who == NOBODY { Meaning::Warn } else { Meaning::Text })
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
                (Item::Due(one), Some(Item::Due(other))) => self.two_dues(one, other),
                (Item::Due(due), _) => due_in_short(self.app, self.theme, self.now, due, &mut self.countdowns),
                (Item::Goal(rank, words, beside), item) => self.goal_in_short(*rank, words, beside, item.copied()),
                (Item::Unsure(_, words), _) => unsure(words, self.theme),
                (Item::Task(task), _) => self.task(task),
                (Item::Question(question), _) => self.question(question),
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

    fn two_dues(&mut self, one: &Due, other: &Due) -> Row<'a> {
        let mut row = due_in_short(self.app, self.theme, self.now, one, &mut self.countdowns);
        let (look, words) = state(other, self.now, &mut self.countdowns);
        let late = other.is_overdue(self.now);
        let words = if late { words } else { format!("in {words}") };
        let what = other.what.replace("public update", "public").replace("internal update", "internal");
        let next = format!("{} {what} {} {words}", if late { "and" } else { "next" }, moment(other.at, self.now));
        row.right(next, self.theme.style(if late { look } else { Meaning::Text }), 0);
        row.right(due_key(self.app, other), self.theme.style(Meaning::Key), 0);
        row
    }

    fn goal_in_short(&mut self, rank: u8, words: &str, beside: &str, item: Option<&Item<'_>>) -> Row<'a> {
        let mut row = Row::new(2);
        let cells = if self.body.width >= 70 { 23 } else { 12 };
        row.left(text::pad_right(&format!("{rank} {words}"), cells), self.theme.style(Meaning::Heading), 0);
        let (what, who, at, left) = match item {
            Some(Item::Task(task)) => {
                let due = task.what.due;
                let left = due.map(|at| self.countdowns.left(at, self.now)).unwrap_or_default();
                let clock = due.map(|at| at.clock_minutes()).unwrap_or_default();
                (&task.what.text, task.what.owner.as_deref().unwrap_or(NOBODY), clock, left)
            }
            Some(Item::Question(question)) => {
                let of = question.what.of.as_deref().unwrap_or_default();
                (&question.what.text, of, asked(question), String::new())
            }
            _ => {
                row.left(beside.to_string(), self.beside_look(rank), 0);
                return row;
            }
        };
        row.left(folded(what).0.to_string(), self.theme.style(Meaning::Text), 0);
        row.right(who.to_string(), self.who_look(who), 1);
        row.right(at, self.theme.style(Meaning::Muted), 2);
        if !left.is_empty() {
            row.right(text::pad_left(&left, self.left), self.theme.style(Meaning::Text), 0);
        }
        row
    }
}

/// What shares one line of the short form.
struct Line<'i, 'a> {
    items: Vec<&'i Item<'a>>,
    urgency: u8,
}

/// `OVERDUE 4 min  check-in 23:00  c`
fn due_in_short<'a>(app: &App, theme: &Theme, now: Time, due: &Due, countdowns: &mut Countdowns) -> Row<'a> {
    let (look, words) = state(due, now, countdowns);
    let mut row = Row::new(2);
    let words = if due.is_overdue(now) { words } else { format!("in {words}") };
    row.left(words, theme.style(look), 0);
    row.left(format!("{} {}", due.what, moment(due.at, now)), theme.style(Meaning::Text), 0);
    row.left(due_key(app, due), theme.style(Meaning::Key), 1);
    row
}

/// How it stands with something owed, in words, and the look of these.
fn state(due: &Due, now: Time, countdowns: &mut Countdowns) -> (Meaning, String) {
    if due.is_overdue(now) {
        return (Meaning::Overdue, overdue(due.at, now));
    }
    let look = if now >= due.rings { Meaning::Due } else { Meaning::Text };
    (look, countdowns.left(due.at, now))
}

/// An update is due for drafting before it is due for publishing.
fn now_is_for_drafting(due: &Due, now: Time) -> bool {
    matches!(due.kind, DueKind::PublicUpdate) && now >= due.rings && !due.is_overdue(now)
}

/// The key that settles it.
fn due_key(app: &App, due: &Due) -> String {
    match due.kind {
        DueKind::CheckIn => key(app, Action::CheckIn),
        DueKind::PublicUpdate => key(app, Action::Update),
        DueKind::InternalUpdate | DueKind::Promise | DueKind::Task => String::new(),
    }
}

/// Since when a question has been open.
fn asked(question: &Question) -> String {
    format!("asked {}", question.asked.clock_minutes())
}

/// An act that nobody is sure about.
fn unsure<'a>(words: &str, theme: &Theme) -> Row<'a> {
    let mut row = Row::new(1);
    row.left(words.to_string(), theme.style(Meaning::Unknown), 0);
    row
}

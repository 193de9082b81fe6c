//! One row of the priorities: something owed, a goal, work or a question, in full or in short.
//!
//! It must not know which rows there are or which of them fit.

use super::ages::{Countdowns, folded, overdue};
use super::footer::key;
use super::row::Row;
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::App;
use crate::app::action::Action;
use crate::app::priorities::Row as Item;
use crate::app::proposals::Proposal;
use crate::incident::cadence::{Due, DueKind};
use crate::incident::promise::Audience;
use crate::incident::question::Question;
use crate::incident::task::Task;
use crate::incident::time::Time;
use ratatui::style::Style;

/// Cells for a clock time.
const CLOCK: usize = 5;
/// Names get so many cells at most.
const NAME: usize = 10;

/// Writes rows whose columns align.
pub struct Pen<'a> {
    app: &'a App,
    /// What the rows look like.
    pub theme: &'a Theme,
    now: Time,
    width: u16,
    countdowns: Countdowns,
    cells: Cells,
}

/// How many cells the columns of these rows have.
#[derive(Clone, Copy)]
struct Cells {
    /// "OVERDUE 4 min".
    state: usize,
    /// When it is owed, with its date where it needs one.
    clock: usize,
    name: usize,
    /// How long until something.
    left: usize,
}

impl<'a> Pen<'a> {
    /// For these rows in a panel of this width.
    pub fn new(app: &'a App, theme: &'a Theme, now: Time, items: &[Item<'_>], width: u16) -> Pen<'a> {
        Pen { app, theme, now, width, countdowns: Countdowns::default(), cells: Cells::of(items, now) }
    }

    /// `OVERDUE 4 min  23:00  check-in        Ana           c`
    pub fn due(&mut self, due: &Due) -> Row<'a> {
        let (look, words) = state(due, self.now, &mut self.countdowns);
        let mut row = Row::new(2);
        row.left(text::pad_left(&words, self.cells.state), self.theme.style(look), 0);
        let clock = due.at.beside(self.now);
        row.left(text::pad_right(&clock, self.cells.clock), self.theme.style(Meaning::Text), 0);
        let promised = due.promised.filter(|_| due.kind != DueKind::Promise);
        let promised = promised.map(|at| format!(", promised {}", at.beside(self.now))).unwrap_or_default();
        let key = due_key(self.app, due);
        let draft = now_is_for_drafting(due, self.now);
        let hint = if draft && !key.is_empty() { format!("draft {key}") } else { key };
        let room = self.words_room(self.cells.state + 2 + self.cells.clock + 2);
        let whole = format!("{}{promised}", due.what);
        let what = if text::fits(&whole, room) { &whole } else { &due.what };
        row.left(text::pad_right(what, room), self.theme.style(Meaning::Text), 0);
        let who = due.who.as_deref().unwrap_or(NOBODY);
        row.left(text::pad_right(who, self.cells.name), self.who_look(who), 0);
        row.right(hint, self.theme.style(Meaning::Key), 0);
        row
    }

    /// Cells for the words of a row after `used` cells, left of name, clock and time left.
    fn words_room(&self, used: usize) -> usize {
        usize::from(self.width).saturating_sub(used + 2 + self.cells.name + 2 + CLOCK + 2 + self.cells.left)
    }

    /// `proposed  SEV2 and a freeze of releases   api, page: over 14.4x since 22:52   s d`
    pub fn proposed(&self, proposal: &Proposal) -> Row<'a> {
        let severity = proposal.severity.map(|severity| severity.to_string().to_uppercase());
        let declare = proposal.declare.then(|| match &severity {
            Some(severity) => format!("declare {severity}"),
            None => "declare".to_owned(),
        });
        let said: Vec<(String, String)> = [
            declare.clone().map(|words| (words, key(self.app, Action::Incidents))),
            severity.filter(|_| declare.is_none()).map(|words| (words, key(self.app, Action::Severity))),
            proposal.freeze.then(|| ("freeze releases".to_owned(), key(self.app, Action::Freeze))),
        ]
        .into_iter()
        .flatten()
        .collect();
        let words: Vec<&str> = said.iter().map(|(words, _)| words.as_str()).collect();
        let keys: Vec<&str> = said.iter().map(|(_, key)| key.as_str()).collect();
        let mut row = Row::new(2);
        row.left("proposed", self.theme.style(Meaning::Due), 0);
        let (words, keys) = (words.join(", "), keys.join(" "));
        let used = text::width("proposed") + text::width(&words) + text::width(&keys) + 6;
        let room = usize::from(self.width).saturating_sub(used);
        row.left(words, self.theme.style(Meaning::Text), 0);
        row.left(shorter(&proposal.why, room), self.theme.style(Meaning::Muted), 1);
        row.right(keys, self.theme.style(Meaning::Key), 0);
        row
    }

    /// `3 service works again   exit: 15 min good, 2 done`
    pub fn goal(&self, rank: u8, words: &str, beside: &str) -> Row<'a> {
        let mut row = Row::new(2);
        let name = format!("{rank} {words}");
        let room = if self.width >= 60 { 28 } else { 22 };
        row.left(text::pad_right(&name, room.max(text::width(&name))), self.theme.style(Meaning::Heading), 0);
        row.left(beside.to_string(), self.beside_look(rank), 0);
        row
    }

    fn beside_look(&self, rank: u8) -> Style {
        let promises = self.app.incident.promises();
        let unseen = rank == 2 && promises.last_told(Audience::Public).is_none() && !promises.updates().is_empty();
        self.theme.style(if unseen { Meaning::Warn } else { Meaning::Text })
    }

    /// Work, with its owner and how long there is.
    pub fn task(&mut self, task: &Task) -> Row<'a> {
        let what = if task.what.undo { format!("{} (to undo)", task.what.text) } else { task.what.text.clone() };
        let (clock, left) = match task.what.due {
            Some(at) => (at.beside(self.now), self.countdowns.left(at, self.now)),
            None => (String::new(), String::new()),
        };
        let mut row = self.work(&what, task.what.owner.as_deref().unwrap_or(NOBODY));
        row.left(text::pad_left(&clock, CLOCK), self.theme.style(Meaning::Text), 0);
        row.right(left, self.theme.style(Meaning::Text), 0);
        row
    }

    /// A question, with who should answer and since when it is open.
    pub fn question(&self, question: &Question) -> Row<'a> {
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
        row.left(text::pad_right(who, self.cells.name), self.who_look(who), 0);
        row
    }

    fn who_look(&self, who: &str) -> Style {
        self.theme.style(if who == NOBODY { Meaning::Warn } else { Meaning::Text })
    }

    /// `OVERDUE 4 min  check-in 23:00  c`
    pub fn due_in_short(&mut self, due: &Due) -> Row<'a> {
        let (look, words) = state(due, self.now, &mut self.countdowns);
        let mut row = Row::new(2);
        let words = if due.is_overdue(self.now) { words } else { format!("in {words}") };
        row.left(words, self.theme.style(look), 0);
        row.left(format!("{} {}", due.what, due.at.beside(self.now)), self.theme.style(Meaning::Text), 0);
        row.left(due_key(self.app, due), self.theme.style(Meaning::Key), 1);
        row
    }

    /// An act that nobody is sure about.
    pub fn unsure(&self, words: &str) -> Row<'a> {
        let mut row = Row::new(1);
        row.left(words.to_string(), self.theme.style(Meaning::Unknown), 0);
        row
    }

    /// An act that was done and wants somebody's eye, or one that waits for a second person.
    pub fn act(&self, words: &str) -> Row<'a> {
        let mut row = Row::new(1);
        row.left(words.to_string(), self.theme.style(Meaning::Overdue), 0);
        row
    }

    /// Two things owed in one line.
    pub fn two_dues(&mut self, one: &Due, other: &Due) -> Row<'a> {
        let mut row = self.due_in_short(one);
        let (look, words) = state(other, self.now, &mut self.countdowns);
        let late = other.is_overdue(self.now);
        let words = if late { words } else { format!("in {words}") };
        let what = other.what.replace("public update", "public").replace("internal update", "internal");
        let next = format!("{} {what} {} {words}", if late { "and" } else { "next" }, other.at.beside(self.now));
        row.right(next, self.theme.style(if late { look } else { Meaning::Text }), 0);
        row.right(due_key(self.app, other), self.theme.style(Meaning::Key), 0);
        row
    }

    /// A goal with what is first open under it.
    pub fn goal_in_short(&mut self, rank: u8, words: &str, beside: &str, item: Option<&Item<'_>>) -> Row<'a> {
        let mut row = Row::new(2);
        let cells = match self.width {
            70.. => 23,
            50.. => 16,
            _ => 12,
        };
        row.left(text::pad_right(&format!("{rank} {words}"), cells), self.theme.style(Meaning::Heading), 0);
        let (what, who, at, left) = match item {
            Some(Item::Task(task)) => {
                let due = task.what.due;
                let left = due.map(|at| self.countdowns.left(at, self.now)).unwrap_or_default();
                let clock = due.map(|at| at.beside(self.now)).unwrap_or_default();
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
            row.right(text::pad_left(&left, self.cells.left), self.theme.style(Meaning::Text), 0);
        }
        row
    }
}

impl Cells {
    fn of(items: &[Item<'_>], now: Time) -> Cells {
        let mut cells = Cells { state: 13, clock: CLOCK, name: 3, left: 6 };
        let mut countdowns = Countdowns::default();
        for item in items {
            let who = match item {
                Item::Due(due) => {
                    cells.state = cells.state.max(text::width(&state(due, now, &mut countdowns).1));
                    cells.clock = cells.clock.max(text::width(&due.at.beside(now)));
                    due.who.as_deref().unwrap_or(NOBODY)
                }
                Item::Task(task) => {
                    let words = task.what.due.map(|at| countdowns.left(at, now)).unwrap_or_default();
                    cells.left = cells.left.max(text::width(&words));
                    task.what.owner.as_deref().unwrap_or(NOBODY)
                }
                Item::Question(question) => question.what.of.as_deref().unwrap_or_default(),
                Item::Goal(..) | Item::Unsure(..) | Item::Act(..) | Item::Proposed(_) => "",
            };
            cells.name = cells.name.max(text::width(who)).min(NAME);
        }
        cells
    }
}

/// As many of the parts of a reason as there is room for, whole: since when goes first, then over what time, then what holds.
fn shorter(why: &str, room: usize) -> String {
    let mut words = why;
    while !text::fits(words, room) {
        let end = [" since ", " in ", ", "].iter().filter_map(|mark| words.rfind(mark)).max();
        match end.and_then(|end| words.get(..end)) {
            Some(less) => words = less,
            None => return text::cut(words, room).into_owned(),
        }
    }
    words.to_owned()
}

/// Who owes what nobody was asked for.
const NOBODY: &str = "nobody";

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
        DueKind::PublicUpdate | DueKind::InternalUpdate => key(app, Action::Update),
        DueKind::Promise | DueKind::Task => String::new(),
    }
}

/// Since when a question has been open.
fn asked(question: &Question) -> String {
    format!("asked {}", question.asked.clock_minutes())
}

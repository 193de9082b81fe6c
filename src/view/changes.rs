//! What changed, what most likely did this first: before the beginning, the nearest at the top, then what came since; and who was asked, so
//! that a source that is silent never looks like one that saw nothing.
//!
//! It must not know how a source is asked.

use super::ages;
use super::burn::title::coarse;
use super::footer;
use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Row, Sheet, named, wrapped};
use super::text;
use super::theme::{Meaning, Theme};
use super::{details, words};
use crate::app::action::Action;
use crate::app::keymap::When;
use crate::app::suspects::{ChangePicker, Suspect, Suspects, Which};
use crate::app::{App, ChangeDesk, Subject};
use crate::incident::change::suspect::{Away, Beginning, Begun, LOOK_BACK, Side};
use crate::incident::impact::counted;
use crate::incident::time::{HOUR, Span, Time};
use crate::incident::timeline::Weight;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Blanks between two columns.
const GAP: usize = 2;
/// The widest that a row becomes: further apart, eyes lose the line.
const WIDEST: usize = 150;
/// How many rows the words of one change take.
const MOST: usize = 4;
/// A source that was asked and has not answered for so long is silent. Who is not asked is not: each is asked once a minute, or oftener, only while an
/// incident is open or the list is shown.
const SILENT: Span = Span::minutes(3);
/// The widest that a source's name becomes.
const NAME: usize = 20;

/// Draws the list, or the details of the chosen one, over an area; answers with how many rows did not fit below.
pub fn draw(app: &App, picker: &ChangePicker, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> u16 {
    if let (Some(top), Some(which)) = (picker.details, &picker.chosen) {
        let (subject, does) = match which {
            Which::Entry(id) => (Subject::Entry(*id), "shows it in the timeline"),
            Which::Told(one) => (Subject::Change(one.clone()), "writes it down"),
            Which::Elsewhere(one) => (Subject::Elsewhere(one.clone()), "says where it stands"),
        };
        let keys = [key("Enter", does, 0), key("j k", "scroll", 1), key("Esc", "goes back", 0)].concat();
        return details::draw(app, (&subject, keys), theme, now, top, area, buf);
    }
    let cells = Sheet::cells(area, 1).min(WIDEST);
    let suspects = app.suspects(now);
    let began = app.beginning(now);
    let chosen = suspects.place(picker);
    let mut rows = heard(app, &began, now, cells);
    let columns = Columns::of(&suspects.rows, &began, now, cells);
    let mut seen = 0..0;
    let mut side = None;
    for (place, suspect) in suspects.rows.iter().enumerate() {
        if side != Some(suspect.side) {
            rows.extend(heading(suspect.side, &began, side.is_none(), now));
            side = Some(suspect.side);
        }
        let first = rows.len();
        rows.extend(columns.rows(suspect, place == chosen));
        if place == chosen {
            seen = first..rows.len();
        }
    }
    if suspects.rows.is_empty() {
        rows.extend(nothing(app, &began, now, cells));
    }
    rows.push(Row::default());
    rows.push(Row::new("Who was asked", Meaning::Heading));
    rows.extend(asked(app, &suspects, now, cells));
    // the chosen one stays in view; from the last one on, so does who was asked
    let room = usize::from(area.height.saturating_sub(2)).max(1);
    let last = if chosen + 1 >= suspects.rows.len() && chosen > 0 { rows.len() } else { seen.end };
    let top = last.saturating_sub(room).min(seen.start);
    let scrolled = if chosen + 1 >= suspects.rows.len() { picker.top } else { 0 };
    let top = u16::try_from(top).unwrap_or(u16::MAX).saturating_add(scrolled);
    let title = vec![
        Part::new("What changed?", Meaning::Heading),
        Part::new(told(&suspects.rows, &began), Meaning::Text).rank(1),
    ];
    let keys = keys(app, &suspects, rows.len() > room);
    Sheet { title, aside: age(app, now), columns: vec![rows], keys }.draw(theme, area, top, buf)
}

/// `3 before it began, 2 since`.
fn told(rows: &[Suspect], began: &Beginning) -> String {
    let before = rows.iter().filter(|row| row.side == Side::Before).count();
    match (rows.len(), began.what) {
        (0, _) => "nothing is known".into(),
        (all, Begun::Nothing) => format!("{all} lately"),
        (all, _) => format!("{before} before {}, {} since", began.words(), all - before),
    }
}

/// How old what is shown is: the oldest answer.
fn age(app: &App, now: Time) -> String {
    if app.changes.iter().any(|desk| desk.feed.asked.is_some()) {
        return "asking…".into();
    }
    let answered = app.changes.iter().filter_map(|desk| Some((desk.feed.age(now)?, &desk.feed)));
    answered.max_by_key(|(age, _)| *age).map_or_else(String::new, |(age, feed)| {
        if feed.is_fresh(now, ages::FRESH) { "live".into() } else { format!("{} old", coarse(age)) }
    })
}

/// What must be known before anything below is believed: who did not answer, and how far back the others looked.
fn heard(app: &App, began: &Beginning, now: Time, cells: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    if app.reading().is_some() {
        rows.push(Row::new("The record is still being read: more may be in it.", Meaning::Warn));
    }
    let all = app.changes.len();
    if all == 0 {
        let words = "No source is configured: this is what people wrote down and what was done from here.";
        rows.extend(wrapped(words, cells, 2, Meaning::Muted));
        return rows;
    }
    let of = |wanted: Heard| {
        let names = app.changes.iter().filter(|desk| Heard::of(desk, now) == wanted).map(|desk| desk.name.as_str());
        names.collect::<Vec<_>>()
    };
    let sources = counted(all as u64, "source", "sources");
    let failing = of(Heard::Failing);
    if !failing.is_empty() {
        let (count, names) = (failing.len(), failing.join(", "));
        let words = format!("{count} of {sources} did NOT answer: {names}. What changed there is not known.");
        rows.extend(wrapped(&words, cells, 3, Meaning::Overdue));
    }
    let silent = of(Heard::Silent);
    if !silent.is_empty() {
        let (count, names) = (silent.len(), silent.join(", "));
        let words = format!("{count} of {sources} SILENT: {names}. What changed there lately is not known.");
        rows.extend(wrapped(&words, cells, 3, Meaning::Overdue));
    }
    let waits = of(Heard::NotYet).len();
    if waits > 0 {
        let words = format!("{} not answered yet.", counted(waits as u64, "source has", "sources have"));
        rows.push(Row::new(words, Meaning::Due));
    }
    let answered = app.changes.iter().filter(|desk| Heard::of(desk, now) == Heard::Well);
    let (count, from) = answered.fold((0, None), |(count, from), desk| (count + 1_u64, from.max(desk.from)));
    if let Some(from) = from {
        let who = counted(count, "source", "sources");
        let words = format!("{who} looked back to {}, {}.", from.beside(now), back(from, began));
        rows.extend(wrapped(&words, cells, 2, Meaning::Muted));
    }
    rows
}

/// How far before the beginning a moment is: `24 h before it began`.
fn back(from: Time, began: &Beginning) -> String {
    let length = began.at.since(from);
    let length = if length.0 % HOUR == 0 { format!("{} h", length.0 / HOUR) } else { words::span_calm(length.0) };
    match began.what {
        Begun::Nothing => format!("the last {length}"),
        _ => format!("{length} before {}", began.words()),
    }
}

/// Whether a source was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// It answered.
    Well,
    /// It was asked and has not answered yet.
    NotYet,
    /// It could not be asked, or refused.
    Failing,
    /// It answered once, and not for a while.
    Silent,
}

impl Heard {
    fn of(desk: &ChangeDesk, now: Time) -> Heard {
        match (&desk.feed.trouble, &desk.feed.last) {
            (Some(_), _) => Heard::Failing,
            (None, None) => Heard::NotYet,
            (None, Some(_)) if desk.feed.is_silent(now, SILENT) => Heard::Silent,
            (None, Some(_)) => Heard::Well,
        }
    }
}

/// What stands above the changes of one side.
fn heading(side: Side, began: &Beginning, is_first: bool, now: Time) -> Vec<Row> {
    let about = if began.about { "about " } else { "" };
    let words = match (side, began.what) {
        (_, Begun::Nothing) => "Lately, the newest first".into(),
        (Side::Before, _) => format!("Before {} {about}{}, the nearest first", began.words(), moment(began.at, now)),
        (Side::Since, _) => format!("Since {}, in order", began.words()),
    };
    let mut rows = Vec::new();
    if side == Side::Since && is_first && began.what != Begun::Nothing {
        rows.push(Row::new(format!("Nothing is known to have changed before {}.", began.words()), Meaning::Warn));
    }
    rows.push(Row::new(words, Meaning::Heading));
    rows
}

/// What to do where nothing is known.
fn nothing(app: &App, began: &Beginning, now: Time, cells: usize) -> Vec<Row> {
    let when = match began.what {
        Begun::Nothing => "lately".to_owned(),
        _ => format!("in the {} h before {}, nor since", LOOK_BACK.0 / HOUR, began.words()),
    };
    let silent = app.changes.iter().any(|desk| Heard::of(desk, now) != Heard::Well);
    let what = match (silent, app.changes.is_empty()) {
        (true, _) => format!("Nothing is known to have changed {when}, and not everybody was heard."),
        (false, true) => "Nobody has written down a change.".into(),
        (false, false) => format!("Nothing is known to have changed {when}."),
    };
    let record = footer::bound(app, When::Changes, Action::Changed);
    let mut rows = wrapped(&what, cells, 2, if silent { Meaning::Overdue } else { Meaning::Heading });
    let ask = format!("Ask the room: a deploy, a flag, configuration, a migration, data? {record} writes it down.");
    rows.extend(wrapped(&ask, cells, 2, Meaning::Text));
    if app.changes.is_empty() {
        let words = "With a [[changes]] in the configuration, deploys and flags are here by themselves.";
        rows.extend(wrapped(words, cells, 2, Meaning::Muted));
    }
    rows
}

/// Every source, how old its answer is and what it told; and the switches that are looked at.
fn asked(app: &App, suspects: &Suspects, now: Time, cells: usize) -> Vec<Row> {
    let switches = app.switches.iter().filter(|desk| !desk.offers.audited).count();
    let names = app.changes.iter().map(|desk| text::width(&desk.name)).max().unwrap_or(0).clamp(8, NAME) + GAP;
    let mut rows = Vec::new();
    for (place, desk) in app.changes.iter().enumerate() {
        let left = suspects.left.get(place).copied().unwrap_or(0);
        rows.extend(source(app, desk, left, now, (names, cells)));
    }
    if switches > 0 {
        let lost = app.switches.iter().filter(|desk| !desk.offers.audited && desk.feed.trouble.is_some()).count();
        let lost = if lost == 0 { String::new() } else { format!(", {lost} UNKNOWN") };
        let words = format!("{switches} looked at{lost}; what others do there is noticed while a screen is open");
        let meaning = if lost.is_empty() { Meaning::Text } else { Meaning::Warn };
        rows.extend(named("switches", names, &words, cells, meaning));
    }
    let words = "what was typed, what quarterdeck run ran, and acts from here; with no incident open too";
    rows.extend(named("record", names, words, cells, Meaning::Text));
    rows
}

fn source(app: &App, desk: &ChangeDesk, left: usize, now: Time, (names, cells): (usize, usize)) -> Vec<Row> {
    let name = text::cut(&desk.name, NAME).into_owned();
    let mut rows = Vec::new();
    let mut says = |words: String, meaning| {
        let name = if rows.is_empty() { name.as_str() } else { "" };
        rows.extend(named(name, names, &words, cells, meaning));
    };
    if let Some((at, trouble)) = &desk.feed.trouble {
        says(format!("FAILED {}: {}", moment(*at, now), trouble.words()), Meaning::Overdue);
    }
    match &desk.feed.last {
        Some((at, told)) => {
            let age = if desk.feed.is_fresh(now, ages::FRESH) {
                "just now".into()
            } else {
                format!("{} ago", coarse(now.since(*at)))
            };
            // by what was told, not by name: a provider's record speaks of a switch in its own
            let kept = told.changes.iter().filter(|one| app.incident.reports().has(one)).count();
            let all = counted((told.changes.len() + told.more) as u64, "change", "changes");
            let (last, meaning) = match Heard::of(desk, now) {
                Heard::Failing => ("last answered", Meaning::Text),
                Heard::Silent => ("SILENT since it answered", Meaning::Overdue),
                Heard::Well | Heard::NotYet => ("answered", Meaning::Text),
            };
            let further = if left == 0 { String::new() } else { format!(", {left} further away LEFT OUT here") };
            says(format!("{last} {}, {age}: {all}, {kept} in the record{further}", moment(*at, now)), meaning);
            for doubt in &told.doubts {
                says(doubt.clone(), Meaning::Warn);
            }
        }
        None if desk.feed.trouble.is_none() => says("has not answered yet".into(), Meaning::Unknown),
        None => {}
    }
    says(desk.asks.clone(), Meaning::Muted);
    rows
}

/// The widths of the columns.
struct Columns<'a> {
    began: &'a Beginning,
    now: Time,
    clock: usize,
    away: usize,
    cells: usize,
}

impl<'a> Columns<'a> {
    fn of(rows: &[Suspect], began: &'a Beginning, now: Time, cells: usize) -> Columns<'a> {
        let widest = |words: &dyn Fn(&Suspect) -> String| rows.iter().map(|row| text::width(&words(row))).max();
        let clock = widest(&|row| clock(row, now)).unwrap_or(0);
        let away = widest(&|row| away(began, row.at)).unwrap_or(0);
        Columns { began, now, clock, away, cells }
    }

    fn rows(&self, suspect: &Suspect, chosen: bool) -> Vec<Row> {
        let left = 2 + self.clock + GAP + self.away + GAP;
        let room = self.cells.saturating_sub(left).max(8);
        let meaning = match (suspect.weight, suspect.side) {
            (Weight::Alarming, _) => Meaning::Overdue,
            (Weight::Quiet, _) => Meaning::Muted,
            (_, Side::Before) => Meaning::Heading,
            (_, Side::Since) => Meaning::Text,
        };
        let mut rows = wrapped(&suspect.words, room, MOST, meaning);
        let tail = tail(suspect);
        let tail_wide = tail.iter().map(|(words, _)| text::width(words)).sum::<usize>();
        let used = rows.last().map_or(0, |row| row.words.iter().map(|(words, _)| text::width(words)).sum());
        match rows.last_mut() {
            Some(row) if used + GAP + tail_wide <= room => {
                // the right edges align
                row.words.push((" ".repeat(room - used - tail_wide), Meaning::Muted));
                row.words.extend(tail);
            }
            _ if tail_wide > 0 => {
                let cut = tail.into_iter().map(|(words, meaning)| (text::cut(&words, room).into_owned(), meaning));
                rows.push(Row { words: cut.collect(), ..Row::default() });
            }
            _ => {}
        }
        for (place, row) in rows.iter_mut().enumerate() {
            let is_first = place == 0;
            let mark = if is_first && chosen { "> " } else { "  " };
            let say = |words: String, wide: usize| {
                format!("{}{}", text::pad_right(if is_first { &words } else { "" }, wide), " ".repeat(GAP))
            };
            let lead = [
                (mark.to_owned(), Meaning::Key),
                (say(clock(suspect, self.now), self.clock), Meaning::Text),
                (say(away(self.began, suspect.at), self.away), Meaning::Muted),
            ];
            row.words.splice(0..0, lead);
            row.chosen = chosen;
        }
        rows
    }
}

/// Who did it, and how we know.
fn tail(suspect: &Suspect) -> Vec<(String, Meaning)> {
    let who = (!suspect.who.is_empty()).then(|| (suspect.who.clone(), Meaning::Person));
    let gap = who.as_ref().filter(|_| !suspect.aside.is_empty()).map(|_| (" ".repeat(GAP), Meaning::Muted));
    let aside = (!suspect.aside.is_empty()).then(|| (suspect.aside.clone(), Meaning::Muted));
    [who, gap, aside].into_iter().flatten().collect()
}

/// Its clock; a guess is marked as people write it.
fn clock(suspect: &Suspect, now: Time) -> String {
    let about = if suspect.about { "~" } else { "" };
    format!("{about}{}", moment(suspect.at, now))
}

/// A moment to the second, or with its day where its clock alone would be another one's.
fn moment(at: Time, now: Time) -> String {
    let said = at.beside(now);
    if said == at.clock_minutes() { at.clock() } else { said }
}

/// `1 min before`, `as it began`, `6 min after`.
fn away(began: &Beginning, at: Time) -> String {
    match (began.away(at), began.what) {
        (Away::Before(length), Begun::Nothing) => format!("{} ago", words::span_calm(length.0)),
        (Away::Before(length), _) => format!("{} before", words::span_calm(length.0)),
        (Away::Then, _) => "as it began".into(),
        (Away::After(length), _) => format!("{} after", words::span_calm(length.0)),
    }
}

fn keys(app: &App, suspects: &Suspects, scrolls: bool) -> Vec<Part> {
    let mut keys = Vec::new();
    if !suspects.rows.is_empty() {
        keys.extend(key("Enter", "shows who says so", 0));
    }
    // with nothing else to choose they go through what does not fit
    if scrolls && suspects.rows.len() < 2 {
        keys.extend(key("j k", "scroll", 1));
    } else if !suspects.rows.is_empty() {
        keys.extend(key("j k", "choose", 1));
    }
    let record = footer::bound(app, When::Changes, Action::Changed);
    if !record.is_empty() {
        keys.extend(key(&record, "writes one down", 0));
    }
    keys.extend(key("Esc", "closes", 0));
    keys
}

#[cfg(test)]
mod tests;

//! The record, by when things happened: columns of clock, kind, name and words, the late ones marked.
//!
//! Only what is visible is read and wrapped, walking out from the row at the top. It must not know what an entry means.

use super::ages::folded;
use super::row::{Row, clipped, narrow, nth, title};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::{App, Panel};
use crate::incident::entry::{Entry, EntryId};
use crate::incident::fact::Fact;
use crate::incident::impact::thousands;
use crate::incident::time::Time;
use crate::incident::timeline::{Line, Weight};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// An entry takes so many rows at most; the whole text is one Enter away.
const MOST: usize = 6;
/// How many people the name column looks at.
const PEOPLE: usize = 40;

/// What was drawn: the first and the last entry, and how many were.
pub type Shown = (Option<(EntryId, EntryId)>, u16);

/// Draws the panel; says what is visible, so that the next key can be understood.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> Shown {
    let area = area.intersection(buf.area);
    let body = Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    let list = List::of(app);
    let sheet = Sheet { app, theme, columns: Columns::of(app, body), body };
    let (window, mut room) = sheet.window(&list);
    let mut line = 0;
    let mut before: Option<Time> = None;
    let (mut first, mut last, mut drawn) = (None, None, 0);
    let mut place = window;
    while line < body.height
        && let Some(entry) = list.get(place)
    {
        let at = app.incident.happened(entry);
        if let Some(date) = new_day(before, at) {
            day(&date, theme, nth(body, line), buf);
            line += 1;
        }
        before = Some(at);
        if line >= body.height {
            break;
        }
        let top = line;
        let rows = room.take().unwrap_or(u16::MAX).min(body.height - line);
        for row in sheet.entry(entry, rows) {
            row.draw(nth(body, line), buf);
            line += 1;
        }
        if app.timeline.selected == Some(entry.id) {
            let block = Rect { y: body.y + top, height: line - top, ..body };
            buf.set_style(block, theme.style(Meaning::Selected));
        }
        first = first.or(Some(entry.id));
        last = Some(entry.id);
        drawn += 1;
        place += 1;
    }
    if drawn == 0 {
        let mut row = Row::new(2);
        row.left(list.nothing(), theme.style(Meaning::Muted), 0);
        row.draw(nth(body, 0), buf);
    }
    let below = list.len().saturating_sub(place);
    heading(app, theme, now, &list, (window, below), area, buf);
    (first.zip(last), drawn)
}

/// What is being shown: the log under its filter, or the last screenful of a journal that is still being read.
enum List<'a> {
    Log(&'a App),
    Glimpse(&'a [Entry]),
}

impl<'a> List<'a> {
    fn of(app: &'a App) -> List<'a> {
        match &app.glimpse {
            Some((entries, _)) => List::Glimpse(entries),
            None => List::Log(app),
        }
    }
    fn len(&self) -> usize {
        match self {
            List::Log(app) => app.log.rows(),
            List::Glimpse(entries) => entries.len(),
        }
    }
    fn get(&self, place: usize) -> Option<&'a Entry> {
        match self {
            List::Log(app) => app.log.row(place),
            List::Glimpse(entries) => entries.get(place),
        }
    }
    fn place(&self, id: EntryId) -> Option<usize> {
        match self {
            List::Log(app) => app.log.row_of(&app.incident, id),
            List::Glimpse(entries) => entries.iter().position(|entry| entry.id == id),
        }
    }
    fn nothing(&self) -> String {
        match self {
            List::Log(app) => match app.log.filter() {
                Some(words) => format!("nothing contains \"{words}\"   Esc shows all entries"),
                None => "nothing is written down yet".into(),
            },
            List::Glimpse(..) => "reading…".into(),
        }
    }
}

/// How the cells of a row are shared out.
#[derive(Clone, Copy)]
struct Columns {
    /// Seconds are shown.
    clock: usize,
    label: usize,
    who: usize,
    gap: usize,
    /// Cells from the left edge to the words.
    lead: usize,
    /// Cells for words and what stands at the right edge.
    words: usize,
}

impl Columns {
    fn of(app: &App, body: Rect) -> Columns {
        let cells = usize::from(body.width);
        let names = app.incident.people().keys().take(PEOPLE).map(|name| text::width(name)).max().unwrap_or(0);
        let (clock, label, who, gap) = match cells {
            0..30 => (5, 0, 0, 1),
            30..60 => (5, 8, 0, 1),
            60..100 => (8, 8, names.clamp(4, 6), 1),
            _ => (8, 9, names.clamp(4, 12), 2),
        };
        let column = |cells: usize| if cells == 0 { 0 } else { cells + gap };
        let lead = column(clock) + column(label) + column(who);
        Columns { clock, label, who, gap, lead, words: cells.saturating_sub(lead) }
    }
}

/// The panel's rows: where they stand and how an entry is written into them.
struct Sheet<'a> {
    app: &'a App,
    theme: &'a Theme,
    columns: Columns,
    body: Rect,
}

impl<'a> Sheet<'a> {
    /// The place of the row at the top: as it was drawn last, moved the least that keeps the selection visible; without a
    /// selection the newest entries. With it, how many rows the first may have when it does not fit whole.
    fn window(&self, list: &List<'a>) -> (usize, Option<u16>) {
        let height = usize::from(self.body.height);
        let (newest, spare) = self.back_from(list, list.len(), height);
        let Some(selected) = self.app.timeline.selected.and_then(|id| list.place(id)) else {
            return match newest.checked_sub(1) {
                Some(cut) if spare > 0 => (cut, Some(narrow(spare))),
                _ => (newest, None),
            };
        };
        let last_drawn = self.app.timeline.top.or(self.app.spots.timeline.map(|(first, _)| first));
        let top = last_drawn.and_then(|id| list.place(id)).unwrap_or(newest);
        let (lowest, _) = self.back_from(list, selected + 1, height);
        // never past the newest: no blank rows while there is something to fill them
        (top.min(newest).clamp(lowest.min(selected), selected), None)
    }

    /// The place from which on whole entries before `end` fill the rows, and how many rows stay free for one more entry.
    fn back_from(&self, list: &List<'a>, end: usize, rows: usize) -> (usize, usize) {
        let mut left = rows;
        let mut place = end.min(list.len());
        let mut below: Option<Time> = None;
        while let Some(next) = place.checked_sub(1).filter(|_| left > 0) {
            let Some(entry) = list.get(next) else { break };
            let at = self.app.incident.happened(entry);
            let day = usize::from(below.is_some_and(|below| new_day(Some(at), below).is_some()));
            let needs = self.needs(entry) + day;
            if needs > left && place < end {
                return (place, left.saturating_sub(day));
            }
            left = left.saturating_sub(needs);
            below = Some(at);
            place = next;
        }
        (place, left)
    }

    /// An entry takes no more than half of the panel, and never more than a handful of rows.
    fn most(&self) -> usize {
        (usize::from(self.body.height) / 2).clamp(1, MOST)
    }

    fn needs(&self, entry: &Entry) -> usize {
        self.laid_out(entry, self.most()).rows.len()
    }

    /// The words of an entry in rows, and what stands at the right edge of which.
    fn laid_out(&self, entry: &Entry, most: usize) -> LaidOut {
        let line = self.app.incident.line(entry);
        let (first, lines) = folded(&line.text);
        let words = lines.map_or_else(|| first.to_string(), |n| format!("{first}  ({n} lines)"));
        let cells = self.columns.words;
        let aside = Aside::of(self.app, entry, &line);
        let full = aside.width(&line.aside);
        let room = |aside: usize| cells.saturating_sub(if aside == 0 { 0 } else { aside + 2 });
        // beside the words when all fits into one row
        if text::fits(&words, room(full)) {
            return LaidOut { rows: vec![words], line, aside };
        }
        // what may be left out is, when that makes one row
        let kept = if aside.keeps_words { full } else { aside.width("") };
        let mut line = line;
        if cells < 90 && kept < full && text::fits(&words, room(kept)) {
            line.aside.clear();
            return LaidOut { rows: vec![words], line, aside };
        }
        let mut rows: Vec<String> = clipped(&words, cells, most).into_iter().map(|row| row.into_owned()).collect();
        let fits_last = rows.last().is_none_or(|last| text::width(last) <= room(full));
        if !fits_last {
            if rows.len() < most {
                rows.push(String::new());
            } else if let Some(last) = rows.last_mut() {
                *last = text::cut(last, room(full)).into_owned();
            }
        }
        LaidOut { rows, line, aside }
    }

    /// The rows of an entry, at most so many.
    fn entry(&self, entry: &Entry, room: u16) -> Vec<Row<'static>> {
        let most = self.most().min(usize::from(room)).max(1);
        let LaidOut { rows, line, aside } = self.laid_out(entry, most);
        let looks = Looks::of(self.theme, &line, entry);
        let Columns { clock, label, who, gap, lead, .. } = self.columns;
        let at = self.app.incident.happened(entry);
        let about = entry.when.as_ref().is_some_and(|when| when.about);
        let time = if about || clock < 8 { at.clock_minutes() } else { at.clock() };
        let last = rows.len().saturating_sub(1);
        let mut out = Vec::with_capacity(rows.len());
        for (place, words) in rows.into_iter().enumerate() {
            let mut row = Row::new(gap);
            if place == 0 {
                row.left(text::pad_right(&time, clock), looks.time, 0);
                if label > 0 {
                    row.left(text::pad_right(line.label, label), looks.label, 0);
                }
                if who > 0 {
                    row.left(text::pad_right(&line.who, who), looks.who, 0);
                }
            } else {
                row.left(" ".repeat(lead.saturating_sub(gap)), looks.words, 0);
            }
            row.left(words, looks.words, 0);
            if place == last {
                row.right(line.aside.clone(), looks.aside, 0);
                row.right(aside.source.clone(), looks.muted, 0);
                row.right(aside.late.clone(), looks.late, 0);
            }
            out.push(row);
        }
        out
    }
}

/// An entry in rows.
struct LaidOut {
    rows: Vec<String>,
    line: Line,
    aside: Aside,
}

/// What stands at the right edge besides the entry's own words there.
struct Aside {
    /// "about, from burn".
    source: String,
    /// "+2 min".
    late: String,
    /// The entry's own words there say how it stands, and must stay.
    keeps_words: bool,
}

impl Aside {
    fn of(app: &App, entry: &Entry, line: &Line) -> Aside {
        let when = entry.when.as_deref();
        let mut source = Vec::new();
        if let Some(when) = when {
            if when.about {
                source.push("about".to_string());
            }
            source.extend(when.until.map(|until| format!("until {}", until.clock_minutes())));
            if when.open {
                source.push("going on".into());
            }
            source.extend(when.source.as_ref().map(|from| format!("from {}", text::cut(from, 16))));
        }
        let late = entry.late_minutes().map(|minutes| format!("+{} min", thousands(minutes.unsigned_abs())));
        let stands = matches!(entry.fact, Fact::Asked(_) | Fact::Updated(_) | Fact::Intended(_));
        let keeps_words = stands || line.weight == Weight::Alarming || app.incident.correction(entry.id).is_some();
        Aside { source: source.join(", "), late: late.unwrap_or_default(), keeps_words }
    }

    /// Cells for all of it, beside the entry's own words.
    fn width(&self, words: &str) -> usize {
        let parts = [words, &self.source, &self.late];
        let parts = parts.iter().filter(|part| !part.is_empty());
        parts.map(|part| text::width(part) + 2).sum::<usize>().saturating_sub(2)
    }
}

/// The looks of a row's columns.
struct Looks {
    time: Style,
    label: Style,
    who: Style,
    words: Style,
    aside: Style,
    late: Style,
    muted: Style,
}

impl Looks {
    fn of(theme: &Theme, line: &Line, entry: &Entry) -> Looks {
        let look = |meaning| theme.style(meaning);
        let (label, words) = match line.weight {
            Weight::Turning => (Meaning::Heading, Meaning::Text),
            Weight::Plain => (Meaning::Text, Meaning::Text),
            Weight::Quiet => (Meaning::Muted, Meaning::Muted),
            Weight::Alarming => (Meaning::Urgent, Meaning::Warn),
        };
        let words = if matches!(entry.fact, Fact::Updated(_)) { Meaning::Quote } else { words };
        let aside = if line.weight == Weight::Alarming { Meaning::Warn } else { Meaning::Muted };
        Looks {
            time: look(Meaning::Muted),
            label: look(label),
            who: look(if line.weight == Weight::Quiet { Meaning::Muted } else { Meaning::Text }),
            words: look(words),
            aside: look(aside),
            late: look(Meaning::Late),
            muted: look(Meaning::Muted),
        }
    }
}

/// The date, when a moment lies on another day than the one before it.
fn new_day(before: Option<Time>, at: Time) -> Option<String> {
    let date = at.date();
    before.filter(|before| before.date() != date).map(|_| date)
}

/// The row between two days.
fn day(date: &str, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut row = Row::new(1);
    row.left(format!("·· {date}"), theme.style(Meaning::Heading), 0);
    row.draw(area, buf);
}

fn heading(
    app: &App,
    theme: &Theme,
    now: Time,
    list: &List<'_>,
    (above, below): (usize, usize),
    area: Rect,
    buf: &mut Buffer,
) {
    let look = |meaning| theme.style(meaning);
    let mut row = Row::new(3);
    row.left("Timeline", look(Meaning::Heading), 0);
    let number = |n: usize| thousands(n as u64);
    let date = list.get(above).map(|entry| app.incident.happened(entry).date());
    if let Some(date) = date.filter(|date| *date != now.date()) {
        row.left(date, look(Meaning::Heading), 2);
    }
    match (list, app.log.filter()) {
        (List::Glimpse(entries), _) => {
            row.left(format!("the last {}, the rest is being read", entries.len()), look(Meaning::Info), 0);
        }
        (List::Log(_), Some(words)) => {
            let words = format!("\"{}\" in {} of {}", text::cut(words, 30), number(list.len()), number(app.log.len()));
            row.left(words, look(Meaning::Info), 0);
            row.left("Esc shows all", look(Meaning::Muted), 3);
        }
        (List::Log(_), None) => {
            row.left("by when it happened", look(Meaning::Muted), 5);
        }
    }
    if !matches!(list, List::Glimpse(..)) && list.len() > 0 {
        let mut counts = Vec::new();
        if app.log.filter().is_none() {
            counts.push(format!("{} entries", number(list.len())));
        }
        if above > 0 {
            counts.push(format!("{} above", number(above)));
        }
        if app.timeline.selected.is_some() {
            row.left(counts.join(", "), look(Meaning::Muted), 4);
            let words =
                if below > 0 { format!("NOT FOLLOWING, {} below", number(below)) } else { "NOT FOLLOWING".into() };
            row.near(words, look(Meaning::Info), 1, 2);
        } else {
            counts.push("following".into());
            row.left(counts.join(", "), look(Meaning::Muted), 1);
        }
    }
    if app.log.late() > 0 {
        row.right("late entries: +N min", look(Meaning::Muted), 6);
    }
    title(row, app.focus == Panel::Timeline, theme, area, buf);
}

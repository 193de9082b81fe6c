//! One entry of the timeline in rows: its columns, its words wrapped in theirs, what stands at its right edge.
//!
//! It must not know where on the screen it stands, or which entries are visible.

use super::ages::folded;
use super::row::{Row, clipped};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::App;
use crate::incident::entry::Entry;
use crate::incident::fact::Fact;
use crate::incident::impact::thousands;
use crate::incident::timeline::{Line, Weight, stands};
use ratatui::layout::Rect;
use ratatui::style::Style;

/// An entry takes so many rows at most; the whole text is one Enter away.
const MOST: usize = 6;
/// How many people the name column looks at.
const PEOPLE: usize = 40;

/// Writes entries into the columns of a panel.
pub struct Writer<'a> {
    app: &'a App,
    theme: &'a Theme,
    columns: Columns,
    height: u16,
}

impl<'a> Writer<'a> {
    /// For the rows of a panel.
    pub fn new(app: &'a App, theme: &'a Theme, body: Rect) -> Writer<'a> {
        Writer { app, theme, columns: Columns::of(app, body), height: body.height }
    }

    /// An entry takes no more than half of the panel, and never more than a handful of rows.
    fn most(&self) -> usize {
        (usize::from(self.height) / 2).clamp(1, MOST)
    }

    /// How many rows an entry needs.
    pub fn needs(&self, entry: &Entry) -> usize {
        self.laid_out(entry, self.most()).rows.len()
    }

    /// The words of an entry in rows, and what stands at the right edge of which.
    fn laid_out(&self, entry: &Entry, most: usize) -> LaidOut {
        let mut line = self.app.incident.line(entry);
        // how it stands is not known before everything was read
        if self.app.reading().is_some() && stands(&entry.fact) {
            line.aside.clear();
        }
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
    pub fn rows(&self, entry: &Entry, room: u16) -> Vec<Row<'static>> {
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
            60..100 => (8, 9, names.clamp(4, 6), 1),
            _ => (8, 9, names.clamp(4, 12), 2),
        };
        let column = |cells: usize| if cells == 0 { 0 } else { cells + gap };
        let lead = column(clock) + column(label) + column(who);
        Columns { clock, label, who, gap, lead, words: cells.saturating_sub(lead) }
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
            source.extend(when.until.map(|until| format!("until {}", until.beside(entry.at))));
            if when.open {
                source.push("going on".into());
            }
            // the entry's own words may say it already
            let from = when.source.as_ref().filter(|from| line.aside != format!("from {from}"));
            source.extend(from.map(|from| format!("from {}", text::cut(from, 16))));
        }
        let late = entry.late_minutes().map(|minutes| format!("+{} min", thousands(minutes.unsigned_abs())));
        let keeps_words =
            stands(&entry.fact) || line.weight == Weight::Alarming || app.incident.correction(entry.id).is_some();
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

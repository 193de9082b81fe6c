//! "Says who?": everything that is known about what was selected, with where it comes from and how old it is. Nothing is cut.
//!
//! It must not know what else is on the screen.

mod budget;
mod changes;
mod entry;
mod switch;
mod then;
mod would;

use super::phrase::Part;
use super::sheet::{Row, Sheet, named};
use super::theme::{Meaning, Theme};
use crate::app::{App, Subject};
use crate::incident::time::{SECOND, Time};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Rows of names and texts, being put together.
struct Page {
    cells: usize,
    names: usize,
    rows: Vec<Row>,
}

impl Page {
    fn new(cells: usize) -> Page {
        Page { cells, names: 15.min(cells / 3), rows: Vec::new() }
    }
    fn heading(&mut self, words: &str) {
        if !self.rows.is_empty() {
            self.rows.push(Row::default());
        }
        self.rows.push(Row::new(words, Meaning::Heading));
    }
    /// A name with its text; nothing when there is no text.
    fn add(&mut self, name: &str, words: impl AsRef<str>) {
        self.add_as(name, words, Meaning::Text);
    }
    fn add_as(&mut self, name: &str, words: impl AsRef<str>, meaning: Meaning) {
        if !words.as_ref().is_empty() {
            self.rows.extend(named(name, self.names, words.as_ref(), self.cells, meaning));
        }
    }
}

/// Draws the details over an area, from row `top` on, with what keys do below; answers with how many rows did not fit.
pub fn draw(
    app: &App,
    (subject, keys): (&Subject, Vec<Part>),
    theme: &Theme,
    now: Time,
    top: u16,
    area: Rect,
    buf: &mut Buffer,
) -> u16 {
    let mut page = Page::new(Sheet::cells(area, 1).min(120));
    let title = match subject {
        Subject::Entry(id) => entry::rows(app, *id, now, &mut page),
        Subject::Burn => budget::rows(app, now, &mut page),
        Subject::Switch(name) => switch::rows(app, name, now, &mut page),
        Subject::WhatIf => would::rows(app, now, &mut page),
        Subject::Change(one) => {
            let record = match app.incident.opened() {
                Some(_) => "not in it: too far from the beginning, or more than it takes of this source",
                None => "no incident is declared: nothing is written down",
            };
            changes::reported(app, one, record, now, &mut page)
        }
        Subject::Elsewhere(one) => {
            let stands = one.change.source.as_deref().unwrap_or_default();
            changes::reported(app, one, &format!("it stands in that of {stands}"), now, &mut page)
        }
    };
    let title = vec![Part::new("Says who?", Meaning::Heading), Part::new(title, Meaning::Text)];
    Sheet { title, aside: String::new(), columns: vec![page.rows], keys }.draw(theme, area, top, buf)
}

/// A moment with its date, and on the second clock.
fn moment(app: &App, at: Time) -> String {
    let zone = app.zone.map(|zone| {
        let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
        format!("   {} {city}", super::words::clock(at.0, zone))
    });
    let clock = at.utc().format(if at.0 % SECOND == 0 { "%H:%M:%S" } else { "%H:%M:%S%.3f" });
    format!("{} {clock} UTC{}", at.date(), zone.unwrap_or_default())
}

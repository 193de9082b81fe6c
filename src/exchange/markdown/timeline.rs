//! The timeline of a report: by when things happened, with what was corrected, struck and recorded late.

use super::page::Page;
use super::{Report, escape, on};
use crate::incident::entry::Entry;
use crate::incident::phase::{Dated, Milestone};
use crate::incident::record::Overlay;
use crate::incident::time::Time;
use std::io;

/// What has a place in the timeline.
enum Row<'a> {
    Entry(&'a Entry),
    Milestone(Milestone, &'a Dated),
}

impl Report<'_> {
    pub(super) fn timeline(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "Timeline (UTC)")?;
        page.says(
            "By when it happened, then by the order in which it was recorded. What was recorded a minute or more after it happened \
             says so. What was done at once is told by the line that asked for it; the data have every entry.",
        )?;
        let told = self.entries.iter().filter(|entry| self.incident.told_by(entry).is_none());
        let mut rows: Vec<(Time, u64, Row<'_>)> =
            told.map(|e| (self.incident.happened(e), e.seq, Row::Entry(e))).collect();
        // what was said in passing, when it was declared, has no entry of its own
        let passing = self.incident.milestones().all().filter(|(_, dated)| dated.entry.is_none());
        rows.extend(passing.map(|(milestone, dated)| (dated.at, 0, Row::Milestone(milestone, dated))));
        rows.sort_by_key(|(at, seq, _)| (*at, *seq));
        let mut day = String::new();
        for (at, _, row) in rows {
            let date = at.date();
            if date != day {
                page.heading(3, &date)?;
                day = date;
            }
            match row {
                Row::Entry(entry) => self.entry(page, entry, &day)?,
                Row::Milestone(milestone, dated) => {
                    let about = if dated.about { "about " } else { "" };
                    let from = if dated.from.is_empty() {
                        String::new()
                    } else {
                        format!(" ({})", escape::inline(&dated.from))
                    };
                    page.item(&format!("{about}{} **{}**{from}", at.clock(), milestone.word()))?;
                }
            }
        }
        Ok(())
    }

    fn entry(&self, page: &mut Page<'_>, entry: &Entry, day: &str) -> io::Result<()> {
        let line = self.incident.original(entry);
        let now = self.incident.line(entry);
        let overlay = self.incident.correction(entry.id);
        let struck = overlay.is_some_and(|o| o.struck);
        let head = format!("{} **{}**", self.moment(entry, day), line.label);
        let who = escape::inline(&line.who);
        let head = if who.is_empty() { head } else { format!("{head} {who}") };
        let aside = self.aside(entry, &line.who, &line.aside, day);
        let long = escape::is_long(&now.text) && !struck;
        let text = escape::inline(&now.text);
        let text = match (text.as_str(), struck, long) {
            ("", ..) | (_, _, true) => String::new(),
            (text, true, _) => format!(": ~~{text}~~"),
            (text, false, _) => format!(": {text}"),
        };
        page.item(&format!("{head}{text}{aside}"))?;
        if long {
            page.verbatim(&now.text)?;
        }
        overlay.map_or(Ok(()), |overlay| self.overlay(page, entry, overlay, &line.text, day))
    }

    /// When it happened: about, how long, until when.
    fn moment(&self, entry: &Entry, day: &str) -> String {
        let at = self.incident.happened(entry).clock();
        let corrected = self.incident.correction(entry.id).is_some_and(|o| o.at.is_some());
        let Some(when) = entry.when.as_deref().filter(|_| !corrected) else { return at };
        let about = if when.about { "about " } else { "" };
        match (when.until, when.open) {
            (Some(until), _) => format!("{about}{at} to {}", on(day, until)),
            (None, true) => format!("{about}{at}, end not known,"),
            (None, false) => format!("{about}{at}"),
        }
    }

    /// What stands after the words: the entry's own, how late, where the time comes from, who recorded it.
    fn aside(&self, entry: &Entry, who: &str, own: &str, day: &str) -> String {
        let mut parts = vec![escape::inline(own)];
        let late = entry.recorded.since(self.incident.happened(entry)).as_minutes();
        if late >= 1 {
            parts.push(format!("+{late} min, recorded {}", on(day, entry.recorded)));
        }
        if let Some(when) = entry.when.as_deref() {
            // the entry's own words may say it already
            let source = when.source.as_deref().filter(|source| own != format!("from {source}"));
            parts.extend(source.map(|source| format!("time from {}", escape::inline(source))));
            parts.extend(when.zone.as_deref().map(|zone| format!("written in {}", escape::inline(zone))));
        }
        if who != entry.author.as_ref() {
            parts.push(format!("recorded by {}", escape::inline(&entry.author)));
        }
        parts.retain(|part| !part.is_empty());
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
    }

    /// What was corrected, with what stood there before.
    fn overlay(
        &self,
        page: &mut Page<'_>,
        entry: &Entry,
        overlay: &Overlay,
        original: &str,
        day: &str,
    ) -> io::Result<()> {
        let mut words = Vec::new();
        if overlay.text.is_some() && !overlay.struck {
            words.push(format!("the original text: \u{201c}{}\u{201d}", escape::inline(original)));
        }
        if overlay.at.is_some() {
            words.push(format!("the original time: {}", on(day, entry.at)));
        }
        let by = overlay.by.as_ref();
        let by = by.map(|(who, at)| format!(" by {} at {}", escape::inline(who), on(day, *at))).unwrap_or_default();
        let verb = if overlay.struck { "struck" } else { "corrected" };
        let why = match overlay.why.as_str() {
            "" => String::new(),
            why => format!(": {}", escape::inline(why)),
        };
        words.push(format!("{verb}{by}{why}"));
        page.under(&words.join("; "))
    }
}

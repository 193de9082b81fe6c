//! An incident as a report in Markdown, for the people who review it. It must not know where the report goes, nor what time it is.
//!
//! Everything is UTC. Everything that came from people or from outside is escaped, so that nothing of it formats, links or runs. The
//! same entries and options give the same bytes.

mod escape;
mod holds;
mod owed;
mod page;
mod people;
mod summary;
mod timeline;
mod work;

use crate::incident::Incident;
use crate::incident::cadence::Rules;
use crate::incident::entry::{Entry, EntryId};
use crate::incident::hold::Holds;
use crate::incident::time::Time;
use page::Page;
use std::io::{self, Write};

/// How a report is written.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// When it is written.
    pub generated: Time,
    /// It shows what was known then: the incident and the entries are those of that moment. Else what is known now.
    pub as_of: Option<Time>,
    /// The cadence, by which check-ins were owed, and what other streams say was done with switches.
    pub rules: &'a Rules,
    /// Holds of releases, which outlive the incident; none where nobody knows.
    pub holds: Option<&'a Holds>,
    /// It was a drill, and every page says so.
    pub drill: bool,
}

/// Writes the report of an incident. `entries` are those the incident is the fold of, in their sequence.
///
/// # Errors
/// Those of the writer.
pub fn export(incident: &Incident, entries: &[Entry], options: &Options<'_>, out: &mut impl Write) -> io::Result<()> {
    let day = incident.opened().map(|o| o.at).or(entries.first().map(|e| e.at)).unwrap_or(options.generated).date();
    let now = options.as_of.unwrap_or(options.generated);
    let report = Report { incident, entries, options, day, now };
    let page = &mut Page::new(out);
    report.title(page)?;
    report.summary(page)?;
    report.milestones(page)?;
    report.people(page)?;
    report.goals(page)?;
    report.timeline(page)?;
    report.updates(page)?;
    report.promises(page)?;
    report.check_ins(page)?;
    report.switches(page)?;
    report.releases(page)?;
    report.budget(page)?;
    report.questions(page)?;
    report.tasks(page)?;
    report.remains(page)?;
    report.footer(page)
}

/// What the sections are written from.
struct Report<'a> {
    incident: &'a Incident,
    entries: &'a [Entry],
    options: &'a Options<'a>,
    /// The day on which a time without a date lies.
    day: String,
    /// The moment with which what is owed is compared.
    now: Time,
}

impl Report<'_> {
    /// A moment: its time on the report's day, else with its date.
    fn at(&self, moment: Time) -> String {
        on(&self.day, moment)
    }
    /// Somebody's text about an entry, as it was corrected, on one line.
    fn corrected(&self, id: EntryId, text: &str) -> String {
        let overlay = self.incident.correction(id);
        let text = escape::inline(overlay.and_then(|o| o.text.as_deref()).unwrap_or(text));
        if overlay.is_some_and(|o| o.struck) && !text.is_empty() { format!("~~{text}~~") } else { text }
    }
}

/// A moment as it reads on a day.
fn on(day: &str, moment: Time) -> String {
    let date = moment.date();
    if date == day { moment.clock() } else { format!("{date} {}", moment.clock()) }
}

/// A name or a value from outside; what is not there stays empty.
fn or_empty(text: Option<&str>) -> String {
    text.map(escape::inline).unwrap_or_default()
}

#[cfg(test)]
mod tests;

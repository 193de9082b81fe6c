//! Lines of files that say what changed in the world: NDJSON, CSV or OTLP, followed as they grow. Their words stop here.
//!
//! A record needs a time and something that changed; the names of OpenTelemetry's deployment, service and feature flag attributes are known
//! (semantic conventions, registry of attributes). It must not know which incident asks.

use super::clean;
use crate::engine::follow::Follow;
use crate::engine::records::{Record, Records, Take};
use crate::incident::change::{Changed, Reported, Told};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use std::path::{Path, PathBuf};

/// How many changes of a source are remembered, the latest ones.
const KEPT: usize = 20_000;
/// How much is read between two looks at whoever waits, in bytes.
const SIP: u64 = 16 << 20;

/// What kind of change it is.
const WHAT: [&str; 3] = ["what", "kind", "type"];
/// What was changed.
const SUBJECT: [&str; 7] = ["subject", "service.name", "service", "app", "deployment.name", "feature_flag.key", "name"];
/// What it was before.
const FROM: [&str; 3] = ["from", "before", "previous"];
/// What it is now.
const TO: [&str; 6] = ["to", "version", "service.version", "deployment.id", "feature_flag.result.variant", "after"];
/// Who did it.
const WHO: [&str; 5] = ["who", "by", "author", "user", "actor"];
/// Where it was done.
const WHERE: [&str; 3] = ["deployment.environment.name", "deployment.environment", "environment"];
/// Words for people, when nothing else says what was changed.
const WORDS: [&str; 4] = ["message", "msg", "text", "body"];

/// Foreign text as a change holds it: one harmless line, not too long. Empty text is none.
pub(super) fn said(text: &str, most: usize) -> Option<String> {
    let line = clean::clean(text.trim(), most).trim().to_owned();
    (!line.is_empty()).then_some(line)
}

/// The kind of a change as it is kept.
pub(super) fn kind(text: &str) -> Option<String> {
    said(text, 40)
}

/// What was changed as it is kept.
pub(super) fn subject(text: &str) -> Option<String> {
    said(text, 200)
}

/// A value or a name as it is kept.
pub(super) fn value(text: &str) -> Option<String> {
    said(text, 80)
}

/// Changes in the lines of a file, or of the files in a directory.
#[derive(Debug)]
pub struct Lines {
    path: PathBuf,
    files: Option<Follow>,
    records: Records<Taken>,
}

/// What was taken from the lines.
#[derive(Debug)]
struct Taken {
    source: String,
    changes: Vec<Reported>,
    /// Records that say nothing of a change.
    mute: u64,
    /// Older ones that are remembered no longer.
    forgotten: u64,
}

impl Take for Taken {
    fn take(&mut self, record: Record<'_>) {
        let Some(change) = change(&self.source, &record) else {
            self.mute += 1;
            return;
        };
        self.changes.push(Reported { at: Time(record.at), change, until: None, within: Span(0) });
        if self.changes.len() >= 2 * KEPT {
            self.changes.sort();
            self.changes.drain(..KEPT);
            self.forgotten += KEPT as u64;
        }
    }
}

/// What a record says to have changed; none when it says nothing.
fn change(source: &str, record: &Record<'_>) -> Option<Changed> {
    let first = |fields: &[&str]| record.first(fields);
    let is_deployment = first(&["deployment.id", "deployment.name", "deployment.status"]).is_some();
    let usual = match (is_deployment, first(&["feature_flag.key"])) {
        (true, _) if first(&["deployment.status"]).as_deref() == Some("failed") => "failed deploy",
        (true, _) => "deploy",
        (false, Some(_)) => "flag",
        (false, None) => "change",
    };
    let (said_kind, said_subject) = (first(&WHAT), first(&SUBJECT));
    // without a subject, what is said to be what was changed is the subject
    let (what, of) = match (said_kind, said_subject) {
        (Some(what), Some(of)) => (what, of),
        (Some(of), None) | (None, Some(of)) => (usual.to_owned(), of),
        (None, None) => (usual.to_owned(), first(&WORDS)?),
    };
    let of = first(&WHERE).map_or(of.clone(), |place| format!("{of} in {place}"));
    let held = |fields: &[&str]| first(fields).and_then(|text| value(&text));
    Some(Changed {
        what: kind(&what)?,
        subject: subject(&of)?,
        from: held(&FROM),
        to: held(&TO),
        by: held(&WHO),
        source: Some(source.to_owned()),
    })
}

impl Lines {
    /// The changes that a configured source of this name tells in files under a path. Nothing is read yet.
    #[must_use]
    pub fn new(source: &str, path: &Path) -> Lines {
        let taken = Taken { source: source.to_owned(), changes: Vec::new(), mute: 0, forgotten: 0 };
        Lines { path: path.to_owned(), files: None, records: Records::to(taken) }
    }

    /// Reads some of what is new; whether there is more to read at once.
    ///
    /// # Errors
    /// The path cannot be looked at.
    pub fn read(&mut self) -> Result<bool, Trouble> {
        let files = match &mut self.files {
            Some(files) => files,
            none => none.insert(Follow::open(&self.path).map_err(|error| {
                let path = self.path.display().to_string();
                Trouble::Unreachable(format!(
                    "The changes at {} cannot be read: {error}. None are known from there. Check the path; it is looked at again.",
                    clean::clean(&path, 200)
                ))
            })?),
        };
        Ok(files.poll(&mut self.records, SIP, |_| false).more)
    }

    /// What was read about a time so far, its end excluded.
    #[must_use]
    pub fn told(&self, from: Time, until: Time) -> Told {
        let taken = &self.records.to;
        let mut changes: Vec<Reported> =
            taken.changes.iter().filter(|one| (from..until).contains(&one.at)).cloned().collect();
        changes.sort();
        let later = taken.changes.iter().filter(|one| one.at >= until).count() as u64;
        Told { changes, more: 0, doubts: self.doubts(later) }
    }

    fn doubts(&self, later: u64) -> Vec<String> {
        let taken = &self.records.to;
        let reading = self.files.as_ref().map(Follow::reading).unwrap_or_default();
        let count = |n: u64, one: &str, many: &str| match n {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        };
        let mut doubts: Vec<String> = [
            count(reading.bad_lines, "line is no record", "lines are no records"),
            count(reading.untimed, "record has no time", "records have no time"),
            count(reading.long_lines, "line is too long", "lines are too long"),
            count(taken.mute, "record says nothing of a change", "records say nothing of a change"),
            count(later, "change is of the future", "changes are of the future"),
            count(taken.forgotten, "older change is remembered no longer", "older changes are remembered no longer"),
        ]
        .into_iter()
        .flatten()
        .collect();
        doubts.extend(reading.first_bad.clone());
        if reading.behind {
            doubts.push("still reading the files".into());
        }
        doubts.extend(reading.troubles);
        doubts.iter().map(|doubt| clean::clean(doubt, 240).into_owned()).collect()
    }
}

#[cfg(test)]
mod tests;

//! Series that come and go as changes: one that appears says that its label has a new value, one that stays away that the value is gone.
//!
//! Samples are asked for at whole minutes, so that whoever asks finds the same moments. It must not know which incident asks.

use super::super::super::changes::{kind, subject, value};
use super::{MOST, Prometheus, wire};
use crate::incident::change::{Changed, Reported, Told};
use crate::incident::time::{MINUTE, Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::window::Stretch;
use std::collections::{BTreeMap, BTreeSet};

/// The time between two looks at a series; no query may span more than [`MOST`] of them.
const STEP: i64 = MINUTE;
/// How long a series may stay away before it is gone: Prometheus itself looks back so far for a sample.
const AWAY: i64 = 5 * MINUTE;
/// How long before it is of interest a series must have been there not to count as new.
const LEAD: i64 = 10 * MINUTE;
/// How much of what is known is asked again each time: samples come late.
const AGAIN: i64 = 30 * MINUTE;
/// How many series are looked at.
const SERIES: usize = 1_000;
/// Labels that name what runs; of several labels the first of these is the one that changes, of others the last by name.
const TELLING: [&str; 10] =
    ["version", "service_version", "build", "build_id", "release", "revision", "commit", "sha", "tag", "image"];

/// What a query of series says to change, asked bit by bit.
#[derive(Debug)]
pub struct Builds {
    source: String,
    query: String,
    /// What was found in the time that was asked about.
    found: BTreeSet<Reported>,
    /// From when to when it was asked, µs.
    asked: Option<(i64, i64)>,
}

impl Builds {
    /// The changes that a configured source of this name finds by a query.
    #[must_use]
    pub fn new(source: &str, query: &str) -> Builds {
        Builds { source: source.to_owned(), query: query.to_owned(), found: BTreeSet::new(), asked: None }
    }

    /// Asks what changed in a time, its end excluded: all of it first, later what is new.
    ///
    /// # Errors
    /// Nobody answered in time, or they refused, or what they answered cannot be read.
    pub async fn ask(&mut self, server: &mut Prometheus, from: Time, until: Time, now: Time) -> Result<Told, Trouble> {
        let last = until.0.min(now.0).div_euclid(STEP) * STEP;
        let most = last - (MOST - 1) * STEP;
        let wanted = (from.0 - LEAD).div_euclid(STEP) * STEP;
        let first = wanted.max(most);
        // one that is asked about another time begins again
        let known = self.asked.filter(|(begin, end)| *begin <= first && *end >= first && last >= *end - AGAIN);
        let begin = known.map_or(first, |(_, end)| first.max(end - AGAIN));
        let stretch = Stretch { from: begin - STEP, to: last };
        let reply = server.ranged(&self.query, stretch, STEP).await?;
        let mut answer = server.understood(reply, &self.query, now, wire::presence)?;
        let mut doubts = std::mem::take(&mut answer.warnings);
        if answer.series.len() > SERIES {
            doubts.push(format!("{} series came; the first {SERIES} are looked at", answer.series.len()));
            answer.series.truncate(SERIES);
        }
        if answer.series.is_empty() {
            doubts.push("the query found no series".into());
        }
        if wanted < most {
            doubts.push(format!("asked about the last {} days only", (MOST * STEP) / (24 * 60 * MINUTE)));
        }
        let settled = begin + LEAD;
        self.found.retain(|one| known.is_some() && one.at.0 < settled);
        let fresh = changes(&self.source, &answer.series).into_iter();
        self.found.extend(fresh.filter(|one| known.is_none() || one.at.0 >= settled));
        self.asked = Some((known.map_or(first, |(begin, _)| begin), last));
        let changes = self.found.iter().filter(|one| (from..until).contains(&one.at)).cloned().collect();
        Ok(Told { changes, more: 0, doubts })
    }
}

/// What comes and goes among series that were looked at. A moment at which none was there says nothing.
fn changes(source: &str, series: &[(BTreeMap<String, String>, Vec<i64>)]) -> Vec<Reported> {
    let moments: BTreeSet<i64> = series.iter().flat_map(|(_, moments)| moments.iter().copied()).collect();
    let (Some(first), Some(last)) = (moments.first().copied(), moments.last().copied()) else { return Vec::new() };
    let mut found = Vec::new();
    for (labels, there) in series {
        let mut before: Option<i64> = None;
        for at in there.iter().copied() {
            // moments at which others were there and this one was not
            let missed = |since: i64| moments.range(since + 1..at).next().copied();
            let (came, went) = match before {
                None => (at > first, None),
                Some(since) => match missed(since).filter(|missed| at - missed >= AWAY) {
                    Some(missed) => (true, Some(missed)),
                    None => (false, None),
                },
            };
            found.extend(went.and_then(|went| reported(source, labels, went, false)));
            found.extend(if came { reported(source, labels, at, true) } else { None });
            before = Some(at);
        }
        let went = before.and_then(|since| moments.range(since + 1..).next().copied());
        found.extend(went.filter(|went| last - went >= AWAY).and_then(|went| reported(source, labels, went, false)));
    }
    found
}

/// A series that came or went, in the words of the record.
fn reported(source: &str, labels: &BTreeMap<String, String>, at: i64, came: bool) -> Option<Reported> {
    let telling = TELLING.iter().find_map(|name| labels.get_key_value(*name)).or_else(|| labels.last_key_value());
    let (label, told) = telling?;
    let others: Vec<&str> = labels.iter().filter(|(name, _)| *name != label).map(|(_, v)| v.as_str()).collect();
    let of = if others.is_empty() { String::new() } else { format!(" of {}", others.join(" ")) };
    let (what, of, to) = match came {
        true => ("change", format!("{label}{of}"), value(told)),
        false => ("end", format!("{label} {told}{of}"), None),
    };
    let source = Some(source.to_owned());
    let change = Changed { what: kind(what)?, subject: subject(&of)?, from: None, to, by: None, source };
    Some(Reported { at: Time(at), change, until: None, within: Span(AWAY) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_562_712_600_000_000;

    fn series(version: &str, minutes: impl Iterator<Item = i64>) -> (BTreeMap<String, String>, Vec<i64>) {
        let labels = BTreeMap::from([("version".to_owned(), version.to_owned())]);
        (labels, minutes.map(|minute| START + minute * MINUTE).collect())
    }

    fn said(series: &[(BTreeMap<String, String>, Vec<i64>)]) -> Vec<(i64, String)> {
        let mut said: Vec<_> =
            changes("builds", series).iter().map(|one| ((one.at.0 - START) / MINUTE, one.change.words())).collect();
        said.sort();
        said
    }

    #[test]
    fn given_series_that_come_and_go_when_looked_at_then_what_was_there_first_is_no_change() {
        let series = [series("1822", 0..31), series("1823", 20..60)];
        let expected = [(20, "change version to 1823".to_owned()), (31, "end version 1822".to_owned())];
        assert_eq!(said(&series), expected);
    }

    #[test]
    fn given_a_blink_when_looked_at_then_nothing_changed_and_a_long_absence_is_an_end_and_a_beginning() {
        let blink = [series("1822", (0..10).chain(14..60)), series("1823", 0..60)];
        assert_eq!(said(&blink), []);
        let away = [series("1822", (0..10).chain(15..60)), series("1823", 0..60)];
        assert_eq!(said(&away), [(10, "end version 1822".to_owned()), (15, "change version to 1822".to_owned())]);
        let leaving = [series("1822", 0..56), series("1823", 0..60)];
        assert_eq!(said(&leaving), [], "it may come back");
    }

    #[test]
    fn given_a_server_that_was_silent_when_looked_at_then_its_silence_ends_nothing() {
        let silent = [series("1822", (0..10).chain(40..60)), series("1823", (0..10).chain(40..60))];
        assert_eq!(said(&silent), []);
        let meanwhile = [series("1822", 0..10), series("1823", 40..60)];
        let expected = [(40, "change version to 1823".to_owned()), (40, "end version 1822".to_owned())];
        assert_eq!(said(&meanwhile), expected);
        assert_eq!(said(&[]), []);
    }

    #[test]
    fn given_several_labels_when_told_then_the_one_that_names_a_build_changes() {
        let labels = [("build", "7f"), ("cluster", "eu"), ("zone", "a")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let told = reported("builds", &BTreeMap::from(labels), START, true).map(|one| one.change.words());
        assert_eq!(told.as_deref(), Some("change build of eu a to 7f"));
        assert_eq!(reported("builds", &BTreeMap::new(), START, true), None, "a sum over everything names nothing");
    }
}

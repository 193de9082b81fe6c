//! Counting apart by labels: one sum of differences for each value, of all events and of the part, over pieces of time that the server can hold. What is
//! exact for a bucket is exact here: resets lose nothing.
//!
//! Total and part need not be one metric. A label that one of them lacks would put all its events under no value, and every other value would
//! look as if nothing had failed: that is refused.

use super::super::{inconsistent, named, not_here, whole};
use super::expr::{Counter, is_label};
use super::{Body, Count, MOST, Part, Prometheus, seconds, wire};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::breakdown::{Breakdown, Row, Table, Told};
use crate::query::filter::Literal;
use std::collections::BTreeMap;

/// What is said where total and part do not fit.
const BOTH: &str = "Name labels that the counters of all events and of the part both have.";

/// Counts by the values of the labels.
type Counts = BTreeMap<Vec<Literal>, f64>;

impl Prometheus {
    /// Counts a stretch of time apart by labels. It begins and ends at whole scrapes.
    ///
    /// # Errors
    /// As [`Prometheus::count`]; or it cannot be asked: in words.
    pub async fn apart(&mut self, count: &Count, by: &Breakdown, scrape: i64, now: Time) -> Result<Told, Trouble> {
        let who = self.who().to_owned();
        if let Some(percentile) = &by.percentile {
            let why = format!("a counter has no numbers of single events, so no {}", percentile.words());
            return Err(not_here(&who, &why, "Ask it without that, or of a backend that keeps events."));
        }
        if let Some(field) = by.fields.iter().find(|field| !is_label(field)) {
            let why = format!("{field} is no name of a label");
            let next =
                if field.contains('.') { format!("Try {}.", field.replace('.', "_")) } else { "Name a label.".into() };
            return Err(not_here(&who, &why, &next));
        }
        let scrape = scrape.max(1_000_000);
        let (from, to) = (by.from.div_euclid(scrape) * scrape, by.to.div_euclid(scrape) * scrape);
        if from >= to {
            let why = format!("nothing was scraped in so short a time; it is scraped each {} s", scrape / 1_000_000);
            return Err(not_here(&who, &why, "Ask about a longer time."));
        }
        let mut told = Told { from, to, ..Told::default() };
        let (Part::Bad(some) | Part::Good(some)) = &count.part;
        let is_good = matches!(count.part, Part::Good(_));
        let name = if is_good { "good" } else { "bad" };
        let mut counts = Vec::new();
        for (name, counter) in [("total", Some(&count.total)), (name, Some(some)), ("what if", count.also.as_ref())] {
            if let Some(counter) = counter {
                counts.push(self.counted(name, counter, by, (from, to, scrape), now, &mut told.notes).await?);
            }
        }
        let mut counts = counts.into_iter();
        let [totals, parts, also] = [counts.next(), counts.next(), counts.next()].map(Option::unwrap_or_default);
        for (part, name) in [(&parts, name), (&also, "what if")] {
            let stray =
                part.iter().find(|(values, n)| whole(**n) > 0 && totals.get(*values).map_or(0, |n| whole(*n)) == 0);
            if let Some((values, n)) = stray {
                let (fields, values) = (by.fields.join(", "), named(values));
                let why = format!("`{name}` counted {} of {fields} {values}, and `total` none", whole(*n));
                return Err(not_here(&who, &why, BOTH));
            }
        }
        if is_good && parts.is_empty() && !totals.is_empty() {
            told.notes.push("no good event was counted at all: see whether the query of the good ones is right".into());
        }
        let at = |counts: &Counts, values: &Vec<Literal>| counts.get(values).map_or(0, |n| whole(*n));
        let mut odd = Vec::new();
        let rows = totals.iter().map(|(values, total)| {
            let (total, part) = (whole(*total), at(&parts, values));
            let bad = if is_good { total.saturating_sub(part) } else { part };
            let bad = bad.saturating_add(at(&also, values));
            if part > total || bad > total {
                let (some, kind) = if is_good && part > total { (part, "good") } else { (bad, "bad") };
                odd.push(format!("{some} {kind} of {total} events of {}", named(values)));
            }
            Row { values: values.clone(), total, bad, percentile: None }
        });
        let rows: Vec<Row> = rows.filter(|row| row.total > 0).collect();
        told.notes.extend(inconsistent(&odd));
        told.table = Table::of(rows, false);
        told.notes.sort();
        told.notes.dedup();
        Ok(told)
    }

    /// What one counter counted, piece by piece.
    async fn counted(
        &mut self,
        name: &str,
        counter: &Counter,
        by: &Breakdown,
        (from, to, scrape): (i64, i64, i64),
        now: Time,
        notes: &mut Vec<String>,
    ) -> Result<Counts, Trouble> {
        let mut counts = Counts::new();
        let mut start = from;
        while start < to {
            let end = to.min(start.saturating_add(scrape.saturating_mul(MOST)));
            let Some(query) = counter.apart(&by.fields, end - start, scrape) else {
                let why = format!("`{name}` is a query of its own, and nobody knows which labels are left in it");
                return Err(not_here(self.who(), &why, "Name a counter such as http_requests_total{job=\"api\"}."));
            };
            let mut pairs = vec![("query", query), ("time", seconds(end))];
            self.quirks(&mut pairs).await?;
            let reply = self.http.ask("/api/v1/query", Body::Form(pairs), self.deadline).await?;
            let answer = self.understood(reply, "", now, wire::groups)?;
            if answer.histograms {
                let why = format!("`{name}` finds native histograms, which are no counts");
                return Err(not_here(self.who(), &why, "Name a counter such as http_requests_total{job=\"api\"}."));
            }
            notes.extend(answer.warnings);
            for (mut labels, n) in answer.groups {
                let value = |field: &String| match labels.remove(field) {
                    Some(text) if !text.is_empty() => Literal::Text(text),
                    _ => Literal::Null,
                };
                *counts.entry(by.fields.iter().map(value).collect()).or_default() += n;
            }
            start = end;
        }
        for (place, label) in by.fields.iter().enumerate() {
            if !counts.is_empty() && counts.keys().all(|values| values.get(place) == Some(&Literal::Null)) {
                let why = format!("no series of `{name}` has the label {label}");
                return Err(not_here(self.who(), &why, BOTH));
            }
        }
        Ok(counts)
    }
}

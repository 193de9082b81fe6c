//! Which values of a field no objective counts: each value's share of the events now against its share when all was quiet. It must not know how
//! anything is counted.

use super::desk::Io;
use super::fault::Fault;
use super::paper;
use crate::incident::impact::{counted, thousands};
use crate::incident::time::Time;
use crate::query::breakdown::{Breakdown, Row, Table};
use crate::query::filter::Literal;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// How many groups are shown.
const SHOWN: usize = 20;
/// A value that the objective does not count and whose share grew by this factor is named loudly.
const GREW: u64 = 2;
/// Fewer events than this prove nothing.
const FEW: u64 = 10;
/// Half of the events.
const MOST_PPM: u64 = 500_000;

/// How the values of fields share the events before a moment and since.
pub struct Shares {
    by: Breakdown,
    rows: Vec<Share>,
    /// Groups that are not shown, and their events.
    hidden: Option<(u64, u64)>,
    notes: Vec<String>,
}

/// One value, or one of each field.
struct Share {
    value: String,
    total: u64,
    bad: u64,
    percentile: Option<f64>,
    quiet_total: u64,
    quiet_bad: u64,
    now_ppm: u64,
    quiet_ppm: Option<u64>,
    /// The field was there before too: where most events lacked it then, more of a value than before means nothing.
    is_comparable: bool,
}

impl Shares {
    /// From the events of a span apart, and those before it.
    pub fn of(by: Breakdown, (now, quiet): (&Table, &Table), notes: Vec<String>) -> Shares {
        let ppm = |part: u64, whole: u64| {
            (whole > 0).then(|| u64::try_from(u128::from(part) * 1_000_000 / u128::from(whole)).unwrap_or(u64::MAX))
        };
        let then: HashMap<&Vec<Literal>, &Row> = quiet.rows.iter().map(|row| (&row.values, row)).collect();
        let seen: HashSet<&Vec<Literal>> = now.rows.iter().map(|row| &row.values).collect();
        // one that is gone is told too: a host that says nothing any more
        let gone = quiet.rows.iter().filter(|row| !seen.contains(&row.values));
        let gone = gone.map(|row| Row { total: 0, bad: 0, percentile: None, ..row.clone() });
        let rows: Vec<Row> = now.rows.iter().cloned().chain(gone).collect();
        let (all, all_quiet) = (now.sum().0, quiet.sum().0);
        let lacked = |row: &Row| {
            let missing = row.values.iter().all(|value| *value == Literal::Null);
            let before = then.get(&row.values).map_or(0, |row| row.total);
            missing && ppm(before, all_quiet) > Some(MOST_PPM) && ppm(row.total, all) < Some(MOST_PPM)
        };
        let is_comparable = !rows.iter().any(lacked);
        let share = |row: &Row| {
            let (quiet_total, quiet_bad) = then.get(&row.values).map_or((0, 0), |row| (row.total, row.bad));
            let words: Vec<String> = row.values.iter().map(|value| paper::line(&value.to_string(), 40)).collect();
            Share {
                value: words.join(", "),
                total: row.total,
                bad: row.bad,
                percentile: row.percentile,
                quiet_total,
                quiet_bad,
                now_ppm: ppm(row.total, all).unwrap_or(0),
                quiet_ppm: ppm(quiet_total, all_quiet),
                is_comparable,
            }
        };
        let hidden = rows.get(SHOWN..).filter(|rows| !rows.is_empty());
        let hidden = hidden.map(|rows| (rows.len() as u64, rows.iter().map(|row| row.total).sum()));
        Shares { rows: rows.iter().take(SHOWN).map(share).collect(), hidden, notes, by }
    }

    /// As a table.
    ///
    /// # Errors
    /// Nothing can be written.
    pub fn print(&self, io: &mut Io<'_>) -> Result<(), Fault> {
        let out = &mut io.out;
        let percent = |ppm: u64| format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100);
        let fields = paper::line(&self.by.fields.join(", "), 60);
        let width = self.rows.iter().map(|share| share.value.chars().count()).max().unwrap_or(0).clamp(28, 60);
        let tail = self.by.percentile.as_ref().map(|of| format!("  {:>12}", paper::line(&of.words(), 40)));
        let tail = tail.unwrap_or_default();
        writeln!(out, "  {fields:<width$} {:>12} {:>10} {:>10} {:>10}{tail}", "events", "share", "before", "bad")?;
        for share in &self.rows {
            let before = share.quiet_ppm.map_or_else(|| "–".into(), percent);
            let (total, now, bad) = (thousands(share.total), percent(share.now_ppm), thousands(share.bad));
            let tail = match (&self.by.percentile, share.percentile) {
                (None, _) => String::new(),
                (Some(_), None) => format!("  {:>12}", "–"),
                (Some(_), Some(number)) => format!("  {number:>12}"),
            };
            let value = &share.value;
            writeln!(out, "  {value:<width$} {total:>12} {now:>10} {before:>10} {bad:>10}{tail}  {}", share.word())?;
        }
        if let Some((groups, events)) = self.hidden {
            let others = counted(groups, "other", "others");
            writeln!(out, "  {others:<width$} {:>12}", thousands(events))?;
        }
        for note in &self.notes {
            writeln!(out, "  doubt     {}", paper::line(note, 240))?;
        }
        writeln!(out, "  from {} to {}", Time(self.by.from).iso(), Time(self.by.to).iso())?;
        Ok(())
    }

    /// As data.
    pub fn data(&self) -> Value {
        let row = |share: &Share| {
            json!({
                "value": share.value,
                "total": share.total,
                "bad": share.bad,
                "percentile": share.percentile,
                "share_ppm": share.now_ppm,
                "quiet_total": share.quiet_total,
                "quiet_ppm": share.quiet_ppm,
                "counted": share.is_counted(),
                "stands_out": share.stands_out(),
            })
        };
        json!({
            "field": self.by.fields.join(", "),
            "percentile": self.by.percentile.as_ref().map(|of| json!({"field": of.field, "per_million": of.per_million})),
            "since": Time(self.by.from).iso(),
            "until": Time(self.by.to).iso(),
            "values": self.rows.iter().map(row).collect::<Vec<_>>(),
            "others": self.hidden.map(|(groups, events)| json!({"groups": groups, "total": events})),
            "doubts": self.notes,
        })
    }
}

impl Share {
    /// Some of its events are bad in the objective's eyes.
    fn is_counted(&self) -> bool {
        self.bad > 0 || self.quiet_bad > 0
    }

    /// It is not counted, and there is far more of it than when all was quiet.
    fn stands_out(&self) -> bool {
        let before = self.quiet_ppm.unwrap_or(0);
        self.is_comparable && !self.is_counted() && self.total >= FEW && self.now_ppm > before.saturating_mul(GREW)
    }

    fn word(&self) -> &'static str {
        match (self.is_counted(), self.stands_out()) {
            (true, _) => "counted as bad",
            (false, true) => "NOT COUNTED, and far more than before",
            (false, false) => "",
        }
    }
}

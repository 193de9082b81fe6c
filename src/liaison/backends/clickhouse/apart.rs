//! Counting apart by the values of fields: one statement, a row for each combination of values.

use super::super::{inconsistent, named, not_here, whole};
use super::sql::apart::apart;
use super::{ClickHouse, wire};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::breakdown::{Breakdown, Row, Table, Told};
use crate::query::filter::Literal;
use crate::query::series::SECOND;
use serde_json::Value;
use std::collections::BTreeMap;

/// The most groups that are asked for.
const MOST: usize = 10_000;

impl ClickHouse {
    /// Counts a stretch of time apart by the values of fields. It begins and ends at whole seconds.
    ///
    /// # Errors
    /// As [`ClickHouse::count`]; or it cannot be asked: in words.
    pub async fn apart(&mut self, by: &Breakdown, now: Time) -> Result<Told, Trouble> {
        let table = self.table(now).await?;
        let (statement, held) = apart(&table, &self.count, by, MOST + 1).map_err(|why| {
            not_here(self.http.who(), &format!("{} of it: {why}", self.count.table), "Name another field.")
        })?;
        let keys = by.fields.len();
        let columns = keys + 2 + usize::from(by.percentile.is_some());
        let data = self.ask(&statement, now).await?.data;
        let is_cut = data.len() > MOST;
        let mut notes = Vec::new();
        let mut groups: BTreeMap<Vec<Literal>, Row> = BTreeMap::new();
        let mut is_odd = false;
        for row in data.iter().take(MOST) {
            if row.len() != columns {
                return Err(self.garbled());
            }
            let number = |place: usize| wire::number(row.get(keys + place));
            is_odd |= number(0).is_none() || number(1).is_none();
            let values: Vec<Literal> =
                held.iter().zip(row).map(|(held, value): (_, &Value)| held.read(value)).collect();
            let (total, bad) = (number(0).map_or(0, whole), number(1).map_or(0, whole));
            // numbers that are none are one group with what is not there
            let known = groups.entry(values.clone()).or_insert(Row { values, total: 0, bad: 0, percentile: number(2) });
            known.total = known.total.saturating_add(total);
            known.bad = known.bad.saturating_add(bad);
        }
        if is_odd {
            notes.push("a weight is no number: the values that have it are not counted".into());
        }
        let odd = groups.values().filter(|row| row.bad > row.total);
        let odd: Vec<String> =
            odd.map(|row| format!("{} bad of {} events of {}", row.bad, row.total, named(&row.values))).collect();
        notes.extend(inconsistent(&odd));
        if is_cut {
            notes.push(format!("there are more than {MOST} values: those with the fewest events are in none"));
        }
        if table.is_open() && !groups.is_empty() {
            let nothing = |place: usize| groups.keys().all(|values| values.get(place) == Some(&Literal::Null));
            let missing = by.fields.iter().enumerate().filter(|(place, _)| nothing(*place));
            notes.extend(missing.map(|(_, field)| format!("no event has a field {field}")));
        }
        let notes = notes.iter().map(|note| crate::liaison::clean::clean(note, 240).into_owned()).collect();
        let rows = groups.into_values().filter(|row| row.total > 0).collect();
        let second = |at: i64| at.div_euclid(SECOND) * SECOND;
        Ok(Told { table: Table::of(rows, is_cut), notes, from: second(by.from), to: second(by.to) })
    }
}

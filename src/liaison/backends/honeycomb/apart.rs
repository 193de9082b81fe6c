//! Counting apart by the values of columns: one run of a table without a time line, broken down by these columns and by whether an event is bad. A
//! percentile cannot be put together from those of good and of bad events, so it is a run of its own. Each run takes a turn of the team's.

use super::super::not_here;
use super::spec::{self, Spec, When};
use super::{Honeycomb, Shape, Turn, rows};
use crate::incident::trouble::Trouble;
use crate::query::breakdown::{Breakdown, Percentile, Table, Told};
use crate::query::series::SECOND;
use serde_json::json;

/// The most rows of a run: what is asked for is this, and more there is not (`CreateQueryResultRequest`).
pub(super) const MOST: usize = 10_000;

impl Honeycomb {
    /// Counts a stretch of time apart by the values of columns. It begins and ends where Honeycomb's rounding leaves it.
    ///
    /// # Errors
    /// As [`Honeycomb::count`]; or it cannot be asked: in words.
    pub async fn apart(&mut self, by: &Breakdown, turn: Turn) -> Result<Told, Trouble> {
        self.begin(turn.now).await?;
        let Some(spec) = self.spec.clone() else { return Err(self.garbled("nothing is known to be counted")) };
        let rounding = spec::rounding((by.to - by.from) / SECOND) * SECOND;
        let (from, to) = (by.from.div_euclid(rounding) * rounding, by.to.div_euclid(rounding) * rounding);
        if from >= to {
            return Err(not_here(self.http.who(), "its times are whole minutes", "Ask about a longer time."));
        }
        let operator = by.percentile.as_ref().map(|percentile| self.operator(percentile)).transpose()?;
        let when = When::Between(from / SECOND, to / SECOND);
        let (found, _) = self.table(&spec, &by.fields, when, None, turn).await?;
        let mut is_cut = found.len() >= MOST;
        let mut rows = rows::groups(&spec, &by.fields, &found);
        let mut notes = Vec::new();
        if let (Some(operator), Some(percentile)) = (operator, &by.percentile) {
            let (found, key) = self.table(&spec, &by.fields, when, Some((operator, &percentile.field)), turn).await?;
            is_cut |= found.len() >= MOST;
            rows::percentiles(&mut rows, &by.fields, &found, &key);
            notes.push(format!("{} is as near as Honeycomb says it", percentile.words()));
        }
        if is_cut {
            notes.push(format!(
                "there are more than the {MOST} rows that Honeycomb gives: the values with the fewest events are in none"
            ));
        }
        let notes = notes.iter().map(|note| crate::liaison::clean::clean(note, 240).into_owned()).collect();
        Ok(Told { table: Table::of(rows, is_cut), notes, from, to })
    }

    /// One run of a table, the groups with most events first; and under which key a calculation stands.
    async fn table(
        &mut self,
        spec: &Spec,
        fields: &[String],
        when: When,
        calculation: Option<(&str, &str)>,
        turn: Turn,
    ) -> Result<(super::wire::Rows, String), Trouble> {
        let shape = Shape {
            query: spec.table(fields, when, calculation),
            run: json!({"disable_series": true, "limit": MOST}),
            series: false,
            again: false,
            relational: spec.relational || fields.iter().any(|field| spec::is_relation(field)),
        };
        let (rows, _) = self.run(shape, turn).await?;
        Ok((rows, calculation.map(|(operator, column)| format!("{operator}({column})")).unwrap_or_default()))
    }

    /// Its word for a percentile.
    fn operator(&self, percentile: &Percentile) -> Result<&'static str, Trouble> {
        Ok(match percentile.per_million {
            500_000 => "P50",
            900_000 => "P90",
            950_000 => "P95",
            990_000 => "P99",
            999_000 => "P999",
            _ => {
                let why = format!("it has no {}", percentile.words());
                return Err(not_here(self.http.who(), &why, "Ask for p50, p90, p95, p99 or p99.9."));
            }
        })
    }
}

//! Events told apart by the values of fields within a span of time: what is asked and what is answered. It must not know who counts.

use super::filter::Literal;
use std::cmp::Reverse;

/// The most fields by which events are told apart at once.
pub const MOST_FIELDS: usize = 4;

/// What is asked beside which events count and which are bad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// The fields, the first decides first.
    pub fields: Vec<String>,
    /// From when on, µs UTC.
    pub from: i64,
    /// Until when, this moment not included, µs UTC.
    pub to: i64,
    /// The percentile of a number in each group.
    pub percentile: Option<Percentile>,
}

/// A percentile by nearest rank: the smallest value that so many of all are not above. It is a value that was there, never one between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Percentile {
    /// The field of the number.
    pub field: String,
    /// How many of a million are not above it: 990,000 is p99.
    pub per_million: u32,
}

/// One group.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The value of each field; null is an event without it.
    pub values: Vec<Literal>,
    /// Its valid events.
    pub total: u64,
    /// Those that failed.
    pub bad: u64,
    /// The percentile that was asked for; none when no event of the group has the number.
    pub percentile: Option<f64>,
}

/// The groups, those with most bad events first, then those with most events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The groups.
    pub rows: Vec<Row>,
    /// There were more than are told apart; the further events are in none of them.
    pub is_cut: bool,
}

/// What was answered to a breakdown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// The groups.
    pub table: Table,
    /// What must be said beside them, harmless to show.
    pub notes: Vec<String>,
    /// From when on was counted, µs UTC: some can be asked about whole minutes only.
    pub from: i64,
    /// Until when, this moment not included, µs UTC.
    pub to: i64,
}

impl Breakdown {
    /// The fields in a text with commas between them.
    ///
    /// # Errors
    /// It names none, or more than [`MOST_FIELDS`]: in words.
    pub fn fields_of(text: &str) -> Result<Vec<String>, String> {
        let named = text.split(',').map(|field| field.trim().trim_matches('`')).filter(|field| !field.is_empty());
        let fields: Vec<String> = named.map(str::to_owned).collect();
        match fields.len() {
            0 => Err("It names no field.".into()),
            1..=MOST_FIELDS => Ok(fields),
            n => Err(format!("It names {n} fields; events are told apart by {MOST_FIELDS} at most.")),
        }
    }
}

impl Table {
    /// A table in its order.
    #[must_use]
    pub fn of(mut rows: Vec<Row>, is_cut: bool) -> Table {
        rows.sort_by(|a, b| (Reverse((a.bad, a.total)), &a.values).cmp(&(Reverse((b.bad, b.total)), &b.values)));
        Table { rows, is_cut }
    }

    /// Events and bad ones of all groups.
    #[must_use]
    pub fn sum(&self) -> (u64, u64) {
        self.rows
            .iter()
            .fold((0, 0), |(total, bad), row| (total.saturating_add(row.total), bad.saturating_add(row.bad)))
    }
}

impl Percentile {
    /// It in words: `p99 of duration_ms`.
    #[must_use]
    pub fn words(&self) -> String {
        let digits = format!("{:06}", self.per_million);
        let (whole, rest) = digits.split_at_checked(digits.len() - 4).unwrap_or((&digits, ""));
        let rest = rest.trim_end_matches('0');
        let dot = if rest.is_empty() { "" } else { "." };
        format!("p{}{dot}{rest} of {}", whole.trim_start_matches('0'), self.field)
    }

    /// Which of `count` values in ascending order it is, from 0; none of none.
    #[must_use]
    pub fn rank(&self, count: u64) -> Option<u64> {
        let rank = (u128::from(count) * u128::from(self.per_million.min(1_000_000))).div_ceil(1_000_000).max(1);
        (count > 0).then(|| u64::try_from(rank - 1).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_values_when_ranked_then_the_nearest_that_is_there_counts() {
        let rank = |per_million, count| Percentile { field: String::new(), per_million }.rank(count);
        // of 100 values the 99th, of 101 the 100th, of one the only one
        assert_eq!((rank(990_000, 100), rank(990_000, 101), rank(990_000, 1)), (Some(98), Some(99), Some(0)));
        assert_eq!(
            (rank(500_000, 4), rank(0, 4), rank(1_000_000, 4), rank(990_000, 0)),
            (Some(1), Some(0), Some(3), None)
        );
    }

    #[test]
    fn given_a_percentile_when_said_then_in_the_words_people_use() {
        let words = |per_million| Percentile { field: "duration_ms".into(), per_million }.words();
        assert_eq!(
            [words(990_000), words(999_000), words(500_000)],
            ["p99 of duration_ms", "p99.9 of duration_ms", "p50 of duration_ms"]
        );
    }

    #[test]
    fn given_groups_when_put_in_order_then_the_worst_come_first() {
        let row = |name: i64, total, bad| Row { values: vec![Literal::Int(name)], total, bad, percentile: None };
        let table = Table::of(vec![row(3, 5, 0), row(2, 9, 0), row(1, 4, 4), row(0, 9, 0)], false);
        let order: Vec<Literal> = table.rows.iter().flat_map(|row| row.values.clone()).collect();
        assert_eq!(order, [1, 0, 2, 3].map(Literal::Int));
        assert_eq!(table.sum(), (27, 4));
    }
}

//! Whether the keys of maps that are counted by are in any row: a key that none has reads as nothing, and nothing is never bad. Nor is one that nearly every
//! row had and the latest lack. It must not say how many are bad.

use super::super::Fields;
use super::sql::keys::{any, is_key};
use super::sql::{Count, counts};
use super::{ClickHouse, Statement, wire};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::clean;
use crate::query::filter::{Expr, Op, Test};
use crate::query::gone::{ENOUGH, Gone, LATELY};
use crate::query::series::{Bucket, DAY, HOUR, MINUTE, Series};
use crate::query::window::Stretch;
use std::collections::BTreeMap;

/// How long an answer holds, µs.
const HOLDS: i64 = 5 * MINUTE;
/// When it is looked what is usual, each time for [`STRIP`], µs ago: all of that time would be read for it else.
const USUAL: [i64; 8] = [27 * DAY, 7 * DAY, 2 * DAY, DAY, 12 * HOUR, 4 * HOUR, HOUR, HOUR / 2];
/// How much of the table is read each time, µs.
const STRIP: i64 = 10 * MINUTE;

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    There,
    /// No row of the day has it.
    Never,
    /// The latest rows lack it.
    Gone(Gone),
}

/// What was found out about keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Until when rows were looked at, µs.
    asked: Option<i64>,
    found: Fields,
}

impl ClickHouse {
    /// What is known of the keys that are counted by, in the day before a moment.
    pub async fn fields(&mut self, until: Time, now: Time) -> Fields {
        if self.keys.asked.is_none_or(|asked| until.0.abs_diff(asked) >= HOLDS.unsigned_abs()) {
            let found = self.looked_for(until, now).await;
            self.keys = Keys { asked: Some(until.0), found };
        }
        self.keys.found.clone()
    }

    async fn looked_for(&mut self, until: Time, now: Time) -> Fields {
        let (bad, valid) = (self.count.bad.clone(), self.count.valid.clone());
        let wanting = valid.iter().flat_map(Expr::wanting);
        let mut read: BTreeMap<&str, (bool, Expr)> =
            wanting.map(|test| (test.field.as_str(), (false, lacks(test)))).collect();
        read.extend(bad.compared().into_iter().map(|test| (test.field.as_str(), (true, test.unsaid()))));
        let (mut missing, mut unasked, mut gone) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut numbers = Vec::new();
        for (field, (is_of_bad, unsaid)) in read {
            if matches!(unsaid, Expr::Not(_)) {
                numbers.push(field);
            }
            match self.find(field, (is_of_bad, unsaid), until, now).await {
                Ok(Found::There) => {}
                Ok(Found::Never) => missing.push(field),
                Ok(Found::Gone(found)) => drop(gone.insert(field, found)),
                Err(_) => unasked.push(field),
            }
        }
        let is_gone = |test: &Test| gone.get(test.field.as_str()).is_some_and(|gone| gone.blinds(&bad));
        let is_blind = bad.says_nothing(is_gone) || valid.as_ref().is_some_and(|valid| valid.lets_none(is_gone));
        let blind = gone.values().filter(|gone| is_blind && gone.blinds(&bad)).map(|gone| gone.since).max();
        let of = |field: &str| if numbers.contains(&field) { " as a number" } else { "" };
        let mut words: Vec<String> =
            gone.iter().map(|(field, gone)| format!("{field}{} is {gone}", of(field))).collect();
        let is_dim = bad.says_nothing(|test| gone.get(test.field.as_str()).is_some_and(|gone| gone.dims(&bad)));
        if !missing.is_empty() {
            words.push(format!("no row of the last day has {}: is that its name?", missing.join(", ")));
        }
        if !unasked.is_empty() {
            words
                .push(format!("whether any row has {} is not checked: it took too long or failed", unasked.join(", ")));
        }
        let words = words.iter().map(|words| clean::clean(words, 240).into_owned()).collect();
        Fields { words, blind, is_dim, is_unproven: !missing.is_empty() }
    }

    /// What is known of a field, as far as that has to be asked. Where there is no row at all it is not the field that is missing.
    async fn find(
        &mut self,
        field: &str,
        (is_of_bad, unsaid): (bool, Expr),
        until: Time,
        now: Time,
    ) -> Result<Found, Trouble> {
        let table = self.table(now).await?;
        if !is_key(&table, field) {
            return Ok(Found::There);
        }
        // what counts by a key that is gone counts no more: all rows are looked at
        let valid = self.count.valid.clone().filter(|_| is_of_bad);
        let rows = Count { bad: unsaid, valid: valid.clone(), weight: None, ..self.count.clone() };
        let mut lately = Gone { events: 0, lacking: 0, since: until.0 };
        for back in LATELY {
            lately = self.lacking(&rows, Stretch { from: until.0 - back, to: until.0 }, now).await?;
            if lately.events >= ENOUGH {
                break;
            }
        }
        if !lately.is_odd() {
            return Ok(Found::There);
        }
        if lately.events >= ENOUGH && (is_of_bad || lately.is_all()) {
            let good = is_of_bad.then(|| Expr::Not(Box::new(self.count.bad.clone())));
            let good = Count { valid: Some(Expr::And(valid.into_iter().chain(good).collect())), ..rows };
            // where few come, more of the table is read for it
            let strip = STRIP.max(4 * (until.0 - lately.since));
            let mut before = Vec::new();
            for ago in USUAL {
                let from = until.0 - ago;
                let to = lately.since.min(from + strip);
                if from < to {
                    let seen = self.lacking(&good, Stretch { from, to }, now).await?;
                    before.push(Bucket { start: from, total: seen.events, bad: seen.lacking });
                }
            }
            if let Some(gone) = lately.news(&Series::of(STRIP, before)) {
                return Ok(Found::Gone(gone));
            }
        }
        if lately.is_all() {
            let day = Stretch { from: until.0 - DAY, to: until.0 };
            let statement = any(&table, &self.count, Some(field), day).map_err(|why| self.unfit(&why))?;
            if !self.is_any(&statement, now).await? {
                return Ok(Found::Never);
            }
        }
        Ok(Found::There)
    }

    /// How many rows of a stretch count, and how many of them lack what is called bad.
    async fn lacking(&mut self, count: &Count, stretch: Stretch, now: Time) -> Result<Gone, Trouble> {
        let table = self.table(now).await?;
        let statement = counts(&table, count, stretch, DAY).map_err(|why| self.unfit(&why))?;
        let mut sum = Gone { events: 0, lacking: 0, since: stretch.from };
        for row in self.ask(&statement, now).await?.data {
            let [total, lacking] = [1, 2].map(|place| wire::number(row.get(place)).filter(|number| *number >= 0.0));
            let (Some(total), Some(lacking)) = (total, lacking) else { return Err(self.garbled()) };
            sum.events = sum.events.saturating_add(super::super::whole(total));
            sum.lacking = sum.lacking.saturating_add(super::super::whole(lacking));
        }
        Ok(sum)
    }

    async fn is_any(&mut self, statement: &Statement, now: Time) -> Result<bool, Trouble> {
        Ok(!self.ask(statement, now).await?.data.is_empty())
    }
}

/// What holds where a field is missing.
fn lacks(test: &Test) -> Expr {
    Expr::Test(Test { field: test.field.clone(), op: Op::DoesNotExist })
}

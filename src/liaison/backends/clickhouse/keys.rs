//! Whether the keys of maps that are counted by are in any row: a key that none has reads as nothing, and nothing is never bad. It must not count anything.

use super::super::Fields;
use super::sql::keys::{any, is_key};
use super::{ClickHouse, Statement};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::clean;
use crate::query::filter::Expr;
use crate::query::series::{DAY, HOUR, MINUTE};
use crate::query::window::Stretch;
use std::collections::BTreeSet;

/// How long an answer holds, µs.
const HOLDS: i64 = 15 * MINUTE;
/// How far back a row is looked for, first and at last, µs.
const LATELY: [i64; 2] = [HOUR, DAY];

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
        let read = self.count.bad.compared().into_iter().chain(self.count.valid.iter().flat_map(Expr::wanting));
        let read: BTreeSet<String> = read.map(|test| test.field.clone()).collect();
        let (mut missing, mut unasked) = (Vec::new(), Vec::new());
        for field in read {
            match self.has(&field, until, now).await {
                Ok(true) => {}
                Ok(false) => missing.push(field),
                Err(_) => unasked.push(field),
            }
        }
        let mut words = Vec::new();
        if !missing.is_empty() {
            words.push(format!("no row of the last day has {}: is that its name?", missing.join(", ")));
        }
        if !unasked.is_empty() {
            words
                .push(format!("whether any row has {} is not checked: it took too long or failed", unasked.join(", ")));
        }
        let words = words.iter().map(|words| clean::clean(words, 240).into_owned()).collect();
        Fields { words, is_mistake: false, is_unproven: !missing.is_empty() }
    }

    /// Whether a row has a field, as far as that has to be asked. Where there is no row at all it is not the field that is missing.
    async fn has(&mut self, field: &str, until: Time, now: Time) -> Result<bool, Trouble> {
        let table = self.table(now).await?;
        if !is_key(&table, field) {
            return Ok(true);
        }
        for back in LATELY {
            let stretch = Stretch { from: until.0 - back, to: until.0 };
            let statement = any(&table, &self.count, Some(field), stretch).map_err(|why| self.unfit(&why))?;
            if self.is_any(&statement, now).await? {
                return Ok(true);
            }
        }
        let stretch = Stretch { from: until.0 - DAY, to: until.0 };
        let statement = any(&table, &self.count, None, stretch).map_err(|why| self.unfit(&why))?;
        Ok(!self.is_any(&statement, now).await?)
    }

    async fn is_any(&mut self, statement: &Statement, now: Time) -> Result<bool, Trouble> {
        Ok(!self.ask(statement, now).await?.data.is_empty())
    }
}

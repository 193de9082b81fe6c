//! ClickHouse over HTTP: one statement for each stretch of time, whose answer is a row for each bucket that has rows. Facts: ClickHouse's
//! documentation of its HTTP interface, and what 18.16 and 26.9 answered.

mod apart;
mod keys;
pub mod sql;
mod wire;

use super::super::http::{Body, Http, Reply};
use super::clock::Clock;
use super::{Carry, Counted, Turn};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::series::{Bucket, DAY, SECOND};
use sql::{Count, Statement, Table};
use std::time::Duration;
use wire::{Answer, Fault};

/// The most buckets that are asked at once.
pub const MOST: i64 = 10_800;
/// How long after its end a bucket is asked for first, µs: exporters send in batches.
pub const SETTLES: i64 = 10 * SECOND;
/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(20);
/// How long a statement may run there, a second less, so that what it says about that still arrives.
pub const LONGEST: Duration = Duration::from_secs(DEADLINE.as_secs() - 1);

/// Errors by their numbers (ClickHouse, `ErrorCodes.cpp`).
mod code {
    /// A user may only read, and not choose settings either.
    pub(super) const READONLY: u32 = 164;
    /// Nobody of that name, a wrong password, none, or one that is no longer valid.
    pub(super) const UNKNOWN: [u32; 4] = [192, 193, 194, 516];
    /// It does not know a setting; older ones take a parameter for one.
    pub(super) const UNKNOWN_SETTING: u32 = 115;
    /// Not granted.
    pub(super) const ACCESS_DENIED: u32 = 497;
}

/// A server, and what it is asked about.
#[derive(Debug)]
pub struct ClickHouse {
    http: Http,
    database: Option<String>,
    count: Count,
    deadline: Duration,
    table: Option<Table>,
    keys: keys::Keys,
    clock: Clock,
    /// Whether it lets us choose how long a statement may run.
    is_lenient: bool,
}

impl ClickHouse {
    /// A server behind a client.
    #[must_use]
    pub fn new(http: Http, database: Option<String>, count: Count) -> ClickHouse {
        ClickHouse {
            http,
            database,
            count,
            deadline: DEADLINE,
            table: None,
            keys: keys::Keys::default(),
            clock: Clock::default(),
            is_lenient: true,
        }
    }

    /// The same with another deadline for each question.
    #[must_use]
    pub fn within(self, deadline: Duration) -> ClickHouse {
        ClickHouse { deadline, ..self }
    }

    /// Counts a stretch of time in buckets.
    ///
    /// # Errors
    /// Nobody answered in time, or they refused, or what they answered cannot be read.
    pub async fn count(&mut self, turn: Turn) -> Result<Counted, Trouble> {
        let Turn { stretch, step, now, .. } = turn;
        let table = self.table(now).await?;
        let statement = sql::counts(&table, &self.count, stretch, step).map_err(|why| self.unfit(&why))?;
        let mut rows = Vec::new();
        let mut nothing = false;
        for row in self.ask(&statement, now).await?.data {
            let [start, total, bad] = [0, 1, 2].map(|place| wire::number(row.get(place)));
            let (Some(start), false) = (start, row.len() != 3) else { return Err(self.garbled()) };
            #[expect(
                clippy::cast_possible_truncation,
                reason = "what is outside of i64 saturates, and is then outside of the stretch"
            )]
            let start = (start as i64).saturating_mul(SECOND);
            if start < stretch.from || start >= stretch.to || start.rem_euclid(step) != 0 {
                return Err(self.garbled());
            }
            // a weight that is no number makes a sum that is none: that bucket is not known
            nothing |= total.is_none() || bad.is_none();
            rows.push((start, total.zip(bad)));
        }
        rows.sort_unstable_by_key(|(start, _)| *start);
        if rows.windows(2).any(|two| two.first().map(|(start, _)| start) == two.last().map(|(start, _)| start)) {
            return Err(self.garbled());
        }
        let mut counted = Counted::default();
        let (mut total, mut bad) = (Carry::default(), Carry::default());
        let mut at = match rows.first() {
            Some((first, _)) if *first == stretch.from => stretch.from,
            first => {
                // before the first row there ever was nothing is known; after it there was no traffic
                let known = first.map_or(stretch.to, |(first, _)| *first);
                let statement = sql::before(&table, &self.count, stretch.from).map_err(|why| self.unfit(&why))?;
                if self.ask(&statement, now).await?.data.is_empty() { known } else { stretch.from }
            }
        };
        for (start, counts) in rows.into_iter().chain([(stretch.to, None)]) {
            while at < start {
                counted.buckets.push(Bucket { start: at, total: 0, bad: 0 });
                at += step;
            }
            at = start + step;
            if let Some((all, some)) = counts {
                counted.said.odd.extend(super::odd(some, all, false).map(|odd| (start, odd)));
                counted.buckets.push(Bucket { start, total: total.whole(all), bad: bad.whole(some) });
            }
        }
        if nothing {
            counted.said.words.push("a weight is no number: the buckets that hold it are not counted".into());
            counted.said.partial = true;
        }
        Ok(counted)
    }

    /// The time of the newest row of the last day, µs.
    ///
    /// # Errors
    /// As [`ClickHouse::count`].
    pub async fn newest(&mut self, now: Time) -> Result<Option<i64>, Trouble> {
        let table = self.table(now).await?;
        let statement = sql::newest(&table, &self.count, now.0 - DAY).map_err(|why| self.unfit(&why))?;
        let answer = self.ask(&statement, now).await?;
        let seconds = answer.data.first().and_then(|row| wire::number(row.first())).filter(|seconds| *seconds > 0.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is outside of i64 saturates, and is then no moment of a row"
        )]
        Ok(seconds.map(|seconds| (seconds as i64).saturating_mul(SECOND)))
    }

    async fn table(&mut self, now: Time) -> Result<Table, Trouble> {
        if let Some(table) = &self.table {
            return Ok(table.clone());
        }
        let answer = self.ask(&sql::columns(&self.count), now).await?;
        let columns = answer.data.iter().filter_map(|row| row.first()?.as_str().zip(row.get(1)?.as_str()));
        let table = Table::of(columns);
        self.table = Some(table.clone());
        Ok(table)
    }

    async fn ask(&mut self, statement: &Statement, now: Time) -> Result<Answer, Trouble> {
        let reply = self.send(statement).await?;
        let fault = Fault::read(&reply.body).filter(|_| reply.status != 200);
        let reply = match fault {
            Some(Fault { code: code::READONLY, .. }) if self.is_lenient => {
                self.is_lenient = false;
                self.send(statement).await?
            }
            _ => reply,
        };
        let answer = self.read(reply, now);
        if matches!(answer, Err(Trouble::Refused(_))) {
            // the table may have been altered: it is looked at again next time
            self.table = None;
        }
        answer
    }

    async fn send(&self, statement: &Statement) -> Result<Reply, Trouble> {
        let mut pairs = vec![("wait_end_of_query".to_owned(), "1".to_owned())];
        pairs.extend(self.database.iter().map(|database| ("database".to_owned(), database.clone())));
        if self.is_lenient {
            // a little less than we wait: what nobody waits for any more should not run
            let seconds = self.deadline.as_secs().saturating_sub(1).max(1);
            pairs.push(("max_execution_time".to_owned(), seconds.to_string()));
            // after the other: who may only read may not choose
            pairs.push(("readonly".to_owned(), "1".to_owned()));
        }
        let values = statement.values.iter().enumerate();
        pairs.extend(values.map(|(place, value)| (format!("param_p{}", place + 1), sql::escaped(value))));
        self.http.ask("/", Body::Text { text: statement.text.clone(), pairs }, self.deadline).await
    }

    fn read(&mut self, reply: Reply, now: Time) -> Result<Answer, Trouble> {
        self.clock.see(&reply, now);
        let who = self.http.who();
        if reply.status != 200 {
            match Fault::read(&reply.body) {
                Some(Fault { code: code::ACCESS_DENIED, words }) => {
                    return Err(Trouble::Denied(format!(
                        "{who} does not let us: {words}. Nothing was counted. Grant that user SELECT on {}.",
                        self.count.table
                    )));
                }
                Some(Fault { code, words }) if code::UNKNOWN.contains(&code) => {
                    return Err(Trouble::Denied(format!(
                        "{who} does not know us ({}): {words}. Nothing was counted. Check the configured user and password, and whether they are still valid.",
                        reply.status
                    )));
                }
                Some(Fault { code: code::UNKNOWN_SETTING | code::READONLY, words }) if words.contains("param_") => {
                    return Err(Trouble::Refused(format!(
                        "{who} knows no bound parameters: {words}. Nothing was counted. Texts in filters need ClickHouse 19.14 or newer."
                    )));
                }
                _ => {}
            }
        }
        let said = |reply: &Reply| Fault::read(&reply.body).map(|fault| fault.words);
        let reply = self.http.judged(reply, said, now)?;
        Answer::read(&reply.body).map_err(|fault| match fault {
            Some(fault) => Trouble::Unreachable(format!(
                "{who} failed after it had begun to answer: {}. What is shown grows old. It is asked again.",
                fault.words
            )),
            None => Trouble::Garbled(format!(
                "{who} answered what is no JSONCompact: {}. It was not counted. See whether the address is ClickHouse's HTTP interface.",
                reply.beginning()
            )),
        })
    }

    /// What is known of its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    fn unfit(&self, why: &str) -> Trouble {
        let words = format!(
            "{} of {}: {why}. Nothing was counted. Correct it in the configuration.",
            self.count.table,
            self.http.who()
        );
        Trouble::Refused(crate::liaison::clean::clean(&words, 400).into_owned())
    }

    fn garbled(&self) -> Trouble {
        Trouble::Garbled(format!(
            "{} answered rows that were not asked for. They were not counted. See quarterdeck doctor.",
            self.http.who()
        ))
    }
}

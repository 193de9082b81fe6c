//! Honeycomb's Query Data API: a query is created once, run, and looked at until it is complete. Facts: its OpenAPI document of 2026,
//! and what its own clients do where that is silent.
//!
//! A query reaches seven days back and is seven days long at most; for what is older there is the history of its SLO, when there is one that says
//! the same, and the query in the browser.

mod apart;
mod beyond;
pub mod changes;
mod columns;
mod lacking;
pub mod ledger;
pub mod limit;
pub mod markers;
mod rows;
mod slo;
pub mod spec;
mod wire;

use super::super::clean;
use super::super::http::{self, Body, Http, Reply, segment};
use super::clock::Clock;
use super::{Counted, Turn};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::filter::Expr;
use crate::query::opinion::Opinion;
use crate::query::series::{DAY, HOUR, SECOND};
use crate::query::window::Stretch;
use limit::{Limits, Seat};
use spec::{Sli, Spec, When};
use std::collections::BTreeMap;
use std::time::Duration;
use wire::{Access, Run};

/// The most buckets that are asked at once: a thousand is the limit, and borders must lie on whole hours.
pub const MOST: i64 = 960;
/// How much is asked for first, µs, and the moments at which it is cut, so that it is one run and what is before it is one too.
pub const FIRST: (i64, i64) = (5 * HOUR, HOUR / 2);
/// The wide buckets in which a long time is counted first, and the moments at which it can be cut, µs: seven days are fewer than a thousand.
pub const ROUGH: (i64, i64) = (HOUR / 4, HOUR / 2);
/// How far back a query may reach, µs; an hour less than the seven days, since starts are rounded down.
pub const REACH: i64 = 7 * DAY - HOUR;
/// How long after its end a bucket is asked for first, µs: events are on their way.
pub const SETTLES: i64 = 15 * SECOND;
/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long a run may take: it is stopped by itself after ten seconds.
const RUN: Duration = Duration::from_secs(15);
/// How many queries are remembered to be run again.
const REMEMBERED: usize = 16;
/// Where a word or two of help begins.
const SELF: &str = "Honeycomb";

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The dataset's slug, or `__all__`.
    pub dataset: String,
    /// Which events are bad; none when the SLO's own column says it.
    pub sli: Option<Sli>,
    /// The SLO there that says the same, by its id.
    pub slo: Option<String>,
    /// What is bad besides.
    pub also: Option<Expr>,
    /// The share that we promise, per million.
    pub target_ppm: u32,
    /// The length of our window in whole days.
    pub days: u64,
}

/// What is run.
struct Shape {
    /// The query.
    query: serde_json::Value,
    /// How it is run, but for the query's id.
    run: serde_json::Value,
    /// Its time line is what is wanted, not its table.
    series: bool,
    /// The same query will be run again: its id is remembered.
    again: bool,
    /// It looks at other spans of the trace, which is limited more.
    relational: bool,
}

/// Honeycomb, as one objective asks it.
#[derive(Debug)]
pub struct Honeycomb {
    http: Http,
    count: Count,
    limits: Limits,
    steady: fn() -> i64,
    clock: Clock,
    deadline: Duration,
    /// Whose key it is, once that was asked.
    owner: Option<Access>,
    team: Option<String>,
    seat: Option<Seat>,
    may_read_slos: bool,
    /// The SLO there that says the same, once it was looked for.
    same: Option<Option<String>>,
    spec: Option<Spec>,
    columns: columns::Columns,
    lacking: lacking::Lacking,
    queries: BTreeMap<String, String>,
    opinion: Option<Opinion>,
    /// When it was last asked for its own figures.
    looked: Option<i64>,
    /// The history of a time that was asked for last: what is over stays as it is.
    told: Option<(Stretch, Vec<(i64, f64)>)>,
}

impl Honeycomb {
    /// Honeycomb behind a client. `steady` gives µs that never go back; the limits are shared by all who ask with keys of one team.
    #[must_use]
    pub fn new(http: Http, count: Count, limits: Limits, steady: fn() -> i64) -> Honeycomb {
        Honeycomb {
            http,
            count,
            limits,
            steady,
            clock: Clock::default(),
            deadline: DEADLINE,
            owner: None,
            team: None,
            seat: None,
            may_read_slos: true,
            same: None,
            spec: None,
            columns: columns::Columns::default(),
            lacking: lacking::Lacking::default(),
            queries: BTreeMap::new(),
            opinion: None,
            looked: None,
            told: None,
        }
    }

    /// The same with another deadline for each answer.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Honeycomb {
        Honeycomb { deadline, ..self }
    }

    /// Counts a stretch of time in buckets. A bucket in which nothing happened is known to hold nothing.
    ///
    /// # Errors
    /// Nobody answered in time, or they refused, or what they answered cannot be read, or it is not our turn yet.
    pub async fn count(&mut self, turn: Turn) -> Result<Counted, Trouble> {
        self.begin(turn.now).await?;
        // "the last minutes" are so by their clock: where that is not ours they are asked by name, up to their present
        let theirs = self.clock.theirs(turn.now).filter(|_| turn.is_live);
        let Stretch { from, to } = turn.stretch;
        let to = theirs.map_or(to, |theirs| to.min(theirs.0.div_euclid(turn.step) * turn.step));
        if to <= from {
            return Ok(Counted::default());
        }
        // they round ends down: what is behind the last round moment is asked apart, up to now
        let rounding = spec::rounding((to - from) / SECOND) * SECOND;
        let even = to.div_euclid(rounding) * rounding;
        let near = turn.is_live && theirs.is_none() && turn.now.0 - to < 2 * turn.step + SETTLES;
        // they count it back from when it is run, which may be a turn later
        let latest = turn.now.0 + i64::try_from(turn.patience.as_micros()).unwrap_or(0);
        let mut counted = Counted::default();
        if near && (to - from) / SECOND <= 21_000 {
            self.part(turn, spec::last(turn.stretch, latest), turn.stretch, &mut counted).await?;
            return Ok(counted);
        }
        if even > from {
            let stretch = Stretch { from, to: even };
            self.part(turn, When::Between(from / SECOND, even / SECOND), stretch, &mut counted).await?;
        }
        if even < to {
            let stretch = Stretch { from: even.max(from), to };
            let when = if near {
                spec::last(stretch, latest)
            } else {
                When::Between(stretch.from / SECOND, stretch.to / SECOND)
            };
            self.part(turn, when, stretch, &mut counted).await?;
        }
        Ok(counted)
    }

    /// Learns whose key it is and what it may do, once, and what is to be counted.
    async fn begin(&mut self, now: Time) -> Result<(), Trouble> {
        if self.team.is_none() {
            let reply = self.http.ask("/1/auth", Body::Nothing, self.deadline).await?;
            let reply = self.judged(reply, now)?;
            let access = wire::access(&reply.body).map_err(|why| self.garbled(&reply.shown(&why)))?;
            let who = self.http.who();
            let denied =
                |what: &str, next: &str| Trouble::Denied(format!("{who}: {what}. Nothing was counted. {next}"));
            if access.ingest {
                return Err(denied("the key is an ingest key, which can only send events", "Use a configuration key."));
            }
            if !access.lacks.is_empty() {
                let lacks = access.lacks.join("\" and \"");
                let next = "Give it to the key in the environment's settings, or use another key.";
                return Err(denied(&format!("the key lacks the permission \"{lacks}\""), next));
            }
            if access.environment.is_none() && self.count.dataset == "__all__" {
                let next = "Name a dataset.";
                return Err(denied("the key is of a classic account, which has no datasets together", next));
            }
            self.may_read_slos = access.slos;
            let team = format!("{} {}", self.http.base(), access.team);
            self.seat = self.limits.join(&team);
            self.owner = Some(access);
            self.team = Some(team);
        }
        if self.spec.is_none() {
            let sli = match (&self.count.sli, self.count.slo.clone()) {
                (Some(sli), _) => sli.clone(),
                (None, id) => Sli::Column(self.alias(&id.unwrap_or_default(), now).await?),
            };
            let spec = Spec::new(sli, self.count.also.clone());
            self.spec = Some(spec.map_err(|why| {
                Trouble::Refused(format!(
                    "{} cannot be asked this: {why}. Nothing was counted. Correct it in the configuration.",
                    self.http.who()
                ))
            })?);
        }
        Ok(())
    }

    /// One run, and what it counted of a stretch.
    async fn part(&mut self, turn: Turn, when: When, stretch: Stretch, into: &mut Counted) -> Result<(), Trouble> {
        let Some(spec) = self.spec.clone() else { return Err(self.garbled("nothing is known to be counted")) };
        let shape = Shape {
            query: spec.query(when, turn.step / SECOND),
            run: serde_json::json!({"disable_series": false}),
            series: true,
            again: matches!(when, When::Last(_)),
            relational: spec.relational,
        };
        let (rows, link) = self.run(shape, turn).await?;
        let doubt = self.team.as_deref().and_then(|team| self.limits.doubt(team));
        into.passing.extend(doubt.map(|words| clean::clean(&words, 240).into_owned()));
        into.link = link.or(into.link.take());
        self.lacking.counted(stretch, &rows::lacking(&spec, &rows, stretch, turn.step), turn.step);
        into.buckets.extend(rows::buckets(&spec, &rows, stretch, turn.step).map_err(|why| self.garbled(&why))?);
        Ok(())
    }

    /// Creates a query where it is not known yet, runs it when it is our turn, and waits until it is complete.
    async fn run(&mut self, shape: Shape, turn: Turn) -> Result<(wire::Rows, Option<String>), Trouble> {
        let dataset = segment(&self.count.dataset);
        let Shape { query, run, series, again, relational } = shape;
        let written = query.to_string();
        // a query cannot be deleted: none is created that has to wait and is another one by then
        self.wait_for_turn(relational, turn).await?;
        let known = self.queries.get(&written).cloned();
        let id = match known {
            Some(id) => id,
            None => {
                let reply = self.http.ask(&format!("/1/queries/{dataset}"), Body::Json(query), self.deadline).await?;
                let reply = self.judged(reply, turn.now)?;
                let id = wire::id(&reply.body).map_err(|why| self.garbled(&why))?;
                if again {
                    if self.queries.len() >= REMEMBERED {
                        self.queries.clear();
                    }
                    self.queries.insert(written.clone(), id.clone());
                }
                id
            }
        };
        let mut ask = run;
        if let Some(ask) = ask.as_object_mut() {
            ask.insert("query_id".into(), id.into());
        }
        let reply = self.http.ask(&format!("/1/query_results/{dataset}"), Body::Json(ask), self.deadline).await?;
        if matches!(reply.status, 400 | 404) {
            // the query may be gone: it is made anew the next time
            self.queries.remove(&written);
        }
        let reply = self.judged(reply, turn.now)?;
        let result = wire::id(&reply.body).map_err(|why| self.garbled(&why))?;
        // the address they give for it is not followed: the key stays with its host
        let path = format!("/1/query_results/{dataset}/{}", segment(&result));
        let began = (self.steady)();
        let mut pause = Duration::from_millis(250);
        loop {
            let reply = self.http.ask(&path, Body::Nothing, self.deadline).await?;
            let reply = self.judged(reply, turn.now)?;
            match wire::run(&reply.body, series).map_err(|why| self.garbled(&reply.shown(&why)))? {
                Run::Done(rows, link) => return Ok((rows, link)),
                Run::Failed(why) => {
                    return Err(Trouble::Unreachable(format!(
                        "{} could not run the query: {why}. What is shown grows old. It is asked again.",
                        self.http.who()
                    )));
                }
                Run::Running if Duration::from_micros(((self.steady)() - began).unsigned_abs()) > RUN => {
                    return Err(Trouble::Unreachable(format!(
                        "{} did not complete the query within {} s. What is shown grows old. It is asked again.",
                        self.http.who(),
                        RUN.as_secs()
                    )));
                }
                Run::Running => {
                    http::pause(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(1));
                }
            }
        }
    }

    /// Waits until it is our turn to run a query, as long as there is patience.
    async fn wait_for_turn(&self, relational: bool, turn: Turn) -> Result<(), Trouble> {
        let team = self.team.as_deref().unwrap_or_default();
        let began = (self.steady)();
        loop {
            let now = (self.steady)();
            let Err(wait) = self.limits.turn(team, now, turn.urgency, relational) else {
                return Ok(());
            };
            let patience = i64::try_from(turn.patience.as_micros()).unwrap_or(i64::MAX);
            if now - began + wait > patience {
                let until = turn.now.plus(Span(wait));
                let most = if relational { "one query about other spans" } else { "ten queries" };
                return Err(Trouble::Slowed(
                    until,
                    format!(
                        "queued until {}: {SELF} lets a team run {most} a minute. What is shown grows old until then.",
                        until.clock()
                    ),
                ));
            }
            self.limits.waits(now, wait);
            http::pause(Duration::from_micros(wait.unsigned_abs())).await;
        }
    }

    /// An answer that is fine, or what is wrong.
    fn judged(&mut self, reply: Reply, now: Time) -> Result<Reply, Trouble> {
        self.clock.see(&reply, now);
        let judged = self.http.judged(reply, explained, now);
        if let (Err(Trouble::Slowed(until, _)), Some(team)) = (&judged, &self.team) {
            let steady = (self.steady)();
            self.limits.slowed(team, steady + until.since(now).0, steady);
        }
        judged
    }

    /// What is known of its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    fn garbled(&self, why: &str) -> Trouble {
        Trouble::Garbled(format!(
            "{}: {why}. Nothing was counted. See whether this address is {SELF}'s.",
            self.http.who()
        ))
    }
}

/// What an error says, and the question that it raises first.
fn explained(reply: &Reply) -> Option<String> {
    let said = wire::error(&reply.body);
    let hint = match reply.status {
        401 => {
            "A key of the EU is known at https://api.eu1.honeycomb.io only, one of the US at https://api.honeycomb.io"
        }
        403 => "Reading results needs a plan that has the Query Data API",
        404 => "Is the dataset's slug right, and of the key's environment?",
        _ => return said,
    };
    Some(said.map_or(hint.to_owned(), |said| format!("{said} ({hint})")))
}

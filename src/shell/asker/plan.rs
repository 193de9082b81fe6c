//! From what is configured about an objective to how its backend is asked. Everything that can be wrong in the configuration is found here,
//! before anybody is asked.

use super::super::clock;
use crate::app::feed::Pace;
use crate::config::asks::{Asks, Part, Query, Sli};
use crate::config::backends::{Backend, BackendKind, Login};
use crate::config::blocks;
use crate::config::read::Written;
use crate::config::secret::SecretRef;
use crate::incident::time::{MINUTE, SECOND, Span};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::Server;
use crate::liaison::backends::clickhouse::{self, ClickHouse};
use crate::liaison::backends::honeycomb::limit::Limits;
use crate::liaison::backends::honeycomb::{self, Honeycomb};
use crate::liaison::backends::prometheus::expr::{Counter, Unfit};
use crate::liaison::backends::prometheus::{self, Flavour, Prometheus};
use crate::liaison::clean;
use crate::liaison::http::{self, Http, Key};
use crate::query::series::DAY;
use std::time::Duration;

/// How long a secret may take to be found.
const SECRET: Duration = Duration::from_secs(20);
/// The most buckets that are kept; a window of more gets wider ones.
const KEPT: i64 = 60_000;
/// The least time between two questions.
const RHYTHM: i64 = 15 * SECOND;

/// How an objective's backend is asked.
pub struct Plan {
    /// Whom.
    pub backend: Backend,
    /// The width of a bucket, µs.
    pub step: i64,
    /// The most buckets that are asked at once.
    pub most: i64,
    /// How much is asked for first, and where that is cut, µs.
    pub first: Option<(i64, i64)>,
    /// How far back it can be asked, µs, where that has an end.
    pub reach: Option<i64>,
    /// How long after its end a bucket is asked for first, µs.
    pub settles: i64,
    /// What is asked, of whom: for people.
    pub words: String,
    query: Queried,
}

/// What is asked.
enum Queried {
    Prometheus(prometheus::Count, Option<Flavour>),
    Honeycomb(honeycomb::Count),
    ClickHouse(clickhouse::sql::Count),
}

impl Plan {
    /// How a configured objective is asked.
    ///
    /// # Errors
    /// What is configured cannot be asked, or the backend is not configured.
    pub fn of(slo: &blocks::Slo, backends: &[Backend]) -> Result<Plan, String> {
        let Asks::Backend { backend, query } = &slo.asks else {
            return Err(format!("[[slo]] {} names no backend", slo.name));
        };
        let found = backends.iter().find(|known| known.name == backend.text);
        let found = found.ok_or_else(|| format!("[[slo]] {}: there is no [[backend]] {}", slo.name, backend.text))?;
        let interval = found.interval.0;
        let filter = |text: &Written| super::filter(slo, text);
        let maybe = |text: &Option<Written>| text.as_ref().map(filter).transpose();
        let (query, narrowest) = match query {
            Query::Prometheus { total, part, also } => {
                let (count, narrowest) = counters(slo, total, part, also.as_ref(), interval)?;
                let BackendKind::Prometheus { flavour, .. } = &found.kind else {
                    return Err(format!("[[slo]] {}: [[backend]] {} has no counters", slo.name, found.name));
                };
                (Queried::Prometheus(count, Flavour::of(flavour)), narrowest)
            }
            Query::Honeycomb { dataset, sli, slo: id, also } => {
                let sli = match sli {
                    Sli::Alias(alias) => Some(honeycomb::spec::Sli::Column(alias.text.clone())),
                    Sli::Theirs => None,
                    Sli::Which(which) => {
                        Some(honeycomb::spec::Sli::Which { bad: filter(&which.bad)?, valid: maybe(&which.valid)? })
                    }
                };
                let count = honeycomb::Count {
                    dataset: dataset.clone(),
                    sli,
                    slo: id.clone(),
                    also: maybe(also)?,
                    target_ppm: slo.target_ppm,
                    days: slo.window.0.unsigned_abs() / DAY.unsigned_abs(),
                };
                (Queried::Honeycomb(count), interval.max(MINUTE))
            }
            Query::ClickHouse { table, time, weight, which } => {
                let count = clickhouse::sql::Count {
                    table: table.clone(),
                    time: time.clone(),
                    service: slo.service.clone(),
                    bad: filter(&which.bad)?,
                    valid: maybe(&which.valid)?,
                    weight: weight.clone(),
                };
                (Queried::ClickHouse(count), interval)
            }
        };
        // whole parts of a minute or whole minutes, so that columns of the chart are whole too
        let parts = [MINUTE / 4, MINUTE / 2, MINUTE].into_iter().find(|step| *step >= narrowest);
        let minutes = |length: i64| MINUTE * (1 + (length - 1) / MINUTE);
        let narrow = parts.unwrap_or_else(|| minutes(narrowest));
        let step = if slo.window.0 / narrow > KEPT { narrow.max(minutes(slo.window.0 / KEPT)) } else { narrow };
        let words = clean::clean(&format!("{} at {}: {}", found.name, found.url, slo.condition()), 240).into_owned();
        let plan = Plan {
            backend: found.clone(),
            step,
            most: prometheus::MOST,
            first: None,
            reach: None,
            settles: 0,
            words,
            query,
        };
        Ok(match &plan.query {
            Queried::Prometheus(..) => plan,
            Queried::Honeycomb(_) => Plan {
                most: honeycomb::MOST,
                first: Some(honeycomb::FIRST),
                reach: Some(honeycomb::REACH),
                settles: honeycomb::SETTLES,
                ..plan
            },
            Queried::ClickHouse(_) => Plan { most: clickhouse::MOST, settles: clickhouse::SETTLES, ..plan },
        })
    }

    /// How often it is worth asking.
    pub fn pace(&self) -> Pace {
        Pace::far(Span(RHYTHM.max(self.step / 2)))
    }

    /// How long an answer counts as the present, µs: until then only what is new is asked.
    pub fn fresh(&self) -> i64 {
        self.pace().rhythm.0 * 3 / 2
    }

    /// How far back it can be asked, in words.
    pub fn reached(&self) -> String {
        let days = self.reach.map_or(0, |reach| (reach + DAY - 1) / DAY);
        format!("{} can be asked about the last {days} days", self.backend.name)
    }

    /// Finds the secret and connects.
    ///
    /// # Errors
    /// The secret cannot be found or sent.
    pub async fn connect(&self, limits: &Limits) -> Result<Server, Trouble> {
        let backend = &self.backend;
        let login = match (&backend.kind, &backend.login) {
            (_, Login::Nobody) => http::Login::Nobody,
            (BackendKind::Honeycomb, Login::Token(token)) => {
                http::Login::Header("x-honeycomb-team", found(token).await?)
            }
            // its user travels beside
            (BackendKind::ClickHouse { .. }, Login::Password(_, password)) => {
                http::Login::Header("x-clickhouse-key", found(password).await?)
            }
            (_, Login::Token(token)) => http::Login::Bearer(found(token).await?),
            (_, Login::Password(user, password)) => http::Login::Basic(user.clone(), found(password).await?),
        };
        let extra: Vec<(&'static str, String)> = match &backend.kind {
            BackendKind::Prometheus { tenant, .. } => {
                tenant.iter().map(|tenant| ("x-scope-orgid", tenant.clone())).collect()
            }
            BackendKind::Honeycomb => Vec::new(),
            BackendKind::ClickHouse { .. } => match &backend.login {
                Login::Password(user, _) => vec![("x-clickhouse-user", user.clone())],
                Login::Nobody | Login::Token(_) => Vec::new(),
            },
        };
        let http = Http::new(&backend.name, &backend.url, login, &extra)?;
        Ok(match &self.query {
            Queried::Prometheus(count, flavour) => {
                let server = Prometheus::new(http, *flavour);
                Server::Prometheus(Box::new(server), count.clone(), backend.interval.0)
            }
            Queried::Honeycomb(count) => {
                Server::Honeycomb(Box::new(Honeycomb::new(http, count.clone(), limits.clone(), clock::steady)))
            }
            Queried::ClickHouse(count) => {
                let database = match &backend.kind {
                    BackendKind::ClickHouse { database } => database.clone(),
                    BackendKind::Prometheus { .. } | BackendKind::Honeycomb => None,
                };
                Server::ClickHouse(Box::new(ClickHouse::new(http, database, count.clone())))
            }
        })
    }
}

/// A secret, read where nothing waits for it.
async fn found(secret: &SecretRef) -> Result<Key, Trouble> {
    let secret = secret.clone();
    let denied = |why: String| Trouble::Denied(format!("{why}. Nobody was asked. Correct it in the configuration."));
    let read = tokio::task::spawn_blocking(move || secret.read().map(|s| Key::new(s.reveal())));
    match tokio::time::timeout(SECRET, read).await {
        Ok(Ok(found)) => found.map_err(denied),
        Ok(Err(_)) => Err(denied("the secret could not be read".into())),
        Err(_) => Err(denied(format!("the secret was not found within {} s", SECRET.as_secs()))),
    }
}

/// Counters of Prometheus, and the narrowest bucket in which they count rightly.
fn counters(
    slo: &blocks::Slo,
    total: &Written,
    part: &Part,
    also: Option<&Written>,
    interval: i64,
) -> Result<(prometheus::Count, i64), String> {
    let read = |what: &str, text: &Written| {
        let unfit = |why: Unfit| format!("{}: [[slo]] {}: `{what}` {why}\n{}", text.place, slo.name, why.place);
        Counter::read(&text.text).map_err(unfit)
    };
    let total = read("total", total)?;
    let part = match part {
        Part::Bad(bad) => prometheus::Part::Bad(read("bad", bad)?),
        Part::Good(good) => prometheus::Part::Good(read("good", good)?),
    };
    let also = also.map(|also| read("what if", also)).transpose()?;
    let (prometheus::Part::Bad(some) | prometheus::Part::Good(some)) = &part;
    let all = [Some(&total), Some(some), also.as_ref()].into_iter().flatten();
    let narrowest = all.map(|counter| counter.narrowest(interval)).max().unwrap_or(MINUTE);
    Ok((prometheus::Count { total, part, also }, narrowest))
}

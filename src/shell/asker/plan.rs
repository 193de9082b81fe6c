//! From what is configured about an objective to how its backend is asked. Everything that can be wrong in the configuration is found here,
//! before anybody is asked.

use super::super::{clock, login};
use crate::app::feed::Pace;
use crate::config::asks::{Asks, Part, Query, Sli};
use crate::config::backends::{Backend, BackendKind};
use crate::config::blocks;
use crate::config::read::Written;
use crate::incident::time::{MINUTE, SECOND, Span, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::Server;
use crate::liaison::backends::clickhouse::{self, ClickHouse};
use crate::liaison::backends::honeycomb::limit::Limits;
use crate::liaison::backends::honeycomb::{self, Honeycomb};
use crate::liaison::backends::prometheus::expr::{Counter, Unfit};
use crate::liaison::backends::prometheus::{self, Flavour, Prometheus};
use crate::liaison::clean;
use crate::query::calendar::{self, QUARTER_HOUR, Window};
use crate::query::series::{DAY, HOUR};

/// The most buckets of which each is counted by itself; a window of more gets minutes where they are narrower, and is counted in [`ROUGH`] first where
/// even these are too many.
const KEPT: i64 = 60_000;
/// The wide buckets in which a window of more than [`KEPT`] minutes is counted first, and where it can be cut, µs: the longest has fewer of them than a
/// backend answers at once.
const ROUGH: (i64, i64) = (HOUR, HOUR);
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
    /// The wide buckets in which a long time is counted first, and where it can be cut, µs.
    pub rough: Option<(i64, i64)>,
    /// How far back it can be asked, µs, where that has an end.
    pub reach: Option<i64>,
    /// How long after its end a bucket is asked for first, µs.
    pub settles: i64,
    /// What is asked, of whom: for people.
    pub words: String,
    /// By which waits are measured, µs: it never goes back.
    pub steady: fn() -> i64,
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
                        let (told, valid) = (filter(which.part.written())?, maybe(&which.valid)?);
                        Some(match &which.part {
                            Part::Bad(_) => honeycomb::spec::Sli::Which { bad: told, valid },
                            Part::Good(_) => honeycomb::spec::Sli::Good { good: told, valid },
                        })
                    }
                };
                let count = honeycomb::Count {
                    dataset: dataset.clone(),
                    sli,
                    slo: id.clone(),
                    also: maybe(also)?,
                    target_ppm: slo.target_ppm,
                    // theirs rolls: a calendar is never the same
                    days: match slo.window {
                        Window::Rolling(length) => length.unsigned_abs() / DAY.unsigned_abs(),
                        Window::Calendar(_) => 0,
                    },
                };
                (Queried::Honeycomb(count), interval.max(MINUTE))
            }
            Query::ClickHouse { table, time, weight, which } => {
                let count = clickhouse::sql::Count {
                    table: table.clone(),
                    time: time.clone(),
                    service: slo.service.clone(),
                    bad: super::bad(slo, &which.part)?,
                    valid: maybe(&which.valid)?,
                    weight: weight.clone(),
                };
                (Queried::ClickHouse(count), interval)
            }
        };
        let step = step(slo, narrowest)?;
        let words = clean::clean(&format!("{} at {}: {}", found.name, found.url, slo.condition()), 240).into_owned();
        let plan = Plan {
            backend: found.clone(),
            step,
            most: prometheus::MOST,
            first: None,
            rough: None,
            reach: None,
            settles: 0,
            words,
            steady: clock::steady,
            query,
        };
        let is_long = slo.slices.is_none() && slo.window.longest() / step > KEPT && HOUR % step == 0;
        let plan = Plan { rough: is_long.then_some(ROUGH), ..plan };
        Ok(match &plan.query {
            Queried::Prometheus(..) => plan,
            Queried::Honeycomb(_) => Plan {
                most: honeycomb::MOST,
                first: Some(honeycomb::FIRST),
                // slices are made of narrow buckets
                rough: Some(honeycomb::ROUGH).filter(|(width, _)| slo.slices.is_none() && width % step == 0),
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

    /// The first moment that can be asked about, µs; a step later than the reach says, so that it is not one too far when it is asked.
    pub fn oldest(&self, now: Time) -> i64 {
        self.reach.map_or(i64::MIN, |reach| now.0 - reach + self.step)
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
        let http = login::connect(backend).await?;
        Ok(match &self.query {
            Queried::Prometheus(count, flavour) => {
                let server = Prometheus::new(http, *flavour);
                Server::Prometheus(Box::new(server), count.clone(), backend.interval.0)
            }
            Queried::Honeycomb(count) => {
                Server::Honeycomb(Box::new(Honeycomb::new(http, count.clone(), limits.clone(), self.steady)))
            }
            Queried::ClickHouse(count) => {
                let database = match &backend.kind {
                    BackendKind::ClickHouse { database } => database.clone(),
                    BackendKind::Prometheus { .. } | BackendKind::Honeycomb { .. } => None,
                };
                Server::ClickHouse(Box::new(ClickHouse::new(http, database, count.clone())))
            }
        })
    }
}

/// The width of a bucket: whole parts of a minute or whole minutes, so that columns of the chart are whole too; in a calendar such that whole ones
/// fill a period, and parts of a slice where there are some.
fn step(slo: &blocks::Slo, narrowest: i64) -> Result<i64, String> {
    let minutes = |length: i64| MINUTE * (1 + (length - 1) / MINUTE);
    let parts = || [MINUTE / 4, MINUTE / 2, MINUTE].into_iter().find(|step| *step >= narrowest);
    let is_many = |narrow: i64| slo.window.longest() / narrow > KEPT;
    let words = |step: i64| format!("{} s", step / SECOND);
    let step = match slo.window {
        Window::Calendar(_) => {
            let narrow = calendar::bucket(narrowest);
            let step = narrow
                .and_then(|narrow| if is_many(narrow) { calendar::bucket(narrow.max(MINUTE)) } else { Some(narrow) });
            step.ok_or_else(|| {
                let widest = words(QUARTER_HOUR);
                format!(
                    "[[slo]] {}: counts every {} do not fit into a calendar; every {widest} or oftener they do",
                    slo.name,
                    words(narrowest)
                )
            })?
        }
        Window::Rolling(_) => {
            let narrow = parts().unwrap_or_else(|| minutes(narrowest));
            if is_many(narrow) { narrow.max(MINUTE) } else { narrow }
        }
    };
    let Some(slices) = slo.slices else { return Ok(step) };
    let narrow = if slo.window.calendar().is_some() { calendar::bucket(narrowest) } else { parts() };
    let narrow = narrow.unwrap_or_else(|| minutes(narrowest));
    match slices.length {
        length if length % step == 0 && !is_many(step) => Ok(step),
        // a slice is the widest bucket that says what it must
        length if length % narrow == 0 => Ok(length),
        length => Err(format!(
            "[[slo]] {}: a slice of {} does not consist of the counts of every {} that its backend gives; make it {} or a multiple of that",
            slo.name,
            words(length),
            words(narrow),
            words(narrow)
        )),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::file;
    use std::path::Path;

    /// The bucket of an objective with these lines, of a backend that counts every so often.
    fn width(interval: &str, lines: &str) -> Result<i64, String> {
        counted(interval, "a", lines)
    }

    fn counted(interval: &str, total: &str, lines: &str) -> Result<i64, String> {
        let text = format!(
            "[[backend]]\nname = 'm'\nkind = 'prometheus'\nurl = 'http://127.0.0.1'\ninterval = '{interval}'\n\
             [[slo]]\nname = 'api'\nbackend = 'm'\ntotal = '{total}'\nbad = 'b'\ntarget = 99\n{lines}"
        );
        let (read, troubles) = file::read(Path::new("c"), &text, Path::new("/"));
        assert!(troubles.is_empty(), "{troubles:?}");
        Plan::of(&read.blocks.slos[0], &read.blocks.backends).map(|plan| plan.step / SECOND)
    }

    #[test]
    fn given_what_is_good_when_planned_then_bad_is_all_without_it_or_each_is_told_apart() {
        let of = |kind: &str, lines: &str| {
            let text = format!(
                "[[backend]]\nname = 'm'\nkind = '{kind}'\nurl = 'http://127.0.0.1'\ntoken = {{ env = 'T' }}\n\
                 [[slo]]\nname = 'api'\nbackend = 'm'\ngood = 'status < 500'\nvalid = 'a = 1'\ntarget = 99\n{lines}"
            );
            let (read, troubles) = file::read(Path::new("c"), &text, Path::new("/"));
            assert!(troubles.is_empty(), "{troubles:?}");
            Plan::of(&read.blocks.slos[0], &read.blocks.backends).unwrap()
        };
        let plan = of("clickhouse", "table = 'ev'\n");
        let Queried::ClickHouse(count) = &plan.query else { panic!("it is ClickHouse") };
        assert_eq!(
            (count.bad.clone(), plan.words.contains("not (status < 500)")),
            ("not status < 500".parse().unwrap(), true)
        );
        let Queried::Honeycomb(count) = of("honeycomb", "dataset = 'api'\n").query else { panic!("it is Honeycomb") };
        let (good, valid) = ("status < 500".parse().unwrap(), "a = 1".parse().ok());
        assert_eq!(count.sli, Some(honeycomb::spec::Sli::Good { good, valid }));
    }

    #[test]
    fn given_a_calendar_when_planned_then_whole_buckets_fill_a_period() {
        let of = |interval, window| width(interval, &format!("window = '{window}'\n"));
        assert_eq!((of("15s", "day"), of("60s", "month"), of("60s", "quarter")), (Ok(15), Ok(60), Ok(60)));
        assert_eq!((of("15s", "year"), of("2m", "month"), of("10m", "day")), (Ok(60), Ok(300), Ok(900)));
        // a rolling window begins anywhere
        assert_eq!((of("2m", "7d"), of("10m", "30d"), of("15s", "400d")), (Ok(120), Ok(600), Ok(60)));
        // a query needs four scrapes a bucket
        let query = |interval| counted(interval, "sum(increase(a[{{.window}}]))", "window = 'month'\n");
        assert_eq!(query("2m"), Ok(900));
        assert!(query("5m").is_err_and(|why| why.contains("counts every 1200 s do not fit into a calendar")));
    }

    #[test]
    fn given_slices_when_planned_then_buckets_are_parts_of_one_or_it_is_refused() {
        let of = |interval: &str, window: &str, slice: &str| {
            width(
                interval,
                &format!("window = '{window}'\nmethod = 'timeslices'\nslice-target = 99\nslice = '{slice}'\n"),
            )
        };
        assert_eq!((of("15s", "1d", "1m"), of("60s", "30d", "1m"), of("60s", "30d", "5m")), (Ok(15), Ok(60), Ok(60)));
        // where narrower buckets were too many, a slice is one
        assert_eq!(
            (of("60s", "quarter", "1m"), of("15s", "30d", "1m"), of("60s", "400d", "10m")),
            (Ok(60), Ok(60), Ok(600))
        );
        let refused = of("60s", "30d", "30s").unwrap_err();
        assert!(refused.contains("a slice of 30 s does not consist of the counts of every 60 s"), "{refused}");
        assert!(of("60s", "30d", "90s").is_err());
    }
}

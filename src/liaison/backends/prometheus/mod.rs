//! Prometheus' HTTP API and its relatives: total and part are asked as two queries, never as their ratio, at moments that are multiples of
//! the step, in pieces below the server's limit. Facts: Prometheus 2.42 and 3 `querying/api`; Thanos `components/query`; Mimir and
//! VictoriaMetrics where they differ.

mod apart;
pub mod changes;
pub mod expr;
mod wire;

use super::super::http::{Body, Http, Reply};
use super::{Carry, Counted};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::series::Bucket;
use crate::query::window::Stretch;
use expr::Counter;
use std::time::Duration;

/// The most buckets that are asked at once: the server refuses more than 11,000 steps.
pub const MOST: i64 = 10_800;
/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(20);

/// How wide buckets are, and how often what they hold was scraped, µs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// The width of a bucket.
    pub step: i64,
    /// The time between two samples.
    pub scrape: i64,
}

/// Which relative it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Prometheus itself.
    Prometheus,
    /// Thanos: a store that is lost must fail the query, not shorten it.
    Thanos,
    /// Mimir and Cortex.
    Mimir,
    /// VictoriaMetrics.
    VictoriaMetrics,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// All events that count.
    pub total: Counter,
    /// A part of them.
    pub part: Part,
    /// Events that are bad besides.
    pub also: Option<Counter>,
}

/// Which part of the events is counted beside all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those that broke the promise.
    Bad(Counter),
    /// Those that kept it.
    Good(Counter),
}

/// A server that speaks its query language.
#[derive(Debug)]
pub struct Prometheus {
    http: Http,
    flavour: Option<Flavour>,
    deadline: Duration,
}

impl Flavour {
    /// The flavour of a configured word; none for "auto".
    #[must_use]
    pub fn of(word: &str) -> Option<Flavour> {
        match word {
            "prometheus" => Some(Flavour::Prometheus),
            "thanos" => Some(Flavour::Thanos),
            "mimir" => Some(Flavour::Mimir),
            "victoriametrics" => Some(Flavour::VictoriaMetrics),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Flavour::Prometheus => "Prometheus",
            Flavour::Thanos => "Thanos",
            Flavour::Mimir => "Mimir",
            Flavour::VictoriaMetrics => "VictoriaMetrics",
        }
    }
}

impl Prometheus {
    /// A server behind a client. Without a flavour it is asked for it once.
    #[must_use]
    pub fn new(http: Http, flavour: Option<Flavour>) -> Prometheus {
        Prometheus { http, flavour, deadline: DEADLINE }
    }

    /// The same with another deadline for each question.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Prometheus {
        Prometheus { deadline, ..self }
    }

    /// Which relative it is: as configured, else as it says itself, else Prometheus. An error of that question is none: what follows will say it.
    pub async fn flavour(&mut self) -> Flavour {
        if let Some(known) = self.flavour {
            return known;
        }
        let Ok(reply) = self.http.ask("/api/v1/status/buildinfo", Body::Nothing, self.deadline).await else {
            return Flavour::Prometheus;
        };
        let found = match wire::build(&reply.body) {
            _ if reply.status != 200 => Flavour::Prometheus,
            Some((application, _)) if application.contains("Mimir") => Flavour::Mimir,
            // its build information is empty, and no other relative's is
            Some((application, version)) if application.is_empty() && version.is_empty() => Flavour::VictoriaMetrics,
            _ => Flavour::Prometheus,
        };
        self.flavour = Some(found);
        found
    }

    /// Counts a stretch of time in buckets.
    ///
    /// # Errors
    /// Nobody answered in time, or they refused, or what they answered cannot be read.
    pub async fn count(
        &mut self,
        count: &Count,
        stretch: Stretch,
        width: Width,
        now: Time,
    ) -> Result<Counted, Trouble> {
        let Count { total, part, also } = count;
        let (Part::Bad(some) | Part::Good(some)) = part;
        let mut answers = Vec::new();
        for counter in [Some(total), Some(some), also.as_ref()].into_iter().flatten() {
            answers.push(self.range(&counter.increase(width.step, width.scrape), stretch, width.step, now).await?);
        }
        let mut counted = Counted { partial: answers.iter().any(|answer| answer.partial), ..Counted::default() };
        let mut columns = answers.iter().map(|answer| whole(&answer.points));
        let [totals, parts, more] = [columns.next(), columns.next(), columns.next()].map(Option::unwrap_or_default);
        let (mut parts_at, mut more_at) = (Column(parts.iter().peekable()), Column(more.iter().peekable()));
        for (end, total) in &totals {
            let counts = parts_at.at(*end);
            let bad = match part {
                Part::Bad(_) => counts,
                Part::Good(_) => total.saturating_sub(counts),
            };
            let bad = bad.saturating_add(more_at.at(*end));
            counted.buckets.push(Bucket { start: end - width.step, total: *total, bad });
        }
        counted.doubts = answers.into_iter().flat_map(|answer| answer.warnings).collect();
        counted.doubts.sort();
        counted.doubts.dedup();
        let some = counted.buckets.iter().any(|b| b.total > 0);
        if some && parts.is_empty() && matches!(part, Part::Good(_)) {
            counted
                .doubts
                .push("no good event was counted at all: see whether the query of the good ones is right".into());
        }
        if counted.buckets.iter().any(|b| b.bad > b.total) {
            counted.doubts.push("inconsistent: more bad events than events in a bucket".into());
        }
        Ok(counted)
    }

    /// The time of the newest sample of a counter, µs; none when it cannot be told.
    ///
    /// # Errors
    /// As [`Prometheus::count`].
    pub async fn newest(&mut self, counter: &Counter, now: Time) -> Result<Option<i64>, Trouble> {
        let Some(query) = counter.newest() else { return Ok(None) };
        let mut pairs = vec![("query", query), ("time", seconds(now.0))];
        self.quirks(&mut pairs).await;
        let reply = self.http.ask("/api/v1/query", Body::Form(pairs), self.deadline).await?;
        let answer = self.read(reply, now)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a moment outside of i64 saturates, and is then no moment of a sample"
        )]
        Ok(answer.points.last().map(|(_, seconds)| (seconds * 1e6) as i64))
    }

    async fn range(&mut self, query: &str, stretch: Stretch, step: i64, now: Time) -> Result<wire::Answer, Trouble> {
        let reply = self.ranged(query, stretch, step).await?;
        self.read(reply, now)
    }

    async fn ranged(&mut self, query: &str, stretch: Stretch, step: i64) -> Result<Reply, Trouble> {
        // a bucket is evaluated at its end
        let mut pairs = vec![
            ("query", query.to_owned()),
            ("start", seconds(stretch.from + step)),
            ("end", seconds(stretch.to)),
            ("step", seconds(step)),
        ];
        self.quirks(&mut pairs).await;
        self.http.ask("/api/v1/query_range", Body::Form(pairs), self.deadline).await
    }

    async fn quirks(&mut self, pairs: &mut Vec<(&'static str, String)>) {
        match self.flavour().await {
            Flavour::Thanos => pairs.push(("partial_response", "false".into())),
            Flavour::VictoriaMetrics => pairs.push(("nocache", "1".into())),
            Flavour::Prometheus | Flavour::Mimir => {}
        }
    }

    fn read(&self, reply: Reply, now: Time) -> Result<wire::Answer, Trouble> {
        self.understood(reply, now, wire::answer)
    }

    /// An answer that is fine, read.
    fn understood<T>(
        &self,
        reply: Reply,
        now: Time,
        read: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T, Trouble> {
        let who = self.http.who();
        let reply = self.http.judged(reply, |reply| wire::error(&reply.body), now)?;
        read(&reply.body).map_err(|why| {
            Trouble::Garbled(format!(
                "{who}: {why}. Nothing was counted. See what it answers to this question elsewhere."
            ))
        })
    }

    /// Who is asked, for words.
    #[must_use]
    pub fn who(&self) -> &str {
        self.http.who()
    }
}

/// Counts by the end of their bucket, read in order of time.
struct Column<'a>(std::iter::Peekable<std::slice::Iter<'a, (i64, u64)>>);

impl Column<'_> {
    /// What stands at a moment; a series that is not there has counted nothing.
    fn at(&mut self, end: i64) -> u64 {
        while self.0.next_if(|(other, _)| *other < end).is_some() {}
        self.0.next_if(|(other, _)| *other == end).map_or(0, |(_, count)| *count)
    }
}

/// Whole events out of numbers that may have fractions.
fn whole(points: &[(i64, f64)]) -> Vec<(i64, u64)> {
    let mut carry = Carry::default();
    points.iter().map(|(at, value)| (*at, carry.whole(*value))).collect()
}

/// µs as seconds, without a fraction where there is none.
fn seconds(at: i64) -> String {
    let (whole, rest) = (at.div_euclid(1_000_000), at.rem_euclid(1_000_000));
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:06}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, proptest};

    #[test]
    fn given_a_moment_when_asked_then_in_seconds() {
        assert_eq!(seconds(1_562_712_720_000_000), "1562712720");
        assert_eq!(seconds(1_562_712_720_250_000), "1562712720.250000");
    }

    proptest! {
        #[test]
        fn fractions_are_rounded_as_a_sum(values in prop::collection::vec(0.0f64..1e6, 0..400)) {
            let points: Vec<(i64, f64)> = (0..).zip(values.iter().copied()).collect();
            let rounded = whole(&points);
            let (mut exact, mut sum) = (0.0, 0.0);
            for ((_, value), (_, count)) in points.iter().zip(&rounded) {
                exact += value;
                sum += *count as f64;
                prop_assert!((exact - sum).abs() < 0.51, "{exact} {sum}");
            }
        }
    }
}

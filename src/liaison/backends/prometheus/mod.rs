//! Prometheus' HTTP API and its relatives: total and part are asked as two queries, never as their ratio, at moments that are multiples of
//! the step, in pieces below the server's limit. Facts: Prometheus 2.42 and 3 `querying/api`; Thanos `components/query`; Mimir and
//! VictoriaMetrics where they differ.

mod apart;
pub mod changes;
pub mod expr;
mod unseen;
mod wire;

use super::super::http::{Body, Http, Reply};
use super::clock::Clock;
use super::{Carry, Counted};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::doubts::Odd;
use crate::query::series::Bucket;
use crate::query::window::Stretch;
use expr::Counter;
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// The most buckets that are asked at once: the server refuses more than 11,000 steps.
pub const MOST: i64 = 10_800;
/// What is missing from an address, most often.
const PREFIX: &str =
    "is the address whole? Mimir's ends in /prometheus, that of VictoriaMetrics' cluster in /select/0/prometheus";
/// How long an answer may take.
const DEADLINE: Duration = Duration::from_secs(20);
/// How long it may take to say which stores it has: it was there a moment ago.
const STORES: Duration = Duration::from_secs(5);

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
    clock: Clock,
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
        Prometheus { http, flavour, clock: Clock::default(), deadline: DEADLINE }
    }

    /// The same with another deadline for each question.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Prometheus {
        Prometheus { deadline, ..self }
    }

    /// Which relative it is: as configured, else as it says itself. Who does not say it is Prometheus; what follows will say what is wrong.
    ///
    /// # Errors
    /// Nobody answered: nobody will answer what follows either.
    pub async fn flavour(&mut self) -> Result<Flavour, Trouble> {
        if let Some(known) = self.flavour {
            return Ok(known);
        }
        let reply = self.http.ask("/api/v1/status/buildinfo", Body::Nothing, self.deadline).await?;
        let found = match wire::build(&reply.body) {
            // a proxy in front of it, or a bad moment: it is asked again
            _ if matches!(reply.status, 401 | 403 | 429 | 500..) => return Ok(Flavour::Prometheus),
            _ if reply.status != 200 => Flavour::Prometheus,
            Some((application, _)) if application.contains("Mimir") => Flavour::Mimir,
            // its build information is empty, and no other relative's is
            Some((application, version)) if application.is_empty() && version.is_empty() => Flavour::VictoriaMetrics,
            Some((_, version)) if self.has_stores(&version).await => Flavour::Thanos,
            _ => Flavour::Prometheus,
        };
        self.flavour = Some(found);
        Ok(found)
    }

    /// Whether it is Thanos. Its build information has the members of Prometheus' (`pkg/api/api.go`), but it alone lists its stores
    /// (`pkg/api/query/v1.go`). Where that list cannot be had its version tells: it never came to 1, and Prometheus had build information only after
    /// its 2.13. It is asked once, and fails nothing.
    async fn has_stores(&self, version: &str) -> bool {
        match self.http.ask("/api/v1/stores", Body::Nothing, self.deadline.min(STORES)).await {
            Ok(reply) if reply.status == 200 && wire::is_stores(&reply.body) => true,
            Ok(reply) if reply.status == 404 => false,
            _ => version.trim_start_matches('v').starts_with("0."),
        }
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
        let mut answers: Vec<wire::Answer> = Vec::new();
        for counter in [Some(total), Some(some), also.as_ref()].into_iter().flatten() {
            answers.push(self.range(counter, stretch, width, now).await?);
        }
        let mut counted = Counted::default();
        counted.said.partial = answers.iter().any(|answer| answer.partial);
        counted.said.words = answers.iter_mut().flat_map(|answer| std::mem::take(&mut answer.warnings)).collect();
        counted.said.words.sort();
        counted.said.words.dedup();
        // a part that is no number leaves no count, not one without that part
        let odd: BTreeSet<i64> = answers.iter().flat_map(|answer| answer.odd.iter().copied()).collect();
        counted.said.odd.extend(odd.iter().map(|end| (end - width.step, Odd::NoNumber)));
        let certain = answers.iter().filter(|answer| answer.histograms);
        let certain: Vec<BTreeSet<i64>> =
            certain.map(|answer| answer.points.iter().map(|(at, _)| *at).collect()).collect();
        let mut columns = answers.iter().map(|answer| Column::new(&answer.points));
        let Some(totals) = columns.next() else { return Ok(counted) };
        let [mut some, mut more] = [columns.next(), columns.next()].map(Option::unwrap_or_default);
        let (is_good, has_none) = (matches!(part, Part::Good(_)), some.0.is_empty());
        // a counter that is there and stands still is a series of noughts
        counted.unseen = !is_good && has_none && more.0.is_empty() && odd.is_empty() && certain.is_empty();
        for (end, exact, total) in &totals.0 {
            let ((part, part_exact), (also, also_exact)) = (some.at(*end), more.at(*end));
            if odd.contains(end) || certain.iter().any(|known| !known.contains(end)) {
                continue;
            }
            let start = end - width.step;
            let judged = match () {
                () if part_exact.min(also_exact) < 0.0 => Some(Odd::Fewer),
                () if is_good => super::odd(part_exact, *exact, true).or(super::odd(also_exact, *exact, false)),
                () => super::odd(part_exact + also_exact, *exact, false),
            };
            counted.said.odd.extend(judged.map(|odd| (start, odd)));
            let bad = if is_good { total.saturating_sub(part) } else { part };
            counted.buckets.push(Bucket { start, total: *total, bad: bad.saturating_add(also) });
        }
        if is_good && has_none && counted.buckets.iter().any(|b| b.total > 0) {
            let none = "no good event was counted at all: see whether the query of the good ones is right";
            counted.passing.push(none.into());
        }
        Ok(counted)
    }

    /// The time of the newest sample of a counter, µs; none when it cannot be told.
    ///
    /// # Errors
    /// As [`Prometheus::count`].
    pub async fn newest(&mut self, counter: &Counter, now: Time) -> Result<Option<i64>, Trouble> {
        let Some(query) = counter.newest() else { return Ok(None) };
        let mut pairs = vec![("query", query.to_owned()), ("time", seconds(now.0))];
        self.quirks(&mut pairs).await?;
        let reply = self.http.ask("/api/v1/query", Body::Form(pairs), self.deadline).await?;
        let answer = self.read(reply, "", now)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a moment outside of i64 saturates, and is then no moment of a sample"
        )]
        Ok(answer.points.last().map(|(_, seconds)| (seconds * 1e6) as i64))
    }

    async fn range(
        &mut self,
        counter: &Counter,
        stretch: Stretch,
        width: Width,
        now: Time,
    ) -> Result<wire::Answer, Trouble> {
        let (query, step) = (counter.increase(width.step, width.scrape), width.step);
        // in a query that we made ourselves no place says anything to anybody
        let own = if matches!(counter, Counter::Query(_)) { query.clone() } else { String::new() };
        let reply = self.ranged(&query, stretch, step).await?;
        let answer = self.read(reply, &own, now)?;
        let mut moments: Vec<i64> = answer.points.iter().map(|(at, _)| *at).chain(answer.odd.iter().copied()).collect();
        moments.sort_unstable();
        let is_asked = |at: &i64| *at > stretch.from && *at <= stretch.to && (at - stretch.from) % step == 0;
        if !moments.iter().all(is_asked) || moments.windows(2).any(|two| two.first() == two.last()) {
            return Err(self.garbled("it answered about moments that it was not asked about, or about one twice"));
        }
        Ok(answer)
    }

    async fn ranged(&mut self, query: &str, stretch: Stretch, step: i64) -> Result<Reply, Trouble> {
        // a bucket is evaluated at its end
        let mut pairs = vec![
            ("query", query.to_owned()),
            ("start", seconds(stretch.from + step)),
            ("end", seconds(stretch.to)),
            ("step", seconds(step)),
        ];
        self.quirks(&mut pairs).await?;
        self.http.ask("/api/v1/query_range", Body::Form(pairs), self.deadline).await
    }

    async fn quirks(&mut self, pairs: &mut Vec<(&'static str, String)>) -> Result<(), Trouble> {
        match self.flavour().await? {
            Flavour::Thanos => pairs.push(("partial_response", "false".into())),
            Flavour::VictoriaMetrics => pairs.push(("nocache", "1".into())),
            Flavour::Prometheus | Flavour::Mimir => {}
        }
        Ok(())
    }

    fn read(&mut self, reply: Reply, query: &str, now: Time) -> Result<wire::Answer, Trouble> {
        self.understood(reply, query, now, wire::answer)
    }

    /// An answer that is fine, read; of one that is not, what it says about a query that somebody else wrote.
    fn understood<T>(
        &mut self,
        reply: Reply,
        query: &str,
        now: Time,
        read: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T, Trouble> {
        self.clock.see(&reply, now);
        let reply = self.http.judged(reply, |reply| explained(reply, query), now)?;
        read(&reply.body).map_err(|why| self.garbled(&reply.shown(&why)))
    }

    fn garbled(&self, why: &str) -> Trouble {
        Trouble::Garbled(format!(
            "{}: {why}. Nothing was counted. See what it answers to this question elsewhere.",
            self.http.who()
        ))
    }

    /// What is known of its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Who is asked, for words.
    #[must_use]
    pub fn who(&self) -> &str {
        self.http.who()
    }
}

/// What an error says, and the question that it raises first.
fn explained(reply: &Reply, query: &str) -> Option<String> {
    let said = wire::error(&reply.body);
    if let Some(words) = &said
        && let Some(near) = expr::near(words, query)
    {
        return Some(format!("{words} (near `{near}`)"));
    }
    let words = said.clone().unwrap_or_else(|| reply.beginning());
    let hint = match reply.status {
        404 if said.is_none() => PREFIX,
        400 if words.contains("unsupported path") => PREFIX,
        400 | 422 if words.contains("points") => "a longer interval of the [[backend]] asks for fewer",
        _ => return said,
    };
    Some(format!("{words} ({hint})"))
}

/// Counts by the end of their bucket, read in order of time: the moment, what was there, and whole events of it.
#[derive(Default)]
struct Column(VecDeque<(i64, f64, u64)>);

impl Column {
    fn new(points: &[(i64, f64)]) -> Column {
        let mut carry = Carry::default();
        Column(points.iter().map(|(at, value)| (*at, *value, carry.whole(*value))).collect())
    }

    /// What stands at a moment, whole and as it was; a series that is not there has counted nothing.
    fn at(&mut self, end: i64) -> (u64, f64) {
        while self.0.front().is_some_and(|(other, ..)| *other < end) {
            self.0.pop_front();
        }
        self.0.front().filter(|(other, ..)| *other == end).map_or((0, 0.0), |(_, exact, count)| (*count, *exact))
    }
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
            let (mut exact, mut sum) = (0.0, 0.0);
            for (_, value, count) in Column::new(&points).0 {
                exact += value;
                sum += count as f64;
                prop_assert!((exact - sum).abs() < 0.51, "{exact} {sum}");
            }
        }
    }
}

//! Query backends: who is asked how many events there were and how many of them failed. Each speaks its vendor's language inside and
//! answers in ours.

pub mod clickhouse;
pub mod clock;
pub mod honeycomb;
pub mod prometheus;

use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::breakdown::{Breakdown, Told};
use crate::query::doubts::{self, Odd, Said};
use crate::query::filter::Literal;
use crate::query::opinion::Opinion;
use crate::query::series::Bucket;
use crate::query::shares;
use crate::query::window::Stretch;
use clickhouse::ClickHouse;
use honeycomb::Honeycomb;
use honeycomb::limit::Urgency;
use prometheus::{Count, Prometheus, Width};
use std::time::Duration;

/// What a backend answered about a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The buckets that are known.
    pub buckets: Vec<Bucket>,
    /// What was said of this stretch: it holds for as long as the buckets are used.
    pub said: Said,
    /// What must be said of now, cleaned: the next answer says it anew or not.
    pub passing: Vec<String>,
    /// Their clock goes wrong by ours, so that what is shown as now may not be.
    pub adrift: bool,
    /// Nothing was there that would count as bad, not even as none: who is asked has no series of that name in this stretch.
    pub unseen: bool,
    /// Where a person can see the same in a browser.
    pub link: Option<String>,
}

impl Counted {
    /// Whether it is not all that it should be.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.said.partial || self.adrift || !self.said.odd.is_empty()
    }

    /// What must be said beside it, at a moment.
    #[must_use]
    pub fn doubts(&self, now: Time) -> Vec<String> {
        let mut words = doubts::odd_words(&self.said.odd, now.0);
        words.extend(self.said.words.iter().chain(&self.passing).cloned());
        words
    }
}

/// What is known otherwise of a time that queries do not reach.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instead {
    /// What was left of the budget, in percent, at moments, µs.
    pub history: Vec<(i64, f64)>,
    /// Where a person sees the query of that time.
    pub link: Option<String>,
    /// What a person opens where no link is known, in words.
    pub place: Option<String>,
}

/// Whether a part is more than what it is a part of; sums of the same numbers in another order differ a little.
fn exceeds(part: f64, all: f64) -> bool {
    const EXACT: f64 = 1e-6;
    part > all * (1.0 + EXACT) + EXACT
}

/// What cannot be about a bucket of which so many were counted, and a part of them.
fn odd(part: f64, all: f64, is_good: bool) -> Option<Odd> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative and rounded; more than u64 holds saturates"
    )]
    let count = |value: f64| value.max(0.0) as u64;
    match () {
        () if part < 0.0 || all < 0.0 => Some(Odd::Fewer),
        // the one rounded up and the other down: they are never shown as the same
        () if exceeds(part, all) => {
            Some(Odd::More { part: count((part - 1e-6).ceil()), all: count(all.floor()), is_good })
        }
        () => None,
    }
}

/// Whole events out of numbers that may have fractions (weights need not be whole, and `increase` extrapolates): what is left of one goes to the
/// next, so that the sum over any stretch is off by less than one event, however many buckets it has. What is negative counts as nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Carry(f64);

impl Carry {
    fn whole(&mut self, value: f64) -> u64 {
        let exact = value.max(0.0) + self.0;
        let count = exact.round();
        self.0 = exact - count;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "rounded and not negative; more than u64 holds saturates"
        )]
        let whole = count.max(0.0) as u64;
        whole
    }
}

/// How a stretch of time is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which.
    pub stretch: Stretch,
    /// The width of a bucket, µs.
    pub step: i64,
    /// Now.
    pub now: Time,
    /// Somebody asks about the present of this machine's clock, not about another moment: only then is anything asked up to their own present, and their
    /// clock held against ours.
    pub is_live: bool,
    /// It may wait for others.
    pub urgency: Urgency,
    /// How long it may wait for its turn where turns are given out.
    pub patience: Duration,
}

/// Why nothing that would be bad is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// What is not known there, in words, cleaned.
    pub words: String,
    /// It is a mistake: nothing that may still come would be counted.
    pub is_mistake: bool,
    /// What follows and what to do, where it is not the filter that is mistaken.
    pub correct: Option<&'static str>,
}

/// What is known of the fields that are counted by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// What must be said of them, cleaned, the worst first.
    pub words: Vec<String>,
    /// One is read that nobody there has, or not from then on, µs: how many events are bad says nothing.
    pub blind: Option<i64>,
    /// Many events lack what tells bad ones, though not most: nothing may be called good.
    pub is_dim: bool,
    /// One may have another name, or none yet: nothing may be called good as long as nothing bad was counted.
    pub is_unproven: bool,
}

/// Whole events out of one number, rounded.
fn whole(value: f64) -> u64 {
    Carry::default().whole(value)
}

/// Values of fields, in words.
fn named(values: &[Literal]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What is said of values with a part of more events than they have: the first is named.
fn inconsistent(odd: &[String]) -> Option<String> {
    let (first, others) = (odd.first()?, odd.len() - 1);
    let more = if others == 0 { String::new() } else { format!(", and {others} more such values") };
    Some(super::clean::clean(&format!("inconsistent: {first}{more}"), 240).into_owned())
}

/// What cannot be asked of somebody about the values of fields.
fn not_here(who: &str, why: &str, next: &str) -> Trouble {
    let words = format!("This cannot be asked here: {why}. Nothing was counted by {who}. {next}");
    Trouble::Refused(super::clean::clean(&words, 400).into_owned())
}

/// A backend that is connected, and what it is asked about.
#[derive(Debug)]
pub enum Server {
    /// Prometheus or a relative, what is counted, and how often it was scraped, µs.
    Prometheus(Box<Prometheus>, Count, i64),
    /// Honeycomb.
    Honeycomb(Box<Honeycomb>),
    /// ClickHouse.
    ClickHouse(Box<ClickHouse>),
}

impl Server {
    /// Counts a stretch of time in buckets.
    ///
    /// # Errors
    /// Nobody answered in time, or they refused, or what they answered cannot be read.
    pub async fn count(&mut self, turn: Turn) -> Result<Counted, Trouble> {
        let counted = match self {
            Server::Prometheus(server, count, scrape) => {
                let width = Width { step: turn.step, scrape: *scrape };
                server.count(count, turn.stretch, width, turn.now).await
            }
            Server::Honeycomb(server) => server.count(turn).await,
            Server::ClickHouse(server) => server.count(turn).await,
        }?;
        if !turn.is_live {
            return Ok(counted);
        }
        let clock = match self {
            Server::Prometheus(server, ..) => server.clock(),
            Server::Honeycomb(server) => server.clock(),
            Server::ClickHouse(server) => server.clock(),
        };
        Ok(clock.judged(counted, turn.now, turn.step))
    }

    /// Counts a stretch of time apart by the values of fields, all of it at once.
    ///
    /// # Errors
    /// As [`Server::count`]; or it cannot be asked here.
    pub async fn apart(&mut self, by: &Breakdown, turn: Turn) -> Result<Told, Trouble> {
        match self {
            Server::Prometheus(server, count, scrape) => server.apart(count, by, *scrape, turn.now).await,
            Server::Honeycomb(server) => server.apart(by, turn).await,
            Server::ClickHouse(server) => server.apart(by, turn.now).await,
        }
    }

    /// Why nothing that would be bad is there, where that can be found out: names that are asked for and not known.
    ///
    /// # Errors
    /// As [`Server::count`].
    pub async fn unseen(&mut self, now: Time) -> Result<Option<Unseen>, Trouble> {
        match self {
            Server::Prometheus(server, count, _) => server.unseen(count, now).await,
            Server::Honeycomb(_) | Server::ClickHouse(_) => Ok(None),
        }
    }

    /// What is known of the fields that are counted by, for counts up to a moment, after they were counted. It is asked once in a while, and no turn is taken
    /// for it.
    pub async fn fields(&mut self, until: Time, now: Time) -> Fields {
        match self {
            // a series has its name and labels, of which `unseen` tells
            Server::Prometheus(..) => Fields::default(),
            Server::Honeycomb(server) => server.fields(until, now).await,
            Server::ClickHouse(server) => server.fields(until, now).await,
        }
    }

    /// The events whose fields have these values, as a what-if is asked here.
    #[must_use]
    pub fn means(&self, fields: &[String], values: &[Literal]) -> String {
        match self {
            Server::Prometheus(_, count, _) => count.total.narrowed(fields, values),
            Server::Honeycomb(_) | Server::ClickHouse(_) => shares::filter(fields, values),
        }
    }

    /// The time of the newest event, µs, where that can be asked for by itself.
    ///
    /// # Errors
    /// As [`Server::count`].
    pub async fn newest(&mut self, now: Time) -> Result<Option<i64>, Trouble> {
        match self {
            Server::Prometheus(server, count, _) => server.newest(&count.total, now).await,
            Server::Honeycomb(_) => Ok(None),
            Server::ClickHouse(server) => server.newest(now).await,
        }
    }

    /// What they say themselves about the objective, where they do: now, or at a moment that is over.
    pub async fn opinion(&mut self, then: Option<Time>, now: Time) -> Option<Opinion> {
        match (self, then) {
            (Server::Prometheus(..) | Server::ClickHouse(_), _) => None,
            (Server::Honeycomb(server), None) => server.opinion(now).await,
            (Server::Honeycomb(server), Some(then)) => server.opinion_then(then, now).await,
        }
    }

    /// What is known otherwise of a time that cannot be counted any more.
    ///
    /// # Errors
    /// Nobody answered, or they do not know us.
    pub async fn instead(&mut self, stretch: Stretch, now: Time) -> Result<Instead, Trouble> {
        match self {
            Server::Prometheus(..) | Server::ClickHouse(_) => Ok(Instead::default()),
            Server::Honeycomb(server) => server.instead(stretch, now).await,
        }
    }
}

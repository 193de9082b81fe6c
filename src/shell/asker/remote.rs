//! An objective that a backend answers for. What was answered is kept bucket by bucket, so that only what is new is asked, with an overlap
//! for what came late.

use super::super::clock;
use super::goal;
use crate::app::feed::{Burn, BurnAsk};
use crate::app::reduce::{AFTER, BEFORE, Counts, LONG, reduce};
use crate::app::would::WouldAsk;
use crate::config::blocks::{self, Asks, Backend, BackendKind, Login};
use crate::incident::time::{MINUTE, SECOND, Span, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::prometheus::expr::Counter;
use crate::liaison::backends::prometheus::{Count, Flavour, MOST, Part, Prometheus, Width};
use crate::liaison::clean;
use crate::liaison::http::{self, Http, Key};
use crate::query::paging::{Compared, Past};
use crate::query::series::Series;
use crate::query::slo::Slo;
use crate::query::window::{Asked, widened};
use std::time::Duration;

/// How long one answer may gather pieces of the past, µs, before what is there is shown: the rest is asked with the next one.
const PATIENCE: i64 = 8 * SECOND;
/// How long a secret may take to be found.
const SECRET: Duration = Duration::from_secs(20);
/// The most buckets that are kept; a window of more gets wider ones.
const KEPT: i64 = 60_000;
/// The least time between two questions.
const RHYTHM: Span = Span::seconds(15);

/// An objective that a backend answers for.
pub struct Remote {
    config: blocks::Slo,
    slo: Slo,
    backend: Backend,
    count: Count,
    step: i64,
    server: Option<Prometheus>,
    series: Series,
    asked: Asked,
    newest: Option<i64>,
    words: String,
    /// The same at the time of a chart that looks back.
    past: Option<Box<Remote>>,
}

/// How often an objective is worth asking about, and its narrowest column.
pub fn rhythm(slo: &blocks::Slo, backends: &[Backend]) -> Option<(Span, Span)> {
    let remote = Remote::new(slo, backends).ok()?;
    Some((RHYTHM.max(Span(remote.step / 2)), Span(remote.step)))
}

impl Remote {
    /// The source of a configured objective.
    ///
    /// # Errors
    /// A query cannot be asked bucket by bucket, or the backend is not configured.
    pub fn new(slo: &blocks::Slo, backends: &[Backend]) -> Result<Remote, String> {
        let Asks::Prometheus { backend, total, part, also } = &slo.asks else {
            return Err(format!("[[slo]] {} names no backend", slo.name));
        };
        let found = backends.iter().find(|known| known.name == backend.text);
        let found = found.ok_or_else(|| format!("[[slo]] {}: there is no [[backend]] {}", slo.name, backend.text))?;
        let read =
            |what: &str, text: &str| Counter::read(text).map_err(|why| format!("[[slo]] {}: `{what}` {why}", slo.name));
        let total = read("total", &total.text)?;
        let part = match part {
            blocks::Part::Bad(bad) => Part::Bad(read("bad", &bad.text)?),
            blocks::Part::Good(good) => Part::Good(read("good", &good.text)?),
        };
        let also = also.as_ref().map(|also| read("what if", &also.text)).transpose()?;
        let BackendKind::Prometheus { interval, .. } = &found.kind;
        let (Part::Bad(some) | Part::Good(some)) = &part;
        let all = [Some(&total), Some(some), also.as_ref()].into_iter().flatten();
        let narrowest = all.map(|counter| counter.narrowest(interval.0)).max().unwrap_or(MINUTE);
        let count = Count { total, part, also };
        // whole parts of a minute or whole minutes, so that columns of the chart are whole too
        let parts = [MINUTE / 4, MINUTE / 2, MINUTE].into_iter().find(|step| *step >= narrowest);
        let minutes = |length: i64| MINUTE * (1 + (length - 1) / MINUTE);
        let narrow = parts.unwrap_or_else(|| minutes(narrowest));
        let step = if slo.window.0 / narrow > KEPT { narrow.max(minutes(slo.window.0 / KEPT)) } else { narrow };
        let series = Series::new(step);
        let words = clean::clean(&format!("{} at {}: {}", found.name, found.url, slo.condition()), 240).into_owned();
        Ok(Remote {
            config: slo.clone(),
            slo: goal(slo),
            backend: found.clone(),
            count,
            step,
            server: None,
            series,
            asked: Asked::default(),
            newest: None,
            words,
            past: None,
        })
    }

    /// What would have been under another indicator, at a moment that need not be the present.
    ///
    /// # Errors
    /// As [`Remote::burn`], or the other indicator cannot be asked.
    pub async fn what_if(&mut self, ask: &WouldAsk) -> Result<Compared, Trouble> {
        let backends = std::slice::from_ref(&self.backend);
        let step = Span(self.step);
        let from = ask.now.minus(step).floor(step);
        let all = BurnAsk { slo: ask.slo, ticket: 0, now: ask.now, from, step, columns: 1, act: None };
        let mut pasts = Vec::new();
        for slo in [self.config.clone(), super::other(&self.config, ask)] {
            let mut remote = Remote::new(&slo, backends).map_err(super::refused)?;
            remote.burn(&all, true).await?;
            pasts.push(Past::of(&self.slo, &remote.series(ask.now), ask.now.0));
        }
        let (would, was) = (pasts.pop(), pasts.pop());
        was.zip(would)
            .map(|(was, would)| Compared { was, would })
            .ok_or_else(|| super::refused("Nobody answered".into()))
    }

    /// Everything there is in the window before a moment, bucket by bucket. It has to be answered by [`Remote::burn`] first.
    pub fn series(&self, now: Time) -> Series {
        Series::of(self.step, self.series.between(now.0 - self.slo.window, now.0).to_vec())
    }

    /// Asks what is new, and as much of the past as there is patience for (all of it when `whole`), and answers.
    ///
    /// # Errors
    /// Nobody answered, or what they answered is of no use.
    pub async fn burn(&mut self, ask: &BurnAsk, whole: bool) -> Result<Burn, Trouble> {
        let began = clock::steady();
        let now = ask.now.0;
        // what was left at a column needs the window before it; a look back has one of its own
        let before = if ask.looks_back() { 0 } else { (now - ask.from.0).max(0) };
        let window = (self.slo.window + before).max(LONG);
        if ask.looks_back() {
            Box::pin(self.look_back(ask, whole)).await?;
        }
        let mut server = match self.server.take() {
            Some(server) => server,
            None => self.connect().await?,
        };
        let BackendKind::Prometheus { interval, .. } = &self.backend.kind;
        let width = Width { step: self.step, scrape: interval.0 };
        let mut doubts = Vec::new();
        let mut partial = false;
        let mut trouble = None;
        for (place, piece) in self.asked.next(now, window, self.step, MOST).into_iter().enumerate() {
            if place > 0 && !whole && clock::steady() - began > PATIENCE {
                doubts.push("still asking for the past".to_owned());
                break;
            }
            match server.count(&self.count, piece, width, ask.now).await {
                Ok(counted) => {
                    self.asked.answered(piece);
                    self.series.replace(piece.from, piece.to, &counted.buckets);
                    doubts.extend(counted.doubts);
                    partial |= counted.partial;
                }
                Err(why) => {
                    trouble = Some(why);
                    break;
                }
            }
        }
        if trouble.is_none() {
            match server.newest(&self.count.total, ask.now).await {
                Ok(newest) => self.newest = newest.or(self.series.end()),
                Err(why) => trouble = Some(why),
            }
        }
        self.server = Some(server);
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        self.series.forget_before(now - window - self.step);
        doubts.sort();
        doubts.dedup();
        Ok(reduce(&self.slo, ask, self.counts(ask, doubts, partial)))
    }

    /// Asks about the time that the chart shows, as if that were the present.
    async fn look_back(&mut self, ask: &BurnAsk, whole: bool) -> Result<(), Trouble> {
        let mut past = match self.past.take() {
            Some(past) => past,
            None => Box::new(Remote::new(&self.config, std::slice::from_ref(&self.backend)).map_err(super::refused)?),
        };
        let then = BurnAsk { now: ask.until(), act: None, ..*ask };
        let answer = past.burn(&then, whole).await;
        self.past = Some(past);
        answer.map(drop)
    }

    /// What was counted, as it is reduced.
    fn counts(&self, ask: &BurnAsk, doubts: Vec<String>, partial: bool) -> Counts {
        let now = ask.now.0;
        let between = |from: i64, to: i64| Series::of(self.step, self.series.between(from, to).to_vec());
        let past = self.past.as_ref().filter(|_| ask.looks_back());
        let shown = past.map_or(&self.series, |past| &past.series);
        let columns = Series::of(self.step, shown.between(ask.from.0, ask.until().0).to_vec());
        Counts {
            past: past.map(|past| past.series.clone()),
            coarse: self.series.clone(),
            recent: between(now - LONG, now),
            chart: widened(&columns, ask.step.0),
            after: ask.act.map(|act| (act, between(act.0 - BEFORE, now.min(act.0 + AFTER)))),
            newest: self.newest,
            rhythm: self.step,
            silence_counts: false,
            partial,
            doubts,
            source: self.words.clone(),
        }
    }

    async fn connect(&self) -> Result<Prometheus, Trouble> {
        let BackendKind::Prometheus { flavour, tenant, .. } = &self.backend.kind;
        let found = |secret: crate::config::secret::SecretRef| async move {
            let denied =
                |why: String| Trouble::Denied(format!("{why}. Nobody was asked. Correct it in the configuration."));
            let read = tokio::task::spawn_blocking(move || secret.read().map(|s| Key::new(s.reveal())));
            match tokio::time::timeout(SECRET, read).await {
                Ok(Ok(found)) => found.map_err(denied),
                Ok(Err(_)) => Err(denied("the secret could not be read".into())),
                Err(_) => Err(denied(format!("the secret was not found within {} s", SECRET.as_secs()))),
            }
        };
        let login = match &self.backend.login {
            Login::Nobody => http::Login::Nobody,
            Login::Token(token) => http::Login::Bearer(found(token.clone()).await?),
            Login::Password(user, password) => http::Login::Basic(user.clone(), found(password.clone()).await?),
        };
        let extra: Vec<(&'static str, String)> =
            tenant.iter().map(|tenant| ("x-scope-orgid", tenant.clone())).collect();
        Ok(Prometheus::new(Http::new(&self.backend.name, &self.backend.url, login, &extra)?, Flavour::of(flavour)))
    }
}

//! The engine's thread: it follows the event files and reduces what they say about an SLO to what the screen shows.
//!
//! It must not know the screen; it is asked, and answers once.

use crate::app::feed::{Aftermath, Burn, BurnAsk, Column};
use crate::app::msg::Msg;
use crate::config::blocks;
use crate::engine::events::Events;
use crate::engine::question::{Answer, Question};
use crate::incident::time::{MINUTE, SECOND, Span, Time};
use crate::incident::timeline::rate;
use crate::incident::trouble::Trouble;
use crate::liaison::clean;
use crate::query::alert::{self, Urgency, Verdict};
use crate::query::episode;
use crate::query::filter::Expr;
use crate::query::projection::{self, Exhaustion};
use crate::query::series::{Bucket, Series, Sum};
use crate::query::slo::Slo;
use crate::query::state::{self, Sight, State};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};

/// How much is read between two looks at the questions, in bytes.
const SIP: u64 = 64 << 20;
/// Sips a question waits for before it is answered with what was read so far, as *partial*.
const SIPS: usize = 8;
/// The width of the buckets by which the present is judged.
const FINE: i64 = 15 * SECOND;
/// How far back they go where an episode is looked for.
const RECENT: i64 = 120 * MINUTE;
/// How far back they go where it is asked what is usual: an outage must not become that.
const LONG: i64 = 6 * 60 * MINUTE;
/// The width of the buckets in which what followed an act is counted, how far before it they begin and how far after it they go.
const PRECISE: i64 = 5 * SECOND;
const BEFORE: i64 = 3 * MINUTE;
const AFTER: i64 = 2 * 60 * MINUTE;
/// How long a file may be silent before nothing is known about it, in thirds: until then its silence is traffic that is gone.
const SILENCE: i64 = RECENT / 3;

/// An SLO over event files.
pub struct Source {
    slo: Slo,
    path: PathBuf,
    bad: Expr,
    valid: Option<Expr>,
    words: String,
    events: Option<Events>,
}

impl Source {
    /// The source of a configured SLO.
    ///
    /// # Errors
    /// The filter expression cannot be read: what, where and what was expected.
    pub fn new(slo: &blocks::Slo) -> Result<Source, String> {
        let parse = |text: &str| text.parse::<Expr>().map_err(|e| format!("[[slo]] {}: {e}", slo.name));
        let bad = parse(&slo.bad.text)?;
        let valid = slo.valid.as_ref().map(|v| parse(&v.text)).transpose()?;
        let name = slo.events.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let words = clean::clean(&format!("{name} at {}: {bad}", slo.events.display()), 240).into_owned();
        let goal = Slo { name: slo.name.clone(), target_ppm: slo.target_ppm, window: slo.window.0 };
        Ok(Source { slo: goal, path: slo.events.clone(), bad, valid, words, events: None })
    }

    fn open(&mut self) -> Result<&mut Events, Trouble> {
        match &mut self.events {
            Some(events) => Ok(events),
            none => Ok(none.insert(Events::open(&self.path).map_err(|e| unreachable(&e))?)),
        }
    }

    /// Reads everything there is, however long it takes: for whoever asks once.
    ///
    /// # Errors
    /// The files cannot be looked at.
    pub fn catch_up(&mut self) -> Result<(), Trouble> {
        let events = self.open()?;
        while events.poll(SIP).more {}
        Ok(())
    }

    /// Reads what is new and answers.
    ///
    /// # Errors
    /// The files cannot be looked at, or the question is too wide.
    pub fn burn(&mut self, ask: &BurnAsk) -> Result<Burn, Trouble> {
        self.open()?;
        let Some(events) = &mut self.events else { return Err(Trouble::Unreachable(String::new())) };
        for _ in 0..SIPS {
            if !events.poll(SIP).more {
                break;
            }
        }
        let now = ask.now.0;
        let question = |from: i64, to: i64, step: i64| Question {
            bad: self.bad.clone(),
            valid: self.valid.clone(),
            from,
            to,
            step,
            group: None,
            top: 0,
        };
        // a window of 30 days has 43,200 minutes; wider ones get wider buckets
        let coarse_step = MINUTE * (1 + self.slo.window / (MINUTE * 60_000));
        let mut say = |from, to, step| events.series(&question(from, to, step)).map_err(|e| unreachable(&e));
        let coarse = say(now - self.slo.window, now, coarse_step)?;
        let recent = say(now - LONG, now, FINE)?;
        let to = ask.from.0 + ask.step.0 * i64::from(ask.columns);
        let chart = say(ask.from.0, to.min(now + ask.step.0), ask.step.0)?;
        let after = match ask.act {
            Some(act) => Some((act, say(act.0 - BEFORE, now.min(act.0 + AFTER), PRECISE)?.series)),
            None => None,
        };
        let mut burn = reduce(&self.slo, ask, &coarse, &recent.series, &chart.series, &self.words);
        burn.aftermath = after.map(|(act, series)| aftermath(&self.slo, act, &series, now));
        Ok(burn)
    }
}

fn unreachable(e: &dyn std::fmt::Display) -> Trouble {
    Trouble::Unreachable(e.to_string())
}

/// What followed an act. After two hours nothing more is made its doing.
fn aftermath(slo: &Slo, act: Time, series: &Series, now: i64) -> Aftermath {
    let floor = |at: i64| at.div_euclid(PRECISE) * PRECISE;
    let before = series.sum(floor(act.0), BEFORE);
    let ended = episode::episodes(slo, series, floor(now.min(act.0.saturating_add(AFTER))));
    let hurt = ended.last.is_some_and(|(_, end)| end > act.0);
    Aftermath {
        act,
        before: (before.known > 0).then(|| before.bad * u64::try_from(MINUTE / PRECISE).unwrap_or(1) / before.known),
        calm_after: ended.good_since.filter(|since| hurt && *since > act.0).map(|since| Time(since).since(act)),
    }
}

/// From counts to what the screen shows.
fn reduce(slo: &Slo, ask: &BurnAsk, coarse: &Answer, recent: &Series, chart: &Series, source: &str) -> Burn {
    let now = ask.now.0;
    let reading = &coarse.reading;
    let partial = !reading.troubles.is_empty() || reading.behind || reading.full.is_some();
    let sight = Sight { now, newest: coarse.newest, rhythm: SILENCE, partial };
    let long = recent;
    let recent = &Series::of(FINE, long.between(now - RECENT, i64::MAX).to_vec());
    let finding = state::find(&silent_until(long, now), sight);
    // a source that has been silent for longer than the recent past is judged by all of it
    let finding = if recent.buckets().is_empty() { state::find(&coarse.series, sight) } else { finding };
    let budget = slo.budget(&coarse.series, now);
    let trusted = matches!(finding.state, State::Value | State::Partial);
    // a budget that no longer burns lasts: the hour that is behind says nothing about the one ahead
    let burns = slo.burn_milli(recent, whole(now), 5 * MINUTE).is_some_and(|milli| milli > 0);
    let lasts = match projection::straight(slo, &coarse.series, now, 60 * MINUTE) {
        Exhaustion::Already => Some(Span(0)),
        Exhaustion::In(length) if burns => Some(Span(length)),
        Exhaustion::In(_) | Exhaustion::Never | Exhaustion::Unknown => None,
    };
    let standings = alert::standings(slo, &coarse.series, now);
    let firing = standings.iter().filter(|s| s.verdict == Verdict::Firing).map(|s| {
        let urgency = if s.condition.urgency == Urgency::Page { "page" } else { "ticket" };
        format!("{urgency}: over {}x in {}", rate(s.factor_milli), length(s.condition.long))
    });
    let episodes = episode::episodes(slo, recent, whole(now));
    Burn {
        state: finding.state,
        since: finding.since.map(Time),
        newest: coarse.newest.map(Time),
        total: budget.sum.total,
        bad: budget.sum.bad,
        remaining_ppm: budget.remaining_ppm(),
        burn_milli: [
            slo.burn_milli(recent, whole(now), MINUTE),
            slo.burn_milli(recent, whole(now), 5 * MINUTE),
            slo.burn_milli(recent, whole(now), 60 * MINUTE),
        ],
        lasts,
        traffic_ppm: traffic(long, now),
        known: coarse.series.coverage(now, slo.window),
        firing: firing.collect(),
        good_since: episodes.good_since.filter(|_| trusted).map(Time),
        bad_between: episodes.last.map(|(first, last)| (Time(first), Time(last))),
        bad_minute: Some(recent.sum(whole(now), MINUTE)).filter(|sum| sum.known > 0).map(|sum| sum.bad),
        aftermath: None,
        doubts: doubts(coarse),
        from: ask.from,
        step: ask.step,
        columns: columns(slo, ask, &coarse.series, chart),
        source: source.to_string(),
    }
}

/// The same counts with nothing from the last event until now: a file that is there and says nothing more has no traffic, as far as
/// anybody can tell. Dead servers send no errors.
fn silent_until(recent: &Series, now: i64) -> Series {
    let mut buckets = recent.buckets().to_vec();
    let Some(mut next) = recent.end() else { return recent.clone() };
    while next.saturating_add(recent.step()) <= now {
        buckets.push(Bucket { start: next, total: 0, bad: 0 });
        next = next.saturating_add(recent.step());
    }
    Series::of(recent.step(), buckets)
}

/// The end of the last complete fine bucket.
fn whole(now: i64) -> i64 {
    now.div_euclid(FINE) * FINE
}

/// What is wrong with the figures, in words.
fn doubts(answer: &Answer) -> Vec<String> {
    let reading = &answer.reading;
    let count = |n: u64, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let mut doubts: Vec<String> = [
        count(reading.bad_lines, "lines are no events"),
        count(reading.untimed, "events have no time"),
        count(reading.long_lines, "lines are too long"),
        count(answer.later, "events are from the future"),
    ]
    .into_iter()
    .flatten()
    .collect();
    doubts.extend(reading.first_bad.clone());
    if reading.behind {
        doubts.push("still reading the files".into());
    }
    doubts.extend(reading.full.clone());
    doubts.extend(reading.troubles.iter().cloned());
    doubts.extend(answer.notes.iter().map(ToString::to_string));
    doubts.iter().map(|d| clean::clean(d, 240).into_owned()).collect()
}

/// The last minute's events of the usual minute's, per million.
fn traffic(recent: &Series, now: i64) -> Option<u64> {
    let end = whole(now);
    let minute = |m: i64| (end - m * MINUTE, recent.sum(end - (m - 1) * MINUTE, MINUTE));
    let known = (1..=LONG / MINUTE).map(minute).filter(|(_, sum)| sum.known > 0);
    let minutes = known.map(|(start, sum)| Bucket { start, total: sum.total, bad: sum.bad });
    let usual = state::usual(&Series::of(MINUTE, minutes.collect()), end)?;
    let (_, last) = minute(1);
    (last.known > 0).then(|| last.total.saturating_mul(1_000_000) / usual)
}

/// Running totals over a series, so that the sum of any window is two look-ups.
struct Running<'a> {
    series: &'a Series,
    /// Before each bucket, and after the last: valid events and bad ones.
    sums: Vec<(u64, u64)>,
}

impl Running<'_> {
    fn new(series: &Series) -> Running<'_> {
        let mut sums = Vec::with_capacity(series.buckets().len() + 1);
        let (mut total, mut bad) = (0_u64, 0_u64);
        sums.push((0, 0));
        for bucket in series.buckets() {
            total = total.saturating_add(bucket.total);
            bad = bad.saturating_add(bucket.bad);
            sums.push((total, bad));
        }
        Running { series, sums }
    }
    /// The sum over the buckets that begin in `[from, to)`.
    fn between(&self, from: i64, to: i64) -> Sum {
        let place = |at: i64| self.series.buckets().partition_point(|b| b.start < at);
        let (first, last) = (place(from), place(to));
        match (self.sums.get(first), self.sums.get(last.max(first))) {
            (Some(a), Some(b)) => Sum { total: b.0 - a.0, bad: b.1 - a.1, known: (last.max(first) - first) as u64 },
            _ => Sum::default(),
        }
    }
}

/// The chart's columns: counts of each, and what was left of the budget at its end.
fn columns(slo: &Slo, ask: &BurnAsk, coarse: &Series, chart: &Series) -> Vec<Column> {
    let mut buckets = chart.buckets().iter().peekable();
    let mut columns = Vec::with_capacity(usize::from(ask.columns));
    let floor = |at: i64| at.div_euclid(coarse.step()) * coarse.step();
    let running = Running::new(coarse);
    for place in 0..i64::from(ask.columns) {
        let start = ask.from.0 + place * ask.step.0;
        let end = (start + ask.step.0).min(ask.now.0);
        let known = buckets.next_if(|b| b.start == start);
        // whole coarse buckets up to the column's end, and the fine rest of the one that it cuts
        let base = running.between(floor(end) - slo.window, floor(end));
        let rest = chart.between(floor(end), end).iter().fold(Sum::default(), |sum, b| sum.plus(b));
        let rest = if ask.step.0 >= coarse.step() { Sum::default() } else { rest };
        let sum = Sum { total: base.total + rest.total, bad: base.bad + rest.bad, known: base.known };
        let remaining = known.and_then(|_| slo.budget_of(sum).remaining_ppm());
        columns.push(Column {
            total: known.map(|b| b.total),
            bad: known.map_or(0, |b| b.bad),
            remaining_ppm: remaining,
        });
    }
    columns
}

/// `1 h and 5 m`: a condition's two windows.
fn length(long: i64) -> String {
    let words = |length: i64| match length / MINUTE {
        m if m >= 24 * 60 => format!("{} d", m / (24 * 60)),
        m if m >= 60 => format!("{} h", m / 60),
        m => format!("{m} m"),
    };
    format!("{} and {}", words(long), words(long / 12))
}

/// Answers until nobody asks any more. A newer question about the same SLO replaces an older one that waits.
pub fn serve(mut sources: Vec<Source>, questions: &Receiver<BurnAsk>, answers: &Sender<Msg>) {
    while let Ok(first) = questions.recv() {
        let mut waiting = vec![first];
        waiting.extend(questions.try_iter());
        for (slo, source) in sources.iter_mut().enumerate() {
            let Some(ask) = waiting.iter().rev().find(|ask| ask.slo == slo) else { continue };
            let answer = source.burn(ask).map(Box::new);
            if answers.send(Msg::Burned { slo, ticket: ask.ticket, answer }).is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::read::Written;
    use crate::config::trouble::Place;
    use std::fmt::Write as _;

    const START: Time = Time(1_562_712_000_000_000);

    fn minute(m: i64) -> Time {
        START.plus(Span(m * MINUTE))
    }

    /// Two hours of ten requests a second, one in a thousand failing, and a fire from minute 60 until 20 s after minute 75; asked at a minute in columns
    /// of a length.
    fn burn(at: i64, step: i64, act: Option<i64>) -> Burn {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lb.ndjson");
        let mut lines = String::new();
        let (fire, out) = (minute(60), minute(75).plus(Span::seconds(20)));
        for n in 0..at * 600 {
            let time = START.plus(Span(n * SECOND / 10));
            let fails = if (fire..out).contains(&time) { n % 2 == 0 } else { n % 1_000 == 7 };
            let status = if fails { 500 } else { 200 };
            writeln!(lines, "{{\"time\":\"{}\",\"status\":{status}}}", time.iso()).unwrap();
        }
        std::fs::write(&path, lines).unwrap();
        let bad = Written { text: "status >= 500".into(), place: Place::Flag("--bad"), key: "bad".into() };
        let slo = blocks::Slo {
            name: "api".into(),
            events: path,
            bad,
            called: None,
            valid: None,
            target_ppm: 999_000,
            window: Span(24 * 60 * MINUTE),
            group: None,
        };
        let mut source = Source::new(&slo).unwrap();
        source.catch_up().unwrap();
        let step = Span::seconds(step);
        let from = minute(at).floor(step).minus(Span(step.0 * 60));
        let ask = BurnAsk { slo: 0, ticket: 1, now: minute(at), from, step, columns: 61, act: act.map(minute) };
        source.burn(&ask).unwrap()
    }

    #[test]
    fn given_an_act_when_asked_at_any_zoom_and_later_then_what_followed_it_is_the_same() {
        let expected =
            Aftermath { act: minute(73), before: Some(300), calm_after: Some(Span(2 * MINUTE + 20 * SECOND)) };
        for (at, step) in [(80, 15), (80, 120), (95, 60), (115, 300)] {
            assert_eq!(burn(at, step, Some(73)).aftermath, Some(expected), "minute {at}, {step} s a column");
        }
        let burning = burn(74, 15, Some(73)).aftermath.unwrap();
        assert_eq!((burning.before, burning.calm_after), (Some(300), None));
        assert_eq!(burn(74, 15, None).aftermath, None);
    }

    #[test]
    fn given_failures_of_every_day_around_a_fire_when_asked_then_its_edges_and_the_present_are_told() {
        let burn = burn(95, 60, None);
        assert_eq!(burn.bad_between, Some((minute(60), minute(75).plus(Span::seconds(30)))));
        assert_eq!(burn.good_since, Some(minute(75).plus(Span::seconds(30))));
        assert_eq!(burn.bad_minute, Some(0));
    }
}

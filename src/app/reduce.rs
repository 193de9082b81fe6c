//! From counts to what the screen shows of an SLO. Pure; it must not know who counted.

use super::condition;
use super::condition::Spell;
use super::feed::{Aftermath, Burn, BurnAsk, Column, Held, Sliced};
use super::then::Then;
use crate::incident::alert::Urgency;
use crate::incident::time::{Span, Time};
use crate::query::alert;
use crate::query::episode;
use crate::query::paging::{self, Paging};
use crate::query::projection::{self, Exhaustion};
use crate::query::series::{Bucket, DAY, MINUTE, Running, SECOND, Series, Sum};
use crate::query::slices::Slices;
use crate::query::slo::Slo;
use crate::query::state::{self, Sight, State};
use crate::query::weeks;
use crate::query::window::widened;

/// How far back the present is judged, where an episode is looked for.
pub const RECENT: i64 = 120 * MINUTE;
/// How far back it is asked what is usual: an outage must not become that.
pub const LONG: i64 = 6 * 60 * MINUTE;
/// How far before an act counting begins, and how far after it goes: after two hours nothing more is made its doing.
pub const BEFORE: i64 = 3 * MINUTE;
/// See [`BEFORE`].
pub const AFTER: i64 = 2 * 60 * MINUTE;
/// How far back two sources are compared: the one may answer some minutes later than the other.
const COMPARED: i64 = 15 * MINUTE;
/// The length of a minute in words of rates.
const A_MINUTE: i64 = 60 * SECOND;

/// What was counted for a question.
#[derive(Clone, Debug)]
pub struct Counts {
    /// The whole window and what [`Slo::needs`] besides, in buckets of a minute or wider; parts of a slice, where slices are counted.
    pub coarse: Series,
    /// From when on these buckets were counted themselves: before it they share what was counted of longer times.
    pub narrow_from: i64,
    /// The same for a chart that looks back: the window before its first column until its last. None when `coarse` reaches that far.
    pub past: Option<Before>,
    /// The last [`LONG`], in the narrowest buckets that make sense for the source.
    pub recent: Series,
    /// The chart's columns.
    pub chart: Series,
    /// From [`BEFORE`] the act that was asked about until [`AFTER`] it, in narrow buckets.
    pub after: Option<(Time, Series)>,
    /// The time of the newest event or sample.
    pub newest: Option<i64>,
    /// How long the source may be silent before nothing is known about it, in thirds.
    pub rhythm: i64,
    /// Silence is traffic that is gone until then: a file that is there and says nothing more.
    pub silence_counts: bool,
    /// Parts are missing.
    pub partial: bool,
    /// Nothing that would count as bad was ever seen, or it could not be seen now: nothing may be called good.
    pub unproven: bool,
    /// From when on nothing that would count as bad can be seen, µs, the least number where it never could; none where it can.
    pub blind: Option<i64>,
    /// What was counted wrongly or not at all, in words, cleaned.
    pub doubts: Vec<String>,
    /// More of the past is still asked for.
    pub counting: bool,
    /// What was asked, of whom, cleaned.
    pub source: String,
}

/// What was counted for a chart that looks back, and how far it can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// The counts.
    pub series: Series,
    /// As [`Counts::narrow_from`].
    pub narrow_from: i64,
    /// As [`Counts::counting`], of that time.
    pub counting: bool,
    /// As [`Counts::partial`], of that time.
    pub partial: bool,
    /// As [`Counts::unproven`], of that time.
    pub unproven: bool,
    /// As [`Counts::blind`], of that time.
    pub blind: Option<i64>,
}

/// Reduces counts to what is shown.
pub fn reduce(slo: &Slo, ask: &BurnAsk, counts: Counts) -> Burn {
    let now = ask.now.0;
    let slo = &slo.at(now);
    // budgets and burn rates are made of what is counted; what hurts, and what it is called, of events
    let counted = slo.counted(&counts.coarse, now);
    let events = &slo.of_events();
    let sight =
        Sight { now, newest: counts.newest, rhythm: counts.rhythm, partial: counts.partial, unproven: counts.unproven };
    let long = &counts.recent;
    let recent = &Series::of(long.step(), long.between(now - RECENT, i64::MAX).to_vec());
    let judged = if counts.silence_counts { silent_until(long, now) } else { long.clone() };
    let finding = state::find(&judged, sight);
    // a source that has been silent for longer than the recent past is judged by all of it
    let finding = if recent.buckets().is_empty() { state::find(&counts.coarse, sight) } else { finding };
    let week = weeks::compare(&counts.coarse, now);
    let finding = weeks::weighed(finding, week, state::usual(&judged, now).is_some(), now);
    let budget = slo.budget(&counted, now);
    let trusted = matches!(finding.state, State::Value | State::Partial) && !finding.unproven;
    let end = whole(recent, now);
    let (burning, burnt) = if slo.slices.is_some() { (&*counted, whole(&counted, now)) } else { (recent, end) };
    // a budget that no longer burns lasts: the hour that is behind says nothing about the one ahead
    let burns = slo.burn_milli(burning, burnt, (5 * MINUTE).max(burning.step())).is_some_and(|milli| milli > 0);
    // what happens now goes on; where only a few failed, the hour says more than the last minutes
    let short = (5 * MINUTE).max(counted.step());
    let settled = whole(&counted, now);
    let many = counted.sum(settled, short).bad >= slo.min_bad;
    let lasts_rate = if many { short } else { (60 * MINUTE).max(counted.step()) };
    let at = if many { settled } else { now };
    let lasts = match projection::straight(slo, &counted, at, lasts_rate) {
        Exhaustion::Already => Some(Span(0)),
        Exhaustion::In(length) if burns => Some(Span(length)),
        Exhaustion::In(_) | Exhaustion::Never | Exhaustion::Unknown => None,
    };
    let lasts_ageing = match projection::rolling(slo, &counted, at, lasts_rate) {
        Exhaustion::In(_) if !burns => Exhaustion::Never,
        other => other,
    };
    let episodes = episode::episodes(events, recent, end);
    Burn {
        state: finding.state,
        since: finding.since.map(Time),
        newest: counts.newest.map(Time),
        total: budget.sum.total,
        bad: budget.sum.bad,
        sliced: slo.slices.map(|_| sliced(&counts.coarse, budget.sum, settled, slo.begins(now))),
        remaining_ppm: budget.remaining_ppm(),
        burn_milli: [
            slo.burn_milli(burning, burnt, MINUTE),
            slo.burn_milli(burning, burnt, 5 * MINUTE),
            slo.burn_milli(burning, burnt, 60 * MINUTE),
        ],
        lasts,
        lasts_ageing,
        renews: slo.renews(now).map(Time),
        lasts_rate: Span(lasts_rate),
        traffic_ppm: traffic(long, now),
        week_ppm: week.and_then(|week| week.ppm()),
        minutes: minutes(&judged, now),
        known: slo.coverage(&counts.coarse, now),
        conditions: conditions(
            slo,
            &counted,
            (ask.from.0, counts.narrow_from, counts.blind),
            if slo.slices.is_some() { settled } else { now },
        ),
        good_since: episodes.good_since.filter(|_| trusted).map(Time),
        bad_between: episodes.last.map(|(first, last)| (Time(first), Time(last))),
        bad_minute: Some(recent.sum(end, MINUTE)).filter(|sum| sum.known > 0).map(|sum| sum.bad),
        aftermath: counts.after.as_ref().map(|(act, series)| aftermath(events, *act, series, now)),
        doubts: counts.doubts,
        counting: counts.counting || counts.past.as_ref().is_some_and(|past| past.counting && ask.looks_back()),
        from: ask.from,
        looks_back: ask.looks_back(),
        then: counts.past.as_ref().filter(|_| ask.looks_back()).map(|past| Box::new(then(slo, ask, past))),
        step: ask.step,
        columns: columns(slo, ask, counts.past.as_ref().map_or(&counts.coarse, |past| &past.series), &counts.chart),
        source: counts.source,
        opinion: None,
        link: None,
    }
}

/// How an objective stood at a moment that is over, as if that were the present. What was left is what the column that ends there says.
fn then(slo: &Slo, ask: &BurnAsk, before: &Before) -> Then {
    let past = &before.series;
    let until = ask.until();
    let end = until.0;
    // a moment at which a period ends belongs to that one
    let slo = &slo.at(end.saturating_sub(1));
    let counted = slo.counted(past, end);
    let settled = whole(&counted, end);
    let begins = slo.begins_before(end);
    let over = if slo.slices.is_some() { settled } else { end };
    let budget = slo.budget_of(counted.sum(over, over - begins.div_euclid(counted.step()) * counted.step()));
    let sight = Sight { now: end, newest: None, rhythm: 0, partial: before.partial, unproven: before.unproven };
    Then {
        until,
        state: state::find(past, sight).state,
        total: budget.sum.total,
        bad: budget.sum.bad,
        sliced: slo.slices.map(|_| sliced(past, budget.sum, settled, begins)),
        remaining_ppm: budget.remaining_ppm(),
        burn_milli: [MINUTE, 5 * MINUTE, 60 * MINUTE].map(|window| slo.burn_milli(&counted, settled, window)),
        conditions: conditions(slo, &counted, (ask.from.0, before.narrow_from, before.blind), over),
        known: past.coverage(end, end - begins),
    }
}

/// What lies behind the slices that were over at a moment.
fn sliced(events: &Series, slices: Sum, settled: i64, begins: i64) -> Sliced {
    let behind = events.sum(settled, settled.saturating_sub(begins));
    Sliced { events: behind.total, bad: behind.bad, skipped: Slices::skipped(slices) }
}

/// How the conditions stand, and when each held within a day and from the chart's beginning on. One that holds longer is followed back; of
/// shared counts nothing else is said; and where nothing bad can be seen, none is quiet and none ceases to hold.
fn conditions(slo: &Slo, coarse: &Series, (from, narrow, blind): (i64, i64, Option<i64>), now: i64) -> Vec<Held> {
    let held = paging::traced(slo, coarse, from.min(now - DAY).max(narrow).min(now), now);
    let standings = alert::standings(slo, coarse, now);
    let known = coarse.buckets().first().map_or(now, |bucket| bucket.start.saturating_add(coarse.step()));
    let one = |(standing, paging): (alert::Standing, Paging)| {
        let condition = standing.condition;
        // the bucket that is filling counts for the present, and not yet for the past
        let now_milli = slo.burn_of(standing.long).unwrap_or(0);
        let spell = |spell: &paging::Spell| Spell {
            since: Time(spell.from),
            is_cut: spell.from <= known,
            until: spell.to.map(Time),
            peak_milli: if spell.to.is_none() { spell.peak_milli.max(now_milli) } else { spell.peak_milli },
            began: spell.began,
            ended: spell.ended,
        };
        let mut spells: Vec<Spell> = paging.spells.iter().map(spell).collect();
        // what was never seen by one name was seen by another, and ceased there
        if let (Some(blind), Some(last)) = (blind.filter(|since| *since > i64::MIN), spells.last_mut())
            && last.until.is_some_and(|until| until.0 >= blind)
        {
            (last.until, last.ended) = (None, None);
        }
        let is_quiet = standing.verdict == alert::Verdict::Quiet;
        Held {
            urgency: if condition.urgency == alert::Urgency::Page { Urgency::Page } else { Urgency::Ticket },
            words: condition::words(&condition, standing.factor_milli),
            verdict: if blind.is_some() && is_quiet { alert::Verdict::Unknown } else { standing.verdict },
            burn_milli: (slo.burn_of(standing.long), standing.short.map(|short| slo.burn_of(short))),
            windows: (Span(condition.rule.long()), condition.rule.short().map(Span)),
            is_open: spells.last().is_some_and(|spell| spell.until.is_none()),
            spells,
        }
    };
    standings.into_iter().zip(held).map(one).collect()
}

/// What followed an act. After two hours nothing more is made its doing.
fn aftermath(slo: &Slo, act: Time, series: &Series, now: i64) -> Aftermath {
    let step = series.step();
    let floor = |at: i64| at.div_euclid(step) * step;
    // nobody can tell what came first within one bucket: no whole one was good before the act
    let asked = floor(act.0);
    let before = series.sum(asked, BEFORE);
    let ended = episode::episodes(slo, series, floor(now.min(act.0.saturating_add(AFTER))));
    let hurt = ended.last.is_some_and(|(_, end)| end >= asked);
    let a_minute = u64::try_from(A_MINUTE / step).unwrap_or(1).max(1);
    Aftermath {
        act,
        before: (before.known > 0).then(|| before.bad.saturating_mul(a_minute) / before.known),
        calm_after: ended
            .good_since
            .filter(|since| hurt && *since >= asked)
            .map(|since| Time(since.max(act.0)).since(act)),
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

/// The end of the last complete bucket.
fn whole(series: &Series, now: i64) -> i64 {
    now.div_euclid(series.step()) * series.step()
}

/// The newest whole minutes, in order of time: by these two sources of one promise are compared.
fn minutes(series: &Series, now: i64) -> Vec<Bucket> {
    let minutes = widened(series, MINUTE);
    let end = now.div_euclid(MINUTE) * MINUTE;
    minutes.between(end - COMPARED, end).to_vec()
}

/// The last minute's events of the usual minute's, per million.
fn traffic(recent: &Series, now: i64) -> Option<u64> {
    let end = whole(recent, now);
    let minute = |m: i64| (end - m * MINUTE, recent.sum(end - (m - 1) * MINUTE, MINUTE));
    let known = (1..=LONG / MINUTE).map(minute).filter(|(_, sum)| sum.known > 0);
    let minutes = known.map(|(start, sum)| Bucket { start, total: sum.total, bad: sum.bad });
    let usual = state::usual(&Series::of(MINUTE, minutes.collect()), end)?;
    let (_, last) = minute(1);
    (last.known > 0).then(|| last.total.saturating_mul(1_000_000) / usual)
}

/// The chart's columns: events of each, and what was left of the budget at its end.
fn columns(slo: &Slo, ask: &BurnAsk, events: &Series, chart: &Series) -> Vec<Column> {
    let coarse = &*slo.counted(events, ask.now.0);
    let mut buckets = chart.buckets().iter().peekable();
    let mut columns = Vec::with_capacity(usize::from(ask.columns));
    let floor = |at: i64| at.div_euclid(coarse.step()) * coarse.step();
    let running = Running::new(coarse);
    for place in 0..i64::from(ask.columns) {
        let start = ask.from.0 + place * ask.step.0;
        let end = (start + ask.step.0).min(ask.now.0);
        let known = buckets.next_if(|b| b.start == start);
        // a slice is judged when it is over
        let is_whole = ask.step.0 >= coarse.step() || slo.slices.is_some();
        // whole coarse buckets up to the column's end, and the fine rest of the one that it cuts; of now as much as is there, as in the figures beside it
        let is_now = end == ask.now.0;
        let begins = slo.begins_before(end);
        let first = if is_now { begins } else { floor(begins) };
        let base = running.between(first, if is_now && is_whole { end } else { floor(end) });
        let rest = chart.between(floor(end), end).iter().fold(Sum::default(), |sum, b| sum.plus(b));
        let rest = if is_whole { Sum::default() } else { rest };
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

#[cfg(test)]
mod tests;

//! An objective over event files of this machine.

use super::super::{clock, world};
use super::goal;
use crate::app::feed::{Burn, BurnAsk};
use crate::app::reduce::{AFTER, BEFORE, Before, Counts, LONG, RECENT, reduce};
use crate::app::would::WouldAsk;
use crate::config::asks::{Asks, Which};
use crate::config::blocks;
use crate::engine::breakdown::Asked;
use crate::engine::events::Events;
use crate::engine::question::{Answer, Blind, FileReading, Note, Question, Reading};
use crate::incident::impact::counted;
use crate::incident::time::{HOUR, MINUTE, SECOND, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::Unseen;
use crate::liaison::clean;
use crate::query::breakdown::{Breakdown, Told};
use crate::query::calendar::QUARTER_HOUR;
use crate::query::filter::Expr;
use crate::query::paging::{Compared, Past};
use crate::query::series::{Bucket, DAY, Series};
use crate::query::shares::{self, Shares};
use crate::query::slo::Slo;
use crate::query::weeks;
use crate::query::window::spread;
use std::path::PathBuf;

/// How much is read between two looks at the questions, in bytes.
const SIP: u64 = 64 << 20;
/// Sips a question waits for before it is answered with what was read so far, as *partial*.
const SIPS: usize = 8;
/// The width of the buckets by which the present is judged.
const FINE: i64 = 15 * SECOND;
/// The longest window of which each minute is counted by itself, again and again.
const LONGEST: i64 = 41 * DAY;
/// How far back that is wanted in any case: conditions are followed over a day, and the shorter of them look back an hour.
const NEAR: i64 = DAY + HOUR;
/// The width of the buckets in which what followed an act is counted.
const PRECISE: i64 = 5 * SECOND;
/// How long a file may be silent before nothing is known about it, in thirds: until then its silence is traffic that is gone.
const SILENCE: i64 = RECENT / 3;

/// How long a packed file that ends in the middle may be on its way, by the file system's clock.
const RESTS: i64 = MINUTE;
/// How far ahead of ours a writer's clock may be.
const AHEAD: i64 = 2 * MINUTE;
/// How long a source that always has events may have none before that is said.
const HOLE: i64 = 10 * MINUTE;
/// How many events must have been expected in that time.
const MISSED: u64 = 200;

/// An objective over event files.
pub struct Files {
    config: blocks::Slo,
    slo: Slo,
    path: PathBuf,
    told: Option<PathBuf>,
    bad: Expr,
    valid: Option<Expr>,
    words: String,
    events: Option<Events>,
}

impl Files {
    /// The files of a configured objective.
    ///
    /// # Errors
    /// The filter expression cannot be read: what, where and what was expected.
    pub fn new(slo: &blocks::Slo) -> Result<Files, String> {
        let Asks::Events { path, which: Which { part, valid }, told } = &slo.asks else {
            return Err(format!("[[slo]] {} names no event files", slo.name));
        };
        let bad = super::bad(slo, part)?;
        let valid = valid.as_ref().map(|valid| super::filter(slo, valid)).transpose()?;
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let words = clean::clean(&format!("{name} at {}: {bad}", path.display()), 240).into_owned();
        Ok(Files {
            config: slo.clone(),
            slo: goal(slo),
            path: path.clone(),
            told: told.clone(),
            bad,
            valid,
            words,
            events: None,
        })
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

    /// Everything there is in the window of a moment, bucket by bucket.
    ///
    /// # Errors
    /// As [`Files::burn`].
    pub fn series(&mut self, now: Time) -> Result<Series, Trouble> {
        self.catch_up()?;
        let question = self.question(self.slo.needs(now.0), now.0, self.narrow());
        self.open()?.series(&question).map(|answer| answer.series).map_err(|e| unreachable(&e))
    }

    /// Why nothing that was read can be bad, or all is: fields that no event has, or that hold something else.
    #[must_use]
    pub fn unseen(&mut self, now: Time) -> Option<Unseen> {
        let now = self.written(now).0;
        let blind = self.events.as_mut()?.blind(&self.bad, self.valid.as_ref(), now);
        let words: Vec<String> = blind.why.iter().map(ToString::to_string).collect();
        let words = clean::clean(&words.join("; "), 300).into_owned();
        let correct = match blind.why.first() {
            Some(Note::NoneValid { .. }) => Some("Nothing is counted. Correct `valid`."),
            Some(Note::Mixed { .. } | Note::Unread { .. } | Note::Twice { .. }) => {
                Some("What fails may not be counted. Correct what writes them.")
            }
            _ => None,
        };
        (!words.is_empty()).then_some(Unseen { words, is_mistake: true, correct })
    }

    /// Everything that was read, apart by the values of fields.
    ///
    /// # Errors
    /// As [`Files::burn`], or the question is none.
    pub fn shares(&mut self, asked: &shares::Asked, most: usize) -> Result<Shares, Trouble> {
        let is_behind = self.open()?.poll(SIP).more;
        let mut now = self.apart(&asked.now())?;
        let quiet = asked.quiet().map(|quiet| self.apart(&quiet)).transpose()?;
        if is_behind {
            now.notes.push("still reading the files".into());
        }
        Ok(Shares::of(asked, now, quiet, most, |values| shares::filter(&asked.fields, values)))
    }

    fn apart(&mut self, by: &Breakdown) -> Result<Told, Trouble> {
        let (bad, valid) = (self.bad.clone(), self.valid.clone());
        let asked = Asked { bad: &bad, valid: valid.as_ref(), by };
        let (table, notes) = self.open()?.breakdown(asked).map_err(|e| Trouble::Refused(e.to_string()))?;
        let notes = notes.iter().map(|note| clean::clean(&note.to_string(), 240).into_owned()).collect();
        Ok(Told { table, notes, from: by.from, to: by.to })
    }

    /// What would have been under another indicator, from the events that are read already.
    ///
    /// # Errors
    /// As [`Files::burn`], or the other indicator is no filter.
    pub fn what_if(&mut self, ask: &WouldAsk) -> Result<Compared, Trouble> {
        let other = Files::new(&super::other(&self.config, ask)).map_err(super::refused)?;
        let (now, step) = (self.written(ask.now).0, self.narrow());
        let questions = [self, &other].map(|files: &Files| files.question(files.slo.needs(now), now, step));
        let (goal, bad, valid) = (self.slo.clone(), self.bad.clone(), self.valid.clone());
        let events = self.open()?;
        events.poll(SIP);
        let [was, would] = questions.map(|question| events.series(&question).map_err(|e| unreachable(&e)));
        let (was, would) = (was?, would?);
        let unseen = events.blind(&bad, valid.as_ref(), now);
        let would_not_see = events.blind(&other.bad, other.valid.as_ref(), now);
        let own = would_not_see.why.iter().filter(|note| !unseen.why.contains(note));
        let doubts = own.map(|note| clean::clean(&note.to_string(), 240).into_owned()).collect();
        let [was, would] = [was, would].map(|answer| Past::of(&goal, &answer.series, now));
        Ok(Compared { was, would, doubts })
    }

    /// The width of the buckets of which budgets and conditions are made: slices, or minutes.
    fn narrow(&self) -> i64 {
        self.slo.slices.map_or(MINUTE, |slices| slices.length)
    }

    /// All of a time; from `near` on, and where it begins, each bucket is counted by itself. Before that, where a window is long, its events are counted in
    /// quarter hours, which share them out evenly: a year has half a million minutes. Says from when on each was counted by itself.
    fn whole(
        &self,
        mut say: impl FnMut(i64, i64, i64) -> Result<Answer, Trouble>,
        (from, to): (i64, i64),
        near: i64,
    ) -> Result<(Answer, i64), Trouble> {
        let step = self.narrow();
        let floor = |at: i64| at.div_euclid(QUARTER_HOUR) * QUARTER_HOUR;
        let (edge, cut) = (floor(from).saturating_add(QUARTER_HOUR), floor(near));
        if self.slo.slices.is_some() || self.slo.window <= LONGEST || cut <= edge {
            return Ok((say(from, to, step)?, i64::MIN));
        }
        let (first, wide, last) = (say(from, edge, step)?, say(edge, cut, QUARTER_HOUR)?, say(cut, to, step)?);
        let mut buckets = first.series.buckets().to_vec();
        buckets.extend(spread(wide.series.buckets(), QUARTER_HOUR, step));
        buckets.extend(last.series.buckets());
        Ok((Answer { series: Series::of(step, buckets), ..last }, cut))
    }

    /// The last moment before `now` of which everything is in the files, asked before they are read. A drill's world is written once a second of real
    /// time: where its clock runs faster, what was not written yet would look like traffic that is gone.
    fn written(&self, now: Time) -> Time {
        let until = self.told.as_deref().and_then(world::written);
        until.map_or(now, |until| until.min(now))
    }

    fn question(&self, from: i64, to: i64, step: i64) -> Question {
        Question { bad: self.bad.clone(), valid: self.valid.clone(), from, to, step }
    }

    /// Reads what is new and answers.
    ///
    /// # Errors
    /// The files cannot be looked at, or the question is too wide.
    pub fn burn(&mut self, ask: &BurnAsk) -> Result<Burn, Trouble> {
        let ask = &BurnAsk { now: self.written(ask.now), ..*ask };
        self.open()?;
        let Some(mut events) = self.events.take() else { return Err(Trouble::Unreachable(String::new())) };
        for _ in 0..SIPS {
            if !events.poll(SIP).more {
                break;
            }
        }
        let burn = self.counted(ask, &mut events).map(|counts| reduce(&self.slo, ask, counts));
        self.events = Some(events);
        burn
    }

    fn counted(&self, ask: &BurnAsk, events: &mut Events) -> Result<Counts, Trouble> {
        let now = ask.now.0;
        let mut say = |from, to, step| events.series(&self.question(from, to, step)).map_err(|e| unreachable(&e));
        // what was left at a column needs the window before it
        let near = |from: i64, end: i64| (end - NEAR).min(from.max(end - LONGEST));
        let past = match ask.looks_back() {
            true => {
                let (from, until) = (ask.from.0, ask.until().0);
                Some(self.whole(&mut say, (self.slo.needs(from), until), near(from, until))?)
            }
            false => None,
        };
        let first = if past.is_some() { now } else { now.min(ask.from.0) };
        let wanted = weeks::wanted(self.slo.needs(first), self.slo.window, now);
        let (coarse, narrow_from) = self.whole(&mut say, (wanted, now), near(first, now))?;
        let recent = say(now - LONG, now, FINE)?.series;
        let chart = say(ask.from.0, ask.until().0.min(now).max(ask.from.0 + 1), ask.step.0)?.series;
        let after = match ask.act {
            Some(act) => Some((act, say(act.0 - BEFORE, now.min(act.0 + AFTER), PRECISE)?.series)),
            None => None,
        };
        let mut unseen = |at: Time| events.blind(&self.bad, self.valid.as_ref(), at.0);
        let blind = unseen(ask.now);
        let reading = &coarse.reading;
        let cut = cut(reading, clock::real().0);
        let ahead = clock::is_present(ask.now).then(|| ahead(&coarse, now)).flatten();
        let unproven = !blind.why.is_empty() || blind.is_dim || ahead.is_some();
        let hole = hole(&coarse.series);
        let first = ahead.into_iter().chain(cut.iter().cloned()).chain(hole);
        let is_cut = !cut.is_empty() || reading.partial();
        // what of a file could not be read may be of any time
        let past = past.map(|(past, narrow_from)| {
            let unseen = unseen(ask.until());
            let partial = is_cut || !unseen.why.is_empty() || unseen.is_dim;
            let (blind, unproven) = (unseen.since(), !unseen.why.is_empty() || unseen.is_dim);
            let counting = reading.behind;
            Before { unproven, blind, counting, partial, series: past.series, narrow_from }
        });
        let partial = unproven || is_cut || events.is_short(wanted, now);
        Ok(Counts {
            narrow_from,
            past,
            recent,
            chart,
            after,
            newest: coarse.newest,
            rhythm: SILENCE,
            silence_counts: true,
            partial,
            counting: reading.behind,
            unproven,
            blind: blind.since(),
            doubts: doubts(&coarse, &blind, first),
            source: self.words.clone(),
            coarse: coarse.series,
        })
    }
}

fn unreachable(e: &dyn std::fmt::Display) -> Trouble {
    Trouble::Unreachable(e.to_string())
}

/// Packed files that end in the middle and that nobody writes any more.
fn cut(reading: &Reading, now: i64) -> Vec<String> {
    let rests = |file: &&FileReading| file.cut && now.saturating_sub(file.written) > RESTS;
    let words = |file: &FileReading| {
        let name = file.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        format!("{name} ends in the middle of its packed data: what came behind is not counted")
    };
    reading.files.iter().filter(rests).map(words).collect()
}

/// Files whose writer's clock is ahead: what happens now is read as if it were still to come. One stray event from the future is not that: there are
/// at least half as many as in the hour before.
fn ahead(answer: &Answer, now: i64) -> Option<String> {
    let by = answer.latest.map(|latest| latest - now).filter(|by| *by > AHEAD)?;
    let is_many = answer.later.saturating_mul(2) >= answer.series.sum(now, HOUR).total;
    is_many.then(|| {
        format!(
            "its clock is ahead: the newest event is from {} min in the future, and what fails now is not counted yet",
            by / MINUTE
        )
    })
}

/// The last stretch of [`HOLE`] or more in which a source that always has events had none: it counts as known, and as one without traffic.
fn hole(series: &Series) -> Option<String> {
    let buckets = series.buckets();
    let mut totals: Vec<u64> = buckets.iter().map(|bucket| bucket.total).filter(|total| *total > 0).collect();
    totals.sort_unstable();
    let usual = totals.get(totals.len() / 2).copied()?;
    let ends = |bucket: &Bucket| bucket.start.saturating_add(series.step());
    let mut last = None;
    for two in buckets.chunk_by(|one, next| (one.total == 0) == (next.total == 0)) {
        let (Some(first), Some(end)) = (two.first(), two.last().map(ends)) else { continue };
        // what comes behind the last event is silence, which has a word of its own
        let is_inside = buckets.last().is_some_and(|newest| ends(newest) > end) && buckets.first() != Some(first);
        let missed = usual.saturating_mul(two.len() as u64);
        if first.total == 0 && is_inside && end - first.start >= HOLE && missed >= MISSED {
            last = Some((first.start, end));
        }
    }
    let (from, to) = last?;
    let clock = |at: i64| Time(at).clock_minutes();
    Some(format!(
        "no event at all from {} {} to {}: either nothing was asked of it, or nothing was written",
        Time(from).date(),
        clock(from),
        clock(to)
    ))
}

/// What is wrong with the figures, in words: first what forbids to call anything good.
fn doubts(answer: &Answer, blind: &Blind, first: impl Iterator<Item = String>) -> Vec<String> {
    let reading = &answer.reading;
    let count = |n: u64, one: &str, more: &str| (n > 0).then(|| counted(n, one, more));
    let mut doubts: Vec<String> = blind.why.iter().map(ToString::to_string).chain(first).collect();
    doubts.extend(blind.besides.iter().map(ToString::to_string));
    let unread = [
        count(reading.bad_lines, "line is no event", "lines are no events"),
        count(reading.untimed, "event has no readable time", "events have no readable time"),
        count(reading.long_lines, "line is too long", "lines are too long"),
        count(
            reading.odd_rates,
            "event has a sample rate that cannot be: counted as 1",
            "events have a sample rate that cannot be: counted as 1",
        ),
        count(answer.later, "event is from the future", "events are from the future"),
    ]
    .into_iter()
    .flatten();
    doubts.extend(unread);
    doubts.extend(reading.first_bad.clone());
    if reading.behind {
        doubts.push("still reading the files".into());
    }
    doubts.extend(reading.full.clone());
    doubts.extend(reading.troubles.iter().cloned());
    doubts.extend(answer.notes.iter().filter(|note| !blind.why.contains(note)).map(ToString::to_string));
    doubts.iter().map(|d| clean::clean(d, 240).into_owned()).collect()
}

#[cfg(test)]
mod tests;

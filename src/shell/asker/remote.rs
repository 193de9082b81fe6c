//! An objective that a backend answers for. What was answered is kept bucket by bucket, so that only what is new is asked, with an overlap
//! for what came late.

use super::apart::Apart;
use super::beyond;
use super::goal;
use super::plan::Plan;
use super::present::{Gathered, Present};
use super::rough::{Piece, Rough, seen_from};
use crate::app::feed::{Burn, BurnAsk};
use crate::app::reduce::{AFTER, BEFORE, Before, Counts, LONG, RECENT, reduce};
use crate::app::would::WouldAsk;
use crate::config::backends::Backend;
use crate::config::blocks;
use crate::incident::time::{HOUR, MINUTE, SECOND, Span, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::honeycomb::limit::{Limits, Urgency};
use crate::liaison::backends::{Fields, Server, Turn, Unseen};
use crate::liaison::clean;
use crate::query::doubts::Doubts;
use crate::query::opinion::Opinion;
use crate::query::paging::{Compared, Past};
use crate::query::series::{DAY, Series};
use crate::query::slo::Slo;
use crate::query::weeks;
use crate::query::window::{Asked, OVERLAP, Stretch, spread, widened};
use std::time::Duration;

/// How long one answer may gather pieces of the past, µs, before what is there is shown: the rest is asked with the next one.
const PATIENCE: i64 = 8 * SECOND;
/// How long somebody who waits for one answer alone waits for a turn.
pub const ALONE: Duration = Duration::from_secs(180);

/// An objective that a backend answers for.
pub struct Remote {
    config: blocks::Slo,
    slo: Slo,
    plan: Plan,
    limits: Limits,
    server: Option<Server>,
    series: Series,
    asked: Asked,
    /// What is known in wide buckets only, before that.
    rough: Rough,
    /// What was said of what is kept.
    doubts: Doubts,
    /// What was said of now, and whether their clock goes wrong.
    passing: (Vec<String>, bool),
    newest: Option<i64>,
    /// Until when something was there that could count as bad, be it none.
    seen: Option<i64>,
    /// What is known of the fields that are counted by.
    fields: Fields,
    /// When the newest was answered last, on a clock that never goes back.
    answered: Option<i64>,
    link: Option<String>,
    opinion: Option<Opinion>,
    /// The same at the time of a chart that looks back.
    past: Option<Box<Remote>>,
}

impl Remote {
    /// The source of a configured objective. Who asks the same backend shares its limits.
    ///
    /// # Errors
    /// A query cannot be asked bucket by bucket, or the backend is not configured.
    pub fn new(slo: &blocks::Slo, backends: &[Backend], limits: &Limits) -> Result<Remote, String> {
        let plan = Plan::of(slo, backends)?;
        let series = Series::new(plan.step);
        Ok(Remote {
            config: slo.clone(),
            slo: goal(slo),
            plan,
            limits: limits.clone(),
            server: None,
            series,
            asked: Asked::default(),
            rough: Rough::default(),
            doubts: Doubts::default(),
            passing: (Vec::new(), false),
            newest: None,
            seen: None,
            fields: Fields::default(),
            answered: None,
            link: None,
            opinion: None,
            past: None,
        })
    }

    /// The same, whose waits are measured by another clock.
    #[must_use]
    pub fn measured_by(mut self, steady: fn() -> i64) -> Remote {
        self.plan.steady = steady;
        self
    }

    /// The same, which asks for each narrow bucket of its window, however many questions that takes.
    #[must_use]
    pub fn finely(mut self) -> Remote {
        self.rough.is_unwanted = true;
        self
    }

    /// Another one of the same backend, limits and clock.
    fn beside(&self, slo: &blocks::Slo) -> Result<Remote, Trouble> {
        let other = Remote::new(slo, std::slice::from_ref(&self.plan.backend), &self.limits);
        other.map(|other| other.measured_by(self.plan.steady)).map_err(super::refused)
    }

    /// Who tells its events apart, beside it.
    ///
    /// # Errors
    /// As [`Remote::new`].
    pub fn apart(&self) -> Result<Apart, Trouble> {
        Apart::new(&self.config, std::slice::from_ref(&self.plan.backend), &self.limits).map_err(super::refused)
    }

    /// What would have been under another indicator, at a moment that need not be the present.
    ///
    /// # Errors
    /// As [`Remote::burn`], or the other indicator cannot be asked.
    pub async fn what_if(&mut self, ask: &WouldAsk) -> Result<Compared, Trouble> {
        let step = Span(self.plan.step);
        // a chart that ends now: the window is asked for once
        let from = ask.now.floor(step);
        let all = BurnAsk { slo: ask.slo, ticket: 0, now: ask.now, from, step, columns: 1, act: None, shown: true };
        let present = Present::of(ask.now, &self.plan);
        beyond::reached(&self.plan, &self.limits, &mut self.server, &all, present.now).await?;
        let (mut pasts, mut doubts) = (Vec::new(), Vec::new());
        for slo in [self.config.clone(), super::other(&self.config, ask)] {
            let mut remote = self.beside(&slo)?.finely();
            doubts.extend(remote.gather(&all, present, 0, true).await?.doubts);
            pasts.push(Past::of(&self.slo, &remote.series(ask.now), ask.now.0));
        }
        doubts.sort();
        doubts.dedup();
        let (would, was) = (pasts.pop(), pasts.pop());
        was.zip(would)
            .map(|(was, would)| Compared { was, would, doubts })
            .ok_or_else(|| super::refused("Nobody answered".into()))
    }

    /// Everything there is in the window of a moment, bucket by bucket. It has to be answered by [`Remote::burn`] first.
    pub fn series(&self, now: Time) -> Series {
        Series::of(self.plan.step, self.series.between(self.slo.needs(now.0), now.0).to_vec())
    }

    /// Asks what is new, and as much of the past as there is patience for (all of it when `whole`), and answers.
    ///
    /// # Errors
    /// Nobody answered, or what they answered is of no use, or that time is out of reach.
    pub async fn burn(&mut self, ask: &BurnAsk, whole: bool) -> Result<Burn, Trouble> {
        let present = Present::of(ask.now, &self.plan);
        beyond::reached(&self.plan, &self.limits, &mut self.server, ask, present.now).await?;
        let before = match ask.looks_back() {
            true => Some(self.look_back(ask, present, whole).await?),
            false => None,
        };
        let Gathered { now, is_known, unproven, blind, partial, counting, doubts } =
            self.gather(ask, present, LONG, whole).await?;
        if let Some(server) = &mut self.server {
            if !is_known {
                self.newest = server.newest(ask.now).await?.or(self.series.end());
            }
            self.opinion = server.opinion((!present.is_asked).then_some(ask.now), present.now).await;
        }
        // what is still on its way is not the present yet
        let settled = BurnAsk { now: Time(now), ..*ask };
        let counts = Counts { unproven, blind, counting, past: before, ..self.counts(&settled, doubts, partial) };
        Ok(Burn { link: self.link.clone(), opinion: self.opinion.clone(), ..reduce(&self.slo, &settled, counts) })
    }

    /// Asks about the window of a moment that need not be the present, or about as long as that at `least`, and keeps what is answered.
    async fn gather(&mut self, ask: &BurnAsk, present: Present, least: i64, whole: bool) -> Result<Gathered, Trouble> {
        let began = (self.plan.steady)();
        let now = ask.now.0.min(present.settled);
        // what was left at a column needs the window before it; a look back has one of its own
        let first = if ask.looks_back() { now } else { now.min(ask.from.0) };
        let window = (now - self.slo.needs(first)).max(least);
        let (mut doubts, mut counting) = (Vec::new(), false);
        if ask.looks_back() {
            // what is of now is said below
            let before = Stretch { from: i64::MIN, to: now - window };
            doubts.extend(self.past.iter().flat_map(|past| past.doubts.words(before, now)));
            doubts.extend(self.past.iter().flat_map(|past| past.fields.words.clone()));
        }
        let mut server = match self.server.take() {
            Some(server) => server,
            None => self.plan.connect(&self.limits).await?,
        };
        // what is compared with is not counted
        let is_short = self.plan.reach.is_some();
        let wide = if is_short { window } else { now - weeks::wanted(now - window, self.slo.window, now) };
        let oldest = self.plan.oldest(present.now);
        let reached = |length: i64| length.min(now.saturating_sub(oldest)).max(0);
        let window_reached = reached(window);
        let mut trouble = None;
        let (step, most) = (self.plan.step, self.plan.most);
        let begins = now - reached(wide);
        let fine = self.rough.fine_from(ask, now, begins, &self.plan);
        let from = fine.unwrap_or(begins);
        let mut pieces = self.asked.next_from(now, now - from, step, most, self.plan.first);
        let narrow = self.asked.usable(from, now).map(|(from, _)| from).or(pieces.first().map(|piece| piece.from));
        let narrow = narrow.filter(|_| fine.is_some()).unwrap_or(begins);
        // whoever looks at the chart in another way asks again: what was answered a moment ago is not asked for once more
        let fresh = self.answered.is_some_and(|at| began - at < self.plan.fresh());
        if let Some((from, to)) = self.asked.known().filter(|_| fresh && !whole) {
            pieces.retain(|piece| piece.from < from || piece.to > to);
        }
        let behind = self.behind(now - window_reached);
        pieces.extend(self.doubts.again(behind, step, most, began));
        let pieces = self.rough.among(ask, pieces, (begins, narrow), &self.plan);
        let has_rough = pieces.iter().any(|piece| matches!(piece, Piece::Wide(..)));
        let seen_from = seen_from(ask, now, &self.plan);
        let is_known = fresh && pieces.is_empty();
        for (place, asked) in pieces.into_iter().enumerate() {
            let (piece, width) = asked.turn(step);
            let is_past = place > 0 || fresh && piece.to <= self.asked.known().map_or(0, |(_, to)| to);
            // where the whole window is known, what nobody looks at need not be waited for
            let may_wait = has_rough && place > 1 && width == step && piece.to <= seen_from;
            if is_past && !whole && (may_wait || (self.plan.steady)() - began > PATIENCE) {
                doubts.push("still asking for the past".to_owned());
                counting = true;
                break;
            }
            let turn = Turn {
                stretch: piece,
                step: width,
                now: present.now,
                is_live: present.is_asked,
                urgency: match (is_past && width == step, ask.shown) {
                    (true, _) => Urgency::Past,
                    (false, true) => Urgency::Shown,
                    (false, false) => Urgency::Present,
                },
                patience: if whole {
                    ALONE
                } else {
                    Duration::from_micros((PATIENCE - ((self.plan.steady)() - began)).max(0).unsigned_abs())
                },
            };
            match server.count(turn).await {
                Ok(counted) => {
                    self.rough.answered(asked);
                    if let Piece::Narrow(_) = asked {
                        self.asked.answered(piece);
                    }
                    let to = if width > step { piece.to.min(narrow) } else { piece.to };
                    self.series.replace(piece.from, to, &spread(&counted.buckets, width, step));
                    self.doubts.answered(piece, counted.said, began);
                    if !counted.unseen {
                        self.seen = self.seen.max(Some(piece.to));
                    }
                    if is_past {
                        self.passing.0.extend(counted.passing);
                    } else {
                        self.passing = (counted.passing, counted.adrift);
                        self.link = counted.link;
                        self.answered = Some(began);
                    }
                }
                Err(Trouble::Slowed(until, _)) if is_past => {
                    doubts.push(format!("still asking for the past, the next at {}", until.clock()));
                    counting = true;
                    break;
                }
                Err(why) => {
                    trouble = Some(why);
                    break;
                }
            }
        }
        if trouble.is_none() {
            self.fields = server.fields(Time(now), present.now).await;
        }
        self.server = Some(server);
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        let kept = now - wide - step;
        self.series.forget_before(kept);
        self.doubts.forget_before(kept);
        self.asked.forget_before(kept.div_euclid(step) * step);
        if window_reached < window && window_reached < now - self.slo.begins(now) {
            doubts.push(self.plan.reached());
        }
        doubts.extend(self.doubts.words(Stretch { from: now - window, to: now }, now));
        doubts.extend(self.passing.0.iter().cloned());
        let due = self.doubts.due(behind, step).map(|due| Time(present.now.0 + (due - began)));
        // a command asks once
        let due = due.filter(|due| !whole && *due > present.now);
        doubts.extend(due.map(|due| format!("what is partial is asked for again at {}", due.clock())));
        doubts.sort();
        doubts.dedup();
        let unproven = self.unproven(now - window);
        if let Some(doubt) = &unproven {
            doubts.insert(0, doubt.clone());
        }
        let Fields { words, blind, is_dim, is_unproven } = self.fields.clone();
        // a name by which bad events were counted is one, whenever that was
        let is_unproven = is_unproven && self.series.sum(i64::MAX, i64::MAX).bad == 0;
        doubts.splice(0..0, words);
        // nobody can say that nothing fails now where a part of it is missing
        let is_blind = self.doubts.is_partial(now - RECENT) || is_unproven || is_dim || blind.is_some();
        let partial = self.doubts.is_partial(now - window) || self.passing.1 || is_dim || blind.is_some();
        Ok(Gathered { now, is_known, unproven: unproven.is_some() || is_blind, blind, partial, counting, doubts })
    }

    /// What is known from a moment on and is not asked about each time.
    fn behind(&self, since: i64) -> Stretch {
        let floor = |at: i64| at.div_euclid(self.plan.step) * self.plan.step;
        let since = floor(since);
        Stretch { from: since, to: self.asked.known().map_or(since, |(_, to)| floor(to - OVERLAP)) }
    }

    /// What must be said where nothing that would be bad was there since a moment.
    fn unproven(&self, since: i64) -> Option<String> {
        let (from, to) = self.asked.known()?;
        // where nothing at all came, that is what has to be said
        if self.seen.is_some_and(|seen| seen > since) || self.series.buckets().is_empty() {
            return None;
        }
        let length = to - from.max(since);
        let of = |unit: i64| (length + unit / 2) / unit;
        let length = match () {
            () if length >= 2 * DAY => format!("{} d", of(DAY)),
            () if length >= 2 * HOUR => format!("{} h", of(HOUR)),
            () => format!("{} min", of(MINUTE)),
        };
        let words = format!("no series of {} was there in {length}: is that its name?", self.config.condition());
        Some(clean::clean(&words, 240).into_owned())
    }

    /// Why nothing that would be bad was there, after [`Remote::burn`]: names that are not known where it is asked.
    ///
    /// # Errors
    /// As [`Remote::burn`].
    pub async fn unseen(&mut self, now: Time) -> Result<Option<Unseen>, Trouble> {
        match &mut self.server {
            _ if self.fields.blind.is_some() => {
                Ok(Some(Unseen { words: self.fields.words.join("; "), is_mistake: true, correct: None }))
            }
            Some(server) if self.seen.is_none() => server.unseen(now).await,
            _ => Ok(None),
        }
    }

    /// Asks about the time that the chart shows, as if that were the present, and tells what was counted of it.
    async fn look_back(&mut self, ask: &BurnAsk, present: Present, whole: bool) -> Result<Before, Trouble> {
        let mut past = match self.past.take() {
            Some(past) => past,
            None => Box::new(self.beside(&self.config)?),
        };
        let then = BurnAsk { now: ask.until(), act: None, ..*ask };
        let answer = past.gather(&then, present, 0, whole).await;
        let (series, narrow_from) = (past.series.clone(), past.seen(self.plan.step));
        self.past = Some(past);
        answer.map(|gathered| gathered.before(series, narrow_from))
    }

    /// From when on columns of a length can be made of what is kept.
    fn seen(&self, step: i64) -> i64 {
        self.rough.seen(self.asked.known().map(|(from, _)| from), step, &self.plan)
    }

    /// What was counted, as it is reduced.
    fn counts(&self, ask: &BurnAsk, doubts: Vec<String>, partial: bool) -> Counts {
        let now = ask.now.0;
        let step = self.plan.step;
        let between = |from: i64, to: i64| Series::of(step, self.series.between(from, to).to_vec());
        let past = self.past.as_ref().filter(|_| ask.looks_back());
        let shown = past.map_or(self, |past| &**past);
        // what was spread over a wide bucket is no column of its own
        let from = ask.from.0.max(shown.seen(ask.step.0));
        let columns = Series::of(step, shown.series.between(from, ask.until().0).to_vec());
        Counts {
            past: None,
            coarse: self.series.clone(),
            narrow_from: self.seen(step),
            recent: between(now - LONG, now),
            chart: widened(&columns, ask.step.0),
            after: ask.act.map(|act| (act, between((act.0 - BEFORE).max(self.seen(step)), now.min(act.0 + AFTER)))),
            newest: self.newest,
            rhythm: step,
            silence_counts: false,
            partial,
            counting: false,
            unproven: false,
            blind: None,
            doubts,
            source: self.plan.words.clone(),
        }
    }
}

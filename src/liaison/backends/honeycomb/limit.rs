//! How often somebody may run queries: Honeycomb allows a team ten runs a minute, and one that looks at other spans of a trace
//! (reference: its OpenAPI document, `createQueryResult`). One more than allowed is refused and helps nobody, so turns are given out here.
//!
//! A limiter is pure: it is told the time, µs that never go back. What other quarterdecks on this machine begin it learns from the team's
//! [`Ledger`]; where that cannot be written it begins half as many, and says so. It must not know what is run.

use super::ledger::Ledger;
use crate::incident::time::Span;
use crate::query::series::{MINUTE, SECOND};
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// How many runs are begun within a minute: one is left to others who share the team's limit.
pub const RUNS: usize = 9;
/// How many where nobody knows what others begin.
const ALONE: usize = RUNS / 2;
/// How long to wait for somebody who is writing down a run, µs.
const TAKEN: i64 = SECOND / 20;
/// The length of a minute as it is kept here: our clock and theirs do not tick together.
const SPELL: i64 = MINUTE + SECOND;

/// How urgent a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// What somebody looks at: one turn is kept for it.
    Shown,
    /// The present.
    Present,
    /// The past, which does not go away: it takes as many as those leave who ask about the present each minute, and two at least.
    Past,
}

/// What was begun lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limiter {
    runs: VecDeque<i64>,
    relational: Option<i64>,
    until: i64,
    /// Who asks about the present.
    askers: usize,
    /// Runs about the past, of those.
    pasts: VecDeque<i64>,
    /// Runs that could not be written down.
    unshared: VecDeque<i64>,
    /// Why nobody knows what others begin.
    alone: Option<String>,
}

impl Limiter {
    /// Takes a turn, or says how long to wait for one, µs.
    ///
    /// # Errors
    /// It is not our turn: how long to wait.
    pub fn turn(&mut self, now: i64, urgency: Urgency, relational: bool) -> Result<(), i64> {
        while self.runs.front().is_some_and(|at| now - at >= SPELL) {
            self.runs.pop_front();
        }
        let runs = if self.alone.is_some() { ALONE } else { RUNS };
        let most = if urgency == Urgency::Shown { runs } else { runs - 1 };
        // the one whose end makes room
        let ends = |runs: &VecDeque<i64>, most: usize| {
            runs.len().checked_sub(most).and_then(|place| runs.get(place)).map(|at| at + SPELL)
        };
        self.pasts.retain(|at| now - at < SPELL);
        let least = runs.saturating_sub(self.askers + 1).max(2);
        let past = ends(&self.pasts, least).filter(|_| urgency == Urgency::Past);
        let oldest = ends(&self.runs, most).max(past);
        let related = self.relational.filter(|_| relational).map(|at| at + SPELL);
        let free = [oldest, related, Some(self.until)].into_iter().flatten().max().unwrap_or(now);
        if free > now {
            return Err(free - now);
        }
        self.runs.push_back(now);
        if urgency == Urgency::Past {
            self.pasts.push_back(now);
        }
        if relational {
            self.relational = Some(now);
        }
        Ok(())
    }

    /// Everybody's runs, as they are written down by a clock that is `ahead` of ours, and until when nobody has a turn.
    fn learn(&mut self, runs: &[(i64, bool)], until: i64, ahead: i64, now: i64) {
        // what the wall clock put far ahead was written before somebody set it
        let mine = |at: i64| Some(at - ahead).filter(|at| *at - now < SPELL).map(|at| at.min(now));
        self.unshared.retain(|at| now - at < SPELL);
        let mut all: Vec<i64> =
            runs.iter().filter_map(|(at, _)| mine(*at)).chain(self.unshared.iter().copied()).collect();
        all.sort_unstable();
        self.runs = all.into();
        let related = runs.iter().filter(|(_, spans)| *spans).filter_map(|(at, _)| mine(*at)).max();
        self.relational = related.max(self.relational);
        // a day that is ahead is nobody's wish
        self.until = self.until.max(Some(until - ahead).filter(|until| *until - now < 60 * MINUTE).unwrap_or(0));
    }

    /// They ask us to wait: nobody has a turn until then.
    pub fn slowed(&mut self, until: i64) {
        self.until = self.until.max(until);
    }
}

/// A place among those who ask about the present each minute; it is given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    limits: Limits,
    team: String,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.limits.of(&self.team, |limiter| limiter.askers = limiter.askers.saturating_sub(1));
    }
}

/// The limiters of all teams, shared by everybody who asks.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    teams: Arc<Mutex<BTreeMap<String, Limiter>>>,
    shared: Option<(PathBuf, fn() -> i64)>,
    hears: Option<Hears>,
}

/// Who hears of a wait.
#[derive(Clone, Debug)]
struct Hears {
    told: fn(Span),
    /// Until when they know that somebody waits.
    until: Arc<Mutex<i64>>,
}

impl Limits {
    /// Limiters that share what is begun with every other quarterdeck that has the same directory; `wall` gives the time that all of them have, µs.
    #[must_use]
    pub fn shared(directory: PathBuf, wall: fn() -> i64) -> Limits {
        Limits { shared: Some((directory, wall)), ..Limits::default() }
    }

    /// Whoever waits for a turn without showing it tells `hears` for how long, once for all who wait at the same time.
    #[must_use]
    pub fn telling(self, hears: fn(Span)) -> Limits {
        Limits { hears: Some(Hears { told: hears, until: Arc::default() }), ..self }
    }

    /// Somebody is about to wait for so long, µs.
    pub fn waits(&self, now: i64, wait: i64) {
        let Some(hears) = &self.hears else { return };
        let mut until = hears.until.lock().unwrap_or_else(PoisonError::into_inner);
        if wait >= SECOND && now >= *until {
            *until = now + wait;
            (hears.told)(Span(wait));
        }
    }

    /// Takes a turn for a team, or says how long to wait for one, µs.
    ///
    /// # Errors
    /// It is not our turn: how long to wait.
    pub fn turn(&self, team: &str, now: i64, urgency: Urgency, relational: bool) -> Result<(), i64> {
        let Some((directory, wall)) = &self.shared else {
            return self.of(team, |limiter| limiter.turn(now, urgency, relational));
        };
        let ahead = wall() - now;
        self.of(team, |limiter| match Ledger::of(directory, team).take() {
            Ok(None) => Err(TAKEN),
            Ok(Some(mut page)) => {
                limiter.learn(&page.runs, page.until, ahead, now);
                limiter.turn(now, urgency, relational)?;
                page.runs.push((now + ahead, relational));
                limiter.alone = page.keep(now + ahead).err();
                if limiter.alone.is_some() {
                    limiter.unshared.push_back(now);
                }
                Ok(())
            }
            Err(why) => {
                limiter.alone = Some(why);
                limiter.turn(now, urgency, relational)?;
                limiter.unshared.push_back(now);
                Ok(())
            }
        })
    }

    /// They ask a team to wait: nobody has a turn until then.
    pub fn slowed(&self, team: &str, until: i64, now: i64) {
        self.of(team, |limiter| limiter.slowed(until));
        let Some((directory, wall)) = &self.shared else { return };
        // who cannot be told learns it from the same answer
        if let Ok(Some(mut page)) = Ledger::of(directory, team).take() {
            let ahead = wall() - now;
            page.until = page.until.max(until + ahead);
            let _ = page.keep(now + ahead);
        }
    }

    /// What must be said where nobody knows what others begin.
    #[must_use]
    pub fn doubt(&self, team: &str) -> Option<String> {
        let why = self.of(team, |limiter| limiter.alone.clone())?;
        Some(format!("what others run is not known here ({why}): at most {ALONE} runs a minute are begun"))
    }

    /// One more asks for a team about the present, minute after minute. A command asks once and then waits for what it has not got, so it
    /// keeps no turns from the past that it waits for.
    #[must_use]
    pub fn join(&self, team: &str) -> Option<Seat> {
        self.hears.is_none().then(|| {
            self.of(team, |limiter| limiter.askers += 1);
            Seat { limits: self.clone(), team: team.to_owned() }
        })
    }

    /// Does something with a team's limiter.
    pub fn of<T>(&self, team: &str, what: impl FnOnce(&mut Limiter) -> T) -> T {
        // a limiter is whole after every statement: one that was held in a panic is still right
        let mut all = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
        what(all.entry(team.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert, proptest};

    #[test]
    fn given_nine_runs_when_a_tenth_is_wanted_then_it_waits_for_the_first_to_be_a_minute_old() {
        let mut limiter = Limiter::default();
        for n in 0..9 {
            assert_eq!(limiter.turn(n * SECOND, Urgency::Shown, false), Ok(()));
        }
        assert_eq!(limiter.turn(9 * SECOND, Urgency::Shown, false), Err(52 * SECOND));
        assert_eq!(limiter.turn(61 * SECOND, Urgency::Shown, false), Ok(()));
    }

    #[test]
    fn given_several_who_wait_for_a_turn_when_they_do_then_it_is_told_once_and_again_when_that_is_over() {
        thread_local!(static TOLD: std::cell::RefCell<Vec<Span>> = const { std::cell::RefCell::new(Vec::new()) });
        let limits = Limits::default().telling(|wait| TOLD.with_borrow_mut(|told| told.push(wait)));
        let others = limits.clone();
        limits.waits(0, TAKEN);
        limits.waits(SECOND, 40 * SECOND);
        others.waits(2 * SECOND, 50 * SECOND);
        others.waits(41 * SECOND, 11 * SECOND);
        assert_eq!(TOLD.with_borrow(Clone::clone), [Span(40 * SECOND), Span(11 * SECOND)]);
        // a screen shows it itself
        Limits::default().waits(0, MINUTE);
    }

    #[test]
    fn given_six_who_ask_about_the_present_when_the_past_is_asked_then_seven_turns_are_left_to_them() {
        let limits = Limits::default();
        let seats: Vec<Seat> = (0..6).filter_map(|_| limits.join("acme")).collect();
        let mut limiter = limits.of("acme", |limiter| limiter.clone());
        for _ in 0..2 {
            assert_eq!(limiter.turn(0, Urgency::Past, false), Ok(()));
        }
        assert_eq!(limiter.turn(0, Urgency::Past, false), Err(SPELL));
        assert_eq!(limiter.turn(0, Urgency::Present, false), Ok(()));
        drop(seats);
        assert_eq!(limits.of("acme", |limiter| limiter.askers), 0);
    }

    #[test]
    fn given_six_whom_a_command_asks_once_when_it_waits_for_their_past_then_no_turn_is_kept_for_their_next_minute() {
        let limits = Limits::default().telling(|_| {});
        let seats: Vec<Option<Seat>> = (0..6).map(|_| limits.join("acme")).collect();
        assert!(seats.iter().all(Option::is_none));
        for _ in 0..6 {
            assert_eq!(limits.turn("acme", 0, Urgency::Present, false), Ok(()));
        }
        let past: Vec<_> = (0..3).map(|_| limits.turn("acme", 0, Urgency::Past, false)).collect();
        assert_eq!(past, [Ok(()), Ok(()), Err(SPELL)], "one is still left to what somebody looks at");
    }

    #[test]
    fn given_a_question_about_other_spans_when_asked_again_then_it_waits_a_minute_and_others_do_not() {
        let mut limiter = Limiter::default();
        assert_eq!(limiter.turn(0, Urgency::Present, true), Ok(()));
        assert_eq!(limiter.turn(SECOND, Urgency::Present, true), Err(60 * SECOND));
        assert_eq!(limiter.turn(SECOND, Urgency::Present, false), Ok(()));
    }

    #[test]
    fn given_that_they_ask_for_time_when_a_turn_is_wanted_then_they_get_it() {
        let mut limiter = Limiter::default();
        limiter.slowed(30 * SECOND);
        assert_eq!(limiter.turn(SECOND, Urgency::Present, false), Err(29 * SECOND));
        assert_eq!(limiter.turn(30 * SECOND, Urgency::Present, false), Ok(()));
    }

    /// The wall clock of the tests: as the other one, three hours on.
    const AHEAD: i64 = 180 * MINUTE;

    thread_local! { static WALL: std::cell::Cell<i64> = const { std::cell::Cell::new(0) }; }

    fn wall() -> i64 {
        WALL.get() + AHEAD
    }

    /// Takes a turn at a moment.
    fn at(limits: &Limits, now: i64, urgency: Urgency, relational: bool) -> Result<(), i64> {
        WALL.set(now);
        limits.turn("acme", now, urgency, relational)
    }

    #[test]
    fn given_two_programs_when_both_run_queries_then_each_knows_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let [one, two] = [(); 2].map(|()| Limits::shared(dir.path().join("limits"), wall));
        for n in 0..RUNS as i64 {
            assert_eq!(at(if n % 2 == 0 { &one } else { &two }, n * SECOND, Urgency::Shown, n == 3), Ok(()));
        }
        assert_eq!(at(&one, 9 * SECOND, Urgency::Shown, false), Err(52 * SECOND));
        assert_eq!(at(&two, 9 * SECOND, Urgency::Shown, false), Err(52 * SECOND));
        // a third one, which is only started now, knows as much, and of another team nothing
        let three = Limits::shared(dir.path().join("limits"), wall);
        assert_eq!(at(&three, 62 * SECOND, Urgency::Shown, true), Err(2 * SECOND));
        assert_eq!(three.turn("other", 9 * SECOND, Urgency::Shown, false), Ok(()));
        assert_eq!((one.doubt("acme"), two.doubt("acme")), (None, None));
        // who is asked to wait tells the others
        WALL.set(70 * SECOND);
        one.slowed("acme", 100 * SECOND, 70 * SECOND);
        assert_eq!(at(&two, 80 * SECOND, Urgency::Shown, false), Err(20 * SECOND));
    }

    #[test]
    fn given_a_ledger_that_cannot_be_written_when_two_programs_run_queries_then_each_begins_half_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("no-directory");
        std::fs::write(&file, "").unwrap();
        let [one, two] = [(); 2].map(|()| Limits::shared(file.clone(), wall));
        let begun =
            (0..60).filter(|n| at(if n % 2 == 0 { &one } else { &two }, n * SECOND, Urgency::Shown, false).is_ok());
        assert_eq!(begun.count(), 2 * ALONE);
        let said = one.doubt("acme").unwrap();
        assert!(said.contains("no-directory") && said.ends_with("at most 4 runs a minute are begun"), "{said}");
    }

    #[test]
    fn given_a_ledger_of_other_times_when_a_turn_is_wanted_then_nobody_waits_for_them() {
        let dir = tempfile::tempdir().unwrap();
        let limits = Limits::shared(dir.path().to_owned(), wall);
        at(&limits, 0, Urgency::Shown, false).unwrap();
        let path = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
        // somebody set the clock, and somebody wrote what is no run
        let ahead = AHEAD + 90 * MINUTE;
        let text: String = (0..20).map(|n| format!("run {}\n", ahead + n)).collect();
        std::fs::write(&path, format!("until {}\n{text}run x\n\u{1b}[2J\n", ahead * 2)).unwrap();
        assert_eq!(at(&limits, SECOND, Urgency::Shown, false), Ok(()));
    }

    proptest! {
        #[test]
        fn no_minute_of_several_programs_together_holds_more_than_nine_runs(
            gaps in prop::collection::vec((0i64..6 * SECOND, 0usize..3, 0usize..3, any::<bool>()), 0..80),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let all = [(); 3].map(|()| Limits::shared(dir.path().to_owned(), wall));
            let (mut now, mut begun) = (0, Vec::new());
            for (gap, who, urgency, relational) in gaps {
                now += gap;
                let urgency = [Urgency::Shown, Urgency::Present, Urgency::Past][urgency];
                match at(&all[who], now, urgency, relational) {
                    Ok(()) => begun.push(now),
                    Err(wait) => prop_assert!(wait > 0 && wait <= SPELL, "{wait}"),
                }
            }
            for at in &begun {
                prop_assert!(begun.iter().filter(|other| (*at..=at + MINUTE).contains(other)).count() <= RUNS);
            }
        }

        #[test]
        fn no_minute_holds_more_than_nine_runs(gaps in prop::collection::vec((0i64..20 * SECOND, 0usize..3, any::<bool>()), 0..200)) {
            let (mut limiter, mut now, mut begun) = (Limiter::default(), 0, Vec::new());
            for (gap, urgency, relational) in gaps {
                now += gap;
                let urgency = [Urgency::Shown, Urgency::Present, Urgency::Past][urgency];
                match limiter.turn(now, urgency, relational) {
                    Ok(()) => begun.push(now),
                    Err(wait) => prop_assert!(wait > 0 && wait <= SPELL, "{wait}"),
                }
            }
            for at in &begun {
                prop_assert!(begun.iter().filter(|other| (*at..=at + MINUTE).contains(other)).count() <= RUNS);
            }
        }
    }
}

//! The words on the rule of the ribbon: which budget, how much is left, whether that can be believed.
//!
//! It must not know how wide the rule is.

use crate::app::SloDesk;
use crate::app::feed::{Burn, Held};
use crate::incident::time::{HOUR, MINUTE, SECOND, Span, Time};
use crate::incident::timeline::percent;
use crate::incident::trouble::Trouble;
use crate::query::state::State;
use crate::view::phrase::Part;
use crate::view::text;
use crate::view::theme::Meaning;
use crate::view::words;

/// The word for servers that died: it is as loud as burning.
pub const GONE: &str = "TRAFFIC GONE";
/// The words for a time that is too old to be asked about.
pub const BEYOND: &str = "OUT OF REACH";
/// So many cells of the name are shown.
pub const NAME: usize = 32;
/// Until here an answer is as good as live.
const LIVE: Span = Span::seconds(15);
/// Below this part of the usual traffic, per million, it is said loudly.
const HALF: u64 = 500_000;

/// Whether what is shown can be believed: where it cannot, the words that say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is the present.
    Live,
    /// It is a little old, or parts are missing.
    Doubtful(String),
    /// Nothing may look healthy: what is wrong, and since when.
    None(String, Time),
    /// Nobody has answered yet; what is said meanwhile.
    Asking(String),
    /// The time in the chart is out of reach, so that nobody was asked: not about now either.
    Beyond,
}

/// Which time that is over the chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Back {
    /// Until when.
    pub until: Time,
    /// The present: a day is said where it is another one.
    pub now: Time,
    /// What was left then, per million, where that is known.
    pub left_ppm: Option<i64>,
}

impl Back {
    fn parts(&self) -> Vec<Part> {
        let until = format!("LOOKING BACK until {}", self.until.beside(self.now));
        let mut parts = vec![Part::new(until, Meaning::Info)];
        if let Some(ppm) = self.left_ppm {
            let meaning = if ppm <= 0 { Meaning::Overdue } else { Meaning::Heading };
            parts.push(Part::new(format!("{} left then", percent(ppm)), meaning).after(", "));
        }
        parts.push(Part::new("Esc returns", Meaning::Info).after(", ").rank(4));
        parts
    }
}

/// Whether the answers of an SLO can be believed now.
pub fn trust(slo: &SloDesk, now: Time) -> Trust {
    let feed = &slo.feed;
    let (live, silent) = (LIVE.max(Span(slo.pace.rhythm.0 * 2)), slo.silent_after());
    if matches!(feed.trouble, Some((_, Trouble::Beyond(_)))) {
        return Trust::Beyond;
    }
    let Some((answered, burn)) = &feed.last else {
        return match &feed.trouble {
            Some((_, Trouble::Slowed(until, _))) => Trust::Asking(queued(*until, now)),
            Some((at, _)) => Trust::None("NO ANSWER".into(), *at),
            None => Trust::Asking("asking…".into()),
        };
    };
    let age = now.since(*answered);
    let gone = |word: &str| {
        Trust::None(
            word.into(),
            burn.since.or(burn.newest).unwrap_or(if burn.looks_back { *answered } else { burn.from }),
        )
    };
    match burn.state {
        _ if feed.is_silent(now, silent) => Trust::None("NO ANSWER".into(), *answered),
        State::NoData => gone("NO DATA"),
        State::TrafficGone => gone(GONE),
        State::NoTraffic => gone("NO TRAFFIC"),
        _ if feed.trouble.is_some() => Trust::Doubtful(match &feed.trouble {
            Some((_, Trouble::Slowed(until, _))) => format!("{}, {} old", queued(*until, now), coarse(age)),
            _ => format!("failing, {} old", coarse(age)),
        }),
        _ if !feed.is_fresh(now, live) => Trust::Doubtful(format!("stale {}", coarse(age))),
        State::Partial => Trust::Doubtful("PARTIAL".into()),
        State::Unproven => Trust::Doubtful("UNPROVEN".into()),
        State::Value => Trust::Live,
    }
}

/// Nothing is wrong but that others come first.
fn queued(until: Time, now: Time) -> String {
    format!("queued, {} s", until.since(now).as_seconds().max(0))
}

/// An age that changes seldom: tens of seconds, then minutes, then hours.
pub fn coarse(age: Span) -> String {
    match age.0 {
        us if us < MINUTE => format!("{} s", us / (10 * SECOND) * 10),
        us if us < 2 * HOUR => format!("{} min", us / MINUTE),
        us => words::span_calm(us),
    }
}

/// A part per million as a percentage without needless digits: `999500` is `99.95 %`.
pub fn target(ppm: u32) -> String {
    let (whole, part) = (ppm / 10_000, ppm % 10_000);
    let digits = format!("{part:04}");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() { format!("{whole} %") } else { format!("{whole}.{digits} %") }
}

/// What was promised: `99.95 % of 30 d`, `99.5 % of slices of the month`.
pub fn promise(slo: &SloDesk) -> String {
    let slices = if slo.slices.is_some() { "slices of " } else { "" };
    format!("{} of {slices}{}", target(slo.target_ppm), slo.window)
}

/// The words of the title, by what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// Which panel it is.
    pub panel: Part,
    /// Why nothing of now can be believed; beside another time that stands among the figures.
    pub doubt: Option<Part>,
    /// The objective's name.
    pub name: Part,
    /// What was promised, what is left, and what must be known beside it.
    pub figures: Vec<Part>,
}

impl Title {
    /// The words in their order.
    pub fn parts(self) -> Vec<Part> {
        let mut parts = vec![self.panel];
        parts.extend(self.doubt);
        parts.push(self.name);
        parts.extend(self.figures);
        parts
    }
}

/// The words of the title. Among `several` objectives the name says whose figures these are, and outlasts what they were and usual traffic.
/// `Back` in time, what is of now stands behind it, with that word.
pub fn title(slo: &SloDesk, several: bool, back: Option<&Back>, now: Time) -> Title {
    let trust = trust(slo, now);
    let name = Part::new(text::cut(&slo.name, NAME), Meaning::Text).rank(if several { 2 } else { 5 });
    let mut figures = vec![Part::new(promise(slo), Meaning::Muted).after(" ").rank(8)];
    let doubt = doubt(&trust, back.is_some());
    // whose figures these are is said before the first of them, and what is of now does not drown what was then
    let (name, doubt) = match back {
        Some(back) => {
            figures.extend(back.parts());
            figures.extend(doubt);
            (name.after("  "), None)
        }
        None => (name, doubt),
    };
    if let Some((answered, burn)) = &slo.feed.last {
        match back {
            Some(_) => figures.extend(left_now(burn, &trust)),
            None => {
                figures.extend(left(slo, burn, &trust, *answered));
                // nobody will be told when it burns
                let unwatched = Held::unwatched_briefly(&burn.conditions);
                figures.extend(unwatched.map(|words| Part::new(words, Meaning::Warn).rank(7)));
            }
        }
        figures.extend(told(burn, &trust, back.is_some()));
    }
    Title { panel: Part::new("Burn", Meaning::Heading).rank(1), doubt, name, figures }
}

/// Why nothing of now can be believed. Beside another time it has that word, but where nobody has answered anything yet.
fn doubt(trust: &Trust, back: bool) -> Option<Part> {
    Some(match trust {
        Trust::None(word, since) if back => {
            let meaning = if word == GONE { Meaning::Urgent } else { Meaning::Unknown };
            Part::new(format!("now {word} since {}", since.clock_minutes()), meaning).rank(3)
        }
        Trust::None(word, since) => Part::new(format!("{word} since {}", since.clock_minutes()), Meaning::Urgent),
        Trust::Doubtful(words) if back => Part::new(format!("now {words}"), Meaning::Unknown).rank(3),
        Trust::Doubtful(words) => Part::new(words.clone(), Meaning::Unknown),
        Trust::Asking(words) => Part::new(words.clone(), Meaning::Muted),
        Trust::Beyond => Part::new(BEYOND, Meaning::Unknown).rank(1),
        Trust::Live => return None,
    })
}

/// Who told it, and how its traffic is.
fn told(burn: &Burn, trust: &Trust, back: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let source = burn.source.split([',', ':', ' ']).next().unwrap_or_default();
    if !source.is_empty() {
        parts.push(Part::new(text::cut(source, 16), Meaning::Muted).rank(7));
    }
    if *trust == Trust::Live && !back {
        parts.push(Part::new("live", Meaning::Muted).after(", ").rank(6));
    }
    // what is usual needs no words beside another time
    if let Some(ppm) = burn.traffic_ppm.filter(|ppm| !back || *ppm < HALF) {
        let quiet = ppm < HALF;
        let meaning = if quiet { Meaning::Overdue } else { Meaning::Muted };
        let now = if back { "now " } else { "" };
        let percent = words::count(ppm / 10_000);
        let words = format!("{now}traffic {percent} % of usual");
        parts.push(Part::new(words, meaning).after(", ").rank(if quiet { 1 } else { 4 }));
    }
    parts
}

/// What is left of the budget, and what was left before; as of its own time where now is not known.
fn left(slo: &SloDesk, burn: &Burn, trust: &Trust, answered: Time) -> Vec<Part> {
    let Some(ppm) = burn.remaining_ppm else {
        return vec![Part::new("budget not known", Meaning::Unknown)];
    };
    let mut parts = Vec::new();
    match trust {
        Trust::None(..) | Trust::Beyond => {
            let at = burn.newest.unwrap_or(answered).min(answered);
            parts.push(Part::new(format!("{} left", percent(ppm)), Meaning::Unknown));
            parts.push(Part::new(format!("at {}", at.clock_minutes()), Meaning::Unknown).after(" ").rank(1));
        }
        _ => {
            let meaning = if ppm <= 0 { Meaning::Overdue } else { Meaning::Heading };
            parts.push(Part::new(format!("{} left", percent(ppm)), meaning));
            if ppm <= 0 {
                parts.push(Part::new("OVERSPENT", meaning).after(", ").rank(3));
            }
        }
    }
    let since = slo.window.calendar().map(|calendar| Time(calendar.period(answered.0).0));
    let before = before(burn, since).filter(|before| before / 1_000 != ppm / 1_000);
    if let Some(before) = before {
        let words = percent(before);
        parts.push(Part::new(format!("({} before)", words.trim_end_matches(" %")), Meaning::Muted).after(" ").rank(3));
    }
    parts
}

/// What is left now, beside another time; nothing where that is not known: the words about now say so.
fn left_now(burn: &Burn, trust: &Trust) -> Option<Part> {
    let ppm = burn.remaining_ppm.filter(|_| !matches!(trust, Trust::None(..) | Trust::Beyond))?;
    let meaning = if ppm <= 0 { Meaning::Warn } else { Meaning::Muted };
    Some(Part::new(format!("{} left now", percent(ppm)), meaning).rank(3))
}

/// What was left before anything failed in the chart's time, else at its beginning; not of a budget that has begun anew `since`.
fn before(burn: &Burn, since: Option<Time>) -> Option<i64> {
    let step = burn.step.0.max(1);
    let old = since.map_or(0, |since| since.0.saturating_sub(burn.from.0).div_euclid(step).max(0));
    let own = burn.columns.get(usize::try_from(old).ok()?..).unwrap_or_default();
    let first = burn.bad_between.map(|(first, _)| first.0.saturating_sub(burn.from.0).div_euclid(step));
    let first = first.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let earlier = own.get(..first.saturating_sub(burn.columns.len() - own.len())).unwrap_or_default();
    let earlier = earlier.iter().rev().find_map(|c| c.remaining_ppm);
    earlier.or_else(|| own.iter().find_map(|c| c.remaining_ppm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::calendar::{Calendar, Unit, Window};
    use crate::query::slices::Slices;
    use crate::view::burning::{burn, slo};
    use crate::view::sample::now;

    #[test]
    fn given_targets_windows_and_ages_when_said_then_without_needless_digits() {
        assert_eq!([999_500, 990_000, 999_999, 500].map(target), ["99.95 %", "99 %", "99.9999 %", "0.05 %"]);
        assert_eq!([19, 59, 119, 7_200].map(|s| coarse(Span::seconds(s))), ["10 s", "50 s", "1 min", "2 h 00 min"]);
    }

    #[test]
    fn given_a_calendar_and_slices_when_titled_then_they_are_said_and_nothing_is_compared_with_a_budget_that_is_gone() {
        let day = |starts: &str| {
            let starts = Calendar::start(&format!("2019-07-09 {starts}")).unwrap();
            Window::Calendar(Calendar::new(1, Unit::Day, starts, chrono_tz::UTC).unwrap())
        };
        let title = |window: Window| {
            let slices = Some(Slices { length: MINUTE, target_ppm: 990_000 });
            let slo = SloDesk { window, slices, ..slo(Ok(burn())) };
            super::title(&slo, false, None, now())
                .parts()
                .iter()
                .map(|part| part.text.clone())
                .collect::<Vec<_>>()
                .join("|")
        };
        let same = title(day("22:45"));
        assert!(same.contains("|99.95 % of slices of the day|") && same.contains("|(80.0 before)|"), "{same}");
        // it began anew in the middle of the outage
        let anew = title(day("23:00"));
        assert!(anew.contains("% left|(") && !anew.contains("(80.0 before)"), "{anew}");
    }
}

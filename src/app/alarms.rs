//! What is alarming about the objectives and does not stand on the chart: others that burn or say nothing, and sources of one promise that do not say the same.
//! It must not know how it is drawn.

use super::App;
use super::feed::{Burn, SloDesk};
use crate::incident::alert::Urgency;
use crate::incident::impact::thousands;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::calendar::Window;
use crate::query::disagreement::{self, Disagreement};
use crate::query::slo::Slo;
use crate::query::state::State;

/// The word for an objective that burns.
const BURNING: &str = "burning";
/// The word for one whose traffic is gone.
const GONE: &str = "GONE";
/// From here on it does not burn, as far as anybody knows.
const BURNS: u8 = 3;
/// An answer that is older than this is not compared with another one.
const FRESH: Span = Span::seconds(120);

/// Why an objective is the one on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Picked {
    /// It is the first one: not everybody has answered yet.
    #[default]
    First,
    /// It was the worst when everybody had answered, or when the incident was declared.
    Worst,
    /// It was the worst at the time of an incident that was over when it was declared.
    WorstThen,
    /// Somebody went there.
    ByHand,
}

/// Two objectives that count the same promise and do not say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The one.
    pub ours: String,
    /// The other.
    pub theirs: String,
    /// What they say.
    pub says: Disagreement,
}

impl Dispute {
    /// What two answers about the same promise do not agree on; none where they do.
    pub fn between(ours: (&str, &Burn), theirs: (&str, &Burn), target_ppm: u32, window: Window) -> Option<Dispute> {
        let slo = Slo::new("", target_ppm, window);
        let says = disagreement::between(&slo, &ours.1.minutes, &theirs.1.minutes)?;
        Some(Dispute { ours: ours.0.to_owned(), theirs: theirs.0.to_owned(), says })
    }

    /// "servers and lb DISAGREE: 2,400/min and 4,000/min, 0 and 1,600 bad".
    pub fn words(&self) -> String {
        let [ours, theirs] = self.says.a_minute();
        let totals = format!("{}/min and {}/min", thousands(ours.0), thousands(theirs.0));
        let bad = if ours.1 == theirs.1 {
            String::new()
        } else {
            format!(", {} and {} bad", thousands(ours.1), thousands(theirs.1))
        };
        format!("{} and {} DISAGREE: {totals}{bad}", self.ours, self.theirs)
    }
}

/// What is alarming about an objective that is not on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What is alarming now, in words.
    pub words: String,
    /// The same in a word.
    pub short: &'static str,
    /// It burns, and what it says is known.
    pub only_burns: bool,
    /// Something is seen that hurts; else nothing is known, or not all.
    pub is_seen: bool,
}

impl App {
    /// What is alarming about the objectives that are not on the screen, the worst first.
    pub fn alarms(&self) -> Vec<Alarm> {
        let hidden = self.worst_first().into_iter().filter(|place| *place != self.slo);
        let desks = hidden.filter_map(|place| self.slos.get(place));
        let seen = |desk: &SloDesk| {
            let last = desk.feed.last.as_ref().map(|(_, burn)| burn.state);
            matches!(last, Some(State::Value | State::NoTraffic | State::TrafficGone))
                && !matches!(desk.feed.trouble, Some((_, ref trouble)) if !matches!(trouble, Trouble::Slowed(..)))
        };
        let alarm = |desk: &SloDesk| {
            let (short, since) = alarm(desk)?;
            let since = since.map(|at| format!(" since {}", at.clock_minutes())).unwrap_or_default();
            let words = format!("{}{since}", if short == GONE { "TRAFFIC GONE" } else { short });
            let (name, only_burns) = (desk.name.clone(), short == BURNING);
            Some(Alarm { name, words, short, only_burns, is_seen: seen(desk) })
        };
        desks.filter_map(alarm).collect()
    }

    /// The places of the objectives, the worst first: one that wakes somebody or has lost its traffic, one that is overspent or is work for tomorrow, one
    /// that burns, one of which nothing is known, the others; of the same kind the one with less left, then as they are configured.
    pub fn worst_first(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.slos.len()).collect();
        places.sort_by_key(|place| self.slos.get(*place).map(badness));
        places
    }

    /// Shows the worst objective, when everybody has answered for the first time and nobody has chosen one. What is on the screen is not
    /// taken away later: others that get worse are named beside it.
    pub(super) fn open_on_the_worst(&mut self, now: Time) {
        if self.looks_at_its_own_time(now) {
            self.open_on_the_worst_then(now);
            return;
        }
        let heard = |slo: &SloDesk| slo.feed.last.is_some() || slo.feed.trouble.is_some();
        if self.picked == Picked::First && self.slos.iter().all(heard) {
            self.show_the_worst();
        }
    }

    /// Shows the worst objective, if it burns and nobody has chosen one.
    pub(super) fn show_the_worst(&mut self) {
        if self.picked == Picked::ByHand {
            return;
        }
        self.picked = Picked::Worst;
        let kind = |place: usize| self.slos.get(place).map_or(u8::MAX, |slo| badness(slo).0);
        if let Some(worst) = self.worst_first().first().copied().filter(|worst| kind(*worst) < BURNS)
            && kind(worst) < kind(self.slo)
        {
            self.slo = worst;
        }
    }

    /// The sources of one promise that do not say the same now.
    pub fn disputes(&self, now: Time) -> Vec<Dispute> {
        let fresh = |desk: &&SloDesk| desk.feed.is_fresh(now, FRESH);
        let dispute = |desk: &SloDesk| {
            let name = desk.same_as.as_ref()?;
            let other = self.slos.iter().find(|other| other.name == *name).filter(fresh)?;
            let (ours, theirs) = (&desk.feed.last.as_ref()?.1, &other.feed.last.as_ref()?.1);
            Dispute::between((&desk.name, ours), (&other.name, theirs), desk.target_ppm, desk.window)
        };
        self.slos.iter().filter(fresh).filter_map(dispute).collect()
    }
}

/// How bad it is, the worst lowest, and what is left of its budget. What woke somebody still does when its source goes silent.
fn badness(desk: &SloDesk) -> (u8, i64) {
    let Some((_, burn)) = &desk.feed.last else { return (3, i64::MAX) };
    let left = burn.remaining_ppm.unwrap_or(i64::MAX);
    let holds = |urgency| burn.conditions.iter().any(|held| held.stands() && held.urgency == urgency);
    let burns = burn.burn_milli.first().copied().flatten().is_some_and(|milli| milli > 1_000);
    let kind = match burn.state {
        State::TrafficGone => 0,
        _ if holds(Urgency::Page) => 0,
        State::NoData => 3,
        _ if left <= 0 || holds(Urgency::Ticket) => 1,
        _ if burns => 2,
        _ if desk.feed.trouble.is_some() => 3,
        State::Value | State::Unproven | State::Partial | State::NoTraffic => 4,
    };
    (kind, left)
}

/// What is alarming about an objective in a word, and since when.
fn alarm(desk: &SloDesk) -> Option<(&'static str, Option<Time>)> {
    match (&desk.feed.last, &desk.feed.trouble) {
        // nothing is wrong but that others come first: what was last told still counts
        (last, Some((_, Trouble::Slowed(..)))) => {
            last.as_ref().and_then(|(_, burn)| told(burn)).or(Some(("queued", None)))
        }
        // it is the chart that looks too far back: nothing was asked about now
        (_, Some((_, Trouble::Beyond(_)))) => Some(("not asked", None)),
        (_, Some((at, _))) => Some(("UNKNOWN", Some(*at))),
        (last, None) => last.as_ref().and_then(|(_, burn)| told(burn)),
    }
}

/// What an answer says that is alarming.
fn told(burn: &Burn) -> Option<(&'static str, Option<Time>)> {
    let burning = burn.burn_milli.first().copied().flatten().is_some_and(|milli| milli > 1000);
    match burn.state {
        // most often nothing has failed yet: said where it is looked at, and no alarm that never ends
        State::Value | State::Unproven | State::NoTraffic => burning.then_some((BURNING, None)),
        State::Partial => Some(("PARTIAL", burn.since)),
        State::TrafficGone => Some((GONE, burn.since)),
        State::NoData => Some(("NO DATA", burn.since)),
    }
}

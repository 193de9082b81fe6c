//! What we were last told from outside, how old it is, and when we ask again. It must not know who answers.

pub use super::condition::Held;
use super::then::Then;
use crate::incident::alert::Urgency;
use crate::incident::severity::Severity;
use crate::incident::time::{Span, Time};
use crate::incident::tried::SET_BACK;
use crate::incident::trouble::Trouble;
use crate::query::calendar::Window;
use crate::query::opinion::Opinion;
use crate::query::projection::Exhaustion;
use crate::query::series::{Bucket, Coverage};
use crate::query::slices::Slices;
use crate::query::state::State;

/// Younger than this, what was told from outside is of now.
pub const LIVE: Span = Span::seconds(15);
/// How long an answer is waited for before the question is asked again.
const LOST: Span = Span::seconds(30);

/// How often something is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The time between two questions.
    pub rhythm: Span,
    /// The longest pause after failures: who fails is asked ever more seldom.
    pub longest: Span,
}

impl Pace {
    /// Of what lies on this machine: it costs nobody anything to look again.
    pub const NEAR: Pace = Pace { rhythm: Span::seconds(10), longest: Span::seconds(10) };

    /// Of somebody else's machine.
    pub const fn far(rhythm: Span) -> Pace {
        Pace { rhythm, longest: Span::minutes(5) }
    }
}

/// What was last told about one thing outside.
#[derive(Clone, Debug)]
pub struct Feed<T> {
    /// The newest answer and when it was given.
    pub last: Option<(Time, T)>,
    /// What went wrong since.
    pub trouble: Option<(Time, Trouble)>,
    /// The question under way; a late answer to another one is dropped.
    pub asked: Option<(u64, Time)>,
    next_ticket: u64,
    due: Option<Time>,
    /// When somebody answered last, well or badly.
    answered: Option<Time>,
    /// Since when somebody is being asked who has not answered, however often a question counted as lost meanwhile.
    waits: Option<Time>,
    failures: u32,
    /// How fast the clock runs by which it is asked, in thousandths: a drill's may run faster than whoever answers.
    speed_milli: u32,
}

impl<T> Default for Feed<T> {
    fn default() -> Feed<T> {
        Feed {
            last: None,
            trouble: None,
            asked: None,
            next_ticket: 1,
            due: None,
            answered: None,
            waits: None,
            failures: 0,
            speed_milli: 1_000,
        }
    }
}

impl<T> Feed<T> {
    /// It is time to ask, and nobody is being asked, or nobody has answered for so long that the question counts as lost. A late answer to it is
    /// then dropped. After the clock was set back it is time at once: when it would have been is not known any more.
    pub fn is_due(&self, now: Time) -> bool {
        let set_back = |at: Time| at.since(now) > SET_BACK;
        match self.asked {
            Some((_, at)) => now.since(at) >= self.lasting(LOST) || set_back(at),
            None => self.due.is_none_or(|due| now >= due) || self.answered.is_some_and(set_back),
        }
    }
    /// Asks: the ticket the answer must carry.
    pub fn ask(&mut self, now: Time) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.asked = Some((ticket, now));
        self.waits = self.waits.or(Some(now));
        ticket
    }
    /// Goes on with another's tickets, so that a late answer to it is none to this one, and by its clock.
    pub fn keep_counting(&mut self, other: &Feed<T>) {
        self.next_ticket = self.next_ticket.max(other.next_ticket);
        self.speed_milli = other.speed_milli;
    }
    /// Asks again at once, whatever is under way.
    pub fn refresh(&mut self) {
        self.asked = None;
        self.due = None;
    }
    /// The clock was moved on: whoever is being asked was asked in another time, and is asked again at once.
    pub fn moved_on(&mut self) {
        self.refresh();
        self.waits = None;
    }
    /// Takes an answer, when it is the one waited for; says whether it was.
    pub fn take(&mut self, ticket: u64, now: Time, pace: Pace, answer: Result<T, Trouble>) -> bool {
        if self.asked.is_none_or(|(waited, _)| waited != ticket) {
            return false;
        }
        self.asked = None;
        self.answered = Some(now);
        self.waits = None;
        let next = now.floor(pace.rhythm).plus(pace.rhythm);
        match answer {
            Ok(value) => {
                self.last = Some((now, value));
                self.trouble = None;
                self.failures = 0;
                self.due = Some(next);
            }
            Err(trouble) => {
                // who fails is asked ever more seldom, and who asks for time gets it
                let wait = Span(pace.rhythm.0.saturating_mul(1 << self.failures.min(10))).min(pace.longest);
                self.failures += 1;
                self.due = Some(match &trouble {
                    Trouble::Slowed(until, _) => next.max(*until),
                    _ => next.max(now.plus(wait)),
                });
                self.trouble = Some((now, trouble));
            }
        }
        true
    }
    /// When it will be asked again, while something is wrong.
    pub fn retries(&self) -> Option<Time> {
        self.trouble.as_ref().and(self.due).filter(|_| self.failures > 1)
    }
    /// How old the newest answer is; none before the first.
    pub fn age(&self, now: Time) -> Option<Span> {
        self.last.as_ref().map(|(at, _)| now.since(*at))
    }
    /// The newest answer is not as old as that.
    pub fn is_fresh(&self, now: Time, long: Span) -> bool {
        self.age(now).is_some_and(|age| age < self.lasting(long))
    }
    /// The clock runs that fast, in thousandths: whoever answers is given as much real time as ever.
    pub fn keep_up_with(&mut self, speed_milli: u32) {
        self.speed_milli = speed_milli;
    }
    /// What this clock shows as passed while a stretch of real time does.
    pub fn lasting(&self, real: Span) -> Span {
        Span(real.0.saturating_mul(i64::from(self.speed_milli)) / 1_000)
    }
    /// Nobody has given an answer for so long although somebody was asked: who was not asked meanwhile, because this machine slept or a drill's clock
    /// was moved on, is not silent.
    pub fn is_silent(&self, now: Time, long: Span) -> bool {
        let long = self.lasting(long);
        let waits_in_vain = self.waits.is_some_and(|since| now.since(since) >= long);
        self.age(now).is_some_and(|age| age >= long) && (self.trouble.is_some() || waits_in_vain)
    }
    /// How long the question under way has been waiting.
    pub fn waiting(&self, now: Time) -> Option<Span> {
        self.asked.map(|(_, at)| now.since(at))
    }
}

/// A configured SLO and what was last told about it.
#[derive(Clone, Debug)]
pub struct SloDesk {
    /// Its name.
    pub name: String,
    /// Its target, per million.
    pub target_ppm: u32,
    /// Its window.
    pub window: Window,
    /// The slices that are counted instead of events.
    pub slices: Option<Slices>,
    /// Which events are read: who reads the same says the same; empty where nobody else does.
    pub reads: String,
    /// What is counted as bad: the condition as it was configured.
    pub bad: String,
    /// What is bad is said by filters of ours, not in somebody else's language.
    pub filters: bool,
    /// What a bad event is called, in a word.
    pub called: String,
    /// The objective that counts the same promise elsewhere.
    pub same_as: Option<String>,
    /// What is proposed while one of its conditions wakes somebody.
    pub severity: Option<Severity>,
    /// Below how much of the budget a freeze is proposed, per million.
    pub freeze_below_ppm: Option<u32>,
    /// How often it is worth asking.
    pub pace: Pace,
    /// The narrowest column that its source can fill.
    pub narrowest: Span,
    /// What was last told.
    pub feed: Feed<Burn>,
}

/// A question about an SLO: the budget now, and the columns of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurnAsk {
    /// Which of the configured SLOs.
    pub slo: usize,
    /// The ticket the answer carries.
    pub ticket: u64,
    /// The moment it is asked for.
    pub now: Time,
    /// Where the first column begins.
    pub from: Time,
    /// How long one column is.
    pub step: Span,
    /// How many columns there are.
    pub columns: u16,
    /// When the last act on the outside was asked for: what followed it is counted too.
    pub act: Option<Time>,
    /// Somebody looks at it: where turns are few it comes first.
    pub shown: bool,
}

impl BurnAsk {
    /// Where the last column ends.
    pub fn until(&self) -> Time {
        self.from.plus(Span(self.step.0.saturating_mul(i64::from(self.columns))))
    }
    /// The chart looks back: what it shows is not what is counted for the present.
    pub fn looks_back(&self) -> bool {
        self.until() < self.now
    }
}

/// What followed an act, counted in buckets of their own, so that it is the same whatever the chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aftermath {
    /// When the act was asked for.
    pub act: Time,
    /// Bad events a minute in the three minutes before it; none when nothing is known of them.
    pub before: Option<u64>,
    /// How long after it the indicator stopped hurting, nothing when that was at once; none when it never did, or still does.
    pub calm_after: Option<Span>,
}

/// One column of the chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Valid events; none when nothing is known about that time.
    pub total: Option<u64>,
    /// Bad ones among them.
    pub bad: u64,
    /// What was left of the budget at the column's end, per million; none is a gap.
    pub remaining_ppm: Option<i64>,
}

/// How an SLO stands, reduced to what the screen shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burn {
    /// The word for what is known.
    pub state: State,
    /// Since when, where it is known.
    pub since: Option<Time>,
    /// Time of the newest event.
    pub newest: Option<Time>,
    /// Events counted in the SLO's window, or slices where there are some.
    pub total: u64,
    /// Bad ones among them.
    pub bad: u64,
    /// What lies behind slices; none where events are counted.
    pub sliced: Option<Sliced>,
    /// What is left of the budget, per million; negative when overspent; none when nothing was counted.
    pub remaining_ppm: Option<i64>,
    /// Burn rates in thousandths over the last minute, five minutes and hour.
    pub burn_milli: [Option<u64>; 3],
    /// How long the budget lasts at the recent rate; none means never, or not known.
    pub lasts: Option<Span>,
    /// The same with old failures leaving the window while new ones come; in a calendar none leaves, and it does not go beyond the period.
    pub lasts_ageing: Exhaustion,
    /// When the budget begins anew; none when its window rolls.
    pub renews: Option<Time>,
    /// Over how long the recent rate was measured: the last minutes while many fail, else the last hour.
    pub lasts_rate: Span,
    /// Events now, of those usual, per million; none when there is too little to compare.
    pub traffic_ppm: Option<u64>,
    /// Events of the last fifteen minutes, of those at the same time of earlier weeks, per million; none when too little is known.
    pub week_ppm: Option<u64>,
    /// The newest whole minutes, in order of time: by these two sources of one promise are compared.
    pub minutes: Vec<Bucket>,
    /// How much of the window is known.
    pub known: Coverage,
    /// The alert conditions that mean something for it, the quickest first.
    pub conditions: Vec<Held>,
    /// Since when the indicator has been good without a break; none while it is not.
    pub good_since: Option<Time>,
    /// When the indicator last began to hurt, and when that ended or was seen last.
    pub bad_between: Option<(Time, Time)>,
    /// Bad events in the last whole minute; none when nothing is known about it.
    pub bad_minute: Option<u64>,
    /// What followed the last act, when one was asked about.
    pub aftermath: Option<Aftermath>,
    /// What was counted wrongly or not at all, in words.
    pub doubts: Vec<String>,
    /// More of the past is still asked for: until it is there, what lies behind may be less than there was, or shared out.
    pub counting: bool,
    /// The question's own columns.
    pub from: Time,
    /// Length of a column.
    pub step: Span,
    /// The columns, the oldest first.
    pub columns: Vec<Column>,
    /// They are of a time that is over: what is not known of the present says nothing about them.
    pub looks_back: bool,
    /// How it stood at the end of them, then.
    pub then: Option<Box<Then>>,
    /// What was asked, of whom: for "says who?" and as evidence.
    pub source: String,
    /// What a backend says itself about the objective.
    pub opinion: Option<Opinion>,
    /// Where the same can be seen in a browser.
    pub link: Option<String>,
}

/// What slices of the window were made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sliced {
    /// Events counted in the slices of the SLO's window that are over.
    pub events: u64,
    /// Bad ones among them.
    pub bad: u64,
    /// Slices without an event, which are neither good nor bad.
    pub skipped: u64,
}

impl SloDesk {
    /// Who has said nothing for so long does not answer; who is asked every minute is not late after a quarter of one.
    pub fn silent_after(&self) -> Span {
        Span::seconds(60).max(Span(self.pace.rhythm.0 * 4))
    }
}

impl Burn {
    /// Events counted in the SLO's window, or in its slices, and the bad ones among them.
    pub fn events(&self) -> (u64, u64) {
        self.sliced.map_or((self.total, self.bad), |sliced| (sliced.events, sliced.bad))
    }
    /// Events in the chart's columns and the bad ones among them; none where nothing is known of any of them.
    pub fn charted(&self) -> Option<(u64, u64)> {
        let known = self.columns.iter().filter_map(|column| column.total.map(|total| (total, column.bad)));
        known.reduce(|(all, bad), (total, more)| (all.saturating_add(total), bad.saturating_add(more)))
    }
    /// The alert conditions that stand, in words: those that wake somebody first, and of those the quickest.
    pub fn standing(&self) -> impl Iterator<Item = String> {
        Held::standing(&self.conditions).map(Held::told)
    }
    /// Somebody is woken.
    pub fn pages(&self) -> Option<&Held> {
        Held::standing(&self.conditions).find(|held| held.urgency == Urgency::Page)
    }
}

#[cfg(test)]
mod tests;

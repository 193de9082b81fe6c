//! When a burn is worth waking somebody: the workbook's multi-window, multi-burn-rate conditions and Honeycomb's two kinds, evaluated at an instant.
//!
//! * *Burn rate* (the workbook): the burn exceeds a factor over both windows; the short one only makes it stop soon. factor = percent × period / long, so
//!   that the table is right for every period (Sloth computes it the same way).
//! * *Exhaustion time* (Honeycomb): at the rate of the last quarter of so many hours the budget is gone within them. That it looks back over a quarter
//!   is what a public emulator of Honeycomb's alerts says.
//! * *Budget rate* (Honeycomb): the budget fell by at least a share within a window, which is a burn of share × period / window.
//!
//! Honeycomb's two compare with the whole window's budget. Where only a part of the window is known, that budget is what the known part allows, times
//! the window over the part, so that a young source does not cry. All comparisons are exact, by cross-multiplication.
//! It must not know how an alert is shown or who is woken.

use super::series::{DAY, HOUR, MINUTE, Series, Sum};
use super::slo::{MILLION, MIN_BAD, Slo};

/// What a condition asks for when it fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// wake somebody
    Page,
    /// work for the next day
    Ticket,
}

/// What a condition looks at. Lengths are µs, shares of the budget are per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The burn exceeds a factor over both windows.
    BurnRate {
        /// The long window.
        long: i64,
        /// The short window.
        short: i64,
        /// The share of the budget that is spent in the long window at the factor.
        spent_ppm: u32,
    },
    /// At the rate of the last quarter of this time the budget is gone within it.
    ExhaustionTime {
        /// Within which time.
        within: i64,
    },
    /// At least this share of the budget went within the window.
    BudgetRate {
        /// The window.
        window: i64,
        /// The share of the budget.
        spent_ppm: u32,
    },
}

/// One condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What it asks for.
    pub urgency: Urgency,
    /// What it looks at.
    pub rule: Rule,
    /// The least number of failed events within its long window.
    pub min_bad: u64,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds: the budget burns as fast as it says, and enough events failed.
    Firing,
    /// It does not hold.
    Quiet,
    /// Nothing is known about one of the windows. An alert that fired before goes on: no data resolves nothing.
    Unknown,
}

/// A condition as it stands at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The condition.
    pub condition: Condition,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What was counted in its long window, or in its only one.
    pub long: Sum,
    /// What was counted in the short window, where it has two.
    pub short: Option<Sum>,
    /// The factor per thousand, rounded down, for people: 14400 is 14.4.
    pub factor_milli: u64,
}

/// The workbook's four: 2 % of the budget in 1 h and 5 % in 6 h wake somebody, 10 % in 1 d and in 3 d are work for tomorrow. Over 30 days these are the
/// factors 14.4, 6, 3 and 1.
#[must_use]
pub fn workbook() -> [Condition; 4] {
    let of = |urgency, long: i64, spent_ppm| {
        let rule = Rule::BurnRate { long, short: long / 12, spent_ppm };
        Condition { urgency, rule, min_bad: MIN_BAD }
    };
    [
        of(Urgency::Page, HOUR, 20_000),
        of(Urgency::Page, 6 * HOUR, 50_000),
        of(Urgency::Ticket, DAY, 100_000),
        of(Urgency::Ticket, 3 * DAY, 100_000),
    ]
}

impl Rule {
    /// Over how long it looks back, µs: its long window, or its only one.
    #[must_use]
    pub fn long(&self) -> i64 {
        match self {
            Rule::BurnRate { long, .. } => *long,
            Rule::ExhaustionTime { within } => within / 4,
            Rule::BudgetRate { window, .. } => *window,
        }
    }

    /// Its short window, where it has two, µs.
    #[must_use]
    pub fn short(&self) -> Option<i64> {
        match self {
            Rule::BurnRate { short, .. } => Some(*short),
            Rule::ExhaustionTime { .. } | Rule::BudgetRate { .. } => None,
        }
    }

    /// What it asks for, where nobody says so: what is spent within hours wakes somebody, what takes a day or more is work for the next one.
    #[must_use]
    pub fn urgency(&self) -> Urgency {
        let hours = match self {
            Rule::BurnRate { long, .. } => long,
            Rule::ExhaustionTime { within } => within,
            Rule::BudgetRate { window, .. } => window,
        };
        if *hours < 12 * HOUR { Urgency::Page } else { Urgency::Ticket }
    }
}

impl Condition {
    /// The burn factor per thousand, rounded down: percent × period / long; for an exhaustion time the burn at which a whole budget lasts as long.
    #[must_use]
    pub fn factor_milli(&self, slo: &Slo) -> u64 {
        let (spent_ppm, over) = match self.rule {
            Rule::BurnRate { long, spent_ppm, .. } => (spent_ppm, long),
            Rule::ExhaustionTime { within } => (MILLION, within),
            Rule::BudgetRate { window, spent_ppm } => (spent_ppm, window),
        };
        let over = u128::from(positive(over).max(1));
        u64::try_from(u128::from(spent_ppm) * u128::from(positive(slo.window)) / (over * u128::from(MILLION / 1000)))
            .unwrap_or(u64::MAX)
    }

    /// How it stands at `now`, from the buckets that begin before it.
    #[must_use]
    pub fn at(&self, slo: &Slo, series: &Series, now: i64) -> Standing {
        self.judged(slo, series.step(), |length| series.sum(now, length), || slo.budget(series, now).sum)
    }

    /// How it stands, where `sum` says what was counted in a time before the moment, and `window` in the SLO's window, in buckets `step` µs wide.
    #[must_use]
    pub fn judged(&self, slo: &Slo, step: i64, sum: impl Fn(i64) -> Sum, window: impl Fn() -> Sum) -> Standing {
        let (long, short) = (sum(self.rule.long()), self.rule.short().map(&sum));
        let is_unknown = long.known == 0 || short.is_some_and(|short| short.known == 0);
        let holds = || match self.rule {
            Rule::BurnRate { .. } => self.exceeds(slo, long) && short.is_none_or(|short| self.exceeds(slo, short)),
            Rule::ExhaustionTime { within } => {
                let (spent, budget) = whole(slo, step, window());
                let left = budget.saturating_sub(spent);
                // left / (bad / quarter) < within
                let lasts = wide(left, u128::from(positive(within / 4)));
                lasts < wide(micro(long.bad), u128::from(positive(within)))
            }
            Rule::BudgetRate { spent_ppm, .. } => {
                let (_, budget) = whole(slo, step, window());
                wide(micro(long.bad), u128::from(MILLION)) >= wide(budget, u128::from(spent_ppm))
            }
        };
        let verdict = match is_unknown {
            true => Verdict::Unknown,
            false if long.bad >= self.min_bad.max(1) && holds() => Verdict::Firing,
            false => Verdict::Quiet,
        };
        Standing { condition: *self, verdict, long, short, factor_milli: self.factor_milli(slo) }
    }

    /// bad / total / allowed > spent × period / long, without a division and without an overflow.
    fn exceeds(&self, slo: &Slo, sum: Sum) -> bool {
        let Rule::BurnRate { long, spent_ppm, .. } = self.rule else { return false };
        let million = u128::from(MILLION);
        let burnt = wide(u128::from(sum.bad) * million * million, u128::from(positive(long)));
        let limit = wide(
            u128::from(sum.total) * u128::from(slo.allowed_ppm()),
            u128::from(spent_ppm) * u128::from(positive(slo.window)),
        );
        sum.total > 0 && burnt > limit
    }
}

/// What is spent of the window, and its whole budget, both in millionths of an event. Where a part of the window is not known, the budget is the known
/// part's, as many times as it fits.
fn whole(slo: &Slo, step: i64, sum: Sum) -> (u128, u128) {
    let budget = slo.budget_of(sum).micro_events();
    let known = u128::from(sum.known).saturating_mul(u128::from(step.max(1).unsigned_abs()));
    let window = u128::from(positive(slo.window));
    let budget = if known > 0 && known < window { budget.saturating_mul(window) / known } else { budget };
    (micro(sum.bad), budget)
}

/// Events in millionths.
fn micro(events: u64) -> u128 {
    u128::from(events) * u128::from(MILLION)
}

/// Every condition that means something for this SLO, as it stands at `now`. For a short window some of the workbook's do not: a burn that is slower
/// than the budget allows spends nothing that is missed, and what is longer than the window is the whole budget. For a low target neither: a burn that
/// is faster than where everything fails never comes.
#[must_use]
pub fn standings(slo: &Slo, series: &Series, now: i64) -> Vec<Standing> {
    conditions(slo).iter().map(|c| c.at(slo, series, now)).collect()
}

/// What is said where there is no condition.
pub const UNWATCHED: &str = "no condition watches it: its window is too short, or its target too low, for the \
                             workbook's; exhaustion-time and budget-rate may";

/// What is said where there is none that wakes somebody.
pub const UNWOKEN: &str = "no condition that wakes somebody watches it: its window is too short, or its target too \
                           low, for the workbook's; exhaustion-time and budget-rate may";

/// The workbook's conditions that mean something for this SLO, then its own: a window that is shorter than a slice holds none.
#[must_use]
pub fn conditions(slo: &Slo) -> Vec<Condition> {
    let slice = slo.slices.map_or(0, |slices| slices.length);
    let shortest = |rule: &Rule| rule.short().unwrap_or(rule.long());
    // where all fails the budget burns as many times too fast as it is smaller than all
    let most = u128::from(MILLION) * 1000 / u128::from(slo.allowed_ppm().max(1));
    let can_hold = |c: &Condition| u128::from(c.factor_milli(slo)) < most;
    let fits = |c: &Condition| c.rule.long() <= slo.window && c.factor_milli(slo) >= 900 && can_hold(c);
    let own = slo.rules.iter().map(|rule| Condition { urgency: rule.urgency(), rule: *rule, min_bad: slo.min_bad });
    let counted = workbook().into_iter().filter(fits).map(|c| Condition { min_bad: slo.min_bad, ..c });
    counted.chain(own).filter(|c| shortest(&c.rule) >= slice).collect()
}

/// The length of one of our windows; five minutes when it makes no sense, so that nothing is divided by zero.
fn positive(length: i64) -> u64 {
    u64::try_from(length).ok().filter(|l| *l > 0).unwrap_or(5 * MINUTE.unsigned_abs())
}

/// a × b as (high, low) halves of 256 bits; tuples of these compare as the products do.
fn wide(a: u128, b: u128) -> (u128, u128) {
    const HALF: u128 = (1 << 64) - 1;
    let (a1, a0, b1, b0) = (a >> 64, a & HALF, b >> 64, b & HALF);
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 64);
    let other = a0 * b1 + (middle & HALF);
    (a1 * b1 + (middle >> 64) + (other >> 64), (other << 64) | (low & HALF))
}

#[cfg(test)]
mod tests;

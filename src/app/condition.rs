//! A condition in words, wherever it is told: on the chart, in the record, on the command line; and how one stands. It must not know how that is
//! computed.

use crate::incident::alert::{Urgency, length};
use crate::incident::time::{Span, Time};
use crate::incident::timeline::rate;
use crate::query::alert::{Condition, Rule, UNWATCHED, UNWOKEN, Verdict};
use crate::query::paging::{Figures, Paging};

/// How an alert condition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it asks for.
    pub urgency: Urgency,
    /// What it is, in words: "over 14.4x in 1 h and 5 m".
    pub words: String,
    /// Whether it holds now.
    pub verdict: Verdict,
    /// The burn rates over its long window, and over its short one where it has two, in thousandths; none where nothing is known.
    pub burn_milli: (Option<u64>, Option<Option<u64>>),
    /// Its long window, and its short one where it has two.
    pub windows: (Span, Option<Span>),
    /// When it held within the last day and within the chart's time, the oldest first.
    pub spells: Vec<Spell>,
    /// It held when it was last known.
    pub is_open: bool,
}

/// A time in which a condition held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// Since when.
    pub since: Time,
    /// It held already when anything was known for the first time: when it began is not known.
    pub is_cut: bool,
    /// Until when; none while it holds.
    pub until: Option<Time>,
    /// The highest burn over its long window in that time, in thousandths.
    pub peak_milli: u64,
    /// The figures when it began.
    pub began: Figures,
    /// The figures when it ended.
    pub ended: Option<Figures>,
}

impl Held {
    /// When it held last.
    pub fn last(&self) -> Option<&Spell> {
        self.spells.last()
    }
    /// It stands, or held at some time from a moment on.
    pub fn meets(&self, from: Time) -> bool {
        self.stands() || self.last().is_some_and(|last| last.until.is_none_or(|until| until > from))
    }
    /// It holds, or held when it was last known: no data ends nothing.
    pub fn stands(&self) -> bool {
        match self.verdict {
            Verdict::Firing => true,
            Verdict::Quiet => false,
            Verdict::Unknown => self.is_open,
        }
    }
    /// Its urgency and what it is: "page: over 14.4x in 1 h and 5 m".
    pub fn said(&self) -> String {
        format!("{}: {}", self.urgency.word(), self.words)
    }
    /// The same of one that stands: "…, not known now" where its source went silent.
    pub fn told(&self) -> String {
        format!("{}{}", self.said(), if self.verdict == Verdict::Unknown { ", not known now" } else { "" })
    }
    /// What is said where no condition watches an objective, or none that wakes somebody.
    pub fn unwatched(conditions: &[Held]) -> Option<&'static str> {
        match conditions.iter().any(|held| held.urgency == Urgency::Page) {
            true => None,
            false if conditions.is_empty() => Some(UNWATCHED),
            false => Some(UNWOKEN),
        }
    }
    /// The same in a few words.
    pub fn unwatched_briefly(conditions: &[Held]) -> Option<&'static str> {
        let none = if conditions.is_empty() { "no condition watches it" } else { "no condition wakes anybody" };
        Held::unwatched(conditions).map(|_| none)
    }
    /// Those that stand: what wakes somebody first, and of the same kind the quickest.
    pub fn standing(conditions: &[Held]) -> impl Iterator<Item = &Held> {
        let of = |urgency| conditions.iter().filter(move |held| held.stands() && held.urgency == urgency);
        of(Urgency::Page).chain(of(Urgency::Ticket))
    }
}

/// What a condition is, with its factor per thousand: "over 14.4x in 1 h and 5 m", "exhaustion time under 4 h", "budget rate 2 % in 1 h".
pub fn words(condition: &Condition, factor_milli: u64) -> String {
    match condition.rule {
        Rule::BurnRate { long, short, .. } => {
            format!("over {}x in {} and {}", rate(factor_milli), length(Span(long)), length(Span(short)))
        }
        Rule::ExhaustionTime { within } => format!("exhaustion time under {}", length(Span(within))),
        Rule::BudgetRate { window, spent_ppm } => {
            let digits = format!("{:04}", spent_ppm % 10_000);
            let digits = digits.trim_end_matches('0');
            let dot = if digits.is_empty() { "" } else { "." };
            format!("budget rate {}{dot}{digits} % in {}", spent_ppm / 10_000, length(Span(window)))
        }
    }
}

/// The same of one that was looked at over a past.
pub fn of(paging: &Paging) -> String {
    words(&paging.condition, paging.factor_milli)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::time::MINUTE;
    use crate::query::alert::workbook;

    #[test]
    fn given_conditions_when_said_then_in_the_words_of_their_field() {
        let said = |rule, factor| words(&Condition { rule, ..workbook()[0] }, factor);
        assert_eq!(workbook().map(|c| words(&c, 14_400))[0], "over 14.4x in 1 h and 5 m");
        assert_eq!(workbook().map(|c| words(&c, 933))[3], "over 0.9x in 3 d and 6 h");
        assert_eq!(said(Rule::ExhaustionTime { within: 240 * MINUTE }, 0), "exhaustion time under 4 h");
        assert_eq!(said(Rule::BudgetRate { window: 90 * MINUTE, spent_ppm: 25_000 }, 0), "budget rate 2.5 % in 90 m");
        assert_eq!(
            said(Rule::BudgetRate { window: 24 * 60 * MINUTE, spent_ppm: 100_000 }, 0),
            "budget rate 10 % in 1 d"
        );
    }
}

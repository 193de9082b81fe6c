//! The same past under another indicator: what was spent then, what would have been, and when each condition would have paged. It must not know
//! how anything is counted.

use super::args::Burn as Args;
use super::desk::Io;
use super::fault::Fault;
use super::paper;
use crate::app::condition;
use crate::config::blocks::Slo;
use crate::config::read::Written;
use crate::config::trouble::Place;
use crate::incident::impact::{counted, thousands};
use crate::incident::time::{Span, Time};
use crate::incident::timeline::rate;
use crate::query::alert::Urgency;
use crate::query::filter::Expr;
use crate::query::paging::{self, Paging, Past};
use crate::query::series::{Coverage, Series, Sum};
use crate::query::slo::{self, Budget};
use serde_json::{Value, json};

/// What somebody asks about a past.
pub struct Question {
    /// The words of the other indicator, and whether it counts alone.
    what_if: Option<(String, bool)>,
    /// From when, and until when, something was spent.
    between: Option<(Time, Option<Time>)>,
}

/// The answers to a question.
pub struct Answer {
    slo: slo::Slo,
    was: Past,
    would: Option<(String, Past)>,
    doubts: Vec<String>,
    spent: Option<Spent>,
}

/// What was counted in a time, in whole buckets.
struct Spent {
    since: Time,
    until: Time,
    sum: Sum,
    /// How much of it is known.
    known: Coverage,
    /// From when on anything is counted.
    window: Time,
}

impl Question {
    /// What the arguments ask, with the moments that they name; none when they ask nothing.
    pub fn of(args: &Args, since: Option<Time>, until: Option<Time>) -> Option<Question> {
        let what_if = args.what_if.clone().map(|text| (text, false));
        let what_if = what_if.or(args.what_if_only.clone().map(|text| (text, true)));
        let between = since.map(|since| (since, until));
        (what_if.is_some() || between.is_some()).then_some(Question { what_if, between })
    }

    /// The objective under the other indicator.
    ///
    /// # Errors
    /// It is no filter.
    pub fn other(&self, slo: &Slo) -> Result<Option<Slo>, Fault> {
        let Some((text, only)) = &self.what_if else { return Ok(None) };
        let flag = if *only { "--what-if-only" } else { "--what-if" };
        if slo.asks.takes_filters()
            && let Err(error) = text.parse::<Expr>()
        {
            return Err(Fault {
                stands: "Nothing was counted.".into(),
                ..Fault::usage(
                    format!("{flag}: {}", error.sentences()),
                    format!("A filter looks like status = 401.\n{}", error.place),
                )
            });
        }
        let place = Place::Flag(flag);
        Ok(Some(slo.had_counted(Written { text: text.clone(), place, key: String::new() }, *only)))
    }

    /// The answers, from what was counted as it is and as it would have been, with what is wrong with the other indicator alone.
    pub fn answer(&self, goal: &slo::Slo, was: &Series, would: Option<&(Series, Vec<String>)>, as_of: Time) -> Answer {
        let past = |series: &Series| Past::of(goal, series, as_of.0);
        let words = self.what_if.as_ref().map(|(text, only)| {
            let text = paper::line(text, 200);
            if *only { format!("had only {text} counted") } else { format!("had {text} counted too") }
        });
        let counted = goal.counted(was, as_of.0);
        let spent = self.between.map(|(since, until)| {
            let step = Span(counted.step());
            let (since, until) = (since.floor(step), until.unwrap_or(as_of).min(as_of));
            let length = until.0.saturating_sub(since.0).max(0);
            let end = Time(since.0.saturating_add(length)).minus(Span(1)).floor(step).plus(step);
            let length = end.0.saturating_sub(since.0).max(0);
            let (sum, known) = (counted.sum(end.0, length), counted.coverage(end.0, length));
            Spent { since, until: end.min(as_of), sum, known, window: Time(goal.begins(as_of.0)) }
        });
        let mut doubts = would.map(|(_, doubts)| doubts.clone()).unwrap_or_default();
        let (was, would) = (past(was), words.zip(would.map(|(series, _)| past(series))));
        let only = self.what_if.as_ref().is_some_and(|(_, only)| *only);
        let adds = |would: &Past| would.budget.sum.bad > if only { 0 } else { was.budget.sum.bad };
        let adds_none = would.as_ref().is_some_and(|(_, would)| !adds(would)) && was.budget.sum.total > 0;
        if doubts.is_empty() && adds_none && goal.slices.is_none() {
            let words = if only { "no event is like that" } else { "it adds no bad event" };
            doubts.push(format!("{words}: is that what the field is called? --by tells values"));
        }
        Answer { slo: goal.clone(), was, would, doubts, spent }
    }
}

impl Answer {
    /// As sentences.
    ///
    /// # Errors
    /// Nothing can be written.
    pub fn print(&self, io: &mut Io<'_>) -> Result<(), Fault> {
        let out = &mut io.out;
        let consumed = |past: &Past| past.budget.consumed().map_or("nothing known".into(), exact);
        if let Some(spent) = &self.spent {
            writeln!(out, "  spent     {}", self.spent_words(spent))?;
        }
        if let Some((words, would)) = &self.would {
            writeln!(
                out,
                "  what if   {} consumed as it was, {} {words}: {} bad {}, not {}",
                consumed(&self.was),
                consumed(would),
                thousands(would.budget.sum.bad),
                if self.slo.slices.is_some() { "slices" } else { "events" },
                thousands(self.was.budget.sum.bad)
            )?;
        }
        for doubt in &self.doubts {
            writeln!(out, "  doubt     {}", paper::line(doubt, 240))?;
        }
        let (then, otherwise) = (&self.was.pagings, self.would.as_ref().map(|(_, would)| &would.pagings));
        for (place, paging) in then.iter().enumerate() {
            let words = format!("{} {}", urgency(paging), condition::of(paging));
            let mut said = format!("  {words}: {}", spells(paging));
            if let Some(other) = otherwise.and_then(|all| all.get(place)) {
                said.push_str(&format!("; it would have: {}", spells(other)));
            }
            writeln!(out, "{said}")?;
        }
        Ok(())
    }

    /// What was spent in a time, or that nobody knows.
    fn spent_words(&self, Spent { since, until, sum, known, window }: &Spent) -> String {
        let (from, to) = (since.iso(), until.iso());
        if sum.known == 0 {
            let why = if *until <= *window { format!(": its window begins {}", window.iso()) } else { String::new() };
            return format!("nothing is known from {from} to {to}{why}. Ask about that time with --now");
        }
        let part = self.part(*sum).map_or("nothing known".into(), exact);
        let slices = if self.slo.slices.is_some() { " slices" } else { "" };
        let known = if known.nearly() { String::new() } else { format!(", {known}") };
        format!("{part} of the budget from {from} to {to}: {} bad{slices}{known}", thousands(sum.bad))
    }

    /// As data.
    pub fn data(&self) -> Value {
        let past = |past: &Past| {
            json!({
                "known_s": past.known.known / 1_000_000,
                "total": past.budget.sum.total,
                "bad": past.budget.sum.bad,
                "consumed": past.budget.consumed(),
                "consumed_ppm": past.budget.consumed_ppm(),
                "remaining_ppm": past.budget.remaining_ppm(),
                "held": past.pagings.iter().map(paging_data).collect::<Vec<_>>(),
            })
        };
        let spent = self.spent.as_ref().map(|Spent { since, until, sum, known, .. }| {
            let is_known = sum.known > 0;
            json!({"since": since.iso(), "until": until.iso(), "total": sum.total, "bad": sum.bad,
                "known_s": known.known / 1_000_000, "spent": self.part(*sum).filter(|_| is_known),
                "spent_ppm": self.share(*sum).filter(|_| is_known)})
        });
        let would = self.would.as_ref().map(|(words, would)| {
            let mut data = past(would);
            data["words"] = words.clone().into();
            data["doubts"] = self.doubts.clone().into();
            data
        });
        json!({"was": past(&self.was), "what_if": would, "spent": spent})
    }

    /// What was spent of the whole window's budget, per million, rounded up.
    fn share(&self, sum: Sum) -> Option<u64> {
        self.whole(sum).consumed_ppm()
    }

    fn part(&self, sum: Sum) -> Option<f64> {
        self.whole(sum).consumed()
    }

    fn whole(&self, sum: Sum) -> Budget {
        self.slo.budget_of(Sum { bad: sum.bad, ..self.was.budget.sum })
    }
}

fn urgency(paging: &Paging) -> &'static str {
    if paging.condition.urgency == Urgency::Page { "page" } else { "ticket" }
}

/// When a condition held, in words: the first time, which is the minute somebody would have been told, and the last two.
fn spells(paging: &Paging) -> String {
    if paging.spells.is_empty() {
        return "never".into();
    }
    let one = |spell: &paging::Spell| {
        let to = spell.to.map_or("still".into(), |to| format!("until {}", Time(to).beside(Time(spell.from))));
        let peak = rate(spell.peak_milli);
        format!("{} {} {to}, at most {peak}x", Time(spell.from).date(), Time(spell.from).clock_minutes())
    };
    let between = paging.spells.len().saturating_sub(3);
    let mut words: Vec<String> = paging.spells.iter().take(1).map(one).collect();
    if between > 0 {
        words.push(format!("{} between", counted(between as u64, "time", "times")));
    }
    words.extend(paging.spells.iter().skip(1 + between).map(one));
    words.join(", ")
}

fn paging_data(paging: &Paging) -> Value {
    let spell = |spell: &paging::Spell| json!({"from": Time(spell.from).iso(), "to": paper::iso_or_null(spell.to.map(Time)), "peak_milli": spell.peak_milli});
    json!({
        "urgency": urgency(paging),
        "factor_milli": paging.factor_milli,
        "words": condition::of(paging),
        "long_s": paging.condition.rule.long() / 1_000_000,
        "short_s": paging.condition.rule.short().map(|short| short / 1_000_000),
        "spells": paging.spells.iter().map(spell).collect::<Vec<_>>(),
    })
}

/// A share with two digits, rounded to the nearest: `81.60 %`. It compares; what is left is told elsewhere, and rounded down.
fn exact(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::alert::workbook;
    use crate::query::series::HOUR;

    #[test]
    fn given_a_condition_that_held_often_when_told_then_the_first_minute_it_would_have_paged_is_among_it() {
        let [condition, ..] = workbook();
        let spell = |hour: i64| paging::Spell {
            from: hour * HOUR,
            to: Some(hour * HOUR + HOUR / 2),
            peak_milli: 20_000,
            began: paging::Figures::default(),
            ended: None,
        };
        let of = |times: i64| Paging { condition, factor_milli: 14_400, spells: (1..=times).map(spell).collect() };
        let one = |hour: i64| format!("1970-01-01 0{hour}:00 until 0{hour}:30, at most 20x");
        assert_eq!((spells(&of(0)), spells(&of(1))), ("never".into(), one(1)));
        assert_eq!(spells(&of(3)), [one(1), one(2), one(3)].join(", "));
        assert_eq!(spells(&of(4)), [one(1), "1 time between".into(), one(3), one(4)].join(", "));
        assert_eq!(spells(&of(6)), [one(1), "3 times between".into(), one(5), one(6)].join(", "));
    }
}

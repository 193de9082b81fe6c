//! Conditions of an objective's own, in Honeycomb's words: `exhaustion-time = ["4h", "24h"]`, `budget-rate = ["2% in 1h"]`. It must not know when they hold.

use super::amount;
use super::read::{Reader, Rows};
use super::trouble::shown;
use super::value::said;
use crate::incident::time::{HOUR, MINUTE, Span};
use toml::de::DeValue;

/// The longest time such a condition is about: the longest window.
const LONGEST: Span = Span(400 * 24 * HOUR);

/// One condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// At the rate of the last quarter of this time, the budget is gone within it.
    ExhaustionTime(Span),
    /// At least this share of the budget, per million, went within a time.
    BudgetRate(u32, Span),
}

/// The conditions of an `[[slo]]`.
pub fn read(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Vec<Rule> {
    let within = |text: &str| {
        let read = amount::length(text).filter(|within| (Span(4 * MINUTE)..=LONGEST).contains(within));
        read.map(Rule::ExhaustionTime)
            .ok_or_else(|| format!("holds `{}`, which is no length from 4m to 400d", shown(text)))
    };
    let rate = |text: &str| {
        let parts = text.split_once(" in ").and_then(|(share, window)| {
            let window = amount::length(window).filter(|window| (Span(MINUTE)..=LONGEST).contains(window))?;
            Some(Rule::BudgetRate(amount::percent(share)?, window))
        });
        parts.ok_or_else(|| format!("holds `{}`, which is not a share of the budget in a length of time", shown(text)))
    };
    let mut rules = reader.get(rows, "exhaustion-time", |value| each(value, within)).unwrap_or_default();
    rules.extend(reader.get(rows, "budget-rate", |value| each(value, rate)).unwrap_or_default());
    rules
}

/// Every text of a list, or a single one.
fn each(value: &DeValue<'_>, read: impl Fn(&str) -> Result<Rule, String>) -> Result<Vec<Rule>, String> {
    let text = |value: &DeValue<'_>| value.as_str().map(str::to_owned).ok_or_else(|| format!("holds {}", said(value)));
    let mut rules: Vec<Rule> = Vec::new();
    let texts: Result<Vec<String>, String> = match value.as_array() {
        Some(list) => list.iter().map(|value| text(value.get_ref())).collect(),
        None => text(value).map(|text| vec![text]),
    };
    for text in texts? {
        let rule = read(text.trim())?;
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    Ok(rules)
}

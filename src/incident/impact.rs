//! Who is hurt and how; updates quote it.

use serde::{Deserialize, Serialize};

/// How sure a figure is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Counted.
    Known,
    /// Estimated.
    #[default]
    Estimated,
}

/// What happened to data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataState {
    /// Nobody has said.
    #[default]
    Unknown,
    /// None is lost.
    Safe,
    /// Some may be lost or seen.
    AtRisk,
    /// Some is lost.
    Lost,
}

impl DataState {
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            DataState::Unknown => "unknown",
            DataState::Safe => "safe",
            DataState::AtRisk => "at-risk",
            DataState::Lost => "lost",
        }
    }
    /// Reads a word.
    pub fn parse(text: &str) -> Option<DataState> {
        [DataState::Unknown, DataState::Safe, DataState::AtRisk, DataState::Lost]
            .into_iter()
            .find(|d| d.word() == text.trim())
    }
}

/// The impact, as far as it was known then; the newest one holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactStated {
    /// What they notice ("requests refused").
    pub what: String,
    /// Who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// How sure that is.
    #[serde(default)]
    pub certainty: Certainty,
    /// What happened to data.
    #[serde(default)]
    pub data: DataState,
}

/// The impact in a sentence: `40,000 requests refused (estimated), data at risk`.
pub fn sentence(impact: &ImpactStated) -> String {
    let mut words = String::new();
    if let Some(count) = impact.count {
        words.push_str(&thousands(count));
        words.push(' ');
    }
    words.push_str(&impact.what);
    if let Some(who) = &impact.who {
        words.push_str(&format!(", {who}"));
    }
    if impact.count.is_some() && impact.certainty == Certainty::Estimated {
        words.push_str(" (estimated)");
    }
    match impact.data {
        DataState::Unknown => {}
        DataState::Safe => words.push_str(", no data lost"),
        DataState::AtRisk => words.push_str(", data at risk"),
        DataState::Lost => words.push_str(", data lost"),
    }
    words
}

/// A word at the beginning of a sentence.
#[must_use]
pub fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A count of things: `1 entry`, `40,000 entries`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// A count with commas: `40,000`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_several() {
        let entries = |n| counted(n, "entry", "entries");
        assert_eq!([0, 1, 2, 100_000].map(entries), ["0 entries", "1 entry", "2 entries", "100,000 entries"]);
    }
}

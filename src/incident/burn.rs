//! The error budget as evidence: what it was at a moment that matters, so that no metrics database is needed later.

use serde::{Deserialize, Serialize};

/// How the budget stood, at the time of the entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurnNoted {
    /// Which SLO.
    pub slo: String,
    /// Its target, per million.
    pub target_ppm: u32,
    /// Its window, in seconds.
    pub window_s: u64,
    /// Events counted in the window.
    pub total: u64,
    /// Bad ones among them.
    pub bad: u64,
    /// What is left of the budget, per million; negative when it is overspent.
    pub remaining_ppm: i64,
    /// The burn rate over the last hour, in thousandths; 1000 spends exactly the budget in the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn_1h_milli: Option<u64>,
    /// The burn rate over the last five minutes, in thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burn_5m_milli: Option<u64>,
    /// The state in words: value, no traffic, traffic gone, no data, partial.
    pub state: String,
    /// What was asked, and of whom.
    pub source: String,
    /// Where the same can be seen in a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Why it was noted ("declared", "after the act", "recovered").
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

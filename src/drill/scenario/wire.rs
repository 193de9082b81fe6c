//! The shape of a scenario's TOML, before anything in it is checked. It must not know what is allowed; `read` does.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A text with its place, because a check may name it.
pub type Word = Spanned<String>;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub name: String,
    pub title: String,
    pub told: String,
    pub start: Word,
    pub lasts_min: Spanned<u32>,
    pub seed: u64,
    pub past_days: Option<Spanned<u32>>,
    pub guide_done: Word,
    pub declare: Declare,
    pub slo: Slo,
    pub files: Files,
    #[serde(default)]
    pub fields: Fields,
    pub rules: Spanned<Rules>,
    pub traffic: Spanned<Traffic>,
    pub heavy: Option<Spanned<Heavy>>,
    #[serde(default)]
    pub past: Vec<Spanned<Past>>,
    #[serde(default)]
    pub apart: Vec<Spanned<Apart>>,
    pub switches: Vec<Switch>,
    #[serde(default)]
    pub plans: Vec<Plan>,
    #[serde(default)]
    pub probes: Vec<Spanned<Probe>>,
    pub flags: Flags,
    pub cast: Vec<Member>,
    #[serde(default)]
    pub moments: Vec<Spanned<Moment>>,
    #[serde(default)]
    pub said: Vec<Spanned<Report>>,
    #[serde(default)]
    pub guide: Vec<Step>,
    #[serde(default)]
    pub truth: Vec<Truth>,
}

/// `[declare]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declare {
    pub by: Word,
    pub title: String,
    pub severity: Word,
}

/// `[slo]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slo {
    pub name: String,
    pub target_ppm: Spanned<u32>,
    pub window_days: Spanned<u32>,
    pub bad: String,
    pub called: Option<String>,
    pub events: Word,
}

/// `[files]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    pub balancer: Word,
    pub servers: Word,
}

/// `[fields]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fields {
    pub customer: String,
    pub build: String,
    pub status: String,
}

impl Default for Fields {
    fn default() -> Fields {
        Fields { customer: "customer".into(), build: "build".into(), status: "http.response.status_code".into() }
    }
}

/// `[heavy]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heavy {
    pub customer: Word,
    pub route: Word,
    pub share_ppm: Spanned<u32>,
    pub from: Word,
    pub until: Word,
    pub slow_ppm: Spanned<u32>,
    pub slow_us: Spanned<u32>,
    pub flag: Word,
}

/// `[rules]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub hosts: Vec<Word>,
    #[serde(default)]
    pub batches: Vec<Batch>,
    pub flag: Word,
    pub deployed: Word,
    #[serde(default)]
    pub to: Vec<Word>,
    #[serde(default)]
    pub later: Vec<Later>,
    pub gate: Option<Word>,
    pub before: Word,
    #[serde(default)]
    pub broken: Vec<Word>,
    #[serde(default = "out_after")]
    pub out_after_s: Spanned<(u32, u32)>,
    pub back_after_s: Spanned<(u32, u32)>,
    #[serde(default)]
    pub parts: Vec<Part>,
    #[serde(default)]
    pub faults: Vec<Spanned<Fault>>,
}

/// What only broken builds need.
fn out_after() -> Spanned<(u32, u32)> {
    Spanned::new(0..0, (1, 1))
}

/// One of `rules.batches`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    pub name: Word,
    pub hosts: Vec<Word>,
}

/// One of `later`: the same to more batches.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Later {
    pub at: Word,
    pub to: Vec<Word>,
}

/// One of `rules.parts`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub field: Word,
    pub flag: Word,
    pub sent: Word,
    #[serde(default)]
    pub to: Vec<Word>,
    #[serde(default)]
    pub later: Vec<Later>,
    pub before: Word,
    pub takes_s: Spanned<(u32, u32)>,
    pub again: Option<Again>,
}

/// `again`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Again {
    pub flag: Word,
    pub every_s: Spanned<u32>,
}

/// One of `rules.faults`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub with: BTreeMap<Word, Word>,
    pub answers: Option<u16>,
    pub serves_s: Option<Spanned<(u32, u32)>>,
    pub out_s: Option<Spanned<(u32, u32)>>,
}

/// `[traffic]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    pub per_minute: Spanned<Vec<u32>>,
    #[serde(default = "spread")]
    pub spread_permille: u32,
    pub customers: Vec<String>,
    pub routes: Vec<Route>,
    pub unauthorized_ppm: u32,
    pub not_found_ppm: u32,
}

fn spread() -> u32 {
    20
}

/// One of `traffic.routes`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub method: String,
    pub route: String,
    pub weight: u32,
    pub median_us: u32,
}

/// `[[past]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Past {
    pub what: String,
    pub at: Option<Word>,
    pub daily: Option<Word>,
    pub minutes: u32,
    pub bad_per_minute: u32,
    pub status: u16,
    #[serde(default)]
    pub hosts: Vec<Word>,
    pub build: Option<Word>,
}

/// `[[apart]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apart {
    pub at: Word,
    pub minutes: u32,
}

/// `[[switches]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    pub flag: Word,
    pub kind: Word,
    pub stop: Word,
    pub exclude_by: Option<String>,
    pub field: Option<String>,
    pub what: String,
}

/// `[[plans]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub name: Word,
    pub switches: Vec<Word>,
    pub what: String,
}

/// `[[probes]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    pub name: Word,
    pub subject: Option<String>,
    pub says: String,
    pub events: Word,
    pub bad_at_most: Option<u64>,
    pub field: Option<Word>,
    pub at_most: Option<u64>,
    pub within_s: Spanned<u32>,
    pub soak_s: Option<Spanned<u32>>,
    pub trips: Option<Word>,
}

/// `[flags]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flags {
    pub file: Word,
    pub text: Word,
}

/// `[[cast]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub name: String,
    pub role: Option<Word>,
}

/// `[[moments]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    pub at: Option<Word>,
    pub when: Option<Word>,
    #[serde(default)]
    pub plus_s: u32,
    #[serde(rename = "if")]
    pub only: Option<Word>,
    pub what: String,
}

/// `[[said]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub at: Option<Word>,
    pub when: Option<Word>,
    #[serde(default)]
    pub plus_s: u32,
    #[serde(rename = "if")]
    pub only: Option<Word>,
    pub who: Word,
    #[serde(default)]
    pub late_s: u32,
    #[serde(default)]
    pub pinned: bool,
    pub goal: Option<u8>,
    pub note: Option<String>,
    pub changed: Option<Changed>,
    pub alert: Option<String>,
    pub question: Option<String>,
}

/// `said.changed`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    pub what: String,
    pub subject: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub source: Option<String>,
}

/// `[[guide]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub until: Word,
    pub say: Word,
}

/// `[[truth]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    pub at: Word,
    pub says: String,
}

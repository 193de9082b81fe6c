//! What may be configured several times: backends, objectives, switches, channels. It must not know how any of them is asked, stopped or told.

use super::amount;
use super::asks::{self, Asks};
use super::backends::{self, Backend};
use super::changes::{self, ChangeSource};
use super::conditions::{self, Rule};
use super::options::{self, Section};
use super::plans::{self, SwitchPlan};
use super::probes::{self, Probe};
use super::providers::{self, Provider};
use super::read::{Reader, Rows, Written};
use super::switches::{self, Switch};
use super::trouble::{known_instead, shown};
use super::windows;
use crate::incident::severity::Severity;
use crate::query::calendar::Window;
use crate::query::slices::Slices;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A service level objective as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slo {
    /// What it is called.
    pub name: String,
    /// The service that promises it.
    pub service: Option<String>,
    /// Who is asked what.
    pub asks: Asks,
    /// What the chart and the record call an event that breaks the promise: one word.
    pub called: Option<String>,
    /// The promised share of good events, or of good slices, in integers per million.
    pub target_ppm: u32,
    /// The time the promise is about.
    pub window: Window,
    /// The slices that are counted instead of events.
    pub slices: Option<Slices>,
    /// How many events, or slices, have to fail before a condition holds.
    pub minimum: Option<u64>,
    /// Conditions of its own, beside the workbook's.
    pub rules: Vec<Rule>,
    /// What is proposed while one of its conditions wakes somebody.
    pub severity: Option<Severity>,
    /// Below how much of the budget a freeze of releases is proposed, per million.
    pub freeze_below_ppm: Option<u32>,
    /// The objective that counts the same promise elsewhere.
    pub same_as: Option<String>,
    /// The field that tells apart what shares this promise.
    pub group: Option<String>,
}

impl Slo {
    /// One of which nothing is said but what is counted and promised.
    #[must_use]
    pub fn new(name: impl Into<String>, asks: Asks, target_ppm: u32, window: Window) -> Slo {
        Slo {
            name: name.into(),
            service: None,
            asks,
            called: None,
            target_ppm,
            window,
            slices: None,
            minimum: None,
            rules: Vec::new(),
            severity: None,
            freeze_below_ppm: None,
            same_as: None,
            group: None,
        }
    }

    /// What is counted as bad, as it was configured.
    #[must_use]
    pub fn condition(&self) -> String {
        self.asks.condition()
    }

    /// The same objective had other events been bad: these besides, or these only.
    #[must_use]
    pub fn had_counted(&self, what: Written, only: bool) -> Slo {
        let mut slo = self.clone();
        slo.asks.had_counted(what, only);
        slo
    }
}

/// How a channel is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// A static page written into a directory.
    Page {
        /// The directory.
        dir: PathBuf,
        /// The title of the page.
        title: String,
    },
}

/// A channel as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// What it is called.
    pub name: String,
    /// How it is reached.
    pub kind: ChannelKind,
}

/// Reads every block of a section; one in which something is missing or wrong is left out, and the reader keeps why.
pub fn all<T>(
    reader: &mut Reader<'_>,
    top: &Rows<'_>,
    section: &'static Section,
    one: impl Fn(&mut Reader<'_>, &Rows<'_>, Option<String>) -> Option<T>,
) -> Vec<T> {
    let mut taken = BTreeMap::new();
    let mut read = Vec::new();
    for rows in reader.each(top, section) {
        let name = reader.name(&rows, &mut taken);
        read.extend(one(reader, &rows, name));
    }
    read
}

/// One `[[slo]]`. Everything is read before anything is given up, so that every mistake is told at once.
fn slo(
    reader: &mut Reader<'_>,
    rows: &Rows<'_>,
    name: Option<String>,
    backends: &[Backend],
) -> Option<(Slo, Option<Written>)> {
    let service = text(reader, rows, "service");
    let asks = asks::read(reader, rows, backends);
    let called = reader.label(rows, "called");
    let target_ppm = reader.share(rows, "target", amount::promise);
    let window = windows::window(reader, rows);
    let slices = windows::slices(reader, rows, window);
    let minimum = reader.count(rows, "minimum");
    let rules = conditions::read(reader, rows);
    let severity = reader.word(rows, "severity").and_then(Severity::parse);
    let freeze_below_ppm = reader.percent(rows, "freeze-below");
    let same = reader.text(rows, "same-as");
    let group = text(reader, rows, "group");
    let same_as = same.as_ref().map(|same| same.text.clone());
    let (name, target_ppm) = (name?, target_ppm?);
    let slo = Slo {
        name,
        service,
        asks: asks?,
        called,
        target_ppm,
        window: window?,
        slices: slices?,
        minimum,
        rules,
        severity,
        freeze_below_ppm,
        same_as,
        group,
    };
    Some((slo, same))
}

/// One `[[channel]]`.
pub fn channel(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>) -> Option<Channel> {
    reader.word(rows, "kind")?;
    let dir = reader.path(rows, "dir");
    let title = text(reader, rows, "title").unwrap_or_else(|| "Status".to_owned());
    Some(Channel { name: name?, kind: ChannelKind::Page { dir: dir?, title } })
}

fn text(reader: &mut Reader<'_>, rows: &Rows<'_>, key: &str) -> Option<String> {
    reader.text(rows, key).map(|written| written.text)
}

/// Everything that may stand several times in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    /// The query backends.
    pub backends: Vec<Backend>,
    /// The objectives.
    pub slos: Vec<Slo>,
    /// The sources of changes.
    pub changes: Vec<ChangeSource>,
    /// The providers of switches.
    pub providers: Vec<Provider>,
    /// The switches.
    pub switches: Vec<Switch>,
    /// What is stopped together.
    pub plans: Vec<SwitchPlan>,
    /// The probes.
    pub probes: Vec<Probe>,
    /// The channels.
    pub channels: Vec<Channel>,
}

/// The blocks, read from the top of a file.
pub fn read(reader: &mut Reader<'_>, top: &Rows<'_>) -> Blocks {
    let backends = all(reader, top, &options::BACKEND, backends::read);
    let read = all(reader, top, &options::SLO, |reader, rows, name| slo(reader, rows, name, &backends));
    for (slo, same) in &read {
        let others = read.iter().map(|(other, _)| other.name.as_str()).filter(|name| *name != slo.name);
        if let Some(same) = same.as_ref().filter(|same| !others.clone().any(|name| name == same.text)) {
            let what = format!("there is no other [[slo]] `{}`", shown(&same.text));
            reader.troubles.push(same.trouble(what, known_instead(&same.text, others)));
        }
    }
    let slos: Vec<Slo> = read.into_iter().map(|(slo, _)| slo).collect();
    let changes =
        all(reader, top, &options::CHANGES, |reader, rows, name| changes::read(reader, rows, name, &backends));
    let providers = all(reader, top, &options::PROVIDER, providers::read);
    let switches =
        all(reader, top, &options::SWITCH, |reader, rows, name| switches::read(reader, rows, name, &providers));
    let plans = all(reader, top, &options::PLAN, |reader, rows, name| plans::read(reader, rows, name, &switches));
    let probes =
        all(reader, top, &options::PROBE, |reader, rows, name| probes::read(reader, rows, name, &slos, &switches));
    let channels = all(reader, top, &options::CHANNEL, channel);
    Blocks { backends, slos, changes, providers, switches, plans, probes, channels }
}

//! What may be configured several times: backends, objectives, switches, channels. It must not know how any of them is asked, stopped or told.

use super::asks::{self, Asks};
use super::backends::{self, Backend};
use super::changes::{self, ChangeSource};
use super::options::{self, Section};
use super::read::{Reader, Rows, Written};
use crate::incident::time::{HOUR, Span};
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
    /// The promised share of good events in integers per million.
    pub target_ppm: u32,
    /// The rolling time the promise is about, in microseconds.
    pub window: Span,
    /// How many events have to fail before a condition holds.
    pub minimum: Option<u64>,
    /// The field that tells apart what shares this promise.
    pub group: Option<String>,
}

impl Slo {
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

/// How a switch is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchKind {
    /// A flag in a flagd flag file of this machine.
    Flagd {
        /// The flag file.
        file: PathBuf,
        /// The flag.
        flag: String,
        /// The variant that is served after a stop.
        stop: String,
    },
}

/// A switch as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// What it is called; typed to confirm a stop that matters.
    pub name: String,
    /// How it is reached.
    pub kind: SwitchKind,
    /// Where it acts, in the person's own word.
    pub environment: String,
    /// A stop for everybody needs the name typed in full.
    pub critical: bool,
    /// What happens to whom when it is stopped.
    pub note: Option<String>,
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
fn slo(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>, backends: &[Backend]) -> Option<Slo> {
    let service = text(reader, rows, "service");
    let asks = asks::read(reader, rows, backends);
    let called = reader.label(rows, "called");
    let target_ppm = reader.percent(rows, "target");
    let window = reader.length(rows, "window", "1h", "400d").unwrap_or(Span(30 * 24 * HOUR));
    let minimum = reader.count(rows, "minimum");
    let group = text(reader, rows, "group");
    Some(Slo { name: name?, service, asks: asks?, called, target_ppm: target_ppm?, window, minimum, group })
}

/// One `[[switch]]`.
pub fn switch(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>) -> Option<Switch> {
    // the only kind there is; the reader has refused every other
    reader.word(rows, "kind")?;
    let file = reader.path(rows, "file");
    let flag = text(reader, rows, "flag");
    let stop = text(reader, rows, "stop");
    let environment = text(reader, rows, "environment").unwrap_or_else(|| "production".to_owned());
    let critical = reader.switch(rows, "critical").unwrap_or(false);
    let note = text(reader, rows, "note");
    let kind = SwitchKind::Flagd { file: file?, flag: flag?, stop: stop? };
    Some(Switch { name: name?, kind, environment, critical, note })
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
    /// The switches.
    pub switches: Vec<Switch>,
    /// The channels.
    pub channels: Vec<Channel>,
}

/// The blocks, read from the top of a file.
pub fn read(reader: &mut Reader<'_>, top: &Rows<'_>) -> Blocks {
    let backends = all(reader, top, &options::BACKEND, backends::read);
    let slos = all(reader, top, &options::SLO, |reader, rows, name| slo(reader, rows, name, &backends));
    let changes =
        all(reader, top, &options::CHANGES, |reader, rows, name| changes::read(reader, rows, name, &backends));
    let switches = all(reader, top, &options::SWITCH, switch);
    let channels = all(reader, top, &options::CHANNEL, channel);
    Blocks { backends, slos, changes, switches, channels }
}

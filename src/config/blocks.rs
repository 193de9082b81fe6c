//! What may be configured several times: objectives, switches, channels. It must not know how any of them is asked, stopped or told.

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
    /// A file of events or a directory of them.
    pub events: PathBuf,
    /// Which events break the promise: a filter, as text, not yet understood.
    pub bad: Written,
    /// What the chart and the record call such an event: one word.
    pub called: Option<String>,
    /// Which events count at all: a filter, as text, not yet understood; all of them without it.
    pub valid: Option<Written>,
    /// The promised share of good events in integers per million.
    pub target_ppm: u32,
    /// The rolling time the promise is about, in microseconds.
    pub window: Span,
    /// The field that tells apart what shares this promise.
    pub group: Option<String>,
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
pub fn slo(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>) -> Option<Slo> {
    let events = reader.path(rows, "events");
    let bad = reader.text(rows, "bad");
    let called = reader.label(rows, "called");
    let valid = reader.text(rows, "valid");
    let target_ppm = reader.percent(rows, "target");
    let window = reader.length(rows, "window", "1h", "400d").unwrap_or(Span(30 * 24 * HOUR));
    let group = text(reader, rows, "group");
    Some(Slo { name: name?, events: events?, bad: bad?, called, valid, target_ppm: target_ppm?, window, group })
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

/// The three kinds of blocks, read from the top of a file.
pub fn read(reader: &mut Reader<'_>, top: &Rows<'_>) -> (Vec<Slo>, Vec<Switch>, Vec<Channel>) {
    let slos = all(reader, top, &options::SLO, slo);
    let switches = all(reader, top, &options::SWITCH, switch);
    let channels = all(reader, top, &options::CHANNEL, channel);
    (slos, switches, channels)
}

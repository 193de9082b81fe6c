//! What may be configured several times: backends, objectives, switches, channels. It must not know how any of them is asked, stopped or told.

use super::options::{self, Section};
use super::read::{Reader, Rows, Written};
use super::secret::SecretRef;
use super::trouble::known_instead;
use crate::incident::time::{HOUR, MINUTE, Span};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A service level objective as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slo {
    /// What it is called.
    pub name: String,
    /// Who is asked what.
    pub asks: Asks,
    /// What the chart and the record call an event that breaks the promise: one word.
    pub called: Option<String>,
    /// The promised share of good events in integers per million.
    pub target_ppm: u32,
    /// The rolling time the promise is about, in microseconds.
    pub window: Span,
    /// The field that tells apart what shares this promise.
    pub group: Option<String>,
}

/// Who is asked what about an objective. Texts are not yet understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Event files of this machine.
    Events {
        /// A file of events or a directory of them.
        path: PathBuf,
        /// Which events break the promise: a filter.
        bad: Written,
        /// Which events count at all: a filter; all of them without it.
        valid: Option<Written>,
    },
    /// A backend that speaks Prometheus' query language.
    Prometheus {
        /// The backend's name.
        backend: Written,
        /// A counter, or a query, of all events that count.
        total: Written,
        /// The same of those that broke the promise, or of the others.
        part: Part,
        /// The same of events that are counted as bad besides, when somebody asks what would have been.
        also: Option<Written>,
    },
}

/// Which part of the events is counted beside all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those that broke the promise.
    Bad(Written),
    /// Those that kept it.
    Good(Written),
}

impl Slo {
    /// What is counted as bad, as it was configured.
    #[must_use]
    pub fn condition(&self) -> String {
        match &self.asks {
            Asks::Events { bad, .. } => bad.text.clone(),
            Asks::Prometheus { part, also, .. } => {
                let also = also.as_ref().map(|also| format!(" and {}", also.text)).unwrap_or_default();
                match part {
                    Part::Bad(bad) => format!("{}{also}", bad.text),
                    Part::Good(good) => format!("not {}{also}", good.text),
                }
            }
        }
    }

    /// The same objective had other events been bad: these besides, or these only.
    #[must_use]
    pub fn had_counted(&self, what: Written, only: bool) -> Slo {
        let mut slo = self.clone();
        match &mut slo.asks {
            Asks::Events { bad, .. } if only => *bad = what,
            Asks::Events { bad, .. } => bad.text = format!("({}) or ({})", bad.text, what.text),
            Asks::Prometheus { part, also, .. } if only => (*part, *also) = (Part::Bad(what), None),
            Asks::Prometheus { also, .. } => *also = Some(what),
        }
        slo
    }
}

/// How a query backend is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendKind {
    /// Prometheus' HTTP API.
    Prometheus {
        /// Which relative it is, of [`options::FLAVOURS`].
        flavour: &'static str,
        /// Whose data.
        tenant: Option<String>,
        /// How often it scrapes.
        interval: Span,
    },
}

/// How somebody shows who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Login {
    /// They do not.
    #[default]
    Nobody,
    /// By a token.
    Token(SecretRef),
    /// By a name and a password.
    Password(String, SecretRef),
}

/// A query backend as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// What it is called.
    pub name: String,
    /// How it is reached.
    pub kind: BackendKind,
    /// Where it is, without a slash at its end.
    pub url: String,
    /// Who asks.
    pub login: Login,
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
    let asks = asks(reader, rows);
    let called = reader.label(rows, "called");
    let target_ppm = reader.percent(rows, "target");
    let window = reader.length(rows, "window", "1h", "400d").unwrap_or(Span(30 * 24 * HOUR));
    let group = text(reader, rows, "group");
    Some(Slo { name: name?, asks: asks?, called, target_ppm: target_ppm?, window, group })
}

/// Whom an objective asks: event files or a backend, with what belongs to the one and not to the other.
fn asks(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Option<Asks> {
    let path = reader.path(rows, "events");
    let [backend, bad, good, total, valid] =
        ["backend", "bad", "good", "total", "valid"].map(|key| reader.text(rows, key));
    let misplaced = |written: &Option<Written>, what: &str, next: &str| {
        written.iter().map(|written| written.trouble(what, next)).collect::<Vec<_>>()
    };
    match (rows.has("events"), backend) {
        (true, Some(backend)) => {
            let what = "both event files and a backend are named";
            reader.troubles.push(backend.trouble(what, "Keep `events` or `backend`"));
            None
        }
        (false, None) => {
            if !rows.has("backend") {
                reader.lacks(rows, "events");
            }
            None
        }
        (true, None) => {
            for (written, key) in [(&good, "good"), (&total, "total")] {
                let what = format!("`slo.{key}` belongs to a backend, and event files are named");
                reader.troubles.extend(misplaced(written, &what, "Say what is bad, and what is valid, as filters"));
            }
            if !rows.has("bad") {
                reader.lacks(rows, "bad");
            }
            Some(Asks::Events { path: path?, bad: bad?, valid })
        }
        (false, Some(backend)) => {
            let what = "`slo.valid` belongs to event files, and a backend is named";
            reader.troubles.extend(misplaced(&valid, what, "Count with `total` what is valid"));
            if !rows.has("total") {
                reader.lacks(rows, "total");
            }
            let part = match (bad, good) {
                (Some(_), Some(good)) => {
                    let what = "both the bad and the good events are named";
                    reader
                        .troubles
                        .push(good.trouble(what, "Keep `bad` or `good`; the other is what remains of `total`"));
                    None
                }
                (Some(bad), None) => Some(Part::Bad(bad)),
                (None, Some(good)) => Some(Part::Good(good)),
                (None, None) => {
                    if !rows.has("bad") && !rows.has("good") {
                        reader.lacks(rows, "bad");
                    }
                    None
                }
            };
            Some(Asks::Prometheus { backend, total: total?, part: part?, also: None })
        }
    }
}

/// One `[[backend]]`.
pub fn backend(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>) -> Option<Backend> {
    reader.word(rows, "kind")?;
    let url = reader.address(rows, "url");
    let token = reader.secret(rows, "token");
    let (user, password) = (reader.text(rows, "user"), reader.secret(rows, "password"));
    let tenant = text(reader, rows, "tenant");
    let flavour = reader.word(rows, "flavour").unwrap_or("auto");
    let interval = reader.length(rows, "interval", "1s", "10m").unwrap_or(Span(MINUTE));
    let login = match (token, user, password) {
        (Some(_), Some(user), _) => {
            reader.troubles.push(user.trouble("a token and a user are named", "Keep one of them"));
            return None;
        }
        (Some(token), None, _) => Login::Token(token),
        (None, Some(user), Some(password)) => Login::Password(user.text, password),
        (None, Some(_), None) => {
            reader.lacks(rows, "password");
            return None;
        }
        (None, None, Some(_)) => {
            reader.lacks(rows, "user");
            return None;
        }
        (None, None, None) => Login::Nobody,
    };
    Some(Backend { name: name?, kind: BackendKind::Prometheus { flavour, tenant, interval }, url: url?, login })
}

/// Every objective that asks a backend must name one that is there.
fn known(reader: &mut Reader<'_>, backends: &[Backend], slos: &mut Vec<Slo>) {
    slos.retain(|slo| {
        let Asks::Prometheus { backend, .. } = &slo.asks else { return true };
        let names = backends.iter().map(|known| known.name.as_str());
        let there = names.clone().any(|name| name == backend.text);
        if !there {
            let what = format!("there is no [[backend]] `{}`", super::trouble::shown(&backend.text));
            let next =
                if backends.is_empty() { "Add a [[backend]]".into() } else { known_instead(&backend.text, names) };
            reader.troubles.push(backend.trouble(what, next));
        }
        there
    });
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
    /// The switches.
    pub switches: Vec<Switch>,
    /// The channels.
    pub channels: Vec<Channel>,
}

/// The blocks, read from the top of a file.
pub fn read(reader: &mut Reader<'_>, top: &Rows<'_>) -> Blocks {
    let backends = all(reader, top, &options::BACKEND, backend);
    let mut slos = all(reader, top, &options::SLO, slo);
    known(reader, &backends, &mut slos);
    let switches = all(reader, top, &options::SWITCH, switch);
    let channels = all(reader, top, &options::CHANNEL, channel);
    Blocks { backends, slos, switches, channels }
}

//! Sources of changes as configured: who says what changed in the world. It must not know how anybody is asked.

use super::backends::{Backend, BackendKind};
use super::read::{Reader, Rows, Written};
use super::switches::{Switch, SwitchKind};
use super::trouble::{known_instead, shown};
use std::path::PathBuf;

/// A source of changes as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSource {
    /// What it is called.
    pub name: String,
    /// Who is asked what.
    pub asks: ChangesFrom,
}

/// Who says what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangesFrom {
    /// A file with a change on each line, or a directory of such files.
    File(PathBuf),
    /// Markers of Honeycomb.
    Markers {
        /// The backend's name.
        backend: String,
        /// The dataset's slug, or `__all__`.
        dataset: String,
    },
    /// When a flag file was last written: nobody says what was changed in it.
    Written(PathBuf),
    /// The record that a provider keeps of a switch.
    Audit(Box<Switch>),
    /// Series of Prometheus that come and go.
    Series {
        /// The backend's name.
        backend: String,
        /// The query.
        query: String,
    },
}

impl ChangesFrom {
    /// The backend that is asked; none for files.
    #[must_use]
    pub fn backend(&self) -> Option<&str> {
        match self {
            ChangesFrom::File(_) | ChangesFrom::Written(_) | ChangesFrom::Audit(_) => None,
            ChangesFrom::Markers { backend, .. } | ChangesFrom::Series { backend, .. } => Some(backend),
        }
    }
}

/// What providers record about the switches that are theirs: nobody has to configure it.
pub fn audits(switches: &[Switch]) -> impl Iterator<Item = ChangeSource> {
    let theirs = switches.iter().filter(|switch| switch.provider().is_some());
    theirs.map(|switch| ChangeSource { name: switch.name.clone(), asks: ChangesFrom::Audit(Box::new(switch.clone())) })
}

/// The flag files of switches, once each, and which switches stand there: nobody has to configure that they are asked when they were written.
pub fn written(switches: &[Switch]) -> Vec<(ChangeSource, Vec<String>)> {
    let mut all: Vec<(ChangeSource, Vec<String>)> = Vec::new();
    for switch in switches {
        let SwitchKind::Flagd { file, .. } = &switch.kind else { continue };
        let asks = ChangesFrom::Written(file.clone());
        match all.iter_mut().find(|(source, _)| source.asks == asks) {
            Some((_, names)) => names.push(switch.name.clone()),
            None => {
                all.push((ChangeSource { name: format!("file of {}", switch.name), asks }, vec![switch.name.clone()]))
            }
        }
    }
    all
}

/// One `[[changes]]`.
pub fn read(
    reader: &mut Reader<'_>,
    rows: &Rows<'_>,
    name: Option<String>,
    backends: &[Backend],
) -> Option<ChangeSource> {
    let file = reader.path(rows, "file");
    let [backend, dataset, query] = ["backend", "dataset", "query"].map(|key| reader.text(rows, key));
    let asks = match (rows.has("file"), backend) {
        (true, Some(backend)) => {
            let what = "both a file and a backend are named";
            reader.troubles.push(backend.trouble(what, "Keep `file` or `backend`"));
            None
        }
        (true, None) => {
            foreign(reader, &[("dataset", &dataset), ("query", &query)], "a file");
            file.map(ChangesFrom::File)
        }
        (false, None) => {
            if !rows.has("backend") {
                reader.lacks(rows, "file");
            }
            None
        }
        (false, Some(backend)) => {
            let Some(known) = backends.iter().find(|known| known.name == backend.text) else {
                let what = format!("there is no [[backend]] `{}`", shown(&backend.text));
                let names = backends.iter().map(|known| known.name.as_str());
                let next =
                    if backends.is_empty() { "Add a [[backend]]".into() } else { known_instead(&backend.text, names) };
                reader.troubles.push(backend.trouble(what, next));
                return None;
            };
            match known.kind {
                BackendKind::Honeycomb { .. } => {
                    foreign(reader, &[("query", &query)], "Honeycomb");
                    needed(reader, rows, "dataset", dataset)
                        .map(|dataset| ChangesFrom::Markers { backend: backend.text, dataset })
                }
                BackendKind::Prometheus { .. } => {
                    foreign(reader, &[("dataset", &dataset)], "a backend of Prometheus' kind");
                    needed(reader, rows, "query", query)
                        .map(|query| ChangesFrom::Series { backend: backend.text, query })
                }
                BackendKind::ClickHouse { .. } => {
                    let what = "ClickHouse cannot be asked what changed";
                    let next = "Name a backend of Prometheus' or Honeycomb's kind, or a `file`";
                    reader.troubles.push(backend.trouble(what, next));
                    None
                }
            }
        }
    };
    Some(ChangeSource { name: name?, asks: asks? })
}

/// What was said under a key that belongs to somebody else.
fn foreign(reader: &mut Reader<'_>, said: &[(&str, &Option<Written>)], owner: &str) {
    for (key, written) in said {
        if let Some(written) = written {
            let what = format!("`changes.{key}` does not belong to {owner}");
            reader.troubles.push(written.trouble(what, "Take it away"));
        }
    }
}

fn needed(reader: &mut Reader<'_>, rows: &Rows<'_>, key: &str, written: Option<Written>) -> Option<String> {
    if !rows.has(key) {
        reader.lacks(rows, key);
    }
    written.map(|written| written.text)
}

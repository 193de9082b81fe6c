//! What an objective asks of whom, as configured. Texts are not yet understood; it must not know how anybody is asked.

use super::backends::{Backend, BackendKind};
use super::read::{Reader, Rows, Written};
use super::trouble::{known_instead, shown};
use std::path::PathBuf;

/// Who is asked what about an objective. Texts are not yet understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Event files of this machine.
    Events {
        /// A file of events or a directory of them.
        path: PathBuf,
        /// Which events break the promise, and which count at all.
        which: Which,
        /// Where whoever writes them says how far; only a drill's world does.
        told: Option<PathBuf>,
    },
    /// A backend.
    Backend {
        /// The backend's name.
        backend: Written,
        /// What it is asked.
        query: Query,
    },
}

/// Events told apart by filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Which {
    /// Those that break the promise, or those that keep it: then every other one that counts breaks it, also one that lacks what they have.
    pub part: Part,
    /// Those that count at all; all of them without it.
    pub valid: Option<Written>,
}

/// What a backend is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// In Prometheus' query language.
    Prometheus {
        /// A counter, or a query, of all events that count.
        total: Written,
        /// The same of those that broke the promise, or of the others.
        part: Part,
        /// The same of events that are counted as bad besides, when somebody asks what would have been.
        also: Option<Written>,
    },
    /// Of Honeycomb.
    Honeycomb {
        /// The dataset's slug, or `__all__`.
        dataset: String,
        /// Which events are bad.
        sli: Sli,
        /// The SLO there that says the same, by its id: a second opinion.
        slo: Option<String>,
        /// Events that are counted as bad besides, when somebody asks what would have been: a filter.
        also: Option<Written>,
    },
    /// Of ClickHouse.
    ClickHouse {
        /// The table, with its database's name before a dot if that is another one.
        table: String,
        /// The column of an event's time.
        time: Option<String>,
        /// The column of how many events one row stands for.
        weight: Option<String>,
        /// Which events are bad, and which count at all.
        which: Which,
    },
}

/// The table that OpenTelemetry's exporter writes, and what is promised of it when nothing else is said: requests that were served count, and those that
/// failed, were turned away for being too many, or ended in an error without an answer are bad. A status of *Error* alone says too little: a
/// server's span must not have it for what the client did wrong (OpenTelemetry, HTTP spans).
const TRACES: &str = "otel_traces";
const SERVED: &str = "span.kind in (\"Server\", \"SPAN_KIND_SERVER\")";
const FAILED: &str = "http.response.status_code >= 500 or http.response.status_code = 429 or \
     (http.response.status_code does-not-exist and span.status_code in (\"Error\", \"STATUS_CODE_ERROR\"))";

/// Which part of the events is counted beside all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Those that broke the promise.
    Bad(Written),
    /// Those that kept it.
    Good(Written),
}

/// How Honeycomb tells good events from bad ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sli {
    /// By a derived column: true is good, false is bad, and what has none does not count.
    Alias(Written),
    /// By the column of the SLO that is named.
    Theirs,
    /// By filters.
    Which(Which),
}

impl Asks {
    /// What is counted as bad, as it was configured.
    #[must_use]
    pub fn condition(&self) -> String {
        let (base, also) = match self {
            Asks::Events { which, .. } | Asks::Backend { query: Query::ClickHouse { which, .. }, .. } => {
                (which.condition(), &None)
            }
            Asks::Backend { query: Query::Prometheus { part, also, .. }, .. } => (
                match part {
                    Part::Bad(bad) => bad.text.clone(),
                    Part::Good(good) => format!("not {}", good.text),
                },
                also,
            ),
            Asks::Backend { query: Query::Honeycomb { sli, slo, also, .. }, .. } => (
                match sli {
                    Sli::Alias(alias) => format!("not {}", alias.text),
                    Sli::Theirs => format!("as SLO {}", slo.as_deref().unwrap_or_default()),
                    Sli::Which(which) => which.condition(),
                },
                also,
            ),
        };
        also.as_ref().map_or(base.clone(), |also| format!("{base} and {}", also.text))
    }

    /// Which events are read, as far as that can be told: who reads the same of the same says the same here. Of Prometheus it is the metric
    /// that all events are counted by, whatever labels are chosen.
    #[must_use]
    pub fn reads(&self) -> String {
        let Asks::Backend { backend, query } = self else {
            let Asks::Events { path, .. } = self else { return String::new() };
            return format!("events {}", path.display());
        };
        let what = match query {
            Query::Prometheus { total, .. } => total.text.split('{').next().unwrap_or_default().trim(),
            Query::Honeycomb { dataset, .. } => dataset,
            Query::ClickHouse { table, .. } => table,
        };
        format!("{} {what}", backend.text)
    }

    /// The query of all events that count, where that is one of its own.
    #[must_use]
    pub fn total(&self) -> Option<&str> {
        match self {
            Asks::Backend { query: Query::Prometheus { total, .. }, .. } => Some(&total.text),
            Asks::Backend { .. } | Asks::Events { .. } => None,
        }
    }

    /// It is said what is good, not what is bad.
    #[must_use]
    pub fn names_good(&self) -> bool {
        match self {
            Asks::Events { which, .. }
            | Asks::Backend {
                query: Query::ClickHouse { which, .. } | Query::Honeycomb { sli: Sli::Which(which), .. },
                ..
            } => which.part.is_good(),
            Asks::Backend { query: Query::Prometheus { part, .. }, .. } => part.is_good(),
            Asks::Backend { query: Query::Honeycomb { sli, .. }, .. } => matches!(sli, Sli::Alias(_)),
        }
    }

    /// What is counted is said by filters of ours.
    #[must_use]
    pub fn takes_filters(&self) -> bool {
        !matches!(self, Asks::Backend { query: Query::Prometheus { .. }, .. })
    }

    /// Counts other events as bad: these besides, or these only.
    pub fn had_counted(&mut self, what: Written, only: bool) {
        match self {
            Asks::Events { which, .. } | Asks::Backend { query: Query::ClickHouse { which, .. }, .. } => {
                which.had_counted(what, only);
            }
            Asks::Backend { query: Query::Prometheus { part, also, .. }, .. } if only => {
                (*part, *also) = (Part::Bad(what), None);
            }
            // what is good is asked as it is, and others besides
            Asks::Backend { query: Query::Honeycomb { sli: Sli::Which(which), .. }, .. }
                if only || !which.part.is_good() =>
            {
                which.had_counted(what, only);
            }
            Asks::Backend { query: Query::Honeycomb { sli, also, .. }, .. } if only => {
                (*sli, *also) = (Sli::Which(Which { part: Part::Bad(what), valid: None }), None);
            }
            Asks::Backend { query: Query::Prometheus { also, .. } | Query::Honeycomb { also, .. }, .. } => {
                *also = Some(what);
            }
        }
    }
}

impl Part {
    /// What was configured.
    #[must_use]
    pub fn written(&self) -> &Written {
        let (Part::Bad(written) | Part::Good(written)) = self;
        written
    }

    /// It says what is good.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self, Part::Good(_))
    }
}

impl Which {
    /// What is bad, as a filter.
    fn condition(&self) -> String {
        match &self.part {
            Part::Bad(bad) => bad.text.clone(),
            Part::Good(good) => format!("not ({})", good.text),
        }
    }

    fn had_counted(&mut self, what: Written, only: bool) {
        let text = if only { what.text } else { format!("({}) or ({})", self.condition(), what.text) };
        let place = if only { what.place } else { self.part.written().place.clone() };
        self.part = Part::Bad(Written { text, place, key: what.key });
    }
}

/// What stands in an `[[slo]]` about counting, each where it belongs to somebody.
struct Said {
    bad: Option<Written>,
    good: Option<Written>,
    total: Option<Written>,
    valid: Option<Written>,
    dataset: Option<Written>,
    sli: Option<Written>,
    slo: Option<Written>,
    table: Option<Written>,
    time: Option<Written>,
    weight: Option<Written>,
}

impl Said {
    /// What was said under any other key than an owner's belongs to somebody else.
    fn only(&self, reader: &mut Reader<'_>, keys: &[&str], owner: &str, next: &str) {
        let all = [
            ("bad", &self.bad),
            ("good", &self.good),
            ("total", &self.total),
            ("valid", &self.valid),
            ("dataset", &self.dataset),
            ("sli", &self.sli),
            ("slo-id", &self.slo),
            ("table", &self.table),
            ("time", &self.time),
            ("weight", &self.weight),
        ];
        for (key, written) in all {
            if let Some(written) = written.as_ref().filter(|_| !keys.contains(&key)) {
                reader.troubles.push(written.trouble(format!("`slo.{key}` does not belong to {owner}"), next));
            }
        }
    }
}

/// Whom an objective asks: event files or a backend, with what belongs to the one and not to the other.
pub fn read(reader: &mut Reader<'_>, rows: &Rows<'_>, backends: &[Backend]) -> Option<Asks> {
    let path = reader.path(rows, "events");
    let [backend, bad, good, total, valid, dataset, sli, slo] =
        ["backend", "bad", "good", "total", "valid", "dataset", "sli", "slo-id"].map(|key| reader.text(rows, key));
    let [table, time, weight] = ["table", "time", "weight"].map(|key| reader.text(rows, key));
    let said = Said { bad, good, total, valid, dataset, sli, slo, table, time, weight };
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
            let next = "Say what is bad or good, and what is valid, as filters";
            said.only(reader, &["bad", "good", "valid"], "event files", next);
            let which = which(reader, rows, (said.bad, said.good), said.valid);
            Some(Asks::Events { path: path?, which: which?, told: None })
        }
        (false, Some(backend)) => {
            let known = backends.iter().find(|known| known.name == backend.text);
            let Some(known) = known else {
                let what = format!("there is no [[backend]] `{}`", shown(&backend.text));
                let names = backends.iter().map(|known| known.name.as_str());
                let next =
                    if backends.is_empty() { "Add a [[backend]]".into() } else { known_instead(&backend.text, names) };
                reader.troubles.push(backend.trouble(what, next));
                return None;
            };
            let query = match known.kind {
                BackendKind::Prometheus { .. } => prometheus(reader, rows, said),
                BackendKind::Honeycomb { .. } => honeycomb(reader, rows, said),
                BackendKind::ClickHouse { .. } => clickhouse(reader, rows, said),
            };
            Some(Asks::Backend { backend, query: query? })
        }
    }
}

/// Which part of the events is named.
fn part(reader: &mut Reader<'_>, rows: &Rows<'_>, said: (Option<Written>, Option<Written>)) -> Option<Part> {
    match said {
        (Some(_), Some(good)) => {
            let what = "both the bad and the good events are named";
            let next = "Keep `bad` or `good`; the other is what remains of all that count";
            reader.troubles.push(good.trouble(what, next));
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
    }
}

fn which(
    reader: &mut Reader<'_>,
    rows: &Rows<'_>,
    said: (Option<Written>, Option<Written>),
    valid: Option<Written>,
) -> Option<Which> {
    Some(Which { part: part(reader, rows, said)?, valid })
}

fn prometheus(reader: &mut Reader<'_>, rows: &Rows<'_>, said: Said) -> Option<Query> {
    let next = "Count what is valid with `total`, and `bad` or `good` of it";
    said.only(reader, &["total", "bad", "good"], "a backend of Prometheus' kind", next);
    if !rows.has("total") {
        reader.lacks(rows, "total");
    }
    let part = part(reader, rows, (said.bad, said.good));
    Some(Query::Prometheus { total: said.total?, part: part?, also: None })
}

fn honeycomb(reader: &mut Reader<'_>, rows: &Rows<'_>, said: Said) -> Option<Query> {
    let next = "Name the derived column with `sli`, or say what is bad or good and valid as filters";
    said.only(reader, &["dataset", "sli", "bad", "good", "valid", "slo-id"], "Honeycomb", next);
    if !rows.has("dataset") {
        reader.lacks(rows, "dataset");
    }
    let sli = match (said.sli, said.bad, said.good, &said.slo) {
        (Some(_), Some(filter), ..) | (Some(_), None, Some(filter), _) => {
            let next = "Keep `sli`, or `bad` or `good`";
            reader.troubles.push(filter.trouble("both a column and a filter are named", next));
            return None;
        }
        (Some(alias), None, None, _) => Sli::Alias(alias),
        (None, None, None, Some(_)) => Sli::Theirs,
        (None, bad, good, _) => Sli::Which(which(reader, rows, (bad, good), said.valid)?),
    };
    Some(Query::Honeycomb { dataset: said.dataset?.text, sli, slo: said.slo.map(|slo| slo.text), also: None })
}

fn clickhouse(reader: &mut Reader<'_>, rows: &Rows<'_>, said: Said) -> Option<Query> {
    let keys = ["table", "time", "weight", "bad", "good", "valid"];
    said.only(reader, &keys, "ClickHouse", "Name the `table`, and say what is bad or good and valid as filters");
    if !rows.has("table") {
        reader.lacks(rows, "table");
    }
    let table = said.table?;
    let is_traces = table.text.rsplit('.').next() == Some(TRACES);
    let which = if is_traces && !rows.has("bad") && !rows.has("good") {
        let ready = |text: &str| Written { text: text.to_owned(), ..table.clone() };
        Which { part: Part::Bad(ready(FAILED)), valid: said.valid.or_else(|| Some(ready(SERVED))) }
    } else {
        which(reader, rows, (said.bad, said.good), said.valid)?
    };
    let text = |written: Option<Written>| written.map(|written| written.text);
    Some(Query::ClickHouse { table: table.text, time: text(said.time), weight: text(said.weight), which })
}

//! What a backend allows, and whether it answers at all and knows us: asked once, before it is needed. It must not count anything.

use super::super::{clock, login};
use super::alone;
use crate::config::backends::{Backend, BackendKind};
use crate::incident::impact::thousands;
use crate::incident::time::{HOUR, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::honeycomb::limit::Limits;
use crate::liaison::backends::{clickhouse, honeycomb, prometheus};
use crate::liaison::http::Body;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// How long it may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// What a kind of backend allows, in words.
#[must_use]
pub fn limits(kind: &BackendKind) -> String {
    let days = |micros: i64| (micros + HOUR) / (24 * HOUR);
    match kind {
        BackendKind::Prometheus { .. } => {
            format!(
                "asked for at most {} points at once, as far back as it keeps",
                thousands(prometheus::MOST.unsigned_abs())
            )
        }
        BackendKind::Honeycomb { .. } => format!(
            "at most {} runs a minute are started here, for all programs here together; queries reach {} days back, before that its SLO's history does",
            honeycomb::limit::RUNS,
            days(honeycomb::REACH)
        ),
        BackendKind::ClickHouse { .. } => {
            format!("a statement may run for {} s, as far back as the table goes", clickhouse::LONGEST.as_secs())
        }
    }
}

/// The limits of those who allow few runs, shared with every other program that writes them down in the same directory.
#[must_use]
pub fn shared(runs: &Path) -> Limits {
    Limits::shared(runs.to_owned(), || clock::real().0)
}

/// The same for a command that waits for its answer: it says on standard error that it waits for a turn.
#[must_use]
pub fn waiting(runs: &Path) -> Limits {
    shared(runs).telling(|wait| {
        let seconds = wait.as_seconds();
        // nobody is there to be told that nobody reads it
        let _ = writeln!(
            std::io::stderr(),
            "queued, {seconds} s: the backend lets a team run only so many queries a minute"
        );
    })
}

/// Asks a backend for the least that it says to whoever may ask it anything.
///
/// # Errors
/// Nobody answered, or they do not know us, or they failed.
pub fn reached(backend: &Backend, now: Time) -> Result<(), Trouble> {
    alone()?.block_on(async {
        let http = login::connect(backend).await?;
        let (path, body) = match &backend.kind {
            BackendKind::Prometheus { .. } => ("/api/v1/status/buildinfo", Body::Nothing),
            BackendKind::Honeycomb { .. } => ("/1/auth", Body::Nothing),
            BackendKind::ClickHouse { .. } => ("/", Body::Text { text: "SELECT 1".into(), pairs: Vec::new() }),
        };
        let reply = http.ask(path, body, DEADLINE).await?;
        match reply.status {
            // not every relative of Prometheus says what it is, nor every proxy before one
            400 | 404 | 405 if matches!(backend.kind, BackendKind::Prometheus { .. }) => Ok(()),
            // a wrong password has words of its own there, which its objectives say
            _ if matches!(backend.kind, BackendKind::ClickHouse { .. }) => Ok(()),
            _ => http.judged(reply, |_| None, now).map(drop),
        }
    })
}

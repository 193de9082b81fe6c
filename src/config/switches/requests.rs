//! A switch behind an HTTP interface as configured: what is sent for each act and what proves it. It must not know how anything is sent.

use super::super::read::{Reader, Rows, Written};
use super::super::secret::SecretRef;
use super::super::trouble::shown;
use super::text;

/// The ways in which something is changed over HTTP.
const METHODS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];
/// Header lines that are not a login's: the client writes them, or they say where a request ends.
const TAKEN: [&str; 8] = [
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "user-agent",
    "accept",
    "accept-encoding",
];

/// A request: its method, its path and its body, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// The path, from its slash on.
    pub path: String,
    /// JSON.
    pub body: Option<String>,
}

/// What reaches a part of the contexts, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The act.
    pub request: Request,
    /// The path that says how it stands.
    pub probe: String,
    /// Where in its JSON.
    pub pointer: Option<String>,
    /// What stands there when it is done.
    pub proof: String,
}

/// A switch behind an HTTP interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// Where, without a slash at its end.
    pub url: String,
    /// Who asks.
    pub token: Option<SecretRef>,
    /// The header that a token goes into as it is; none is `Authorization: Bearer`.
    pub header: Option<String>,
    /// Stops it.
    pub stop: Request,
    /// Restores it.
    pub restore: Option<Request>,
    /// Stops it for one.
    pub exclude: Option<Part>,
    /// Takes that back.
    pub include: Option<Request>,
    /// Serves a share.
    pub percent: Option<Part>,
    /// The path that says how it stands.
    pub probe: String,
    /// Where in its JSON.
    pub pointer: Option<String>,
    /// What stands there when it is stopped.
    pub stopped: String,
    /// What stands there when it is not.
    pub running: String,
}

/// Reads the keys of a switch of this kind. Everything is read before anything is given up.
pub fn web(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Option<Web> {
    let url = reader.address(rows, "url");
    let token = reader.secret(rows, "token");
    let header = header(reader, rows, "token-header", "token");
    let stop = request(reader, rows, "stop-request", "stop-body");
    let restore = request(reader, rows, "restore-request", "restore-body");
    let include = request(reader, rows, "include-request", "include-body");
    let probe = path(reader, rows, "probe-path");
    let pointer = text(reader, rows, "pointer");
    let exclude = exclude(reader, rows);
    let percent = percent(reader, rows, (probe.as_ref(), pointer.as_ref()));
    let stopped = text(reader, rows, "stopped");
    let running = text(reader, rows, "running");
    for key in ["url", "stop-request", "probe-path", "stopped", "running"].into_iter().filter(|key| !rows.has(key)) {
        reader.lacks(rows, key);
    }
    if rows.has("include-request") && !rows.has("exclude-request") {
        reader.lacks(rows, "exclude-request");
    }
    Some(Web {
        url: url?,
        token,
        header,
        stop: stop?,
        restore,
        exclude,
        include,
        percent,
        probe: probe?,
        pointer,
        stopped: stopped?,
        running: running?,
    })
}

/// The name of a header that takes a token as it is, for a token that is named.
pub fn header(reader: &mut Reader<'_>, rows: &Rows<'_>, key: &str, token: &str) -> Option<String> {
    let written = reader.text(rows, key)?;
    if !rows.has(token) {
        reader.lacks(rows, token);
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let small = written.text.to_ascii_lowercase();
    if small.bytes().all(is_name) && !TAKEN.contains(&small.as_str()) {
        return Some(small);
    }
    let what = format!("`{}` is `{}`, and no login goes there", written.key, shown(&written.text));
    reader.troubles.push(written.trouble(what, "Write the name of a header: \"PRIVATE-TOKEN\""));
    None
}

fn exclude(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Option<Part> {
    let request = request(reader, rows, "exclude-request", "exclude-body");
    let probe = path(reader, rows, "exclude-probe-path");
    let pointer = text(reader, rows, "exclude-pointer");
    let proof = text(reader, rows, "excluded");
    let own = ["exclude-body", "exclude-probe-path", "exclude-pointer", "excluded"];
    if !rows.has("exclude-request") {
        if own.iter().any(|key| rows.has(key)) {
            reader.lacks(rows, "exclude-request");
        }
        return None;
    }
    for key in ["exclude-probe-path", "excluded"].into_iter().filter(|key| !rows.has(key)) {
        reader.lacks(rows, key);
    }
    Some(Part { request: request?, probe: probe?, pointer, proof: proof? })
}

/// A share is read where the whole is, unless another place is named.
fn percent(
    reader: &mut Reader<'_>,
    rows: &Rows<'_>,
    (whole, within): (Option<&String>, Option<&String>),
) -> Option<Part> {
    let request = request(reader, rows, "percent-request", "percent-body");
    let own = path(reader, rows, "percent-probe-path");
    let pointer = text(reader, rows, "percent-pointer");
    let proof = text(reader, rows, "percent-shown").unwrap_or_else(|| "{percent}".to_owned());
    let others = ["percent-body", "percent-probe-path", "percent-pointer", "percent-shown"];
    if !rows.has("percent-request") {
        if others.iter().any(|key| rows.has(key)) {
            reader.lacks(rows, "percent-request");
        }
        return None;
    }
    let elsewhere = rows.has("percent-probe-path");
    let probe = if elsewhere { own } else { whole.cloned() };
    let pointer = pointer.or_else(|| within.filter(|_| !elsewhere).cloned());
    Some(Part { request: request?, probe: probe?, pointer, proof })
}

/// `POST /connectors/orders/pause`, and its body beside it.
fn request(reader: &mut Reader<'_>, rows: &Rows<'_>, key: &str, body: &str) -> Option<Request> {
    let written = reader.text(rows, key);
    let body = text(reader, rows, body);
    let written = written?;
    let (method, path) = written.text.split_once(' ').unwrap_or(("", &written.text));
    if !METHODS.contains(&method) {
        let what = format!("`switch.{key}` is `{}`", shown(&written.text));
        let next = "Write POST, PUT, PATCH or DELETE, a blank and a path: \"POST /jobs/7/pause\"";
        reader.troubles.push(written.trouble(what, next));
        return None;
    }
    if !slashed(reader, &written, path) {
        return None;
    }
    Some(Request { method: method.to_owned(), path: path.to_owned(), body })
}

fn path(reader: &mut Reader<'_>, rows: &Rows<'_>, key: &str) -> Option<String> {
    let written = reader.text(rows, key)?;
    slashed(reader, &written, &written.text).then(|| written.text.clone())
}

fn slashed(reader: &mut Reader<'_>, written: &Written, path: &str) -> bool {
    let fits = path.starts_with('/') && !path.contains(char::is_whitespace);
    if !fits {
        let what = format!("`{}` has no path that begins with a slash", written.key);
        reader.troubles.push(written.trouble(what, "Write the path after the address: \"/jobs/7/status\""));
    }
    fits
}

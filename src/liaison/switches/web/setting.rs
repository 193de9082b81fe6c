//! What is configured of a switch with an HTTP interface, and what is wrong with it. Pure. It must not know what is sent when.

use super::super::super::clean::clean;
use super::super::super::http::Method;
use super::template::{self, Filling};
use crate::incident::switch::{Share, Whom};

/// The longest text that is compared and shown, in characters.
const SHOWN: usize = 120;

/// A request as configured. In the path and the body `{reason}` is why, for an exclusion `{key}` whom, for a share `{percent}` how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where, after the address of the server.
    pub path: String,
    /// JSON, if anything.
    pub body: Option<String>,
}

/// Where a state is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Asked with `GET`; with the same places as a request.
    pub path: String,
    /// Where in the JSON that comes (RFC 6901); otherwise the whole answer is the text.
    pub pointer: Option<String>,
}

/// What reaches a part of the contexts, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The act.
    pub request: Request,
    /// What proves it.
    pub spot: Spot,
    /// What stands there when it is done; with the same places as a request.
    pub proof: String,
}

/// What excludes one context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The kind of contexts that it can tell apart: `customer`.
    pub kind: String,
    /// The act.
    pub part: Part,
    /// What takes it back.
    pub undo: Option<Request>,
}

/// What is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Stops.
    pub stop: Request,
    /// Restores.
    pub restore: Option<Request>,
    /// Excludes one.
    pub exclude: Option<Exclusion>,
    /// Lowers or raises the share.
    pub percent: Option<Part>,
    /// What proves that it is stopped, or is not.
    pub probe: Spot,
    /// What stands there when it is stopped.
    pub stopped: String,
    /// What stands there when it is not.
    pub running: String,
}

impl Part {
    /// What stands at its spot tells the share, whichever it is.
    pub(super) fn is_told(&self) -> bool {
        template::holds(&self.proof, "{percent}") && !template::holds(&self.spot.path, "{percent}")
    }

    /// The share that is told by what stands at its spot.
    pub(super) fn share(&self, seen: &str) -> Option<Share> {
        let (before, after) = self.proof.split_once("{percent}").filter(|_| self.is_told())?;
        Share::parse(seen.strip_prefix(before)?.strip_suffix(after)?)
    }
}

impl Request {
    /// `PUT /connectors/orders/pause`, without what stands behind a question mark.
    pub(super) fn words(&self, filling: &Filling<'_>) -> String {
        let path = template::path(&self.path, filling).unwrap_or_default();
        let method = match self.method {
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        };
        format!("{} {}", method, clean(path.split('?').next().unwrap_or_default(), SHOWN))
    }

    /// Path and body to be sent; none where something does not fit.
    pub(super) fn filled(&self, filling: &Filling<'_>) -> Option<(String, String)> {
        let body = self.body.as_deref().map_or(Some(String::new()), |body| template::body(body, filling))?;
        Some((template::path(&self.path, filling)?, body))
    }
}

/// A text as it is compared and shown.
pub(super) fn shown(text: &str) -> String {
    clean(text, SHOWN).into_owned()
}

/// What is wrong with what is configured.
///
/// # Errors
/// The first fault, as part of a sentence.
pub(super) fn faults(setting: &Setting) -> Result<(), String> {
    let whom = Whom { kind: "customer".into(), key: "acme".into() };
    let (nothing, one) = (Filling::default(), Filling { whom: Some(&whom), ..Filling::default() });
    let some = Filling { share: Some(Share::NOBODY), ..nothing };
    let request = |what: &str, request: &Request, filling: &Filling<'_>| {
        let fits = request.path.starts_with('/') && request.filled(filling).is_some();
        let why = "has a path without its slash, a body that is no JSON, or a place that is not filled there";
        if fits { Ok(()) } else { Err(format!("the request `{what}` {why}")) }
    };
    let spot = |what: &str, spot: &Spot, filling: &Filling<'_>| {
        let pointer = spot.pointer.as_deref().is_none_or(|pointer| pointer.is_empty() || pointer.starts_with('/'));
        let fits = spot.path.starts_with('/') && template::path(&spot.path, filling).is_some() && pointer;
        if fits {
            Ok(())
        } else {
            Err(format!("the {what} has a path or a pointer without its slash, or a place that is not filled there"))
        }
    };
    let part = |what: &str, part: &Part, filling: &Filling<'_>, place: &str| {
        request(what, &part.request, filling)?;
        spot(&format!("probe of `{what}`"), &part.spot, filling)?;
        let holds = |text: &str| template::holds(text, place);
        let sends = holds(&part.request.path) || part.request.body.as_deref().is_some_and(holds);
        let proves = holds(&part.proof) || holds(&part.spot.path);
        match (sends, proves, template::words(&part.proof, filling)) {
            (true, true, Some(_)) => Ok(()),
            _ => Err(format!("the request `{what}` or what proves it has no {place}")),
        }
    };
    request("stop", &setting.stop, &nothing)?;
    setting.restore.as_ref().map_or(Ok(()), |restore| request("restore", restore, &nothing))?;
    if let Some(exclude) = &setting.exclude {
        part("exclude", &exclude.part, &one, "{key}")?;
        exclude.undo.as_ref().map_or(Ok(()), |undo| request("undo", undo, &one))?;
    }
    setting.percent.as_ref().map_or(Ok(()), |percent| part("percent", percent, &some, "{percent}"))?;
    spot("probe", &setting.probe, &nothing)?;
    if shown(&setting.stopped) == shown(&setting.running) {
        return Err("`stopped` and `running` are the same".into());
    }
    Ok(())
}

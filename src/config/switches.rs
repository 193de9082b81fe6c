//! Switches as configured: how each is reached, what stopping means there, and what may be done with it. It must not know how any is flipped.

pub mod requests;

use super::providers::{Provider, ProviderKind};
use super::read::{Reader, Rows};
use super::secret::SecretRef;
use super::trouble::{known_instead, shown};
use crate::incident::second::Two;
use crate::incident::time::Span;
use crate::incident::ways::Ways;
use requests::web;
pub use requests::{Part, Request, Web};
use std::path::PathBuf;

/// How a switch is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchKind {
    /// A flag in a flagd flag file of this machine.
    Flagd {
        /// The flag file.
        file: PathBuf,
        /// The flag.
        flag: String,
        /// The variant that is served after a stop; none where a stop disables the flag, and each application serves its own default.
        stop: Option<String>,
        /// The variant that is served while nothing is stopped.
        restore: Option<String>,
    },
    /// A flag of Unleash.
    Unleash {
        /// Where.
        provider: Provider,
        /// The flag.
        flag: String,
        /// It stops what it guards while it is on.
        kills: bool,
    },
    /// A flag of LaunchDarkly.
    LaunchDarkly {
        /// Where.
        provider: Provider,
        /// The flag's key.
        flag: String,
        /// `off`, `on`, or a variation.
        stop: String,
    },
    /// Requests to anything with an HTTP interface.
    Http(Box<Web>),
    /// Programs.
    Command(Box<Programs>),
}

/// A switch that programs flip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// Says what is the case, in the first line of its output.
    pub probe: Vec<String>,
    /// Stops it.
    pub stop: Vec<String>,
    /// Restores it.
    pub restore: Vec<String>,
    /// Stops it for one.
    pub exclude: Option<Vec<String>>,
    /// Serves a share.
    pub percent: Option<Vec<String>>,
    /// What the probe says when it is stopped.
    pub stopped: String,
    /// What the probe says when it is not.
    pub running: String,
    /// The variables that they get beside the usual ones.
    pub env: Vec<String>,
    /// How long each may take.
    pub timeout: Span,
}

/// A server of the OpenFeature Remote Evaluation Protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ofrep {
    /// Where, without a slash at its end.
    pub url: String,
    /// Who asks.
    pub token: Option<SecretRef>,
    /// The header that a token goes into as it is; none is `Authorization: Bearer`.
    pub header: Option<String>,
}

/// How long one act takes at most on somebody else's machine, whatever becomes of each of its requests.
pub const REMOTE: Span = Span::seconds(45);

/// A switch as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// What it is called; typed to confirm a stop that matters.
    pub name: String,
    /// How it is reached.
    pub kind: SwitchKind,
    /// Where it acts, in the person's own word.
    pub environment: String,
    /// A stop for everybody needs the name typed in full; so it is in production unless the configuration says otherwise.
    pub critical: bool,
    /// What happens to whom when it is stopped.
    pub note: Option<String>,
    /// The kind of context that one can be excluded by.
    pub exclude_by: Option<String>,
    /// The field of the events that names such a context.
    pub field: Option<String>,
    /// A share may be served.
    pub percent: bool,
    /// Which acts need a second person.
    pub two: Two,
    /// Who is asked what applications are served.
    pub ofrep: Option<Ofrep>,
}

impl Switch {
    /// What must be given to confirm: environment and name.
    #[must_use]
    pub fn exact(&self) -> String {
        match self.environment.as_str() {
            "" => self.name.clone(),
            environment => format!("{environment}/{}", self.name),
        }
    }
    /// What an act finds of it is all of it: whoever puts that back takes back everything that came after it. Of requests each has a place of its own.
    #[must_use]
    pub fn keeps_all(&self) -> bool {
        !matches!(self.kind, SwitchKind::Http(_))
    }
    /// What decides about acts on it.
    #[must_use]
    pub fn ways(&self) -> Ways {
        let lasts = match &self.kind {
            SwitchKind::Flagd { .. } => None,
            SwitchKind::Unleash { .. } | SwitchKind::LaunchDarkly { .. } | SwitchKind::Http(_) => Some(REMOTE),
            // the probe before, the program, the probe after
            SwitchKind::Command(programs) => Some(Span(programs.timeout.0.saturating_mul(3))),
        };
        Ways { two: self.two, lasts }
    }
    /// The value, the state or the words that a stop leads to.
    #[must_use]
    pub fn stop(&self) -> &str {
        match &self.kind {
            SwitchKind::Flagd { stop, .. } => stop.as_deref().unwrap_or(OWN_DEFAULT),
            SwitchKind::LaunchDarkly { stop, .. } => stop,
            SwitchKind::Unleash { kills: true, .. } => "on",
            SwitchKind::Unleash { kills: false, .. } => "off",
            SwitchKind::Http(web) => &web.stopped,
            SwitchKind::Command(programs) => &programs.stopped,
        }
    }
    /// It can be restored although nobody stopped it here.
    #[must_use]
    pub fn restores(&self) -> bool {
        match &self.kind {
            SwitchKind::Flagd { stop, restore, .. } => stop.is_none() || restore.is_some(),
            SwitchKind::Unleash { .. } | SwitchKind::LaunchDarkly { .. } => true,
            SwitchKind::Http(web) => web.restore.is_some(),
            SwitchKind::Command(_) => true,
        }
    }
    /// Somebody can ask as clients do what they are served.
    #[must_use]
    pub fn observes(&self) -> bool {
        self.provider().is_some() || self.ofrep.is_some()
    }
    /// It is on this machine: it costs nobody anything to look again.
    #[must_use]
    pub fn is_near(&self) -> bool {
        matches!(self.kind, SwitchKind::Flagd { .. })
    }
    /// Its provider puts something back by itself at a time.
    #[must_use]
    pub fn schedules(&self) -> bool {
        matches!(self.kind, SwitchKind::LaunchDarkly { .. })
    }
    /// Its provider has approvers who can be asked.
    #[must_use]
    pub fn requests(&self) -> bool {
        matches!(self.kind, SwitchKind::LaunchDarkly { .. } | SwitchKind::Unleash { .. })
    }
    /// What its provider's record calls it; none where nobody keeps one.
    #[must_use]
    pub fn audited(&self) -> Option<String> {
        match &self.kind {
            SwitchKind::Unleash { provider, flag, .. } | SwitchKind::LaunchDarkly { provider, flag, .. } => {
                Some(format!("{flag} in {}", provider.environment))
            }
            SwitchKind::Flagd { .. } | SwitchKind::Http(_) | SwitchKind::Command(_) => None,
        }
    }
    /// Its provider, where it is somebody else's machine.
    #[must_use]
    pub fn provider(&self) -> Option<&Provider> {
        match &self.kind {
            SwitchKind::Unleash { provider, .. } | SwitchKind::LaunchDarkly { provider, .. } => Some(provider),
            SwitchKind::Flagd { .. } | SwitchKind::Http(_) | SwitchKind::Command(_) => None,
        }
    }
}

/// What applications serve of a flag that is disabled.
const OWN_DEFAULT: &str = "the application's own default";
/// How long a program may take when nobody says.
const TIMEOUT: Span = Span::seconds(30);
/// Keys that belong to switches of one kind; `stopped` and `running` belong to those with a probe.
const OWN: [(&str, &[&str]); 5] = [
    ("flagd", &["file", "restore", "stop-disables"]),
    ("unleash", &[]),
    ("launchdarkly", &[]),
    (
        "http",
        &[
            "url",
            "token",
            "token-header",
            "stop-request",
            "stop-body",
            "restore-request",
            "restore-body",
            "exclude-request",
            "exclude-body",
            "exclude-probe-path",
            "exclude-pointer",
            "excluded",
            "include-request",
            "include-body",
            "percent-request",
            "percent-body",
            "percent-probe-path",
            "percent-pointer",
            "percent-shown",
            "probe-path",
            "pointer",
        ],
    ),
    (
        "command",
        &["stop-command", "restore-command", "probe-command", "exclude-command", "percent-command", "env", "timeout"],
    ),
];

/// One `[[switch]]`. Everything is read before anything is given up, so that every mistake is told at once.
pub fn read(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>, providers: &[Provider]) -> Option<Switch> {
    let kind = reader.word(rows, "kind")?;
    for (owner, keys) in OWN.iter().filter(|(owner, _)| *owner != kind) {
        for key in keys.iter().filter(|key| rows.has(key)) {
            reader.misplaced(
                rows,
                key,
                format!("`switch.{key}` belongs to switches of the kind {owner}"),
                "Take it away",
            );
        }
    }
    let environment = text(reader, rows, "environment").unwrap_or_else(|| "production".to_owned());
    // a switch that nobody thought about is not taken for one that may be stopped for everybody by any word
    let is_production = ["production", "prod"].contains(&environment.to_lowercase().as_str());
    let critical = reader.switch(rows, "critical").unwrap_or(is_production);
    let note = text(reader, rows, "note");
    let exclude_by = text(reader, rows, "exclude-by");
    if let Some(kind) = exclude_by.as_ref().filter(|kind| kind.contains(':')) {
        let what = format!("`switch.exclude-by` is `{}`, and a kind of context has no colon", shown(kind));
        reader.misplaced(rows, "exclude-by", what, "Write the kind alone: \"customer\"");
    }
    let field = text(reader, rows, "field");
    let percent = reader.switch(rows, "percent").unwrap_or(false);
    let two = match reader.word(rows, "two-people") {
        Some("always") => Two::Always,
        Some("widening") => Two::Widening,
        _ => Two::Never,
    };
    let ofrep = reader.address(rows, "ofrep");
    let token = reader.secret(rows, "ofrep-token");
    let header = requests::header(reader, rows, "ofrep-token-header", "ofrep-token");
    let ofrep = ofrep.map(|url| Ofrep { url, token, header });
    can(reader, rows, kind, (exclude_by.is_some(), percent));
    let kind = match kind {
        "flagd" => flagd(reader, rows),
        "http" => web(reader, rows).map(|web| SwitchKind::Http(Box::new(web))),
        "command" => programs(reader, rows).map(|programs| SwitchKind::Command(Box::new(programs))),
        kind => flag(reader, rows, kind, providers),
    };
    Some(Switch { name: name?, kind: kind?, environment, critical, note, exclude_by, field, percent, two, ofrep })
}

/// What is offered for a part of the contexts can be done, and what can be done is offered: it would be refused in the middle of an incident.
fn can(reader: &mut Reader<'_>, rows: &Rows<'_>, kind: &str, (excludes, shares): (bool, bool)) {
    let (one, share) = match kind {
        "http" => ("exclude-request", "percent-request"),
        "command" => ("exclude-command", "percent-command"),
        _ => return,
    };
    for (offered, is_offered, done) in [("exclude-by", excludes, one), ("percent", shares, share)] {
        match (is_offered, rows.has(done)) {
            (true, false) => reader.lacks(rows, done),
            // what was taken away on purpose is not missing
            (false, true) if !rows.has(offered) => reader.lacks(rows, offered),
            _ => {}
        }
    }
}

fn flagd(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Option<SwitchKind> {
    let file = reader.path(rows, "file");
    let flag = text(reader, rows, "flag");
    let stop = text(reader, rows, "stop");
    let restore = text(reader, rows, "restore");
    let disables = reader.switch(rows, "stop-disables").unwrap_or(false);
    let needed: &[&str] = if disables { &["file", "flag"] } else { &["file", "flag", "stop"] };
    for key in needed.iter().filter(|key| !rows.has(key)) {
        reader.lacks(rows, key);
    }
    for key in ["stop", "restore", "exclude-by", "percent"].into_iter().filter(|key| disables && rows.has(key)) {
        let what =
            format!("`switch.{key}` does not go with `stop-disables`: a flag that is disabled serves no variant");
        reader.misplaced(rows, key, what, "Take one of them away");
    }
    let stop = if disables { None } else { Some(stop?) };
    Some(SwitchKind::Flagd { file: file?, flag: flag?, stop, restore })
}

fn flag(reader: &mut Reader<'_>, rows: &Rows<'_>, kind: &str, providers: &[Provider]) -> Option<SwitchKind> {
    let named = reader.text(rows, "provider");
    let flag = text(reader, rows, "flag");
    let stop = reader.text(rows, "stop");
    for key in ["provider", "flag"].into_iter().filter(|key| !rows.has(key)) {
        reader.lacks(rows, key);
    }
    let named = named?;
    let fitting = || providers.iter().filter(|provider| provider.kind.word() == kind);
    let Some(provider) = fitting().find(|provider| provider.name == named.text) else {
        let what = format!("there is no [[provider]] `{}` of the kind {kind}", shown(&named.text));
        let next = match fitting().next() {
            None => format!("Add a [[provider]] with kind = \"{kind}\""),
            Some(_) => known_instead(&named.text, fitting().map(|provider| provider.name.as_str())),
        };
        reader.troubles.push(named.trouble(what, next));
        return None;
    };
    let stop_word = stop.as_ref().map_or("off", |stop| stop.text.as_str());
    match &provider.kind {
        ProviderKind::LaunchDarkly => {
            Some(SwitchKind::LaunchDarkly { provider: provider.clone(), flag: flag?, stop: stop_word.to_owned() })
        }
        ProviderKind::Unleash { .. } => {
            if let Some(stop) = stop.as_ref().filter(|stop| !["off", "on"].contains(&stop.text.as_str())) {
                let what = format!("`switch.stop` is `{}`, and a flag of Unleash is off or on", shown(&stop.text));
                reader.troubles.push(stop.trouble(what, "Write \"off\", or \"on\" for a kill switch"));
                return None;
            }
            Some(SwitchKind::Unleash { provider: provider.clone(), flag: flag?, kills: stop_word == "on" })
        }
    }
}

fn programs(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Option<Programs> {
    let stop = reader.texts(rows, "stop-command");
    let restore = reader.texts(rows, "restore-command");
    let probe = reader.texts(rows, "probe-command");
    let exclude = reader.texts(rows, "exclude-command");
    let percent = reader.texts(rows, "percent-command");
    let env = reader.texts(rows, "env").unwrap_or_default();
    let timeout = reader.length(rows, "timeout", "1s", "10m").unwrap_or(TIMEOUT);
    let stopped = text(reader, rows, "stopped");
    let running = text(reader, rows, "running");
    let needed = ["stop-command", "restore-command", "probe-command", "stopped", "running"];
    for key in needed.into_iter().filter(|key| !rows.has(key)) {
        reader.lacks(rows, key);
    }
    let holds =
        |argv: &Option<Vec<String>>, place: &str| argv.as_ref().is_none_or(|a| a.iter().any(|one| one == place));
    for (key, argv, place) in [("exclude-command", &exclude, "{key}"), ("percent-command", &percent, "{percent}")] {
        if !holds(argv, place) {
            let what = format!("`switch.{key}` has no argument {place}");
            reader.misplaced(
                rows,
                key,
                what,
                "Put it where the context or the share belongs, as an argument of its own",
            );
        }
    }
    let (stop, restore, probe) = (stop?, restore?, probe?);
    Some(Programs { probe, stop, restore, exclude, percent, stopped: stopped?, running: running?, env, timeout })
}

fn text(reader: &mut Reader<'_>, rows: &Rows<'_>, key: &str) -> Option<String> {
    reader.text(rows, key).map(|written| written.text)
}

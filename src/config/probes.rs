//! Probes as configured: who is asked what, and what is wanted of the answer. It must not know how anybody is asked.

use super::blocks::Slo;
use super::read::{Reader, Rows, Written};
use super::secret::SecretRef;
use super::switches::{Switch, requests};
use super::trouble::{known_instead, shown};
use crate::incident::scope;
use crate::incident::time::{MINUTE, SECOND, Span};
use std::path::PathBuf;

/// How long an answer may take when nobody says.
const TIMEOUT: Span = Span(10 * SECOND);
/// Which events a query looks at when nobody says.
const WITHIN: Span = Span(10 * MINUTE);

/// A probe as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it is called.
    pub name: String,
    /// The place, or the pattern of places, that it speaks for.
    pub scope: String,
    /// What it is an angle of; its own subject without one.
    pub subject: Option<String>,
    /// What it means when it is green, in the person's words.
    pub says: Option<String>,
    /// Who is asked what.
    pub asks: ProbeAsks,
    /// How long an answer may take.
    pub timeout: Span,
    /// It is asked once more when what it is about has served for so long.
    pub soak: Option<Span>,
    /// The switch that is stopped when it is red then.
    pub trips: Option<String>,
}

/// Who is asked what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeAsks {
    /// An address of the web.
    Http {
        /// The address.
        url: String,
        /// The status that is wanted.
        status: u16,
        /// The value in a JSON answer that is wanted.
        value: Option<(String, String)>,
        /// The text that is wanted somewhere in the answer.
        contains: Option<String>,
        /// The header that says who asks; `Authorization: Bearer` without one.
        header: Option<String>,
        /// Who asks.
        token: Option<SecretRef>,
    },
    /// A program, which says yes by ending with 0.
    Command {
        /// The program and its arguments.
        argv: Vec<String>,
        /// The directory it starts in.
        directory: Option<PathBuf>,
        /// The variables it gets beside the usual ones.
        env: Vec<String>,
    },
    /// The events of an objective.
    Query {
        /// The objective; none is every one of them, where none may burn.
        slo: Option<String>,
        /// What is wanted of them.
        wants: Wants,
    },
}

/// What is wanted of an objective's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// No condition on its budget holds.
    Quiet,
    /// At most so many bad events within a time.
    Bad {
        /// How many.
        most: u64,
        /// The last of the time.
        within: Span,
    },
    /// At most so many different values of a field within a time.
    Distinct {
        /// The field.
        field: String,
        /// How many.
        most: u64,
        /// The last of the time.
        within: Span,
    },
}

/// What stands for the build in what is asked.
const BUILD: &str = "{ref}";

impl ProbeAsks {
    /// It asks about one build, and cannot be asked before one is named.
    #[must_use]
    pub fn is_about_a_build(&self) -> bool {
        let holds = |text: &String| text.contains(BUILD);
        match self {
            ProbeAsks::Http { url, value, contains, .. } => {
                holds(url) || value.iter().any(|(_, equals)| holds(equals)) || contains.iter().any(holds)
            }
            ProbeAsks::Command { argv, .. } => argv.iter().any(holds),
            ProbeAsks::Query { .. } => false,
        }
    }

    /// The same about this build, which is `segment` in an address.
    #[must_use]
    pub fn about(mut self, build: &str, segment: &str) -> ProbeAsks {
        let put = |text: &mut String| *text = text.replace(BUILD, build);
        match &mut self {
            ProbeAsks::Http { url, value, contains, .. } => {
                *url = url.replace(BUILD, segment);
                value.iter_mut().for_each(|(_, equals)| put(equals));
                contains.iter_mut().for_each(put);
            }
            // the program itself is never chosen by who asks
            ProbeAsks::Command { argv, .. } => argv.iter_mut().skip(1).for_each(put),
            ProbeAsks::Query { .. } => {}
        }
        self
    }
}

/// Keys that belong to one kind alone.
const OWN: [(&str, &[&str]); 3] = [
    ("http", &["url", "status", "pointer", "equals", "contains", "token-header", "token"]),
    ("command", &["command", "directory", "env"]),
    ("query", &["slo", "wants", "field", "at-most", "within"]),
];

/// One `[[probe]]`.
pub fn read(
    reader: &mut Reader<'_>,
    rows: &Rows<'_>,
    name: Option<String>,
    slos: &[Slo],
    switches: &[Switch],
) -> Option<Probe> {
    let kind = reader.word(rows, "kind")?;
    for (other, keys) in OWN.iter().filter(|(other, _)| *other != kind) {
        for key in keys.iter().filter(|key| rows.has(key)) {
            reader.misplaced(rows, key, format!("`{key}` belongs to a probe of kind {other}"), "Take it away");
        }
    }
    let scope = reader.text(rows, "scope");
    if let Some(Err(no)) = scope.as_ref().map(|scope| scope::check(&scope.text, true))
        && let Some(scope) = &scope
    {
        reader.troubles.push(scope.trouble(no.why.trim_end_matches('.'), no.instead.trim_end_matches('.')));
    }
    let subject = text(reader, rows, "subject");
    let says = text(reader, rows, "says");
    let timeout = reader.length(rows, "timeout", "1s", "5m").unwrap_or(TIMEOUT);
    let soak = reader.length(rows, "soak", "1s", "24h");
    let trips = reader.text(rows, "trips");
    let trips = named(reader, trips, "[[switch]]", switches.iter().map(|switch| switch.name.as_str()));
    if trips.is_some() && !rows.has("soak") {
        reader.lacks(rows, "soak");
    }
    let asks = match kind {
        "http" => http(reader, rows),
        "command" => command(reader, rows),
        _ => query(reader, rows, slos),
    };
    let scope = scope.map_or_else(|| "*".to_owned(), |scope| scope.text);
    Some(Probe { name: name?, scope, subject, says, asks: asks?, timeout, soak, trips })
}

fn http(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Option<ProbeAsks> {
    let url = needed(reader, rows, "url", Reader::address);
    let status = reader.number(rows, "status").unwrap_or(200);
    let (pointer, equals) = (text(reader, rows, "pointer"), text(reader, rows, "equals"));
    for (one, other) in [("pointer", "equals"), ("equals", "pointer")] {
        if rows.has(one) && !rows.has(other) {
            reader.lacks(rows, other);
        }
    }
    if pointer.as_ref().is_some_and(|pointer| !pointer.starts_with('/')) {
        let what = "`pointer` does not begin with a slash".to_owned();
        reader.misplaced(rows, "pointer", what, "Write it as /status or /checks/0/state");
    }
    let contains = text(reader, rows, "contains");
    let header = requests::header(reader, rows, "token-header", "token");
    let token = reader.secret(rows, "token");
    let Ok(status @ 100..=599) = u16::try_from(status) else {
        reader.misplaced(rows, "status", "`status` is no status of HTTP".into(), "Write one from 100 to 599");
        return None;
    };
    Some(ProbeAsks::Http { url: url?, status, value: pointer.zip(equals), contains, header, token })
}

fn command(reader: &mut Reader<'_>, rows: &Rows<'_>) -> Option<ProbeAsks> {
    let argv = needed(reader, rows, "command", Reader::texts);
    let directory = reader.path(rows, "directory");
    let env = reader.texts(rows, "env").unwrap_or_default();
    if argv.as_ref().and_then(|argv| argv.first()).is_some_and(|program| program.contains(BUILD)) {
        let what = format!("the program cannot be the build that {BUILD} stands for");
        reader.misplaced(rows, "command", what, "Write it as an argument");
        return None;
    }
    Some(ProbeAsks::Command { argv: argv?, directory, env })
}

fn query(reader: &mut Reader<'_>, rows: &Rows<'_>, slos: &[Slo]) -> Option<ProbeAsks> {
    let wants = reader.word(rows, "wants");
    let is_any = !rows.has("slo") && matches!(wants, None | Some("quiet"));
    if !rows.has("slo") && (!is_any || slos.is_empty()) {
        reader.lacks(rows, "slo");
    }
    let slo = reader.text(rows, "slo");
    let slo = named(reader, slo, "[[slo]]", slos.iter().map(|slo| slo.name.as_str()));
    let most = reader.number(rows, "at-most");
    let within = reader.length(rows, "within", "1m", "24h").unwrap_or(WITHIN);
    let field = text(reader, rows, "field");
    let wants = match wants {
        None | Some("quiet") => Wants::Quiet,
        Some("distinct") => {
            if !rows.has("field") {
                reader.lacks(rows, "field");
            }
            Wants::Distinct { field: field?, most: most.unwrap_or(1), within }
        }
        Some(_) => Wants::Bad { most: most.unwrap_or(0), within },
    };
    (slo.is_some() || is_any).then_some(ProbeAsks::Query { slo, wants })
}

/// What is needed by one kind and not by all.
fn needed<'r, T>(
    reader: &mut Reader<'r>,
    rows: &Rows<'_>,
    key: &str,
    read: impl FnOnce(&mut Reader<'r>, &Rows<'_>, &str) -> Option<T>,
) -> Option<T> {
    if !rows.has(key) {
        reader.lacks(rows, key);
    }
    read(reader, rows, key)
}

/// The name of another block that must be there.
fn named<'a>(
    reader: &mut Reader<'_>,
    written: Option<Written>,
    what: &str,
    mut known: impl Iterator<Item = &'a str> + Clone,
) -> Option<String> {
    let written = written?;
    if !known.clone().any(|name| name == written.text) {
        let next = match known.next() {
            None => format!("Add a {what}"),
            Some(first) => known_instead(&written.text, std::iter::once(first).chain(known)),
        };
        reader.troubles.push(written.trouble(format!("there is no {what} `{}`", shown(&written.text)), next));
        return None;
    }
    Some(written.text)
}

fn text(reader: &mut Reader<'_>, rows: &Rows<'_>, key: &str) -> Option<String> {
    reader.text(rows, key).map(|written| written.text)
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;
    use std::path::Path;

    const SLO: &str = "[[slo]]\nname = 'api'\nevents = '/e'\nbad = 'x = 1'\ntarget = 99.9\nwindow = '30d'\n";

    fn read(text: &str) -> (Vec<Probe>, String) {
        let (file, troubles) = file::read(Path::new("/c/config.toml"), &format!("{SLO}{text}"), Path::new("/home/ana"));
        let troubles: Vec<String> = troubles.iter().map(ToString::to_string).collect();
        (file.blocks.probes, troubles.join("\n"))
    }

    fn asks(text: &str) -> ProbeAsks {
        let (probes, troubles) = read(&format!("[[probe]]\nname = 'x'\n{text}"));
        assert_eq!(troubles, "", "{text}");
        probes[0].asks.clone()
    }

    #[test]
    fn given_probes_of_every_kind_when_read_then_each_says_who_is_asked_what() {
        assert_eq!(
            asks("kind = 'command'\ncommand = ['sh', '-c', 'a b']\ndirectory = 'run'\nenv = ['TOKEN']"),
            ProbeAsks::Command {
                argv: ["sh", "-c", "a b"].map(str::to_owned).to_vec(),
                directory: Some("/c/run".into()),
                env: vec!["TOKEN".into()],
            }
        );
        let wants = |text: &str| match asks(&format!("kind = 'query'\nslo = 'api'\n{text}")) {
            ProbeAsks::Query { wants, .. } => wants,
            other => panic!("{other:?}"),
        };
        assert_eq!(wants(""), Wants::Quiet);
        assert_eq!(wants("wants = 'bad'"), Wants::Bad { most: 0, within: WITHIN });
        let hosts = wants("wants = 'distinct'\nfield = 'build_id'\nat-most = 2\nwithin = '5m'");
        assert_eq!(hosts, Wants::Distinct { field: "build_id".into(), most: 2, within: Span(5 * MINUTE) });
        let web =
            asks("kind = 'http'\nurl = 'http://h/x'\nstatus = 204\npointer = '/a/0'\nequals = 'ok'\ncontains = 'b'");
        assert!(
            matches!(&web, ProbeAsks::Http { status: 204, value: Some((at, is)), .. } if at == "/a/0" && is == "ok")
        );
    }

    #[test]
    fn given_what_is_wrong_when_read_then_it_is_told_with_what_to_do() {
        for (text, words) in [
            ("kind = 'ping'", "`ping` is not a kind of probe"),
            ("kind = 'http'", "[[probe]] lacks `url`"),
            ("kind = 'http'\nurl = 'https://h'\nstatus = 99", "`status` is no status of HTTP"),
            ("kind = 'http'\nurl = 'https://h'\npointer = '/a'", "[[probe]] lacks `equals`"),
            ("kind = 'http'\nurl = 'https://h'\npointer = 'a'\nequals = 'b'", "does not begin with a slash"),
            ("kind = 'http'\nurl = 'https://h'\nslo = 'api'", "`slo` belongs to a probe of kind query"),
            ("kind = 'http'\nurl = 'https://h'\ntoken-header = 'X-API-Key'", "[[probe]] lacks `token`"),
            (
                "kind = 'http'\nurl = 'https://h'\ntoken-header = 'X: y'\ntoken = { env = 'T' }",
                "and no login goes there",
            ),
            ("kind = 'command'", "[[probe]] lacks `command`"),
            ("kind = 'command'\ncommand = 'rm -rf'", "`probe.command` is a string"),
            ("kind = 'command'\ncommand = []", "`probe.command` is empty"),
            ("kind = 'command'\ncommand = ['a', 1]", "holds what is an integer"),
            ("kind = 'query'\nwants = 'bad'", "[[probe]] lacks `slo`"),
            ("kind = 'command'\ncommand = ['{ref}']", "the program cannot be the build"),
            ("kind = 'query'\nslo = 'apy'", "there is no [[slo]] `apy`. "),
            ("kind = 'query'\nslo = 'api'\nwants = 'distinct'", "[[probe]] lacks `field`"),
            ("kind = 'query'\nslo = 'api'\nscope = 'prod/'", "The scope prod/ has an empty part"),
            ("kind = 'query'\nslo = 'api'\nsoak = '1m'\ntrips = 'x'", "there is no [[switch]] `x`"),
            ("kind = 'query'\nslo = 'api'\ntimeout = '1h'", "it must lie between 1s and 5m"),
        ] {
            let (_, troubles) = read(&format!("[[probe]]\nname = 'x'\n{text}"));
            assert!(troubles.contains(words), "{text}: {troubles}");
        }
    }
}

//! Every option of the configuration file: its section, its kind, its default or an example, and a sentence. Readers, errors,
//! `assets/config.toml` and the README are made from this one table. It must not know what is done with a value.

use crate::view::theme;
use std::fmt::Write;

/// What may stand after the equals sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text in quotes.
    Text,
    /// A name: letters, digits and `- _ . /`, at most 40.
    Name,
    /// One short word: at most 12 letters.
    Label,
    /// A path in quotes.
    Path,
    /// `true` or `false`.
    Switch,
    /// A list of minutes of the hour.
    Minutes,
    /// A number of minutes, or `"none"`.
    WithinMinutes,
    /// A length of time with its unit.
    Length,
    /// A list of lengths of time.
    Lengths,
    /// A list of shares of the budget, each in a length of time.
    Rates,
    /// A number of events.
    Count,
    /// A number that may be none.
    Number,
    /// A list of texts.
    Texts,
    /// A percentage.
    Percent,
    /// A percentage that somebody promises: at least half.
    Promise,
    /// A percentage or all of it.
    Share,
    /// A length of time, or a period of the calendar.
    Window,
    /// A day, or a time of one, on the clocks of a zone.
    Start,
    /// An address of the web, without a password in it.
    Address,
    /// Where a secret is found, never the secret itself.
    Secret,
    /// A list of names.
    Names,
    /// One word of a list.
    Word(&'static [&'static str]),
}

impl Kind {
    /// What is wanted there, after "is".
    pub fn wanted(self) -> &'static str {
        match self {
            Kind::Text => "a text in quotes, such as \"ana\"",
            Kind::Name => {
                "a name in quotes of letters, digits and - _ . / with at most 40 of them, such as \"api-availability\""
            }
            Kind::Label => "one word in quotes of at most 12 letters, such as \"refused\"",
            Kind::Path => "a path in quotes, such as \"~/events\"",
            Kind::Switch => "true or false",
            Kind::Minutes => "a list of minutes of the hour from 0 to 59, such as [0, 30]",
            Kind::Count => "a whole number from 1 to 1000000",
            Kind::Number => "a whole number from 0 to 1000000",
            Kind::Texts => "a list of texts in quotes, such as [\"/usr/local/bin/check\", \"--all\"]",
            Kind::WithinMinutes => "a number of minutes from 1 to 240, or \"none\"",
            Kind::Length => "a whole number with s, m, h or d in quotes, such as \"5m\"",
            Kind::Lengths => "a list of lengths of time, such as [\"4h\", \"24h\"]",
            Kind::Rates => "a list of shares of the budget, each in a length of time, such as [\"2% in 1h\"]",
            Kind::Percent => "a percentage between 0 and 100 with at most four decimals, such as 99.95",
            Kind::Promise => "a percentage from 50 to below 100 with at most four decimals, such as 99.95",
            Kind::Share => "a percentage above 0 and up to 100 with at most four decimals, such as 99",
            Kind::Window => {
                "a length of time such as \"30d\", or a period of the calendar: \"day\", \"week\", \"month\", \"quarter\", \"year\", or several such as \"2 weeks\", a year at most"
            }
            Kind::Start => "a day such as \"2026-01-31\", or a quarter of an hour of it such as \"2026-01-01 12:00\"",
            Kind::Address => "an address in quotes, such as \"https://prometheus.example.org\"",
            Kind::Secret => {
                "where it is found: { env = \"NAME\" }, { file = \"~/.token\" } or { command = [\"pass\", \"token\"] }"
            }
            Kind::Names => "a list of names in quotes, such as [\"exports\", \"signup\"]",
            Kind::Word(_) => "a word in quotes",
        }
    }
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The key.
    pub key: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its section is of no use without it.
    pub required: bool,
    /// It stands instead of another one, never beside it.
    pub instead: bool,
    /// What stands in `assets/config.toml`: the default where there is one, else an example.
    pub shown: &'static str,
    /// The sentence about it.
    pub says: &'static str,
}

/// A section of the file.
#[derive(Debug)]
pub struct Section {
    /// Its name: `cadence.sev1`; empty for the top of the file.
    pub name: &'static str,
    /// It stands in `[[double brackets]]` and may come several times.
    pub many: bool,
    /// The sentence about it.
    pub says: &'static str,
    /// Its options.
    pub items: &'static [Item],
    /// What stands in `assets/config.toml` instead of [`Item::shown`], in the order of the items; empty when nothing does.
    pub values: &'static [&'static str],
}

impl Section {
    /// The last part of its name: the key in the section above.
    pub fn key(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The name of one of its keys as errors say it: `slo.target`.
    pub fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Its header as written in the file; nothing for the top.
    pub fn header(&self) -> String {
        match (self.name, self.many) {
            ("", _) => String::new(),
            (name, true) => format!("[[{name}]]"),
            (name, false) => format!("[{name}]"),
        }
    }

    /// One of its options.
    pub fn item(&self, key: &str) -> Option<&'static Item> {
        self.items.iter().find(|item| item.key == key)
    }

    /// The sections directly inside it.
    pub fn inside(&self) -> impl Iterator<Item = &'static Section> + Clone + use<> {
        let name = self.name;
        SECTIONS.iter().copied().filter(move |section| match section.name.rsplit_once('.') {
            Some((above, _)) => above == name,
            None => name.is_empty() && !section.name.is_empty(),
        })
    }

    /// Every key that may stand in it: its options, then the sections inside it.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        self.items.iter().map(|item| item.key).chain(self.inside().map(Section::key))
    }
}

/// The themes that ship with the program, the default first.
pub const THEMES: &[&str] = {
    let [(dark, _), (light, _), (plain, _), (contrast, _)] = theme::BUILT_IN;
    &[dark, light, plain, contrast]
};
/// The severities, the worst first.
pub const SEVERITIES: &[&str] = &["sev1", "sev2", "sev3", "sev4"];
/// The kinds of switches.
pub const SWITCH_KINDS: &[&str] = &["flagd", "unleash", "launchdarkly", "http", "command"];
/// The kinds of providers of switches.
pub const PROVIDER_KINDS: &[&str] = &["unleash", "launchdarkly"];
/// Which acts need a second person.
pub const TWO: &[&str] = &["never", "widening", "always"];
/// Which lifts of holds need a second person.
pub const TWO_LIFT: &[&str] = &["never", "widening"];
/// The kinds of query backends.
pub const BACKEND_KINDS: &[&str] = &["prometheus", "honeycomb", "clickhouse"];
/// The flavours of what speaks Prometheus' query language.
pub const FLAVOURS: &[&str] = &["auto", "prometheus", "thanos", "mimir", "victoriametrics"];
/// What a budget is counted in.
pub const METHODS: &[&str] = &["occurrences", "timeslices"];
/// The kinds of probes.
pub const PROBE_KINDS: &[&str] = &["http", "command", "query"];
/// What a query's probe may want.
pub const WANTS: &[&str] = &["quiet", "bad", "distinct"];
/// The kinds of channels.
pub const CHANNEL_KINDS: &[&str] = &["page"];

const fn may(key: &'static str, kind: Kind, shown: &'static str, says: &'static str) -> Item {
    Item { key, kind, required: false, instead: false, shown, says }
}

/// An option that stands instead of another one.
const fn or(key: &'static str, kind: Kind, shown: &'static str, says: &'static str) -> Item {
    Item { key, kind, required: false, instead: true, shown, says }
}

const fn must(key: &'static str, kind: Kind, shown: &'static str, says: &'static str) -> Item {
    Item { key, kind, required: true, instead: false, shown, says }
}

/// The top of the file.
pub static TOP: Section = Section {
    name: "",
    many: false,
    says: "",
    values: &[],
    items: &[
        may("person", Kind::Text, "\"ana\"", "Who is at the keyboard; without it the login name, marked as assumed."),
        may(
            "zone",
            Kind::Text,
            "\"Europe/Paris\"",
            "The second clock of the header; without it the zone of this machine.",
        ),
        may(
            "theme",
            Kind::Word(THEMES),
            "\"dark\"",
            "How it looks: dark, light, plain (no colour at all) or contrast.",
        ),
        may(
            "keymap",
            Kind::Path,
            "\"keymap.toml\"",
            "A file of keys that are laid over the ones that ship with the program.",
        ),
        may(
            "bell",
            Kind::Switch,
            "true",
            "Ring the terminal's bell when something becomes due, at most once a minute.",
        ),
        may(
            "journal",
            Kind::Path,
            "\"~/incidents/quarterdeck.journal\"",
            "The journal's file, alone in its directory; without it one in the user's data directory.",
        ),
    ],
};

/// The wall clock of a response.
pub static CADENCE: Section = Section {
    name: "cadence",
    many: false,
    says: "When somebody is owed something. Minutes are minutes of the hour in UTC.",
    values: &[],
    items: &[
        may("draft-ahead", Kind::Length, "\"5m\"", "How long before its slot an update asks to be drafted."),
        may("good-for", Kind::Length, "\"15m\"", "How long the indicator must be good before resolving."),
    ],
};

const RHYTHM: &[Item] = &[
    may("check-in", Kind::Minutes, "[]", "When the commander asks the team for status; an empty list means never."),
    may("first-public", Kind::WithinMinutes, "\"none\"", "How many minutes after declaring the public is told first."),
    may("public", Kind::Minutes, "[]", "When the public is told."),
    may("public-early", Kind::Minutes, "[]", "When the public is told as well in the first two hours."),
    may("internal", Kind::Minutes, "[]", "When the company is told."),
];

/// The rhythms of the four severities, the worst first.
pub static RHYTHMS: [Section; 4] = [
    Section {
        name: "cadence.sev1",
        many: false,
        says: "Everybody is hurt.",
        values: &["[0, 15, 30, 45]", "5", "[30]", "[0]", "[0, 30]"],
        items: RHYTHM,
    },
    Section {
        name: "cadence.sev2",
        many: false,
        says: "Many are hurt.",
        values: &["[0, 15, 30, 45]", "10", "[30]", "[]", "[30]"],
        items: RHYTHM,
    },
    Section {
        name: "cadence.sev3",
        many: false,
        says: "Some are hurt, or many a little.",
        values: &["[0, 30]", "\"none\"", "[]", "[]", "[0]"],
        items: RHYTHM,
    },
    Section { name: "cadence.sev4", many: false, says: "Nobody outside notices.", values: &[], items: RHYTHM },
];

/// A query backend.
pub static BACKEND: Section = Section {
    name: "backend",
    many: true,
    says: "Who is asked how a promise is kept, where it is not event files of this machine. One block for each.",
    values: &[],
    items: &[
        must("name", Kind::Name, "\"metrics\"", "What it is called; an [[slo]] names it."),
        must(
            "kind",
            Kind::Word(BACKEND_KINDS),
            "\"prometheus\"",
            "What it speaks: prometheus is Prometheus' HTTP API, also of Thanos, Mimir and VictoriaMetrics; honeycomb is Honeycomb's Query Data API; clickhouse is ClickHouse's HTTP interface.",
        ),
        may(
            "url",
            Kind::Address,
            "\"https://prometheus.example.org\"",
            "Where it is; a path before /api/v1 belongs to it. Honeycomb's is https://api.honeycomb.io without it, and https://api.eu1.honeycomb.io in the EU.",
        ),
        may(
            "token",
            Kind::Secret,
            "{ env = \"PROMETHEUS_TOKEN\" }",
            "A bearer token, or Honeycomb's configuration key.",
        ),
        or("user", Kind::Text, "\"reader\"", "A user name; goes with password."),
        or("password", Kind::Secret, "{ file = \"~/.prometheus-password\" }", "That user's password."),
        or("database", Kind::Text, "\"otel\"", "For ClickHouse: the database, where it is not the user's own."),
        or(
            "markers",
            Kind::Text,
            "\"api\"",
            "For Honeycomb: the dataset's slug, or __all__ for its environment, on whose graphs markers tell what was declared, switched, published and resolved. Without it none is set. The key needs Manage Markers.",
        ),
        may("tenant", Kind::Text, "\"team-a\"", "Whose data, where several share it: sent as X-Scope-OrgID."),
        may("flavour", Kind::Word(FLAVOURS), "\"auto\"", "Which relative of Prometheus it is; auto asks it."),
        may(
            "interval",
            Kind::Length,
            "\"60s\"",
            "How often it scrapes: the width of the narrowest buckets. Honeycomb's are a minute or more.",
        ),
    ],
};

/// A service level objective.
pub static SLO: Section = Section {
    name: "slo",
    many: true,
    says: "What was promised to users, and the counts that tell whether it is kept. One block for each.",
    values: &[],
    items: &[
        must("name", Kind::Name, "\"api-availability\"", "What it is called."),
        may("service", Kind::Text, "\"checkout\"", "The service that promises it; ClickHouse counts only its events."),
        may(
            "events",
            Kind::Path,
            "\"~/events/lb\"",
            "A file of events or a directory of them, followed as it grows; or name a backend.",
        ),
        or("backend", Kind::Name, "\"metrics\"", "The [[backend]] that is asked instead."),
        may(
            "bad",
            Kind::Text,
            "\"status >= 500\"",
            "Which events break the promise: a filter for event files, Honeycomb and ClickHouse, a counter or a query for Prometheus.",
        ),
        or(
            "good",
            Kind::Text,
            "'status < 500'",
            "Instead of bad, which events keep it, said in the same way: every other one that counts is bad, also one that lacks a field that is asked for.",
        ),
        or(
            "total",
            Kind::Text,
            "'http_requests_total'",
            "All events that count, for a backend: a counter, or a query that holds [{{.window}}].",
        ),
        may(
            "called",
            Kind::Label,
            "\"refused\"",
            "What the chart and the record call such an event, in a word; bad without it.",
        ),
        or("dataset", Kind::Text, "\"api\"", "For Honeycomb: the dataset's slug, or __all__ for its environment."),
        or(
            "sli",
            Kind::Text,
            "\"sli.api\"",
            "Instead of bad, for Honeycomb: the derived column that is true for good events, false for bad ones and nothing for others.",
        ),
        or(
            "slo-id",
            Kind::Text,
            "\"2LBq9LckbcA\"",
            "For Honeycomb: the id of the SLO there that says the same; its own figures are shown beside ours, and its column is taken; where queries do not reach its history is told.",
        ),
        or(
            "table",
            Kind::Text,
            "\"otel_traces\"",
            "For ClickHouse: the table. Of otel_traces the requests that were served are counted when bad is not there.",
        ),
        or(
            "time",
            Kind::Text,
            "\"Timestamp\"",
            "For ClickHouse: the column of an event's time; the first that holds one.",
        ),
        or("weight", Kind::Text, "\"SampleRate\"", "For ClickHouse: the column of how many events one row stands for."),
        may("valid", Kind::Text, "\"route != '/health'\"", "Which events count at all, as a filter; without it all."),
        must(
            "target",
            Kind::Promise,
            "99.95",
            "The share of good events that was promised, in percent, not as a share of one: 99.95, not 0.9995.",
        ),
        may(
            "window",
            Kind::Window,
            "\"30d\"",
            "The time the promise is about: a rolling one from 1h to 400d; or a period of the calendar, \"day\", \"week\", \"month\", \"quarter\", \"year\" or several such as \"2 weeks\", after which the budget is whole again.",
        ),
        or(
            "starts",
            Kind::Start,
            "\"2026-01-31\"",
            "For a calendar: when one of its periods begins, midnight if no time is said; without it they begin on Mondays and on first days. A month from the 31st ends on the last day of a shorter one.",
        ),
        or("zone", Kind::Text, "\"Europe/Paris\"", "For a calendar: whose clocks; UTC without it."),
        may(
            "method",
            Kind::Word(METHODS),
            "\"occurrences\"",
            "What the budget is counted in: occurrences are events; timeslices are slices of time, each good or bad as a whole.",
        ),
        or(
            "slice",
            Kind::Length,
            "\"1m\"",
            "For timeslices: how long one is. One without an event is neither good nor bad.",
        ),
        or("slice-target", Kind::Share, "99", "For timeslices: the share of its events that must be good, in percent."),
        may(
            "minimum",
            Kind::Count,
            "10",
            "How many events have to fail in a condition's long window before it holds, so that one failure at night wakes nobody; of slices two.",
        ),
        may(
            "exhaustion-time",
            Kind::Lengths,
            "[\"4h\", \"24h\"]",
            "Conditions beside the workbook's, as Honeycomb has them: at the rate of the last quarter of this time the budget is gone within it. From 12h on they are work for the next day.",
        ),
        may(
            "budget-rate",
            Kind::Rates,
            "[\"2% in 1h\"]",
            "Honeycomb's other kind: at least this share of the budget went within a time. From 12h on they are work for the next day.",
        ),
        may(
            "severity",
            Kind::Word(SEVERITIES),
            "\"sev2\"",
            "What is proposed while one of its conditions wakes somebody; nothing is set by itself.",
        ),
        may(
            "freeze-below",
            Kind::Percent,
            "10",
            "A freeze of releases is proposed while less than this is left of the budget, in percent; without it when nothing is left, or while a condition wakes somebody.",
        ),
        or(
            "same-as",
            Kind::Name,
            "\"api-at-the-balancer\"",
            "Another [[slo]] that counts the same promise elsewhere, as balancer and servers do; where the two disagree, that is said.",
        ),
        may("group", Kind::Text, "\"host\"", "The field that tells apart what shares this promise."),
    ],
};

/// A source of changes.
pub static CHANGES: Section = Section {
    name: "changes",
    many: true,
    says: "Who says what changed in the world: deploys, flags, configuration. While an incident is open, what changed from an hour before it began on is written into its record. One block for each.",
    values: &[],
    items: &[
        must("name", Kind::Name, "\"deploys\"", "What it is called; the record names it."),
        may(
            "file",
            Kind::Path,
            "\"/var/log/deploys.ndjson\"",
            "A file with a change on each line, or a directory of them, followed as it grows: JSON, CSV or OTLP with time, what, from, to and who, or OpenTelemetry's names; or name a backend.",
        ),
        or(
            "backend",
            Kind::Name,
            "\"metrics\"",
            "The [[backend]] that is asked instead: Prometheus' kind or Honeycomb.",
        ),
        or(
            "query",
            Kind::Text,
            "'count by (version) (build_info{job=\"api\"})'",
            "For Prometheus: a query of series. One that appears is a change to its label, one that stays away is the end of it.",
        ),
        or("dataset", Kind::Text, "\"api\"", "For Honeycomb: the dataset whose markers are changes, or __all__."),
    ],
};

/// Who provides switches.
pub static PROVIDER: Section = Section {
    name: "provider",
    many: true,
    says: "Who provides switches over the network. One block for each.",
    values: &[],
    items: &[
        must("name", Kind::Name, "\"flags\"", "What it is called."),
        must("kind", Kind::Word(PROVIDER_KINDS), "\"unleash\"", "What it is: unleash or launchdarkly."),
        may(
            "url",
            Kind::Address,
            "\"https://unleash.example.org\"",
            "Where it is; LaunchDarkly's own address without it, https://app.eu.launchdarkly.com for the European one.",
        ),
        must(
            "token",
            Kind::Secret,
            "{ env = \"FLAGS_TOKEN\" }",
            "An access token that may change flags; a person's own is recorded there in that person's name.",
        ),
        may(
            "client",
            Kind::Secret,
            "{ env = \"UNLEASH_FRONTEND_TOKEN\" }",
            "Unleash: a frontend token of the environment, to ask what applications are served.",
        ),
        may("project", Kind::Text, "\"default\"", "The project there."),
        may("environment", Kind::Text, "\"production\"", "The environment there."),
    ],
};

/// Something that can be stopped and restored.
pub static SWITCH: Section = Section {
    name: "switch",
    many: true,
    says: "What can be stopped and restored. One block for each.",
    values: &[],
    items: &[
        must("name", Kind::Name, "\"exports\"", "What it is called; typed to confirm a stop that matters."),
        must(
            "kind",
            Kind::Word(SWITCH_KINDS),
            "\"flagd\"",
            "How it is reached: flagd is a flag in a flagd file of this machine; unleash and launchdarkly are flags of a [[provider]]; http is requests and command is programs of your own.",
        ),
        or("provider", Kind::Name, "\"flags\"", "unleash, launchdarkly: the [[provider]], by name."),
        may("file", Kind::Path, "\"~/flags/production.json\"", "flagd: the flag file, JSON or by its name YAML."),
        may("flag", Kind::Text, "\"exports-enabled\"", "flagd, unleash, launchdarkly: the flag there."),
        may(
            "stop",
            Kind::Text,
            "\"off\"",
            "What stops: a variant of flagd; off, or on for a kill switch; at LaunchDarkly also a variation. Off without it, but for flagd.",
        ),
        may("restore", Kind::Text, "\"on\"", "flagd: the variant that is served while nothing is stopped."),
        or(
            "stop-disables",
            Kind::Switch,
            "true",
            "flagd: in place of stop: a stop disables the flag. Each application then serves the default in its own code, which may be on.",
        ),
        or("url", Kind::Address, "\"https://connect.example.org\"", "http: where it is."),
        or("token", Kind::Secret, "{ env = \"CONNECT_TOKEN\" }", "http: sent as Authorization: Bearer."),
        or(
            "token-header",
            Kind::Text,
            "\"PRIVATE-TOKEN\"",
            "http: the header that takes the token as it is, where it is not Authorization: Bearer.",
        ),
        or("stop-request", Kind::Text, "\"PUT /connectors/orders/pause\"", "http: what stops it."),
        or("stop-body", Kind::Text, "'{\"note\": \"{reason}\"}'", "http: JSON that goes with it; {reason} is why."),
        or("restore-request", Kind::Text, "\"PUT /connectors/orders/resume\"", "http: what restores it."),
        or("restore-body", Kind::Text, "'{}'", "http: JSON that goes with it."),
        or(
            "exclude-request",
            Kind::Text,
            "\"POST /customers/{key}/block\"",
            "http: what stops it for one; {key} is that one, in a path one segment of it, in JSON a text.",
        ),
        or(
            "exclude-body",
            Kind::Text,
            "'{\"customer\": \"{key}\", \"why\": \"{reason}\"}'",
            "http: JSON that goes with it.",
        ),
        or(
            "exclude-probe-path",
            Kind::Text,
            "\"/customers/{key}\"",
            "http: the path that says whether it is stopped for that one.",
        ),
        or("exclude-pointer", Kind::Text, "\"/blocked\"", "http: where in its JSON; without it, all of the answer."),
        or("excluded", Kind::Text, "\"true\"", "http: what stands there when it is stopped for that one."),
        or(
            "include-request",
            Kind::Text,
            "\"DELETE /customers/{key}/block\"",
            "http: what takes that back; without it, it is by hand.",
        ),
        or("include-body", Kind::Text, "'{}'", "http: JSON that goes with it."),
        or(
            "percent-request",
            Kind::Text,
            "\"PUT /connectors/orders/share\"",
            "http: what serves a share; {percent} is the share, 0 to 100.",
        ),
        or("percent-body", Kind::Text, "'{\"percent\": {percent}}'", "http: JSON that goes with it."),
        or(
            "percent-probe-path",
            Kind::Text,
            "\"/connectors/orders/share\"",
            "http: the path that says the share; probe-path without it.",
        ),
        or("percent-pointer", Kind::Text, "\"/percent\"", "http: where in its JSON; without it, as for the path."),
        or(
            "percent-shown",
            Kind::Text,
            "\"{percent}\"",
            "http: what stands there when it is served; the share without it.",
        ),
        or("probe-path", Kind::Text, "\"/connectors/orders/status\"", "http: the path that says how it stands."),
        or("pointer", Kind::Text, "\"/connector/state\"", "http: where in its JSON; without it, all of the answer."),
        or(
            "stop-command",
            Kind::Texts,
            "[\"pushctl\", \"pause\"]",
            "command: the program that stops it, and its arguments.",
        ),
        or("restore-command", Kind::Texts, "[\"pushctl\", \"resume\"]", "command: the program that restores it."),
        or(
            "probe-command",
            Kind::Texts,
            "[\"pushctl\", \"state\"]",
            "command: the program whose first line says how it stands; another end than 0 is unknown.",
        ),
        or(
            "exclude-command",
            Kind::Texts,
            "[\"pushctl\", \"pause\", \"--for\", \"{key}\"]",
            "command: the program that stops it for one; {key} is that one, and the probe names it then.",
        ),
        or(
            "percent-command",
            Kind::Texts,
            "[\"pushctl\", \"share\", \"{percent}\"]",
            "command: the program that serves a share; {percent} is it, and the probe says `running at 5` then.",
        ),
        or(
            "env",
            Kind::Texts,
            "[\"PUSH_TOKEN\"]",
            "command: the variables that the programs get beside the usual ones.",
        ),
        or("timeout", Kind::Length, "\"30s\"", "command: how long each may take."),
        or("stopped", Kind::Text, "\"PAUSED\"", "http, command: what the probe says when it is stopped."),
        or("running", Kind::Text, "\"RUNNING\"", "http, command: what the probe says when it is not."),
        may(
            "environment",
            Kind::Text,
            "\"production\"",
            "Where it acts, in your own word; shown before anything is sent.",
        ),
        may(
            "critical",
            Kind::Switch,
            "false",
            "A stop for everybody needs the name typed in full. True in production and prod, else false. Where LaunchDarkly calls its environment critical or asks to confirm changes, it does in any case.",
        ),
        may("note", Kind::Text, "\"exports queue up and are sent later\"", "What happens to whom when it is stopped."),
        may(
            "exclude-by",
            Kind::Text,
            "\"customer\"",
            "The kind of context that it can be stopped for alone, as its rules name it.",
        ),
        may(
            "field",
            Kind::Text,
            "\"app.customer_id\"",
            "The field of the events that names such a context: its share of the traffic is shown, and a row of a breakdown stops it.",
        ),
        may("percent", Kind::Switch, "false", "It can be served to a share, and restored in steps."),
        may(
            "two-people",
            Kind::Word(TWO),
            "\"never\"",
            "Which acts need a second person: never, widening (what gives people again what was taken) or always; what narrows may break the glass with a reason.",
        ),
        may(
            "ofrep",
            Kind::Address,
            "\"http://127.0.0.1:8016\"",
            "A server of the OpenFeature Remote Evaluation Protocol, such as flagd, to ask what applications are served.",
        ),
        may("ofrep-token", Kind::Secret, "{ env = \"OFREP_TOKEN\" }", "Sent there as Authorization: Bearer."),
        may(
            "ofrep-token-header",
            Kind::Text,
            "\"X-API-Key\"",
            "The header that takes that token as it is, where it is not Authorization: Bearer.",
        ),
    ],
};

/// Switches that are stopped together.
pub static PLAN: Section = Section {
    name: "plan",
    many: true,
    says: "Switches that are stopped together, with one preview and one confirmation. One block for each.",
    values: &[],
    items: &[
        must("name", Kind::Name, "\"shut-doors\"", "What it is called; plan/NAME is typed to confirm it."),
        must("switches", Kind::Names, "[\"exports\"]", "The switches, in the order in which they are stopped."),
        may("note", Kind::Text, "\"nobody gets in\"", "What happens to whom."),
    ],
};

/// A named condition.
pub static PROBE: Section = Section {
    name: "probe",
    many: true,
    says: "What has to be true before a release or a thaw, and after it has served. One block for each.",
    values: &[],
    items: &[
        must("name", Kind::Name, "\"api-answers\"", "What it is called."),
        must(
            "kind",
            Kind::Word(PROBE_KINDS),
            "\"http\"",
            "Who is asked: http is an address, command a program, query the events of an [[slo]].",
        ),
        may("scope", Kind::Text, "\"*\"", "The place it speaks for, as prod/api, or a pattern of places, as prod/*."),
        may(
            "subject",
            Kind::Text,
            "\"artifact\"",
            "What it is an angle of. A subject is green only when every probe of it is.",
        ),
        may("says", Kind::Text, "\"the API answers\"", "What it means that it is green, in your own words."),
        may("url", Kind::Address, "\"https://api.example.org/health\"", "For http: the address, read with GET."),
        may("status", Kind::Number, "200", "For http: the status that is wanted."),
        may(
            "pointer",
            Kind::Text,
            "\"/status\"",
            "For http: where in a JSON answer (a JSON pointer) `equals` has to stand.",
        ),
        may("equals", Kind::Text, "\"ok\"", "For http: what has to stand there."),
        may("contains", Kind::Text, "\"ready\"", "For http: a text that has to stand somewhere in the answer."),
        may(
            "token",
            Kind::Secret,
            "{ env = \"PROBE_TOKEN\" }",
            "For http: the token that is sent (Authorization: Bearer, or `token-header`).",
        ),
        or("token-header", Kind::Text, "\"X-API-Key\"", "For http: the header that takes the token as it is."),
        or(
            "command",
            Kind::Texts,
            "[\"/usr/local/bin/artifact-complete\", \"{ref}\"]",
            "For command: the program and its arguments, without a shell; {ref} is the build that is asked about (--ref), also in `url`, `equals` and `contains`. It is green when it ends with 0; its first line says why.",
        ),
        or("directory", Kind::Path, "\"~/deploy\"", "For command: the directory it starts in."),
        or(
            "env",
            Kind::Texts,
            "[\"DEPLOY_TOKEN\"]",
            "For command: the variables it gets beside PATH, HOME, USER, LOGNAME, SHELL, LANG, LC_*, TZ and TMPDIR.",
        ),
        or(
            "slo",
            Kind::Name,
            "\"api-availability\"",
            "For query: the [[slo]] whose events are counted; quiet without one means every [[slo]].",
        ),
        or(
            "wants",
            Kind::Word(WANTS),
            "\"quiet\"",
            "For query: quiet wants no condition on its budget to hold, bad at most so many bad events, distinct at most so many values of a field.",
        ),
        or("field", Kind::Text, "\"build_id\"", "For distinct: the field."),
        or(
            "at-most",
            Kind::Number,
            "1",
            "For bad and distinct: how many there may be; none and 1 when nothing is said.",
        ),
        or("within", Kind::Length, "\"10m\"", "For bad and distinct: the last of the time."),
        may(
            "timeout",
            Kind::Length,
            "\"10s\"",
            "How long an answer may take. None in that time is unknown, never green.",
        ),
        may(
            "soak",
            Kind::Length,
            "\"5m\"",
            "It is asked once more when what it is about has served for so long: by an open screen, by itself, or by quarterdeck probe run --soak.",
        ),
        may(
            "trips",
            Kind::Name,
            "\"exports\"",
            "The [[switch]] that an open screen stops by itself when it is red after its soak.",
        ),
    ],
};

/// Where an update goes.
pub static CHANNEL: Section = Section {
    name: "channel",
    many: true,
    says: "Where updates go. One block for each.",
    values: &[],
    items: &[
        must("name", Kind::Name, "\"status-page\"", "What it is called."),
        must(
            "kind",
            Kind::Word(CHANNEL_KINDS),
            "\"page\"",
            "How it is reached: page is a static page written into a directory.",
        ),
        must("dir", Kind::Path, "\"~/public/status\"", "The directory that is served to the public."),
        may("title", Kind::Text, "\"Status\"", "The title of the page."),
    ],
};

/// Where releases are held.
pub static GATE: Section = Section {
    name: "gate",
    many: false,
    says: "How releases are held: quarterdeck freeze. A pipeline that can read the journal needs none of it.",
    values: &[],
    items: &[
        may("scope", Kind::Text, "\"prod\"", "What a freeze is about and a check asks, when nobody says otherwise."),
        may(
            "two-people",
            Kind::Word(TWO_LIFT),
            "\"never\"",
            "Whether lifting a hold that somebody else placed needs a second person: never or widening; one's own never does.",
        ),
        may(
            "dir",
            Kind::Path,
            "\"/srv/gate\"",
            "A directory into which gate.json is written with every change, every two minutes by an open screen, and by quarterdeck freeze publish.",
        ),
        may(
            "from",
            Kind::Address,
            "\"https://gate.example.org/gate.json\"",
            "For a pipeline's machine: where quarterdeck freeze check reads it instead of in the journal.",
        ),
        may(
            "token",
            Kind::Secret,
            "{ env = \"GATE_TOKEN\" }",
            "A bearer token for that address; it is sent nowhere else.",
        ),
    ],
};

/// Every section, in the order of the file.
pub static SECTIONS: &[&Section] = &[
    &TOP,
    &CADENCE,
    &RHYTHMS[0],
    &RHYTHMS[1],
    &RHYTHMS[2],
    &RHYTHMS[3],
    &BACKEND,
    &SLO,
    &CHANGES,
    &PROVIDER,
    &SWITCH,
    &PLAN,
    &PROBE,
    &CHANNEL,
    &GATE,
];

/// The text of `assets/config.toml`: every option behind a `#`, and a sentence each behind a `#` and a space.
pub fn render() -> String {
    let mut out = String::from(
        "# quarterdeck works with nothing configured. Every option stands here with its default, or an example where it has none.\n\
         # To set one, take away its # and the # of its section's header.\n\
         # A path may begin with ~; a relative one starts at the directory of this file.\n",
    );
    let mut told: &[Item] = &[];
    for section in SECTIONS {
        if !section.name.is_empty() {
            write_line(&mut out, &format!("\n# {}", section.says));
            write_line(&mut out, &format!("#{}", section.header()));
        }
        // the four severities share their options: each is explained once
        let is_new = !std::ptr::eq(told, section.items);
        for (at, item) in section.items.iter().enumerate() {
            if is_new {
                let needed = if item.required { " Required." } else { "" };
                let gap = if section.name.is_empty() { "\n" } else { "" };
                write_line(&mut out, &format!("{gap}# {}{needed}", item.says));
            }
            let value = section.values.get(at).copied().unwrap_or(item.shown);
            let or = if item.instead { " or " } else { "" };
            write_line(&mut out, &format!("#{or}{} = {value}", item.key));
        }
        told = section.items;
    }
    out
}

/// The text of [`render`] with every option switched on: what the tests read.
pub fn uncommented(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let live = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
        write_line(&mut out, live);
        out
    })
}

fn write_line(out: &mut String, line: &str) {
    // writing to a String cannot fail
    let _ = writeln!(out, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_the_table_when_looked_through_then_no_key_stands_twice_in_a_section() {
        for section in SECTIONS {
            let mut keys: Vec<&str> = section.keys().collect();
            let all = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), all, "{}", section.name);
            assert!(section.values.is_empty() || section.values.len() == section.items.len(), "{}", section.name);
        }
    }

    #[test]
    fn given_a_section_when_its_keys_are_asked_then_the_sections_inside_are_among_them() {
        assert_eq!(CADENCE.keys().collect::<Vec<_>>(), ["draft-ahead", "good-for", "sev1", "sev2", "sev3", "sev4"]);
        assert!(TOP.keys().any(|key| key == "slo") && !TOP.keys().any(|key| key == "sev1"));
    }
}

//! Query backends as configured: where they are and who asks. It must not know what they are asked.

use super::read::{Reader, Rows};
use super::secret::SecretRef;
use crate::incident::time::{MINUTE, Span};

/// Where Honeycomb is when nothing else is configured: its region in the United States.
pub const HONEYCOMB: &str = "https://api.honeycomb.io";

/// How a query backend is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendKind {
    /// Prometheus' HTTP API.
    Prometheus {
        /// Which relative it is, of [`FLAVOURS`](super::options::FLAVOURS).
        flavour: &'static str,
        /// Whose data.
        tenant: Option<String>,
    },
    /// Honeycomb's Query Data API.
    Honeycomb {
        /// The dataset's slug, or `__all__`, that shows markers; none is set without it.
        markers: Option<String>,
    },
    /// ClickHouse's HTTP interface.
    ClickHouse {
        /// The database, where it is not the user's own.
        database: Option<String>,
    },
}

impl BackendKind {
    /// The word that the configuration has for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            BackendKind::Prometheus { .. } => "prometheus",
            BackendKind::Honeycomb { .. } => "honeycomb",
            BackendKind::ClickHouse { .. } => "clickhouse",
        }
    }
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
    /// The width of its narrowest buckets: how often it scrapes.
    pub interval: Span,
}

impl Backend {
    /// The dataset's slug, or `__all__`, that shows markers; none where none is set.
    #[must_use]
    pub fn markers(&self) -> Option<&str> {
        match &self.kind {
            BackendKind::Honeycomb { markers } => markers.as_deref(),
            BackendKind::Prometheus { .. } | BackendKind::ClickHouse { .. } => None,
        }
    }
}

/// One `[[backend]]`.
pub fn read(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>) -> Option<Backend> {
    let kind = reader.word(rows, "kind");
    let url = reader.address(rows, "url");
    let token = reader.secret(rows, "token");
    let (user, password) = (reader.text(rows, "user"), reader.secret(rows, "password"));
    let tenant = reader.text(rows, "tenant");
    let database = reader.text(rows, "database");
    let markers = reader.text(rows, "markers");
    let flavour = reader.word(rows, "flavour");
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
    let kind = kind?;
    if let Some(database) = database.as_ref().filter(|_| kind != "clickhouse") {
        let what = "`backend.database` belongs to ClickHouse";
        reader.troubles.push(database.trouble(what, "Take it away"));
        return None;
    }
    if let Some(tenant) = tenant.as_ref().filter(|_| kind != "prometheus") {
        let what = "`backend.tenant` belongs to Prometheus and its relatives";
        reader.troubles.push(tenant.trouble(what, "Take it away: whoever asks says whose data"));
        return None;
    }
    if let Some(markers) = markers.as_ref().filter(|_| kind != "honeycomb") {
        let what = "`backend.markers` belongs to Honeycomb";
        reader.troubles.push(markers.trouble(what, "Take it away"));
        return None;
    }
    let kind = match kind {
        "honeycomb" => {
            if !matches!(login, Login::Token(_)) {
                reader.lacks(rows, "token");
                return None;
            }
            BackendKind::Honeycomb { markers: markers.map(|markers| markers.text) }
        }
        "clickhouse" => BackendKind::ClickHouse { database: database.map(|database| database.text) },
        _ => BackendKind::Prometheus { flavour: flavour.unwrap_or("auto"), tenant: tenant.map(|tenant| tenant.text) },
    };
    let url = match (url, &kind) {
        (Some(url), _) => url,
        (None, BackendKind::Honeycomb { .. }) if !rows.has("url") => HONEYCOMB.to_owned(),
        (None, _) => {
            if !rows.has("url") {
                reader.lacks(rows, "url");
            }
            return None;
        }
    };
    Some(Backend { name: name?, kind, url, login, interval })
}

//! From a configured backend to a client that shows who asks: finds the secret where it is kept, and puts it where the backend's kind wants
//! it. It must not know what is asked.

use crate::config::backends::{Backend, BackendKind, Login};
use crate::config::secret::SecretRef;
use crate::incident::trouble::Trouble;
use crate::liaison::http::{self, Http, Key};
use std::time::Duration;

/// How long a secret may take to be found.
const SECRET: Duration = Duration::from_secs(20);

/// Finds the secret and makes the client.
///
/// # Errors
/// The secret cannot be found or sent.
pub async fn connect(backend: &Backend) -> Result<Http, Trouble> {
    let login = match (&backend.kind, &backend.login) {
        (_, Login::Nobody) => http::Login::Nobody,
        (BackendKind::Honeycomb { .. }, Login::Token(token)) => {
            http::Login::Header("x-honeycomb-team".into(), found(token).await?)
        }
        // its user travels beside
        (BackendKind::ClickHouse { .. }, Login::Password(_, password)) => {
            http::Login::Header("x-clickhouse-key".into(), found(password).await?)
        }
        (_, Login::Token(token)) => http::Login::Bearer(found(token).await?),
        (_, Login::Password(user, password)) => http::Login::Basic(user.clone(), found(password).await?),
    };
    let extra: Vec<(&'static str, String)> = match &backend.kind {
        BackendKind::Prometheus { tenant, .. } => {
            tenant.iter().map(|tenant| ("x-scope-orgid", tenant.clone())).collect()
        }
        BackendKind::Honeycomb { .. } => Vec::new(),
        BackendKind::ClickHouse { .. } => match &backend.login {
            Login::Password(user, _) => vec![("x-clickhouse-user", user.clone())],
            Login::Nobody | Login::Token(_) => Vec::new(),
        },
    };
    Http::new(&backend.name, &backend.url, login, &extra)
}

/// A bearer's login, or none.
///
/// # Errors
/// The secret cannot be found.
pub async fn bearer(token: Option<&SecretRef>) -> Result<http::Login, Trouble> {
    match token {
        None => Ok(http::Login::Nobody),
        Some(token) => Ok(http::Login::Bearer(found(token).await?)),
    }
}

/// The same in a header of its own, where it has one.
///
/// # Errors
/// The secret cannot be found.
pub async fn headed(header: Option<&str>, token: Option<&SecretRef>) -> Result<http::Login, Trouble> {
    match (header, token) {
        (Some(header), Some(token)) => Ok(http::Login::Header(header.to_owned(), found(token).await?)),
        _ => bearer(token).await,
    }
}

/// A secret, read where nothing waits for it.
pub(super) async fn found(secret: &SecretRef) -> Result<Key, Trouble> {
    let secret = secret.clone();
    let denied = |why: String| Trouble::Denied(format!("{why}. Nobody was asked. Correct it in the configuration."));
    let read = tokio::task::spawn_blocking(move || secret.read().map(|s| Key::new(s.reveal())));
    match tokio::time::timeout(SECRET, read).await {
        Ok(Ok(found)) => found.map_err(denied),
        Ok(Err(_)) => Err(denied("the secret could not be read".into())),
        Err(_) => Err(denied(format!("the secret was not found within {} s", SECRET.as_secs()))),
    }
}

//! Providers of switches as configured: where they are and who asks. It must not know how any switch is flipped.

use super::read::{Reader, Rows};
use super::secret::SecretRef;

/// Where LaunchDarkly's API is when nothing else is configured. Its federal instance and the one of the European Union have addresses of
/// their own.
pub const LAUNCHDARKLY: &str = "https://app.launchdarkly.com";

/// What somebody's provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Unleash's Admin API.
    Unleash {
        /// A frontend token of the environment, to ask as applications do; without it the playground is asked.
        client: Option<SecretRef>,
    },
    /// LaunchDarkly's REST API.
    LaunchDarkly,
}

impl ProviderKind {
    /// The word that the configuration has for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            ProviderKind::Unleash { .. } => "unleash",
            ProviderKind::LaunchDarkly => "launchdarkly",
        }
    }
}

/// A provider of switches as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: ProviderKind,
    /// Where it is, without a slash at its end.
    pub url: String,
    /// Who asks.
    pub token: SecretRef,
    /// The project there.
    pub project: String,
    /// The environment there, as it names it.
    pub environment: String,
}

/// One `[[provider]]`.
pub fn read(reader: &mut Reader<'_>, rows: &Rows<'_>, name: Option<String>) -> Option<Provider> {
    let kind = reader.word(rows, "kind");
    let url = reader.address(rows, "url");
    let token = reader.secret(rows, "token");
    let client = reader.secret(rows, "client");
    let project = reader.text(rows, "project").map_or_else(|| "default".to_owned(), |project| project.text);
    let environment = reader.text(rows, "environment").map_or_else(|| "production".to_owned(), |e| e.text);
    let kind = match kind? {
        "unleash" => ProviderKind::Unleash { client },
        _ if client.is_some() => {
            let what = "`provider.client` belongs to Unleash".to_owned();
            reader.misplaced(rows, "client", what, "Take it away");
            return None;
        }
        _ => ProviderKind::LaunchDarkly,
    };
    let url = match (url, &kind) {
        (Some(url), _) => url,
        (None, ProviderKind::LaunchDarkly) if !rows.has("url") => LAUNCHDARKLY.to_owned(),
        (None, _) => {
            if !rows.has("url") {
                reader.lacks(rows, "url");
            }
            return None;
        }
    };
    Some(Provider { name: name?, kind, url, token: token?, project, environment })
}

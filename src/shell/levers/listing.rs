//! Whoever has flags is asked for all of them, whether they are switches here or not. It must not know the screen.

use super::{Levers, bare};
use crate::config::providers::{Provider, ProviderKind};
use crate::incident::listed::{Listed, Listing};
use crate::incident::trouble::Trouble;
use crate::liaison::http::{self, Http};
use crate::liaison::switches::flagd;
use crate::liaison::switches::launchdarkly::LaunchDarkly;
use crate::liaison::switches::unleash::{self, Unleash};
use crate::shell::{clock, login, typed};
use std::path::Path;
use std::time::Duration;

/// How long one provider may take for all of its pages.
const WITHIN: Duration = Duration::from_secs(40);

impl Levers {
    /// The flags of a provider whose name holds a text; all of them without one.
    ///
    /// # Errors
    /// Nobody can say.
    pub fn listing(&self, provider: &Provider, text: Option<&str>) -> Result<Listing, Trouble> {
        let now = clock::real();
        let asked = async {
            let login = bare(login::found(&provider.token).await?);
            let http = Http::new(&provider.name, &provider.url, login, &[])?;
            let (project, environment) = (&provider.project, &provider.environment);
            match provider.kind {
                ProviderKind::LaunchDarkly => {
                    let limits = self.limits.borrow_mut().entry(provider.name.clone()).or_default().clone();
                    let all = LaunchDarkly::new(http, project, environment, "", "off").sharing(limits);
                    all.listing(text, now).await
                }
                ProviderKind::Unleash { .. } => {
                    let all = Unleash::new(http, None, project, environment, "", unleash::Stop::Off);
                    all.listing(text, now).await
                }
            }
        };
        let late = || {
            let (who, seconds) = (&provider.name, WITHIN.as_secs());
            let words = format!(
                "{who} did not list its flags within {seconds} s. Nothing was changed by asking. Name a part of what is looked for."
            );
            Err(Trouble::Unreachable(words))
        };
        self.runtime()?.block_on(async { http::within(WITHIN, asked).await.unwrap_or_else(late) })
    }
}

/// The flags of a flag file whose name holds a text.
///
/// # Errors
/// It cannot be read.
pub fn of_file(file: &Path, text: Option<&str>) -> Result<Listing, Trouble> {
    // as it is written, or as it is shown
    let has = |name: &str, text: &str| name.to_lowercase().contains(&text.to_lowercase());
    let is_meant = |name: &str| text.is_none_or(|text| has(name, text) || has(&typed::line(name, name.len()), text));
    let all = flagd::list(&flagd::read(file)?)?;
    let flags = all.into_iter().filter(|one| is_meant(&one.name)).map(|one| match one.served {
        Ok(served) => Listed {
            key: one.name,
            alias: one.alias,
            on: Some(served.state == flagd::State::Enabled),
            serves: served.words,
            stops: served.variants.into_iter().map(|(name, _)| name).collect(),
            ..Listed::default()
        },
        Err(trouble) => {
            let serves = trouble.words().to_owned();
            Listed { key: one.name, alias: one.alias, serves, ..Listed::default() }
        }
    });
    Ok(Listing { flags: flags.collect(), doubts: Vec::new() })
}

//! The flags of a project, with all that their environment holds, page by page (reference: LaunchDarkly's OpenAPI document, `getFeatureFlags`). A
//! summary leaves out targets, rules and prerequisites, so none is asked for. It must not know which of them is a switch here.

use super::super::super::http::segment;
use super::LaunchDarkly;
use super::state::{Flag, short};
use super::talk::{LOOKING, Turn};
use super::wire;
use crate::incident::listed::{Listed, Listing};
use crate::incident::time::Time;
use crate::incident::trouble::{Trouble, first_sentence};

/// How many flags a page has, as they have it by themselves, and how many pages are read at most.
const PAGE: usize = 20;
const PAGES: usize = 10;

impl LaunchDarkly {
    /// The flags whose name or key holds a text; all of them without one.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn listing(&self, text: Option<&str>, now: Time) -> Result<Listing, Trouble> {
        let turn = Turn::of(LOOKING, now).patient();
        let [project, environment] = [&self.project, &self.environment].map(|one| segment(one));
        // what means something in their filters is no part of a name
        let text = text.map(|text| text.replace([',', '+', ':'], " ")).filter(|text| !text.trim().is_empty());
        let filter = text.map(|text| format!("&filter={}", segment(&format!("query:{}", text.trim()))));
        let filter = filter.unwrap_or_default();
        let (mut told, mut seen) = (Listing::default(), 0);
        for page in 0..PAGES {
            let path =
                format!("/api/v2/flags/{project}?env={environment}&summary=0&limit={PAGE}&offset={seen}{filter}");
            let read = self
                .get("flags", &path, turn)
                .await
                .and_then(|reply| wire::items(&reply.body).map_err(|why| self.garbled(&reply.shown(&why), turn)));
            let (items, total) = match read {
                Ok(read) => read,
                Err(trouble) if seen > 0 => {
                    told.doubts.push(format!("only the first {seen} are listed: {}", first_sentence(trouble.words())));
                    break;
                }
                Err(trouble) => return Err(trouble),
            };
            for item in &items {
                match wire::flag(item.to_string().as_bytes(), &self.environment) {
                    Ok(flag) => told.flags.push(self.listed(&flag, wire::temporary(item))),
                    Err(why) => told.doubts.push(format!("one is left out: {why}")),
                }
            }
            seen += items.len();
            let total = total.and_then(|total| usize::try_from(total).ok());
            if items.is_empty() || total.is_none_or(|total| seen >= total) {
                break;
            }
            if page + 1 == PAGES {
                let all = total.map(|total| format!(" of {total}")).unwrap_or_default();
                told.doubts.push(format!("only the first {seen}{all} are listed: name a part of what is looked for"));
            }
        }
        Ok(told)
    }

    fn listed(&self, flag: &Flag, temporary: Option<bool>) -> Listed {
        let state = &flag.state;
        let variations = flag.variations.iter().enumerate();
        let variations = variations.map(|(place, one)| one.name.as_deref().map_or_else(|| flag.shown(place), short));
        Listed {
            key: flag.key.clone(),
            alias: None,
            on: Some(state.on),
            serves: self.served(flag),
            rules: Some(state.active().count()),
            targets: Some(state.targets.values().map(std::collections::BTreeSet::len).sum()),
            needs: state.needs.iter().map(|(key, _)| short(key)).collect(),
            temporary,
            archived: flag.archived,
            changed: flag.modified,
            stops: ["off".to_owned(), "on".to_owned()].into_iter().chain(variations).collect(),
        }
    }
}

//! The flags of a project, page by page: one question tells of many, but not what their strategies are. It must not know which of them is a switch here.

use super::{LOOKING, Unleash, address, wire};
use crate::incident::listed::{Listed, Listing};
use crate::incident::time::Time;
use crate::incident::trouble::{Trouble, first_sentence};

/// How many flags are asked for at once, and how often at most.
const PAGE: usize = 50;
const PAGES: usize = 10;

impl Unleash {
    /// The flags whose name holds a text; all of them without one.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn listing(&self, text: Option<&str>, now: Time) -> Result<Listing, Trouble> {
        let project = format!("IS:{}", self.project);
        let (mut told, mut seen) = (Listing::default(), 0);
        for page in 0..PAGES {
            let (limit, offset) = (PAGE.to_string(), seen.to_string());
            let pairs = [("project", project.as_str()), ("limit", &limit), ("offset", &offset)];
            let pairs: Vec<_> = pairs.into_iter().chain(text.map(|text| ("query", text))).collect();
            let read = self.get(&address(&["api", "admin", "search", "features"], &pairs), LOOKING, now).await;
            let read = read.and_then(|reply| {
                let found = wire::found(&reply.body, &self.environment);
                found.map_err(|why| self.garbled(&reply.shown(&why), LOOKING))
            });
            let (flags, total) = match read {
                Ok(read) => read,
                Err(trouble) if seen > 0 => {
                    told.doubts.push(format!("only the first {seen} are listed: {}", first_sentence(trouble.words())));
                    break;
                }
                Err(trouble) => return Err(trouble),
            };
            let count = flags.len();
            seen += count;
            told.flags.extend::<Vec<Listed>>(flags);
            if count == 0 || total.is_none_or(|total| seen >= total) {
                break;
            }
            if page + 1 == PAGES {
                told.doubts.push(format!("only the first {seen} are listed: name a part of what is looked for"));
            }
        }
        Ok(told)
    }
}

//! What a preview says besides: the environment's rules, what waits there, what depends on the flag, who asked for it and who changed it. Each may be
//! unknown, and none keeps anybody from acting. It must not know what is wanted.

use super::super::super::http::segment;
use super::LaunchDarkly;
use super::talk::Turn;
use super::wire::{self, Logged, Rules, Waiting};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use serde_json::Value;

/// The most entries of the audit log that they give at once.
pub(super) const PAGE: usize = 20;
/// The most pages of a list that are read.
const PAGES: usize = 20;

/// What is known besides; none is not known.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    pub rules: Option<Rules>,
    pub requests: Option<Vec<Waiting>>,
    pub schedules: Option<Vec<Waiting>>,
    /// The keys of the flags that have this one as a prerequisite.
    pub dependents: Option<Vec<String>>,
    /// How it is used in their word, and when it was last asked for.
    pub status: Option<(String, Option<Time>)>,
    /// The last entries of its log, the newest first.
    pub log: Option<Vec<Logged>>,
}

impl Logged {
    /// We did it.
    pub fn is_ours(&self) -> bool {
        self.comment.as_deref().is_some_and(|comment| wire::act(comment).is_some())
    }
}

impl LaunchDarkly {
    /// Asks for all of it at once.
    pub(super) async fn beside(&self, turn: Turn) -> Beside {
        if !self.limits.is_roomy(turn.now) {
            // the room that is left is for acts
            return Beside { rules: self.rules(turn).await.ok(), ..Beside::default() };
        }
        let (rules, requests, schedules, dependents, status, log) = tokio::join!(
            self.rules(turn),
            self.requests(turn),
            self.schedules(turn),
            self.dependents(turn),
            self.status(turn),
            self.log(None, None, turn),
        );
        Beside {
            rules: rules.ok(),
            requests: requests.ok(),
            schedules: schedules.ok(),
            dependents: dependents.ok(),
            status: status.ok().flatten(),
            log: log.ok(),
        }
    }

    pub(super) async fn rules(&self, turn: Turn) -> Result<Rules, Trouble> {
        let path = format!("/api/v2/projects/{}/environments/{}", segment(&self.project), segment(&self.environment));
        let reply = self.get("environments", &path, turn).await?;
        wire::rules(&reply.body).map_err(|why| self.garbled(&reply.shown(&why), turn))
    }

    /// Requests for approval of this flag in this environment.
    pub(super) async fn requests(&self, turn: Turn) -> Result<Vec<Waiting>, Trouble> {
        let items = self.list("approval-requests", &self.waiting_path("approval-requests"), turn).await?;
        Ok(items.iter().filter_map(wire::request).collect())
    }

    /// Changes of this flag in this environment that are to happen later.
    pub(super) async fn schedules(&self, turn: Turn) -> Result<Vec<Waiting>, Trouble> {
        let items = self.list("scheduled-changes", &self.waiting_path("scheduled-changes"), turn).await?;
        Ok(items.iter().filter_map(wire::scheduled).collect())
    }

    async fn dependents(&self, turn: Turn) -> Result<Vec<String>, Trouble> {
        let [project, environment, flag] = [&self.project, &self.environment, &self.flag].map(|one| segment(one));
        let path = format!("/api/v2/flags/{project}/{environment}/{flag}/dependent-flags");
        Ok(wire::keys(&self.list("dependent-flags", &path, turn).await?))
    }

    async fn status(&self, turn: Turn) -> Result<Option<(String, Option<Time>)>, Trouble> {
        let [project, environment, flag] = [&self.project, &self.environment, &self.flag].map(|one| segment(one));
        let path = format!("/api/v2/flag-statuses/{project}/{environment}/{flag}");
        let reply = self.get("flag-statuses", &path, turn).await?;
        Ok(wire::status(&reply.body))
    }

    /// A page of the audit log of this flag in this environment, the newest first, within milliseconds since 1970.
    pub(super) async fn log(
        &self,
        after: Option<i64>,
        before: Option<i64>,
        turn: Turn,
    ) -> Result<Vec<Logged>, Trouble> {
        let spec = format!("proj/{}:env/{}:flag/{}", self.project, self.environment, self.flag);
        let mut path = format!("/api/v2/auditlog?spec={}&limit={PAGE}", segment(&spec));
        for (name, at) in [("after", after), ("before", before)] {
            if let Some(at) = at {
                path.push_str(&format!("&{name}={at}"));
            }
        }
        let reply = self.get("auditlog", &path, turn).await?;
        let (items, _) = wire::items(&reply.body).map_err(|why| self.garbled(&reply.shown(&why), turn))?;
        let mut log: Vec<Logged> = items.iter().filter_map(wire::logged).collect();
        log.sort_by_key(|one| std::cmp::Reverse(one.date));
        Ok(log)
    }

    /// Everything in a list, page by page where it says that there is more.
    async fn list(&self, kind: &'static str, path: &str, turn: Turn) -> Result<Vec<Value>, Trouble> {
        let mut all: Vec<Value> = Vec::new();
        for _ in 0..PAGES {
            let page = if all.is_empty() { path.to_owned() } else { format!("{path}?offset={}", all.len()) };
            let reply = self.get(kind, &page, turn).await?;
            let (items, total) = wire::items(&reply.body).map_err(|why| self.garbled(&reply.shown(&why), turn))?;
            let is_empty = items.is_empty();
            all.extend(items);
            if is_empty || total.and_then(|total| usize::try_from(total).ok()).is_none_or(|total| all.len() >= total) {
                break;
            }
        }
        Ok(all)
    }
}

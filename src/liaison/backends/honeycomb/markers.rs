//! Markers on Honeycomb's graphs: set once, and looked for when nobody can say whether one was set (reference: its OpenAPI document,
//! `createMarker` and `getMarker`, and what its Terraform provider's tests found: the list may lag a second behind).
//!
//! It must not know what a marker is about.

use super::super::super::http::{Body, Http, Reply, Stakes};
use super::{SELF, segment, wire};
use crate::incident::marker::MarkerIntended;
use crate::incident::time::{SECOND, Time};
use crate::incident::trouble::Trouble;
use serde_json::json;
use std::time::Duration;

/// The kind of all our markers: those of one kind have one colour.
const KIND: &str = "incident";
/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(4);

const SETTING: Stakes = Stakes {
    acts: true,
    no: "No marker was set.",
    stale: "The marker may be there or not.",
    again: "It is looked for, and not sent again",
};
const LOOKING: Stakes = Stakes {
    acts: false,
    no: "Whether the marker is there is not known.",
    stale: "Whether the marker is there is not known.",
    again: "It is looked for again",
};
const CHECKING: Stakes = Stakes {
    acts: false,
    no: "No marker can be set.",
    stale: "Whether markers can be set is not known.",
    again: "Ask again",
};

/// A dataset, or all of an environment, whose graphs show markers.
#[derive(Clone, Debug)]
pub struct Markers {
    http: Http,
    dataset: String,
    deadline: Duration,
}

impl Markers {
    /// The markers of a dataset by its slug, or of the whole environment as `__all__`.
    #[must_use]
    pub fn new(http: Http, dataset: &str) -> Markers {
        Markers { http, dataset: dataset.to_owned(), deadline: DEADLINE }
    }

    /// The same with another deadline for each answer.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Markers {
        Markers { deadline, ..self }
    }

    /// Sets a marker, once; its id there.
    ///
    /// # Errors
    /// It was not set; when nobody can say, that is [`Trouble::Unsure`].
    pub async fn set(&self, marker: &MarkerIntended, now: Time) -> Result<String, Trouble> {
        let body = json!({"start_time": seconds(marker), "message": marker.words, "type": KIND});
        let http = self.http.clone().staking(SETTING);
        let reply = http.ask(&self.path(), Body::Json(body), self.deadline).await?;
        let reply = http.judged(reply, explained, now)?;
        let unread =
            |why: &str| Trouble::Unsure(format!("{}: {why}. {} {}.", self.http.who(), SETTING.stale, SETTING.again));
        let set = wire::marker(&reply.body).map_err(|why| unread(&why))?;
        if set.is(&marker.words, seconds(marker)) {
            Ok(set.id)
        } else {
            Err(unread("what it says was set is another marker"))
        }
    }

    /// Looks for a marker; its id there, or how many others there are.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn find(&self, marker: &MarkerIntended, now: Time) -> Result<Result<String, usize>, Trouble> {
        let all = self.list(LOOKING, now).await?;
        let count = all.len();
        let found = all.into_iter().find(|one| one.is(&marker.words, seconds(marker)));
        Ok(found.map(|found| found.id).ok_or(count))
    }

    /// Finds out whether markers can be set, without setting one; whose graphs show them, in words.
    ///
    /// # Errors
    /// What stands against it.
    pub async fn check(&self, now: Time) -> Result<String, Trouble> {
        let http = self.http.clone().staking(CHECKING);
        let reply = http.ask("/1/auth", Body::Nothing, self.deadline).await?;
        let reply = http.judged(reply, explained, now)?;
        let access = wire::access(&reply.body).map_err(|why| self.garbled(&why, CHECKING))?;
        let denied =
            |what: &str, next: &str| Trouble::Denied(format!("{}: {what}. {} {next}", http.who(), CHECKING.no));
        if access.ingest {
            return Err(denied("the key is an ingest key, which can only send events", "Use a configuration key."));
        }
        if access.markers == Some(false) {
            let next = "Give it to the key in the environment's settings, or take `markers` away.";
            return Err(denied("the key lacks the permission \"Manage Markers\"", next));
        }
        if access.environment.is_none() && self.dataset == "__all__" {
            let next = "Name a dataset in `markers`.";
            return Err(denied("the key is of a classic account, which has no datasets together", next));
        }
        let count = self.list(CHECKING, now).await?.len();
        let of = access.environment.map_or_else(String::new, |name| format!(", environment {name}"));
        Ok(format!("markers go to {} of {}{of}, which has {count}", self.dataset, access.team))
    }

    async fn list(&self, stakes: Stakes, now: Time) -> Result<Vec<wire::Marker>, Trouble> {
        let http = self.http.clone().staking(stakes);
        let reply = http.ask(&self.path(), Body::Nothing, self.deadline).await?;
        let reply = http.judged(reply, explained, now)?;
        wire::markers(&reply.body).map_err(|why| self.garbled(&why, stakes))
    }

    fn path(&self) -> String {
        format!("/1/markers/{}", segment(&self.dataset))
    }

    fn garbled(&self, why: &str, stakes: Stakes) -> Trouble {
        let (who, no) = (self.http.who(), stakes.no);
        Trouble::Garbled(format!("{who}: {why}. {no} See whether this address is {SELF}'s."))
    }
}

/// Where it stands, in seconds since 1970.
fn seconds(marker: &MarkerIntended) -> i64 {
    marker.moment.0.div_euclid(SECOND)
}

/// What an error says, and the question that it raises first.
fn explained(reply: &Reply) -> Option<String> {
    match reply.status {
        403 => {
            let hint = "markers need the permission Manage Markers";
            Some(wire::error(&reply.body).map_or(hint.to_owned(), |said| format!("{said} ({hint})")))
        }
        _ => super::explained(reply),
    }
}

//! Flags of an Unleash server, in one environment of a project: read whole, changed by few requests, put back as they were found. Facts: its
//! open source server 7.5.1 and 8.2.0 as they answered; of its change requests, which only the other editions have, what its own web client sends.
//!
//! On and off cannot be compared and set; a strategy is (`test` in a patch). Turning a flag on whose strategies are none or all disabled adds one for
//! everybody: that never happens here unasked.

mod aim;
mod approval;
mod carry;
mod history;
mod listing;
mod look;
mod plan;
mod state;
mod steps;
mod wire;

use super::super::http::{Body, Http, Method, Reply, Stakes};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use std::time::Duration;
use wire::Flag;

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(10);

const LOOKING: Stakes = Stakes {
    acts: false,
    no: "Nothing was changed.",
    stale: "What it serves is not known.",
    again: "Look at it again",
};

/// Which state of the flag stops what it guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The flag lets a feature run: off stops it.
    Off,
    /// The flag is a kill switch: on stops what it kills.
    On,
}

/// A flag in one environment.
#[derive(Clone, Debug)]
pub struct Unleash {
    admin: Http,
    client: Option<Http>,
    project: String,
    environment: String,
    flag: String,
    stop: Stop,
    deadline: Duration,
}

impl Unleash {
    /// A flag behind the server's base address. `http` has an admin or a personal access token; `client`, at the same address, a frontend token of the
    /// environment, to see what applications are told.
    #[must_use]
    pub fn new(http: Http, client: Option<Http>, project: &str, environment: &str, flag: &str, stop: Stop) -> Unleash {
        let [project, environment, flag] = [project, environment, flag].map(str::to_owned);
        Unleash { admin: http, client, project, environment, flag, stop, deadline: DEADLINE }
    }

    /// The same with another deadline for each answer.
    #[must_use]
    pub fn within(self, deadline: Duration) -> Unleash {
        Unleash { deadline, ..self }
    }

    /// Reads the flag.
    async fn read(&self, stakes: Stakes, now: Time) -> Result<Flag, Trouble> {
        let reply = self.get(&self.path(&[]), stakes, now).await?;
        let found = wire::flag(&reply.body, &self.project, &self.environment, &self.flag);
        found.map_err(|why| self.garbled(&reply.shown(&why), stakes))
    }

    /// Asks something that changes nothing.
    async fn get(&self, path: &str, stakes: Stakes, now: Time) -> Result<Reply, Trouble> {
        let http = self.admin.clone().staking(stakes);
        let reply = http.ask(path, Body::Nothing, self.deadline).await?;
        http.judged(reply, wire::explained, now)
    }

    fn garbled(&self, why: &str, stakes: Stakes) -> Trouble {
        let (who, no) = (self.admin.who(), stakes.no);
        Trouble::Garbled(format!("{who}: {why}. {no} See whether project, flag and address are right."))
    }

    /// The address of the flag, and of what is below it.
    fn path(&self, below: &[&str]) -> String {
        let flag = ["api", "admin", "projects", self.project.as_str(), "features", self.flag.as_str()];
        address(&[flag.as_slice(), below].concat(), &[])
    }

    /// The address of what is below the flag in the environment.
    fn place(&self, below: &[&str]) -> String {
        self.path(&[["environments", self.environment.as_str()].as_slice(), below].concat())
    }
}

/// A path of these parts and pairs, each written so that it stays one part.
fn address(parts: &[&str], pairs: &[(&str, &str)]) -> String {
    let Ok(mut url) = reqwest::Url::parse("http://host") else { return String::new() };
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().extend(parts);
    }
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

/// A request without a content.
fn bare(method: Method) -> Body {
    Body::Other { method, kind: "", content: String::new() }
}

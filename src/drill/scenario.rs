//! A scenario as a value: the world before the drill, its rules, its people and its truth. Reading its text is `read`'s matter. It must
//! not know how the world makes events from it.

mod flagfile;
mod heavy;
mod places;
mod read;
mod told;
mod wire;

use std::fmt;

use super::guide::Guide;
use super::said::{Moment, Report};
use crate::incident::roster::Role;
use crate::incident::severity::Severity;
use crate::incident::time::Time;

/// One rehearsal, as its file tells it. Read with [`Scenario::parse`], which checks what the fields' descriptions promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What is typed: `missing-binary`.
    pub name: String,
    /// One line.
    pub title: String,
    /// One paragraph for the list of drills.
    pub told: String,
    /// What the drill's clock shows at its start; a whole minute.
    pub start: Time,
    /// From here on the world makes nothing more: nobody's disk is filled by a forgotten drill.
    pub ends: Time,
    /// What chance is drawn from unless a person says otherwise.
    pub seed: u64,
    /// How far the event files go back, in days; no less than the window of what is promised.
    pub past_days: u32,
    /// How the incident comes to be declared.
    pub declare: Declare,
    /// What is promised, and measured on which file.
    pub slo: Slo,
    /// The event files' names.
    pub files: Files,
    /// What fields are called in them.
    pub fields: Fields,
    /// How the hosts behave.
    pub rules: Rules,
    /// What the hosts are asked.
    pub traffic: Traffic,
    /// What one customer asks too much of, where the story is about that.
    pub heavy: Option<Heavy>,
    /// What spent budget before the drill.
    pub past: Vec<Past>,
    /// When, before the drill, the balancer's lines tell hosts and builds apart.
    pub apart: Vec<Apart>,
    /// What can be stopped.
    pub switches: Vec<Switch>,
    /// The flag file when the drill opens.
    pub flags: Flags,
    /// Who else is in the room.
    pub cast: Vec<Member>,
    /// What is worth jumping to.
    pub moments: Vec<Moment>,
    /// What others write.
    pub said: Vec<Report>,
    /// What a beginner is told to do next.
    pub guide: Guide,
    /// What the exported document must say.
    pub truth: Vec<Truth>,
}

/// Who declares the incident, and the suggestion for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declare {
    /// Who does it.
    pub by: Declares,
    /// The suggested title.
    pub title: String,
    /// The suggested severity.
    pub severity: Severity,
}

/// Who declares the incident of a drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declares {
    /// The person who plays: the drill opens with nothing declared.
    Commander,
    /// The drill itself, at its start.
    Drill,
}

impl Declares {
    /// Every way and its word.
    pub const ALL: [(Declares, &'static str); 2] = [(Declares::Commander, "commander"), (Declares::Drill, "drill")];
}

/// What is promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slo {
    /// Its name.
    pub name: String,
    /// The share of events that must be good, per million.
    pub target_ppm: u32,
    /// The rolling window, in days.
    pub window_days: u32,
    /// Which events are bad: a filter expression of `query`, unread here.
    pub bad: String,
    /// What such an event is called, in a word.
    pub called: Option<String>,
    /// The event file it is counted on; one of [`Files`].
    pub events: String,
}

/// The names of the two event files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// What the balancer saw.
    pub balancer: String,
    /// What the servers say about themselves.
    pub servers: String,
}

/// What fields are called in the event files: teams differ in that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Who asks.
    pub customer: String,
    /// The build that answers.
    pub build: String,
    /// The status of the answer.
    pub status: String,
}

/// A feature of which one customer asks more than all others. While a cache answers, that hurts nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heavy {
    /// The customer; one of those who ask.
    pub customer: String,
    /// The route of the feature; one of those that are asked for.
    pub route: String,
    /// How many of all requests are this customer's for this route, per million, besides what its weight gives.
    pub share_ppm: u32,
    /// From when on they are slow.
    pub from: Time,
    /// Until when, whoever acts.
    pub until: Time,
    /// How many of them are slow meanwhile, per million; the cache answers the others.
    pub slow_ppm: u32,
    /// The median of the slow ones' duration, in microseconds.
    pub slow_us: u32,
    /// The flag without which nobody asks for that route; it can be stopped.
    pub flag: String,
    /// The value that the flag serves to whom it is stopped for.
    pub off: String,
}

/// How the hosts behave: each follows the flag into the build it names, in its own time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The hosts; each takes the same share of the traffic. What a host that is out would have answered is refused.
    pub hosts: Vec<String>,
    /// The flag that names the build to run.
    pub flag: String,
    /// When the hosts are first told to run what the flag file says.
    pub deployed: Time,
    /// What they run before that.
    pub before: String,
    /// What the flag file says when the drill opens.
    pub deploys: String,
    /// Every build the flag can name.
    pub builds: Vec<String>,
    /// The builds that do not start.
    pub broken: Vec<String>,
    /// How long after being told to run a broken build the first host is out, and the last; seconds.
    pub out_after: (u32, u32),
    /// How long after being told to run a good build the first host is back, and the last; seconds.
    pub back_after: (u32, u32),
}

/// What the hosts are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Requests a minute at each full hour UTC; straight lines between.
    pub per_minute: [u32; 24],
    /// How far a minute may lie from the straight line between two hours, per thousand.
    pub spread_permille: u32,
    /// Who asks, the largest first: the n-th weighs 1 / (n + 2).
    pub customers: Vec<String>,
    /// What for.
    pub routes: Vec<Route>,
    /// Answers with 401, per million.
    pub unauthorized_ppm: u32,
    /// Answers with 404, per million.
    pub not_found_ppm: u32,
}

/// One kind of request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: String,
    /// The route.
    pub route: String,
    /// Its share of the sum of all weights.
    pub weight: u32,
    /// The median of its duration, in microseconds.
    pub median_us: u32,
}

/// Failures before the drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// What it was.
    pub what: String,
    /// When.
    pub when: When,
    /// For how many minutes.
    pub minutes: u32,
    /// How many failures in each of them.
    pub bad_per_minute: u32,
    /// With which status.
    pub status: u16,
    /// Which hosts answered so, and nothing else meanwhile; none when it was spread over all of them.
    pub hosts: Vec<String>,
    /// The build those hosts ran, where it was another.
    pub build: Option<String>,
}

/// A stretch of time before the drill whose lines tell hosts and builds apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Apart {
    /// Its first minute.
    pub from: Time,
    /// The minute after its last.
    pub to: Time,
}

/// When something before the drill was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Once, from this minute.
    Once(Time),
    /// Each day, from this minute of the day UTC.
    Daily(u32),
}

/// Something that can be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Its flag in the flag file.
    pub flag: String,
    /// What kind of value it has.
    pub kind: Kind,
    /// The variant that is served once it is stopped; it is in the flag file.
    pub stop: String,
    /// What kind of context it can be stopped for alone; none when only for everybody.
    pub exclude_by: Option<String>,
    /// The field of the events that names such a context.
    pub field: Option<String>,
    /// What it is for.
    pub what: String,
}

/// What kind of value a flag has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// On or off.
    Boolean,
    /// A text.
    Text,
}

impl Kind {
    /// Every kind and its word.
    pub const ALL: [(Kind, &'static str); 2] = [(Kind::Boolean, "boolean"), (Kind::Text, "string")];
}

/// The flag file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Its name.
    pub file: String,
    /// What it holds when the drill opens.
    pub text: String,
}

/// Somebody, or something, that writes during the drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name.
    pub name: String,
    /// The role they take; none for machines.
    pub role: Option<Role>,
}

/// Something that happened, to the minute: a line of the exported document carries this time and these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// When; a whole minute.
    pub at: Time,
    /// Words in that line.
    pub says: String,
}

/// What is wrong with a scenario's text, as three sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, without a full stop.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mistake { file, line, what } = self;
        write!(f, "{file}, line {line}: {what}. The drill was not started. Correct that line and start it again.")
    }
}

impl std::error::Error for Mistake {}

impl Scenario {
    /// Reads a scenario from its TOML; `file` is only for words.
    ///
    /// # Errors
    /// The first mistake with its line; an unknown word with the nearest known one.
    pub fn parse(file: &str, text: &str) -> Result<Scenario, Mistake> {
        read::scenario(text).map_err(|wrong| Mistake {
            file: file.to_owned(),
            line: places::line(text, wrong.place),
            what: wrong.what,
        })
    }
}

//! A scenario as a value: the world before the drill, its rules, its people and its truth. Reading its text is `read`'s matter. It must
//! not know how the world makes events from it.

mod flagfile;
mod heavy;
mod places;
mod read;
mod rules;
mod told;
mod wire;

use std::fmt;

use super::guide::Guide;
use super::rules::Rules;
use super::said::{Moment, Report};
use crate::incident::roster::Role;
use crate::incident::severity::Severity;
use crate::incident::time::{Span, Time};

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
    /// Switches that are stopped together.
    pub plans: Vec<Plan>,
    /// What is read before a deploy or a thaw.
    pub probes: Vec<Probe>,
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

/// Switches that are stopped together, with one confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it is called; a word.
    pub name: String,
    /// The switches' flags, in the order in which they are stopped.
    pub switches: Vec<String>,
    /// What it is for.
    pub what: String,
}

/// A condition of events that is read before a deploy or a thaw, and again after what it is about has served for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it is called; a word.
    pub name: String,
    /// What it is an angle of.
    pub subject: Option<String>,
    /// What it means when it is green.
    pub says: String,
    /// The event file it is read from; one of [`Files`].
    pub events: String,
    /// What must be so.
    pub wants: Wants,
    /// After how long it is read once more.
    pub soak: Option<Span>,
    /// The switch that is to be stopped when it is red then.
    pub trips: Option<String>,
}

/// What a probe wants of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wants {
    /// At most so many bad ones in the last of the time.
    Bad {
        /// How many.
        most: u64,
        /// The time.
        within: Span,
    },
    /// At most so many values of a field in the last of the time.
    Distinct {
        /// The field.
        field: String,
        /// How many.
        most: u64,
        /// The time.
        within: Span,
    },
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

    /// Every flag that the world follows, each once.
    pub fn followed(&self) -> Vec<&str> {
        let mut flags = self.rules.flags();
        let heavy = self.heavy.as_ref().map(|heavy| heavy.flag.as_str());
        flags.extend(heavy.filter(|flag| !self.rules.flags().contains(flag)));
        flags
    }
}

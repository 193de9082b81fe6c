//! The rehearsed world: asked for a stretch of time and what was switched, it answers with lines, reports, hosts and moments. The same
//! scenario, seed and switches give the same world, however its time is cut. It must not know who asks, nor keep anything.

use super::hosts::{Course, Flip, HostState, Pool};
use super::load::Load;
use super::past;
use super::request::Requests;
use super::said::{self, Said, Story};
use super::scenario::Scenario;
use super::traffic::Flow;
use crate::incident::time::{Span, Time};

/// Which event file a line belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum File {
    /// What the balancer saw.
    Balancer,
    /// What the servers say about themselves.
    Servers,
}

/// One line of an event file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The time it carries.
    pub at: Time,
    /// The file it belongs to; [`World::file`] knows its name.
    pub file: File,
    /// One JSON object, without a line break.
    pub text: String,
}

/// A world. Asking changes nothing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    scenario: Scenario,
    pool: Pool,
    flow: Flow,
    requests: Requests,
}

impl World {
    /// The world of a scenario under this seed.
    pub fn new(scenario: &Scenario, seed: u64) -> World {
        World {
            pool: Pool::new(&scenario.rules, scenario.ends, seed),
            flow: Flow::new(scenario.traffic.per_minute, scenario.traffic.spread_permille, seed),
            requests: Requests::new(scenario, seed),
            scenario: scenario.clone(),
        }
    }

    /// The name of an event file.
    pub fn file(&self, file: File) -> &str {
        match file {
            File::Balancer => &self.scenario.files.balancer,
            File::Servers => &self.scenario.files.servers,
        }
    }

    /// All lines before the start: the balancer's for the days that the scenario says, then the servers' for a day; each in order of time.
    pub fn history(&self) -> impl Iterator<Item = Line> + '_ {
        past::lines(&self.scenario, &self.flow, &self.requests)
    }

    /// The lines of `[from, to)` in order of time, as far as that lies in the drill. A minute has about 9,000 lines, 3 MB: ask for a
    /// long stretch in pieces. A flip changes nothing before its own time, so one that is noticed late contradicts no line already
    /// written when it gets the end of what is written as its time.
    pub fn between(&self, from: Time, to: Time, flips: &[Flip]) -> Vec<Line> {
        let (course, load) = (self.pool.course(flips), self.load(flips));
        let (from, to) = (from.max(self.scenario.start), to.min(self.scenario.ends));
        let mut lines = Vec::new();
        let mut second = from.floor(Span::seconds(1));
        while second < to {
            self.second(second, (from, to), Story { hosts: &course, load: &load }, &mut lines);
            second = second.plus(Span::seconds(1));
        }
        lines
    }

    /// What others write down in `[from, to)`.
    pub fn said(&self, from: Time, to: Time, flips: &[Flip]) -> Vec<Said> {
        let story = Story { hosts: &self.pool.course(flips), load: &self.load(flips) };
        said::between(&self.scenario.said, story, from, to.min(self.scenario.ends))
    }

    /// Each host at a moment.
    pub fn hosts(&self, at: Time, flips: &[Flip]) -> Vec<HostState> {
        self.pool.states(&self.pool.course(flips), at)
    }

    /// What all hosts do over time.
    pub fn course(&self, flips: &[Flip]) -> Course {
        self.pool.course(flips)
    }

    /// How the heavy feature is used over time.
    pub fn load(&self, flips: &[Flip]) -> Load {
        Load::of(self.scenario.heavy.as_ref(), flips)
    }

    /// The next moment worth jumping to after `after`; what was switched so far decides which are still to come.
    pub fn next_event(&self, after: Time, flips: &[Flip]) -> Option<(Time, &str)> {
        let story = Story { hosts: &self.pool.course(flips), load: &self.load(flips) };
        said::next(&self.scenario.moments, story, after)
    }

    /// The lines of one second that lie in `[from, to)`.
    fn second(&self, second: Time, (from, to): (Time, Time), story: Story<'_>, lines: &mut Vec<Line>) {
        let count = self.flow.second(second);
        let iso = second.iso();
        let stamp = iso.trim_end_matches('Z');
        for nth in 0..count {
            let request = self.requests.request(second, nth, count);
            let at = request.at;
            if at < from || at >= to {
                continue;
            }
            let state = story.hosts.state(request.host, at).filter(|state| state.serving);
            let Some((seen, said)) = self.requests.lines(request, stamp, state, story.load) else { continue };
            lines.push(Line { at, file: File::Balancer, text: seen });
            lines.extend(said.map(|text| Line { at, file: File::Servers, text }));
        }
    }
}

//! Which host runs which build, and whether it serves: what was switched, followed by each host in its own time. It must not know
//! requests or files.

use super::chance::{Chance, For};
use super::scenario::Rules;
use crate::incident::time::{SECOND, Span, Time};

/// A flag was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flip {
    /// When the flag file was changed; not before the end of what was already written.
    pub at: Time,
    /// Which flag.
    pub flag: String,
    /// The value that is served from then on. A value that is no build of the scenario changes nothing.
    pub value: String,
    /// The customers that are served the stopped value instead.
    pub without: Vec<String>,
}

/// One host at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostState {
    /// Its name.
    pub name: String,
    /// The build it was last told to start.
    pub build: String,
    /// Whether it answers.
    pub serving: bool,
}

/// What each host would do when told at one time: a function of the rules and the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    rules: Rules,
    out_after: Vec<Span>,
    back_after: Vec<Span>,
}

/// One host begins to run another build, or fails to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    at: Time,
    build: usize,
    serving: bool,
}

/// What all hosts do over time, given what was switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// For each host its turns in order of time; the first stands since ever.
    turns: Vec<Vec<Turn>>,
}

impl Pool {
    /// The hosts of a scenario under this seed.
    pub fn new(rules: &Rules, seed: u64) -> Pool {
        let count = rules.hosts.len();
        Pool {
            out_after: delays(seed, For::Out, count, rules.out_after),
            back_after: delays(seed, For::Back, count, rules.back_after),
            rules: rules.clone(),
        }
    }

    /// What the hosts do when these flags are set, in any order of the list; of two settings at one instant the later in the list counts.
    pub fn course(&self, flips: &[Flip]) -> Course {
        let told = self.told(flips);
        let before = self.build(&self.rules.before).unwrap_or(0);
        let turns = (0..self.rules.hosts.len()).map(|host| self.turns(host, before, &told)).collect();
        Course { turns }
    }

    /// Each host at a moment.
    pub fn states(&self, course: &Course, at: Time) -> Vec<HostState> {
        self.rules
            .hosts
            .iter()
            .enumerate()
            .map(|(host, name)| {
                let (build, serving) = course.state(host, at);
                HostState {
                    name: name.clone(),
                    build: self.rules.builds.get(build).cloned().unwrap_or_default(),
                    serving,
                }
            })
            .collect()
    }

    fn build(&self, name: &str) -> Option<usize> {
        self.rules.builds.iter().position(|known| known == name)
    }

    /// When the hosts are told to run what: at the deploy what the flag says then, afterwards each setting that changes it.
    fn told(&self, flips: &[Flip]) -> Vec<(Time, usize)> {
        let mut set: Vec<(Time, usize)> = flips
            .iter()
            .filter(|flip| flip.flag == self.rules.flag)
            .filter_map(|flip| Some((flip.at, self.build(&flip.value)?)))
            .collect();
        set.sort_by_key(|(at, _)| *at);
        let deployed = self.rules.deployed;
        let early = set.iter().take_while(|(at, _)| *at < deployed).last().map(|(_, build)| *build);
        let first = early.or_else(|| self.build(&self.rules.deploys));
        let mut told: Vec<(Time, usize)> = first.map(|build| (deployed, build)).into_iter().collect();
        told.extend(set.into_iter().filter(|(at, _)| *at >= deployed));
        told.dedup_by_key(|(_, build)| *build);
        told
    }

    /// One host's turns: it does what it was told last, unless it is told something else before it got to it.
    fn turns(&self, host: usize, before: usize, told: &[(Time, usize)]) -> Vec<Turn> {
        let mut turns = vec![Turn { at: Time(i64::MIN), build: before, serving: true }];
        let mut now = before;
        for (nth, (at, build)) in told.iter().enumerate() {
            let name = self.rules.builds.get(*build);
            let broken = name.is_some_and(|name| self.rules.broken.contains(name));
            let delays = if broken { &self.out_after } else { &self.back_after };
            let due = at.plus(delays.get(host).copied().unwrap_or_default());
            let overtaken = told.get(nth + 1).is_some_and(|(next, _)| *next <= due);
            if overtaken || *build == now {
                continue;
            }
            now = *build;
            turns.push(Turn { at: due, build: *build, serving: !broken });
        }
        turns
    }
}

/// How long each host takes: evenly from the first to the last, each but those two moved by at most a third of a step, dealt to the
/// hosts by chance. So the sum hardly depends on the seed, and with it the budget that an outage costs.
fn delays(seed: u64, what: For, count: usize, (first, last): (u32, u32)) -> Vec<Span> {
    let steps = i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(1).max(1);
    let (first, length) = (i64::from(first) * SECOND, i64::from(last.saturating_sub(first)) * SECOND);
    let third = u32::try_from(length / steps / SECOND / 3).unwrap_or(0);
    let mut dealt: Vec<Span> = (0i64..)
        .take(count)
        .map(|nth| {
            let mut chance = Chance::of(seed, what, nth, 0);
            let moved = i64::from(chance.below(2 * third + 1)) - i64::from(third);
            let moved = if nth == 0 || nth == steps { 0 } else { moved * SECOND };
            Span((first + length * nth / steps + moved).div_euclid(SECOND) * SECOND)
        })
        .collect();
    for nth in (1..dealt.len()).rev() {
        let mut chance = Chance::of(seed, what, -1, nth as u64);
        let other = chance.below(u32::try_from(nth + 1).unwrap_or(u32::MAX)) as usize;
        dealt.swap(nth, other);
    }
    dealt
}

impl Course {
    /// How many hosts there are.
    pub fn hosts(&self) -> usize {
        self.turns.len()
    }

    /// Whether this host serves at a moment; a host that is none does not.
    pub fn serves(&self, host: usize, at: Time) -> bool {
        self.turn(host, at).is_some_and(|turn| turn.serving)
    }

    /// The number of this host's build among the scenario's, and whether it serves.
    pub fn state(&self, host: usize, at: Time) -> (usize, bool) {
        self.turn(host, at).map_or((0, false), |turn| (turn.build, turn.serving))
    }

    /// How many hosts are out at a moment.
    pub fn out_at(&self, at: Time) -> usize {
        (0..self.hosts()).filter(|host| !self.serves(*host, at)).count()
    }

    /// When the first host is out.
    pub fn first_out(&self) -> Option<Time> {
        self.first(Time(i64::MIN), |out| out > 0)
    }

    /// When every host is out.
    pub fn all_out(&self) -> Option<Time> {
        let hosts = self.hosts();
        self.first(Time(i64::MIN), |out| out == hosts)
    }

    /// When the first host is back after one was out.
    pub fn first_back(&self) -> Option<Time> {
        let broke = self.first_out()?;
        let back = |turns: &Vec<Turn>| {
            turns.windows(2).find_map(|pair| match pair {
                [out, back] if !out.serving && back.serving && back.at > broke => Some(back.at),
                _ => None,
            })
        };
        self.turns.iter().filter_map(back).min()
    }

    /// When no host is out any more after one was, for the first time.
    pub fn all_back(&self) -> Option<Time> {
        self.first(self.first_out()?, |out| out == 0)
    }

    /// The first turn of any host, after `after`, at which so many are out.
    fn first(&self, after: Time, so: impl Fn(usize) -> bool) -> Option<Time> {
        let mut times: Vec<Time> = self.turns.iter().flatten().map(|turn| turn.at).filter(|at| *at > after).collect();
        times.sort_unstable();
        times.into_iter().find(|at| so(self.out_at(*at)))
    }

    fn turn(&self, host: usize, at: Time) -> Option<&Turn> {
        self.turns.get(host)?.iter().rev().find(|turn| turn.at <= at)
    }
}

//! Which host holds what (its build, data, configuration), and how it serves with that: what was switched, followed by each host in its own
//! time. It must not know requests or files.

use super::chance::{Chance, For};
use super::rules::{Fault, Harm, Part, Rules};
use crate::incident::time::{SECOND, Span, Time};

/// The gate that pipelines ask, where it is written down like a flag: no flag is called that.
pub const GATE: &str = "freeze check";
/// What it says while it is frozen.
const FROZEN: &str = "frozen";

/// A flag was set, or the gate that pipelines ask.
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

impl Flip {
    /// The gate says something else from then on.
    #[must_use]
    pub fn gate(at: Time, is_frozen: bool) -> Flip {
        let value = if is_frozen { FROZEN } else { "open" };
        Flip { at, flag: GATE.into(), value: value.into(), without: Vec::new() }
    }
}

/// One host at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostState {
    /// Its name.
    pub name: String,
    /// The build it was last told to start.
    pub build: String,
    /// What else it holds, in the order of the scenario.
    pub parts: Vec<String>,
    /// Whether it answers.
    pub serving: bool,
}

/// What each host would do when told at one time: a function of the rules and the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    rules: Rules,
    ends: Time,
    out_after: Vec<Span>,
    /// For each part how long each host takes, the build first.
    takes: Vec<Vec<Span>>,
    /// For each fault how long each host serves with it, and is out.
    lasts: Vec<(Vec<Span>, Vec<Span>)>,
}

/// What a host holds and how it is with that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// For each part the number of its value, the build first.
    pub held: Vec<usize>,
    /// Whether it answers.
    pub serving: bool,
    /// It holds what it cannot bear, whether or not it serves yet.
    pub ill: bool,
    /// The status that it answers with, whatever is asked.
    pub answers: Option<u16>,
}

/// From here on one host is in another state.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Turn {
    at: Time,
    state: State,
}

/// What all hosts do over time, given what was switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// For each host its turns in order of time; the first stands since ever.
    turns: Vec<Vec<Turn>>,
    /// From when until when a deploy waits at its gate; without an end it waits still.
    waits: Vec<(Time, Option<Time>)>,
}

impl Pool {
    /// The hosts of a scenario under this seed, as far as `ends`.
    pub fn new(rules: &Rules, ends: Time, seed: u64) -> Pool {
        let count = rules.hosts.len();
        let own = |what, nth| Chance::of(seed, what, nth, 0).draw();
        let mut takes = vec![delays(seed, For::Back, count, rules.build.takes)];
        takes.extend(
            (0..).zip(&rules.parts).map(|(nth, part)| delays(own(For::Part, nth), For::Back, count, part.takes)),
        );
        let lasts = (0..).zip(&rules.faults).map(|(nth, fault)| match fault.harm {
            Harm::Answers(_) => (Vec::new(), Vec::new()),
            Harm::Crashes { serves, out } => {
                let seed = own(For::Fault, nth);
                (delays(seed, For::Out, count, serves), delays(seed, For::Back, count, out))
            }
        });
        Pool {
            out_after: delays(seed, For::Out, count, rules.out_after),
            lasts: lasts.collect(),
            rules: rules.clone(),
            ends,
            takes,
        }
    }

    /// What the hosts do when these flags are set, in any order of the list; of two settings at one instant the later in the list counts.
    pub fn course(&self, flips: &[Flip]) -> Course {
        let build = &self.rules.build;
        let sent = build.sends.iter().map(|sending| (sending.at, goes(build, sending.at, flips)));
        Course {
            turns: (0..self.rules.hosts.len()).map(|host| self.turns(host, flips)).collect(),
            waits: sent.filter(|(at, went)| *went != Some(*at)).collect(),
        }
    }

    /// Each host at a moment.
    pub fn states(&self, course: &Course, at: Time) -> Vec<HostState> {
        let state = |(host, name): (usize, &String)| {
            let state = course.state(host, at);
            let value = |(nth, part): (usize, &Part)| {
                let held = state.and_then(|state| state.held.get(nth));
                held.and_then(|held| part.values.get(*held)).cloned().unwrap_or_default()
            };
            let mut held = self.rules.held().enumerate().map(value);
            HostState {
                name: name.clone(),
                build: held.next().unwrap_or_default(),
                parts: held.collect(),
                serving: state.is_some_and(|state| state.serving),
            }
        };
        self.rules.hosts.iter().enumerate().map(state).collect()
    }

    /// One host's turns: whenever it holds something else it starts anew.
    fn turns(&self, host: usize, flips: &[Flip]) -> Vec<Turn> {
        let mut held: Vec<usize> = self.rules.held().map(|part| number(part, &part.before).unwrap_or(0)).collect();
        let arrive =
            |(nth, part)| self.arrivals(host, nth, part, flips).into_iter().map(move |(at, value)| (at, nth, value));
        let mut arrivals: Vec<(Time, usize, usize)> = self.rules.held().enumerate().flat_map(arrive).collect();
        arrivals.sort_by_key(|(at, ..)| *at);
        let well = State { held: held.clone(), serving: true, ill: false, answers: None };
        let mut turns = vec![Turn { at: Time(i64::MIN), state: well }];
        for (nth, (at, part, value)) in arrivals.iter().enumerate() {
            if let Some(held) = held.get_mut(*part) {
                *held = *value;
            }
            let until = arrivals.get(nth + 1).map_or(self.ends, |(next, ..)| *next);
            self.live(host, &held, (*at, until), &mut turns);
        }
        turns
    }

    /// What becomes of a host that holds this in `[from, until)`.
    fn live(&self, host: usize, held: &[usize], (from, until): (Time, Time), turns: &mut Vec<Turn>) {
        let build = held.first().and_then(|build| self.rules.build.values.get(*build));
        let broken = build.is_some_and(|build| self.rules.broken.contains(build));
        let fits = |fault: &Fault| fault.with.iter().all(|(part, value)| held.get(*part) == Some(value));
        let fault = self.rules.faults.iter().position(fits).filter(|_| !broken);
        let harm = fault.and_then(|fault| self.rules.faults.get(fault)).map(|fault| fault.harm);
        let answers = match harm {
            Some(Harm::Answers(status)) => Some(status),
            _ => None,
        };
        let state = |serving| State { held: held.to_vec(), serving, ill: broken || fault.is_some(), answers };
        turns.push(Turn { at: from, state: state(!broken) });
        let lasts = fault.and_then(|fault| self.lasts.get(fault));
        let Some((serves, out)) = lasts.and_then(|(serves, out)| Some((*serves.get(host)?, *out.get(host)?))) else {
            return;
        };
        let mut at = from.plus(serves);
        while at < until {
            turns.push(Turn { at, state: state(false) });
            let back = at.plus(out);
            if back < until {
                turns.push(Turn { at: back, state: state(true) });
            }
            at = back.plus(serves);
        }
    }

    /// When one host holds which value of a part: it does what it was told last, unless it is told something else before it got to it.
    fn arrivals(&self, host: usize, nth: usize, part: &Part, flips: &[Flip]) -> Vec<(Time, usize)> {
        let told = told(part, host, self.ends, flips);
        let mut now = number(part, &part.before).unwrap_or(0);
        let mut arrivals = Vec::new();
        for (place, (at, value)) in told.iter().enumerate() {
            let name = part.values.get(*value);
            let broken = nth == 0 && name.is_some_and(|name| self.rules.broken.contains(name));
            let delays = if broken { Some(&self.out_after) } else { self.takes.get(nth) };
            let due = at.plus(delays.and_then(|delays| delays.get(host)).copied().unwrap_or_default());
            let overtaken = told.get(place + 1).is_some_and(|(next, _)| *next <= due);
            if overtaken || *value == now {
                continue;
            }
            now = *value;
            arrivals.push((due, *value));
        }
        arrivals
    }
}

/// The number of a value among those of its part.
fn number(part: &Part, value: &str) -> Option<usize> {
    part.values.iter().position(|known| known == value)
}

/// When a host is told to hold which value: whenever it is sent what the flag says then, and from the first sending on each setting of the flag.
fn told(part: &Part, host: usize, ends: Time, flips: &[Flip]) -> Vec<(Time, usize)> {
    let of = |flag: &str| {
        let mut set: Vec<&Flip> = flips.iter().filter(|flip| flip.flag == flag).collect();
        set.sort_by_key(|flip| flip.at);
        set
    };
    let set: Vec<(Time, usize)> =
        of(&part.flag).into_iter().filter_map(|flip| Some((flip.at, number(part, &flip.value)?))).collect();
    let (Some(first), Some(begins)) = (number(part, &part.first), part.sends.first().map(|sending| sending.at)) else {
        return Vec::new();
    };
    let says = |at: Time| set.iter().take_while(|(set, _)| *set < at).last().map_or(first, |(_, value)| *value);
    let sent = part.sends.iter().filter(|sending| sending.hosts.contains(&host));
    let sent = sent.filter_map(|sending| goes(part, sending.at, flips));
    let mut told: Vec<(Time, usize)> = sent.map(|at| (at, says(at))).collect();
    if let Some(again) = &part.again {
        let stops = of(&again.flag);
        let runs =
            |at: Time| stops.iter().take_while(|flip| flip.at <= at).last().is_none_or(|flip| flip.value == again.on);
        let ticks = std::iter::successors(Some(begins.plus(again.every)), |at| Some(at.plus(again.every)));
        told.extend(ticks.take_while(|at| *at < ends).filter(|at| runs(*at)).map(|at| (at, first)));
        let stopped = stops.iter().filter(|flip| flip.at >= begins && flip.value != again.on);
        told.extend(stopped.map(|flip| (flip.at, says(flip.at))));
    }
    told.extend(set.iter().filter(|(at, _)| *at >= begins));
    // stable: what a person sets at the same moment counts
    told.sort_by_key(|(at, _)| *at);
    told.dedup_by_key(|(_, value)| *value);
    told
}

/// When something is sent that is to be sent at a time: then, or once the gate that its pipeline asks is not frozen any more.
fn goes(part: &Part, at: Time, flips: &[Flip]) -> Option<Time> {
    if part.gate.is_none() {
        return Some(at);
    }
    let mut answers: Vec<&Flip> = flips.iter().filter(|flip| flip.flag == GATE).collect();
    answers.sort_by_key(|flip| flip.at);
    let is_frozen = answers.iter().take_while(|flip| flip.at <= at).last().is_some_and(|flip| flip.value == FROZEN);
    if !is_frozen {
        return Some(at);
    }
    answers.iter().find(|flip| flip.at > at && flip.value != FROZEN).map(|flip| flip.at)
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
        self.state(host, at).is_some_and(|state| state.serving)
    }

    /// How this host is at a moment; a host that is none is not.
    pub fn state(&self, host: usize, at: Time) -> Option<&State> {
        let turns = self.turns.get(host)?;
        let after = turns.partition_point(|turn| turn.at <= at);
        Some(&turns.get(after.checked_sub(1)?)?.state)
    }

    /// How many hosts hold at a moment what they cannot bear.
    pub fn ill_at(&self, at: Time) -> usize {
        (0..self.hosts()).filter(|host| self.state(*host, at).is_some_and(|state| state.ill)).count()
    }

    /// Whether a deploy waits at its gate at a moment.
    pub fn is_held_at(&self, at: Time) -> bool {
        self.waits.iter().any(|(from, until)| *from <= at && until.is_none_or(|until| at < until))
    }

    /// How many hosts are out at a moment.
    pub fn out_at(&self, at: Time) -> usize {
        (0..self.hosts()).filter(|host| !self.serves(*host, at)).count()
    }

    /// When the first host is out.
    pub fn first_out(&self) -> Option<Time> {
        self.first(Time(i64::MIN), |at| self.out_at(at) > 0)
    }

    /// When every host is out.
    pub fn all_out(&self) -> Option<Time> {
        let hosts = self.hosts();
        self.first(Time(i64::MIN), |at| self.out_at(at) == hosts)
    }

    /// When the first host is back after one was out.
    pub fn first_back(&self) -> Option<Time> {
        let broke = self.first_out()?;
        let back = |turns: &Vec<Turn>| {
            turns.windows(2).find_map(|pair| match pair {
                [out, back] if !out.state.serving && back.state.serving && back.at > broke => Some(back.at),
                _ => None,
            })
        };
        self.turns.iter().filter_map(back).min()
    }

    /// When no host is out any more after one was, for the first time.
    pub fn all_back(&self) -> Option<Time> {
        self.first(self.first_out()?, |at| self.out_at(at) == 0)
    }

    /// When the first host holds what it cannot bear.
    pub fn first_ill(&self) -> Option<Time> {
        self.first(Time(i64::MIN), |at| self.ill_at(at) > 0)
    }

    /// When no host holds any more what it cannot bear after one did, for the first time.
    pub fn all_well(&self) -> Option<Time> {
        self.first(self.first_ill()?, |at| self.ill_at(at) == 0)
    }

    /// The first turn of any host, after `after`, at which this is so.
    fn first(&self, after: Time, so: impl Fn(Time) -> bool) -> Option<Time> {
        let mut times: Vec<Time> = self.turns.iter().flatten().map(|turn| turn.at).filter(|at| *at > after).collect();
        times.sort_unstable();
        times.dedup();
        times.into_iter().find(|at| so(*at))
    }
}

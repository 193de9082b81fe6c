//! One request as its two event lines: what the balancer saw and, when a host took it, what that host says. It must not know why a host
//! is out.

use std::fmt::Write;

use super::chance::{Chance, For};
use super::hosts::State;
use super::load::Load;
use super::rules::{Part, Rules};
use super::scenario::{Heavy, Route, Scenario};
use crate::incident::time::{SECOND, Time};

/// Durations in thousandths of their median at 65 evenly spaced shares of the requests: a log-normal spread with sigma 0.6, its last
/// value drawn out to 8 medians for the slow few.
const SPREAD: [u32; 65] = [
    234, 302, 346, 381, 411, 438, 464, 487, 510, 532, 553, 573, 594, 613, 633, 653, 672, 691, 711, 730, 749, 769, 789,
    808, 828, 849, 869, 890, 911, 933, 955, 977, 1000, 1023, 1047, 1072, 1097, 1123, 1150, 1178, 1207, 1237, 1268,
    1300, 1334, 1370, 1407, 1446, 1488, 1532, 1579, 1630, 1685, 1744, 1809, 1881, 1961, 2052, 2157, 2281, 2433, 2625,
    2890, 3308, 8000,
];

/// What requests can be, with every name already written as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requests {
    seed: u64,
    /// `,"host":"api-1"`, with its batch if it has one.
    hosts: Vec<String>,
    /// For each part its values, the build first: `,"build":"1822"`
    parts: Vec<Vec<String>>,
    /// `,"http.response.status_code":`
    status: String,
    /// The share that ends here, `,"route":…,"http.request.method":…`, the median in µs.
    routes: Vec<(u32, String, u32)>,
    /// The share that ends here, `,"customer":"harbor"`.
    customers: Vec<(u32, String)>,
    heavy: Option<Feature>,
    unauthorized_ppm: u32,
    not_found_ppm: u32,
}

/// A feature that one customer asks too much of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Feature {
    rule: Heavy,
    /// Its customer and its route, by their places.
    customer: usize,
    route: usize,
    /// Who asks, by name.
    names: Vec<String>,
}

/// One request, drawn.
#[derive(Clone, Debug)]
pub struct Request {
    /// When it was answered; a whole millisecond.
    pub at: Time,
    /// The host it falls to.
    pub host: usize,
    chance: Chance,
}

impl Requests {
    /// Requests as this scenario has them.
    pub fn new(scenario: &Scenario, seed: u64) -> Requests {
        let Scenario { rules, traffic, fields, .. } = scenario;
        let field = |key: &str, value: &str| format!(r#","{key}":{}"#, quoted(value));
        let mut weights = 0;
        let mut route = |one: &Route| {
            weights += one.weight;
            let text = field("route", &one.route) + &field("http.request.method", &one.method);
            (weights, text, one.median_us)
        };
        let mut shares = 0;
        let mut customer = |(nth, name): (u32, &String)| {
            shares += 1_000_000 / (nth + 3);
            (shares, field(&fields.customer, name))
        };
        let feature = |rule: &Heavy| {
            let customer = traffic.customers.iter().position(|name| *name == rule.customer)?;
            let route = traffic.routes.iter().position(|one| one.route == rule.route)?;
            Some(Feature { rule: rule.clone(), customer, route, names: traffic.customers.clone() })
        };
        Requests {
            seed,
            hosts: (0..rules.hosts.len()).map(|host| format!(",{}", host_fields(rules, host))).collect(),
            parts: rules
                .held()
                .map(|part: &Part| part.values.iter().map(|value| field(&part.field, value)).collect())
                .collect(),
            status: format!(",{}:", quoted(&fields.status)),
            heavy: scenario.heavy.as_ref().and_then(feature),
            routes: traffic.routes.iter().map(&mut route).collect(),
            customers: (0..).zip(&traffic.customers).map(&mut customer).collect(),
            unauthorized_ppm: traffic.unauthorized_ppm,
            not_found_ppm: traffic.not_found_ppm,
        }
    }

    /// The `nth` of `count` requests in the second that begins at `second`; a later one is never earlier.
    pub fn request(&self, second: Time, nth: u32, count: u32) -> Request {
        let mut chance = Chance::of(self.seed, For::Request, second.0.div_euclid(SECOND), u64::from(nth));
        let count = i64::from(count.max(1));
        let into = (i64::from(nth) * SECOND + i64::from(chance.below(1_000_000))) / count;
        let host = chance.below(u32::try_from(self.hosts.len()).unwrap_or(u32::MAX)) as usize;
        Request { at: Time(second.0 + into / 1000 * 1000), host, chance }
    }

    /// What the balancer saw, and what the host says that serves in this state; with none the request is refused, and no host says anything.
    /// `second` is the ISO time of the request's second without its final `Z`. `None` when nobody asks: the feature it would be for was
    /// taken from who would ask.
    pub fn lines(
        &self,
        request: Request,
        second: &str,
        state: Option<&State>,
        load: &Load,
    ) -> Option<(String, Option<String>)> {
        let Request { at, host, mut chance } = request;
        let nothing = "";
        let heavy = self.heavy.as_ref();
        let (route, customer) = match heavy.filter(|heavy| chance.happens(heavy.rule.share_ppm)) {
            Some(heavy) => (heavy.route, heavy.customer),
            None => (pick(&self.routes, &mut chance, |one| one.0), pick(&self.customers, &mut chance, |one| one.0)),
        };
        let asked = heavy.filter(|heavy| heavy.route == route);
        let asker = asked.and_then(|heavy| heavy.names.get(customer));
        if asker.is_some_and(|name| !load.has(name, at)) {
            return None;
        }
        let slow = asked.filter(|heavy| heavy.customer == customer && load.is_slow(at));
        let slow = slow.filter(|heavy| chance.happens(heavy.rule.slow_ppm)).map(|heavy| heavy.rule.slow_us);
        let (route, median_us) =
            self.routes.get(route).map_or((nothing, 0), |(_, text, median_us)| (text.as_str(), *median_us));
        let customer = self.customers.get(customer).map_or(nothing, |(_, text)| text.as_str());
        let status = match chance.below(1_000_000) {
            _ if slow.is_some() => 200,
            draw if draw < self.unauthorized_ppm => 401,
            draw if draw < self.unauthorized_ppm + self.not_found_ppm => 404,
            _ => 200,
        };
        let code = &self.status;
        let tenths = duration(slow.unwrap_or(median_us), &mut chance);
        let trace = (u128::from(chance.draw()) << 64) | u128::from(chance.draw());
        let (span, child) = (chance.draw(), chance.draw());
        let millis = at.0.rem_euclid(SECOND) / 1000;

        let mut seen = String::with_capacity(320);
        let place = state.map(|state| self.place(host, state)).unwrap_or_default();
        let answers = state.and_then(|state| state.answers);
        let (status, error) = answers.map_or((status, nothing), |status| (status, r#","error":true"#));
        let wrote = match state {
            None => write!(
                seen,
                r#"{{"time":"{second}.{millis:03}Z","service":"lb"{route}{customer}{code}503,"error":true,"error.type":"no_upstream","duration_ms":0.{},"trace.trace_id":"{trace:032x}","trace.span_id":"{span:016x}"}}"#,
                tenths % 8 + 2,
            ),
            Some(_) => write!(
                seen,
                r#"{{"time":"{second}.{millis:03}Z","service":"lb"{place}{route}{customer}{code}{status}{error},"duration_ms":{}.{},"trace.trace_id":"{trace:032x}","trace.span_id":"{span:016x}"}}"#,
                tenths / 10,
                tenths % 10,
            ),
        };
        if state.is_none() {
            return Some((written(seen, wrote), None));
        }
        // the way between balancer and host takes from 0.3 to 0.8 ms
        let inside = tenths.saturating_sub(span as u32 % 6 + 3).max(1);
        let mut said = String::with_capacity(352);
        let wrote_too = write!(
            said,
            r#"{{"time":"{second}.{millis:03}Z","service":"api"{place}{route}{customer}{code}{status}{error},"duration_ms":{}.{},"trace.trace_id":"{trace:032x}","trace.span_id":"{child:016x}","trace.parent_id":"{span:016x}"}}"#,
            inside / 10,
            inside % 10,
        );
        Some((written(seen, wrote), Some(written(said, wrote_too))))
    }

    /// Whose the `nth` of many requests is, as `,"customer":"harbor"`: evenly by their shares, however few of them are looked at. `None` in
    /// a story that is not about customers.
    pub fn asker(&self, nth: u64) -> Option<&str> {
        let heavy = self.heavy.as_ref()?;
        // steps of the golden ratio fall apart evenly
        let point = self.seed.wrapping_add(nth.wrapping_mul(2_654_435_769)) & 0xFFFF_FFFF;
        let share = u64::from(heavy.rule.share_ppm) * 0x1_0000_0000 / 1_000_000;
        let customer = match point.checked_sub(share) {
            None => heavy.customer,
            Some(point) => {
                let all = u64::from(self.customers.last().map_or(0, |one| one.0));
                let draw = point * all / (0x1_0000_0000 - share).max(1);
                self.customers.partition_point(|one| u64::from(one.0) <= draw)
            }
        };
        self.customers.get(customer).map(|(_, text)| text.as_str())
    }

    /// The host and what it holds, as fields.
    fn place(&self, host: usize, state: &State) -> String {
        let held = self.parts.iter().zip(&state.held).filter_map(|(values, held)| values.get(*held));
        self.hosts.get(host).into_iter().chain(held).map(String::as_str).collect()
    }
}

/// Writing into a `String` cannot fail; were it to, half a line would be worse than none.
fn written(line: String, wrote: std::fmt::Result) -> String {
    wrote.map_or_else(|_| String::new(), |()| line)
}

/// A host and its batch, as JSON fields.
pub fn host_fields(rules: &Rules, host: usize) -> String {
    let name = rules.hosts.get(host).map_or_else(String::new, |name| quoted(name));
    let batch = rules.batch(host).map(|batch| format!(r#","batch":{}"#, quoted(batch))).unwrap_or_default();
    format!(r#""host":{name}{batch}"#)
}

/// A name as a JSON text.
pub fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// The place of one of a list whose entries carry the share that ends with them.
fn pick<T>(list: &[T], chance: &mut Chance, ends: impl Fn(&T) -> u32) -> usize {
    let draw = chance.below(list.last().map_or(0, &ends));
    list.partition_point(|one| ends(one) <= draw)
}

/// A duration in tenths of a millisecond, at least one.
fn duration(median_us: u32, chance: &mut Chance) -> u32 {
    let draw = chance.draw();
    let (step, between) = ((draw >> 58) as usize, (draw >> 42) & 0xFFFF);
    let at = |step: usize| u64::from(SPREAD.get(step).copied().unwrap_or(1000));
    let share = (at(step) * (0x1_0000 - between) + at(step + 1) * between) >> 16;
    u32::try_from(u64::from(median_us) * share / 100_000).unwrap_or(u32::MAX).max(1)
}

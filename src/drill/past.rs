//! The weeks before the drill, counted together: one line stands for a minute's requests with one status, and says so (`samplerate`,
//! `rollup`). In the last hour a line stands for ten seconds. It must not know the drill itself.

use std::iter;

use super::request::quoted;
use super::scenario::{Past, Scenario, When};
use super::traffic::Flow;
use super::world::{File, Line};
use crate::incident::time::{HOUR, MINUTE, Span, Time};

/// How long before the drill the lines stand for ten seconds.
const FINE: Span = Span(HOUR);
/// How far back the servers' own file goes.
const SERVERS: Span = Span(24 * HOUR);

/// All lines before the drill: the balancer's in order of time, then the servers'.
pub fn lines<'a>(scenario: &'a Scenario, flow: &'a Flow) -> impl Iterator<Item = Line> + 'a {
    let start = scenario.start;
    let window = Span(i64::from(scenario.slo.window_days) * 24 * HOUR);
    let balancer = stretches(start.minus(window), start).flat_map(move |stretch| seen(scenario, flow, stretch));
    let names: Vec<String> = scenario.rules.hosts.iter().map(|name| quoted(name)).collect();
    let build = quoted(&scenario.rules.before);
    let servers = stretches(start.minus(SERVERS), start).flat_map(move |stretch| said(&names, &build, flow, stretch));
    balancer.chain(servers)
}

/// A stretch of time that one line stands for.
#[derive(Clone, Copy)]
struct Stretch {
    from: Time,
    length: Span,
}

fn stretches(from: Time, to: Time) -> impl Iterator<Item = Stretch> {
    let fine = to.minus(FINE);
    let next = move |now: &Stretch| {
        let from = now.from.plus(now.length);
        let length = if from < fine { Span::minutes(1) } else { Span::seconds(10) };
        (from < to).then_some(Stretch { from, length })
    };
    iter::successors(Some(Stretch { from, length: Span::minutes(1) }), next)
}

impl Stretch {
    fn minute(self) -> bool {
        self.length.0 == MINUTE
    }

    fn requests(self, flow: &Flow) -> u32 {
        if self.minute() { flow.minute(self.from) } else { flow.seconds(self.from, self.length) }
    }

    /// A line that stands for so many requests, or none for none. It carries the middle of its stretch.
    fn line(self, file: File, rest: &str, requests: u32) -> Option<Line> {
        let at = self.from.plus(Span(self.length.0 / 2));
        let rollup = if self.minute() { "1m" } else { "10s" };
        let text = format!(r#"{{"time":"{}","samplerate":{requests},{rest},"rollup":"{rollup}"}}"#, at.iso());
        (requests > 0).then_some(Line { at, file, text })
    }
}

/// The balancer's lines for one stretch: good, the callers' own faults, failures.
fn seen(scenario: &Scenario, flow: &Flow, stretch: Stretch) -> Vec<Line> {
    let mut good = stretch.requests(flow);
    let mut counts: Vec<(u16, u32)> = Vec::with_capacity(2);
    // one kind of caller's fault a line, in turns, so that both have their share over four lines
    let faults = u64::from(good) * u64::from(scenario.traffic.unauthorized_ppm + scenario.traffic.not_found_ppm);
    let turn = stretch.from.0.div_euclid(stretch.length.0).rem_euclid(4);
    counts.push((if turn == 3 { 401 } else { 404 }, u32::try_from(faults / 1_000_000).unwrap_or(0)));
    for past in &scenario.past {
        counts.push((past.status, failures(past, stretch)));
    }
    for (_, count) in &mut counts {
        *count = (*count).min(good);
        good -= *count;
    }
    let line = |(status, count): (u16, u32)| {
        let error = if status >= 500 { r#","error":true"# } else { "" };
        stretch.line(File::Balancer, &format!(r#""service":"lb","http.response.status_code":{status}{error}"#), count)
    };
    iter::once((200, good)).chain(counts).filter_map(line).collect()
}

/// How many requests failed in this stretch because of that.
fn failures(past: &Past, stretch: Stretch) -> u32 {
    let began = match past.when {
        When::Once(at) => at,
        When::Daily(minute) => {
            let day = 24 * HOUR;
            let today = Time(stretch.from.0.div_euclid(day) * day + i64::from(minute) * MINUTE);
            if today <= stretch.from { today } else { today.minus(Span(day)) }
        }
    };
    let during = began <= stretch.from && stretch.from < began.plus(Span::minutes(i64::from(past.minutes)));
    // what a minute has is dealt to its six stretches, the remainder to the first
    match (during, stretch.minute()) {
        (false, _) => 0,
        (true, true) => past.bad_per_minute,
        (true, false) if stretch.from.0.rem_euclid(MINUTE) == 0 => past.bad_per_minute - past.bad_per_minute / 6 * 5,
        (true, false) => past.bad_per_minute / 6,
    }
}

/// The servers' lines for one stretch: each host took its share and saw no failure.
fn said(names: &[String], build: &str, flow: &Flow, stretch: Stretch) -> Vec<Line> {
    let hosts = u32::try_from(names.len()).unwrap_or(u32::MAX).max(1);
    let requests = stretch.requests(flow);
    let line = |(nth, name): (u32, &String)| {
        let share = requests / hosts + u32::from(nth < requests % hosts);
        let rest = format!(r#""service":"api","host":{name},"build":{build},"http.response.status_code":200"#);
        stretch.line(File::Servers, &rest, share)
    };
    (0..).zip(names).filter_map(line).collect()
}

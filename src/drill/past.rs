//! The weeks before the drill, counted together: one line stands for a minute's requests with one status, and says so (`samplerate`,
//! `rollup`). In the last hour a line stands for ten seconds. Where the story is about customers, a line stands for a part of that and names
//! one of them, as a sample does. It must not know the drill itself.

use std::iter;

use super::request::{Requests, host_fields, quoted};
use super::scenario::{Past, Scenario, When};
use super::traffic::Flow;
use super::world::{File, Line};
use crate::incident::time::{HOUR, MINUTE, SECOND, Span, Time};

/// How long before the drill the lines stand for ten seconds.
const FINE: Span = Span(HOUR);
/// How far back the servers' own file goes.
const SERVERS: Span = Span(24 * HOUR);
/// How many customers stand for all who asked in ten seconds; for a minute it is one.
const SAMPLES: u64 = 20;

/// All lines before the drill: the balancer's in order of time, then the servers'.
pub fn lines<'a>(scenario: &'a Scenario, flow: &'a Flow, requests: &'a Requests) -> impl Iterator<Item = Line> + 'a {
    let start = scenario.start;
    let window = Span(i64::from(scenario.past_days) * 24 * HOUR);
    let balancer =
        stretches(start.minus(window), start).flat_map(move |stretch| seen(scenario, flow, requests, stretch));
    let names: Vec<String> = (0..scenario.rules.hosts.len()).map(|host| host_fields(&scenario.rules, host)).collect();
    let held = scenario.rules.held().map(|part| format!("{}:{}", quoted(&part.field), quoted(&part.before)));
    let held = held.collect::<Vec<_>>().join(",");
    let status = quoted(&scenario.fields.status);
    let servers =
        stretches(start.minus(SERVERS), start).flat_map(move |stretch| said(&names, (&held, &status), flow, stretch));
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
fn seen(scenario: &Scenario, flow: &Flow, requests: &Requests, stretch: Stretch) -> Vec<Line> {
    let mut good = stretch.requests(flow);
    let mut counts: Vec<(Option<&Past>, u16, u32)> = Vec::with_capacity(2);
    // one kind of caller's fault a line, in turns, so that both have their share over four lines
    let faults = u64::from(good) * u64::from(scenario.traffic.unauthorized_ppm + scenario.traffic.not_found_ppm);
    let turn = stretch.from.0.div_euclid(stretch.length.0).rem_euclid(4);
    let fault = if turn == 3 && scenario.traffic.unauthorized_ppm > 0 { 401 } else { 404 };
    counts.push((None, fault, u32::try_from(faults / 1_000_000).unwrap_or(0)));
    for past in &scenario.past {
        counts.push((Some(past), past.status, failures(past, stretch)));
    }
    for (_, _, count) in &mut counts {
        *count = (*count).min(good);
        good -= *count;
    }
    let code = quoted(&scenario.fields.status);
    let line = |place: &str, status: u16, count: u32| {
        let error = if status >= 500 { r#","error":true"# } else { "" };
        let rest = format!(r#""service":"lb"{place},{code}:{status}{error}"#);
        stretch.line(File::Balancer, &rest, count)
    };
    let field = quoted(&scenario.rules.build.field);
    let place = |host: &str, build: &str| format!(r#","host":{},{field}:{}"#, quoted(host), quoted(build));
    // who stands for all who asked meanwhile; nobody where customers are not told apart
    let first = stretch.from.0.div_euclid(10 * SECOND).cast_unsigned().wrapping_mul(SAMPLES);
    let asker = |nth: u64| requests.asker(first.wrapping_add(nth)).unwrap_or_default();
    let mut lines = Vec::new();
    if scenario.apart.iter().any(|apart| apart.from <= stretch.from && stretch.from < apart.to) {
        let failing = |host: &String| {
            let mut pasts = counts.iter().filter(|(_, _, count)| *count > 0).filter_map(|(past, ..)| *past);
            pasts.any(|past| past.hosts.contains(host))
        };
        let hosts = scenario.rules.hosts.iter().filter(|host| !failing(host));
        let hosts: Vec<&str> = hosts.map(String::as_str).collect();
        let before = &scenario.rules.build.before;
        lines.extend(dealt(good, &hosts).filter_map(|(host, count)| line(&place(host, before), 200, count)));
    } else {
        let samples = if stretch.minute() || asker(0).is_empty() { 1 } else { SAMPLES };
        let askers: Vec<&str> = (0..samples).map(asker).collect();
        lines.extend(dealt(good, &askers).filter_map(|(asker, count)| line(asker, 200, count)));
    }
    for (past, status, count) in counts {
        match past {
            Some(past) if !past.hosts.is_empty() => {
                let build = past.build.as_ref().unwrap_or(&scenario.rules.build.before);
                let hosts: Vec<&str> = past.hosts.iter().map(String::as_str).collect();
                lines.extend(dealt(count, &hosts).filter_map(|(host, count)| line(&place(host, build), status, count)));
            }
            _ => lines.extend(line(asker(u64::from(status)), status, count)),
        }
    }
    lines
}

/// So many requests dealt to hosts or customers, the remainder to the first.
fn dealt<'a>(requests: u32, hosts: &'a [&'a str]) -> impl Iterator<Item = (&'a str, u32)> + 'a {
    let count = u32::try_from(hosts.len()).unwrap_or(u32::MAX).max(1);
    let share = move |nth: u32| requests / count + u32::from(nth < requests % count);
    (0..).zip(hosts).map(move |(nth, host)| (*host, share(nth)))
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
fn said(names: &[String], (held, status): (&str, &str), flow: &Flow, stretch: Stretch) -> Vec<Line> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let line = |(name, share): (&str, u32)| {
        let rest = format!(r#""service":"api",{name},{held},{status}:200"#);
        stretch.line(File::Servers, &rest, share)
    };
    dealt(stretch.requests(flow), &names).filter_map(line).collect()
}

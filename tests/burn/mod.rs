//! What the burn panel is told while a world is played: the servers' own file shows no failure when they are dead, and must not look healthy for that.

#![allow(clippy::expect_used, reason = "a test that cannot go on fails, and says why")]

use quarterdeck::app::feed::{Burn, BurnAsk};
use quarterdeck::config::asks::{Asks, Part, Which};
use quarterdeck::config::blocks::Slo;
use quarterdeck::config::read::Written;
use quarterdeck::config::trouble::Place;
use quarterdeck::drill::hosts::Flip;
use quarterdeck::drill::scenario;
use quarterdeck::drill::world::{File, World};
use quarterdeck::incident::time::{HOUR, Span, Time};
use quarterdeck::query::calendar::Window;
use quarterdeck::query::state::State;
use quarterdeck::shell::asker::Source;
use std::io::Write as _;

fn at(clock: &str) -> Time {
    Time::parse_iso(&format!("2019-07-09T{clock}Z")).expect("a time of day")
}

/// Whether somebody who sees this would say that all is well.
fn looks_healthy(burn: &Burn) -> bool {
    burn.state == State::Value && burn.traffic_ppm.is_none_or(|ppm| ppm >= 900_000) && burn.standing().next().is_none()
}

#[test]
fn given_the_servers_file_alone_when_they_die_one_by_one_then_at_no_minute_of_the_outage_it_looks_healthy() {
    let world = World::new(&scenario("missing-binary").expect("it is listed").expect("it reads"), 1823);
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("servers.ndjson");
    let mut file = std::fs::File::create(&path).expect("a file");
    for line in world.history().filter(|line| line.file == File::Servers) {
        writeln!(file, "{}", line.text).expect("written");
    }
    let written = |text: &str| Written { text: text.into(), place: Place::Machine, key: "slo.bad".into() };
    let asks = Asks::Events {
        path,
        which: Which { part: Part::Bad(written("http.response.status_code >= 500")), valid: None },
        told: None,
    };
    let slo = Slo::new("servers", asks, 999_500, Window::Rolling(30 * 24 * HOUR));
    let mut source = Source::new(&slo, &[]).expect("a filter");
    let flips = [Flip { at: at("22:58:40"), flag: "release".into(), value: "1822".into(), without: Vec::new() }];
    let (mut now, mut healthy, mut gone) = (at("22:48:00"), Vec::new(), Vec::new());
    while now < at("23:10:00") {
        let next = now.plus(Span::seconds(20));
        for line in world.between(now, next, &flips).into_iter().filter(|line| line.file == File::Servers) {
            writeln!(file, "{}", line.text).expect("written");
        }
        now = next;
        let step = Span::seconds(15);
        let from = now.minus(Span::seconds(1_800)).floor(step);
        let ask = BurnAsk { slo: 0, ticket: 0, now, from, step, columns: 120, act: None, shown: true };
        let burn = source.answer(&ask).expect("an answer");
        if looks_healthy(&burn) {
            healthy.push(now);
        }
        if burn.state == State::TrafficGone {
            gone.push(now);
        }
    }
    let down = at("22:52:00")..at("23:00:00");
    let fooled: Vec<String> = healthy.iter().filter(|now| down.contains(now)).map(|now| now.clock()).collect();
    assert!(fooled.is_empty(), "it looked healthy at {fooled:?}");
    assert!(healthy.first().is_some_and(|first| *first < at("22:50:00")), "it was, before: {healthy:?}");
    assert!(healthy.last().is_some_and(|last| *last > at("23:05:00")), "and it is again: {healthy:?}");
    let first = gone.first().expect("it is said that the traffic is gone");
    assert!(*first <= at("22:54:00"), "{}", first.clock());
}

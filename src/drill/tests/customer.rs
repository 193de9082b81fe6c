//! The world in which one customer's reports are slow: who is slow and since when, and what becomes of it when reports are stopped for
//! that customer, for another one, or for everybody.

use super::super::hosts::Flip;
use super::super::said::Words;
use super::super::scenario::Scenario;
use super::super::world::{File, Line, World};
use super::super::{SCENARIOS, scenario};
use crate::incident::time::{Span, Time};
use serde_json::Value;
use std::collections::BTreeMap;

const HOT: &str = "larkspur-eu";
const OTHER: &str = "harbor-eu";
const REPORTS: &str = "/1/reports";

fn hot_customer() -> Scenario {
    scenario("hot-customer").expect("it is in the table").unwrap_or_else(|mistake| panic!("{mistake}"))
}

fn world(seed: u64) -> World {
    World::new(&hot_customer(), seed)
}

fn at(clock: &str) -> Time {
    Time::parse_iso(&format!("2021-05-18T{clock}Z")).expect("a time of day")
}

fn flip(clock: &str, value: &str, without: &[&str]) -> Flip {
    let without = without.iter().map(|name| (*name).to_owned()).collect();
    Flip { at: at(clock), flag: "reports".into(), value: value.into(), without }
}

/// One event of the balancer's file.
struct Event {
    weight: u64,
    customer: String,
    route: String,
    bad: bool,
}

fn event(line: &Line) -> Event {
    let json: Value = serde_json::from_str(&line.text).expect("a line is JSON");
    let text = |field: &str| json[field].as_str().unwrap_or_default().to_owned();
    let slow = json["duration_ms"].as_f64().is_some_and(|ms| ms > 1000.0);
    Event {
        weight: json.get("samplerate").map_or(1, |rate| rate.as_u64().expect("a whole number")),
        customer: text("customer_id"),
        route: text("route"),
        bad: slow || json["status"].as_u64().expect("a status") >= 500,
    }
}

fn events<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Vec<Event> {
    lines.into_iter().filter(|line| line.file == File::Balancer).map(event).collect()
}

fn between(world: &World, from: &str, to: &str, flips: &[Flip]) -> Vec<Event> {
    events(&world.between(at(from), at(to), flips))
}

fn sum(events: &[Event], is: impl Fn(&Event) -> bool) -> u64 {
    events.iter().filter(|event| is(event)).map(|event| event.weight).sum()
}

#[test]
fn given_the_first_seed_then_every_slow_answer_is_one_customers_report_and_they_are_so_many() {
    let world = world(417);
    assert_eq!(sum(&between(&world, "09:58:00", "10:01:00", &[]), |event| event.bad), 0);
    let ten = between(&world, "10:01:00", "10:11:00", &[]);
    assert_eq!(sum(&ten, |event| event.bad), SLOW_IN_TEN_MINUTES);
    assert!(ten.iter().filter(|event| event.bad).all(|event| event.customer == HOT && event.route == REPORTS));
    let total = sum(&ten, |_| true);
    let share = sum(&ten, |event| event.customer == HOT) * 1000 / total;
    assert!((125..145).contains(&share), "an eighth of all is this customer's: {share} in a thousand");
    let customers: BTreeMap<&str, ()> = ten.iter().map(|event| (event.customer.as_str(), ())).collect();
    assert_eq!(customers.len(), 240, "one has to look");
}

const SLOW_IN_TEN_MINUTES: u64 = 2_880;

#[test]
fn given_any_seed_then_the_balancer_and_the_servers_see_the_same_slow_answers() {
    for seed in [1, 2, 417] {
        let lines = world(seed).between(at("10:01:00"), at("10:03:00"), &[]);
        let slow = |file: File| lines.iter().filter(|line| line.file == file && event(line).bad).count();
        assert_eq!(slow(File::Balancer), slow(File::Servers));
        assert!((500..650).contains(&slow(File::Balancer)), "{}", slow(File::Balancer));
    }
}

#[test]
fn the_page_at_10_09_is_true_and_would_not_have_been_at_10_08() {
    for seed in [1, 417] {
        let world = world(seed);
        let history = events(world.history().collect::<Vec<_>>().iter().filter(|line| line.at >= at("09:07:00")));
        let burn = |now: &str, window: Option<&str>| {
            let live = between(&world, window.unwrap_or("09:58:00"), now, &[]);
            let past = if window.is_none() { &history[..] } else { &[] };
            let all = |is: &dyn Fn(&Event) -> bool| sum(&live, is) + sum(past, is);
            // in thousandths of "spends exactly the budget"
            all(&|event| event.bad) * 1_000_000 / all(&|_| true)
        };
        assert!(burn("10:09:00", None) > 14_400 && burn("10:09:00", Some("10:04:00")) > 14_400);
        assert!(burn("10:08:00", None) < 14_400, "{}", burn("10:08:00", None));
    }
}

#[test]
fn the_budget_is_72_percent_before_and_the_customer_asked_as_much_as_ever() {
    let world = world(417);
    let history: Vec<Line> = world.history().filter(|line| line.file == File::Balancer).collect();
    let bytes: usize = world.history().map(|line| line.text.len() + 1).sum();
    assert!(bytes < 15_000_000, "{bytes}");
    let month = events(&history);
    let (total, bad) = (sum(&month, |_| true), sum(&month, |event| event.bad));
    let left = 1_000_000 - i64::try_from(bad * 1_000_000_000 / total).expect("a small number");
    assert!((719_000..=721_000).contains(&left), "{left}");
    let share = |events: &[Event], name: &str| sum(events, |e| e.customer == name) * 100_000 / sum(events, |_| true);
    let live = between(&world, "09:58:00", "10:08:00", &[]);
    for name in [HOT, OTHER, "basalt-pay"] {
        let (before, now) = (share(&month, name), share(&live, name));
        assert!(before.abs_diff(now) * 10 < now.max(1000), "{name}: {before}, now {now}");
    }
    // the last hour too, though a line stands for many there: nobody seems to have doubled
    let hour = events(history.iter().filter(|line| line.at >= at("09:00:00")));
    let all = hot_customer().traffic.customers;
    let doubled = all.iter().filter(|name| share(&hour, name) > 2 * share(&month, name) + 10).count();
    assert_eq!(doubled, 0);
}

#[test]
fn given_reports_are_stopped_for_that_customer_then_it_ends_at_once_and_nobody_else_lacks_anything() {
    let world = world(417);
    let flips = [flip("10:12:00", "true", &[HOT])];
    let (was, is) = (between(&world, "10:12:00", "10:16:00", &[]), between(&world, "10:12:00", "10:16:00", &flips));
    assert_eq!(sum(&is, |event| event.bad), 0);
    assert_eq!(sum(&is, |event| event.customer == HOT && event.route == REPORTS), 0);
    let others = |events: &[Event]| sum(events, |event| event.customer != HOT);
    assert_eq!(others(&is), others(&was));
    let rest = |events: &[Event]| sum(events, |event| event.customer == HOT && event.route != REPORTS);
    assert_eq!(rest(&is), rest(&was));
    let load = world.load(&flips);
    assert_eq!((load.began(), load.eased(), load.shut()), (Some(at("10:01:00")), Some(at("10:12:00")), None));
}

#[test]
fn given_reports_are_stopped_for_another_customer_then_it_burns_on_as_before() {
    let world = world(417);
    let flips = [flip("10:12:00", "true", &[OTHER])];
    let (was, is) = (between(&world, "10:12:00", "10:16:00", &[]), between(&world, "10:12:00", "10:16:00", &flips));
    assert_eq!(sum(&is, |event| event.bad), sum(&was, |event| event.bad));
    assert_eq!(sum(&is, |event| event.customer == OTHER && event.route == REPORTS), 0);
    assert_eq!(world.load(&flips).eased(), Some(at("10:50:00")), "only when the cache is back");
}

#[test]
fn given_reports_are_stopped_for_everybody_then_it_ends_but_a_fifth_of_the_traffic_goes_and_customers_ask() {
    let world = world(417);
    let flips = [flip("10:12:00", "false", &[])];
    let (was, is) = (between(&world, "10:12:00", "10:16:00", &[]), between(&world, "10:12:00", "10:16:00", &flips));
    assert_eq!(sum(&is, |event| event.bad || event.route == REPORTS), 0);
    let others = |events: &[Event]| sum(events, |event| event.customer != HOT);
    assert!(others(&is) * 100 < others(&was) * 90, "{} of {}", others(&is), others(&was));
    assert!(sum(&is, |_| true) * 100 < sum(&was, |_| true) * 80);
    let asks = |flips: &[Flip]| {
        let said = world.said(at("10:12:00"), at("10:30:00"), flips);
        said.iter().any(|one| matches!(&one.what, Words::Note { text, .. } if text.contains("where their reports")))
    };
    assert!(asks(&flips));
    assert!(!asks(&[flip("10:12:00", "true", &[HOT])]));
}

#[test]
fn given_it_is_put_back_too_early_then_it_burns_again_and_once_the_cache_is_back_it_does_not() {
    let world = world(417);
    let early = [flip("10:12:00", "true", &[HOT]), flip("10:30:00", "true", &[])];
    assert!(sum(&between(&world, "10:30:00", "10:31:00", &early), |event| event.bad) > 200);
    let late = [flip("10:12:00", "true", &[HOT]), flip("10:51:00", "true", &[])];
    let after = between(&world, "10:51:00", "10:52:00", &late);
    assert_eq!(sum(&after, |event| event.bad), 0);
    assert!(sum(&after, |event| event.customer == HOT && event.route == REPORTS) > 200);
}

#[test]
fn given_it_is_stopped_before_it_begins_then_nothing_is_slow_and_nobody_is_called() {
    let world = world(417);
    let flips = [flip("09:59:00", "true", &[HOT])];
    assert_eq!(sum(&between(&world, "10:01:00", "10:03:00", &flips), |event| event.bad), 0);
    let said = world.said(at("09:58:00"), at("10:49:00"), &flips);
    assert!(said.iter().all(|one| matches!(one.what, Words::Changed { .. })), "{said:?}");
}

#[test]
fn given_time_is_cut_anywhere_or_a_flip_is_still_to_come_then_no_line_changes() {
    let world = world(5);
    let flips = [flip("10:12:01", "true", &[HOT]), flip("10:12:03", "false", &[])];
    let whole = world.between(at("10:12:00"), at("10:12:06"), &flips);
    let cut = at("10:12:02").plus(Span(345_678));
    let parts = [world.between(at("10:12:00"), cut, &flips), world.between(cut, at("10:12:06"), &flips)].concat();
    assert_eq!(whole, parts);
    let (from, to) = (at("10:12:00"), at("10:12:03"));
    assert_eq!(world.between(from, to, &flips), world.between(from, to, &flips[..1]));
}

#[test]
fn a_mistake_about_the_customer_the_route_or_the_switch_names_what_was_meant() {
    let (_, text) = SCENARIOS.iter().find(|(name, _)| *name == "hot-customer").expect("it is in the table");
    let cases = [
        ("customer = \"larkspur-eu\"", "customer = \"larkspru-eu\"", "did you mean `larkspur-eu`"),
        ("\nroute = \"/1/reports\"", "\nroute = \"/1/report\"", "did you mean `/1/reports`"),
        ("flag = \"reports\"\n\n", "flag = \"report\"\n\n", "unknown switch `report`; did you mean `reports`"),
        ("until = \"10:50\"", "until = \"10:00\"", "fast again after that"),
        ("slow_us = 4500000", "slow_us = 0", "must be from 1 to 60000000"),
    ];
    for (from, to, words) in cases {
        assert!(text.contains(from), "{from}");
        let mistake = Scenario::parse("x.toml", &text.replacen(from, to, 1)).expect_err(to);
        assert!(mistake.what.contains(words), "{to}: {mistake}");
    }
}

//! The laws of the rehearsed world, and the numbers its story promises, counted again by other means.

mod customer;
mod pushed;

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use serde_json::Value;

use super::hosts::Flip;
use super::said::Words;
use super::scenario::{Declares, Mistake, Scenario};
use super::world::{File, Line, World};
use super::{SCENARIOS, scenario};
use crate::incident::rehearsal::Until;
use crate::incident::severity::Severity;
use crate::incident::time::{MINUTE, Span, Time};

fn missing_binary() -> Scenario {
    scenario("missing-binary").expect("it is in the table").expect("it reads")
}

fn world(seed: u64) -> World {
    World::new(&missing_binary(), seed)
}

/// A time of day of the drill's day.
fn at(clock: &str) -> Time {
    Time::parse_iso(&format!("2019-07-09T{clock}Z")).expect("a time of day")
}

fn flip(clock: &str, value: &str) -> Flip {
    Flip { at: at(clock), flag: "release".into(), value: value.into(), without: Vec::new() }
}

fn json(line: &Line) -> Value {
    serde_json::from_str(&line.text).expect("a line is JSON")
}

/// Requests and failures at the balancer, counted line by line with their weight.
fn count<'a>(lines: impl IntoIterator<Item = &'a Line>) -> (u64, u64) {
    let (mut total, mut bad) = (0, 0);
    for line in lines.into_iter().filter(|line| line.file == File::Balancer) {
        let json = json(line);
        let weight = json.get("samplerate").map_or(1, |rate| rate.as_u64().expect("a whole number"));
        let status = json["http.response.status_code"].as_u64().expect("a status");
        total += weight;
        bad += if status >= 500 { weight } else { 0 };
    }
    (total, bad)
}

/// What is left of the budget in ppm: 99.95 % of the events of 30 days must be good.
fn left_ppm((total, bad): (u64, u64)) -> i64 {
    1_000_000 - i64::try_from(u128::from(bad) * 1_000_000 * 2000 / u128::from(total)).expect("a small number")
}

/// How many lines of a file lie in each minute.
fn minutes(lines: &[Line], file: File) -> BTreeMap<String, usize> {
    let mut minutes = BTreeMap::new();
    for line in lines.iter().filter(|line| line.file == file) {
        *minutes.entry(line.at.clock_minutes()).or_default() += 1;
    }
    minutes
}

#[test]
fn the_story_reads_as_it_is_told() {
    let scenario = missing_binary();
    assert_eq!(scenario.start, at("22:48:00"));
    assert_eq!(scenario.rules.build.sends[0].at, at("22:48:30"));
    assert_eq!(scenario.rules.build.first, "1823");
    assert_eq!(scenario.declare.by, Declares::Commander);
    assert_eq!(scenario.declare.severity, Severity::Sev1);
    assert_eq!(scenario.ends, at("22:48:00").plus(Span::minutes(180)));
    let stops: Vec<(&str, &str)> =
        scenario.switches.iter().map(|switch| (switch.flag.as_str(), switch.stop.as_str())).collect();
    assert_eq!(stops, [("release", "1822"), ("ingest", "off"), ("signup", "off"), ("exports", "off")]);
}

#[test]
fn every_scenario_reads_is_named_as_listed_and_fits_a_small_screen() {
    for (name, _) in SCENARIOS {
        let scenario = scenario(name).expect("it is in the table").unwrap_or_else(|mistake| panic!("{mistake}"));
        assert_eq!(scenario.name, *name);
        let short = |text: &str, width: usize| assert!(text.len() <= width, "longer than {width}: {text}");
        short(&scenario.title, 60);
        short(&scenario.declare.title, 40);
        assert!(!scenario.told.is_empty() && !scenario.told.contains("  "), "told runs on in one paragraph");
        for step in &scenario.guide.steps {
            short(&scenario_words(&step.say), 78);
        }
        short(&scenario.guide.done, 78);
        for moment in &scenario.moments {
            short(&moment.what, 60);
        }
        for report in &scenario.said {
            match &report.what {
                Words::Note { text, .. } | Words::Alert { text } | Words::Question { text, .. } => short(text, 120),
                Words::Changed { subject, .. } => short(subject, 40),
            }
        }
    }
    assert!(scenario("no-such-drill").is_none());
}

/// What a step says when every key's name is as long as keys get.
fn scenario_words(say: &str) -> String {
    super::guide::pieces(say)
        .into_iter()
        .map(|piece| match piece {
            super::guide::Piece::Text(text) => text,
            super::guide::Piece::Act(_) => "space",
        })
        .collect()
}

#[test]
fn given_one_seed_there_is_one_world_and_given_two_there_are_two() {
    let (from, to) = (at("22:49:50"), at("22:50:10"));
    let lines = world(1).between(from, to, &[]);
    assert_eq!(lines, world(1).between(from, to, &[]));
    assert_ne!(lines, world(2).between(from, to, &[]));
}

#[test]
fn given_the_first_seed_the_first_line_is_this_on_every_platform() {
    let lines = world(1823).between(at("22:48:00"), at("22:48:01"), &[]);
    let texts: Vec<&str> = lines.iter().take(2).map(|line| line.text.as_str()).collect();
    assert_eq!(texts, FIRST_LINES);
}

const FIRST_LINES: [&str; 2] = [
    r#"{"time":"2019-07-09T22:48:00.008Z","service":"lb","host":"api-5","build":"1822","route":"/1/exports","http.request.method":"GET","customer":"quill","http.response.status_code":200,"duration_ms":394.0,"trace.trace_id":"0eac0808a60a4c5d3a53cf96b6105d04","trace.span_id":"f3791ef35e99ae50"}"#,
    r#"{"time":"2019-07-09T22:48:00.008Z","service":"api","host":"api-5","build":"1822","route":"/1/exports","http.request.method":"GET","customer":"quill","http.response.status_code":200,"duration_ms":393.7,"trace.trace_id":"0eac0808a60a4c5d3a53cf96b6105d04","trace.span_id":"ab145552d0892387","trace.parent_id":"f3791ef35e99ae50"}"#,
];

#[test]
fn every_line_is_json_with_the_fields_of_its_kind() {
    let lines = world(3).between(at("22:50:40"), at("22:51:00"), &[]);
    let mut refused = 0;
    for line in &lines {
        let json = json(line);
        assert_eq!(json["time"].as_str().and_then(Time::parse_iso), Some(line.at));
        let text = |field: &str| json[field].as_str().unwrap_or_else(|| panic!("{field} in {}", line.text));
        let hex = |field: &str, digits: usize| {
            let id = text(field);
            assert!(id.len() == digits && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        };
        for field in ["route", "customer", "http.request.method"] {
            assert!(!text(field).is_empty());
        }
        hex("trace.trace_id", 32);
        hex("trace.span_id", 16);
        assert!(json["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0));
        let status = json["http.response.status_code"].as_u64().expect("a status");
        assert_eq!(text("service"), if line.file == File::Balancer { "lb" } else { "api" });
        if status == 503 {
            refused += 1;
            assert_eq!(json["error"], Value::Bool(true));
            assert_eq!(line.file, File::Balancer);
            assert!(json.get("host").is_none() && json.get("build").is_none());
        } else {
            assert!([200, 401, 404].contains(&status), "{status}");
            assert!(json.get("error").is_none());
            assert!(text("host").starts_with("api-"));
            assert_eq!(text("build"), "1822");
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn refusals_begin_at_22_50_and_by_22_55_nothing_is_answered_and_the_servers_are_quiet() {
    for seed in [1, 2, 1823] {
        let world = world(seed);
        assert_eq!(count(&world.between(at("22:48:00"), at("22:50:00"), &[])).1, 0);
        let (_, bad) = count(&world.between(at("22:50:00"), at("22:50:30"), &[]));
        assert!(bad > 200, "an eighth of 2,250 is refused: {bad}");
        let (total, bad) = count(&world.between(at("22:54:00"), at("22:57:00"), &[]));
        assert_eq!(total, bad);
        let servers = minutes(&world.between(at("22:48:00"), at("22:57:00"), &[]), File::Servers);
        let counts: Vec<usize> = servers.values().copied().collect();
        assert_eq!(servers.len(), 6, "the last word of a server is before 22:54: {servers:?}");
        assert!(counts.windows(2).skip(1).all(|pair| pair[1] < pair[0]), "it goes quiet host by host: {servers:?}");
    }
}

#[test]
fn given_nobody_acts_it_stays_down() {
    let world = world(1823);
    for clock in ["22:54:00", "23:30:00"] {
        assert!(world.hosts(at(clock), &[]).iter().all(|host| !host.serving && host.build == "1823"));
    }
    let late = at("22:48:00").plus(Span::minutes(170));
    let (total, bad) = count(&world.between(late, late.plus(Span::minutes(1)), &[]));
    assert!(total > 4000 && bad == total);
}

#[test]
fn given_the_drill_is_over_the_world_says_nothing_more() {
    let world = world(1823);
    let ends = missing_binary().ends;
    assert!(world.between(ends, ends.plus(Span::minutes(5)), &[]).is_empty());
    assert!(world.between(at("22:00:00"), at("22:48:00"), &[]).is_empty());
    assert!(world.between(at("22:50:00"), at("22:49:00"), &[]).is_empty());
}

#[test]
fn given_a_flip_at_22_58_40_each_host_is_back_in_its_own_time_and_the_last_by_23_02() {
    let flips = [flip("22:58:40", "1822")];
    for seed in 0..200 {
        let world = world(seed);
        let serving = |clock: &str| world.hosts(at(clock), &flips).iter().filter(|host| host.serving).count();
        assert_eq!([serving("22:59:39"), serving("22:59:40")], [0, 1]);
        assert_eq!([serving("23:01:51"), serving("23:02:00")], [7, 8]);
        let course = world.course(&flips);
        assert_eq!(course.first_out(), Some(at("22:50:00")));
        assert_eq!(course.all_out(), Some(at("22:53:50")));
        assert_eq!(course.first_back(), Some(at("22:59:40")));
        assert_eq!(course.all_back(), Some(at("23:01:52")));
        assert!(world.hosts(at("23:02:00"), &flips).iter().all(|host| host.build == "1822"));
    }
}

#[test]
fn the_budget_is_80_0_before_and_33_7_after_12_minutes() {
    let flips = [flip("22:58:40", "1822")];
    let month = Span::minutes(30 * 24 * 60);
    for seed in [1, 1823] {
        let world = world(seed);
        let history: Vec<Line> = world.history().collect();
        let before = left_ppm(count(&history));
        assert!((799_000..=801_000).contains(&before), "seed {seed}: {before}");
        let now = at("23:02:00");
        let live = world.between(at("22:48:00"), now, &flips);
        let window = history.iter().filter(|line| line.at >= now.minus(month)).chain(&live);
        let after = left_ppm(count(window));
        assert!((322_000..=352_000).contains(&after), "seed {seed}: {after}");
        let refused = count(&live).1;
        assert!((39_000..=41_000).contains(&refused), "seed {seed}: {refused}");
    }
}

#[test]
fn the_page_at_22_52_is_true_and_would_not_have_been_at_22_51() {
    let world = world(1823);
    let history: Vec<Line> = world.history().filter(|line| line.file == File::Balancer).collect();
    let burn = |now: Time, window: Span| {
        let live = world.between(at("22:48:00"), now, &[]);
        let from = now.minus(window);
        let (total, bad) = count(history.iter().chain(&live).filter(|line| line.at >= from));
        // in thousandths of "spends exactly the budget"
        bad * 2_000_000 / total
    };
    for window in [Span::minutes(60), Span::minutes(5)] {
        assert!(burn(at("22:52:00"), window) > 14_400);
    }
    assert!(burn(at("22:51:00"), Span::minutes(60)) < 14_400);
}

#[test]
fn the_history_leads_into_the_drill_at_the_same_rate_and_stays_small() {
    let world = world(1823);
    let history: Vec<Line> = world.history().collect();
    let bytes: usize = history.iter().map(|line| line.text.len() + 1).sum();
    assert!(bytes < 12_000_000, "{bytes}");
    for file in [File::Balancer, File::Servers] {
        let lines = history.iter().filter(|line| line.file == file);
        assert!(lines.clone().zip(lines.skip(1)).all(|(one, next)| one.at <= next.at), "in order of time");
    }
    let hour =
        |from: Time| count(history.iter().filter(|line| line.at >= from && line.at < from.plus(Span(60 * MINUTE)))).0;
    let last = hour(at("21:48:00"));
    assert!(hour(at("20:48:00")).abs_diff(last) < last / 25, "whole minutes and ten seconds count alike");
    let live = count(&world.between(at("22:48:00"), at("22:50:00"), &[])).0 * 30;
    assert!(live.abs_diff(last) < last / 25, "an hour had {last}, now {live}");
}

#[test]
fn given_a_flip_before_the_deploy_nothing_happens_and_nobody_writes_about_it() {
    let flips = [flip("22:48:10", "1822")];
    let world = world(1823);
    assert_eq!(world.course(&flips).first_out(), None);
    assert_eq!(count(&world.between(at("22:50:00"), at("22:51:00"), &flips)).1, 0);
    let said = world.said(at("22:48:00"), at("23:40:00"), &flips);
    assert!(said.iter().all(|one| matches!(one.what, Words::Changed { .. })), "{said:?}");
    assert!(world.next_event(at("22:48:30"), &flips).is_none());
}

#[test]
fn given_a_flip_in_the_middle_only_the_hosts_that_were_out_come_back() {
    let flips = [flip("22:51:00", "1822")];
    let world = world(1823);
    let course = world.course(&flips);
    let worst = (0..300).map(|second| course.out_at(at("22:50:00").plus(Span::seconds(second)))).max();
    assert!(worst.is_some_and(|worst| worst < 8), "the others were told in time: {worst:?}");
    assert_eq!(course.all_out(), None);
    assert_eq!(course.out_at(at("22:54:12")), 0);
}

#[test]
fn given_the_bad_build_again_it_breaks_again_and_an_unknown_value_or_flag_changes_nothing() {
    let world = world(1823);
    let odd = [
        Flip { at: at("22:49:00"), flag: "signup".into(), value: "1822".into(), without: Vec::new() },
        flip("22:49:10", "\u{1b}]52;c;\u{7}"),
        flip("22:49:20", "1823"),
    ];
    assert_eq!(world.course(&odd), world.course(&[]));
    let again = [flip("22:58:40", "1821"), flip("23:05:00", "1823")];
    let course = world.course(&again);
    assert_eq!(course.out_at(at("23:04:00")), 0);
    assert_eq!(course.out_at(at("23:10:20")), 8);
}

#[test]
fn others_write_what_a_commander_needs_and_one_of_them_late() {
    let world = world(1823);
    let flips = [flip("22:58:40", "1822")];
    let said = world.said(at("22:48:00"), at("23:40:00"), &flips);
    let lines: Vec<String> =
        said.iter().map(|one| format!("{} {} {}", one.recorded.clock(), one.at.clock(), one.who)).collect();
    assert_eq!(
        lines,
        [
            "22:48:30 22:48:30 ci",
            "22:52:00 22:52:00 slo",
            "22:55:10 22:55:10 Cho",
            "22:56:40 22:56:40 Cho",
            "22:59:05 22:57:05 Dev",
            "22:59:50 22:59:50 Cho",
            "23:02:00 23:02:00 Cho",
            "23:03:30 23:03:30 Eli",
            "23:05:52 23:05:52 Cho",
            "23:16:52 23:16:52 Cho",
        ]
    );
}

#[test]
fn jumping_visits_every_moment_once_and_the_end_of_trouble_only_after_a_flip() {
    let world = world(1823);
    let visit = |flips: &[Flip]| {
        let mut now = at("22:48:00");
        let mut clocks = Vec::new();
        while let Some((next, _)) = world.next_event(now, flips) {
            clocks.push(next.clock());
            now = next;
        }
        clocks
    };
    assert_eq!(visit(&[]), ["22:48:30", "22:50:00", "22:52:00", "22:53:50", "22:56:40"]);
    let flips = [flip("22:58:40", "1822")];
    assert_eq!(visit(&flips).last().map(String::as_str), Some("23:01:52"));
}

#[test]
fn the_guide_leads_from_the_quiet_minutes_to_the_document() {
    let guide = missing_binary().guide;
    let untils: Vec<&Until> = guide.steps.iter().map(|step| &step.until).collect();
    assert_eq!(untils[..2], [&Until::After(at("22:50:00")), &Until::Declared]);
    assert!(untils.contains(&&Until::Stopped("release".into())));
    assert_eq!(untils.last(), Some(&&Until::Exported));
    // whoever jumps on is not asked for what is over
    let passed = untils.iter().any(|until| matches!(until, Until::Any(several) if several.contains(&Until::Noted)));
    assert!(passed, "{untils:?}");
}

#[test]
fn the_truth_is_what_the_world_says_to_the_minute() {
    let scenario = missing_binary();
    let world = world(1823);
    let said = world.said(scenario.start, scenario.ends, &[]);
    for truth in &scenario.truth {
        let minute = |at: Time| at.floor(Span::minutes(1));
        let by_people =
            said.iter().any(|one| minute(one.at) == truth.at && format!("{:?}", one.what).contains(&truth.says));
        let by_world = world.next_event(truth.at.minus(Span::seconds(1)), &[]);
        let by_world = by_world.is_some_and(|(at, what)| minute(at) == truth.at && what.contains(&truth.says));
        assert!(by_people || by_world, "{truth:?}");
    }
}

/// The scenario's text with one piece replaced, and the mistake that makes of it.
fn mistake(from: &str, to: &str) -> Mistake {
    let (_, text) = SCENARIOS[0];
    assert!(text.contains(from), "{from}");
    Scenario::parse("x.toml", &text.replacen(from, to, 1)).expect_err(to)
}

fn line_of(part: &str) -> usize {
    let (before, _) = SCENARIOS[0].1.split_once(part).expect("part of the scenario");
    before.matches('\n').count() + 1
}

/// Whether an event is meant, by its status, host and build.
type Which<'a> = &'a dyn Fn(u64, Option<&str>, Option<&str>) -> bool;

#[test]
fn the_unseen_incident_has_the_figures_of_its_story_at_its_end_and_a_week_later() {
    let scenario = scenario("unseen-401").expect("it is in the table").expect("it reads");
    let world = World::new(&scenario, scenario.seed);
    let history: Vec<Value> =
        world.history().filter(|line| line.file == File::Balancer).map(|line| json(&line)).collect();
    let bytes: usize = world.history().map(|line| line.text.len() + 1).sum();
    assert!(bytes < 25_000_000, "{bytes}");
    let month = Span::minutes(30 * 24 * 60);
    for now in ["2020-04-16T12:00:00Z", "2020-04-23T14:00:00Z"] {
        let now = Time::parse_iso(now).expect("a time");
        let sum = |is: Which<'_>| -> u64 {
            let counted = history.iter().filter(|event| {
                let at = event["time"].as_str().and_then(Time::parse_iso).expect("a time");
                let status = event["http.response.status_code"].as_u64().expect("a status");
                now.minus(month) <= at && at < now && is(status, event["host"].as_str(), event["build"].as_str())
            });
            counted.map(|event| event["samplerate"].as_u64().expect("a weight")).sum()
        };
        let four = |host: Option<&str>| ["api-37", "api-38", "api-39", "api-40"].contains(&host.unwrap_or_default());
        assert_eq!(sum(&|_, _, _| true), 43_200_000);
        assert_eq!(sum(&|status, _, _| status >= 500), 724);
        assert_eq!(sum(&|status, _, _| status >= 500 || status == 401), 12_736);
        assert_eq!(sum(&|status, host, _| four(host) && (status >= 500 || status == 401)), 10_576);
        assert_eq!(sum(&|_, host, build| build == Some("611") && !four(host)), 0);
    }
    // and nothing is wrong any more
    let live = world.between(scenario.start, scenario.start.plus(Span::minutes(2)), &[]);
    assert_eq!(count(&live), (2_000, 0));
}

#[test]
fn a_mistake_names_its_line_and_the_word_that_was_meant() {
    let cases = [
        ("deployed = \"22:48:30\"", "deplyed = \"22:48:30\"", "unknown key `deplyed`; did you mean `deployed`"),
        ("deployed = \"22:48:30\"", "deployed = \"22:48:61\"", "no time of day"),
        ("severity = \"sev1\"", "severity = \"sev11\"", "unknown severity `sev11`; did you mean `sev1`"),
        ("severity = \"sev1\"", "severity = sev1", "string"),
        ("events = \"lb.ndjson\"", "events = \"../lb\"", "unknown event file"),
        ("servers = \"servers.ndjson\"", "servers = \"../../x\"", "a file's name"),
        ("until = \"declared\"", "until = \"delcared\"", "unknown condition `delcared`; did you mean `declared`"),
        (
            "until = \"stopped release\"",
            "until = \"stopped relase\"",
            "unknown switch `relase`; did you mean `release`",
        ),
        ("until = \"phase mitigated\"", "until = \"phase over\"", "unknown phase `over`; known are investigating"),
        ("Press {jump}", "Press {jmp}", "unknown act `jmp`; did you mean `jump`"),
        ("who = \"slo\"", "who = \"slow\"", "unknown person `slow`; did you mean `slo`"),
        ("when = \"all-out\"", "when = \"all-uot\"", "did you mean `all-out`"),
        ("before = \"1822\"", "before = \"1922\"", "unknown build `1922`; did you mean `1822`"),
        ("stop = \"1822\"", "stop = \"1922\"", "unknown variant `1922`; did you mean `1822`"),
        ("target_ppm = 999500", "target_ppm = 9995000", "must be from 1 to 999999"),
        ("out_after_s = [90, 320]", "out_after_s = [320, 90]", "the last not less"),
        ("start = \"2019-07-09T22:48:00Z\"", "start = \"2019-07-09T22:48:01Z\"", "whole minute"),
        ("\"api-2\"", "\"api-1\"", "named twice"),
    ];
    for (from, to, words) in cases {
        let mistake = mistake(from, to);
        assert!(mistake.what.contains(words), "{to}: {mistake}");
        assert_eq!(mistake.line, line_of(from), "{to}: {mistake}");
    }
}

#[test]
fn a_mistake_is_told_in_three_sentences() {
    assert_eq!(
        mistake("deployed = \"22:48:30\"", "deplyed = \"22:48:30\"").to_string(),
        format!(
            "x.toml, line {}: unknown key `deplyed`; did you mean `deployed`. The drill was not started. Correct that line and start it again.",
            line_of("deployed = \"22:48:30\"")
        )
    );
}

#[test]
fn something_left_out_or_said_twice_is_a_mistake() {
    assert!(mistake("title = \"A build", "#").what.contains("title"));
    assert!(mistake("alert = \"page", "note = \"too\"\nalert = \"page").what.contains("exactly one"));
    assert!(mistake("at = \"22:52\"\nif = \"out\"\nwhat", "if = \"out\"\nwhat").what.contains("either `at` or `when`"));
    assert!(mistake("\"flags\": {", "\"flogs\": {").what.contains("no object `flags`"));
    assert!(mistake("\"variants\": { \"1821\"", "\"variants\" { \"1821\"").what.contains("no JSON"));
}

/// Up to three settings of the release, some senseless, anywhere in the first twenty minutes.
fn some_flips() -> impl Strategy<Value = Vec<Flip>> {
    let one = (0..1200i64, 0..4usize).prop_map(|(second, which)| Flip {
        at: at("22:48:00").plus(Span::seconds(second)),
        flag: "release".into(),
        value: ["1821", "1822", "1823", "none"][which].into(),
        without: Vec::new(),
    });
    proptest::collection::vec(one, 0..4)
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]

    #[test]
    fn cutting_time_anywhere_changes_no_line_and_no_report(
        seed in any::<u64>(),
        from in 0..1_200_000_000i64,
        lengths in (0..4_000_000i64, 0..4_000_000i64),
        flips in some_flips(),
    ) {
        let world = world(seed);
        let from = at("22:47:59").plus(Span(from));
        let cut = from.plus(Span(lengths.0));
        let to = cut.plus(Span(lengths.1));
        let whole = world.between(from, to, &flips);
        let parts = [world.between(from, cut, &flips), world.between(cut, to, &flips)].concat();
        prop_assert_eq!(&whole, &parts);
        prop_assert!(whole.iter().all(|line| from <= line.at && line.at < to));
        prop_assert!(whole.windows(2).all(|pair| pair[0].at <= pair[1].at));
        let (start, end) = (at("22:48:00"), at("23:30:00"));
        let said = [world.said(start, cut, &flips), world.said(cut, end, &flips)].concat();
        prop_assert_eq!(world.said(start, end, &flips), said);
    }

    #[test]
    fn a_flip_changes_nothing_before_it(seed in any::<u64>(), flips in some_flips(), second in 0..1200i64) {
        let world = world(seed);
        let now = at("22:48:00").plus(Span::seconds(second));
        let known: Vec<Flip> = flips.iter().filter(|flip| flip.at < now).cloned().collect();
        let length = Span::seconds(2);
        prop_assert_eq!(world.between(now.minus(length), now, &flips), world.between(now.minus(length), now, &known));
        prop_assert_eq!(world.hosts(now, &flips), world.hosts(now, &known));
        prop_assert_eq!(world.said(at("22:48:00"), now, &flips), world.said(at("22:48:00"), now, &known));
    }

    #[test]
    fn the_last_word_decides_where_every_host_ends(seed in any::<u64>(), flips in some_flips()) {
        let world = world(seed);
        let mut set: Vec<&Flip> = flips.iter().filter(|flip| flip.value != "none").collect();
        set.sort_by_key(|flip| flip.at);
        let last = set.last().map_or("1823", |flip| flip.value.as_str());
        for host in world.hosts(at("23:30:00"), &flips) {
            prop_assert_eq!(host.serving, last != "1823");
            prop_assert_eq!(host.build.as_str(), last);
        }
    }
}

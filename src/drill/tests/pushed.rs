//! The laws of what hosts hold beside their build: pushes that come again, batches, crashes after a while. A wrong way out does not end it.

use super::super::hosts::{Flip, HostState};
use super::super::scenario::{Scenario, Wants};
use super::super::world::{File, Line, World};
use super::super::{scenario, scenario::Mistake};
use super::{count, json};
use crate::incident::time::{Span, Time};
use proptest::prelude::{Strategy, any, proptest};
use proptest::{prop_assert, prop_assert_eq};
use std::collections::BTreeSet;

const SEEDS: [u64; 4] = [1, 2, 118, 702];

fn read(name: &str) -> Scenario {
    scenario(name).expect("it is in the table").unwrap_or_else(|mistake| panic!("{mistake}"))
}

fn push(seed: u64) -> World {
    World::new(&read("bad-data-push"), seed)
}

fn config(seed: u64) -> World {
    World::new(&read("config-not-sent"), seed)
}

fn at(clock: &str) -> Time {
    let day = if clock < "15" { "2021-03-18" } else { "2020-09-03" };
    Time::parse_iso(&format!("{day}T{clock}Z")).expect("a time of day")
}

fn flip(clock: &str, flag: &str, value: &str) -> Flip {
    Flip { at: at(clock), flag: flag.into(), value: value.into(), without: Vec::new() }
}

/// How many serve, hold this first part, and how many hosts there are.
fn holding(hosts: &[HostState], part: &str) -> (usize, usize, usize) {
    let held = hosts.iter().filter(|host| host.parts.first().is_some_and(|held| held == part)).count();
    (hosts.iter().filter(|host| host.serving).count(), held, hosts.len())
}

/// Whether a request failed in `[from, to)`.
fn fails(world: &World, from: &str, to: &str, flips: &[Flip]) -> bool {
    count(&world.between(at(from), at(to), flips)).1 > 0
}

#[test]
fn given_a_bad_table_when_nobody_acts_then_servers_serve_for_minutes_crash_together_and_look_healthy_again() {
    for seed in SEEDS {
        let world = push(seed);
        assert!(!fails(&world, "14:00:00", "14:05:20", &[]), "it is served well at first");
        let course = world.course(&[]);
        let (ill, out, back) = (course.first_ill(), course.first_out(), course.all_back());
        assert_eq!(ill, Some(at("14:02:02")));
        assert!(out.is_some_and(|out| (at("14:05:22")..=at("14:06:10")).contains(&out)), "{out:?}");
        assert!(back.is_some_and(|back| back <= at("14:07:30")), "{back:?}");
        assert_eq!(course.all_out().map(|all| course.out_at(all)), Some(8), "for a moment nobody serves");
        // the first green is no proof
        assert!(!fails(&world, "14:07:30", "14:09:40", &[]));
        assert!(fails(&world, "14:09:40", "14:11:30", &[]), "they crash again");
        assert_eq!(course.all_well(), None);
        let late = at("14:00:00").plus(Span::minutes(160));
        let (_, bad) = count(&world.between(late, late.plus(Span::minutes(6)), &[]));
        assert!(bad > 0, "and so it goes on");
    }
}

#[test]
fn given_the_build_before_when_set_then_servers_start_anew_and_crash_again() {
    for seed in SEEDS {
        let flips = [flip("14:08:00", "release", "539")];
        let world = push(seed);
        let hosts = world.hosts(at("14:09:00"), &flips);
        assert!(hosts.iter().all(|host| host.build == "539"), "{hosts:?}");
        assert!(!fails(&world, "14:08:40", "14:11:20", &flips), "they look healthy");
        assert!(fails(&world, "14:11:20", "14:13:00", &flips));
        assert_eq!(world.course(&flips).all_well(), None);
    }
}

#[test]
fn given_only_one_half_of_the_way_back_when_done_then_it_is_not_over() {
    for seed in SEEDS {
        let world = push(seed);
        // the push alone: what was pushed stays
        let stopped = [flip("14:08:00", "data-push", "false")];
        assert_eq!(holding(&world.hosts(at("14:20:00"), &stopped), "118").1, 8);
        assert!(fails(&world, "14:20:00", "14:26:00", &stopped));
        // the table alone: all is well until the push comes again
        let back = [flip("14:08:00", "table", "117")];
        assert_eq!(holding(&world.hosts(at("14:08:10"), &back), "117"), (8, 8, 8));
        assert!(!fails(&world, "14:08:11", "14:15:20", &back));
        assert_eq!(holding(&world.hosts(at("14:12:10"), &back), "118").1, 8, "the push has put it back");
        assert!(fails(&world, "14:15:22", "14:16:30", &back));
    }
}

#[test]
fn given_both_halves_in_either_order_when_done_then_it_is_over_for_good() {
    for seed in SEEDS {
        let world = push(seed);
        let right = [flip("14:09:00", "data-push", "false"), flip("14:09:20", "table", "117")];
        // too late for one push, and right all the same: a stopped push leaves the servers to the table that was set
        let late = [flip("14:08:00", "table", "117"), flip("14:16:00", "data-push", "false")];
        for (flips, well) in [(right, "14:09:31"), (late, "14:16:11")] {
            assert_eq!(holding(&world.hosts(at(well), &flips), "117"), (8, 8, 8));
            let ends = at("14:00:00").plus(Span::minutes(180));
            assert_eq!(holding(&world.hosts(ends, &flips), "117"), (8, 8, 8));
            let course = world.course(&flips);
            assert!((0..10_000).all(|second| course.out_at(at(well).plus(Span::seconds(second))) == 0));
        }
    }
}

#[test]
fn the_pages_of_both_drills_are_true_when_they_come_and_were_not_a_minute_and_a_half_before() {
    for (scenario, page) in [(read("bad-data-push"), "14:07:00"), (read("config-not-sent"), "15:08:00")] {
        for seed in SEEDS {
            let world = World::new(&scenario, seed);
            let history: Vec<Line> = world.history().filter(|line| line.file == File::Balancer).collect();
            let burn = |now: Time, window: Span| {
                let live = world.between(scenario.start, now, &[]);
                let from = now.minus(window);
                let (total, bad) = count(history.iter().chain(&live).filter(|line| line.at >= from));
                // in thousandths of "spends exactly the budget"
                bad * 1_000_000 / total
            };
            for window in [Span::minutes(60), Span::minutes(5)] {
                assert!(burn(at(page), window) > 14_400, "{page} {window:?}: {}", burn(at(page), window));
            }
            assert!(burn(at(page).minus(Span::seconds(90)), Span::minutes(60)) < 14_400);
        }
    }
}

#[test]
fn given_code_before_its_configuration_when_nobody_acts_then_one_batch_fails_and_the_deploy_takes_the_next() {
    for seed in SEEDS {
        let world = config(seed);
        let failing = |from: &str, to: &str| -> BTreeSet<(String, String, String)> {
            let lines = world.between(at(from), at(to), &[]);
            let bad = lines.iter().filter(|line| line.file == File::Servers).map(json);
            let text = |event: &serde_json::Value, field: &str| event[field].as_str().expect("a text").to_owned();
            bad.filter(|event| event["http.response.status_code"] == 500)
                .map(|event| (text(&event, "batch"), text(&event, "build"), text(&event, "config_version")))
                .collect()
        };
        let one = |batch: &str| (batch.to_owned(), "702".to_owned(), "41".to_owned());
        assert_eq!(failing("15:00:00", "15:04:10"), BTreeSet::new());
        assert_eq!(failing("15:05:00", "15:18:00"), BTreeSet::from([one("a")]));
        assert_eq!(failing("15:19:00", "15:20:00"), BTreeSet::from([one("a"), one("b")]));
        assert_eq!(failing("15:34:00", "15:35:00"), BTreeSet::from([one("a"), one("b")]), "c has both");
        let (total, bad) = count(&world.between(at("15:06:00"), at("15:16:00"), &[]));
        assert!((300..367).contains(&(bad * 1000 / total)), "a third: {bad} of {total}");
    }
}

#[test]
fn given_a_freeze_when_the_deploy_would_go_on_then_it_waits_at_the_gate_until_it_is_lifted() {
    let builds = |world: &World, clock: &str, flips: &[Flip]| {
        world.hosts(at(clock), flips).iter().filter(|host| host.build == "702").count()
    };
    for seed in SEEDS {
        let world = config(seed);
        let frozen = [Flip::gate(at("15:10:00"), true)];
        assert_eq!((builds(&world, "15:17:00", &[]), builds(&world, "15:25:00", &[])), (4, 8), "nobody holds it");
        assert_eq!((builds(&world, "15:17:00", &frozen), builds(&world, "17:00:00", &frozen)), (4, 4));
        let held = world.course(&frozen);
        assert!(!held.is_held_at(at("15:17:59")) && held.is_held_at(at("15:18:00")) && held.is_held_at(at("17:00:00")));
        let lifted = [frozen[0].clone(), Flip::gate(at("15:40:00"), false)];
        assert_eq!((builds(&world, "15:39:59", &lifted), builds(&world, "15:45:00", &lifted)), (4, 12));
        assert!(!world.course(&lifted).is_held_at(at("15:40:00")));
        // one that comes too late, and one that was lifted before, hold nothing
        for other in
            [vec![Flip::gate(at("15:19:00"), true)], vec![frozen[0].clone(), Flip::gate(at("15:12:00"), false)]]
        {
            assert_eq!(builds(&world, "15:25:00", &other), 8, "{other:?}");
        }
        // gone back meanwhile, what waits brings what the flag says then
        let back = [frozen[0].clone(), flip("15:12:00", "release", "701"), Flip::gate(at("15:40:00"), false)];
        assert_eq!(builds(&world, "15:45:00", &back), 0);
        let told = |flips: &[Flip]| {
            let said = world.said(at("15:17:00"), at("15:19:00"), flips);
            said.iter().map(|one| format!("{:?}", one.what)).collect::<String>()
        };
        assert!(told(&[]).contains("batch b") && !told(&[]).contains("freeze check"));
        assert!(told(&frozen).contains("freeze check") && !told(&frozen).contains("Changed"));
        assert_eq!(told(&back), "", "nobody is hurt, nobody writes");
    }
}

#[test]
fn given_the_build_before_when_set_in_time_then_nothing_fails_and_the_deploy_goes_no_further_but_configurations_differ()
{
    for seed in SEEDS {
        let world = config(seed);
        let back = [flip("15:12:00", "release", "701")];
        assert!(!fails(&world, "15:13:00", "15:40:00", &back));
        let hosts = world.hosts(at("15:40:00"), &back);
        assert!(hosts.iter().all(|host| host.build == "701"));
        assert_eq!(holding(&hosts, "42"), (12, 4, 12), "that is not proof that all agree");
        // configuration first to nobody, then to everybody: both are proven by what servers say of themselves
        let mut flips = back.to_vec();
        for (clock, value) in [("15:14:00", "41"), ("15:18:00", "42")] {
            flips.push(flip(clock, "config", value));
            let after = flips.last().expect("one").at.plus(Span::seconds(30));
            assert_eq!(holding(&world.hosts(after, &flips), value), (12, 12, 12));
        }
        flips.push(flip("15:25:00", "release", "702"));
        assert!(!fails(&world, "15:25:00", "15:35:00", &flips), "now it may go out");
    }
}

#[test]
fn a_drill_with_probes_says_what_of_which_file_and_every_soak_is_longer_than_the_first_green() {
    let push = read("bad-data-push");
    let soaks: Vec<Span> = push.probes.iter().filter_map(|probe| probe.soak).collect();
    assert_eq!(soaks, [Span::minutes(5)]);
    assert_eq!(push.plans[0].switches, ["data-push", "table"]);
    assert_eq!(push.rules.flags(), ["release", "table", "data-push"]);
    let arrived = &read("config-not-sent").probes[0];
    let wants = Wants::Distinct { field: "config_version".into(), most: 1, within: Span::seconds(60) };
    assert_eq!(
        (arrived.name.as_str(), arrived.events.as_str(), &arrived.wants),
        ("config-arrived", "servers.ndjson", &wants)
    );
    // the servers' own past says what they held
    let history: Vec<Line> = config(1).history().filter(|line| line.file == File::Servers).collect();
    let last = json(history.last().expect("a past"));
    assert_eq!((&last["config_version"], &last["build"], &last["batch"]), (&"41".into(), &"701".into(), &"c".into()));
}

fn wrong(name: &str, from: &str, to: &str) -> Mistake {
    let (_, text) = super::super::SCENARIOS.iter().find(|(known, _)| *known == name).expect("listed");
    assert!(text.contains(from), "{from}");
    Scenario::parse("x.toml", &text.replacen(from, to, 1)).expect_err(to)
}

#[test]
fn a_mistake_in_parts_faults_probes_and_plans_names_what_is_meant() {
    for (name, from, to, words) in [
        (
            "bad-data-push",
            "with = { table_version = \"118\" }",
            "with = { table_version = \"119\" }",
            "unknown table_version `119`",
        ),
        (
            "bad-data-push",
            "with = { table_version",
            "with = { tabel_version",
            "unknown field `tabel_version`; did you mean `table_version`",
        ),
        ("bad-data-push", "out_s = [60, 80]", "answers = 500", "either `answers`"),
        ("bad-data-push", "field = \"table_version\"\nflag", "field = \"route\"\nflag", "have a field `route` already"),
        (
            "bad-data-push",
            "again = { flag = \"data-push\"",
            "again = { flag = \"data-posh\"",
            "did you mean `data-push`",
        ),
        ("bad-data-push", "switches = [\"data-push\", \"table\"]", "switches = [\"tabel\"]", "did you mean `table`"),
        ("bad-data-push", "trips = \"data-push\"", "trips = \"push\"", "unknown switch `push`"),
        ("bad-data-push", "soak_s = 300\n", "", "needs `soak_s`"),
        ("bad-data-push", "bad_at_most = 0\n", "", "either `bad_at_most`"),
        ("bad-data-push", "until = \"green serves or", "until = \"green servs or", "did you mean `serves`"),
        ("config-not-sent", "to = [\"b\"]", "to = [\"d\"]", "unknown batch `d`"),
        ("config-not-sent", "{ at = \"15:18\"", "{ at = \"15:03\"", "must be sent later"),
        ("config-not-sent", "answers = 500", "answers = 200", "from 500 to 599"),
    ] {
        let mistake = wrong(name, from, to);
        assert!(mistake.what.contains(words), "{to}: {mistake}");
    }
}

/// Up to four settings of flags, some senseless, anywhere in the first half hour.
fn some_flips() -> impl Strategy<Value = Vec<Flip>> {
    let all = [
        ("data-push", "false"),
        ("data-push", "true"),
        ("table", "117"),
        ("table", "118"),
        ("release", "539"),
        ("table", "x"),
    ];
    let one = (0..1800i64, 0..all.len()).prop_map(move |(second, which)| Flip {
        at: at("14:00:00").plus(Span::seconds(second)),
        flag: all[which].0.into(),
        value: all[which].1.into(),
        without: Vec::new(),
    });
    proptest::collection::vec(one, 0..5)
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(32))]

    #[test]
    fn a_flip_changes_nothing_before_it_and_cutting_time_changes_nothing(
        seed in any::<u64>(), flips in some_flips(), second in 0..1800i64,
    ) {
        let world = push(seed);
        let (start, now) = (at("14:00:00"), at("14:00:00").plus(Span::seconds(second)));
        let known: Vec<Flip> = flips.iter().filter(|flip| flip.at < now).cloned().collect();
        let before = now.minus(Span::seconds(1));
        prop_assert_eq!(world.between(before, now, &flips), world.between(before, now, &known));
        prop_assert_eq!(world.hosts(before, &flips), world.hosts(before, &known));
        prop_assert_eq!(world.said(start, now, &flips), world.said(start, now, &known));
        let end = start.plus(Span::minutes(60));
        let cut = [world.said(start, now, &flips), world.said(now, end, &flips)].concat();
        prop_assert_eq!(world.said(start, end, &flips), cut);
    }

    #[test]
    fn it_is_over_when_the_push_is_stopped_and_the_table_is_not_the_bad_one_and_only_then(
        seed in any::<u64>(), flips in some_flips(),
    ) {
        let world = push(seed);
        let last = |flag: &str, first: &str| {
            let mut set: Vec<&Flip> = flips.iter().filter(|flip| flip.flag == flag && flip.value != "x").collect();
            set.sort_by_key(|flip| flip.at);
            set.last().map_or(first.to_owned(), |flip| flip.value.clone())
        };
        let over = last("data-push", "true") == "false" && last("table", "118") == "117";
        let late = at("14:00:00").plus(Span::minutes(70));
        let (_, held, _) = holding(&world.hosts(late, &flips), "118");
        prop_assert_eq!(held, if over { 0 } else { 8 });
        let course = world.course(&flips);
        let out = (0..400).any(|second| course.out_at(late.plus(Span::seconds(second))) > 0);
        prop_assert!(out != over);
    }
}

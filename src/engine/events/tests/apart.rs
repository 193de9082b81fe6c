//! Events apart by fields: the same as a plain count, whatever types, weights and gaps they have.

use std::collections::BTreeMap;

use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert_eq, prop_oneof, proptest};

use super::{Events, T, append, dir, opened};
use crate::engine::breakdown::Asked;
use crate::query::breakdown::{Breakdown, MOST_FIELDS, Percentile};
use crate::query::filter::parse::parse;

/// One event as it is written, and as it is counted: its two values, its weight, whether it is bad, its number.
#[derive(Clone, Debug)]
struct One {
    route: Option<&'static str>,
    build: &'static str,
    weight: u32,
    status: i64,
    number: Option<f64>,
}

fn events() -> impl Strategy<Value = Vec<One>> {
    let one = (
        prop_oneof![Just(None), Just(Some("/a")), Just(Some("/b")), Just(Some("ü"))],
        prop_oneof![Just("7"), Just("\"7\""), Just("7.5"), Just("true")],
        prop_oneof![4 => Just(1_u32), 1 => 1_u32..50],
        prop_oneof![Just(200_i64), Just(500)],
        prop_oneof![1 => Just(None), 5 => (-1000_i64..1000).prop_map(|n| Some(n as f64 / 4.0))],
    );
    let one = one.prop_map(|(route, build, weight, status, number)| One { route, build, weight, status, number });
    prop::collection::vec(one, 1..300)
}

fn written(one: &One) -> String {
    let route = one.route.map(|route| format!(",\"route\":\"{route}\"")).unwrap_or_default();
    let number = one.number.map(|number| format!(",\"ms\":{number}")).unwrap_or_default();
    let rate = if one.weight == 1 { String::new() } else { format!(",\"samplerate\":{}", one.weight) };
    format!("{{\"ts\":{T},\"build\":{},\"status\":{}{route}{number}{rate}}}\n", one.build, one.status)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn groups_are_those_of_a_plain_count(events in events(), per_million in 0_u32..=1_000_000) {
        let dir = dir();
        let path = dir.path().join("a.ndjson");
        // long enough for two threads
        let blank = format!("{{\"note\":\"{}\"}}\n", "x".repeat(140_000));
        append(&path, events.iter().map(written).collect::<String>() + &blank);
        append(&path, events.iter().map(written).collect::<String>());
        let read = opened(&path);
        let by = Breakdown {
            fields: vec!["route".into(), "build".into()],
            from: T * 1_000_000,
            to: T * 1_000_000 + 1,
            percentile: Some(Percentile { field: "ms".into(), per_million }),
        };
        let (table, _) = read.breakdown(Asked { bad: &parse("status >= 500").unwrap(), valid: None, by: &by }).unwrap();
        let mut plain: BTreeMap<(String, String), (u64, u64, Vec<f64>)> = BTreeMap::new();
        for one in events.iter().chain(&events) {
            let route = one.route.map_or("null".to_owned(), |route| format!("\"{route}\""));
            let group = plain.entry((route, one.build.to_owned())).or_default();
            group.0 += u64::from(one.weight);
            group.1 += if one.status >= 500 { u64::from(one.weight) } else { 0 };
            group.2.extend(one.number.into_iter().flat_map(|number| std::iter::repeat_n(number, one.weight as usize)));
        }
        prop_assert_eq!(table.rows.len(), plain.len());
        for row in &table.rows {
            let name = (row.values[0].to_string(), row.values[1].to_string());
            let (total, bad, numbers) = plain.get_mut(&name).unwrap_or_else(|| panic!("{name:?}"));
            prop_assert_eq!((row.total, row.bad), (*total, *bad), "{:?}", name);
            numbers.sort_by(f64::total_cmp);
            let rank = (numbers.len() as u64 * u64::from(per_million)).div_ceil(1_000_000).max(1) as usize;
            prop_assert_eq!(row.percentile, numbers.get(rank - 1).copied(), "{:?}", name);
        }
    }
}

#[test]
fn given_more_groups_than_are_told_apart_when_asked_then_it_is_said() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    let lines: String = (0..70_000).map(|n| format!("{{\"ts\":{T},\"id\":\"u{n}\"}}\n")).collect();
    append(&path, lines);
    let mut read = Events::open(&path).unwrap();
    while read.poll(u64::MAX).more {}
    let by = Breakdown { fields: vec!["id".into()], from: 0, to: i64::MAX, percentile: None };
    let bad = parse("id = \"u1\"").unwrap();
    let (table, notes) = read.breakdown(Asked { bad: &bad, valid: None, by: &by }).unwrap();
    assert!(table.is_cut && table.rows.len() <= crate::engine::question::MOST_GROUPS);
    assert_eq!(table.rows.first().map(|row| row.values[0].to_string()), Some("\"u1\"".into()));
    assert!(notes.iter().any(|note| note.to_string().contains("more than 65536 groups")), "{notes:?}");
}

#[test]
fn given_what_is_no_question_when_asked_then_it_says_what_is_missing() {
    let dir = dir();
    let path = dir.path().join("a.ndjson");
    append(&path, format!("{{\"ts\":{T},\"a\":1}}\n"));
    let read = opened(&path);
    let bad = parse("a = 1").unwrap();
    let ask = |fields: usize, from, to| {
        let by = Breakdown { fields: vec!["a".into(); fields], from, to, percentile: None };
        read.breakdown(Asked { bad: &bad, valid: None, by: &by }).map_err(|e| e.to_string())
    };
    assert!(ask(0, 0, 1).unwrap_err().contains("no field"));
    assert!(ask(MOST_FIELDS + 1, 0, 1).unwrap_err().contains("too many fields"));
    assert!(ask(1, 1, 1).unwrap_err().contains("ends before"));
    let by = Breakdown { fields: vec!["b".into()], from: 0, to: i64::MAX, percentile: None };
    let (table, notes) = read.breakdown(Asked { bad: &bad, valid: None, by: &by }).unwrap();
    assert_eq!((table.rows.len(), table.sum()), (1, (1, 1)));
    assert!(notes.iter().any(|note| note.to_string() == "no event has a field b"), "{notes:?}");
}

//! The engine's figures must equal a plain count over JSON trees, however the file arrived.

use std::collections::BTreeMap;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

use super::tests::{T, append, dir, question};
use super::{Asked, Events, Question};
use crate::query::breakdown::Breakdown;
use crate::query::filter::parse::parse;
use crate::query::series::MINUTE;

/// A status as it may stand in a file, and the same for the plain count.
fn statuses() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("200".to_owned()),
        Just("500".to_owned()),
        Just("503.0".to_owned()),
        Just("\"500\"".to_owned()),
        Just("\"\\u0035xx\"".to_owned()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("[500]".to_owned()),
        Just("{\"code\":500}".to_owned()),
        (100i64..600).prop_map(|n| n.to_string()),
    ]
}

fn lines() -> impl Strategy<Value = Vec<u8>> {
    let time = (0i64..900).prop_flat_map(|s| {
        prop_oneof![
            Just(format!("{}", T + s)),
            Just(format!("{}.5", T + s)),
            Just(format!("{}", (T + s) * 1000)),
            Just(format!("\"{}\"", chrono::DateTime::from_timestamp(T + s, 0).unwrap().to_rfc3339())),
            Just("\"later\"".to_owned()),
        ]
    });
    let event = (time, statuses(), prop_oneof![Just("v1"), Just("v2"), Just("0123456789abcdef")], 1u32..30, 0..4u8)
        .prop_map(|(time, status, build, rate, shape)| {
            match shape {
                0 => format!("{{\"ts\":{time},\"status\":{status},\"build\":\"{build}\"}}"),
                1 => format!(
                    "{{\"time\":{time},\"samplerate\":{rate},\"data\":{{\"status\":{status},\"build\":\"{build}\"}}}}"
                ),
                2 => format!("{{\"data\":{{\"build\":\"{build}\"}},\"status\":{status},\"timestamp\":{time}}}"),
                _ => format!("{{\"status\":{status},\"build\":{{\"id\":1}},\"@timestamp\":{time}}}"),
            }
            .into_bytes()
        });
    let end = prop_oneof![9 => Just(&b"\n"[..]), 1 => Just(&b"\r\n"[..]), 1 => Just(&b"\n\n \n"[..]), 1 => Just(&b"\n\0\0"[..])];
    let noise = prop_oneof![
        prop::collection::vec(any::<u8>().prop_filter("one line", |b| *b != b'\n'), 0..40),
        Just(b"\xef\xbb\xbf".to_vec()),
        Just(b"{\"ts\":".to_vec()),
        Just(b"{\"ts\":1562712600,\"status\":\"\\x22\"}".to_vec()),
        Just(b"[1]".to_vec()),
    ];
    (prop_oneof![6 => event, 1 => noise], end).prop_map(|(line, end)| [line, end.to_vec()].concat())
}

/// What a plain loop over JSON trees counts: minute to (total, bad), bad lines, events without time.
#[derive(Debug, Default, PartialEq)]
struct Plain {
    buckets: BTreeMap<i64, (u64, u64)>,
    bad_lines: u64,
    untimed: u64,
}

fn plain(bytes: &[u8]) -> Plain {
    let mut out = Plain::default();
    let mut pieces: Vec<&[u8]> = bytes.split(|b| *b == b'\n').collect();
    let last = pieces.pop().unwrap_or(&[]);
    let noise = |b: &u8| *b == 0 || b.is_ascii_whitespace();
    let strip = |line: &[u8]| {
        let line: Vec<u8> = line.iter().copied().skip_while(noise).collect();
        let mut line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).to_vec();
        while line.last().is_some_and(noise) {
            line.pop();
        }
        line
    };
    let json =
        |line: &[u8]| serde_json::from_slice::<serde_json::Value>(line).ok().filter(serde_json::Value::is_object);
    let mut all: Vec<_> = pieces.iter().map(|l| strip(l)).filter(|l| !l.is_empty()).map(|l| json(&l)).collect();
    // a last line without its break counts only if it is an event with a time
    all.extend(json(&strip(last)).filter(|v| moment(v).is_some()).map(Some));
    for value in all {
        let Some(value) = value else {
            out.bad_lines += 1;
            continue;
        };
        let Some(time) = moment(&value) else {
            out.untimed += 1;
            continue;
        };
        let wrapped = value.as_object().unwrap().keys().all(|k| ["time", "samplerate", "data"].contains(&k.as_str()))
            && value["data"].is_object();
        let (weight, fields) =
            if wrapped { (value["samplerate"].as_u64().unwrap(), &value["data"]) } else { (1, &value) };
        // status >= 500 or build = "v2" and status != "500"
        let bad = fields["status"].as_f64().is_some_and(|s| s >= 500.0)
            || fields["build"] == "v2" && fields["status"] != "500";
        let sum = out.buckets.entry(time.div_euclid(60)).or_default();
        sum.0 += weight;
        sum.1 += if bad { weight } else { 0 };
    }
    out
}

fn moment(value: &serde_json::Value) -> Option<i64> {
    let time = ["time", "timestamp", "@timestamp", "ts"].iter().find_map(|n| value.get(n))?;
    match time {
        serde_json::Value::Number(n) if n.as_f64()? > 1e11 => Some(n.as_i64()? / 1000),
        serde_json::Value::Number(n) => Some(n.as_f64()? as i64),
        serde_json::Value::String(s) => chrono::DateTime::parse_from_rfc3339(s).ok().map(|t| t.timestamp()),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn the_engine_counts_what_a_plain_loop_counts(
        lines in prop::collection::vec(lines(), 0..40),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        cut_off in any::<prop::sample::Index>(),
        chop in any::<bool>(),
        budget in 1u64..5000,
    ) {
        let mut bytes = lines.concat();
        if chop && !bytes.is_empty() {
            bytes.truncate(cut_off.index(bytes.len()));
        }
        let dir = dir();
        let path = dir.path().join("a.ndjson");
        append(&path, "");
        let mut events = Events::open(&path).unwrap();
        let mut at: Vec<usize> = cuts.iter().map(|c| c.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
        at.sort_unstable();
        for piece in at.windows(2) {
            append(&path, &bytes[piece[0]..piece[1]]);
            while events.poll(budget).more {}
        }
        events.poll(budget);
        let expected = plain(&bytes);
        let asked = Question {
            bad: parse("status >= 500 or build = 'v2' and status != '500'").unwrap(),
            to: (T + 3600) * 1_000_000,
            ..question("a = 1")
        };
        let answer = events.series(&asked).unwrap();
        let counted: BTreeMap<i64, (u64, u64)> =
            answer.series.buckets().iter().filter(|b| b.total > 0).map(|b| (b.start / MINUTE, (b.total, b.bad))).collect();
        let reading = &answer.reading;
        prop_assert_eq!(Plain { buckets: counted, bad_lines: reading.bad_lines, untimed: reading.untimed }, expected);
        let by = Breakdown { fields: vec!["build".into(), "status".into()], from: asked.from, to: asked.to, percentile: None };
        let (table, _) = events.breakdown(Asked { bad: &asked.bad, valid: None, by: &by }).unwrap();
        let whole = answer.series.sum(i64::MAX, i64::MAX);
        prop_assert_eq!(table.sum(), (whole.total, whole.bad));
    }
}

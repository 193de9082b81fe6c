//! OTLP lines from outside. The fixture was made by `tests/formats/otlp.py`, which printed the counts that are asked for here.

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

use super::forms::{grown, read};
use super::{T, dir};

const FIXTURE: &[u8] = include_bytes!("../../../../tests/formats/otlp.jsonl");

#[test]
fn given_a_file_of_the_sdk_when_read_then_the_counts_are_those_of_its_script() {
    for (bad, expected) in [
        ("span.kind exists", 48),
        ("span.kind = 'server'", 24),
        ("span.kind = 'server' and http.response.status_code >= 500", 6),
        ("span.status_code = 'error'", 6),
        ("span.status_code = 'ok'", 24),
        ("span.status_code = 'unset'", 18),
        ("ok = false and http.request.method = 'GET'", 6),
        ("duration_ms = 40", 24),
        ("duration_ms = 1.5 and trace.parent_id exists", 24),
        ("trace.trace_id exists and trace.span_id exists", 48),
        ("ratio = 2.75", 2),
        ("service.name = 'shop' and service.version = '1.2'", 28),
        ("name starts-with 'GET /'", 24),
        ("span.kind does-not-exist", 8),
        ("severity_text = 'ERROR' and attempt >= 0", 8),
        ("body starts-with 'line '", 6),
    ] {
        let (sum, reading) = read("otlp.jsonl", FIXTURE, bad);
        assert_eq!(sum, (56, expected), "{bad}");
        // six lists and the bodies of two log records
        assert_eq!((reading.bad_lines, reading.untimed, reading.dropped), (0, 0, 8), "{bad}");
        // the records without a time of their own were seen at second 30
        assert_eq!(reading.files[0].newest, Some((T + 55) * 1_000_000 + 1000));
    }
}

fn span(second: i64, status: i64) -> String {
    format!(
        "{{\"startTimeUnixNano\":\"{}000000000\",\"attributes\":[{{\"key\":\"status\",\"value\":{{\"intValue\":{status}}}}}]}}",
        T + second
    )
}

fn spans(list: &[(i64, i64)]) -> String {
    let list: Vec<String> = list.iter().map(|(second, status)| span(*second, *status)).collect();
    format!("{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{}]}}]}}]}}", list.join(","))
}

#[test]
fn given_otlp_among_flat_events_when_read_then_each_line_says_what_it_is() {
    let text = [
        format!("{{\"ts\":{T},\"status\":500}}"),
        spans(&[(1, 500), (2, 200), (3, 503)]),
        "{\"resourceMetrics\":[{\"resource\":{}}]}".to_owned(),
        format!("{{\"ts\":{T},\"status\":200,\"resourceSpans\":\"a text\"}}"),
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"without time\"}]}]}]}".to_owned(),
        "{\"resourceSpans\":[{\"scopeSpans\":5}]}".to_owned(),
        spans(&[(4, 500)]),
    ]
    .join("\n");
    let (sum, reading) = read("a.log", &text, "status >= 500");
    assert_eq!(sum, (6, 4), "the last line has no break and is whole");
    assert_eq!((reading.bad_lines, reading.untimed), (2, 1));
    let first = reading.first_bad.unwrap();
    assert!(first.contains("line 3: these are OTLP metrics, and metrics are not events"), "{first}");
}

#[test]
fn given_a_sample_rate_in_otlp_when_asked_then_the_span_counts_that_often() {
    let line =
        spans(&[(1, 500)]).replace("[{\"key\"", "[{\"key\":\"SampleRate\",\"value\":{\"intValue\":\"20\"}},{\"key\"");
    assert_eq!(read("a.log", line + "\n", "status >= 500").0, (20, 20));
}

/// Bytes of a file of spans, mostly good.
fn otlp() -> impl Strategy<Value = Vec<u8>> {
    let good = prop::collection::vec((0i64..600, 100i64..600), 0..5).prop_map(|list| spans(&list).into_bytes());
    let noise = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..30),
        Just(b"{\"resourceMetrics\":[]}".to_vec()),
        Just(b"{\"resourceSpans\":[{".to_vec()),
        Just(format!("{{\"ts\":{T},\"status\":500}}").into_bytes()),
    ];
    let line = (prop_oneof![6 => good, 1 => noise], prop_oneof![Just(&b"\n"[..]), Just(&b"\r\n"[..])]);
    prop::collection::vec(line.prop_map(|(line, end)| [&line[..], end].concat()), 0..20)
        .prop_map(|lines| lines.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn otlp_counts_the_same_however_it_arrives(
        bytes in otlp(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        budget in 1u64..3000,
    ) {
        let dir = dir();
        let bytes = [bytes, b"\n".to_vec()].concat();
        let whole = grown(&dir.path().join("a.jsonl"), &bytes, &[], u64::MAX);
        prop_assert_eq!(grown(&dir.path().join("b.jsonl"), &bytes, &cuts, budget), whole);
    }
}

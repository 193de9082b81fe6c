//! OTLP/JSON as exporters write it.

use super::*;

fn shown(line: &str) -> Vec<(Option<i64>, Vec<String>, u64)> {
    let line = Line::read(line.as_bytes()).unwrap();
    let each = |h: Happening<'_>| {
        (h.time, h.values.iter().map(|(name, v)| format!("{name}={:?}", v.value())).collect(), h.dropped)
    };
    line.happenings().map(each).collect()
}

#[test]
fn given_spans_when_read_then_each_is_an_event_with_what_its_resource_says() {
    let line = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"api"}}],"droppedAttributesCount":0},
            "scopeSpans":[{"scope":{"name":"x"},"spans":[
            {"traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"b7ad6b7169203331","parentSpanId":"","name":"GET /a","kind":2,"flags":257,
             "startTimeUnixNano":"1562712600000000000","endTimeUnixNano":1562712600001500000,"status":{},"unknown":{"a":[1]},
             "attributes":[{"key":"n","value":{"intValue":"-7"}},{"key":"m","value":{"intValue":8}},{"key":"d","value":{"doubleValue":2}},
                           {"key":"b","value":{"boolValue":false}},{"key":"l","value":{"arrayValue":{"values":[{"intValue":1}]}}},
                           {"key":"k","value":{"kvlistValue":{}}},{"key":"y","value":{"bytesValue":"AA=="}},{"key":"nan","value":{"doubleValue":"NaN"}},
                           {"key":"nothing","value":{}},{"key":"void"}]},
            {"name":"job","kind":"SPAN_KIND_CONSUMER","startTimeUnixNano":0,"endTimeUnixNano":"5","status":{"code":"STATUS_CODE_ERROR","message":"x"}},
            {"name":5,"kind":17,"startTimeUnixNano":1562712600000000000,"endTimeUnixNano":1562712500000000000,"status":{"code":2},"attributes":null}
            ]}]}],"extra":1}"#;
    assert_eq!(
        shown(line),
        [
            (
                Some(1_562_712_600_000_000),
                [
                    "service.name=Text(\"api\")",
                    "n=Int(-7)",
                    "m=Int(8)",
                    "d=Float(2.0)",
                    "b=Bool(false)",
                    "nothing=Missing",
                    "void=Missing",
                    "name=Text(\"GET /a\")",
                    "trace.trace_id=Text(\"0af7651916cd43dd8448eb211c80319c\")",
                    "trace.span_id=Text(\"b7ad6b7169203331\")",
                    "span.kind=Text(\"server\")",
                    "span.status_code=Text(\"unset\")",
                    "duration_ms=Float(1.5)",
                ]
                .map(str::to_owned)
                .to_vec(),
                4
            ),
            (
                None,
                [
                    "service.name=Text(\"api\")",
                    "name=Text(\"job\")",
                    "span.kind=Text(\"consumer\")",
                    "span.status_code=Text(\"error\")"
                ]
                .map(str::to_owned)
                .to_vec(),
                0
            ),
            (
                Some(1_562_712_600_000_000),
                ["service.name=Text(\"api\")", "span.status_code=Text(\"error\")", "duration_ms=Float(0.0)"]
                    .map(str::to_owned)
                    .to_vec(),
                1
            ),
        ]
    );
}

#[test]
fn given_log_records_when_read_then_the_time_is_their_own_or_when_they_were_seen() {
    let line = r#"{"resourceLogs":[{"resource":null,"scopeLogs":[{"logRecords":[
            {"timeUnixNano":"1562712600000000000","observedTimeUnixNano":"1562712601000000000","severityNumber":17,"severityText":"ERROR","body":{"stringValue":"it broke"},
             "traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"","attributes":[{"key":"a","value":{"stringValue":"\u0041\""}}]},
            {"timeUnixNano":"0","observedTimeUnixNano":"1562712601000000000","body":{"kvlistValue":{"values":[]}}},
            {"body":{"stringValue":""}}]}]}]}"#;
    let seen = shown(line);
    assert_eq!(seen[0].0, Some(1_562_712_600_000_000));
    assert_eq!(
        seen[0].1,
        [
            "a=Text(\"A\\\"\")",
            "severity_text=Text(\"ERROR\")",
            "body=Text(\"it broke\")",
            "trace.trace_id=Text(\"0af7651916cd43dd8448eb211c80319c\")"
        ]
    );
    assert_eq!((seen[1].0, seen[1].2), (Some(1_562_712_601_000_000), 1));
    assert_eq!((seen[2].0, seen[2].1.len(), seen[2].2), (None, 0, 0));
}

#[test]
fn given_what_holds_no_events_when_read_then_it_is_said() {
    let error = |line: &str| Line::read(line.as_bytes()).err().unwrap_or_default();
    assert!(error(r#"{"resourceMetrics":[{"scopeMetrics":[]}]}"#).contains("metrics are not events"));
    assert!(error(r#"{"resourceSpans":[1]}"#).starts_with("no OTLP: "));
    assert!(error(r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"#).starts_with("no OTLP: "));
    assert!(shown(r#"{"resourceSpans":[]}"#).is_empty());
    assert!(shown(r#"{"resourceSpans":null,"resourceLogs":[{"scopeLogs":null},{}]}"#).is_empty());
}

//! Answers of Prometheus, read: series, warnings, histograms, what is no number.

use super::*;

#[test]
fn given_a_matrix_when_read_then_whole_and_broken_seconds_are_moments_and_texts_are_numbers() {
    let body = br#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":
        [[1562712720,"500"],[1562712780.5,"1e+3"],[1562712840,"-0"],[1562712900,"NaN"],[1562712960,"+Inf"]]}]},"extra":1}"#;
    let read = answer(body).unwrap();
    let second = 1_000_000;
    assert_eq!(
        read.points,
        [(1_562_712_720 * second, 500.0), (1_562_712_780 * second + 500_000, 1000.0), (1_562_712_840 * second, 0.0)]
    );
    assert_eq!(read.odd, [1_562_712_900 * second, 1_562_712_960 * second]);
}

#[test]
fn given_a_number_for_each_label_when_read_then_labels_stay_as_they_are() {
    let body = br#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"code":"5\u001b[31m"},"value":[1,"2.5"]},
        {"metric":{},"value":[1,"7"]},{"metric":{"code":"x"},"value":[1,"NaN"]}]},"warnings":["slow"]}"#;
    let read = groups(body).unwrap();
    let labels: Vec<(Option<&str>, f64)> =
        read.groups.iter().map(|(labels, n)| (labels.get("code").map(String::as_str), *n)).collect();
    assert_eq!(labels, [(Some("5\u{1b}[31m"), 2.5), (None, 7.0)]);
    let warnings = ["slow", "they say themselves that parts are missing", "1 values are no numbers and are left out"];
    assert_eq!(read.warnings, warnings);
    assert!(groups(br#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#).is_err());
}

#[test]
fn given_nothing_when_read_then_no_points_and_no_trouble() {
    let empty = |kind: &str| {
        answer(format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":[]}}}}"#).as_bytes())
    };
    assert_eq!(empty("matrix"), Ok(Answer::default()));
    assert_eq!(empty("vector"), Ok(Answer::default()));
}

#[test]
fn given_null_for_a_list_when_read_then_it_is_an_empty_list() {
    let with = |result: &str, beside: &str| {
        let data = format!(r#"{{"resultType":"vector","result":{result},"warnings":null}}"#);
        answer(format!(r#"{{"status":"success","data":{data},{beside}}}"#).as_bytes())
    };
    let nothing = r#""warnings":null,"infos":null,"isPartial":null,"error":null"#;
    assert_eq!(with("null", nothing), Ok(Answer::default()));
    let one = with(r#"[{"metric":null,"values":null,"value":[1,"2"],"histograms":null}]"#, nothing).unwrap();
    assert_eq!((one.points, one.warnings, one.partial), (vec![(1_000_000, 2.0)], vec![], false));
    // what the other list says is said
    assert!(with("null", r#""infos":null,"warnings":["a store is away"]"#).unwrap().partial);
    assert!(
        presence(br#"{"status":"success","data":{"resultType":"matrix","result":null}}"#).unwrap().series.is_empty()
    );
    assert!(groups(br#"{"status":"success","data":{"resultType":"vector","result":null}}"#).unwrap().groups.is_empty());
}

#[test]
fn given_a_lost_store_when_it_is_only_a_warning_then_the_answer_is_partial() {
    let body = br#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]},
        "warnings":["No StoreAPIs matched for this query (partial response)\u001b[31m"]}"#;
    let read = answer(body).unwrap();
    assert!(read.partial && read.warnings[0].ends_with("(partial response)"), "{read:?}");
    let cluster = br#"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}"#;
    assert!(answer(cluster).unwrap().partial);
}

#[test]
fn given_a_warning_when_it_is_not_known_to_be_harmless_then_the_answer_is_partial() {
    let with = |beside: &str| {
        let data = r#"{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]}"#;
        answer(format!(r#"{{"status":"success","data":{data},{beside}}}"#).as_bytes()).unwrap()
    };
    for missing in [
        r#""warnings":["receive series from Addr: sidecar-2:10901 rpc error: code = Unavailable"]"#,
        r#""warnings":["remote_read: remote server http://x/ returned HTTP status 500"]"#,
        r#""warnings":["PromQL warning: encountered a mix of histograms and floats for aggregation (1:1)"]"#,
        r#""warnings":["PromQL info: a","b","c","d","e","3 more warning annotations omitted"]"#,
        r#""isPartial":true"#,
    ] {
        let read = with(missing);
        assert!(read.partial && !read.warnings.is_empty(), "{missing}: {read:?}");
    }
    for harmless in [
        r#""infos":["PromQL info: metric might not be a counter: \"lb\" (1:5)"]"#,
        r#""infos":["2 more info annotations omitted"]"#,
        r#""warnings":["PromQL info: metric might not be a counter: \"lb\" (1:5)"]"#,
        r#""warnings":["PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)"]"#,
    ] {
        let read = with(harmless);
        assert!(!read.partial && read.warnings.len() == 1, "{harmless}: {read:?}");
    }
    let inside = br#"{"status":"success","data":{"resultType":"vector","result":[],"warnings":[{}]}}"#;
    assert_eq!(answer(inside).unwrap().warnings, ["they say themselves that parts are missing"]);
}

#[test]
fn given_a_list_of_stores_when_read_then_it_is_one_and_nothing_else_is() {
    let list = r#"{"status":"success","data":{"sidecar":[{"name":"a:10901","lastCheck":"2026-11-26T12:00:00Z"}]}}"#;
    for (body, is_one) in [
        (list, true),
        (r#"{"status":"success","data":{}}"#, true),
        (r#"{"status":"success","data":{"sidecar":null}}"#, true),
        (r#"{"status":"success","data":[]}"#, false),
        (r#"{"status":"success","data":{"version":"2.42.0"}}"#, false),
        (r#"{"status":"error","error":"no such path"}"#, false),
        ("<html>", false),
    ] {
        assert_eq!(is_stores(body.as_bytes()), is_one, "{body}");
    }
}

#[test]
fn given_what_is_not_an_answer_when_read_then_said_in_words() {
    let why = |body: &str| answer(body.as_bytes()).unwrap_err();
    assert_eq!(
        why(r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected end"}"#),
        "1:5: parse error: unexpected end"
    );
    assert!(why("<html>502</html>").starts_with("the answer is no JSON we know"));
    assert!(why(r#"{"status":"success","data":{"resultType":"mat"#).starts_with("the answer is no JSON we know"));
    assert!(why(r#"{"status":"success"}"#).contains("no data"));
    assert!(why(r#"{"status":"success","data":{"resultType":"string","result":[1,"x"]}}"#).contains("is a string"));
    let two = r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]},{"metric":{},"value":[1,"2"]}]}}"#;
    assert_eq!(why(two), "2 series came instead of one; sum them in the query");
    assert_eq!(error(br#"{"status":"error","error":"no org id"}"#), Some("no org id".into()));
    assert_eq!(error(b"no org id"), None);
    let built = br#"{"status":"success","data":{"version":"2.42.0","application":"Grafana Mimir"}}"#;
    assert_eq!(build(built), Some(("Grafana Mimir".into(), "2.42.0".into())));
}

//! Honeycomb's answers, also the ugly ones.

use super::*;

#[test]
fn given_burn_alerts_when_read_then_both_kinds_are_said_and_another_is_left_out() {
    let body = br#"[{"alert_type":"exhaustion_time","exhaustion_minutes":120,"triggered":true},
            {"alert_type":"budget_rate","budget_rate_window_minutes":90,"budget_rate_decrease_threshold_per_million":1000,"triggered":false},
            {"alert_type":"of a later year","triggered":true}, {"alert_type":"exhaustion_time","exhaustion_minutes":1440}, 7]"#;
    let read = alerts(body).unwrap();
    assert_eq!(read, [("exhaustion time under 2 h".into(), true), ("budget rate 0.1 % in 90 m".into(), false)]);
    assert!(alerts(b"{}").is_err() && alerts(b"<html>").is_err());
}

#[test]
fn given_a_key_when_looked_at_then_whose_it_is_and_what_it_may_not_do() {
    let body = br#"{"id":"x","type":"configuration","api_key_access":{"events":true,"queries":false,"columns":true,"slos":true,"markers":true,"new":1},
            "environment":{"name":"Production","slug":"production"},"team":{"name":"Acme","slug":"acme"}}"#;
    let read = access(body).unwrap();
    assert_eq!((read.team.as_str(), read.environment.as_deref()), ("acme", Some("production")));
    assert_eq!(
        (read.lacks.as_slice(), read.slos, read.markers, read.ingest),
        (["Run Queries"].as_slice(), true, Some(true), false)
    );
    let classic = br#"{"type":"configuration","environment":{"name":"","slug":""},"team":{"slug":"acme"}}"#;
    let read = access(classic).unwrap();
    assert_eq!((read.environment, read.lacks.len(), read.markers), (None, 0, None));
    assert!(access(br#"{"type":"ingest","team":{"slug":"a"}}"#).unwrap().ingest);
    assert!(access(b"[]").is_err() && access(b"{}").is_err() && access(b"<html>").is_err());
}

#[test]
fn given_a_run_when_read_then_data_count_only_once_it_is_complete() {
    let early = br#"{"complete":false,"data":{"series":[{"time":"2021-04-09T14:16:00Z","data":{"COUNT":1}}]}}"#;
    assert_eq!(run(early, true), Ok(Run::Running));
    let failed = br#"{"complete":true,"error":"we had trouble \u001b[31mfetching your results! try again?"}"#;
    assert_eq!(run(failed, true), Ok(Run::Failed("we had trouble fetching your results! try again?".into())));
    let done = br#"{"complete":true,"data":{"series":[{"time":"2021-04-09T14:16:00Z","data":{"COUNT":1}},{"time":1617977820,"data":{}},
            {"time":"2021-04-09T14:18:00","data":{"COUNT":null}}]},"links":{"query_url":"https://ui/x"}}"#;
    let Ok(Run::Done(rows, link)) = run(done, true) else { panic!() };
    let minutes: Vec<i64> = rows.iter().map(|(at, _)| at / 60_000_000 - 26_966_296).collect();
    assert_eq!((minutes, link.as_deref()), (vec![0, 1, 2], Some("https://ui/x")));
    for broken in [
        r#"{"complete":true}"#,
        r#"{"data":{}}"#,
        r#"{"complete":true,"data":{"series":[{"time":"noon","data":{}}]}}"#,
        r#"{"complete":true,"data":{"series":[{"time":1}]}}"#,
        r#"{"complete":true,"data":{"ser"#,
    ] {
        assert!(run(broken.as_bytes(), true).is_err(), "{broken}");
    }
    let table = br#"{"complete":true,"data":{"results":[{"data":{"COUNT":7,"code":401}},{"data":{"COUNT":1}}]}}"#;
    let Ok(Run::Done(rows, None)) = run(table, false) else { panic!() };
    assert_eq!(rows.iter().map(|(_, data)| data.len()).collect::<Vec<_>>(), [2, 1]);
    assert!(run(br#"{"complete":true,"data":{"series":[]}}"#, false).is_err());
}

#[test]
fn given_markers_when_read_then_one_is_known_by_its_words_and_its_second() {
    let list =
        br#"[{"id":"a\u001b[1m","message":"412 declared: x","start_time":1471040808,"type":"incident","color":"fff"},
            {"id":"b","start_time":1471040808},{"message":"412 declared: x","start_time":1471040808},7]"#;
    let read = markers(list).unwrap();
    let found: Vec<&str> =
        read.iter().filter(|one| one.is("412 declared: x", 1_471_040_808)).map(|one| one.id.as_str()).collect();
    assert_eq!((read.len(), found), (2, vec!["a"]));
    assert!(!read[0].is("412 declared: x", 1_471_040_809) && !read[0].is("412 declared", 1_471_040_808));
    assert!(markers(b"{}").is_err() && markers(b"<html>").is_err() && marker(b"{}").is_err());
}

#[test]
fn given_errors_of_three_shapes_when_read_then_what_they_say() {
    let said = |body: &str| error(body.as_bytes());
    assert_eq!(
        said(r#"{"error":"unknown API key - check your credentials"}"#).as_deref(),
        Some("unknown API key - check your credentials")
    );
    let problem = r#"{"status":422,"type":"https://api.honeycomb.io/problems/validation-failed","title":"The provided input is invalid.","error":"The provided input is invalid.",
            "type_detail":[{"field":"calculations[0].column","code":"invalid","description":"unknown column"}]}"#;
    assert_eq!(said(problem).as_deref(), Some("The provided input is invalid; calculations[0].column unknown column"));
    assert_eq!(said(r#"{"errors":[{"id":"1","code":"c","title":"slow","detail":"later"}]}"#).as_deref(), Some("later"));
    assert_eq!(said(r#"{"error":{"code":"x","message":"not JSON"}}"#).as_deref(), Some("not JSON"));
    assert_eq!(said("<html>"), None);
    assert_eq!(said(r#"{"error":""}"#), None);
}

#[test]
fn given_an_objective_when_read_then_what_is_absent_is_not_nothing_left() {
    let body = br#"{"id":"a","name":"n","sli":{"alias":"sli.ok"},"time_period_days":30,"target_per_million":999500,"reset_at":"2022-011-11"}"#;
    let read = objective(body).unwrap();
    assert_eq!(
        (read.alias.as_deref(), read.target_ppm, read.days, read.remaining),
        (Some("sli.ok"), Some(999_500), Some(30), None)
    );
    let detailed =
        br#"{"sli":{"alias":"s"},"budget_remaining":-71.03,"burn_rate":5.39,"status":"triggered","compliance":95.39}"#;
    let read = objective(detailed).unwrap();
    assert_eq!((read.remaining, read.burn, read.status.as_deref()), (Some(-71.03), Some(5.39), Some("triggered")));
    let rows = br#"{"abc":[{"timestamp":1612137600,"compliance":97,"budget_remaining":-71.03},{"timestamp":1612134000,"budget_remaining":-5.5}]}"#;
    assert_eq!(history(rows, "abc").unwrap(), [(1_612_134_000_000_000, -5.5), (1_612_137_600_000_000, -71.03)]);
    assert!(history(rows, "other").is_err());
}

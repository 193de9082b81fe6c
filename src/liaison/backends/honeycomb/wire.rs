//! What Honeycomb answers (reference: its OpenAPI document): read leniently. Its words stop here.

use super::super::super::clean;
use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

/// The longest of their sentences that is shown, in characters.
const SENTENCE: usize = 300;

/// Who a key belongs to, and what it may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Access {
    /// The team's slug.
    pub team: String,
    /// The environment's name; none for a classic key.
    pub environment: Option<String>,
    /// It can only send events.
    pub ingest: bool,
    /// What it may not do, of what is asked here, as the settings page calls it.
    pub lacks: Vec<&'static str>,
    /// It may read SLOs.
    pub slos: bool,
    /// It may set markers.
    pub markers: bool,
}

/// An objective as Honeycomb holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Objective {
    /// The derived column that tells good from bad.
    pub alias: Option<String>,
    /// The share that must be good, per million.
    pub target_ppm: Option<u64>,
    /// The length of its window in days.
    pub days: Option<u64>,
    /// What is left of its budget, in percent; only where the plan has it.
    pub remaining: Option<f64>,
    /// Failures over expected failures in the last 4 hours.
    pub burn: Option<f64>,
    /// In their word: normal, triggered, no_alerts, no_events.
    pub status: Option<String>,
}

/// Rows of a run: when, µs, and what stood in each.
pub(super) type Rows = Vec<(i64, Map<String, Value>)>;

/// How far a run is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Run {
    /// Not ended.
    Running,
    /// It failed: why.
    Failed(String),
    /// Its rows, and where a person sees the same.
    Done(Rows, Option<String>),
}

/// Reads who a key belongs to.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn access(body: &[u8]) -> Result<Access, String> {
    let answer = object(body)?;
    let slug = |of: &str| answer.get(of).and_then(|of| of.get("slug")).and_then(Value::as_str).map(cleaned);
    let team = slug("team").ok_or("the answer names no team")?;
    let may = |name: &str| answer.get("api_key_access").and_then(|all| all.get(name)).and_then(Value::as_bool);
    // what it does not mention is tried: names may be added or change
    let columns = (may("columns") == Some(false)).then_some("Manage Queries and Columns");
    let queries = (may("queries") == Some(false)).then_some("Run Queries");
    Ok(Access {
        team,
        environment: slug("environment").filter(|slug| !slug.is_empty()),
        ingest: answer.get("type").and_then(Value::as_str) == Some("ingest"),
        lacks: [columns, queries].into_iter().flatten().collect(),
        slos: may("slos") != Some(false),
        markers: may("markers") == Some(true),
    })
}

/// Reads an objective.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn objective(body: &[u8]) -> Result<Objective, String> {
    let answer = object(body)?;
    let alias = answer.get("sli").and_then(|sli| sli.get("alias")).and_then(Value::as_str);
    Ok(Objective {
        // an alias is asked for as it is: cleaning could name another column
        alias: alias.map(str::to_owned),
        target_ppm: answer.get("target_per_million").and_then(Value::as_u64),
        days: answer.get("time_period_days").and_then(Value::as_u64),
        remaining: answer.get("budget_remaining").and_then(Value::as_f64).filter(|number| number.is_finite()),
        burn: answer.get("burn_rate").and_then(Value::as_f64).filter(|number| number.is_finite()),
        status: answer.get("status").and_then(Value::as_str).map(cleaned),
    })
}

/// Reads what was left of a budget over time: moments, µs, and percents, in order of time.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn history(body: &[u8], id: &str) -> Result<Vec<(i64, f64)>, String> {
    let answer = object(body)?;
    let rows = answer.get(id).and_then(Value::as_array).ok_or("the answer does not speak of this SLO")?;
    let one = |row: &Value| Some((moment(row.get("timestamp")?)?, row.get("budget_remaining")?.as_f64()?));
    let mut rows: Vec<(i64, f64)> = rows.iter().filter_map(one).collect();
    rows.sort_by_key(|(at, _)| *at);
    Ok(rows)
}

/// Reads the id of something that was made.
///
/// # Errors
/// There is none.
pub(super) fn id(body: &[u8]) -> Result<String, String> {
    let answer = object(body)?;
    let id = answer.get("id").and_then(Value::as_str).filter(|id| !id.is_empty());
    id.map(str::to_owned).ok_or_else(|| "the answer holds no id".to_owned())
}

/// Reads how far a run is. Data are read only once it is complete: an answer may hold some before, and they are not all.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn run(body: &[u8]) -> Result<Run, String> {
    let mut answer = object(body)?;
    if let Some(error) = answer.get("error").and_then(Value::as_str).filter(|error| !error.is_empty()) {
        return Ok(Run::Failed(cleaned(error)));
    }
    match answer.get("complete").and_then(Value::as_bool) {
        Some(true) => {}
        Some(false) => return Ok(Run::Running),
        None => return Err("the answer does not say whether the run is complete".into()),
    }
    let link = answer.get("links").and_then(|links| links.get("query_url")).and_then(Value::as_str).map(cleaned);
    let series = answer.get_mut("data").and_then(|data| data.get_mut("series")).map(Value::take);
    let Some(Value::Array(series)) = series else { return Err("the run is complete and holds no series".into()) };
    let mut rows = Vec::with_capacity(series.len());
    for mut row in series {
        let at = row.get("time").and_then(moment).ok_or("a row of the series has no time that can be read")?;
        let Some(Value::Object(data)) = row.get_mut("data").map(Value::take) else {
            return Err("a row of the series holds no data".into());
        };
        rows.push((at, data));
    }
    Ok(Run::Done(rows, link))
}

/// What an error's body says: a text, a problem (RFC 7807) with what is wrong in which field, or a list (JSON:API). Members decide, not the
/// media type.
pub(super) fn error(body: &[u8]) -> Option<String> {
    let answer = object(body).ok()?;
    let text = |of: &Map<String, Value>, key: &str| of.get(key).and_then(Value::as_str).map(str::to_owned);
    if let Some(first) = answer.get("errors").and_then(Value::as_array).and_then(|all| all.first()) {
        let first = first.as_object()?;
        return text(first, "detail").or_else(|| text(first, "title")).map(|words| cleaned(&words));
    }
    let said = text(&answer, "error")
        .or_else(|| answer.get("error").and_then(Value::as_object).and_then(|e| text(e, "message")))
        .or_else(|| text(&answer, "detail"))
        .or_else(|| text(&answer, "title"));
    let mut words = said.filter(|said| !said.trim().is_empty())?;
    let details = answer.get("type_detail").or_else(|| answer.get("validation")).and_then(Value::as_array);
    for detail in details.into_iter().flatten().take(3) {
        let part = |key: &str| detail.get(key).and_then(Value::as_str).unwrap_or_default();
        words.truncate(words.trim_end_matches('.').len());
        words.push_str(&format!("; {} {}", part("field"), part("description")));
    }
    if let Some(detail) = text(&answer, "detail").filter(|detail| *detail != words) {
        words.push_str(&format!(" ({detail})"));
    }
    Some(cleaned(&words))
}

/// A moment, µs: RFC 3339, without a zone (then UTC), or seconds since 1970.
fn moment(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => DateTime::parse_from_rfc3339(text)
            .map(|at| at.timestamp_micros())
            .or_else(|_| text.parse::<NaiveDateTime>().map(|at| at.and_utc().timestamp_micros()))
            .ok(),
        Value::Number(seconds) => seconds.as_i64()?.checked_mul(1_000_000),
        _ => None,
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("the answer is JSON, but no object".into()),
        Err(why) => Err(format!("the answer is no JSON we know: {}", cleaned(&why.to_string()))),
    }
}

fn cleaned(text: &str) -> String {
    clean::clean(text, SENTENCE).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_key_when_looked_at_then_whose_it_is_and_what_it_may_not_do() {
        let body = br#"{"id":"x","type":"configuration","api_key_access":{"events":true,"queries":false,"columns":true,"slos":true,"markers":true,"new":1},
            "environment":{"name":"Production","slug":"production"},"team":{"name":"Acme","slug":"acme"}}"#;
        let read = access(body).unwrap();
        assert_eq!((read.team.as_str(), read.environment.as_deref()), ("acme", Some("production")));
        assert_eq!(
            (read.lacks.as_slice(), read.slos, read.markers, read.ingest),
            (["Run Queries"].as_slice(), true, true, false)
        );
        let classic = br#"{"type":"configuration","environment":{"name":"","slug":""},"team":{"slug":"acme"}}"#;
        let read = access(classic).unwrap();
        assert_eq!((read.environment, read.lacks.len(), read.markers), (None, 0, false));
        assert!(access(br#"{"type":"ingest","team":{"slug":"a"}}"#).unwrap().ingest);
        assert!(access(b"[]").is_err() && access(b"{}").is_err() && access(b"<html>").is_err());
    }

    #[test]
    fn given_a_run_when_read_then_data_count_only_once_it_is_complete() {
        let early = br#"{"complete":false,"data":{"series":[{"time":"2021-04-09T14:16:00Z","data":{"COUNT":1}}]}}"#;
        assert_eq!(run(early), Ok(Run::Running));
        let failed = br#"{"complete":true,"error":"we had trouble \u001b[31mfetching your results! try again?"}"#;
        assert_eq!(run(failed), Ok(Run::Failed("we had trouble fetching your results! try again?".into())));
        let done = br#"{"complete":true,"data":{"series":[{"time":"2021-04-09T14:16:00Z","data":{"COUNT":1}},{"time":1617977820,"data":{}},
            {"time":"2021-04-09T14:18:00","data":{"COUNT":null}}]},"links":{"query_url":"https://ui/x"}}"#;
        let Ok(Run::Done(rows, link)) = run(done) else { panic!() };
        let minutes: Vec<i64> = rows.iter().map(|(at, _)| at / 60_000_000 - 26_966_296).collect();
        assert_eq!((minutes, link.as_deref()), (vec![0, 1, 2], Some("https://ui/x")));
        for broken in [
            r#"{"complete":true}"#,
            r#"{"data":{}}"#,
            r#"{"complete":true,"data":{"series":[{"time":"noon","data":{}}]}}"#,
            r#"{"complete":true,"data":{"series":[{"time":1}]}}"#,
            r#"{"complete":true,"data":{"ser"#,
        ] {
            assert!(run(broken.as_bytes()).is_err(), "{broken}");
        }
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
        assert_eq!(
            said(problem).as_deref(),
            Some("The provided input is invalid; calculations[0].column unknown column")
        );
        assert_eq!(
            said(r#"{"errors":[{"id":"1","code":"c","title":"slow","detail":"later"}]}"#).as_deref(),
            Some("later")
        );
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
        let detailed = br#"{"sli":{"alias":"s"},"budget_remaining":-71.03,"burn_rate":5.39,"status":"triggered","compliance":95.39}"#;
        let read = objective(detailed).unwrap();
        assert_eq!((read.remaining, read.burn, read.status.as_deref()), (Some(-71.03), Some(5.39), Some("triggered")));
        let rows = br#"{"abc":[{"timestamp":1612137600,"compliance":97,"budget_remaining":-71.03},{"timestamp":1612134000,"budget_remaining":-5.5}]}"#;
        assert_eq!(history(rows, "abc").unwrap(), [(1_612_134_000_000_000, -5.5), (1_612_137_600_000_000, -71.03)]);
        assert!(history(rows, "other").is_err());
    }
}

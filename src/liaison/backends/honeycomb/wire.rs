//! What Honeycomb answers (reference: its OpenAPI document): read leniently. Its words stop here.

use super::super::super::clean;
use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

/// The longest of their sentences that is shown, in characters.
const SENTENCE: usize = 300;

/// The longest address of theirs that is kept, in characters.
const ADDRESS: usize = 2_000;

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
    /// It may set markers; none when that is not said.
    pub markers: Option<bool>,
}

/// A marker as Honeycomb holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marker {
    /// Its id, cleaned: it is only shown.
    pub id: String,
    /// Its words as they are there, to be compared and never shown.
    words: Option<String>,
    /// Where it stands, in seconds since 1970.
    start: Option<i64>,
}

impl Marker {
    /// It says these words at this second.
    pub(super) fn is(&self, words: &str, start: i64) -> bool {
        self.words.as_deref() == Some(words) && self.start == Some(start)
    }

    fn read(one: &Map<String, Value>) -> Option<Marker> {
        let id = one.get("id").and_then(Value::as_str).filter(|id| !id.is_empty())?;
        let words = one.get("message").and_then(Value::as_str).map(str::to_owned);
        Some(Marker { id: cleaned(id), words, start: one.get("start_time").and_then(Value::as_i64) })
    }
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
    /// Its burn alerts in their words, and whether each is triggered.
    pub alerts: Vec<(String, bool)>,
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
        markers: may("markers"),
    })
}

/// Reads an objective.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn objective(body: &[u8]) -> Result<Objective, String> {
    Ok(of(&object(body)?))
}

/// Reads the objectives of a dataset, each with its id.
///
/// # Errors
/// The answer is no list.
pub(super) fn objectives(body: &[u8]) -> Result<Vec<(String, Objective)>, String> {
    let answer: Value = serde_json::from_slice(body).map_err(|_| "the answer is not JSON".to_owned())?;
    let list = answer.as_array().ok_or("the answer is no list")?;
    let one = |one: &Value| Some((one.get("id")?.as_str()?.to_owned(), of(one.as_object()?)));
    Ok(list.iter().filter_map(one).collect())
}

fn of(answer: &Map<String, Value>) -> Objective {
    let alias = answer.get("sli").and_then(|sli| sli.get("alias")).and_then(Value::as_str);
    Objective {
        // an alias is asked for as it is: cleaning could name another column
        alias: alias.map(str::to_owned),
        target_ppm: answer.get("target_per_million").and_then(Value::as_u64),
        days: answer.get("time_period_days").and_then(Value::as_u64),
        remaining: answer.get("budget_remaining").and_then(Value::as_f64).filter(|number| number.is_finite()),
        burn: answer.get("burn_rate").and_then(Value::as_f64).filter(|number| number.is_finite()),
        status: answer.get("status").and_then(Value::as_str).map(cleaned),
        alerts: Vec::new(),
    }
}

/// Reads the burn alerts of an SLO, in their words; one of a kind that we do not know is left out.
///
/// # Errors
/// The answer is no list.
pub(super) fn alerts(body: &[u8]) -> Result<Vec<(String, bool)>, String> {
    let answer: Value = serde_json::from_slice(body).map_err(|_| "the answer is not JSON".to_owned())?;
    let list = answer.as_array().ok_or("the answer is no list")?;
    let one = |alert: &Value| {
        let number = |key: &str| alert.get(key).and_then(Value::as_u64);
        let words = match alert.get("alert_type").and_then(Value::as_str)? {
            "exhaustion_time" => format!("exhaustion time under {}", minutes(number("exhaustion_minutes")?)),
            "budget_rate" => {
                let ppm = number("budget_rate_decrease_threshold_per_million")?;
                let digits = format!("{:04}", ppm % 10_000);
                let digits = digits.trim_end_matches('0');
                let dot = if digits.is_empty() { "" } else { "." };
                let window = minutes(number("budget_rate_window_minutes")?);
                format!("budget rate {}{dot}{digits} % in {window}", ppm / 10_000)
            }
            _ => return None,
        };
        Some((words, alert.get("triggered")?.as_bool()?))
    };
    Ok(list.iter().filter_map(one).collect())
}

/// A number of minutes as people say it.
fn minutes(minutes: u64) -> String {
    match minutes {
        m if m > 0 && m % 1_440 == 0 => format!("{} d", m / 1_440),
        m if m > 0 && m % 60 == 0 => format!("{} h", m / 60),
        m => format!("{m} m"),
    }
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

/// Reads the marker that was set.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn marker(body: &[u8]) -> Result<Marker, String> {
    Marker::read(&object(body)?).ok_or_else(|| "the answer holds no marker".into())
}

/// Reads all markers there are.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn markers(body: &[u8]) -> Result<Vec<Marker>, String> {
    match serde_json::from_slice(body) {
        Ok(Value::Array(all)) => Ok(all.iter().filter_map(Value::as_object).filter_map(Marker::read).collect()),
        Ok(_) => Err("the answer is JSON, but no list".into()),
        Err(why) => Err(format!("the answer is no JSON we know: {}", cleaned(&why.to_string()))),
    }
}

/// Reads how far a run is, and of one that is complete its time line or its table, whose rows have no time. Data are read only once it is complete: an answer may hold some before, and they are not all.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn run(body: &[u8], is_series: bool) -> Result<Run, String> {
    let mut answer = object(body)?;
    if let Some(error) = answer.get("error").and_then(Value::as_str).filter(|error| !error.is_empty()) {
        return Ok(Run::Failed(cleaned(error)));
    }
    match answer.get("complete").and_then(Value::as_bool) {
        Some(true) => {}
        Some(false) => return Ok(Run::Running),
        None => return Err("the answer does not say whether the run is complete".into()),
    }
    let link = answer.get("links").and_then(|links| links.get("query_url")).and_then(Value::as_str);
    // one that was cut would lead elsewhere
    let link = link.filter(|link| link.chars().count() <= ADDRESS).map(|link| clean::clean(link, ADDRESS).into_owned());
    let name = if is_series { "series" } else { "results" };
    let found = answer.get_mut("data").and_then(|data| data.get_mut(name)).map(Value::take);
    let Some(Value::Array(found)) = found else { return Err(format!("the run is complete and holds no {name}")) };
    let mut rows = Vec::with_capacity(found.len());
    for mut row in found {
        let at = row.get("time").and_then(moment).or((!is_series).then_some(0));
        let at = at.ok_or("a row of the series has no time that can be read")?;
        let Some(Value::Object(data)) = row.get_mut("data").map(Value::take) else {
            return Err(format!("a row of the {name} holds no data"));
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
        let list = br#"[{"id":"a\u001b[1m","message":"412 declared: x","start_time":1471040808,"type":"incident","color":"fff"},
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

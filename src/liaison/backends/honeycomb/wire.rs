//! What Honeycomb answers (reference: its OpenAPI document): read leniently. Its words stop here.

use super::super::super::clean;
use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

/// The longest of their sentences that is shown, in characters.
const SENTENCE: usize = 300;

/// The longest address of theirs that is kept, in characters.
pub(super) const ADDRESS: usize = 2_000;

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

/// Reads when a column was written last, µs, where that is said.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn written(body: &[u8]) -> Result<Option<i64>, String> {
    let answer = object(body)?;
    answer.get("key_name").and_then(Value::as_str).ok_or("the answer is no column")?;
    Ok(answer.get("last_written").and_then(moment))
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
mod tests;

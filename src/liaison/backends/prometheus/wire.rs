//! What Prometheus answers (querying/api): read leniently, for relatives differ. Their words stop here.

use super::super::super::clean;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The longest of their sentences that is shown, in characters.
const SENTENCE: usize = 300;
/// How many warnings are kept.
const WARNINGS: usize = 5;

#[derive(Deserialize)]
struct Envelope<'a> {
    status: String,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    error: Option<String>,
    #[serde(default, deserialize_with = "or_empty")]
    warnings: Vec<String>,
    #[serde(default, deserialize_with = "or_empty")]
    infos: Vec<String>,
    #[serde(rename = "isPartial", default, deserialize_with = "or_empty")]
    is_partial: bool,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "resultType")]
    kind: String,
    #[serde(borrow)]
    result: &'a RawValue,
    #[serde(default, deserialize_with = "or_empty")]
    warnings: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default, deserialize_with = "or_empty")]
    metric: Labels,
    #[serde(default, deserialize_with = "or_empty")]
    values: Vec<Sample>,
    value: Option<Sample>,
    #[serde(default, deserialize_with = "or_empty")]
    histograms: Vec<IgnoredAny>,
    histogram: Option<IgnoredAny>,
}

impl Series {
    fn is_histogram(&self) -> bool {
        self.histogram.is_some() || !self.histograms.is_empty()
    }
}

/// What is there, or null for what is empty: a relative in Go sends that for a list which it never filled.
fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// The labels of a series.
pub(super) type Labels = BTreeMap<String, String>;

/// A moment in seconds, whole or not, and a number as text.
#[derive(Deserialize)]
struct Sample(f64, String);

/// What was answered to a query.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// Moments, µs, and what was there, in order of time; what is no number is left out.
    pub points: Vec<(i64, f64)>,
    /// The moments, µs, at which what was there is no number.
    pub odd: Vec<i64>,
    /// What they warn of, cleaned.
    pub warnings: Vec<String>,
    /// Parts may be missing, by what they say.
    pub partial: bool,
    /// There are native histograms, which have no number of their own: where no number stands, it is not known, and not none.
    pub histograms: bool,
}

/// Series by their labels, and when each was there.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Presence {
    /// Labels, cleaned and without the metric's name, and moments, µs, in order of time.
    pub series: Vec<(Labels, Vec<i64>)>,
    /// What they warn of, cleaned.
    pub warnings: Vec<String>,
}

/// What was answered to a query about labels.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Groups {
    /// The labels of each and its number; what is none is left out.
    pub groups: Vec<(Labels, f64)>,
    /// What they warn of, cleaned.
    pub warnings: Vec<String>,
    /// As [`Answer::histograms`].
    pub histograms: bool,
}

/// What is said when nothing else is.
const MISSING: &str = "they say themselves that parts are missing";
/// How notes about a query begin, which say nothing about what was stored.
const NOTES: [&str; 2] = ["PromQL info:", "PromQL warning:"];
/// What is said of native histograms, and what is asked instead.
const HISTOGRAMS: &str = "native histograms are not counted; ask for histogram_count(…) of them";

/// Whether a warning says nothing about data that may be missing.
///
/// Prometheus puts what is no mere information under `warnings` (`docs/querying/api.md`: errors that do not inhibit the request): what its language notes
/// begins with "PromQL warning" (`util/annotations/annotations.go`), and everything else comes from storage, a remote read or a store that did not
/// answer. Versions before 2.54 put "PromQL info" there too. Where numbers and histograms are mixed, the language leaves out what it cannot add or compare
/// (`docs/querying/operators.md`), and says so in a note of either kind. Thanos warns of every store that it could not ask (`docs/components/query.md`, Partial Response). What is not known
/// may mean that something is missing.
fn is_harmless(warning: &str) -> bool {
    NOTES.iter().any(|note| warning.starts_with(note)) && !warning.contains(" mix of ") && !is_left_out(warning)
}

/// Whether a note tells of histograms that the language left out (`util/annotations/annotations.go`).
fn is_left_out(note: &str) -> bool {
    let says = |words: &str| note.contains(words);
    says("ignored histogram") || says("istogram") && (says(" mix of ") || says("incompatible sample types"))
}

/// The data of an answer that is no error.
struct Opened<'a> {
    data: Data<'a>,
    /// What they warn of.
    warnings: Vec<String>,
    /// Parts may be missing.
    partial: bool,
    /// Histograms were left out.
    histograms: bool,
}

/// The data of an answer that is no error, and what is said of them.
fn opened(body: &[u8]) -> Result<Opened<'_>, String> {
    let envelope: Envelope<'_> = serde_json::from_slice(body)
        .map_err(|e| format!("the answer is no JSON we know: {}", cleaned(&e.to_string())))?;
    let said = |texts: &[String]| {
        let mut texts: Vec<&String> = texts.iter().collect();
        // what may be missing is never the one that is left out
        texts.sort_by_key(|text| is_harmless(text));
        texts.into_iter().take(WARNINGS).map(|t| cleaned(t)).collect::<Vec<_>>()
    };
    let mut warnings = said(&envelope.warnings);
    warnings.extend(said(&envelope.infos));
    if envelope.status != "success" {
        return Err(envelope.error.map_or("it failed without saying why".into(), |error| cleaned(&error)));
    }
    let data = envelope.data.ok_or("the answer holds no data")?;
    let data: Data<'_> = serde_json::from_str(data.get())
        .map_err(|e| format!("the answer's data are not what we know: {}", cleaned(&e.to_string())))?;
    // VictoriaMetrics' cluster says it in a member; Thanos documents one inside of the data
    let is_said = envelope.is_partial || !data.warnings.is_empty();
    let is_warned = envelope.warnings.iter().any(|warning| !is_harmless(warning));
    if is_said && !is_warned {
        warnings.push(MISSING.into());
    }
    let histograms = envelope.warnings.iter().chain(&envelope.infos).any(|note| is_left_out(note));
    Ok(Opened { data, warnings, partial: is_said || is_warned || histograms, histograms })
}

fn series(opened: &mut Opened<'_>) -> Result<Vec<Series>, String> {
    let series: Option<Vec<Series>> = serde_json::from_str(opened.data.result.get())
        .map_err(|e| format!("the answer's series cannot be read: {}", cleaned(&e.to_string())))?;
    let series = series.unwrap_or_default();
    opened.histograms |= series.iter().any(Series::is_histogram);
    if opened.histograms {
        opened.partial = true;
        opened.warnings.push(HISTOGRAMS.into());
    }
    Ok(series)
}

/// Seconds as µs.
#[expect(
    clippy::cast_possible_truncation,
    reason = "moments of metrics are in this era: one outside of i64 saturates and is then outside of every window"
)]
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

/// Reads when series were there; what their values are does not matter.
///
/// # Errors
/// What is wrong with the answer, in words.
pub(super) fn presence(body: &[u8]) -> Result<Presence, String> {
    let mut opened = opened(body)?;
    if opened.data.kind != "matrix" {
        return Err(format!("the answer is a {}, not series over time", cleaned(&opened.data.kind)));
    }
    let there = |one: Series| {
        let labels = one.metric.into_iter().filter(|(name, _)| name != "__name__");
        let labels = labels.map(|(name, value)| (cleaned(&name), cleaned(&value))).collect();
        let mut moments: Vec<i64> = one.values.iter().map(|Sample(at, _)| micros(*at)).collect();
        moments.sort_unstable();
        (labels, moments)
    };
    let series = series(&mut opened)?.into_iter().map(there).collect();
    Ok(Presence { series, warnings: opened.warnings })
}

/// Reads an answer of one moment with a number for each combination of labels.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn groups(body: &[u8]) -> Result<Groups, String> {
    let mut opened = opened(body)?;
    if opened.data.kind != "vector" {
        return Err(format!("the answer is a {}, not numbers of one moment", cleaned(&opened.data.kind)));
    }
    let is_partial = opened.partial;
    let all = series(&mut opened)?;
    let Opened { mut warnings, histograms, .. } = opened;
    if is_partial && !warnings.iter().any(|warning| warning == MISSING) {
        warnings.push(MISSING.into());
    }
    let number = |one: Series| Some((one.metric, one.value?.1.parse::<f64>().ok().filter(|value| value.is_finite())?));
    let count = all.len();
    let groups: Vec<(Labels, f64)> = all.into_iter().filter_map(number).collect();
    if groups.len() < count {
        warnings.push(format!("{} values are no numbers and are left out", count - groups.len()));
    }
    Ok(Groups { groups, warnings, histograms })
}

/// Reads an answer of one series.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn answer(body: &[u8]) -> Result<Answer, String> {
    let mut opened = opened(body)?;
    let kind = opened.data.kind.clone();
    let mut points = match kind.as_str() {
        "matrix" | "vector" => {
            let series = series(&mut opened)?;
            if series.len() > 1 {
                return Err(format!("{} series came instead of one; sum them in the query", series.len()));
            }
            series.into_iter().flat_map(|s| s.values.into_iter().chain(s.value)).collect()
        }
        "scalar" => {
            let one: Sample = serde_json::from_str(opened.data.result.get())
                .map_err(|e| format!("the answer's number cannot be read: {}", cleaned(&e.to_string())))?;
            vec![one]
        }
        other => return Err(format!("the answer is a {}, not numbers over time", cleaned(other))),
    };
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut odd = Vec::new();
    let number = |Sample(at, text): Sample| {
        let at = micros(at);
        let value = text.parse::<f64>().ok().filter(|value| value.is_finite());
        if value.is_none() {
            odd.push(at);
        }
        value.map(|value| (at, value))
    };
    let points = points.into_iter().filter_map(number).collect();
    let Opened { warnings, partial, histograms, .. } = opened;
    Ok(Answer { points, odd, warnings, partial, histograms })
}

/// What an error's body says, if it says anything.
pub(super) fn error(body: &[u8]) -> Option<String> {
    // what stands before it answers with less
    #[derive(Deserialize)]
    struct Said {
        error: Option<String>,
    }
    let said: Said = serde_json::from_slice(body).ok()?;
    said.error.filter(|error| !error.trim().is_empty()).map(|error| cleaned(reason(&error)))
}

/// VictoriaMetrics repeats the whole query before it says what is wrong with it.
fn reason(error: &str) -> &str {
    let repeated = error.starts_with("error when executing query=").then(|| error.split_once(", step=")).flatten();
    repeated.and_then(|(_, behind)| behind.split_once("): ")).map_or(error, |(_, why)| why)
}

/// Which relative answers, as far as its build information tells: the members of `data`.
pub(super) fn build(body: &[u8]) -> Option<(String, String)> {
    #[derive(Deserialize)]
    struct Build {
        #[serde(default, deserialize_with = "or_empty")]
        version: String,
        #[serde(default, deserialize_with = "or_empty")]
        application: String,
    }
    let envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
    let build: Build = serde_json::from_str(envelope.data?.get()).ok()?;
    Some((cleaned(&build.application), cleaned(&build.version)))
}

/// Whether this is a list of stores by their kind, which of all relatives only Thanos has.
pub(super) fn is_stores(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Listed {
        status: String,
        #[serde(rename = "data")]
        _stores: BTreeMap<String, Option<Vec<IgnoredAny>>>,
    }
    serde_json::from_slice::<Listed>(body).is_ok_and(|listed| listed.status == "success")
}

fn cleaned(text: &str) -> String {
    clean::clean(text, SENTENCE).into_owned()
}

#[cfg(test)]
mod tests;

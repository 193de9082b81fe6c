//! Objectives as OpenSLO v1 documents (its specification and schema): read into the keys of our configuration, and written from them. What
//! cannot be kept is refused by its name, and never left out in silence.
//!
//! A ratio of counts is what both know. A metric source of the type `Prometheus` has a `query`; for ours the keys of our configuration stand in
//! its `spec` (types `events`, `Honeycomb`, `ClickHouse`), so that what is written here is read here. What it has no place for stands in annotations
//! (`quarterdeck/severity`), which others keep and do not look at.

mod names;
mod ratio;

use super::members::unknown;
use super::places::{self, Places};
use super::{sloth, windows};
use crate::query::calendar::Window;
use crate::query::series::DAY;
use crate::query::slices::Slices;
use serde_json::{Map, Value, json};

/// The version that is read and written.
pub const VERSION: &str = "openslo/v1";
/// The types of metric sources and the kinds of backends they belong to; event files have none.
pub const TYPES: [(&str, Option<&str>); 4] = [
    ("Prometheus", Some("prometheus")),
    ("Honeycomb", Some("honeycomb")),
    ("ClickHouse", Some("clickhouse")),
    ("events", None),
];
/// The keys of an objective that may stand in a metric source of ours.
const KEYS: [&str; 10] = ["events", "bad", "valid", "good", "dataset", "sli", "slo-id", "table", "time", "weight"];
/// Those of them that tell good from bad, and which part of a ratio they belong to.
const TELLING: [(&str, &str); 3] = [("bad", "bad"), ("good", "good"), ("sli", "good")];

/// The members of an objective's `spec`, and of its promise. Descriptions, like labels and annotations, say nothing about counting.
const SPEC: [&str; 8] = [
    "description",
    "service",
    "indicator",
    "indicatorRef",
    "timeWindow",
    "budgetingMethod",
    "objectives",
    "alertPolicies",
];
const PROMISE: [&str; 10] = [
    "displayName",
    "op",
    "value",
    "target",
    "targetPercent",
    "timeSliceTarget",
    "timeSliceWindow",
    "indicator",
    "indicatorRef",
    "compositeWeight",
];

/// The keys of an objective that it has no place for; each is an annotation whose name begins with `OURS`.
pub const EXTRAS: [&str; 9] =
    ["backend", "called", "minimum", "exhaustion-time", "budget-rate", "severity", "freeze-below", "same-as", "group"];
/// How our annotations begin.
const OURS: &str = "quarterdeck/";
/// The annotations of names that are more than its schema allows.
const NAMES: [&str; 2] = ["name", "service"];

/// An objective of a file, in the keys of our configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    /// What it is called.
    pub name: String,
    /// The service that promises it.
    pub service: Option<String>,
    /// The share of good events, in integers per million.
    pub target_ppm: u32,
    /// The window.
    pub window: Window,
    /// The slices that are counted instead of events.
    pub slices: Option<Slices>,
    /// What its counts come from, of [`TYPES`].
    pub source: String,
    /// The keys that say what is counted, and their texts.
    pub keys: Vec<(String, String)>,
    /// Keys of [`EXTRAS`] and their texts, several of one key with commas between them.
    pub extras: Vec<(String, String)>,
}

/// What was found in a file about one objective.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is called there.
    pub name: String,
    /// In which line it begins, where that is known.
    pub line: Option<usize>,
    /// The objective, or every reason why it cannot be kept.
    pub what: Result<Objective, Vec<String>>,
    /// What must be said although it is kept.
    pub notes: Vec<String>,
}

/// A file's objectives, and what else it holds that is not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The objectives.
    pub found: Vec<Found>,
    /// What is not taken, by its name.
    pub left: Vec<String>,
}

/// Reads a file of one or several documents, or lists of them: OpenSLO's or Sloth's.
///
/// # Errors
/// It is no YAML.
pub fn read(text: &str) -> Result<Contents, String> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| error.to_string())?;
    let documents: Vec<&Value> = documents
        .iter()
        .flat_map(|document| document.as_array().map_or_else(|| vec![document], |list| list.iter().collect()))
        .collect();
    let slis: Vec<&Value> =
        documents.iter().copied().filter(|document| text_of(document, "kind") == Some("SLI")).collect();
    // where they are not the same documents nothing is known of lines
    let mut places = places::of(text);
    if places.len() != documents.len() {
        places.clear();
    }
    let mut contents = Contents::default();
    for (number, document) in documents.iter().enumerate() {
        let place = places.get(number);
        let name = document.pointer("/metadata/name").and_then(Value::as_str).unwrap_or("(without a name)");
        let kind = text_of(document, "kind").unwrap_or_default();
        let mut left = |words: String| {
            contents.left.push(place.map_or_else(|| words.clone(), |place| place.with_line(&[], &words)));
        };
        match (text_of(document, "apiVersion"), text_of(document, "version"), kind) {
            (_, Some(version), _) if version == sloth::VERSION => {
                contents.found.extend(placed(sloth::objectives(document), place, &["slos"]));
            }
            (Some(sloth::KUBERNETES), _, sloth::KIND) => {
                contents.found.extend(placed(sloth::of_kubernetes(document), place, &["spec", "slos"]));
            }
            (Some(VERSION), _, "SLO") => {
                let found = objective(name, document, &slis);
                contents.found.extend(placed(vec![found], place, &[]));
            }
            (Some(VERSION), _, "SLI") if documents.iter().any(|slo| names_indicator(slo, name)) => {}
            (Some(VERSION), _, "SLI") => left(format!("SLI {name}: no objective of this file names it")),
            (Some(VERSION), _, kind) => left(format!("{kind} {name}: {}", why_left(kind))),
            (Some(sloth::KUBERNETES), _, kind) => {
                left(format!("{kind} {name}: only {} of {} is read", sloth::KIND, sloth::KUBERNETES));
            }
            (Some(other), ..) => {
                left(format!("{kind} {name}: the version {other} is not read; {VERSION} is").trim_start().to_owned());
            }
            (None, Some(other), _) => left(format!("{name}: the version {other} is not read; {} is", sloth::VERSION)),
            (None, None, _) => left(format!("a document without apiVersion: {VERSION} is read")),
        }
    }
    names::kept_apart(&mut contents.found);
    Ok(contents)
}

/// Whether an objective's indicator is one of that name.
fn names_indicator(slo: &Value, name: &str) -> bool {
    text_of(slo, "kind") == Some("SLO") && slo.pointer("/spec/indicatorRef").and_then(Value::as_str) == Some(name)
}

/// What was found, with its lines; of several in a list at `within` each with its own.
fn placed(found: Vec<Found>, place: Option<&Places>, within: &[&str]) -> Vec<Found> {
    let Some(place) = place else { return found };
    let one = |(number, found): (usize, Found)| {
        let mut path: Vec<String> = within.iter().map(|name| (*name).to_owned()).collect();
        path.extend((!within.is_empty()).then(|| number.to_string()));
        let what = found.what.map_err(|all| all.iter().map(|why| place.with_line(&path, why)).collect());
        Found { line: Some(place.line_of(&path)), what, ..found }
    };
    found.into_iter().enumerate().map(one).collect()
}

/// Why a kind of document is not taken.
fn why_left(kind: &str) -> &'static str {
    match kind {
        "AlertPolicy" | "AlertCondition" | "AlertNotificationTarget" => {
            "alerting is not taken; conditions here are the workbook's"
        }
        "DataSource" => "where data come from is a [[backend]] of the configuration",
        "Service" => "a service is a name here",
        _ => "this kind is not known",
    }
}

pub(super) fn text_of<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// A share below one as integers per million; none when it has more digits than that.
pub(super) fn per_million(share: &Value) -> Option<u32> {
    up_to_all(share).filter(|ppm| *ppm < 1_000_000)
}

/// The same with one among them.
pub(super) fn up_to_all(share: &Value) -> Option<u32> {
    let share = share.as_f64()?;
    let ppm = (share * 1e6).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between 0 and a million"
    )]
    let whole = ppm as u32;
    ((share * 1e6 - ppm).abs() < 1e-3 && ppm > 0.0 && ppm <= 1e6).then_some(whole)
}

fn objective(name: &str, document: &Value, slis: &[&Value]) -> Found {
    let spec = document.get("spec").unwrap_or(&Value::Null);
    let (mut against, mut notes) = (Vec::new(), Vec::new());
    unknown(document, "", &["apiVersion", "kind", "metadata", "spec"], &mut against);
    unknown(spec, "spec.", &SPEC, &mut against);
    let method = text_of(spec, "budgetingMethod");
    match method {
        Some("Occurrences" | "Timeslices") => {}
        Some(method) => {
            against.push(format!("budgetingMethod {method} is not supported; Occurrences and Timeslices are"));
        }
        None => against.push("budgetingMethod is missing".into()),
    }
    let objectives = spec.get("objectives").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let (mut target_ppm, mut slices) = (0, None);
    match objectives {
        [one] => {
            unknown(one, "objectives.", &PROMISE, &mut against);
            // a comparison without a value compares nothing, and its own examples have it
            if one.get("op").is_some() && one.get("value").is_none() {
                notes.push("objectives.op is not taken: events are good or bad".into());
            }
            for key in ["value", "indicator", "indicatorRef", "compositeWeight"] {
                if one.get(key).is_some() {
                    let next = if key == "value" { "; leave it out where a ratioMetric counts them" } else { "" };
                    against.push(format!("objectives.{key} is not supported: events are good or bad{next}"));
                }
            }
            if method == Some("Timeslices") {
                slices = windows::slices(one, &mut against);
            } else if one.get("timeSliceTarget").or(one.get("timeSliceWindow")).is_some() {
                against.push("objectives.timeSliceTarget and timeSliceWindow belong to Timeslices".into());
            }
            let percent = one.get("targetPercent").and_then(Value::as_f64).map(|percent| json!(percent / 100.0));
            match one.get("target").cloned().or(percent).as_ref().and_then(per_million) {
                Some(ppm) => target_ppm = ppm,
                None => against.push("objectives.target is no share between 0 and 1 with at most six digits".into()),
            }
        }
        [] => against.push("objectives are missing".into()),
        several => {
            against.push(format!("{} objectives in one SLO are not supported; make an SLO of each", several.len()))
        }
    }
    let mut window = Window::Rolling(30 * DAY);
    match spec.get("timeWindow").and_then(Value::as_array).map(Vec::as_slice) {
        None | Some([]) => notes.push("it says no window; 30d is taken".into()),
        Some([one]) => {
            windows::unknown_in(one, &mut against);
            match windows::read(one) {
                Ok(said) => window = said,
                Err(why) => against.push(why),
            }
        }
        Some(_) => against.push("several windows are not supported".into()),
    }
    if spec.get("alertPolicies").and_then(Value::as_array).is_some_and(|policies| !policies.is_empty()) {
        notes.push("alertPolicies are not taken; conditions here are the workbook's".into());
    }
    if spec.get("indicator").is_some() && spec.get("indicatorRef").is_some() {
        against.push("indicator and indicatorRef are both there; keep one".into());
    }
    unknown(&spec["indicator"], "indicator.", &["metadata", "spec"], &mut against);
    let indicator = spec.get("indicator").and_then(|indicator| indicator.get("spec"));
    let indicator = indicator.or_else(|| {
        let named = text_of(spec, "indicatorRef")?;
        let sli = slis.iter().find(|sli| sli.pointer("/metadata/name").and_then(Value::as_str) == Some(named));
        if sli.is_none() {
            against.push(format!("indicatorRef {named} is not in this file"));
        }
        sli.and_then(|sli| sli.get("spec"))
    });
    let mut source = String::new();
    let mut keys = Vec::new();
    if let Some(indicator) = indicator {
        unknown(indicator, "indicator.spec.", &["description", "ratioMetric", "thresholdMetric"], &mut against);
    }
    match indicator.map(|indicator| (indicator.get("ratioMetric"), indicator.get("thresholdMetric"))) {
        Some((Some(ratio), None)) => (source, keys) = ratio::read(ratio, &mut against, &mut notes),
        Some((_, Some(_))) => against.push(
            "thresholdMetric is not supported: a value has no count; write a ratioMetric of how many kept to it".into(),
        ),
        Some((None, None)) => against.push("the indicator has no ratioMetric".into()),
        None if against.iter().any(|why| why.starts_with("indicatorRef")) => {}
        None => against.push("indicator is missing".into()),
    }
    let (extras, names) = annotated(document, &mut notes);
    let named = |key: &str| names.iter().find(|(known, _)| known == key).map(|(_, text)| text.clone());
    let name = named("name").unwrap_or_else(|| name.to_owned());
    let service = named("service").or_else(|| text_of(spec, "service").map(str::to_owned));
    // it must have one there, and need not here
    let service = service.filter(|service| !service.is_empty());
    let objective = Objective { name: name.clone(), service, target_ppm, window, slices, source, keys, extras };
    Found { name, line: None, what: if against.is_empty() { Ok(objective) } else { Err(against) }, notes }
}

/// Keys and their texts.
type Texts = Vec<(String, String)>;

/// Our own annotations: keys of the configuration, and names as they were before they had to fit.
fn annotated(document: &Value, notes: &mut Vec<String>) -> (Texts, Texts) {
    let all = document.pointer("/metadata/annotations").and_then(Value::as_object);
    let (mut extras, mut names) = (Texts::new(), Texts::new());
    for (key, value) in all.into_iter().flatten() {
        let Some(key) = key.strip_prefix(OURS) else { continue };
        // somebody who writes by hand leaves the quotes out
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match key {
            _ if EXTRAS.contains(&key) => extras.push((key.to_owned(), text)),
            _ if NAMES.contains(&key) => names.push((key.to_owned(), text)),
            _ => notes.push(format!("the annotation {OURS}{key} is not known and not taken")),
        }
    }
    extras.sort_by_key(|(key, _)| EXTRAS.iter().position(|known| known == key));
    (extras, names)
}

/// Writes objectives as YAML documents.
///
/// # Errors
/// YAML cannot be made of them.
pub fn write(objectives: &[Objective]) -> Result<String, String> {
    let mut text = String::new();
    for objective in objectives {
        let yaml = serde_saphyr::to_string(&document(objective)).map_err(|error| error.to_string())?;
        text.push_str("---\n");
        text.push_str(yaml.trim_end());
        text.push('\n');
    }
    Ok(text)
}

fn document(objective: &Objective) -> Value {
    let Objective { name, service, target_ppm, window, slices, source, keys, extras } = objective;
    let get = |key: &str| keys.iter().find(|(known, _)| known == key).map(|(_, text)| text.clone());
    let part = if get("good").is_some() || get("sli").is_some() { "good" } else { "bad" };
    let spec_of = |role: &str| -> Map<String, Value> {
        if source == "Prometheus" {
            return [("query".to_owned(), json!(get(role).unwrap_or_default()))].into_iter().collect();
        }
        // what says which events there are belongs to all of them; what tells good from bad to the part
        let tells = |key: &str| TELLING.iter().any(|(telling, _)| *telling == key);
        let mine = keys.iter().filter(|(key, _)| role != "total" || !tells(key));
        mine.map(|(key, text)| (key.clone(), json!(text))).collect()
    };
    let mut promise = json!({"displayName": name, "target": f64::from(*target_ppm) / 1e6});
    if let Some(slices) = slices {
        windows::put(&mut promise, *slices);
    }
    let method = if slices.is_some() { "Timeslices" } else { "Occurrences" };
    let own = service.as_deref().unwrap_or(name);
    let mut metadata = json!({"name": names::plain(name), "displayName": name});
    let told = service.as_deref().unwrap_or_default();
    let names =
        [("name", name.as_str()), ("service", told)].into_iter().filter(|(_, text)| names::plain(text) != *text);
    let extras = extras.iter().map(|(key, text)| (key.as_str(), text.as_str()));
    let annotations: Map<String, Value> =
        names.chain(extras).map(|(key, text)| (format!("{OURS}{key}"), json!(text))).collect();
    if !annotations.is_empty() {
        metadata["annotations"] = Value::Object(annotations);
    }
    let metric = |role: &str| json!({"metricSource": {"type": source, "spec": spec_of(role)}});
    json!({
        "apiVersion": VERSION,
        "kind": "SLO",
        "metadata": metadata,
        "spec": {
            "service": names::plain(own),
            "indicator": {
                "metadata": {"name": format!("{}-events", names::plain(name))},
                "spec": {"ratioMetric": {"counter": true, part: metric(part), "total": metric("total")}},
            },
            "timeWindow": [windows::written(*window)],
            "budgetingMethod": method,
            "objectives": [promise],
        },
    })
}

#[cfg(test)]
mod tests;

//! OpenSLO's `ratioMetric` (its v1 specification and schema): the counts of an objective, as keys of our configuration. It must not know what
//! is promised of them.

use super::super::members::unknown;
use super::super::promql::{self, Unit};
use super::{KEYS, TELLING, TYPES, text_of};
use serde_json::Value;

/// A source and its keys, with their texts.
type Counts = (String, Vec<(String, String)>);

/// The keys of a ratio: its total, and its good or bad part. What cannot be kept is said `against` it, what is not taken in `notes`.
pub(super) fn read(ratio: &Value, against: &mut Vec<String>, notes: &mut Vec<String>) -> Counts {
    unknown(ratio, "ratioMetric.", &["counter", "good", "bad", "total", "raw", "rawType"], against);
    for key in ["raw", "rawType"] {
        if ratio.get(key).is_some() {
            against.push(format!("ratioMetric.{key} is not supported: a ratio cannot be summed, counts can"));
        }
    }
    let parts: Vec<&str> = ["good", "bad"].into_iter().filter(|part| ratio.get(part).is_some()).collect();
    let &[part] = parts.as_slice() else {
        against.push("ratioMetric needs `good` or `bad`, and not both".into());
        return Counts::default();
    };
    let mut source = String::new();
    let mut keys: Vec<(String, String)> = Vec::new();
    let (mut named, mut units) = (Vec::new(), Vec::new());
    for role in ["total", part] {
        let Some(metric) = ratio.get(role).and_then(|metric| metric.get("metricSource")) else {
            against.push(format!("ratioMetric.{role} is missing"));
            continue;
        };
        unknown(&ratio[role], &format!("ratioMetric.{role}."), &["metricSource"], against);
        let path = format!("ratioMetric.{role}.metricSource.");
        unknown(metric, &path, &["metricSourceRef", "type", "spec"], against);
        named.push(text_of(metric, "metricSourceRef"));
        // where only a data source is named, its type is not known here
        let kind = text_of(metric, "type").unwrap_or_default();
        let spec = metric.get("spec").unwrap_or(&Value::Null);
        let Some((known, _)) = TYPES.iter().find(|(known, _)| *known == kind) else {
            let known = TYPES.map(|(known, _)| known).join(", ");
            against.push(format!("{path}type {kind} is not supported; {known} are"));
            continue;
        };
        if !source.is_empty() && source != *known {
            against.push("total and part come from different sources".into());
        }
        (*known).clone_into(&mut source);
        if *known == "Prometheus" {
            unknown(spec, &format!("{path}spec."), &["query", "dimensions"], against);
            if spec.get("dimensions").is_some() {
                // a value for each of them is another series, and each would be an objective
                against.push(format!(
                    "{path}spec.dimensions is not supported: it splits the counts by labels, and an objective has one count; sum over them in the query and leave it out"
                ));
            }
            match text_of(spec, "query").map(|query| query_of(query, ratio.get("counter"))) {
                Some(Ok((query, unit))) => {
                    keys.push((role.to_owned(), query));
                    units.push(unit);
                }
                Some(Err(why)) => against.push(format!("ratioMetric.{role}: {why}")),
                None => against.push(format!("ratioMetric.{role} has no query")),
            }
        } else {
            own(role, spec, &mut keys, against);
        }
    }
    if source != "Prometheus" && ratio.get("counter") == Some(&Value::Bool(false)) {
        against.push("ratioMetric.counter false is not supported: these sources count events".into());
    }
    match named.as_slice() {
        [one, other] if one != other => against.push("total and part name different metricSourceRefs".into()),
        [Some(name), ..] => {
            notes.push(format!("metricSourceRef {name} is not taken: which [[backend]] it is says --backend"));
        }
        _ => {}
    }
    if let [one, other] = units.as_slice()
        && one != other
        && units.contains(&Unit::Second)
    {
        against.push("one query is by the second and the other is not; write increase in both".into());
    }
    (source, keys)
}

/// A query of Prometheus as one that counts. Over the window it does whatever `counter` says: what it gives is no counter any more. A selector alone is
/// counted by how much it grows, which tells nothing of what may fall.
fn query_of(query: &str, counter: Option<&Value>) -> Result<(String, Unit), String> {
    let query = promql::on_one_line(query);
    if promql::has_window(&query) {
        return promql::counted(&query);
    }
    match counter {
        Some(Value::Bool(true)) if query.starts_with("sum") && query.ends_with(')') => {
            Err("a sum of counters is no counter, because one of them may begin anew; name the counter alone, whose growth is summed here, \
                 or write sum(increase(it[{{.window}}]))"
                .into())
        }
        Some(Value::Bool(true)) => Ok((query, Unit::Whole)),
        Some(_) => Err("counter false is not supported without [{{.window}}]: what may fall counts no events; write \
                        sum_over_time(it[{{.window}}]) if each sample is so many of them"
            .into()),
        None => Err("ratioMetric.counter is missing; write counter: true if its query is one that only grows".into()),
    }
}

/// The keys of a source of ours. What says which events there are belongs to all of them, and what tells good from bad to the part of that name.
fn own(role: &str, spec: &Value, keys: &mut Vec<(String, String)>, against: &mut Vec<String>) {
    let path = format!("ratioMetric.{role}.metricSource.spec");
    for (key, value) in spec.as_object().into_iter().flatten() {
        let Some(text) = value.as_str().filter(|_| KEYS.contains(&key.as_str())) else {
            against.push(format!("{path}.{key} is not known"));
            continue;
        };
        let tells = TELLING.iter().find(|(telling, _)| telling == key);
        if tells.is_some_and(|(_, of)| *of != role) {
            against.push(format!("{path}.{key} does not say what is {role}"));
            continue;
        }
        match keys.iter().find(|(known, _)| known == key) {
            Some((_, known)) if known == text => {}
            None if tells.is_some() || role == "total" => keys.push((key.clone(), text.to_owned())),
            // a note about where it is the same there has no other place
            None if key == "slo-id" => keys.push((key.clone(), text.to_owned())),
            Some(_) | None => against.push(format!("{path}.{key} is not that of ratioMetric.total")),
        }
    }
}

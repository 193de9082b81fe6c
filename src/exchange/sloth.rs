//! Sloth's `prometheus/v1` files (its specification): objectives as counts of events with `[{{.window}}]` in their queries. It must not know what
//! becomes of them.

use super::openslo::{Found, Objective, per_million};
use crate::query::calendar::Window;
use crate::query::series::DAY;
use serde_json::{Value, json};

/// The version that is read.
pub const VERSION: &str = "prometheus/v1";
/// Its rules average ratios of five minutes unless told otherwise, so its figures may differ from ours.
const MEAN: &str = "Sloth's figures over its window are means of 5-minute ratios unless its optimized rules are off; here every event counts once";

/// A query over a window as one of events: `rate` is `increase` by the second, so that shares are the same and counts are events.
pub(super) fn counted(query: &str) -> String {
    if !query.contains("{{") {
        return query.to_owned();
    }
    let mut text = String::with_capacity(query.len() + 16);
    let mut rest = query;
    while let Some((before, after)) = rest.split_once("rate(") {
        text.push_str(before);
        // the end of another name, irate for one
        let is_name = before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        text.push_str(if is_name { "rate(" } else { "increase(" });
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The objectives of a document.
pub fn objectives(document: &Value) -> Vec<Found> {
    let service = document.get("service").and_then(Value::as_str);
    let slos = document.get("slos").and_then(Value::as_array);
    slos.into_iter().flatten().map(|slo| objective(service, slo)).collect()
}

fn objective(service: Option<&str>, slo: &Value) -> Found {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(|text| text.trim().to_owned());
    let name = text(slo.get("name")).unwrap_or_else(|| "(without a name)".into());
    let full = service.map_or_else(|| name.clone(), |service| format!("{service}-{name}"));
    let (mut against, mut notes) = (Vec::new(), Vec::new());
    let percent = slo.get("objective").and_then(Value::as_f64).map(|percent| json!(percent / 100.0));
    let target_ppm = percent.as_ref().and_then(per_million);
    if target_ppm.is_none() {
        against.push("objective is no percentage between 0 and 100 with at most four decimals".into());
    }
    let sli = slo.get("sli").unwrap_or(&Value::Null);
    let mut keys = Vec::new();
    match sli.get("events") {
        Some(events) => {
            for (theirs, ours) in [("total_query", "total"), ("error_query", "bad")] {
                match text(events.get(theirs)) {
                    Some(query) => keys.push((ours.to_owned(), counted(&query))),
                    None => against.push(format!("sli.events.{theirs} is missing")),
                }
            }
        }
        None if sli.get("raw").is_some() => {
            against.push("sli.raw is not supported: a ratio cannot be summed, counts can".into());
        }
        None if sli.get("plugin").is_some() => against.push("sli.plugin is not supported".into()),
        None => against.push("sli.events is missing".into()),
    }
    if slo.get("alerting").is_some() {
        notes.push("alerting is not taken; conditions here are the workbook's".into());
    }
    notes.push(MEAN.into());
    let objective = Objective {
        name: full,
        service: service.map(str::to_owned),
        target_ppm: target_ppm.unwrap_or(0),
        window: Window::Rolling(30 * DAY),
        slices: None,
        source: "Prometheus".into(),
        keys,
        extras: Vec::new(),
    };
    Found { name, what: if against.is_empty() { Ok(objective) } else { Err(against) }, notes }
}

#[cfg(test)]
mod tests {
    use super::super::openslo::read;

    #[test]
    fn given_a_file_of_sloth_when_read_then_its_counts_are_ours_and_what_is_no_count_is_refused() {
        let text = "version: prometheus/v1\nservice: shop\nlabels: {owner: a}\nslos:\n  - name: requests\n    objective: 99.95\n    description: d\n    sli:\n      events:\n        error_query: sum(rate(http_requests_total{code=~\"5..\"}[{{.window}}]))\n        total_query: sum(rate(http_requests_total[{{.window}}]))\n    alerting: {name: A}\n  - name: ratio\n    objective: 99\n    sli: {raw: {error_ratio_query: x}}\n  - name: other\n    objective: 101\n    sli: {plugin: {id: p}}\n";
        let found = read(text).unwrap().found;
        let requests = found[0].what.clone().unwrap();
        assert_eq!((requests.name.as_str(), requests.target_ppm), ("shop-requests", 999_500));
        assert_eq!(requests.keys[0].1, "sum(increase(http_requests_total[{{.window}}]))");
        assert_eq!(
            super::counted("irate(a[{{.window}}]) + rate (b) + my_rate(c)"),
            "irate(a[{{.window}}]) + rate (b) + my_rate(c)"
        );
        assert_eq!(found[0].notes.len(), 2);
        assert!(found[1].what.clone().unwrap_err()[0].contains("sli.raw"));
        assert_eq!(found[2].what.clone().unwrap_err().len(), 2);
    }
}

//! Sloth's `prometheus/v1` files (its specification): objectives as counts of events with `[{{.window}}]` in their queries. It must not know what
//! becomes of them.

use super::members::unknown;
use super::openslo::{Found, Objective, per_million};
use super::promql::{self, Unit};
use crate::query::calendar::Window;
use crate::query::series::DAY;
use serde_json::{Value, json};

/// The version that is read.
pub const VERSION: &str = "prometheus/v1";
/// The version and the kind of the same in Kubernetes.
pub const KUBERNETES: &str = "sloth.slok.dev/v1";
/// See [`KUBERNETES`].
pub const KIND: &str = "PrometheusServiceLevel";
/// Members that have another name there.
const RENAMED: [(&str, &str); 4] = [
    ("errorQuery", "error_query"),
    ("totalQuery", "total_query"),
    ("errorRatioQuery", "error_ratio_query"),
    ("sloPlugins", "slo_plugins"),
];
/// Its rules average ratios of five minutes unless told otherwise, so its figures may differ from ours.
const MEAN: &str = "Sloth's figures over its window are means of 5-minute ratios unless its optimized rules are off; here every event counts once";

/// What a file may hold, and each of its objectives; labels and descriptions say nothing about counting.
const FILE: [&str; 5] = ["version", "service", "labels", "slo_plugins", "slos"];
const KNOWN: [&str; 7] = ["name", "description", "objective", "labels", "sli", "alerting", "plugins"];

/// The objectives of a document.
pub fn objectives(document: &Value) -> Vec<Found> {
    let service = document.get("service").and_then(Value::as_str);
    let slos = document.get("slos").and_then(Value::as_array);
    slos.into_iter().flatten().map(|slo| objective(document, service, slo)).collect()
}

/// The objectives of a resource of Kubernetes: its `spec` is such a document, whose members have other names.
pub fn of_kubernetes(document: &Value) -> Vec<Found> {
    objectives(&renamed(document.get("spec").unwrap_or(&Value::Null)))
}

fn renamed(value: &Value) -> Value {
    let name = |name: &String| {
        RENAMED.iter().find(|(theirs, _)| theirs == name).map_or_else(|| name.clone(), |(_, ours)| (*ours).to_owned())
    };
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (name(key), renamed(value))).collect(),
        Value::Array(items) => items.iter().map(renamed).collect(),
        other => other.clone(),
    }
}

fn objective(document: &Value, service: Option<&str>, slo: &Value) -> Found {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(|text| text.trim().to_owned());
    let name = text(slo.get("name")).unwrap_or_else(|| "(without a name)".into());
    if !slo.is_object() {
        let why = "an objective is a map; write its name, objective and sli".to_owned();
        return Found { name, line: None, what: Err(vec![why]), notes: Vec::new() };
    }
    let full = service.map_or_else(|| name.clone(), |service| format!("{service}-{name}"));
    let (mut against, mut notes) = (Vec::new(), Vec::new());
    let percent = slo.get("objective").and_then(Value::as_f64).map(|percent| json!(percent / 100.0));
    let target_ppm = percent.as_ref().and_then(per_million);
    if target_ppm.is_none() {
        against.push("objective is no percentage between 0 and 100 with at most four decimals".into());
    }
    let sli = slo.get("sli").unwrap_or(&Value::Null);
    let mut keys = Vec::new();
    unknown(document, "", &FILE, &mut against);
    unknown(slo, "slos.", &KNOWN, &mut against);
    unknown(sli, "sli.", &["events", "raw", "plugin"], &mut against);
    if let Some(events) = sli.get("events") {
        unknown(events, "sli.events.", &["error_query", "total_query"], &mut against);
        let mut units = Vec::new();
        for (theirs, ours) in [("total_query", "total"), ("error_query", "bad")] {
            match text(events.get(theirs)).map(|query| promql::counted(&promql::on_one_line(&query))) {
                Some(Ok((query, unit))) => {
                    keys.push((ours.to_owned(), query));
                    units.push((theirs, unit));
                }
                Some(Err(why)) => against.push(format!("sli.events.{theirs}: {why}")),
                None => against.push(format!("sli.events.{theirs} is missing")),
            }
        }
        if let [(_, one), (_, other)] = units.as_slice()
            && one != other
        {
            let second = units.iter().find(|(_, unit)| *unit == Unit::Second).map_or("", |(theirs, _)| *theirs);
            against.push(format!(
                "sli.events.{second} is by the second and the other query is not; write increase in both"
            ));
        }
    }
    for (theirs, why) in [
        (
            "raw",
            "sli.raw.error_ratio_query is a ratio, which cannot be summed; write sli.events with its two counts, error_query and total_query",
        ),
        ("plugin", "sli.plugin is not supported; write sli.events with the two queries that it makes"),
    ] {
        if sli.get(theirs).is_some() {
            against.push(why.into());
        }
    }
    if ["events", "raw", "plugin"].iter().all(|theirs| sli.get(theirs).is_none()) {
        against.push("sli.events is missing".into());
    }
    if slo.get("plugins").or(document.get("slo_plugins")).is_some() {
        notes.push("plugins are not taken: they change the rules that Sloth makes".into());
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
    Found { name, line: None, what: if against.is_empty() { Ok(objective) } else { Err(against) }, notes }
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
        assert_eq!(found[0].notes.len(), 2);
        assert!(found[1].what.clone().unwrap_err()[0].contains("sli.raw"));
        assert_eq!(found[2].what.clone().unwrap_err().len(), 2);
    }

    fn refused(sli: &str) -> String {
        let text = format!("version: prometheus/v1\nservice: s\nslos:\n  - {{name: a, objective: 99, sli: {sli}}}\n");
        read(&text).unwrap().found[0].what.clone().map_or_else(|why| why.join("\n"), |_| "taken".into())
    }

    #[test]
    fn given_what_is_no_objective_or_has_the_name_of_another_when_read_then_it_is_refused_with_its_own_line() {
        let one = |name: &str| {
            format!(
                "  - name: {name}\n    objective: 99\n    sli: {{events: {{error_query: 'sum(increase(e[{{{{.window}}}}]))', total_query: 'sum(increase(a[{{{{.window}}}}]))'}}}}\n"
            )
        };
        let head = "version: prometheus/v1\nservice: s\nslos:\n";
        let text = format!("{head}{}  - 17\n{}{}", one("a"), one("b"), one("a"));
        let found = read(&text).unwrap().found;
        assert!(found[0].what.is_ok() && found[2].what.is_ok(), "{found:?}");
        let why = |n: usize| found[n].what.clone().unwrap_err();
        assert_eq!(why(1), ["an objective is a map; write its name, objective and sli (line 7)"]);
        let twice =
            "s-a is the name of the objective that begins in line 4 too; give one of them another name (line 11)";
        assert_eq!(why(3), [twice]);
        assert_eq!((found[1].line, found[3].line), (Some(7), Some(11)));
        let flow = read("version: prometheus/v1\nservice: s\nslos: [17]\n").unwrap().found.remove(0);
        assert!(flow.what.unwrap_err()[0].ends_with("(line 3)"));
    }

    #[test]
    fn given_a_blank_before_a_bracket_when_read_then_errors_and_total_are_counted_alike() {
        let text = "version: prometheus/v1\nservice: shop\nslos:\n  - name: a\n    objective: 99\n    sli:\n      events:\n        error_query: sum(rate (http{code=~\"5..\"}[{{.window}}]))\n        total_query: sum(rate(http[{{.window}}]))\n";
        let objective = read(text).unwrap().found[0].what.clone().unwrap();
        assert_eq!(objective.keys[0].1, "sum(increase(http[{{.window}}]))");
        assert_eq!(objective.keys[1].1, "sum(increase (http{code=~\"5..\"}[{{.window}}]))");
    }

    #[test]
    fn given_what_cannot_be_counted_when_read_then_each_is_refused_with_what_to_write() {
        let events = |error: &str, total: &str| {
            refused(&format!("{{events: {{error_query: '{error}', total_query: '{total}'}}}}"))
        };
        let total = "sum(rate(a[{{.window}}]))";
        for (error, why) in [
            (
                "sum(irate(e[{{.window}}]))",
                "sli.events.error_query: `irate` over [{{.window}}] is no count of events; write increase",
            ),
            ("sum(rate(e[{{.window}}])) / sum(rate(a[{{.window}}]))", "sli.events.error_query: `/` makes a ratio"),
            ("sum(increase(e[{{.window}}]))", "sli.events.total_query is by the second and the other query is not"),
            ("errors_total", "nothing in it counts events over [{{.window}}]"),
            ("sum(rate(e[{{.window}}]))", "taken"),
        ] {
            assert!(events(error, total).contains(why), "{error}: {}", events(error, total));
        }
        let raw = refused("{raw: {error_ratio_query: x}}");
        assert!(
            raw.contains("sli.raw.error_ratio_query is a ratio") && raw.contains("error_query and total_query"),
            "{raw}"
        );
        let both = refused(&format!(
            "{{events: {{error_query: '{total}', total_query: '{total}'}}, raw: {{error_ratio_query: x}}}}"
        ));
        assert!(both.contains("sli.raw"), "{both}");
        let odd = refused("{events: {error_query: a, total_query: b, good_query: c}, sums: d}");
        assert!(odd.contains("sli.events.good_query is not known") && odd.contains("sli.sums is not known"), "{odd}");
    }

    #[test]
    fn given_a_resource_of_kubernetes_when_read_then_it_is_as_the_same_file_and_refused_with_its_line() {
        let file = |query: &str| {
            format!(
                "  service: shop\n  slos:\n    - name: a\n      objective: 99\n      sli:\n        events:\n          {query}: sum(rate(e[{{{{.window}}}}]))\n          total: x\n"
            )
        };
        let resource = |spec: &str| {
            format!(
                "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\nmetadata: {{name: n, namespace: m}}\nspec:\n{spec}"
            )
        };
        let whole = file("errorQuery").replace("total: x", "totalQuery: sum(rate(a[{{.window}}]))");
        let found = read(&resource(&whole)).unwrap().found.remove(0);
        let objective = found.what.unwrap();
        assert_eq!((objective.name.as_str(), found.line), ("shop-a", Some(7)));
        assert_eq!(objective.keys[1].1, "sum(increase(e[{{.window}}]))");
        let refused = read(&resource(&file("errorQuery"))).unwrap().found.remove(0).what.unwrap_err();
        assert!(
            refused[0].starts_with("sli.events.total is not known") && refused[0].ends_with("(line 12)"),
            "{refused:?}"
        );
        assert!(
            refused[1].starts_with("sli.events.total_query is missing") && refused[1].ends_with("(line 10)"),
            "{refused:?}"
        );
        let other = read("apiVersion: sloth.slok.dev/v1\nkind: AlertWindows\nspec: {}\n").unwrap();
        assert_eq!(
            other.left,
            ["AlertWindows (without a name): only PrometheusServiceLevel of sloth.slok.dev/v1 is read (line 1)"]
        );
    }
}

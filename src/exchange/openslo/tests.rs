//! OpenSLO documents as people write them, read and written.

use super::*;
use crate::query::calendar::{Calendar, Unit};
use crate::query::series::MINUTE;
use proptest::prelude::{prop, prop_assert_eq, proptest};

fn slo(spec: &str) -> Found {
    let text = format!("apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: web}}\nspec:\n{spec}");
    read(&text).unwrap().found.remove(0)
}

const RATIO: &str = "  service: web\n  budgetingMethod: Occurrences\n  objectives: [{target: 0.9995}]\n  timeWindow: [{duration: 4w, isRolling: true}]\n  indicator:\n    metadata: {name: x}\n    spec:\n      ratioMetric:\n        counter: true\n        total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job=\"a\"}'}}}\n        good: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job=\"a\",code!~\"5..\"}'}}}\n";

#[test]
fn given_a_ratio_of_counters_when_read_then_it_is_ours() {
    let found = slo(RATIO);
    let objective = found.what.unwrap();
    assert_eq!((objective.target_ppm, objective.window), (999_500, Window::Rolling(28 * DAY)));
    assert_eq!(objective.service.as_deref(), Some("web"));
    assert_eq!(objective.keys[0], ("total".into(), "http_requests_total{job=\"a\"}".into()));
    assert_eq!(objective.keys[1].0, "good");
    assert_eq!(found.notes, [""; 0]);
}

#[test]
fn given_what_is_not_supported_when_read_then_it_is_refused_by_name() {
    for (from, to, why) in [
        ("Occurrences", "RatioTimeslices", "budgetingMethod RatioTimeslices"),
        ("Occurrences", "Timeslices", "objectives.timeSliceWindow is no length"),
        ("Occurrences", "Timeslices", "objectives.timeSliceTarget is no share"),
        ("[{target: 0.9995}]", "[{target: 0.9995, timeSliceWindow: 1m}]", "belong to Timeslices"),
        ("isRolling: true", "isRolling: false", "neither is rolling nor has a calendar"),
        ("isRolling: true", "calendar: {startTime: 2022-01-01, timeZone: Mars/Olympus}", "timeZone is no zone"),
        ("isRolling: true", "calendar: {startTime: soon, timeZone: Europe/Paris}", "startTime is no time"),
        (
            "4w, isRolling: true",
            "12h, calendar: {startTime: 2022-01-01, timeZone: Etc/UTC}",
            "of a calendar is no days",
        ),
        ("4w, isRolling: true", "2Y, calendar: {startTime: 2022-01-01, timeZone: Etc/UTC}", "longer than a year"),
        ("isRolling: true", "calendar: {startTime: 2022-01-01 00:01:00, timeZone: Etc/UTC}", "quarter of an hour"),
        ("[{target: 0.9995}]", "[{target: 0.9995, op: lte, value: 3}]", "objectives.value"),
        ("[{target: 0.9995}]", "[{target: 0.99}, {target: 0.9}]", "2 objectives"),
        ("[{target: 0.9995}]", "[{target: 99.95}]", "objectives.target"),
        ("[{target: 0.9995}]", "[{target: 0.99999999}]", "objectives.target"),
        (
            "type: Prometheus",
            "type: Datadog",
            "type Datadog is not supported; Prometheus, Honeycomb, ClickHouse, events are",
        ),
        ("good:", "raw:", "ratioMetric.raw"),
        ("ratioMetric", "thresholdMetric", "thresholdMetric is not supported: a value has no count"),
        (
            "query: 'http_requests_total{job=\"a\"}'",
            "query: 'sum(http_requests_total)'",
            "ratioMetric.total: a sum of counters is no counter",
        ),
        ("  indicator:", "  indicatorRef: other\n  unused:", "indicatorRef other is not in this file"),
        ("counter: true", "counter: false", "ratioMetric.total: counter false is not supported without [{{.window}}]"),
        ("        counter: true\n", "", "ratioMetric.counter is missing"),
        ("  service: web", "  service: web\n  timeWindows: []", "spec.timeWindows is not known"),
        ("[{target: 0.9995}]", "[{target: 0.9995, ratioMetrics: {}}]", "objectives.ratioMetrics is not known"),
        ("isRolling: true}", "isRolling: true, count: 3}", "timeWindow.count is not known"),
        ("counter: true", "counter: true\n        reset: x", "ratioMetric.reset is not known"),
        (
            "spec: {query",
            "spec: {dimensions: [a], query",
            "ratioMetric.total.metricSource.spec.dimensions is not supported: it splits the counts",
        ),
        ("type: Prometheus", "type: Prometheus, query: x", "ratioMetric.total.metricSource.query is not known"),
        ("type: Prometheus", "type: Prometheus, metricSourceRef: x", "total and part name different metricSourceRefs"),
        ("  indicator:", "  indicatorRef: other\n  indicator:", "indicator and indicatorRef are both there"),
        (
            "query: 'http_requests_total{job=\"a\"}'",
            "query: 'sum(irate(a[{{.window}}]))'",
            "ratioMetric.total: `irate` over",
        ),
    ] {
        let refused = slo(&RATIO.replacen(from, to, 1)).what.unwrap_err();
        assert!(refused.iter().any(|words| words.contains(why)), "{why}: {refused:?}");
    }
}

#[test]
fn given_other_documents_when_read_then_each_is_named_and_an_indicator_beside_is_found() {
    let text = "- apiVersion: openslo/v1\n  kind: SLI\n  metadata: {name: ok}\n  spec:\n    ratioMetric:\n      counter: true\n      bad: {metricSource: {type: events, spec: {events: /var/log/lb, bad: status >= 500}}}\n      total: {metricSource: {type: events, spec: {events: /var/log/lb}}}\n- apiVersion: openslo/v1\n  kind: SLO\n  metadata: {name: lb}\n  spec: {service: s, budgetingMethod: Occurrences, indicatorRef: ok, objectives: [{targetPercent: 99.9}], alertPolicies: [p]}\n- {apiVersion: openslo/v1, kind: AlertPolicy, metadata: {name: p}, spec: {}}\n- {apiVersion: openslo.com/v2alpha, kind: SLO, metadata: {name: new}, spec: {}}\n- {no: version}\n";
    let contents = read(text).unwrap();
    let objective = contents.found[0].what.clone().unwrap();
    assert_eq!(objective.keys, [("events".into(), "/var/log/lb".into()), ("bad".into(), "status >= 500".into())]);
    assert_eq!((objective.target_ppm, objective.window), (999_000, Window::Rolling(30 * DAY)));
    assert_eq!(contents.found[0].notes.len(), 2);
    assert!(contents.left[0].starts_with("AlertPolicy p: "), "{:?}", contents.left);
    assert!(contents.left[1].contains("openslo.com/v2alpha") && contents.left[2].contains("without apiVersion"));
    assert!(read("a: [1").is_err());
}

#[test]
fn given_a_calendar_and_slices_when_read_then_they_are_kept() {
    let calendar = "isRolling: false, calendar: {startTime: 2022-01-01 12:00:00, timeZone: America/New_York}";
    let sliced = "[{op: gt, target: 0.995, timeSliceTarget: 0.95, timeSliceWindow: 1m}]";
    let read = |text: &str| slo(text).what.unwrap();
    let text = RATIO.replace("isRolling: true", calendar).replace("Occurrences", "Timeslices");
    let kept = read(&text.replace("[{target: 0.9995}]", sliced).replace("duration: 4w", "duration: 1w"));
    let starts = Calendar::start("2022-01-01 12:00").unwrap();
    let week = Calendar::new(1, Unit::Week, starts, chrono_tz::America::New_York).unwrap();
    assert_eq!(kept.window, Window::Calendar(week));
    assert_eq!((kept.target_ppm, kept.slices), (995_000, Some(Slices { length: MINUTE, target_ppm: 950_000 })));
    // a number alone is minutes; all events of a slice may be wanted
    for (window, length) in [("5", 5 * MINUTE), ("0.25", MINUTE / 4), ("1h", 60 * MINUTE)] {
        let strict = format!("[{{target: 0.99, timeSliceTarget: 1, timeSliceWindow: {window}}}]");
        let kept = read(&text.replace("[{target: 0.9995}]", &strict));
        assert_eq!(kept.slices, Some(Slices { length, target_ppm: 1_000_000 }), "{window}");
    }
}

#[test]
fn given_what_counts_nothing_when_read_then_it_is_taken_or_told() {
    let text = RATIO
        .replace("  service: web", "  service: web\n  description: d")
        .replace("target: 0.9995", "target: 0.9995, displayName: d")
        .replace("metadata: {name: x}", "metadata: {name: x, labels: {a: b}, annotations: {c: d}}")
        .replace("type: Prometheus", "metricSourceRef: thanos, type: Prometheus");
    let found = slo(&text);
    assert!(found.what.is_ok(), "{found:?}");
    assert_eq!(found.notes, ["metricSourceRef thanos is not taken: which [[backend]] it is says --backend"]);
}

#[test]
fn given_no_counter_but_a_window_when_read_then_it_counts_and_both_must_count_alike() {
    let over = |good: &str, total: &str| {
        let text = RATIO.replace("counter: true", "counter: false");
        let text = text.replace("'http_requests_total{job=\"a\"}'", &format!("'{total}'"));
        slo(&text.replace("'http_requests_total{job=\"a\",code!~\"5..\"}'", &format!("'{good}'"))).what
    };
    let kept = over("rate (b[{{.window}}])", "rate(a[{{.window}}])").unwrap();
    assert_eq!(kept.keys[0].1, "increase(a[{{.window}}])");
    assert_eq!(kept.keys[1].1, "increase (b[{{.window}}])");
    let unlike = over("increase(b[{{.window}}])", "rate(a[{{.window}}])").unwrap_err();
    assert!(unlike[0].contains("one query is by the second and the other is not"), "{unlike:?}");
}

#[test]
fn given_a_source_of_ours_when_read_then_what_tells_good_from_bad_belongs_to_the_part_of_that_name() {
    let of = |part: &str, total: &str, spec: &str| {
        let text = format!(
            "  service: s\n  budgetingMethod: Occurrences\n  objectives: [{{target: 0.99}}]\n  timeWindow: [{{duration: 4w, isRolling: true}}]\n  indicator:\n    spec:\n      ratioMetric:\n        counter: true\n        total: {{metricSource: {{type: events, spec: {{{total}}}}}}}\n        {part}: {{metricSource: {{type: events, spec: {{{spec}}}}}}}\n"
        );
        slo(&text).what
    };
    let kept =
        of("good", "events: /lb, valid: host exists", "events: /lb, valid: host exists, good: status < 500").unwrap();
    let key = |key: &str, text: &str| (key.to_owned(), text.to_owned());
    assert_eq!(kept.keys, [key("events", "/lb"), key("valid", "host exists"), key("good", "status < 500")]);
    for (part, total, spec, why) in [
        (
            "good",
            "events: /lb",
            "events: /lb, bad: a = 1",
            "ratioMetric.good.metricSource.spec.bad does not say what is good",
        ),
        (
            "bad",
            "events: /lb, bad: a = 1",
            "events: /lb",
            "ratioMetric.total.metricSource.spec.bad does not say what is total",
        ),
        ("bad", "events: /lb", "events: /other, bad: a = 1", "spec.events is not that of ratioMetric.total"),
        ("bad", "events: /lb", "events: /lb, valid: b = 1, bad: a = 1", "spec.valid is not that of ratioMetric.total"),
        ("good", "events: /lb", "events: /lb, query: x", "ratioMetric.good.metricSource.spec.query is not known"),
    ] {
        let refused = of(part, total, spec).unwrap_err();
        assert!(refused.iter().any(|words| words.contains(why)), "{why}: {refused:?}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        ppm in 1u32..1_000_000,
        days in 1u32..400,
        query in "[a-z_]{1,9}\\{[a-z]=\"[ -~&&[^\"\\\\]]{0,160}\"\\}",
        bad in prop::bool::ANY,
        period in prop::option::of((1u32..5, 0usize..3, 0u64..900, 0usize..chrono_tz::TZ_VARIANTS.len())),
        slice in prop::option::of((1i64..5_000, 1u32..=1_000_000)),
        name in "[a-zA-Z][a-zA-Z0-9/_-]{0,12}[a-z0-9]",
        served in prop::option::of("[a-zA-Z][a-zA-Z0-9/_-]{0,12}[a-z0-9]"),
        extras in prop::collection::btree_map(0..EXTRAS.len(), "[a-z0-9%][a-z0-9_ %.,:#'\"-]{0,20}", 0..5),
    ) {
        let part = if bad { "bad" } else { "good" };
        let objective = Objective {
            service: served,
            name,
            target_ppm: ppm,
            window: period.map_or(Window::Rolling(i64::from(days) * DAY), |(count, unit, day, zone)| {
                let starts = Calendar::usual_start() + chrono::Days::new(day);
                // UTC is written with a slash
                let zone = Some(chrono_tz::TZ_VARIANTS[zone]).filter(|zone| *zone != chrono_tz::UTC);
                let zone = zone.unwrap_or(chrono_tz::Etc::UTC);
                Window::Calendar(Calendar::new(count, Unit::ALL[unit].0, starts, zone).unwrap())
            }),
            slices: slice.map(|(quarters, target_ppm)| Slices { length: quarters * MINUTE / 4, target_ppm }),
            source: "Prometheus".into(),
            keys: vec![("total".into(), query.clone()), (part.into(), query)],
            extras: extras.into_iter().map(|(key, text)| (EXTRAS[key].to_owned(), text)).collect(),
        };
        let read = read(&write(std::slice::from_ref(&objective)).unwrap()).unwrap();
        prop_assert_eq!(read.found[0].what.clone(), Ok(objective));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = read(&text);
    }
}

#[test]
fn given_a_file_of_several_documents_when_read_then_what_is_refused_or_left_says_its_line_and_the_others_are_taken() {
    let text = "# a list, and two documents\n- apiVersion: openslo/v1\n  kind: Service\n  metadata: {name: shop}\n- apiVersion: openslo/v1\n  kind: SLI\n  metadata:\n    name: lonely\n---\napiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: slow\nspec:\n  budgetingMethod: Occurrences\n  objectives:\n    - target: 0.99\n      value: 3\n  indicator:\n    spec:\n      thresholdMetric: {metricSource: {}}\n---\napiVersion: openslo/v1\nkind: SLO\nmetadata: {name: web}\nspec:\n"
        .to_owned()
        + RATIO;
    let contents = read(&text).unwrap();
    let left =
        ["Service shop: a service is a name here (line 2)", "SLI lonely: no objective of this file names it (line 5)"];
    assert_eq!(contents.left, left);
    let [slow, web] = contents.found.as_slice() else { panic!("{:?}", contents.found) };
    let against = slow.what.clone().unwrap_err();
    assert_eq!((slow.line, against.len()), (Some(10), 2), "{against:?}");
    assert!(against[0].starts_with("objectives.value ") && against[0].ends_with("(line 18)"), "{against:?}");
    assert!(against[1].starts_with("thresholdMetric ") && against[1].ends_with("(line 21)"), "{against:?}");
    assert!(web.what.is_ok() && web.line == Some(23), "{web:?}");
}

#[test]
fn given_two_objectives_of_one_name_when_read_then_the_second_is_refused_by_name_and_line() {
    let head = "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: web}\nspec:\n";
    let found = read(&format!("{head}{RATIO}---\n{head}{RATIO}")).unwrap().found;
    let [one, other] = found.as_slice() else { panic!("{found:?}") };
    assert!(one.what.is_ok(), "{one:?}");
    let line = other.line.unwrap();
    let why = format!(
        "web is the name of the objective that begins in line 1 too; give one of them another name (line {line})"
    );
    assert_eq!(other.what, Err(vec![why]));
    assert_eq!(line, head.lines().count() + RATIO.lines().count() + 2);
}

#[test]
fn given_queries_over_several_lines_when_read_then_they_are_one_and_what_is_quoted_stays() {
    let text = RATIO.replacen(
        "{metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job=\"a\"}'}}}",
        "\n          metricSource:\n            type: Prometheus\n            spec:\n              query: |\n                # all of them\n                sum(\n                \tincrease(a{b=\"x  # y\"}[{{.window}}]) # by five\n                )\n",
        1,
    );
    let objective = slo(&text).what.unwrap();
    assert_eq!(objective.keys[0].1, "sum( increase(a{b=\"x  # y\"}[{{.window}}]) )");
}

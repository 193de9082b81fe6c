//! Objectives taken from other tools' files and given to them.

use super::ship::Ship;

const OPENSLO: &str = r#"
- apiVersion: openslo/v1
  kind: SLO
  metadata: {name: web, displayName: Web}
  spec:
    service: shop
    budgetingMethod: Occurrences
    objectives: [{displayName: Good, target: 0.9995}]
    timeWindow: [{duration: 4w, isRolling: true}]
    indicator:
      metadata: {name: web-ok}
      spec:
        ratioMetric:
          counter: true
          total: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="web"}'}}}
          bad: {metricSource: {type: Prometheus, spec: {query: 'http_requests_total{job="web",code=~"5.."}'}}}
- apiVersion: openslo/v1
  kind: SLO
  metadata: {name: summed}
  spec:
    service: shop
    budgetingMethod: Occurrences
    objectives: [{target: 0.99}]
    indicator:
      metadata: {name: x}
      spec:
        ratioMetric:
          counter: true
          total: {metricSource: {type: Prometheus, spec: {query: 'sum(http_requests_total)'}}}
          bad: {metricSource: {type: Prometheus, spec: {query: 'errors_total'}}}
- apiVersion: openslo/v1
  kind: SLO
  metadata: {name: sliced}
  spec:
    service: shop
    budgetingMethod: RatioTimeslices
    objectives: [{target: 0.99, timeSliceWindow: 1m}]
    indicatorRef: elsewhere
"#;

#[test]
fn given_objectives_of_openslo_when_imported_then_those_that_count_become_blocks_and_the_others_are_refused_by_name() {
    let ship = Ship::new();
    let file = ship.write("slos.yaml", OPENSLO);
    let run = ship.run(&["slo", "import", &file.to_string_lossy()]).ends(3);
    for words in
        ["name = \"web\"", "service = \"shop\"", "backend = \"prometheus\"", "target = \"99.95\"", "window = \"28d\""]
    {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    assert_eq!(run.out.matches("[[slo]]").count(), 1, "{}", run.out);
    for words in [
        "refused summed: ",
        "sum(increase(",
        "refused sliced: budgetingMethod RatioTimeslices is not supported",
        "refused sliced: indicatorRef elsewhere is not in this file",
        "2 objectives cannot be kept. 1 block was printed; no file was changed.",
    ] {
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
    // what was printed is a configuration, and what that exports is imported as the same
    ship.configure(&format!(
        "[[backend]]\nname = 'prometheus'\nkind = 'prometheus'\nurl = 'http://127.0.0.1:9'\n{}",
        run.out
    ));
    let listed = ship.asks(&["slo", "list"]);
    assert_eq!(listed["slos"][0]["target_ppm"], 999_500, "{listed}");
    let exported = ship.does(&["slo", "export"]).out;
    let again = ship.pipe(&["slo", "import", "-"], exported.as_bytes()).ends(0).out;
    assert_eq!(again, run.out);
    let checked = ship.run(&["slo", "check"]).ends(1);
    assert!(
        checked.out.contains("missing  slo web: prometheus (http://127.0.0.1:9) cannot be reached"),
        "{}",
        checked.out
    );
}

#[test]
fn given_what_is_no_yaml_or_is_not_there_when_imported_then_it_says_so_and_prints_nothing() {
    let ship = Ship::new();
    let broken = ship.pipe(&["slo", "import", "-"], b"slos: [1\n").ends(2);
    assert!(broken.err.contains("standard input is no YAML") && broken.out.is_empty(), "{}", broken.err);
    let hostile = ship.pipe(&["slo", "import", "-"], b"\"\x1b]52;c;\x07\": [\"a\x1b[31m\"\n");
    super::ship::harmless(&hostile.err);
    let empty = ship.pipe(&["slo", "import", "-"], b"").ends(3);
    assert!(empty.err.contains("holds no objective"), "{}", empty.err);
    ship.run(&["slo", "import", "nothing.yaml"]).ends(1);
}

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
        "2 objectives cannot be kept. 1 block was printed, of web; no file was changed.",
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

/// A week of New York's clocks in slices of a minute, as OpenSLO's own examples have it.
const CALENDAR: &str = r#"
apiVersion: openslo/v1
kind: SLO
metadata: {name: web, displayName: Web}
spec:
  service: shop
  budgetingMethod: Timeslices
  timeWindow:
    - duration: 1w
      isRolling: false
      calendar:
        startTime: 2022-01-01 12:00:00
        timeZone: America/New_York
  objectives: [{displayName: Good, target: 0.995, timeSliceTarget: 0.95, timeSliceWindow: 1m}]
  indicator:
    metadata: {name: web-ok}
    spec:
      ratioMetric:
        counter: true
        total: {metricSource: {type: events, spec: {events: /var/log/lb}}}
        bad: {metricSource: {type: events, spec: {events: /var/log/lb, bad: status >= 500}}}
"#;

#[test]
fn given_a_calendar_and_slices_of_openslo_when_imported_then_they_are_kept_and_exported_again() {
    let ship = Ship::new();
    let run = ship.pipe(&["slo", "import", "-"], CALENDAR.as_bytes()).ends(0);
    for words in [
        "window = \"week\"",
        "starts = \"2022-01-01 12:00\"",
        "zone = \"America/New_York\"",
        "method = \"timeslices\"",
        "slice = \"1m\"",
        "slice-target = \"95\"",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    ship.configure(&run.out);
    let listed = ship.does(&["slo", "list"]).out;
    let words = "web of shop  99.5 % of 1 min slices of the week in America/New_York, from /var/log/lb";
    assert!(listed.contains(words), "{listed}");
    let listed = ship.asks(&["slo", "list"]);
    let slo = &listed["slos"][0];
    assert_eq!((slo["calendar"]["period"].as_str(), slo["method"].as_str()), (Some("week"), Some("timeslices")));
    assert_eq!(slo["slices"], serde_json::json!({"length_s": 60, "target_ppm": 950_000}));
    let exported = ship.does(&["slo", "export"]).out;
    for words in ["duration: 1w", "isRolling: false", "timeZone: America/New_York", "timeSliceWindow: 1m", "Timeslices"]
    {
        assert!(exported.contains(words), "{words}: {exported}");
    }
    let again = ship.pipe(&["slo", "import", "-"], exported.as_bytes()).ends(0).out;
    assert_eq!(again, run.out);
    // what the program cannot keep of them is refused where it would be read
    let odd = CALENDAR.replace("timeSliceWindow: 1m", "timeSliceWindow: 7m");
    let run = ship.pipe(&["slo", "import", "-"], odd.as_bytes()).ends(3);
    assert!(
        run.err.contains("refused web: `slo.slice` does not end where a period of the calendar does"),
        "{}",
        run.err
    );
}

/// Every key that an objective may have beside what OpenSLO knows, and names that it does not allow.
const OWN: &str = r#"
[[backend]]
name = 'metrics'
kind = 'prometheus'
url = 'http://127.0.0.1:9'
[[slo]]
name = 'Web/API'
service = 'Shop'
backend = 'metrics'
total = 'http_requests_total'
bad = 'http_requests_total{code=~"5.."}'
called = 'refused'
target = 99.95
window = '28d'
minimum = 25
exhaustion-time = ['4h', '90m']
budget-rate = ['2% in 1h', '0.5% in 10m']
severity = 'sev2'
freeze-below = 12.5
same-as = 'servers'
group = 'host'
[[slo]]
name = 'servers'
events = '/var/log/api'
bad = 'status >= 500'
valid = "route != '/health'"
target = 99.9
window = '30d'
"#;

#[test]
fn given_an_objective_with_all_its_keys_when_exported_and_imported_then_nothing_is_lost() {
    let ship = Ship::new();
    ship.configure(OWN);
    let exported = ship.does(&["slo", "export"]).out;
    for words in
        ["quarterdeck/backend: metrics", "quarterdeck/name: Web/API", "quarterdeck/same-as: servers", "name: web-api"]
    {
        assert!(exported.contains(words), "{words}: {exported}");
    }
    let listed = ship.asks(&["slo", "list"]);
    // where there is no backend yet, its name is kept too
    let other = Ship::new();
    let blocks = other.pipe(&["slo", "import", "-"], exported.as_bytes()).ends(0).out;
    for line in OWN.lines().skip_while(|line| *line != "[[slo]]").filter(|line| !line.starts_with("[[")) {
        let (key, value) = line.split_once(" = ").expect("a key");
        let value: toml::Value = toml::from_str::<toml::Table>(&format!("v = {value}")).expect("a value")["v"].clone();
        let value = if value.is_float() { value.to_string().into() } else { value };
        assert!(blocks.contains(&format!("{key} = {value}\n")), "{key} = {value}: {blocks}");
    }
    let backend = OWN.split("[[slo]]").next().expect("a backend");
    other.configure(&format!("{backend}{blocks}"));
    assert_eq!(other.asks(&["slo", "list"]), listed);
    assert_eq!(other.does(&["slo", "export"]).out, exported);
    // an objective that is nowhere cannot be compared with, and a note of somebody else's is not ours
    let alone = exported.split("---\n").nth(1).expect("the first").replace("quarterdeck/group", "quarterdeck/grouped");
    let refused = Ship::new().pipe(&["slo", "import", "-"], alone.as_bytes()).ends(3);
    assert!(refused.err.contains("refused Web/API: there is no other [[slo]] `servers`"), "{}", refused.err);
    let alone = alone.replace("quarterdeck/same-as", "example.org/same-as");
    let run = Ship::new().pipe(&["slo", "import", "-"], alone.as_bytes()).ends(0);
    assert!(run.out.contains("# the annotation quarterdeck/grouped is not known and not taken"), "{}", run.out);
}

/// What is good of event files, as OpenSLO says it.
const GOOD: &str = r#"
apiVersion: openslo/v1
kind: SLO
metadata: {name: lb, labels: {team: a}}
spec:
  description: four of five
  service: shop
  budgetingMethod: Occurrences
  timeWindow: [{duration: 1d, isRolling: true}]
  objectives: [{target: 0.9}]
  indicator:
    metadata: {name: lb-ok}
    spec:
      ratioMetric:
        counter: true
        total: {metricSource: {type: events, spec: {events: EVENTS, valid: route exists}}}
        good: {metricSource: {type: events, spec: {events: EVENTS, valid: route exists, good: status < 500}}}
"#;

#[test]
fn given_what_is_good_when_imported_then_all_other_events_are_bad_everywhere() {
    let ship = Ship::new();
    let events: String = ["200", "200", "500", "null"]
        .iter()
        .map(|status| format!("{{\"time\":\"2026-11-02T00:30:00Z\",\"route\":\"/\",\"status\":{status}}}\n"))
        .collect();
    let path = ship.write("lb.ndjson", &events).display().to_string();
    let run = ship.pipe(&["slo", "import", "-"], GOOD.replace("EVENTS", &path).as_bytes()).ends(0);
    assert!(run.out.contains("good = \"status < 500\"\n"), "{}", run.out);
    ship.configure(&run.out);
    let exported = ship.does(&["slo", "export"]).out;
    assert!(exported.contains("good: status < 500"), "{exported}");
    assert_eq!(ship.pipe(&["slo", "import", "-"], exported.as_bytes()).ends(0).out, run.out);
    let listed = ship.does(&["slo", "list"]).out;
    assert!(listed.contains("bad is not (status < 500)"), "{listed}");
    let counted = |args: &[&str]| {
        let slo = ship.asks(&[&["burn", "--now", "2026-11-02T00:31:00Z"], args].concat())["slos"][0].clone();
        (slo["total"].as_u64(), slo["bad"].as_u64(), slo["past"]["what_if"]["bad"].as_u64())
    };
    let by_hand = ["--events", &path, "--target", "90", "--good", "status < 500"];
    assert_eq!(counted(&["--slo", "lb"]), (Some(4), Some(2), None));
    assert_eq!(counted(&by_hand), (Some(4), Some(2), None));
    assert_eq!(counted(&["--slo", "lb", "--what-if", "status = 200"]).2, Some(4));
    assert_eq!(counted(&["--slo", "lb", "--what-if-only", "status = 200"]).2, Some(2));
    ship.run(&[&["burn", "--bad", "status >= 500"], &by_hand[..]].concat()).ends(2);
    let neither = ship.run(&["burn", "--events", &path, "--target", "90"]).ends(2);
    assert!(neither.err.contains("--events needs --bad or --good, and --target."), "{}", neither.err);
    let odd = ship.run(&["burn", "--events", &path, "--target", "90", "--good", "status <"]).ends(2);
    assert!(odd.err.starts_with("--good: The filter cannot be read"), "{}", odd.err);
}

#[test]
fn given_a_month_when_asked_how_it_burns_then_its_period_and_its_end_are_said() {
    let ship = Ship::new();
    let event = |clock: &str, status: u32| format!("{{\"time\":\"2026-{clock}:00Z\",\"status\":{status}}}\n");
    let hours =
        |day: &str, status| (0..24).map(|hour| event(&format!("{day}T{hour:02}:30"), status)).collect::<String>();
    // everything failed on the last day of October in Paris, whose clocks are an hour ahead
    ship.write("lb.ndjson", &format!("{}{}{}", hours("10-31", 500), hours("11-01", 200), event("11-02T00:30", 500)));
    ship.configure(&format!(
        "[[slo]]\nname = 'api'\nevents = '{}'\nbad = 'status >= 500'\ntarget = 90\nwindow = 'month'\nzone = 'Europe/Paris'\n",
        ship.path("lb.ndjson").display()
    ));
    let ask = |now: &str, more: &[&str]| {
        let run = ship.does(&[&["burn", "--now", now], more].concat());
        run.out
    };
    let said = ask("2026-11-02T00:31:00Z", &[]);
    for words in [
        "api  90 % of the month in Europe/Paris, as of 2026-11-02T00:31:00Z",
        "26 events, 2 bad",
        "while what comes adds to the budget",
        "25 of 25 hours known, 1 November 00:00 Paris to 1 December 00:00 Paris, newest event 2026-11-02T00:30:00Z",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let over = ask("2026-11-01T23:31:00Z", &[]);
    assert!(over.contains("or        not before it begins anew on 1 December 00:00 Paris"), "{over}");
    let spent = ask("2026-10-31T22:59:00Z", &[]);
    assert!(spent.contains("or        nothing is left until it begins anew on 1 November 00:00 Paris"), "{spent}");
    let data: serde_json::Value = serde_json::from_str(&ask("2026-11-02T00:31:00Z", &["--json"])).unwrap();
    let slo = &data["slos"][0];
    assert_eq!(slo["calendar"]["begins"], "2026-10-31T23:00:00Z");
    assert_eq!(slo["calendar"]["ends"], "2026-11-30T23:00:00Z");
    assert_eq!((slo["window_s"].as_i64(), slo["method"].as_str()), (Some(30 * 86_400), Some("occurrences")));
    // a calendar by hand is in UTC
    let path = ship.path("lb.ndjson").display().to_string();
    let by_hand =
        ["burn", "--events", &path, "--bad", "status >= 500", "--target", "90", "--now", "2026-11-02T00:31:00Z"];
    let day = ship.does(&[&by_hand[..], &["--window", "day"]].concat()).out;
    assert!(day.contains("1 event, 1 bad") && day.contains("2 November 00:00 UTC to 3 November 00:00 UTC"), "{day}");
    let odd = ship.run(&[&by_hand[..], &["--window", "fortnight"]].concat()).ends(2);
    assert!(odd.err.contains("no period of a calendar"), "{}", odd.err);
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

#[test]
fn given_expressions_that_cannot_be_read_when_asked_then_they_point_at_the_character_and_say_where_they_stand() {
    let ship = Ship::new();
    let events = ship.write("events.ndjson", "{\"time\":\"2026-03-01T00:00:00Z\",\"status\":500}\n");
    let events = events.to_string_lossy().into_owned();
    // on the command line
    for (flag, text, found, column) in [
        ("--bad", "status >= 500 and route = health", "character 27: found `health`", 26),
        ("--valid", "a == 1", "character 3: found `==`", 2),
        ("--what-if", "not (ü = 1", "character 11: found the end", 10),
        ("--what-if-only", "status = 4xx", "character 10: found `4xx`", 9),
    ] {
        let bad = if flag == "--bad" { text } else { "status = 500" };
        let mut all = vec!["burn", "--events", &events, "--target", "99", "--bad", bad];
        if flag != "--bad" {
            all.extend([flag, text]);
        }
        let run = ship.run(&all).ends(2);
        let said = format!("{flag}: The filter cannot be read at {found}. It is not used. Expected ");
        assert!(run.err.starts_with(&said) && run.err.contains("Nothing was counted. A filter looks like"), "{run:?}");
        let picture = format!("\n  {text}\n  {:column$}^\n", "");
        assert!(run.err.ends_with(&picture), "{flag}: {}", run.err);
    }
    // in the configuration, in our filters and in selectors of counters
    let events = format!("events = '{events}'");
    let counters = "backend = 'm'\ntotal = 'lb'";
    for (who, key, text, said, column) in [
        (&*events, "bad", "status >= 500 or or", "The filter cannot be read at character 18: found `or`", 17),
        (
            counters,
            "bad",
            "lb{code=503}",
            "`bad` cannot be read at character 9: found `5`, expected a text in quotes",
            8,
        ),
        (counters, "bad", "rate(lb[5m])", "`bad` has a range of its own at character 8; write [{{.window}}] there", 7),
        (counters, "good", "sum(lb)", "`good` cannot be read at character 4: found `(`", 3),
    ] {
        ship.configure(&format!(
            "[[backend]]\nname = 'm'\nkind = 'prometheus'\nurl = 'http://127.0.0.1:9'\n[[slo]]\nname = 'api'\ntarget = 99.9\n{who}\n{key} = '{text}'\n"
        ));
        for command in ["burn", "doctor"] {
            let run = ship.run(&[command]);
            assert_ne!(run.code, 0, "{run:?}");
            let all = run.out + &run.err;
            let line = if who == counters { 10 } else { 9 };
            let place = format!("config.toml, line {line}, column {}: [[slo]] api: {said}", key.len() + 4);
            assert!(all.contains(&place), "{command}: {place}: {all}");
            let picture = format!("\n  {text}\n  {:column$}^\n", "");
            // a finding of doctor is one line
            assert_eq!(all.contains(&picture), command == "burn", "{command}: {all}");
        }
    }
}

//! What is said where nobody can know that all is well: names that nothing has, clocks that are ahead, files that end too soon, servers that are
//! dead. None of it looks like a promise that is kept.

use super::ship::Ship;
use crate::liaison::loopback::{Asked, Loopback, Manner, json, status};
use chrono::{DateTime, Duration, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

/// Events, one each two seconds from so many minutes ago to so many, each a line with what `more` says of its number.
fn events(from: i64, to: i64, more: impl Fn(i64) -> String) -> String {
    let now = Utc::now();
    let line = |n: i64| {
        let at: DateTime<Utc> = now - Duration::minutes(from) + Duration::seconds(2 * n);
        format!("{{\"time\":\"{}\",{}}}\n", at.format("%FT%TZ"), more(n))
    };
    (0..(from - to) * 30).map(line).collect()
}

/// Of the last five minutes half have failed.
fn failing(from: i64) -> impl Fn(i64) -> String {
    move |n| format!("\"status\":{}", if n >= (from - 5) * 30 && n % 2 == 0 { 500 } else { 200 })
}

fn objective(name: &str, events: &Path, bad: &str) -> String {
    let events = events.display();
    format!("[[slo]]\nname = '{name}'\nevents = '{events}'\nbad = '{bad}'\ntarget = 99.9\nwindow = '1d'\n")
}

/// What `burn` says of the only objective, whatever its exit code.
fn burn(ship: &Ship) -> Value {
    ship.run(&["--json", "burn"]).data()["slos"][0].clone()
}

fn first_doubt(slo: &Value) -> &str {
    slo["doubts"][0].as_str().unwrap_or_default()
}

#[test]
fn given_a_field_that_no_event_has_when_asked_then_it_is_partial_never_good_and_missing_for_the_doctor() {
    let ship = Ship::new();
    let all = events(60, 0, failing(60));
    let lb = ship.write("lb.ndjson", &all);
    let texts = ship.write("texts.ndjson", &all.replace(":500", ":\"500\"").replace(":200", ":\"200\""));
    for (events, bad, doubt) in [
        (&lb, "stauts >= 500", "no event has a field stauts"),
        (&lb, "status >= 500 and stauts != 503", "no event has a field stauts"),
        (&texts, "status >= 500", "status holds 1800 texts; status >= 500 looks only at numbers"),
    ] {
        ship.configure(&objective("api", events, bad));
        let slo = burn(&ship);
        assert_eq!(slo["state"], "partial", "{slo}");
        assert!(slo["good_since"].is_null(), "{slo}");
        assert!(first_doubt(&slo).starts_with(doubt), "{slo}");
        assert!(slo["bad"] != 0 || slo["lasts"] == "unknown", "{slo}");
        for command in [&["doctor"][..], &["slo", "check"]] {
            let said = ship.run(command).ends(1).out;
            let line = said.lines().find(|line| line.contains("slo api")).unwrap_or_default();
            assert!(line.starts_with("missing") && line.contains(doubt), "{said}");
        }
    }
    // what is good by it would be bad
    for good in ["stauts < 500", "status < 500 and region exists"] {
        ship.configure(&objective("api", &lb, "x").replace("bad = 'x'", &format!("good = '{good}'")));
        let slo = burn(&ship);
        assert_eq!((&slo["state"], slo["bad"] == slo["total"]), (&"partial".into(), true), "{slo}");
        assert!(first_doubt(&slo).starts_with("no event has a field "), "{slo}");
        let said = ship.run(&["slo", "check"]).ends(1).out;
        assert!(said.contains("What is good would be counted as bad. Correct the filter that names it."), "{said}");
    }
    // a field that only failures have may be asked for, and one that is there is believed
    for bad in ["exception.type exists", "status >= 600"] {
        ship.configure(&objective("api", &lb, bad));
        let slo = burn(&ship);
        assert_eq!(slo["state"], "value", "{slo}");
        ship.does(&["doctor"]);
    }
}

#[test]
fn given_a_field_that_got_another_name_when_asked_then_nothing_is_called_good_and_a_probe_does_not_know() {
    let ship = Ship::new();
    // the name changed three hours ago, and half have failed since
    let line = |n: i64| match n < 3 * 60 * 30 {
        true => "\"status\":200".to_owned(),
        false => format!("\"code\":{}", 200 + n % 2 * 300),
    };
    let lb = ship.write("lb.ndjson", &events(360, 0, line));
    let configure = |bad: &str| {
        let probe = "[[probe]]\nname = 'quiet'\nkind = 'query'\n";
        let objective = objective("api", &lb, bad).replace("'1d'", "'30d'");
        ship.configure(&format!("{objective}{probe}"));
        burn(&ship)
    };
    let slo = configure("status >= 500");
    assert_eq!((slo["state"].as_str(), slo["good_since"].is_null()), (Some("partial"), true), "{slo}");
    let doubt = "status is in none of the last ";
    assert!(first_doubt(&slo).starts_with(doubt), "{slo}");
    assert_eq!(slo["lasts"], "unknown", "{slo}");
    let conditions: Vec<&Value> = slo["conditions"].as_array().unwrap().iter().map(|one| &one["stands"]).collect();
    assert!(conditions.len() == 4 && conditions.iter().all(|stands| *stands == "not known"), "{slo}");
    let doctor = ship.run(&["doctor"]).ends(1).out;
    let said = doctor.lines().find(|line| line.contains(" slo api")).unwrap_or_default();
    assert!(said.starts_with("missing") && said.contains(doubt), "{doctor}");
    let said = ship.run(&["probe", "run"]).ends(4).out;
    assert!(said.starts_with("UNKNOWN") && said.contains(doubt), "{said}");
    // the name is the same, but numbers became texts
    let line = |n: i64| match n < 3 * 60 * 30 {
        true => "\"status\":200".to_owned(),
        false => format!("\"status\":\"{}\"", 200 + n % 2 * 300),
    };
    let texts = ship.write("texts.ndjson", &events(360, 0, line));
    ship.configure(&objective("api", &texts, "status >= 500"));
    let slo = burn(&ship);
    assert_eq!((slo["state"].as_str(), slo["good_since"].is_null()), (Some("partial"), true), "{slo}");
    assert!(first_doubt(&slo).starts_with("status as a number is in none of the last "), "{slo}");
    // another alternative sees what fails
    let slo = configure("status >= 500 or code >= 500");
    assert_eq!((slo["state"].as_str(), slo["bad"].as_u64()), (Some("value"), Some(2_700)), "{slo}");
    assert!(first_doubt(&slo).starts_with(doubt), "{slo}");
    ship.run(&["probe", "run"]).ends(3);
}

#[test]
fn given_a_packed_file_that_ends_in_the_middle_when_it_rests_then_it_is_partial_by_name_and_counts_until_there() {
    let all =
        events(60, 0, |n| format!("\"status\":200,\"id\":\"{:016x}\"", (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(all.as_bytes()).expect("packed");
    let gzip = gzip.finish().expect("packed");
    // small blocks, so that some are whole
    let zstd: Vec<u8> = all
        .as_bytes()
        .chunks(all.len() / 3)
        .flat_map(|part| ruzstd::encoding::compress_to_vec(part, ruzstd::encoding::CompressionLevel::Fastest))
        .collect();
    for (name, bytes) in [("a.ndjson.gz", gzip), ("a.ndjson.zst", zstd)] {
        let ship = Ship::new();
        let path = ship.write(&format!("lb/{name}"), "");
        ship.write("lb/b.ndjson", &events(2, 0, |_| "\"status\":200".into()));
        ship.configure(&objective("api", &ship.path("lb"), "status >= 500"));
        let aged = |part: &[u8], seconds| {
            std::fs::write(&path, part).expect("written");
            let written = SystemTime::now() - std::time::Duration::from_secs(seconds);
            std::fs::File::options().write(true).open(&path).and_then(|f| f.set_modified(written)).expect("aged");
            burn(&ship)
        };
        let whole = aged(&bytes, 600);
        assert_eq!((whole["state"].as_str(), whole["total"].as_u64()), (Some("value"), Some(1_860)), "{name}: {whole}");
        let half = &bytes[..bytes.len() / 2];
        let cut = aged(half, 600);
        let doubt = format!("{name} ends in the middle of its packed data: what came behind is not counted");
        assert_eq!((cut["state"].as_str(), first_doubt(&cut)), (Some("partial"), doubt.as_str()), "{cut}");
        let total = cut["total"].as_u64().unwrap_or_default();
        assert!((300..1_800).contains(&total), "{name}: {cut}");
        // one that is being written is not whole either, and nothing is wrong with it
        let growing = aged(half, 0);
        assert_eq!((growing["state"].as_str(), growing["total"].as_u64()), (Some("value"), Some(total)), "{growing}");
    }
}

#[test]
fn given_a_writer_whose_clock_is_ahead_when_asked_then_its_newest_failures_are_not_taken_for_none() {
    let ship = Ship::new();
    let ahead = ship.write("ahead.ndjson", &events(120, -60, failing(180)));
    ship.configure(&objective("api", &ahead, "status >= 500"));
    let slo = burn(&ship);
    assert_eq!((slo["state"].as_str(), slo["good_since"].is_null()), (Some("partial"), true), "{slo}");
    assert!(
        first_doubt(&slo).starts_with("its clock is ahead: the newest event is from 59 min in the future"),
        "{slo}"
    );
    // one event that says something else is not a clock
    let stray =
        format!("{}{}", events(60, 0, |_| "\"status\":200".into()), events(-600, -601, |_| "\"status\":200".into()));
    let stray = stray.lines().take(1_801).map(|line| format!("{line}\n")).collect::<String>();
    ship.write("ahead.ndjson", &stray);
    let slo = burn(&ship);
    assert_eq!((slo["state"].as_str(), first_doubt(&slo)), (Some("value"), "1 event is from the future"), "{slo}");
}

#[test]
fn given_a_hole_in_a_file_that_always_has_events_when_asked_then_it_is_said() {
    let ship = Ship::new();
    let two = |from, to| events(from, to, |_| "\"status\":200".into());
    let file = ship.write("gap.ndjson", &format!("{}{}", two(180, 107), two(60, 0)));
    ship.configure(&objective("api", &file, "status >= 500"));
    let slo = burn(&ship);
    let doubt = first_doubt(&slo);
    assert!(doubt.starts_with("no event at all from ") && doubt.ends_with("or nothing was written"), "{slo}");
    // who has an event now and then has no holes
    let rare = |n: i64| format!("\"status\":{}", if n % 600 == 0 { 200 } else { 201 });
    let rare: String =
        events(180, 0, rare).lines().filter(|line| line.contains(":200}")).map(|l| format!("{l}\n")).collect();
    ship.write("gap.ndjson", &rare);
    assert_eq!(burn(&ship)["doubts"], serde_json::json!([]));
}

#[test]
fn given_how_a_budget_lasts_when_said_then_it_runs_out_or_does_not_or_is_not_known() {
    let ship = Ship::new();
    let file = ship.path("lb.ndjson");
    ship.configure(&objective("api", &file, "status >= 500"));
    let one_in = |every: i64| move |n: i64| format!("\"status\":{}", if n % every == 0 { 500 } else { 200 });
    // the last one 100 s ago
    let burns = |n: i64| format!("\"status\":{}", if n % 1_500 == 1_450 { 500 } else { 200 });
    let before = |minutes: i64, n: i64| n >= (600 - minutes) * 30;
    let mended =
        move |n: i64| format!("\"status\":{}", if before(40, n) && !before(10, n) && n % 300 == 0 { 500 } else { 200 });
    for (text, word, words) in [
        (events(600, 0, burns), "until then", " at the rate of the last 1 h"),
        (events(600, 0, mended), "not at this rate", "it does not run out: nothing fails now (0x in 5 m)"),
        (events(600, 0, one_in(100_000)), "not at this rate", "it does not run out: nothing fails now (0x in 5 m)"),
        (events(600, 120, one_in(2_000)), "unknown", "not known, because nothing is known about the last 1 h"),
        (events(4_000, 3_900, one_in(2)), "unknown", "not known, because nothing was counted in its window"),
    ] {
        std::fs::write(&file, text).expect("written");
        let said = ship.run(&["burn"]).out;
        let line = said.lines().find(|line| line.starts_with("  lasts")).unwrap_or_default();
        assert!(line.ends_with(words), "{words}: {said}");
        assert_eq!(burn(&ship)["lasts"], word, "{said}");
    }
}

#[test]
fn given_a_target_that_is_a_share_of_one_when_read_then_it_is_refused_with_what_was_meant() {
    let ship = Ship::new();
    let file = ship.write("lb.ndjson", "{\"time\":\"2026-03-01T00:00:00Z\",\"status\":500}\n");
    ship.configure(&objective("api", &file, "status >= 500").replace("99.9", "0.9995"));
    let said = ship.run(&["burn"]).ends(2).err;
    assert!(said.contains("`slo.target` is `0.9995`, a share of one; in percent that is 99.95"), "{said}");
    ship.configure("");
    let file = file.display().to_string();
    let by_hand = ["burn", "--events", &file, "--bad", "status >= 500", "--target"];
    for (target, words) in [("0.999", "in percent that is 99.9."), ("40", "is not a percentage from 50 to below 100.")]
    {
        let said = ship.run(&[&by_hand[..], &[target]].concat()).ends(2).err;
        assert!(said.contains(words) && said.contains("Nothing was counted."), "{said}");
    }
}

#[test]
fn given_what_counts_by_a_field_that_no_event_has_when_asked_then_it_is_partial_and_what_only_leaves_out_is_not() {
    let ship = Ship::new();
    let lb = ship.write("lb.ndjson", &events(60, 0, failing(60)));
    let counts = |valid: &str| {
        ship.configure(&format!("{}valid = '{valid}'\n", objective("api", &lb, "status >= 500")));
        burn(&ship)
    };
    for valid in ["rout = \"/pay\"", "status > 0 or rout = \"/pay\"", "not rout != \"/pay\""] {
        let slo = counts(valid);
        assert_eq!((&slo["state"], slo["good_since"].is_null()), (&"partial".into(), true), "{valid}: {slo}");
        assert_eq!(first_doubt(&slo), "no event has a field rout", "{valid}: {slo}");
    }
    let slo = counts("rout != \"/health\"");
    assert_eq!((&slo["state"], first_doubt(&slo)), (&"value".into(), "no event has a field rout"), "{slo}");
}

#[test]
fn given_bad_events_in_native_histograms_when_asked_then_there_is_no_figure_and_the_reason_is_said() {
    let server = Loopback::start(|asked: &Asked| {
        let query = asked.field("query").unwrap_or_default();
        let last = r#"{"metric":{},"histogram":[1,{"count":"7","sum":"1"}]}"#;
        match query.as_str() {
            "" => json(r#"{"status":"success","data":{"version":"3.0.0","revision":"x"}}"#),
            _ if query.contains("slow") && asked.line.ends_with("query_range") => json(
                r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{"count":"7","sum":"1"}]]}]}}"#,
            ),
            _ if query.contains("slow") => {
                json(&format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{last}]}}}}"#))
            }
            _ if asked.line.ends_with("query_range") => steady(asked, 10),
            _ => json(&format!(
                r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{"code":"200"}},"value":[1,"{}"]}}]}}}}"#,
                Utc::now().timestamp()
            )),
        }
    });
    let ship = Ship::new();
    ship.configure(&format!(
        "[[backend]]\nname = 'm'\nkind = 'prometheus'\nurl = '{}'\n[[slo]]\nname = 'api'\nbackend = 'm'\ntotal = 'lb'\nbad = 'slow'\ntarget = 99.9\nwindow = '1d'\n",
        server.url()
    ));
    let slo = burn(&ship);
    assert_eq!((&slo["state"], &slo["remaining_ppm"]), (&"no data".into(), &Value::Null), "{slo}");
    let doubt = "native histograms are not counted; ask for histogram_count(…) of them";
    assert!(slo["doubts"].to_string().contains(doubt), "{slo}");
    assert!(ship.run(&["doctor"]).ends(1).out.contains(doubt));
    let by = ship.run(&["burn", "--by", "code"]).err;
    assert!(by.contains("`bad` finds native histograms, which are no counts"), "{by}");
}

/// A matrix of one series with the same value at every moment that is asked for.
fn steady(asked: &Asked, value: u64) -> Manner {
    let number = |name: &str| asked.field(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
    let (start, end, step) = (number("start"), number("end"), number("step").max(1));
    let points = (0..=(end - start) / step).map(|n| format!("[{},\"{value}\"]", start + n * step));
    let points = points.collect::<Vec<_>>().join(",");
    json(&format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{points}]}}]}}}}"#
    ))
}

fn vector(rows: &[&str]) -> Manner {
    let rows: Vec<String> =
        rows.iter().map(|labels| format!("{{\"metric\":{{{labels}}},\"value\":[1,\"1\"]}}")).collect();
    let rows = rows.join(",");
    json(&format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{rows}]}}}}"#))
}

/// A server that has the counter `lb` with the label `code`, which was never 503, and one of errors that stands at nought.
fn prometheus() -> Loopback {
    Loopback::start(|asked: &Asked| {
        let query = asked.field("query").unwrap_or_default();
        let is_range = asked.line.ends_with("query_range");
        match query.as_str() {
            "" => json(r#"{"status":"success","data":{"version":"2.42.0","revision":"x"}}"#),
            _ if query.starts_with("max(timestamp(") => json(&format!(
                r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[1,"{}"]}}]}}}}"#,
                Utc::now().timestamp()
            )),
            _ if is_range && query.contains("zero") => steady(asked, 0),
            _ if is_range && query.contains("lb[3600s]") => steady(asked, 10),
            _ if is_range => json(r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#),
            "topk(1, last_over_time(lb[1h]))" => vector(&["\"__name__\":\"lb\",\"code\":\"200\",\"job\":\"a\""]),
            "count by (code) (last_over_time(lb[1h]))" => vector(&["\"code\":\"200\"", "\"code\":\"401\""]),
            "count by (status) (last_over_time(lb[1h]))" => vector(&[""]),
            _ => vector(&[]),
        }
    })
}

#[test]
fn given_a_selector_that_never_matched_when_asked_then_it_is_unproven_and_the_doctor_finds_the_name() {
    let server = prometheus();
    let ship = Ship::new();
    let ask = |bad: &str| {
        ship.configure(&format!(
            "[[backend]]\nname = 'm'\nkind = 'prometheus'\nurl = '{}'\n[[slo]]\nname = 'api'\nbackend = 'm'\ntotal = 'lb'\nbad = '{bad}'\ntarget = 99.9\nwindow = '1d'\n",
            server.url()
        ));
        (burn(&ship), ship.run(&["doctor"]))
    };
    for (bad, code, words) in [
        ("lbb{code=\"503\"}", 1, "there is no metric lbb; total counts lb"),
        ("lb{status=\"503\"}", 1, "lb has no label status; it has code, job"),
        (
            "lb{code=\"5..\"}",
            1,
            "no series of lb has code=\"5..\"; code is 200, 401; a regular expression is written code=~",
        ),
        // what is right until the first failure is no mistake, and not proven either
        ("lb{code=\"503\"}", 0, "no series of lb has code=\"503\"; code is 200, 401"),
        ("http_errors_total", 0, "there is no metric http_errors_total; right only if the first failure makes it"),
        ("sum(increase(errors[{{.window}}]))", 0, ""),
    ] {
        let (slo, doctor) = ask(bad);
        assert_eq!(
            (slo["state"].as_str(), slo["remaining_ppm"].as_u64()),
            (Some("unproven"), Some(1_000_000)),
            "{slo}"
        );
        assert!(slo["good_since"].is_null(), "{slo}");
        let doubt = format!("no series of {bad} was there in 24 h: is that its name?");
        assert_eq!(first_doubt(&slo), doubt);
        let doctor = doctor.ends(code).out;
        let line = doctor.lines().find(|line| line.contains(" slo api")).unwrap_or_default();
        assert!(line.starts_with(if code == 0 { "ok" } else { "missing" }) && line.contains(words), "{bad}: {doctor}");
    }
    let said = ship.does(&["burn"]).out;
    assert!(said.contains("  state     UNPROVEN\n"), "{said}");
    let lasts = "  lasts     not known, because what tells good from bad was never seen\n";
    assert!(said.contains(lasts), "{said}");
    // a series that stands at nought is there
    let (slo, doctor) = ask("zero");
    assert_eq!((slo["state"].as_str(), &slo["doubts"]), (Some("value"), &serde_json::json!([])), "{slo}");
    doctor.ends(0);
}

#[test]
fn given_backends_without_an_objective_when_the_doctor_looks_then_who_is_dead_is_not_ok() {
    let ship = Ship::new();
    let (well, ill) = (prometheus(), Loopback::start(|_| status(502, "<html>bad gateway</html>")));
    let block = |name: &str, kind: &str, url: &str, more: &str| {
        format!("[[backend]]\nname = '{name}'\nkind = '{kind}'\nurl = '{url}'\n{more}\n")
    };
    let dead = "http://127.0.0.1:9";
    ship.configure(
        &[
            block("well", "prometheus", &well.url(), ""),
            block("ill", "prometheus", &ill.url(), ""),
            block("dead", "prometheus", dead, ""),
            block("table", "clickhouse", dead, ""),
            block("hny", "honeycomb", dead, "token = { file = '/etc/hostname' }"),
        ]
        .concat(),
    );
    let said = ship.run(&["doctor"]).ends(1).out;
    for (name, word) in
        [("well", "ok"), ("ill", "missing"), ("dead", "missing"), ("table", "missing"), ("hny", "missing")]
    {
        let line = said.lines().find(|line| line.contains(&format!("backend {name}:"))).unwrap_or_default();
        assert!(line.starts_with(word) && line.contains("no [[slo]] asks it"), "{name}: {said}");
    }
}

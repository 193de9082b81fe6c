//! Event files of other programs, counted by the built program: a trace file of OpenTelemetry's own SDK, an access log, packed lines.

use super::ship::{Ship, ended};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Total and bad of a file, as the program counts them.
fn counted(ship: &Ship, file: &str, bad: &str) -> (u64, u64) {
    let path = ship.path(file);
    let path = path.to_str().expect("a path");
    let answer = ship.asks(&["burn", "--events", path, "--bad", bad, "--target", "99", "--window", "400d"]);
    let slo = &answer["slos"][0];
    (slo["total"].as_u64().expect("a number"), slo["bad"].as_u64().expect("a number"))
}

/// So many minutes ago, as an access log writes it.
fn ago(minutes: i64) -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now() - chrono::Duration::minutes(minutes)
}

#[test]
fn given_files_of_three_programs_when_counted_then_the_figures_are_those_of_who_wrote_them() {
    let ship = Ship::new();
    // by the script beside it, which printed these figures
    std::fs::copy("tests/formats/otlp.jsonl", ship.path("otlp.jsonl")).expect("copied");
    assert_eq!(counted(&ship, "otlp.jsonl", "span.kind = 'server' and http.response.status_code >= 500"), (56, 6));
    assert_eq!(counted(&ship, "otlp.jsonl", "span.kind = 'server' and http.status_code >= 500"), (56, 6));

    let hit = |n: i64| {
        let (status, size) = (if n % 25 == 0 { 503 } else { 200 }, if n % 10 == 0 { "-" } else { "512" });
        format!(
            "10.0.0.{} - - [{}] \"GET /cart?id={n} HTTP/1.1\" {status} {size} \"-\" \"Mozilla/5.0 (\\\"x\\\")\"\n",
            n % 250,
            ago(n % 60).format("%d/%b/%Y:%H:%M:%S +0000")
        )
    };
    ship.write("access.log", &(0..1_000).map(hit).collect::<String>());
    assert_eq!(counted(&ship, "access.log", "http.response.status_code >= 500"), (1_000, 40));
    assert_eq!(counted(&ship, "access.log", "http.status_code >= 500 and url.path = '/cart'"), (1_000, 40));

    let line = |n: i64| {
        let status = if n % 8 == 0 { 500 } else { 200 };
        format!("{{\"time\":\"{}\",\"samplerate\":3,\"data\":{{\"status\":{status}}}}}\n", ago(n % 60).format("%FT%TZ"))
    };
    let text: String = (0..4_000).map(line).collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).expect("packed");
    std::fs::write(ship.path("events.ndjson.gz"), packed.finish().expect("packed")).expect("written");
    assert_eq!(counted(&ship, "events.ndjson.gz", "status >= 500"), (12_000, 1_500));
}

#[test]
fn given_files_that_other_programs_write_now_when_counted_then_the_figures_are_those_of_who_wrote_them() {
    let ship = Ship::new();
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/written.py");
    let python = Command::new("python3")
        .arg(script)
        .arg(ship.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .stdin(Stdio::null())
        .spawn();
    let Ok(python) = python else {
        println!("skipped: no python3");
        return;
    };
    let run = ended(python).ends(0);
    for skipped in run.err.lines() {
        println!("skipped: {skipped}");
    }
    let files = run.data().as_array().cloned().expect("a list");
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let (name, bad) = (file["file"].as_str().expect("a name"), file["bad"].as_str().expect("a filter"));
        let expected = (file["total"].as_u64().expect("a number"), file["failed"].as_u64().expect("a number"));
        assert_eq!(counted(&ship, name, bad), expected, "{file}");
    }
}

//! Prometheus' client: what it asks, and what it counts on a real server. What it makes of ugly answers stands in `tests/wire`.

use super::loopback::{Asked, Loopback, Manner, json, status};
use quarterdeck::incident::time::{MINUTE, SECOND, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::backends::Counted;
use quarterdeck::liaison::backends::prometheus::expr::Counter;
use quarterdeck::liaison::backends::prometheus::{Count, Flavour, Part, Prometheus, Width};
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::query::breakdown::{Breakdown, Percentile, Told};
use quarterdeck::query::series::Bucket;
use quarterdeck::query::window::Stretch;
use std::time::Duration;

const NOW: Time = Time(1_562_712_900_000_000);
const FROM: i64 = NOW.0 - 5 * MINUTE;

fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn client(url: &str, login: Login, deadline: Duration) -> Prometheus {
    let http = Http::new("metrics", url, login, &[]).unwrap();
    Prometheus::new(http, Some(Flavour::Prometheus)).within(deadline)
}

fn counter(text: &str) -> Counter {
    Counter::read(text).unwrap()
}

fn ask(server: &mut Prometheus) -> Result<Counted, Trouble> {
    let stretch = Stretch { from: FROM, to: NOW.0 };
    let part = Part::Bad(counter("lb{code=\"503\"}"));
    let count = Count { total: counter("lb"), part, also: None };
    within(server.count(&count, stretch, Width { step: MINUTE, scrape: MINUTE }, NOW))
}

fn matrix(values: &str) -> String {
    format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{values}]}}]}}}}"#
    )
}

#[test]
fn given_total_and_bad_when_asked_then_two_aligned_questions_and_a_missing_part_is_none() {
    let server = Loopback::start(|asked: &Asked| {
        if asked.body.contains("503") {
            json(&matrix(r#"[1562712720,"7"],[1562712780,"600"]"#))
        } else {
            json(&matrix(r#"[1562712660,"500"],[1562712720,"500"],[1562712780,"500"]"#))
        }
    });
    let login = Login::Bearer(Key::new("s3cret"));
    let counted = ask(&mut client(&server.url(), login, Duration::from_secs(20))).unwrap();
    let bucket = |minute: i64, bad| Bucket { start: FROM + minute * MINUTE, total: 500, bad };
    assert_eq!(counted.buckets, [bucket(0, 0), bucket(1, 7), bucket(2, 600)]);
    assert_eq!(counted.doubts(NOW), ["inconsistent: 600 bad of 500 events at 22:52"]);
    assert!(counted.is_partial());
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    for one in &asked {
        assert_eq!(one.line, "POST /api/v1/query_range");
        assert_eq!(one.header("authorization"), Some("Bearer s3cret"));
        let fields = ["start", "end", "step"].map(|name| one.field(name).unwrap());
        assert_eq!(fields, ["1562712660", "1562712900", "60"]);
    }
    assert!(asked[0].field("query").unwrap().starts_with("sum(((lb) - last_over_time(lb[3600s] offset 60s) >= 0)"));
}

#[test]
fn given_a_basic_login_and_a_tenant_when_asked_then_both_are_sent() {
    let server = Loopback::start(|_| json(&matrix("")));
    let login = Login::Basic("ana".into(), Key::new("s3cret"));
    let http = Http::new("metrics", &server.url(), login, &[("x-scope-orgid", "team-a".into())]).unwrap();
    assert!(!format!("{http:?}").contains("s3cret"));
    ask(&mut Prometheus::new(http, Some(Flavour::Thanos))).unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].header("authorization"), Some("Basic YW5hOnMzY3JldA=="));
    assert_eq!(asked[0].header("x-scope-orgid"), Some("team-a"));
    assert_eq!(asked[0].field("partial_response").as_deref(), Some("false"));
}

#[test]
fn given_no_flavour_when_asked_then_the_server_says_which_it_is_once() {
    for (built, flavour) in [
        (r#"{"status":"success","data":{"version":"2.42.0","revision":"x"}}"#, Flavour::Prometheus),
        (r#"{"status":"success","data":{"version":"","revision":""}}"#, Flavour::VictoriaMetrics),
        (r#"{"status":"success","data":{"application":"Grafana Mimir","version":"2.11"}}"#, Flavour::Mimir),
        ("<html>", Flavour::Prometheus),
    ] {
        let server = Loopback::start(
            move |asked: &Asked| {
                if asked.line.ends_with("buildinfo") { json(built) } else { json(&matrix("")) }
            },
        );
        let mut client = Prometheus::new(Http::new("m", &server.url(), Login::Nobody, &[]).unwrap(), None);
        ask(&mut client).unwrap();
        assert_eq!(within(client.flavour()).unwrap(), flavour);
        let times = server.asked().iter().filter(|asked| asked.line.ends_with("buildinfo")).count();
        assert_eq!(times, 1, "{built}");
    }
}

#[test]
fn given_the_build_information_of_prometheus_when_it_lists_stores_then_it_is_thanos() {
    let built = |version: &str| json(&format!(r#"{{"status":"success","data":{{"version":"{version}"}}}}"#));
    let stores = json(r#"{"status":"success","data":{"sidecar":[{"name":"sidecar-1:10901","lastError":null}]}}"#);
    let page = json("<html>");
    for (version, listed, flavour) in [
        ("0.35.1", stores.clone(), Flavour::Thanos),
        ("1.0.0", stores, Flavour::Thanos),
        ("2.53.0", status(404, "404 page not found"), Flavour::Prometheus),
        ("0.0.93", status(404, "404 page not found"), Flavour::Prometheus),
        // whoever stands before it lets only questions through
        ("0.35.1", status(403, "no"), Flavour::Thanos),
        ("0.35.1", page.clone(), Flavour::Thanos),
        ("0.35.1", Manner::Rude, Flavour::Thanos),
        ("2.53.0", status(403, "no"), Flavour::Prometheus),
        ("2.53.0", page, Flavour::Prometheus),
        ("2.53.0", Manner::Rude, Flavour::Prometheus),
    ] {
        let built = built(version);
        let server = Loopback::start(move |asked: &Asked| match asked.line.rsplit('/').next() {
            Some("buildinfo") => built.clone(),
            Some("stores") => listed.clone(),
            _ => json(&matrix("")),
        });
        let mut client = Prometheus::new(Http::new("m", &server.url(), Login::Nobody, &[]).unwrap(), None);
        ask(&mut client).unwrap();
        ask(&mut client).unwrap();
        assert_eq!(within(client.flavour()).unwrap(), flavour, "{version}");
        let asked = server.asked();
        assert_eq!(asked.iter().filter(|asked| asked.line.ends_with("/stores")).count(), 1, "{version}");
        let whole = asked.iter().filter_map(|asked| asked.field("partial_response")).collect::<Vec<_>>();
        assert_eq!(whole, if flavour == Flavour::Thanos { vec!["false"; 4] } else { Vec::new() }, "{version}");
    }
}

#[test]
fn given_a_redirect_when_asked_then_the_key_stays_with_its_host() {
    let other = Loopback::start(|_| json(&matrix("")));
    let to = format!("{}/login?key=1", other.url());
    let server = Loopback::start(move |_| Manner::Whole(307, vec![("location", to.clone())], Vec::new()));
    let mut client = client(&server.url(), Login::Bearer(Key::new("s3cret")), Duration::from_secs(5));
    let trouble = ask(&mut client).unwrap_err();
    assert!(
        matches!(&trouble, Trouble::Refused(words) if words.contains("/login.") && !words.contains("key=1")),
        "{trouble:?}"
    );
    assert!(other.asked().is_empty());
}

/// Numbers by the values of a label, as an instant query answers.
fn vector(rows: &[(&str, &str, u64)]) -> Manner {
    let row = |(label, value, n): &(&str, &str, u64)| match *value {
        "" => format!("{{\"metric\":{{}},\"value\":[1,\"{n}\"]}}"),
        value => format!("{{\"metric\":{{\"{label}\":\"{value}\"}},\"value\":[1,\"{n}\"]}}"),
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    json(&format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{}]}}}}"#, rows.join(",")))
}

fn by(fields: &[&str]) -> Breakdown {
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    Breakdown { fields, from: FROM, to: NOW.0, percentile: None }
}

/// What comes of total and part by labels: either the rows or the words.
fn apart(total: Manner, part: Manner, part_of: fn(Counter) -> Part, by: &Breakdown) -> Result<Told, String> {
    let server =
        Loopback::start(move |asked: &Asked| if asked.body.contains("part") { part.clone() } else { total.clone() });
    let mut client = client(&server.url(), Login::Nobody, Duration::from_millis(500));
    let count = Count { total: counter("lb"), part: part_of(counter("part")), also: None };
    within(client.apart(&count, by, MINUTE, NOW)).map_err(|trouble| trouble.words().to_owned())
}

fn rows(told: &Told) -> Vec<(String, u64, u64)> {
    told.table
        .rows
        .iter()
        .map(|row| (row.values.iter().map(ToString::to_string).collect(), row.total, row.bad))
        .collect()
}

#[test]
fn given_counters_when_asked_by_a_label_then_each_value_has_its_total_and_its_bad() {
    let total = vector(&[("code", "200", 900), ("code", "503", 60), ("code", "401", 40), ("code", "", 5)]);
    let told = apart(total.clone(), vector(&[("code", "503", 60)]), Part::Bad, &by(&["code"])).unwrap();
    let row = |value: &str, total, bad| (value.to_owned(), total, bad);
    assert_eq!(rows(&told), [row("\"503\"", 60, 60), row("\"200\"", 900, 0), row("\"401\"", 40, 0), row("null", 5, 0)]);
    assert_eq!((told.from, told.to, told.notes.len()), (FROM, NOW.0, 0));
    let good = apart(total.clone(), vector(&[("code", "200", 898)]), Part::Good, &by(&["code"])).unwrap();
    assert_eq!(rows(&good)[0], row("\"503\"", 60, 60));
    assert_eq!(rows(&good)[3], row("\"200\"", 900, 2));
    let odd = apart(total.clone(), vector(&[("code", "503", 61)]), Part::Bad, &by(&["code"])).unwrap();
    assert_eq!(odd.notes, ["inconsistent: 61 bad of 60 events of \"503\""]);
    let over = vector(&[("code", "200", 950), ("code", "401", 41)]);
    let over = apart(total.clone(), over, Part::Good, &by(&["code"])).unwrap();
    assert_eq!(over.notes, ["inconsistent: 950 good of 900 events of \"200\", and 1 more such values"]);
    // nothing failed yet: there is no such series
    let none = apart(total, vector(&[]), Part::Bad, &by(&["code"])).unwrap();
    assert!(none.table.rows.iter().all(|row| row.bad == 0) && none.notes.is_empty());
}

#[test]
fn given_total_and_part_with_different_labels_when_asked_by_one_of_them_then_it_is_refused_and_not_counted_wrongly() {
    let refused = |total: &[(&str, &str, u64)], part: &[(&str, &str, u64)], fields: &[&str]| {
        apart(vector(total), vector(part), Part::Bad, &by(fields)).unwrap_err()
    };
    let coded = [("code", "200", 900), ("code", "503", 60)];
    let words = refused(&[("code", "", 960)], &[("code", "503", 60)], &["code"]);
    assert!(
        words.starts_with("This cannot be asked here: no series of `total` has the label code. Nothing"),
        "{words}"
    );
    let words = refused(&coded, &[("code", "", 60)], &["code"]);
    assert!(words.contains("no series of `bad` has the label code") && words.contains("both have"), "{words}");
    let words = refused(&coded, &[("code", "5xx", 60)], &["code"]);
    assert!(words.contains("`bad` counted 60 of code \"5xx\", and `total` none"), "{words}");
    let words = refused(&coded, &coded, &["code", "host"]);
    assert!(words.contains("no series of `total` has the label host"), "{words}");
}

#[test]
fn given_what_a_counter_does_not_know_when_asked_then_it_is_refused_by_name_and_nobody_is_asked() {
    let server = Loopback::start(|_| panic!("nobody may be asked"));
    let mut client = client(&server.url(), Login::Nobody, Duration::from_millis(500));
    let count = |total: Counter| Count { total, part: Part::Bad(counter("part")), also: None };
    let mut words = |total: Counter, by: &Breakdown| {
        within(client.apart(&count(total), by, MINUTE, NOW)).unwrap_err().words().to_owned()
    };
    let slow = Percentile { field: "duration_ms".into(), per_million: 990_000 };
    let slow = words(counter("lb"), &Breakdown { percentile: Some(slow), ..by(&["code"]) });
    assert!(slow.contains("cannot be asked here") && slow.contains("no p99 of duration_ms"), "{slow}");
    let dotted = words(counter("lb"), &by(&["http.response.status_code"]));
    assert!(dotted.ends_with("Try http_response_status_code."), "{dotted}");
    assert!(words(counter("lb"), &by(&["code) or (x"])).contains("is no name of a label"));
    let query = words(counter("sum(increase(lb[{{.window}}]))"), &by(&["code"]));
    assert!(query.contains("`total` is a query of its own"), "{query}");
    let short = words(counter("lb"), &Breakdown { from: NOW.0, to: NOW.0 + MINUTE / 2, ..by(&["code"]) });
    assert!(short.contains("it is scraped each 60 s"), "{short}");
}

#[test]
fn given_more_scrapes_than_a_server_holds_when_asked_apart_then_pieces_are_summed() {
    let server = Loopback::start(|asked: &Asked| {
        let part = asked.body.contains("part");
        vector(&[("code", "200", if part { 1 } else { 100 })])
    });
    let mut client = client(&server.url(), Login::Nobody, Duration::from_secs(20));
    let count = Count { total: counter("lb"), part: Part::Bad(counter("part")), also: None };
    let asked = Breakdown { from: NOW.0 - 20 * 1_440 * MINUTE, ..by(&["code"]) };
    let told = within(client.apart(&count, &asked, MINUTE, NOW)).unwrap();
    // 28,800 scrapes in pieces of 10,800
    assert_eq!(rows(&told), [("\"200\"".to_owned(), 300, 3)]);
    let times: Vec<Option<String>> = server.asked().iter().map(|asked| asked.field("time")).collect();
    assert_eq!((times.len(), times[2].as_deref()), (6, Some("1562712900")));
}

mod real {
    //! A real Prometheus and a real VictoriaMetrics with a few hours of samples that were written for them.

    use super::{
        Breakdown, Count, Counter, Duration, Flavour, Http, Login, MINUTE, NOW, Part, Prometheus, SECOND, Stretch,
        Trouble, Width, counter, within,
    };
    use quarterdeck::liaison::http::{Body, Reply};
    use std::fmt::Write as _;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    /// The server, its address, and the directory it reads, which lives as long.
    struct Server(Child, String, #[allow(dead_code, reason = "kept until the server has ended")] tempfile::TempDir);

    impl Drop for Server {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// Starts it on what was written; none, with the reason, where it is not installed.
    fn server(text: &str) -> Option<Server> {
        let dir = tempfile::tempdir().unwrap();
        let written = dir.path().join("samples.om");
        std::fs::write(&written, text).unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let made = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics", "-q"])
            .args([&written, &data])
            .output();
        let Ok(made) = made else {
            println!("skipped: no promtool");
            return None;
        };
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let config = dir.path().join("prometheus.yml");
        std::fs::write(&config, "global: {scrape_interval: 60s}\n").unwrap();
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let argument = |name: &str, path: &Path| format!("--{name}={}", path.display());
        let child = Command::new("prometheus")
            .args([argument("config.file", &config), argument("storage.tsdb.path", &data)])
            .args(["--storage.tsdb.retention.time=100y".into(), format!("--web.listen-address={free}")])
            .args(["--log.level=error"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            println!("skipped: no prometheus");
            return None;
        };
        let server = Server(child, format!("http://{free}"), dir);
        server.wait("/-/ready", |reply| reply.status == 200);
        Some(server)
    }

    impl Server {
        /// What it answers to something.
        fn get(&self, path: &str, body: Body) -> Result<Reply, Trouble> {
            within(Http::new("real", &self.1, Login::Nobody, &[]).unwrap().ask(path, body, Duration::from_secs(20)))
        }

        /// Waits until it answers something as it is wanted.
        fn wait(&self, path: &str, is: impl Fn(&Reply) -> bool) {
            let until = std::time::Instant::now() + Duration::from_secs(60);
            while !self.get(path, Body::Nothing).is_ok_and(|reply| is(&reply)) {
                assert!(std::time::Instant::now() < until, "{path} does not become as it is wanted");
                std::thread::yield_now();
            }
        }
    }

    /// Starts VictoriaMetrics with what was written; none, with the reason, where it is not installed.
    fn victoria(text: &str) -> Option<Server> {
        let dir = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let child = Command::new("victoria-metrics")
            .arg(format!("-storageDataPath={}", dir.path().display()))
            .args([format!("-httpListenAddr={free}"), "-retentionPeriod=100y".into()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            println!("skipped: no victoria-metrics");
            return None;
        };
        let server = Server(child, format!("http://{free}"), dir);
        server.wait("/health", |reply| reply.status == 200);
        // the same text, with its times in milliseconds
        let samples = text.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}000\n"));
        let body = Body::Text { text: samples.collect(), pairs: Vec::new() };
        assert_eq!(server.get("/api/v1/import/prometheus", body).unwrap().status, 204);
        server.wait("/internal/force_flush", |reply| reply.status == 200);
        let end = NOW.0 / SECOND;
        let all = format!("/api/v1/query?query=count(http_requests_total)&time={end}&nocache=1");
        server.wait(&all, |reply| String::from_utf8_lossy(&reply.body).contains("\"4\""));
        Some(server)
    }

    /// Two servers for three hours before [`NOW`], 100 requests a minute each; every tenth minute one fails. The second one is gone from minute 60 to
    /// 75 and begins at nothing again; the first one is reset at minute 100. What each minute truly held.
    fn samples() -> (String, Vec<(u64, u64)>) {
        let begin = NOW.0 / SECOND - 180 * 60;
        let mut truth = Vec::new();
        let mut count = [[0_u64; 2]; 2];
        let mut lines = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        for minute in 0..=180_i64 {
            let (mut total, mut bad) = (0, 0);
            for host in 0..2 {
                let gone = host == 1 && (60..75).contains(&minute);
                if (host == 1 && minute == 60) || (host == 0 && minute == 100) {
                    count[host] = [0, 0];
                }
                if gone {
                    continue;
                }
                if minute > 0 {
                    let failed = u64::from(minute % 10 == 0);
                    count[host][0] += 100 - failed;
                    count[host][1] += failed;
                    total += 100;
                    bad += failed;
                }
                for code in 0..2 {
                    lines[host * 2 + code].push((begin + minute * 60, count[host][code]));
                }
            }
            if minute > 0 {
                truth.push((total, bad));
            }
        }
        let mut text = String::from("# TYPE http_requests counter\n");
        for (place, line) in lines.iter().enumerate() {
            let code = if place % 2 == 0 { 200 } else { 503 };
            for (at, value) in line {
                writeln!(text, "http_requests_total{{host=\"api-{}\",code=\"{code}\"}} {value} {at}", place / 2)
                    .unwrap();
            }
        }
        text.push_str("# EOF\n");
        (text, truth)
    }

    /// Asks a server about every minute, in every way, and about what it cannot answer; says what it was called and what it refused.
    fn asked(server: &Server, truth: &[(u64, u64)]) -> (Flavour, String) {
        let http = Http::new("real", &server.1, Login::Nobody, &[]).unwrap();
        let mut client = Prometheus::new(http, None);
        let stretch = Stretch { from: NOW.0 - 180 * MINUTE, to: NOW.0 };
        let total = counter("http_requests_total");
        let width = Width { step: MINUTE, scrape: MINUTE };
        let count = |part| Count { total: total.clone(), part, also: None };
        for part in [
            Part::Bad(counter("http_requests_total{code=~\"5..\"}")),
            Part::Good(counter("http_requests_total{code=\"200\"}")),
        ] {
            let counted = within(client.count(&count(part.clone()), stretch, width, NOW)).unwrap();
            let counts: Vec<(u64, u64)> = counted.buckets.iter().map(|b| (b.total, b.bad)).collect();
            assert_eq!(counts, truth, "{part:?}");
            assert_eq!(counted.doubts(NOW), Vec::<String>::new());
        }
        // wider buckets hold the same events
        let part = Part::Bad(counter("http_requests_total{code=\"503\"}"));
        let wide = within(client.count(&count(part), stretch, Width { step: 30 * MINUTE, ..width }, NOW)).unwrap();
        let sum = |counts: &[(u64, u64)]| counts.iter().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let wide: Vec<(u64, u64)> = wide.buckets.iter().map(|b| (b.total, b.bad)).collect();
        assert_eq!((sum(&wide), wide.len()), (sum(truth), 6));
        assert_eq!(within(client.newest(&total, NOW)).unwrap(), Some(NOW.0));
        // and apart by labels: the second server was gone for 15 minutes, in two of which one would have failed
        let apart = |client: &mut Prometheus, fields: &[&str], part: Part, from: i64| {
            let fields = fields.iter().map(|field| (*field).to_owned()).collect();
            let by = Breakdown { fields, from: NOW.0 - from * MINUTE, to: NOW.0, percentile: None };
            within(client.apart(&count(part), &by, MINUTE, NOW)).map(|told| super::rows(&told))
        };
        let row = |values: &str, total: u64, bad: u64| (values.to_owned(), total, bad);
        for part in [
            Part::Bad(counter("http_requests_total{code=~\"5..\"}")),
            Part::Good(counter("http_requests_total{code=\"200\"}")),
        ] {
            let codes = apart(&mut client, &["code"], part.clone(), 180).unwrap();
            assert_eq!(codes, [row("\"503\"", 34, 34), row("\"200\"", 34_466, 0)]);
            let hosts = apart(&mut client, &["host"], part.clone(), 180).unwrap();
            assert_eq!(hosts, [row("\"api-0\"", 18_000, 18), row("\"api-1\"", 16_500, 16)]);
            let both = apart(&mut client, &["host", "code"], part.clone(), 180).unwrap();
            assert_eq!(both[0], row("\"api-0\"\"503\"", 18, 18));
            assert_eq!(both[3], row("\"api-1\"\"200\"", 16_484, 0));
            // the last 65 minutes: 116 to 180, seven of which fail once
            let late = apart(&mut client, &["host"], part, 65).unwrap();
            assert_eq!(late, [row("\"api-0\"", 6_500, 7), row("\"api-1\"", 6_500, 7)]);
        }
        let part = Part::Bad(counter("http_requests_total{code=\"503\"}"));
        let refused = apart(&mut client, &["build"], part, 180).unwrap_err();
        assert!(refused.words().contains("no series of `total` has the label build"), "{}", refused.words());
        // the same by the program: the last 65 minutes against the rest of three hours
        let ship = crate::cli::ship::Ship::new();
        ship.configure(&format!(
            "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nurl = '{}'\n[[slo]]\nname = 'api'\nbackend = 'metrics'\n\
             total = 'http_requests_total'\nbad = 'http_requests_total{{code=~\"5..\"}}'\ntarget = 99.9\nwindow = '3h'\n",
            server.1
        ));
        let times = ["burn", "--now", "2019-07-09 22:55", "--since", "2019-07-09 21:50"];
        let by = ship.asks(&[&times as &[&str], &["--by", "code"]].concat())["slos"][0]["by"].clone();
        let failed = &by["values"][0];
        assert_eq!(
            (&failed["value"], &failed["total"], &failed["bad"], &failed["quiet_total"]),
            (&"\"503\"".into(), &14.into(), &14.into(), &20.into()),
            "{by}"
        );
        assert_eq!(failed["means"], "http_requests_total{code=\"503\"}");
        let would = by["values"][1]["means"].as_str().unwrap();
        let would =
            ship.asks(&[&times as &[&str], &["--what-if", would]].concat())["slos"][0]["past"]["what_if"].clone();
        assert_eq!((&would["bad"], &would["total"]), (&34_500.into(), &34_500.into()), "{would}");
        let slow = ship.run(&[&times as &[&str], &["--by", "code", "--p99", "duration_ms"]].concat()).ends(4);
        assert!(slow.err.contains("cannot be asked here: a counter has no numbers"), "{}", slow.err);
        // before anybody was scraped nothing is known
        let earlier = Stretch { from: NOW.0 - 400 * MINUTE, to: NOW.0 - 300 * MINUTE };
        let part = || Part::Bad(counter("http_requests_total{code=\"503\"}"));
        assert_eq!(within(client.count(&count(part()), earlier, width, NOW)).unwrap().buckets, []);
        let nobody = Count { total: counter("nix"), ..count(part()) };
        assert_eq!(within(client.count(&nobody, stretch, width, NOW)).unwrap().buckets, []);
        // more than 11,000 points are never asked at once, but who does is told what to do
        let long = Stretch { from: NOW.0 - 40_000 * MINUTE, to: NOW.0 };
        let many = within(client.count(&count(part()), long, width, NOW));
        assert!(many.as_ref().is_err_and(|why| why.words().contains("a longer interval")), "{many:?}");
        let wrong = Part::Bad(Counter::Query(vec!["sum(http_requests_total[".into(), "]))".into()]));
        let refused = within(client.count(&count(wrong), stretch, width, NOW)).unwrap_err();
        assert!(matches!(refused, Trouble::Refused(_)), "{refused:?}");
        (within(client.flavour()).unwrap(), refused.words().to_owned())
    }

    #[test]
    fn given_resets_and_a_silence_when_counted_then_every_minute_is_what_it_was() {
        let (text, truth) = samples();
        let Some(server) = server(&text) else { return };
        let (flavour, refused) = asked(&server, &truth);
        assert_eq!(flavour, Flavour::Prometheus);
        // an expression error points at the character
        assert!(
            refused.contains("1:31: parse error") && refused.contains("(near `sum(http_requests_total[60s]))`)"),
            "{refused}"
        );
    }

    #[test]
    fn given_resets_and_a_silence_when_victoria_metrics_counts_then_every_minute_is_what_it_was() {
        let (text, truth) = samples();
        let Some(server) = victoria(&text) else { return };
        let (flavour, refused) = asked(&server, &truth);
        assert_eq!(flavour, Flavour::VictoriaMetrics);
        assert!(refused.contains("(422): ") && refused.contains("unparsed data left: \")\""), "{refused}");
    }
}

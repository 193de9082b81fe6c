//! ClickHouse's client against a real server where there is one, and its SQL against a new engine where that is there. What it makes of ugly
//! answers stands in `tests/wire`.

use super::loopback::{Asked, Loopback, Manner, json};
use crate::cli::ship::Ship;
use quarterdeck::incident::time::Time;
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::backends::clickhouse::ClickHouse;
use quarterdeck::liaison::backends::clickhouse::sql::{self, Count, Table};
use quarterdeck::liaison::backends::honeycomb::limit::Urgency;
use quarterdeck::liaison::backends::{Counted, Turn};
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::query::breakdown::{Breakdown, Percentile};
use quarterdeck::query::filter::{Expr, Literal, Value};
use quarterdeck::query::series::{Bucket, MINUTE, SECOND};
use quarterdeck::query::window::Stretch;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// 2026-03-03, a whole minute.
const START: i64 = 1_772_535_240 * SECOND;
const STRETCH: Stretch = Stretch { from: START, to: START + 5 * MINUTE };

fn count(table: &str, bad: &str) -> Count {
    Count { table: table.into(), time: None, service: None, bad: bad.parse().unwrap(), valid: None, weight: None }
}

fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn ask(url: &str, login: Option<(&str, &str)>, count: Count) -> Result<Counted, Trouble> {
    let extra: Vec<(&'static str, String)> =
        login.iter().map(|(user, _)| ("x-clickhouse-user", user.to_string())).collect();
    let login = login.map_or(Login::Nobody, |(_, key)| Login::Header("x-clickhouse-key".into(), Key::new(key)));
    let http = Http::new("ch", url, login, &extra).unwrap();
    let mut server = ClickHouse::new(http, None, count).within(Duration::from_millis(3_000));
    let now = Time(STRETCH.to + 20 * SECOND);
    let turn =
        Turn { stretch: STRETCH, step: MINUTE, now, is_live: true, urgency: Urgency::Shown, patience: Duration::ZERO };
    within(server.count(turn))
}

const COLUMNS: &str = r#"{"data":[["ts","DateTime"],["status","UInt16"],["host","String"],["w","Float64"]]}"#;

/// A server with the table's columns, which answers everything else in one way.
fn answers(manner: Manner) -> Loopback {
    Loopback::start(move |asked| if asked.body.starts_with("DESCRIBE") { json(COLUMNS) } else { manner.clone() })
}

fn buckets(counts: [(u64, u64); 5]) -> Vec<Bucket> {
    (0..).zip(counts).map(|(n, (total, bad))| Bucket { start: START + n * MINUTE, total, bad }).collect()
}

#[test]
fn given_numbers_quoted_or_bare_when_counted_then_they_are_the_same_and_what_is_absent_had_no_traffic() {
    for rows in ["[1772535300,40,1],[1772535240,30,0]", "[\"1772535240\",\"30\",\"0\"],[\"1772535300\",\"40\",\"1\"]"] {
        let server = Loopback::start(move |asked: &Asked| match asked.body.as_str() {
            body if body.starts_with("DESCRIBE") => json(COLUMNS),
            body if body.starts_with("SELECT 1 ") => json("{\"data\":[[1]]}"),
            _ => json(&format!("{{\"data\":[{rows}]}}")),
        });
        let counted = ask(&server.url(), Some(("reader", "s3cret")), count("ev", "host = \"a'b\t\\\\\"")).unwrap();
        assert_eq!(counted.buckets, buckets([(30, 0), (40, 1), (0, 0), (0, 0), (0, 0)]));
        let asked = server.asked();
        let last = asked.last().unwrap();
        // what came from outside is in the address, as a value
        assert!(last.body.contains("toString(`host`) = {p1:String}") && !last.body.contains("a'b"), "{}", last.body);
        assert!(last.line.contains("wait_end_of_query=1") && last.line.contains("readonly=1"), "{}", last.line);
        assert!(last.line.contains("param_p1=a%27b%5Ct%5C%5C"), "{}", last.line);
        assert_eq!(
            (last.header("x-clickhouse-user"), last.header("x-clickhouse-key")),
            (Some("reader"), Some("s3cret"))
        );
    }
}

#[test]
fn given_rows_that_begin_later_when_counted_then_nothing_is_known_before_the_first_ever() {
    for (before, expected) in [("", 2), ("[1]", 5)] {
        let server = Loopback::start(move |asked: &Asked| match asked.body.as_str() {
            body if body.starts_with("DESCRIBE") => json(COLUMNS),
            body if body.starts_with("SELECT 1 ") => json(&format!("{{\"data\":[{before}]}}")),
            _ => json("{\"data\":[[1772535420,40,1]]}"),
        });
        assert_eq!(ask(&server.url(), None, count("ev", "status >= 500")).unwrap().buckets.len(), expected);
    }
    let server = answers(json("{\"data\":[]}"));
    assert_eq!(ask(&server.url(), None, count("ev", "status >= 500")).unwrap().buckets, []);
}

#[test]
fn given_a_weight_that_is_no_number_when_counted_then_that_bucket_is_not_known() {
    let server = answers(json("{\"data\":[[1772535240,null,0],[1772535300,40.6,1],[1772535360,40.6,1]]}"));
    let counted = ask(&server.url(), None, Count { weight: Some("w".into()), ..count("ev", "status >= 500") }).unwrap();
    assert_eq!(counted.buckets[..2], buckets([(0, 0), (41, 1), (40, 1), (0, 0), (0, 0)])[1..3]);
    assert!(counted.said.partial && counted.said.words[0].contains("no number"));
}

const MAPS: &str = r#"{"data":[["ts","DateTime"],["status","UInt16"],["SpanAttributes","Map(String, String)"]]}"#;

#[test]
fn given_keys_of_maps_that_no_row_has_when_counted_by_then_nothing_is_proven_and_it_is_asked_seldom() {
    let asked_for = |asked: &Asked, key: &str| asked.line.contains(&format!("param_p1={key}"));
    let server = Loopback::start(move |asked: &Asked| match asked.body.as_str() {
        body if body.starts_with("DESCRIBE") => json(MAPS),
        // one is rare, and only failures have it
        body if body.starts_with("SELECT 1 ") => {
            json(if asked_for(asked, "coed") { "{\"data\":[]}" } else { "{\"data\":[[1]]}" })
        }
        _ if asked_for(asked, "code") => json("{\"data\":[[1772535240,300,0]]}"),
        _ => json("{\"data\":[[1772535240,300,300]]}"),
    });
    let words = "no row of the last day has coed: is that its name?";
    for (bad, valid, missing) in [
        ("code >= 500 and rare = 1", None, false),
        ("coed >= 500", None, true),
        ("status >= 500", Some("coed = 1"), true),
        // who leaves out what is not there counts all, and whether a field is there may be asked of one that is not
        ("coed exists", Some("coed != 1"), false),
        ("status >= 500", None, false),
    ] {
        let http = Http::new("ch", &server.url(), Login::Nobody, &[]).unwrap();
        let valid = valid.map(|valid| valid.parse().unwrap());
        let mut client = ClickHouse::new(http, None, Count { valid, ..count("ev", bad) });
        let now = Time(STRETCH.to);
        let fields = within(client.fields(now, now));
        let expected = if missing { vec![words.to_owned()] } else { Vec::new() };
        assert_eq!((fields.words, fields.is_unproven, fields.blind.is_some()), (expected, missing, false), "{bad}");
        let asked = server.asked().len();
        within(client.fields(Time(now.0 + 4 * MINUTE), now));
        assert_eq!(server.asked().len(), asked, "{bad}: an answer holds for a while");
    }
    let fails = Loopback::start(|asked: &Asked| {
        if asked.body.starts_with("DESCRIBE") {
            json(MAPS)
        } else {
            Manner::Whole(500, vec![], b"Code: 159. DB::Exception: Timeout exceeded".to_vec())
        }
    });
    let http = Http::new("ch", &fails.url(), Login::Nobody, &[]).unwrap();
    let fields =
        within(ClickHouse::new(http, None, count("ev", "coed = 1")).fields(Time(STRETCH.to), Time(STRETCH.to)));
    assert!(
        fields.words[0].starts_with("whether any row has coed is not checked") && !fields.is_unproven,
        "{fields:?}"
    );
}

#[test]
fn given_a_key_that_nearly_all_rows_had_when_the_latest_lack_it_then_how_many_are_bad_says_nothing() {
    // what a table says of the last ten minutes, and of a day ago
    for (bad, lately, before, words, is_mistake) in [
        (
            "code >= 500",
            (1_200, 1_200),
            (900, 9),
            "code as a number is in none of the last 1200 events; it was in nearly all before",
            true,
        ),
        (
            "code >= 500",
            (1_200, 700),
            (900, 9),
            "code as a number is missing in 700 of the last 1200 events; it was in nearly all before",
            true,
        ),
        (
            "code >= 500",
            (1_200, 300),
            (900, 9),
            "code as a number is missing in 300 of the last 1200 events; it was in nearly all before",
            false,
        ),
        (
            "code >= 500 or status >= 500",
            (1_200, 1_200),
            (900, 9),
            "code as a number is in none of the last 1200 events; it was in nearly all before",
            false,
        ),
        ("code >= 500", (1_200, 1_200), (900, 900), "", false),
        ("code >= 500", (12, 12), (900, 9), "", false),
    ] {
        let day = STRETCH.to / SECOND - 86_400;
        let server = Loopback::start(move |asked: &Asked| match asked.body.as_str() {
            body if body.starts_with("DESCRIBE") => json(MAPS),
            body if body.starts_with("SELECT 1 ") => json("{\"data\":[[1]]}"),
            body => {
                let is_before = !body.contains(&format!("< toDateTime({})", STRETCH.to / SECOND));
                // only of good ones it is asked what is usual
                assert!(body.contains("NOT ("), "{body}");
                assert!(!is_before || body.contains("500"), "{body}");
                let (all, lacking) = if is_before { before } else { lately };
                json(&format!("{{\"data\":[[{day},{all},{lacking}]]}}"))
            }
        });
        let http = Http::new("ch", &server.url(), Login::Nobody, &[]).unwrap();
        let now = Time(STRETCH.to);
        let fields = within(ClickHouse::new(http, None, count("ev", bad)).fields(now, now));
        assert_eq!((fields.words.join("; ").as_str(), fields.blind.is_some()), (words, is_mistake), "{bad}");
    }
}

/// A real server, ended with the test.
struct Real {
    child: Child,
    url: String,
    _dir: tempfile::TempDir,
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).unwrap();
}

impl Real {
    fn start() -> Result<Real, String> {
        let dir = tempfile::tempdir().unwrap();
        let [http, tcp, inter] =
            [(); 3].map(|()| TcpListener::bind(("127.0.0.1", 0)).unwrap()).map(|l| l.local_addr().unwrap().port());
        let at = dir.path().display();
        write(
            dir.path(),
            "config.xml",
            &format!(
                "<yandex><logger><level>error</level><log>{at}/log</log><errorlog>{at}/err</errorlog></logger><http_port>{http}</http_port>\
             <tcp_port>{tcp}</tcp_port><interserver_http_port>{inter}</interserver_http_port><listen_host>127.0.0.1</listen_host>\
             <path>{at}/data/</path><tmp_path>{at}/tmp/</tmp_path><users_config>{at}/users.xml</users_config>\
             <default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>1048576</mark_cache_size></yandex>"
            ),
        );
        write(
            dir.path(),
            "users.xml",
            "<yandex><profiles><default/><readonly><readonly>1</readonly></readonly></profiles><users>\
             <default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>\
             <reader><password>s3cret</password><networks><ip>127.0.0.1</ip></networks><profile>readonly</profile><quota>default</quota></reader>\
             </users><quotas><default/></quotas></yandex>",
        );
        let child = Command::new("clickhouse-server")
            .arg(format!("--config-file={at}/config.xml"))
            .current_dir(dir.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("no clickhouse-server: {error}"))?;
        let mut real = Real { child, url: format!("http://127.0.0.1:{http}"), _dir: dir };
        let until = std::time::Instant::now() + Duration::from_secs(60);
        while real.post("SELECT 1").is_none() {
            if std::time::Instant::now() > until {
                return Err("clickhouse-server did not answer within a minute".into());
            }
            if let Ok(Some(status)) = real.child.try_wait() {
                return Err(format!("clickhouse-server ended: {status}"));
            }
            std::thread::yield_now();
        }
        Ok(real)
    }

    fn post(&self, statement: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://")).ok()?;
        let head = format!("POST / HTTP/1.0\r\nContent-Length: {}\r\n\r\n", statement.len());
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(statement.as_bytes())).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        answer.contains(" 200 ").then_some(answer)
    }
}

#[test]
fn given_a_real_server_when_counted_then_its_figures_and_its_faults_are_ours() {
    let real = match Real::start() {
        Ok(real) => real,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    // long past, so that the present has none
    real.post("CREATE TABLE ev (`ts` DateTime, `status` UInt16, `host` String, `it``s` Nullable(Float64), w UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY ts").unwrap();
    let first = START / SECOND;
    real.post(&format!(
        "INSERT INTO ev SELECT toDateTime({first} + number % 180), if(number % 10 = 0, 500, 200), if(number % 2 = 0, 'a', 'b'), if(number % 3 = 0, NULL, number), 2 FROM numbers(1800)"
    ))
    .unwrap();
    let reader = Some(("reader", "s3cret"));
    for login in [None, reader] {
        let counted = ask(&real.url, login, count("ev", "status >= 500")).unwrap();
        assert_eq!(counted.buckets, buckets([(600, 60), (600, 60), (600, 60), (0, 0), (0, 0)]));
    }
    let weighed = Count {
        weight: Some("w".into()),
        valid: Some("status = 500".parse().unwrap()),
        ..count("default.ev", "status = 500")
    };
    let weighed = ask(&real.url, reader, Count { valid: Some("status != 200".parse().unwrap()), ..weighed }).unwrap();
    assert_eq!(weighed.buckets[0], Bucket { start: START, total: 120, bad: 120 });
    let nulls = ask(
        &real.url,
        None,
        Count { valid: Some("not `it\\`s` exists".parse().unwrap()), ..count("ev", "status = 500") },
    );
    assert_eq!(nulls.unwrap().buckets[0].total, 200);
    for (login, asked, words) in [
        (Some(("reader", "wrong")), count("ev", "status = 500"), "does not know us (401): code 193, Wrong password"),
        (reader, count("nix", "status = 500"), "code 60, Table default.nix doesn't exist"),
        (reader, count("ev", "state = 500"), "no column state; its columns are ts, status, host"),
        (reader, count("ev", "host = \"a\""), "need ClickHouse 19.14 or newer"),
        (None, Count { time: Some("host".into()), ..count("ev", "status = 500") }, "host holds no DateTime"),
    ] {
        let trouble = ask(&real.url, login, asked).unwrap_err();
        assert!(trouble.words().contains(words), "{trouble:?}");
    }
    apart_by_hand(&real.url, reader);
    // and the whole program, about the last hour
    real.post("INSERT INTO ev SELECT now() - 60 * (number % 50) - 30, if(number % 97 = 0, 503, 200), 'a', NULL, 1 FROM numbers(100000)").unwrap();
    let ship = Ship::new();
    let key = ship.write("ch.key", "s3cret\n");
    let config = format!(
        "[[backend]]\nname = 'ch'\nkind = 'clickhouse'\nurl = '{}'\nuser = 'reader'\npassword = {{ file = '{}' }}\ndatabase = 'default'\n\
         [[slo]]\nname = 'api'\nbackend = 'ch'\ntable = 'ev'\nbad = 'status >= 500'\ntarget = 99.5\nwindow = '5h'\n",
        real.url,
        key.display()
    );
    ship.configure(&config);
    let answers = ship.asks(&["burn", "--json"]);
    let slo = &answers["slos"][0];
    assert_eq!(slo.get("trouble"), None, "{slo}");
    let total = slo["total"].as_u64().unwrap();
    // what has not settled yet is not counted
    assert!((96_000..=100_000).contains(&total), "{slo}");
    let bad = slo["bad"].as_u64().unwrap();
    assert!((total / 97 - 25..=total / 97 + 25).contains(&bad), "{slo}");
    ship.configure(&config.replace("bad = 'status >= 500'", "good = 'status < 500'"));
    let kept = ship.asks(&["burn", "--json"])["slos"][0].clone();
    assert!((bad - 25..=bad + 25).contains(&kept["bad"].as_u64().unwrap()), "{kept}");
    ship.configure(&config);
    let would = ship.asks(&["burn", "--what-if", "status = 200", "--json"]);
    let past = &would["slos"][0]["past"];
    assert_eq!(past["what_if"]["bad"], past["what_if"]["total"], "{would}");
    let by = ship.asks(&["burn", "--by", "status,it`s", "--p99", "w", "--json"])["slos"][0]["by"].clone();
    let value =
        |name: &str| by["values"].as_array().into_iter().flatten().find(|one| one["value"] == name).cloned().unwrap();
    let failed = value("503, null");
    assert_eq!(
        (&failed["total"], &failed["counted"], &failed["percentile"]),
        (&failed["bad"], &true.into(), &1.0.into()),
        "{by}"
    );
    assert_eq!(failed["means"], "status = 503 and `it\\`s` does-not-exist", "{by}");
    let missing = ship.run(&["burn", "--by", "build"]);
    assert!(
        missing.err.contains("cannot be asked here: ev of it: it has no column build; its columns are"),
        "{missing:?}"
    );
    let doctor = ship.does(&["doctor"]).out;
    assert!(doctor.contains("backend ch: clickhouse at ") && doctor.contains("asked by 1 objective"), "{doctor}");
}

/// Counts the rows of [`given_a_real_server_when_counted_then_its_figures_and_its_faults_are_ours`] one by one and compares.
fn apart_by_hand(url: &str, login: Option<(&str, &str)>) {
    use std::collections::BTreeMap;
    let asked = |fields: &[&str], number: Option<&str>| Breakdown {
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        from: START + 30 * SECOND,
        to: START + 130 * SECOND,
        percentile: number.map(|field| Percentile { field: field.into(), per_million: 990_000 }),
    };
    let value = |field: &str, n: i64| match field {
        "status" => {
            if n % 10 == 0 {
                "500".to_owned()
            } else {
                "200".to_owned()
            }
        }
        "host" => {
            if n % 2 == 0 {
                "\"a\"".to_owned()
            } else {
                "\"b\"".to_owned()
            }
        }
        "it`s" if n % 3 == 0 => "null".to_owned(),
        "it`s" => n.to_string(),
        other => panic!("{other}"),
    };
    for (fields, number, weight) in [
        (&["status"] as &[&str], Some("it`s"), None),
        (&["host", "status"], Some("it`s"), None),
        (&["host"], Some("it`s"), Some("w")),
        (&["it`s"], None, None),
        (&["status", "host"], None, Some("w")),
    ] {
        let by = asked(fields, number);
        let each = if weight.is_some() { 2 } else { 1 };
        let mut groups: BTreeMap<String, (u64, u64, Vec<i64>)> = BTreeMap::new();
        for n in (0..1_800).filter(|n| (30..130).contains(&(n % 180))) {
            let values: Vec<String> = fields.iter().map(|field| value(field, n)).collect();
            let group = groups.entry(values.join(", ")).or_default();
            group.0 += each;
            group.1 += if n % 10 == 0 { each } else { 0 };
            if n % 3 != 0 {
                group.2.push(n);
            }
        }
        let expected: Vec<_> = groups
            .into_iter()
            .map(|(values, (total, bad, mut numbers))| {
                numbers.sort_unstable();
                let rank = (numbers.len() * 99).div_ceil(100).checked_sub(1).filter(|_| number.is_some());
                (values, total, bad, rank.map(|rank| numbers[rank] as f64))
            })
            .collect();
        let extra: Vec<(&'static str, String)> =
            login.iter().map(|(user, _)| ("x-clickhouse-user", user.to_string())).collect();
        let key = login.map_or(Login::Nobody, |(_, key)| Login::Header("x-clickhouse-key".into(), Key::new(key)));
        let http = Http::new("ch", url, key, &extra).unwrap();
        let count = Count { weight: weight.map(str::to_owned), ..count("ev", "status >= 500") };
        let told = within(ClickHouse::new(http, None, count).apart(&by, Time(STRETCH.to))).unwrap();
        let mut found: Vec<_> = told
            .table
            .rows
            .iter()
            .map(|row| {
                let values: Vec<String> = row.values.iter().map(ToString::to_string).collect();
                (values.join(", "), row.total, row.bad, row.percentile)
            })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let mut expected = expected;
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(found, expected, "{fields:?} {number:?} {weight:?}");
        assert_eq!((told.from, told.to, told.notes.len()), (by.from, by.to, 0));
    }
}

#[test]
fn given_ugly_rows_when_asked_apart_then_nothing_is_counted_wrongly() {
    let ask = |manner: Manner, fields: &[&str]| {
        let server = answers(manner);
        let http = Http::new("ch", &server.url(), Login::Nobody, &[]).unwrap();
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        let by = Breakdown { fields, from: STRETCH.from, to: STRETCH.to, percentile: None };
        within(ClickHouse::new(http, None, count("ev", "status >= 500")).apart(&by, Time(STRETCH.to)))
    };
    let told =
        ask(json("{\"data\":[[503,\"40\",40],[null,7,0],[\"200\",\"900\",0],[401,null,0]]}"), &["status"]).unwrap();
    let rows: Vec<(String, u64, u64)> =
        told.table.rows.iter().map(|row| (row.values[0].to_string(), row.total, row.bad)).collect();
    assert_eq!(rows, [("503".into(), 40, 40), ("200".into(), 900, 0), ("null".into(), 7, 0)]);
    assert_eq!(told.notes, ["a weight is no number: the values that have it are not counted"]);
    let told = ask(json("{\"data\":[[503,40,41],[200,900,0]]}"), &["status"]).unwrap();
    assert_eq!(told.notes, ["inconsistent: 41 bad of 40 events of 503"]);
    let many: Vec<String> = (0..10_001).map(|n| format!("[{n},1,0]")).collect();
    let told = ask(json(&format!("{{\"data\":[{}]}}", many.join(","))), &["status"]).unwrap();
    assert!(told.table.is_cut && told.table.rows.len() == 10_000 && told.notes[0].contains("more than 10000 values"));
    for (manner, words) in [
        (json("{\"data\":[[503,40]]}"), "rows that were not asked for"),
        (
            json("{\"data\":[[503,40,40]Code: 395, e.displayText() = DB::Exception: thrown, e.what()"),
            "code 395, thrown",
        ),
    ] {
        let trouble = ask(manner, &["status"]).unwrap_err();
        assert!(trouble.words().contains(words), "{trouble:?}");
    }
    let missing = ask(json("{}"), &["build"]).unwrap_err();
    assert!(missing.words().starts_with("This cannot be asked here: ev of it: it has no column build"), "{missing:?}");
}

/// What an attribute of a row is, and how a table of traces holds it.
fn row(n: i64) -> Vec<(&'static str, Value<'static>)> {
    const HOSTS: [&str; 4] = ["api-1", "api-2", "it's \"x\"\\", "ünï"];
    let mut row = vec![
        ("span.kind", Value::Text(if n % 5 == 0 { "Client" } else { "Server" })),
        ("service.name", Value::Text(if n % 7 == 0 { "web" } else { "api" })),
        ("duration_ms", Value::Float((n % 900) as f64 / 2.0)),
        ("span.status_code", Value::Text(if n % 11 == 0 { "Error" } else { "Unset" })),
    ];
    if n % 6 != 0 {
        let name = if n % 2 == 0 { "http.response.status_code" } else { "http.status_code" };
        row.push((name, Value::Int([200, 401, 429, 503, 204][(n % 5) as usize])));
    }
    if n % 4 != 0 {
        row.push(("host.name", Value::Text(HOSTS[(n % 4) as usize])));
    }
    row
}

fn look<'v>(row: &[(&'static str, Value<'v>)], name: &str) -> Value<'v> {
    let other = match name {
        "http.response.status_code" => "http.status_code",
        "http.status_code" => "http.response.status_code",
        "host" => "host.name",
        _ => name,
    };
    let find = |name: &str| row.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    find(name).or_else(|| find(other)).unwrap_or(Value::Missing)
}

#[test]
fn given_filters_about_traces_when_a_new_engine_counts_then_it_counts_what_they_mean() {
    for attributes in ["Map(LowCardinality(String), String)", "JSON"] {
        count_with(attributes);
    }
}

/// Counts traces whose attributes are kept in columns of a type, and compares with what the filters mean.
fn count_with(attributes: &str) {
    let columns = [
        ("Timestamp", "DateTime64(9)"),
        ("SpanName", "LowCardinality(String)"),
        ("SpanKind", "LowCardinality(String)"),
        ("ServiceName", "LowCardinality(String)"),
        ("ResourceAttributes", attributes),
        ("SpanAttributes", attributes),
        ("Duration", "UInt64"),
        ("StatusCode", "LowCardinality(String)"),
    ];
    let filters = [
        "http.response.status_code >= 500",
        "http.status_code >= 500 or http.status_code = 429",
        "http.response.status_code != 200",
        "http.response.status_code in (401, 429) and not service.name = \"web\"",
        "http.response.status_code does-not-exist and span.status_code = \"Error\"",
        "host = \"it's \\\"x\\\"\\\\\"",
        "host.name not-in (\"api-1\", \"ünï\")",
        "host.name starts-with \"api\" or host.name ends-with \"ï\"",
        "host.name does-not-contain \"'s\"",
        "duration_ms > 12.5 and duration_ms <= 300",
        "host.name = null",
        "nothing.at.all exists",
        "span.kind in (\"Server\", \"SPAN_KIND_SERVER\")",
        "service.name < \"b\"",
        "not (http.response.status_code < 500)",
        "not (host.name starts-with \"api\" and duration_ms <= 300)",
    ];
    let valid: Expr = "span.kind = \"Server\"".parse().unwrap();
    let rows: Vec<_> = (0..600).map(row).collect();
    let text = |value: Value<'_>| match value {
        Value::Int(n) => n.to_string(),
        Value::Text(t) => t.to_owned(),
        _ => String::new(),
    };
    let inserted: Vec<serde_json::Value> = (0..).zip(&rows).map(|(n, row)| {
        let spans: serde_json::Map<_, _> = row.iter().filter(|(name, _)| name.starts_with("http.")).map(|(name, value)| ((*name).to_owned(), text(*value).into())).collect();
        let resource: serde_json::Map<_, _> = row.iter().filter(|(name, _)| *name == "host.name").map(|(name, value)| ((*name).to_owned(), text(*value).into())).collect();
        let duration = match look(row, "duration_ms") { Value::Float(ms) => (ms * 1e6) as u64, _ => 0 };
        serde_json::json!({"Timestamp": (START / SECOND + n % 300), "SpanName": "GET", "SpanKind": text(look(row, "span.kind")), "ServiceName": text(look(row, "service.name")),
            "ResourceAttributes": resource, "SpanAttributes": spans, "Duration": duration, "StatusCode": text(look(row, "span.status_code"))})
    }).collect();
    let table = Table::of(columns);
    let statements: Vec<serde_json::Value> = filters
        .iter()
        .map(|filter| {
            let asked =
                Count { valid: Some(valid.clone()), service: Some("api".into()), ..count("otel_traces", filter) };
            let statement = sql::counts(&table, &asked, STRETCH, MINUTE).unwrap();
            serde_json::json!({"text": statement.text, "values": statement.values.iter().map(|value| sql::escaped(value)).collect::<Vec<_>>()})
        })
        .collect();
    let by = Breakdown {
        fields: vec!["http.response.status_code".into(), "host".into()],
        from: STRETCH.from,
        to: STRETCH.to,
        percentile: Some(Percentile { field: "duration_ms".into(), per_million: 990_000 }),
    };
    let asked = Count { valid: Some(valid.clone()), ..count("otel_traces", filters[0]) };
    let (statement, held) = sql::apart::apart(&table, &asked, &by, 100).unwrap();
    let mut statements = statements;
    statements.push(serde_json::json!({"text": statement.text, "values": statement.values.iter().map(|value| sql::escaped(value)).collect::<Vec<_>>()}));
    let create: Vec<String> = columns.iter().map(|(name, of)| format!("{name} {of}")).collect();
    let create = format!(
        "CREATE TABLE otel_traces ({}) ENGINE = MergeTree ORDER BY (ServiceName, SpanName, Timestamp)",
        create.join(", ")
    );
    let input = serde_json::json!({"create": create, "rows": inserted, "statements": statements}).to_string();
    let dir = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/liaison/chdb-count.py");
    let python = Command::new("python3")
        .arg(script)
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        println!("skipped: no python3");
        return;
    };
    let _ = python.stdin.take().unwrap().write_all(input.as_bytes());
    let output = python.wait_with_output().unwrap();
    if output.status.code() == Some(3) {
        println!("skipped: python3 has no chdb");
        return;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Vec<Vec<serde_json::Value>>> = serde_json::from_slice(&output.stdout).unwrap();
    // the values of a map have no type: what is written as a number is one
    let mut expected: std::collections::BTreeMap<Vec<Literal>, (u64, u64, Vec<f64>)> =
        std::collections::BTreeMap::new();
    let failed: Expr = filters[0].parse().unwrap();
    for row in rows.iter().filter(|row| valid.matches(&|name| look(row, name))) {
        let literal = |name: &str| match look(row, name) {
            Value::Int(n) => Literal::Int(n),
            Value::Text(text) => Literal::Text(text.to_owned()),
            _ => Literal::Null,
        };
        let group = expected.entry(by.fields.iter().map(|field| literal(field)).collect()).or_default();
        group.0 += 1;
        group.1 += u64::from(failed.matches(&|name| look(row, name)));
        if let Value::Float(ms) = look(row, "duration_ms") {
            group.2.push(ms);
        }
    }
    let expected: Vec<(Vec<Literal>, u64, u64, f64)> = expected
        .into_iter()
        .map(|(values, (total, bad, mut slow))| {
            slow.sort_by(f64::total_cmp);
            (values, total, bad, slow[(slow.len() * 99).div_ceil(100) - 1])
        })
        .collect();
    let number = |value: &serde_json::Value| {
        value.as_str().map_or_else(|| value.as_f64().unwrap(), |text| text.parse().unwrap())
    };
    let mut found: Vec<(Vec<Literal>, u64, u64, f64)> = answers[filters.len()]
        .iter()
        .map(|row| {
            let values = held.iter().zip(row).map(|(held, value)| held.read(value)).collect();
            (values, number(&row[2]) as u64, number(&row[3]) as u64, number(&row[4]))
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected, "apart, with attributes as {attributes}");
    for (filter, answer) in filters.iter().zip(answers) {
        let bad: Expr = filter.parse().unwrap();
        let counts: Vec<(i64, u64, u64)> = (0..5)
            .map(|minute| {
                let of: Vec<_> = (0..)
                    .zip(&rows)
                    .filter(|(n, row)| {
                        n % 300 / 60 == minute
                            && look(row, "service.name") == Value::Text("api")
                            && valid.matches(&|name| look(row, name))
                    })
                    .collect();
                let bad = of.iter().filter(|(_, row)| bad.matches(&|name| look(row, name))).count();
                (START / SECOND + minute * 60, of.len() as u64, bad as u64)
            })
            .collect();
        let number = |value: &serde_json::Value| {
            value.as_str().map_or_else(|| value.as_i64().unwrap(), |text| text.parse().unwrap())
        };
        let mut found: Vec<(i64, u64, u64)> = answer
            .iter()
            .map(|row| (number(&row[0]), number(&row[1]).unsigned_abs(), number(&row[2]).unsigned_abs()))
            .collect();
        found.sort_unstable();
        assert_eq!(found, counts, "{filter} with attributes as {attributes}");
    }
}

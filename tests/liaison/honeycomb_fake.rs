//! Honeycomb as its published contract describes it, kept in memory: queries that are created, run and polled, a limit on runs, one SLO, markers
//! of a dataset and of the environment. Its events
//! are exact: a thousand each minute, of which some are bad, some would be, and some do not count.

use super::loopback::{Asked, Loopback, Manner};
use serde_json::{Value, json};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Events of a minute, apart by what they are: good, bad, bad besides, and those that do not count.
pub fn events(minute: i64) -> [i64; 4] {
    [900 - minute % 7, minute % 7, minute % 5, 100]
}

/// What it remembers.
#[derive(Default)]
pub struct Memory {
    queries: Vec<Value>,
    /// Each run: its query, how often it still says that it is not complete, and of a table how many rows it gives at most.
    runs: Vec<(usize, u8, Option<usize>)>,
    /// How many runs are allowed before it refuses.
    pub allowed: Option<usize>,
    /// How the next runs end instead.
    pub failing: Option<String>,
    /// What a key may not do.
    pub lacks: Vec<&'static str>,
    /// The plan has no figures of SLOs.
    pub plain: bool,
    /// The markers: their dataset, or `__all__`, and all that is known of each.
    pub markers: Vec<(String, Value)>,
    /// What becomes of the next markers.
    pub marking: Marking,
    /// Columns that no event has.
    pub unknown: Vec<&'static str>,
    /// When columns were written last, in seconds since 1970; the others are written now.
    pub written: Vec<(&'static str, i64)>,
    /// From when on, in seconds since 1970, no event has the columns by which it would be bad.
    pub lacking: Option<i64>,
    /// How many markers it was asked to set, and knows what becomes of.
    wanted: usize,
}

/// What becomes of a marker that is to be set.
#[derive(Clone, Debug, Default)]
pub enum Marking {
    /// It is set, and said to be.
    #[default]
    Done,
    /// It is set, and then something else is answered, or nothing.
    DoneBut(Manner),
    /// It is not set, and this is answered.
    Not(Manner),
}

/// The server, and what it remembers.
pub struct Fake {
    /// Where it listens and what it was asked.
    pub server: Loopback,
    /// What it remembers.
    pub memory: Arc<Mutex<Memory>>,
    /// It has remembered something.
    news: Arc<Condvar>,
}

impl Fake {
    /// Starts it at a moment that stays, in seconds since 1970.
    pub fn start(now: i64) -> Fake {
        Fake::at(move || now)
    }

    /// Starts it with a clock, in seconds since 1970.
    pub fn at(now: impl Fn() -> i64 + Send + Sync + 'static) -> Fake {
        let memory = Arc::new(Mutex::new(Memory::default()));
        let news = Arc::new(Condvar::new());
        let (kept, told) = (Arc::clone(&memory), Arc::clone(&news));
        let server = Loopback::start(move |asked| {
            let now = now();
            let mut answer = kept.lock().unwrap().answer(asked, now);
            if let Manner::Whole(_, headers, _) = &mut answer {
                let date = chrono::DateTime::from_timestamp(now, 0).unwrap();
                headers.push(("date", date.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
            }
            told.notify_all();
            answer
        });
        Fake { server, memory, news }
    }

    /// The words of the markers that stand on a dataset's graphs.
    pub fn marked(&self, dataset: &str) -> Vec<String> {
        let memory = self.memory.lock().unwrap();
        let of = memory.markers.iter().filter(|(of, _)| of == dataset);
        of.map(|(_, marker)| marker["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// What becomes of the next markers.
    pub fn marking(&self, marking: Marking) {
        self.memory.lock().unwrap().marking = marking;
    }

    /// Waits until it was asked to set so many markers, whatever became of them.
    pub fn wait_for_markers(&self, wanted: usize) {
        let memory = self.memory.lock().unwrap();
        let patience = Duration::from_secs(60);
        let (memory, _) = self.news.wait_timeout_while(memory, patience, |memory| memory.wanted < wanted).unwrap();
        assert!(memory.wanted >= wanted, "{} of {wanted} markers in a minute", memory.wanted);
    }

    /// How often something was asked whose line begins so.
    pub fn times(&self, line: &str) -> usize {
        self.server.asked().iter().filter(|asked| asked.line.starts_with(line)).count()
    }
}

fn reply(status: u16, body: &Value) -> Manner {
    let kind = if status >= 400 && status != 401 { "application/problem+json" } else { "application/json" };
    Manner::Whole(status, vec![("content-type", kind.into())], body.to_string().into_bytes())
}

fn problem(status: u16, title: &str) -> Manner {
    let kind = "https://api.honeycomb.io/problems/validation-failed";
    reply(status, &json!({"status": status, "type": kind, "title": title, "error": title}))
}

/// An SLO as a list of them has it.
fn objective(id: &str, alias: &str, target_ppm: u32) -> Value {
    json!({
        "id": id, "name": "API", "description": "", "sli": {"alias": alias}, "time_period_days": 30, "target_per_million": target_ppm,
        "dataset_slugs": ["api"], "created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z"
    })
}

/// A column that is worked out of others.
fn worked(alias: &str) -> Manner {
    let at = "2025-01-01T00:00:00Z";
    reply(
        200,
        &json!({"id": "yUheCUmgZ8q", "alias": alias, "description": "", "expression": "INT(1)", "created_at": at, "updated_at": at}),
    )
}

/// The burn alerts of the SLO, of both kinds, as the published contract has them.
fn burn_alerts() -> Manner {
    let times =
        json!({"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "slo": {"id": "slo1"}});
    let alert = |more: Value| {
        let mut alert = times.clone();
        alert.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        alert
    };
    let exhaustion = json!({"id": "a1", "alert_type": "exhaustion_time", "exhaustion_minutes": 240, "triggered": true});
    let rate = json!({
        "id": "a2", "alert_type": "budget_rate", "triggered": false,
        "budget_rate_window_minutes": 60, "budget_rate_decrease_threshold_per_million": 10_000
    });
    reply(200, &json!([alert(exhaustion), alert(rate)]))
}

/// An error of the first kind: what the contract has where it says nothing else.
fn plain(status: u16, error: &str) -> Manner {
    let body = json!({"error": error}).to_string().into_bytes();
    Manner::Whole(status, vec![("content-type", "application/json".into())], body)
}

impl Memory {
    fn answer(&mut self, asked: &Asked, now: i64) -> Manner {
        if asked.header("x-honeycomb-team") != Some("right-key") {
            return reply(401, &json!({"error": "unknown API key - check your credentials"}));
        }
        let (method, path) = asked.line.split_once(' ').unwrap();
        let (path, asks) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.trim_start_matches("/1/").split('/').collect();
        let body: Value = serde_json::from_str(&asked.body).unwrap_or(Value::Null);
        match (method, parts.as_slice()) {
            ("GET", ["auth"]) => self.auth(),
            ("POST", ["queries", "api"]) => self.create(body),
            ("POST", ["query_results", "api"]) => self.begin(&body, now),
            ("GET", ["query_results", "api", id]) => self.look(id, now),
            ("GET", ["slos", "api"]) => reply(
                200,
                &json!([
                    objective("slo0", "sli.other", 999_500),
                    objective("slo9", "sli.api", 990_000),
                    objective("slo1", "sli.api", 999_000)
                ]),
            ),
            ("GET", ["slos", "api", "slo1"]) => self.slo(asked.line.contains("detailed")),
            ("GET", ["burn_alerts", "api"]) if asked.line.contains("slo_id=slo1") => burn_alerts(),
            ("POST", ["reporting", "slos", "historical"]) => {
                let from = body["start_time"].as_i64().unwrap();
                let row = |at: i64, left: f64| json!({"timestamp": at, "compliance": 99.9, "budget_remaining": left});
                let mut told = json!({});
                for id in body["ids"].as_array().unwrap() {
                    told[id.as_str().unwrap()] = json!([row(from, 61.25), row(from + 3_600, -3.5)]);
                }
                reply(200, &told)
            }
            ("GET", ["columns" | "derived_columns", _]) if self.lacks.contains(&"listing") => {
                plain(401, "unknown API key - check your credentials")
            }
            ("GET", ["columns", "api" | "__all__"]) => self.column(asks.trim_start_matches("key_name="), now),
            ("GET", ["derived_columns", "api"]) if asks == "alias=sli.api" => worked("sli.api"),
            ("GET", ["derived_columns", "__all__"]) if asks == "alias=sli.shared" => worked("sli.shared"),
            ("POST", ["markers", dataset @ ("api" | "__all__")]) => self.mark(dataset, &body, now),
            ("GET", ["markers", dataset @ ("api" | "__all__")]) if self.lacks.contains(&"markers") => {
                plain(403, &format!("no access to markers of {dataset}"))
            }
            ("GET", ["markers", dataset @ ("api" | "__all__")]) => {
                let of = self.markers.iter().filter(|(of, _)| of == dataset).map(|(_, marker)| marker.clone());
                reply(200, &of.collect())
            }
            (_, ["queries" | "query_results" | "slos" | "burn_alerts" | "markers" | "derived_columns", ..]) => reply(
                404,
                &json!({"status": 404, "type": "https://api.honeycomb.io/problems/not-found", "title": "x", "error": "Dataset not found"}),
            ),
            _ => panic!("nobody answers {}", asked.line),
        }
    }

    /// A column by its name. What is worked out of others is none.
    fn column(&self, name: &str, now: i64) -> Manner {
        if name.starts_with("sli.") || self.unknown.contains(&name) {
            return plain(404, "Column not found");
        }
        let written = self.written.iter().find(|(known, _)| *known == name).map_or(now, |(_, at)| *at);
        let at = chrono::DateTime::from_timestamp(written, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        reply(
            200,
            &json!({
                "id": "yUheCUmgZ8p", "key_name": name, "hidden": false, "description": "", "type": "integer", "last_written": at,
                "created_at": "2025-01-01T00:00:00Z", "updated_at": at
            }),
        )
    }

    fn auth(&self) -> Manner {
        let may = |name: &str| !self.lacks.contains(&name);
        reply(
            200,
            &json!({
                "id": "FL_x", "type": "configuration",
                "api_key_access": {
                    "events": false, "markers": may("markers"), "triggers": false, "boards": false, "queries": may("queries"),
                    "columns": may("columns"), "createDatasets": false, "slos": may("slos"), "recipients": false, "privateBoards": false
                },
                "environment": {"name": "Production", "slug": "production"},
                "team": {"name": "Acme", "slug": "acme"}
            }),
        )
    }

    fn mark(&mut self, dataset: &str, body: &Value, now: i64) -> Manner {
        if self.lacks.contains(&"markers") {
            return plain(403, "this key may not manage markers");
        }
        // the contract knows these members and their types, none of them required
        let known = [("start_time", true), ("end_time", true), ("message", false), ("type", false), ("url", false)];
        let fits = |(key, value): (&String, &Value)| {
            known.iter().any(|(name, whole)| key == name && if *whole { value.is_i64() } else { value.is_string() })
        };
        if !body.as_object().is_some_and(|members| members.iter().all(fits)) {
            return plain(422, "The provided input is invalid.");
        }
        self.wanted += 1;
        if let Marking::Not(manner) = &self.marking {
            return manner.clone();
        }
        let mut marker = body.clone();
        let at = chrono::DateTime::from_timestamp(now, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        marker["id"] = format!("d1c84e{:02x}", self.markers.len()).into();
        marker["created_at"] = at.clone().into();
        marker["updated_at"] = at.into();
        self.markers.push((dataset.to_owned(), marker.clone()));
        match &self.marking {
            Marking::DoneBut(manner) => manner.clone(),
            _ => reply(201, &marker),
        }
    }

    fn create(&mut self, mut query: Value) -> Manner {
        let range = query["time_range"].as_i64();
        let length = match (range, query["start_time"].as_i64(), query["end_time"].as_i64()) {
            (Some(length), None, None) => length,
            (None, Some(start), Some(end)) if start <= end => end - start,
            _ => return problem(422, "time_range, start_time and end_time do not go together"),
        };
        if length > 604_800 {
            return problem(400, "the window is longer than 7 days");
        }
        if query["granularity"].as_i64().is_some_and(|wide| wide * 1_000 < length || wide > length) {
            return problem(422, "granularity is out of range");
        }
        if query["limit"].as_i64().is_some_and(|limit| !(1..=1_000).contains(&limit)) {
            return problem(422, "limit is out of range");
        }
        let id = format!("q{}", self.queries.len());
        query["id"] = id.into();
        self.queries.push(query.clone());
        reply(200, &query)
    }

    fn begin(&mut self, body: &Value, now: i64) -> Manner {
        if self.allowed.is_some_and(|allowed| self.runs.len() >= allowed) {
            return problem(429, "Rate Limited");
        }
        let place = body["query_id"].as_str().and_then(|id| id.strip_prefix('q')).and_then(|n| n.parse().ok());
        let Some(query) = place.and_then(|place: usize| self.queries.get(place).cloned()) else {
            return problem(400, "Query ID included in body is invalid");
        };
        let end = query["end_time"].as_i64().unwrap_or(now);
        let start = query["start_time"].as_i64().unwrap_or_else(|| end - query["time_range"].as_i64().unwrap());
        if start < now - 604_800 {
            return problem(400, "the window begins more than 7 days ago");
        }
        let id = format!("r{}", self.runs.len());
        let table = (body["disable_series"] == true).then(|| body["limit"].as_u64().unwrap_or(1_000));
        if table.is_some_and(|limit| limit > 10_000) {
            return problem(422, "limit is out of range");
        }
        self.runs.push((place.unwrap(), 1, table.map(|limit| usize::try_from(limit).unwrap())));
        let links = json!({"query_url": format!("https://ui.honeycomb.io/acme/result/{id}"), "graph_image_url": "https://ui.honeycomb.io/x"});
        let Manner::Whole(status, mut headers, body) =
            reply(201, &json!({"id": id, "complete": false, "query": query, "links": links}))
        else {
            unreachable!()
        };
        // an address elsewhere, which must not be followed
        headers.push(("location", "http://127.0.0.1:9/1/query_results/api/elsewhere".into()));
        Manner::Whole(status, headers, body)
    }

    fn look(&mut self, id: &str, now: i64) -> Manner {
        let place = id.strip_prefix('r').and_then(|n| n.parse::<usize>().ok());
        let Some(run) = place.and_then(|place| self.runs.get_mut(place)) else {
            return reply(
                404,
                &json!({"status": 404, "type": "https://api.honeycomb.io/problems/not-found", "title": "Query result not found", "error": "Query result not found"}),
            );
        };
        let query = self.queries[run.0].clone();
        if run.1 > 0 {
            run.1 -= 1;
            // data before it is complete: they must not be taken
            let early = json!([{"time": "2026-01-01T00:00:00Z", "data": {"COUNT": 1}}]);
            return reply(
                200,
                &json!({"id": id, "complete": false, "query": query, "data": {"series": early, "results": []}}),
            );
        }
        if let Some(why) = &self.failing {
            return reply(200, &json!({"id": id, "complete": true, "query": query, "error": why}));
        }
        let links = json!({"query_url": format!("https://ui.honeycomb.io/acme/result/{id}"), "graph_image_url": "https://ui.honeycomb.io/x"});
        let data = match run.2 {
            None => json!({"series": series(&query, now, self.lacking), "results": []}),
            Some(limit) => json!({"series": [], "results": table(&query, limit)}),
        };
        reply(200, &json!({"id": id, "complete": true, "query": query, "data": data, "links": links}))
    }

    fn slo(&self, detailed: bool) -> Manner {
        if detailed && self.plain {
            return reply(403, &json!({"error": "not in your plan"}));
        }
        let mut slo = objective("slo1", "sli.api", 999_000);
        if detailed {
            slo["compliance"] = 99.95.into();
            slo["budget_remaining"] = 7.73.into();
            slo["status"] = "triggered".into();
            slo["burn_rate"] = 5.39.into();
        }
        reply(200, &slo)
    }
}

/// What an event of a minute and a kind has in a column: its code tells kinds apart, hosts take minutes in turn, a build is new and only
/// some have one.
pub fn value(column: &str, minute: i64, kind: usize) -> Value {
    match column {
        "code" => [200, 503, 401, 204][kind].into(),
        "host" => format!("api-{}", minute % 3).into(),
        "ok" => (kind != 1).into(),
        "build" if minute % 4 == 0 => "611".into(),
        "id" => format!("{minute}-{kind}").into(),
        _ => Value::Null,
    }
}

/// How long an event of a minute and a kind takes.
pub fn duration(minute: i64, kind: usize) -> i64 {
    minute % 50 + [100, 900, 20, 1][kind]
}

/// The rows of a table: by the values of columns, those with most events first. A column without a value is left out.
fn table(query: &Value, limit: usize) -> Vec<Value> {
    let (from, to) = (query["start_time"].as_i64().unwrap(), query["end_time"].as_i64().unwrap());
    assert!(from % 60 == 0 && to % 60 == 0, "{query}");
    let names: Vec<&str> = query["breakdowns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let slow = query["calculations"].as_array().unwrap().iter().find(|one| one["op"] == "P99");
    // what has no value in the column of an SLO is left out by a filter; a filter of ours is never without one
    let alias = query["filters"][0]["op"] == "exists";
    let mut groups: std::collections::BTreeMap<String, (Value, i64, Vec<i64>)> = std::collections::BTreeMap::new();
    for minute in from / 60..to / 60 {
        for (kind, count) in events(minute).into_iter().enumerate().filter(|(kind, n)| *n > 0 && !(alias && *kind == 3))
        {
            let mut data = json!({});
            for name in &names {
                let value = match *name {
                    "quarterdeck_bad" => (kind == 1).into(),
                    // of the fourth kind their function says nothing
                    "quarterdeck_good" if kind == 3 => Value::Null,
                    "quarterdeck_good" => (kind != 1).into(),
                    "quarterdeck_also" => (kind == 2).into(),
                    "sli.api" => (kind != 1).into(),
                    other => value(other, minute, kind),
                };
                if !value.is_null() {
                    data[*name] = value;
                }
            }
            let group = groups.entry(data.to_string()).or_insert((data, 0, Vec::new()));
            group.1 += count;
            if slow.is_some() {
                group.2.extend((0..count).map(|_| duration(minute, kind)));
            }
        }
    }
    let mut rows: Vec<(Value, i64, Vec<i64>)> = groups.into_values().collect();
    rows.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    rows.truncate(limit);
    let row = |(mut data, count, mut durations): (Value, i64, Vec<i64>)| {
        data["COUNT"] = count.into();
        if let Some(slow) = slow {
            durations.sort_unstable();
            let rank = (durations.len() * 99).div_ceil(100) - 1;
            data[format!("P99({})", slow["column"].as_str().unwrap())] = durations[rank].into();
        }
        json!({"data": data})
    };
    rows.into_iter().map(row).collect()
}

/// The rows of a run: as asked, from a start that is rounded down as they round it.
fn series(query: &Value, now: i64, lacking: Option<i64>) -> Vec<Value> {
    let (mut from, mut to) = match query["time_range"].as_i64() {
        Some(length) => (now - length, now),
        None => (query["start_time"].as_i64().unwrap(), query["end_time"].as_i64().unwrap()),
    };
    let rounding = match to - from {
        ..=21_600 => 60,
        21_601..=172_800 => 300,
        _ => 1_800,
    };
    (from, to) = (from / rounding * rounding, to / rounding * rounding);
    let names: Vec<&str> = query["breakdowns"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    // the fourth kind has no value in a column; a filter of ours is never without one
    let alias = !names[0].starts_with("quarterdeck");
    let mut rows = Vec::new();
    let step = query["granularity"].as_i64().unwrap();
    let mut start = from.div_euclid(step) * step;
    while start < to {
        // a group is one row, whatever it is made of
        let mut groups: Vec<(Value, i64)> = Vec::new();
        for minute in start / 60..(start + step).min(to) / 60 {
            let lacks = lacking.is_some_and(|since| minute * 60 >= since);
            for (kind, count) in events(minute).into_iter().enumerate().filter(|(_, count)| *count > 0) {
                if alias && kind == 3 {
                    continue;
                }
                let mut data = json!({});
                for name in &names {
                    data[*name] = match *name {
                        "quarterdeck_bad" => kind == 1 && !lacks,
                        "quarterdeck_good" => kind != 1 && !lacks,
                        "quarterdeck_also" => kind == 2,
                        "quarterdeck_lacks" => lacks,
                        _ => kind != 1,
                    }
                    .into();
                }
                match groups.iter_mut().find(|(known, _)| *known == data) {
                    Some((_, sum)) => *sum += count,
                    None => groups.push((data, count)),
                }
            }
        }
        let time = chrono::DateTime::from_timestamp(start, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        for (mut data, count) in groups {
            data["COUNT"] = count.into();
            rows.push(json!({"time": time, "data": data}));
        }
        start += step;
    }
    rows
}

//! ClickHouse, asked about a table of requests.

use super::{FROM, Kind, serve};
use crate::liaison::loopback::{Asked, Manner, json};
use quarterdeck::incident::time::MINUTE;
use quarterdeck::liaison::backends::Server;
use quarterdeck::liaison::backends::clickhouse::ClickHouse;
use quarterdeck::liaison::backends::clickhouse::sql::Count;
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::query::series::SECOND;
use std::time::Duration;

pub(super) const KIND: Kind = Kind { folder: "clickhouse", connect, well };

fn connect(url: &str, deadline: Duration) -> Server {
    let login = Login::Header("x-clickhouse-key".into(), Key::new("s3cret"));
    let http = Http::new("backend", url, login, &[("x-clickhouse-user", "reader".into())]).unwrap();
    let bad = "status >= 500".parse().unwrap();
    let count = Count { table: "requests".into(), time: None, service: None, bad, valid: None, weight: None };
    Server::ClickHouse(Box::new(ClickHouse::new(http, None, count).within(deadline)))
}

/// Five hundred rows a minute, of which one is bad.
fn well(asked: &Asked) -> Manner {
    if asked.body.starts_with("DESCRIBE") {
        return json(r#"{"data":[["ts","DateTime"],["status","UInt16"]]}"#);
    }
    let rows: Vec<String> = (0..5).map(|minute| format!("[{},500,1]", (FROM + minute * MINUTE) / SECOND)).collect();
    json(&format!(r#"{{"data":[{}]}}"#, rows.join(",")))
}

#[test]
fn given_answers_of_clickhouse_when_counted_then_each_is_what_its_file_says() {
    serve(&KIND, "clickhouse");
}

#[test]
fn given_answers_of_anybody_when_clickhouse_is_asked_then_each_is_what_its_file_says() {
    serve(&KIND, "any");
}

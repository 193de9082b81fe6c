//! Honeycomb, asked about a column.

use super::{FROM, Kind, serve};
use crate::liaison::loopback::{Asked, Manner, json};
use quarterdeck::incident::time::MINUTE;
use quarterdeck::liaison::backends::Server;
use quarterdeck::liaison::backends::honeycomb::limit::Limits;
use quarterdeck::liaison::backends::honeycomb::spec::Sli;
use quarterdeck::liaison::backends::honeycomb::{Count, Honeycomb};
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::query::series::SECOND;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

pub(super) const KIND: Kind = Kind { folder: "honeycomb", connect, well };

/// A clock that goes on twenty seconds whenever it is read: a run that never ends is given up soon.
fn steady() -> i64 {
    static READ: AtomicI64 = AtomicI64::new(0);
    READ.fetch_add(20 * SECOND, Ordering::SeqCst)
}

fn connect(url: &str, deadline: Duration) -> Server {
    let login = Login::Header("x-honeycomb-team".into(), Key::new("s3cret"));
    let http = Http::new("backend", url, login, &[]).unwrap();
    let sli = Some(Sli::Column("sli.api".into()));
    let count = Count { dataset: "api".into(), sli, slo: None, also: None, target_ppm: 999_500, days: 30 };
    Server::Honeycomb(Box::new(Honeycomb::new(http, count, Limits::default(), steady).within(deadline)))
}

/// Five hundred events a minute, of which one is bad.
fn well(asked: &Asked) -> Manner {
    if asked.line.contains("/1/auth") {
        return json(r#"{"type":"configuration","team":{"slug":"acme"},"environment":{"slug":"production"}}"#);
    }
    if asked.line.starts_with("POST") {
        return json(r#"{"id":"made","complete":false}"#);
    }
    let row = |minute: i64, good: bool, count: i64| {
        format!(r#"{{"time":{},"data":{{"sli.api":{good},"COUNT":{count}}}}}"#, (FROM + minute * MINUTE) / SECOND)
    };
    let rows: Vec<String> = (0..5).flat_map(|minute| [row(minute, true, 499), row(minute, false, 1)]).collect();
    json(&format!(r#"{{"complete":true,"data":{{"series":[{}]}}}}"#, rows.join(",")))
}

#[test]
fn given_answers_of_honeycomb_when_counted_then_each_is_what_its_file_says() {
    serve(&KIND, "honeycomb");
}

#[test]
fn given_answers_of_anybody_when_honeycomb_is_asked_then_each_is_what_its_file_says() {
    serve(&KIND, "any");
}

//! Prometheus and its relatives, asked about the share of 503 at a balancer.

use super::{Kind, serve};
use crate::liaison::loopback::{Asked, Manner, json};
use quarterdeck::incident::time::MINUTE;
use quarterdeck::liaison::backends::Server;
use quarterdeck::liaison::backends::prometheus::expr::Counter;
use quarterdeck::liaison::backends::prometheus::{Count, Part, Prometheus};
use quarterdeck::liaison::http::{Http, Key, Login};
use std::time::Duration;

pub(super) const KIND: Kind = Kind { folder: "prometheus", connect, well };

fn connect(url: &str, deadline: Duration) -> Server {
    let http = Http::new("backend", url, Login::Bearer(Key::new("s3cret")), &[]).unwrap();
    let part = Part::Bad(Counter::read("lb{code=\"503\"}").unwrap());
    let count = Count { total: Counter::read("lb").unwrap(), part, also: None };
    Server::Prometheus(Box::new(Prometheus::new(http, None).within(deadline)), count, MINUTE)
}

/// Five hundred requests a minute, of which one fails.
fn well(asked: &Asked) -> Manner {
    if asked.line.ends_with("buildinfo") {
        return json(r#"{"status":"success","data":{"version":"2.42.0"}}"#);
    }
    let value = if asked.body.contains("503") { 1 } else { 500 };
    let points = super::filled(&format!("{{{{points 1562712660 60 5 {value}}}}}"));
    json(&format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{points}]}}]}}}}"#
    ))
}

#[test]
fn given_answers_of_prometheus_when_counted_then_each_is_what_its_file_says() {
    serve(&KIND, "prometheus");
}

#[test]
fn given_answers_of_anybody_when_prometheus_is_asked_then_each_is_what_its_file_says() {
    serve(&KIND, "any");
}

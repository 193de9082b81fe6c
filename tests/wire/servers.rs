//! Servers that misbehave before they have answered: what no file can hold. Every kind of backend meets each.

use super::{Kind, PATIENCE, ask, clickhouse, described, honeycomb, prometheus};
use crate::liaison::loopback::{Loopback, Manner, nobody};
use std::time::Duration;

/// What each says, in its kind of trouble, and that it is asked again after one rhythm.
const WORDS: [(&str, &str); 7] = [
    (
        "refuses",
        "BACKEND cannot be reached: Connection refused (os error 111). What is shown grows old. It is asked again.",
    ),
    ("ends at once", "BACKEND cannot be reached: "),
    ("never answers", "BACKEND did not answer within 1 s. What is shown grows old. It is asked again."),
    ("drips", "BACKEND did not answer within 1 s. What is shown grows old. It is asked again."),
    (
        "speaks no TLS",
        "BACKEND cannot be reached: it does not speak TLS there, see whether the address begins with https rightly",
    ),
    ("refuses TLS", "BACKEND cannot be reached: no secure connection can be agreed on (received fatal alert: "),
    ("ends within", "BACKEND did not answer whole: it cannot be read to its end"),
];

fn met(kind: &Kind, how: &str) -> String {
    let manner = match how {
        "ends at once" => Manner::Rude,
        "never answers" => Manner::Silent,
        "drips" => Manner::Drip,
        "ends within" => Manner::Cut(b"{\"status\":\"succ".to_vec()),
        "refuses TLS" => Manner::NoTls,
        _ => Manner::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()),
    };
    let server = Loopback::start(move |_| manner.clone());
    let url = match how {
        "refuses" => nobody(),
        "speaks no TLS" | "refuses TLS" => server.url().replace("http:", "https:"),
        _ => server.url(),
    };
    let deadline = if matches!(how, "never answers" | "drips") { Duration::from_secs(1) } else { PATIENCE };
    described(&ask(kind, &url, deadline), &url)
}

#[test]
fn given_servers_that_misbehave_when_asked_then_every_kind_of_backend_says_so_and_asks_again() {
    for kind in [prometheus::KIND, honeycomb::KIND, clickhouse::KIND] {
        for (how, words) in WORDS {
            let said = met(&kind, how);
            let wanted = format!("trouble: unreachable\nagain: 15 s\nwords: {words}");
            assert!(said.starts_with(&wanted), "{} that {how}: {said}", kind.folder);
            assert!(said.ends_with("What is shown grows old. It is asked again.\n"), "{said}");
        }
    }
}

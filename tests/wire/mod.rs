//! What backends answer when something is wrong, one file an answer, and what is made of it: `any/` is served by every kind of backend, the
//! other folders by theirs. A file is a heading and, after an empty line, the answer as it travels:
//!
//! ```text
//! What this is, and whether it was recorded or written by hand.
//! asked: POST /1/query_results        who asks this gets it, everything else is answered well; without this line everything gets it
//! trouble: denied                     the kind of trouble
//! again: 15 s                         when it is asked again
//! words: BACKEND does not know us …   what is said, whole; BACKEND is its name and address
//!
//! HTTP/1.1 401 Unauthorized
//! content-type: application/json
//!
//! {"error":"unknown API key"}
//! ```
//!
//! An answer that can be counted has, instead of the trouble, `counted: 500/7 -`, which is total and bad of each minute or `-` where nothing is
//! known, `partial: yes` where parts are missing, and a line `doubt:` for each thing that is said beside the figures. The first line and `asked`
//! are written by people; `BLESS=1` writes the others, to be read before they are kept.
//!
//! In the answer, lines end as they do on the wire without being written so, a length is added where none stands, `\xNN` is a byte that is no text,
//! and `{{points FROM STEP COUNT VALUE}}` stands for so many samples of Prometheus.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clickhouse;
mod honeycomb;
mod prometheus;
mod servers;

use crate::cli::ship::harmless;
use crate::liaison::loopback::{Asked, Loopback, Manner};
use quarterdeck::app::feed::{Feed, Pace};
use quarterdeck::incident::time::{MINUTE, Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::backends::honeycomb::limit::Urgency;
use quarterdeck::liaison::backends::{Counted, Server, Turn};
use quarterdeck::query::window::Stretch;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The moment of every question, 2019-07-09 22:55 UTC; the five minutes before it are asked about.
const NOW: Time = Time(1_562_712_900_000_000);
const FROM: i64 = NOW.0 - 5 * MINUTE;
/// How long an answer may take that will come: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A kind of backend: what it is asked with, and what it answers when all is well.
struct Kind {
    folder: &'static str,
    connect: fn(&str, Duration) -> Server,
    well: fn(&Asked) -> Manner,
}

/// One file.
struct Answer {
    path: PathBuf,
    title: String,
    asked: Option<String>,
    expected: String,
    bytes: Vec<u8>,
    written: String,
}

fn read(path: &Path) -> Answer {
    let written = std::fs::read_to_string(path).unwrap();
    let (heading, answer) = written.split_once("\n\n").unwrap_or_else(|| panic!("{}: no answer", path.display()));
    let (title, rest) = heading.split_once('\n').unwrap_or((heading, ""));
    let asked = rest.lines().find_map(|line| line.strip_prefix("asked: ")).map(str::to_owned);
    let expected =
        rest.lines().filter(|line| !line.starts_with("asked: ")).fold(String::new(), |all, line| all + line + "\n");
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer.trim_end(), ""));
    let body = bytes(&filled(body.strip_suffix('\n').unwrap_or(body)));
    let mut bytes = head.replace('\n', "\r\n").into_bytes();
    if !head.to_lowercase().contains("\ncontent-length:") {
        bytes.extend(format!("\r\ncontent-length: {}", body.len()).into_bytes());
    }
    // the next question comes on another connection
    bytes.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
    bytes.extend(body);
    Answer { path: path.to_owned(), title: title.to_owned(), asked, expected, bytes, written: answer.to_owned() }
}

/// A text in which `\xNN` is a byte.
fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        out.extend_from_slice(before.as_bytes());
        let (hex, behind) = after.split_at(2);
        out.push(u8::from_str_radix(hex, 16).unwrap());
        rest = behind;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// A text with its samples written out.
fn filled(text: &str) -> String {
    let Some((before, after)) = text.split_once("{{points ") else { return text.to_owned() };
    let (inside, behind) = after.split_once("}}").unwrap();
    let numbers: Vec<i64> = inside.split(' ').map(|number| number.parse().unwrap()).collect();
    let [from, step, count, value] = numbers.as_slice() else { panic!("{inside}") };
    let points: Vec<String> = (0..*count).map(|n| format!("[{},\"{value}\"]", from + n * step)).collect();
    format!("{before}{}{behind}", points.join(","))
}

/// What a backend of a kind makes of a server.
fn ask(kind: &Kind, url: &str, deadline: Duration) -> Result<Counted, Trouble> {
    let stretch = Stretch { from: FROM, to: NOW.0 };
    let turn =
        Turn { stretch, step: MINUTE, now: NOW, is_live: true, urgency: Urgency::Shown, patience: Duration::ZERO };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on((kind.connect)(url, deadline).count(turn))
}

/// What was made of it, as a heading says it.
fn described(answer: &Result<Counted, Trouble>, url: &str) -> String {
    let mut out = String::new();
    match answer {
        Ok(counted) => {
            let minutes = (0..5).map(|minute| {
                let bucket = counted.buckets.iter().find(|bucket| bucket.start == FROM + minute * MINUTE);
                bucket.map_or("-".into(), |bucket| format!("{}/{}", bucket.total, bucket.bad))
            });
            writeln!(out, "counted: {}", minutes.collect::<Vec<String>>().join(" ")).unwrap();
            if counted.is_partial() {
                out.push_str("partial: yes\n");
            }
            for doubt in counted.doubts(NOW) {
                harmless(&doubt);
                writeln!(out, "doubt: {doubt}").unwrap();
            }
        }
        Err(trouble) => {
            let kind = match trouble {
                Trouble::Denied(_) => "denied",
                Trouble::Slowed(..) => "slowed",
                Trouble::Unreachable(_) => "unreachable",
                Trouble::Refused(_) => "refused",
                Trouble::Beyond(_) => "beyond",
                Trouble::Garbled(_) => "garbled",
                Trouble::Unsure(_) => "unsure",
            };
            let words = trouble.words();
            harmless(words);
            assert!(words.chars().count() < 700, "{words}");
            // what happened, what is true now, what to do next
            assert!(words.ends_with('.') && words.matches(". ").count() >= 2, "not three sentences: {words}");
            let words = words.replace(&format!("backend ({url})"), "BACKEND");
            write!(out, "trouble: {kind}\nagain: {} s\nwords: {words}\n", again(trouble)).unwrap();
        }
    }
    out
}

/// After how many seconds a feed that got this trouble asks again.
fn again(trouble: &Trouble) -> i64 {
    let mut feed: Feed<Counted> = Feed::default();
    let ticket = feed.ask(NOW);
    feed.take(ticket, NOW, Pace::far(Span::seconds(15)), Err(trouble.clone()));
    (0..).find(|seconds| feed.is_due(NOW.plus(Span::seconds(*seconds)))).unwrap()
}

/// Serves every file of a folder as a kind of backend; `BLESS=1` writes what came of it.
fn serve(kind: &Kind, folder: &str) {
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    for answer in files.iter().map(|path| read(path)) {
        let (asked, raw, well) = (answer.asked.clone(), answer.bytes.clone(), kind.well);
        let server = Loopback::start(move |one| match &asked {
            Some(line) if !one.line.contains(line) && !one.body.contains(line) => well(one),
            _ => Manner::Raw(raw.clone()),
        });
        let found = described(&ask(kind, &server.url(), PATIENCE), &server.url());
        if found == answer.expected {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            let asked = answer.asked.map_or(String::new(), |line| format!("asked: {line}\n"));
            let blessed = format!("{}\n{asked}{found}\n{}", answer.title, answer.written);
            std::fs::write(&answer.path, blessed).unwrap();
        }
        wrong.push(format!("{} as {}:\n{found}instead of\n{}", answer.path.display(), kind.folder, answer.expected));
    }
    assert!(files.len() >= 5, "no files in {}", at.display());
    assert!(wrong.is_empty() || std::env::var_os("BLESS").is_some(), "{}", wrong.join("\n"));
}

#[test]
fn given_a_file_when_read_then_bytes_and_samples_are_written_out() {
    assert_eq!(bytes("a\\x1f\\xffb"), [b'a', 0x1f, 0xff, b'b']);
    assert_eq!(filled("[{{points 60 60 2 5}}]"), "[[60,\"5\"],[120,\"5\"]]");
}

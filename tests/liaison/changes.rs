//! Backends that are asked what changed: series of Prometheus that come and go, and markers of Honeycomb, with good and with ugly answers.

use super::loopback::{Asked, Loopback, Manner, json, nobody, status};
use quarterdeck::app::changes::ChangesAsk;
use quarterdeck::config::backends::{Backend, BackendKind, Login};
use quarterdeck::config::changes::{ChangeSource, ChangesFrom};
use quarterdeck::config::secret::SecretRef;
use quarterdeck::incident::change::{Reach, Told};
use quarterdeck::incident::time::{MINUTE, Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::shell::changes::Source;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 22:55 of the evening, and the time that is asked about: from 21:50 on.
const NOW: Time = Time(1_562_712_900_000_000);

fn ask(now: Time) -> ChangesAsk {
    let reach = Reach { from: NOW.minus(Span::minutes(65)), began: NOW.minus(Span::minutes(5)), until: None };
    ChangesAsk::of(reach, (0, 1), 412, now)
}

fn prometheus(url: &str) -> Source {
    let kind = BackendKind::Prometheus { flavour: "prometheus", tenant: None };
    let backend =
        Backend { name: "metrics".into(), kind, url: url.into(), login: Login::Nobody, interval: Span(MINUTE) };
    let query = "count by (version) (build_info)".to_owned();
    let asks = ChangesFrom::Series { backend: "metrics".into(), query };
    Source::new(&ChangeSource { name: "builds".into(), asks }, &[backend]).unwrap()
}

fn honeycomb(url: &str, dataset: &str) -> Source {
    let login = Login::Token(SecretRef::Command(vec!["echo".into(), "right-key".into()]));
    let backend = Backend {
        name: "honeycomb".into(),
        kind: BackendKind::Honeycomb { markers: None },
        url: url.into(),
        login,
        interval: Span(MINUTE),
    };
    let asks = ChangesFrom::Markers { backend: "honeycomb".into(), dataset: dataset.into() };
    Source::new(&ChangeSource { name: "markers".into(), asks }, &[backend]).unwrap()
}

fn said(told: &Told) -> Vec<String> {
    told.changes.iter().map(|one| format!("{} {}", one.at.clock_minutes(), one.change.words())).collect()
}

/// Two builds that were there from and until a minute of the day, at the minutes that are asked for.
fn builds(asked: &Asked, lives: &[(&str, i64, i64)]) -> Manner {
    let field = |name: &str| asked.field(name).unwrap().parse::<i64>().unwrap();
    let (start, end, step) = (field("start"), field("end"), field("step"));
    let day = 1_562_630_400;
    let series = lives.iter().map(|(version, from, until)| {
        let there = (start..=end).step_by(usize::try_from(step).unwrap());
        let there = there.filter(|at| (day + from * 60..day + until * 60).contains(at));
        let values: Vec<String> = there.map(|at| format!("[{at},\"8\"]")).collect();
        format!("{{\"metric\":{{\"version\":\"{version}\"}},\"values\":[{}]}}", values.join(","))
    });
    let series: Vec<String> = series.collect();
    json(&format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{}]}}}}",
        series.join(",")
    ))
}

/// Minutes of the day.
const fn at(hour: i64, minute: i64) -> i64 {
    hour * 60 + minute
}

#[test]
fn given_series_that_come_and_go_when_asked_again_then_only_what_is_new_is_asked_and_nothing_moves() {
    let now = Arc::new(AtomicI64::new(0));
    let then = Arc::clone(&now);
    let server = Loopback::start(move |asked: &Asked| {
        let more = if then.load(Ordering::SeqCst) > 0 { at(23, 59) } else { 0 };
        let lives = [("1822", 0, at(22, 50)), ("1823", at(22, 48), at(23, 59)), ("1824", at(23, 1), more)];
        builds(asked, &lives)
    });
    let mut source = prometheus(&server.url());
    let first = source.answer(&ask(NOW)).unwrap();
    assert_eq!(said(&first), ["22:48 change version to 1823", "22:50 end version 1822"]);
    now.store(1, Ordering::SeqCst);
    let later = source.answer(&ask(NOW.plus(Span::minutes(10)))).unwrap();
    let expected = ["22:48 change version to 1823", "22:50 end version 1822", "23:01 change version to 1824"];
    assert_eq!(said(&later), expected);
    // whoever asks for the first time finds the same moments
    let mut other = prometheus(&server.url());
    assert_eq!(other.answer(&ask(NOW.plus(Span::minutes(10)))).unwrap().changes, later.changes);
    let starts: Vec<i64> = server.asked().iter().map(|one| one.field("start").unwrap().parse().unwrap()).collect();
    let minutes: Vec<i64> = starts.iter().map(|start| (NOW.0 / 1_000_000 - start) / 60).collect();
    assert_eq!(minutes, [75, 30, 75], "ten minutes more than is asked about, then half an hour of what is known");
    assert!(starts.iter().all(|start| start % 60 == 0));
    assert!(server.asked().iter().all(|one| one.line == "POST /api/v1/query_range"));
}

#[test]
fn given_ugly_answers_when_prometheus_is_asked_then_each_is_said_in_words() {
    let words = |manner: Manner| {
        let server = Loopback::start(move |_| manner.clone());
        match prometheus(&server.url()).answer(&ask(NOW)) {
            Ok(told) => format!("{:?} {:?}", told.changes, told.doubts),
            Err(trouble) => trouble.words().to_owned(),
        }
    };
    assert!(words(status(502, "<html>Bad\u{1b}[31m</html>")).contains("(502): \"<html>Bad</html>\""));
    let refused = "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:5: parse error\"}";
    assert!(words(status(400, refused)).contains("1:5: parse error"));
    assert!(words(json("{\"status\":\"success\",\"data\":{\"resultType\":\"mat")).contains("no JSON we know"));
    let vector = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}";
    assert!(words(json(vector)).contains("is a vector, not series over time"));
    let empty = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]},\"warnings\":[\"slow\"]}";
    assert_eq!(words(json(empty)), "[] [\"slow\", \"the query found no series\"]");
    let odd = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"v\":7},\"values\":[]}]}}";
    assert!(words(json(odd)).contains("cannot be read"));
    assert!(words(Manner::Cut(b"{\"status\"".to_vec())).contains("did not answer whole"));
    assert!(words(Manner::Rude).contains("cannot be reached"));
    let gone = prometheus(&nobody()).answer(&ask(NOW)).unwrap_err();
    assert!(matches!(gone, Trouble::Unreachable(_)), "{gone:?}");
}

#[test]
fn given_hostile_labels_when_asked_then_what_is_kept_is_harmless() {
    let server = Loopback::start(|asked: &Asked| {
        let lives = [("1822", 0, at(23, 59)), ("\\u001b]52;c;aGk=\\u0007 1823\\u202e\\n", at(22, 48), at(23, 59))];
        builds(asked, &lives)
    });
    let told = prometheus(&server.url()).answer(&ask(NOW)).unwrap();
    assert_eq!(said(&told), ["22:48 change version to 1823"]);
}

#[test]
fn given_markers_when_asked_then_those_of_the_time_are_changes_and_the_key_goes_nowhere_else() {
    let server = Loopback::start(|asked: &Asked| match asked.line.as_str() {
        "GET /1/markers/my%20data" => json(
            r#"[{"id":"1","start_time":1562712510,"type":"deploy","message":"build 1823 to api"},
               {"id":"2","start_time":1562612510,"type":"deploy","message":"long ago"},
               {"id":"3","start_time":1562722510,"type":"deploy","message":"not yet"},
               {"id":"4","start_time":1562712600,"end_time":1562712700,"type":"maintenance","message":"drain\u001b[2J rack 7"}]"#,
        ),
        other => panic!("nobody answers {other}"),
    });
    let told = honeycomb(&server.url(), "my data").answer(&ask(NOW)).unwrap();
    assert_eq!(said(&told), ["22:48 deploy build 1823 to api", "22:50 maintenance drain rack 7"]);
    assert_eq!(told.changes[1].until, Some(Time(1_562_712_700_000_000)));
    assert!(server.asked().iter().all(|one| one.header("x-honeycomb-team") == Some("right-key")));
}

#[test]
fn given_ugly_answers_when_honeycomb_is_asked_then_each_is_said_in_words_without_the_key() {
    let trouble = |manner: Manner| {
        let server = Loopback::start(move |_| manner.clone());
        let trouble = honeycomb(&server.url(), "__all__").answer(&ask(NOW)).unwrap_err();
        assert!(!trouble.words().contains("right-key"));
        trouble
    };
    let denied = trouble(status(403, "{\"error\":\"no\"}"));
    assert!(matches!(&denied, Trouble::Denied(words) if words.contains("\"Manage Markers\"")), "{denied:?}");
    let unknown = trouble(status(401, "{\"error\":\"unknown API key - check your credentials\"}"));
    assert!(matches!(&unknown, Trouble::Denied(words) if words.contains("api.eu1.honeycomb.io")), "{unknown:?}");
    let lost = trouble(status(404, "{\"error\":\"Dataset not found\"}"));
    assert!(matches!(&lost, Trouble::Refused(words) if words.contains("slug")), "{lost:?}");
    let slow = trouble(Manner::Whole(429, vec![("retry-after", "47".into())], b"{}".to_vec()));
    assert!(matches!(slow, Trouble::Slowed(until, _) if until == NOW.plus(Span::seconds(47))), "{slow:?}");
    let garbled = trouble(json("{\"markers\":[]}"));
    assert!(matches!(&garbled, Trouble::Garbled(words) if words.contains("no list of markers")), "{garbled:?}");
    let away = trouble(Manner::Whole(302, vec![("location", "http://127.0.0.1:1/".into())], Vec::new()));
    assert!(matches!(&away, Trouble::Refused(words) if words.contains("leads on")), "{away:?}");
}

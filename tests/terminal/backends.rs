//! A query backend that hangs, fails and comes back: the screen lives throughout, and says what it knows.

use super::aboard::{board, clock, read, rest};
use crate::cli::ship::Ship;
use crate::liaison::loopback::{Asked, Loopback, Manner, json, nobody, status};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const HANGS: u8 = 0;
const FAILS: u8 = 1;
const ANSWERS: u8 = 2;

/// A server whose manner is changed while it runs. What it counts: 500 events a minute and none bad, until the moment it is asked about.
fn server() -> (Loopback, Arc<AtomicU8>) {
    let manner = Arc::new(AtomicU8::new(HANGS));
    let now = Arc::clone(&manner);
    let server = Loopback::start(move |asked: &Asked| match now.load(Ordering::SeqCst) {
        HANGS => Manner::Silent,
        FAILS => status(502, "<html>Bad Gateway\u{1b}]52;c;aGk=\u{7}</html>"),
        _ => answer(asked),
    });
    (server, manner)
}

fn answer(asked: &Asked) -> Manner {
    let field = |name: &str| asked.field(name).and_then(|text| text.parse::<i64>().ok());
    let result = match (field("start"), field("end"), field("step")) {
        (Some(start), Some(end), Some(step)) => {
            let value = if asked.body.contains("503") { 0 } else { 500 };
            let steps = (0..=(end - start) / step).map(|n| format!("[{},\"{value}\"]", start + n * step));
            format!("{{\"metric\":{{}},\"values\":[{}]}}", steps.collect::<Vec<_>>().join(","))
        }
        _ => {
            let time = asked.field("time").unwrap_or_else(|| "0".into());
            format!("{{\"metric\":{{}},\"value\":[{time},\"{time}\"]}}")
        }
    };
    json(&format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{result}]}}}}"))
}

/// A ship with an objective that a backend at an address answers for, and an incident.
fn aboard(url: &str) -> Ship {
    let ship = Ship::new();
    ship.configure(&format!(
        "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nurl = '{url}'\n\
         [[slo]]\nname = 'api'\nbackend = 'metrics'\ntotal = 'lb'\nbad = 'lb{{code=\"503\"}}'\ntarget = 99.9\nwindow = '6h'\n"
    ));
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
    ship
}

#[test]
fn given_backends_that_misbehave_each_in_its_way_when_commanding_then_keys_are_answered_meanwhile() {
    let gzip = ("content-encoding", "gzip".to_owned());
    let broken = Manner::Whole(200, vec![gzip], b"\x1f\x8b\x08nonsense".to_vec());
    let refuses = "cannot be reached: Connection refused";
    // what is said in the end; nothing where that takes longer than anybody waits here
    let cases: [(&str, Manner, Option<&str>); 8] = [
        ("refuses", Manner::Rude, Some(refuses)),
        ("never answers", Manner::Silent, None),
        ("sends one byte after the other", Manner::Drip, None),
        ("breaks gzip", broken, Some("it cannot be read to its end")),
        ("halves JSON", json("{\"status\":\"success\",\"data\":{\"resu"), Some("the answer is no JSON we know")),
        ("refuses TLS", Manner::NoTls, Some("no secure connection can be agreed on")),
        ("speaks no TLS", json("{}"), Some("it does not speak TLS there")),
        ("fails", status(502, "<html>Bad Gateway\u{1b}]52;c;aGk=\u{7}</html>"), Some("failed (502)")),
    ];
    for (how, manner, said) in cases {
        let server = Loopback::start(move |_| manner.clone());
        let url = match how {
            "refuses" => nobody(),
            "refuses TLS" | "speaks no TLS" => server.url().replace("http:", "https:"),
            _ => server.url(),
        };
        let ship = aboard(&url);
        let pty = board(&ship, &[], (120, 36));
        read(&pty, "the API is down");
        match said {
            None => pty.wait_for("a question that is under way", |_| !server.asked().is_empty()),
            Some(_) => pty.wait_text("NO ANSWER"),
        }
        pty.send("n");
        pty.wait_text("22:49 or -5m first says when");
        pty.send(format!("it {how} and this is written\r"));
        pty.wait_text(&format!("Ana   it {how} and this is written"));
        if let Some(said) = said {
            rest(&pty);
            pty.send("3\r");
            let said = said.replace(' ', "");
            // its words may go on in the next line
            pty.wait_for(&format!("{said:?} in the details"), |screen| {
                screen.contents().split_whitespace().collect::<String>().contains(&said)
            });
        }
    }
}

#[test]
fn given_a_backend_that_hangs_then_fails_then_answers_when_commanding_then_every_key_is_answered() {
    let (server, manner) = server();
    // it is not known yet which relative it is: who says nothing about that is not asked anything else
    let ship = aboard(&server.url());
    let pty = board(&ship, &[], (120, 36));
    read(&pty, "the API is down");
    pty.wait_for("a question that is under way", |_| !server.asked().is_empty());
    pty.send("n");
    pty.wait_text("22:49 or -5m first says when");
    pty.send("the backend hangs and this is written\r");
    pty.wait_text("Ana   the backend hangs and this is written");

    // who hangs is given up after its deadline, which is as long as a wait of ours; then it fails in words that cannot move the cursor
    manner.store(FAILS, Ordering::SeqCst);
    pty.wait_for("the clock after ten seconds", {
        let begun = pty.look(clock);
        move |screen| clock(screen).zip(begun).is_some_and(|(now, begun)| now.abs_diff(begun) >= 10)
    });
    pty.wait_text("NO ANSWER");
    rest(&pty);
    pty.send("n");
    pty.wait_text("22:49 or -5m first says when");
    pty.send("it fails and this is written\r");
    pty.wait_text("Ana   it fails and this is written");

    manner.store(ANSWERS, Ordering::SeqCst);
    // the focus coming back asks at once, whatever pause a failure has earned
    pty.send("\x1b[I");
    pty.wait_text("100.0 % left");
}

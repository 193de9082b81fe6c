//! A query backend that hangs, fails and comes back: the screen lives throughout, and says what it knows.

use super::aboard::{board, clock, read, rest};
use crate::cli::ship::Ship;
use crate::liaison::loopback::{Asked, Loopback, Manner, json, status};
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

#[test]
fn given_a_backend_that_hangs_then_fails_then_answers_when_commanding_then_every_key_is_answered() {
    let (server, manner) = server();
    let ship = Ship::new();
    ship.configure(&format!(
        "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nflavour = 'prometheus'\nurl = '{}'\n\
         [[slo]]\nname = 'api'\nbackend = 'metrics'\ntotal = 'lb'\nbad = 'lb{{code=\"503\"}}'\ntarget = 99.9\nwindow = '6h'\n",
        server.url()
    ));
    ship.does(&["declare", "the API is down", "-s", "sev1"]);
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

//! What was done is looked for where clients ask: seen at once, after a while, or in vain, and by whoever looks next.

use super::ship::{Ship, ended};
use crate::liaison::loopback::{Asked, Loopback, Manner, json, status};
use crate::terminal::aboard::board;
use crate::terminal::killed::entries;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const FLAGS: &str = r#"{
  "flags": {
    "exports": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" }
  }
}
"#;
const STOP: [&str; 5] = ["switch", "stop", "exports", "--reason", "it fails"];

/// What clients are served, as a server of flags tells them.
#[derive(Clone, Default)]
struct Clients(Arc<Mutex<Vec<Manner>>>);

fn served(value: bool) -> Manner {
    json(&format!(r#"{{"key":"exports","value":{value},"reason":"STATIC"}}"#))
}

impl Clients {
    /// One answer after the other; the last one again and again.
    fn are(&self, answers: Vec<Manner>) {
        *self.0.lock().expect("answers") = answers;
    }
    fn answer(&self) -> Manner {
        let mut answers = self.0.lock().expect("answers");
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    }
}

/// A home with a flag file, an incident, and a server that tells what clients are served.
fn equipped(answers: Vec<Manner>) -> (Ship, Loopback, Clients) {
    let clients = Clients::default();
    clients.are(answers);
    let own = clients.clone();
    let server = Loopback::start(move |_: &Asked| own.answer());
    let ship = Ship::new();
    ship.write("flags/flags.json", FLAGS);
    ship.configure(&format!(
        "[[switch]]\nname = \"exports\"\nkind = \"flagd\"\nfile = \"~/flags/flags.json\"\nflag = \"exports\"\nstop = \"off\"\n\
         restore = \"on\"\npercent = true\nexclude-by = \"customer\"\ncritical = false\nofrep = \"{}\"\n",
        server.url()
    ));
    ship.does(&["declare", "exports fail", "-s", "sev1"]);
    (ship, server, clients)
}

/// It was done, once, and the record says so and no more.
#[track_caller]
fn accepted(ship: &Ship) {
    assert_eq!((entries(ship, "intended"), entries(ship, "settled"), entries(ship, "seen")), (1, 1, 0));
    assert!(
        ship.reads("flags/flags.json").contains(r#""defaultVariant": "off""#),
        "{}",
        ship.reads("flags/flags.json")
    );
    let last = &ship.asks(&["switch", "list"])["switches"][0]["last"];
    assert_eq!(last["outcome"], "done");
}

#[test]
fn given_clients_that_are_served_it_at_once_when_stopped_then_it_is_observed() {
    let (ship, server, _) = equipped(vec![served(false)]);
    let stopped = ship.does(&STOP);
    assert!(stopped.out.contains("served to a client"), "{stopped:?}");
    assert_eq!((entries(&ship, "seen"), server.asked().len()), (1, 1));
    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("seen false"), "{list}");
    assert_eq!(server.asked().len(), 1, "what was seen is not looked for");
    // which side of a share a client is on says nothing, and is not waited for
    ship.does(&["switch", "restore", "exports", "--percent", "5"]);
    assert_eq!((entries(&ship, "seen"), server.asked().len()), (1, 1));
}

#[test]
fn given_clients_that_are_served_it_later_when_stopped_then_it_waits_and_says_how_long() {
    let (ship, server, _) = equipped(vec![served(true), served(true), served(false)]);
    let began = Instant::now();
    let stopped = ship.run(&[&["--json"], &STOP[..]].concat()).ends(0);
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(server.asked().len(), 3);
    assert_eq!(stopped.data()["observed"], "false");
    assert!(stopped.err.contains("exports is accepted") && stopped.err.contains("for up to 10 s"), "{}", stopped.err);
    let seen = ship.asks(&["show"])["entries"].to_string();
    let after = seen.split_once("served to a client ").and_then(|(_, rest)| rest.split_once(" s after it was asked"));
    let seconds = after.and_then(|(seconds, _)| seconds.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| seconds >= 1), "{seen}");
    // one context is asked about as that one
    let (ship, server, _) = equipped(vec![served(true), served(false)]);
    ship.does(&["switch", "exclude", "exports", "acme"]);
    assert!(server.asked().iter().all(|asked| asked.body.contains(r#""customer":"acme""#)), "{:?}", server.asked());
}

#[test]
fn given_clients_that_are_never_served_it_when_stopped_then_it_is_accepted_and_whoever_looks_next_goes_on() {
    let (ship, server, clients) = equipped(vec![served(true)]);
    let stopped = ship.run(&STOP).ends(75);
    assert!(stopped.out.contains("stop exports"), "the answer is given all the same: {}", stopped.out);
    for words in ["exports is accepted, not seen by clients yet", "still served true", "It was done", "switch list"] {
        assert!(stopped.err.contains(words), "{words}: {}", stopped.err);
    }
    accepted(&ship);
    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("clients are still served true"), "{list}");
    // said once more it is not sent once more, and looked for again
    let looks = server.asked().len();
    let again = ship.run(&STOP).ends(75);
    assert!(again.out.contains("Nothing was sent") && server.asked().len() > looks + 5, "{again:?}");
    accepted(&ship);

    let other = ship.copy();
    clients.are(vec![served(false)]);
    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("clients are served it"), "{list}");
    accepted(&ship);
    let again = ship.does(&STOP);
    assert!(again.out.contains("served to a client"), "{again:?}");
    assert_eq!((entries(&ship, "intended"), entries(&ship, "seen")), (1, 1));
    // a screen that is opened looks by itself
    let screen = board(&other, &[], (120, 36));
    screen.wait_until("what clients are served is recorded", || entries(&other, "seen") == 1);
    assert_eq!(entries(&other, "intended"), 1);
}

#[test]
fn given_no_incident_when_a_screen_is_opened_then_what_was_accepted_is_looked_for_there_too() {
    let (ship, _server, clients) = equipped(vec![served(true)]);
    ship.does(&["resolve"]);
    ship.does(&["close"]);
    ship.does(&[&STOP[..], &["--no-wait"]].concat());
    accepted(&ship);
    clients.are(vec![served(false)]);
    let screen = board(&ship, &[], (120, 36));
    screen.wait_until("what clients are served is recorded", || entries(&ship, "seen") == 1);
    screen.wait_text("seen false");
}

#[test]
fn given_a_switch_without_clients_when_a_screen_looks_later_then_nothing_is_said_of_clients() {
    let ship = Ship::new();
    ship.write("state", "running\n");
    let state = ship.path("state").to_string_lossy().into_owned();
    let set = |word: &str| format!("[\"sh\", \"-c\", \"echo {word} > {state}\"]");
    ship.configure(&format!(
        "[[switch]]\nname = \"push\"\nkind = \"command\"\ncritical = false\nprobe-command = [\"cat\", \"{state}\"]\n\
         stop-command = {}\nrestore-command = {}\nstopped = \"paused\"\nrunning = \"running\"\n",
        set("paused"),
        set("running")
    ));
    ship.does(&["declare", "pushes break", "-s", "sev1"]);
    ship.does(&["switch", "stop", "push", "--reason", "it breaks"]);
    assert_eq!((entries(&ship, "settled"), entries(&ship, "seen")), (1, 0), "its probe proved it when it was done");
    let screen = board(&ship, &[], (120, 36));
    screen.wait_text("by Ana, done");
    // what belongs into the record is written before whatever is done next
    screen.send("n");
    screen.wait_text("note");
    screen.send("looked\r");
    screen.wait_until("the note is recorded", || entries(&ship, "noted") == 1);
    assert_eq!(entries(&ship, "seen"), 0, "no client was asked");
    assert!(ship.asks(&["switch", "list"])["switches"][0]["observed"].is_null());
}

#[test]
fn given_that_nobody_waits_when_stopped_then_clients_are_not_asked() {
    let (ship, server, _) = equipped(vec![served(true)]);
    let stopped = ship.does(&[&STOP[..], &["--no-wait"]].concat());
    assert!(server.asked().is_empty() && stopped.err.is_empty(), "{stopped:?}");
    accepted(&ship);
    let again = ship.does(&[&STOP[..], &["--no-wait"]].concat());
    assert!(again.out.contains("Nothing was sent"), "{again:?}");
}

#[test]
fn given_a_server_that_cannot_tell_what_clients_are_served_when_stopped_then_it_is_done_and_never_called_refused() {
    let asks = |answer: Manner| {
        let (ship, server, _) = equipped(vec![answer]);
        let child = ship.start(&STOP);
        (ship, server, child)
    };
    // they wait side by side
    let html = asks(status(200, "<html>log in</html>"));
    let silent = asks(Manner::Silent);
    let down = asks(Manner::Rude);
    let login = asks(status(401, ""));
    for ((ship, server, child), words) in [
        (login, "(401)"),
        (html, "whether this address speaks OFREP"),
        (silent, "not answered in time"),
        (down, "cannot be reached"),
    ] {
        let began = Instant::now();
        let run = ended(child).ends(75);
        assert!(began.elapsed() < Duration::from_secs(15), "{words}: it waits no longer than it says");
        assert!(run.err.contains("accepted, not seen by clients yet") && run.err.contains(words), "{words}: {run:?}");
        assert!(run.err.contains("It was done") && !run.err.to_lowercase().contains("refused"), "{words}: {}", run.err);
        assert!(
            words != "(401)" || server.asked().len() == 1,
            "a login that is not taken is not tried again and again"
        );
        accepted(&ship);
        let list = ship.does(&["switch", "list"]).out;
        assert!(list.contains("not seen by clients yet"), "{list}");
    }
}

#[test]
fn given_a_plan_when_stopped_then_each_switch_is_looked_for_in_the_same_time() {
    let (ship, _server, _clients) = equipped(vec![served(true)]);
    let server = Loopback::start(|_| json(r#"{"key":"imports","value":false,"reason":"STATIC"}"#));
    ship.write("flags/imports.json", &FLAGS.replace("exports", "imports"));
    let config = std::fs::read_to_string(ship.path("config/quarterdeck/config.toml")).expect("the configuration");
    ship.configure(&format!(
        "{config}[[switch]]\nname = \"imports\"\nkind = \"flagd\"\nfile = \"~/flags/imports.json\"\nflag = \"imports\"\nstop = \"off\"\n\
         critical = false\nofrep = \"{}\"\n[[plan]]\nname = \"doors\"\nswitches = [\"exports\", \"imports\"]\n",
        server.url()
    ));
    let stopped = ship.run(&["switch", "plan", "stop", "doors", "--reason", "both fail"]).ends(75);
    assert!(
        stopped.err.contains("exports is accepted, not seen") && !stopped.err.contains("imports is"),
        "{stopped:?}"
    );
    assert_eq!((entries(&ship, "settled"), entries(&ship, "seen")), (2, 1));
    assert_eq!(server.asked().len(), 1, "what was seen is not looked for again");
}

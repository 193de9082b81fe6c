//! Switches of a server with an HTTP interface, for one customer and for a share: what is sent, what proves it, and what is said when it
//! answers badly.

use super::ending::there;
use super::ship::Ship;
use crate::liaison::loopback::{Asked, Loopback, Manner, json, status};
use crate::terminal::aboard::board;
use crate::terminal::killed::entries;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// What stands on the server, and how it answers what changes something.
struct Desk {
    share: String,
    blocked: BTreeSet<String>,
    manner: Manner,
    takes: bool,
}

/// A server that limits: a share for all, and customers that it blocks.
struct Limiter {
    server: Loopback,
    desk: Arc<Mutex<Desk>>,
}

fn fine() -> Manner {
    status(204, "")
}

impl Limiter {
    fn start() -> Limiter {
        let begins = Desk { share: "100".into(), blocked: BTreeSet::new(), manner: fine(), takes: true };
        let desk = Arc::new(Mutex::new(begins));
        let own = Arc::clone(&desk);
        Limiter { server: Loopback::start(move |asked| answer(&mut own.lock().expect("the desk"), asked)), desk }
    }

    fn ship(&self) -> Ship {
        let ship = Ship::new();
        let url = self.server.url();
        ship.write("token", "Api-Key s3cret\n");
        ship.configure(&format!(
            r#"[[switch]]
name = "orders"
kind = "http"
url = "{url}"
token = {{ file = "~/token" }}
token-header = "X-Api-Key"
stop-request = "PUT /share"
stop-body = '{{"percent": 0}}'
restore-request = "PUT /share"
restore-body = '{{"percent": 100}}'
exclude-by = "customer"
exclude-request = "POST /customers/{{key}}/block"
exclude-body = '{{"customer": "{{key}}", "why": "{{reason}}"}}'
exclude-probe-path = "/customers/{{key}}"
exclude-pointer = "/blocked"
excluded = "true"
include-request = "DELETE /customers/{{key}}/block"
percent = true
percent-request = "PUT /share"
percent-body = '{{"percent": {{percent}}}}'
probe-path = "/share"
pointer = "/percent"
stopped = "0"
running = "100"
"#
        ));
        ship.does(&["declare", "orders fail", "-s", "sev1"]);
        ship
    }

    fn answers(&self, manner: Manner, takes: bool) {
        let mut desk = self.desk.lock().expect("the desk");
        (desk.manner, desk.takes) = (manner, takes);
    }

    fn writes(&self) -> Vec<Asked> {
        self.server.asked().into_iter().filter(|asked| !asked.line.starts_with("GET ")).collect()
    }
}

fn answer(desk: &mut Desk, asked: &Asked) -> Manner {
    if asked.header("x-api-key") != Some("Api-Key s3cret") || asked.header("authorization").is_some() {
        return status(401, "");
    }
    let (method, path) = asked.line.split_once(' ').expect("a line");
    let customer = path.strip_prefix("/customers/").map(|rest| rest.trim_end_matches("/block").to_owned());
    match (method, customer) {
        ("GET", Some(customer)) => return json(&format!("{{\"blocked\":{}}}", desk.blocked.contains(&customer))),
        ("GET", None) if path == "/state" => return json("{\"state\":\"running\"}"),
        ("GET", None) => return json(&format!("{{\"percent\":{}}}", desk.share)),
        _ if !desk.takes => {}
        ("POST", Some(customer)) => {
            desk.blocked.insert(customer);
        }
        ("DELETE", Some(customer)) => {
            desk.blocked.remove(&customer);
        }
        _ => {
            let body: serde_json::Value = serde_json::from_str(&asked.body).expect("JSON");
            desk.share = body["percent"].to_string();
        }
    }
    desk.manner.clone()
}

#[test]
fn given_a_switch_of_requests_when_one_is_excluded_or_a_share_is_served_then_each_is_proven_and_put_back() {
    let limiter = Limiter::start();
    let ship = limiter.ship();
    let doctor = ship.run(&["doctor"]).out;
    assert!(doctor.contains("it can be stopped for one customer, or served to a share"), "{doctor}");
    let odd = "../admin?all=1\"}";
    let dry = ship.does(&["switch", "exclude", "orders", odd, "--dry-run", "--reason", "floods"]).out;
    assert!(
        dry.contains("POST /customers/..%2Fadmin%3Fall%3D1%22%7D/block") && dry.contains(": not excluded → excluded. "),
        "{dry}"
    );
    assert!(limiter.writes().is_empty());
    let excluded = ship.asks(&["switch", "exclude", "orders", odd, "--reason", "floods"]);
    assert_eq!((&excluded["outcome"], &excluded["value"]), (&"done".into(), &"excluded".into()), "{excluded}");
    let sent = &limiter.writes()[0];
    let body: serde_json::Value = serde_json::from_str(&sent.body).expect("JSON");
    assert_eq!((&body["customer"], body.as_object().map(serde_json::Map::len)), (&odd.into(), Some(2)), "{body}");
    ship.does(&["switch", "revert", "orders", "--reason", "mended"]);
    assert!(limiter.desk.lock().expect("the desk").blocked.is_empty());

    let share = ship.asks(&["switch", "percent", "orders", "2.5", "--reason", "too much"]);
    assert_eq!((&share["outcome"], &share["value"]), (&"done".into(), &"2.5".into()), "{share}");
    let list = ship.asks(&["switch", "list"]);
    let now = &list["switches"][0];
    assert_eq!((&now["standing"], &now["share_milli"]), (&"partly".into(), &2_500.into()), "{list}");
    ship.run(&["switch", "percent", "orders", "150", "--reason", "x"]).ends(2);
    ship.does(&["switch", "revert", "orders", "--reason", "mended", "--confirm", "production/orders"]);
    assert_eq!(limiter.desk.lock().expect("the desk").share, "100");
    assert_eq!(limiter.writes().len(), 4);
    let user = ship.run(&["switch", "exclude", "orders", "user:alice", "--reason", "x"]).ends(3);
    assert!(user.err.contains("customer:NAME"), "{}", user.err);
    assert_eq!(limiter.writes().len(), 4);
}

#[test]
fn given_customers_that_are_stopped_when_looked_at_then_they_are_named_and_one_given_back_leaves_the_other_stopped() {
    let limiter = Limiter::start();
    let ship = limiter.ship();
    for customer in ["acme", "globex"] {
        ship.does(&["switch", "exclude", "orders", customer, "--reason", "floods"]);
    }
    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("PARTLY  serves 100, running, says its probe; not for globex, acme "), "{list}");
    let data = ship.asks(&["switch", "list"]);
    assert_eq!(data["switches"][0]["excluded"], serde_json::json!(["customer globex", "customer acme"]));
    let dry = ship.does(&["switch", "revert", "orders", "--reason", "mended", "--dry-run"]).out;
    assert!(dry.contains("revert orders: customer globex: excluded → not excluded. DELETE "), "{dry}");
    ship.does(&["switch", "revert", "orders", "--reason", "mended"]);
    let list = ship.does(&["switch", "list"]).out;
    assert!(list.contains("; not for acme "), "{list}");

    let screen = board(&ship, &[], (120, 36));
    screen.wait_text("not for acme");
    // what belongs into the record is written before whatever is done next
    screen.send("n");
    screen.wait_text("note");
    screen.send("looked\r");
    screen.wait_until("the note is recorded", || entries(&ship, "noted") == 1);
    assert_eq!((entries(&ship, "seen"), entries(&ship, "changed")), (0, 0), "nobody but us did anything");
}

#[test]
fn given_a_share_with_a_place_of_its_own_when_it_is_nobody_then_it_is_stopped_and_more_of_it_is_a_step_back() {
    let limiter = Limiter::start();
    let ship = limiter.ship();
    let config = std::fs::read_to_string(ship.path("config/quarterdeck/config.toml")).expect("a configuration");
    let whole = "probe-path = \"/share\"\npointer = \"/percent\"\nstopped = \"0\"\nrunning = \"100\"\n";
    let apart = "probe-path = \"/state\"\npointer = \"/state\"\nstopped = \"paused\"\nrunning = \"running\"\n\
                 percent-probe-path = \"/share\"\npercent-pointer = \"/percent\"\ntwo-people = \"widening\"\n";
    ship.configure(&config.replace(whole, apart));
    let stands = || {
        let list = ship.asks(&["switch", "list"]);
        (list["switches"][0]["standing"].clone(), list["switches"][0]["share_milli"].clone())
    };
    assert_eq!(stands(), ("running".into(), 100_000.into()));
    let none = ["switch", "percent", "orders", "0", "--reason", "it floods"];
    ship.does(&[&none[..], &["--confirm", "production/orders"]].concat());
    assert_eq!(stands(), ("stopped".into(), 0.into()));
    assert!(ship.does(&["switch", "list"]).out.contains("STOPPED"));
    // somebody else gives back more than there is: that widens
    let bare = ship.run(&["--as", "Ben", "switch", "percent", "orders", "25", "--reason", "it is back"]).ends(3);
    assert!(bare.err.contains("--confirm production/orders"), "{}", bare.err);
    let all = ["--as", "Ben", "switch", "restore", "orders", "--percent", "25", "--reason", "it is back"];
    let asked = ship.run(&[&all[..], &["--confirm", "production/orders"]].concat()).ends(3);
    assert!(asked.err.contains("needs a second person"), "{}", asked.err);
    assert_eq!(limiter.writes().len(), 1);
}

#[test]
fn given_a_server_that_answers_badly_when_one_is_excluded_then_nobody_is_sure_it_is_looked_at_and_never_sent_again() {
    let page = "<html>\u{1b}[2Jlog in</html>";
    for (manner, takes) in [
        (status(500, page), true),
        (status(500, page), false),
        (Manner::Rude, true),
        (Manner::Cut(b"{".to_vec()), true),
        (Manner::Silent, true),
        (Manner::Silent, false),
    ] {
        let what = format!("{manner:?}, takes: {takes}");
        let limiter = Limiter::start();
        let ship = limiter.ship();
        limiter.answers(manner, takes);
        let exclude = ["switch", "exclude", "orders", "acme", "--reason", "floods"];
        if takes {
            // its probe proves it, whatever the answer is
            let done = ship.does(&exclude);
            assert_eq!(ship.asks(&["show"])["switches"][0]["outcome"], "done", "{what}: {done:?}");
            ship.does(&["switch", "revert", "orders", "--reason", "mended"]);
            assert!(limiter.desk.lock().expect("the desk").blocked.is_empty(), "{what}");
            assert_eq!(limiter.writes().len(), 2, "{what}");
            continue;
        }
        let run = ship.run(&exclude).ends(4);
        assert!(!run.err.contains('\u{1b}') && run.err.contains("not sent again"), "{what}: {}", run.err);
        limiter.answers(fine(), true);
        let looked = ship.run(&["switch", "stop", "orders", "--if-serves", "nothing of the kind"]).ends(3);
        assert!(
            looked.err.contains("UNSURE: stop for customer acme: orders")
                && looked.err.contains("as before: excluded was asked"),
            "{what}: {looked:?}"
        );
        assert_eq!(limiter.writes().len(), 1, "{what}");
        let left = ship.asks(&["show"])["switches"][0].clone();
        assert_eq!(left["outcome"], "unsure", "{what}: {left}");
        // what was not done leaves nothing
        ship.run(&["switch", "revert", "orders", "--reason", "mended"]).ends(3);
        assert_eq!(limiter.writes().len(), 1, "{what}");
        assert!(limiter.desk.lock().expect("the desk").blocked.is_empty(), "{what}");
    }
}

#[test]
fn given_a_server_that_says_no_when_one_is_excluded_then_it_is_refused_once_in_its_words() {
    let page = "<html>\u{1b}[2Jlog in</html>";
    for (manner, part) in [
        (status(401, ""), "(401)"),
        (status(403, "needs a second person"), "needs a second person"),
        (status(404, page), "(404)"),
        (status(409, "busy"), "busy"),
        (status(422, ""), "(422)"),
        (Manner::Whole(429, vec![("retry-after", "7".into())], Vec::new()), "not sent again"),
    ] {
        let limiter = Limiter::start();
        let ship = limiter.ship();
        limiter.answers(manner, false);
        let run = ship.run(&["switch", "exclude", "orders", "acme", "--reason", "floods"]).ends(3);
        assert!(run.err.contains(part) && !run.err.contains('\u{1b}'), "{part}: {}", run.err);
        assert_eq!(limiter.writes().len(), 1, "{part}");
        assert_eq!(ship.asks(&["show"])["switches"][0]["outcome"], "refused", "{part}");
    }
    // one that does it and answers with a redirect, or a no: its probe says what is so
    let leads = Manner::Whole(303, vec![("location", "/share".into())], Vec::new());
    for manner in [leads, status(404, page), status(409, "busy"), status(429, "")] {
        let what = format!("{manner:?}");
        let limiter = Limiter::start();
        let ship = limiter.ship();
        limiter.answers(manner, true);
        let stop = ["switch", "stop", "orders", "--reason", "it floods", "--confirm", "production/orders"];
        let stopped = ship.asks(&stop);
        assert_eq!((&stopped["outcome"], &stopped["value"]), (&"done".into(), &"0".into()), "{what}: {stopped}");
        let remains = ship.asks(&["show"])["remains"].to_string();
        assert!(remains.contains("orders is stopped"), "{what}: {remains}");
        limiter.answers(fine(), true);
        ship.does(&["switch", "revert", "orders", "--reason", "mended"]);
        assert_eq!(
            (limiter.desk.lock().expect("the desk").share.as_str(), limiter.writes().len()),
            ("100", 2),
            "{what}"
        );
    }
    // a page instead of an answer proves nothing
    let limiter = Limiter::start();
    let ship = limiter.ship();
    limiter.answers(status(200, page), true);
    let done = ship.asks(&["switch", "exclude", "orders", "acme", "--reason", "floods"]);
    assert_eq!(done["outcome"], "done", "its probe proves it, whatever the answer is");
}

#[test]
fn given_an_end_that_launchdarkly_does_not_take_when_a_flag_is_stopped_then_it_is_stopped_and_said_who_ends_it() {
    let (fake, ship) = there();
    let schedules = "POST /api/v2/projects/shop/flags/checkout/environments/production/scheduled-changes";
    fake.odd(schedules, status(403, "{\"code\":\"forbidden\",\"message\":\"not yours\"}"));
    let stop = ["switch", "stop", "checkout", "--reason", "it fails", "--until", "30m", "--no-wait"];
    let stopped = ship.does(&stop);
    let said = "checkout does not end by itself there: ";
    assert!(stopped.err.contains(said) && stopped.err.contains("whoever has a screen open"), "{}", stopped.err);
    assert_eq!(fake.with(|memory| memory.flags["checkout"]["environments"]["production"]["on"].clone()), false);
    assert!(fake.with(|memory| memory.schedules.is_empty()));
    // where it is taken nothing is said
    ship.does(&["switch", "restore", "checkout", "--confirm", "staging/checkout", "--reason", "again"]);
    let stopped = ship.does(&stop);
    assert!(!stopped.err.contains("does not end by itself"), "{}", stopped.err);
    assert_eq!(fake.with(|memory| memory.schedules.len()), 1);
}

#[test]
fn given_several_acts_of_requests_when_all_is_to_be_restored_then_none_is_forgotten() {
    let limiter = Limiter::start();
    let ship = limiter.ship();
    let confirm = ["--confirm", "production/orders", "--reason", "it floods us"];
    let does = |words: &[&str]| ship.does(&[words, &confirm[..]].concat());
    does(&["switch", "percent", "orders", "20"]);
    does(&["switch", "exclude", "orders", "acme"]);
    does(&["switch", "stop", "orders"]);
    // each of them found its own place only
    let sent = limiter.writes().len();
    let refused = ship.run(&[&["switch", "restore", "orders"][..], &confirm[..]].concat()).ends(3);
    for words in
        ["3 acts to undo", "stop by", "stop for customer acme by", "percent by", "quarterdeck switch revert orders"]
    {
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    }
    assert_eq!(limiter.writes().len(), sent);
    // and a step back gives no more than there was
    let more = ship.run(&[&["switch", "restore", "orders", "--percent", "60"][..], &confirm[..]].concat()).ends(3);
    assert!(more.err.contains("served to 20 % before"), "{}", more.err);
    for _ in 0..3 {
        does(&["switch", "revert", "orders"]);
    }
    let desk = limiter.desk.lock().expect("the desk");
    assert_eq!((desk.share.as_str(), desk.blocked.is_empty()), ("100", true));
}

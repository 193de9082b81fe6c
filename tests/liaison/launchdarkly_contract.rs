//! LaunchDarkly's published contract, judged by prism: as a mock that answers from it, and between the client and the LaunchDarkly in memory.
//!
//! `LAUNCHDARKLY_OPENAPI` names the document as it is published, `QUARTERDECK_TEST_PRISM` the program.

use super::launchdarkly::{NOW, fake, of, percent, reason, user, within};
use super::launchdarkly_fake::{Fake, TOKEN, rule};
use super::loopback::json as json_answer;
use quarterdeck::incident::switch::{Wanted, Whom};
use quarterdeck::incident::time::Span;
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::switches::launchdarkly::LaunchDarkly;
use quarterdeck::liaison::switches::launchdarkly::check::Offered;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Prism, ended with the test.
struct Prism {
    child: Child,
    url: String,
    said: Arc<Mutex<String>>,
    /// Where its document is kept.
    _kept: tempfile::TempDir,
}

/// The document as it is meant. Its schema of a flag's patch knows only JSON Patch, its prose semantic patches too; and it says that
/// `summary=0` asks for flags in full, and calls it a truth, which no 0 is.
fn meant(contract: &str) -> Result<tempfile::TempDir, String> {
    let text = std::fs::read_to_string(contract).map_err(|error| format!("{contract}: {error}"))?;
    let mut document: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let patch = &mut document["paths"]["/api/v2/flags/{projectKey}/{featureFlagKey}"]["patch"]["requestBody"];
    let body = &mut patch["content"]["application/json"]["schema"];
    let published = body.take();
    let instruction = json!({"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}});
    let semantic = json!({
        "type": "object",
        "required": ["environmentKey", "instructions"],
        "properties": {
            "environmentKey": {"type": "string"},
            "comment": {"type": "string"},
            "instructions": {"type": "array", "minItems": 1, "items": instruction},
        },
        "additionalProperties": false,
    });
    *body = json!({"anyOf": [semantic, published]});
    let list = &mut document["paths"]["/api/v2/flags/{projectKey}"]["get"]["parameters"];
    for one in list.as_array_mut().into_iter().flatten().filter(|one| one["name"] == "summary") {
        one["schema"] = json!({"type": "string", "enum": ["0"]});
    }
    let kept = tempfile::tempdir().map_err(|error| error.to_string())?;
    std::fs::write(kept.path().join("contract.json"), document.to_string()).map_err(|error| error.to_string())?;
    Ok(kept)
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Prism {
    /// Starts it before a server, or as a mock; or says why it cannot be.
    fn start(before: Option<&Fake>) -> Result<Prism, String> {
        let contract =
            std::env::var("LAUNCHDARKLY_OPENAPI").map_err(|_| "no LAUNCHDARKLY_OPENAPI names the document")?;
        let program = std::env::var("QUARTERDECK_TEST_PRISM").map_err(|_| "no QUARTERDECK_TEST_PRISM names prism")?;
        let kept = meant(&contract)?;
        let contract = kept.path().join("contract.json").display().to_string();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        match before {
            Some(fake) => command.args(["proxy", "--errors", &contract, &fake.server.url()]),
            None => command.args(["mock", &contract]),
        };
        command.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("no prism: {error}"))?;
        let mut out = child.stdout.take().unwrap();
        let (mut said, mut byte) = (Vec::new(), [0]);
        while !said.windows(9).any(|words| words == b"listening") {
            if out.read(&mut byte).unwrap_or(0) == 0 {
                return Err("prism ended".into());
            }
            said.push(byte[0]);
        }
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut part = [0; 4_096];
            while let Ok(read @ 1..) = out.read(&mut part) {
                heard.lock().unwrap().push_str(&String::from_utf8_lossy(&part[..read]));
            }
        });
        Ok(Prism { child, url: format!("http://127.0.0.1:{port}"), said, _kept: kept })
    }

    /// Where one of both broke the contract, in its words.
    fn violations(&self) -> Vec<String> {
        let said = self.said.lock().unwrap();
        said.lines().filter(|line| line.contains("terminated with error")).map(str::to_owned).collect()
    }
}

#[test]
fn given_the_published_contract_when_a_whole_round_of_acts_is_done_then_neither_side_breaks_it() {
    let fake = fake();
    fake.edit(|config| {
        config["rules"] = json!([rule("r1", "country", &["ch"], 0)]);
        config["contextTargets"] = json!([{"contextKind": "device", "variation": 0, "values": ["till 9"]}]);
    });
    let prism = match Prism::start(Some(&fake)) {
        Ok(prism) => prism,
        Err(why) => return println!("skipped: {why}"),
    };
    let of = |stop: &str| of(&prism.url, stop).within(Duration::from_secs(20));
    let does = |stop: &str, wanted: &Wanted| {
        let plan = within(of(stop).plan(wanted, NOW)).unwrap();
        let ended = within(of(stop).carry(wanted, &plan.before, &reason(1), NOW));
        assert!(matches!(&ended, CarryOutcome::Done { value, .. } if *value == plan.to), "{ended:?}");
        assert!(within(of(stop).look(NOW)).unwrap().version.is_some());
        plan
    };
    let device = Whom { kind: "device".into(), key: "till 9".into() };
    let first = does("off", &Wanted::Stop);
    does("off", &Wanted::Restore);
    does("off", &user("alice"));
    does("off", &Wanted::Exclude(device.clone()));
    does("off", &percent(2_500));
    does("false", &Wanted::Stop);
    assert_eq!(within(of("off").observe(Some(&device), NOW)).unwrap().as_deref(), Some("false"));
    let later = NOW.plus(Span::minutes(30));
    let ended = within(of("off").schedule(&first.before, later, &reason(2), NOW));
    let CarryOutcome::Done { reference: Some(there), .. } = ended else { panic!("{ended:?}") };
    let later = later.plus(Span::minutes(5));
    let ended = within(of("off").extend(&there, later, &reason(6), NOW));
    assert!(matches!(&ended, CarryOutcome::Done { reference, .. } if reference.as_ref() == Some(&there)), "{ended:?}");
    fake.tick(later.minus(Span::minutes(1)).0 / 1_000);
    assert_eq!(within(of("off").observe(Some(&device), NOW)).unwrap().as_deref(), Some("false"));
    fake.tick(later.0 / 1_000);
    assert_eq!(within(of("off").observe(Some(&device), NOW)).unwrap().as_deref(), Some("true"));
    let till = Wanted::Exclude(Whom { kind: "device".into(), key: "till 8".into() });
    let eighth = does("off", &till);
    let ended = within(of("off").schedule(&eighth.before, later.plus(Span::minutes(1)), &reason(5), NOW));
    assert!(
        matches!(&ended, CarryOutcome::Done { reference: Some(what), .. } if what == "expiring target exp0"),
        "{ended:?}"
    );
    let later = later.plus(Span::minutes(4));
    let ended = within(of("off").extend("expiring target exp0", later.plus(Span::minutes(1)), &reason(7), NOW));
    assert!(matches!(ended, CarryOutcome::Done { .. }), "{ended:?}");
    fake.tick(later.0 / 1_000);
    assert!(fake.config()["contextTargets"].to_string().contains("till 8"));
    fake.tick(later.plus(Span::minutes(1)).0 / 1_000);
    assert!(!fake.config()["contextTargets"].to_string().contains("till 8"));
    for guard in [405, 403] {
        fake.with(|memory| memory.guard = Some(guard));
        let plan = within(of("off").plan(&Wanted::Stop, NOW)).unwrap();
        let ended = within(of("off").carry(&Wanted::Stop, &plan.before, &reason(3), NOW));
        assert!(matches!(ended, CarryOutcome::NeedsApproval(_)), "{ended:?}");
        let ended = within(of("off").request(&Wanted::Stop, &plan.before, &reason(guard.into()), NOW));
        assert!(matches!(ended, CarryOutcome::Done { .. }), "{ended:?}");
        within(of("off").look(NOW)).unwrap();
    }
    fake.with(|memory| (memory.guard, memory.race) = (None, false));
    let plan = within(of("off").plan(&Wanted::Stop, NOW)).unwrap();
    fake.with(|memory| memory.race = true);
    let ended = within(of("off").carry(&Wanted::Stop, &plan.before, &reason(4), NOW));
    assert!(matches!(&ended, CarryOutcome::Conflict(words) if words.contains("(409)")), "{ended:?}");
    assert_eq!(within(of("off").check(Offered::default(), NOW)).unwrap().lines.len(), 4);
    let listing = within(of("off").listing(Some("checkout"), NOW)).unwrap();
    assert_eq!(listing.flags.len(), 3, "{listing:?}");
    let told = within(of("off").changes(NOW.minus(Span::minutes(60)), later.plus(Span::minutes(2)), NOW)).unwrap();
    assert_eq!(told.changes.len(), 3, "{told:?}");
    let violations: Vec<String> = prism.violations();
    assert_eq!(violations, Vec::<String>::new());
    assert!(fake.server.asked().len() > 100, "{}", fake.server.asked().len());
    assert_eq!(fake.with(|memory| std::mem::take(&mut memory.faults)), Vec::<String>::new());
    println!("{} questions and their answers judged", fake.server.asked().len());
    // what breaks it would have been said, of either side
    let mut broken = fake.with(|memory| memory.flags["checkout"].clone());
    broken["environments"]["production"].as_object_mut().unwrap().remove("salt");
    fake.odd("GET /api/v2/flags/shop/checkout", json_answer(&broken.to_string()));
    let trouble = within(of("off").look(NOW)).unwrap_err();
    assert!(matches!(&trouble, Trouble::Unreachable(words) if words.contains("failed (500)")), "{trouble:?}");
    let mut stream = TcpStream::connect(prism.url.trim_start_matches("http://")).unwrap();
    let body = "{\"comment\":7}";
    let head =
        format!("PATCH /api/v2/flags/shop/checkout HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: {TOKEN}");
    write!(stream, "{head}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains(" 422 ") || answer.contains(" 400 "), "{answer}");
}

#[test]
fn given_a_mock_that_answers_from_the_contract_when_spoken_to_then_its_examples_are_read_and_its_errors_are_troubles() {
    let prism = match Prism::start(None) {
        Ok(prism) => prism,
        Err(why) => return println!("skipped: {why}"),
    };
    let to = |token: &str| {
        let http = Http::new("ld", &prism.url, Login::Header("authorization".into(), Key::new(token)), &[]).unwrap();
        LaunchDarkly::new(http, "my-project", "my-environment", "flag-key-123abc", "off")
            .within(Duration::from_secs(20))
    };
    let seen = within(to(TOKEN).look(NOW)).unwrap();
    assert_eq!((seen.value.as_str(), seen.words.as_str()), ("false", "off: serves false"));
    let plan = within(to(TOKEN).plan(&Wanted::Stop, NOW)).unwrap();
    assert!(plan.idle, "{plan:?}");
    // it never remembers: a preview that shows the old state is refused
    let trouble = within(to(TOKEN).plan(&Wanted::Restore, NOW)).unwrap_err();
    assert!(
        matches!(&trouble, Trouble::Refused(words) if words.contains("its preview serves false and not true")),
        "{trouble:?}"
    );
    let ended = within(to(TOKEN).carry(&Wanted::Restore, &plan.before, &reason(1), NOW));
    assert!(matches!(&ended, CarryOutcome::Unsure(words) if words.contains("took it (turn it on)")), "{ended:?}");
    let ended = within(to(TOKEN).request(&Wanted::Restore, &plan.before, &reason(1), NOW));
    assert!(matches!(ended, CarryOutcome::Done { .. }), "{ended:?}");
    // every call of it names the same time
    let ended = within(to(TOKEN).schedule(&plan.before, NOW.plus(Span::minutes(5)), &reason(1), NOW));
    assert!(matches!(ended, CarryOutcome::Refused(_)), "{ended:?}");
    let lines = within(to(TOKEN).check(Offered::default(), NOW)).unwrap();
    assert_eq!(lines.lines.last().map(String::as_str), Some("the token may stop and restore it"));
    let listing = within(to(TOKEN).listing(None, NOW)).unwrap();
    assert!(!listing.flags.is_empty() || !listing.doubts.is_empty(), "{listing:?}");
    within(to(TOKEN).changes(NOW.minus(Span::minutes(60)), NOW, NOW)).unwrap();
    assert_eq!(within(to(TOKEN).observe(None, NOW)).unwrap(), None, "it evaluates other flags");
    assert_eq!(prism.violations(), Vec::<String>::new());
}

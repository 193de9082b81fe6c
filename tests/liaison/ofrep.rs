//! What applications are served, asked by OFREP of a server on loopback that answers well and badly.

use super::loopback::{Loopback, Manner, json, nobody, status};
use quarterdeck::incident::switch::Whom;
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::http::{Http, Key, Login};
use quarterdeck::liaison::switches::flagd::CODE_DEFAULT;
use quarterdeck::liaison::switches::ofrep::Ofrep;
use std::io::Read;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const NOW: Time = Time(1_772_535_200_000_000);

fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn at(url: &str, login: Login) -> Ofrep {
    Ofrep::new(Http::new("flags", url, login, &[]).unwrap(), "checkout-v2").within(Duration::from_secs(10))
}

fn answers(manner: Manner) -> Result<Option<String>, Trouble> {
    let server = Loopback::start(move |_| manner.clone());
    within(at(&server.url(), Login::Nobody).within(Duration::from_secs(1)).observe(None, NOW))
}

#[test]
fn given_a_server_when_asked_then_the_value_is_said_plainly_whatever_it_is() {
    let value = |members: &str| {
        answers(json(&format!("{{\"key\":\"checkout-v2\",\"reason\":\"STATIC\"{members}}}"))).unwrap().unwrap()
    };
    assert_eq!(value(",\"value\":true,\"variant\":\"on\""), "true");
    assert_eq!(value(",\"value\":\"18\\u001b[31m22\""), "1822");
    assert_eq!(value(",\"value\":0.5"), "0.5");
    assert_eq!(value(",\"value\":{\"a\":[1]}"), "{\"a\":[1]}");
    // the server leaves it to the application
    assert_eq!(value(""), CODE_DEFAULT);
    assert_eq!(value(",\"value\":null"), CODE_DEFAULT);
}

#[test]
fn given_a_context_when_asked_then_it_is_sent_as_an_application_sends_it() {
    let server = Loopback::start(|_| json(r#"{"key":"checkout-v2","value":false,"reason":"TARGETING_MATCH"}"#));
    let ask = |login: Login, whom: Option<&str>| {
        let whom = whom.and_then(|text| Whom::parse(text, "user"));
        within(at(&server.url(), login).observe(whom.as_ref(), NOW)).unwrap()
    };
    ask(Login::Nobody, None);
    ask(Login::Bearer(Key::new("secret")), Some("alice"));
    ask(Login::Nobody, Some("customer:acme"));
    let asked = server.asked();
    assert!(asked.iter().all(|one| one.line == "POST /ofrep/v1/evaluate/flags/checkout-v2"), "{asked:?}");
    let sent = |at: usize| serde_json::from_str::<serde_json::Value>(&asked[at].body).unwrap();
    assert_eq!(sent(0), serde_json::json!({"context": {"targetingKey": "quarterdeck"}}));
    assert_eq!(sent(1), serde_json::json!({"context": {"targetingKey": "alice"}}));
    assert_eq!(sent(2), serde_json::json!({"context": {"targetingKey": "quarterdeck", "customer": "acme"}}));
    assert_eq!((asked[0].header("authorization"), asked[1].header("authorization")), (None, Some("Bearer secret")));
}

#[test]
fn given_a_no_when_asked_then_it_is_the_trouble_it_is_in_three_sentences() {
    let fault = |code: &str| {
        format!("{{\"key\":\"checkout-v2\",\"errorCode\":\"{code}\",\"errorDetails\":\"so \\u001b[2Jit is\"}}")
    };
    for (manner, kind, part) in [
        (status(404, &fault("FLAG_NOT_FOUND")), "refused", "or it is disabled"),
        (status(404, "<html>nothing</html>"), "refused", "(404)"),
        (status(400, &fault("INVALID_CONTEXT")), "refused", "so it is (INVALID_CONTEXT)"),
        (json(&fault("PARSE_ERROR")), "refused", "PARSE_ERROR"),
        (status(401, ""), "denied", "(401)"),
        (status(403, ""), "denied", "(403)"),
        (status(500, r#"{"errorDetails":"out of memory"}"#), "unreachable", "out of memory"),
        (status(503, "<html>"), "unreachable", "(503)"),
        (status(302, ""), "refused", "leads on"),
        (status(200, "<html>log in</html>"), "garbled", "log in"),
        (json("[]"), "garbled", "no JSON object"),
        (json(r#"{"key":"another","value":true}"#), "garbled", "another flag"),
        (Manner::Silent, "unreachable", "did not answer"),
        (Manner::Drip, "unreachable", "did not answer"),
        (Manner::Rude, "unreachable", "cannot be reached"),
        (Manner::Cut(b"{\"key\":".to_vec()), "unreachable", "did not answer whole"),
    ] {
        let shown = format!("{manner:?}");
        let trouble = answers(manner).unwrap_err();
        let found = match &trouble {
            Trouble::Refused(_) => "refused",
            Trouble::Denied(_) => "denied",
            Trouble::Unreachable(_) => "unreachable",
            Trouble::Garbled(_) => "garbled",
            other => panic!("{other:?}"),
        };
        let words = trouble.words();
        assert!(found == kind && words.contains(part), "{shown}: {trouble:?}");
        assert!(words.matches(". ").count() >= 2 && !words.contains('\u{1b}'), "{words}");
    }
    assert!(matches!(within(at(&nobody(), Login::Nobody).observe(None, NOW)), Err(Trouble::Unreachable(_))));
    for (header, seconds) in [("40", 40), ("2026-03-03T10:54:00Z", 40)] {
        let headers = vec![("retry-after", header.to_owned()), ("date", "Tue, 03 Mar 2026 10:53:20 GMT".to_owned())];
        let slowed = answers(Manner::Whole(429, headers, Vec::new())).unwrap_err();
        let Trouble::Slowed(until, _) = slowed else { panic!("{slowed:?}") };
        assert_eq!(until.since(NOW), Span::seconds(seconds), "{header}");
    }
}

/// Prism answering by the published document; ended with the test. `QUARTERDECK_TEST_PRISM` names the program, where it is not in the path, and
/// `OFREP_OPENAPI` the document.
struct Prism(Child, String);

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Prism {
    fn start() -> Result<Prism, String> {
        let contract = std::env::var("OFREP_OPENAPI").map_err(|_| "no OFREP_OPENAPI names the document")?;
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let program = std::env::var("QUARTERDECK_TEST_PRISM").unwrap_or_else(|_| "prism".into());
        // a question that breaks the contract is answered with 422; its own good answers break it, as more than one kind of value fits
        let arguments = ["mock", "-h", "127.0.0.1", "-p", &port.to_string(), &contract];
        let child = Command::new(program).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("no prism: {error}"))?;
        let mut out = child.stdout.take().unwrap();
        let (mut said, mut byte) = (Vec::new(), [0]);
        while !said.windows(9).any(|words| words == b"listening") {
            if out.read(&mut byte).unwrap_or(0) == 0 {
                return Err("prism ended".into());
            }
            said.push(byte[0]);
        }
        // what it says later is not needed, and must not stop it
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Ok(Prism(child, format!("http://127.0.0.1:{port}")))
    }
}

#[test]
fn given_the_published_contract_when_asked_then_every_answer_of_it_is_understood() {
    let prism = match Prism::start() {
        Ok(prism) => prism,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    let ask = |flag: &str, login: Login, code: u16| {
        let http = Http::new("flags", &prism.1, login, &[("prefer", format!("code={code}"))]).unwrap();
        let whom = Whom::parse("customer:acme", "user");
        within(Ofrep::new(http, flag).within(Duration::from_secs(20)).observe(whom.as_ref(), NOW))
    };
    let key = || Login::Bearer(Key::new("secret"));
    assert_eq!(ask("discount-banner", key(), 200), Ok(Some("true".into())));
    assert!(matches!(ask("another", key(), 200), Err(Trouble::Garbled(words)) if words.contains("another flag")));
    assert!(
        matches!(ask("discount-banner", key(), 400), Err(Trouble::Refused(words)) if words.contains("INVALID_CONTEXT"))
    );
    assert!(
        matches!(ask("discount-banner", key(), 404), Err(Trouble::Refused(words)) if words.contains("it is not there"))
    );
    assert!(matches!(ask("discount-banner", key(), 429), Err(Trouble::Slowed(..))));
    assert!(
        matches!(ask("discount-banner", key(), 500), Err(Trouble::Unreachable(words)) if words.contains("internal server error"))
    );
    assert!(matches!(ask("discount-banner", Login::Nobody, 200), Err(Trouble::Denied(_))));
}

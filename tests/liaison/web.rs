//! Servers with an HTTP interface as switches: a connector that pauses when it likes, a deployment that is paused at once, and worse.

use super::loopback::{Asked, Loopback, Manner, json, nobody, status};
use quarterdeck::incident::entry::{EntryId, Session};
use quarterdeck::incident::sought::Found;
use quarterdeck::incident::switch::{ByName, Level, Plan, Reason, Share, Wanted, Whom};
use quarterdeck::incident::time::Time;
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::http::{Http, Login, Method};
use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::switches::web::{Exclusion, Part, Request, Setting, Spot, Web};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const PACE: Duration = Duration::from_millis(5);
const NOW: Time = Time(1_772_535_200_000_000);

fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn request(method: Method, path: &str, body: &str) -> Request {
    Request { method, path: path.into(), body: (!body.is_empty()).then(|| body.into()) }
}

fn spot(path: &str, pointer: &str) -> Spot {
    Spot { path: path.into(), pointer: (!pointer.is_empty()).then(|| pointer.into()) }
}

fn on(url: &str, setting: Setting) -> Web {
    let http = Http::new("copier", url, Login::Nobody, &[]).unwrap();
    Web::new(http, setting).unwrap().within(Duration::from_secs(10), Duration::from_secs(20), PACE)
}

/// The same in a hurry, for servers that never answer or never follow.
fn hurried(url: &str, setting: Setting) -> Web {
    on(url, setting).within(Duration::from_secs(1), Duration::from_secs(2), PACE)
}

/// A connector as Kafka Connect has it.
fn connector() -> Setting {
    Setting {
        stop: request(Method::Put, "/connectors/orders/pause", ""),
        restore: Some(request(Method::Put, "/connectors/orders/resume", "")),
        exclude: None,
        percent: None,
        probe: spot("/connectors/orders/status", "/connector/state"),
        stopped: "PAUSED".into(),
        running: "RUNNING".into(),
    }
}

/// A deployment as Prefect has it.
fn deployment() -> Setting {
    Setting {
        stop: request(Method::Patch, "/api/deployments/7", r#"{"paused":true,"description":"{reason}"}"#),
        restore: Some(request(Method::Post, "/api/deployments/7/resume_deployment", "")),
        probe: spot("/api/deployments/7", "/paused"),
        stopped: "true".into(),
        running: "false".into(),
        ..connector()
    }
}

fn reason() -> Reason {
    let act = EntryId::of(Session(1), 2);
    Reason { why: "it \"fills\" the disk".into(), incident: Some(412), person: "Ana".into(), act }
}

fn plan(web: &Web, wanted: &Wanted) -> Result<Plan, Trouble> {
    within(web.plan(wanted, NOW))
}

fn act(web: &Web, wanted: &Wanted) -> (Plan, CarryOutcome) {
    let plan = plan(web, wanted).unwrap();
    let outcome = within(web.carry(wanted, &plan.before, &reason(), NOW));
    (plan, outcome)
}

fn is_write(asked: &Asked) -> bool {
    !asked.line.starts_with("GET ")
}

fn writes(server: &Loopback) -> Vec<Asked> {
    server.asked().into_iter().filter(is_write).collect()
}

/// A connector that follows after so many questions, and never sooner.
fn kafka(lag: usize) -> Loopback {
    let state = Arc::new(Mutex::new(("RUNNING", "RUNNING", 0)));
    Loopback::start(move |asked| {
        let mut state = state.lock().unwrap();
        match asked.line.as_str() {
            "PUT /connectors/orders/pause" => *state = (state.0, "PAUSED", lag),
            "PUT /connectors/orders/resume" => *state = (state.0, "RUNNING", lag),
            "GET /connectors/orders/status" => {
                state.2 = state.2.saturating_sub(1);
                if state.2 == 0 {
                    state.0 = state.1;
                }
                let tasks = r#"[{"id":0,"state":"RUNNING","worker_id":"10.0.0.1:8083"}]"#;
                let now = state.0;
                return json(&format!(
                    "{{\"name\":\"orders\",\"connector\":{{\"state\":\"{now}\"}},\"tasks\":{tasks}}}"
                ));
            }
            other => return status(404, &format!("{{\"error_code\":404,\"message\":\"HTTP 404 {other}\"}}")),
        }
        status(202, "")
    })
}

#[test]
fn given_a_connector_that_pauses_later_when_stopped_then_it_is_done_when_its_status_says_so() {
    let server = kafka(4);
    let web = on(&server.url(), connector());
    let seen = within(web.look(&ByName::default(), NOW)).unwrap();
    assert_eq!((seen.value.as_str(), seen.level), ("RUNNING", Level::On));
    let (plan, outcome) = act(&web, &Wanted::Stop);
    assert_eq!((plan.from.as_str(), plan.to.as_str(), plan.idle), ("RUNNING", "PAUSED", false));
    assert!(plan.changes.contains("PUT /connectors/orders/pause"), "{plan:?}");
    let CarryOutcome::Done { value, words, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(
        (value.as_str(), words.as_str()),
        ("PAUSED", "PUT /connectors/orders/pause (202), and its probe says PAUSED")
    );
    assert_eq!(writes(&server).len(), 1);
    assert_eq!(within(web.look(&ByName::default(), NOW)).unwrap().level, Level::Off);

    // asking twice is asking once
    let (again, outcome) = act(&web, &Wanted::Stop);
    assert!(again.idle && matches!(outcome, CarryOutcome::Already { .. }), "{outcome:?}");
    assert_eq!(writes(&server).len(), 1);
    let (_, back) = act(&web, &Wanted::Put(plan.before));
    assert!(matches!(&back, CarryOutcome::Done { value, .. } if value == "RUNNING"), "{back:?}");
    assert_eq!(
        writes(&server).last().map(|asked| asked.line.clone()).as_deref(),
        Some("PUT /connectors/orders/resume")
    );
    assert!(within(web.check(NOW)).unwrap()[0].contains("RUNNING"));
}

#[test]
fn given_a_connector_that_never_pauses_when_stopped_then_nobody_is_sure_and_it_is_not_sent_again() {
    let server = kafka(usize::MAX);
    let (_, outcome) = act(&hurried(&server.url(), connector()), &Wanted::Stop);
    let CarryOutcome::Unsure(words) = &outcome else { panic!("{outcome:?}") };
    assert!(words.contains("(202)") && words.contains("still says RUNNING, not PAUSED"), "{words}");
    assert_eq!(writes(&server).len(), 1);
    assert!(server.asked().len() > 6, "it asked again for a while");
}

#[test]
fn given_a_deployment_when_paused_and_resumed_then_each_is_proven_and_why_is_told() {
    let paused = Arc::new(Mutex::new(false));
    let server = Loopback::start(move |asked| {
        let mut paused = paused.lock().unwrap();
        match asked.line.as_str() {
            "PATCH /api/deployments/7" => *paused = asked.body.contains("true"),
            "POST /api/deployments/7/resume_deployment" => *paused = false,
            _ => {
                return json(&format!(
                    "{{\"id\":\"7\",\"paused\":{paused},\"status\":\"NOT_READY\",\"schedules\":[{{\"active\":true}}]}}"
                ));
            }
        }
        status(204, "")
    });
    let web = on(&server.url(), deployment());
    let (_, outcome) = act(&web, &Wanted::Stop);
    assert!(matches!(&outcome, CarryOutcome::Done { value, .. } if value == "true"), "{outcome:?}");
    let sent = &writes(&server)[0];
    let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(body, serde_json::json!({"paused": true, "description": reason().to_string()}));
    assert_eq!(sent.header("content-type"), Some("application/json"));
    let (_, outcome) = act(&web, &Wanted::Restore);
    assert!(matches!(&outcome, CarryOutcome::Done { value, .. } if value == "false"), "{outcome:?}");
}

#[test]
fn given_somebody_who_was_quicker_when_carried_then_nothing_is_sent() {
    let state = Arc::new(Mutex::new("RUNNING"));
    let told = Arc::clone(&state);
    let server =
        Loopback::start(move |_| json(&format!("{{\"connector\":{{\"state\":\"{}\"}}}}", told.lock().unwrap())));
    let web = on(&server.url(), connector());
    let plan = plan(&web, &Wanted::Stop).unwrap();
    *state.lock().unwrap() = "FAILED";
    let outcome = within(web.carry(&Wanted::Stop, &plan.before, &reason(), NOW));
    assert!(
        matches!(&outcome, CarryOutcome::Conflict(words) if words.contains("FAILED") && words.contains("decide anew")),
        "{outcome:?}"
    );
    for before in ["", "{}", "{\"probe\":\"PAUSED\"}"] {
        assert!(
            matches!(within(web.carry(&Wanted::Stop, before, &reason(), NOW)), CarryOutcome::Conflict(_)),
            "{before}"
        );
    }
    // what was neither can be looked at and stopped, not put back
    let failed = within(web.look(&ByName::default(), NOW)).unwrap();
    assert_eq!((failed.level, failed.value.as_str()), (Level::Other, "FAILED"));
    let Err(Trouble::Refused(words)) = within(web.plan(&Wanted::Put("{\"probe\":\"FAILED\"}".into()), NOW)) else {
        panic!()
    };
    assert!(words.contains("puts FAILED back"), "{words}");
    assert!(within(web.check(NOW)).is_err());
    // somebody who did the same is no trouble
    *state.lock().unwrap() = "PAUSED";
    assert!(matches!(within(web.carry(&Wanted::Stop, &plan.before, &reason(), NOW)), CarryOutcome::Already { .. }));
    assert!(writes(&server).is_empty());
}

/// A server that runs, and answers each write so.
fn answering(manner: Manner) -> Loopback {
    Loopback::start(move |asked| match is_write(asked) {
        true => manner.clone(),
        false => json(r#"{"connector":{"state":"RUNNING"}}"#),
    })
}

#[test]
fn given_any_answer_to_a_write_when_carried_then_it_is_sent_once_and_the_words_say_what_is_known() {
    let html = "<html>\u{1b}[2Jlog in</html>";
    for (manner, kind, part) in [
        (status(401, ""), "refused", "(401)"),
        (status(408, ""), "unsure", "Its probe says RUNNING now"),
        (status(403, "needs a second person"), "refused", "needs a second person"),
        (status(404, html), "refused", "(404)"),
        (status(405, ""), "refused", "(405)"),
        (status(409, r#"{"error_code":409,"message":"rebalance in progress"}"#), "refused", "rebalance in progress"),
        (status(422, r#"{"message":"no"}"#), "refused", "(422)"),
        (Manner::Whole(429, vec![("retry-after", "7".into())], Vec::new()), "refused", "It is not sent again"),
        (Manner::Whole(308, vec![("location", "/v2".into())], Vec::new()), "refused", "says RUNNING still"),
        (Manner::Whole(302, vec![("location", "/login".into())], Vec::new()), "unsure", "leads on to /login (302)"),
        // it may be done behind it, and be seen a moment later
        (Manner::Whole(303, vec![("location", "/share".into())], Vec::new()), "unsure", "Its probe says RUNNING now"),
        (status(500, html), "unsure", "Its probe says RUNNING now"),
        (status(503, ""), "unsure", "not sent again"),
        (Manner::Silent, "unsure", "did not answer"),
        (Manner::Drip, "unsure", "did not answer"),
        (Manner::Rude, "unsure", "Its probe says RUNNING now"),
        (Manner::Cut(b"{".to_vec()), "unsure", "did not answer whole"),
        (status(200, html), "unsure", "still says RUNNING"),
    ] {
        let shown = format!("{manner:?}");
        let server = answering(manner);
        let (_, outcome) = act(&hurried(&server.url(), connector()), &Wanted::Stop);
        let found = match &outcome {
            CarryOutcome::Refused(_) => "refused",
            CarryOutcome::Unsure(_) => "unsure",
            other => panic!("{shown}: {other:?}"),
        };
        let words = outcome.words();
        assert!(found == kind && words.contains(part), "{shown}: {outcome:?}");
        assert!(!words.contains('\u{1b}') && words.matches(". ").count() >= 2, "{words}");
        assert_eq!(writes(&server).len(), 1, "{shown}");
    }
}

#[test]
fn given_an_answer_that_is_no_yes_when_the_probe_is_asked_then_it_and_not_the_answer_says_what_was_done() {
    let to = |status, to: &str| Manner::Whole(status, vec![("location", to.into())], Vec::new());
    let manners = || {
        let fine = [404, 409, 422, 429, 401, 500, 503].map(|code| status(code, ""));
        fine.into_iter().chain([to(302, "/login"), to(303, "/share"), Manner::Silent, Manner::Rude])
    };
    let after = |manner: Manner, then: Manner| {
        let state = Arc::new(Mutex::new(false));
        let kept = Arc::clone(&state);
        let server = Loopback::start(move |asked| {
            let mut was_sent = kept.lock().unwrap();
            match (is_write(asked), *was_sent) {
                (true, _) => {
                    *was_sent = true;
                    manner.clone()
                }
                (false, true) => then.clone(),
                (false, false) => json(r#"{"connector":{"state":"RUNNING"}}"#),
            }
        });
        let (_, outcome) = act(&hurried(&server.url(), connector()), &Wanted::Stop);
        assert_eq!(writes(&server).len(), 1, "{outcome:?}");
        let reads = server.asked().iter().skip_while(|asked| !is_write(asked)).count() - 1;
        assert_eq!(reads, 1, "the probe is asked once: {outcome:?}");
        assert!(!server.asked().iter().any(|asked| asked.line.contains("/share")), "nothing is followed");
        outcome
    };
    for manner in manners() {
        let shown = format!("{manner:?}");
        let done = after(manner.clone(), json(r#"{"connector":{"state":"PAUSED"}}"#));
        let CarryOutcome::Done { value, words, .. } = &done else { panic!("{shown}: {done:?}") };
        assert!(value == "PAUSED" && words.ends_with("and its probe says PAUSED"), "{shown}: {words}");
        if let Manner::Whole(code, ..) = &manner {
            assert!(words.contains(&code.to_string()), "what was answered is said: {words}");
        }
        // it is neither, or nobody says what it is
        for then in [json(r#"{"connector":{"state":"FAILED"}}"#), status(500, "")] {
            let unsure = after(manner.clone(), then);
            assert!(
                matches!(&unsure, CarryOutcome::Unsure(words) if !words.contains("Nothing was changed")),
                "{shown}: {unsure:?}"
            );
        }
    }
}

#[test]
fn given_a_probe_that_cannot_be_read_when_looked_at_then_nothing_is_sent() {
    for (manner, kind) in [
        (status(404, ""), "refused"),
        (status(503, ""), "unreachable"),
        (Manner::Silent, "unreachable"),
        (status(200, "<html>log in</html>"), "garbled"),
        (json("{}"), "garbled"),
        (json(r#"{"connector":{"state":{"a":1}}}"#), "garbled"),
    ] {
        let shown = format!("{manner:?}");
        let server = Loopback::start(move |_| manner.clone());
        let web = hurried(&server.url(), connector());
        let trouble = within(web.look(&ByName::default(), NOW)).unwrap_err();
        let found = match &trouble {
            Trouble::Refused(_) => "refused",
            Trouble::Unreachable(_) => "unreachable",
            Trouble::Garbled(_) => "garbled",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, kind, "{shown}: {trouble:?}");
        assert!(plan(&web, &Wanted::Stop).is_err());
        let outcome = within(web.carry(&Wanted::Stop, "{\"probe\":\"RUNNING\"}", &reason(), NOW));
        assert!(matches!(outcome, CarryOutcome::Refused(_)), "{outcome:?}");
        assert!(writes(&server).is_empty(), "{shown}");
    }
    let web = on(&nobody(), connector());
    assert!(matches!(within(web.look(&ByName::default(), NOW)), Err(Trouble::Unreachable(_))));
}

/// A server that knows who is blocked and what share it takes, as plain text and as a number.
fn limiter() -> Setting {
    let blocked = spot("/customers/{key}", "/blocked");
    Setting {
        stop: request(Method::Put, "/share", r#"{"percent":0}"#),
        restore: None,
        exclude: Some(Exclusion {
            kind: "customer".into(),
            part: Part {
                request: request(Method::Post, "/customers/{key}/block", r#"{"customer":"{key}","why":"{reason}"}"#),
                spot: blocked,
                proof: "true".into(),
            },
            undo: Some(request(Method::Delete, "/customers/{key}/block", "")),
        }),
        percent: Some(Part {
            request: request(Method::Put, "/share", r#"{"percent":{percent}}"#),
            spot: spot("/share", ""),
            proof: "{percent}".into(),
        }),
        probe: spot("/share", ""),
        stopped: "0".into(),
        running: "100".into(),
    }
}

#[test]
fn given_a_part_when_excluded_or_lowered_then_it_is_proven_by_its_own_spot_and_put_back_exactly() {
    let state = Arc::new(Mutex::new((String::from("50"), Vec::<String>::new())));
    let server = Loopback::start(move |asked| {
        let mut state = state.lock().unwrap();
        let (method, path) = asked.line.split_once(' ').unwrap();
        let customer = path.strip_prefix("/customers/").map(|rest| rest.trim_end_matches("/block").to_owned());
        match (method, customer) {
            ("GET", Some(customer)) => return json(&format!("{{\"blocked\":{}}}", state.1.contains(&customer))),
            ("GET", None) => return status(200, &format!("{}\n", state.0)),
            ("POST", Some(customer)) => state.1.push(customer),
            ("DELETE", Some(customer)) => state.1.retain(|one| *one != customer),
            ("PUT", None) => {
                let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
                state.0 = body["percent"].to_string();
            }
            _ => return status(404, ""),
        }
        status(200, "")
    });
    let web = on(&server.url(), limiter());
    let acme = Wanted::Exclude(Whom { kind: "customer".into(), key: "ac/me \"1\"".into() });
    let (excluded, outcome) = act(&web, &acme);
    assert!(matches!(outcome, CarryOutcome::Done { .. }), "{outcome:?}");
    assert_eq!(excluded.step(), "customer ac/me \"1\": not excluded → excluded");
    assert_eq!(excluded.notes[0], "All others stay as that server has it.");
    let sent = &writes(&server)[0];
    assert_eq!(sent.line, "POST /customers/ac%2Fme%20%221%22/block");
    let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(body["customer"], "ac/me \"1\"");
    let (_, outcome) = act(&web, &Wanted::Percent(Share::of_milli(2_500).unwrap()));
    assert!(matches!(&outcome, CarryOutcome::Done { value, .. } if value == "2.5"), "{outcome:?}");
    let (lowered, _) = act(&web, &Wanted::Percent(Share::of_percent(1).unwrap()));
    assert!(lowered.before.contains("\"2.5\""), "{}", lowered.before);
    assert!(matches!(act(&web, &Wanted::Put(lowered.before)).1, CarryOutcome::Done { value, .. } if value == "2.5"));
    let (included, outcome) = act(&web, &Wanted::Put(excluded.before));
    assert_eq!(included.step(), "customer ac/me \"1\": excluded → not excluded");
    assert!(matches!(&outcome, CarryOutcome::Done { value, .. } if value == "not excluded"), "{outcome:?}");
    assert_eq!(writes(&server).last().unwrap().line, "DELETE /customers/ac%2Fme%20%221%22/block");
    assert_eq!(writes(&server).len(), 5);

    let refused = |wanted: &Wanted| match plan(&web, wanted) {
        Err(Trouble::Refused(words)) => words,
        other => panic!("{other:?}"),
    };
    let user = Wanted::Exclude(Whom { kind: "user".into(), key: "alice".into() });
    assert!(refused(&user).contains("customer:NAME"));
    let step = Wanted::Exclude(Whom { kind: "customer".into(), key: "..".into() });
    assert!(refused(&step).contains("does not fit"));
    assert!(refused(&Wanted::Restore).contains("restores it"));
    assert_eq!(writes(&server).len(), 5);
}

#[test]
fn given_what_is_there_when_it_is_looked_for_then_it_is_compared_with_what_was_there_and_what_was_wanted() {
    let share = Arc::new(Mutex::new("100".to_owned()));
    let own = Arc::clone(&share);
    let server = Loopback::start(move |_| status(200, &own.lock().unwrap()));
    let web = on(&server.url(), limiter());
    let compared = |wanted: &Wanted, before: &str| within(web.compare(wanted, before, NOW)).unwrap();
    let five = Wanted::Percent(Share::of_percent(5).unwrap());
    let (before, whole) = (plan(&web, &five).unwrap().before, plan(&web, &Wanted::Stop).unwrap().before);
    assert_eq!([compared(&five, &before), compared(&Wanted::Stop, &whole)], [Found::AsBefore; 2]);
    for (now, as_share, as_stop) in [
        ("5", Found::AsWanted, Found::Otherwise),
        ("0", Found::Otherwise, Found::AsWanted),
        ("42", Found::Otherwise, Found::Otherwise),
    ] {
        *share.lock().unwrap() = now.into();
        assert_eq!((compared(&five, &before), compared(&Wanted::Stop, &whole)), (as_share, as_stop), "{now}");
    }
    assert_eq!(compared(&Wanted::Put("{".into()), &before), Found::Otherwise, "nobody waits for what cannot be read");
    assert!(writes(&server).is_empty());
}

#[test]
fn given_customers_that_are_stopped_when_looked_at_then_a_handful_is_asked_about_and_the_others_are_named_as_not_seen()
{
    let server = Loopback::start(|asked| match asked.line.as_str() {
        "GET /share" => status(200, "100"),
        "GET /customers/c1" => json(r#"{"blocked":false}"#),
        "GET /customers/mute" => Manner::Silent,
        _ => json(r#"{"blocked":true}"#),
    });
    let customer = |key: &str| Whom { kind: "customer".into(), key: key.into() };
    let look = |keys: &[&str], one: Option<&str>| {
        let stopped = keys.iter().map(|key| customer(key)).collect();
        let web = hurried(&server.url(), limiter());
        within(web.look(&ByName { one: one.map(customer), stopped }, NOW))
    };
    let seen = look(&["c0", "c1", "c2"], Some("c2")).unwrap();
    assert_eq!((seen.excluded, seen.unseen, seen.level), (vec![customer("c2"), customer("c0")], vec![], Level::Partly));
    assert_eq!(seen.words, "running, says its probe; not for c2, c0");
    let many = look(&["c0", "c1", "c2", "c3", "c4", "c5", "c6"], None).unwrap();
    assert_eq!((many.excluded.len(), many.unseen), (4, vec![customer("c5"), customer("c6")]));
    assert!(many.words.ends_with("; not for c0, c2, c3, c4 and 2 more not asked"), "{}", many.words);
    // one that does not answer keeps nobody from what is known, and says nothing of those behind it
    let mute = look(&["mute", "c2"], None).unwrap();
    assert_eq!((mute.excluded.len(), mute.unseen.len(), mute.level), (0, 2, Level::On));
    assert!(mute.words.ends_with("; 2 stopped by us, not looked at"), "{}", mute.words);
    // what is looked for is never guessed at
    assert!(look(&["c2"], Some("mute")).is_err());
}

#[test]
fn given_a_setting_that_cannot_work_when_made_then_it_says_what_is_wrong() {
    let fault = |change: &dyn Fn(&mut Setting)| {
        let mut setting = limiter();
        change(&mut setting);
        let http = Http::new("copier", "http://127.0.0.1:1", Login::Nobody, &[]).unwrap();
        match Web::new(http, setting) {
            Err(Trouble::Refused(words)) => words,
            other => panic!("{other:?}"),
        }
    };
    assert!(fault(&|s| s.stopped = "100".into()).contains("are the same"));
    assert!(fault(&|s| s.stop.body = Some("{\"a\":".into())).contains("`stop`"));
    assert!(fault(&|s| s.stop.path = "/x/{key}".into()).contains("`stop`"));
    assert!(fault(&|s| s.stop.path = "x".into()).contains("`stop`"));
    assert!(fault(&|s| s.probe.pointer = Some("state".into())).contains("probe"));
    assert!(fault(&|s| s.percent.as_mut().unwrap().request.body = None).contains("{percent}"));
    assert!(fault(&|s| s.exclude.as_mut().unwrap().part.spot.path = "/blocked".into()).contains("{key}"));
}

/// A server that runs at a share, and has one place that only says whether it is a certain one.
fn dial(share: &str) -> (Loopback, Arc<Mutex<String>>) {
    let state = Arc::new(Mutex::new(share.to_owned()));
    let own = Arc::clone(&state);
    let server = Loopback::start(move |asked| {
        let mut share = own.lock().unwrap();
        let (method, path) = asked.line.split_once(' ').unwrap();
        match (method, path.strip_prefix("/share/is/")) {
            ("GET", Some(is)) => json(&format!("{{\"set\":{}}}", *share == is)),
            ("GET", None) if path == "/share" => json(&format!("{{\"limit\":\"up to {share} of 100\"}}")),
            ("GET", None) => json("{\"state\":\"RUNNING\"}"),
            _ => {
                let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
                *share = body["percent"].to_string();
                status(204, "")
            }
        }
    });
    (server, state)
}

fn shared(spot: Spot, proof: &str) -> Setting {
    let request = request(Method::Put, "/share", r#"{"percent":{percent}}"#);
    Setting {
        percent: Some(Part { request, spot, proof: proof.into() }),
        probe: self::spot("/state", "/state"),
        ..connector()
    }
}

#[test]
fn given_a_share_that_was_set_when_looked_at_then_it_is_told_or_said_to_be_unknown_and_never_taken_for_all() {
    let to = |percent| Wanted::Percent(Share::of_percent(percent).unwrap());
    let (server, _) = dial("100");
    let told = on(&server.url(), shared(spot("/share", "/limit"), "up to {percent} of 100"));
    let asks = on(&server.url(), shared(spot("/share/is/{percent}", "/set"), "true"));
    let seen = |web: &Web| {
        let sight = within(web.look(&ByName::default(), NOW)).unwrap();
        (sight.level, sight.share, sight.served(None))
    };
    let all = (Level::On, Some(Share::EVERYBODY), "RUNNING".to_owned());
    assert_eq!((seen(&told), seen(&asks)), (all.clone(), all.clone()));
    // a plan says whom it found reached, by its own reading
    assert_eq!(plan(&told, &to(5)).unwrap().reach, Some(Share::EVERYBODY));
    let (planned, outcome) = act(&asks, &to(5));
    assert_eq!(planned.reach, Some(Share::EVERYBODY));
    assert!(matches!(outcome, CarryOutcome::Done { .. }), "{outcome:?}");
    let five = Share::of_percent(5);
    assert_eq!(seen(&told), (Level::Partly, five, "RUNNING for 5 %".to_owned()));
    assert_eq!(seen(&asks), (Level::Partly, None, "RUNNING for an unknown share".to_owned()));
    assert_eq!(within(told.look(&ByName::default(), NOW)).unwrap().reach(), five);
    let reach = [&told, &asks].map(|web| plan(web, &to(25)).unwrap().reach);
    assert_eq!(reach, [five, None]);
    // an unknown share is nothing that stands against using it
    assert!(within(asks.check(NOW)).unwrap()[0].contains("how many are served is not known"));
    act(&told, &to(100));
    assert_eq!((seen(&told), seen(&asks)), (all.clone(), all));
}

#[test]
fn given_a_place_of_the_share_that_tells_none_when_looked_at_then_nobody_says_that_all_are_served() {
    let (server, share) = dial("half");
    let web = on(&server.url(), shared(spot("/share", "/limit"), "up to {percent} of 100"));
    let sight = within(web.look(&ByName::default(), NOW)).unwrap();
    assert_eq!((sight.level, sight.reach(), sight.untold), (Level::Partly, None, true));
    "0".clone_into(&mut share.lock().unwrap());
    let sight = within(web.look(&ByName::default(), NOW)).unwrap();
    assert_eq!((sight.level, sight.reach(), sight.untold), (Level::Off, Some(Share::NOBODY), false));
}

#[test]
fn given_a_share_that_the_probe_tells_when_a_stop_is_taken_back_then_the_request_for_a_share_sets_it_again() {
    let share = Arc::new(Mutex::new(String::from("up to 100")));
    let own = Arc::clone(&share);
    let server = Loopback::start(move |asked| {
        let mut share = own.lock().unwrap();
        if asked.line.starts_with("GET ") {
            return status(200, &share);
        }
        let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
        *share = format!("up to {}", body["percent"]);
        status(200, "")
    });
    let mut setting = limiter();
    (setting.stopped, setting.running) = ("up to 0".into(), "up to 100".into());
    setting.percent.as_mut().unwrap().proof = "up to {percent}".into();
    let web = on(&server.url(), setting);
    let (lowered, _) = act(&web, &Wanted::Percent(Share::of_percent(20).unwrap()));
    let (stopped, outcome) = act(&web, &Wanted::Stop);
    assert!(matches!(outcome, CarryOutcome::Done { .. }), "{outcome:?}");
    assert!(!stopped.notes.iter().any(|note| note.contains("no revert")), "{:?}", stopped.notes);
    for (put, says) in [(stopped.before, "up to 20"), (lowered.before, "up to 100")] {
        let (_, outcome) = act(&web, &Wanted::Put(put));
        assert!(matches!(&outcome, CarryOutcome::Done { value, .. } if value == says), "{outcome:?}");
    }
    let half = r#"{"probe":"up to half"}"#.to_owned();
    assert!(matches!(plan(&web, &Wanted::Put(half)), Err(Trouble::Refused(words)) if words.contains("up to half")));
}

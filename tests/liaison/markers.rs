//! Markers at Honeycomb: set once, told apart by what became of them, looked for when nobody can say.

use super::honeycomb_fake::{Fake, Marking};
use super::loopback::{Manner, json, nobody, status};
use quarterdeck::incident::entry::EntryId;
use quarterdeck::incident::marker::MarkerIntended;
use quarterdeck::incident::time::{SECOND, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::backends::honeycomb::markers::Markers;
use quarterdeck::liaison::http::{Http, Key, Login};
use std::time::Duration;

const NOW: Time = Time(1_772_535_200 * SECOND + 999_999);

fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn of(url: &str, dataset: &str) -> Markers {
    let http = Http::new("hny", url, Login::Header("x-honeycomb-team".into(), Key::new("right-key")), &[]).unwrap();
    Markers::new(http, dataset).within(Duration::from_millis(500))
}

fn marker(words: &str) -> MarkerIntended {
    MarkerIntended { target: "hny".into(), words: words.into(), moment: NOW, about: EntryId::default() }
}

fn declared() -> MarkerIntended {
    marker("412 declared: API refuses \"all\" traffic \u{2013} ☎")
}

/// What a trouble says, when it is three sentences and more than words.
fn sentences(trouble: &Trouble) -> &str {
    let words = trouble.words();
    assert!(words.matches(". ").count() >= 2 && words.ends_with('.'), "three sentences: {words}");
    words
}

#[test]
fn given_a_marker_when_set_then_it_stands_there_with_its_words_its_second_and_its_kind() {
    let fake = Fake::start(NOW.0 / SECOND);
    let markers = of(&fake.server.url(), "api");
    let id = within(markers.set(&declared(), NOW)).unwrap();
    assert_eq!(within(markers.find(&declared(), NOW)).unwrap(), Ok(id));
    let asked = fake.server.asked();
    let sent: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    let members = serde_json::json!({"message": declared().words, "start_time": 1_772_535_200, "type": "incident"});
    assert_eq!((sent, asked[0].line.as_str()), (members, "POST /1/markers/api"));
    assert!(asked[0].header("user-agent").is_some_and(|agent| agent.starts_with("quarterdeck/")));
    // another second, other words, another dataset: another marker
    let later = MarkerIntended { moment: Time(NOW.0 + SECOND), ..declared() };
    assert_eq!(within(markers.find(&later, NOW)).unwrap(), Err(1));
    assert_eq!(within(markers.find(&marker("412 declared"), NOW)).unwrap(), Err(1));
    let all = of(&fake.server.url(), "__all__");
    assert_eq!(within(all.find(&declared(), NOW)).unwrap(), Err(0));
    within(all.set(&declared(), NOW)).unwrap();
    assert_eq!((fake.marked("api").len(), fake.marked("__all__").len()), (1, 1));
}

#[test]
fn given_a_no_when_set_then_it_is_certain_that_nothing_was_and_the_words_say_what_to_do() {
    let fake = Fake::start(NOW.0 / SECOND);
    let set = |dataset: &str| within(of(&fake.server.url(), dataset).set(&declared(), NOW)).unwrap_err();
    let problem = |status: u16| Manner::Whole(status, vec![], br#"{"error":"no \u001b[31msuch thing"}"#.to_vec());
    for (status, kind) in
        [(400, "refused"), (401, "denied"), (403, "denied"), (404, "refused"), (422, "refused"), (429, "slowed")]
    {
        fake.marking(Marking::Not(problem(status)));
        let trouble = set("api");
        let found = match &trouble {
            Trouble::Refused(_) => "refused",
            Trouble::Denied(_) => "denied",
            Trouble::Slowed(..) => "slowed",
            other => panic!("{status}: {other:?}"),
        };
        let words = sentences(&trouble);
        assert_eq!(found, kind, "{status}");
        assert!(words.contains("no such thing") && words.contains("No marker was set."), "{words}");
        assert!(!words.contains("counted") && !words.contains("asked again"), "{words}");
    }
    fake.memory.lock().unwrap().lacks = vec!["markers"];
    assert!(sentences(&set("api")).contains("Manage Markers"));
    let unknown = set("other");
    assert!(sentences(&unknown).contains("Dataset not found"), "{unknown:?}");
    // nobody is there: nothing was sent
    let gone = within(of(&nobody(), "api").set(&declared(), NOW)).unwrap_err();
    assert!(matches!(&gone, Trouble::Unreachable(words) if words.contains("No marker was set.")), "{gone:?}");
    // a key never follows elsewhere
    fake.memory.lock().unwrap().lacks.clear();
    fake.marking(Marking::Not(Manner::Whole(302, vec![("location", "http://127.0.0.1:9/".into())], Vec::new())));
    assert!(matches!(set("api"), Trouble::Unsure(words) if words.contains("leads on to")));
    assert!(fake.marked("api").is_empty());
}

#[test]
fn given_no_clear_answer_when_set_then_nobody_is_sure_and_it_is_found_only_where_it_is() {
    let html = "<html>\u{1b}[2JPlease log in</html>";
    let unclear = [
        Manner::Silent,
        Manner::Rude,
        Manner::Drip,
        Manner::Cut(br#"{"id":"#.to_vec()),
        status(500, html),
        status(502, html),
        status(200, html),
        json("{}"),
        json(r#"{"id":"d1c84e00","message":"another","start_time":1}"#),
    ];
    for manner in unclear {
        for is_set in [true, false] {
            let fake = Fake::start(NOW.0 / SECOND);
            fake.marking(if is_set { Marking::DoneBut(manner.clone()) } else { Marking::Not(manner.clone()) });
            let markers = of(&fake.server.url(), "api");
            let unsure = within(markers.set(&declared(), NOW)).unwrap_err();
            let Trouble::Unsure(words) = &unsure else { panic!("{manner:?}: {unsure:?}") };
            assert!(sentences(&unsure).contains("It is looked for, and not sent again."), "{words}");
            assert!(!words.contains('\u{1b}'), "{words}");
            assert_eq!(within(markers.find(&declared(), NOW)).unwrap().is_ok(), is_set, "{manner:?}");
            assert_eq!(fake.times("POST /1/markers/"), 1, "it is not sent again");
        }
    }
}

#[test]
fn given_answers_that_are_none_when_looked_for_then_whether_it_is_there_is_not_known() {
    for manner in
        [Manner::Silent, Manner::Rude, status(503, "<html>"), status(200, "<html>"), json("{}"), status(429, "")]
    {
        let server = super::loopback::Loopback::start(move |_| manner.clone());
        let trouble = within(of(&server.url(), "api").find(&declared(), NOW)).unwrap_err();
        assert!(!matches!(trouble, Trouble::Unsure(_)), "looking changes nothing: {trouble:?}");
        assert!(sentences(&trouble).contains("Whether the marker is there is not known."), "{trouble:?}");
    }
}

#[test]
fn given_a_key_when_checked_then_what_it_may_is_said_before_it_is_needed_and_nothing_is_set() {
    let fake = Fake::start(NOW.0 / SECOND);
    let check = |dataset: &str| within(of(&fake.server.url(), dataset).check(NOW));
    assert_eq!(check("api").unwrap(), "markers go to api of acme, environment production, which has 0");
    assert!(check("__all__").is_ok());
    assert!(matches!(check("other"), Err(Trouble::Refused(words)) if words.contains("Dataset not found")));
    fake.memory.lock().unwrap().lacks = vec!["markers"];
    let lacks = check("api").unwrap_err();
    assert!(matches!(&lacks, Trouble::Denied(_)) && sentences(&lacks).contains("\"Manage Markers\""), "{lacks:?}");
    assert_eq!(fake.times("POST"), 0);
    let answer = |body: &'static str| {
        let server = super::loopback::Loopback::start(move |_| json(body));
        within(of(&server.url(), "__all__").check(NOW)).unwrap_err()
    };
    let ingest = answer(r#"{"type":"ingest","team":{"slug":"a"}}"#);
    assert!(sentences(&ingest).contains("ingest key"), "{ingest:?}");
    let classic = answer(r#"{"type":"configuration","team":{"slug":"a"},"environment":{"name":"","slug":""}}"#);
    assert!(sentences(&classic).contains("classic"), "{classic:?}");
}

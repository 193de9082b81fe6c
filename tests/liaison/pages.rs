//! The static status page on a real disk.

use quarterdeck::incident::phase::Phase;
use quarterdeck::incident::severity::Severity;
use quarterdeck::incident::time::{MINUTE, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::channels::page::{Page, PageIncident, PageUpdate, look, publish};
use quarterdeck::liaison::outcome::CarryOutcome;
use std::fs;
use std::path::Path;

/// 2019-07-09T22:55:00Z.
const START: i64 = 1_562_712_900_000_000;

fn update(id: &str, minute: i64, phase: Phase, text: &str) -> PageUpdate {
    PageUpdate { id: id.to_owned(), at: Time(START + minute * MINUTE), phase, text: text.to_owned() }
}

fn incident(updates: Vec<PageUpdate>) -> PageIncident {
    PageIncident {
        id: "412".to_owned(),
        title: "API refuses all traffic".to_owned(),
        severity: Severity::Sev1,
        phase: Phase::Mitigated,
        updates,
        next: Some(Time(START + 35 * MINUTE)),
    }
}

fn page(incidents: Vec<PageIncident>) -> Page {
    Page { title: "Example status".to_owned(), drill: false, generated: Time(START + 9 * MINUTE), incidents }
}

fn done(directory: &Path, page: &Page) -> (String, serde_json::Value) {
    let got = publish(directory, page);
    assert!(matches!(&got, CarryOutcome::Done { value, .. } if value == "visible"), "{got:?}");
    let json = fs::read_to_string(directory.join("summary.json")).unwrap();
    (fs::read_to_string(directory.join("index.html")).unwrap(), serde_json::from_str(&json).unwrap())
}

fn refusal(directory: &Path, page: &Page) -> String {
    match publish(directory, page) {
        CarryOutcome::Refused(words) => words,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn what_is_published_is_visible_and_found_again() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(look(directory.path(), "u1"), Ok(None));
    let first = update("u1", 0, Phase::Investigating, "We are refusing all API traffic.\nWe look into it.");
    let (html, json) = done(directory.path(), &page(vec![incident(vec![first])]));
    assert!(html.contains("Critical incident: monitoring") && html.contains("lang=\"en\""));
    assert!(html.contains("<time datetime=\"2019-07-09T23:30:00Z\">23:30 UTC</time>"));
    assert!(!html.contains("<script") && !html.contains("DRILL"));
    assert_eq!(json["status"]["indicator"], "critical");
    assert_eq!(json["incidents"][0]["incident_updates"][0]["created_at"], "2019-07-09T22:55:00Z");
    let seen = look(directory.path(), "u1").unwrap();
    assert_eq!(seen.as_deref(), Some("We are refusing all API traffic.\nWe look into it."));
    assert_eq!(look(directory.path(), "u2"), Ok(None));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn older_updates_stay_newest_first_and_the_same_id_replaces() {
    let directory = tempfile::tempdir().unwrap();
    done(directory.path(), &page(vec![incident(vec![update("u1", 0, Phase::Investigating, "first with a nmae")])]));
    let mut over =
        incident(vec![update("u2", 8, Phase::Resolved, "second"), update("u1", 0, Phase::Investigating, "first")]);
    let other = PageIncident { id: "413".to_owned(), severity: Severity::Sev3, ..incident(Vec::new()) };
    done(directory.path(), &page(vec![other]));
    over.phase = Phase::Closed;
    let (html, json) = done(directory.path(), &page(vec![over]));
    assert!(!html.contains("nmae"));
    assert_eq!(json["incidents"][0]["id"], "413");
    let past = &json["past_incidents"][0];
    assert_eq!((&past["status"], &past["next_update_by"]), (&"resolved".into(), &serde_json::Value::Null));
    let ids: Vec<_> = past["incident_updates"].as_array().unwrap().iter().map(|u| u["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["u2", "u1"]);
    let (html, json) = done(directory.path(), &page(Vec::new()));
    assert!(json["past_incidents"][0] == *past && html.contains("second"));
}

#[test]
fn nothing_to_tell_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let (html, json) = done(directory.path(), &page(Vec::new()));
    assert!(html.contains("No incident is open") && html.contains("No incident has been published here."));
    assert_eq!(json["status"]["indicator"], "none");
}

#[test]
fn a_rehearsal_says_so_and_never_shares_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let drill = Page { drill: true, ..page(vec![incident(Vec::new())]) };
    let (html, json) = done(directory.path(), &drill);
    assert!(html.contains("<strong>DRILL</strong>") && html.contains("<title>DRILL "));
    assert_eq!(json["drill"], true);
    assert!(refusal(directory.path(), &page(Vec::new())).contains("a rehearsal's page"));
    assert_eq!(fs::read_to_string(directory.path().join("index.html")).unwrap(), html);
}

#[test]
fn foreign_and_damaged_files_are_left_as_they_are() {
    for (name, text, part) in [
        ("index.html", "<h1>Hello</h1>", "not written by quarterdeck"),
        ("summary.json", "{\"page\":{}}", "not written by quarterdeck"),
        ("summary.json", "{\"generator\":\"quarterdeck\"", "is damaged"),
        ("summary.json", "{\"generator\":\"quarterdeck\",\"drill\":3}", "is damaged"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(name), text).unwrap();
        let words = refusal(directory.path(), &page(Vec::new()));
        assert!(words.contains(part) && words.matches('.').count() >= 3, "{words}");
        assert_eq!(fs::read_to_string(directory.path().join(name)).unwrap(), text);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("index.html"), "<h1>Hello</h1>").unwrap();
    assert!(matches!(look(directory.path(), "u1"), Err(Trouble::Refused(_))));
}

#[test]
fn only_the_last_directory_is_created() {
    let directory = tempfile::tempdir().unwrap();
    done(&directory.path().join("status"), &page(Vec::new()));
    let words = refusal(&directory.path().join("mistyped/status"), &page(Vec::new()));
    assert!(words.contains("could not be created"), "{words}");
    assert!(refusal(&directory.path().join("status/index.html"), &page(Vec::new())).contains("not a directory"));
}

#[test]
fn hostile_words_neither_run_nor_hide() {
    let directory = tempfile::tempdir().unwrap();
    let text = "</p><script>alert(1)</script>\u{202e}\u{1b}]52;c;eA==\u{7}\n& more";
    let mut bad = incident(vec![update("\"><img src=x>", 0, Phase::Identified, text)]);
    bad.title = format!("<b onmouseover=x>{}", "w".repeat(4_000));
    let (html, json) = done(directory.path(), &page(vec![bad]));
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b "), "{html}");
    assert!(!html.contains(['\u{202e}', '\u{1b}']));
    assert!(json["incidents"][0]["name"].as_str().unwrap().chars().count() <= 200);
    let seen = look(directory.path(), "\"><img src=x>").unwrap();
    assert_eq!(seen.as_deref(), Some("</p><script>alert(1)</script>\n& more"));
}

#[test]
fn an_update_that_only_one_file_shows_is_not_visible() {
    let directory = tempfile::tempdir().unwrap();
    let (old, _) = done(directory.path(), &page(vec![incident(Vec::new())]));
    done(directory.path(), &page(vec![incident(vec![update("u1", 0, Phase::Identified, "found")])]));
    fs::write(directory.path().join("index.html"), old).unwrap();
    assert_eq!(look(directory.path(), "u1"), Ok(None));
    done(directory.path(), &page(Vec::new()));
    assert_eq!(look(directory.path(), "u1").unwrap().as_deref(), Some("found"));
}

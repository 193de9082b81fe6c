//! What sources say to have changed, from the command line: listed and checked, never written down.

use super::ship::{Ship, harmless};
use crate::liaison::loopback::{Loopback, json, status};

#[test]
fn given_sources_when_listed_then_what_each_says_and_nothing_is_written() {
    let ship = Ship::new();
    let file = ship.write(
        "deploys.ndjson",
        "{\"time\":\"2019-07-09T22:48:30Z\",\"what\":\"deploy\",\"subject\":\"api\",\"from\":\"1822\",\"to\":\"1823\",\"who\":\"ci\"}\n\
         rubbish \u{1b}]52;c;aGk=\u{7}\n\
         {\"time\":\"2018-01-01T00:00:00Z\",\"subject\":\"old\"}\n",
    );
    ship.configure(&format!("[[changes]]\nname = 'deploys'\nfile = '{}'\n", file.display()));
    ship.does(&["declare", "API refuses", "-s", "sev1"]);
    let before = ship.files();
    let run = ship.does(&["changes", "list", "--since", "2019-07-09T22:00Z"]);
    assert_eq!(run.out, "2019-07-09 22:48:30  deploy api from 1822 to 1823, by ci  from deploys\n");
    assert!(run.err.contains("deploys: 1 line is no record"), "{}", run.err);
    harmless(&run.err);
    let data = ship.asks(&["changes", "list", "--since", "2019-07-09T22:00Z"]);
    assert_eq!(data["changes"][0]["to"], "1823");
    assert_eq!((data["changes"].as_array().map(Vec::len), &data["sources"][0]["ok"]), (Some(1), &true.into()));
    assert_eq!(ship.files(), before);
    // of an incident, what may have done it stands first, the nearest to its beginning at the top
    let more = [("22:30:00", "1822"), ("22:53:00", "1824")].map(|(at, to)| {
        format!("{{\"time\":\"2019-07-09T{at}Z\",\"what\":\"deploy\",\"subject\":\"api\",\"to\":\"{to}\"}}\n")
    });
    let text = std::fs::read_to_string(&file).expect("a file");
    ship.write("deploys.ndjson", &format!("{text}{}", more.concat()));
    ship.does(&[
        "declare",
        "it was down",
        "-s",
        "sev2",
        "--began",
        "2019-07-09T22:50Z",
        "--ended",
        "2019-07-09T23:02Z",
    ]);
    let before = ship.files();
    let run = ship.does(&["-i", "2", "changes", "list"]);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(
        lines,
        [
            "2019-07-09 22:48:30  1 min before it began  deploy api from 1822 to 1823, by ci  from deploys",
            "2019-07-09 22:30:00  20 min before it began  deploy api to 1822  from deploys",
            "2019-07-09 22:53:00  3 min after it began  deploy api to 1824  from deploys",
        ]
    );
    assert_eq!(ship.asks(&["-i", "2", "changes", "list"])["began"], "2019-07-09T22:50:00Z");
    assert!(ship.does(&["changes", "list"]).out.starts_with("Nothing is said to have changed since"));
    ship.run(&["changes", "list", "--since", "whenever"]).ends(2);
    assert_eq!(ship.files(), before);
    assert!(
        ship.does(&["doctor"]).out.contains("ok       changes deploys: 0 changes in the last day; 1 line is no record")
    );
}

#[test]
fn given_sources_that_fail_when_asked_then_the_others_are_heard_and_doctor_says_what_to_do() {
    let ship = Ship::new();
    let server = Loopback::start(|asked| match asked.line.as_str() {
        "GET /1/markers/__all__" => status(403, "{\"error\":\"no\"}"),
        _ => json("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}"),
    });
    ship.configure(&format!(
        "[[backend]]\nname = 'hny'\nkind = 'honeycomb'\nurl = '{url}'\ntoken = {{ command = ['echo', 's3cret'] }}\n\
         [[backend]]\nname = 'metrics'\nkind = 'prometheus'\nflavour = 'prometheus'\nurl = '{url}'\n\
         [[changes]]\nname = 'markers'\nbackend = 'hny'\ndataset = '__all__'\n\
         [[changes]]\nname = 'builds'\nbackend = 'metrics'\nquery = 'count by (version) (build_info)'\n\
         [[changes]]\nname = 'lost'\nfile = 'nowhere.ndjson'\n",
        url = server.url()
    ));
    let run = ship.run(&["changes", "list"]).ends(4);
    assert!(run.err.contains("builds: the query found no series"), "{}", run.err);
    assert!(run.err.contains("2 sources did not answer."), "{}", run.err);
    let doctor = ship.run(&["doctor"]).ends(1).out;
    for words in [
        "missing  changes markers: hny (",
        "the key lacks the permission \"Manage Markers\"",
        "ok       changes builds: 0 changes in the last day; the query found no series",
        "missing  changes lost: The changes at",
        "asked by 1 source of changes",
    ] {
        assert!(doctor.contains(words), "{words} in {doctor}");
    }
    assert!(!doctor.contains("s3cret") && !run.err.contains("s3cret"));
}

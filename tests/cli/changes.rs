//! What sources say to have changed, from the command line: listed and checked, never written down.

use super::ship::{Ship, harmless};
use crate::liaison::loopback::{Loopback, json, status};
use crate::terminal::aboard::board;
use crate::terminal::killed::entries;
use std::time::{Duration, SystemTime};

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

/// A switch in a flag file that was written so many minutes ago.
fn written(minutes: u64) -> Ship {
    let ship = Ship::new();
    let file = ship.write(
        "flags.json",
        r#"{"flags":{"push":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}}}"#,
    );
    let at = SystemTime::now() - Duration::from_secs(60 * minutes);
    std::fs::File::options().append(true).open(&file).and_then(|file| file.set_modified(at)).expect("set back");
    let block = |name: &str| {
        format!("[[switch]]\nname = '{name}'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = 'push'\nstop = 'off'\n")
    };
    ship.configure(&format!("{}critical = false\n{}", block("push"), block("twin")));
    ship
}

const WRITTEN: &str = "file flags.json was written, what changed in it was not seen";

#[test]
fn given_a_flag_file_that_was_written_before_anybody_looked_when_asked_what_changed_then_it_is_told_once_and_recorded()
{
    let ship = written(10);
    ship.does(&["declare", "pushes break", "-s", "sev1", "--began", "-5m"]);
    let list = ship.does(&["-i", "1", "changes", "list"]).out;
    assert!(list.contains(&format!(" min before it began  {WRITTEN}  from file of push\n")), "{list}");
    assert_eq!(list.lines().count(), 1, "two switches in one file are one file: {list}");
    let screen = board(&ship, &[], (130, 36));
    screen.wait_until("it is in the record", || entries(&ship, "changed") == 1);
    screen.send("v");
    screen.wait_text("1 before it began");
    screen.wait_text(WRITTEN);
    let show = ship.does(&["show"]).out;
    assert_eq!(show.matches(WRITTEN).count(), 1, "{show}");

    // what is too old for the record is shown all the same, and what is older than a day is not
    let old = written(5 * 60);
    old.does(&["declare", "pushes break", "-s", "sev1"]);
    let screen = board(&old, &[], (130, 36));
    screen.send("v");
    screen.wait_text(WRITTEN);
    assert_eq!(entries(&old, "changed"), 0);
    let older = written(25 * 60).does(&["changes", "list"]).out;
    assert!(older.starts_with("Nothing is said to have changed since"), "{older}");
}

#[test]
fn given_a_flag_file_that_we_wrote_when_asked_what_changed_then_our_own_writing_is_not_among_it() {
    let ship = written(10);
    ship.does(&["declare", "pushes break", "-s", "sev1"]);
    ship.does(&["switch", "stop", "push", "--reason", "they break"]);
    for of in [&["changes", "list"][..], &["-i", "1", "changes", "list"]] {
        let list = ship.does(of).out;
        assert!(!list.contains("flags.json"), "{list}");
    }
    std::fs::remove_file(ship.path("flags.json")).expect("removed");
    let gone = ship.run(&["changes", "list"]).ends(4);
    assert!(
        gone.err.contains("file of push: "),
        "a file that is not there is not one that was not written: {}",
        gone.err
    );
}

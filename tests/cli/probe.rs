//! Probes as a person or a pipeline asks them: real programs, a server on loopback, events in a file; what the exit code says, and what is
//! written down.

use super::ship::{Ship, harmless};
use crate::liaison::loopback::{Loopback, json, status};
use serde_json::Value;

fn ship(text: &str) -> Ship {
    let ship = Ship::new();
    ship.configure(text);
    ship
}

fn command(name: &str, script: &str) -> String {
    format!("[[probe]]\nname = '{name}'\nkind = 'command'\ncommand = ['sh', '-c', '''{script}''']\n")
}

/// The switch `push` in a flag file, with what else its block says, and blocks behind it.
fn push(ship: &Ship, more: &str, blocks: &str) {
    ship.write(
        "flags.json",
        r#"{"flags":{"push":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}}}"#,
    );
    let block = "[[switch]]\nname = 'push'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = 'push'\nstop = 'off'\n";
    ship.configure(&format!("{block}{more}{blocks}"));
}

/// What each probe was found to be, in its order.
fn outcomes(data: &Value) -> Vec<&str> {
    let probes = data["probes"].as_array().expect("probes").iter();
    probes.map(|probe| probe["outcome"].as_str().expect("a word")).collect()
}

#[test]
fn given_programs_when_asked_then_the_exit_code_says_green_red_or_unknown() {
    let green = command("whole", "echo all 12 files");
    let red = command("signed", "printf 'no signature\\033]52;c;aGk=\\007\\n'; exit 7");
    let late = format!("{}timeout = '1s'\n", command("slow", "trap '' TERM; sleep 600"));
    let ship = ship(&format!("{green}{red}{late}"));
    let run = ship.run(&["probe", "run", "whole"]).ends(0);
    assert_eq!(run.out, "green    whole                all 12 files\n");
    let run = ship.run(&["probe", "run"]).ends(3);
    assert!(run.out.contains("RED      signed               no signature (it ended with 7)\n"), "{}", run.out);
    assert!(run.out.contains("UNKNOWN  slow                 sh did not end within 1 s and was ended."), "{}", run.out);
    assert!(run.err.contains("1 probe is red."), "{}", run.err);
    harmless(&run.out);
    let run = ship.run(&["--json", "probe", "run", "whole", "slow"]).ends(4);
    assert_eq!((outcomes(&run.data()), &run.data()["outcome"]), (vec!["green", "unknown"], &"unknown".into()));
    let run = ship.run(&["probe", "run", "whle"]).ends(2);
    assert!(run.err.contains("Write `whole` if that was meant"), "{}", run.err);
    let doctor = ship.run(&["doctor"]).out;
    assert!(doctor.contains("ok       probe signed: command sh: red, no signature"), "{doctor}");
    assert!(doctor.contains("missing  probe slow: command sh: unknown, "), "{doctor}");
}

#[test]
fn given_places_and_subjects_when_asked_then_only_what_speaks_for_the_place_counts_and_a_subject_needs_all_its_angles()
{
    let all = format!(
        "{}scope = 'prod/*'\nsubject = 'artifact'\n{}scope = 'prod/api'\nsubject = 'artifact'\n{}scope = 'staging'\n",
        command("present", "exit 0"),
        command("signed", "exit 1"),
        command("other", "exit 0")
    );
    let ship = ship(&all);
    let run = ship.run(&["--json", "probe", "run", "--scope", "prod/api"]).ends(3);
    let data = run.data();
    assert_eq!(outcomes(&data), ["green", "red"]);
    assert_eq!(data["subjects"], serde_json::json!([{"subject": "artifact", "outcome": "red"}]));
    ship.run(&["probe", "run", "--scope", "prod/web"]).ends(0);
    ship.run(&["probe", "run", "--scope", "staging"]).ends(0);
    let nobody = ship.run(&["probe", "run", "--scope", "dev"]).ends(2);
    assert!(nobody.err.contains("No probe speaks for dev. Nobody was asked."), "{}", nobody.err);
    assert!(nobody.err.contains("Known are: prod/*, prod/api, staging."), "{}", nobody.err);
    assert!(ship.does(&["probe", "list", "--scope", "dev"]).err.contains("No probe speaks for dev."));
    ship.run(&["probe", "run", "--scope", "prod/*"]).ends(2);
    let list = ship.asks(&["probe", "list", "--scope", "staging"]);
    assert_eq!((list["probes"].as_array().map(Vec::len), &list["probes"][0]["asks"]), (Some(1), &"command sh".into()));
}

#[test]
fn given_no_probe_when_asked_then_nobody_is_green() {
    let ship = ship("");
    for arguments in [&["probe", "run"][..], &["probe", "run", "--scope", "prod"], &["--json", "probe", "run", "whole"]]
    {
        let nobody = ship.run(arguments).ends(2);
        assert!(
            nobody.out.is_empty()
                && nobody.err.contains("No probe is configured. Nobody was asked. Add a [[probe]] to ")
        );
    }
    assert!(ship.does(&["probe", "list"]).err.contains("No probe is configured. Add a [[probe]] to "));
    assert_eq!(ship.asks(&["probe", "list"])["probes"], serde_json::json!([]));
}

#[test]
fn given_an_address_when_asked_then_status_value_text_and_token_are_as_configured() {
    let server = Loopback::start(|asked| match (asked.line.as_str(), asked.header("authorization")) {
        ("GET /health", Some("Bearer s3cret")) => json("{\"status\":\"ok\",\"hosts\":8}"),
        ("GET /keyed", _) if asked.header("x-api-key") == Some("s3cret") && asked.header("authorization").is_none() => {
            json("{\"status\":\"ok\"}")
        }
        ("GET /health", _) => status(401, "{\"error\":\"who are you\"}"),
        ("GET /moved", _) => status(302, ""),
        _ => status(503, "<html>\u{1b}[31mno</html>"),
    });
    let url = server.url();
    let probe = |name: &str, rest: &str| format!("[[probe]]\nname = '{name}'\nkind = 'http'\nurl = '{url}{rest}\n");
    let token = "token = { command = ['echo', 's3cret'] }";
    let ship = ship(
        &[
            probe("ok", &format!("/health'\n{token}\npointer = '/status'\nequals = 'ok'\ncontains = 'hosts'")),
            probe("number", &format!("/health'\n{token}\npointer = '/hosts'\nequals = '8'")),
            probe("other", &format!("/health'\n{token}\npointer = '/hosts'\nequals = '9'")),
            probe("nothing", &format!("/health'\n{token}\npointer = '/none'\nequals = '9'")),
            probe("stranger", "/health'"),
            probe("wanted", "/health'\nstatus = 401"),
            probe("down", "/down'"),
            probe("moved", "/moved'"),
            "[[probe]]\nname = 'nobody'\nkind = 'http'\nurl = 'http://127.0.0.1:1'\n".to_owned(),
            probe("keyless", "/health'\ntoken = { env = 'NO_SUCH_TOKEN' }"),
            probe("keyed", &format!("/keyed'\ntoken-header = 'X-API-Key'\n{token}")),
        ]
        .concat(),
    );
    let run = ship.run(&["--json", "probe", "run"]).ends(3);
    let data = run.data();
    assert_eq!(
        outcomes(&data),
        ["green", "green", "red", "red", "red", "green", "red", "unknown", "unknown", "unknown", "green"],
        "{data}"
    );
    assert_eq!(data["probes"][0]["words"], "200, /status is ok, contains \"hosts\"");
    assert_eq!(data["probes"][2]["words"], "/hosts is 8, not 9");
    assert!(!run.out.contains("s3cret") && !run.err.contains("s3cret"));
    harmless(&ship.run(&["probe", "run"]).out);
}

/// Events of the last minutes: so many with each build, so many of them bad.
fn events(builds: &[(&str, u32, u32)]) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let mut lines = String::new();
    for (build, all, bad) in builds {
        for n in 0..*all {
            let status = if n < *bad { 500 } else { 200 };
            let at = now - u64::from(n) % 300 - 1;
            lines.push_str(&format!("{{\"time\":{at},\"build_id\":\"{build}\",\"status\":{status}}}\n"));
        }
    }
    lines
}

#[test]
fn given_events_when_asked_then_one_build_few_failures_and_a_quiet_budget_can_be_wanted() {
    let ship = Ship::new();
    let file = ship.write("events.ndjson", "");
    let query = |name: &str, rest: &str| format!("[[probe]]\nname = '{name}'\nkind = 'query'\nslo = 'api'\n{rest}\n");
    let slo = |name: &str, bad: u32| {
        let (file, rest) = (file.display(), "target = 99.9\nwindow = '30d'");
        format!("[[slo]]\nname = '{name}'\nevents = '{file}'\nbad = 'status >= {bad}'\n{rest}\n")
    };
    ship.configure(&format!(
        "{}{}{}{}{}[[probe]]\nname = 'all-quiet'\nkind = 'query'\n",
        slo("api", 500),
        slo("web", 600),
        query("one-build", "wants = 'distinct'\nfield = 'build_id'"),
        query("few-bad", "wants = 'bad'\nat-most = 5"),
        query("quiet", ""),
    ));
    let ask = |code: i32| ship.run(&["--json", "probe", "run"]).ends(code).data();
    assert_eq!(outcomes(&ask(4)), ["unknown"; 4], "no events are no good news");
    ship.write("events.ndjson", &events(&[("1822", 600, 0)]));
    let good = ask(0);
    assert_eq!(good["probes"][0]["words"], "1 value of build_id in the last 10 min (\"1822\"); 1 at most");
    ship.write("events.ndjson", &events(&[("1822", 600, 0), ("1823", 300, 200)]));
    let bad = ask(3);
    assert_eq!(outcomes(&bad), ["red"; 4], "{bad}");
    assert_eq!(bad["probes"][1]["words"], "200 bad events in the last 10 min; 5 at most");
    assert!(bad["probes"][2]["words"].as_str().is_some_and(|words| words.contains("page: ")), "{bad}");
    assert!(bad["probes"][3]["words"].as_str().is_some_and(|words| words.starts_with("api: page: ")), "{bad}");
    assert_eq!(good["probes"][3]["words"], "no condition holds on the budget of 2 objectives");
}

#[test]
fn given_a_field_that_events_lack_when_one_value_is_wanted_then_what_is_not_there_is_no_value_and_opens_nothing() {
    let ship = Ship::new();
    let file = ship.write("events.ndjson", "");
    let probe = |field: &str| {
        let slo = format!("[[slo]]\nname = 'api'\nevents = '{}'\nbad = 'status >= 500'\n", file.display());
        let rest = format!("kind = 'query'\nslo = 'api'\nwants = 'distinct'\nfield = '{field}'\nscope = 'prod'\n");
        ship.configure(&format!("{slo}target = 99.9\nwindow = '30d'\n[[probe]]\nname = 'one-build'\n{rest}"));
    };
    // those without a build
    let some =
        |builds: &[(&str, u32, u32)]| ship.write("events.ndjson", &events(builds).replace("\"build_id\":\"\",", ""));
    let words = |code: i32| {
        let data = ship.run(&["--json", "probe", "run"]).ends(code).data();
        data["probes"][0]["words"].as_str().expect("words").to_owned()
    };
    probe("biuld_id");
    some(&[("1822", 600, 0)]);
    assert!(words(4).starts_with("No event of the last 10 min has biuld_id: is that its name?"), "{}", words(4));
    ship.run(&["freeze", "check", "--scope", "prod"]).ends(4);
    let doctor = ship.run(&["doctor"]).out;
    assert!(doctor.contains("No event of the last 10 min has biuld_id"), "{doctor}");
    probe("build_id");
    some(&[("1822", 388, 0), ("", 212, 0)]);
    assert!(words(4).starts_with("212 of 600 events have no build_id"), "{}", words(4));
    ship.run(&["freeze", "check", "--scope", "prod"]).ends(4);
    some(&[("1822", 540, 0), ("", 60, 0)]);
    assert_eq!(
        words(0),
        "1 value of build_id in the last 10 min (\"1822\"); 1 at most; 60 of 600 events without it",
        "one in ten is no more than one in ten"
    );
    ship.run(&["freeze", "check", "--scope", "prod"]).ends(0);
    some(&[("1822", 100, 0), ("1823", 100, 0), ("", 400, 0)]);
    assert!(words(3).starts_with("2 values of build_id in the last 10 min ("), "{}", words(3));
    ship.run(&["freeze", "check", "--scope", "prod"]).ends(3);
}

#[test]
fn given_a_window_that_is_too_short_for_any_condition_when_quiet_is_wanted_then_it_is_said_that_nothing_watches_it() {
    let ship = Ship::new();
    let file = ship.write("events.ndjson", &events(&[("1823", 300, 20)]));
    let slo = |more: &str| {
        let file = file.display();
        let rest = format!("bad = 'status >= 500'\ntarget = 99.9\nwindow = '2h'\n{more}");
        ship.configure(&format!(
            "[[slo]]\nname = 'api'\nevents = '{file}'\n{rest}[[probe]]\nname = 'quiet'\nkind = 'query'\n"
        ));
    };
    slo("");
    let words = "o condition watches it: its window is too short";
    for (asked, code) in [("probe", 4), ("burn", 0), ("doctor", 0)] {
        let asked: &[&str] = if asked == "probe" { &["probe", "run"] } else { &[asked] };
        let run = ship.run(asked);
        assert!(run.out.contains(words), "{run:?}");
        assert!(code == 0 || run.code == code, "{run:?}");
    }
    slo("budget-rate = ['2% in 10m']\n");
    let run = ship.run(&["probe", "run"]).ends(3);
    assert!(!run.out.contains(words) && !ship.does(&["burn"]).out.contains(words), "{run:?}");
}

#[test]
fn given_a_target_that_is_low_when_all_fails_then_it_is_not_quiet_before_any_condition_holds() {
    let ship = Ship::new();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let calm: String = (0..20_000_u64).map(|n| format!("{{\"time\":{},\"status\":200}}\n", now - 360 - n)).collect();
    let file = ship.write("events.ndjson", &(calm + &events(&[("1823", 300, 300)])));
    let of = |target: &str| {
        let file = file.display();
        let rest = format!("bad = 'status >= 500'\ntarget = {target}\nwindow = '30d'\n");
        ship.configure(&format!(
            "[[slo]]\nname = 'api'\nevents = '{file}'\n{rest}[[probe]]\nname = 'quiet'\nkind = 'query'\n"
        ));
    };
    of("90");
    let run = ship.run(&["probe", "run"]).ends(3);
    assert!(run.out.contains(" events failed in the last 5 min"), "{}", run.out);
    // what cannot be told is not "none holds"
    of("50");
    let burn = ship.does(&["burn"]).out;
    assert!(burn.contains("alerts    no condition that wakes somebody watches it"), "{burn}");
    ship.write("events.ndjson", "");
    of("99.9");
    let burn = ship.run(&["burn"]).out;
    assert!(burn.contains("alerts    not known: 4 of 4 conditions cannot be told"), "{burn}");
}

#[test]
fn given_an_open_incident_when_asked_then_it_is_written_down_and_the_journal_never_changes_the_answer() {
    let ship = ship(&command("whole", "echo 3 files are missing; exit 1"));
    ship.run(&["probe", "run"]).ends(3);
    assert!(!ship.journal().exists(), "with no incident nothing is written");
    ship.does(&["declare", "x", "-s", "sev2"]);
    ship.run(&["probe", "run"]).ends(3);
    let show = ship.does(&["show"]).out;
    assert!(show.contains("whole: red, 3 files are missing (it ended with 1)"), "{show}");
    let list = ship.asks(&["probe", "list"]);
    assert_eq!(list["probes"][0]["last"]["outcome"], "red");
    ship.does(&["declare", "y", "-s", "sev3"]);
    let run = ship.run(&["probe", "run"]).ends(3);
    assert!(run.err.contains("2 incidents are open. What the probes said is not in the record."), "{}", run.err);
    ship.run(&["-i", "2", "probe", "run"]).ends(3);
    let run = ship.run(&["-i", "77", "probe", "run"]).ends(3);
    assert!(run.err.contains("Incident 77 has not been declared."), "{}", run.err);
}

#[test]
fn given_a_soak_when_what_was_green_has_served_then_it_is_asked_once_more_and_may_say_what_to_stop() {
    let ship = Ship::new();
    // green the first time, red ever after
    let crashes = command("crashes", "[ -e seen ] && echo 9 crashes && exit 1; : > seen; echo none");
    let steady = command("steady", "echo fine");
    push(&ship, "", &format!("{crashes}soak = '1s'\ntrips = 'push'\n{steady}"));
    ship.does(&["declare", "x", "-s", "sev2"]);
    ship.does(&["changed", "data", "push 9"]);
    let seq = ship.asks(&["show"])["entries"].as_array().and_then(|all| all.last()?["seq"].as_u64()).expect("an entry");
    let run = ship.run(&["probe", "run", "--soak", "--after", &seq.to_string()]).ends(3);
    assert!(run.err.contains("1 probe is green and asked once more after 1 s."), "{}", run.err);
    assert!(run.out.contains("RED      crashes              after serving for 1 s: 9 crashes"), "{}", run.out);
    assert!(run.out.contains("green    steady               fine"), "{}", run.out);
    assert!(run.err.contains("crashes is red after serving for 1 s"), "{}", run.err);
    assert!(run.err.contains("Next: quarterdeck switch stop push."), "{}", run.err);
}

#[test]
fn given_an_unknown_probe_when_a_pipeline_asks_then_it_says_itself_whether_that_opens() {
    let late = format!("{}scope = 'prod'\ntimeout = '1s'\n", command("slow", "exec sleep 600"));
    let ship = ship(&format!("{late}{}scope = 'prod'\n", command("steady", "echo fine")));
    let unknown = ship.run(&["freeze", "check", "--scope", "prod"]).ends(4).err;
    assert!(unknown.contains(" to see why. See quarterdeck probe run"), "{unknown}");
    let closed = ship.run(&["freeze", "check", "--scope", "prod"]).ends(4);
    assert!(closed.err.contains("UNKNOWN: slow: "), "{}", closed.err);
    ship.run(&["freeze", "check", "--scope", "prod", "--on-unknown", "closed"]).ends(4);
    let open = ship.run(&["freeze", "check", "--scope", "prod", "--on-unknown", "open"]).ends(0);
    assert!(open.out.contains("UNKNOWN, and taken as open: slow: "), "{}", open.out);
    // what is held is held, and what is red is red, whatever nobody knows
    ship.does(&["freeze", "add", "--why", "a look"]);
    ship.run(&["freeze", "check", "--scope", "prod", "--on-unknown", "open"]).ends(3);
    ship.does(&["freeze", "lift"]);
    ship.configure(&format!("{late}{}scope = 'prod'\n", command("steady", "exit 1")));
    ship.run(&["freeze", "check", "--scope", "prod", "--on-unknown", "open"]).ends(3);
}

#[test]
fn given_a_red_probe_when_releases_or_people_are_let_in_again_then_it_is_read_and_asks_for_the_exact_name() {
    let ship = Ship::new();
    let configure = |answer: &str| {
        let (whole, elsewhere) = (command("whole", answer), command("elsewhere", "echo never asked; exit 1"));
        push(&ship, "critical = false\n", &format!("{whole}scope = 'prod'\n{elsewhere}scope = 'staging'\n"));
    };
    configure("echo 3 files are missing; exit 1");
    ship.does(&["declare", "x", "-s", "sev2"]);
    ship.does(&["switch", "stop", "push", "--reason", "it crashes"]);
    ship.does(&["freeze", "add", "--why", "a look"]);
    // one's own, taken away a moment ago: without a probe in the way nothing more would be asked for
    let lift = ship.run(&["freeze", "lift"]).ends(3);
    assert!(lift.err.contains("RED      whole                3 files are missing"), "{}", lift.err);
    assert!(!lift.err.contains("elsewhere"), "only what speaks for the place is asked: {}", lift.err);
    assert!(lift.err.contains("Whole is red: 3 files are missing"), "{}", lift.err);
    assert!(lift.err.contains("--reason") && lift.err.contains("--confirm"), "{}", lift.err);
    ship.run(&["freeze", "lift", "--confirm", "prod"]).ends(3);
    let revert = ship.run(&["switch", "revert", "push"]).ends(3);
    assert!(revert.err.contains("RED      whole"), "{}", revert.err);
    assert!(
        revert.err.contains("whole is red: 3 files are missing") && revert.err.contains("--confirm production/push")
    );
    let restored = ship.does(&["switch", "revert", "push", "--confirm", "production/push", "--reason", "it must"]);
    assert!(restored.err.contains("RED      whole"), "{}", restored.err);
    ship.does(&["freeze", "lift", "--confirm", "prod", "--reason", "the fix cannot wait"]);

    configure("echo all 12 files");
    ship.does(&["switch", "stop", "push", "--reason", "once more"]);
    ship.does(&["freeze", "add", "--why", "a look"]);
    let lift = ship.does(&["freeze", "lift"]);
    assert!(lift.err.contains("green    whole                all 12 files"), "{}", lift.err);
    let revert = ship.does(&["switch", "revert", "push"]);
    assert!(revert.err.contains("green    whole"), "{}", revert.err);
    // nothing is asked before something is taken away
    let stop = ship.does(&["switch", "stop", "push", "--reason", "once more"]);
    assert!(!stop.err.contains("whole"), "{}", stop.err);
}

/// The probes that a stream's record says were read, and the kinds that came next to them, in order.
fn read_in(ship: &Ship, incident: &str) -> Vec<String> {
    let shown = ship.asks(&["-i", incident, "show", "--all"]);
    let all = shown["entries"].as_array().expect("entries").iter();
    let said = all.filter(|entry| ["probed", "hold-told", "intended"].contains(&entry["kind"].as_str().unwrap_or("")));
    said.map(|entry| entry["text"].as_str().unwrap_or("").to_owned()).collect()
}

#[test]
fn given_what_needs_a_second_person_when_a_restore_is_asked_for_or_refused_then_no_reading_stands_in_the_record() {
    let ship = Ship::new();
    push(&ship, "two-people = 'always'\n", &format!("{}scope = 'prod'\n", command("whole", "echo all there")));
    ship.does(&["declare", "x", "-s", "sev2"]);
    let name = ["--confirm", "production/push", "--reason", "it must"];
    ship.does(&[&["switch", "stop", "push", "--break-glass", "nobody else is up"], &name[..]].concat());
    let back = [&["--as", "Ben", "switch", "restore", "push"], &name[..]].concat();
    ship.run(&back).ends(3);
    let glass = ship.run(&[&back[..], &["--break-glass", "now"]].concat()).ends(3);
    assert!(glass.err.contains("Nothing was"), "{}", glass.err);
    assert_eq!(read_in(&ship, "1").iter().filter(|text| text.contains("whole")).count(), 0);
}

#[test]
fn given_a_red_probe_when_something_is_let_in_all_the_same_then_the_record_says_what_was_known() {
    let ship = Ship::new();
    push(&ship, "", &format!("{}scope = 'prod'\n", command("whole", "echo 3 files are missing; exit 1")));
    let name = ["--confirm", "production/push", "--reason", "it must"];
    ship.does(&["declare", "x", "-s", "sev2"]);
    ship.does(&[&["switch", "stop", "push"], &name[..]].concat());
    ship.does(&["freeze", "add", "--why", "a look"]);
    // what is refused, or only looked at, leaves nothing behind
    ship.run(&["switch", "restore", "push"]).ends(3);
    ship.does(&["switch", "restore", "push", "--dry-run"]);
    ship.run(&["freeze", "lift"]).ends(3);
    assert_eq!(read_in(&ship, "1").iter().filter(|text| text.contains("whole")).count(), 0);

    ship.does(&[&["switch", "restore", "push"], &name[..]].concat());
    ship.does(&["freeze", "lift", "--confirm", "prod", "--reason", "the fix cannot wait"]);
    let read = "whole: red, 3 files are missing (it ended with 1)";
    let said = read_in(&ship, "1");
    let places: Vec<usize> = (0..said.len()).filter(|place| said[*place] == read).collect();
    assert_eq!(places, [2, 4], "before the restore, and before the lift is told: {said:?}");
    assert!(said[3].starts_with("restore push") && said[5].contains("the fix cannot wait"), "{said:?}");
    assert!(ship.does(&["export"]).out.contains("3 files are missing"), "the report says it");

    // with no incident open it stands where the lift stands
    ship.does(&["resolve"]);
    ship.does(&["close", "--anyway", "done"]);
    ship.configure(&format!("{}scope = 'prod'\n", command("signed", "echo no signature; exit 1")));
    ship.does(&["freeze", "add", "--why", "a look"]);
    assert_eq!(ship.asks(&["probe", "list"])["probes"][0]["last"], Value::Null);
    ship.does(&["freeze", "lift", "--confirm", "prod", "--reason", "the fix cannot wait"]);
    assert_eq!(ship.asks(&["probe", "list"])["probes"][0]["last"]["outcome"], "red");
}

#[test]
fn given_a_build_when_probes_ask_about_it_then_each_is_asked_about_that_one_and_about_none_is_unknown() {
    let staging = Loopback::start(|asked| match asked.line.as_str() {
        "GET /builds/v1.2%2Frc/state" => status(200, "serves v1.2/rc for 2 h"),
        _ => status(404, ""),
    });
    let ship = ship(&format!(
        "[[probe]]\nname = 'whole'\nkind = 'command'\ncommand = ['sh', '-c', 'echo \"$1 of $2\"', 'sh', '{{ref}}', 'x{{ref}}y']\nscope = 'prod'\n\
         [[probe]]\nname = 'staged'\nkind = 'http'\nurl = '{}/builds/{{ref}}/state'\ncontains = '{{ref}} for'\nscope = 'prod'\n",
        staging.url()
    ));
    let asked = ship.asks(&["probe", "run", "--ref", "v1.2/rc"]);
    assert_eq!(outcomes(&asked), ["green", "green"], "{asked}");
    assert_eq!(asked["probes"][0]["words"], "v1.2/rc of xv1.2/rcy");
    let open = ship.run(&["freeze", "check", "--scope", "prod", "--ref", "v1.2/rc"]).ends(0);
    assert!(open.out.contains("open"), "{}", open.out);
    // nobody says which: nobody knows
    let none = ship.run(&["freeze", "check", "--scope", "prod"]).ends(4);
    assert!(none.err.contains("It asks about one build, and none is named."), "{}", none.err);
    for no in ["--ref=..", "--ref=-rf"] {
        let no = ship.run(&["probe", "run", no]).ends(4);
        assert!(no.out.contains("is no build"), "{}", no.out);
    }
    // what a thaw lets in is no build
    ship.does(&["freeze", "add", "--why", "a look"]);
    let lift = ship.does(&["freeze", "lift"]);
    assert!(!lift.err.contains("whole"), "{}", lift.err);
    let doctor = ship.run(&["doctor"]).out;
    assert!(doctor.contains("ok       probe whole: command sh: asked about one build"), "{doctor}");
}

//! What is said before an act is sent: whom it takes from, how much of the traffic that is, when it was last done, and whose wish it is that more
//! is asked for.

use super::ship::Ship;
use crate::liaison::launchdarkly_fake::{Fake, TOKEN};
use quarterdeck::incident::time::Time;
use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const FLAGS: &str = r#"{
  "flags": {
    "exports": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" }
  }
}
"#;

const SWITCH: &str = "[[switch]]\nname = 'exports'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = 'exports'\nstop = 'off'\n\
     exclude-by = 'customer'\nfield = 'app.customer_id'\npercent = true\n";

fn equipped(more: &str) -> Ship {
    let ship = Ship::new();
    ship.write("flags.json", FLAGS);
    ship.configure(&format!("{SWITCH}{more}"));
    ship
}

/// A switch whose customers are told apart in events of now: acme is a quarter of them, and all that is slow.
fn counted() -> Ship {
    let ship = equipped("");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let at = |back: u64| Time(i64::try_from((now - back) * 1_000_000).expect("a time")).iso();
    let one = |n: u64| {
        let (customer, took) = if n.is_multiple_of(4) { ("acme", 2_000) } else { ("bolt", 20) };
        format!("{{\"time\":\"{}\",\"app.customer_id\":\"{customer}\",\"duration_ms\":{took}}}\n", at(5 + n))
    };
    let path = ship.write("api.ndjson", &(0..400).rev().map(one).collect::<String>());
    ship.configure(&format!(
        "{SWITCH}[[slo]]\nname = 'api'\nevents = '{}'\nbad = 'duration_ms > 1000'\ncalled = 'slow'\ntarget = 99.9\nwindow = '3h'\n",
        path.display()
    ));
    ship
}

const EXCLUDE: [&str; 4] = ["switch", "exclude", "exports", "acme"];

#[test]
fn given_a_field_of_the_events_when_an_exclusion_is_previewed_then_its_share_and_the_last_act_are_said() {
    let ship = counted();
    let share = "25.00 % of all events, 100.00 % of those that are slow, in the last 10 min before ";
    let dry = [&EXCLUDE[..], &["--dry-run"]].concat();
    let told = ship.does(&dry).out;
    assert!(told.contains(&format!(" Its share: {share}")), "{told}");
    assert!(told.contains(" Last act: never exercised here."), "{told}");
    let data = ship.asks(&dry);
    assert!(data["its_share"]["words"].as_str().is_some_and(|words| words.starts_with(share)), "{data}");
    assert_eq!((&data["its_share"]["all_ppm"], &data["its_share"]["bad_ppm"]), (&250_000.into(), &1_000_000.into()));
    assert_eq!((&data["last_act"], &data["last"]), (&"never exercised here".into(), &serde_json::Value::Null));
    let wrong = ship.run(&[&EXCLUDE[..], &["--confirm", "exports"]].concat()).ends(3);
    assert!(wrong.err.contains(share) && wrong.err.contains("never exercised here"), "{}", wrong.err);
    let typed = ship.does(&["switch", "exclude", "exports", "akme", "--dry-run"]).out;
    assert!(typed.contains("Its share: no event of it in the last 10 min before "), "{typed}");
    assert!(typed.contains("is its key right?"), "{typed}");

    // what was done for an incident is told wherever it was done
    ship.does(&["declare", "exports are slow", "-s", "sev1"]);
    ship.does(&EXCLUDE);
    ship.does(&["switch", "revert", "exports"]);
    let told = ship.does(&dry).out;
    assert!(told.contains(" revert by Ana in incident 1, done."), "{told}");
    let bare = ship.run(&["switch", "stop", "exports"]).ends(3);
    assert!(bare.err.contains(" revert by Ana, done."), "{}", bare.err);
    // nobody is excluded: there is no share
    let stop = ship.asks(&["switch", "stop", "exports", "--dry-run"]);
    assert_eq!((&stop["its_share"], &stop["last"]["act"]), (&serde_json::Value::Null, &"revert".into()), "{stop}");
}

#[test]
fn given_a_backend_that_never_answers_when_an_exclusion_is_previewed_then_that_is_said_and_one_that_goes_waits_for_nothing()
 {
    // it accepts, and says nothing
    let silent = TcpListener::bind("127.0.0.1:0").expect("an address");
    let slo = "[[slo]]\nname = 'api'\nbackend = 'p'\ntotal = 'all'\nbad = 'failed'\ntarget = 99.9\nwindow = '30d'\n";
    let ship = equipped("");
    ship.configure(&format!(
        "{}[[backend]]\nname = 'p'\nkind = 'prometheus'\nurl = 'http://{}'\n{slo}",
        SWITCH.replace("app.customer_id", "customer"),
        silent.local_addr().expect("an address")
    ));
    let dry = [&EXCLUDE[..], &["--dry-run"]].concat();
    let told = ship.does(&dry).out;
    assert!(told.contains("Its share: not known: api was not counted within 3 s."), "{told}");
    silent.set_nonblocking(true).expect("set");
    while silent.accept().is_ok() {}
    let before = Instant::now();
    ship.does(&EXCLUDE);
    assert!(before.elapsed() < Duration::from_secs(3), "{:?}", before.elapsed());
    assert!(silent.accept().is_err(), "it was not even asked");
}

#[test]
fn given_no_field_of_the_events_when_an_exclusion_is_previewed_then_it_is_said_why_its_share_is_not_known() {
    let ship = equipped("");
    let dry = [&EXCLUDE[..], &["--dry-run"]].concat();
    let told = ship.does(&dry).out;
    assert!(told.contains("Its share: not known: no [[slo]] is configured."), "{told}");
    ship.configure(&SWITCH.replace("field = 'app.customer_id'\n", ""));
    let data = ship.asks(&dry);
    let words = "not known: no `field` of the events is configured for this switch";
    assert_eq!((&data["its_share"]["words"], &data["its_share"]["all_ppm"]), (&words.into(), &serde_json::Value::Null));
}

/// A flag of LaunchDarkly that our own configuration does not call critical.
fn calm(fake: &Fake) -> Ship {
    let ship = Ship::new();
    ship.write("token", TOKEN);
    ship.configure(&format!(
        "[[provider]]\nname = 'ld'\nkind = 'launchdarkly'\nurl = '{}'\ntoken = {{ file = '~/token' }}\nproject = 'shop'\n\
         [[switch]]\nname = 'checkout'\nkind = 'launchdarkly'\nprovider = 'ld'\nflag = 'checkout'\nstop = 'off'\n\
         exclude-by = 'user'\ncritical = false\n",
        fake.server.url()
    ));
    ship
}

#[test]
fn given_an_environment_that_launchdarkly_calls_critical_when_stopped_then_the_name_is_asked_for_and_it_is_said_whose_wish_that_is()
 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let fake = Fake::start(i64::try_from(now).expect("a time"));
    let stop = ["switch", "stop", "checkout", "--reason", "it fails", "--no-wait"];
    for (critical, confirms, words) in [
        (true, false, "LaunchDarkly calls environment production critical"),
        (false, true, "LaunchDarkly asks to confirm changes in environment production"),
        (true, true, "LaunchDarkly calls environment production critical and asks to confirm changes in it"),
    ] {
        let ship = calm(&fake);
        fake.with(|memory| {
            memory.environment.insert("critical".into(), critical.into());
            memory.environment.insert("confirmChanges".into(), confirms.into());
        });
        let dry = [&stop[..], &["--dry-run"]].concat();
        let told = ship.does(&dry).out;
        assert!(told.contains(&format!(" {words}.")), "{told}");
        assert_eq!(ship.asks(&dry)["critical_there"], words);
        let bare = ship.run(&stop).ends(3);
        let asks = format!("{words}: confirm the exact target with --confirm production/checkout.");
        assert!(bare.err.contains(&asks), "{}", bare.err);
        assert_eq!(fake.writes(), 0);
        // one alone is as free as before
        ship.does(&["switch", "exclude", "checkout", "alice", "--dry-run"]);
    }
    let ship = calm(&fake);
    ship.does(&[&stop[..], &["--confirm", "production/checkout"]].concat());
    assert_eq!(fake.writes(), 1);

    // it asks for nothing more, and takes nothing away from what our own configuration asks for
    fake.with(|memory| {
        memory.environment.insert("critical".into(), false.into());
        memory.environment.insert("confirmChanges".into(), false.into());
    });
    let ship = calm(&fake);
    ship.does(&["switch", "restore", "checkout", "--confirm", "production/checkout", "--no-wait"]);
    ship.does(&stop);
    let dry = ship.asks(&["switch", "restore", "checkout", "--dry-run"]);
    assert_eq!(dry["critical_there"], serde_json::Value::Null, "{dry}");
    ship.does(&["switch", "restore", "checkout", "--no-wait"]);
    let config = ship.reads("config/quarterdeck/config.toml").replace("critical = false\n", "");
    ship.configure(&config);
    let bare = ship.run(&stop).ends(3);
    assert!(bare.err.contains("It is critical: confirm the exact target"), "{}", bare.err);
}

#[test]
fn given_an_environment_that_wants_approval_when_previewed_then_it_is_said_who_has_to_approve_in_words_and_as_data() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let fake = Fake::start(i64::try_from(now).expect("a time"));
    let ship = calm(&fake);
    let stop = ["switch", "stop", "checkout", "--no-wait"];
    let dry = [&stop[..], &["--dry-run"]].concat();
    assert_eq!(ship.asks(&dry)["approval_there"], serde_json::Value::Null);
    let settings = serde_json::json!({"required": true, "minNumApprovals": 1, "requiredApprovalTags": []});
    fake.with(|memory| _ = memory.environment.insert("approvalSettings".into(), settings));
    let words = "1 person in environment production have to approve it there";
    let told = ship.does(&dry).out;
    assert_eq!(told.matches(words).count(), 1, "{told}");
    assert_eq!(ship.asks(&dry)["approval_there"], words);
    // what is refused for want of a reason or a name says it too
    ship.does(&["declare", "checkout fails", "-s", "sev1"]);
    let bare = ship.run(&stop).ends(3);
    assert!(bare.err.contains(words), "{}", bare.err);
    assert_eq!(fake.writes(), 0);
}

#[test]
fn given_a_restore_that_must_be_approved_when_their_approvers_are_asked_then_it_is_judged_and_asked_as_a_restore() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let fake = Fake::start(i64::try_from(now).expect("a time"));
    let ship = calm(&fake);
    ship.does(&["declare", "checkout fails", "-s", "sev1"]);
    fake.edit(|config| config["on"] = false.into());
    fake.with(|memory| memory.guard = Some(405));
    let name = ["--confirm", "production/checkout", "--no-wait"];
    ship.run(&[&["switch", "restore", "checkout", "--reason", "it is back"][..], &name].concat()).ends(3);
    let ask = ["switch", "request", "checkout", "--reason", "it is back"];
    let bare = ship.run(&ask).ends(3);
    assert!(bare.err.contains("It gives people again what was taken from them"), "{}", bare.err);
    ship.does(&[&ask[..], &name].concat());
    let sent = fake.with(|memory| memory.requests[0]["instructions"].clone());
    assert_eq!(sent, serde_json::json!([{"kind": "turnFlagOn"}]));
}

#[test]
fn given_somebody_who_was_quicker_at_launchdarkly_when_an_act_is_refused_then_it_is_planned_anew_and_what_confirms_it_is_told()
 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let fake = Fake::start(i64::try_from(now).expect("a time"));
    let ship = calm(&fake);
    ship.does(&["declare", "checkout fails", "-s", "sev1"]);
    let share = ["switch", "percent", "checkout", "5", "--reason", "card is refused", "--no-wait"];
    fake.with(|memory| memory.quicker = true);
    let run = ship.run(&share).ends(3);
    for words in [
        "5 % of checkout: changed meanwhile by Ben: serves false now, not true; \
         this is the plan on what it serves now. ",
        " would serve ",
        " Nothing was changed. To do that: quarterdeck switch percent checkout 5 --confirm production/checkout \
         --if-serves false --reason 'card is refused' --no-wait",
    ] {
        assert!(run.err.contains(words), "{words} in {}", run.err);
    }
    assert_eq!(fake.writes(), 1, "nothing is sent again by itself");
    // the same as data
    fake.edit(|config| config["on"] = true.into());
    fake.with(|memory| memory.quicker = true);
    let run = ship.run(&[&share[..], &["--json"]].concat()).ends(3);
    let data: serde_json::Value = serde_json::from_str(&run.out).expect("data");
    assert_eq!((&data["outcome"], &data["conflict"]), (&"refused".into(), &true.into()), "{data}");
    assert_eq!((&data["anew"]["by"], &data["anew"]["idle"]), (&"Ben".into(), &false.into()), "{data}");
    // what confirms it is what was told, and only on what was shown
    let confirm = ["--confirm", "production/checkout", "--if-serves", "false"];
    ship.does(&[&share[..], &confirm].concat());
    assert_eq!(fake.writes(), 3);

    // somebody did the same: there is nothing left to do
    fake.edit(|config| config["on"] = true.into());
    fake.with(|memory| memory.quicker = true);
    let stop = ["switch", "stop", "checkout", "--reason", "it fails", "--no-wait", "--confirm", "production/checkout"];
    let run = ship.run(&stop).ends(3);
    assert!(
        run.err.contains("It is so already: false. Nothing was changed. There is nothing left to send."),
        "{}",
        run.err
    );
    assert_eq!(fake.writes(), 4);
}

#[test]
fn given_a_token_that_may_not_do_what_is_offered_when_the_doctor_asks_then_the_rest_is_told_as_well() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let fake = Fake::start(i64::try_from(now).expect("a time"));
    let ship = calm(&fake);
    fake.edit(|config| {
        config["_access"] =
            serde_json::json!({"denied": [{"action": "updateScheduledChanges", "reason": {}}], "allowed": []});
    });
    let doctor = ship.run(&["doctor"]).ends(1).out;
    for words in [
        "ok       switch checkout: serves true; a stop would serve false",
        "ok       switch checkout: service token on call",
        "ok       switch checkout: environment production, critical",
        "ok       switch checkout: checkout is on: serves true",
        "missing  switch checkout: ld (",
        "the token may not have it end at a time (updateScheduledChanges); it may stop and restore it and exclude one. ",
    ] {
        assert!(doctor.contains(words), "{words} in {doctor}");
    }
}

#[test]
fn given_flags_that_are_no_switches_when_all_are_listed_then_they_stand_there_with_the_lines_that_make_them_switches() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
    let fake = Fake::start(i64::try_from(now).expect("a time"));
    let ship = calm(&fake);
    ship.write("flags.json", FLAGS);
    let config = ship.reads("config/quarterdeck/config.toml");
    let down =
        "[[provider]]\nname = 'down'\nkind = 'unleash'\nurl = 'http://127.0.0.1:9'\ntoken = { file = '~/token' }\n";
    ship.configure(&format!(
        "{config}{down}{}",
        SWITCH.replace("flag = 'exports'", "flag = 'exports'\nenvironment = 'test'")
    ));
    ship.run(&["switch", "list", "checkout"]).ends(2);
    let run = ship.run(&["switch", "list", "--all", "checkout"]).ends(4);
    for words in [
        "ld (launchdarkly, project shop, production): 3 flags, 2 of them no switch here",
        "checkout                 on: serves true; changed ",
        "   switch checkout\n",
        "    [[switch]]\n    name = \"checkout-old\"\n    kind = \"launchdarkly\"\n    provider = \"ld\"\n    flag = \"checkout-old\"\n",
        "    stop = \"?\"   # to be chosen: \"off\", \"on\", \"true\", \"false\"",
        "down (unleash, project default, production): its flags cannot be listed",
        "flags.json: 0 flags",
    ] {
        assert!(run.out.contains(words), "{words} in {}", run.out);
    }
    assert!(run.err.contains("down"), "{}", run.err);
    let run = ship.run(&["switch", "list", "--all", "--json"]).ends(4);
    let data: serde_json::Value = serde_json::from_str(&run.out).expect("data");
    assert_eq!(data["switches"].as_array().map(Vec::len), Some(2));
    let all = data["providers"].as_array().expect("providers");
    assert_eq!(all.len(), 3);
    assert!(all[1]["trouble"].is_string() && all[1]["flags"].is_null(), "{data}");
    assert_eq!((&all[2]["flags"][0]["flag"], &all[2]["flags"][0]["switch"]), (&"exports".into(), &"exports".into()));
    // without being asked nobody lists
    assert!(ship.asks(&["switch", "list"])["providers"].is_null());
}

#[test]
fn given_two_flags_that_would_look_the_same_when_all_are_listed_then_the_one_that_hides_something_says_so() {
    let ship = Ship::new();
    let flag = r#"{"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"}"#;
    let flags_text = format!(r#"{{"flags": {{"exports": {flag}, "check\u001b[31mout": {flag}, "checkout": {flag}}}}}"#);
    ship.write("flags.json", &flags_text);
    ship.configure("[[switch]]\nname = \"exports\"\nkind = \"flagd\"\nfile = \"~/flags.json\"\nflag = \"exports\"\nstop = \"off\"\n");
    let list = ship.does(&["switch", "list", "--all", "checkout"]).out;
    let rows: Vec<&str> = list.lines().filter(|line| line.starts_with("checkout")).collect();
    assert_eq!(rows.len(), 2, "{list}");
    let hidden = r#"(its name holds characters that cannot be shown: "check\u001b[31mout")"#;
    assert!(rows[0].ends_with(hidden) && !rows[1].contains("its name"), "{list}");
    assert!(list.contains("No switch can be made of it"), "{list}");
    assert_eq!(list.matches("    flag = ").count(), 1, "{list}");
    let data = ship.asks(&["switch", "list", "--all"]);
    let flags = &data["providers"][0]["flags"];
    assert_eq!((&flags[1]["flag"], flags[1]["config"].is_null()), (&"check\u{1b}[31mout".into(), true), "{data}");
    assert!(flags[2]["config"].is_string(), "{data}");
    // where no other looks so, a flag file's is asked for by how it is shown
    ship.write("flags.json", &flags_text.replace("\"checkout\":", "\"other\":"));
    let list = ship.does(&["switch", "list", "--all", "checkout"]).out;
    assert!(list.contains(hidden) && list.contains("    flag = \"checkout\"\n"), "{list}");
}

#[test]
fn given_a_plan_of_which_one_is_so_already_when_previewed_then_nothing_is_said_of_what_is_not_changed() {
    let ship = Ship::new();
    let switch = |name: &str| {
        let state = ship.write(name, "running\n").to_string_lossy().into_owned();
        let set = |word: &str| format!("['sh', '-c', 'echo {word} > {state}']");
        format!(
            "[[switch]]\nname = '{name}'\nkind = 'command'\ncritical = false\nprobe-command = ['cat', '{state}']\n\
             stop-command = {}\nrestore-command = {}\nstopped = 'paused'\nrunning = 'running'\n",
            set("paused"),
            set("running")
        )
    };
    let plan = "[[plan]]\nname = 'doors'\nswitches = ['push', 'pull']\n";
    ship.configure(&format!("{}{}{plan}", switch("push"), switch("pull")));
    ship.does(&["declare", "pushes break", "-s", "sev1"]);
    ship.does(&["switch", "stop", "push", "--reason", "it breaks"]);
    let dry = ship.does(&["switch", "plan", "stop", "doors", "--reason", "it breaks", "--dry-run"]).out;
    assert!(dry.contains("push: serves paused now, would serve paused. Last act: "), "{dry}");
    assert!(dry.contains("pull: serves running now, would serve paused. runs sh "), "{dry}");
}

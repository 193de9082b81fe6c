//! Holds, passes and the gate: a pipeline in a repository of its own is really held, let pass, and released.

use super::ship::{Run, Ship, ended, harmless};
use crate::liaison::loopback::{Loopback, Manner, json, status};
use std::process::Command;

/// What a pipeline runs: nothing behind the gate is reached while it is frozen.
const PIPELINE: &str = "#!/bin/sh\nset -e\nquarterdeck=\"$1\"; shift\n\"$quarterdeck\" freeze check --scope prod/api \"$@\"\ngit rev-parse HEAD > deployed\n";

/// A repository with a pipeline beside a ship; nothing where there is no git.
pub struct Pipeline<'a> {
    ship: &'a Ship,
    pub commit: String,
}

impl<'a> Pipeline<'a> {
    #[allow(clippy::print_stdout, reason = "a skipped test says so")]
    pub fn of(ship: &'a Ship) -> Option<Pipeline<'a>> {
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=ci", "-c", "user.email=ci@example.org"]).args(arguments);
            git.current_dir(ship.path("repository")).output().ok().filter(|output| output.status.success())
        };
        ship.write("repository/deploy.sh", PIPELINE);
        let made = git(&["init", "-q"])
            .and_then(|_| git(&["add", "deploy.sh"]))
            .and_then(|_| git(&["commit", "-q", "-m", "the fix"]))
            .and_then(|_| git(&["rev-parse", "HEAD"]));
        let Some(head) = made else {
            println!("skipped: git cannot make a repository here");
            return None;
        };
        Some(Pipeline { ship, commit: String::from_utf8_lossy(&head.stdout).trim().to_owned() })
    }

    /// Runs it as a pipeline does; whether it was deployed.
    fn run(&self, more: &[&str]) -> (Run, bool) {
        let deployed = self.ship.path("repository/deployed");
        let _ = std::fs::remove_file(&deployed);
        let like = self.ship.command(&[]);
        let mut shell = Command::new("sh");
        shell.arg("deploy.sh").arg(env!("CARGO_BIN_EXE_quarterdeck")).args(more);
        shell.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(self.ship.path("repository"));
        shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let run = ended(shell.spawn().expect("a shell"));
        (run, deployed.exists())
    }

    #[track_caller]
    fn held(&self, more: &[&str], code: i32) -> Run {
        let (run, deployed) = self.run(more);
        assert!(!deployed, "{run:?}");
        run.ends(code)
    }

    #[track_caller]
    fn deploys(&self, more: &[&str]) -> Run {
        let (run, deployed) = self.run(more);
        assert!(deployed, "{run:?}");
        run.ends(0)
    }
}

#[test]
fn given_a_pipeline_when_releases_are_frozen_then_it_is_held_and_only_the_fix_passes_until_it_is_lifted() {
    let ship = Ship::new();
    let Some(pipeline) = Pipeline::of(&ship) else { return };
    assert!(pipeline.deploys(&[]).out.contains("Nothing was ever frozen from this machine"));

    ship.does(&["freeze", "add", "--scope", "prod", "--why", "1823 is not understood"]);
    let held = pipeline.held(&[], 3);
    for words in
        ["FROZEN: prod/api.", "prod is held by Ana since", "1823 is not understood", "freeze pass --scope prod/api"]
    {
        assert!(held.err.contains(words), "{words}: {}", held.err);
    }
    assert_eq!(held.err.lines().count(), 1, "{}", held.err);
    pipeline.held(&["--ref", &pipeline.commit], 3);
    pipeline.held(&["--wait", "1s"], 75);

    ship.does(&[
        "--as",
        "Ben",
        "freeze",
        "pass",
        "--scope",
        "prod",
        "--ref",
        &pipeline.commit[..10],
        "--why",
        "the fix",
    ]);
    let passed = pipeline.deploys(&["--ref", &pipeline.commit]);
    assert!(passed.out.contains("pass 1 by Ben lets"), "{}", passed.out);
    pipeline.held(&["--ref", "0123456789012345678901234567890123456789"], 3);
    pipeline.held(&[], 3);
    for word in ["prod", &pipeline.commit[..10]] {
        let named = ship.run(&["freeze", "withdraw", word]).ends(2);
        assert!(named.err.contains("By its number: quarterdeck freeze withdraw 1"), "{}", named.err);
    }
    let none = ship.run(&["freeze", "withdraw", "nothing"]).ends(2);
    assert!(none.err.contains("There is no pass nothing.") && none.err.contains("by its number"), "{}", none.err);
    ship.does(&["freeze", "withdraw", "pass 1"]);
    pipeline.held(&["--ref", &pipeline.commit], 3);

    ship.does(&["freeze", "lift"]);
    let open = pipeline.deploys(&[]);
    assert_eq!((open.out.as_str(), open.err.as_str()), ("open: prod/api\n", ""));
}

#[test]
fn given_a_pipeline_that_waits_when_somebody_lifts_the_hold_meanwhile_then_it_goes_on() {
    let ship = Ship::new();
    ship.does(&["freeze", "add", "--why", "a look at the graphs"]);
    let waits = ship.start(&["freeze", "check", "--wait", "5m"]);
    ship.does(&["freeze", "lift"]);
    assert_eq!(ended(waits).ends(0).out, "open: prod\n");
}

#[test]
fn given_a_machine_without_the_journal_when_it_reads_what_was_written_for_it_then_only_what_is_fresh_counts() {
    let commander = Ship::new();
    let gate = commander.path("gate");
    std::fs::create_dir_all(&gate).expect("a directory");
    commander.configure("[gate]\ndir = \"~/gate\"\nscope = \"prod/api\"\n");
    let file = gate.join("gate.json").display().to_string();
    let ship = Ship::new();
    let Some(pipeline) = Pipeline::of(&ship) else { return };
    let from = ["--from", file.as_str()];
    pipeline.held(&from, 4);

    commander.does(&["freeze", "add", "--why", "1823 \u{1b}[2Jis odd"]);
    let held = pipeline.held(&from, 3);
    assert!(held.err.contains("prod/api is held by Ana"), "{}", held.err);
    harmless(&held.err);
    let old = pipeline.held(&["--from", &file, "--max-age", "0s"], 4);
    assert!(old.err.contains("UNKNOWN") && old.err.contains("is not believed"), "{}", old.err);
    let open = pipeline.deploys(&["--from", &file, "--max-age", "0s", "--on-unknown", "open"]);
    assert!(open.out.starts_with("UNKNOWN, and taken as open"), "{}", open.out);
    commander.does(&["freeze", "pass", "--ref", "v1822.1", "--why", "the fix"]);
    pipeline.deploys(&["--from", &file, "--ref", "v1822.1"]);

    commander.does(&["freeze", "lift"]);
    pipeline.deploys(&from);
    let ahead = std::fs::read_to_string(&file).expect("there");
    let year = ahead.split("\"written\": \"").nth(1).and_then(|rest| rest.get(..4)).expect("a year").to_owned();
    std::fs::write(&file, ahead.replacen(&format!("\"written\": \"{year}"), "\"written\": \"2999", 1))
        .expect("written");
    assert!(pipeline.held(&from, 4).err.contains("one of the two clocks is wrong"));
    std::fs::write(&file, "<html>log in</html>").expect("written");
    assert!(pipeline.held(&from, 4).err.contains("cannot be read"));
    commander.does(&["freeze", "publish"]);
    pipeline.deploys(&from);
}

#[test]
fn given_a_gate_behind_an_address_when_it_is_asked_then_the_token_goes_there_and_to_nobody_else() {
    let commander = Ship::new();
    std::fs::create_dir_all(commander.path("gate")).expect("a directory");
    commander.configure("[gate]\ndir = \"~/gate\"\n");
    commander.does(&["freeze", "add", "--why", "a look"]);
    let text = std::fs::read_to_string(commander.path("gate/gate.json")).expect("written");
    let server = Loopback::start(move |asked| match asked.line.as_str() {
        line if line.contains("/gate.json") => json(&text),
        line if line.contains("/401") => status(401, "who are you?"),
        line if line.contains("/drip") => Manner::Cut(b"{\"quarterdeck-gate\"".to_vec()),
        _ => status(404, "nothing here"),
    });
    let ship = Ship::new();
    ship.write("token", "s3cret\n");
    ship.configure(&format!("[gate]\nfrom = \"{}/gate.json\"\ntoken = {{ file = \"~/token\" }}\n", server.url()));
    ship.run(&["freeze", "check"]).ends(3);
    for other in ["401", "drip", "404"] {
        let unknown = ship.run(&["freeze", "check", "--from", &format!("{}/{other}", server.url())]).ends(4);
        assert!(unknown.err.starts_with("UNKNOWN: ") && !unknown.err.contains("s3cret"), "{}", unknown.err);
    }
    let told: Vec<bool> = server.asked().iter().map(|asked| asked.header("authorization").is_some()).collect();
    assert_eq!(told, [true, false, false, false]);
}

#[test]
fn given_no_journal_when_it_is_checked_then_nothing_is_made_and_one_that_was_named_or_is_damaged_is_not_known() {
    let ship = Ship::new();
    let before = ship.files();
    ship.does(&["freeze", "check", "--scope", "prod"]);
    ship.does(&["freeze", "list"]);
    assert_eq!(ship.files(), before);
    let named = ship.path("nowhere/journal").display().to_string();
    ship.run(&["--journal", &named, "freeze", "check"]).ends(4);
    assert_eq!(ship.files(), before);
    ship.does(&["freeze", "add", "--why", "a look"]);
    let kept = ship.files();
    ship.run(&["freeze", "check"]).ends(3);
    assert_eq!(ship.files(), kept, "a check writes nothing");
    std::fs::write(ship.journal(), b"not a journal any more").expect("written");
    let damaged = ship.run(&["freeze", "check"]).ends(4);
    assert!(damaged.err.contains("UNKNOWN"), "{}", damaged.err);
    ship.run(&["freeze", "check", "--scope", "prod/*"]).ends(2);
    ship.run(&["freeze", "check", "--max-age", "soon"]).ends(2);
}

#[test]
fn given_the_holds_of_two_people_when_lifted_then_the_other_s_takes_a_reason_and_the_exact_scope() {
    let ship = Ship::new();
    ship.does(&["declare", "API refuses", "-s", "sev1"]);
    ship.does(&["freeze", "add", "--scope", "prod", "--why", "1823", "--name", "the first"]);
    ship.run(&["freeze", "add", "--why", "again", "--name", "the first"]).ends(3);
    ship.does(&["--as", "Ben", "freeze", "add", "--scope", "prod/*", "--why", "me too", "--until", "2h"]);
    let which = ship.run(&["freeze", "lift"]).ends(2);
    assert!(which.err.contains("2 holds stand") && which.err.contains("the first"), "{}", which.err);
    for verb in [&["freeze", "lift"][..], &["freeze", "confirm"], &["freeze", "lift", "--withdraw"]] {
        let scope = ship.run(&[verb, &["prod"]].concat()).ends(2);
        let next = format!("By its scope: quarterdeck {} --scope prod", verb.join(" "));
        assert!(scope.err.contains("There is no hold prod. ") && scope.err.contains(&next), "{}", scope.err);
    }
    let none = ship.run(&["freeze", "lift", "staging"]).ends(2);
    assert!(none.err.contains("--scope staging") && none.err.contains("freeze list"), "{}", none.err);
    let check = ship.run(&["freeze", "check", "prod"]).ends(2);
    assert!(check.err.contains("Name the scope: quarterdeck freeze check --scope prod"), "{}", check.err);
    let bare = ship.run(&["freeze", "lift", "2"]).ends(3);
    assert!(bare.err.contains("--reason") && bare.err.contains("--confirm"), "{}", bare.err);
    ship.run(&["freeze", "lift", "2", "--reason", "he left", "--confirm", "prod"]).ends(3);
    ship.does(&["freeze", "lift", "2", "--reason", "he left", "--confirm", "prod/*"]);
    ship.run(&["freeze", "check", "--scope", "prod/api"]).ends(3);
    // closing lifts nothing, and says so
    let closed = ship.does(&["close", "--anyway", "enough"]);
    assert!(closed.err.contains("the first stands: prod by Ana"), "{}", closed.err);
    ship.run(&["freeze", "check", "--scope", "prod/api"]).ends(3);
    ship.does(&["freeze", "lift", "the first"]);
    ship.does(&["freeze", "check", "--scope", "prod/api"]);
    let lines = ship.asks(&["-i", "1", "show", "--all"]);
    let told: Vec<&str> = lines["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter(|entry| entry["kind"] == "hold-told")
        .filter_map(|entry| entry["text"].as_str())
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[2].contains("prod/*, held by Ben: he left"), "{told:?}");
}

#[test]
fn given_a_directory_that_is_gone_when_releases_are_frozen_then_the_hold_stands_and_the_failure_is_loud() {
    let ship = Ship::new();
    ship.configure("[gate]\ndir = \"~/not-mounted\"\n");
    assert!(ship.run(&["doctor"]).ends(1).out.contains("Pipelines would not be told what is frozen"));
    let loud = ship.run(&["freeze", "add", "--why", "a look"]).ends(1);
    assert!(loud.err.contains("gate.json was not written") && loud.err.contains("freeze publish"), "{}", loud.err);
    ship.run(&["freeze", "check"]).ends(3);
    std::fs::create_dir_all(ship.path("not-mounted")).expect("a directory");
    ship.does(&["freeze", "publish"]);
    ship.run(&["freeze", "check", "--from", "not-mounted/gate.json"]).ends(3);
}

#[test]
fn given_a_budget_that_is_spent_when_releases_are_frozen_by_command_then_only_a_review_lifts_it() {
    let ship = Ship::new();
    ship.configure("[[slo]]\nname = 'api'\nevents = '~/none'\nbad = 'status >= 500'\ntarget = 99.9\nwindow = '30d'\n");
    let typo = ship.run(&["freeze", "add", "--why", "it is spent", "--budget", "apy"]).ends(2);
    assert!(typo.err.contains("There is no [[slo]] apy.") && typo.err.contains("api"), "{}", typo.err);
    ship.does(&["freeze", "add", "--why", "it is spent", "--budget", "api"]);
    let bare = ship.run(&["freeze", "lift"]).ends(3);
    assert!(bare.err.contains("stands because of api's budget") && bare.err.contains("--review"), "{}", bare.err);
    assert_eq!(ship.asks(&["freeze", "list"])["holds"][0]["needs_review"], true);
    ship.run(&["freeze", "lift", "--reason", "enough"]).ends(3);
    ship.does(&["freeze", "lift", "--review", "https://wiki.example/412"]);
    ship.run(&["freeze", "check"]).ends(0);
}

#[test]
fn given_a_gate_where_lifting_needs_two_people_when_one_lifts_anothers_hold_then_it_is_asked_for_and_somebody_else_confirms()
 {
    let ship = Ship::new();
    ship.configure("[gate]\ntwo-people = \"widening\"\n");
    ship.does(&["declare", "API refuses", "-s", "sev1"]);
    ship.does(&["--as", "Ben", "freeze", "add", "--scope", "prod/*", "--why", "1823"]);
    let lift = ["freeze", "lift", "--reason", "it is mended", "--confirm", "prod/*"];
    ship.run(&["freeze", "lift", "--reason", "it is mended"]).ends(3);
    let asked = ship.run(&lift).ends(3);
    for words in [
        "Ben holds prod/*: lifting it needs a second person. It was asked for.",
        "Nothing was lifted.",
        "quarterdeck freeze confirm 1 --confirm 'prod/*'",
    ] {
        assert!(asked.err.contains(words), "{words}: {}", asked.err);
    }
    ship.run(&["freeze", "check", "--scope", "prod/api"]).ends(3);
    let listed = ship.does(&["freeze", "list"]).out;
    assert!(listed.contains("Ana asks to lift it, which needs a second person until"), "{listed}");
    assert!(listed.contains(": it is mended   (quarterdeck freeze confirm 1 --confirm 'prod/*')"), "{listed}");
    let data = ship.asks(&["freeze", "list"]);
    assert_eq!(data["holds"][0]["asked"][0]["by"], "Ana");
    assert_eq!(ship.asks(&["status"])["frozen"][0]["lift_asked_by"], "Ana");

    // one's own name does not confirm it, and nobody confirms what is not typed
    let same = ship.run(&["freeze", "confirm", "1", "--confirm", "prod/*"]).ends(3);
    assert!(same.err.contains("that is one person"), "{}", same.err);
    let bare = ship.run(&["--as", "Eli", "freeze", "confirm"]).ends(3);
    assert!(bare.err.contains("Ana asked for it at") && bare.err.contains("--confirm"), "{}", bare.err);
    // whoever asks for it too is told that they need not wait for a third
    let both = ship.copy();
    let also = both.run(&[&["--as", "Eli"], &lift[..]].concat()).ends(3);
    assert!(also.err.contains("Ana asks for it too, so confirm that"), "{}", also.err);
    // the one who holds it lifts it alone, and then there is nothing to confirm
    both.does(&["--as", "Ben", "freeze", "lift"]);
    let gone = both.run(&["--as", "Eli", "freeze", "confirm", "1", "--confirm", "prod/*"]).ends(3);
    assert!(gone.err.contains("Hold 1 was lifted at"), "{}", gone.err);

    ship.does(&["--as", "Eli", "freeze", "confirm", "--confirm", "prod/*"]);
    ship.does(&["freeze", "check", "--scope", "prod/api"]);
    let shown = ship.does(&["show", "--all"]).out;
    assert!(shown.contains("prod/*, held by Ben: it is mended, asked for by Ana"), "{shown}");
    ship.run(&["--as", "Cho", "freeze", "confirm"]).ends(3);
}

#[test]
fn given_a_lift_that_was_asked_for_when_taken_back_then_nobody_confirms_it_any_more() {
    let ship = Ship::new();
    ship.configure("[gate]\ntwo-people = \"widening\"\n");
    ship.does(&["--as", "Ben", "freeze", "add", "--why", "1823"]);
    let data = ship.run(&["--json", "freeze", "lift", "--reason", "it is mended", "--confirm", "prod"]).ends(3).data();
    assert_eq!(data["entries"][0]["kind"], "lift-asked");
    ship.run(&["--as", "Eli", "freeze", "lift", "--withdraw"]).ends(3);
    ship.does(&["freeze", "lift", "--withdraw", "--reason", "not yet"]);
    ship.run(&["freeze", "lift", "--withdraw"]).ends(3);
    let back = ship.run(&["--as", "Eli", "freeze", "confirm", "1", "--confirm", "prod"]).ends(3);
    assert!(back.err.contains("Ana took it back."), "{}", back.err);
    ship.run(&["freeze", "check"]).ends(3);
    // one's own never needs anybody
    ship.does(&["--as", "Ben", "freeze", "lift"]);
    ship.run(&["freeze", "check"]).ends(0);
    let always = Ship::new();
    always.configure("[gate]\ntwo-people = \"always\"\n");
    let refused = always.run(&["freeze", "list"]).ends(2);
    assert!(refused.err.contains("two-people") && refused.err.contains("widening"), "{}", refused.err);
}

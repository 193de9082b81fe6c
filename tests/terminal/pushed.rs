//! Two drills that are solved with probes, played in tmux and by commands beside it: what is red holds a release, one green is not enough, and what
//! was green for a whole soak lifts the hold.

use super::aboard::{PROGRAM, drill, jump, rest, type_name};
use super::rehearsal::says_the_truth;
use super::tmux::Tmux;
use crate::cli::ship::{Run, Ship, ended};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::process::Child;

/// A drill on the screen of a terminal, and commands on its journal.
struct Played<'a> {
    ship: &'a Ship,
    tmux: Tmux<'a>,
    journal: String,
}

impl<'a> Played<'a> {
    fn open(ship: &'a Ship, name: &str) -> Option<Played<'a>> {
        let tmux = Tmux::open(ship, "tmux-256color", &[PROGRAM, "drill", name], (120, 36))?;
        tmux.wait_text("All is well still. Press > to jump to the next thing that happens.");
        let journal = drill(ship).join("journal/quarterdeck.journal").to_string_lossy().into_owned();
        Some(Played { ship, tmux, journal })
    }

    fn start(&self, command: &[&str]) -> Child {
        self.ship.start(&[&["--journal", &self.journal], command].concat())
    }

    fn run(&self, command: &[&str]) -> Run {
        ended(self.start(command))
    }

    fn jump(&self, to: &str) {
        jump(self.ship, &self.tmux, to);
    }

    fn declare(&self, severity: &str) {
        self.tmux.send("i");
        self.tmux.wait_text("noticed by");
        self.tmux.send("\t\tby eye\r");
        self.tmux.wait_text(&format!("{severity}  INVESTIGATING"));
        rest(&self.tmux);
    }

    /// Asks what is green once more after its soak, which passes while the screen jumps on.
    fn soaks(&self, probes: &[&str], to: &str) -> Run {
        let mut child = self.start(&[&["probe", "run", "--soak"], probes].concat());
        let mut said = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut err = String::new();
        said.read_line(&mut err).expect("a line");
        assert!(err.contains("green and asked once more after 5 min."), "{err}: {:?}", ended(child));
        self.jump(to);
        said.read_to_string(&mut err).expect("text");
        Run { err, ..ended(child) }
    }

    /// Jumps on until the screen has found a probe to be green for a whole soak: it asks by itself, and again after what is red.
    fn soaked(&self, probe: &str, known: usize) {
        let told = |light: &str| {
            let record = self.run(&["-i", "1", "show", "--all"]).ends(0).out;
            record.matches(&format!("{probe}: {light} after serving for")).count()
        };
        let mut answers = known;
        while told("green") == 0 {
            let to = self.tmux.look(super::aboard::clock).expect("a clock") + 330;
            self.jump(&format!("{:02}:{:02}:{:02}", to / 3_600, to / 60 % 60, to % 60));
            self.tmux.wait_until("an answer after the soak", || told("green") + told("red") > answers);
            answers = told("green") + told("red");
            assert!(answers < known + 6, "{}", self.run(&["-i", "1", "show", "--all"]).out);
        }
    }

    /// The world has seen that a flag serves this: what is jumped to before that comes first.
    fn follows(&self, flag: &str, value: &str) {
        let seen = format!("{flag:?},{value:?},[");
        self.tmux.wait_until("the world follows the flag", || {
            std::fs::read_to_string(drill(self.ship).join("world/world.json")).is_ok_and(|text| {
                let last = text.rfind(&format!("{flag:?},"));
                last.is_some_and(|last| text[last..].starts_with(&seen))
            })
        });
    }

    /// Stops a switch from the screen.
    fn stops(&self, place: usize, exact: &str) {
        self.tmux.send("2");
        for _ in 0..place {
            self.tmux.send("j");
        }
        self.tmux.send("x");
        self.tmux.wait_text("stop for everybody");
        self.tmux.send("\r");
        self.tmux.wait_text(&format!("type exactly  {exact}"));
        type_name(&self.tmux, exact);
        self.tmux.send("\tback to what was\r");
        rest(&self.tmux);
    }

    /// The record as a document.
    fn record(&self) -> String {
        let record = self.run(&["-i", "1", "export"]).ends(0).out;
        self.tmux.send("\x03\x03");
        self.tmux.wait_text("[exited]");
        record
    }
}

#[test]
fn given_a_push_that_crashes_servers_when_played_then_the_first_green_does_not_last_and_the_right_way_back_does() {
    let ship = Ship::new();
    let Some(played) = Played::open(&ship, "bad-data-push") else { return };
    played.run(&["probe", "run"]).ends(0);
    played.jump("14:07:00");
    played.declare("SEV1");
    let red = played.run(&["freeze", "check", "--scope", "prod"]).ends(3);
    assert!(red.err.contains("RED: prod. serves: ") && red.err.contains("bad events in the last 60 s"), "{red:?}");
    played.run(&["freeze", "add", "--why", "servers crash and nobody knows why"]).ends(0);
    played.tmux.wait_text("PROD FROZEN");

    // the servers start again by themselves, and that looks well for a while
    played.jump("14:08:30");
    let naive = played.soaks(&["serves"], "14:14:00").ends(3);
    assert!(naive.out.contains("RED") && naive.out.contains("after serving for 5 min"), "{naive:?}");
    assert!(naive.err.contains("1 probe is red."), "{naive:?}");

    // the push, and the table it brought, at once
    let plan = ["switch", "plan", "stop", "back-to-117"];
    let dry = played.run(&[&plan[..], &["--dry-run"]].concat()).ends(0);
    assert!(dry.out.contains("117"), "{dry:?}");
    played.run(&[&plan[..], &["--confirm", "plan/back-to-117", "--reason", "118 crashes servers"]].concat()).ends(0);
    played.follows("data-push", "false");
    played.follows("table", "117");
    let stopped = played.run(&["--json", "switch", "list"]).ends(0).data();
    let push =
        stopped["switches"].as_array().and_then(|all| all.iter().find(|one| one["switch"] == "data-push").cloned());
    assert!(
        push.is_some_and(|push| push.to_string().contains("false")),
        "the button says that it is pressed: {stopped}"
    );

    played.run(&["freeze", "check"]).ends(3);
    // looked at again after a soak, by the screen itself, until it was good for all of it
    played.soaked("serves", 1);
    played.run(&["freeze", "lift", "--reason", "green for five minutes", "--confirm", "prod"]).ends(0);
    let open = played.run(&["freeze", "check", "--scope", "prod"]).ends(0);
    assert!(open.out.starts_with("open: prod"), "{open:?}");

    let record = played.record();
    says_the_truth("bad-data-push", &record);
    for words in ["red after serving for 5 min", "green after serving for", "data-push", "table 118"] {
        assert!(record.contains(words), "{words}: {record}");
    }
}

#[test]
fn given_code_without_its_configuration_when_played_then_probes_hold_the_deploy_until_the_change_is_everywhere() {
    let ship = Ship::new();
    let Some(played) = Played::open(&ship, "config-not-sent") else { return };
    // red already where a request may not have failed yet: the drill's clock goes on while the gate is asked
    played.jump("15:02:00");
    let early = played.run(&["freeze", "check", "--scope", "prod"]).ends(3);
    assert!(early.err.contains("config-arrived: 2 values of config_version"), "{early:?}");
    played.jump("15:08:00");
    played.declare("SEV2");
    played.run(&["freeze", "add", "--why", "702 fails where configuration 42 is not"]).ends(0);
    played.follows("freeze check", "frozen");
    // which servers: the batch, its build and its configuration
    for (field, value) in [("batch", "a"), ("build", "702")] {
        let by = ["--json", "burn", "--slo", "api-availability", "--by", field, "--since", "15:05"];
        let values = played.run(&by).ends(0).data()["slos"][0]["by"]["values"].clone();
        let bad: Vec<String> = values
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["bad"].as_u64().is_some_and(|bad| bad > 0))
            .map(|one| one["value"].as_str().unwrap_or_default().trim_matches('"').to_owned())
            .collect();
        assert_eq!(bad, [value], "{values}");
    }
    // the probes are red and the deploy goes no further: its pipeline asks the gate
    played.jump("15:18:00");
    played.tmux.wait_text("freeze check: prod is frozen");
    let held = played.run(&["probe", "run", "config-arrived"]).ends(3);
    assert!(held.out.contains("RED      config-arrived"), "{held:?}");
    let by = ["--json", "burn", "--slo", "api-availability", "--by", "batch", "--since", "15:05"];
    let batches = played.run(&by).ends(0).data()["slos"][0]["by"]["values"].clone();
    let bad = |one: &Value| one["bad"].as_u64().is_some_and(|bad| bad > 0);
    assert_eq!(batches.as_array().map(|all| all.iter().filter(|one| bad(one)).count()), Some(1), "{batches}");
    played.stops(0, "production/release");
    played.tmux.wait_text("release  STOPPED  serves 701, was 702");
    played.follows("release", "701");
    played.jump("15:22:00");
    let still = played.run(&["probe", "run"]).ends(3);
    assert!(still.out.contains("green    one-build") && still.out.contains("RED      config-arrived"), "{still:?}");
    // sent back to all, then sent to all: proven by what every server says of itself
    let stop = ["switch", "stop", "config", "--confirm", "production/config", "--reason", "42 reached one batch"];
    played.run(&stop).ends(0);
    played.follows("config", "41");
    played.jump("15:25:00");
    played.run(&["probe", "run", "config-arrived"]).ends(0);
    let back = ["switch", "revert", "config", "--confirm", "production/config", "--reason", "sent again"];
    played.run(&back).ends(0);
    played.follows("config", "42");
    played.jump("15:28:00");
    let good = played.run(&["probe", "run", "config-arrived"]).ends(0);
    assert!(
        good.out.contains("1 value of config_version in the last 60 s (\"42\")") || good.out.contains("(42)"),
        "{good:?}"
    );
    played.soaked("serves", 0);
    played.run(&["freeze", "check"]).ends(3);
    played.run(&["freeze", "lift", "--reason", "42 is everywhere", "--confirm", "prod"]).ends(0);
    played.run(&["freeze", "check"]).ends(0);
    let record = played.record();
    says_the_truth("config-not-sent", &record);
    for words in ["red, 2 values of config", "green after serving for", "702 fails where configuration 42 is not"] {
        assert!(record.contains(words), "{words}: {record}");
    }
}

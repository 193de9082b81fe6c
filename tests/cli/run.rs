//! A command that is run for somebody: what comes out of it, how it ends, what reaches it, and what is written down, with the journal in
//! whatever state.

use super::ship::{Run, Ship, ended};
use serde_json::Value;
use std::io::Read;

fn declared() -> Ship {
    let ship = Ship::new();
    ship.does(&["declare", "API refuses all traffic", "-s", "sev1"]);
    ship
}

fn sh(script: &str) -> Vec<&str> {
    vec!["run", "--", "sh", "-c", script]
}

/// The rows of the incident that tell of commands: words, and how it ended.
fn rows(ship: &Ship) -> Vec<(String, String)> {
    let show = ship.asks(&["-i", "1", "show", "--all"]);
    let text = |entry: &Value, key: &str| entry[key].as_str().expect("a text").to_owned();
    let entries = show["entries"].as_array().expect("entries").iter();
    entries.filter(|e| e["label"] == "change").map(|e| (text(e, "text"), text(e, "aside"))).collect()
}

/// What the facts of one kind say, in the order of the journal.
fn facts(ship: &Ship, number: u32, kind: &str) -> Vec<Value> {
    let raw = rusqlite::Connection::open(ship.journal()).expect("the journal");
    let mut rows =
        raw.prepare("SELECT fact FROM entries WHERE incident = ?1 AND kind = ?2 ORDER BY seq").expect("asked");
    let texts = rows.query_map((number, kind), |row| row.get::<_, String>(0)).expect("asked");
    texts.map(|text| serde_json::from_str(&text.expect("a text")).expect("a fact")).collect()
}

#[test]
fn given_a_command_when_run_then_its_bytes_its_code_and_its_end_are_its_own_and_one_row_tells_of_it() {
    let ship = declared();
    let script = "printf '\\033[1mno line break'; echo to err >&2; exit 255";
    let run = ship.run(&["run", "--what", "deploy", "--", "sh", "-c", script]).ends(255);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("\u{1b}[1mno line break", "to err\n"));
    let told = rows(&ship);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0.starts_with("deploy sh -c 'printf ") && told[0].1.starts_with("ended 255 after "), "{told:?}");
    let ran = facts(&ship, 1, "ran");
    assert_eq!((&ran[0]["code"], ran[0]["signal"].is_null(), ran.len()), (&255.into(), true, 1));
    let tail = ran[0]["tail"].as_str().expect("a tail");
    assert!(tail.contains("no line break") && tail.contains("to err") && !tail.contains('\u{1b}'), "{tail:?}");
    let show = ship.does(&["show"]).out;
    assert_eq!(show.matches("deploy sh -c").count(), 1, "{show}");
}

#[test]
fn given_ends_of_every_kind_when_run_then_the_code_is_the_one_a_shell_gives() {
    let ship = declared();
    for (script, code, how) in [
        ("exit 0", 0, "ended 0"),
        ("kill -TERM $$", 143, "SIGTERM"),
        ("kill -INT $$", 130, "SIGINT"),
        ("kill -KILL $$", 137, "SIGKILL"),
    ] {
        let run = ship.run(&sh(script)).ends(code);
        assert_eq!((run.out.as_str(), run.err.as_str()), ("", ""), "{script}");
        assert!(rows(&ship).last().expect("a row").1.starts_with(how), "{script}");
    }
    let gone = ship.run(&["run", "--", "no-such-command"]).ends(127);
    assert!(gone.err.contains("There is no command no-such-command. Nothing was run."), "{}", gone.err);
    ship.write("plain", "words");
    ship.run(&["run", "--", "./plain"]).ends(126);
    assert_eq!(rows(&ship).last().expect("a row").1, "ended 126 after 0.0 s");
    ship.run(&["run"]).ends(2);
    assert_eq!(rows(&ship).len(), 6);
}

#[test]
fn given_arguments_and_words_when_run_then_they_are_passed_as_they_are_and_secrets_are_not_recorded() {
    let ship = declared();
    let run = ship.pipe(&["run", "--", "head", "-1"], b"one\ntwo\n").ends(0);
    assert_eq!(run.out, "one\n", "-1 is the command's, and so is the input");
    ship.run(&["run", "--", "echo", "--token", "s3cret", "password: hunter2"]).ends(0);
    ship.run(&["run", "--says", "rotate the keys", "--", "echo", "k3y"]).ends(0);
    let told = rows(&ship);
    assert_eq!(told[1].0, "run echo --token *** 'password: ***'");
    assert_eq!(told[2].0, "run rotate the keys");
    let all: String = facts(&ship, 1, "ran").iter().chain(&facts(&ship, 1, "changed")).map(Value::to_string).collect();
    assert!(!all.contains("s3cret") && !all.contains("hunter2"), "{all}");
}

#[test]
fn given_nobody_who_reads_any_more_when_run_then_it_ends_as_it_would_alone() {
    let ship = declared();
    let mut child = ship.start(&["run", "--", "yes"]);
    let mut first = [0; 2];
    let mut out = child.stdout.take().expect("a pipe");
    out.read_exact(&mut first).expect("a line");
    drop(out);
    assert_eq!((&first, ended(child).code), (b"y\n", 141));
    assert!(rows(&ship)[0].1.starts_with("SIGPIPE after "), "{:?}", rows(&ship));
}

#[test]
fn given_somebody_left_behind_when_the_command_ends_then_nobody_waits_for_them_and_all_before_is_there() {
    let ship = declared();
    let run = ship.run(&sh("sleep 600 & echo $!; seq 1 20000")).ends(0);
    let (id, rest) = run.out.split_once('\n').expect("a line");
    assert_eq!((rest.lines().count(), rest.lines().last()), (20_000, Some("20000")));
    let id = id.parse().ok().and_then(rustix::process::Pid::from_raw).expect("a number");
    rustix::process::kill_process(id, rustix::process::Signal::KILL).expect("it lives");
}

/// The command ran as if nothing were wrong, and one thing is said.
#[track_caller]
fn unrecorded(run: Run, says: &str) {
    let run = run.ends(3);
    assert_eq!(run.out, "done\n");
    assert!(run.err.starts_with("quarterdeck: ") && run.err.contains(says), "{}", run.err);
    assert!(run.err.contains("The command ended with 3, and that is not in the record."), "{}", run.err);
}

const SCRIPT: &str = "echo done; exit 3";

#[test]
fn given_no_journal_when_run_then_one_is_made_in_the_usual_place_and_nowhere_else() {
    let ship = Ship::new();
    let path = ship.path("not/mounted.journal");
    let named = path.to_string_lossy().into_owned();
    unrecorded(ship.run(&[&["--journal", named.as_str()], &sh(SCRIPT)[..]].concat()), "There is no journal at");
    assert!(!path.exists(), "a gate that reads it must not find it open");
    unrecorded(ship.run(&[&["-i", "1"], &sh(SCRIPT)[..]].concat()), "No incident is open");
    assert!(!ship.journal().exists());
    let run = ship.run(&sh(SCRIPT)).ends(3);
    assert_eq!((run.out.as_str(), run.err.as_str()), ("done\n", ""));
    assert_eq!((facts(&ship, 0, "changed").len(), facts(&ship, 0, "ran").len()), (1, 1));
}

#[test]
fn given_a_journal_in_trouble_when_run_then_it_runs_all_the_same() {
    let ship = declared();
    ship.write("rubbish", "this is no journal");
    let path = ship.path("rubbish").to_string_lossy().into_owned();
    unrecorded(ship.run(&[&["--journal", path.as_str()], &sh(SCRIPT)[..]].concat()), "rubbish");
    unrecorded(ship.run(&[&["-i", "99"], &sh(SCRIPT)[..]].concat()), "Incident 99 has not been declared.");
    ship.does(&["declare", "another", "-s", "sev3"]);
    unrecorded(ship.run(&sh(SCRIPT)), "2 incidents are open");
    ship.run(&[&["-i", "2"], &sh(SCRIPT)[..]].concat()).ends(3);
    ship.configure("nonsense = 1\n");
    unrecorded(ship.run(&sh(SCRIPT)), "unknown key `nonsense`");
    ship.configure("this is not TOML");
    unrecorded(ship.run(&sh(SCRIPT)), "not TOML");
}

#[test]
fn given_a_journal_that_somebody_holds_when_run_then_the_command_does_not_wait_for_it() {
    let ship = declared();
    let other = rusqlite::Connection::open(ship.journal()).expect("the journal");
    other.execute_batch("BEGIN IMMEDIATE").expect("our turn");
    let mut child = ship.start(&["run", "--", "sh", "-c", "echo here; cat > /dev/null; exit 7"]);
    let mut out = child.stdout.take().expect("a pipe");
    let mut first = [0; 5];
    out.read_exact(&mut first).expect("it runs although nothing can be written down");
    assert_eq!(&first, b"here\n");
    other.execute_batch("COMMIT").expect("their turn");
    assert_eq!(ended(child).code, 7);
    assert!(
        rows(&ship)[0].1.starts_with("ended 7 after"),
        "what could be written down in the end is: {:?}",
        rows(&ship)
    );
    // and when it is held to the end
    other.execute_batch("BEGIN IMMEDIATE").expect("our turn");
    unrecorded(ship.run(&sh(SCRIPT)), "journal");
}

#[test]
fn given_a_damaged_entry_when_run_then_it_runs_and_nothing_is_written_after_it() {
    let ship = declared();
    let raw = rusqlite::Connection::open(ship.journal()).expect("the journal");
    raw.execute("UPDATE entries SET author = 'Mallory' WHERE incident = 1 AND seq = 2", ()).expect("changed");
    drop(raw);
    unrecorded(ship.run(&sh(SCRIPT)), "The journal is damaged");
}

#[test]
fn given_no_open_incident_when_run_then_the_standing_stream_has_it() {
    let ship = declared();
    ship.does(&["resolve", "over"]);
    ship.does(&["close", "--anyway", "a test"]);
    ship.run(&sh("echo words; exit 4")).ends(4);
    assert_eq!(rows(&ship).len(), 0);
    let (changed, ran) = (facts(&ship, 0, "changed"), facts(&ship, 0, "ran"));
    assert_eq!((&changed[0]["what"], &changed[0]["source"]), (&"run".into(), &"run".into()));
    assert_eq!((&ran[0]["code"], &ran[0]["tail"], ran.len()), (&4.into(), &"words".into(), 1));
}

#[test]
fn given_a_deploy_that_was_run_with_no_incident_open_when_one_is_declared_then_it_is_among_what_changed() {
    let ship = declared();
    ship.does(&["resolve", "over"]);
    ship.does(&["close", "--anyway", "a test"]);
    ship.does(&["--as", "Ben", "run", "--what", "deploy", "--", "sh", "-c", "true"]);
    let listed = ship.asks(&["changes", "list"]);
    let one = &listed["changes"][0];
    assert_eq!((&one["what"], &one["source"], &one["by"]), (&"deploy".into(), &"run".into(), &"Ben".into()));
    assert!(!one["until"].is_null(), "how long it took: {listed}");
    ship.does(&["declare", "it fails", "-s", "sev2"]);
    let mut pty = crate::terminal::aboard::board(&ship, &[], (100, 30));
    pty.wait_text("deploy sh");
    pty.send("v");
    pty.wait_text("1 before it was declared");
    pty.send("q");
    crate::terminal::aboard::rest(&pty);
    pty.send("\x03");
    pty.send("\x03");
    pty.wait_exit();
    let written = facts(&ship, 2, "changed");
    assert_eq!((written.len(), &written[0]["what"], &written[0]["by"]), (1, &"deploy".into(), &"Ben".into()));
}

/// A screen is opened and takes what ran before, until a command's end is in the record of the first incident.
fn taken(ship: &Ship, how: &str) {
    let pty = crate::terminal::aboard::board(ship, &[], (120, 30));
    pty.wait_text(how);
    pty.wait_until("its end is written down", || facts(ship, 1, "ran").len() == 1);
}

#[test]
fn given_a_command_that_was_run_with_no_incident_open_when_it_is_taken_into_one_then_it_says_how_it_ended() {
    let ship = Ship::new();
    ship.run(&["run", "--what", "deploy", "--", "sh", "-c", "echo no disk; exit 3"]).ends(3);
    ship.does(&["declare", "it fails", "-s", "sev1", "--began", "-5m"]);
    taken(&ship, "ended 3 after");
    let told = rows(&ship);
    assert!(told.len() == 1 && told[0].1.starts_with("ended 3 after "), "{told:?}");
    let (began, ran) = (facts(&ship, 0, "ran"), facts(&ship, 1, "ran"));
    assert_eq!((&ran[0]["code"], &ran[0]["tail"]), (&3.into(), &"no disk".into()));
    assert!(ran[0]["changed"] != began[0]["changed"], "each record speaks of its own row");
    let show = ship.does(&["show", "--all"]).out;
    assert!(show.contains("ended 3") && !show.contains("no end yet") && !show.contains("until"), "{show}");
}

#[test]
fn given_a_command_that_ends_after_it_was_taken_into_an_incident_when_it_ends_then_the_incident_says_how() {
    let ship = Ship::new();
    let mut child = ship.command(&["run", "--", "sh", "-c", "echo begun; read line; exit 4"]);
    let mut child = child.stdin(std::process::Stdio::piped()).spawn().expect("started");
    let mut first = [0; 6];
    child.stdout.as_mut().expect("a pipe").read_exact(&mut first).expect("it runs");
    ship.does(&["declare", "it fails", "-s", "sev1"]);
    let pty = crate::terminal::aboard::board(&ship, &[], (120, 30));
    pty.wait_text("no end yet");
    drop(child.stdin.take());
    assert_eq!(ended(child).code, 4);
    pty.wait_text("ended 4 after");
    assert!(rows(&ship)[0].1.starts_with("ended 4 after "), "{:?}", rows(&ship));
}

mod at_a_terminal {
    use super::{declared, rows};
    use crate::cli::ship::Ship;
    use crate::terminal::aboard::{PROGRAM, board, start};
    use crate::terminal::pty::Pty;
    use rustix::process::Signal;

    /// Counts what reaches it, and ends with a code of its own when a line is typed.
    const COUNTS: &str = "trap 'echo INT' INT; trap 'echo TERM' TERM; trap 'echo HUP' HUP; trap 'echo QUIT' QUIT; \
                          echo ready; until read line; do :; done; echo \"got $line\"; exit 9";

    fn run(ship: &Ship, script: &str) -> Pty {
        board(ship, &["run", "--", "sh", "-c", script], (60, 12))
    }

    #[test]
    fn given_keys_and_signals_when_a_command_runs_then_each_reaches_it_once() {
        let ship = declared();
        let mut pty = run(&ship, COUNTS);
        pty.wait_text("ready");
        pty.send("\x03");
        pty.wait_text("INT");
        for (signal, words) in [(Signal::TERM, "TERM"), (Signal::HUP, "HUP"), (Signal::QUIT, "QUIT")] {
            pty.signal(signal);
            pty.wait_text(words);
        }
        pty.send("words\r");
        pty.wait_text("got words");
        assert_eq!(pty.wait_exit().code(), Some(9));
        let shown = pty.contents();
        for words in ["INT", "TERM", "HUP", "QUIT"] {
            assert_eq!(shown.matches(words).count(), 1, "{shown}");
        }
        assert!(rows(&ship)[0].1.starts_with("ended 9"));
    }

    #[test]
    fn given_ctrl_c_when_it_ends_the_command_then_the_end_is_written_down() {
        let ship = declared();
        let mut pty = run(&ship, "echo ready; exec sleep 600");
        pty.wait_text("ready");
        pty.send("\x03");
        assert_eq!(pty.wait_exit().code(), Some(130));
        assert!(rows(&ship)[0].1.starts_with("SIGINT after"));
    }

    #[test]
    fn given_a_terminal_when_a_command_looks_then_it_sees_one_of_the_same_size_on_every_side() {
        let ship = declared();
        let script = "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size <&1; trap 'stty size <&1' WINCH; echo ready; \
                      until read line; do :; done; printf 'a\\033[1;31mred\\033[m\\n\\ttab'";
        let mut pty = run(&ship, script);
        pty.wait_text("ready");
        assert!(pty.contents().starts_with("12 60"), "{}", pty.contents());
        pty.resize(70, 15);
        pty.wait_text("15 70");
        pty.send("x\r");
        pty.wait_for("red words", |screen| screen.contents().contains("ared\n        tab"));
        assert_eq!(pty.wait_exit().code(), Some(0));
    }

    #[test]
    fn given_a_signal_that_was_to_be_ignored_when_run_then_it_stays_so_for_the_command() {
        let ship = declared();
        let script = format!("trap '' TERM; exec {PROGRAM} run -- sh -c 'kill -TERM $$; echo alive'");
        let mut pty = start(&ship, "sh", &["-c", &script], &[], (60, 12));
        pty.wait_text("alive");
        assert_eq!(pty.wait_exit().code(), Some(0));
    }

    #[test]
    fn given_a_terminal_that_goes_away_when_a_command_runs_then_it_is_told_and_its_end_is_written_down() {
        let ship = declared();
        let mut pty = run(&ship, "echo ready; exec sleep 600");
        pty.wait_text("ready");
        pty.hang_up();
        pty.wait_exit();
        assert!(rows(&ship)[0].1.starts_with("SIGHUP after"), "{:?}", rows(&ship));
    }
}

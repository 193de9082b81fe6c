//! Commands that only read: they answer, and leave every file as it was.

use super::ship::{Ship, ended};
use std::io::Read;
use std::process::Stdio;

#[test]
fn given_nothing_at_all_when_read_then_nothing_is_made() {
    let ship = Ship::new();
    for (command, code) in [
        (&["list"][..], 0),
        (&["show"], 2),
        (&["status"], 0),
        (&["status", "--format", "tmux"], 0),
        (&["switch", "list"], 0),
        (&["burn"], 2),
        (&["export"], 2),
        (&["doctor"], 0),
        (&["drill", "--list"], 0),
        (&["man"], 0),
        (&["man", "task"], 0),
        (&["completions", "zsh"], 0),
        (&["--help"], 0),
        (&["task", "--help"], 0),
        (&["--version"], 0),
        (&[], 2),
    ] {
        let run = ship.run(command).ends(code);
        assert!(code != 0 || !run.out.is_empty() || command.contains(&"tmux"), "{command:?} says nothing");
    }
    assert_eq!(ship.files(), Vec::new());
}

#[test]
fn given_a_journal_when_read_then_no_file_changes() {
    let ship = Ship::new();
    let flags = "{\"flags\":{\"release\":{\"state\":\"ENABLED\",\"variants\":{\"a\":\"1822\",\"b\":\"1823\"},\"defaultVariant\":\"b\"}}}";
    ship.write("flags.json", flags);
    ship.write("events.ndjson", "{\"time\":\"2019-07-09T22:50:00Z\",\"status\":200}\n");
    ship.configure(
        "[[switch]]\nname = \"release\"\nkind = \"flagd\"\nfile = \"~/flags.json\"\nflag = \"release\"\nstop = \"a\"\n",
    );
    ship.does(&["declare", "x", "-s", "1"]);
    ship.does(&["note", "y"]);
    let before = ship.files();
    for command in [
        &["list", "--all"][..],
        &["show"],
        &["--json", "show", "--all"],
        &["status"],
        &["--json", "status"],
        &["status", "--format", "say"],
        &["switch", "list"],
        &["--json", "switch", "list"],
        &["switch", "stop", "release", "--dry-run"],
        &["export"],
        &["export", "-f", "json"],
        &["burn", "--events", "events.ndjson", "--bad", "status >= 500", "--target", "99.9", "--window", "1h"],
        &["doctor"],
        &["--json", "doctor"],
    ] {
        let run = ship.run(command);
        assert_eq!(run.code, 0, "{command:?} {run:?}");
        if command.contains(&"--json") {
            run.data();
        }
    }
    assert!(ship.files() == before, "a reading command wrote");
}

#[test]
fn given_a_restricted_incident_when_its_status_is_asked_then_its_title_is_nowhere() {
    let ship = Ship::new();
    ship.does(&["declare", "the vault was opened", "-s", "sev1", "--restricted"]);
    ship.does(&["impact", "the vault is empty"]);
    ship.does(&["task", "call about the vault", "--within", "1m"]);
    ship.does(&["promise", "word about the vault", "--to", "the vault's owner", "--by", "2m"]);
    ship.does(&["freeze", "add", "--scope", "prod", "--why", "the vault is open"]);
    for command in [
        &["status"][..],
        &["status", "--format", "tmux"],
        &["status", "--format", "say"],
        &["--json", "status"],
        &["list"],
        &["--json", "list"],
    ] {
        let run = ship.does(command);
        assert!(!run.out.contains("vault") && run.out.contains('1'), "{command:?}: {}", run.out);
    }
    let second = ship.does(&["declare", "something else", "-s", "sev3"]);
    assert!(!second.err.contains("vault") && second.err.contains("restricted"), "{}", second.err);
    let which = ship.run(&["note", "x"]).ends(2);
    assert!(!which.err.contains("vault"), "{}", which.err);
    assert!(ship.does(&["-i", "1", "show"]).out.contains("vault"), "inside the program it is told");
}

#[test]
fn given_holds_when_the_status_is_asked_then_it_says_what_is_frozen_by_whom_since_when_also_with_no_incident() {
    let ship = Ship::new();
    let words = |form: &str| ship.does(&["status", "--format", form]).out;
    ship.does(&["freeze", "add", "--scope", "prod", "--why", "1823 is not understood", "--until", "30m"]);
    let frozen = ship.asks(&["status"])["frozen"].clone();
    let hold = &frozen[0];
    assert_eq!(
        (&hold["scope"], &hold["by"], &hold["hold"]),
        (&"prod".into(), &"Ana".into(), &"hold 1".into()),
        "{frozen}"
    );
    let clock = |name: &str| hold[name].as_str().and_then(|time| time.get(11..16)).expect("a time").to_owned();
    let (at, until) = (clock("at"), clock("until"));
    let line = words("line");
    assert!(line.starts_with("no open incident\n"), "{line}");
    assert!(line.contains(&format!("PROD FROZEN by Ana {at}, until ")) && line.contains(&until), "{line}");
    assert_eq!(words("tmux"), "PROD FROZEN");
    let say = words("say");
    assert!(
        say.contains("no incident is open.\n")
            && say.contains(&format!("Releases to prod are frozen by Ana since {at} UTC")),
        "{say}"
    );

    ship.does(&["declare", "1823 is broken", "-s", "sev1"]);
    ship.does(&["--as", "#Ben", "freeze", "add", "--scope", "*", "--why", "all of it"]);
    let tmux = words("tmux");
    assert!(
        tmux.ends_with(" | FROZEN by 2 holds") && tmux.contains("1823 is broken") && !tmux.contains(['#', '\n']),
        "{tmux}"
    );
    assert_eq!(words("line").lines().count(), 3);
    assert!(words("say").contains("All releases are frozen by #Ben since"), "{}", words("say"));
    ship.does(&["freeze", "lift", "hold 1"]);
    ship.does(&["--as", "#Ben", "freeze", "lift", "hold 2"]);
    assert!(!words("line").contains("FROZEN") && !words("tmux").contains("FROZEN") && !words("say").contains("frozen"));
    assert_eq!(ship.asks(&["status"])["frozen"], serde_json::json!([]));
}

#[test]
fn given_a_damaged_stream_when_the_status_is_asked_then_it_never_says_that_all_is_well() {
    let ship = Ship::new();
    ship.does(&["freeze", "add", "--scope", "prod", "--why", "1823 is not understood"]);
    let raw = rusqlite::Connection::open(ship.journal()).expect("the journal");
    raw.execute("UPDATE entries SET author = 'Mallory' WHERE incident = 0", ()).expect("changed");
    drop(raw);
    let words = |form: &str| {
        let told = ship.run(&["status", "--format", form]).ends(1);
        assert!(told.err.contains("The journal is damaged"), "{form}: {}", told.err);
        told.out
    };
    assert!(words("line").contains("NOT KNOWN what else is frozen"), "{}", words("line"));
    assert_eq!(words("tmux"), "JOURNAL DAMAGED");
    let say = words("say");
    assert!(say.contains("what else is frozen is not known") && !say.contains("Nothing is wrong"), "{say}");
    let data: serde_json::Value = serde_json::from_str(&words("json")).expect("JSON");
    assert!(data["damaged"].is_string(), "{data}");
}

#[test]
fn given_tmux_when_its_status_is_asked_then_it_is_one_line_it_cannot_misread() {
    let ship = Ship::new();
    assert_eq!(ship.does(&["status", "--format", "tmux"]).out, "");
    ship.does(&["declare", "#(rm -rf) 50% #[fg=red]refused", "-s", "2"]);
    let out = ship.does(&["status", "--format", "tmux"]).out;
    assert!(!out.contains(['\n', '#', '%']) && out.contains("SEV2") && out.contains("refused"), "{out}");
}

#[test]
fn given_a_long_timeline_when_shown_then_the_last_twenty_are_and_all_when_asked() {
    let ship = Ship::new();
    ship.does(&["declare", "x", "-s", "4"]);
    for n in 0..30 {
        ship.does(&["note", &format!("entry {n}.")]);
    }
    let short = ship.does(&["show"]).out;
    assert!(short.contains("entry 29.") && !short.contains("entry 3.") && short.contains("20 of 31"), "{short}");
    let all = ship.does(&["show", "--all"]).out;
    assert!((0..30).all(|n| all.contains(&format!("entry {n}."))), "{all}");
}

#[test]
fn given_an_export_when_imported_then_it_is_the_same_incident_once() {
    let ship = Ship::new();
    ship.does(&["declare", "API refuses", "-s", "sev1", "--began", "~-10m"]);
    ship.does(&["note", "-8m two\nlines and \"quotes\" 日本"]);
    ship.does(&["task", "t", "--owner", "Cho"]);
    let text = ship.does(&["export", "-f", "json"]).out;
    let other = ["--journal", "other/quarterdeck.journal"];
    let import = |from: &str| {
        let mut arguments = vec!["--json"];
        arguments.extend(other);
        arguments.extend(["import", "json", from]);
        ship.pipe(&arguments, text.as_bytes()).ends(0).data()
    };
    let first = import("-");
    assert_eq!(
        (first["incident"].as_u64(), first["added"].as_u64(), first["present"].as_u64()),
        (Some(1), Some(7), Some(0))
    );
    assert_eq!(import("-")["added"], 0, "twice the same is once");
    ship.write("incident.json", &text);
    assert_eq!(import("incident.json")["added"], 0);
    let again = ship.does(&["--journal", "other/quarterdeck.journal", "export", "-f", "json"]).out;
    assert_eq!(again, text);
    // another incident has the number already
    ship.does(&["--journal", "third/quarterdeck.journal", "declare", "mine", "-s", "4"]);
    let run = ship.pipe(&["--journal", "third/quarterdeck.journal", "import", "json", "-"], text.as_bytes()).ends(0);
    assert!(run.out.contains("incident 2") && run.out.contains("1 is another incident"), "{}", run.out);
    ship.pipe(&["import", "json", "-"], b"{}").ends(1);
    ship.run(&["import", "json", "missing.json"]).ends(1);
    ship.run(&["import", "xml", "missing.json"]).ends(2);
}

#[test]
fn given_a_file_when_exported_to_then_it_is_whole_and_never_written_over() {
    let ship = Ship::new();
    ship.does(&["declare", "API refuses", "-s", "sev1"]);
    ship.does(&["export", "-o", "report.md"]);
    let text = std::fs::read_to_string(ship.path("report.md")).expect("written");
    assert!(text.starts_with("# ") && text.contains("API refuses"), "{text}");
    ship.write("report.md", "mine");
    ship.run(&["export", "-o", "report.md"]).ends(3);
    assert_eq!(std::fs::read_to_string(ship.path("report.md")).expect("there"), "mine");
    ship.run(&["export", "-o", "nowhere/report.md"]).ends(1);
}

#[test]
fn given_a_wrong_configuration_when_anything_is_done_then_the_place_and_the_nearest_word_are_told() {
    let ship = Ship::new();
    for (text, words) in [
        ("person = \"Ana\"\nthem = \"dark\"\n", &["line 2", "them", "theme"][..]),
        ("bell = \"yes\"\n", &["line 1", "bell"]),
        ("person = \"Ana\"\n[[slo]\n", &["line 2", "TOML"]),
        ("[[switch]]\nname = \"release\"\nkind = \"flagd\"\n", &["line", "switch"]),
    ] {
        ship.configure(text);
        let run = ship.run(&["list"]).ends(2);
        let file = ship.path("config/quarterdeck/config.toml");
        assert!(run.err.contains(&*file.to_string_lossy()), "{}", run.err);
        for word in words {
            assert!(run.err.contains(word), "{word} in {}", run.err);
        }
        let doctor = ship.run(&["doctor"]).ends(1);
        assert!(doctor.out.contains("missing  configuration"), "{}", doctor.out);
        ship.does(&["man"]);
    }
    ship.configure("[[slo]]\nname = \"api\"\nevents = \"~/none\"\nbad = \"status >>\"\ntarget = 99.9\n");
    ship.does(&["list"]);
    ship.run(&["burn"]).ends(2);
    assert!(ship.run(&["doctor"]).ends(1).out.contains("missing  slo api"));
}

#[test]
fn given_a_reader_that_goes_away_when_answered_then_nothing_is_complained_about() {
    let ship = Ship::new();
    ship.does(&["declare", "x", "-s", "1"]);
    for _ in 0..20 {
        ship.does(&["note", &"long ".repeat(900)]);
    }
    let closed = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        ended(ship.command(arguments).stdout(Stdio::from(writer)).spawn().expect("started"))
    };
    let run = closed(&["show", "--all"]);
    assert_eq!((run.code, run.err.as_str()), (141, ""));
    let run = closed(&["note", "it is recorded all the same"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let mut child = ship.start(&["show"]);
    let mut some = [0; 4];
    child.stdout.take().expect("a pipe").read_exact(&mut some).expect("an answer");
    assert!(matches!(ended(child).code, 0 | 141));
    assert!(ship.does(&["show"]).out.contains("it is recorded all the same"));
}

#[test]
fn given_one_of_a_thing_when_counted_then_it_is_said_as_one() {
    let ship = Ship::new();
    ship.does(&["declare", "x", "-s", "1"]);
    let read = |ship: &Ship| ship.does(&["doctor"]).out;
    assert!(read(&ship).contains(": 1 stream, 5 entries read"), "{}", read(&ship));
    let one = ship.path("one.journal");
    let exported = ship.does(&["export", "-f", "json"]).out;
    let mut document: serde_json::Value = serde_json::from_str(&exported).expect("JSON");
    document["entries"].as_array_mut().expect("entries").truncate(1);
    let file = ship.write("one.json", &document.to_string());
    let (one, file) = (one.to_string_lossy(), file.to_string_lossy());
    let import = ["--journal", &one, "import", "json", &file];
    assert_eq!(ship.does(&import).out, "incident 1: 1 entry added, 0 were there already\n");
    assert_eq!(ship.does(&import).out, "incident 1: 0 entries added, 1 was there already\n");
    let said = ship.does(&["--journal", &one, "doctor"]).out;
    assert!(said.contains(": 1 stream, 1 entry read"), "{said}");
}

#[test]
fn given_tmux_when_the_doctor_looks_then_it_is_known_by_its_own_variable() {
    let ship = Ship::new();
    let hint = |variables: &[(&str, &str)]| {
        let run = ended(ship.command(&["doctor"]).envs(variables.iter().copied()).spawn().expect("started")).ends(0);
        run.out.contains("focus-events on")
    };
    assert!(!hint(&[]), "a plain terminal");
    assert!(!hint(&[("TERM", "screen-256color")]), "screen is not tmux");
    assert!(hint(&[("TMUX", "/tmp/tmux-0/default,1,0")]), "whatever TERM is");
    assert!(hint(&[("TERM", "tmux-256color")]), "over ssh");
}

#[test]
fn given_an_incident_that_was_found_late_when_shown_then_it_says_when_it_hurt_and_how_long() {
    let ship = Ship::new();
    let (began, ended) = ("2019-07-09T22:50:00Z", "2019-07-09T23:02:00Z");
    ship.does(&["declare", "late", "-s", "sev2", "--began", began, "--ended", ended]);
    let said = ship.does(&["show"]).out;
    assert!(said.contains("\nimpact 2019-07-09 22:50 to 23:02, 12 min\n"), "{said}");
}

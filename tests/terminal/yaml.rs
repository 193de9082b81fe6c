//! Flag files in YAML, which flagd takes for that by their name: changed as JSON is, comments and layout kept; under another name refused.

use super::aboard::{board, read};
use crate::cli::ship::Ship;

const YAML: &str = "# the shop\nflags:\n  # what is released\n  release:\n    state: ENABLED\n    variants:\n      \"on\": true # all of it\n      off: false\n    defaultVariant: on # since May\n";

fn switch(name: &str, file: &str) -> String {
    format!(
        "[[switch]]\nname = \"{name}\"\nkind = \"flagd\"\nfile = \"~/flags/{file}\"\nflag = \"release\"\nstop = \"off\"\ncritical = false\n"
    )
}

#[test]
fn given_flags_in_yaml_when_stopped_on_the_screen_and_put_back_by_command_then_every_comment_stays() {
    let ship = Ship::new();
    let file = ship.write("flags/flags.yaml", YAML);
    let text = || std::fs::read_to_string(&file).expect("the flag file");
    ship.configure(&switch("release", "flags.yaml"));
    let doctor = ship.run(&["doctor"]).ends(0).out;
    assert!(doctor.lines().any(|line| line.starts_with("ok") && line.contains("switch release: ")), "{doctor}");
    ship.does(&["declare", "it fails", "-s", "sev1"]);
    let screen = board(&ship, &[], (120, 36));
    read(&screen, "it fails");
    screen.wait_text("release  serves true");
    screen.send("2x\r");
    screen.wait_text("for the record");
    screen.send("too many errors\r");
    screen.wait_text("STOPPED");
    assert_eq!(text(), YAML.replace("defaultVariant: on", "defaultVariant: \"off\""));
    ship.does(&[
        "switch",
        "exclude",
        "release",
        "customer:acme",
        "--reason",
        "their reports fail",
        "--confirm",
        "production/release",
    ]);
    assert!(
        text().starts_with("# the shop\n") && text().contains("# all of it") && text().contains("# since May"),
        "{}",
        text()
    );
    ship.does(&["switch", "restore", "release", "--reason", "all is well", "--confirm", "production/release"]);
    assert_eq!(text(), YAML);
}

#[test]
fn given_yaml_under_another_name_when_anybody_asks_then_the_file_is_named_and_what_to_do() {
    let ship = Ship::new();
    let file = ship.write("flags/flags.json", YAML);
    ship.configure(&switch("release", "flags.json"));
    ship.does(&["declare", "it fails", "-s", "sev1"]);
    let told = |words: &str| {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = file.to_string_lossy();
        let says = "only where its name ends in .yaml or .yml. Nothing was changed. Give it that name, or keep the flags as JSON.";
        assert!(words.contains(&*name) && words.contains(says), "{words}");
    };
    told(&ship.run(&["doctor"]).ends(1).out);
    told(&ship.run(&["switch", "list"]).ends(3).err);
    told(&ship.run(&["switch", "stop", "release", "--reason", "it fails"]).ends(3).err);
    let screen = board(&ship, &[], (200, 36));
    read(&screen, "it fails");
    screen.wait_text("release  UNKNOWN");
    screen.send("2\r");
    screen.wait_text("Nothing was changed.");
    told(&screen.contents());
    assert_eq!(std::fs::read_to_string(&file).expect("the flag file"), YAML);
    assert_eq!(super::killed::entries(&ship, "intended"), 0);
}

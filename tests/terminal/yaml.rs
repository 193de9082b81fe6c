//! Flag files in YAML, which flagd reads and quarterdeck does not change: whoever asks is told which file and what to do.

use super::aboard::{board, read};
use crate::cli::ship::Ship;

const YAML: &str = "flags:\n  release:\n    state: ENABLED\n    variants:\n      \"on\": true\n      \"off\": false\n    defaultVariant: \"on\"\n";

#[test]
fn given_flags_in_yaml_when_anybody_asks_then_the_file_is_named_and_json_is_what_to_keep_them_in() {
    let ship = Ship::new();
    // one says so by its name, the other is found out
    let files = [ship.write("flags/flags.yaml", YAML), ship.write("flags/flags.json", YAML)];
    let switch = |name: &str, file: &str| {
        format!(
            "[[switch]]\nname = \"{name}\"\nkind = \"flagd\"\nfile = \"~/flags/{file}\"\nflag = \"release\"\nstop = \"off\"\ncritical = false\n"
        )
    };
    ship.configure(&(switch("release", "flags.yaml") + &switch("other", "flags.json")));
    ship.does(&["declare", "it fails", "-s", "sev1"]);
    let told = |words: &str, file: usize| {
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = files[file].to_string_lossy();
        let said = words.split("flags/").any(|part| {
            let own = part.starts_with(name.rsplit('/').next().unwrap_or_default());
            own && part.contains("YAML")
                && part.contains("Nothing was changed. Keep the flags as JSON, which flagd reads as well.")
        });
        assert!(said && words.contains(&*name), "{name}: {words}");
    };
    let doctor = ship.run(&["doctor"]).ends(1).out;
    let list = ship.run(&["switch", "list"]).ends(3);
    assert_eq!(list.out.matches("UNKNOWN").count(), 2, "{}", list.out);
    for (file, name) in ["release", "other"].into_iter().enumerate() {
        let line = doctor.lines().find(|line| line.contains(&format!("switch {name}: "))).expect("its line");
        assert!(line.starts_with("missing"), "{line}");
        told(line, file);
        told(&list.err, file);
        told(&ship.run(&["switch", "stop", name, "--reason", "it fails"]).ends(3).err, file);
    }

    let screen = board(&ship, &[], (200, 36));
    read(&screen, "it fails");
    screen.wait_text("release  UNKNOWN");
    screen.wait_text("other    UNKNOWN");
    screen.send("2x");
    screen.wait_text("stop for everybody");
    screen.send("\r");
    screen.wait_text("Nothing was changed.");
    told(&screen.contents(), 0);
    // and later in the details of the switch
    let screen = board(&ship, &[], (200, 36));
    read(&screen, "it fails");
    screen.wait_text("other    UNKNOWN");
    screen.send("2j\r");
    screen.wait_text("Nothing was changed.");
    told(&screen.contents(), 1);

    for file in &files {
        assert_eq!(std::fs::read_to_string(file).expect("the flag file"), YAML);
    }
    assert_eq!(super::killed::entries(&ship, "intended"), 0);
}

//! Lists that exist twice, in code and in a file for people, say the same. It must not know how either is used.

use quarterdeck::config::options;
use std::path::Path;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn given_the_table_of_options_when_printed_then_it_is_the_shipped_file() {
    if std::env::var_os("BLESS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/config.toml");
        std::fs::write(path, options::render()).unwrap();
    }
    assert_eq!(file("assets/config.toml"), options::render(), "BLESS=1 writes it anew");
}

/// The dependencies of a manifest above which no comment stands that says why they are there.
fn without_a_reason(manifest: &str) -> Vec<&str> {
    let mut bare = Vec::new();
    let (mut is_inside, mut has_reason) = (false, false);
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            is_inside = line.trim_matches(['[', ']']).ends_with("dependencies");
            has_reason = false;
        } else if line.starts_with('#') {
            has_reason = line.trim_matches(['#', ' ']).contains(' ');
        } else if line.is_empty() {
            has_reason = false;
        } else if is_inside {
            // one reason may serve the lines directly below it
            match line.split_once('=') {
                Some((name, _)) if !has_reason => bare.push(name.trim()),
                _ => {}
            }
        }
    }
    bare
}

#[test]
fn given_the_manifest_when_read_then_every_dependency_says_why_it_is_there() {
    let manifest = file("Cargo.toml");
    assert!(manifest.contains("[dependencies]"));
    assert_eq!(without_a_reason(&manifest), Vec::<&str>::new());
}

#[test]
fn given_a_dependency_without_a_reason_when_looked_for_then_it_is_found() {
    let manifest = "# about the list\n[dependencies]\na = \"1\"\n# what b is for\nb = \"1\"\nc = \"1\"\n\nd = \"1\"\n[lints.rust]\ne = 1\n[dev-dependencies]\nf = 1\n";
    assert_eq!(without_a_reason(manifest), ["a", "d", "f"]);
}

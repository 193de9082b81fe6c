//! The wall: who may import whom, and the other rules that keep the house small. Comments and literals do not count as code.

mod lexer;
mod rules;
mod source;
mod wall;
mod words;

use source::{Offence, Source};
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a directory, or the file itself; nothing when it is not there.
fn files(path: PathBuf) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path];
    }
    let Ok(entries) = std::fs::read_dir(&path) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.flatten().flat_map(|entry| files(entry.path())).collect();
    found.sort();
    found
}

/// The texts of the repository below these names; pictures and other bytes are left out.
fn sources(names: &[&str]) -> Vec<Source> {
    let paths = names.iter().flat_map(|name| files(root().join(name)));
    let read = paths.filter_map(|path| {
        let text = std::fs::read_to_string(&path).ok()?;
        let name = path.strip_prefix(root()).ok()?.to_string_lossy().replace('\\', "/");
        Some(Source::new(&name, &text))
    });
    read.collect()
}

fn hold(offences: Vec<Offence>) {
    let told: Vec<String> = offences.iter().map(|o| format!("{}:{}: {}", o.file, o.line, o.what)).collect();
    assert!(told.is_empty(), "{} offences\n{}\n", told.len(), told.join("\n"));
}

#[test]
fn given_the_code_when_its_imports_are_judged_then_the_wall_stands() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let dependencies = wall::dependencies(&manifest);
    let sources = sources(&["src"]);
    assert!(sources.iter().any(|s| s.file == "src/lib.rs") && dependencies.iter().any(|d| d == "ratatui"));
    hold(sources.iter().flat_map(|source| wall::wall(source, &dependencies)).collect());
}

#[test]
fn given_every_file_when_judged_then_the_rules_of_the_house_hold() {
    let rules = [
        rules::header,
        rules::length,
        rules::tests_last,
        rules::globs,
        rules::handed_on,
        rules::clocks,
        rules::terminal,
        rules::environment,
        rules::colours,
        rules::chance,
        rules::processes,
        rules::threads,
        rules::view_is_pure,
        rules::wire_is_private,
        rules::sleeps,
    ];
    let mut offences = Vec::new();
    for source in sources(&["src", "tests", "benches"]).iter().filter(|source| source.file.ends_with(".rs")) {
        offences.extend(rules.iter().flat_map(|rule| rule(source)));
    }
    hold(offences);
}

#[test]
fn given_every_text_when_read_then_no_forbidden_word_stands_in_it() {
    let names = ["src", "tests", "benches", "assets", "themes", ".ci", "README.md", "Cargo.toml"];
    hold(sources(&names).iter().flat_map(words::words).collect());
}

#[test]
fn given_the_tables_of_exceptions_when_looked_through_then_every_exempt_table_exists() {
    for name in rules::TABLES {
        assert!(root().join(name).is_file(), "{name}");
    }
}

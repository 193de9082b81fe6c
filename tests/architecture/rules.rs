//! The rules of the house about single files, each a function with a bad sample that it must catch.

use super::source::{Offence, Source};

/// How many lines a file may have without its tests.
pub const LONGEST: usize = 400;

/// Tables of data, which may be as long as they are.
pub const TABLES: &[&str] = &["src/config/options.rs"];

/// Files that may start processes.
const STARTS_PROCESSES: &[&str] = &[
    "src/liaison/process.rs",
    "src/config/secret.rs",
    "src/cli/editor.rs",
    "src/shell/terminal.rs",
    "src/shell/foreground/mod.rs",
];

/// Files that may name the terminal library.
const NAMES_TERMINAL: &[&str] = &["src/shell/terminal.rs", "src/shell/input.rs"];

/// Files that may name a colour: the themes, and the writer that turns colours into the terminal's codes.
const NAMES_COLOURS: &[&str] = &["src/view/theme.rs", "src/shell/encoder.rs"];

/// The only reader of clocks and maker of ids.
const CLOCK: &str = "src/shell/clock.rs";

fn is_code(source: &Source) -> bool {
    source.file.starts_with("src/")
}

/// Every file begins with what it is for.
pub fn header(source: &Source) -> Vec<Offence> {
    let says = source.text.lines().next().and_then(|line| line.strip_prefix("//!")).map(str::trim).unwrap_or_default();
    if says.is_empty() { vec![source.offence(1, "does not begin with a //! header")] } else { Vec::new() }
}

/// No file is longer than can be kept in mind.
pub fn length(source: &Source) -> Vec<Offence> {
    if source.length <= LONGEST || TABLES.contains(&source.file.as_str()) {
        return Vec::new();
    }
    vec![source.offence(source.length, format!("{} lines before its tests; {LONGEST} are the limit", source.length))]
}

/// Tests stand at the end, so that nothing hides behind them from the other rules.
pub fn tests_last(source: &Source) -> Vec<Offence> {
    if source.is_test {
        return Vec::new();
    }
    let after = source.code.lines().enumerate().skip(source.length);
    let stray = after.filter(|(_, line)| {
        let is_indented = line.is_empty() || line.starts_with([' ', '\t', '"']);
        !(is_indented
            || line.starts_with("#[")
            || line.starts_with("mod ")
            || line.starts_with("pub mod ")
            || line.trim_end() == "}")
    });
    stray.map(|(at, line)| source.offence(at + 1, format!("stands after #[cfg(test)]: {}", line.trim_end()))).collect()
}

/// No glob imports outside tests: a reader sees where every name comes from.
pub fn globs(source: &Source) -> Vec<Offence> {
    source.forbidding("a glob import", |path| path.is_use && path.names.last().is_some_and(|name| name == "*"))
}

/// A room hands on only what is its own.
pub fn handed_on(source: &Source) -> Vec<Offence> {
    source.forbidding("hands on what belongs to another room", |path| {
        let other = source.inside(path).is_some_and(|names| names.first().is_some_and(|room| *room != source.room()));
        path.is_handed_on && other && is_code(source)
    })
}

/// Only one file reads a clock or makes an id.
pub fn clocks(source: &Source) -> Vec<Offence> {
    const READERS: &[&[&str]] =
        &[&["Utc", "now"], &["Instant", "now"], &["SystemTime", "now"], &["Local"], &["getrandom"]];
    const NAMES: &[&str] = &["Utc", "Instant", "SystemTime", "Local"];
    if !is_code(source) || source.file == CLOCK {
        return Vec::new();
    }
    let mut offences = source.forbidding("only src/shell/clock.rs reads a clock or chance", |path| {
        let is_hidden = path.alias.is_some() && path.names.last().is_some_and(|name| NAMES.contains(&name.as_str()));
        is_hidden || READERS.iter().any(|reader| path.has(reader))
    });
    // the one place with deadlines of its own; everybody else is told the time
    if source.room() == "liaison" && source.file != "src/liaison/http.rs" {
        offences
            .extend(source.forbidding("only src/liaison/http.rs keeps deadlines", |path| path.has(&["tokio", "time"])));
    }
    offences
}

/// Only two files name the terminal library.
pub fn terminal(source: &Source) -> Vec<Offence> {
    if NAMES_TERMINAL.contains(&source.file.as_str()) || !is_code(source) {
        return Vec::new();
    }
    source.forbidding("only src/shell/{terminal,input}.rs name crossterm", |path| path.has(&["crossterm"]))
}

/// Only the configuration reads the environment, in whatever way.
pub fn environment(source: &Source) -> Vec<Offence> {
    const READERS: &[&str] =
        &["var", "var_os", "vars", "vars_os", "set_var", "remove_var", "temp_dir", "home_dir", "*"];
    if !is_code(source) || source.room() == "config" {
        return Vec::new();
    }
    let mut offences = source.forbidding("only src/config reads the environment", |path| {
        let is_hidden = path.alias.is_some() && path.has(&["std", "env"]);
        is_hidden || path.begins(&["directories"]) || READERS.iter().any(|reader| path.has(&["env", reader]))
    });
    // clap reads variables where an argument's attribute says `env`
    let mut is_argument = false;
    for window in source.tokens.windows(3) {
        let texts: Vec<&str> = window.iter().map(|token| token.text.as_str()).collect();
        match texts.as_slice() {
            ["#", "[", next] => is_argument = matches!(*next, "arg" | "clap" | "command"),
            ["(" | ",", "env", "=" | "," | ")"] if is_argument => {
                offences
                    .push(source.offence(window[1].line, "only src/config reads the environment: an argument's env"));
            }
            _ => {}
        }
    }
    offences
}

/// Only the themes name colours.
pub fn colours(source: &Source) -> Vec<Offence> {
    if NAMES_COLOURS.contains(&source.file.as_str()) || !is_code(source) {
        return Vec::new();
    }
    source.forbidding("only src/view/theme.rs names a colour", |path| {
        let is_colour = path.is_use || path.names.len() > 1;
        is_colour && (path.has(&["Color"]) || path.has(&["Stylize"]) || path.has(&["style", "palette"]))
    })
}

/// What is computed from the same input is the same: no map whose order is chance.
pub fn chance(source: &Source) -> Vec<Offence> {
    const ROOMS: &[&str] = &["incident", "query", "app", "view", "exchange", "drill"];
    const MAPS: &[&str] = &["HashMap", "HashSet", "hash_map", "hash_set", "RandomState", "DefaultHasher"];
    if !ROOMS.contains(&source.room()) {
        return Vec::new();
    }
    source.forbidding("a map whose order is chance", |path| MAPS.iter().any(|map| path.has(&[map])))
}

/// Processes are started in a few known files.
pub fn processes(source: &Source) -> Vec<Offence> {
    if STARTS_PROCESSES.contains(&source.file.as_str()) || !is_code(source) {
        return Vec::new();
    }
    source.forbidding("starts a process", |path| {
        path.has(&["process", "Command"])
            || path.begins(&["tokio", "process"])
            || (path.is_use && path.has(&["process", "*"]))
    })
}

/// Threads and tasks are started by the shell; the engine may use scoped threads, which end with the call.
pub fn threads(source: &Source) -> Vec<Offence> {
    if !is_code(source) || source.room() == "shell" {
        return Vec::new();
    }
    source.forbidding("only src/shell starts threads and tasks", |path| {
        let starts =
            [["thread", "spawn"], ["thread", "Builder"], ["tokio", "spawn"], ["task", "spawn"], ["runtime", "Builder"]];
        let is_scoped = path.has(&["thread", "scope"]) && source.room() != "engine";
        is_scoped
            || starts.iter().any(|start| path.has(start))
            || path.has(&["task", "spawn_blocking"])
            || path.has(&["task", "spawn_local"])
    })
}

/// The view looks at the app and keeps nothing of its own.
pub fn view_is_pure(source: &Source) -> Vec<Offence> {
    if source.room() != "view" {
        return Vec::new();
    }
    let stateful = ["StatefulWidget", "StatefulWidgetRef", "ListState", "TableState", "ScrollbarState"];
    let mut offences =
        source.forbidding("a widget with a state of its own", |path| stateful.iter().any(|name| path.has(&[name])));
    // the builder of sample states is compiled for tests only
    let builds = source.file.ends_with("src/view/sample.rs");
    for window in source.tokens.windows(3).filter(|_| !builds) {
        if window[0].text == "&" && window[1].text == "mut" && window[2].text == "App" {
            offences.push(source.offence(window[0].line, "takes &mut App"));
        }
    }
    offences
}

/// Foreign words stop at the liaison: what is on the wire is private.
pub fn wire_is_private(source: &Source) -> Vec<Offence> {
    let is_wire = source.file.ends_with("/wire.rs") || source.file.contains("/wire/");
    if source.room() != "liaison" || !is_wire {
        return Vec::new();
    }
    let public = source
        .tokens
        .windows(2)
        .filter(|w| w[0].text == "pub" && matches!(w[1].text.as_str(), "struct" | "enum" | "type"));
    public.map(|window| source.offence(window[0].line, "a wire type is public; pub(super) is the widest")).collect()
}

/// A test waits for a state, never for a time.
pub fn sleeps(source: &Source) -> Vec<Offence> {
    let sleeping =
        source.test_paths.iter().filter(|path| path.has(&["thread", "sleep"]) || path.has(&["time", "sleep"]));
    sleeping.map(|path| source.offence(path.line, "a test sleeps")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many offences a rule finds in a small file.
    fn found(rule: fn(&Source) -> Vec<Offence>, file: &str, text: &str) -> usize {
        rule(&Source::new(file, text)).len()
    }

    #[test]
    fn given_a_file_without_a_header_when_judged_then_it_is_found() {
        assert_eq!(found(header, "src/app/a.rs", "use a::b;"), 1);
        assert_eq!(found(header, "src/app/a.rs", "//!\n"), 1);
        assert_eq!(found(header, "src/app/a.rs", "//! What it is for.\n"), 0);
    }

    #[test]
    fn given_a_long_file_when_judged_then_tests_do_not_count_and_tables_are_exempt() {
        let long = "fn a() {}\n".repeat(LONGEST + 1);
        assert_eq!(found(length, "src/app/a.rs", &long), 1);
        assert_eq!(found(length, TABLES[0], &long), 0);
        assert_eq!(found(length, "src/app/a.rs", &format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n")), 0);
    }

    #[test]
    fn given_code_behind_the_tests_when_judged_then_it_is_found() {
        assert_eq!(found(tests_last, "src/app/a.rs", "#[cfg(test)]\nfn only_here() {}\nfn hidden() {}\n"), 2);
        assert_eq!(
            found(tests_last, "src/app/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nuse std::fs;\n"),
            1
        );
        assert_eq!(
            found(
                tests_last,
                "src/app/a.rs",
                "fn a() {}\n#[cfg(test)]\nmod tests {\n    const A: &str = \"\nx\n\";\n}\n"
            ),
            0
        );
        assert_eq!(found(tests_last, "src/app/a.rs", "fn a() {}\n#[cfg(test)]\nmod tests;\n"), 0);
    }

    #[test]
    fn given_a_glob_import_when_judged_then_it_is_found_outside_tests_only() {
        assert_eq!(found(globs, "src/app/a.rs", "use crate::incident::{time::*, entry};"), 1);
        assert_eq!(
            found(globs, "src/app/a.rs", "fn a() { b * c }\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n"),
            0
        );
    }

    #[test]
    fn given_a_name_handed_on_when_it_is_another_room_s_then_it_is_found() {
        assert_eq!(found(handed_on, "src/app/a.rs", "pub use crate::incident::Incident;"), 1);
        assert_eq!(found(handed_on, "src/app/mod.rs", "pub(crate) use super::incident;"), 1);
        assert_eq!(
            found(handed_on, "src/app/mod.rs", "pub use update::update; pub use self::x; use crate::incident::X;"),
            0
        );
    }

    #[test]
    fn given_a_clock_when_judged_then_it_is_found_however_it_is_named() {
        for text in [
            "let t = Utc::now();",
            "let t = std::time::Instant::now();",
            "use chrono::Local;",
            "use std::time::Instant as I;",
            "getrandom::fill(&mut id);",
        ] {
            assert_eq!(found(clocks, "src/app/a.rs", text), 1, "{text}");
            assert_eq!(found(clocks, CLOCK, text), 0, "{text}");
        }
        assert_eq!(found(clocks, "src/app/a.rs", "use chrono::Utc; fn now(t: Time) {}"), 0);
        assert_eq!(found(clocks, "src/liaison/page.rs", "tokio::time::timeout(d, f);"), 1);
        assert_eq!(found(clocks, "src/liaison/http.rs", "tokio::time::timeout(d, f);"), 0);
    }

    #[test]
    fn given_the_terminal_library_when_named_elsewhere_then_it_is_found() {
        assert_eq!(found(terminal, "src/shell/effects.rs", "use crossterm::event;"), 1);
        assert_eq!(found(terminal, "src/view/a.rs", "use ratatui::crossterm::event;"), 1);
        assert_eq!(found(terminal, "src/shell/input.rs", "use crossterm::event;"), 0);
    }

    #[test]
    fn given_the_environment_when_read_elsewhere_then_it_is_found() {
        for text in [
            "std::env::var(\"X\");",
            "use std::env::{args, var_os};",
            "use std::env as e;",
            "directories::BaseDirs::new();",
            "#[arg(long, env = \"X\")] x: bool,",
        ] {
            assert_eq!(found(environment, "src/cli/a.rs", text), 1, "{text}");
            assert_eq!(found(environment, "src/config/a.rs", text), 0, "{text}");
        }
        assert_eq!(
            found(environment, "src/cli/a.rs", "std::env::args(); let env = 1; f(env, x); env!(\"CARGO_PKG_NAME\");"),
            0
        );
    }

    #[test]
    fn given_a_colour_when_named_elsewhere_then_it_is_found() {
        assert_eq!(found(colours, "src/view/header.rs", "Style::new().fg(Color::Red)"), 1);
        assert_eq!(found(colours, "src/view/header.rs", "use ratatui::style::Stylize;"), 1);
        assert_eq!(found(colours, "src/view/theme.rs", "Color::Red"), 0);
    }

    #[test]
    fn given_a_map_of_chance_when_judged_then_it_is_found_in_pure_rooms() {
        assert_eq!(found(chance, "src/app/a.rs", "use std::collections::{BTreeMap, HashMap};"), 1);
        assert_eq!(found(chance, "src/engine/a.rs", "use std::collections::HashMap;"), 0);
    }

    #[test]
    fn given_a_process_when_started_elsewhere_then_it_is_found() {
        assert_eq!(found(processes, "src/cli/note.rs", "std::process::Command::new(\"sh\");"), 1);
        assert_eq!(found(processes, "src/cli/note.rs", "use tokio::process::Command as C;"), 1);
        assert_eq!(found(processes, "src/cli/editor.rs", "use std::process::Command;"), 0);
        assert_eq!(found(processes, "src/cli/note.rs", "use clap::Command; std::process::exit(1);"), 0);
    }

    #[test]
    fn given_a_thread_when_started_elsewhere_then_it_is_found() {
        assert_eq!(found(threads, "src/journal/a.rs", "std::thread::spawn(f);"), 1);
        assert_eq!(found(threads, "src/liaison/a.rs", "tokio::spawn(f);"), 1);
        assert_eq!(found(threads, "src/engine/a.rs", "std::thread::scope(f);"), 0);
        assert_eq!(found(threads, "src/journal/a.rs", "std::thread::scope(f);"), 1);
        assert_eq!(found(threads, "src/shell/a.rs", "std::thread::spawn(f);"), 0);
    }

    #[test]
    fn given_a_view_that_keeps_or_changes_state_when_judged_then_it_is_found() {
        assert_eq!(found(view_is_pure, "src/view/a.rs", "fn f(app: &mut App) {}"), 1);
        assert_eq!(found(view_is_pure, "src/view/a.rs", "use ratatui::widgets::{Block, ListState};"), 1);
        assert_eq!(found(view_is_pure, "src/view/a.rs", "fn f(app: &App) {}"), 0);
    }

    #[test]
    fn given_a_public_wire_type_when_judged_then_it_is_found() {
        assert_eq!(
            found(wire_is_private, "src/liaison/backends/honeycomb/wire.rs", "pub struct Answer; pub(super) struct B;"),
            1
        );
    }

    #[test]
    fn given_a_sleeping_test_when_judged_then_it_is_found() {
        assert_eq!(found(sleeps, "tests/terminal/mod.rs", "std::thread::sleep(d);"), 1);
        assert_eq!(found(sleeps, "src/app/a.rs", "#[cfg(test)]\nmod tests {\n    use std::thread::sleep;\n}\n"), 1);
        assert_eq!(found(sleeps, "src/shell/a.rs", "std::thread::sleep(d);"), 0);
    }
}

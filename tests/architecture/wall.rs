//! Who may import whom: one table of rooms, and the rule that reads it. Every module at the top of the crate has a row.

use super::source::{Offence, Source};

/// Which libraries a room may name.
pub enum Libraries {
    /// These and the standard library.
    Only(&'static [&'static str]),
    /// All but these.
    Not(&'static [&'static [&'static str]]),
}

/// A module at the top of the crate.
pub struct Room {
    /// Its name.
    pub name: &'static str,
    /// What it may use of this crate beside itself: a room, or a path inside one. `*` is everything.
    pub rooms: &'static [&'static str],
    /// Which libraries it may name.
    pub libraries: Libraries,
    /// What it may not use of the standard library.
    pub std: &'static [&'static str],
}

const SCREEN: &[&str] = &["ratatui", "ratatui_core", "ratatui_crossterm", "crossterm"];
const STORES: &[&str] = &["rusqlite", "sqlx", "postgres", "tokio_postgres"];
const NETWORK: &[&str] = &["reqwest", "hyper", "ureq"];
const RUNTIME: &[&str] = &["tokio", "tokio_util", "futures"];
const MACHINE: &[&str] = &["notify", "tempfile", "directories", "rustix", "getrandom"];
const LOG: &[&str] = &["tracing", "tracing_subscriber"];
const ARGUMENTS: &[&str] = &["clap", "clap_complete", "clap_mangen"];

/// What a pure room may not use of the standard library.
const OUTSIDE: &[&str] = &["fs", "env", "net", "thread", "process", "os"];

/// The rooms. A row is widened only together with the documentation of `src/lib.rs`.
pub const ROOMS: &[Room] = &[
    Room { name: "incident", rooms: &[], libraries: Libraries::Only(&["serde", "serde_json", "chrono"]), std: OUTSIDE },
    Room {
        name: "query",
        rooms: &["incident"],
        libraries: Libraries::Only(&["serde", "serde_json", "chrono", "chrono_tz"]),
        std: OUTSIDE,
    },
    Room {
        name: "engine",
        rooms: &["query"],
        libraries: Libraries::Not(&[SCREEN, STORES, NETWORK, RUNTIME, ARGUMENTS]),
        std: &["env", "net", "process"],
    },
    Room {
        name: "exchange",
        rooms: &["incident", "query"],
        libraries: Libraries::Not(&[SCREEN, STORES, NETWORK, RUNTIME, MACHINE, LOG, ARGUMENTS]),
        std: OUTSIDE,
    },
    Room {
        name: "app",
        rooms: &["incident", "query"],
        libraries: Libraries::Not(&[SCREEN, STORES, NETWORK, RUNTIME, MACHINE, LOG, ARGUMENTS]),
        std: OUTSIDE,
    },
    Room {
        name: "view",
        rooms: &["app", "incident", "query"],
        libraries: Libraries::Not(&[&["crossterm"], STORES, NETWORK, RUNTIME, MACHINE, LOG, ARGUMENTS]),
        std: OUTSIDE,
    },
    Room {
        name: "journal",
        rooms: &["incident"],
        libraries: Libraries::Not(&[SCREEN, NETWORK, ARGUMENTS]),
        std: &["env", "net", "process"],
    },
    Room {
        name: "liaison",
        rooms: &["incident", "query", "engine"],
        libraries: Libraries::Not(&[SCREEN, STORES, ARGUMENTS]),
        std: &["env"],
    },
    Room {
        name: "drill",
        rooms: &["incident", "query", "liaison::switches::flagd::resolve"],
        libraries: Libraries::Not(&[SCREEN, STORES, NETWORK, RUNTIME, MACHINE, LOG, ARGUMENTS]),
        std: OUTSIDE,
    },
    // values of `incident` (times, cadence) and of windows are what configuration is made of; of the others only the names that people write
    Room {
        name: "config",
        rooms: &["incident", "query::calendar", "query::slices", "app::fault", "app::keymap", "view::theme"],
        libraries: Libraries::Only(&["serde", "toml", "directories", "strsim", "chrono_tz"]),
        std: &["net", "thread"],
    },
    Room { name: "shell", rooms: &["*"], libraries: Libraries::Not(&[ARGUMENTS]), std: &[] },
    // one-shot commands perform the screen's effects, so they name `app`'s values; drills are listed and told by name
    Room {
        name: "cli",
        rooms: &["shell", "config", "exchange", "journal", "incident", "query", "app", "drill"],
        libraries: Libraries::Not(&[SCREEN, STORES, NETWORK]),
        std: &["net"],
    },
];

/// The roots of the library and the program: `src/lib.rs` names every room by `mod`; `src/main.rs` may call these.
const ROOT: Room = Room {
    name: "",
    rooms: &["cli", "shell", "config", "exchange", "journal", "incident", "query"],
    libraries: Libraries::Not(&[SCREEN, STORES, NETWORK]),
    std: &["net"],
};

/// What a file may not name: other rooms, libraries, parts of the standard library.
pub fn wall(source: &Source, dependencies: &[String]) -> Vec<Offence> {
    if !source.file.starts_with("src/") {
        return Vec::new();
    }
    let Some(room) = ROOMS.iter().chain([&ROOT]).find(|room| room.name == source.room()) else {
        return vec![source.offence(1, format!("`{}` has no row in the table of rooms", source.room()))];
    };
    let mut offences = Vec::new();
    for path in &source.paths {
        if let Some(inside) = source.inside(path) {
            let is_whole = inside.iter().all(|name| matches!(*name, "*" | "self"));
            // `pub(in crate)` and the like name the root without using it
            if is_whole && path.is_use {
                offences.push(source.offence(path.line, format!("names the whole crate: {}", path.text())));
            } else if let Some(other) = inside.first()
                && *other != room.name
                && ROOMS.iter().any(|known| known.name == *other)
                && !room.rooms.iter().any(|allowed| *allowed == "*" || leads_into(&inside, allowed))
            {
                offences.push(source.offence(path.line, format!("`{}` may not use {}", room.name, inside.join("::"))));
            }
            continue;
        }
        let head = path.names.first().map_or("", String::as_str);
        if path.is_use
            && matches!(head, "std" | "core" | "alloc")
            && matches!(path.names.get(1).map(String::as_str), None | Some("self"))
        {
            offences.push(source.offence(path.line, format!("names the whole of {head}")));
        }
        let is_named = path.is_use || path.names.len() > 1;
        let is_denied_part = head == "std" && path.names.get(1).is_some_and(|part| room.std.contains(&part.as_str()));
        let is_denied_library = match room.libraries {
            Libraries::Only(allowed) => dependencies.iter().any(|known| known == head) && !allowed.contains(&head),
            Libraries::Not(groups) => groups.iter().any(|group| group.contains(&head)),
        };
        if is_named && (is_denied_part || is_denied_library) {
            offences.push(source.offence(path.line, format!("`{}` may not use {}", room.name, path.text())));
        }
    }
    offences
}

/// A path lies in an allowed room, or on the way into an allowed part of one.
fn leads_into(inside: &[&str], allowed: &str) -> bool {
    let wanted: Vec<&str> = allowed.split("::").collect();
    inside.len() >= wanted.len() && inside.iter().zip(&wanted).all(|(a, b)| a == b)
}

/// The dependencies of a manifest, as code names them.
pub fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_inside = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            is_inside = line.trim_matches(['[', ']']).ends_with("dependencies");
        } else if is_inside && let Some((name, _)) = line.split_once('=') {
            names.push(name.trim().replace('-', "_"));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(file: &str, code: &str) -> Vec<String> {
        let dependencies = ["serde", "tokio", "ratatui", "xxhash_rust", "toml"].map(str::to_owned);
        wall(&Source::new(file, code), &dependencies).into_iter().map(|offence| offence.what).collect()
    }

    #[test]
    fn given_a_room_when_it_names_another_then_only_the_table_decides() {
        assert_eq!(
            wrong("src/incident/a.rs", "use crate::{app::App, incident::time};"),
            ["`incident` may not use app::App"]
        );
        assert_eq!(
            wrong("src/query/a/b.rs", "fn f() { super::super::super::view::draw(); }"),
            ["`query` may not use view::draw"]
        );
        assert_eq!(wrong("src/view/a.rs", "use crate::app::App; use super::theme;"), Vec::<String>::new());
        assert_eq!(wrong("src/main.rs", "fn main() { quarterdeck::liaison::go() }"), ["`` may not use liaison::go"]);
        assert_eq!(wrong("src/app/a.rs", "use crate::shell::clock;"), ["`app` may not use shell::clock"]);
        assert_eq!(wrong("src/shell/a.rs", "use crate::{app, view, cli};").len(), 0);
    }

    #[test]
    fn given_a_part_of_a_room_when_it_is_allowed_then_its_siblings_are_not() {
        assert_eq!(wrong("src/drill/a.rs", "use crate::liaison::switches::flagd::resolve;").len(), 0);
        assert_eq!(wrong("src/drill/a.rs", "use crate::liaison::switches::flagd::carry;").len(), 1);
        assert_eq!(wrong("src/drill/a.rs", "use crate::liaison::switches::flagd;").len(), 1);
        assert_eq!(wrong("src/config/a.rs", "use crate::app::App;").len(), 1);
    }

    #[test]
    fn given_libraries_when_named_anywhere_then_the_table_decides() {
        assert_eq!(wrong("src/incident/a.rs", "use serde::Serialize; use std::collections::BTreeMap;").len(), 0);
        assert_eq!(
            wrong("src/incident/a.rs", "fn f() { xxhash_rust::xxh3(); }"),
            ["`incident` may not use xxhash_rust::xxh3"]
        );
        assert_eq!(wrong("src/app/a.rs", "#[tokio::main] fn f() {}"), ["`app` may not use tokio::main"]);
        assert_eq!(wrong("src/exchange/a.rs", "use std::{io::Write, fs};"), ["`exchange` may not use std::fs"]);
        assert_eq!(wrong("src/app/a.rs", "// tokio::main\nlet tokio = \"std::fs\"; f(tokio);").len(), 0);
    }

    #[test]
    fn given_the_whole_of_something_when_named_then_nothing_can_hide_behind_it() {
        assert_eq!(wrong("src/app/a.rs", "use std as s;"), ["names the whole of std"]);
        assert_eq!(wrong("src/app/a.rs", "use std::{self as s, mem};"), ["names the whole of std"]);
        assert_eq!(wrong("src/app/a.rs", "use crate as c;"), ["names the whole crate: crate"]);
        assert_eq!(wrong("src/app/mod.rs", "use super::*;"), ["names the whole crate: super::*"]);
    }

    #[test]
    fn given_a_new_room_when_it_has_no_row_then_it_is_refused() {
        assert_eq!(wrong("src/attic/mod.rs", ""), ["`attic` has no row in the table of rooms"]);
    }

    #[test]
    fn given_a_manifest_when_read_then_its_dependencies_are_named_as_in_code() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\n# why\nchrono-tz = \"1\"\n[target.'cfg(unix)'.dependencies]\nrustix = { version = \"1\" }\n[lints.rust]\na = 1\n";
        assert_eq!(dependencies(manifest), ["chrono_tz", "rustix"]);
    }
}

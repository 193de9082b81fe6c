//! A drill is sealed: whatever is configured, it acts only in its own directory and speaks to nobody.

use super::aboard::{board, drill, jump};
use crate::cli::ship::Ship;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const FLAGS: &str =
    r#"{"flags": {"payments": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"}}}"#;

/// Everything below a directory but what is in `but`: sizes and times; of directories that lead there only that they exist.
fn listing(directory: &Path, but: &Path, all: &mut BTreeMap<PathBuf, Option<(u64, SystemTime)>>) {
    for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path == but {
            continue;
        }
        let meta = entry.metadata().expect("there");
        let leads_there = but.starts_with(&path);
        let known = (!leads_there).then(|| (meta.len(), meta.modified().expect("a time")));
        all.insert(path.clone(), known);
        if meta.is_dir() {
            listing(&path, but, all);
        }
    }
}

#[test]
fn given_a_configuration_that_reaches_everywhere_when_a_drill_is_played_then_nothing_outside_it_is_touched() {
    let ship = Ship::new();
    ship.write("production/flags.json", FLAGS);
    ship.write("public/index.html", "the real page");
    ship.write("keys.toml", "[[key]]\non = \"w\"\nrun = \"note\"\n");
    ship.configure(
        "keymap = \"~/keys.toml\"\njournal = \"~/real/quarterdeck.journal\"\n\
         [[slo]]\nname = \"real-objective\"\nevents = \"/etc/passwd\"\nbad = \"status >= 500\"\ntarget = 99.9\n\
         [[switch]]\nname = \"payments\"\nkind = \"flagd\"\nfile = \"~/production/flags.json\"\nflag = \"payments\"\nstop = \"off\"\n\
         [[channel]]\nname = \"real-page\"\nkind = \"page\"\ndir = \"~/public\"\n",
    );
    std::fs::create_dir_all(ship.path("data/quarterdeck/drills")).expect("a directory");
    let drills = ship.path("data/quarterdeck/drills");
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    listing(&ship.path(""), &drills, &mut before);

    let mut screen = board(&ship, &["drill"], (120, 36));
    screen.wait_text("release  serves 1823");
    screen.wait_text("watching 2 SLOs and 4 switches");
    jump(&ship, &screen, "22:53:30");
    screen.send("i");
    screen.wait_text("noticed by");
    screen.send("\r");
    screen.wait_text("SEV1  INVESTIGATING");
    super::aboard::rest(&screen);
    screen.send("u");
    screen.wait_text("everybody who reads page");
    screen.send("Requests are refused.\r");
    screen.wait_text("visible 22:5");
    super::aboard::rest(&screen);
    screen.send("E");
    screen.wait_text("Written:");
    let shown = screen.contents();
    for foreign in ["payments", "real-objective", "real-page"] {
        assert!(!shown.contains(foreign), "{shown}");
    }
    #[cfg(target_os = "linux")]
    assert_eq!(sockets::of(screen.pid().as_raw_nonzero().get()), Vec::<String>::new(), "it speaks to somebody");
    screen.send("\x03");
    screen.wait_text("Ctrl-C again leaves");
    screen.send("\x03");
    assert!(screen.wait_exit().success());

    listing(&ship.path(""), &drills, &mut after);
    assert_eq!(before, after);
    let page = std::fs::read_to_string(drill(&ship).join("page/index.html")).expect("the page");
    assert!(page.contains("Requests are refused."), "it did act, in its own directory");
}

#[cfg(target_os = "linux")]
mod sockets {
    /// The process's sockets that are of the internet: rows of the system's tables.
    pub fn of(process: i32) -> Vec<String> {
        let names = std::fs::read_dir(format!("/proc/{process}/fd")).expect("descriptors").flatten();
        let links = names.filter_map(|name| std::fs::read_link(name.path()).ok());
        let links: Vec<String> = links.map(|link| link.to_string_lossy().into_owned()).collect();
        let inodes: Vec<&str> =
            links.iter().filter_map(|link| link.strip_prefix("socket:[")?.strip_suffix(']')).collect();
        let mut found = Vec::new();
        for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] {
            // a system without a protocol has no table of it
            let text = std::fs::read_to_string(format!("/proc/{process}/net/{table}")).unwrap_or_default();
            let rows =
                text.lines().filter(|row| row.split_whitespace().nth(9).is_some_and(|one| inodes.contains(&one)));
            found.extend(rows.map(|row| format!("{table}: {row}")));
        }
        found
    }

    #[test]
    fn given_a_socket_of_the_internet_when_looked_for_then_it_is_found() {
        let own = i32::try_from(std::process::id()).expect("a process");
        let before = of(own).len();
        let _listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        assert!(of(own).len() > before);
    }
}

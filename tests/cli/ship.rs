//! The real binary in a home of its own: nothing of this machine's user is read or written. It must not know what is tested.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A home, and the program in it.
pub struct Ship {
    home: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// What it answered.
    pub out: String,
    /// What else it said.
    pub err: String,
}

impl Run {
    /// It ended with this code; the rest is shown when it did not.
    #[track_caller]
    pub fn ends(self, code: i32) -> Run {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }
    /// Its answer as data.
    #[track_caller]
    pub fn data(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Ship {
    pub fn new() -> Ship {
        Ship { home: tempfile::tempdir().expect("a directory") }
    }
    /// A path in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }
    /// Another home with the same files. Nobody writes into this one meanwhile.
    pub fn copy(&self) -> Ship {
        let other = Ship::new();
        let mut all = Vec::new();
        walk(self.home.path(), &mut all);
        for (path, bytes) in all {
            let there = other.path(&path.strip_prefix(self.home.path()).expect("in the home").to_string_lossy());
            if path.is_dir() {
                std::fs::create_dir_all(there).expect("a directory");
            } else {
                std::fs::create_dir_all(there.parent().expect("in the home")).expect("a directory");
                std::fs::write(there, bytes).expect("written");
            }
        }
        other
    }
    /// Writes a file in the home.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("in the home")).expect("a directory");
        std::fs::write(&path, text).expect("written");
        path
    }
    /// What a file in the home says; nothing where there is none.
    pub fn reads(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }
    /// Writes the configuration.
    pub fn configure(&self, text: &str) {
        self.write("config/quarterdeck/config.toml", text);
    }
    /// The usual place of the journal.
    pub fn journal(&self) -> PathBuf {
        self.path("data/quarterdeck/journal/quarterdeck.journal")
    }
    /// The program with these arguments, its words and answers in pipes.
    pub fn command(&self, arguments: &[&str]) -> Command {
        #[cfg(unix)]
        crate::terminal::pty::heed_the_keyboard();
        let mut command = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
        command.args(arguments).env_clear().current_dir(self.home.path()).env("HOME", self.home.path());
        for (name, part) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            command.env(name, self.path(part));
        }
        command.env("QUARTERDECK_PERSON", "Ana").env("TERM", "xterm-256color");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
    /// Starts it.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("started")
    }
    /// Runs it.
    pub fn run(&self, arguments: &[&str]) -> Run {
        ended(self.start(arguments))
    }
    /// Runs it with something piped in.
    pub fn pipe(&self, arguments: &[&str], words: &[u8]) -> Run {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().expect("started");
        // it may end without reading to the end
        let _ = child.stdin.take().expect("a pipe").write_all(words);
        ended(child)
    }
    /// Runs it; it must end well.
    #[track_caller]
    pub fn does(&self, arguments: &[&str]) -> Run {
        self.run(arguments).ends(0)
    }
    /// Runs it with `--json`; it must end well.
    #[track_caller]
    pub fn asks(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--json"];
        all.extend(arguments);
        self.does(&all).data()
    }
    /// Every file below the home with its bytes, the names by which SQLite's readers see writers left out.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut all = Vec::new();
        walk(self.home.path(), &mut all);
        all.retain(|(path, _)| !path.to_string_lossy().ends_with("-shm") && !path.to_string_lossy().ends_with("-wal"));
        all.sort();
        all
    }
}

/// Waits for a program.
pub fn ended(child: Child) -> Run {
    let output = child.wait_with_output().expect("ended");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn walk(directory: &Path, all: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.push((path.clone(), Vec::new()));
            walk(&path, all);
        } else {
            all.push((path.clone(), std::fs::read(&path).unwrap_or_default()));
        }
    }
}

/// Nothing in a text moves a cursor, hides, or turns the direction of writing.
#[track_caller]
pub fn harmless(text: &str) {
    let odd = |c: &char| {
        (c.is_control() && *c != '\n') || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let found: Vec<char> = text.chars().filter(odd).collect();
    assert!(found.is_empty(), "{found:?} in {text:?}");
}

//! A tmux server of the test's own, and a person at it. It must not know what runs inside.

use super::aboard;
use super::pty::Pty;
use crate::cli::ship::Ship;
use std::ops::Deref;
use std::process::{Command, Stdio};

/// How tmux is set: its own status line off, so that the program has the whole screen.
const SETTINGS: &str = "set -g status off\nset -s escape-time 0\nset -g focus-events on\n";

/// A person's terminal with tmux in it, and the server behind; the server ends with it.
pub struct Tmux<'a> {
    ship: &'a Ship,
    pty: Pty,
}

impl<'a> Tmux<'a> {
    /// Runs a command in tmux, which says to it that the terminal is `inside`; none when there is no tmux.
    #[allow(clippy::print_stdout, reason = "a skipped test says so")]
    pub fn open(ship: &'a Ship, inside: &str, command: &[&str], size: (u16, u16)) -> Option<Tmux<'a>> {
        let there = Command::new("tmux").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !there.is_ok_and(|status| status.success()) {
            println!("skipped: no tmux");
            return None;
        }
        ship.write("tmux.conf", &format!("{SETTINGS}set -g default-terminal {inside}\n"));
        let mut arguments = vec!["new-session"];
        arguments.extend(command);
        Some(Tmux { ship, pty: attached(ship, &arguments, "xterm-256color", size) })
    }

    /// Another person at the same session, in a terminal of their own.
    pub fn join(&self, outside: &str, size: (u16, u16)) -> Pty {
        attached(self.ship, &["attach-session"], outside, size)
    }
}

/// Everything a person does at a terminal, they do here.
impl Deref for Tmux<'_> {
    type Target = Pty;
    fn deref(&self) -> &Pty {
        &self.pty
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        // its only client may have ended it already, which is what is wanted
        let _ = tmux(self.ship).arg("kill-server").stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

fn attached(ship: &Ship, arguments: &[&str], outside: &str, size: (u16, u16)) -> Pty {
    let (home, settings) = (ship.path(""), ship.path("tmux.conf"));
    let (home, settings) = (home.to_string_lossy(), settings.to_string_lossy());
    let mut all = vec!["-u", "-L", "quarterdeck", "-f", &settings];
    all.extend(arguments);
    aboard::start(ship, "tmux", &all, &[("TMUX_TMPDIR", &home), ("TERM", outside), ("SHELL", "/bin/sh")], size)
}

/// tmux as one command to that server: its socket is in the ship's home.
fn tmux(ship: &Ship) -> Command {
    let mut command = Command::new("tmux");
    command.args(["-L", "quarterdeck"]).env("TMUX_TMPDIR", ship.path("")).env_remove("TMUX");
    command
}

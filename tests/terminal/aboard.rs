//! The program on a terminal, in a home of its own, and what a person does there: types key by key, reads the clock, jumps in a drill.
//! It must not know what is tested.

use super::pty::Pty;
use crate::cli::ship::Ship;
use std::path::PathBuf;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_quarterdeck");

/// The environment in which the program finds the ship's directories and nobody else's.
pub fn environment(ship: &Ship) -> Vec<(String, String)> {
    let parts = [("HOME", ""), ("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data")];
    let more = [("XDG_STATE_HOME", "state"), ("XDG_CACHE_HOME", "cache"), ("XDG_RUNTIME_DIR", "run")];
    let paths = parts.iter().chain(&more);
    let mut all: Vec<(String, String)> =
        paths.map(|(name, part)| ((*name).to_string(), ship.path(part).to_string_lossy().into_owned())).collect();
    all.push(("QUARTERDECK_PERSON".into(), "Ana".into()));
    all
}

/// Starts a program in a terminal of columns × rows, in the ship's home.
pub fn start(ship: &Ship, program: &str, arguments: &[&str], more: &[(&str, &str)], size: (u16, u16)) -> Pty {
    let own = environment(ship);
    let own = own.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
    Pty::spawn(program, arguments, &all, size.0, size.1)
}

/// Starts quarterdeck.
pub fn board(ship: &Ship, arguments: &[&str], size: (u16, u16)) -> Pty {
    start(ship, PROGRAM, arguments, &[], size)
}

/// Waits until the incident is read: its title stands in the header. Before that the timeline shows it already, and letters are refused.
pub fn read(pty: &Pty, title: &str) {
    pty.wait_for(&format!("{title:?} in the header"), |screen| {
        screen.rows(0, screen.size().1).next().is_some_and(|row| row.contains(title))
    });
}

/// The newest drill's directory.
pub fn drill(ship: &Ship) -> PathBuf {
    let drills = std::fs::read_dir(ship.path("data/quarterdeck/drills")).expect("drills").flatten();
    drills.map(|entry| entry.path()).max().expect("a drill")
}

/// Seconds since midnight on the header's clock; none when no clock is on the screen.
pub fn clock(screen: &vt100::Screen) -> Option<u32> {
    let first = screen.rows(0, screen.size().1).next()?;
    seconds(first.split(" UTC").next()?.split_whitespace().last()?)
}

/// Seconds since midnight of `HH:MM:SS`.
pub fn seconds(text: &str) -> Option<u32> {
    let parts: Vec<u32> = text.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    match parts.as_slice() {
        [hours, minutes, seconds] => Some((hours * 60 + minutes) * 60 + seconds),
        _ => None,
    }
}

/// Waits until the header's clock shows another second.
pub fn tick(pty: &Pty) {
    let now = pty.look(clock);
    pty.wait_for("the clock's next second", |screen| clock(screen) != now);
}

/// Takes the hands off the keyboard for a second: letters typed right after a prompt closed mean nothing.
pub fn rest(pty: &Pty) {
    tick(pty);
    tick(pty);
}

/// Types the exact name into a confirmation as a hand does: each letter is seen before the next, and a second passes meanwhile.
pub fn type_name(pty: &Pty, name: &str) {
    for (index, letter) in name.char_indices() {
        pty.send(letter.to_string());
        let so_far = &name[..index + letter.len_utf8()];
        pty.wait_for(&format!("{so_far:?} in the field"), |screen| {
            let mut rows = screen.rows(0, screen.size().1);
            rows.any(|row| row.trim().strip_prefix("type").is_some_and(|typed| typed.trim() == so_far))
        });
        if index == 0 {
            tick(pty);
        }
    }
}

/// Jumps from one thing that happens to the next until the drill's clock shows at least this, as somebody with `>` does: looking in between.
pub fn jump(ship: &Ship, pty: &Pty, to: &str) {
    let to = seconds(to).expect("a time of day");
    let progress = drill(ship).join("world/world.json");
    let reached = || {
        let text = std::fs::read_to_string(&progress).ok()?;
        let until = serde_json::from_str::<serde_json::Value>(&text).ok()?["until"].as_i64()?;
        u32::try_from(until.div_euclid(1_000_000).rem_euclid(86_400)).ok()
    };
    loop {
        let now = pty.look(clock).expect("a clock");
        if now >= to {
            return;
        }
        pty.send(">");
        // a jump is longer than what passes by itself meanwhile
        pty.wait_for("the jump", |screen| clock(screen).is_some_and(|then| then >= now + 5));
        let there = pty.look(clock).expect("a clock");
        pty.wait_until("the world follows the clock", || reached().is_some_and(|until| until >= there));
    }
}

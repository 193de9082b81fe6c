//! A drill's world, driven: event files grow, the flag file is watched, others write. One process drives a drill; others only watch.
//!
//! It must not know the screen. What others say goes to the screen's inbox, which records it in their name.

use super::clock::{self, Clock};
use crate::app::msg::{Msg, Said};
use crate::drill::hosts::{Flip, GATE};
use crate::drill::said::Words;
use crate::drill::scenario::Scenario;
use crate::drill::world::{File, World};
use crate::exchange::gate;
use crate::incident::change::Changed;
use crate::incident::command::Command;
use crate::incident::gate::Verdict;
use crate::incident::question::Asked;
use crate::incident::record::Noted;
use crate::incident::time::Time;
use crate::liaison::switches::flagd;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

/// How far the world has come: kept beside its files, so that a drill can be left and taken up again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// Everything before this moment is in the files.
    until: i64,
    /// How long each event file is at that moment; what stands behind it was cut off by a crash and is written again.
    lengths: BTreeMap<String, u64>,
    /// What every flag that matters was seen to serve, and since when.
    flips: Vec<Seen>,
}

/// A flag as it was seen: since when, which, its value, and the customers that get the stopped value instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen(i64, String, String, #[serde(default)] Vec<String>);

/// The driver.
pub struct Driver {
    scenario: Scenario,
    world: World,
    dir: PathBuf,
    progress: Progress,
    _lock: std::fs::File,
}

impl Driver {
    /// Takes a drill's world up, or makes it: its history is written on the first day. None while another process drives it.
    ///
    /// # Errors
    /// In words: the directory cannot be written.
    pub fn open(scenario: Scenario, seed: u64, dir: &Path) -> Result<Option<Driver>, String> {
        let said = |what: &str, e: &dyn std::fmt::Display| format!("{what} in {}: {e}", dir.display());
        std::fs::create_dir_all(dir).map_err(|e| said("The drill's world cannot be made", &e))?;
        let lock = std::fs::File::create(dir.join("world.lock")).map_err(|e| said("The world cannot be locked", &e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(e)) => return Err(said("The world cannot be locked", &e)),
        }
        let world = World::new(&scenario, seed);
        let progress = match std::fs::read_to_string(dir.join(PROGRESS)) {
            Ok(text) => serde_json::from_str(&text).map_err(|e| said("The world's state cannot be read", &e))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Progress::default(),
            Err(e) => return Err(said("The world's state cannot be read", &e)),
        };
        let mut driver = Driver { scenario, world, dir: dir.into(), progress, _lock: lock };
        driver.begin().map_err(|e| said("The drill's world cannot be made", &e))?;
        Ok(Some(driver))
    }

    fn begin(&mut self) -> std::io::Result<()> {
        let files = [File::Balancer, File::Servers].map(|f| self.world.file(f).to_string());
        if self.progress.until == 0 {
            let flags = self.dir.join(FLAGS);
            if !flags.exists() {
                std::fs::write(&flags, &self.scenario.flags.text)?;
            }
            for name in &files {
                std::fs::write(self.dir.join(name), "")?;
                self.progress.lengths.insert(name.clone(), 0);
            }
            let history: Vec<_> = self.world.history().collect();
            self.append(history.iter().map(|l| (l.file, l.text.as_str())))?;
            self.progress.until = self.scenario.start.0;
            return self.save();
        }
        // what a crash left behind the last saved state is written again: the same seed gives the same lines
        for (name, length) in &self.progress.lengths {
            let file =
                std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(self.dir.join(name))?;
            if file.metadata()?.len() > *length {
                file.set_len(*length)?;
            }
        }
        Ok(())
    }

    fn append<'a>(&mut self, lines: impl Iterator<Item = (File, &'a str)>) -> std::io::Result<()> {
        let mut texts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (file, line) in lines {
            let text = texts.entry(self.world.file(file).to_string()).or_default();
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        for (name, text) in texts {
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.dir.join(&name))?;
            file.write_all(&text)?;
            *self.progress.lengths.entry(name).or_default() += text.len() as u64;
        }
        Ok(())
    }

    fn save(&self) -> std::io::Result<()> {
        let text = serde_json::to_vec(&self.progress).map_err(std::io::Error::other)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.dir)?;
        file.write_all(&text)?;
        file.persist(self.dir.join(PROGRESS)).map_err(|e| e.error)?;
        Ok(())
    }

    /// What the flags have served, as seen.
    fn flips(&self) -> Vec<Flip> {
        let flips = self.progress.flips.iter().cloned();
        flips.map(|Seen(at, flag, value, without)| Flip { at: Time(at), flag, value, without }).collect()
    }

    /// The flags that the world follows, as they serve now: what is new is a flip from now on.
    fn watch(&mut self, now: Time) {
        for flag in self.scenario.followed() {
            let switch = self.scenario.switches.iter().find(|switch| switch.flag == flag);
            let stop = Some(switch.map(|switch| switch.stop.clone()).unwrap_or_default());
            let file = flagd::Flagd { file: self.dir.join(FLAGS), flag: flag.to_owned(), stop, restore: None };
            // a broken file changes nothing: what it served stays
            let Ok(sight) = file.look(now) else { continue };
            let kind = switch.and_then(|switch| switch.exclude_by.as_deref());
            let without = sight.excluded.into_iter().filter(|whom| Some(whom.kind.as_str()) == kind);
            let without: Vec<String> = without.map(|whom| whom.key).collect();
            let last = self.progress.flips.iter().rev().find(|seen| seen.1 == flag);
            if last.is_none_or(|last| last.2 != sight.value || last.3 != without) {
                let at = now.0.max(self.progress.until);
                self.progress.flips.push(Seen(at, flag.to_owned(), sight.value, without));
            }
        }
    }

    /// The gate that the drill's pipeline asks, by what it reads as every pipeline does: gate.json, judged as quarterdeck freeze check does. Where
    /// none was written nothing was ever frozen; one that cannot be read says what it said before.
    fn ask_gate(&mut self, now: Time) {
        let build = &self.scenario.rules.build;
        let (Some(place), Some(dir)) = (&build.gate, self.dir.parent()) else { return };
        let file = dir.join("gate").join(gate::FILE);
        let Ok(text) = std::fs::read_to_string(file) else { return };
        let Ok(read) = gate::read(&text) else { return };
        // a freeze holds from when somebody said so, what is written already stands
        let asked = match read.judge(place, Some(&build.first), now) {
            Verdict::Frozen(held) => Flip::gate(held.iter().map(|held| held.at).min().unwrap_or(now), true),
            Verdict::Open | Verdict::Passed(..) => Flip::gate(now, false),
        };
        let last = self.progress.flips.iter().rev().find(|seen| seen.1 == GATE);
        if last.is_some_and(|last| last.2 == asked.value) || (last.is_none() && asked == Flip::gate(now, false)) {
            return;
        }
        let since = last.map_or(self.progress.until, |last| last.0.max(self.progress.until));
        self.progress.flips.push(Seen(asked.at.0.max(since), asked.flag, asked.value, asked.without));
    }

    /// Brings the world up to now; answers what others said meanwhile.
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn step(&mut self, now: Time) -> std::io::Result<Vec<Msg>> {
        self.watch(now);
        self.ask_gate(now);
        let (from, flips) = (Time(self.progress.until), self.flips());
        let mut said = Vec::new();
        if now > from {
            let lines = self.world.between(from, now, &flips);
            self.append(lines.iter().map(|l| (l.file, l.text.as_str())))?;
            let words = self.world.said(from, now, &flips).into_iter();
            said.extend(words.map(|word| Msg::Said(Box::new(heard(word)))));
            self.progress.until = now.0;
            self.save()?;
        }
        let next = self.world.next_event(now, &flips).map(|(at, what)| (at, what.to_string()));
        said.push(Msg::World { next });
        Ok(said)
    }
}

/// The name of the file in a drill's directory that says how far its world has come.
pub const PROGRESS: &str = "world.json";

/// How long a world may say nothing new, by the file system's clock, before it stands still.
const STILL: Duration = Duration::from_secs(10);

/// Until when a drill's world is written, as the file at this place says; none when it cannot be read, or stands still because nobody drives it.
pub fn written(progress: &Path) -> Option<Time> {
    let changed = std::fs::metadata(progress).and_then(|about| about.modified()).ok()?;
    let age = Time(chrono::DateTime::<chrono::Utc>::from(changed).timestamp_micros());
    let moves = clock::real().since(age).0.unsigned_abs() < u64::try_from(STILL.as_micros()).ok()?;
    let text = std::fs::read(progress).ok().filter(|_| moves)?;
    let progress: Progress = serde_json::from_slice(&text).ok()?;
    Some(Time(progress.until))
}

/// The flag file's name in a drill's directory.
pub const FLAGS: &str = "flags.flagd.json";

/// What somebody in a drill says, for the screen that records it.
pub fn heard(said: crate::drill::said::Said) -> Said {
    Said { command: command(&said.what), who: said.who, at: said.at, recorded: said.recorded }
}

/// What somebody in a scenario says, as what is to be recorded.
pub fn command(words: &Words) -> Command {
    match words {
        Words::Note { text, pinned } => Command::Note(Noted { text: text.clone(), pinned: *pinned }),
        Words::Alert { text } => Command::Note(Noted { text: text.clone(), pinned: false }),
        Words::Question { text, goal } => Command::Ask(Asked { text: text.clone(), of: None, goal: *goal }),
        Words::Changed { what, subject, from, to, source } => Command::Change(Changed {
            what: what.clone(),
            subject: subject.clone(),
            from: from.clone(),
            to: to.clone(),
            by: None,
            source: source.clone(),
        }),
    }
}

/// Waits until the process that drives a drill's world has ended, and goes on where it stopped.
pub fn take_over(
    (scenario, seed, dir): (Scenario, u64, &Path),
    mut clock: Clock,
    clocks: &Receiver<Clock>,
    inbox: &Sender<Msg>,
) {
    loop {
        match clocks.recv_timeout(Duration::from_secs(1)) {
            Ok(moved) => clock = moved,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => match Driver::open(scenario.clone(), seed, dir) {
                Ok(Some(driver)) => return drive(driver, clock, clocks, inbox),
                Ok(None) => {}
                Err(words) => {
                    let _ = inbox.send(Msg::Wrote(Err(words)));
                    return;
                }
            },
        }
    }
}

/// Drives the world, a step a second, until nobody listens. A new clock moves it at once.
pub fn drive(mut driver: Driver, mut clock: Clock, clocks: &Receiver<Clock>, inbox: &Sender<Msg>) {
    let mut told = None;
    loop {
        match driver.step(clock.now()) {
            Ok(messages) => {
                for message in messages {
                    // the same next moment is told once, an idle world wakes nobody; and again when the clock was moved and the world has followed
                    if let Msg::World { next } = &message {
                        if told.as_ref() == Some(next) {
                            continue;
                        }
                        told = Some(next.clone());
                    }
                    if inbox.send(message).is_err() {
                        return;
                    }
                }
            }
            Err(e) => {
                let words = format!(
                    "The drill's world cannot be written: {e}. It stands still. Free the disk and start again."
                );
                let _ = inbox.send(Msg::Wrote(Err(words)));
                return;
            }
        }
        match clocks.recv_timeout(Duration::from_secs(1)) {
            Ok(moved) => (clock, told) = (moved, None),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

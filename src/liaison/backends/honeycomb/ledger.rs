//! Which runs were begun on this machine lately, by whichever quarterdeck: one small file for each team and host, read and written under its lock. Two
//! screens, a probe and a command share a team's limit by it. It must not know what a run asks, nor how many are allowed.
//!
//! It holds times only. What is lost with it is a minute's memory, so nothing waits until it is on disk.

use crate::query::series::MINUTE;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// How long a run is remembered: longer than any limit looks back.
const REMEMBERED: i64 = 5 * MINUTE;
/// The most of a file that is read, in bytes: a thousand runs are less.
const LARGEST: u64 = 1 << 16;

/// Where a team's runs are written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger(PathBuf);

/// The runs that are written down, while nobody else may read or write them.
#[derive(Debug)]
pub struct Page {
    file: File,
    /// When each was begun, µs by the wall clock, in the order they were written, and whether it looked at other spans.
    pub runs: Vec<(i64, bool)>,
    /// Until when nobody has a turn, µs by the wall clock.
    pub until: i64,
}

impl Ledger {
    /// A team's in a directory.
    #[must_use]
    pub fn of(directory: &Path, team: &str) -> Ledger {
        // FNV-1a, 64 bits: a name of any team that is a name of a file everywhere
        let hash = team
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Ledger(directory.join(format!("honeycomb-{hash:016x}")))
    }

    /// Takes the page; nothing while somebody else has it. What cannot be read in it is none of ours.
    ///
    /// # Errors
    /// It cannot be opened, locked or read: why.
    pub fn take(&self) -> Result<Option<Page>, String> {
        let shown = |e: io::Error| format!("{}: {e}", self.0.display());
        if let Some(directory) = self.0.parent() {
            std::fs::create_dir_all(directory).map_err(shown)?;
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.0);
        let mut file = file.map_err(shown)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(e)) => return Err(shown(e)),
        }
        let mut bytes = Vec::new();
        (&mut file).take(LARGEST).read_to_end(&mut bytes).map_err(shown)?;
        let (mut runs, mut until) = (Vec::new(), 0);
        for line in String::from_utf8_lossy(&bytes).lines() {
            match line.split_once(' ').map(|(what, at)| (what, at.parse::<i64>())) {
                Some(("run", Ok(at))) => runs.push((at, false)),
                Some(("spans", Ok(at))) => runs.push((at, true)),
                Some(("until", Ok(at))) => until = at,
                _ => {}
            }
        }
        Ok(Some(Page { file, runs, until }))
    }
}

impl Page {
    /// Writes it back and gives it away; what is older than five minutes is forgotten.
    ///
    /// # Errors
    /// It cannot be written: why.
    pub fn keep(mut self, now: i64) -> Result<(), String> {
        let mut text = format!("until {}\n", self.until);
        for (at, spans) in self.runs.iter().filter(|(at, _)| now.abs_diff(*at) < REMEMBERED.unsigned_abs()) {
            let _ = writeln!(text, "{} {at}", if *spans { "spans" } else { "run" });
        }
        let written = self.file.rewind().and_then(|()| self.file.write_all(text.as_bytes()));
        written.and_then(|()| self.file.set_len(text.len() as u64)).map_err(|e| e.to_string())
    }
}

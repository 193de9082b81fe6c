//! After the screen: the terminal is the shell's again, what was begun comes to its end, and whoever waits for that is told so.
//!
//! It must not know what is on the screen. A panic, in whatever thread, goes on after this as if nothing had stopped it.

use super::clock;
use super::terminal;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How long the end waits altogether, in microseconds, for acts that are under way and words that are being written.
const PARTING: i64 = 5_000_000;
/// A wait that is no longer is not worth a word, in microseconds.
const UNSAID: i64 = 300_000;

/// What is said when the end has waited in vain.
const IN_VAIN: &str = "There was no answer in time. An act without an outcome stands as unsure for whoever opens this next; what was \
                       not written by now may be lost. What the journal had acknowledged is safe.";

/// How a screen ended: with an answer, or with a panic that waits.
pub struct Ended<T>(thread::Result<T>);

impl<T> Ended<T> {
    /// Shows a screen, and gives the terminal back whatever happens there.
    pub fn of(screen: impl FnOnce() -> T) -> Ended<T> {
        // nothing is taken for whole after a panic but what the journal holds
        let ended = catch_unwind(AssertUnwindSafe(screen));
        terminal::leave();
        Ended(ended)
    }

    /// What the screen answered; nothing after a panic in it.
    pub fn answer(&self) -> Option<&T> {
        self.0.as_ref().ok()
    }

    /// The answer, when nothing has panicked; else the panic goes on, so that the process ends as a panic ends it.
    pub fn or_panic(self) -> T {
        match self.0 {
            Err(panic) => resume_unwind(panic),
            // why has been said: the screen only found that its terminal was given back
            Ok(_) if terminal::has_panicked() => resume_unwind(Box::new("another thread panicked")),
            Ok(answer) => answer,
        }
    }
}

/// The patience of the end.
pub struct Patience {
    began: i64,
    said: bool,
    gave_up: bool,
}

impl Patience {
    /// Begins now.
    pub fn begin() -> Patience {
        Patience { began: clock::steady(), said: false, gave_up: false }
    }

    /// Waits for something, in words; says so when it takes noticeably long, and what is true when it took too long.
    ///
    /// # Errors
    /// It did not come, or cannot come any more.
    pub fn wait<T>(&mut self, from: &Receiver<T>, what: &str) -> Result<T, RecvTimeoutError> {
        if !self.said {
            match from.recv_timeout(self.until(UNSAID)) {
                Err(RecvTimeoutError::Timeout) => {}
                soon => return soon,
            }
            self.said = true;
            say(&format!("Waiting for {what}, {} s at most.", PARTING / 1_000_000));
        }
        let late = from.recv_timeout(self.until(PARTING));
        if matches!(late, Err(RecvTimeoutError::Timeout)) && !std::mem::replace(&mut self.gave_up, true) {
            say(IN_VAIN);
        }
        late
    }

    fn until(&self, end: i64) -> Duration {
        let left = self.began.saturating_add(end).saturating_sub(clock::steady());
        Duration::from_micros(u64::try_from(left).unwrap_or(0))
    }
}

/// Says something on the ordinary screen. Where nobody reads it, nobody misses it.
fn say(words: &str) {
    let _ = writeln!(io::stderr(), "{}", super::typed::words(words));
}

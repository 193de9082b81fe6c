//! Runs a command for somebody in the foreground, as if they had run it themselves, and keeps the end of what it wrote.
//!
//! * Its standard input, its environment, its directory, its process group and its terminal are ours: Ctrl-C, Ctrl-Z and a hang-up reach it
//!   from the terminal as they reach us, once. What another process sends to us is sent on to it.
//! * Its output comes through us byte for byte, as it comes. Where ours is a terminal it writes to a terminal of the same size, so that it
//!   still shows colours and progress; where ours is a pipe or a file it writes to a pipe. Where output and complaints go to one place, they
//!   go through one channel, and their order stays.
//! * When nobody reads our output any more, its output is closed too: it ends as it would without us.
//! * It is waited for and not those it left running: what they write after its end is lost.
//!
//! It must not know what is recorded of it.

#[cfg(unix)]
mod channel;
#[cfg(unix)]
mod signals;

use super::clock;
use crate::incident::time::Span;
use crate::liaison::process::Excerpt;
use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitStatus};

/// How many lines are kept of what it wrote, and how many characters of each.
const LINES: usize = 20;
/// See [`LINES`].
const CHARS: usize = 200;

/// A command that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The code it ended with; none when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// How long it took.
    pub took: Span,
    /// The last lines it wrote, cleaned.
    pub tail: Vec<String>,
}

impl Ended {
    /// The exit code that a shell gives to this end: the command's own, or 128 and the signal.
    #[must_use]
    pub fn exit(&self) -> u8 {
        let code = self.code.or(self.signal.map(|signal| signal.saturating_add(128))).unwrap_or(1);
        // a code has eight bits wherever a signal has a number
        u8::try_from(code & 0xff).unwrap_or(u8::MAX)
    }

    fn of(status: ExitStatus, took: Span, kept: &Excerpt) -> Ended {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        #[cfg(not(unix))]
        let signal = None;
        Ended { code: status.code(), signal, took, tail: kept.last_lines(LINES, CHARS) }
    }
}

/// Runs it to its end.
///
/// # Errors
/// It could not be started: then nothing was run.
pub fn run(argv: &[OsString]) -> io::Result<Ended> {
    let Some((program, arguments)) = argv.split_first() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it has no name"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    let began = clock::steady();
    let took = || Span(clock::steady().saturating_sub(began));
    watched(command, took)
}

/// The exit code that a shell gives to what it could not start.
#[must_use]
pub fn not_started(error: &io::Error) -> u8 {
    if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
}

#[cfg(not(unix))]
fn watched(mut command: Command, took: impl Fn() -> Span) -> io::Result<Ended> {
    Ok(Ended::of(command.status()?, took(), &Excerpt::default()))
}

#[cfg(unix)]
fn watched(mut command: Command, took: impl Fn() -> Span) -> io::Result<Ended> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let (channels, out, err) = channel::open()?;
    command.stdout(out).stderr(err);
    // caught from now on, so that none is lost that comes while it starts
    let signals = signals::Signals::catch()?;
    let screens = channels.screens();
    let copying = channels.copy()?;
    let mut child = command.spawn()?;
    // its ends of the channels are its own now
    drop(command);
    let pid = Pid::from_child(&child);
    // it runs already: without a thread it runs without its signals
    let passing = signals.pass_on(pid, screens).ok();
    // it stays a zombie until nobody sends it signals any more: its number is given to nobody else
    while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {}
    let took = took();
    if let Some(passing) = passing {
        passing.stop();
    }
    let status = child.wait()?;
    let kept = copying.finish();
    Ok(Ended::of(status, took, &kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_end_when_a_shell_would_tell_it_then_the_code_is_the_same() {
        let ended = |code, signal| Ended { code, signal, took: Span(0), tail: Vec::new() }.exit();
        assert_eq!([ended(Some(0), None), ended(Some(255), None)], [0, 255]);
        assert_eq!([ended(None, Some(2)), ended(None, Some(9)), ended(None, Some(15))], [130, 137, 143]);
        assert_eq!(not_started(&io::ErrorKind::NotFound.into()), 127);
        assert_eq!(not_started(&io::ErrorKind::PermissionDenied.into()), 126);
    }
}

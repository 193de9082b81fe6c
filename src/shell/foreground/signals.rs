//! What is sent to us while a command runs is sent on to it, once, and ends us not before it: only what another process sends, because
//! what the terminal sends has reached the command already. A signal that was ignored when we were started stays so for both.
//!
//! A signal that somebody sends to the whole process group reaches the command twice: nobody can tell it from one that was meant for us.

use rustix::process::{Pid, Signal, getpid, getsid, kill_process};
use rustix::termios::{tcgetwinsize, tcsetwinsize};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::{Handle, SignalsInfo};
use signal_hook::low_level::siginfo::{Cause, Origin};
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Weak;
use std::thread::JoinHandle;

/// What is sent on.
const PASSED: [(i32, Signal); 6] = [
    (SIGHUP, Signal::HUP),
    (SIGINT, Signal::INT),
    (SIGQUIT, Signal::QUIT),
    (SIGTERM, Signal::TERM),
    (SIGUSR1, Signal::USR1),
    (SIGUSR2, Signal::USR2),
];

/// Signals that are caught.
pub struct Signals(SignalsInfo<WithOrigin>);

/// Who sends them on.
pub struct Passing {
    handle: Handle,
    thread: JoinHandle<()>,
}

impl Signals {
    /// Catches them from now on.
    ///
    /// # Errors
    /// The system does not allow it.
    pub fn catch() -> io::Result<Signals> {
        let ignored = ignored();
        let wanted = PASSED.iter().map(|(number, _)| *number).filter(|number| ignored & (1 << (number - 1)) == 0);
        Ok(Signals(SignalsInfo::new(wanted.chain([SIGWINCH]))?))
    }

    /// Sends them on to a process until told to stop; `screens` follow the size of our terminal.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn pass_on(mut self, child: Pid, screens: Vec<Weak<OwnedFd>>) -> io::Result<Passing> {
        let handle = self.0.handle();
        let work = move || {
            for origin in &mut self.0 {
                if origin.signal == SIGWINCH {
                    resize(child, &screens);
                } else if is_meant_for_us(&origin, child) {
                    let signal = PASSED.iter().find(|(number, _)| *number == origin.signal);
                    // who has ended need not be told
                    let _ = signal.map(|(_, signal)| kill_process(child, *signal));
                }
            }
        };
        let thread = std::thread::Builder::new().name("signals".into()).spawn(work)?;
        Ok(Passing { handle, thread })
    }
}

impl Passing {
    /// Sends nothing on any more. What comes from now on is swallowed: the end of the command is still to be written down.
    pub fn stop(self) {
        self.handle.close();
        let _ = self.thread.join();
    }
}

/// Another process sent it, and not the command itself to all of its group.
fn is_meant_for_us(origin: &Origin, child: Pid) -> bool {
    let sender = origin.process.map(|process| process.pid).filter(|pid| *pid > 0);
    let sent = match origin.cause {
        Cause::Sent(_) => true,
        // a terminal that goes away tells its session's leader alone, which the command would be without us
        Cause::Kernel if origin.signal == SIGHUP => getsid(None).is_ok_and(|leader| leader == getpid()),
        Cause::Kernel | Cause::Chld(_) => false,
        // systems that do not say why say at least who
        _ => sender.is_some(),
    };
    sent && sender != Some(child.as_raw_nonzero().get())
}

/// The signals that whoever started us wanted ignored, one bit each from the lowest on; none where that cannot be found out.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// The command was told of the new size when we were, and may have looked before its terminal had it: it is told again.
fn resize(child: Pid, screens: &[Weak<OwnedFd>]) {
    for screen in screens.iter().filter_map(Weak::upgrade) {
        let Ok(size) = tcgetwinsize(io::stdout()).or_else(|_| tcgetwinsize(io::stderr())) else { return };
        if tcsetwinsize(&screen, size).is_ok() {
            let _ = kill_process(child, Signal::WINCH);
        }
    }
}

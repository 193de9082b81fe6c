//! A program in a pseudo-terminal, and what a person at that terminal would see.
//!
//! A test sends bytes and waits for a state of the screen. A wait that fails says what it wanted, what the screen shows, and the
//! last bytes that came. It must not know: which program runs.

#![allow(clippy::expect_used, reason = "a harness fails by stopping the test, with words")]

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

/// How long a state is waited for before the test fails. Generous: the machine may be busy.
const DEADLINE: Duration = Duration::from_secs(20);

/// How often a state is looked at that nobody tells of: what stands in a file.
const LOOK: Duration = Duration::from_millis(20);

/// How many of the last bytes a failed wait prints.
const TAIL: usize = 400;

/// A running program, its terminal, and the person's screen.
pub struct Pty {
    /// The person's side of the terminal; nothing after hanging up.
    keyboard: Option<File>,
    shown: Arc<(Mutex<Shown>, Condvar)>,
    reader: Option<JoinHandle<()>>,
    /// Closing it ends the reading thread.
    watch: Option<io::PipeWriter>,
    group: Pid,
    exit: Receiver<io::Result<ExitStatus>>,
    exited: Option<ExitStatus>,
}

/// What has come from the program so far.
struct Shown {
    emulator: vt100::Parser,
    /// Every byte, for counting and for what an emulator does not show.
    bytes: Vec<u8>,
    /// The program's side has no reader and no writer any more.
    ended: bool,
}

impl Pty {
    /// Starts a program in a terminal of `columns` × `rows`, as leader of a session of its own. Its environment is `PATH`, `TERM` and
    /// what is given, nothing else.
    pub fn spawn(program: &str, arguments: &[&str], environment: &[(&str, &str)], columns: u16, rows: u16) -> Pty {
        heed_the_keyboard();
        let terminal = rustix_openpty::openpty(None, Some(&size(columns, rows))).expect("a pseudo-terminal");
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("TERM", "xterm-256color").envs(environment.iter().copied());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        let side = || Stdio::from(terminal.user.try_clone().expect("a descriptor"));
        command.stdin(side()).stdout(side()).stderr(side());
        own_session(&mut command, terminal.user.try_clone().expect("a descriptor"));
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {program}: {error}"));
        // Only the program holds its side now, so that its end is ours to see.
        drop((command, terminal.user));

        let group = Pid::from_child(&child);
        let (tell, exit) = channel();
        thread::spawn(move || tell.send(child.wait()));

        let (emulated_rows, emulated_columns) = emulated(columns, rows);
        let emulator = vt100::Parser::new(emulated_rows, emulated_columns, 0);
        let shown = Arc::new((Mutex::new(Shown { emulator, bytes: Vec::new(), ended: false }), Condvar::new()));
        let (stop, watch) = io::pipe().expect("a pipe");
        let screen = File::from(terminal.controller.try_clone().expect("a descriptor"));
        let reader = thread::spawn({
            let shown = Arc::clone(&shown);
            move || read(screen, &stop, &shown)
        });
        Pty {
            keyboard: Some(File::from(terminal.controller)),
            shown,
            reader: Some(reader),
            watch: Some(watch),
            group,
            exit,
            exited: None,
        }
    }

    /// Types: the bytes that a terminal sends.
    pub fn send(&self, bytes: impl AsRef<[u8]>) {
        let mut keyboard = self.keyboard.as_ref().expect("a terminal that was not hung up");
        keyboard.write_all(bytes.as_ref()).expect("the terminal takes what is typed");
    }

    /// Gives the terminal another size, of which the system tells the program.
    pub fn resize(&self, columns: u16, rows: u16) {
        let keyboard = self.keyboard.as_ref().expect("a terminal that was not hung up");
        let (emulated_rows, emulated_columns) = emulated(columns, rows);
        self.lock().emulator.screen_mut().set_size(emulated_rows, emulated_columns);
        tcsetwinsize(keyboard, size(columns, rows)).expect("the terminal takes its size");
    }

    /// Waits until the screen is as it is wanted. `wanted` says it in words, for the failure.
    pub fn wait_for(&self, wanted: &str, is: impl Fn(&vt100::Screen) -> bool) {
        self.wait(wanted, |shown| is(shown.emulator.screen()));
    }

    /// Waits until a text stands on the screen.
    pub fn wait_text(&self, text: &str) {
        self.wait_for(&format!("the text {text:?}"), |screen| screen.contents().contains(text));
    }

    /// Waits until bytes have come, from the start of the program; for what an emulator does not show (titles, bells).
    pub fn wait_bytes(&self, bytes: &[u8]) {
        let wanted = format!("the bytes {}", bytes.escape_ascii());
        self.wait(&wanted, |shown| shown.bytes.windows(bytes.len()).any(|window| window == bytes));
    }

    /// Waits until something outside the screen is as it is wanted: a file, a process.
    pub fn wait_until(&self, wanted: &str, is: impl Fn() -> bool) {
        let until = Instant::now() + DEADLINE;
        while !is() {
            let shown = self.lock();
            if Instant::now() >= until {
                let words = format!("waited in vain for {wanted}\n{}", shown.described());
                drop(shown);
                panic!("{words}");
            }
            drop(self.shown.1.wait_timeout(shown, LOOK));
        }
    }

    /// Waits until the program has ended, by itself or by a signal, and everything that it wrote was read.
    pub fn wait_exit(&mut self) -> ExitStatus {
        if self.keyboard.is_some() {
            self.wait("the end of the program", |shown| shown.ended);
        }
        let status = match self.exited {
            Some(status) => status,
            None => match self.exit.recv_timeout(DEADLINE) {
                Ok(status) => status.expect("the program's end"),
                Err(_) => panic!("the program did not end\n{}", self.lock().described()),
            },
        };
        self.exited = Some(status);
        status
    }

    /// The screen as text, one line per row, without blanks at the ends.
    pub fn contents(&self) -> String {
        self.lock().emulator.screen().contents()
    }

    /// How many bytes the program has written so far.
    pub fn written(&self) -> usize {
        self.lock().bytes.len()
    }

    /// Every byte that the program has written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    /// What the screen says, in another's words: a figure, a mode.
    pub fn look<T>(&self, at: impl FnOnce(&vt100::Screen) -> T) -> T {
        at(self.lock().emulator.screen())
    }

    /// How the terminal treats what is typed and written.
    pub fn attributes(&self) -> Termios {
        tcgetattr(self.keyboard.as_ref().expect("a terminal that was not hung up")).expect("the terminal's attributes")
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.group, signal).expect("the program is there");
    }

    /// The program's process, which leads its group.
    pub fn pid(&self) -> Pid {
        self.group
    }

    /// Takes the terminal away, as a lost connection does.
    pub fn hang_up(&mut self) {
        drop(self.watch.take());
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reading thread");
        }
        drop(self.keyboard.take());
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn wait(&self, wanted: &str, is: impl Fn(&Shown) -> bool) {
        let until = Instant::now() + DEADLINE;
        let mut shown = self.lock();
        while !is(&shown) {
            let left = until.saturating_duration_since(Instant::now());
            // Failing must not poison the lock that the failure's own clean-up needs: the words are made first.
            if left.is_zero() || shown.ended {
                let why = if shown.ended { "the program ended before" } else { "waited in vain for" };
                let words = format!("{why} {wanted}\n{}", shown.described());
                drop(shown);
                panic!("{words}");
            }
            shown = self.shown.1.wait_timeout(shown, left).unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It may have ended long ago: then there is no such group, which is what is wanted.
        if self.exited.is_none() {
            let _ = kill_process_group(self.group, Signal::KILL);
        }
        drop(self.watch.take());
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

impl Shown {
    /// The screen in a frame, its cursor, and the last bytes.
    fn described(&self) -> String {
        let screen = self.emulator.screen();
        let (rows, columns) = screen.size();
        let (row, column) = screen.cursor_position();
        let edge = "-".repeat(usize::from(columns));
        let lines: String = screen.rows(0, columns).map(|row| format!("|{row}\n")).collect();
        let tail = self.bytes.get(self.bytes.len().saturating_sub(TAIL)..).unwrap_or_default();
        format!(
            "screen {columns}x{rows}, cursor at row {row}, column {column}{}\n+{edge}\n{lines}+{edge}\nlast bytes: {}",
            if screen.hide_cursor() { " (hidden)" } else { "" },
            tail.escape_ascii()
        )
    }
}

/// Reads what the program writes, until it has ended or the watch is closed.
fn read(mut screen: File, stop: &io::PipeReader, shown: &(Mutex<Shown>, Condvar)) {
    let mut buffer = [0; 8192];
    loop {
        let mut ends = [PollFd::new(&screen, PollFlags::IN), PollFd::new(stop, PollFlags::empty())];
        match poll(&mut ends, None) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => panic!("cannot wait for the program: {error}"),
            Ok(_) => {}
        }
        let stopped = !ends[1].revents().is_empty();
        if stopped {
            return;
        }
        // Linux says EIO when the last holder of the program's side has closed it; others say end of file.
        let count = screen.read(&mut buffer).unwrap_or(0);
        let mut seen = shown.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        seen.emulator.process(&buffer[..count]);
        seen.bytes.extend_from_slice(&buffer[..count]);
        seen.ended = count == 0;
        drop(seen);
        shown.1.notify_all();
        if count == 0 {
            return;
        }
    }
}

/// Lets programs that are started from here be ended by Ctrl-C and Ctrl-\, as in a person's shell, also where the tests themselves were
/// started to ignore them (`cargo test &` in a script): what is ignored would stay so in every program, and what has a handler has none
/// after `exec`. The tests still end when they are told to.
pub fn heed_the_keyboard() {
    static HEEDED: std::sync::Once = std::sync::Once::new();
    HEEDED.call_once(|| {
        use signal_hook::consts::{SIGINT, SIGQUIT};
        for signal in [SIGINT, SIGQUIT] {
            let always = Arc::new(std::sync::atomic::AtomicBool::new(true));
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, always).expect("a handler");
        }
    });
}

/// The emulator's rows and columns: two at least, since vt100 0.16 panics when a line wraps on a screen of one row and when a wide
/// letter comes to one column. Both happen when a frame for the old size is still on its way.
fn emulated(columns: u16, rows: u16) -> (u16, u16) {
    (rows.max(2), columns.max(2))
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}

/// Makes the program leader of a new session with this controlling terminal, so that it gets what a person's shell would get: the
/// signals of the terminal, of its size and of its end.
#[allow(unsafe_code, reason = "there is no other way to run something between fork and exec")]
fn own_session(command: &mut Command, terminal: OwnedFd) {
    let enter = move || {
        rustix::process::setsid()?;
        rustix::process::ioctl_tiocsctty(&terminal)?;
        Ok(())
    };
    // SAFETY: between fork and exec it makes two system calls; it takes no lock and allocates nothing.
    unsafe { command.pre_exec(enter) };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Pty {
        Pty::spawn("sh", &["-c", script], &[("GREETING", "hello")], 40, 5)
    }

    #[test]
    fn given_a_program_when_it_writes_and_reads_then_the_screen_shows_it_and_its_exit_is_told() {
        let mut pty = shell("echo $GREETING; read line; printf '\\033[31mgot %s\\033[m' \"$line\"; exit 7");
        pty.wait_text("hello");
        pty.send("words\r");
        pty.wait_for("red words", |screen| {
            let red = screen.cell(2, 0).is_some_and(|cell| cell.fgcolor() == vt100::Color::Idx(1));
            red && screen.contents().contains("got words")
        });
        assert_eq!(pty.wait_exit().code(), Some(7));
        assert_eq!(pty.contents(), "hello\nwords\ngot words");
    }

    #[test]
    fn given_a_program_when_its_terminal_is_resized_then_it_is_told() {
        let pty = shell("trap 'stty size' WINCH; echo ready; while :; do read line; done");
        pty.wait_text("ready");
        pty.resize(60, 9);
        pty.wait_text("9 60");
    }

    #[test]
    fn given_a_terminal_of_one_cell_when_a_frame_for_a_larger_one_comes_then_it_is_read() {
        let script =
            "echo ready; read line; printf 'longer than that 火火火 and longer\\r\\n'; stty size; read line; echo end";
        let pty = shell(script);
        pty.wait_text("ready");
        pty.resize(1, 1);
        pty.send("\r");
        pty.wait_bytes(b"1 1");
        pty.resize(40, 5);
        pty.send("\r");
        pty.wait_text("end");
    }

    #[test]
    fn given_a_program_when_its_terminal_hangs_up_then_it_ends() {
        let mut pty = shell("echo ready; exec cat");
        pty.wait_text("ready");
        pty.hang_up();
        // by the signal, or by an error or the end of its input: under nohup the signal is ignored, and any of them may be seen first
        pty.wait_exit();
    }

    #[test]
    fn given_a_title_when_written_then_its_bytes_are_found_and_counted() {
        let pty = shell("printf '\\033]2;title\\007'; exec cat");
        pty.wait_bytes(b"\x1b]2;title\x07");
        assert_eq!(pty.written(), 10);
        assert!(pty.pid().as_raw_nonzero().get() > 1);
    }

    #[test]
    fn given_a_wait_in_vain_when_the_program_ends_then_it_says_what_was_wanted_and_shows_the_screen() {
        let failed = thread::spawn(|| shell("echo something else").wait_text("something")).join();
        assert!(failed.is_ok(), "a text that stands there is found, whether or not the program has ended");
        let failed = thread::spawn(|| shell("echo something else").wait_text("never")).join().unwrap_err();
        let words = failed.downcast_ref::<String>().unwrap();
        assert!(words.contains("the text \"never\"") && words.contains("|something else"), "{words}");
    }
}

//! The one place that starts programs for probes and switches: a fixed list of arguments and never a shell's line, an environment by name,
//! nothing on its standard input, an end in time for it and all it started, and as much of its output as is of use. It must not know
//! what a program is asked for.
//!
//! A program leads a process group of its own. What takes too long is asked to end (TERM), and two seconds later the whole group is
//! ended (KILL): a program that ignores the one, or that started others, does not outlive its deadline. A program that ended by itself
//! may leave others running: only their output is not waited for.

use super::clean;
use super::http::pause;
use crate::incident::ran::signal_name;
use crate::incident::trouble::Trouble;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// How much of each output is kept from its beginning, and as much from its end, in bytes.
pub const EACH: usize = 32 << 10;
/// How long a program may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(2);
/// How long output is waited for that somebody else still holds open.
const LINGER: Duration = Duration::from_millis(200);
/// What is shown of one line, in characters.
const SHOWN: usize = 200;

/// A program to be run.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// The program and its arguments, as they are given to it.
    pub argv: Vec<String>,
    /// The directory it starts in; ours without one.
    pub directory: Option<PathBuf>,
    /// All of its environment: names and values. They may be secrets, so they are never shown.
    pub environment: Vec<(OsString, OsString)>,
    /// How long it may take.
    pub timeout: Duration,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this code.
    Code(i32),
    /// By this signal, which we did not send.
    Signal(i32),
    /// It took too long, and was ended by us.
    Late,
}

/// A program that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// Its standard output.
    pub out: Excerpt,
    /// Its standard error.
    pub err: Excerpt,
}

/// The beginning and the end of an output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out: u64,
}

impl Excerpt {
    /// Takes what comes next.
    pub fn take(&mut self, bytes: &[u8]) {
        let room = EACH.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        self.head.extend_from_slice(first);
        let kept = rest.get(rest.len().saturating_sub(EACH)..).unwrap_or(rest);
        let over = (self.tail.len() + kept.len()).saturating_sub(EACH);
        self.tail.drain(..over);
        self.left_out += (over + rest.len() - kept.len()) as u64;
        self.tail.extend(kept);
    }

    /// How many bytes between beginning and end were not kept.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The first line that says something, cleaned; empty when none does.
    #[must_use]
    pub fn first_line(&self) -> String {
        let text = self.text();
        text.lines().map(str::trim).find(|line| !line.is_empty()).map(shown).unwrap_or_default()
    }

    /// The last lines, cleaned, the oldest first: at most so many, each of at most so many characters.
    #[must_use]
    pub fn last_lines(&self, most: usize, chars: usize) -> Vec<String> {
        let text = self.text();
        let lines = text.lines().map(|line| clean::clean(line.trim_end(), chars).trim_end().to_owned());
        let mut lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
        lines.drain(..lines.len().saturating_sub(most));
        lines
    }

    /// All that was kept, cleaned, with a line that says what was left out. What a progress bar wrote over itself is lines of their own.
    fn text(&self) -> String {
        let mut bytes = self.head.clone();
        if self.left_out > 0 {
            bytes.extend_from_slice(format!("\n({} bytes left out)\n", self.left_out).as_bytes());
        }
        bytes.extend(self.tail.iter());
        clean::clean_text(&String::from_utf8_lossy(&bytes), 4 * EACH).into_owned()
    }
}

fn shown(line: &str) -> String {
    clean::clean(line, SHOWN).trim().to_owned()
}

impl Ran {
    /// Its own words: the first line it wrote, or of its complaints when it wrote none; empty when it said nothing at all.
    #[must_use]
    pub fn said(&self) -> String {
        let out = self.out.first_line();
        if out.is_empty() { self.err.first_line() } else { out }
    }
}

impl End {
    /// What is said of it, after the program's name.
    #[must_use]
    pub fn words(self, timeout: Duration) -> String {
        match self {
            End::Code(code) => format!("ended with {code}"),
            End::Signal(signal) => format!("was ended by {}", signal_name(signal)),
            End::Late => format!("did not end within {} and was ended", length(timeout)),
        }
    }
}

fn length(span: Duration) -> String {
    if span.subsec_millis() == 0 { format!("{} s", span.as_secs()) } else { format!("{} ms", span.as_millis()) }
}

/// The group of a program. Dropped while it runs, all of the group is ended: nobody would hear how it ends.
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    fn of(child: &Child) -> Group {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Group { leader: id.and_then(rustix::process::Pid::from_raw) }
    }

    #[cfg(not(unix))]
    fn of(_: &Child) -> Group {
        Group {}
    }

    /// Asks all of it to end; what is stopped is woken up for that.
    #[cfg(unix)]
    fn ask(&self) {
        use rustix::process::{Signal, kill_process_group};
        for signal in [Signal::TERM, Signal::CONT] {
            // who is gone need not be told
            let _ = self.leader.map(|leader| kill_process_group(leader, signal));
        }
    }

    #[cfg(not(unix))]
    fn ask(&self) {}

    /// Ends all of it.
    fn end(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader.take() {
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }

    /// It ended by itself: what it left running is its own affair.
    fn leave(&mut self) {
        #[cfg(unix)]
        {
            self.leader = None;
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// One output while it is read.
struct Pipe<R> {
    source: Option<R>,
    kept: Excerpt,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(source: Option<R>) -> Pipe<R> {
        Pipe { source, kept: Excerpt::default(), buffer: vec![0; 8 << 10] }
    }

    fn is_open(&self) -> bool {
        self.source.is_some()
    }

    /// Reads once; at its end, or when it breaks, it is closed. Nothing is lost when this is given up.
    async fn step(&mut self) {
        let Some(source) = &mut self.source else { return };
        match source.read(&mut self.buffer).await {
            Ok(0) | Err(_) => self.source = None,
            Ok(count) => self.kept.take(self.buffer.get(..count).unwrap_or_default()),
        }
    }
}

impl Program {
    /// What is said of it: the program's name, without its arguments, which may be long or a secret.
    #[must_use]
    pub fn name(&self) -> String {
        shown(self.argv.first().map_or("", String::as_str))
    }

    /// Runs it once, to its end or its deadline.
    ///
    /// # Errors
    /// [`Trouble::Unreachable`] when it could not be started: then nothing happened.
    pub async fn run(&self) -> Result<Ran, Trouble> {
        let mut child = self.start().map_err(|error| Trouble::Unreachable(self.not_started(&error)))?;
        let mut group = Group::of(&child);
        let (mut out, mut err) = (Pipe::new(child.stdout.take()), Pipe::new(child.stderr.take()));
        let mut ended = watch(&mut child, &mut out, &mut err, self.timeout).await;
        let is_late = ended.is_none();
        if is_late {
            group.ask();
            ended = watch(&mut child, &mut out, &mut err, GRACE).await;
            group.end();
            let _ = child.start_kill();
            if ended.is_none() {
                ended = watch(&mut child, &mut out, &mut err, GRACE).await;
            }
        }
        group.leave();
        let rest = async {
            while out.is_open() || err.is_open() {
                tokio::select! {
                    () = out.step(), if out.is_open() => {}
                    () = err.step(), if err.is_open() => {}
                }
            }
        };
        tokio::select! {
            () = rest => {}
            () = pause(LINGER) => {}
        }
        let end = match ended {
            Some(status) if !is_late => end_of(status),
            _ => End::Late,
        };
        Ok(Ran { end, out: out.kept, err: err.kept })
    }

    fn start(&self) -> io::Result<Child> {
        let Some((program, arguments)) = self.argv.split_first().filter(|(program, _)| !program.is_empty()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it has no name"));
        };
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        #[cfg(unix)]
        command.process_group(0);
        command.spawn()
    }

    fn not_started(&self, error: &io::Error) -> String {
        let name = self.name();
        let lost = self.directory.as_ref().filter(|directory| !directory.is_dir());
        match lost {
            Some(directory) => {
                let place = shown(&directory.display().to_string());
                format!("{name} could not be started: there is no directory {place}. Nothing was run. Correct it.")
            }
            None if error.kind() == io::ErrorKind::NotFound => {
                format!("There is no program {name}. Nothing was run. Install it, or name it by its whole path.")
            }
            None => format!("{name} could not be started: {error}. Nothing was run. Put that right."),
        }
    }
}

fn end_of(status: ExitStatus) -> End {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return End::Signal(signal);
    }
    End::Code(status.code().unwrap_or(-1))
}

/// Reads until the program has ended, at most for so long; none when it has not.
async fn watch<A, B>(child: &mut Child, out: &mut Pipe<A>, err: &mut Pipe<B>, most: Duration) -> Option<ExitStatus>
where
    A: AsyncRead + Unpin,
    B: AsyncRead + Unpin,
{
    let deadline = pause(most);
    tokio::pin!(deadline);
    loop {
        tokio::select! {
            // one that writes without end must not keep its deadline from being seen
            biased;
            () = &mut deadline => return None,
            status = child.wait() => return status.ok(),
            () = out.step(), if out.is_open() => {}
            () = err.step(), if err.is_open() => {}
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;

//! The output of a command on its way through us: a pipe where ours is one, a terminal where ours is one, and a copy of what passes. It
//! must not know whose output it is.

use crate::liaison::process::Excerpt;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, OutputModes, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize};
use std::io::{self, IsTerminal, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

/// How much is read at once, in bytes.
const PIECE: usize = 64 << 10;
/// How much is still read when the command has ended and somebody it left behind goes on writing: more than any channel holds.
const REST: usize = 1 << 20;
/// How long a channel must be quiet then to be taken for empty.
const QUIET: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Which of our outputs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ours {
    Out,
    Err,
}

/// Our end of a channel, and where it leads.
struct Channel {
    /// Dropped when nobody reads our output any more: then the command's output is closed too.
    source: Arc<OwnedFd>,
    to: Ours,
    is_screen: bool,
}

/// The channels of a command that was not started yet.
pub struct Channels(Vec<Channel>);

/// Channels that are copied, until told that the command has ended.
pub struct Copying {
    kept: Arc<Mutex<Excerpt>>,
    /// Closed, it says that the command has ended.
    ended: PipeWriter,
    threads: Vec<JoinHandle<()>>,
}

/// Opens what a command's output goes through; with its own ends, for output and complaints.
///
/// # Errors
/// The system has no more pipes.
pub fn open() -> io::Result<(Channels, Stdio, Stdio)> {
    let mut channels = Vec::new();
    let mut channel = |to: Ours| -> io::Result<OwnedFd> {
        let (source, sink, is_screen) = ends(to)?;
        channels.push(Channel { source: Arc::new(source), to, is_screen });
        Ok(sink)
    };
    let out = channel(Ours::Out)?;
    let err = if is_one_place() { out.try_clone()? } else { channel(Ours::Err)? };
    Ok((Channels(channels), Stdio::from(out), Stdio::from(err)))
}

/// Both of our outputs go to the same file, pipe or terminal.
fn is_one_place() -> bool {
    let place = |fd: BorrowedFd<'_>| rustix::fs::fstat(fd).ok().map(|stat| (stat.st_dev, stat.st_ino, stat.st_rdev));
    let (out, err) = (io::stdout(), io::stderr());
    place(out.as_fd()).is_some_and(|one| Some(one) == place(err.as_fd()))
}

fn ends(to: Ours) -> io::Result<(OwnedFd, OwnedFd, bool)> {
    let (is_terminal, ours) = match to {
        Ours::Out => (io::stdout().is_terminal(), io::stdout().as_fd().try_clone_to_owned()),
        Ours::Err => (io::stderr().is_terminal(), io::stderr().as_fd().try_clone_to_owned()),
    };
    // a machine that gives out no more terminals still has pipes
    if let Some((source, sink)) = ours.ok().filter(|_| is_terminal).and_then(|ours| screen(&ours).ok()) {
        return Ok((source, sink, true));
    }
    let (source, sink) = io::pipe()?;
    Ok((source.into(), sink.into(), false))
}

/// A terminal like ours, which changes nothing of what is written to it: ours does that.
fn screen(ours: &OwnedFd) -> rustix::io::Result<(OwnedFd, OwnedFd)> {
    let source = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&source)?;
    unlockpt(&source)?;
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
    let sink = rustix::fs::open(ptsname(&source, Vec::new())?, flags, rustix::fs::Mode::empty())?;
    let mut modes = tcgetattr(ours)?;
    modes.output_modes.remove(OutputModes::OPOST);
    modes.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&sink, OptionalActions::Now, &modes)?;
    tcsetwinsize(&sink, tcgetwinsize(ours)?)?;
    Ok((source, sink))
}

impl Channels {
    /// Those that are terminals, for whoever keeps their size.
    pub fn screens(&self) -> Vec<Weak<OwnedFd>> {
        self.0.iter().filter(|channel| channel.is_screen).map(|channel| Arc::downgrade(&channel.source)).collect()
    }

    /// Begins to copy.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn copy(self) -> io::Result<Copying> {
        let kept = Arc::new(Mutex::new(Excerpt::default()));
        let (end, ended) = io::pipe()?;
        let mut threads = Vec::new();
        for channel in self.0 {
            let (kept, end) = (Arc::clone(&kept), end.try_clone()?);
            let work = move || copy(channel, &end, &kept);
            threads.push(std::thread::Builder::new().name("output".into()).spawn(work)?);
        }
        Ok(Copying { kept, ended, threads })
    }
}

impl Copying {
    /// The command has ended: passes on what it wrote before, and answers with what was kept.
    pub fn finish(self) -> Excerpt {
        drop(self.ended);
        for thread in self.threads {
            // one that panicked has said so
            let _ = thread.join();
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }
}

/// Copies until the channel ends, or nobody reads our output any more, or the command has ended and the channel is empty.
fn copy(channel: Channel, end: &PipeReader, kept: &Mutex<Excerpt>) {
    let mut buffer = vec![0; PIECE];
    let (mut is_over, mut rest) = (false, REST);
    loop {
        let was_over = is_over;
        let (is_ready, has_ended) = wait(&channel.source, (!was_over).then_some(end));
        is_over |= has_ended;
        if !is_ready && was_over {
            return;
        }
        if !is_ready {
            continue;
        }
        let bytes = match rustix::io::read(&channel.source, &mut buffer[..]) {
            Ok(count) => buffer.get(..count).unwrap_or_default(),
            Err(Errno::INTR | Errno::AGAIN) => continue,
            // what a terminal says whose other side was closed
            Err(_) => return,
        };
        if bytes.is_empty() || (is_over && rest == 0) {
            return;
        }
        if is_over {
            rest = rest.saturating_sub(bytes.len());
        }
        kept.lock().unwrap_or_else(PoisonError::into_inner).take(bytes);
        if write(channel.to, bytes).is_err() {
            return;
        }
    }
}

/// Waits until there is something to read, or the command has ended; when it has, until the channel was quiet for a moment.
fn wait(source: &OwnedFd, end: Option<&PipeReader>) -> (bool, bool) {
    let mut waited: Vec<PollFd<'_>> = vec![PollFd::new(source, PollFlags::IN)];
    waited.extend(end.map(|end| PollFd::new(end, PollFlags::IN)));
    let most = if end.is_some() { None } else { Some(&QUIET) };
    // a signal that comes says nothing about either
    while let Err(Errno::INTR) = poll(&mut waited, most) {}
    let came = |place: usize| waited.get(place).is_some_and(|fd| !fd.revents().is_empty());
    (came(0), came(1))
}

/// Writes all of it to our output, however long nobody reads.
fn write(to: Ours, mut bytes: &[u8]) -> rustix::io::Result<()> {
    let (out, err) = (io::stdout(), io::stderr());
    let fd = match to {
        Ours::Out => out.as_fd(),
        Ours::Err => err.as_fd(),
    };
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                // somebody else made it one that does not wait
                let _ = poll(&mut [PollFd::new(&fd, PollFlags::OUT)], None);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

//! What comes from the terminal: keys, pastes, focus, another size, and its end.
//!
//! Two threads, both asleep while nothing comes: one blocks in crossterm's `read`; the other waits for the terminal to hang up,
//! because crossterm then reads the end of input for ever, at full speed, and tells nobody. It must not know: what
//! a key does. Times are in [`super::escape`].
//!
//! Why not one thread with a time limit: the limit would be a wake-up (the whole program has two a second). Why not our own `poll` on
//! the terminal before each `read`: crossterm learns of another size from a signal through a pipe that only it knows, and only inside
//! its own wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::escape::Escape;
use crate::app::key::{Code, Key};

/// How long [`Reader::stop`] waits for the reading thread before it wakes it again, and how often it tries.
const STOP_STEP: Duration = Duration::from_millis(20);
const STOP_TRIES: usize = 25;

/// What came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key went down.
    Key {
        /// Which.
        key: Key,
        /// It is held down, as far as the terminal tells (most do not).
        repeat: bool,
    },
    /// Text was pasted; its line breaks are `\n`. It is hostile, as all text from outside.
    Paste(String),
    /// The terminal's window is looked at.
    FocusGained,
    /// The terminal's window is no longer looked at.
    FocusLost,
    /// The terminal has another size; it is read when the next frame is drawn.
    Resize,
    /// The terminal has gone, or cannot be read: nothing more will come. The process should end.
    Closed,
}

/// The threads that read the terminal, until it is stopped or dropped.
pub struct Reader {
    stopping: Arc<AtomicBool>,
    /// Hangs up when the reading thread has ended.
    ended: Receiver<()>,
    /// Dropping it ends the thread that waits for the hang-up.
    #[cfg(unix)]
    watch: Option<io::PipeWriter>,
}

impl Reader {
    /// Starts reading. Each input is made a message by `wrap` and sent; when nobody receives any more, the threads end.
    ///
    /// One reader at a time: crossterm has one source of events for the whole process. Fails when a thread cannot be started.
    pub fn start<T: Send + 'static>(to: Sender<T>, wrap: fn(Input) -> T) -> io::Result<Reader> {
        let stopping = Arc::new(AtomicBool::new(false));
        #[cfg(unix)]
        let watch = Some(watch_for_hang_up(to.clone(), wrap)?);
        let (alive, ended) = channel();
        let stops = Arc::clone(&stopping);
        thread::Builder::new().name("input".into()).spawn(move || {
            let _alive: Sender<()> = alive;
            read_until(&stops, &to, wrap);
        })?;
        Ok(Reader {
            stopping,
            ended,
            #[cfg(unix)]
            watch,
        })
    }

    /// Ends the threads and says whether they have ended; what is typed from now on is somebody else's. It takes well under a
    /// frame, unless the reading thread is in the middle of a sequence whose rest has not come: then up to half a second, and `false`.
    pub fn stop(mut self) -> bool {
        self.end()
    }

    fn end(&mut self) -> bool {
        self.stopping.store(true, Ordering::SeqCst);
        #[cfg(unix)]
        drop(self.watch.take());
        for _ in 0..STOP_TRIES {
            wake();
            if self.ended.recv_timeout(STOP_STEP) == Err(RecvTimeoutError::Disconnected) {
                return true;
            }
        }
        false
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if !self.stopping.load(Ordering::SeqCst) {
            self.end();
        }
    }
}

/// Reads and sends, until told to stop, nobody listens, or there is nothing more to read.
fn read_until<T>(stopping: &AtomicBool, to: &Sender<T>, wrap: fn(Input) -> T) {
    let mut escape = Escape::default();
    loop {
        let event = next_event(escape.patience());
        if stopping.load(Ordering::SeqCst) {
            return;
        }
        let sure = match event {
            Ok(Some(event)) => input_of(event).map_or_else(Vec::new, |input| escape.take(input)),
            Ok(None) => escape.quiet(),
            Err(_) => {
                let _ = to.send(wrap(Input::Closed));
                return;
            }
        };
        for input in sure {
            if to.send(wrap(input)).is_err() {
                return;
            }
        }
    }
}

/// The next event; nothing, if there is a patience and it has run out.
fn next_event(patience: Option<Duration>) -> io::Result<Option<Event>> {
    let patience = patience.or(LONGEST_READ);
    match patience {
        Some(patience) if !event::poll(patience)? => Ok(None),
        _ => event::read().map(Some),
    }
}

/// Where a signal can end a wait, it lasts as long as it takes.
#[cfg(unix)]
const LONGEST_READ: Option<Duration> = None;

/// Elsewhere the reading thread looks twice a second whether it is to stop.
#[cfg(not(unix))]
const LONGEST_READ: Option<Duration> = Some(Duration::from_millis(500));

/// Ends crossterm's wait from outside: it waits for the signal that a terminal's size has changed, so we send that to ourselves.
#[cfg(unix)]
fn wake() {
    use rustix::process::{Signal, getpid, kill_process};
    // It cannot fail for our own process; if it did, the next try would follow.
    let _ = kill_process(getpid(), Signal::WINCH);
}

#[cfg(not(unix))]
fn wake() {}

/// Waits on a thread of its own for the terminal to hang up, and sends that it is closed. It ends when the returned pipe is closed.
#[cfg(unix)]
fn watch_for_hang_up<T: Send + 'static>(to: Sender<T>, wrap: fn(Input) -> T) -> io::Result<io::PipeWriter> {
    use rustix::event::{PollFd, PollFlags, poll};

    let terminal = terminal_in()?;
    let (stop, watch) = io::pipe()?;
    thread::Builder::new().name("hang-up".into()).spawn(move || {
        // No events are asked for: only what is always told, hang-up and error, ends the wait.
        let mut ends = [PollFd::new(&terminal, PollFlags::empty()), PollFd::new(&stop, PollFlags::empty())];
        while let Err(rustix::io::Errno::INTR) = poll(&mut ends, None) {}
        let [terminal, stop] = ends.map(|end| end.revents());
        if stop.is_empty() && terminal.intersects(PollFlags::HUP | PollFlags::ERR) {
            let _ = to.send(wrap(Input::Closed));
        }
    })?;
    Ok(watch)
}

/// The terminal that crossterm reads: standard input, or the controlling terminal if that is something else.
#[cfg(unix)]
fn terminal_in() -> io::Result<std::os::fd::OwnedFd> {
    use std::io::IsTerminal;
    use std::os::fd::AsFd;
    if io::stdin().is_terminal() {
        return io::stdin().as_fd().try_clone_to_owned();
    }
    Ok(std::fs::File::open("/dev/tty")?.into())
}

/// An event in our words; nothing for what we do not use (mouse, keys going up, keys without a meaning).
fn input_of(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) => key_of(key),
        Event::Paste(text) => Some(Input::Paste(text.replace("\r\n", "\n").replace('\r', "\n"))),
        Event::FocusGained => Some(Input::FocusGained),
        Event::FocusLost => Some(Input::FocusLost),
        Event::Resize(_, _) => Some(Input::Resize),
        Event::Mouse(_) => None,
    }
}

fn key_of(event: KeyEvent) -> Option<Input> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = match event.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    };
    let held = |modifier| event.modifiers.contains(modifier);
    let key = Key::new(code, held(KeyModifiers::CONTROL), held(KeyModifiers::ALT), held(KeyModifiers::SHIFT));
    Some(Input::Key { key, repeat: event.kind == KeyEventKind::Repeat })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        match input_of(Event::Key(KeyEvent::new(code, modifiers))) {
            Some(Input::Key { key, .. }) => Some(key.to_string()),
            _ => None,
        }
    }

    #[test]
    fn given_events_when_read_then_they_are_keys_in_our_notation() {
        assert_eq!(pressed(KeyCode::Char('G'), KeyModifiers::SHIFT).as_deref(), Some("G"));
        assert_eq!(pressed(KeyCode::Char('c'), KeyModifiers::CONTROL).as_deref(), Some("<c-c>"));
        assert_eq!(pressed(KeyCode::Char(' '), KeyModifiers::NONE).as_deref(), Some("<space>"));
        assert_eq!(pressed(KeyCode::BackTab, KeyModifiers::SHIFT).as_deref(), Some("<backtab>"));
        assert_eq!(pressed(KeyCode::Up, KeyModifiers::ALT).as_deref(), Some("<a-up>"));
        assert_eq!(pressed(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }

    #[test]
    fn given_a_key_that_repeats_or_goes_up_when_read_then_it_is_told_or_left_out() {
        let event = |kind| Event::Key(KeyEvent::new_with_kind(KeyCode::Enter, KeyModifiers::NONE, kind));
        assert!(matches!(input_of(event(KeyEventKind::Press)), Some(Input::Key { repeat: false, .. })));
        assert!(matches!(input_of(event(KeyEventKind::Repeat)), Some(Input::Key { repeat: true, .. })));
        assert_eq!(input_of(event(KeyEventKind::Release)), None);
    }

    #[test]
    fn given_a_paste_when_read_then_its_line_breaks_are_line_feeds() {
        assert_eq!(input_of(Event::Paste("a\rb\r\nc\n".into())), Some(Input::Paste("a\nb\nc\n".into())));
    }
}

//! The borrowed terminal: one way in, one way out.
//!
//! Exit, error, panic, suspend and the editor all give the terminal back with [`leave`], which may be called from any thread and
//! any number of times. Nothing is ever asked of the terminal. It must not know: what is drawn, which key was pressed, or when
//! the program ends; signals (SIGTERM, SIGHUP) are the loop's, which calls [`leave`].

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};

use super::encoder::Encoder;
use super::sequence::{ENTER, LEAVE};

/// Whether the terminal is ours at the moment.
static BORROWED: AtomicBool = AtomicBool::new(false);

/// Whether any thread has panicked since [`on_panic`].
static PANICKED: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours. Dropping it gives it back.
pub struct Terminal {
    encoder: Encoder<Screen>,
}

impl Terminal {
    /// Borrows the terminal: raw mode, alternate screen, paste as paste, focus told, no cursor.
    ///
    /// Fails when standard output is no terminal or the terminal refuses; then nothing stays changed.
    pub fn enter() -> io::Result<Terminal> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "Standard output is not a terminal. Nothing was changed. Run it in a terminal, or use a command that prints, as `status`.",
            ));
        }
        borrow()?;
        Ok(Terminal { encoder: Encoder::new(Screen::open()?) })
    }

    /// Draws one frame in the size that the terminal has now. `paint` gets blank cells and says where the cursor is to be shown, if
    /// anywhere. Writes nothing when nothing changed. Any error means that the terminal has gone: the process should end.
    pub fn draw(&mut self, paint: impl FnOnce(Rect, &mut Buffer) -> Option<Position>) -> io::Result<()> {
        self.encoder.draw(size()?, |buffer| paint(buffer.area, buffer))
    }

    /// Draws some whole rows of the frame that stands again. `paint` gets cells of which only those are looked at that lie in the
    /// places it answers with. Says whether that was done: not when the terminal has another size, or what it shows is not known.
    pub fn redraw_rows(
        &mut self,
        paint: impl FnOnce(Rect, &mut Buffer) -> Option<Vec<Range<u16>>>,
    ) -> io::Result<bool> {
        self.encoder.redraw_rows(size()?, |buffer| paint(buffer.area, buffer))
    }

    /// Sets the terminal's title with the next frame.
    pub fn title(&mut self, text: &str) {
        self.encoder.title(text);
    }

    /// Rings with the next frame.
    pub fn bell(&mut self) {
        self.encoder.bell();
    }

    /// Draws everything anew with the next frame.
    pub fn redraw(&mut self) {
        self.encoder.forget();
    }

    /// Gives the terminal back while something else uses it (an editor), then borrows it again; keys that were typed to the other
    /// are forgotten, and the next frame is drawn whole, in the size it then has. Stop the input first
    /// ([`super::input::Reader::stop`]): two readers would share the keys. What the work answered is given in any case.
    pub fn lend<T>(&mut self, work: impl FnOnce() -> T) -> (T, io::Result<()>) {
        leave();
        let answer = work();
        self.redraw();
        forget_typed();
        (answer, borrow())
    }

    /// Stops the program, with its whole process group, until the shell continues it. Call it on the main thread: there the stop
    /// comes before the next line. Where no shell could continue it (an orphaned process group) the system ignores the stop, and
    /// this returns at once. Afterwards: read the journal, draw.
    pub fn suspend(&mut self) -> io::Result<()> {
        let (stopped, back) = self.lend(stop_group);
        stopped.and(back)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        leave();
    }
}

/// Gives the terminal back, if it is ours. What is drawn afterwards is refused. Any thread, any number of times.
pub fn leave() {
    if BORROWED.swap(false, Ordering::SeqCst) {
        // There is nobody left to tell: either the terminal has gone, or the process is ending.
        let _ = Screen::open().and_then(|mut screen| screen.0.write_all(LEAVE));
        let _ = disable_raw_mode();
    }
}

/// From now on a panic in any thread first gives the terminal back, then prints its message on the visible screen, then the
/// sentences of `farewell`: what is recorded, and how to return. `farewell` must not panic and not wait for a lock.
pub fn on_panic(farewell: impl Fn() -> String + Send + Sync + 'static) {
    let print_message = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICKED.store(true, Ordering::SeqCst);
        leave();
        print_message(panic);
        // Standard error may be closed; the panic goes on either way.
        let _ = writeln!(io::stderr(), "{}", farewell());
    }));
}

/// The size that the terminal has now, asked of what is written to; of whatever crossterm finds where that does not know.
fn size() -> io::Result<Size> {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(io::stdout())
        && size.ws_col > 0
        && size.ws_row > 0
    {
        return Ok(Size { width: size.ws_col, height: size.ws_row });
    }
    let (width, height) = crossterm::terminal::size()?;
    Ok(Size { width, height })
}

/// Some thread has panicked since [`on_panic`] was called.
pub fn has_panicked() -> bool {
    PANICKED.load(Ordering::SeqCst)
}

/// How many other terminals show the same tmux session; none when tmux does not say so within half a second. Asks a program that may
/// hang: never on the screen's thread.
pub fn others() -> Option<usize> {
    // session_group_attached counts those who joined with `new-session -t` too; it is empty where there is no group
    let asked = ["display-message", "-p", "#{session_attached} #{session_group_attached}"];
    let mut tmux = Command::new("tmux");
    tmux.args(asked).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut asked = tmux.spawn().ok()?;
    for _ in 0..50 {
        match asked.try_wait() {
            Ok(Some(_)) => {
                let mut said = String::new();
                asked.stdout.take()?.read_to_string(&mut said).ok()?;
                let attached = said.split_whitespace().filter_map(|count| count.parse::<usize>().ok()).max()?;
                return Some(attached.saturating_sub(1));
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            Err(_) => break,
        }
    }
    // nobody waits for what it would still say
    let _ = asked.kill();
    let _ = asked.wait();
    None
}

/// Makes the terminal ours. After an error it is not.
fn borrow() -> io::Result<()> {
    BORROWED.store(true, Ordering::SeqCst);
    let entered = enable_raw_mode().and_then(|()| Screen::open()?.0.write_all(ENTER));
    if entered.is_err() {
        leave();
    }
    entered
}

/// Standard output without a buffer of its own, so that a frame is one `write`, which a terminal does not tear.
struct Screen(File);

impl Screen {
    #[cfg(unix)]
    fn open() -> io::Result<Screen> {
        use std::os::fd::AsFd;
        Ok(Screen(File::from(io::stdout().as_fd().try_clone_to_owned()?)))
    }

    #[cfg(windows)]
    fn open() -> io::Result<Screen> {
        use std::os::windows::io::AsHandle;
        Ok(Screen(File::from(io::stdout().as_handle().try_clone_to_owned()?)))
    }
}

impl Write for Screen {
    /// Refuses to write once the terminal was given back, so that no frame lands on the shell's screen after a panic elsewhere.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !BORROWED.load(Ordering::SeqCst) {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the terminal was given back"));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Stops every process of our group as the terminal's suspend character would.
#[cfg(unix)]
fn stop_group() -> io::Result<()> {
    use rustix::process::{Signal, kill_current_process_group};
    Ok(kill_current_process_group(Signal::TSTP)?)
}

/// There is no stopping where there is no job control.
#[cfg(not(unix))]
fn stop_group() -> io::Result<()> {
    Ok(())
}

/// Throws away what was typed and not read. It was meant for whoever had the terminal; a failure leaves keys, no harm.
fn forget_typed() {
    #[cfg(unix)]
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_terminal_that_is_not_borrowed_when_left_or_written_to_then_nothing_happens() {
        leave();
        leave();
        let refused = Screen::open().and_then(|mut screen| screen.write_all(b"a frame"));
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}

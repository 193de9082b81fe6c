//! Work that is done beside what must not wait for it, on a thread of its own: its answer is taken when it is there in time, and given up
//! else. It must not know what the work is.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Work under way.
pub struct Beside<T> {
    answer: Receiver<T>,
    came: Option<T>,
}

impl<T: Send + 'static> Beside<T> {
    /// Begins it. Where no thread can be started there never is an answer.
    pub fn begin(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Beside<T> {
        let (tell, answer) = channel();
        // who waits sees that nobody answers
        let _ = std::thread::Builder::new().name(name.to_owned()).spawn(move || tell.send(work()));
        Beside { answer, came: None }
    }

    /// Waits for the answer, at most for so long; whether it has come.
    pub fn wait(&mut self, most: Duration) -> bool {
        if self.came.is_none() {
            self.came = self.answer.recv_timeout(most).ok();
        }
        self.came.is_some()
    }

    /// The answer, waited for at most for so long. Given up, the work goes on until it ends or the program does.
    pub fn answer(mut self, most: Duration) -> Option<T> {
        self.wait(most);
        self.came
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_work_when_it_answers_hangs_or_breaks_then_who_waits_goes_on() {
        assert_eq!(Beside::begin("quick", || 7).answer(Duration::from_secs(20)), Some(7));
        let (hold, held) = channel::<()>();
        let mut hangs = Beside::begin("hangs", move || held.recv().is_err());
        assert!(!hangs.wait(Duration::ZERO));
        drop(hold);
        assert_eq!(hangs.answer(Duration::from_secs(20)), Some(true));
    }
}

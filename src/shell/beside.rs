//! Work that is done beside what must not wait for it, on a thread of its own: its answer is taken when it is there in time, and given up
//! else. It must not know what the work is.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Does the same with each of several, all at once, and answers in their order: for whoever waits for all of them. One alone needs no thread.
pub fn all<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if let [only] = items {
        return vec![work(only)];
    }
    std::thread::scope(|scope| {
        let work = &work;
        let begun: Vec<_> = items.iter().map(|item| scope.spawn(move || work(item))).collect();
        begun.into_iter().map(|one| one.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause))).collect()
    })
}

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

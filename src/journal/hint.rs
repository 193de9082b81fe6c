//! The hint that somebody else has appended: a watch on the journal's directory, and when to ask the journal itself.
//! It must not know what an entry is, nor read a clock.
//!
//! SQLite writes the log before the commit is visible, so the event comes too early, once: after it the journal is asked again and
//! again, ever more seldom, until the commit must have become visible.

use super::place;
use notify::event::{EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How often the journal is asked without any hint, µs.
pub const FLOOR: i64 = 5_000_000;
/// How often it is asked where a directory cannot be watched, µs.
pub const BLIND: i64 = 200_000;
/// The waits between questions after a hint: 1, 2, 4 … 128 ms.
const STEPS: u32 = 8;

/// A watch on a journal's directory, for as long as this lives. Hints that were not taken yet are one.
pub struct Watch {
    waiting: Arc<AtomicBool>,
    /// Dropping it ends the watch.
    _watcher: notify::RecommendedWatcher,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}

impl Watch {
    /// The hint is being looked after: the next event is a new one.
    pub fn taken(&self) {
        self.waiting.store(false, Ordering::SeqCst);
    }
}

/// Watches the directory of a journal; `wake` is called from another thread and must not block.
///
/// # Errors
/// Why watching is impossible, in a clause. On macOS and the BSDs it always is: kqueue opens every file it watches, and closing
/// one of those would drop SQLite's locks.
pub fn watch(journal: &Path, wake: impl Fn() + Send + 'static) -> Result<Watch, String> {
    if !cfg!(any(target_os = "linux", target_os = "android", target_os = "windows")) {
        return Err(String::from("directories are not watched on this system"));
    }
    let Some(name) = journal.file_name().map(|name| name.as_encoded_bytes().to_vec()) else {
        return Err(String::from("the journal has no file name"));
    };
    let waiting = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&waiting);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // an error of the watch is a hint too: whatever was missed is then seen
        if event.map_or(true, |event| tells(&event, &name)) && !flag.swap(true, Ordering::SeqCst) {
            wake();
        }
    })
    .map_err(|error| error.to_string())?;
    watcher.watch(place::parent(journal), RecursiveMode::NonRecursive).map_err(|error| error.to_string())?;
    Ok(Watch { waiting, _watcher: watcher })
}

/// Whether an event may mean that somebody wrote to the journal: reading and opening do not.
fn tells(event: &notify::Event, name: &[u8]) -> bool {
    let writes = match event.kind {
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    };
    let ours =
        |path: &std::path::PathBuf| path.file_name().is_some_and(|file| file.as_encoded_bytes().starts_with(name));
    event.need_rescan() || (writes && (event.paths.is_empty() || event.paths.iter().any(ours)))
}

/// When to ask the journal whether others have appended. Times are µs of any clock that does not go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    floor: i64,
    due: i64,
    /// How many questions were asked since the last hint; [`STEPS`] and more when that is over.
    asked: u32,
}

impl Backoff {
    /// Nothing was asked yet: ask at once. Without hints `floor` is [`BLIND`], else [`FLOOR`].
    pub fn new(floor: i64, now: i64) -> Backoff {
        Backoff { floor, due: now, asked: STEPS }
    }

    /// A hint came.
    pub fn hinted(&mut self, now: i64) {
        self.due = self.due.min(now);
        self.asked = 0;
    }

    /// When to ask next.
    pub fn due(&self) -> i64 {
        self.due
    }

    /// The journal was asked. A change starts the waits anew, because the hint may have been about the commit after it.
    pub fn asked(&mut self, now: i64, changed: bool) {
        if changed {
            self.asked = 0;
        }
        let wait = if self.asked < STEPS { 1_000_i64 << self.asked } else { self.floor };
        self.asked = self.asked.saturating_add(1);
        self.due = now.saturating_add(wait.min(self.floor));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, DataChange, MetadataKind};

    fn waits(backoff: &mut Backoff, n: usize) -> Vec<i64> {
        let mut wait = || {
            let now = backoff.due();
            backoff.asked(now, false);
            backoff.due() - now
        };
        (0..n).map(|_| wait()).collect()
    }

    #[test]
    fn without_hints_only_the_floor_asks() {
        let mut backoff = Backoff::new(FLOOR, 7);
        assert_eq!(backoff.due(), 7);
        assert_eq!(waits(&mut backoff, 3), [FLOOR; 3]);
    }

    #[test]
    fn after_a_hint_it_asks_at_once_and_then_ever_more_seldom() {
        let mut backoff = Backoff::new(FLOOR, 0);
        backoff.asked(0, false);
        backoff.hinted(50);
        assert_eq!(backoff.due(), 50);
        let expected = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, FLOOR];
        assert_eq!(waits(&mut backoff, 9), expected);
    }

    #[test]
    fn a_hint_never_makes_it_ask_later() {
        let mut backoff = Backoff::new(FLOOR, 0);
        backoff.hinted(10);
        assert_eq!(backoff.due(), 0);
    }

    #[test]
    fn a_change_starts_the_waits_anew() {
        let mut backoff = Backoff::new(FLOOR, 0);
        backoff.hinted(0);
        waits(&mut backoff, 5);
        backoff.asked(100, true);
        assert_eq!(backoff.due(), 1_100);
        assert_eq!(waits(&mut backoff, 1), [2_000]);
    }

    #[test]
    fn only_writing_to_the_journal_tells() {
        let event = |kind, path: &str| notify::Event::new(kind).add_path(path.into());
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        assert!(tells(&event(written, "/x/journal-wal"), b"journal"));
        assert!(tells(&event(EventKind::Create(CreateKind::File), "/x/journal-wal"), b"journal"));
        assert!(!tells(&event(written, "/x/gate.json"), b"journal"));
        assert!(!tells(&event(EventKind::Access(AccessKind::Any), "/x/journal"), b"journal"));
        assert!(!tells(&event(EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), "/x/journal"), b"journal"));
    }

    #[test]
    fn a_place_that_is_not_there_cannot_be_watched() {
        assert!(watch(Path::new("/nonexistent/quarterdeck/journal"), || {}).is_err());
    }
}

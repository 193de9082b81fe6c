//! Who asks what changed: files on threads of their own, backends beside one another, so that one that hangs keeps no other waiting.
//!
//! It must not know the screen; it is asked, and answers once.

use super::levers::Levers;
use super::{clock, login};
use crate::app::changes::{ChangeDesk, ChangesAsk};
use crate::app::feed::Pace;
use crate::app::msg::Msg;
use crate::config::backends::{Backend, BackendKind};
use crate::config::changes::{ChangeSource, ChangesFrom};
use crate::config::switches::Switch;
use crate::incident::change::{Reported, Told};
use crate::incident::time::{SECOND, Span, Time};
use crate::incident::trouble::Trouble;
use crate::liaison::backends::honeycomb::changes::Markers;
use crate::liaison::backends::prometheus::changes::Builds;
use crate::liaison::backends::prometheus::{Flavour, Prometheus};
use crate::liaison::changes::Lines;
use crate::liaison::{clean, disk};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// How often a backend is asked.
const RHYTHM: Span = Span::seconds(60);
/// How long files may take for an answer.
const DEADLINE: Duration = Duration::from_secs(20);
/// The same for somebody who waits for everything.
const ALONE: Duration = Duration::from_secs(120);
/// How long ago a flag file must have been written before a screen that looks at it says that what was changed was not seen.
const SETTLES: Span = Span::minutes(1);
/// How long one answer goes on reading new lines, µs; what is left is taken by the next.
const PATIENCE: i64 = 5 * SECOND;

/// A source of changes.
pub struct Source {
    name: String,
    kind: Kind,
}

enum Kind {
    Files(Arc<Mutex<Lines>>),
    Written(PathBuf),
    Audit { switch: Box<Switch>, levers: Levers },
    Series { backend: Backend, flavour: Option<Flavour>, builds: Builds, server: Option<Prometheus> },
    Markers { backend: Backend, dataset: String, markers: Option<Markers> },
}

/// Where questions go.
#[derive(Clone)]
pub struct Changes(UnboundedSender<ChangesAsk>);

impl Changes {
    /// Asks; nobody who listens any more is no trouble, because then nobody looks either.
    pub fn ask(&self, ask: ChangesAsk) {
        let _ = self.0.send(ask);
    }
}

/// A source as the screen knows it.
#[must_use]
pub fn desk(source: &ChangeSource) -> ChangeDesk {
    let is_near = matches!(source.asks, ChangesFrom::File(_) | ChangesFrom::Written(_));
    let pace = if is_near { Pace::NEAR } else { Pace::far(RHYTHM) };
    ChangeDesk::new(source.name.clone(), asks(source), pace)
}

/// What is asked, of whom: for people.
#[must_use]
pub fn asks(source: &ChangeSource) -> String {
    let words = match &source.asks {
        ChangesFrom::File(path) => format!("lines of {}", path.display()),
        ChangesFrom::Written(path) => format!("when {} was last written", path.display()),
        ChangesFrom::Audit(switch) => {
            let whose = switch.provider().map(|provider| provider.name.as_str()).unwrap_or_default();
            format!("the record of {} at {whose}", switch.name)
        }
        ChangesFrom::Markers { backend, dataset } => format!("markers of {dataset} at {backend}"),
        ChangesFrom::Series { backend, query } => format!("series of {query} at {backend}"),
    };
    clean::clean(&words, 240).into_owned()
}

impl Source {
    /// A configured source. Nobody is asked yet.
    ///
    /// # Errors
    /// The backend is not configured, or cannot be asked this.
    pub fn new(source: &ChangeSource, backends: &[Backend]) -> Result<Source, String> {
        let name = source.name.clone();
        let found = |wanted: &str| {
            let backend = backends.iter().find(|known| known.name == wanted).cloned();
            backend.ok_or_else(|| format!("[[changes]] {name}: there is no [[backend]] {wanted}"))
        };
        let kind = match &source.asks {
            ChangesFrom::Audit(switch) => Kind::Audit { switch: switch.clone(), levers: Levers::default() },
            ChangesFrom::Written(path) => Kind::Written(path.clone()),
            ChangesFrom::File(path) => Kind::Files(Arc::new(Mutex::new(Lines::new(&name, path)))),
            ChangesFrom::Markers { backend, dataset } => {
                Kind::Markers { backend: found(backend)?, dataset: dataset.clone(), markers: None }
            }
            ChangesFrom::Series { backend, query } => {
                let backend = found(backend)?;
                let BackendKind::Prometheus { flavour, .. } = &backend.kind else {
                    return Err(format!("[[changes]] {name}: [[backend]] {} has no series", backend.name));
                };
                let flavour = Flavour::of(flavour);
                Kind::Series { flavour, builds: Builds::new(&name, query), server: None, backend }
            }
        };
        Ok(Source { name, kind })
    }

    /// Asks what changed, however long it takes: for whoever asks once.
    ///
    /// # Errors
    /// Nobody answered, or what they answered is of no use.
    pub fn answer(&mut self, ask: &ChangesAsk) -> Result<Told, Trouble> {
        let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = built
            .map_err(|e| Trouble::Unreachable(format!("Nobody can be asked: {e}. No change is known. Try again.")))?;
        let answer = runtime.block_on(self.tell(ask, true));
        // a file that hangs must not keep the answer
        runtime.shutdown_background();
        answer
    }

    async fn tell(&mut self, ask: &ChangesAsk, whole: bool) -> Result<Told, Trouble> {
        let (from, until, now) = (ask.from, ask.until, ask.now);
        let told = match &mut self.kind {
            Kind::Files(lines) => files(&self.name, lines, (from, until), whole).await,
            Kind::Written(file) => written(&self.name, file.clone(), (from, until.min(now)), whole).await,
            Kind::Audit { switch, levers } => levers.changes(switch, from, until.min(now)).await,
            Kind::Series { backend, flavour, builds, server } => {
                let server = match server {
                    Some(server) => server,
                    none => none.insert(Prometheus::new(login::connect(backend).await?, *flavour)),
                };
                builds.ask(server, from, until, now).await
            }
            Kind::Markers { backend, dataset, markers } => {
                let markers = match markers {
                    Some(markers) => markers,
                    none => none.insert(Markers::new(&self.name, dataset, login::connect(backend).await?)),
                };
                markers.ask(from, until, now).await
            }
        };
        told.map(|told| told.near(ask.began))
    }
}

/// When a flag file was last written, if it was at that time. A screen that looks at its switches is given the time to see what was changed.
async fn written(name: &str, file: PathBuf, (from, until): (Time, Time), whole: bool) -> Result<Told, Trouble> {
    let label = clean::clean(&file.file_name().unwrap_or_default().to_string_lossy(), 80).into_owned();
    let work = tokio::task::spawn_blocking(move || disk::written(&file));
    let slow = || {
        Trouble::Unreachable(format!(
            "The {name} did not answer in time. When it was written is not known. See whether its disk answers; it is asked again."
        ))
    };
    let at = match tokio::time::timeout(DEADLINE, work).await {
        Ok(Ok(at)) => at?,
        Ok(Err(_)) | Err(_) => return Err(slow()),
    };
    let until = if whole { until } else { until.minus(SETTLES) };
    let is_then = at >= from && at <= until;
    let changes = is_then.then(|| Reported::written(&label, at, name)).into_iter().collect();
    Ok(Told { changes, ..Told::default() })
}

/// Reads what is new in files on a thread that may hang, and tells what they say about a time.
async fn files(
    name: &str,
    lines: &Arc<Mutex<Lines>>,
    (from, until): (Time, Time),
    whole: bool,
) -> Result<Told, Trouble> {
    let lines = Arc::clone(lines);
    let slow = |what: &str| {
        Trouble::Unreachable(format!(
            "The files of {name} {what}. What is known of them grows old. See whether their disk answers; they are asked again."
        ))
    };
    let work = tokio::task::spawn_blocking(move || {
        let mut lines = match lines.try_lock() {
            Ok(lines) => lines,
            // what was taken of lines before a panic is whole
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let began = clock::steady();
        let read = loop {
            match lines.read() {
                Ok(true) if whole || clock::steady() - began < PATIENCE => {}
                Ok(_) => break Ok(()),
                Err(trouble) => break Err(trouble),
            }
        };
        Some(read.map(|()| lines.told(from, until)))
    });
    match tokio::time::timeout(if whole { ALONE } else { DEADLINE }, work).await {
        Ok(Ok(Some(told))) => told,
        Ok(Ok(None)) => Err(slow("are still being read")),
        Ok(Err(_)) => Err(slow("could not be read")),
        Err(_) => Err(slow("did not answer in time")),
    }
}

/// Starts who answers, on a thread that `spawn` starts; without a source nothing is started.
///
/// # Errors
/// As [`Source::new`], or the thread cannot be started.
pub fn start(
    configured: &[ChangeSource],
    backends: &[Backend],
    answers: &Sender<Msg>,
    spawn: impl FnOnce(&str, Box<dyn FnOnce() + Send>) -> Result<(), String>,
) -> Result<Changes, String> {
    let sources: Vec<Source> =
        configured.iter().map(|source| Source::new(source, backends)).collect::<Result<_, _>>()?;
    let (ask, questions) = tokio::sync::mpsc::unbounded_channel();
    if !sources.is_empty() {
        let tell = answers.clone();
        spawn("changes", Box::new(move || serve(sources, questions, &tell)))?;
    }
    Ok(Changes(ask))
}

/// Answers until nobody asks any more. A newer question to a source replaces an older one that waits.
fn serve(sources: Vec<Source>, mut questions: UnboundedReceiver<ChangesAsk>, answers: &Sender<Msg>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    let tasks = tokio::task::LocalSet::new();
    let sources: Vec<Rc<tokio::sync::Mutex<Source>>> =
        sources.into_iter().map(|source| Rc::new(tokio::sync::Mutex::new(source))).collect();
    let newest = Rc::new(RefCell::new(BTreeMap::new()));
    tasks.block_on(&runtime, async move {
        while let Some(ask) = questions.recv().await {
            let Some(source) = sources.get(ask.source).map(Rc::clone) else { continue };
            let (tell, newest) = (answers.clone(), Rc::clone(&newest));
            newest.borrow_mut().insert(ask.source, ask.ticket);
            tokio::task::spawn_local(async move {
                let mut source = source.lock().await;
                if newest.borrow().get(&ask.source) != Some(&ask.ticket) {
                    return;
                }
                let answer = source.tell(&ask, false).await;
                let _ = tell.send(Msg::ToldChanges { source: ask.source, ticket: ask.ticket, answer });
            });
        }
    });
    runtime.shutdown_background();
}

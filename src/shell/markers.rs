//! Sets markers and looks for them, each for itself on a thread of its own: a backend that hangs keeps no act waiting, and no other marker.
//!
//! It must not know the screen; it is asked, and answers once.

use super::{clock, login};
use crate::app::msg::Msg;
use crate::config::backends::Backend;
use crate::incident::intent::{Seen, Settled};
use crate::incident::marker::Marker;
use crate::incident::trouble::Trouble;
use crate::liaison::backends::honeycomb::markers::Markers as Graphs;
use crate::liaison::http;
use crate::liaison::outcome::CarryOutcome;
use std::future::Future;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// How long the secret of a backend may take to be found; then the marker is not set.
const SECRET: Duration = Duration::from_secs(4);
/// How long a list of markers may lag behind.
const LAG: Duration = Duration::from_secs(1);

/// What is asked of this thread.
pub enum Order {
    /// Set a marker that is in the journal, once.
    Set(Box<Marker>),
    /// Look for one whose outcome nobody knows.
    Seek(Box<Marker>),
}

/// The backends whose graphs show markers.
#[derive(Clone, Debug, Default)]
pub struct Markers(Vec<Backend>);

impl Markers {
    /// Those of all configured backends that show markers.
    #[must_use]
    pub fn of(backends: &[Backend]) -> Markers {
        Markers(backends.iter().filter(|backend| backend.markers().is_some()).cloned().collect())
    }

    /// Nobody shows markers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a marker, once, and says how it ended: for a command, which waits for it.
    pub fn settle(&self, marker: &Marker) -> Settled {
        let done = alone(self.set(marker));
        done.unwrap_or_else(|trouble| CarryOutcome::after(trouble).settles(marker.id))
    }

    /// Looks for a marker: for a command, which waits for it.
    ///
    /// # Errors
    /// Nobody can say whether it is there.
    pub fn seek(&self, marker: &Marker) -> Result<Seen, Trouble> {
        alone(self.look(marker))?
    }

    /// Whether a backend takes markers, found out without setting one; in words.
    ///
    /// # Errors
    /// What stands against it.
    pub fn check(&self, backend: &Backend) -> Result<String, Trouble> {
        alone(async { self.graphs(&backend.name).await?.check(clock::real()).await })?
    }

    /// Serves orders until nobody gives any. Each is a task of its own.
    pub fn serve(self, mut orders: UnboundedReceiver<Order>, answers: &Sender<Msg>) {
        let Ok(runtime) = runtime() else { return };
        let own = Rc::new(self);
        let tasks = tokio::task::LocalSet::new();
        tasks.block_on(&runtime, async move {
            while let Some(order) = orders.recv().await {
                let (own, tell) = (Rc::clone(&own), answers.clone());
                tokio::task::spawn_local(async move {
                    let answer = match order {
                        Order::Set(marker) => Msg::Carried(Box::new(own.set(&marker).await)),
                        Order::Seek(marker) => Msg::Sought { marker: marker.id, answer: own.look(&marker).await },
                    };
                    let _ = tell.send(answer);
                });
            }
        });
        // a command that looks for a secret may go on: nobody waits for it
        runtime.shutdown_background();
    }

    async fn set(&self, marker: &Marker) -> Settled {
        let set = async { self.graphs(&marker.what.target).await?.set(&marker.what, clock::real()).await };
        let ended = match set.await {
            Ok(id) => CarryOutcome::done(id.clone(), format!("marker {id} is set")),
            Err(trouble) => CarryOutcome::after(trouble),
        };
        ended.settles(marker.id)
    }

    async fn look(&self, marker: &Marker) -> Result<Seen, Trouble> {
        let graphs = self.graphs(&marker.what.target).await?;
        let mut found = graphs.find(&marker.what, clock::real()).await?;
        if found.is_err() {
            http::pause(LAG).await;
            found = graphs.find(&marker.what, clock::real()).await?;
        }
        let (value, detail) = match found {
            Ok(id) => (marker.what.words.clone(), format!("it is marker {id} there")),
            Err(others) => (String::new(), format!("it is not among the {others} that are there")),
        };
        Ok(Seen { target: marker.what.target.clone(), value, intent: Some(marker.id), detail, found: None })
    }

    async fn graphs(&self, name: &str) -> Result<Graphs, Trouble> {
        let backend = self.0.iter().find(|backend| backend.name == name);
        let Some((backend, dataset)) = backend.and_then(|backend| Some((backend, backend.markers()?))) else {
            let words = format!("No backend called {name} shows markers. No marker was set. Check the configuration.");
            return Err(Trouble::Refused(words));
        };
        let http = match tokio::time::timeout(SECRET, login::connect(backend)).await {
            Ok(http) => http?,
            Err(_) => {
                let seconds = SECRET.as_secs();
                let words = format!(
                    "The secret of {name} was not found within {seconds} s. No marker was set. Set it by hand."
                );
                return Err(Trouble::Denied(words));
            }
        };
        Ok(Graphs::new(http, dataset))
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Waits for one answer.
fn alone<T>(work: impl Future<Output = T>) -> Result<T, Trouble> {
    let runtime = runtime().map_err(|e| {
        Trouble::Unreachable(format!("Nobody can be asked: {e}. No marker was set. See quarterdeck doctor."))
    })?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    Ok(done)
}

//! How much of the traffic one value is, asked beside something that does not wait for it: on a thread of its own, which nobody waits for longer
//! than they want. It must not know what is decided meanwhile.

use super::{KEPT, Source, refused, shared};
use crate::config::backends::Backend;
use crate::config::blocks::Slo;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::shares::{Asked, Shares};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// A question that is being answered.
pub struct Weighing {
    name: String,
    answers: Receiver<Result<Shares, Trouble>>,
}

impl Weighing {
    /// Asks how values share the events of an objective; whoever counts turns writes them down in `runs`.
    pub fn start(slo: &Slo, backends: &[Backend], runs: &Path, asked: Asked, now: Time) -> Weighing {
        let (tell, answers) = channel();
        let name = slo.name.clone();
        let (slo, backends, runs) = (slo.clone(), backends.to_vec(), runs.to_owned());
        let work = move || {
            let source = Source::within(&slo, &backends, &shared(&runs)).map_err(refused);
            // nobody may be waiting any more
            let _ = tell.send(source.and_then(|mut source| source.shares(&asked, now, KEPT)));
        };
        // where it cannot be started nobody answers, and that is said
        let _ = std::thread::Builder::new().name("weighing".into()).spawn(work);
        Weighing { name, answers }
    }

    /// The answer, if it comes in this time.
    ///
    /// # Errors
    /// Nobody answered, in time or at all, or they refused.
    pub fn within(self, patience: Duration) -> Result<Shares, Trouble> {
        let name = &self.name;
        let next = "Nothing was counted. Ask again.";
        self.answers.recv_timeout(patience).unwrap_or_else(|error| {
            Err(Trouble::Unreachable(match error {
                RecvTimeoutError::Timeout => {
                    format!("{name} was not counted within {} s. {next}", patience.as_secs())
                }
                RecvTimeoutError::Disconnected => format!("{name} could not be counted. {next}"),
            }))
        })
    }
}

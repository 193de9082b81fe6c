//! How hosts behave, as a scenario has it: what they hold, how it is sent to them, and what they cannot bear. It must not know what a host does
//! when; that is `hosts`' matter.

use crate::incident::time::{Span, Time};

/// How the hosts behave: each follows the flags into what they name, in its own time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The hosts; each takes the same share of the traffic. What a host that is out would have answered is refused.
    pub hosts: Vec<String>,
    /// Which hosts are sent things together; none when all always are.
    pub batches: Vec<Batch>,
    /// The build they run.
    pub build: Part,
    /// The builds that do not start.
    pub broken: Vec<String>,
    /// How long after being told to run a broken build the first host is out, and the last; seconds.
    pub out_after: (u32, u32),
    /// What else they hold: data, configuration.
    pub parts: Vec<Part>,
    /// What they cannot bear.
    pub faults: Vec<Fault>,
}

impl Rules {
    /// Everything a host holds, the build first.
    pub fn held(&self) -> impl Iterator<Item = &Part> {
        std::iter::once(&self.build).chain(&self.parts)
    }

    /// Every flag that the hosts follow, each once.
    pub fn flags(&self) -> Vec<&str> {
        let mut flags: Vec<&str> = Vec::new();
        for part in self.held() {
            for flag in std::iter::once(&part.flag).chain(part.again.as_ref().map(|again| &again.flag)) {
                if !flags.contains(&flag.as_str()) {
                    flags.push(flag);
                }
            }
        }
        flags
    }

    /// The batch a host belongs to.
    pub fn batch(&self, host: usize) -> Option<&str> {
        self.batches.iter().find(|batch| batch.hosts.contains(&host)).map(|batch| batch.name.as_str())
    }
}

/// Hosts that are sent things together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its name, which the events of its hosts carry.
    pub name: String,
    /// Its hosts, by their place among all.
    pub hosts: Vec<usize>,
}

/// Something that hosts hold and that a flag names: a build, a version of data or of configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field of the events that says which one a host holds.
    pub field: String,
    /// The flag that names it.
    pub flag: String,
    /// Every one the flag can name.
    pub values: Vec<String>,
    /// What they hold before anything is sent.
    pub before: String,
    /// What the flag file says when the drill opens.
    pub first: String,
    /// When what the flag says is sent to which hosts; at least once. From the first on, whatever the flag is set to is sent to all hosts.
    pub sends: Vec<Sending>,
    /// How long after it is sent the first host holds it, and the last; seconds.
    pub takes: (u32, u32),
    /// Something that sends by itself what the flag said at first.
    pub again: Option<Again>,
    /// The place whose gate its pipeline asks before it sends further; it waits while that is frozen.
    pub gate: Option<String>,
}

/// Something is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// When.
    pub at: Time,
    /// To which hosts, by their place among all.
    pub hosts: Vec<usize>,
}

/// What sends by itself, again and again after the first time, whatever the part's own flag says by then. Once stopped, it leaves all hosts to
/// that flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// The flag that stops it.
    pub flag: String,
    /// What that flag serves while it is not stopped.
    pub on: String,
    /// How often it sends.
    pub every: Span,
}

/// What hosts cannot bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What a host holds then: which part, the build being 0, and which of its values, all of them together.
    pub with: Vec<(usize, usize)>,
    /// What becomes of it.
    pub harm: Harm,
}

/// What becomes of a host that holds what it cannot bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// It answers with this status.
    Answers(u16),
    /// It serves well for a while, is out, starts again by itself, and so on; each the shortest and the longest in seconds.
    Crashes {
        /// How long it serves.
        serves: (u32, u32),
        /// How long it is out.
        out: (u32, u32),
    },
}

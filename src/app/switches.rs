//! The configured switches and plans as the screen knows them: what can be done with each, and what was last seen of it. It must not know how any is
//! reached.

use super::feed::{Feed, Pace};
use crate::incident::second::Two;
use crate::incident::switch::Sight;

/// A configured switch and what was last seen of it.
#[derive(Clone, Debug)]
pub struct SwitchDesk {
    /// Its name.
    pub name: String,
    /// Where it is ("production").
    pub environment: String,
    /// The variant served after a stop.
    pub stop: String,
    /// Stopping it takes the typed name.
    pub critical: bool,
    /// What can be done with it.
    pub offers: Offers,
    /// How often it is worth looking.
    pub pace: Pace,
    /// What was last seen.
    pub feed: Feed<Sight>,
    /// What was seen when the record was last compared with it: while the journal was busy nobody did.
    pub compared: Option<Sight>,
}

/// What can be done with a switch beside stopping it and taking that back, as it is configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// The kind of context that one can be excluded by; none where nobody is told apart.
    pub whom: Option<String>,
    /// The field of the events that names such a context, so that its share of the traffic is known.
    pub field: Option<String>,
    /// It can serve a share.
    pub percent: bool,
    /// It can be restored although nobody stopped it here.
    pub restores: bool,
    /// Its provider has approvers who can be asked.
    pub requests: bool,
    /// Its provider puts something back by itself at a time.
    pub schedules: bool,
    /// Its provider keeps a record of what is changed, which is read.
    pub audited: bool,
    /// Somebody can ask as clients do what they are served.
    pub observes: bool,
    /// Which acts on it need a second person.
    pub two: Two,
}

impl SwitchDesk {
    /// What must be typed to confirm: environment and name.
    pub fn exact(&self) -> String {
        match self.environment.as_str() {
            "" => self.name.clone(),
            environment => format!("{environment}/{}", self.name),
        }
    }
}

/// Switches that are stopped together, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDesk {
    /// Its name.
    pub name: String,
    /// The switches, by name.
    pub switches: Vec<String>,
    /// What happens to whom.
    pub note: Option<String>,
}

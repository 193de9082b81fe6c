//! Who holds which role. Exactly one person commands at every instant after declaring.

use super::command::{Refusal, worded};
use super::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A role in the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Decides, assigns, keeps goals and clock.
    Commander,
    /// Stands in for the commander.
    Deputy,
    /// The only one who changes the system.
    Ops,
    /// Words for the public.
    Comms,
    /// Keeps the timeline.
    Scribe,
    /// Words for the company.
    Liaison,
}

impl Role {
    /// All roles, the commander first.
    pub const ALL: [Role; 6] = [Role::Commander, Role::Deputy, Role::Ops, Role::Comms, Role::Scribe, Role::Liaison];
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            Role::Commander => "commander",
            Role::Deputy => "deputy",
            Role::Ops => "ops",
            Role::Comms => "comms",
            Role::Scribe => "scribe",
            Role::Liaison => "liaison",
        }
    }
    /// Reads a word, or *ic* and *command* for the commander.
    pub fn parse(text: &str) -> Option<Role> {
        match text.trim().to_ascii_lowercase().as_str() {
            "ic" | "command" => Some(Role::Commander),
            word => Role::ALL.into_iter().find(|r| r.word() == word),
        }
    }
}

/// Somebody holds a role from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleTaken {
    /// Which.
    pub role: Role,
    /// Who.
    pub person: String,
}

/// A role was offered; the one who holds it keeps it until it is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleOffered {
    /// Which.
    pub role: Role,
    /// To whom.
    pub to: String,
}

/// An offer was declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDeclined {
    /// Which.
    pub role: Role,
    /// By whom.
    pub by: String,
}

/// A role has nobody from now on. Never the commander's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleLeft {
    /// Which.
    pub role: Role,
}

/// Who holds what, since when, and what is on offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    held: BTreeMap<Role, (String, Time)>,
    offered: BTreeMap<Role, (String, String, Time)>,
}

impl Roster {
    /// Who holds a role, and since when.
    pub fn holder(&self, role: Role) -> Option<(&str, Time)> {
        self.held.get(&role).map(|(who, since)| (who.as_str(), *since))
    }
    /// To whom a role is on offer, by whom, since when.
    pub fn offer(&self, role: Role) -> Option<(&str, &str, Time)> {
        self.offered.get(&role).map(|(to, by, since)| (to.as_str(), by.as_str(), *since))
    }
    /// All roles held, the commander first.
    pub fn held(&self) -> impl Iterator<Item = (Role, &str, Time)> {
        self.held.iter().map(|(role, (who, since))| (*role, who.as_str(), *since))
    }

    pub(super) fn taken(&mut self, role: Role, person: &str, at: Time) {
        self.held.insert(role, (person.into(), at));
        self.offered.remove(&role);
    }
    pub(super) fn offered(&mut self, role: Role, to: &str, by: &str, at: Time) {
        self.offered.insert(role, (to.into(), by.into(), at));
    }
    pub(super) fn declined(&mut self, role: Role) {
        self.offered.remove(&role);
    }
    pub(super) fn left(&mut self, role: Role) {
        if role != Role::Commander {
            self.held.remove(&role);
        }
    }

    pub(super) fn check_take(&self, role: Role, person: &str) -> Result<(), Refusal> {
        worded(person, "The name")?;
        match self.holder(role) {
            Some((who, since)) if who == person => Err(Refusal::new(
                format!("{who} has been {} since {} UTC.", role.word(), since.date_and_minutes()),
                "Name somebody else.",
            )),
            _ => Ok(()),
        }
    }
    pub(super) fn check_offer(&self, role: Role, to: &str) -> Result<(), Refusal> {
        self.check_take(role, to)
    }
    pub(super) fn check_offered(&self, role: Role, to: &str) -> Result<(), Refusal> {
        match self.offer(role) {
            Some((offered, ..)) if offered == to => Ok(()),
            Some((offered, by, _)) => Err(Refusal::new(
                format!("{by} offered the role of {} to {offered}, not to {to}.", role.word()),
                format!("Let {offered} answer, or take the role outright."),
            )),
            None => Err(Refusal::new(
                format!("The role of {} is not on offer.", role.word()),
                "Have it offered, or take it outright.",
            )),
        }
    }
    pub(super) fn check_leave(&self, role: Role) -> Result<(), Refusal> {
        if role == Role::Commander {
            return Err(Refusal::new(
                "There is no moment without a commander.",
                "Offer command to somebody; it stays where it is until they accept.",
            ));
        }
        self.holder(role)
            .map(|_| ())
            .ok_or_else(|| Refusal::new(format!("Nobody is {}.", role.word()), "There is nothing to give up."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commander_cannot_leave_and_an_offer_moves_nothing() {
        let mut roster = Roster::default();
        roster.taken(Role::Commander, "Ana", Time(0));
        roster.offered(Role::Commander, "Ben", "Ana", Time(1));
        roster.left(Role::Commander);
        assert_eq!(roster.holder(Role::Commander), Some(("Ana", Time(0))));
        assert!(roster.check_offered(Role::Commander, "Cho").is_err());
        assert!(roster.check_offered(Role::Commander, "Ben").is_ok());
        roster.taken(Role::Commander, "Ben", Time(2));
        assert_eq!((roster.holder(Role::Commander), roster.offer(Role::Commander)), (Some(("Ben", Time(2))), None));
    }
}

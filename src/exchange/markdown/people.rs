//! Who did what in the response, and what it protected, in a report.

use super::page::Page;
use super::{Report, escape};
use crate::incident::fact::Fact;
use crate::incident::roster::Role;
use crate::incident::time::Time;
use std::io;

/// A stretch in which somebody held a role.
struct Held<'a> {
    role: Role,
    who: &'a str,
    since: Time,
    until: Option<Time>,
}

impl Report<'_> {
    pub(super) fn people(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "People and roles")?;
        let held = self.roles();
        if held.is_empty() {
            page.says("Nobody held a role.")?;
        } else {
            let rows: Vec<[String; 4]> = held
                .iter()
                .map(|h| {
                    let until = h.until.map_or_else(|| "still".to_string(), |until| self.at(until));
                    [h.role.word().to_string(), escape::inline(h.who), self.at(h.since), until]
                })
                .collect();
            page.table(["Role", "Who", "Since (UTC)", "Until (UTC)"], &rows)?;
        }
        for role in Role::ALL {
            if let Some((to, by, since)) = self.incident.roster().offer(role) {
                page.item(&format!(
                    "{} offered the role of {} to {} at {}; it was neither accepted nor declined.",
                    escape::inline(by),
                    role.word(),
                    escape::inline(to),
                    self.at(since)
                ))?;
            }
        }
        let mut people: Vec<(&str, Time)> = self.incident.people().iter().map(|(p, at)| (p.as_str(), *at)).collect();
        people.sort_by_key(|(who, at)| (*at, *who));
        let named = people.iter().map(|(who, at)| format!("{} ({})", escape::inline(who), self.at(*at)));
        let named: Vec<String> = named.collect();
        if named.is_empty() {
            return Ok(());
        }
        page.says(&format!("Took part, with the time of the first word: {}.", named.join(", ")))
    }

    /// Every stretch of every role, the commander's first, in the order in which they were recorded.
    fn roles(&self) -> Vec<Held<'_>> {
        let mut held: Vec<Held<'_>> = Vec::new();
        for entry in self.entries {
            let role = match &entry.fact {
                Fact::RoleTaken(fact) => fact.role,
                Fact::RoleLeft(fact) => fact.role,
                _ => continue,
            };
            if let Some(open) = held.iter_mut().find(|h| h.role == role && h.until.is_none()) {
                open.until = Some(entry.at);
            }
            if let Fact::RoleTaken(fact) = &entry.fact {
                held.push(Held { role, who: &fact.person, since: entry.at, until: None });
            }
        }
        held.sort_by_key(|h| h.role);
        held
    }

    pub(super) fn goals(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.heading(2, "Goals")?;
        if self.incident.goals().is_empty() {
            return page.says("No goal was ranked.");
        }
        let rows: Vec<[String; 2]> =
            self.incident.goals().iter().map(|(rank, text)| [rank.to_string(), escape::inline(text)]).collect();
        page.says("What is protected first stands first.")?;
        page.table(["Rank", "Protects"], &rows)
    }
}

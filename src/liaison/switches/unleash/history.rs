//! What its record says was changed, by whom: from and to are what was served, worked back from what is served now. What one person changed within a
//! few seconds is one change, so that an act of several requests is one and is known again by what it led to.

use super::state::State;
use super::wire::{self, Event};
use super::{LOOKING, Unleash, address};
use crate::incident::change::{Changed, Reported, Told};
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;

/// How many events are asked for at once, and how often at most.
const PAGE: usize = 100;
const PAGES: usize = 5;
/// What one person does within this is one change.
const TOGETHER: Span = Span::seconds(3);
/// The word for a change of strategies.
const STRATEGIES: &str = "strategies";

/// One event, and what was served before and after it where that can be told.
struct Turned {
    at: Time,
    by: String,
    /// What happened, in a word; empty where from and to say it.
    verb: &'static str,
    /// It was turned on or off.
    is_flip: bool,
    served: Option<(String, String)>,
}

impl Unleash {
    /// What was changed in a time, its end excluded.
    ///
    /// # Errors
    /// Nobody answered, or what they answered cannot be read.
    pub async fn changes(&self, since: Time, until: Time, now: Time) -> Result<Told, Trouble> {
        let (mut events, mut doubts) = (Vec::new(), Vec::new());
        // the flag first: what happens between the two questions is told by the next
        let flag = self.read(LOOKING, now).await?;
        for page in 0..PAGES {
            let (name, offset) = (format!("IS:{}", self.flag), (page * PAGE).to_string());
            let limit = PAGE.to_string();
            let pairs = [("feature", name.as_str()), ("limit", limit.as_str()), ("offset", offset.as_str())];
            let reply = self.get(&address(&["api", "admin", "search", "events"], &pairs), LOOKING, now).await?;
            let found = wire::events(&reply.body).map_err(|why| self.garbled(&reply.shown(&why), LOOKING))?;
            let is_last = found.0.len() < PAGE || found.0.iter().any(|event| event.at < since);
            events.extend(found.0);
            if is_last {
                break;
            }
            if page + 1 == PAGES {
                doubts.push(format!("only the last {} events of {} were read", events.len(), self.flag));
            }
        }
        events.retain(|event| event.environment.as_deref().is_none_or(|place| place == self.environment));
        let changes = together(back(flag.state, &events).into_iter().filter(|one| (since..until).contains(&one.at)));
        let changes = changes.into_iter().map(|one| self.reported(one)).collect();
        Ok(Told { changes, more: 0, doubts })
    }

    fn reported(&self, one: Turned) -> Reported {
        let name = format!("{} in {}", self.flag, self.environment);
        let subject = if one.verb.is_empty() { name } else { format!("{name}, {}", one.verb) };
        let (from, to) = one.served.filter(|(from, to)| from != to).unzip();
        let by = Some(one.by).filter(|by| !by.is_empty());
        let change = Changed { what: "flag".into(), subject, from, to, by, source: Some("unleash".into()) };
        Reported { at: one.at, change, until: None, within: Span(0) }
    }
}

/// Walks back from what there is now, the newest event first; the oldest comes first in what is returned.
fn back(now: State, events: &[Event]) -> Vec<Turned> {
    let mut after = Some(now);
    let mut found = Vec::new();
    for event in events {
        let Some(verb) = verb(&event.kind) else { continue };
        let before = after.as_ref().and_then(|after| undone(after, event));
        let served = before.as_ref().zip(after.as_ref()).map(|(before, after)| (before.served(), after.served()));
        found.push(Turned { at: event.at, by: event.by.clone(), verb, is_flip: verb.is_empty(), served });
        after = before;
    }
    found.reverse();
    found
}

/// What happened, in a word, unless from and to say it; none for what changes nothing that is served.
fn verb(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "feature-environment-enabled" | "feature-environment-disabled" => "",
        "feature-strategy-update" | "feature-strategy-add" | "feature-strategy-remove" => STRATEGIES,
        "feature-created" => "created",
        "feature-archived" | "feature-deleted" => "archived",
        "feature-revived" => "revived",
        "feature-dependency-added" | "feature-dependency-removed" | "feature-dependencies-removed" => "dependencies",
        "feature-project-change" => "moved to another project",
        "feature-environment-variants-updated" => "variants",
        "strategy-order-changed" => "order of strategies",
        _ => return None,
    })
}

/// What there was before an event; none where it does not fit what there was after.
fn undone(after: &State, event: &Event) -> Option<State> {
    let mut state = after.clone();
    let [data, old] = [&event.data, &event.before].map(wire::strategy);
    match event.kind.as_str() {
        "feature-environment-enabled" if state.enabled => state.enabled = false,
        "feature-environment-disabled" if !state.enabled => state.enabled = true,
        "feature-strategy-add" => {
            let added = data?;
            let place = state.strategies.iter().position(|one| one.id == added.id)?;
            state.strategies.remove(place);
        }
        "feature-strategy-remove" => state.strategies.push(old?),
        "feature-strategy-update" => {
            let (updated, old) = (data?, old?);
            *state.strategies.iter_mut().find(|one| one.id == updated.id)? = old;
        }
        "feature-environment-enabled" | "feature-environment-disabled" => return None,
        _ => {}
    }
    Some(state)
}

/// What one person changed in one go, as one change: strategies, and at most once on or off, so that what was put back at once is told too.
fn together(all: impl Iterator<Item = Turned>) -> Vec<Turned> {
    let mut found: Vec<(Time, Turned)> = Vec::new();
    for one in all {
        match found.last_mut() {
            Some((last, known)) if known.goes_with(&one) && one.at.since(*last) <= TOGETHER => {
                *last = one.at;
                let from = known.served.take().map(|(from, _)| from);
                known.served = from.zip(one.served.map(|(_, to)| to));
                known.is_flip |= one.is_flip;
            }
            _ => found.push((one.at, one)),
        }
    }
    found.into_iter().map(|(_, one)| one).collect()
}

impl Turned {
    fn goes_with(&self, next: &Turned) -> bool {
        let is_part = |one: &Turned| one.is_flip || one.verb == STRATEGIES;
        self.by == next.by && is_part(self) && is_part(next) && !(self.is_flip && next.is_flip)
    }
}

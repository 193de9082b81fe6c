//! From what the journal's thread answers to what the screen understands. It must not know the screen.

use crate::app::msg::{AppendTrouble, Msg};
use crate::incident::entry::{Entry, Number, STANDING};
use crate::incident::headline;
use crate::journal::keeper::Answer;
use crate::journal::{Damage, Read};
use std::collections::BTreeMap;

/// What the journal's thread says, as messages; in order.
pub fn told(answer: Answer) -> Vec<Msg> {
    match answer {
        Answer::Appended { streams, .. } => {
            let entries = streams.into_iter();
            let mut messages: Vec<Msg> =
                entries.map(|s| Msg::Entries { number: s.number, entries: s.entries, more: false }).collect();
            messages.push(Msg::Appended(Ok(())));
            messages
        }
        Answer::Moved { newer, .. } => {
            let taken = newer.first().filter(|e| e.seq == 1 && e.incident != STANDING).map(|e| e.incident);
            if let Some(number) = taken {
                return vec![Msg::Appended(Err(AppendTrouble::Taken(number.saturating_add(1))))];
            }
            let mut streams: BTreeMap<Number, Vec<Entry>> = BTreeMap::new();
            for entry in newer {
                streams.entry(entry.incident).or_default().push(entry);
            }
            let entries = streams.into_iter();
            let mut messages: Vec<Msg> =
                entries.map(|(number, entries)| Msg::Entries { number, entries, more: false }).collect();
            messages.push(Msg::Appended(Err(AppendTrouble::Moved)));
            messages
        }
        Answer::Failed { trouble, .. } => vec![Msg::Appended(Err(AppendTrouble::Failed(trouble.to_string())))],
        Answer::Since { number, read, .. } | Answer::Changed { number, read } => batch(number, read),
        Answer::Trouble { trouble, .. } => vec![Msg::JournalTrouble(trouble.to_string())],
        Answer::Last { number, read } => {
            let total = read.entries.last().map_or(0, |entry| entry.seq);
            let mut messages = vec![Msg::Glimpse { number, entries: read.entries, total }];
            messages.extend(read.damage.map(|damage| damaged(number, &damage)));
            messages
        }
        Answer::Each(streams) => {
            let incidents = streams.into_iter().filter(|(number, _)| *number != STANDING);
            let incidents = incidents.map(|(number, read)| headline::of(number, read.entries));
            vec![Msg::Incidents(incidents.filter(|incident| incident.opened().is_some()).collect())]
        }
        // a stream that nobody here follows has grown: another incident
        Answer::Heads(_) => vec![Msg::Grown],
        Answer::Kinds { .. } => Vec::new(),
    }
}

fn batch(number: Number, read: Read) -> Vec<Msg> {
    let mut messages = vec![Msg::Entries { number, entries: read.entries, more: read.more }];
    messages.extend(read.damage.map(|damage| damaged(number, &damage)));
    messages
}

fn damaged(number: Number, damage: &Damage) -> Msg {
    Msg::JournalTrouble(format!(
        "Entry {} of incident {number} is damaged: {}. What is before it is shown; nothing was changed. Run quarterdeck doctor.",
        damage.seq, damage.why
    ))
}

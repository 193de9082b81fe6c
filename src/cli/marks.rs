//! Markers that what was recorded asks for: set once, after the answer was given, so that nothing waits for them; then those of the same
//! incident are looked for whose end nobody knows. It must not know how they are set.

use super::desk::{Desk, Io};
use super::fault::Fault;
use super::stream::Stream;
use super::{paper, record};
use crate::incident::command::Command;
use crate::incident::entry::{Entry, EntryId};
use crate::incident::fact::Fact;
use crate::incident::intent::Outcome;
use crate::incident::marker::Marker;
use crate::incident::time::Span;
use crate::journal::Journal;
use crate::shell::markers::Markers;

/// How long a marker of another run may be without an outcome before it is looked for.
const LOST: Span = Span::minutes(1);

/// Sets the markers that new entries ask for. Whatever becomes of them, what was recorded stands: it is said beside the answer, quietly.
pub fn follow(desk: &mut Desk, io: &mut Io<'_>, journal: &mut Journal, stream: &mut Stream, new: &[Entry]) {
    let fresh: Vec<EntryId> =
        new.iter().filter(|entry| matches!(entry.fact, Fact::MarkerIntended(_))).map(|entry| entry.id).collect();
    if fresh.is_empty() {
        return;
    }
    let markers = Markers::of(&desk.config.backends);
    for id in &fresh {
        let Some(marker) = stream.incident.markers().find(*id).cloned() else { continue };
        let settled = markers.settle(&marker);
        let (outcome, detail) = (settled.outcome, settled.detail.clone());
        if outcome != Outcome::Done {
            say(io, &format!("marker at {} {}: {detail}", marker.what.target, outcome.word()));
        }
        let written = record::append(desk, journal, stream, &Command::Settle(settled), None);
        written.map(drop).unwrap_or_else(|fault| unwritten(io, &marker, outcome.word(), &fault));
    }
    let now = desk.now();
    let own = |marker: &Marker| fresh.contains(&marker.id) && marker.is_unsure();
    let lost = |marker: &Marker| {
        let since = marker.end.as_ref().map_or(marker.at, |end| end.at);
        marker.is_open() && desk.config.rules.markers.contains(&marker.what.target) && now.since(since) > LOST
    };
    // one for each backend is enough to know whether it answers: the others are looked for with the next command
    let mut silent: Vec<String> = Vec::new();
    let open: Vec<Marker> =
        stream.incident.markers().all().iter().filter(|marker| own(marker) || lost(marker)).cloned().collect();
    for marker in open {
        if silent.contains(&marker.what.target) {
            continue;
        }
        match markers.seek(&marker) {
            Err(_) => silent.push(marker.what.target.clone()),
            Ok(seen) => {
                let there = if seen.value.is_empty() { "not there" } else { "there" };
                say(io, &format!("marker at {} looked for: {there}, {}", seen.target, seen.detail));
                let written = record::append(desk, journal, stream, &Command::See(seen), None);
                written.map(drop).unwrap_or_else(|fault| unwritten(io, &marker, there, &fault));
            }
        }
    }
}

/// Beside the answer; where nobody reads it, nobody misses it.
fn say(io: &mut Io<'_>, words: &str) {
    let _ = writeln!(io.err, "{}", paper::line(words, 1_000));
}

/// What became of a marker could not be written down: who opens the journal next looks for it.
fn unwritten(io: &mut Io<'_>, marker: &Marker, how: &str, fault: &Fault) {
    say(io, &format!("That the marker at {} is {how} is not in the journal: {fault}", marker.what.target));
}

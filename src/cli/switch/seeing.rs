//! What was done is looked for where clients ask, for a short time: accepted is not observed. It must not know how a provider is reached, and
//! sends nothing.

use super::super::desk::{Desk, Io};
use super::super::fault::{Fault, Kind};
use super::super::stream::Stream;
use super::super::{acts, paper};
use crate::incident::command::Command;
use crate::incident::entry::Entry;
use crate::incident::intent::{Intent, Outcome, Settled};
use crate::journal::Journal;
use crate::shell::clock;
use std::time::Duration;

/// How long it is looked for; who needs longer keeps a screen open.
const WITHIN: i64 = 10_000_000;
/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Looks whether clients are served what was done, as far as anybody can ask as they do, and writes down what is seen.
///
/// # Errors
/// What was seen cannot be written.
pub fn see(
    desk: &mut Desk,
    io: &mut Io<'_>,
    (journal, stream): (&mut Journal, &mut Stream),
    settled: &[Settled],
) -> Result<Vec<Entry>, Fault> {
    let (hands, began) = (desk.hands(), clock::steady());
    let mut new = Vec::new();
    for done in settled.iter().filter(|settled| settled.outcome == Outcome::Done) {
        let Some(act) = stream.incident.intents().find(done.intent).cloned() else { continue };
        let place = desk.config.switches.iter().position(|switch| switch.name == act.what.target);
        let Some(place) = place.filter(|_| may_be_seen(&act)) else { continue };
        if !desk.config.switches.get(place).is_some_and(|switch| switch.observes()) {
            continue;
        }
        loop {
            let sight = hands.look(place, true, act.what.whom.as_ref());
            if let Some(seen) = sight.as_ref().ok().and_then(|sight| act.observed(sight, desk.now())) {
                match acts::write(desk, journal, stream, &Command::See(seen)) {
                    Ok(entries) => new.extend(entries),
                    // a screen saw it first
                    Err(fault) if fault.kind == Kind::Refused => {}
                    Err(fault) => return Err(fault),
                }
                break;
            }
            if clock::steady() - began >= WITHIN {
                let served = sight.ok().and_then(|sight| sight.observed);
                let served = served.map(|value| format!(": a client is still served {}", paper::line(&value, 80)));
                let (target, served) = (paper::line(&act.what.target, 40), served.unwrap_or_default());
                writeln!(
                    io.err,
                    "{target} is accepted, not seen yet{served}. It was done. A screen that is open goes on looking; else look with \
                     quarterdeck switch list."
                )?;
                break;
            }
            std::thread::sleep(PAUSE);
        }
    }
    Ok(new)
}

/// A client can tell it: which side of a share it is on says nothing.
fn may_be_seen(act: &Intent) -> bool {
    act.what.serves() && act.what.share.is_none() && act.seen.is_none()
}

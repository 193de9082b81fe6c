//! What was done is looked for where clients ask, for a short time: accepted is not observed. It must not know how a provider is reached, and
//! sends nothing.

use super::super::desk::{Desk, Io};
use super::super::fault::{Fault, Kind};
use super::super::stream::Stream;
use super::super::{acts, paper};
use crate::incident::command::Command;
use crate::incident::entry::Entry;
use crate::incident::intent::Intent;
use crate::incident::trouble::Trouble;
use crate::journal::Journal;
use crate::shell::clock;
use std::time::Duration;

/// How long it is looked for, in microseconds; who needs longer keeps a screen open.
const WITHIN: i64 = 10_000_000;
/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// The least that one look is given.
const LOOK: i64 = 500_000;

/// An act that was accepted, its switch, and what was said when clients were asked last.
struct Sought {
    act: Intent,
    place: usize,
    said: Result<Option<String>, Trouble>,
}

impl Sought {
    /// Why it was not seen, in words without a full stop.
    fn why(&self) -> String {
        match &self.said {
            Ok(Some(value)) => format!("clients are still served {}", paper::line(value, 80)),
            Ok(None) => "nobody there says what clients are served".into(),
            Err(trouble) => paper::line(trouble.words(), 400).trim_end_matches('.').to_owned(),
        }
    }
}

/// Looks whether clients are served what was done, as far as anybody can ask as they do, and writes down what is seen. The fault is of what
/// was not seen in time: it was done all the same.
///
/// # Errors
/// What was seen cannot be written.
pub fn see(
    desk: &mut Desk,
    io: &mut Io<'_>,
    (journal, stream): (&mut Journal, &mut Stream),
    acts: Vec<Intent>,
) -> Result<(Vec<Entry>, Option<Fault>), Fault> {
    let (hands, began) = (desk.hands(), clock::steady());
    let sought = acts.into_iter().filter(Intent::is_arriving).filter_map(|act| {
        let mut switches = desk.config.switches.iter();
        let place = switches.position(|switch| switch.name == act.what.target && switch.observes())?;
        Some(Sought { act, place, said: Ok(None) })
    });
    let mut sought: Vec<Sought> = sought.collect();
    let (mut new, mut given_up, mut is_said) = (Vec::new(), Vec::new(), false);
    while !sought.is_empty() {
        for mut one in std::mem::take(&mut sought) {
            let left = (WITHIN - (clock::steady() - began)).max(LOOK);
            let left = Duration::from_micros(u64::try_from(left).unwrap_or_default());
            one.said = hands.observed(one.place, one.act.what.whom.as_ref(), left);
            let observed = one.said.as_ref().ok().and_then(Option::as_deref);
            let Some(seen) = one.act.observed(observed, desk.now()) else {
                // a login that is not taken now is not taken in a moment either
                let is_hopeless = matches!(one.said, Err(Trouble::Denied(_)));
                if is_hopeless {
                    given_up.push(one)
                } else {
                    sought.push(one)
                }
                continue;
            };
            match acts::write(desk, journal, stream, &Command::See(seen)) {
                Ok(entries) => new.extend(entries),
                // a screen saw it first
                Err(fault) if fault.kind == Kind::Refused => {}
                Err(fault) => return Err(fault),
            }
        }
        if clock::steady() - began >= WITHIN {
            break;
        }
        if let Some(one) = sought.first().filter(|_| !is_said) {
            let (target, seconds) = (paper::line(&one.act.what.target, 40), WITHIN / 1_000_000);
            writeln!(
                io.err,
                "{target} is accepted. Clients are asked for up to {seconds} s whether they are served it."
            )?;
            is_said = true;
        }
        if !sought.is_empty() {
            std::thread::sleep(PAUSE);
        }
    }
    given_up.extend(sought);
    let unseen = |one: &Sought| {
        format!("{} is accepted, not seen by clients yet: {}.", paper::line(&one.act.what.target, 40), one.why())
    };
    let vain = (!given_up.is_empty()).then(|| Fault {
        kind: Kind::Vain,
        happened: given_up.iter().map(unseen).collect::<Vec<_>>().join(" "),
        stands: "It was done, and is recorded as accepted.".into(),
        next: "A screen that is open goes on looking; quarterdeck switch list looks once more.".into(),
    });
    Ok((new, vain))
}

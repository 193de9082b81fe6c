//! Probes that are asked once more when what they are about has served for a while: what began to serve, which probe is due after it, who asks it,
//! and what a red answer stops. It must not know how anything is read, nor what is configured beyond what it is told.
//!
//! Whoever wants to ask writes that down first ([`ProbeAsked`]): of several that see the same, one asks. An answer names the same entry, so that
//! it is known which soak is over. One whose answer never came may be asked for anew.

use super::Incident;
use super::change::Changed;
use super::command::{Refusal, worded};
use super::entry::{Entry, EntryId, Session};
use super::hold::{self, Holds};
use super::intent::{Act, Intended, Intent};
use super::probe::{self, Light, Probed};
use super::ran::Ended;
use super::scope;
use super::time::{Span, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How late an answer may be asked for and still stop something by itself: after that people have seen more than a probe that was told to look
/// long ago.
pub const LATE: Span = Span::minutes(2);

/// A run of the program asks a probe after its soak; no other does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeAsked {
    /// The probe, by its configured name.
    pub probe: String,
    /// What has served: a change, an act, a hold that was lifted.
    pub after: EntryId,
    /// Since when that serves.
    pub since: Time,
    /// When it had served for the whole soak, and that was known.
    pub due: Time,
    /// By when there is an answer; after that whoever asked is gone.
    pub until: Time,
}

/// A probe with a soak, as it is configured.
#[derive(Clone, Copy, Debug)]
pub struct Soaking<'a> {
    /// Its name.
    pub probe: &'a str,
    /// The place, or the pattern of places, that it speaks for.
    pub scope: &'a str,
    /// For how long something serves before it is asked.
    pub soak: Span,
    /// The switch that a red answer stops, by its configured name.
    pub trips: Option<&'a str>,
}

/// Where things are that began to serve.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    /// Where a change is made that does not say where.
    pub scope: &'a str,
    /// The environment of each switch, by its name.
    pub environments: BTreeMap<&'a str, &'a str>,
    /// The holds of the journal.
    pub holds: &'a Holds,
}

/// A probe that is to be asked once something has served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soak {
    /// The probe, by its configured name.
    pub probe: String,
    /// What serves.
    pub after: EntryId,
    /// The same, in words.
    pub what: String,
    /// Since when.
    pub since: Time,
    /// When the probe is asked.
    pub due: Time,
}

/// What is known of one probe after one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Turn {
    asked: Option<(Time, ProbeAsked)>,
    answer: Option<Answer>,
}

/// What a probe was found to be after its soak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its entry.
    pub id: EntryId,
    /// When it was written down.
    pub at: Time,
    /// The run of the program that asked.
    pub session: Session,
    /// What was read.
    pub what: Probed,
    /// How late it was asked for.
    pub late: Span,
}

/// What began to serve in a stream, and what was asked after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Soaks {
    changes: BTreeMap<EntryId, (Time, Time, Changed)>,
    lifts: BTreeMap<EntryId, (Time, EntryId)>,
    turns: BTreeMap<(String, EntryId), Turn>,
}

/// Something that began to serve.
struct Began<'a> {
    id: EntryId,
    /// Since when it serves.
    at: Time,
    /// Since when that is known here.
    known: Time,
    what: String,
    place: Place<'a>,
}

/// Where it is.
enum Place<'a> {
    /// A part of what a scope names.
    Part(String),
    /// A switch.
    Switch(&'a str),
}

impl Soaks {
    pub(super) fn changed(&mut self, entry: &Entry, fact: &Changed) {
        self.changes.insert(entry.id, (entry.at, entry.recorded, fact.clone()));
    }
    pub(super) fn lifted(&mut self, entry: &Entry, about: EntryId) {
        self.lifts.insert(entry.id, (entry.at, about));
    }
    pub(super) fn asked(&mut self, entry: &Entry, fact: &ProbeAsked) {
        let turn = self.turns.entry((fact.probe.clone(), fact.after)).or_default();
        turn.asked = Some((entry.at, fact.clone()));
    }
    pub(super) fn probed(&mut self, entry: &Entry, fact: &Probed) {
        let Some(after) = fact.after.filter(|_| fact.served_s.is_some()) else { return };
        let turn = self.turns.entry((fact.probe.clone(), after)).or_default();
        let late = turn.asked.as_ref().map(|(at, asked)| match entry.at > asked.until {
            true => entry.at.since(asked.due),
            false => at.since(asked.due),
        });
        turn.answer = Some(Answer {
            id: entry.id,
            at: entry.at,
            session: entry.session,
            what: fact.clone(),
            late: late.unwrap_or_default(),
        });
    }

    /// What a probe was found to be after its soaks, in the order of the entries they were about.
    pub fn answers<'a>(&'a self, probe: &str) -> impl Iterator<Item = &'a Answer> {
        let own = self.turns.iter().filter(move |((name, _), _)| name == probe);
        own.filter_map(|(_, turn)| turn.answer.as_ref())
    }
    /// What was last found after a soak.
    pub fn newest(&self, probe: &str) -> Option<&Answer> {
        self.answers(probe).max_by_key(|answer| answer.at)
    }
    /// The answer that an entry wrote down.
    pub fn find(&self, id: EntryId) -> Option<&Answer> {
        self.turns.values().filter_map(|turn| turn.answer.as_ref()).find(|answer| answer.id == id)
    }
    /// When a change was made, or a lift is told of.
    pub(super) fn began(&self, id: EntryId) -> Option<Time> {
        let change = self.changes.get(&id).map(|(at, ..)| *at);
        change.or_else(|| self.lifts.get(&id).map(|(at, _)| *at))
    }

    fn is_under_way(&self, probe: &str, after: EntryId, now: Time) -> bool {
        let turn = self.turns.get(&(probe.to_owned(), after));
        turn.and_then(|turn| turn.asked.as_ref()).is_some_and(|(_, asked)| now < asked.until)
    }

    pub(super) fn check(&self, asked: &ProbeAsked, now: Time) -> Result<(), Refusal> {
        worded(&asked.probe, "The probe")?;
        let answer = self.turns.get(&(asked.probe.clone(), asked.after)).and_then(|turn| turn.answer.as_ref());
        if answer.is_some_and(|answer| asked.since < answer.at) || self.is_under_way(&asked.probe, asked.after, now) {
            let words = format!("{} is asked after that soak already.", asked.probe);
            return Err(Refusal::new(words, "There is nothing to ask."));
        }
        Ok(())
    }
}

impl Place<'_> {
    fn is_met_by(&self, probe: &Soaking<'_>, places: &Places<'_>) -> bool {
        match self {
            Place::Part(place) => scope::meets(probe.scope, place),
            Place::Switch(name) => {
                let environment = places.environments.get(name).copied().unwrap_or("");
                probe.trips == Some(name) || scope::speaks_for(probe.scope, environment, name, places.scope)
            }
        }
    }
}

impl Incident {
    /// What began to serve, and which probes were asked after it.
    #[must_use]
    pub fn soaks(&self) -> &Soaks {
        &self.soaks
    }

    /// What is to be asked of a probe next: of all that has served for its soak the newest, which speaks for what came before it; else what will
    /// have first. Nothing that had served for so long before anybody declared anything: nobody waited for that.
    #[must_use]
    pub fn soak(&self, probe: &Soaking<'_>, places: &Places<'_>, now: Time) -> Option<Soak> {
        let declared = self.opened().filter(|_| self.is_open())?.at;
        let answer = |id: EntryId| self.soaks.turns.get(&(probe.probe.to_owned(), id))?.answer.as_ref();
        let mut begun: Vec<Began<'_>> =
            self.begun(places).into_iter().filter(|one| one.place.is_met_by(probe, places)).collect();
        for one in &mut begun {
            // what an act is to end does not end at once: the soak begins anew until it is green
            let not_yet = answer(one.id).filter(|answer| answer.what.outcome != Light::Green);
            if let Some(not_yet) = not_yet.filter(|_| self.intents().find(one.id).is_some()) {
                (one.at, one.known) = (not_yet.at, not_yet.at);
            }
        }
        let is_asked = |one: &&Began<'_>| {
            answer(one.id).is_some_and(|answer| one.at < answer.at) || self.soaks.is_under_way(probe.probe, one.id, now)
        };
        let asked = begun.iter().filter(is_asked).map(|one| one.at).max();
        let soak = |one: &Began<'_>| Soak {
            probe: probe.probe.to_owned(),
            after: one.id,
            what: one.what.clone(),
            since: one.at,
            due: one.at.plus(probe.soak).max(one.known),
        };
        let waits = |one: &&Began<'_>| one.at.plus(probe.soak) >= declared && asked.is_none_or(|asked| one.at > asked);
        let waiting: Vec<Soak> = begun.iter().filter(waits).map(soak).collect();
        let due = waiting.iter().filter(|soak| soak.due <= now).max_by_key(|soak| soak.since);
        due.or_else(|| waiting.iter().min_by_key(|soak| soak.due)).cloned()
    }

    /// Everything that began to serve, as far as it is known.
    fn begun<'a>(&'a self, places: &Places<'a>) -> Vec<Began<'a>> {
        let mut all = Vec::new();
        let changes = self.soaks.changes.iter().filter(|(id, _)| !self.is_struck(**id));
        for (id, (at, known, change)) in changes {
            let at = self.correction(*id).and_then(|overlay| overlay.at).unwrap_or(*at);
            // a command has changed something when it has ended
            let at = match (self.runs().began(*id), self.runs().of(*id)) {
                (true, None) => continue,
                (_, ended) => at.plus(ended.map(Ended::took).unwrap_or_default()),
            };
            let place = match places.environments.get_key_value(change.subject.as_str()) {
                Some((name, _)) => Place::Switch(name),
                None => Place::Part(scope::part(places.scope, &change.subject)),
            };
            all.push(Began { id: *id, at, known: at.max(*known), what: change.words(), place });
        }
        for act in self.intents().all().iter().filter(|act| act.what.serves()) {
            if let Some(at) = serves_since(act) {
                let what = format!("{} {}", act.what.deed(), act.what.target);
                all.push(Began { id: act.id, at, known: at, what, place: Place::Switch(&act.what.target) });
            }
        }
        for (id, (at, about)) in &self.soaks.lifts {
            let is_lift = |lifted: &hold::Ended| lifted.id == *about;
            let hold = places.holds.all().iter().find(|hold| hold.lifted.as_ref().is_some_and(is_lift));
            if let Some(hold) = hold {
                let place = Place::Part(hold.what.scope.clone());
                let what = format!("the lift of {}", hold.what.scope);
                all.push(Began { id: *id, at: *at, known: *at, what, place });
            }
        }
        all
    }

    fn is_struck(&self, id: EntryId) -> bool {
        self.correction(id).is_some_and(|overlay| overlay.struck)
    }

    /// The switch that an answer stops by itself, asked for by whoever got it: an act that is not planned yet. Nothing where it was asked for too
    /// late.
    #[must_use]
    pub fn tripped(&self, answer: &Answer, probe: &Soaking<'_>) -> Option<Intended> {
        if answer.late > LATE {
            return None;
        }
        probe::trips(self, &answer.what, probe.trips?, probe.soak)
    }

    /// Whether an act that an answer asks for may still be done: it stops, and nobody has acted since.
    pub(super) fn check_trip(&self, read: EntryId, act: &Intended) -> Result<(), Refusal> {
        let answer = self.soaks.find(read).filter(|answer| answer.what.outcome == Light::Red && act.act == Act::Stop);
        if answer.is_none_or(|answer| probe::trips(self, &answer.what, &act.target, Span(0)).is_none()) {
            let words = format!("{} is not stopped by itself: nothing says so, or somebody has acted.", act.target);
            return Err(Refusal::new(words, "Look at it, then decide."));
        }
        Ok(())
    }
}

/// Since when an act serves what it asked for: since it was seen, else since it was done. Nothing where it did not, or was put back.
fn serves_since(act: &Intent) -> Option<Time> {
    let seen = act.seen.as_ref().map(|(at, value, _)| (*at, value));
    let (from, to) = (act.what.from.as_ref(), act.what.to.as_ref());
    match seen {
        Some((at, value)) if Some(value) == to && act.took_effect() => Some(at),
        Some((_, value)) if Some(value) == from && from != to => None,
        _ => act.end.as_ref().filter(|_| act.is_done()).map(|end| end.at),
    }
}

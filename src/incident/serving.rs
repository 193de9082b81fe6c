//! What began to serve in a stream, which probe is due after it next, and what a red answer stops there: in an incident's stream, and in the
//! standing one with what was lifted and restored while no incident was open. It must not know who asks.

use super::Incident;
use super::change::Changed;
use super::command::Refusal;
use super::entry::EntryId;
use super::hold;
use super::intent::{Act, Intended, Intent, Intents};
use super::probe::{self, Light};
use super::ran::Ended;
use super::scope;
use super::second::Seconds;
use super::soak::{Answer, LATE, Places, Soak, Soaking, Soaks};
use super::standing::Standing;
use super::time::{Span, Time};

/// For how long after a soak that nobody waited for, with no incident open, its probe is still asked: whoever comes to work the next day lifted
/// nothing.
const FORGOTTEN: Span = Span::minutes(60);

/// What a stream knows of acts, and of probes that are asked after them.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// What began to serve there, and what was asked after it.
    pub soaks: &'a Soaks,
    /// What was done with switches, as far as it counts.
    pub intents: &'a Intents,
    /// What waits for a second person there.
    pub seconds: &'a Seconds,
}

/// Something that began to serve.
struct Began<'a> {
    id: EntryId,
    /// Since when it serves.
    at: Time,
    /// Since when that is known here.
    known: Time,
    what: String,
    /// The build that a deploy names.
    build: Option<&'a str>,
    place: Place<'a>,
}

/// Where it is.
enum Place<'a> {
    /// A part of what a scope names.
    Part(String),
    /// A switch.
    Switch(&'a str),
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

impl<'a> Ground<'a> {
    /// Acts and lifts that began to serve.
    fn begun(&self, places: &Places<'a>) -> Vec<Began<'a>> {
        let mut all = Vec::new();
        for act in self.intents.all().iter().filter(|act| act.what.serves()) {
            if let Some(at) = serves_since(act) {
                let what = format!("{} {}", act.what.deed(), act.what.target);
                let place = Place::Switch(&act.what.target);
                all.push(Began { id: act.id, at, known: at, what, build: None, place });
            }
        }
        for (id, at, about) in self.soaks.lifts() {
            let is_lift = |lifted: &hold::Ended| lifted.id == about;
            let hold = places.holds.all().iter().find(|hold| hold.lifted.as_ref().is_some_and(is_lift));
            if let Some(hold) = hold {
                let place = Place::Part(hold.what.scope.clone());
                let what = format!("the lift of {}", hold.what.scope);
                all.push(Began { id, at, known: at, what, build: None, place });
            }
        }
        all
    }

    /// What is to be asked of a probe next: of all that has served for its soak the newest, which speaks for what came before it; else what will
    /// have first. Nothing that had served for so long before `from`: nobody waited for that.
    fn next(
        &self,
        mut begun: Vec<Began<'a>>,
        probe: &Soaking<'_>,
        places: &Places<'_>,
        (from, now): (Time, Time),
    ) -> Option<Soak> {
        let answer = |id: EntryId| self.soaks.answer(probe.probe, id);
        begun.retain(|one| one.place.is_met_by(probe, places) && (one.build.is_some() || !probe.of_build));
        for one in &mut begun {
            // what an act is to end does not end at once: the soak begins anew until it is green
            let not_yet = answer(one.id).filter(|answer| answer.what.outcome != Light::Green);
            if let Some(not_yet) = not_yet.filter(|_| self.intents.find(one.id).is_some()) {
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
            build: one.build.map(str::to_owned),
            since: one.at,
            due: one.at.plus(probe.soak).max(one.known),
        };
        let waits = |one: &&Began<'_>| one.at.plus(probe.soak) >= from && asked.is_none_or(|asked| one.at > asked);
        let waiting: Vec<Soak> = begun.iter().filter(waits).map(soak).collect();
        let due = waiting.iter().filter(|soak| soak.due <= now).max_by_key(|soak| soak.since);
        due.or_else(|| waiting.iter().min_by_key(|soak| soak.due)).cloned()
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
    ///
    /// # Errors
    /// Nothing says so, or somebody has acted.
    pub(super) fn check_trip(&self, read: EntryId, act: &Intended) -> Result<(), Refusal> {
        let answer = self.soaks.find(read).filter(|answer| answer.what.outcome == Light::Red && act.act == Act::Stop);
        if answer.is_none_or(|answer| probe::trips(self, &answer.what, &act.target, Span(0)).is_none()) {
            let words = format!("{} is not stopped by itself: nothing says so, or somebody has acted.", act.target);
            return Err(Refusal::new(words, "Look at it, then decide."));
        }
        Ok(())
    }
}

impl Incident {
    /// What began to serve, and which probes were asked after it.
    #[must_use]
    pub fn soaks(&self) -> &Soaks {
        &self.soaks
    }

    /// What its own stream knows.
    #[must_use]
    pub fn ground(&self) -> Ground<'_> {
        Ground { soaks: &self.soaks, intents: &self.intents, seconds: &self.seconds }
    }

    /// What is to be asked of a probe next, and when; nothing while it is not open.
    #[must_use]
    pub fn soak(&self, probe: &Soaking<'_>, places: &Places<'_>, now: Time) -> Option<Soak> {
        let declared = self.opened().filter(|_| self.is_open())?.at;
        let ground = self.ground();
        let begun = ground.begun(places).into_iter().chain(self.changed_here(places)).collect();
        ground.next(begun, probe, places, (declared, now))
    }

    /// Changes that serve, as far as they are known.
    fn changed_here<'a>(&'a self, places: &Places<'a>) -> Vec<Began<'a>> {
        let changes = self.soaks.changes().filter(|(id, ..)| !self.is_struck(*id));
        let began = |(id, at, known, change): (EntryId, Time, Time, &'a Changed)| {
            let at = self.correction(id).and_then(|overlay| overlay.at).unwrap_or(at);
            // a command has changed something when it has ended
            let at = match (self.runs().began(id), self.runs().of(id)) {
                (true, None) => return None,
                (_, ended) => at.plus(ended.map(Ended::took).unwrap_or_default()),
            };
            let place = match places.environments.keys().find(|name| change.is_of(name, places.audits)) {
                Some(name) => Place::Switch(name),
                None => Place::Part(scope::part(places.scope, &change.subject)),
            };
            Some(Began { id, at, known: at.max(known), what: change.words(), build: change.build(), place })
        };
        changes.filter_map(began).collect()
    }

    fn is_struck(&self, id: EntryId) -> bool {
        self.correction(id).is_some_and(|overlay| overlay.struck)
    }
}

impl Standing {
    /// What the standing stream knows.
    #[must_use]
    pub fn ground(&self) -> Ground<'_> {
        Ground { soaks: self.soaks(), intents: self.intents(), seconds: self.seconds() }
    }

    /// What is to be asked of a probe next, and when, after what was lifted and restored while no incident was open.
    #[must_use]
    pub fn soak(&self, probe: &Soaking<'_>, places: &Places<'_>, now: Time) -> Option<Soak> {
        let ground = self.ground();
        let from = Time(now.0.saturating_sub(FORGOTTEN.0));
        ground.next(ground.begun(places), probe, places, (from, now))
    }
}

/// Since when an act serves what it asked for: since it was seen, else since it was done. Nothing where it did not, or was put back.
fn serves_since(act: &Intent) -> Option<Time> {
    let seen = act.seen.as_ref().map(|(at, value, _)| (*at, value));
    let (from, to) = (act.what.from.as_ref(), act.what.to.as_ref());
    match seen {
        _ if act.is_half() => None,
        Some((at, value)) if Some(value) == to && act.took_effect() => Some(at),
        Some((_, value)) if Some(value) == from && from != to => None,
        _ => act.end.as_ref().filter(|_| act.is_done()).map(|end| end.at),
    }
}

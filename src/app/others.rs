//! Open incidents that are not on the screen: followed where probes are asked by themselves, so that what serves there is asked after and stopped
//! whichever incident somebody looks at. It must not know how a stream is read.

use super::App;
use super::entries::Recorded;
use super::msg::{Effect, Errand};
use crate::incident::Incident;
use crate::incident::cadence::Rules;
use crate::incident::command::Command;
use crate::incident::entry::{Entry, EntryId, Number, STANDING};
use crate::incident::fact::Fact;
use crate::incident::intent::{Act, Intended, Intents, Settled};
use crate::incident::probe::Probed;
use crate::incident::serving::Ground;
use crate::incident::soak::ProbeAsked;
use crate::incident::standing::Wish;
use crate::incident::time::{Span, Time};
use crate::incident::tried::SET_BACK;

/// How long nothing is written into an incident that is followed after the journal did not take something.
const RESTS: Span = Span::minutes(1);

/// An incident that is followed.
#[derive(Clone, Debug)]
pub struct Other {
    /// As far as it was read.
    pub incident: Incident,
    /// It was read to its end.
    pub whole: bool,
    /// Since when it is left alone, because the journal did not take what was written into it last.
    pub rests: Option<Time>,
}

/// What is written into whichever stream it is about: what a probe brought, and how an act ended.
#[derive(Clone, Debug)]
pub(super) enum Brought {
    /// What a probe was found to be.
    Read(Probed),
    /// A probe is asked after its soak.
    Asked(ProbeAsked),
    /// How an act ended.
    Ended(Settled),
    /// What an answer stops.
    Trips(EntryId, Box<Intended>),
}

impl App {
    /// Follows the open incidents that are not on the screen, and no longer those that are closed and in which nothing of ours is under way.
    pub(super) fn follow_others(&mut self) -> Vec<Effect> {
        let own = self.incident.number();
        let soaks = self.probes.desks.iter().any(|desk| desk.soak.is_some());
        let others = self.known.iter().filter(|incident| incident.is_open() && incident.number() != own);
        let wanted: Vec<Number> = others.filter(|_| soaks).map(Incident::number).collect();
        let is_done = |other: &Other| !other.incident.intents().all().iter().any(|act| self.is_under_way(act.id));
        let left = self.others.iter().filter(|(number, other)| !wanted.contains(number) && is_done(other));
        let left: Vec<Number> = left.map(|(number, _)| *number).collect();
        let mut effects = Vec::new();
        for number in left {
            self.others.remove(&number);
            if number != own {
                effects.push(Effect::Leave(number));
            }
        }
        for number in wanted {
            self.others.entry(number).or_insert_with(|| {
                effects.push(Effect::Read { number, after: 0 });
                Other { incident: Incident::new(number), whole: false, rests: None }
            });
        }
        effects
    }

    /// Entries of an incident that is followed: folded; our own fresh ones are done. None where it is not followed.
    pub(super) fn other_entries(&mut self, now: Time, number: Number, entries: Vec<Entry>, more: bool) -> Vec<Effect> {
        let Some(mut other) = self.others.remove(&number) else { return Vec::new() };
        let mut effects = Vec::new();
        let mut gap = false;
        for entry in entries {
            if other.incident.apply(&entry) {
                effects.extend(self.does(now, &entry));
            } else {
                gap |= entry.seq > other.incident.head();
            }
        }
        effects = self.in_order(effects);
        (other.whole, other.rests) = (!more && !gap, None);
        if gap {
            effects.push(Effect::Read { number, after: other.incident.head() });
        }
        let whole = other.whole;
        self.others.insert(number, other);
        if whole {
            self.gather();
            // the list knows as much of it as it shows
            effects.push(Effect::List);
        }
        effects
    }

    /// Our own fresh entry of a stream that is not on the screen came back: what it says is to be done is done.
    pub(super) fn does(&mut self, now: Time, entry: &Entry) -> Option<Effect> {
        let is_ours = entry.session == self.session;
        match &entry.fact {
            Fact::ProbeAsked(asked) if is_ours && self.is_fresh(entry.id) => {
                Some(self.asks_after_soak(now, entry.incident, entry.at, asked))
            }
            Fact::Intended(what) if is_ours && what.act != Act::Publish && self.is_fresh(entry.id) => {
                Some(self.carries(entry, (**what).clone()))
            }
            _ => None,
        }
    }

    /// Hands an act out.
    pub(super) fn carries(&mut self, entry: &Entry, what: Intended) -> Effect {
        let publishing = what.act == Act::Publish;
        let update = what.update.and_then(|u| self.incident.promises().update(u)).cloned();
        let incident = publishing.then(|| Box::new(self.incident.clone()));
        // several entries come at once: the acts are put together after the last
        let find = |act| self.incident.intents().find(act).or_else(|| self.rules.elsewhere.find(act));
        let put = what.reverts.and_then(find).and_then(|act| act.what.before.clone());
        self.begins(entry.id, format!("{} {}", what.act.word(), what.target));
        let number = Some(entry.incident).filter(|number| *number != STANDING);
        let (id, at, person) = (entry.id, entry.at, entry.author.to_string());
        Effect::Carry(Box::new(Errand { id, what, incident, update, put, at, person, number }))
    }

    /// Every stream in which probes are asked after soaks: the one on the screen, the standing one, and those that are followed.
    pub(super) fn streams(&self, now: Time) -> Vec<Number> {
        let rests = |since: Time| now.since(since) < RESTS && since.since(now) <= SET_BACK;
        let is_asked = |other: &Other| other.whole && other.incident.is_open() && !other.rests.is_some_and(rests);
        let others = self.others.iter().filter(|(_, other)| is_asked(other));
        [self.incident.number(), STANDING].into_iter().chain(others.map(|(number, _)| *number)).collect()
    }

    /// The incident of a stream, as far as it is known here.
    pub(super) fn incident_of(&self, number: Number) -> Option<&Incident> {
        if number == self.incident.number() {
            return Some(&self.incident);
        }
        self.others.get(&number).map(|other| &other.incident)
    }

    /// What a stream knows of acts and of probes, with what every other stream knows of acts.
    pub(super) fn ground_of<'a>(&'a self, number: Number, acts: &'a Intents) -> Option<Ground<'a>> {
        let ground = match number {
            STANDING => self.standing.ground(),
            _ => self.incident_of(number)?.ground(),
        };
        Some(Ground { intents: acts, ..ground })
    }

    /// What counts where something is decided in a stream: of acts, what all the others know.
    pub(super) fn rules_of(&self, number: Number) -> Rules {
        Rules { elsewhere: self.elsewhere_of(number), ..self.rules.clone() }
    }

    /// What every other stream says was done with switches.
    pub(super) fn elsewhere_of(&self, number: Number) -> Intents {
        let own = self.incident.number();
        let known = self.known.iter().filter(|incident| incident.number() != own);
        // what is followed is known sooner than what is listed
        let known = known.map(|incident| match self.others.get(&incident.number()) {
            Some(other) if other.whole => &other.incident,
            _ => incident,
        });
        let all = known.chain([&self.incident]).filter(|incident| incident.number() != number);
        let standing = (number != STANDING).then_some(self.standing.intents());
        Intents::together(all.map(Incident::intents).chain(standing))
    }

    /// Wants something written into the stream that it is about.
    pub(super) fn want_in(&mut self, now: Time, number: Number, brought: Brought) -> Vec<Effect> {
        if number == STANDING {
            let wish = match brought {
                Brought::Read(probed) => Wish::Probe(probed),
                Brought::Asked(asked) => Wish::AskProbe(asked),
                Brought::Ended(settled) => Wish::Settle(settled),
                Brought::Trips(read, act) => {
                    let (ways, elsewhere) = (self.rules.ways.clone(), self.elsewhere_of(STANDING));
                    Wish::Trip { read, act, ways, elsewhere }
                }
            };
            return self.want_standing(now, wish);
        }
        let command = match brought {
            Brought::Read(probed) => Command::Probe(probed),
            Brought::Asked(asked) => Command::AskProbe(asked),
            Brought::Ended(settled) => Command::Settle(settled),
            Brought::Trips(read, act) => Command::Trip { read, act },
        };
        match number == self.incident.number() {
            true => self.want(now, command, None),
            false => self.queue(now, Recorded::There(number, command).wanted()),
        }
    }

    /// The stream that an act stands in.
    pub(super) fn stream_of(&self, act: EntryId) -> Number {
        if self.standing.intents().find(act).is_some() {
            return STANDING;
        }
        let other = self.others.iter().find(|(_, other)| other.incident.intents().find(act).is_some());
        other
            .filter(|_| self.incident.intents().find(act).is_none())
            .map_or(self.incident.number(), |(number, _)| *number)
    }

    /// What was asked for by an act that has ended; none where its stream is not known here.
    pub(super) fn act_of(&self, settled: &Settled) -> Option<Intended> {
        let of = |intents: &Intents| intents.find(settled.intent).map(|act| act.what.clone());
        match self.stream_of(settled.intent) {
            STANDING => of(self.standing.intents()),
            number => of(self.incident_of(number)?.intents()),
        }
    }

    /// Where a stream is not the one on the screen: which it is, behind other words.
    pub(super) fn beside(&self, number: Number) -> String {
        match number {
            STANDING => ", with no incident open".into(),
            number if number == self.incident.number() => String::new(),
            number => format!(", in incident {number}"),
        }
    }
}

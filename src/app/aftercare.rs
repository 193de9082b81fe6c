//! What becomes of an act after it was done: whether it arrived, whether somebody puts it back, whether what was expected came, and when it
//! is to end. It must not know how a switch is looked at.
//!
//! *Done* is what a provider says; *observed* is what a client was served. An end that was asked for is carried out by the run of the program
//! that was asked, once, and only into a state that is known and calm; any other run only reminds people of it.

use super::arming::By;
use super::msg::Effect;
use super::putback::{flapping, put_back, says};
use super::{App, SloDesk};
use crate::incident::change::{Changed, FOUND, Reported, looked};
use crate::incident::command::Command;
use crate::incident::entry::EntryId;
use crate::incident::intent::{Act, Intended, Intent, Intents, Outcome, Seen};
use crate::incident::phase::Phase;
use crate::incident::second;
use crate::incident::sought::Sought;
use crate::incident::standing::Wish;
use crate::incident::switch::{Level, Sight, Whom};
use crate::incident::time::{Span, Time};
use crate::incident::tried::SET_BACK;

/// For how long after an act a value that comes back is somebody's putting it back, and not another decision.
pub(super) const WATCHED: Span = Span::minutes(15);
/// How long it is looked for often whether an act has arrived where clients ask; then once a minute.
const ARRIVES: Span = Span::minutes(3);
/// How long the indicator must be good before a stop ends by itself.
const CALM: Span = Span::minutes(2);
/// How old a sight may be for something that goes by itself.
const FRESH: Span = Span::minutes(1);

/// What people have to know about an act that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// What it took away is there again, and nobody here put it back.
    FlappingBack,
    /// What was expected of it did not come.
    Unmet,
    /// The end that was asked for has come.
    Over,
}

impl App {
    /// A switch was seen while nothing was being written: what of it belongs into the record. `before` is what was seen the last time.
    pub(super) fn sighted(
        &mut self,
        now: Time,
        name: &str,
        asked: Option<Time>,
        before: Option<&Sight>,
        sight: &Sight,
    ) -> Vec<Effect> {
        let missed = |intents: &Intents| {
            let act = intents.unsure_on(name, now).filter(|act| !self.is_under_way(act.id))?;
            // a look that began before the act ended says nothing about it, nor does one that compared nothing with it
            let begun = act.end.as_ref().is_none_or(|end| asked.is_some_and(|asked| asked >= end.at));
            let compared = sight.found.is_some_and(|(of, _)| of == act.id);
            (begun && (compared || act.sought(self.acts()).is_none())).then(|| act.found(sight))
        };
        // with no incident open acts stand in the standing stream, and somebody has to look for those too
        let alone = self.standing.intents();
        let last = self.acts().last_on(name).filter(|last| last.is_arriving() && alone.find(last.id).is_some());
        let arrived = last.and_then(|last| last.observed(sight.observed.as_deref(), now));
        if let Some(seen) = missed(alone).or(arrived) {
            return self.want_standing(now, Wish::See(seen));
        }
        if let Some(seen) = missed(self.incident.intents()).or_else(|| self.arrived(now, name, sight)) {
            return self.want(now, Command::See(seen), None);
        }
        match self.changed_elsewhere(now, name, before, sight) {
            Some(change) if self.incident.is_open() => self.want(now, Command::Report(vec![change]), None),
            // an incident that is declared later looks here for its cause
            Some(change) => self.want_standing(now, Wish::Notice(Box::new(change))),
            None => match self.put_back_besides(now, name, sight).filter(|_| self.incident.is_open()) {
                Some(seen) => self.want(now, Command::See(seen), None),
                None => Vec::new(),
            },
        }
    }

    /// The act on a switch whose effect the next look may be for, with what is to be compared. Its outcome may stand in no entry yet when it is asked.
    pub(super) fn sought_on(&self, name: &str) -> Option<Sought> {
        let streams = [self.standing.intents(), self.incident.intents()];
        let open = |intents: &Intents| {
            let mut acts = intents.all().iter().filter(|act| act.what.target == name && act.what.serves());
            acts.find(|act| act.is_open() && !self.is_under_way(act.id))?.sought(self.acts())
        };
        streams.into_iter().find_map(open)
    }

    /// Acts whose effect has to be looked for, those too that were asked for with no incident open, the oldest first.
    pub(super) fn missed(&self, now: Time) -> impl Iterator<Item = &Intent> {
        let all = self.standing.intents().all().iter().chain(self.incident.intents().all());
        let is_sought = move |act: &&Intent| act.is_unsure() || (act.what.serves() && act.is_missed(now));
        all.filter(is_sought).filter(|act| !self.is_under_way(act.id) && !self.is_moot(act))
    }

    /// The newest act on a switch of which this incident knows, or that was done with none open: what another incident made of it since is newer.
    pub fn last_act(&self, name: &str) -> Option<&Intent> {
        let streams = [self.standing.intents(), self.incident.intents()];
        let is_known = streams.into_iter().any(|intents| intents.last_on(name).is_some());
        self.acts().last_on(name).filter(|_| is_known)
    }

    /// The act that stands on a switch, if it is one of this incident: what became of it is told here.
    pub fn stands_here(&self, name: &str) -> Option<&Intent> {
        self.acts().effect_on(name).filter(|act| self.is_here(act))
    }

    /// It was done in the incident on the screen.
    fn is_here(&self, act: &Intent) -> bool {
        self.incident.intents().find(act.id).is_some()
    }

    /// What this incident took away and nobody has put back since, in whichever stream: what it owes before it is closed, the oldest first.
    pub fn left_to_undo(&self) -> impl Iterator<Item = &Intent> {
        self.acts().to_undo().filter(|act| self.is_here(act))
    }

    /// What was done has arrived where clients ask, or is not there any more.
    fn arrived(&self, now: Time, name: &str, sight: &Sight) -> Option<Seen> {
        let last = self.stands_here(name).filter(|last| last.is_done())?;
        let end = last.end.as_ref()?;
        let (from, to) = (last.what.from.as_deref()?, last.what.to.as_deref()?);
        let known = last.seen.as_ref().map(|(_, value, _)| value.as_str());
        let seen = |value: &str, detail: String| {
            let seen = Seen { target: name.into(), value: value.into(), intent: Some(last.id), detail, found: None };
            (known != Some(value)).then_some(seen)
        };
        let is_back = self.is_back(last, sight);
        let over = last.until().filter(|until| *until <= now && self.is_scheduled(last));
        if let Some(until) = over.filter(|_| is_back) {
            return seen(from, format!("put back there by itself, as was asked for {}", until.beside(now)));
        }
        if is_back && now.since(end.at) < WATCHED {
            return last.came_back().is_none().then(|| put_back(last, sight, None));
        }
        if last.came_back().is_some() && last.what.stands(sight) {
            return seen(to, "as was asked, after it was put back".into());
        }
        if self.changed_since(last).is_some() && last.what.stands(sight) {
            let detail = "as was asked, after somebody changed it".into();
            return Some(Seen { target: name.into(), value: to.into(), intent: Some(last.id), detail, found: None });
        }
        // the client that was asked is the one the newest act is for
        self.last_act(name).filter(|newest| newest.what.whom == last.what.whom)?;
        last.observed(sight.observed.as_deref(), now).filter(|seen| known != Some(seen.value.as_str()))
    }

    /// Whether the newest act on a switch was done and has not been observed yet, and whether that is so recent that it is looked for often; none
    /// where no client can be asked: what was done was proven when it was done.
    pub(super) fn arriving(&self, name: &str, now: Time) -> Option<bool> {
        self.switches.iter().find(|desk| desk.name == name && desk.offers.observes)?;
        let last = self.last_act(name).filter(|last| last.is_arriving())?;
        Some(last.end.as_ref().is_some_and(|end| now.since(end.at) < ARRIVES))
    }

    /// The one context that is looked at too: whom the act is for that is looked for, else the last one. Not every provider lists them.
    pub(super) fn watched(&self, name: &str, now: Time) -> Option<&Whom> {
        let here = |act: &&Intent| act.what.target == name && act.what.serves();
        self.missed(now).find(here).or_else(|| self.last_act(name))?.what.whom.as_ref()
    }

    /// What is served although nobody here asked for it: neither what the last act wanted, nor what it found, which is told as putting it back.
    fn changed_elsewhere(&self, now: Time, name: &str, before: Option<&Sight>, sight: &Sight) -> Option<Reported> {
        let acts = self.acts();
        // an act whose end is not known yet may be why; one that another incident lost is looked for there
        let may_be_why = |act: &Intent| act.is_open() && (self.is_here(act) || !act.is_missed(now));
        if acts.all().iter().any(|act| act.what.target == name && act.what.serves() && may_be_why(act)) {
            return None;
        }
        let is = sight.served(None);
        let changed = || before.map(|before| before.served(None)).filter(|was| *was != is);
        let act = acts.effect_on(name);
        let since = act.map_or(Time(0), settled);
        let audited = self.rules.audits.get(name);
        let audits = &self.rules.audits;
        let told = [self.incident.reports().last_about(name, audits), self.standing.alone().last_about(name, audits)];
        let reports = told.into_iter().flatten().max_by_key(|(at, _)| *at);
        let reported = reports.filter(|(at, _)| *at >= since);
        let was = match (act, reported.and_then(|(_, change)| change.to.clone())) {
            (_, Some(to)) if to == is => None,
            (Some(_), Some(to)) => Some(to),
            // what was done from another incident, or with none open, is no change by somebody else either
            (Some(act), None) if is_explained(act, sight) && (self.is_here(act) || now.since(act.at) < WATCHED) => None,
            // whoever gets again what was taken is not in the plain value
            (Some(act), None) if acts.gives_back(act).is_some_and(|whom| !sight.excluded.contains(whom)) => {
                before.map(|before| before.value.clone()).filter(|was| *was != sight.value)
            }
            (Some(act), None) if self.is_here(act) && is_whole(act) => act.what.to.clone(),
            _ => changed(),
        }?;
        let there = sight.changed.as_ref().filter(|(at, _)| *at >= since);
        let change = Changed {
            what: "flag".into(),
            subject: audited.map_or(name, String::as_str).to_owned(),
            from: Some(was),
            to: Some(is),
            by: there.map(|(_, by)| by.clone()),
            source: Some(looked(name)),
        };
        let at = there.map_or(now, |(at, _)| *at);
        Some(Reported { at: at.min(now), change, until: None, within: FOUND })
    }

    /// What somebody made of a switch after an act that stood on it, and when.
    pub fn changed_since(&self, act: &Intent) -> Option<(Time, &Changed)> {
        let reports = self.incident.reports();
        reports.last_about(&act.what.target, &self.rules.audits).filter(|(at, _)| *at >= settled(act))
    }

    /// It is put back without anybody's doing when its time has come: by this run, which was asked and shows its incident, or by its provider.
    pub fn ends_by_itself(&self, act: &Intent) -> bool {
        (act.session == self.session && self.is_here(act)) || self.is_scheduled(act)
    }

    /// What people have to know about acts that are not undone yet, in words: of this incident until it is resolved, and of none.
    pub fn afters(&self, now: Time) -> Vec<(EntryId, After, String)> {
        let mut all = Vec::new();
        let is_told = self.incident.phase() < Phase::Resolved;
        // what was restored can be put back by somebody as well as what was stopped
        for act in self.incident.intents().all().iter().filter(|act| is_told && self.is_last(act)) {
            if let Some(value) = flapping(act) {
                let words = format!("FLAPPING BACK: {} serves {value} again", act.what.target);
                all.push((act.id, After::FlappingBack, words));
            }
        }
        // whoever has a screen open is reminded of what nobody's incident is about
        let alone = |act: &Intent| self.standing.intents().find(act.id).is_some();
        for act in self.acts().to_undo().filter(|act| (is_told && self.is_here(act)) || alone(act)) {
            let target = &act.what.target;
            if let Some(words) = self.unmet(act, now) {
                all.push((act.id, After::Unmet, words));
            }
            if let Some(until) = act.until().filter(|until| *until <= now && !self.is_scheduled(act)) {
                all.push((
                    act.id,
                    After::Over,
                    format!("put {target} back, or keep it longer? asked to end {}", until.beside(now)),
                ));
            }
        }
        all
    }

    fn is_last(&self, act: &Intent) -> bool {
        self.stands_here(&act.what.target).is_some_and(|last| last.id == act.id)
    }

    /// What was expected of an act and did not come.
    fn unmet(&self, act: &Intent, now: Time) -> Option<String> {
        let (most, by) = act.what.expect_max.zip(act.what.expect_by)?;
        if now < by {
            return None;
        }
        let of = act.what.expect_of.as_ref().and_then(|name| self.slos.iter().find(|slo| slo.name == *name));
        let slo = of.or(self.shown_slo());
        let called = slo.map_or("bad", |slo| slo.called.as_str());
        let words = format!(
            "{called} at most {most}/min by {} after {} {}",
            by.beside(now),
            act.what.act.word(),
            act.what.target
        );
        let burn = slo.filter(|slo| is_fresh(slo, now)).and_then(|slo| slo.feed.last.as_ref());
        let is = burn.and_then(|(_, burn)| burn.bad_minute);
        match is {
            Some(rate) if rate <= most => None,
            Some(rate) => Some(format!("NOT AS EXPECTED: {words}; it is {rate}")),
            None => Some(format!("NOT KNOWN: {words}")),
        }
    }

    /// Its provider puts it back by itself.
    fn is_scheduled(&self, act: &Intent) -> bool {
        let mut all = self.acts().all().iter();
        all.any(|one| one.what.act == Act::Schedule && one.what.reverts == Some(act.id) && one.is_done())
    }

    /// After an act with an end was done where the provider can end it by itself, the provider is asked to.
    pub(super) fn schedule(&mut self, now: Time, intent: EntryId, outcome: Outcome) -> Vec<Effect> {
        let Some(act) = self.incident.intents().find(intent).filter(|act| outcome == Outcome::Done && !act.is_idle())
        else {
            return Vec::new();
        };
        let can = self.switches.iter().any(|desk| desk.name == act.what.target && desk.offers.schedules);
        let Some(until) = act.until().filter(|_| can && act.what.leaves()) else { return Vec::new() };
        let schedule = Intended {
            act: Act::Schedule,
            target: act.what.target.clone(),
            until: Some(until),
            reverts: Some(intent),
            why: act.what.why.clone(),
            ..Intended::default()
        };
        self.want(now, Command::Act(schedule), None)
    }

    /// Ends that have come, of acts that this run was asked for: each is planned once, as soon as it is known how things are. What is not as it was
    /// left is asked about instead, and so is an end that passed while nobody counted the seconds since `before`: the clock jumped, or this machine slept.
    pub(super) fn end_acts(&mut self, now: Time, before: Time) -> Vec<Effect> {
        let patience = self.lasting(FRESH);
        let is_over = |until: Time| now.since(until) > patience;
        let missed = self.left_to_undo().filter(|act| act.until().is_some_and(|at| before < at && is_over(at)));
        let missed: Vec<EntryId> = missed.map(|act| act.id).collect();
        missed.into_iter().for_each(|act| self.ended.begins(act, now));
        let may = self.desk.is_idle() && self.reading().is_none() && self.arming.is_none();
        if !may || !self.incident.is_open() {
            return Vec::new();
        }
        let over = self.left_to_undo().find(|act| {
            let Some(until) = act.until().filter(|until| *until <= now) else { return false };
            let ours = act.session == self.session && self.ended.may(act.id, now) && !self.is_held(act.id);
            // whatever was said before a jump is old: an answer of now is awaited for a while
            let is_known = self.seen_lately(act, now).is_some()
                && (act.what.whom.is_some() || self.shown_slo().is_some_and(|slo| is_fresh(slo, now)));
            ours && act.is_done() && self.is_last(act) && !self.is_scheduled(act) && (is_known || is_over(until))
        });
        let Some((act, until)) = over.and_then(|act| Some((act.clone(), act.until()?))) else { return Vec::new() };
        let is_as_left = self.seen_lately(&act, now).is_some_and(|sight| act.what.stands(sight));
        self.ended.begins(act.id, now);
        let is_calm = self.good_for(now).is_some_and(|good| good >= CALM);
        let draft = Intended {
            act: Act::Revert,
            target: act.what.target.clone(),
            reverts: Some(act.id),
            why: format!("asked to end {}", until.beside(now)),
            ..Intended::default()
        };
        let two = self.switches.iter().find(|desk| desk.name == draft.target).map(|desk| desk.offers.two);
        let needs = second::needed(two.unwrap_or_default(), &draft, self.acts(), &self.person.name, now);
        // one context gets back what it had; everybody does only while nothing hurts
        let is_safe = is_calm || act.what.whom.is_some();
        // whatever is not as it was left is somebody's business, and not this program's
        if needs || !is_safe || !is_as_left {
            return Vec::new();
        }
        self.plan_by_itself(draft, act.what.before.clone(), By::End(act.id))
    }

    /// What was seen a moment ago of what an act was about.
    fn seen_lately(&self, act: &Intent, now: Time) -> Option<&Sight> {
        let desk = self.switches.iter().find(|desk| desk.name == act.what.target)?;
        let (at, sight) = desk.feed.last.as_ref()?;
        (now.since(*at) <= self.lasting(FRESH) && at.since(now) <= SET_BACK).then_some(sight)
    }
}

/// What was counted of an objective is of now.
fn is_fresh(slo: &SloDesk, now: Time) -> bool {
    slo.feed.is_fresh(now, Span::minutes(3)) && slo.feed.age(now).is_some_and(|age| age.0 >= -SET_BACK.0)
}

/// It left what it wanted, to everybody: of what is half done or for some nobody can say by a word what was left.
fn is_whole(act: &Intent) -> bool {
    act.what.whom.is_none() && act.what.share.is_none() && !act.is_half()
}

/// From when on something else than an act wanted is somebody else's doing.
fn settled(act: &Intent) -> Time {
    let seen = act.seen.as_ref().map(|(at, ..)| *at);
    act.end.as_ref().map(|end| end.at).max(seen).unwrap_or(act.at)
}

/// What is seen is what an act wanted, or what is told of it as flapping back, or on its way from the one to the other.
fn is_explained(act: &Intent, sight: &Sight) -> bool {
    let is_stopped = act.what.act == Act::Stop && sight.level == Level::Off;
    let is_back = act.came_back().is_some_and(|(_, value)| sight.is(value) || says(sight, value));
    let is_whole = sight.share.is_none() && sight.excluded.is_empty();
    let begins = |value: &Option<String>| value.as_deref().is_some_and(|value| sight.value.starts_with(value));
    let is_on_its_way = sight.level == Level::Partly && is_whole && (begins(&act.what.from) || begins(&act.what.to));
    act.what.stands(sight) || is_stopped || is_back || is_on_its_way
}

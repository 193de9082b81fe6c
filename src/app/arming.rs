//! From an act that somebody chose to one that waits for a word: planned, all of a plan together, then armed. It must not know how an act was
//! chosen, nor how it is carried.

use super::anew::Anew;
use super::confirm::{Armed, Confirm};
use super::msg::Effect;
use super::others::Brought;
use super::switches::SwitchDesk;
use super::{App, Layer};
use crate::incident::command::{Command, Refusal};
use crate::incident::entry::{EntryId, Number};
use crate::incident::intent::{Intended, Intent};
use crate::incident::risk::Risk;
use crate::incident::second::{self, ActWithdrawn, Asking};
use crate::incident::switch::Plan;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;

/// Acts that are being planned together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arming {
    /// The plan, by name; none for a single act.
    plan: Option<String>,
    /// The switches, and what is known about each.
    wanted: Vec<(usize, Intended, Option<Plan>)>,
    /// Who wants it.
    by: By,
    /// It was planned before, on what is not there any more.
    anew: Option<Anew>,
}

/// Who wants what is being planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Somebody who is asked once more.
    Person,
    /// Nobody: the end that was asked for of this act has come.
    End(EntryId),
    /// Nobody: this answer of a probe, in that stream, stops it.
    Probe(Number, EntryId),
}

impl App {
    /// Plans one act.
    pub(super) fn plan_one(&mut self, now: Time, draft: Intended) -> Vec<Effect> {
        self.plan_all(now, None, vec![draft])
    }

    /// Plans acts that are to be armed together.
    pub(super) fn plan_all(&mut self, now: Time, plan: Option<String>, drafts: Vec<Intended>) -> Vec<Effect> {
        let mut wanted = Vec::new();
        for draft in drafts {
            let Some(switch) = self.switches.iter().position(|desk| desk.name == draft.target) else {
                let words = format!("There is no switch {}. Nothing was sent. See the configuration.", draft.target);
                self.say(now, words, true);
                return Vec::new();
            };
            wanted.push((switch, draft, None));
        }
        let acts = self.acts();
        let effects = wanted.iter().map(|(switch, draft, _)| {
            let put = acts.found_for(draft).map(str::to_owned);
            Effect::Plan { switch: *switch, draft: Box::new(draft.clone()), put }
        });
        let effects = effects.collect();
        self.drop_arming();
        self.arming = Some(Arming { plan, wanted, by: By::Person, anew: None });
        effects
    }

    /// What is being planned was planned before.
    pub(super) fn plans_anew(&mut self, anew: Anew) {
        if let Some(arming) = &mut self.arming {
            arming.anew = Some(anew);
        }
    }

    /// The first act that is being planned.
    #[must_use]
    pub fn planning(&self) -> Option<&Intended> {
        self.arming.as_ref()?.wanted.first().map(|(_, draft, _)| draft)
    }

    /// An act was planned: once all are, they are armed together.
    pub(super) fn planned(
        &mut self,
        now: Time,
        switch: usize,
        draft: &Intended,
        answer: Result<Plan, Trouble>,
    ) -> Vec<Effect> {
        let Some(desk) = self.switches.get(switch) else { return Vec::new() };
        let name = desk.name.clone();
        let Some(arming) = &mut self.arming else { return Vec::new() };
        let Some((.., known)) = arming.wanted.iter_mut().find(|(at, one, _)| *at == switch && one == draft) else {
            return Vec::new();
        };
        match answer {
            Err(trouble) => {
                let (several, by) = (arming.wanted.len() > 1, arming.by);
                self.arming = None;
                let words = trouble.words();
                if by != By::Person {
                    self.not_yet(now, by, draft, words);
                    return Vec::new();
                }
                // one door that cannot be looked at holds the others open: better to know it before anything is sent
                let words = if several { format!("{name}: {words} None of the plan was sent.") } else { words.into() };
                self.say(now, words, true);
                return Vec::new();
            }
            Ok(plan) => *known = Some(plan),
        }
        if arming.wanted.iter().any(|(.., plan)| plan.is_none()) {
            return Vec::new();
        }
        let Some(arming) = self.arming.take() else { return Vec::new() };
        if arming.by != By::Person {
            return self.go_by_itself(now, arming.by, arming.wanted);
        }
        let found = self.arm(now, &name, arming);
        found.into_iter().chain(self.weigh(now)).collect()
    }

    /// Plans an act that nobody at the keyboard asks for.
    pub(super) fn plan_by_itself(&mut self, draft: Intended, put: Option<String>, by: By) -> Vec<Effect> {
        let Some(switch) = self.switches.iter().position(|desk| desk.name == draft.target) else { return Vec::new() };
        if self.arming.is_some() {
            return Vec::new();
        }
        let effect = Effect::Plan { switch, draft: Box::new(draft.clone()), put };
        self.arming = Some(Arming { plan: None, wanted: vec![(switch, draft, None)], by, anew: None });
        vec![effect]
    }

    /// An end that was asked for has come, or a probe stops something: it is bound to the state that was planned on, like any other act.
    fn go_by_itself(&mut self, now: Time, by: By, wanted: Vec<(usize, Intended, Option<Plan>)>) -> Vec<Effect> {
        let Some((_, draft, Some(plan))) = wanted.into_iter().next() else { return Vec::new() };
        // an end that was moved while it was planned has not come
        let is_later = |by: By| matches!(by, By::End(act) if self.acts().find(act).and_then(Intent::until) > Some(now));
        if is_later(by) {
            return Vec::new();
        }
        if plan.idle {
            if let Err(busy) = self.check_still(now, &draft) {
                self.not_yet(now, by, &draft, &busy.why);
            }
            return Vec::new();
        }
        // somebody began to say how much longer while it was planned: it goes on when they have said it
        if let By::End(act) = by
            && self.is_held(act)
        {
            self.ended.forget(act);
            return Vec::new();
        }
        let act = draft.on(&plan);
        match by {
            // what became of it is said when it is in the record
            By::Probe(number, read) => self.want_in(now, number, Brought::Trips(read, Box::new(act))),
            By::End(_) | By::Person => {
                self.say(now, format!("about to {} {}, {}", act.deed(), act.target, act.why), false);
                self.want(now, Command::Act(act), None)
            }
        }
    }

    /// Whatever is being planned is not planned any more; what nobody at the keyboard asked for is planned anew in a moment. Answers with the act
    /// that somebody asked for, if it was one.
    pub(super) fn drop_arming(&mut self) -> Option<Intended> {
        let arming = self.arming.take()?;
        match arming.by {
            By::Person => return arming.wanted.into_iter().next().map(|(_, draft, _)| draft),
            By::End(act) => self.ended.forget(act),
            By::Probe(_, read) => self.tripped.forget(read),
        }
        None
    }

    /// What goes by itself could not be planned: it is tried again, and that is said.
    fn not_yet(&mut self, now: Time, by: By, draft: &Intended, words: &str) {
        let why = words.split_once(". ").map_or(words, |(first, _)| first).trim_end_matches('.').to_owned();
        let (done, beside) = match by {
            By::Probe(number, _) => ("stopped", self.beside(number)),
            By::End(_) | By::Person => ("put back", String::new()),
        };
        let words = format!("{} is not {done} yet{beside}: {why}. Nothing was sent. It is tried again.", draft.target);
        self.say(now, words, true);
        match by {
            By::Probe(_, read) => self.tripped.fails(read, now, why),
            By::End(act) => self.ended.fails(act, now, why),
            By::Person => {}
        }
    }

    /// What could not be planned for too long is not tried any more: whoever may do it is told, unless it was done meanwhile.
    pub(super) fn give_up(&mut self, now: Time) {
        let mut told = Vec::new();
        let stops = self.tripped.given_up(now);
        let owed = if stops.is_empty() { Vec::new() } else { self.stops_owed(now) };
        for (read, why) in stops {
            let owed = owed.iter().find(|(_, owed, _)| *owed == read);
            told.extend(owed.map(|(number, _, act)| {
                let beside = self.beside(*number);
                format!("{} was not stopped{beside}: {why}. Nothing was sent. Stop it, or leave it.", act.target)
            }));
        }
        for (act, why) in self.ended.given_up(now) {
            let act = self.incident.intents().to_undo().find(|one| one.id == act);
            told.extend(act.map(|act| {
                let target = &act.what.target;
                format!("{target} was not put back: {why}. Nothing was sent. Put it back, or leave it.")
            }));
        }
        if !told.is_empty() {
            self.say(now, told.join(" "), true);
        }
    }

    /// Arms what is planned. What somebody else asked for and is found void is not armed: that is written down, and answered with.
    fn arm(&mut self, now: Time, name: &str, arming: Arming) -> Vec<Effect> {
        // somebody is writing by now: nothing takes the keyboard from under them
        let again = matches!(&self.layer, Layer::Confirm(confirm) if confirm.is_about(name) && confirm.off.is_some());
        if !matches!(self.layer, Layer::None) && !again {
            if !matches!(&self.layer, Layer::Confirm(confirm) if confirm.is_about(name)) {
                let words = format!("{name} can be looked at now. Nothing was sent. Press x when you are done.");
                self.say(now, words, false);
            }
            return Vec::new();
        }
        if let Some(anew) = &arming.anew {
            self.seen_anew(anew);
        }
        // whose business it is, and whom it lets in, depends on what is served now
        let planned = arming.wanted.iter().filter_map(|(_, draft, plan)| Some(draft.clone().on(plan.as_ref()?)));
        let planned: Vec<Intended> = planned.collect();
        let (idle, moving): (Vec<_>, Vec<_>) =
            arming.wanted.into_iter().partition(|(.., plan)| plan.as_ref().is_some_and(|plan| plan.idle));
        // what is under way may change it in a moment: nothing is so already
        let of_idle = |(_, draft, _): &(usize, Intended, Option<Plan>)| self.check_still(now, draft).err();
        if let Some(busy) = idle.iter().find_map(of_idle) {
            self.close_layer(now);
            self.say(now, busy.words(), true);
            return Vec::new();
        }
        if let Some((words, found)) = self.void(now, &planned) {
            self.close_layer(now);
            self.say(now, words, true);
            return found.map(|found| self.want(now, Command::WithdrawSecond(found), None)).unwrap_or_default();
        }
        if moving.is_empty() {
            let to = idle.first().and_then(|(.., plan)| plan.as_ref()).map(|plan| plan.to.clone()).unwrap_or_default();
            let mut words = match &arming.plan {
                Some(plan) => format!("All of {plan} is so already. Nothing was sent."),
                None => format!("{name} serves {to} already. Nothing was sent."),
            };
            if arming.anew.is_some() {
                let plan = idle.first().and_then(|(.., plan)| plan.as_ref());
                words.push_str(&self.did_the_same(name, plan));
            }
            self.close_layer(now);
            self.say(now, words, false);
            return Vec::new();
        }
        let me = self.person.name.clone();
        let moving: Vec<(usize, Intended, Plan)> =
            moving.into_iter().filter_map(|(at, draft, plan)| plan.map(|plan| (at, draft.on(&plan), plan))).collect();
        let acts = self.acts();
        let risk = moving.iter().filter_map(|(at, act, plan)| {
            let critical = self.switches.get(*at)?.critical || plan.critical.is_some();
            Some(Risk::of(act, critical, acts, &me, now))
        });
        let risk = risk.max();
        let waits = |(at, act, _): &(usize, Intended, Plan)| {
            let two = self.switches.get(*at).map(|desk| desk.offers.two).unwrap_or_default();
            act.confirms.is_none() && second::needed(two, act, acts, &me, now)
        };
        let asks_second = moving.iter().any(waits);
        let exact = match &arming.plan {
            Some(plan) => format!("plan/{plan}"),
            None => {
                moving.first().and_then(|(at, ..)| self.switches.get(*at)).map(SwitchDesk::exact).unwrap_or_default()
            }
        };
        let seen = |at: usize| Some(&self.switches.get(at)?.feed.last.as_ref()?.1);
        let armed = moving.into_iter().map(|(at, draft, plan)| Armed {
            draft,
            plan,
            seen: seen(at).map(|sight| sight.value.clone()),
            version: seen(at).and_then(|sight| sight.version.clone()),
            adopts: false,
        });
        let armed: Vec<Armed> = armed.collect();
        let asked = armed.first().and_then(|one| self.incident.seconds().find(one.draft.confirms?));
        let why = asked.map(|asked| asked.what.why.clone()).unwrap_or_default();
        let so_already = idle.into_iter().map(|(_, draft, _)| draft.target).collect();
        let mut confirm = Confirm::new(armed, exact, risk.unwrap_or(Risk::High), asks_second, now);
        (confirm.so_already, confirm.plan) = (so_already, arming.plan);
        confirm.suggest_why(&why);
        if let Some(anew) = &arming.anew {
            self.shows_anew(&mut confirm, anew);
        }
        confirm.speed_milli = self.drill.as_ref().map_or(1_000, |drill| drill.clock.speed_milli);
        self.layer = Layer::Confirm(Box::new(confirm));
        self.raise();
        Vec::new()
    }

    /// No act on the switch of this one is under way.
    fn check_still(&self, now: Time, draft: &Intended) -> Result<(), Refusal> {
        self.acts().check_busy(&draft.target, (self.session, now))
    }

    /// What somebody asked for is void, in words: whoever would agree to it needs not type anything first.
    /// Beside it what is to be written down of that.
    fn void(&self, now: Time, planned: &[Intended]) -> Option<(String, Option<ActWithdrawn>)> {
        let (who, seconds) = ((self.person.name.as_ref(), self.session, now), self.incident.seconds());
        if let Some((found, refusal)) = seconds.found_void(planned, who) {
            let words = format!("{} Nothing was sent. It is recorded as void. {}", refusal.why, refusal.instead);
            return Some((words, Some(found)));
        }
        let refusal = planned.iter().find_map(|act| seconds.agrees(act.confirms?, act, who).err());
        refusal.map(|refusal| (refusal.words(), None))
    }

    /// Says that nothing was sent, and until when somebody else may agree.
    pub(super) fn say_asked(&mut self, now: Time, asking: &Asking) {
        let Some(act) = asking.acts.first() else { return };
        let until = now.plus(second::WAITS).clock_minutes();
        let words = format!(
            "Asked {} {}. Nothing was sent: somebody else has to agree until {until} UTC.",
            act.wish(),
            asking.called()
        );
        self.say(now, words, false);
    }
}

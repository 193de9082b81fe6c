//! What somebody else changed between a plan and its sending: it is planned anew by itself and shown to whoever decided, as a plan like any other that
//! nobody has confirmed. What is being typed keeps the keyboard: then it waits as a row. It must not know how a provider notices.

use super::confirm::{Confirm, Slot};
use super::field::Field;
use super::msg::Effect;
use super::{App, Layer};
use crate::incident::entry::EntryId;
use crate::incident::intent::{Intended, Intent, Settled};
use crate::incident::meanwhile::{self, Was};
use crate::incident::switch::Plan;
use crate::incident::time::Time;

/// An act that was not sent because somebody else came first, and waits to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Overtaken {
    /// The act.
    act: EntryId,
    /// The same act, decided by nobody yet.
    draft: Intended,
    anew: Anew,
}

/// What a newer plan is compared with, and what was typed for the older one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Anew {
    /// What each switch was decided on.
    was: Vec<(String, Was)>,
    /// What fields said that confirm nothing.
    kept: Vec<(Slot, String)>,
    /// Somebody is known to have changed something: it is said also where it is as it was.
    is_sure: bool,
    /// The act that was not sent; none where nothing had been confirmed.
    act: Option<EntryId>,
}

impl Anew {
    /// Of what is armed and may not be what is there any more.
    pub(super) fn of(confirm: &Confirm, is_sure: bool) -> Anew {
        let was = confirm.armed.iter().map(|one| (one.draft.target.clone(), Was::planned(&one.plan)));
        let fields = confirm.fields.iter().filter(|(slot, _)| !matches!(slot, Slot::Name | Slot::Glass));
        let kept = fields.map(|(slot, field)| (*slot, field.text().trim().to_owned()));
        Anew { was: was.collect(), kept: kept.filter(|(_, text)| !text.is_empty()).collect(), is_sure, act: None }
    }
}

impl Confirm {
    /// Says what was changed meanwhile, and asks for the exact name whatever it risks: whoever is asked once more, out of turn, has to have read it.
    fn again(&mut self, meanwhile: Vec<String>, kept: &[(Slot, String)]) {
        for (slot, text) in kept {
            for (_, field) in self.fields.iter_mut().filter(|(known, field)| known == slot && field.text().is_empty()) {
                *field = std::mem::take(field).suggested(text);
            }
        }
        if !meanwhile.is_empty() && !self.typed_name() {
            self.fields.insert(0, (Slot::Name, Field::new("type", "the exact name, then Enter")));
            self.active = 0;
        }
        self.meanwhile = meanwhile;
        self.armed.iter_mut().for_each(|one| one.adopts = true);
    }
}

impl App {
    /// An act was not sent because somebody else came first: it is planned anew, now if the keyboard is free, else when somebody opens its row.
    pub(super) fn overtaken(&mut self, now: Time, settled: &Settled, what: &Intended) -> Vec<Effect> {
        let by = self.incident.intents().find(settled.intent).map(|act| act.by.clone());
        // it was decided in this incident and by whoever sits here, or it is nobody's here to decide anew
        let Some(by) = by.filter(|_| settled.conflict && !what.act.is_of_an_end()) else { return Vec::new() };
        let mut kept = vec![(Slot::Why, what.why.clone())];
        kept.extend(what.until.map(|at| (Slot::Until, at.clock_minutes())));
        let expected = what.expect_max.zip(what.expect_by);
        kept.extend(expected.map(|(most, at)| (Slot::Expect, format!("{most} by {}", at.clock_minutes()))));
        // what somebody else asked for ends as they asked for it
        let is_theirs = what.confirms.is_some();
        let draft = Intended {
            why: String::new(),
            until: what.until.filter(|_| is_theirs),
            expect_max: what.expect_max.filter(|_| is_theirs),
            expect_by: what.expect_by.filter(|_| is_theirs),
            glass: false,
            ..what.clone()
        };
        let act = Some(settled.intent);
        let anew = Anew { was: vec![(what.target.clone(), Was::of(what))], kept, is_sure: true, act };
        self.outside.overtaken.retain(|one| one.draft.target != what.target);
        self.outside.overtaken.push(Overtaken { act: settled.intent, draft, anew });
        let is_free = matches!(self.layer, Layer::None) && self.arming.is_none() && by == *self.person.name;
        if is_free { self.plan_overtaken(now, settled.intent) } else { Vec::new() }
    }

    /// Plans anew what was not sent.
    pub(super) fn plan_overtaken(&mut self, now: Time, act: EntryId) -> Vec<Effect> {
        let Some(one) = self.outside.overtaken.iter().find(|one| one.act == act).cloned() else { return Vec::new() };
        let effects = self.plan_one(now, one.draft);
        self.plans_anew(one.anew);
        effects
    }

    /// What is armed is planned anew, on what is there now.
    pub(super) fn look_again(&mut self, now: Time, is_sure: bool) -> Vec<Effect> {
        let Layer::Confirm(confirm) = &self.layer else { return Vec::new() };
        let anew = Anew::of(confirm, is_sure);
        let drafts = confirm.armed.iter().map(|one| one.draft.clone());
        let (drafts, plan) = (drafts.collect(), confirm.plan.clone());
        let effects = self.plan_all(now, plan, drafts);
        self.plans_anew(anew);
        effects
    }

    /// What was armed is planned anew: says what was changed, and keeps what was typed as far as it confirms nothing.
    pub(super) fn shows_anew(&self, confirm: &mut Confirm, anew: &Anew) {
        let acts = self.acts();
        let several = confirm.armed.len() > 1;
        let changed = confirm.armed.iter().filter_map(|one| {
            let was = anew.was_of(&one.draft.target).filter(|was| anew.is_sure || !was.is_so_still(&one.plan))?;
            // of several only those that are otherwise are worth a line
            if several && was.is_so_still(&one.plan) {
                return None;
            }
            let words = was.words(&one.plan, meanwhile::whose(&one.plan, &one.draft.target, acts));
            Some(if several { format!("{}: {words}", one.draft.target) } else { words })
        });
        let changed = changed.collect();
        confirm.again(changed, &anew.kept);
    }

    /// Somebody sees what became of it: it waits no longer.
    pub(super) fn seen_anew(&mut self, anew: &Anew) {
        self.outside.overtaken.retain(|one| Some(one.act) != anew.act);
    }

    /// There is nothing left to do anew: somebody else did it.
    pub(super) fn did_the_same(&self, target: &str, plan: Option<&Plan>) -> String {
        let who = plan.and_then(|plan| meanwhile::whose(plan, target, self.acts())).unwrap_or("somebody else");
        format!(" {who} did the same meanwhile.")
    }

    /// What was not sent because somebody else came first and nobody has looked at since: the act, its switch and the words of a row.
    pub(super) fn waits_anew(&self) -> impl Iterator<Item = (&Intent, String)> {
        let acts = self.incident.intents();
        self.outside.overtaken.iter().filter_map(move |one| {
            // whatever was decided since about its switch was decided on what is there now
            let act = acts.last_on(&one.draft.target).filter(|last| last.id == one.act)?;
            let (deed, target) = (one.draft.deed(), &one.draft.target);
            Some((act, format!("NOT SENT, changed meanwhile: {deed} {target}? Enter: the new plan")))
        })
    }
}

impl Anew {
    fn was_of(&self, target: &str) -> Option<&Was> {
        self.was.iter().find(|(name, _)| name == target).map(|(_, was)| was)
    }
}

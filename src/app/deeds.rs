//! What can be done with a switch, and how it comes to a confirmation: asked for, planned, armed. It must not know how anything is carried.
//!
//! The list always opens, also with one thing to do: the same keys never arm on one switch what they only show on another. Ways back stand
//! first, the smallest step before the whole, then what stops, the narrowest first.

use super::key::{Code, Key};
use super::msg::Effect;
use super::probes::Place;
use super::prompt::Kind;
use super::switches::SwitchDesk;
use super::{App, Layer, Panel, PlanDesk};
use crate::incident::command::Command;
use crate::incident::entry::EntryId;
use crate::incident::intent::{Act, Intended, Intent};
use crate::incident::second::{ActWithdrawn, Asked};
use crate::incident::switch::{Level, Share, Sight, Whom};
use crate::incident::time::Time;

/// The shares on the way back, the smallest first; the last step is to put everything back.
pub const STEPS: [u32; 2] = [5, 25];

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The act, as far as it is known.
    pub draft: Intended,
    /// In words.
    pub words: String,
    /// What stands beside it.
    pub aside: String,
    /// What has to be said first.
    pub asks: Option<Kind>,
    /// It only takes back what was asked for.
    pub withdraws: Option<EntryId>,
    /// It is the act that was not sent because somebody else came first, planned anew.
    pub anew: Option<EntryId>,
    /// Of a plan: all of it, in the order in which it is sent.
    pub together: Vec<Intended>,
    /// The plan, by name.
    pub plan: Option<String>,
}

impl Offer {
    /// One act.
    pub(super) fn of(draft: Intended, words: String) -> Offer {
        let aside = String::new();
        Offer { draft, words, aside, asks: None, withdraws: None, anew: None, together: Vec::new(), plan: None }
    }
    /// All of a plan.
    fn of_plan(plan: &str, together: Vec<Intended>, words: String) -> Offer {
        Offer { together, plan: Some(plan.to_owned()), ..Offer::of(Intended::default(), words) }
    }
    fn gives_back(&self) -> bool {
        let is_back = |draft: &Intended| draft.reverts.is_some() && draft.serves();
        is_back(&self.draft) || self.together.iter().any(is_back)
    }
    /// It lets somebody in again.
    fn lets_in(&self) -> bool {
        self.draft.lets_in() || self.together.iter().any(Intended::lets_in)
    }
}

/// What can be done with one switch, or with a plan, to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deeds {
    /// The switch, by name; a plan with the word before it.
    pub switch: String,
    /// What can be done: ways back first, then what stops.
    pub offers: Vec<Offer>,
    /// The one that is chosen.
    pub chosen: usize,
    /// The rows are those that stood there when this switch was looked at last: a digit chooses. Where others stand now it only moves there.
    pub steady: bool,
}

impl Deeds {
    /// Something can be given back here.
    #[must_use]
    pub fn gives_back(&self) -> bool {
        self.offers.iter().any(Offer::gives_back)
    }
}

impl App {
    /// The key on the selected switch or plan: what can be done with it.
    pub(super) fn switch(&mut self, now: Time) -> Vec<Effect> {
        if self.incident.opened().is_none() {
            self.say(now, "No incident is declared. Nothing was sent. Press i to declare one first.", true);
            return Vec::new();
        }
        self.choose_by_priority();
        if let Some(plan) = self.switch.as_ref().and_then(|name| self.plans.iter().find(|plan| plan.name == *name)) {
            let (name, switches) = (plan.name.clone(), plan.switches.clone());
            let offers = self.offers_of(plan, now);
            if offers.is_empty() {
                let all = switches.len();
                let words = format!("All {all} of {name} are stopped, but not from here. Put each back by itself.");
                self.say(now, words, false);
                return Vec::new();
            }
            let place = Place::Switches(switches);
            return self.choose(now, format!("plan {name}"), offers, &place);
        }
        let Some((_, desk)) = self.selected_switch() else {
            self.say(now, "No switch is configured. Nothing was sent. Add a [[switch]] to the configuration.", true);
            return Vec::new();
        };
        let name = desk.name.clone();
        let offers = self.offers(desk, now);
        if offers.is_empty() {
            let words =
                format!("{name} is stopped for everybody. Nothing more can be stopped. Restore it where it is kept.");
            self.say(now, words, false);
            return Vec::new();
        }
        self.switch = Some(name.clone());
        let place = Place::Switches(vec![name.clone()]);
        self.choose(now, name, offers, &place)
    }

    /// Lets somebody choose; whoever may let something in again is told what stands against it.
    fn choose(&mut self, now: Time, name: String, offers: Vec<Offer>, place: &Place) -> Vec<Effect> {
        let restores = offers.iter().any(Offer::lets_in);
        let asked = if restores { self.ask_probes_of(now, place) } else { Vec::new() };
        let rows: Vec<String> = offers.iter().map(|offer| offer.words.clone()).collect();
        let before = self.offered.insert(name.clone(), rows.clone());
        let steady = before.is_none_or(|before| before == rows);
        self.layer = Layer::Deeds(Deeds { switch: name, offers, chosen: 0, steady });
        asked
    }

    /// What can be done with all switches of a plan: what is stopped is put back in reverse, what is not is stopped.
    fn offers_of(&self, plan: &PlanDesk, now: Time) -> Vec<Offer> {
        let stands = self.together(plan, now);
        let draft = |act, target, reverts| Intended { act, target, reverts, ..Intended::default() };
        let back = stands.back.into_iter().map(|(target, undone)| draft(Act::Revert, target, Some(undone)));
        let back: Vec<Intended> = back.collect();
        // whoever gives something back now may be done in a moment: that switch can be stopped, and is told of where it is asked for
        let under_way = |name: &&String| self.acts().check_busy(name, (self.session, now)).is_err();
        let stops = plan.switches.iter().filter(|name| stands.runs.contains(name) || under_way(name));
        let stops: Vec<Intended> = stops.map(|target| draft(Act::Stop, target.clone(), None)).collect();
        let (all, undone) = (plan.switches.len(), back.len());
        let named = |drafts: &[Intended]| drafts.iter().map(|one| one.target.as_str()).collect::<Vec<_>>().join(", ");
        let mut offers = self.waits_for_word(&format!("plan/{}", plan.name), now);
        if !back.is_empty() {
            let how = if undone == all { format!("all {all}") } else { format!("{undone} of {all}") };
            let words = format!("put back {how}: {}", named(&back));
            offers.push(Offer::of_plan(&plan.name, back, words));
        }
        if !stops.is_empty() {
            let how = if stops.len() == all { format!("all {all}") } else { "the rest".to_owned() };
            let words = format!("stop {how}: {}", named(&stops));
            offers.push(Offer::of_plan(&plan.name, stops, words));
        }
        offers
    }

    /// With the list of what is owed in focus, the switch is the one that the selected row speaks of.
    fn choose_by_priority(&mut self) {
        let Some(id) = self.priority.filter(|_| self.focus == Panel::Priorities) else { return };
        let act = self.acts().find(id).map(|act| act.what.target.clone());
        let asked = self.incident.seconds().find(id).map(|asked| {
            let plan = asked.what.plan.as_ref().filter(|plan| self.plans.iter().any(|one| one.name == **plan));
            plan.unwrap_or(&asked.what.target).clone()
        });
        if let Some(target) = act.or(asked).or_else(|| self.stops_after(id)) {
            self.switch = Some(target);
        }
    }

    /// What waits for a second person under this name: to agree to it, or to take it back.
    fn waits_for_word(&self, name: &str, now: Time) -> Vec<Offer> {
        let (me, seconds) = (self.person.name.as_ref(), self.incident.seconds());
        let offer = |asked: &Asked, words: String| match &asked.what.plan {
            Some(plan) => Offer::of_plan(plan, asked.what.agreed(asked.id), words),
            None => Offer::of(Intended { confirms: Some(asked.id), ..asked.what.draft() }, words),
        };
        let deed = |asked: &Asked| format!("{} {}", asked.what.draft().deed(), asked.what.called());
        let mut all = Vec::new();
        if let Some(asked) = seconds.for_me(name, me, self.session, now) {
            let words = format!("confirm what {} asks for: {}", asked.by, deed(asked));
            all.push(Offer { aside: format!("until {}", asked.what.expires.beside(now)), ..offer(asked, words) });
        }
        if let Some(asked) = seconds.of_mine(name, me, now) {
            let words = format!("take back what you asked for: {}", deed(asked));
            let aside = "nothing was sent".to_owned();
            all.push(Offer { aside, withdraws: Some(asked.id), ..Offer::of(asked.what.draft(), words) });
        }
        all
    }

    /// What can be done with a switch: what waits for a word, ways back, then stops.
    fn offers(&self, desk: &SwitchDesk, now: Time) -> Vec<Offer> {
        let draft = |act| Intended { act, target: desk.name.clone(), ..Intended::default() };
        let offer = Offer::of;
        let can = &desk.offers;
        let mut all = Vec::new();
        if let Some((act, _)) = self.waits_anew().find(|(act, _)| act.what.target == desk.name) {
            let words = format!("{} {}, planned anew", act.what.deed(), desk.name);
            let aside = "changed meanwhile, nothing was sent".to_owned();
            all.push(Offer { aside, anew: Some(act.id), ..offer(act.what.clone(), words) });
        }
        all.extend(self.waits_for_word(&desk.name, now));
        // what goes by a plan's name is confirmed whole, whichever of its switches is looked at
        if let Some(asked) = self.incident.seconds().with_others(&desk.name, now) {
            all.extend(self.waits_for_word(&asked.what.name(), now));
        }
        let intents = self.acts();
        // somebody else may have put it back: what is seen says whether there is a way back
        let last = self.way_back(desk, now);
        if let Some(act) = last {
            let undo = Intended { reverts: Some(act.id), ..draft(Act::Revert) };
            let was = act.what.from.as_deref().unwrap_or("what was served");
            let words = format!(
                "put back {was}: takes back the {} of {} by {}{}",
                act.what.called(),
                act.at.beside(now),
                act.by,
                self.done_in(act.id).map(|number| format!(" in incident {number}")).unwrap_or_default()
            );
            if can.percent && act.what.is_stepped_back() {
                let seen = self.seen_now(desk, now).and_then(Sight::reach);
                let done = intents.last_on(&desk.name).and_then(|last| last.what.share);
                let now_at = seen.or(done).unwrap_or(Share::NOBODY);
                // what was a share only is given back to no more than that
                let part = act.what.reach.filter(|reach| *reach < Share::EVERYBODY);
                let is_step = |share: &Share| *share > now_at && part.is_none_or(|part| *share < part);
                let step = |share| Intended { reverts: Some(act.id), ..Intended::to_share(&desk.name, share) };
                let fits = |share: &Share| is_step(share) && step(*share).check_step(act).is_ok();
                for share in STEPS.into_iter().filter_map(Share::of_percent).filter(fits) {
                    let words = match part {
                        Some(part) => format!("serve it to {share} first, of the {part} before"),
                        None => format!("serve {was} to {share} first"),
                    };
                    all.push(offer(step(share), words));
                }
            }
            all.push(offer(undo, words));
            all.extend(self.longer(desk, now));
        }
        let level = desk.feed.last.as_ref().map(|(_, sight)| sight.level);
        // what is stopped for everybody is stopped for each of them: nothing that changes nothing is offered
        let is_stopped = last.is_none() && desk.feed.trouble.is_none() && level == Some(Level::Off);
        if let Some(kind) = can.whom.as_ref().filter(|_| !is_stopped) {
            if let Some((whom, aside)) = self.worst_one(desk, kind) {
                let words = format!("stop for {whom} only");
                let one = Intended { whom: Some(whom), ..draft(Act::Exclude) };
                all.push(Offer { aside, ..offer(one, words) });
            }
            let words = format!("stop for one {kind} …");
            all.push(Offer { asks: Some(Kind::Exclude), ..offer(draft(Act::Exclude), words) });
        }
        if can.percent {
            // some of them may stand above, as steps
            let is_stepped = last.is_some_and(|act| act.what.is_stepped_back());
            let words = if is_stepped { "serve another share …" } else { "serve a share only …" }.to_owned();
            all.push(Offer { asks: Some(Kind::Percent), ..offer(draft(Act::Percent), words) });
        }
        // where nobody can say whether it is stopped, it can be
        if self.seen_stopped(desk, now) != Some(true) {
            let served =
                self.seen_now(desk, now).filter(|sight| sight.by_rule.is_some()).map(|sight| sight.served(None));
            let aside = served.map(|served| format!("serves {served} now")).unwrap_or_default();
            all.push(Offer { aside, ..offer(draft(Act::Stop), format!("stop for everybody: serve {}", desk.stop)) });
        }
        // rules that serve it to some are no stop of somebody's: to serve it to everybody would be no way back
        let is_ruled = desk.feed.last.as_ref().is_some_and(|(_, sight)| sight.is_let_through());
        if can.restores && last.is_none() && !is_ruled && matches!(level, Some(Level::Off | Level::Partly)) {
            let restore = Intended { widens: true, ..draft(Act::Restore) };
            all.push(offer(restore, "restore for everybody: somebody stopped it elsewhere".to_owned()));
        }
        if let Some(refused) = intents.last_on(&desk.name).filter(|last| can.requests && needs_approval(last)) {
            all.push(offer(refused.what.requested(), format!("ask their approvers to {} it", refused.what.act.word())));
        }
        all
    }

    /// The context that a breakdown points at: the row that was chosen there, else the one with the most bad events.
    fn worst_one(&self, desk: &SwitchDesk, kind: &str) -> Option<(Whom, String)> {
        let asked = self.shares.asked.as_ref()?;
        let field = desk.offers.field.as_deref().unwrap_or(kind);
        if asked.fields.len() != 1 || asked.fields.first().map(String::as_str) != Some(field) {
            return None;
        }
        let row = self.shares.rows().get(self.shares.place())?;
        let whom = Whom::parse(&format!("{kind}:{}", row.key()?), kind)?;
        let bad = self.shares.feed.last.as_ref().map_or(0, |(_, shares)| shares.bad);
        let of_bad = row.bad.saturating_mul(100).checked_div(bad).unwrap_or(0);
        let of_all = row.now_ppm / 10_000;
        Some((whom, format!("{of_bad} % of bad events, {of_all} % of all")))
    }

    /// A key while it is chosen what to do.
    pub(super) fn deeds_key(&mut self, now: Time, key: Key, mut deeds: Deeds) -> Vec<Effect> {
        let last = deeds.offers.len().saturating_sub(1);
        let place = match key.code {
            code if App::is_escape(code) => {
                self.layer = Layer::Deeds(deeds);
                self.close_layer(now);
                return Vec::new();
            }
            Code::Enter => deeds.chosen,
            Code::Char(digit @ '1'..='9') if key.typed().is_some() => {
                let place = usize::try_from(u32::from(digit) - u32::from('1')).unwrap_or(last);
                if place > last || !deeds.steady {
                    deeds.chosen = if place > last { deeds.chosen } else { place };
                    self.layer = Layer::Deeds(deeds);
                    return Vec::new();
                }
                place
            }
            Code::Down | Code::Char('j') | Code::Tab => {
                deeds.chosen = (deeds.chosen + 1).min(last);
                self.layer = Layer::Deeds(deeds);
                return Vec::new();
            }
            Code::Up | Code::Char('k') | Code::BackTab => {
                deeds.chosen = deeds.chosen.saturating_sub(1);
                self.layer = Layer::Deeds(deeds);
                return Vec::new();
            }
            _ => {
                self.layer = Layer::Deeds(deeds);
                return Vec::new();
            }
        };
        let Some(offer) = deeds.offers.get(place).cloned() else { return Vec::new() };
        if let Some(asked) = offer.withdraws {
            self.close_layer(now);
            self.say(now, "It is not asked for any more. Nothing was sent.", false);
            return self.want(
                now,
                Command::WithdrawSecond(ActWithdrawn { asked, why: String::new(), changed: None }),
                None,
            );
        }
        if let Some(act) = offer.anew {
            return self.plan_overtaken(now, act);
        }
        match offer.asks {
            Some(kind) => {
                self.open(now, kind);
                Vec::new()
            }
            None if !offer.together.is_empty() => self.plan_all(now, offer.plan, offer.together),
            None => self.plan_one(now, offer.draft),
        }
    }

    /// What was said about a switch in a prompt: whom to exclude, or which share to serve.
    pub(super) fn plan_said(&mut self, now: Time, said: Said) -> Vec<Effect> {
        let Some((_, desk)) = self.selected_switch() else { return Vec::new() };
        let target = desk.name.clone();
        let draft = match said {
            Said::Whom(whom) => Intended { act: Act::Exclude, target, whom: Some(whom), ..Intended::default() },
            Said::Share(share) => {
                // whether it is a step back from that is judged by what its plan finds
                let undone = self.acts().undoable(&target).filter(|act| act.what.is_stepped_back());
                let step = Intended { reverts: undone.map(|act| act.id), ..Intended::to_share(&target, share) };
                let is_more = self.seen_now(desk, now).and_then(Sight::reach).is_some_and(|served| share > served);
                let no = undone.filter(|_| is_more).and_then(|act| step.check_step(act).err());
                if let Some(no) = no {
                    self.say(now, format!("{} Nothing was sent. {}", no.why, no.instead), true);
                    return Vec::new();
                }
                step
            }
        };
        self.plan_one(now, draft)
    }
}

/// What was said about a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Stop for this one.
    Whom(Whom),
    /// Serve this share.
    Share(Share),
}

/// It was refused because its provider's approvers have to agree.
fn needs_approval(intent: &Intent) -> bool {
    intent.needs_approval() && intent.what.act != Act::Request
}

//! What comes from the journal, and what goes into it: one append is in flight, the rest waits in order.
//!
//! It must not know where the journal is.

use super::kept::keep;
use super::log::Log;
use super::msg::{AppendTrouble, Effect, Errand, Said};
use super::{App, Layer};
use crate::app::feed::Column;
use crate::incident::burn::BurnNoted;
use crate::incident::command::Command;
use crate::incident::entry::{Entry, Number, STANDING};
use crate::incident::fact::Fact;
use crate::incident::impact::thousands;
use crate::incident::intent::{Act, Outcome};
use crate::incident::phase::{Milestone, MilestoneReached, Phase};
use crate::incident::pinned::ChartPinned;
use crate::incident::time::{Span, Time};
use crate::incident::{Incident, decide};
use std::collections::VecDeque;

/// What is being written, and what waits for it.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    flight: Option<(Wanted, Time)>,
    waiting: VecDeque<Wanted>,
}

/// A command with the time it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    stream: Stream,
    command: Command,
    at: Option<Time>,
    /// Somebody else in the room said it, and wrote it down then.
    who: Option<(String, Time)>,
    /// The head it was decided on last; none before the first time.
    after: Option<u64>,
}

/// Which stream a command belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Incident,
    /// A drill's clock is moved in the standing stream, which no rule guards.
    Clock(Time),
}

impl Desk {
    /// How many commands wait, the one in flight among them, and since when that one is under way.
    pub fn waiting(&self) -> Option<(usize, Time)> {
        self.flight.as_ref().map(|(_, since)| (self.waiting.len() + 1, *since))
    }
    /// Nothing is being written, and nothing waits.
    pub fn is_idle(&self) -> bool {
        self.flight.is_none() && self.waiting.is_empty()
    }
    /// Keeps the words that the journal has not taken yet, in their order.
    pub(super) fn keep(&self) -> Vec<Effect> {
        let in_flight = self.flight.iter().map(|(wanted, _)| wanted);
        in_flight.chain(&self.waiting).filter_map(|wanted| keep(&wanted.command)).collect()
    }
}

impl App {
    /// Wants something recorded: decides at once when nothing is in flight, else in its turn.
    pub(super) fn want(&mut self, now: Time, command: Command, at: Option<Time>) -> Vec<Effect> {
        self.queue(now, Wanted { stream: Stream::Incident, command, at, who: None, after: None })
    }

    /// Wants the drill's clock moved.
    pub(super) fn want_clock(&mut self, now: Time, to: Time, why: &str) -> Vec<Effect> {
        let mark = crate::incident::record::Marked { entry: None, text: why.into() };
        self.queue(
            now,
            Wanted { stream: Stream::Clock(to), command: Command::Mark(mark), at: None, who: None, after: None },
        )
    }

    /// Somebody else in the room says something; before the incident is declared it is remembered, and recorded late.
    pub(super) fn said(&mut self, now: Time, said: Said) -> Vec<Effect> {
        let Some(opened) = self.incident.opened().filter(|_| self.reading().is_none()) else {
            self.heard.push(said);
            return Vec::new();
        };
        // a clock that jumped does not make others late; nobody wrote into a record that was not begun
        let recorded = if said.recorded < opened.at { now } else { said.recorded.min(now) };
        let who = Some((said.who, recorded));
        self.queue(now, Wanted { stream: Stream::Incident, command: said.command, at: Some(said.at), who, after: None })
    }

    /// Until the last entry is read nothing is decided, because it would be decided on half of the record; says so.
    pub(super) fn refuses_unread(&mut self, now: Time) -> bool {
        let Some((read, total)) = self.reading() else { return false };
        let (read, total) = (thousands(read), thousands(total));
        let words = format!("Reading {read} of {total} entries. Nothing was recorded. Try again in a moment.");
        self.say(now, words, true);
        true
    }

    fn queue(&mut self, now: Time, wanted: Wanted) -> Vec<Effect> {
        if self.refuses_unread(now) {
            return keep(&wanted.command).into_iter().collect();
        }
        if self.desk.flight.is_some() {
            self.desk.waiting.push_back(wanted);
            return Vec::new();
        }
        self.launch(now, wanted)
    }

    fn launch(&mut self, now: Time, mut wanted: Wanted) -> Vec<Effect> {
        let (number, after, entries) = match wanted.stream {
            Stream::Clock(to) => {
                let why = if let Command::Mark(mark) = &wanted.command { mark.text.clone() } else { String::new() };
                let real = self.drill.as_ref().map_or(now, |d| d.real(now));
                // it may have waited for another move: the clock never goes back
                let to = to.max(now);
                let fact = crate::incident::rehearsal::ClockMoved { to, real, why };
                let stamp = self.stamp(now, None);
                let draft = crate::incident::entry::Draft { fact: fact.into(), at: now, when: None };
                let after = self.standing.head();
                (STANDING, after, vec![draft.entry(&stamp, STANDING, after + 1, 0)])
            }
            Stream::Incident => {
                let mut stamp = self.stamp(now, wanted.at);
                if let Some((who, recorded)) = &wanted.who {
                    stamp.author = who.as_str().into();
                    stamp.now = *recorded;
                }
                let drafts = match decide(&self.incident, &self.rules, &wanted.command, &stamp) {
                    Ok(drafts) => drafts,
                    // another screen has written down what both saw
                    Err(_) if self.is_told_already(&wanted.command) => return self.next(now),
                    Err(refusal) => {
                        let first = wanted.after.map(|after| self.others_after(after)).unwrap_or_default();
                        self.say(now, first + &refusal.words(), true);
                        let mut effects: Vec<Effect> = keep(&wanted.command).into_iter().collect();
                        effects.extend(self.next(now));
                        return effects;
                    }
                };
                let (number, after) = (self.incident.number(), self.incident.head());
                let entry = |(index, draft): (u64, crate::incident::entry::Draft)| {
                    draft.entry(&stamp, number, after + 1 + index, index)
                };
                (number, after, (0..).zip(drafts).map(entry).collect())
            }
        };
        self.count += entries.len() as u64;
        wanted.after = Some(after);
        self.desk.flight = Some((wanted, now));
        vec![Effect::Append { number, after, entries }]
    }

    fn next(&mut self, now: Time) -> Vec<Effect> {
        match self.desk.waiting.pop_front() {
            Some(wanted) => self.launch(now, wanted),
            None => Vec::new(),
        }
    }

    /// The journal answered the append in flight.
    pub(super) fn appended(&mut self, now: Time, answer: Result<(), AppendTrouble>) -> Vec<Effect> {
        let Some((wanted, _)) = self.desk.flight.take() else { return Vec::new() };
        match answer {
            Ok(()) => {
                let mut effects = self.follow_up(now, &wanted.command);
                if let Command::Fold { into } = wanted.command {
                    effects.extend(self.follow_fold(now, into));
                }
                for said in std::mem::take(&mut self.heard) {
                    effects.extend(self.said(now, said));
                }
                effects.extend(if self.desk.flight.is_none() { self.next(now) } else { Vec::new() });
                effects
            }
            // what others wrote is folded by now: decide again, in the same place of the order
            Err(AppendTrouble::Moved) => self.launch(now, wanted),
            Err(AppendTrouble::Taken(free)) => {
                if matches!(wanted.command, Command::Declare(_)) {
                    self.incident = Incident::new(free);
                    self.log = Log::default();
                }
                self.launch(now, wanted)
            }
            Err(AppendTrouble::Failed(words)) => {
                self.trouble = Some(words.clone());
                self.say(now, words, true);
                let mut effects: Vec<Effect> = keep(&wanted.command).into_iter().collect();
                // what waits was typed after it and may build on it: it is kept, not tried
                for waiting in std::mem::take(&mut self.desk.waiting) {
                    effects.extend(keep(&waiting.command));
                }
                effects
            }
        }
    }

    /// "Ben wrote first. ", when others have written since a head: whoever is refused wants to know by whom.
    fn others_after(&self, head: u64) -> String {
        let newer = self.log.entries().iter().rev().take_while(|entry| entry.seq > head);
        let mut names: Vec<&str> = Vec::new();
        for entry in newer.filter(|entry| entry.session != self.session) {
            if !names.contains(&entry.author.as_ref()) {
                names.push(&entry.author);
            }
        }
        names.reverse();
        if names.is_empty() { String::new() } else { format!("{} wrote first. ", names.join(" and ")) }
    }

    /// What the record gets besides, at moments that matter: the budget as evidence, and milestones the indicator knows.
    fn follow_up(&mut self, now: Time, command: &Command) -> Vec<Effect> {
        let mut wanted: Vec<(Command, Option<Time>)> = Vec::new();
        let burn = self.burn().filter(|b| b.remaining_ppm.is_some());
        let (why, calm) = match command {
            Command::Declare(_) => ("declared", false),
            Command::ChangePhase { phase, .. } => (phase.word(), *phase >= Phase::Mitigated),
            Command::Settle(s) if s.outcome == Outcome::Done && self.is_switch_act(s.intent) => {
                ("after the act", false)
            }
            _ => return Vec::new(),
        };
        if let Some(burn) = burn {
            let (name, bad) = self.shown_slo().map_or(("", ""), |slo| (slo.name.as_str(), slo.called.as_str()));
            let reached = |milestone, what: String| MilestoneReached { milestone, from: "burn".into(), what };
            let began = burn.bad_between.map(|(first, _)| first);
            if let Some(began) = began.filter(|_| self.incident.milestones().get(Milestone::Began).is_none()) {
                wanted.push((
                    Command::Reach(reached(Milestone::Began, format!("first {bad} events, {name}"))),
                    Some(began),
                ));
            }
            let recovered = burn.good_since.filter(|_| calm && burn.bad_between.is_some());
            if let Some(at) = recovered.filter(|_| self.incident.milestones().get(Milestone::Recovered).is_none()) {
                wanted.push((
                    Command::Reach(reached(Milestone::Recovered, format!("back within the budget, {name}"))),
                    Some(at),
                ));
            }
        }
        wanted.extend(self.evidence(why).map(|note| (Command::NoteBurn(note), None)));
        let mut effects = Vec::new();
        for (command, at) in wanted {
            effects.extend(self.want(now, command, at));
        }
        effects
    }

    /// What every screen writes down that sees it: a condition that holds, a change that a source reports, a marker that was looked for.
    fn is_told_already(&self, command: &Command) -> bool {
        match command {
            Command::Alert(_) | Command::Report(_) => true,
            Command::See(seen) => seen.intent.is_some_and(|id| self.incident.markers().find(id).is_some()),
            _ => false,
        }
    }

    fn is_switch_act(&self, id: crate::incident::entry::EntryId) -> bool {
        self.incident.intents().find(id).is_some_and(|i| i.what.act != Act::Publish)
    }

    /// The budget as it stands on the screen, to be kept.
    pub(super) fn evidence(&self, why: &str) -> Option<BurnNoted> {
        let slo = self.shown_slo()?;
        let (at, burn) = slo.feed.last.as_ref()?;
        let [_, five, hour] = burn.burn_milli;
        // what was counted is events for whoever reads it later; what was made of them is said beside
        let (total, bad) = burn.events();
        let sliced = slo.slices.map(|slices| format!(", in slices of {slices}")).unwrap_or_default();
        Some(BurnNoted {
            slo: slo.name.clone(),
            target_ppm: slo.target_ppm,
            window_s: u64::try_from(Span(slo.window.length(at.0)).as_seconds()).unwrap_or(0),
            total,
            bad,
            remaining_ppm: burn.remaining_ppm?,
            burn_1h_milli: hour,
            burn_5m_milli: five,
            state: burn.state.word().into(),
            source: format!("{}{sliced}", burn.source),
            link: burn.link.clone(),
            why: why.into(),
        })
    }

    /// What the chart shows, to be kept: the time somebody looks at, be it the present or not.
    pub(super) fn picture(&self, now: Time) -> Result<ChartPinned, &'static str> {
        let slo =
            self.shown_slo().ok_or("Nothing is known about the budget. Nothing was recorded. Configure an [[slo]].")?;
        let unanswered = "Nobody has answered yet what is left. Nothing was recorded. Pin it when the line is there.";
        let (_, burn) = slo.feed.last.as_ref().ok_or(unanswered)?;
        let (from, step, columns) = self.chart(now);
        let asked = (burn.from, burn.step, burn.columns.len()) == (from, step, usize::from(columns));
        if self.chart_until(now).is_some() && !asked {
            return Err(
                "What the chart shows is still being counted. Nothing was recorded. Pin it when the line is there.",
            );
        }
        // a column that has not begun yet is no part of what is seen
        let begun =
            |place: usize| burn.from.plus(Span(burn.step.0.saturating_mul(i64::try_from(place).unwrap_or(0)))) < now;
        let shown: Vec<&Column> =
            burn.columns.iter().enumerate().filter(|(place, _)| begun(*place)).map(|(_, column)| column).collect();
        Ok(ChartPinned {
            slo: slo.name.clone(),
            target_ppm: slo.target_ppm,
            window_s: u64::try_from(Span(slo.window.length(now.0)).as_seconds()).unwrap_or(0),
            from: burn.from,
            step_s: u64::try_from(burn.step.as_seconds()).unwrap_or(0),
            total: shown.iter().map(|column| column.total).collect(),
            bad: shown.iter().map(|column| column.bad).collect(),
            remaining_ppm: shown.iter().map(|column| column.remaining_ppm).collect(),
            state: burn.state.word().into(),
            source: burn.source.clone(),
            link: burn.link.clone(),
        })
    }

    /// Entries came from the journal: folds them, and carries our own fresh intents.
    pub(super) fn entries(&mut self, now: Time, number: Number, entries: Vec<Entry>, more: bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        if number == STANDING {
            for entry in &entries {
                self.standing.apply(entry);
                if let (Fact::ClockMoved(_), true) = (&entry.fact, self.drill.is_some()) {
                    effects.push(Effect::ClockMoved);
                }
            }
            return effects;
        }
        if number != self.incident.number() {
            return effects;
        }
        let mut gap = false;
        for entry in entries {
            if !self.incident.apply(&entry) {
                gap |= entry.seq > self.incident.head();
                continue;
            }
            let is_intent = matches!(entry.fact, Fact::Intended(_) | Fact::MarkerIntended(_));
            let fresh = is_intent && entry.session == self.session && self.is_fresh(entry.id);
            let intent =
                if let (Fact::Intended(what), true) = (&entry.fact, fresh) { Some((**what).clone()) } else { None };
            let marks = fresh && matches!(entry.fact, Fact::MarkerIntended(_));
            let (id, at, person) = (entry.id, entry.at, entry.author.to_string());
            self.log.push(&self.incident, entry);
            effects.extend(if marks { self.marks(id) } else { None });
            if let Some(what) = intent {
                let publishing = what.act == Act::Publish;
                let update = what.update.and_then(|u| self.incident.promises().update(u)).cloned();
                let incident = publishing.then(|| Box::new(self.incident.clone()));
                let reverted = what.reverts.and_then(|r| self.incident.intents().find(r));
                let put = reverted.and_then(|i| i.what.before.clone());
                self.begins(id, format!("{} {}", what.act.word(), what.target));
                effects.push(Effect::Carry(Box::new(Errand {
                    id,
                    what,
                    incident,
                    update,
                    put,
                    at,
                    person,
                    number: Some(number),
                })));
            }
        }
        // what was selected may be told by another row now
        self.timeline.selected = self.timeline.selected.map(|id| self.log.teller(id));
        if gap {
            effects.push(Effect::Read { number, after: self.incident.head() });
        }
        self.trouble = None;
        if !more && !gap {
            // what was asked before it was known when it began shows another time
            if self.glimpse.take().is_some() {
                self.slos.iter_mut().for_each(|slo| slo.feed.refresh());
                effects.extend(self.ask(now));
            }
            effects.extend(self.join(now));
            if std::mem::take(&mut self.picks) && !self.incident.is_open() && self.layer == Layer::None {
                self.pick();
            }
        }
        effects.extend(self.retitle(now));
        effects
    }

    /// The window's title: severity and age, or the number of a restricted incident.
    pub(super) fn retitle(&mut self, now: Time) -> Option<Effect> {
        let drill = if self.drill.is_some() { "DRILL " } else { "" };
        let title = match self.incident.opened() {
            None => format!("{drill}quarterdeck"),
            Some(opened) => {
                let since = self.incident.milestones().get(Milestone::Began).map_or(opened.at, |d| d.at);
                let age = now.since(since).as_minutes();
                let title = self.incident.public_title();
                format!("{drill}{} {} {age} min {title}", self.incident.severity(), self.incident.phase().word())
            }
        };
        (title != self.title).then(|| {
            self.title.clone_from(&title);
            Effect::Title(title)
        })
    }
}

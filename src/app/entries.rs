//! What goes into the journal: one append is in flight, the rest waits in order.
//!
//! It must not know where the journal is.

use super::App;
use super::criterion::Exit;
use super::kept::{keep, keep_wish};
use super::log::Log;
use super::msg::{AppendTrouble, Effect, Said};
use crate::incident::command::Command;
use crate::incident::entry::{Draft, Entry, EntryId, Number, STANDING};
use crate::incident::impact::thousands;
use crate::incident::intent::{Act, Intended, Outcome};
use crate::incident::phase::{Milestone, MilestoneReached, Phase};
use crate::incident::second::ActWithdrawn;
use crate::incident::standing::Wish;
use crate::incident::time::Time;
use crate::incident::{Incident, decide};
use std::collections::VecDeque;

/// What is being written, and what waits for it.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    flight: Option<(Wanted, Time)>,
    waiting: VecDeque<Wanted>,
}

/// What is wanted, with the time it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    what: Recorded,
    at: Option<Time>,
    /// Somebody else in the room said it, and wrote it down then.
    who: Option<(String, Time)>,
    /// The head it was decided on last; none before the first time.
    after: Option<u64>,
}

/// What is to be recorded, by the stream it belongs to: each has its own rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    /// In the incident's.
    Here(Command),
    /// In that of an incident that is followed.
    There(Number, Command),
    /// In the standing one.
    Standing(Wish),
}

impl Recorded {
    /// The words of what was not recorded.
    fn keep(&self) -> Option<Effect> {
        match self {
            Recorded::Here(command) | Recorded::There(_, command) => keep(command),
            Recorded::Standing(wish) => keep_wish(wish),
        }
    }

    /// It is decided on the incident on the screen: while that is read, on half of it. What was read and how an act ended is not.
    fn needs_the_record(&self) -> bool {
        match self {
            Recorded::Here(_) => true,
            Recorded::There(..) => false,
            Recorded::Standing(wish) => !matches!(wish, Wish::Probe(_) | Wish::Settle(_)),
        }
    }

    /// What an answer after a soak stops: the stream, the answer's entry, and the act.
    fn trips(&self, here: Number) -> Option<(Number, EntryId, &Intended)> {
        match self {
            Recorded::Here(Command::Trip { read, act }) => Some((here, *read, act)),
            Recorded::There(number, Command::Trip { read, act }) => Some((*number, *read, act)),
            Recorded::Standing(Wish::Trip { read, act, .. }) => Some((STANDING, *read, act)),
            _ => None,
        }
    }

    /// As it is wanted by this run, now.
    pub(super) fn wanted(self) -> Wanted {
        Wanted { what: self, at: None, who: None, after: None }
    }
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
        in_flight.chain(&self.waiting).filter_map(|wanted| wanted.what.keep()).collect()
    }
    /// That entry of the standing stream is being told already.
    pub(super) fn tells(&self, entry: EntryId) -> bool {
        let in_flight = self.flight.iter().map(|(wanted, _)| wanted);
        let tells =
            |wanted: &Wanted| matches!(&wanted.what, Recorded::Here(Command::TellHold(told)) if told.about == entry);
        in_flight.chain(&self.waiting).any(tells)
    }
}

impl App {
    /// Wants something recorded: decides at once when nothing is in flight, else in its turn.
    pub(super) fn want(&mut self, now: Time, command: Command, at: Option<Time>) -> Vec<Effect> {
        self.queue(now, Wanted { what: Recorded::Here(command), at, who: None, after: None })
    }

    /// Wants something written into the standing stream.
    pub(super) fn want_standing(&mut self, now: Time, wish: Wish) -> Vec<Effect> {
        self.queue(now, Recorded::Standing(wish).wanted())
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
        self.queue(now, Wanted { what: Recorded::Here(said.command), at: Some(said.at), who, after: None })
    }

    /// Until the last entry is read nothing is decided, because it would be decided on half of the record; says so.
    pub(super) fn refuses_unread(&mut self, now: Time) -> bool {
        let Some((read, total)) = self.reading() else { return false };
        let (read, total) = (thousands(read), thousands(total));
        let words = format!("Reading {read} of {total} entries. Nothing was recorded. Try again in a moment.");
        self.say(now, words, true);
        true
    }

    pub(super) fn queue(&mut self, now: Time, wanted: Wanted) -> Vec<Effect> {
        if wanted.what.needs_the_record() && self.refuses_unread(now) {
            return wanted.what.keep().into_iter().collect();
        }
        if self.desk.flight.is_some() {
            self.desk.waiting.push_back(wanted);
            return Vec::new();
        }
        self.launch(now, wanted)
    }

    fn launch(&mut self, now: Time, mut wanted: Wanted) -> Vec<Effect> {
        let mut stamp = self.stamp(now, wanted.at);
        if let Some((who, recorded)) = &wanted.who {
            stamp.author = who.as_str().into();
            stamp.now = *recorded;
        }
        let (number, after, decided) = match &mut wanted.what {
            Recorded::Standing(wish) => {
                if let Wish::MoveClock(moved) = wish {
                    // it may have waited for another move: the clock never goes back
                    moved.to = moved.to.max(now);
                    moved.real = self.drill.as_ref().map_or(now, |drill| drill.real(now));
                }
                (STANDING, self.standing.head(), self.standing.decide(wish, &stamp))
            }
            Recorded::Here(command) => {
                let decided = decide(&self.incident, &self.rules, command, &stamp);
                (self.incident.number(), self.incident.head(), decided)
            }
            Recorded::There(number, command) => {
                // whoever went there meanwhile has it on the screen
                let Some(incident) = self.incident_of(*number) else { return self.next(now) };
                let decided = decide(incident, &self.rules_of(*number), command, &stamp);
                (*number, incident.head(), decided)
            }
        };
        let drafts = match (decided, &wanted.what) {
            (Ok(drafts), _) => drafts,
            // another screen has written down what both saw
            (Err(_), Recorded::Here(command) | Recorded::There(_, command)) if Self::is_told_already(command) => {
                return self.next(now);
            }
            (Err(_), Recorded::Standing(Wish::See(_) | Wish::AskProbe(_) | Wish::Trip { .. } | Wish::Notice(_))) => {
                return self.next(now);
            }
            (Err(refusal), what) => {
                let is_shown = number == self.incident.number();
                let first = wanted.after.map(|after| self.others_after(after)).filter(|_| is_shown);
                let mut effects: Vec<Effect> = what.keep().into_iter().collect();
                self.say(now, first.unwrap_or_default() + &refusal.words(), true);
                effects.extend(self.next(now));
                return effects;
            }
        };
        let entry = |(index, draft): (u64, Draft)| draft.entry(&stamp, number, after + 1 + index, index);
        let entries: Vec<Entry> = (0..).zip(drafts).map(entry).collect();
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
                if let Some((number, _, act)) = wanted.what.trips(self.incident.number()) {
                    let words = self.trips_by(now, act) + &self.beside(number);
                    self.say(now, words, true);
                }
                let mut effects = match &wanted.what {
                    Recorded::Here(command) => self.follow_up(now, command),
                    Recorded::Standing(_) | Recorded::There(..) => Vec::new(),
                };
                if let Recorded::Here(Command::Fold { into }) = wanted.what {
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
                if matches!(wanted.what, Recorded::Here(Command::Declare(_))) {
                    self.incident = Incident::new(free);
                    self.join_acts();
                    self.log = Log::default();
                }
                self.launch(now, wanted)
            }
            Err(AppendTrouble::Failed(words)) => {
                if let Recorded::There(number, _) = &wanted.what
                    && let Some(other) = self.others.get_mut(number)
                {
                    other.rests = Some(now);
                }
                if let Some((_, read, _)) = wanted.what.trips(self.incident.number()) {
                    self.tripped.fails(read, now, "the journal could not be written".into());
                }
                self.trouble = Some(words.clone());
                self.say(now, words, true);
                let mut effects: Vec<Effect> = wanted.what.keep().into_iter().collect();
                // what waits was typed after it and may build on it: it is kept, not tried
                for waiting in std::mem::take(&mut self.desk.waiting) {
                    effects.extend(waiting.what.keep());
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
        if matches!(command, Command::ChangePhase { phase: Phase::Closed, .. }) {
            self.says_what_stands(now);
        }
        // of one that was over the worst is found when that time was told
        if matches!(command, Command::Declare(_)) && !self.looks_at_its_own_time(now) {
            self.show_the_worst();
        }
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
            // one that is good again says nothing of the others
            let all = match self.exit(now) {
                Exit::Good(since, _) => Some(since),
                Exit::NoData | Exit::Not(_) => None,
            };
            let recovered = all.filter(|_| calm && burn.bad_between.is_some());
            if let Some(at) = recovered.filter(|_| self.incident.milestones().get(Milestone::Recovered).is_none()) {
                wanted.push((
                    Command::Reach(reached(Milestone::Recovered, format!("back within the budget, {name}"))),
                    Some(at),
                ));
            }
        }
        wanted.extend(self.evidence(why).into_iter().map(|note| (Command::NoteBurn(note), None)));
        let mut effects = Vec::new();
        for (command, at) in wanted {
            effects.extend(self.want(now, command, at));
        }
        effects
    }

    /// What every screen writes down that sees it: a condition that holds, a change that a source reports, how a command
    /// ended that was taken into the record, a value that was looked for.
    fn is_told_already(command: &Command) -> bool {
        matches!(
            command,
            Command::Alert { .. }
                | Command::Report(_)
                | Command::EndRun(_)
                | Command::TellHold(_)
                | Command::AskProbe(_)
                | Command::Trip { .. }
                | Command::See(_)
                | Command::WithdrawSecond(ActWithdrawn { changed: Some(_), .. })
        )
    }

    fn is_switch_act(&self, id: crate::incident::entry::EntryId) -> bool {
        self.incident.intents().find(id).is_some_and(|i| i.what.act != Act::Publish)
    }
}

//! One session on one journal in a scripted world: it performs effects, moves the clock only when told, and remembers what passed.
//!
//! It must not know the script: what a line means stands in `verbs`.

use super::picture;
use super::world::World;
use quarterdeck::app::PlanDesk;
use quarterdeck::app::feed::Pace;
use quarterdeck::app::keymap::Keymap;
use quarterdeck::app::msg::{Effect, Msg};
use quarterdeck::app::probes::{ProbeDesk, ProbesAsk, Which};
use quarterdeck::app::whereabouts::{Place, Whereabouts};
use quarterdeck::app::{App, ChangeDesk, Person, SloDesk, SwitchDesk, next_due, update};
use quarterdeck::drill::hosts::Flip;
use quarterdeck::drill::scenario::Scenario;
use quarterdeck::drill::world::World as Rehearsed;
use quarterdeck::incident::Incident;
use quarterdeck::incident::cadence::Rules;
use quarterdeck::incident::entry::{Entry, EntryId, Number, STANDING, Session};
use quarterdeck::incident::headline;
use quarterdeck::incident::intent::Act;
use quarterdeck::incident::rehearsal::Rehearsed as Begun;
use quarterdeck::incident::second::Two;
use quarterdeck::incident::severity::Severity;
use quarterdeck::incident::standing::Standing;
use quarterdeck::incident::time::{SECOND, Span, Time};
use quarterdeck::journal::keeper::Answer;
use quarterdeck::journal::trouble::JournalTrouble;
use quarterdeck::journal::{After, Appended, BATCH, Journal};
use quarterdeck::shell::clock::Clock;
use quarterdeck::shell::start::rehearsal;
use quarterdeck::shell::told::told;
use quarterdeck::shell::world::heard;
use quarterdeck::view::theme::Theme;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

/// The incident on every screen.
pub const NUMBER: Number = 412;
/// How long something may take to settle.
const PATIENCE: Span = Span::seconds(120);
/// More wake-ups in one second of the clock than this are a screen that never rests.
const WAKE_UPS: usize = 5;

/// What a session starts from.
pub struct Setting {
    /// The incident shown first; with none the list of all is shown, because nobody has said which one is meant.
    pub number: Number,
    /// Nobody has said which one is meant.
    pub picks: bool,
    /// Who is at the keyboard.
    pub person: String,
    /// The second clock.
    pub zone: Option<chrono_tz::Tz>,
    /// What is configured about the response.
    pub rules: Rules,
    /// The SLOs: name and target per million.
    pub slos: Vec<(String, u32, Option<Severity>)>,
    /// The switches.
    pub switches: Vec<SwitchDesk>,
    /// What is stopped together.
    pub plans: Vec<PlanDesk>,
    /// The channels.
    pub channels: Vec<String>,
    /// Other terminals that show this screen, and whether anybody can say: none when it is not shared.
    pub terminals: Option<Terminals>,
    /// What stands is written down for pipelines.
    pub gate: bool,
    /// Which lifts of holds need a second person.
    pub lifts: Two,
    /// The rehearsed scenario.
    pub drill: Option<(Scenario, Rehearsed)>,
}

/// What is said about other terminals that show the same screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminals {
    /// So many more.
    Others(usize),
    /// Nobody can say.
    Unknown,
    /// It is not said yet.
    Silent,
}

/// How the journal answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mood {
    /// At once.
    Well,
    /// Not at all, until it is well again.
    Held,
    /// It cannot be written.
    Failing(JournalTrouble),
}

/// A session and what is around it.
pub struct Stage {
    /// What it started from.
    pub setting: Setting,
    /// The screen, once somebody looked at it.
    pub app: Option<App>,
    /// The journal.
    pub journal: Journal,
    /// How it answers.
    pub mood: Mood,
    /// What others write right before our next append lands.
    pub before_ours: Vec<Vec<Entry>>,
    /// The world.
    pub world: World,
    /// Answers about plans wait until they are let go.
    pub plans_held: bool,
    /// Answers of probes wait until they are let go.
    pub probes_held: bool,
    /// Real time.
    pub real: Time,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The rows as drawn last.
    pub rows: Vec<String>,
    /// Every effect so far, in words.
    pub effects: Vec<String>,
    /// It left.
    pub has_ended: bool,
    /// Entries of a long journal that were not handed over yet.
    pub unread: VecDeque<Msg>,
    theme: Theme,
    clock: Clock,
    passed: Vec<String>,
    inbox: VecDeque<Msg>,
    later: Vec<(Time, Msg)>,
    held: Vec<After>,
    plans: Vec<Msg>,
    /// Probes that are being asked.
    asked: Vec<ProbesAsk>,
    /// Questions that the world was silent about.
    unanswered: Vec<Effect>,
    told: BTreeMap<Number, u64>,
    carried: BTreeSet<EntryId>,
    sessions: u64,
    driven: Option<Time>,
    next: Option<(Time, String)>,
}

impl Stage {
    /// An empty stage at a moment.
    pub fn new(real: Time, theme: Theme) -> Stage {
        Stage {
            theme,
            setting: Setting {
                number: NUMBER,
                picks: false,
                person: "ana".into(),
                zone: None,
                rules: Rules::default(),
                slos: Vec::new(),
                switches: Vec::new(),
                plans: Vec::new(),
                channels: Vec::new(),
                terminals: None,
                gate: false,
                lifts: Two::Never,
                drill: None,
            },
            app: None,
            journal: Journal::memory(),
            mood: Mood::Well,
            before_ours: Vec::new(),
            world: World::default(),
            plans_held: false,
            probes_held: false,
            real,
            size: (100, 30),
            rows: Vec::new(),
            effects: Vec::new(),
            has_ended: false,
            unread: VecDeque::new(),
            clock: Clock::default(),
            passed: Vec::new(),
            inbox: VecDeque::new(),
            later: Vec::new(),
            held: Vec::new(),
            plans: Vec::new(),
            asked: Vec::new(),
            unanswered: Vec::new(),
            told: BTreeMap::new(),
            carried: BTreeSet::new(),
            sessions: 0,
            driven: None,
            next: None,
        }
    }

    /// Now, by the clock of this journal.
    pub fn now(&self) -> Time {
        self.clock.at(self.real)
    }

    /// Opens the screen as the program does: standing stream, last screenful, then everything.
    pub fn open(&mut self) -> Result<(), String> {
        self.sessions += 1;
        let session = Session(self.sessions);
        let keymap = Keymap::built_in().map_err(|e| e.to_string())?;
        let person = Person { name: self.setting.person.as_str().into(), assumed: false };
        if let Some((scenario, _)) = &self.setting.drill
            && self.journal.read_since(STANDING, 0, 1).is_ok_and(|read| read.entries.is_empty())
        {
            let fact = Begun {
                scenario: scenario.name.clone(),
                seed: scenario.seed,
                start: self.real,
                real: self.real,
                speed_milli: 1000,
            };
            let entry = Entry {
                incident: STANDING,
                seq: 1,
                id: EntryId::of(Session(0), 1),
                at: self.real,
                recorded: self.real,
                when: None,
                author: "drill".into(),
                session: Session(0),
                fact: fact.into(),
            };
            self.journal.append_after(STANDING, 0, vec![entry]).map_err(|e| e.to_string())?;
        }
        let mut standing = Standing::default();
        for entry in self.since(STANDING, 0) {
            standing.apply(&entry);
        }
        self.clock = Clock::new(standing.clock());
        let number = self.setting.number;
        let mut app = App::new(person, session, number, keymap);
        app.rules = self.setting.rules.clone();
        app.zone = self.setting.zone;
        app.channels = self.setting.channels.clone();
        app.gate.writes = self.setting.gate;
        app.gate.two = self.setting.lifts;
        app.whereabouts = self.whereabouts();
        app.switches = self.setting.switches.clone();
        app.plans = self.setting.plans.clone();
        app.slos = self.setting.slos.iter().map(slo).collect();
        let source = |name: &String| ChangeDesk::new(name.clone(), format!("lines of /var/log/{name}"), Pace::NEAR);
        app.probes.desks = self.world.probes.iter().map(probed).collect();
        app.changes = self.world.changes.iter().map(|(name, _)| source(name)).collect();
        if let (Some((scenario, _)), Some(clock)) = (&self.setting.drill, standing.clock()) {
            app.drill = Some(rehearsal(scenario, clock, &app.keymap));
        }
        let heads = self.journal.heads().map_err(|e| e.to_string())?;
        if heads.iter().filter(|(other, _)| *other != STANDING).count() > 1 {
            app.known = self.headlines()?;
        }
        let standing_head = standing.head();
        app.standing = standing;
        app.gather();
        let last = self.journal.read_last(number, 200).map_err(|e| e.to_string())?;
        if let Some(total) = last.entries.last().map(|e| e.seq) {
            app.glimpse = Some((last.entries, total));
        }
        self.app = Some(app);
        self.told = BTreeMap::from([(STANDING, standing_head), (number, 0)]);
        self.unread = self.news(number).into();
        if self.unread.len() == 1 {
            self.inbox.append(&mut self.unread);
        }
        if self.setting.picks {
            self.app.iter_mut().for_each(App::pick);
        }
        self.drive(self.now());
        self.inbox.push_back(Msg::Tick);
        self.run()
    }

    /// Where a program that was started with nothing keeps things.
    fn whereabouts(&self) -> Whereabouts {
        let home = "/home/ana/.local";
        let kept = Whereabouts {
            journal: format!("{home}/share/quarterdeck/journal/quarterdeck.journal"),
            drafts: format!("{home}/state/quarterdeck/drafts/drafts.txt"),
            exports: "/home/ana".into(),
            config: "/home/ana/.config/quarterdeck/config.toml".into(),
            unwritten: true,
            shared: self.setting.terminals.is_some(),
            ..Whereabouts::default()
        };
        let Some((scenario, _)) = &self.setting.drill else { return kept };
        let name = format!("{}-2019-07-09-1", scenario.name);
        let dir = format!("{home}/share/quarterdeck/drills/{name}");
        let exactly = format!("quarterdeck --journal {dir}/journal/quarterdeck.journal");
        Whereabouts {
            again: format!("quarterdeck drill {}", scenario.name),
            drill: Some(Place { name: Some(name), ends: scenario.ends, exactly }),
            ..kept
        }
    }

    /// The program dies; what was under way outside is heard by nobody.
    pub fn crash(&mut self) -> Result<(), String> {
        self.app = None;
        self.inbox.clear();
        self.later.clear();
        self.held.clear();
        self.plans.clear();
        self.asked.clear();
        self.unanswered.clear();
        self.unread.clear();
        self.rows.clear();
        self.has_ended = false;
        self.next = None;
        self.open()
    }

    /// A message arrives now.
    pub fn arrive(&mut self, msg: Msg) -> Result<(), String> {
        if self.has_ended {
            return Err("the program has ended".into());
        }
        self.inbox.push_back(msg);
        self.run()
    }

    /// Goes to a moment, from one next due moment to the next.
    pub fn go(&mut self, until: Time) -> Result<(), String> {
        let mut wakes = 0;
        let mut second = self.now().floor(Span(SECOND));
        while self.app.is_some() && !self.has_ended {
            let due = self.due();
            if due > until {
                break;
            }
            if due.floor(Span(SECOND)) != second {
                (wakes, second) = (0, due.floor(Span(SECOND)));
            }
            wakes += 1;
            if wakes > WAKE_UPS {
                return Err(format!("the screen woke {wakes} times within the second of {}", due.clock()));
            }
            self.wake_at(due)?;
        }
        self.real = self.real.plus(Span(until.0.saturating_sub(self.now().0).max(0)));
        self.draw()
    }

    fn due(&self) -> Time {
        let now = self.now();
        let by_itself = self.app.as_ref().map_or(Time(i64::MAX), |app| next_due(app, now));
        let answer = self.later.iter().map(|(at, _)| *at).min().unwrap_or(Time(i64::MAX));
        by_itself.min(answer.max(now))
    }

    fn wake_at(&mut self, due: Time) -> Result<(), String> {
        self.real = self.real.plus(Span(due.0.saturating_sub(self.now().0).max(0)));
        let now = self.now();
        let (arrived, later) = std::mem::take(&mut self.later).into_iter().partition(|(at, _)| *at <= now);
        self.later = later;
        let arrived: Vec<(Time, Msg)> = arrived;
        self.inbox.extend(arrived.into_iter().map(|(_, msg)| msg));
        self.drive(now);
        self.inbox.push_back(Msg::Tick);
        self.run()
    }

    /// Waits until no effect is pending and nothing is due to be asked.
    pub fn settle(&mut self) -> Result<(), String> {
        let until = self.now().plus(PATIENCE);
        while !self.is_settled() {
            if self.now() >= until {
                return Err(format!("nothing settled within {} s", PATIENCE.as_seconds()));
            }
            self.wake_at(self.due())?;
        }
        self.draw()
    }

    fn is_settled(&self) -> bool {
        let now = self.now();
        let asks = |app: &App| {
            (app.incident.is_open() && app.changes.iter().any(|source| source.feed.is_due(now)))
                || app.slos.iter().any(|slo| slo.feed.is_due(now))
                || app.switches.iter().any(|switch| switch.feed.is_due(now))
        };
        self.later.is_empty() && self.app.as_ref().is_none_or(|app| app.desk.is_idle() && !asks(app))
    }

    /// Takes everything that has arrived, and what it leads to; draws once.
    pub fn run(&mut self) -> Result<(), String> {
        let mut is_news = self.rows.is_empty();
        while let Some(msg) = self.inbox.pop_front() {
            let now = self.now();
            let Some(app) = &mut self.app else { return Ok(()) };
            is_news |= !matches!(msg, Msg::Tick | Msg::Burned { .. } | Msg::Looked { .. } | Msg::ToldChanges { .. });
            if !matches!(msg, Msg::Tick) {
                let words: String = format!("{msg:?}").chars().take(160).collect();
                self.passed.push(format!("{} {words}", now.clock()));
            }
            let effects = update(app, now, msg);
            // what is put together once is what it would be now
            assert_eq!(*app.acts(), *app.incident.acts(&app.rules.elsewhere));
            for effect in effects {
                self.perform(effect)?;
            }
        }
        // a second that changes a figure is drawn when somebody looks
        if is_news { self.draw() } else { Ok(()) }
    }

    fn perform(&mut self, effect: Effect) -> Result<(), String> {
        let now = self.now();
        let words = self.words(&effect);
        if !matches!(effect, Effect::Ask(_) | Effect::Look { .. }) {
            self.passed.push(format!("{}   -> {words}", now.clock()));
        }
        self.effects.push(words);
        match effect {
            Effect::Append { number, after, entries } => {
                if self.mood == Mood::Held {
                    self.held.push(After { number, head: after, entries });
                } else {
                    self.append(After { number, head: after, entries })?;
                }
            }
            Effect::Read { number, after } => {
                self.told.insert(number, after);
                let news = self.news(number);
                self.inbox.extend(news);
            }
            Effect::Open(number) => {
                let read = self.journal.read_last(number, 200).map_err(|e| e.to_string())?;
                self.inbox.extend(told(Answer::Last { number, read }));
            }
            Effect::Leave(number) => {
                self.told.remove(&number);
            }
            Effect::List => self.list()?,
            Effect::Ask(_) | Effect::Look { .. } | Effect::BreakDown(_) => match self.answered(&effect) {
                Some(answer) => self.inbox.push_back(answer),
                None => self.unanswered.push(effect),
            },
            Effect::WhatIf(ask) => self.inbox.extend(self.world.what_if(&ask)),
            Effect::AskChanges(ask) => self.inbox.extend(self.world.told_changes(&ask)),
            Effect::Probe(ask) if self.probes_held => self.asked.push(ask),
            Effect::Probe(ask) => self.inbox.push_back(self.world.probe(&ask)),
            Effect::Plan { switch, draft, put } => {
                let answer = self.world.plan(&self.switch(switch), switch, &draft, put.as_deref());
                if self.plans_held {
                    self.plans.extend(answer);
                } else {
                    self.inbox.extend(answer);
                }
            }
            Effect::Carry(errand) => {
                if !self.carried.insert(errand.id) {
                    return Err(format!("{} {} was carried twice", errand.what.act.word(), errand.what.target));
                }
                let recorded =
                    self.since(errand.number.unwrap_or(STANDING), 0).into_iter().any(|entry| entry.id == errand.id);
                if !recorded {
                    return Err("an act was carried that is not in the journal".into());
                }
                self.later.extend(self.world.carry(&errand, now));
                let due = self.later.iter().position(|(at, _)| *at <= now);
                self.inbox.extend(due.map(|place| self.later.remove(place).1));
            }
            Effect::Mark(marker) => {
                if !self.carried.insert(marker.id) {
                    return Err(format!("the marker at {} was set twice", marker.what.target));
                }
                if !self.since(self.number(), 0).into_iter().any(|entry| entry.id == marker.id) {
                    return Err("a marker was set that is not in the journal".into());
                }
                self.later.extend(self.world.mark(&marker, now));
                let due = self.later.iter().position(|(at, _)| *at <= now);
                self.inbox.extend(due.map(|place| self.later.remove(place).1));
            }
            Effect::Seek(marker) => self.inbox.push_back(self.world.seek(&marker)),
            Effect::Export => self.inbox.push_back(Msg::Wrote(Ok("Written: exports/incident-412.json".into()))),
            Effect::ClockMoved => {
                let Some(app) = &mut self.app else { return Ok(()) };
                self.clock = Clock::new(app.standing.clock());
                if let (Some(drill), Some(moved)) = (&mut app.drill, app.standing.clock()) {
                    drill.clock = moved;
                }
                app.slos.iter_mut().for_each(|slo| slo.feed.refresh());
                let now = self.now();
                self.drive(now);
            }
            Effect::Quit => {
                self.has_ended = true;
                self.inbox.clear();
            }
            Effect::WhoElse => match self.setting.terminals {
                Some(Terminals::Others(count)) => self.inbox.push_back(Msg::Others(Some(count))),
                Some(Terminals::Unknown) => self.inbox.push_back(Msg::Others(None)),
                Some(Terminals::Silent) | None => {}
            },
            Effect::Bell | Effect::Title(_) | Effect::Redraw | Effect::Suspend | Effect::Keep(_) => {}
            Effect::WriteGate(_) => {}
        }
        Ok(())
    }

    /// The journal's answer to an append, as its thread gives it.
    fn append(&mut self, after: After) -> Result<(), String> {
        for entries in std::mem::take(&mut self.before_ours) {
            self.others(entries)?;
        }
        let streams = vec![after];
        let answer = match &self.mood {
            Mood::Failing(trouble) => Answer::Failed { ticket: 1, streams, trouble: trouble.clone() },
            Mood::Well | Mood::Held => match self.journal.append(&streams) {
                Ok(Appended::Done) => {
                    for After { number, head, entries } in &streams {
                        self.told.insert(*number, head + entries.len() as u64);
                    }
                    Answer::Appended { ticket: 1, streams }
                }
                Ok(Appended::Moved(newer)) => {
                    for entry in &newer {
                        self.told.insert(entry.incident, entry.seq);
                    }
                    Answer::Moved { ticket: 1, newer }
                }
                Err(trouble) => return Err(format!("the journal refused what the screen wrote: {trouble}")),
            },
        };
        self.inbox.extend(told(answer));
        Ok(())
    }

    fn answered(&self, effect: &Effect) -> Option<Msg> {
        match effect {
            Effect::Ask(ask) => self.world.burns(ask),
            Effect::Look { switch, ticket, sought, .. } => {
                self.world.look(&self.switch(*switch), *switch, *ticket, sought.as_deref())
            }
            Effect::BreakDown(ask) => self.world.shares(ask),
            _ => None,
        }
    }

    /// The world has changed: questions it was silent about are answered now, if they are.
    pub fn ask_again(&mut self) -> Result<(), String> {
        for effect in std::mem::take(&mut self.unanswered) {
            match self.answered(&effect) {
                Some(answer) => self.inbox.push_back(answer),
                None => self.unanswered.push(effect),
            }
        }
        self.run()?;
        self.draw()
    }

    /// The journal answers again.
    pub fn let_go(&mut self) -> Result<(), String> {
        for after in std::mem::take(&mut self.held) {
            self.append(after)?;
        }
        let plans = std::mem::take(&mut self.plans);
        self.inbox.extend(plans);
        self.run()
    }

    /// The probes that are being asked answer; whoever is asked then waits.
    pub fn probes_answer(&mut self) -> Result<(), String> {
        let asked = std::mem::take(&mut self.asked);
        self.inbox.extend(asked.iter().map(|ask| self.world.probe(ask)));
        self.run()
    }

    /// Somebody else's entries land in the journal.
    pub fn others(&mut self, entries: Vec<Entry>) -> Result<(), String> {
        let Some(first) = entries.first() else { return Ok(()) };
        let (number, head) = (first.incident, first.seq - 1);
        // what was decided before another one landed is put behind it
        let found = self.since(number, 0).len() as u64;
        let seated = (found + 1..).zip(entries).map(|(seq, entry)| Entry { seq, ..entry }).collect();
        match self.journal.append_after(number, head.max(found), seated) {
            Ok(Appended::Done) => Ok(()),
            other => Err(format!("somebody else could not write: {other:?}")),
        }
    }

    /// The hint: what others have appended is told.
    pub fn hint(&mut self, number: Number) -> Result<(), String> {
        if self.app.is_some() {
            let news = self.news(number);
            self.inbox.extend(news);
            self.run()?;
        }
        Ok(())
    }

    /// The journal's thread tells what is new in that stream.
    pub fn is_told(&self, number: Number) -> bool {
        self.told.contains_key(&number)
    }

    /// The hint that another stream has grown.
    pub fn grown(&mut self) -> Result<(), String> {
        let answer = told(Answer::Heads(self.journal.heads().map_err(|e| e.to_string())?));
        self.inbox.extend(answer);
        if self.app.is_some() { self.run() } else { Ok(()) }
    }

    /// Every incident, as the journal's thread tells it.
    fn list(&mut self) -> Result<(), String> {
        let heads = self.journal.heads().map_err(|e| e.to_string())?;
        let wanted = [&headline::KINDS[..], &headline::ACTS[..]].concat();
        let kinds = |(number, _)| self.journal.read_kinds(number, &wanted).map(|read| (number, read));
        let each: Result<Vec<_>, _> = heads.into_iter().map(kinds).collect();
        self.inbox.extend(told(Answer::Each(each.map_err(|e| e.to_string())?)));
        Ok(())
    }

    /// The same before there is a screen.
    fn headlines(&mut self) -> Result<Vec<Incident>, String> {
        self.list()?;
        match self.inbox.pop_back() {
            Some(Msg::Incidents(all)) => Ok(all),
            other => Err(format!("no list, but {other:?}")),
        }
    }

    /// The number of the incident on the screen.
    pub fn number(&self) -> Number {
        self.app.as_ref().map_or(self.setting.number, |app| app.incident.number())
    }

    fn news(&mut self, number: Number) -> Vec<Msg> {
        let mut messages = Vec::new();
        loop {
            let head = self.told.get(&number).copied().unwrap_or(0);
            let Ok(read) = self.journal.read_since(number, head, BATCH) else { return messages };
            let Some(last) = read.entries.last().map(|e| e.seq) else { return messages };
            self.told.insert(number, last);
            let more = read.more;
            messages.extend(told(Answer::Changed { number, read }));
            if !more {
                return messages;
            }
        }
    }

    /// The entries of a stream.
    pub fn since(&self, number: Number, head: u64) -> Vec<Entry> {
        self.journal.read_since(number, head, usize::MAX).map(|read| read.entries).unwrap_or_default()
    }

    /// A drill's world goes on to now: others say what they say.
    fn drive(&mut self, now: Time) {
        let Some((scenario, world)) = &self.setting.drill else { return };
        let follows = self.world.flips.iter().filter(|(_, flag, _)| scenario.followed().contains(&flag.as_str()));
        let flips = follows.map(|(at, flag, value)| Flip {
            at: *at,
            flag: flag.clone(),
            value: value.clone(),
            without: Vec::new(),
        });
        let flips: Vec<Flip> = flips.collect();
        let from = self.driven.unwrap_or(scenario.start);
        for said in world.said(from, now, &flips) {
            self.inbox.push_back(Msg::Said(Box::new(heard(said))));
        }
        self.driven = Some(now.max(from));
        let next = world.next_event(now, &flips).map(|(at, what)| (at, what.to_string()));
        if next != self.next {
            self.next.clone_from(&next);
            self.inbox.push_back(Msg::World { next });
        }
    }

    fn switch(&self, place: usize) -> String {
        self.setting.switches.get(place).map(|s| s.name.clone()).unwrap_or_default()
    }

    /// An effect in words, as `effects` counts them.
    fn words(&self, effect: &Effect) -> String {
        match effect {
            Effect::Append { number, after, entries } => {
                let kinds: Vec<&str> = entries.iter().map(|e| e.fact.kind()).collect();
                format!("append to {number} after {after}: {}", kinds.join(", "))
            }
            Effect::Read { number, after } => format!("read {number} after {after}"),
            Effect::Open(number) => format!("open {number}"),
            Effect::Leave(number) => format!("leave {number}"),
            Effect::List => "list".into(),
            Effect::Ask(ask) => format!("ask {}", ask.slo),
            Effect::AskChanges(ask) => format!("ask changes {}", ask.source),
            Effect::WhatIf(ask) => format!("what if {}{}", if ask.only { "only " } else { "" }, ask.text),
            Effect::BreakDown(ask) => format!("break down {}", ask.asked.fields.join(",")),
            Effect::Probe(ask) => match &ask.which {
                Which::Soaked { probe, .. } => format!("probe {probe}"),
                Which::All => "probe all".into(),
                Which::These(names) => format!("probe these {}", names.join(" ")),
            },
            Effect::Look { switch, .. } => format!("look {}", self.switch(*switch)),
            Effect::Plan { switch, draft, .. } => format!("plan {} {}", draft.act.word(), self.switch(*switch)),
            Effect::Carry(errand) => match errand.what.act {
                Act::Publish => format!("carry publish {}", errand.what.target),
                act => format!("carry {} {}", act.word(), errand.what.target),
            },
            Effect::Mark(marker) => format!("mark {}", marker.what.target),
            Effect::Seek(marker) => format!("seek {}", marker.what.target),
            Effect::Export => "export".into(),
            Effect::ClockMoved => "clock moved".into(),
            Effect::WriteGate(gate) => format!("write gate: {} held, {} may pass", gate.holds.len(), gate.passes.len()),
            Effect::Bell => "bell".into(),
            Effect::Title(title) => format!("title {title}"),
            Effect::Redraw => "redraw".into(),
            Effect::Suspend => "suspend".into(),
            Effect::WhoElse => "who else".into(),
            Effect::Keep(words) => format!("keep {words}"),
            Effect::Quit => "quit".into(),
        }
    }

    fn draw(&mut self) -> Result<(), String> {
        let now = self.now();
        if let Some(app) = self.app.as_ref().filter(|_| self.has_ended) {
            // the ordinary screen again, and what is said there
            self.rows = app.parting(now);
        } else if let Some(app) = &mut self.app {
            let (rows, spots) = picture::draw(app, &self.theme, now, self.size)?;
            app.timeline.top = spots.timeline.map(|(top, _)| top);
            app.spots = spots;
            self.rows = rows;
        }
        Ok(())
    }

    /// The screen, and what passed last: what a failure prints.
    pub fn story(&self) -> String {
        let from = self.passed.len().saturating_sub(24);
        let passed = self.passed.get(from..).unwrap_or_default().join("\n    ");
        let rows: Vec<String> = self.rows.iter().map(|row| format!("    |{row}")).collect();
        format!("  the screen at {}:\n{}\n  what passed last:\n    {passed}\n", self.now().clock(), rows.join("\n"))
    }
}

fn slo((name, target_ppm, severity): &(String, u32, Option<Severity>)) -> SloDesk {
    SloDesk {
        pace: quarterdeck::app::feed::Pace::NEAR,
        narrowest: quarterdeck::incident::time::Span::seconds(5),
        name: name.clone(),
        target_ppm: *target_ppm,
        window: quarterdeck::query::calendar::Window::Rolling(Span::minutes(30 * 24 * 60).0),
        slices: None,
        reads: String::new(),
        bad: "http.response.status_code >= 500".into(),
        filters: true,
        called: "bad".into(),
        same_as: None,
        severity: *severity,
        freeze_below_ppm: None,
        feed: quarterdeck::app::feed::Feed::default(),
    }
}

/// A probe that was not asked yet.
fn probed(probe: &super::world::Probe) -> ProbeDesk {
    ProbeDesk {
        soak: probe.soak,
        trips: probe.trips.clone(),
        of_build: false,
        timeout: Span::seconds(10),
        name: probe.name.clone(),
        scope: probe.scope.clone(),
        subject: None,
        says: None,
        asks: format!("command {}", probe.name),
        reading: None,
    }
}

/// What a screen needs to know of files it never opens.
pub fn nowhere() -> &'static Path {
    Path::new("incidents.db")
}

//! What the screen knows. Pure: messages in, effects out; no clock, no files, no terminal.
//!
//! [`update()`] is the only writer of [`App`], `view` only reads it. Time comes in with every message.

pub mod action;
pub mod aftercare;
mod against;
pub mod alarms;
mod alerts;
mod anew;
mod answers;
mod arming;
mod attempts;
pub mod changes;
pub mod chart;
pub mod condition;
pub mod confirm;
pub mod criterion;
pub mod deeds;
pub mod drill;
mod entries;
mod evidence;
mod extending;
pub mod fault;
pub mod feed;
pub mod field;
mod freezing;
pub mod holds;
pub mod incidents;
mod kept;
pub mod key;
pub mod keymap;
mod keys;
mod layer;
mod leaving;
pub mod log;
pub mod meant;
mod moves;
pub mod msg;
mod others;
mod outside;
pub mod palette;
pub mod priorities;
pub mod probes;
pub mod prompt;
pub mod proposals;
pub mod putback;
pub mod reduce;
mod returned;
mod selected;
pub mod served;
pub mod shares;
pub mod soaks;
mod submit;
pub mod suspects;
pub mod switches;
mod telling;
pub mod then;
pub mod tick;
mod update;
pub mod weighed;
pub mod whereabouts;
pub mod would;

pub use changes::ChangeDesk;
pub use feed::SloDesk;
pub use layer::{Layer, Subject};
pub use switches::{PlanDesk, SwitchDesk};
pub use tick::next_due;
pub use update::update;

use crate::incident::Incident;
use crate::incident::cadence::Rules;
use crate::incident::entry::{Entry, EntryId, Number, Session, Stamp};
use crate::incident::intent::Intents;
use crate::incident::standing::Standing;
use crate::incident::time::{Span, Time};
use chrono_tz::Tz;
use drill::Rehearsal;
use entries::Desk;
use holds::GateDesk;
use keymap::{Keymap, When};
use leaving::Leaving;
use log::Log;
use msg::Said;
use outside::Outside;
use std::collections::{BTreeMap, BTreeSet};
use whereabouts::Whereabouts;

/// How long the keyboard must be quiet after a prompt closed before letters mean something again.
pub const HUSH: Span = Span(400_000);

/// Who is at the keyboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: Box<str>,
    /// Nobody said so: it is the login name.
    pub assumed: bool,
}

/// The panels, in the order of their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Panel {
    /// What is owed.
    #[default]
    Priorities,
    /// What can be switched off.
    Switches,
    /// How fast the budget burns.
    Burn,
    /// The record.
    Timeline,
}

impl Panel {
    /// All panels.
    pub const ALL: [Panel; 4] = [Panel::Priorities, Panel::Switches, Panel::Burn, Panel::Timeline];
    /// Where the keymap's rows for this panel stand.
    pub fn when(self) -> When {
        match self {
            Panel::Priorities => When::Priorities,
            Panel::Switches => When::Switches,
            Panel::Burn => When::Burn,
            Panel::Timeline => When::Timeline,
        }
    }
}

/// Where a list stands: by id, so that nothing moves when something arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The row at the top, as it was drawn last.
    pub top: Option<EntryId>,
    /// The row that is selected; none follows the newest.
    pub selected: Option<EntryId>,
}

/// A line that says what became of something; it goes away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The words.
    pub words: String,
    /// It went wrong.
    pub bad: bool,
    /// Until when it stands.
    pub until: Time,
}

/// Where things were drawn last, so that the next message can be understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spots {
    /// First and last entry of the timeline, and how many rows it has.
    pub timeline: Option<(EntryId, EntryId)>,
    /// Rows of the timeline.
    pub page: u16,
    /// Where the chart begins, how long a column is, how many there are.
    pub chart: Option<(Time, Span, u16)>,
    /// How many lines of a layer did not fit below.
    pub below: u16,
}

/// What the last message can have changed on the screen. Between two due moments nothing else does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stirred {
    /// Only where the timeline stands: the timeline, and the header that says where.
    Record,
    /// Anything.
    #[default]
    All,
}

/// All that the screen knows.
#[derive(Clone, Debug)]
pub struct App {
    /// Who is at the keyboard.
    pub person: Person,
    /// This run of the program.
    pub session: Session,
    /// What is configured about the response.
    pub rules: Rules,
    /// What keys mean.
    pub keymap: Keymap,
    /// The second clock of the header.
    pub zone: Option<Tz>,
    /// The incident on the screen; not declared while its stream is empty.
    pub incident: Incident,
    /// What outlives incidents, and the drill's clock.
    pub standing: Standing,
    /// Where releases are held, and whether others are told.
    pub gate: GateDesk,
    /// The entries.
    pub log: Log,
    /// The incidents there are, as far as a list shows them; the one on the screen need not be among them.
    pub known: Vec<Incident>,
    /// Open incidents that are not on the screen, where probes are asked by themselves.
    others: BTreeMap<Number, others::Other>,
    /// Once it is read, the list is shown when the incident on the screen is over: nobody has said which one is meant.
    pub picks: bool,
    /// The last screenful of a journal still being read, and how many entries it has.
    pub glimpse: Option<(Vec<Entry>, u64)>,
    /// What is being written.
    pub desk: Desk,
    /// The SLOs.
    pub slos: Vec<SloDesk>,
    /// The one on the screen.
    pub slo: usize,
    /// Whose choice that was.
    pub picked: alarms::Picked,
    /// What was last asked about another indicator.
    pub would: would::Would,
    /// What was last asked about the values of fields.
    pub shares: shares::Shared,
    /// How much of the traffic it is that the act which is shown excludes.
    weighed: weighed::Weighed,
    /// The configured probes.
    pub probes: probes::Board,
    /// Which time the chart shows.
    pub look: chart::Look,
    /// The sources of changes.
    pub changes: Vec<ChangeDesk>,
    /// The switches.
    pub switches: Vec<SwitchDesk>,
    /// Switches that are stopped together.
    pub plans: Vec<PlanDesk>,
    /// Acts that are being planned together.
    arming: Option<arming::Arming>,
    /// This stream's acts and those of all others, where others have any.
    together: Option<Intents>,
    /// Acts whose end was tried from here, or left to people.
    ended: attempts::Attempts,
    /// Answers after soaks whose stop was tried from here.
    tripped: attempts::Attempts,
    /// The name of the switch, or of the plan, that is selected.
    pub switch: Option<String>,
    /// What could be done with each switch when it was looked at last.
    offered: BTreeMap<String, Vec<String>>,
    /// The channels' names.
    pub channels: Vec<String>,
    /// The task, question or promise that is selected.
    pub priority: Option<EntryId>,
    /// The panel with the focus.
    pub focus: Panel,
    /// The focused panel has the whole screen.
    pub zoomed: bool,
    /// Where the timeline stands.
    pub timeline: Cursor,
    /// What lies over the panels.
    pub layer: Layer,
    /// What became of the last thing.
    pub notice: Option<Notice>,
    /// The journal's trouble, until it is over.
    pub trouble: Option<String>,
    /// Since when letters mean nothing, and what was ignored.
    pub hush: Option<(Time, String)>,
    /// The key that led to a question about an act, as long as it may still be held down.
    led: Option<submit::Led>,
    /// The drill.
    pub drill: Option<Rehearsal>,
    /// Where things are kept, and what opens this again.
    pub whereabouts: Whereabouts,
    /// May the bell ring.
    pub bell: bool,
    /// Where things were drawn last.
    pub spots: Spots,
    /// What the last message can have changed on the screen.
    pub stirred: Stirred,
    /// How long a column was and how many there were when an objective was last asked about.
    asked: BTreeMap<usize, (Span, u16)>,
    /// What others said in a drill before the incident was declared.
    heard: Vec<Said>,
    rung: BTreeSet<String>,
    rang: Option<Time>,
    /// When time passed last.
    ticked: Option<Time>,
    count: u64,
    title: String,
    leaving: Option<Leaving>,
    /// What is under way outside.
    outside: Outside,
    /// What was written last, in words.
    exported: Option<String>,
    /// Words were put aside when leaving.
    kept_words: bool,
    /// The incident whose end is being read, to go there.
    opening: Option<Number>,
    /// Whoever is at the keyboard went to this incident and joins it once it is read.
    joins: bool,
}

impl App {
    /// A screen that knows nothing yet about a stream.
    pub fn new(person: Person, session: Session, number: Number, keymap: Keymap) -> App {
        App {
            person,
            session,
            rules: Rules::default(),
            keymap,
            zone: None,
            incident: Incident::new(number),
            standing: Standing::default(),
            gate: GateDesk::default(),
            log: Log::default(),
            known: Vec::new(),
            others: BTreeMap::new(),
            picks: false,
            glimpse: None,
            desk: Desk::default(),
            slos: Vec::new(),
            slo: 0,
            picked: alarms::Picked::default(),
            look: chart::Look::default(),
            would: would::Would::default(),
            changes: Vec::new(),
            shares: shares::Shared::default(),
            weighed: weighed::Weighed::default(),
            switches: Vec::new(),
            plans: Vec::new(),
            arming: None,
            together: None,
            ended: attempts::Attempts::default(),
            tripped: attempts::Attempts::default(),
            probes: probes::Board::default(),
            switch: None,
            offered: BTreeMap::new(),
            channels: Vec::new(),
            priority: None,
            focus: Panel::Timeline,
            zoomed: false,
            timeline: Cursor::default(),
            layer: Layer::None,
            notice: None,
            trouble: None,
            hush: None,
            led: None,
            drill: None,
            whereabouts: Whereabouts::default(),
            bell: true,
            spots: Spots::default(),
            stirred: Stirred::All,
            asked: BTreeMap::new(),
            heard: Vec::new(),
            rung: BTreeSet::new(),
            rang: None,
            ticked: None,
            count: 1,
            title: String::new(),
            leaving: None,
            outside: Outside::default(),
            exported: None,
            kept_words: false,
            opening: None,
            joins: false,
        }
    }

    /// What an entry says, as corrected: the words that a correction replaces. Of the declaration that is the title.
    pub fn text_of(&self, id: EntryId) -> String {
        if self.incident.opened().is_some_and(|opened| opened.id == id) {
            return self.incident.title().to_string();
        }
        let alone = self.standing.tasks().find(id).map(|task| task.what.text.clone());
        let here = self.log.get(id).map(|entry| self.incident.line(entry).text);
        here.or(alone).unwrap_or_default()
    }
    /// The journal is still being read: how many entries of how many.
    pub fn reading(&self) -> Option<(u64, u64)> {
        self.glimpse.as_ref().map(|(_, total)| (self.incident.head(), *total))
    }
    /// What a decision made now needs to know.
    pub fn stamp(&self, now: Time, at: Option<Time>) -> Stamp {
        Stamp {
            now,
            author: self.person.name.clone(),
            session: self.session,
            first: EntryId::of(self.session, self.count),
            at,
            when: None,
        }
    }
    /// Says something in the footer for some seconds.
    pub fn say(&mut self, now: Time, words: impl Into<String>, bad: bool) {
        let stays = self.lasting(Span::seconds(if bad { 12 } else { 5 }));
        self.notice = Some(Notice { words: words.into(), bad, until: now.plus(stays) });
    }
    /// What this clock passes while the keyboard has to be quiet.
    fn hush(&self) -> Span {
        self.lasting(HUSH)
    }
}

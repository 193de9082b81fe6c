//! What comes in and what goes out, as values. It must not know who sends or who carries out.

use super::changes::ChangesAsk;
use super::feed::{Burn, BurnAsk};
use super::key::Key;
use super::probes::ProbesAsk;
use super::shares::SharesAsk;
use super::would::WouldAsk;
use crate::incident::Incident;
use crate::incident::change::Told;
use crate::incident::command::Command;
use crate::incident::entry::{Entry, EntryId, Number};
use crate::incident::gate::Gate;
use crate::incident::intent::{Intended, Seen, Settled};
use crate::incident::marker::Marker;
use crate::incident::probe::Reading;
use crate::incident::promise::Update;
use crate::incident::sought::Sought;
use crate::incident::switch::{ByName, Plan, Sight};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::paging::Compared;
use crate::query::shares::Shares;

/// Everything that can happen to the screen.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The terminal has, or no longer has, the focus.
    Focus(bool),
    /// The terminal has another size, or came back.
    Resized,
    /// The moment asked for by `next_due` has come.
    Tick,
    /// The last screenful of a stream, to be shown while the rest is read.
    Glimpse {
        /// The stream.
        number: Number,
        /// The entries, in sequence.
        entries: Vec<Entry>,
        /// How many the stream has.
        total: u64,
    },
    /// Entries came from the journal, in sequence.
    Entries {
        /// Their stream.
        number: Number,
        /// The entries.
        entries: Vec<Entry>,
        /// More are on their way.
        more: bool,
    },
    /// What there is in the journal: every incident as far as a list shows it, by number.
    Incidents(Vec<Incident>),
    /// A stream that is not on the screen has grown.
    Grown,
    /// The journal answered an append.
    Appended(Result<(), AppendTrouble>),
    /// The journal is damaged, unreachable or full: three sentences.
    JournalTrouble(String),
    /// An SLO was asked about.
    Burned {
        /// Which.
        slo: usize,
        /// The ticket of the question.
        ticket: u64,
        /// The answer.
        answer: Result<Box<Burn>, Trouble>,
    },
    /// What would have been was answered.
    WouldBe {
        /// The ticket of the question.
        ticket: u64,
        /// What it would have been.
        answer: Result<Box<Compared>, Trouble>,
    },
    /// A source said what changed.
    ToldChanges {
        /// Which.
        source: usize,
        /// The ticket of the question.
        ticket: u64,
        /// The answer.
        answer: Result<Told, Trouble>,
    },
    /// Probes were asked.
    Probed {
        /// The question.
        ask: ProbesAsk,
        /// What each of them was found to be.
        readings: Vec<Reading>,
    },
    /// How values share the events was answered.
    Shared {
        /// The ticket of the question.
        ticket: u64,
        /// How they do.
        answer: Result<Box<Shares>, Trouble>,
    },
    /// A switch was looked at.
    Looked {
        /// Which.
        switch: usize,
        /// The ticket of the question.
        ticket: u64,
        /// What it serves.
        answer: Result<Box<Sight>, Trouble>,
    },
    /// An act on a switch was planned.
    Planned {
        /// Which.
        switch: usize,
        /// What the act would be.
        draft: Box<Intended>,
        /// What it would do.
        answer: Result<Box<Plan>, Trouble>,
    },
    /// An intent was carried: an act, or a marker.
    Carried(Box<Settled>),
    /// A marker was looked for.
    Sought {
        /// Which.
        marker: EntryId,
        /// What was seen there.
        answer: Result<Seen, Trouble>,
    },
    /// A file was written, or was not: words for the footer.
    Wrote(Result<String, String>),
    /// In a drill: somebody else in the room says something.
    Said(Box<Said>),
    /// In a drill: what the world does next.
    World {
        /// The next moment at which something happens.
        next: Option<(Time, String)>,
    },
    /// How many other terminals show this screen; none when nobody could say.
    Others(Option<usize>),
    /// A SIGTERM, or a terminal that went away.
    Leave,
}

/// What somebody else in the room says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub who: String,
    /// What is to be recorded in that name.
    pub command: Command,
    /// When it happened.
    pub at: Time,
    /// When they wrote it down.
    pub recorded: Time,
}

/// Why an append did not go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendTrouble {
    /// Others appended first; their entries are coming. Decide again.
    Moved,
    /// The stream is another incident's already: take the next number.
    Taken(Number),
    /// The journal could not: three sentences.
    Failed(String),
}

/// What the screen wants done; compared and printed, never called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Append these entries after that head.
    Append {
        /// The stream.
        number: Number,
        /// Its head, as far as we know.
        after: u64,
        /// The entries, complete.
        entries: Vec<Entry>,
    },
    /// Read what came after a head.
    Read {
        /// The stream.
        number: Number,
        /// What we have.
        after: u64,
    },
    /// Read the end of another stream, to go there.
    Open(Number),
    /// That stream is no longer on the screen.
    Leave(Number),
    /// Read what there is in the journal.
    List,
    /// Ask about an SLO.
    Ask(BurnAsk),
    /// Ask what would have been under another indicator.
    WhatIf(WouldAsk),
    /// Ask a source what changed.
    AskChanges(ChangesAsk),
    /// Ask how values share the events of an SLO.
    BreakDown(SharesAsk),
    /// Ask probes; it changes nothing.
    Probe(ProbesAsk),
    /// Look at a switch.
    Look {
        /// Which.
        switch: usize,
        /// The ticket the answer carries.
        ticket: u64,
        /// Whether an act has arrived where clients ask is wanted too.
        arrival: bool,
        /// Whom to ask about by name.
        by_name: ByName,
        /// What the whole state is compared with, where an act's effect is looked for.
        sought: Option<Box<Sought>>,
    },
    /// Find out what an act on a switch would do; it changes nothing.
    Plan {
        /// Which.
        switch: usize,
        /// The act.
        draft: Box<Intended>,
        /// For a revert: the state to put back.
        put: Option<String>,
    },
    /// Carry an intent that is in the journal, once.
    Carry(Box<Errand>),
    /// Set a marker that is in the journal, once.
    Mark(Box<Marker>),
    /// Look for a marker whose outcome nobody knows; it changes nothing.
    Seek(Box<Marker>),
    /// Write the incident to a file.
    Export,
    /// Write down what holds and passes stand, for those who cannot read the journal.
    WriteGate(Box<Gate>),
    /// In a drill: move the clock on. The entry is in the journal already.
    ClockMoved,
    /// Ring once.
    Bell,
    /// Name the window.
    Title(String),
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back until the shell continues us.
    Suspend,
    /// Find out how many other terminals show this screen; answered soon in any case.
    WhoElse,
    /// Keep words that were typed and not recorded.
    Keep(String),
    /// Leave.
    Quit,
}

/// An intent with all that is needed to carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// The entry.
    pub id: EntryId,
    /// What.
    pub what: Intended,
    /// For a publication: the incident as it stands with the update, to be shown.
    pub incident: Option<Box<Incident>>,
    /// The update that is to be published.
    pub update: Option<Update>,
    /// For an act that takes another back: the state to put back.
    pub put: Option<String>,
    /// When it was asked.
    pub at: Time,
    /// Who asked.
    pub person: String,
    /// The incident; none where it stands alone.
    pub number: Option<Number>,
}

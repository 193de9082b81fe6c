//! From what a person wants to what stands in the journal: fold, decide, append; when others were first, fold theirs and decide again.
//! It must not know which command wants it.

use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::stream::{self, Stream};
use super::{marks, paper, which, words};
use crate::incident::Incident;
use crate::incident::cadence::Rules;
use crate::incident::command::{Command, Refusal};
use crate::incident::decide;
use crate::incident::entry::{Draft, Entry, EntryId, Number, STANDING, Stamp};
use crate::incident::intent::Intents;
use crate::incident::said::Said;
use crate::journal::{Appended, Journal};
use crate::shell::clock;

/// How often others may be first before we give up; each time one of them got on.
const TRIES: usize = 1_000;

/// What was recorded, and where.
pub struct Recorded {
    /// The journal, open for writing.
    pub journal: Journal,
    /// The stream, the new entries folded.
    pub stream: Stream,
    /// The new entries.
    pub new: Vec<Entry>,
}

/// Decides and appends to a stream that was read, as the screen does.
///
/// # Errors
/// A rule refuses; the journal cannot be written.
pub fn append(
    desk: &mut Desk,
    journal: &mut Journal,
    stream: &mut Stream,
    command: &Command,
    said: Option<&Said>,
) -> Result<Vec<Entry>, Fault> {
    let rules = rules(desk, journal, stream.incident.number(), command)?;
    append_by(desk, journal, stream, said, |stream, stamp| decide(&stream.incident, &rules, command, stamp))
}

/// By which rules a command is decided in a stream: an act on a switch, and what a close leaves stopped, with what every other one did there.
///
/// # Errors
/// The journal cannot be read.
pub fn rules(desk: &Desk, journal: &Journal, number: Number, command: &Command) -> Result<Rules, Fault> {
    let asks = matches!(
        command,
        Command::Act(_)
            | Command::ActAll(_)
            | Command::AskSecond(_)
            | Command::MoveEnd(_)
            | Command::ChangePhase { .. }
    );
    let elsewhere = if asks { stream::elsewhere(journal, number)? } else { Intents::default() };
    Ok(Rules { elsewhere, ..desk.config.rules.clone() })
}

/// Appends what a rule decides; it is asked again when others were first.
///
/// # Errors
/// The rule refuses; the journal cannot be written.
pub fn append_by(
    desk: &mut Desk,
    journal: &mut Journal,
    stream: &mut Stream,
    said: Option<&Said>,
    rule: impl Fn(&Stream, &Stamp) -> Result<Vec<Draft>, Refusal>,
) -> Result<Vec<Entry>, Fault> {
    let stamp = desk.stamp(said);
    for _ in 0..TRIES {
        stream.sound()?;
        let drafts = rule(stream, &stamp)?;
        let (number, head) = (stream.incident.number(), stream.incident.head());
        let places = (0_u64..).zip(drafts);
        let entries: Vec<Entry> = places
            .map(|(index, draft)| draft.entry(&stamp, number, head.saturating_add(1).saturating_add(index), index))
            .collect();
        match journal.append_after(number, head, entries.clone())? {
            Appended::Done => {
                desk.used(entries.len());
                stream.take(entries.clone());
                return Ok(entries);
            }
            Appended::Moved(newer) => {
                stream.take(newer);
                stream.go_on(journal)?;
            }
        }
    }
    Err(Fault {
        kind: Kind::Tool,
        happened: format!("Others wrote first {TRIES} times."),
        stands: "Nothing was recorded.".into(),
        next: "Say it again.".into(),
    })
}

/// Records something said to the incident that is meant. `words` are kept as a draft when it cannot be.
///
/// # Errors
/// Nobody can say which incident is meant; a rule refuses; the journal cannot be written.
pub fn record(
    desk: &mut Desk,
    io: &mut Io<'_>,
    (verb, words): (&str, &str),
    said: Option<&Said>,
    build: impl FnOnce(&Desk, &Incident) -> Result<Command, Fault>,
) -> Result<Recorded, Fault> {
    let tried = try_record(desk, io, said, build);
    tried.map_err(|fault| words::kept(desk, fault, verb, words))
}

fn try_record(
    desk: &mut Desk,
    io: &mut Io<'_>,
    said: Option<&Said>,
    build: impl FnOnce(&Desk, &Incident) -> Result<Command, Fault>,
) -> Result<Recorded, Fault> {
    let number: Number = which::meant(desk, io, desk.reading()?)?;
    let mut journal = desk.writing(false)?;
    let mut stream = Stream::read(&journal, number)?;
    let command = build(desk, &stream.incident)?;
    let new = append(desk, &mut journal, &mut stream, &command, said)?;
    Ok(Recorded { journal, stream, new })
}

/// Records, and answers with what was recorded.
///
/// # Errors
/// As for [`record`].
pub fn say(
    desk: &mut Desk,
    io: &mut Io<'_>,
    spoken: (&str, &str),
    said: Option<&Said>,
    build: impl FnOnce(&Desk, &Incident) -> Result<Command, Fault>,
) -> Result<(), Fault> {
    let mut done = record(desk, io, spoken, said, build)?;
    let answered = paper::recorded(io, desk.globals.json, &done.stream.incident, &done.new);
    let told = paper::told(io, answered);
    marks::follow(desk, io, &mut done.journal, &mut done.stream, &done.new);
    told
}

/// Writes the first entry of a new journal's standing stream.
///
/// # Errors
/// The journal cannot be written, or is not new.
pub fn begin(author: &str, journal: &mut Journal, draft: Draft) -> Result<(), Fault> {
    let session = clock::session();
    let first = EntryId::of(session, 1);
    let stamp = Stamp { now: draft.at, author: author.into(), session, first, at: None, when: None };
    match journal.append_after(STANDING, 0, vec![draft.entry(&stamp, STANDING, 1, 0)])? {
        Appended::Done => Ok(()),
        Appended::Moved(_) => Err(Fault::refused("The journal is not new.", "Begin another drill.")),
    }
}

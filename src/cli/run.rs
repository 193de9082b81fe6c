//! Runs a command and writes down what it changed: that it was begun, how it ended, how long it took, its last lines. The command comes
//! first: it runs whatever the state of the journal, and what cannot be recorded is said on the standard error and nowhere else. A journal
//! in the usual place is made where there is none. It must not know how a command is run.

use super::args::Globals;
use super::args::outside::Run;
use super::desk::{Desk, Io, Setting};
use super::fault::Fault;
use super::stream::Stream;
use super::{paper, record, which};
use crate::config::Origin;
use crate::incident::change::Changed;
use crate::incident::command::Command;
use crate::incident::entry::{Draft, EntryId, STANDING};
use crate::incident::fact::Fact;
use crate::incident::ran::{RUN, Ran};
use crate::incident::said::Said;
use crate::incident::time::{Span, Time};
use crate::journal::Journal;
use crate::shell::beside::Beside;
use crate::shell::foreground::{self, Ended};
use crate::shell::{clock, masked, typed};
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

/// How long the command waits for its beginning to be written down. A journal that answers needs some milliseconds.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long we stay after its end for what is not written down yet: longer than a journal waits for others.
const STAY: Duration = Duration::from_secs(8);

/// What is written down of a command that was begun.
struct Begun {
    desk: Desk,
    journal: Journal,
    stream: Stream,
    changed: EntryId,
}

/// `run`. Answers with the command's own code, 128 and the signal that ended it, or 126 or 127 when it could not be started.
pub fn run(globals: Globals, args: &Run) -> ExitCode {
    let subject = match &args.says {
        Some(words) => paper::line(words, 400),
        None => paper::line(&masked::command_line(args.command.iter().map(|word| word.to_string_lossy())), 400),
    };
    let what = paper::line(&args.what, 40);
    let at = clock::real();
    let written = (what, subject);
    let mut begun = Beside::begin("record", move || begin(globals, written, at));
    begun.wait(PATIENCE);
    let (ended, code) = match foreground::run(&args.command) {
        Ok(ended) => {
            let code = ended.exit();
            (ended, code)
        }
        Err(error) => {
            let code = foreground::not_started(&error);
            let name = args.command.first().map(|name| name.to_string_lossy()).unwrap_or_default();
            let words = not_started(&paper::line(&name, 200), &error);
            tell(&words);
            (Ended { code: Some(i32::from(code)), signal: None, took: Span(0), tail: vec![words] }, code)
        }
    };
    if let Err(fault) = recorded(begun, &ended) {
        let how = if code == 0 { "ended well".into() } else { format!("ended with {code}") };
        let stands = format!("The command {how}, and that is not in the record.");
        tell(&Fault { stands, ..fault }.to_string());
    }
    ExitCode::from(code)
}

fn not_started(name: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            format!("There is no command {name}. Nothing was run. Install it, or name it by its path.")
        }
        _ => format!("{name} could not be started: {error}. Nothing was run. Put that right."),
    }
}

/// Says something on the standard error; whoever has closed it does not want to know.
fn tell(words: &str) {
    let _ = writeln!(io::stderr(), "quarterdeck: {}", typed::words(words));
}

/// Writes down how it ended.
fn recorded(begun: Beside<Result<Begun, Fault>>, ended: &Ended) -> Result<(), Fault> {
    let slow =
        || Fault::usage("The journal did not answer in time.", "Write it down by hand: quarterdeck changed run.");
    let begun = begun.answer(STAY).ok_or_else(slow)??;
    let ran = Ran {
        changed: begun.changed,
        code: ended.code,
        signal: ended.signal,
        took_us: ended.took.0,
        tail: ended.tail.iter().map(|line| masked::masked(line)).collect::<Vec<_>>().join("\n"),
    };
    Beside::begin("record", move || end(begun, ran)).answer(STAY).ok_or_else(slow)?
}

/// Finds out where it belongs, and writes down that it was begun.
fn begin(globals: Globals, (what, subject): (String, String), at: Time) -> Result<Begun, Fault> {
    let mut desk = Setting::read(globals)?.desk(false)?;
    // nobody is asked anything: the terminal is the command's
    let io = &mut Io {
        out: &mut io::sink(),
        err: &mut io::sink(),
        input: &mut io::empty(),
        typed: false,
        read: false,
        watched: false,
        deaf: true,
    };
    let number = which::place(&desk, io)?;
    // one that was named and is not there may be mistyped or not mounted: once made, a gate that reads it would find nothing frozen
    let mut journal = desk.writing(desk.config.journal.origin == Origin::Default)?;
    let mut stream = Stream::read(&journal, number)?;
    let said = Said { at: desk.clock.at(at), about: false };
    let changed = Changed { what, subject, from: None, to: None, by: None, source: Some(RUN.into()) };
    let new = write(&mut desk, &mut journal, &mut stream, Command::Change(changed), Some(&said))?;
    let changed = new.ok_or_else(|| Fault::usage("The journal took nothing.", "Write it down by hand."))?;
    Ok(Begun { desk, journal, stream, changed })
}

fn end(begun: Begun, ran: Ran) -> Result<(), Fault> {
    let Begun { mut desk, mut journal, mut stream, .. } = begun;
    // others may have written while it ran
    stream.go_on(&journal)?;
    write(&mut desk, &mut journal, &mut stream, Command::EndRun(ran), None).map(|_| ())
}

/// Appends to an incident by its rules, or to the standing stream; answers with the id of the first entry.
fn write(
    desk: &mut Desk,
    journal: &mut Journal,
    stream: &mut Stream,
    command: Command,
    said: Option<&Said>,
) -> Result<Option<EntryId>, Fault> {
    let new = if stream.incident.number() == STANDING {
        let fact: Fact = match command {
            Command::Change(changed) => changed.into(),
            Command::EndRun(ran) => ran.into(),
            _ => return Ok(None),
        };
        record::append_by(desk, journal, stream, said, |_, stamp| {
            Ok(vec![Draft { fact: fact.clone(), at: stamp.happened(), when: None }])
        })?
    } else {
        record::append(desk, journal, stream, &command, said)?
    };
    Ok(new.first().map(|entry| entry.id))
}

//! Work and check-ins. It must not know when either is due.

use super::args::work::{Checkin, CheckinAct, CheckinNote, Numbered, OpenTask, Task, TaskAct};
use super::desk::{Desk, Io, no_moment_to_come};
use super::fault::Fault;
use super::{paper, record, say, words};
use crate::incident::command::Command;
use crate::incident::said;
use crate::incident::task::TaskOpened;
use crate::incident::time::Time;

/// `task`.
pub fn task(desk: &mut Desk, io: &mut Io<'_>, args: Task) -> Result<(), Fault> {
    match args.act {
        None => open(desk, io, &args.open),
        Some(TaskAct::Open(args)) => open(desk, io, &args),
        Some(TaskAct::Done(args)) => {
            let finish = |task, result| Command::FinishTask { task, result };
            settle(desk, io, &args, "task", finish)
        }
        Some(TaskAct::Drop(args)) => settle(desk, io, &args, "task", |task, why| Command::DropTask { task, why }),
        Some(TaskAct::Reopen(args)) => settle(desk, io, &args, "task", |task, _| Command::ReopenTask { task }),
    }
}

/// A time to come, or a length from now.
///
/// # Errors
/// It is neither.
pub fn ahead(desk: &Desk, text: Option<&str>) -> Result<Option<Time>, Fault> {
    let Some(text) = text else { return Ok(None) };
    said::ahead(text, desk.now()).map(Some).ok_or_else(|| no_moment_to_come(text))
}

fn open(desk: &mut Desk, io: &mut Io<'_>, args: &OpenTask) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let due = ahead(desk, args.within.as_deref())?;
    let text = words::needed(desk, io, &args.text)?;
    let opened = TaskOpened {
        text: text.clone(),
        owner: words::short(args.owner.as_deref()),
        due,
        goal: args.goal,
        undo: args.undo,
    };
    record::say(desk, io, ("task", &text), said.as_ref(), |_, _| Ok(Command::OpenTask(opened)))
}

fn settle(
    desk: &mut Desk,
    io: &mut Io<'_>,
    args: &Numbered,
    what: &str,
    command: impl FnOnce(crate::incident::entry::EntryId, String) -> Command,
) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let text = words::optional(io, &args.text)?;
    record::say(desk, io, (what, &text), said.as_ref(), |_, incident| {
        let task = incident.tasks().numbered(args.number);
        let task = task.ok_or_else(|| say::unknown(what, args.number, incident.tasks().open().map(|t| t.number)))?;
        Ok(command(task.id, text.clone()))
    })
}

/// `checkin`.
pub fn checkin(desk: &mut Desk, io: &mut Io<'_>, args: Checkin) -> Result<(), Fault> {
    match args.act {
        None => note(desk, io, &args.ask),
        Some(CheckinAct::Skip(args)) => {
            let said = desk.said(args.at.at.as_deref())?;
            let why = words::optional(io, &args.why)?;
            let command = Command::SkipCheckIn { why: why.clone() };
            record::say(desk, io, ("checkin", &why), said.as_ref(), |_, _| Ok(command))
        }
    }
}

fn note(desk: &mut Desk, io: &mut Io<'_>, args: &CheckinNote) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let note = words::optional(io, &args.text)?;
    let answered = args.answered.iter().map(|name| paper::line(name, 40)).filter(|name| !name.is_empty());
    let command = Command::CheckIn { answered: answered.collect(), note: note.clone() };
    record::say(desk, io, ("checkin", &note), said.as_ref(), |_, _| Ok(command))
}

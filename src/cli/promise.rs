//! What was promised to whom by when. It must not know when it is due.

use super::args::work::{MakePromise, Numbered, Promise, PromiseAct};
use super::desk::{Desk, Io};
use super::fault::Fault;
use super::{paper, record, say, task, words};
use crate::incident::command::Command;
use crate::incident::entry::EntryId;
use crate::incident::promise::Promised;

/// `promise`.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: Promise) -> Result<(), Fault> {
    match args.act {
        None => make(desk, io, &args.make),
        Some(PromiseAct::Make(args)) => make(desk, io, &args),
        Some(PromiseAct::Kept(args)) => settle(desk, io, &args, |promise, how| Command::KeepPromise { promise, how }),
        Some(PromiseAct::Withdraw(args)) => {
            settle(desk, io, &args, |promise, why| Command::WithdrawPromise { promise, why })
        }
    }
}

fn make(desk: &mut Desk, io: &mut Io<'_>, args: &MakePromise) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let missing = |what: &str| Fault::usage(format!("A promise needs {what}."), "promise WHAT --to WHOM --by WHEN");
    let by = task::ahead(desk, args.by.as_deref())?.ok_or_else(|| missing("a time, --by"))?;
    let to = args.to.as_deref().map(|to| paper::line(to, 80)).ok_or_else(|| missing("somebody, --to"))?;
    let what = words::needed(desk, io, &args.text)?;
    let promised = Promised { to, what: what.clone(), by, owner: words::short(args.owner.as_deref()) };
    record::say(desk, io, ("promise", &what), said.as_ref(), |_, _| Ok(Command::Promise(promised)))
}

fn settle(
    desk: &mut Desk,
    io: &mut Io<'_>,
    args: &Numbered,
    command: impl FnOnce(EntryId, String) -> Command,
) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    let text = words::optional(io, &args.text)?;
    record::say(desk, io, ("promise", &text), said.as_ref(), |_, incident| {
        let promise = incident.promises().numbered(args.number);
        let open = incident.promises().open().map(|promise| promise.number);
        Ok(command(promise.ok_or_else(|| say::unknown("promise", args.number, open))?.id, text.clone()))
    })
}

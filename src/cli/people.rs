//! Roles, goals, and coming into the room. It must not know who may do what: the rules say.

use super::args::Bare;
use super::args::state::{Goal, GoalAct, Role as RoleArgs, RoleAct, RoleOf};
use super::desk::{Desk, Io};
use super::fault::Fault;
use super::{paper, record, words};
use crate::config::trouble::shown;
use crate::incident::command::Command;
use crate::incident::goal::GoalRanked;
use crate::incident::roster::Role;

/// `role`.
pub fn role(desk: &mut Desk, io: &mut Io<'_>, args: &RoleArgs) -> Result<(), Fault> {
    let (RoleAct::Offer(of) | RoleAct::Accept(of) | RoleAct::Decline(of) | RoleAct::Take(of) | RoleAct::Leave(of)) =
        &args.act;
    let said = desk.said(of.at.at.as_deref())?;
    let role = Role::parse(&of.role).ok_or_else(|| {
        let known = Role::ALL.map(Role::word).join(", ");
        Fault::usage(format!("\"{}\" is not a role.", shown(&of.role)), format!("Write one of {known}."))
    })?;
    let command = match &args.act {
        RoleAct::Offer(of) => {
            let to = person(of)
                .ok_or_else(|| Fault::usage("An offer needs a person.", "Write quarterdeck role offer ROLE PERSON."))?;
            Command::OfferRole { role, to }
        }
        RoleAct::Take(of) => {
            Command::TakeRole { role, person: person(of).unwrap_or_else(|| desk.config.person.value.clone()) }
        }
        RoleAct::Accept(of) | RoleAct::Decline(of) | RoleAct::Leave(of) if of.who.is_some() => {
            return Err(Fault::usage(
                "That is done by whoever is at the keyboard.",
                "Say who that is with --as PERSON.",
            ));
        }
        RoleAct::Accept(_) => Command::AcceptRole { role },
        RoleAct::Decline(_) => Command::DeclineRole { role },
        RoleAct::Leave(_) => Command::LeaveRole { role },
    };
    record::say(desk, io, ("role", ""), said.as_ref(), |_, _| Ok(command))
}

fn person(of: &RoleOf) -> Option<String> {
    of.who.as_deref().map(|name| paper::line(name, 40)).filter(|name| !name.is_empty())
}

/// `goal`.
pub fn goal(desk: &mut Desk, io: &mut Io<'_>, args: &Goal) -> Result<(), Fault> {
    let GoalAct::Rank(args) = &args.act;
    let said = desk.said(args.at.at.as_deref())?;
    let text = paper::line(&words::optional(io, &args.text)?, 400);
    let why = words::short(args.why.as_deref()).unwrap_or_default();
    let command = Command::RankGoal(GoalRanked { rank: args.rank, text: text.clone(), why });
    record::say(desk, io, ("goal", &text), said.as_ref(), |_, _| Ok(command))
}

/// `join`.
pub fn join(desk: &mut Desk, io: &mut Io<'_>, args: &Bare) -> Result<(), Fault> {
    let said = desk.said(args.at.at.as_deref())?;
    record::say(desk, io, ("join", ""), said.as_ref(), |_, _| Ok(Command::Join))
}

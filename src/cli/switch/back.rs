//! The way back, at once or in steps: what was stopped is given back wherever it was done, and recorded where that belongs. It must not know how
//! anything is sent.

use super::super::args::switch::SwitchChange;
use super::super::desk::{Desk, Io};
use super::super::fault::{Fault, Kind};
use super::super::stream::Stream;
use super::super::{acts, paper, which};
use super::going::{Going, Planned, go};
use super::looking::{busy, look_for};
use super::{acted, fault, find, fresh, place};
use crate::config::switches::Switch;
use crate::config::trouble::shown;
use crate::incident::Incident;
use crate::incident::command::{Command, Refusal};
use crate::incident::entry::{Number, STANDING};
use crate::incident::intent::{Act, Intended, Intent, Intents, Seen};
use crate::incident::switch::{ByName, Plan, Share, Sight};
use crate::incident::time::Time;
use crate::incident::undoing;

/// A share: a step back where something is stopped here, else a new act.
pub(super) fn percent(
    desk: &mut Desk,
    io: &mut Io<'_>,
    name: &str,
    share: Share,
    change: &SwitchChange,
) -> Result<(), Fault> {
    let now = Served::of(desk, io, name, change)?;
    now.give(desk, io, share, change)
}

/// A step on the way back: refused where there is nothing to come back from, so that it takes nothing away.
pub(super) fn step(
    desk: &mut Desk,
    io: &mut Io<'_>,
    name: &str,
    share: Share,
    change: &SwitchChange,
) -> Result<(), Fault> {
    let now = Served::of(desk, io, name, change)?;
    let name = &now.switch.name;
    let served = now.sight.reach();
    if served.is_some_and(|served| served < share) {
        return now.give(desk, io, share, change);
    }
    busy(desk, name)?;
    let (why, instead) = match served {
        Some(served) => (
            format!("{name} is served to {served} already: {share} is no step back."),
            "Name a larger share, or lower it with quarterdeck switch percent.".to_owned(),
        ),
        // one context is excluded, or nobody can say: a share would take it from others
        None => (
            format!("Nobody can say to how many {name} is served: {share} may be less than that."),
            format!("Give all of it back with quarterdeck switch restore {name}."),
        ),
    };
    Err(Fault { stands: "Nothing was sent.".into(), ..Fault::refused(why, instead) })
}

/// A switch, and what it serves now.
struct Served {
    index: usize,
    switch: Switch,
    sight: Sight,
}

impl Served {
    /// Looks for what is not certain of it, then at what it serves.
    fn of(desk: &mut Desk, io: &mut Io<'_>, name: &str, change: &SwitchChange) -> Result<Served, Fault> {
        let (index, switch) = find(desk, name)?;
        look_for(desk, io, index, change)?;
        let sight = desk.hands().look(index, false, &ByName::default()).map_err(|trouble| fault(&trouble))?;
        Ok(Served { index, switch, sight })
    }

    /// Serves a share instead.
    fn give(self, desk: &mut Desk, io: &mut Io<'_>, share: Share, change: &SwitchChange) -> Result<(), Fault> {
        let Served { index, switch, sight } = self;
        // what may take something from others as well is no step back
        let is_step = sight.reach().is_some_and(|served| share > served);
        let undone = if is_step { undoable(desk, &switch.name)?.pop() } else { None };
        let undone = undone.filter(|(_, act)| act.what.is_stepped_back());
        let reverts = undone.as_ref().map(|(_, act)| act.id);
        let draft = Intended { reverts, ..Intended::to_share(&switch.name, share) };
        let found = undone.as_ref().and_then(|(_, act)| act.what.before.clone());
        if let Some((_, act)) = &undone {
            let refused =
                |no: Refusal| Fault { stands: "Nothing was sent.".into(), ..Fault::refused(no.why, no.instead) };
            draft.check_step(act).map_err(refused)?;
        }
        let number = match undone {
            Some((done, act)) => back_in(desk, io, done, &act, change)?,
            None if change.dry_run => STANDING,
            None => place(desk, io)?,
        };
        go(desk, io, change, Going { exact: switch.exact(), plan: None, number, acts: vec![(index, draft, found)] })
    }
}

/// A share as it was written.
pub(super) fn share(text: &str) -> Result<Share, Fault> {
    Share::parse(text).ok_or_else(|| {
        let what = format!("`{}` is no share.", shown(text));
        Fault::usage(what, "Write 0 to 100, with at most three decimals.")
    })
}

/// What is to be undone of a switch, in whichever stream it was done, the newest last, and in which.
pub(super) fn undoable(desk: &Desk, name: &str) -> Result<Vec<(Number, Intent)>, Fault> {
    let streams = acted(desk)?;
    let all = Intents::together(streams.iter().map(Incident::intents));
    let stream = |act: &Intent| streams.iter().find(|one| one.intents().find(act.id).is_some()).map(Incident::number);
    let acts = all.to_undo().filter(|act| act.what.target == name);
    Ok(acts.filter_map(|act| Some((stream(act)?, act.clone()))).collect())
}

/// Where it is written down that an act is taken back: where it was done while that is open or no incident at all, else in the incident that
/// is meant now. Says so where the two differ.
pub(super) fn back_in(
    desk: &Desk,
    io: &mut Io<'_>,
    done: Number,
    act: &Intent,
    change: &SwitchChange,
) -> Result<Number, Fault> {
    let open = match desk.reading()? {
        Some(journal) => which::open(journal)?,
        None => Vec::new(),
    };
    let number = match desk.globals.incident {
        Some(_) => place(desk, io)?,
        None if done == STANDING || open.iter().any(|incident| incident.number() == done) => done,
        None if change.dry_run => STANDING,
        None => place(desk, io)?,
    };
    if number != done {
        let stream = if done == STANDING { "no incident".to_owned() } else { format!("incident {done}") };
        let (by, at) = (paper::line(&act.by, 40), act.at.iso());
        writeln!(io.err, "{} {}: that was in {stream}, by {by}, {at}.", act.what.deed(), act.what.target)?;
    }
    Ok(number)
}

/// What somebody else was seen to have put back, and is seen to stand again now: it is to be undone after all.
///
/// # Errors
/// It is put back still, or nobody can say what is served.
fn came_back(desk: &Desk, index: usize, name: &str) -> Result<Option<(Number, Intent)>, Fault> {
    let streams = acted(desk)?;
    let all = Intents::together(streams.iter().map(Incident::intents));
    let Some(act) = all.came_back_on(name) else { return Ok(None) };
    let sight =
        desk.hands().look(index, false, &ByName::alone(act.what.whom.as_ref())).map_err(|trouble| fault(&trouble))?;
    if act.what.stands(&sight) {
        let number = streams.iter().find(|one| one.intents().find(act.id).is_some()).map(Incident::number);
        return Ok(number.map(|number| (number, act.clone())));
    }
    let back = act.came_back_words(desk.now()).unwrap_or_default();
    let (what, back, serves) = (act.what.called(), paper::line(&back, 120), paper::line(&sight.served(None), 100));
    Err(Fault {
        stands: "Nothing was sent.".into(),
        ..Fault::refused(format!("The {what} of {name} was {back}. It serves {serves}."), "Nothing is left to undo.")
    })
}

/// What is asked to be given back and is so already was put back by somebody: nothing of it is left to undo, and that is written down.
///
/// # Errors
/// It cannot be written.
pub(super) fn given(desk: &mut Desk, io: &mut Io<'_>, planned: &[Planned]) -> Result<(), Fault> {
    let is_given = |draft: &Intended, plan: &Plan| plan.idle && matches!(draft.act, Act::Revert | Act::Restore);
    for (draft, plan, ..) in planned.iter().filter(|(draft, plan, ..)| is_given(draft, plan)) {
        let left = undoable(desk, &draft.target)?;
        let reaches = draft.reverts.and_then(|id| left.iter().position(|(_, act)| act.id == id));
        for (number, act) in left.into_iter().skip(reaches.unwrap_or(0)).filter(|(_, act)| act.is_done()) {
            let by = plan.changed.as_ref().filter(|(at, _)| *at >= act.at).map_or("somebody", |(_, by)| by.as_str());
            let (target, value, detail) = (draft.target.clone(), plan.to.clone(), undoing::put_back(by));
            let seen = Seen { target, value, intent: Some(act.id), detail, found: None };
            let mut journal = desk.writing(true)?;
            let mut stream = Stream::read(&journal, number)?;
            match acts::write(desk, &mut journal, &mut stream, &Command::See(seen)) {
                Ok(_) => {
                    let (what, target) = (act.what.called(), paper::line(&draft.target, 40));
                    let by = paper::line(by, 40);
                    writeln!(io.err, "The {what} of {target} was put back by {by}: nothing of it is left to undo.")?;
                }
                // a screen saw it first, or its incident is closed
                Err(fault) if fault.kind == Kind::Refused => {}
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(())
}

/// What each act found is only a part of what the switch is: none of them gives all of it back.
fn in_turn(name: &str, acts: &[(Number, Intent)], now: Time) -> Fault {
    let one = |(_, act): &(Number, Intent)| {
        format!("{} by {} at {}", act.what.called(), paper::line(&act.by, 40), act.at.beside(now))
    };
    let all: Vec<String> = acts.iter().rev().map(one).collect();
    Fault {
        stands: "Nothing was sent.".into(),
        ..Fault::refused(
            format!(
                "{name} has {} acts to undo, and none of them found all of what it was: {}.",
                acts.len(),
                all.join(", ")
            ),
            format!("Take them back one by one, the newest first: quarterdeck switch revert {name}."),
        )
    }
}

pub(super) fn put_back(
    desk: &mut Desk,
    io: &mut Io<'_>,
    act: Act,
    name: &str,
    change: &SwitchChange,
) -> Result<(), Fault> {
    let (index, switch) = find(desk, name)?;
    look_for(desk, io, index, change)?;
    let mut acts = undoable(desk, &switch.name)?;
    if acts.is_empty() {
        busy(desk, &switch.name)?;
        acts.extend(came_back(desk, index, &switch.name)?);
    }
    if act == Act::Restore && !switch.keeps_all() && acts.len() > 1 {
        return Err(in_turn(&switch.name, &acts, desk.now()));
    }
    let undone = if act == Act::Restore { (!acts.is_empty()).then(|| acts.remove(0)) } else { acts.pop() };
    let Some((done, undone)) = undone else {
        if act == Act::Restore && switch.restores() {
            let draft = Intended { act, widens: true, ..Intended::default() };
            return fresh(desk, io, name, draft, change);
        }
        return Err(Fault {
            stands: "Nothing was sent.".into(),
            ..Fault::refused(
                format!("No act on {} is recorded that could be taken back.", switch.name),
                "Set it by hand where it is kept, and record it: quarterdeck changed flag NAME --to VALUE.",
            )
        });
    };
    let number = back_in(desk, io, done, &undone, change)?;
    let draft = Intended { act, target: switch.name.clone(), reverts: Some(undone.id), ..Intended::default() };
    let acts = vec![(index, draft, undone.what.before)];
    go(desk, io, change, Going { exact: switch.exact(), plan: None, number, acts })
}

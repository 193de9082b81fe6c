//! Lifting holds: alone, or by two people where somebody else's needs that: one asks, another confirms. It must not know how a rule decides.

use super::super::against::{self, Against};
use super::super::args::freeze::{ConfirmLift, LiftHold, MeantHold};
use super::super::desk::{Desk, Io};
use super::super::fault::{Fault, Kind};
use super::super::paper;
use super::super::stream::Stream;
use super::{go, with_options};
use crate::config::trouble::shown;
use crate::incident::entry::{EntryId, STANDING};
use crate::incident::fact::Fact;
use crate::incident::hold::{Hold, Holds};
use crate::incident::lifting::{AskedLift, LiftAsked, LiftWithdrawn, Lifting};
use crate::incident::second::Two;
use crate::incident::standing::{Standing, Wish};
use crate::incident::time::Time;

/// `freeze lift`.
pub fn lift(desk: &mut Desk, io: &mut Io<'_>, args: &LiftHold) -> Result<(), Fault> {
    if args.withdraw {
        return withdraw(desk, io, args);
    }
    let mut journal = desk.writing(false)?;
    let now = desk.now();
    let text = |given: &Option<String>| given.as_deref().map(|text| paper::line(text, 1_000));
    let standing = Stream::read(&journal, STANDING)?.standing;
    let hold = meant_hold(standing.holds(), &args.which, ("lift", args.review.is_some()), now)?;
    let against = if hold.stands(now) { against::a_lift(desk, io, &hold.what.scope)? } else { Against::default() };
    let lifting = Lifting {
        why: text(&args.reason).unwrap_or_default(),
        review: text(&args.review),
        glass: text(&args.break_glass),
        red: against.red.clone(),
        two: desk.config.gate.two,
        ..wanted(hold, args.confirm.as_deref())
    };
    let at = args.at.at.as_deref();
    let new = go(desk, io, &mut journal, (at, &against), |_| Ok(Wish::Lift(lifting))).map_err(with_options)?;
    let asked = new.iter().find_map(|entry| match &entry.fact {
        Fact::LiftAsked(asked) => Some(asked),
        _ => None,
    });
    // a script that goes on only after a 0 must not take what was asked for what was done
    asked.map_or(Ok(()), |asked| Err(only_asked(desk, &standing, hold, asked)))
}

/// `freeze confirm`.
pub fn confirm(desk: &mut Desk, io: &mut Io<'_>, args: &ConfirmLift) -> Result<(), Fault> {
    let mut journal = desk.writing(false)?;
    let now = desk.now();
    let standing = Stream::read(&journal, STANDING)?.standing;
    let nothing = |why: String| Fault {
        stands: "Nothing was lifted.".into(),
        ..Fault::refused(why, "Whoever needs it asks first: quarterdeck freeze lift HOLD.")
    };
    let (me, session) = (desk.config.person.value.clone(), desk.session());
    let mine = |hold: &Hold| standing.lifts().for_me(&hold.id, &me, session, now);
    let waits: Vec<&Hold> = standing.holds().all().iter().filter(|hold| mine(hold).is_some()).collect();
    let is_named = args.which.hold.is_some() || args.which.scope.is_some();
    let hold = match waits.as_slice() {
        _ if is_named => meant_hold(standing.holds(), &args.which, ("confirm", false), now)?,
        [only] => only,
        [] => return Err(nothing("Nobody else asks to lift a hold now.".into())),
        several => return Err(several_holds(several, "confirm")),
    };
    // what cannot be agreed to any more is told by the rule, with its reason
    let asked = mine(hold).or(standing.lifts().all().iter().rfind(|asked| asked.what.hold == hold.id));
    let Some(asked) = asked else {
        return Err(nothing(format!("Nobody else asks to lift {} now.", hold.called())));
    };
    let (by, at) = (paper::line(&asked.by, 40), asked.at.exactly_beside(now));
    let terms = paper::line(&asked.what.terms(), 400);
    writeln!(io.err, "{by} asked for it at {at}: {}.", terms.trim_end_matches('.'))?;
    let against = if hold.stands(now) { against::a_lift(desk, io, &hold.what.scope)? } else { Against::default() };
    let confirms = Some(asked.id);
    let lifting = Lifting { red: against.red.clone(), confirms, ..wanted(hold, args.confirm.as_deref()) };
    let lifted = go(desk, io, &mut journal, (None, &against), |_| Ok(Wish::Lift(lifting)));
    lifted.map(drop).map_err(with_options)
}

/// Takes back what was asked for.
fn withdraw(desk: &mut Desk, io: &mut Io<'_>, args: &LiftHold) -> Result<(), Fault> {
    let mut journal = desk.writing(false)?;
    let (me, now) = (desk.config.person.value.clone(), desk.now());
    let standing = Stream::read(&journal, STANDING)?.standing;
    let mine = |hold: &Hold| standing.lifts().of_mine(&hold.id, &me, now).map(|asked| asked.id);
    let waits: Vec<&Hold> = standing.holds().all().iter().filter(|hold| mine(hold).is_some()).collect();
    let is_named = args.which.hold.is_some() || args.which.scope.is_some();
    let hold = match waits.as_slice() {
        _ if is_named => meant_hold(standing.holds(), &args.which, ("lift --withdraw", false), now)?,
        [only] => only,
        [] => return Err(none_of_mine(&me, "a hold")),
        several => return Err(several_holds(several, "lift")),
    };
    let asked: EntryId = mine(hold).ok_or_else(|| none_of_mine(&me, &hold.called()))?;
    let why = args.reason.as_deref().map(|why| paper::line(why, 1_000)).unwrap_or_default();
    let withdrawn = LiftWithdrawn { asked, scope: String::new(), why, incident: None };
    let at = args.at.at.as_deref();
    go(desk, io, &mut journal, (at, &Against::default()), |_| Ok(Wish::WithdrawLift(withdrawn))).map(drop)
}

fn none_of_mine(me: &str, what: &str) -> Fault {
    let why = format!("Nothing that {me} asked for about {what} waits for anybody.");
    Fault::refused(why, "There is nothing to take back.")
}

/// A lift with nothing said yet but which, and its scope as it was typed.
fn wanted(hold: &Hold, typed: Option<&str>) -> Lifting {
    Lifting {
        hold: hold.id,
        why: String::new(),
        review: None,
        glass: None,
        typed: typed.map(str::to_owned),
        red: None,
        incident: None,
        two: Two::Never,
        confirms: None,
    }
}

/// It ends as what a policy refuses (3): nothing was lifted, and that is certain.
fn only_asked(desk: &Desk, standing: &Standing, hold: &Hold, asked: &LiftAsked) -> Fault {
    let (scope, by, now) = (paper::line(&hold.what.scope, 200), paper::line(&hold.by, 40), desk.now());
    let confirm = confirm_words(hold);
    let (me, session) = (desk.config.person.value.as_str(), desk.session());
    let also = standing.lifts().for_me(&hold.id, me, session, now);
    let next = match also {
        // two who ask for the same need not wait for a third
        Some(other) => format!("{} asks for it too, so confirm that: {confirm}.", paper::line(&other.by, 40)),
        None => format!("Somebody else confirms it until {} UTC: {confirm}.", asked.expires.beside(now)),
    };
    Fault {
        kind: Kind::Refused,
        happened: format!("{by} holds {scope}: lifting it needs a second person. It was asked for."),
        stands: "Nothing was lifted.".into(),
        next,
    }
}

/// What the second person runs.
fn confirm_words(hold: &Hold) -> String {
    format!("quarterdeck freeze confirm {} --confirm {}", hold.number, paper::for_shell(&hold.what.scope))
}

/// What waits about a hold, and what the second person runs.
pub fn waits_words(hold: &Hold, asked: &AskedLift, now: Time) -> String {
    let (by, reasons) = (paper::line(&asked.by, 40), paper::line(&asked.what.reasons(), 400));
    let until = asked.what.expires.beside(now);
    format!("{by} asks to lift it, which needs a second person until {until}{reasons}   ({})", confirm_words(hold))
}

/// The hold that is meant: by name or number, by its scope, or the only one that stands.
fn meant_hold<'a>(
    holds: &'a Holds,
    args: &MeantHold,
    (verb, owed): (&str, bool),
    now: Time,
) -> Result<&'a Hold, Fault> {
    if let Some(text) = &args.hold {
        let number = text.strip_prefix("hold ").unwrap_or(text).parse::<u32>().ok();
        let called = |hold: &&Hold| hold.called() == *text || Some(hold.number) == number;
        // of several with one name the newest is meant: the others are lifted already
        let found = holds.all().iter().rev().find(called);
        return found.ok_or_else(|| {
            let (list, scope) = ("quarterdeck freeze list tells which there are.", paper::for_shell(text));
            // whoever names no hold most often means its scope
            let next = match number {
                Some(_) => list.to_owned(),
                None if holds.standing(now).any(|hold| hold.what.scope == *text) => {
                    format!("By its scope: quarterdeck freeze {verb} --scope {scope}")
                }
                None => format!("A scope is written --scope {scope}; {list}"),
            };
            Fault::usage(format!("There is no hold {}.", shown(text)), next)
        });
    }
    let fits = |hold: &&Hold| args.scope.as_ref().is_none_or(|scope| hold.what.scope == *scope);
    let mut found: Vec<&Hold> = holds.standing(now).filter(fits).collect();
    if found.is_empty() && owed {
        found = holds.owing().filter(fits).collect();
    }
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(Fault::refused("No such hold stands.", "quarterdeck freeze list tells which do.")),
        several => Err(several_holds(several, "lift")),
    }
}

fn several_holds(several: &[&Hold], verb: &str) -> Fault {
    let all: Vec<String> = several.iter().map(|hold| format!("{}, {}", hold.called(), hold.words())).collect();
    Fault::usage(
        format!("{} holds stand: {}.", several.len(), all.join("; ")),
        format!("Name the one that is meant: quarterdeck freeze {verb} NAME-OR-NUMBER."),
    )
}

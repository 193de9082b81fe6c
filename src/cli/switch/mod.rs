//! `switch`: what can be stopped, and stopping it. Every act is planned first, confirmed by its exact target where it matters, written
//! down before it is tried, and tried once. It must not know how a provider is reached.

mod anew;
mod back;
mod extending;
mod going;
mod listing;
mod looking;
mod preview;
mod second;
mod seeing;

use super::args::switch::{ListSwitches, OneAsked, OneReview, PlanAct, Switch, SwitchAct, SwitchChange};
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::stream::{self, Stream};
use super::{acts, paper, record, show, which, words};
use crate::config::switches;
use crate::config::trouble::{known_instead, shown};
use crate::incident::Incident;
use crate::incident::command::{Command, Refusal};
use crate::incident::entry::{Number, STANDING};
use crate::incident::intent::{Act, Intended, Intent, Intents};
use crate::incident::second::{ActWithdrawn, Asked};
use crate::incident::standing::Wish;
use crate::incident::switch::{ByName, Level, Share, Sight, Whom};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::incident::waiting::{Wanted, is_same};
use back::{back_in, percent, put_back, share, step, undoable};
use going::{Going, go};
use looking::{busy, look_for};
use serde_json::{Value, json};

/// `switch`.
///
/// # Errors
/// There is no such switch, it cannot be planned, it is not confirmed, a rule refuses, or the act failed.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: &Switch) -> Result<(), Fault> {
    match &args.act {
        SwitchAct::List(args) => list(desk, io, args),
        SwitchAct::Stop(one) => fresh(desk, io, &one.name, Intended::default(), &one.change),
        SwitchAct::Exclude(one) => {
            let kind = find(desk, &one.name)?.1.exclude_by.unwrap_or_default();
            let whom = Whom::parse(&one.whom, &kind).ok_or_else(|| {
                let what = format!("`{}` is no context.", shown(&one.whom));
                Fault::usage(what, "Write its key, or its kind, a colon and its key; set exclude-by for the kind.")
            })?;
            let draft = Intended { act: Act::Exclude, whom: Some(whom), ..Intended::default() };
            fresh(desk, io, &one.name, draft, &one.change)
        }
        SwitchAct::Percent(one) => percent(desk, io, &one.name, share(&one.share)?, &one.change),
        SwitchAct::Restore(one) => match &one.percent {
            Some(text) => step(desk, io, &one.name, share(text)?, &one.change),
            None => put_back(desk, io, Act::Restore, &one.name, &one.change),
        },
        SwitchAct::Revert(one) => put_back(desk, io, Act::Revert, &one.name, &one.change),
        SwitchAct::Extend(one) => extending::extend(desk, io, one),
        SwitchAct::Confirm(one) => confirm(desk, io, &one.name, &one.change),
        SwitchAct::Withdraw(one) => withdraw(desk, io, one),
        SwitchAct::Request(one) => request(desk, io, &one.name, &one.change),
        SwitchAct::Review(one) => review(desk, io, one),
        SwitchAct::Plan(one) => plan(desk, io, one),
    }
}

/// Every stream's acts, the standing one's too, and what waits for a second person there.
fn acted(desk: &Desk) -> Result<Vec<Incident>, Fault> {
    let Some(journal) = desk.reading()? else { return Ok(Vec::new()) };
    let mut all = vec![Stream::read(journal, STANDING)?.incident];
    all.extend(stream::acts(journal)?);
    Ok(all)
}

fn list(desk: &Desk, io: &mut Io<'_>, args: &ListSwitches) -> Result<(), Fault> {
    let acted = acted(desk)?;
    let together = Intents::together(acted.iter().map(Incident::intents));
    let (hands, now) = (desk.hands(), desk.now());
    let mut failed = Vec::new();
    let mut rows = Vec::new();
    if desk.config.switches.is_empty() && !desk.globals.json {
        writeln!(io.out, "No switch is configured. Add a [[switch]] to {}.", desk.places.config_file().display())?;
    }
    for (place, switch) in desk.config.switches.iter().enumerate() {
        let last = acted.iter().filter_map(|incident| incident.intents().last_on(&switch.name)).max_by_key(|i| i.at);
        let arriving = last.filter(|last| last.is_arriving() && switch.observes());
        let until = together.next_end(&switch.name).and_then(Intent::until);
        let asked = acted.iter().flat_map(|incident| incident.seconds().open(now));
        let asked = asked.filter(|asked| asked.what.is_about(&switch.name)).max_by_key(|asked| asked.at);
        let whom = arriving.and_then(|act| act.what.whom.as_ref());
        let by_name = ByName { one: whom.cloned(), stopped: together.stopped_for(&switch.name) };
        let sight = hands.look(place, arriving.is_some(), &by_name);
        if let Err(trouble) = &sight {
            failed.push(fault(trouble));
        }
        if desk.globals.json {
            rows.push(json!({
                "switch": switch.name,
                "target": switch.exact(),
                "critical": switch.critical,
                "serves": sight.as_ref().ok().map(|sight| sight.value.as_str()),
                "variant": sight.as_ref().ok().and_then(|sight| sight.variant.as_deref()),
                "targeting": sight.as_ref().ok().map(|sight| sight.targeting),
                "by_rule": sight.as_ref().ok().and_then(|sight| sight.by_rule.as_deref()),
                "standing": sight.as_ref().ok().map(|sight| standing(sight)),
                "share_milli": sight.as_ref().ok().and_then(|sight| sight.share).map(Share::milli),
                "excluded": sight.as_ref().ok().map(|sight| sight.excluded.iter().map(Whom::to_string).collect::<Vec<_>>()),
                "observed": sight.as_ref().ok().and_then(|sight| sight.observed.as_deref()),
                "trouble": sight.as_ref().err().map(Trouble::words),
                "last": last.map(show::intent_data),
                "ends": paper::iso_or_null(until),
                "asked": asked.map(show::asked_data),
            }));
            continue;
        }
        let serves = match &sight {
            Ok(sight) => sight.standing().map(|word| format!("{word}  ")).unwrap_or_default() + &said(sight),
            Err(_) => "UNKNOWN".into(),
        };
        let critical = if switch.critical { ", critical" } else { "" };
        let last = last.map(|intent| format!("   last: {}", show::act(intent, now))).unwrap_or_default();
        let seen = sight.as_ref().ok().and_then(|sight| sight.observed.as_deref());
        let last = last + &arriving.map(|act| served(act, seen, now)).unwrap_or_default();
        let last = last + &until.map(|until| format!(", {}", ends(until, now))).unwrap_or_default();
        writeln!(io.out, "{:<12} {serves}   ({}{critical}){last}", paper::line(&switch.name, 40), switch.exact())?;
        if let Some(asked) = asked {
            let (draft, until) = (asked.what.draft(), asked.what.expires.beside(now));
            let (by, wish, besides) = (paper::line(&asked.by, 40), draft.wish(), draft.besides(now));
            let name = paper::line(&switch.name, 40);
            writeln!(io.out, "{:<12} {by} asks {wish} {name}{besides}: it needs a second person, until {until}", "")?;
        }
    }
    let plans = second::plans(io, desk.globals.json, &acted, now)?;
    let mut providers = Value::Null;
    if args.all {
        let (told, troubles) = listing::others(desk, io, args.text.as_deref())?;
        providers = told;
        failed.extend(troubles);
    }
    if desk.globals.json {
        let mut data = json!({"drill": desk.drill.is_some(), "switches": Value::Array(rows), "plans_asked": plans});
        if let Some(object) = data.as_object_mut().filter(|_| args.all) {
            object.insert("providers".into(), providers);
        }
        paper::data(io.out, &data)?;
    }
    Fault::all(failed).map_or(Ok(()), Err)
}

fn fault(trouble: &Trouble) -> Fault {
    let kind = match trouble {
        Trouble::Refused(_) | Trouble::Beyond(_) | Trouble::Denied(_) => Kind::Refused,
        Trouble::Slowed(..) | Trouble::Unreachable(_) | Trouble::Garbled(_) | Trouble::Unsure(_) => Kind::Unsure,
    };
    Fault::of(kind, trouble.words())
}

fn find(desk: &Desk, name: &str) -> Result<(usize, switches::Switch), Fault> {
    let switches = desk.config.switches.iter().enumerate();
    let found = switches.into_iter().find(|(_, switch)| switch.name == name || switch.exact() == name);
    found.map(|(place, switch)| (place, switch.clone())).ok_or_else(|| {
        let known = desk.config.switches.iter().map(|switch| switch.name.as_str());
        let next = match desk.config.switches.is_empty() {
            true => "Add a [[switch]] to the configuration.".into(),
            false => format!("{}.", known_instead(name, known)),
        };
        Fault {
            stands: "Nothing was sent.".into(),
            ..Fault::usage(format!("There is no switch {}.", shown(name)), next)
        }
    })
}

/// Where an act is written down.
fn place(desk: &Desk, io: &mut Io<'_>) -> Result<Number, Fault> {
    which::place(desk, io).map_err(|fault| Fault { stands: "Nothing was sent.".into(), ..fault })
}

/// What is served, and what that means where the value alone does not say it.
fn said(sight: &Sight) -> String {
    let serves = format!("serves {}", paper::line(&sight.value, 100));
    let words = paper::line(&sight.words, 200);
    match words.is_empty() || words.starts_with(&serves) {
        true if words.is_empty() => serves,
        true => words,
        false => format!("{serves}, {words}"),
    }
}

/// Whether clients are served what was done, where nobody has seen it yet.
fn served(act: &Intent, observed: Option<&str>, now: Time) -> String {
    match observed {
        _ if act.observed(observed, now).is_some() => ", clients are served it".into(),
        Some(value) => format!(", clients are still served {}", paper::line(value, 80)),
        None => ", not seen by clients yet".into(),
    }
}

/// When what stands on a switch is to end, or was.
fn ends(until: Time, now: Time) -> String {
    let verb = if until <= now { "was to end" } else { "ends" };
    format!("{verb} {}", until.beside(now))
}

/// How it stands by its own polarity, whoever brought it there.
fn standing(sight: &Sight) -> &'static str {
    match sight.level {
        Level::On => "running",
        Level::Off => "stopped",
        Level::Partly => "partly",
        Level::Other => "other",
    }
}

/// An act that takes nothing back.
fn fresh(desk: &mut Desk, io: &mut Io<'_>, name: &str, draft: Intended, change: &SwitchChange) -> Result<(), Fault> {
    let (index, switch) = find(desk, name)?;
    look_for(desk, io, index, change)?;
    let draft = Intended { target: switch.name.clone(), ..draft };
    let number = if change.dry_run { STANDING } else { place(desk, io)? };
    go(desk, io, change, Going { exact: switch.exact(), plan: None, number, acts: vec![(index, draft, None)] })
}

/// Agrees to what somebody else asked for.
fn confirm(desk: &mut Desk, io: &mut Io<'_>, name: &str, change: &SwitchChange) -> Result<(), Fault> {
    let (me, session, now) = (desk.config.person.value.clone(), desk.session(), desk.now());
    let streams = acted(desk)?;
    let name = second::named(desk, &streams, name)?;
    let asked = streams.iter().filter_map(|incident| {
        let asked = incident.seconds().for_me(&name, &me, session, now)?;
        Some((incident, asked.clone()))
    });
    let Some((incident, asked)) = asked.max_by_key(|(_, asked)| asked.at) else {
        if let Some(one) = second::as_one(&streams, &name, now) {
            let Refusal { why, instead } = one.is_one("confirm");
            return Err(Fault { stands: "Nothing was sent.".into(), ..Fault::refused(why, instead) });
        }
        let void = streams.iter().filter_map(|incident| incident.seconds().void_for_me(&name, &me, now));
        if let Some(void) = void.max_by_key(|void| void.at).map(Asked::is_void) {
            return Err(Fault { stands: "Nothing was sent.".into(), ..Fault::refused(void.why, void.instead) });
        }
        let late = streams.iter().filter_map(|incident| incident.seconds().late_for_me(&name, &me, now));
        if let Some(late) = late.max_by_key(|late| late.at) {
            return Err(second::too_late(late, now));
        }
        return Err(Fault {
            stands: "Nothing was sent.".into(),
            ..Fault::refused(
                format!("Nobody else asks for an act on {name} now."),
                "Whoever needs it asks first: quarterdeck switch restore NAME.",
            )
        });
    };
    let (by, at) = (paper::line(&asked.by, 40), asked.at.exactly_beside(now));
    let besides = asked.what.draft().besides(now);
    let why = Some(paper::line(&asked.what.why, 400)).filter(|why| !why.is_empty());
    let why = why.map(|why| format!(": {}", why.trim_end_matches('.'))).unwrap_or_default();
    writeln!(io.err, "{by} asked for it at {at}{besides}{why}.")?;
    let all = Intents::together(streams.iter().map(Incident::intents));
    let (mut acts, mut exact) = (Vec::new(), asked.what.name());
    for draft in asked.what.agreed(asked.id) {
        let (index, switch) = find(desk, &draft.target)?;
        let put = all.found_for(&draft).map(str::to_owned);
        if asked.what.plan.is_none() {
            exact = switch.exact();
        }
        acts.push((index, draft, put));
    }
    go(desk, io, change, Going { exact, plan: asked.what.plan.clone(), number: incident.number(), acts })
}

/// Takes back what was asked for.
fn withdraw(desk: &mut Desk, io: &mut Io<'_>, one: &OneAsked) -> Result<(), Fault> {
    let (me, now) = (desk.config.person.value.clone(), desk.now());
    let streams = acted(desk)?;
    let name = second::named(desk, &streams, &one.name)?;
    let mine = streams.iter().filter_map(|incident| {
        let asked = incident.seconds().of_mine(&name, &me, now)?;
        Some((incident.number(), asked.id, asked.at))
    });
    let Some((number, asked, _)) = mine.max_by_key(|(.., at)| *at) else {
        if let Some(one) = second::as_one(&streams, &name, now).filter(|one| is_same(&one.by, &me)) {
            let Refusal { why, instead } = one.is_one("withdraw");
            return Err(Fault::refused(why, instead));
        }
        let void = streams.iter().filter_map(|incident| incident.seconds().void_of_mine(&name, &me, now));
        if let Some(void) = void.max_by_key(|void| void.at).map(Asked::is_void) {
            return Err(Fault::refused(void.why, void.instead));
        }
        let why = format!("Nothing that {me} asked for on {name} waits for anybody.");
        return Err(Fault::refused(why, "There is nothing to take back."));
    };
    let why = words::short(one.reason.as_deref()).unwrap_or_default();
    let mut journal = desk.writing(false)?;
    let mut stream = Stream::read(&journal, number)?;
    let command = Command::WithdrawSecond(ActWithdrawn { asked, why, changed: None });
    let new = acts::write(desk, &mut journal, &mut stream, &command)?;
    let answered = paper::recorded(io, desk.globals.json, &stream.incident, &new);
    paper::told(io, answered)
}

/// Brings a review that is owed for what was done with no incident open.
fn review(desk: &mut Desk, io: &mut Io<'_>, one: &OneReview) -> Result<(), Fault> {
    let result = words::needed(desk, io, &one.text)?;
    let mut journal = desk.writing(false)?;
    let mut stream = Stream::read(&journal, STANDING)?;
    let tasks = stream.standing.tasks();
    let owed = tasks.numbered(one.number).ok_or_else(|| {
        Fault::usage(format!("No review {} is owed.", one.number), "quarterdeck freeze list tells which are.")
    })?;
    let wish = Wish::Review { task: owed.id, result };
    let new =
        record::append_by(desk, &mut journal, &mut stream, None, |stream, stamp| stream.standing.decide(&wish, stamp))?;
    let answered = paper::recorded(io, desk.globals.json, &stream.incident, &new);
    paper::told(io, answered)
}

/// Asks the provider's approvers for the last act that they have to agree to.
fn request(desk: &mut Desk, io: &mut Io<'_>, name: &str, change: &SwitchChange) -> Result<(), Fault> {
    let (index, switch) = find(desk, name)?;
    let streams = acted(desk)?;
    let refused = streams.iter().filter_map(|incident| Some((incident, incident.intents().last_on(&switch.name)?)));
    let refused = refused.max_by_key(|(_, intent)| intent.at).filter(|(_, intent)| intent.needs_approval());
    let Some((incident, refused)) = refused else {
        return Err(Fault {
            stands: "Nothing was sent.".into(),
            ..Fault::refused(
                format!("The last act on {} needs nobody's approval.", switch.name),
                "Try the act first; what needs an approval is refused with these words.",
            )
        });
    };
    let draft = refused.what.requested();
    let put = incident.intents().found_for(&draft).map(str::to_owned);
    let number = incident.number();
    go(desk, io, change, Going { exact: switch.exact(), plan: None, number, acts: vec![(index, draft, put)] })
}

/// All switches of a plan at once.
fn plan(desk: &mut Desk, io: &mut Io<'_>, args: &PlanAct) -> Result<(), Fault> {
    let Some(plan) = desk.config.plans.iter().find(|plan| plan.name == args.name).cloned() else {
        let known = desk.config.plans.iter().map(|plan| plan.name.as_str());
        let next = match desk.config.plans.is_empty() {
            true => "Add a [[plan]] to the configuration.".into(),
            false => format!("{}.", known_instead(&args.name, known)),
        };
        return Err(Fault::usage(format!("There is no plan {}.", shown(&args.name)), next));
    };
    let (mut acts, mut back) = (Vec::new(), Vec::new());
    for name in &plan.switches {
        let (index, switch) = find(desk, name)?;
        look_for(desk, io, index, &args.change)?;
        if args.verb == "stop" {
            acts.push((index, Intended { target: switch.name, ..Intended::default() }, None));
            continue;
        }
        if let Some((stream, undone)) = undoable(desk, &switch.name)?.pop() {
            let (reverts, before) = (Some(undone.id), undone.what.before.clone());
            let draft = Intended { act: Act::Revert, target: switch.name, reverts, ..Intended::default() };
            acts.push((index, draft, before));
            back.push((stream, undone));
        } else {
            // a stop that is under way is left out by nobody's word
            busy(desk, &switch.name)?;
        }
    }
    if args.verb == "revert" {
        acts.reverse();
    }
    let is_one = back.windows(2).all(|pair| matches!(pair, [(one, _), (next, _)] if one == next));
    let number = match back.first() {
        // what was stopped in several incidents is put back together, in the one that is meant
        Some((stream, undone)) if is_one => back_in(desk, io, *stream, undone, &args.change)?,
        _ if args.change.dry_run => STANDING,
        _ => place(desk, io)?,
    };
    let exact = format!("plan/{}", plan.name);
    go(desk, io, &args.change, Going { exact, plan: Some(plan.name), number, acts })
}

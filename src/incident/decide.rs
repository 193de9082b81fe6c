//! From what a person wants to what is recorded, or why not. Every rule is written once, here or in its topic's file.

use super::Incident;
use super::cadence::Rules;
use super::change;
use super::checkin::{CheckInSkipped, CheckedIn};
use super::command::{Command, Refusal, happened, worded};
use super::declare::{self, DEFAULT_GOALS};
use super::entry::{Draft, Stamp, When};
use super::fact::Fact;
use super::goal::GoalRanked;
use super::intent::{Act, Intended};
use super::marker;
use super::phase::{Phase, PhaseChanged};
use super::promise::{PromiseKept, PromiseWithdrawn};
use super::question::Answered;
use super::record::{Folded, Joined};
use super::roster::{Role, RoleDeclined, RoleLeft, RoleOffered, RoleTaken};
use super::second::Asking;
use super::task::{TaskDone, TaskDropped, TaskReopened};

/// Decides: the facts to be recorded, in order, or why not. It changes nothing and performs nothing.
///
/// # Errors
/// A [`Refusal`] says what stands against it and what would make it possible.
pub fn decide(incident: &Incident, rules: &Rules, command: &Command, stamp: &Stamp) -> Result<Vec<Draft>, Refusal> {
    // what happened at several times is dated by who reports it
    if let Command::Report(reports) = command {
        is_open_to(incident, command)?;
        return change::report(incident, reports, stamp, rules);
    }
    if let Command::TakeChange(one) = command {
        is_open_to(incident, command)?;
        return change::take(incident, one, stamp, rules);
    }
    let facts = facts(incident, rules, command, stamp)?;
    happened(stamp.happened(), stamp.now)?;
    let guess = matches!(command, Command::Alert { about: true, .. }).then(When::about);
    let when = guess.or_else(|| stamp.when.clone()).map(Box::new);
    let drafts = facts.into_iter().map(|fact| Draft { fact, at: stamp.happened(), when: when.clone() });
    Ok(drafts.chain(marker::wanted(incident, rules, command, stamp)).collect())
}

fn facts(incident: &Incident, rules: &Rules, command: &Command, stamp: &Stamp) -> Result<Vec<Fact>, Refusal> {
    let me = stamp.author.as_ref();
    if let Command::Declare(what) = command {
        declare::check(incident, what, stamp.now)?;
        let mut facts = vec![Fact::from(what.clone())];
        facts.push(RoleTaken { role: Role::Commander, person: me.into() }.into());
        for (rank, text) in (1..).zip(DEFAULT_GOALS) {
            facts.push(GoalRanked { rank, text: text.into(), why: String::new() }.into());
        }
        return Ok(facts);
    }
    is_open_to(incident, command)?;
    let fact = match command {
        Command::Declare(_) | Command::Report(_) | Command::TakeChange(_) => return Ok(Vec::new()),
        Command::Join => {
            if incident.people().contains_key(me) {
                return Err(Refusal::new(format!("{me} is here already."), "Go on."));
            }
            Joined { person: me.into() }.into()
        }
        Command::Fold { into } => {
            if *into == incident.number() || *into == 0 {
                return Err(Refusal::new("An incident cannot be folded into itself.", "Name the one that goes on."));
            }
            Folded { into: *into }.into()
        }
        Command::Note(note) => {
            worded(&note.text, "The note")?;
            note.clone().into()
        }
        Command::Decide(decided) => {
            worded(&decided.text, "The decision")?;
            serves(incident, decided.serves)?;
            decided.clone().into()
        }
        Command::Ask(asked) => {
            worded(&asked.text, "The question")?;
            serves(incident, asked.goal)?;
            asked.clone().into()
        }
        Command::Answer { question, text } => {
            worded(text, "The answer")?;
            incident.questions().check(*question)?;
            Answered { question: *question, text: text.clone() }.into()
        }
        Command::StateImpact(impact) => {
            worded(&impact.what, "The impact")?;
            impact.clone().into()
        }
        Command::Change(change) => {
            worded(&change.subject, "The change")?;
            change.clone().into()
        }
        Command::Probe(probed) => {
            probed.check()?;
            probed.clone().into()
        }
        Command::AskProbe(asked) => {
            incident.soaks().check(asked, stamp.now)?;
            asked.clone().into()
        }
        Command::Trip { read, act } => {
            return incident.acting(rules).trip(incident.soaks(), *read, act, stamp);
        }
        Command::EndRun(ran) => {
            incident.runs().check(ran)?;
            ran.clone().into()
        }
        Command::Link(link) => {
            worded(&link.address, "The link")?;
            link.clone().into()
        }
        Command::ChangeSeverity(change) => {
            if change.severity == incident.severity() {
                return Err(Refusal::new(format!("It is {} already.", change.severity), "Name another severity."));
            }
            change.clone().into()
        }
        Command::ChangePhase { phase, why, anyway } => {
            incident.check_phase(*phase, *anyway, &rules.elsewhere)?;
            if *anyway && !incident.remains(&rules.elsewhere).is_empty() {
                worded(why, "The reason for closing anyway")?;
            }
            PhaseChanged { phase: *phase, why: why.clone() }.into()
        }
        Command::Reopen { why } => {
            if incident.phase() < Phase::Resolved {
                return Err(Refusal::new(
                    format!("It is {}, neither resolved nor closed.", incident.phase().word()),
                    "There is nothing to open again.",
                ));
            }
            PhaseChanged { phase: Phase::Investigating, why: why.clone() }.into()
        }
        Command::Reach(reached) => reached.clone().into(),
        Command::TakeRole { role, person } => {
            incident.roster().check_take(*role, person)?;
            RoleTaken { role: *role, person: person.clone() }.into()
        }
        Command::OfferRole { role, to } => {
            incident.roster().check_offer(*role, to)?;
            RoleOffered { role: *role, to: to.clone() }.into()
        }
        Command::AcceptRole { role } => {
            incident.roster().check_offered(*role, me)?;
            RoleTaken { role: *role, person: me.into() }.into()
        }
        Command::DeclineRole { role } => {
            incident.roster().check_offered(*role, me)?;
            RoleDeclined { role: *role, by: me.into() }.into()
        }
        Command::LeaveRole { role } => {
            incident.roster().check_leave(*role)?;
            RoleLeft { role: *role }.into()
        }
        Command::RankGoal(goal) => {
            if !(1..=9).contains(&goal.rank) {
                return Err(Refusal::new(
                    format!("A rank is a digit from 1 to 9, not {}.", goal.rank),
                    "Rank it from 1 to 9.",
                ));
            }
            if incident.goals().get(&goal.rank).map_or("", String::as_str) == goal.text {
                return Err(Refusal::new(format!("Goal {} says that already.", goal.rank), "Say something else."));
            }
            goal.clone().into()
        }
        Command::OpenTask(task) => {
            worded(&task.text, "The task")?;
            serves(incident, task.goal)?;
            task.clone().into()
        }
        Command::FinishTask { task, result } => {
            incident.tasks().check(*task, true)?;
            TaskDone { task: *task, result: result.clone() }.into()
        }
        Command::DropTask { task, why } => {
            incident.tasks().check(*task, true)?;
            TaskDropped { task: *task, why: why.clone() }.into()
        }
        Command::ReopenTask { task } => {
            incident.tasks().check(*task, false)?;
            TaskReopened { task: *task }.into()
        }
        Command::CheckIn { answered, note } => {
            let slot = incident.slot_for(rules, stamp.happened());
            CheckedIn { slot, answered: answered.clone(), note: note.clone() }.into()
        }
        Command::SkipCheckIn { why } => {
            let slot = incident.slot_for(rules, stamp.happened()).ok_or_else(|| {
                Refusal::new("No check-in is due or begins within five minutes.", "There is nothing to skip.")
            })?;
            CheckInSkipped { slot, why: why.clone() }.into()
        }
        Command::Update { update, channels } => return update_facts(update, channels, stamp),
        Command::Promise(promise) => {
            worded(&promise.what, "The promise")?;
            worded(&promise.to, "Whom it is promised to")?;
            ahead(promise.by, stamp)?;
            promise.clone().into()
        }
        Command::KeepPromise { promise, how } => {
            incident.promises().check(*promise)?;
            PromiseKept { promise: *promise, how: how.clone() }.into()
        }
        Command::WithdrawPromise { promise, why } => {
            incident.promises().check(*promise)?;
            worded(why, "The reason")?;
            PromiseWithdrawn { promise: *promise, why: why.clone() }.into()
        }
        Command::Act(act) => return incident.acting(rules).act(std::slice::from_ref(act), stamp),
        Command::ActAll(all) => return incident.acting(rules).act(all, stamp),
        Command::MoveEnd(later) => incident.later(rules, later, stamp)?.into(),
        Command::AskSecond(asking) => return incident.acting(rules).ask(asking, stamp),
        Command::WithdrawSecond(withdrawn) => {
            incident.seconds().check_ended(withdrawn, stamp)?;
            withdrawn.clone().into()
        }
        Command::Settle(settled) => {
            match incident.markers().find(settled.intent) {
                Some(_) => incident.markers().check_settle(settled.intent)?,
                None => incident.intents().check_settle(settled.intent)?,
            }
            settled.clone().into()
        }
        Command::See(seen) => {
            let marker = seen.intent.and_then(|id| incident.markers().find(id));
            // every screen looks for a marker that was lost; the first that saw it is enough
            if let Some((at, ..)) = marker.and_then(|marker| marker.seen.as_ref()) {
                return Err(Refusal::new(
                    format!("Somebody looked for that marker at {} UTC.", at.clock()),
                    "There is nothing to look for.",
                ));
            }
            let changed = incident.reports().last_about(&seen.target, &rules.audits).map(|(at, _)| at);
            incident.intents().check_see(seen, changed)?;
            seen.clone().into()
        }
        Command::NoteBurn(burn) => burn.clone().into(),
        Command::PinChart(chart) => {
            chart.check()?;
            chart.clone().into()
        }
        Command::Alert { turn, .. } => {
            incident.alerts().check(stamp.happened(), turn)?;
            turn.clone().into()
        }
        Command::TellHold(told) => {
            incident.holds_told().check(told)?;
            told.clone().into()
        }
        Command::Mark(mark) => mark.clone().into(),
        Command::Correct(corrected) => {
            if corrected.text.is_none() && corrected.at.is_none() && !corrected.struck {
                return Err(Refusal::new("The correction changes nothing.", "Give the right words or the right time."));
            }
            if let Some(text) = &corrected.text {
                worded(text, "The corrected text")?;
            }
            if let Some(at) = corrected.at {
                happened(at, stamp.now)?;
            }
            corrected.clone().into()
        }
    };
    Ok(vec![fact])
}

/// An update and its sends are written together, so that none of them can be lost alone.
fn update_facts(update: &super::promise::Updated, channels: &[String], stamp: &Stamp) -> Result<Vec<Fact>, Refusal> {
    worded(&update.text, "The update")?;
    if let Some(next) = update.next {
        ahead(next, stamp)?;
    }
    let mut facts = vec![Fact::from(update.clone())];
    facts.extend(channels.iter().map(|channel| {
        Fact::from(Intended {
            act: Act::Publish,
            target: channel.clone(),
            from: None,
            to: None,
            before: None,
            why: String::new(),
            update: Some(stamp.first),
            reverts: None,
            ..Intended::default()
        })
    }));
    Ok(facts)
}

fn ahead(by: super::time::Time, stamp: &Stamp) -> Result<(), Refusal> {
    if by <= stamp.happened() {
        return Err(Refusal::new(
            format!("{} is not after {}.", by.iso(), stamp.happened().iso()),
            "Promise a time that is still to come.",
        ));
    }
    Ok(())
}

fn serves(incident: &Incident, goal: Option<u8>) -> Result<(), Refusal> {
    match goal {
        Some(rank) if !incident.goals().contains_key(&rank) => {
            let ranks: Vec<String> = incident.goals().keys().map(u8::to_string).collect();
            let ranks = if ranks.is_empty() { "none".to_string() } else { ranks.join(", ") };
            Err(Refusal::new(format!("There is no goal {rank}."), format!("The goals are: {ranks}.")))
        }
        _ => Ok(()),
    }
}

/// What may still be said to an incident that was never declared, was folded into another, or is closed.
fn is_open_to(incident: &Incident, command: &Command) -> Result<(), Refusal> {
    if incident.opened().is_none() {
        return Err(Refusal::new(
            format!("Incident {} has not been declared.", incident.number()),
            "Declare it first: quarterdeck declare TITLE -s sev1.",
        ));
    }
    // how an act ended, and what was seen, is always recorded: the record must not lose what happened outside
    if matches!(command, Command::Settle(_) | Command::See(_) | Command::EndRun(_)) {
        return Ok(());
    }
    // what it still owes rings until it is kept, so it must be possible to keep it
    let winds_up = match command {
        Command::KeepPromise { .. } | Command::WithdrawPromise { .. } => true,
        Command::FinishTask { .. } | Command::DropTask { .. } | Command::Answer { .. } | Command::Correct(_) => true,
        // what was done there may last longer
        Command::MoveEnd(_) => true,
        Command::Act(act) => act.meant().takes_back() || act.act == Act::Extend,
        Command::ActAll(acts) | Command::AskSecond(Asking { acts, .. }) => {
            acts.iter().all(|act| act.meant().takes_back())
        }
        Command::WithdrawSecond(_) => true,
        _ => false,
    };
    if let Some(into) = incident.folded().filter(|_| !winds_up) {
        return Err(Refusal::new(
            format!("Incident {} was folded into {into}.", incident.number()),
            format!("Say it to {into}."),
        ));
    }
    let always = matches!(
        command,
        Command::Note(_)
            | Command::Correct(_)
            | Command::Mark(_)
            | Command::Link(_)
            | Command::StateImpact(_)
            | Command::Change(_)
            | Command::TakeChange(_)
            | Command::Probe(_)
            | Command::Reach(_)
            | Command::Answer { .. }
            | Command::KeepPromise { .. }
            | Command::FinishTask { .. }
            | Command::DropTask { .. }
            | Command::NoteBurn(_)
            | Command::PinChart(_)
            | Command::TellHold(_)
            | Command::Join
            | Command::Reopen { .. }
            | Command::ChangePhase { .. }
    );
    if incident.phase() == Phase::Closed && !always {
        return Err(Refusal::new(
            format!("Incident {} was closed at {} UTC.", incident.number(), incident.phase_since().date_and_minutes()),
            "Reopen it first.",
        ));
    }
    Ok(())
}

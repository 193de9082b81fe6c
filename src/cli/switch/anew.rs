//! What somebody else changed between a plan and its sending: planned anew and shown, with the command that confirms it. It sends nothing, and must not
//! know how a provider notices.

use super::super::args::Globals;
use super::super::args::switch::SwitchChange;
use super::super::desk::Desk;
use super::super::fault::{Fault, Kind};
use super::super::{paper, screen};
use super::going::Planned;
use super::preview::Beside;
use super::second::void;
use super::{acted, find};
use crate::incident::Incident;
use crate::incident::entry::Number;
use crate::incident::intent::{Act, Intended, Intents};
use crate::incident::meanwhile::{self, NEW_PLAN, Was};
use crate::incident::trouble::sentence;
use serde_json::{Value, json};

/// An act that was not sent, as it would be now.
pub(super) struct Anew {
    /// What is said of it: it ends as what was refused.
    pub fault: Fault,
    /// The same as data.
    pub data: Value,
}

/// Plans an act anew that was not sent because somebody else came first. Of a plan of several it is that one alone: the others went.
///
/// # Errors
/// The journal cannot be read.
pub(super) fn anew(
    desk: &Desk,
    number: Number,
    change: &SwitchChange,
    (act, put): (&Intended, Option<String>),
) -> Result<Anew, Fault> {
    let (place, switch) = find(desk, &act.target)?;
    let draft = act.clone();
    let (deed, target) = (draft.deed(), paper::line(&draft.target, 40));
    let refused = |happened: String, next: String| Fault {
        kind: Kind::Refused,
        happened,
        stands: "Nothing was changed.".into(),
        next,
    };
    let plan = match desk.hands().plan(place, &draft.wanted(put.as_deref())) {
        Ok(plan) => plan,
        Err(trouble) => {
            let words = paper::line(trouble.words(), 400);
            let happened = format!("{deed} {target}: changed meanwhile, and it could not be planned anew: {words}");
            let fault = refused(happened, "Look at it, then decide anew.".into());
            return Ok(Anew { fault, data: json!({"trouble": trouble.words()}) });
        }
    };
    let acts = acted(desk)?;
    let acts = Intents::together(acts.iter().map(Incident::intents));
    let by = meanwhile::whose(&plan, &draft.target, &acts);
    let words = paper::line(&Was::of(act).words(&plan, by), 300);
    let data = json!({"meanwhile": words, "by": by, "from": plan.from, "to": plan.to, "changes": plan.changes,
        "notes": plan.notes, "idle": plan.idle});
    if plan.idle {
        if let Err(busy) = acts.check_busy(&draft.target, (desk.session(), desk.now())) {
            let happened = format!("{deed} {target}: {words}. {}", paper::line(&busy.why, 400));
            return Ok(Anew { fault: refused(happened, busy.instead), data });
        }
        let to = paper::line(&plan.to, 200);
        let happened = format!("{deed} {target}: {words}. It is so already:{}", sentence(&to));
        return Ok(Anew { fault: refused(happened, "There is nothing left to send.".into()), data });
    }
    let critical = switch.critical || plan.critical.is_some();
    let planned = [(draft.on(&plan), plan, put, critical)];
    let preview = Beside::of(desk, number, None).told(&planned);
    let happened = format!("{deed} {target}: {words}; {NEW_PLAN}. {preview}");
    if let Some(no) = void(desk, number, &planned)? {
        return Ok(Anew { fault: refused(happened, no.refusal.words()), data });
    }
    let command = command(&desk.globals, &switch.exact(), &planned, change);
    let mut data = data;
    data["command"] = Value::from(command.as_str());
    Ok(Anew { fault: refused(happened, format!("To do that: {command}")), data })
}

/// What confirms acts as they are planned, and nothing that is otherwise by then.
pub(super) fn command(globals: &Globals, exact: &str, planned: &[Planned], change: &SwitchChange) -> String {
    let Some((draft, plan, ..)) = planned.first() else { return String::new() };
    let mut words = vec![screen::named_again(globals)];
    words.extend(globals.incident.map(|number| format!("-i {number}")));
    words.push("switch".into());
    let mut say = |all: &[&str]| words.extend(all.iter().map(|word| paper::for_shell(word)));
    let name = draft.target.as_str();
    let (whom, share) = (draft.whom.as_ref(), draft.share.map(|share| share.to_string()));
    let whom = whom.map(|whom| format!("{}:{}", whom.kind, whom.key));
    let share = share.as_deref().map(|share| share.trim_end_matches(" %"));
    match (exact.strip_prefix("plan/"), draft.act) {
        (Some(plan), _) if draft.confirms.is_some() => say(&["confirm", plan]),
        (Some(plan), Act::Stop) => say(&["plan", "stop", plan]),
        (Some(plan), _) => say(&["plan", "revert", plan]),
        _ if draft.confirms.is_some() => say(&["confirm", name]),
        (_, Act::Exclude) => say(&["exclude", name, whom.as_deref().unwrap_or_default()]),
        (_, Act::Percent) if draft.reverts.is_some() => say(&["restore", name, "--percent", share.unwrap_or_default()]),
        (_, Act::Percent) => say(&["percent", name, share.unwrap_or_default()]),
        (_, act) => say(&[act.word(), name]),
    }
    say(&["--confirm", exact]);
    // what is served by then may be otherwise again
    if planned.len() == 1 && !exact.starts_with("plan/") && paper::line(&plan.from, 200) == plan.from {
        say(&["--if-serves", &plan.from]);
    }
    let said = [
        ("--reason", &change.reason),
        ("--until", &change.until),
        ("--expect", &change.expect),
        ("--break-glass", &change.break_glass),
    ];
    for (option, value) in said {
        if let Some(value) = value {
            say(&[option, value]);
        }
    }
    if change.no_wait {
        say(&["--no-wait"]);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::switch::{Plan, Share, Whom};

    #[test]
    fn given_an_act_when_the_command_is_told_then_it_is_what_a_person_would_type() {
        let who = Globals { person: Some("Ben O".into()), incident: Some(7), ..Globals::default() };
        let of = |globals: &Globals, draft: Intended, from: &str, change: &SwitchChange| {
            let plan = Plan { from: from.into(), ..Plan::default() };
            command(globals, "production/exports", &[(draft, plan, None, false)], change)
        };
        let change = SwitchChange {
            confirm: None,
            reason: Some("it's slow".into()),
            dry_run: false,
            if_serves: Some("true".into()),
            until: Some("30m".into()),
            expect: None,
            no_wait: true,
            break_glass: None,
        };
        let said = |draft: Intended, from: &str, change: &SwitchChange| of(&Globals::default(), draft, from, change);
        let draft = |act| Intended { act, target: "exports".into(), ..Intended::default() };
        assert_eq!(
            said(draft(Act::Stop), "false", &change),
            "quarterdeck switch stop exports --confirm production/exports --if-serves false --reason 'it'\\''s slow' --until 30m --no-wait"
        );
        let bare = SwitchChange { reason: None, until: None, no_wait: false, ..change };
        let acme = Whom { kind: "customer".into(), key: "acme & co".into() };
        assert_eq!(
            said(Intended { whom: Some(acme), ..draft(Act::Exclude) }, "on\u{1b}", &bare),
            "quarterdeck switch exclude exports 'customer:acme & co' --confirm production/exports"
        );
        let share = Intended { share: Share::of_milli(2_500), ..draft(Act::Percent) };
        assert!(said(share, "on", &bare).starts_with("quarterdeck switch percent exports 2.5 --confirm"));
        let again = of(&who, draft(Act::Stop), "on", &bare);
        assert!(again.starts_with("quarterdeck --as 'Ben O' -i 7 switch stop exports --confirm"), "{again}");
    }
}

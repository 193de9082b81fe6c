//! What acts would do, in words and as data, with what is known beside: how much of the traffic it is, and what was done with the switch before. It
//! must not know what becomes of them.

use super::super::desk::{Desk, Io};
use super::super::fault::Fault;
use super::super::{paper, show};
use super::acted;
use super::going::Planned;
use crate::incident::Incident;
use crate::incident::entry::{Number, STANDING};
use crate::incident::exercised;
use crate::incident::intent::{Act, Intended, Intent, Intents};
use crate::incident::switch::Plan;
use crate::incident::time::Time;
use crate::incident::trouble::sentence;
use crate::query::weight::{self, Weight};
use crate::shell::asker::Weighing;
use serde_json::{Value, json};
use std::time::Duration;

/// How long a preview waits for the share of the traffic after everything else in it is known.
const PATIENCE: Duration = Duration::from_secs(3);

/// A question about the share that would be taken away, or why there is none.
pub(super) struct Weighed {
    /// The field and the key that are asked about.
    about: (String, String),
    /// What a bad event is called.
    called: String,
    asked: Result<Weighing, Weight>,
}

/// Asks how much of the traffic it is that one exclusion would take away, of the first objective: the one that a screen opens with. None for
/// anything else.
pub(super) fn weigh(desk: &Desk, acts: &[(usize, Intended, Option<String>)]) -> Option<Weighed> {
    let [(place, draft, _)] = acts else { return None };
    let whom = draft.whom.as_ref().filter(|_| draft.act == Act::Exclude)?;
    let switch = desk.config.switches.get(*place)?;
    let (slo, now) = (desk.config.slos.first(), desk.now());
    let by = (switch.exclude_by.as_deref(), switch.field.as_deref());
    let asked = weight::question(whom, by, slo.is_some(), now);
    let field = switch.field.clone().unwrap_or_default();
    let asked = match (asked, slo) {
        (Ok(asked), Some(slo)) => Ok(Weighing::start(slo, &desk.config.backends, &desk.config.runs, asked, now)),
        (Err(weight), _) => Err(weight),
        (Ok(_), None) => return None,
    };
    let called = slo.and_then(|slo| slo.called.clone()).unwrap_or_else(|| "bad".into());
    Some(Weighed { about: (field, whom.key.clone()), called, asked })
}

/// What is known beside a plan.
pub(super) struct Beside {
    /// The share that would be taken away, and what a bad event is called; none where nobody is excluded.
    share: Option<(Weight, String)>,
    /// Every stream with what was done in it, where they can be read, and the one that is meant.
    acted: (Option<Vec<Incident>>, Number),
    now: Time,
}

impl Beside {
    /// Waits a moment for the share, if it was asked for, and reads what was done before. What cannot be known keeps nobody from acting.
    pub fn of(desk: &Desk, number: Number, weighed: Option<Weighed>) -> Beside {
        let acted = (acted(desk).ok(), number);
        let share = weighed.map(|Weighed { about: (field, key), called, asked }| {
            let weight = match asked.map(|weighing| weighing.within(PATIENCE)) {
                Ok(Ok(shares)) => Weight::of(&shares, &field, &key, desk.now()),
                Ok(Err(trouble)) => Weight::Unknown(trouble.words().into()),
                Err(weight) => weight,
            };
            (weight, called)
        });
        Beside { share, acted, now: desk.now() }
    }

    /// What would be done, in words.
    pub fn told(&self, planned: &[Planned]) -> String {
        let all: Vec<String> = planned.iter().map(|(draft, plan, ..)| self.one(draft, plan)).collect();
        all.join(" ")
    }

    fn one(&self, draft: &Intended, plan: &Plan) -> String {
        // some providers say it among their notes already
        let approval = plan.approval.iter().filter(|approval| !plan.notes.contains(approval));
        let notes: Vec<String> =
            approval.chain(&plan.notes).chain(&plan.critical).map(|note| sentence(&paper::line(note, 200))).collect();
        let share = self.share.as_ref().map(|(weight, called)| weight.words(called));
        let share =
            share.map(|words| format!(" Its share:{}", sentence(&paper::line(&words, 300)))).unwrap_or_default();
        format!(
            "{} {}:{}{}{}{share} Last act:{}",
            draft.deed(),
            draft.target,
            sentence(&paper::line(&plan.step(), 500)),
            sentence(&paper::line(&plan.changes, 400)),
            notes.concat(),
            sentence(&paper::line(&self.last_words(&draft.target), 200))
        )
    }

    /// The last act on a switch, in whichever stream it was done, and its stream.
    fn last(&self, target: &str) -> Option<(Intent, Number)> {
        let streams = self.acted.0.as_ref()?;
        let all = Intents::together(streams.iter().map(Incident::intents));
        let last = all.last_on(target)?.clone();
        let stream = streams.iter().find(|one| one.intents().find(last.id).is_some())?;
        Some((last, stream.number()))
    }

    fn last_words(&self, target: &str) -> String {
        if self.acted.0.is_none() {
            return "not known: the journal cannot be read".into();
        }
        let last = self.last(target);
        let elsewhere = |number: &Number| *number != STANDING && *number != self.acted.1;
        let place = last.as_ref().map(|(_, number)| *number).filter(elsewhere);
        let place = place.map(|number| format!(" in incident {number}")).unwrap_or_default();
        exercised::words(last.as_ref().map(|(last, _)| last), &place, self.now)
    }

    /// The share as data; null where nobody is excluded.
    fn share_data(&self) -> Value {
        let Some((weight, called)) = &self.share else { return Value::Null };
        let (all, bad) = match weight {
            Weight::Known { all_ppm, bad_ppm, .. } => (Some(*all_ppm), *bad_ppm),
            _ => (None, None),
        };
        json!({"words": weight.words(called), "all_ppm": all, "bad_ppm": bad})
    }
}

/// Says what would be done, and that nothing was.
///
/// # Errors
/// Nothing can be written.
pub(super) fn nothing_sent(
    desk: &Desk,
    io: &mut Io<'_>,
    exact: &str,
    planned: &[Planned],
    (beside, dry_run): (&Beside, bool),
) -> Result<(), Fault> {
    let idle = planned.iter().all(|(_, plan, ..)| plan.idle);
    if !desk.globals.json {
        let words = match planned {
            [(_, plan, ..)] if idle => {
                format!("{exact} serves {} already. Nothing was sent.", paper::line(&plan.then(), 200))
            }
            _ if idle => format!("All of {exact} is so already. Nothing was sent."),
            _ => format!("{} Dry run: nothing was sent and nothing was recorded.", beside.told(planned)),
        };
        return Ok(writeln!(io.out, "{words}")?);
    }
    let one = |(draft, plan, ..): &Planned| {
        json!({"target": exact, "switch": draft.target, "act": draft.act.word(), "from": plan.from, "to": plan.to,
            "changes": plan.changes, "notes": plan.notes, "critical_there": plan.critical,
            "approval_there": plan.approval,
            "its_share": beside.share_data(),
            "last_act": beside.last_words(&draft.target),
            "last": beside.last(&draft.target).map(|(last, _)| show::intent_data(&last)),
            "dry_run": dry_run, "idle": plan.idle, "outcome": Value::Null})
    };
    let values: Vec<Value> = planned.iter().map(one).collect();
    let value = match <[Value; 1]>::try_from(values) {
        Ok([one]) => one,
        Err(all) => json!({"target": exact, "dry_run": dry_run, "idle": idle, "acts": all}),
    };
    Ok(paper::data(io.out, &value)?)
}

//! The words of a command that was not recorded, so that nothing typed is lost. It must not know where they are kept.

use super::msg::Effect;
use crate::incident::command::Command;
use crate::incident::impact;
use crate::incident::second::Asking;
use crate::incident::standing::Wish;

/// Keeps what was typed, when there are words.
pub(super) fn keep(command: &Command) -> Option<Effect> {
    let text = words(command);
    (!text.trim().is_empty()).then_some(Effect::Keep(text))
}

/// The same of what was not written into the standing stream.
pub(super) fn keep_wish(wish: &Wish) -> Option<Effect> {
    let parts: Vec<&str> = match wish {
        Wish::Place(hold) => vec!["freeze", &hold.scope, &hold.why],
        Wish::Lift(lifting) => {
            let said = [Some(&lifting.why), lifting.review.as_ref(), lifting.glass.as_ref()];
            said.into_iter().flatten().map(String::as_str).collect()
        }
        Wish::WithdrawLift(withdrawn) => vec![&withdrawn.why],
        Wish::Grant(pass) => vec!["pass", &pass.scope, &pass.reference, &pass.why],
        Wish::Withdraw(withdrawn) => vec![&withdrawn.why],
        Wish::MoveEnd(later, _) => vec![&later.why],
        Wish::Act { .. } | Wish::AskSecond(_) | Wish::WithdrawSecond(_) => Vec::new(),
        Wish::Review { result, .. } => vec![result],
        Wish::Settle(_) | Wish::See(_) | Wish::MoveClock(_) | Wish::Notice(_) => Vec::new(),
        Wish::Probe(_) | Wish::AskProbe(_) | Wish::Trip { .. } => Vec::new(),
    };
    let text = parts.into_iter().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(" / ");
    (!text.is_empty()).then_some(Effect::Keep(text))
}

fn words(command: &Command) -> String {
    let several = |parts: &[Option<&str>]| {
        let parts = parts.iter().flatten().copied().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" / ")
    };
    match command {
        Command::Declare(fact) => fact.title.clone(),
        Command::Note(fact) => fact.text.clone(),
        Command::Decide(fact) => fact.text.clone(),
        Command::Ask(fact) => several(&[Some(&fact.text), fact.of.as_deref()]),
        Command::Answer { text, .. } => text.clone(),
        Command::StateImpact(fact) => impact::sentence(fact),
        Command::Change(fact) => {
            several(&[Some(&fact.what), Some(&fact.subject), fact.from.as_deref(), fact.to.as_deref()])
        }
        Command::Link(fact) => fact.address.clone(),
        Command::ChangeSeverity(fact) => several(&[Some(fact.severity.word()), Some(&fact.why)]),
        Command::ChangePhase { phase, why, .. } => several(&[Some(phase.word()), Some(why)]),
        Command::RankGoal(fact) => several(&[Some(&fact.text), Some(&fact.why)]),
        Command::OpenTask(fact) => several(&[Some(&fact.text), fact.owner.as_deref()]),
        Command::FinishTask { result, .. } => result.clone(),
        Command::CheckIn { note, answered } => several(&[Some(note), Some(&answered.join(", "))]),
        Command::Update { update, .. } => update.text.clone(),
        Command::Promise(fact) => several(&[Some(&fact.what), Some(&fact.to), Some(&fact.by.iso())]),
        Command::KeepPromise { how, .. } => how.clone(),
        Command::Act(fact) => fact.why.clone(),
        Command::ActAll(acts) | Command::AskSecond(Asking { acts, .. }) => {
            acts.first().map(|act| act.why.clone()).unwrap_or_default()
        }
        Command::MoveEnd(later) => later.why.clone(),
        Command::Mark(fact) => fact.text.clone(),
        Command::Correct(fact) => several(&[fact.text.as_deref(), Some(&fact.why)]),
        Command::Reopen { why }
        | Command::DropTask { why, .. }
        | Command::SkipCheckIn { why }
        | Command::WithdrawPromise { why, .. } => why.clone(),
        // nobody types these
        Command::Join
        | Command::Fold { .. }
        | Command::Reach(_)
        | Command::TakeRole { .. }
        | Command::OfferRole { .. }
        | Command::AcceptRole { .. }
        | Command::DeclineRole { .. }
        | Command::LeaveRole { .. }
        | Command::ReopenTask { .. }
        | Command::WithdrawSecond(_)
        | Command::Settle(_)
        | Command::See(_)
        | Command::EndRun(_)
        | Command::Probe(_)
        | Command::AskProbe(_)
        | Command::Trip { .. }
        | Command::NoteBurn(_)
        | Command::PinChart(_)
        | Command::TellHold(_)
        | Command::Report(_)
        | Command::TakeChange(_)
        | Command::Alert { .. } => String::new(),
    }
}
